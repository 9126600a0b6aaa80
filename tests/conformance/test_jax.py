"""jax.test_util.check_jvp and check_vjp on the engine's jvp and vjp, and on those of its gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

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


def test_a_wrong_derivative_is_caught():
    """The check must be able to fail."""
    with pytest.raises(AssertionError):
        checks.check_vjp(np.sin, lambda x: (np.sin(x), lambda g: (1.001 * g * np.cos(x),)), (0.3,), atol=1e-5, rtol=1e-5)
