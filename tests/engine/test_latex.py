"""LaTeX of every step and every local derivative: one walk with Typst, and a parser of LaTeX accepts it all."""

import re

import numpy as np
import pytest

from chainreel.engine import EngineError, Function, formula, local_formula, symbol
from chainreel.engine.archive import _primitives
from chainreel.engine.elementwise import TABLE
from chainreel.engine.formula import Piece, render
from chainreel.engine.handbook import DERIVATIVES, derivative
from chainreel.engine.symbols import LATEX, TYPST, typeset

FORMS = {
    "sin(x*y) + x**2": r"\sin\left(x \cdot y\right) + x^2",
    "2*x": "2 x",
    "-2*x": "-2 x",
    "(1-x)**2 + 100*(y-x**2)**2": r"\left(1 - x\right)^2 + 100 \left(y - x^2\right)^2",
    "(x**2)**3": r"\left(x^2\right)^{3}",
    "x/(y+1)": r"\frac{x}{y + 1}",
    "exp(-x**2)": "e^{-x^2}",
    "sqrt(x**2 + 1)": r"\sqrt{x^2 + 1}",
    "abs(x)*y": r"\left|x\right| \cdot y",
    "log(x) + log2(x)": r"\ln\left(x\right) + \log_{2}\left(x\right)",
    "max(x, 0)": r"\max\left(x, 0\right)",
    "1e-3*x": r"1 \cdot 10^{-3} x",
    "pi*x": r"\pi x",
    "theta*c0": r"\theta \cdot c_0",
    "x**y": "x^{y}",
    "relu(x)": r"\operatorname{relu}\left(x\right)",
}
KNOWN = set(
    "sin cos tan arcsin arccos arctan sinh cosh tanh exp ln log max min det Gamma psi sigma pi partial otimes ast cdot "
    "left right frac sqrt sum prod operatorname mathrm mathsf hat bar tilde begin end text dots ge le ne theta lambda alpha "
    "backslash sim".split()
)


def checked(text):
    """The very string, after a look at braces and commands and, where it is installed, a parser of LaTeX."""
    depth = 0
    for character in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0, text
    assert depth == 0, text
    assert set(re.findall(r"\\([A-Za-z]+)", text)) <= KNOWN, text
    assert len(re.findall(r"\\left(?![a-z])", text)) == len(re.findall(r"\\right(?![a-z])", text)), text
    try:
        from latex2mathml.converter import convert
    except ImportError:
        return text
    assert "<mi>\\" not in convert(text), text
    return text


def point_of(function):
    return {name: 0.6 + 0.1 * k for k, name in enumerate(function.inputs)}


@pytest.mark.parametrize("text", FORMS)
def test_textbook_form(text):
    function = Function.parse(text)
    assert checked(formula(function.trace(point_of(function)).output, style="latex")) == FORMS[text]


def test_names():
    names = ["x", "c_0", "x12", "theta", "lam", "loss", "w_out", "y_hat", "_a", "prediction_2"]
    assert [checked(typeset(name, "latex")) for name in names] == [
        "x", "c_0", "x_{12}", r"\theta", r"\lambda", r"\mathrm{loss}", r"w_{\mathrm{out}}", r"\hat{y}", r"\mathrm{\_a}",
        r"\mathrm{prediction}_2",
    ]  # fmt: skip


def test_local_derivatives():
    trace = Function.parse("x*y + sin(x) + x**3 + x/y - sqrt(y) + tanh(x) + max(x, y)").trace({"x": 1.5, "y": 2.0})
    got = {
        (e.target.primitive, e.slot): checked(local_formula(e, style="latex")) for s in trace.inputs for e in s.uses
    }
    assert got["mul", 0] == "y" and got["sin", 0] == r"\cos\left(x\right)" and got["pow", 0] == "3 x^{2}"
    assert got["div", 1] == r"-\frac{x}{y^2}" and got["sqrt", 0] == r"\frac{1}{2 \sqrt{y}}"
    assert got["tanh", 0] == r"1 - \tanh\left(x\right)^2"
    assert got["max", 0] == r"\begin{cases} 1 & \text{if } x > y \\ 0 & \text{if } x < y \end{cases}"


def test_both_languages_mark_the_same_pieces():
    trace = Function.parse("u = x*y; sin(u) + 2*x**2/y").trace({"x": 1.5, "y": -0.5})
    for step in trace.steps:
        for options in ({}, {"expand": 0}, {"inline": True}):
            seen = {}
            for style in ("typst", "latex"):
                marks = seen[style] = []
                formula(step, lambda role, index, body, m=marks: m.append((role, index)) or body, style=style, **options)
            assert seen["typst"] == seen["latex"]
    marked = formula(trace.output, lambda role, i, body: rf"\textcolor{{c{role}}}{{{body}}}", style="latex")
    assert marked.count(r"\textcolor{cknob}{x}") == 1 and marked.count("{") == marked.count("}")


def test_steps_on_arrays():
    A, B = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 0.25])

    def arrays(x, w):
        z = np.stack([x * B, B]) @ (A * w)
        z = np.concatenate([z, z.T.reshape(2, 2)])[1:3, 0] + np.where(B > 0.3, x, w)
        return z.mean() + np.sum(z[0] * np.clip(z, 0.1, 0.2)) + z @ B + np.broadcast_to(x, (2,)).sum()

    trace = Function.of(arrays).trace({"x": 1.0, "w": 2.0})
    for step in trace.steps:
        checked(formula(step, style="latex"))
        checked(formula(step, style="latex", expand=0))
        checked(symbol(step, style="latex"))
        for edge in step.edges:
            checked(local_formula(edge, style="latex"))


@pytest.mark.parametrize("name", sorted(_primitives()))
def test_every_primitive_can_be_written(name):
    for count in (1, 2, 3):
        if count == 1 and name in ("add", "sub", "mul", "div", "pow"):
            continue
        pieces = [Piece(letter) for letter in "xyz"[:count]]
        checked(render(name, pieces, LATEX).body)
        assert render(name, pieces, TYPST).body
    assert "brandnew" in render("brandnew", [Piece("x")], LATEX).body


def test_an_unknown_style_and_a_long_formula_are_refused():
    trace = Function.parse("x**2").trace({"x": 1.0})
    with pytest.raises(EngineError, match="no style 'html'"):
        formula(trace.output, style="html")


# -- the handbook ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(set(DERIVATIVES) & set(_primitives())))
def test_the_handbook_says_what_the_engine_computes(name):
    """Each text, evaluated with the engine's own functions, against the rule the sweeps use."""
    import ast

    table = _primitives()
    primitive = table[name]
    if name in ("copy", "alias") or primitive.partials is None:
        pytest.skip("no partial derivative of its own")
    for x, z in ((0.3, 0.7), (0.62, -0.4), (0.9, 0.2)):
        x = x + 1.0 if name == "arccosh" else x
        operands = (x, abs(z) if name in ("pow", "xlogy") else z)[: len(primitive.partials)]
        y = primitive(*operands)
        scope = {**{n: p for n, p in table.items() if n in TABLE or hasattr(p, "on_float")}, "pi": np.pi, "y": y}
        scope |= {"x": operands[0], "z": operands[-1], "trigamma": lambda v: table["polygamma"](1.0, v)}
        for slot, rule in enumerate(primitive.partials):
            tree = derivative(name, slot)
            assert tree is not None
            said = eval(compile(ast.Expression(tree), name, "eval"), scope)  # the engine's own short texts
            assert said == pytest.approx(rule(y, *operands), rel=1e-12, abs=1e-15), (name, slot, x, z)
