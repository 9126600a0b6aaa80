"""Films in a notebook: every clip by its name, shown under the cell, with captions.

    from chainreel import show

    show.backward("x*y + sin(x)", x=1.5, y=-0.5)
    show.descent(my_function, start={"x": -1, "y": 2}, optimizers="plain:0.05,adam", theme="paper")
    show.scene(MyScene)                       # a scene class of a cell
    show.film("who-is-to-blame", chapter=1)   # a whole film or some chapters
    show.video("lecture.mp4")                 # a film that is there already

A function is a text or a Python function; numbers by the names of its inputs are the point. Each call also takes
``quality``, ``fps``, ``size``, ``theme``, ``seed``, ``narrate``, ``voice``, ``workers``, ``cache``, ``output`` (where the
files are to stay) and ``embed`` (False: the notebook only links the file). ``%load_ext chainreel.show`` brings the same as a
magic:

    %%chainreel backward --at x=1.5,y=-0.5 --theme paper
    u = x*y
    u + sin(x)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainreel.scenes.clips.catalogue import CLIPS

from .making import clip, film, scene, video
from .refusal import Refusal
from .shown import Shown

__all__ = ["Refusal", "Shown", "clip", "film", "load_ipython_extension", "scene", "video"]

_NAMES = {name.replace("-", "_"): name for name in CLIPS}


def __getattr__(name: str) -> Callable[..., Shown]:
    """A clip by its name: ``error-curve`` is ``show.error_curve``."""
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in _NAMES:
        from chainreel.scenes.stage.parameters import nearest

        raise AttributeError(f"there is no clip '{name}'{nearest(name, list(_NAMES))} (the clips: {', '.join(_NAMES)})")
    from .named import named

    return named(CLIPS[_NAMES[name]])


def __dir__() -> list[str]:
    return sorted([*__all__, *_NAMES])


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext chainreel.show`` calls."""
    from .magic import register

    register(shell)
