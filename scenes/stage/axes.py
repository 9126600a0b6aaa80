"""Two axes on the graph paper: rulers with round numbers, which stand on lines of the paper."""

from __future__ import annotations

from itertools import pairwise

from manim import Line, VGroup, VMobject

from .area import safe_area
from .theme import Theme, mix
from .ticks import Tick
from .view import CELL, Box, Range, View, view_of


def leftmost() -> float:
    """The left rim of where content may be."""
    return round(safe_area().left, 2)


def roomy_view(x: Range, y: Range, box: Box, *, exact_x: bool = False) -> View:
    """The view of two ranges in a box whose left side gives way until the numbers beside it are on the frame."""
    left, right, bottom, top = box
    for _ in range(5):
        view = view_of(x, y, (left, right, bottom, top), exact_x=exact_x)
        if view.box[0] - 0.19 - numbers_width(view) >= leftmost():
            break
        left += CELL
    return view


def numbers_width(view: View) -> float:
    """How wide the numbers beside the left axis are, frame units."""
    return max((Tick(v, view.steps[1], "#FFFFFF").width for v in view.ticks()[1]), default=0.0)


class Axes(VGroup):
    """The rulers of a view, along its lower and its left rim. `x_name`, `y_name` are put at their ends."""

    def __init__(self, theme: Theme, view: View, x_name: VMobject | None = None, y_name: VMobject | None = None):
        super().__init__()
        self.view = view
        left, right, bottom, top = view.box
        rim = mix(theme.rim, theme.muted, 0.45)
        self.lines, self.numbers, self.marks = VGroup(), VGroup(), VGroup()
        self.lines.add(Line([left, bottom, 0], [right, bottom, 0]).set_stroke(rim, 2))
        self.lines.add(Line([left, bottom, 0], [left, top, 0]).set_stroke(rim, 2))
        if view.y[0] < 0 < view.y[1]:
            y = float(view.place(view.x[0], 0)[1])
            if y - bottom > 0.3:
                self.marks.add(Line([left, y, 0], [right, y, 0]).set_stroke(rim, 1.4, 0.55))
        xs, ys = view.ticks()
        numbers = []
        for value in xs:
            x = float(view.place(value, view.y[0])[0])
            self.marks.add(Line([x, bottom, 0], [x, bottom - 0.07, 0]).set_stroke(rim, 2))
            number = Tick(value, view.steps[0], theme.muted).move_to([x, bottom - 0.31, 0])
            if number.get_left()[0] > leftmost() and number.get_right()[0] < right + 0.25:
                numbers.append((value, number))
        self.numbers.add(*apart(numbers, view.steps[0]))
        for value in ys:
            y = float(view.place(view.x[0], value)[1])
            self.marks.add(Line([left, y, 0], [left - 0.07, y, 0]).set_stroke(rim, 2))
            number = Tick(value, view.steps[1], theme.muted)
            self.numbers.add(number.move_to([left - 0.17 - number.width / 2, y, 0]))
        self.names = VGroup()
        if x_name is not None:
            self.names.add(x_name.move_to([right + 0.14 + x_name.width / 2, bottom, 0]))
        if y_name is not None:
            self.names.add(y_name.move_to([left, top + 0.12 + y_name.height / 2, 0]))
        self.add(self.lines, self.marks, self.numbers, self.names)


def apart(numbers: list[tuple[float, Tick]], step: float) -> list[Tick]:
    """Of the numbers along a ruler all, or evenly every second, fifth, … where long ones would stand too close."""
    kept: list[Tick] = []
    for every in (1, 2, 5, 10, 20):
        kept = [number for value, number in numbers if round(value / step) % every == 0]
        gaps = (b.get_left()[0] - a.get_right()[0] for a, b in pairwise(kept))
        if all(gap > 0.12 for gap in gaps):
            break
    return kept
