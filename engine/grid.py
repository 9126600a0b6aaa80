"""Values of a function on a mesh: all at once where that is provably the same, else point by point."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import EngineError

if TYPE_CHECKING:
    from .function import Function


def grid(function: Function, axes: Mapping[str, Any], fixed: Mapping[str, Any]) -> np.ndarray:
    """An array of shape (len(axis), …), one dimension per axis in the order given; nan and inf are
    allowed."""
    if not 1 <= len(axes) <= 2:
        raise EngineError(f"A grid has one or two axes; {len(axes)} were given.")
    lines = {}
    for name, values in axes.items():
        lines[name] = np.asarray(values, dtype=float)
        if lines[name].ndim != 1 or not lines[name].size:
            raise EngineError(f"The axis {name} must be a list of numbers.")
    first = {name: float(line[0]) for name, line in lines.items()}
    point = function.complete({**fixed, **first})
    if both := sorted(set(axes) & set(fixed)):
        raise EngineError(f"{', '.join(both)} is an axis of the grid and fixed as well; leave one out.")
    if any(isinstance(point[name], np.ndarray) for name in lines):
        raise EngineError("A grid runs over inputs that are single numbers.")
    shape = tuple(line.size for line in lines.values())
    mesh = dict(zip(lines, np.meshgrid(*lines.values(), indexing="ij"), strict=True))
    whole = _at_once(function, mesh, point, shape)
    return whole if whole is not None else _one_by_one(function, lines, point, shape)


def _value(function: Function, point: Mapping[str, Any]) -> float:
    """One plain value; what Python raises for (1/0, log(-1)) is a hole in the grid."""
    try:
        with np.errstate(all="ignore"):
            args, kwargs = function._arguments({**function.held, **point})
            value = function._call(*args, **kwargs)
            return float(value) if not isinstance(value, complex) else np.nan
    except (ZeroDivisionError, OverflowError, ValueError):
        return np.nan


def _at_once(function: Function, mesh: dict, point: dict, shape: tuple[int, ...]) -> np.ndarray | None:
    """The function on whole arrays, or None unless it is text (elementwise by construction) or agrees, bit
    for bit
    but for numpy's own last digit, with values computed one by one at spread-out points."""
    if any(isinstance(value, np.ndarray) for value in point.values()):
        return None
    try:
        with np.errstate(all="ignore"):
            args, kwargs = function._arguments({**function.held, **point, **mesh})
            values = function._call(*args, **kwargs)
    except Exception:  # the user's code may raise anything when it meets an array
        return None
    if not isinstance(values, np.ndarray) or values.shape != shape or values.dtype.kind != "f":
        return None
    if function.kind == "text":
        return values
    places = list(itertools.product(*(sorted({0, n // 3, n // 2, (2 * n) // 3, n - 1}) for n in shape)))
    for place in places:
        single = _value(function, {**point, **{name: float(m[place]) for name, m in mesh.items()}})
        if not np.isclose(single, values[place], rtol=1e-12, atol=0.0, equal_nan=True):
            return None
    return values


def _one_by_one(function: Function, lines: dict, point: dict, shape: tuple[int, ...]) -> np.ndarray:
    values = np.empty(shape)
    for place in np.ndindex(*shape):
        moved = {name: float(line[k]) for (name, line), k in zip(lines.items(), place, strict=True)}
        values[place] = _value(function, {**point, **moved})
    return values
