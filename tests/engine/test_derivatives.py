"""Derivatives are right: against sympy and 60 digits, against differences, forward against reverse, nested."""

import math
from math import sin as math_sin

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import exp

from chainreel.engine import EngineError, Function, grad, jvp, value_and_grad, vjp
from chainreel.engine.elementwise import TABLE

FAST = settings(max_examples=60, deadline=None)

WIDE = {
    "sin": (-50, 50), "cos": (-50, 50), "tan": (-1.5, 1.5), "arcsin": (-0.999999, 0.999999),
    "arccos": (-0.999999, 0.999999), "arctan": (-1e6, 1e6), "sinh": (-300, 300), "cosh": (-300, 300),
    "tanh": (-340, 340), "arcsinh": (-1e6, 1e6), "arccosh": (1.0000001, 1e6), "arctanh": (-0.999999, 0.999999),
    "exp": (-700, 700), "expm1": (-700, 700), "log": (1e-300, 1e6), "log2": (1e-300, 1e6), "log10": (1e-300, 1e6),
    "log1p": (-0.999999, 1e6), "sqrt": (1e-300, 1e6), "square": (-1e6, 1e6), "sigmoid": (-700, 700),
    "softplus": (-700, 700), "neg": (-9, 9), "abs": (0.1, 9), "relu": (0.1, 9), "sign": (0.1, 9),
}  # fmt: skip
MORE = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
EXACT = {
    "square": lambda x: 2 * x, "sigmoid": lambda x: 1 / (2 + mpmath.exp(x) + mpmath.exp(-x)),
    "softplus": lambda x: 1 / (1 + mpmath.exp(-x)), "neg": lambda x: -1, "abs": mpmath.sign,
    "relu": lambda x: 1 if x > 0 else 0, "sign": lambda x: 0, "log2": lambda x: 1 / (x * mpmath.log(2)),
    "log10": lambda x: 1 / (x * mpmath.log(10)), "log1p": lambda x: 1 / (1 + x), "expm1": mpmath.exp,
    "exp": mpmath.exp, "log": lambda x: 1 / x, "sqrt": lambda x: 1 / (2 * mpmath.sqrt(x)),
    "sin": mpmath.cos, "cos": lambda x: -mpmath.sin(x), "tan": lambda x: mpmath.sec(x) ** 2,
    "sinh": mpmath.cosh, "cosh": mpmath.sinh, "tanh": lambda x: mpmath.sech(x) ** 2,
    "arcsin": lambda x: 1 / mpmath.sqrt(1 - x * x), "arccos": lambda x: -1 / mpmath.sqrt(1 - x * x),
    "arctan": lambda x: 1 / (1 + x * x), "arcsinh": lambda x: 1 / mpmath.sqrt(1 + x * x),
    "arccosh": lambda x: 1 / mpmath.sqrt(x * x - 1), "arctanh": lambda x: 1 / (1 - x * x),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WIDE))
def test_unary_derivative_to_the_last_digits(name):
    low, high = WIDE[name]
    points = np.concatenate([np.linspace(low, high, 61), np.linspace(low, high, 7) * 1e-3])
    points = [float(x) for x in points if low <= x <= high]
    slopes = [grad(TABLE[name])(x) for x in points]
    together = grad(lambda x: np.sum(TABLE[name](x)))(np.array(points))
    with mpmath.workdps(60):
        for x, one, many in zip(points, slopes, together, strict=True):
            want = EXACT[name](mpmath.mpf(x))
            for got in (one, many):
                assert abs(got - want) <= 1.3e-15 * abs(want) + 5e-324, (x, got, float(want))


# -- random expressions ------------------------------------------------------------------------------------------
UNARY = ["sin", "cos", "tanh", "exp", "arctan", "sigmoid", "softplus", "square", "sinh"]


def expressions():
    leaf = st.sampled_from(["x", "y", "2", "0.5", "x", "y"])

    def grow(inner):
        binary = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        unary = st.tuples(st.sampled_from(UNARY), inner).map(lambda t: f"{t[0]}({t[1]})")
        power = st.tuples(inner, st.sampled_from(["2", "3"])).map(lambda t: f"{t[0]}**{t[1]}")
        quotient = st.tuples(inner, inner).map(lambda t: f"{t[0]}/(2 + {t[1]}**2)")
        negative = inner.map(lambda t: f"(-{t})")
        return st.one_of(binary, binary, unary, power, quotient, negative)

    return st.recursive(leaf, grow, max_leaves=8).map(lambda text: f"{text} + 0.1*x*y")


POINT = st.fixed_dictionaries({"x": st.floats(-1.5, 1.5), "y": st.floats(-1.5, 1.5)})


def trace_or_skip(text, at):
    from hypothesis import assume

    try:
        trace = Function.parse(text).trace(at)
    except EngineError:
        assume(False)
    assume(all(abs(s.value) < 1e6 for s in trace.steps) and all(abs(s.adjoint) < 1e6 for s in trace.steps))
    return trace


@FAST
@given(expressions(), POINT)
def test_every_adjoint_is_the_sum_of_its_contributions(text, at):
    trace = trace_or_skip(text, at)
    for step in trace.steps:
        uses = [edge for edge in step.uses if not edge.dead]
        if uses:
            total = uses[0].contribution
            for edge in uses[1:]:
                total = total + edge.contribution
            assert total == step.adjoint == uses[-1].running
        for edge in step.edges:
            assert edge.contribution == edge.adjoint * edge.local


@FAST
@given(expressions(), POINT)
def test_forward_sweep_equals_reverse_sweep(text, at):
    trace = trace_or_skip(text, at)
    scale = max(abs(s.adjoint) for s in trace.steps) + max(abs(s.value) for s in trace.steps)
    for name in trace.gradient:
        tangent = trace.tangents({name: 1.0})[trace.output]
        assert tangent == pytest.approx(trace.gradient[name], rel=1e-11, abs=1e-12 * scale)


@settings(max_examples=25, deadline=None)
@given(expressions(), POINT)
def test_gradient_equals_differences_of_many_digits(text, at):
    from chainreel.engine.audit import audit

    trace = trace_or_skip(text, at)
    described = trace.describe()
    for step in trace.inputs:
        shown = trace.quantity("adjoint", step)
        check = audit(described, shown.key)
        assert check.agrees(shown.value), (shown, check)


@settings(max_examples=25, deadline=None)
@given(expressions(), POINT)
def test_gradient_equals_sympy(text, at):
    import sympy

    trace = trace_or_skip(text, at)
    x, y = sympy.symbols("x y")
    scope = {name: getattr(sympy, name) for name in ("sin", "cos", "tanh", "exp", "sinh")}
    scope |= {"x": x, "y": y, "arctan": sympy.atan, "square": lambda t: t**2}
    scope |= {"sigmoid": lambda t: 1 / (1 + sympy.exp(-t)), "softplus": lambda t: sympy.log(1 + sympy.exp(t))}
    formula = sympy.sympify(text, locals=scope)  # our own generated text, not a user's
    for name, symbol in (("x", x), ("y", y)):
        want = sympy.diff(formula, symbol).evalf(30, subs={x: at["x"], y: at["y"]})
        scale = max(abs(s.adjoint) for s in trace.steps) + 1.0
        assert trace.gradient[name] == pytest.approx(float(want), rel=1e-10, abs=1e-12 * scale)


@settings(max_examples=30, deadline=None)
@given(expressions(), st.floats(-1.2, 1.2))
def test_second_derivative_by_nesting(text, x):
    function = Function.parse(text + " + 0*y")
    trace_or_skip(text, {"x": x, "y": 0.5})
    second = grad(grad(lambda t: function(x=t, y=0.5)))(x)
    forward = jvp(grad(lambda t: function(x=t, y=0.5)), (x,), (1.0,))[1]
    first = grad(lambda t: function(x=t, y=0.5))
    h = 1e-4
    slope = (8 * (first(x + h) - first(x - h)) - (first(x + 2 * h) - first(x - 2 * h))) / (12 * h)
    scale = abs(first(x)) + abs(first(x + 2 * h) - first(x - 2 * h)) / h + 1
    assert second == pytest.approx(forward, rel=1e-9, abs=1e-9 * scale)
    assert second == pytest.approx(slope, rel=1e-4, abs=1e-5 * scale)


# -- nesting -------------------------------------------------------------------------------------------------------
def test_no_perturbation_confusion():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,)) == (1.0, 1.0)
    assert grad(lambda x: grad(lambda x: x * x)(x) * x)(3.0) == 12.0
    assert grad(lambda x: jvp(lambda y: y * y * x, (x,), (1.0,))[1])(3.0) == 12.0


def test_high_orders():
    derivative, expected = math.sin, [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)]
    function = lambda x: np.sin(x)  # noqa: E731
    for order in range(5):
        assert function(0.7) == pytest.approx(expected[order % 4](0.7), rel=1e-15)
        function = grad(function)
    assert derivative(0.7) == math.sin(0.7)


def test_deep_chains():
    def chain(x, count):
        for _ in range(count):
            x = x * 1.0000001 + 1e-7
        return x

    assert grad(chain)(1.0, 100_000) == pytest.approx(1.0000001**100_000, rel=1e-9)


# -- arrays --------------------------------------------------------------------------------------------------------
A = np.random.default_rng(3).normal(size=(3, 4))
B = np.random.default_rng(4).normal(size=(4, 2))
V = np.random.default_rng(5).normal(size=4)
ARRAY_FUNCTIONS = [
    lambda x: np.sum(x * V + V / (2 + x**2)),
    lambda x: np.mean(np.exp(0.3 * x @ B) ** 2),
    lambda x: np.sum(np.tanh(x @ V)),
    lambda x: (V @ x.T @ x @ V) + x.sum(),
    lambda x: np.sum(np.sin(x.sum(axis=0)) * x.mean(axis=1, keepdims=True)),
    lambda x: np.sum(x[1] * x[:, 2:3] + x[[0, 0, 2], [1, 1, 3]][:, None]),
    lambda x: np.sum(np.reshape(x, (4, 3)).T * x.reshape(-1)[:4]),
    lambda x: np.sum(np.stack([x[0], x[1] * 2, V]) ** 3) + np.sum(np.concatenate([x, x * x], axis=1) ** 2),
    lambda x: np.sum(np.where(x > 0, np.log(np.abs(x) + 1), x**2)),
    lambda x: np.sum(np.maximum(x, 0.3) * np.minimum(x, V) + np.clip(x, -0.5, 0.5)),
    lambda x: np.sum(1 / (1 + np.exp(-x)) ** 1.5) + np.sum(2.0**x),
    lambda x: np.linalg.norm(x) + np.std(x) + np.var(x, axis=0).sum(),
    lambda x: np.dot(x[0], V) + np.outer(x[0], x[1]).sum() + np.squeeze(x[:1]).sum(),
    lambda x: sum(np.sqrt(1 + row @ row) for row in x),
    lambda x: np.array([x[0, 0], x[1, 1] * x[0, 0], 2.0]) @ np.array([1.0, 2.0, 3.0]),
    lambda x: np.sum(np.add.reduce(x, axis=1) ** 2) + np.expand_dims(x, 1).sum() - np.diff(x[0])[0],
    lambda x: np.sum((x - x.mean(axis=0)) ** 2 / (x.shape[0] - 1)) + x.size * x.ndim * len(x) * x[0, 0],
]


@pytest.mark.parametrize("number", range(len(ARRAY_FUNCTIONS)))
def test_array_gradients(number):
    function = ARRAY_FUNCTIONS[number]
    value, gradient = value_and_grad(function)(A)
    assert value == pytest.approx(float(function(A)), rel=1e-14)
    assert gradient.shape == A.shape
    numeric = np.zeros_like(A)
    for place in np.ndindex(*A.shape):
        moved = [A.copy() for _ in range(4)]
        for array, h in zip(moved, (1e-4, -1e-4, 2e-4, -2e-4), strict=True):
            array[place] += h
        a, b, c, d = (float(function(array)) for array in moved)
        numeric[place] = (8 * (a - b) - (c - d)) / 12e-4
    np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-8)
    direction = np.cos(np.arange(12.0)).reshape(3, 4)
    assert jvp(function, (A,), (direction,))[1] == pytest.approx(np.sum(gradient * direction), rel=1e-11)
    along = jvp(grad(function), (A,), (direction,))[1]  # a Hessian-vector product
    h = 1e-5
    np.testing.assert_allclose(
        along, (grad(function)(A + h * direction) - grad(function)(A - h * direction)) / (2 * h), rtol=1e-5, atol=1e-6
    )
    twice = grad(lambda x: np.sum(grad(function)(x) * direction))(A)  # the same, reverse over reverse
    np.testing.assert_allclose(twice, along, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "left, right", [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 2, 3), (3, 4)),
     ((5, 2, 3), (5, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,))]
)  # fmt: skip
def test_matmul_of_all_ranks(left, right):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=left), rng.normal(size=right)
    weights = rng.normal(size=(a @ b).shape)
    da, db = grad(lambda a, b: np.sum(weights * (a @ b)), (0, 1))(a, b)
    assert da.shape == left and db.shape == right
    for got, base, move in ((da, a, lambda x: x @ b), (db, b, lambda x: a @ x)):
        direction = rng.normal(size=base.shape)
        assert np.sum(got * direction) == pytest.approx(np.sum(weights * move(direction)), rel=1e-10)


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 4), (3, 1), (3, 4), (2, 1, 4), (1, 1, 1)])
def test_broadcasting_is_undone(shape):
    rng = np.random.default_rng(2)
    x = rng.normal(size=shape) if shape else 0.7
    other = rng.normal(size=(2, 3, 4))
    gradient = grad(lambda t: np.sum(other * t + t / other))(x)
    assert np.shape(gradient) == shape
    assert np.sum(gradient * x) == pytest.approx(np.sum(other * x + x / other), rel=1e-11)


def test_vjp_of_an_array():
    value, back = vjp(lambda x: np.sin(x) * 2, V)
    np.testing.assert_allclose(value, np.sin(V) * 2)
    np.testing.assert_allclose(back(np.ones(4))[0], 2 * np.cos(V))
    with pytest.raises(EngineError, match="shape"):
        back(1.0)


# -- plain code ----------------------------------------------------------------------------------------------------
def helper(t):
    return math.cos(t) + recursive(t, 3)


def recursive(t, depth):
    return t if depth == 0 else math_sin(recursive(t, depth - 1))


def plain(x, y):
    z = math.exp(math_sin(x) * y) + exp(y) - helper(x) ** 2
    w = [math.sqrt(abs(z)), math.pow(x, 2), math.hypot(x, y), math.log(x, 2)]
    if z > 0 and not math.isnan(z):
        z = z * max(w)
    return z + sum(w) + math.tau


def test_math_and_imported_names_run_unmodified():
    x, y, h = 0.8, 0.3, 1e-5
    gx, gy = grad(plain, (0, 1))(x, y)
    assert gx == pytest.approx((plain(x + h, y) - plain(x - h, y)) / (2 * h), rel=1e-8)
    assert gy == pytest.approx((plain(x, y + h) - plain(x, y - h)) / (2 * h), rel=1e-8)
    assert plain.__globals__["math"] is math  # the user's own names are untouched


def test_closures_and_methods():
    scale, sine = 3.0, math.sin

    class Model:
        factor = 2.0

        def loss(self, x):
            return self.factor * sine(x) * scale

    assert grad(Model().loss)(0.5) == pytest.approx(6 * math.cos(0.5))
    assert grad(lambda x: math.sin(x) * scale)(0.5) == pytest.approx(3 * math.cos(0.5))


def test_numpy_scalars_and_integers_are_promoted():
    assert grad(lambda x: np.float64(3) * x * x)(2) == 12.0
    assert grad(lambda x: x * np.int64(3) + True * x)(np.float32(2)) == 4.0
    assert isinstance(grad(lambda x: x**2)(np.int64(3)), float)
    np.testing.assert_array_equal(grad(lambda x: np.sum(x**2))(np.array([1, 2])), [2.0, 4.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(x ** np.arange(3)))(np.array([0.0, 2.0, 3.0])), [0, 1, 6])


# -- promises about silent errors ----------------------------------------------------------------------------------
LOST = [
    lambda x: float(x) * 2,
    lambda x: int(x) * 2.0,
    lambda x: np.fft.fft(np.stack([x, x])).real.sum(),
    lambda x: round(x) * x,
    lambda x: complex(x).real,
    lambda x: (np.zeros(2) + x).astype(int)[0] * x,
    lambda x: np.array([1.0, 2.0]).__iadd__(x),
    lambda x: np.add(np.ones(2), x, out=np.zeros(2)).sum(),
]


@pytest.mark.parametrize("number", range(len(LOST)))
def test_a_dependency_is_never_lost_silently(number):
    with pytest.raises((EngineError, TypeError, AttributeError)):
        result = grad(LOST[number])(1.5)
        raise AssertionError(result)


def test_a_refusal_that_user_code_catches_still_counts():
    def careless(x):
        try:
            return float(x) * 3
        except ValueError:
            return 0.0

    for run in (grad(careless), lambda x: Function.of(careless).trace({"x": x})):
        with pytest.raises(EngineError, match="plain number"):
            run(2.0)


def test_lists_of_values():
    assert grad(lambda x: np.sum([x, 2 * x, 3.0]) + np.mean([x, 1.0]) + np.dot([x, 1.0], [2.0, x]))(1.0) == 6.5
    assert grad(lambda x: np.std([x, 2 * x, 3.0]))(1.0) == pytest.approx(-1 / (3 * math.sqrt(2 / 3)))


def test_a_constant_changed_after_use_cannot_change_a_gradient():
    weights = np.array([1.0, 2.0])

    def careless(x):
        y = np.sum(weights * x)
        weights[0] = 100.0
        return y

    with pytest.raises(EngineError, match="read-only"):
        Function.of(careless).trace({"x": 1.0})
    assert weights.flags.writeable
    function = Function.of(lambda x: np.sum(weights * x * x))
    trace = function.trace({"x": 3.0})
    before = [edge.contribution for edge in trace.inputs[0].uses]
    weights[:] = 7.0
    after = [edge.contribution for edge in trace.inputs[0].uses]
    np.testing.assert_array_equal(np.array(before), np.array(after))


def test_views_are_unlocked_again():
    base = np.arange(4.0)
    view = base[1:]
    grad(lambda x: np.sum(base * x) + np.sum(view * x))(2.0)
    grad(lambda x: np.sum(view * x) + np.sum(base * x))(2.0)
    assert base.flags.writeable and view.flags.writeable


def test_zero_times_infinity_is_zero():
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)))(np.array([0.0, 1.0, 2.0])), [0.0, 1.0, 0.5]
    )
    assert grad(lambda x: np.where(x > 0, np.sqrt(x), x * 2))(0.0) == 2.0
    assert grad(grad(lambda x: np.where(x > 0, np.sqrt(x), x**3)))(0.0) == 0.0
    assert grad(lambda x: x**0)(0.0) == 0.0 and grad(lambda x: x**1)(0.0) == 1.0


def test_both_edges_of_a_square_and_repeated_sweeps():
    value, back = vjp(lambda x: x * x, 3.0)
    assert back(1.0) == back(1.0) == (6.0,)
    trace = Function.parse("x*x").trace({"x": 3.0})
    assert [edge.contribution for edge in trace.inputs[0].uses] == [3.0, 3.0]


def test_a_vector_result_is_explained():
    with pytest.raises(EngineError, match=r"shape \(4,\)"):
        grad(lambda x: x * 2)(V)
    with pytest.raises(EngineError, match="no argument 1"):
        grad(lambda x: x, 1)(2.0)
