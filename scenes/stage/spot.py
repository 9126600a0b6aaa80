"""A free spot for a label near a point: away from curves, inside its area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .view import Box


def free_spot(
    near: Sequence[np.ndarray], size: tuple[float, float], busy: np.ndarray, area: Box, gap: float = 0.16
) -> np.ndarray:
    """The centre, shape (3,), of a label of that size beside one of the points `near`, farthest from `busy` points.

    Points have x and y first; `busy` has shape (n, 2). The first points of `near` are preferred; spots that keep
    0.12 units free are equally good.
    """
    w, h = size[0] / 2, size[1] / 2
    best, best_score = np.array([*near[0][:2], 0.0]), -np.inf
    for order, point in enumerate(near):
        for angle in np.arange(16) * np.pi / 8:
            c, s = np.cos(angle), np.sin(angle)
            centre = np.array([point[0] + c * (w + gap), point[1] + s * (h + gap)])
            x, y = centre
            out = max(area[0] + w - x, x + w - area[1], area[2] + h - y, y + h - area[3], 0.0)
            d = np.maximum(np.abs(busy - centre) - [w, h], 0) if len(busy) else np.full((1, 2), 9.0)
            free = float(np.hypot(d[:, 0], d[:, 1]).min())
            score = min(free, 0.12) * 20 - 50 * out - 0.4 * order + 0.02 * free
            if score > best_score:
                best, best_score = np.array([*centre, 0.0]), score
    return best
