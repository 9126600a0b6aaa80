"""The fourth part of `explain`: what all slopes cost, by nudging, by forward and by reverse mode, counted."""

from __future__ import annotations

from typing import Any

from manim import Animation, FadeIn, FadeOut, VMobject

from chainreel.engine import Cost, Quantity

from ..figures.cost_race import CostRace
from ..stage.area import Area
from ..stage.names import name
from ..stage.number import Number, Phrase
from ..stage.parts import slot
from ..stage.stage import Stage
from .cue import cue
from .explain_check import below

WAYS = ("nudging", "forward", "reverse")
NARROW = 9.0  # frame units
LONG = 1000  # counts from here on are seen, not said


class Lanes(CostRace):
    """The race with its names close to the lanes, of which some may leave."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        if self.area.width < NARROW:  # the names stand over their lanes
            for way, track in self.tracks.items():
                self.tracks[way] = track = Area(self.area.left, track.right, track.bottom, track.top)
                self.grounds[way] = slot(self.theme, track.width, self.height_of_bar + 0.14).move_to(track.center)
                self.labels[way].set_baseline(track.left, float(track.center[1]) + self.height_of_bar / 2 + 0.2)
            return
        for way, label in self.labels.items():
            label.shift([self.tracks[way].left - 0.25 - float(label.get_right()[0]), 0, 0])

    def _number(self, way: str, quantity: Quantity) -> Number | Phrase:
        measure, self.measure = self.measure, "runs" if way == "nudging" else self.measure
        number = super()._number(way, quantity)
        self.measure = measure
        return number.shift([min(0.0, self.area.right + 0.6 - float(number.get_right()[0])), 0, 0])

    def scale_of_bars(self) -> float:
        """Frame units of one operation: the longest bar ends before its count."""
        most = max(float(self.quantity("operations", w).value) for w in self.ways)
        return (0.86 * min(t.width for t in self.tracks.values()) - 0.14) / most

    def only(self, *ways: str) -> Animation:
        """The other lanes leave."""
        gone = [w for w in self.ways if w not in ways]
        parts = [m for w in gone for m in (self.grounds[w], self.labels[w], self.numbers.pop(w), *self.tokens.pop(w))]
        self.drop(*parts)
        self.ways = ways
        return FadeOut(*parts, run_time=0.5)


def tell(stage: Stage, cost: Cost, keep: VMobject | None) -> None:
    """A lane for each way; sweeps are counted one by one, then the operations of both modes."""
    stage.ledger.source("cost", cost.describe())
    area = below(stage, keep, 0.5)
    height = {"wide": 3.6, "square": 3.4, "tall": 5.0}[stage.shape]
    middle = float(area.center[1])
    race = Lanes(cost, stage.look, Area(area.left, area.right - 0.6, middle - height / 2, middle + height / 2), WAYS)
    many = cost.inputs > 1
    count = {way: race.quantity("sweeps", way) for way in WAYS}
    text = "The price: {n} runs to nudge each input, {m} sweeps forward, or one sweep back."
    known: dict[str, Any] = {"n": count["nudging"], "m": count["forward"]}
    if not many:
        text = "The price: two runs to nudge {x}, one sweep forward, or one sweep back."
        known = {"x": name(cost.trace.inputs[0].name)}
    with stage.beat(text, title="the price", hold=0.6, **known):
        stage.play(race.appear(1.0), *([] if keep is None or keep in stage.mobjects else [FadeIn(keep)]))
        for way, word in (("nudging", "runs"), ("forward", "forward"), ("reverse", "back")):
            cue(stage, word)
            stage.perform(race.count(way, count[way], 0.8))
    stage.rest(0.6)
    text, known = operations(race)
    with stage.beat(text, title="operations", hold=0.8, **known):
        stage.play(race.only("forward", "reverse"))
        stage.play(race.at_scale(None, 1.2, race.scale_of_bars()))
    stage.rest(0.8)


def operations(race: CostRace) -> tuple[str, dict[str, Any]]:
    """Which of both modes needs fewer operations on this function."""
    race.measure = "operations"
    ahead, behind = (race.quantity("operations", w) for w in ("forward", "reverse"))
    known: dict[str, Any] = {"a": ahead, "b": behind}
    if ahead.value == behind.value:
        return "Counted in operations, it is a tie.", {}
    wins = "reverse mode wins" if ahead.value > behind.value else "forward mode wins here"
    if max(ahead.value, behind.value) >= LONG:
        return f"In operations, {wins}.", {}
    if ahead.value > behind.value:
        return "In operations, reverse mode wins: {b} against {a}.", known
    return "In operations, forward mode wins here: {a} against {b}.", known


__all__ = ["tell"]
