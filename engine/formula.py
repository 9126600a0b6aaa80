"""Formulas in Typst, printed from the engine's own graph.

Every glyph can be coloured: each piece of a formula passes through ``mark(role, index, body)``, which
returns Typst
for mathematics, for example ``f"#text(fill: red, ${body}$)"``. Pieces are nested – a step's whole expression
is
marked, and inside it the expressions of its operands – so that a glyph belongs to the innermost mark around
it.
Roles: "knob" (an input), "value" (a named intermediate), "data" (an array of the user's), "slope" (a local
derivative), "ink" (operators, parentheses, function names, numbers; the index is the step they denote, or
None).

    >>> from chainreel.engine import Function
    >>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
    >>> formula(trace.output, lambda role, index, body: body)
    'sin(x dot y) + x^2'
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .symbols import number, quoted, typeset
from .trace import Constant, Edge, Step

Mark = Callable[[str, int | None, str], str]
SUM, NEG, PRODUCT, POWER, ATOM = range(1, 6)
LONGEST = 40_000


@dataclass(frozen=True)
class Piece:
    """Typst of a part, with how tightly it binds, and whether it starts with a digit (so that 2·3 is not
    23)."""

    body: str
    binds: int = ATOM
    digit: bool = False


def symbol(step: Step, mark: Mark) -> str:
    """The step's name in Typst: "c_0" with a subscript, Greek names as Greek, words upright."""
    return mark("knob" if step.is_input else "value", step.index, typeset(step.name))


def formula(
    step: Step, mark: Mark, *, expand: int | str | None = None, numbers: Callable[[Step], str] | None = None,
    inline: bool = False,
) -> str:  # fmt: skip
    """The step as an expression.

    ``expand=None`` goes through unnamed steps down to inputs and to values the user named; ``"inputs"`` down
    to the
    inputs in any case; 0 shows the direct operands by name, k goes k levels further. With ``numbers`` the
    direct
    operands are replaced by the printed numbers it returns, negative ones in parentheses where needed.
    ``inline`` writes fractions as a/b, for a line with no room above it.
    """
    if step.is_input:
        return symbol(step, mark) if numbers is None else mark("knob", step.index, number(numbers(step))[0])
    levels = 0 if numbers is not None else expand
    open_steps = _opened(step, levels)
    done: dict[int, Piece] = {}
    for index in sorted(open_steps):
        current = open_steps[index]
        operands = [_operand(operand, open_steps, done, mark, numbers) for operand in current.operands]
        piece = _expression(current, operands, mark, inline)
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
    numbers: Callable[[Step], str] | None,
) -> Piece:  # fmt: skip
    if isinstance(operand, Constant):
        return constant_piece(operand, mark)
    source = operand.source
    if numbers is not None:
        text = numbers(source)
        body, is_product = number(text)
        role = "knob" if source.is_input else "value"
        negative = body.startswith("-")
        binds = NEG if negative else PRODUCT if is_product else ATOM
        return Piece(mark(role, source.index, body), binds, not negative)
    if source.index in opened:
        return done[source.index]
    return Piece(symbol(source, mark))


def constant_piece(constant: Constant, mark: Mark) -> Piece:
    """A constant: a number as the user wrote it, pi and e by name, an array by the user's name for it."""
    if constant.is_data:
        text = typeset(constant.text) if constant.text.isidentifier() else quoted(constant.text)
        return Piece(mark("data", None, text))
    if constant.text.isidentifier():
        return Piece(mark("ink", None, typeset(constant.text)))
    for value, name in ((math.pi, "pi"), (math.e, "e")):
        if constant.value == value:
            return Piece(mark("ink", None, name))
    if "pi" in constant.text:  # 2*pi, sqrt(2*pi), pi/2
        return Piece(mark("ink", None, constant.text.replace("*", " ").replace("/2", " slash 2")), PRODUCT)
    body, is_product = number(constant.text)
    negative = body.startswith("-")
    return Piece(mark("ink", None, body), NEG if negative else PRODUCT if is_product else ATOM, not negative)


# -- one step ------------------------------------------------------------------------------------------------
def _within(piece: Piece, least: int) -> str:
    return piece.body if piece.binds >= least else f"({piece.body})"


FUNCTIONS = {
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsinh": 'op("arsinh")', "arccosh": 'op("arcosh")',
    "arctanh": 'op("artanh")', "log": "ln", "log2": "log_2 ", "log10": "log_10 ", "sigmoid": "sigma",
    "relu": 'op("relu")', "softplus": 'op("softplus")', "sign": 'op("sign")', "max": "max", "min": "min",
    "mean": 'op("mean")', "where": 'op("where")', "reshape": 'op("reshape")', "broadcast": 'op("broadcast")',
    "scatter": 'op("scatter")',
}  # fmt: skip


def _expression(step: Step, xs: list[Piece], mark: Mark, inline: bool) -> Piece:
    name = step.primitive
    match name:
        case "add":
            return Piece(f"{_within(xs[0], SUM)} + {_within(xs[1], SUM if xs[1].binds == SUM else PRODUCT)}", SUM)
        case "sub":
            return Piece(f"{_within(xs[0], SUM)} - {_within(xs[1], PRODUCT)}", SUM)
        case "neg":
            return Piece(f"-{_within(xs[0], PRODUCT)}", NEG)
        case "mul":
            return _product(step, xs)
        case "div":
            if inline:
                return Piece(f"{_within(xs[0], PRODUCT)} slash {_within(xs[1], POWER)}", PRODUCT)
            return Piece(f"frac({xs[0].body}, {xs[1].body})", PRODUCT)
        case "pow" | "square":
            return Piece(
                f"{_within(xs[0], ATOM)}^({xs[1].body})" if name == "pow" else f"{_within(xs[0], ATOM)}^2",
                POWER,
            )
        case "sqrt":
            return Piece(f"sqrt({xs[0].body})")
        case "abs":
            return Piece(f"abs({xs[0].body})")
        case "exp":
            if any(tall in xs[0].body for tall in ("frac(", "slash", "sqrt(", "e^(")):  # a raised tower could not be read
                return Piece(f"exp({xs[0].body})", ATOM)
            return Piece(f"e^({xs[0].body})", POWER)
        case "expm1":
            return Piece(f"e^({xs[0].body}) - 1", SUM)
        case "log1p":
            return Piece(f"ln(1 + {_within(xs[0], PRODUCT)})")
        case "matmul":
            return Piece(f"{_within(xs[0], PRODUCT)} thin {_within(xs[1], PRODUCT)}", PRODUCT)
        case "sum":
            return Piece(f"sum {_within(xs[0], POWER)}", PRODUCT)
        case "transpose":
            return Piece(f"{_within(xs[0], ATOM)}^{quoted('T')}", POWER)
        case "index":
            return Piece(f"{_within(xs[0], ATOM)}_({_key_text(step.params.get('key'))})", POWER)
        case "stack" | "concatenate":
            return Piece(f"({', '.join(x.body for x in xs)})")
    head = FUNCTIONS.get(name, f"op({quoted(name)})")
    return Piece(f"{head}({', '.join(x.body for x in xs)})")


def _product(step: Step, xs: list[Piece]) -> Piece:
    left, right = xs
    first = step.operands[0]
    lead = isinstance(first, Constant) and not first.is_data
    negative = lead and left.binds == NEG
    left_body = left.body if negative else _within(left, PRODUCT)
    right_body = _within(right, PRODUCT)
    digit = right.digit and right.binds >= PRODUCT
    glue = " " if lead and not digit else " dot "
    return Piece(f"{left_body}{glue}{right_body}", NEG if negative else PRODUCT, left.digit and left.binds >= PRODUCT)


def _key_text(key: Any) -> str:
    def part(one: Any) -> str:
        if isinstance(one, (int, np.integer)):
            return str(int(one))
        if isinstance(one, slice):
            ends = ["" if end is None else str(end) for end in (one.start, one.stop)]
            return quoted(":".join(ends))
        return "dots.h"

    return ", ".join(map(part, key)) if isinstance(key, tuple) else part(key)


# -- local derivatives ---------------------------------------------------------------------------------------
def local_formula(edge: Edge, mark: Mark) -> str:
    """The local derivative of one edge in the names of the operands: for mul the other factor, for sin
    cos(p)."""
    target = edge.target
    xs = []
    for operand in target.operands:
        if isinstance(operand, Constant):
            xs.append(constant_piece(operand, mark))
        else:
            xs.append(Piece(symbol(operand.source, mark)))
    y = Piece(symbol(target, mark))
    return mark("slope", target.index, _local(target, edge.slot, xs, y))


def _local(step: Step, slot: int, xs: list[Piece], y: Piece) -> str:
    x = xs[0]
    z = xs[1] if len(xs) > 1 else x
    a, b = x.body, z.body
    match step.primitive, slot:
        case ("add", _) | ("sub", 0):
            return "1"
        case ("sub", 1) | ("neg", _):
            return "-1"
        case ("mul", _):
            return (z if slot == 0 else x).body
        case ("div", 0):
            return f"frac(1, {b})"
        case ("div", 1):
            return f"-frac({a}, {_within(z, ATOM)}^2)"
        case ("pow", 0):
            return _power_rule(step, x, z)
        case ("pow", 1):
            return f"{_within(x, ATOM)}^({b}) ln({a})"
        case ("square", _):
            return f"2 {a}"
        case ("matmul", 0):
            return f"{_within(z, ATOM)}^{quoted('T')}"
        case ("matmul", 1):
            return f"{_within(x, ATOM)}^{quoted('T')}"
        case ("mean", _):
            return f"frac(1, {_count(step)})"
        case ("max", 0) | ("min", 1):
            return f'cases(1 "if" {a} > {b}, 0 "if" {a} < {b})'
        case ("max", 1) | ("min", 0):
            return f'cases(1 "if" {a} < {b}, 0 "if" {a} > {b})'
    template = LOCALS.get(step.primitive)
    return template.replace("@", a).replace("#y", y.body) if template else "1"


def _power_rule(step: Step, x: Piece, z: Piece) -> str:
    exponent = step.operands[1]
    if not isinstance(exponent, Constant) or isinstance(exponent.value, np.ndarray):
        return f"{z.body} dot {_within(x, ATOM)}^({z.body} - 1)"
    rest = f"{exponent.value - 1:g}"
    base = x.body if rest == "1" else f"{_within(x, ATOM)}^({rest})"
    if x.digit:
        return f"{z.body} dot {base}"
    return f"{z.body} {base}"


LOCALS = {
    "exp": "e^(@)", "expm1": "e^(@)", "log": "frac(1, @)", "log2": "frac(1, @ ln 2)", "log10": "frac(1, "
    "@ ln 10)",
    "log1p": "frac(1, 1 + @)", "sqrt": "frac(1, 2 sqrt(@))", "sin": "cos(@)", "cos": "-sin(@)",
    "tan": "frac(1, cos(@)^2)", "arcsin": "frac(1, sqrt(1 - @^2))", "arccos": "-frac(1, sqrt(1 - @^2))",
    "arctan": "frac(1, 1 + @^2)", "sinh": "cosh(@)", "cosh": "sinh(@)", "tanh": "1 - tanh(@)^2",
    "arcsinh": "frac(1, sqrt(1 + @^2))", "arccosh": "frac(1, sqrt(@^2 - 1))", "arctanh": "frac(1, 1 - @^2)",
    "sigmoid": "sigma(@) (1 - sigma(@))", "softplus": "sigma(@)", "abs": 'op("sign")(@)', "sign": "0",
    "relu": 'cases(1 "if" @ > 0, 0 "if" @ <= 0)',
}  # fmt: skip


def _count(step: Step) -> int:
    value = step.edges[0].source.value
    whole = np.size(value)
    return max(1, whole // max(1, np.size(step.value)))


# -- labels for the boxes of a graph -------------------------------------------------------------------------
_SIGNS = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
_SHORT = {
    "square": "( )²", "sqrt": "√", "abs": "| |", "exp": "exp", "log": "ln", "log2": "log₂", "log10": "log₁₀",
    "neg": "−( )", "matmul": "@", "sum": "Σ", "sigmoid": "σ", "transpose": "( )ᵀ", "index": "[ ]",
    "concatenate": "join",
    "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan",
}  # fmt: skip


def _plain(text: str) -> str:
    """A constant for a label: 2*pi as 2π."""
    return text.replace("*pi", "π").replace("pi", "π").replace("sqrt", "√") if re.search(r"\bpi\b", text) else text


def operator_label(step: Step) -> str:
    """A short text for the box of a step in a graph, with constants folded in.

    ``+ − × ÷`` for two values; ``× 2``, ``+ 1``, ``1 −``, ``÷ 3``, ``1 ÷`` with a constant; ``( )²``, ``(
    )³``,
    ``( )^0.5``, ``2^( )``; ``√ | | −( ) ln log₂ log₁₀ exp sin …``; ``max 0``; ``@ Σ mean [ ] ( )ᵀ`` for
    arrays; the
    input's own name for an input.
    """
    name = step.primitive
    if step.is_input:
        return step.name
    constants = [(slot, _plain(o.text)) for slot, o in enumerate(step.operands) if isinstance(o, Constant)]
    if name in _SIGNS:
        sign = _SIGNS[name]
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
