"""A folded box opens: it grows into the graph inside it, and everything else moves to make room."""

from __future__ import annotations

from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, ReplacementTransform, VGroup

from ..stage.area import Area
from ..stage.parts import slot
from .graph_forward import GraphForward, Node

PARTS = ("dial", "label", "box", "sign", "name", "ring", "link", "holder", "value")
LAYERS = {"box": 2, "sign": 3, "link": 1, "name": 4, "ring": 3, "holder": 4, "value": 5, "dial": 3, "label": 4}


def opening(old: GraphForward, new: GraphForward) -> list[Animation]:
    """From one graph of a trace to another one of the same trace, in which boxes are open (or folded again).

    What both show moves to its new place. Returns moments that are played one after the other.
    """
    shown = {id(part) for part in old.submobjects}
    same = {i for i in old.nodes if i in new.nodes and _members(old.nodes[i]) == _members(new.nodes[i])}
    moving: list[Animation] = []
    leaving: list[Animation] = []
    for index, node in old.nodes.items():
        for name in PARTS:
            part = getattr(node, name)
            if part is None or id(part) not in shown:
                continue
            target = getattr(new.nodes[index], name) if index in same else None
            if target is not None:
                moving.append(ReplacementTransform(part, new.keep(target, LAYERS[name])))
            elif name != "box" or index in same:
                leaving.append(FadeOut(part))
    growing, frames, arriving = [], [], []
    known = any(old.nodes[i].holder is not None and id(old.nodes[i].holder) in shown for i in old.nodes)
    for index, node in old.nodes.items():
        if index in same or node.box is None:
            continue
        inside = [n for n in new.nodes.values() if _members(n) <= _members(node) and n.box is not None]
        if not inside:
            leaving.append(FadeOut(node.box))
            continue
        area = _around(inside)
        frame = slot(new.theme, area.width, area.height, 0.2, rim=new.theme.ink).move_to(area.center).set_fill(opacity=0.35)
        frames.append(frame)
        growing.append(ReplacementTransform(node.box, frame))
        for inner in inside:
            arriving += [FadeIn(new.keep(getattr(inner, p), LAYERS[p]), scale=0.4) for p in _first_parts(inner, known)]
    wires = [line for line in old.lines.values() if id(line) in shown]
    fresh = [Create(new.keep(line, 0)) for line in new.lines.values()]
    strip = [*old.tape_rows, *(n.cell for n in old.nodes.values() if n.cell is not None)]
    tape = [FadeOut(part) for part in strip if id(part) in shown]
    together = ([*map(FadeOut, wires), *leaving, *tape], 0.6), ([*moving, *growing], 1.6)
    moments: list[Animation] = [AnimationGroup(*parts, run_time=time) for parts, time in together if parts]
    if arriving:
        moments.append(LaggedStart(*arriving, lag_ratio=0.08, run_time=1.6))
    last = [*fresh, *map(FadeOut, frames)]
    return [*moments, AnimationGroup(*last, run_time=1.2)] if last else moments


def _members(node: Node) -> frozenset[int]:
    return frozenset(s.index for s in getattr(node.step, "steps", (node.step,)))


def _first_parts(node: Node, known: bool) -> list[str]:
    late = ("holder", "value") if known else ("ring",)
    return [p for p in ("box", "sign", "name", "link", *late) if getattr(node, p) is not None]


def _around(nodes: list[Node]) -> Area:
    parts = VGroup(*(p for n in nodes for p in (n.box, n.holder, n.name) if p is not None))
    low, high = parts.get_corner([-1, -1, 0]), parts.get_corner([1, 1, 0])
    return Area(low[0] - 0.16, high[0] + 0.16, low[1] - 0.16, high[1] + 0.16)
