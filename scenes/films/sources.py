"""The list of sources at a film's end: a line for each of them, made from the claims that its chapters show."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, FadeIn, LaggedStart, Line, VGroup

from ..figures.card_strip import wrapped
from ..figures.figure import Figure
from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.parts import round_caps
from ..stage.theme import Theme, mix
from ..stage.type import FLOOR, Label

SIZES = (26, 24, FLOOR)  # of the lines: the largest at which all of them have room
HEAD, GAP = 28, 0.26  # size of the heading; between two lines, frame units


class SourceList(Figure):
    """`sources`, and below it a line for each; they fill `area` from the top. Verb: `appear`."""

    card = True

    def __init__(self, theme: Theme, lines: Sequence[str], area: Area):
        super().__init__(theme)
        if not lines:
            raise StageError("a list of sources needs a source; a film that cites nobody has no list")
        self.lines = tuple(lines)
        self.head = Label("sources", theme.muted, HEAD, "semibold")
        self.head.set_baseline(area.left, area.top - 0.30)
        top = area.top - 0.55
        for size in SIZES:
            self.rows = self._rows(size, area.width)
            if sum(row.height + GAP for row in self.rows) <= top - area.bottom:
                break
        else:
            raise StageError(f"{len(lines)} sources have no room in one list; show them in two, one after the other")
        self.rules = VGroup()
        for row in self.rows:
            rule = Line([area.left, top, 0], [area.right, top, 0]).set_stroke(mix(theme.rim, theme.ground, 0.25), 1.6)
            self.rules.add(round_caps(rule))
            row.shift([area.left - row.get_left()[0], top - GAP / 2 - row.get_top()[1], 0])
            top -= row.height + GAP

    def _rows(self, size: float, width: float) -> list[VGroup]:
        return [wrapped(line, self.theme.ink, size, width, "medium", "left") for line in self.lines]

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"The sources: {'; '.join(self.lines)}")

    def appear(self, run_time: float = 1.4) -> LaggedStart:
        """Line by line, from the top."""
        parts = [self.keep(self.head, 4)]
        for rule, row in zip(self.rules, self.rows, strict=True):
            parts.append(self.keep(VGroup(rule, row), 4))
        return LaggedStart(*(FadeIn(part, shift=0.15 * RIGHT) for part in parts), lag_ratio=0.2, run_time=run_time)


__all__ = ["SourceList"]
