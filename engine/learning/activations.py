"""Activations: the bend of a layer, a table of names. Each works on numbers, arrays and under differentiation.

At a kink the derivative is the one the engine declares (0 for relu at 0), as in torch: the left side's for leaky relu,
elu and selu, 0 at both ends of hardtanh. ``formula`` is Typst.

>>> ACTIVATIONS["relu"](-2.0), ACTIVATIONS["leaky_relu"](-2.0)
(0.0, -0.02)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import elementwise as e
from ..errors import EngineError
from ..reductions import log_softmax_along, softmax_along
from ..shapes import bare


@dataclass(frozen=True)
class Activation:
    """A named function of the weighted sum z: ``activation(z)`` has the shape of z."""

    name: str
    function: Callable[[Any], Any]
    formula: str
    source: str = ""

    def __call__(self, z: Any) -> Any:
        return self.function(z)

    def __repr__(self) -> str:
        return self.name


def softmax(z: Any) -> Any:
    """exp(z) over its sum along the last axis."""
    return softmax_along(z, axis=-1)


def log_softmax(z: Any) -> Any:
    """z - ln Σ exp(z) along the last axis."""
    return log_softmax_along(z, axis=-1)


def leaky_relu(z: Any, slope: float = 0.01) -> Any:
    """z above 0, ``slope`` z below."""
    return e.where(bare(z) > 0, z, slope * z)


def elu(z: Any, alpha: float = 1.0) -> Any:
    """z above 0, alpha (exp(z) - 1) below; the exponential never sees a positive z."""
    above = bare(z) > 0
    return e.where(above, z, alpha * e.expm1(e.where(above, 0.0, z)))


# Chosen so that sums of a standard normal input keep mean 0 and variance 1 (Klambauer et al. 2017, equation 14).
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def selu(z: Any) -> Any:
    """elu with the scale that keeps mean 0 and variance 1 through the layers."""
    return _SELU_SCALE * elu(z, _SELU_ALPHA)


def gelu(z: Any) -> Any:
    """z times the probability that a standard normal number lies below z, by the error function."""
    from ..special import erfc

    return z * (0.5 * erfc(z * -math.sqrt(0.5)))  # erfc keeps the digits of the left tail


def gelu_tanh(z: Any) -> Any:
    """gelu by a tanh, as many published models were trained; off by up to 5e-4."""
    return z * e.sigmoid(z * (1.0 + 0.044715 * (z * z)) * math.sqrt(8.0 / math.pi))


def silu(z: Any) -> Any:
    """z sigmoid(z)."""
    return z * e.sigmoid(z)


def mish(z: Any) -> Any:
    """z tanh(softplus(z))."""
    return z * e.tanh(e.softplus(z))


def softsign(z: Any) -> Any:
    """z/(1 + |z|)."""
    return z / (1.0 + e.absolute(z))


def hardtanh(z: Any) -> Any:
    """z between -1 and 1, cut there."""
    plain = bare(z)
    return e.where(abs(plain) < 1.0, z, np.sign(plain))


def hardsigmoid(z: Any) -> Any:
    """z/6 + 1/2 between -3 and 3, cut there."""
    plain = bare(z)
    return e.where(abs(plain) < 3.0, z / 6.0 + 0.5, (plain > 0.0) * 1.0)


def relu6(z: Any) -> Any:
    """relu cut at 6."""
    plain = bare(z)
    return e.where((plain > 0.0) & (plain < 6.0), z, (plain >= 6.0) * 6.0)


_TABLE = (
    Activation("identity", lambda z: z, "z"),
    Activation("relu", e.relu, "max(0, z)", "Nair & Hinton 2010"),
    Activation("leaky_relu", leaky_relu, "max(z, 0.01 z)", "Maas, Hannun & Ng 2013"),
    Activation("elu", elu, "cases(z quad & z > 0, e^z - 1 quad & z <= 0)", "Clevert et al. 2016"),
    Activation(
        "selu", selu, "1.0507 cases(z quad & z > 0, 1.6733 (e^z - 1) quad & z <= 0)", "Klambauer et al. 2017"
    ),
    Activation("gelu", gelu, "z / 2 (1 + op(\"erf\")(z / sqrt(2)))", "Hendrycks & Gimpel 2016"),
    Activation(
        "gelu_tanh", gelu_tanh, "z / 2 (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3)))", "Hendrycks & Gimpel 2016"
    ),
    Activation("silu", silu, "z / (1 + e^(-z))", "Elfwing et al. 2018; also called swish, Ramachandran et al. 2017"),
    Activation("mish", mish, "z tanh(ln(1 + e^z))", "Misra 2019"),
    Activation("sigmoid", e.sigmoid, "1 / (1 + e^(-z))"),
    Activation("hardsigmoid", hardsigmoid, "min(1, max(0, z / 6 + 1 / 2))", "Courbariaux et al. 2015"),
    Activation("tanh", e.tanh, "tanh z"),
    Activation("hardtanh", hardtanh, "min(1, max(-1, z))", "Collobert 2004"),
    Activation("softplus", e.softplus, "ln(1 + e^z)", "Dugas et al. 2001"),
    Activation("softsign", softsign, "z / (1 + abs(z))", "Glorot & Bengio 2010"),
    Activation("relu6", relu6, "min(6, max(0, z))", "Krizhevsky 2010"),
    Activation("softmax", softmax, "e^(z_j) / (sum_k e^(z_k))", "Bridle 1990"),
    Activation("log_softmax", log_softmax, "z_j - ln sum_k e^(z_k)"),
)
ACTIVATIONS: dict[str, Activation] = {activation.name: activation for activation in _TABLE}
_OTHER_NAMES = {"swish": "silu", "linear": "identity", "none": "identity", "logistic": "sigmoid"}


def activation(which: Any) -> Activation:
    """An activation by name, or around a function of z.

    >>> activation("swish")
    silu
    """
    if isinstance(which, Activation):
        return which
    if which is None:
        return ACTIVATIONS["identity"]
    if isinstance(which, str):
        name = which.lower().replace("-", "_").replace(" ", "_")
        name = _OTHER_NAMES.get(name, name)
        if name in ACTIVATIONS:
            return ACTIVATIONS[name]
    elif callable(which):
        return Activation(getattr(which, "__name__", "activation"), which, "")
    raise EngineError(f"There is no activation {which!r}; there are {', '.join(ACTIVATIONS)}.")


__all__ = ["ACTIVATIONS", "Activation", "activation"]
