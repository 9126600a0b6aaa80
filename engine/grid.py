"""Values of a function on a mesh: all at once where that is provably the same, else point by point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import EngineError
from .linear import Joint
from .primitive import Linear, TwoWay
from .rebind import rebind
from .recording import Recording
from .shapes import shape_of

TILE = 40_000  # elements computed at once: enough to hide the cost of a recording, few enough for the cache

if TYPE_CHECKING:
    from .function import Function


def grid(function: Function, axes: Mapping[str, Any], fixed: Mapping[str, Any]) -> np.ndarray:
    """An array of shape (len(axis), …), one dimension per axis in the order given; nan and inf are allowed."""
    lines, point = _lines(function, axes, fixed)
    shape = tuple(line.size for line in lines.values())
    mesh = _mesh(lines)
    whole = _at_once(function, mesh, point, shape)
    return whole if whole is not None else _one_by_one(function, lines, point, shape)


def slopes(
    function: Function, axes: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Values and partial derivatives by every axis on the mesh, each of the shape of ``grid``.

    One recording of whole arrays and one reverse sweep where the function works element by element, else a recording for
    every point. nan and inf are allowed; a point without a slope has nan.
    """
    lines, point = _lines(function, axes, fixed)
    shape = tuple(line.size for line in lines.values())
    found = _slopes_at_once(function, lines, point, shape)
    if found is not None:
        return found
    values = grid(function, axes, fixed)
    partials = {name: np.full(shape, np.nan) for name in lines}
    for place in np.ndindex(*shape):
        moved = {name: float(line[k]) for (name, line), k in zip(lines.items(), place, strict=True)}
        try:
            gradient = function.value_and_gradient({**point, **moved})[1]
        except EngineError:
            continue
        for name in lines:
            partials[name][place] = gradient[name]
    return values, partials


def _slopes_at_once(
    function: Function, lines: dict, point: dict, shape: tuple[int, ...]
) -> tuple[np.ndarray, dict[str, np.ndarray]] | None:
    """Values and slopes on whole arrays, or None where every element is not the function of its own point."""

    def of_mesh(*arrays: Any) -> Any:
        args, kwargs = function._arguments({**function.held, **point, **dict(zip(lines, arrays, strict=True))})
        return rebind(function._call)(*args, **kwargs)

    first, *others = lines.values()
    rows = max(1, TILE // max(1, math.prod(line.size for line in others)))
    values = np.empty(shape)
    partials = {name: np.empty(shape) for name in lines}
    try:
        for start in range(0, first.size, rows):
            tile = slice(start, start + rows)
            mesh = np.meshgrid(first[tile], *others, indexing="ij")
            with np.errstate(all="ignore"):
                run = Recording(of_mesh, mesh, {}, range(len(mesh)))
                whole = run.leaves[0]
                if not run.on_tape(whole) or shape_of(whole) != mesh[0].shape:
                    return None
                if any(isinstance(record[0], (Linear, Joint, TwoWay)) for record in run.tape.records):
                    return None  # something that mixes elements
                values[tile] = whole.value
                for name, part in zip(lines, run.pull(whole), strict=True):
                    partials[name][tile] = part
    except Exception:  # the user's code may raise anything when it meets an array
        return None
    if function.kind != "text" and not _agrees(function, point, _mesh(lines), values):
        return None
    return values, partials


def _lines(function: Function, axes: Mapping[str, Any], fixed: Mapping[str, Any]) -> tuple[dict[str, np.ndarray], dict]:
    """The axes as arrays, and the point with the first value of every axis."""
    if not 1 <= len(axes) <= 2:
        raise EngineError(f"A grid has one or two axes; {len(axes)} were given.")
    lines = {}
    for name, values in axes.items():
        lines[name] = np.asarray(values, dtype=float)
        if lines[name].ndim != 1 or not lines[name].size:
            raise EngineError(f"The axis {name} must be a list of numbers.")
    point = function.complete({**fixed, **{name: float(line[0]) for name, line in lines.items()}})
    if both := sorted(set(axes) & set(fixed)):
        raise EngineError(f"{', '.join(both)} is an axis of the grid and fixed as well; leave one out.")
    if any(isinstance(point[name], np.ndarray) for name in lines):
        raise EngineError("A grid runs over inputs that are single numbers.")
    return lines, point


def _mesh(lines: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return dict(zip(lines, np.meshgrid(*lines.values(), indexing="ij"), strict=True))


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
    """The function on whole arrays, or None unless it is text (elementwise by construction) or agrees, bit for bit but
    for numpy's own last digit, with values computed one by one at spread-out points."""
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
    return values if function.kind == "text" or _agrees(function, point, mesh, values) else None


def _agrees(function: Function, point: dict, mesh: dict, values: np.ndarray) -> bool:
    """Whether values computed at once are those computed one by one, at spread-out points."""
    for place in itertools.product(*(sorted({0, n // 3, n // 2, (2 * n) // 3, n - 1}) for n in values.shape)):
        single = _value(function, {**point, **{name: float(m[place]) for name, m in mesh.items()}})
        if not np.isclose(single, values[place], rtol=1e-12, atol=0.0, equal_nan=True):
            return False
    return True


def _one_by_one(function: Function, lines: dict, point: dict, shape: tuple[int, ...]) -> np.ndarray:
    values = np.empty(shape)
    for place in np.ndindex(*shape):
        moved = {name: float(line[k]) for (name, line), k in zip(lines.items(), place, strict=True)}
        values[place] = _value(function, {**point, **moved})
    return values
