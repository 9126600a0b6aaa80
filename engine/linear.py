# mypy: disable-error-code="has-type"
"""The table of linear maps: sums, products of matrices, and everything that moves elements about.

Each entry gives the map and, per operand, its transpose ``(g, y, *xs, **params)``: what carries an adjoint back. The last
entry of some is the map applied to a batch of tangents at once.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from .primitive import Linear, Primitive
from .rules import Rule
from .shapes import fit, shape_of
from .tape import Node

_ndarray = np.ndarray


class Joint(Primitive):
    """A map that is linear in all its operands together, such as ``stack``: ``transpose(k, g, xs, **params)``."""

    def __init__(self, name: str, compute: Rule, transpose: Rule):
        self.name = name
        self.compute = compute
        self.pulls = self.guarded = _EachSlot(transpose)

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        others = [np.zeros(shape_of(operand)) for operand in operands]
        return self(*others[:slot], tangent, *others[slot + 1 :], **params)


class _EachSlot:
    """The pulls of a Joint: one rule that is told the slot."""

    def __init__(self, transpose: Rule):
        self.transpose = transpose

    def __getitem__(self, slot: int) -> Rule:
        return partial(self._pull, slot)

    def _pull(self, slot: int, g: Any, y: Any, *xs: Any, **params: Any) -> Any:
        return self.transpose(slot, g, xs, **params)


# -- sums ------------------------------------------------------------------------------------------------------------
def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Repeat an adjoint over the axes that were summed away."""
    shape = shape_of(x)
    if type(g) is float:
        if not shape:
            return g
        spread = np.empty(shape)
        spread.fill(g)
        return spread
    if not keepdims and shape_of(g):
        gone = _axes(axis, len(shape))
        g = reshape(g, shape=tuple(1 if k in gone else n for k, n in enumerate(shape)))
    return broadcast_to(g, shape=shape) if shape else (g if not shape_of(g) else reshape(g, shape=()))


def _count(x: Any, axis: Any) -> int:
    shape = shape_of(x)
    return math.prod(shape[a] for a in _axes(axis, len(shape)))


def _later(axis: Any, x: Any) -> tuple[int, ...]:
    """Axes of x as they are called behind one more leading axis."""
    return tuple(a + 1 for a in _axes(axis, len(shape_of(x))))


total = Linear(
    "sum",
    lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims),
    lambda g, y, x, axis=None, keepdims=False: _spread(g, x, axis, keepdims),
    many=lambda slot, ts, y, xs, p: total(ts, axis=_later(p.get("axis"), xs[0]), keepdims=p.get("keepdims", False)),
)
mean = Linear(
    "mean",
    lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims) / _count(x, axis),
    lambda g, y, x, axis=None, keepdims=False: _spread(g / _count(x, axis), x, axis, keepdims),
    many=lambda slot, ts, y, xs, p: mean(ts, axis=_later(p.get("axis"), xs[0]), keepdims=p.get("keepdims", False)),
)
broadcast_to = Linear("broadcast", lambda x, shape: np.broadcast_to(x, shape), lambda g, y, x, shape: fit(g, x))


# -- products of matrices --------------------------------------------------------------------------------------------
def _turn(x: Any) -> Any:
    """The transpose of the last two axes."""
    n = len(shape_of(x))
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _matmul_left(g: Any, y: Any, x: Any, z: Any) -> Any:
    """(… n k) @ (… k m): the adjoint of the left factor is g zᵀ; vectors are matrices of one row or column."""
    if type(g) is _ndarray and type(z) is _ndarray and g.ndim == z.ndim == 2 == len(shape_of(x)):
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
    if type(g) is _ndarray and type(x) is _ndarray and g.ndim == x.ndim == 2 == len(shape_of(z)):
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


def _matmul_many(slot: int, tangents: Any, y: Any, operands: tuple, params: dict) -> Any:
    """Vectors among the operands become matrices, so that the leading axis is a batch for ``matmul``."""
    x, z = operands
    row, column = len(shape_of(x)) == 1, len(shape_of(z)) == 1
    left, right = (tangents, z) if slot == 0 else (x, tangents)
    if row:
        left = _expand(left, -2)
    if column:
        right = _expand(right, -1)
    batch = len(shape_of(y)) + row + column
    if slot == 0 and len(shape_of(left)) <= batch:
        left = reshape(left, shape=(shape_of(left)[0],) + (1,) * (batch + 1 - len(shape_of(left))) + shape_of(left)[1:])
    if slot == 1 and len(shape_of(right)) <= batch:
        right = reshape(right, shape=(shape_of(right)[0],) + (1,) * (batch + 1 - len(shape_of(right))) + shape_of(right)[1:])
    return reshape(matmul(left, right), shape=(shape_of(tangents)[0], *shape_of(y)))


matmul = Linear("matmul", np.matmul, _matmul_left, _matmul_right, many=_matmul_many)


# -- moving elements -------------------------------------------------------------------------------------------------
def is_basic(key: Any) -> bool:
    """Whether an index consists of slices, whole numbers, None and Ellipsis only, and so names every element once."""
    if type(key) is slice or type(key) is int:
        return True
    return all(
        isinstance(part, (int, slice, np.integer)) and type(part) is not bool or part is None or part is Ellipsis
        for part in (key if type(key) is tuple else (key,))
    )


def _scatter(x: Any, shape: tuple[int, ...], key: Any) -> np.ndarray:
    """Zeros of ``shape`` with x added at ``key``; an element named twice gets both."""
    result = np.zeros(shape)
    if is_basic(key):
        result[key] = x
    else:
        np.add.at(result, key, x)
    return result


def _index_many(slot: int, tangents: Any, y: Any, operands: tuple, params: dict) -> Any:
    key = params["key"]
    if is_basic(key):
        return index(tangents, key=(slice(None), *key) if type(key) is tuple else (slice(None), key))
    return NotImplemented


def _scatter_many(slot: int, tangents: Any, y: Any, operands: tuple, params: dict) -> Any:
    key = params["key"]
    if is_basic(key):
        later = (slice(None), *key) if type(key) is tuple else (slice(None), key)
        return scatter(tangents, shape=(shape_of(tangents)[0], *params["shape"]), key=later)
    return NotImplemented


def _inverse(axes: Any) -> Any:
    return None if axes is None else tuple(int(a) for a in np.argsort(axes))


def _transpose_many(slot: int, tangents: Any, y: Any, operands: tuple, params: dict) -> Any:
    axes = params.get("axes") or tuple(range(len(shape_of(y))))[::-1]
    return transpose(tangents, axes=(0, *(a + 1 for a in axes)))


reshape = Linear(
    "reshape",
    lambda x, shape: np.reshape(x, shape),
    lambda g, y, x, shape: reshape(g, shape=shape_of(x)),
    many=lambda slot, ts, y, xs, p: reshape(ts, shape=(shape_of(ts)[0], *p["shape"])),
)
transpose = Linear(
    "transpose",
    lambda x, axes=None: np.transpose(x, axes),
    lambda g, y, x, axes=None: transpose(g, axes=_inverse(axes)),
    many=_transpose_many,
)
def _index_back(g: Any, y: Any, x: Any, key: Any) -> Any:
    return scatter(g, shape=shape_of(x), key=key) if isinstance(g, Node) else _scatter(g, shape_of(x), key)


index = Linear("index", lambda x, key: x[key], _index_back, many=_index_many)
scatter = Linear("scatter", _scatter, lambda g, y, x, shape, key: index(g, key=key), many=_scatter_many)
copy = Linear("copy", lambda x: np.array(x), lambda g, y, x: g, many=lambda slot, ts, y, xs, p: ts)
for _view in (reshape, transpose, index):
    _view.view = True


def _slice(k: int, g: Any, xs: tuple, axis: int = 0) -> Any:
    start = sum(shape_of(x)[axis] for x in xs[:k])
    key = (slice(None),) * (axis % len(shape_of(g))) + (slice(start, start + shape_of(xs[k])[axis]),)
    return index(g, key=key)


def _layer(k: int, g: Any, xs: tuple, axis: int = 0) -> Any:
    return index(g, key=(slice(None),) * (axis % len(shape_of(g))) + (k,))


concatenate = Joint("concatenate", lambda *xs, axis=0: np.concatenate(xs, axis), _slice)
stack = Joint("stack", lambda *xs, axis=0: np.stack(xs, axis), _layer)

TABLE: dict[str, Linear | Joint] = {p.name: p for p in list(globals().values()) if isinstance(p, (Linear, Joint))}
