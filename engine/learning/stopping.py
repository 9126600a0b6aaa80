"""When a training may end early: rules that look at the run after every epoch and give a sentence, or nothing."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import EngineError

if TYPE_CHECKING:
    from .training import Training


def _series(run: Training, of: str) -> list[float]:
    if of == "loss":
        return run.epoch_losses
    if of not in run.measured:
        raise EngineError(f"There is no measure {of!r} to stop by; there are {', '.join(('loss', *run.measured))}.")
    return run.measured[of]


@dataclass(frozen=True)
class Plateau:
    """Ends when ``patience`` epochs have brought less than ``tolerance`` (relative) over the best before.

    ``of`` is "loss" or the name of a measure; ``largest`` says that more is better, as for an accuracy.
    """

    patience: int = 10
    tolerance: float = 1e-4
    of: str = "loss"
    largest: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.patience, int) or self.patience < 1:
            raise EngineError(f"patience of Plateau is a whole number from 1 on, not {self.patience!r}.")
        if not 0 <= self.tolerance < math.inf:
            raise EngineError(f"tolerance of Plateau is a number from 0 on, not {self.tolerance!r}.")

    def __call__(self, run: Training) -> str | None:
        values = _series(run, self.of)
        if len(values) <= self.patience:
            return None
        sign = -1.0 if self.largest else 1.0
        best = min(sign * v for v in values[: -self.patience])
        if min(sign * v for v in values[-self.patience :]) < best - self.tolerance * abs(best):
            return None
        return f"The {self.of} stood still for {self.patience} epochs at {abs(best):.6g}."

    def describe(self) -> dict[str, Any]:
        return {"name": "Plateau", **dataclasses.asdict(self)}


@dataclass(frozen=True)
class Reached:
    """Ends when the loss (or a measure ``of``) has come down to ``value``; with ``largest`` when it has come up to it."""

    value: float
    of: str = "loss"
    largest: bool = False

    def __call__(self, run: Training) -> str | None:
        values = _series(run, self.of)
        if not values or (values[-1] < self.value if self.largest else values[-1] > self.value):
            return None
        return f"The {self.of} reached {values[-1]:.6g}."

    def describe(self) -> dict[str, Any]:
        return {"name": "Reached", **dataclasses.asdict(self)}


def rebuild(description: Mapping[str, Any]) -> Plateau | Reached:
    """The rule of a description."""
    kind: Any = {"Plateau": Plateau, "Reached": Reached}[description["name"]]
    return kind(**{k: v for k, v in description.items() if k != "name"})


__all__ = ["Plateau", "Reached", "rebuild"]
