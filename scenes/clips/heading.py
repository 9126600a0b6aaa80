"""The user's formula as a heading, if it fits on a line."""

from __future__ import annotations

from functools import partial

from chainreel.engine import EngineError, Trace, formula

from ..stage.digits import legible
from ..stage.errors import StageError
from ..stage.formula import FLOOR, Formula, Marker
from ..stage.stage import TOP
from ..stage.theme import Theme

TALL = 0.62  # frame units that a heading may be high
LARGEST = 44
MOST = 40  # steps of a formula that may still be a line


def heading(theme: Theme, trace: Trace, left: float, y: float, room: float, role: str = "loss") -> Formula | None:
    """`f = …` on one line from `left`, at the largest size that fits in `room`; None where it would be too small."""
    if len(trace.steps) > MOST:
        return None

    def write(mark: Marker, inline: bool = False) -> str:
        return f"{mark(role, None, 'f')} = {formula(trace.output, mark, inline=inline)}"

    try:
        line = Formula(write, theme, LARGEST)
        if line.height > TALL:  # a built-up fraction would reach into the picture
            line = Formula(partial(write, inline=True), theme, LARGEST)
    except (StageError, EngineError):
        return None
    if line.width > room:
        size = LARGEST * room / line.width
        if size < FLOOR:
            return None
        inline = "slash" in line.source
        line = Formula(partial(write, inline=inline), theme, size)
    if not legible(line):  # an index of an index
        return None
    line.set_baseline(left, y)
    return line.shift([0, min(0.0, TOP - line.get_top()[1]), 0])


def beside(top: Formula | None, line: Formula, right: float, left: float = -5.5, y: float = 3.1) -> Formula:
    """Put a second line beside the heading if it ends before `right`, else under it; in its place if there is none."""
    if top is None:
        return line.set_baseline(left, y)
    start = top.get_right()[0] + 0.7
    if start + line.width <= right:
        return line.set_baseline(start, y)
    line.set_baseline(left + 0.15, y - 0.52)
    return line.shift([0, min(0.0, top.get_bottom()[1] - 0.08 - line.get_top()[1]), 0])
