"""Layers in which every box feeds every box of the next: how many paths lead through them, and how few arrows.

One sweep from the end counts all paths: what arrives at a box is the sum of what the boxes behind it have. So a sweep over
the arrows does what a walk along every path would do, and never walks one.

    >>> Lattice(4, 5).paths, Lattice(4, 5).arrows, Lattice(32, 10).paths, Lattice(32, 10).arrows
    (1024, 64, 1125899906842624, 9216)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from .errors import EngineError
from .quantity import Quantity

LISTED = 5000  # more paths than this are counted, not listed
MOST_ARROWS = 1_000_000


class Lattice:
    """``layers`` layers of ``width`` boxes. A path goes from any box of the first layer to any box of the last.

    Raises EngineError for fewer than one box or two layers, and where there would be more than a million arrows.
    """

    def __init__(self, width: int, layers: int):
        self.width, self.layers = int(width), int(layers)
        if self.width < 1 or self.layers < 2:
            raise EngineError(f"A lattice has at least one box in at least two layers, not {self.width} in {self.layers}.")
        if self.arrows > MOST_ARROWS:
            raise EngineError(f"A lattice has at most {MOST_ARROWS} arrows; this one has {self.arrows}.")

    @property
    def arrows(self) -> int:
        """Every box to every box of the next layer."""
        return (self.layers - 1) * self.width**2

    @functools.cached_property
    def shares(self) -> tuple[tuple[int, ...], ...]:
        """For every box, layer by layer, how many paths lead from it to the end: what a reverse sweep collects."""
        rows = [(1,) * self.width]
        for _ in range(self.layers - 1):
            behind = rows[0]
            rows.insert(0, tuple(sum(behind) for _ in range(self.width)))
        return tuple(rows)

    @property
    def paths(self) -> int:
        """How many ways lead through all layers."""
        return sum(self.shares[0])

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Every path, as the box that it visits in each layer. Raises EngineError for more than 5,000 of them."""
        if self.paths > LISTED:
            raise EngineError(f"There are {self.paths} paths; at most {LISTED} are listed one by one.")
        return product(range(self.width), repeat=self.layers)

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str) -> Quantity:
        """"paths", "arrows", "width", "layers", "boxes"; "share/k": the paths from one box of layer k (from 0) to the end."""
        values = {
            "paths": self.paths, "arrows": self.arrows, "width": self.width, "layers": self.layers,
            "boxes": self.width * self.layers, **{f"share/{k}": row[0] for k, row in enumerate(self.shares)},
        }  # fmt: skip
        if what not in values:
            raise EngineError(f"A lattice has no {what!r}; it has {', '.join(values)}.")
        return Quantity("lattice", what, float(values[what]))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "lattice", "width": self.width, "layers": self.layers}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Lattice:
        return cls(description["width"], description["layers"])

    def __repr__(self) -> str:
        return f"<{self.layers} layers of {self.width} boxes>"


__all__ = ["Lattice"]
