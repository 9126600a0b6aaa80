"""Where the boxes of a computational graph go: layers from left to right, order by Sugiyama, heights by a small linear program.

igraph orders each layer so that few wires cross (its wheel is self-contained); the heights then minimise the total
climb of the wires, which keeps chains straight. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import igraph
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from chainreel.engine import Trace

from ..stage.errors import StageError
from .folding import LIMIT, Node, View, view_of, whole

__all__ = ["CARD", "LIMIT", "WIDE", "Inputs", "Layout", "Room", "Style", "arrange"]


TRIALS = 8  # orders that are tried where columns stand over each other
CHIP = 0.2  # half the height of a chip, with a little air
SPREADS = (1.9, 1.65, 1.4, 1.2)  # how much further apart boxes stand where a narrow frame is high enough


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
    stairs: float = 0.3  # least step to the right between columns that stand over each other

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
    above: bool = False  # labels stand above the dials, baskets below them


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


def upright_inputs(count: int, label: float, tray: float, height: float) -> Inputs | None:
    """For narrow frames: the label above its dial, the basket below. None where so many do not fit."""
    for radius in (0.40, 0.33, 0.26):
        up, down = 1.25 * radius + 0.48, 1.06 * radius + 0.58
        if count * (up + down) <= height + 0.02:
            half = max(label, tray, 2.6 * radius) / 2
            return Inputs(radius, up + down, up, down, 1.06 * radius + 0.35, reach=half, above=True)
    return None


@dataclass(frozen=True)
class Room:
    """What wires need: the width of a bundle by source step, and the space that chips take right of a step."""

    bundle: dict[int, float] = field(default_factory=dict)
    chips: dict[int, float] = field(default_factory=dict)
    ports: dict[int, float] = field(default_factory=dict)  # the height of a step's ports, chips included
    inputs: Inputs = inputs_style(1)
    air: float = 0.12  # above and below a bundle that passes
    lift: float = 0.0  # how far above the middle the graph would like to stand
    glass: float = 0.0  # kept free below the boxes …
    whole: bool = False  # … and below the inputs, where the frame is narrow
    stairs: bool = False  # whether columns may stand over each other
    spread: float = 1.0  # of the least distances between boxes above each other
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
    stairs: bool = False  # columns stand over each other


def arrange(
    graph: View | Trace,
    left: float,
    right: float,
    bottom: float,
    top: float,
    styles: Sequence[Style] = (WIDE, CARD),
    room: Room | None = None,
    overlap: bool = False,
) -> Layout:
    """Lay out a graph inside a rectangle; `left` is where the column of dials stands.

    With `overlap` columns may stand over each other, as stairs do: what is too deep for a narrow frame uses its height.
    Raises StageError, with the numbers, when the labels would have to be smaller than a viewer can read.
    """
    view = graph if isinstance(graph, View) else view_of(graph, whole(graph))
    steps = view.nodes
    boxes = view.operations
    if len(boxes) > LIMIT:
        raise StageError(
            f"the graph of this function has {len(boxes)} operations, and {LIMIT} is what a frame can show legibly; "
            "show a smaller part of it, or join operations into a vector operation"
        )
    room = room or Room()
    singles = _stacks(view, 1)
    early = _layers(singles)
    columns = max(early.values(), default=0)
    for style in styles:
        rows = int((top - bottom) / style.row + 1e-6)
        for most in range(1, min(style.stack, rows) + 1):
            stacks = singles if most == 1 else _stacks(view, most)
            first = _layers(stacks)
            bounded = (_bounded(stacks, w) for w in range(rows, max(rows - 2, most - 1, 1), -1) if not overlap)
            for layer in [first, _late(stacks, first), *bounded]:
                layout = _place(stacks, layer, max(layer.values()), style, left, right, bottom, top, room, overlap)
                if layout is not None:
                    return layout
    if _chain(view) and styles and styles[0].up == CARD.up:
        winding = _wind(view, early, left, right, bottom, top, styles[0], room)
        if winding is not None:
            return winding
    widest = max(sum(1 for s in boxes if early[s.index] == k) for k in range(1, columns + 1)) if boxes else 0
    raise StageError(
        f"the graph of this function has {len(steps) - len(boxes)} inputs and is {columns} operations deep and {widest} "
        "wide, more than a frame can show with labels that can be read; show a smaller part of it"
    )


def _chain(view: View) -> bool:
    """Whether each box takes little more than the one before it: the only graphs that a winding road suits."""
    return len(view.edges) <= 1.25 * len(view.operations) + 1


class Vertex(NamedTuple):
    """What has a height: a stack of nodes, or a wire that passes a column."""

    source: int  # the step whose value leaves it
    size: int
    passing: bool


@dataclass
class Stack:
    """Steps that stand one below the other in a column: each but the first takes only what stands above it."""

    steps: list[Node]
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


def _stacks(view: View, most: int) -> list[Stack]:
    """Chains of operations with one operand, at most so many in a stack; in the order of the computation."""
    home: dict[int, Stack] = {}
    stacks: list[Stack] = []
    for step in view.nodes:
        sources = [e.source for e in view.into(step)]
        above = sources[0] if len(sources) == 1 else None
        if (
            above is not None
            and above.primitive != "input"
            and len(home[above.index].steps) < most
            and len(view.uses(above)) == 1
        ):
            home[step.index] = home[above.index]
            home[step.index].steps.append(step)
            continue
        stack = home[step.index] = Stack([step])
        stacks.append(stack)
        for edge in view.into(step):
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
    left: float, right: float, bottom: float, top: float, room: Room, overlap: bool = False,
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
    pitch = 0.0
    if overlap and columns > 1:
        span = right - left - wide[0] - max(lanes[0], 0.5) - wide[1] / 2 - wide[columns] / 2
        pitch = span / (columns - 1)
        least = style.stairs if room.stairs else max(wide[k] for k in range(1, columns + 1)) + 0.12
        if pitch < least or spare > 0:
            return None
    elif spare < -1e-9:
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
    first = left + wide[0] + max(lanes[0], 0.5) + wide[1] / 2
    column_x = {0: left, **{k: first + pitch * (k - 1) for k in range(1, columns + 1)}}

    def high(space: Room) -> list[float] | None:
        found = _heights(order, vertices, arcs, style, bottom, top, space)
        if found is not None and pitch:
            found = _stairs(order, vertices, arcs, style, bottom, top, space, found, column_x, wide)
        return found

    heights = high(room)
    if heights is None:
        return None
    if room.stairs:  # a narrow frame
        heights = next((y for s in SPREADS if (y := high(replace(room, spread=s))) is not None), heights)
    # Spare room widens the lanes, but not without end: a short graph stands in the middle of the frame.
    wider = min(spare / max(columns, 1), 0.95)
    rest = spare - wider * columns
    x = left + 0.45 * rest
    layout, places = Layout(style, columns, stairs=pitch > 0 and room.stairs), {0: x}
    x += room.inputs.reach
    for k in range(1, columns + 1):
        x += lanes[k - 1] + wider
        places[k] = x + wide[k] / 2
        x += wide[k]
    if not pitch:
        column_x = places
    for i, stack in enumerate(stacks):
        for place, step in enumerate(stack.steps):
            below = place - (len(stack.steps) - 1) / 2
            drift = 0.04 * (len(stack.steps) - 1 - place)  # even downwards, nothing goes left
            layout.centre[step.index] = (column_x[at[i]] - drift, heights[i] - style.row * below)
            layout.width[step.index] = wide[at[i]]
    for key, chain in chains.items():
        half = [0.0 if pitch else wide[at[v]] / 2 for v in chain]
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


def _stairs(
    order: list[list[int]], vertices: list[Vertex], arcs: list[tuple[int, int, float]], style: Style,
    bottom: float, top: float, room: Room, heights: list[float], x: dict[int, float], wide: dict[int, float],
) -> list[float] | None:  # fmt: skip
    """Heights for columns that stand over each other: of some orders from top to bottom the one with the freest wires."""
    column = {v: k for k, vs in enumerate(order) for v in vs}
    dice = np.random.default_rng(0)
    best, least = None, np.inf
    for trial in range(TRIALS):
        lean = (-1e-3, 1e-3)[trial % 2]  # down the stairs, or up …
        drift = dice.normal(0, 0.9 * (trial > 4), len(heights))
        turn = trial if 2 <= trial <= 4 else 10**6  # … or up and down again
        flat, lean = (4.0 if trial <= 4 else 1.0), (lean if turn > 9 else -1.0)
        wish = {v: heights[v] / flat + lean * (column[v] % turn) + drift[v] for v in column}
        for k, vs in enumerate(order):  # within a column the order stays
            rank = sorted((wish[v] for v in vs), reverse=True)
            wish.update(zip(vs, rank, strict=True) if k else ())
        pairs = _near(vertices, column, wish, x, wide)
        found = _heights(order, vertices, arcs, style, bottom, top, room, pairs)
        if found is None:
            if trial > 2 and best is None:
                return None
            continue
        cost = _hidden(vertices, arcs, style, found, column, x, wide)
        if cost < least:
            best, least = found, cost
    return best


def _hidden(
    vertices: list[Vertex], arcs: list[tuple[int, int, float]], style: Style, heights: list[float],
    column: dict[int, int], x: dict[int, float], wide: dict[int, float],
) -> float:  # fmt: skip
    """How much wire runs behind boxes, and a little of how far it climbs."""
    boxes = [v for v in column if column[v] and not vertices[v].passing]
    at = np.array([[x[column[v]], heights[v]] for v in boxes])
    half = np.array([wide[column[v]] / 2 for v in boxes])
    share = np.linspace(0.02, 0.98, 25)[:, None]
    cost = 0.0
    for a, b, _ in arcs:
        start = x[column[a]] + (0.0 if vertices[a].passing else wide[column[a]] / (2 if column[a] else 1))
        end = x[column[b]] - (0.0 if vertices[b].passing else wide[column[b]] / 2)
        if end < start:  # from foot to head
            start, end = x[column[a]], x[column[b]]
        line = np.array([start, heights[a]]) + share * np.array([end - start, heights[b] - heights[a]])
        away = line[:, None] - at[None]
        inside = (np.abs(away[..., 0]) < half) & (away[..., 1] < style.up) & (away[..., 1] > -style.down)
        others = np.array([v not in (a, b) for v in boxes])
        cost += float((inside & others).any(1).sum()) + 0.5 * abs(heights[b] - heights[a])
    return cost


def _near(
    vertices: list[Vertex], column: dict[int, int], heights: dict[int, float], x: dict[int, float], wide: dict[int, float]
) -> list[tuple[int, int]]:
    """Pairs, upper first, of boxes and passing wires of different columns that stand over each other."""
    pairs = []
    ranked = sorted((v for v in column if column[v]), key=lambda v: (-heights[v], column[v]))
    for i, upper in enumerate(ranked):
        for lower in ranked[i + 1 :]:
            a, b = column[upper], column[lower]
            if vertices[upper].passing and vertices[lower].passing:
                continue
            if a != b and abs(x[a] - x[b]) < (wide[a] + wide[b]) / 2 + 0.1:
                pairs.append((upper, lower))
    return pairs


def _heights(
    order: list[list[int]], vertices: list[Vertex], arcs: list[tuple[int, int, float]], style: Style,
    bottom: float, top: float, room: Room, near: Sequence[tuple[int, int]] = (),
) -> list[float] | None:  # fmt: skip
    """The heights that keep wires level, none closer than its style allows; None when they do not fit."""
    n, m = len(vertices), len(arcs)

    def reach(v: int, first: bool) -> tuple[float, float]:  # up and down
        if vertices[v].passing:
            half = room.bundle.get(vertices[v].source, 0.1) / 2 + (room.air if room.spread == 1.0 else max(room.air, CHIP))
            return half, half
        more = style.row * (vertices[v].size - 1) / 2
        return (room.inputs.up, room.inputs.down) if first else (style.up + more, style.down + more)

    def apart(above: int, below: int, first: bool) -> float:
        if first:
            ports = [room.ports.get(vertices[v].source, 0.0) for v in (above, below)]
            return max(room.spread * room.inputs.pitch, sum(ports) / 2 + 0.06)
        return room.spread * (reach(above, first)[1] + reach(below, first)[0])

    rows, columns_, data, bound = [], [], [], []
    row = 0
    for k, column in enumerate(order):
        for above, below in zip(column, column[1:], strict=False):  # y[above] − y[below] ≥ separation
            rows += [row, row]
            columns_ += [below, above]
            data += [1.0, -1.0]
            bound.append(-apart(above, below, k == 0))
            row += 1
    for above, below in near:
        rows += [row, row]
        columns_ += [below, above]
        data += [1.0, -1.0]
        bound.append(-apart(above, below, False))
        row += 1
    for j, (a, b, _) in enumerate(arcs):  # t ≥ |y[a] − y[b]|
        for sign in (1.0, -1.0):
            rows += [row, row, row]
            columns_ += [a, b, n + j]
            data += [sign, -sign, -1.0]
            bound.append(0.0)
            row += 1
    middle = (bottom + top) / 2 + room.lift
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
            limits.append((v, bottom + down + (room.glass if room.whole or (k and not vertices[v].passing) else 0.0), top - up))
    bounds: list[tuple[float | None, float | None]] = [(None, None)] * (n + m + n)
    for v, low, high in limits:
        if low > high + 1e-9:
            return None
        bounds[v] = (low, high)
    matrix = csr_array((data, (rows, columns_)), shape=(row, 2 * n + m))
    answer = linprog(cost, A_ub=matrix, b_ub=bound, bounds=bounds, method="highs")
    return [float(y) for y in answer.x[:n]] if answer.status == 0 else None


def _wind(
    view: View, layer: dict[int, int], left: float, right: float, bottom: float, top: float, style: Style, room: Room
) -> Layout | None:
    """A deep graph as a winding road: columns of cards, down one and up the next, always drifting to the right."""
    boxes = sorted(view.operations, key=lambda s: (layer[s.index], s.index))
    row_height = CARD.up + CARD.down
    per = int((top - bottom) / row_height + 1e-6)
    columns = -(-len(boxes) // per) if per else 0
    width = max(style.widths.get(s.index, style.width) for s in boxes) if boxes else style.width
    side = max(0.62, room.inputs.reach + 0.1)
    if not per or columns * (width + 0.22) > right - left - side:
        return None
    layout = Layout(style, columns, winding=True)
    pitch = (right - left - side) / columns
    inputs = view.inputs
    apart = max(1.0, room.inputs.pitch)
    if len(inputs) * apart > top - bottom:
        return None
    for i, step in enumerate(inputs):
        span = min(max(1.3, apart), (top - bottom) / len(inputs))
        layout.centre[step.index] = (left, (top + bottom) / 2 + span * ((len(inputs) - 1) / 2 - i))
    drift = min(0.05, (pitch - width - 0.1) / max(per, 1))
    for i, step in enumerate(boxes):
        column, place = divmod(i, per)
        row = place if column % 2 == 0 else per - 1 - place
        x = left + side + pitch * (column + 0.5) + drift * (place - (per - 1) / 2)
        y = top - row_height * (row + 0.5) - ((top - bottom) - per * row_height) / 2
        layout.centre[step.index] = (x, y)
        layout.width[step.index] = width
    for step in view.nodes:
        for edge in view.into(step):
            layout.via[(step.index, edge.slot)] = []
    return layout
