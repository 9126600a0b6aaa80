"""An array value as a picture: a small bar for each element, all on one scale."""

from __future__ import annotations

import numpy as np
from manim import Line, Rectangle, VGroup

from .theme import Theme

MOST = 24


class Bars(VGroup):
    """Bars of a vector (any array is read in C order); above `most` elements every n-th is drawn.

    `values` shape (n,), drawn in `width` × `height` frame units around a zero line.
    """

    def __init__(self, theme: Theme, values: np.ndarray, width: float, height: float, role: str = "value", most: int = MOST):
        super().__init__()
        flat = np.asarray(values, float).ravel()
        self.values = flat[:: -(-len(flat) // most)]
        top = float(np.max(np.abs(self.values))) or 1.0
        colour = theme.tint(role)
        pitch = width / len(self.values)
        self.add(Line([-width / 2, 0, 0], [width / 2, 0, 0]).set_stroke(theme.muted, 1, 0.7))
        for i, v in enumerate(self.values):
            size = max(abs(v) / top * height / 2, 0.012)
            bar = Rectangle(width=pitch * 0.62, height=size).set_stroke(width=0).set_fill(colour, 1)
            self.add(bar.move_to([-width / 2 + pitch * (i + 0.5), np.sign(v or 1) * size / 2, 0]))
