"""A nudge check of every input in one table: name, nudged slope, the engine's slope, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from manim import RIGHT, AnimationGroup, FadeIn, LaggedStart, Line, VGroup, VMobject

from chainreel.engine import Differences, Quantity

from ..stage.area import Area, safe_area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import round_caps
from ..stage.table import LitNumber
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .secant_zoom import slope_decimals
from .symbols import name_formula

MOST = 8
NARROW = 9.0  # frame units
HEAD, LEAST = 1.0, 0.98  # height of the head, and of a row, in a narrow area
AGREES = 0.01  # of the slope: what a nudge of this size may leave


class NudgeTable(Figure):
    """One row per input; the last row of each Differences is shown. Verbs: `appear`, `row(i)`, `confirm`.

    In a narrow area the nudge stands under what the value moves by, as in the fraction that is the slope.
    """

    def __init__(self, checks: Mapping[str, Differences], theme: Theme, area: Area | None = None):
        super().__init__(theme)
        if not checks:
            raise StageError("there is no input to check")
        area = area or safe_area()
        self.narrow = area.width < NARROW
        if self.narrow:
            area = area.inset(0.1, 0.0)
            most = min(MOST, int((area.height - HEAD) / LEAST))
            pitch = min(1.7, (area.height - HEAD) / len(checks))
        else:
            area, most, pitch = Area(area.left + 0.86, area.right - 0.36, *area.box[2:]), MOST, min(1.15, 4.0 / len(checks))
        if len(checks) > most:
            raise StageError(f"the table of nudges has {len(checks)} rows; {most} fit on a frame")
        self.checks = dict(checks)
        middle = float(area.center[1]) - (0.5 * HEAD if self.narrow else 0.25)
        top = middle + pitch * len(checks) / 2 + (0.18 if self.narrow else 0.0)
        left, right = area.left, area.right
        # the right ends of the columns
        small, moved, nudged, exact = left + 2.5, left + 5.3, left + 8.15, right - 0.6
        if self.narrow:
            small = moved = left + 2.4
            nudged, exact = left + 4.4, right - 0.5
            lacking = self._names() + 0.3 + self._rises(26) - (moved - left)  # what long numbers need beyond their column
            small = moved = moved + min(max(lacking, 0.0), 0.35)
        else:
            lacking = self._rises(32) + 0.4 - (moved - small)
            if lacking > 0:
                moved += min(lacking / 2, 0.2)
                small = moved - (self._rises(32) + 0.4)
        over = 0.44 if self.narrow else 0.0
        self.head = VGroup(
            *(Label(words, theme.muted, 26).set_baseline(edge, top + 0.08 + up, "right") for words, edge, up in (
                ("nudge", small, 0.0),
                ("value moves", moved, over),
                ("slope" if self.narrow else "nudged slope", nudged, 0.0),
                ("engine", exact, 0.0),
            )),
            Line([left, top - 0.18, 0], [right, top - 0.18, 0]).set_stroke(theme.muted, 2),
        )  # fmt: skip
        if self.narrow:
            above, below = self.head[1], self.head[0]
            below.shift([above.get_center()[0] - below.get_center()[0], 0, 0])
            y = (above.get_bottom()[1] + below.get_top()[1]) / 2
            self.head.add(Line([above.get_left()[0], y, 0], [above.get_right()[0], y, 0]).set_stroke(theme.muted, 1.6))
            fraction = float(above.get_center()[0])
        else:
            self.head.add(Label("input", theme.muted, 26).set_baseline(left, top + 0.08))
        self.rows: list[VGroup] = []
        self.ticks = VGroup()
        self.agree: list[bool] = []
        for i, (source, d) in enumerate(self.checks.items()):
            y = top - 0.18 - pitch * (i + 0.62)
            if self.narrow:
                y = top - 0.18 - pitch * (i + 0.5) - 0.17
            last = len(d.rows) - 1

            def q(kind: str, d: Differences = d, source: str = source, last: int = last) -> Quantity:
                return replace(d.quantity(kind, last), source=source)

            decimals = slope_decimals(float(d.exact), float(d.rows[last].error))
            name = name_formula(d.name, theme, "knob", 46)
            name.move_to([left + name.width / 2, y + 0.09, 0])
            digits = self._digits(d)
            for size in (34, 30, 26, 22):
                delta = Number(q("delta"), theme.ink, min(size, 32))
                rise = Number(q("rise"), theme.tint("value"), min(size, 32), decimals=digits)
                lit = LitNumber(theme, q("slope"), q("exact"), decimals, size)
                number = Number(q("exact"), theme.tint("slope"), size, "semibold", decimals=decimals)
                free = nudged - moved - 0.3, exact - nudged - 0.3
                if lit.advance <= free[0] and number.width <= free[1] and rise.width <= moved - name.get_right()[0] - 0.3:
                    break
            lit.put(nudged, y)
            up, down = (0.47, -0.13) if self.narrow else (0.17, 0.17)
            for part, edge, lift in ((delta, small, down), (rise, moved, up), (number, exact, 0.17)):
                part.move_to([edge - part.width / 2, y + lift, 0])
            row = VGroup(name, delta, rise, lit, number)
            if self.narrow:
                wide = max(delta.width, rise.width) / 2 + 0.05
                centre = min(fraction, moved - wide)
                for part in (delta, rise):
                    part.move_to([centre, part.get_center()[1], 0])
                row.add(Line([centre - wide, y + 0.17, 0], [centre + wide, y + 0.17, 0]).set_stroke(theme.ink, 2))
            self.rows.append(row)
            good = abs(d.rows[last].error) <= AGREES * max(abs(d.exact), abs(d.rows[last].slope), 1e-6)
            self.agree.append(good)
            x = right - 0.12
            points = (
                [[-0.13, 0, 0], [-0.04, -0.1, 0], [0.14, 0.13, 0]]
                if good
                else [[-0.1, -0.1, 0], [0.1, 0.1, 0], [0, 0, 0], [-0.1, 0.1, 0], [0.1, -0.1, 0]]
            )
            mark = VMobject().set_points_as_corners(points).shift([x, y + 0.17, 0])
            mark.set_stroke(theme.data if good else theme.loss, 5).set_fill(opacity=0)
            self.ticks.add(round_caps(mark))

    @staticmethod
    def _digits(d: Differences) -> int | None:
        """Decimals of what the value moves by, those of its slope and the nudge; None (a power of ten) if these are many."""
        row = d.rows[-1]
        fine = (slope_decimals(float(d.exact), float(row.error)) or 2) + max(round(-math.log10(abs(row.delta))), 0)
        return None if abs(row.rise) < 9.5e-4 and fine > 7 else min(fine, 7)

    def _rises(self, size: float) -> float:
        """The width of the longest number that the value moves by."""
        last = [(d.quantity("rise", len(d.rows) - 1), self._digits(d)) for d in self.checks.values()]
        return max(Number(rise, self.theme.ink, size, decimals=digits).width for rise, digits in last)

    def _names(self) -> float:
        return max(name_formula(d.name, self.theme, "knob", 46).width for d in self.checks.values())

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A table that checks slopes against nudges: {self.listed(self.checks)}."

    def appear(self) -> FadeIn:
        """The head of the table."""
        return FadeIn(self.keep(self.head, 4), run_time=0.6)

    def row(self, i: int) -> FadeIn:
        """One input."""
        return FadeIn(self.keep(self.rows[i], 5), shift=0.15 * RIGHT)

    def confirm(self) -> AnimationGroup:
        """A mint tick where they agree, a mauve cross where they do not."""
        self.keep(self.ticks, 6)
        return LaggedStart(*(FadeIn(t) for t in self.ticks), lag_ratio=0.3, run_time=0.4 + 0.2 * len(self.ticks))

    def verdict(self) -> str:
        """What the table says, in a sentence."""
        if all(self.agree):
            return "They agree: the engine's slopes are what the nudges measure."
        return "Not all agree: where they differ, the function bends or breaks within the nudge."
