# mypy: disable-error-code="has-type"
"""Convolution and pooling of images, as small image networks use them.

Images are (N, C, H, W): examples, channels, rows, columns. A window is a view into the image (no copy), shape
(N, C, H', W', h, w); a convolution is one product of matrices over windows. The transpose of looking through windows is
adding them back where they came from, one shift of the whole image for each place in the window.

As everywhere in learning, the kernel is not turned over: this is a correlation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import linear
from . import reductions as r
from .arrays import array_of, pad, padded, reshape
from .errors import EngineError
from .primitive import Linear
from .shapes import shape_of

Size = int | Sequence[int]


def _both(value: Size | None, default: Any, count: int = 2) -> tuple[int, ...]:
    value = default if value is None else value
    return tuple(map(int, value)) if isinstance(value, Sequence) else (int(value),) * count


def _places(size: int, window: int, stride: int, dilation: int) -> int:
    return (size - dilation * (window - 1) - 1) // stride + 1


def _windows(x: Any, window: tuple, stride: tuple, dilation: tuple) -> np.ndarray:
    reach = tuple(d * (k - 1) + 1 for k, d in zip(window, dilation, strict=True))
    n = len(window)
    view: Any = np.lib.stride_tricks.sliding_window_view(x, reach, axis=tuple(range(-n, 0)))
    steps = tuple(slice(None, None, s) for s in stride) + tuple(slice(None, None, d) for d in dilation)
    return view[(..., *steps)]


def _add_back(g: Any, shape: tuple, window: tuple, stride: tuple, dilation: tuple) -> np.ndarray:
    result: Any = np.zeros(shape, dtype=object if g.dtype == object else float)
    n = len(window)
    places = g.shape[-2 * n : -n]
    for offset in np.ndindex(*window):
        key = tuple(
            slice(o * d, o * d + s * (p - 1) + 1, s) for o, d, s, p in zip(offset, dilation, stride, places, strict=True)
        )
        result[(..., *key)] += g[(..., *offset)]
    return result


windows = Linear(
    "windows",
    _windows,
    lambda g, y, x, **how: add_back(g, shape=shape_of(x), **how),
    many=lambda slot, t, y, xs, how: windows(t, **how),
)
windows.view = True
add_back = Linear(
    "add_back",
    _add_back,
    lambda g, y, x, shape, **how: windows(g, **how),
    many=lambda slot, t, y, xs, how: add_back(t, **{**how, "shape": (shape_of(t)[0], *how["shape"])}),
)


def _columns(x: Any, window: tuple, **how: Any) -> Any:
    """Every window as a column: (C h w, N H' W'). The long axis is the last, so that copying is fast."""
    view = windows(x, window=window, **how)
    n, c, *rest = shape_of(view)
    half = len(rest) // 2
    axes = (1, *range(2 + half, 2 + 2 * half), 0, *range(2, 2 + half))
    return reshape(linear.transpose(view, axes=axes), (c * math.prod(rest[half:]), n * math.prod(rest[:half])))


def _rows(y: Any) -> Any:
    """(N, F, H', W') as (F, N H' W')."""
    shape = shape_of(y)
    return reshape(linear.transpose(y, axes=(1, 0, *range(2, len(shape)))), (shape[1], -1))


def _convolve(x: Any, w: Any, **how: Any) -> Any:
    """(N, C, H, W) by (F, C, h, w): kernels as rows of a matrix, windows as its columns."""
    product = np.matmul(w.reshape(w.shape[0], -1), _columns(x, w.shape[2:], **how))
    places = _windows(x[:1, :1], w.shape[2:], **how).shape[2 : w.ndim]
    return np.moveaxis(product.reshape(w.shape[0], x.shape[0], *places), 0, 1)


def _to_image(g: Any, y: Any, x: Any, w: Any, **how: Any) -> Any:
    n, f, *places = shape_of(g)
    _, c, *window = shape_of(w)
    kernels = linear.transpose(reshape(w, (f, -1)))
    parts = reshape(linear.matmul(kernels, _rows(g)), (c, *window, n, *places))
    half = len(window)
    order = (half + 1, 0, *range(half + 2, 2 * half + 2), *range(1, half + 1))
    return add_back(linear.transpose(parts, axes=order), shape=shape_of(x), window=tuple(window), **how)


def _to_kernel(g: Any, y: Any, x: Any, w: Any, **how: Any) -> Any:
    columns = _columns(x, shape_of(w)[2:], **how)
    return reshape(linear.matmul(_rows(g), linear.transpose(columns)), shape_of(w))


correlation = Linear("conv", _convolve, _to_image, _to_kernel)


def _conv(name: str, n: int, x: Any, w: Any, bias: Any, stride: Size, padding: Any, dilation: Size, groups: int) -> Any:
    x, w = array_of(x), array_of(w)
    if len(shape_of(w)) != n + 2 or len(shape_of(x)) not in (n + 1, n + 2):
        raise EngineError(
            f"{name} takes images of shape (N, C, {'H, W' if n == 2 else '…'}) and kernels of shape "
            f"(F, C, {'h, w' if n == 2 else '…'}); here they are {shape_of(x)} and {shape_of(w)}."
        )
    single = len(shape_of(x)) == n + 1
    x = reshape(x, (1, *shape_of(x))) if single else x
    steps, holes, window = _both(stride, 1, n), _both(dilation, 1, n), shape_of(w)[2:]
    if isinstance(padding, str):
        total = [d * (k - 1) if padding == "same" else 0 for k, d in zip(window, holes, strict=True)]
        width = tuple((t // 2, t - t // 2) for t in total)
    else:
        width = tuple((p, p) for p in _both(padding, 0, n))
    if any(low or high for low, high in width):
        x = padded(x, width=((0, 0), (0, 0), *width))
    channels, kernels = shape_of(x)[1], shape_of(w)[0]
    if channels != groups * shape_of(w)[1] or kernels % groups:
        raise EngineError(f"{name}: the images have {channels} channels, the kernels are made for {groups * shape_of(w)[1]}.")
    if any(_places(size, k, 1, d) < 1 for size, k, d in zip(shape_of(x)[2:], window, holes, strict=True)):
        raise EngineError(f"{name}: a window of {window} does not fit into images of {shape_of(x)[2:]}; add padding.")
    how = {"stride": steps, "dilation": holes}
    if groups == 1:
        y = correlation(x, w, **how)
    else:
        c, f = channels // groups, kernels // groups
        y = linear.concatenate(*(
            correlation(linear.index(x, key=(slice(None), slice(k * c, k * c + c))),
                        linear.index(w, key=slice(k * f, k * f + f)), **how)
            for k in range(groups)), axis=1)  # fmt: skip
    if bias is not None:
        y = y + reshape(bias, (1, -1, *(1,) * n))
    return linear.index(y, key=0) if single else y


def conv1d(x: Any, w: Any, bias: Any = None, stride: Size = 1, padding: Any = 0, dilation: Size = 1, groups: int = 1) -> Any:
    """`conv2d` along one axis: x (N, C, L), w (F, C, l), result (N, F, L')."""
    return _conv("conv1d", 1, x, w, bias, stride, padding, dilation, groups)


def conv2d(x: Any, w: Any, bias: Any = None, stride: Size = 1, padding: Any = 0, dilation: Size = 1, groups: int = 1) -> Any:
    """Images x (N, C, H, W) seen through kernels w (F, C, h, w): result (N, F, H', W'), no turning over.

    ``bias``: one number for each of the F kernels. ``padding``: rows and columns of zeros on each side, or "same" or
    "valid"; ``stride``, ``dilation``: steps between windows and inside a window; ``groups``: the channels are split.
    Raises EngineError where shapes do not fit.

    >>> conv2d(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    return _conv("conv2d", 2, x, w, bias, stride, padding, dilation, groups)


def conv3d(x: Any, w: Any, bias: Any = None, stride: Size = 1, padding: Any = 0, dilation: Size = 1, groups: int = 1) -> Any:
    """`conv2d` along three axes: x (N, C, D, H, W), w (F, C, d, h, w)."""
    return _conv("conv3d", 3, x, w, bias, stride, padding, dilation, groups)


def _pool(name: str, n: int, x: Any, window: Size, stride: Any, padding: Any, dilation: Any, fill: float, ceil: bool) -> Any:
    """Windows over the last n axes, those outside the image filled; shape (…, places, window)."""
    x = array_of(x)
    size, holes = _both(window, 1, n), _both(dilation, 1, n)
    steps, around = _both(stride, size, n), _both(padding, 0, n)
    shape = shape_of(x)
    width = []
    for length, k, s, p, d in zip(shape[-n:], size, steps, around, holes, strict=True):
        padded, reach = length + 2 * p, d * (k - 1) + 1
        if padded < reach:
            raise EngineError(f"{name}: a window of {size} does not fit into images of {shape[-n:]}; add padding.")
        extra = 0
        if ceil:
            places = -(-(padded - reach) // s) + 1
            places -= (places - 1) * s >= length + p  # no window that begins outside
            extra = max(0, (places - 1) * s + reach - padded)
        width.append((p, p + extra))
    if any(low or high for low, high in width):
        x = pad(x, ((0, 0),) * (len(shape) - n) + tuple(width), constant_values=fill)
    return windows(x, window=size, stride=steps, dilation=holes)


def _stacked(view: Any, n: int) -> Any:
    """The places of the window as one axis in front: whatever is done along it runs over long pieces of memory."""
    shape = shape_of(view)
    lead = len(shape) - n
    turned = linear.transpose(view, axes=(*range(lead, lead + n), *range(lead)))
    return reshape(turned, (math.prod(shape[lead:]), *shape[:lead]))


def _max_pool(name: str, n: int, x: Any, window: Size, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Any:
    return r.max(_stacked(_pool(name, n, x, window, stride, padding, dilation, -math.inf, ceil), n), axis=0)


def _avg_pool(name: str, n: int, x: Any, window: Size, stride: Any, padding: Any, ceil: bool,
              with_padding: bool, divisor: int | None) -> Any:  # fmt: skip
    total = r.sum(_stacked(_pool(name, n, x, window, stride, padding, 1, 0.0, ceil), n), axis=0)
    if divisor is not None:
        return total / divisor
    ones = np.ones(shape_of(array_of(x))[-n:])
    if with_padding:
        around = _both(padding, 0, n)
        ones = np.pad(ones, [(p, p) for p in around], constant_values=1.0)
        counts = _pool(name, n, ones, window, stride, 0, 1, 0.0, ceil) if ceil else None
    else:
        counts = _pool(name, n, ones, window, stride, padding, 1, 0.0, ceil)
    count: Any = math.prod(_both(window, 1, n)) if counts is None else np.sum(counts, axis=tuple(range(-n, 0)))
    return total / count


def max_pool2d(x: Any, window: Size, stride: Any = None, padding: Size = 0, dilation: Size = 1, ceil_mode: bool = False) -> Any:
    """The largest element of each window: x (…, H, W), result (…, H', W'). Elements tied for it share the slope equally.

    ``stride`` is the window's own size unless given; outside the image is minus infinity; ``ceil_mode`` keeps a last
    window that sticks out.

    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return _max_pool("max_pool2d", 2, x, window, stride, padding, dilation, ceil_mode)


def avg_pool2d(x: Any, window: Size, stride: Any = None, padding: Size = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor: int | None = None) -> Any:  # fmt: skip
    """The mean of each window: x (…, H, W), result (…, H', W'). ``count_include_pad``: zeros of the padding
    count; ``divisor``: what to divide the sum by, unless it is that count.

    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    return _avg_pool("avg_pool2d", 2, x, window, stride, padding, ceil_mode, count_include_pad, divisor)


def max_pool1d(x: Any, window: Size, stride: Any = None, padding: Size = 0, dilation: Size = 1, ceil_mode: bool = False) -> Any:
    """`max_pool2d` along the last axis: x (…, L)."""
    return _max_pool("max_pool1d", 1, x, window, stride, padding, dilation, ceil_mode)


def avg_pool1d(x: Any, window: Size, stride: Any = None, padding: Size = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor: int | None = None) -> Any:  # fmt: skip
    """`avg_pool2d` along the last axis: x (…, L)."""
    return _avg_pool("avg_pool1d", 1, x, window, stride, padding, ceil_mode, count_include_pad, divisor)


def max_pool3d(x: Any, window: Size, stride: Any = None, padding: Size = 0, dilation: Size = 1, ceil_mode: bool = False) -> Any:
    """`max_pool2d` along the last three axes: x (…, D, H, W)."""
    return _max_pool("max_pool3d", 3, x, window, stride, padding, dilation, ceil_mode)


def avg_pool3d(x: Any, window: Size, stride: Any = None, padding: Size = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor: int | None = None) -> Any:  # fmt: skip
    """`avg_pool2d` along the last three axes: x (…, D, H, W)."""
    return _avg_pool("avg_pool3d", 3, x, window, stride, padding, ceil_mode, count_include_pad, divisor)


TABLE = {p.name: p for p in list(globals().values()) if isinstance(p, Linear) and p is not padded}
