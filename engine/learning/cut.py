"""Cut: the rule that a person could write – one measured number, one cut: above it is one kind, below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..quantity import Quantity


class Cut:
    """Examples of two kinds (``data``, classes 0 and 1), one of their columns, and where it is cut: above is class 1, or
    ``below`` is.

    Without ``at``, the cut makes as few mistakes as any cut can; of the best ones it is the one in the middle.
    ``wrong`` says of each row (n,) whether the rule is wrong about it.

    >>> cut = Cut(Dataset([[0.9], [0.2], [0.4]], [1, 0, 1], names=("ear",), classes=("dog", "cat")), "ear")
    >>> round(cut.at, 3), cut.wrong.tolist()
    (0.3, [False, False, False])
    """

    def __init__(self, data: Dataset, column: str, at: float | None = None, below: bool = False):
        if column not in data.names or len(data.classes) != 2:
            raise EngineError(f"A cut needs two classes and a column; there are {', '.join(data.names) or 'none'}.")
        self.data, self.column, self.asked, self.below = data, column, at, below
        self.values = data.X[:, data.names.index(column)]
        self.at = self._best() if at is None else float(at)
        self.guess = self._above(self.at).astype(int)
        self.wrong = self.guess != data.y

    def _above(self, cut: float) -> np.ndarray:
        """Which rows are called class 1, (n,) booleans."""
        return (self.values > cut) != self.below

    def _best(self) -> float:
        known = np.unique(self.values)
        cuts = (known[:-1] + known[1:]) / 2 if len(known) > 1 else known
        mistakes = np.array([np.count_nonzero(self._above(cut) != (self.data.y == 1)) for cut in cuts])
        best = np.flatnonzero(mistakes == mistakes.min())
        return float(cuts[best[len(best) // 2]])

    def quantity(self, what: str) -> Quantity:
        """"count" of examples, "wrong" and "right" of them, "percent" right, "cut" (where)."""
        return Quantity("cut", what, self.lookup(what))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        count, wrong = len(self.data), int(np.count_nonzero(self.wrong))
        right = count - wrong
        values = {"count": count, "wrong": wrong, "right": right, "percent": 100 * right / count, "cut": self.at}
        if key not in values:
            raise EngineError(f"A cut has no {key!r}; it has {', '.join(values)}.")
        return float(values[key])

    def describe(self) -> dict[str, Any]:
        way = {"below": True} if self.below else {}
        return {"kind": "cut", "data": self.data.describe(), "column": self.column, "at": self.asked, **way}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Cut:
        data, below = Dataset.rebuild(description["data"]), bool(description.get("below", False))
        return cls(data, description["column"], description["at"], below)

    def __repr__(self) -> str:
        return f"<cut of {self.column} at {self.at:g}, {np.count_nonzero(self.wrong)} of {len(self.data)} wrong>"


__all__ = ["Cut"]
