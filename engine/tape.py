"""The tape: an append-only list of what was computed, in the order in which it was computed.

A record is a plain tuple, so that a million of them stay cheap; the index of a record is its place in the list and an
operand always has a smaller index than its result. No graph search, no recursion, no reference cycles.

    floats:     (primitive, value, code, offset, i, di, j, dj)
    otherwise:  (primitive, value, code, offset, indices, None, operands, params)

For floats ``i`` is the operand's index and ``di`` the local derivative, computed at once. ``i == CONSTANT`` says that
the operand is no step and ``di`` is its value; ``j == ABSENT`` says that there is no second operand. Otherwise
``indices`` holds an index or CONSTANT per operand, ``operands`` the values of all operands, and local derivatives are
computed when a sweep asks. ``(code, offset)`` is the instruction of the user's code that ran.

There is one tape at a time. A derivative taken inside a function that is being recorded goes on on the same tape: its
input gets a record of its own, so it cannot be confused with the value it came from, and its sweep is recorded too.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

from .constants import constant, foreign
from .errors import EngineError
from .holding import Holding
from .spans import users

CONSTANT = -1
ABSENT = -2
NO_PARAMS: dict[str, Any] = {}
Record = tuple[Any, ...]


class Tape(Holding):
    """One recording of a function, with every recording inside it. ``refused``: the first refusal, because user code may
    catch it, and it counts all the same."""

    __slots__ = ("records", "refused", "site", "__weakref__")

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Record] = []
        self.refused: EngineError | None = None
        self.site: Any = None  # the user's frame while a sweep is being recorded, which would be far to look for


class _Current(threading.local):
    tape: Tape | None = None


current = _Current()


class Node:
    """A value on a tape: a float or an ndarray. A Node whose index is CONSTANT is an array that depends on nothing yet."""

    __slots__ = ("value", "index", "tape", "__weakref__")

    def __init__(self, value: Any, index: int, tape: Tape):
        self.value = value
        self.index = index
        self.tape = tape


def apply(primitive: Any, operands: tuple, params: dict[str, Any]) -> Any:
    """Run a primitive whose operands include a Node, and write it on the tape."""
    tape: Any = None
    raw: list[Any] = []
    indices: list[int] = []
    floats = not params
    depends = False
    for operand in operands:
        if isinstance(operand, Node):
            if operand.tape is not tape:
                if tape is not None:
                    raise foreign()
                tape, kind = operand.tape, type(operand)
            value = operand.value
            indices.append(operand.index)
            depends = depends or operand.index >= 0
        else:
            value = operand if type(operand) is float else constant(operand)
            indices.append(CONSTANT)
        if floats and type(value) is not float and type(value) is not int and type(value) is not bool:
            floats = False
        raw.append(value)
    result = primitive.evaluate(*raw, **params)
    if not depends:
        return kind(result, CONSTANT, tape) if isinstance(result, np.ndarray) else result
    records = tape.records
    frame = tape.site or users(sys._getframe(1))
    if floats and primitive.partials is not None and len(raw) <= 2:
        parts: list[Any] = []
        for slot, index in enumerate(indices):
            parts += (index, primitive.partials[slot](result, *raw) if index >= 0 else raw[slot])
        if len(parts) == 2:
            parts += (ABSENT, 0.0)
        records.append((primitive, result, frame.f_code, frame.f_lasti, *parts))
    else:
        for value, index in zip(raw, indices, strict=True):
            if index < 0 and type(value) is np.ndarray:
                tape.lock(value)
        records.append((primitive, result, frame.f_code, frame.f_lasti, tuple(indices), None, tuple(raw), params))
    node = kind(result, len(records) - 1, tape)
    if primitive.view:
        tape.see(operands[0], node)
    return node


def apply_one(primitive: Any, node: Node, params: dict[str, Any]) -> Any:
    """``apply`` for one operand, an array in most cases."""
    array, tape = node.value, node.tape
    if type(array) is not np.ndarray or node.index < 0:
        return apply(primitive, (node,), params)
    value = primitive.evaluate(array, **params)
    frame, records = tape.site or users(sys._getframe(1)), tape.records
    records.append((primitive, value, frame.f_code, frame.f_lasti, (node.index,), None, (array,), params))
    result = type(node)(value, len(records) - 1, tape)
    if primitive.view:
        tape.see(node, result)
    return result
