"""A trace's steps run again in another arithmetic: sympy's symbols, or numbers of many digits.

This is the engine's second opinion. It takes from a trace only which primitive was applied to what, knows
nothing of
derivative rules, and has its own table of values. At a kink (|x| at 0, a tie of max) the declared convention
picks
the straight piece that stands in for the function, so that a derivative taken here is the one the convention
means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from .trace import Constant, Step, Trace

Values = list[Any]


class Arithmetic:
    """Values of the primitives by name. ``number`` brings a float or array into this arithmetic."""

    def __init__(self, functions: Mapping[str, Callable], number: Callable[[Any], Any]):
        self.functions = functions
        self.number = number


def _smooth(m: Any, wrap: Callable[[Callable], Callable]) -> dict[str, Callable]:
    """The unary functions that sympy and mpmath spell alike."""
    names = {
        "sin": m.sin, "cos": m.cos, "tan": m.tan, "arcsin": m.asin, "arccos": m.acos, "arctan": m.atan,
        "sinh": m.sinh, "cosh": m.cosh, "tanh": m.tanh, "arcsinh": m.asinh, "arccosh": m.acosh,
        "arctanh": m.atanh,
        "exp": m.exp, "expm1": lambda x: m.exp(x) - 1, "log": m.log, "log1p": lambda x: m.log(1 + x),
        "log2": lambda x: m.log(x) / m.log(2), "log10": lambda x: m.log(x) / m.log(10), "sqrt": m.sqrt,
        "sigmoid": lambda x: 1 / (1 + m.exp(-x)), "softplus": lambda x: m.log(1 + m.exp(x)),
    }  # fmt: skip
    return {name: wrap(function) for name, function in names.items()}


_COMMON: dict[str, Callable] = {
    "add": lambda x, z: x + z, "sub": lambda x, z: x - z, "mul": lambda x, z: x * z, "div": lambda x,
    z: x / z,
    "neg": lambda x: -x, "square": lambda x: x * x, "pow": lambda x, z: x**z,
}  # fmt: skip


def _scatter(x: Any, shape: tuple, key: Any) -> Any:
    result = np.zeros(shape, dtype=object)
    np.add.at(result, key, x)
    return result


_ARRAYS: dict[str, Callable] = {
    "sum": lambda x, axis=None, keepdims=False: np.add.reduce(x, axis=axis, keepdims=keepdims),
    "mean": lambda x, axis=None, keepdims=False: (
        np.add.reduce(x, axis=axis, keepdims=keepdims) / (np.size(x) // np.size(np.add.reduce(x, axis=axis)))
    ),
    "broadcast": lambda x, shape: np.broadcast_to(x, shape),
    "matmul": np.matmul, "reshape": np.reshape, "transpose": np.transpose,
    "index": lambda x, key: x[key],
    "stack": lambda *xs, axis=0: np.stack(xs, axis), "concatenate": lambda *xs, axis=0: np.concatenate(xs,
    axis),
    "scatter": _scatter,
}  # fmt: skip

SYMBOLS = Arithmetic({**_COMMON, **_smooth(sympy, lambda f: f)}, sympy.Rational)


def _each(function: Callable) -> Callable:
    spread = np.frompyfunc(function, 1, 1)
    return lambda x: spread(x) if isinstance(x, np.ndarray) else function(x)


def _real_power(x: Any, z: Any) -> Any:
    return (
        np.frompyfunc(mpmath.power, 2, 1)(x, z)
        if isinstance(x, np.ndarray) or isinstance(z, np.ndarray)
        else (mpmath.power(x, z))
    )


def _digits(value: Any) -> Any:
    return np.frompyfunc(mpmath.mpf, 1, 1)(value) if isinstance(value, np.ndarray) else mpmath.mpf(value)


DIGITS = Arithmetic({**_COMMON, **_ARRAYS, **_smooth(mpmath.mp, _each), "pow": _real_power}, _digits)

PIECES = ("abs", "relu", "sign", "max", "min", "where")


def straight_piece(step: Step) -> list[Any]:
    """The weights with which a function made of straight pieces adds up its operands, at the trace's point.

    relu at a positive value: [1]; max at a tie: [0.5, 0.5]. The weights hold the declared conventions.
    """
    xs = [operand.value if isinstance(operand, Constant) else operand.source.value for operand in step.operands]
    match step.primitive:
        case "abs":
            return [np.sign(xs[0])]
        case "relu":
            return [np.greater(xs[0], 0) * 1.0]
        case "sign":
            return [np.zeros(np.shape(xs[0]))]
        case "where":
            chosen = np.asarray(xs[0], dtype=bool) * 1.0
            return [0.0, chosen, 1.0 - chosen]
    larger = 0.5 + 0.5 * np.sign(np.subtract(xs[0], xs[1]))
    return [larger, 1.0 - larger] if step.primitive == "max" else [1.0 - larger, larger]


def _piece(step: Step, operands: list[Any], arithmetic: Arithmetic) -> Any:
    if step.primitive == "sign":
        return arithmetic.number(np.sign(_plain(step, 0)))
    total: Any = 0
    for weight, operand in zip(straight_piece(step), operands, strict=True):
        if isinstance(weight, np.ndarray) and weight.ndim:
            # an operand that was not chosen does not count, even where it is infinite
            term: Any = np.where(weight == 0, 0, np.where(weight == 0, 0, operand) * weight)
        else:
            weight = float(weight)
            term = 0 if weight == 0 else operand if weight == 1 else operand * arithmetic.number(weight)
        total = total + term
    return total


def _plain(step: Step, slot: int) -> Any:
    operand = step.operands[slot]
    return operand.value if isinstance(operand, Constant) else operand.source.value


def apply_step(step: Step, operands: list[Any], arithmetic: Arithmetic) -> Any:
    """The value of one step for operands in the given arithmetic. Raises KeyError for a primitive without a
    value
    in it."""
    if step.primitive in PIECES:
        return _piece(step, operands, arithmetic)
    if step.primitive == "square":
        operands = operands[:1]
    return arithmetic.functions[step.primitive](*operands, **step.params)


def replay(
    trace: Trace, arithmetic: Arithmetic, inputs: Mapping[int, Any], *,
    steps: Mapping[int, Any] | None = None, edges: Mapping[tuple[int, int], Any] | None = None,
    upto: int | None = None,
) -> Values:  # fmt: skip
    """All values again. ``inputs`` replaces inputs, ``steps`` the value of steps, ``edges`` one use of a
    value."""
    steps, edges = steps or {}, edges or {}
    values: Values = []
    for step in trace.steps[: None if upto is None else upto + 1]:
        if step.index in steps:
            values.append(steps[step.index])
        elif step.is_input:
            given = inputs.get(step.index)
            values.append(arithmetic.number(step.value) if given is None else given)
        else:
            operands = []
            for slot, operand in enumerate(step.operands):
                if (step.index, slot) in edges:
                    operands.append(edges[step.index, slot])
                elif isinstance(operand, Constant):
                    operands.append(_constant(operand, arithmetic))
                else:
                    operands.append(values[operand.source.index])
            values.append(apply_step(step, operands, arithmetic))
    return values


def _constant(constant: Constant, arithmetic: Arithmetic) -> Any:
    value = constant.value
    if isinstance(value, np.ndarray):
        return arithmetic.number(value.astype(float))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return arithmetic.number(int(value))
    return arithmetic.number(value)
