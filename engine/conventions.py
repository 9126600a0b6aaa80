"""The places of a trace where no derivative exists and a declared convention stands in, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .trace import Step, Trace

_AT_ZERO = {"abs", "relu", "sign", "heaviside", "copysign", "angle", "i0e"}
_AT_TIE = {"max", "min", "fmax", "fmin"}
_AT_STEP = {"floor", "ceil", "trunc", "rint", "floordiv", "mod", "fmod"}
_AT_ORIGIN = {"hypot", "arctan2"}
_AMONG_EQUALS = {"amax", "amin"}
_LENGTHS = {"norm", "pnorm"}
_COINCIDING = {"eigvalsh": "Eigenvalues", "svdvals": "Singular values"}


def _where(step: Step) -> str:
    return f" (at {step.span.text!r:.60})" if step.span is not None else f" (step {step.name})"


def conventions_of(trace: Trace) -> Iterator[str]:
    """Sentences in order of the steps, each only once."""
    seen: set[str] = set()
    for sentence in _all(trace):
        if sentence not in seen:
            seen.add(sentence)
            yield sentence


def _all(trace: Trace) -> Iterator[str]:
    for step in trace.steps:
        if step.dead or step.is_input:
            continue
        record = trace._records[step.index]
        if record[5] is None:
            operands = record[6]
        else:
            operands = _scalars(trace, step)
        name = step.primitive
        if name in _AT_ZERO and np.any(np.equal(operands[0], 0)):
            yield f"{name} has no derivative at 0; this engine uses 0 there{_where(step)}."
        elif name in _AT_TIE and np.any(np.equal(operands[0], operands[1])):
            yield (f"{name} has no derivative where both values are equal; this engine gives each one half{_where(step)}.")
        elif name in _AT_STEP and np.any(_jumps(name, operands, step.value)):
            yield f"{name} jumps here and has no derivative; this engine keeps the slope of the piece beside it{_where(step)}."
        elif name in _AT_ORIGIN and np.any(np.equal(operands[0], 0) & np.equal(operands[1], 0)):
            yield f"{name} has no derivative where both operands are 0; this engine uses 0 there{_where(step)}."
        elif name in _AMONG_EQUALS and _share_an_extreme(operands[0], step.value, **step.params):
            yield f"{name} has no derivative where elements are tied for it; this engine shares the slope{_where(step)}."
        elif name in _LENGTHS and np.any(np.equal(step.value, 0)):
            yield f"The length of a zero vector has no derivative; this engine uses 0 there{_where(step)}."
        elif name == "pnorm" and step.params["p"] <= 1 and np.any(np.equal(operands[0], 0)):
            order = f"{step.params['p']:g}"
            yield f"A length of order {order} has no derivative where an element is 0; this engine uses 0{_where(step)}."
        elif name == "sort" and np.any(np.diff(step.value, axis=step.params["axis"]) == 0):
            yield f"sort has no derivative where elements are equal; this engine keeps their order{_where(step)}."
        elif name in _COINCIDING and _coincide(step.value):
            yield f"{_COINCIDING[name]} that coincide have no derivative; this engine uses the basis it computed{_where(step)}."
        elif name == "pow" and np.any(np.equal(operands[0], 0)) and _power_moves(step):
            yield f"0 to a power has no derivative by the power; this engine uses 0 there{_where(step)}."
        if trace._guarded:
            for edge in step.edges:
                if edge.local is None:
                    continue
                with np.errstate(all="ignore"):
                    plain = step.adjoint * edge.local
                if np.any(np.isnan(plain)) and not np.any(np.isnan(edge.contribution)):
                    yield (
                        f"An adjoint of 0 met an infinite derivative; this engine counts 0 times infinity as 0{_where(step)}."
                    )


def _jumps(name: str, operands: tuple, value: Any) -> Any:
    """Where a function made of steps is at one of them."""
    x = np.asarray(operands[0], float)
    match name:
        case "rint":
            return x - np.floor(x) == 0.5
        case "mod":
            return np.equal(value, 0)
        case "fmod" | "trunc":
            return (np.equal(value, 0) if name == "fmod" else x == np.trunc(x)) & (x != 0)
        case "floordiv":
            with np.errstate(all="ignore"):
                return np.equal(np.mod(x, operands[1]), 0)
    return x == np.floor(x)


def _share_an_extreme(x: Any, value: Any, axis: Any = None, keepdims: bool = False) -> bool:
    value = np.asarray(value) if keepdims or axis is None else np.expand_dims(value, axis)
    return bool(np.any(np.sum(np.equal(x, value), axis=axis) > 1))


def _coincide(values: Any) -> bool:
    """Whether two of the sorted values differ by rounding only."""
    gaps = np.abs(np.diff(np.sort(values, axis=-1), axis=-1))
    return bool(np.any(gaps <= 1e-14 * np.max(np.abs(values), initial=0.0)))


def _scalars(trace: Trace, step: Step) -> tuple:
    from .trace import operand_pairs

    return tuple(trace._records[i][1] if i >= 0 else v for i, v in operand_pairs(trace._records[step.index]))


def _power_moves(step: Step) -> bool:
    return any(edge.slot == 1 for edge in step.edges)
