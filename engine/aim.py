"""Aim: how far the steepest way down points away from a goal, as an angle among the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .errors import EngineError
from .function import Function, jsonable
from .quantity import Quantity


class Aim:
    """The angle between the steepest descent at a point and the straight way to a goal, in degrees, by all inputs of a function
    or by those that ``goal`` names.

    >>> round(Aim("x**2 + 9*y**2", {"x": 3.0, "y": 1.0}, {"x": 0.0, "y": 0.0}).angle, 1)
    53.1

    Raises EngineError where there is no slope, where the goal is the point itself, and for inputs that are arrays.
    """

    def __init__(self, function: Any, at: Mapping[str, Any], goal: Mapping[str, float]):
        self.function = Function.of(function)
        self.at = self.function.complete(at)
        self.goal = {name: float(value) for name, value in goal.items()}
        strange = [name for name in self.goal if name not in self.at]
        if strange or not self.goal:
            raise EngineError(f"A goal names inputs of the function: {', '.join(self.at)}.")
        gradient = self.function.value_and_gradient(self.at)[1]
        try:
            self.down = {name: -float(gradient[name]) for name in self.goal}
            self.way = {name: self.goal[name] - float(self.at[name]) for name in self.goal}
        except TypeError:
            raise EngineError("An aim is among inputs that are single numbers.") from None
        steep, far = math.hypot(*self.down.values()), math.hypot(*self.way.values())
        if not (math.isfinite(steep) and steep > 0):
            raise EngineError("There is no slope here, so no way is the steepest.")
        if not far > 0:
            raise EngineError("The goal is the point itself, so no way leads there.")
        d, w = ([v / size for v in of.values()] for of, size in ((self.down, steep), (self.way, far)))
        apart, together = ([a + sign * b for a, b in zip(d, w, strict=True)] for sign in (-1.0, 1.0))
        self.angle = math.degrees(2 * math.atan2(math.hypot(*apart), math.hypot(*together)))  # exact for small angles too

    def quantity(self, what: str = "angle") -> Quantity:
        """The angle as a number that may be shown."""
        if what != "angle":
            raise EngineError(f"An aim has no {what!r}.")
        return Quantity("aim", "angle", self.angle)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "aim", "function": self.function.describe(), "at": jsonable(self.at), "goal": dict(self.goal)}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Aim:
        return cls(Function.rebuild(description["function"]), description["at"], description["goal"])

    def __repr__(self) -> str:
        return f"<aim of {self.function.name}, {self.angle:.1f} degrees>"


__all__ = ["Aim"]
