"""Audit of momentum's parts: axes from second differences with 50 digits, slopes and updates from the audit of the run."""

from __future__ import annotations

import functools

import mpmath  # type: ignore[import-untyped]

from .audit import DIFFERENCES, EPSILON, GIVEN, Audit, DescentAudit, StationaryAudit
from .errors import EngineError
from .momentum import MomentumParts
from .stationary import Stationary


class MomentumAudit:
    """Audits the keys of a momentum's parts. A total is the run's own update, not the sum of the terms."""

    def __init__(self, parts: MomentumParts):
        self.parts = parts
        self.run = DescentAudit(parts.descent)
        self.place = StationaryAudit(Stationary(parts.descent.function, parts.descent.steps[0].point, parts.names))

    @functools.cached_property
    def bends(self) -> tuple[list[mpmath.mpf], list[list[mpmath.mpf]]]:
        """Curvatures, ascending, and the axis of each."""
        with mpmath.workdps(50):
            roots, columns = mpmath.eigsy(self.place.matrix())
            order = sorted(range(len(roots)), key=lambda k: roots[k])
            axes = []
            for k in order:
                axis = [columns[i, k] for i in range(len(roots))]
                first = -sum(a * self._slope(n, 0) for a, n in zip(axis, self.parts.names, strict=True))
                axes.append([-a for a in axis] if first < 0 else axis)
            return [roots[k] for k in order], axes

    def _slope(self, name: str, state: int) -> mpmath.mpf:
        return mpmath.mpf(self.run(f"gradient/{name}/{state}").value)

    def _along(self, axis: int, state: int) -> mpmath.mpf:
        return sum(a * self._slope(n, state) for a, n in zip(self.bends[1][axis], self.parts.names, strict=True))

    def _term(self, axis: int, step: int, of: int) -> mpmath.mpf:
        return -mpmath.mpf(self.parts.rate) * mpmath.mpf(self.parts.momentum) ** (step - of) * self._along(axis, of)

    def __call__(self, key: str) -> Audit:
        what, *rest = key.split("/")
        place = list(map(int, rest))
        if what in ("momentum", "rate"):
            return Audit(float(getattr(self.parts, what)), GIVEN, 0.0)
        loose = 1e-9 * max(abs(float(self._along(k, 0))) for k in range(len(self.parts.axes))) + 64 * EPSILON
        if what == "curvature" and len(place) == 1:
            return Audit(float(self.bends[0][place[0]]), DIFFERENCES, 1e-9 * float(max(map(abs, self.bends[0]))))
        if what == "term" and len(place) == 3:
            return Audit(float(self._term(*place)), DIFFERENCES, loose)
        if what in ("total", "size", "share") and len(place) == 2:
            axis, step = place
            update = [mpmath.mpf(self.run(f"update/{n}/{step}").value) for n in self.parts.names]
            total = sum(a * u for a, u in zip(self.bends[1][axis], update, strict=True))
            size = sum(abs(self._term(axis, step, of)) for of in range(step + 1))
            value = {"total": total, "size": size, "share": abs(total) / size if size else mpmath.mpf(0)}[what]
            return Audit(float(value), DIFFERENCES, loose * (1 / float(size) if what == "share" and size else 1.0))
        raise EngineError(f"{key!r} is no key of a momentum.")


__all__ = ["MomentumAudit"]
