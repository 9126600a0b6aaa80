"""Running a function on the tape: arguments become records, leaves of trees become inputs, the user's arrays are held still."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .constants import foreign
from .errors import EngineError
from .live import Live
from .marks import ALIAS, INPUT, input_record
from .rebind import rebind
from .shapes import has_nan, shape_of
from .spans import is_inside, span_of, users
from .sweeps import forward, reverse
from .tape import ABSENT, Node, Tape, current
from .tensor import Tensor
from .trees import LEAF, flatten, unflatten


def as_input(value: Any) -> Any:
    """A float, a float array, or a Node; integers are promoted, anything else is refused in a sentence."""
    if type(value) is float or isinstance(value, Node):
        return value
    if type(value) is np.ndarray and value.dtype == float and value.ndim:
        return value
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    if isinstance(value, (complex, np.complexfloating)) or getattr(getattr(value, "dtype", None), "kind", "") == "c":
        raise EngineError("The engine differentiates by real numbers; this argument is complex.")
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise EngineError(
            f"The engine differentiates by numbers and arrays of numbers, not by a {type(value).__name__} ({value!r:.40})."
        ) from None
    return array if array.ndim else float(array)


class Recording:
    """A run of a function on the tape: where it starts, its inputs and its result.

    ``chosen`` are the positions of the arguments to differentiate by; each may be a tree of numbers and arrays.
    """

    __slots__ = ("tape", "start", "inputs", "structures", "leaves", "structure", "inner")

    def __init__(self, function: Callable, args: Sequence[Any], kwargs: dict[str, Any], chosen: Sequence[Any]):
        outer = current.tape
        self.inner = outer is not None
        self.tape = tape = Tape() if outer is None else outer
        self.start = len(tape.records)
        self.inputs: list[Any] = []
        self.structures: list[tuple[int, Any]] = []
        arguments, named = list(args), dict(kwargs)
        for place in chosen:
            holder: Any = named if isinstance(place, str) else arguments
            value = holder[place]
            if type(value) in _LEAVES:
                holder[place] = self._input(value)
                self.structures.append((1, None))
            else:
                parts, structure = flatten(value)
                holder[place] = unflatten(structure, [self._input(part) for part in parts])
                self.structures.append((len(parts), structure))
        current.tape = tape
        collects = gc.isenabled()
        gc.disable()  # records hold no cycles, and looking through a million of them for cycles takes longer than making them
        try:
            result = rebind(function)(*arguments, **named)
        except (ValueError, TypeError, AttributeError) as problem:
            refusal = EngineError.behind(problem)
            if isinstance(problem, AttributeError) and isinstance(problem.obj, Tensor):
                refusal = no_method(problem)
            if refusal is None:
                raise
            raise refusal from None
        finally:
            if collects:
                gc.enable()
            if outer is None:
                current.tape = None
                tape.unlock()
        if tape.refused is not None:
            raise tape.refused
        self.structure: Any
        self.leaves, self.structure = ([result], LEAF) if type(result) in _LEAVES else flatten(result)
        self.leaves = [_clean(leaf) for leaf in self.leaves]

    def _input(self, value: Any) -> Tensor:
        records = self.tape.records
        if type(value) is np.ndarray and value.dtype is _FLOAT and value.ndim:
            self.tape.lock(value)
            records.append(input_record(value))
            self.inputs.append(value)
            return Tensor(value, len(records) - 1, self.tape)
        value = as_input(value)
        if isinstance(value, Node):
            if value.tape is not self.tape:
                raise foreign()
            if type(value.value) is float:
                records.append((ALIAS, value.value, None, 0, value.index, 1.0, ABSENT, 0.0))
            else:
                records.append((ALIAS, value.value, None, 0, (value.index,), None, (value.value,), {}))
            value = value.value
        else:
            records.append(input_record(value))
        self.inputs.append(value)
        return Tensor(value, len(records) - 1, self.tape)

    # -- values ------------------------------------------------------------------------------------------------------
    def on_tape(self, leaf: Any) -> bool:
        """Whether a leaf of the result depends on the inputs."""
        return type(leaf) is Tensor and leaf.tape is self.tape and leaf.index >= self.start

    def outside(self, values: list[Any]) -> list[Any]:
        """Values as the caller gets them: plain numbers and arrays of the caller's own, or Nodes where a function
        further out may depend on them."""
        if self.inner and not self._closed(values):
            return values
        given: list[Any] = []
        seen: set[int] = set()
        for value in values:
            if isinstance(value, Node):
                value = value.value
            if type(value) is np.ndarray:
                if value.base is not None or id(value) in seen:
                    value = value.copy()
                seen.add(id(value))
            given.append(value)
        return given

    def keep(self) -> Recording:
        """Make the arrays of the recording its own: for sweeps that come after the user has the arrays back."""
        if self.inner:
            return self
        own: dict[int, np.ndarray] = {}

        def copied(value: Any) -> Any:
            if type(value) is not np.ndarray:
                return value
            if id(value) not in own:
                own[id(value)] = value.copy()
            return own[id(value)]

        records = self.tape.records
        for k, record in enumerate(records):
            if record[0] is INPUT:
                records[k] = input_record(copied(record[1]))
            elif record[5] is None:
                pairs = zip(record[4], record[6], strict=True)
                operands = tuple(copied(x) if i < 0 or records[i][0] is INPUT else x for i, x in pairs)
                records[k] = (*record[:6], operands, record[7])
        self.inputs = [copied(value) for value in self.inputs]
        return self

    def _closed(self, values: list[Any]) -> bool:
        """Whether Nodes among the values depend on nothing but plain inputs of this recording."""
        records, start = self.tape.records, self.start
        if any(record[0] is ALIAS for record in records[start : start + len(self.inputs)]):
            return False
        touched: list[bool] = []
        for record in records[start:]:
            indices = record[4] if record[5] is None else (record[4], record[6])
            touched.append(any(k >= 0 and (k < start or touched[k - start]) for k in indices))
        return not any(isinstance(v, Node) and v.index >= 0 and (v.index < start or touched[v.index - start]) for v in values)

    def tree(self, leaves: list[Any]) -> Any:
        """Leaves in the structure of the result."""
        return leaves[0] if self.structure is LEAF else unflatten(self.structure, leaves)

    def argument_trees(self, leaves: list[Any]) -> list[Any]:
        """Leaves, one for each input, in the structures of the chosen arguments."""
        trees, at = [], 0
        for count, structure in self.structures:
            trees.append(leaves[at] if structure is None else unflatten(structure, leaves[at : at + count]))
            at += count
        return trees

    # -- sweeps ------------------------------------------------------------------------------------------------------
    @contextmanager
    def _sweeping(self) -> Iterator[Live | None]:
        """Nodes for a sweep inside another recording, which is recorded in turn; the tape remembers the user's place."""
        tape = self.tape
        if current.tape is not tape:
            yield None
            return
        before, tape.site = tape.site, users(sys._getframe(2))
        try:
            yield Live(tape, Tensor)
        finally:
            tape.site = before

    def pull(self, leaf: Any, seed: Any = 1.0) -> list[Any]:
        """The adjoints of the inputs for an adjoint of one leaf of the result."""
        count = len(self.inputs)
        if not self.on_tape(leaf):
            return [zeros(shape_of(value)) for value in self.inputs]
        records, start = self.tape.records, self.start
        with self._sweeping() as live:
            adjoints = reverse(records, leaf.index, seed, False, start, live, count)[:count]
            for adjoint in adjoints:
                if has_nan(adjoint):
                    adjoints = reverse(records, leaf.index, seed, True, start, live, count)[:count]
                    break
        adjoints += [None] * (count - len(adjoints))
        if _NOTHING in map(type, adjoints):
            return [zeros(shape_of(v)) if a is None else a for a, v in zip(adjoints, self.inputs, strict=True)]
        return adjoints

    def push(self, seeds: Sequence[Any], many: bool = False) -> list[Any]:
        """The tangents of the result's leaves for tangents of the inputs (with a leading axis when ``many``)."""
        lead = (shape_of(seeds[0])[0],) if many else ()
        wanted = [leaf.index for leaf in self.leaves if self.on_tape(leaf)]
        given = {self.start + k: seed for k, seed in enumerate(seeds)}
        with self._sweeping() as live:
            tangents = forward(self.tape.records, given, self.start, many, live, wanted)
            if any(has_nan(tangents[index - self.start]) for index in wanted):
                tangents = forward(self.tape.records, given, self.start, many, live, wanted, guarded=True)
        moved = [tangents[leaf.index - self.start] if self.on_tape(leaf) else None for leaf in self.leaves]
        return [
            zeros(lead + shape_of(leaf)) if tangent is None else tangent
            for leaf, tangent in zip(self.leaves, moved, strict=True)
        ]


def no_method(problem: AttributeError) -> EngineError:
    """A sentence about ``x.something`` that an array under differentiation does not have."""
    from difflib import get_close_matches

    near = get_close_matches(problem.name or "", [name for name in dir(Tensor) if not name.startswith("_")], 1, 0.7)
    hint = f"; the nearest is .{near[0]}" if near else ""
    span, step = None, problem.__traceback__
    while step is not None:
        if not is_inside(step.tb_frame.f_code.co_filename):
            span = span_of(step.tb_frame.f_code, step.tb_lasti)
        step = step.tb_next
    place = f", at {span.text!r:.60} ({span.place})" if span is not None and span.place else ""
    return EngineError(f"A value under differentiation has no .{problem.name}{hint}{place}.", span)


_FLOAT = np.dtype(float)
_NOTHING = type(None)
_LEAVES = frozenset((float, np.ndarray, Tensor, int, np.float64))


def _clean(leaf: Any) -> Any:
    if type(leaf) is Tensor and leaf.index < 0:  # an array made inside that depends on nothing
        return leaf.value
    return float(leaf) if type(leaf) is np.ndarray and not leaf.ndim and leaf.dtype != object else leaf


def zeros(shape: tuple[int, ...]) -> Any:
    return np.zeros(shape) if shape else 0.0
