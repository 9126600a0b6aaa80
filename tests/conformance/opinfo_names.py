"""torch's operations in numpy's words: what `test_opinfo.py` draws torch's samples for.

``NUMPY`` leads from the name of an operation in torch's database (with its variant) to the same operation written with
numpy, ``scipy`` names or ``chainreel.engine.functions``; the arguments are those of torch's sample. ``WITHOUT`` gives for
every other operation that has derivatives the reason why it has no such spelling. ``EXCEPT`` gives samples that are left
out, by a condition on the sample, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainreel.engine import functions as F
from chainreel.engine import special as s

Rule = Callable[..., Any]


# -- how torch says it, how numpy says it -----------------------------------------------------------------------------
def _axis(dim: Any) -> Any:
    """torch's dim as numpy's axis: an empty list means all."""
    if isinstance(dim, (list, tuple)):
        return tuple(dim) or None
    return dim


def reduction(function: Rule) -> Rule:
    def call(x, dim=None, keepdim=False, *, dtype=None, **options):
        if np.ndim(x) == 0:
            dim = None
        return function(x, axis=_axis(dim), keepdims=keepdim, **options)

    return call


def spread(function: Rule) -> Rule:
    """var and std: torch divides by n - 1 unless told otherwise."""

    def call(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        ddof = (1 if unbiased in (None, True) else 0) if correction is None else correction
        return function(x, axis=_axis(dim), ddof=ddof, keepdims=keepdim)

    return call


def with_mean(function: Rule) -> Rule:
    def call(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        return function(x, dim, unbiased, keepdim, correction=correction), np.mean(x, axis=_axis(dim), keepdims=keepdim)

    return call


def extreme(function: Rule) -> Rule:
    def call(x, dim=None, keepdim=False):
        return function(x, axis=None if np.ndim(x) == 0 else _axis(dim), keepdims=keepdim)

    return call


def low_middle(x, dim=None, keepdim=False, nan=False):
    """torch's median is the lower one of two."""
    function = np.nanquantile if nan else np.quantile
    return function(x, 0.5, axis=None if np.ndim(x) == 0 else dim, keepdims=keepdim and dim is not None, method="lower")


def level(function: Rule) -> Rule:
    def call(x, q, dim=None, keepdim=False, *, interpolation="linear"):
        return function(x, q, axis=dim, keepdims=keepdim, method=interpolation)

    return call


def cumulative(function: Rule) -> Rule:
    return lambda x, dim, dtype=None: function(x, axis=dim) if np.ndim(x) else x + 0.0


def soft(function: Rule, sign: float = 1.0) -> Rule:
    return lambda x, dim=None, dtype=None, **o: function(sign * x if sign != 1.0 else x, axis=dim if np.ndim(x) else None)


def scaled(function: Rule) -> Rule:
    return lambda x, other, *, alpha=1: function(x, alpha * other if alpha != 1 else other)


def _diff(x, n=1, dim=-1, prepend=None, append=None):
    options = {key: value for key, value in (("prepend", prepend), ("append", append)) if value is not None}
    return np.diff(x, n, dim, **options)


def _gradient(x, *, spacing=None, dim=None, edge_order=1):
    axis = dim if dim is None or np.ndim(dim) == 0 else tuple(dim)
    spacings = () if spacing is None else tuple(spacing) if isinstance(spacing, (list, tuple)) else (spacing,)
    result = np.gradient(x, *spacings, axis=axis, edge_order=edge_order)
    return tuple(result) if isinstance(result, (list, tuple)) else (result,)


def _cov(x, correction=1, fweights=None, aweights=None):
    return np.cov(x, ddof=correction, fweights=fweights, aweights=aweights)


def _div(x, other, *, rounding_mode=None):
    q = np.divide(x, other)
    return np.trunc(q) if rounding_mode == "trunc" else np.floor(q) if rounding_mode == "floor" else q


def _clamp(x, min=None, max=None):
    if min is None and max is None:
        return x
    return np.clip(x, min, max)


def _masked_fill(x, mask, value):
    return np.where(mask, value, x)


def _masked_scatter(x, mask, source):
    mask = np.broadcast_to(mask, np.broadcast_shapes(np.shape(mask), np.shape(x)))
    places = np.cumsum(mask.ravel()).reshape(mask.shape) - 1
    return np.where(mask, np.take(source, np.maximum(places, 0)), x)


def _split(x, size, dim=0):
    if isinstance(size, (list, tuple)):
        return tuple(np.split(x, np.cumsum(size)[:-1], axis=dim))
    return tuple(np.split(x, np.arange(size, x.shape[dim], size), axis=dim))


def _chunk(x, chunks, dim=0):
    return _split(x, -(-x.shape[dim] // chunks), dim)


def _tensor_split(x, parts, dim=0):
    return tuple(np.array_split(x, parts.tolist() if isinstance(parts, np.ndarray) else parts, axis=dim))


def _roll(x, shifts, dims=None):
    if isinstance(dims, tuple) and not dims:
        dims = None
    return np.roll(x, shifts, axis=dims)


def _repeat(x, *sizes):
    sizes = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) else sizes
    return np.tile(x, tuple(sizes))


def _each(function: Rule) -> Rule:
    return lambda *xs: function(*(xs[0] if isinstance(xs[0], (list, tuple)) else xs))


def _sort(x, dim=-1, descending=False, stable=False):
    if not np.ndim(x):
        return x + 0.0
    return np.sort(x, axis=dim) if not descending else np.flip(np.sort(np.flip(x, dim), axis=dim), dim)


def _topk(x, k, dim=-1, largest=True, sorted=True):
    if not np.ndim(x):
        return x + 0.0
    y = np.sort(x, axis=dim)
    return np.take(np.flip(y, dim) if largest else y, np.arange(k), axis=dim)


def _kth(x, k, dim=-1, keepdim=False):
    if not np.ndim(x):
        return x + 0.0
    y = np.take(np.sort(x, axis=dim), [k - 1], axis=dim)
    return y if keepdim else np.squeeze(y, dim)


def _running_extreme(function: Rule) -> Rule:
    def call(x, dim):
        if not np.ndim(x):
            return x + 0.0
        order = np.arange(x.shape[dim])
        rows = np.moveaxis(x, dim, -1)
        grid = np.where(order[:, None] >= order, 0.0, np.inf if function is np.min else -np.inf)
        return np.moveaxis(function(rows[..., None, :] + grid, axis=-1), -1, dim)

    return call


def _squeeze(x, dim=None):
    if dim is None:
        return np.squeeze(x)
    if not np.ndim(x):
        return x + 0.0
    dims = tuple(d for d in (dim if isinstance(dim, (list, tuple)) else (dim,)) if x.shape[d] == 1)
    return np.squeeze(x, dims) if dims else x


def _flatten(x, start_dim=0, end_dim=-1):
    if not np.ndim(x):
        return np.reshape(x, (1,))
    end = end_dim % x.ndim
    start = start_dim % x.ndim
    return np.reshape(x, (*x.shape[:start], -1, *x.shape[end + 1 :]))


def _unflatten(x, dim, sizes):
    dim = dim % x.ndim
    return np.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))


def _expand(x, *shape):
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (list, tuple)) else shape
    lead = len(shape) - np.ndim(x)
    return np.broadcast_to(x, tuple(n if n != -1 else np.shape(x)[k - lead] for k, n in enumerate(shape)))


def _sum_to_size(x, *size):
    size = size[0] if len(size) == 1 and isinstance(size[0], (list, tuple)) else size
    lead = np.ndim(x) - len(size)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(size) if n == 1)
    return np.reshape(np.sum(x, axis=axes), tuple(size))


def _diag_embed(x, offset=0, dim1=-2, dim2=-1):
    n = x.shape[-1] + abs(offset)
    rows = np.arange(x.shape[-1]) + max(-offset, 0)
    columns = np.arange(x.shape[-1]) + max(offset, 0)
    spread = np.zeros((x.shape[-1], n, n))
    spread[np.arange(x.shape[-1]), rows, columns] = 1.0
    return np.moveaxis(np.tensordot(x, spread, 1), (-2, -1), (dim1, dim2))


def _block_diag(*parts):
    parts = [np.atleast_2d(p) if np.size(p) or np.ndim(p) == 2 else np.reshape(p, (1, 0)) for p in parts]
    return np.block(
        [[p if i == j else np.zeros((p.shape[0], q.shape[1])) for j, q in enumerate(parts)] for i, p in enumerate(parts)]
    )


def _cartesian(*parts):
    if len(parts) == 1:
        return parts[0]
    return np.stack([np.ravel(g) for g in np.meshgrid(*parts, indexing="ij")], axis=-1)


def _combinations(x, r=2, with_replacement=False):
    import itertools

    pick = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = np.array(list(pick(range(x.shape[0]), r)), int).reshape(-1, r)
    return x[rows]


def _cdist(x, z, p=2.0, compute_mode=None):
    return np.linalg.norm(x[..., :, None, :] - z[..., None, :, :], ord=p, axis=-1)


def _dist(x, z, p=2):
    return np.linalg.vector_norm(x - z, ord=p)


def _pdist(x, p=2.0):
    i, j = np.triu_indices(x.shape[0], 1)
    return np.linalg.norm(x[i] - x[j], ord=p, axis=-1)


def _norm(x, p="fro", dim=None, keepdim=False, dtype=None):
    if not np.ndim(x):
        return np.abs(x)
    axis = _axis(dim)
    if p == "nuc":
        return (
            np.linalg.matrix_norm(x, ord="nuc", keepdims=keepdim) if axis is None else np.linalg.norm(x, "nuc", axis, keepdim)
        )
    return np.linalg.vector_norm(x, ord=2 if p in (None, "fro") else p, axis=axis, keepdims=keepdim)


def _linalg_norm(x, ord=None, dim=None, keepdim=False, dtype=None):
    axis = _axis(dim)
    if ord is None or axis is not None or np.ndim(x) <= 2:
        if ord is None or np.ndim(x) == 1 or (np.size(axis) == 1 and axis is not None):
            return np.linalg.vector_norm(x, ord=2 if ord is None else ord, axis=axis, keepdims=keepdim)
        return np.linalg.norm(x, ord, axis, keepdim)
    raise NotImplementedError


def _matrix_norm(x, ord="fro", dim=(-2, -1), keepdim=False, dtype=None):
    return np.linalg.norm(x, ord, tuple(dim), keepdim)


def _vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None):
    return np.linalg.vector_norm(x, ord=ord, axis=None if np.ndim(x) == 0 else _axis(dim), keepdims=keepdim)


def _symmetric(x):
    """torch's tests do the same to the samples of functions of symmetric matrices."""
    return x + np.swapaxes(x, -1, -2)


def _cholesky(x, upper=False):
    factor = np.linalg.cholesky(_symmetric(x))
    return np.swapaxes(factor, -1, -2) if upper else factor


def _cholesky_inverse(x, upper=False):
    """torch's own test puts ones on the diagonal first."""
    eye = np.eye(x.shape[-1])
    x = x * (1.0 - eye) + eye
    factor = np.swapaxes(np.triu(x), -1, -2) if upper else np.tril(x)
    return np.linalg.inv(factor @ np.swapaxes(factor, -1, -2))


def _cholesky_solve(b, x, upper=False):
    factor = np.swapaxes(np.triu(x), -1, -2) if upper else np.tril(x)
    return np.linalg.solve(factor @ np.swapaxes(factor, -1, -2), b)


def _solve(a, b, left=True):
    vector = b.ndim == 1 or (a.ndim - 1 == b.ndim and a.shape[:-1] == b.shape)
    if not left:
        if vector:
            return np.linalg.solve(np.swapaxes(a, -1, -2), b[..., None])[..., 0]
        return np.swapaxes(np.linalg.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2)
    return np.linalg.solve(a, b[..., None])[..., 0] if vector else np.linalg.solve(a, b)


def _triangular(a, b, *, upper, left=True, unitriangular=False):
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a = a - a * np.eye(a.shape[-1]) + np.eye(a.shape[-1])
    return (
        np.linalg.solve(a, b) if left else np.swapaxes(np.linalg.solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2)
    )


def _old_triangular(b, a, upper=False, transpose=False, unitriangular=False):
    """torch's own test asks for the lower triangle."""
    a = np.triu(a) if upper else np.tril(a)
    if unitriangular:
        a = a - a * np.eye(a.shape[-1]) + np.eye(a.shape[-1])
    return np.linalg.solve(np.swapaxes(a, -1, -2) if transpose else a, b), np.copy(a)


def _svd(a, full_matrices=True, **o):
    """torch's own test looks only at the columns that a matrix determines."""
    return np.linalg.svd(a, full_matrices=False)


def _svd_processed(sample, u, s, vh):
    match sample.output_process_fn_grad.__name__:
        case "fn_U":
            return np.abs(u)
        case "fn_S":
            return s
        case "fn_Vh":
            return s, np.abs(vh)
    return u @ vh, s


def _tensorsolve(a, b, dims=None):
    return np.linalg.tensorsolve(a, b, axes=dims)


def _multi_dot(arrays):
    return np.linalg.multi_dot(arrays)


def _tensordot(a, b, dims=2):
    if isinstance(dims, (list, tuple)):
        dims = tuple(tuple(d) for d in dims)
    return np.tensordot(a, b, dims)


def _lerp(x, end, weight):
    return x + weight * (end - x)


def _index_put(x, key, values, accumulate=False):
    positions = np.arange(x.size).reshape(x.shape)[tuple(key)]
    return _put(x, positions, np.broadcast_to(values, positions.shape), accumulate)


def _put(x, positions, values, accumulate=False):
    """A copy with elements of the flattened array replaced (the last one written stays) or added to."""
    flat = np.ravel(x)
    positions, values = np.ravel(positions) % max(flat.shape[0], 1), np.ravel(values)
    if accumulate:
        return np.reshape(F.scatter_add(flat, positions, values), x.shape)
    source = np.full(flat.shape[0], -1)
    source[positions] = np.arange(positions.size)
    if not positions.size:
        return x + 0.0
    return np.reshape(np.where(source >= 0, np.take(values, np.maximum(source, 0)), flat), x.shape)


def _places(x, dim, index):
    """Positions in the flattened x of ``x[…, index, …]``."""
    grid = np.arange(max(math.prod(np.shape(x)), 1)).reshape(np.shape(x))
    return np.take(np.atleast_1d(grid), np.atleast_1d(index), axis=dim if grid.ndim else 0)


def _index_op(accumulate: bool) -> Rule:
    def call(x, dim, index, source, *, alpha=1):
        source = alpha * source if alpha != 1 else source
        y = np.atleast_1d(x)
        places = _places(y, dim, index)
        result = _put(y, places, np.broadcast_to(np.reshape(source, places.shape), places.shape), accumulate)
        return np.reshape(result, np.shape(x))

    return call


def _index_fill(x, dim, index, value):
    y = np.atleast_1d(x)
    places = _places(y, dim, index)
    return np.reshape(_put(y, places, np.broadcast_to(value, places.shape)), np.shape(x))


def _along_places(x, dim, index):
    """Positions in the flattened x of the elements that gather and scatter speak of."""
    grid = np.arange(x.size).reshape(x.shape)
    index = np.asarray(index)
    where = list(np.indices(index.shape))
    where[dim] = index
    return grid[tuple(where)]


def _scatter(x, dim, index, src, reduce=None):
    if not np.ndim(x):
        return _put(np.reshape(x, (1,)), np.atleast_1d(index), np.reshape(src, (-1,)))[0] if np.size(index) else x + 0.0
    places = _along_places(x, dim, index)
    source = np.broadcast_to(src, places.shape) if not np.ndim(src) else src[tuple(slice(0, n) for n in np.shape(index))]
    if reduce == "add":
        return _put(x, places, source, True)
    if reduce == "multiply":
        result = np.ravel(x)
        flat, places = np.ravel(source), np.ravel(places)
        for k in range(places.size):
            result = np.where(np.arange(x.size) == places[k], result * flat[k], result)
        return np.reshape(result, x.shape)
    return _put(x, places, source)


def _scatter_add(x, dim, index, src):
    if not np.ndim(x):
        return x + np.sum(src) if np.size(index) else x + 0.0
    places = _along_places(x, dim, index)
    return _put(x, places, src[tuple(slice(0, n) for n in np.shape(index))], True)


def _gather(x, dim, index, sparse_grad=False):
    if not np.ndim(x) or not np.size(index):
        return np.reshape(np.take(np.reshape(x, (-1,)), np.asarray(index, int)), np.shape(index))
    return np.reshape(np.take(np.ravel(x), _along_places(x, dim, index)), np.shape(index))


def _index_select(x, dim, index):
    return np.take(np.atleast_1d(x), np.atleast_1d(index), axis=dim) if np.ndim(x) else x + 0.0


def _diagonal_scatter(x, src, offset=0, dim1=0, dim2=1):
    places = np.diagonal(np.arange(x.size).reshape(x.shape), offset, dim1, dim2)
    return _put(x, places, src)


def _select_scatter(x, src, dim, index):
    places = np.take(np.arange(x.size).reshape(x.shape), index, axis=dim)
    return _put(x, places, src)


def _slice(x, dim=0, start=None, end=None, step=1):
    return x[(slice(None),) * (dim % x.ndim) + (slice(start, end, step),)]


def _slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    places = _slice(np.arange(x.size).reshape(x.shape), dim, start, end, step)
    return _put(x, places, src)


def _narrow(x, dim, start, length):
    start = int(start)
    if start < 0:
        start += x.shape[dim]
    return _slice(x, dim % x.ndim, start, start + length)


def _select(x, dim, index):
    return np.take(x, index, axis=dim)


def _unfold(x, dim, size, step):
    if not np.ndim(x):
        return np.reshape(x, (1,))[:size]
    rows = np.moveaxis(x, dim, -1)
    count = (rows.shape[-1] - size) // step + 1
    places = step * np.arange(count)[:, None] + np.arange(size)
    y = np.take(rows, places, axis=-1)
    return np.moveaxis(y, -2, dim % x.ndim)


def _strided(x, size, stride, storage_offset=0):
    offset = storage_offset or 0
    places = sum(
        (np.arange(n) * st).reshape((-1,) + (1,) * (len(size) - k - 1))
        for k, (n, st) in enumerate(zip(size, stride, strict=True))
    )
    return np.take(np.ravel(x), offset + np.asarray(places))


def _repeat_interleave(x, repeats=None, dim=None, *, output_size=None):
    return np.repeat(x, repeats, axis=dim)


def _renorm(x, p, dim, maxnorm):
    axes = tuple(k for k in range(x.ndim) if k != dim % x.ndim)
    size = np.linalg.vector_norm(x, ord=p, axis=axes, keepdims=True)
    return np.where(size > maxnorm, x * (maxnorm / (size + 1e-7)), x)


def _take_along_dim(x, index, dim=None):
    if dim is None:
        return np.take(np.ravel(x), index.ravel())
    lead = [n if k != dim % np.ndim(x) else None for k, n in enumerate(np.broadcast_shapes(
        tuple(1 if k == dim % np.ndim(x) else n for k, n in enumerate(np.shape(x))),
        tuple(1 if k == dim % np.ndim(x) else n for k, n in enumerate(np.shape(index)))))]  # fmt: skip
    wide = np.broadcast_to(x, tuple(np.shape(x)[k] if n is None else n for k, n in enumerate(lead)))
    index = np.broadcast_to(index, tuple(np.shape(index)[k] if n is None else n for k, n in enumerate(lead)))
    return np.take_along_axis(wide, index, dim)


def _trapezoid(y, x=None, *, dx=1, dim=-1):
    return np.trapezoid(y, x, dx=dx, axis=dim)


def _cumulative_trapezoid(y, x=None, *, dx=1, dim=-1):
    return F.cumulative_trapezoid(y, x, dx=dx, axis=dim)


def _log_determinant(x):
    sign, size = np.linalg.slogdet(x)
    return np.where(np.asarray(sign) < 0, np.nan, size)


def _mvlgamma(x, p):
    return p * (p - 1) / 4.0 * math.log(math.pi) + sum(s.loggamma(x - 0.5 * j) for j in range(p))


def _logsumexp(x, dim, keepdim=False):
    return F.logsumexp(x, axis=_axis(dim) if np.ndim(x) else None, keepdims=keepdim)


def _logcumsumexp(x, dim):
    if not np.ndim(x):
        return x + 0.0
    order = np.arange(x.shape[dim])
    grid = np.where(order[:, None] >= order, 0.0, -np.inf)
    return np.moveaxis(F.logsumexp(np.moveaxis(x, dim, -1)[..., None, :] + grid, axis=-1), -1, dim)


def _prod(x, dim=None, keepdim=False, *, dtype=None):
    return np.prod(x, axis=dim if np.ndim(x) else None, keepdims=keepdim)


def _einsum(text, *operands):
    return np.einsum(text, *(operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands))


# -- neural networks --------------------------------------------------------------------------------------------------
def _reduce(loss, reduction="mean"):
    return loss if reduction == "none" else np.sum(loss) if reduction == "sum" else np.mean(loss)


def _by_difference(function: Rule) -> Rule:
    return lambda x, target, *, reduction="mean", **o: _reduce(function(x - target, **o), reduction)


def _smooth_l1(d, beta=1.0):
    return np.abs(d) if beta == 0 else np.where(np.abs(d) < beta, 0.5 * d**2 / beta, np.abs(d) - 0.5 * beta)


def _huber(d, delta=1.0):
    return np.where(np.abs(d) < delta, 0.5 * d**2, delta * (np.abs(d) - 0.5 * delta))


def _layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    axes = tuple(range(-len(shape), 0))
    y = (x - np.mean(x, axis=axes, keepdims=True)) / np.sqrt(np.var(x, axis=axes, keepdims=True) + eps)
    y = y * weight if weight is not None else y
    return y + bias if bias is not None else y


def _rms_norm(x, shape, weight=None, eps=None):
    axes = tuple(range(-len(shape), 0))
    y = x / np.sqrt(np.mean(x**2, axis=axes, keepdims=True) + (np.finfo(float).eps if eps is None else eps))
    return y * weight if weight is not None else y


def _group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    parts = np.reshape(x, (x.shape[0], groups, math.prod(x.shape[1:]) // groups))
    y = (parts - np.mean(parts, axis=-1, keepdims=True)) / np.sqrt(np.var(parts, axis=-1, keepdims=True) + eps)
    y = np.reshape(y, x.shape)
    channels = (1, -1) + (1,) * (x.ndim - 2)
    y = y * np.reshape(weight, channels) if weight is not None else y
    return y + np.reshape(bias, channels) if bias is not None else y


def _normalize(x, p=2.0, dim=1, eps=1e-12):
    return x / np.maximum(np.linalg.vector_norm(x, ord=p, axis=_axis(dim), keepdims=True), eps)


def _cosine(x, z, dim=1, eps=1e-8):
    x, z = np.broadcast_arrays(x, z)
    size = np.maximum(np.linalg.vector_norm(x, axis=dim), eps) * np.maximum(np.linalg.vector_norm(z, axis=dim), eps)
    return np.sum(x * z, axis=dim) / size


def _distance(x, z, p=2.0, eps=1e-6, keepdim=False):
    return np.linalg.vector_norm(x - z + eps, ord=p, axis=-1, keepdims=keepdim)


def _pad(mode: str) -> Rule:
    def call(x, pad, mode_name=None, value=None, **o):
        value = o.get("value", value)
        width = [(0, 0)] * x.ndim
        for k in range(len(pad) // 2):
            width[-1 - k] = (pad[2 * k], pad[2 * k + 1])
        if mode == "edge":
            for k, (low, high) in enumerate(width):
                x = np.take(x, np.clip(np.arange(-low, x.shape[k] + high), 0, x.shape[k] - 1), axis=k) if low or high else x
            return x
        cut = tuple(slice(max(0, -low), x.shape[k] - max(0, -high)) for k, (low, high) in enumerate(width))
        if any(low < 0 or high < 0 for low, high in width):
            x = x[cut]
            width = [(max(0, low), max(0, high)) for low, high in width]
        if mode == "constant":
            return np.pad(x, width, constant_values=0.0 if value is None else value)
        return np.pad(x, width, mode=mode)

    return call


def _bilinear(x, z, w, b=None):
    y = np.einsum("...i,oij,...j->...o", x, w, z)
    return y + b if b is not None else y


def _gelu(x, *, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return x * s.ndtr(x)


def _elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def _celu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0) / alpha))


def _selu(x):
    alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
    return scale * _elu(x, alpha)


def _softplus(x, beta=1.0, threshold=20.0):
    return np.where(x * beta > threshold, x, F.softplus(beta * x) / beta)


def _glu(x, dim=-1):
    left, right = np.split(x, 2, axis=dim)
    return left * F.sigmoid(right)


def _prelu(x, weight):
    weight = np.reshape(weight, (-1,) + (1,) * (np.ndim(x) - 2)) if np.size(weight) > 1 and np.ndim(x) > 1 else weight
    y = np.where(x > 0, x, np.reshape(weight, ()) * x if np.size(weight) == 1 else weight * x)
    return y


def _attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    scale = 1.0 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = q @ np.swapaxes(k, -1, -2) * scale
    if is_causal:
        scores = np.where(np.tri(scores.shape[-2], scores.shape[-1], dtype=bool), scores, -np.inf)
    if attn_mask is not None:
        scores = np.where(attn_mask, scores, -np.inf) if np.asarray(attn_mask).dtype == bool else scores + attn_mask
    return F.softmax(scores, axis=-1) @ v


def _cross_entropy(
    x, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0
):
    axis = 1 if x.ndim > 1 else 0
    logs = F.log_softmax(x, axis=axis)
    classes = x.shape[axis]
    shape = tuple(classes if k == axis else 1 for k in range(x.ndim))
    w = np.ones(shape) if weight is None else np.reshape(weight, shape)
    if (
        np.shape(target) == x.shape
        and np.asarray(target).dtype.kind == "f"
        or not isinstance(target, np.ndarray)
        and np.ndim(target) == x.ndim
    ):
        target = target * (1.0 - label_smoothing) + label_smoothing / classes
        losses = -np.sum(target * logs * w, axis=axis)
        if reduction == "mean":
            return np.sum(losses) / (losses.size / 1.0 if np.ndim(losses) else 1.0)
        return _reduce(losses, reduction)
    keep = target != ignore_index
    chosen = np.expand_dims(np.where(keep, target, 0), axis)
    wide = np.broadcast_to(w, x.shape)
    picked = np.squeeze(np.take_along_axis(logs * wide, chosen, axis), axis)
    weights = np.squeeze(np.take_along_axis(wide, chosen, axis), axis) * keep
    losses = -picked * keep * (1.0 - label_smoothing)
    if label_smoothing:
        losses = losses - np.sum(logs * w, axis=axis) * keep * label_smoothing / classes
    return np.sum(losses) / np.sum(weights) if reduction == "mean" else _reduce(losses, reduction)


def _nll(x, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    axis = 1 if x.ndim > 1 else 0
    keep = target != ignore_index
    chosen = np.expand_dims(np.where(keep, target, 0), axis)
    shape = tuple(x.shape[axis] if k == axis else 1 for k in range(x.ndim))
    wide = np.broadcast_to(np.ones(shape) if weight is None else np.reshape(weight, shape), x.shape)
    losses = -np.squeeze(np.take_along_axis(x * wide, chosen, axis), axis) * keep
    weights = np.squeeze(np.take_along_axis(wide, chosen, axis), axis) * keep
    return np.sum(losses) / np.sum(weights) if reduction == "mean" else _reduce(losses, reduction)


def _bce(x, target, weight=None, *, reduction="mean"):
    loss = -(target * np.maximum(np.log(x), -100.0) + (1.0 - target) * np.maximum(np.log1p(-x), -100.0))
    return _reduce(loss if weight is None else loss * weight, reduction)


def _bce_logits(x, target, weight=None, pos_weight=None, *, reduction="mean"):
    p = 1.0 if pos_weight is None else pos_weight
    loss = -(p * target * F.log_sigmoid(x) + (1.0 - target) * F.log_sigmoid(-x))
    return _reduce(loss if weight is None else loss * weight, reduction)


def _kl_div(x, target, *, reduction="mean", log_target=False):
    loss = np.exp(target) * (target - x) if log_target else F.xlogy(target, target) - target * x
    return np.sum(loss) / x.shape[0] if reduction == "batchmean" else _reduce(loss, reduction)


def _margin_ranking(x, z, y, *, margin=0.0, reduction="mean"):
    return _reduce(np.maximum(0.0, -y * (x - z) + margin), reduction)


def _hinge_embedding(x, y, *, margin=1.0, reduction="mean"):
    return _reduce(np.where(y != -1, x, 0.0) + np.where(y != 1, np.maximum(0.0, margin - x), 0.0), reduction)


def _cosine_embedding(x, z, y, *, margin=0.0, reduction="mean"):
    x, z = np.broadcast_arrays(x, z)
    eps = 1e-12
    c = np.sum(x * z, axis=-1) / np.sqrt((np.sum(x * x, axis=-1) + eps) * (np.sum(z * z, axis=-1) + eps))
    return _reduce(np.where(y == 1, 1.0 - c, 0.0) + np.where(y == -1, np.maximum(0.0, c - margin), 0.0), reduction)


def _poisson(x, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
    loss = np.exp(x) - target * x if log_input else x - target * np.log(x + eps)
    if full:
        safe = np.where(target > 1, target, 2.0)
        loss = loss + np.where(target > 1, safe * np.log(safe) - safe + 0.5 * np.log(2 * math.pi * safe), 0.0)
    return _reduce(loss, reduction)


def _soft_margin(x, y, *, reduction="mean"):
    return _reduce(F.softplus(-y * x), reduction)


def _multilabel_soft_margin(x, y, weight=None, *, reduction="mean"):
    loss = -(y * F.log_sigmoid(x) + (1.0 - y) * F.log_sigmoid(-x))
    return _reduce(np.mean(loss if weight is None else loss * weight, axis=-1), reduction)


def _triplet(a, p, n, margin=1.0, p_norm=2.0, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean", **o):
    p_norm = o.get("p", p_norm)
    near, far = _distance(a, p, p_norm, eps), _distance(a, n, p_norm, eps)
    if swap:
        far = np.minimum(far, _distance(p, n, p_norm, eps))
    return _reduce(np.maximum(near - far + margin, 0.0), reduction)


def _gaussian_nll(x, target, var, *, full=False, eps=1e-6, reduction="mean"):
    if np.ndim(var) and np.shape(var) != np.shape(x) and np.shape(x)[:-1] == np.shape(var):
        var = np.expand_dims(var, -1)
    var = np.where(var < eps, eps, var) if False else np.maximum(var, eps)
    loss = 0.5 * (np.log(var) + (x - target) ** 2 / var)
    return _reduce(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


def _multi_margin(x, target, p=1, margin=1.0, weight=None, *, reduction="mean", **o):
    rows = np.atleast_2d(x)
    target = np.atleast_1d(target)
    own = np.take_along_axis(rows, target[:, None], 1)
    part = np.maximum(0.0, margin - own + rows) ** p
    part = part if weight is None else part * np.reshape(np.take(weight, target), (-1, 1))
    part = np.where(np.arange(rows.shape[1]) == target[:, None], 0.0, part)
    losses = np.sum(part, axis=1) / rows.shape[1]
    return _reduce(losses if np.ndim(x) > 1 else losses[0], reduction)


def _conv(function: Rule) -> Rule:
    def call(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return function(x, w, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)

    return call


def _max_pool(function: Rule) -> Rule:
    def call(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return function(x, kernel_size, stride, padding, dilation, ceil_mode)

    return call


def _avg_pool(function: Rule) -> Rule:
    def call(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        padding = padding[0] if isinstance(padding, (list, tuple)) and len(padding) == 1 else padding
        return function(x, kernel_size, stride or None, padding, ceil_mode, count_include_pad, divisor_override)

    return call


def _adaptive(function: Rule, dims: int) -> Rule:
    def call(x, size, return_indices=False):
        size = tuple(size) if isinstance(size, (tuple, list)) else (size,) * dims
        for k, n in zip(range(-dims, 0), size, strict=True):
            length = x.shape[k]
            n = length if n is None else n
            parts = [np.take(x, np.arange(i * length // n, -(-(i + 1) * length // n)), axis=k) for i in range(n)]
            x = np.stack([function(part, axis=k) for part in parts], axis=k)
        return x

    return call


def _pixel_shuffle(x, upscale_factor):
    r = upscale_factor
    *lead, c, h, w = x.shape
    y = np.reshape(x, (*lead, c // (r * r), r, r, h, w))
    n = len(lead)
    return np.reshape(np.transpose(y, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*lead, c // (r * r), h * r, w * r))


def _pixel_unshuffle(x, downscale_factor):
    r = downscale_factor
    *lead, c, h, w = x.shape
    y = np.reshape(x, (*lead, c, h // r, r, w // r, r))
    n = len(lead)
    return np.reshape(np.transpose(y, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*lead, c * r * r, h // r, w // r))


def _channel_shuffle(x, groups):
    n, c, *rest = x.shape
    return np.reshape(np.swapaxes(np.reshape(x, (n, groups, c // groups, *rest)), 1, 2), x.shape)


def _batch_norm(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if x.ndim == 1:
        return x + 0.0
    axes = (0, *range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    if training:
        mean, var = np.mean(x, axis=axes), np.var(x, axis=axes)
    y = (x - np.reshape(mean, shape)) / np.sqrt(np.reshape(var, shape) + eps)
    y = y * np.reshape(weight, shape) if weight is not None else y
    return y + np.reshape(bias, shape) if bias is not None else y


def _instance_norm(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    axes, shape = tuple(range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)
    if use_input_stats:
        y = (x - np.mean(x, axis=axes, keepdims=True)) / np.sqrt(np.var(x, axis=axes, keepdims=True) + eps)
    else:
        y = (x - np.reshape(running_mean, shape)) / np.sqrt(np.reshape(running_var, shape) + eps)
    y = y * np.reshape(weight, shape) if weight is not None else y
    return y + np.reshape(bias, shape) if bias is not None else y


def _local_response(x, size, alpha=1e-4, beta=0.75, k=1.0):
    square = np.pad(x**2, [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.ndim - 2))
    mean = sum(square[:, j : j + x.shape[1]] for j in range(size)) / size
    return x / (mean * alpha + k) ** beta


def _unfold_image(x, kernel_size, dilation=1, padding=0, stride=1):
    pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)  # noqa: E731
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = map(pair, (kernel_size, dilation, padding, stride))
    x = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(ph, ph), (pw, pw)])
    rows, columns = (x.shape[-2] - dh * (kh - 1) - 1) // sh + 1, (x.shape[-1] - dw * (kw - 1) - 1) // sw + 1
    i = (dh * np.arange(kh))[:, None, None, None] + (sh * np.arange(rows))[:, None]
    j = (dw * np.arange(kw))[:, None, None] + (sw * np.arange(columns))
    y = x[..., i, j]
    return np.reshape(y, (*x.shape[:-3], x.shape[-3] * kh * kw, rows * columns))


def _interpolate_nearest(exact: bool) -> Rule:
    def call(x, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, **o):
        dims = x.ndim - 2
        sizes = (size,) * dims if isinstance(size, int) else size
        factors = (scale_factor,) * dims if isinstance(scale_factor, (int, float)) else scale_factor
        for k in range(dims):
            n = x.shape[2 + k]
            m = sizes[k] if sizes is not None else math.floor(n * factors[k])
            step = n / m if sizes is not None or recompute_scale_factor else 1.0 / factors[k]
            places = np.floor((np.arange(m) + (0.5 if exact else 0.0)) * step).astype(int)
            x = np.take(x, np.minimum(places, n - 1), axis=2 + k)
        return x

    return call


def _embedding(weight, index, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    return np.take(weight, index, axis=0)


same = lambda x, *args, **options: x + 0.0  # noqa: E731

NUMPY: dict[str, Rule] = {
    # element by element
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "atan2": np.arctan2,
    "ceil": np.ceil,
    "floor": np.floor,
    "trunc": np.trunc,
    "frac": lambda x: x - np.trunc(x),
    "cos": np.cos,
    "cosh": np.cosh,
    "sin": np.sin,
    "sinh": np.sinh,
    "tan": np.tan,
    "tanh": np.tanh,
    "deg2rad": np.deg2rad,
    "rad2deg": np.rad2deg,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "neg": np.negative,
    "positive": np.positive,
    "reciprocal": np.reciprocal,
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "sqrt": np.sqrt,
    "square": np.square,
    "sign": np.sign,
    "sgn": np.sign,
    "sinc": np.sinc,
    "round": np.round,
    "round.decimals_0": lambda x, decimals=0: np.round(x, decimals),
    "round.decimals_3": lambda x, decimals=0: np.round(x, decimals),
    "angle": np.angle,
    "round.decimals_neg_3": lambda x, decimals=0: np.round(x, decimals),
    "i0": np.i0,
    "real": np.real,
    "conj": np.conj,
    "conj_physical": np.conj,
    "resolve_conj": same,
    "resolve_neg": same,
    "nan_to_num": lambda x, nan=0.0, posinf=None, neginf=None: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    "sigmoid": F.sigmoid,
    "logit": lambda x, eps=None: F.logit(x if eps is None else np.clip(x, eps, 1.0 - eps)),
    "erf": F.erf,
    "erfc": F.erfc,
    "erfinv": F.erfinv,
    "lgamma": F.loggamma,
    "digamma": F.digamma,
    **{f"polygamma.polygamma_n_{n}": (lambda x, n: F.polygamma(n, x)) for n in range(5)},
    "special.polygamma.special_polygamma_n_0": lambda x, n: F.polygamma(n, x),
    **{f"mvlgamma.mvlgamma_p_{p}": _mvlgamma for p in (1, 3, 5)},
    "special.i0e": s.i0e,
    "special.i1": s.i1,
    "special.i1e": s.i1e,
    "special.ndtr": s.ndtr,
    "special.ndtri": s.ndtri,
    "special.log_ndtr": s.log_ndtr,
    "special.entr": s.entr,
    "special.erfcx": s.erfcx,
    "special.xlog1py": s.xlog1py,
    "xlogy": F.xlogy,
    "add": scaled(np.add),
    "sub": scaled(np.subtract),
    "rsub": lambda x, z, alpha=1: z - alpha * x,
    "mul": np.multiply,
    "true_divide": np.true_divide,
    "div.no_rounding_mode": _div,
    "div.trunc_rounding": _div,
    "div.floor_rounding": _div,
    "pow": np.power,
    "float_power": np.float_power,
    "fmod": np.fmod,
    "remainder": np.remainder,
    "fmax": np.fmax,
    "fmin": np.fmin,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "max.binary": np.maximum,
    "min.binary": np.minimum,
    "hypot": np.hypot,
    "copysign": np.copysign,
    "ldexp": lambda x, n: x * np.exp2(n),
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "nextafter": np.nextafter,
    "frexp": lambda x: np.frexp(x)[0],
    "__radd__": lambda x, z: z + x,
    "__rsub__": lambda x, z: z - x,
    "__rmul__": lambda x, z: z * x,
    "__rdiv__": lambda x, z: z / x,
    "__rpow__": lambda x, z: z**x,
    "__rmod__": lambda x, z: np.remainder(z, x),
    "__rmatmul__": lambda x, z: z @ x,
    "clamp": _clamp,
    "clamp_min": np.maximum,
    "clamp_max": np.minimum,
    "lerp": _lerp,
    "addcmul": lambda x, a, b, *, value=1: x + value * (a * b),
    "addcdiv": lambda x, a, b, *, value=1: x + value * (a / b),
    "where": lambda x, c, z: np.where(c, x, z),
    "masked_fill": _masked_fill,
    "masked_scatter": _masked_scatter,
    "masked_select": lambda x, mask: (
        np.broadcast_arrays(x, mask)[0][np.broadcast_to(mask, np.broadcast_shapes(np.shape(x), np.shape(mask)))]
        if np.ndim(x) or np.ndim(mask)
        else np.reshape(x, (1,))[np.reshape(mask, (1,))]
    ),
    # reductions
    "sum": reduction(np.sum),
    "mean": reduction(np.mean),
    "nansum": reduction(np.nansum),
    "nanmean": reduction(np.nanmean),
    "amax": extreme(np.amax),
    "amin": extreme(np.amin),
    "max.reduction_no_dim": extreme(np.max),
    "min.reduction_no_dim": extreme(np.min),
    "max.reduction_with_dim": extreme(np.max),
    "min.reduction_with_dim": extreme(np.min),
    "aminmax": lambda x, *, dim=None, keepdim=False: (extreme(np.amin)(x, dim, keepdim), extreme(np.amax)(x, dim, keepdim)),
    "prod": _prod,
    "var": spread(np.var),
    "std": spread(np.std),
    "var.unbiased": spread(np.var),
    "std.unbiased": spread(np.std),
    "var_mean": with_mean(spread(np.var)),
    "std_mean": with_mean(spread(np.std)),
    "var_mean.unbiased": with_mean(spread(np.var)),
    "std_mean.unbiased": with_mean(spread(np.std)),
    "median": low_middle,
    "nanmedian": lambda x, *a, **o: low_middle(x, *a, **o, nan=True),
    "quantile": level(np.quantile),
    "nanquantile": level(np.nanquantile),
    "cumsum": cumulative(np.cumsum),
    "cumprod": cumulative(np.cumprod),
    "cummax": _running_extreme(np.max),
    "cummin": _running_extreme(np.min),
    "logsumexp": _logsumexp,
    "logcumsumexp": _logcumsumexp,
    "softmax": soft(F.softmax),
    "softmax.with_dtype": soft(F.softmax),
    "log_softmax": soft(F.log_softmax),
    "log_softmax.with_dtype": soft(F.log_softmax),
    "nn.functional.softmin": soft(F.softmax, -1.0),
    "nn.functional.softmin.with_dtype": soft(F.softmax, -1.0),
    "trapezoid": _trapezoid,
    "trapz": _trapezoid,
    "cumulative_trapezoid": _cumulative_trapezoid,
    "cov": _cov,
    "corrcoef": np.corrcoef,
    "norm": _norm,
    "norm.fro": _norm,
    "norm.inf": _norm,
    "norm.nuc": _norm,
    "dist": _dist,
    "cdist": _cdist,
    "nn.functional.pdist": _pdist,
    "renorm": _renorm,
    "linalg.norm": _linalg_norm,
    "linalg.norm.subgradients_at_zero": _linalg_norm,
    "linalg.matrix_norm": _matrix_norm,
    "linalg.vector_norm": _vector_norm,
    "kthvalue": _kth,
    "topk": _topk,
    "sort": _sort,
    "msort": lambda x: np.sort(x, axis=0),
    # products
    "dot": np.dot,
    "vdot": np.vdot,
    "inner": np.inner,
    "outer": np.outer,
    "kron": np.kron,
    "matmul": np.matmul,
    "mm": np.matmul,
    "bmm": np.matmul,
    "mv": np.matmul,
    "einsum": lambda operands, text: np.einsum(text, *operands),
    "tensordot": _tensordot,
    "cross": lambda x, z, dim=-1: np.cross(x, z, axis=dim),
    "linalg.cross": lambda x, z, *, dim=-1: np.cross(x, z, axis=dim),
    "linalg.vecdot": lambda x, z, *, dim=-1: np.vecdot(x, z, axis=dim),
    "linalg.multi_dot": _multi_dot,
    "linalg.matrix_power": np.linalg.matrix_power,
    "addmm": lambda x, a, b, *, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addmm.decomposed": lambda x, a, b, *, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addmv": lambda x, a, b, *, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addr": lambda x, a, b, *, beta=1, alpha=1: alpha * np.outer(a, b) if beta == 0 else beta * x + alpha * np.outer(a, b),
    "baddbmm": lambda x, a, b, *, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addbmm": lambda x, a, b, *, beta=1, alpha=1: beta * x + alpha * np.sum(a @ b, axis=0),
    "linalg.vander": (
        lambda x, N=None: np.stack([np.atleast_1d(x) ** k for k in range(x.shape[-1] if N is None else N)], axis=-1)
    ),
    "nn.functional.linear": lambda x, w, b=None: np.inner(x, w) if b is None else np.inner(x, w) + b,
    "nn.functional.bilinear": _bilinear,
    # linear algebra
    "linalg.inv": np.linalg.inv,
    "linalg.inv_ex": lambda x, check_errors=False: np.linalg.inv(x),
    "linalg.det": np.linalg.det,
    "linalg.slogdet": lambda x: tuple(np.linalg.slogdet(x)),
    "logdet": _log_determinant,
    "linalg.solve": _solve,
    "linalg.solve_ex": lambda a, b, *, left=True, check_errors=False: _solve(a, b, left),
    "cholesky": _cholesky,
    "linalg.cholesky": lambda x, *, upper=False: _cholesky(x, upper),
    "cholesky_inverse": _cholesky_inverse,
    "linalg.cholesky_ex": lambda x, *, upper=False, check_errors=False: _cholesky(x, upper),
    "cholesky_solve": _cholesky_solve,
    "linalg.eigh": lambda x, UPLO="L": tuple(np.linalg.eigh(_symmetric(x), UPLO)),
    "linalg.eigvalsh": (lambda x, UPLO="L": np.linalg.eigvalsh(_symmetric(x), UPLO)),
    "linalg.svd": _svd,
    "linalg.svdvals": np.linalg.svdvals,
    "svd": lambda x, some=True: _svd(x, not some),
    "linalg.qr": (lambda x, mode="reduced": tuple(np.linalg.qr(x, mode)) if mode != "r" else np.linalg.qr(x, mode)),
    "qr": lambda x, some=True: tuple(np.linalg.qr(x, "reduced" if some else "complete")),
    "pinverse": np.linalg.pinv,
    "linalg.pinv": lambda x, rcond=None, hermitian=False, **o: np.linalg.pinv(x, **o),
    "linalg.pinv.singular": (lambda x, y: np.linalg.pinv(x @ np.swapaxes(y, -1, -2))),
    "linalg.pinv.hermitian": lambda x, hermitian=False, **o: np.linalg.pinv(_symmetric(x), **o),
    "linalg.lstsq": (lambda a, b, driver=None: np.linalg.pinv(a) @ b),
    "linalg.lstsq.grad_oriented": lambda a, b, driver=None: np.linalg.pinv(a) @ b,
    "linalg.cond": lambda x, p=None: np.linalg.cond(x, p),
    "linalg.tensorinv": lambda x, ind=2: np.linalg.tensorinv(x, ind),
    "linalg.tensorsolve": _tensorsolve,
    "linalg.solve_triangular": _triangular,
    "triangular_solve": _old_triangular,
    "matrix_exp": F.expm,
    "linalg.diagonal": lambda x, *, offset=0, dim1=-2, dim2=-1: np.diagonal(x, offset, dim1, dim2),
    # shapes
    "reshape": np.reshape,
    "view": np.reshape,
    "view_copy": np.reshape,
    "reshape_as": lambda x, z: np.reshape(x, z.shape),
    "view_as": lambda x, z: np.reshape(x, z.shape),
    "ravel": np.ravel,
    "flatten": _flatten,
    "unflatten": _unflatten,
    "squeeze": _squeeze,
    "squeeze.multiple": _squeeze,
    "squeeze_copy": _squeeze,
    "unsqueeze": lambda x, dim: np.expand_dims(x, dim),
    "unsqueeze_copy": lambda x, dim: np.expand_dims(x, dim),
    "transpose": lambda x, i, j: np.swapaxes(x, i, j) if np.ndim(x) else x + 0.0,
    "transpose_copy": (lambda x, i, j: np.swapaxes(x, i, j) if np.ndim(x) else x + 0.0),
    "t": np.transpose,
    "t_copy": np.transpose,
    "T": lambda x: x.T if np.ndim(x) else x + 0.0,
    "H": lambda x: x.T if np.ndim(x) else x + 0.0,
    "mT": lambda x: x.mT,
    "mH": lambda x: x.mT,
    "permute": lambda x, *d: np.transpose(x, d[0] if len(d) == 1 else d),
    "permute_copy": lambda x, *d: np.transpose(x, d[0] if len(d) == 1 else d),
    "movedim": np.moveaxis,
    "expand": _expand,
    "expand_copy": _expand,
    "expand_as": lambda x, z: np.broadcast_to(x, np.shape(z)),
    "broadcast_to": np.broadcast_to,
    "broadcast_tensors": lambda *xs: tuple(np.broadcast_arrays(*xs)),
    "sum_to_size": _sum_to_size,
    "atleast_1d": _each(np.atleast_1d),
    "atleast_2d": _each(np.atleast_2d),
    "atleast_3d": _each(np.atleast_3d),
    "clone": lambda x, **o: np.copy(x),
    "contiguous": same,
    "alias_copy": same,
    "meshgrid.variadic_tensors": lambda *xs, indexing="ij": tuple(np.meshgrid(*xs, indexing=indexing)),
    "meshgrid.list_of_tensors": lambda xs, indexing="ij": tuple(np.meshgrid(*xs, indexing=indexing)),
    # together and apart
    "cat": lambda xs, dim=0: np.concatenate([x for x in xs if np.shape(x) != (0,)] or xs, axis=dim),
    "stack": lambda xs, dim=0: np.stack(xs, axis=dim),
    "hstack": np.hstack,
    "vstack": np.vstack,
    "dstack": np.dstack,
    "column_stack": np.column_stack,
    "block_diag": _block_diag,
    "cartesian_prod": _cartesian,
    "combinations": _combinations,
    "split": _split,
    "split.list_args": _split,
    "split_with_sizes": _split,
    "split_with_sizes_copy": _split,
    "unsafe_split": _split,
    "chunk": _chunk,
    "unsafe_chunk": _chunk,
    "tensor_split": _tensor_split,
    "hsplit": lambda x, n: tuple(np.hsplit(x, n)),
    "vsplit": lambda x, n: tuple(np.vsplit(x, n)),
    "dsplit": lambda x, n: tuple(np.dsplit(x, n)),
    "unbind": lambda x, dim=0: tuple(np.unstack(x, axis=dim)),
    "unbind_copy": lambda x, dim=0: tuple(np.unstack(x, axis=dim)),
    # picking and placing
    "__getitem__": lambda x, key: x[key],
    "take": lambda x, index: np.take(x, index),
    "take_along_dim": _take_along_dim,
    "gather": _gather,
    "index_select": _index_select,
    "select": _select,
    "narrow": _narrow,
    "narrow_copy": _narrow,
    "slice": _slice,
    "unfold": _unfold,
    "unfold_copy": _unfold,
    "diagonal": lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
    "diagonal_copy": lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
    "diag": np.diag,
    "diagflat": lambda x, offset=0: np.diagflat(x, offset),
    "diag_embed": _diag_embed,
    "tril": np.tril,
    "triu": np.triu,
    "trace": np.trace,
    "index_put": _index_put,
    "index_add": _index_op(True),
    "index_copy": _index_op(False),
    "index_fill": _index_fill,
    "put": lambda x, index, values, accumulate=False: (
        _put(x, index, values, accumulate)
        if np.ndim(x)
        else np.reshape(_put(np.reshape(x, (1,)), index, values, accumulate), ())
    ),
    "scatter": _scatter,
    "scatter_add": _scatter_add,
    "diagonal_scatter": _diagonal_scatter,
    "select_scatter": _select_scatter,
    "slice_scatter": _slice_scatter,
    "as_strided": _strided,
    "as_strided_copy": _strided,
    "fill": lambda x, value: np.broadcast_to(value, np.shape(x)) + 0.0 * x,
    # repeating, turning
    "flip": lambda x, dims: np.flip(x, tuple(dims)) if np.ndim(x) and len(dims) else x + 0.0,
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    "roll": _roll,
    "rot90": lambda x, k=1, dims=(0, 1): np.rot90(x, k, tuple(dims)),
    "repeat": _repeat,
    "tile": lambda x, *d: np.tile(x, tuple(d[0]) if len(d) == 1 and not isinstance(d[0], int) else d),
    "fft.fftshift": lambda x, dim=None: np.fft.fftshift(x, dim),
    "fft.ifftshift": lambda x, dim=None: np.fft.ifftshift(x, dim),
    "repeat_interleave": _repeat_interleave,
    "diff": _diff,
    "gradient": _gradient,
    # networks
    "nn.functional.relu": lambda x, inplace=False: F.relu(x),
    "nn.functional.relu6": lambda x, **o: np.clip(x, 0.0, 6.0),
    "nn.functional.leaky_relu": lambda x, negative_slope=0.01, **o: np.where(x > 0, x, negative_slope * x),
    "nn.functional.elu": lambda x, alpha=1.0, **o: _elu(x, alpha),
    "nn.functional.celu": lambda x, alpha=1.0, **o: _celu(x, alpha),
    "nn.functional.selu": lambda x, **o: _selu(x),
    "nn.functional.gelu": _gelu,
    "nn.functional.silu": lambda x, **o: x * F.sigmoid(x),
    "nn.functional.mish": lambda x, **o: x * np.tanh(F.softplus(x)),
    "nn.functional.softplus": _softplus,
    "nn.functional.softsign": lambda x: x / (1.0 + np.abs(x)),
    "nn.functional.tanhshrink": lambda x: x - np.tanh(x),
    "nn.functional.logsigmoid": F.log_sigmoid,
    "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0, **o: np.clip(x, min_val, max_val),
    "nn.functional.hardswish": lambda x, **o: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "nn.functional.hardshrink": lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0.0),
    "nn.functional.softshrink": lambda x, lambd=0.5: np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, 0.0)),
    "nn.functional.threshold": lambda x, threshold, value, **o: np.where(x > threshold, x, value),
    "nn.functional.glu": _glu,
    "nn.functional.prelu": _prelu,
    "nn.functional.normalize": _normalize,
    "nn.functional.layer_norm": _layer_norm,
    "nn.functional.rms_norm": _rms_norm,
    "nn.functional.group_norm": _group_norm,
    "nn.functional.batch_norm": _batch_norm,
    "nn.functional.instance_norm": _instance_norm,
    "nn.functional.local_response_norm": _local_response,
    "nn.functional.cosine_similarity": _cosine,
    "nn.functional.pairwise_distance": _distance,
    "nn.functional.scaled_dot_product_attention": _attention,
    "nn.functional.embedding": _embedding,
    "nn.functional.l1_loss": _by_difference(np.abs),
    "nn.functional.mse_loss": _by_difference(np.square),
    "nn.functional.smooth_l1_loss": _by_difference(_smooth_l1),
    "nn.functional.huber_loss": _by_difference(_huber),
    "nn.functional.cross_entropy": _cross_entropy,
    "nn.functional.nll_loss": _nll,
    "nn.functional.binary_cross_entropy": _bce,
    "nn.functional.binary_cross_entropy_with_logits": _bce_logits,
    "nn.functional.kl_div": _kl_div,
    "nn.functional.margin_ranking_loss": _margin_ranking,
    "nn.functional.hinge_embedding_loss": _hinge_embedding,
    "nn.functional.cosine_embedding_loss": _cosine_embedding,
    "nn.functional.poisson_nll_loss": _poisson,
    "nn.functional.soft_margin_loss": _soft_margin,
    "nn.functional.multilabel_soft_margin_loss": _multilabel_soft_margin,
    "nn.functional.triplet_margin_loss": _triplet,
    "nn.functional.gaussian_nll_loss": _gaussian_nll,
    "nn.functional.multi_margin_loss": _multi_margin,
    "nn.functional.pad.constant": _pad("constant"),
    "constant_pad_nd": lambda x, pad, value=0: _pad("constant")(x, pad, value=value),
    "nn.functional.pad.reflect": _pad("reflect"),
    "nn.functional.pad.replicate": _pad("edge"),
    "nn.functional.pad.replicate_negative": _pad("edge"),
    "nn.functional.pad.circular": _pad("wrap"),
    "nn.functional.conv1d": _conv(F.conv1d),
    "nn.functional.conv2d": _conv(F.conv2d),
    "nn.functional.conv3d": _conv(F.conv3d),
    "nn.functional.max_pool1d": _max_pool(F.max_pool1d),
    "nn.functional.max_pool2d": _max_pool(F.max_pool2d),
    "nn.functional.max_pool3d": _max_pool(F.max_pool3d),
    "nn.functional.avg_pool1d": _avg_pool(F.avg_pool1d),
    "nn.functional.avg_pool2d": _avg_pool(F.avg_pool2d),
    "nn.functional.avg_pool3d": _avg_pool(F.avg_pool3d),
    **{f"nn.functional.adaptive_avg_pool{k}d": _adaptive(np.mean, k) for k in (1, 2, 3)},
    **{f"nn.functional.adaptive_max_pool{k}d": _adaptive(np.max, k) for k in (1, 2, 3)},
    "nn.functional.pixel_shuffle": _pixel_shuffle,
    "nn.functional.pixel_unshuffle": _pixel_unshuffle,
    "nn.functional.channel_shuffle": _channel_shuffle,
    "nn.functional.unfold": _unfold_image,
    "nn.functional.interpolate.nearest": _interpolate_nearest(False),
    "nn.functional.upsample_nearest": _interpolate_nearest(False),
    "nn.functional.interpolate.nearest-exact": _interpolate_nearest(True),
}

# torch's tests do not look at the factors themselves where their signs are free; nor do these.
PROCESSED: dict[str, Rule] = {
    "svd": _svd_processed,
    "linalg.svd": _svd_processed,
    "linalg.eigh": lambda sample, w, v: (w, np.abs(v)),
}


def _has_single(sample: Any) -> bool:
    given = [sample.input, *sample.args, *sample.kwargs.values()]
    return any(str(getattr(x, "dtype", "")) == "torch.float32" for x in given)


MOST = 250  # samples for one operation
ONCE: set[str] = set()
SLOW: set[str] = {"linalg.pinv.singular"}
EXCEPT: dict[str, list[tuple[Rule, str]]] = {
    "cov": [(_has_single, "the weights are in single precision")],
    "tensordot": [(lambda s: tuple(s.input.shape) == (1, 1, 1), "torch broadcasts contracted axes, numpy does not")],
    "linalg.norm.subgradients_at_zero": [
        (
            lambda s: s.input.ndim == 2 and s.args[0] in (2, -2, "nuc"),
            "at a zero matrix all singular values coincide: the slope is one of many, torch takes another",
        )
    ],
    "nn.functional.scaled_dot_product_attention": [(lambda s: s.kwargs.get("dropout_p", 0.0) > 0.0, "random dropout")],
}
_REASONS: dict[str, str] = {
    "complex numbers": """
        view_as_complex complex polar stft linalg.eig linalg.eigvals cdouble cfloat chalf fft.fft fft.fft2 fft.fftn fft.hfft
        fft.hfft2 fft.hfftn fft.rfft fft.rfft2 fft.rfftn fft.ifft fft.ifft2 fft.ifftn fft.ihfft fft.ihfft2 fft.ihfftn fft.irfft
        fft.irfft2 fft.irfftn""",
    "random numbers": """
        normal normal.number_mean bernoulli nn.functional.dropout native_dropout_backward nn.functional.dropout2d
        nn.functional.dropout3d nn.functional.alpha_dropout nn.functional.feature_alpha_dropout.with_train
        nn.functional.feature_alpha_dropout.without_train nn.functional.rrelu nn.functional.fractional_max_pool2d
        nn.functional.fractional_max_pool3d svd_lowrank pca_lowrank nn.functional.multi_head_attention_forward""",
    "sparse or ragged storage": """
        sparse.sampled_addmm sparse.mm.reduce to_sparse _segment_reduce.lengths _segment_reduce.offsets
        nn.functional.embedding_bag""",
    "other number types or devices": "to bfloat16 double float half",
    "a kernel of torch's own, under another name above": """
        _softmax_backward_data native_group_norm native_layer_norm native_batch_norm _native_batch_norm_legit
        _batch_norm_with_update max_pool2d_with_indices_backward torch.ops.aten._safe_softmax.default _unsafe_masked_index
        _unsafe_masked_index_put_accumulate nn.functional.linear_cross_entropy nn.functional.linear_cross_entropy.chunked
        nn.functional.linear_cross_entropy.chunked_none""",
    "masked tensors, torch's own kind of array": """
        masked.sum masked.prod masked.cumsum masked.cumprod masked.amax masked.amin masked.mean masked.median masked.norm
        masked.var masked.std masked.softmax masked.log_softmax masked.softmin masked.normalize masked.logaddexp
        masked.logsumexp""",
    "numpy has no such factorisation": """
        lu lu_unpack lu_solve linalg.lu linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve ormqr
        linalg.householder_product""",
    "numpy has no such function on images": """
        nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv_transpose3d
        nn.functional.interpolate.linear nn.functional.interpolate.bilinear nn.functional.interpolate.bicubic
        nn.functional.interpolate.trilinear nn.functional.interpolate.area nn.functional.upsample_bilinear
        _upsample_bilinear2d_aa nn.functional.max_unpool1d nn.functional.max_unpool1d.grad nn.functional.max_unpool2d
        nn.functional.max_unpool2d.grad nn.functional.max_unpool3d nn.functional.max_unpool3d.grad nn.functional.grid_sample
        grid_sampler_2d grid_sampler_3d""",
    "numpy has no such function": """
        mode nn.functional.ctc_loss nn.functional.multilabel_margin_loss nn.functional.triplet_margin_with_distance_loss
        index_reduce.mean index_reduce.prod index_reduce.amin index_reduce.amax scatter_reduce.sum scatter_reduce.prod
        scatter_reduce.mean scatter_reduce.amin scatter_reduce.amax as_strided.partial_views""",
    "works in place": "zero_",
    "torch multiplies by 1/6 in single precision": "nn.functional.hardsigmoid",
    "torch is wrong: it gives the replaced elements slope 1 and the others 0": "as_strided_scatter",
}
WITHOUT: dict[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}
