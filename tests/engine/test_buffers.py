"""Item assignment: the same derivative as without it, and never a value that numpy would not have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainreel.engine import EngineError, Function, grad, jacobian, jvp


def test_a_loop_that_fills_an_array():
    def powers(x):
        out = np.zeros(5)
        out[0] = 1.0
        for k in range(1, 5):
            out[k] = out[k - 1] * x
        return out.sum()

    assert powers(2.0) == 31.0
    assert grad(powers)(2.0) == 1 + 4 + 12 + 32
    assert grad(grad(powers))(2.0) == 2 + 12 + 48
    assert jvp(powers, (2.0,), (1.0,))[1] == 49.0
    trace = Function.of(powers).trace({"x": 2.0})
    assert trace.gradient == {"x": 49.0} and "put" in {step.primitive for step in trace.steps}


def test_makers_slices_masks_and_rows():
    def mixture(x):
        a = np.full((2, 3), 2.0)
        a[0] = x
        a[1, 1:] *= x[:2]
        b = x * 3.0
        b[b > 4] = 0.0
        c = np.array([1.0, 2.0, 3.0])
        c[[0, 2]] = x[[1, 2]]
        d = np.copy(x)
        d[0] += 1.0
        e = np.zeros_like(x)
        e[...] = x**2
        return a.sum() + (b * b).sum() + (c * x).sum() + (d * d).sum() + e[1]

    def plain(x):
        return mixture(x)

    x = np.array([1.0, 2.0, 3.0])
    step = 1e-6
    slopes = [(plain(x + step * row) - plain(x - step * row)) / (2 * step) for row in np.eye(3)]
    np.testing.assert_allclose(grad(mixture)(x), slopes, rtol=1e-7)
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_any_order_of_writes_is_numpy_s(writes):
    def run(x):
        out = np.zeros(4)
        for target, source in writes:
            out[target] = out[source] * 0.5 + x[source] * x[target]
        return out

    x = np.array([0.3, -1.2, 2.0, 0.7])
    step = 1e-6
    columns = [(run(x + step * row) - run(x - step * row)) / (2 * step) for row in np.eye(4)]
    np.testing.assert_allclose(jacobian(run)(x), np.stack(columns, axis=1), atol=1e-8)
    np.testing.assert_allclose(jacobian(run, mode="reverse")(x), jacobian(run, mode="forward")(x), rtol=1e-12, atol=1e-15)


def test_an_element_written_twice_keeps_the_last():
    def run(x):
        out = np.zeros(2)
        out[[0, 0, 1]] = x
        return out @ np.array([1.0, 10.0])

    np.testing.assert_array_equal(grad(run)(np.array([5.0, 6.0, 7.0])), [0.0, 1.0, 10.0])


def test_a_constant_array_stays_a_plain_one_until_something_is_written():
    def run(x):
        table = np.zeros(3)
        table[1] = 4.0
        kept = table * x
        table[1] = 100.0  # after use: the product keeps the value it was made with
        return kept.sum() + float(table[1]) + np.asarray(table).sum()

    assert run(2.0) == 208.0
    assert grad(run)(2.0) == 4.0


def _stale(x):
    out = np.zeros(3)
    out[0] = x
    view = out[:2]
    out[1] = x * x
    return view.sum()


def _into_a_view(x):
    out = np.zeros((2, 2))
    row = out[0]
    row[0] = x
    return out.sum()


def _into_an_argument(x):
    x[0] = 1.0
    return x.sum()


def _into_a_number(x):
    y = x * 2.0
    y[0] = 1.0
    return y


def _shape(x):
    out = np.zeros(2)
    out[:] = np.stack([x, x, x])
    return out.sum()


def _far(x):
    out = np.zeros(2)
    out[5] = x
    return out.sum()


@pytest.mark.parametrize(
    ("function", "at", "message"),
    [
        (_stale, 2.0, "before its array was written to"),
        (_into_a_view, 2.0, "view"),
        (_into_an_argument, np.ones(2), "copy"),
        (_into_a_number, 2.0, "no elements"),
    ],
)
def test_what_numpy_would_do_differently_is_refused(function, at, message):
    with pytest.raises(EngineError, match=message) as caught:
        grad(function)(at)
    assert caught.value.span is not None and "test_buffers.py" in caught.value.span.file


@pytest.mark.parametrize("function", [_shape, _far])
def test_numpy_s_own_errors_stay(function):
    with pytest.raises((ValueError, IndexError)):
        grad(function)(1.0)


def test_a_view_that_is_taken_again_or_copied_is_fine():
    def run(x):
        out = np.zeros(3)
        out[0] = x
        before = out[:2].copy()
        out[1] = x * x
        return before.sum() + out[:2].sum()

    assert grad(run)(3.0) == 1 + 1 + 6


def test_the_function_of_the_user_is_not_touched():
    calls = []

    def run(x):
        out = np.zeros(1)
        out[0] = x
        calls.append(type(out))
        return out[0]

    grad(run)(1.0)
    run(1.0)
    assert calls[1] is np.ndarray


def test_too_many_large_versions_are_refused_before_memory_runs_out(monkeypatch):
    from chainreel.engine import buffers

    monkeypatch.setattr(buffers, "LIMIT", 10_000)

    def run(x):
        out = np.zeros(100)
        for k in range(100):
            out[k] = x
        return out.sum()

    with pytest.raises(EngineError, match="build a list"):
        grad(run)(1.0)


def _two_names(x):
    y = x * 2.0
    z = y
    z += x
    z **= 2
    return (y * y).sum()


def _in_a_helper(x):
    def fill(out):
        out += x

    out = np.zeros(2)
    out[0] = 1.0
    fill(out)
    out[:1] *= 3.0
    return (out * out).sum()


@pytest.mark.parametrize("function", [_two_names, _in_a_helper])
def test_in_place_operators_change_an_array_under_all_its_names(function):
    x, step = np.array([1.0, 2.0]), 1e-6
    slopes = [(function(x + step * row) - function(x - step * row)) / (2 * step) for row in np.eye(2)]
    np.testing.assert_allclose(grad(function)(x), slopes, rtol=1e-6)


def _argument_in_place(x):
    x *= 2.0
    return x.sum()


def _view_in_place(x):
    y = x * 1.0
    view = y[1:]
    view += 3.0
    return (y * y).sum()


@pytest.mark.parametrize(("function", "message"), [(_argument_in_place, "copy"), (_view_in_place, "view")])
def test_in_place_operators_that_cannot_be_followed_are_refused(function, message):
    with pytest.raises(EngineError, match=message):
        grad(function)(np.ones(3))
