"""Functions that a lecture needs and numpy has no name for; they take plain arrays as well as values under differentiation.

>>> import numpy as np
>>> from chainreel.engine import functions as F
>>> from chainreel.engine import grad
>>> F.softmax(np.array([0.0, 0.0]))
array([0.5, 0.5])
>>> grad(lambda x: F.relu(x).sum())(np.array([-1.0, 2.0]))
array([0., 1.])
"""

from collections.abc import Callable
from typing import Any

from .arrays import array_of, scatter_add
from .convolution import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    conv1d,
    conv2d,
    conv3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from .elementwise import relu as _relu
from .elementwise import sigmoid as _sigmoid
from .elementwise import softplus as _softplus
from .linalg import expm
from .reductions import cumulative_trapezoid, log_softmax, logsumexp, softmax
from .special import TABLE as _SPECIAL


def _of_arrays(primitive: Any, name: str, text: str) -> Callable[..., Any]:
    def call(*xs: Any) -> Any:
        return primitive(*map(array_of, xs))

    call.__name__ = call.__qualname__ = name
    call.__doc__ = text
    return call


sigmoid = _of_arrays(_sigmoid, "sigmoid", "1/(1 + exp(-x)), element by element.")
softplus = _of_arrays(_softplus, "softplus", "log(1 + exp(x)), element by element.")
relu = _of_arrays(_relu, "relu", "max(x, 0), element by element; its slope at 0 is 0 by convention.")
log_sigmoid = _of_arrays(_SPECIAL["log_sigmoid"], "log_sigmoid", "log(1/(1 + exp(-x))), without loss for small values.")
erf = _of_arrays(_SPECIAL["erf"], "erf", "The error function, element by element.")
erfc = _of_arrays(_SPECIAL["erfc"], "erfc", "1 - erf(x), without loss for large x.")
erfinv = _of_arrays(_SPECIAL["erfinv"], "erfinv", "The inverse of the error function, for -1 < x < 1.")
gamma = _of_arrays(_SPECIAL["gamma"], "gamma", "The gamma function, element by element.")
loggamma = _of_arrays(_SPECIAL["loggamma"], "loggamma", "log |gamma(x)|, element by element.")
digamma = _of_arrays(_SPECIAL["digamma"], "digamma", "The derivative of log gamma, element by element.")
polygamma = _of_arrays(_SPECIAL["polygamma"], "polygamma", "polygamma(n, x): the n-th derivative of digamma; n is a constant.")
logit = _of_arrays(_SPECIAL["logit"], "logit", "log(x/(1 - x)), the inverse of sigmoid.")
xlogy = _of_arrays(_SPECIAL["xlogy"], "xlogy", "xlogy(x, y): x log y, and 0 where x is 0.")
ndtr = _of_arrays(_SPECIAL["ndtr"], "ndtr", "The normal distribution function.")

__all__ = [
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "conv1d", "conv2d", "conv3d", "cumulative_trapezoid", "digamma", "erf", "erfc",
    "erfinv", "expm", "gamma", "log_sigmoid", "log_softmax", "loggamma", "logit", "logsumexp", "max_pool1d", "max_pool2d",
    "max_pool3d", "ndtr", "polygamma", "relu", "scatter_add", "sigmoid", "softmax", "softplus", "xlogy",
]  # fmt: skip
