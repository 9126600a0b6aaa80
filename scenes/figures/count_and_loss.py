"""S4 twice over one knob: how many guesses are right – a staircase – and, under it, the loss; both over the same ruler.

Reads a KnobSlice. Invariants: the stairs are the counted right guesses at every setting; the curve is the loss; both points
stand over the knob's value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, Line, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine.learning import KnobSlice

from ..stage.area import Area
from ..stage.curve import Curve, corners_to_points
from ..stage.formula import Formula
from ..stage.number import Number
from ..stage.parts import round_caps
from ..stage.readout import Readout
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick
from ..stage.view import Range, View
from .figure import Figure
from .symbols import name_formula

SAMPLES = 481
LEFT, RIGHT, FLOOR = 0.62, 0.55, 0.46  # room for numbers, for the knob's name, for the ruler's numbers


class CountAndLoss(Figure):
    """`slice_` turns one knob; `see` is the range of it that is shown, `source` the name of its numbers.

    Verbs: `appear_stairs`, `appear_loss`, `stand`, `stand_below`, `remember`, `turn(row)` (with `beside`, what else follows).
    """

    def __init__(self, slice_: KnobSlice, theme: Theme, area: Area, see: Range, source: str):
        super().__init__(theme)
        self.slice, self.source, self.see = slice_, source, see
        (self.knob,) = slice_.inputs
        upper, lower = area.rows(1.0, 1.0, gap=0.55)
        x = np.linspace(*see, SAMPLES)
        self.losses, self.right = slice_.losses(x[:, None]), slice_.right(x[:, None])
        self.x, count = x, len(slice_.data)
        left, rim = area.left + LEFT, area.right - RIGHT
        self.upper = View(see, (0.0, float(count)), (left, rim, upper.bottom, upper.top - 0.1))
        low, high = float(self.losses.min()), float(self.losses.max())
        pad = 0.12 * (high - low)
        self.lower = View(see, (low - pad, high + pad), (left, rim, lower.bottom + FLOOR, lower.top))
        self.stairs = VGroup(*(self._stairs(width, opacity) for width, opacity in ((13, 0.12), (4.5, 1.0))))
        self.curve = Curve(theme, x, self.losses, self.lower, "loss", 4.5)
        self.frames = VGroup(
            self._frame(self.upper, [0.0, count / 2, float(count)], count / 2, False),
            self._frame(self.lower, [v for v in (0.5, 0.6, 0.7, 0.8, 0.9) if low - pad < v < high + pad], 0.1, True),
        )
        self.dots = VGroup(*(Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5) for _ in range(2)))
        self.reading = Readout("{n} of {m} right", self._counted, theme.tint("data"), 28, decimals=0)
        self.title = Formula(lambda mark: mark("loss", None, "L"), theme, 42, tinted=True)
        box = self.lower.box
        self.title.move_to([rim - 0.3, box[3] - 0.12, 0])
        self.reading.move_to([left + 0.25 + self.reading.width / 2, self.upper.box[3] - 0.12, 0])
        self.row = 0
        self.put(0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Two curves over the knob {self.knob}: above, the number of right guesses as a staircase; below, the loss, which "
            "falls smoothly."
        )

    def _counted(self, moment: int) -> dict[str, Any]:
        return {
            "n": replace(self.slice.quantity("right", moment), source=self.source),
            "m": replace(self.slice.quantity("examples"), source=self.source),
        }

    def value(self, row: int) -> float:
        """Where the knob stands at a point of the slice."""
        return float(self.slice.points[row][self.knob])

    # Verbs ------------------------------------------------------------------------------------------------------------

    def appear_stairs(self, run_time: float = 1.4) -> AnimationGroup:
        """The upper frame, and the stairs from left to right."""
        self.keep(self.frames[0], 1), self.keep(self.stairs, 2)
        return AnimationGroup(FadeIn(self.frames[0]), *(Create(part) for part in self.stairs), run_time=run_time)

    def appear_loss(self, run_time: float = 1.4) -> AnimationGroup:
        """The lower frame with the knob's ruler, and the loss."""
        self.keep(self.frames[1], 1), self.keep(self.curve, 2), self.keep(self.title, 5)
        return AnimationGroup(
            FadeIn(self.frames[1]), FadeIn(self.title), *(Create(layer) for layer in self.curve), run_time=run_time
        )

    def stand(self, run_time: float = 0.8) -> AnimationGroup:
        """A point on the stairs, with the count; the other one comes with the loss."""
        self.keep(self.dots[0], 8), self.keep(self.reading, 6)
        return AnimationGroup(FadeIn(self.dots[0], scale=0.4), FadeIn(self.reading), run_time=run_time)

    def stand_below(self, run_time: float = 0.8) -> FadeIn:
        """The point on the loss."""
        return FadeIn(self.keep(self.dots[1], 8), scale=0.4, run_time=run_time)

    def remember(self, run_time: float = 0.6) -> FadeIn:
        """Where both points stand now, and the loss there as a number."""
        rings = VGroup(*(Dot(radius=0.075, color=self.theme.muted).move_to(dot) for dot in self.dots))
        loss = replace(self.slice.quantity("loss", self.row), source=self.source)
        number = Number(loss, self.theme.tint("loss"), 28, decimals=3)
        number.move_to(self.dots[1].get_center() + [0.1 + number.width / 2, 0.28, 0])
        self.past = self.keep(VGroup(rings, number), 6)
        return FadeIn(self.past, run_time=run_time)

    def turn(self, row: int, beside: Any = None, run_time: float = 2.4) -> Animation:
        """The knob turns to another point; `beside(value, loss)` is told on the way."""
        start, self.row = self.row, row
        return Turning(self, start, row, beside, run_time=run_time)

    # Parts ------------------------------------------------------------------------------------------------------------

    def put(self, row: int) -> None:
        """Both points over a point of the slice, the count with its source."""
        self.at(self.value(row))
        self.reading.show(row)

    def at(self, value: float) -> float:
        """Both points over a value of the knob; the loss there."""
        loss = float(np.interp(value, self.x, self.losses))
        self.dots[0].move_to(self.upper.place(value, float(self.right[self._sample(value)])))
        self.dots[1].move_to(self.lower.place(value, loss))
        return loss

    def _sample(self, value: float) -> int:
        return int(np.argmin(np.abs(self.x - value)))

    def _stairs(self, width: float, opacity: float) -> VMobject:
        """Level pieces, and upright ones where the count changes."""
        jumps = np.flatnonzero(np.diff(self.right)) + 1
        corners = [(self.x[0], self.right[0])]
        for k in jumps:
            middle = (self.x[k - 1] + self.x[k]) / 2
            corners += [(middle, self.right[k - 1]), (middle, self.right[k])]
        corners.append((self.x[-1], self.right[-1]))
        places = np.array([self.upper.place(a, b)[:2] for a, b in corners])
        line = VMobject()
        line.points = corners_to_points([places])
        return round_caps(line.set_stroke(self.theme.data, width, opacity).set_fill(opacity=0))

    def _frame(self, view: View, numbers: list[float], step: float, ruler: bool) -> VGroup:
        theme, (left, right, bottom, top) = self.theme, view.box
        rim = mix(theme.rim, theme.muted, 0.45)
        group = VGroup(Line([left, bottom, 0], [right, bottom, 0]), Line([left, bottom, 0], [left, top, 0]))
        group.set_stroke(rim, 2.2)
        for value in numbers:
            y = float(view.place(view.x[0], value)[1])
            number = Tick(value, step, theme.muted)
            group.add(number.move_to([left - 0.14 - number.width / 2, y, 0]))
        for value in range(int(np.ceil(self.see[0])), int(np.floor(self.see[1])) + 1):
            x = float(view.place(float(value), view.y[0])[0])
            group.add(Line([x, bottom, 0], [x, bottom - 0.07, 0]).set_stroke(rim, 2))
            if ruler:
                group.add(Tick(float(value), 1.0, theme.muted).move_to([x, bottom - 0.3, 0]))
        if ruler:
            name = name_formula(self.knob, theme, "knob", 40)
            group.add(name.move_to([right + 0.12 + name.width / 2, bottom, 0]))
        return group


class Turning(Animation):
    """Both points follow the knob."""

    def __init__(self, figure: CountAndLoss, start: int, row: int, beside: Any, **kwargs: Any):
        self.figure, self.row, self.beside = figure, row, beside
        self.ends = figure.value(start), figure.value(row)
        super().__init__(VGroup(figure.dots, figure.reading), rate_func=smooth, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        value = self.ends[0] + (self.ends[1] - self.ends[0]) * share
        loss = self.figure.at(value)
        if alpha >= 1:
            self.figure.put(self.row)
        if self.beside is not None:
            self.beside(value, loss, alpha >= 1)


__all__ = ["CountAndLoss"]
