# mypy: disable-error-code="has-type"
"""Shape and indexing: everything that only moves elements about, with numpy's names and arguments.

A function that moves elements is linear, and its transpose follows from the function itself: applied to the positions
0, 1, 2, … instead of the elements it tells where each element of the result came from, and an adjoint goes back there
(``moved``). Sorting is the same with an order that depends on the values.

Functions without a letter of their own on the tape (``np.diff``, ``np.split`` …) are written with the others.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from . import elementwise as e
from . import linear
from .primitive import Linear, TwoWay
from .shapes import bare, shape_of
from .tape import Node
from .tensor import Tensor, refuse


# -- arguments -------------------------------------------------------------------------------------------------------
def holds_tensor(value: Any) -> bool:
    """Whether a list, tuple or their nesting holds a Tensor (or is one)."""
    if isinstance(value, Tensor):
        return True
    return isinstance(value, (list, tuple)) and any(holds_tensor(part) for part in value)


def as_tensor(value: Any) -> Any:
    """A nested list that holds Tensors becomes one Tensor; everything else stays."""
    if not isinstance(value, (list, tuple)) or not holds_tensor(value):
        return value
    parts = [as_tensor(part) for part in value]
    shapes = {np.shape(bare(part)) for part in parts}
    if len(shapes) > 1:
        refuse(
            "The entries of this list have different shapes "
            f"({', '.join(map(str, sorted(shapes)))}), so they make no array; give all of them the same shape"
        )
    return linear.stack(*parts, axis=0)


def array_of(value: Any) -> Any:
    """An argument of a numpy function: a Tensor, an array of numbers, or a float where it has no dimension."""
    value = as_tensor(value)
    if isinstance(value, (Node, float)):
        return value
    array = np.asarray(value)
    return array if array.ndim else array.item()


def like(value: Any) -> np.ndarray:
    """An array of the same shape, for asking numpy what shape comes out."""
    return np.empty(shape_of(array_of(value)))


def plainly(name: str, **options: Any) -> None:
    """Refuse the options of a numpy function that make no sense while it is differentiated."""
    for option, value in options.items():
        if value is None or value is np._NoValue or value is False:
            continue
        if option == "dtype":
            if np.dtype(value) != np.dtype(float):
                refuse(f"np.{name} with dtype={np.dtype(value)}: derivatives are computed in float64; leave dtype out")
        elif option == "out":
            refuse(f"np.{name} cannot write its result into an existing array (out=) while it is differentiated")
        else:
            refuse(f"np.{name} with {option}= has no derivative rule here; leave it out")


# -- maps that move elements -----------------------------------------------------------------------------------------
def positions_of(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def _gather(x: Any, positions: Any) -> Any:
    return np.reshape(x, -1)[positions]


def _spread(x: Any, positions: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with each element of x added at its position."""
    size = math.prod(shape)
    if np.asarray(x).dtype == object:
        result = np.zeros(size, dtype=object)
        np.add.at(result, np.ravel(positions), np.ravel(x))
    else:
        result = np.bincount(np.ravel(positions), weights=np.ravel(x), minlength=size).astype(float)
    return result.reshape(shape)


gather = Linear("gather", _gather, lambda g, y, x, positions: spread(g, positions=positions, shape=shape_of(x)))
spread = Linear("spread", _spread, lambda g, y, x, positions, shape: gather(g, positions=positions))


def moved(name: str, function: Callable) -> Linear:
    """The primitive of a function that only moves (leaves out, repeats) elements."""

    def transpose(g: Any, y: Any, x: Any, **params: Any) -> Any:
        shape = shape_of(x)
        return spread(g, positions=function(positions_of(shape), **params), shape=shape)

    return Linear(name, function, transpose)


flip = Linear("flip", np.flip, lambda g, y, x, axis=None: flip(g, axis=axis))
roll = Linear("roll", np.roll, lambda g, y, x, shift, axis=None: roll(
    g, shift=tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis=axis))  # fmt: skip
rot90 = moved("rot90", np.rot90)
take = moved("take", np.take)
take_along = moved("take_along", np.take_along_axis)
repeat = moved("repeat", np.repeat)
tile = moved("tile", np.tile)
diagonal = moved("diagonal", np.diagonal)


def _pad_back(g: Any, y: Any, x: Any, width: tuple, mode: str = "constant") -> Any:
    shape = shape_of(x)
    if mode == "constant":  # zeros around: back into the middle
        return linear.index(g, key=tuple(slice(low, low + n) for (low, _), n in zip(width, shape, strict=True)))
    return spread(g, positions=np.pad(positions_of(shape), width, mode=mode), shape=shape)  # type: ignore[call-overload]


padded = Linear("pad", lambda x, width, mode="constant": np.pad(x, width, mode=mode), _pad_back)


def _order(x: Any, axis: int) -> np.ndarray:
    return np.argsort(bare(x), axis=axis, kind="stable")


def _back_in_place(g: Any, x: Any, axis: int) -> Any:
    return take_along(g, indices=np.argsort(_order(x, axis), axis=axis), axis=axis)


sort_along = TwoWay(
    "sort",
    lambda x, axis: np.sort(x, axis=axis, kind="stable"),
    (lambda g, y, x, axis: _back_in_place(g, x, axis),),
    (lambda t, y, x, axis: take_along(t, indices=_order(x, axis), axis=axis),),
    many=lambda slot, t, y, xs, params: _sort_many(t, xs[0], **params),
)


def _sort_many(t: Any, x: Any, axis: int) -> Any:
    order, axis = _order(x, axis), axis % len(shape_of(x))
    return take_along(t, indices=np.broadcast_to(order, (shape_of(t)[0], *order.shape)), axis=axis + 1)


# -- shapes ----------------------------------------------------------------------------------------------------------
def reshape(a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    a, shape = array_of(a), newshape if shape is None else shape
    shape = like(a).reshape(shape).shape
    if order == "F":
        return linear.transpose(linear.reshape(linear.transpose(a), shape=shape[::-1])) if shape else a
    if shape == shape_of(a):
        return a
    return linear.reshape(a, shape=shape)


def ravel(a: Any, order: str = "C") -> Any:
    return reshape(a, (-1,), order)


def transpose(a: Any, axes: Any = None) -> Any:
    a = array_of(a)
    if axes is not None:
        axes = tuple(k % len(shape_of(a)) for k in axes)
    return linear.transpose(a, axes=axes)


def _axes_moved(a: Any, function: Callable, *args: Any) -> Any:
    """A function that only exchanges axes, as a transpose: numpy tells which axis goes where."""
    a = array_of(a)
    n = len(shape_of(a))
    where_from = function(np.empty(tuple(range(1, n + 1))), *args).shape  # axis k has length k + 1
    return linear.transpose(a, axes=tuple(length - 1 for length in where_from))


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return _axes_moved(a, np.swapaxes, axis1, axis2)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return _axes_moved(a, np.moveaxis, source, destination)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    return _axes_moved(a, np.rollaxis, axis, start)


def matrix_transpose(x: Any, /) -> Any:
    return _axes_moved(x, np.matrix_transpose)


def reshaped_by(function: Callable) -> Callable:
    """A numpy function that only changes the shape: numpy computes the new one."""

    def call(a: Any, *args: Any, **options: Any) -> Any:
        return reshape(a, function(like(a), *args, **options).shape)

    return call


def at_least(function: Callable) -> Callable:
    def call(*arrays: Any) -> Any:
        results = tuple(reshape(a, function(like(a)).shape) for a in map(as_tensor, arrays))
        return results[0] if len(results) == 1 else results

    return call


def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    shape = tuple(map(operator.index, np.atleast_1d(shape))) if not isinstance(shape, tuple) else shape
    return linear.broadcast_to(array_of(array), shape=shape)


def broadcast_arrays(*arrays: Any, subok: bool = False) -> tuple:
    arrays = tuple(map(array_of, arrays))
    shape = np.broadcast_shapes(*map(shape_of, arrays))
    return tuple(linear.broadcast_to(a, shape=shape) for a in arrays)


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple:
    n = len(xi)
    axes = list(range(n))
    if indexing == "xy" and n > 1:
        axes[:2] = [1, 0]
    vectors = [reshape(x, tuple(-1 if k == axes[j] else 1 for k in range(n))) for j, x in enumerate(xi)]
    return tuple(vectors) if sparse else broadcast_arrays(*vectors)


# -- putting together ------------------------------------------------------------------------------------------------
def concatenate(arrays: Any, /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    plainly("concatenate", out=out, dtype=dtype)
    parts = [array_of(a) for a in arrays]
    if axis is None:
        parts, axis = [ravel(a) for a in parts], 0
    return linear.concatenate(*parts, axis=axis)


def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    plainly("stack", out=out, dtype=dtype)
    return linear.stack(*(array_of(a) for a in arrays), axis=axis)


def _stacked(function: Callable, axis: int) -> Callable:
    def call(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
        plainly(function.__name__, dtype=dtype)
        return concatenate([reshape(a, function(like(a)).shape) for a in map(as_tensor, tup)], axis)

    return call


vstack = _stacked(np.atleast_2d, 0)
dstack = _stacked(np.atleast_3d, 2)


def hstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    plainly("hstack", dtype=dtype)
    parts = [reshape(a, np.atleast_1d(like(a)).shape) for a in map(as_tensor, tup)]
    return concatenate(parts, 0 if parts and len(shape_of(parts[0])) == 1 else 1)


def column_stack(tup: Any) -> Any:
    return concatenate([reshape(a, (-1, 1)) if len(shape_of(array_of(a))) < 2 else a for a in map(as_tensor, tup)], 1)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return concatenate((arr, values), axis)


def block(arrays: Any) -> Any:
    def depth(x: Any) -> int:
        return 1 + max(map(depth, x), default=0) if isinstance(x, list) else 0

    levels = depth(arrays)
    parts: list[Any] = []

    def leaves(x: Any) -> None:
        for part in x if isinstance(x, list) else ():
            leaves(part)
        if not isinstance(x, list):
            parts.append(x)

    leaves(arrays)
    ndim = max([levels, *(len(shape_of(array_of(part))) for part in parts)])

    def join(x: Any, level: int) -> Any:
        if not isinstance(x, list):
            shape = shape_of(array_of(x))
            return reshape(x, (1,) * (ndim - len(shape)) + shape)
        return concatenate([join(part, level + 1) for part in x], ndim - levels + level)

    return join(arrays, 0)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """numpy says where everything goes: positions of the array count up from 0, those of the values down from -1."""
    arr, values = array_of(arr), array_of(values)
    if axis is None:
        arr, axis = ravel(arr), 0
    shape = shape_of(values)
    places = np.insert(positions_of(shape_of(arr)), obj, -1 - positions_of(shape), axis)
    count = math.prod(shape_of(arr))
    pool = linear.concatenate(ravel(arr), ravel(values), axis=0)
    return gather(pool, positions=np.where(places < 0, count - 1 - places, places))


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    return gather(array_of(arr), positions=np.delete(positions_of(shape_of(arr)), obj, axis))


def resize(a: Any, new_shape: Any) -> Any:
    return gather(array_of(a), positions=np.resize(positions_of(shape_of(array_of(a))), new_shape))


# -- taking apart ----------------------------------------------------------------------------------------------------
def split_by(function: Callable) -> Callable:
    """np.split and its relatives: numpy splits the positions along the axis, each piece is one slice."""

    def call(ary: Any, indices_or_sections: Any, *axis: int, **options: Any) -> list:
        ary = array_of(ary)
        parts = function(positions_of(shape_of(ary)), indices_or_sections, *axis, **options)
        which = axis[0] if axis else options.get("axis", _AXIS_OF_SPLIT.get(function, 0))
        if function is np.hsplit and len(shape_of(ary)) == 1:
            which = 0
        lead = (slice(None),) * (which % len(shape_of(ary)))
        pieces, start = [], 0
        for part in parts:
            pieces.append(linear.index(ary, key=(*lead, slice(start, start + part.shape[which]))))
            start += part.shape[which]
        if sum(part.size for part in parts) == math.prod(shape_of(ary)) and start == shape_of(ary)[which]:
            return pieces
        return [gather(ary, positions=part) for part in parts]  # overlapping or partial pieces

    return call


_AXIS_OF_SPLIT = {np.hsplit: 1, np.vsplit: 0, np.dsplit: 2}


def unstack(x: Any, /, *, axis: int = 0) -> tuple:
    lead = (slice(None),) * (axis % len(shape_of(x)))
    return tuple(linear.index(x, key=(*lead, k)) for k in range(shape_of(x)[axis]))


# -- picking ---------------------------------------------------------------------------------------------------------
def whole(key: Any, what: str = "indices") -> Any:
    """Indices as plain whole numbers."""
    if holds_tensor(key):
        refuse(f"The {what} must be plain whole numbers, not values under differentiation")
    return np.asarray(key)


def numpy_take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    plainly("take", out=out)
    return take(array_of(a), indices=whole(indices), axis=axis, mode=mode)


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    indices = whole(indices)
    if axis is None:
        return take_along(ravel(arr), indices=indices, axis=0)
    return take_along(array_of(arr), indices=indices, axis=axis)


def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    plainly("compress", out=out)
    a = array_of(a)
    return gather(a, positions=np.compress(bare(condition), positions_of(shape_of(a)), axis))


def extract(condition: Any, arr: Any) -> Any:
    arr = array_of(arr)
    return gather(arr, positions=np.extract(bare(condition), positions_of(shape_of(arr))))


def scatter_add(x: Any, key: Any, values: Any) -> Any:
    """A copy of x with ``values`` added at ``x[key]``; a place named twice gets both (unlike ``x[key] += values``).

    x: any shape; key: what may stand in brackets; values: broadcast to the shape of ``x[key]``.

    >>> scatter_add(np.zeros(3), [0, 2, 2], np.array([1.0, 2.0, 3.0]))
    array([1., 0., 5.])
    """
    x, shape = array_of(x), shape_of(array_of(x))
    positions = positions_of(shape)[key]
    values = linear.broadcast_to(array_of(values), shape=np.shape(positions))
    return x + spread(values, positions=positions, shape=shape)


def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    plainly("choose", out=out)
    choices = as_tensor(choices)
    parts = list(choices) if isinstance(choices, Tensor) else [array_of(c) for c in choices]
    which, *parts = broadcast_arrays(whole(bare(a)), *parts)
    count = len(parts)
    if mode == "wrap":
        which = which % count
    elif mode == "clip":
        which = np.clip(which, 0, count - 1)
    elif np.any((np.asarray(which) < 0) | (np.asarray(which) >= count)):
        raise ValueError("invalid entry in choice array")
    result = parts[0]
    for k in range(1, count):
        result = e.where(np.equal(which, k), parts[k], result)
    return result


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    result = array_of(default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = e.where(bare(condition), array_of(choice), result)
    shape = np.broadcast_shapes(*(np.shape(bare(c)) for c in (*condlist, *choicelist)))
    return result if shape_of(result) == shape else linear.broadcast_to(result, shape=shape)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **options: Any) -> Any:
    shape = shape_of(x)
    conditions = [np.asarray(bare(c), bool) for c in (condlist if isinstance(condlist, (list, tuple)) else [condlist])]
    if len(conditions) == 1 and conditions[0].ndim == len(shape) + 1:
        conditions = list(conditions[0])
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.logical_or.reduce(conditions))
    flat, result = ravel(x), np.zeros(math.prod(shape))
    done = np.zeros(math.prod(shape), bool)
    for condition, function in reversed(list(zip(conditions, funclist, strict=True))):  # the last that holds counts
        chosen = np.flatnonzero(np.broadcast_to(condition, shape).reshape(-1) & ~done)
        done[chosen] = True
        if chosen.size:
            part = function(linear.index(flat, key=chosen), *args, **options) if callable(function) else function
            part = linear.broadcast_to(array_of(part), shape=chosen.shape)
            result = result + spread(part, positions=chosen, shape=(math.prod(shape),))
    return reshape(result, shape) if shape else linear.index(result, key=0)


def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    condition = bare(as_tensor(condition))
    if x is None and y is None:
        return np.where(condition)
    condition = np.asarray(condition)
    return e.where(condition if condition.ndim else bool(condition), array_of(x), array_of(y))


def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **options: Any
) -> Any:
    plainly("clip", out=out, **options)
    low, high = min if a_min is None or a_min is np._NoValue else a_min, max if a_max is None or a_max is np._NoValue else a_max
    a = array_of(a)
    a = a if low is None or low is np._NoValue else e.maximum(a, array_of(low))
    return a if high is None or high is np._NoValue else e.minimum(a, array_of(high))


# -- triangles and diagonals -----------------------------------------------------------------------------------------
def _below(m: np.ndarray, k: int) -> np.ndarray:
    rows, columns = np.atleast_2d(m).shape[-2:]
    return np.tri(rows, columns, k, dtype=bool)


def tril(m: Any, k: int = 0) -> Any:
    m = array_of(m)
    return e.where(_below(like(m), k), m, 0.0)


def triu(m: Any, k: int = 0) -> Any:
    m = array_of(m)
    return e.where(_below(like(m), k - 1), 0.0, m)


def numpy_diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return diagonal(array_of(a), offset=offset, axis1=axis1, axis2=axis2)


def diag(v: Any, k: int = 0) -> Any:
    v = array_of(v)
    if len(shape_of(v)) != 1:
        return numpy_diagonal(v, k)
    places = np.diag(np.arange(1, shape_of(v)[0] + 1), k)
    return spread(v, positions=np.flatnonzero(places), shape=places.shape)


def diagflat(v: Any, k: int = 0) -> Any:
    return diag(ravel(v), k)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    plainly("trace", dtype=dtype, out=out)
    return linear.total(numpy_diagonal(a, offset, axis1, axis2), axis=-1)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    x = array_of(x)
    count = shape_of(x)[0] if N is None else N
    powers = range(count) if increasing else range(count - 1, -1, -1)
    columns = [np.ones(shape_of(x)) if p == 0 else x if p == 1 else e.power(x, float(p)) for p in powers]
    return linear.stack(*columns, axis=-1)


# -- repeating and turning -------------------------------------------------------------------------------------------
def numpy_flip(m: Any, axis: Any = None) -> Any:
    return flip(array_of(m), axis=axis)


def numpy_roll(a: Any, shift: Any, axis: Any = None) -> Any:
    shift = tuple(shift) if isinstance(shift, (tuple, list)) else shift
    return roll(array_of(a), shift=shift, axis=axis)


def numpy_rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return rot90(array_of(m), k=k, axes=tuple(axes))


def numpy_repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    return repeat(array_of(a), repeats=whole(repeats, "counts"), axis=axis)


def numpy_tile(A: Any, reps: Any) -> Any:
    return tile(array_of(A), reps=reps)


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    array = array_of(array)
    ndim = len(shape_of(array))
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(k, pad_width.get(k - ndim, 0)) for k in range(ndim)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    width = tuple(tuple(map(int, pair)) for pair in np.broadcast_to(np.asarray(pad_width), (ndim, 2)))
    if mode == "constant":
        fill = options.get("constant_values", 0)
        zeros = np.zeros(shape_of(array))
        result = padded(array, width=width)
        if isinstance(fill, Tensor):
            return result + np.pad(zeros, width, constant_values=1.0) * fill
        if holds_tensor(fill):
            refuse("np.pad takes one value under differentiation to fill with; pad one side after the other")
        return result if np.all(np.equal(fill, 0)) else result + np.pad(zeros, width, constant_values=fill)
    if mode in ("edge", "reflect", "symmetric", "wrap") and options.get("reflect_type", "even") == "even":
        return padded(array, width=width, mode=mode)
    if mode == "empty":
        return padded(array, width=width)
    refuse(f"np.pad with mode={mode!r} has no derivative rule here; there is constant, edge, reflect, symmetric and wrap")


def full_like(a: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    """np.full_like with a Tensor as the value."""
    plainly("full_like", dtype=dtype)
    shape = options.get("shape")
    return linear.broadcast_to(
        array_of(fill_value), shape=shape_of(array_of(a)) if shape is None else tuple(np.atleast_1d(shape))
    )


# -- order -----------------------------------------------------------------------------------------------------------
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Equal elements keep their order, so that each slope goes to one place."""
    a = array_of(a)
    if axis is None:
        a, axis = ravel(a), 0
    return sort_along(a, axis=axis) if shape_of(a) else a


def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = None, order: Any = None) -> Any:
    """The order numpy gives, which is sorted only at ``kth``."""
    a = array_of(a)
    if axis is None:
        a, axis = ravel(a), 0
    return take_along(a, indices=np.argpartition(bare(a), kth, axis), axis=axis)


def sort_complex(a: Any) -> Any:
    refuse("np.sort_complex makes complex numbers; use np.sort")


# -- differences -----------------------------------------------------------------------------------------------------
def _part(a: Any, axis: int, *key: Any) -> Any:
    return linear.index(a, key=(slice(None),) * axis + (slice(*key),))


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    a = array_of(a)
    shape = shape_of(a)
    if n == 0:
        return a
    axis = axis % len(shape) if shape else 0
    ends: list[Any] = []
    for end in (prepend, append):
        if end is np._NoValue:
            ends.append(None)
            continue
        end = array_of(end)
        ends.append(end if shape_of(end) else linear.broadcast_to(end, shape=(*shape[:axis], 1, *shape[axis + 1 :])))
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    a = linear.concatenate(*parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        a = _part(a, axis, 1, None) - _part(a, axis, None, -1 if shape_of(a)[axis] else None)
    return a


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    parts = [ravel(part) for part in (to_begin, diff(ravel(ary)), to_end) if part is not None]
    return concatenate(parts) if len(parts) > 1 else parts[0]


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Second-order differences inside, of first or second order at the edges; spacings may be coordinates."""
    f = array_of(f)
    ndim = len(shape_of(f))
    axes = range(ndim) if axis is None else [k % ndim for k in np.atleast_1d(axis)]
    spacings = list(varargs) * (len(axes) if len(varargs) == 1 else 1) or [1.0] * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("invalid number of arguments")
    results = [_slope(f, k, array_of(h), edge_order) for k, h in zip(axes, spacings, strict=True)]
    return results[0] if len(results) == 1 else tuple(results)


def _slope(f: Any, axis: int, h: Any, edge_order: int) -> Any:
    """Along one axis, by the formula for uneven steps a (left) and b (right) of every inner point."""
    n = shape_of(f)[axis]
    if n < edge_order + 1:
        raise ValueError("np.gradient needs at least edge_order + 1 elements along the axis")
    column = (-1, *(1,) * (len(shape_of(f)) - axis - 1))
    steps = reshape(diff(h), column) if shape_of(h) else h
    if shape_of(h):
        a, b = linear.index(steps, key=slice(None, -1)), linear.index(steps, key=slice(1, None))
        first, last = linear.index(steps, key=slice(0, 1)), linear.index(steps, key=slice(n - 2, n - 1))
    else:
        a = b = first = last = steps
    left, here, right = _part(f, axis, None, -2), _part(f, axis, 1, -1), _part(f, axis, 2, None)
    if shape_of(h):
        inner = right * (a / (b * (a + b))) + here * ((b - a) / (a * b)) - left * (b / (a * (a + b)))
    else:
        inner = (right - left) / (2.0 * steps)
    if edge_order == 1:
        start = (_part(f, axis, 1, 2) - _part(f, axis, 0, 1)) / first
        stop = (_part(f, axis, n - 1, n) - _part(f, axis, n - 2, n - 1)) / last
    else:
        a0, b0, a1, b1 = (first, first, last, last) if not shape_of(h) else (
            first, linear.index(steps, key=slice(1, 2)), linear.index(steps, key=slice(n - 3, n - 2)), last)  # fmt: skip
        p, q, r = (_part(f, axis, k, k + 1) for k in range(3))
        start = -(2.0 * a0 + b0) / (a0 * (a0 + b0)) * p + (a0 + b0) / (a0 * b0) * q - a0 / (b0 * (a0 + b0)) * r
        p, q, r = (_part(f, axis, n - k, n - k + 1) for k in (3, 2, 1))
        stop = b1 / (a1 * (a1 + b1)) * p - (a1 + b1) / (a1 * b1) * q + (2.0 * b1 + a1) / (b1 * (a1 + b1)) * r
    return linear.concatenate(start, inner, stop, axis=axis)


# -- polynomials, filters, tables ------------------------------------------------------------------------------------
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = reshape(a, (-1,)), reshape(v, (-1,))
    if shape_of(v)[0] > shape_of(a)[0]:
        a, v = v, a
    n, m = shape_of(a)[0], shape_of(v)[0]
    whole_result = convolution(a, v)
    start, length = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n), "valid": (m - 1, n - m + 1)}[mode]
    return whole_result if mode == "full" else linear.index(whole_result, key=slice(start, start + length))


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    n, m = shape_of(reshape(a, (-1,)))[0], shape_of(reshape(v, (-1,)))[0]
    whole_result = convolution(reshape(a, (-1,)), flip(reshape(v, (-1,)), axis=0))
    short, long = min(n, m), max(n, m)
    middle = (short - 1) // 2 if n >= m else short // 2
    start, length = {"full": (0, n + m - 1), "same": (middle, long), "valid": (short - 1, long - short + 1)}[mode]
    return whole_result if mode == "full" else linear.index(whole_result, key=slice(start, start + length))


def _slide(g: Any, other: Any, own: Any) -> Any:
    """The adjoint of one factor: g correlated with the other factor."""
    m = shape_of(other)[0]
    return linear.index(convolution(g, flip(other, axis=0)), key=slice(m - 1, m - 1 + shape_of(own)[0]))


convolution = Linear(
    "convolve", lambda a, v: np.convolve(a, v), lambda g, y, a, v: _slide(g, v, a), lambda g, y, a, v: _slide(g, a, v)
)


def polyval(p: Any, x: Any) -> Any:
    p, result = as_tensor(p), 0.0
    for k in range(shape_of(array_of(p))[0]):
        result = result * array_of(x) + p[k]
    return result


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Straight pieces between the points; at a point itself the slope is that of the piece to its right."""
    plainly("interp", period=period)
    x, xp, fp = array_of(x), array_of(xp), array_of(fp)
    knots, at = np.asarray(bare(xp), float), bare(x)
    if len(knots) == 1:
        inside: Any = linear.index(fp, key=np.zeros(np.shape(at), int)) if np.ndim(at) else linear.index(fp, key=0)
    else:
        k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
        k = k if np.ndim(k) else int(k)
        x0, x1, f0, f1 = (linear.index(a, key=j) for a, j in ((xp, k), (xp, k + 1), (fp, k), (fp, k + 1)))
        inside = f0 + (x - x0) * ((f1 - f0) / (x1 - x0))
    inside = e.where(np.less(at, knots[0]), linear.index(fp, key=0) if left is None else left, inside)
    return e.where(np.greater(at, knots[-1]), linear.index(fp, key=-1) if right is None else right, inside)


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2.0 * math.pi) -> Any:
    """The jumps taken out are whole periods: constants."""
    p = array_of(p)
    return p + (np.unwrap(bare(p), discont, axis, period=period) - bare(p))


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    x = array_of(x)
    largest = np.finfo(float).max
    plain = bare(x)
    result = e.where(np.isnan(plain), nan, x)
    if np.any(np.isinf(plain)):
        result = e.where(np.equal(plain, np.inf), largest if posinf is None else posinf, result)
        result = e.where(np.equal(plain, -np.inf), -largest if neginf is None else neginf, result)
    return result


for _view in (flip, rot90, diagonal):
    _view.view = True  # numpy gives a look into the operand's memory
TABLE = {p.name: p for p in list(globals().values()) if isinstance(p, (Linear, TwoWay))}
