"""How long the gradient of each layer is: a bar a layer under the network, on a ruler of powers of ten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    LaggedStart,
    Line,
    Rectangle,
    VGroup,
)

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.number import Number, Phrase
from ..stage.parts import awaiting, chevron
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure


class LayerSlopes(Figure):
    """Bars at `x` (a place for each layer) in an area, from the last layer to the first, as blame runs.

    Verbs: `slots` (an empty place for each layer), `grow(k)`, `factor` (how many times as long the first is).

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
        self.bars, self.numbers, self.ghosts = VGroup(), VGroup(), VGroup()
        end = None
        for place, value, decade, q in reversed(list(zip(x, values, decades, lengths, strict=True))):
            high = max((decade - self.low) / (self.high - self.low) * room, 0.03) if value > 0 else 0.03
            bar = Rectangle(width=min(wide, 0.9), height=high).set_stroke(width=0).set_fill(theme.ribbon, 0.85)
            self.bars.add(bar.move_to([place, foot + high / 2, 0]))
            number = Number(q, theme.tint("slope"), 28)
            number.move_to([place, foot + high + 0.22, 0])
            if end is not None and number.get_right()[0] + 0.06 > end and place != x[0]:
                continue  # numbers keep apart; the first and the last layer always have theirs
            if place != x[0] and number.get_left()[0] - 0.1 < x[0] + self._half(lengths[0]):
                continue
            end = number.get_left()[0]
            self.numbers.add(number)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A bar for each of {self.counted(self.bars, 'layer')}: how long the slope of the loss is there."

    def _half(self, q: Quantity) -> float:
        return float(Number(q, self.theme.ink, 28).width) / 2

    def slots(self, run_time: float = 1.0) -> Animation:
        """A dashed place for each layer, over the name of the ruler."""
        theme = self.theme
        for bar in self.bars:
            box = awaiting(theme, Rectangle(width=bar.width, height=0.62), "slope")
            self.ghosts.add(box.move_to([bar.get_center()[0], self.base.get_center()[1] + 0.34, 0]))
        word = Label("slope of each layer, on a log scale", theme.muted, 24)
        self.word = word.move_to([self.base.get_center()[0], self.base.get_center()[1] - 0.3, 0])
        self.keep(self.base, 4), self.keep(self.ghosts, 4), self.keep(self.word, 4)
        asks = LaggedStart(*(FadeIn(g, shift=0.1 * UP) for g in self.ghosts), lag_ratio=0.15, run_time=run_time)
        return AnimationGroup(FadeIn(self.base), FadeIn(self.word), asks)

    def grow(self, k: int, run_time: float = 0.55) -> Animation:
        """Bar k, counted from the last layer on, as the blame comes by; its place is filled."""
        bar, shows = self.bars[k], []
        if self.base not in self.submobjects:
            shows.append(FadeIn(self.keep(self.base, 4)))
        if len(self.ghosts):
            ghost = self.ghosts[0]
            self.ghosts.remove(ghost)
            shows.append(FadeOut(ghost))
        shows.append(GrowFromEdge(self.keep(bar, 4), DOWN))
        number = next((n for n in self.numbers if abs(n.get_center()[0] - bar.get_center()[0]) < 1e-6), None)
        if number is not None:
            shows.append(FadeIn(self.keep(number, 7), shift=0.15 * UP))
        return AnimationGroup(*shows, run_time=run_time)

    def factor(self, words: Phrase, run_time: float = 1.0) -> Animation:
        """An arrow from the last layer's bar to the first one's, with its words over it."""
        theme, first, last = self.theme, self.bars[-1].get_top(), self.bars[0].get_top()
        share = [(b.get_center()[0] - last[0]) / ((first[0] - last[0]) or 1.0) for b in self.bars]
        over = max(b.get_top()[1] - (last[1] + (first[1] - last[1]) * s) for b, s in zip(self.bars, share, strict=True))
        start, end = (p + (0.60 + max(over, 0.0)) * UP for p in (last, first))
        line = Line(start, end).set_stroke(theme.slope, 3)
        tip = chevron(theme, 0.24).rotate(np.arctan2(*(end - start)[1::-1])).move_to(end)
        way = (end - start) / np.hypot(*(end - start)[:2])
        off = words.height / 2 + 0.16 + abs(way[1]) * words.width / 2
        words.move_to((start + end) / 2 + off * UP)
        self.arrow = VGroup(line, tip)
        self.keep(self.arrow, 6), self.keep(words, 7)
        return AnimationGroup(Create(line), FadeIn(tip), FadeIn(words), run_time=run_time)


__all__ = ["LayerSlopes"]
