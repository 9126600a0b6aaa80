"""Functions from text: what is understood, what is refused, and how fast."""

import time

import pytest

from chainreel.engine import EngineError, Function

REFUSED = {
    "x^2": "**",
    "2x": "2*x",
    "2(x+1)": "*",
    "(x+1)(x-1)": "*",
    "f(x)=x**2": "right-hand side",
    "sin x": "parentheses",
    "sn(x)": "sin",
    "foo(x)": "no function foo",
    "sin(x, y)": "one argument",
    "sin()": "one argument",
    "max(x)": "arguments",
    "9**9**9": "too large",
    "x**99999999": "power",
    "10**400*x": "too large",
    "1e400*x": "too large",
    "3 + 4": "no input",
    "sin*2": "sin is a function",
    "e = x*y; e": "2.71828",
    "x < 3": "comparison",
    "x == 1": "comparison",
    "x and y": "and, or",
    "not x": "operator",
    "x +": "missing",
    "(x": "never closed",
    "x)": "closes nothing",
    "x y": "operator",
    "u = x; u = y; u": "already",
    "u = u + 1; u": "before",
    "x; y": "drops",
    "'a'*x": "str",
    "True*x": "bool",
    "x if y else z": "if",
    "x[0]": "Indexing",
    "[x, y]": "Lists",
    "x, y": "several results",
    "x @ y": "@",
    "x % 2": "+ - * / **",
    "x.real": "Attributes",
    "__import__('os').system('touch /tmp/broken')": "Attributes",
    "__import__('os')": "no function",
    "().__class__": "Attributes",
    "lambda x: x": "lambda",
    "lambda*x": "lam",
    "import os": "imported",
    "def f(x): return x": "def",
    "return x": "return",
    "sin(x=1)": "plain arguments",
    "x(y)": "value",
    "[a for a in x]": "small language",
    "f'{x}'*x": "quotes",
    "x\0y": "formula",
    "": "empty",
    "  \n ": "empty",
    "# only a comment": "empty",
    "x := 3": "",
    "|x|": "abs",
    "√x": "sqrt",
    "x²": "**",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_a_sentence(text):
    start = time.perf_counter()
    with pytest.raises(EngineError) as caught:
        Function.parse(text)
    assert time.perf_counter() - start < 2  # at once, even on a busy machine
    sentence = caught.value.sentence
    assert REFUSED[text] in sentence, sentence
    assert "\n" not in sentence and sentence[-1] in ".?…"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "x" + ")" * 50_000,
        "(" * 5000 + "x" + ")" * 5000,
        "-" * 15_000 + "x",
        "x**" * 6000 + "x",
        "sin(" * 4000 + "x" + ")" * 4000,
        "x" * 100_000,
        "[" * 9000,
        "lambda:" * 2000 + "x",
        "x if " * 3000,
        "not " * 4000 + "x",
        "x+" * 9_999,
    ],
    ids=lambda text: text[:12],
)
def test_monsters_are_refused_quickly(text):
    start = time.perf_counter()
    with pytest.raises(EngineError):
        Function.parse(text)
    assert time.perf_counter() - start < 5


def test_the_caret_stands_under_the_place():
    with pytest.raises(EngineError) as caught:
        Function.parse("x + foo(y)")
    assert str(caught.value).splitlines()[1:] == ["    x + foo(y)", "        ^^^"]
    assert (caught.value.span.column, caught.value.span.end_column) == (4, 7)


def test_a_long_chain_is_understood():
    trace = Function.parse("x + " * 2000 + "y").trace({"x": 1.0, "y": 2.0})
    assert trace.value == 2002.0
    assert trace.gradient == {"x": 2000.0, "y": 1.0}
    assert trace.output.span.end_column == 2000 * 4 + 1


def test_inputs_in_order_of_appearance_and_names_kept():
    function = Function.parse("u = y*x; v = u + z\nsin(v)**2 + u")
    assert function.inputs == ("y", "x", "z")
    trace = function.trace({"x": 1, "y": 2, "z": 3})
    assert [(s.name, s.named) for s in trace.steps] == [
        ("y", True), ("x", True), ("z", True), ("u", True), ("v", True), ("p", False), ("q", False), ("f", False),
    ]  # fmt: skip
    assert [s.span.text for s in trace.steps[3:]] == ["y*x", "u + z", "sin(v)", "sin(v)**2", "sin(v)**2 + u"]
    assert trace.steps[5].span.line == 2


def test_generated_names_avoid_the_users():
    trace = Function.parse("p*q + sin(r)*s").trace({"p": 1, "q": 2, "r": 3, "s": 4})
    assert [s.name for s in trace.steps] == ["p", "q", "r", "s", "u", "v", "w", "f"]
    many = Function.parse("+".join(f"sin({k}*x)" for k in range(2, 20))).trace({"x": 1.0})
    names = [s.name for s in many.steps]
    assert len(set(names)) == len(names) and "v_1" in names


def test_constants_are_operands_and_keep_their_text():
    trace = Function.parse("2*x + x**2 - 1e-3 + pi*x**3").trace({"x": 1.5})
    texts = {s.primitive: [o.text for o in s.operands if not hasattr(o, "source")] for s in trace.steps}
    assert texts["square"] == ["2"] and texts["pow"] == ["3"] and texts["sub"] == ["1e-3"]
    assert [s.operands[0].text for s in trace.steps if s.primitive == "mul"] == ["2", "pi"]


def test_values_agree_with_python():
    import math

    x, y = 0.7, -1.3
    for text, want in {
        "-x**2": -(x**2),
        "2**-x": 2**-x,
        "x - y - 1": x - y - 1,
        "x/y/2": x / y / 2,
        "min(x, y, 0) + max(x, y)": min(x, y, 0) + max(x, y),
        "ln(x) + log2(x) + log10(x)": math.log(x) + math.log2(x) + math.log10(x),
        "asin(x) + arctan(y) + e**x": math.asin(x) + math.atan(y) + math.e**x,
        "+x": x,
        "1_000*x": 1000 * x,
    }.items():
        function = Function.parse(text)
        at = {"x": x, "y": y}
        at = {name: at[name] for name in function.inputs}
        assert function(**at) == pytest.approx(want, rel=1e-15)
        assert function.trace(at).value == function(**at)


def test_description_rebuilds_and_notices_a_change():
    function = Function.parse("u = x*y; sin(u)")
    described = function.describe()
    assert Function.rebuild(described).trace({"x": 1, "y": 2}).gradient == function.trace({"x": 1, "y": 2}).gradient
    with pytest.raises(EngineError, match="changed"):
        Function.rebuild({**described, "source": "u = x*y; cos(u)"})
