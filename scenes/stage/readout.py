"""A line of words whose numbers change with the moment of a log; it is always a line that the log has."""

from __future__ import annotations

from collections.abc import Callable

from chainreel.engine import Quantity

from .number import Printable, fill


class Readout(Printable):
    """`template` filled with the quantities of a moment: `quantities(m)` gives them by name. `show(m)` changes it.

    Its left end stays where it is.
    """

    def __init__(
        self, template: str, quantities: Callable[[int], dict[str, Quantity | str]], colour: str, size: float = 28,
        weight: str = "semibold", decimals: int | None = None, moment: int = 0,
    ):  # fmt: skip
        self.template, self.quantities, self.decimals = template, quantities, decimals
        text, self.provenance = fill(template, quantities(moment), decimals)
        self.moment = moment
        super().__init__(text, colour, size, weight)

    def show(self, moment: float) -> Readout:
        """The line of another moment; of the one before, between two."""
        moment = int(moment)
        if moment == self.moment or not len(self.points):
            return self
        self.moment = moment
        text, self.provenance = fill(self.template, self.quantities(moment), self.decimals)
        if text != self.text:
            before = self.advance * self.scaled
            self.set_text(text)
            self.shift([(self.advance * self.scaled - before) / 2, 0, 0])
        return self


__all__ = ["Readout"]
