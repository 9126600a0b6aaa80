"""S5: the row of the table that nobody may fill – no nudge at all, no rise at all, and their quotient, 0/0.

Reads the two numbers from the same Differences. Invariants: both are the engine's and are zero; it blinks at most three times
a second (R38).
"""

from __future__ import annotations

import math
from dataclasses import replace

from manim import RIGHT, Animation, FadeIn, FadeOut, VGroup
from manim.utils.rate_functions import linear

from chainreel.engine import Quantity

from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import shown
from .figure import Figure
from .secant_zoom import SecantZoom

FASTEST = 3.0  # times a second
DARK = 0.25  # of its strength: never quite gone, so that it can be read at any moment


class NoNudge(Figure):
    """The last row of the table of `secant`, where the slope will stand. Verbs: `appear`, `blink`, `leave`."""

    def __init__(self, secant: SecantZoom):
        super().__init__(secant.theme)
        self.secant = secant
        size, last = (38 if secant.room.right - secant.room.left > 3.5 else 34), len(secant.deltas)
        self.delta, self.rise = self._printed("delta"), self._printed("rise")
        y, room = secant.row_y[last], secant.room
        self.name = Formula(self._name, self.theme, size, printed=[self.delta]).set_baseline(room.left, y)
        self.quotient = Formula(self._quotient, self.theme, size + 2, tinted=True, printed=[self.rise, self.delta])
        self.quotient.set_baseline(0, y)
        self.quotient.shift([room.right - self.quotient.get_right()[0], 0, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "The last row of the table, with no nudge at all: zero over zero."

    def quantity(self, what: str) -> Quantity:
        """ "delta" or "rise", under the source of the table."""
        return replace(self.secant.differences.quantity(f"still/{what}"), source=self.secant.source)

    def _printed(self, what: str) -> Printed:
        quantity = self.quantity(what)
        return Printed(quantity, shown(float(quantity.value), 0, auto=False), 0)

    def _name(self, mark: Marker) -> str:
        return f"{mark('knob', None, 'Delta')} = {mark('knob', None, number_source(self.delta.text))}"

    def _quotient(self, mark: Marker) -> str:
        above = mark(self.secant.role, None, number_source(self.rise.text))
        return f"{above} \\/ {mark('knob', None, number_source(self.delta.text))}"

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.6) -> FadeIn:
        """The row."""
        parts = VGroup(self.keep(self.name, 6), self.keep(self.quotient, 6))
        rule = self.secant.rules[-1]
        if rule not in self.secant.submobjects:
            parts.add(self.secant.keep(rule, 5))
        return FadeIn(parts, shift=0.15 * RIGHT, run_time=run_time)

    def blink(self, times: int = 3, run_time: float = 2.1) -> Blink:
        """The quotient pulses: nobody can say what it is. At most three times a second."""
        if times > FASTEST * run_time:
            raise StageError(f"{times} flashes in {run_time:g} s are too many; at most three a second")
        return Blink(self.quotient, times, run_time)

    def leave(self, run_time: float = 0.5) -> FadeOut:
        """It makes room for the number that the row heads to."""
        self.drop(self.name, self.quotient)
        return FadeOut(VGroup(self.name, self.quotient), run_time=run_time)


class Blink(Animation):
    """A part grows weaker and strong again, some times, softly."""

    def __init__(self, part: VGroup, times: int, run_time: float):
        self.times = times
        self.full = [(m, m.get_fill_opacity(), m.get_stroke_opacity()) for m in part.get_family()]
        super().__init__(part, run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        share = 1.0 if alpha >= 1 else 1.0 - (1.0 - DARK) * (0.5 - 0.5 * math.cos(2 * math.pi * self.times * alpha))
        for member, fill, stroke in self.full:
            member.set_fill(opacity=fill * share, family=False).set_stroke(opacity=stroke * share, family=False)


__all__ = ["NoNudge"]
