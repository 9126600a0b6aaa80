"""Three things that a user might bring to each clip (beside its defaults): parameters as the command line would give them."""

from __future__ import annotations

from typing import Any

INPUTS: dict[str, tuple[dict[str, Any], ...]] = {
    "explain": (
        {"function": "log(1 + exp(-x*w))", "at": "x=1,w=0.5"},
        {"function": "(1 - x)**2 + 2*(y - x**2)**2", "start": "x=-1,y=1"},
        {"function": "tanh(a*b) + a", "at": "a=1,b=-2"},
    ),
    "forward": (
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5"},
        {"function": "u = a*b; u/(1 + u**2)", "at": "a=2,b=3"},
        {"function": "exp(-x**2/2)", "at": "x=0.7"},
    ),
    "backward": (
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5"},
        {"function": "u = a*b; u/(1 + u**2)", "at": "a=2,b=3"},
        {"function": "exp(-x**2/2)", "at": "x=0.7"},
    ),
    "slice": (
        {"function": "(x - 2)**2", "start": "x=0"},
        {"function": "x**2*y + sin(x)", "input": "x", "start": "x=1,y=2"},
        {"function": "cosh(x)", "start": "x=1.5", "rate": "0.3"},
    ),
    "secant": (
        {"function": "sin(x)", "at": "x=1"},
        {"function": "1/x", "at": "x=0.5"},
        {"function": "x*y**2", "at": "x=1,y=3", "input": "y"},
    ),
    "descent": (
        {"function": "(1 - x)**2 + 5*(y - x**2)**2", "start": "x=-1,y=1"},
        {"function": "sin(x)*cos(y)", "start": "x=1,y=0.5"},
        {"function": "a**2 + b**4", "optimizers": "adam,plain"},
    ),
    "surface": (
        {"function": "(1 - x)**2 + 5*(y - x**2)**2", "start": "x=-1,y=1"},
        {"function": "sin(x)*cos(y)", "start": "x=1,y=0.5"},
        {"function": "a**2 + b**4", "optimizers": "adam,plain"},
    ),
}
