"""A wire: a smooth path from port to port that can be drawn as a line, run by a pulse, or filled as a ribbon of blame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject

SAMPLES = 200


class Wire:
    """Points of a path with level ends, sampled evenly by length.

    `flats` are the level stretches (x from, x to, y) that a long wire keeps while it passes other columns.
    """

    def __init__(
        self, start: Sequence[float], end: Sequence[float], flats: Sequence[tuple[float, float, float]] = (),
        *, upright: bool = False,
    ):  # fmt: skip
        curves: list[np.ndarray] = []
        here = np.array([start[0], start[1]], float)
        for x0, x1, y in [*flats, (end[0], end[0], end[1])]:
            there = np.array([x0, y], float)
            curves.append(_bend(here, there, upright))
            here = np.array([x1, y], float)
            if x1 > x0 + 1e-9:
                curves.append(_bend(there, here, False))
        dense = np.concatenate([_sample(c, 80) for c in curves])
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
        self.length = float(length[-1])
        even = np.linspace(0, self.length, SAMPLES)
        self.xy = np.column_stack([np.interp(even, length, dense[:, 0]), np.interp(even, length, dense[:, 1])])
        direction = np.gradient(self.xy, axis=0)
        direction /= np.maximum(np.hypot(*direction.T)[:, None], 1e-9)
        self.direction = direction
        self.normal = np.column_stack([-direction[:, 1], direction[:, 0]])
        self.curves = curves

    def at(self, share: float) -> np.ndarray:
        """The point a share of the length along, shape (3,)."""
        i = min(max(share, 0.0), 1.0) * (SAMPLES - 1)
        k = min(int(i), SAMPLES - 2)
        p = self.xy[k] + (self.xy[k + 1] - self.xy[k]) * (i - k)
        return np.array([p[0], p[1], 0.0])

    def heading(self, share: float) -> float:
        """The angle of the path there, in radians."""
        d = self.direction[int(round(min(max(share, 0.0), 1.0) * (SAMPLES - 1)))]
        return float(np.arctan2(d[1], d[0]))

    def line(self, colour: str, width: float = 3.0, opacity: float = 1.0) -> VMobject:
        """The path as a stroke."""
        line = VMobject()
        points = []
        for c in self.curves:
            points.append(np.column_stack([c, np.zeros(4)]))
        line.set_points(np.concatenate(points))
        return line.set_stroke(colour, width, opacity).set_fill(opacity=0)

    def band(self, width: float, start: float = 0.0, end: float = 1.0) -> np.ndarray:
        """Outline points of the ribbon of that width between two shares of the length, shape (4 n, 3)."""
        a, b = (int(round(min(max(s, 0.0), 1.0) * (SAMPLES - 1))) for s in (start, end))
        if b - a < 1:
            return np.zeros((0, 3))
        rim = np.concatenate(
            [self.xy[a : b + 1] + self.normal[a : b + 1] * width / 2,
             (self.xy[a : b + 1] - self.normal[a : b + 1] * width / 2)[::-1]]
        )  # fmt: skip
        return polygon(rim)


def polygon(corners: np.ndarray) -> np.ndarray:
    """Straight sides through corners of shape (n, 2), closed, as manim's cubic points."""
    there = np.roll(corners, -1, axis=0)
    flat = np.stack([corners, corners * 2 / 3 + there / 3, corners / 3 + there * 2 / 3, there], axis=1).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def _bend(a: np.ndarray, b: np.ndarray, upright: bool) -> np.ndarray:
    handle = (b - a) * ([0, 0.5] if upright else [0.5, 0])
    return np.array([a, a + handle, b - handle, b])


def _sample(c: np.ndarray, n: int) -> np.ndarray:
    t = np.linspace(0, 1, n)[:, None]
    return (1 - t) ** 3 * c[0] + 3 * (1 - t) ** 2 * t * c[1] + 3 * (1 - t) * t**2 * c[2] + t**3 * c[3]
