"""Activations and losses: values, derivatives against differences, extremes, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError, grad, value_and_grad
from chainreel.engine.learning import ACTIVATIONS, LOSSES, activation, loss, one_hot

SMOOTH_FROM = {  # distance to keep from the kinks
    "relu": (0.0,), "leaky_relu": (0.0,), "elu": (0.0,), "selu": (0.0,), "hardtanh": (-1.0, 1.0), "relu6": (0.0, 6.0),
    "hardsigmoid": (-3.0, 3.0), "softsign": (0.0,),
}  # fmt: skip
ROWS = ("softmax", "log_softmax")
numbers = st.floats(-30.0, 30.0)


def difference(f, x, h=1e-3):
    """The derivative by central differences with two Richardson steps: error h⁶."""

    def slope(h):
        return (f(x + h) - f(x - h)) / (2 * h)

    a, b, c = slope(h), slope(h / 2), slope(h / 4)
    first, second = (4 * b - a) / 3, (4 * c - b) / 3
    return (16 * second - first) / 15


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ROWS])
@given(z=numbers)
@settings(max_examples=60, deadline=None)
def test_derivatives_of_activations_agree_with_differences(name, z):
    assume(all(abs(z - kink) > 0.01 for kink in SMOOTH_FROM.get(name, ())))
    f = ACTIVATIONS[name]
    assert grad(f)(z) == pytest.approx(difference(f, z), abs=1e-8, rel=1e-8)
    array = grad(lambda x: f(x).sum())(np.array([z, 0.3, z]))
    assert array[0] == array[2] == pytest.approx(grad(f)(z), rel=1e-13, abs=1e-300)
    plain = f(np.array([z, 0.3]))
    assert type(plain) is np.ndarray and plain[0] == pytest.approx(f(z), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("name", ROWS)
@given(rows=st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_derivatives_over_rows(name, rows):
    f, z = ACTIVATIONS[name], np.array(rows)
    weights = np.cos(np.arange(z.size)).reshape(z.shape)
    slopes = grad(lambda z: (f(z) * weights).sum())(z)
    for k in np.ndindex(z.shape):

        def one(x, k=k):
            moved = z.copy()
            moved[k] = x
            return float((f(moved) * weights).sum())

        assert slopes[k] == pytest.approx(difference(one, z[k]), abs=1e-8)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("size", [1e3, 1e8, 1e300])
def test_activations_far_out(name, size):
    z = np.array([-size, size])
    with np.errstate(over="ignore"):
        value = ACTIVATIONS[name](z)
    slope = grad(lambda z: (ACTIVATIONS[name](z) * np.array([1.0, 0.5])).sum())(z)
    assert not np.isnan(value).any() and np.isfinite(slope).all()


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ROWS])
def test_second_derivatives(name):
    f = ACTIVATIONS[name]
    assert grad(grad(f))(0.7) == pytest.approx(difference(grad(f), 0.7), abs=1e-7)


def test_declared_conventions_at_kinks():
    slopes = {name: grad(ACTIVATIONS[name])(0.0) for name in ("relu", "leaky_relu", "elu", "softsign", "relu6")}
    assert slopes == {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0, "softsign": 1.0, "relu6": 0.0}
    assert grad(ACTIVATIONS["hardtanh"])(1.0) == grad(ACTIVATIONS["hardtanh"])(-1.0) == 0.0


def test_selu_keeps_mean_and_variance():
    z = np.random.default_rng(0).normal(size=1_000_000)
    y = ACTIVATIONS["selu"](z)
    assert abs(y.mean()) < 5e-3 and abs(y.std() - 1.0) < 5e-3


def test_an_activation_by_name_and_by_function():
    assert activation("swish") is ACTIVATIONS["silu"] and activation(None)(3.0) == 3.0
    assert activation(np.sin).name == "sin" and activation("Leaky-ReLU").name == "leaky_relu"
    with pytest.raises(EngineError, match="no activation 'rely'.*relu"):
        activation("rely")


# -- losses --------------------------------------------------------------------------------------------------
def example(name, rng):
    """A prediction and a target the loss accepts."""
    if name in ("binary_cross_entropy",):
        return rng.uniform(0.05, 0.95, (4, 2)), rng.integers(0, 2, (4, 2)).astype(float)
    if name == "binary_cross_entropy_with_logits":
        return rng.normal(0, 3, (4, 2)), rng.uniform(0, 1, (4, 2))
    if name == "hinge":
        return rng.normal(0, 2, 5), rng.choice([-1.0, 1.0], 5)
    if name in ("cross_entropy", "negative_log_likelihood"):
        rows = rng.uniform(0.1, 1.0, (4, 3))
        return rows / rows.sum(1, keepdims=True), rng.integers(0, 3, 4)
    if name in ("kl_divergence", "kl_divergence_with_logits"):
        p, t = rng.uniform(0.1, 1.0, (4, 3)), rng.uniform(0.1, 1.0, (4, 3))
        t[0, 1] = 0.0
        return p / p.sum(1, keepdims=True), t / t.sum(1, keepdims=True)
    return rng.normal(0, 2, (4, 2)), rng.normal(0, 2, (4, 2))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", list(LOSSES))
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_derivatives_of_losses_agree_with_differences(name, reduction, seed):
    f = LOSSES[name]
    p, t = example(name, np.random.default_rng(seed))
    if name in ("absolute", "huber", "hinge"):
        edge = {"absolute": np.abs(p - t), "huber": np.abs(np.abs(p - t) - 1.0), "hinge": np.abs(1.0 - t * p)}[name]
        assume(edge.min() > 0.01)
    value, slopes = value_and_grad(lambda p: f(p, t, reduction=reduction))(p)
    assert value == f(p, t, reduction=reduction)
    for k in np.ndindex(p.shape):

        def one(x, k=k):
            moved = p.copy()
            moved[k] = x
            return f(moved, t, reduction=reduction)

        assert slopes[k] == pytest.approx(difference(one, p[k]), abs=2e-8, rel=1e-8)


@pytest.mark.parametrize("name", list(LOSSES))
def test_none_keeps_each_part(name):
    p, t = example(name, np.random.default_rng(3))
    parts = LOSSES[name](p, t, reduction="none")
    assert len(parts) == len(p)
    assert np.sum(parts) == pytest.approx(LOSSES[name](p, t, reduction="sum"))
    per = len(p) if "kl" in name or name in ("cross_entropy", "negative_log_likelihood") else p.size
    assert np.sum(parts) / per == pytest.approx(LOSSES[name](p, t, reduction="mean"))


def test_film_a_numbers():
    """A4: p = 0.35, t = 1: squared 0.42, -ln p 1.05; at p = 0.01 the slopes by z are -0.02 and -0.99."""
    squared, cross = LOSSES["squared"], LOSSES["binary_cross_entropy"]
    assert round(squared(0.35, 1.0), 2) == 0.42 and round(cross(0.35, 1.0), 2) == 1.05
    sigmoid, z = ACTIVATIONS["sigmoid"], math.log(0.01 / 0.99)
    assert round(grad(lambda z: squared(sigmoid(z), 1.0))(z), 2) == -0.02
    assert round(grad(lambda z: cross(sigmoid(z), 1.0))(z), 2) == -0.99
    z = math.log(0.35 / 0.65)
    assert grad(lambda z: LOSSES["binary_cross_entropy_with_logits"](z, 1.0))(z) == pytest.approx(-0.65)


@pytest.mark.parametrize("target", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("logit", [-1e3, -40.0, 40.0, 1e3, 1e8])
def test_binary_cross_entropy_in_extreme_logits(logit, target):
    """Against the value by mpmath at 60 digits."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(60 + int(abs(logit) / 2) if abs(logit) < 1e4 else 60):
        z = mp.mpf(logit)
        if abs(logit) < 1e4:
            p = 1 / (1 + mp.exp(-z))
            exact = float(-target * mp.log(p) - (1 - target) * mp.log(1 - p))
            slope = float(p - target)
        else:
            exact, slope = float((1 - target) * logit if logit > 0 else -target * logit), float((logit > 0) - target)
    f = LOSSES["binary_cross_entropy_with_logits"]
    assert f(logit, target) == pytest.approx(exact, rel=1e-14, abs=1e-320)
    assert grad(lambda z: f(z, target))(logit) == pytest.approx(slope, rel=1e-14, abs=1e-320)


@pytest.mark.parametrize("size", [1e3, 1e8])
def test_cross_entropy_in_extreme_logits(size):
    z = np.array([[size, -size, 0.0], [0.0, size, size]])
    value, slope = value_and_grad(lambda z: LOSSES["cross_entropy"](z, np.array([1, 2])))(z)
    assert value == pytest.approx((2 * size + math.log(2)) / 2, rel=1e-15)
    np.testing.assert_allclose(slope, [[0.5, -0.5, 0.0], [0.0, 0.25, -0.25]], atol=1e-300)


def test_labels_and_one_hot_rows_agree():
    z = np.random.default_rng(1).normal(size=(5, 4))
    y = np.array([0, 3, 1, 1, 2])
    f = LOSSES["cross_entropy"]
    assert f(z, y) == f(z, one_hot(y, 4)) == f(z.tolist(), y.tolist())
    assert f(z, y.astype(float)) == f(z, y)
    single = f(z[0], 0)
    assert single == pytest.approx(-math.log(np.exp(z[0, 0]) / np.exp(z[0]).sum()))


def test_edges_of_probabilities():
    f = LOSSES["binary_cross_entropy"]
    assert f(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0.0
    with np.errstate(divide="ignore"):
        assert f(0.0, 1.0) == math.inf
    assert LOSSES["kl_divergence"](np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])) == pytest.approx(math.log(2))
    assert LOSSES["log_cosh"](1e4, 0.0) == pytest.approx(1e4 - math.log(2))
    assert LOSSES["log_cosh"](1e-9, 0.0) == pytest.approx(5e-19)
    assert LOSSES["huber"](np.array([1e200]), np.array([0.0])) == 1e200


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: LOSSES["mean_squared"](np.ones((3, 1)), np.ones(3)), r"\(3, 1\) and the target \(3,\)"),
        (lambda: LOSSES["cross_entropy"](np.ones((2, 3)), [0, 3]), "Labels go from 0 to 2"),
        (lambda: LOSSES["cross_entropy"](np.ones((2, 3)), [0.5, 1]), "whole numbers"),
        (lambda: LOSSES["cross_entropy"](np.ones((2, 3)), np.ones((2, 2))), "rows of 3 logits"),
        (lambda: LOSSES["binary_cross_entropy"](np.array([1.5]), np.array([1.0])), "probabilities from 0 to 1"),
        (lambda: LOSSES["hinge"](np.ones(2), np.array([0.0, 1.0])), "targets -1 and 1"),
        (lambda: LOSSES["absolute"](1.0, 1.0, reduction="average"), "'mean', 'sum' or 'none'"),
        (lambda: LOSSES["huber"](1.0, 1.0, delta=0.0), "above 0"),
        (lambda: loss("mse"), "no loss 'mse'.*mean_squared"),
    ],
)  # fmt: skip
def test_refusals(make, message):
    with pytest.raises(EngineError, match=message):
        make()
