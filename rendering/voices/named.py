"""A voice from what the user wrote behind ``--voice``."""

from __future__ import annotations

from pathlib import Path

from ..errors import RenderError
from .voice import Voice


def voice_named(asked: str | None, cache: bool = True) -> Voice:
    """espeak or espeak:en-gb, flite or flite:rms, a folder of recordings, or a command with ``{out}``.

    Nothing asked is the built-in voice. Raises RenderError.
    """
    kind, _, rest = (asked or "espeak").partition(":")
    if "{" in (asked or ""):
        from .command import Command

        return Command(str(asked), cache)
    if kind == "espeak":
        from .espeak import Espeak

        return Espeak(rest or "en-us", cache=cache)
    if kind == "flite":
        from .flite import Flite

        return Flite(rest or "slt", cache)
    if asked and Path(asked).expanduser().is_dir():
        from .recorded import Recorded

        return Recorded(Path(asked).expanduser())
    raise RenderError(
        f"there is no voice '{asked}'; write espeak, espeak:en-gb, flite:slt, a folder of recordings, "
        "or a command with {out} in quotes"
    )
