"""S13: a formula and its derivative as trees, written out – and what is left when every different piece is kept once.

Reads a Swell: its forest of formulas and its counts. Invariants: a tree has as many operations as the count says; equal
pieces get equal outlines; folded, each different piece stands once, no wire goes left, and the formula itself ends as the
graph that the engine's trace has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from manim import (
    RIGHT,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    Rectangle,
    RoundedRectangle,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity, Swell

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

MOST_NODES = 9000  # of a tree that is drawn, leaves included
NAMED = 34  # nodes of a tree whose boxes carry names
LEAF = 0.24  # free above the name of a leaf, frame units
OUTLINES = 12  # equal pieces that are outlined at once
SIGNS = {"mul": "×", "add": "+", "sub": "−", "neg": "−", "div": "÷", "pow": "^", "square": "( )²"}


class Tree:
    """A formula of a forest, written out: one entry for each place, root first. `node` says which piece stands there."""

    def __init__(self, swell: Swell, root: int):
        self.swell, self.forest, self.root = swell, swell.forest, root
        if self.forest.nodes[root] > MOST_NODES:
            raise StageError(f"this tree has {self.forest.nodes[root]} places; {MOST_NODES} can be drawn")
        node, parent, depth = [root], [-1], [0]
        waiting = [0]
        while waiting:  # depth first, left operand first, so that leaves come out in reading order
            here = waiting.pop()
            fresh = []
            for operand in self.forest.operands[node[here]]:
                fresh.append(len(node))
                node.append(operand)
                parent.append(here)
                depth.append(depth[here] + 1)
            waiting += reversed(fresh)
        self.node, self.parent, self.depth = np.array(node), np.array(parent), np.array(depth)
        self.leaf = np.array([self.forest.is_leaf(k) for k in node])

    @property
    def operations(self) -> int:
        """How many operations the tree has."""
        return int((~self.leaf).sum())

    @cached_property
    def order(self) -> np.ndarray:
        """For every place its position among the leaves, counted from 0; an operation stands over the middle of its own."""
        x = np.zeros(len(self.node))
        children: dict[int, list[int]] = defaultdict(list)
        for i, p in enumerate(self.parent):
            if p >= 0:
                children[int(p)].append(i)
        count = 0
        waiting = [(0, False)]
        while waiting:
            i, back = waiting.pop()
            if not children[i]:
                x[i] = count
                count += 1
            elif back:
                x[i] = float(np.mean([x[c] for c in children[i]]))
            else:
                waiting.append((i, True))
                waiting += [(c, False) for c in reversed(children[i])]
        self.leaves = count
        return x

    def spread(self, area: Area, pad: float = 0.3) -> np.ndarray:
        """Places in an area, root on top, shape (n, 2)."""
        x, deepest = self.order, max(int(self.depth.max()), 1)
        width, height = area.width - 2 * pad, area.height - 2 * pad
        pitch = min(width / max(self.leaves - 1, 1), 0.95)
        drop = min(height / deepest, 0.95)
        left = area.center[0] - pitch * (self.leaves - 1) / 2
        top = area.center[1] + drop * deepest / 2
        return np.column_stack([left + pitch * x, top - drop * self.depth])

    def folded(self, area: Area) -> np.ndarray:
        """Where every place goes when equal pieces fall together: the graph of the steps, left to right, shape (n, 2)."""
        at = graph_places(self.swell, self.root, area)
        return np.array([at[int(k)] for k in self.node])

    def repeated(self) -> list[int]:
        """Places where the piece stands whose repetition costs most, at least two operations large; none of a tree without."""
        places: dict[int, list[int]] = defaultdict(list)
        for i, k in enumerate(self.node):
            places[int(k)].append(i)
        size = self.forest.operations
        best = max(
            (k for k in places if len(places[k]) > 1 and size[k] > 1),
            key=lambda k: (len(places[k]) <= OUTLINES, (len(places[k]) - 1) * size[k]), default=None,
        )  # fmt: skip
        return places[best] if best is not None else []

    def under(self, place: int) -> np.ndarray:
        """All places of the piece that begins at a place."""
        inside = {place}
        found = [place]
        for i in range(place + 1, len(self.node)):
            if int(self.parent[i]) in inside:
                inside.add(i)
                found.append(i)
        return np.array(found)


def graph_places(swell: Swell, root: int, area: Area) -> dict[int, np.ndarray]:
    """Every different piece of a formula once: inputs and numbers on the left, the whole on the right."""
    forest = swell.forest
    nodes = forest._under(root)
    level: dict[int, int] = {}
    for k in nodes:  # operands have smaller numbers
        level[k] = 1 + max((level[o] for o in forest.operands[k]), default=-1)
    users: dict[int, list[int]] = defaultdict(list)
    for k in nodes:
        for o in forest.operands[k]:
            users[o].append(k)
    columns: dict[int, list[int]] = defaultdict(list)
    for k in nodes:
        columns[level[k]].append(k)
    height = {k: float(i) - (len(c) - 1) / 2 for c in columns.values() for i, k in enumerate(c)}
    for sweep in range(8):  # each goes to the middle of its neighbours, by turns on either side
        for c in sorted(columns, reverse=bool(sweep % 2)):
            near = {k: (forest.operands[k] if sweep % 2 == 0 else users[k]) or (k,) for k in columns[c]}
            ranked = sorted(columns[c], key=lambda k: float(np.mean([height[o] for o in near[k]])))
            for i, k in enumerate(ranked):
                height[k] = float(i) - (len(ranked) - 1) / 2
    last, tallest = max(columns), max(len(c) for c in columns.values())
    pitch = min(area.width * 0.94 / max(last, 1), 1.5)
    rise = min(area.height * 0.9 / max(tallest - 1, 1), 1.1)
    left = area.center[0] - pitch * last / 2
    return {k: np.array([left + pitch * level[k], area.center[1] - rise * height[k]]) for k in nodes}


class TreePicture(VGroup):
    """A tree on the frame: wires, dots for operations, smaller ones for leaves, names where there is room.

    `unroll(t)` lets it hang down from its root, `fold(t)` moves equal pieces onto each other.
    """

    def __init__(self, theme: Theme, tree: Tree, area: Area, role: str, *, names: bool | None = None):
        super().__init__()
        self.theme, self.tree, self.area, self.role = theme, tree, area, role
        self.named = len(tree.node) <= NAMED if names is None else names
        self.places = tree.spread(area, 0.5 if self.named else 0.3)
        count = len(tree.node)
        colour = theme.role(role)
        self.wires = VMobject().set_fill(opacity=0)
        wide = 2.6 if count < 60 else 1.6 if count < 400 else 1.0 if count < 2500 else 0.7
        self.wires.set_stroke(mix(colour, theme.ground, 0.25), wide, 0.8 if count < 400 else 0.6)
        self.dots = VMobject(stroke_width=0, fill_color=colour, fill_opacity=1)
        self.ends = VMobject(stroke_width=0, fill_color=theme.muted, fill_opacity=0.85)
        self.radius = 0.085 if count < 60 else 0.055 if count < 400 else 0.032 if count < 2500 else 0.020
        self.plates = VGroup()
        self.add(self.wires, self.dots, self.ends, self.plates)
        if self.named:
            self._name()
        self.put(self.places)

    def _name(self) -> None:
        for k, leaf in zip(self.tree.node, self.tree.leaf, strict=True):
            kind = self.tree.forest.kinds[int(k)]
            if leaf:
                text = kind[1:].removeprefix("input ")
                colour = self.theme.knob if kind.startswith("=input") else self.theme.ink
                self.plates.add(VGroup(Label(text.replace("-", "−")[:6], colour, 26, "medium", names=True)))
                continue
            text = SIGNS.get(kind, kind.replace("'0", "′").replace("'1", "′")[:7])
            label = Label(text, self.theme.ink, 24, "medium", names=True)
            box = RoundedRectangle(corner_radius=0.13, width=max(label.width + 0.22, 0.48), height=0.48)
            box.set_fill([self.theme.panel, self.theme.panel_top], 1).set_sheen_direction([0, 1, 0])
            self.plates.add(VGroup(box.set_stroke(self.theme.role(self.role), 2.4).move_to(label), label))

    def put(self, places: np.ndarray) -> TreePicture:
        """Draw the tree with its places elsewhere."""
        self.now = places
        child = np.flatnonzero(self.tree.parent >= 0)
        a, b = places[self.tree.parent[child]], places[child]
        if self.named:  # a wire ends before a leaf's name
            way = b - a
            length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
            b = b - way * np.minimum(LEAF / length, 0.5) * self.tree.leaf[child][:, None]
        flat = np.stack([a, a * 2 / 3 + b / 3, a / 3 + b * 2 / 3, b], axis=1).reshape(-1, 2)
        self.wires.points = np.column_stack([flat, np.zeros(len(flat))])
        for part, which, factor in ((self.dots, ~self.tree.leaf, 1.0), (self.ends, self.tree.leaf, 0.65)):
            if self.named:
                part.points = np.zeros((0, 3))
                continue
            stamp = Circle(self.radius * factor, num_components=4).points
            at = np.column_stack([places[which], np.zeros(int(which.sum()))])
            part.points = (stamp[None] + at[:, None]).reshape(-1, 3)
        if self.named:
            for plate, place in zip(self.plates, places, strict=True):
                plate.move_to([*place, 0])
        return self

    def unroll(self, t: float) -> TreePicture:
        """The tree grows from its root, layer by layer; t is the share of its depth that is there."""
        front = t * float(self.tree.depth.max())
        places = self.places.copy()
        share = np.clip(front - self.tree.depth + 1.0, 0.0, 1.0)
        share[0] = 1.0
        parent = np.maximum(self.tree.parent, 0)
        for depth in range(1, int(self.tree.depth.max()) + 1):  # what is not there yet waits inside what is
            here = self.tree.depth == depth
            above = places[parent[here]]
            places[here] = above + (self.places[here] - self.places[parent[here]]) * share[here, None]
        self.put(places)
        if self.named:
            for plate, there in zip(self.plates, share, strict=True):
                for part in plate:
                    part.set_opacity(1.0 if there > 0.99 else 0.0)
        return self

    def fold(self, goal: np.ndarray, t: float) -> TreePicture:
        """A share t of the way to where equal pieces fall together."""
        return self.put(self.places + (goal - self.places) * t)


class Unroll(Animation):
    """A tree hangs itself down from its root."""

    def __init__(self, picture: TreePicture, **kwargs: Any):
        kwargs.setdefault("rate_func", smooth)
        super().__init__(picture, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.unroll(self.rate_func(min(max(alpha, 0.0), 1.0)))


class Split(Animation):
    """A tree comes out of a smaller one: every place of that one splits into those that stand for it."""

    def __init__(self, picture: TreePicture, before: TreePicture, **kwargs: Any):
        self.start = _sprung(picture.tree, before)
        self.radii = before.radius, picture.radius
        kwargs.setdefault("rate_func", smooth)
        super().__init__(picture, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        picture, t = self.mobject, self.rate_func(min(max(alpha, 0.0), 1.0))
        picture.radius = self.radii[0] + (self.radii[1] - self.radii[0]) * t
        picture.put(self.start + (picture.places - self.start) * t)


def _sprung(tree: Tree, before: TreePicture) -> np.ndarray:
    """For every place of a tree the one of a smaller tree that it comes from: that of its parent or one below that, so that
    every wire comes from a wire or a place; shape (n, 2)."""
    def shares(of: Tree) -> np.ndarray:
        return np.column_stack([of.depth / max(int(of.depth.max()), 1), of.order / max(of.leaves - 1, 1)])

    old, new = shares(before.tree), shares(tree)
    below: list[list[int]] = [[i] for i in range(len(old))]
    for i, parent in enumerate(before.tree.parent):
        if parent >= 0:
            below[int(parent)].append(i)
    source = np.zeros(len(new), dtype=int)
    for i, parent in enumerate(tree.parent):
        if parent >= 0:
            near = below[source[parent]]
            source[i] = near[int(np.argmin(((old[near] - new[i]) ** 2).sum(axis=1)))]
    return np.asarray(before.places)[source]


class Fold(Animation):
    """Equal pieces of a tree fall together until each stands once."""

    def __init__(self, picture: TreePicture, goal: np.ndarray, **kwargs: Any):
        self.goal = goal
        self.begin_radius, self.width = picture.radius, picture.wires.get_stroke_width()
        kwargs.setdefault("rate_func", smooth)
        super().__init__(picture, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        picture, t = self.mobject, self.rate_func(min(max(alpha, 0.0), 1.0))
        picture.radius = self.begin_radius + (0.075 - self.begin_radius) * t
        picture.wires.set_stroke(width=self.width + (1.9 - self.width) * t)
        picture.fold(self.goal, t)


class SwellTree(Figure):
    """The trees of a swell in an area. Verbs: `grow(depth, what)`, `swell_from`, `outline`, `fold`, `unfold`."""

    def __init__(self, swell: Swell, theme: Theme, area: Area):
        super().__init__(theme)
        self.swell, self.area = swell, area
        self.picture: TreePicture | None = None
        self.bars: SwellBars | None = None  # the counts beside it, where there are any
        self.outlines = VGroup()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "An expression as a tree, and its derivative written out as a tree."

    def root(self, depth: int, what: str = "derivative") -> int:
        """The number of a formula in the forest: the "value" or the "derivative" after so many applications."""
        return self.swell.root(depth, what)

    def tree(self, depth: int, what: str = "derivative") -> Tree:
        """A formula written out; StageError where it is too large."""
        return Tree(self.swell, self.root(depth, what))

    def drawable(self, depth: int, what: str = "derivative") -> bool:
        """Whether the tree of a depth can be drawn."""
        return self.swell.forest.nodes[self.root(depth, what)] <= MOST_NODES

    # Verbs ----------------------------------------------------------------------------------------------------------

    def grow(self, depth: int, what: str = "derivative", area: Area | None = None, run_time: float = 1.4) -> Unroll:
        """A tree hangs itself down from its root. It becomes the picture that the other verbs speak of."""
        role = "slope" if what == "derivative" else "value"
        picture = TreePicture(self.theme, self.tree(depth, what), area or self.area, role)
        self.picture = self.keep(picture, 3)
        for plate in picture.plates:
            for part in plate.get_family():
                part.set_z_index(5)
        picture.unroll(0.0)
        return Unroll(picture, run_time=run_time)

    def swell_from(self, before: TreePicture, depth: int, run_time: float = 1.6) -> AnimationGroup:
        """The derivative of a depth comes out of the tree of a smaller one, which is gone then."""
        picture = self.picture = self.keep(TreePicture(self.theme, self.tree(depth), self.area, "slope"), 3)
        self.drop(before)
        return AnimationGroup(FadeOut(before, run_time=0.5), Split(picture, before, run_time=run_time))

    def outline(self) -> AnimationGroup | None:
        """Equal outlines around equal pieces; None where nothing is there twice."""
        assert self.picture is not None
        places = self.picture.tree.repeated()[:OUTLINES]
        if not places:
            return None
        self.outlines = VGroup()
        for place in places:
            at = self.picture.places[self.picture.tree.under(place)]
            pad = 0.32 if self.picture.named else 1.3 * self.picture.radius + 0.015
            (x0, y0), (x1, y1) = at.min(axis=0) - pad, at.max(axis=0) + pad
            ring = RoundedRectangle(corner_radius=min(0.12, (x1 - x0) / 3, (y1 - y0) / 3), width=x1 - x0, height=y1 - y0)
            ring.move_to([(x0 + x1) / 2, (y0 + y1) / 2, 0]).set_stroke(self.theme.ink, 2.4 if len(places) < 12 else 1.6, 0.95)
            self.outlines.add(ring.set_fill(self.theme.pool, 0.06 * self.theme.glow))
        self.keep(self.outlines, 6)
        return AnimationGroup(*(Create(ring) for ring in self.outlines), run_time=1.2)

    def fold(self, area: Area | None = None, run_time: float = 2.5) -> Fold:
        """Equal pieces fall together: what is left is the graph."""
        assert self.picture is not None
        goal = self.picture.tree.folded(area or self.area)
        return Fold(self.picture, goal, run_time=run_time)


class SwellBars(Figure):
    """How many operations the derivative has, depth by depth. Verbs: `appear`, `bar(depth)`, `shared(depth)`."""

    def __init__(self, swell: Swell, depths: Sequence[int], theme: Theme, area: Area, *, name: str = "swell"):
        super().__init__(theme)
        self.swell, self.source, self.area = swell, name, area
        self.depths = list(depths)
        self.title = Label("operations", theme.tint("slope"), 24, "semibold")
        self.title.set_baseline(area.left, area.top - 0.26)
        self.layers = Label("layers", theme.muted, 22)
        pitch = min((area.height - 0.95) / len(self.depths), 0.82)
        self.y = {d: area.top - 0.5 - pitch * (i + 0.5) for i, d in enumerate(self.depths)}
        self.start = area.left + 0.5
        widest = max(Number(self.quantity("derivative", d), theme.ink, 28).width for d in self.depths)
        self.room = area.right - self.start - widest - 0.2
        self.most = max(float(self.quantity("derivative", d).value) for d in self.depths)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A bar for the number of operations of the derivative, for {self.counted(self.depths, 'depth')}."

    def quantity(self, what: str, depth: int) -> Quantity:
        """A count, under the name of its source."""
        return replace(self.swell.quantity(what, depth), source=self.source)

    def length(self, count: float) -> float:
        """How long a bar is."""
        return max(self.room * count / self.most, 0.02)

    def appear(self) -> FadeIn:
        """The title."""
        return FadeIn(self.keep(self.title, 2), run_time=0.5)

    def bar(self, depth: int) -> AnimationGroup:
        """The bar of a depth, with its count."""
        return self._bar(depth, "derivative", "slope", 0.26, 0.0)

    def shared(self, depth: int) -> AnimationGroup:
        """What is left of it when every different piece is kept once."""
        return self._bar(depth, "derivative_shared", "data", 0.12, -0.42)

    def _bar(self, depth: int, what: str, role: str, height: float, down: float) -> AnimationGroup:
        quantity = self.quantity(what, depth)
        length = self.length(float(quantity.value))
        y = self.y[depth] + down
        bar = Rectangle(width=length, height=height).set_stroke(width=0).set_fill(self.theme.role(role), 0.9)
        bar.move_to([self.start + length / 2, y, 0])
        number = Number(quantity, self.theme.tint(role), 28)
        number.move_to([self.start + length + 0.14 + number.width / 2, y, 0])
        group = VGroup(bar, number)
        if what == "derivative":
            n = Number(self.quantity("depth", depth), self.theme.muted, 28, "medium")
            group.add(n.move_to([self.area.left + 0.15, y, 0]))
        self.keep(group, 4)
        return AnimationGroup(FadeIn(bar, shift=0.2 * RIGHT), *(FadeIn(p) for p in group[1:]), run_time=0.7)


def graph_of_trace(swell: Swell) -> set[tuple[str, tuple[str, ...]]]:
    """The different steps of the engine's trace with their operands, written out as text – for comparing graphs."""
    found: dict[int, str] = {}
    steps: set[tuple[str, tuple[str, ...]]] = set()
    for step in swell.trace.steps:
        if step.is_input:
            found[step.index] = step.name
            continue
        operands = [
            found[o.source.index] if hasattr(o, "source") else f"{float(o.value):g}"
            for o in (step.operands[:1] if step.primitive == "square" else step.operands)
        ]
        found[step.index] = f"{step.primitive}({', '.join(operands)})"
        steps.add((step.primitive, tuple(operands)))
    return steps


__all__ = ["Fold", "SwellBars", "SwellTree", "Tree", "TreePicture", "Unroll", "graph_of_trace", "graph_places"]
