"""S11 with a clock: the measured times of the slopes by each way race as bars against one ruler of milliseconds.

Reads a Timing. Invariants: a bar is as long as its measured time; while they race all bars are equally long until one has
arrived; ratios are the record's, with two digits; the chip names machine and day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import RIGHT, Animation, AnimationGroup, FadeIn, LaggedStart, Rectangle, VGroup, VMobject
from manim.utils.rate_functions import linear

from chainreel.engine import Quantity
from chainreel.engine.timing import Timing

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number, Phrase
from ..stage.parts import slot
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .card_strip import SourceChip
from .figure import Figure
from .scale_zoom import count_of, grouped

NAMES = {"reverse": "reverse mode", "nudging": "nudging", "forward": "forward mode", "loss": "one run"}
TAIL = 2.9  # frame units kept for the time and the ratio
FOOT = 0.95  # and for the chip
LEAST = 0.035  # a bar that is too short to be seen is drawn so long


class Reading(Number):
    """A time in milliseconds with its unit, thousands apart: `1,168 ms`."""

    def __init__(self, quantity: Quantity, colour: str, size: float, weight: str, decimals: int):
        super().__init__(quantity, colour, size, weight, decimals=decimals)
        self.settled = self.read(float(quantity.value))
        self.set_text(self.settled)

    def read(self, ms: float) -> str:
        """A time as it is written."""
        return f"{grouped(ms) if not self.decimals else shown(ms, self.decimals, auto=False)} ms"


class MeasuredRace(Figure):
    """Lanes for `ways` in `area`. `name` is the source. Verbs: `appear`, `race`, `compare`, `chip`."""

    def __init__(
        self, timing: Timing, theme: Theme, area: Area, ways: Sequence[str] = ("reverse", "nudging", "forward"), *,
        name: str = "times", names: Mapping[str, str] = NAMES,
    ):  # fmt: skip
        super().__init__(theme)
        if not 2 <= len(ways) <= 4:
            raise StageError(f"{len(ways)} ways cannot race; two to four can")
        self.timing, self.area, self.ways, self.source = timing, area, tuple(ways), name
        room = area.cut_bottom(FOOT)[1]
        self.labels = {w: Label(names[w], theme.ink, 28) for w in self.ways}
        left = area.left + max(label.width for label in self.labels.values()) + 0.35
        rows = room.rows(*[1] * len(self.ways), gap=0.3)
        high = min(0.56, 0.5 * min(row.height for row in rows))
        self.tracks: dict[str, Area] = {}
        self.grounds: dict[str, VMobject] = {}
        for way, row in zip(self.ways, rows, strict=True):
            y = float(row.center[1])
            self.tracks[way] = Area(left, area.right - TAIL, y - high / 2, y + high / 2)
            self.grounds[way] = slot(theme, self.tracks[way].width, high + 0.14).move_to(self.tracks[way].center)
            self.labels[way].set_baseline(left - 0.25, y - 0.11, "right")
        self.slowest = max(timing.took(w) for w in self.ways)
        self.unit = (next(iter(self.tracks.values())).width - 0.2) / self.slowest  # frame units a second
        self.bars = {w: Rectangle(width=LEAST, height=high) for w in self.ways}
        self.numbers: dict[str, Reading] = {}
        self.ratios: dict[str, VMobject] = {}
        for way, track in self.tracks.items():
            fill = theme.knob if way == "nudging" else theme.value if way == "loss" else theme.ribbon
            rim = theme.knob if way == "nudging" else theme.value if way == "loss" else theme.slope
            self.bars[way].set_fill(mix(fill, theme.slot, 0.25), 0.95).set_stroke(rim, 2)
            q = self.quantity(f"ms/{way}")
            number = Reading(q, theme.ink, 30, "bold", decimals=self.places(way))
            up = 0.20 if way in self.ratios or way != "reverse" else 0.0
            self.numbers[way] = number.move_to([track.right + 0.25 + number.width / 2, track.center[1] + up, 0])
            if way != "reverse" and "reverse" in self.ways:
                ratio = self._ratio(self.quantity(f"ratio/{way}"))
                self.ratios[way] = ratio.move_to([track.right + 0.25 + ratio.width / 2, track.center[1] - 0.28, 0])
            self.at(way, 0.0)
        self.note = SourceChip(theme, timing.chip, area)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        times = [f"{self.wording(self.labels[w])} {self.told(self.quantity(f'ms/{w}'))} milliseconds" for w in self.ways]
        return f"Measured times of all slopes as bars: {self.listed(times)}."

    def quantity(self, what: str) -> Quantity:
        """A number of the record, entered under this figure's source."""
        return replace(self.timing.quantity(what), source=self.source)

    def _ratio(self, quantity: Quantity) -> VMobject:
        """`970 times`, `5,100 times`."""
        if float(quantity.value) >= 100:
            return count_of(quantity, "times", self.theme.muted, 28)
        return Phrase("{n} times", self.theme.muted, 28, "semibold", n=quantity)

    def places(self, way: str) -> int:
        """Decimals that show two or three digits of a time."""
        found = decimals_for(self.timing.took(way) * 1000)
        return 2 if found is None else found

    # Bars -----------------------------------------------------------------------------------------------------------

    def at(self, way: str, seconds: float) -> None:
        """The bar of a way after so much of the race; it stops at its own time."""
        track, took = self.tracks[way], self.timing.took(way)
        length = max(min(seconds, took) * self.unit, LEAST)
        bar = self.bars[way]
        bar.stretch_to_fit_width(length)
        bar.move_to([track.left + 0.1 + length / 2, track.center[1], 0])

    def length(self, way: str) -> float:
        """How long its bar is now, frame units."""
        return float(np.ptp(self.bars[way].points[:, 0]))

    def clock(self, seconds: float) -> None:
        """All bars, and the digits beside them, after so much of the race."""
        for way, track in self.tracks.items():
            self.at(way, seconds)
            number = self.numbers[way]
            arrived = seconds >= self.timing.took(way)
            ms = min(seconds, self.timing.took(way)) * 1000
            number.set_text(number.settled if arrived else number.read(ms))
            number.shift([track.right + 0.25 - number.get_left()[0], 0, 0])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.0) -> AnimationGroup:
        """Empty lanes with their names."""
        for part, z in ((*((g, 1) for g in self.grounds.values()), *((m, 3) for m in self.labels.values()))):
            self.keep(part, z)
        return AnimationGroup(*map(FadeIn, self.grounds.values()), *map(FadeIn, self.labels.values()), run_time=run_time)

    def race(self, run_time: float = 4.0) -> Race:
        """All start together; each stops after its measured time, slowed down for the eye."""
        for way in self.ways:
            self.keep(self.bars[way], 2), self.keep(self.numbers[way], 6)
        return Race(self, run_time=run_time)

    def compare(self, run_time: float = 0.9) -> LaggedStart:
        """How many times as long as the reverse sweep each of the others took."""
        shows: list[Animation] = [FadeIn(self.keep(r, 6), shift=0.1 * RIGHT) for r in self.ratios.values()]
        if not shows:
            raise StageError("nothing to compare: the reverse sweep is not among these ways")
        return LaggedStart(*shows, lag_ratio=0.4, run_time=run_time)

    def chip(self, run_time: float = 0.7) -> FadeIn:
        """Where and when it was measured."""
        return FadeIn(self.keep(self.note, 6), shift=0.15 * RIGHT, run_time=run_time)


class Race(Animation):
    """A slowed clock runs from nothing to the slowest time."""

    def __init__(self, figure: MeasuredRace, **kwargs: Any):
        self.figure = figure
        kwargs.setdefault("rate_func", linear)
        parts = [*figure.bars.values(), *figure.numbers.values()]
        super().__init__(VGroup(*parts), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: bars and digits follow from the clock."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = min(max(alpha, 0.0), 1.0)
        self.figure.clock(self.figure.slowest if share >= 1 else self.figure.slowest * share)


__all__ = ["MeasuredRace"]
