"""The gate of a rectifier: open while its sum is above zero, shut otherwise."""

from __future__ import annotations

import numpy as np
from manim import PI, AnimationGroup, Line, Rotate, VGroup

from ..stage.parts import round_caps
from ..stage.theme import Theme

HALF, POST = 0.20, 0.15  # of the opening, and of the posts beside it; frame units
ALONG = (0.46, 0.50)  # how far the way is drawn before and behind it


class Gate(VGroup):
    """A way, two posts beside it, and a leaf that hangs on the upper one: lifted where it is open, across where it is shut."""

    def __init__(self, theme: Theme, at: np.ndarray, is_open: bool = True):
        super().__init__()
        self.is_open = is_open
        x, y = float(at[0]), float(at[1])
        self.hinge = np.array([x, y + HALF, 0.0])
        before = Line([x - ALONG[0], y, 0], [x - (0.0 if is_open else 0.06), y, 0])
        self.behind = Line([x, y, 0], [x + ALONG[1], y, 0])
        for way in (before, self.behind):
            way.set_stroke(theme.value, 4)
        posts = VGroup(*(Line([x, y + s * HALF, 0], [x, y + s * (HALF + POST), 0]) for s in (1, -1))).set_stroke(theme.ink, 6)
        end = [x + 2 * HALF, y + HALF, 0] if is_open else [x, y - HALF, 0]
        self.leaf = Line(self.hinge, end).set_stroke(theme.ink, 6)
        self.behind.set_stroke(opacity=1.0 if is_open else 0.0)
        self.add(before, self.behind, round_caps(posts), round_caps(self.leaf))

    def shut(self, run_time: float = 0.8) -> AnimationGroup:
        """The leaf falls across the way, and nothing passes any more."""
        self.is_open = False
        fall = Rotate(self.leaf, -PI / 2, about_point=self.hinge)
        return AnimationGroup(fall, self.behind.animate.set_stroke(opacity=0.0), run_time=run_time)


__all__ = ["Gate"]
