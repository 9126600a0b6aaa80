"""Schedules: the learning rate as a function of the step, counted from 0. Plain values that can be called and printed.

Those with a peer in ``torch.optim.lr_scheduler`` give the same rates; a ``factor`` here may be a rate itself.

>>> rate = Cosine(0.1, 100)
>>> rate
Cosine(peak=0.1, steps=100, floor=0.0)
>>> rate(0), rate(50), rate(100)
(0.1, 0.05, 0.0)
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EngineError


class Schedule:
    """The common part: a frozen dataclass whose call gives the rate of a step."""

    def __call__(self, step: int) -> float:
        raise NotImplementedError

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, (Schedule, str)):
                continue
            title = f"{field.name} of {type(self).__name__}"
            if field.name in ("steps", "every"):
                if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
                    raise EngineError(f"{title} is a whole number from 1 on, not {value!r}.")
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < math.inf:
                raise EngineError(f"{title} is a number from 0 on, not {value!r}.")

    def describe(self) -> dict[str, Any]:
        """The schedule as JSON: its name and options."""
        options = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        options = {k: v.describe() if isinstance(v, Schedule) else v for k, v in options.items()}
        return {"name": type(self).__name__, **options}


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate at every step."""

    rate: float

    def __call__(self, step: int) -> float:
        return self.rate


@dataclass(frozen=True)
class Step(Schedule):
    """peak x factor^(number of whole ``every`` steps so far); torch's StepLR."""

    peak: float
    every: int
    factor: float = 0.1

    def __call__(self, step: int) -> float:
        return self.peak * self.factor ** (step // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """peak x factor^step; torch's ExponentialLR."""

    peak: float
    factor: float

    def __call__(self, step: int) -> float:
        return self.peak * self.factor**step


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from ``peak`` down to ``floor`` in ``steps`` steps, then the floor. Loshchilov & Hutter 2017.

    Up to ``steps`` the rates are those of torch's CosineAnnealingLR, which climbs again afterwards.
    """

    peak: float
    steps: int
    floor: float = 0.0

    def __call__(self, step: int) -> float:
        share = 0.5 * (1.0 + math.cos(math.pi * min(step, self.steps) / self.steps))
        return self.floor + (self.peak - self.floor) * share


@dataclass(frozen=True)
class WarmUp(Schedule):
    """A straight rise from ``first`` x the rate to the rate itself in ``steps`` steps; torch's LinearLR.

    The rate is a number or another schedule, which starts to count when the rise ends.

    >>> [WarmUp(1.0, 4, first=0.0)(step) for step in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """

    peak: float | Schedule
    steps: int
    first: float = 1.0 / 3.0

    def __call__(self, step: int) -> float:
        late = step >= self.steps
        if isinstance(self.peak, Schedule):
            peak = self.peak(step - self.steps if late else 0)
        else:
            peak = self.peak
        return peak if late else peak * (self.first + (1.0 - self.first) * step / self.steps)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from peak/``divide`` to ``peak`` in the first ``rise`` of all steps, then down far below the start, on half cosines.

    Smith & Topin 2018 in the form of torch's OneCycleLR (its ``pct_start``, ``div_factor``, ``final_div_factor``);
    ``shape="linear"`` takes straight lines. After the last step the rate stays.
    """

    peak: float
    steps: int
    rise: float = 0.3
    divide: float = 25.0
    divide_last: float = 1e4
    shape: str = "cos"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape not in ("cos", "linear"):
            raise EngineError(f"shape of OneCycle is 'cos' or 'linear', not {self.shape!r}.")
        if self.rise > 1 or not self.divide or not self.divide_last:
            raise EngineError("OneCycle needs a rise from 0 to 1 and divisors above 0.")

    def __call__(self, step: int) -> float:
        first = self.peak / self.divide
        top = self.rise * self.steps - 1.0
        last = self.steps - 1.0
        step = min(step, self.steps - 1)
        if step <= top:
            return self._between(first, self.peak, step / top if top else 1.0)
        return self._between(self.peak, first / self.divide_last, (step - top) / (last - top) if last > top else 1.0)

    def _between(self, a: float, b: float, share: float) -> float:
        if self.shape == "linear":
            return a + (b - a) * share
        return b + 0.5 * (a - b) * (1.0 + math.cos(math.pi * share))


@dataclass(frozen=True)
class InverseTime(Schedule):
    """peak / (1 + decay x step): slow enough to arrive anywhere, fast enough to settle (Robbins & Monro 1951)."""

    peak: float
    decay: float

    def __call__(self, step: int) -> float:
        return self.peak / (1.0 + self.decay * step)


SCHEDULES = {kind.__name__: kind for kind in (Constant, Step, Exponential, Cosine, WarmUp, OneCycle, InverseTime)}


def schedule(which: Any) -> Callable[[int], float]:
    """A schedule from a schedule, a number, or any function step -> rate."""
    if isinstance(which, (int, float)) and not isinstance(which, bool):
        return Constant(float(which))
    if callable(which):
        return which
    raise EngineError(f"A schedule is a number or a function from the step to the rate, not {which!r}.")


def rebuild(description: Mapping[str, Any]) -> Schedule:
    """The schedule of a description.

    >>> rebuild(WarmUp(Cosine(0.1, 50), 5).describe()) == WarmUp(Cosine(0.1, 50), 5)
    True
    """
    options: dict[str, Any] = {k: rebuild(v) if isinstance(v, Mapping) else v for k, v in description.items() if k != "name"}
    if description.get("name") not in SCHEDULES:
        raise EngineError(f"There is no schedule {description.get('name')!r}; there are {', '.join(SCHEDULES)}.")
    return SCHEDULES[description["name"]](**options)


__all__ = [
    "SCHEDULES", "Constant", "Cosine", "Exponential", "InverseTime", "OneCycle", "Schedule", "Step", "WarmUp", "rebuild",
    "schedule",
]  # fmt: skip
