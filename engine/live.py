"""A tape seen from a sweep: which records matter, and records as Nodes for a sweep that is itself to be recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .tape import ABSENT, NO_PARAMS, Node, Record, Tape


def ancestors(records: list[Record], wanted: Sequence[int], start: int) -> list[int]:
    """The indices from ``start`` on of everything that the wanted records depend on, in order."""
    end = max(wanted, default=start - 1) + 1
    needed = bytearray(end - start)
    for index in wanted:
        needed[index - start] = 1
    for index in range(end - 1, start - 1, -1):
        if needed[index - start]:
            record = records[index]
            for source in record[4] if record[5] is None else (record[4], record[6]):
                if source >= start:
                    needed[source - start] = 1
    return [start + k for k, one in enumerate(needed) if one]


class Live:
    """The steps of a tape as Nodes on it. ``kind`` is the class of Node that the user's function computed with."""

    def __init__(self, tape: Tape, kind: Callable[[Any, int, Tape], Node]):
        self.tape = tape
        self.nodes = _Nodes(tape, kind)

    def step(self, index: int) -> tuple[Node, tuple[int, ...], tuple[Any, ...], dict[str, Any]]:
        """Value, indices, operands and params of a record of either kind, Nodes where they are steps."""
        _, _, _, _, i, di, j, dj = self.tape.records[index]
        nodes = self.nodes
        if di is None:
            if len(i) == 1:
                return nodes[index], i, (nodes[i[0]],), dj
            return nodes[index], i, tuple([nodes[k] if k >= 0 else x for k, x in zip(i, j, strict=True)]), dj
        indices: tuple[int, ...] = (i, j)
        operands: tuple[Any, ...] = (nodes[i] if i >= 0 else di, nodes[j] if j >= 0 else dj)
        if j == ABSENT:
            indices, operands = (() if i == ABSENT else (i,)), operands[:1]
        return nodes[index], indices, operands, NO_PARAMS


class _Nodes(dict[int, Node]):
    """Nodes by index, made when they are first asked for."""

    def __init__(self, tape: Tape, kind: Callable[[Any, int, Tape], Node]):
        self.tape = tape
        self.kind = kind

    def __missing__(self, index: int) -> Node:
        node = self[index] = self.kind(self.tape.records[index][1], index, self.tape)
        return node
