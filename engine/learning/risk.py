"""Risk: the mean loss of a network on examples, as a function of its parameters. What a training brings down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import elementwise as e
from .. import linear
from ..errors import EngineError
from ..shapes import shape_of
from ..trees import flatten
from . import layers as networks
from .layers import Sequential
from .losses import LOSSES, loss


class Risk:
    """``risk(params, X, y)``: the loss of ``net(params, X)`` against y, plus ``penalty``/2 times all squared weights.

    ``loss`` is a name of ``LOSSES`` or a function (prediction, target) -> number. Targets (n,) fit an output (n, 1).

    >>> from chainreel.engine.learning import MLP
    >>> risk = Risk(MLP([2, 3, 1], output="sigmoid"), "binary_cross_entropy")
    >>> risk(risk.net.initial(scheme="zero"), np.zeros((4, 2)), np.array([0, 1, 1, 0]))
    0.6931471805599453
    """

    def __init__(self, net: Sequential, loss_: Any = "cross_entropy", penalty: float = 0.0):
        if not isinstance(penalty, (int, float)) or not penalty >= 0:
            raise EngineError(f"The penalty is a number from 0 on, not {penalty!r}.")
        self.net, self.loss, self.penalty = net, loss(loss_), float(penalty)

    def __call__(self, params: Any, X: Any, y: Any, seed: Any = None) -> Any:
        output = self.net(params, X, seed)
        shape = shape_of(output)
        if len(shape) == 2 and shape[1] == 1 and np.shape(y) == shape[:1]:
            y = np.reshape(y, shape)
        value = self.loss(output, y)
        if self.penalty:
            leaves = [leaf for leaf in flatten(params)[0] if len(shape_of(leaf)) > 1]
            value = value + 0.5 * self.penalty * sum(linear.total(e.square(leaf)) for leaf in leaves)
        return value

    def describe(self) -> dict[str, Any]:
        """The risk as JSON. Raises EngineError for a loss or an activation without a name in the tables."""
        name = getattr(self.loss, "name", None)
        if name not in LOSSES:
            raise EngineError("Only a loss of the table has a name to keep; this one is a function made while a program ran.")
        return {"name": "Risk", "net": self.net.describe(), "loss": name, "penalty": self.penalty}

    def __repr__(self) -> str:
        return f"Risk({self.net!r}, {self.loss!r})"


def rebuild(description: Mapping[str, Any]) -> Risk:
    """The risk of a description."""
    return Risk(networks.rebuild(description["net"]), description["loss"], description["penalty"])


__all__ = ["Risk", "rebuild"]
