"""What a reverse sweep keeps in memory, for networks that become deeper: the values of every layer, for every example.

    >>> growth = TapeGrowth(width=32, batch=32, depths=(1, 2, 4))
    >>> [growth.numbers(depth) for depth in growth.depths], growth.bytes(4)
    ([3073, 5121, 9217], 73736)
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .quantity import Quantity
from .trace import Trace

MOST = 256  # layers


class TapeGrowth:
    """Networks of ``depths`` layers with ``width`` units each, on a batch of ``batch`` examples; a layer is h·W, then tanh.

    ``numbers(d)``: how many numbers the trace of one run keeps for the way back, the weights aside; ``bytes(d)``: eight for
    each. Raises EngineError for sizes below one and for more than 256 layers.
    """

    def __init__(self, width: int = 32, batch: int = 32, depths: Sequence[int] = (1, 2, 4, 8, 16)):
        self.width, self.batch, self.depths = int(width), int(batch), tuple(int(d) for d in depths)
        if min((self.width, self.batch, *self.depths, 1 if self.depths else 0)) < 1 or max(self.depths) > MOST:
            raise EngineError(f"The memory of a sweep grows over depths from 1 to {MOST}, with a width and a batch from 1 on.")

    @functools.cache  # noqa: B019 - a few depths, as long as the object lives
    def trace(self, depth: int) -> Trace:
        """One run through a network of that depth, summed up to one number."""
        weights = np.full((self.width, self.width), 1.0 / self.width)

        def run(h: Any) -> Any:
            for _ in range(depth):
                h = np.tanh(h @ weights)
            return h.sum()

        return Function.of(run).trace({"h": np.full((self.batch, self.width), 0.5)})

    def numbers(self, depth: int) -> int:
        """How many numbers its trace keeps: every value that a step made, and the input."""
        if depth not in self.depths:
            raise EngineError(f"There is no network of {depth} layers here; there are {', '.join(map(str, self.depths))}.")
        return sum(int(np.size(step.value)) for step in self.trace(depth).steps)

    def bytes(self, depth: int) -> int:
        """Their memory, in double precision."""
        return 8 * self.numbers(depth)

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, depth: int | None = None) -> Quantity:
        """"width", "batch"; with a depth "layers", "numbers", "bytes", "kilobytes" (of 1,000 bytes)."""
        if depth is None and what in ("width", "batch"):
            return Quantity("tape_growth", what, float(getattr(self, what)))
        if depth is None or what not in ("layers", "numbers", "bytes", "kilobytes"):
            raise EngineError(f"The growth of a tape has no {what!r}.")
        kept = self.numbers(depth)
        value = {"layers": depth, "numbers": kept, "bytes": 8 * kept, "kilobytes": 8 * kept / 1000}[what]
        return Quantity("tape_growth", f"{what}/{depth}", float(value))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        what, _, depth = key.partition("/")
        return self.quantity(what, int(depth) if depth else None).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "tape_growth", "width": self.width, "batch": self.batch, "depths": list(self.depths)}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> TapeGrowth:
        return cls(description["width"], description["batch"], description["depths"])

    def __repr__(self) -> str:
        return f"<tapes of networks with {self.width} units a layer>"


__all__ = ["TapeGrowth"]
