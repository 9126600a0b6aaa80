"""A knob: something that training may turn. One full sweep of 270° is a stated range, the arc starts at zero."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Animation, Arc, Circle, Dot, Line, Polygon, VGroup, VMobject
from manim.utils.rate_functions import smooth

from .theme import Theme, mix

SWEEP = math.radians(270)


class Dial(VGroup):
    """A dial of the given radius whose notch shows `value` between `low` and `high`."""

    def __init__(self, theme: Theme, value: float, low: float, high: float, radius: float = 0.40):
        super().__init__()
        self.theme, self.radius, self.low, self.high = theme, radius, low, high
        self.value = value
        self.colour = theme.knob  # of arc and notch; muted while it is frozen
        rim, knob = theme.rim, theme.knob
        ticks = VGroup()
        for i in range(11):
            a = self._angle(low + (high - low) * i / 10)
            tick = Line(
                [1.16 * radius * math.cos(a), 1.16 * radius * math.sin(a), 0],
                [1.25 * radius * math.cos(a), 1.25 * radius * math.sin(a), 0],
            )
            ticks.add(tick.set_stroke(rim, 2, 0.8))
        start, end = self._angle(low), self._angle(high)
        track = Arc(1.06 * radius, start, end - start).set_stroke(mix(rim, theme.ground, 0.35), 4.5)
        face = Circle(0.80 * radius).set_stroke(rim, 2).set_fill([theme.panel, theme.panel_top], 1)
        face.set_sheen_direction([0, 1, 0])
        self.arc = VMobject().set_stroke(knob, 4.5).set_fill(opacity=0)
        self.dot = Dot(radius=0.055, color=knob)
        self.notch = Line([0, 0, 0], [0, 0.1, 0]).set_stroke(knob, 6)
        self.add(ticks, track, face, self.arc, self.dot, self.notch)
        self.turn_to(value)

    def _angle(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return math.pi / 2 + SWEEP / 2 - SWEEP * min(max(share, 0.0), 1.0)

    @property
    def angle(self) -> float:
        """Where the notch points, in radians; straight up is π/2."""
        return self._angle(self.value)

    @property
    def centre(self) -> np.ndarray:
        """The middle of its face, shape (3,)."""
        return np.asarray(self[2].get_center())

    def turn_to(self, value: float) -> Dial:
        """Point the notch at a value; the dial keeps its place."""
        centre = self.centre
        self.value = value
        a, zero, r = self._angle(value), self._angle(0.0), self.radius
        self.arc.become(Arc(1.06 * r, zero, (a - zero) or 1e-4).set_stroke(self.colour, 4.5).shift(centre))
        self.dot.move_to(centre + [1.06 * r * math.cos(a), 1.06 * r * math.sin(a), 0])
        self.notch.put_start_and_end_on(
            centre + [0.22 * r * math.cos(a), 0.22 * r * math.sin(a), 0],
            centre + [0.68 * r * math.cos(a), 0.68 * r * math.sin(a), 0],
        )
        return self


class Turn(Animation):
    """Dials turn to values, all together."""

    def __init__(self, dials: list[Dial], values: list[float], run_time: float = 1.0, **kwargs: Any):
        self.pairs = [(dial, dial.value, float(value)) for dial, value in zip(dials, values, strict=True)]
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(*dials), run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for dial, start, end in self.pairs:
            dial.turn_to(end if share >= 1 else start + (end - start) * share)


class TurnHint(VGroup):
    """A curved arrow outside a dial: it starts at the notch and says which way to turn, and by its length how strongly.

    `angle` is in radians, positive for turning up (clockwise).
    """

    SMALLEST = 0.12

    def __init__(self, theme: Theme, dial: Dial, angle: float):
        super().__init__()
        self.angle = angle
        reach, head = 1.55 * dial.radius, min(0.115, 0.29 * dial.radius)
        start = dial.angle
        long = max(abs(angle), self.SMALLEST)
        head *= min(1.0, 0.55 + long)
        way = -1.0 if angle > 0 else 1.0
        body = max(long - head * 1.2 / reach, 0.03)
        arc = Arc(reach, start, way * body).set_stroke(theme.slope, 4).set_fill(opacity=0)
        tip = start + way * long
        neck = start + way * body
        a, b = (np.array([math.cos(neck) * r, math.sin(neck) * r, 0]) for r in (reach - head, reach + head))
        flat = np.array([-math.sin(tip), math.cos(tip), 0]) * way
        point = np.array([math.cos(neck) * reach, math.sin(neck) * reach, 0]) + flat * head * 1.55
        self.add(arc, Polygon(a, b, point).set_fill(theme.slope, 1).set_stroke(width=0))
        self.shift(dial.centre)


def dial_range(value: float) -> tuple[float, float]:
    """A round symmetric range that holds the value.

    >>> dial_range(2.0), dial_range(-0.03)
    ((-5.0, 5.0), (-0.05, 0.05))
    """
    size = max(abs(value) * 1.25, 1e-12)
    power = 10.0 ** math.floor(math.log10(size))
    for step in (1, 2, 5, 10):
        if size <= step * power * (1 + 1e-12):
            limit = step * power
            break
    return (-5.0, 5.0) if 1 <= limit <= 5 else (-1.0, 1.0) if 0.2 <= limit <= 1 else (-limit, limit)
