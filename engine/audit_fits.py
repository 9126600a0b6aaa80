"""Second opinions on fits, forecasts, published claims and counts of parameters (see ``audit``)."""

from __future__ import annotations

import functools
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

from .audit import DIGITS, EPSILON, GIVEN, REPLAY, Audit, DescentAudit, TraceAudit, replay
from .claims import PUBLISHED, TABLE, Claims
from .errors import EngineError
from .fit import Fit
from .forecast import Forecast
from .scale import Scale

COUNTED = "counted from shapes"
NORMAL = "normal equations, 50 digits"


class FitAudit:
    """Audits the keys of a fit: the model replayed point by point in 50 digits, the descent as every descent."""

    def __init__(self, fit: Fit):
        self.fit = fit
        self.descent = DescentAudit(fit.descent)

    def __call__(self, key: str) -> Audit:
        fit = self.fit
        what, *rest = key.split("/")
        if what in ("loss", "point", "gradient", "update", "rate", "steps"):
            return self.descent(key)
        if what == "points":
            return Audit(float(len(fit.describe()["points"])), GIVEN, 0.0)
        if what == "knobs":
            return Audit(float(len(set(fit.model.inputs) - {fit.variable})), REPLAY, 0.0)
        if what == "best":
            return self.best()
        if what == "step":
            return Audit(float(fit.descent.steps[int(rest[0])].index), REPLAY, 0.0)
        if what in ("x", "y"):
            return Audit(float((fit.x if what == "x" else fit.y)[int(rest[0])]), GIVEN, 0.0)
        state = int(rest[0])
        misses = self.misses(state)
        size = max(float(max(abs(m) for m in misses)), float(np.abs(fit.y).max()), 1e-12)
        if what == "total":
            return Audit(float(sum(m * m for m in misses)), REPLAY, 1e-10 * len(misses) * size**2)
        row = int(rest[1])
        if what == "rest":
            parts = self.parts(misses, int(rest[2]))
            order = sorted(range(len(misses)), key=lambda k: -abs(misses[k]))
            return Audit(float(sum(parts[k] for k in order[row:])), REPLAY, 1e-12)
        if what == "part":
            return Audit(float(self.parts(misses, int(rest[2]))[row]), REPLAY, 1e-12)
        miss = misses[row]
        value = {
            "prediction": miss + mpmath.mpf(float(fit.y[row])), "miss": miss, "size": abs(miss), "square": miss * miss,
            "share": miss * miss / len(misses),
        }.get(what)  # fmt: skip
        if value is None:
            raise EngineError(f"{key!r} is no key of a fit.")
        return Audit(float(value), REPLAY, 1e-10 * max(size, size**2))

    @functools.cache  # noqa: B019
    def misses(self, state: int) -> list[Any]:
        return self.at(self.fit.point(state))

    def at(self, knobs: dict[str, float]) -> list[Any]:
        """Prediction − measurement at every point, with 50 digits."""
        fit = self.fit
        with mpmath.workdps(50):
            found = []
            for x, y in zip(fit.x, fit.y, strict=True):
                trace = fit.model.trace({**knobs, fit.variable: float(x)})
                found.append(replay(trace, DIGITS, {})[trace.output.index] - mpmath.mpf(float(y)))
        return found

    def parts(self, misses: list[Any], decimals: int) -> list[Decimal]:
        """Largest remainder, in decimal arithmetic."""
        unit = Decimal(1).scaleb(-decimals)
        shares = [Decimal(mpmath.nstr(m * m / len(misses), 30)) for m in misses]
        floors = [s.quantize(unit, ROUND_FLOOR) for s in shares]
        missing = int((sum(shares, Decimal(0)).quantize(unit) - sum(floors, Decimal(0))) / unit)
        for k in sorted(range(len(shares)), key=lambda k: floors[k] - shares[k])[: max(missing, 0)]:
            floors[k] += unit
        return floors

    def best(self) -> Audit:
        fit = self.fit
        with mpmath.workdps(50):
            zero = dict.fromkeys(fit.knobs, 0.0)
            base = self.at(zero)
            columns = [[a - b for a, b in zip(self.at({**zero, n: 1.0}), base, strict=True)] for n in fit.knobs]
            normal = mpmath.matrix([[sum(p * q for p, q in zip(a, b, strict=True)) for b in columns] for a in columns])
            right = mpmath.matrix([-sum(p * q for p, q in zip(a, base, strict=True)) for a in columns])
            try:
                knobs = mpmath.lu_solve(normal, right)
            except ZeroDivisionError:  # more knobs than the points can tell apart: many settings are best
                return Audit(float(fit.best_loss or 0.0), REPLAY, 0.0)
            rest = [b + sum(knobs[k] * c[i] for k, c in enumerate(columns)) for i, b in enumerate(base)]
            value = float(sum(r * r for r in rest) / len(rest))
        return Audit(value, NORMAL, 1e-9 * max(float(np.mean(fit.y**2)), 1e-12))


class ForecastAudit:
    """Audits the keys of a forecast: slopes by sympy or differences, the loss after the turn replayed."""

    def __init__(self, forecast: Forecast):
        self.forecast = forecast
        self.check = TraceAudit(forecast.trace)

    def slope(self, name: str) -> tuple[float, str]:
        step = self.check.trace.inputs[self.forecast.function.inputs.index(name)]
        value, how = self.check.adjoint(step, None)
        return float(value), how

    def turn(self, name: str) -> float:
        asked, rate = self.forecast.asked, self.forecast.rate
        return asked.get(name, 0.0) if asked is not None else -float(rate or 0.0) * self.slope(name)[0]

    @functools.cached_property
    def after(self) -> tuple[float, float]:
        trace = self.forecast.function.trace(self.forecast.moved)
        again = TraceAudit(trace)
        value = float(again.value(trace.output, None)[0])
        return value, again.tolerance(value, "value")

    def __call__(self, key: str) -> Audit:
        kind, _, name = key.partition("/")
        names = list(self.forecast.at)
        if name:
            slope, how = self.slope(name)
            start = self.forecast.at[name]
            value = {
                "slope": slope, "turn": self.turn(name), "from": start, "to": start + self.turn(name),
                "term": slope * self.turn(name),
            }[kind]  # fmt: skip
            return Audit(value, GIVEN if kind == "from" else how, 1e-9 * max(abs(value), abs(start), 1e-9))
        if kind == "knobs":
            return Audit(float(len(self.forecast.function.inputs)), REPLAY, 0.0)
        if kind == "rate":
            return Audit(float(self.forecast.rate or 0.0), GIVEN, 0.0)
        terms = [self.slope(n)[0] * self.turn(n) for n in names]
        size = 1e-9 * max([*map(abs, terms), 1e-12])
        if kind in ("forecast", "size"):
            value = sum(terms) if kind == "forecast" else sum(self.slope(n)[0] ** 2 for n in names)
            return Audit(value, self.slope(names[0])[1], 1e-9 * max(abs(value), size))
        before = float(self.check.value(self.check.trace.output, None)[0])
        sure = self.check.tolerance(before, "value")
        after, sure_after = self.after
        value = {"before": before, "after": after, "change": after - before, "promised": before + sum(terms)}[kind]
        return Audit(value, REPLAY, sure + sure_after + size + 4 * EPSILON * abs(before))


class ClaimsAudit:
    """Audits the keys of claims: a published count against our own count of its layers, a year against its source's text."""

    def __init__(self, claims: Claims):
        self.claims = claims

    def __call__(self, key: str) -> Audit:
        if key in TABLE:
            value = TABLE[key].value
            model = next((m for m in PUBLISHED.values() if m.claim == key), None)
            if model is not None:  # rounded as it was published: to the last digit that its value has
                counted = float(sum(_shapes(model.table())))
                unit = 1e9 if key == "gpt-3" else 1.0
                return Audit(float(round(counted / unit)), COUNTED, 0.0)
            return Audit(value, GIVEN, 0.0)
        return Audit(self.claims.lookup(key), GIVEN, 0.0)


class ScaleAudit:
    """Audits the keys of a scale: every tensor's elements counted one shape after the other."""

    def __init__(self, scale: Scale):
        self.scale = scale

    def __call__(self, key: str) -> Audit:
        what, _, number = key.partition("/")
        k = int(number or 0)
        counts = [sum(_shapes(level.table)) for level in self.scale.levels]
        count = counts[k]
        with mpmath.workdps(30):
            many, before = mpmath.mpf(count), counts[max(k - 1, 0)]
            value = {
                "count": many, "millimetres": mpmath.sqrt(many), "side": mpmath.sqrt(many) / 1000, "area": many / 10**6,
                "times": many / before, "about": _three_digits(many / before),
                "pitches": _three_digits(many / 10**6 / (105 * 68)), "billions": many / 10**9, "millions": many / 10**6,
            }[what]  # fmt: skip
        return Audit(float(value), COUNTED, 4 * EPSILON * float(value))


def _three_digits(value: Any) -> Any:
    unit = mpmath.mpf(10) ** (mpmath.floor(mpmath.log10(value)) - 2)
    return mpmath.nint(value / unit) * unit


def _shapes(table: Any) -> list[int]:
    """The elements of every tensor of a table, as often as it occurs."""
    sizes = []
    for row in table:
        for shape in row.shapes:
            size = 1
            for n in shape:
                size *= n
            sizes += [size] * row.times
    return sizes
