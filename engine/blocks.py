"""Blocks: steps of a trace that are shown as one, and the numbers that exist only because they are.

A block is a list of parts, each a list of steps: one part for a stretch of the computation, several for a repetition.
Blame that crosses its border is the sum over the real edges that do; nothing is differentiated anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import EngineError
from .quantity import Quantity
from .trace import Trace, Value


class Blocks:
    """Blocks of a trace. Keys of `quantity`:

    ``repeats/k`` how many parts block k has, ``steps/k`` how many operations are in it, ``crossing/i.k`` the sum of what
    all uses of step i inside block k add to its adjoint.

    >>> from chainreel.engine import Function
    >>> trace = Function.of("sin(x)*cos(x)").trace({"x": 0.5})
    >>> blocks = Blocks(trace, [[[1, 2, 3]]])
    >>> blocks.quantity("crossing", 0, 0).value == trace.gradient["x"], blocks.quantity("steps", 0).value
    (True, 3.0)
    """

    def __init__(self, trace: Trace, blocks: Sequence[Sequence[Sequence[int]]]):
        self.trace = trace
        self.parts = [[[int(i) for i in part] for part in block] for block in blocks]
        self.members = [frozenset(i for part in block for i in part) for block in self.parts]
        for block, members in zip(self.parts, self.members, strict=True):
            if not block or len(members) != sum(map(len, block)) or not members <= set(range(len(trace))):
                raise EngineError("A block is made of parts, a part of steps of the trace, and no step is in it twice.")

    def repeats(self, block: int) -> int:
        """How many parts the block has."""
        return len(self.parts[block])

    def count(self, block: int) -> int:
        """How many operations are in the block (inputs are none; in a block of inputs, how many inputs)."""
        steps = self.trace.steps
        operations = sum(1 for i in self.members[block] if not steps[i].is_input)
        return operations or len(self.members[block])

    def crossing(self, source: int, block: int) -> Value:
        """The sum of the contributions of all edges from a step into the block, in the shape of the step's value."""
        parts = [e.contribution for e in self.trace.steps[source].uses if e.target.index in self.members[block]]
        if not parts or source in self.members[block]:
            raise EngineError(f"No edge from step {source} crosses into block {block}.")
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def quantity(self, kind: str, *which: int) -> Quantity:
        """A number as one that may be shown."""
        key = f"{kind}/{'.'.join(map(str, which))}"
        return Quantity("blocks", key, self.lookup(key))

    def lookup(self, key: str) -> float:
        """The number under a key."""
        kind, which = read_block_key(key)
        if which[-1] >= len(self.parts):
            raise EngineError(f"There are {len(self.parts)} blocks, and {key!r} asks for another one.")
        if kind == "crossing":
            return float(self.crossing(*which))
        return float({"repeats": self.repeats, "steps": self.count}[kind](*which))

    def describe(self) -> dict[str, Any]:
        """What is needed to build them again."""
        return {"kind": "blocks", "trace": self.trace.describe(), "blocks": self.parts}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Blocks:
        """The blocks of a description, on a trace that is computed again."""
        return cls(Trace.rebuild(description["trace"]), description["blocks"])


def read_block_key(key: str) -> tuple[str, tuple[int, ...]]:
    """`crossing/3.0` → ("crossing", (3, 0)).

    >>> read_block_key("repeats/2")
    ('repeats', (2,))
    """
    kind, _, rest = key.partition("/")
    try:
        which = tuple(int(k) for k in rest.split("."))
    except ValueError:
        which = ()
    if kind not in ("repeats", "steps", "crossing") or len(which) != 1 + (kind == "crossing"):
        raise EngineError(f"{key!r} is no key of blocks; keys look like repeats/0, steps/1 or crossing/3.0.")
    return kind, which
