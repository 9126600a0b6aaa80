"""The third part of `explain`: is it true? A nudge beside the chain rule, and the V of its error over the size of the nudge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from manim import RIGHT, Animation, AnimationGroup, FadeIn, FadeOut, Indicate, Mobject, VGroup, VMobject

from chainreel.engine import Differences, EngineError, ErrorCurve, Quantity, Trace
from chainreel.engine.symbols import typeset

from ..figures.error_v import ErrorV
from ..figures.graph_backward import GraphBackward
from ..figures.nudge_table import AGREES
from ..figures.secant_zoom import SecantZoom, Turn
from ..figures.symbols import printed
from ..stage.area import Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.names import name
from ..stage.parts import round_caps
from ..stage.relabel import TransformLabels
from ..stage.rounding import closes, decimals_for, read_back, shown
from ..stage.stage import Stage
from ..stage.theme import Theme
from .cue import cue
from .noticed import short
from .secant import nudges

MOST = 5  # inputs that are checked
PER_POWER = 8  # nudges for each power of ten in the V


@dataclass
class Check:
    """Nudges of the inputs, by source name, and the error of one of them for every nudge; `free` is that input."""

    tables: dict[str, Differences]
    free: str
    curve: ErrorCurve

    @property
    def table(self) -> Differences:
        """The nudges of the input that is looked at."""
        return self.tables[f"nudge {self.free}"]

    @property
    def row(self) -> int:
        """The nudge that is told: the largest one whose slope is printed as the engine's is, else the best one."""
        rows, exact = self.table.rows, float(self.table.exact)
        same = [i for i, row in enumerate(rows) if shown(row.slope) == shown(exact, decimals_for(row.slope), auto=False)]
        return same[0] if same else min(range(len(rows)), key=lambda i: abs(rows[i].error))

    def agree(self, table: Differences) -> bool:
        """Whether a nudge of an input gives the engine's slope, a hundredth aside; at a flat point, whether it comes nearer."""
        row = min(table.rows, key=lambda r: abs(r.error))
        return abs(row.error) <= AGREES * max(abs(table.exact), abs(row.slope), 1e-6) or self.fades(table)

    @staticmethod
    def fades(table: Differences) -> bool:
        """Whether the slope is zero, and that of a nudge goes to zero with the nudge."""
        rows = sorted(table.rows, key=lambda r: -abs(r.delta))
        shares = [abs(b.error) <= 0.2 * abs(a.error) for a, b in zip(rows[:-1], rows[1:], strict=True)]
        return float(table.exact) == 0.0 and float(rows[0].error) != 0.0 and all(shares)

    @property
    def all_agree(self) -> bool:
        """Whether that holds for every input that was nudged."""
        return all(map(self.agree, self.tables.values()))

    def falls(self) -> bool:
        """Whether the error falls by a power of ten from the largest nudge to the best one."""
        errors = self.errors
        best = int(np.nanargmin(errors))
        first = float(errors[np.isfinite(errors)][0])
        return float(errors[best]) < 0.1 * first and self.steps[best] < 0.3 * self.steps[0]

    def rises(self) -> bool:
        """Whether it grows by a power of ten from the best nudge to the smallest one."""
        errors = self.errors
        last = float(errors[np.isfinite(errors)][-1])
        return last > 10 * float(np.nanmin(errors)) and last > 0

    @property
    def flat(self) -> bool:
        """Whether every nudge hits the slope exactly: then there is no V to look at."""
        return not np.nanmax(self.errors) > 0

    @property
    def relative(self) -> bool:
        """Whether errors are shares of the slope."""
        return self.curve.exact != 0

    @property
    def errors(self) -> np.ndarray:
        """The errors, from the largest nudge to the smallest."""
        return np.array([r.relative if self.relative else r.error for r in self.curve.rows])

    @property
    def steps(self) -> np.ndarray:
        """The nudges, from the largest to the smallest."""
        return np.abs(np.array(self.curve.steps))

    @property
    def straight(self) -> bool:
        """Whether the function does not bend at all beside the point."""
        try:
            return self.curve.arms is None
        except EngineError:
            return False


def checked(trace: Trace) -> Check | None:
    """The check of a trace: the V is that of the first input with a whole V; None where nothing can be nudged."""
    function, at = trace.function, {k: float(v) for k, v in trace.at.items()}
    tables: dict[str, Differences] = {}
    curves: dict[str, ErrorCurve] = {}
    for free in function.inputs[:MOST]:
        try:
            table = Differences(function, at, free, _sizes(at[free]))
            curve = ErrorCurve(function, at, free, "forward", "float64", _steps(at[free]))
        except EngineError:
            continue
        errors = np.array([r.relative if curve.exact else r.error for r in curve.rows])
        if np.isfinite(errors).sum() > len(errors) / 2:
            tables[f"nudge {free}"], curves[free] = table, curve
    if not curves:
        return None
    made = [Check(tables, free, curve) for free, curve in curves.items()]
    return max(made, key=lambda c: (c.falls() and c.rises(), c.falls() or c.rises(), c.relative))


def _sizes(x: float) -> list[float]:
    size = 10.0 ** math.floor(math.log10(abs(x))) if x and not 0.03 <= abs(x) <= 30 else 1.0
    return [float(f"{size * 10.0**-k:.0e}") for k in (3, 4, 5, 6)]


def _steps(x: float) -> list[float]:
    top = round(math.log10(abs(x))) if x and not 0.03 <= abs(x) <= 30 else 0  # nudges are of the size of the input
    return [10.0 ** ((top * PER_POWER - k) / PER_POWER) for k in range(15 * PER_POWER + 1)]


def tell(
    stage: Stage, check: Check, back: GraphBackward, keep: VMobject | None, gradient: Any, going: Sequence[Mobject] = ()
) -> Checked:
    """One nudge on the curve, the question whether a smaller one is better, the V, and the verdict. Returns what is left.

    `going` is what is left of the part before: its input goes to the axis, its result to the point on the curve.
    """
    look = stage.look
    for source, table in check.tables.items():
        stage.ledger.source(source, table.describe())
    stage.ledger.source("error", check.curve.describe())
    plot, side = _areas(stage, keep)
    near = nearness(check, look, plot)
    if near is None and check.flat:
        room = below(stage, keep)
        middle, half = float(room.center[0]), 2.4 if stage.shape == "wide" else room.width / 2
        side = Area(middle - half + 0.3, middle + half, room.bottom + 0.4, room.top - 0.4)
        plot = side
    figure = ErrorV({"error": check.curve}, look, plot, label="relative error" if check.relative else "error")
    figure.labels["error"].set_opacity(0)
    rows, ticks = _rows(stage, check, back, side)
    ratio = _ratio(look, check, side, stage.shape == "square")
    source = f"nudge {check.free}"

    def q(kind: str) -> Quantity:
        return replace(check.table.quantity(kind, check.row), source=source)

    x, f = name(check.free), name(check.table.trace.output.name)
    known: dict[str, Any] = {"x": x, "f": f}
    words = "Is it true? Nudge {x} a little, and see how far {f} moves."
    if float(q("rise").value) == 0.0:
        words = "Is it true? Nudge {x} a little, and {f} does not move at all."
    elif short(q("slope").value):
        words, known = "Is it true? Nudge {x} a little: {f} moves {s} times as far.", {**known, "s": q("slope")}
    with stage.beat(words, title="a nudge", hold=0.4, **known):
        moves = [TransformLabels(gradient, rows, run_time=1.2)] if isinstance(gradient, Formula) else [FadeIn(rows)]
        moves += [] if keep is None or keep in stage.mobjects else [FadeIn(keep)]
        if near is None:
            stage.play(*map(FadeOut, going), *moves, *([] if check.flat else [figure.appear()]))
            stage.remove(*going)
            cue(stage, "a little")
            stage.play(FadeIn(ratio[0], shift=0.15 * RIGHT), run_time=0.7)
        else:
            stage.play(*_to_curve(back, check.free, near, going), *moves, near.appear(1.2), near.stand())
            stage.remove(*going)
            cue(stage, "a little")
            stage.play(near.nudge())
            stage.play(near.closer(), FadeIn(ratio[0], shift=0.15 * RIGHT, run_time=0.7))
        stage.play(FadeIn(ratio[1]), run_time=0.7)
    with stage.beat(_verdict(check), title="the nudge agrees" if check.all_agree else "the nudge", hold=0.8):
        if near is not None:
            stage.play(near.tangent())
        for tick in ticks:
            stage.play(FadeIn(tick, scale=0.6), run_time=0.35)
            stage.tick()
    stage.rest(0.3)
    if check.flat:
        text, known = "Any nudge would do, large or small.", {}
        if check.straight:
            text, known = "Along {x}, {f} runs straight, so any nudge would do, large or small.", {"x": x, "f": f}
        if near is not None and not near.straight:  # a corner or a step is in sight
            text, known = "As far as {f} runs straight along {x}, any nudge would do.", {"x": x, "f": f}
        with stage.beat(text, title="any nudge", hold=1.0, **known):
            cue(stage, "any" if "any" in text else "Any")
            again = Indicate(ratio[1], scale_factor=1.06, color=look.slope, run_time=0.9)
            stage.play(again, *([] if near is None else [near.farther()]))
        stage.rest(1.6)
        return Checked(ratio, (rows, *ticks))
    badge = QuestionBadge(look)
    badge.move_to([stage.area.right - 0.4, stage.area.top - 0.4, 0])
    if keep is not None and keep.get_right()[0] > stage.area.right - 0.95:
        badge.move_to([plot.center[0], plot.center[1] + 0.2, 0])
    nudge = float(check.table.deltas[check.row])
    with stage.beat("Surely a smaller nudge is better?", title="predict", hold=2.4):
        if near is not None:
            stage.play(FadeOut(near), figure.appear(), run_time=0.9)
        stage.play(FadeIn(badge, scale=0.6), run_time=0.6)
        stage.play(figure.draw("error", 1.2, until=nudge))
    stage.play(FadeOut(badge), run_time=0.4)
    _shape(stage, check, figure)
    _best(stage, check, figure)
    return Checked(ratio, (rows, *ticks))


@dataclass
class Checked:
    """What stands there after the check: the ratio of a nudge, and the slopes with their marks."""

    ratio: tuple[Mobject, ...]
    slopes: tuple[Mobject, ...]


class Nearness(SecantZoom):
    """The curve of one input with a nudge that is seen, and from so near that the nudge that is told is as large."""

    @property
    def straight(self) -> bool:
        """Whether the whole curve that is shown is the line of its slope."""
        x, y = self.curve.x, self.curve.y
        line = self.f0 + self.slope * (x - self.x0)
        return bool(np.all(np.abs(y - line) <= 1e-9 * max(1.0, float(np.abs(line).max()))))

    def closer(self, run_time: float = 1.7) -> Animation:
        """The nudge shrinks to the one that is told, and the frame closes in on it."""
        return self._go(0, 1, run_time)

    def farther(self, run_time: float = 1.6) -> Animation:
        """Back to the large nudge."""
        return self._go(1, 0, run_time)

    def _go(self, start: int, end: int, run_time: float) -> Animation:
        moving = VGroup(self.curve, self.dot, self.moved, self.run, self.rise, self.run_label)
        tangent = VGroup(*(part for part in (self.touch, self.touch_glow) if part in self.submobjects))
        going = VGroup(self.axes.numbers, self.axes.marks)
        turn = Turn(
            self, self.views[start], self.views[end], self.deltas[start], self.deltas[end], VGroup(*moving, *tangent),
            lens=end if end > start else None, run_time=run_time,
        )  # fmt: skip
        if start == 0 and self.axes.numbers in self.axes.submobjects:  # these numbers do not hold any longer
            self.axes.remove(self.axes.numbers, self.axes.marks)
            return AnimationGroup(turn, FadeOut(going, run_time=0.5))
        return turn


def nearness(check: Check, look: Theme, plot: Area) -> Nearness | None:
    """The picture of the nudge that is told; None where there is none: a curve that cannot be drawn beside the point."""
    table = check.table
    at = {k: float(v) for k, v in table.at.items()}
    told = float(table.deltas[check.row])
    try:
        first = float(nudges(table.function, at, check.free).deltas[0])
        first = max(first, 4 * abs(told))
        seen = Differences(table.function, at, check.free, [first, told])
        box = (round(plot.left + 0.75, 2), round(plot.right - 0.5, 2), round(plot.bottom + 0.55, 2), round(plot.top - 0.2, 2))
        return Nearness(seen, look, name=f"nudge {check.free}", box=box)
    except (EngineError, StageError):
        return None


def _to_curve(back: GraphBackward, free: str, near: Nearness, going: Sequence[Mobject]) -> list[Animation]:
    """The graph goes: the input to its place on the axis, the result to the point on the curve, everything else fades."""
    graph = back.graph
    view = near.views[0]
    point = near.dot.get_center()
    place = [point[0], view.box[2], 0]
    flying: dict[int, Any] = {}
    for step in graph.inputs:
        if step.name == free:
            node = graph.nodes[step.index]
            flying |= {id(m): place for m in (node.dial, node.label, back.baskets.get(step.index), back.sums.get(step.index))}
    last = graph.nodes[graph.view.output.index]
    flying |= {id(m): point for m in (last.holder, last.value, last.name)}
    return [
        FadeOut(m, target_position=flying[id(m)], scale=0.25, run_time=1.2) if id(m) in flying else FadeOut(m, run_time=0.7)
        for m in going
    ]


def _verdict(check: Check) -> str:
    if check.fades(check.table):
        return "Hardly at all: the smaller the nudge, the nearer its slope comes to zero."
    if check.all_agree:
        return "The chain rule said so."
    if check.agree(check.table):
        return "The chain rule said so. Not every input is so easily checked."
    return "The chain rule is not so near: this nudge is no fair test."


def _shape(stage: Stage, check: Check, figure: ErrorV) -> None:
    """The V, or what is there of it, and why."""
    falls, rises = check.falls(), check.rises()
    f, x = name(check.table.trace.output.name), name(check.free)
    if falls and rises:
        curve = check.curve
        turn = _theory(curve) or curve.best.step
        with stage.beat(
            "At first, yes: its error falls. Then rounding eats the digits.",
            title="the V", hold=0.6,
        ):  # fmt: skip
            stage.play(figure.draw("error", 1.5, until=turn))
            _arm(stage, figure, "right")
            cue(stage, "rounding")
            stage.play(figure.draw("error", 1.5))
            _arm(stage, figure, "left")
    else:
        known: dict[str, Any] = {}
        if falls:
            text = "Here, yes: the error keeps falling."
        elif check.straight and rises:
            text, known = "Not here: along {x}, {f} runs straight, so only rounding is left, and that grows.", {"x": x, "f": f}
        else:
            text = "Here is the error for every nudge, from large ones to small ones."
        with stage.beat(text, title="the error", hold=0.6, **known):
            stage.play(figure.draw("error", 2.6))
    stage.rest(0.3)


def _arm(stage: Stage, figure: ErrorV, side: str) -> None:
    """Words along an arm, where they stand inside the plot."""
    words = figure.arm("error", side)
    if words is None:
        return
    left, right, bottom, top = figure.view.box
    label = words.mobject
    inside = label.get_left()[0] > left and label.get_right()[0] < right + 0.3 and bottom < label.get_bottom()[1]
    if inside and label.get_top()[1] < top - 0.1:
        stage.play(words)
    else:
        figure.drop(label)


def _best(stage: Stage, check: Check, figure: ErrorV) -> None:
    """How wrong the best nudge is; the chain rule has no nudge."""
    errors = check.errors
    if np.nanmin(errors) > 0:
        text = "Every nudge misses a little."
    else:
        text = "Some nudges happen to hit it exactly."
    with stage.beat(text + " The chain rule needs no nudge.", title="no nudge at all", hold=0.8):
        stage.play(figure.best("error"))
    stage.rest(1.2)


def _theory(curve: ErrorCurve) -> float | None:
    try:
        return curve.theory
    except EngineError:
        return None


# Layout -------------------------------------------------------------------------------------------------------------


def below(stage: Stage, keep: VMobject | None, gap: float = 0.3) -> Area:
    """The stage's area under the line that stays at the top."""
    area = stage.area
    top = area.top if keep is None else float(keep.get_bottom()[1]) - gap
    return Area(area.left, area.right, area.bottom, top)


def _areas(stage: Stage, keep: VMobject | None) -> tuple[Area, Area]:
    area = below(stage, keep)
    if stage.shape == "wide":
        plot, side = area.columns(1.5, 1, gap=0.5)
        return plot, side
    plot, side = area.rows(*((1.6, 1) if stage.shape == "square" else (1.5, 1)), gap=0.2)
    return plot, side


def _rows(stage: Stage, check: Check, back: GraphBackward, side: Area) -> tuple[VGroup, VGroup]:
    """The engine's slopes of the inputs that were nudged, below each other, and a mark for each."""
    look = stage.look
    names = [t.name for t in check.tables.values()]
    shown_ = {s.name: s for s in back.graph.inputs}
    wide = stage.shape == "wide"
    if stage.shape == "square":  # beside the ratio
        side = side.columns(1.25, 1, gap=0.3)[1]
    rows, ticks = VGroup(), VGroup()
    pitch = 0.66 if wide else 0.6
    tables = [t for t in check.tables.values() if t.name in shown_]
    most = {"wide": 4, "square": 3, "tall": 5}[stage.shape]
    order = sorted(tables, key=lambda t: t.name != check.free)[:most]
    top = float(side.center[1]) + (0.1 if wide else -0.5) if len(names) > 1 else float(side.center[1]) - 0.3
    top = side.top - 0.45 if stage.shape == "square" else min(top, side.top - 2.4)  # clear of the ratio
    for k, table in enumerate(order):
        row = back.gradient_line(38, [shown_[table.name]], tinted=True)
        room = side.width - 0.8
        if row.width > room:
            row = back.gradient_line(max(32, 38 * room / row.width), [shown_[table.name]], tinted=True)
        row.set_baseline(side.left + 0.05, top - pitch * k)
        if row.get_right()[0] > side.right - 0.4 or row.get_bottom()[1] < stage.area.bottom:
            continue
        rows.add(row)
        mark = _mark(look, check.agree(table))
        ticks.add(mark.move_to([min(row.get_right()[0] + 0.45, side.right - 0.15), row.get_center()[1], 0]))
    return rows, ticks


def _mark(look: Theme, good: bool) -> VMobject:
    points = [[-0.13, 0, 0], [-0.04, -0.1, 0], [0.14, 0.13, 0]] if good else [
        [-0.1, -0.1, 0], [0.1, 0.1, 0], [0, 0, 0], [-0.1, 0.1, 0], [0.1, -0.1, 0],
    ]  # fmt: skip
    mark = VMobject().set_points_as_corners(points)
    return round_caps(mark.set_stroke(look.data if good else look.loss, 5).set_fill(opacity=0))


def _ratio(look: Theme, check: Check, side: Area, square: bool) -> tuple[Formula, Formula]:
    """`h = Δx = 0.001`, and `Δf / Δx = 0.00264 / 0.001 = 2.64`."""
    table, k, source = check.table, check.row, f"nudge {check.free}"
    delta, rise, slope = (replace(table.quantity(what, k), source=source) for what in ("delta", "rise", "slope"))
    places = decimals_for(float(slope.value))
    fine = None if places is None else places + max(round(-math.log10(abs(float(delta.value)))), 0)
    fine = None if fine is None or fine > 7 else fine
    forms = [
        printed(delta, 4 if float(delta.value) == 1e-4 else None),
        Printed(rise, shown(float(rise.value), fine, auto=False), fine),
        Printed(slope, shown(float(slope.value), places, auto=False), places),
    ]
    d, r, s = (number_source(p.text) for p in forms)
    ratio = read_back(forms[1].text) / (read_back(forms[0].text) or 1.0)
    same = "=" if closes(forms[2].text, ratio) else "approx"
    out = table.trace.output.name

    def moved(mark: Marker) -> str:
        return str(mark("knob", None, "Delta " + typeset(check.free)))

    def nudge(mark: Marker) -> str:
        return f"{mark('ink', None, 'h')} = {moved(mark)} = {mark('knob', None, d)}"

    def write(mark: Marker, brief: bool = False) -> str:
        over, under = mark("value", None, f"Delta {typeset(out)}"), moved(mark)
        numbers = f"frac({mark('value', None, r)}, {mark('knob', None, d)})"
        middle = "approx" if brief else f"= {numbers} {same}"
        return f"frac({over}, {under}) {middle} {mark('slope', None, s)}"

    first = Formula(nudge, look, 38, tinted=True, printed=forms[:1])
    second = Formula(write, look, 38, tinted=True, printed=forms)
    room = (4.0 if square else side.width) - 0.15
    if second.width > room:
        second = Formula(write, look, max(32.0, 38 * room / second.width), tinted=True, printed=forms)
    if second.width > room:  # long numbers: the ratio alone
        second = Formula(lambda mark: write(mark, brief=True), look, 38, tinted=True, printed=forms[2:])
    first.set_baseline(side.left + 0.05, side.top - 0.45)
    second.move_to([side.left + 0.05 + second.width / 2, side.top - 1.35, 0])
    return first, second


__all__ = ["Check", "Checked", "below", "checked", "tell"]
