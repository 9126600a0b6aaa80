"""Where a rule leaves a kind of object out, and why: the only exceptions that lint makes. `docs/lint.md` prints this table.

Each is narrow: it names what is left out; it is not a laxer number for everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from manim import MoveToTarget, Transform, config
from manim.animation.transform import _MethodAnimation

from ..stage.area import MARGIN
from ..stage.formula import Formula
from ..stage.number import Number
from ..stage.parts import Chip
from ..stage.table import LitNumber
from .sight import Seen


class Excepted(NamedTuple):
    """A kind of object that a rule (by its name) leaves out, how it is told, and the reason."""

    rule: str
    kind: str
    is_one: Callable[[Any], bool]
    why: str


def is_read(formula: str) -> bool:
    """Whether a formula is read: a name with its value is looked up, as on an instrument.

    >>> is_read("w_11 = 0.4"), is_read("L = 1.05"), is_read("z = 0.36 - 0.06 + 0.1"), is_read("L = (t - p)^2")
    (False, False, True, True)
    >>> is_read("h = 10^(-3)")
    False
    """
    left, equals, right = re.sub(r"(?:[\d.]+ dot )?10\^\(-?\d+\)", "n", formula).partition("=")  # a power of ten is one number
    return bool(equals and right.strip()) and len(re.findall(r"[a-zA-Z.]+|[-+*/^]|\d[\d.]*", right)) > 2


def of_class(*names: str) -> Callable[[Any], bool]:
    """Whether a mobject is of one of these classes (by name: figures are not imported here)."""
    return lambda m: type(m).__name__ in names


def on_a_plate(seen: Seen) -> bool:
    """Whether it is the number that a chip, a plate or a screen carries."""
    return any(isinstance(o, Chip) for o in seen.owners) or getattr(seen.mobject, "ground", None) is not None


def is_headline(seen: Seen) -> bool:
    """Whether it is as large as a headline, or stands at the top edge."""
    top = config.frame_height / 2 * (1 - 2 * MARGIN) - 0.9
    return float(seen.mobject.font_size) >= 30 or seen.box[1] > top


def is_value(seen: Seen) -> bool:
    """Whether it is a number, or a name with its value."""
    m = seen.mobject
    return isinstance(m, Number | LitNumber) or isinstance(m, Formula) and not is_read(seen.says)


def is_sign(seen: Seen) -> bool:
    """Whether there is no word of two letters in it."""
    return not isinstance(seen.mobject, Formula) and re.search(r"[^\W\d_]{2,}", seen.says) is None


def is_no_move(animation: Any) -> bool:
    """Whether an animation is anything but a move from rest to rest."""
    if not isinstance(animation, Transform | MoveToTarget | _MethodAnimation):
        return True
    return bool(animation.is_introducer() or animation.is_remover())


EXCEPTIONS = (
    Excepted("new things", "a ruler", of_class("Axes", "LogAxes"), "it is how a value is read, and known from school"),
    Excepted("new things", "light, plates, signs of place and landing", of_class(
        "Plate", "Glow", "Pulse", "Spot", "Readout", "QuestionBadge", "Tick", "HopArc", "Plumb", "Thread", "Picture", "Stage",
    ), "they say where to look; nothing is learned about them"),
    Excepted("new things", "text", of_class(
        "Label", "Number", "Phrase", "Formula", "LitNumber", "StepEquation", "SymbolSum", "Row", "Printable", "SerifNumber",
        "Count", "Word", "SourceChip",
    ), "its letters and its terms are counted, not the line that they stand on"),
    Excepted("time to read", "a formula with its numbers put in", lambda seen: bool(getattr(seen.mobject, "provenance", None)),
             "no new symbol is in it: it takes a second, and half a second for each sign of operation, three at most"),
    Excepted("size", "a number on a chip, a tag, a plate or a screen", on_a_plate,
             "the look sets chips at 22; ours are at 26 or larger, digits of 15.8 px at 480 lines where R14 asks for 13"),
    Excepted("density", "numbers on a ruler", lambda seen: bool(getattr(seen.mobject, "tick", False)),
             "looked up, not read: an axis alone has up to nine"),
    Excepted("density", "the user's own names and lines of source code",
             lambda seen: bool(getattr(seen.mobject, "names", False)),
             "the viewer brings them along, and they are what the clip is about: code shows a function of 14 lines"),
    Excepted("density", "a value, or a name with its value", is_value,
             "looked up at its object: backward has up to 29 texts, 24 of them numbers at boxes, on dials and on chips"),
    Excepted("density", "a sign, such as the question mark", is_sign, "no word of two letters is in it"),
    Excepted("pace", "fades, lights, pulses, rolling digits, and the run of an algorithm", is_no_move,
             "nothing goes from rest to rest that the eye would have to find again; 0.3 s is the least for them, too"),
    Excepted("near its object", "a headline", is_headline,
             "from size 30 on, or at the top edge, a line is about the whole frame"),
    Excepted("near its object", "a remark", lambda seen: len(seen.says.split()) > 4,
             "more than four words are a sentence about the picture, not the name of a part"),
)  # fmt: skip


def excepted(rule: str, thing: Any) -> bool:
    """Whether a rule leaves this object out."""
    return any(e.is_one(thing) for e in EXCEPTIONS if e.rule == rule)
