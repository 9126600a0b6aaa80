"""Axes whose rulers are powers of ten: a view of exponents, ticks in the math face, faint lines at every tick."""

from __future__ import annotations

import math

import numpy as np
from manim import Line, VGroup, VMobject

from .formula import Formula
from .theme import Theme, mix
from .ticks import Tick, round_steps
from .view import Box, Range, View

TICK = 32  # size of the powers, the floor of formulas
FAR = 1.0  # frame units between two powers along x
HIGH = 0.62  # and along y


def log_view(x: Range, y: Range, box: Box) -> View:
    """A view of the exponents of two positive ranges, widened to whole powers.

    >>> log_view((1e-15, 1.0), (2e-10, 0.5), (0.0, 7.5, 0.0, 5.0)).y
    (-10.0, 0.0)
    """
    wide = []
    for low, high in (x, y):
        a, b = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
        wide.append((float(a), float(max(b, a + 1))))
    view = View(wide[0], wide[1], box)
    sx, sy = view.scale
    return View(wide[0], wide[1], box, (_every(wide[0], sx, FAR), _every(wide[1], sy, HIGH)))


def half_log_view(x: Range, y: Range, box: Box) -> View:
    """A view of the exponents of x over plain y, ticks of y on a round step."""
    a, b = math.log10(x[0]), math.log10(x[1])
    room = (box[3] - box[2]) / HIGH
    step = next(s for s in round_steps((y[1] - y[0]) / room) if (y[1] - y[0]) / s <= room)
    view = View((a, b), y, box)
    return View(view.x, view.y, box, (_every(view.x, view.scale[0], FAR), step))


def _every(span: Range, scale: float, room: float) -> float:
    """How many powers lie between two ticks, so that they stand apart."""
    return float(next((n for n in (1, 2, 3, 5, 10, 20, 50) if n * scale >= room), 100))


def power(theme: Theme, exponent: int, role: str = "muted", size: float = TICK) -> Formula:
    """`10^(−9)`; 1 and 10 are written out."""
    text = {0: "1", 1: "10"}.get(exponent, f"10^({exponent})")
    formula = Formula(lambda mark: str(mark(role, None, text)), theme, size)
    formula.tick = True  # the name of a place on a ruler, not a result
    return formula


class LogAxes(VGroup):
    """The rulers of a view of exponents along its lower and left rim, with `x_name` and `y_name` at their ends.

    With `plain` the left ruler has round numbers, not powers: the view is one of exponents in x only.
    """

    def __init__(
        self, theme: Theme, view: View, x_name: VMobject | None = None, y_name: VMobject | None = None, *, plain: bool = False
    ):
        super().__init__()
        self.view = view
        left, right, bottom, top = view.box
        rim = mix(theme.rim, theme.muted, 0.45)
        self.grid, self.lines, self.numbers, self.names = VGroup(), VGroup(), VGroup(), VGroup()
        self.lines.add(Line([left, bottom, 0], [right, bottom, 0]).set_stroke(rim, 2))
        self.lines.add(Line([left, bottom, 0], [left, top, 0]).set_stroke(rim, 2))
        for exponent in _ticks(view.x, view.steps[0]):
            x = float(view.place(exponent, view.y[0])[0])
            self.grid.add(Line([x, bottom, 0], [x, top, 0]).set_stroke(rim, 1, 0.28))
            number = power(theme, exponent)
            self.numbers.add(_stand(number, x - number.width / 2, bottom - 0.46))
        for value in view.ticks()[1] if plain else ():
            y = float(view.place(view.x[0], value)[1])
            self.grid.add(Line([left, y, 0], [right, y, 0]).set_stroke(rim, 1, 0.28))
            tick = Tick(value, view.steps[1], theme.muted)
            self.numbers.add(tick.move_to([left - 0.17 - tick.width / 2, y, 0]))
        for exponent in () if plain else _ticks(view.y, view.steps[1]):
            y = float(view.place(view.x[0], exponent)[1])
            self.grid.add(Line([left, y, 0], [right, y, 0]).set_stroke(rim, 1, 0.28))
            number = power(theme, exponent)
            _stand(number, left - 0.14 - number.width, y - 0.11)
            if y - bottom > 0.2:
                self.numbers.add(number)
        if x_name is not None:
            self.names.add(x_name.move_to([right + 0.14 + x_name.width / 2, bottom, 0]))
        if y_name is not None:
            self.names.add(y_name.move_to([left + 0.16 + y_name.width / 2, top + 0.05, 0]))
        self.add(self.grid, self.lines, self.numbers, self.names)


def _stand(number: Formula, left: float, foot: float) -> Formula:
    """By the foot of its first digit: an exponent must not move the line."""
    return number.shift([left - number.get_left()[0], foot - number.submobjects[0].get_bottom()[1], 0])


def _ticks(span: Range, step: float) -> list[int]:
    """Multiples of the step within a span, counted from 0, so that 1 is always among them."""
    n = int(step)
    return [k for k in range(math.ceil(span[0]), math.floor(span[1]) + 1) if k % n == 0]


def exponents(values: np.ndarray) -> np.ndarray:
    """The exponents of values; nan where there is none (0 and below)."""
    values = np.asarray(values, float)
    with np.errstate(all="ignore"):
        return np.where(values > 0, np.log10(np.where(values > 0, values, 1.0)), np.nan)
