"""S11: a counter spins up. The first sweeps are counted one by one, then quicker and quicker, up to a model of another size.

Invariants: the counter ends at the engine's count; while it spins the bar is as long as what is counted, torn off where it
leaves its lane.
"""

from __future__ import annotations

from typing import Any

from manim import Animation, AnimationGroup, FadeOut, VGroup
from manim.utils.rate_functions import linear

from ..stage.number import Number
from .cost_race import CostRace
from .scale_zoom import Count, grouped


def spin_up(race: CostRace, way: str, scale: str | int | None = None, run_time: float = 3.5) -> list[Animation]:
    """The counter of a lane runs from what it shows to the count at `scale`; what was counted singly becomes a bar.

    The bar is drawn on the race's own unit (by default the whole count fills the lane).
    """
    quantity = race.quantity(race.measure, way, scale)
    start = _shown(race, way)
    if not race.unit:
        race.unit = 0.98 * (race.tracks[way].width - 0.14) / float(quantity.value)
    old, tokens = race.numbers.pop(way, None), race.tokens[way]
    number = Count(quantity, race.theme.ink, 34, "bold")
    place = race.tracks[way]
    number.move_to([place.right + 0.2 + number.width / 2, float(place.center[1]), 0])
    race.numbers[way] = race.keep(number, 6)
    bar = race.bar(way, start, race.unit)
    if way in race.bars:
        race.drop(race.bars[way])
    race.bars[way] = race.keep(bar, 3)
    going: list[Animation] = []
    if old is not None:
        race.drop(old)
        going.append(FadeOut(old, run_time=0.3))
    if len(tokens):
        race.drop(*tokens)
        race.tokens[way] = VGroup()
        going.append(FadeOut(tokens, run_time=0.4))
    spin = SpinUp(race, way, start, number, bar, run_time=run_time)
    return [AnimationGroup(*going), spin] if going else [spin]


def _shown(race: CostRace, way: str) -> float:
    """What the counter of a lane says now."""
    number = race.numbers.get(way)
    if isinstance(number, Number):
        return max(float(number.quantity.value), 1.0)
    return float(max(len(race.tokens[way]), 1))


class SpinUp(Animation):
    """From one count to another, by equal factors in equal times: slow at the start, a blur at the end."""

    def __init__(self, race: CostRace, way: str, start: float, number: Count, bar: Any, **kwargs: Any):
        self.race, self.way, self.start, self.number, self.bar = race, way, start, number, bar
        self.end = float(number.quantity.value)
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(bar, number), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: counter and bar follow from the count."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = min(max(alpha, 0.0), 1.0)
        count = self.end if share >= 1 else self.start * (self.end / self.start) ** share
        self.number.set_text(self.number.settled if share >= 1 else grouped(count))
        new = self.race.bar(self.way, count, self.race.unit)
        self.bar.points, self.bar.length, self.bar.torn = new.points, new.length, new.torn


__all__ = ["spin_up"]
