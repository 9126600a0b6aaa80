"""The quantities of a beat as mathematics for paper: "∂f/∂x" is set as a slope, "q = sin(p)" is set as a formula.

The words come from the lecture; the engine reads its formulas and prints them in Typst. What it cannot read stays text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .lecture import Lecture, Value

SLOPE = re.compile(r"∂(\w+)/∂(\w+)")
SIGNS = str.maketrans({"·": "*", "−": "-", "×": "*"})
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
LONGEST = 300  # characters of Typst; what is longer does not fit a line


def label(value: Value) -> list[dict[str, str]]:
    r"""A quantity's name in pieces, each with its text and, where it is mathematics, its Typst.

    >>> [piece["math"] for piece in label(Value("part of ∂f/∂x by way of r", 1.0, "1", "trace"))]
    ['', 'partial f \\/ partial x', '']
    """
    name = value.name
    if name.isidentifier() and (len(name) == 1 or value.formula.startswith(f"{name} = ")):
        return [{"text": name, "math": symbol(name)}]
    pieces = []
    at = 0
    for found in SLOPE.finditer(name):
        pieces.append({"text": name[at : found.start()], "math": ""})
        pieces.append({"text": found[0], "math": rf"partial {symbol(found[1])} \/ partial {symbol(found[2])}"})
        at = found.end()
    pieces.append({"text": name[at:], "math": ""})
    return [piece for piece in pieces if piece["text"]]


def meaning(value: Value) -> dict[str, str]:
    """What the quantity is computed from, where that is said in one step: {"text": "sin(p)", "math": "sin(p)"}."""
    head, _, text = value.formula.partition(" = ")
    if not text or head != value.name:
        return {"text": "", "math": ""}
    return {"text": text, "math": mathematics(text, inline=True)}


def headline(lecture: Lecture) -> dict[str, str]:
    """The function that a lecture is about: "f(x, y) = …"; empty where there is none, several, or one too long for a line."""
    formulas = {value.formula for segment in lecture.segments for value in segment.numbers}
    whole = sorted(formula for formula in formulas if re.match(r"\w+\([^=]*\) = ", formula))
    if len(whole) != 1:
        return {"text": "", "math": ""}
    head, _, text = whole[0].partition(" = ")
    name, _, inputs = head.rstrip(")").partition("(")
    body = mathematics(text)
    if not body:
        return {"text": "", "math": ""}
    left = f"{symbol(name)}({', '.join(symbol(entry.strip()) for entry in inputs.split(','))})"
    return {"text": whole[0], "math": f"{left} = {body}"}


def exact(value: Value) -> str:
    """All the digits that a manifest holds.

    >>> exact(Value("p", -0.75, "−0.75", "trace")), exact(Value("q", -0.681638760023, "−0.68", "trace"))
    ('−0.75', '−0.681638760023')
    """
    return f"{value.value:.12g}".replace("-", "−")


def symbol(name: str) -> str:
    """A name in Typst's mathematics, as the films print it."""
    from chainreel.engine.symbols import TYPST

    return TYPST.name(name)


@lru_cache(maxsize=512)
def mathematics(text: str, inline: bool = False) -> str:
    """A formula of a lecture in Typst's mathematics, ``inline`` for a line of a table; empty where the engine cannot read it.

    >>> mathematics("x · y"), mathematics("sin(x·y) + x²"), mathematics("argmax of a table")
    ('x dot y', 'sin(x dot y) + x^2', '')
    """
    from chainreel.engine import Function
    from chainreel.engine.errors import EngineError
    from chainreel.engine.formula import formula

    try:
        text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda power: f"**{power[0].translate(RAISED)}", text.translate(SIGNS))
        read = Function.parse(text.replace("^", "**"))
        set_ = formula(read.trace(read.point()).output, expand="inputs", inline=inline)
    except (EngineError, ValueError, RecursionError):
        return ""
    return set_ if len(set_) <= LONGEST else ""
