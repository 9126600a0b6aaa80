"""A number with provenance: one mobject, drawn from glyph outlines, that remembers which engine quantity it shows."""

from __future__ import annotations

import re
from typing import Any

from manim import Animation, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity

from .errors import StageError
from .ledger import Printed
from .rounding import decimals_for, shown
from .type import FLOOR, set_line


class Printable(VMobject):
    """Words and numbers on one line, all in one mobject whose text can change while it moves."""

    names = False
    points: Any

    def __init__(self, text: str, colour: str, size: float, weight: str, **kwargs: Any):
        if size < FLOOR:
            raise StageError(f"'{text}' at size {size:g} is under the floor of {FLOOR}")
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=1, **kwargs)
        self.font_size, self.weight, self.colour = size, weight, colour
        self.scaled = 1.0  # how much it was scaled since it was set, so that a new text has the same size
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show other characters at the same place: the middle of the line stays where it is."""
        self.text = text
        points, advance = set_line(text, self.font_size, self.weight)
        points = points * self.scaled
        if len(self.points):
            ends = self._middle
            points = points + [ends[0] - advance * self.scaled / 2, ends[1], 0]
        self.advance = advance
        self.points = points

    @property
    def _middle(self) -> tuple[float, float]:
        # Kept by two numbers rather than measured: digits differ in width, and a rolling number must not tremble.
        box = self.points
        left = set_line(self.text, self.font_size, self.weight)[0]
        scale = self.scaled
        x = box[:, 0].min() - left[:, 0].min() * scale + self.advance * scale / 2
        y = box[:, 1].min() - left[:, 1].min() * scale
        return float(x), float(y)

    def scale(self, scale_factor: float, **kwargs: Any) -> Printable:
        """As every mobject, remembering the factor."""
        self.scaled *= scale_factor
        super().scale(scale_factor, **kwargs)
        return self


class Number(Printable):
    """The value of an engine quantity, printed once and for all by one rounding.

    `quantity` is what `Trace.quantity`, `Descent.quantity` … return; anything else is refused, so no number is ever typed.
    """

    def __init__(
        self,
        quantity: Quantity,
        colour: str,
        size: float = 28,
        weight: str = "semibold",
        *,
        decimals: int | None = None,
        plus: bool = False,
        **kwargs: Any,
    ):
        if not isinstance(quantity, Quantity):
            raise StageError(f"{quantity!r} is a typed number; show an engine quantity")
        self.quantity = quantity
        self.decimals = decimals_for(float(quantity.value)) if decimals is None else decimals
        text = shown(float(quantity.value), self.decimals, auto=False)
        self.settled = ("+" if plus and quantity.value > 0 else "") + text
        self.provenance = [Printed(quantity, text, self.decimals)]
        super().__init__(self.settled, colour, size, weight, **kwargs)


class Roll(Animation):
    """A number being computed: digits run towards the value and settle on it."""

    def __init__(self, number: Number, start: float = 0.0, run_time: float = 0.4, **kwargs: Any):
        self.from_value = start
        kwargs.setdefault("rate_func", smooth)
        super().__init__(number, run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        number = self.mobject
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        if alpha >= 1 or number.decimals is None:
            number.set_text(number.settled)
        else:
            value = self.from_value + (float(number.quantity.value) - self.from_value) * share
            number.set_text(shown(value, number.decimals, auto=False))


class Phrase(Printable):
    """Words with engine quantities in them: `Phrase("{n} steps", look.ink, n=descent.quantity("steps", 0))`."""

    def __init__(
        self,
        template: str,
        colour: str,
        size: float = 24,
        weight: str = "medium",
        *,
        decimals: int | None = None,
        **quantities: Quantity | str,
    ):
        text, printed = fill(template, quantities, decimals)
        self.provenance = printed
        super().__init__(text, colour, size, weight)


def fill(template: str, quantities: dict[str, Any], decimals: int | None = None) -> tuple[str, list[Printed]]:
    """A template with its quantities printed; names of the user's are plain text; a typed digit is refused."""
    if re.search(r"\d", re.sub(r"\{[^{}]*\}", "", template)):
        raise StageError(f"the words {template!r} have a typed number; bind it to an engine quantity")
    printed: list[Printed] = []

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name not in quantities:
            raise StageError(f"the words {template!r} ask for {{{name}}}, which was not given")
        value = quantities[name]
        if isinstance(value, str):
            return value
        if not isinstance(value, Quantity):
            raise StageError(f"{{{name}}} in {template!r} is a typed number; give an engine quantity")
        places = decimals_for(float(value.value)) if decimals is None else decimals
        text = shown(float(value.value), places, auto=False)
        printed.append(Printed(value, text, places))
        return text

    return re.sub(r"\{(\w+)\}", put, template), printed
