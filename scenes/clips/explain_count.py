"""The fourth part of `explain`: what all slopes cost, by nudging, by forward and by reverse mode, counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    Dot,
    FadeIn,
    FadeOut,
    Group,
    GrowFromEdge,
    LaggedStart,
    Mobject,
    VGroup,
    VMobject,
)

from chainreel.engine import Cost, Quantity

from ..figures.cost_race import CostRace
from ..figures.graph_forward import GraphForward
from ..stage.area import Area
from ..stage.names import name
from ..stage.number import Number, Phrase
from ..stage.parts import chevron, slot
from ..stage.stage import Stage
from .cue import cue
from .explain_check import Checked, below

WAYS = ("nudging", "forward", "reverse")
NARROW = 9.0  # frame units
THICK = 0.56  # frame units: a bar
SMALLEST = 0.8  # frame units that a small graph needs
FEW = 12  # wires; more of them are drawn finer
LONG = 1000  # counts from here on are seen, not said


class Lanes(CostRace):
    """The race with its names close to the lanes. A run or a sweep is a small copy of the graph, as long as they have room."""

    def __init__(self, graph: GraphForward, *args: Any):
        super().__init__(*args)
        self.graph = graph
        narrow = self.area.width < NARROW
        pitch = self.area.height / len(self.ways)
        self.height_of_bar = min(pitch - (0.62 if narrow else 0.24), 1.0)
        for way, track in self.tracks.items():
            if narrow:  # the names stand over their lanes
                track = Area(self.area.left, track.right, track.bottom, track.top - 0.38)
                self.labels[way].set_baseline(track.left, float(track.center[1]) + self.height_of_bar / 2 + 0.16)
            else:
                self.labels[way].shift([track.left - 0.25 - float(self.labels[way].get_right()[0]), 0, 0])
            self.tracks[way] = track
            self.grounds[way] = slot(self.theme, track.width, self.height_of_bar + 0.14).move_to(track.center)

    def _number(self, way: str, quantity: Quantity) -> Number | Phrase:
        measure = self.measure
        self.measure = "runs" if way == "nudging" and measure == "sweeps" else measure
        number = super()._number(way, quantity)
        self.measure = measure
        return number.shift([min(0.0, self.area.right + 0.6 - float(number.get_right()[0])), 0, 0])

    def scale_of_bars(self) -> float:
        """Frame units of one operation: the longest bar ends before its count."""
        most = max(float(self.quantity("operations", w).value) for w in self.ways)
        return (0.94 * min(t.width for t in self.tracks.values()) - 0.14) / most

    def count(self, way: str, quantity: Quantity, run_time: float = 0.5) -> list[Animation]:
        """The runs or sweeps of a lane, one after the other, each a small graph; tokens where they are too many for that."""
        n, track = int(quantity.value), self.tracks[way]
        most = max(int(self.quantity("sweeps", w).value) for w in self.ways)
        pitch = min((track.width - 0.2) / most, 2.4)
        if pitch < SMALLEST:
            return super().count(way, quantity, run_time)
        shift = 0.2 * (LEFT if way == "reverse" else RIGHT)
        parts: list[Animation] = []
        for k in range(n):
            token = small_graph(self.graph, way, k, pitch - 0.34, self.height_of_bar - 0.2)
            token.move_to([track.left + 0.1 + (k + 0.5) * pitch, float(track.center[1]), 0])
            self.tokens[way].add(token)
            parts.append(FadeIn(self.keep(token, 4), shift=shift))
        sweeps = LaggedStart(*parts, lag_ratio=0.5, run_time=run_time + 0.15 * min(n - 1, 4))
        return [AnimationGroup(sweeps, *self._write(way, quantity, run_time))]

    def bars_for(self, run_time: float = 1.2) -> list[Animation]:
        """The small graphs give way to bars that grow from the left, as long as their operations are many. Nudging, whose
        runs are no sweeps, stays behind.
        """
        first, *rest = self.ways
        self.ways, self.height_of_bar = tuple(rest), min(self.height_of_bar, THICK)
        self.measure, self.unit = "operations", self.scale_of_bars()
        behind = (self.labels[first], self.tokens[first], self.grounds[first], self.numbers[first])
        away: list[Any] = [m.animate.fade(0.6) for m in behind]
        grow: list[Animation] = []
        for way in self.ways:
            quantity, tokens = self.quantity("operations", way), self.tokens[way]
            self.drop(*tokens)
            away.append(FadeOut(VGroup(*tokens)))
            self.bars[way] = self.keep(self.bar(way, float(quantity.value), self.unit), 3)
            grow += [GrowFromEdge(self.bars[way], LEFT), *self._write(way, quantity, run_time)]
            self.tokens[way] = VGroup()
        return [AnimationGroup(*away, run_time=0.6), AnimationGroup(*grow, run_time=run_time)]


def small_graph(graph: GraphForward, way: str, k: int, width: float, height: float) -> VGroup:
    """The graph as lines and dots: values for a run with a nudge (of input k − 1; the first run has none), outlined for the
    k-th sweep of forward mode, filled with its arrow heads for the sweep back.
    """
    theme, few = graph.theme, len(graph.wires) <= FEW
    colour = theme.value if way == "nudging" else theme.slope
    lines, dots = VGroup(), VGroup()
    start = {s.index: i for i, s in enumerate(graph.inputs)}
    chosen = k - 1 if way == "nudging" else k
    for wire in graph.wires.values():
        line = VMobject().set_points_as_corners([wire.at(t) for t in np.linspace(0, 1, 9)])
        lines.add(line.set_stroke(colour, 2.0 if few else 1.4, 0.8).set_fill(opacity=0))
    for index, node in graph.nodes.items():
        middle = [node.x, node.y, 0] if node.holder is None else node.box.get_center()
        if node.holder is not None:
            line = VMobject().set_points_as_corners([[*node.into, 0], [*node.out, 0]])
            lines.add(line.set_stroke(colour, 2.0 if few else 1.4, 0.8).set_fill(opacity=0))
        dots.add(Dot(middle, radius=0.01))
        dots[-1].own = index in start and start[index] == chosen and way != "reverse"
    picture = VGroup(lines, dots)
    out = graph.nodes[graph.view.output.index].holder.get_center()
    dots.add(Dot(out, radius=0.01))
    dots[-1].own = False
    picture.stretch_to_fit_width(width - 0.2)
    if picture.height > height - 0.16:
        picture.stretch_to_fit_height(height - 0.16)
    radius = 0.075 if few else 0.05
    marks = VGroup()
    for dot in dots:
        mark: VMobject = Dot(radius=radius, color=colour)
        if dot.own:
            mark = Dot(radius=1.6 * radius, color=theme.knob)
        elif way != "nudging":
            mark = chevron(theme, 2.6 * radius, outlined=way == "forward").rotate(math.pi if way == "reverse" else 0.0)
        if way == "forward" and not dot.own:
            mark.set_fill(theme.slot, 1)
        marks.add(mark.move_to(dot.get_center()))
    return VGroup(lines, marks)


def tell(
    stage: Stage, cost: Cost, keep: VMobject | None, graph: GraphForward, going: Sequence[Mobject], checked: Checked | None
) -> Lanes:
    """A lane for each way; runs and sweeps are counted one by one, then the operations. Returns the lanes, still on stage.

    `going` is what is left of the part before; what was `checked` goes into the lanes: the nudge, and the slopes.
    """
    stage.ledger.source("cost", cost.describe())
    area = below(stage, keep, 0.4)
    height = {"wide": 4.3, "square": 4.6, "tall": 6.6}[stage.shape]
    height = min(height, area.height)
    middle = float(area.center[1])
    race = Lanes(
        graph, cost, stage.look, Area(area.left, area.right - 0.6, middle - height / 2, middle + height / 2), WAYS
    )
    many = cost.inputs > 1
    count = {way: race.quantity("sweeps", way) for way in WAYS}
    text = "The price: {n} runs to nudge each input, {m} sweeps forward, or one sweep back."
    known: dict[str, Any] = {"n": count["nudging"], "m": count["forward"]}
    if not many:
        text = "The price: two runs to nudge {x}, one sweep forward, or one sweep back."
        known = {"x": name(cost.trace.inputs[0].name)}
    with stage.beat(text, title="the price", hold=0.6, **known):
        places = {} if checked is None else {
            **{id(m): race.labels["nudging"] for m in checked.ratio}, **{id(m): race.labels["reverse"] for m in checked.slopes},
        }  # fmt: skip
        leaving: list[Animation] = [
            FadeOut(m, target_position=places[id(m)].get_center(), scale=0.5) for m in going if id(m) in places
        ]
        leaving.append(FadeOut(Group(*(m for m in going if id(m) not in places)), run_time=0.6))
        stage.play(*leaving, race.appear(1.0), *([] if keep is None or keep in stage.mobjects else [FadeIn(keep)]))
        stage.remove(*going)
        for way, word in (("nudging", "runs"), ("forward", "forward"), ("reverse", "back")):
            cue(stage, word)
            stage.perform(race.count(way, count[way], 0.8))
    stage.rest(0.6)
    text, known = operations(race)
    with stage.beat(text, title="operations", hold=0.8, **known):
        stage.perform(race.bars_for(1.2))
    stage.rest(0.8)
    return race


def operations(race: CostRace) -> tuple[str, dict[str, Any]]:
    """Which of the two modes needs fewer operations on this function."""
    ahead, behind = (race.quantity("operations", w) for w in ("forward", "reverse"))
    known: dict[str, Any] = {"a": ahead, "b": behind}
    if ahead.value == behind.value:
        return "Count the work, and it is a tie.", {}
    wins = "going back wins" if ahead.value > behind.value else "going forward wins here"
    if max(ahead.value, behind.value) >= LONG:
        return f"Count the work, and {wins}.", {}
    if ahead.value > behind.value:
        return "Count the work, and going back wins: {b} against {a}.", known
    return "Count the work, and going forward wins here: {a} against {b}.", known


__all__ = ["tell"]
