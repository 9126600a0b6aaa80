"""The gamma distribution."""

import autograd.numpy as np
from autograd.scipy.special import gammainc, gammaln


def logpdf(x, a):
    """The logarithm of the density."""
    return (a - 1.0) * np.log(x) - x - gammaln(a)


def pdf(x, a):
    """The density."""
    return np.exp(logpdf(x, a))


def cdf(x, a):
    """The probability of less than x."""
    return gammainc(a, x)
