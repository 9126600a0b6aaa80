"""NetworkPass: one example on its way through a network of dense layers, and the blame on its way back to the input.

Everything that a picture of the network shows is a number of it: products w·x, sums, bent values, the loss, the slope of
the loss in every input, and what really happens when one input is nudged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..quantity import Quantity
from ..transforms import value_and_grad
from . import layers as networks
from . import references
from .kept import again
from .layers import Dense, Sequential
from .losses import LOSSES, loss
from .training import Training


class NetworkPass:
    """``net`` (dense layers) with ``params`` at the input ``x`` (n,); with ``target`` and ``loss`` also the way back.

    ``params`` is a tree, or (training, step). ``x`` is a vector, or (dataset, row), whose target is then the row's own.
    ``values[0]`` is the input, ``sums[level]`` and ``values[level]`` (from 1 on) what a layer adds up
    and what it makes of it.

    >>> from chainreel.engine.learning import MLP
    >>> net = MLP([2, 1], output="sigmoid")
    >>> one = NetworkPass(net, [{"W": [[0.4], [-0.3]], "b": [0.1]}], [0.9, 0.2], 1.0, "binary_cross_entropy")
    >>> round(one.quantity("sum/1", (0,)).value, 12), round(one.quantity("product/1", (1, 0)).value, 12)
    (0.4, -0.06)
    """

    def __init__(
        self, net: Sequential, params: Any, x: Any, target: float | None = None, loss_: str | None = None, *,
        nudge: float = 0.01,
    ):  # fmt: skip
        if not all(isinstance(layer, Dense) for layer in net.layers):
            raise EngineError("A pass is shown for networks of dense layers only.")
        self.net, self.layers, self.nudge = net, [layer for layer in net.layers if isinstance(layer, Dense)], float(nudge)
        self._from: tuple[Training, int] | None = None
        if isinstance(params, tuple) and isinstance(params[0], Training):
            self._from = (params[0], int(params[1]))
            params = params[0].params_at(self._from[1])
        self.params = [{k: np.asarray(v, float) for k, v in layer.items()} for layer in params]
        self._row: tuple[Dataset, int] | None = None
        if isinstance(x, tuple) and isinstance(x[0], Dataset):
            self._row = (x[0], int(x[1]))
            x, target = x[0].rows[x[1]], float(x[0].y[x[1]])
        self.x = np.asarray(x, float).ravel()
        self._check()
        self.target = None if target is None else float(target)
        if loss_ is not None and loss_ not in LOSSES:
            raise EngineError(f"There is no loss {loss_!r}; there are {', '.join(LOSSES)}.")
        self.loss_name = loss_
        self.values, self.sums = [self.x], [np.zeros(0)]
        for layer, own in zip(self.layers, self.params, strict=True):
            z = self.values[-1] @ own["W"] + (own["b"] if layer.bias else 0.0)
            self.sums.append(z)
            self.values.append(np.asarray(layer.activation(z), float))
        if not all(np.isfinite(v).all() for v in (*self.sums, *self.values)):
            raise EngineError("A value on the way through this network is not finite.")
        self.loss: float | None = None
        self.slopes = np.zeros(0)
        if self.target is not None and loss_ is not None:
            self.loss, slopes = value_and_grad(self._loss)(self.x)
            self.loss, self.slopes = float(self.loss), np.asarray(slopes, float)

    def _check(self) -> None:
        sizes = [self.layers[0].inputs, *(layer.outputs for layer in self.layers)]
        if len(self.x) != sizes[0]:
            raise EngineError(f"The network takes {sizes[0]} inputs; {len(self.x)} were given.")
        for level, (own, before, after) in enumerate(zip(self.params, sizes, sizes[1:], strict=False)):
            fits = np.shape(own.get("W", ())) == (before, after)
            if not fits or (self.layers[level].bias and np.shape(own.get("b", ())) != (after,)):
                raise EngineError(f"Layer {level + 1} takes weights ({before}, {after}) and biases ({after},).")
        if not np.isfinite(self.x).all() or not all(np.isfinite(v).all() for own in self.params for v in own.values()):
            raise EngineError("Inputs, weights and biases must be finite.")

    def _loss(self, x: Any) -> Any:
        output = self.net(self.params, x.reshape(1, -1))
        name = self.loss_name or ""
        classes = name in ("cross_entropy", "negative_log_likelihood")
        target = np.array([int(self.target or 0)]) if classes else np.full(np.shape(self.values[-1])[:1], self.target)[None]
        return loss(name)(output, target)

    @property
    def sizes(self) -> list[int]:
        """The number of inputs and of every layer's units."""
        return [len(v) for v in self.values]

    @property
    def chances(self) -> np.ndarray:
        """The outputs as chances of the classes: softmax of several logits, the sigmoid of one, or p as it is."""
        z, name = self.values[-1], self.loss_name or ""
        if len(z) > 1:
            if self.layers[-1].activation.name == "softmax":
                return z
            powers = np.exp(z - z.max())
            return np.asarray(powers / powers.sum())
        p = 1.0 / (1.0 + np.exp(-z)) if name.endswith("with_logits") else z
        return np.array([1.0 - p[0], p[0]])

    def loss_at(self, x: np.ndarray) -> float:
        """The loss of another input with the same target."""
        return float(self._loss(np.asarray(x, float)))

    # -- numbers ---------------------------------------------------------------------------------------------
    def quantity(self, what: str, at: tuple[int, ...] = ()) -> Quantity:
        """A number that may be shown; ``at`` counts from 0, layers from 1.

        "input" (i); "weight/level" (i, j), "bias/level" (j), "product/level" (i, j), "sum/level" (j), "value/level" (j);
        "loss", "target", "slope" (i), "chance" (class), "percent" (class, of a hundred); "units/level"; "knobs";
        "nudge", and of nudging input i by it "forecast" (i) = slope times nudge, "actual" (i) = the change of the loss.
        """
        kind, _, layer = what.partition("/")
        level = int(layer) if layer else 0
        try:
            value = self._value(kind, level, at)
        except (IndexError, KeyError, TypeError):
            raise EngineError(f"The pass has no {what!r} at {at}.") from None
        suffix = f"[{','.join(map(str, at))}]" if at else ""
        return Quantity("pass", f"{what}{suffix}", float(value))

    def _value(self, kind: str, level: int, at: tuple[int, ...]) -> Any:
        if min((*at, 0)) < 0 or (kind in ("weight", "bias", "product", "sum", "value") and not 1 <= level < len(self.values)):
            raise IndexError
        match kind:
            case "input":
                return self.x[at]
            case "weight":
                return self.params[level - 1]["W"][at]
            case "bias":
                return self.params[level - 1]["b"][at]
            case "product":
                return self.params[level - 1]["W"][at] * self.values[level - 1][at[0]]
            case "sum":
                return self.sums[level][at]
            case "value":
                return self.values[level][at]
            case "units":
                return len(self.values[level])
            case "knobs":
                return sum(layer.knobs() for layer in self.layers)
            case "chance":
                return self.chances[at]
            case "percent":
                return 100.0 * self.chances[at]
            case "nudge":
                return self.nudge
            case "loss" | "target" if self.loss is not None:
                return self.loss if kind == "loss" else self.target
            case "slope" if self.loss is not None:
                return self.slopes[at]
            case "forecast" if self.loss is not None:
                return self.slopes[at] * self.nudge
            case "actual" if self.loss is not None:
                moved = self.x.copy()
                moved[at] += self.nudge
                return self.loss_at(moved) - self.loss
        raise KeyError

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        what, _, inside = key.partition("[")
        return self.quantity(what, tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else ()).value

    # -- to and from JSON ------------------------------------------------------------------------------------
    def describe(self) -> dict[str, Any]:
        """What is needed to compute it again, as JSON."""
        if self._from is not None:
            params: Any = {"training": self._from[0].describe(), "step": self._from[1]}
        else:
            params = {"numbers": references.describe_tree(self.params)}
        x = {"numbers": self.x.tolist()} if self._row is None else {"dataset": self._row[0].describe(), "row": self._row[1]}
        return {
            "kind": "pass", "net": self.net.describe(), "params": params, "x": x, "target": self.target,
            "loss": self.loss_name, "nudge": self.nudge,
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> NetworkPass:
        """The pass of a description; where the parameters were trained, it trains again."""
        d, params, x = description, description["params"], description["x"]
        given: Any = (again(params["training"]), params["step"]) if "training" in params else (
            references.rebuild_tree(params["numbers"])
        )
        row: Any = (Dataset.rebuild(x["dataset"]), x["row"]) if "dataset" in x else np.array(x["numbers"])
        return cls(networks.rebuild(d["net"]), given, row, d["target"], d["loss"], nudge=d["nudge"])


__all__ = ["NetworkPass"]
