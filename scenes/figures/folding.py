"""Folding: a trace of any size as a graph of a few boxes. Nothing here draws.

The operations stand in the order in which they ran, and a box is always a stretch of that order, so no box ever waits
for itself. What did the same again and again becomes one box with a count (found by the place in the source, then by
the operations themselves); then what led to one of the user's names; then sub-expressions, the smallest first. Boxes
are opened again as long as the whole still fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias, cast

import numpy as np

from chainreel.engine import Blocks, Edge, Quantity, Step, Trace
from chainreel.engine import symbol as step_symbol

from ..stage.errors import StageError

LIMIT = 24  # boxes on one frame
MOST_INPUTS = 10
SMALL = 4  # operations that are not worth a box of their own
FEW = 3  # parts of a repetition that need no count


@dataclass(frozen=True)
class Piece:
    """A stretch of the operations, `first` to `last` in their order; `parts` are what it opens into."""

    first: int
    last: int
    name: str
    parts: tuple[Piece, ...] = ()
    repeats: bool = False
    alike: bool = False  # a repetition of operations, not of the same place in the source
    token: Hashable = None  # two pieces with the same token do the same

    @property
    def size(self) -> int:
        """How many operations are in it."""
        return self.last - self.first + 1

    @property
    def leaf(self) -> bool:
        """Whether it is a single operation."""
        return not self.parts


@dataclass(eq=False)
class Block:
    """Steps shown as one. It has what a Step has; with several outputs its value and adjoint are the list of theirs."""

    steps: tuple[Step, ...]
    outputs: tuple[Step, ...]
    number: int  # in the engine's `Blocks`
    name: str
    word: str  # what is written on the box: the user's name for what repeats
    repeats: bool = False
    named: bool = True
    is_input: bool = False
    edges: tuple[Any, ...] = ()
    operands: tuple[Any, ...] = ()
    dead: bool = False
    span: Any = None

    @property
    def index(self) -> int:
        """Its place in the order: that of its last step."""
        return self.steps[-1].index

    @property
    def primitive(self) -> str:
        """`block`, or `input` for several inputs."""
        return "input" if self.is_input else "block"

    @property
    def value(self) -> Any:
        """The value of its output, or the values of all of them in a row."""
        return self._joined([s.value for s in self.outputs])

    @property
    def adjoint(self) -> Any:
        """The adjoint that enters at its outputs: what comes from outside, without what it hands to itself."""
        return self._joined([s.adjoint if (e := self.last_use(s)) is None else e.running for s in self.outputs])

    def last_use(self, output: Step) -> Edge | None:
        """The last use outside that the reverse sweep meets, if the block uses this output itself as well."""
        outside = [e for e in output.uses if e.target.index > self.index and not e.dead]
        inside = any(e.target.index <= self.index and not e.dead for e in output.uses)
        return outside[-1] if inside and outside else None

    def _joined(self, values: Sequence[Any]) -> Any:
        return values[0] if len(values) == 1 else np.concatenate([np.ravel(v) for v in values])

    def __repr__(self) -> str:
        return f"<block {self.name} of {len(self.steps)} steps>"


Node: TypeAlias = "Step | Block"


@dataclass(eq=False)
class Link:
    """All real edges from one node into another, where one of them is a block: the border that blame crosses."""

    view: View
    source: Node
    target: Node
    slot: int
    edges: tuple[Edge, ...]  # in the order of the reverse sweep

    @property
    def real(self) -> Edge | None:
        """The one real edge that it is, where a plain step uses a plain value."""
        alone = len(self.edges) == 1 and isinstance(self.target, Step)
        return self.edges[0] if alone and len(outputs_of(self.source)) == 1 else None

    @property
    def local(self) -> Any:
        """The local derivative of a single edge; None for a block, which has no single one."""
        return None if self.real is None else self.real.local

    @property
    def adjoint(self) -> Any:
        """The adjoint that arrives at the target."""
        return self.target.adjoint

    @property
    def contribution(self) -> Any:
        """What crosses here: for each output of the source, the sum over the real edges."""
        return self._sum(self.edges)

    @property
    def running(self) -> Any:
        """The source's sum after this link, in the order of the reverse sweep."""
        before = [e for link in self.view.uses(self.source) if link.target.index > self.target.index for e in real_edges(link)]
        same = [e for link in self.view.uses(self.source) if link.target is self.target and link.slot <= self.slot
                for e in real_edges(link)]  # fmt: skip
        return self._sum([*before, *same])

    def _sum(self, edges: Iterable[Edge]) -> Any:
        sums: dict[int, Any] = {}
        for edge in edges:
            part = edge.contribution
            sums[edge.source.index] = sums[edge.source.index] + part if edge.source.index in sums else part
        outputs = outputs_of(self.source)
        if len(outputs) == 1:
            return sums[outputs[0].index]
        return np.concatenate([np.ravel(sums.get(s.index, np.zeros(np.shape(s.value)))) for s in outputs])

    def __repr__(self) -> str:
        return f"<link {self.source.name} -> {self.target.name}, {len(self.edges)} edges>"


Wire: TypeAlias = "Edge | Link"


def outputs_of(node: Node) -> tuple[Step, ...]:
    """The steps whose values leave a node."""
    return node.outputs if isinstance(node, Block) else (node,)


def symbol(node: Node, mark: Callable[[str, int | None, str], str]) -> str:
    """A node's name in Typst, marked with its role."""
    return step_symbol(cast(Step, node), mark)


def real_edges(wire: Wire) -> tuple[Edge, ...]:
    """The edges of the trace that a wire stands for."""
    return wire.edges if isinstance(wire, Link) else (wire,)


@dataclass
class View:
    """The graph as it is shown: nodes in the order of the computation, wires between them, and their numbers."""

    trace: Trace
    nodes: list[Node]
    pieces: list[Piece]
    blocks: Blocks | None = None
    wires: dict[int, tuple[Wire, ...]] = field(default_factory=dict)
    source: str = "blocks"  # the name of `blocks` among the sources of a film
    trace_source: str = "trace"  # and that of `trace`

    @property
    def inputs(self) -> list[Node]:
        """Inputs, or blocks of inputs, in the user's order."""
        return [n for n in self.nodes if n.is_input]

    @property
    def operations(self) -> list[Node]:
        """Boxes, from the first to the last."""
        return [n for n in self.nodes if not n.is_input]

    @property
    def edges(self) -> list[Wire]:
        """All wires."""
        return [w for n in self.nodes for w in self.into(n)]

    @cached_property
    def node_of(self) -> dict[int, Node]:
        """The node that shows a step, by the step's index."""
        return {s.index: n for n in self.nodes for s in (n.steps if isinstance(n, Block) else (n,))}

    @property
    def output(self) -> Node:
        """The node that holds the result."""
        return self.node_of[self.trace.output.index]

    @property
    def folded(self) -> bool:
        """Whether any box stands for more than one operation."""
        return self.blocks is not None

    def into(self, node: Node) -> tuple[Wire, ...]:
        """The wires that end at a node."""
        return self.wires.get(node.index, ())

    @cached_property
    def _uses(self) -> dict[int, list[Wire]]:
        uses: dict[int, list[Wire]] = {}
        for wire in self.edges:
            uses.setdefault(wire.source.index, []).append(wire)
        return {k: sorted(v, key=lambda w: (-w.target.index, w.slot)) for k, v in uses.items()}

    def uses(self, node: Node) -> list[Wire]:
        """The wires that leave a node, in the order in which the reverse sweep meets them."""
        return self._uses.get(node.index, [])

    def quantity(self, kind: str, what: Any) -> Quantity:
        """A number of a node or wire as one that may be shown: value, adjoint, contribution, running, local, count."""
        if kind == "count":
            assert self.blocks is not None
            return replace(self.blocks.quantity("repeats" if what.repeats else "steps", what.number), source=self.source)
        if isinstance(what, Block):
            use = what.last_use(what.outputs[0]) if kind == "adjoint" else None
            return self._traced(kind, what.outputs[0]) if use is None else self._traced("running", use)
        if not isinstance(what, Link):
            return self._traced(kind, what)
        if kind == "contribution" and len(what.edges) > 1:
            assert self.blocks is not None and isinstance(what.target, Block)
            crossing = self.blocks.quantity("crossing", what.edges[0].source.index, what.target.number)
            return replace(crossing, source=self.source)
        return self._traced(kind, what.edges[-1])

    def _traced(self, kind: str, what: Any) -> Quantity:
        return replace(self.trace.quantity(kind, what), source=self.trace_source)


def fold(
    trace: Trace, limit: int = LIMIT, unfold: Sequence[str] = (), inputs: int = MOST_INPUTS
) -> View:
    """The graph of a trace with at most `limit` boxes and `inputs` inputs; boxes named in `unfold` are opened.

    Raises StageError for a name that no folded box has.
    """
    steps = [s for s in trace.steps if not s.is_input and not s.dead]
    every = whole(trace)
    pieces = every if len(every) <= limit else _few(every, steps, limit)
    if unfold:
        pieces = opened(pieces, unfold, limit)
    return view_of(trace, pieces, _input_groups(trace, inputs))


def whole(trace: Trace) -> list[Piece]:
    """Every operation that the output depends on, unfolded."""
    steps = [s for s in trace.steps if not s.is_input and not s.dead]
    return [Piece(i, i, s.name, token=(s.primitive, s.span)) for i, s in enumerate(steps)]


def foldable(trace: Trace, limit: int = LIMIT) -> list[str]:
    """The names of the boxes that are folded at first."""
    return [n.word for n in fold(trace, limit).operations if isinstance(n, Block)]


# What is folded ----------------------------------------------------------------------------------------------------


def _few(every: list[Piece], steps: list[Step], limit: int) -> list[Piece]:
    """At most `limit` pieces: repetitions, then names, then sub-expressions, then even stretches."""
    pieces = repetitions(repetitions(every, steps, least=3), steps)
    if len(pieces) > limit:
        alike = repetitions(_retoken(pieces, steps), steps, least=3, alike=True)
        pieces = alike if len(alike) < 0.7 * len(pieces) else pieces
    if len(pieces) > limit:
        pieces = stretches(pieces, steps, limit)
    if len(pieces) > limit:
        pieces = expressions(pieces, steps, limit)
    if len(pieces) > limit:
        pieces = even(pieces, steps, limit)
    return _reopened(pieces, limit)


def repetitions(pieces: Sequence[Piece], steps: Sequence[Step], least: int = 2, alike: bool = False) -> list[Piece]:
    """Runs of the same, folded from the inside out: first what repeats in itself, then repetitions of that."""
    pieces = list(pieces)
    while True:
        numbers: dict[Hashable, int] = {}
        tokens = np.array([numbers.setdefault(p.token, len(numbers)) for p in pieces])
        for period in range(1, len(tokens) // 2 + 1):
            folded = _fold_period(pieces, tokens, period, steps, least, alike)
            if folded is not None:
                pieces = folded
                break
        else:
            return pieces


def _fold_period(
    pieces: Sequence[Piece], tokens: np.ndarray, period: int, steps: Sequence[Step], least: int, alike: bool
) -> list[Piece] | None:
    """The pieces with all repetitions of this length folded, None where there is none."""
    folded: list[Piece] = []
    at = 0
    for start, count in _runs(tokens, period):
        if count < least or sum(p.size for p in pieces[start : start + period * count]) < SMALL:
            continue
        spare = 0
        while start + spare + period * count < len(pieces) and _same(tokens, start + spare, period, count):
            spare += 1
        start += _phase(pieces, steps, start, period, spare)
        parts = [_stretch(pieces[start + k * period : start + (k + 1) * period], steps) for k in range(count)]
        rounds = _rounds(parts, steps)
        if start < at or len(rounds) == count:
            continue
        folded += pieces[at:start]
        body = ("×", tuple(p.token for p in pieces[start : start + period]))
        for group in rounds:
            many = len(group) > 1
            name = _word(group[0], steps) if many else group[0].name
            one = Piece(group[0].first, group[-1].last, name, tuple(group), True, alike, body) if many else group[0]
            folded.append(one)
        at = start + period * count
    return folded + list(pieces[at:]) if at else None


def _rounds(parts: Sequence[Piece], steps: Sequence[Step]) -> list[list[Piece]]:
    """Parts that follow from each other, or that stand beside each other; a layer does not continue the one before."""
    users = _users(parts, steps)
    groups: list[list[int]] = [[0]]
    for k in range(1, len(parts)):
        group = groups[-1]
        leans = k in users[group[-1]]
        chained = len(group) == 1 or group[1] in users[group[0]]
        beside = not leans and not any(k in users[j] for j in group)
        if (leans and chained) or (beside and (len(group) == 1 or not chained)):
            group.append(k)
        else:
            groups.append([k])
    return [[parts[k] for k in group] for group in groups]


def _word(part: Piece, steps: Sequence[Step]) -> str:
    """What a repetition is called: the user's last name in one of its parts, without the number that a loop gave it."""
    inside = steps[part.first : part.last + 1]
    named = [s for s in inside if s.named]
    known = {s.name for s in steps[: part.last + 1]} | {s.name for s in inside[0].trace.inputs}
    return _stem((named or inside)[-1].name, known)


def _runs(tokens: np.ndarray, period: int) -> list[tuple[int, int]]:
    """(start, count) of the runs in which everything comes again after `period`, from left to right."""
    same = tokens[:-period] == tokens[period:]
    if int(same.sum()) < period:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(np.int8), [0]])))
    runs, free = [], 0
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = max(start, free)
        count = (end - start) // period + 1
        if count >= 2 and end - start >= period:
            runs.append((start, count))
            free = start + period * count
    return runs


def _same(tokens: np.ndarray, start: int, period: int, count: int) -> bool:
    """Whether the run may begin one later."""
    end = start + period * count
    return end < len(tokens) and bool(tokens[end] == tokens[end - period])


def _phase(pieces: Sequence[Piece], steps: Sequence[Step], start: int, period: int, spare: int) -> int:
    """Where a round of a loop begins, if it can be chosen: few values are carried over, and its first line comes first."""
    if not spare:
        return 0
    carried = _carried(pieces, steps)

    def cost(offset: int) -> tuple[int, int, int, int]:
        span = steps[pieces[start + offset].first].span
        line, column = (span.line, span.column) if span is not None else (0, 0)
        return int(carried[start + offset + period]), line, column, offset

    return min(range(spare + 1), key=cost)


def _carried(pieces: Sequence[Piece], steps: Sequence[Step]) -> np.ndarray:
    """How many values are needed beyond each gap between the pieces, shape (pieces + 1,)."""
    change = np.zeros(len(pieces) + 2, int)
    for i, users in enumerate(_users(pieces, steps)):
        if users:
            change[i + 1] += 1
            change[max(users) + 1] -= 1
    return np.cumsum(change)[: len(pieces) + 1]


def _retoken(pieces: Sequence[Piece], steps: Sequence[Step]) -> list[Piece]:
    """Tokens that know operations only, not where they are written."""

    def operations(piece: Piece) -> Hashable:
        if piece.leaf:
            return steps[piece.first].primitive
        return ("×", tuple(map(operations, piece.parts[0].parts or piece.parts[:1]))) if piece.repeats else piece.token

    return [replace(p, token=operations(p)) for p in pieces]


def _stretch(pieces: Sequence[Piece], steps: Sequence[Step]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    token = ("…", tuple(p.token for p in pieces))
    return Piece(pieces[0].first, pieces[-1].last, steps[pieces[-1].last].name, tuple(pieces), token=token)


def stretches(pieces: Sequence[Piece], steps: Sequence[Step], limit: int) -> list[Piece]:
    """Everything that led to one of the user's names is one piece, and so is what a helper function did."""
    ends = []
    for here, after in zip(pieces, [*pieces[1:], None], strict=True):
        step = steps[here.last]
        following = None if after is None else steps[after.first]
        if following is None or step.named or _file(step) != _file(following):
            ends.append(here.last)
    if len(ends) >= len(pieces) or len(ends) < 2:
        return list(pieces)
    groups: list[list[Piece]] = [[]]
    for piece in pieces:
        groups[-1].append(piece)
        if piece.last in ends:
            groups.append([])
    return [_stretch(g, steps) for g in groups if g]


def _file(step: Step) -> str:
    return "" if step.span is None else step.span.file


def expressions(pieces: Sequence[Piece], steps: Sequence[Step], limit: int) -> list[Piece]:
    """Sub-expressions, the smallest first, until few enough pieces are left."""
    users = _users(pieces, steps)
    size: list[int] = []
    for i in range(len(pieces)):
        total, q = 1, i - 1
        while q >= 0 and users[q] == {i}:
            total += size[q]
            q -= size[q]
        size.append(total)
    for most in range(2, len(pieces) + 1):
        folded: list[Piece] = []
        i = len(pieces) - 1
        while i >= 0:
            if 1 < size[i] <= most:
                folded.append(_stretch(pieces[i - size[i] + 1 : i + 1], steps))
                i -= size[i]
            else:
                folded.append(pieces[i])
                i -= 1
        if len(folded) <= limit:
            return folded[::-1] if len(folded) > 1 or limit == 1 else list(pieces)
    return list(pieces)


def _users(pieces: Sequence[Piece], steps: Sequence[Step]) -> list[set[int]]:
    """By piece: the pieces that use its values, with the number of pieces for the result of the function."""
    home = {steps[k].index: i for i, p in enumerate(pieces) for k in range(p.first, p.last + 1)}
    users: list[set[int]] = [set() for _ in pieces]
    for step in steps[pieces[0].first : pieces[-1].last + 1]:
        for edge in step.edges:
            i, j = home.get(edge.source.index), home[step.index]
            if i is not None and i != j:
                users[i].add(j)
    return users


def even(pieces: Sequence[Piece], steps: Sequence[Step], limit: int) -> list[Piece]:
    """Stretches of about the same length, cut where the fewest values are carried over."""
    carried = _carried(pieces, steps)
    cuts, length = [0], len(pieces) / limit
    for k in range(1, limit):
        low, high = int(max(cuts[-1] + 1, (k - 0.4) * length)), int(min(len(pieces) - 1, (k + 0.4) * length))
        if low <= high:
            cuts.append(low + int(np.argmin(carried[low : high + 1])))
    cuts.append(len(pieces))
    return [_stretch(pieces[a:b], steps) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]


def _reopened(pieces: list[Piece], limit: int) -> list[Piece]:
    """Boxes are opened as long as there is room, the smallest first; a loop only where little else would be seen."""
    while True:
        room = limit - len(pieces) + 1
        open_ = [p for p in pieces if not p.leaf and len(p.parts) <= (min(room, FEW) if p.repeats and not p.alike else room)]
        if not open_ and len(pieces) == 1:
            only = pieces[0]
            if only.leaf or (within := _open(only, room)) is None:
                return pieces
            return _reopened(within, limit) if not only.repeats else within
        if not open_:
            return pieces
        smallest = min(open_, key=lambda p: len(p.parts))
        pieces = _replace(pieces, smallest, smallest.parts)


def _open(piece: Piece, room: int) -> list[Piece] | None:
    """What a piece opens into: its parts, or of a long repetition the first part in full and the others together."""
    if len(piece.parts) <= room:
        return list(piece.parts)
    if piece.repeats and len(piece.parts) > 2:
        rest = piece.parts[1:]
        first = list(piece.parts[0].parts) or [piece.parts[0]]
        if len(first) + 1 <= room:
            return [*first, replace(piece, first=rest[0].first, parts=rest)]
    return None


def _replace(pieces: Sequence[Piece], old: Piece, new: Iterable[Piece]) -> list[Piece]:
    return [q for p in pieces for q in (new if p is old else (p,))]


def opened(pieces: list[Piece], names: Sequence[str], limit: int) -> list[Piece]:
    """The boxes with these names are opened; StageError for a name that no folded box has, and for too many boxes."""
    for name in names:
        path = _path(pieces, name)
        if path is None:
            known = [p.name for p in pieces if not p.leaf]
            has = f"the folded boxes are {', '.join(dict.fromkeys(known))}" if known else "nothing is folded in this graph"
            raise StageError(f"there is no folded box '{name}' to open; {has}")
        for piece in path:
            inside = _open(piece, limit - len(pieces) + 1)
            if inside is None:
                boxes = len(pieces) - 1 + len(piece.parts)
                raise StageError(f"opening '{name}' would make {boxes} boxes; {limit} is the most that a frame shows")
            pieces = _replace(pieces, piece, inside)
    return pieces


def _path(pieces: Sequence[Piece], name: str) -> list[Piece] | None:
    """From a piece that is shown down to the outermost folded one of that name."""
    for piece in pieces:
        if not piece.leaf and piece.name == name:
            return [piece]
    for piece in pieces:
        below = _path(piece.parts, name)
        if below is not None:
            return [piece, *below]
    return None


def _stem(name: str, known: set[str]) -> str:
    """The user's own name, where a loop made `h_2`, `h_3` … of it."""
    base, _, number = name.rpartition("_")
    return base if number.isdigit() and base in known else name


def _name(leaving: Sequence[Step], word: str, taken: set[str]) -> str:
    """What a block is called on screen: as its output, or for several, or in the hundreds, by its word."""
    if len(leaving) == 1 and not re.search(r"\d{3}$", leaving[0].name):
        return leaving[0].name
    names = [word, *(f"{word}_{k}" for k in range(2, 99))]
    return next(n for n in names if n not in taken)


# Nodes and wires ---------------------------------------------------------------------------------------------------


def _input_groups(trace: Trace, most: int) -> list[list[Step]]:
    """Inputs that share a stem (w1, w2, …) stand together where there are more than a column can hold."""
    groups = [[s] for s in trace.inputs]
    if len(groups) <= most:
        return groups

    def joined(stem: Callable[[Step], str]) -> list[list[Step]]:
        made: dict[str, list[Step]] = {}
        for step in trace.inputs:
            made.setdefault(stem(step), []).append(step)
        return list(made.values())

    groups = joined(lambda s: re.sub(r"(_?\d+)+$", "", s.name) or s.name)
    if len(groups) > most:
        size = -(-len(trace.inputs) // most)
        groups = [list(trace.inputs[i : i + size]) for i in range(0, len(trace.inputs), size)]
    return groups


def view_of(trace: Trace, pieces: Sequence[Piece], groups: Sequence[Sequence[Step]] | None = None) -> View:
    """Nodes and wires for pieces of the computation, and for inputs in groups."""
    steps = [s for s in trace.steps if not s.is_input and not s.dead]
    groups = [[s] for s in trace.inputs] if groups is None else groups
    shown: list[tuple[list[Step], list[list[Step]], Piece | None]] = []
    for group in groups:
        shown.append((list(group), [list(group)], None))
    for piece in pieces:
        inside = steps[piece.first : piece.last + 1]
        parts = [steps[p.first : p.last + 1] for p in piece.parts] if piece.repeats else [inside]
        shown.append((inside, parts, piece))
    home: dict[int, int] = {s.index: k for k, (members, _, _) in enumerate(shown) for s in members}
    nodes: list[Node] = []
    made: list[list[list[int]]] = []
    for k, (members, parts, at) in enumerate(shown):
        if len(members) == 1:
            nodes.append(members[0])
            continue
        leaving = tuple(
            s for s in members
            if at is None or s.index == trace.output.index or any(home.get(e.target.index, k) != k for e in s.uses)
        )  # fmt: skip
        word = at.name if at is not None else re.sub(r"(_?\d+)+$", "", members[0].name) or members[0].name
        name = _name(leaving, word, {n.name for n in nodes})
        nodes.append(Block(
            tuple(members), leaving, len(made), name, word, at is not None and at.repeats,
            is_input=at is None,
        ))  # fmt: skip
        made.append([[s.index for s in part] for part in parts])
    view = View(trace, nodes, list(pieces), Blocks(trace, made) if made else None)
    for k, (node, (members, _, _)) in enumerate(zip(nodes, shown, strict=True)):
        between: dict[Any, list[Edge]] = {}
        for step in members:
            for edge in step.edges:
                source = home.get(edge.source.index)
                if source is not None and source != k:
                    apart = not isinstance(node, Block) and len(outputs_of(nodes[source])) == 1
                    between.setdefault((source, edge.slot) if apart else (source,), []).append(edge)
        wires: list[Wire] = []
        for number, ((source, *_), edges) in enumerate(between.items()):
            plain = not isinstance(node, Block) and not isinstance(nodes[source], Block)
            slot = number if isinstance(node, Block) else edges[0].slot
            order = tuple(sorted(edges, key=lambda e: (-e.target.index, e.slot)))
            wires.append(edges[0] if plain else Link(view, nodes[source], node, slot, order))
        view.wires[node.index] = tuple(wires)
        if isinstance(node, Block):
            node.edges = tuple(wires)
    return view
