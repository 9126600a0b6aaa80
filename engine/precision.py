"""The steps that a function takes, computed again from other numbers: in single precision, or with complex ones.

The steps are recorded once at a point (see ``recording``); an ``if`` or a loop has been decided there. ``Single`` rounds
the operands and the result of every step to float32. ``Complex`` follows one input that has become complex; linear maps
are taken apart into their values for real and imaginary parts, so that no rule has to know complex numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .linear import Joint
from .marks import INPUT
from .primitive import Elementwise, Linear
from .rebind import rebind
from .recording import Recording
from .spans import span_of
from .tape import CONSTANT, Record
from .trace import operand_pairs


def record(function: Function, point: Mapping[str, Any]) -> tuple[list[Record], Any]:
    """The steps that a function takes at a point, and the index of its result (or the result, where it is a constant)."""
    names = list(point)

    def of_values(*values: Any) -> Any:
        args, kwargs = function._arguments({**function.held, **dict(zip(names, values, strict=True))})
        return function._run(rebind(function._call), args, kwargs)

    with np.errstate(all="ignore"):
        run = Recording(of_values, list(point.values()), {}, range(len(names)))
    (leaf,) = run.leaves if len(run.leaves) == 1 else [None]
    if leaf is None or np.shape(getattr(leaf, "value", leaf)):
        raise EngineError(f"{function.title} does not return one number; differences are taken of one number.")
    return run.tape.records, leaf.index if run.on_tape(leaf) else float(leaf)


class Single:
    """Single precision: operands and results of every step are float32."""

    def input(self, index: int, value: Any) -> Any:
        return self.cast(value)

    def cast(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value if value.dtype.kind == "b" else value.astype(np.float32)
        return value if isinstance(value, bool) else np.float32(value)

    def step(self, record: Record, sources: list[int], operands: list[Any]) -> Any:
        primitive = record[0]
        params = record[7] if record[5] is None else {}
        if isinstance(primitive, Elementwise) and not any(isinstance(x, np.ndarray) for x in operands):
            return np.float32(primitive.on_array(*(np.array([x]) for x in operands))[0])
        return self.cast(_plain(primitive.compute(*operands, **params)))


def _plain(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) and value.ndim else np.asarray(value)[()]


class Complex:
    """Complex numbers, in the steps that depend on the input that moves; all others keep their value."""

    def __init__(self, kind: Any, moving: int, moved: Any):
        self.kind = kind
        self.moving = moving
        self.moved = moved

    def input(self, index: int, value: Any) -> Any:
        return self.moved if index == self.moving else value

    def cast(self, value: Any) -> Any:
        return value

    def step(self, record: Record, sources: list[int], operands: list[Any]) -> Any:
        if not any(np.iscomplexobj(x) for x in operands):
            return record[1]
        primitive = record[0]
        params = record[7] if record[5] is None else {}
        rule = _COMPLEX.get(primitive.name)
        if rule is not None:
            result = rule(*operands, **params)
        elif isinstance(primitive, (Linear, Joint)) or primitive.name == "alias":
            result = _multilinear(primitive, operands, params)
        elif isinstance(primitive, Elementwise) and primitive.name in _ANALYTIC:
            wide = [x if isinstance(x, np.ndarray) else np.array([x]) for x in operands]
            result = primitive.on_array(*wide)
            result = result if any(isinstance(x, np.ndarray) for x in operands) else result[0]
        else:
            span = span_of(record[2], record[3])
            place = f" (at {span.text!r:.60})" if span is not None else ""
            raise EngineError(
                f"The complex step needs a function that is analytic, and {primitive.name} is none{place}; "
                "take central or richardson differences.", span
            )  # fmt: skip
        return result.astype(self.kind) if isinstance(result, np.ndarray) else self.kind(result)


def _multilinear(primitive: Any, operands: list[Any], params: dict) -> Any:
    """A linear map of complex operands from its values for real ones: no rule has to know complex numbers."""
    if primitive.name == "alias":
        return operands[0]
    mixed = [np.iscomplexobj(x) for x in operands]
    if isinstance(primitive, Joint):
        real = primitive.compute(*(np.real(x) for x in operands), **params)
        return real + 1j * primitive.compute(*(np.imag(x) for x in operands), **params)
    total: Any = 0.0
    for parts in product(*((False, True) if m else (False,) for m in mixed)):
        pieces = [np.imag(x) if imaginary else np.real(x) for x, imaginary in zip(operands, parts, strict=True)]
        total = total + (1, 1j, -1, -1j)[sum(parts) % 4] * primitive.compute(*pieces, **params)
    return total


_ANALYTIC = {
    "add", "sub", "mul", "div", "neg", "square", "sqrt", "reciprocal", "exp", "expm1", "exp2", "log", "log2", "log10", "log1p",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
}  # fmt: skip
_COMPLEX: dict[str, Callable] = {
    "pow": lambda x, z: np.power(np.asarray(x) + 0j, z)[()],
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "softplus": lambda x: np.where(np.real(x) > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))[()],
    "sech2": lambda x: 1.0 / np.square(np.cosh(x)),
    "prod": lambda x, axis=None, keepdims=False: np.prod(x, axis=axis, keepdims=keepdims),
    "inv": np.linalg.inv, "det": np.linalg.det,
    "logsumexp": lambda x, axis=None, keepdims=False: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
}  # fmt: skip


def replay(records: list[Record], output: Any, arithmetic: Single | Complex) -> Any:
    """The result of recorded steps in another arithmetic."""
    if isinstance(output, float):
        return output
    values: list[Any] = []
    for index, entry in enumerate(records[: output + 1]):
        if entry[0] is INPUT:
            values.append(arithmetic.input(index, entry[1]))
            continue
        pairs = operand_pairs(entry)
        operands = [values[i] if i != CONSTANT else arithmetic.cast(v) for i, v in pairs]
        values.append(arithmetic.step(entry, [i for i, _ in pairs], operands))
    return values[output]
