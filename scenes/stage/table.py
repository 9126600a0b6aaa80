"""A number beside the one it should agree with: the digits that are already the same are lit."""

from __future__ import annotations

from manim import VGroup, VMobject

from chainreel.engine import Quantity

from .errors import StageError
from .ledger import Printed
from .rounding import shown
from .theme import Theme
from .type import FLOOR, set_line


def agreeing(text: str, goal: str) -> int:
    """How many characters from the left are the same.

    >>> agreeing("2.1823", "2.1816")
    4
    """
    same = 0
    for a, b in zip(text, goal, strict=False):
        if a != b:
            break
        same += 1
    return same if any(c.isdigit() for c in text[:same]) else 0


class LitNumber(VGroup):
    """An engine quantity whose leading digits, where they are those of `goal`, stand in the role's colour."""

    def __init__(
        self, theme: Theme, quantity: Quantity, goal: Quantity, decimals: int | None, size: float = 30,
        role: str = "slope",
    ):  # fmt: skip
        super().__init__()
        if not isinstance(quantity, Quantity):
            raise StageError(f"{quantity!r} is a typed number; show an engine quantity")
        if size < FLOOR:
            raise StageError(f"a number at size {size:g} is under the floor of {FLOOR}")
        self.quantity, self.decimals, self.font_size = quantity, decimals, size
        self.text = shown(float(quantity.value), decimals, auto=False)
        self.lit = agreeing(self.text, shown(float(goal.value), decimals, auto=False))
        self.provenance = [Printed(quantity, self.text, decimals)]
        self.colour = theme.muted
        head, tail = self.text[: self.lit], self.text[self.lit :]
        x = 0.0
        for part, colour, weight in ((head, theme.tint(role), "semibold"), (tail, theme.muted, "medium")):
            if part:
                points, advance = set_line(part, size, weight)
                piece = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
                piece.points = points + [x, 0, 0]
                x += advance
                self.add(piece)
        self.advance = x

    def put(self, right: float, baseline: float) -> LitNumber:
        """Put the right end of the line and its baseline."""
        left_now = min(float(p.points[:, 0].min()) for p in self.submobjects)
        first = set_line(self.text[:1], self.font_size, "semibold" if self.lit else "medium")[0]
        dx = right - self.advance - (left_now - float(first[:, 0].min()))
        low = min(float(p.points[:, 1].min()) for p in self.submobjects)
        own = min(
            float(set_line(t, self.font_size, w)[0][:, 1].min())
            for t, w in ((self.text[: self.lit], "semibold"), (self.text[self.lit :], "medium"))
            if t
        )
        self.shift([dx, baseline - (low - own), 0])
        return self
