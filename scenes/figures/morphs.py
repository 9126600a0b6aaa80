"""Figures turn into one another: what shows the same quantity of the engine in both flies from here to there.

A network becomes the graph of its elementary steps, a formula its graph, dials the lines of a network, the dot on a curve
the level of a meter – and back – and a graph the same graph at another point, or that of another model. (A surface and its
contour map are one figure: `LossSurface.rise`, `.flatten`.)
Every verb returns moments that are played one after the other; then exactly the new figure is on screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, Mobject, Scene, VGroup, VMobject

from chainreel.engine import Quantity, Step
from chainreel.engine.learning.elementary_steps import bias_name, value_name, weight_name

from ..stage.bars import Bars
from ..stage.become import Become
from ..stage.dial import Dial
from ..stage.errors import StageError
from ..stage.formula import Formula
from ..stage.plate import Plate
from .figure import Figure
from .folding import Block
from .graph_forward import GraphForward, Node, edge_key
from .knob_panel import KnobPanel
from .loss_gauge import LossGauge
from .loss_slice import LossSlice
from .net_forward import NetForward
from .net_graph import NetGraph

AWAY, FLIGHT, ARRIVE = 0.6, 1.6, 1.0  # seconds of the three moments
SMALL = 0.3  # the size from which a part grows out of what it belongs to

Part: TypeAlias = Mobject | None
Near: TypeAlias = tuple[Mobject, Mobject]  # a part, and what it comes out of or goes into


@dataclass(frozen=True)
class Match:
    """The parts that show the quantity `key` in two figures, side by side in `here` and `there`; None without a partner."""

    key: str
    here: tuple[Part, ...]
    there: tuple[Part, ...]

    def back(self) -> Match:
        """The same for the way back."""
        return Match(self.key, self.there, self.here)


class Settling(AnimationGroup):
    """The last moment of a change: after it the parts of the new figure lie on one another in the figure's own order."""

    def __init__(self, moment: Animation, figure: Figure, **kwargs: Any):
        self.figure = figure
        super().__init__(moment, **kwargs)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """Put the parts in order."""
        super().clean_up_from_scene(scene)
        scene.remove(*self.figure.get_family())
        scene.add(*self.figure.submobjects)


def become(
    old: Figure, new: Figure, matches: Sequence[Match], *, before: Iterable[int] = (), stay: bool = False,
    old_near: Sequence[Near] = (), new_near: Sequence[Near] = (),
    first: Sequence[Mobject] = (), together: Sequence[Sequence[Mobject]] = (), run_time: float = FLIGHT,
) -> list[Animation]:  # fmt: skip
    """`old` turns into `new`, which has its parts already: what has no partner fades, then matches fly, then the rest comes.

    `before` are the ids of parts of `new` that are on screen already; with `stay` the old figure remains and copies fly.
    `old_near` and `new_near` are parts without a partner that shrink into, or grow out of, a part of the other figure.
    `first` are new parts that must be there before anything flies to them; `together` are parts of `new` that come group by
    group, in this order.
    """
    shown, shown_new, there_before = ids(old), ids(new), set(before)
    here_used: set[int] = set()
    there_used: set[int] = set()
    flights: list[tuple[Part, Animation]] = []  # each with the part that it brings
    for match in matches:
        here = tuple(p if p is not None and id(p) in shown else None for p in match.here)
        there = tuple(p if p is not None and id(p) in shown_new else None for p in match.there)
        flights += _flights(Match(match.key, here, there), here_used, there_used, there_before, stay)
    for part, into in old_near:
        if id(part) in shown and not ids(part) & here_used and not stay:
            flights.append((None, FadeOut(part, target_position=into.get_center(), scale=SMALL)))
            here_used |= ids(part)
    for part, source in new_near:
        if id(part) in shown_new and not ids(part) & (there_used | there_before):
            flights.append((part, FadeIn(part, target_position=source.get_center(), scale=SMALL)))
            there_used |= ids(part)
    groups: list[list[Animation]] = [[] for _ in together]
    of_group = {k: i for i, group in enumerate(together) for part in group for k in ids(part)}
    for part in rest(new, there_used | there_before):
        if id(part) in of_group:
            groups[of_group[id(part)]].append(_arrival(part))
            there_used |= ids(part)
    single: list[Animation] = []
    for brought, flight in flights:
        (groups[of_group[id(brought)]] if id(brought) in of_group else single).append(flight)
    fresh = rest(new, there_used | there_before)
    early = ids(*first)
    leaving = [] if stay else [FadeOut(part) for part in rest(old, here_used)]
    standing = [_arrival(part) for part in fresh if ids(part) & early]
    arriving = [_arrival(part) for part in fresh if not ids(part) & early]
    moments: list[Animation] = []
    if leaving or standing:
        moments.append(AnimationGroup(*leaving, *standing, run_time=AWAY))
    if single:
        moments.append(LaggedStart(*single, lag_ratio=min(0.06, 0.8 / len(single)), run_time=run_time))
    if gathered := [AnimationGroup(*group) for group in groups if group]:
        moments.append(LaggedStart(*gathered, lag_ratio=0.4, run_time=run_time))
    if arriving:
        moments.append(AnimationGroup(*arriving, run_time=ARRIVE))
    if not stay:
        old.remove(*old.submobjects)
    return [*moments[:-1], Settling(moments[-1], new)] if moments else []


def _flights(
    match: Match, here_used: set[int], there_used: set[int], there_before: set[int], stay: bool
) -> Iterator[tuple[Part, Animation]]:
    """Partners turn into one another; what has none shrinks into, or grows out of, the first part of the other side.

    A part that has several partners turns into all of them, and a partner of several parts is joined by each.
    """
    size = max(len(match.here), len(match.there))
    here = [*match.here, *[None] * (size - len(match.here))]
    there = [*match.there, *[None] * (size - len(match.there))]
    source = next((p for p in here if p is not None), None)
    goal = next((p for p in there if p is not None), None)
    for part, other in zip(here, there, strict=True):
        if part is not None and other is not None:
            if stay and id(other) in there_before:  # nothing flies to what is there already
                continue
            yield other, Become(part, other, stay=stay or bool(ids(part) & here_used))
        elif part is not None and goal is not None and not stay and not ids(part) & here_used:
            yield None, FadeOut(part, target_position=goal.get_center(), scale=SMALL)
        elif other is not None and source is not None and not ids(other) & (there_used | there_before):
            yield other, FadeIn(other, target_position=source.get_center(), scale=SMALL)
        else:
            continue
        here_used |= ids(part) if part is not None else set()
        there_used |= ids(other) if other is not None else set()


def _arrival(part: Mobject) -> Animation:
    """Lines are drawn, everything else fades in."""
    drawn = isinstance(part, VMobject) and not part.submobjects and not part.get_fill_opacity()
    return Create(part) if drawn else FadeIn(part)


def ids(*parts: Mobject) -> set[int]:
    """Who belongs to these parts, themselves included."""
    return {id(m) for part in parts for m in part.get_family()}


def rest(figure: Mobject, used: set[int]) -> list[Mobject]:
    """The largest parts of a figure in which nothing is used."""
    parts: list[Mobject] = []
    for part in figure.submobjects:
        if not ids(part) & used:
            if len(part.get_all_points()):
                parts.append(part)
        elif id(part) not in used:
            parts += rest(part, used)
    return parts


# Network and graph ------------------------------------------------------------------------------------------------------


def network_to_graph(net: NetForward, graph: GraphForward, run_time: float = FLIGHT) -> list[Animation]:
    """A network redraws itself as the graph of its elementary steps (`engine.learning.elementary`); values stay attached.

    Lines become the dials of their weights, rounds the rounds of their values, data the factors in the boxes that read them.
    """
    known = any(net.numbers)
    before = ids(graph)
    settled(graph, known)
    matches, near, data = _paired(net, graph, known)
    return become(net, graph, matches, before=before, old_near=data, new_near=near, run_time=run_time)


def network_to_steps(net: NetForward, graph: NetGraph, run_time: float = FLIGHT) -> list[Animation]:
    """The same for the graph in the arrangement of its net: data go into the boxes that multiply by them, step by step."""
    before = ids(graph)
    graph.settle_all()
    one, last = net.one, len(net.one.sizes) - 1
    matches: list[Match] = []
    near: list[Near] = []
    for level in range(1, last + 1):
        for j in range(one.sizes[level]):
            name, unit = value_name(one, level, j), net.units[level][j]
            there = (graph.rounds[name], graph.numbers[name], graph.names[name])
            matches.append(Match(name, (unit, net.number_of(level, j), net.names[level][j]), there))
            steps = (f"sum{j + 1}", f"z{j + 1}", f"gate{j + 1}", f"times{j + 1}") if level < last else ("plus", "z", "squash")
            for shelf in (graph.boxes, graph.rounds, graph.numbers, graph.names):
                near += [(shelf[step], unit) for step in steps if step in shelf]
            bias = bias_name(one, level, j)
            near += [(part, unit) for part in (graph.dials[bias], graph.tags[bias])]
            for i in range(one.sizes[level - 1]):
                weight, line = weight_name(one, level, i, j), net.line(level, i, j)
                dial = graph.dials[weight]
                matches.append(Match(weight, (line, None), (dial.notch, graph.tags[weight])))
                near += [(part, line) for part in dial.submobjects if line is not None]
                if level == 1:
                    held = graph.boxes[f"data {weight}"]
                    symbols = [name for name in net.names[0] if isinstance(name, Plate)]  # not the words under the squares
                    parts = (net.units[0][i], net.number_of(0, i), symbols[i])
                    matches.append(Match(f"{value_name(one, 0, i)} of {weight}", parts, (held[0], held[1], None)))
    return become(net, graph, matches, before=before, new_near=near, run_time=run_time)


def graph_to_network(graph: GraphForward, net: NetForward, run_time: float = FLIGHT) -> list[Animation]:
    """The boxes of a graph gather in the units of its network again."""
    known = any(id(n.holder) in ids(graph) for n in graph.nodes.values() if n.holder is not None)
    before = ids(net)
    net.settle(known)
    matches, near, data = _paired(net, graph, known)
    matches = [match.back() for match in matches]
    return become(graph, net, matches, before=before, old_near=near, new_near=data, run_time=run_time)


def graph_to_graph(old: GraphForward, new: GraphForward, run_time: float = 1.0) -> list[Animation]:
    """The same graph at another point: every part of a step becomes that part of the step with its new value."""
    if [(s.name, s.primitive) for s in old.steps] != [(s.name, s.primitive) for s in new.steps]:
        raise StageError("these are graphs of two functions; a graph becomes another one of the same steps")
    before, known = ids(new), any(id(n.holder) in ids(old) for n in old.nodes.values() if n.holder is not None)
    settled(new, known)
    matches = [Match(n.step.name, _parts(n), _parts(new.nodes[k])) for k, n in old.nodes.items()]
    matches += [Match(str(key), (line,), (new.lines[key],)) for key, line in old.lines.items()]
    return become(old, new, matches, before=before, run_time=run_time)


def graph_to_model(old: GraphForward, new: GraphForward, run_time: float = FLIGHT) -> list[Animation]:
    """One model is exchanged for another: boxes that both graphs have by name and operation stay, with their wires; the others
    of the old model shrink into the first box that stays, and the new one's grow out of it. Raises StageError where none stays.
    """
    shared = [
        (one, other) for one in old.nodes.values() for other in new.nodes.values()
        if not one.step.is_input and (one.step.name, one.step.primitive) == (other.step.name, other.step.primitive)
        and one.step.name
    ]  # fmt: skip
    if not shared:
        raise StageError("no box stays: the two graphs have no operation of one name in common")
    before, known = ids(new), any(id(n.holder) in ids(old) for n in old.nodes.values() if n.holder is not None)
    settled(new, known)
    matches = [Match(one.step.name or "", _parts(one), _parts(other)) for one, other in shared]
    place = {one.step.index: other.step.index for one, other in shared}
    twins = {(place[a], place[b]): (a, b) for a, b in ((e.source.index, e.target.index) for e in old.edges)
             if a in place and b in place}  # fmt: skip
    lines = {(e.source.index, e.target.index): old.lines[edge_key(e)] for e in old.edges}
    for edge in new.edges:
        pair = (edge.source.index, edge.target.index)
        if pair in twins:
            matches.append(Match(str(pair), (lines[twins[pair]],), (new.lines[edge_key(edge)],)))
    first, after = shared[0]
    old_near = [(p, first.box) for n in old.nodes.values() if n.step.index not in place for p in _parts(n) if p is not None]
    kept = {other.step.index for _, other in shared}
    new_near = [(p, after.box) for n in new.nodes.values() if n.step.index not in kept for p in _parts(n) if p is not None]
    return become(old, new, matches, before=before, old_near=old_near, new_near=new_near, run_time=run_time)


def _parts(node: Node) -> tuple[Part, ...]:
    return (node.box, node.link, node.sign, node.name, node.ring, node.holder, node.value, node.dial, node.label, node.cell)


def settled(graph: GraphForward, known: bool = True) -> GraphForward:
    """The whole graph without animation; where values are not known yet, dashed rounds wait for them."""
    if known:
        return graph.settle_all()
    graph.appear_inputs()
    graph.appear_boxes()
    return graph


def _paired(net: NetForward, graph: GraphForward, known: bool) -> tuple[list[Match], list[Near], list[Near]]:
    """What shows the same in a network and in its graph; of which unit each other part of a box is a part; and into which
    folded box data go.
    """
    one, last = net.one, len(net.one.sizes) - 1
    steps = {s.name: s for s in graph.trace.steps}

    def node(name: str) -> Node:
        if name not in steps:
            raise StageError(f"this graph has no step {name}; trace the network with engine.learning.elementary")
        return graph.nodes[graph.view.node_of[steps[name].index].index]

    matches: list[Match] = []
    near: list[Near] = []
    data: list[Near] = []
    units: dict[int, Mobject] = {}  # by the index of the step
    for level in range(1, last + 1):
        for j in range(one.sizes[level]):
            name = value_name(one, level, j)
            own, unit = node(name), net.units[level][j]
            if not np.isclose(float(steps[name].value), float(one.values[level][j]), rtol=1e-9, atol=1e-12):
                raise StageError(f"{name} is another number in this graph than in the network")
            units[steps[name].index] = unit
            title = net.names[level][j] if len(net.names[level]) > j else None
            there = (own.holder, own.value, own.name) if known else (own.ring, None, own.name)
            matches.append(Match(name, (unit, net.number_of(level, j), title), there))
    for level in range(1, last + 1):
        for j in range(one.sizes[level]):
            for i in range(one.sizes[level - 1]):
                name = weight_name(one, level, i, j)
                own, line = node(name), net.line(level, i, j)
                matches.append(Match(name, (line, None), (hand(own.dial, own.step, name), own.label)))
                if line is not None:
                    near += [(part, line) for part in own.dial.submobjects]
    for i, square in enumerate(net.units[0]):
        readers = [node(weight_name(one, 1, i, j)) for j in range(one.sizes[1])]
        products = {id(b): b for r in readers for e in graph.view.uses(r.step) for b in [graph.nodes[e.target.index]]}
        title = net.names[0][i] if len(net.names[0]) > i else None
        for box in products.values():
            if isinstance(box.step, Block):
                data += [(part, box.box) for part in (square, net.number_of(0, i), title) if part is not None]
                continue
            matches.append(Match(value_name(one, 0, i), (square, net.number_of(0, i), title), (None, box.sign, None)))
    for box in graph.nodes.values():
        unit = units[_owner(box.step, units)]
        late = (box.holder, box.value) if known else (box.ring,)
        parts = (box.box, box.sign, box.link, box.dial, box.label, box.name, *late)
        near += [(part, unit) for part in parts if part is not None]
    return matches, near, data


def hand(dial: Any, step: Any = None, name: str = "") -> Mobject:
    """What a line turns into: the notch of a dial, or its own bar in a slot of several inputs."""
    if isinstance(dial, Dial):
        return dial.notch
    bars = next((m for m in dial.get_family() if isinstance(m, Bars)), None)
    if bars is None or not isinstance(step, Block) or len(bars.values) != len(step.outputs):
        return dial
    return bars[1 + [s.name for s in step.outputs].index(name)]


def _owner(node: Any, units: dict[int, Mobject]) -> int:
    """The unit of which a step is a part: the first one downstream."""
    step: Step = node.outputs[0] if isinstance(node, Block) else node
    while step.index not in units:
        step = step.uses[0].target
    return step.index


# Formula and graph ------------------------------------------------------------------------------------------------------


def formula_to_graph(
    formula: Formula, graph: GraphForward, *, stay: bool = False, run_time: float | None = None
) -> list[Animation]:
    """Each step's glyphs fly to its box, and each input's to its dial; with `stay` the formula remains and copies fly.

    A step that leaves no glyph of its own (a product without a sign) grows where the formula is. The values are not known yet.
    """
    before = ids(graph)
    settled(graph, False)
    return become(
        _figure(formula), graph, _glyphs(formula, graph), before=before, new_near=_of_formula(formula, graph), stay=stay,
        together=_boxes(graph), run_time=run_time or min(1.6 + 0.45 * len(graph.operations), 4.4),
    )  # fmt: skip


def graph_to_formula(graph: GraphForward, formula: Formula, run_time: float = FLIGHT) -> list[Animation]:
    """The boxes of a graph gather in the formula that they compute."""
    matches = [match.back() for match in _glyphs(formula, graph)]
    near = _of_formula(formula, graph)
    return become(graph, _figure(formula), matches, old_near=near, run_time=run_time)


def _figure(formula: Formula) -> Figure:
    figure = Figure.__new__(Figure)
    VGroup.__init__(figure, formula)
    return figure


def _glyphs(formula: Formula, graph: GraphForward) -> list[Match]:
    """The glyphs of each step, with what stands for it in the graph; an input flies to its dial from wherever it is used."""
    matches: list[Match] = []
    own: dict[int, list[VMobject]] = {}
    for step, run in runs(formula):
        node = graph.view.node_of.get(step)
        if node is None:
            continue
        if node.is_input:
            matches.append(Match(node.name, (run,), (graph.nodes[node.index].label,)))
        else:
            own.setdefault(node.index, []).extend(run)
    for index, glyphs in sorted(own.items()):
        box = graph.nodes[index]
        matches.append(Match(box.step.name, (VGroup(*glyphs),), (box.sign,)))
    return matches


def _of_formula(formula: Formula, graph: GraphForward) -> list[Near]:
    """Everything else of a box, with the glyphs out of which it grows."""
    places: dict[int, Mobject] = {}
    for step, run in runs(formula):
        node = graph.view.node_of.get(step)
        if node is not None:
            places.setdefault(node.index, run)
    near: list[Near] = []
    for box in graph.nodes.values():
        parts = (box.box, box.sign, box.link, box.dial, box.label, box.name, box.ring, box.holder, box.value)
        near += [(part, places.get(box.step.index, formula)) for part in parts if part is not None]
    return near


def _boxes(graph: GraphForward) -> list[list[Mobject]]:
    """The parts of each input, then of each box with the wires into it, in the order of the computation."""
    groups: list[list[Mobject]] = []
    for step in (*graph.inputs, *graph.operations):
        box = graph.nodes[step.index]
        parts = (box.box, box.sign, box.link, box.dial, box.label, box.name, box.ring)
        wires = [graph.lines[edge_key(edge)] for edge in graph.into(step)]
        groups.append([*(part for part in parts if part is not None), *wires])
    return groups


def runs(formula: Formula) -> list[tuple[int, VGroup]]:
    """The glyphs of a formula that stand side by side and belong to one step, from left to right."""
    found: list[tuple[int, list[VMobject]]] = []
    previous: int | None = None
    for glyph in formula.submobjects:
        step = glyph.mark.step
        if step is not None:
            if step == previous:
                found[-1][1].append(glyph)
            else:
                found.append((step, [glyph]))
        previous = step
    return [(step, VGroup(*glyphs)) for step, glyphs in found]


# Dials and lines --------------------------------------------------------------------------------------------------------


def dials_to_lines(panel: KnobPanel, net: NetForward, run_time: float = FLIGHT) -> list[Animation]:
    """Each dial becomes the line of its weight, each bias goes into its unit; the network's units stand there first."""
    before = ids(net)
    net.appear()
    matches, near = _knobs(panel, net)
    units = [*net.units, *net.names, net.tags]
    return become(panel, net, matches, before=before, old_near=near, first=units, run_time=run_time)


def lines_to_dials(net: NetForward, panel: KnobPanel, run_time: float = FLIGHT) -> list[Animation]:
    """Each line becomes the dial of its weight, and biases come out of their units."""
    before = ids(panel)
    panel.appear()
    matches, near = _knobs(panel, net)
    return become(net, panel, [m.back() for m in matches], before=before, new_near=near, run_time=run_time)


def _knobs(panel: KnobPanel, net: NetForward) -> tuple[list[Match], list[Near]]:
    """Dials with the lines of their weights, and the dials of biases with their units."""
    one = net.one
    matches: list[Match] = []
    near: list[Near] = []
    known: set[str] = set()
    for level in range(1, len(one.sizes)):
        for j in range(one.sizes[level]):
            for i in range(one.sizes[level - 1]):
                name = weight_name(one, level, i, j)
                if name in panel.dials:
                    _same(panel, name, float(one.params[level - 1]["W"][i, j]))
                    dial, *words = _of_dial(panel, name)
                    line = net.line(level, i, j)
                    matches.append(Match(name, (hand(dial), *words), (line,)))
                    if line is not None:
                        near += [(part, line) for part in dial.submobjects]
                known.add(name)
            name = bias_name(one, level, j)
            if name in panel.dials and one.layers[level - 1].bias:
                _same(panel, name, float(one.params[level - 1]["b"][j]))
                near += [(part, net.units[level][j]) for part in _of_dial(panel, name)]
            known.add(name)
    if strange := [n for n in panel.names if n not in known]:
        raise StageError(f"the network has no weight or bias {strange[0]}; dials are named as in engine.learning.elementary")
    return matches, near


def _same(panel: KnobPanel, name: str, value: float) -> None:
    if not np.isclose(float(panel.values[name].value), value, rtol=1e-9, atol=1e-12):
        raise StageError(f"{name} is another number on its dial than in the network")


def _of_dial(panel: KnobPanel, name: str) -> list[Mobject]:
    return [panel.dials[name], *(part[name] for part in (panel.heads, panel.numbers) if name in part)]


# Curve and meter --------------------------------------------------------------------------------------------------------


def dot_to_meter(curve: LossSlice, gauge: LossGauge, *, stay: bool = True, run_time: float = 1.2) -> list[Animation]:
    """The dot on the curve flies to the level of a meter that reads its loss; the curve stays, or fades without `stay`."""
    dot = _dot(curve, gauge)
    before = ids(gauge)
    gauge.appear()
    near = [(part, dot) for part in (gauge.tube.mark, gauge.number)]
    first = [gauge.tube[0], gauge.tube.fill, gauge.ruler, gauge.name]
    match = Match("loss", (dot,), (gauge.tube.diamond,))
    return become(curve, gauge, [match], before=before, new_near=near, first=first, stay=stay, run_time=run_time)


def meter_to_dot(gauge: LossGauge, curve: LossSlice, x: float, *, run_time: float = 1.2) -> list[Animation]:
    """The reading of a meter becomes the dot on the curve over x; the meter goes."""
    before = ids(curve)
    if curve.curve not in curve.submobjects:
        curve.appear()
    if curve.dot is None:
        curve.stand(x)
    dot = _dot(curve, gauge)
    match = Match("loss", (gauge.tube.diamond, gauge.number), (dot,))
    near = [(part, dot) for part in (curve.knob, curve.drop_line)]
    return become(gauge, curve, [match], before=before, new_near=near, first=[curve.axes, curve.curve], run_time=run_time)


def value_to_knob(number: VMobject, curve: LossSlice, x: float, run_time: float = 1.4) -> list[Animation]:
    """A value lifts out of another figure and becomes the place on the axis; from there the dot rises to the curve.

    `number` (a Number or anything with a `quantity`) stays where it is; its value is `x`.
    """
    quantity = getattr(number, "quantity", None)
    if isinstance(quantity, Quantity) and not np.isclose(float(quantity.value), x, rtol=1e-9, atol=1e-12):
        raise StageError("the value that becomes a place on the axis is another one than that place")
    curve.stand(x)
    assert curve.dot is not None
    flight = Become(number, curve.knob, stay=True, run_time=run_time)
    rise = [FadeIn(curve.drop_line), FadeIn(curve.dot, target_position=curve.knob.get_center(), scale=SMALL)]
    return [flight, AnimationGroup(*rise, run_time=0.8)]


def _dot(curve: LossSlice, gauge: LossGauge) -> Mobject:
    """The dot of the curve, where it stands at the loss of the meter."""
    if curve.dot is None:
        raise StageError("no dot stands on the curve; call stand(x) first")
    loss, here = float(gauge.loss.value), curve.value(curve.x_at)
    if not np.isclose(loss, here, rtol=1e-6, atol=1e-9):
        raise StageError(f"the meter reads {loss:g}, the dot on the curve stands at {here:g}")
    return curve.dot


__all__ = [
    "Become", "Match", "become", "dials_to_lines", "dot_to_meter", "formula_to_graph", "graph_to_formula", "graph_to_graph",
    "graph_to_model", "graph_to_network", "lines_to_dials", "meter_to_dot", "network_to_graph",
    "network_to_steps", "value_to_knob",
]  # fmt: skip
