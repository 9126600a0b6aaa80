"""Slip: the reverse sweep with a typical mistake in it, run for real, so that a film can show what it costs.

"overwrite" is the most common one in home-made engines: a contribution replaces the adjoint of a value instead of being
added to it (``grad = …`` where ``grad += …`` is meant). Values that are used once come out right, which hides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import EngineError
from .quantity import Quantity
from .sweeps import contribution
from .trace import Step, Trace

KINDS = ("overwrite",)


class Slip:
    """The adjoints that a mistaken sweep over a trace gives.

    >>> from chainreel.engine import Function
    >>> trace = Function.of("(a*b + c)*a").trace({"a": 2.0, "b": 3.0, "c": -1.0})
    >>> slip = Slip(trace)
    >>> trace.gradient["a"], slip.quantity("adjoint", trace.step("a")).value
    (11.0, 6.0)
    """

    def __init__(self, trace: Trace, kind: str = "overwrite"):
        if kind not in KINDS:
            raise EngineError(f"There is no mistake {kind!r}; there are {', '.join(KINDS)}.")
        self.trace, self.kind = trace, kind
        adjoints: dict[int, Any] = {trace.output.index: 1.0}
        self.last: dict[int, tuple[int, int]] = {}  # the edge whose contribution stayed, by source
        for step in reversed(trace.steps[: trace.output.index + 1]):
            if step.index not in adjoints:
                continue
            for edge in step.edges:
                part = contribution(trace._records, step.index, edge.slot, adjoints[step.index])
                adjoints[edge.source.index] = part  # the mistake: it should be added
                self.last[edge.source.index] = (step.index, edge.slot)
        self._adjoints = adjoints

    def adjoint(self, step: Step) -> Any:
        """What the sweep takes for the adjoint of a step."""
        return self._adjoints.get(step.index, 0.0)

    @property
    def wrong(self) -> tuple[Step, ...]:
        """The steps whose adjoint comes out wrong, in the order of the trace."""
        return tuple(s for s in self.trace.steps if _differ(self.adjoint(s), s.adjoint))

    def quantity(self, what: str, step: Step) -> Quantity:
        """The mistaken "adjoint" of a step that is a single number."""
        if what != "adjoint":
            raise EngineError(f"A slip has adjoints, no {what!r}.")
        value = self.adjoint(step)
        if getattr(value, "ndim", 0):
            raise EngineError(f"The adjoint of {step.name} is an array; a slip shows single numbers.")
        return Quantity("slip", f"adjoint/{step.index}", float(value))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``adjoint/0``."""
        what, _, index = key.partition("/")
        return self.quantity(what, self.trace.step(int(index))).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "slip", "trace": self.trace.describe(), "mistake": self.kind}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Slip:
        return cls(Trace.rebuild(description["trace"]), description["mistake"])


def _differ(one: Any, other: Any) -> bool:
    if getattr(one, "ndim", 0) or getattr(other, "ndim", 0):
        return bool((abs(one - other) > 1e-12 * (1 + abs(other))).any())
    return bool(abs(one - other) > 1e-12 * (1 + abs(other)))


__all__ = ["KINDS", "Slip"]
