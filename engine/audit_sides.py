"""Audit of the two sides of a place: rises over runs in 50 digits, on the piece of the function that lies on that side."""

from __future__ import annotations

from typing import Any

import mpmath  # type: ignore[import-untyped]

from .audit import EPSILON, GIVEN, REPLAY, Audit, TraceAudit, _size
from .errors import EngineError
from .replay import DIGITS, replay
from .sides import SIDES, STEPS, Sides

NEAR = 24  # digits: how near the point the piece is looked at
LOOSE = 1e-7  # of a limit that the engine takes with doubles


class SidesAudit:
    """Audits the keys of sides."""

    def __init__(self, sides: Sides):
        self.sides = sides

    def piece(self, which: str) -> tuple[Any, Any, Any]:
        """The slope and the value that the piece on one side comes to, and the size of its largest intermediate."""
        sides, sign = self.sides, SIDES[which]
        near = sides.x + sign * sides.unit * STEPS[-2]
        try:
            trace = sides.function.trace({**sides.at, sides.name: near})
        except EngineError:  # it depends on no input there: a constant
            return mpmath.mpf(0), mpmath.mpf(sides._value(near)), abs(sides._value(near))
        place = trace.inputs[sides.function.inputs.index(sides.name)].index

        def value(steps: int) -> Any:
            moved = mpmath.mpf(sides.x) + steps * int(sign) * mpmath.mpf(10) ** -NEAR * mpmath.mpf(sides.unit)
            return mpmath.mpf(replay(trace, DIGITS, {place: moved})[trace.output.index])

        one, two = value(1), value(2)
        run = int(sign) * mpmath.mpf(10) ** -NEAR * mpmath.mpf(sides.unit)
        return (two - one) / run, 2 * one - two, max(_size(step.value) for step in trace.steps)

    def value_at(self, x: float) -> tuple[Any, float]:
        """The function at a place, and the size of its largest intermediate."""
        sides = self.sides
        try:
            trace = sides.function.trace({**sides.at, sides.name: x})
        except EngineError:
            flat = sides._value(x)
            return mpmath.mpf(flat), abs(flat)
        return mpmath.mpf(replay(trace, DIGITS, {})[trace.output.index]), max(_size(step.value) for step in trace.steps)

    def __call__(self, key: str) -> Audit:
        sides = self.sides
        kind, *rest = key.split("/")
        if key == "x" or kind == "delta" and len(rest) == 1 and rest[0].isdigit():
            return Audit(sides.x if key == "x" else float(f"1e-{rest[0]}"), GIVEN, 0.0)
        if key == "here":
            trace = sides.function.trace(sides.at)
            return TraceAudit(trace)(f"adjoint/{trace.inputs[sides.function.inputs.index(sides.name)].index}")
        with mpmath.workdps(50):
            if key == "value":
                found, size = self.value_at(sides.x)
                return Audit(float(found), REPLAY, 64 * EPSILON * max(size, 1e-300))
            if kind == "quotient" and len(rest) == 2 and rest[0] in SIDES:
                delta = SIDES[rest[0]] * 10.0 ** -int(rest[1])
                (moved, size), (base, other) = self.value_at(sides.x + delta), self.value_at(sides.x)
                slope = (moved - base) / mpmath.mpf(delta)
                return Audit(float(slope), REPLAY, 64 * EPSILON * (max(size, other) / abs(delta) + abs(float(slope))))
            if kind in SIDES and rest in ([], ["value"]):
                slope, value, size = self.piece(kind)
                found = value if rest else slope
                largest = abs(found)
            elif key in ("turn", "gap"):
                (a, p, size), (b, q, _) = self.piece("left"), self.piece("right")
                found = b - a if key == "turn" else q - p
                largest = max(abs(v) for v in ((a, b) if key == "turn" else (p, q)))
            else:
                raise EngineError(f"{key!r} is no key of sides.")
            return Audit(float(found), REPLAY, LOOSE * max(float(largest), 1e-3) + 64 * EPSILON * size)


__all__ = ["SidesAudit"]
