"""S17: the weights of one unit as bars that grow up and down while it trains; in the end each is so many times the smallest.

Reads the log of a Training. Invariants: a bar is as high as its weight, on one scale for all moments; blocks are counted only
where the weights are whole multiples of the smallest, to a few percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, DashedLine, FadeIn, LaggedStart, Line, VGroup, VMobject
from manim.utils.rate_functions import linear

from chainreel.engine import Quantity
from chainreel.engine.learning import Training

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.theme import Theme, mix
from ..stage.wire import polygon
from .figure import Figure

MOST = 16
WHOLE = 0.06  # by so much of itself a weight may miss a whole multiple
TALLEST = 12  # blocks


class WeightBars(Figure):
    """The weights W[:, unit] of layer `layer` of `training` at the steps `moments`, in `area`.

    Verbs: `appear` (the line and the bars of the first moment), `run` (through all moments), `mirror` (the axis between the two
    halves), `blocks` (each bar in blocks as high as the smallest), `tell` (the numbers).
    """

    def __init__(
        self, theme: Theme, training: Training, area: Area, moments: Sequence[int], layer: int = 0, unit: int = 0,
        source: str = "training",
    ):  # fmt: skip
        super().__init__(theme)
        self.training, self.area, self.layer, self.unit, self.source = training, area, layer, unit, source
        self.moments = [int(m) for m in moments]
        rows = [np.asarray(training.params_at(m)[layer]["W"], float)[:, unit] for m in self.moments]
        self.weights = np.array(rows)
        n = self.weights.shape[1]
        if n > MOST:
            raise StageError(f"{n} weights are too many for bars; {MOST} are the most")
        self.top = float(np.abs(self.weights).max()) or 1.0
        self.pitch = area.width / n
        self.half = area.height / 2 - 0.35  # room for numbers at the ends
        self.y = float(area.center[1])
        self.x = [area.left + (k + 0.5) * self.pitch for k in range(n)]
        self.base = Line([area.left, self.y, 0], [area.right, self.y, 0]).set_stroke(mix(theme.rim, theme.muted, 0.5), 2)
        self.bars = VGroup(*(VMobject().set_fill(theme.knob, 0.85).set_stroke(theme.knob, 1.5) for _ in range(n)))
        self.cuts = VGroup()
        self.numbers: list[Number] = []
        self.show(0.0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        last = self.listed(self.told(float(w)) for w in self.weights[-1])
        return f"{self.counted(len(self.bars), 'weight')} of one unit as bars; at the end they are {last}."

    def at(self, m: float) -> np.ndarray:
        """The weights between two moments, in proportion, shape (n,)."""
        low = min(int(m), len(self.moments) - 1)
        high = min(low + 1, len(self.moments) - 1)
        return np.asarray(self.weights[low] + (self.weights[high] - self.weights[low]) * (m - low))

    def height(self, weight: float) -> float:
        """A weight in frame units, signed."""
        return weight / self.top * self.half

    def show(self, m: float) -> WeightBars:
        """The bars of a moment."""
        wide = min(0.62 * self.pitch, 0.8)
        for bar, x, w in zip(self.bars, self.x, self.at(m), strict=True):
            tall = self.height(float(w))
            tall = tall if abs(tall) > 0.012 else 0.012
            left, right, end = x - wide / 2, x + wide / 2, self.y + tall
            bar.points = polygon(np.array([[left, self.y], [left, end], [right, end], [right, self.y]]))
        return self

    def ratios(self) -> np.ndarray:
        """How many times the smallest weight each one is at the last moment, without sign, shape (n,)."""
        sizes = np.abs(self.weights[-1])
        return np.asarray(sizes / sizes.min())

    def quantity(self, k: int) -> Quantity:
        """Weight k at the last moment, under the source of the training."""
        step = self.moments[-1]
        return replace(self.training.quantity(f"point/{self.layer}/W", step, (k, self.unit)), source=self.source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.9) -> AnimationGroup:
        """The line and the bars of the first moment."""
        self.keep(self.base, 2), self.keep(self.bars, 3)
        return AnimationGroup(FadeIn(self.base), FadeIn(self.bars), run_time=run_time)

    def run(self, run_time: float = 5.0) -> Run:
        """Through all moments."""
        return Run(self, run_time)

    def mirror(self, run_time: float = 0.8) -> FadeIn:
        """The axis between the two halves."""
        x = float(self.area.center[0])
        axis = DashedLine([x, self.area.bottom, 0], [x, self.area.top, 0], dash_length=0.1).set_stroke(self.theme.muted, 2)
        return FadeIn(self.keep(axis, 1), run_time=run_time)

    def blocks(self, run_time: float = 1.6) -> LaggedStart:
        """Each bar is cut into blocks as high as the smallest. Raises StageError where that does not come out."""
        ratios = self.ratios()
        whole = np.rint(ratios)
        if (np.abs(ratios / whole - 1) > WHOLE).any() or whole.max() > TALLEST:
            raise StageError("the weights are no whole multiples of the smallest, so blocks would not come out")
        wide, theme = min(0.62 * self.pitch, 0.8), self.theme
        self.cuts = VGroup()
        for x, w, count in zip(self.x, self.weights[-1], whole, strict=True):
            for step in range(1, int(count)):
                y = self.y + self.height(float(w)) * step / count
                cut = Line([x - wide / 2, y, 0], [x + wide / 2, y, 0]).set_stroke(theme.ground, 5)
                self.cuts.add(cut)
        return LaggedStart(*(FadeIn(cut) for cut in self.keep(self.cuts, 4)), lag_ratio=0.15, run_time=run_time)

    def tell(self, decimals: int = 1, run_time: float = 0.8) -> AnimationGroup:
        """The numbers, beyond the ends of the bars."""
        shows: list[Animation] = []
        for k, x in enumerate(self.x):
            number = Number(self.quantity(k), self.theme.tint("knob"), 26, decimals=decimals, plus=True)
            end = self.y + self.height(float(self.weights[-1][k]))
            number.move_to([x, end + (0.24 if self.weights[-1][k] > 0 else -0.24), 0])
            self.numbers.append(self.keep(number, 5))
            shows.append(FadeIn(number))
        return AnimationGroup(*shows, run_time=run_time)


class Run(Animation):
    """Bars grow through the moments of a training."""

    def __init__(self, figure: WeightBars, run_time: float):
        self.figure = figure
        super().__init__(figure.bars, run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        last = len(self.figure.moments) - 1
        self.figure.show(float(last) if alpha >= 1 else max(alpha, 0.0) * last)


__all__ = ["WeightBars"]
