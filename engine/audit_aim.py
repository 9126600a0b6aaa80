"""Audit of an aim: the law of cosines, on slopes that are computed again."""

from __future__ import annotations

import mpmath  # type: ignore[import-untyped]

from .aim import Aim
from .audit import EPSILON, Audit, TraceAudit
from .errors import EngineError


class AimAudit:
    """Audits the angle of an aim."""

    def __init__(self, aim: Aim):
        self.aim = aim
        self.trace = aim.function.trace(aim.at)

    def __call__(self, key: str) -> Audit:
        if key != "angle":
            raise EngineError(f"{key!r} is no key of an aim.")
        aim, check = self.aim, TraceAudit(self.trace)
        slopes = [check(f"adjoint/{self.trace.inputs[aim.function.inputs.index(name)].index}") for name in aim.goal]
        with mpmath.workdps(50):
            down = [-mpmath.mpf(s.value) for s in slopes]
            way = [mpmath.mpf(aim.goal[name]) - mpmath.mpf(float(aim.at[name])) for name in aim.goal]
            a, b = (mpmath.sqrt(sum(v * v for v in of)) for of in (down, way))
            third = sum((p / a - q / b) ** 2 for p, q in zip(down, way, strict=True))  # opposite to the angle, squared
            angle = mpmath.degrees(mpmath.acos(max(-1, min(1, (2 - third) / 2))))
            loose = mpmath.degrees(sum(s.tolerance for s in slopes) / a)
        return Audit(float(angle), slopes[0].how, float(loose) + 1e4 * EPSILON)


__all__ = ["AimAudit"]
