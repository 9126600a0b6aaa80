"""The beta distribution."""

import autograd.numpy as np
from autograd.scipy.special import betainc, gammaln


def logpdf(x, a, b):
    """The logarithm of the density."""
    return (a - 1.0) * np.log(x) + (b - 1.0) * np.log1p(-x) + gammaln(a + b) - gammaln(a) - gammaln(b)


def pdf(x, a, b):
    """The density."""
    return np.exp(logpdf(x, a, b))


def cdf(x, a, b):
    """The probability of less than x."""
    return betainc(a, b, x)
