"""Curves that pass through all points of a table, each as good as the others: draws from a Gaussian process.

A draw that knows nothing of the points is bent so that it meets them (Matheron's rule).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import EngineError

WAVES = 96  # random waves that make up a draw
SMOOTH = 0.6  # of the widest gap: less is wilder between the points
JITTER = 1e-8  # on the diagonal, so that the system can be solved


def candidates(points: Any, x: Any, count: int = 6, seed: int = 0) -> np.ndarray:
    """`count` smooth curves through `points` (shape (n, 2)) at the places x, shape (count, len(x)). The same seed draws the
    same curves. Raises EngineError where two points stand at the same place.

    >>> curves = candidates([(0.0, 1.0), (1.0, 3.0)], [0.0, 0.5, 1.0], count=2)
    >>> curves[:, [0, 2]].round(3).tolist()
    [[1.0, 3.0], [1.0, 3.0]]
    """
    table, at = np.asarray(points, float), np.asarray(x, float)
    order = np.sort(table[:, 0])
    if len(order) > 1 and not np.diff(order).min() > 0:
        raise EngineError("No curve passes through two points at the same place.")
    middle, size = float(table[:, 1].mean()), float(table[:, 1].std()) or 1.0
    reach = SMOOTH * float(np.diff(order).max()) if len(order) > 1 else 1.0  # how far a value is felt
    random = np.random.default_rng(seed)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return size**2 * np.exp(-0.5 * ((a[:, None] - b[None, :]) / reach) ** 2)

    system = kernel(table[:, 0], table[:, 0]) + JITTER * size**2 * np.eye(len(table))
    curves = []
    for _ in range(count):
        rates, phases = random.normal(size=WAVES) / reach, random.uniform(0, 2 * np.pi, WAVES)
        weights = size * np.sqrt(2 / WAVES) * random.normal(size=WAVES)

        def free(a: np.ndarray, w: Any = weights, r: Any = rates, p: Any = phases) -> np.ndarray:
            return middle + np.cos(a[:, None] * r + p) @ w

        pull = np.linalg.solve(system, table[:, 1] - free(table[:, 0]))
        curves.append(free(at) + kernel(at, table[:, 0]) @ pull)
    return np.array(curves)


__all__ = ["candidates"]
