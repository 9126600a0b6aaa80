"""What the slopes promise of a turn of the knobs, and what the loss then really does.

>>> step = Forecast("x**2 + y**2", {"x": 1.0, "y": 2.0}, rate=0.1)
>>> round(step.forecast, 6), round(step.change, 6)
(-2.0, -1.8)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import EngineError
from .function import Function
from .quantity import Quantity


class Forecast:
    """Knobs at ``at`` are turned: by ``turn``, or against their slopes, each by −rate · slope.

    ``forecast`` is Σ slope · turn (for a step against the slopes −rate · |slope|²), ``change`` the loss after minus before.
    """

    def __init__(
        self, function: Any, at: Mapping[str, float], rate: float | None = None, turn: Mapping[str, float] | None = None
    ):  # fmt: skip
        self.function = Function.of(function)
        if (rate is None) == (turn is None):
            raise EngineError("A forecast takes a rate or a turn of the knobs, one of them.")
        self.trace = self.function.trace(at)
        self.at = {name: float(value) for name, value in self.function.complete(at).items()}
        self.rate, self.asked = rate, None if turn is None else {n: float(v) for n, v in turn.items()}
        for name in self.asked or {}:
            if name not in self.at:
                raise EngineError(f"{self.function.title} has no input {name} to turn; it has {', '.join(self.at)}.")
        self.slopes = {name: float(slope) for name, slope in self.trace.gradient.items()}
        given = self.asked or {}
        self.turn = {n: given.get(n, 0.0) if rate is None else -rate * s for n, s in self.slopes.items()}
        self.moved = {n: self.at[n] + self.turn[n] for n in self.at}
        self.before = float(self.trace.value)
        self.after = float(self.function.value_and_gradient(self.moved)[0])

    @property
    def forecast(self) -> float:
        """The change that the slopes promise."""
        return sum(self.slopes[n] * self.turn[n] for n in self.at)

    @property
    def change(self) -> float:
        """The change that happens."""
        return self.after - self.before

    def quantity(self, what: str) -> Quantity:
        """"forecast", "change", "before", "after", "promised" (before + forecast), "rate", "knobs",
        "size" (|slope|²); for an input
        "slope/x", "turn/x", "from/x", "to/x", "term/x" (slope · turn)."""
        kind, _, name = what.partition("/")
        plain = {
            "forecast": self.forecast, "change": self.change, "before": self.before, "after": self.after, "rate": self.rate,
            "knobs": len(self.at), "promised": self.before + self.forecast, "size": sum(s * s for s in self.slopes.values()),
        }  # fmt: skip
        if not name and plain.get(kind) is not None:
            return Quantity("forecast", what, float(plain[kind]))  # type: ignore[arg-type]
        if name not in self.at:
            raise EngineError(f"A forecast has no {what!r}.")
        tables = {
            "slope": self.slopes[name], "turn": self.turn[name], "from": self.at[name], "to": self.moved[name],
            "term": self.slopes[name] * self.turn[name],
        }  # fmt: skip
        if kind not in tables:
            raise EngineError(f"A forecast has no {what!r}.")
        return Quantity("forecast", what, tables[kind])

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "forecast", "function": self.function.describe(), "at": self.at, "rate": self.rate, "turn": self.asked}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Forecast:
        return cls(Function.rebuild(description["function"]), description["at"], description["rate"], description["turn"])

    def __repr__(self) -> str:
        return f"<forecast for {self.function.title}>"


__all__ = ["Forecast"]
