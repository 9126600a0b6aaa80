"""S5: a point slides along a curve, and its slope is traced below as a curve of its own.

Reads values and slopes from the engine, place by place. Invariants: the tangent has the slope that stands below it; the lower
curve is the derivative; it crosses zero where the upper one is level.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import Animation, AnimationGroup, Circle, Create, DashedLine, Dot, FadeIn, Line, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine import EngineError, Function

from ..stage.area import Area
from ..stage.axes import Axes, roomy_view
from ..stage.curve import Curve
from ..stage.errors import StageError
from ..stage.parts import round_caps
from ..stage.plate import Plate
from ..stage.theme import Theme, mix
from ..stage.type import Label
from ..stage.view import Range, span_of
from .figure import Figure
from .symbols import name_formula

SAMPLES = 161
ARM = 1.0  # half the length of the tangent, frame units


class SlopeTrace(Figure):
    """`function` over its input `name`, all others held at `fixed`: the curve above, its slope below, in one `area`.

    Verbs: `appear`, `stand`, `slide(x)`, `level`. Raises StageError where there is no finite value and slope to show.
    """

    def __init__(
        self, theme: Theme, function: Function, name: str, see: Range, area: Area, fixed: Mapping[str, float] | None = None,
        role: str = "loss",
    ):  # fmt: skip
        super().__init__(theme)
        self.function, self.name, self.fixed = function, name, dict(fixed or {})
        upper, lower = area.rows(1.15, 1.0, gap=0.45)
        self.xs = np.linspace(*see, SAMPLES)
        values, slopes = (np.array(column) for column in zip(*map(self.at, self.xs), strict=True))
        if not (np.isfinite(values) & np.isfinite(slopes)).any():
            raise StageError(f"the function has no finite slope for {name} from {see[0]:g} to {see[1]:g}")
        boxes = [(room.left + 0.7, room.right - 0.5, room.bottom + 0.5, room.top) for room in (upper, lower)]
        spans = [_padded(span_of(v, keep)) for v, keep in ((values, ()), (slopes, (0.0,)))]
        views = [roomy_view(see, span, box, exact_x=True) for span, box in zip(spans, boxes, strict=True)]
        self.view, self.below = views
        self.curve = Curve(theme, self.xs, values, self.view, role)
        self.trace = Curve(theme, self.xs, slopes, self.below, "slope")
        self.axes = VGroup(Axes(theme, self.view), Axes(theme, self.below, name_formula(name, theme, "knob", 38)))
        y = float(self.below.place(see[0], 0.0)[1])
        self.zero = Line([self.below.box[0], y, 0], [self.below.box[1], y, 0]).set_stroke(mix(theme.rim, theme.muted, 0.5), 2)
        self.word = Plate(theme, Label("slope", theme.tint("slope"), 24, "semibold"))
        self.word.move_to([self.below.box[0] + 0.3 + self.word.width / 2, self.below.box[3] + 0.26, 0])
        self.dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.shadow = Dot(radius=0.09, color=theme.slope).set_stroke(theme.ground, 2)
        self.tangent = round_caps(Line([-1, 0, 0], [1, 0, 0]).set_stroke(theme.slope, 5))
        self.plumb = DashedLine([0, 0, 0], [0, 1, 0], dash_length=0.08).set_stroke(theme.muted, 1.6)
        self.x = float(see[0])
        self.put(self.x)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A point slides along a curve over {self.name}; its slope is drawn below as a curve of its own."

    def at(self, x: float) -> tuple[float, float]:
        """Value and slope at a place; nan where there is none."""
        try:
            value, gradient = self.function.value_and_gradient({**self.fixed, self.name: float(x)})
        except EngineError:
            return float("nan"), float("nan")
        return float(value), float(gradient[self.name])

    def put(self, x: float) -> None:
        """The point at a place; the trace reaches as far."""
        value, slope = self.at(x)
        self.x = x
        self.trace.limit(float(self.xs[0]), max(x, float(self.xs[0]) + 1e-9 * float(np.ptp(self.xs))))
        if not (np.isfinite(value) and np.isfinite(slope)):
            return
        at, low = self.view.place(x, value), self.below.place(x, slope)
        sx, sy = self.view.scale
        way = np.array([sx, slope * sy, 0.0])
        way *= ARM / float(np.hypot(*way[:2]))
        self.tangent.put_start_and_end_on(at - way, at + way)
        self.dot.move_to(at), self.shadow.move_to(low)
        fresh = DashedLine([at[0], at[1] - 0.14, 0], [at[0], min(low[1] + 0.12, at[1] - 0.2), 0], dash_length=0.08)
        self.plumb.become(fresh.match_style(self.plumb))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4) -> AnimationGroup:
        """Both rulers and the upper curve."""
        self.keep(self.axes, 0), self.keep(self.zero, 0), self.keep(self.word, 4), self.keep(self.curve, 2)
        below = [FadeIn(part) for part in (self.axes, self.zero, self.word)]
        return AnimationGroup(*below, *(Create(layer, run_time=run_time) for layer in self.curve))

    def stand(self, run_time: float = 0.8) -> AnimationGroup:
        """The point at the left end, its tangent, and its slope below."""
        for part, z in ((self.plumb, 1), (self.trace, 3), (self.tangent, 5), (self.shadow, 7), (self.dot, 8)):
            self.keep(part, z)
        shown = [self.plumb, self.tangent, self.shadow, self.dot]
        return AnimationGroup(*(FadeIn(part) for part in shown), run_time=run_time)

    def slide(self, x: float, run_time: float = 4.0) -> Animation:
        """The point slides to x, and the slope is traced."""
        return Slide(self, x, run_time)

    def levels(self) -> list[float]:
        """Where the slope changes its sign: the places where the curve is level."""
        s = self.trace.y
        with np.errstate(invalid="ignore"):
            turns = np.flatnonzero((s[:-1] * s[1:] <= 0) & (s[:-1] != s[1:]))
        return [float(self.xs[k] - s[k] * (self.xs[k + 1] - self.xs[k]) / (s[k + 1] - s[k])) for k in turns]

    def level(self, run_time: float = 0.9) -> AnimationGroup:
        """A ring on the curve where it is level, and one below where its slope is zero. Raises StageError where it never is."""
        places = self.levels()
        if not places:
            raise StageError("the slope is zero nowhere on this stretch")
        rings = VGroup()
        for x in places:
            for at in (self.view.place(x, self.at(x)[0]), self.below.place(x, 0.0)):
                rings.add(Circle(0.17).move_to(at).set_stroke(self.theme.data, 3).set_fill(opacity=0))
        return AnimationGroup(*(Create(r) for r in self.keep(rings, 9)), run_time=run_time)


class Slide(Animation):
    """The point moves along the curve."""

    def __init__(self, figure: SlopeTrace, x: float, run_time: float):
        self.figure, self.start, self.end = figure, figure.x, float(x)
        moving = VGroup(figure.trace, figure.plumb, figure.tangent, figure.shadow, figure.dot)
        super().__init__(moving, run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        self.start = self.figure.x
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.put(self.end if share >= 1 else self.start + (self.end - self.start) * share)


def _padded(span: Range) -> Range:
    pad = 0.08 * (span[1] - span[0])
    return span[0] - pad, span[1] + pad


__all__ = ["SlopeTrace"]
