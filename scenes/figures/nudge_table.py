"""A nudge check of every input in one table: name, nudged slope, the engine's slope, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from manim import RIGHT, AnimationGroup, FadeIn, LaggedStart, Line, VGroup, VMobject

from chainreel.engine import Differences, Quantity

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
AGREES = 0.01  # of the slope: what a nudge of this size may leave


class NudgeTable(Figure):
    """One row per input; the last row of each Differences is shown. Verbs: `appear`, `row(i)`, `confirm`."""

    def __init__(self, checks: Mapping[str, Differences], theme: Theme, left: float = -5.4, right: float = 5.9):
        super().__init__(theme)
        if not checks:
            raise StageError("there is no input to check")
        if len(checks) > MOST:
            raise StageError(f"the table of nudges has {len(checks)} rows; {MOST} fit on a frame")
        self.checks = dict(checks)
        pitch = min(1.15, 4.0 / len(checks))
        top = 0.15 + pitch * len(checks) / 2
        small, moved, nudged, exact = -3.2, -0.1, 2.75, right - 0.6  # the right ends of the columns
        self.head = VGroup(
            Label("input", theme.muted, 26).set_baseline(left, top + 0.08),
            Label("nudge", theme.muted, 26).set_baseline(small, top + 0.08, "right"),
            Label("value moves", theme.muted, 26).set_baseline(moved, top + 0.08, "right"),
            Label("nudged slope", theme.muted, 26).set_baseline(nudged, top + 0.08, "right"),
            Label("engine", theme.muted, 26).set_baseline(exact, top + 0.08, "right"),
            Line([left, top - 0.18, 0], [right, top - 0.18, 0]).set_stroke(theme.muted, 2),
        )
        self.rows: list[VGroup] = []
        self.ticks = VGroup()
        self.agree: list[bool] = []
        for i, (source, d) in enumerate(self.checks.items()):
            y = top - 0.18 - pitch * (i + 0.62)
            last = len(d.rows) - 1

            def q(kind: str, d: Differences = d, source: str = source, last: int = last) -> Quantity:
                return replace(d.quantity(kind, last), source=source)

            decimals = slope_decimals(float(d.exact), float(d.rows[last].error))
            name = name_formula(d.name, theme, "knob", 46)
            name.move_to([left + name.width / 2, y + 0.09, 0])
            fine = min((decimals or 2) + max(round(-math.log10(abs(d.rows[last].delta))), 0), 9)
            delta = Number(q("delta"), theme.ink, 32)
            small_rise = abs(d.rows[last].rise) < 9.5e-4  # is printed with a power of ten
            rise = Number(q("rise"), theme.tint("value"), 32, decimals=None if small_rise else min(fine, 7))
            lit = LitNumber(theme, q("slope"), q("exact"), decimals, 34).put(nudged, y)
            number = Number(q("exact"), theme.tint("slope"), 34, "semibold", decimals=decimals)
            for part, edge in ((delta, small), (rise, moved), (number, exact)):
                part.move_to([edge - part.width / 2, y + 0.17, 0])
            self.rows.append(VGroup(name, delta, rise, lit, number))
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
