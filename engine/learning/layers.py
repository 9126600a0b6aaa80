"""Layers and networks: functions of parameters and inputs. Parameters are plain trees, a dict per layer.

Inputs are rows: X (n, features), images (n, channels, height, width). A weight matrix W is (in, out), so that a layer
reads ``X @ W + b``. A network keeps no parameters: ``params = net.initial(seed)``, then ``net(params, X)``.

>>> net = MLP([2, 3, 1], activation="relu", output="sigmoid")
>>> net.count(), sum(net.count())
([9, 4], 13)
>>> params = net.initial(seed=0)
>>> net(params, np.array([[0.9, 0.2]])).shape
(1, 1)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .. import linear
from ..errors import EngineError
from ..shapes import shape_of
from .activations import Activation, activation

SCHEMES = ("glorot", "he", "lecun", "normal", "uniform", "zero")


class Layer:
    """The common part: a layer is called with its own parameters, a dict that is empty where it has none."""

    kind: str

    def initial(self, rng: np.random.Generator, scheme: str, scale: float | None, biases: bool) -> dict[str, Any]:
        """Start values of the parameters."""
        return {}

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        raise NotImplementedError

    def knobs(self) -> int:
        """How many numbers training may change."""
        return 0

    def options(self) -> dict[str, Any]:
        """What it was made with, for JSON."""
        return {}

    def describe(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.options()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.options().items())})"


class Dense(Layer):
    """activation(X @ W + b): every output sees every input. W (in, out), b (out,)."""

    kind = "dense"

    def __init__(self, inputs: int, outputs: int, activation: Any = None, bias: bool = True):
        self.inputs, self.outputs = _counts("Dense", inputs=inputs, outputs=outputs)
        self.activation, self.bias = _bend(activation), bool(bias)

    def initial(self, rng: np.random.Generator, scheme: str, scale: float | None, biases: bool) -> dict[str, Any]:
        draw = _drawer(rng, scheme, scale, self.inputs, self.outputs)
        params = {"W": draw((self.inputs, self.outputs))}
        if self.bias:
            params["b"] = draw((self.outputs,)) if biases else np.zeros(self.outputs)
        return params

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        z = x @ params["W"]
        if self.bias:
            z = z + params["b"]
        return self.activation(z)

    def knobs(self) -> int:
        return self.inputs * self.outputs + self.bias * self.outputs

    def options(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "outputs": self.outputs, "activation": self.activation.name, "bias": self.bias}


class Conv2D(Layer):
    """activation(conv2d(X, W) + b): a small window slides over images. W (out, in, size, size), b (out,).

    X (n, in, height, width) -> (n, out, height', width'), height' = (height + 2 padding - size) // stride + 1.
    """

    kind = "conv2d"

    def __init__(
        self, inputs: int, outputs: int, size: int = 3, stride: int = 1, padding: int = 0, activation: Any = None,
        bias: bool = True,
    ):  # fmt: skip
        self.inputs, self.outputs, self.size, self.stride = _counts(
            "Conv2D", inputs=inputs, outputs=outputs, size=size, stride=stride
        )
        if not isinstance(padding, int) or padding < 0:
            raise EngineError(f"padding of Conv2D is a whole number from 0 on, not {padding!r}.")
        self.padding, self.activation, self.bias = padding, _bend(activation), bool(bias)

    def initial(self, rng: np.random.Generator, scheme: str, scale: float | None, biases: bool) -> dict[str, Any]:
        window = self.size * self.size
        draw = _drawer(rng, scheme, scale, self.inputs * window, self.outputs * window)
        params = {"W": draw((self.outputs, self.inputs, self.size, self.size))}
        if self.bias:
            params["b"] = draw((self.outputs,)) if biases else np.zeros(self.outputs)
        return params

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        from ..convolution import conv2d

        z = conv2d(x, params["W"], stride=self.stride, padding=self.padding)
        if self.bias:
            z = z + linear.reshape(params["b"], shape=(self.outputs, 1, 1))
        return self.activation(z)

    def knobs(self) -> int:
        return self.outputs * (self.inputs * self.size * self.size + self.bias)

    def options(self) -> dict[str, Any]:
        return {
            "inputs": self.inputs, "outputs": self.outputs, "size": self.size, "stride": self.stride,
            "padding": self.padding, "activation": self.activation.name, "bias": self.bias,
        }  # fmt: skip


class _Pool(Layer):
    def __init__(self, size: int = 2, stride: int | None = None):
        (self.size,) = _counts(type(self).__name__, size=size)
        self.stride = stride if stride is None else _counts(type(self).__name__, stride=stride)[0]

    def options(self) -> dict[str, Any]:
        return {"size": self.size, "stride": self.stride}


class MaxPool(_Pool):
    """The largest of each size x size window; windows touch unless ``stride`` says otherwise."""

    kind = "max_pool"

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        from ..convolution import max_pool2d

        return max_pool2d(x, self.size, stride=self.stride or self.size)


class AvgPool(_Pool):
    """The mean of each size x size window."""

    kind = "avg_pool"

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        from ..convolution import avg_pool2d

        return avg_pool2d(x, self.size, stride=self.stride or self.size)


class Flatten(Layer):
    """(n, …) -> (n, product of the rest)."""

    kind = "flatten"

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        n, *rest = shape_of(x)
        return linear.reshape(x, shape=(n, math.prod(rest)))


class Reshape(Layer):
    """(n, …) -> (n, *shape): rows of pixels to images, for example ``Reshape(1, 8, 8)``."""

    kind = "reshape"

    def __init__(self, *shape: int):
        flat = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        self.shape = tuple(flat)

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        return linear.reshape(x, shape=(shape_of(x)[0], *self.shape))

    def options(self) -> dict[str, Any]:
        return {"shape": list(self.shape)}


class Activate(Layer):
    """An activation that stands alone, after a pooling layer for example."""

    kind = "activate"

    def __init__(self, activation: Any):
        self.activation = _bend(activation)

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        return self.activation(x)

    def options(self) -> dict[str, Any]:
        return {"activation": self.activation.name}


class Dropout(Layer):
    """Sets a random share ``rate`` of the values to 0 and scales the others by 1/(1 - rate); Srivastava et al. 2014.

    It acts only when the network is called with a ``seed`` (a whole number or several): the same seed drops the same
    values. Without a seed, which is how a trained network is used, values pass unchanged.
    """

    kind = "dropout"

    def __init__(self, rate: float = 0.5):
        if not isinstance(rate, (int, float)) or not 0 <= rate < 1:
            raise EngineError(f"The rate of Dropout lies between 0 and 1 (1 excluded), not at {rate!r}.")
        self.rate = float(rate)

    def __call__(self, params: Mapping[str, Any], x: Any, seed: Any = None) -> Any:
        if seed is None or not self.rate:
            return x
        kept = np.random.default_rng(seed).random(shape_of(x)) >= self.rate
        return x * (kept / (1.0 - self.rate))

    def options(self) -> dict[str, Any]:
        return {"rate": self.rate}


class Sequential:
    """Layers one after the other. The parameters are a list with a dict per layer, empty for those without knobs."""

    def __init__(self, *layers: Layer):
        if len(layers) == 1 and isinstance(layers[0], (list, tuple)):
            layers = tuple(layers[0])
        for layer in layers:
            if not isinstance(layer, Layer):
                raise EngineError(f"A network is made of layers such as Dense(64, 10), not of {layer!r}.")
        if not layers:
            raise EngineError("A network needs at least one layer.")
        self.layers = layers
        self.random = any(isinstance(layer, Dropout) for layer in layers)

    def initial(self, seed: Any = 0, scheme: str = "glorot", scale: float | None = None, biases: bool = False) -> list:
        """Start values of all parameters; the same for the same seed, a whole number or several.

        ``scheme`` draws the weights: "glorot" evenly within √(6/(in + out)) (Glorot & Bengio 2010), "he" normally with
        deviation √(2/in) (He et al. 2015), "lecun" with √(1/in), "normal" with deviation ``scale`` (0.1 unless given),
        "uniform" evenly within ±``scale``; "zero" draws nothing. A ``scale`` stretches the first three. Biases start at
        0, or are drawn as the weights with ``biases=True``.
        """
        if scheme not in SCHEMES:
            raise EngineError(f"There is no scheme {scheme!r}; there are {', '.join(SCHEMES)}.")
        if scale is not None and not (isinstance(scale, (int, float)) and 0 < scale < math.inf):
            raise EngineError(f"The scale of the start values is a positive number, not {scale!r}.")
        rng = np.random.default_rng(seed)
        return [layer.initial(rng, scheme, scale, biases) for layer in self.layers]

    def __call__(self, params: Sequence[Mapping[str, Any]], x: Any, seed: Any = None) -> Any:
        """The output for inputs x. A ``seed`` switches dropout on."""
        if len(params) != len(self.layers):
            raise EngineError(f"This network has {len(self.layers)} layers; parameters for {len(params)} were given.")
        if isinstance(x, (list, tuple)):
            x = np.asarray(x, dtype=float)
        if seed is None or not self.random:
            for layer, own in zip(self.layers, params, strict=True):
                x = layer(own, x)
            return x
        for k, (layer, own) in enumerate(zip(self.layers, params, strict=True)):
            x = layer(own, x, (*np.atleast_1d(seed).tolist(), k))
        return x

    def passes(self, params: Sequence[Mapping[str, Any]], x: Any) -> list[Any]:
        """The values after each layer, the input first: what lights up in a network."""
        values = [x]
        for layer, own in zip(self.layers, params, strict=True):
            values.append(layer(own, values[-1]))
        return values

    def count(self) -> list[int]:
        """The number of knobs of each layer that has any."""
        return [layer.knobs() for layer in self.layers if layer.knobs()]

    def describe(self) -> dict[str, Any]:
        """The network as JSON; ``rebuild`` makes it again."""
        return {"kind": "sequential", "layers": [layer.describe() for layer in self.layers]}

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


class MLP(Sequential):
    """Dense layers of the given sizes: ``MLP([64, 32, 10])`` has two. ``activation`` bends all but the last, ``output`` it."""

    def __init__(self, sizes: Sequence[int], activation: Any = "tanh", output: Any = "identity", bias: bool = True):
        if not isinstance(sizes, (list, tuple)) or len(sizes) < 2:
            raise EngineError(f"An MLP is given by two sizes or more, such as [2, 16, 1], not by {sizes!r}.")
        self.sizes = tuple(sizes)
        bends = [_bend(activation)] * (len(sizes) - 2) + [_bend(output)]
        super().__init__(*(Dense(a, b, bend, bias) for (a, b), bend in zip(pairwise(sizes), bends, strict=True)))

    def __repr__(self) -> str:
        first, last = self.layers[0], self.layers[-1]
        assert isinstance(first, Dense) and isinstance(last, Dense)
        inner = "" if len(self.layers) == 1 else f", {first.activation.name}"
        return f"MLP({list(self.sizes)}{inner}, output={last.activation.name})"


@dataclass(frozen=True)
class Start:
    """How start values are drawn, in a few words instead of all the numbers; the options are those of ``initial``."""

    seed: int = 0
    scheme: str = "glorot"
    scale: float | None = None
    biases: bool = False

    def draw(self, net: Sequential) -> list:
        """The start values for a network."""
        return net.initial(self.seed, self.scheme, self.scale, self.biases)


LAYERS = {layer.kind: layer for layer in (Dense, Conv2D, MaxPool, AvgPool, Flatten, Reshape, Activate, Dropout)}


def rebuild(description: Mapping[str, Any]) -> Sequential:
    """The network of a description.

    >>> rebuild(MLP([2, 3, 1]).describe()).count()
    [9, 4]
    """
    layers = []
    for part in description["layers"]:
        options = {k: v for k, v in part.items() if k != "kind"}
        kind = LAYERS.get(part["kind"])
        if kind is None:
            raise EngineError(f"There is no layer {part['kind']!r}; there are {', '.join(LAYERS)}.")
        layers.append(kind(*options["shape"]) if kind is Reshape else kind(**options))
    return Sequential(*layers)


# -- helpers -------------------------------------------------------------------------------------------------
def _counts(layer: str, **counts: Any) -> list[int]:
    for name, count in counts.items():
        if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1:
            raise EngineError(f"{name} of {layer} is a whole number from 1 on, not {count!r}.")
    return [int(count) for count in counts.values()]


def _bend(which: Any) -> Activation:
    return activation(which)


def _drawer(rng: np.random.Generator, scheme: str, scale: float | None, inputs: int, outputs: int) -> Any:
    """A function shape -> start values."""
    if scheme == "zero":
        return np.zeros
    if scheme in ("glorot", "uniform"):
        base = math.sqrt(6.0 / (inputs + outputs)) if scheme == "glorot" else 1.0
        bound = base * (scale if scale is not None else 1.0 if scheme == "glorot" else 0.1)
        return lambda shape: rng.uniform(-bound, bound, shape)
    base = {"he": math.sqrt(2.0 / inputs), "lecun": math.sqrt(1.0 / inputs), "normal": 1.0}[scheme]
    deviation = base * (scale if scale is not None else 0.1 if scheme == "normal" else 1.0)
    return lambda shape: rng.normal(0.0, deviation, shape)


__all__ = [
    "LAYERS", "MLP", "SCHEMES", "Activate", "AvgPool", "Conv2D", "Dense", "Dropout", "Flatten", "Layer", "MaxPool",
    "Reshape", "Sequential", "Start", "rebuild",
]  # fmt: skip
