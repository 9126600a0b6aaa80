"""S5: a secant that becomes the tangent. The nudge shrinks, the frame zooms in, the curve turns straight, the table agrees.

Reads a Differences object: its rows are the table, its exact slope is the last line. Invariants: the table equals the
engine's rows; their error shrinks with the nudge; the secant on screen has the nudged slope in the units of its view.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import numpy as np
from manim import (
    RIGHT,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    RoundedRectangle,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Differences, Quantity

from ..stage.area import safe_area
from ..stage.axes import Axes, roomy_view
from ..stage.curve import Curve, clip, corners_to_points
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.number import Number
from ..stage.parts import round_caps
from ..stage.plate import Plate
from ..stage.rounding import closes, read_back, shown
from ..stage.table import LitNumber
from ..stage.theme import Theme
from ..stage.view import Box, Range, View, span_of
from .figure import Figure
from .symbols import name_formula, name_source

BOX: Box = (-5.5, 1.0, -2.0, 2.5)
SAMPLES = 301
NUDGE = 0.36  # share of the frame's width that a nudge spans after a zoom
POINT = 0.30  # share at which the point stands


@dataclass(frozen=True)
class TableRoom:
    """Where the table stands: its rims, its first line, how far apart lines may be, its height, the middle of its title."""

    left: float = 2.05
    right: float = 6.20
    first: float = 1.62
    pitch: float = 0.76
    height: float = 3.9
    title: tuple[float, float] = (4.125, 2.86)


class SecantZoom(Figure):
    """The curve of one input around `differences.at`, and the secants of its rows.

    `name` is the source under which the numbers are entered, `called` what the function is called in formulas ("L" in the
    colour of `role`). Verbs: `appear`, `stand`, `secant`, `row(i)`, `shrink(i)`,
    `zoom(i)`, `tangent`, `zoom_out`, `meet_again`, `exact`; `widen` and
    `narrow` let it begin over the place of the table.
    """

    def __init__(
        self,
        differences: Differences,
        theme: Theme,
        see: Range | None = None,
        *,
        name: str = "differences",
        role: str = "value",
        box: Box = BOX,
        table: TableRoom | None = None,
        called: str = "f",
    ):
        super().__init__(theme)
        self.room = table or TableRoom()
        self.differences, self.role, self.source = differences, role, name
        self.called = called
        self.input = differences.name
        self.fixed = {k: float(v) for k, v in differences.at.items() if k != self.input}
        self.x0 = float(differences.at[self.input])
        self.deltas = [float(row.delta) for row in differences.rows]
        self.f0 = float(differences.rows[0].base)
        self.slope = float(self.quantity("exact", 0).value)
        reach = 1.75 * abs(self.deltas[0])
        wanted = see or (self.x0 - reach, self.x0 + reach)
        if not wanted[0] <= self.x0 <= wanted[1]:
            raise StageError(
                f"the range of {self.input} from {wanted[0]:g} to {wanted[1]:g} does not hold the point {self.input} = "
                f"{self.x0:g}; widen --range"
            )
        self._views(wanted, box, exact=see is not None)
        self.delta = self.deltas[0]
        self.look = self.views[0]
        self._draw()
        self.axes = Axes(theme, self.views[0], name_formula(self.input, theme, "knob", 40))
        self.wide_axes: Axes | None = None
        self.rows: dict[int, VGroup] = {}
        self._table()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A curve over {self.input} around {self.told(self.x0)}, with lines through two of its points for "
            f"{self.counted(self.deltas, 'nudge')}."
        )

    def quantity(self, kind: str, row: int) -> Quantity:
        """A number of the Differences, entered under this figure's source."""
        return changed(self.differences.quantity(kind, row), source=self.source)

    # Geometry -------------------------------------------------------------------------------------------------------

    def _views(self, wanted: Range, box: Box, exact: bool) -> None:
        first = np.linspace(*wanted, SAMPLES)
        keep = tuple(float(v) for v in (self.f0, self.differences.rows[0].moved) if np.isfinite(v))
        a, b = span_of(self._values(first), keep, 0.03, 0.93)
        start = roomy_view(wanted, (a - 0.08 * (b - a), b + 0.08 * (b - a)), box, exact_x=exact)
        self.views = [start]
        sx, sy = start.scale
        steepest = max(abs(self.slope), abs(float(self.differences.rows[-1].slope)))
        tilt = steepest * sy / sx  # the slope as it is seen
        aim = min(max(tilt, 0.30), 0.95) if tilt > 0.02 else tilt
        stretch = aim / tilt if tilt > 0 else 1.0
        left, right, bottom, top = start.box
        shape = (top - bottom) / (right - left) * sx / (sy * stretch)  # height of a view for a width of one
        for d, row in zip(self.deltas[1:], self.differences.rows[1:], strict=True):
            width = abs(d) / NUDGE
            low = self.x0 - (POINT if d > 0 else 1 - POINT) * width
            middle = self.f0 + row.rise * 0.5
            height = width * shape
            self.views.append(View((low, low + width), (middle - height / 2, middle + height / 2), start.box, start.steps))
        xs = [np.linspace(*v.x, SAMPLES) for v in self.views]
        x = np.unique(np.concatenate([*xs, [self.x0]]))
        self.curve = Curve(self.theme, x, self._values(x), start, self.role)

    def _values(self, x: np.ndarray) -> np.ndarray:
        grid = self.differences.function.grid({self.input: np.asarray(x, float)}, fixed=self.fixed)
        return np.asarray(grid, float).ravel()

    def value(self, x: float) -> float:
        """The curve at a place, read between its samples while something moves, and from the table at rest."""
        for row in self.differences.rows:
            if x == self.x0 + float(row.delta):
                return float(row.moved)
        return float(np.interp(x, self.curve.x, self.curve.y))

    def rise_at(self, delta: float) -> float:
        """Value at x plus the nudge, less the value at x."""
        for row in self.differences.rows:
            if delta == float(row.delta):
                return float(row.rise)
        return self.value(self.x0 + delta) - self.f0

    # Parts ----------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        theme = self.theme
        self.dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.moved = Dot(radius=0.10, color=theme.knob).set_stroke(theme.ground, 2.5)
        self.line = round_caps(VMobject().set_stroke(theme.ink, 3.4).set_fill(opacity=0))
        self.run = VMobject().set_stroke(theme.knob, 3.4).set_fill(opacity=0)
        self.rise = VMobject().set_stroke(theme.role(self.role), 3.4).set_fill(opacity=0)
        self.run_label = Plate(theme, Formula(lambda mark: mark("knob", None, "Delta"), theme, 36), (0.05, 0.05))
        self.touch = round_caps(VMobject().set_stroke(theme.slope, 5).set_fill(opacity=0))
        self.touch_glow = round_caps(VMobject().set_stroke(theme.slope, 14, 0.16 * theme.glow).set_fill(opacity=0))
        self.redraw(self.look, self.delta)

    def redraw(self, look: View, delta: float) -> None:
        """Everything as one view sees it, with one nudge."""
        self.look, self.delta = look, delta
        self.curve.look_through(look)
        a = look.place(self.x0, self.f0)
        rise = self.rise_at(delta)
        b = look.place(self.x0 + delta, self.f0 + rise)
        corner = np.array([b[0], a[1], 0])
        self.dot.move_to(a), self.moved.move_to(b)
        self.line.points = self._through(look, rise / delta)
        self.touch.points = self._through(look, self.slope)
        self.touch_glow.points = self.touch.points.copy()
        self.run.set_points_as_corners([a, corner])
        self.rise.points = corners_to_points(clip(np.array([b[0], b[0]]), np.array([a[1], b[1]]), look.box))
        below = -1.0 if rise >= 0 else 1.0
        self.run_label.move_to([(a[0] + b[0]) / 2, a[1] + below * 0.30, 0])

    def _through(self, look: View, slope: float) -> np.ndarray:
        """A straight line through the point, up to the rim of the view."""
        x = np.array([look.x[0], look.x[1]])
        px, py = look.map(x, self.f0 + slope * (x - self.x0))
        n = np.linspace(0, 1, 40)  # short pieces, so that a steep line is cut and not taken for a pole
        return corners_to_points(clip(px[0] + (px[1] - px[0]) * n, py[0] + (py[1] - py[0]) * n, look.box))

    def screen_slope(self) -> float:
        """The slope of the drawn secant, in the units of its view (for tests)."""
        p, (sx, sy) = self.line.points, self.look.scale
        return float((p[-1, 1] - p[0, 1]) / sy / ((p[-1, 0] - p[0, 0]) / sx))

    # Table ----------------------------------------------------------------------------------------------------------

    def _table(self) -> None:
        left, right = self.room.left, self.room.right
        exact = self.quantity("exact", 0)
        self.decimals = slope_decimals(self.slope, float(self.quantity("error", len(self.deltas) - 1).value))
        rim = safe_area().left
        for size in (40, 36, 32):
            self.title = _quotient(self.theme, self.input, size, self.called, self.role).move_to([*self.room.title, 0])
            if self.title.get_left()[0] >= rim:
                break
        count = len(self.deltas) + 1
        pitch = min(self.room.pitch, self.room.height / count)
        first = self.room.first
        self.row_y = [first - pitch * i for i in range(count)]
        width = right - left
        self.rules = VGroup()
        for i in range(1, count):
            y = self.row_y[i] + pitch * 0.64
            self.rules.add(Line([left, y, 0], [right, y, 0]).set_stroke(self.theme.rim, 1.3, 0.6))
        self.rules[-1].set_stroke(self.theme.muted, 2, 0.9)
        for size in (34, 30, 26):  # all rows alike, as large as there is room
            pairs = [
                (
                    _nudge(self.theme, _printed_delta(self.quantity("delta", i)), 38 if size == 34 else 32),
                    LitNumber(self.theme, self.quantity("slope", i), exact, self.decimals, size),
                )
                for i in range(len(self.deltas))
            ]
            if all(delta.width + lit.advance + 0.15 <= width for delta, lit in pairs):
                break
        for i, (delta, lit) in enumerate(pairs):
            delta.set_baseline(left, self.row_y[i]), lit.put(right, self.row_y[i])
            self.rows[i] = VGroup(delta, lit)
        last = len(self.deltas)
        name = _slope_symbol(self.theme, self.input, len(self.differences.at) > 1, self.called, self.role)
        name.set_baseline(left, self.row_y[last] - 0.02)
        number = Number(exact, self.theme.tint("slope"), 34, "bold", decimals=self.decimals)
        number.move_to([right - number.width / 2, self.row_y[last] + 0.115, 0])
        under = Line([right - number.width, 0, 0], [right, 0, 0]).set_stroke(self.theme.tint("slope"), 2)
        under.shift([0, self.row_y[last] - 0.14, 0])
        self.rows[last] = VGroup(name, number, under)
        self.table_width = width

    def lit(self, i: int) -> int:
        """How many digits of row i are those of the engine's slope."""
        number = self.rows[i][1]
        return sum(c.isdigit() for c in number.text[: number.lit])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> AnimationGroup:
        """The axes and the curve."""
        parts: list[Animation] = [Create(layer, run_time=run_time) for layer in self.curve]
        axes = self.wide_axes or self.axes
        if axes not in self.submobjects:
            parts.append(FadeIn(self.keep(axes, 0), run_time=0.5))
        self.keep(self.curve, 2)
        return AnimationGroup(*parts)

    def widen(self, right: float) -> Axes:
        """Begin with the plot as far as `right`, where the table will stand; the axes for it. `narrow` makes room."""
        left, _, bottom, top = self.views[0].box
        wide = changed(self.views[0], box=(left, right, bottom, top))
        self.redraw(wide, self.delta)
        self.wide_axes = Axes(self.theme, wide, name_formula(self.input, self.theme, "knob", 40))
        return self.wide_axes

    def narrow(self, run_time: float = 1.3) -> Animation:
        """The plot draws back to its own box."""
        assert self.wide_axes is not None
        wide, self.wide_axes = self.wide_axes, None
        self.drop(wide)
        self.keep(self.axes, 0)
        moving = VGroup(self.curve, self.dot, *(p for p in (self.moved, self.run, self.rise, self.run_label)))
        return AnimationGroup(
            ReplacementTransform(wide, self.axes, run_time=run_time), Narrow(self, self.look, moving, run_time=run_time)
        )

    def stand(self) -> FadeIn:
        """The point whose slope is wanted."""
        return FadeIn(self.keep(self.dot, 8), scale=0.4, run_time=0.6)

    def nudge(self, i: int = 0) -> AnimationGroup:
        """The second point leaves the first one along the curve, by the nudge of row i; run and rise open behind it."""
        for part, z in ((self.run, 4), (self.rise, 4), (self.moved, 8)):
            self.keep(part, z)
        self.keep(self.run_label, 9)
        return AnimationGroup(
            FadeIn(self.run_label),  # first, so that the turn has the last word on where it is
            Turn(self, self.look, self.look, 1e-3 * self.deltas[i], self.deltas[i], VGroup(self.run, self.rise, self.moved)),
            run_time=1.2,
        )  # fmt: skip

    def secant(self) -> Create:
        """The straight line through both points."""
        return Create(self.keep(self.line, 5), run_time=0.7)

    def row(self, i: int) -> FadeIn:
        """Row i of the table; the row after the last nudge is the engine's slope."""
        parts = VGroup(self.keep(self.rows[i], 6))
        if i and self.rules[i - 1] not in self.submobjects:
            parts.add(self.keep(self.rules[i - 1], 5))
        return FadeIn(parts, shift=0.15 * RIGHT, run_time=0.6)

    def shrink(self, i: int, run_time: float = 1.4, *, since: int | None = None) -> Turn:
        """The nudge shrinks to that of row i, from that of the row before or of row `since` (so it may grow as well)."""
        moving = VGroup(self.run, self.rise, self.moved, self.line, self.run_label)
        start = self.deltas[i - 1 if since is None else since]
        return Turn(self, self.look, self.look, start, self.deltas[i], moving, run_time=run_time)

    def ratio(self, i: int, decimals: int = 3, size: float = 40) -> Formula:
        """`ΔL/Δ = −0.0197/0.1 = −0.197`: rise over run of row i, rounded so that the shown numbers close; else ≈."""
        rise, slope = self.quantity("rise", i), self.quantity("slope", i)
        run = _printed_delta(self.quantity("delta", i))
        for places in (decimals, decimals + 1, decimals + 2):
            texts = [shown(float(q.value), p, auto=False) for q, p in ((rise, places + (run.decimals or 0)), (slope, places))]
            good = closes(texts[1], read_back(texts[0]) / read_back(run.text))
            if good:
                break
        entries = [Printed(rise, texts[0], places + (run.decimals or 0)), Printed(slope, texts[1], places)]

        def write(mark: Marker) -> str:
            name = mark(self.role if self.called != "f" else "value", None, self.called)
            head = f"({mark('ink', None, 'Delta')} {name}) / {mark('knob', None, 'Delta')}"
            numbers = f"{mark(self.role, None, number_source(texts[0]))} / {mark('knob', None, number_source(run.text))}"
            sign = mark("ink", None, "=" if good else "approx")
            return f"{head} = {numbers} {sign} {mark('slope', None, number_source(texts[1]))}"

        return Formula(write, self.theme, size, tinted=True, printed=[entries[0], run, entries[1]])

    def lens(self, i: int) -> RoundedRectangle:
        """The frame of view i as the present view sees it."""
        goal = self.views[i]
        (left, low, _), (right, high, _) = self.look.place(goal.x[0], goal.y[0]), self.look.place(goal.x[1], goal.y[1])
        frame = RoundedRectangle(corner_radius=min(0.06, (high - low) / 3), width=right - left, height=high - low)
        frame.move_to([(left + right) / 2, (low + high) / 2, 0]).set_fill(self.theme.pool, 0.05 * self.theme.glow)
        return frame.set_stroke(self.theme.ink, 2, 0.9)

    def zoom(self, i: int, run_time: float = 2.0) -> Animation:
        """The frame closes in on the point until the nudge of row i spans a third of it."""
        ruler = next((own for own in (self.axes, self) if self.axes.numbers in own.submobjects), None)
        moving = VGroup(self.curve, self.dot, self.moved, self.line, self.run, self.rise, self.run_label)
        turn = Turn(self, self.look, self.views[i], self.deltas[i], self.deltas[i], moving, run_time=run_time, lens=i)
        if ruler is not None:  # the numbers of the first ruler do not hold in the zoom: only its lines stay
            going = VGroup(self.axes.numbers, self.axes.marks)
            ruler.remove(self.axes.numbers, self.axes.marks)
            return AnimationGroup(turn, FadeOut(going, run_time=0.5))
        return turn

    def compare(self) -> AnimationGroup:
        """Only the last nudge and the engine's slope stay lit."""
        early = [self.rows[i] for i in range(len(self.deltas) - 1) if self.rows[i] in self.submobjects]
        return AnimationGroup(*(row.animate.set_opacity(0.4) for row in early or [self.title]), run_time=0.6)

    def tangent(self) -> AnimationGroup:
        """The line of the engine's own slope, over the secant."""
        self.keep(self.touch_glow, 5), self.keep(self.touch, 6)
        return AnimationGroup(Create(self.touch), Create(self.touch_glow), run_time=1.0)

    def zoom_out(self, run_time: float = 2.4) -> list[Animation]:
        """Back to the first view, the nudge gone and the tangent alone: it leaves the curve. Needs `tangent` before."""
        if self.touch not in self.submobjects:
            raise StageError("there is no tangent yet; lay it on before zooming out")
        nudge = [p for p in (self.moved, self.line, self.run, self.rise, self.run_label) if p in self.submobjects]
        self.drop(*nudge)
        moving = VGroup(self.curve, self.dot, self.touch, self.touch_glow)
        turn: Animation = Turn(self, self.look, self.views[0], self.delta, self.delta, moving, run_time=run_time)
        if self.axes.numbers not in self.axes.submobjects:  # the first ruler holds again
            ruler = VGroup(self.keep(self.axes.numbers, 0), self.keep(self.axes.marks, 0))
            turn = AnimationGroup(turn, FadeIn(ruler, run_time=run_time))
        return [FadeOut(VGroup(*nudge), run_time=0.5), turn] if nudge else [turn]

    def meetings(self) -> list[float]:
        """Where else in the first view the tangent meets the curve."""
        low, high = self.views[0].x
        x = np.linspace(low, high, 4 * SAMPLES)
        apart = self._values(x) - self.f0 - self.slope * (x - self.x0)
        near = np.abs(x - self.x0) < 0.02 * (high - low)
        with np.errstate(invalid="ignore"):
            turns = np.flatnonzero((apart[:-1] * apart[1:] < 0) & ~near[:-1])
        found = []
        for k in turns:
            a, b, at_a = float(x[k]), float(x[k + 1]), float(apart[k])
            for _ in range(40):
                middle = (a + b) / 2
                here = float(self._values(np.array([middle]))[0]) - self.f0 - self.slope * (middle - self.x0)
                a, b = (middle, b) if here * at_a > 0 else (a, middle)
            found.append((a + b) / 2)
        return found

    def meet_again(self, run_time: float = 0.8) -> AnimationGroup:
        """A ring wherever the tangent meets the curve once more. Raises StageError where it does not in this view."""
        places = [self.look.place(x, self.f0 + self.slope * (x - self.x0)) for x in self.meetings()]
        left, right, bottom, top = self.look.box
        seen = [p for p in places if left <= p[0] <= right and bottom <= p[1] <= top]
        if not seen:
            raise StageError("the tangent meets the curve nowhere else in this view")
        rings = VGroup(*(Circle(0.19).move_to(p).set_stroke(self.theme.ink, 3).set_fill(opacity=0) for p in seen))
        return AnimationGroup(*(Create(ring) for ring in self.keep(rings, 9)), run_time=run_time)

    def settle(self) -> SecantZoom:
        """The last view with the whole table, at once (for stills and tests)."""
        last = len(self.deltas) - 1
        self.axes.remove(self.axes.numbers, self.axes.marks)
        for part, z in ((self.axes, 0), (self.curve, 2), (self.run, 4), (self.rise, 4), (self.line, 5), (self.touch, 6)):
            self.keep(part, z)
        for part, z in ((self.dot, 8), (self.moved, 8), (self.run_label, 9), (self.title, 6)):
            self.keep(part, z)
        self.redraw(self.views[last], self.deltas[last])
        for i in self.rows:
            self.keep(self.rows[i], 6)
        return self


class Narrow(Animation):
    """From a wide box to the first view's own, what is seen in it staying the same."""

    def __init__(self, figure: SecantZoom, start: View, moving: VMobject, **kwargs: Any):
        kwargs.setdefault("rate_func", smooth)
        self.figure, self.start, self.end = figure, start, figure.views[0]
        super().__init__(moving, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0))
        a, b = np.array(self.start.box), np.array(self.end.box)
        left, right, bottom, top = (float(v) for v in a + (b - a) * t)
        look = self.end if t >= 1 else changed(self.end, box=(left, right, bottom, top))
        self.figure.redraw(look, self.figure.delta)


class Turn(Animation):
    """From one view and one nudge to another, the point staying under the eye."""

    def __init__(
        self, figure: SecantZoom, start: View, end: View, nudge: float, to: float, moving: VMobject,
        lens: int | None = None, **kwargs: Any,
    ):  # fmt: skip
        kwargs.setdefault("rate_func", smooth)
        self.figure, self.start, self.end, self.nudge, self.to = figure, start, end, nudge, to
        self.lens_of = lens
        self.lens = figure.lens(lens) if lens is not None else None
        if self.lens is not None:
            moving.add(self.lens.set_z_index(7))
        super().__init__(moving, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0))
        delta = self.to if t >= 1 else self.nudge * (self.to / self.nudge) ** t
        self.figure.redraw(self._between(t), delta)
        if self.lens is not None and self.lens_of is not None:
            now = self.figure.lens(self.lens_of)
            self.lens.points = now.points
            self.lens.set_stroke(opacity=0.9 * min(1.0, 8 * t) * min(1.0, (1 - t) * 4)).set_fill(opacity=0.05 * (1 - t))

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        if self.lens is not None:
            self.mobject.remove(self.lens)
            scene.remove(self.lens)

    def _between(self, t: float) -> View:
        if t <= 0:
            return self.start
        if t >= 1:
            return self.end
        ranges = []
        for a, b, p in ((self.start.x, self.end.x, self.figure.x0), (self.start.y, self.end.y, self.figure.f0)):
            size = (a[1] - a[0]) * ((b[1] - b[0]) / (a[1] - a[0])) ** t
            share = (p - a[0]) / (a[1] - a[0]) * (1 - t) + (p - b[0]) / (b[1] - b[0]) * t
            ranges.append((p - share * size, p + (1 - share) * size))
        return self.start.looking_at(ranges[0], ranges[1])


def slope_decimals(exact: float, smallest_error: float) -> int | None:
    """Decimals that let the last row agree in all but its last digit or two; None asks for powers of ten.

    >>> slope_decimals(2.1816, 2e-4), slope_decimals(41.3, 0.02), slope_decimals(3e7, 1.0)
    (4, 2, None)
    """
    if abs(exact) >= 1e6 or 0 < abs(exact) < 1e-4:
        return None
    if smallest_error == 0 or not np.isfinite(smallest_error):
        return 4 if abs(exact) < 100 else 2
    return int(np.clip(np.ceil(-np.log10(abs(smallest_error))), 2, 6 if abs(exact) < 10 else 4))


def _printed_delta(quantity: Quantity) -> Printed:
    value = abs(float(quantity.value))
    decimals: int | None = max(0, -int(np.floor(np.log10(value) + 1e-9))) if value >= 9.5e-6 else None
    return Printed(quantity, shown(float(quantity.value), decimals, auto=False), decimals)


def _nudge(theme: Theme, entry: Printed, size: float = 38) -> Formula:
    def write(mark: Marker) -> str:
        return f"{mark('knob', None, 'Delta')} = {mark('knob', None, number_source(entry.text))}"

    return Formula(write, theme, size, printed=[entry])


def _quotient(theme: Theme, name: str, size: float, called: str = "f", role: str = "value") -> Formula:
    def write(mark: Marker) -> str:
        f = mark("value" if called == "f" else role, None, called)
        x, d = name_source(name, mark, "ink"), mark("knob", None, "Delta")
        return f"({f}({x} + {d}) - {f}({x})) / {d}"

    return Formula(write, theme, size)


def _slope_symbol(theme: Theme, name: str, many: bool, called: str = "f", role: str = "value") -> Formula:
    def write(mark: Marker) -> str:
        if not many and called != "f":  # dL/dc
            d, function = mark("slope", None, "d"), mark(role, None, called)
            return f"{d} {function} \\/ {d} {name_source(name, mark)}"
        if not many:
            return f"{mark('slope', None, 'f prime')}({name_source(name, mark, 'ink')})"
        f, x = mark("value", None, "f"), name_source(name, mark)
        return f"{mark('slope', None, 'partial')} {f} \\/ {mark('slope', None, 'partial')} {x}"

    return Formula(write, theme, 40)
