"""What is on screen at a moment: the texts with their boxes, and everything else that can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from manim import DecimalNumber, MarkupText, Mobject, Paragraph, SingleStringMathTex, Text, config

from ..stage.badge import QuestionBadge
from ..stage.formula import Formula
from ..stage.number import Number, Printable
from ..stage.table import LitNumber
from ..stage.type import Label
from .finding import Box
from .typst_numbers import strip_marks

TEXTS = (Label, Printable, Formula, LitNumber)
FOREIGN = (Text, MarkupText, Paragraph, SingleStringMathTex, DecimalNumber)  # a scene may use manim's own texts
SEEN = 0.3  # opacity from which a viewer notices it


def family(*mobjects: Any) -> list[Any]:
    """The mobjects and all their parts, each once, owners first (as `get_family`, which is slow)."""
    known: dict[int, Any] = {}
    stack = list(reversed(mobjects))
    while stack:
        mobject = stack.pop()
        if id(mobject) not in known:
            known[id(mobject)] = mobject
            stack.extend(reversed(mobject.submobjects))
    return list(known.values())


def extent(mobject: Mobject) -> Box | None:
    """Left, bottom, right, top of all its points; None for nothing."""
    rows = [part.points for part in family(mobject) if len(part.points)]
    if not rows:
        return None
    points = rows[0] if len(rows) == 1 else np.concatenate(rows)
    (x0, y0), (x1, y1) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def own_opacity(mobject: Any) -> float:
    """The strongest of its own fill and stroke."""
    fill, stroke = getattr(mobject, "fill_rgbas", None), getattr(mobject, "stroke_rgbas", None)
    best = float(fill[0][3]) if fill is not None and len(fill) else 0.0
    if stroke is not None and len(stroke) and mobject.stroke_width > 0:
        best = max(best, float(stroke[0][3]))
    return best


def opacity(mobject: Any) -> float:
    """How visible a mobject is, 0 to 1: the strongest fill or stroke of its family."""
    best = 0.0
    for part in family(mobject):
        if len(part.points):
            best = max(best, own_opacity(part))
            if best >= 1.0:
                break
    return best


def says(text: Any) -> str:
    """What a text mobject says, for a message."""
    if hasattr(text, "text"):
        return str(text.text)
    if hasattr(text, "tex_string"):
        return str(text.tex_string)
    return re.sub(r"\s+", " ", strip_marks(getattr(text, "source", type(text).__name__))).strip()


def scale_of(text: Any) -> float:
    """How much a text was scaled since it was set."""
    natural = getattr(text, "natural_height", None)
    return float(text.height / natural) if natural else float(getattr(text, "scaled", 1.0))


@dataclass(frozen=True)
class Seen:
    """A text as it stands on screen."""

    mobject: Any
    box: Box
    opacity: float
    owners: tuple[Any, ...]  # the mobjects that it is part of, outermost first

    @cached_property
    def says(self) -> str:
        """Its characters."""
        return says(self.mobject)

    @property
    def is_prose(self) -> bool:
        """Words of ours, not the user's names and not a number."""
        m = self.mobject
        if isinstance(m, Number | Formula | LitNumber) or getattr(m, "names", False) or getattr(m, "tick", False):
            return False
        return len(re.findall(r"[^\W\d_]{2,}", self.says)) > 0

    @property
    def on_card(self) -> bool:
        """Whether it is written on a card, where more may stand."""
        return any("card" in type(o).__name__.lower() or getattr(o, "card", False) for o in self.owners)


class Moment:
    """One look at a scene."""

    def __init__(self, stage: Any, time: float):
        self.stage, self.time = stage, time
        self.beat = max(len(stage.beats) - 1, 0)
        self.words = stage.beats[-1].words if stage.beats else ""

    @cached_property
    def texts(self) -> list[Seen]:
        """The outermost texts that a viewer notices."""
        found = []
        for mobject, owners in walk_texts(self.stage.mobjects):
            visible = opacity(mobject)
            if visible > SEEN:
                box = extent(mobject)
                if box is not None and on_frame(box):
                    found.append(Seen(mobject, box, visible, owners))
        return found

    @cached_property
    def shapes(self) -> list[Any]:
        """Everything visible that is no text and no light: single outlines."""
        inside = {id(p) for seen in self.texts for p in family(seen.mobject)}
        found = []
        for mobject in self._all:
            if id(mobject) in inside or not len(mobject.points) or hasattr(mobject, "falloff"):
                continue
            if own_opacity(mobject) > 0.08:
                found.append(mobject)
        return found

    @cached_property
    def _all(self) -> list[Any]:
        return family(*self.stage.mobjects)

    def of(self, *kinds: type) -> list[Any]:
        """All mobjects of those classes that can be seen."""
        return [m for m in self._all if isinstance(m, kinds) and opacity(m) > SEEN]

    @cached_property
    def question(self) -> bool:
        """Whether the "?" badge is up."""
        return bool(self.of(QuestionBadge))


def on_frame(box: Box) -> bool:
    """Whether any of it is on the frame."""
    w, h = config.frame_width / 2, config.frame_height / 2
    return bool(box[0] < w and box[2] > -w and box[1] < h and box[3] > -h)


def walk_texts(mobjects: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The outermost text mobjects in a tree, each once, with what they are part of."""
    seen: set[int] = set()

    def walk(mobject: Any, owners: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        if id(mobject) in seen:
            return
        seen.add(id(mobject))
        if isinstance(mobject, TEXTS + FOREIGN):
            yield mobject, owners
            return
        for child in mobject.submobjects:
            yield from walk(child, (*owners, mobject))

    for top in mobjects:
        yield from walk(top, ())


def overlap(a: Box, b: Box) -> tuple[float, float]:
    """How far two boxes reach into each other, across and up; negative where they are apart."""
    return min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])


def distance(a: Box, b: Box) -> float:
    """The gap between two boxes."""
    dx, dy = overlap(a, b)
    return float(np.hypot(max(-dx, 0), max(-dy, 0)))
