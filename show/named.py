"""A clip as a Python function whose signature and help are those of its declaration."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

from chainreel.scenes.clips.catalogue import ClipSpec

from .making import HOW, clip
from .shown import Shown


def named(spec: ClipSpec) -> Callable[..., Shown]:
    """The function ``show.NAME``."""
    own = [p for p in spec.parameters if p.name != "function"]
    pointed = next((p.name for p in own if p.name in ("at", "start") and p.kind == "point"), "")

    def show(function: Any = None, /, **said: Any) -> Shown:
        return clip(spec.name, function, **said)

    show.__name__ = show.__qualname__ = spec.name.replace("-", "_")
    lines = [f"{spec.summary}.", ""]
    if spec.takes_function:
        lines.append("function: text, or a Python function")
    lines += [f"{p.name}: {p.help}" + (f" ({', '.join(p.choices)})" if p.choices else "") for p in own]
    if pointed:
        lines.append(f"Any other name with a number, such as x=1.5, is a part of the point '{pointed}'.")
    lines += ["", f"How it is made: {', '.join(HOW)} (see help(chainreel.show))."]
    show.__doc__ = "\n".join(lines)
    first = [Parameter("function", Parameter.POSITIONAL_ONLY, default=None)] if spec.takes_function else []
    words = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in (*(p.name for p in own), *HOW)]
    rest = [Parameter("point", Parameter.VAR_KEYWORD)] if pointed else []
    show.__signature__ = Signature([*first, *words, *rest])  # type: ignore[attr-defined]
    return show
