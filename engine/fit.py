"""A curve fitted to a table of points: the model's knobs, its misses, their squares, and the descent on their mean.

>>> line = Fit("k0 + k1*x", [(0.0, 1.0), (1.0, 3.0), (2.0, 4.0)], {"k0": 0.0, "k1": 0.0}, rate=0.1, steps=50)
>>> line.knobs, round(line.loss(0), 3), round(line.best_loss, 3)
(('k0', 'k1'), 8.667, 0.056)
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .descent import Descent
from .errors import EngineError
from .function import Function
from .quantity import Quantity

MOST_POINTS = 500
MOST_KNOBS = 12
BUILT_IN = "k0 + k1*x + k2*x**2 + k3*x**3 + k4*x**4 + k5*x**5"


class Fit:
    """The mean squared miss of a model over points, as a function of its knobs, and a descent on it.

    ``model`` is a text such as "a*sin(w*x)" or a function with an input named ``variable``; every other input is a knob.
    ``points`` has shape (n, 2). ``start`` gives knobs that are missing the first of a few tried values with a finite loss.

    Misses are prediction − measurement. State k of the descent is the knobs after k steps.
    """

    def __init__(
        self, model: Any, points: Any, start: Mapping[str, float] | None = None, *, optimizer: str = "plain",
        rate: float | None = None, steps: int = 120, variable: str = "x",
    ):  # fmt: skip
        self.model = Function.of(model)
        self.variable = variable
        table = np.asarray(points, float)
        if table.ndim != 2 or table.shape[1] != 2 or not len(table):
            raise EngineError("The points of a fit are pairs of a place and a measurement, at least one.")
        if len(table) > MOST_POINTS:
            raise EngineError(f"A fit takes up to {MOST_POINTS} points, not {len(table)}; give every n-th row of the table.")
        if not np.isfinite(table).all():
            raise EngineError("The points of a fit are finite numbers.")
        self.x, self.y = table[:, 0].copy(), table[:, 1].copy()
        self.knobs = tuple(n for n in self.model.inputs if n != variable)
        if not self.knobs:
            raise EngineError(f"{self.model.title} has no knob: every name in it but {variable} is one.")
        if variable not in self.model.inputs:
            raise EngineError(f"{self.model.title} does not use {variable}, the place of a point.")
        if len(self.knobs) > MOST_KNOBS:
            raise EngineError(f"{self.model.title} has {len(self.knobs)} knobs; a fit takes up to {MOST_KNOBS}.")
        self.function = Function.of(_mean_square(self))
        self.descent = Descent.run(self.function, self._start(start or {}), optimizer=optimizer, rate=rate, steps=steps)

    def __len__(self) -> int:
        return len(self.x)

    def _start(self, given: Mapping[str, float]) -> dict[str, float]:
        unknown = [n for n in given if n not in self.knobs]
        if unknown:
            raise EngineError(f"{self.model.title} has no knob {', '.join(unknown)}; it has {', '.join(self.knobs)}.")
        if all(n in given or n in self.model.defaults for n in self.knobs):
            return {n: float(given.get(n, self.model.defaults.get(n, 0.0))) for n in self.knobs}
        tried: list[tuple[float, dict[str, float]]] = []
        for values in ((0.5, -0.3, 0.2, 0.4), (1.0, 1.0, 1.0, 1.0), (0.1, 0.1, 0.1, 0.1), (2.0, 0.5, 0.5, 0.5)):
            point = {n: float(values[k % 4]) for k, n in enumerate(self.knobs)}
            point |= {n: float(v) for n, v in {**self.model.defaults, **given}.items() if n in self.knobs}
            try:
                loss, slopes = self.function.value_and_gradient(point)
            except EngineError:
                continue
            if math.isfinite(loss) and all(map(math.isfinite, slopes.values())) and any(slopes.values()):
                tried.append((loss, point))
        if not tried:
            raise EngineError(f"No start was found where {self.model.title} has a finite loss; give one for each knob.")
        return min(tried, key=lambda pair: pair[0])[1]

    # -- numbers ---------------------------------------------------------------------------------------------------
    def point(self, state: int) -> dict[str, float]:
        """The knobs at a state of the descent."""
        return {n: float(v) for n, v in self.descent.steps[state].point.items()}

    def curve(self, x: Any, knobs: Mapping[str, float]) -> np.ndarray:
        """The model at places x, shape (n,); not finite where it has no value."""
        with np.errstate(all="ignore"):
            try:
                return np.asarray(self.model.grid({self.variable: np.asarray(x, float)}, fixed=dict(knobs)), float).ravel()
            except EngineError:
                return np.full(np.shape(x), np.nan)

    def misses(self, knobs: Mapping[str, float]) -> np.ndarray:
        """Prediction − measurement at every point, shape (n,)."""
        return self.curve(self.x, knobs) - self.y

    def loss(self, state: int) -> float:
        """The mean of the squared misses at a state."""
        return float(self.descent.steps[state].loss)

    def shares(self, state: int) -> np.ndarray:
        """What each point adds to the loss, squared miss / n, shape (n,)."""
        return self.misses(self.point(state)) ** 2 / len(self)

    def largest(self, state: int) -> list[int]:
        """The points by the size of their misses, the largest first."""
        return list(map(int, np.argsort(-self.shares(state), kind="stable")))

    @functools.cached_property
    def best(self) -> dict[str, float] | None:
        """The knobs with the least loss, by linear least squares; None where the curve is not linear in its knobs."""
        base, columns = _straight(self)
        if columns is None:
            return None
        found = np.linalg.lstsq(columns, self.y - base, rcond=None)[0]
        return dict(zip(self.knobs, map(float, found), strict=True))

    @property
    def best_loss(self) -> float | None:
        """The least loss that the model can have, where that is known; 0 where all points are met but for rounding."""
        if self.best is None:
            return None
        misses = self.misses(self.best)
        noise = 1e3 * np.finfo(float).eps * max(float(np.abs(self.y).max()), 1e-300)
        return 0.0 if float(np.abs(misses).max()) <= noise else float(np.mean(misses**2))

    # -- numbers that may be shown ---------------------------------------------------------------------------------
    def quantity(self, what: str, state: int = 0, row: int = 0, decimals: int = 3) -> Quantity:
        """One number by its kind.

        "points", "knobs", "best", "step/12"; those of a descent ("loss", "point/k0", "gradient/k0", "update/k0", "rate",
        "steps"); at a state "total" (the sum of squares); for a row "x" and "y", and at a state "prediction", "miss", "size"
        (of the miss), "square", "share"; "part", a share rounded so that the parts add up to the rounded loss; "rest", the
        sum of all parts but the ``row`` largest.
        """
        kind = what.partition("/")[0]
        if kind in ("loss", "point", "gradient", "update", "rate", "steps"):
            found = self.descent.quantity(what, state)
            return Quantity("fit", found.key, found.value)
        if kind == "step":  # how many steps lead to a state
            self.point(int(what.partition("/")[2]))
            return Quantity("fit", what, float(what.partition("/")[2]))
        if what in ("points", "knobs"):
            return Quantity("fit", what, float(len(self) if what == "points" else len(self.knobs)))
        if what == "best":
            if self.best_loss is None:
                raise EngineError(f"{self.model.title} is not linear in its knobs, so its best loss is not known.")
            return Quantity("fit", what, self.best_loss)
        if not 0 <= state < len(self.descent.steps) or not 0 <= row < len(self):
            raise EngineError(f"The fit has {len(self.descent.steps)} states and {len(self)} points, not {state} and {row}.")
        if what in ("x", "y"):
            return Quantity("fit", f"{what}/{row}", float((self.x if what == "x" else self.y)[row]))
        misses = self.misses(self.point(state))
        if what == "total":
            return Quantity("fit", f"total/{state}", float(np.sum(misses**2)))
        if what == "rest":
            parts = rounded_parts(self.shares(state).tolist(), decimals)
            largest = self.largest(state)[:row]
            rest = sum(part for k, part in enumerate(parts) if k not in largest)
            return Quantity("fit", f"rest/{state}/{row}/{decimals}", round(rest, decimals))
        if what == "part":
            return Quantity("fit", f"part/{state}/{row}/{decimals}", rounded_parts(self.shares(state).tolist(), decimals)[row])
        value = {
            "prediction": misses[row] + self.y[row], "miss": misses[row], "size": abs(misses[row]),
            "square": misses[row] ** 2, "share": misses[row] ** 2 / len(self),
        }.get(what)  # fmt: skip
        if value is None:
            raise EngineError(f"A fit has no {what!r}.")
        return Quantity("fit", f"{what}/{state}/{row}", float(value))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``miss/0/3``, ``point/k1/12``, ``best``."""
        what, rest = key.split("/")[0], key.split("/")[1:]
        if what in ("point", "gradient", "update"):
            return self.quantity(f"{what}/{rest[0]}", int(rest[1])).value
        if what == "step":
            return self.quantity(key).value
        if what in ("x", "y"):
            return self.quantity(what, 0, int(rest[0])).value
        return self.quantity(what, *map(int, rest)).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "fit", "model": self.model.describe(), "variable": self.variable,
            "points": np.column_stack([self.x, self.y]).tolist(), "from": self.point(0), "optimizer": self.descent.optimizer,
            "rate": self.descent.rate, "rate_how": self.descent.rate_how, "steps": self.descent.asked,
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Fit:
        fit = cls(
            Function.rebuild(description["model"]), description["points"], description["from"],
            optimizer=description["optimizer"], rate=description["rate"], steps=description["steps"],
            variable=description["variable"],
        )  # fmt: skip
        fit.descent.rate_how = description["rate_how"]
        return fit

    def __repr__(self) -> str:
        return f"<fit of {self.model.title} to {len(self)} points>"


def rounded_parts(parts: Sequence[float], decimals: int) -> list[float]:
    """Parts rounded to so many decimals such that they add up to the rounded total (largest remainder).

    >>> rounded_parts([0.333, 0.333, 0.334], 1)
    [0.3, 0.3, 0.4]
    """
    unit = 10.0**decimals
    scaled = [part * unit for part in parts]
    floors = [math.floor(s + 1e-9) for s in scaled]
    missing = round(float(f"{sum(parts):.{decimals}f}") * unit) - sum(floors)
    order = sorted(range(len(parts)), key=lambda k: floors[k] - scaled[k])
    for k in order[: max(missing, 0)]:
        floors[k] += 1
    return [round(f / unit, decimals) for f in floors]


def _mean_square(fit: Fit) -> Any:
    """The loss as a callable whose inputs are the knobs."""

    def loss(*args: Any, **kwargs: Any) -> Any:
        call = fit.model
        fixed = {**call.held, **dict(zip(fit.knobs, args, strict=False)), **kwargs, fit.variable: fit.x}
        positional, named = call._arguments(fixed)
        misses = call._call(*positional, **named) - fit.y
        return (misses * misses).mean()

    loss.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in fit.knobs]
    )
    return loss


def _straight(fit: Fit) -> tuple[np.ndarray, np.ndarray | None]:
    """The model at knobs 0 and what each knob adds, shape (n, knobs); None in place of that where it bends."""
    zero = dict.fromkeys(fit.knobs, 0.0)
    base = fit.curve(fit.x, zero)
    columns = np.column_stack([fit.curve(fit.x, {**zero, name: 1.0}) - base for name in fit.knobs])
    if not (np.isfinite(base).all() and np.isfinite(columns).all()):
        return base, None
    for seed in (0, 1):
        knobs = np.random.default_rng(seed).normal(size=len(fit.knobs)) * 3
        there, straight = fit.curve(fit.x, dict(zip(fit.knobs, knobs, strict=True))), base + columns @ knobs
        if not np.allclose(there, straight, rtol=1e-9, atol=1e-9 * (1 + np.abs(columns).max())):
            return base, None
    return base, columns


__all__ = ["BUILT_IN", "MOST_KNOBS", "MOST_POINTS", "Fit", "rounded_parts"]
