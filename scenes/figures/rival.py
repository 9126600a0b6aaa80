"""S3: a rival – another model's curve through the same points, in the view of the first.

Reads a second Fit. Invariants: its points are those of the first fit; its curve is its own model at its own knobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, Create, DashedVMobject, FadeIn, FadeOut, Line, VGroup, VMobject

from chainreel.engine import Quantity
from chainreel.engine.fit import Fit

from ..stage.curve import Curve, clip, corners_to_points
from ..stage.errors import StageError
from ..stage.theme import Theme
from .curve_fit import SAMPLES, CurveFit
from .figure import Figure
from .knob_panel import dimmed

WIDTH = 4.0
DASH = 0.16  # frame units


class Rival(Figure):
    """The curve of `fit` in the plot of `figure`, at its best knobs (where they are known; else at the end of its descent).

    It is drawn solid, and the first one steps back. Verbs: `challenge` (the first dims, the rival is drawn), `sticks` (what it
    misses), `leave` (the first is bright again). Raises StageError for a fit to other points.
    """

    def __init__(
        self, theme: Theme, figure: CurveFit, fit: Fit, knobs: Mapping[str, float] | None = None, source: str = "rival"
    ):
        super().__init__(theme)
        if not (np.array_equal(figure.fit.x, fit.x) and np.array_equal(figure.fit.y, fit.y)):
            raise StageError("a rival is fitted to the same points as the first model; these are others")
        self.figure, self.fit, self.source = figure, fit, source
        self.knobs = dict(knobs or fit.best or fit.point(len(fit.descent.steps) - 1))
        self.xs = np.unique(np.concatenate([np.linspace(*figure.reach, 4 * SAMPLES), fit.x]))
        self.curve = Curve(theme, self.xs, fit.curve(self.xs, self.knobs), figure.view, "value", WIDTH)
        self.sticks_ = VGroup()
        low, high = figure.view.box[2], figure.view.box[3]
        for k, miss in enumerate(fit.misses(self.knobs)):
            x, y = figure.place(k)[:2]
            end = min(max(y + float(miss) * figure.view.scale[1], low), high)
            if abs(end - y) > 1e-3:
                self.sticks_.add(Line([x, y, 0], [x, end, 0]).set_stroke(theme.loss, 5))
        self.before = self._ghost()

    def _ghost(self) -> VMobject:
        """The first curve as dashes, for as long as the rival stands."""
        first = self.figure.curve
        px, py = first.view.map(first.x, first.y)
        line = VMobject().set_stroke(self.theme.value, 3, 0.55).set_fill(opacity=0)
        line.points = corners_to_points(clip(px, py, first.view.box))
        dashes = max(int(line.get_arc_length() / DASH / 2), 8) if len(line.points) else 8
        return DashedVMobject(line, num_dashes=dashes, dashed_ratio=0.55)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A second curve, of a model with {self.counted(self.fit.knobs, 'knob')}, through the same "
            f"{self.counted(len(self.fit), 'point')}."
        )

    def quantity(self, what: str) -> Quantity:
        """A number of the rival's fit, such as "best" or "knobs", under its own source."""
        return replace(self.fit.quantity(what), source=self.source)

    def beyond(self) -> float:
        """How far the curve leaves the range of the points: the largest overshoot over their height."""
        y = self.curve.y[(self.xs >= self.fit.x.min()) & (self.xs <= self.fit.x.max())]
        low, high = float(self.fit.y.min()), float(self.fit.y.max())
        return max(float(np.nanmax(y)) - high, low - float(np.nanmin(y)), 0.0) / ((high - low) or 1.0)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def challenge(self, run_time: float = 1.8) -> list[Animation]:
        """The first curve becomes dashes, then the rival is drawn through the same points."""
        self.keep(self.before, 3)
        self.keep(self.curve, 4)
        back = AnimationGroup(dimmed(self.figure.curve, True), FadeIn(self.before), run_time=0.5)
        self.figure.drop(self.figure.curve)
        away = FadeOut(self.figure.curve, run_time=0.3)
        return [back, AnimationGroup(away, *(Create(layer, run_time=run_time) for layer in self.curve))]

    def sticks(self, run_time: float = 0.8) -> AnimationGroup | None:
        """What it misses; None where it misses nothing."""
        if not len(self.sticks_):
            return None
        return AnimationGroup(*(Create(s) for s in self.keep(self.sticks_, 3)), run_time=run_time)

    def leave(self, run_time: float = 0.7) -> AnimationGroup:
        """It goes, and the first curve is there again."""
        parts = VGroup(*self.submobjects)
        self.drop(*self.submobjects)
        self.figure.keep(self.figure.curve, 4)
        for layer in self.figure.curve.get_family():
            full = getattr(layer, "full_look", None)
            if full is not None:
                layer.set_stroke(opacity=full[1], family=False)
        return AnimationGroup(FadeOut(parts), FadeIn(self.figure.curve), run_time=run_time)


__all__ = ["Rival"]
