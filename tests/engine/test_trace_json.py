"""A trace as JSON and back: everything, exactly, without the function."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import Constant, EngineError, Function, Trace, formula, local_formula, operator_label
from chainreel.engine.archive import decode, encode

from .expressions import at, points, texts

LECTURE = f"{Path(__file__).parent / 'example_lecture.py'}:"
X = np.array([[0.5, -1.0], [2.0, 0.25], [1.5, 3.0]])


def notebook(w, b):
    """A function that no reference leads to."""
    hidden = np.tanh(X @ np.stack([w, b]) + b)
    picked = hidden[[0, 2, 0]] * np.where(w > 0, w, 2.0)
    return np.mean(picked**2) + picked[1:].sum() * b[0] + np.max(hidden)


def views(trace):
    """Everything a reader can ask a trace."""
    for step in trace.steps:
        yield step.index, step.name, step.named, step.primitive, step.depth, step.span, step.dead, list(step.params)
        yield np.array(step.value), np.array(step.adjoint), operator_label(step)
        yield formula(step), formula(step, expand=0, style="latex")
        for operand in step.operands:
            if isinstance(operand, Constant):
                yield operand.text, np.array(operand.value), operand.is_data
            else:
                yield operand.source.index, None if operand.local is None else np.array(operand.local)
                yield np.array(operand.contribution), np.array(operand.running), local_formula(operand)
    yield trace.value, trace.conventions, dict(trace.counts.forward), dict(trace.counts.reverse), trace.counts.sums
    yield sorted(trace.gradient)


def same(a, b):
    return len(a) == len(b) and all(
        np.array_equal(p, q, equal_nan=True) if isinstance(p, np.ndarray) else p == q for p, q in zip(a, b, strict=True)
    )


TRACES = [
    lambda: Function.of(notebook).trace({"w": [0.3, -0.2], "b": [0.1, 0.7]}),
    lambda: Function.load(LECTURE + "loss").trace({"w": 0.5}),
    lambda: Function.load(LECTURE + "model").trace({"x": 0.4}),
    lambda: Function.of("u = x*y; max(u, y) + relu(x)*where(x > y, u, 2) + 0*sqrt(abs(x))").trace({"x": 0, "y": 0}),
    lambda: Function.of("x*y + x").hold({"y": 2.0}).trace({"x": 1.0}),
    lambda: Function.of(lambda x: np.where(x > 0, np.sqrt(x), 3 * x)).trace({"x": 0.0}),
]


@pytest.mark.parametrize("number", range(len(TRACES)))
def test_there_and_back(number):
    trace = TRACES[number]()
    text = trace.to_json()
    again = Trace.from_json(text)
    assert again == trace and again.to_json() == text and hash(again) == hash(trace)
    assert all(same(a, b) for a, b in zip(views(trace), views(again), strict=True))
    assert again.describe() == trace.describe() and list(again.at) == list(trace.at)
    assert TRACES[number]().to_json() == text  # made once more, it is the same text


def test_a_loaded_trace_needs_no_function_but_says_so():
    trace = TRACES[0]()
    again = Trace.from_json(trace.to_json())
    direction = {"w": [1.0, 0.0], "b": [0.0, 0.5]}
    for a, b in zip(trace.steps, again.steps, strict=True):
        np.testing.assert_array_equal(trace.tangents(direction)[a], again.tangents(direction)[b])
    with pytest.raises(EngineError, match="holds its numbers but not the function notebook"):
        again.function(1.0, 2.0)
    shown = again.quantity("contribution", again.output.edges[0])
    assert again.lookup(shown.key) == shown.value == trace.lookup(shown.key)


@settings(max_examples=60, deadline=None)
@given(texts(kinks=True), points())
def test_any_formula(text, point):
    function = Function.parse(text)
    try:
        trace = function.trace(at(function, point))
    except EngineError:
        return
    again = Trace.from_json(trace.to_json())
    assert again == trace
    assert all(same(a, b) for a, b in zip(views(trace), views(again), strict=True))


JSONABLE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=5), st.just(Ellipsis),
        st.builds(slice, st.none() | st.integers(), st.none() | st.integers(), st.none() | st.integers(1, 3)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple), max_leaves=6,
)  # fmt: skip


@given(JSONABLE)
def test_what_a_primitive_is_told_comes_back(value):
    text = json.dumps(encode(value), allow_nan=False)
    assert repr(decode(json.loads(text))) == repr(value)


@given(st.lists(st.floats(width=32) | st.floats(), max_size=8), st.sampled_from(["float64", "float32", "int64", "bool"]))
def test_arrays_come_back_bit_for_bit(values, dtype):
    with np.errstate(all="ignore"):
        array = np.array(values, dtype=float)
        if dtype in ("int64", "bool"):
            array = np.nan_to_num(array, posinf=9, neginf=-9) % 7
        array = array.astype(dtype)
    again = decode(json.loads(json.dumps(encode(array), allow_nan=False)))
    assert again.dtype == array.dtype and again.shape == array.shape
    assert again[~np.isnan(again)].tobytes() == array[~np.isnan(array)].tobytes()


def test_infinite_steps_survive():
    function = Function.of(lambda x: 1.0 / (1.0 + np.exp(x)))
    trace = function.trace({"x": 800.0})
    assert math.inf in [step.value for step in trace.steps]
    assert Trace.from_json(trace.to_json()) == trace


def test_another_process_writes_the_same_text():
    code = (
        "from chainreel.engine import Function\n"
        f"print(Function.load({LECTURE + 'loss'!r}).trace({{'w': 0.5}}).to_json(), end='')"
    )
    command = [sys.executable, "-P", "-c", code]
    texts_ = {subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout for _ in range(2)}
    assert texts_ == {TRACES[1]().to_json()}


def test_equality_looks_at_everything():
    trace = Function.parse("x*y").trace({"x": 1.5, "y": 2.0})
    assert trace == Function.parse("x*y").trace({"x": 1.5, "y": 2.0})
    for other in ("x*y", "y*x", "u = x*y"):
        for value in (2.0, math.nextafter(2.0, 3.0)):
            if (other, value) != ("x*y", 2.0):
                assert trace != Function.parse(other).trace({"x": 1.5, "y": value})
    assert trace != "x*y"


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "no JSON"), ("[]", "no trace"), ('{"format": "other"}', "no trace"),
        ('{"format": "chainreel trace", "version": 99}', "version 99"),
        ('{"format": "chainreel trace", "version": 1}', "damaged"),
    ],
)  # fmt: skip
def test_other_texts_are_refused(text, message):
    with pytest.raises(EngineError, match=message):
        Trace.from_json(text)


def test_a_trace_that_refers_forward_is_refused():
    document = json.loads(Function.parse("x*x + x").trace({"x": 1.0}).to_json())
    document["steps"][1]["operands"][0]["step"] = 2
    with pytest.raises(EngineError, match="damaged"):
        Trace.from_json(json.dumps(document))


def test_an_unknown_primitive_can_be_read_but_not_pushed_through():
    text = Function.parse("sin(x)*x").trace({"x": 1.0}).to_json().replace('"primitive":"sin"', '"primitive":"zork"')
    trace = Trace.from_json(text)
    assert trace.steps[1].primitive == "zork" and formula(trace.output) == 'op("zork")(x) dot x'
    assert trace.gradient["x"] == pytest.approx(math.cos(1.0) + math.sin(1.0))
    assert trace.tangents({"x": 1.0})[trace.output] == pytest.approx(trace.gradient["x"])  # its slope is in the text


# -- counts and bytes ------------------------------------------------------------------------------------------------
def test_counts():
    trace = Function.parse("u = x*y; sin(u) + x**2*u").trace({"x": 1.5, "y": -0.5})
    assert dict(trace.counts.forward) == {"mul": 2, "sin": 1, "square": 1, "add": 1}
    assert dict(trace.counts.reverse) == {"mul": 4, "sin": 1, "square": 1, "add": 2}
    assert trace.counts.sums == 2 and trace.counts.forward_total == 5 and trace.counts.reverse_total == 10
    unused = Function.of(lambda x: [np.exp(x), x * 2][1]).trace({"x": 1.0})
    assert dict(unused.counts.forward) == {"exp": 1, "mul": 1} and dict(unused.counts.reverse) == {"mul": 1}


def test_bytes_follow_what_is_kept():
    def chain(w, count):
        for _ in range(int(count)):
            w = np.tanh(w)
        return w.sum()

    small, large = (Function.of(lambda w, n=n: chain(w, n)).hold({"n": n}).trace({"w": np.ones(10_000)}) for n in (5, 10))
    assert 4.9 * 80_000 < large.kept.arrays - small.kept.arrays < 5.1 * 80_000
    assert large.kept.adjoints - small.kept.adjoints == pytest.approx(5 * 80_000, rel=0.05)
    assert large.bytes == large.kept.records + large.kept.arrays + large.kept.adjoints
    view = Function.of(lambda w: w.reshape(100, 100).T.sum()).trace({"w": np.ones(10_000)})
    assert view.kept.arrays < 1.1 * 80_000  # views look into one memory
    numbers = Function.parse("x*y + x").trace({"x": 1.5, "y": 2.0})
    assert 0 < numbers.bytes < 2000 and numbers.kept.arrays == 0


# -- names -----------------------------------------------------------------------------------------------------------
def helper(a):
    inner = a * a
    return inner + 1.0


def test_names_of_helpers_and_of_calls_made_of_several_steps():
    def outer(x, y):
        first = helper(x)
        second = helper(y)
        both: float = first * second
        if (halved := both / 2) > 0:
            return halved + both
        return both

    names = [step.name for step in Function.of(outer).trace({"x": 1.0, "y": 2.0}).steps if step.named]
    assert names == ["x", "y", "inner", "inner_2", "both", "halved"]


@pytest.mark.slow
def test_a_long_trace_takes_seconds():
    import time

    def loop(x, y):
        for _ in range(25_000):
            x = x * y + x
            x = x * 0.5 - y
        return x * y

    trace = Function.of(loop).trace({"x": 0.7, "y": 0.3})
    assert len(trace) > 100_000
    start = time.perf_counter()
    text = trace.to_json()
    assert Trace.from_json(text).to_json() == text
    assert trace.inputs[1].uses[-1].running == trace.gradient["y"]
    assert time.perf_counter() - start < 30
    assert trace.bytes / len(trace) < 300
