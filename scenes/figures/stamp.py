"""S1: a stamp – a verdict in a tilted frame, pressed over a door or a card.

Invariants: at most six words; it lies over what it judges, tilted, and no larger than that is wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, FadeIn, Mobject, RoundedRectangle, VGroup
from manim.utils.rate_functions import rush_into

from ..stage.errors import StageError
from ..stage.theme import Theme, mix
from .card_strip import fitted
from .figure import Figure

TILT = math.radians(8)
MOST_WORDS = 6
SIZES = (38, 34, 30, 27)


class Stamp(Figure):
    """`text` in a tilted double frame, at most `width` wide; `role` is its colour ("ink" or a role of the theme).

    Verbs: `land(on)`, `lie(on)`.
    """

    card = True

    def __init__(self, theme: Theme, text: str, width: float = 4.0, *, role: str = "ink", tilt: float = TILT):
        super().__init__(theme)
        text = " ".join(text.split())
        if not 1 <= len(text.split()) <= MOST_WORDS:
            raise StageError(f"'{text}' is no stamp; it has one to {MOST_WORDS} words")
        colour = theme.ink if role == "ink" else theme.tint(role)
        pad = 0.26
        self.words = fitted(text, colour, SIZES, width * math.cos(tilt) - 2 * pad, 3, "bold", "middle")
        wide, high = self.words.width + 2 * pad, self.words.height + 2 * pad
        self.plate = RoundedRectangle(corner_radius=0.12, width=wide, height=high).move_to(self.words)
        self.plate.set_fill(theme.slot if theme.dark else "#FFFFFF", 0.93).set_stroke(colour, 5)
        inner = RoundedRectangle(corner_radius=0.07, width=wide - 0.16, height=high - 0.16).move_to(self.words)
        inner.set_fill(opacity=0).set_stroke(mix(colour, theme.slot, 0.25), 1.6)
        self.mark = VGroup(self.plate, inner, self.words).rotate(tilt)
        self.tilt = tilt

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"A stamp says: {self.wording(self.words)}")

    def lie(self, on: Mobject | Sequence[float]) -> Stamp:
        """There at once, over the middle of something or at a place."""
        at = on.get_center() if isinstance(on, Mobject) else np.array([on[0], on[1], 0.0])
        self.mark.move_to(at)
        self.keep(self.mark, 12)
        return self

    def land(self, on: Mobject | Sequence[float], run_time: float = 0.5) -> Animation:
        """It comes down and is there: quicker towards the end, without a bounce."""
        self.lie(on)
        how: Any = {"scale": 1.45, "run_time": run_time, "rate_func": rush_into}
        return FadeIn(self.mark, **how)


__all__ = ["Stamp"]
