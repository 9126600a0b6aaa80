"""jax.test_util.check_jvp and check_vjp on the engine's jvp and vjp, and on those of its gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainreel import engine
from chainreel.engine import jvp, vjp

from .functions import EXAMPLES
from .peers import need

need("jax")
checks = need("jax.test_util")


def _plain(value: Any) -> Any:
    array = np.asarray(value, dtype=float)
    return array if array.ndim else float(array)


def _check(function: Callable, arguments: tuple) -> None:
    """Both checks; jax hands over its own arrays, the engine takes numpy's."""

    def value(*xs: Any) -> Any:
        return np.asarray(function(*map(_plain, xs)))

    def push(xs: Any, vs: Any) -> Any:
        return tuple(map(np.asarray, jvp(function, tuple(map(_plain, xs)), tuple(map(_plain, vs)))))

    def pull(*xs: Any) -> Any:
        result, back = vjp(function, *map(_plain, xs))
        return np.asarray(result), lambda adjoint: tuple(map(np.asarray, back(_plain(adjoint))))

    checks.check_jvp(value, push, arguments, atol=1e-5, rtol=1e-5)
    checks.check_vjp(value, pull, arguments, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", EXAMPLES)
def test_first_order(name):
    """Both sweeps against jax's differences."""
    _check(*EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_second_order(name):
    """Both sweeps over the reverse sweep."""
    function, arguments = EXAMPLES[name]
    seed = np.cos(np.arange(np.size(function(*arguments)))).reshape(np.shape(function(*arguments)))

    def contribution(*xs: Any) -> Any:
        return vjp(function, *xs)[1](_plain(seed))[0]

    _check(contribution, arguments)


def nested(np: Any, lib: Any) -> dict[str, tuple[Callable, Any]]:
    """Derivatives inside differentiated functions, written once for numpy and this engine, once for jax and its numpy."""
    grad, jvp, vjp, hessian, jacobian = lib.grad, lib.jvp, lib.vjp, lib.hessian, lib.jacobian

    def newton(a: Any) -> Any:
        x = a
        for _ in range(4):
            x = x - (x * x - a) / grad(lambda t: t * t - a)(x)
        return x

    def learned(w: Any) -> Any:
        def loss(v: Any) -> Any:
            return np.sum((v * w) ** 2) + np.sum(np.sin(v))

        v = w
        for _ in range(3):
            v = v - 0.1 * grad(loss)(v)
        return loss(v)

    def kept(x: Any) -> Any:
        _, back = vjp(lambda y: np.sin(y) * x, x)
        return grad(lambda s: back(s * s)[0] * x)(x)

    two = _POINT
    return {
        "a constant of the inner function": (grad(lambda x: grad(lambda y: x)(1.0)), 2.0),
        "confusion of two variables": (grad(lambda x: x * grad(lambda y: x * y**2)(x)), 3.0),
        "three levels": (grad(lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(y) * x)(x)), 1.3),
        "a Hessian over a Jacobian": (hessian(lambda x: np.sum(jacobian(lambda y: np.sin(x * y))(x * 2))), two),
        "forward over reverse": (
            lambda x: jvp(lambda z: vjp(lambda y: np.sum(np.tanh(z * y)), z)[1](1.0)[0], (x,), (x,))[1],
            two,
        ),
        "reverse over forward": (grad(lambda x: jvp(lambda y: np.sum(x * y * y), (x,), (x,))[1]), two),
        "a Jacobian over a Hessian": (jacobian(lambda x: hessian(lambda y: np.sum(x * y**3))(x)), two),
        "three Jacobians": (jacobian(jacobian(jacobian(lambda x: x**4))), two),
        "the slope of Newton's method": (grad(grad(newton)), 3.0),
        "through three steps of learning": (grad(learned), two),
        "its Hessian": (hessian(learned), two),
        "its Hessian forward": (lambda x: jvp(grad(learned), (x,), (x,))[1], two),
        "its Hessian in reverse": (lambda x: vjp(grad(learned), x)[1](x)[0], two),
        "value and tangent together": (grad(lambda x: np.prod(np.stack(jvp(lambda y: y**3 * x, (x,), (x,))))), 1.2),
        "a map back that is used later": (grad(kept), 0.7),
    }


_POINT = np.array([0.3, 0.5])


@pytest.mark.parametrize("name", sorted(nested(np, engine)))
def test_nested(name):
    """No perturbation confusion, to any depth, against jax's answer."""
    jax = need("jax")
    (ours, point), (theirs, _) = nested(np, engine)[name], nested(need("jax.numpy"), jax)[name]
    assert np.allclose(np.asarray(ours(point)), np.asarray(theirs(point)), rtol=1e-11, atol=1e-13)


def test_a_wrong_derivative_is_caught():
    """The check must be able to fail."""
    with pytest.raises(AssertionError):
        checks.check_vjp(np.sin, lambda x: (np.sin(x), lambda g: (1.001 * g * np.cos(x),)), (0.3,), atol=1e-5, rtol=1e-5)
