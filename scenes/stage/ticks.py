"""Numbers on a ruler: positions chosen by code at round steps. They say where a place is, not what an engine computed."""

from __future__ import annotations

import math
from typing import Any

from .number import Printable
from .rounding import shown

ROUND = (1.0, 2.0, 5.0)


def round_steps(size: float) -> list[float]:
    """Round steps around a size, smallest first: 1, 2 or 5 times a power of ten.

    >>> round_steps(3.0)
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]
    """
    power = math.floor(math.log10(size))
    return [float(f"{r:g}e{p}") for p in range(power - 1, power + 3) for r in ROUND]


def tick_values(low: float, high: float, step: float) -> list[float]:
    """Every multiple of a step between two limits, both included.

    >>> tick_values(-1.0, 1.0, 0.5)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)) + 1)
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]


class Tick(Printable):
    """The number of a position on a ruler whose step is given: computed from the ruler, so it needs no engine key."""

    tick = True

    def __init__(self, value: float, step: float, colour: str, size: float = 22, **kwargs: Any):
        self.value = value
        plain = 1e-3 <= step and max(abs(value), step) < 1e5
        decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if plain or value == 0 else None
        if value == 0:
            decimals = 0
        text = shown(value, decimals, auto=False)
        super().__init__(text, colour, size, "regular", **kwargs)
