"""A hop: one step of plain descent. It leaves one point and lands on another; it never rolls along the curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Line, Mobject, VMobject
from manim.utils.rate_functions import smooth

from .theme import Theme


def arc(start: np.ndarray, end: np.ndarray, lift: float | None = None) -> np.ndarray:
    """Points of one cubic from start to end, lifted in the middle; shape (4, 3)."""
    if lift is None:
        lift = min(0.24 + 0.22 * float(np.hypot(*(end - start)[:2])), 0.9)
    up = np.array([0, lift * 4 / 3, 0])
    third = (end - start) / 3
    return np.array([start, start + third * 0.55 + up, end - third * 0.55 + up, end])


class HopArc(VMobject):
    """The line of a hop."""

    def __init__(self, colour: str, start: np.ndarray, end: np.ndarray, width: float = 2.6, **kwargs: Any):
        super().__init__(**kwargs)
        self.whole = arc(np.asarray(start, float), np.asarray(end, float))
        self.set_points(self.whole)
        self.set_stroke(colour, width, 0.95).set_fill(opacity=0)

    def at(self, share: float) -> np.ndarray:
        """The point a share along."""
        p, t = self.whole, min(max(share, 0.0), 1.0)
        point: np.ndarray = (
            (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]
        )
        return point


class Hop(Animation):
    """A dot hops along an arc, which is drawn behind it."""

    def __init__(self, dot: Mobject, line: HopArc, run_time: float = 0.7, **kwargs: Any):
        self.dot, self.line = dot, line
        kwargs.setdefault("rate_func", smooth)
        super().__init__(line, introducer=True, run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.line.points = _until(self.line.whole, share)
        self.dot.move_to(self.line.at(share))


def _until(p: np.ndarray, t: float) -> np.ndarray:
    """The first part of a cubic (de Casteljau)."""
    a, b, c = p[0] + (p[1] - p[0]) * t, p[1] + (p[2] - p[1]) * t, p[2] + (p[3] - p[2]) * t
    d, e = a + (b - a) * t, b + (c - b) * t
    return np.array([p[0], a, d, d + (e - d) * t])


def landing_tick(theme: Theme, x: float, y: float) -> Line:
    """Where a hop came down, on the axis."""
    return Line([x, y - 0.10, 0], [x, y + 0.10, 0]).set_stroke(theme.knob, 3.5)
