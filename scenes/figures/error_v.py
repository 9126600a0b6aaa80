"""S12: how wrong a difference is, over its step – two arms that meet in a V, on rulers of powers of ten.

Reads error curves: one for each scheme and precision. Invariants: a mark stands at the step and the error of its row; the
ring stands at the step that theory names, within a decade of the smallest error measured; of two values, exactly the
leading digits that are the same are called the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    DashedLine,
    FadeIn,
    Line,
    Polygon,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import linear

from chainreel.engine import EngineError, ErrorCurve, Quantity

from ..stage.area import Area
from ..stage.curve import clip, corners_to_points
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import halo
from ..stage.ledger import Printed
from ..stage.log_axes import LogAxes, exponents, log_view
from ..stage.plate import Plate
from ..stage.rounding import shown
from ..stage.table import agreeing
from ..stage.theme import Theme, mix
from ..stage.type import FLOOR, Label, set_line
from ..stage.view import Box, View
from .figure import Figure

LEAST, MOST = 1e-17, 1e3  # errors that are shown; smaller ones stand on the floor
PRECISIONS = ("float64", "float32")
SCHEMES = ("forward", "central", "richardson", "complex")


class ErrorV(Figure):
    """The errors of some curves over their steps, one row of marks each; `curves` by the name of their source.

    The shape of a mark says the scheme, its colour and size the precision. Verbs: `appear`, `draw(source)`,
    `arms(source)`, `ring(source)`, `dim(source)`.
    """

    def __init__(self, curves: Mapping[str, ErrorCurve], theme: Theme, area: Area, *, label: str = "error"):
        super().__init__(theme)
        if not curves:
            raise StageError("there is no error curve to show")
        self.curves = dict(curves)
        first = next(iter(self.curves.values()))
        self.relative = first.exact != 0
        self.errors = {
            name: np.array([row.relative if self.relative else row.error for row in curve.rows])
            for name, curve in self.curves.items()
        }
        self.steps = {name: np.abs(np.array(curve.steps)) for name, curve in self.curves.items()}
        if not any(np.isfinite(e).any() for e in self.errors.values()):
            raise StageError(f"no difference of {first.function.title} around this point is a number; move --at")
        self.view = self._view(area)
        left, right, bottom, top = self.view.box
        self.axes = LogAxes(theme, self.view, _symbol(theme, "h"), Label(label, theme.muted, 24))
        self.rows = {name: Marks(theme, curve, *self._seen(name)) for name, curve in self.curves.items()}
        self.trends = {name: self._trend(name) for name in self.curves}
        self.labels = self._labels()
        self.rings: dict[str, VGroup] = {}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            "The error of a slope by nudging over the size of the nudge, on rulers of powers of ten: "
            f"{self.listed(self.curves)}."
        )

    # Geometry -------------------------------------------------------------------------------------------------------

    def _view(self, area: Area) -> View:
        steps = np.concatenate(list(self.steps.values()))
        errors = np.concatenate(list(self.errors.values()))
        seen = errors[np.isfinite(errors) & (errors > LEAST)]
        low = min(float(seen.min()) if len(seen) else 1e-3, 1e-2)
        high = max(min(float(seen.max()) if len(seen) else 1.0, MOST), 1.0) * 1.5
        box = (area.left + 0.95, area.right - 0.45, area.bottom + 0.62, area.top - 0.28)
        left, right, bottom, top = (round(v, 1) for v in box)  # the same at every number of pixels
        box = (left, right, bottom, top)
        view = log_view((float(steps.min()), float(steps.max())), (low, high), box)
        return replace(view, y=(view.y[0] - 0.4, min(view.y[1], math.log10(high) + 0.35)))

    def place(self, step: float, error: float) -> np.ndarray:
        """Where a step and an error are seen; an error of 0 stands on the floor."""
        y = math.log10(error) if error > 0 else -math.inf
        return self.view.place(math.log10(abs(step)), min(max(y, self.view.y[0]), self.view.y[1]))

    def _seen(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        x, y = np.log10(self.steps[name]), exponents(self.errors[name])
        y = np.where(np.isnan(y) & (self.errors[name] == 0), self.view.y[0], y)
        return self.view.map(x, np.clip(y, self.view.y[0], self.view.y[1]))

    def _trend(self, name: str) -> VGroup:
        """What theory lets expect: the sum of both arms; nothing for schemes without a V."""
        curve = self.curves[name]
        if _arms(curve) is None:
            return VGroup()
        h = np.logspace(math.log10(self.steps[name].min()), math.log10(self.steps[name].max()), 400)
        scale = abs(curve.exact) if self.relative else 1.0
        error = np.array([curve.expected(float(v)) or np.nan for v in h]) / scale
        error = np.minimum(error, 1.0) if self.relative else error  # with no digit left, all of it is wrong
        px, py = self.view.map(np.log10(h), exponents(error))
        line = VMobject().set_fill(opacity=0)
        line.points = corners_to_points(clip(px, py, self.view.box))
        colour = self.theme.role("slope" if curve.dtype == "float64" else "muted")
        line.set_stroke(colour, 2.4, 0.75)
        return VGroup(*halo(line, colour, 2.4, 0.5 * self.theme.glow), line)

    def _labels(self) -> dict[str, Label]:
        """What each row of marks is, beside it: its precision, its scheme, or both."""
        kinds = {c.dtype for c in self.curves.values()}, {c.scheme for c in self.curves.values()}
        found: dict[str, Label] = {}
        marks = np.concatenate([self.rows[n].places for n in self.curves])
        words = [self._arm_words(next(iter(self.curves)), side) for side in ("left", "right")]
        taken = [_box(w) for w in words if w is not None]
        left, right, bottom, top = self.view.box
        for name, curve in self.curves.items():
            parts = [curve.scheme] * (len(kinds[1]) > 1) + [curve.dtype] * (len(kinds[0]) > 1 or len(kinds[1]) == 1)
            colour = self.theme.tint("slope") if curve.dtype == "float64" else self.theme.muted
            label = Label(" ".join(parts), colour, 24, "semibold", names=True)
            places = self.rows[name].places
            arms = _arms(curve)
            turn = self.place(curve.theory or 1.0, 1.0)[0] if arms else right
            own = places[(places[:, 0] < turn) & (places[:, 1] > bottom + 0.3) & (places[:, 1] < top - 0.35)]
            own = own if len(own) and arms else places
            room = (left + 0.15, right, bottom + (0.9 if arms else 0.12), top - 0.1)
            found[name] = label.move_to(_beside(own, (label.width, label.height), marks, taken, room))
            taken.append(_box(label))
        return found

    def quantity(self, name: str, what: str, row: int = 0) -> Quantity:
        """A number of a curve, under the name of its source."""
        return replace(self.curves[name].quantity(what, row), source=name)

    def best_row(self, name: str) -> int:
        """The row with the smallest error."""
        return int(np.nanargmin(self.errors[name]))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self) -> AnimationGroup:
        """The empty rulers."""
        axes = self.keep(self.axes, 0)
        return AnimationGroup(
            *(Create(line) for line in axes.lines), FadeIn(axes.grid), FadeIn(axes.numbers), FadeIn(axes.names), run_time=1.0
        )

    def draw(self, name: str, run_time: float = 2.4, *, until: float | None = None) -> AnimationGroup:
        """The marks of one curve, from large steps to small ones; with `until`, only down to that step."""
        row = self.rows[name]
        if row not in self.submobjects:
            self.keep(row, 5)
            row.reach(0)
        goal = len(row.places) if until is None else int(np.sum(self.steps[name] >= until))
        parts: list[Animation] = [Reach(row, goal, run_time=run_time)]
        if self.labels[name] not in self.submobjects and until is None:
            parts.append(FadeIn(self.keep(self.labels[name], 7), run_time=0.6))
        return AnimationGroup(*parts)

    def trend(self, name: str, run_time: float = 1.2) -> Animation | None:
        """The line that theory draws through the marks; None for a scheme without one."""
        if not len(self.trends[name]):
            return None
        return AnimationGroup(*(Create(layer) for layer in self.keep(self.trends[name], 3)), run_time=run_time)

    def arm(self, name: str, side: str) -> FadeIn | None:
        """Words along an arm: `right` is the bend of the curve, `left` the digits that rounding eats."""
        words = self._arm_words(name, side)
        return None if words is None else FadeIn(self.keep(words, 8), run_time=0.7)

    def _arm_words(self, name: str, side: str) -> Label | None:
        curve = self.curves[name]
        arms = _arms(curve)
        if arms is None or not curve.theory:  # 0 where rounding is smaller than any number
            return None
        scale = abs(curve.exact) if self.relative else 1.0
        theory = math.log10(curve.theory)
        low, high = self.view.x
        reach = high - theory if side == "right" else theory - low
        middle = theory + (0.5 if side == "right" else -0.5) * reach
        a, b = (self.place(10.0**e, (curve.expected(10.0**e) or 1.0) / scale) for e in (middle - 0.6, middle + 0.6))
        label = Label("curve bends" if side == "right" else "digits lost", self.theme.ink, 24)
        run = math.hypot(*(b - a)[:2])
        if run < 0.1 or reach * self.view.scale[0] < label.width * 0.9:
            return None
        angle = math.atan2(b[1] - a[1], b[0] - a[0])
        below = np.array([math.sin(angle), -math.cos(angle), 0.0])  # marks scatter below the left arm: words stand above it
        label.rotate(angle).move_to((a + b) / 2 + below * (0.36 if side == "right" else -0.42))
        label.natural_height = float(label.height)
        return label

    def ring(self, name: str) -> AnimationGroup | None:
        """A ring where theory puts the turn, a plumb line to the ruler, and the step there; None without a theory."""
        group = self._ring(name)
        if group is None:
            return None
        self.rings[name] = self.keep(group, 8)
        return AnimationGroup(Create(group[0]), FadeIn(group[1]), FadeIn(group[2]), run_time=0.9)

    def _ring(self, name: str) -> VGroup | None:
        curve = self.curves[name]
        if _arms(curve) is None or not curve.theory or not self.view.x[0] < math.log10(curve.theory) < self.view.x[1]:
            return None
        scale = abs(curve.exact) if self.relative else 1.0
        at = self.place(curve.theory, (curve.expected(curve.theory) or 1.0) / scale)
        ring = Circle(0.17).move_to(at).set_stroke(self.theme.ink, 2.6).set_fill(opacity=0)
        low = self.view.box[2]
        plumb = DashedLine([at[0], at[1] - 0.2, 0], [at[0], low + 0.02, 0], dash_length=0.05)
        plumb.set_stroke(self.theme.ink, 2, 0.7)
        step = self.quantity(name, "theory")
        entry = Printed(step, shown(step.value, None, auto=False), None)
        label = Formula(lambda mark: str(mark("ink", None, number_source(entry.text))), self.theme, 32, printed=[entry])
        plate = Plate(self.theme, label, (0.05, 0.05))
        taken = [_cover(part) for part in [*(r[2] for r in self.rings.values()), *self.labels.values()]]
        rim = self.view.box[1] + 0.35
        others = [c.theory for c in self.curves.values() if _arms(c) is not None and c.theory]
        sides = (-1, 1) if any(t > 10 * curve.theory for t in others) else (1, -1)  # room for a turn further right
        for up in (0.27, 0.75, 1.23, 1.71):
            for side in sides:
                plate.move_to([at[0] + side * (0.1 + plate.width / 2), low + up, 0])
                (x0, y0, _), (x1, y1, _) = plate.get_corner([-1, -1, 0]), plate.get_corner([1, 1, 0])
                clash = any(((t > [x0, y0]) & (t < [x1, y1])).all(axis=1).any() for t in taken)
                if x1 < rim and x0 > self.view.box[0] and not clash:
                    return VGroup(ring, plumb, plate)
        return VGroup(ring, plumb, plate)

    def best(self, name: str) -> Create:
        """A ring around the smallest error that was measured."""
        i = self.best_row(name)
        ring = Circle(0.15).move_to(self.place(self.steps[name][i], self.errors[name][i]))
        return Create(self.keep(ring.set_stroke(self.theme.ink, 2.2).set_fill(opacity=0), 8), run_time=0.7)

    def dim(self, name: str, to: float = 0.4) -> Animation:
        """One curve steps back."""
        return AnimationGroup(self.rows[name].animate.set_opacity(to), self.labels[name].animate.set_opacity(to))


class Marks(VMobject):
    """The marks of one curve as one mobject, from large steps to small; `reach(k)` shows the first k."""

    def __init__(self, theme: Theme, curve: ErrorCurve, x: np.ndarray, y: np.ndarray):
        fine = curve.dtype == "float64"
        colour = mix(theme.slope, theme.ink, 0.22) if fine and theme.dark else theme.slope if fine else theme.muted
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=1)
        order = np.argsort(-np.abs(np.array(curve.steps)), kind="stable")
        self.places = np.column_stack([x, y])[order]
        self.places = self.places[np.isfinite(self.places).all(axis=1)]
        self.shape_points = _mark(curve.scheme, 0.047 if fine else 0.043)
        self.reach(len(self.places))

    def reach(self, count: int) -> Marks:
        """Show the first marks."""
        self.shown = count
        stamps = [self.shape_points + [x, y, 0] for x, y in self.places[:count]]
        self.points = np.concatenate(stamps) if stamps else np.zeros((0, 3))
        return self


class Reach(Animation):
    """Marks appear one after the other up to a count."""

    def __init__(self, marks: Marks, goal: int, **kwargs: Any):
        self.begin_at, self.goal = marks.shown, goal
        kwargs.setdefault("rate_func", linear)
        super().__init__(marks, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.mobject.reach(round(self.begin_at + (self.goal - self.begin_at) * share))


def _mark(scheme: str, r: float) -> np.ndarray:
    """The outline of a mark: round forward, diamond central, square Richardson, triangle for the complex step."""
    shape = {
        "forward": lambda: Circle(r, num_components=5),
        "central": lambda: Polygon(*([1.5 * r * x, 1.5 * r * y, 0] for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)))),
        "richardson": lambda: Polygon(*([r * x, r * y, 0] for x, y in ((1, 1), (-1, 1), (-1, -1), (1, -1)))),
        "complex": lambda: Polygon(*([1.5 * r * x, 1.3 * r * y, 0] for x, y in ((0, 1), (-0.9, -0.7), (0.9, -0.7)))),
    }[scheme]()
    return np.array(shape.points)


def _box(part: VMobject) -> Box:
    (x0, y0, _), (x1, y1, _) = part.get_corner([-1, -1, 0]), part.get_corner([1, 1, 0])
    return float(x0) - 0.08, float(x1) + 0.08, float(y0) - 0.06, float(y1) + 0.06


def _beside(own: np.ndarray, size: tuple[float, float], marks: np.ndarray, taken: list[Box], room: Box) -> np.ndarray:
    """The centre of a label near its own marks: over no other words, over as few marks as can be."""
    w, h = size[0] / 2, size[1] / 2
    best, cost = np.array([(room[0] + room[1]) / 2, (room[2] + room[3]) / 2, 0.0]), math.inf
    for x in np.arange(room[0] + w, room[1] - w + 1e-9, 0.15):
        for y in np.arange(room[2] + h, room[3] - h + 1e-9, 0.12):
            if any(x - w < b[1] and b[0] < x + w and y - h < b[3] and b[2] < y + h for b in taken):
                continue
            covered = int(((np.abs(marks[:, 0] - x) < w + 0.12) & (np.abs(marks[:, 1] - y) < h + 0.12)).sum())
            away = np.maximum(np.abs(own - [x, y]) - [w, h], 0)
            now = abs(float(np.hypot(away[:, 0], away[:, 1]).min()) - 0.2) + 0.4 * covered
            if now < cost:
                best, cost = np.array([x, y, 0.0]), now
    return best


def _cover(part: VMobject) -> np.ndarray:
    """Points all over the box of a part, shape (n, 2)."""
    (x0, y0, _), (x1, y1, _) = part.get_corner([-1, -1, 0]), part.get_corner([1, 1, 0])
    xs, ys = np.meshgrid(np.linspace(x0 - 0.06, x1 + 0.06, 14), np.linspace(y0 - 0.05, y1 + 0.05, 7))
    return np.column_stack([xs.ravel(), ys.ravel()])


def _arms(curve: ErrorCurve) -> tuple[float, int, float] | None:
    try:
        return curve.arms
    except EngineError:  # no slope beside the point
        return None


def _symbol(theme: Theme, name: str) -> Formula:
    return Formula(lambda mark: str(mark("ink", None, name)), theme, 40)


# Digits -------------------------------------------------------------------------------------------------------------


class Digits(VGroup):
    """A number of which the first `same` characters look one way and the rest another; with its provenance."""

    def __init__(
        self, quantity: Quantity, decimals: int | None, same: int, looks: tuple[tuple[str, str], tuple[str, str]],
        size: float = 28, underline: bool = False,
    ):  # fmt: skip
        super().__init__()
        if size < FLOOR:
            raise StageError(f"a number at size {size:g} is under the floor of {FLOOR}")
        self.quantity, self.decimals, self.same, self.font_size = quantity, decimals, same, size
        self.text = shown(float(quantity.value), decimals, auto=False)
        self.provenance = [Printed(quantity, self.text, decimals)]
        x = 0.0
        for part, (colour, weight) in zip((self.text[:same], self.text[same:]), looks, strict=True):
            if part:
                points, advance = set_line(part, size, weight)
                piece = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
                piece.points = points + [x, 0, 0]
                if underline and colour == looks[0][0]:
                    self.add(Line([x, -0.09, 0], [x + advance, -0.09, 0]).set_stroke(colour, 2.2))
                x += advance
                self.add(piece)
        self.advance = x

    def put(self, x: float, baseline: float, anchor: str = "left") -> Digits:
        """From the origin, where it was set, to a place of its baseline."""
        return self.shift([x - {"left": 0.0, "middle": self.advance / 2, "right": self.advance}[anchor], baseline, 0])


class DigitRows(Figure):
    """Rows of an error curve, digit by digit: the two values that are subtracted, and the slope that is left.

    Digits that both values share are grey, the others are all that the difference has to live on. In the slope, digits of
    the true one are underlined, wrong ones mauve. Verb: `row(i)`.
    """

    def __init__(self, curve: ErrorCurve, rows: list[int], theme: Theme, area: Area, *, name: str = "error curve"):
        super().__init__(theme)
        self.curve, self.source, self.row_indices = curve, name, list(rows)
        self.decimals = value_decimals(curve)
        self.slope_places = slope_places(curve.exact)
        for size in (28.0, 26.0):
            pairs = [self._values(i, size) for i in rows]
            steps = [self._step(i) for i in rows]
            slopes = [self._slope(i) for i in rows]
            wide = max(s.width for s in steps) + max(p[0].advance for p in pairs) + max(s.advance for s in slopes) + 0.45
            self.stacked = wide > area.width
            if not self.stacked:
                break
        fit = int((area.height - 0.35) / (1.35 if self.stacked else 1.0))
        if fit < len(rows):  # the ends tell most
            keep = [0] if fit < 2 else [0, len(rows) - 1]
            rows, pairs = [rows[k] for k in keep], [pairs[k] for k in keep]
            steps, slopes = [steps[k] for k in keep], [slopes[k] for k in keep]
            self.row_indices = list(rows)
        count = len(rows)
        title = Label("slope", theme.muted, 24)
        pitch = min((area.height - 0.45) / count, 1.75 if self.stacked else 1.45)
        top = area.top - 0.45 - max(0.0, (area.height - 0.45 - pitch * count) / 2)
        self.title = title.set_baseline(area.right, top - pitch / 2 + (0.9 if self.stacked else 0.42), "right")
        self.groups: list[VGroup] = []
        self.rules = VGroup()
        for k, (step, (moved, base), slope) in enumerate(zip(steps, pairs, slopes, strict=True)):
            middle = top - pitch * (k + 0.5)
            if self.stacked:
                step.set_baseline(area.left, middle + 0.34)
                slope.put(area.right, middle + 0.34, "right")
                moved.put(area.left, middle - 0.10)
                base.put(area.left, middle - 0.50)
            else:
                step.set_baseline(area.left, middle - 0.10)
                slope.put(area.right, middle - 0.12, "right")
                x = area.left + max(s.width for s in steps) + 0.22
                moved.put(x, middle + 0.08)
                base.put(x, middle - 0.32)
            self.groups.append(VGroup(step, moved, base, slope))
            if k:
                y = top - pitch * k
                self.rules.add(Line([area.left, y, 0], [area.right, y, 0]).set_stroke(theme.rim, 1.4, 0.6))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Digit by digit, for {self.counted(self.row_indices, 'nudge')}: two values that are subtracted, and the "
            "slope that is left."
        )

    def _step(self, i: int) -> Formula:
        step = replace(self.curve.quantity("step", i), source=self.source)
        entry = Printed(step, shown(step.value, None, auto=False), None)

        def write(mark: Marker) -> str:
            return f"{mark('ink', None, 'h')} = {mark('ink', None, number_source(entry.text))}"

        return Formula(write, self.theme, 32, printed=[entry])

    def _values(self, i: int, size: float) -> tuple[Digits, Digits]:
        moved, base = (replace(self.curve.quantity(w, i), source=self.source) for w in ("moved", "base"))
        texts = [shown(float(q.value), self.decimals, auto=False) for q in (moved, base)]
        same = agreeing(*texts)
        looks = ((self.theme.muted, "regular"), (self.theme.tint("slope"), "bold"))
        return Digits(moved, self.decimals, same, looks, size), Digits(base, self.decimals, same, looks, size)

    def _slope(self, i: int) -> Digits:
        slope = replace(self.curve.quantity("slope", i), source=self.source)
        size = abs(slope.value)
        places: int | None = self.slope_places
        if places is None or not math.isfinite(slope.value) or size >= 1e6:
            places = None
        same = agreeing(shown(slope.value, places, auto=False), shown(self.curve.exact, places, auto=False))
        looks = ((self.theme.tint("slope"), "semibold"), (self.theme.tint("loss"), "semibold"))
        return Digits(slope, places, same, looks, 30, underline=True)

    def right_digits(self, k: int) -> int:
        """How many digits of the slope in row k are those of the true slope."""
        slope = self.groups[k][3]
        return sum(c.isdigit() for c in slope.text[: slope.same])

    def differing(self, k: int) -> int:
        """How many digits of the two values in row k differ."""
        moved = self.groups[k][1]
        return sum(c.isdigit() for c in moved.text[moved.same :])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def row(self, k: int) -> list[Animation]:
        """Row k: first the two values, then the slope that their difference gives."""
        step, moved, base, slope = self.groups[k]
        for part in (step, moved, base, slope):
            self.keep(part, 5)
        first: list[Animation] = [FadeIn(step), FadeIn(moved, shift=0.1 * DOWN), FadeIn(base, shift=0.1 * UP)]
        if k:
            first.append(FadeIn(self.keep(self.rules[k - 1], 4)))
        second: list[Animation] = [FadeIn(slope, shift=0.12 * RIGHT)]
        if self.title not in self.submobjects:
            second.append(FadeIn(self.keep(self.title, 5)))
        return [AnimationGroup(*first, run_time=0.8), AnimationGroup(*second, run_time=0.6)]


def value_decimals(curve: ErrorCurve) -> int | None:
    """Decimals that show every digit a value of this precision has; None where that would take too many characters."""
    size = abs(curve.trace.value)
    digits = 8 if curve.dtype == "float32" else 16
    if size == 0:
        return digits - 1
    if not 1e-6 < size < 1e9:
        return None
    return max(0, digits - 1 - math.floor(math.log10(size)))


def slope_places(exact: float) -> int | None:
    """Decimals of a slope of which three digits matter."""
    if exact == 0:
        return 2
    power = math.floor(math.log10(abs(exact)))
    return None if power >= 6 or power < -4 else max(0, 2 - power)


__all__ = ["PRECISIONS", "SCHEMES", "DigitRows", "Digits", "ErrorV", "Marks"]
