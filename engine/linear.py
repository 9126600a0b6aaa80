# mypy: disable-error-code="has-type"
"""The table of linear maps: sums, products of matrices, and everything that moves elements about.

Each entry gives the map and, per operand, its transpose ``(g, y, *xs, **params)``: what carries an adjoint
back.
Shapes are in the docstrings of the small helpers; a 0-d result is always a Python float.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .primitive import Joint, Linear, fit, shape_of


# -- sums ----------------------------------------------------------------------------------------------------
def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Repeat an adjoint over the axes that were summed away."""
    shape = shape_of(x)
    if type(g) is float:
        return np.full(shape, g) if shape else g
    if not keepdims and shape_of(g):
        gone = _axes(axis, len(shape))
        g = reshape(g, shape=tuple(1 if k in gone else n for k, n in enumerate(shape)))
    return broadcast_to(g, shape=shape) if shape else (g if not shape_of(g) else reshape(g, shape=()))


def _count(x: Any, axis: Any) -> int:
    shape = shape_of(x)
    return math.prod(shape[a] for a in _axes(axis, len(shape)))


total = Linear(
    "sum",
    lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis=None, keepdims=False: _spread(g, x, axis, keepdims),
)
mean = Linear(
    "mean",
    lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims) / _count(x, axis),
    lambda g, y, x, axis=None, keepdims=False: _spread(g / _count(x, axis), x, axis, keepdims),
)
broadcast_to = Linear("broadcast", lambda x, shape: np.broadcast_to(x, shape), lambda g, y, x, shape: fit(g, x))


# -- products of matrices ------------------------------------------------------------------------------------
def _turn(x: Any) -> Any:
    """The transpose of the last two axes."""
    n = len(shape_of(x))
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _matmul_left(g: Any, y: Any, x: Any, z: Any) -> Any:
    """(… n k) @ (… k m): the adjoint of the left factor is g zᵀ; vectors are matrices of one row or
    column."""
    if type(g) is np.ndarray and type(z) is np.ndarray and g.ndim == z.ndim == 2 == len(shape_of(x)):
        return g @ z.T
    rows, columns = len(shape_of(x)), len(shape_of(z))
    if rows == 1 and columns == 1:
        return g * z
    if columns == 1:
        return fit(_expand(g, -1) * z, x)
    if rows == 1:
        return fit(_squeeze(matmul(z, _expand(g, -1))), x)
    return fit(matmul(g, _turn(z)), x)


def _matmul_right(g: Any, y: Any, x: Any, z: Any) -> Any:
    if type(g) is np.ndarray and type(x) is np.ndarray and g.ndim == x.ndim == 2 == len(shape_of(z)):
        return x.T @ g
    rows, columns = len(shape_of(x)), len(shape_of(z))
    if rows == 1 and columns == 1:
        return g * x
    if rows == 1:
        return fit(_expand(x, -1) * _expand(g, -2), z)
    if columns == 1:
        return fit(_squeeze(matmul(_turn(x), _expand(g, -1))), z)
    return fit(matmul(_turn(x), g), z)


def _expand(x: Any, axis: int) -> Any:
    shape = list(shape_of(x))
    shape.insert(len(shape) + 1 + axis, 1)
    return reshape(x, shape=tuple(shape))


def _squeeze(x: Any) -> Any:
    return reshape(x, shape=shape_of(x)[:-1])


matmul = Linear("matmul", np.matmul, _matmul_left, _matmul_right)


# -- moving elements -----------------------------------------------------------------------------------------
def _scatter(x: Any, shape: tuple[int, ...], key: Any) -> np.ndarray:
    """Zeros of ``shape`` with x added at ``key``; an element named twice gets both."""
    result = np.zeros(shape)
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, (np.ndarray, list)) for part in parts):
        np.add.at(result, key, x)
    else:
        result[key] = x
    return result


def _inverse(axes: Any) -> Any:
    return None if axes is None else tuple(int(a) for a in np.argsort(axes))


reshape = Linear(
    "reshape",
    lambda x, shape: np.reshape(x, shape),
    lambda g, y, x, shape: reshape(g, shape=shape_of(x)),
)
transpose = Linear(
    "transpose",
    lambda x, axes=None: np.transpose(x, axes),
    lambda g, y, x, axes=None: transpose(g, axes=_inverse(axes)),
)
index = Linear(
    "index",
    lambda x, key: x[key],
    lambda g, y, x, key: scatter(g, shape=shape_of(x), key=key),
)
scatter = Linear("scatter", _scatter, lambda g, y, x, shape, key: index(g, key=key))


def _slice(k: int, g: Any, xs: tuple, axis: int = 0) -> Any:
    start = sum(shape_of(x)[axis] for x in xs[:k])
    key = (slice(None),) * (axis % len(shape_of(g))) + (slice(start, start + shape_of(xs[k])[axis]),)
    return index(g, key=key)


def _layer(k: int, g: Any, xs: tuple, axis: int = 0) -> Any:
    return index(g, key=(slice(None),) * (axis % len(shape_of(g))) + (k,))


concatenate = Joint("concatenate", lambda *xs, axis=0: np.concatenate(xs, axis), _slice)
stack = Joint("stack", lambda *xs, axis=0: np.stack(xs, axis), _layer)

TABLE: dict[str, Linear | Joint] = {p.name: p for p in list(globals().values()) if isinstance(p, (Linear, Joint))}
