"""Differences: right within their own estimate, in both precisions, and a check that notices a wrong rule."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings

from chainreel.engine import EngineError, Function, Tensor
from chainreel.engine.audit import auditor_of
from chainreel.engine.error_curve import ErrorCurve, error_curve
from chainreel.engine.gradcheck import GradientMismatch, check_grads
from chainreel.engine.numeric import SCHEMES, difference
from chainreel.engine.precision import Single as SinglePrecision
from chainreel.engine.precision import record, replay
from chainreel.engine.transforms import grad

from .expressions import at, points, texts

DTYPES = ("float64", "float32")
CASES = [
    ("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}), ("x**3", {"x": 2.0}), ("log(x)", {"x": 1e-6}), ("exp(x)", {"x": 0.0}),
    ("sqrt(x)", {"x": 0.01}), ("sigmoid(x)*softplus(x)", {"x": 0.3}), ("x", {"x": 3.0}), ("tan(x)/x", {"x": 1.4}),
    ("cos(x)", {"x": 0.0}), ("1000*sin(x/1000)", {"x": 50.0}), ("tanh(x)**3 + arctan(x)", {"x": -0.7}),
]  # fmt: skip
GOOD = {  # how near each scheme comes, relative to 1 + the slope
    ("forward", "float64"): 1e-6, ("central", "float64"): 1e-9, ("richardson", "float64"): 1e-12,
    ("complex", "float64"): 1e-15, ("forward", "float32"): 1e-2, ("central", "float32"): 1e-3,
    ("richardson", "float32"): 2e-4, ("complex", "float32"): 1e-6,
}  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_scheme_in_both_precisions(scheme, dtype, number):
    text, point = CASES[number]
    kind = np.dtype(dtype).type
    rounded = {name: float(kind(value)) for name, value in point.items()}
    exact = Function.of(text).trace(rounded).gradient["x"]
    found = difference(text, point, "x", scheme=scheme, dtype=dtype)
    assert (found.scheme, found.dtype) == (scheme, dtype) and found.evaluations >= 1 and found.step > 0
    off = abs(found.value - exact)
    assert off <= GOOD[scheme, dtype] * (1 + abs(exact)), found
    assert off <= 8 * found.error + 1e-15 * abs(exact) + 1e-14, found  # the estimate is honest
    assert found.error <= 10 * GOOD[scheme, dtype] * (1 + abs(exact)), found  # and no excuse


@settings(max_examples=80, deadline=None)
@given(texts(), points())
def test_estimates_hold_for_any_smooth_formula(text, point):
    function = Function.parse(text)
    trace = function.trace(at(function, point))
    size = max(abs(float(step.adjoint)) for step in trace.steps) + max(abs(step.value) for step in trace.steps)
    for scheme in SCHEMES:
        found = difference(function, at(function, point), function.inputs[0], scheme=scheme)
        off = abs(found.value - trace.gradient[function.inputs[0]])
        assert off <= 20 * found.error + 1e-11 * size, (scheme, found, trace.gradient)


def test_a_step_may_be_given():
    forward = difference("x**2", {"x": 3.0}, "x", scheme="forward", step=0.5)
    assert (forward.value, forward.step) == (6.5, 0.5) and forward.error >= 0.5
    assert difference("x**2", 3.0, scheme="central", step=0.5).value == 6.0
    assert difference("x**3", 2.0, scheme="complex", step=1e-3).value == pytest.approx(12 - 1e-6, abs=1e-12)
    assert difference("x**3", 2.0, scheme="richardson", step=0.5).value == pytest.approx(12, rel=1e-14)


def test_one_element_of_an_array():
    X = np.linspace(0, 1, 5)

    def f(w, m):
        return ((w * X) @ X) * np.sum(w**2) + np.tanh(w).mean() + (m @ m.T)[0, 1] * np.prod(m)

    point = {"w": np.linspace(-1, 1, 5), "m": np.array([[1.0, 0.5], [-0.3, 2.0]])}
    gradient = Function.of(f).trace(point).gradient
    for scheme in SCHEMES:
        assert difference(f, point, "w", 3, scheme=scheme).value == pytest.approx(gradient["w"][3], rel=1e-6)
        assert difference(f, point, "m", (1, 0), scheme=scheme).value == pytest.approx(gradient["m"][1, 0], rel=1e-6)
        single = difference(f, point, "m", (1, 0), scheme=scheme, dtype=np.float32)
        assert single.value == pytest.approx(gradient["m"][1, 0], rel=3e-3)
    assert point["w"].tolist() == np.linspace(-1, 1, 5).tolist()


def test_single_precision_is_truly_single():
    """Each step has the bits that numpy gets with float32 throughout, the user's data included."""
    X = np.random.default_rng(0).normal(size=(40, 3))

    def f(w, k):
        return np.mean(np.tanh(X @ w) ** 2) * k + np.sum(np.exp(w)) / 3 + math.sqrt(k)

    w, k = np.array([0.1, -0.7, 1.3]), 0.3
    records, output = record(Function.of(f), {"w": w.astype(np.float32).astype(float), "k": float(np.float32(k))})
    got = replay(records, output, SinglePrecision())
    A, v, s = X.astype(np.float32), w.astype(np.float32), np.float32(k)
    want = np.mean(np.square(np.tanh(A @ v))) * s + np.sum(np.exp(v)) / np.float32(3) + np.sqrt(s)
    assert got.dtype == want.dtype == np.float32 and got == want
    a = np.float32(1) / np.float32(3)
    records, output = record(Function.parse("x*x - y"), {"x": float(a), "y": float(a)})
    assert replay(records, output, SinglePrecision()) == a * a - a


def test_comparison_with_scipy():
    """scipy.differentiate on what it can do: a function of arrays of points in double precision."""
    scipy = pytest.importorskip("scipy.differentiate")
    for call, text, x in ((np.sin, "sin(x)", 1.0), (np.log, "log(x)", 0.3), (lambda v: np.exp(-v * v), "exp(-x*x)", 0.8)):
        ours, exact = difference(text, x, scheme="richardson"), grad(Function.parse(text)._call)(x)
        theirs = float(scipy.derivative(call, x).df)  # nan for log: its first step leaves the domain
        assert abs(ours.value - exact) <= (4e-14 if theirs != theirs else max(abs(theirs - exact), 4e-15))


REFUSED = [
    (lambda: difference("x*y", {"x": 1.0, "y": 2.0}), "Say which input"),
    (lambda: difference("x*y", {"x": 1.0, "y": 2.0}, "z"), "no input z"),
    (lambda: difference("x", 1.0, scheme="wobbly"), "no scheme 'wobbly'"),
    (lambda: difference("x", 1.0, dtype="float16"), "not in float16"),
    (lambda: difference("x", 1.0, step=0.0), "other than 0"),
    (lambda: difference("x", 1.0, element=(0,)), "single number"),
    (lambda: difference(lambda w: w.sum(), {"w": [1.0, 2.0]}), "say which element"),
    (lambda: difference(lambda w: w.sum(), {"w": [1.0, 2.0]}, element=2), "no element"),
    (lambda: difference("log(x)", -1.0), "no finite values"),
    (lambda: difference("abs(x)*x", 1.0, scheme="complex"), "abs is none (at 'abs(x)')"),
    (lambda: difference("max(x, 2)*x", 1.0, scheme="complex"), "max is none"),
    (lambda: difference("where(x > 0, x, -x)", 1.0, scheme="complex"), "where is none"),
    (lambda: difference(lambda x: x * np.sort(np.array([x, 2.0]))[0], 1.0, scheme="complex"), "sort is none"),
    (lambda: error_curve("x", 1.0, steps=[]), "at least one"),
    (lambda: check_grads(lambda x: x, 1.0, modes=("sideways",)), "not in 'sideways'"),
    (lambda: check_grads(lambda x: x, 1.0, order=0), "1 or more"),
    (lambda: check_grads(lambda: 1.0), "Give the values"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refusals(number):
    call, message = REFUSED[number]
    with pytest.raises(EngineError) as caught:
        call()
    assert message in str(caught.value), str(caught.value)
    assert caught.value.sentence.endswith(".")


def test_a_constant_factor_that_is_not_analytic_does_not_matter():
    found = difference("abs(y)*sin(x)", {"x": 1.0, "y": -2.0}, "x", scheme="complex")
    assert found.value == pytest.approx(2 * math.cos(1.0), rel=1e-15)


# -- the error curve -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scheme", ["forward", "central"])
@pytest.mark.parametrize("text, x", [("sin(x)*exp(x)", 1.0), ("x**3", 2.0371), ("log(x)", 0.3), ("1/(1 + exp(-x))", 0.7)])
def test_the_curve_is_a_v_whose_bottom_is_where_theory_has_it(scheme, dtype, text, x):
    curve = error_curve(text, {"x": x}, "x", scheme, dtype)
    assert curve.theory is not None
    usable = [row for row in curve.rows if row.error == row.error]
    wide = [max(row.relative for row in usable[k - 1 : k + 2]) for k in range(1, len(usable) - 1)]  # one lucky row is no bottom
    bottom = usable[1 + int(np.argmin(wide))].step
    assert abs(math.log10(bottom / curve.theory)) < 1.0
    assert usable[0].relative > 30 * min(wide) and usable[-1].relative > 30 * min(wide)


def test_numbers_of_a_curve():
    curve = error_curve("sin(x*y)", {"x": 1.0, "y": 0.5}, "y", "forward", "float32", [1e-1, 1e-2, 1e-9])
    again = ErrorCurve.rebuild(json.loads(json.dumps(curve.describe())))
    for what in ("step", "slope", "error", "relative"):
        for row in (0, 1):
            shown = curve.quantity(what, row)
            assert shown.key == f"{what}/{row}" and again.lookup(shown.key) == shown.value == curve.lookup(shown.key)
    assert curve.quantity("exact").value == curve.exact and curve.quantity("best").value == 1e-2
    assert curve.rows[2].slope == 0.0 and curve.rows[2].relative == 1.0  # the step is lost: x + h is x
    with pytest.raises(EngineError, match="no row 9"):
        curve.quantity("slope", 9)
    with pytest.raises(EngineError, match="no 'colour'"):
        curve.quantity("colour")
    complex_curve = error_curve("sin(x)", 1.0, scheme="complex", steps=[10.0**-k for k in range(1, 200, 10)])
    assert complex_curve.theory is None and all(row.relative < 1e-15 for row in complex_curve.rows[1:])
    with pytest.raises(EngineError, match="No step"):
        _ = error_curve("log(x)", 1.0, scheme="central", steps=[2.0]).best


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_audit_agrees_with_a_curve(scheme, dtype):
    curve = error_curve("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}, "x", scheme, dtype, [0.1, 1e-3, 1e-5])
    check = auditor_of(json.loads(json.dumps(curve.describe())))
    for row in range(3):
        for what in ("step", "slope", "error", "relative"):
            shown = curve.quantity(what, row)
            assert check(shown.key).agrees(shown.value), (shown, check(shown.key))
    assert check("exact").agrees(curve.exact) and not check("exact").agrees(curve.exact * (1 + 1e-6))
    assert check("best").agrees(curve.best.step)
    assert not check("slope/0").agrees(curve.rows[0].slope * 1.001)
    with pytest.raises(EngineError):
        check("weather/1")


# -- check_grads -----------------------------------------------------------------------------------------------------
def test_checks_of_trees_arrays_texts_and_functions():
    rng = np.random.default_rng(0)
    p = {"W": rng.normal(size=(3, 2)), "b": [rng.normal(size=2), 0.3]}
    data = rng.normal(size=(4, 3))
    report = check_grads(lambda p: np.tanh(data @ p["W"] + p["b"][0]) * p["b"][1], p)
    assert len(report.rows) == (6 + 2 + 1) * 2 * 2 and all(row.agrees for row in report.rows)
    assert {row.input for row in report.rows} == {"p['W']", "p['b'][0]", "p['b'][1]"}
    assert {row.order for row in report.rows} == {1, 2} and {row.mode for row in report.rows} == {"forward", "reverse"}
    assert "agree" in str(report)
    assert len(check_grads("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}, order=3, modes=("reverse",)).rows) == 6
    assert check_grads(Function.of("x*y").hold({"y": 2.0}), 1.5).worst.input == "x"
    assert check_grads(lambda x, y: [x * y, {"a": np.stack([x, y]) ** 3}], 1.5, -0.5)
    assert len(check_grads(lambda w: (w**3).sum(), np.linspace(0.1, 1, 500), order=1, modes=["reverse"], most=20).rows) == 20
    assert check_grads(lambda x: x**3, 2).rows[0].engine == 12.0


def test_a_wrong_rule_is_found_and_named():
    from chainreel.engine.primitive import Elementwise

    wrong = Elementwise("wrong", math.sin, np.sin, lambda y, x: np.cos(x) if not isinstance(x, Tensor) else x * 0.0)
    check_grads(lambda w, k: wrong(w[0]) + w[1] * k, np.array([1.0, 2.0]), 3.0, order=1)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda w, k: wrong(w[0]) + w[1] * k, np.array([1.0, 2.0]), 3.0)
    row = caught.value.row
    assert (row.order, row.input, row.element) == (2, "w", (0,)) and row.difference == pytest.approx(
        -math.sin(1.0) * math.cos(1.0), abs=1
    )
    biased = Elementwise("biased", math.sin, np.sin, lambda y, x: np.cos(x) * 1.00001)
    with pytest.raises(AssertionError) as found:
        check_grads(lambda m: np.sum(biased(m)), np.array([[0.1, 0.2], [0.3, 0.4]]))
    text = str(found.value)
    assert "by m[0, 0] is" in text and "tolerance" in text and "off by" in text and isinstance(found.value, EngineError)
    assert pickle.loads(pickle.dumps(found.value)).row.input == "m"


def test_a_slope_where_there_is_none_is_not_passed():
    with pytest.raises(GradientMismatch):
        check_grads(lambda x: np.sin(1e9 * x), 0.1, order=1)
    with pytest.raises(GradientMismatch):
        check_grads("relu(x) + x", 0.0, order=1, modes=["reverse"])


@settings(max_examples=30, deadline=None)
@given(texts(), points())
def test_any_smooth_formula_passes(text, point):
    function = Function.parse(text)
    try:
        check_grads(function, at(function, point), order=2, tolerance=1e-5)
    except GradientMismatch as problem:  # a slope of nearly 0 between large steps may drown in rounding
        trace = function.trace(at(function, point))
        size = max(abs(s.value) + abs(float(s.adjoint)) for s in trace.steps)
        assert problem.row.distance < 1e-9 * (1 + size) ** 2, str(problem)
