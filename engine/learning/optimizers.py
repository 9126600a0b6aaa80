"""Optimizers: how a gradient becomes an update, one rule a class.

Names, defaults and arithmetic are those of ``torch.optim``, so that runs agree step by step. An optimizer keeps
nothing itself: ``state = optimizer.start(params)``, then ``update, state = optimizer.step(params, gradient, state)``
with ``params`` any tree of numbers and arrays, and the update is *added* to the parameters.

In the formulas x is a knob, g its slope (plus weight decay times x where that is set), k the step from 1 on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import EngineError
from ..trees import LEAF, flatten, map_tree, unflatten
from .objective import Objective, checked, matching

Rule = Callable[..., tuple]


@dataclass(frozen=True)
class State(Mapping):
    """What an optimizer remembers after ``count`` steps: under each name a tree like the parameters.

    >>> optimizer = SGD(lr=0.1, momentum=0.9)
    >>> update, state = optimizer.step({"x": 3.0}, {"x": 6.0}, optimizer.start({"x": 3.0}))
    >>> state.count, state["velocity"]
    (1, {'x': 6.0})
    """

    count: int
    structure: Any = LEAF
    memory: Mapping[str, list[Any]] = dataclasses.field(default_factory=dict)
    own: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # what is not one value per knob

    def __getitem__(self, name: str) -> Any:
        return unflatten(self.structure, self.memory[name]) if name in self.memory else self.own[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self.memory, *self.own))

    def __len__(self) -> int:
        return len(self.memory) + len(self.own)


class Optimizer:
    """The common part: options are the fields of a frozen dataclass, so that an optimizer is a value."""

    name: ClassVar[str]
    formula: ClassVar[tuple[str, ...]]  # Typst, a line per assignment
    needs_function: ClassVar[bool] = False
    lr: float
    weight_decay: float
    maximize: bool

    def start(self, params: Any) -> State:
        """The state before the first step. Raises EngineError where a leaf is no finite number or array."""
        leaves, structure = checked(params)
        return State(0, structure, {name: [self.begin(leaf) for leaf in leaves] for name in self.slots})

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of what is remembered per knob."""
        return ()

    def begin(self, leaf: Any) -> Any:
        """What is remembered of a leaf before the first step."""
        return np.zeros(leaf.shape) if isinstance(leaf, np.ndarray) else 0.0

    def step(
        self, params: Any, gradient: Any, state: State, *,
        value: float | None = None, function: Callable[[Any], Any] | None = None, lr: float | None = None,
    ) -> tuple[Any, State]:  # fmt: skip
        """The update, to be added to ``params``, and the next state. Nothing that comes in is changed.

        ``gradient`` has the structure of ``params``; ``value`` is the loss there and ``function`` the loss as a
        function of the parameters, which only Newton and L-BFGS use. ``lr`` replaces the optimizer's own rate.
        """
        knobs, slopes, structure = matching(params, gradient)
        update, state = self.advance(knobs, slopes, state, value, function, lr)
        return unflatten(structure, update), state

    def advance(
        self, knobs: Any, slopes: Any, state: State, value: float | None, function: Any, lr: float | None
    ) -> tuple[list[Any], State]:
        """``step`` on leaves: what a training runs, which flattens its parameters only once."""
        count = state.count + 1
        rule = self.rule(count, self.lr if lr is None else lr)
        rows = [rule(*column) for column in zip(knobs, slopes, *state.memory.values(), strict=True)]
        memory = {name: [row[k] for row in rows] for k, name in enumerate(state.memory, 1)}
        return [row[0] for row in rows], State(count, state.structure, memory)

    def rule(self, count: int, lr: float) -> Rule:
        """The rule of step ``count`` for one leaf: (x, g, *remembered) -> (update, *remembered)."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """The optimizer as JSON: its name and options."""
        return {"name": self.name, **dataclasses.asdict(self)}  # type: ignore[call-overload]

    def slope(self, x: Any, g: Any) -> Any:
        """g as the rules use it: its sign turned for ``maximize``, weight decay added."""
        if self.maximize:
            g = -g
        if self.weight_decay:
            decay = self.weight_decay * x
            decay += g
            return decay
        return g


def _root(x: Any) -> Any:
    """A new square root; infinity and NaN pass."""
    return np.sqrt(x) if isinstance(x, np.ndarray) else math.sqrt(x)


def _above_zero(x: Any) -> Any:
    """x, where a rounding error may have left it below 0."""
    return np.maximum(x, 0.0) if isinstance(x, np.ndarray) else 0.0 if x < 0.0 else x


def _over(a: Any, b: Any) -> Any:
    """a/b, written into b where that is an array."""
    return np.divide(a, b, out=b) if isinstance(b, np.ndarray) else a / b


def _toward(old: Any, new: Any, weight: float) -> Any:
    """old + weight (new - old), with one new array."""
    moved = new - old
    moved *= weight
    moved += old
    return moved


def _squares(old: Any, g: Any, weight: float) -> Any:
    """The running mean of squares: old + weight (g² - old), with one new array."""
    moved = g * g
    moved -= old
    moved *= weight
    moved += old
    return moved


def _times(factor: float, x: Any) -> Any:
    """factor x, in place: x is a new array of ours."""
    x *= factor
    return x


# -- steepest descent and its momentum -----------------------------------------------------------------------
@dataclass(frozen=True)
class SGD(Optimizer):
    """Steps against the slope; with ``momentum`` against its running sum; ``nesterov`` looks one step ahead.

    Cauchy 1847; Polyak 1964 (momentum); Nesterov 1983; Sutskever et al. 2013 (this form of it).

    >>> SGD(lr=0.1).step(2.0, 4.0, SGD(lr=0.1).start(2.0))[0]
    -0.4
    """

    lr: float = 1e-3
    momentum: float = 0.0
    dampening: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    maximize: bool = False
    formula: ClassVar[tuple[str, ...]] = ("v arrow.l mu v + g", "x arrow.l x - eta v")

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "momentum", "weight_decay", "dampening")
        if self.nesterov and (self.momentum == 0 or self.dampening):
            raise EngineError("Nesterov's step needs a momentum above 0 and no dampening.")

    @property
    def name(self) -> str:  # type: ignore[override]
        return "nesterov" if self.nesterov else "momentum" if self.momentum else "plain"

    @property
    def slots(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def rule(self, count: int, lr: float) -> Rule:
        slope = self.slope
        mu, share, ahead = self.momentum, 1.0 - self.dampening, self.nesterov
        if not mu:
            return lambda x, g: (-lr * slope(x, g),)

        def rule(x: Any, g: Any, v: Any) -> tuple:
            g = slope(x, g)
            if count == 1:
                v = +g
            else:
                v = mu * v
                v += g if share == 1.0 else share * g
            return (_times(-lr, mu * v + g) if ahead else -lr * v), v

        return rule


# -- a rate per knob, from the squares of its slopes ---------------------------------------------------------
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Each knob's rate shrinks with the sum of its squared slopes. Duchi, Hazan & Singer 2011."""

    lr: float = 1e-2
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10
    maximize: bool = False
    name: ClassVar[str] = "adagrad"
    slots: ClassVar[tuple[str, ...]] = ("squares",)
    formula: ClassVar[tuple[str, ...]] = ("s arrow.l s + g^2", "x arrow.l x - eta g / (sqrt(s) + epsilon)")

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "lr_decay", "weight_decay", "initial_accumulator_value")
        _positive(self, "eps")

    def begin(self, leaf: Any) -> Any:
        return super().begin(leaf) + self.initial_accumulator_value

    def rule(self, count: int, lr: float) -> Rule:
        rate, eps, slope = -lr / (1.0 + (count - 1) * self.lr_decay), self.eps, self.slope

        def rule(x: Any, g: Any, s: Any) -> tuple:
            g = slope(x, g)
            total = g * g
            total += s
            size = _root(total)
            size += eps
            return _times(rate, _over(g, size)), total

        return rule


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """Divides by the root of a running mean of squared slopes. Tieleman & Hinton 2012 (lecture 6.5); centered: Graves 2013."""

    lr: float = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False
    maximize: bool = False
    name: ClassVar[str] = "rmsprop"
    formula: ClassVar[tuple[str, ...]] = (
        "s arrow.l alpha s + (1 - alpha) g^2",
        "v arrow.l mu v + g / (sqrt(s) + epsilon)",
        "x arrow.l x - eta v",
    )

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "weight_decay", "momentum")
        _positive(self, "eps")
        _share(self, "alpha", self.alpha)

    @property
    def slots(self) -> tuple[str, ...]:
        return ("squares", *(("mean",) if self.centered else ()), *(("velocity",) if self.momentum else ()))

    def rule(self, count: int, lr: float) -> Rule:
        weight, eps, mu, centered, slope = 1.0 - self.alpha, self.eps, self.momentum, self.centered, self.slope

        def rule(x: Any, g: Any, s: Any, *others: Any) -> tuple:
            g = slope(x, g)
            s = _squares(s, g, weight)
            spread, mean = s, list(others[:1]) if centered else []
            if centered:
                mean = [_toward(mean[0], g, weight)]
                spread = _above_zero(s - mean[0] * mean[0])
            size = _root(spread)
            size += eps
            moved = _over(g, size)
            if not mu:
                return _times(-lr, moved), s, *mean
            v = mu * others[-1]
            v += moved
            return -lr * v, s, *mean, v

        return rule


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """The step is the slope times (typical step / typical slope), so it carries the knob's own unit. Zeiler 2012."""

    lr: float = 1.0
    rho: float = 0.9
    eps: float = 1e-6
    weight_decay: float = 0.0
    maximize: bool = False
    name: ClassVar[str] = "adadelta"
    slots: ClassVar[tuple[str, ...]] = ("squares", "steps")
    formula: ClassVar[tuple[str, ...]] = (
        "s arrow.l rho s + (1 - rho) g^2",
        "d arrow.l sqrt((u + epsilon) / (s + epsilon)) g",
        "u arrow.l rho u + (1 - rho) d^2",
        "x arrow.l x - eta d",
    )

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "weight_decay")
        _positive(self, "eps")
        _share(self, "rho", self.rho)

    def rule(self, count: int, lr: float) -> Rule:
        weight, eps, slope = 1.0 - self.rho, self.eps, self.slope

        def rule(x: Any, g: Any, s: Any, u: Any) -> tuple:
            g = slope(x, g)
            s = _squares(s, g, weight)
            moved = _over(_root(u + eps), _root(s + eps))
            moved *= g
            u = _squares(u, moved, weight)
            return _times(-lr, moved), s, u

        return rule


@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum over the root of the running mean of squares, both freed of their start at 0. Kingma & Ba 2015."""

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False
    maximize: bool = False
    name: ClassVar[str] = "adam"
    formula: ClassVar[tuple[str, ...]] = (
        "m arrow.l beta_1 m + (1 - beta_1) g",
        "s arrow.l beta_2 s + (1 - beta_2) g^2",
        "x arrow.l x - eta (m \\/ (1 - beta_1^k)) / (sqrt(s \\/ (1 - beta_2^k)) + epsilon)",
    )

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "weight_decay")
        _positive(self, "eps")
        if not isinstance(self.betas, (tuple, list)) or len(self.betas) != 2:
            raise EngineError(f"betas are two numbers from 0 to 1 (1 excluded), not {self.betas!r}.")
        for beta in self.betas:
            _share(self, "each of betas", beta)
        object.__setattr__(self, "betas", tuple(self.betas))  # JSON makes a list of it

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "squares", "largest") if self.amsgrad else ("mean", "squares")

    def rule(self, count: int, lr: float) -> Rule:
        slope, eps, (one, two) = self.slope, self.eps, self.betas
        rate, scale = -lr / (1.0 - one**count), 1.0 / math.sqrt(1.0 - two**count)

        def rule(x: Any, g: Any, m: Any, s: Any, largest: Any = None) -> tuple:
            g = slope(x, g)
            m = _toward(m, g, 1.0 - one)
            s = _squares(s, g, 1.0 - two)
            kept = [m, s]
            if largest is not None:
                kept.append(np.maximum(largest, s) if isinstance(s, np.ndarray) else max(largest, s))
            size = _root(kept[-1])
            size *= scale
            size += eps
            return _times(rate, _over(m, size)), *kept

        return rule


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with weight decay on the knob itself and not through the slope. Loshchilov & Hutter 2019."""

    weight_decay: float = 1e-2
    name: ClassVar[str] = "adamw"
    formula: ClassVar[tuple[str, ...]] = ("x arrow.l (1 - eta lambda) x", *Adam.formula)

    def slope(self, x: Any, g: Any) -> Any:
        return -g if self.maximize else g

    def rule(self, count: int, lr: float) -> Rule:
        plain, decay = super().rule(count, lr), -lr * self.weight_decay

        def rule(x: Any, g: Any, *remembered: Any) -> tuple:
            update, *kept = plain(x, g, *remembered)
            if decay:
                update += decay * x
            return update, *kept

        return rule


# -- options -------------------------------------------------------------------------------------------------
def _number(optimizer: Any, option: str, value: Any) -> None:
    if isinstance(value, (bool, str)) or not np.isscalar(value) or not np.isfinite(value):
        raise EngineError(f"{option} of {type(optimizer).__name__} is a finite number, not {value!r}.")


def _nonnegative(optimizer: Any, *options: str) -> None:
    for option in options:
        value = getattr(optimizer, option)
        _number(optimizer, option, value)
        if value < 0:
            raise EngineError(f"{option} of {type(optimizer).__name__} cannot be negative; {value!r} was given.")


def _positive(optimizer: Any, option: str) -> None:
    value = getattr(optimizer, option)
    _number(optimizer, option, value)
    if value <= 0:
        raise EngineError(f"{option} of {type(optimizer).__name__} must be above 0, or a slope of 0 divides by 0.")


def _share(optimizer: Any, option: str, value: Any) -> None:
    _number(optimizer, option, value)
    if not 0 <= value < 1:
        raise EngineError(f"{option} of {type(optimizer).__name__} lies between 0 and 1 (1 excluded), not at {value!r}.")


# -- by name -------------------------------------------------------------------------------------------------
NAMES = (
    "plain", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "newton", "lbfgs",
)  # fmt: skip


def optimizer(which: Any, **options: Any) -> Optimizer:
    """An optimizer by name, with options; an optimizer itself stays, with the options replaced.

    >>> optimizer("momentum", lr=0.1)
    SGD(lr=0.1, momentum=0.9, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False)
    >>> optimizer(Adam(lr=0.1), eps=1e-6).eps
    1e-06
    """
    from .curvature import LBFGS, Newton

    table: dict[str, tuple[type, dict[str, Any]]] = {
        "plain": (SGD, {}), "momentum": (SGD, {"momentum": 0.9}), "nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
        "adagrad": (Adagrad, {}), "rmsprop": (RMSProp, {}), "adadelta": (Adadelta, {}), "adam": (Adam, {}),
        "adamw": (AdamW, {}), "newton": (Newton, {}),
        "lbfgs": (LBFGS, {"max_iter": 1, "max_eval": 25, "line_search_fn": "strong_wolfe"}),
    }  # fmt: skip
    try:
        if isinstance(which, Optimizer):
            return dataclasses.replace(which, **options) if options else which  # type: ignore[type-var]
        if not isinstance(which, str) or which not in table:
            raise EngineError(f"There is no optimizer {which!r}; there are {', '.join(NAMES)}.")
        kind, defaults = table[which]
        return kind(**{**defaults, **options})
    except TypeError:
        kind = type(which) if isinstance(which, Optimizer) else table[which][0]
        known = [field.name for field in dataclasses.fields(kind)]
        wrong = next(name for name in options if name not in known)
        raise EngineError(f"{kind.__name__} has no option {wrong}; it has {', '.join(known)}.") from None


def rebuild(description: Mapping[str, Any]) -> Optimizer:
    """The optimizer of a description.

    >>> rebuild(Adam(lr=0.1).describe()) == Adam(lr=0.1)
    True
    """
    return optimizer(description["name"], **{k: v for k, v in description.items() if k != "name"})


def moved(params: Any, update: Any) -> Any:
    """params + update, leaf by leaf."""
    return map_tree(lambda x, u: x + u, params, update)


__all__ = [
    "NAMES", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Objective", "Optimizer", "RMSProp", "State", "flatten",
    "moved", "optimizer", "rebuild",
]  # fmt: skip
