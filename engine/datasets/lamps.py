"""The mirror task: is a row of lamps the same from both ends? Figure 1 of Rumelhart, Hinton & Williams 1986.

Nature 323, 533-536. Two hidden units suffice; trained on all patterns of six lamps, their weights come to
mirror each other with opposite sign, in the ratio 1:2:4.
"""

from __future__ import annotations

import numpy as np

from .dataset import Dataset, maker, whole


@maker
def mirror(lamps: int = 6) -> Dataset:
    """Every pattern of lamps: X (2^lamps, lamps) of 0 and 1, in counting order, y 1 where the row mirrors
    itself.

    >>> data = mirror()
    >>> data.X.shape, int(data.y.sum())
    ((64, 6), 8)
    """
    lamps = whole("lamps", lamps, 2, 16)
    X = (np.arange(2**lamps)[:, None] >> np.arange(lamps)[::-1]) & 1
    same = np.all(X == X[:, ::-1], axis=1)
    names = tuple(f"lamp {k + 1}" for k in range(lamps))
    return Dataset(X, same, names=names, target="mirrors", classes=("no", "yes"))


__all__ = ["mirror"]
