"""S4: the loss over one input – the curve, the dot that stands on it, the slope there, and the hops of plain descent.

Reads the function's values, the trace at the dot and the log of a descent. Invariants: the dot is on the curve; a hop is
−η f′ as the log has it; the tangent has the engine's slope in the units of the axes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import (
    Animation,
    AnimationGroup,
    Circle,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    Succession,
    Transform,
    VGroup,
    VMobject,
)

from chainreel.engine import Descent, Function, Quantity

from ..stage.axes import Axes, roomy_view
from ..stage.curve import Curve
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.hop import Hop, HopArc, landing_tick
from ..stage.number import Number
from ..stage.parts import round_caps
from ..stage.plate import Plate
from ..stage.spot import free_spot
from ..stage.theme import Theme
from ..stage.view import Box, Range, span_of
from .figure import Figure
from .marks import cross
from .symbols import name_formula

BOX: Box = (-5.5, 2.0, -2.0, 2.5)
SAMPLES = 481
ARM = 1.15  # half the length of a tangent, frame units


class LossSlice(Figure):
    """The curve of `function` over the input `name`, all others held at `fixed`.

    `see` is the range of x that is shown: exactly that if `exact`, else it may be widened; `keep` are values of the loss that
    must be visible. Verbs: `appear`, `stand(x)`, `slope(quantity)`, `hop(descent, k)`, `fog`, `veil`, `lift_fog`.
    """

    def __init__(
        self,
        function: Function,
        theme: Theme,
        name: str,
        see: Range,
        fixed: Mapping[str, float] | None = None,
        *,
        exact: bool = False,
        keep: tuple[float, ...] = (),
        role: str = "loss",
        box: Box = BOX,
        rim: float = 2.7,
    ):
        super().__init__(theme)
        self.rim = rim  # how far right a label beside the curve may reach
        self.function, self.name, self.fixed, self.role = function, name, dict(fixed or {}), role
        first = np.linspace(*see, SAMPLES)
        values = self.values(first)
        if not np.isfinite(values).any():
            raise StageError(
                f"the function has no finite value for {name} from {see[0]:g} to {see[1]:g}; show another part with --range"
            )
        self.view = roomy_view(see, _padded(span_of(values, keep)), box, exact_x=exact)
        x = np.linspace(*self.view.x, SAMPLES)
        y = self.values(x)
        if not exact:  # the view was widened: look again at what is in it
            wide = span_of(np.concatenate([values, y]), keep, high=0.85)
            self.view = roomy_view(see, _padded(wide), box)
            x = np.linspace(*self.view.x, SAMPLES)
            y = self.values(x)
        self.curve = Curve(theme, x, y, self.view, role)
        self.axes = Axes(theme, self.view, name_formula(name, theme, "knob", 40))
        self.dot: Dot | None = None
        self.light: Curve | None = None
        self.tangent: VGroup | None = None
        self.slope_label: Plate | None = None
        self.trail = VGroup()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        held = f"; held still: {self.listed(f'{n} = {self.told(v)}' for n, v in self.fixed.items())}." if self.fixed else "."
        return f"A curve over {self.name} from {self.told(self.view.x[0])} to {self.told(self.view.x[1])}" + held

    def values(self, x: np.ndarray) -> np.ndarray:
        """The function on a ruler of the shown input."""
        return np.asarray(self.function.grid({self.name: np.asarray(x, float)}, fixed=self.fixed), float).ravel()

    def value(self, x: float) -> float:
        """The function at one place."""
        return float(self.values(np.array([x]))[0])

    def place(self, x: float) -> np.ndarray:
        """The place of the curve over x, in frame units."""
        return self.view.place(x, self.value(x))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4) -> AnimationGroup:
        """The axes, and the curve drawn from left to right."""
        parts: list[Animation] = [Create(layer, run_time=run_time) for layer in self.curve]
        if self.axes not in self.submobjects:
            parts.append(FadeIn(self.keep(self.axes, 0), run_time=0.5))
        self.keep(self.curve, 2)
        return AnimationGroup(*parts)

    def stand(self, x: float) -> AnimationGroup:
        """A dot on the curve, and its knob's mark on the axis."""
        at = self.place(x)
        self.x_at = x
        self.dot = self.keep(_dot(self.theme), 8).move_to(at)
        self.knob = self.keep(self._knob(at), 6)
        self.drop_line = self.keep(self._plumb(at), 1)
        flare = Glow(self.theme.ink, 1.3, 1.3, 0.30 * self.theme.glow).move_to(at)
        return AnimationGroup(
            FadeIn(self.dot, scale=0.4), FadeIn(self.knob), Create(self.drop_line),
            Succession(FadeIn(flare, run_time=0.4), FadeOut(flare, run_time=0.5)), run_time=0.9,
        )  # fmt: skip

    def fog(self, reach: float = 0.55) -> AnimationGroup:
        """Only the neighbourhood of the dot stays lit, `reach` frame units to either side; the rest is nearly dark."""
        near = self._light(self.x_at, reach)
        self.light = self.keep(near, 3)
        self.reach = reach
        return AnimationGroup(_fade_curve(self.curve, 0.07), FadeIn(near), run_time=0.9)

    def veil(self, share: float = 0.0, run_time: float = 0.9) -> AnimationGroup:
        """The curve sinks into the fog: a ghost of so much of its strength, or nothing; only what stands on it is left."""
        return AnimationGroup(_fade_curve(self.curve, share), run_time=run_time)

    def lowest(self) -> Create:
        """A ring around the lowest place of the curve that is seen."""
        k = int(np.nanargmin(np.where(np.isfinite(self.curve.y), self.curve.y, np.inf)))
        ring = Circle(0.17).move_to(self.view.place(self.curve.x[k], self.curve.y[k]))
        return Create(self.keep(ring.set_stroke(self.theme.data, 3).set_fill(opacity=0), 8), run_time=0.8)

    def lift_fog(self) -> AnimationGroup:
        """The whole curve is seen again."""
        parts = [_fade_curve(self.curve, 1.0)]
        if self.light is not None:
            parts.append(FadeOut(self.light))
            self.drop(self.light)
            self.light = None
        return AnimationGroup(*parts, run_time=1.2)

    def slope(self, slope: Quantity, *, label: bool = True, decimals: int | None = None) -> AnimationGroup:
        """The tangent at the dot, drawn from the engine's slope, with its number (`decimals`: None chooses them from it)."""
        self.tangent = self.keep(self.tangent_at(self.x_at, float(slope.value)), 5)
        parts = [Create(line) for line in self.tangent]
        if label:
            self.slope_label = self.keep(self._slope_label(slope, decimals), 9)
            parts.append(FadeIn(self.slope_label))
        return AnimationGroup(*parts, run_time=0.8)

    def forget_slope(self) -> list[FadeOut]:
        """The tangent and its number go."""
        parts = [p for p in (self.tangent, self.slope_label) if p is not None]
        self.drop(*parts)
        self.tangent = self.slope_label = None
        return [FadeOut(p, run_time=0.35) for p in parts]

    def hop(self, descent: Descent, k: int, run_time: float = 0.8) -> Succession:
        """Step k of a descent: an arc from the dot to where −η f′ puts it, and a landing tick on the axis."""
        x0, x1 = (float(descent.steps[i].point[self.name]) for i in (k, k + 1))
        start, end = self.place(x0), self.place(x1)
        assert self.dot is not None
        old = _ring(self.theme).move_to(start)
        line = HopArc(self.theme.ink, start, end)
        self.hops = [*getattr(self, "hops", []), (x0, x1)]
        self.x_at = x1
        self.keep(old, 4), self.keep(line, 7), self.trail.add(old, line)
        tick = self.keep(landing_tick(self.theme, end[0], self.view.box[2]), 6)
        knob, plumb = self._knob(end), self._plumb(end)
        moves = [
            AnimationGroup(FadeIn(old, run_time=0.2), Hop(self.dot, line, run_time=run_time)),
            AnimationGroup(
                FadeIn(tick), self.knob.animate.move_to(knob), self.drop_line.animate.become(plumb), run_time=0.35 * run_time
            ),
        ]
        if self.light is not None:
            lit = self._light(x1, self.reach)
            past, self.light = self.light, self.keep(lit, 3)
            moves[1] = AnimationGroup(moves[1], FadeIn(lit), _fade_curve(past, 0.4), run_time=0.45 * run_time)
        return Succession(*moves)

    def roll(self, descent: Descent, run_time: float = 2.4) -> list[Animation]:
        """What plain descent does not do: a ghost of the dot rolls as a run with momentum goes, and is crossed out."""
        places = [float(state.point[self.name]) for state in descent.steps]
        self.ghost = Dot(radius=0.13).set_fill(self.theme.muted, 0.25).set_stroke(self.theme.muted, 2)
        self.keep(self.ghost.move_to(self.place(places[0])), 7)
        self.strike = cross(self.theme, 0.6, 6).move_to(self.place(places[-1]))
        self.keep(self.strike, 9)
        return [Roll(self, places, run_time), FadeIn(self.strike, scale=1.6, run_time=0.5)]

    def clear_roll(self) -> FadeOut:
        """The ghost goes."""
        self.drop(self.ghost, self.strike)
        return FadeOut(VGroup(self.ghost, self.strike), run_time=0.5)

    # Parts ----------------------------------------------------------------------------------------------------------

    def tangent_at(self, x: float, slope: float) -> VGroup:
        """A line through the curve over x with that slope, with its glow."""
        sx, sy = self.view.scale
        direction = np.array([sx, slope * sy, 0.0])
        direction /= np.hypot(*direction[:2])
        at = self.place(x)
        left, right, bottom, top = self.view.box
        arms = []
        for sign in (-1.0, 1.0):  # an arm ends at the rim, so that it crosses neither axis
            room = [ARM]
            for i, (low, high) in enumerate(((left, right), (bottom, top + 0.35))):
                if direction[i]:
                    room.append(((high if sign * direction[i] > 0 else low) - at[i]) / (sign * direction[i]))
            arms.append(at + sign * direction * max(min(room), 0.3))
        line = Line(*arms).set_stroke(self.theme.slope, 5)
        wide = line.copy().set_stroke(self.theme.slope, 14, 0.16 * self.theme.glow)
        return VGroup(round_caps(wide), round_caps(line))

    def _slope_label(self, slope: Quantity, decimals: int | None) -> Plate:
        """The slope's number on a plate, on that side of the tangent where the frame is free."""
        number = Number(slope, self.theme.tint("slope"), 30, decimals=decimals, plus=True)
        plate = Plate(self.theme, number)
        assert self.tangent is not None
        line = self.tangent[1]
        left, right, bottom, top = self.view.box
        along = np.linspace(line.get_start()[:2], line.get_end()[:2], 25)
        hops = [arc.whole[:, :2] for arc in self.trail if isinstance(arc, HopArc)]
        busy = np.concatenate([self._seen(), along, *hops])
        ends = sorted((line.get_start(), line.get_end()), key=lambda p: -p[1])
        area = (left + 0.1, min(right + 0.9, self.rim), bottom + 0.3, top + 0.15)
        return plate.move_to(free_spot(ends, (plate.width, plate.height), busy, area))

    def _seen(self) -> np.ndarray:
        """The curve's places on the frame, shape (n, 2)."""
        x, y = self.view.map(self.curve.x, self.curve.y)
        good = np.isfinite(y)
        return np.column_stack([x[good], y[good]])

    def _light(self, x: float, reach: float) -> Curve:
        around = np.linspace(x - reach / self.view.scale[0], x + reach / self.view.scale[0], 81)
        return Curve(self.theme, around, self.values(around), self.view, self.role, 5.5, 1.3)

    def _knob(self, at: np.ndarray) -> VMobject:
        """A small knob pointer under the axis: a triangle in KNOB that points to the place."""
        x, y = at[0], self.view.box[2]
        shape = VMobject().set_points_as_corners(
            [[x, y + 0.02, 0], [x - 0.11, y + 0.22, 0], [x + 0.11, y + 0.22, 0], [x, y + 0.02, 0]]
        )
        return shape.set_fill(self.theme.knob, 1).set_stroke(self.theme.ground, 1.5)

    def _plumb(self, at: np.ndarray) -> Line:
        low = self.view.box[2] + 0.22
        high = max(min(at[1], self.view.box[3]), low + 0.01)
        return Line([at[0], high, 0], [at[0], low, 0]).set_stroke(self.theme.knob, 1.6, 0.45)


class Roll(Animation):
    """A ghost runs along the curve through the places of a log."""

    def __init__(self, figure: LossSlice, places: list[float], run_time: float):
        self.figure, self.places = figure, places
        super().__init__(figure.ghost, run_time=run_time, introducer=True)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0)) * (len(self.places) - 1)
        self.mobject.move_to(self.figure.place(float(np.interp(t, np.arange(len(self.places)), self.places))))


def _padded(span: Range) -> Range:
    pad = 0.08 * (span[1] - span[0])
    return span[0] - pad, span[1] + pad


def _fade_curve(curve: Curve, to: float) -> Transform:
    group = curve.copy()
    for layer, now in zip(curve, group, strict=True):
        full = getattr(layer, "full", None)
        if full is None:
            full = layer.full = float(layer.get_stroke_opacity())
        now.set_stroke(opacity=full * to)
    return Transform(curve, group)


def _dot(theme: Theme) -> Dot:
    return Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)


def _ring(theme: Theme) -> Dot:
    return Dot(radius=0.062, color=theme.muted).set_stroke(theme.ground, 1.5)
