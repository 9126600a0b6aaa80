"""scipy.optimize's Rosenbrock function, gradient, Hessian and Hessian product, written by hand there, computed here."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError, grad, hessian, hvp, jacobian

from .functions import rosenbrock
from .peers import need

optimize = need("scipy.optimize")
POINTS = [np.random.default_rng(k).normal(size=n) for k, n in enumerate((2, 3, 7, 20, 100))]
every_point = pytest.mark.parametrize("x", POINTS, ids=lambda x: f"{len(x)} variables")


def gradient_by_hand(x):
    """The gradient as it stands in textbooks, written into an array item by item."""
    result = np.zeros_like(x)
    result[:-1] += -400.0 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2.0 * (1.0 - x[:-1])
    result[1:] += 200.0 * (x[1:] - x[:-1] ** 2)
    return result


def close(a, b):
    """Equal up to the order of the sums."""
    return np.allclose(a, b, rtol=1e-12, atol=1e-9)


@every_point
def test_the_functions_are_the_same(x):
    """scipy's own function turns its argument into a plain array, which the engine refuses; ours is the same one."""
    assert close(rosenbrock(x), optimize.rosen(x))
    assert close(gradient_by_hand(x), optimize.rosen_der(x))


def test_a_function_that_leaves_numpy_is_refused():
    """scipy's asarray would lose the dependency: a sentence is better than a zero."""
    with pytest.raises(EngineError, match="lose its derivative"):
        grad(optimize.rosen)(POINTS[0])


@every_point
def test_gradient(x):
    """The reverse sweep."""
    assert close(grad(rosenbrock)(x), optimize.rosen_der(x))


@every_point
def test_hessian(x):
    """Forward over reverse."""
    assert close(hessian(rosenbrock)(x), optimize.rosen_hess(x))


@every_point
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_hessian_as_jacobian_of_the_gradient_written_by_hand(x, mode):
    """Both modes, through an array that is written into."""
    assert close(jacobian(gradient_by_hand, mode=mode)(x), optimize.rosen_hess(x))


@every_point
def test_hessian_product(x):
    """The product without the matrix."""
    v = np.random.default_rng(9).normal(size=len(x))
    assert close(hvp(rosenbrock)(x, v), optimize.rosen_hess_prod(x, v))


def test_newton_cg_reaches_the_minimum():
    """scipy's optimiser is content with the engine's derivatives."""
    result = optimize.minimize(
        optimize.rosen, np.full(10, 1.3), method="Newton-CG", jac=grad(rosenbrock), hessp=hvp(rosenbrock)
    )
    assert np.allclose(result.x, 1.0, atol=1e-4)
