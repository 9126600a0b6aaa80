"""R4: what a beat brings that was not there before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from ..stage.formula import Formula
from .exceptions import excepted
from .finding import Finding
from .glossary import TERMS
from .sight import SEEN, Moment, opacity
from .typst_numbers import strip_marks

MOST_NEW = 2  # things in one beat
_GREEK = "alpha|beta|gamma|delta|Delta|epsilon|eta|theta|lambda|mu|rho|sigma|tau|phi|psi|omega|nabla"
_SYMBOL = re.compile(rf"(?<![A-Za-z._])(?:[A-Za-z]|{_GREEK})(?![A-Za-z.])")


class News(NamedTuple):
    """What a beat brings: objects and terms, letters, and roles whose colours nothing new wears."""

    beat: int
    time: float
    objects: frozenset[str]
    letters: frozenset[str]
    roles: frozenset[str]

    def things(self, known: Iterable[str] = ()) -> list[str]:
        """The new things: a letter that comes with an object is its name, and a colour belongs to what first wears it."""
        come, named = sorted(self.objects - set(known)), sorted(in_a_row(self.letters - set(known)))
        new = come if len(come) >= len(named) else named
        return new or sorted(f"the colour of {role}" for role in self.roles - set(known))


class NewThings:
    """R4: a beat brings at most two new things. A thing is a kind of object, a symbol or a term; what belongs together by
    the glossary (the word "knob" and a dial) is one, and so is a letter with the object that it comes with, and a colour with
    what first wears it. What a film's earlier chapters have shown is known: there `too_many` is asked when all are there.
    """

    def __init__(self, lint: Any):
        self.lint = lint
        self._known: set[str] = set()
        self._open = False

    def beat(self, moment: Moment) -> None:
        """At the end of a beat."""
        objects = {thing(n) for n in kinds(moment) | terms(moment)}
        letters, roles = symbols(moment), roles_of(moment)
        fresh = roles - self._known if self._open else set()  # the first picture wears its own
        self.lint.news.append(
            News(moment.beat, moment.time, *(frozenset(s) for s in (objects - self._known, letters - self._known, fresh)))
        )
        self._known |= objects | letters | roles
        self._open = True

    def finish(self, moment: Moment) -> None:
        """Over the whole, where nothing came before it."""
        self.lint.seen = frozenset(self._known)
        if not self.lint.film:
            for finding in too_many(self.lint.news):
                self.lint.findings.append(finding)


def too_many(news: Iterable[News], known: Iterable[str] = ()) -> list[Finding]:
    """A finding for each beat that brings more than two things that are not known."""
    found = []
    for entry in news:
        things = entry.things(known)
        if len(things) > MOST_NEW:
            message = f"{len(things)} new things come in one beat: {', '.join(things)}"
            found.append(Finding("new things", entry.beat, round(entry.time, 2), message))
    return found


def kinds(moment: Moment) -> set[str]:
    """The named parts of the vocabulary that can be seen: Dial, Chip, Ribbon, Curve, Trail, …"""
    return {type(m).__name__ for m in moment._all if is_part(m) and opacity(m) > SEEN}


def is_part(mobject: Any) -> bool:
    """Whether it is a named part of the stage's or a figure's, not a bare outline, a text or a whole figure."""
    from ..figures.figure import Figure

    mine = type(mobject).__module__.startswith("chainreel.")
    return mine and not isinstance(mobject, Figure) and not excepted("new things", mobject)


def symbols(moment: Moment) -> set[str]:
    """The letters of formulas, without the user's own names (inputs, and f for the function): these the viewer brings along."""
    names = getattr(getattr(moment.stage, "subject", None), "inputs", ())
    own = {re.sub(r"_?\d+$", "", name) for name in names} | {"f"}
    return {s for seen in moment.texts if isinstance(seen.mobject, Formula) for s in symbols_of(seen.mobject)} - own


def symbols_of(formula: Formula) -> set[str]:
    """The letters that a formula uses, each without its index; none where the engine has printed the user's graph."""
    if any(glyph.mark.step is not None for glyph in formula.submobjects):
        return set()
    source = re.sub(r"\"[^\"]*\"|_\([^()]*\)|_\w+|[A-Za-z]+(?:\.[a-z]+)+", " ", strip_marks(formula.source))
    return set(_SYMBOL.findall(source)) - {"e", "d"}


def terms(moment: Moment) -> set[str]:
    """The terms of the glossary whose words stand on screen."""
    words = " ".join(seen.says for seen in moment.texts if seen.is_prose)
    return {term.name for term in TERMS if re.search(rf"\b(?:{term.said})\b", words, re.I)}


def thing(name: str) -> str:
    """What a kind or a term belongs to; a letter is itself."""
    return next((t.name for t in TERMS if name == t.name or name in t.drawn), name)


def in_a_row(names: Collection[str]) -> set[str]:
    """Letters that follow each other in the alphabet name one kind of thing, as indices do.

    >>> sorted(in_a_row({"a", "b", "u", "v", "x", "Dial"}))
    ['Dial', 'a, b', 'u, v', 'x']
    """
    letters = sorted(name for name in names if len(name) == 1)
    rows: list[str] = []
    for letter in letters:
        if rows and ord(letter) == ord(rows[-1][-1]) + 1:
            rows[-1] += f", {letter}"
        else:
            rows.append(letter)
    return {name for name in names if len(name) > 1} | set(rows)


def roles_of(moment: Moment) -> set[str]:
    """The role colours that can be seen in texts and shapes."""
    from ..stage.vision import ROLES
    from .colours import colours_of

    colours = {c for shape in moment.shapes for c in colours_of(shape)}
    return {role for role in ROLES if moment.stage.look.role(role).upper() in colours}


__all__ = ["NewThings", "News", "symbols_of", "too_many"]
