"""Objective: what is minimised, as a function of a tree of parameters, with its gradient and Hessian by the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import EngineError
from ..rebind import rebind
from ..shapes import shape_of
from ..transforms import value_and_grad
from ..trees import alike, flatten, unflatten


class Objective:
    """A loss ``function(params, *data)`` with what optimizers ask for. Parameters are any tree of numbers and arrays.

    >>> objective = Objective(lambda p: p["x"] ** 2 + 3.0 * p["y"])
    >>> objective.value_and_gradient({"x": 2.0, "y": 1.0})
    (7.0, {'x': 4.0, 'y': 3.0})
    """

    def __init__(self, function: Callable[..., Any], data: tuple = (), options: Mapping[str, Any] | None = None):
        if not callable(function):
            raise EngineError(f"A loss is a function of the parameters, not a {type(function).__name__}.")
        self.function = function
        self.data, self.options = data, options or {}
        self._call = rebind(function)  # once, not at every step

    @classmethod
    def of(cls, function: Any) -> Objective:
        """The objective itself, or one around a plain function."""
        return function if isinstance(function, Objective) else cls(function)

    def on(self, *data: Any, **options: Any) -> Objective:
        """The same loss on these data: a batch of examples."""
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__, data=data, options=options)
        return bound

    def __call__(self, params: Any) -> float:
        """The value as a plain number."""
        with np.errstate(all="ignore"):
            return float(self._call(params, *self.data, **self.options))

    def value_and_gradient(self, params: Any) -> tuple[float, Any]:
        """The value and the gradient, a tree of the same structure as ``params``."""
        leaves, structure = flatten(params)
        value, gradient = self.of_leaves(leaves, structure)
        return value, unflatten(structure, gradient)

    def of_leaves(self, leaves: Sequence[Any], structure: Any) -> tuple[float, tuple]:
        """The same for parameters that are flat already; the gradient is a tuple of leaves."""
        call, data, options = self._call, self.data, self.options

        def function(*leaves: Any) -> Any:
            return call(unflatten(structure, leaves), *data, **options)

        value, gradient = value_and_grad(function, tuple(range(len(leaves))))(*leaves)
        return float(value), gradient

    def hessian(self, params: Any) -> np.ndarray:
        """The matrix of second derivatives, (n, n) for n knobs in the order of ``pack``."""
        from ..transforms import hessian

        leaves, structure = flatten(params)
        call, data, options = self._call, self.data, self.options

        def function(vector: Any) -> Any:
            return call(unflatten(structure, unpack(vector, leaves)), *data, **options)

        with np.errstate(all="ignore"):
            return np.asarray(hessian(function)(pack(leaves)))


def pack(leaves: Any) -> np.ndarray:
    """All knobs in one vector, leaf after leaf, arrays row by row."""
    return np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(float, copy=False)


def unpack(vector: Any, like: Any) -> list[Any]:
    """The leaves of a vector, with the shapes of ``like``."""
    leaves, start = [], 0
    for leaf in like:
        shape = shape_of(leaf)
        size = int(np.prod(shape))
        part = vector[start : start + size].reshape(shape) if shape else vector[start]
        leaves.append(float(part) if isinstance(part, np.generic) else part)
        start += size
    return leaves


def checked(params: Any) -> tuple[list[Any], Any]:
    """The leaves of a user's parameters as floats and float arrays, and their structure; a sentence where they are not."""
    leaves, structure = flatten(params)
    clean: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf, (bool, str)) or leaf is None:
            raise EngineError(f"Parameters are numbers and arrays, not {leaf!r}.")
        try:
            array = np.asarray(leaf, dtype=float)
        except (TypeError, ValueError):
            raise EngineError(f"Parameters are numbers and arrays, not a {type(leaf).__name__}.") from None
        if not np.isfinite(array).all():
            raise EngineError("Every parameter must be finite at the start.")
        clean.append(array if array.ndim else float(array))
    if not clean:
        raise EngineError("There are no parameters to train.")
    return clean, structure


def matching(params: Any, gradient: Any) -> tuple[list[Any], list[Any], Any]:
    """The leaves of parameters and gradient, which must have the same structure and shapes."""
    knobs, structure = flatten(params)
    slopes, same = flatten(gradient)
    if len(knobs) != len(slopes) or (same != structure and not alike(structure, same)):
        raise EngineError("The gradient must have the structure of the parameters: the same names and lengths.")
    for p, g in zip(knobs, slopes, strict=True):
        if shape_of(p) != shape_of(g):
            raise EngineError(f"A gradient of shape {shape_of(g)} does not fit a parameter of shape {shape_of(p)}.")
    return knobs, slopes, structure


__all__ = ["Objective", "checked", "matching", "pack", "unpack"]
