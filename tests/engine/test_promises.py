"""Where other engines are silently wrong: this one is right, or refuses in a sentence.

Each test names the peer whose mistake it is (shared/design/engine.md); the answer here is the exact derivative.
"""

from __future__ import annotations

import math
from math import sin

import numpy as np
import pytest

from chainreel.engine import EngineError, Function, grad, jvp, value_and_grad, vjp

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]])


def differences(function, x, step=1e-6):
    """The gradient of a plain numpy function by central differences."""
    result = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[k] += step
        behind[k] -= step
        result[k] = (function(ahead) - function(behind)) / (2 * step)
    return result


# -- autograd -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2])
@pytest.mark.parametrize("repeats", [2, "several"])
def test_repeat_along_any_axis(axis, repeats):
    """autograd's repeat(axis=-1) adds up the wrong elements."""
    count = X.size if axis is None else X.shape[axis]
    times = 2 if repeats == 2 else np.arange(1, count + 1)
    weights = np.cos(np.arange(np.repeat(X, times, axis=axis).size))

    def function(x):
        return np.sum(np.repeat(x, times, axis=axis).reshape(-1) * weights)

    assert np.allclose(grad(function)(X), differences(function, X), atol=1e-8)


def test_outer_of_matrices():
    """np.outer flattens; autograd's rule forgets that."""
    z = np.array([[1.0, 2.0], [3.0, 5.0]])
    weights = np.sin(np.arange(24.0)).reshape(6, 4)

    def function(x, z):
        return np.sum(np.outer(x, z) * weights)

    dx, dz = grad(function, (0, 1))(X, z)
    assert np.allclose(dx, (weights @ z.reshape(-1)).reshape(X.shape))
    assert np.allclose(dz, (X.reshape(-1) @ weights).reshape(z.shape))


def test_a_constant_cannot_be_changed_while_it_is_in_use():
    """autograd differentiates with what the array holds at the end; here the change is refused where it is made."""
    weights = np.array([1.0, 2.0])

    def function(x):
        y = np.sum(weights * x)
        weights[0] = 100.0
        return y

    with pytest.raises(ValueError, match="read-only"):
        grad(function)(np.array([3.0, 4.0]))
    assert weights[0] == 1.0
    weights[0] = 5.0  # it is the user's again


def test_a_constant_changed_between_value_and_pull_changes_nothing():
    """The map of a vjp belongs to the numbers with which it was made."""
    weights = np.array([1.0, 2.0])
    value, back = vjp(lambda x: np.sum(weights * x), np.array([3.0, 4.0]))
    try:
        weights[0] = 100.0
    except ValueError:
        return  # refused: right too
    assert back(1.0)[0].tolist() == [1.0, 2.0]


def test_product_with_one_zero_and_with_two():
    """y/x is NaN where x is 0; the derivative is the product of the others."""
    assert grad(np.prod)(np.array([2.0, 0.0, 3.0])).tolist() == [0.0, 6.0, 0.0]
    assert grad(np.prod)(np.array([0.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 0.0]
    assert grad(lambda x: np.sum(np.prod(x, axis=1)))(np.array([[2.0, 0.0], [1.0, 4.0]])).tolist() == [[0.0, 2.0], [4.0, 1.0]]


def test_norm_at_zero():
    """autograd gives NaN; there is no derivative at 0 – by the convention of abs, 0 is used."""
    assert grad(lambda x: np.linalg.norm(x))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert np.allclose(grad(lambda x: np.linalg.norm(x))(np.array([3.0, 4.0])), [0.6, 0.8])
    rows = grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert np.allclose(rows, [[0.0, 0.0], [0.6, 0.8]])


# -- MyGrad --------------------------------------------------------------------------------------------------
def test_a_value_written_into_np_zeros_keeps_its_derivative():
    """MyGrad loses what is assigned into a plain array."""

    def function(x):
        out = np.zeros(3)
        out[0] = x[0] * x[1]
        out[1:] = x**2
        out[2] = out[2] + out[0]
        return np.sum(out * np.array([1.0, 10.0, 100.0]))

    x = np.array([3.0, 4.0])
    assert np.allclose(grad(function)(x), differences(function, x), atol=1e-4)


def test_math_functions_keep_the_dependency():
    """torch and MyGrad lose math.sin(x) without a word."""
    assert grad(lambda x: math.sin(x) * x)(0.5) == 0.5 * math.cos(0.5) + math.sin(0.5)
    assert grad(lambda x: sin(x))(0.5) == math.cos(0.5)


def test_what_leaves_the_engine_is_refused():
    """float(x), a list of numpy scalars, a foreign library: an error with the line, never a zero."""
    for function in (lambda x: float(x) * 2.0, lambda x: np.frompyfunc(lambda v: v, 1, 1)(x), lambda x: int(x) * x):
        with pytest.raises((EngineError, TypeError)):
            grad(function)(0.5)


def test_a_swallowed_refusal_still_counts():
    """User code that catches every error cannot turn a refusal into a lost dependency."""

    def function(x):
        try:
            y = float(x)
        except Exception:
            y = 1.0
        return y * x

    with pytest.raises(EngineError):
        grad(function)(0.5)


# -- micrograd -----------------------------------------------------------------------------------------------
def test_backward_twice_gives_the_same():
    """micrograd adds the second sweep to the first."""
    _, back = vjp(lambda x, y: x * y + x, 3.0, 4.0)
    assert back(1.0) == back(1.0) == (5.0, 3.0)
    slope = grad(lambda x: x**3)
    assert slope(2.0) == slope(2.0) == 12.0


def test_inputs_changed_after_the_run_change_nothing():
    """micrograd reads its data when it goes backward; a tape keeps what it has seen."""
    x = np.array([3.0, 4.0])
    value, back = vjp(lambda x: np.sum(x**2), x)
    try:
        x[0] = 100.0
    except ValueError:
        return  # refused: right too
    assert value == 25.0 and back(1.0)[0].tolist() == [6.0, 8.0]


def test_a_trace_keeps_its_numbers_when_the_input_changes():
    """What a film shows later must be what was computed."""
    x = np.array([3.0, 4.0])
    trace = Function.of(lambda x: np.sum(x**2)).trace({"x": x})
    x[0] = 100.0
    assert np.asarray(trace.gradient["x"]).tolist() == [6.0, 8.0]


def test_both_edges_of_x_times_x_are_kept():
    """micrograd's set of parents merges them; two uses are two edges and two contributions."""
    trace = Function.of("x*x").trace({"x": 3.0})
    edges = trace.output.edges
    assert [edge.local for edge in edges] == [3.0, 3.0]
    assert [edge.contribution for edge in edges] == [3.0, 3.0]
    assert trace.gradient["x"] == 6.0


# -- everybody -----------------------------------------------------------------------------------------------
def test_a_branch_not_taken_does_not_spoil_the_derivative():
    """where(x > 0, log(x), 0) at 0 is NaN in autograd, MyGrad, JAX and torch."""

    def function(x):
        return np.sum(np.where(x > 0, np.log(x), 0.0))

    with np.errstate(all="ignore"):
        assert grad(function)(np.array([0.0, 2.0])).tolist() == [0.0, 0.5]
        assert grad(lambda x: np.where(x > 0, np.log(x), 0.0))(0.0) == 0.0
        assert jvp(function, (np.array([0.0, 2.0]),), (np.array([1.0, 1.0]),))[1] == 0.5
        assert grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))(np.array([0.0, 4.0])).tolist() == [0.0, 0.25]


def test_no_perturbation_confusion():
    """The classic: d/dx (x · d/dy (x + y)) at 1 is 1, and neither derivative sees the other's variable."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x * y, (2.0,), (1.0,))[1], (3.0,), (1.0,))[1] == 6.0
    assert grad(lambda x: jvp(lambda y: x * y * y, (x,), (1.0,))[1])(3.0) == 12.0


def test_integers_are_promoted():
    """2 is as good a point as 2.0, and an array of integers as one of floats."""
    assert grad(lambda x: x**3)(2) == 12.0
    assert grad(lambda x: np.sum(x**3))(np.array([1, 2])).tolist() == [3.0, 12.0]


def test_a_result_that_is_no_number_is_explained():
    """A gradient belongs to one number."""
    with pytest.raises(EngineError, match="sum"):
        grad(lambda x: x**2)(np.array([1.0, 2.0]))


def test_a_function_without_dependency_has_slope_zero():
    """A constant has a derivative, and it is 0, of the argument's shape."""
    assert value_and_grad(lambda x: 3.0)(2.0) == (3.0, 0.0)
    assert grad(lambda x: 3.0)(np.ones((2, 3))).shape == (2, 3)


@pytest.mark.parametrize("function", [np.max, np.min, lambda x: np.sort(x)[-1] if x.ndim == 1 else np.max(x)])
def test_ties_are_shared(function):
    """Two equal maxima share the slope: moving both moves the maximum by the same."""
    slope = grad(function)(np.array([1.0, 1.0]))
    assert np.isclose(np.sum(slope), 1.0)
