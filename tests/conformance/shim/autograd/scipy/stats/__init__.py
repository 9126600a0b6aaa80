"""Densities written out in numpy and special functions: a test of the engine on a user's formulas.

Everything that needs the derivative of an incomplete gamma or beta function by its shape is left to scipy, where a value
under differentiation is refused.
"""

from autograd.scipy.stats import beta, chi2, dirichlet, gamma, multivariate_normal, norm, poisson, t

__all__ = ["beta", "chi2", "dirichlet", "gamma", "multivariate_normal", "norm", "poisson", "t"]
