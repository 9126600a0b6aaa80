"""Sides: the slopes of a function just left and just right of a place – equal where it has one slope, two at a kink.

The engine's derivative is read at places that close in on the point from one side, and its limit is taken (Aitken's rule).

>>> corner = Sides("abs(x)", {"x": 0.0}, "x")
>>> corner.kind, corner.left.slope, corner.right.slope
('kink', -1.0, 1.0)
>>> Sides("sign(x)", {"x": 0.0}, "x").kind
'jump'
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .quantity import Quantity

SIDES = {"left": -1.0, "right": 1.0}
STEPS = tuple(2.0**-k for k in (16, 20, 24, 28))  # of the point's size, or of 1: how near the derivative is read
FAR = 2.0**-7  # where it is read to know its size
MOST = 8  # a quotient is taken as near as 10**-MOST
SAME = 1e-6  # of the slopes' size: by so much two slopes may differ and be one


@dataclass(frozen=True)
class Side:
    """What a function does on one side of a place: the ``value`` that it tends to, the ``slope`` that it comes in with (both
    nan where there is none), and whether it ``joins`` the value at the place. An infinite slope is a vertical one."""

    value: float
    slope: float
    joins: bool


class Sides:
    """``left`` and ``right`` of the place ``at`` along the input ``name``, and in ``kind`` what that comes to:

    "smooth"  one slope, the same from both sides
    "kink"    a slope from each side, and they differ
    "jump"    the value itself is another one on one side
    "steep"   the slope grows without end
    "edge"    no value on one side
    "wild"    the slope does not settle

    ``here`` is the slope that the engine reports at the place: at a kink the side that its conventions name (nan where it
    reports none). Raises EngineError where the function has no finite value, and for inputs that are arrays.
    """

    def __init__(self, function: Any, at: Mapping[str, Any], name: str):
        self.function = Function.of(function)
        self.at = self.function.complete(at)
        self.name = name
        if name not in self.at:
            raise EngineError(f"There is no input {name}; inputs are {', '.join(self.at)}.")
        if isinstance(self.at[name], np.ndarray):
            raise EngineError(f"The input {name} is an array; a slope has two sides for a single number only.")
        self.x = float(self.at[name])
        self.value = self._value(self.x)
        if not math.isfinite(self.value):
            raise EngineError(f"The function has no finite value at {name} = {self.x:g}, so there is nothing to come to.")
        self.unit = max(abs(self.x), 1.0)
        try:
            trace = self.function.trace(self.at)
            self.here = float(trace.gradient[name])
            self.conventions: tuple[str, ...] = tuple(map(str, trace.conventions))
        except EngineError:
            self.here, self.conventions = math.nan, ()
        self.left, self.right = (self._side(sign) for sign in SIDES.values())
        self.kind = self._kind()

    # -- what it comes to ------------------------------------------------------------------------------------------
    def _value(self, x: float) -> float:
        with np.errstate(all="ignore"):
            try:
                return float(self.function.grid({self.name: [x]}, fixed=self._others).ravel()[0])
            except (EngineError, ValueError, OverflowError, ZeroDivisionError):
                return math.nan

    @property
    def _others(self) -> dict[str, Any]:
        return {n: v for n, v in self.at.items() if n != self.name}

    def _slope(self, x: float) -> float:
        try:
            return float(self.function.value_and_gradient({**self.at, self.name: x})[1][self.name])
        except EngineError:
            flat = self._value(x)  # a piece that depends on no input has no gradient, and the slope zero
            return 0.0 if math.isfinite(flat) and flat == self._value(x + 1e-9 * self.unit * np.sign(x - self.x)) else math.nan

    def _side(self, sign: float) -> Side:
        places = [self.x + sign * self.unit * step for step in STEPS]
        values, slopes = [self._value(x) for x in places], [self._slope(x) for x in places]
        if not np.isfinite(values).all():
            return Side(math.nan, math.nan, False)
        known = [abs(s) for s in (*slopes, self._slope(self.x + sign * self.unit * FAR)) if math.isfinite(s)]
        slope = limit(slopes, max(known, default=math.nan))
        # what is left of the rise without the slope's own share: at a jump it stays, however near one comes
        rests = [v - self.value - (x - self.x) * (s if math.isfinite(s) else 0.0)
                 for v, x, s in zip(values, places, slopes, strict=True)]  # fmt: skip
        noise = 1e-9 * max(abs(self.value), *map(abs, values))
        gap = abs(rests[-1]) > max(0.5 * abs(rests[0]), noise)
        value = limit(values, max(map(abs, values))) if gap else self.value
        return Side(value, slope, not gap)

    def _kind(self) -> str:
        both = (self.left, self.right)
        if any(math.isnan(side.value) for side in both):
            return "edge"
        if not all(side.joins for side in both):
            return "jump"
        if any(math.isnan(side.slope) for side in both):
            return "wild"
        if any(math.isinf(side.slope) for side in both):
            return "steep"
        size = max(abs(self.left.slope), abs(self.right.slope))
        far = max((abs(s) for s in (self._slope(self.x + d * FAR * self.unit) for d in SIDES.values()) if math.isfinite(s)),
                  default=0.0)  # fmt: skip
        return "smooth" if abs(self.left.slope - self.right.slope) <= SAME * max(size, 1e-3 * far) else "kink"

    def side(self, which: str) -> Side:
        """One of them by its name."""
        if which not in SIDES:
            raise EngineError(f"There is no side {which!r}; there are left and right.")
        return self.left if which == "left" else self.right

    # -- numbers that may be shown ---------------------------------------------------------------------------------
    def quantity(self, what: str) -> Quantity:
        """A number that may be shown.

        "x", "value"; "left" and "right", the slopes; "left/value", "right/value"; "turn", the right slope less the left
        one; "gap", the right value less the left one; "here", the slope that the engine reports; "delta/k", 10⁻ᵏ;
        "quotient/left/k", rise over run for a nudge of 10⁻ᵏ to that side.
        """
        kind, *rest = what.split("/")
        if kind in SIDES and not rest:
            value = self.side(kind).slope
        elif kind in SIDES and rest == ["value"]:
            value = self.side(kind).value
        elif kind == "quotient" and len(rest) == 2:
            delta = SIDES[rest[0]] * self._delta(rest[1]) if rest[0] in SIDES else math.nan
            value = (self._value(self.x + delta) - self.value) / delta
        elif kind == "delta" and len(rest) == 1:
            value = self._delta(rest[0])
        else:
            known = {
                "x": self.x, "value": self.value, "turn": self.right.slope - self.left.slope,
                "gap": self.right.value - self.left.value, "here": self.here,
            }  # fmt: skip
            if what not in known:
                raise EngineError(f"Sides have no {what!r}.")
            value = known[what]
        if not math.isfinite(value):
            raise EngineError(f"There is no finite {what!r} at {self.name} = {self.x:g}.")
        return Quantity("sides", what, value)

    def _delta(self, power: str) -> float:
        if not power.isdigit() or int(power) > MOST:
            raise EngineError(f"A nudge is ten to minus a whole number up to {MOST}, not {power!r}.")
        return 10.0 ** -int(power)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "sides", "function": self.function.describe(), "at": jsonable(self.at), "name": self.name}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Sides:
        return cls(Function.rebuild(description["function"]), description["at"], description["name"])

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.function.title} at {self.name} = {self.x:g}>"


def limit(row: list[float], size: float) -> float:
    """Where four values head that are taken nearer and nearer, each sixteen times as near; infinite where they grow, nan where
    they do neither.

    >>> limit([1 + 16.0**-k for k in range(4)], 1.0), limit([4.0**k for k in range(4)], 64.0)
    (1.0, inf)
    """
    if not all(map(math.isfinite, row)):
        return math.nan
    steps = [b - a for a, b in zip(row, row[1:], strict=False)]
    if all(abs(step) <= 1e-9 * size for step in steps[1:]):
        return row[-1] + (steps[-1] / 15 if abs(steps[-1]) < abs(steps[-2]) else 0.0)
    shares = [b / a if a else math.inf for a, b in zip(steps, steps[1:], strict=False)]
    if min(shares) > 0.95 and np.sign(row[-1]) == np.sign(steps[-1]):
        return math.copysign(math.inf, row[-1])
    ends = [row[k + 2] + steps[k + 1] * shares[k] / (1 - shares[k]) for k in (0, 1) if abs(shares[k]) < 0.95]
    return ends[1] if len(ends) == 2 and abs(ends[1] - ends[0]) <= 1e-4 * size else math.nan


__all__ = ["SIDES", "Side", "Sides"]
