"""What a primitive is: a function with a value and one derivative rule that serves both sweeps.

An *elementwise* primitive gives its partial derivatives. A *linear* one gives its transpose: forward, the
map itself is
applied to the tangent. Rules are written with ordinary operators and other primitives, so they can be
differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .tape import Node, apply

Rule = Callable[..., Any]


class Primitive:
    """The common part. Calling a primitive computes its value, on a tape if an operand is on one."""

    name: str
    partials: tuple[Rule, ...] | None = None

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        """The value for operands that are floats, arrays, or Nodes of an outer tape."""
        raise NotImplementedError

    def pull(self, slot: int, adjoint: Any, value: Any, operands: tuple, params: dict, times: Rule) -> Any:
        """The contribution of one edge: the adjoint of the result, brought back to operand ``slot``."""
        raise NotImplementedError

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict) -> Any:
        """The tangent that flows forward along one edge."""
        raise NotImplementedError

    def local(self, slot: int, value: Any, operands: tuple, params: dict) -> Any:
        """The local derivative of one edge, or None where it is a linear map and not a number per element."""
        return None

    def __call__(self, *operands: Any, **params: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Node):
                return apply(self, operands, params)
        return self.evaluate(*operands, **params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def scalar(value: Any) -> Any:
    """numpy's 0-d results become Python floats; everything else stays."""
    return float(value) if isinstance(value, np.generic) or (type(value) is np.ndarray and not value.ndim) else value


class Elementwise(Primitive):
    """A function of each element. ``partials[k](y, *xs)`` is the derivative with respect to operand k at
    value y.

    ``on_float`` computes with ``math``, ``on_array`` with numpy. Where ``math`` raises, numpy's inf or nan
    is taken.
    """

    def __init__(self, name: str, on_float: Rule, on_array: Rule, *partials: Rule, flat: str | None = None):
        self.name = name
        self.on_float = on_float
        self.on_array = on_array
        self.partials = partials
        self.kink = flat

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        arrays = False
        floats = True
        for operand in operands:
            kind = type(operand)
            if kind is float:
                continue
            if isinstance(operand, Node):
                return apply(self, operands, params)
            floats = False
            arrays = arrays or isinstance(operand, np.ndarray)
        if arrays:
            return self.on_array(*operands)
        if not floats:
            operands = tuple(map(float, operands))
        try:
            return self.on_float(*operands)
        except (ValueError, OverflowError, ZeroDivisionError):
            return float(self.on_array(*operands))

    def pull(self, slot: int, adjoint: Any, value: Any, operands: tuple, params: dict, times: Rule) -> Any:
        rule = self.partials[slot]  # type: ignore[index]
        if rule is one:
            return fit(adjoint, operands[slot])
        if rule is minus_one:
            return fit(-adjoint, operands[slot])
        part = times(adjoint, rule(value, *operands))
        operand = operands[slot]
        if type(part) is np.ndarray and type(operand) is np.ndarray and part.shape == operand.shape:
            return part
        return fit(part, operand)

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict) -> Any:
        return tangent * self.partials[slot](value, *operands)  # type: ignore[index]

    def local(self, slot: int, value: Any, operands: tuple, params: dict) -> Any:
        return self.partials[slot](value, *operands)  # type: ignore[index]


class Linear(Primitive):
    """A map that is linear in each operand. ``transposes[k](g, y, *xs, **params)`` brings an adjoint back."""

    def __init__(self, name: str, compute: Rule, *transposes: Rule):
        self.name = name
        self.compute = compute
        self.transposes = transposes

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Node):
                return apply(self, operands, params)
        return scalar(self.compute(*operands, **params))

    def pull(self, slot: int, adjoint: Any, value: Any, operands: tuple, params: dict, times: Rule) -> Any:
        return self.transposes[slot](adjoint, value, *operands, **params)

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict) -> Any:
        return self(*operands[:slot], tangent, *operands[slot + 1 :], **params)


class Joint(Primitive):
    """A map that is linear in all its operands together, such as ``stack``: ``transpose(k, g, xs,
    **params)``."""

    def __init__(self, name: str, compute: Rule, transpose: Rule):
        self.name = name
        self.compute = compute
        self.transpose = transpose

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Node):
                return apply(self, operands, params)
        return scalar(self.compute(*operands, **params))

    def pull(self, slot: int, adjoint: Any, value: Any, operands: tuple, params: dict, times: Rule) -> Any:
        return self.transpose(slot, adjoint, operands, **params)

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict) -> Any:
        others = [np.zeros(shape_of(operand)) for operand in operands]
        return self(*others[:slot], tangent, *others[slot + 1 :], **params)


def one(y: Any, *xs: Any) -> float:
    return 1.0


def minus_one(y: Any, *xs: Any) -> float:
    return -1.0


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a float, an ndarray or a Node."""
    while isinstance(value, Node):
        value = value.value
    return value.shape if isinstance(value, np.ndarray) else ()


def bare(value: Any) -> Any:
    """The number or array under any tapes: for rules that are piecewise constant."""
    while isinstance(value, Node):
        value = value.value
    return value


def fit(adjoint: Any, operand: Any) -> Any:
    """Undo broadcasting: sum an adjoint over the axes along which the operand was repeated."""
    if type(adjoint) is np.ndarray and type(operand) is np.ndarray and adjoint.shape == operand.shape:
        return adjoint
    have, want = shape_of(adjoint), shape_of(operand)
    if have == want:
        return adjoint
    from .linear import broadcast_to, reshape, total

    lead = len(have) - len(want)
    if not want and type(adjoint) is np.ndarray:
        return float(np.add.reduce(adjoint, axis=None))
    if type(adjoint) is np.ndarray and lead > 0 and have[lead:] == want:
        return np.add.reduce(adjoint, axis=0 if lead == 1 else tuple(range(lead)))
    if lead < 0 or any(h == 1 and w != 1 for h, w in zip(have[lead:], want, strict=True)):
        return fit(broadcast_to(adjoint, shape=np.broadcast_shapes(have, want)), operand)
    axes = tuple(range(lead)) + tuple(lead + k for k, w in enumerate(want) if w == 1 and have[lead + k] != 1)
    summed = total(adjoint, axis=axes, keepdims=False)
    return summed if shape_of(summed) == want else reshape(summed, shape=want)
