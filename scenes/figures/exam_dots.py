"""An exam as a field: a mint square for every example that is guessed right, a mauve cross for every wrong one.

Reads an Exam. Invariant: each mark is that moment's guess compared with the label; an example keeps its place.
"""

from __future__ import annotations

import math

import numpy as np
from manim import Animation, FadeIn, VMobject
from manim.utils.rate_functions import linear

from chainreel.engine.learning import Exam

from ..stage.area import Area
from ..stage.theme import Theme
from ..stage.wire import polygon
from .figure import Figure
from .marks import crosses

FILLED = 0.62  # of the pitch


class ExamDots(Figure):
    """All examples of a part in an area, row by row. Verbs: `appear`, `sweep`, `show(m)`."""

    def __init__(self, exam: Exam, theme: Theme, area: Area, part: str = "unseen", moment: int = 0):
        super().__init__(theme)
        self.exam, self.part = exam, part
        count = len(exam.right(part, 0))
        square = math.sqrt(count * area.height / area.width)
        rows = min((r for r in range(1, count + 1) if count % r == 0), key=lambda r: abs(math.log(r / square)))
        columns = count // rows
        self.pitch = min(area.width / columns, area.height / rows)
        k = np.arange(count)
        x = area.center[0] + (k % columns - (columns - 1) / 2) * self.pitch
        y = area.center[1] - (k // columns - (rows - 1) / 2) * self.pitch
        self.places = np.column_stack([x, y])[np.random.default_rng(0).permutation(count)]  # data sets are sorted, fields not
        self.right = VMobject().set_fill(theme.data, 0.85).set_stroke(width=0)
        self.wrong = crosses(theme, np.zeros((0, 2)), 0.0, 2.2)
        self.moment, self.edge = -1, math.inf  # marks right of the edge are not there yet
        self.show(moment)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A field of {self.counted(len(self.places), 'mark')}, one for each {self.part} example: right or wrong."

    def show(self, m: float) -> ExamDots:
        """The marks of a moment of the log."""
        m = int(m)
        if m != self.moment:
            self.moment = m
            self._draw()
        return self

    def _draw(self) -> None:
        right, there = self.exam.right(self.part, self.moment), self.places[:, 0] <= self.edge
        half = FILLED * self.pitch / 2
        corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
        squares = [polygon(corners + place) for place in self.places[right & there]]
        self.right.points = np.concatenate(squares) if squares else np.zeros((0, 3))
        self.wrong.points = crosses(self.theme, self.places[~right & there], 0.72 * self.pitch).points

    def sweep(self, run_time: float = 1.6) -> Sweep:
        """Column after column, from the left."""
        self.keep(self.right, 3), self.keep(self.wrong, 4)
        return Sweep(self, run_time=run_time)

    def appear(self, run_time: float = 0.8) -> FadeIn:
        """All marks."""
        self.keep(self.right, 3), self.keep(self.wrong, 4)
        return FadeIn(self, run_time=run_time)


class Sweep(Animation):
    """The marks of a field appear from the left to the right."""

    def __init__(self, dots: ExamDots, run_time: float = 1.6):
        self.dots = dots
        self.left, self.right = dots.places[:, 0].min() - dots.pitch, dots.places[:, 0].max()
        self._to(0.0)
        super().__init__(dots, run_time=run_time, rate_func=linear, introducer=True)

    def _to(self, share: float) -> None:
        self.dots.edge = math.inf if share >= 1 else self.left + (self.right - self.left) * share
        self.dots._draw()

    def create_starting_mobject(self) -> ExamDots:
        """No copy: the field draws itself."""
        return self.dots

    def interpolate_mobject(self, alpha: float) -> None:
        self._to(min(max(alpha, 0.0), 1.0))


__all__ = ["ExamDots"]
