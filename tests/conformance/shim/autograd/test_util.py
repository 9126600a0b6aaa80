"""Derivatives against differences of function values, in random directions, to any order.

Complex samples, which autograd's tests mix in, are left out and counted in the file named by AUTOGRAD_SHIM_LOG.
"""

import itertools
import os

from autograd import trees
from autograd.core import make_jvp, make_vjp
from autograd.wrap_util import unary_to_nary

STEP = TOLERANCE = 1e-6


def scalar_close(a, b):
    """Close as autograd's tests mean it."""
    return abs(a - b) < TOLERANCE or abs(a - b) / abs(a + b) < TOLERANCE


def check_equivalent(a, b):
    """Same structure and shapes, same numbers (in a random direction)."""
    assert trees.shapes(a) == trees.shapes(b), f"shapes {trees.shapes(a)} and {trees.shapes(b)}"
    direction = trees.random(a)
    assert scalar_close(trees.inner(a, direction), trees.inner(b, direction)), f"{a} and {b} differ"


def _difference(function, x, v):
    """The central difference of a function along v."""
    ahead, behind = function(trees.moved(x, v, STEP / 2)), function(trees.moved(x, v, -STEP / 2))
    return trees.mapped(lambda a, b: (a - b) / STEP, ahead, behind)


def check_vjp(function, x):
    """The reverse sweep against a difference."""
    back, y = make_vjp(function, x)
    adjoint, direction = trees.random(y), trees.random(x)
    contribution = back(adjoint)
    assert trees.shapes(contribution) == trees.shapes(x)
    exact = trees.inner(direction, contribution)
    measured = trees.inner(adjoint, _difference(function, x, direction))
    name = getattr(function, "__name__", "function")
    assert scalar_close(measured, exact), f"(VJP) check of {name} failed at {x}: {exact}, by difference {measured}"


def check_jvp(function, x):
    """The forward sweep against a difference."""
    direction = trees.random(x)
    check_equivalent(make_jvp(function, x)(direction)[1], _difference(function, x, direction))


@unary_to_nary
def check_grads(function, x, modes=("fwd", "rev"), order=2):
    """Both sweeps, and sweeps over sweeps up to ``order``."""
    if trees.is_complex(x):
        raise TypeError("complex numbers are not differentiated by this engine")
    name = getattr(function, "__name__", "function")
    if "fwd" in modes:
        check_jvp(function, x)
        if order > 1:

            def pushed(point, direction):
                return make_jvp(function, point)(direction)[1]

            pushed.__name__ = f"jvp_{name}"
            check_grads(pushed, (0, 1), modes, order=order - 1)(x, trees.random(x))
    if "rev" in modes:
        check_vjp(function, x)
        if order > 1:

            def pulled(point, adjoint):
                return make_vjp(function, point)[0](adjoint)

            pulled.__name__ = f"vjp_{name}"
            check_grads(pulled, (0, 1), modes, order=order - 1)(x, trees.random(function(x)))


def combo_check(function, argnum=0, *check, **options):
    """check_grads for every combination of the given arguments and options."""

    def run(*choices, **named):
        names = list(named)
        for args in itertools.product(*choices):
            if trees.is_complex(args):
                _left_out()
                continue
            for values in itertools.product(*named.values()):
                check_grads(function, argnum, *check, **options)(*args, **dict(zip(names, values, strict=True)))

    return run


def _left_out():
    log, test = os.environ.get("AUTOGRAD_SHIM_LOG"), os.environ.get("PYTEST_CURRENT_TEST", "")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(test.rpartition(" ")[0] + "\n")
