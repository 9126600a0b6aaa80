"""The two products with the Jacobian, on the engine's vjp and jvp. autograd's vector spaces have no counterpart."""

import functools

from chainreel.engine import EngineError, jvp, vjp


def translated(operator):
    """The operator with TypeErrors for refusals, as autograd's tests expect them."""

    @functools.wraps(operator)
    def run(*args, **kwargs):
        try:
            return operator(*args, **kwargs)
        except EngineError as problem:
            raise TypeError(str(problem)) from problem

    return run


@translated
def make_vjp(function, x):
    """(the map from an adjoint of the result to one of x, the result)"""
    value, back = vjp(function, x)
    return (lambda adjoint: back(adjoint)[0]), value


def make_jvp(function, x):
    """The map from a tangent of x to (the result, its tangent)."""
    return translated(lambda tangent: jvp(function, (x,), (tangent,)))


primitive_vjps: dict = {}  # autograd's table of rules; the engine's primitives carry theirs with them


def vspace(value):
    """autograd's description of a value's vector space."""
    raise NotImplementedError("this engine has no vector spaces as objects")
