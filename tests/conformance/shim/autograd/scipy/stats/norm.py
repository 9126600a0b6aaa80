"""The normal distribution."""

import autograd.numpy as np
from autograd.scipy.special import erfc, log_ndtr


def logpdf(x, loc=0.0, scale=1.0):
    """The logarithm of the density."""
    return -0.5 * ((x - loc) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)


def pdf(x, loc=0.0, scale=1.0):
    """The density."""
    return np.exp(logpdf(x, loc, scale))


def cdf(x, loc=0.0, scale=1.0):
    """The probability of less than x."""
    return 0.5 * erfc((loc - x) / scale / np.sqrt(2.0))


def sf(x, loc=0.0, scale=1.0):
    """The probability of more than x."""
    return 0.5 * erfc((x - loc) / scale / np.sqrt(2.0))


def logcdf(x, loc=0.0, scale=1.0):
    """log cdf"""
    return log_ndtr((x - loc) / scale)


def logsf(x, loc=0.0, scale=1.0):
    """log sf"""
    return log_ndtr((loc - x) / scale)
