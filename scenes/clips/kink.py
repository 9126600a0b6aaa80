"""The clip `kink`: the slope that comes in from the left and the one from the right – one slope, two of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from manim import FadeIn, FadeOut

from chainreel.engine import EngineError, Function
from chainreel.engine.sides import SIDES, Sides

from ..figures.side_slopes import BOX, POWERS, SideSlopes, SideTable
from ..figures.symbols import equations
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name as named
from ..stage.rounding import shown
from ..stage.stage import Stage
from ..stage.view import Box, Range
from .clip import Clip
from .heading import heading
from .hold import chosen, known_only

HEAD = 3.1  # the line of the heading in a wide frame
PLACES = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0)  # where kinks of common functions are


class Kink(Clip):
    """Left and right slope of a function at one place."""

    shapes = SHAPES
    at: Any = None
    input: Any = None
    range: Any = None

    def prepare(self) -> None:
        """Choose the input and the place, and look at both sides of it."""
        function = self.subject
        known_only(function, self.at, "--at")
        known_only(function, self.range, "--range")
        free = chosen(function, self.input or next(iter(self.range or {}), None))
        self.see = (self.range or {}).get(free)
        at = kink_of(function, free, self.see) if self.at is None else function.complete(self.at)
        self.sides = Sides(function, at, free)
        where = f"{free} = {self.sides.x:g}"
        if self.sides.kind == "wild":
            raise StageError(f"the slope beside {where} does not settle, however near one comes; take another place with --at")
        if self.sides.kind == "edge":
            raise StageError(f"the function has values on one side of {where} only; take a place inside with --at")

    def construct(self) -> None:
        """The whole clip."""
        kink_story(self, self.sides, self.see)


def kink_of(function: Function, free: str, see: Range | None = None) -> dict[str, float]:
    """A point where the two sides of an input differ, if one of a few places is; else one where the slope says something."""
    base = {name: function.defaults.get(name, 1.5 if name != free else 0.0) for name in function.inputs}
    second: dict[str, float] | None = None
    for x in (function.defaults.get(free, 0.0), *PLACES):
        if see is not None and not see[0] < x < see[1]:
            continue
        try:
            kind = Sides(function, {**base, free: x}, free).kind
        except EngineError:
            continue
        if kind in ("kink", "jump"):
            return {**base, free: float(x)}
        second = second or ({**base, free: float(x)} if kind == "steep" else None)
    return second or function.point()


def kink_story(stage: Stage, sides: Sides, see: Range | None = None, source: str = "sides") -> SideSlopes:
    """Tell both sides on a stage: near and nearer, from the left, from the right, and what they come to."""
    look = stage.look
    stage.ledger.source(source, sides.describe())
    box, table, top = _rooms(stage)
    figure = SideSlopes(sides, look, see, source=source, box=box, table=table)
    x, kind = named(sides.name), sides.kind
    at = figure.quantity("x")
    trace = _trace(sides)
    line = None
    if trace is not None:
        stage.ledger.source("place", trace.describe())
        line = heading(look, trace, top[0], HEAD, top[2], "value")
        if line is not None:
            line.shift([0, top[1] - HEAD, 0])
    others = {n: replace(trace.quantity("value", s), source="place") for n, s in zip(sides.at, trace.inputs, strict=True)
              if n != sides.name} if trace is not None else {}  # fmt: skip
    with stage.beat("How steep is this curve, just where {x} is {a}?", x=x, a=at, title="the question"):
        if line is not None:
            stage.add(line)
        stage.play(figure.appear())
        stage.play(figure.stand())
        if others and line is not None and stage.shape == "wide":
            held = equations(look, dict(list(others.items())[:2]), 34)
            stage.play(FadeIn(held.set_baseline(line.get_right()[0] + 0.6, top[1])), run_time=0.5)
    if kind != "jump":
        with stage.beat("From near by, every smooth curve looks straight. And here?", title="nearer", hold=0.4):
            stage.play(figure.zoom(1))
            stage.play(figure.zoom(2, 1.6))
        with stage.beat(_near(kind), title="what stays", hold=1.2):
            stage.play(figure.zoom_out())
    else:
        with stage.beat("The curve is torn here. One of its ends is open.", title="a gap"):
            pass
    _side(stage, figure, "left", "Come from the left. Rise over run, nearer and nearer.")
    badge = QuestionBadge(look).move_to([figure.columns["right"] - 0.5, figure.row_y[1] + 0.1, 0])
    with stage.beat("And from the right: will it be the same?", hold=2.0, title="predict"):
        stage.play(FadeIn(badge, scale=0.6), run_time=0.4)
    with stage.beat("Now from the right.", title="from the right", hold=0.4):
        stage.play(FadeOut(badge), figure.head("right"), run_time=0.4)
        _come(stage, figure, "right")
    places = {name: figure.places(which) for name, which in (("l", "left"), ("r", "right")) if figure.has_slope(which)}
    decimals = {name: n for name, n in places.items() if n is not None}
    with stage.beat(_verdict(sides), title="the verdict", hold=3.0, decimals=decimals, **_numbers(figure)):
        stage.play(figure.verdict())
        stage.poster()
    said = _convention(sides)
    if said:
        with stage.beat(said, title="by convention", hold=3.0, h=figure.quantity("here")):
            stage.play(figure.convention())
            stage.poster()
    stage.alt = (
        f"The curve of {sides.function.title} over {sides.name} around {shown(sides.x)}. Lines through a second point come in "
        f"from the left and from the right. {_said(sides)}"
    )
    return figure


def _side(stage: Stage, figure: SideSlopes, which: str, words: str) -> None:
    with stage.beat(words, title=f"from the {which}", hold=0.4):
        stage.play(figure.head(which))
        _come(stage, figure, which)


def _come(stage: Stage, figure: SideSlopes, which: str) -> None:
    stage.play(figure.enter(which))
    for row in range(len(POWERS)):
        stage.play(figure.approach(which, row, 1.2 if row == 0 else 0.8))
    stage.play(figure.slope(which))


def _near(kind: str) -> str:
    if kind == "smooth":
        return "It does: near enough, a straight line is left."
    if kind == "steep":
        return "No. The nearer we come, the steeper it stands."
    return "Both arms become straight. But the corner stays, however near we come."


def _numbers(figure: SideSlopes) -> Mapping[str, Any]:
    kind = figure.sides.kind
    if kind == "kink":
        return {"l": figure.quantity("left"), "r": figure.quantity("right")}
    return {"r": figure.quantity("right")} if kind == "smooth" else {}


def _verdict(sides: Sides) -> str:
    if sides.kind == "smooth":
        return "From both sides {r}: that is the slope here."
    if sides.kind == "kink":
        return "From the left {l}, from the right {r}. A kink: here is no one slope."
    if sides.kind == "steep":
        return "Rise over run grows without end. Here is no slope."
    torn = [which for which in ("left", "right") if not sides.side(which).joins]
    if len(torn) == 2:
        return "From both sides rise over run grows without end. A jump has no slope."
    return f"From the {torn[0]}, rise over run grows without end. A jump has no slope."


def _convention(sides: Sides) -> str:
    """What the engine reports at a place without a slope, where it reports anything."""
    if sides.kind != "kink" or sides.here != sides.here:
        return ""
    near = 1e-6 * max(abs(sides.here), 1.0)
    for which in SIDES:
        if abs(sides.side(which).slope - sides.here) <= near:
            return f"Programs must say something. Ours picks the one from the {which}, {{h}}, by convention."
    return "Programs must say something. Ours says {h}: a convention, and no slope of either side."


def _said(sides: Sides) -> str:
    return {
        "smooth": "Both settle on the same slope.", "kink": "They settle on two different slopes.",
        "steep": "They grow without end.", "jump": "They do not settle: the value jumps.",
    }.get(sides.kind, "")  # fmt: skip


def _trace(sides: Sides) -> Any:
    try:
        return sides.function.trace(sides.at)
    except EngineError:
        return None


def _rooms(stage: Stage) -> tuple[Box, SideTable, tuple[float, float, float]]:
    """The box of the plot, the room of the table, and left end, baseline and width of the heading, for the stage's shape."""
    if stage.shape == "wide":
        return BOX, SideTable(), (-5.5, 3.1, 7.0)
    area = stage.area
    top = (area.left + 0.1, area.top - 0.42, area.width - 0.1)
    if stage.shape == "square":
        table = SideTable(area.left + 0.9, area.right - 0.6, -0.4, 0.48, 1.75)
        return (area.left + 0.7, area.right - 0.55, 0.9, area.top - 0.8), table, top
    table = SideTable(area.left + 0.7, area.right - 0.5, -1.35, 0.78, 1.9)
    return (area.left + 0.7, area.right - 0.55, 0.6, area.top - 1.0), table, top


__all__ = ["Kink", "kink_story"]
