"""Formulas: textbook form, one mark per glyph, and Typst compiles them all."""

import re

import numpy as np
import pytest

from chainreel.engine import Function, formula, local_formula, operator_label, symbol
from chainreel.engine.symbols import typeset


def plain(role, index, body):
    return body


FORMS = {
    "sin(x*y) + x**2": "sin(x dot y) + x^2",
    "2*x": "2 x",
    "x*2": "x dot 2",
    "-2*x": "-2 x",
    "x*(-2)": "x dot (-2)",
    "2*3.5*x": None,
    "(1-x)**2 + 100*(y-x**2)**2": "(1 - x)^2 + 100 (y - x^2)^2",
    "x - (y - 1)": "x - (y - 1)",
    "x - (y + 1)": "x - (y + 1)",
    "x + (y + 1)": "x + y + 1",
    "x + (-y)": "x + (-y)",
    "-(x + y)": "-(x + y)",
    "-x*y": "(-x) dot y",
    "-x**2": "-x^2",
    "(-x)**2": "(-x)^2",
    "x**-1": "x^(-1)",
    "x**(y+1)": "x^(y + 1)",
    "(x**2)**3": "(x^2)^(3)",
    "x**3": "x^(3)",
    "2**x": "2^(x)",
    "(x+1)*(y+1)": "(x + 1) dot (y + 1)",
    "x/(y+1)": "frac(x, y + 1)",
    "(x/y)**2": "(frac(x, y))^2",
    "x*y*3": "x dot y dot 3",
    "3*x*y": "3 x dot y",
    "exp(-x**2)": "e^(-x^2)",
    "exp(x)**2": "(e^(x))^2",
    "sqrt(x**2 + 1)": "sqrt(x^2 + 1)",
    "abs(x)*y": "abs(x) dot y",
    "log(x) + log2(x)": "ln(x) + log_2 (x)",
    "max(x, 0)": "max(x, 0)",
    "sin(x)**2": "sin(x)^2",
    "1e-3*x": "1 dot 10^(-3) x",
    "pi*x": "pi x",
    "theta*c0": "theta dot c_0",
    "loss_1 + y_hat": None,
    "u = x*y; sin(u) + u": "sin(u) + u",
}


def point_of(function):
    return {name: 0.6 + 0.1 * k for k, name in enumerate(function.inputs)}


@pytest.mark.parametrize("text", [t for t, form in FORMS.items() if form])
def test_textbook_form(text):
    function = Function.parse(text)
    assert formula(function.trace(point_of(function)).output, plain) == FORMS[text]


def test_expansion():
    trace = Function.parse("u = x*y; v = sin(u); v**2 + cos(x)*u").trace({"x": 1, "y": 2})
    f = trace.output
    assert formula(f, plain, expand=0) == "p + r"
    assert formula(f, plain, expand=1) == "v^2 + q dot u"
    assert formula(f, plain) == "v^2 + cos(x) dot u"
    assert formula(f, plain, expand="inputs") == "sin(x dot y)^2 + cos(x) dot x dot y"
    assert formula(trace.inputs[0], plain) == "x" and formula(trace.step("u"), plain) == "x dot y"


def test_numbers_in_place_of_names():
    trace = Function.parse("x*y + x**2 - y").trace({"x": -1.5, "y": -0.5})
    texts = [formula(s, plain, numbers=lambda step: f"{step.value:g}") for s in trace.steps[2:]]
    assert texts == ["(-1.5) dot (-0.5)", "(-1.5)^2", "0.75 + 2.25", "3 - (-0.5)"]
    assert formula(trace.steps[2], plain, numbers=lambda step: "1.5e-07") == "1.5 dot 10^(-7) dot 1.5 dot 10^(-7)"


def test_local_derivatives():
    trace = Function.parse("x*y + sin(x) + x**3 + x/y - sqrt(y) + 5*x + max(x, y)").trace({"x": 1.5, "y": 2.0})
    got = {(e.target.primitive, e.slot, e.source.name): local_formula(e, plain) for s in trace.inputs for e in s.uses}
    assert got[("mul", 0, "x")] == "y" and got[("mul", 1, "x")] == "5" and got[("sin", 0, "x")] == "cos(x)"
    assert got[("pow", 0, "x")] == "3 x^(2)" and got[("div", 1, "y")] == "-frac(x, y^2)"
    assert got[("sqrt", 0, "y")] == "frac(1, 2 sqrt(y))"


def test_every_atom_and_every_step_is_marked():
    trace = Function.parse("sin(x*y) + 2*x**2").trace({"x": 1.5, "y": -0.5})
    seen = []

    def mark(role, index, body):
        seen.append((role, index))
        return f"<{role[0]}{'' if index is None else index}|{body}>"

    text = formula(trace.output, mark)
    assert text == "<i6|<i3|sin(<i2|<k0|x> dot <k1|y>>)> + <i5|<i|2> <i4|<k0|x>^2>>>"
    assert {index for role, index in seen if role == "ink"} == {2, 3, 4, 5, 6, None}
    assert symbol(trace.steps[3], mark) == "<v3|q>"


def test_data_has_its_own_role():
    X = np.arange(3.0)
    trace = Function.of(lambda w: np.sum((w * X) ** 2)).trace({"w": 2.0})
    roles = []
    formula(trace.output, lambda role, index, body: roles.append((role, body)) or body)
    assert ("data", "X") in roles and ("knob", "w") in roles


def test_labels():
    trace = Function.parse("(x**2 + 1)*y - x/2 + 3/x + abs(-x)*x**3 + 2**x - max(x, 0)**0.5 + (1-x)*5").trace(
        {"x": 1.5, "y": 2}
    )
    labels = [operator_label(s) for s in trace.steps if not s.is_input]
    for label in ("( )²", "+ 1", "×", "−", "÷ 2", "3 ÷", "| |", "−( )", "( )³", "2^( )", "max 0", "( )^0.5", "1 −", "× 5"):
        assert label in labels, (label, labels)


def test_names():
    names = [
        "x",
        "c_0",
        "c0",
        "x12",
        "theta",
        "lam",
        "theta_1",
        "loss",
        "w_out",
        "y_hat",
        "x_i",
        "_a",
        "v_1",
        "prediction_2",
        "α",
    ]
    assert [typeset(n) for n in names] == [
        "x", "c_0", "c_0", "x_12", "theta", "lambda", "theta_1", '"loss"', 'w_"out"', "hat(y)", "x_i", '"_a"', "v_1",
        '"prediction"_2', "α",
    ]  # fmt: skip


def test_typst_compiles_everything(tmp_path):
    typst = pytest.importorskip("typst")
    A, B = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 0.25])

    def arrays(x, w):
        z = np.stack([x * B, B]) @ (A * w)
        z = np.concatenate([z, z.T.reshape(2, 2)])[1:3, 0] + np.where(B > 0.3, x, w)
        return z.mean() + np.sum(z[0] * np.clip(z, 0.1, 0.2)) + z @ B + np.broadcast_to(x, (2,)).sum()

    traces = [Function.of(arrays).trace({"x": 1.0, "w": 2.0})]
    texts = list(FORMS) + [f"{name}(0.3*x)" for name in (
        "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh exp expm1 log log2 log10 log1p sqrt square "
        "sigmoid relu softplus abs sign").split()] + ["arccosh(2 + x)", "min(x, y)**x", "x**y**2"]  # fmt: skip
    for text in texts:
        function = Function.parse(text)
        traces.append(function.trace(point_of(function)))

    def mark(role, index, body):
        return f'#text(fill: rgb("#00{len(role):02x}{(index or 0):02x}"), ${body}$)'

    lines = []
    for trace in traces:
        for step in trace.steps:
            lines += [formula(step, mark), formula(step, mark, expand=0), formula(step, plain), symbol(step, mark)]
            if not isinstance(step.value, np.ndarray):
                lines.append(formula(step, mark, numbers=lambda s: f"{np.mean(s.value):.3g}"))
            lines += [local_formula(edge, mark) for edge in step.edges]
    source = "#set page(width: auto, height: auto)\n" + "\n\n".join(f"${line}$" for line in lines)
    pages = typst.compile(source.encode(), format="svg")
    assert pages and len(lines) > 500
    # nothing but the marks draws ink: compiled with marks that hide, the page is empty of glyphs
    hidden = "\n\n".join(f"${formula(s, lambda r, i, b: '#hide($' + b + '$)')}$" for t in traces[1:] for s in t.steps)
    svg = typst.compile(("#set page(width: auto, height: auto)\n" + hidden).encode(), format="svg")
    assert not re.findall(rb"<use", svg if isinstance(svg, bytes) else b"".join(svg))
