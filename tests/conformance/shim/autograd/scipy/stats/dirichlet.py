"""The Dirichlet distribution."""

import autograd.numpy as np
import scipy.stats
from autograd.scipy.special import gammaln


def logpdf(x, alpha):
    """The logarithm of the density."""
    return np.sum((alpha - 1.0) * np.log(x)) + gammaln(np.sum(alpha)) - np.sum(gammaln(alpha))


def pdf(x, alpha):
    """The density."""
    return np.exp(logpdf(x, alpha))


rvs = scipy.stats.dirichlet.rvs
