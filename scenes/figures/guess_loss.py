"""S18 of one guess: its gap to the truth on a line, the square over the gap, and two losses as curves with their slopes.

Reads responses: the guess, its gap and two losses, all of the last sum z. Invariants: the square's side is the gap; a point
is on its curve; both curves share one scale; when the ruler is stretched from p to z, every point keeps its height; a
tangent has the engine's slope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from manim import (
    UP,
    Animation,
    AnimationGroup,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Polygon,
    ReplacementTransform,
    Square,
    Transform,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.learning.responses import Response

from ..stage.become import Become
from ..stage.curve import Curve
from ..stage.formula import Formula, number_source
from ..stage.ledger import Printed
from ..stage.number import Number, Phrase
from ..stage.parts import disc, round_caps
from ..stage.plate import Plate
from ..stage.relabel import TransformLabels
from ..stage.rounding import shown
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick
from ..stage.type import Label
from ..stage.view import Box, View
from .figure import Figure

LINE = (-3.2, 3.2)  # where 0 and 1 are
HIGH, LOW = 0.30, -1.25  # of the line, before and under the square
PANELS: tuple[Box, Box] = ((-5.75, -0.95, -1.35, 2.25), (0.9, 5.7, -1.35, 2.25))
SEE_Z = (-6.0, 4.0)  # the ruler after it was stretched
TOPS = (2.4, 5.7)  # losses that are seen, before and after
ARM = 1.05  # half a tangent, frame units
HANG = 0.88  # how far below its line the guess hangs
ROUND, SMALL_ROUND = (0.54, 32), (0.46, 28)  # radius of the guess and size of its number, on the line and in a panel
PLACES = 2  # decimals of everything here
LOSSES = ("square", "surprise")


class GuessLoss(Figure):
    """`seen` has the responses "guess", "gap", "square" and "surprise" at the same points of z.

    Verbs: `line`, `guess`, `truth`, `gap`, `grow` (the square), `write_law`, `work_out`, `fill`; `first_curve`, `trace_out`,
    `second_curve`, `climb`, `stretch` (the ruler from p to z), `slide(row)`, `slopes(name, row)`,
    `call(loss, word)`.
    """

    def __init__(self, seen: Mapping[str, Response], theme: Theme):
        super().__init__(theme)
        self.seen = dict(seen)
        self.row = 0
        self.shades = (0.30, 0.45) if theme.dark else (0.12, 0.20)  # of the square: its numbers stay readable on it
        self.y = HIGH
        self.axis = self._axis(LINE[0], LINE[1], HIGH)
        self.bubble = self._bubble(0, *ROUND)
        self.mark = Dot(radius=0.10, color=theme.value).set_stroke(theme.ground, 2)
        self.truth_mark = Square(0.26).set_fill(theme.data, 1).set_stroke(theme.ground, 1.5)
        self.law, self.worked = self._reckoning()
        self.panels = {name: Panel(self, name, box) for name, box in zip(LOSSES, PANELS, strict=True)}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A line from no to yes with a guess at {self.told(self.quantity('guess'))} and the truth at its end; the gap "
            "between them becomes a square, then two curves of loss stand side by side."
        )

    def quantity(self, name: str, what: str = "value", row: int = 0) -> Quantity:
        """A number of a response under the name of its source."""
        return replace(self.seen[name].quantity(what, row), source=name)

    def spot(self, p: float) -> np.ndarray:
        """The place of a guess on the line."""
        return np.array([LINE[0] + p * (LINE[1] - LINE[0]), self.y, 0.0])

    @property
    def p(self) -> float:
        """The guess."""
        return float(self.quantity("guess", row=self.row).value)

    # The line and the square ------------------------------------------------------------------------------------------

    def line(self, run_time: float = 1.0) -> AnimationGroup:
        """The ruler from 0 to 1."""
        for part in self.axis:
            self.keep(part, 1)
        return AnimationGroup(Create(self.axis[0]), *(FadeIn(part) for part in self.axis[1:]), run_time=run_time)

    def guess(self) -> VGroup:
        """The guess as it hangs from the line, for a part of another picture to become: (round, number, stem, mark)."""
        at = self.spot(self.p)
        self.bubble.shift(at + [0, -HANG, 0] - self.bubble[0].get_center())
        self.mark.move_to(at)
        stem = self.stem = Line(at, at + [0, -HANG + ROUND[0], 0]).set_stroke(self.theme.value, 2.5, 0.7)
        for part, z in ((self.bubble, 6), (stem, 3), (self.mark, 5)):
            self.keep(part, z)
        return self.bubble

    def truth(self, run_time: float = 0.8) -> FadeIn:
        """The mint square at 1."""
        self.truth_mark.move_to(self.spot(1.0))
        return FadeIn(self.keep(self.truth_mark, 5), scale=0.5, run_time=run_time)

    def gap(self, run_time: float = 1.2) -> list[Animation]:
        """The distance between the guess and the truth, with its number."""
        start, end = self.spot(self.p), self.spot(1.0)
        self.bar = self.keep(round_caps(Line(start, end).set_stroke(self.theme.loss, 9)), 3)
        self.gap_number = Number(self.quantity("gap"), self.theme.tint("loss"), 44, decimals=PLACES)
        self.keep(self.gap_number.move_to((start + end) / 2 + [0, 0.46, 0]), 6)
        return [Create(self.bar, run_time=run_time), FadeIn(self.gap_number, shift=0.12 * UP, run_time=0.6)]

    def grow(self, run_time: float = 2.0) -> list[Animation]:
        """The line goes down, and the gap grows into a square over it."""
        theme, down = self.theme, np.array([0.0, LOW - HIGH, 0.0])
        moved = [m for m in self.submobjects if m is not self.gap_number]
        start = [Grow(self, moved, down, run_time=0.9)]
        a, b = self.spot(self.p) + down, self.spot(1.0) + down
        side = float(b[0] - a[0])
        flat = Polygon(a, b, b + [0, 1e-3, 0], a + [0, 1e-3, 0])
        self.area = flat.set_fill(theme.loss, self.shades[0]).set_stroke(theme.tint("loss"), 2.4)
        self.keep(self.area, 2)
        full = Polygon(a, b, b + [0, side, 0], a + [0, side, 0]).match_style(flat)
        return [
            *start,
            AnimationGroup(
                Transform(self.area, full), self.gap_number.animate.move_to((a + b) / 2 + [0, 0.36, 0]), run_time=run_time
            ),
        ]

    def write_law(self) -> FadeIn:
        """The formula in letters."""
        return FadeIn(self.keep(self.law, 6), run_time=0.8)

    def work_out(self) -> TransformLabels:
        """The gap slides into the formula in numbers."""
        self.keep(self.worked, 6)
        return TransformLabels(self.gap_number, self.worked, stay=True, run_time=1.1)

    def fill(self) -> AnimationGroup:
        """The area's number in the square, which lights up."""
        self.inside = Number(self.quantity("square"), self.theme.ink, 60, decimals=PLACES)
        self.keep(self.inside.move_to(self.area.get_center()), 6)
        return AnimationGroup(
            FadeIn(self.inside, scale=0.7), self.area.animate.set_fill(opacity=self.shades[1]), run_time=0.8
        )

    # Two curves -------------------------------------------------------------------------------------------------------

    def first_curve(self, run_time: float = 1.8) -> AnimationGroup:
        """The line becomes the floor of the left panel, the square a point as high as its area, the formula its title."""
        panel = self.panels["square"]
        panel.settle(0)
        old_axis, old_bubble = self.axis, self.bubble
        gone, small = [self.bar, self.mark, self.stem, self.gap_number, self.worked, self.truth_mark, self.inside], self.area
        self.drop(*gone, *old_axis, old_bubble, small, self.law)
        parts = [
            ReplacementTransform(old_axis[0], panel.floor),
            FadeOut(VGroup(*old_axis[1:])), FadeOut(VGroup(*gone)),
            Become(old_bubble, panel.bubble), Become(small, panel.dot),
            TransformLabels(self.law, panel.title, run_time=run_time), FadeIn(panel.rest), FadeIn(panel.stem),
        ]  # fmt: skip
        for part, z in panel.layers():
            self.keep(part, z)
        return AnimationGroup(*parts, run_time=run_time)

    def trace_out(self, name: str, run_time: float = 1.4) -> AnimationGroup:
        """The curve is drawn from one end to the other; the point's value stands beside it."""
        panel = self.panels[name]
        self.keep(panel.curve, 2), self.keep(panel.value, 6)
        return AnimationGroup(*(Create(layer) for layer in panel.curve), FadeIn(panel.value), run_time=run_time)

    def second_curve(self, run_time: float = 1.4) -> AnimationGroup:
        """The same ruler again on the right, with an empty floor; the guess is copied into it."""
        left, right = self.panels["square"], self.panels["surprise"]
        right.settle(0)
        parts = [
            ReplacementTransform(left.floor.copy(), right.floor), FadeIn(right.rest), FadeIn(right.title),
            ReplacementTransform(left.bubble.copy(), right.bubble), FadeIn(right.stem),
        ]  # fmt: skip
        for part, z in right.layers():
            if part is not right.dot:
                self.keep(part, z)
        return AnimationGroup(*parts, run_time=run_time)

    def climb(self, run_time: float = 2.2) -> Animation:
        """The point leaves the truth, where there is no surprise, and climbs the curve to the guess; the curve is its trail."""
        panel = self.panels["surprise"]
        self.keep(panel.curve, 2), self.keep(panel.dot, 8), self.keep(panel.value, 6)
        return Climb(panel, run_time=run_time)

    def stretch(self, run_time: float = 2.2) -> Animation:
        """The ruler of the guess is stretched into that of the sum z: every point keeps its loss."""
        for panel in self.panels.values():
            self.keep(panel.far, 1)
        return Stretch(self, run_time=run_time)

    def slide(self, row: int, run_time: float = 2.2) -> Animation:
        """Both points run along their curves to another row."""
        start, self.row = self.row, row
        return Slide(self, start, row, run_time=run_time)

    def slopes(self, name: str, row: int, run_time: float = 0.9) -> AnimationGroup:
        """The tangent at the point, and its slope as a number."""
        panel = self.panels[name]
        line = self.keep(panel.tangent(row), 7)
        label = self.keep(panel.slope_label(row), 9)
        return AnimationGroup(*(Create(part) for part in line), FadeIn(label), run_time=run_time)

    def call(self, loss: str, word: str, run_time: float = 0.6) -> FadeIn:
        """What a loss is called, under its formula."""
        x, y, _ = self.panels[loss].title.get_center()
        label = Label(word, self.theme.tint("loss"), 30, "semibold").move_to([x + 0.55, y - 0.62, 0])
        return FadeIn(self.keep(label, 6), shift=0.1 * UP, run_time=run_time)

    # Parts ------------------------------------------------------------------------------------------------------------

    def _reckoning(self) -> tuple[Formula, Formula]:
        """`L = (t − p)²` and, under it, `= 0.65² = 0.42`."""
        theme = self.theme
        gap, square = (self._printed(name) for name in ("gap", "square"))
        law = Formula(lambda m: f"{m('loss', 0, 'L')} = {_squared(m)}", theme, 46, tinted=True)
        law.set_baseline(-6.1, 1.75)
        worked = Formula(
            lambda m: f"= {m('loss', 1, number_source(gap.text))}^2 = {m('loss', 2, number_source(square.text))}",
            theme, 46, tinted=True, printed=[gap, square],
        )  # fmt: skip
        worked.set_baseline(law.submobjects[1].get_left()[0], 0.95)
        return law, worked

    def _printed(self, name: str) -> Printed:
        quantity = self.quantity(name)
        return Printed(quantity, shown(float(quantity.value), PLACES, auto=False), PLACES)

    def _axis(self, left: float, right: float, y: float) -> VGroup:
        rim = mix(self.theme.rim, self.theme.muted, 0.6)
        group = VGroup(Line([left, y, 0], [right, y, 0]).set_stroke(rim, 3))
        for value, x in ((0.0, left), (1.0, right)):
            group.add(Line([x, y - 0.1, 0], [x, y + 0.1, 0]).set_stroke(rim, 3))
            group.add(Tick(value, 1.0, self.theme.muted, 28).move_to([x, y - 0.42, 0]))
        return group

    def _bubble(self, row: int, radius: float, size: float) -> VGroup:
        number = Number(self.quantity("guess", row=row), self.theme.ink, size, decimals=PLACES)
        round_ = disc(self.theme, radius)
        name = Formula(lambda m: m("value", None, "p"), self.theme, 40, tinted=True)
        name.move_to(round_.get_center() + [-radius - 0.14 - name.width / 2, -0.04, 0])
        return VGroup(round_, number.move_to(round_.get_center()), name)


class Panel:
    """One loss over the guess, later over the sum: `s` from 0 to 1 is how far its ruler has been stretched."""

    def __init__(self, figure: GuessLoss, name: str, box: Box):
        self.figure, self.theme, self.name, self.box = figure, figure.theme, name, box
        theme, (left, right, bottom, top) = self.theme, box
        self.s = 0.0
        self.z = np.concatenate([np.linspace(9.0, -9.0, 721)])  # from the truth's side
        self.p = 1 / (1 + np.exp(-self.z))
        self.heights = figure.seen[name].look(self.z)[0]
        rim = mix(theme.rim, theme.muted, 0.45)
        self.floor = Line([left, bottom, 0], [right, bottom, 0]).set_stroke(rim, 2.4)
        wall = Line([left, bottom, 0], [left, top, 0]).set_stroke(rim, 2.4)
        self.ticks = VGroup()
        for value in (1.0, 2.0, 3.0, 4.0, 5.0):
            number = Tick(value, 1.0, theme.muted)
            number.at_value = value
            self.ticks.add(number)
        letter = Formula(lambda m: m("value", 0, "p"), theme, 40, tinted=True)
        ends = [Tick(v, 1.0, theme.muted).move_to([x, bottom - 0.3, 0]) for v, x in ((0.0, left), (1.0, right))]
        self.near = VGroup(letter.move_to([right + 0.28, bottom + 0.02, 0]), *ends)
        self.rest = VGroup(wall, self.ticks, self.near)
        self.far = VGroup(Formula(lambda m: m("value", 0, "z"), theme, 40, tinted=True).move_to(letter))
        for value in (-4.0, -2.0, 0.0, 2.0):
            at = self.across(0.0, value, 1.0)
            self.far.add(Tick(value, 2.0, theme.muted).move_to([at, bottom - 0.3, 0]))
            self.far.add(Line([at, bottom, 0], [at, bottom - 0.08, 0]).set_stroke(rim, 2))
        whole = View((left, right), (bottom, top), box)  # the curve's samples are places on the frame
        self.curve = Curve(theme, *self._samples(), whole, "loss", 4.4)
        self.title = Formula(_squared if name == "square" else _surprise, theme, 46, tinted=True)
        self.title.move_to([(left + right) / 2, top + 0.78, 0])
        self.dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.bubble = figure._bubble(0, *SMALL_ROUND)
        self.stem = VMobject()
        self.value = Number(figure.quantity(name), theme.tint("loss"), 32, decimals=PLACES)
        self.place_ticks()
        self.settle(0)

    def across(self, p: float, z: float, s: float | None = None) -> float:
        """Where a guess p, made of the sum z, is on the ruler as it is now."""
        left, right, _, _ = self.box
        s = self.s if s is None else s
        share = (1 - s) * p + s * (z - SEE_Z[0]) / (SEE_Z[1] - SEE_Z[0])
        return left + share * (right - left)

    def up(self, loss: Any) -> Any:
        """How high a loss is now."""
        _, _, bottom, top = self.box
        most = TOPS[0] + (TOPS[1] - TOPS[0]) * self.s
        return bottom + np.asarray(loss) / most * (top - bottom)

    def layers(self) -> list[tuple[Any, float]]:
        """What stands here before the curve is drawn."""
        return [(self.floor, 1), (self.rest, 1), (self.title, 6), (self.stem, 3), (self.bubble, 6), (self.dot, 8)]

    def _samples(self) -> tuple[np.ndarray, np.ndarray]:
        left, right, _, _ = self.box
        share = (1 - self.s) * self.p + self.s * (self.z - SEE_Z[0]) / (SEE_Z[1] - SEE_Z[0])
        return left + share * (right - left), np.asarray(self.up(self.heights))

    def place_ticks(self) -> None:
        """The numbers of the losses where these are now; those above the rim are not seen."""
        left, _, _, top = self.box
        for number in self.ticks:
            y = float(self.up(number.at_value))
            number.move_to([left - 0.14 - number.width / 2, y, 0])
            number.set_opacity(min(max((top + 0.12 - y) / 0.25, 0.0), 1.0))

    def draw(self, z: float) -> None:
        """Point, guess and value at a place of the curve."""
        x, y = self.put(z)
        bottom = self.box[2]
        self.bubble.shift(np.array([x, bottom - HANG, 0]) - self.bubble[0].get_center())
        ends = [[x, y - 0.12, 0], [x, bottom - HANG + SMALL_ROUND[0], 0]]
        dashes = DashedLine(*ends, dash_length=0.06) if ends[0][1] - ends[1][1] > 0.1 else Line(*ends)
        self.stem.become(dashes.set_stroke(self.theme.value, 2.2, 0.6))

    def put(self, z: float) -> tuple[float, float]:
        """The point on its curve and the value beside it; where that is."""
        height = float(np.interp(-z, -self.z, self.heights))
        x, y = self.across(1 / (1 + np.exp(-z)), z), float(self.up(height))
        self.dot.move_to([x, y, 0])
        beside = min(x + 0.24, self.box[1] + 0.1 - self.value.width) + self.value.width / 2
        self.value.move_to([beside, y + (0.24 if x + 0.24 + self.value.width < self.box[1] else 0.36), 0])
        return x, y

    def settle(self, row: int) -> None:
        """At a row, with the engine's numbers."""
        figure = self.figure
        for number, quantity in (
            (self.value, figure.quantity(self.name, row=row)), (self.bubble[1], figure.quantity("guess", row=row))
        ):  # fmt: skip
            fresh = Number(quantity, self.theme.ink, 30, decimals=PLACES)
            number.quantity, number.settled, number.provenance = quantity, fresh.settled, fresh.provenance
            number.set_text(fresh.settled)
        self.draw(float(figure.seen["guess"].points[row]))

    def run(self, z: float) -> None:
        """The numbers on their way to a row."""
        self.value.set_text(shown(float(np.interp(-z, -self.z, self.heights)), PLACES, auto=False))
        self.bubble[1].set_text(shown(float(1 / (1 + np.exp(-z))), PLACES, auto=False))
        self.draw(z)

    def look(self, s: float) -> None:
        """Ruler, curve and point as they are when the ruler is stretched so far."""
        self.s = s
        self.curve.x, self.curve.y = self._samples()
        self.curve.look_through(self.curve.view)
        self.place_ticks()
        self.draw(float(self.figure.seen["guess"].points[self.figure.row]))

    def turned_round(self) -> Curve:
        """The curve as it is now, drawn from left to right, as curves of other figures are: for one to become another."""
        self.curve.x, self.curve.y = self.curve.x[::-1], self.curve.y[::-1]
        return self.curve.look_through(self.curve.view)

    def tangent(self, row: int) -> VGroup:
        """A line through the point with the engine's slope by z."""
        left, right, bottom, top = self.box
        slope = float(self.figure.quantity(self.name, "slope", row).value)
        sx, sy = (right - left) / (SEE_Z[1] - SEE_Z[0]), (top - bottom) / TOPS[1]
        way = np.array([sx, slope * sy, 0.0])
        way /= np.hypot(*way[:2])
        at = self.dot.get_center()
        reach = min(ARM, abs((left - at[0]) / way[0]))
        line = Line(at - way * reach, at + way * ARM).set_stroke(self.theme.slope, 5.5)
        wide = line.copy().set_stroke(self.theme.slope, 15, 0.16 * self.theme.glow)
        return VGroup(round_caps(wide), round_caps(line))

    def slope_label(self, row: int) -> Plate:
        """`slope −0.02` beside the tangent."""
        quantity = self.figure.quantity(self.name, "slope", row)
        words = Phrase("slope {s}", self.theme.tint("slope"), 32, "semibold", decimals=PLACES, s=quantity)
        plate = Plate(self.theme, words)
        at = self.dot.get_center()
        steep = abs(float(quantity.value)) > 0.3
        x = at[0] + (1.15 if steep else 0.16) + plate.width / 2
        return plate.move_to([x, at[1] + (-0.42 if steep else 0.95), 0])


class Grow(Animation):
    """Parts of the figure move down together, and it knows its line's new height."""

    def __init__(self, figure: GuessLoss, parts: list[Any], way: np.ndarray, **kwargs: Any):
        self.figure, self.way, self.gone = figure, way, 0.0
        super().__init__(VGroup(*parts, figure.gap_number), rate_func=smooth, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.mobject.shift(self.way * (share - self.gone))
        self.gone = share
        self.figure.y = HIGH + float(self.way[1]) * share


class Climb(Animation):
    """The point runs from the truth's end to the guess and draws its curve; then the curve goes on to the rim."""

    def __init__(self, panel: Panel, **kwargs: Any):
        self.panel = panel
        self.goal = float(panel.figure.seen["guess"].points[0])
        super().__init__(VGroup(panel.curve, panel.dot, panel.value), introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        alpha, panel = min(max(alpha, 0.0), 1.0), self.panel
        way = smooth(min(alpha / 0.7, 1.0))
        start = 5.0
        z = start + (self.goal - start) * way
        if alpha >= 0.7:
            panel.settle(0)
        else:
            panel.value.set_text(shown(float(np.interp(-z, -panel.z, panel.heights)), PLACES, auto=False))
            panel.put(z)
        last = z if alpha < 0.7 else self.goal + (-9.0 - self.goal) * smooth((alpha - 0.7) / 0.3)
        x, y = panel._samples()
        kept = panel.z >= last - 1e-9
        panel.curve.x, panel.curve.y = x[kept], y[kept]
        panel.curve.look_through(panel.curve.view)


class Stretch(Animation):
    """Both rulers are stretched from p to z."""

    def __init__(self, figure: GuessLoss, **kwargs: Any):
        self.figure = figure
        parts = [VGroup(p.curve, p.ticks, p.near, p.far, p.dot, p.bubble, p.stem, p.value) for p in figure.panels.values()]
        super().__init__(VGroup(*parts), introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        alpha = min(max(alpha, 0.0), 1.0)
        for panel in self.figure.panels.values():
            panel.look(smooth(alpha))
            panel.near.set_opacity(max(1 - 3 * alpha, 0.0))
            for part in panel.far:
                share = max(3 * alpha - 2, 0.0)
                if isinstance(part, Line):
                    part.set_stroke(opacity=share)
                else:
                    part.set_opacity(share)

    def clean_up_from_scene(self, scene: Any) -> None:
        """The old ruler's numbers are gone."""
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        for panel in self.figure.panels.values():
            panel.rest.remove(panel.near)
        scene.add(self.figure)


class Slide(Animation):
    """Both points run to another row; what is seen between is on the curves."""

    def __init__(self, figure: GuessLoss, start: int, row: int, **kwargs: Any):
        self.figure, self.row = figure, row
        points = figure.seen["guess"].points
        self.ends = float(points[start]), float(points[row])
        moving = VGroup(*(VGroup(p.dot, p.bubble, p.stem, p.value) for p in figure.panels.values()))
        super().__init__(moving, introducer=True, rate_func=smooth, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for panel in self.figure.panels.values():
            if alpha >= 1:
                panel.settle(self.row)
            else:
                panel.run(self.ends[0] + (self.ends[1] - self.ends[0]) * share)

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        scene.add(self.figure)


def _squared(m: Any) -> str:
    return f"({m('data', None, 't')} - {m('value', None, 'p')})^2"


def _surprise(m: Any) -> str:
    return f"- ln {m('value', None, 'p')}"


__all__ = ["GuessLoss", "Panel"]
