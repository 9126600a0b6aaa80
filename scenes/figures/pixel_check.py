"""S17: one pixel of a picture is brightened. What its slope promises stands beside what the loss really does.

Reads a NetworkPass. Invariants: the pixel is the one with the largest slope that can still become brighter by the nudge
(or the one that was asked for); both bars are on one scale and point the way of their sign; the picture's pixel becomes
brighter by exactly the nudge.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, Line, Rectangle, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.learning import NetworkPass

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.pixels import Heat, Pixels
from ..stage.rounding import decimals_for
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

HIGH = 0.40  # of a bar


class PixelCheck(Figure):
    """Over a map `heat` and its picture `pixels` (either may be the same place); the bars stand in `room`.

    `one.nudge` is how much brighter. Verbs: `mark`, `brighten`, `promise`, `happen`.
    """

    def __init__(
        self, one: NetworkPass, theme: Theme, heat: Heat, room: Area, *, pixels: Pixels | None = None, pixel: int | None = None,
        name: str = "pass",
    ):  # fmt: skip
        super().__init__(theme)
        if not len(one.slopes):
            raise StageError("this pass has no loss, so no pixel has a slope")
        self.one, self.source, self.heat, self.pixels, self.room = one, name, heat, pixels, room
        rows, columns = heat.values.shape
        if rows * columns != len(one.slopes):
            raise StageError("the map has another shape than the picture")
        free = np.where(one.x + one.nudge <= 1.0, np.abs(one.slopes), -1.0)
        self.pixel = int(np.argmax(free)) if pixel is None else int(pixel)
        if not 0 <= self.pixel < len(one.slopes) or free[self.pixel] < 0:
            raise StageError(f"pixel {self.pixel + 1} cannot become brighter by {one.nudge:g}")
        self.row, self.column = divmod(self.pixel, columns)
        self.rings = VGroup()
        for picture in (heat, pixels):
            if picture is not None:
                side = picture.width / columns
                ring = Rectangle(width=side, height=side).set_stroke(theme.ink, 4).set_fill(opacity=0)
                self.rings.add(ring.move_to(picture.place(self.row, self.column)))
        self._bars()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"One pixel made brighter by {self.told(self.quantity('nudge'))}: its slope promises a change of the loss by "
            f"{self.told(self.forecast)}, the loss really changes by {self.told(self.actual)}."
        )

    def quantity(self, what: str, *at: int) -> Quantity:
        """A number of the pass, entered under this figure's source."""
        return replace(self.one.quantity(what, at), source=self.source)

    @property
    def forecast(self) -> Quantity:
        """Slope times nudge."""
        return self.quantity("forecast", self.pixel)

    @property
    def actual(self) -> Quantity:
        """What the loss did."""
        return self.quantity("actual", self.pixel)

    @property
    def brighter(self) -> Pixels:
        """The picture with that pixel brightened."""
        assert self.pixels is not None
        greys = self.pixels.greys.copy()
        greys[self.row, self.column] += self.one.nudge
        made = Pixels(self.theme, greys, self.pixels.width, rim=None).move_to(self.pixels)
        return made.match_style(self.pixels)

    def _bars(self) -> None:
        theme, room = self.theme, self.room
        pair = (("promised", self.forecast, theme.slope, "slope"), ("real", self.actual, theme.loss, "loss"))
        found = [decimals_for(float(q.value)) for _, q, _, _ in pair]
        self.decimals = None if None in found else max(2, *(d for d in found if d is not None)) + 1
        wide = room.width
        values = [float(q.value) for _, q, _, _ in pair]
        low, high = min(*values, 0.0), max(*values, 0.0)
        self.unit = wide / ((high - low) or 1.0)
        self.zero = room.left - low * self.unit
        self.bars: dict[str, VGroup] = {}
        y = float(room.center[1]) + 0.62
        self.title = Label("change of the loss", theme.muted, 26)
        self.title.set_baseline(room.left, y + 0.98)
        for words, q, colour, role in pair:
            label = Label(words, theme.ink, 28).set_baseline(room.left, y + 0.28)
            number = Number(q, theme.tint(role), 30, "bold", decimals=self.decimals, plus=True)
            number.move_to([room.right - number.width / 2, y + 0.40, 0])
            length = float(q.value) * self.unit
            bar = Rectangle(width=max(abs(length), 0.02), height=HIGH).move_to([self.zero + length / 2, y - 0.12, 0])
            bar.set_fill(mix(colour, theme.slot, 0.25), 0.95).set_stroke(colour, 2)
            bar.length = length
            self.bars[words] = VGroup(label, bar, number)
            y -= 1.28
        self.axis = Line([self.zero, y + 0.78, 0], [self.zero, y + 2.76, 0]).set_stroke(theme.muted, 2)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def mark(self, run_time: float = 0.8) -> AnimationGroup:
        """Which pixel it is, on the map and on the picture."""
        self.keep(self.rings, 9)
        return AnimationGroup(*(Create(ring) for ring in self.rings), run_time=run_time)

    def brighten(self, run_time: float = 1.2) -> Animation:
        """The picture's pixel becomes brighter by the nudge."""
        if self.pixels is None:
            raise StageError("there is no picture whose pixel becomes brighter; give one")
        return Brighten(self, run_time=run_time)

    def _show(self, which: str, run_time: float) -> AnimationGroup:
        label, bar, number = self.bars[which]
        shows: list[Animation] = []
        if self.axis not in self.submobjects:
            shows += [FadeIn(self.keep(self.axis, 3)), FadeIn(self.keep(self.title, 4))]
        self.keep(label, 4), self.keep(bar, 2), self.keep(number, 5)
        grown = GrowBar(bar, self.zero, run_time=run_time)
        return AnimationGroup(*shows, FadeIn(label), grown, FadeIn(number), run_time=run_time)

    def promise(self, run_time: float = 1.0) -> AnimationGroup:
        """Slope times nudge."""
        return self._show("promised", run_time)

    def happen(self, run_time: float = 1.0) -> AnimationGroup:
        """What the loss really did."""
        return self._show("real", run_time)


class Brighten(Animation):
    """A pixel becomes brighter."""

    def __init__(self, check: PixelCheck, **kwargs: Any):
        self.check = check
        assert check.pixels is not None
        self.cell = Rectangle(width=check.pixels.width / check.pixels.greys.shape[1], height=1)
        self.cell.stretch_to_fit_height(check.pixels.height / check.pixels.greys.shape[0])
        self.cell.move_to(check.pixels.place(check.row, check.column)).set_stroke(width=0)
        low, high = check.theme.slot if check.theme.dark else "#FFFFFF", check.theme.ink
        before = float(check.pixels.greys[check.row, check.column])
        tone = mix(low, high, 0.9)
        self.tones = [mix(low, tone, before + check.one.nudge * k / 10) for k in range(11)]
        self.cell.set_fill(self.tones[0], 1)
        check.keep(self.cell, 7)
        kwargs.setdefault("rate_func", smooth)
        super().__init__(self.cell, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.mobject.set_fill(self.tones[round(10 * share)], 1)


class GrowBar(Animation):
    """A bar grows from zero."""

    def __init__(self, bar: VMobject, zero: float, **kwargs: Any):
        self.zero, self.goal = zero, bar.copy()
        kwargs.setdefault("rate_func", smooth)
        super().__init__(bar, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = max(self.rate_func(min(max(alpha, 0.0), 1.0)), 1e-3)
        points = self.goal.points.copy()
        points[:, 0] = self.zero + (points[:, 0] - self.zero) * share
        self.mobject.points = points


def agrees(one: float, other: float, within: float = 0.25) -> bool:
    """Whether a promise was kept, to a share of what happened."""
    return math.isclose(one, other, rel_tol=within)


__all__ = ["PixelCheck", "agrees"]
