"""Stationary: what kind of place a point is – a minimum, a saddle or a maximum –, told by the signs of its curvatures.

The curvatures are the eigenvalues of the matrix of second derivatives: how the slope changes along its two axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .quantity import Quantity
from .transforms import hessian

FLAT = 1e-9  # of the larger curvature: less is none


class Stationary:
    """Slopes and curvatures of a function at a point, by some of its inputs (all by default).

    >>> place = Stationary("x**2 - y**2/2", {"x": 0.0, "y": 0.0})
    >>> place.kind, [round(float(c), 9) for c in place.curvatures]
    ('saddle', [-1.0, 2.0])
    """

    def __init__(self, function: Any, at: Mapping[str, Any], names: Sequence[str] | None = None):
        self.function = Function.of(function)
        self.at = self.function.complete(at)
        self.names = tuple(names or self.function.inputs)
        for name in self.names:
            if name not in self.at or np.ndim(self.at[name]):
                raise EngineError(f"Curvatures are by inputs that are single numbers; {name} is none.")
        gradient = self.function.value_and_gradient(self.at)[1]
        self.slopes = {name: float(gradient[name]) for name in self.names}

        def of(vector: Any) -> Any:
            return self.function._call(**{**self.function.held, **self.at, **{n: vector[k] for k, n in enumerate(self.names)}})

        with np.errstate(all="ignore"):
            matrix = np.asarray(hessian(of)(np.array([float(self.at[n]) for n in self.names])), float)
        if not np.isfinite(matrix).all():
            raise EngineError(f"{self.function.title} has no curvature at this point.")
        self.matrix = (matrix + matrix.T) / 2
        values, axes = np.linalg.eigh(self.matrix)
        self.curvatures: np.ndarray = values  # ascending
        self.axes: np.ndarray = axes.T  # a row for each curvature: its direction among the inputs

    @property
    def kind(self) -> str:
        """minimum, maximum, saddle, or flat where a curvature is zero. It says so of the bend alone: see ``slopes``."""
        floor = FLAT * float(np.abs(self.curvatures).max())
        up, down = bool((self.curvatures > floor).any()), bool((self.curvatures < -floor).any())
        if up and down:
            return "saddle"
        if bool((np.abs(self.curvatures) <= floor).any()):
            return "flat"
        return "minimum" if up else "maximum"

    def quantity(self, what: str) -> Quantity:
        """A number of the place: "curvature/0" (ascending), "slope/x"."""
        kind, _, name = what.partition("/")
        if kind == "slope" and name in self.slopes:
            return Quantity("stationary", what, self.slopes[name])
        if kind == "curvature" and name.isdigit() and int(name) < len(self.curvatures):
            return Quantity("stationary", what, float(self.curvatures[int(name)]))
        raise EngineError(f"A place has no {what!r}.")

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "stationary", "function": self.function.describe(), "at": jsonable(self.at), "names": list(self.names),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Stationary:
        return cls(Function.rebuild(description["function"]), description["at"], description["names"])

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.function.name}, curvatures {', '.join(f'{c:.3g}' for c in self.curvatures)}>"


__all__ = ["Stationary"]
