"""One formula turns into another by its labels: a symbol that stays slides to its new place, the rest fades.

Symbols are matched by role and by what is printed, then by role and step (a name and the number put in its place); the first
with the first, the second with the second. So the same two formulas always move the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from manim import Animation, Mobject, Scene, VGroup, VMobject, smooth

from .formula import Formula, Mark, number_source
from .type import Label


class Term(NamedTuple):
    """The glyphs that were printed by one mark, what they stand for, and their source."""

    mark: Mark
    body: str
    glyphs: VGroup


class TransformLabels(Animation):
    """`old` (a Formula, or anything with formulas, numbers and labels in it) turns into `new`; with `stay` a copy does.

    With `stay` a term slides out of a plot into an equation: `TransformLabels(VGroup(axis_name, slope), line, stay=True)`.
    `shared` is how many symbols slide; where it is 0, the one fades and the other appears.
    """

    def __init__(self, old: Mobject, new: Mobject, *, stay: bool = False, run_time: float = 0.9, **kwargs: Any):
        self.old, self.new, self.stay = old, new, stay
        self.leaving, self.arriving = old.copy(), VGroup(*(m.copy() for m in _visible(new)))
        twin = {id(m): c for m, c in zip(_visible(old), _visible(self.leaving), strict=True)}
        twin |= {id(m): c for m, c in zip(_visible(new), self.arriving, strict=True)}
        pairs = matched(terms(old), terms(new))
        self.shared = sum(1 for a, b in pairs if a.mark.role != "ink")
        self.slides: list[tuple[VMobject, VMobject, VMobject]] = []  # what moves, from where, to where
        self.fades: list[tuple[VMobject, VMobject, np.ndarray, bool]] = []  # what fades, as it was, how far it goes, whether in
        used: set[int] = set()
        for a, b in pairs:
            ours, theirs = _visible(a.glyphs), _visible(b.glyphs)
            used |= {id(m) for m in (*ours, *theirs)}
            if len(ours) == len(theirs):
                for one, other in zip(ours, theirs, strict=True):
                    goal = other.copy()
                    twin[id(one)].align_data(goal)
                    self.slides.append((twin[id(one)], twin[id(one)].copy(), goal))
                    twin[id(other)].set_opacity(0)
            else:  # a name and the number put in its place
                way = b.glyphs.get_center() - a.glyphs.get_center()
                self.fades += [(twin[id(m)], m.copy(), way, False) for m in ours]
                self.fades += [(twin[id(m)], m.copy(), -way, True) for m in theirs]
        for whole, comes in ((old, False), (new, True)):
            rest = [m for m in _visible(whole) if id(m) not in used]
            if stay and not comes:
                for m in rest:
                    twin[id(m)].set_opacity(0)
            else:
                self.fades += [(twin[id(m)], m.copy(), np.zeros(3), comes) for m in rest]
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(self.leaving, self.arriving), introducer=True, run_time=run_time, **kwargs)

    def _setup_scene(self, scene: Scene) -> None:
        if not self.stay:
            scene.remove(*self.old.get_family())
        super()._setup_scene(scene)

    def interpolate_mobject(self, alpha: float) -> None:
        """Symbols on their way; what leaves is gone before what is new has come."""
        way = self.rate_func(min(max(alpha, 0.0), 1.0))
        for glyph, start, goal in self.slides:
            glyph.interpolate(start, goal, way)
        for glyph, whole, path, comes in self.fades:
            share = min(max(2 * way - 1, 0.0), 1.0) if comes else 1 - min(2 * way, 1.0)
            glyph.points = whole.points + path * ((1 - way) if comes else way)
            glyph.set_fill(opacity=whole.get_fill_opacity() * share).set_stroke(opacity=whole.get_stroke_opacity() * share)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """The new formula is there as one, and of the old one nothing is left."""
        super().clean_up_from_scene(scene)
        scene.remove(*self.mobject.get_family())
        scene.add(self.new)


def terms(mobject: Mobject) -> list[Term]:
    """The terms of everything that is printed in a mobject, in reading order; a number or a label is a term of its own."""
    found: list[Term] = []
    for part in mobject.get_family():
        if isinstance(part, Formula):
            found += _of_formula(part)
        elif isinstance(part, Label) or (hasattr(part, "settled") and isinstance(part, VMobject)):
            text = getattr(part, "settled", None) or getattr(part, "text", "")
            found.append(Term(Mark("any", None), number_source(str(text)), VGroup(part)))
    return found


def _of_formula(formula: Formula) -> list[Term]:
    groups: dict[Any, list[VMobject]] = {}
    for k, glyph in enumerate(formula.submobjects):
        groups.setdefault(glyph.term or (k,), []).append(glyph)  # what is not marked stands alone
    return [
        Term(glyphs[0].mark, formula.bodies[code - 1] if isinstance(code, int) else _outline(glyphs[0]), VGroup(*glyphs))
        for code, glyphs in groups.items()
    ]


def _outline(glyph: VMobject) -> str:
    """What an unmarked glyph looks like, whatever its size and place."""
    points = glyph.points[:, :2] - glyph.points[:, :2].min(axis=0)
    return f"{len(points)} {np.round(points / max(float(np.ptp(points)), 1e-9), 2).tobytes().hex()[:64]}"


def matched(old: Sequence[Term], new: Sequence[Term]) -> list[tuple[Term, Term]]:
    """Pairs of terms: first by role and print, then by role and step, each in reading order."""
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for key in (_printed, _standing):
        waiting: dict[Any, list[int]] = defaultdict(list)
        for i, term in enumerate(old):
            if i not in taken_old and (k := key(term)) is not None:
                waiting[k].append(i)
        for j, term in enumerate(new):
            k = key(term)
            if j in taken_new or k is None:
                continue
            queue = waiting.get(k) or (waiting.get(("any", k[1])) if key is _printed else None)
            if queue:
                i = queue.pop(0)
                taken_old.add(i)
                taken_new.add(j)
                pairs.append((i, j))
    return [(old[i], new[j]) for i, j in sorted(pairs, key=lambda pair: pair[1])]


def _printed(term: Term) -> tuple[str, str]:
    return term.mark.role, term.body


def _standing(term: Term) -> tuple[str, int] | None:
    return None if term.mark.step is None or term.mark.role == "ink" else (term.mark.role, term.mark.step)


def _visible(mobject: Mobject) -> list[VMobject]:
    return [m for m in mobject.get_family() if isinstance(m, VMobject) and len(m.points)]


__all__ = ["Term", "TransformLabels", "matched", "terms"]
