"""Trace: what happened when a function ran, step by step, with everything the sweeps computed.

The lean records of the tape stay as they are; ``Step`` and ``Edge`` are views of them, made when asked for.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .culprit import operand_pairs
from .errors import EngineError
from .names import step_names
from .quantity import Quantity
from .shapes import shape_of
from .spans import SourceMap, Span, source_map, span_of
from .sweeps import contribution, forward
from .tape import Record

if TYPE_CHECKING:
    from .function import Function

Value = Any  # float or ndarray


@dataclass(frozen=True, eq=False)
class Constant:
    """An operand that is no step: ``text`` as the user wrote it, such as ``2`` or ``X``."""

    value: Value
    text: str

    @property
    def is_data(self) -> bool:
        """Whether this is an array of the user's, not a number."""
        return isinstance(self.value, np.ndarray)


class Edge:
    """One use of a value: operand number ``slot`` of step ``target``. x*x has two edges from x."""

    __slots__ = ("trace", "source", "target", "slot")

    def __init__(self, trace: Trace, source: Step, target: Step, slot: int):
        self.trace = trace
        self.source = source
        self.target = target
        self.slot = slot

    @property
    def local(self) -> Value | None:
        """The derivative of the target by this operand alone: a float, an array, or None for a map such as matmul."""
        return self.trace._local(self.target.index, self.slot)

    @property
    def adjoint(self) -> Value:
        """The adjoint that arrives at the target."""
        return self.target.adjoint

    @property
    def contribution(self) -> Value:
        """What this use adds to the source's adjoint: adjoint times local (shape of the source's value)."""
        return self.trace._contribution(self.target.index, self.slot)

    @property
    def running(self) -> Value:
        """The source's sum of contributions after this edge, in the order of the reverse sweep."""
        return self.trace._running(self)

    @property
    def dead(self) -> bool:
        return self.target.dead

    def __repr__(self) -> str:
        return f"<edge {self.source.name} -> {self.target.name}.{self.slot}>"


class Step:
    """One operation of the run, or an input. ``index`` is its place in the order of creation."""

    __slots__ = ("trace", "index", "primitive", "name", "named", "span", "depth", "operands", "_uses")

    def __init__(self, trace: Trace, index: int, primitive: str, name: str, named: bool, span: Span | None):
        self.trace = trace
        self.index = index
        self.primitive = primitive
        self.name = name
        self.named = named
        self.span = span
        self.depth = 0
        self.operands: tuple[Edge | Constant, ...] = ()
        self._uses: list[Edge] | tuple[Edge, ...] = []

    @property
    def value(self) -> Value:
        return self.trace._records[self.index][1]

    @property
    def adjoint(self) -> Value:
        """The derivative of the output by this value (zeros for a dead step), in the shape of the value."""
        adjoint = self.trace._adjoints[self.index]
        if adjoint is None:
            return np.zeros(shape_of(self.value)) if shape_of(self.value) else 0.0
        return adjoint

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The operands that are steps."""
        return tuple(operand for operand in self.operands if isinstance(operand, Edge))

    @property
    def uses(self) -> tuple[Edge, ...]:
        """The edges that leave this step, in the order in which the reverse sweep meets them."""
        if isinstance(self._uses, list):
            self._uses = tuple(sorted(self._uses, key=lambda edge: (-edge.target.index, edge.slot)))
        return self._uses

    @property
    def dead(self) -> bool:
        """Whether the output does not depend on this step."""
        return self.trace._adjoints[self.index] is None

    @property
    def params(self) -> dict[str, Any]:
        """What the primitive was told besides its operands: axis, shape, key …"""
        record = self.trace._records[self.index]
        return dict(record[7]) if record[5] is None else {}

    @property
    def is_input(self) -> bool:
        return self.primitive == "input"

    def __repr__(self) -> str:
        return f"<step {self.index} {self.name} = {self.primitive}>"


class Tangents:
    """How every value moves when the inputs move in one direction (forward sweep over the steps of a trace)."""

    def __init__(self, trace: Trace, direction: dict[str, Value], values: list[Value]):
        self.trace = trace
        self.direction = direction
        self._values = values

    def __getitem__(self, step: Step) -> Value:
        tangent = self._values[step.index]
        if tangent is None:
            return np.zeros(shape_of(step.value)) if shape_of(step.value) else 0.0
        return tangent

    def quantity(self, step: Step, element: tuple[int, ...] | None = None) -> Quantity:
        """The tangent of a step as a number that may be shown; key ``tangent/3``."""
        value, suffix = _element(self[step], element, f"the tangent of {step.name}")
        return Quantity("tangents", f"tangent/{step.index}{suffix}", value)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        kind, what, element = read_key(key)
        if kind != "tangent" or len(what) != 1:
            raise EngineError(f"{key!r} is no key of a forward sweep; keys look like tangent/3.")
        return self.quantity(self.trace.step(what[0]), element).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "tangents", "trace": self.trace.describe(), "direction": jsonable(self.direction)}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Tangents:
        return Trace.rebuild(description["trace"]).tangents(description["direction"])


# Multiples of pi, and roots of them: constants that a reader knows by their form.
_PI = re.compile(r"(sqrt\()?([0-9.]+\*)?pi(/[0-9.]+)?(?(1)\))")


@dataclass(frozen=True)
class Counts:
    """How many operations the sweeps of a trace took. An operation on an array counts once, whatever its size.

    ``forward``: steps by primitive. ``reverse``: contributions the reverse sweep computed, one for each use of a value
    on which the output depends, by the primitive of the step that uses it. ``sums``: additions of contributions where a
    value is used more than once.
    """

    forward: Mapping[str, int]
    reverse: Mapping[str, int]
    sums: int

    @property
    def forward_total(self) -> int:
        return sum(self.forward.values())

    @property
    def reverse_total(self) -> int:
        return sum(self.reverse.values()) + self.sums


@dataclass(frozen=True)
class Kept:
    """The bytes that a trace holds: the ``records`` of the tape with the numbers inside them, ``arrays`` (values and
    constants, each once however many steps share it) and ``adjoints``."""

    records: int
    arrays: int
    adjoints: int

    @property
    def total(self) -> int:
        return self.records + self.arrays + self.adjoints


@dataclass
class Labels:
    """What the user's source says of each step: name, whether it is the user's own, place, texts of the constants."""

    names: list[str]
    named: list[bool]
    spans: list[Span | None]
    texts: dict[tuple[int, int], str]


class Trace:
    """A run of a function at a point, with its reverse sweep. Made by ``Function.trace``.

    Two traces are equal when everything in them is: steps, names, places and numbers (the text of ``to_json``).

    >>> from chainreel.engine import Function
    >>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
    >>> dict(trace.counts.forward), trace.counts.reverse_total
    ({'mul': 1, 'sin': 1, 'square': 1, 'add': 1}, 7)
    >>> Trace.from_json(trace.to_json()) == trace
    True
    """

    def __init__(
        self, function: Function, at: dict[str, Value], records: list[Record], output: int,
        adjoints: list[Any], guarded: bool,
    ):  # fmt: skip
        self.function = function
        self.at = at
        self._records = [_own(record) for record in records]
        self._output = output
        self._adjoints = adjoints + [None] * (len(records) - len(adjoints))
        self._guarded = guarded
        self._stored: dict[tuple[int, int], tuple[Value | None, Value]] = {}  # local, contribution: read from a text
        self._sums: dict[int, dict[tuple[int, int], Value]] = {}

    # -- views -----------------------------------------------------------------------------------------------
    @functools.cached_property
    def _labels(self) -> Labels:
        records, function = self._records, self.function
        places: dict[tuple[int, int], Span | None] = {}
        maps: dict[int, SourceMap | None] = {id(None): None}
        spans: list[Span | None] = []
        for record in records:  # a loop runs few instructions many times
            code, offset = record[2], record[3]
            place = (id(code), offset)
            if place not in places:
                places[place] = span_of(code, offset)
                if id(code) not in maps:
                    maps[id(code)] = source_map(code)
            spans.append(places[place])
        sources = [maps[id(record[2])] if span is not None else None for record, span in zip(records, spans, strict=True)]
        names, named = step_names(records, spans, sources, function.inputs, self._output, function.name)
        texts = {}
        for index, record in enumerate(records):
            for slot, (source, value) in enumerate(operand_pairs(record)):
                if source < 0:
                    texts[index, slot] = self._constant_text(record, spans[index], sources[index], slot, value)
        return Labels(names, named, spans, texts)

    @functools.cached_property
    def steps(self) -> tuple[Step, ...]:
        labels = self._labels
        steps: list[Step] = []
        for index, record in enumerate(self._records):
            step = Step(self, index, record[0].name, labels.names[index], labels.named[index], labels.spans[index])
            operands: list[Edge | Constant] = []
            for slot, (source, value) in enumerate(operand_pairs(record)):
                if source >= 0:
                    edge = Edge(self, steps[source], step, slot)
                    steps[source]._uses.append(edge)  # type: ignore[union-attr]
                    step.depth = max(step.depth, steps[source].depth + 1)
                    operands.append(edge)
                else:
                    operands.append(Constant(value, labels.texts[index, slot]))
            if step.primitive == "square":
                operands.append(Constant(2, "2"))
            step.operands = tuple(operands)
            steps.append(step)
        return tuple(steps)

    @staticmethod
    def _constant_text(record: Record, span: Span | None, source: SourceMap | None, slot: int, value: Value) -> str:
        written = source.operand_text(span, slot) if span is not None and source is not None else None
        array = isinstance(value, np.ndarray)
        if written is not None and len(written) <= 24:
            local = written in record[2].co_varnames  # a loop's variable has another value next time
            if array or _is_literal(written, value) or (written.isidentifier() and not local):
                return written
            if not array and _PI.fullmatch(written.replace(" ", "")):
                return written.replace(" ", "")  # 2*pi says more than 6.283185307
        return f"array{value.shape}" if array else f"{value:.10g}"

    @property
    def inputs(self) -> tuple[Step, ...]:
        return self.steps[: len(self.function.inputs)]

    @property
    def output(self) -> Step:
        return self.steps[self._output]

    @property
    def value(self) -> float:
        return self._records[self._output][1]

    @property
    def gradient(self) -> dict[str, Value]:
        """The derivative of the output by every input, under the inputs' names."""
        return {name: self.steps[k].adjoint for k, name in enumerate(self.function.inputs)}

    @functools.cached_property
    def conventions(self) -> tuple[str, ...]:
        """A sentence for every place where no derivative exists and a declared convention was used."""
        from .conventions import conventions_of

        return tuple(conventions_of(self))

    def step(self, which: int | str | Step) -> Step:
        """A step by index or by name."""
        if isinstance(which, Step):
            return which
        if isinstance(which, int) and 0 <= which < len(self.steps):
            return self.steps[which]
        if which in self._by_name:
            return self._by_name[which]
        raise EngineError(f"This trace has no step {which!r}; it has {', '.join(s.name for s in self.steps[:20])}.")

    @functools.cached_property
    def _by_name(self) -> dict[int | str, Step]:
        return {step.name: step for step in reversed(self.steps)}

    def edge(self, target: int, slot: int) -> Edge:
        operands = self.steps[target].operands
        operand = operands[slot] if 0 <= slot < len(operands) else None
        if not isinstance(operand, Edge):
            raise EngineError(f"Operand {slot} of step {target} is a constant; only uses of a step have edges.")
        return operand

    # -- what it took ----------------------------------------------------------------------------------------
    @functools.cached_property
    def counts(self) -> Counts:
        """Operations of the forward and of the reverse sweep, by primitive."""
        forward_counts: dict[str, int] = {}
        reverse_counts: dict[str, int] = {}
        used = [0] * len(self._records)
        for record, adjoint in zip(self._records, self._adjoints, strict=True):
            name = record[0].name
            if name == "input":
                continue
            forward_counts[name] = forward_counts.get(name, 0) + 1
            if adjoint is not None:
                for source, _ in operand_pairs(record):
                    if source >= 0:
                        reverse_counts[name] = reverse_counts.get(name, 0) + 1
                        used[source] += 1
        return Counts(forward_counts, reverse_counts, sum(count - 1 for count in used if count > 1))

    @functools.cached_property
    def kept(self) -> Kept:
        """The bytes this trace holds on to, by what they are (the views made by ``steps`` are not counted)."""
        seen: set[int] = set()

        def size(value: Any) -> int:
            """Bytes of a value and of what it holds, each object once; arrays by the memory they look into."""
            if id(value) in seen or value is None or isinstance(value, (np.ndarray, str)):
                return 0
            seen.add(id(value))
            if isinstance(value, (tuple, list)):
                return sys.getsizeof(value) + sum(size(part) for part in value)
            if isinstance(value, dict):
                return sys.getsizeof(value) + sum(size(part) for part in value.values())
            return sys.getsizeof(value) if isinstance(value, (float, int, slice)) and not isinstance(value, bool) else 0

        def memory(value: Any) -> int:
            owner = value
            while isinstance(owner.base, np.ndarray):
                owner = owner.base
            if id(owner) in seen:
                return 0
            seen.add(id(owner))
            return owner.nbytes + sys.getsizeof(np.empty(0))

        records = sys.getsizeof(self._records)
        arrays = 0
        for record in self._records:
            records += sys.getsizeof(record) + size(record[1]) + sum(size(part) for part in record[4:])
            for value in (record[1], *(record[6] if record[5] is None else ())):
                arrays += memory(value) if isinstance(value, np.ndarray) else 0
        adjoints = sys.getsizeof(self._adjoints)
        for adjoint in self._adjoints:
            adjoints += memory(adjoint) if isinstance(adjoint, np.ndarray) else size(adjoint)
        return Kept(records, arrays, adjoints)

    @property
    def bytes(self) -> int:
        """All bytes this trace holds on to: records, arrays and adjoints."""
        return self.kept.total

    # -- numbers ---------------------------------------------------------------------------------------------
    def _local(self, index: int, slot: int) -> Value | None:
        record = self._records[index]
        if record[5] is not None:
            return record[5 + 2 * slot]
        if (index, slot) in self._stored:
            return self._stored[index, slot][0]
        with np.errstate(all="ignore"):
            return record[0].local(slot, record[1], record[6], record[7])

    def _contribution(self, index: int, slot: int) -> Value:
        adjoint = self._adjoints[index]
        if adjoint is None:
            shape = shape_of(self._records[operand_pairs(self._records[index])[slot][0]][1])
            return np.zeros(shape) if shape else 0.0
        if (index, slot) in self._stored:
            return self._stored[index, slot][1]
        with np.errstate(all="ignore"):
            return contribution(self._records, index, slot, adjoint, self._guarded)

    def _running(self, edge: Edge) -> Value:
        sums = self._sums.get(edge.source.index)
        if sums is None:
            sums = self._sums[edge.source.index] = {}
            total = None
            for use in edge.source.uses:
                if not use.dead:
                    part = use.contribution
                    total = part if total is None else total + part
                sums[use.target.index, use.slot] = use.contribution if total is None else total
        return sums[edge.target.index, edge.slot]

    def quantity(self, kind: str, what: Step | Edge, element: tuple[int, ...] | None = None) -> Quantity:
        """A number of the trace as one that may be shown.

        ``kind`` is "value" or "adjoint" with a Step, "local", "contribution" or "running" with an Edge; ``element``
        picks one element where the number is an array. Keys: ``value/3``, ``contribution/5.0``, ``value/3[0,1]``.
        """
        if isinstance(what, Step):
            if kind not in ("value", "adjoint"):
                raise EngineError(f"A step has a value and an adjoint, not a {kind}.")
            raw, key, name = getattr(what, kind), f"{kind}/{what.index}", f"the {kind} of {what.name}"
        else:
            if kind not in ("local", "contribution", "running"):
                raise EngineError(f"An edge has a local derivative, a contribution and a running sum, not a {kind}.")
            raw, key = getattr(what, kind), f"{kind}/{what.target.index}.{what.slot}"
            name = f"the {kind} of {what.source.name} in {what.target.name}"
            if raw is None:
                raise EngineError(f"A {what.target.primitive} step has no single local derivative: it is a linear map.")
        value, suffix = _element(raw, element, name)
        return Quantity("trace", key + suffix, value)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``, as the engine computed it."""
        kind, what, element = read_key(key)
        target: Step | Edge = self.edge(*what) if len(what) == 2 else self.step(what[0])
        return self.quantity(kind, target, element).value

    def tangents(self, direction: Mapping[str, Any]) -> Tangents:
        """The forward sweep: how every step moves when the inputs move by ``direction`` (inputs left out rest)."""
        from .function import as_point_value

        seeds = {}
        clean: dict[str, Value] = {}
        for name, tangent in direction.items():
            if name not in self.function.inputs:
                raise EngineError(
                    f"The direction names {name}, which is no input; inputs are {', '.join(self.function.inputs)}."
                )
            index = self.function.inputs.index(name)
            clean[name] = as_point_value(name, tangent)
            want = shape_of(self._records[index][1])
            if shape_of(clean[name]) != want:
                raise EngineError(f"The direction of {name} must have the shape of {name}, {want}.")
            seeds[index] = clean[name]
        with np.errstate(all="ignore"):
            return Tangents(self, clean, forward(self._records, seeds))

    # -- to and from JSON ------------------------------------------------------------------------------------
    def describe(self) -> dict[str, Any]:
        """What is needed to compute this trace again: the function and the point."""
        return {"kind": "trace", "function": self.function.describe(), "at": jsonable(self.at)}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Trace:
        from .function import Function

        return Function.rebuild(description["function"]).trace(description["at"])

    def to_json(self) -> str:
        """Everything in this trace as JSON text: steps, names, places, and every number exactly (see ``archive``).

        Equal for equal traces. Unlike ``describe`` it needs neither the function nor the engine to be read again.
        """
        from .archive import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace of a text made by ``to_json``. Nothing is run: not even the function has to exist any more.

        Raises EngineError where the text is no trace.
        """
        from .archive import from_json

        return from_json(text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.to_json() == other.to_json())

    def __hash__(self) -> int:
        return hash((self.function.name, self.function.inputs, len(self._records), self._output))

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"<trace of {self.function.name}, {len(self)} steps>"


def _own(record: Record) -> Record:
    """A record whose constant arrays are the trace's own, so that no later change by the user shows."""
    if record[5] is not None or not any(i < 0 and isinstance(v, np.ndarray) for i, v in operand_pairs(record)):
        return record
    operands = zip(record[4], record[6], strict=True)
    copies = tuple(v.copy() if i < 0 and isinstance(v, np.ndarray) else v for i, v in operands)
    return (*record[:6], copies, record[7])


def _is_literal(written: str, value: float) -> bool:
    try:
        return float(written.replace("_", "")) == value
    except ValueError:
        return False


def _element(raw: Value, element: tuple[int, ...] | None, name: str) -> tuple[float, str]:
    if not isinstance(raw, np.ndarray):
        return float(raw), ""
    if element is None:
        raise EngineError(f"{name[0].upper()}{name[1:]} is an array of shape {raw.shape}; say which element to show.")
    return float(raw[element]), "[" + ",".join(map(str, element)) + "]"


def read_key(key: str) -> tuple[str, tuple[int, ...], tuple[int, ...] | None]:
    """``"contribution/5.0[1]"`` -> ("contribution", (5, 0), (1,))."""
    try:
        kind, rest = key.split("/", 1)
        rest, _, inside = rest.partition("[")
        element = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else None
        return kind, tuple(int(k) for k in rest.split(".")), element
    except ValueError:
        raise EngineError(f"{key!r} is no key of a trace; keys look like value/3 or contribution/5.0.") from None


def jsonable(point: Mapping[str, Value]) -> dict[str, Any]:
    """A point with arrays as nested lists."""
    return {name: v.tolist() if isinstance(v, np.ndarray) else v for name, v in point.items()}
