"""S16: every dial with a wheel that names its position – together the wheels count settings, as an odometer counts miles.

Invariants: a dial stands at the position that its wheel names; the last one turns fastest. `values` are where the dials
stand before and after. It has names, dials and values as KnobPanel has, so `morphs.lines_to_dials` knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    Circle,
    FadeIn,
    FadeOut,
    LaggedStart,
    Transform,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import linear

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.curve import corners_to_points
from ..stage.dial import Dial, Turn
from ..stage.theme import Theme
from ..stage.type import set_line
from ..stage.view import Range
from .figure import Figure
from .search_race import Wheel

CROWD = 36  # dials of a row that runs off the frame
FASTEST = 2e7  # settings that run by while it spins; the first wheels hardly move


class Odometer(Figure):
    """Dials of `values` in a row, a wheel under each, in an area. Verbs: `appear`, `wheels`, `spin`, `crowd`, `calm`."""

    def __init__(
        self, theme: Theme, values: Mapping[str, Quantity], area: Area, *, ranges: Mapping[str, Range], positions: int = 10
    ):
        super().__init__(theme)
        self.values, self.names, self.positions = dict(values), tuple(values), positions
        self.area = area
        self.heads: dict[str, VMobject] = {}
        self.numbers: dict[str, VMobject] = {}
        self.pitch = area.width / len(self.names)
        self.radius = 0.34 * self.pitch
        self.dials: dict[str, Dial] = {}
        self.digits: list[Wheel] = []
        for k, name in enumerate(self.names):
            at = self.at(k)
            self.dials[name] = Dial(theme, float(values[name].value), *ranges[name], self.radius).shift(at)
            wheel = Wheel(theme).scale(1.72 * self.radius / 0.40).move_to(at + self._under)
            self.digits.append(wheel)
        self.more: VGroup | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(self.names, 'dial')} in a row, each with a wheel that counts its positions."

    def at(self, k: int) -> np.ndarray:
        """The middle of dial k."""
        return np.array([self.area.left + self.pitch * (k + 0.5), self.area.center[1] + 1.1 * self.radius, 0.0])

    @property
    def _under(self) -> np.ndarray:
        """From a dial to its wheel."""
        return 2.75 * self.radius * DOWN

    def position(self, k: int) -> float:
        """Where dial k stands, from 0 to `positions`, by its angle."""
        dial = self.dials[self.names[k]]
        return (dial.value - dial.low) / (dial.high - dial.low) * (self.positions - 1)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> Animation:
        """The dials."""
        shows = [FadeIn(self.keep(self.dials[name], 2), scale=0.7) for name in self.names]
        return LaggedStart(*shows, lag_ratio=0.1, run_time=run_time)

    def wheels(self, run_time: float = 1.2) -> Animation:
        """A wheel under each; all dials go to their first position."""
        dials = [self.dials[name] for name in self.names]
        shows = [FadeIn(self.keep(wheel, 3), shift=0.15 * DOWN) for wheel in self.digits]
        return AnimationGroup(
            LaggedStart(*shows, lag_ratio=0.08), Turn(dials, [dial.low for dial in dials]), run_time=run_time
        )

    def reach(self, t: float) -> Odometer:
        """After t settings."""
        for k, name in enumerate(reversed(self.names)):
            position = int(t / float(self.positions) ** k) % self.positions
            dial = self.dials[name]
            dial.turn_to(dial.low + (dial.high - dial.low) * position / (self.positions - 1))
            self.digits[len(self.names) - 1 - k].show(position)
        return self

    def spin(self, run_time: float = 3.0, settings: float = FASTEST) -> Animation:
        """Settings run by, faster and faster."""
        parts = VGroup(*self.dials.values(), *self.digits)
        return Counting(self, parts, settings, run_time=run_time)

    def crowd(self, run_time: float = 1.8) -> Animation:
        """The row becomes small and goes up, and more and more dials join it, row after row, beyond the frame."""
        small, rows = 0.45, 4
        high = small * 5.6 * self.radius
        middle = float(self.digits[0].get_center()[1] + self.dials[self.names[0]].centre[1]) / 2
        rise = high * (rows - 1) / 2
        corner = np.array([self.area.left, middle, 0.0])
        moves: list[Animation] = []
        parts: list[VGroup] = [*self.dials.values(), *self.digits]
        for part in parts:
            moves.append(Transform(part, thinner(part.copy().scale(small, about_point=corner).shift(rise * UP), small)))
            if isinstance(part, Dial):
                part.radius = small * self.radius
        dial, wheel = self.dials[self.names[0]].centre[1] - middle, self.digits[0].get_center()[1] - middle
        joins = []
        self.more = self.keep(VGroup(), 2)
        for row in range(rows):
            columns = np.arange(0 if row else len(self.names), CROWD)
            x = self.area.left + small * self.pitch * (columns + 0.5)
            y = middle + rise - row * high
            line = self._line(x, y + small * dial, y + small * wheel, small, CROWD * row + columns)
            self.more.add(line)
            joins.append(FadeIn(line, shift=0.3 * LEFT))
        return AnimationGroup(*moves, LaggedStart(*joins, lag_ratio=0.35, run_time=run_time), run_time=run_time)

    def _line(self, x: np.ndarray, up: float, low: float, small: float, numbers: np.ndarray) -> VGroup:
        """Dials and digits side by side, as three mobjects however many they are."""
        theme, radius = self.theme, small * self.radius
        rings = VMobject().set_stroke(theme.rim, 2).set_fill(theme.panel, 1)
        unit = Circle(0.9 * radius).points
        rings.points = np.concatenate([unit + [at, up, 0] for at in x])
        positions = (7 * numbers) % self.positions
        angle = np.pi / 2 + np.radians(135 - 270 * positions / (self.positions - 1))
        way = np.column_stack([np.cos(angle), np.sin(angle)]) * radius
        places = np.column_stack([x, np.full(len(x), up)])
        notches = VMobject().set_stroke(theme.knob, 3).set_fill(opacity=0)
        ends = zip(places + 0.2 * way, places + 0.8 * way, strict=True)
        notches.points = corners_to_points([np.stack(pair) for pair in ends])
        digits = VMobject(stroke_width=0, fill_color=theme.tint("knob"), fill_opacity=1)
        glyphs = []
        for at, position in zip(x, positions, strict=True):
            points = set_line(str(int(position)), 24, "semibold")[0]
            glyphs.append(points - (points.max(axis=0) + points.min(axis=0)) / 2 + [at, low, 0])
        digits.points = np.concatenate(glyphs)
        return VGroup(rings, notches, digits)

    def calm(self, run_time: float = 1.4) -> Animation:
        """The others and the wheels go, the dials are large again and turn back to their values."""
        moves: list[Animation] = []
        if self.more is not None:
            moves.append(FadeOut(self.more, run_time=0.6 * run_time))
            self.drop(self.more)
            self.more = None
        for k, name in enumerate(self.names):
            dial, value = self.dials[name], float(self.values[name].value)
            moves.append(Transform(dial, Dial(self.theme, value, dial.low, dial.high, self.radius).shift(self.at(k))))
            dial.value, dial.radius = value, self.radius
        moves.append(FadeOut(VGroup(*self.digits), run_time=0.5 * run_time))
        self.drop(*self.digits)
        return AnimationGroup(*moves, run_time=run_time)


def thinner(part: VMobject, share: float) -> VMobject:
    """A part with thinner lines."""
    for member in part.get_family():
        member.set_stroke(width=member.get_stroke_width() * (0.4 + 0.6 * share), family=False)
    return part


class Counting(Animation):
    """The wheels run through the settings, faster and faster."""

    def __init__(self, odometer: Odometer, parts: VGroup, settings: float, **kwargs: Any):
        self.odometer, self.settings = odometer, settings
        kwargs.setdefault("rate_func", linear)
        super().__init__(parts, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: every moment follows from the count."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        self.odometer.reach(self.settings ** min(max(alpha, 0.0), 1.0) - 1.0)


__all__ = ["Odometer"]
