"""S21: models as squares, one square millimetre for each adjustable number, and a zoom from one to the next.

Reads a Scale. Invariants: a square's area is proportional to its count, on one scale for all squares at every moment; every
model has its source chip.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import UP, Animation, AnimationGroup, Circle, FadeIn, FadeOut, LaggedStart, Line, Rectangle, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.scale import Scale

from ..stage.area import Area
from ..stage.ledger import Printed
from ..stage.number import Number, Phrase
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme
from ..stage.type import Label, set_line
from ..stage.wire import polygon
from .card_strip import SourceChip, wrapped
from .figure import Figure
from .knob_panel import KnobField
from .loss_gauge import named

FAR = 40.0  # frame units: of a larger square nothing is seen yet
TINY = 0.07  # a square is never drawn smaller, so that it can be found
WITH_DIALS = 400  # models of so many knobs show each as a dial


class Count(Number):
    """A whole number with its thousands apart: `25,557,032`. It can roll like an odometer."""

    def __init__(self, quantity: Quantity, colour: str, size: float, weight: str = "semibold"):
        super().__init__(quantity, colour, size, weight, decimals=0)
        self.settle(quantity)

    def settle(self, quantity: Quantity) -> None:
        """Another count at rest, with its source."""
        self.quantity = quantity
        self.settled = grouped(quantity.value)
        self.provenance = [Printed(quantity, shown(float(quantity.value), 0, auto=False), 0)]
        self.set_text(self.settled)


def count_of(quantity: Quantity, word: str, colour: str, size: float) -> VGroup:
    """A count and what is counted: `4,810 knobs`."""
    parts = VGroup(Count(quantity, colour, size), Label(word, colour, size, "semibold"))
    return parts.arrange(buff=0.25 * size / 40, aligned_edge=UP)


def grouped(value: float) -> str:
    """A whole number with commas.

    >>> grouped(25557032.0)
    '25,557,032'
    """
    return f"{round(value):,}"


class ScaleZoom(Figure):
    """The models of a scale; `at` is the one that fills the frame. Verbs: `appear`, `zoom(k)`, `measure`."""

    def __init__(self, theme: Theme, scale: Scale, area: Area, wide: bool = True, source: str = "scale"):
        super().__init__(theme)
        self.scale_, self.source, self.wide = scale, source, wide  # (a mobject has a method called scale)
        self.counts = [float(level.count) for level in scale.levels]
        self.chips = area  # where the chip stands, lower left
        if wide:
            narrow = area.width < 9.0
            room = area if not narrow else area.cut_bottom(1.0)[1]
            size = min(room.height - 0.55, 0.44 * area.width)
            top = room.center[1] + size / 2 + 0.27
            self.frame = Area(area.left, area.left + size, top - size, top)
            self.column = Area(self.frame.right + min(0.75, 0.05 * area.width), area.right, room.bottom, area.top)
            self.chips = area if narrow else self.column
        else:
            size = min(area.width - 0.2, 0.56 * area.height)
            left = area.center[0] - size / 2
            self.frame = Area(left, left + size, area.top - size, area.top)
            self.column = self.chips = Area(area.left, area.right, area.bottom, self.frame.bottom - 0.75)
        self.side = self.frame.width
        self.corner = np.array([self.frame.left, self.frame.bottom])
        self.tone = 0.10 if theme.dark else 0.03  # counts in the colour of knobs stand on it
        self.at = 0
        self.length = math.sqrt(self.counts[0])  # knobs along the side that fills the frame
        self.squares = VGroup(
            *(VMobject().set_fill(theme.knob, 0.10).set_stroke(theme.knob, 3) for _ in self.counts)
        )
        tens = range(math.ceil(math.log10(self.counts[0])) + 1, math.floor(math.log10(self.counts[-1])) + 1)
        self.tens = [10.0**e for e in tens]  # tenfold areas: faint, and only while the zoom runs
        self.rings = VGroup(*(VMobject().set_stroke(theme.knob, 1.4).set_fill(opacity=0) for _ in self.tens))
        self.strength = 0.0
        self.field: KnobField | None = None
        if self.counts[0] <= WITH_DIALS:
            rng = np.random.default_rng(0)
            self.field = KnobField(theme, rng.uniform(-1, 1, int(self.counts[0])), self.frame.inset(0.12), limit=1.0)
            self.field_points = [part.points.copy() for part in (self.field.rings, self.field.notches)]
        widest = max(set_line(grouped(c), 1, "semibold")[1] for c in self.counts)
        self.count = Count(self.quantity("count", 0), theme.knob, min(78.0, 0.98 * self.column.width / widest))
        self.tags = VGroup()
        self.title: VMobject | None = None
        self.chip: SourceChip | None = None
        self.ruler: VGroup | None = None
        self._draw()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Squares as large as the numbers of knobs of {self.counted(self.counts, 'model')}: "
            f"{self.listed(level.name for level in self.scale_.levels)}."
        )

    def quantity(self, what: str, level: int) -> Quantity:
        """A number of the scale, under this figure's source."""
        return named(self.scale_.quantity(what, level), self.source)

    # Geometry -------------------------------------------------------------------------------------------------------

    def sides(self) -> list[float]:
        """The sides of all squares now, frame units."""
        return [math.sqrt(c) / self.length * self.side for c in self.counts]

    def _draw(self) -> None:
        x, y = self.corner
        for square, true in zip(self.squares, self.sides(), strict=True):
            inside = true <= self.side * 1.001  # of a larger one only what lies in the window is seen, without its far rims
            side = min(max(true, TINY), self.side)
            square.points = polygon(np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]))
            square.set_stroke(opacity=1.0 if inside else 0.0)
            square.set_fill(opacity=0.75 if true < 0.5 else self.tone if inside else 0.0 if true > FAR else self.tone / 2)
        for ring, count in zip(self.rings, self.tens, strict=True):
            side = math.sqrt(count) / self.length * self.side
            seen = 2 * TINY < side < self.side
            ring.points = polygon(np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]))
            ring.set_stroke(opacity=0.45 * self.strength * min(1.0, side) if seen else 0.0)
        if self.field is not None:
            share = self.sides()[0] / self.side
            origin = np.array([x, y, 0])
            strength = min(max((share - 0.12) / 0.3, 0.0), 1.0)
            for part, base in zip((self.field.rings, self.field.notches), self.field_points, strict=True):
                part.points = origin + (base - origin) * share
                part.set_stroke(opacity=strength)
            self.field.rings.set_fill(opacity=0.9 * strength)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4, begun: Quantity | None = None) -> AnimationGroup:
        """The first square with its dials, and what it is. Where the count is on screen already, `begun` is what it shows."""
        there = self.count.get_left()
        self.keep(self.squares, 2), self.keep(self.rings, 1)
        moves: list[Animation] = [FadeIn(self.squares)]
        if self.field is not None:
            self.keep(self.field.rings, 3), self.keep(self.field.notches, 4)
            moves += [FadeIn(self.field.rings), FadeIn(self.field.notches)]
        if begun is None:
            return AnimationGroup(*moves, self._tell(0), run_time=run_time)
        first = self.quantity("count", 0)
        self.count.settle(first)
        words, home = self._tell(0, counted=True), self.count.get_left()
        self.count.settle(begun)
        self.count.shift(there - self.count.get_left())
        return AnimationGroup(*moves, LaggedStart(Running(self.count, first, home), words, lag_ratio=0.6), run_time=run_time)

    def race(self, k: int, run_time: float = 1.5) -> AnimationGroup:
        """Out to another model at once, for a scene that counts seconds; the chip stays until the next one comes."""
        before, self.at = self.at, k
        going = [p for p in (self.title, self.chip, self.ruler, self.tags) if p is not None and len(p)]
        self.drop(*going)
        self.ruler, self.tags = None, self.keep(self._tag(before, k), 6)
        chips, words = [p for p in going if isinstance(p, SourceChip)], [p for p in going if not isinstance(p, SourceChip)]
        new = AnimationGroup(*(FadeOut(p) for p in chips), self._tell(k, fresh=False), FadeIn(self.tags), run_time=0.6)
        zoom = Zooming(self, math.sqrt(self.counts[k]), self.quantity("count", before), self.quantity("count", k), run_time)
        return AnimationGroup(*(FadeOut(p, run_time=0.4) for p in words), LaggedStart(zoom, new, lag_ratio=0.66))

    def zoom(self, k: int, run_time: float = 2.6) -> list[Animation]:
        """Out to another model: the squares shrink together, the count runs, what was shown stays as a tag."""
        before, self.at = self.at, k
        going = [FadeOut(p) for p in (self.title, self.chip, self.ruler) if p is not None]
        self.drop(*(p for p in (self.title, self.chip, self.ruler) if p is not None))
        self.title = self.chip = self.ruler = None
        old = self.tags
        if len(old):
            going.append(FadeOut(old))
            self.drop(old)
        self.tags = self._tag(before, k)
        self.keep(self.tags, 6)
        return [
            AnimationGroup(*going, run_time=0.4),
            LaggedStart(  # as the zoom comes to rest, there stands what it has come to
                Zooming(self, math.sqrt(self.counts[k]), self.quantity("count", before), self.quantity("count", k), run_time),
                AnimationGroup(self._tell(k, fresh=False), FadeIn(self.tags), run_time=0.9), lag_ratio=0.72,
            ),
        ]  # fmt: skip

    def measure(self, run_time: float = 0.8) -> FadeIn:
        """How long a side is, in millimetres or metres."""
        k = self.at
        metres = self.counts[k] >= 1e6
        length = self.quantity("side" if metres else "millimetres", k)
        unit = "{s} m" if metres else "{s} mm"
        words = Phrase(unit, self.theme.muted, 28, "medium", s=length, decimals=side_decimals(length))
        x, y = self.frame.center[0], self.frame.bottom - 0.32
        half = words.width / 2 + 0.15
        ends = (
            Line([self.frame.left, y, 0], [x - half, y, 0]), Line([x + half, y, 0], [self.frame.right, y, 0]),
            Line([self.frame.left, y - 0.1, 0], [self.frame.left, y + 0.1, 0]),
            Line([self.frame.right, y - 0.1, 0], [self.frame.right, y + 0.1, 0]),
        )  # fmt: skip
        self.ruler = self.keep(VGroup(*(e.set_stroke(self.theme.muted, 2) for e in ends), words.move_to([x, y, 0])), 4)
        return FadeIn(self.ruler, run_time=run_time)

    def pitch(self, run_time: float = 1.2) -> LaggedStart:
        """One football pitch, 105 by 68 metres, at the scale of the square."""
        metre = self.side / (math.sqrt(self.counts[self.at]) / 1e3)
        w, h = 105 * metre, 68 * metre
        ink = self.theme.ink
        at = np.array([self.frame.right - 0.45 - w / 2, self.frame.top - 0.45 - h / 2, 0])
        grass = Rectangle(width=w, height=h).set_fill(self.theme.slot, 0.55).set_stroke(ink, 2.4)
        middle = Line([0, -h / 2, 0], [0, h / 2, 0]).set_stroke(ink, 1.8)
        circle = Circle(9.15 * metre).set_stroke(ink, 1.8).set_fill(opacity=0)
        boxes = [Rectangle(width=16.5 * metre, height=40.3 * metre).set_stroke(ink, 1.6).set_fill(opacity=0) for _ in "ab"]
        boxes[0].move_to([-w / 2 + 8.25 * metre, 0, 0]), boxes[1].move_to([w / 2 - 8.25 * metre, 0, 0])
        lines = VGroup(middle, circle, *boxes)
        field = VGroup(grass, lines).move_to(at)
        word = Label("one football pitch" if self.side > 4 else "football pitch", ink, 26 if self.side > 4 else 24)
        word.move_to([max(self.frame.right - 0.45 - word.width / 2, self.frame.left + 0.2), at[1] - h / 2 - 0.32, 0])
        self.keep(VGroup(field, word), 7)
        return LaggedStart(FadeIn(grass), FadeIn(lines), FadeIn(word), lag_ratio=0.3, run_time=run_time)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _tell(self, k: int, fresh: bool = True, counted: bool = False) -> LaggedStart:
        """The title above the count, the chip below."""
        theme, column, level = self.theme, self.column, self.scale_.levels[k]
        self.title = wrapped(level.title, theme.ink, 38, column.width, "semibold", "left")
        self.chip = SourceChip(theme, level.chip, self.chips)
        note = Label("adjustable numbers", theme.muted, 28 if column.width > 4 else 24)
        low = max(self.chip.get_top()[1], column.bottom)
        if not self.wide:  # the count stays where it is first: over the highest of all chips
            chips = (SourceChip(theme, level.chip, self.chips) for level in self.scale_.levels)
            low = max(float(chip.get_top()[1]) for chip in chips) + 0.15
        room = column.top - low
        block = self.title.height + 0.4 + self.count.height + 0.35 + note.height
        y = column.top - max((room - block) / 2, 0.0)
        self.title.shift([column.left - self.title.get_left()[0], y - self.title.get_top()[1], 0])
        top = self.title.get_bottom()[1] - 0.4
        if fresh:
            self.count.shift([column.left - self.count.get_left()[0], top - self.count.get_top()[1], 0])
            note.shift([column.left - note.get_left()[0], self.count.get_bottom()[1] - 0.35 - note.get_top()[1], 0])
            self.note = self.keep(note, 4)
            self.keep(self.count, 4)
        else:  # the count stays where it is, the title stands above it
            self.title.shift([0, self.count.get_top()[1] + 0.4 - self.title.get_bottom()[1], 0])
        self.keep(self.title, 4), self.keep(self.chip, 4)
        middle = [self.note] if fresh and counted else [self.count, self.note] if fresh else []
        new = [FadeIn(part) for part in (self.title, *middle, self.chip)]
        return LaggedStart(*new, lag_ratio=0.2)

    def _tag(self, before: int, now: int) -> VGroup:
        """The model before, small in the corner now, pointed at with its count."""
        if before == now:
            return VGroup()
        theme = self.theme
        side = max(math.sqrt(self.counts[before] / self.counts[now]) * self.side, TINY)
        number = Count(self.quantity("count", before), theme.tint("knob"), 30)
        if side > 0.55 * self.side:
            return VGroup()
        x, y = self.corner[0] + side, self.corner[1] + side
        end = np.array([x + 0.55, y + 0.55, 0])
        line = Line([x + 0.06, y + 0.06, 0], end).set_stroke(theme.knob, 2, 0.8)
        number.move_to(end + [number.width / 2 + 0.1, 0.18, 0])
        number.shift([min(0.0, self.frame.right - 0.1 - number.get_right()[0]), 0, 0])
        return VGroup(line, number)


class Zooming(Animation):
    """All squares shrink about their common corner, at an even rate of doublings; the count runs along."""

    def __init__(self, figure: ScaleZoom, length: float, before: Quantity, after: Quantity, run_time: float, **kwargs: Any):
        self.figure, self.start, self.end, self.before, self.after = figure, figure.length, length, before, after
        parts = VGroup(figure.squares, figure.rings, figure.count)
        if figure.field is not None:
            parts.add(figure.field.rings, figure.field.notches)
        super().__init__(parts, run_time=run_time, rate_func=smooth, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        figure, count = self.figure, self.figure.count
        left = count.get_left()[0]
        figure.length = self.end if alpha >= 1 else self.start * (self.end / self.start) ** share
        figure.strength = math.sin(math.pi * share) ** 0.5 if 0 < share < 1 else 0.0
        figure._draw()
        if alpha >= 1:
            count.settle(self.after)
        else:
            a, b = float(self.before.value), float(self.after.value)
            count.set_text(grouped(a * (b / a) ** share))
        count.shift([left - count.get_left()[0], 0, 0])


class Running(Animation):
    """A count runs from what it shows to another one, and to another place of its left end."""

    def __init__(self, count: Count, goal: Quantity, place: np.ndarray, **kwargs: Any):
        self.first, self.goal, self.start, self.end = float(count.quantity.value), goal, count.get_left(), place
        super().__init__(count, rate_func=smooth, **kwargs)

    def create_starting_mobject(self) -> Count:
        """No copy: the text changes."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share, count = self.rate_func(min(max(alpha, 0.0), 1.0)), self.mobject
        if alpha >= 1:
            count.settle(self.goal)
        else:
            count.set_text(grouped(self.first * (float(self.goal.value) / self.first) ** share))
        count.shift(self.start + (self.end - self.start) * share - count.get_left())


def side_decimals(length: Quantity) -> int:
    """Decimals of a length on a ruler: two or three digits in all."""
    found = decimals_for(float(length.value))
    return 0 if found is None or length.value >= 100 else min(found, 1 if length.value >= 10 else 2)


__all__ = ["Count", "ScaleZoom", "count_of", "grouped", "side_decimals"]
