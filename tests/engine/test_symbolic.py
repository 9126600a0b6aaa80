"""sympy in, sympy out, and sympy's gradient as a second opinion."""

import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings

from chainreel.engine import EngineError, Function
from chainreel.engine.symbolic import (
    SymbolicMismatch,
    check_symbolic,
    from_sympy,
    symbolic_gradient,
    to_sympy,
)

from .expressions import at, points, texts

x, y, z, lam = sympy.symbols("x y z lambda")
EXPRESSIONS = {  # expression -> the text it becomes
    sympy.sin(x * y) + x**2: "x**2 + sin(x*y)",
    sympy.exp(-(x**2)) / (x + y): "exp(-x**2)/(x + y)",
    sympy.sqrt(x) + 1 / sympy.sqrt(y): "sqrt(x) + 1/sqrt(y)",
    sympy.Max(x, y, z) * sympy.Abs(x): "abs(x)*max(x, y, z)",
    sympy.Piecewise((x**2, x > 0), (0, True)): "where(x > 0, x**2, 0)",
    sympy.Piecewise((x, (x > 0) & (y < 1)), (y, True)): "where(y < 1, where(x > 0, x, y), y)",
    sympy.Piecewise((x, (x < 0) | (y < 0)), (y, True)): None,
    sympy.Piecewise((x, sympy.Not(sympy.Eq(x, y))), (2, x >= 1), (3, True)): None,
    sympy.erf(x) * sympy.gamma(y): "erf(x)*Gamma(y)",
    sympy.loggamma(x) + sympy.digamma(y): "loggamma(x) + digamma(y)",
    lam * sympy.Symbol(r"\theta_{1}"): None,
    sympy.log(x, 2) * sympy.pi + sympy.E * x: None,
    sympy.sec(x) ** 2 / sympy.cot(y): None,
    sympy.atan2(y, x) * sympy.asinh(x): None,
    sympy.tan(x) ** 3 - sympy.acos(x / 9) * sympy.atanh(y / 9): None,
    (x + y) ** 2 * sympy.sin((x + y) ** 2): "p = (x + y)**2; p*sin(p)",
    sympy.diff(sympy.tanh(sympy.tanh(x * y)), x): "p = tanh(x*y); y*(1 - p**2)*(1 - tanh(p)**2)",
    sympy.Rational(1, 3) * x - sympy.Float("0.1"): "(1/3)*x - 0.1",
    sympy.Integral(x**2, x): "(1/3)*x**3",
    sympy.Heaviside(x - y) * x: None,
    sympy.sinc(x): "where(x == 0, 1, sin(x)/x)",
    x ** sympy.Rational(1, 3) + sympy.EulerGamma * x: None,
    sympy.factorial(x) + sympy.sinh(x) / sympy.cosh(y): None,
    sympy.Min(*sympy.symbols("a0:12")): None,
    sympy.sign(x) * x**y: None,
}


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)))
def test_values_slopes_and_the_way_back(number):
    expression, text = list(EXPRESSIONS.items())[number]
    function = Function.of(expression)
    assert text is None or function.source == text
    point = {name: 0.6 + 0.15 * k for k, name in enumerate(function.inputs)}
    trace = function.trace(point)
    done = expression.doit()
    symbols = sorted(done.free_symbols, key=lambda s: s.name)
    where = dict(zip(symbols, (sympy.Float(v, 40) for v in point.values()), strict=True))
    assert trace.value == pytest.approx(float(done.subs(where).evalf(30)), rel=1e-14)
    step = sympy.Float("1e-12", 40)
    for symbol, slope in zip(symbols, trace.gradient.values(), strict=True):
        high, low = (done.subs({**where, symbol: where[symbol] + h}).evalf(40) for h in (step, -step))
        assert slope == pytest.approx(float((high - low) / (2 * step)), rel=1e-13, abs=1e-14)
    check_symbolic(trace)
    again = Function.rebuild(function.describe())
    assert again.inputs == function.inputs and again(**point) == trace.value


def test_steps_have_places_and_shared_parts_are_computed_once():
    trace = Function.of(sympy.sin((x + y) ** 2) * (x + y) ** 2).trace({"x": 1.0, "y": 0.5})
    assert [step.name for step in trace.steps if step.named] == ["x", "y", "p"]
    assert len([step for step in trace.steps if step.primitive == "add"]) == 1
    assert trace.step("p").span.text == "(x + y)**2"


def test_the_order_of_inputs():
    expression = y * sympy.sin(x)
    assert from_sympy(expression).inputs == ("x", "y")
    assert from_sympy(expression, [y, x]).inputs == from_sympy(expression, ["y", "x"]).inputs == ("y", "x")
    held = from_sympy(expression, ["z", "y", "x"])
    assert held.inputs == ("z", "y", "x") and held.trace({"z": 1, "y": 2, "x": 3}).gradient["z"] == 0.0
    rebuilt = Function.rebuild(held.hold({"y": 2.0}).describe())
    assert rebuilt.inputs == ("z", "x")
    for inputs, message in (([x], "y is missing"), ([x, x, y], "there twice")):
        with pytest.raises(EngineError, match=message):
            from_sympy(expression, inputs)


REFUSED = {
    sympy.DiracDelta(x): "sympy's DiracDelta", sympy.Function("g")(x): "function without a definition",
    sympy.I * x: "imaginary", sympy.besselj(0, x): "besselj", sympy.Integer(3): "no symbol", sympy.Eq(x, y): "Equality",
    sympy.Piecewise((x, x > 0)): "outside its conditions", sympy.floor(x): "floor", sympy.polygamma(1, x): "order 1",
    sympy.Integral(sympy.exp(sympy.sin(x**2)), x): "Integral", x + sympy.oo * y: "oo", sympy.ImmutableMatrix([[x]]): "Matrix",
    sympy.Symbol("a_b") + sympy.Symbol("a{_b}"): "both be called a_b", x**5000: "leaves the range",
}  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refusals(number):
    expression, message = list(REFUSED.items())[number]
    with pytest.raises(EngineError) as caught:
        Function.of(expression)
    assert message in str(caught.value) and caught.value.sentence.endswith(".")


def test_names_that_are_no_names():
    symbols = [sympy.Symbol(name) for name in (r"\alpha", "x_{1}", "lambda", "e", "sin", "w'", "1st", "T°")]
    function = Function.of(sympy.Add(*symbols))
    assert set(function.inputs) == {"alpha", "x_1", "lam", "s_e", "s_sin", "w_prime", "s_1st", "T_"}
    assert function(**dict.fromkeys(function.inputs, 1.0)) == 8.0


# -- to sympy --------------------------------------------------------------------------------------------------------
def test_expressions_of_texts_traces_and_python():
    a, b = sympy.symbols("x y", real=True)
    assert to_sympy("u = x*y; sin(u) + u - 0.1") == sympy.sin(a * b) + a * b - sympy.Rational(1, 10)
    assert to_sympy("where(x > y, x**2, pi) + max(x, 1)") == sympy.Piecewise((a**2, a > b), (sympy.pi, True)) + sympy.Max(1, a)
    assert to_sympy(Function.parse("x*y").hold({"y": 2.0})) == 2 * a

    def branches(x, y):
        return math.sin(x) * y if x > 0 else -x * np.exp(y)

    assert to_sympy(branches, {"x": 1.0, "y": 2.0}) == sympy.sin(a) * b
    assert to_sympy(Function.of(branches).trace({"x": -1.0, "y": 2.0})) == -a * sympy.exp(b)
    assert symbolic_gradient("x**2*y") == {"x": 2 * a * b, "y": a**2}
    assert to_sympy(" + ".join(f"sin({k}*x)" for k in range(1, 900))).subs(a, 0) == 0  # no recursion
    with pytest.raises(EngineError, match="is an array"):
        to_sympy(lambda w: w.sum(), {"w": [1.0, 2.0]})
    with pytest.raises(EngineError, match="is an array"):
        to_sympy(lambda w: (w * np.ones(2)).sum(), {"w": 1.0})


@settings(max_examples=40, deadline=None)
@given(texts(kinks=True), points())
def test_any_formula_agrees_with_sympy(text, point):
    function = Function.parse(text)
    try:
        trace = function.trace(at(function, point))
    except EngineError:
        return
    if not trace.conventions:
        check_symbolic(trace, 1e-9)


@settings(max_examples=25, deadline=None)
@given(texts(), points())
def test_there_and_back(text, point):
    function = Function.parse(text)
    expression = to_sympy(function)
    assume(expression.free_symbols)  # (0.5 - x) + x has none left
    again = Function.of(expression)
    where = {**dict.fromkeys(function.inputs, 1.0), **at(function, point)}
    trace = function.trace(where)
    size = max(abs(step.value) for step in trace.steps)
    assert again(**{name: where[name] for name in again.inputs}) == pytest.approx(trace.value, rel=1e-9, abs=1e-12 * size)


def test_kinks_follow_the_conventions():
    for text, point in (("relu(x)", {"x": 0}), ("max(x, y)", {"x": 1, "y": 1}), ("abs(x)", {"x": 0})):
        check_symbolic(Function.parse(text).trace(point))


def test_a_wrong_rule_is_named_with_its_input(monkeypatch):
    trace = Function.parse("sin(x)*y").trace({"x": 1.0, "y": 2.0})
    trace._adjoints[0] *= 1.0001
    with pytest.raises(SymbolicMismatch) as caught:
        check_symbolic(trace)
    assert "by x it is" in str(caught.value) and "by y" not in str(caught.value) and isinstance(caught.value, AssertionError)
    assert pickle.loads(pickle.dumps(caught.value)).rows == caught.value.rows


def test_importing_the_engine_does_not_load_sympy():
    code = "import sys, chainreel.engine; chainreel.engine.Function.of('x**2').trace({'x': 1.0}); print('sympy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
