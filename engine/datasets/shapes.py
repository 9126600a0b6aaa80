"""Points in the plane in two or more classes that no straight line parts: moons and spirals."""

from __future__ import annotations

import numpy as np

from .dataset import Dataset, amount, generator, maker, whole


@maker
def moons(count: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other: X (count, 2), y 0 (upper) or 1 (lower), as many of both.

    The upper one is the unit half circle around (0, 0), the lower one is turned over around (1, 1/2).
    ``noise`` is the deviation of what is added to each coordinate.

    >>> moons(4, noise=0.0).X.round(2).tolist()
    [[1.0, 0.0], [0.0, 0.5], [-1.0, 0.0], [2.0, 0.5]]
    """
    kind = np.arange(whole("count", count, 2)) % 2
    angle = np.empty(count)
    for k in (0, 1):
        angle[kind == k] = np.linspace(0.0, np.pi, np.count_nonzero(kind == k))
    X = np.where(
        kind[:, None] == 0, np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    )
    return Dataset(_shaken(X, noise, seed), kind, names=("x", "y"), target="moon", classes=("upper", "lower"))


@maker
def spirals(count: int = 300, arms: int = 2, turns: float = 1.0, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Spirals from near the middle to radius 1: X (count, 2), y the arm from 0 on, the arms evenly turned.

    ``turns`` is how often an arm goes round; ``noise`` is the deviation of what is added to each coordinate.

    >>> data = spirals(300, arms=3)
    >>> data.classes, data.y[:4].tolist()
    (('arm 1', 'arm 2', 'arm 3'), [0, 1, 2, 0])
    """
    arms = whole("arms", arms, 2, 20)
    arm = np.arange(whole("count", count, arms)) % arms
    share = (np.arange(count) // arms + 1) / -(-count // arms)  # how far out
    angle = 2 * np.pi * (amount("turns", turns) * share + arm / arms)
    X = share[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    classes = tuple(f"arm {k + 1}" for k in range(arms))
    return Dataset(_shaken(X, noise, seed), arm, names=("x", "y"), target="arm", classes=classes)


def _shaken(X: np.ndarray, noise: float, seed: int) -> np.ndarray:
    return X + generator(seed).normal(0.0, amount("noise", noise), X.shape)


__all__ = ["moons", "spirals"]
