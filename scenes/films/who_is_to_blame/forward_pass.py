"""Chapter 3: the forward pass. One unit by hand, two more, the bend, the last unit, the squeeze – then all of it as steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manim import DOWN, FadeIn, FadeOut, Group, Rectangle, Transform, VGroup, VMobject

from chainreel.engine import Function, Quantity
from chainreel.engine.learning import ACTIVATIONS, NetworkPass, elementary

from ...figures.bend_curve import BendCurve, Shape
from ...figures.gate import Gate
from ...figures.morphs import network_to_steps
from ...figures.net_forward import NetForward
from ...figures.net_graph import NetGraph
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.dim import DIMMED, Dim, shine
from ...stage.formula import Formula, Marker
from ...stage.number import Phrase
from ...stage.pulse import RunPulse
from ...stage.stage import Stage
from ...stage.type import Label
from ..chapter import Chapter
from . import cast

ASIDE = -2.2  # how far the net makes room for what its last unit does
CORNER = Area(-6.26, -5.26, 2.46, 3.46)  # for the face, while the net stands where it was
BENDS = Area(1.95, 6.26, -2.25, 2.35)
SQUEEZE = Area(3.05, 6.26, -0.95, 2.20)
SHARES = (1.30, 6.26)  # from where to where the bar of the answer runs
JUDGE = Area(4.70, 6.10, 1.80, 3.20)  # for the face, beside the answer
LINES = ("0.7*x + 0.14", "0.1 - 0.5*x")  # any two would do: their sum is straight


class Answered(Group):
    """What stands at the end: the net as the graph of its steps, the cat, and what it is in truth."""

    def __init__(self, graph: NetGraph, face: VMobject, truth: Label):
        super().__init__(face, graph, truth)
        self.graph, self.face, self.truth = graph, face, truth


def graph_of(stage: Stage, one: NetworkPass) -> NetGraph:
    """Every step of the net on the icon, nothing of it shown yet."""
    stage.ledger.source("steps", (trace := elementary(one)).describe())
    return NetGraph(trace, stage.look, name="steps", sweep=cast.SWEEP)


def truth_of(face: VMobject, stage: Stage) -> Label:
    """What the icon shows, under it."""
    return Label("truth: cat", stage.look.tint("data"), 28, "semibold").next_to(face, DOWN, buff=0.2)


def last_picture(stage: Stage) -> Answered:
    """The graph with its answer, p, and the truth."""
    net = cast.network(stage)
    face = cast.face(net)[0].scale_to_fit_width(JUDGE.width).move_to(JUDGE.center)
    return Answered(graph_of(stage, net.one).settle_all(), face, truth_of(face, stage))


class ForwardPass(Chapter):
    """How an answer arises: weigh, add, bend, and again."""

    def construct(self) -> None:
        """Beat by beat as in the storyboard."""
        self.net: NetForward = cast.network(self)
        self.net.appear(), self.net.enter()
        self.face = cast.face(self.net)
        self.add(self.face, self.net)
        self.one_unit()
        self.weigh_add_shift()
        self.two_more()
        self.bend()
        self.why_bend()
        self.last_unit()
        self.squeeze()
        self.graph_of_steps()
        self.how_wrong()
        self.alt = (
            "A small network of two inputs, three units and one output: weights times inputs are added, sums are bent, and the "
            "answer is squeezed between zero and one; then all its steps as a graph, with every value."
        )

    # 1. all muted except unit 1 and its two inputs
    def one_unit(self) -> None:
        """Look at one unit only."""
        net = self.net
        words = "Some say a unit decides, like a little brain cell. Let us watch just one."
        with self.beat(words, until=10, title="one unit"):
            wires = [net._wire(level, *line.link[1:]) for level in (1, 2) for line in net.lines[level - 1]]
            first, second = wires[:6], wires[6:]
            self.open_card(*(RunPulse(self.look, wire, run_time=1.0) for wire in first))
            self.play(*(RunPulse(self.look, wire, run_time=0.9) for wire in second))
            self.shut_card()
            self.at("just one")
            self.perform(net.open(1, 0, general=False))
            self.perform(net.label())

    # 2. 0.4×0.9, −0.3×0.2, +0.1 fly in one after another
    def weigh_add_shift(self) -> None:
        """Weigh, add, shift: 0.40."""
        net, one = self.net, self.net.one
        w, x, z = cast.told(one, "weight/1", 0, 0), cast.told(one, "input", 0), cast.told(one, "sum/1", 0)
        words = "It weighs {w} times {x}, weighs again, shifts by its bias, and adds: {z}. That is all a unit does."
        with self.beat(words, until=26, title="weigh, add, shift", decimals={"z": 2}, w=w, x=x, z=z):
            for k, word in enumerate(("It weighs", "weighs again", "shifts")):
                self.at(word)
                self.perform(net.weigh(k))
            self.at("adds")
            self.perform(net.total())
            self.tick()
            self.at("That is all")
            self.rest(20.4 - self.now)  # where nobody speaks, the case has stood as long before its rule comes
            self.play(net.generalise())

    # 3. the same, quicker, for units 2 and 3
    def two_more(self) -> None:
        """Two more, same recipe."""
        net = self.net
        z2 = cast.told(net.one, "sum/1", 1)
        words = "Two more units follow the same recipe. One adds up to {z}, the other falls below zero."
        with self.beat(words, until=36, title="two more", decimals={"z": 2}, z=z2):
            for j, word in ((1, "the same"), (2, "the other")):
                self.at(word)
                self.perform(net.open(1, j, general=False))
                self.perform(net.label(0.5))
                self.perform(net.add_up(1.2))

    # 4. the rectifier: three points stand on a straight line; it bends, and the gate of unit 3 shuts
    def bend(self) -> None:
        """Negative is cut to zero."""
        net, look = self.net, self.look
        self.bends = curve = BendCurve(look, BENDS, (-0.6, 0.6), (-0.78, 0.65), ("z", "h"))
        self.gates = VGroup(*(Gate(look, net.at(1, j) + [0.93, 0, 0]) for j in range(3)))
        sums = [net.waiting[1, j] for j in range(3)]
        words = (
            "Put our three sums on a straight line and bend it: below zero, all is cut to zero. "
            "Unit three decided nothing, it was cut."
        )
        with self.beat(words, until=48.6, title="the bend"):
            self.perform(net.close(), net.conceal(2))
            self.play(curve.appear(), FadeIn(self.gates), curve.draw("bend", _same))
            self.perform(curve.land("bend", sums[0], 0.8), curve.land("bend", sums[1], 0.8))
            self.perform(curve.land("bend", sums[2], 0.8))
            self.at("below zero")
            cut = curve.ghost("bend", curve.view.x[0], 0.0)
            self.play(curve.reshape({"bend": ACTIVATIONS["relu"]}, 1.4), self.gates[2].shut(1.0), cut)
            self.tick()
            heights = {number.quantity.key: cast.told(net.one, "value/1", j) for j, number in enumerate(sums)}
            self.play(curve.renumber(heights), *(a for j in range(3) for a in net.bend(1, j)))
            self.rule = self.formula("h", lambda m: f'{m("ink", None, "max")}(0, {m("value", None, "z")})', BENDS)
            self.play(FadeIn(self.rule))

    def formula(self, name: str, body: Callable[[Marker], str], room: Area) -> Formula:
        """A rule over a panel, after its case has been seen."""
        made = Formula(lambda mark: f'{mark("value", None, name)} = {body(mark)}', self.look, 44, tinted=True)
        return made.move_to([room.center[0] - 0.35, (room.top + self.area.top) / 2, 0])

    # 5. two straight lines stacked are one line; with one bend each, a kinked shape
    def why_bend(self) -> None:
        """Without the bend a tower of layers is one straight line."""
        curve, relu = self.bends, ACTIVATIONS["relu"]
        one, two = (_of(Function.parse(text)) for text in LINES)
        badge = QuestionBadge(self.look)
        with self.beat("Why bend? Add two straight lines: what comes out?", until=55.6, title="predict"):
            self.play(curve.forget(), curve.hush(), *(Dim(part) for part in (self.net, self.gates, self.face)))
            self.at("two straight lines")
            self.play(curve.split("bend", {"one": one, "two": two}))
            self.at("what")
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        words = "A line again, no curve. Bent first, they make corners."
        with self.beat(words, until=61.2, title="lines stay lines"):
            self.play(FadeOut(badge), FadeOut(self.rule), curve.hush("one", "two"), run_time=0.4)
            self.play(curve.draw("sum", lambda x: one(x) + two(x), width=8))
            self.play(curve.say("sum", "sum", 0.42))
            self.at("Bent first")
            bent = {"one": lambda x: relu(one(x)), "two": lambda x: relu(two(x)), "sum": lambda x: relu(one(x)) + relu(two(x))}
            self.play(curve.reshape(bent, 1.8))

    # 6. the last unit weighs three values
    def last_unit(self) -> None:
        """The last unit does the same."""
        net, one = self.net, self.net.one
        words = (
            "Now the last unit. It weighs those three values with three more knobs of its own. "
            "The silent one adds nothing, and with the bias we get {z}."
        )
        with self.beat(words, until=76, title="the last unit", decimals={"z": 2}, z=cast.told(one, "sum/2", 0)):
            corner = self.face[0].copy().scale_to_fit_width(CORNER.width).move_to(CORNER.center)
            shine(corner, 1.0)
            self.play(Dim(net, 1.0), FadeOut(self.gates, self.face[1]), Transform(self.face[0], corner), run_time=0.8)
            self.play(self.bends.vanish(), net.slide(ASIDE, 1.2))
            self.play(net.reveal(2, 1.0))
            self.perform(net.open(2, 0, general=False))
            self.perform(net.label(0.5))
            for k, word in enumerate(("", "", "The silent one", "with the bias")):
                if word:
                    self.at(word)
                self.perform(net.weigh(k, 0.6))
            self.perform(net.total())
            self.tick()

    # 7. the sigmoid: z = −0.62 → p = 0.35, the bar 35 % / 65 %
    def squeeze(self) -> None:
        """Squeeze to a number between 0 and 1."""
        net, one, look = self.net, self.net.one, self.look
        self.curve = curve = BendCurve(look, SQUEEZE, (-2.4, 2.4), (-0.9, 1.25), ("z", "p"), (0.0, 1.0))
        z, p = cast.told(one, "sum/2", 0), cast.told(one, "value/2", 0)
        cat, dog = cast.told(one, "percent", 1), cast.told(one, "percent", 0)
        words = (
            "One bend is left, a smooth one. It squeezes any sum between zero and one. "
            "Ours becomes {p}: rather a dog. The bend: a sigmoid."
        )
        with self.beat(words, until=90, title="squeeze", p=p, decimals={"p": 2}):
            self.perform(net.close(), curve.appear())
            self.play(curve.draw("bend", _same))
            self.perform(curve.land("bend", net.waiting[2, 0], 0.7))
            self.at("squeezes")
            self.play(curve.reshape({"bend": ACTIVATIONS["sigmoid"]}, 1.8))
            self.at("becomes")
            self.rule = self.formula("p", _logistic, SQUEEZE)
            self.play(curve.renumber({z.key: p}), *net.bend(2, 0), FadeIn(self.rule))
            self.tick()
            self.bar = self.shares(cat, dog)
            self.at("rather a dog")
            self.play(FadeIn(self.bar, shift=0.15 * DOWN))
            self.poster()

    def shares(self, cat: Quantity, dog: Quantity) -> VGroup:
        """How sure: a bar in two parts."""
        look, y = self.look, -1.60
        left, right = SHARES
        width = (right - left) * float(cat.value) / 100
        one = Rectangle(width=width, height=0.4).set_fill(look.value, 1).set_stroke(width=0)
        two = Rectangle(width=right - left - width, height=0.4).set_fill(look.rim, 1).set_stroke(width=0)
        one.move_to([left + width / 2, y, 0]), two.move_to([right - two.width / 2, y, 0])
        said = (Phrase("cat {p} %", look.tint("value"), 28, "semibold", decimals=0, p=cat),
                Phrase("dog {p} %", look.ink, 28, "semibold", decimals=0, p=dog))  # fmt: skip
        said[0].move_to([left + said[0].width / 2, y - 0.5, 0])
        said[1].move_to([right - said[1].width / 2, y - 0.5, 0])
        return VGroup(one, two, *said)

    # 8. the network redraws itself as the graph of elementary steps
    def graph_of_steps(self) -> None:
        """Everything is kept."""
        net, graph = self.net, graph_of(self, self.net.one)
        words = (
            "Here is the same network, every step a box of its own, and every value stays where it arose. "
            "We keep them for the way back."
        )
        with self.beat(words, until=104, title="the graph"):
            judge = self.face[0].copy().scale_to_fit_width(JUDGE.width).move_to(JUDGE.center)
            away = FadeOut(self.curve, self.rule, self.bar, run_time=0.5)
            self.play(away)
            self.perform(network_to_steps(net, graph, 2.6), Transform(self.face[0], judge, run_time=0.8))
            self.at("every value")
            others = [*graph.boxes.values(), *graph.dials.values(), *graph.tags.values(), *graph.lines]
            self.play(*(Dim(part, DIMMED) for part in others))
            self.at("the way back")
            self.play(*(Dim(part, 1.0) for part in others))
        self.graph = graph

    # 9. how wrong is it?
    def how_wrong(self) -> None:
        """The truth is a cat."""
        p = cast.told(self.net.one, "value/2", 0)
        with self.beat(
            "The answer is {p}. But the truth is a cat. How wrong is that?", until=114, title="how wrong",
            p=p, decimals={"p": 2},
        ):  # fmt: skip
            self.at("answer")
            self.play(RunPulse(self.look, self.graph.wires["squash", "p"], run_time=0.8))
            self.at("the truth")
            self.play(FadeIn(truth_of(self.face[0], self), shift=0.1 * DOWN))


def _same(x: np.ndarray) -> np.ndarray:
    return x


def _logistic(mark: Marker) -> str:
    z = mark("value", None, "z")
    return f'{mark("ink", None, "sigma")}({z}) = 1 / (1 + {mark("ink", None, "e")}^(-{z}))'


def _of(function: Function) -> Shape:
    """A function of one input on a ruler of it."""
    (name,) = function.inputs
    return lambda x: np.asarray(function.grid({name: np.asarray(x, float)}), float).ravel()
