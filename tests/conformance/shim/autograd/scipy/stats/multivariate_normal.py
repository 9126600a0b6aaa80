"""The normal distribution of several numbers together."""

import autograd.numpy as np
import scipy.stats


def logpdf(x, mean, cov, allow_singular=False):
    """The logarithm of the density; on the support of a singular distribution when that is allowed."""
    d = np.shape(cov)[-1]
    if allow_singular:
        inverse, logdet, rank = np.linalg.pinv(cov), _pseudo_logdet(cov), np.linalg.matrix_rank(cov)
    else:
        inverse, logdet, rank = np.linalg.inv(cov), np.linalg.slogdet(cov)[1], d
    off = x - mean
    return -0.5 * np.sum(np.dot(off, inverse) * off, axis=-1) - 0.5 * logdet - 0.5 * rank * np.log(2 * np.pi)


def _pseudo_logdet(cov):
    values = np.linalg.eigvalsh(cov)
    return np.sum(np.log(values[values > 1e-10]))


def pdf(x, mean, cov, allow_singular=False):
    """The density."""
    return np.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean, cov):
    """The differential entropy."""
    return 0.5 * np.linalg.slogdet(2 * np.pi * np.e * cov)[1]


rvs = scipy.stats.multivariate_normal.rvs
