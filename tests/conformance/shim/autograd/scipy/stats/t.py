"""Student's t distribution."""

import autograd.numpy as np
import scipy.stats
from autograd.scipy.special import betainc, gammaln


def logpdf(x, df, loc=0.0, scale=1.0):
    """The logarithm of the density."""
    z = (x - loc) / scale
    top = gammaln((df + 1.0) / 2.0) - gammaln(df / 2.0) - 0.5 * np.log(np.pi * df) - np.log(scale)
    return top - (df + 1.0) / 2.0 * np.log1p(z**2 / df)


def pdf(x, df, loc=0.0, scale=1.0):
    """The density."""
    return np.exp(logpdf(x, df, loc, scale))


def cdf(x, df, loc=0.0, scale=1.0):
    """The probability of less than x."""
    z = (x - loc) / scale
    half = 0.5 * betainc(df / 2.0, 0.5, df / (df + z**2))
    return np.where(z < 0, half, 1.0 - half)


def logcdf(x, df, loc=0.0, scale=1.0):
    """log cdf"""
    return np.log(cdf(x, df, loc, scale))


rvs = scipy.stats.t.rvs
