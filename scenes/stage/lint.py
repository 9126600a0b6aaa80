"""Layout lint: looks at a running scene and writes down what a viewer would stumble over.

Rules: inside the safe area, no label over another, nothing under the size floor, contrast, words on screen, captions'
room. It listens to a Stage (`Lint(stage)`), so it sees the end of every animation and of every beat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from manim import Mobject, config

from .formula import FLOOR as FORMULA_FLOOR
from .formula import Formula
from .number import Number, Printable
from .stage import Stage, opacity
from .theme import contrast
from .type import FLOOR as WORD_FLOOR
from .type import Label

NUMBER_FLOOR = 26  # bold numbers on chips; values in rounds are 28
MARGIN = 0.06
CAPTIONS = 0.16
MOST_WORDS = 20  # on cards; figures have fewer (R15)
TOUCH = 0.03  # overlap in frame units that is still only kerning


@dataclass(frozen=True)
class Finding:
    """One breach: which rule, in which beat, when (seconds), and what is wrong."""

    rule: str
    beat: int
    time: float
    message: str


class Lint:
    """Collects findings while a Stage runs; each distinct one once."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.findings: list[Finding] = []
        self._told: set[tuple[str, str]] = set()
        stage.watchers.append(self.look)

    def look(self, stage: Stage) -> None:
        """Judge what is on screen now."""
        texts = [t for t in visible_texts(stage) if opacity(t) > 0.3]
        self._safe_area(texts)
        self._overlaps(texts)
        self._sizes(texts)
        self._contrast(texts)
        self._density(texts)

    def _tell(self, rule: str, message: str) -> None:
        if (rule, message) not in self._told:
            self._told.add((rule, message))
            beat = max(len(self.stage.beats) - 1, 0)
            self.findings.append(Finding(rule, beat, round(self.stage.now, 2), message))

    def _safe_area(self, texts: list[Mobject]) -> None:
        w, h = config.frame_width, config.frame_height
        right, top, bottom = w / 2 * (1 - 2 * MARGIN), h / 2 * (1 - 2 * MARGIN), -h / 2 + CAPTIONS * h
        slack = 0.02
        for text in texts:
            (x0, y0, _), (x1, y1, _) = text.get_corner([-1, -1, 0]), text.get_corner([1, 1, 0])
            if x0 < -right - slack or x1 > right + slack or y1 > top + slack:
                self._tell("safe area", f"'{says(text)}' reaches into the 6 % margin")
            if y0 < bottom - slack:
                self._tell("safe area", f"'{says(text)}' reaches into the place of the captions")

    def _overlaps(self, texts: list[Mobject]) -> None:
        boxes = [(t, *t.get_corner([-1, -1, 0])[:2], *t.get_corner([1, 1, 0])[:2]) for t in texts]
        boxes.sort(key=lambda b: b[1])
        for i, (a, _, ay0, ax1, ay1) in enumerate(boxes):
            for b, bx0, by0, bx1, by1 in boxes[i + 1 :]:
                if bx0 > ax1:
                    break
                if min(ax1, bx1) - bx0 > TOUCH and min(ay1, by1) - max(ay0, by0) > TOUCH:
                    self._tell("overlap", f"'{says(a)}' and '{says(b)}' overlap")

    def _sizes(self, texts: list[Mobject]) -> None:
        for text in texts:
            size = float(text.font_size) * _scale(text)
            floor = FORMULA_FLOOR if isinstance(text, Formula) else NUMBER_FLOOR if isinstance(text, Number) else WORD_FLOOR
            if getattr(text, "tick", False):
                floor = WORD_FLOOR
            if size < floor * 0.985:
                self._tell("size", f"'{says(text)}' is shown at size {size:.0f}; the floor is {floor}")

    def _contrast(self, texts: list[Mobject]) -> None:
        look = self.stage.look
        for text in texts:
            if opacity(text) < 0.95:
                continue  # dimmed on purpose, or still fading in
            parts = text.submobjects if isinstance(text, Formula) else [text]
            for part in parts:
                colour = part.get_fill_color().to_hex()
                if colour.upper() == look.on_slope.upper():
                    ground = look.slope
                else:
                    ground = getattr(text, "ground", look.ground)
                if len(part.points) and contrast(colour, ground) < 4.5 - 0.05 and part.get_fill_opacity() > 0:
                    self._tell("contrast", f"'{says(text)}' has contrast {contrast(colour, ground):.1f}:1; 4.5 is the floor")
                    break

    def _density(self, texts: list[Mobject]) -> None:
        prose = [t for t in texts if isinstance(t, Label | Printable) and not isinstance(t, Number) and not t.names]
        words = sum(len(says(t).split()) for t in prose)
        if words > MOST_WORDS:
            self._tell("density", f"{words} words stand on the screen at once; {MOST_WORDS} is the most")


def visible_texts(stage: Stage) -> Iterator[Mobject]:
    """The outermost text mobjects on screen: labels, numbers, formulas."""
    seen: set[int] = set()

    def walk(mobject: Mobject) -> Iterator[Mobject]:
        if id(mobject) in seen:
            return
        seen.add(id(mobject))
        if isinstance(mobject, Label | Printable | Formula):
            if mobject.family_members_with_points():
                yield mobject
            return
        for child in mobject.submobjects:
            yield from walk(child)

    for top in stage.mobjects:
        yield from walk(top)


def says(text: Any) -> str:
    """What a text mobject says, for a message."""
    if hasattr(text, "text"):
        return str(text.text)
    return re.sub(r"lb\(\"#\w+\", |\)(?=[ )]|$)", "", getattr(text, "source", "formula")).strip()


def _scale(text: Any) -> float:
    """How much a text was scaled since it was set."""
    natural = getattr(text, "natural_height", None)
    return float(text.height / natural) if natural else float(getattr(text, "scaled", 1.0))
