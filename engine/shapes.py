"""Shapes of values, with or without a tape around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .tape import Node

_ndarray = np.ndarray


def scalar(value: Any) -> Any:
    """numpy's 0-d results become Python floats; everything else stays."""
    if type(value) is _ndarray and value.ndim:
        return value
    return float(value) if isinstance(value, np.generic) or type(value) is _ndarray else value


def bare(value: Any) -> Any:
    """The number or array of a Node, anything else as it is: for what looks at values only."""
    return value.value if isinstance(value, Node) else value


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a float, an ndarray or a Node."""
    value = bare(value)
    return value.shape if isinstance(value, np.ndarray) else ()


def widen(value: Any, shape: tuple[int, ...]) -> Any:
    """A value broadcast to a shape, itself where it has that shape already."""
    if shape_of(value) == shape:
        return value
    from .linear import broadcast_to

    return broadcast_to(value, shape=shape)


def fit(adjoint: Any, operand: Any) -> Any:
    """Undo broadcasting: sum an adjoint over the axes along which the operand was repeated."""
    if type(adjoint) is _ndarray and (type(operand) is _ndarray or type(operand) is float):
        have = adjoint.shape
        want = operand.shape if type(operand) is _ndarray else ()
        if have == want:
            return adjoint
        if not want:
            return float(np.add.reduce(adjoint, axis=None))
        lead = len(have) - len(want)
        if lead > 0 and have[lead:] == want:
            return np.add.reduce(adjoint, axis=0 if lead == 1 else tuple(range(lead)))
    elif type(adjoint) is float and type(operand) is _ndarray:
        return adjoint  # a seed of 1 for a whole array: the same for every element
    else:
        have, want = shape_of(adjoint), shape_of(operand)
        if have == want:
            return adjoint
        lead = len(have) - len(want)
    from .linear import reshape, total

    if lead < 0 or any(h == 1 and w != 1 for h, w in zip(have[lead:], want, strict=True)):
        return fit(widen(adjoint, np.broadcast_shapes(have, want)), operand)
    axes = tuple(range(lead)) + tuple(lead + k for k, w in enumerate(want) if w == 1 and have[lead + k] != 1)
    summed = total(adjoint, axis=axes, keepdims=False)
    return summed if shape_of(summed) == want else reshape(summed, shape=want)


def has_nan(value: Any) -> bool:
    """Whether a float, array or Node holds a NaN."""
    value = bare(value)
    if isinstance(value, np.ndarray):
        value = np.vdot(value, value)  # the quickest sum that is NaN exactly where an element is
    return value is not None and bool(value != value)
