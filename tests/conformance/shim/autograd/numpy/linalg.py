"""numpy.linalg as a function under differentiation sees it, and two helpers that autograd's tests take from there."""

import numpy as np
from autograd.numpy.forwarding import forwarded

globals().update({name: value for name, value in vars(np.linalg).items() if not name.startswith("_")})
globals().update(forwarded(np.linalg, "np.linalg"))


def T(x):  # noqa: N802
    """The transpose of the last two axes."""
    return np.swapaxes(x, -1, -2)


def _dot(x, y):
    return np.matmul(x, y)
