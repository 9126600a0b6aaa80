"""A point of the plot blinks in step with the boxes of its graph: it is the same point, the same stick.

Reads a trace of a curve at one point of a fit. Invariants: while box by box is computed the dot stands at the box's value over
the point's place; with the curve's own value it is on the curve, and the miss is the stick from there to the point.
"""

from __future__ import annotations

import numpy as np
from manim import Animation, AnimationGroup, Circle, Create, DashedLine, Dot, FadeIn, FadeOut, Line, Succession, VMobject
from manim.utils.rate_functions import smooth, there_and_back

from chainreel.engine import Step, Trace

from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.parts import round_caps
from ..stage.theme import Theme
from ..stage.wire import polygon
from .curve_fit import CurveFit
from .figure import Figure


class CurveEcho(Figure):
    """Point `row` of a CurveFit and the trace of its squared miss; `curve` and `miss` are the names of these steps.

    Verbs: `begin` (the place of the point), `echo(step)` (to be played beside the graph's own verb). Raises StageError where
    the trace is not that of this point with the figure's knobs.
    """

    def __init__(self, theme: Theme, fit: CurveFit, trace: Trace, row: int, *, curve: str = "y", miss: str = "gap"):
        super().__init__(theme)
        self.fit, self.trace, self.row = fit, trace, row
        named = {s.name: s for s in trace.steps}
        if curve not in named or miss not in named:
            raise StageError(f"the trace has no steps {curve} and {miss}")
        self.steps = {"curve": named[curve], "miss": named[miss]}
        self.x, target = float(fit.fit.x[row]), float(fit.fit.y[row])
        on = float(fit.fit.curve(np.array([self.x]), fit.knobs)[0])
        if not (np.isclose(on, float(named[curve].value)) and np.isclose(on - target, float(named[miss].value))):
            raise StageError(f"the trace is not that of point {row} and of the knobs of the curve")
        low, high = fit.view.box[2], fit.view.box[3]
        at, foot = fit.view.place(self.x, target), fit.view.place(self.x, min(max(0.0, fit.view.y[0]), fit.view.y[1]))
        self.plumb = DashedLine([foot[0], low, 0], [foot[0], high, 0], dash_length=0.09).set_stroke(theme.data, 2, 0.7)
        self.halo = Circle(0.21).set_stroke(theme.data, 3).set_fill(opacity=0).move_to(at)
        self.dot = Dot(radius=0.11, color=theme.value).set_stroke(theme.ink, 2).move_to(foot)
        self.stick = round_caps(Line(at, self.place(on)).set_stroke(theme.loss, 6))
        self.square = VMobject().set_fill(theme.loss, 0.34 if theme.dark else 0.14).set_stroke(theme.loss, 2.2)
        corners = fit.corners(row, fit.fit.misses(fit.knobs))
        self.square.points = np.zeros((0, 3)) if corners is None else polygon(corners)
        self.value = 0.0

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "On the plot a dot stands where each box's value is, over the place of one point, until it is on the curve."

    def place(self, value: float) -> np.ndarray:
        """The place of a value over the point, within the plot."""
        at = self.fit.view.place(self.x, value)
        return np.array([at[0], np.clip(at[1], self.fit.view.box[2], self.fit.view.box[3]), 0.0])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def begin(self, run_time: float = 0.8) -> AnimationGroup:
        """The point that is meant, and a line through its place."""
        self.keep(self.plumb, 2), self.keep(self.halo, 9)
        return AnimationGroup(Create(self.plumb), FadeIn(self.halo, scale=1.6), run_time=run_time)

    def echo(self, step: Step, run_time: float = 1.0) -> Animation:
        """What the step means on the plot, with a blink: the dot moves to its value; the stick; the square."""
        if step.index == self.steps["miss"].index:
            return AnimationGroup(Create(self.keep(self.stick, 7)), self._blink(self.stick.get_center()), run_time=run_time)
        if step.index > self.steps["miss"].index:
            return AnimationGroup(FadeIn(self.keep(self.square, 5), scale=0.6), self._blink(self.square.get_center()),
                                  run_time=run_time)  # fmt: skip
        goal = self.place(float(step.value))
        fresh = self.dot not in self.submobjects
        start = self.dot.get_center() if fresh else self.place(self.value)
        self.value = float(step.value)
        self.keep(self.dot, 8)
        move = Glide(self.dot, np.asarray(start), goal, run_time)
        show: list[Animation] = [FadeIn(self.dot, scale=0.5, run_time=0.2)] if fresh else []
        return AnimationGroup(*show, move, self._blink(goal, run_time), run_time=run_time)

    def _blink(self, at: np.ndarray, run_time: float = 1.0) -> Animation:
        flare = Glow(self.theme.ink, 1.1, 1.1, 0.5 * self.theme.glow).move_to(at)
        return Succession(FadeIn(flare, run_time=0.5 * run_time), FadeOut(flare, run_time=0.5 * run_time))


class Glide(Animation):
    """The dot moves straight to another place and swells on the way."""

    def __init__(self, dot: Dot, start: np.ndarray, end: np.ndarray, run_time: float):
        self.ends, self.size = (start, end), float(dot.width)
        super().__init__(dot, run_time=run_time)

    def interpolate_mobject(self, alpha: float) -> None:
        alpha = min(max(alpha, 0.0), 1.0)
        start, end = self.ends
        self.mobject.set(width=self.size * (1 + 0.35 * there_and_back(alpha)))
        self.mobject.move_to(start + (end - start) * smooth(alpha))


__all__ = ["CurveEcho"]
