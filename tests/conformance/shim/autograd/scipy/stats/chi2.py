"""The chi-squared distribution."""

from autograd.scipy.stats import gamma


def logpdf(x, df):
    """The logarithm of the density."""
    return gamma.logpdf(x / 2.0, df / 2.0) - 0.6931471805599453


def pdf(x, df):
    """The density."""
    return gamma.pdf(x / 2.0, df / 2.0) / 2.0


def cdf(x, df):
    """The probability of less than x."""
    return gamma.cdf(x / 2.0, df / 2.0)
