"""S6: while an input slides, the product of the rates of its chain is traced as a curve – on the curve of the direct slope.

Reads a trace of the chain at every place, and the slope of the same function written in one piece. Invariants: the traced
point is the product of the engine's local rates; the curve under it is the engine's slope of the direct form.
"""

from __future__ import annotations

import math

import numpy as np
from manim import Animation, AnimationGroup, Create, DashedVMobject, Dot, FadeIn, FadeOut, Succession, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine import EngineError, Function
from chainreel.engine.paths import Paths

from ..stage.area import Area
from ..stage.axes import Axes, roomy_view
from ..stage.curve import Curve
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.theme import Theme
from ..stage.view import Range, span_of
from .figure import Figure
from .symbols import name_formula

SAMPLES = 121
SAME = 1e-9  # what two ways of computing one slope may differ by, relative


class ProductTrace(Figure):
    """The product of the rates of `chain` from its one input to its output, over the slope of `direct`, in `area`.

    Verbs: `appear`, `stand(x)`, `slide(x)`, `match`. Raises StageError where the two are not one function, where the chain has
    several routes, and where there is no finite slope.
    """

    def __init__(self, theme: Theme, chain: Function, direct: Function, see: Range, area: Area):
        super().__init__(theme)
        if len(chain.inputs) != 1 or chain.inputs != direct.inputs:
            raise StageError("the chain and its direct form have one input, the same")
        self.chain, self.direct, self.input = chain, direct, chain.inputs[0]
        self.xs = np.linspace(*see, SAMPLES)
        products = np.array([self.product(x) for x in self.xs])
        slopes = np.array([self.slope(x) for x in self.xs])
        good = np.isfinite(products) & np.isfinite(slopes)
        if not good.any():
            raise StageError(f"there is no finite slope for {self.input} from {see[0]:g} to {see[1]:g}")
        apart = np.abs(products - slopes)[good]
        if apart.max() > SAME * (1 + np.abs(slopes[good]).max()):
            raise StageError(f"{direct.title} is not the same function as the chain")
        room = (area.left + 0.75, area.right - 0.55, area.bottom + 0.5, area.top - 0.3)
        low, high = span_of(slopes[good], (0.0,))
        pad = 0.06 * (high - low)
        self.view = roomy_view(see, (low - pad, high + pad), room, exact_x=True)
        self.axes = Axes(theme, self.view, name_formula(self.input, theme, "knob", 40))
        ghost = Curve(theme, self.xs, slopes, self.view, "slope", 3.0, 0.0).line
        self.under = DashedVMobject(ghost.copy(), num_dashes=46, dashed_ratio=0.5).set_stroke(theme.muted, 2.6)
        self.curve = Curve(theme, self.xs, products, self.view, "slope", 5.0)
        self.dot = Dot(radius=0.11, color=theme.ink).set_stroke(theme.ground, 2)
        self.x = float(see[0])
        self.been = (self.x, self.x)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"While {self.input} slides, the product of the rates is traced; it runs on the curve of the direct slope."

    def product(self, x: float) -> float:
        """The rates along the chain at x, multiplied; nan where there are none."""
        try:
            paths = Paths(self.chain, self.input, {self.input: float(x)})
        except EngineError:
            return float("nan")
        if paths.count != 1:
            raise StageError(f"{paths.count} routes lead to the output; a product belongs to one")
        return paths[0].product

    def slope(self, x: float) -> float:
        """The slope of the direct form at x; nan where there is none."""
        try:
            return float(self.direct.value_and_gradient({self.input: float(x)})[1][self.input])
        except EngineError:
            return float("nan")

    def put(self, x: float) -> ProductTrace:
        """The dot at x; the trace lies wherever it has been."""
        self.x = x
        first, last = self.been = (min(self.been[0], x), max(self.been[1], x))
        self.curve.limit(first, max(last, first + 1e-9 * float(np.ptp(self.xs))))
        y = self.product(x)
        if math.isfinite(y):
            self.dot.move_to(self.view.place(x, y))
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.0) -> AnimationGroup:
        """The rulers."""
        return AnimationGroup(FadeIn(self.keep(self.axes, 0)), run_time=run_time)

    def stand(self, x: float, run_time: float = 0.7) -> AnimationGroup:
        """The dot, at the product of the rates at x."""
        self.been = (float(x), float(x))
        self.put(float(x))
        self.keep(self.curve, 3), self.keep(self.dot, 6)
        return AnimationGroup(FadeIn(self.dot, scale=0.5), run_time=run_time)

    def slide(self, x: float, run_time: float = 4.0) -> Animation:
        """The dot runs to x, and the product is traced."""
        return Slide(self, x, run_time)

    def match(self, run_time: float = 1.6) -> AnimationGroup:
        """The slope of the direct form, computed for itself, lies under the trace."""
        flare = Glow(self.theme.slope, 0.9, 0.9, 0.4 * self.theme.glow).move_to(self.dot.get_center())
        blink = Succession(FadeIn(flare, run_time=0.5 * run_time), FadeOut(flare, run_time=0.5 * run_time))
        return AnimationGroup(Create(self.keep(self.under, 4)), blink, run_time=run_time)


class Slide(Animation):
    """The dot runs along."""

    def __init__(self, figure: ProductTrace, x: float, run_time: float):
        self.figure, self.goal = figure, float(x)
        super().__init__(VGroup(figure.curve, figure.dot), run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        self.from_x = self.figure.x
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.put(self.goal if share >= 1 else self.from_x + (self.goal - self.from_x) * share)


__all__ = ["ProductTrace"]
