"""The ledger: every number that was ever on screen, with the engine key it came from. It becomes the manifest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chainreel.engine import Quantity
from chainreel.engine.claims import cited


class Printed(NamedTuple):
    """A quantity and the very characters it was printed as."""

    quantity: Quantity
    text: str
    decimals: int | None


@dataclass(frozen=True)
class ShownNumber:
    """One number on screen: where it came from, what it said, when it was first seen (seconds)."""

    source: str
    key: str
    value: float
    text: str
    decimals: int | None
    beat: int
    start: float


class Ledger:
    """Numbers in order of appearance, and a description of each engine object that they came from."""

    def __init__(self) -> None:
        self.numbers: list[ShownNumber] = []
        self.sources: dict[str, dict[str, Any]] = {}
        self.chips: list[str] = []  # the sources of claims as they stood on screen
        self._seen: set[tuple[str, str, str, int]] = set()

    def source(self, name: str, description: dict[str, Any]) -> None:
        """Remember how to rebuild an engine object; quantities name it."""
        known = self.sources.get(name)
        if known is not None and known != description:
            raise ValueError(f"two different engine objects are called '{name}' in one film")
        self.sources[name] = description

    def cite(self, chip: str) -> None:
        """Note the source of a claim that stands on screen."""
        if chip not in self.chips:
            self.chips.append(chip)

    @property
    def claims(self) -> list[str]:
        """What was taken from others, by its ids in engine.claims: its source stood on screen; of a year, the year as well."""
        tables = {name for name, described in self.sources.items() if described.get("kind") == "claims"}
        return cited(self.chips, {number.key for number in self.numbers if number.source in tables})

    def enter(self, printed: Iterable[Printed], beat: int, time: float) -> None:
        """Enter what is visible now; a number counts once a beat."""
        for quantity, text, decimals in printed:
            mark = (quantity.source, quantity.key, text, beat)
            if mark not in self._seen:
                self._seen.add(mark)
                value = float(quantity.value)
                self.numbers.append(ShownNumber(quantity.source, quantity.key, value, text, decimals, beat, time))
