"""The loss meter: a tube whose filling is the loss, a diamond at its level, a dashed line at the lowest value reached."""

from __future__ import annotations

from manim import DashedLine, Line, RoundedRectangle, Square, VGroup, VMobject

from .theme import Theme, mix


class LossMeter(VGroup):
    """A tube at x between two heights; `level(share)` fills it. Parts: tube, fill, diamond."""

    def __init__(self, theme: Theme, x: float, bottom: float, top: float, width: float = 0.46):
        super().__init__()
        self.theme, self.x, self.bottom, self.top, self.tube_width = theme, x, bottom, top, width
        tube = RoundedRectangle(corner_radius=width / 2 - 0.01, width=width, height=top - bottom)
        tube.set_fill(theme.slot, 1).set_stroke(theme.rim, 2).move_to([x, (top + bottom) / 2, 0])
        self.fill = VMobject().set_stroke(width=0)
        base = theme.ground if theme.dark else "#FFFFFF"
        self.fill.set_fill([mix(base, theme.loss, 0.55), theme.loss], 1).set_sheen_direction([0, 1, 0])
        self.mark = Line([x - width / 2, 0, 0], [x + width / 2 + 0.1, 0, 0]).set_stroke(theme.tint("loss"), 2.5)
        self.diamond = Square(0.19).rotate(0.785398).set_fill(theme.loss, 1).set_stroke(width=0)
        self.add(tube, self.fill, self.mark, self.diamond)
        self.level(1.0)

    def height_of(self, share: float) -> float:
        """The height of a share of the scale, in frame units."""
        inset = 0.14
        return self.bottom + inset + min(max(share, 0.0), 1.0) * (self.top - self.bottom - 2 * inset)

    def level(self, share: float) -> LossMeter:
        """Fill the tube up to a share of the scale."""
        y, w = self.height_of(share), self.tube_width - 0.10
        low = self.bottom + 0.05
        body = RoundedRectangle(corner_radius=min(w / 2, (y - low) / 2) - 1e-3, width=w, height=y - low)
        self.fill.points = body.move_to([self.x, (y + low) / 2, 0]).points
        self.mark.put_start_and_end_on([self.x - w / 2, y, 0], [self.x + self.tube_width / 2 + 0.12, y, 0])
        self.diamond.move_to([self.x + self.tube_width / 2 + 0.24, y, 0])
        return self

    def goal(self, share: float) -> DashedLine:
        """The dashed line at a share of the scale."""
        y, w = self.height_of(share), self.tube_width / 2
        return DashedLine([self.x - w - 0.1, y, 0], [self.x + w + 0.42, y, 0], dash_length=0.07).set_stroke(
            self.theme.data, 2.5
        )
