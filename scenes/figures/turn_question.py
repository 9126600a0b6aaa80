"""S2: a question about one dial – which way? It comes forward, and an arrow to either side waits with a "?"."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Arc, Create, FadeIn, FadeOut, Polygon, Transform, VGroup

from ..stage.dial import Dial
from ..stage.glow import Glow
from ..stage.parts import round_caps
from ..stage.theme import Theme
from ..stage.type import Label

REACH = 1.55  # of the arrows, in radii of the dial: where the hint of a slope will be
SPAN = math.radians(62)  # of each arrow


class TurnQuestion(VGroup):
    """`dial` comes forward, `grow` times as large, and is asked about. Verbs: `lift`, `arrows`, `sway`, `back`."""

    def __init__(self, theme: Theme, dial: Dial, grow: float = 2.0):
        super().__init__()
        self.theme, self.dial, self.grow = theme, dial, grow
        self.home = (dial.value, dial.radius, dial.centre)
        radius = grow * dial.radius
        self.pool = Glow.pool(theme, 6.0 * radius, 5.0 * radius).move_to(dial.centre)
        self.way = ways(theme, radius).shift(dial.centre)
        self.mark = Label("?", theme.ink, 40, "bold").move_to(dial.centre + [0, 2.05 * radius, 0])

    def _to(self, value: float, radius: float) -> Transform:
        """The dial at another size."""
        goal = Dial(self.theme, value, self.dial.low, self.dial.high, radius).shift(self.home[2])
        self.dial.value, self.dial.radius = value, radius
        return Transform(self.dial, goal)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def lift(self, run_time: float = 0.9) -> AnimationGroup:
        """The dial comes forward."""
        self.add(self.pool)
        return AnimationGroup(self._to(self.home[0], self.grow * self.home[1]), FadeIn(self.pool), run_time=run_time)

    def arrows(self, run_time: float = 0.8) -> AnimationGroup:
        """An arrow to either side, and the question."""
        self.add(self.way, self.mark)
        drawn = [Create(arrow[0]) for arrow in self.way]
        heads = [FadeIn(arrow[1]) for arrow in self.way]
        return AnimationGroup(*drawn, *heads, FadeIn(self.mark, scale=0.6), run_time=run_time)

    def sway(self, run_time: float = 1.4, by: float = 0.5) -> Animation:
        """The dial tries one way, then the other, and stands where it stood."""
        return Sway(self.dial, by * (self.dial.high - self.dial.low) / 4, run_time=run_time)

    def back(self, run_time: float = 0.7) -> AnimationGroup:
        """As before."""
        gone = [FadeOut(part) for part in (self.way, self.mark, self.pool)]
        self.remove(*self.submobjects)
        return AnimationGroup(self._to(self.home[0], self.home[1]), *gone, run_time=run_time)


def ways(theme: Theme, radius: float, reach: float = REACH, span: float = SPAN) -> VGroup:
    """An arrow to either side around a dial of this radius at the origin: this way, or that way?"""
    pair, far, head = VGroup(), reach * radius, min(0.15, 0.22 * radius)
    for side in (-1, 1):
        start = math.pi / 2 + side * math.radians(14)
        neck = start + side * span
        arc = round_caps(Arc(far, start, side * span).set_stroke(theme.ink, 4 if head > 0.1 else 2.5).set_fill(opacity=0))
        a, b = (np.array([math.cos(neck) * r, math.sin(neck) * r, 0]) for r in (far - head, far + head))
        flat = np.array([-math.sin(neck), math.cos(neck), 0]) * side
        point = (a + b) / 2 + 1.55 * head * flat
        pair.add(VGroup(arc, Polygon(a, b, point).set_fill(theme.ink, 1).set_stroke(width=0)))
    return pair


class Sway(Animation):
    """A dial turns a little to both sides."""

    def __init__(self, dial: Dial, by: float, **kwargs: Any):
        self.middle, self.by = dial.value, by
        super().__init__(dial, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: the dial itself is turned."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.mobject.turn_to(self.middle + self.by * math.sin(2 * math.pi * share) if 0 < share < 1 else self.middle)


__all__ = ["TurnQuestion", "ways"]
