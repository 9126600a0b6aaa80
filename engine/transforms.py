"""grad, value_and_grad, jvp, vjp: functions that take a function and return its derivatives.

They work on plain Python and numpy functions of floats and arrays, and on each other: ``grad(grad(f))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import EngineError
from .primitive import bare, shape_of
from .rebind import rebind
from .sweeps import forward, has_nan, reverse
from .tape import ABSENT, Node, Record, Tape
from .tensor import Tensor


class InputMark:
    """Stands where a record's primitive stands, for the inputs."""

    name = "input"
    partials = ()

    def __repr__(self) -> str:
        return "<input>"


INPUT = InputMark()


def input_record(value: Any) -> Record:
    return (INPUT, value, None, 0, ABSENT, 0.0, ABSENT, 0.0)


def as_input(value: Any) -> Any:
    """A float, a float array, or a Tensor of an outer tape; integers are promoted."""
    if type(value) is float or isinstance(value, Node):
        return value
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    array = np.asarray(value, dtype=float)
    return array if array.ndim else float(array)


def record(function: Callable, args: Sequence[Any], kwargs: dict, chosen: Sequence[int]) -> tuple[Any, Tape]:
    """Run a function on a new tape; the arguments at ``chosen`` become records 0, 1, …"""
    tape = Tape()
    arguments = list(args)
    for index, position in enumerate(chosen):
        value = as_input(arguments[position])
        if isinstance(value, np.ndarray):
            value = value.copy()
        tape.records.append(input_record(value))
        arguments[position] = Tensor(value, index, tape)
    try:
        with np.errstate(all="ignore"):
            result = rebind(function)(*arguments, **kwargs)
        if tape.refused is not None:
            raise tape.refused
        return result, tape
    except (ValueError, TypeError) as problem:
        refusal = EngineError.behind(problem)
        if refusal is None:
            raise
        raise refusal from None
    finally:
        tape.unlock()


def _on(tape: Tape, result: Any) -> bool:
    return isinstance(result, Node) and result.tape is tape


def _sweep(tape: Tape, output: int, seed: Any) -> list[Any]:
    inputs = []
    for k, one_record in enumerate(tape.records):
        if one_record[0] is not INPUT:
            break
        inputs.append(k)
    with np.errstate(all="ignore"):
        adjoints = reverse(tape.records, output, seed)
        if any(has_nan(adjoints[k]) for k in inputs):
            adjoints = reverse(tape.records, output, seed, guarded=True)
    return adjoints


def _or_zero(adjoint: Any, value: Any) -> Any:
    if adjoint is not None:
        return adjoint
    return np.zeros(shape_of(value)) if shape_of(value) else 0.0


def value_and_grad(function: Callable, argnum: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns the value and the gradient with respect to argument ``argnum`` (or several).

    The function must return one number. The gradient has the shape of the argument.

    >>> value_and_grad(lambda x: x**2 + 3*x)(2.0)
    (10.0, 7.0)
    """
    many = isinstance(argnum, tuple)
    chosen: tuple[int, ...] = argnum if isinstance(argnum, tuple) else (argnum,)

    def transformed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        for position in chosen:
            if not -len(args) <= position < len(args):
                raise EngineError(f"There is no argument {position} to differentiate: {len(args)} were given by position.")
        positions = [position % len(args) for position in chosen]
        result, tape = record(function, args, kwargs, positions)
        values = [r[1] for r in tape.records[: len(positions)]]
        if shape_of(result):
            raise EngineError(
                f"A gradient belongs to a function with one number as its result; this result has shape "
                f"{shape_of(result)}. Add them up with sum() or mean()."
            )
        if not _on(tape, result):
            gradients = tuple(_or_zero(None, v) for v in values)
            return (result, gradients if many else gradients[0])
        adjoints = _sweep(tape, result.index, 1.0)
        gradients = tuple(_or_zero(adjoints[k], v) for k, v in enumerate(values))
        return (result.value, gradients if many else gradients[0])

    transformed.__name__ = f"value_and_grad_of_{getattr(function, '__name__', 'function')}"
    return transformed


def grad(function: Callable, argnum: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function that returns the gradient of ``function`` with respect to argument ``argnum``.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    pair = value_and_grad(function, argnum)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        return pair(*args, **kwargs)[1]

    transformed.__name__ = f"grad_of_{getattr(function, '__name__', 'function')}"
    return transformed


def jvp(function: Callable, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value at ``primals`` and how it moves when the arguments move by ``tangents`` (forward sweep).

    >>> jvp(lambda x, y: x*y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    if len(primals) != len(tangents):
        raise EngineError(f"jvp needs one tangent per argument: {len(primals)} and {len(tangents)} were given.")
    result, tape = record(function, primals, {}, range(len(primals)))
    if not _on(tape, result):
        return result, _or_zero(None, result)
    seeds = {k: as_input(t) for k, t in enumerate(tangents)}
    for k, tangent in seeds.items():
        if shape_of(tangent) != shape_of(tape.records[k][1]):
            raise EngineError(f"Tangent {k} has another shape than its argument.")
    with np.errstate(all="ignore"):
        return result.value, _or_zero(forward(tape.records, seeds)[result.index], result)


def vjp(function: Callable, *primals: Any) -> tuple[Any, Callable[[Any], tuple]]:
    """The value, and a function that carries an adjoint of the value back to every argument (reverse sweep).

    >>> value, back = vjp(lambda x, y: x*y, 3.0, 4.0)
    >>> back(1.0)
    (4.0, 3.0)
    """
    result, tape = record(function, primals, {}, range(len(primals)))
    values = [r[1] for r in tape.records[: len(primals)]]

    def back(adjoint: Any) -> tuple:
        if not _on(tape, result):
            return tuple(_or_zero(None, v) for v in values)
        adjoint = as_input(adjoint)
        if shape_of(adjoint) != shape_of(result):
            raise EngineError(f"The adjoint has shape {shape_of(adjoint)}, the value {shape_of(result)}.")
        adjoints = _sweep(tape, result.index, adjoint)
        return tuple(_or_zero(adjoints[k], v) for k, v in enumerate(values))

    return (result.value if _on(tape, result) else result), back


def is_finite(value: Any) -> bool:
    """Whether a float or every element of an array is finite."""
    return bool(np.all(np.isfinite(bare(value))))
