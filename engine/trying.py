"""Trying: what it takes to try every setting of some dials, each with so many positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import EngineError
from .quantity import Quantity

DAY = 86_400  # seconds


class Trying:
    """``knobs`` dials with ``positions`` each; ``pace`` settings are tried a second.

    >>> all_of_them = Trying(13, 10, 1_000_000)
    >>> all_of_them.quantity("settings").value, round(all_of_them.quantity("days").value)
    (10000000000000.0, 116)
    """

    def __init__(self, knobs: int, positions: int, pace: float):
        if min(knobs, positions) < 1 or not pace > 0:
            raise EngineError("Dials, their positions and the pace are positive numbers.")
        self.knobs, self.positions, self.pace = int(knobs), int(positions), float(pace)

    def quantity(self, what: str) -> Quantity:
        """"knobs", "positions" of each, "settings" of all, "pace" (settings a second), "days" for all of them."""
        return Quantity("trying", what, self.lookup(what))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        settings = self.positions**self.knobs
        if settings > 10**300:
            raise EngineError("There are too many settings to be written as a number.")
        values = {
            "knobs": self.knobs, "positions": self.positions, "settings": settings, "pace": self.pace,
            "days": settings / self.pace / DAY,
        }  # fmt: skip
        if key not in values:
            raise EngineError(f"There is no {key!r} of trying; there are {', '.join(values)}.")
        return float(values[key])

    def describe(self) -> dict[str, Any]:
        return {"kind": "trying", "knobs": self.knobs, "positions": self.positions, "pace": self.pace}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Trying:
        return cls(description["knobs"], description["positions"], description["pace"])

    def __repr__(self) -> str:
        return f"<trying {self.knobs} dials with {self.positions} positions each>"


__all__ = ["Trying"]
