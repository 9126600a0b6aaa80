"""Chapter 6: the graph – boxes do, arrows carry –, its order, two neurons as seven boxes, and boxes that work on lists."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, VGroup

from chainreel.engine.learning import MLP, NetworkPass
from chainreel.engine.storyboards import film_b

from ...figures.graph_forward import GraphForward, edge_key
from ...figures.graph_order import GraphOrder
from ...figures.morphs import Match, Near, _parts, become, ids, settled
from ...figures.net_forward import NetForward
from ...figures.pull_back import graph_to_lists
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.glow import halo
from ...stage.pulse import RunPulse
from ...stage.stage import Stage
from ..chapter import Chapter
from . import a_recipe, cast

NEURONS, LISTS = "neurons", "lists"  # sources
NET = Area(-4.6, 4.6, -1.6, 2.6)
INSIDE = {"p": 1, "z": 1, "h": 1, "q": 2, "y": 2, "gap": 2, "f": 2}  # the neuron in which a box is, counted from 1


def neurons(stage: Stage) -> NetForward:
    """The two-neuron chain as neurons in a row, on its one example; nothing of it shown yet."""
    net = MLP([1, 1, 1], activation="relu")
    k = film_b.CHAIN_AT
    params = [{"W": np.array([[k[f"w{n}"]]]), "b": np.array([k[f"b{n}"]])} for n in (1, 2)]
    one = NetworkPass(net, params, [film_b.CHAIN_X], film_b.CHAIN_T, "squared")
    stage.ledger.source(NEURONS, one.describe())
    return NetForward(one, stage.look, NET, source=NEURONS, whole=True)


def lists_graph(stage: Stage) -> GraphForward:
    """The digits net's loss on one digit, in boxes that work on whole lists; nothing of it shown yet."""
    function, at = film_b.digits_graph()
    trace = function.trace(at)
    stage.ledger.source(LISTS, trace.describe())
    return GraphForward(trace, stage.look, cast.LISTS, tape=False, values=LISTS)


def last_picture(stage: Stage) -> VGroup:
    """The digits net as a graph, with all its values, under the recipe's line."""
    return VGroup(cast.line(stage, cast.recipe(stage)), lists_graph(stage).settle_all())


class BoxesAndArrows(Chapter):
    """Read a graph, and build one."""

    def construct(self) -> None:
        """Six beats of the storyboard."""
        self.alt = (
            "Dials at the left, boxes that compute, arrows that carry values; one dial is used twice. A box that is "
            "tried too early stops. Two neurons split into seven boxes, and then such boxes work on whole lists."
        )
        self.graph, self.line = a_recipe.last_picture(self)
        self.add(*self.graph.submobjects, self.line)
        self.trace = self.graph.trace
        self.boxes_do()
        self.used_twice()
        self.in_order()
        self.two_neurons()
        self.whole_lists()
        self.what_to_know()

    def pulses(self, name: str, run_time: float = 1.0) -> list[RunPulse]:
        """What runs into a box."""
        step = self.trace.step(name)
        return [
            RunPulse(self.look, self.graph.wires[edge_key(e)], "knob" if e.source.is_input else "value", run_time)
            for e in step.edges
        ]

    # 1. 0-12 · a, b, c dials left; box ×; arrow p · boxes do, arrows carry
    def boxes_do(self) -> None:
        """The first box."""
        words = "Dials for what goes in stand at the left. Boxes do something, and arrows carry a value on to the next box."
        with self.beat(words, until=12.0, title="boxes and arrows"):
            self.open_card(*self.pulses("p"))
            self.shut_card()
            self.at("Boxes")
            box = self.graph.nodes[self.trace.step("p").index].box
            lit = box.copy().set_fill(opacity=0).set_stroke(self.look.ink, 3).set_z_index(6)
            self.play(FadeIn(lit))
            self.at("arrows")
            self.play(*self.pulses("q"), FadeOut(lit))
            self.play(*self.pulses("f"))

    # 2. 12-24 · the second arrow from a bends down to the last box in the same yellow · a is used twice
    def used_twice(self) -> None:
        """No copy."""
        words = "Now look at a. A second arrow leaves it, down to the last box. This is no copy: a is used twice. Remember it."
        with self.beat(words, until=24.0, title="used twice"):
            first, last = self.trace.step("p").edges[0], self.trace.step("f").edges[1]
            self.at("second arrow")
            wire = self.graph.wires[edge_key(last)]
            glow = halo(wire.line(self.look.knob, 4), self.look.knob, 4, 1.2)
            bright = wire.line(self.look.knob, 4.5).set_z_index(1)
            self.play(FadeIn(VGroup(glow, bright)), RunPulse(self.look, wire, "knob", 1.6))
            self.at("used twice")
            self.play(*(RunPulse(self.look, self.graph.wires[edge_key(e)], "knob", 1.4) for e in (first, last)))
            self.play(FadeOut(VGroup(glow, bright)))

    # 3. 24-34 · order numbers; a wrong order is tried and stops · any order that never uses what is not made yet
    def in_order(self) -> None:
        """Plus before times stops."""
        order = GraphOrder(self.graph)
        words = "In which order? Try plus first: it stops, for p is not made yet. Any order without such gaps will do."
        with self.beat(words, until=34.0, title="order"):
            self.at("plus")
            self.perform(order.attempt(self.trace.step("q"), run_time=1.0))
            self.at("Any order")
            self.perform(order.forgive())
            self.play(order.number(1.4))
        self.order = order

    # 4. 34-50 · neuron picture of the two-neuron chain splits into its boxes · one neuron is several boxes
    def two_neurons(self) -> None:
        """The neuron picture is coarser."""
        net = neurons(self).settle()
        self.chain = graph = cast.chain_graph(self, cast.chain(self))
        words = (
            "Many draw a network as neurons. Is that its graph? No, the graph is finer: one neuron is several boxes, "
            "times, plus and max. The error is two more."
        )
        with self.beat(words, until=50.0, title="two neurons"):
            gone = [*self.graph.submobjects, *self.order.submobjects]
            self.at("neurons")
            self.play(*(FadeOut(part) for part in gone), run_time=0.7)
            self.play(*(FadeIn(part) for part in net.submobjects), run_time=0.9)
            self.at("finer")
            self.perform(self.split(net, graph))
            self.at("The error")
            for name in ("gap", "f"):
                edge = graph.trace.step(name).edges[0]
                self.play(RunPulse(self.look, graph.wires[edge_key(edge)], run_time=0.8))

    def split(self, net: NetForward, graph: GraphForward) -> list:
        """Rounds become boxes, lines become dials, and the other boxes grow out of their neuron."""
        before = ids(graph)
        settled(graph, True)
        nodes = {node.step.name: node for node in graph.nodes.values()}
        matches = [Match(name, (net.units[k][0], net.number_of(k, 0)), (nodes[name].box, nodes[name].value))
                   for k, name in ((1, "h"), (2, "y"))]  # fmt: skip
        matches += [Match(f"w{k}", (net.line(k, 0, 0),), (nodes[f"w{k}"].dial or nodes[f"w{k}"].box,)) for k in (1, 2)]
        near: list[Near] = []
        for name, k in INSIDE.items():
            near += [(part, net.units[k][0]) for part in _parts(nodes[name]) if part is not None]
        for k in (1, 2):
            near += [(part, net.units[k][0]) for part in _parts(nodes[f"b{k}"]) if part is not None]
        data = [(part, nodes["p"].box) for part in (*net.units[0], net.number_of(0, 0)) if part is not None]
        return become(net, graph, matches, before=before, old_near=data, new_near=near, run_time=1.8)

    # 5. 50-62 · pull back: digits net as layers of boxes · boxes may work on whole lists
    def whole_lists(self) -> None:
        """The same boxes, larger values."""
        self.lists = lists_graph(self)
        words = "And a box may work on a whole list of numbers at once. Then the same few boxes are the net that reads digits."
        with self.beat(words, until=62.0, title="whole lists"):
            self.at("whole list")
            self.perform(graph_to_lists(self.chain, self.lists, 2.0))
            self.poster()
            self.at("digits")
            for name in ("p", "h", "r", "z"):  # it runs
                step = self.lists.trace.step(name)
                edges = [e for e in step.edges if edge_key(e) in self.lists.wires]
                self.play(*(RunPulse(self.look, self.lists.wires[edge_key(e)], run_time=0.7) for e in edges))

    # 6. 62-72 · ⏸ "what must each box know to answer our question?" · surprisingly little
    def what_to_know(self) -> None:
        """A question to end with."""
        badge = QuestionBadge(self.look)
        with self.beat("So what must each box know, to tell all slopes? Surprisingly little.", until=72.0, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)


__all__ = ["BoxesAndArrows", "last_picture", "lists_graph", "neurons"]
