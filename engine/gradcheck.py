"""check_grads: the engine's slopes against differences, by every input and element, to any order."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .numeric import Line, Number, measure
from .rebind import rebind
from .transforms import grad, jvp, vjp
from .trees import flatten, paths, unflatten


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

            found = measure(_Plain(value, float(leaf if element is None else leaf[element]), label), None)
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
    direction: list[Any] = [0.0 if np.ndim(leaf) == 0 else np.zeros(np.shape(leaf)) for leaf in leaves]
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
