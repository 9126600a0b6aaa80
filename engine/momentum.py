"""Momentum as a sum: the step that a run with momentum makes is all slopes so far, the older the weaker, along two axes.

With momentum μ and rate η the update of step k is −η Σ μ^(k−j) g_j over the slopes g_0 … g_k (Polyak 1964, in the form of
Sutskever et al. 2013). Along an axis in which the loss bends strongly, those slopes change their sign and cancel; along one
in which it hardly bends they point the same way and add up (Goh 2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .descent import Descent
from .errors import EngineError
from .quantity import Quantity
from .stationary import Stationary


class MomentumParts:
    """The updates of a descent with momentum, each as its terms along the axes of the curvature at the start.

    Axis 0 is the one in which the loss bends least (along a valley), the last the one in which it bends most (across it).
    Each axis points the way that the first step takes.

    >>> log = Descent.run("x**2 + 30*y**2", {"x": 3.0, "y": 1.0}, optimizer="momentum", rate=0.02, steps=8)
    >>> parts = MomentumParts(log)
    >>> [round(parts.share(axis, 5), 2) for axis in (0, 1)]
    [1.0, 0.19]

    Raises EngineError for runs without momentum and for inputs that are arrays.
    """

    def __init__(self, descent: Descent):
        rule: Any = descent.rule
        if descent.optimizer != "momentum" or rule.dampening or rule.weight_decay or rule.maximize:
            raise EngineError("The parts of a momentum are those of a run with plain momentum.")
        self.descent = descent
        self.names = tuple(descent.steps[0].point)
        self.rate, self.momentum = float(descent.rate), float(rule.momentum)
        place = Stationary(descent.function, descent.steps[0].point, self.names)  # says so where an input is an array
        self.curvatures = place.curvatures
        self.slopes = np.array([[float(s.gradient[n]) for n in self.names] for s in descent.steps])
        first = -self.slopes[0]
        signs = np.where(place.axes @ first < 0, -1.0, 1.0)
        self.axes: np.ndarray = place.axes * signs[:, None]

    def __len__(self) -> int:
        """How many steps were made."""
        return len(self.descent.steps) - 1

    def term(self, axis: int, step: int, of: int) -> float:
        """What the slope at state ``of`` adds to the update of ``step``, along an axis."""
        if not (0 <= axis < len(self.axes) and 0 <= of <= step < len(self)):
            raise EngineError(f"There is no term {of} of step {step} along axis {axis}.")
        return float(-self.rate * self.momentum ** (step - of) * (self.slopes[of] @ self.axes[axis]))

    def terms(self, axis: int, step: int) -> list[float]:
        """All terms of a step along an axis, the oldest first."""
        return [self.term(axis, step, of) for of in range(step + 1)]

    def total(self, axis: int, step: int) -> float:
        """The update of a step along an axis, as the run made it."""
        self.term(axis, step, 0)
        update = self.descent.steps[step].update
        return float(np.array([float(update[n]) for n in self.names]) @ self.axes[axis])

    def size(self, axis: int, step: int) -> float:
        """How large the update would be if all its terms pointed one way."""
        return float(sum(abs(t) for t in self.terms(axis, step)))

    def share(self, axis: int, step: int) -> float:
        """What is left of the terms after they have cancelled, 0 to 1."""
        size = self.size(axis, step)
        return abs(self.total(axis, step)) / size if size else 0.0

    def quantity(self, what: str, axis: int = 0, step: int = 0, of: int = 0) -> Quantity:
        """A number that may be shown: "term", "total", "size", "share", "curvature" (of an axis), "momentum", "rate"."""
        if what in ("momentum", "rate"):
            return Quantity("momentum", what, getattr(self, what))
        if what == "curvature" and 0 <= axis < len(self.curvatures):
            return Quantity("momentum", f"curvature/{axis}", float(self.curvatures[axis]))
        if what == "term":
            return Quantity("momentum", f"term/{axis}/{step}/{of}", self.term(axis, step, of))
        if what in ("total", "size", "share"):
            return Quantity("momentum", f"{what}/{axis}/{step}", float(getattr(self, what)(axis, step)))
        raise EngineError(f"A momentum has no {what!r}.")

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``term/1/6/2``, ``share/0/6``."""
        what, *rest = key.split("/")
        return self.quantity(what, *map(int, rest)).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "momentum", "descent": self.descent.describe()}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> MomentumParts:
        return cls(Descent.rebuild(description["descent"]))

    def __repr__(self) -> str:
        return f"<momentum of {self.descent!r} along {len(self.axes)} axes>"


__all__ = ["MomentumParts"]
