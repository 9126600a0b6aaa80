"""Points on a curve: the small tables that a curve is fitted to."""

from __future__ import annotations

import numpy as np

from .dataset import Dataset, amount, generator, maker, whole

# 4x³ - 3x + 0.3 with noise of deviation 0.15 (numpy's default_rng(2)), rounded to 0.05
_NINE = (-0.65, 0.80, 1.25, 0.60, 0.55, -0.20, -0.75, -0.15, 1.35)


@maker
def nine_points() -> Dataset:
    """Nine measurements at x = -1, -0.75, … 1: X (9, 1), y (9,). They lie near 4x³ - 3x + 0.3.

    >>> nine_points().y.tolist()[:3]
    [-0.65, 0.8, 1.25]
    """
    return Dataset(np.linspace(-1.0, 1.0, 9)[:, None], _NINE, names=("x",))


@maker
def wave(count: int = 25, omega: float = 2.2, end: float = 6.0, noise: float = 0.1, seed: int = 3) -> Dataset:
    """Points near sin(ωx), x evenly from 0 to ``end``, y with noise of that deviation and rounded to 0.01.

    >>> wave().X.shape, wave().y[:3].tolist()
    ((25, 1), [0.2, 0.27, 0.93])
    """
    x = np.linspace(0.0, end, whole("count", count, 2))
    y = np.sin(omega * x) + generator(seed).normal(0.0, amount("noise", noise), count)
    return Dataset(x[:, None], y.round(2), names=("x",))


__all__ = ["nine_points", "wave"]
