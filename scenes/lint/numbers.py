"""Rules about numbers: each has a source, is rounded the same way everywhere, and shown arithmetic closes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from manim import DecimalNumber

from ..stage.formula import Formula, number_source
from ..stage.number import Printable
from ..stage.rounding import closes
from ..stage.table import LitNumber
from ..stage.type import Label
from .sight import FOREIGN, Moment
from .typst_numbers import NotPlain, literal, sides, strip_marks, value

_NUMERAL = re.compile(r"^[−+-]?\d+(?:[.,]\d+)?%?$")


class TypedNumber:
    """R18: digits on screen come from an engine quantity, from a claim, from a ruler, or are the user's own."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._known: set[int] = set()

    def settled(self, moment: Moment) -> None:
        """Each text once, and again when its characters changed."""
        for seen in moment.texts:
            text = seen.mobject
            mark = hash((id(text), seen.says))
            if mark in self._known:
                continue
            self._known.add(mark)
            digits = self._typed(text, seen.says)
            if digits:
                message = f"'{seen.says}' shows {digits}, which comes from no engine quantity"
                self.lint.tell("typed number", message, seen.box, seen.says, moment)

    def _typed(self, text: Any, says: str) -> str:
        if getattr(text, "tick", False):
            return ""
        if isinstance(text, Formula):
            return self._in_formula(text)
        if getattr(text, "provenance", None) or getattr(text, "sourced", False):
            return ""
        if isinstance(text, Label):
            return says if _NUMERAL.match(says.strip()) and not text.names else ""
        if isinstance(text, Printable | DecimalNumber) or isinstance(text, FOREIGN):
            return " ".join(re.findall(r"\d[\d.,]*", says))
        return ""

    @staticmethod
    def _in_formula(text: Formula) -> str:
        if any(glyph.mark.step is not None for glyph in text.submobjects):
            return ""  # printed by the engine from its own graph
        whole = strip_marks(text.source)
        for source in sorted({number_source(p.text).lstrip("-") for p in text.provenance}, key=len, reverse=True):
            whole = whole.replace(source, " ")
        if re.fullmatch(r"\s*10\^\(?-?\d+\)?\s*", whole):
            return ""  # the name of a decade on a ruler
        whole = re.sub(r"[_^](?:\(-?\d+\)|\d+)|[A-Za-z.]+\d+|[\d.]+(?:em|pt|%)|\"[^\"]*\"", " ", whole)
        typed = [d.rstrip(".") for d in re.findall(r"\d[\d.]*", whole)]
        return " ".join(d for d in typed if float(d) not in (0, 1, 2))  # the mathematics' own: ½, 2x, 1 − y


class Decimals:
    """R19: a quantity is printed with one number of decimals in a chapter.

    Numbers whose digits are the subject (a nudged slope beside the true one) are printed as long as they need to be.
    """

    def __init__(self, lint: Any):
        self.lint = lint
        self._digits: set[tuple[str, str]] = set()

    def settled(self, moment: Moment) -> None:
        """Note whose digits are looked at: lit numbers, and what stands beside them as long as they are."""
        lit = [t.mobject for t in moment.texts if isinstance(t.mobject, LitNumber)]
        places = {p.decimals for number in lit for p in number.provenance}
        for seen in moment.texts if lit else ():
            for entry in getattr(seen.mobject, "provenance", None) or ():
                if entry.decimals in places:
                    self._digits.add((entry.quantity.source, entry.quantity.key))

    def finish(self, moment: Moment) -> None:
        """Over the whole ledger, chapter by chapter."""
        printed: dict[tuple[str | None, str, str], set[str]] = defaultdict(set)
        beats = moment.stage.beats
        for number in moment.stage.ledger.numbers:
            chapter = beats[number.beat].chapter if number.beat < len(beats) else None
            if "10" not in number.text and (number.source, number.key) not in self._digits:
                printed[chapter, number.source, number.key].add(number.text)
        for (_, source, key), texts in printed.items():
            places = {len(text.partition(".")[2]) for text in texts}
            self.lint.gauge("quantities", len(printed))
            if max(places) > min(places):
                self.lint.gauge("roundings", max(places) - min(places))
                message = f"{source} {key} is printed as {' and as '.join(sorted(texts, key=len))}"
                self.lint.tell("decimals", message, None, key, moment)


class Arithmetic:
    """R20: what is shown as equal is equal with the numbers that are shown."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._known: set[str] = set()

    def settled(self, moment: Moment) -> None:
        """Every formula once."""
        for seen in moment.texts:
            if isinstance(seen.mobject, Formula) and seen.mobject.source not in self._known:
                self._known.add(seen.mobject.source)
                self.lint.gauge("equations", len(self._known))
                for problem in broken(seen.mobject.source):
                    self.lint.tell("arithmetic", problem, seen.box, seen.says, moment)


def broken(source: str) -> list[str]:
    """What does not close in a formula.

    >>> broken("p = 1.5 dot 0.5 = 0.75"), broken("p = 2 dot 3 = 7")
    ([], ['2 dot 3 = 7: the shown numbers give 6'])
    """
    problems = []
    last: tuple[str, float] | None = None
    for relation, side in sides(source):
        try:
            number: float | None = value(side)
        except NotPlain:
            number = None
        if relation == "=" and last is not None and number is not None:
            here, there = literal(side), literal(last[0])
            ok = closes(here, last[1]) if here else closes(there, number) if there else abs(number - last[1]) < 1e-9
            if not ok:
                problems.append(f"{last[0]} = {side}: the shown numbers give {last[1] if here else number:g}")
        last = (side, number) if number is not None else None
    return problems
