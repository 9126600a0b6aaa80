"""autograd's convolution, which has more arguments than scipy's, written out in numpy."""

import autograd.numpy as np
import scipy.signal
from autograd.scipy.ours import forwarded

globals().update(forwarded(scipy.signal))


def convolve(a, b, axes=None, dot_axes=((), ()), mode="full"):
    """Convolve along ``axes`` of each, sum products along ``dot_axes``; the result has a's other axes, b's, then axes."""
    if axes is None:
        axes = (range(np.ndim(a)), range(np.ndim(b)))
    a, rest = _arranged(a, dot_axes[0], axes[0])
    b, _ = _arranged(b, dot_axes[1], axes[1])
    dots, n = len(dot_axes[0]), len(axes[0])
    sizes, windows = np.shape(a)[np.ndim(a) - n :], np.shape(b)[np.ndim(b) - n :]
    padded = np.pad(a, [(0, 0)] * (np.ndim(a) - n) + [(w - 1, w - 1) for w in windows])
    total = 0.0
    for place in np.ndindex(*windows):
        spans = zip(place, windows, sizes, strict=True)
        moved = padded[(Ellipsis, *(slice(w - 1 - k, 2 * w - 2 - k + size) for k, w, size in spans))]
        weights = b[(Ellipsis, *place)]
        left = np.ndim(weights) - dots
        product = np.tensordot(moved, weights, (range(rest, rest + dots), range(left, left + dots)))
        total = total + np.moveaxis(product, range(rest, rest + n), range(-n, 0)) if n else total + product
    return total[(Ellipsis, *(_part(mode, size, w) for size, w in zip(sizes, windows, strict=True)))]


def _arranged(x, dots, convolved):
    """x with its other axes first, then the ones to sum over, then the ones to convolve; and how many others there are."""
    others = [k for k in range(np.ndim(x)) if k not in dots and k not in convolved]
    return np.transpose(x, [*others, *dots, *convolved]), len(others)


def _part(mode, size, window):
    if mode == "same":
        return slice((window - 1) // 2, (window - 1) // 2 + size)
    small, large = sorted((size, window))
    return slice(small - 1, large) if mode == "valid" else slice(None)
