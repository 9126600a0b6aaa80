"""The clip `secant`: a nudge shrinks, the secant turns into the tangent, and the nudged slope settles on the engine's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut

from chainreel.engine import Differences, EngineError, Function

from ..figures.nudge_table import NudgeTable
from ..figures.secant_zoom import BOX, SecantZoom, TableRoom
from ..figures.symbols import equations
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name as named
from ..stage.stage import Stage
from ..stage.view import Box, Range
from .clip import Clip
from .heading import beside, heading
from .hold import chosen, known_only
from .leave import leave

ROWS = 4
BENT = 0.66  # of the slope: a first nudge that misses more is too large
POINTS = (1.0, 0.5, -0.5, 0.2, -0.2, -1.0, 1.5, 2.0, -1.5, 3.0)


class Secant(Clip):
    """A secant becomes the tangent: the nudged slope against the engine's, row by row."""

    shapes = SHAPES
    at: Any = None
    input: Any = None
    range: Any = None

    def prepare(self) -> None:
        """Choose the input and the nudges, and measure the slopes."""
        function = self.subject
        known_only(function, self.at, "--at")
        known_only(function, self.range, "--range")
        free = chosen(function, self.input or next(iter(self.range or {}), None))
        point = bent_point(function, free, (self.range or {}).get(free)) if self.at is None else function.complete(self.at)
        self.see = (self.range or {}).get(free)
        self.differences = nudges(function, point, free, self.see)

    def construct(self) -> None:
        """The whole clip."""
        secant_story(self, self.differences, see=self.see)


def nudges(function: Function, at: Mapping[str, float], free: str, see: Range | None = None) -> Differences:
    """Differences with nudges that shrink tenfold, the first one as large as the function and the range allow.

    It ends before rounding noise shows: each row must be nearer to the engine's slope than the one before.
    """
    x0 = float(at[free])
    if see is not None and not see[0] < x0 < see[1]:
        raise StageError(
            f"--range shows {free} from {see[0]:g} to {see[1]:g}, but the point is {free} = {x0:g}; "
            "widen --range or move --at"
        )
    size = 10.0 ** np.floor(np.log10(max(abs(x0), 1.0) * 1.001))
    if see is not None:
        size = min(size, 10.0 ** np.floor(np.log10(0.8 * (see[1] - x0))))
    problem: EngineError | None = None
    for k in range(5):
        try:
            deltas = [float(f"{size * 10.0 ** -(k + i):.0e}") for i in range(ROWS)]
            table = Differences(function, at, free, deltas)
            first = table.rows[0]
            if k < 3 and abs(first.error) > BENT * max(abs(first.slope), abs(table.exact)) and not table.trace.conventions:
                continue  # so far away that the secant says nothing about the point
            break
        except EngineError as error:
            problem = problem or error
            if k == 4:
                raise problem from None
    noise = 4 * np.finfo(float).eps * max(abs(table.rows[0].base), 1e-300)
    keep = [d for d in deltas if noise / d < max(1e-4 * abs(table.exact), 1e-7)]
    return table if len(keep) in (0, len(deltas)) else Differences(function, at, free, keep)


def bent_point(function: Function, free: str, see: Range | None = None) -> dict[str, float]:
    """A point at which the curve bends enough for a secant to differ from the tangent, inside the range if there is one."""
    base = {k: float(v) for k, v in function.point().items()}
    fits = see is None or see[0] < base[free] < see[1]
    if free in function.defaults and fits:
        return base
    best: tuple[float, dict[str, float] | None] = (0.25, base) if fits else (9.0, None)
    places = POINTS if see is None else tuple(see[0] + (see[1] - see[0]) * s for s in (0.35, 0.5, 0.2, 0.65))
    nudge = 1.0 if see is None else 0.3 * (see[1] - see[0])
    for x in places:
        at = {**base, free: x}
        try:
            wide = Differences(function, at, free, [nudge])
        except EngineError:
            continue
        slope, secant = wide.exact, wide.rows[0].slope
        bend = abs(secant - slope) / max(abs(secant) + abs(slope), 1e-12)
        steep = max(abs(slope), abs(secant))
        if not wide.trace.conventions and min(abs(slope), abs(secant)) > 0.05 * steep and abs(bend - 0.45) < best[0]:
            best = (abs(bend - 0.45), at)
    if best[1] is None and see is not None:
        raise StageError(
            f"the function has no finite value and slope for {free} from {see[0]:g} to {see[1]:g}; show another part "
            "with --range"
        )
    return best[1] or base


def secant_story(
    stage: Stage, differences: Differences, *, see: Range | None = None, name: str = "differences", clean: bool = False,
    brief: bool = False,
) -> SecantZoom:  # fmt: skip
    """Tell a nudge check on a stage; numbers are entered under `name`. With `clean`, nothing stays on screen.

    `brief` is for a film that has shown the slope already: it asks less, and the last nudges follow at once.
    """
    look, free, before = stage.look, differences.name, list(stage.mobjects)
    stage.ledger.source(name, differences.describe())
    box, table, (left, line_y, room) = _rooms(stage, len(differences.at) > 1)
    figure = SecantZoom(differences, look, see, name=name, box=box, table=table)
    x = named(free)
    trace = differences.trace
    stage.ledger.source(name + " point", trace.describe())
    place = {s.name: replace(trace.quantity("value", s), source=name + " point") for s in trace.inputs}
    at = place[free]
    top = heading(look, trace, left, 3.1, room, "value")
    if top is not None:
        top.shift([0, line_y - 3.1, 0])
    first = figure.quantity("delta", 0)

    def stand() -> None:
        stage.add(figure.keep(figure.widen(table.right - 0.5) if stage.shape == "wide" else figure.axes, 0))
        if top is not None:
            stage.add(top)
        stage.play(figure.appear(1.3))
        stage.play(figure.stand())

    if not brief:
        with stage.beat("How steep is this curve, at one point?", title="the question"):
            stand()
    if len(place) > 1:
        others = {k: q for k, q in list(place.items())[:3] if k != free}
        line = equations(look, others, 34)
        line = beside(top, line, left + room + 0.1, left, line_y)
        with stage.beat("Only {x} moves. Every other input is held still.", x=x, title="held still"):
            stage.play(FadeIn(line), run_time=0.6)
    where = "We stand where {x} is {a}, nudge it by {d}, and see how far the value moves."
    if brief:
        where = "Is it true? Stand where {x} is {a}, and nudge it by {d}."
    with stage.beat(where, x=x, a=at, d=first, title="a nudge"):
        if brief:
            stand()
        stage.play(figure.nudge())
    with stage.beat("Rise over run is {s}: the slope of the line through both points.",
                    s=figure.quantity("slope", 0), title="the secant"):  # fmt: skip
        if stage.shape == "wide":
            stage.play(figure.narrow())
        stage.play(figure.secant(), FadeIn(figure.keep(figure.title, 6)))
        stage.play(figure.row(0))
    last = len(figure.deltas) - 1
    texts = (
        "A nudge ten times smaller. From ten times nearer, the curve looks straighter.",
        "Again, ten times nearer.",
        "And again. Digit after digit, the nudged slope settles."
        if figure.lit(last) >= 2
        else "And again. Each row lands nearer to the last one.",
    )
    groups = [[i] for i in range(1, last + 1)]
    if brief and last > 1:
        groups = [[1], list(range(2, last + 1))]
    for group in groups:
        text = texts[0] if group == [1] else texts[2] if last in group else texts[1]
        with stage.beat(text, title="nearer", hold=0.4):
            for i in group:
                stage.play(figure.shrink(i, 1.3 if i == 1 else 0.6 if brief else 0.9))
                stage.play(figure.row(i))
                stage.play(figure.zoom(i, 2.0 if i == 1 else 1.0 if brief else 1.4))
    exact = figure.quantity("exact", 0)
    if brief:
        with stage.beat("The chain rule says {e}. " + _verdict(differences), e=exact, hold=2.1, title="the nudge agrees"):
            stage.play(figure.tangent(), figure.row(last + 1))
            stage.play(figure.compare())
    else:
        _ask_then_tell(stage, figure, table, last)
    stage.alt = (
        f"A secant on the curve of {differences.function.name} over {free} turns into the tangent while the picture zooms "
        "in; a table shows the nudged slope settling on the engine's."
    )
    if clean:
        leave(stage, before)
    return figure


def _ask_then_tell(stage: Stage, figure: SecantZoom, table: TableRoom, last: int) -> None:
    """Time to guess, then the engine's slope and whether the nudge agrees."""
    badge = QuestionBadge(stage.look, 5.86, 0.0)
    middle = (table.left + table.right) / 2
    badge.move_to([middle, figure.row_y[last + 1] + 0.10, 0]) if last + 1 in figure.rows else None
    with stage.beat("Where will it settle?", hold=2.0, title="predict"):
        stage.play(FadeIn(badge, scale=0.6), run_time=0.4)
    exact = figure.quantity("exact", 0)
    with stage.beat("The chain rule gives {e} at once, with no nudge at all.", e=exact, title="the slope"):
        stage.play(FadeOut(badge), run_time=0.3)
        stage.play(figure.tangent(), figure.row(last + 1))
    stage.poster()
    with stage.beat(_verdict(figure.differences), hold=2.1, title="the nudge agrees"):
        stage.play(figure.compare())
        stage.poster()


def _rooms(stage: Stage, many: bool) -> tuple[Box, TableRoom, tuple[float, float, float]]:
    """The box of the plot, the room of the table, and left end, baseline and width of the heading, for the stage's shape."""
    if stage.shape == "wide":
        return BOX, TableRoom(), (-5.5, 3.1, 7.0)
    area = stage.area
    heading_room = (area.left + 0.1, area.top - 0.42, area.width - 0.1)
    top = area.top - (1.42 if many else 0.95)
    if stage.shape == "square":
        table = TableRoom(area.left + 3.3, area.right - 0.05, -0.42, 0.50, 2.5, (area.left + 1.55, -1.45))
        return (area.left + 0.7, area.right - 0.55, 0.5, top), table, heading_room
    table = TableRoom(area.left + 0.9, area.right - 0.9, -2.05, 0.80, 3.3, (area.center[0], -0.85))
    return (area.left + 0.7, area.right - 0.55, 0.4, top), table, heading_room


def _verdict(differences: Differences) -> str:
    """The closing sentence, as the numbers have it."""
    rows, exact = differences.rows, differences.exact
    shrinks = abs(rows[-1].error) <= 0.3 * abs(rows[0].error) or abs(rows[-1].error) <= 1e-9 * max(abs(exact), 1.0)
    if differences.trace.conventions and not shrinks:
        return "The nudge does not agree: the function has a corner here, and no one slope."
    if not shrinks:
        return "The nudge has not settled yet: the curve still bends at this scale."
    if abs(rows[-1].error) <= 0.02 * max(abs(exact), 1e-3):
        return "The nudge agrees. What is left shrinks with the nudge itself."
    return "The nudge closes in on it. What is left shrinks with the nudge itself."


def nudge_table_story(
    stage: Stage, checks: Mapping[str, Differences] | Sequence[Differences], *, clean: bool = False
) -> NudgeTable:
    """A row per input: its name, its nudged slope and the engine's, one after the other; `checks` by source name."""
    before = list(stage.mobjects)
    table = checks if isinstance(checks, Mapping) else {f"nudge {d.name}": d for d in checks}
    for source, differences in table.items():
        stage.ledger.source(source, differences.describe())
    figure = NudgeTable(table, stage.look, stage.area)
    text = "Turn each input by a tiny nudge, and see how far the value moves. Their ratio is the slope."
    with stage.beat(text, title="every input"):
        stage.play(figure.appear())
        for i in range(len(figure.rows)):
            stage.play(figure.row(i), run_time=0.5)
    with stage.beat(figure.verdict(), hold=2.0, title="they agree"):
        stage.play(figure.confirm())
    if clean:
        leave(stage, before)
    return figure


__all__ = ["Secant", "nudge_table_story", "nudges", "secant_story"]
