"""A line-up: knobs as bare dials, each asking "me?", and the mistake that one of them is to blame for.

Reads values as engine quantities. Invariant: a dial's angle is its value.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import UP, AnimationGroup, FadeIn, LaggedStart, Polygon, RoundedRectangle, VGroup

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.dial import Dial
from ..stage.glow import Glow
from ..stage.theme import Theme
from ..stage.type import Label
from .card_strip import icon
from .figure import Figure

ROWS = (5, 4, 4)


class Lineup(Figure):
    """The dials of `values` in rows on the left two thirds of an area, the mistake on the right. Verbs: `appear`, `ask`."""

    def __init__(
        self, theme: Theme, values: Mapping[str, Quantity], area: Area, *, limits: tuple[float, float] = (-2.0, 2.0),
        radius: float = 0.50,
    ):  # fmt: skip
        super().__init__(theme)
        left, right = area.columns(3.0, 1.0, gap=0.2)
        self.dials: dict[str, Dial] = {}
        columns, pitch = ROWS[0], left.width / ROWS[0]
        rows: list[list[str]] = []
        names = list(values)
        while names:
            rows.append(names[: ROWS[min(len(rows), 2)]])
            names = names[len(rows[-1]) :]
        high = left.height / len(rows)
        for r, row in enumerate(rows):
            x = left.left + pitch * (0.5 + (columns - len(row)) / 2)
            y = left.top - high * (r + 0.5) - 0.12
            for k, name in enumerate(row):
                dial = Dial(theme, float(values[name].value), *limits, radius=radius)
                self.dials[name] = dial.shift([x + k * pitch, y, 0])
        self.asks = VGroup(*(self._bubble(dial) for dial in self.dials.values()))
        glow = Glow(theme.loss, 3.4, 3.4, 0.40 * theme.glow)
        self.sign = icon(theme, "loss", 0.95)
        self.mistake = VGroup(glow, self.sign).move_to([right.center[0] + 0.1, left.center[1] - 0.12, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(len(self.dials), 'dial')} in rows beside a loss diamond; each asks: me?"

    def _bubble(self, dial: Dial) -> VGroup:
        """What a dial asks, at its upper right."""
        theme = self.theme
        word = Label("me?", theme.ink, 24, "semibold", names=True)
        box = RoundedRectangle(corner_radius=0.14, width=word.width + 0.30, height=0.44)
        box.set_fill(theme.slot, 1).set_stroke(theme.rim, 1.8)
        tail = Polygon([-0.10, 0.02, 0], [0.10, 0.02, 0], [-0.12, -0.16, 0])
        tail.set_fill(theme.slot, 1).set_stroke(theme.rim, 1.8)
        tail.move_to(box.get_corner([-1, -1, 0]) + [0.24, -0.07, 0])
        seam = RoundedRectangle(corner_radius=0.02, width=0.26, height=0.08).set_fill(theme.slot, 1).set_stroke(width=0)
        seam.move_to(box.get_corner([-1, -1, 0]) + [0.25, 0.05, 0])
        bubble = VGroup(box, tail, seam, word.move_to(box.get_center()))
        return bubble.move_to(dial.centre + np.array([0.92, 0.72, 0]) * dial.radius / 0.5)

    def settle(self) -> Lineup:
        """Everything at once."""
        self.appear(), self.ask(), self.accuse()
        return self

    def appear(self, run_time: float = 1.4) -> LaggedStart:
        """Dial after dial."""
        dials = [self.keep(dial, 3) for dial in self.dials.values()]
        return LaggedStart(*(FadeIn(dial, scale=0.6) for dial in dials), lag_ratio=0.1, run_time=run_time)

    def accuse(self, run_time: float = 0.8) -> AnimationGroup:
        """The mistake."""
        self.keep(self.mistake[0], -6), self.keep(self.sign, 3)
        return AnimationGroup(FadeIn(self.mistake[0]), FadeIn(self.sign, scale=0.7), run_time=run_time)

    def ask(self, run_time: float = 1.6) -> LaggedStart:
        """One after the other asks."""
        bubbles = [self.keep(bubble, 5) for bubble in self.asks]
        return LaggedStart(*(FadeIn(b, shift=0.08 * UP, scale=0.7) for b in bubbles), lag_ratio=0.14, run_time=run_time)


__all__ = ["Lineup"]
