"""A nudge that travels: one input is moved for real, and every step answers.

Beside each real change stands the forecast: the nudge times the slope of that step by the input (a forward sweep).

    >>> nudge = Nudge("u = x**2; y = 12/u; 0.4*y", "x", 0.1, {"x": 2.0})
    >>> [round(nudge.change(step), 4) for step in nudge.trace.steps]
    [0.1, 0.41, -0.2789, -0.1116]
    >>> [round(nudge.forecast(step), 4) for step in nudge.trace.steps]
    [0.1, 0.4, -0.3, -0.12]
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .paths import Paths
from .quantity import Quantity
from .trace import Step, Trace
from .transforms import is_finite


class Nudge:
    """The input ``name`` (default: the first) moved by ``delta`` from the point of a trace, or of a function at ``at``.

    Raises EngineError for an input that is an array or does not exist, for a nudge of 0, where the function has no finite
    value at the other end, and where it takes other steps there.
    """

    def __init__(self, what: Any, name: str | None = None, delta: float = 0.1, at: Mapping[str, Any] | None = None):
        if not isinstance(what, Trace):
            function = Function.of(what)
            what = function.trace(function.point() if at is None else at)
        self.trace: Trace = what
        self.function = self.trace.function
        inputs = self.function.inputs
        self.name = inputs[0] if name is None else name
        self.delta = float(delta)
        if self.name not in inputs:
            raise EngineError(f"There is no input {self.name}; inputs are {', '.join(inputs)}.")
        start = self.trace.at[self.name]
        if isinstance(start, np.ndarray):
            raise EngineError(f"The input {self.name} is an array; nudge one that is a single number.")
        if not np.isfinite(self.delta) or self.delta == 0:
            raise EngineError("A nudge is a finite number other than 0.")
        self.there = self.function.trace({**self.trace.at, self.name: start + self.delta})
        if not is_finite(self.there.value):
            raise EngineError(f"The function has no finite value at {self.name} = {start + self.delta:g}.")
        if not _alike(self.trace, self.there):
            raise EngineError(f"The function takes other steps at {self.name} = {start + self.delta:g}; use a smaller nudge.")

    @functools.cached_property
    def tangents(self) -> Any:
        """The forward sweep with a tangent of 1 at the nudged input."""
        return self.trace.tangents({self.name: 1.0})

    @functools.cached_property
    def paths(self) -> Paths:
        """The routes from the nudged input to the output."""
        return Paths(self.trace, self.name)

    def moved(self, step: Step) -> Any:
        """The value of a step after the nudge."""
        return self.there.steps[step.index].value

    def change(self, step: Step) -> Any:
        """How far the value of a step really moved."""
        return self.moved(step) - step.value

    def forecast(self, step: Step) -> Any:
        """How far it would move if its slope by the input stayed what it is: tangent times nudge."""
        return self.tangents[step] * self.delta

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, step: Step | int | str | None = None) -> Quantity:
        """"delta"; "moved", "change", "forecast" of a step (default: the output); "share" of the route with that number:
        the nudge times the product of the rates along it."""
        if what == "delta":
            return Quantity("nudge", "delta", self.delta)
        if what == "share":
            route = int(step or 0)  # type: ignore[arg-type]
            return Quantity("nudge", f"share/{route}", self.paths[route].product * self.delta)
        if what not in ("moved", "change", "forecast"):
            raise EngineError(f"A nudge has no {what!r}.")
        of = self.trace.output if step is None else self.trace.step(step)
        value = getattr(self, what)(of)
        if np.ndim(value):
            raise EngineError(f"{of.name} is an array; only single numbers of a nudge are shown.")
        return Quantity("nudge", f"{what}/{of.index}", float(value))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``delta``, ``change/3``, ``share/1``."""
        what, _, number = key.partition("/")
        return self.quantity(what, int(number) if number else None).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "nudge", "trace": self.trace.describe(), "name": self.name, "delta": self.delta}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Nudge:
        return cls(Trace.rebuild(description["trace"]), description["name"], description["delta"])

    def __repr__(self) -> str:
        return f"<{self.name} of {self.function.title} nudged by {self.delta:g}>"


def _alike(one: Trace, other: Trace) -> bool:
    """Whether two traces took the same steps."""
    if len(one) != len(other):
        return False
    return all(
        a.primitive == b.primitive and [e.source.index for e in a.edges] == [e.source.index for e in b.edges]
        for a, b in zip(one.steps, other.steps, strict=True)
    )
