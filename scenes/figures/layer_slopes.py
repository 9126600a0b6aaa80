"""How long the gradient of each layer is: a bar a layer under the network, on a ruler of powers of ten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, LaggedStart, Line, Rectangle, VGroup

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.number import Number
from ..stage.theme import Theme
from .figure import Figure


class LayerSlopes(Figure):
    """Bars at `x` (a place for each layer) in an area, from the last layer to the first, as blame runs. Verb: `appear`.

    Bar heights are in decades: `low` is the exponent where they stand.
    """

    def __init__(self, theme: Theme, area: Area, x: Sequence[float], lengths: Sequence[Quantity]):
        super().__init__(theme)
        values = np.array([float(q.value) for q in lengths])
        decades = np.log10(np.maximum(values, 1e-300))
        finite = decades[np.isfinite(decades) & (values > 0)]
        self.low = float(np.floor(finite.min() - 0.4)) if len(finite) else -1.0
        self.high = float(max(finite.max(), self.low + 1.0)) if len(finite) else 0.0
        foot, room = area.bottom, area.height - 0.45
        self.base = Line([area.left, foot, 0], [area.right, foot, 0]).set_stroke(theme.rim, 2)
        wide = 0.55 * min(np.diff(sorted(x))) if len(x) > 1 else 0.6
        self.bars, self.numbers = VGroup(), VGroup()
        end = None
        for place, value, decade, q in reversed(list(zip(x, values, decades, lengths, strict=True))):
            high = max((decade - self.low) / (self.high - self.low) * room, 0.03) if value > 0 else 0.03
            bar = Rectangle(width=min(wide, 0.7), height=high).set_stroke(width=0).set_fill(theme.ribbon, 0.85)
            self.bars.add(bar.move_to([place, foot + high / 2, 0]))
            number = Number(q, theme.tint("slope"), 26)
            number.move_to([place, foot + high + 0.22, 0])
            if end is not None and number.get_right()[0] + 0.06 > end and place != x[0]:
                continue  # numbers keep apart; the first and the last layer always have theirs
            if place != x[0] and number.get_left()[0] - 0.1 < x[0] + self._half(lengths[0]):
                continue
            end = number.get_left()[0]
            self.numbers.add(number)

    def _half(self, q: Quantity) -> float:
        return float(Number(q, self.theme.ink, 26).width) / 2

    def appear(self, run_time: float = 2.4) -> Animation:
        """Bar by bar from the right, as the blame comes."""
        self.keep(self.base, 4), self.keep(self.bars, 4), self.keep(self.numbers, 7)
        return AnimationGroup(
            FadeIn(self.base), LaggedStart(
                *(FadeIn(b, shift=0.15 * np.array([-1.0, 0, 0])) for b in self.bars), lag_ratio=0.35, run_time=run_time
            ),
            LaggedStart(*(FadeIn(n) for n in self.numbers), lag_ratio=0.35, run_time=run_time),
        )  # fmt: skip


__all__ = ["LayerSlopes"]
