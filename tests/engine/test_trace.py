"""Traces of text and of Python files: names, places, numbers, refusals."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from chainreel.engine import Constant, EngineError, Function, Trace

HERE = Path(__file__).parent
LECTURE = f"{HERE / 'example_lecture.py'}:"


def test_the_example_of_the_readme():
    trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
    assert [(s.index, s.primitive, s.name, s.depth) for s in trace.steps] == [
        (0, "input", "x", 0), (1, "input", "y", 0), (2, "mul", "p", 1), (3, "sin", "q", 2), (4, "square", "r", 1),
        (5, "add", "f", 3),
    ]  # fmt: skip
    assert trace.value == math.sin(-0.75) + 2.25
    assert trace.gradient["x"] == pytest.approx(-0.5 * math.cos(-0.75) + 3.0, rel=1e-15)
    assert trace.gradient["y"] == pytest.approx(1.5 * math.cos(-0.75), rel=1e-15)
    x = trace.inputs[0]
    assert [(e.target.name, e.slot) for e in x.uses] == [("r", 0), ("p", 0)]
    assert x.uses[0].running == 3.0 and x.uses[1].running == x.adjoint
    assert trace.conventions == () and not any(s.dead for s in trace.steps)


def test_names_and_places_of_a_python_file():
    function = Function.load(LECTURE + "loss")
    assert (function.name, function.inputs, function.defaults) == ("loss", ("w", "b"), {"b": 0.25})
    trace = function.trace({"w": 0.5})
    assert [s.name for s in trace.steps] == ["w", "b", "p", "prediction", "residual", "q", "L"]
    assert [s.named for s in trace.steps] == [True, True, False, True, True, False, False]
    spans = {s.name: (s.span.text, s.span.line) for s in trace.steps if s.span}
    assert spans["prediction"] == ("w * X + b", 13) and spans["L"] == ("np.mean(residual**2)", 15)
    constants = [o for s in trace.steps for o in s.operands if isinstance(o, Constant)]
    assert [c.text for c in constants] == ["X", "Y", "2"] and constants[0].is_data
    assert trace.gradient["b"] == pytest.approx(
        2 * np.mean(0.5 * np.linspace(-1, 1, 5) + 0.25 - (2 * np.linspace(-1, 1, 5) + 0.3))
    )


def test_names_of_augmented_tuple_and_loop_assignments():
    trace = Function.load(LECTURE + "model").trace({"x": 0.4})
    named = [(s.name, s.primitive) for s in trace.steps if s.named]
    assert named == [
        ("x", "input"), ("hidden", "tanh"), ("hidden_2", "mul"), ("a", "square"), ("c", "sin"),
        ("a_2", "mul"), ("a_3", "mul"), ("unused", "exp"),
    ]  # fmt: skip
    assert [s.name for s in trace.steps if s.dead] == ["unused"]
    assert trace.step("unused").adjoint == 0.0
    texts = [o.text for s in trace.steps for o in s.operands if isinstance(o, Constant)]
    assert texts == ["slope", "2", "2", "0.5", "1.5"]


def test_spans_over_several_lines():
    trace = Function.load(LECTURE + "multiline").trace({"x": 1, "y": 2})
    assert trace.output.name == "total" and trace.output.span.line < trace.output.span.end_line
    assert trace.output.span.text.split() == ["x", "*", "y", "+", "np.sin(x)"]


def test_control_flow_follows_the_values():
    function = Function.load(LECTURE + "piecewise")
    assert function.trace({"x": 3}).gradient == {"x": 6.0}
    assert function.trace({"x": 0}).gradient == {"x": 2.0}


def test_module_reference_and_live_callables():
    function = Function.of(lambda x, k=2.0: x**k)
    assert (function.name, function.inputs, function.defaults, function.origin) == ("f", ("x", "k"), {"k": 2.0}, "")
    with pytest.raises(EngineError, match="cannot be found again"):
        Function.rebuild(function.describe())
    with pytest.raises(EngineError, match="no module"):
        Function.of("no_such_package.module:name")


@pytest.mark.parametrize(
    "name, message",
    [
        ("los", "did you mean loss"), ("many", r"\*xs"), ("not_a_function", "int, not a function"),
        ("a b", "name of a function"),
    ],
)  # fmt: skip
def test_bad_references(name, message):
    with pytest.raises(EngineError, match=message):
        Function.load(LECTURE + name)


def test_a_file_that_raises_names_its_own_line():
    with pytest.raises(EngineError) as caught:
        Function.load(LECTURE + "broken").trace({"x": 1.0})
    assert "KeyError" in str(caught.value) and "example_lecture.py, line 30" in str(caught.value)
    assert caught.value.span.text == 'table["b"]'
    with pytest.raises(EngineError, match="no file"):
        Function.load("nowhere.py:f")


def test_a_file_with_a_syntax_error(tmp_path):
    (tmp_path / "bad.py").write_text("def f(x):\n    return x +\n")
    with pytest.raises(EngineError, match="line 2, is not Python"):
        Function.load(f"{tmp_path / 'bad.py'}:f")
    (tmp_path / "raises.py").write_text("import math\n1/0\n")
    with pytest.raises(EngineError, match=r"ZeroDivisionError in .*raises.py, line 2"):
        Function.load(f"{tmp_path / 'raises.py'}:f")


REFUSED = [
    ("log(x)", {"x": -1}, "log(x) is not a number at x = -1"),
    ("x + log(y - 1)", {"x": 1, "y": 1}, "log(y - 1) is infinite"),
    ("1/x", {"x": 0}, "division by 0"),
    ("exp(x**2)", {"x": 100}, "exp(x**2) is infinite"),
    ("(x - 3)**0.5", {"x": 0}, "(x - 3)**0.5 is not a number"),
    ("sqrt(x)", {"x": 0}, "slope"),
    ("u = x - 1; sqrt(u) + arcsin(x)", {"x": 1}, "slope"),
    ("x*y", {"x": 1}, "no value for y"),
    ("x*y", {"x": 1, "y": 2, "z": 3}, "gives z"),
    ("x", {"x": "1"}, "must be a number"),
    ("x", {"x": True}, "must be a number"),
    ("x", {"x": math.nan}, "finite"),
    ("x", {"x": 10**400}, "too large"),
    ("2*x", {"x": [1.0, 2.0]}, "shape (2,)"),
    (lambda x: None, {"x": 1}, "is a return missing"),
    (lambda x: (x, x), {"x": 1}, "several values"),
    (lambda x: 3.0, {"x": 1}, "depends on none of its inputs"),
    (lambda x: np.array([1.0, 2.0]) * x, {"x": 1}, "shape (2,)"),
    (lambda x: undefined_name * x, {"x": 1}, "NameError"),  # noqa: F821
    (lambda x: x.shapes, {"x": 1}, "no attribute shapes"),
    (lambda x: exit(3), {"x": 1}, "SystemExit"),
    (lambda x: np.unique(np.ones(2) * x).sum(), {"x": 1}, "np.unique"),
    (lambda x: x + "a", {"x": 1}, "numbers and arrays, not with a str"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_refusals_say_what_and_where(number):
    what, at, message = REFUSED[number]
    with pytest.raises(EngineError) as caught:
        Function.of(what).trace(at)
    assert message in str(caught.value), str(caught.value)
    assert "\n" not in caught.value.sentence and caught.value.sentence.endswith(".")


def test_the_first_bad_step_is_shown():
    with pytest.raises(EngineError) as caught:
        Function.parse("u = log(x); v = u*y; exp(v) + 1").trace({"x": -2, "y": 1})
    assert caught.value.span.text == "log(x)"


@pytest.mark.parametrize(
    "text, at, gradient, word",
    [
        ("abs(x)", {"x": 0}, {"x": 0.0}, "abs has no derivative at 0"),
        ("relu(x)", {"x": 0}, {"x": 0.0}, "relu has no derivative at 0"),
        ("max(x, y)", {"x": 1, "y": 1}, {"x": 0.5, "y": 0.5}, "one half"),
        ("sign(x)*x", {"x": 0}, {"x": 0.0}, "sign"),
    ],
)
def test_conventions_are_declared_and_strict_refuses(text, at, gradient, word):
    trace = Function.parse(text).trace(at)
    assert trace.gradient == gradient and word in trace.conventions[0]
    with pytest.raises(EngineError, match="no derivative at"):
        Function.parse(text).trace(at, strict=True)


def test_zero_times_infinity_is_marked():
    trace = Function.of(lambda x: np.where(x > 0, np.sqrt(x), 3 * x)).trace({"x": 0.0})
    assert trace.gradient == {"x": 3.0}
    assert "0 times infinity" in " ".join(trace.conventions)


def test_quantities_keys_and_lookup():
    trace = Function.load(LECTURE + "loss").trace({"w": 0.5, "b": 0.0})
    shown = trace.quantity("value", trace.step("prediction"), (2,))
    assert (shown.source, shown.key, shown.value) == ("trace", "value/3[2]", 0.0)
    edge = trace.step("prediction").edges[1]
    assert trace.quantity("contribution", edge).key == "contribution/3.1"
    for kind in ("contribution", "running", "local"):
        shown = trace.quantity(kind, edge)
        assert trace.lookup(shown.key) == shown.value
    with pytest.raises(EngineError, match="which element"):
        trace.quantity("value", trace.step("prediction"))
    with pytest.raises(EngineError, match="linear map"):
        trace.quantity("local", trace.output.edges[0])
    with pytest.raises(EngineError, match="not a local"):
        trace.quantity("local", trace.output)
    for key in ("nonsense", "value/99", "local/2.7", "local/2.1"):
        with pytest.raises(EngineError):
            trace.lookup(key)


def test_to_json_and_back():
    trace = Function.load(LECTURE + "loss").trace({"w": 0.5})
    again = Trace.rebuild(json.loads(json.dumps(trace.describe())))
    assert [(s.name, s.primitive) for s in again.steps] == [(s.name, s.primitive) for s in trace.steps]
    assert all(np.array_equal(a.adjoint, b.adjoint) for a, b in zip(trace.steps, again.steps, strict=True))


def test_an_input_alone_and_an_unused_input():
    trace = Function.parse("x").trace({"x": 2})
    assert trace.output is trace.steps[0] and trace.gradient == {"x": 1.0}
    trace = Function.of(lambda x, y: x * 2).trace({"x": 1, "y": 5})
    assert trace.gradient == {"x": 2.0, "y": 0.0} and trace.inputs[1].dead


def test_tangents():
    trace = Function.parse("u = x*y; sin(u)").trace({"x": 2, "y": 3})
    tangents = trace.tangents({"x": 1})
    assert tangents[trace.step("u")] == 3.0
    assert tangents.quantity(trace.step("u")).key == "tangent/2"
    with pytest.raises(EngineError, match="no input"):
        trace.tangents({"z": 1})


def test_points_are_deterministic_and_useful():
    for text in (
        "sin(x*y) + x**2",
        "log(x - 2.5)",
        "sqrt(1 - x**2 - y**2)",
        "x*y*z",
        "arcsin(x)/y",
        "(1-x)**2 + 100*(y-x**2)**2",
    ):
        function = Function.parse(text)
        point = function.point()
        trace = function.trace(point)
        assert point == function.point() and all(abs(s) > 1e-6 for s in trace.gradient.values()), (text, point)
    assert Function.load(LECTURE + "loss").trace(Function.load(LECTURE + "loss").point())
    with pytest.raises(EngineError, match="No point"):
        Function.parse("log(-1 - x**2)").point()


def test_grids():
    xs, ys = np.linspace(-1, 1, 7), np.linspace(0, 2, 5)
    function = Function.parse("sin(x*y) + z*x**2")
    values = function.grid({"x": xs, "y": ys}, {"z": 2.0})
    want = [[math.sin(x * y) + 2 * x**2 for y in ys] for x in xs]
    np.testing.assert_allclose(values, want, rtol=1e-15)
    loss = Function.load(LECTURE + "loss")
    lines = loss.grid({"w": xs}, {"b": 0.5})
    np.testing.assert_allclose(lines, [loss(w=x, b=0.5) for x in xs], rtol=1e-15)
    assert np.isnan(Function.parse("log(x)").grid({"x": [-1.0, 1.0]})).tolist() == [True, False]
    steps = Function.load(LECTURE + "piecewise").grid({"x": [0.0, 2.0]})
    assert steps.tolist() == [-1.0, 4.0]
    sneaky = Function.of(lambda x: x * np.mean(x))
    np.testing.assert_allclose(sneaky.grid({"x": xs}), xs**2)
    with pytest.raises(EngineError, match="one or two axes"):
        function.grid({})
    with pytest.raises(EngineError, match="fixed as well"):
        function.grid({"x": xs}, {"x": 1.0, "y": 1.0, "z": 1.0})


def test_plain_calls_use_no_tape():
    assert Function.parse("x*y")(2.0, 3.0) == 6.0
    np.testing.assert_array_equal(Function.parse("x*y")(np.arange(3.0), y=2.0), [0.0, 2.0, 4.0])
