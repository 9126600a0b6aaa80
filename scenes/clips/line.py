"""A formula on one line of an area, at the largest size that fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainreel.engine import EngineError, Step, Trace, formula, symbol

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.theme import Theme

MOST = 40  # steps of a formula that may still be a line


def fitted(make: Callable[[float], Formula | None], area: Area, sizes: tuple[int, ...] = (40, 36, 34, 32)) -> Formula | None:
    """The formula of the first size that fits into the area, in its middle; None where none does."""
    for size in sizes:
        try:
            made = make(size)
        except (StageError, EngineError):
            return None
        if made is None:
            return None
        if made.width <= area.width and made.height <= area.height + 0.06:
            made.move_to(area.center).set_z_index(5)
            return made.shift([0, min(0.0, area.top - made.get_top()[1]), 0])
    return None


def whole(theme: Theme, trace: Trace, area: Area, expand: str | int | None = None) -> Formula | None:
    """`f = …` as a line, built up or with slashes; `expand` is as in `formula`."""
    if len(trace.steps) > MOST:
        return None

    def write(inline: bool) -> Callable[[Marker], str]:
        return lambda mark: f"{symbol(trace.output, mark)} = {formula(trace.output, mark, expand=expand, inline=inline)}"

    sizes = (44, 40, 36, 34, 32)
    built = fitted(lambda size: Formula(write(False), theme, size), area, sizes)
    return built or fitted(lambda size: Formula(write(True), theme, size), area, sizes)


def telling(clip: Any) -> dict[str, float] | None:
    """The point asked for; for the function of the storyboards, where none was asked for, their small whole numbers."""
    known = {
        "(a*b + c)*a": {"a": 2.0, "b": 3.0, "c": -1.0},
        "u = a*b + a; u*(u + c)": {"a": 1.0, "b": 2.0, "c": -1.0},
        "u = x**2; y = 12/u; y*0.4": {"x": 2.0},
    }
    at: dict[str, float] | None = clip.at
    return known.get(clip.function) if at is None and isinstance(clip.function, str) else at


def in_full(graph: Any) -> None:
    """Refuse a graph that could only be shown folded: its single steps are what the clip is about."""
    if not all(isinstance(step, Step) for step in graph.steps):
        count = sum(1 for s in graph.trace.steps if not s.is_input and not s.dead)
        raise StageError(
            f"this function has {count} operations, more than can be shown one by one in this shape of frame; take a smaller "
            "one, or a wider frame"
        )


def roomy(make: Callable[[Area], Any], area: Area, head: Area) -> tuple[Any, Area]:
    """A graph in `area`; where that is too small for it, in the room of the headline too, which then has no height."""
    try:
        return make(area), head
    except StageError:
        whole_area = Area(area.left, area.right, area.bottom, head.top)
        return make(whole_area), Area(head.left, head.right, head.top, head.top)
