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

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .linear import Joint
from .marks import INPUT
from .primitive import Elementwise, Linear
from .quantity import Quantity
from .rebind import rebind
from .recording import Recording
from .spans import span_of
from .tape import CONSTANT, Record
from .trace import operand_pairs
from .transforms import grad, jvp, vjp
from .trees import flatten, paths, unflatten

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
    return _measure(Line(function, at, name, element, dtype, scheme), step)


def _measure(line: Line, step: float | None) -> Difference:
    if step is not None and (not math.isfinite(step) or step == 0):
        raise EngineError("The step of a difference must be a finite number other than 0.")
    if line.scheme == "complex":
        h = 2.0**-100 if step is None else step
        value = line.complex_step(h)
        found = (value, line.epsilon * abs(value), h)
    elif line.scheme == "richardson":
        found = _richardson(line, step)
    else:
        found = _quotient(line, step)
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
def _slope(line: Line, h: float, nominal: bool = False) -> tuple[float, float]:
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


def _quotient(line: Line, step: float | None) -> tuple[float, float, float]:
    """One step, or the best of many: where neighbouring steps and the rounding differ least."""
    order = 1.0 if line.scheme == "forward" else 3.0  # D(2h) - D(h) is so many times the error of D(h)
    if step is not None:
        slope, rounding = _slope(line, step)
        wide, _ = _slope(line, 2.0 * step)
        return slope, _finite(abs(slope - wide) / order + rounding), step
    chosen = (math.nan, math.inf, math.nan)
    for scale in _scales(line):
        best = (math.nan, math.inf, math.nan)
        steps = [scale * 2.0**-k for k in range(1, int(-0.8 * math.log2(line.epsilon)))]
        rows = [_slope(line, h) for h in steps]
        for k in range(1, len(rows) - 1):
            slope, rounding = rows[k]
            change = max(abs(slope - rows[k - 1][0]), 2.0 * abs(slope - rows[k + 1][0]))
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
        best = _choose(best, _ridders(line, start))
        if best[1] <= 64 * line.epsilon * max(abs(best[0]), 1e-6):
            break
    return best


def _ridders(line: Line, start: float) -> tuple[float, float, float]:
    best = (math.nan, math.inf, start)
    before: list[float] = []
    h = start
    for _ in range(10):
        slope, rounding = _slope(line, h)
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


# -- the steps again in another arithmetic -----------------------------------------------------------------------
def record(function: Function, point: Mapping[str, Any]) -> tuple[list[Record], Any]:
    """The steps that a function takes at a point, and the index of its result (or the result, where it is a constant)."""
    names = list(point)

    def of_values(*values: Any) -> Any:
        args, kwargs = function._arguments({**function.held, **dict(zip(names, values, strict=True))})
        return function._run(rebind(function._call), args, kwargs)

    with np.errstate(all="ignore"):
        run = Recording(of_values, list(point.values()), {}, range(len(names)))
    (leaf,) = run.leaves if len(run.leaves) == 1 else [None]
    if leaf is None or np.shape(getattr(leaf, "value", leaf)):
        raise EngineError(f"{function.title} does not return one number; differences are taken of one number.")
    return run.tape.records, leaf.index if run.on_tape(leaf) else float(leaf)


class Single:
    """Single precision: operands and results of every step are float32."""

    def input(self, index: int, value: Any) -> Any:
        return self.cast(value)

    def cast(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value if value.dtype.kind == "b" else value.astype(np.float32)
        return value if isinstance(value, bool) else np.float32(value)

    def step(self, record: Record, sources: list[int], operands: list[Any]) -> Any:
        primitive = record[0]
        params = record[7] if record[5] is None else {}
        if isinstance(primitive, Elementwise) and not any(isinstance(x, np.ndarray) for x in operands):
            return np.float32(primitive.on_array(*(np.array([x]) for x in operands))[0])
        return self.cast(_plain(primitive.compute(*operands, **params)))


def _plain(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) and value.ndim else np.asarray(value)[()]


class Complex:
    """Complex numbers, in the steps that depend on the input that moves; all others keep their value."""

    def __init__(self, kind: Any, moving: int, moved: Any):
        self.kind = kind
        self.moving = moving
        self.moved = moved
        self.touched: set[int] = set()

    def input(self, index: int, value: Any) -> Any:
        if index == self.moving:
            self.touched.add(index)
            return self.moved
        return value

    def cast(self, value: Any) -> Any:
        return value

    def step(self, record: Record, sources: list[int], operands: list[Any]) -> Any:
        if not any(np.iscomplexobj(x) for x in operands):
            return record[1]
        primitive = record[0]
        params = record[7] if record[5] is None else {}
        rule = _COMPLEX.get(primitive.name)
        if rule is not None:
            result = rule(*operands, **params)
        elif isinstance(primitive, (Linear, Joint)) or primitive.name == "alias":
            result = _multilinear(primitive, operands, params)
        elif isinstance(primitive, Elementwise) and primitive.name in _ANALYTIC:
            wide = [x if isinstance(x, np.ndarray) else np.array([x]) for x in operands]
            result = primitive.on_array(*wide)
            result = result if any(isinstance(x, np.ndarray) for x in operands) else result[0]
        else:
            span = span_of(record[2], record[3])
            place = f" (at {span.text!r:.60})" if span is not None else ""
            raise EngineError(
                f"The complex step needs a function that is analytic, and {primitive.name} is none{place}; "
                "take central or richardson differences.", span
            )  # fmt: skip
        return result.astype(self.kind) if isinstance(result, np.ndarray) else self.kind(result)


def _multilinear(primitive: Any, operands: list[Any], params: dict) -> Any:
    """A linear map of complex operands from its values for real ones: no rule has to know complex numbers."""
    if primitive.name == "alias":
        return operands[0]
    mixed = [np.iscomplexobj(x) for x in operands]
    if isinstance(primitive, Joint):
        real = primitive.compute(*(np.real(x) for x in operands), **params)
        return real + 1j * primitive.compute(*(np.imag(x) for x in operands), **params)
    total: Any = 0.0
    for parts in product(*((False, True) if m else (False,) for m in mixed)):
        pieces = [np.imag(x) if imaginary else np.real(x) for x, imaginary in zip(operands, parts, strict=True)]
        total = total + (1, 1j, -1, -1j)[sum(parts) % 4] * primitive.compute(*pieces, **params)
    return total


_ANALYTIC = {
    "add", "sub", "mul", "div", "neg", "square", "sqrt", "reciprocal", "exp", "expm1", "exp2", "log", "log2", "log10", "log1p",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
}  # fmt: skip
_COMPLEX: dict[str, Callable] = {
    "pow": lambda x, z: np.power(np.asarray(x) + 0j, z)[()],
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "softplus": lambda x: np.where(np.real(x) > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))[()],
    "sech2": lambda x: 1.0 / np.square(np.cosh(x)),
    "prod": lambda x, axis=None, keepdims=False: np.prod(x, axis=axis, keepdims=keepdims),
    "inv": np.linalg.inv, "det": np.linalg.det,
    "logsumexp": lambda x, axis=None, keepdims=False: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
}  # fmt: skip


def replay(records: list[Record], output: Any, arithmetic: Single | Complex) -> Any:
    """The result of recorded steps in another arithmetic."""
    if isinstance(output, float):
        return output
    values: list[Any] = []
    for index, entry in enumerate(records[: output + 1]):
        if entry[0] is INPUT:
            values.append(arithmetic.input(index, entry[1]))
            continue
        pairs = operand_pairs(entry)
        operands = [values[i] if i != CONSTANT else arithmetic.cast(v) for i, v in pairs]
        values.append(arithmetic.step(entry, [i for i, _ in pairs], operands))
    return values[output]


# -- the error over the step -------------------------------------------------------------------------------------
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
            slope = _ridders(line, h)[0]
        else:
            slope = _slope(line, h, nominal=True)[0]
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
    def theory(self) -> float | None:
        """The step at which bend and rounding should weigh the same: 2 sqrt(e|f|/|f''|) forward, cbrt(3 e|f|/|f'''|)
        central, with e the precision; None where the derivative it needs is 0 and for the other schemes."""
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
            return 2.0 * math.sqrt(size / bend) if bend else None
        bend = abs(right - 2 * middle + left) / d**2
        return math.cbrt(3.0 * size / bend) if bend else None

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, row: int = 0) -> Quantity:
        """A number of the curve: "step", "slope", "error" or "relative" of a row; "exact"; "best" (a step)."""
        if what in ("exact", "best"):
            return Quantity("error_curve", what, self.exact if what == "exact" else self.best.step)
        if what not in CurveRow.__dataclass_fields__:
            raise EngineError(f"The curve has no {what!r}.")
        if not -len(self.rows) <= row < len(self.rows):
            raise EngineError(f"The curve has no row {row}; it has {len(self.rows)}.")
        return Quantity("error_curve", f"{what}/{row % len(self.rows)}", getattr(self.rows[row], what))

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


# -- checking the engine -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CheckRow:
    """One slope, computed twice. ``order`` 1 is the function's own slope, 2 the slope of its gradient."""

    order: int
    mode: str
    input: str
    element: tuple[int, ...] | None
    engine: float
    difference: float
    error: float  # what the difference may be off by
    tolerance: float

    @property
    def distance(self) -> float:
        return abs(self.engine - self.difference)

    @property
    def agrees(self) -> bool:
        return self.distance <= self.tolerance

    def __str__(self) -> str:
        place = self.input if self.element is None else f"{self.input}[{', '.join(map(str, self.element))}]"
        what = "slope" if self.order == 1 else f"slope of order {self.order}"
        return (
            f"the {what} by {place} is {self.engine:.12g} in {self.mode} mode and {self.difference:.12g} by differences "
            f"(off by {self.distance:.2g}, tolerance {self.tolerance:.2g}, differences good to {self.error:.2g})"
        )


@dataclass(frozen=True)
class GradientReport:
    """What ``check_grads`` compared, when all was well. ``worst`` is the row nearest to its tolerance."""

    rows: tuple[CheckRow, ...]

    @property
    def worst(self) -> CheckRow:
        return max(self.rows, key=lambda row: row.distance / row.tolerance if row.tolerance else 0.0)

    def __str__(self) -> str:
        return f"{len(self.rows)} slopes agree; nearest to its tolerance: {self.worst}."


class GradientMismatch(EngineError, AssertionError):
    """The engine and differences disagree. ``row`` is the first slope that is off, ``rows`` all that were compared."""

    def __init__(self, sentence: str, row: CheckRow, rows: tuple[CheckRow, ...]):
        super().__init__(sentence)
        self.row = row
        self.rows = rows

    def __reduce__(self) -> Any:
        return (GradientMismatch, (self.sentence, self.row, self.rows))


def check_grads(
    f: Any, *args: Any, order: int = 2, modes: Sequence[str] = ("forward", "reverse"), tolerance: float = 1e-7, most: int = 50
) -> GradientReport:
    """Compare the engine's slopes of a function with Richardson differences, by every input and element.

    ``f`` is a function of ``args`` (numbers, arrays, or trees of them), or a text or Function with a point by name. A
    result of several numbers is weighed with fixed weights. ``order`` 2 checks the slopes of the gradient as well, by
    differences of the gradient, and so on. ``tolerance`` is relative to the slope, with the estimated error of the
    difference added; of an array with more than ``most`` elements only so many, evenly spread, are checked.

    Raises GradientMismatch (an EngineError and an AssertionError) with the input, the element, both values, the error and
    the tolerance of the first slope that is off; returns a report when all agree.

    >>> report = check_grads(lambda x, y: x * np.sin(x * y), 1.5, np.array([0.3, -0.5]).sum())
    >>> len(report.rows), report.worst.agrees
    (8, True)
    """
    for mode in modes:
        if mode not in ("forward", "reverse"):
            raise EngineError(f"Slopes are checked in forward and reverse mode, not in {mode!r}.")
    if order < 1:
        raise EngineError("The order of a check is 1 or more.")
    call, values, names = _callable(f, args)
    rows: list[CheckRow] = []
    leaves, structure = flatten(values)
    leaves = [float(leaf) if np.ndim(leaf) == 0 else np.array(leaf, dtype=float) for leaf in leaves]
    labels = [label for value, name in zip(values, names, strict=True) for label in paths(value, name)]

    def of_leaves(*given: Any) -> Any:
        return _weighed(call(*unflatten(structure, given)))

    target: Callable = of_leaves
    for level in range(1, order + 1):
        rows += _check(target, leaves, labels, level, modes, tolerance, most)
        target = _directional(target, leaves)
    bad = [row for row in rows if not row.agrees]
    if bad:
        more = f"; {len(bad)} of {len(rows)} slopes are off" if len(bad) > 1 else ""
        raise GradientMismatch(f"The gradient does not agree with differences: {bad[0]}{more}.", bad[0], tuple(rows))
    return GradientReport(tuple(rows))


def _callable(f: Any, args: tuple) -> tuple[Callable, tuple, list[str]]:
    """What to call with the values, the values, and the names of the inputs."""
    if isinstance(f, (str, Function)):
        function = Function.of(f)
        point = function.complete(args[0] if len(args) == 1 and isinstance(args[0], Mapping) else
                                  dict(zip(function.inputs, args, strict=False)))  # fmt: skip

        def call(*values: Any) -> Any:
            given, named = function._arguments({**function.held, **dict(zip(point, values, strict=True))})
            return rebind(function._call)(*given, **named)

        return call, tuple(point.values()), list(point)
    if not args:
        raise EngineError("Give the values at which to check, one for each argument of the function.")
    try:
        names = list(inspect.signature(f).parameters)[: len(args)]
    except (TypeError, ValueError):
        names = []
    names += [f"argument {k}" for k in range(len(names), len(args))]
    return (lambda *values: rebind(f)(*values)), args, names


def _weighed(result: Any) -> Any:
    """One number of a result: itself, or its elements added up with fixed weights that no symmetry cancels."""
    leaves, _ = flatten(result)
    if len(leaves) == 1 and not np.shape(getattr(leaves[0], "value", leaves[0])):
        return leaves[0]
    total: Any = 0.0
    for number, leaf in enumerate(leaves):
        shape = np.shape(getattr(leaf, "value", leaf))
        weights = np.cos(1.0 + number + np.arange(math.prod(shape))).reshape(shape)
        total = total + (np.sum(leaf * weights) if shape else leaf * float(weights))
    return total


def _directional(target: Callable, leaves: Sequence[Any]) -> Callable:
    """The gradient of ``target`` along one fixed direction: the function whose slope has the next order."""
    slope = grad(target, tuple(range(len(leaves))))
    return lambda *given: _weighed(list(slope(*given)))


def _check(
    target: Callable, leaves: list[Any], labels: list[str], order: int, modes: Sequence[str], tolerance: float, most: int
) -> list[CheckRow]:
    by_reverse = vjp(target, *leaves)[1](1.0) if "reverse" in modes else None
    rows = []
    for number, (leaf, label) in enumerate(zip(leaves, labels, strict=True)):
        for element in _spread_elements(np.shape(leaf), most):

            def value(x: float, number: int = number, element: Any = element) -> float:
                moved = list(leaves)
                if element is None:
                    moved[number] = x
                else:
                    moved[number] = leaves[number].copy()
                    moved[number][element] = x
                with np.errstate(all="ignore"):
                    return float(target(*moved))

            found = _measure(_Plain(value, float(leaf if element is None else leaf[element]), label), None)
            for mode in modes:
                if mode == "reverse":
                    assert by_reverse is not None
                    engine = by_reverse[number] if element is None else by_reverse[number][element]
                else:
                    engine = jvp(target, leaves, _unit(leaves, number, element))[1]
                size = max(abs(found.value), 1e-3)
                allowed = tolerance * size + 4.0 * min(found.error, 1e-3 * size)  # what does not settle passes nothing
                rows.append(CheckRow(order, mode, label, element, float(engine), found.value, found.error, allowed))
    return rows


def _spread_elements(shape: tuple[int, ...], most: int) -> list[tuple[int, ...] | None]:
    if not shape:
        return [None]
    size = math.prod(shape)
    flat = range(size) if size <= most else sorted({round(k) for k in np.linspace(0, size - 1, most)})
    return [tuple(int(k) for k in np.unravel_index(index, shape)) for index in flat]


def _unit(leaves: list[Any], number: int, element: Any) -> list[Any]:
    direction = [0.0 if np.ndim(leaf) == 0 else np.zeros(np.shape(leaf)) for leaf in leaves]
    if element is None:
        direction[number] = 1.0
    else:
        direction[number][element] = 1.0
    return direction


class _Plain(Line):
    """A line through any function of one number, in double precision."""

    def __init__(self, value: Callable[[float], float], x: float, name: str):
        self._value = value
        self.x, self.name, self.scheme, self.dtype, self.kind = x, name, "richardson", "float64", np.float64
        self.epsilon, self.evaluations = float(np.finfo(float).eps), 0

    def value(self, x: float) -> Number:
        self.evaluations += 1
        try:
            return np.float64(self._value(x))
        except (ValueError, ZeroDivisionError, OverflowError):
            return np.float64("nan")


__all__ = [
    "SCHEMES", "CheckRow", "CurveRow", "Difference", "ErrorCurve", "GradientMismatch", "GradientReport", "check_grads",
    "difference", "error_curve",
]  # fmt: skip
