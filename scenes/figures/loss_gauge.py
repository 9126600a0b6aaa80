"""The loss meter as an instrument: a tube with its ruler, the name above, the number at the level, a dashed goal.

Reads losses as engine quantities. Invariant: the level is the loss on the ruler.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, Line, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.formula import Formula
from ..stage.ledger import Printed
from ..stage.meter import LossMeter
from ..stage.number import Number
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme
from ..stage.ticks import Tick, round_steps, tick_values
from ..stage.type import Label
from .figure import Figure

LEFT_ROOM, RIGHT_ROOM, TUBE = 0.62, 1.55, 0.46
NAME = 0.62  # room above the tube
BESIDE = 0.47  # from the tube to its number, the diamond between them; a long number comes nearer
APART = 0.34  # heights of numbers beside the tube keep this distance


class LossGauge(Figure):
    """A meter in `area` whose ruler holds all `losses` that it will show.

    Verbs: `appear`, `read(quantity)`, `goal(quantity, word)`, `promise(loss)`; `at(loss)` moves level and number while
    something runs.
    """

    def __init__(
        self, theme: Theme, area: Area, loss: Quantity, losses: Sequence[float], name: str = "L", *, decimals: int | None = None
    ):  # fmt: skip
        super().__init__(theme)
        finite = [v for v in losses if np.isfinite(v)]
        self.low, self.high, self.step = scale_for(finite)
        height = area.height - NAME
        bottom, top = area.bottom, area.bottom + height
        labels = [Tick(v, self.step, theme.muted) for v in tick_values(self.low, self.high, self.step)]
        wide = max((t.width for t in labels), default=0.3)
        x = area.left + wide + 0.22 + TUBE / 2
        self.right = area.right
        self.tube = LossMeter(theme, x, bottom, top, TUBE)
        self.ruler = VGroup()
        for tick in labels:
            y = self.tube.height_of(self.share(tick.value))
            self.ruler.add(Line([x - TUBE / 2 - 0.13, y, 0], [x - TUBE / 2 - 0.03, y, 0]).set_stroke(theme.muted, 2))
            self.ruler.add(tick.move_to([x - TUBE / 2 - 0.22 - tick.width / 2, y, 0]))
        self.name = Formula(lambda mark: mark("loss", None, name), theme, 44, tinted=True)
        self.name.move_to([x, top + 0.2 + self.name.height / 2, 0])
        self.decimals = steady_decimals(finite) if decimals is None else decimals
        self.number = self._number(loss)
        self.loss = loss
        self.limit: VGroup | None = None
        self.promised: VMobject | None = None
        self.at(float(loss.value))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A meter that reads a loss of {self.told(self.loss)}."

    def share(self, loss: float) -> float:
        """A loss as a share of the ruler."""
        return (loss - self.low) / (self.high - self.low)

    def height_of(self, loss: float) -> float:
        """The height of a loss, frame units."""
        return self.tube.height_of(self.share(loss))

    def at(self, loss: float, text: bool = False) -> None:
        """Level and number at a loss; with `text` the digits run too."""
        self.tube.level(self.share(loss))
        if text and self.number.decimals is not None:
            self.number.set_text(shown(loss, self.number.decimals, auto=False))
        self._beside(loss)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.8) -> AnimationGroup:
        """Tube, ruler, name and number."""
        return AnimationGroup(
            *(FadeIn(self.keep(part, z)) for part, z in ((self.tube, 1), (self.ruler, 1), (self.name, 2), (self.number, 4))),
            run_time=run_time,
        )

    def read(self, loss: Quantity, run_time: float = 0.9) -> Animation:
        """The level goes to another loss."""
        start, self.loss = float(self.loss.value), loss
        return Reading(self, start, loss, run_time=run_time)

    def settle(self, loss: Quantity) -> None:
        """Show a loss as a settled number with its source."""
        self.loss = loss
        fresh = self._number(loss)
        number = self.number
        number.quantity, number.decimals, number.settled = loss, fresh.decimals, fresh.settled
        number.provenance = fresh.provenance
        number.set_text(number.settled)
        self.at(float(loss.value))

    def goal(self, loss: Quantity, word: str = "best", run_time: float = 0.8) -> AnimationGroup:
        """A dashed line at a loss, with a word and its number."""
        theme, y = self.theme, self.height_of(float(loss.value))
        line = self.tube.goal(self.share(float(loss.value)))
        number = self._number(loss, "data")
        label = Label(word, theme.tint("data"), 24, "medium")
        left = min(self.tube.x + TUBE / 2 + BESIDE, self.right - number.width)
        here = self.height_of(float(self.loss.value))
        place, up = y, 0.34
        if 0 <= here - y < 2 * APART + 0.1:  # the level's own number keeps its place
            up = -0.34 if here - y >= APART and y - 0.5 > self.tube.bottom else 0.34
            place = y if up < 0 else here + APART + 0.05
        number.move_to([left + number.width / 2, place, 0])
        label.move_to([left + label.width / 2, place + up, 0])
        self.limit = self.keep(VGroup(line, number, label), 3)
        return AnimationGroup(FadeIn(self.limit), run_time=run_time)

    def promise(self, loss: float, run_time: float = 0.8) -> AnimationGroup | None:
        """A dashed line in the colour of slopes, where a forecast sees the level; None where that is off the ruler."""
        if not self.low <= loss <= self.high:
            return None
        self.promised = self.keep(self.tube.goal(self.share(loss)).set_stroke(self.theme.slope), 3)
        return AnimationGroup(FadeIn(self.promised), run_time=run_time)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _number(self, loss: Quantity, role: str = "") -> Number:
        """Its number at the largest size that fits beside the tube."""
        colour = self.theme.tint(role) if role else self.theme.ink
        decimals = self._decimals(loss)
        for size in (30, 28):
            number = Number(loss, colour, size, decimals=decimals)
            if number.width <= self.right - (self.tube.x + TUBE / 2 + BESIDE):
                break
        return number

    def places(self, **losses: Quantity) -> dict[str, int]:
        """The decimals at which this meter shows losses, by the names that they have in the words of a beat."""
        return {name: places for name, loss in losses.items() if (places := self._decimals(loss)) is not None}

    def _decimals(self, loss: Quantity) -> int | None:
        value = float(loss.value)
        if self.decimals is None or value != 0 and not shown(value, self.decimals, auto=False).strip("−0."):
            return decimals_for(value)
        return self.decimals

    def _beside(self, loss: float) -> None:
        left = min(self.tube.x + TUBE / 2 + BESIDE, self.right - self.number.width)
        y = min(max(self.height_of(loss), self.tube.bottom + 0.14), self.tube.top - 0.1)
        if self.limit is not None:
            goal = self.limit[1].get_center()[1]
            if abs(y - goal) < APART:
                y = goal - APART - 0.02
        number = self.number
        number.shift([left - number.get_left()[0], y - number.get_center()[1], 0])


class Reading(Animation):
    """The level and its digits run to a loss."""

    def __init__(self, gauge: LossGauge, start: float, loss: Quantity, **kwargs: Any):
        self.gauge, self.start, self.goal = gauge, start, loss
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(gauge.tube, gauge.number), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        if alpha >= 1:
            self.gauge.settle(self.goal)
        else:
            self.gauge.at(self.start + (float(self.goal.value) - self.start) * share, text=True)


def scale_for(losses: Sequence[float]) -> tuple[float, float, float]:
    """A ruler from 0 (or below the least loss) to a round number above the largest: low, high, step.

    >>> scale_for([0.38, 0.02])
    (0.0, 0.5, 0.1)
    """
    top, least = max(losses), min(losses)
    low_at = 0.0 if least >= 0 else least
    size = max(top - low_at, 1e-12 * max(abs(top), 1.0), 1e-300)
    step = next(s for s in round_steps(size / 4) if size / s <= 4)
    low = 0.0 if least >= 0 else np.floor(least / step) * step
    high = np.ceil(max(top, low + size) / step + 0.25) * step
    return float(round(low, 12)), float(f"{high:.12g}"), step


def steady_decimals(values: Sequence[float]) -> int | None:
    """One number of decimals for values of one kind: three digits of the largest; None asks for powers of ten.

    >>> steady_decimals([0.38, 0.02]), steady_decimals([12.5, 3.0]), steady_decimals([4e7])
    (3, 1, None)
    """
    size = max((abs(v) for v in values if np.isfinite(v)), default=0.0)
    if size >= 1e6 or 0 < size < 9.5e-4:
        return None
    if size == 0:
        return 0
    return int(min(max(2 - np.floor(np.log10(size)), 0), 4)) if size >= 1 else 3 if size >= 0.0095 else 4


def printed_at(quantity: Quantity, decimals: int | None) -> Printed:
    """A quantity printed at so many decimals."""
    return Printed(quantity, shown(float(quantity.value), decimals, auto=False), decimals)


def named(quantity: Quantity, source: str) -> Quantity:
    """The same number under another source's name."""
    return replace(quantity, source=source)


__all__ = ["LossGauge", "Reading", "named", "printed_at", "scale_for", "steady_decimals"]
