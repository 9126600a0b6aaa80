"""A line search for the strong Wolfe conditions: bracket a good length, then close in on it by cubics.

After Nocedal & Wright 2006, algorithms 3.5 and 3.6, with the safeguards of M. Schmidt's minFunc (2005), which
``torch.optim.LBFGS`` uses too: a length is enough when the loss falls by ``c1`` of what the slope promises, and the slope
along the line has shrunk to ``c2`` of what it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Look(NamedTuple):
    """What is known at a length t along the line."""

    t: float
    loss: float
    gradient: Any
    slope: float  # along the line


def strong_wolfe(
    along: Callable[[float], tuple[float, np.ndarray]], direction: np.ndarray, length: float, loss: float,
    gradient: np.ndarray, *, c1: float = 1e-4, c2: float = 0.9, longest: int = 25, tolerance: float = 1e-9,
) -> tuple[float, float, np.ndarray, int]:  # fmt: skip
    """A length with its loss and gradient, and how often ``along(t) -> (loss, gradient)`` was asked.

    ``length`` is tried first. At most ``longest`` lengths are tried after it; then the best one so far is taken.

    >>> parabola = lambda t: ((t - 3.0) ** 2, np.array([2.0 * (t - 3.0)]))
    >>> length, loss, gradient, looks = strong_wolfe(parabola, np.array([1.0]), 1.0, 9.0, np.array([-6.0]))
    >>> length, looks
    (1.0, 1)
    """
    start = Look(0.0, loss, gradient, float(gradient @ direction))

    def look(t: float) -> Look:
        there, slope = along(t)
        return Look(t, there, slope, float(slope @ direction))

    def too_high(now: Look) -> bool:
        # written so that a loss that is no number (beyond the edge of where there is one) counts as too high
        return not now.loss <= start.loss + c1 * now.t * start.slope

    before, now, tried = start, look(length), 0
    ends: list[Look] | None = None
    while tried < longest:
        if too_high(now) or (tried > 1 and now.loss >= before.loss):
            ends = [before, now]
            break
        if abs(now.slope) <= -c2 * start.slope:
            return now.t, now.loss, now.gradient, tried + 1
        if now.slope >= 0.0:
            ends = [before, now]
            break
        further = cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), 10.0 * now.t)
        before, now = now, look(further)
        tried += 1
    if ends is None:
        ends = [start, now]
    looks = tried + 1
    width = float(np.abs(direction).max())
    low, high = (0, 1) if ends[0].loss <= ends[1].loss else (1, 0)
    stuck = False  # whether the last length already lay close to an end
    while tried < longest and not abs(ends[1].t - ends[0].t) * width < tolerance:
        left, right = sorted((ends[0].t, ends[1].t))
        t = cubic_minimum(ends[0], ends[1], left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        now = look(t)
        tried += 1
        looks += 1
        if too_high(now) or now.loss >= ends[low].loss:
            ends[high] = now
            low, high = (0, 1) if ends[0].loss <= ends[1].loss else (1, 0)
            continue
        enough = abs(now.slope) <= -c2 * start.slope
        if not enough and now.slope * (ends[high].t - ends[low].t) >= 0.0:
            ends[high] = ends[low]
        ends[low] = now
        if enough:
            break
    best = ends[low]
    return best.t, best.loss, best.gradient, looks


def cubic_minimum(a: Look, b: Look, least: float, most: float) -> float:
    """Where the cubic through both ends, with their slopes, is lowest, kept between ``least`` and ``most``.

    Nocedal & Wright 2006, (3.59). Where the cubic has no minimum, or a number is missing, the middle is taken.
    """
    rise = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t)
    under = rise * rise - a.slope * b.slope
    if not under >= 0.0:
        return 0.5 * (least + most)
    root = math.sqrt(under)
    if a.t > b.t:
        a, b = b, a
    below = b.slope - a.slope + 2.0 * root
    lowest = b.t - (b.t - a.t) * ((b.slope + root - rise) / below) if below else math.nan
    return min(max(lowest, least), most) if lowest == lowest else 0.5 * (least + most)


__all__ = ["cubic_minimum", "strong_wolfe"]
