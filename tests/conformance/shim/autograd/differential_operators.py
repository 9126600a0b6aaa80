"""autograd's operators on functions, each on the engine's operator of the same meaning."""

import functools

import autograd.numpy as np
from autograd import core, trees
from autograd.wrap_util import unary_to_nary

from chainreel import engine
from chainreel.engine.shapes import shape_of

make_vjp = unary_to_nary(core.make_vjp)
make_jvp = unary_to_nary(core.make_jvp)


def _number(function):
    """autograd takes an array with one element for a number; its errors are TypeErrors."""

    @functools.wraps(function)
    def of_x(x):
        y = function(x)
        return np.reshape(y, ()) if shape_of(y) and np.size(y) == 1 else y

    return of_x


@unary_to_nary
@core.translated
def grad(function, x):
    """
    Returns a function which computes the gradient."""
    return engine.grad(_number(function))(x)


@unary_to_nary
@core.translated
def value_and_grad(function, x):
    """The value and the gradient."""
    return engine.value_and_grad(_number(function))(x)


@unary_to_nary
def elementwise_grad(function, x):
    """The sum over the result's elements, differentiated: the derivative of each element of an elementwise function."""
    back, y = core.make_vjp(function, x)
    return back(trees.ones(y))


@unary_to_nary
@core.translated
def deriv(function, x):
    """The derivative along ones, by the forward sweep."""
    return core.make_jvp(function, x)(trees.ones(x))[1]


@unary_to_nary
def jacobian(function, x):
    """The Jacobian, shape of the result + shape of the argument."""
    return engine.jacobian(function)(x)


@unary_to_nary
def hessian(function, x):
    """The Hessian."""
    return engine.hessian(function)(x)


@unary_to_nary
def make_hvp(function, x):
    """(the product of the Hessian with a vector as a function of the vector, the gradient)"""
    return core.make_vjp(engine.grad(_number(function)), x)


def hessian_tensor_product(function, argnum=0):
    """The Hessian times a tensor of the argument's shape, given as the last argument."""

    def product(*args, **kwargs):
        *args, v = args

        def of_one(x):
            return function(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

        return engine.hvp(of_one)(args[argnum], v)

    return product


def tensor_jacobian_product(function, argnum=0):
    """A tensor times the Jacobian: contracted over as many axes of the result as the tensor has."""

    def product(*args, **kwargs):
        *args, tensor = args

        def contracted(x):
            y = function(*args[:argnum], x, *args[argnum + 1 :], **kwargs)
            return np.tensordot(tensor, y, axes=np.ndim(tensor))

        return engine.jacobian(contracted)(args[argnum])

    return product


hessian_vector_product, vector_jacobian_product = hessian_tensor_product, tensor_jacobian_product


def make_ggnvp(function, g=lambda y: 0.5 * np.sum(y**2, axis=-1), f_argnum=0):
    """The generalised Gauss-Newton matrix of g(f(x)), Jᵀ H J, as a function of a vector."""

    @unary_to_nary
    def build(f, x):
        back, y = core.make_vjp(f, x)
        return lambda v: back(engine.hvp(g)(y, core.make_jvp(f, x)(v)[1]))

    return build(function, f_argnum)


@unary_to_nary
def grad_and_aux(function, x):
    """The gradient of the first of two results, and the second as it is."""
    back, (y, extra) = core.make_vjp(function, x)
    return back((trees.ones(y), trees.mapped(lambda leaf: 0.0 * leaf, extra))), extra


def grad_named(function, argname):
    """The gradient by an argument's name."""
    return engine.grad(function, argname)


def holomorphic_grad(function, argnum=0):
    """Complex differentiation is out of this engine's reach."""
    raise TypeError("complex numbers are not differentiated by this engine")


def checkpoint(function):
    """Saves memory in autograd; derivatives are the same without it."""
    return function
