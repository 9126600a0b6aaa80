"""A small graph of an activation with a unit's sum on it: where the sum lands, and what the bend makes of it."""

from __future__ import annotations

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, Line, VGroup

from chainreel.engine import Quantity
from chainreel.engine.learning import Activation

from ..stage.area import Area
from ..stage.curve import Curve
from ..stage.parts import slot
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.view import View
from .figure import Figure

SPOKEN = {
    "relu": "rectifier", "leaky_relu": "leaky rectifier", "sigmoid": "sigmoid", "tanh": "tanh", "identity": "no bend",
}  # fmt: skip


class BendInset(Figure):
    """The curve of an activation around z, with the point (z, h). Verbs: `appear`, `land`."""

    def __init__(self, theme: Theme, activation: Activation, z: Quantity, h: Quantity, area: Area):
        super().__init__(theme)
        self.z, self.h = float(z.value), float(h.value)
        reach = max(1.5, 1.4 * abs(self.z))
        x = np.linspace(-reach, reach, 241)
        y = np.asarray(activation(x), float)
        low, high = min(float(y.min()), 0.0), max(float(y.max()), 0.0)
        pad = 0.12 * (high - low)
        _, inner = area.cut_bottom(0.42, 0.05)
        inner = inner.inset(0.14, 0.16)
        self.view = View((-reach, reach), (low - pad, high + pad), inner.box)
        self.back = slot(theme, area.width, area.height).move_to(area.center)
        left, right, bottom, top = inner.box
        cross = self.view.place(0, 0)
        axes = VGroup(
            Line([left, cross[1], 0], [right, cross[1], 0]), Line([cross[0], bottom, 0], [cross[0], top, 0])
        ).set_stroke(theme.muted, 1.6, 0.7)
        self.curve = Curve(theme, x, y, self.view, "value", 4)
        word = Label(SPOKEN.get(activation.name, activation.name.replace("_", " ")), theme.muted, 22, names=True)
        word.move_to([area.center[0], area.bottom + 0.25, 0])
        self.panel = VGroup(self.back, axes, word)
        self.foot, self.spot = self.view.place(self.z, 0), self.view.place(self.z, self.h)
        self.dot = Dot(self.foot, 0.095, color=theme.ink).set_stroke(theme.ground, 2)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"The curve of an activation: the sum {self.told(self.z)} becomes {self.told(self.h)}."

    def appear(self) -> AnimationGroup:
        """The panel and its curve."""
        self.keep(self.panel, 8), self.keep(self.curve, 9)
        return AnimationGroup(FadeIn(self.panel), *(Create(layer) for layer in self.curve), run_time=1.0)

    def land(self) -> list[Animation]:
        """A point at the sum on the axis, which rises (or falls) to the curve."""
        self.keep(self.dot, 11)
        plumb = self.keep(Line(self.foot, self.spot + [0, 1e-3, 0]).set_stroke(self.theme.value, 2.5, 0.8), 10)
        return [FadeIn(self.dot, scale=0.4, run_time=0.4), AnimationGroup(self.dot.animate.move_to(self.spot), Create(plumb))]


__all__ = ["BendInset"]
