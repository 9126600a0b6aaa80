"""Differences: the slope of one input measured by nudging it, beside the slope the engine computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .quantity import Quantity
from .transforms import is_finite

SCHEMES = ("forward", "central")


@dataclass(frozen=True)
class DifferenceRow:
    """One nudge. Forward: base = f(x), moved = f(x+δ), slope = (moved − base)/δ. Central: base = f(x−δ),
    moved = f(x+δ), slope = (moved − base)/2δ. ``error`` is slope minus the engine's slope."""

    delta: float
    base: float
    moved: float
    rise: float
    slope: float
    error: float


class Differences:
    """A table of nudges of one input, one row per delta.

    >>> table = Differences("x**2", {"x": 3.0}, "x", [0.1, 0.01])
    >>> [round(row.slope, 6) for row in table.rows]
    [6.1, 6.01]
    >>> table.exact
    6.0
    """

    def __init__(
        self,
        function: Any,
        at: Mapping[str, Any],
        name: str,
        deltas: Sequence[float],
        scheme: str = "forward",
    ):
        self.function = Function.of(function)
        self.at = self.function.complete(at)
        self.name = name
        self.scheme = scheme
        self.deltas = tuple(float(delta) for delta in deltas)
        if name not in self.at:
            raise EngineError(f"There is no input {name}; inputs are {', '.join(self.at)}.")
        if isinstance(self.at[name], np.ndarray):
            raise EngineError(f"The input {name} is an array; nudge one that is a single number.")
        if scheme not in SCHEMES:
            raise EngineError(f"There is no scheme {scheme!r}; there are {', '.join(SCHEMES)}.")
        if not self.deltas or any(not np.isfinite(delta) or delta == 0 for delta in self.deltas):
            raise EngineError("The nudges must be finite numbers other than 0, at least one.")
        self.trace = self.function.trace(self.at)
        self.exact: float = self.trace.gradient[name]
        self.rows = tuple(self._row(delta) for delta in self.deltas)

    def _value(self, x: float) -> float:
        try:
            value = self.function(**{**self.at, self.name: x})
        except EngineError as problem:
            raise EngineError(f"At {self.name} = {x:g}: {problem.sentence}", problem.span) from None
        if isinstance(value, complex) or not is_finite(value):
            raise EngineError(f"The function has no finite value at {self.name} = {x:g}; use a smaller nudge.")
        return float(value)

    def _row(self, delta: float) -> DifferenceRow:
        x = self.at[self.name]
        central = self.scheme == "central"
        base, moved = self._value(x - delta) if central else self._value(x), self._value(x + delta)
        rise = moved - base
        slope = rise / (2.0 * delta if central else delta)
        return DifferenceRow(delta, base, moved, rise, slope, slope - self.exact)

    def quantity(self, what: str, row: int = 0) -> Quantity:
        """A number of the table: "delta", "base", "moved", "rise", "slope", "error" of a row; "exact"; and of a row the two
        parts of its rise: "linear", the exact slope times the step, and the "rest". Of no nudge at all "still/delta" and
        "still/rise": both are 0, so their quotient is not defined and has no key."""
        if what == "exact":
            return Quantity("differences", "exact", self.exact)
        if what in ("still/delta", "still/rise"):
            x = self.at[self.name]
            return Quantity("differences", what, 0.0 if what == "still/delta" else self._value(x + 0.0) - self._value(x))
        if what in ("linear", "rest") and -len(self.rows) <= row < len(self.rows):
            step = self.rows[row].delta * (2.0 if self.scheme == "central" else 1.0)
            part = self.exact * step
            return Quantity(
                "differences", f"{what}/{row % len(self.rows)}", part if what == "linear" else self.rows[row].rise - part
            )
        if what not in DifferenceRow.__dataclass_fields__:
            raise EngineError(f"The table has no {what!r}.")
        if not -len(self.rows) <= row < len(self.rows):
            raise EngineError(f"The table has no row {row}; it has {len(self.rows)}.")
        return Quantity("differences", f"{what}/{row % len(self.rows)}", getattr(self.rows[row], what))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``slope/1``, ``exact``."""
        what, _, row = key.partition("/")
        return self.quantity(key).value if what == "still" else self.quantity(what, int(row or 0)).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "differences", "function": self.function.describe(), "at": jsonable(self.at),
            "name": self.name,
            "deltas": list(self.deltas), "scheme": self.scheme,
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Differences:
        return cls(
            Function.rebuild(description["function"]), description["at"], description["name"],
            description["deltas"], description["scheme"],
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<{self.scheme} differences of {self.function.name} by {self.name}, {len(self.rows)} rows>"
