"""S5: a place seen from both sides – the slope that comes in from the left and the one from the right. Are they one?

Reads a Sides object. Invariants: a half-tangent has its side's slope in the units of the view; the table's quotients and slopes
are the engine's; a zoom is the same for rise and run, so that a corner stays a corner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from manim import (
    UP,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Polygon,
    RoundedRectangle,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.sides import SIDES, Sides

from ..stage.axes import Axes, roomy_view
from ..stage.curve import Curve, clip, corners_to_points
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.number import Number, Phrase
from ..stage.parts import round_caps
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.view import Box, Range, View, span_of
from .figure import Figure
from .marks import cross
from .symbols import name_formula

SAMPLES = 241
ARM = 1.7  # of a half-tangent, frame units
ZOOM = 10.0  # by how much nearer each view is
POWERS = (1, 2, 3)  # rows of the table: nudges of 10⁻ᵏ
BOX: Box = (-5.6, 1.0, -2.0, 2.4)


@dataclass(frozen=True)
class SideTable:
    """Where the table stands: its rims, its first line and how far apart lines are."""

    left: float = 1.5
    right: float = 6.2
    first: float = 1.55
    pitch: float = 0.74
    column: float = 1.58  # of a column of numbers


class SideSlopes(Figure):
    """The curve of one input around the place of `sides`, its two half-tangents, and a table of quotients from both sides.

    `see` is the range shown (default: one to either side). Verbs: `appear`, `stand`, `zoom(k)` (ten times nearer, k times),
    `zoom_out`, `approach(side)` (the second point comes in, its rows fill), `slope(side)`, `verdict`.
    """

    def __init__(
        self, sides: Sides, theme: Theme, see: Range | None = None, *, source: str = "sides", role: str = "value",
        box: Box = BOX, table: SideTable | None = None,
    ):  # fmt: skip
        super().__init__(theme)
        if sides.kind == "edge":
            raise StageError(f"the function has a value on one side of {sides.name} = {sides.x:g} only; take a place inside")
        self.sides, self.source, self.role = sides, source, role
        self.input, self.x0, self.f0 = sides.name, sides.x, sides.value
        self.fixed = {k: float(v) for k, v in sides.at.items() if k != self.input}
        self.room = table or SideTable()
        wanted = see or (self.x0 - 1.3, self.x0 + 1.3)
        if not wanted[0] < self.x0 < wanted[1]:
            raise StageError(
                f"the range of {self.input} from {wanted[0]:g} to {wanted[1]:g} does not hold the point {self.input} = "
                f"{self.x0:g}; widen --range"
            )
        self.reach = 0.85 * min(self.x0 - wanted[0], wanted[1] - self.x0)  # from where a second point sets out
        self._views(wanted, box, exact=see is not None)
        self.look = self.views[0]
        self.axes = Axes(theme, self.look, name_formula(self.input, theme, "knob", 40))
        self._draw()
        self._table()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A curve over {self.input} around {self.told(self.x0)}, looked at from the left and from the right; "
            "a table has rise over run for nudges to either side."
        )

    def quantity(self, what: str) -> Quantity:
        """A number of the sides, under this figure's source."""
        return replace(self.sides.quantity(what), source=self.source)

    # Geometry -------------------------------------------------------------------------------------------------------

    def _views(self, wanted: Range, box: Box, exact: bool) -> None:
        first = np.linspace(*wanted, SAMPLES)
        values = self.values(first)
        ends = [v for v in (self.f0, self.sides.left.value, self.sides.right.value) if np.isfinite(v)]
        if self.sides.kind == "kink":  # room for each tangent carried on a little beyond the place
            on = 0.3 * min(self.x0 - wanted[0], wanted[1] - self.x0)
            ends += [self.f0 + self.sides.left.slope * on, self.f0 - self.sides.right.slope * on]
        a, b = span_of(values, tuple(ends), 0.03, 0.95)
        start = roomy_view(wanted, (a - 0.10 * (b - a), b + 0.10 * (b - a)), box, exact_x=exact)
        self.views = [start]
        for k in (1, 2):
            ranges = []
            for (low, high), at in ((start.x, self.x0), (start.y, self.f0)):
                size, share = ZOOM**-k * (high - low), min(max((at - low) / (high - low), 0.2), 0.8)
                ranges.append((at - share * size, at + (1 - share) * size))
            self.views.append(View(ranges[0], ranges[1], start.box, start.steps))
        grid = np.unique(np.concatenate([np.linspace(*v.x, SAMPLES) for v in self.views]))
        pieces = []
        for which, sign in SIDES.items():
            side = self.sides.side(which)
            own = grid[(grid - self.x0) * sign > 0]
            x = np.concatenate([own, [self.x0]] if sign < 0 else [[self.x0], own])
            y = np.concatenate([self.values(own), [side.value]] if sign < 0 else [[side.value], self.values(own)])
            pieces.append(Curve(self.theme, x, y, start, self.role))
        self.curves = VGroup(*pieces)

    def values(self, x: np.ndarray) -> np.ndarray:
        """The function at places, shape (n,)."""
        grid = self.sides.function.grid({self.input: np.asarray(x, float)}, fixed=self.fixed)
        return np.asarray(grid, float).ravel()

    def value(self, x: float) -> float:
        """The function at a place, as the engine has it."""
        return self.sides._value(x)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        theme = self.theme
        self.dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.holes = VGroup()
        for which in SIDES:
            if not self.sides.side(which).joins:
                hole = Circle(0.10).set_fill(theme.ground, 1).set_stroke(theme.role(self.role), 3)
                hole.side = which
                self.holes.add(hole)
        self.moved = Dot(radius=0.10, color=theme.knob).set_stroke(theme.ground, 2.5)
        self.secant = round_caps(VMobject().set_stroke(theme.ink, 3.0).set_fill(opacity=0))
        self.halves = {which: self._half(which) for which in SIDES}
        self.coming: tuple[str, float] | None = None
        self.redraw(self.look)

    def _half(self, which: str) -> VGroup:
        theme = self.theme
        wide = VMobject().set_stroke(theme.slope, 14, 0.16 * theme.glow).set_fill(opacity=0)
        line = VMobject().set_stroke(theme.slope, 5).set_fill(opacity=0)
        return VGroup(round_caps(wide), round_caps(line))

    def redraw(self, look: View) -> None:
        """Everything as one view sees it."""
        self.look = look
        for curve in self.curves:
            curve.look_through(look)
        self.dot.move_to(look.place(self.x0, self.f0))
        for hole in self.holes:
            hole.move_to(look.place(self.x0, self.sides.side(hole.side).value))
        for which, half in self.halves.items():
            points = self._half_points(which, look)
            for layer in half:
                layer.points = points
        if self.coming is not None:
            self.come(*self.coming)

    def _half_points(self, which: str, look: View) -> np.ndarray:
        """From the place outwards to one side, with that side's slope; upright where that is infinite."""
        side, sign = self.sides.side(which), SIDES[which]
        if not np.isfinite(side.value) or np.isnan(side.slope):
            return np.zeros((0, 3))
        at = look.place(self.x0, side.value)
        if np.isinf(side.slope):
            way = np.array([0.0, sign * np.sign(side.slope)])
        else:
            way = np.array([sign * look.scale[0], sign * side.slope * look.scale[1]])
            way /= np.hypot(*way)
        n = np.linspace(0, ARM, 25)
        return corners_to_points(clip(at[0] + way[0] * n + 1e-9 * n, at[1] + way[1] * n, look.box))

    def screen_slope(self, which: str) -> float:
        """The slope of a drawn half-tangent, in the units of its view (for tests)."""
        p, (sx, sy) = self.halves[which][1].points, self.look.scale
        return float((p[-1, 1] - p[0, 1]) / sy / ((p[-1, 0] - p[0, 0]) / sx))

    def come(self, which: str, delta: float) -> None:
        """The second point at a distance on one side, and the line through both."""
        self.coming = (which, delta)
        look = self.look
        x = self.x0 + SIDES[which] * delta
        y = self.value(x)
        a, b = look.place(self.x0, self.f0), look.place(x, y)
        self.moved.move_to(b)
        way = (b - a)[:2]
        size = float(np.hypot(*way)) or 1.0
        n = np.linspace(-0.9, max(size + 0.5, 1.3), 60)
        px, py = a[0] + way[0] / size * n + 1e-9 * n, a[1] + way[1] / size * n
        self.secant.points = corners_to_points(clip(px, py, look.box))

    # Table ----------------------------------------------------------------------------------------------------------

    def _table(self) -> None:
        theme, room = self.theme, self.room
        sizes = [abs(float(self.sides.quantity(f"quotient/{s}/{k}").value)) for s in SIDES for k in POWERS]
        self.decimals = 3 if max(sizes) < 10 else 1 if max(sizes) < 1000 else None
        self.columns = {"left": room.right - room.column, "right": room.right}
        self.heads = {which: Label(which, theme.tint("slope"), 24, "semibold") for which in SIDES}
        for which, head in self.heads.items():
            head.set_baseline(self.columns[which], room.first + 0.01 + 0.92 * room.pitch, "right")
        y = room.first + 0.1 + 0.52 * room.pitch
        self.top = Line([room.left, y, 0], [room.right, y, 0]).set_stroke(theme.rim, 1.6, 0.8)
        self.row_y = [room.first - room.pitch * i for i in range(len(POWERS) + 1)]
        self.deltas, self.cells = [], {which: [] for which in SIDES}  # type: ignore[var-annotated]
        for k, y in zip(POWERS, self.row_y, strict=False):
            self.deltas.append(self._delta(k).set_baseline(room.left, y))
            for which in SIDES:
                self.cells[which].append(self._cell(self.quantity(f"quotient/{which}/{k}"), which, y, 28, theme.muted))
        y = self.row_y[-1] - 0.10
        middle = y + 0.5 * room.pitch + 0.15  # between the last row and the slopes
        self.rule = Line([room.left, middle, 0], [room.right, middle, 0])
        self.rule.set_stroke(theme.muted, 2, 0.9)
        self.name = Label("slope", theme.ink, 26, "semibold").set_baseline(room.left, y)
        self.ends: dict[str, VGroup] = {which: self._end(which, y) for which in SIDES}
        self.word: VMobject = VMobject()  # below the table, once there is a verdict

    def _delta(self, k: int) -> Formula:
        quantity = self.quantity(f"delta/{k}")
        entry = Printed(quantity, shown(float(quantity.value), k, auto=False), k)

        def write(mark: Marker) -> str:
            return f"{mark('knob', None, 'Delta')} = {mark('knob', None, number_source(entry.text))}"

        return Formula(write, self.theme, 34, printed=[entry])

    def places(self, which: str) -> int | None:
        """Decimals of a side's slope: none where it is whole, else those of its column."""
        return 0 if decimals_for(float(self.quantity(which).value)) == 0 else self.decimals

    def _cell(self, quantity: Quantity, which: str, y: float, size: float, colour: str, weight: str = "medium") -> Number:
        decimals = self.places(which) if quantity.key == which else self.decimals
        number = Number(quantity, colour, size, weight, decimals=decimals)
        return number.move_to([self.columns[which] - number.width / 2, y + number.height / 2, 0])

    def _end(self, which: str, y: float) -> VGroup:
        """The slope of a side at the foot of its column; a cross where there is none."""
        side = self.sides.side(which)
        colour = self.theme.tint("slope")
        if side.joins and np.isfinite(side.slope):
            number = self._cell(self.quantity(which), which, y, 30, colour, "bold")
            under = Line([number.get_left()[0], y - 0.14, 0], [self.columns[which], y - 0.14, 0]).set_stroke(colour, 2)
            return VGroup(number, under)
        none = Label("none", colour, 28, "semibold")
        none.move_to([self.columns[which] - none.width / 2, y + 0.1, 0])
        return VGroup(none)

    def has_slope(self, which: str) -> bool:
        """Whether rise over run settles on that side."""
        side = self.sides.side(which)
        return bool(side.joins and np.isfinite(side.slope))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.3) -> AnimationGroup:
        """The axes and the curve, drawn from left to right."""
        self.keep(self.axes, 0), self.keep(self.curves, 2)
        drawn = [Create(layer, run_time=run_time) for curve in self.curves for layer in curve if len(layer.points)]
        return AnimationGroup(FadeIn(self.axes, run_time=0.5), *drawn)

    def stand(self) -> AnimationGroup:
        """The place that is asked about; an open round where a side ends elsewhere."""
        parts = [FadeIn(self.keep(self.dot, 8), scale=0.4)]
        parts += [FadeIn(self.keep(hole, 7)) for hole in self.holes]
        return AnimationGroup(*parts, run_time=0.6)

    def lens(self, k: int) -> RoundedRectangle:
        """The frame of view k as the present view sees it."""
        goal = self.views[k]
        (left, low, _), (right, high, _) = self.look.place(goal.x[0], goal.y[0]), self.look.place(goal.x[1], goal.y[1])
        frame = RoundedRectangle(corner_radius=min(0.06, (high - low) / 3), width=right - left, height=high - low)
        frame.move_to([(left + right) / 2, (low + high) / 2, 0]).set_fill(self.theme.pool, 0.05 * self.theme.glow)
        return frame.set_stroke(self.theme.ink, 2, 0.9)

    def zoom(self, k: int, run_time: float = 2.0) -> Animation:
        """Ten times nearer than view k − 1, rise and run alike."""
        zoom = Nearer(self, self.look, self.views[k], k, run_time)
        ruler = next((own for own in (self.axes, self) if self.axes.numbers in own.submobjects), None)
        if ruler is not None:  # its numbers do not hold from near by
            going = VGroup(self.axes.numbers, self.axes.marks)
            ruler.remove(self.axes.numbers, self.axes.marks)
            return AnimationGroup(zoom, FadeOut(going, run_time=0.5))
        return zoom

    def zoom_out(self, run_time: float = 1.4) -> Animation:
        """The first view again."""
        moves: list[Animation] = [Nearer(self, self.look, self.views[0], None, run_time)]
        if self.axes.numbers not in self.axes.submobjects:
            ruler = VGroup(self.keep(self.axes.numbers, 0), self.keep(self.axes.marks, 0))
            moves.append(FadeIn(ruler, run_time=run_time))
        return AnimationGroup(*moves)

    def head(self, which: str) -> FadeIn:
        """The heading of a column; with the first one the nudges."""
        parts = VGroup(self.keep(self.heads[which], 6))
        for part in (self.top, *self.deltas):
            if part not in self.submobjects:
                parts.add(self.keep(part, 6))
        return FadeIn(parts, run_time=0.6)

    def enter(self, which: str, run_time: float = 0.6) -> FadeIn:
        """The second point on one side, and the line through both."""
        self.come(which, self.reach)
        return FadeIn(VGroup(self.keep(self.secant, 5), self.keep(self.moved, 8)), run_time=run_time)

    def approach(self, which: str, row: int, run_time: float = 1.2) -> AnimationGroup:
        """The second point comes as near as row `row` says; the quotient stands in its row."""
        start = self.coming[1] if self.coming is not None and self.coming[0] == which else self.reach
        goal = float(self.sides.quantity(f"delta/{POWERS[row]}").value)
        cell = self.keep(self.cells[which][row], 6)
        return AnimationGroup(Come(self, which, start, goal, run_time), FadeIn(cell, shift=0.1 * UP, run_time=run_time))

    def fill(self, which: str, run_time: float = 0.6) -> FadeIn:
        """All rows of a side at once, where there is no time to come nearer one by one."""
        return FadeIn(VGroup(*(self.keep(cell, 6) for cell in self.cells[which])), run_time=run_time)

    def slope(self, which: str, run_time: float = 0.9) -> AnimationGroup:
        """The half-tangent of a side in place of the line, and the slope at the foot of its column."""
        going = [part for part in (self.secant, self.moved) if part in self.submobjects]
        self.drop(*going)
        self.coming = None
        moves: list[Animation] = [FadeOut(part) for part in going]
        if len(self.halves[which][1].points) and self.has_slope(which):
            moves += [Create(layer) for layer in self.keep(self.halves[which], 6)]
        foot = VGroup(*(self.keep(p, 6) for p in (self.rule, self.name) if p not in self.submobjects), self.ends[which])
        self.keep(self.ends[which], 6)
        return AnimationGroup(*moves, FadeIn(foot), run_time=run_time)

    def verdict(self, run_time: float = 0.8) -> AnimationGroup:
        """Between the two slopes: equal, or not – and where they are not one, the wedge between the half-tangents."""
        theme = self.theme
        same = self.sides.kind == "smooth"
        y = self.row_y[-1] - 0.10 - 0.62 * self.room.pitch - 0.12
        ink = theme.data if same else theme.tint("loss")
        word = Label("one slope" if same else "no one slope", theme.tint("data") if same else ink, 30, "semibold")
        word.move_to([(self.room.left + self.room.right) / 2, y - 0.14, 0])
        self.word = self.keep(word, 6)
        parts = VGroup(word)
        if self.sides.kind == "kink":
            wedge = self._wedge()
            parts.add(self.keep(wedge, 3))
        return AnimationGroup(FadeIn(parts), run_time=run_time)

    def convention(self, run_time: float = 0.8) -> AnimationGroup:
        """The slope that the engine reports at the place, as a broken line through it; its number in place of the verdict."""
        theme, here = self.theme, self.quantity("here")
        way = np.array([self.look.scale[0], float(here.value) * self.look.scale[1], 0.0])
        way *= 0.75 * ARM / np.hypot(*way[:2])
        at = self.dot.get_center()
        line = DashedLine(at - way, at + way, dash_length=0.09).set_stroke(theme.ink, 3.4)
        words = Phrase("engine's convention: {h}", theme.ink, 26, "semibold", h=here)
        key = DashedLine([-0.58, 0, 0], [-0.16, 0, 0], dash_length=0.09).set_stroke(theme.ink, 3.4)  # which line that is
        words.move_to([words.width / 2, 0, 0])
        phrase = VGroup(key, words)
        phrase.scale(min(1.0, (self.room.right - self.room.left) / phrase.width)).move_to(self.word.get_center())
        old = self.word
        self.drop(old)
        self.word = self.keep(phrase, 6)
        return AnimationGroup(FadeOut(old), FadeIn(phrase), Create(self.keep(line, 7)), run_time=run_time)

    def _wedge(self) -> VGroup:
        """What lies between the left tangent carried on and the right one: by so much the slope turns at once."""
        at = self.look.place(self.x0, self.f0)
        sx, sy = self.look.scale
        ways = []
        for which in SIDES:
            way = np.array([sx, self.sides.side(which).slope * sy, 0.0])
            ways.append(way / np.hypot(*way[:2]))
        ahead = DashedLine(at, at + ARM * ways[0], dash_length=0.1).set_stroke(self.theme.slope, 3, 0.85)
        fill = Polygon(at, at + 0.8 * ARM * ways[0], at + 0.8 * ARM * ways[1])
        return VGroup(fill.set_fill(self.theme.slope, 0.16 if self.theme.dark else 0.12).set_stroke(width=0), ahead)

    def strike(self, run_time: float = 0.6) -> FadeIn:
        """A cross over the place, where there is no slope."""
        mark = cross(self.theme, 0.5, 6).move_to(self.dot.get_center())
        return FadeIn(self.keep(mark, 10), scale=1.5, run_time=run_time)


class Nearer(Animation):
    """From one view to another, the place staying where it is."""

    def __init__(self, figure: SideSlopes, start: View, end: View, k: int | None, run_time: float):
        self.figure, self.start, self.end, self.k = figure, start, end, k
        self.lens = figure.lens(k).set_z_index(7) if k is not None else None
        halves = [half for half in figure.halves.values() if half in figure.submobjects]
        moving = VGroup(figure.curves, figure.dot, *figure.holes, *halves)
        if self.lens is not None:
            moving.add(self.lens)
        super().__init__(moving, introducer=True, run_time=run_time, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.redraw(self._between(t))
        if self.lens is not None and self.k is not None:
            self.lens.points = self.figure.lens(self.k).points
            self.lens.set_stroke(opacity=0.9 * min(1.0, 8 * t) * min(1.0, (1 - t) * 4)).set_fill(opacity=0.05 * (1 - t))

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        if self.lens is not None:
            self.mobject.remove(self.lens)
            scene.remove(self.lens)

    def _between(self, t: float) -> View:
        if t <= 0 or t >= 1:
            return self.end if t >= 1 else self.start
        ranges = []
        for a, b, p in ((self.start.x, self.end.x, self.figure.x0), (self.start.y, self.end.y, self.figure.f0)):
            size = (a[1] - a[0]) * ((b[1] - b[0]) / (a[1] - a[0])) ** t
            share = (p - a[0]) / (a[1] - a[0]) * (1 - t) + (p - b[0]) / (b[1] - b[0]) * t
            ranges.append((p - share * size, p + (1 - share) * size))
        return self.start.looking_at(ranges[0], ranges[1])


class Come(Animation):
    """The second point comes nearer along the curve."""

    def __init__(self, figure: SideSlopes, which: str, start: float, end: float, run_time: float):
        self.figure, self.which, self.start, self.end = figure, which, start, end
        super().__init__(VGroup(figure.secant, figure.moved), run_time=run_time, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.come(self.which, self.end if alpha >= 1 else self.start * (self.end / self.start) ** t)


__all__ = ["POWERS", "SideSlopes", "SideTable"]
