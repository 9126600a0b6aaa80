"""S15: the step of momentum as a sum – the terms across the valley turn round and cancel, those along it add up.

Reads the parts of a run with momentum. Invariants: every arrow is a term of the engine, all on one scale; laid tip to tail
they end at the run's own update along that axis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import AnimationGroup, Create, DashedLine, FadeIn, LaggedStart, Line, Polygon, VGroup, VMobject

from chainreel.engine import Quantity
from chainreel.engine.momentum import MomentumParts

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.plate import Plate
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .contour_descent import ContourDescent
from .figure import Figure

TITLES = ("along the valley", "across the valley")
PITCH = 0.24  # the most between two arrows
MOST = 16  # terms that can be told apart


class MomentumSum(Figure):
    """Step `step` of a run, one row of `area` for the axis across the valley, one for that along it.

    Verbs: `appear(axis)`, `lay(axis)` (terms tip to tail, the oldest first), `total(axis)`, and on a map of the same run
    `axes_on(map)`. Axis 0 is along, the last one across. Raises StageError for runs with more than two knobs and late steps.
    """

    def __init__(self, theme: Theme, parts: MomentumParts, step: int, area: Area, *, source: str = "momentum"):
        super().__init__(theme)
        self.parts, self.step, self.source, self.area = parts, step, source, area
        if len(parts.axes) != 2:
            raise StageError(f"across and along are two axes; this run has {len(parts.axes)} knobs")
        if not 0 <= step < len(parts):
            raise StageError(f"the run has {len(parts)} steps; there is no step {step}")
        if step + 1 > MOST:
            raise StageError(f"step {step} has {step + 1} terms, too many to be told apart; up to {MOST} are shown")
        self.rows = dict(zip((1, 0), area.rows(1.0, 1.0, gap=0.35), strict=True))
        self.runs = {a: np.concatenate([[0.0], np.cumsum(parts.terms(a, step))]) for a in (0, 1)}
        low = min(0.0, *(float(r.min()) for r in self.runs.values()))
        high = max(0.0, *(float(r.max()) for r in self.runs.values()))
        self.unit = (area.width - 1.9) / ((high - low) or 1.0)  # frame units for one unit of the knobs
        self.zero = area.left + 0.2 - low * self.unit
        self.titles, self.arrows, self.bars, self.numbers, self.lines = {}, {}, {}, {}, {}
        for a, room in self.rows.items():
            name = Label(TITLES[a], theme.ink, 26, "semibold")
            self.titles[a] = name.move_to([area.left + name.width / 2, room.top - 0.18, 0])
            pitch = min(PITCH, (room.height - 1.25) / (step + 1))
            top = room.top - 0.62
            terms = VGroup()
            for j in range(step + 1):
                y = top - pitch * j
                terms.add(self._arrow(self.runs[a][j], self.runs[a][j + 1], y, 0.4 * pitch))
            foot = top - pitch * (step + 1) - 0.14
            self.arrows[a] = terms
            self.lines[a] = Line([self.zero, top + 0.16, 0], [self.zero, foot - 0.2, 0]).set_stroke(theme.rim, 2)
            end = self.place(float(self.runs[a][-1]))
            corners = [[self.zero, foot + 0.15, 0], [end, foot + 0.15, 0], [end, foot - 0.15, 0], [self.zero, foot - 0.15, 0]]
            self.bars[a] = Polygon(*corners).set_fill(theme.knob, 0.95).set_stroke(theme.knob, 1.5)
            number = Number(self.total_of(a), theme.tint("knob"), 30, decimals=3, plus=True)
            side = max(end, self.zero) + 0.16 + number.width / 2
            self.numbers[a] = number.move_to([side, foot, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"One step of momentum as the sum of {self.counted(self.step + 1, 'term')}: across the valley they turn round and "
            "cancel, along it they add up."
        )

    def total_of(self, axis: int) -> Quantity:
        """The update along an axis."""
        return replace(self.parts.quantity("total", axis, self.step), source=self.source)

    def place(self, value: float) -> float:
        """Where a value stands, frame units."""
        return self.zero + value * self.unit

    def _arrow(self, start: float, end: float, y: float, half: float) -> VMobject:
        """A flat arrow from one running sum to the next."""
        a, b = self.place(start), self.place(end)
        way = 1.0 if b >= a else -1.0
        head = min(2.2 * half, abs(b - a))
        neck = b - way * head
        rim, wing = 0.6 * half, min(half, 0.09) + 0.03
        upper = [(a, rim), (neck, rim), (neck, wing), (b, 0.0)]
        corners = [*upper, *((x, -up) for x, up in reversed(upper[:-1]))]
        shape = Polygon(*[[x, y + up, 0] for x, up in corners]).set_stroke(width=0)
        return shape.set_fill(self.theme.slope if way > 0 else mix(self.theme.slope, self.theme.ink, 0.45), 1)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, axis: int, run_time: float = 0.7) -> AnimationGroup:
        """The name of an axis and where its sum begins."""
        name, line = self.keep(self.titles[axis], 4), self.keep(self.lines[axis], 0)
        return AnimationGroup(FadeIn(name), Create(line), run_time=run_time)

    def lay(self, axis: int, run_time: float = 2.4) -> LaggedStart:
        """The terms along an axis, tip to tail, the oldest on top."""
        self.keep(self.arrows[axis], 3)
        return LaggedStart(*(FadeIn(a, shift=0.06 * np.array([0, -1.0, 0])) for a in self.arrows[axis]), lag_ratio=0.5,
                           run_time=run_time)  # fmt: skip

    def total(self, axis: int, run_time: float = 0.9) -> AnimationGroup:
        """What is left of them: the step along that axis."""
        bar, number = self.keep(self.bars[axis], 3), self.keep(self.numbers[axis], 5)
        return AnimationGroup(FadeIn(bar), FadeIn(number, shift=0.1 * np.array([1.0, 0, 0])), run_time=run_time)

    def axes_on(self, chart: ContourDescent, length: float = 1.5, run_time: float = 1.0) -> AnimationGroup:
        """On a map of the same knobs, the two directions through the place of this step. Raises StageError for another map."""
        if tuple(chart.names) != self.parts.names:
            raise StageError(f"the map shows {' and '.join(chart.names)}, the run has {' and '.join(self.parts.names)}")
        point = self.parts.descent.steps[self.step].point
        at = chart.view.place(*(float(point[n]) for n in chart.names))
        self.crossing, shows = VGroup(), []
        for a in (0, 1):
            way = np.array([*(self.parts.axes[a] * chart.view.scale), 0.0])
            way /= np.hypot(*way[:2])
            reach = length if a == 0 else 0.6 * length
            line = DashedLine(at - reach * way, at + reach * way, dash_length=0.1).set_stroke(self.theme.ink, 2.6, 0.95)
            word = Plate(self.theme, Label(TITLES[a].split()[0], self.theme.ink, 24, "semibold"))
            off = reach + 0.08 + 0.5 * abs(float(np.dot(way[:2], [word.width, word.height])))
            self.crossing.add(VGroup(line, word.move_to(at + off * way)))
            shows += [Create(line), FadeIn(word)]
        self.keep(self.crossing, 9)
        return AnimationGroup(*shows, run_time=run_time)


__all__ = ["MomentumSum"]
