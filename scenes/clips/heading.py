"""The user's formula as a heading, if it fits on a line."""

from __future__ import annotations

from chainreel.engine import Trace, formula

from ..stage.errors import StageError
from ..stage.formula import FLOOR, Formula, Marker
from ..stage.theme import Theme

LONGEST = 160  # characters of a source that may still be a line


def heading(theme: Theme, trace: Trace, left: float, y: float, room: float, role: str = "loss") -> Formula | None:
    """`f = …` on one line from `left`, at the largest size that fits in `room`; None where it would be too small."""
    if len(trace.steps) > 40:
        return None

    def write(mark: Marker) -> str:
        return f"{mark(role, None, 'f')} = {formula(trace.output, mark)}"

    try:
        line = Formula(write, theme, 42)
    except StageError:
        return None
    if line.width > room:
        size = 42 * room / line.width
        if size < FLOOR:
            return None
        line = Formula(write, theme, size)
    return line.set_baseline(left, y)
