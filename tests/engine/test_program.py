"""The backward program: readable, runnable, and bit for bit the trace."""

import math
import re
import statistics
import time

import numpy as np
import pytest
from hypothesis import given, settings

from chainreel.engine import EngineError, Function, Trace
from chainreel.engine.archive import _primitives
from chainreel.engine.primitive import Elementwise
from chainreel.engine.program import Program, Writer, backward_program

from .expressions import INPUTS, at, points, texts

EXAMPLE = """\
def f(x, y):
    # forward
    u = x * y
    p = sin(u)
    q = x * x
    f = p + q
    # backward
    d_f = 1.0
    d_p = d_f
    d_q = d_f
    d_x = d_q * (2.0 * x)
    d_u = d_p * cos(u)
    d_x = d_x + d_u * y
    d_y = d_u * x
    return f, {'x': d_x, 'y': d_y}
"""


def equal(program, trace, point):
    value, gradient = program(**point)
    assert value == trace.value, (value, trace.value, str(program))
    for name, slope in trace.gradient.items():
        np.testing.assert_array_equal(gradient[name], slope, err_msg=str(program))


def test_the_text_is_readable():
    trace = Function.of("u = x*y; sin(u) + x**2").trace({"x": 1.5, "y": -0.5})
    program = backward_program(trace)
    assert str(program) == EXAMPLE
    assert program(1.5, -0.5) == program(x=1.5, y=-0.5) == (trace.value, trace.gradient)


def test_the_text_itself_runs():
    """What is printed is a program: with math's functions at hand any Python runs it."""
    scope = {"sin": math.sin, "cos": math.cos}
    exec(EXAMPLE, scope)  # the text above, not a stranger's
    trace = Function.of("u = x*y; sin(u) + x**2").trace({"x": 0.3, "y": 2.0})
    assert scope["f"](0.3, 2.0) == (trace.value, trace.gradient)


@settings(max_examples=150, deadline=None)
@given(texts(kinks=True), points(), points())
def test_bit_for_bit_at_this_and_at_any_other_point(text, here, there):
    function = Function.parse(text)
    try:
        trace, other = function.trace(at(function, here)), function.trace(at(function, there))
    except EngineError:
        return
    program = backward_program(trace)
    equal(program, trace, at(function, here))
    equal(program, other, at(function, there))  # a formula has one path


@pytest.mark.parametrize("name", sorted(n for n, p in _primitives().items() if isinstance(p, Elementwise)))
def test_every_elementwise_primitive_on_numbers_and_arrays(name):
    primitive = _primitives()[name]
    count = len(primitive.partials)
    ordered = ("where", "polygamma", "sinc_slope", "iv", "ive", "jv")  # the first operand is a condition or an order
    places = [k for k in range(count) if k or name not in ordered]
    start = 1.25 if name == "arccosh" else 0.25
    for shape in ((), (3,)):

        def along(k, shape=shape):
            return lambda v: apply(v, k, shape)

        def apply(x, k, shape):
            operands = [0.75, 0.5, 0.625][:count]
            if name in ordered:
                operands[0] = True if name == "where" else 2.0
            operands[k] = x * 1.0
            result = primitive(*operands)
            return np.sum(result) if shape else result

        for k in places:
            x = np.linspace(start, start + 0.5, 3) if shape else start + 0.125
            try:
                trace = Function.of(along(k)).trace({"v": x})
            except EngineError as refusal:
                if "constant here" in str(refusal) or "depends on none" in str(refusal):
                    continue
                raise
            equal(backward_program(trace), trace, {"v": x})


X = np.array([[0.5, -1.0], [2.0, 0.25], [1.5, 3.0]])


def network(w, b, s):
    hidden = np.tanh(X @ w + b)
    for _ in range(2):
        hidden = np.maximum(hidden * s, 0.1) - hidden.mean(axis=0)
    kept = np.stack([hidden[:, 0], hidden[::2, 1].sum() * X[:, 1]])
    return np.mean((kept.T @ w) ** 2) + np.concatenate([b, b[::-1]])[1:3].sum() + np.where(X > 0, s, X).reshape(6)[4] ** 3


def test_arrays():
    rng = np.random.default_rng(3)
    point = {"w": rng.normal(size=(2, 2)), "b": rng.normal(size=2), "s": 1.3}
    trace = Function.of(network).trace(point)
    program = backward_program(trace)
    equal(program, trace, point)
    assert "X @ w" in str(program) and "X.T @ d_" in str(program) and "np.tanh(" in str(program)
    for _ in range(5):
        point = {"w": rng.normal(size=(2, 2)), "b": rng.normal(size=2), "s": 0.7}
        equal(program, Function.of(network).trace(point), point)
    with pytest.raises(EngineError, match="made for b of shape"):
        program(w=point["w"], b=1.0, s=1.0)


def test_names_do_not_collide():
    def awkward(sin, d_x, x, np_, fit):
        np = sin * d_x  # noqa: F841
        d_d_x = x * fit
        return math.sin(np) * d_d_x + np_ * math.sin(x)

    point = {"sin": 0.3, "d_x": 1.2, "x": 0.4, "np_": 2.0, "fit": 0.9}
    trace = Function.of(awkward).trace(point)
    program = backward_program(trace)
    equal(program, trace, point)
    assert len(set(re.findall(r"^    (\w+) =", str(program), re.M))) >= len(trace) - len(point)


def test_dead_steps_and_dead_inputs():
    def f(x, y, v):
        unused = np.exp(y) * x  # noqa: F841
        return x * 3

    trace = Function.of(f).trace({"x": 2.0, "y": 1.0, "v": np.ones(2)})
    program = backward_program(trace)
    assert "exp" not in str(program)
    value, gradient = program(x=2.0, y=1.0, v=np.ones(2))
    assert value == 6.0 and gradient["x"] == 3.0 and gradient["y"] == 0.0 and gradient["v"].tolist() == [0.0, 0.0]
    trace = Function.parse("x").trace({"x": 2.0})
    assert backward_program(trace)(5.0) == (5.0, {"x": 1.0})


def test_where_math_raises_the_program_goes_on_as_the_engine_does():
    trace = Function.parse("1/(1 + exp(x)) + y").trace({"x": 800.0, "y": 1.0})
    assert backward_program(trace)(800.0, 1.0) == (trace.value, trace.gradient)
    finite = backward_program(Function.parse("1/(1 + exp(x)) + y").trace({"x": 0.5, "y": 1.0}))
    assert finite(800.0, 1.0) == (trace.value, trace.gradient)


def test_zero_times_infinity():
    trace = Function.of(lambda x: np.where(x > 0, np.sqrt(x), 3 * x)).trace({"x": 0.0})
    assert trace._guarded and backward_program(trace)(0.0) == (0.0, {"x": 3.0})


def test_nested_derivatives_are_steps_like_others():
    from chainreel.engine import grad

    trace = Function.of(lambda x: grad(lambda t: t**3 * x)(x) + x).trace({"x": 2.0})
    assert trace.value == 26.0 and trace.gradient == {"x": 37.0}
    equal(backward_program(trace), trace, {"x": 2.0})


def test_a_trace_from_a_text():
    trace = Function.parse("sin(x)*y + tanh(x)").trace({"x": 1.0, "y": 2.0})
    again = Trace.from_json(trace.to_json())
    assert str(backward_program(again)) == str(backward_program(trace))
    unknown = Trace.from_json(trace.to_json().replace('"primitive":"tanh"', '"primitive":"zork"'))
    with pytest.raises(EngineError, match="no rule for zork"):
        backward_program(unknown)


def test_calls_are_checked():
    program = backward_program(Function.parse("x*y").trace({"x": 1.0, "y": 2.0}))
    assert program(3, y=2) == (6.0, {"x": 2.0, "y": 3.0})
    for args, kwargs in (((1,), {}), ((1, 2, 3), {}), ((1, 2), {"y": 2}), ((1,), {"z": 2})):
        with pytest.raises(EngineError, match="each to be given once"):
            program(*args, **kwargs)
    assert set(program.inputs) <= set(INPUTS)


def test_the_rules_themselves_are_called_when_an_expression_is_not_their_arithmetic(monkeypatch):
    from chainreel.engine import program as module

    monkeypatch.setitem(module._LOCALS, ("sqrt", 0), "(0.5 / {y} * 1.0000001)")
    trace = Function.parse("sqrt(x) + sin(x)").trace({"x": 2.0})
    equal(backward_program(trace), trace, {"x": 2.0})


def long_graph(x, y):
    for _ in range(250):
        x = x * y + x
        x = x * 0.5 - y
    return x * y


@pytest.mark.slow
def test_a_thousand_operations_take_microseconds():
    trace = Function.of(long_graph).trace({"x": 0.7, "y": 0.3})
    start = time.perf_counter()
    program = Program(trace, Writer(trace, spelled_out=True))
    made = time.perf_counter() - start
    equal(program, trace, {"x": 0.7, "y": 0.3})
    run = program.function
    times = []
    for _ in range(400):
        start = time.perf_counter()
        run(0.7, 0.3)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 300e-6 and made < 2.0  # 45 µs and 0.03 s where nothing else runs


@pytest.mark.slow
def test_long_programs_can_be_made():
    def chain(x):
        for _ in range(10_000):
            x = x * 0.9999 + 0.0001
        return x

    trace = Function.of(chain).trace({"x": 0.7})
    equal(backward_program(trace), trace, {"x": 0.7})
