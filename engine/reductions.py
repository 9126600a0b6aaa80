# mypy: disable-error-code="has-type"
"""Reductions: sums, products, extremes, quantiles, lengths and softmax, along any axes, with numpy's names and arguments.

Right where other engines are not: a product with zeros among its factors (its slopes are products of the *other* factors,
no division), the length of a zero vector (slope 0 by convention), a logarithm of a sum of exponentials far out.

Conventions: elements tied for a maximum or minimum share the slope equally; the length of a zero vector, and the standard
deviation of equal numbers, have slope 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import elementwise as e
from . import linear
from .arrays import array_of, flip, plainly, ravel, reshape, sort_along, take_along
from .primitive import Linear, TwoWay
from .shapes import bare, shape_of
from .tensor import refuse


# -- axes ------------------------------------------------------------------------------------------------------------
def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the front; a number without dimensions may be reduced along axis 0 or -1, as in numpy."""
    if axis is None or (ndim == 0 and axis in (0, -1)):
        return tuple(range(ndim))
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def kept(value: Any, like: Any, axis: Any) -> Any:
    """A reduced value with its axes back, at length 1."""
    shape = shape_of(like)
    gone = axes_of(axis, len(shape))
    return reshape(value, tuple(1 if k in gone else n for k, n in enumerate(shape)))


def spread_over(g: Any, like: Any, axis: Any, keepdims: bool) -> Any:
    """An adjoint of a reduced value, repeated over the axes that are gone."""
    g = g if keepdims else kept(g, like, axis)
    return linear.broadcast_to(g, shape=shape_of(like)) if shape_of(g) != shape_of(like) else g


def reduced(x: Any, axis: Any, keepdims: bool) -> Any:
    return linear.total(x, axis=axis, keepdims=keepdims) if shape_of(x) else x


def count_of(x: Any, axis: Any) -> int:
    shape = shape_of(x)
    return math.prod(shape[k] for k in axes_of(axis, len(shape)))


def _after_the_first(axis: Any, ndim: int) -> tuple[int, ...]:
    """The same axes where tangents have one more in front."""
    return tuple(k + 1 for k in axes_of(axis, ndim))


def _first(x: Any, axis: Any, keepdims: Any) -> tuple[Any, Any, bool]:
    """What every reduction begins with: the operand, its axis, whether axes are kept."""
    x = array_of(x)
    if not shape_of(x):
        axes_of(axis, 0)
        axis = None
    return x, axis, bool(keepdims is not np._NoValue and keepdims)


def _masked(x: Any, where: Any, neutral: float) -> Any:
    if where is np._NoValue or where is True or where is None:
        return x
    return e.where(np.asarray(where, bool), x, neutral)


# -- products --------------------------------------------------------------------------------------------------------
def _along(axis: int, *key: Any) -> tuple:
    return (slice(None),) * axis + (slice(*key),)


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """u_0 = b_0 and u_k = a_k u_(k-1) + b_k, in log2(n) passes (a parallel prefix sum after Hillis and Steele, 1986)."""
    n, step = shape_of(a)[axis], 1
    while step < n:
        head = linear.index(b, key=_along(axis, None, step))
        tail = linear.index(b, key=_along(axis, step, None))
        factors = linear.index(a, key=_along(axis, step, None))
        b = linear.concatenate(head, tail + factors * linear.index(b, key=_along(axis, None, n - step)), axis=axis)
        if 2 * step < n:
            begin = linear.index(a, key=_along(axis, None, step))
            a = linear.concatenate(begin, factors * linear.index(a, key=_along(axis, None, n - step)), axis=axis)
        step *= 2
    return b


def _before(x: Any, axis: int, start: float) -> Any:
    """Each element replaced by the one before it, the first by ``start``."""
    shape = shape_of(x)
    first = np.full((*shape[:axis], int(shape[axis] > 0), *shape[axis + 1 :]), start)
    return linear.concatenate(first, linear.index(x, key=_along(axis, None, -1)), axis=axis)


def _products_before(x: Any, axis: int) -> Any:
    """x_0 … x_(k-1) at place k."""
    return _before(running_product(x, axis=axis), axis, 1.0)


def _products_of_others(x: Any, axis: int) -> Any:
    after = flip(_products_before(flip(x, axis=axis), axis), axis=axis)
    return _products_before(x, axis) * after


def _cumprod_pull(g: Any, y: Any, x: Any, axis: int) -> Any:
    """Backwards u_k = g_k + x_(k+1) u_(k+1), and the slope by x_k is u_k times the product before it."""
    later = _before(flip(x, axis=axis), axis, 0.0)
    return flip(recurrence(later, flip(g, axis=axis), axis), axis=axis) * _products_before(x, axis)


running_product = TwoWay(
    "cumprod",
    lambda x, axis: np.multiply.accumulate(x, axis),
    (_cumprod_pull,),
    (lambda t, y, x, axis: recurrence(x, t * _products_before(x, axis), axis),),
)
running_sum = Linear(
    "cumsum",
    lambda x, axis: np.add.accumulate(x, axis),
    lambda g, y, x, axis: flip(running_sum(flip(g, axis=axis), axis=axis), axis=axis),
    many=lambda slot, t, y, xs, params: running_sum(t, axis=params["axis"] % len(shape_of(xs[0])) + 1),
)
product = TwoWay(
    "prod",
    lambda x, axis, keepdims=False: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    (lambda g, y, x, axis, keepdims=False: spread_over(g, x, axis, keepdims) * _products_of_others(x, axis),),
    (lambda t, y, x, axis, keepdims=False: linear.total(t * _products_of_others(x, axis), axis=axis, keepdims=keepdims),),
    many=lambda slot, t, y, xs, params: linear.total(
        t * _products_of_others(xs[0], params["axis"]), axis=params["axis"] + 1, keepdims=params.get("keepdims", False)),
)  # fmt: skip


# -- extremes --------------------------------------------------------------------------------------------------------
def _shares(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """1/n for each of the n elements that equal the extreme: a constant."""
    x, y = np.asarray(bare(x)), np.asarray(bare(y))
    axes = axes_of(axis, x.ndim)
    y = y if keepdims else np.expand_dims(y, axes)
    tied = x == y
    count = tied.sum(axis=axes, keepdims=True)
    if not count.all():  # nan equals nothing, but where it is the extreme it counts
        tied |= np.isnan(x) & np.isnan(y)
        count = np.maximum(tied.sum(axis=axes, keepdims=True), 1)
    return tied / count


def _extreme(name: str, reduce: Any) -> TwoWay:
    return TwoWay(
        name,
        lambda x, axis=None, keepdims=False: reduce(x, axis=axis, keepdims=keepdims),
        (lambda g, y, x, axis=None, keepdims=False: spread_over(g, x, axis, keepdims) * _shares(y, x, axis, keepdims),),
        (
            lambda t, y, x, axis=None, keepdims=False: linear.total(
                t * _shares(y, x, axis, keepdims), axis=axis, keepdims=keepdims
            ),
        ),
        many=lambda slot, t, y, xs, params: _extreme_many(t, y, xs[0], **params),
    )


def _extreme_many(t: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    moved = t * _shares(y, x, axis, keepdims)
    return linear.total(moved, axis=_after_the_first(axis, len(shape_of(x))), keepdims=keepdims)


largest = _extreme("amax", np.maximum.reduce)
smallest = _extreme("amin", np.minimum.reduce)


# -- lengths ---------------------------------------------------------------------------------------------------------
def _root_of_squares(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.sqrt(np.add.reduce(np.square(x), axis=axis, keepdims=keepdims))


def _direction(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """x/|x|, and 0 where |x| is 0."""
    y = y if keepdims else kept(y, x, axis)
    zero = np.equal(bare(y), 0)
    return e.divide(e.where(zero, 0.0, x), e.where(zero, 1.0, y)) if np.any(zero) else e.divide(x, y)


length = TwoWay(
    "norm",
    _root_of_squares,
    (lambda g, y, x, axis=None, keepdims=False: spread_over(g, x, axis, keepdims) * _direction(y, x, axis, keepdims),),
    (lambda t, y, x, axis=None, keepdims=False: linear.total(
        t * _direction(y, x, axis, keepdims), axis=axis, keepdims=keepdims),),
    many=lambda slot, t, y, xs, params: _length_many(t, y, xs[0], **params),
)  # fmt: skip


def _length_many(t: Any, y: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    moved = t * _direction(y, x, axis, keepdims)
    return linear.total(moved, axis=_after_the_first(axis, len(shape_of(x))), keepdims=keepdims)


def _p_direction(y: Any, x: Any, p: float, axis: Any, keepdims: bool) -> Any:
    """sign(x) (|x|/y)^(p-1), and 0 where x is 0."""
    y = y if keepdims else kept(y, x, axis)
    zero = np.equal(bare(x), 0)
    safe = e.where(zero, 1.0, x)
    slope = e.sign(safe) * e.power(e.divide(e.absolute(safe), e.where(np.equal(bare(y), 0), 1.0, y)), p - 1.0)
    return e.where(zero, 0.0, slope)


p_length = TwoWay(
    "pnorm",
    lambda x, p, axis=None, keepdims=False: np.add.reduce(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1.0 / p),
    (lambda g, y, x, p, axis=None, keepdims=False: spread_over(g, x, axis, keepdims) * _p_direction(y, x, p, axis, keepdims),),
    (lambda t, y, x, p, axis=None, keepdims=False: linear.total(
        t * _p_direction(y, x, p, axis, keepdims), axis=axis, keepdims=keepdims),),
)  # fmt: skip


# -- exponentials ----------------------------------------------------------------------------------------------------
def _top(x: Any, axis: Any) -> Any:
    """The largest element, 0 where that is infinite: what may be taken off before exp."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(top), top, 0.0)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest term is kept apart: log(1 + the others) has its digits also where the others are tiny."""
    x = np.asarray(x, float)
    axes = axes_of(axis, x.ndim)
    top = _top(x, axes)
    scaled = np.exp(x - top)
    largest_at = x == top
    count = np.add.reduce(largest_at, axis=axes, keepdims=True)
    rest = np.add.reduce(np.where(largest_at, 0.0, scaled), axis=axes, keepdims=True)
    with np.errstate(all="ignore"):
        value = top + np.where(count > 0, np.log(np.maximum(count, 1)) + np.log1p(rest / np.maximum(count, 1)), np.log(rest))
    return value if keepdims else np.squeeze(value, axes)


def _softmax(x: Any, axis: Any = None) -> Any:
    x = np.asarray(x, float)
    scaled = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    return scaled / np.add.reduce(scaled, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    x = np.asarray(x, float)
    shifted = x - _top(x, axis)
    return shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))


def _softmax_rule(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """y (t - sum of t y); the Jacobian is symmetric, so that this is both directions."""
    return y * (t - linear.total(t * y, axis=axis, keepdims=True)) if shape_of(x) else 0.0 * t


def _many_axes(function: Any) -> Any:
    """A rule that works for tangents with a leading axis when its axes are counted from the back."""

    def many(slot: int, t: Any, y: Any, xs: tuple, params: dict) -> Any:
        ndim = len(shape_of(xs[0]))
        return function(t, y, xs[0], axis=tuple(k - ndim for k in axes_of(params.get("axis"), ndim)))

    return many


softmax_along = TwoWay("softmax", _softmax, (_softmax_rule,), (_softmax_rule,), many=_many_axes(_softmax_rule))
log_softmax_along = TwoWay(
    "log_softmax",
    _log_softmax,
    (lambda g, y, x, axis=None: g - e.exp(y) * linear.total(g, axis=axis, keepdims=True) if shape_of(x) else 0.0 * g,),
    (lambda t, y, x, axis=None: t - linear.total(e.exp(y) * t, axis=axis, keepdims=True) if shape_of(x) else 0.0 * t,),
    many=_many_axes(lambda t, y, x, axis: t - linear.total(e.exp(y) * t, axis=axis, keepdims=True)),
)
log_sum_exp = TwoWay(
    "logsumexp",
    _logsumexp,
    (lambda g, y, x, axis=None, keepdims=False: spread_over(g, x, axis, keepdims) * softmax_along(x, axis=axis),),
    (lambda t, y, x, axis=None, keepdims=False: linear.total(t * softmax_along(x, axis=axis), axis=axis, keepdims=keepdims),),
    many=lambda slot, t, y, xs, params: linear.total(
        t * softmax_along(xs[0], axis=params.get("axis")), axis=_after_the_first(params.get("axis"), len(shape_of(xs[0]))),
        keepdims=params.get("keepdims", False)),
)  # fmt: skip


# -- numpy's names ---------------------------------------------------------------------------------------------------
def sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
        where: Any = True) -> Any:  # fmt: skip
    plainly("sum", dtype=dtype, out=out)
    a, axis, keepdims = _first(a, axis, keepdims)
    result = linear.total(_masked(a, where, 0.0), axis=axis, keepdims=keepdims)
    return result if initial is None or initial is np._NoValue else result + initial


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    plainly("mean", dtype=dtype, out=out)
    a, axis, keepdims = _first(a, axis, keepdims)
    if where is np._NoValue or where is True:
        return linear.mean(a, axis=axis, keepdims=keepdims)
    mask = np.broadcast_to(where, shape_of(a))
    return linear.total(_masked(a, where, 0.0), axis=axis, keepdims=keepdims) / np.sum(mask, axis=axis, keepdims=keepdims)


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a, axis, keepdims = _first(a, axis, keepdims)
    if weights is None:
        result = linear.mean(a, axis=axis, keepdims=keepdims)
        total: Any = float(count_of(a, axis))
    else:
        weights = array_of(weights)
        if shape_of(weights) != shape_of(a):
            gone = axes_of(axis, len(shape_of(a)))
            if shape_of(weights) != tuple(shape_of(a)[k] for k in gone):
                raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
            weights = linear.transpose(weights, axes=tuple(int(k) for k in np.argsort(gone)))
            weights = reshape(weights, tuple(n if k in gone else 1 for k, n in enumerate(shape_of(a))))
        weights = linear.broadcast_to(weights, shape=shape_of(a))
        total = linear.total(weights, axis=axis, keepdims=keepdims)
        result = linear.total(a * weights, axis=axis, keepdims=keepdims) / total
    return (result, linear.broadcast_to(total, shape=shape_of(result))) if returned else result


def _deviation(a: Any, axis: Any, ddof: Any, where: Any, mean_given: Any, correction: Any) -> tuple[Any, Any]:
    """Differences from the mean, and the number to divide their squares by."""
    center = mean(a, axis, keepdims=True, where=where) if mean_given in (None, np._NoValue) else mean_given
    ddof = ddof if correction is np._NoValue or correction is None else correction
    if where is np._NoValue or where is True:
        return a - center, float(count_of(a, axis) - ddof)
    mask = np.broadcast_to(where, shape_of(a))
    return _masked(a - center, where, 0.0), np.sum(mask, axis=axes_of(axis, mask.ndim), keepdims=True) - ddof


def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
        where: Any = True, mean: Any = None, correction: Any = None) -> Any:  # fmt: skip
    plainly("var", dtype=dtype, out=out)
    a, axis, keepdims = _first(a, axis, keepdims)
    deviation, count = _deviation(a, axis, ddof, where, mean, correction)
    squares = linear.total(e.square(deviation), axis=axis, keepdims=keepdims)
    return e.divide(squares, np.reshape(count, shape_of(squares)) if np.ndim(count) else count)


def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
        where: Any = True, mean: Any = None, correction: Any = None) -> Any:  # fmt: skip
    plainly("std", dtype=dtype, out=out)
    a, axis, keepdims = _first(a, axis, keepdims)
    deviation, count = _deviation(a, axis, ddof, where, mean, correction)
    size = length(deviation, axis=axis, keepdims=keepdims)
    root = np.sqrt(np.asarray(count, float))
    return e.divide(size, np.reshape(root, shape_of(size)) if np.ndim(count) else float(root))


def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
         where: Any = True) -> Any:  # fmt: skip
    plainly("prod", dtype=dtype, out=out)
    a, axis, keepdims = _first(a, axis, keepdims)
    shape = shape_of(a)
    a = _masked(a, where, 1.0)
    axes = axes_of(axis, len(shape))
    if len(axes) == 1:
        result = product(a, axis=axes[0], keepdims=keepdims)
    elif not axes:
        result = a
    else:  # the axes become one
        rest = tuple(k for k in range(len(shape)) if k not in axes)
        together = reshape(linear.transpose(a, axes=(*rest, *axes)) if rest else a, (*(shape[k] for k in rest), -1))
        result = product(together, axis=len(rest))
        if keepdims:
            result = reshape(result, tuple(1 if k in axes else n for k, n in enumerate(shape)))
    return result if initial is None or initial is np._NoValue else result * initial


def _bounded(function: TwoWay, name: str, worst: float, combine: Any) -> Any:
    def extreme(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True
    ) -> Any:
        plainly(name, out=out)
        a, axis, keepdims = _first(a, axis, keepdims)
        masked = _masked(a, where, worst)
        result = (
            function(masked, axis=axis, keepdims=keepdims) if initial in (None, np._NoValue) or 0 not in shape_of(a) else None
        )
        if result is None:  # of nothing: the initial value
            return np.max(np.empty(shape_of(a)), axis=axis, keepdims=keepdims, initial=initial)
        return result if initial in (None, np._NoValue) else combine(result, float(initial))

    extreme.__name__ = name
    return extreme


max = _bounded(largest, "max", -math.inf, e.maximum)
min = _bounded(smallest, "min", math.inf, e.minimum)


def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return max(a, axis, out, keepdims) - min(a, axis, out, keepdims)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    plainly("cumsum", dtype=dtype, out=out)
    a = array_of(a)
    a, axis = (ravel(a), 0) if axis is None or not shape_of(a) else (a, axes_of(axis, len(shape_of(a)))[0])
    return running_sum(a, axis=axis)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    plainly("cumprod", dtype=dtype, out=out)
    a = array_of(a)
    a, axis = (ravel(a), 0) if axis is None or not shape_of(a) else (a, axes_of(axis, len(shape_of(a)))[0])
    return running_product(a, axis=axis)


def _cumulative(function: Any, start: float) -> Any:
    def call(x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
        x = array_of(x)
        if axis is None and len(shape_of(x)) > 1:
            raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
        axis = 0 if axis is None else axis % len(shape_of(x))
        result = function(x, axis, dtype, out)
        if not include_initial:
            return result
        shape = shape_of(result)
        return linear.concatenate(np.full((*shape[:axis], 1, *shape[axis + 1 :]), start), result, axis=axis)

    return call


cumulative_sum = _cumulative(cumsum, 0.0)
cumulative_prod = _cumulative(cumprod, 1.0)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b exp(a))), as in scipy.special. a: any shape; b: weights that broadcast with it.

    >>> round(logsumexp(np.array([1000.0, 1000.0])), 6)
    1000.693147
    """
    plainly("logsumexp", return_sign=return_sign)
    a, axis, keepdims = _first(a, axis, keepdims)
    if b is None:
        return log_sum_exp(a, axis=axis, keepdims=keepdims)
    shape = np.broadcast_shapes(shape_of(a), np.shape(bare(b)))
    a = linear.broadcast_to(a, shape=shape)
    top = _top(bare(a), axes_of(axis, len(shape)))
    total = linear.total(array_of(b) * e.exp(a - top), axis=axis, keepdims=keepdims)
    return e.log(total) + (top if keepdims else reshape(top, shape_of(total)) if shape_of(total) else float(np.squeeze(top)))


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x)/sum(exp(x)) along ``axis`` (all axes where it is None), as in scipy.special; same shape as x.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    x, axis, _ = _first(x, axis, False)
    return softmax_along(x, axis=axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) along ``axis``, without loss for small probabilities; same shape as x.

    >>> log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    x, axis, _ = _first(x, axis, False)
    return log_softmax_along(x, axis=axis)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    return linear.total(_trapezoids(array_of(y), x, dx, axis), axis=axis)


def cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, *, initial: Any = None) -> Any:
    """As in scipy.integrate."""
    y = array_of(y)
    axis = axis % len(shape_of(y))
    result = running_sum(_trapezoids(y, x, dx, axis), axis=axis)
    if initial is None:
        return result
    shape = shape_of(result)
    return linear.concatenate(np.full((*shape[:axis], 1, *shape[axis + 1 :]), float(initial)), result, axis=axis)


def _trapezoids(y: Any, x: Any, dx: Any, axis: int) -> Any:
    from .arrays import diff

    axis = axis % len(shape_of(y))
    if x is not None:
        x = array_of(x)
        dx = diff(x, axis=axis if len(shape_of(x)) == len(shape_of(y)) else -1)
        if len(shape_of(x)) == 1:
            dx = reshape(dx, (-1, *(1,) * (len(shape_of(y)) - axis - 1)))
    heights = linear.index(y, key=_along(axis, 1, None)) + linear.index(y, key=_along(axis, None, -1))
    return dx * heights / 2.0


# -- quantiles -------------------------------------------------------------------------------------------------------
# Where the quantile q of n sorted numbers lies, after Hyndman and Fan, The American Statistician 50 (1996): the place
# n q + a + q (1 - a - b) - 1, counted from 0.
_PLOTTING = {"linear": (1.0, 1.0), "hazen": (0.5, 0.5), "weibull": (0.0, 0.0), "interpolated_inverted_cdf": (0.0, 1.0),
             "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8), "lower": (1.0, 1.0), "higher": (1.0, 1.0),
             "nearest": (1.0, 1.0), "midpoint": (1.0, 1.0)}  # fmt: skip


def quantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
             keepdims: Any = False, *, weights: Any = None, interpolation: Any = None,
             _skip_nan: bool = False) -> Any:  # fmt: skip
    plainly("quantile", out=out, weights=weights)
    method = interpolation or method
    if method not in _PLOTTING:
        refuse(f"np.quantile with method={method!r} jumps and has no derivative rule here; use method='linear'")
    a, axis, keepdims = _first(a, axis, keepdims)
    q = array_of(q)
    shape, levels = shape_of(a), np.asarray(bare(q), float)
    if np.any((levels < 0) | (levels > 1)):
        raise ValueError("Quantiles must be in the range [0, 1]")
    axes = axes_of(axis, len(shape))
    rest = tuple(k for k in range(len(shape)) if k not in axes)
    rows = reshape(linear.transpose(a, axes=(*rest, *axes)) if shape else a, (*(shape[k] for k in rest), -1))
    rows = sort_along(rows, axis=-1)
    missing = np.isnan(bare(rows)).sum(axis=-1, keepdims=True)
    count = shape_of(rows)[-1] - (missing if _skip_nan else 0 * missing)
    each = [linear.index(q, key=k) for k in np.ndindex(levels.shape)] if levels.ndim else [q]
    results = [_quantile(rows, count, level, method) for level in each]
    if not _skip_nan and np.any(missing):
        results = [e.where(missing[..., 0] > 0, math.nan, r) for r in results]
    kept_shape = tuple(1 if k in axes else n for k, n in enumerate(shape)) if keepdims else tuple(shape[k] for k in rest)
    results = [reshape(r, kept_shape) for r in results]
    if not levels.ndim:
        return results[0]
    return reshape(linear.stack(*results, axis=0), (*levels.shape, *kept_shape))


def _quantile(rows: Any, count: np.ndarray, level: Any, method: str) -> Any:
    """The quantile of each row. The level may have a slope too, where the method interpolates."""
    first, second = _PLOTTING[method]
    q = bare(level)
    place = count * q + (first + q * (1.0 - first - second)) - 1.0
    place = np.clip(
        np.where(np.abs(place - np.rint(place)) < 1e-12 * count, np.rint(place), place), 0, np.maximum(count - 1, 0)
    )
    low = np.floor(place)
    match method:
        case "lower":
            place = low
        case "higher":
            place = low = np.ceil(place)
        case "nearest":
            place = low = np.rint(place)
        case "midpoint":
            place = np.where(place == low, low, low + 0.5)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    part: Any = place - low
    below = take_along(rows, indices=low.astype(int), axis=-1)
    if q is not level and method not in ("lower", "higher", "nearest", "midpoint"):
        above = take_along(rows, indices=high.astype(int), axis=-1)
        below = below + (above - below) * (part + (level - q) * (count + (1.0 - first - second)))
    elif np.any(part):
        above = take_along(rows, indices=high.astype(int), axis=-1)
        below = below + e.where(part == 0, 0.0, above - below) * part
    return linear.index(below, key=(..., 0))


def percentile(a: Any, q: Any, *args: Any, **options: Any) -> Any:
    return quantile(a, array_of(q) / 100.0, *args, **options)


def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    return quantile(a, 0.5, axis, out, keepdims=keepdims)


# -- without the nans ------------------------------------------------------------------------------------------------
def _numbers(a: Any) -> Any:
    return ~np.isnan(np.asarray(bare(array_of(a))))


def nansum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
           where: Any = True) -> Any:  # fmt: skip
    return sum(a, axis, dtype, out, keepdims, initial, _numbers(a) & (True if where is np._NoValue else where))


def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
            where: Any = True) -> Any:  # fmt: skip
    return prod(a, axis, dtype, out, keepdims, initial, _numbers(a) & (True if where is np._NoValue else where))


def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return mean(a, axis, dtype, out, keepdims, where=_numbers(a) & (True if where is np._NoValue else where))


def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
           where: Any = True, **options: Any) -> Any:  # fmt: skip
    return var(a, axis, dtype, out, ddof, keepdims, where=_numbers(a) & (True if where is np._NoValue else where), **options)


def nanstd(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *,
           where: Any = True, **options: Any) -> Any:  # fmt: skip
    return std(a, axis, dtype, out, ddof, keepdims, where=_numbers(a) & (True if where is np._NoValue else where), **options)


def _without_nan(extreme: Any, name: str) -> Any:
    def call(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
        numbers = _numbers(a) & (True if where is np._NoValue else where)
        result = extreme(a, axis, out, keepdims, initial, numbers)
        nothing = ~np.any(numbers, axis=axis, keepdims=bool(keepdims is True))
        return e.where(nothing, math.nan, result) if np.any(nothing) and initial in (None, np._NoValue) else result

    call.__name__ = name
    return call


nanmax, nanmin = _without_nan(max, "nanmax"), _without_nan(min, "nanmin")


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    return cumsum(_masked(array_of(a), _numbers(a), 0.0), axis, dtype, out)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    return cumprod(_masked(array_of(a), _numbers(a), 1.0), axis, dtype, out)


def nanquantile(a: Any, q: Any, *args: Any, **options: Any) -> Any:
    return quantile(a, q, *args, **options, _skip_nan=True)


def nanpercentile(a: Any, q: Any, *args: Any, **options: Any) -> Any:
    return percentile(a, q, *args, **options, _skip_nan=True)


def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    return quantile(a, 0.5, axis, out, keepdims=keepdims, _skip_nan=True)


# -- spread of data --------------------------------------------------------------------------------------------------
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None,
        aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    plainly("cov", dtype=dtype)

    def rows(data: Any) -> Any:
        data = array_of(data)
        if len(shape_of(data)) < 2:
            return reshape(data, (1, -1))
        return data if rowvar or shape_of(data)[0] == 1 and data is not m else linear.transpose(data)

    x = rows(m)
    if y is not None:
        x = linear.concatenate(x, rows(y), axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights: Any = None
    for factor in (fweights, aweights):
        if factor is not None:
            weights = array_of(factor) if weights is None else weights * array_of(factor)
    center = average(x, 1, weights, keepdims=True)
    deviation = x - center
    if weights is None:
        scaled, count = deviation, float(shape_of(x)[1] - ddof)
    else:
        total: Any = linear.total(weights, axis=None)
        scaled = deviation * weights
        extra = ddof if aweights is None else ddof * linear.total(weights * array_of(aweights), axis=None) / total
        count = total - extra
    result = linear.matmul(deviation, linear.transpose(scaled)) / count
    return reshape(result, np.squeeze(np.empty(shape_of(result))).shape)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    from .arrays import diag

    c = cov(x, y, rowvar, dtype=dtype)
    if not shape_of(c):
        return c / c
    d = e.sqrt(diag(c))
    return c / reshape(d, (-1, 1)) / reshape(d, (1, -1))


TABLE = {
    p.name: p for p in list(globals().values()) if isinstance(p, (Linear, TwoWay)) and p not in (flip, sort_along, take_along)
}
