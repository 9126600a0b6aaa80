"""S3: points and a curve through them, the sticks by which it misses, the squares on the sticks, and their mean.

Reads a Fit. Invariants: the curve is the model; sticks end on point and curve; a square's area is proportional to the squared
miss; the parts shown add up to the total shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from manim import (
    UP,
    Animation,
    AnimationGroup,
    Create,
    DashedLine,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    ReplacementTransform,
    Square,
    Transform,
    TransformFromCopy,
    VGroup,
    VMobject,
)

from chainreel.engine.fit import Fit

from ..stage.area import Area
from ..stage.curve import Curve
from ..stage.formula import Formula, Marker, number_source
from ..stage.number import Number
from ..stage.parts import awaiting
from ..stage.plate import Plate
from ..stage.rounding import closes, decimals_for, read_back
from ..stage.spot import free_spot
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick
from ..stage.type import Label
from ..stage.view import Range, View, span_of, view_of
from ..stage.wire import polygon
from .figure import Figure
from .knob_panel import KnobPanel
from .loss_gauge import LossGauge, named, printed_at
from .symbols import name_formula

SAMPLES = 241
MOST_SQUARES = 40  # more would be one heap
SLAB = 0.32  # a part of the mean as high as this has room for its number


class CurveFit(Figure):
    """The points of a fit in `area`, and the model's curve at state `state` of its descent.

    Verbs: `appear` (the points), `draw` (the curve), `sticks`, `squares`, `focus(i)`, `unfocus`, `tally`,
    `stack(gauge)`, `pour(gauge)`; `at(knobs)` moves curve, sticks and squares while something runs.
    """

    def __init__(self, theme: Theme, fit: Fit, area: Area, state: int = 0, source: str = "fit"):
        super().__init__(theme)
        self.fit, self.area, self.state, self.source = fit, area, state, source
        self.knobs = fit.point(state)
        self.view = self._view()
        self.xs = np.unique(np.concatenate([np.linspace(self.reach[0], self.reach[1], SAMPLES), fit.x]))
        self.curve = Curve(theme, self.xs, fit.curve(self.xs, self.knobs), self.view, "value")
        self.axes = self._axes()
        size = 0.20 if len(fit) <= 40 else 0.13 if len(fit) <= 120 else 0.085
        self.points_ = VGroup(
            *(
                Square(size).set_fill(theme.data, 1).set_stroke(theme.ground, 2 if size > 0.1 else 1).move_to(self.place(k))
                for k in range(len(fit))
            )
        )
        self.has_squares = len(fit) <= MOST_SQUARES
        self._faint, self._strong = (0.17, 0.34) if theme.dark else (0.08, 0.12)  # fills under text
        stick = 5 if len(fit) <= 40 else 2.4
        self.sticks_ = VGroup(*(Line([0, 0, 0], [0, 1, 0]).set_stroke(theme.loss, stick) for _ in range(len(fit))))
        self.squares_ = VGroup(
            *(
                VMobject().set_fill(theme.loss, self._faint).set_stroke(theme.loss, 1.4)
                for _ in range(len(fit) if self.has_squares else 0)
            )
        )
        self.sides = self._sides()
        self.squares_strength = 0.0
        self.label: VGroup | None = None
        self.lit: int | None = None
        self._measure()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(len(self.fit), 'point')} of a table and the curve of a model with "
            f"{self.counted(self.knobs, 'knob')}: {self.listed(self.knobs)}."
        )

    # Geometry -------------------------------------------------------------------------------------------------------

    def place(self, k: int) -> np.ndarray:
        """The place of a point on the frame."""
        return self.view.place(float(self.fit.x[k]), float(self.fit.y[k]))

    def _view(self) -> View:
        fit, area = self.fit, self.area
        low, high = float(fit.x.min()), float(fit.x.max())
        wide = high - low or 1.0
        self.reach: Range = (low - 0.06 * wide, high + 0.06 * wide)
        grid = np.linspace(low, high, SAMPLES)
        curves = [fit.curve(grid, self.knobs), fit.curve(grid, fit.point(len(fit.descent.steps) - 1))]
        data = (float(fit.y.min()), float(fit.y.max()))
        tall = data[1] - data[0] or 1.0
        seen = np.concatenate([c[np.abs(c - np.mean(data)) < 2.2 * tall] for c in curves])
        misses = np.abs(fit.misses(self.knobs))
        misses = misses[np.isfinite(misses)]
        bottom, top = span_of(seen, data)
        pad = 0.10 * (top - bottom)
        bottom, top = bottom - pad, top + pad
        near_left = -self.reach[0] < 0.14 * (self.reach[1] - self.reach[0])  # numbers stand left of the upright axis
        near_low = -bottom < 0.12 * (top - bottom)
        low_room = 0.5 if near_low else 0.0
        # the name of the level axis stands behind its end
        box = (area.left + (0.72 if near_left else 0.0), area.right - 0.42, area.bottom + low_room, area.top)
        view = view_of(self.reach, (bottom, top), box)
        for _ in range(60):
            px = view.map(fit.x, fit.y)[0]
            room = np.maximum(px - area.left, area.right - px)
            if len(fit) > MOST_SQUARES or not len(misses) or np.all(np.minimum(misses, 2.2 * tall) * view.scale[1] <= room):
                break
            middle, half = (bottom + top) / 2, (top - bottom) / 2 * 1.06
            bottom, top = middle - half, middle + half
            view = view_of(self.reach, (bottom, top), box)
        return view.sparse_ticks(7)

    def _axes(self) -> VGroup:
        """Two lines through zero, or along the rim where zero is not seen, with a few round numbers."""
        theme, view = self.theme, self.view
        left, right, bottom, top = view.box
        rim = mix(theme.rim, theme.muted, 0.35)
        zero_y = min(max(0.0, view.y[0]), view.y[1])
        zero_x = min(max(0.0, view.x[0]), view.x[1])
        x0, y0 = view.place(zero_x, zero_y)[:2]
        ends = [float(v) for v in view.map(np.array(self.reach), np.zeros(2))[0]]
        start, end = max(left, min(ends[0], x0)), min(right, max(ends[1], x0))
        lines = VGroup(
            Line([start - 0.05, y0, 0], [end + 0.15, y0, 0]).set_stroke(rim, 2, 0.9),
            Line([x0, bottom, 0], [x0, top, 0]).set_stroke(rim, 2, 0.9),
        )
        numbers, marks = VGroup(), VGroup()
        misses = np.nan_to_num(self.fit.misses(self.knobs)) * view.scale[1]
        px, py = view.map(self.fit.x, self.fit.y)
        busy = np.concatenate([np.column_stack([px, py + misses * share]) for share in np.linspace(0, 1, 9)])
        xs, ys = view.ticks()
        for value in _few([v for v in xs if self.reach[0] <= v <= self.reach[1] and v != zero_x]):
            x = float(view.place(value, zero_y)[0])
            tick = Tick(value, 1.0 if value == int(value) else view.steps[0], theme.muted, 24)
            dx = tick.width / 2 + 0.16
            spots = np.array([[x, y0 - 0.30], [x, y0 + 0.30], [x - dx, y0 - 0.30], [x + dx, y0 - 0.30], [x - dx, y0 + 0.3]])
            room = [tick.width / 2 + 0.1, 0.24]
            gaps = [float(np.hypot(*np.maximum(np.abs(busy - spot) - room, 0).T).min()) for spot in spots]
            best = next((k for k, gap in enumerate(gaps) if gap > 0.02), int(np.argmax(gaps)))
            numbers.add(tick.move_to([*spots[best], 0]))
            marks.add(Line([x, y0 - 0.06, 0], [x, y0 + 0.06, 0]).set_stroke(rim, 2))
        for value in _few([v for v in ys if v != zero_y]):
            y = float(view.place(zero_x, value)[1])
            if not bottom + 0.15 < y < top - 0.15 or abs(y - y0) < 0.45:
                continue
            tick = Tick(value, 1.0 if value == int(value) else view.steps[1], theme.muted, 24)
            numbers.add(tick.move_to([x0 - 0.16 - tick.width / 2, y, 0]))
            marks.add(Line([x0 - 0.06, y, 0], [x0 + 0.06, y, 0]).set_stroke(rim, 2))
        name = name_formula(self.fit.variable, theme, "data", 38)
        name.move_to([min(end + 0.25 + name.width / 2, self.area.right - name.width / 2), y0, 0])
        return VGroup(lines, marks, numbers, name)

    def _sides(self) -> list[int]:
        """For every square −1 (left of its stick) or 1: inside the area, over as few others as possible."""
        misses = self.fit.misses(self.knobs)
        sizes = np.abs(np.nan_to_num(misses)) * self.view.scale[1]
        px, py = self.view.map(self.fit.x, self.fit.y)
        ends = py + np.nan_to_num(misses) * self.view.scale[1]
        sides = [1] * len(self.fit)
        placed: list[tuple[float, float, float, float]] = []
        for k in map(int, np.argsort(-sizes)):
            low, high = sorted((float(py[k]), float(ends[k])))
            costs = []
            for side in (1, -1):
                a, b = sorted((float(px[k]), float(px[k] + side * sizes[k])))
                over = sum(max(0.0, min(b, q) - max(a, p)) * max(0.0, min(high, t) - max(low, s)) for p, q, s, t in placed)
                out = max(self.area.left - a, b - self.area.right, 0.0)
                inward = 0.02 if (k == int(np.argmin(px)) and side > 0) or (k == int(np.argmax(px)) and side < 0) else 0.0
                costs.append(over + 50 * out + inward + (0.01 if side < 0 else 0.0))
            sides[k] = 1 if costs[0] <= costs[1] else -1
            a, b = sorted((float(px[k]), float(px[k] + sides[k] * sizes[k])))
            placed.append((a, b, low, high))
        return sides

    def corners(self, k: int, misses: np.ndarray) -> np.ndarray | None:
        """The corners of a square, shape (4, 2); None where it is not in the picture."""
        x, y = self.place(k)[:2]
        size = float(misses[k]) * self.view.scale[1]
        if not np.isfinite(size):
            return None
        out = x + self.sides[k] * abs(size)
        if not (self.area.left - 0.02 <= out <= self.area.right + 0.02) or not self._inside(y + size):
            return None
        return np.array([[x, y], [x, y + size], [out, y + size], [out, y]])

    def _inside(self, y: float) -> bool:
        return self.area.bottom - 0.3 <= y <= self.area.top + 0.3

    def _measure(self) -> None:
        misses = self.fit.misses(self.knobs)
        low, high = self.view.box[2], self.view.box[3]
        for k, stick in enumerate(self.sticks_):
            x, y = self.place(k)[:2]
            end = y + float(misses[k]) * self.view.scale[1]
            end = min(max(end, low), high) if np.isfinite(end) else y
            stick.put_start_and_end_on([x, y, 0], [x, end if abs(end - y) > 1e-4 else y + 1e-4, 0])
        for k, square in enumerate(self.squares_):
            corners = self.corners(k, misses)
            square.points = np.zeros((0, 3)) if corners is None else polygon(corners)

    def at(self, knobs: Mapping[str, float]) -> None:
        """Curve, sticks and squares for other knobs."""
        self.knobs = dict(knobs)
        self.curve.y = self.fit.curve(self.xs, self.knobs)
        self.curve.look_through(self.view)
        self._measure()

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> AnimationGroup:
        """The points fall onto the plane."""
        self.keep(self.axes, 0), self.keep(self.points_, 6)
        lag = min(0.2, 1.5 / len(self.points_))
        falls = LaggedStart(*(FadeIn(p, shift=-0.35 * UP) for p in self.points_), lag_ratio=lag, run_time=run_time)
        return AnimationGroup(FadeIn(self.axes, run_time=0.6), falls)

    def draw(self, run_time: float = 1.4) -> AnimationGroup:
        """The curve of the model."""
        self.keep(self.curve, 4)
        return AnimationGroup(*(Create(layer, run_time=run_time) for layer in self.curve))

    def sticks(self, run_time: float = 1.2) -> LaggedStart:
        """From each point to the curve."""
        self.keep(self.sticks_, 3)
        lag = min(0.15, 1.5 / len(self.sticks_))
        return LaggedStart(*(Create(s) for s in self.sticks_), lag_ratio=lag, run_time=run_time)

    def squares(self, run_time: float = 1.4) -> LaggedStart:
        """On each stick its square, the largest first."""
        self.keep(self.squares_, 1)
        grows: list[Animation] = []
        misses = self.fit.misses(self.knobs)
        for k in self.fit.largest(self.state):
            corners = self.corners(k, misses)
            if corners is None:
                continue
            thin = self.squares_[k].copy()
            flat = corners.copy()
            flat[2:, 0] = flat[0, 0] + self.sides[k] * 0.01
            thin.points = polygon(flat)
            goal = self.squares_[k].copy()
            self.squares_[k].points = thin.points
            grows.append(Transform(self.squares_[k], goal))
        return LaggedStart(*grows, lag_ratio=min(0.15, 1.5 / max(len(grows), 1)), run_time=run_time)

    def focus(self, k: int, square: bool = False, run_time: float = 0.7) -> AnimationGroup:
        """One stick is named by its length; with `square`, its square by its area."""
        theme = self.theme
        going = self._unlabel()
        moves: list[Animation] = []
        if self.lit != k:
            self.lit = k
            self.sticks_[k].set_stroke(theme.tint("loss"), 6)
            if self.has_squares:
                self.squares_[k].set_fill(theme.loss, self._strong).set_stroke(theme.loss, 2.4)
        text = self._square_label(k) if square else self._stick_label(k)
        plate = Plate(theme, text)
        plate.move_to(self._spot(k, plate, square))
        self.label = self.keep(plate, 8)
        return AnimationGroup(*going, *moves, FadeIn(plate), run_time=run_time)

    def unfocus(self, run_time: float = 0.4) -> list[Animation]:
        """All sticks are equal again."""
        moves = self._unlabel()
        if self.lit is not None:
            self.sticks_[self.lit].set_stroke(self.theme.loss, 5)
            if self.has_squares:
                self.squares_[self.lit].set_fill(self.theme.loss, self._faint).set_stroke(self.theme.loss, 1.4)
            self.lit = None
        return [AnimationGroup(*moves, run_time=run_time)] if moves else []

    def tally(self, x: float, y: float, run_time: float = 1.8) -> LaggedStart:
        """Copies of the sticks are laid one on the other at (x, y): those above the points in one column, those below in the
        other beside it. What stands side by side would cancel in a sum."""
        self.columns = VGroup()
        flights: list[Animation] = []
        levels = {True: y, False: y}
        for stick, miss in zip(self.sticks_, self.fit.misses(self.knobs), strict=True):
            if not np.isfinite(miss) or miss == 0:
                continue
            above = bool(miss > 0)
            place, low = x + (-0.22 if above else 0.22), levels[above]
            levels[above] = low + abs(float(miss)) * self.view.scale[1]
            bar = Line([place, low + 0.02, 0], [place, levels[above] - 0.02, 0])
            bar.set_stroke(self.theme.loss, 9, 1.0 if above else 0.55)
            self.columns.add(self.keep(bar, 5))
            flights.append(TransformFromCopy(stick, bar))
        return LaggedStart(*flights, lag_ratio=min(0.2, 1.5 / max(len(flights), 1)), run_time=run_time)

    def clear_tally(self) -> FadeOut:
        """The columns go."""
        self.drop(*self.columns)
        return FadeOut(self.columns, run_time=0.5)

    def stack(self, gauge: LossGauge, run_time: float = 1.8) -> list[Animation]:
        """A copy of every square melts into a slab in the meter's tube, as high as its share of the mean; the largest are
        named, and with the rest they add up to the loss."""
        theme, fit, tube = self.theme, self.fit, gauge.tube
        self.flying, self.slabs = VGroup(), VGroup()
        shares = fit.shares(self.state)
        order = fit.largest(self.state)
        level = 0.0
        places: dict[int, tuple[float, float]] = {}
        for k in order:
            a, b = gauge.height_of(level), gauge.height_of(level + float(shares[k]))
            places[k] = (a, b)
            level += float(shares[k])
            half = tube.tube_width / 2 - 0.06
            slab = VMobject().set_fill(theme.loss, 0.42).set_stroke(theme.loss, 1.4)
            slab.points = polygon(np.array([[tube.x - half, a], [tube.x + half, a], [tube.x + half, b], [tube.x - half, b]]))
            self.slabs.add(slab)
            start = self.squares_[k] if self.has_squares and len(self.squares_[k].points) else self.sticks_[k]
            self.flying.add(start.copy())
        moves = [ReplacementTransform(f, self.keep(s, 3)) for f, s in zip(self.flying, self.slabs, strict=True)]
        fly = LaggedStart(*moves, lag_ratio=min(0.12, 1.0 / len(moves)), run_time=run_time)
        self.parts = VGroup()
        decimals = gauge.decimals
        if decimals is None or len(order) < 2:
            return [fly]
        left = tube.x + tube.tube_width / 2 + 0.18
        named_parts = [k for k in order if places[k][1] - places[k][0] >= SLAB][:4]
        for k in named_parts:
            part = named(fit.quantity("part", self.state, k, decimals), self.source)
            number = Number(part, theme.tint("loss"), 28, decimals=decimals)
            self.parts.add(number.move_to([left + number.width / 2, sum(places[k]) / 2, 0]))
        rest = named(fit.quantity("rest", self.state, len(named_parts), decimals), self.source)
        low = places[order[len(named_parts)]][0] if len(named_parts) < len(order) else level
        high = gauge.height_of(level)
        if named_parts and rest.value and high - low >= 0.3:
            number = Number(rest, theme.tint("loss"), 28, decimals=decimals)
            word = Label("rest", theme.muted, 22)
            y = max((low + high) / 2, float(self.parts[-1].get_center()[1]) + 0.32)
            number.move_to([left + number.width / 2, y, 0])
            self.parts.add(VGroup(number, word.move_to([left + word.width / 2, y + 0.32, 0])))
        elif named_parts and rest.value:  # what is left is too thin for a number, so no sum is shown
            self.parts = VGroup()
        self.keep(self.parts, 5)
        return [fly, LaggedStart(*(FadeIn(p) for p in self.parts), lag_ratio=0.3, run_time=0.9)] if len(self.parts) else [fly]

    def pour(self, gauge: LossGauge, run_time: float = 1.0) -> AnimationGroup:
        """The slabs become the filling, their numbers the loss."""
        parts = [FadeOut(p, target_position=gauge.number) for p in self.parts]
        self.drop(*self.slabs, self.parts)
        fills = [gauge.tube[1], gauge.tube[2], gauge.tube[3]]
        if gauge.number not in gauge.submobjects:
            gauge.keep(gauge.number, 4)
        return AnimationGroup(
            *parts, *(FadeOut(s) for s in self.slabs), *(FadeIn(f) for f in fills), FadeIn(gauge.number), run_time=run_time
        )

    def wonder(self, run_time: float = 1.0) -> AnimationGroup:
        """A measurement that is not there yet, in the widest gap between two points: where will it lie?"""
        order = np.sort(self.fit.x)
        gap = int(np.argmax(np.diff(order))) if len(order) > 1 else 0
        x = float(order[gap : gap + 2].mean())
        y = float(self.fit.curve(np.array([x]), self.knobs)[0])
        at = self.view.place(x, y if np.isfinite(y) else float(self.fit.y.mean()))
        reach = 0.75
        low, high = max(at[1] - reach, self.area.bottom), min(at[1] + reach, self.area.top)
        span = DashedLine([at[0], low, 0], [at[0], high, 0], dash_length=0.09).set_stroke(self.theme.data, 2.4)
        ghost = awaiting(self.theme, Square(0.24), "data", 12).move_to([at[0], (low + 2 * high) / 3, 0])
        mark = Label("?", self.theme.tint("data"), 30, "bold").move_to([at[0] + 0.34, (low + 2 * high) / 3, 0])
        self.keep(VGroup(span, ghost, mark), 7)
        return AnimationGroup(Create(span), FadeIn(ghost), FadeIn(mark, scale=0.6), run_time=run_time)

    def corner(self, width: float, height: float, states: tuple[int, ...] = (0, -1)) -> np.ndarray:
        """The middle of a free place of that size in a corner of the area, shape (3,)."""
        a = self.area
        px, py = self.view.map(self.fit.x, self.fit.y)
        busy = [np.column_stack([px, py]), *(t.get_center()[None, :2] for t in self.axes[2])]
        for state in states:
            y = self.fit.curve(self.xs, self.fit.point(state))
            busy.append(np.column_stack(self.view.map(self.xs, y))[np.isfinite(y)])
        taken = np.concatenate(busy)
        spots = [
            np.array([x, y])
            for y in (a.bottom + height / 2, a.top - height / 2)
            for x in (a.left + width / 2, a.right - width / 2, a.center[0])
        ]
        free = [float(np.hypot(*np.maximum(np.abs(taken - s) - [width / 2, height / 2], 0).T).min()) for s in spots]
        return np.array([*spots[int(np.argmax(np.minimum(free, 0.35)))], 0.0])

    # Parts ----------------------------------------------------------------------------------------------------------

    def _unlabel(self) -> list[Animation]:
        if self.label is None:
            return []
        old, self.label = self.label, None
        self.drop(old)
        return [FadeOut(old, run_time=0.3)]

    def _stick_label(self, k: int) -> Number:
        size = named(self.fit.quantity("size", self.state, k), self.source)
        number = Number(size, self.theme.tint("loss"), 28)
        number.ground = self.theme.slot
        return number

    def _square_label(self, k: int) -> Formula:
        """`0.75² = 0.5625`, rounded so that the shown numbers close; else ≈."""
        size = named(self.fit.quantity("size", self.state, k), self.source)
        square = named(self.fit.quantity("square", self.state, k), self.source)
        d, q = decimals_for(float(size.value)), decimals_for(float(square.value))
        tries = [(d, 2 * d), (d, q)] if d is not None and 2 * d <= 4 else [(d, q)]
        exact = False
        for a, b in tries:
            entries = [printed_at(size, a), printed_at(square, b)]
            exact = closes(entries[1].text, read_back(entries[0].text) ** 2)
            if exact:
                break

        def write(mark: Marker) -> str:
            base = mark("loss", None, f"{number_source(entries[0].text)}")
            sign = mark("ink", None, "=" if exact else "approx")
            return f"{base}^{mark('loss', None, '2')} {sign} {mark('loss', None, number_source(entries[1].text))}"

        return Formula(write, self.theme, 36, tinted=True, printed=entries)

    def _spot(self, k: int, plate: Plate, square: bool) -> np.ndarray:
        x, y = self.place(k)[:2]
        size = float(self.fit.misses(self.knobs)[k]) * self.view.scale[1]
        size = min(max(size, self.area.bottom - y), self.area.top - y)  # what is seen of it
        cx, cy = self.view.map(self.curve.x, self.curve.y)
        good = np.isfinite(cy)
        px, py = self.view.map(self.fit.x, self.fit.y)
        stick = np.column_stack([np.full(9, x), np.linspace(y, y + size, 9)])
        ticks = np.array([t.get_center()[:2] for t in self.axes[2]]).reshape(-1, 2)
        busy = np.concatenate([np.column_stack([cx, cy])[good], np.column_stack([px, py]), stick, ticks])
        middle = np.array([x, y + size / 2])
        low = np.array([x + self.sides[k] * abs(size) / 2, min(y, y + size)])
        high = np.array([x + self.sides[k] * abs(size) / 2, max(y, y + size)])
        near = [low, high, middle] if square else [middle, low, high]
        a = self.area
        box = (a.left, a.right, a.bottom - 0.1, a.top + 0.1)
        return free_spot(near, (plate.width, plate.height), busy, box, gap=0.12)


class Descend(Animation):
    """The states of a descent, one after the other, on curve, dials and meter at once; `counter` is a phrase that counts."""

    def __init__(
        self, fit: Fit, first: int, last: int, curve: CurveFit | None = None, panel: KnobPanel | None = None,
        gauge: LossGauge | None = None, counter: Any = None, run_time: float = 5.0, source: str = "fit", slow: float = 1.7,
    ):  # fmt: skip
        self.fit, self.first, self.last, self.source = fit, first, last, source
        self.curve, self.panel, self.gauge, self.counter, self.slow = curve, panel, gauge, counter, slow
        moving: list[Any] = [curve.curve, curve.sticks_, curve.squares_] if curve else []
        moving += [*panel.dials.values(), *panel.numbers.values()] if panel else []
        moving += [gauge.tube, gauge.number] if gauge else []
        super().__init__(VGroup(*moving, *([counter] if counter is not None else [])), run_time=run_time)

    def interpolate_mobject(self, alpha: float) -> None:
        alpha = min(max(alpha, 0.0), 1.0)
        where = self.first + (self.last - self.first) * (alpha**self.slow if self.last > self.first + 1 else _ease(alpha))
        k = min(int(where), self.last - 1)
        share = where - k
        a, b = self.fit.point(k), self.fit.point(k + 1)
        knobs = {n: a[n] + (b[n] - a[n]) * share for n in a}
        loss = self.fit.loss(k) + (self.fit.loss(k + 1) - self.fit.loss(k)) * share
        if self.curve is not None:
            self.curve.at(self.fit.point(self.last) if alpha >= 1 else knobs)
            self.curve.state = self.last if alpha >= 1 else k
        if alpha >= 1:
            if self.panel is not None:
                self.panel.settle({n: named(self.fit.quantity(f"point/{n}", self.last), self.source) for n in a})
            if self.gauge is not None:
                self.gauge.settle(named(self.fit.quantity("loss", self.last), self.source))
        else:
            if self.panel is not None:
                self.panel.at(knobs)
            if self.gauge is not None:
                self.gauge.at(loss, text=True)
        if self.counter is not None:
            self.counter.show(round(where))


def _ease(alpha: float) -> float:
    return alpha * alpha * (3 - 2 * alpha)


def _few(values: list[float]) -> list[float]:
    """The outermost values, one on each side of zero where there are both."""
    return values if len(values) < 3 else [values[0], values[-1]]


__all__ = ["CurveFit", "Descend"]
