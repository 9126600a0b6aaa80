"""Descent: the log of walking downhill by gradients, with plain steps, momentum, or Adam.

The rules are those of ``torch.optim`` (SGD, SGD with momentum, Adam with its default betas and epsilon):
    plain     x ← x − rate·g
    momentum  v ← μ·v + g (v = g at the start),  x ← x − rate·v
    adam      m ← 0.9m + 0.1g,  s ← 0.999s + 0.001g²,  x ← x − rate·(m/(1−0.9ᵏ)) / (√(s/(1−0.999ᵏ)) + 1e-8)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, as_point_value, jsonable
from .quantity import Quantity
from .transforms import is_finite

OPTIMIZERS = ("plain", "momentum", "adam")
RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6)


@dataclass(frozen=True)
class DescentState:
    """Where the descent stands at step ``index``: the point, its loss and gradient, and the update that is
    added
    to the point next (empty at the last state)."""

    index: int
    point: dict[str, Any]
    loss: float
    gradient: dict[str, Any]
    update: dict[str, Any] = field(default_factory=dict)


class Descent:
    """The log of a run. Make one with ``Descent.run``.

    >>> log = Descent.run("(x - 3)**2", {"x": 0.0}, rate=0.1, steps=2)
    >>> [round(state.point["x"], 3) for state in log.steps]
    [0.0, 0.6, 1.08]
    """

    def __init__(
        self, function: Function, start: dict[str, Any], optimizer: str, rate: float, rate_how: str,
        steps: int,
        momentum: float, states: list[DescentState], diverged: bool,
    ):  # fmt: skip
        self.function = function
        self.start = start
        self.optimizer = optimizer
        self.rate = rate
        self.rate_how = rate_how
        self.asked = steps
        self.momentum = momentum
        self.steps = states
        self.diverged = diverged

    @classmethod
    def run(
        cls, function: Any, start: Mapping[str, Any], *, optimizer: str = "plain", rate: float | None = None,
        steps: int = 60, momentum: float = 0.9,
    ) -> Descent:  # fmt: skip
        """Walk ``steps`` steps from ``start``. Without a rate, the best of a fixed list is found by trying
        them.

        The log has steps + 1 states, fewer if the values left the range of numbers (``diverged``). A loss
        more than
        a million times the first one counts as divergence too.
        """
        function = Function.of(function)
        if optimizer not in OPTIMIZERS:
            raise EngineError(f"There is no optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}.")
        if not isinstance(steps, int) or not 1 <= steps <= 1_000_000:
            raise EngineError(f"The number of steps must be a whole number from 1 on, not {steps!r}.")
        if rate is not None and not (np.isfinite(rate) and rate > 0):
            raise EngineError(f"The rate must be a positive number, not {rate!r}.")
        if not 0 <= momentum < 1:
            raise EngineError(f"The momentum must lie between 0 and 1 (1 excluded), not {momentum!r}.")
        point = function.complete(start)
        function.trace(point)  # a start without value or slope is the user's mistake, not a divergence
        how = "given"
        if rate is None:
            rate, how = _search(function, point, optimizer, steps, momentum)
        states, diverged = _walk(function, point, optimizer, float(rate), steps, momentum)
        return cls(function, point, optimizer, float(rate), how, steps, momentum, states, diverged)

    @property
    def losses(self) -> list[float]:
        return [state.loss for state in self.steps]

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``loss/4``, ``point/x/4``, ``rate``."""
        what, _, index = key.rpartition("/")
        return self.quantity(key).value if not what else self.quantity(what, int(index)).value

    def quantity(self, what: str, index: int = 0, element: tuple[int, ...] | None = None) -> Quantity:
        """A number of the log: "loss", "point/x", "gradient/x", "update/x" at a state; "rate"; "steps"
        (taken)."""
        if what == "rate":
            return Quantity("descent", "rate", self.rate)
        if what == "steps":
            return Quantity("descent", "steps", float(len(self.steps) - 1))
        if not -len(self.steps) <= index < len(self.steps):
            raise EngineError(f"The descent has no state {index}; it has {len(self.steps)}.")
        state = self.steps[index % len(self.steps)]
        if what == "loss":
            return Quantity("descent", f"loss/{state.index}", state.loss)
        kind, _, name = what.partition("/")
        table = {"point": state.point, "gradient": state.gradient, "update": state.update}.get(kind)
        if table is None or name not in table:
            raise EngineError(f"The descent has no {what!r} at state {state.index}.")
        from .trace import _element

        value, suffix = _element(table[name], element, f"the {kind} of {name}")
        return Quantity("descent", f"{kind}/{name}{suffix}/{state.index}", value)

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "descent", "function": self.function.describe(), "start": jsonable(self.start),
            "optimizer": self.optimizer, "rate": self.rate, "rate_how": self.rate_how, "steps": self.asked,
            "momentum": self.momentum,
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Descent:
        log = cls.run(
            Function.rebuild(description["function"]), description["start"],
            optimizer=description["optimizer"],
            rate=description["rate"], steps=description["steps"], momentum=description["momentum"],
        )  # fmt: skip
        log.rate_how = description["rate_how"]
        return log

    def __repr__(self) -> str:
        return f"<descent on {self.function.name}, {len(self.steps) - 1} steps of {self.optimizer}>"


class _Rule:
    """One optimizer with its memory."""

    def __init__(self, optimizer: str, rate: float, momentum: float):
        self.optimizer, self.rate, self.momentum = optimizer, rate, momentum
        self.first: dict[str, Any] = {}
        self.second: dict[str, Any] = {}
        self.count = 0

    def update(self, gradient: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        return {name: self._of(name, g) for name, g in gradient.items()}

    def _of(self, name: str, g: Any) -> Any:
        if self.optimizer == "plain":
            return -self.rate * g
        if self.optimizer == "momentum":
            v = self.momentum * self.first[name] + g if name in self.first else g
            self.first[name] = v
            return -self.rate * v
        m = 0.9 * self.first.get(name, 0.0) + 0.1 * g
        s = 0.999 * self.second.get(name, 0.0) + 0.001 * (g * g)
        self.first[name], self.second[name] = m, s
        size = np.sqrt(s) / (1.0 - 0.999**self.count) ** 0.5 + 1e-8
        step = -self.rate / (1.0 - 0.9**self.count) * (m / size)
        return step if isinstance(step, np.ndarray) else float(step)


def _walk(
    function: Function, start: dict[str, Any], optimizer: str, rate: float, steps: int, momentum: float
) -> tuple[list[DescentState], bool]:
    rule = _Rule(optimizer, rate, momentum)
    point = start
    states: list[DescentState] = []
    first = 0.0
    for index in range(steps + 1):
        try:
            loss, gradient = function.value_and_gradient(point)
        except EngineError:
            return states, True
        finite = is_finite(loss) and all(map(is_finite, gradient.values()))
        first = loss if index == 0 else first
        if not finite or abs(loss) > 1e6 * max(1.0, abs(first)):
            return states, True
        with np.errstate(all="ignore"):
            update = rule.update(gradient) if index < steps else {}
            states.append(DescentState(index, point, loss, gradient, update))
            point = {name: point[name] + update[name] for name in point} if update else point
        if not all(map(is_finite, point.values())):
            return states, True
    return states, False


def _search(function: Function, start: dict[str, Any], optimizer: str, steps: int, momentum: float) -> tuple[float, str]:
    """The rate of a fixed list whose run ends lowest; runs that diverge or end higher than they began do not
    count.
    Among runs that end nearly as low (to a twentieth of the descent) the calmest, smallest rate wins: it
    shows a path, not a zigzag."""
    tried: list[tuple[float, float]] = []
    begin = 0.0
    trial = min(steps, 60)
    for rate in RATES:
        states, diverged = _walk(function, start, optimizer, rate, trial, momentum)
        begin = states[0].loss
        if not diverged and states[-1].loss <= begin:
            tried.append((states[-1].loss, rate))
    if not tried:
        raise EngineError(f"No rate from {RATES[0]:g} down to {RATES[-1]:g} goes downhill from this start; give one yourself.")
    lowest = min(loss for loss, _ in tried)
    near = [rate for loss, rate in tried if loss <= lowest + 0.05 * abs(begin - lowest)]
    rate = min(near)
    return rate, (
        f"found by trying {len(RATES)} rates from {RATES[0]:g} down to {RATES[-1]:g} for {trial} steps each: "
        f"the smallest that ends nearly lowest"
    )


__all__ = ["Descent", "DescentState", "as_point_value"]
