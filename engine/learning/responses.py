"""Responses: a function of one number looked at in some places, its value and its slope there. Activations, losses, own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import EngineError
from ..function import Function
from ..quantity import Quantity
from ..trace import Trace
from .activations import ACTIVATIONS
from .losses import LOSSES

WHOLE_ROWS = (
    "softmax", "log_softmax", "cross_entropy", "negative_log_likelihood", "kl_divergence", "kl_divergence_with_logits",
)  # fmt: skip
FAR, FLAT = 8.0, 0.03  # so far out, a slope below this share of the steepest one counts as flat


class Response:
    """A curve at some places. ``curve`` is the name of an activation or of a loss, or a text of one input.

    A loss is a function of the guess, the truth being ``target``. ``kind`` is "activation", "loss" or "own".

    >>> seen = Response("relu", [-1.0, 2.0])
    >>> seen.values, seen.slopes
    ((0.0, 2.0), (0.0, 1.0))
    """

    def __init__(self, curve: str, points: Sequence[float], target: float = 1.0):
        self.curve, self.target = curve.strip(), float(target)
        self.points = tuple(float(p) for p in points)
        if not self.points or not all(math.isfinite(p) for p in self.points):
            raise EngineError("A response is looked at in finite places, at least one.")
        self.kind, self.function = _function(self.curve, self.target)
        self.input = self.function.inputs[0]
        self.traces = tuple(self._trace(p) for p in self.points)

    def _trace(self, x: float) -> Trace:
        try:
            return self.function.trace({self.input: x})
        except EngineError as problem:
            if "depends on none" in problem.sentence:
                raise EngineError(f"{self.curve} is a constant at {self.input} = {x:g} and has no slope to show.") from None
            raise EngineError(f"{self.curve} at {self.input} = {x:g}: {problem.sentence}") from None

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(float(trace.value) for trace in self.traces)

    @property
    def slopes(self) -> tuple[float, ...]:
        return tuple(float(trace.gradient[self.input]) for trace in self.traces)

    def look(self, x: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and slopes in many places, shape (n,) each; nan where there is none."""
        try:
            values, partials = self.function.slopes({self.input: np.asarray(x, float)})
        except EngineError:
            values, partials = self._one_by_one(np.asarray(x, float))
        return np.asarray(values, float).ravel(), np.asarray(partials[self.input], float).ravel()

    def _one_by_one(self, x: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        values, slopes = np.full(len(x), np.nan), np.full(len(x), np.nan)
        for k, place in enumerate(x):
            try:
                trace = self.function.trace({self.input: float(place)})
            except EngineError:
                continue
            values[k], slopes[k] = trace.value, trace.gradient[self.input]
        return values, {self.input: slopes}

    def state(self, row: int) -> str:
        """"dead" where the slope is 0 and stays so around the place, "flat" where hardly any is left of the steepest
        one, else "alive"."""
        x, slope = self.points[row], self.slopes[row]
        _, near = self.look([x - 1e-3, x, x + 1e-3])
        if slope == 0 and not np.any(np.where(np.isfinite(near), near, 0.0)):
            return "dead"
        _, slopes = self.look(np.linspace(-FAR, FAR, 161))
        steepest = max(float(np.nanmax(np.abs(slopes), initial=0.0)), abs(slope))
        return "flat" if abs(slope) < FLAT * steepest else "alive"

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, row: int = 0) -> Quantity:
        """The "point", "value" or "slope" of a row, or the "target"."""
        if what == "target":
            return Quantity("response", what, self.target)
        if what not in ("point", "value", "slope"):
            raise EngineError(f"A response has no {what!r}.")
        if not 0 <= row < len(self.points):
            raise EngineError(f"This response has no row {row}; it has {len(self.points)}.")
        return Quantity("response", f"{what}/{row}", getattr(self, what + "s")[row])

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``slope/1``."""
        what, _, row = key.partition("/")
        return self.quantity(what, int(row or 0)).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "response", "curve": self.curve, "points": list(self.points), "target": self.target}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Response:
        return cls(description["curve"], description["points"], description["target"])

    def __repr__(self) -> str:
        return f"<response of {self.curve} in {len(self.points)} places>"


def _function(curve: str, target: float) -> tuple[str, Function]:
    if curve in WHOLE_ROWS:
        raise EngineError(f"{curve} answers to a whole row of numbers; a response is a curve of one.")
    if curve in ACTIVATIONS:
        activation = ACTIVATIONS[curve]

        def of_z(z):
            return activation(z)

        return "activation", Function.of(of_z)
    if curve in LOSSES:
        loss = LOSSES[curve]

        def of_p(p):
            return loss(p, target)

        def of_logit(z):
            return loss(z, target)

        return "loss", Function.of(of_logit if curve.endswith("logits") else of_p)
    function = Function.of(curve)
    if len(function.inputs) != 1:
        raise EngineError(f"{curve} has the inputs {', '.join(function.inputs)}; a response is a curve of one.")
    return "own", function


__all__ = ["Response"]
