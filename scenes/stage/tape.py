"""The tape: a strip along the bottom edge to which values drop, and from which the reverse sweep reads them back."""

from __future__ import annotations

from manim import Circle, Rectangle, RoundedRectangle, VGroup, VMobject

from .theme import Theme, mix

HEIGHT = 0.68


class Tape(VGroup):
    """An empty strip between two x positions; cells are put on it as values come."""

    def __init__(self, theme: Theme, left: float, right: float, y: float = -2.36):
        super().__init__()
        self.theme, self.y = theme, y
        strip = RoundedRectangle(corner_radius=0.10, width=right - left, height=HEIGHT)
        strip.set_fill(theme.slot, 0.95).set_stroke(mix(theme.rim, theme.ground, 0.2), 1.4)
        strip.move_to([(left + right) / 2, y, 0])
        holes = VMobject().set_fill(mix(theme.rim, theme.slot, 0.45), 0.8).set_stroke(width=0)
        x = left + 0.16
        while x < right - 0.12:
            for dy in (HEIGHT / 2 - 0.075, -HEIGHT / 2 + 0.075):
                holes.append_points(Rectangle(width=0.08, height=0.05).move_to([x, y + dy, 0]).points)
            x += 0.26
        self.add(strip, holes)

    def outline(self, cell: VMobject, colour: str) -> RoundedRectangle:
        """The frame round a cell: VALUE when new, INK when read back."""
        frame = RoundedRectangle(corner_radius=0.06, width=cell.width + 0.30, height=0.42)
        frame.set_stroke(colour, 2).set_fill(opacity=0)
        return frame.move_to([cell.get_center()[0], self.y, 0])


def drop_line(theme: Theme, x: float, top: float, bottom: float, gap: float = 0.11) -> VMobject:
    """The dotted line from a value down to its cell on the tape: one mobject of small discs."""
    line = VMobject().set_fill(theme.value, 0.8).set_stroke(width=0)
    y = top
    while y > bottom:
        line.append_points(Circle(0.017).move_to([x, y, 0]).points)
        y -= gap
    return line
