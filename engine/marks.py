"""The two records that no operation made: an input, and the input of a function inside another recording."""

from __future__ import annotations

from typing import Any

from .primitive import Primitive
from .rules import one
from .tape import ABSENT, Record


class _Input(Primitive):
    """Stands where a record's primitive stands, for the inputs."""

    name = "input"
    partials = pulls = guarded = ()


class _Alias(Primitive):
    """The input of a function inside another recording: a value of the outer function under an index of its own."""

    name = "alias"
    partials = (one,)
    pulls = guarded = on_numbers = (staticmethod(lambda g, y, x: g),)

    def push(self, slot: int, tangent: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        return tangent

    def push_many(self, slot: int, tangents: Any, value: Any, operands: tuple, params: dict, times: Any = None) -> Any:
        return tangents


INPUT, ALIAS = _Input(), _Alias()


def input_record(value: Any) -> Record:
    return (INPUT, value, None, 0, ABSENT, 0.0, ABSENT, 0.0)
