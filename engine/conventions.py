"""The places of a trace where no derivative exists and a declared convention stands in, as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from .trace import Step, Trace

_AT_ZERO = {"abs", "relu", "sign"}
_AT_TIE = {"max", "min"}


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


def _scalars(trace: Trace, step: Step) -> tuple:
    from .trace import operand_pairs

    return tuple(trace._records[i][1] if i >= 0 else v for i, v in operand_pairs(trace._records[step.index]))


def _power_moves(step: Step) -> bool:
    return any(edge.slot == 1 for edge in step.edges)
