"""S4: how far each hop of plain descent goes, as bars below each other: η times the slope, on the ruler of the curve.

Reads the log of a descent. Invariant: a bar is as long as its hop, in the units of the curve's
ruler; its number is the step, −η f′.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, Line, TransformFromCopy, VGroup

from chainreel.engine import Descent, Quantity

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import round_caps
from ..stage.theme import Theme
from .figure import Figure
from .loss_slice import LossSlice

PITCH = 0.42
SHORTEST = 0.02  # frame units: less is a dot


class StepBars(Figure):
    """A bar for each of the first `count` hops of `descent` on the curve `slice_`, in `area`, from its left rim.

    Verbs: `grow(k)` (out of the hop's own stretch of the ruler), `leave`. Raises StageError where they do not fit.
    """

    def __init__(self, theme: Theme, slice_: LossSlice, descent: Descent, area: Area, count: int, source: str = "descent"):
        super().__init__(theme)
        self.slice, self.descent, self.area, self.source = slice_, descent, area, source
        if not 1 <= count < len(descent.steps):
            raise StageError(f"the descent has {len(descent.steps) - 1} steps, so {count} bars cannot be drawn")
        self.bars, self.numbers = VGroup(), []
        wide = slice_.view.scale[0]
        for k in range(count):
            y = area.top - PITCH * (k + 0.5)
            length = max(abs(self.length(k)) * wide, SHORTEST)
            bar = Line([area.left, y, 0], [area.left + length, y, 0]).set_stroke(theme.knob, 9)
            number = Number(self.step(k), theme.tint("knob"), 26, decimals=3, plus=True)
            number.move_to([area.left + length + 0.2 + number.width / 2, y, 0])
            if y < area.bottom or number.get_right()[0] > area.right + 1e-6:
                raise StageError(f"{count} bars do not fit in {area.width:.1f} by {area.height:.1f} units")
            self.bars.add(bar)
            self.numbers.append(number)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        first, last = (self.told(self.step(k)) for k in (0, len(self.bars) - 1))
        return f"{self.counted(self.bars, 'bar')}, one for each step: the first is {first}, the last {last}."

    def length(self, k: int) -> float:
        """By how much hop k turns the knob."""
        a, b = (float(self.descent.steps[i].point[self.slice.name]) for i in (k, k + 1))
        return b - a

    def step(self, k: int) -> Quantity:
        """What hop k adds to the knob, as the log has it: −η times the slope."""
        return replace(self.descent.quantity(f"update/{self.slice.name}", k), source=self.source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def grow(self, k: int, run_time: float = 0.8) -> AnimationGroup:
        """The stretch of the ruler that hop k passes over comes down as a bar, with its number."""
        a, b = (float(self.descent.steps[i].point[self.slice.name]) for i in (k, k + 1))
        y = self.slice.view.box[2]
        ends = [np.array([self.slice.view.place(x, 0.0)[0], y, 0.0]) for x in sorted((a, b))]
        stretch = round_caps(Line(*ends).set_stroke(self.theme.knob, 6))
        bar, number = self.keep(self.bars[k], 6), self.keep(self.numbers[k], 7)
        moves: list[Animation] = [TransformFromCopy(stretch, bar), FadeIn(number)]
        return AnimationGroup(*moves, run_time=run_time)

    def leave(self, run_time: float = 0.5) -> FadeOut:
        """All bars go."""
        parts = VGroup(*self.submobjects)
        self.drop(*self.submobjects)
        return FadeOut(parts, run_time=run_time)


__all__ = ["StepBars"]
