"""Names of inputs as they stand at axes and in small formulas: one math face, one colour per role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainreel.engine import Quantity
from chainreel.engine.symbols import typeset

from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme


def name_source(name: str, mark: Any, role: str = "knob") -> str:
    """The Typst source of an input's name."""
    return str(mark(role, None, typeset(name)))


def name_formula(name: str, theme: Theme, role: str = "knob", size: float = 40) -> Formula:
    """An input's name as a formula of its own."""
    return Formula(lambda mark: name_source(name, mark, role), theme, size)


def printed(quantity: Quantity, decimals: int | None = None) -> Printed:
    """A quantity as it is printed in a formula."""
    places = decimals_for(float(quantity.value)) if decimals is None else decimals
    return Printed(quantity, shown(float(quantity.value), places, auto=False), places)


def equations(theme: Theme, values: Mapping[str, Quantity], size: float = 34) -> Formula:
    """`x = 1.5,  y = −0.5` in the colour of knobs."""
    entries = {name: printed(q) for name, q in values.items()}

    def write(mark: Marker) -> str:
        return ' "," quad '.join(
            f"{name_source(n, mark)} = {mark('knob', None, number_source(p.text))}" for n, p in entries.items()
        )

    return Formula(write, theme, size, printed=entries.values())


def slope_equation(theme: Theme, name: str, slope: Quantity, size: float = 38) -> Formula:
    """`∂f/∂x = −2.63`, the number in the colour of slopes."""
    entry = printed(slope)

    def write(mark: Marker) -> str:
        d = mark("slope", None, "partial")
        number = mark("slope", None, number_source(entry.text))
        return f"{d} {mark('value', None, 'f')} \\/ {d} {name_source(name, mark)} = {number}"

    return Formula(write, theme, size, tinted=True, printed=[entry])


def value_equation(theme: Theme, name: str, value: Quantity, role: str = "loss", size: float = 38) -> Formula:
    """`f = 24.2` in the colour of a role."""
    entry = printed(value)

    def write(mark: Marker) -> str:
        return f"{mark(role, None, typeset(name))} = {mark(role, None, number_source(entry.text))}"

    return Formula(write, theme, size, tinted=True, printed=[entry])
