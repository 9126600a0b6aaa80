"""A picture inside a shape: StageCamera fills a mobject that has a `picture` with it, at the pixels of the frame.

It is painted when it is first drawn, at the size in which it is drawn, so it is sharp at 480 and at 2160 lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cairo
import numpy as np
from manim import Animation, VMobject
from manim.utils.rate_functions import smooth

Paint = Callable[[int, int], np.ndarray]  # (width, height) in pixels -> RGB bytes of shape (height, width, 3)
SOFT = 0.7  # width of the rim while a picture spreads, in frame units


class Picture:
    """What fills a shape. `seen` is (x, y, radius) in frame units while it spreads from a point, else None."""

    def __init__(self, paint: Paint):
        self.paint = paint
        self.seen: tuple[float, float, float] | None = None
        self._kept: tuple[tuple[int, int], np.ndarray] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Picture:
        twin = Picture(self.paint)
        twin.seen, twin._kept = self.seen, self._kept
        return twin

    def pattern(self, shape: VMobject, opacity: float, pixels_per_unit: float) -> cairo.SurfacePattern:
        """The fill of a shape, in the units of the frame."""
        (left, low, _), (right, high, _) = shape.points.min(axis=0), shape.points.max(axis=0)
        size = (max(round((right - left) * pixels_per_unit), 1), max(round((high - low) * pixels_per_unit), 1))
        if self._kept is None or self._kept[0] != size:
            self._kept = (size, np.asarray(self.paint(*size), np.uint8))
        alpha = np.full((size[1], size[0]), opacity)
        if self.seen is not None:
            x, y, radius = self.seen
            px = left + (np.arange(size[0]) + 0.5) / size[0] * (right - left) - x
            py = high - (np.arange(size[1]) + 0.5) / size[1] * (high - low) - y
            t = np.clip((radius - np.hypot(px[None, :], py[:, None])) / SOFT, 0, 1)
            alpha = alpha * t * t * (3 - 2 * t)
        rgba = np.empty((size[1], size[0], 4), np.uint8)
        rgba[..., :3] = np.round(self._kept[1] * alpha[..., None])  # cairo wants colour times opacity
        rgba[..., 3] = np.round(255 * alpha)
        surface = cairo.ImageSurface.create_for_data(rgba.data, cairo.FORMAT_ARGB32, *size)
        pattern = cairo.SurfacePattern(surface)
        pattern.set_filter(cairo.FILTER_BILINEAR)
        sx, sy = size[0] / (right - left), size[1] / (high - low)
        pattern.set_matrix(cairo.Matrix(sx, 0, 0, -sy, -left * sx, high * sy))
        return pattern


class Spread(Animation):
    """A picture spreads from a point until it fills its shape."""

    def __init__(self, shape: VMobject, centre: np.ndarray, run_time: float = 1.6, **kwargs: Any):
        self.centre = centre
        corners = shape.points
        self.reach = float(np.hypot(corners[:, 0] - centre[0], corners[:, 1] - centre[1]).max()) + SOFT
        kwargs.setdefault("rate_func", smooth)
        super().__init__(shape, introducer=True, run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        x, y = float(self.centre[0]), float(self.centre[1])
        self.mobject.picture.seen = None if alpha >= 1 else (x, y, 1.1 + (self.reach - 1.1) * share)
