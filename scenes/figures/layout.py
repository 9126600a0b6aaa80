"""Where the boxes of a computational graph go: layers from left to right, order by Sugiyama, heights by a small linear program.

igraph orders each layer so that few wires cross (its wheel is self-contained); the heights then minimise the total
climb of the wires, which keeps chains straight. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import igraph
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from chainreel.engine import Edge, Step, Trace

from ..stage.errors import StageError

LIMIT = 24  # boxes on one frame


@dataclass(frozen=True)
class Style:
    """How large a node of the graph is drawn, in frame units; `wide` nodes are a box with a round to its right."""

    name: str
    width: float  # of a whole node, ports included, where `widths` does not say otherwise
    up: float  # from its middle to the top of its name
    down: float  # from its middle to the foot of its basket
    gap: float  # least room between columns
    widths: dict[int, float] = field(default_factory=dict)  # by step index; a column is as wide as its widest node
    stack: int = 1  # how many operations of one operand may stand below each other

    @property
    def row(self) -> float:
        """From the middle of a node to the middle of the next one below."""
        return self.up + self.down


WIDE = Style("wide", 2.30, 0.86, 0.90, 0.46)
CARD = Style("card", 1.22, 0.66, 0.70, 0.40)


@dataclass(frozen=True)
class Inputs:
    """How the column of dials is drawn: radius, room between two dials, above the first and below the last."""

    radius: float
    pitch: float
    up: float
    down: float
    tray: float  # how far below the label's middle the basket hangs
    beside: bool = False  # baskets stand left of the labels instead
    under: bool = False  # baskets reach under the dial
    reach: float = 0.52  # from the middle of the column to the ports


def packed_inputs(count: int, label: float, tray: float) -> Inputs:
    """Without dials, for large graphs: a label in a slot with its basket below, or beside it when there are many."""
    if count <= 6:
        return Inputs(0.0, 0.86, 0.24, 0.66, 0.43, reach=max(label + 0.24, tray) / 2)
    return Inputs(0.0, 0.52, 0.26, 0.26, 0.0, beside=True, reach=label / 2 + 0.12)


def inputs_style(count: int, wide_trays: bool = False) -> Inputs:
    """Roomy for up to four inputs, smaller for six, with baskets beside the labels for more.

    Baskets wider than their labels hang lower, where they may reach under the dial.
    """
    if wide_trays and count <= 3:
        return Inputs(0.40, 1.58, 0.52, 1.02, 0.78, under=True)
    if count <= 4:
        return Inputs(0.40, 1.10, 0.52, 0.78, 0.53)
    if count <= 6:
        return Inputs(0.30, 0.88, 0.40, 0.72, 0.47)
    return Inputs(0.25, 0.62, 0.34, 0.34, 0.0, beside=True)


@dataclass(frozen=True)
class Room:
    """What wires need: the width of a bundle by source step, and the space that chips take right of a step."""

    bundle: dict[int, float] = field(default_factory=dict)
    chips: dict[int, float] = field(default_factory=dict)
    ports: dict[int, float] = field(default_factory=dict)  # the height of a step's ports, chips included
    inputs: Inputs = inputs_style(1)
    air: float = 0.12  # above and below a bundle that passes
    first: float = 0.0  # the least lane between the inputs and the first boxes, where bundles are widest





@dataclass
class Layout:
    """Centres of nodes by step index, routes of wires by edge, and the style that fits them."""

    style: Style
    columns: int
    centre: dict[int, tuple[float, float]] = field(default_factory=dict)
    width: dict[int, float] = field(default_factory=dict)  # of each node: that of its column
    via: dict[tuple[int, int], list[tuple[float, float, float]]] = field(default_factory=dict)  # (x from, x to, y)
    winding: bool = False


def shown_steps(trace: Trace) -> list[Step]:
    """The steps that get a node: all inputs, and every operation that the output depends on."""
    return [s for s in trace.steps if s.primitive == "input" or not s.dead]


def shown_edges(trace: Trace) -> list[Edge]:
    """The wires between them."""
    shown = {s.index for s in shown_steps(trace)}
    return [e for s in shown_steps(trace) for e in s.edges if e.source.index in shown]


def arrange(
    trace: Trace,
    left: float,
    right: float,
    bottom: float,
    top: float,
    styles: Sequence[Style] = (WIDE, CARD),
    room: Room | None = None,
) -> Layout:
    """Lay out a trace inside a rectangle; `left` is where the column of dials stands.

    Raises StageError, with the numbers, when the labels would have to be smaller than a viewer can read.
    """
    steps = shown_steps(trace)
    boxes = [s for s in steps if s.primitive != "input"]
    if len(boxes) > LIMIT:
        raise StageError(
            f"the graph of this function has {len(boxes)} operations, and {LIMIT} is what a frame can show legibly; "
            "show a smaller part of it, or join operations into a vector operation"
        )
    room = room or Room()
    singles = _stacks(steps, 1)
    early = _layers(singles)
    columns = max(early.values(), default=0)
    for style in styles:
        rows = int((top - bottom) / style.row + 1e-6)
        for most in range(1, min(style.stack, rows) + 1):
            stacks = singles if most == 1 else _stacks(steps, most)
            first = _layers(stacks)
            bounded = (_bounded(stacks, w) for w in range(rows, max(rows - 2, most - 1, 1), -1))
            for layer in [first, _late(stacks, first), *bounded]:
                layout = _place(stacks, layer, max(layer.values()), style, left, right, bottom, top, room)
                if layout is not None:
                    return layout
    if len(boxes) <= 1.25 * columns and styles and styles[0].up == CARD.up:
        winding = _wind(steps, early, left, right, bottom, top)
        if winding is not None:
            return winding
    widest = max(sum(1 for s in boxes if early[s.index] == k) for k in range(1, columns + 1)) if boxes else 0
    raise StageError(
        f"the graph of this function has {len(steps) - len(boxes)} inputs and is {columns} operations deep and {widest} "
        "wide, more than a frame can show with labels that can be read; show a smaller part of it"
    )


class Vertex(NamedTuple):
    """What has a height: a stack of nodes, or a wire that passes a column."""

    source: int  # the step whose value leaves it
    size: int
    passing: bool


@dataclass
class Stack:
    """Steps that stand one below the other in a column: each but the first takes only what stands above it."""

    steps: list[Step]
    feeds: list[tuple[int, tuple[int, int]]] = field(default_factory=list)  # (stack that it comes from, edge)
    users: list[int] = field(default_factory=list)

    @property
    def index(self) -> int:
        """The name of a stack: the index of its first step."""
        return self.steps[0].index

    @property
    def is_input(self) -> bool:
        """Whether it is an input, which stands in the first column."""
        return self.steps[0].primitive == "input"


def _stacks(steps: Sequence[Step], most: int) -> list[Stack]:
    """Chains of operations with one operand, at most so many in a stack; in the order of the computation."""
    home: dict[int, Stack] = {}
    stacks: list[Stack] = []
    shown = {s.index for s in steps}
    for step in steps:
        sources = [e.source for e in step.edges]
        above = sources[0] if len(sources) == 1 else None
        if (
            above is not None
            and above.primitive != "input"
            and len(home[above.index].steps) < most
            and sum(1 for e in above.uses if e.target.index in shown) == 1
        ):
            home[step.index] = home[above.index]
            home[step.index].steps.append(step)
            continue
        stack = home[step.index] = Stack([step])
        stacks.append(stack)
        for edge in step.edges:
            source = home[edge.source.index]
            stack.feeds.append((source.index, (step.index, edge.slot)))
            source.users.append(stack.index)
    return stacks


def _layers(stacks: Sequence[Stack]) -> dict[int, int]:
    layer: dict[int, int] = {}
    for stack in stacks:
        layer[stack.index] = 0 if stack.is_input else 1 + max((layer[source] for source, _ in stack.feeds), default=0)
    return layer


def _late(stacks: Sequence[Stack], early: dict[int, int]) -> dict[int, int]:
    """Everything just before it is needed: narrower columns where many small terms are added one by one."""
    late = dict(early)
    for stack in reversed(stacks):
        if not stack.is_input and stack.users:
            late[stack.index] = min(late[u] for u in stack.users) - 1
    return late


def _bounded(stacks: Sequence[Stack], rows: int) -> dict[int, int]:
    """At most so many operations in a column, each as late as its users allow; may need more columns than the depth."""
    back: dict[int, int] = {}  # columns counted from the output
    count: dict[int, int] = {}
    for stack in reversed(stacks):
        if stack.is_input:
            continue
        k = max((back[u] for u in stack.users), default=-1) + 1
        while count.get(k, 0) + len(stack.steps) > rows:
            k += 1
        back[stack.index] = k
        count[k] = count.get(k, 0) + len(stack.steps)
    columns = max(back.values(), default=-1) + 1
    return {s.index: columns - back[s.index] if s.index in back else 0 for s in stacks}


def _place(
    stacks: Sequence[Stack], layer: dict[int, int], columns: int, style: Style,
    left: float, right: float, bottom: float, top: float, room: Room,
) -> Layout | None:  # fmt: skip
    wide = {k: 0.0 for k in range(columns + 1)}  # the width of each column …
    lanes = {k: style.gap for k in range(columns + 1)}  # … and the room to its right
    lanes[0] = max(style.gap, room.first)
    wide[0] = room.inputs.reach  # the left half of the inputs is outside the rectangle
    for stack in stacks:
        k = layer[stack.index]
        if k:
            wide[k] = max(wide[k], *(style.widths.get(s.index, style.width) for s in stack.steps))
        lanes[k] = max(lanes[k], room.chips.get(stack.steps[-1].index, 0.0) + 0.2)
    spare = (right - left) - sum(wide.values()) - sum(lanes[k] for k in range(columns))
    if spare < -1e-9:
        return None
    # Vertices: stacks, then one dummy for each column that a long wire passes.
    vertices = [Vertex(s.steps[-1].index, len(s.steps), False) for s in stacks]
    at = [layer[s.index] for s in stacks]
    where = {s.index: i for i, s in enumerate(stacks)}
    arcs: list[tuple[int, int, float]] = []
    chains: dict[tuple[int, int], list[int]] = {}
    shared: dict[tuple[int, int], int] = {}
    for stack in stacks:
        for origin, edge in stack.feeds:
            source, chain = where[origin], []
            for column in range(layer[origin] + 1, layer[stack.index]):
                key = (origin, column)
                if key not in shared:
                    vertices.append(Vertex(vertices[where[origin]].source, 1, True))
                    at.append(column)
                    shared[key] = len(vertices) - 1
                    arcs.append((source, shared[key], 2.0))
                source = shared[key]
                chain.append(source)
            arcs.append((source, where[stack.index], 1.0))
            chains[edge] = chain
    graph = igraph.Graph(n=len(vertices), edges=[(a, b) for a, b, _ in arcs], directed=True)
    # Inputs keep the order in which the user wrote them: a virtual start would let the ordering flip them.
    order = _order(graph, at, columns, [i for i, s in enumerate(stacks) if s.is_input])
    heights = _heights(order, vertices, arcs, style, bottom, top, room)
    if heights is None:
        return None
    # Spare room widens the lanes, but not without end: a short graph stands in the middle of the frame.
    wider = min(spare / max(columns, 1), 0.95)
    rest = spare - wider * columns
    x = left + 0.45 * rest
    layout, column_x = Layout(style, columns), {0: x}
    x += room.inputs.reach
    for k in range(1, columns + 1):
        x += lanes[k - 1] + wider
        column_x[k] = x + wide[k] / 2
        x += wide[k]
    for i, stack in enumerate(stacks):
        for place, step in enumerate(stack.steps):
            below = place - (len(stack.steps) - 1) / 2
            drift = 0.04 * (len(stack.steps) - 1 - place)  # even downwards, nothing goes left
            layout.centre[step.index] = (column_x[at[i]] - drift, heights[i] - style.row * below)
            layout.width[step.index] = wide[at[i]]
    for key, chain in chains.items():
        half = [wide[at[v]] / 2 for v in chain]
        layout.via[key] = [
            (column_x[at[v]] - h, column_x[at[v]] + h, heights[v]) for v, h in zip(chain, half, strict=True)
        ]
    return layout


def _order(graph: igraph.Graph, at: list[int], columns: int, inputs: list[int]) -> list[list[int]]:
    """Vertices of each column from top to bottom: few crossings, inputs in the user's order."""
    best: list[list[int]] | None = None
    fewest = None
    base = _sugiyama(graph, at, columns)
    for candidate in (base, [list(reversed(c)) for c in base]):
        trial = [list(c) for c in candidate]
        trial[0] = inputs + [v for v in trial[0] if v not in inputs]
        trial = _untangle(graph, trial)
        crossings = _crossings(graph, trial)
        if fewest is None or crossings < fewest:
            best, fewest = trial, crossings
    assert best is not None
    return best


def _sugiyama(graph: igraph.Graph, at: list[int], columns: int) -> list[list[int]]:
    coords = graph.layout_sugiyama(layers=at, hgap=1, vgap=1, maxiter=200).coords
    order: list[list[int]] = [[] for _ in range(columns + 1)]
    for vertex in sorted(range(len(at)), key=lambda v: (coords[v][0], v)):
        order[at[vertex]].append(vertex)
    return order


def _crossings(graph: igraph.Graph, order: list[list[int]]) -> int:
    rank = {v: i for column in order for i, v in enumerate(column)}
    total = 0
    for column in order:
        pairs = sorted((rank[a], rank[b]) for a in column for b in graph.successors(a))
        total += sum(1 for i, (_, b) in enumerate(pairs) for (_, d) in pairs[i + 1 :] if d < b)
    return total


def _untangle(graph: igraph.Graph, order: list[list[int]]) -> list[list[int]]:
    """A few sweeps of the barycentre rule with the inputs held in place."""
    best, fewest = [list(c) for c in order], _crossings(graph, order)
    for _ in range(6):
        for k in range(1, len(order)):
            rank = {v: i for i, v in enumerate(order[k - 1])}
            old = {v: i for i, v in enumerate(order[k])}

            def pull(v: int, rank: dict[int, int] = rank, old: dict[int, int] = old) -> tuple[float, int]:
                near = [rank[p] for p in graph.predecessors(v) if p in rank]
                return (sum(near) / len(near) if near else old[v], old[v])

            order[k].sort(key=pull)
        crossings = _crossings(graph, order)
        if crossings < fewest:
            best, fewest = [list(c) for c in order], crossings
    return best


def _heights(
    order: list[list[int]], vertices: list[Vertex], arcs: list[tuple[int, int, float]], style: Style,
    bottom: float, top: float, room: Room,
) -> list[float] | None:  # fmt: skip
    """The heights that keep wires level, none closer than its style allows; None when they do not fit."""
    n, m = len(vertices), len(arcs)

    def reach(v: int, first: bool) -> tuple[float, float]:  # up and down
        if vertices[v].passing:
            half = room.bundle.get(vertices[v].source, 0.1) / 2 + room.air
            return half, half
        more = style.row * (vertices[v].size - 1) / 2
        return (room.inputs.up, room.inputs.down) if first else (style.up + more, style.down + more)

    def apart(above: int, below: int, first: bool) -> float:
        if first:
            ports = [room.ports.get(vertices[v].source, 0.0) for v in (above, below)]
            return max(room.inputs.pitch, sum(ports) / 2 + 0.06)
        return reach(above, first)[1] + reach(below, first)[0]

    rows, columns_, data, bound = [], [], [], []
    row = 0
    for k, column in enumerate(order):
        for above, below in zip(column, column[1:], strict=False):  # y[above] − y[below] ≥ separation
            rows += [row, row]
            columns_ += [below, above]
            data += [1.0, -1.0]
            bound.append(-apart(above, below, k == 0))
            row += 1
    for j, (a, b, _) in enumerate(arcs):  # t ≥ |y[a] − y[b]|
        for sign in (1.0, -1.0):
            rows += [row, row, row]
            columns_ += [a, b, n + j]
            data += [sign, -sign, -1.0]
            bound.append(0.0)
            row += 1
    middle = (bottom + top) / 2
    for v in range(n):  # u ≥ |y[v] − middle|
        for sign in (1.0, -1.0):
            rows += [row, row]
            columns_ += [v, n + m + v]
            data += [sign, -1.0]
            bound.append(sign * middle)
            row += 1
    cost = np.concatenate([np.zeros(n), [w for *_, w in arcs], np.full(n, 0.04)])
    limits = []
    for k, column in enumerate(order):
        for v in column:
            up, down = reach(v, k == 0)
            limits.append((v, bottom + down, top - up))
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * (n + m + n)
    for v, low, high in limits:
        if low > high + 1e-9:
            return None
        bounds[v] = (low, high)
    matrix = csr_array((data, (rows, columns_)), shape=(row, 2 * n + m))
    answer = linprog(cost, A_ub=matrix, b_ub=bound, bounds=bounds, method="highs")
    return [float(y) for y in answer.x[:n]] if answer.status == 0 else None


def _wind(
    steps: Sequence[Step], layer: dict[int, int], left: float, right: float, bottom: float, top: float
) -> Layout | None:
    """A deep graph as a winding road: columns of cards, down one and up the next, always drifting to the right."""
    boxes = sorted((s for s in steps if s.primitive != "input"), key=lambda s: (layer[s.index], s.index))
    row_height = CARD.up + CARD.down
    per = int((top - bottom) / row_height + 1e-6)
    columns = -(-len(boxes) // per) if per else 0
    if not per or columns * (CARD.width + 0.22) > right - left - 0.62:
        return None
    layout = Layout(CARD, columns, winding=True)
    pitch = (right - left - 0.62) / columns
    inputs = [s for s in steps if s.primitive == "input"]
    if len(inputs) * 1.0 > top - bottom:
        return None
    for i, step in enumerate(inputs):
        span = min(1.3, (top - bottom) / len(inputs))
        layout.centre[step.index] = (left, (top + bottom) / 2 + span * ((len(inputs) - 1) / 2 - i))
    drift = min(0.05, (pitch - CARD.width - 0.1) / max(per, 1))
    for i, step in enumerate(boxes):
        column, place = divmod(i, per)
        row = place if column % 2 == 0 else per - 1 - place
        x = left + 0.62 + pitch * (column + 0.5) + drift * (place - (per - 1) / 2)
        y = top - row_height * (row + 0.5) - ((top - bottom) - per * row_height) / 2
        layout.centre[step.index] = (x, y)
        layout.width[step.index] = CARD.width
    for step in steps:
        for edge in step.edges:
            layout.via[(step.index, edge.slot)] = []
    return layout
