"""The "?" badge: a question stands, and the viewer has time to predict."""

from __future__ import annotations

from manim import Circle, VGroup

from .glow import Glow
from .theme import Theme
from .type import Label


class QuestionBadge(VGroup):
    """A round with a question mark, for the upper right corner."""

    def __init__(self, theme: Theme, x: float = 5.86, y: float = 3.12, radius: float = 0.36):
        super().__init__()
        round_ = Circle(radius).set_fill(theme.slot, 0.95).set_stroke(theme.ink, 2.5).move_to([x, y, 0])
        mark = Label("?", theme.ink, 34, "bold").move_to([x, y, 0])
        self.add(Glow(theme.pool, 2.0, 2.0, 0.16 * theme.glow).move_to([x, y, 0]), round_, mark)
