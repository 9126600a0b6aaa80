"""A trained network as the model of a CurveFit: the log of a training in the words of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainreel.engine import Quantity
from chainreel.engine.learning import Training
from chainreel.engine.trees import flatten, unflatten

from ..stage.errors import StageError


class TrainedCurve:
    """What CurveFit and Descend ask of a model: its points (all of the training's data), its curve at a step, its misses.

    Knobs are the numbers of the network in the order of the log, named ``0/W[0,2]``. Numbers are the training's own. Raises
    StageError for networks that do not take one number to one number.
    """

    def __init__(self, training: Training, variable: str = "x"):
        self.training, self.variable = training, variable
        self.descent = SimpleNamespace(steps=range(training.steps + 1))
        X, y = (np.asarray(part, float) for part in training.data[:2])
        if X.ndim != 2 or X.shape[1] != 1 or y.size != len(X):
            raise StageError("a curve is drawn of a network with one input and one output")
        self.x, self.y = X[:, 0], y.ravel()
        leaves, self._structure = flatten(training.params_at(0))
        self._shapes = [np.shape(leaf) for leaf in leaves]
        self.knobs = tuple(
            f"{name}{list(place)}".replace(" ", "") if shape else name
            for name, shape in zip(training.names, self._shapes, strict=True) for place in np.ndindex(shape)
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.x)

    def point(self, state: int) -> dict[str, float]:
        """The knobs at a step."""
        numbers = np.concatenate([np.ravel(leaf) for leaf in flatten(self.training.params_at(state))[0]])
        return dict(zip(self.knobs, map(float, numbers), strict=True))

    def params(self, knobs: Mapping[str, float]) -> Any:
        """The network's parameters from its knobs."""
        numbers, leaves, at = np.array([knobs[name] for name in self.knobs]), [], 0
        for shape in self._shapes:
            size = int(np.prod(shape))
            leaves.append(numbers[at : at + size].reshape(shape))
            at += size
        return unflatten(self._structure, leaves)

    def curve(self, x: Any, knobs: Mapping[str, float]) -> np.ndarray:
        """The network at places x, shape (n,)."""
        return np.asarray(self.training.loss.net(self.params(knobs), np.asarray(x, float)[:, None]), float).ravel()

    def misses(self, knobs: Mapping[str, float]) -> np.ndarray:
        """Prediction − measurement at every point, shape (n,)."""
        return self.curve(self.x, knobs) - self.y

    def loss(self, state: int) -> float:
        """The loss at a step, as the log has it."""
        return float(self.training.losses[state])

    def largest(self, state: int) -> list[int]:
        """The points by the size of their misses, the largest first."""
        return list(map(int, np.argsort(-np.abs(self.misses(self.point(state))), kind="stable")))

    def quantity(self, what: str, state: int = 0) -> Quantity:
        """A number of the training's log."""
        return self.training.quantity(what, state)


__all__ = ["TrainedCurve"]
