"""One step of plain descent in numbers: Δx = −η · f′ = …, rounded so that the shown numbers give the shown result."""

from __future__ import annotations

from chainreel.engine import Quantity

from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import closes, decimals_for, read_back, shown
from ..stage.theme import Theme
from .symbols import name_source


class StepEquation(Formula):
    """`Δx = −0.1 · 2.4 = −0.24`; where no rounding closes, `≈` stands in place of the last `=`."""

    def __init__(self, theme: Theme, name: str, rate: Quantity, slope: Quantity, update: Quantity, size: float = 36):
        texts, exact = rounded(rate, slope, update)
        rate_text, slope_text, update_text = (t for t, _ in texts)
        if slope_text.startswith("−"):
            slope_source = f"(-{number_source(slope_text[1:])})"
        else:
            slope_source = number_source(slope_text)

        def write(mark: Marker) -> str:
            knob = mark("knob", None, f"Delta {name_source(name, lambda role, index, body: body)}")
            product = f"-{number_source(rate_text)} dot {mark('slope', None, slope_source)}"
            sign = "=" if exact else "approx"
            return f"{knob} = {product} {sign} {mark('knob', None, number_source(update_text))}"

        printed = [Printed(q, t, d) for q, (t, d) in zip((rate, slope, update), texts, strict=True)]
        super().__init__(write, theme, size, tinted=True, printed=printed)


def rounded(rate: Quantity, slope: Quantity, update: Quantity) -> tuple[list[tuple[str, int | None]], bool]:
    """The printed forms of rate, slope and update with their decimals, and whether the shown arithmetic closes."""
    r = decimals_for(float(rate.value))
    s0, u0 = decimals_for(float(slope.value)), decimals_for(float(update.value))
    tries = [(s0, u0)]
    if s0 is not None and u0 is not None:
        tries += [(s0 + 1, u0), (s0 + 1, u0 + 1), (s0 + 2, u0 + 1)]
    for s, u in tries:
        texts = [
            (shown(float(q.value), d, auto=False), d) for q, d in zip((rate, slope, update), (r, s, u), strict=True)
        ]
        if closes(texts[2][0], -read_back(texts[0][0]) * read_back(texts[1][0])):
            return texts, True
    d = [(shown(float(q.value), k, auto=False), k) for q, k in zip((rate, slope, update), (r, s0, u0), strict=True)]
    return d, False
