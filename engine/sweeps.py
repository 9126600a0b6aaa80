"""The two sweeps over a tape: backward for adjoints, forward for tangents. Plain loops, in index order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .primitive import bare
from .tape import CONSTANT, Record


def reverse(records: list[Record], output: int, seed: Any = 1.0, guarded: bool = False) -> list[Any]:
    """The adjoint of every record, None where the output does not depend on it.

    ``guarded`` applies the convention 0 x infinity = 0; callers ask for it only after a NaN has shown up,
    because
    looking at every product would slow down every sweep.
    """
    times = guarded_product if guarded else product
    adjoints: list[Any] = [None] * len(records)
    adjoints[output] = seed
    for index in range(output, -1, -1):
        adjoint = adjoints[index]
        if adjoint is None:
            continue
        record = records[index]
        primitive, value, _, _, i, di, j, dj = record
        if di is not None:
            if i >= 0:
                part = times(adjoint, di) if guarded else adjoint * di
                before = adjoints[i]
                adjoints[i] = part if before is None else before + part
            if j >= 0:
                part = times(adjoint, dj) if guarded else adjoint * dj
                before = adjoints[j]
                adjoints[j] = part if before is None else before + part
        else:
            operands = record[6]
            for slot, source in enumerate(i):
                if source >= 0:
                    part = primitive.pull(slot, adjoint, value, operands, dj, times)
                    before = adjoints[source]
                    adjoints[source] = part if before is None else before + part
    return adjoints


def contribution(records: list[Record], index: int, slot: int, adjoint: Any, guarded: bool = False) -> Any:
    """What one edge adds to its source's adjoint: the same arithmetic, bit for bit, as in ``reverse``."""
    record = records[index]
    times = guarded_product if guarded else product
    if record[5] is not None:
        return times(adjoint, record[5 + 2 * slot])
    return record[0].pull(slot, adjoint, record[1], record[6], record[7], times)


def forward(records: list[Record], seeds: Mapping[int, Any]) -> list[Any]:
    """The tangent of every record for tangents given at some; None stands for zero."""
    tangents: list[Any] = [None] * len(records)
    for index, record in enumerate(records):
        primitive, value, _, _, i, di, j, dj = record
        if index in seeds:
            tangents[index] = seeds[index]
        elif di is not None:
            tangent = None
            if i >= 0 and tangents[i] is not None:
                tangent = di * tangents[i]
            if j >= 0 and tangents[j] is not None:
                part = dj * tangents[j]
                tangent = part if tangent is None else tangent + part
            tangents[index] = tangent
        elif any(source != CONSTANT and tangents[source] is not None for source in i):
            operands = record[6]
            tangent = None
            for slot, source in enumerate(i):
                if source >= 0 and tangents[source] is not None:
                    part = primitive.push(slot, tangents[source], value, operands, dj)
                    tangent = part if tangent is None else tangent + part
            tangents[index] = tangent
    return tangents


def product(adjoint: Any, local: Any) -> Any:
    return adjoint * local


def guarded_product(adjoint: Any, local: Any) -> Any:
    """adjoint x local with 0 x infinity (and 0 x nan) = 0."""
    from .elementwise import where

    plain, derivative = bare(adjoint), bare(local)
    lost = (plain == 0) & ~np.isfinite(derivative)
    if not np.any(lost):
        return adjoint * local
    if not isinstance(lost, np.ndarray):
        return 0.0
    return where(lost, 0.0, adjoint * where(lost & np.ones(lost.shape, bool), 1.0, local))


def has_nan(value: Any) -> bool:
    """Whether a float, array or Node holds a NaN."""
    value = bare(value)
    if isinstance(value, np.ndarray):
        return bool(np.isnan(value).any())
    return value is not None and value != value
