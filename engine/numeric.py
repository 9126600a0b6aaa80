"""Differences: slopes measured by moving one number, with an estimate of their error, in double or single precision.

    forward      (f(x+h) - f(x)) / h                     error of order h
    central      (f(x+h) - f(x-h)) / 2h                  error of order h^2
    richardson   central with h, h/2, h/4 …, extrapolated to h = 0 (Ridders 1982)
    complex      Im f(x+ih) / h                          no cancellation, so h may be tiny (Squire and Trapp 1998)

In double precision the user's plain function is called, without the engine. In single precision the steps that the
function takes are recorded and each is computed again from single-precision operands, the user's data included, and
rounded to single precision: that is what a program in float32 computes. The complex step runs the recorded steps with
complex numbers; an ``if`` or a loop is decided at the real point.

scipy.differentiate was weighed and is not used: it wants functions that take arrays of points (a user's function with an
``if`` does not), knows neither the complex step nor one element of an array, and shows none of its rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .precision import Complex, Single, record, replay

SCHEMES = ("forward", "central", "richardson", "complex")
DTYPES = ("float64", "float32")
Number = Any


@dataclass(frozen=True)
class Difference:
    """A slope measured by differences: ``error`` is an estimate of how far off it is, ``step`` the h that was used."""

    value: float
    error: float
    step: float
    scheme: str
    dtype: str
    evaluations: int


def difference(
    function: Any, at: Any, name: str | None = None, element: tuple[int, ...] | None = None, *,
    scheme: str = "central", step: float | None = None, dtype: Any = "float64",
) -> Difference:  # fmt: skip
    """The slope of a function by one input, or by one ``element`` of an input that is an array.

    ``at`` is a point by name, or the value of the only input. Without ``step`` several steps are tried and the one with
    the smallest estimated error is taken. ``dtype`` is "float64" or "float32".

    >>> found = difference("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}, "x")
    >>> round(found.value, 7), found.error < 1e-7
    (2.6341556, True)
    >>> difference("x**3", 2.0, scheme="complex").value
    12.0

    Raises EngineError for an unknown input, scheme or element, where the function has no finite values around the point,
    and for a complex step through a function that is not analytic, such as abs or max.
    """
    return measure(Line(function, at, name, element, dtype, scheme), step)


def measure(line: Line, step: float | None) -> Difference:
    if step is not None and (not math.isfinite(step) or step == 0):
        raise EngineError("The step of a difference must be a finite number other than 0.")
    if line.scheme == "complex":
        h = 2.0**-100 if step is None else step
        value = line.complex_step(h)
        found = (value, line.epsilon * abs(value), h)
    elif line.scheme == "richardson":
        found = _richardson(line, step)
    else:
        found = _best_quotient(line, step)
    if not math.isfinite(found[0]):
        raise EngineError(f"The function has no finite values around {line.name} = {line.x:g}; no difference can be taken.")
    return Difference(*found, line.scheme, line.dtype, line.evaluations)


# -- the function along one coordinate -------------------------------------------------------------------------
class Line:
    """A function along one coordinate, in one precision. ``value(t)`` is f where the coordinate is x + t."""

    def __init__(self, function: Any, at: Any, name: str | None, element: Any, dtype: Any, scheme: str):
        self.function = Function.of(function)
        if not isinstance(at, Mapping):
            at = {name or self.function.inputs[0]: at}
        if name is None and len(self.function.inputs) == 1:
            name = self.function.inputs[0]
        if name not in self.function.inputs:
            raise EngineError(
                f"Say which input to move: {', '.join(self.function.inputs)}."
                if name is None else f"There is no input {name}; inputs are {', '.join(self.function.inputs)}."
            )  # fmt: skip
        if scheme not in SCHEMES:
            raise EngineError(f"There is no scheme {scheme!r}; there are {', '.join(SCHEMES)}.")
        self.dtype = np.dtype(dtype).name if dtype in (float, np.float32, np.float64, *DTYPES) else str(dtype)
        if self.dtype not in DTYPES:
            raise EngineError(f"Differences are taken in {' or '.join(DTYPES)}, not in {self.dtype}.")
        self.kind = np.dtype(self.dtype).type
        self.epsilon = float(np.finfo(self.kind).eps)
        self.name, self.scheme, self.evaluations = name, scheme, 0
        point = self.function.complete(at)
        self.at = {k: self._round(v) for k, v in point.items()}
        base = self.at[name]
        self.element = _checked_element(base, element, name)
        self.x = float(base if self.element is None else base[self.element])

    def _round(self, value: Any) -> Any:
        """A value as this precision holds it, as a float or array of floats."""
        return value.astype(self.kind).astype(float) if isinstance(value, np.ndarray) else float(self.kind(value))

    def point(self, x: float) -> dict[str, Any]:
        if self.element is None:
            return {**self.at, self.name: x}
        moved = self.at[self.name].copy()
        moved[self.element] = x
        return {**self.at, self.name: moved}

    def moved(self, h: float) -> float:
        """x + h in this precision."""
        return float(self.kind(self.x) + self.kind(h))

    def value(self, x: float) -> Number:
        """f at x as a number of this precision; nan where the function has no value."""
        self.evaluations += 1
        point = self.point(x)
        try:
            if self.kind is np.float64:
                result = self.function(**point)
                return np.float64(result) if not isinstance(result, complex) else np.float64("nan")
            records, output = record(self.function, point)
            with np.errstate(all="ignore"):
                return np.float32(replay(records, output, Single()))
        except EngineError as problem:
            if "raised" in problem.sentence or "depends on none" in problem.sentence:
                raise
            return self.kind("nan")
        except (ValueError, ZeroDivisionError, OverflowError):
            return self.kind("nan")

    def complex_step(self, h: float) -> float:
        self.evaluations += 1
        records, output = record(self.function, self.at)
        kind = np.complex128 if self.kind is np.float64 else np.complex64
        moved: Any = kind(complex(self.x, h))
        if self.element is not None:
            array = self.at[self.name].astype(kind)
            array[self.element] = moved
            moved = array
        index = self.function.inputs.index(self.name)
        with np.errstate(all="ignore"):
            result = replay(records, output, Complex(kind, index, moved))
        return float(np.imag(result) / self.kind(h))


def _checked_element(base: Any, element: Any, name: str) -> tuple[int, ...] | None:
    if not isinstance(base, np.ndarray):
        if element not in (None, ()):
            raise EngineError(f"The input {name} is a single number; it has no element {element}.")
        return None
    where = tuple(element) if isinstance(element, (tuple, list)) else element if element is None else (element,)
    if where is None or len(where) != base.ndim:
        raise EngineError(f"The input {name} is an array of shape {base.shape}; say which element to move.")
    if any(not -n <= k < n for k, n in zip(where, base.shape, strict=True)):
        raise EngineError(f"The input {name} has shape {base.shape}; it has no element {where}.")
    return tuple(int(k) % n for k, n in zip(where, base.shape, strict=True))


# -- the schemes -----------------------------------------------------------------------------------------------
def quotient(line: Line, h: float, nominal: bool = False) -> tuple[float, float]:
    """The difference quotient for one step, and how much of it may be rounding. Every operation in the line's precision.

    It divides by the step that was really made, which x + h rounds; or by h itself when ``nominal``, as a formula does.
    """
    right = line.moved(h)
    left = line.moved(-h) if line.scheme != "forward" else line.x
    width = line.kind(right) - line.kind(left)
    if nominal:
        width = line.kind(h) if line.scheme == "forward" else line.kind(2.0) * line.kind(h)
    if not width:
        return math.nan, math.inf
    with np.errstate(all="ignore"):
        high, low = line.value(right), line.value(left)
        slope = (high - low) / width
        rounding = line.epsilon * (abs(float(high)) + abs(float(low))) / abs(float(width))
    return float(slope), rounding


def _scales(line: Line) -> list[float]:
    """The sizes of steps worth trying: that of x, and 1."""
    size = abs(line.x)
    return [max(size, 1.0), size] if 0.0 < size < 0.1 else [max(size, 1.0)]


def _best_quotient(line: Line, step: float | None) -> tuple[float, float, float]:
    """One step, or the best of many: where neighbouring steps and the rounding differ least."""
    order = 1.0 if line.scheme == "forward" else 3.0  # D(2h) - D(h) is so many times the error of D(h)
    if step is not None:
        slope, rounding = quotient(line, step)
        wide, _ = quotient(line, 2.0 * step)
        return slope, _finite(abs(slope - wide) / order + rounding), step
    chosen = (math.nan, math.inf, math.nan)
    for scale in _scales(line):
        best = (math.nan, math.inf, math.nan)
        steps = [scale * 2.0**-k for k in range(1, int(-0.8 * math.log2(line.epsilon)))]
        rows = [quotient(line, h) for h in steps]
        for k in range(1, len(rows) - 1):
            slope, rounding = rows[k]
            # Rounding doubles with each smaller step: three of them, so that two that agree by chance do not deceive.
            closer = [2.0 ** (2 - j) * abs(slope - rows[k + j][0]) for j in (1, 2, 3) if k + j < len(rows)]
            change = max(abs(slope - rows[k - 1][0]), *closer)
            error = change / order + rounding
            if error < best[1]:
                best = (slope, error, steps[k])
        chosen = _choose(chosen, best)
    return chosen


def _choose(wide: tuple[float, float, float], narrow: tuple[float, float, float]) -> tuple[float, float, float]:
    """Of two measurements the one with the smaller error – unless they contradict each other: then wide steps have missed
    what the function does near x, and the narrow ones count as long as they say anything at all."""
    if math.isfinite(wide[1]) and math.isfinite(narrow[1]) and abs(wide[0] - narrow[0]) > 4.0 * (wide[1] + narrow[1]):
        return narrow if narrow[1] < 0.1 * abs(narrow[0]) else wide
    return narrow if narrow[1] < wide[1] else wide


def _finite(error: float) -> float:
    return error if error == error else math.inf


def _richardson(line: Line, step: float | None) -> tuple[float, float, float]:
    """Ridders' table of central differences; smaller first steps are tried while the function has no value at a wide one
    or the table does not settle."""
    best = (math.nan, math.inf, math.nan)
    starts = [step] if step is not None else [scale * f for scale in _scales(line) for f in (0.25, 0.02, 1e-3, 2e-5)]
    for start in starts:
        best = _choose(best, ridders(line, start))
        if best[1] <= 64 * line.epsilon * max(abs(best[0]), 1e-6):
            break
    return best


def ridders(line: Line, start: float) -> tuple[float, float, float]:
    best = (math.nan, math.inf, start)
    before: list[float] = []
    h = start
    for _ in range(10):
        slope, rounding = quotient(line, h)
        row = [slope]
        if not math.isfinite(slope):
            before, h = [], h / 2.0
            continue
        for j, left in enumerate(before):
            factor = 4.0 ** (j + 1)
            row.append((factor * row[j] - left) / (factor - 1.0))
            error = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - left), rounding, line.epsilon * abs(row[j + 1]))
            if error < best[1]:
                best = (row[j + 1], error, h)
        if before and abs(row[-1] - before[-1]) > 2.0 * best[1]:
            break
        before, h = row, h / 2.0
    return best
