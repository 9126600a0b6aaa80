"""The Poisson distribution."""

import autograd.numpy as np
from autograd.scipy.special import gammaincc, gammaln


def logpmf(k, mu):
    """The logarithm of the probability of k."""
    return k * np.log(mu) - mu - gammaln(k + 1.0)


def pmf(k, mu):
    """The probability of k."""
    return np.exp(logpmf(k, mu))


def cdf(k, mu):
    """The probability of k or less."""
    return gammaincc(k + 1.0, mu)
