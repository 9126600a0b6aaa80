"""Formulas in Typst or LaTeX, printed from the engine's own graph.

Every glyph can be coloured: each piece of a formula passes through ``mark(role, index, body)``, which returns
mathematics in the same language, for example ``f"#text(fill: red, ${body}$)"`` in Typst or
``rf"\\textcolor{{red}}{{{body}}}"`` in LaTeX. Pieces are nested – a step's whole expression is marked, and inside it the
expressions of its operands – so that a glyph belongs to the innermost mark around it.

Roles: "knob" (an input), "value" (a named intermediate), "data" (an array of the user's), "slope" (a local
derivative), "ink" (operators, parentheses, function names, numbers; the index is the step they denote, or None).

One walk decides what is written; a ``Notation`` (see ``symbols``) knows how. A primitive without an entry here is
written as its name with its operands.

    >>> from chainreel.engine import Function
    >>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
    >>> formula(trace.output)
    'sin(x dot y) + x^2'
    >>> print(formula(trace.output, style="latex"))
    \\sin\\left(x \\cdot y\\right) + x^2
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .handbook import derivative
from .linear import Joint
from .primitive import Linear
from .symbols import Latex, Typst, notation
from .trace import Constant, Edge, Step

Mark = Callable[[str, int | None, str], str]
SUM, NEG, PRODUCT, POWER, ATOM = range(1, 6)
LONGEST = 40_000
MOST_PARTS = 12  # operands of a stack that are written out


def plain(role: str, index: int | None, body: str) -> str:
    """The mark that marks nothing."""
    return body


@dataclass(frozen=True)
class Piece:
    """The text of a part, how tightly it binds, whether it starts with a digit (so that 2·3 is not 23) and whether
    it is a number or a named constant, which stands before a factor without a dot."""

    body: str
    binds: int = ATOM
    digit: bool = False
    leads: bool = False


def symbol(step: Step, mark: Mark = plain, style: str = "typst") -> str:
    """The step's name: "c_0" with a subscript, Greek names as Greek, words upright."""
    return mark("knob" if step.is_input else "value", step.index, notation(style).name(step.name))


def formula(
    step: Step, mark: Mark = plain, *, expand: int | str | None = None,
    numbers: Callable[[Step], str] | None = None, inline: bool = False, style: str = "typst",
) -> str:  # fmt: skip
    """The step as an expression.

    ``expand=None`` goes through unnamed steps down to inputs and to values the user named; ``"inputs"`` down to the
    inputs in any case; 0 shows the direct operands by name, k goes k levels further. With ``numbers`` the direct
    operands are replaced by the printed numbers it returns, negative ones in parentheses where needed. ``inline``
    writes fractions as a/b, for a line with no room above it. ``style`` is "typst" or "latex".

    Raises EngineError where the text would be longer than 40 000 characters.
    """
    n = notation(style)
    if step.is_input:
        return symbol(step, mark, style) if numbers is None else mark("knob", step.index, n.number(numbers(step))[0])
    levels = 0 if numbers is not None else expand
    open_steps = _opened(step, levels)
    done: dict[int, Piece] = {}
    for index in sorted(open_steps):
        current = open_steps[index]
        operands = [_operand(operand, open_steps, done, mark, numbers, n) for operand in current.operands]
        piece = render(current.primitive, operands, n, inline, current)
        if len(piece.body) > LONGEST:
            raise EngineError(f"The formula of {step.name} is too long to print; show it step by step (expand=0).")
        done[index] = Piece(mark("ink", index, piece.body), piece.binds, piece.digit)
    return done[step.index].body


def _opened(step: Step, levels: int | str | None) -> dict[int, Step]:
    """The steps that are written out, by index."""
    reach: dict[int, float] = {step.index: math.inf if levels is None or levels == "inputs" else float(levels)}
    opened = {step.index: step}
    waiting = [step]
    while waiting:
        current = waiting.pop()
        left = reach[current.index] - 1
        for edge in current.edges:
            source = edge.source
            if source.is_input or left < 0 or (levels is None and source.named):
                continue
            if source.index not in reach or reach[source.index] < left:
                reach[source.index] = left
                opened[source.index] = source
                waiting.append(source)
    return opened


def _operand(
    operand: Edge | Constant, opened: dict[int, Step], done: dict[int, Piece], mark: Mark,
    numbers: Callable[[Step], str] | None, n: Typst | Latex,
) -> Piece:  # fmt: skip
    if isinstance(operand, Constant):
        return constant_piece(operand, mark, n.style)
    source = operand.source
    if numbers is not None:
        body, is_product = n.number(numbers(source))
        role = "knob" if source.is_input else "value"
        negative = body.startswith("-")
        binds = NEG if negative else PRODUCT if is_product else ATOM
        return Piece(mark(role, source.index, body), binds, not negative)
    if source.index in opened:
        return done[source.index]
    return Piece(symbol(source, mark, n.style))


def constant_piece(constant: Constant, mark: Mark = plain, style: str = "typst") -> Piece:
    """A constant: a number as the user wrote it, pi and e by name, an array by the user's name for it."""
    n = notation(style)
    if constant.is_data:
        text = n.name(constant.text) if constant.text.isidentifier() else n.words(constant.text)
        return Piece(mark("data", None, text))
    if constant.text.isidentifier():
        return Piece(mark("ink", None, n.name(constant.text)), leads=True)
    for value, name in ((math.pi, n.pi), (math.e, "e")):
        if constant.value == value:
            return Piece(mark("ink", None, name), leads=True)
    if "pi" in constant.text:  # 2*pi, sqrt(2*pi), pi/2
        return Piece(mark("ink", None, _multiple_of_pi(constant.text, n)), PRODUCT, leads=True)
    body, is_product = n.number(constant.text)
    negative = body.startswith("-")
    binds = NEG if negative else PRODUCT if is_product else ATOM
    return Piece(mark("ink", None, body), binds, not negative, leads=True)


def _multiple_of_pi(text: str, n: Typst | Latex) -> str:
    body = re.sub(r"\bpi\b", lambda _: n.pi, text).replace("*", " ").replace("/", n.slash)
    root = re.fullmatch(r"sqrt\((.*)\)(.*)", body)
    return n.root(root[1]) + root[2] if root else body


# -- one step ------------------------------------------------------------------------------------------------
RENAMED = {"arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh", "cholesky": "chol", "amax": "max", "amin": "min"}


def render(name: str, xs: list[Piece], n: Typst | Latex, inline: bool = False, step: Step | None = None) -> Piece:
    """One primitive applied to pieces; its name and its operands in parentheses where nothing better is known."""

    def within(k: int, least: int) -> str:
        return xs[k].body if xs[k].binds >= least else n.paren(xs[k].body)

    match name:
        case "add":
            return Piece(f"{within(0, SUM)} + {within(1, SUM if xs[1].binds == SUM else PRODUCT)}", SUM)
        case "sub":
            return Piece(f"{within(0, SUM)} - {within(1, PRODUCT)}", SUM)
        case "neg":
            return Piece(f"-{within(0, PRODUCT)}", NEG)
        case "mul":
            return _product(xs[0], xs[1], n)
        case "div" if inline:
            return Piece(f"{within(0, PRODUCT)}{n.slash}{within(1, POWER)}", PRODUCT)
        case "div":
            return Piece(n.frac(xs[0].body, xs[1].body), PRODUCT)
        case "reciprocal":
            return Piece(n.frac("1", xs[0].body), PRODUCT)
        case "pow":
            return Piece(n.power(within(0, ATOM), xs[1].body), POWER)
        case "square":
            return Piece(n.square(within(0, ATOM)), POWER)
        case "inv":
            return Piece(n.power(within(0, ATOM), "-1"), POWER)
        case "sqrt":
            return Piece(n.root(xs[0].body))
        case "cbrt":
            return Piece(n.root(xs[0].body, "3"))
        case "abs":
            return Piece(n.bars(xs[0].body))
        case "norm" | "pnorm" if len(xs) == 1:
            return Piece(n.bars(xs[0].body, double=True))
        case "copy" | "alias":
            return xs[0]
        case "exp":
            if any(tall in xs[0].body for tall in n.tall):  # a raised tower could not be read
                return Piece(n.call(n.head("exp"), [xs[0].body]))
            return Piece(n.power("e", xs[0].body), POWER)
        case "exp2":
            return Piece(n.power("2", xs[0].body), POWER, True)
        case "expm1":
            return Piece(f"{n.power('e', xs[0].body)} - 1", SUM)
        case "log1p":
            return Piece(n.call(n.head("log"), [f"1 + {within(0, PRODUCT)}"]))
        case "sech2":
            return Piece(n.frac("1", n.call(n.square(n.head("cosh")), [xs[0].body])), PRODUCT)
        case "loggamma" | "logdet":
            return Piece(n.call(n.head("log"), [n.call(n.head(name[3:]), [xs[0].body])]))
        case "logsumexp":
            return Piece(n.call(n.head("log"), [n.big("sum", n.power("e", xs[0].body))]))
        case "matmul" | "dot" if len(xs) == 2:
            return Piece(f"{within(0, PRODUCT)}{n.thin}{within(1, PRODUCT)}", PRODUCT)
        case "solve" if len(xs) == 2:
            return Piece(f"{n.power(within(0, ATOM), '-1')}{n.thin}{within(1, PRODUCT)}", PRODUCT)
        case "conv" | "convolve" if len(xs) == 2:
            return Piece(f"{within(0, POWER)}{n.star}{within(1, POWER)}", PRODUCT)
        case "outer" if len(xs) == 2:
            return Piece(f"{within(0, POWER)}{n.outer}{within(1, POWER)}", PRODUCT)
        case "sum" | "prod":
            return Piece(n.big(name, within(0, POWER)), PRODUCT)
        case "transpose":
            return Piece(n.transposed(within(0, ATOM)), POWER)
        case "index":
            return Piece(n.index(within(0, ATOM), _key_text(step.params.get("key") if step else None, n)), POWER)
        case "stack" | "concatenate":
            return Piece(n.call("", _few([x.body for x in xs], n)))
    return Piece(n.call(n.head(RENAMED.get(name, name)), _few([x.body for x in xs], n)))


def _few(bodies: list[str], n: Typst | Latex) -> list[str]:
    return bodies if len(bodies) <= MOST_PARTS else [*bodies[: MOST_PARTS - 2], n.dots, bodies[-1]]


def _product(left: Piece, right: Piece, n: Typst | Latex) -> Piece:
    negative = left.leads and left.binds == NEG
    left_body = left.body if negative or left.binds >= PRODUCT else n.paren(left.body)
    right_body = right.body if right.binds >= PRODUCT else n.paren(right.body)
    digit = right.digit and right.binds >= PRODUCT
    glue = " " if left.leads and not digit else n.dot
    return Piece(f"{left_body}{glue}{right_body}", NEG if negative else PRODUCT, left.digit and left.binds >= PRODUCT)


def _key_text(key: Any, n: Typst | Latex) -> str:
    def part(one: Any) -> str:
        if isinstance(one, (int, np.integer)):
            return str(int(one))
        if isinstance(one, slice):
            ends = ["" if end is None else str(end) for end in (one.start, one.stop)]
            return n.words(":".join(ends))
        return n.dots

    return ", ".join(map(part, key)) if isinstance(key, tuple) else part(key)


# -- local derivatives ---------------------------------------------------------------------------------------
def local_formula(edge: Edge, mark: Mark = plain, style: str = "typst") -> str:
    """The local derivative of one edge in the names of the operands: for mul the other factor, for sin cos(p).

    A map that only moves or adds elements has 1, a product of matrices the other factor transposed; a map whose
    derivative is no number per element is written ∂y/∂x.
    """
    n = notation(style)
    target = edge.target
    xs = []
    for operand in target.operands:
        if isinstance(operand, Constant):
            xs.append(constant_piece(operand, mark, style))
        else:
            xs.append(Piece(symbol(operand.source, mark, style)))
    y = Piece(symbol(target, mark, style))
    return mark("slope", target.index, _local(target, edge.slot, xs, y, n))


def _local(step: Step, slot: int, xs: list[Piece], y: Piece, n: Typst | Latex) -> str:
    x = xs[0]
    z = xs[1] if len(xs) > 1 else x
    match step.primitive, slot:
        case ("pow", 0):
            return _power_rule(step, x, z, n)
        case ("matmul", 0 | 1):
            other = z if slot == 0 else x
            return n.transposed(other.body if other.binds >= ATOM else n.paren(other.body))
        case ("mean", _):
            return n.frac("1", str(_count(step)))
        case ("where", 1 | 2):
            return "1"
    rule = derivative(step.primitive, slot)
    if rule is not None and len(xs) <= 2:
        return _rule(rule, {"x": x, "z": z, "y": y}, n).body
    primitive = step.trace._records[step.index][0]
    if isinstance(primitive, Joint) or (isinstance(primitive, Linear) and len(primitive.transposes) == 1):
        return "1"
    of = xs[slot].body if slot < len(xs) else x.body
    return n.frac(n.partial + y.body, n.partial + of)


_RULES: dict[type, str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}
_SIGNS: dict[type, str] = {ast.Gt: ">", ast.Lt: "<"}


def _rule(node: ast.expr, names: dict[str, Piece], n: Typst | Latex) -> Piece:
    """A text of the handbook, with the operands' symbols in the places of x, z and y."""
    match node:
        case ast.Constant(value):
            return Piece(str(value), digit=True, leads=True)
        case ast.Name("pi"):
            return Piece(n.pi, leads=True)
        case ast.Name(name):
            return names[name]
        case ast.UnaryOp(ast.USub(), operand):
            return render("neg", [_rule(operand, names, n)], n)
        case ast.BinOp(left, ast.Pow(), ast.Constant(2)):
            return render("square", [_rule(left, names, n)], n)
        case ast.BinOp(left, operator, right):
            return render(_RULES[type(operator)], [_rule(left, names, n), _rule(right, names, n)], n)
        case ast.Call(ast.Name(name), arguments):
            return render(name, [_rule(argument, names, n) for argument in arguments], n)
        case ast.IfExp(ast.Compare(left, [sign], [right]), chosen, other):
            a, b = _rule(left, names, n).body, _rule(right, names, n).body
            against = {">": "<", "<": ">"}[_SIGNS[type(sign)]]
            if isinstance(right, ast.Constant):
                against += "="
            rows = [
                (_rule(chosen, names, n).body, f"{a} {n.signs[_SIGNS[type(sign)]]} {b}"),
                (_rule(other, names, n).body, f"{a} {n.signs[against]} {b}"),
            ]
            return Piece(n.cases(rows))
    raise EngineError(f"The handbook's {ast.unparse(node)} cannot be printed.")


def _power_rule(step: Step, x: Piece, z: Piece, n: Typst | Latex) -> str:
    exponent = step.operands[1]
    base = x.body if x.binds >= ATOM else n.paren(x.body)
    if not isinstance(exponent, Constant) or isinstance(exponent.value, np.ndarray):
        return f"{z.body}{n.dot}{n.power(base, f'{z.body} - 1')}"
    rest = f"{exponent.value - 1:g}"
    power = x.body if rest == "1" else n.power(base, rest)
    return f"{z.body}{n.dot if x.digit else ' '}{power}"


def _count(step: Step) -> int:
    value = step.edges[0].source.value
    whole = np.size(value)
    return max(1, whole // max(1, np.size(step.value)))


# -- labels for the boxes of a graph -------------------------------------------------------------------------
_OPERATORS = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
_SHORT = {
    "square": "( )²", "sqrt": "√", "abs": "| |", "exp": "exp", "log": "ln", "log2": "log₂", "log10": "log₁₀",
    "neg": "−( )", "matmul": "@", "sum": "Σ", "sigmoid": "σ", "transpose": "( )ᵀ", "index": "[ ]",
    "concatenate": "join", "sech2": "sech²", "prod": "Π", "inv": "( )⁻¹", "norm": "‖ ‖", "cbrt": "∛", "exp2": "2^( )",
    "loggamma": "ln Γ", "digamma": "ψ", "gamma": "Γ", "logsumexp": "ln Σ exp", "cumsum": "Σ…", "cumprod": "Π…",
    "amax": "max", "amin": "min", "pnorm": "‖ ‖", "copy": "copy", "alias": "=", "conv": "∗", "convolve": "∗",
}  # fmt: skip


def _plain(text: str) -> str:
    """A constant for a label: 2*pi as 2π."""
    return text.replace("*pi", "π").replace("pi", "π").replace("sqrt", "√") if re.search(r"\bpi\b", text) else text


def operator_label(step: Step) -> str:
    """A short text for the box of a step in a graph, with constants folded in.

    ``+ − × ÷`` for two values; ``× 2``, ``+ 1``, ``1 −``, ``÷ 3``, ``1 ÷`` with a constant; ``( )²``, ``( )³``, ``(
    )^0.5``, ``2^( )``; ``√ | | −( ) ln log₂ log₁₀ exp sin …``; ``max 0``; ``@ Σ mean [ ] ( )ᵀ`` for arrays; the
    input's own name for an input.
    """
    name = step.primitive
    if step.is_input:
        return step.name
    constants = [(slot, _plain(o.text)) for slot, o in enumerate(step.operands) if isinstance(o, Constant)]
    if name in _OPERATORS:
        sign = _OPERATORS[name]
        if not constants:
            return sign
        slot, text = constants[0]
        text = f"({text})" if text.startswith("-") else text
        return f"{text} {sign}" if slot == 0 and name in ("sub", "div") else f"{sign} {text}"
    if name == "pow":
        if not constants:
            return "( )^( )"
        slot, text = constants[0]
        if slot == 0:
            return f"{text}^( )"
        return "( )³" if text == "3" else f"( )^{text}"
    if name in ("max", "min") and constants:
        return f"{name} {constants[0][1]}"
    if name == "matmul" and constants:
        slot, text = constants[0]
        return f"{text} @" if slot == 0 else f"@ {text}"
    return _SHORT.get(name, name)
