"""Outlines as manim keeps them: cubic Bézier pieces of four points each, in one array."""

from __future__ import annotations

import numpy as np

Point = tuple[float, float]


class Pen:
    """Collects the pieces of an outline; every closed path ends where it began, as manim expects.

    >>> pen = Pen(); pen.move_to(0, 0); pen.line_to(3, 0); pen.close(); pen.points().shape
    (8, 3)
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[Point, Point, Point, Point]] = []
        self._start: Point = (0.0, 0.0)
        self._at: Point = (0.0, 0.0)

    def move_to(self, x: float, y: float) -> None:
        """Begin a path."""
        self._start = self._at = (x, y)

    def line_to(self, x: float, y: float) -> None:
        """A straight piece."""
        (ax, ay), end = self._at, (x, y)
        if end == self._at:
            return
        third = ((ax * 2 + x) / 3, (ay * 2 + y) / 3)
        two_thirds = ((ax + x * 2) / 3, (ay + y * 2) / 3)
        self._pieces.append((self._at, third, two_thirds, end))
        self._at = end

    def quadratic_to(self, cx: float, cy: float, x: float, y: float) -> None:
        """A quadratic piece, raised to a cubic one."""
        ax, ay = self._at
        self.cubic_to(ax + (cx - ax) * 2 / 3, ay + (cy - ay) * 2 / 3, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, x, y)

    def cubic_to(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> None:
        """A cubic piece."""
        self._pieces.append((self._at, (ax, ay), (bx, by), (x, y)))
        self._at = (x, y)

    def close(self) -> None:
        """Go back to where the path began."""
        self.line_to(*self._start)

    def points(self) -> np.ndarray:
        """All pieces as an array of shape (4 n, 3)."""
        if not self._pieces:
            return np.zeros((0, 3))
        flat = np.array(self._pieces, float).reshape(-1, 2)
        return np.column_stack([flat, np.zeros(len(flat))])
