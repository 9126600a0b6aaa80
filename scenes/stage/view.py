"""A view: which rectangle of numbers is seen in which rectangle of the frame, its ruler on the lines of the graph paper."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .ticks import round_steps, tick_values

CELL = 0.5  # the squares of the graph paper
Range = tuple[float, float]
Box = tuple[float, float, float, float]  # left, right, bottom, top


@dataclass(frozen=True)
class View:
    """Numbers x, y are seen at frame positions inside `box`; `steps` are the distances of the ticks.

    >>> View((0.0, 4.0), (0.0, 1.0), (-4.0, 4.0, -1.0, 1.0)).place(1.0, 1.0)
    array([-2.,  1.,  0.])
    """

    x: Range
    y: Range
    box: Box
    steps: tuple[float, float] = (1.0, 1.0)

    @property
    def scale(self) -> tuple[float, float]:
        """Frame units for one unit of x and of y."""
        left, right, bottom, top = self.box
        return (right - left) / (self.x[1] - self.x[0]), (top - bottom) / (self.y[1] - self.y[0])

    def place(self, x: float, y: float) -> np.ndarray:
        """The frame position of one point, shape (3,)."""
        return np.array([*self.map(np.asarray(x, float), np.asarray(y, float)), 0.0])

    def map(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frame positions of many points."""
        sx, sy = self.scale
        return self.box[0] + (x - self.x[0]) * sx, self.box[2] + (y - self.y[0]) * sy

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Whether a point is seen; `slack` is a share of the view beyond its rim."""
        return all(
            bool(lo - slack * (hi - lo) <= v <= hi + slack * (hi - lo))
            for v, (lo, hi) in ((x, self.x), (y, self.y))
        )

    def ticks(self) -> tuple[list[float], list[float]]:
        """The round values at the rim, in x and in y."""
        return tick_values(*self.x, self.steps[0]), tick_values(*self.y, self.steps[1])

    def sparse_ticks(self, most: int) -> View:
        """The same view with at most that many numbers along each side."""
        steps = []
        for span, step in zip((self.x, self.y), self.steps, strict=True):
            for factor in (1, 2, 4, 5, 10, 20, 50, 100):
                if len(tick_values(*span, step * factor)) <= most:
                    break
            steps.append(step * factor)
        return replace(self, steps=(steps[0], steps[1]))

    def looking_at(self, x: Range, y: Range) -> View:
        """The same window of the frame on another rectangle of numbers."""
        return replace(self, x=x, y=y)


def fit(wanted: Range, room: Range, cells: tuple[int, ...], exact: bool = False) -> tuple[Range, Range, float]:
    """A range that shows `wanted` in `room` so that ticks stand on the graph paper: (range, room used, tick step).

    `cells` are the allowed distances of ticks in squares. With `exact` the range stays and the room shrinks.
    """
    low, high = wanted
    width = room[1] - room[0] - (CELL if exact else 0.0)
    best: tuple[float, float] | None = None
    for step in round_steps((high - low) / 6):
        for n in cells:
            scale = n * CELL / step
            if (high - low) * scale <= width * (1 + 1e-9) and (best is None or scale > best[0] * (1 + 1e-9)):
                best = (scale, step)
    if best is None:  # a ruler of one tick; cannot happen for the cells used here
        best = (width / (high - low), high - low)
    scale, step = best
    if exact:
        left = room[0] + (width - (high - low) * scale) / 2
        left = _on_paper(left, low, scale, step)
        return wanted, (left, left + (high - low) * scale), step
    spare = ((room[1] - room[0]) / scale - (high - low)) / 2
    start = low - spare
    start -= (_on_paper(room[0], start, scale, step) - room[0]) / scale
    return (start, start + (room[1] - room[0]) / scale), room, step


def _on_paper(left: float, low: float, scale: float, step: float) -> float:
    """The nearest left end at which the ticks of a range that begins at `low` meet lines of the paper."""
    first = left + (math.ceil(low / step) * step - low) * scale
    return left + round(first / CELL) * CELL - first


def view_of(x: Range, y: Range, box: Box, *, exact_x: bool = False) -> View:
    """The view of two ranges; both may be widened to fill the box, x only if it is not `exact`."""
    left, right, bottom, top = box
    seen_x, room_x, step_x = fit(x, (left, right), (2, 3, 4, 5), exact_x)
    seen_y, room_y, step_y = fit(y, (bottom, top), (2, 3))
    return View(seen_x, seen_y, (*room_x, *room_y), (step_x, step_y))


def span_of(values: np.ndarray, keep: tuple[float, ...] = (), low: float = 0.02, high: float = 0.90) -> Range:
    """A range for values of a curve: all of them when they are tame, else what lies between two quantiles, and `keep`.

    >>> span_of(np.array([0.0, 1.0, np.nan, 2.0]))
    (0.0, 2.0)
    """
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    if not len(finite) and not keep:
        return (-1.0, 1.0)
    a, b = (float(finite.min()), float(finite.max())) if len(finite) else (min(keep), max(keep))
    if len(finite):
        p, q = (float(v) for v in np.quantile(finite, (low, high)))
        middle = max(q - p, 1e-300)
        a = p if p - a > 1.5 * middle else a  # a pole would flatten everything else
        b = q if b - q > 1.5 * middle else b
    a, b = min([a, *keep]), max([b, *keep])
    if b - a <= 1e-9 * max(abs(a), abs(b), 1e-300):
        half = max(abs(a) * 0.5, 0.5)
        return a - half, b + half
    return a, b
