"""S3: the curves behind a curve – the shape that each knob scales, and the many curves that pass through the same points.

Reads a Fit. Invariants: the shapes, each times its knob, add up to the model's curve at every place; a candidate passes through
every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine.candidates import candidates

from ..stage.curve import Curve
from ..stage.errors import StageError
from ..stage.spot import free_spot
from ..stage.theme import Theme
from .curve_fit import CurveFit
from .figure import Figure
from .symbols import name_formula

THIN = 3.4  # stroke of a ghost


class GhostShapes(Figure):
    """The shapes of a model that is linear in its knobs, in the plot of `figure`: what is left with one knob at one.

    Verbs: `appear` (the bare shapes), `scale` (each times its knob), `add_up` (one on the other: the last one is the curve),
    `leave`; `at(knobs)` while dials turn. Raises StageError for other models: their curves are no sum of shapes.
    """

    def __init__(self, theme: Theme, figure: CurveFit):
        super().__init__(theme)
        fit = figure.fit
        if fit.best is None:
            raise StageError(f"{fit.model.title} is not linear in its knobs, so its curve is no sum of shapes")
        self.figure, self.fit, self.names = figure, fit, fit.knobs
        zero = dict.fromkeys(self.names, 0.0)
        self.base = fit.curve(figure.xs, zero)
        self.units = {name: fit.curve(figure.xs, {**zero, name: 1.0}) - self.base for name in self.names}
        self.knobs = dict(figure.knobs)
        self.curves = {name: self._curve(self.units[name]) for name in self.names}
        self.labels = self._labels()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(self.names, 'ghost shape')}, one for each of {self.listed(self.names)}."

    def _curve(self, y: np.ndarray) -> Curve:
        return Curve(self.theme, self.figure.xs, y, self.figure.view, "knob", THIN, 0.0)

    def _labels(self) -> dict[str, VGroup]:
        """The names of the knobs, each beside its shape where that is farthest from the others."""
        view, area = self.figure.view, self.figure.area
        places = {n: np.column_stack(view.map(self.figure.xs, y)) for n, y in self.units.items()}
        busy = [*places.values(), np.column_stack(view.map(self.fit.x, self.fit.y))]
        busy += [t.get_center()[None, :2] for t in self.figure.axes[2]]
        box = (area.left, area.right, area.bottom, area.top)
        made: dict[str, VGroup] = {}
        for name in self.names:
            here = places[name]
            seen = (here[:, 1] > area.bottom + 0.2) & (here[:, 1] < area.top - 0.2)
            apart = [np.abs(here[:, 1] - places[n][:, 1]) for n in self.names if n != name]
            room = np.where(seen, np.min(apart, axis=0) if apart else 1.0, -1.0)
            best = np.argsort(-room, kind="stable")[:1]
            label = name_formula(name, self.theme, "knob", 34)
            spot = free_spot([np.array([*here[k], 0.0]) for k in best], (label.width, label.height), np.concatenate(busy), box)
            made[name] = label.move_to(spot)
            busy.append(spot[None, :2])
        return made

    def shape(self, name: str) -> np.ndarray:
        """A shape times its knob, at the places of the curve."""
        return self.units[name] * self.knobs[name]

    def sums(self) -> list[np.ndarray]:
        """The shapes one on the other: the last of these is the model's curve."""
        return list(self.base + np.cumsum([self.shape(name) for name in self.names], axis=0))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 2.0) -> LaggedStart:
        """The bare shapes, one after the other, with the names of their knobs."""
        shows = []
        for name in self.names:
            curve, label = self.keep(self.curves[name], 3), self.keep(self.labels[name], 5)
            shows.append(AnimationGroup(*(Create(layer) for layer in curve), FadeIn(label)))
        return LaggedStart(*shows, lag_ratio=0.35, run_time=run_time)

    def scale(self, knobs: Mapping[str, float] | None = None, run_time: float = 1.6) -> AnimationGroup:
        """Each shape grows, shrinks or turns over as its knob says; the names at its old end go."""
        self.knobs = {**self.knobs, **(knobs or {})}
        going = [FadeOut(label, run_time=0.4) for label in self.labels.values() if label in self.submobjects]
        self.drop(*self.labels.values())
        return AnimationGroup(self._blend({n: self.shape(n) for n in self.names}, run_time), *going)

    def add_up(self, run_time: float = 0.9) -> list[Animation]:
        """One shape after the other is laid on those before; the last one becomes the curve of the model."""
        moves: list[Animation] = []
        for k, (name, total) in enumerate(zip(self.names, self.sums(), strict=True)):
            going = [FadeOut(self.curves[self.names[k - 1]], run_time=0.6 * run_time)] if k else []
            self.drop(*(g.mobject for g in going))
            moves.append(AnimationGroup(self._blend({name: total}, run_time), *going))
        last = self.curves[self.names[-1]]
        self.drop(last)
        self.figure.at(self.knobs)
        self.figure.keep(self.figure.curve, 4)
        return [*moves, AnimationGroup(FadeIn(self.figure.curve), FadeOut(last), run_time=0.6)]

    def leave(self, run_time: float = 0.6) -> FadeOut:
        """All that is left of them goes."""
        parts = VGroup(*self.submobjects)
        self.drop(*self.submobjects)
        return FadeOut(parts, run_time=run_time)

    def at(self, knobs: Mapping[str, float]) -> None:
        """The shapes for other knobs."""
        self.knobs = dict(knobs)
        for name in self.names:
            put(self.curves[name], self.shape(name))

    def _blend(self, goals: Mapping[str, np.ndarray], run_time: float) -> Blend:
        return Blend([self.curves[n] for n in goals], list(goals.values()), run_time)


class CandidateCurves(Figure):
    """Some of the many curves through the points of a fit. Verbs: `sweep`, `leave`."""

    def __init__(self, theme: Theme, figure: CurveFit, count: int = 6, seed: int = 0):
        super().__init__(theme)
        self.figure, fit = figure, figure.fit
        self.rows = candidates(np.column_stack([fit.x, fit.y]), figure.xs, count, seed)
        self.curve = Curve(theme, figure.xs, self.rows[0], figure.view, "value")
        self.ghosts: list[Curve] = []

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        points = self.counted(len(self.figure.fit), "point")
        return f"{self.counted(len(self.rows), 'curve')}, all of them through the same {points}."

    def sweep(self, run_time: float = 1.0) -> list[Animation]:
        """The first curve is drawn; it bends into the next and the next, and each stays behind as a ghost."""
        self.keep(self.curve, 4)
        moves: list[Animation] = [AnimationGroup(*(Create(layer, run_time=1.2) for layer in self.curve))]
        for k in range(1, len(self.rows)):
            ghost = Curve(self.theme, self.figure.xs, self.rows[k - 1], self.figure.view, "value", 2.2, 0.0)
            ghost.line.set_stroke(opacity=0.45)
            self.ghosts.append(self.keep(ghost, 2))
            moves.append(AnimationGroup(FadeIn(ghost, run_time=0.3), Blend([self.curve], [self.rows[k]], run_time)))
        return moves

    def leave(self, run_time: float = 0.6) -> FadeOut:
        """All of them go."""
        parts = VGroup(*self.submobjects)
        self.drop(*self.submobjects)
        return FadeOut(parts, run_time=run_time)


class Blend(Animation):
    """Curves move to other values over the same places."""

    def __init__(self, curves: Sequence[Curve], goals: Sequence[np.ndarray], run_time: float = 1.0):
        self.pairs = list(zip(curves, goals, strict=True))
        self.starts: list[np.ndarray] = []
        super().__init__(VGroup(*curves), run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        self.starts = [curve.y.copy() for curve, _ in self.pairs]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for (curve, goal), start in zip(self.pairs, self.starts, strict=True):
            put(curve, goal if share >= 1 else start + (goal - start) * share)


def put(curve: Curve, y: np.ndarray) -> Curve:
    """Other values over the same places."""
    curve.y = y
    return curve.look_through(curve.view)


__all__ = ["CandidateCurves", "GhostShapes"]
