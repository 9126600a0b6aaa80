"""A dark plate behind text that stands on busy ground (on paper: a white one)."""

from __future__ import annotations

from manim import RoundedRectangle, VGroup, VMobject

from .theme import Theme


class Plate(VGroup):
    """Some text on its plate. `text` is the mobject; the plate follows when the group moves."""

    def __init__(self, theme: Theme, text: VMobject, pad: tuple[float, float] = (0.09, 0.07)):
        super().__init__()
        self.text = text
        back = RoundedRectangle(
            corner_radius=0.09, width=text.width + 2 * pad[0], height=text.height + 2 * pad[1], stroke_width=0
        )
        self.back = back.set_fill(theme.slot, 0.88 if theme.dark else 0.95).move_to(text.get_center())
        self.add(self.back, text)
