"""Right and wrong: a mint tick, a mauve cross. Many of them are one mobject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject

from ..stage.curve import corners_to_points
from ..stage.parts import round_caps
from ..stage.theme import Theme

TICK = np.array([[-0.5, 0.02], [-0.14, -0.36], [0.5, 0.42]])
CROSS = (np.array([[-0.4, 0.4], [0.4, -0.4]]), np.array([[-0.4, -0.4], [0.4, 0.4]]))


def tick(theme: Theme, size: float = 0.3, width: float = 4.5) -> VMobject:
    """A mint tick."""
    return ticks(theme, np.zeros((1, 2)), size, width)


def cross(theme: Theme, size: float = 0.3, width: float = 4.5) -> VMobject:
    """A mauve cross."""
    return crosses(theme, np.zeros((1, 2)), size, width)


def ticks(theme: Theme, places: np.ndarray, size: float, width: float = 4.5) -> VMobject:
    """A mint tick at each place (n, 2)."""
    return _strokes(places, [TICK * size]).set_stroke(theme.data, width)


def crosses(theme: Theme, places: np.ndarray, size: float, width: float = 4.5) -> VMobject:
    """A mauve cross at each place (n, 2)."""
    colour = theme.tint("loss")
    return _strokes(places, [stroke * size for stroke in CROSS]).set_stroke(colour, width)


def _strokes(places: np.ndarray, shapes: Sequence[np.ndarray]) -> VMobject:
    mark = round_caps(VMobject().set_fill(opacity=0))
    mark.points = corners_to_points([shape + place for place in np.asarray(places, float).reshape(-1, 2) for shape in shapes])
    return mark


__all__ = ["cross", "crosses", "tick", "ticks"]
