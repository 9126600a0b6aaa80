"""The part of the frame that a picture may fill, and how it is shared out. Layouts are made from areas, not from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import config

SHAPES = ("wide", "square", "tall")
MARGIN, CAPTIONS = 0.06, 0.16  # of the frame: free on each side, and at the bottom for the captions


@dataclass(frozen=True)
class Area:
    """A rectangle in frame units.

    >>> Area(-6, 6, -2, 4).columns(1, 3, gap=0.4)
    (Area(left=-6, right=-3.1, bottom=-2, top=4), Area(left=-2.7, right=6.0, bottom=-2, top=4))
    """

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    @property
    def center(self) -> np.ndarray:
        """The middle, shape (3,)."""
        return np.array([(self.left + self.right) / 2, (self.bottom + self.top) / 2, 0.0])

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top: the box of a View."""
        return self.left, self.right, self.bottom, self.top

    def inset(self, x: float, y: float | None = None) -> Area:
        """Smaller by so much on each side."""
        y = x if y is None else y
        return Area(self.left + x, self.right - x, self.bottom + y, self.top - y)

    def columns(self, *weights: float, gap: float = 0.4) -> tuple[Area, ...]:
        """Side by side, from left to right, as wide as their weights say."""
        edges = _edges(self.left, self.right, weights, gap)
        return tuple(Area(a, b, self.bottom, self.top) for a, b in edges)

    def rows(self, *weights: float, gap: float = 0.4) -> tuple[Area, ...]:
        """Below each other, from top to bottom, as high as their weights say."""
        edges = _edges(-self.top, -self.bottom, weights, gap)
        return tuple(Area(self.left, self.right, -b, -a) for a, b in edges)

    def cut_top(self, height: float, gap: float = 0.2) -> tuple[Area, Area]:
        """A strip of that height at the top, and what is left."""
        edge = self.top - height
        return Area(self.left, self.right, edge, self.top), Area(self.left, self.right, self.bottom, edge - gap)

    def cut_bottom(self, height: float, gap: float = 0.2) -> tuple[Area, Area]:
        """A strip of that height at the bottom, and what is left."""
        edge = self.bottom + height
        return Area(self.left, self.right, self.bottom, edge), Area(self.left, self.right, edge + gap, self.top)

    def cut_left(self, width: float, gap: float = 0.3) -> tuple[Area, Area]:
        """A strip of that width on the left, and what is left."""
        edge = self.left + width
        return Area(self.left, edge, self.bottom, self.top), Area(edge + gap, self.right, self.bottom, self.top)

    def cut_right(self, width: float, gap: float = 0.3) -> tuple[Area, Area]:
        """A strip of that width on the right, and what is left."""
        edge = self.right - width
        return Area(edge, self.right, self.bottom, self.top), Area(self.left, edge - gap, self.bottom, self.top)


def _edges(start: float, end: float, weights: Sequence[float], gap: float) -> list[tuple[float, float]]:
    room = end - start - gap * (len(weights) - 1)
    edges, at = [], start
    for weight in weights:
        size = room * weight / sum(weights)
        edges.append((round(at, 9), round(at + size, 9)))
        at += size + gap
    return edges


def safe_area() -> Area:
    """What manim's frame leaves inside its margins and above the captions. At 16:9 about −6.26 … 6.26 by −2.72 … 3.52."""
    w, h = float(config.frame_width), float(config.frame_height)
    side, top, bottom = w / 2 * (1 - 2 * MARGIN), h / 2 * (1 - 2 * MARGIN), -h / 2 + CAPTIONS * h
    return Area(-side, side, bottom, top)


def shape_of(width: float, height: float) -> str:
    """`wide` from 3:2 on, `tall` from 4:5 on, `square` between.

    >>> shape_of(16, 9), shape_of(4, 3), shape_of(1, 1), shape_of(9, 16)
    ('wide', 'square', 'square', 'tall')
    """
    ratio = width / height
    return "wide" if ratio >= 1.5 else "tall" if ratio <= 0.8 else "square"
