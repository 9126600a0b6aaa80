"""What a primitive is: a function with a value and a derivative rule that serves both sweeps.

An *elementwise* primitive gives its partial derivatives. A *linear* one gives its transpose: forward, the map itself is
applied to the tangent. Everything else writes out both directions. Rules are written with ordinary operators and other
primitives, so that a sweep can be recorded and differentiated again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .rules import Rule, guarded_product, one, product, pull_of, pull_of_numbers
from .shapes import scalar, shape_of, widen
from .tape import Node, apply, apply_one

_ndarray = np.ndarray


class Primitive:
    """The common part. Calling a primitive computes its value, on the tape if an operand is on one.

    ``pulls[k](g, y, *xs, **params)`` brings an adjoint g of the value y back to operand k (in the operand's shape);
    ``guarded[k]`` does the same with 0 x infinity = 0.
    """

    name: str
    compute: Rule
    pulls: Any
    guarded: Any
    on_numbers: Any = ()  # the pulls where all operands are single numbers
    partials: tuple[Rule, ...] | None = None
    many: Rule | None = None
    view = False  # whether the value looks into the memory of the operand

    def __call__(self, *operands: Any, **params: Any) -> Any:
        if len(operands) == 1 and isinstance(operands[0], Node):
            return apply_one(self, operands[0], params)
        for operand in operands:
            if isinstance(operand, Node):
                return apply(self, operands, params)
        return self.evaluate(*operands, **params)

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        """The value for operands that are floats or arrays."""
        return scalar(self.compute(*operands, **params))

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        """The tangent that flows forward along one edge, in the shape of the value. ``times``: how to multiply with a
        partial derivative (guarded or not), for those that have one."""
        raise NotImplementedError

    def push_many(self, slot: int, tangents: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        """``push`` for tangents with a leading axis; row by row where a primitive has nothing better."""
        if self.many is not None:
            moved = self.many(slot, tangents, value, operands, params)
            if moved is not NotImplemented:
                return moved
        from .linear import index, stack

        rows = [self.push(slot, index(tangents, key=k), value, operands, params) for k in range(shape_of(tangents)[0])]
        return stack(*rows, axis=0)

    def local(self, slot: int, value: Any, operands: tuple, params: dict) -> Any:
        """The local derivative of one edge, or None where it is a map and not a number per element."""
        return None

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


class Elementwise(Primitive):
    """A function of each element. ``partials[k](y, *xs)`` is the derivative by operand k at value y.

    ``on_float`` computes with ``math``, ``on_array`` with numpy. Where ``math`` raises, numpy's inf or nan is taken.
    """

    def __init__(self, name: str, on_float: Rule, on_array: Rule, *partials: Rule, flat: str | None = None):
        self.name = name
        self.on_float = on_float
        self.on_array = self.compute = on_array
        self.partials = partials
        self.kink = flat
        self.pulls = tuple(pull_of(k, rule) for k, rule in enumerate(partials))
        self.guarded = tuple(pull_of(k, rule, guarded_product) for k, rule in enumerate(partials))
        self.on_numbers = tuple(map(pull_of_numbers, partials))

    def __call__(self, *operands: Any, **params: Any) -> Any:
        if len(operands) == 1 and type(operands[0]) is _ndarray:  # rules compute with raw arrays most of the time
            return self.on_array(operands[0])
        return super().__call__(*operands, **params)

    def evaluate(self, *operands: Any, **params: Any) -> Any:
        floats = True
        for operand in operands:
            if type(operand) is not float:
                floats = False
                if isinstance(operand, np.ndarray):
                    return scalar(self.on_array(*operands))
        if not floats:
            operands = tuple(map(float, operands))
        try:
            return self.on_float(*operands)
        except (ValueError, OverflowError, ZeroDivisionError):
            return float(self.on_array(*operands))

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        rule = self.partials[slot]  # type: ignore[index]
        moved = tangent if rule is one else (times or product)(tangent, rule(value, *operands))
        if type(moved) is _ndarray and type(value) is _ndarray and moved.shape == value.shape:
            return moved
        return widen(moved, shape_of(value))

    def push_many(self, slot: int, tangents: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        rule = self.partials[slot]  # type: ignore[index]
        x = operands[slot]
        if type(value) is _ndarray and type(x) is _ndarray and value.shape == x.shape:
            return tangents if rule is one else (times or product)(tangents, rule(value, *operands))
        lead, *inner = shape_of(tangents)
        missing = len(shape_of(value)) - len(inner)
        if missing:
            from .linear import reshape

            tangents = reshape(tangents, shape=(lead,) + (1,) * missing + tuple(inner))
        moved = tangents if rule is one else (times or product)(tangents, rule(value, *operands))
        return widen(moved, (lead, *shape_of(value)))

    def local(self, slot: int, value: Any, operands: tuple, params: dict) -> Any:
        return self.partials[slot](value, *operands)  # type: ignore[index]


class Linear(Primitive):
    """A map that is linear in each operand. ``transposes[k](g, y, *xs, **params)`` brings an adjoint back.

    ``many(slot, tangents, y, operands, params)`` is the map applied to tangents with a leading axis, at once.
    """

    def __init__(self, name: str, compute: Rule, *transposes: Rule, many: Rule | None = None):
        self.name = name
        self.compute = compute
        self.transposes = self.pulls = self.guarded = transposes
        self.many = many

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        return self(*operands[:slot], tangent, *operands[slot + 1 :], **params)


class TwoWay(Primitive):
    """A map that is neither elementwise nor linear, with both rules written out.

    ``pulls[k](g, y, *xs, **params)`` brings an adjoint back to operand k, ``pushes[k](t, y, *xs, **params)`` carries
    a tangent of operand k forward, ``many`` is as for a linear map.
    """

    def __init__(self, name: str, compute: Rule, pulls: tuple[Rule, ...], pushes: tuple[Rule, ...], many: Rule | None = None):
        self.name = name
        self.compute = compute
        self.pulls = self.guarded = pulls
        self.pushes = pushes
        self.many = many

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        return self.pushes[slot](tangent, value, *operands, **params)
