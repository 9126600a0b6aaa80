"""Three things that a user might bring to each clip (beside its defaults): parameters as the command line would give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

EXAMPLES = str(Path(__file__).resolve().parents[2] / "examples") + "/"

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
    "kink": (
        {"function": "max(x, 1 - x) + sin(x)", "at": "x=0.5"},
        {"function": "where(x >= 0, 1, 0) + x/5", "at": "x=0"},
        {"function": "relu(x)*y", "at": "x=0,y=2"},
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
    "error-curve": (
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5", "input": "y", "schemes": "forward,central"},
        {"function": "exp(x)", "at": "x=300", "precisions": "float64"},
        {"function": "x**2", "at": "x=0", "schemes": "complex,forward", "precisions": "float32"},
    ),
    "network": (
        {"layers": "3,4,2,1", "activation": "tanh"},
        {"layers": "2,2", "at": "0.5,-1.5", "names": "height,width"},
        {"layers": "6,12,5", "activation": "silu", "unit": "3"},
    ),
    "responses": (
        {"curves": "squared,binary_cross_entropy", "target": "1", "stops": "0.35,0.01"},
        {"curves": "x*exp(-x), sin(3*x), max(x, 1 - x)", "see": "-2:4"},
        {"curves": "gelu,mish,silu,elu,selu,hardtanh", "stops": "1,-1,-6"},
    ),
    "search": (
        {"function": "(x - 1)**2 + 2*(y + x)**2", "start": "x=-1,y=2", "budget": "400", "seeds": "3,4", "knobs": "4,8"},
        {"function": "a**2 + b**2 + c**2 - 5", "nudges": "0.1", "seeds": "1", "knobs": "4"},
        {"function": "log(1 + x**2)", "start": "x=3", "nudges": "0.05,0.1,0.4", "knobs": "2,4,8"},
    ),
    "chain": (
        {"function": "sin((2*x)**2)", "at": "x=0.5"},
        {"function": "(a*b + c)*a", "at": "a=2,b=3,c=-1"},
        {"function": "tanh(w*x + b)", "at": "w=0.8,x=1.5,b=-0.2", "input": "x", "nudge": "0.05"},
    ),
    "local": (
        {"op": "max", "at": "a=1,b=4"},
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5", "step": "q"},
        {"function": "relu(w*x + b)*v", "at": "w=1,x=0.5,b=-1,v=2", "step": "r"},
    ),
    "paths": (
        {"function": "(a*b + c)*a", "at": "a=2,b=3,c=-1"},
        {"function": "x*x*x", "at": "x=2"},
        {"function": "exp(-x**2/2)", "at": "x=0.7"},
    ),
    "modes": (
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5"},
        {"function": "exp(-x**2/2)", "at": "x=0.7", "knobs": "1000,1000000"},
        {"function": "tanh(a*x + b*y + c)", "at": "a=0.5,b=-0.4,c=0.1,x=1,y=2"},
    ),
    "fit": (
        {"function": "a*exp(-b*x) + c", "data": EXAMPLES + "cooling.csv", "optimizer": "adam"},
        {"function": "k0 + k1*(x - 1998)", "points": "1990:2,1995:3.5,2000:4,2005:6.5", "steps": "20"},
        {"function": "a*sin(w*x)", "points": "0:0.1,1:0.8,2:0.9,3:0.2,4:-0.7,5:-1", "start": "a=0.5,w=1.2", "rate": "0.05"},
    ),
    "knobs": (
        {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5"},
        {"function": "(x - 2)**2", "at": "x=0", "rate": "0.1"},
        {"function": "+".join(f"(k{i} - {i})**2" for i in range(13)), "steps": "6"},
    ),
    "cards": (
        {"title": "Descent in 3 steps", "subtitle": "and a mistake", "number": "12", "move": "step"},
        {"claim": "1,500 people in one hall", "source": "our own count, 2024", "recap": True},
        {"claim": "gpt-3", "map": "points; error; slopes; downhill; chain", "stop": "3", "lines": "measure; blame; turn"},
    ),
    "scale": (
        {"layers": "784,800,10"},
        {"layers": "2,1", "models": "resnet-50"},
        {"models": "whisker,digits,mnist,resnet-50,gpt-3"},
    ),
    "timeline": (
        {"file": EXAMPLES + "history.csv"},
        {"file": EXAMPLES + "calculus.csv"},
        {},
    ),
    "landscape": (
        {"data": "spirals", "layers": "8", "steps": "120"},
        {"plane": "random", "optimizer": "momentum", "layers": "6,6", "steps": "80"},
        {"data": "digits", "layers": "8", "steps": "30"},
    ),
    "code": (
        {"function": "u = x*y; sin(u) + x**2", "at": "x=1.5,y=-0.5"},
        {"function": EXAMPLES + "neuron.py:error", "at": "w=0.5,b=-0.25", "bug": "none"},
        {"function": "exp(a)*b", "at": "a=0.3,b=2"},
    ),
    "swell": (
        {"function": "sin(x)*x", "depth": "4"},
        {"function": "1/(1 + exp(-w*x))", "input": "x", "depth": "3"},
        {"function": "x**2 + 3*x", "depth": "1"},
    ),
    "training": (
        {"data": "faces", "epochs": "3", "layers": "8"},
        {"data": "digits", "optimizer": "adam", "epochs": "4", "layers": "24,16"},
        {"data": "digits", "rate": "2", "optimizer": "plain", "epochs": "2"},
    ),
    "boundary": (
        {"optimizer": "adam", "epochs": "20", "layers": "8"},
        {"activation": "relu", "epochs": "40", "layers": "16,8"},
        {"rate": "0.01", "optimizer": "plain", "epochs": "5", "layers": "3"},
    ),
    "blame-map": (
        {"data": "faces", "epochs": "3", "layers": "8"},
        {"example": "12", "epochs": "4"},
        {"layers": "32", "optimizer": "adam", "epochs": "3"},
    ),
    "failures": (
        {"which": "vanishing", "depth": "3"},
        {"which": "dead,step", "rate": "8"},
        {"which": "exploding", "depth": "6"},
    ),
}
