"""S14 of a network's own knobs: the loss over two of them as a sheet, where we stand on it, and plain steps downhill.

Reads a KnobSlice whose points are the steps. Invariants: every height is the mean loss with the two knobs there; the way is
that of plain descent, and it hops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from manim import Animation, VGroup, linear

from chainreel.engine.learning import KnobSlice

from ..stage.theme import Theme
from ..stage.view import Range
from .contour_descent import Row
from .loss_surface import LossSurface


class KnobSheet(LossSurface):
    """The loss of `slice_` (two knobs) over the ranges `see`. Verbs beside LossSurface's: `descend`."""

    mesh_size = (121, 97)

    def __init__(self, slice_: KnobSlice, theme: Theme, name: str, see: Mapping[str, Range], **kwargs: Any):
        self.slice = slice_
        log: Any = slice_  # it has steps and quantities as a descent
        super().__init__(log, theme, {name: log}, dict(see), names=slice_.inputs, **kwargs)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        one, two = self.names
        return f"The loss as a sheet over the dials {one} and {two}: as high as the loss is with the two dials there."

    def _arrivals(self) -> None:
        self.length = max(1, self.runners[0].last)

    def _rows(self) -> list[Row]:
        return []

    def corners(self) -> np.ndarray:
        """The corners of the ground on the frame, as the eye sees it now, shape (4, 3)."""
        left, right, low, high = self.view.box
        ground = np.array([[left, low, 0.0], [right, low, 0.0], [right, high, 0.0], [left, high, 0.0]])
        return np.column_stack([self.space.project(ground), np.zeros(4)])

    def descend(self, follow: Callable[[dict[str, float], float], None] | None = None, run_time: float = 3.0) -> Animation:
        """Step by step down the sheet; `follow(point, loss)` is told where it is."""
        track = self.keep(self.tracks[0], 5)
        return Descend(self, track, follow, run_time=run_time)


class Descend(Animation):
    """The way downhill, one step a slot."""

    def __init__(self, figure: KnobSheet, track: Any, follow: Any, **kwargs: Any):
        self.figure, self.follow = figure, follow
        super().__init__(VGroup(track), introducer=True, rate_func=linear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        figure = self.figure
        t = min(max(alpha, 0.0), 1.0) * figure.length
        figure.tracks[0].reach(min(t, figure.runners[0].last))
        if self.follow is None:
            return
        steps = figure.slice.steps
        k = min(int(t), len(steps) - 2)
        share = np.clip(t - k, 0.0, 1.0)
        a, b = steps[k], steps[k + 1]
        self.follow({n: a.point[n] + (b.point[n] - a.point[n]) * share for n in a.point}, a.loss + (b.loss - a.loss) * share)


__all__ = ["KnobSheet"]
