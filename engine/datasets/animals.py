"""Cats and dogs as two measured numbers: how pointed the ears are, how long the muzzle is, both from 0 to 1.

Each number comes from a normal law of its kind, cut to the range. The laws overlap: no rule on one number is
always right. The drawn faces (``faces``) have ears and muzzles by the same laws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dataset import Dataset, generator, maker, whole

DOG, CAT = 0, 1
CLASSES = ("dog", "cat")


@dataclass(frozen=True)
class Law:
    """A normal law for each kind, with one deviation for both."""

    cat: float
    dog: float
    deviation: float

    def draw(self, rng: np.random.Generator, kinds: np.ndarray) -> np.ndarray:
        """One number from 0 to 1 for each kind in ``kinds`` (n,)."""
        means = np.where(kinds == CAT, self.cat, self.dog)
        return np.clip(rng.normal(means, self.deviation), 0.0, 1.0)


EARS = Law(cat=0.80, dog=0.30, deviation=0.15)  # a cut in the middle errs for 5 in 100
MUZZLES = Law(cat=0.35, dog=0.70, deviation=0.15)  # … for 12 in 100


@maker
def icons(count: int = 40, seed: int = 0) -> Dataset:
    """Icons of cats (1) and dogs (0), as many of both: X (count, 2) = ear pointiness and muzzle length.

    >>> icons(400).names
    ('ear', 'muzzle')
    """
    kinds = alternate(whole("count", count))
    rng = generator(seed)
    X = np.stack([EARS.draw(rng, kinds), MUZZLES.draw(rng, kinds)], axis=1)
    return Dataset(X.round(2), kinds, names=("ear", "muzzle"), target="kind", classes=CLASSES)


def alternate(count: int) -> np.ndarray:
    """Cat, dog, cat, dog …"""
    return 1 - np.arange(count) % 2


__all__ = ["CAT", "CLASSES", "DOG", "EARS", "MUZZLES", "Law", "alternate", "icons"]
