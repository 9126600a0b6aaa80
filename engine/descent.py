"""Descent: the log of walking downhill by gradients, step after step, with any optimizer of ``engine.learning``.

By name: "plain" steps against the slope, "momentum" and "nesterov" keep a running sum of slopes, "adagrad", "rmsprop",
"adadelta", "adam" and "adamw" give every knob a rate of its own, "newton" and "lbfgs" use curvature. Their rules, which
are those of ``torch.optim``, stand in ``learning/optimizers.py`` and ``learning/curvature.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import EngineError
from .function import Function, as_point_value, jsonable
from .quantity import Quantity
from .transforms import is_finite

if TYPE_CHECKING:
    from .learning.objective import Objective
    from .learning.optimizers import Optimizer

# The learning modules are imported where they are used: `import chainreel.engine` stays quick.
OPTIMIZERS = ("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "newton", "lbfgs")
KNOW_THEIR_LENGTH = ("newton", "lbfgs")  # their natural rate is 1
RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6)


@dataclass(frozen=True)
class DescentState:
    """Where the descent stands at step ``index``: the point, its loss and gradient, the update that is added to the
    point next, and what the optimizer remembers as it makes that update, such as {"velocity": {"x": 0.2}} (update and
    memory are empty at the last state)."""

    index: int
    point: dict[str, Any]
    loss: float
    gradient: dict[str, Any]
    update: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)


class Descent:
    """The log of a run. Make one with ``Descent.run``.

    >>> log = Descent.run("(x - 3)**2", {"x": 0.0}, rate=0.1, steps=2)
    >>> [round(state.point["x"], 3) for state in log.steps]
    [0.0, 0.6, 1.08]
    """

    def __init__(
        self, function: Function, start: dict[str, Any], optimizer: str, rate: float, rate_how: str, steps: int,
        momentum: float, states: list[DescentState], diverged: bool, rule: Optimizer | None = None,
    ):  # fmt: skip
        self.function = function
        self.start = start
        self.optimizer = optimizer  # its name
        self.rate = rate
        self.rate_how = rate_how
        self.asked = steps
        self.momentum = momentum
        self.steps = states
        self.diverged = diverged
        self.given = rule  # an optimizer with options of its own, where one was given instead of a name

    @classmethod
    def run(
        cls, function: Any, start: Mapping[str, Any], *, optimizer: Any = "plain", rate: float | None = None,
        steps: int = 60, momentum: float = 0.9,
    ) -> Descent:  # fmt: skip
        """Walk ``steps`` steps from ``start``. ``optimizer`` is a name of ``OPTIMIZERS`` or an optimizer, as in
        ``Adam(lr=0.1, betas=(0.8, 0.99))``; ``momentum`` is that of the names "momentum" and "nesterov".

        Without a rate, an optimizer given as such uses its own; by name, the best of a fixed list is found by trying
        them, but for "newton" and "lbfgs", whose rate is 1.

        The log has steps + 1 states, fewer if the values left the range of numbers (``diverged``). A loss more than a
        million times the first one counts as divergence too.
        """
        function = Function.of(function)
        given = None if isinstance(optimizer, str) else optimizer
        if given is None and optimizer not in OPTIMIZERS:
            raise EngineError(f"There is no optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}.")
        if not isinstance(steps, int) or not 1 <= steps <= 1_000_000:
            raise EngineError(f"The number of steps must be a whole number from 1 on, not {steps!r}.")
        if rate is not None and not (np.isfinite(rate) and rate > 0):
            raise EngineError(f"The rate must be a positive number, not {rate!r}.")
        if not 0 <= momentum < 1:
            raise EngineError(f"The momentum must lie between 0 and 1 (1 excluded), not {momentum!r}.")
        if given is not None:
            given = _rule(given, rate, momentum)
            optimizer, rate = given.name, given.lr
        point = function.complete(start)
        function.trace(point)  # a start without value or slope is the user's mistake, not a divergence
        how = "given"
        if rate is None and optimizer in KNOW_THEIR_LENGTH:
            rate, how = 1.0, "the optimizer's own"
        elif rate is None:
            rate, how = _search(function, point, optimizer, steps, momentum)
        states, diverged = _walk(function, point, given or _rule(optimizer, float(rate), momentum), steps)
        return cls(function, point, optimizer, float(rate), how, steps, momentum, states, diverged, given)

    def until(self, steps: int) -> Descent:
        """The same descent, ended after ``steps`` steps.

        >>> Descent.run("x**2", {"x": 1.0}, optimizer="adam", steps=30).until(2)
        <descent on f, 2 steps of adam>
        """
        rate = self.rate if self.given is None else None
        return Descent.run(
            self.function, self.start, optimizer=self.given or self.optimizer, rate=rate, steps=steps, momentum=self.momentum
        )

    @property
    def rule(self) -> Optimizer:
        """The optimizer with its options."""
        return self.given or _rule(self.optimizer, self.rate, self.momentum)

    @property
    def losses(self) -> list[float]:
        return [state.loss for state in self.steps]

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``loss/4``, ``point/x/4``, ``point/w[0,1]/4``, ``rate``."""
        what, _, index = key.rpartition("/")
        if not what:
            return self.quantity(key).value
        what, _, inside = what.partition("[")
        element = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else None
        return self.quantity(what, int(index), element).value

    def quantity(self, what: str, index: int = 0, element: tuple[int, ...] | None = None) -> Quantity:
        """A number of the log: "loss", "point/x", "gradient/x", "update/x", "memory/velocity/x" at a state; "rate";
        "steps" (taken)."""
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
        if kind == "memory":
            memory, _, name = name.partition("/")
            table = state.memory.get(memory)
        if not isinstance(table, Mapping) or name not in table:
            raise EngineError(f"The descent has no {what!r} at state {state.index}.")
        from .trace import _element

        value, suffix = _element(table[name], element, f"the {kind} of {name}")
        return Quantity("descent", f"{what}{suffix}/{state.index}", value)

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "descent", "function": self.function.describe(), "start": jsonable(self.start),
            "optimizer": self.optimizer, "rate": self.rate, "rate_how": self.rate_how, "steps": self.asked,
            "momentum": self.momentum, **({"options": self.given.describe()} if self.given is not None else {}),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Descent:
        optimizer, rate = description["optimizer"], description["rate"]
        if "options" in description:
            from .learning.optimizers import rebuild

            optimizer, rate = rebuild(description["options"]), None
        log = cls.run(
            Function.rebuild(description["function"]), description["start"], optimizer=optimizer, rate=rate,
            steps=description["steps"], momentum=description["momentum"],
        )  # fmt: skip
        log.rate_how = description["rate_how"]
        return log

    def __repr__(self) -> str:
        return f"<descent on {self.function.name}, {len(self.steps) - 1} steps of {self.optimizer}>"


def _rule(optimizer: Any, rate: float | None, momentum: float) -> Optimizer:
    """The optimizer of a name, or an optimizer with another rate."""
    from .learning.optimizers import optimizer as make

    options = {} if rate is None else {"lr": rate}
    if isinstance(optimizer, str) and optimizer in ("momentum", "nesterov"):
        options["momentum"] = momentum
    return make(optimizer, **options)


def _objective(function: Function) -> Objective:
    """The function as Newton and L-BFGS see it. Where it has no value, a step is too long, not an error."""
    from .learning.objective import Objective

    class Guarded(Objective):
        def of_leaves(self, leaves: Sequence[Any], structure: Any) -> tuple[float, tuple]:
            try:
                loss, gradient = function.value_and_gradient(dict(zip(function.inputs, leaves, strict=True)))
            except EngineError:
                return np.inf, tuple(np.zeros(np.shape(leaf)) for leaf in leaves)
            return loss, tuple(gradient.values())

        def __call__(self, params: Any) -> float:
            try:
                return super().__call__(params)
            except EngineError:
                return np.inf

    return Guarded(lambda point: function(**point))


def _walk(function: Function, start: dict[str, Any], rule: Optimizer, steps: int) -> tuple[list[DescentState], bool]:
    point, memory = start, rule.start(start)
    objective = _objective(function) if rule.needs_function else None
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
        update: dict[str, Any] = {}
        kept: dict[str, Any] = {}
        if index < steps:
            with np.errstate(all="ignore"):
                try:
                    update, memory = rule.step(point, gradient, memory, value=loss, function=objective)
                except (EngineError, ArithmeticError, np.linalg.LinAlgError):
                    return states, True
                kept = {name: memory[name] for name in memory.memory}
        states.append(DescentState(index, point, loss, gradient, update, kept))
        if update:
            with np.errstate(all="ignore"):
                point = {name: point[name] + update[name] for name in point}
        if not all(map(is_finite, point.values())):
            return states, True
    return states, False


def _search(function: Function, start: dict[str, Any], optimizer: str, steps: int, momentum: float) -> tuple[float, str]:
    """The rate of a fixed list whose run ends lowest; runs that diverge or end higher than they began do not count.
    Among runs that end nearly as low (to a twentieth of the descent) the calmest, smallest rate wins: it shows a path,
    not a zigzag."""
    tried: list[tuple[float, float]] = []
    begin = 0.0
    trial = min(steps, 60)
    for rate in RATES:
        states, diverged = _walk(function, start, _rule(optimizer, rate, momentum), trial)
        if not states:
            continue
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


__all__ = ["OPTIMIZERS", "Descent", "DescentState", "as_point_value"]
