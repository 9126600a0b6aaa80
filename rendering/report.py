"""What went wrong, as one sentence for the person who typed the command, and the status to end with."""

from __future__ import annotations

import errno
import sysconfig
import traceback
from functools import cache
from pathlib import Path

from .errors import RenderError

WRONG_INPUT, FAILED, INTERRUPTED = 2, 1, 130
_ROOT = Path(__file__).resolve().parent.parent


def explain(problem: BaseException) -> tuple[str, int]:
    """The sentence (perhaps with lines of source under it) and the exit status."""
    if isinstance(problem, KeyboardInterrupt):
        return "interrupted; nothing was written", INTERRUPTED
    if isinstance(problem, RenderError) or _is_sentence(problem):
        return str(problem), WRONG_INPUT
    if isinstance(problem, SyntaxError) and problem.filename and not _is_ours(problem.filename):
        text = f"{shorten(problem.filename)}, line {problem.lineno}: {problem.msg}"
        if problem.text:
            caret = " " * max((problem.offset or 1) - 1, 0) + "^"
            text += f"\n    {problem.text.rstrip()}\n    {caret}"
        return text, WRONG_INPUT
    place = users_line(problem)
    if place is not None:
        frame = place
        return (
            f"{shorten(frame.filename)}, line {frame.lineno}, in {frame.name}: "
            f"{type(problem).__name__}: {problem}" + (f"\n    {frame.line}" if frame.line else ""),
            WRONG_INPUT,
        )
    if isinstance(problem, MemoryError):
        return "memory ran out; choose a smaller --size or fewer --workers", FAILED
    if isinstance(problem, OSError):
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full; nothing was written", WRONG_INPUT
        if problem.filename:
            return f"cannot use {problem.filename}: {problem.strerror}", WRONG_INPUT
    kind = type(problem).__name__
    return f"this is a fault of chainreel ({kind}: {problem}); --debug shows where it happened", FAILED


def _is_sentence(problem: BaseException) -> bool:
    # By name, so that reporting a mistake in an option need not import the engine.
    return any(
        kind.__name__ in ("EngineError", "StageError") and kind.__module__.startswith("chainreel.")
        for kind in type(problem).__mro__
    )


def users_line(problem: BaseException) -> traceback.FrameSummary | None:
    """The deepest line of the traceback that stands in the user's own file, if the fault lies there.

    What a library raises further down still belongs to the user's line.
    """
    frames = traceback.extract_tb(problem.__traceback__)
    theirs = [frame for frame in frames if not _is_ours(frame.filename) and not _is_library(frame.filename)]
    return theirs[-1] if theirs else None


@cache
def is_users(filename: str) -> bool:
    """Whether a file of code is the user's own."""
    return not _is_ours(filename) and not _is_library(filename)


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    if filename.startswith("<"):
        return True
    try:
        inside = path.resolve().relative_to(_ROOT)
    except ValueError:
        return path.name in ("chainreel", "render.py", "pytest")
    return inside.parts[0] in ("engine", "scenes", "rendering", "show", "render.py")


def _is_library(filename: str) -> bool:
    paths = sysconfig.get_paths()
    here = str(Path(filename).resolve())
    homes = (paths["purelib"], paths["platlib"], paths["stdlib"], paths["platstdlib"])
    return any(here.startswith(str(Path(home).resolve())) for home in homes)


def shorten(filename: str) -> str:
    """A path as the user would type it from here."""
    try:
        return str(Path(filename).resolve().relative_to(Path.cwd()))
    except ValueError:
        return filename
