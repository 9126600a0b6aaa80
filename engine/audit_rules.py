"""Audit of a cut and of trying everything: counted one by one, multiplied one factor after the other."""

from __future__ import annotations

import mpmath  # type: ignore[import-untyped]

from .audit import EPSILON, Audit
from .errors import EngineError
from .learning.cut import Cut
from .trying import DAY, Trying

COUNTED = "counted"


class CutAudit:
    """Audits the keys of a cut: row by row, and whether no other cut makes fewer mistakes."""

    def __init__(self, cut: Cut):
        self.cut = cut

    def mistakes(self, at: float) -> int:
        """How many rows lie on the wrong side of a cut."""
        column = self.cut.data.names.index(self.cut.column)
        pairs = zip(self.cut.data.X[:, column].tolist(), self.cut.data.y.tolist(), strict=True)
        return sum(1 for value, kind in pairs if (value <= at if self.cut.below else value > at) != (kind == 1))

    def __call__(self, key: str) -> Audit:
        count, wrong = len(self.cut.data.y.tolist()), self.mistakes(self.cut.at)
        if self.cut.asked is None:  # the best cut lies just above one of the values
            wrong = min(wrong, *(self.mistakes(value) for value in self.cut.values.tolist()))
        values = {
            "count": count, "wrong": wrong, "right": count - wrong, "percent": 100 - 100 * wrong / count, "cut": self.cut.at,
        }  # fmt: skip
        if key not in values:
            raise EngineError(f"{key!r} is no key of a cut.")
        return Audit(float(values[key]), COUNTED, 4 * EPSILON * max(abs(float(values[key])), 1.0))


class TryingAudit:
    """Audits the keys of trying everything."""

    def __init__(self, trying: Trying):
        self.trying = trying

    def __call__(self, key: str) -> Audit:
        with mpmath.workdps(30):
            settings = mpmath.mpf(1)
            for _ in range(self.trying.knobs):
                settings *= self.trying.positions
            values = {
                "knobs": self.trying.knobs, "positions": self.trying.positions, "settings": settings, "pace": self.trying.pace,
                "days": settings / mpmath.mpf(self.trying.pace) / DAY,
            }  # fmt: skip
            if key not in values:
                raise EngineError(f"{key!r} is no key of trying.")
            value = float(values[key])
        return Audit(value, COUNTED, 4 * EPSILON * abs(value))


__all__ = ["CutAudit", "TryingAudit"]
