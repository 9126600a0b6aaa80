"""Handwritten digits that come with scikit-learn: 1,797 images of 8×8 pixels. They are not MNIST.

Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

import numpy as np

from ..errors import EngineError
from .dataset import Dataset, maker

PARTS = ("all", "train", "test")


@maker
def digits(part: str = "all", seed: int = 0) -> Dataset:
    """The digits: X (n, 8, 8) of greys from 0 to 1 in sixteenths, y the digit.

    ``part`` is "all" (1,797), "train" (1,437) or "test" (360): the split by scikit-learn's
    ``train_test_split`` with ``random_state=seed`` that keeps the share of each digit. Raises EngineError
    where scikit-learn is not installed.
    """
    if part not in PARTS:
        raise EngineError(f"The parts of the digits are {', '.join(PARTS)}, not {part!r}.")
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ImportError:
        raise EngineError(
            "The handwritten digits come with scikit-learn, which is not installed; install it with pip install scikit-learn."
        ) from None
    bunch = load_digits()
    rows = np.arange(len(bunch.target))
    if part != "all":
        split = train_test_split(rows, test_size=360, random_state=seed, stratify=bunch.target)
        rows = split[PARTS.index(part) - 1]
    words = tuple(map(str, range(10)))
    return Dataset(bunch.images[rows] / 16.0, bunch.target[rows], target="digit", classes=words, title=f"digits ({part})")


__all__ = ["digits"]
