"""The error of a difference over its step: the V that a lecture shows, from numbers of the engine."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .numeric import Line, quotient, ridders
from .quantity import Quantity


@dataclass(frozen=True)
class CurveRow:
    """One step: the slope it gives, its distance from the engine's slope, and that distance relative to the slope."""

    step: float
    slope: float
    error: float
    relative: float


class ErrorCurve:
    """How wrong a difference is, for many steps: the two arms of a V, one of the curve's bend and one of rounding.

    The quotients are those of the textbook, divided by h itself; ``difference`` does better (it divides by the step that
    x + h really made).

    >>> curve = error_curve("sin(x)", {"x": 1.0}, "x", "forward", "float64", [10.0**-k for k in range(1, 15)])
    >>> curve.best.step
    1e-08
    >>> 1e-9 < curve.theory < 1e-7
    True
    """

    def __init__(
        self, function: Any, at: Any, name: str | None = None, scheme: str = "forward", dtype: Any = "float64",
        steps: Sequence[float] | None = None, element: tuple[int, ...] | None = None,
    ):  # fmt: skip
        line = Line(function, at, name, element, dtype, scheme)
        self.function, self.at, self.name, self.element = line.function, line.at, line.name, line.element
        self.scheme, self.dtype, self.epsilon = line.scheme, line.dtype, line.epsilon
        digits = 16 if line.dtype == "float64" else 8
        if steps is None:
            steps = [10.0 ** (-k / 2) for k in range(2 * digits + 1)]
        self.steps = tuple(float(h) for h in steps)
        if not self.steps or any(not math.isfinite(h) or h == 0 for h in self.steps):
            raise EngineError("The steps must be finite numbers other than 0, at least one.")
        self.trace = self.function.trace(self.at)
        exact = self.trace.gradient[self.name]
        self.exact = float(exact if self.element is None else exact[self.element])
        self._line = line
        self.rows = tuple(self._row(h) for h in self.steps)

    def _row(self, h: float) -> CurveRow:
        line = self._line
        if self.scheme == "complex":
            slope = line.complex_step(h)
        elif self.scheme == "richardson":
            slope = ridders(line, h)[0]
        else:
            slope = quotient(line, h, nominal=True)[0]
        error = abs(slope - self.exact)
        return CurveRow(h, slope, error, error / abs(self.exact) if self.exact else math.inf if error else 0.0)

    @property
    def best(self) -> CurveRow:
        """The row with the smallest error. Raises EngineError where no step gave a number."""
        rows = [row for row in self.rows if row.error == row.error]
        if not rows:
            raise EngineError("No step of this curve gave a difference; choose other steps.")
        return min(rows, key=lambda row: row.error)

    @property
    def arms(self) -> tuple[float, int, float] | None:
        """The two arms of the V as (bend, power, rounding): about ``bend h**power + rounding/h`` is wrong at h.

        Forward |f''|/2 and e|f|/2, central |f'''|/6 and e|f|/4, with e the precision (a rounding is half of it at most).
        None for the other schemes, which have no such V, and where the derivative it needs is 0. Raises EngineError where
        there are no slopes beside the point.
        """
        return self._arms

    @functools.cached_property
    def _arms(self) -> tuple[float, int, float] | None:
        if self.scheme not in ("forward", "central"):
            return None
        line = Line(self.function, self.at, self.name, self.element, "float64", "central")

        def slope(x: float) -> float:
            gradient = self.function.value_and_gradient(line.point(x))[1][self.name]
            return float(gradient if self.element is None else gradient[self.element])

        d = 1e-4 * max(abs(line.x), 1.0)
        left, middle, right = slope(line.x - d), slope(line.x), slope(line.x + d)
        size = self.epsilon * max(abs(self.trace.value), np.finfo(float).tiny)
        if self.scheme == "forward":
            bend = abs(right - left) / (2 * d)
            return (bend / 2.0, 1, size / 2.0) if bend else None
        bend = abs(right - 2 * middle + left) / d**2
        return (bend / 6.0, 2, size / 4.0) if bend else None

    @property
    def theory(self) -> float | None:
        """The step at which bend and rounding should weigh the same: sqrt(e|f|/|f''|) forward, cbrt(3 e|f|/4|f'''|)
        central, with e the precision; None where the derivative it needs is 0 and for the other schemes."""
        arms = self.arms
        if arms is None:
            return None
        bend, power, rounding = arms
        return math.sqrt(rounding / bend) if power == 1 else math.cbrt(rounding / (2.0 * bend))

    def expected(self, h: float) -> float | None:
        """The error that the arms let expect at a step, None where there are none."""
        arms = self.arms
        return None if arms is None else arms[0] * h ** arms[1] + arms[2] / h

    def values(self, row: int) -> tuple[float, float]:
        """The two values whose difference a row takes, as its precision holds them: at x (central: x - h) and at x + h."""
        line, h = self._line, self.rows[row].step
        left = line.moved(-h) if self.scheme == "central" else line.x
        return float(line.value(left)), float(line.value(line.moved(h)))

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, row: int = 0) -> Quantity:
        """A number of the curve: "step", "slope", "error" or "relative" of a row, or "base" and "moved", the values it
        takes the difference of; "exact"; "best" and "theory" (steps)."""
        if what in ("exact", "best", "theory"):
            value = {"exact": lambda: self.exact, "best": lambda: self.best.step, "theory": lambda: self.theory}[what]()
            if value is None:
                raise EngineError(f"Theory names no best step for {self.scheme} differences of {self.function.title} here.")
            return Quantity("error_curve", what, value)
        if what not in CurveRow.__dataclass_fields__ and what not in ("base", "moved"):
            raise EngineError(f"The curve has no {what!r}.")
        if not -len(self.rows) <= row < len(self.rows):
            raise EngineError(f"The curve has no row {row}; it has {len(self.rows)}.")
        row %= len(self.rows)
        if what in ("base", "moved"):
            if self.scheme not in ("forward", "central"):
                raise EngineError(f"The {self.scheme} scheme takes no difference of two values.")
            return Quantity("error_curve", f"{what}/{row}", self.values(row)[what == "moved"])
        return Quantity("error_curve", f"{what}/{row}", getattr(self.rows[row], what))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``relative/3``, ``exact``."""
        what, _, row = key.partition("/")
        return self.quantity(what, int(row or 0)).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "error_curve", "function": self.function.describe(), "at": jsonable(self.at), "name": self.name,
            "element": None if self.element is None else list(self.element), "scheme": self.scheme, "dtype": self.dtype,
            "steps": list(self.steps),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> ErrorCurve:
        element = description["element"]
        return cls(
            Function.rebuild(description["function"]), description["at"], description["name"], description["scheme"],
            description["dtype"], description["steps"], None if element is None else tuple(element),
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<error of {self.scheme} differences of {self.function.name} in {self.dtype}, {len(self.rows)} steps>"


def error_curve(
    function: Any, at: Any, name: str | None = None, scheme: str = "forward", dtype: Any = "float64",
    steps: Sequence[float] | None = None, element: tuple[int, ...] | None = None,
) -> ErrorCurve:  # fmt: skip
    """The error of a difference over its step (see ``ErrorCurve``); by default two steps for each power of ten."""
    return ErrorCurve(function, at, name, scheme, dtype, steps, element)
