"""Stand-alone lecture clips, a file each: one user function in, one video out.

Classes are imported when they are first asked for, so that reading the catalogue does not load manim.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .catalogue import CLIPS, ClipSpec, clip_named

__all__ = ["CLIPS", "ClipSpec", "clip_class", "clip_named"]
_BY_CLASS = {spec.class_name: name for name, spec in CLIPS.items()}


def clip_class(name: str) -> Any:
    """The scene class of a clip, by its name on the command line."""
    spec = clip_named(name)
    return getattr(import_module(f"{__name__}.{name.replace('-', '_')}"), spec.class_name)


def __getattr__(name: str) -> Any:
    if name in _BY_CLASS:
        return clip_class(_BY_CLASS[name])
    if name == "Clip":
        return import_module(f"{__name__}.clip").Clip
    raise AttributeError(f"module {__name__} has no attribute {name}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_BY_CLASS, "Clip"])
