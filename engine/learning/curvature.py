"""Optimizers that use curvature: Newton's method by the Hessian, L-BFGS by the history of its own steps.

Both ask for the loss itself (``function`` of ``step``): Newton for second derivatives, both to look ahead along a line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import EngineError
from ..trees import unflatten
from .line_search import strong_wolfe
from .objective import Objective, checked, pack, unpack
from .optimizers import Optimizer, State, _nonnegative


def _loss(optimizer: Optimizer, function: Any) -> Objective:
    if function is None:
        raise EngineError(f"{type(optimizer).__name__} looks at the loss itself; give step(…, function=loss).")
    return Objective.of(function)


@dataclass(frozen=True)
class Newton(Optimizer):
    """Newton's method for a minimum: the step to the lowest point of the local parabola, damped.

    The Hessian H is split into its axes; along each the slope is divided by |curvature| + ``damping``, so that the step
    goes downhill near saddles too (Dauphin et al. 2014; ``absolute=False`` is the textbook's rule, which walks to
    saddles and peaks as readily). With ``backtrack`` the step is halved until the loss falls by a ten-thousandth of the
    forecast (Armijo 1966; Boyd & Vandenberghe 2004, section 9.5).

    >>> newton = Newton()
    >>> bowl = lambda x: (x - 3.0) ** 2 + 1.0
    >>> newton.step(0.0, -6.0, newton.start(0.0), function=bowl)[0]
    3.0
    """

    lr: float = 1.0
    damping: float = 0.0
    absolute: bool = True
    backtrack: bool = True
    name: ClassVar[str] = "newton"
    needs_function: ClassVar[bool] = True
    formula: ClassVar[tuple[str, ...]] = ("x arrow.l x - eta (abs(H) + lambda I)^(-1) g",)

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "damping")

    def start(self, params: Any) -> State:
        leaves, structure = checked(params)
        return State(0, structure)

    def advance(
        self, knobs: Any, slopes: Any, state: State, value: float | None, function: Any, lr: float | None
    ) -> tuple[list[Any], State]:
        structure = state.structure
        loss = _loss(self, function)
        x, g = pack(knobs), pack(slopes)
        hessian = loss.hessian(unflatten(structure, knobs))
        if not np.isfinite(hessian).all():
            raise EngineError("The Hessian is not finite here, so Newton has no step.")
        curvatures, axes = np.linalg.eigh(0.5 * (hessian + hessian.T))
        along = axes.T @ g
        sizes = (np.abs(curvatures) if self.absolute else curvatures) + self.damping
        flat = np.abs(sizes) <= 1e-14 * np.abs(sizes).max(initial=0.0)  # no curvature: an axis Newton says nothing of
        direction = -(axes @ np.where(flat, along, along / np.where(flat, 1.0, sizes)))
        length = float(self.lr if lr is None else lr)
        if self.backtrack and g @ direction < 0.0:
            here = loss(unflatten(structure, knobs)) if value is None else value
            for _ in range(60):
                there = loss(unflatten(structure, unpack(x + length * direction, knobs)))
                if there <= here + 1e-4 * length * float(g @ direction):
                    break
                length *= 0.5
            else:
                length = 0.0  # no digit left in which the loss could fall
        own = {"length": length, "curvatures": curvatures}
        return unpack(length * direction, knobs), State(state.count + 1, structure, {}, own)


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """Limited-memory BFGS: the last ``history_size`` pairs (step, change of slope) stand in for the Hessian.

    Liu & Nocedal 1989; the recursion is algorithm 7.4 of Nocedal & Wright 2006. As in ``torch.optim.LBFGS`` one call of
    ``step`` takes up to ``max_iter`` steps, and looks at the loss at most ``max_eval`` times (1.25 max_iter by default).
    With ``line_search_fn="strong_wolfe"`` the length of each step is searched for, otherwise it is ``lr``.
    """

    lr: float = 1.0
    max_iter: int = 20
    max_eval: int | None = None
    tolerance_grad: float = 1e-7
    tolerance_change: float = 1e-9
    history_size: int = 100
    line_search_fn: str | None = None
    name: ClassVar[str] = "lbfgs"
    needs_function: ClassVar[bool] = True
    formula: ClassVar[tuple[str, ...]] = ("d arrow.l - B g", "x arrow.l x + t d")

    def __post_init__(self) -> None:
        _nonnegative(self, "lr", "tolerance_grad", "tolerance_change")
        for option in ("max_iter", "history_size"):
            count = getattr(self, option)
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise EngineError(f"{option} of LBFGS is a whole number from 1 on, not {count!r}.")
        if self.line_search_fn not in (None, "strong_wolfe"):
            raise EngineError(f"LBFGS has the line search 'strong_wolfe' or None, not {self.line_search_fn!r}.")

    def start(self, params: Any) -> State:
        leaves, structure = checked(params)
        own = {"taken": 0, "direction": None, "length": 0.0, "slope": None, "pairs": (), "scale": 1.0}
        return State(0, structure, {}, own)

    def advance(
        self, knobs: Any, slopes: Any, state: State, value: float | None, function: Any, lr: float | None
    ) -> tuple[list[Any], State]:
        structure = state.structure
        objective = _loss(self, function)

        def look(point: np.ndarray) -> tuple[float, np.ndarray]:
            loss, slope = objective.of_leaves(unpack(point, knobs), structure)
            return loss, pack(slope)

        def ray(point: np.ndarray, direction: np.ndarray) -> Callable[[float], tuple[float, np.ndarray]]:
            return lambda t: look(point + t * direction)

        start = pack(knobs)
        x, g = start, pack(slopes)
        rate = float(self.lr if lr is None else lr)
        budget = self.max_iter * 5 // 4 if self.max_eval is None else self.max_eval
        loss = objective(unflatten(structure, knobs)) if value is None else float(value)
        own, looks = dict(state.own), 1
        for iteration in range(1, self.max_iter + 1) if np.abs(g).max() > self.tolerance_grad else ():
            own = self._remember(own, g)
            direction = own["direction"]
            length = rate * (min(1.0, 1.0 / np.abs(g).sum()) if own["taken"] == 1 else 1.0)
            own |= {"slope": g, "length": length}
            before, fall = loss, float(g @ direction)
            if fall > -self.tolerance_change:
                break
            if self.line_search_fn is not None:
                length, loss, g, spent = strong_wolfe(
                    ray(x, direction), direction, length, loss, g, longest=budget - looks, tolerance=self.tolerance_change
                )
                x = x + length * direction
            else:
                x = x + length * direction
                spent = 0
                if iteration != self.max_iter:
                    (loss, g), spent = look(x), 1
            own["length"] = length
            looks += spent
            still = np.abs(length * direction).max() <= self.tolerance_change or abs(loss - before) < self.tolerance_change
            if looks >= budget or np.abs(g).max() <= self.tolerance_grad or still:
                break
        return unpack(x - start, knobs), State(state.count + 1, structure, {}, own)

    def _remember(self, own: dict[str, Any], g: np.ndarray) -> dict[str, Any]:
        """The memory with the last step's pair, and the next direction: -B g, B the estimate of the inverse Hessian."""
        own = {**own, "taken": own["taken"] + 1}
        if own["taken"] == 1:
            return {**own, "direction": -g}
        change, step = g - own["slope"], own["length"] * own["direction"]
        curvature = float(change @ step)
        if curvature > 1e-10:
            own["pairs"] = (*own["pairs"], (change, step, 1.0 / curvature))[-self.history_size :]
            own["scale"] = curvature / float(change @ change)
        weights = []
        direction = -g
        for change, step, inverse in reversed(own["pairs"]):
            weights.append(inverse * float(step @ direction))
            direction -= weights[-1] * change
        direction *= own["scale"]
        for (change, step, inverse), weight in zip(own["pairs"], reversed(weights), strict=True):
            direction += (weight - inverse * float(change @ direction)) * step
        return {**own, "direction": direction}


__all__ = ["LBFGS", "Newton"]
