"""Many lines of different widths as one mobject: thin four-cornered faces in one path, dashed ones in pieces."""

from __future__ import annotations

import numpy as np
from manim import VMobject

PITCH, RATIO = 0.24, 0.60  # of dashes, frame units and share


class Strands(VMobject):
    """Lines from `start` to `end` (n, 2), each `width` (n,) frame units wide; where `dashed` (n,) is set, in dashes.

    >>> lines = Strands("#FBEB0D", [[0, 0], [0, 1]], [[1, 0], [1, 1]], [0.02, 0.04], [False, False])
    >>> len(lines.points) // 16
    2
    """

    def __init__(
        self, colour: str, start: np.ndarray, end: np.ndarray, width: np.ndarray, dashed: np.ndarray, opacity: float = 1.0
    ):  # fmt: skip
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=opacity)
        self.lay(start, end, width, dashed)

    def lay(self, start: np.ndarray, end: np.ndarray, width: np.ndarray, dashed: np.ndarray) -> Strands:
        """Other lines in place of these."""
        a, b = np.asarray(start, float).reshape(-1, 2), np.asarray(end, float).reshape(-1, 2)
        w, broken = np.asarray(width, float), np.asarray(dashed, bool)
        pieces = [(a[~broken], b[~broken], w[~broken])]
        if broken.any():
            pieces.append(_dashes(a[broken], b[broken], w[broken]))
        a, b, w = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        self.points = _faces(a, b, w)
        return self


def _dashes(a: np.ndarray, b: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    length = np.hypot(*(b - a).T)
    counts = np.maximum(np.round(length / PITCH).astype(int), 1)
    line = np.repeat(np.arange(len(a)), counts)
    place = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    from_, to = place / counts[line], (place + RATIO) / counts[line]
    along = (b - a)[line]
    return a[line] + along * from_[:, None], a[line] + along * to[:, None], w[line]


def _faces(a: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Outlines of all lines as manim's cubic points (16 a line), all turned the same way."""
    if not len(a):
        return np.zeros((0, 3))
    along = b - a
    length = np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    side = np.column_stack([-along[:, 1], along[:, 0]]) / length * w[:, None] / 2
    corners = np.stack([a + side, a - side, b - side, b + side], axis=1)
    there = np.roll(corners, -1, axis=1)
    flat = np.stack([corners, corners * 2 / 3 + there / 3, corners / 3 + there * 2 / 3, there], axis=2).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


__all__ = ["Strands"]
