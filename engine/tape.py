"""The tape: an append-only list of what was computed, in the order in which it was computed.

A record is a plain tuple, so that a million of them stay cheap; the index of a record is its place in the
list and
an operand always has a smaller index than its result. No graph search, no recursion, no reference cycles.

    floats:     (primitive, value, code, offset, i, di, j, dj)
    otherwise:  (primitive, value, code, offset, indices, None, constants, params)

For floats ``i`` is the operand's index and ``di`` the local derivative, computed at once. ``i == CONSTANT``
says that
the operand is no step and ``di`` is its value; ``j == ABSENT`` says that there is no second operand.
Otherwise
``indices`` holds an index or CONSTANT per operand, ``constants`` the constants' values (None for steps), and
local
derivatives are computed when a sweep asks. ``(code, offset)`` is the instruction of the user's code that ran.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np

from .errors import EngineError
from .spans import current_span, user_frame

CONSTANT = -1
ABSENT = -2
Record = tuple[Any, ...]

_levels = itertools.count(1)


class Tape:
    """One recording. ``level`` grows with every tape: of two tapes that meet in an operation the newer one
    is the
    inner one, and to it the other's values are constants. That is all it takes against perturbation
    confusion.
    """

    __slots__ = ("records", "level", "locked")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.level = next(_levels)
        self.locked: list[np.ndarray] = []

    def lock(self, array: np.ndarray) -> None:
        """Forbid writing to a user's array until the recording ends: a constant must not change after its
        use."""
        if array.flags.writeable:
            array.flags.writeable = False
            self.locked.append(array)

    def unlock(self) -> None:
        waiting, self.locked = self.locked, []
        while waiting:  # a view can be unlocked only after the array it looks into
            still = []
            for array in waiting:
                try:
                    array.flags.writeable = True
                except ValueError:
                    still.append(array)
            if len(still) == len(waiting):
                return
            waiting = still


class Node:
    """A value on a tape. ``value`` is a float, an ndarray, or a Node of an outer tape."""

    __slots__ = ("value", "index", "tape")

    def __init__(self, value: Any, index: int, tape: Tape):
        self.value = value
        self.index = index
        self.tape = tape


def constant(value: Any) -> Any:
    """A user's constant as the engine computes with it: a float or int, or an ndarray of one dimension or
    more."""
    kind = type(value)
    if kind is float or kind is int or kind is bool:
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind not in "fiub":
            raise EngineError(
                f"The engine computes with real numbers, not with {value.dtype}; convert the array first.",
                current_span(),
            )
        return value if value.ndim else value.item()
    if isinstance(value, (float, int)):
        return float(value)
    if isinstance(value, (list, tuple)):
        return constant(np.asarray(value))
    raise EngineError(
        f"The engine computes with numbers and arrays, not with a {kind.__name__} ({value!r:.40}).",
        current_span(),
    )


def apply(primitive: Any, operands: tuple, params: dict[str, Any]) -> Any:
    """Run a primitive whose operands include a Node, and write it on the newest tape among them."""
    newest: Node | None = None
    for operand in operands:
        if isinstance(operand, Node) and (newest is None or operand.tape.level > newest.tape.level):
            newest = operand
    assert newest is not None
    tape = newest.tape
    raw: list[Any] = []
    indices: list[int] = []
    constants: list[Any] = []
    scalar = not params and len(operands) <= 2
    for operand in operands:
        if isinstance(operand, Node):
            if operand.tape is tape:
                value = operand.value
                indices.append(operand.index)
                constants.append(None)
            else:
                value = operand
                indices.append(CONSTANT)
                constants.append(value)
        else:
            value = constant(operand)
            if isinstance(value, np.ndarray):
                tape.lock(value)
            indices.append(CONSTANT)
            constants.append(value)
        raw.append(value)
        scalar = scalar and isinstance(value, (float, int))
    result = primitive.evaluate(*raw, **params)
    frame = user_frame(sys._getframe(1))
    code, offset = (None, 0) if frame is None else (frame.f_code, frame.f_lasti)
    record: Record
    if scalar and primitive.partials is not None:
        parts: list[Any] = []
        for slot, index in enumerate(indices):
            parts += (index, primitive.partials[slot](result, *raw) if index >= 0 else raw[slot])
        if len(parts) == 2:
            parts += (ABSENT, 0.0)
        record = (primitive, result, code, offset, *parts)
    else:
        record = (primitive, result, code, offset, tuple(indices), None, tuple(constants), params)
    tape.records.append(record)
    return type(newest)(result, len(tape.records) - 1, tape)
