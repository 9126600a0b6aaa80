"""Where a NaN or an infinity comes from: the first step that made it, in the user's own characters.

Only leaf gradients and results are looked at while all is well; this runs when one of them is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import EngineError
from .shapes import bare, has_nan
from .spans import Span, span_of
from .sweeps import contribution, reverse
from .tape import ABSENT, CONSTANT, Record


def is_finite(value: Any) -> bool:
    """Whether a float or every element of an array is finite."""
    return bool(np.all(np.isfinite(bare(value))))


def not_finite(records: list[Record], output: int, where: str) -> EngineError:
    """A sentence about the first step, among those that the result depends on, whose value is not finite."""
    with np.errstate(all="ignore"):
        used = reverse(records, output)
    for record, adjoint in zip(records, used, strict=False):
        if adjoint is not None and not is_finite(record[1]):
            span = span_of(record[2], record[3]) if record[2] is not None else None
            word = "not a number" if has_nan(record[1]) else "infinite"
            return EngineError(
                f"{_spelled(record, span)} is {word}{where}{_reason(records, record)}; "
                "choose a point where the function has a value.",
                span,
            )
    return EngineError(f"The value is not finite{where}; choose another point.")


def too_steep(records: list[Record], adjoints: Sequence[Any], names: Sequence[str], guarded: bool, where: str) -> EngineError:
    """A sentence about the first edge, in the order of the reverse sweep, that carries something not finite back."""
    for index in range(len(adjoints) - 1, -1, -1):
        record, adjoint = records[index], adjoints[index]
        if adjoint is None:
            continue
        for slot, (source, _) in enumerate(operand_pairs(record)):
            with np.errstate(all="ignore"):
                if source < 0 or is_finite(contribution(records, index, slot, adjoint, guarded)):
                    continue
            span = span_of(record[2], record[3]) if record[2] is not None else None
            what = f"{span.text!r:.60}" if span else f"the step {record[0].name}"
            by = f" by {names[source]}" if source < len(names) and names[source] else ""
            return EngineError(
                f"The slope of {what}{by} is not finite{where}; "
                "the function has a value here but no finite slope; choose another point.",
                span,
            )
    return EngineError(f"The slope is not finite{where}; choose another point.")


def operand_pairs(record: Record) -> list[tuple[int, Any]]:
    """(index or CONSTANT, constant's value) per operand."""
    if record[5] is None:
        return [(i, v if i < 0 else None) for i, v in zip(record[4], record[6], strict=True)]
    pairs = [(record[4], record[5]), (record[6], record[7])]
    return [(i, v if i == CONSTANT else None) for i, v in pairs if i != ABSENT]


def _spelled(record: Any, span: Span | None) -> str:
    return f"{span.text:.80}" if span is not None else f"A {record[0].name} step"


def _reason(records: list[Record], record: Record) -> str:
    values = [records[i][1] if i >= 0 else v for i, v in operand_pairs(record)]
    if not values or any(isinstance(v, np.ndarray) for v in values):
        return ""
    first = values[0]
    name = record[0].name
    if name.startswith("log") and first <= 0:
        return f": the logarithm of {first:g}"
    if name == "sqrt" and first < 0:
        return f": the square root of {first:g}"
    if name == "div" and values[1] == 0:
        return ": a division by 0"
    if name == "pow":
        return f": {first:g} to the power {values[1]:g}"
    if name in ("arcsin", "arccos", "arccosh", "arctanh"):
        return f": {name} of {first:g}"
    return ": too large for a number" if name in ("exp", "sinh", "cosh", "square", "mul", "add", "expm1") else ""
