"""The sweeps over a tape: backward for adjoints, forward for tangents. Plain loops, in index order.

``start`` is where the recording begins on the tape: what lies before it belongs to a function further out and is a
constant here. With ``live`` the sweep computes with Nodes in place of values, so that it is written on the same tape
and can be differentiated in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .live import Live, ancestors
from .rules import guarded_either, guarded_product, product
from .tape import Record


def reverse(
    records: list[Record], output: int, seed: Any = 1.0, guarded: bool = False, start: int = 0, live: Live | None = None,
    keep: int | None = None,
) -> list[Any]:  # fmt: skip
    """The adjoint of every record from ``start`` on, None where the output does not depend on it.

    ``guarded`` applies the convention 0 x infinity = 0; callers ask for it only after a NaN has shown up, because
    looking at every product would slow down every sweep. ``keep``: only the first so many adjoints are asked for; the
    others are let go as soon as they have been used, so that their memory serves again while it is still in the cache.
    """
    last = len(records) if keep is None else start + keep
    adjoints: list[Any] = [None] * (output + 1 - start)
    adjoints[output - start] = seed
    for index in range(output, start - 1, -1):
        adjoint = adjoints[index - start]
        if adjoint is None:
            continue
        if index >= last:
            adjoints[index - start] = None
        primitive, value, _, _, i, di, j, dj = records[index]
        if di is not None and live is None:
            if i >= start:
                part = guarded_product(adjoint, di) if guarded else adjoint * di
                before = adjoints[i - start]
                adjoints[i - start] = part if before is None else before + part
            if j >= start:
                part = guarded_product(adjoint, dj) if guarded else adjoint * dj
                before = adjoints[j - start]
                adjoints[j - start] = part if before is None else before + part
            continue
        pulls = primitive.guarded if guarded else primitive.pulls
        if live is not None:
            if di is not None and not guarded:
                pulls = primitive.on_numbers
            value, i, j, dj = live.step(index)
        slot = 0
        for source in i:
            if source >= start:
                part = pulls[slot](adjoint, value, *j, **dj) if dj else pulls[slot](adjoint, value, *j)
                before = adjoints[source - start]
                adjoints[source - start] = part if before is None else before + part
            slot += 1
    return adjoints


def contribution(records: list[Record], index: int, slot: int, adjoint: Any, guarded: bool = False) -> Any:
    """What one edge adds to its source's adjoint: the same arithmetic, bit for bit, as in ``reverse``."""
    record = records[index]
    if record[5] is not None:
        local = record[5 + 2 * slot]
        return guarded_product(adjoint, local) if guarded else adjoint * local
    primitive, value, _, _, _, _, operands, params = record
    return (primitive.guarded if guarded else primitive.pulls)[slot](adjoint, value, *operands, **params)


def forward(
    records: list[Record], seeds: Mapping[int, Any], start: int = 0, many: bool = False, live: Live | None = None,
    wanted: Sequence[int] | None = None, guarded: bool = False,
) -> list[Any]:  # fmt: skip
    """The tangent of every record from ``start`` on for tangents given at some; None stands for zero.

    ``many``: every tangent has a leading axis, one row for each direction, and all directions move at once.
    ``wanted``: only the tangents of these records are asked for; what they do not depend on is left out.
    ``guarded`` is as in ``reverse``.
    """
    times = guarded_either if guarded else product
    end = len(records)
    tangents: list[Any] = [None] * (end - start)
    for index in range(start, end) if wanted is None else ancestors(records, wanted, start):
        primitive, value, _, _, i, di, j, dj = records[index]
        tangent = None
        if index in seeds:
            tangent = seeds[index]
        elif di is not None and live is None:
            if i >= start and tangents[i - start] is not None:
                tangent = guarded_either(tangents[i - start], di) if guarded else di * tangents[i - start]
            if j >= start and tangents[j - start] is not None:
                part = guarded_either(tangents[j - start], dj) if guarded else dj * tangents[j - start]
                tangent = part if tangent is None else tangent + part
        else:
            if live is not None:
                value, i, j, dj = live.step(index)
            push = primitive.push_many if many else primitive.push
            for slot, source in enumerate(i):
                if source >= start and tangents[source - start] is not None:
                    part = push(slot, tangents[source - start], value, j, dj, times)
                    tangent = part if tangent is None else tangent + part
        tangents[index - start] = tangent
    return tangents
