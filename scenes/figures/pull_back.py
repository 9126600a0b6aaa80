"""S7: the graph of a small network becomes the graph of a large one, box for box: the same boxes, now working on whole lists.

Invariants: a box turns only into a box of its own kind, in the order of the computation; inputs keep their order. What the
large graph has besides grows out of the box before it, what it has not goes into the box behind.
"""

from __future__ import annotations

from manim import Animation

from ..stage.errors import StageError
from .folding import Block
from .graph_forward import GraphForward, Node
from .morphs import FLIGHT, Match, Near, _parts, become, ids, settled

KINDS = {"mul": "times", "matmul": "times", "relu": "bend", "max": "bend", "maximum": "bend"}  # else: its own name


def kind_of(node: Node) -> str:
    """What a box does, the same word for single numbers and for lists; a folded box is none of the others."""
    if isinstance(node.step, Block):
        return "fold"
    return KINDS.get(node.step.primitive, node.step.primitive)


def partners(old: GraphForward, new: GraphForward) -> list[tuple[Node, Node]]:
    """Inputs side by side, then boxes of one kind in the order of both computations. Raises StageError where there is no
    box in common.
    """
    found = [(old.nodes[a.index], new.nodes[b.index]) for a, b in zip(old.inputs, new.inputs, strict=False)]
    rest = [new.nodes[step.index] for step in new.operations]
    for step in old.operations:
        box = old.nodes[step.index]
        place = next((k for k, other in enumerate(rest) if kind_of(other) == kind_of(box)), None)
        if place is not None:
            found.append((box, rest[place]))
            rest = rest[place + 1 :]
    if len(found) == min(len(old.inputs), len(new.inputs)):
        raise StageError("these graphs have no box in common")
    return found


def graph_to_lists(old: GraphForward, new: GraphForward, run_time: float = FLIGHT) -> list[Animation]:
    """`old` turns into `new`; both with their values if `old` shows its own."""
    pairs = partners(old, new)
    before, known = ids(new), any(id(n.holder) in ids(old) for n in old.nodes.values() if n.holder is not None)
    settled(new, known)
    matches = [Match(a.step.name, _parts(a), _parts(b)) for a, b in pairs]
    there = {a.step.index: b.step.index for a, b in pairs}
    for (source, target), line in old.lines.items():
        goal = _line(new, there.get(_owner(old, source)), there.get(target))
        if goal is not None:
            matches.append(Match(f"{source}-{target}", (line,), (goal,)))
    gone, grown = _leftovers(old, pairs, 0), _leftovers(new, pairs, 1)
    return become(old, new, matches, before=before, old_near=gone, new_near=grown, run_time=run_time)


def _owner(graph: GraphForward, source: int) -> int:
    """The node in which a step is, folded or not."""
    node = graph.view.node_of.get(source)
    return source if node is None else node.index


def _line(graph: GraphForward, source: int | None, target: int | None) -> object | None:
    """The wire between two nodes."""
    return next((line for (a, b), line in graph.lines.items() if _owner(graph, a) == source and b == target), None)


def _leftovers(graph: GraphForward, pairs: list[tuple[Node, Node]], side: int) -> list[Near]:
    """The parts of boxes without a partner, with the nearest box that has one."""
    kept = [pair[side] for pair in pairs if not pair[side].step.is_input] or [pair[side] for pair in pairs]
    other = {id(pair[side]): pair[1 - side] for pair in pairs}
    near: list[Near] = []
    for step in graph.operations:
        box = graph.nodes[step.index]
        if any(box is node for node in kept):
            continue
        anchor = min(kept, key=lambda node: abs(node.x - box.x) + abs(node.y - box.y))
        goal = other[id(anchor)].box
        near += [(part, goal) for part in _parts(box) if part is not None and goal is not None]
    return near


__all__ = ["graph_to_lists", "partners"]
