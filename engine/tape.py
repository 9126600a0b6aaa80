"""The tape: an append-only list of what was computed, in the order in which it was computed.

A record is a plain tuple, so that a million of them stay cheap; the index of a record is its place in the
list and
an operand always has a smaller index than its result. No graph search, no recursion, no reference cycles.

    floats:     (primitive, value, code, offset, i, di, j, dj)
    otherwise:  (primitive, value, code, offset, indices, None, operands, params)

For floats ``i`` is the operand's index and ``di`` the local derivative, computed at once. ``i == CONSTANT``
says that
the operand is no step and ``di`` is its value; ``j == ABSENT`` says that there is no second operand.
Otherwise
``indices`` holds an index or CONSTANT per operand, ``operands`` the values of all operands, and
local
derivatives are computed when a sweep asks. ``(code, offset)`` is the instruction of the user's code that ran.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np

from .errors import EngineError
from .spans import current_span, is_inside

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

    __slots__ = ("records", "level", "locked", "refused")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.level = next(_levels)
        self.locked: list[np.ndarray] = []
        self.refused: EngineError | None = None  # user code may catch a refusal; it counts all the same

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


_inside: dict[str, bool] = {}  # file name -> whether its frames are ours


def apply(primitive: Any, operands: tuple, params: dict[str, Any]) -> Any:
    """Run a primitive whose operands include a Node, and write it on the newest tape among them."""
    newest: Any = None
    level = 0
    for operand in operands:
        if isinstance(operand, Node) and operand.tape.level > level:
            newest = operand
            level = operand.tape.level
    tape = newest.tape
    raw: list[Any] = []
    indices: list[int] = []
    floats = not params
    for operand in operands:
        if isinstance(operand, Node) and operand.tape is tape:
            value = operand.value
            indices.append(operand.index)
        else:
            if type(operand) is np.ndarray and operand.ndim and operand.dtype.kind in "fiub":
                value = operand
                if value.flags.writeable:
                    tape.lock(value)
            else:
                value = operand if type(operand) is float or isinstance(operand, Node) else constant(operand)
                if isinstance(value, np.ndarray):
                    tape.lock(value)
            indices.append(CONSTANT)
        if floats and type(value) is not float and type(value) is not int and type(value) is not bool:
            floats = False
        raw.append(value)
    result = primitive.evaluate(*raw, **params)
    frame = sys._getframe(1)
    name = frame.f_code.co_filename
    while _inside[name] if name in _inside else _inside.setdefault(name, is_inside(name)):
        if frame.f_back is None:
            break
        frame = frame.f_back
        name = frame.f_code.co_filename
    records = tape.records
    if floats and primitive.partials is not None and len(raw) <= 2:
        parts: list[Any] = []
        for slot, index in enumerate(indices):
            parts += (index, primitive.partials[slot](result, *raw) if index >= 0 else raw[slot])
        if len(parts) == 2:
            parts += (ABSENT, 0.0)
        records.append((primitive, result, frame.f_code, frame.f_lasti, *parts))
    else:
        records.append((primitive, result, frame.f_code, frame.f_lasti, tuple(indices), None, tuple(raw), params))
    return type(newest)(result, len(records) - 1, tape)
