"""C8 · 21:36–27:01 · Chain-rule intuition: nested steps multiply rates, parallel routes add, long products vanish or explode.

The lamp: distance → lit area → brightness → current. Begins with an empty frame and ends with blame at the loss.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from manim import DOWN, UP, Animation, AnimationGroup, FadeIn, FadeOut, Mobject, VGroup

from chainreel.engine import Function, Quantity, Trace
from chainreel.engine.nudge import Nudge
from chainreel.engine.paths import Paths
from chainreel.engine.storyboards import film_b, film_c

from ...figures.card_strip import CardStrip
from ...figures.exchange import Exchange
from ...figures.graph_backward import GraphBackward
from ...figures.graph_forward import GraphForward, edge_key
from ...figures.lamp_wall import LampWall
from ...figures.linked_tapes import LinkedTapes
from ...figures.nudge_chain import NudgeChain
from ...figures.product_bar import ProductBar
from ...figures.product_trace import ProductTrace
from ...figures.two_wirings import TwoWirings
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.become import Become
from ...stage.number import Number
from ...stage.parts import chevron, panel
from ...stage.pulse import RunPulse
from ...stage.relabel import TransformLabels
from ...stage.type import Label
from ..chapter import Chapter

ACROSS = np.array([1.0, 0.0, 0.0])
CORNER = np.array([-5.1, -2.28, 0.0])  # where the lamp stays in sight
LAMP = Area(-3.4, 6.2, -2.6, 3.4)
TAPES = Area(-6.1, 6.1, -1.75, 3.3)
LEFT, RIGHT = Area(-6.2, 1.5, -1.5, 3.2), Area(2.0, 6.2, -2.2, 2.9)
ROWS = Area(-6.2, 6.2, -1.8, 3.4)
WHOLE = Area(-6.2, 6.2, -2.6, 3.4)
FORMULA_Y = -2.3
UNITS = {"x": "m", "u": "m²", "y": "lux", "i": "mA"}
FINE, COARSE = 2.4, 0.62  # frame units for one unit of a tape
CASES = ("add?", "multiply?")


class ChainRule(Chapter):
    """Chapter eight."""

    def construct(self) -> None:
        """One method for each beat of the storyboard."""
        self.alt = (
            "A lamp and a wall as a chain of three values. Tapes show how a touch travels through it: rates along the chain "
            "multiply, routes add. Ten sigmoids in a row leave almost nothing of a touch, ten factors above one explode."
        )
        self.badge = QuestionBadge(self.look)
        self.near, self.far = (self.traced(film_c.lamp(), {"x": x}, name) for x, name in ((1.0, "near"), (2.0, "lamp")))
        self.nudge = Nudge(self.far, "x", film_c.LAMP_NUDGES[0])
        self.ledger.source("nudge", self.nudge.describe())
        self.lamp_and_wall()
        self.three_tapes()
        self.rates()
        self.add_or_multiply()
        self.money()
        self.gear_box()
        self.third_link()
        self.after_not_times()
        self.two_routes()
        self.rule_card()
        self.ten_sigmoids()
        self.explodes()
        self.our_loss()
        self.which_end()
        self.begin_at_the_end()

    def traced(self, function: Function, at: dict[str, float], name: str) -> Trace:
        """A trace, and its paths where it is a chain, entered as sources."""
        trace = function.trace(at)
        self.ledger.source(name, trace.describe())
        if len(trace.inputs) == 1:
            self.ledger.source(f"{name} paths", Paths(trace).describe())
        return trace

    def asked(self) -> Animation:
        """The question goes."""
        return FadeOut(self.badge, run_time=0.4)

    # Beats ----------------------------------------------------------------------------------------------------------

    def lamp_and_wall(self) -> None:
        """S6: a wall one metre from a lamp, then two: the light spreads over four times the unit area."""
        self.wall = wall = LampWall(self.look, self.near, LAMP, far=2.0, source="near")
        with self.beat(
            "Let us leave the dials: here is a lamp, and here is a wall. One metre away its light falls on one square, and two"
            " metres away the same light must now cover all {u} of them.",
            until=20, u=replace(self.far.quantity("value", self.far.step("u")), source="lamp"),
        ):  # fmt: skip
            self.perform(wall.appear())
            self.at("light falls")
            self.perform(wall.cone())
            self.perform(wall.label(0), wall.label(1))
            self.perform(wall.label(2))
            self.at("two metres")
            self.perform(wall.move(self.far, "lamp"))

    def three_tapes(self) -> None:
        """S6: three linked tapes; a nudge of the first travels."""
        self.tapes = tapes = LinkedTapes(self.far, self.look, TAPES, zoom=FINE, units=UNITS, source="lamp")
        with self.beat(
            "Here are the same three values as linked measuring tapes: distance, lit area and brightness. Push the wall"
            " away by {d} metres: the area answers with more, and the brightness with less.",
            until=40, d=self.of_nudge("delta"),
        ):  # fmt: skip
            plates = VGroup(*(self.wall.named[k] for k in range(3)))
            self.wall.drop(*plates)
            for name in tapes.names:
                tapes.keep(name, 4)
            self.play(Become(plates, tapes.names), self.to_corner(), run_time=1.4)
            self.play(tapes.appear())
            self.at("Push")
            self.perform(tapes.touch(self.nudge))
            self.at("the area answers")
            self.perform(tapes.travel(0))
            self.at("and the brightness")
            self.perform(tapes.travel(1))

    def to_corner(self) -> Animation:
        """Lamp and wall shrink into the lower left corner, where they stay as long as we speak of them."""
        wall = self.wall
        wall.drop(wall.ruler, wall.shine)
        self.remove(wall.ruler, wall.shine)
        self.picture = VGroup(*wall.submobjects)
        return self.picture.animate.scale(0.165).move_to(CORNER)

    def rates(self) -> None:
        """S6: rates are written at the links."""
        tapes = self.tapes
        with self.beat(
            "The area moves about {a} times as far as the distance. The brightness moves {b} times as far as the area, "
            "and the minus means the other way. Each link has its own exchange rate at this very place.",
            until=62, a=tapes.local(0), b=tapes.local(1),
        ):  # fmt: skip
            self.at("about")
            self.perform(tapes.rate(0))
            self.at("times as far as the area")
            self.perform(tapes.rate(1))
            self.at("at this very place")
            self.perform(tapes.rest())

    def add_or_multiply(self) -> None:
        """S6: predict the overall rate."""
        rates = {"a": float(self.tapes.local(0).value), "b": float(self.tapes.local(1).value)}
        added = self.traced(Function.parse("a + b"), rates, "added")
        summed = replace(added.quantity("value", added.output), source="added")
        self.cases = VGroup()
        for word, quantity, x in zip(CASES, (summed, self.tapes.along(2)), (-1.3, 2.3), strict=True):
            plate = panel(self.look, 3.3, 0.9).set_fill([self.look.slot, self.look.slot], 1)
            inside = VGroup(Label(word, self.look.ink, 26), Number(quantity, self.look.tint("slope"), 32, "bold"))
            self.cases.add(VGroup(plate, inside.arrange(buff=0.3).move_to(plate)).move_to([x, FORMULA_Y + 0.05, 0]))
        with self.beat(
            "Now the whole chain: how much brightness for one metre? Adding the rates gives {s}, and multiplying them "
            "gives {p}. Which would you trust?",
            until=82, hold=3.0, s=summed, p=self.tapes.along(2),
        ):  # fmt: skip
            for k, wire in enumerate(self.tapes.wires):
                self.play(RunPulse(self.look, wire, "value" if k else "knob", run_time=0.7))
            self.at("Adding")
            self.play(FadeIn(self.cases[0], shift=0.1 * UP), run_time=0.6)
            self.at("multiplying")
            self.play(FadeIn(self.cases[1], shift=0.1 * UP), run_time=0.6)
            self.rest(78.4 - self.now)
            self.play(FadeIn(self.badge, scale=0.6), run_time=0.5)

    def money(self) -> None:
        """S6: euro, dollar, yen: rates multiply; then those of the lamp."""
        exchange = film_c.exchange()
        self.ledger.source("exchange", exchange.describe())
        self.ledger.source("exchange paths", Paths(exchange).describe())
        coins = Exchange(self.look, exchange, Area(-5.4, 5.4, -1.3, 3.2))
        with self.beat(
            "Think of money: say one euro buys {d} dollars, and one dollar buys {y} yen, so one euro is {w} yen. Nobody"
            " would add. With the lamp it is the same: along a chain, rates multiply.",
            until=104, hold=3.0, d=coins.local(0), y=coins.local(1), w=coins.overall(),
        ):  # fmt: skip
            self.play(self.asked(), FadeOut(VGroup(self.cases, *self.tapes.submobjects)), run_time=0.7)
            self.tapes.drop(*self.tapes.submobjects)
            self.perform(coins.appear())
            self.perform(coins.change(0), coins.rate(0))
            self.at("one dollar")
            self.perform(coins.change(1), coins.rate(1))
            self.at("one euro is")
            self.perform(coins.direct())
            line = coins.product(44).move_to([0.6, FORMULA_Y + 0.3, 0])
            self.play(FadeIn(line, shift=0.1 * UP), run_time=0.6)
            self.at("the lamp")
            self.product = self.tapes.product(size=44).move_to([0.6, FORMULA_Y + 0.3, 0])
            self.play(TransformLabels(line, self.product, run_time=1.0))
            self.coins = coins

    def gear_box(self) -> None:
        """S6: x slides from one to four; the product of the rates is traced on the direct slope of 12/x²."""
        chain, direct = film_c.lamp(), Function.parse(film_c.LAMP_DIRECT)
        low, high = film_c.LAMP_RANGE
        ends = [self.traced(chain, {"x": x}, name) for x, name in ((low, "near"), (high, "distant"))]
        self.sliding = tapes = LinkedTapes(ends[0], self.look, LEFT, zoom=COARSE, units={}, source="near")
        self.plot = plot = ProductTrace(self.look, chain, direct, film_c.LAMP_RANGE, RIGHT)
        with self.beat(
            "Slide the wall from one metre to four, and on the way both rates change. Multiply them at every place, and"
            " trace what comes out.",
            until=116, hold=0.2,
        ):  # fmt: skip
            self.play(self.coins.vanish(), FadeOut(self.product), run_time=0.5)
            self.perform(tapes.appear(1.4), plot.appear())
            self.play(plot.stand(low), AnimationGroup(tapes.rate(0), tapes.rate(1)))
            self.at("both rates")
            self.play(tapes.slide(ends[1], "distant", run_time=6.0), plot.slide(high, run_time=6.0))
        with self.beat(
            "Now compute the slope of twelve over x squared in one piece: the same curve. A chain is a gear box whose "
            "ratios change as you turn, so take them where you are.",
            until=128,
        ):  # fmt: skip
            self.at("in one piece")
            self.perform(plot.match())
            self.at("A chain")
            self.play(tapes.slide(ends[0], "near", run_time=4.5), plot.slide(low, run_time=4.5))

    def third_link(self) -> None:
        """S6: a third link with rate 0.4; units per metre."""
        trace = self.traced(film_c.lamp(3), film_c.LAMP_AT, "cell")
        self.tapes = tapes = LinkedTapes(trace, self.look, TAPES, zoom=1.6, units=UNITS, source="cell")
        with self.beat(
            "Add a solar cell: {r} milliamperes for each lux. One more link, one more factor: the current falls by {p} "
            "milliamperes per metre. However long the chain, keep multiplying.",
            until=146, hold=2.0, r=tapes.local(2), p=self.size_of(trace),
        ):  # fmt: skip
            self.play(FadeOut(VGroup(*self.sliding.submobjects, *self.plot.submobjects)), run_time=0.5)
            self.perform(tapes.appear())
            self.at("One more link")
            self.play(AnimationGroup(tapes.rate(0), tapes.rate(1)))
            self.perform(tapes.rate(2))
            self.at("the current")
            self.product = tapes.product(size=44).move_to([0.6, FORMULA_Y, 0])
            self.play(FadeIn(self.product, shift=0.1 * UP), run_time=0.8)

    def after_not_times(self) -> None:
        """S5: the wrong way: multiplying the functions instead of feeding one into the other."""
        after, times = film_c.wirings()
        self.ledger.source("after", after.describe())
        self.ledger.source("times", times.describe())
        self.rows = rows = TwoWirings(self.look, after, times, ROWS)
        with self.beat(
            "One trap: we multiply rates, not functions. Above, the first result is fed into the second box. Below, "
            "both get the distance and their results are multiplied: another machine, another slope.",
            until=166, hold=2.0,
        ):  # fmt: skip
            self.play(FadeOut(VGroup(self.picture, *self.tapes.submobjects)), run_time=0.5)
            self.perform(rows.appear(0))
            self.at("is fed")
            self.perform(rows.run(0, 0.5))
            self.perform(rows.slope(0))
            self.at("Below")
            self.perform(rows.appear(1))
            self.perform(rows.run(1, 0.5))
            self.perform(rows.slope(1))
            self.at("another slope")
            self.perform(rows.judge())

    def two_routes(self) -> None:
        """S6: a splits into two routes in (a·b + c)·a; a nudge brings 0.05 and 0.06, together 0.11."""
        trace = self.traced(film_b.recipe(), {"a": 2.0, "b": 3.0, "c": -1.0}, "recipe")
        nudge = Nudge(trace, "a", film_c.ROUTE_NUDGE)
        self.ledger.source("touch", nudge.describe())
        self.ledger.source("touch paths", nudge.paths.describe())
        self.routes = chain = NudgeChain(nudge, self.look, Area(-6.0, 6.0, -1.2, 3.2), name="touch", trace="recipe")
        with self.beat(
            "And if one value goes two ways? Here a is used twice, so touch it by {d}. The direct route brings {s} and "
            "the other one {t}. They arrive together as {w}, or exactly {e}: between routes, effects add.",
            until=190, hold=1.5, d=chain.of_nudge("delta"), s=chain.of_nudge("share", 0), t=chain.of_nudge("share", 1),
            w=chain.of_nudge("forecast"), e=chain.of_nudge("change"), decimals={"e": 4},
        ):  # fmt: skip
            gone = VGroup(self.product, *rows_of(self.rows))
            self.play(FadeOut(gone), run_time=0.5)
            self.perform(chain.appear())
            self.at("Touch")
            self.perform(chain.touch())
            self.at("The direct")
            links = chain.in_order()
            for link in (k for k in links if k.route == 0):
                self.perform(chain.travel(link, 0.6), [chain.rate(link, 0.4)])
            self.at("and the other")
            for link in (k for k in links if k.route == 1):
                self.perform(chain.travel(link, 0.6), [chain.rate(link, 0.4)])
            self.at("They arrive")
            self.perform(chain.outcome())
            self.at("effects add")
            self.total = chain.total(44).move_to([0, FORMULA_Y, 0])
            self.play(FadeIn(self.total, shift=0.1 * UP), run_time=0.8)

    def rule_card(self) -> None:
        """S8: along: multiply, between routes: add."""
        self.cards = cards = CardStrip(
            self.look, Area(-5.8, 5.8, -1.6, 2.6), ("along a route: multiply", "between routes: add")
        )
        with self.beat(
            "That is the whole chain rule: on one route, the rates are multiplied, and where routes meet, their "
            "products are added. Every slope of every network, however large, is made of these two moves.",
            until=212, hold=3.0,
        ):  # fmt: skip
            self.play(self.routes.vanish(), run_time=0.5)
            self.at("on one route")
            self.perform(cards.show(0))
            self.at("where routes")
            self.perform(cards.show(1))
            self.at("these two moves")
            self.play(self.total.animate.set_opacity(0.4), run_time=0.5)

    def ten_sigmoids(self) -> None:
        """S6: ten sigmoids in a row: the product bar shrinks to 3.5·10⁻⁷."""
        trace = self.traced(film_c.row_of_sigmoids(), {"x": film_c.ROW_START}, "chain")
        self.bars = bars = ProductBar(self.look, Paths(trace), WHOLE, decimals=3)
        with self.beat(
            "But see what long products do in ten squashing boxes, each with a rate near a quarter. A touch of one "
            "leaves the first box as a quarter, the second as a twentieth.",
            until=227, hold=0.3,
        ):  # fmt: skip
            self.play(FadeOut(VGroup(self.total, *self.cards.submobjects)), run_time=0.5)
            self.perform(bars.appear())
            self.at("each with")
            self.perform(bars.rate())
            self.at("leaves the first")
            self.perform(bars.grow(0))
            self.at("the second as")
            self.perform(bars.grow(1))
        with self.beat(
            "After ten boxes less than a millionth is left, so small rates make products vanish, and the first dials "
            "hear almost nothing.",
            until=240, hold=2.0,
        ):  # fmt: skip
            self.perform(bars.run(5.5))
            self.at("the first dials")
            self.perform(bars.outcome())

    def explodes(self) -> None:
        """S6: the same with rates of 1.5 explodes; with 1 it stays."""
        large, one = (
            ProductBar(self.look, Paths(self.traced(film_c.row_of_products(rate), {"x": film_c.ROW_START}, name)), WHOLE,
                       linear=True, sign="×", source=name)
            for rate, name in ((film_c.EXPLODING_RATE, "growing"), (1.0, "steady"))
        )  # fmt: skip
        with self.beat(
            "Make every rate {r}, and ten links turn one into {p}. Depth makes products dangerous. With rates of "
            "exactly one, nothing vanishes and nothing explodes, so deep machines are built with rates near one.",
            until=262, hold=1.5, r=large.local(0), p=large.product(large.links), decimals={"p": 1},
        ):  # fmt: skip
            self.at("every rate")
            self.perform(self.bars.swap(large))
            self.at("turn one into")
            self.perform(self.bars.outcome(1))
            self.at("exactly one")
            self.perform(self.bars.swap(one))
            self.at("deep machines")
            self.perform(self.bars.outcome())

    def our_loss(self) -> None:
        """S7: the loss at one point as a chain from c₃ to the square of the miss."""
        trace = self.traced(film_c.one_point(), dict(film_c.START), "point")
        self.graph = graph = GraphForward(trace, self.look, Area(-6.2, 6.2, -2.7, 2.5), tape=False, values="point")
        with self.beat(
            "Back to our four dials and to one of the nine points, where the loss is a recipe. Take the last dial, "
            "times x, plus the next dial, times x, and so on.",
            until=277, hold=0.2,
        ):  # fmt: skip
            self.play(self.bars.vanish(), run_time=0.5)
            self.perform(graph.appear_boxes(), graph.appear_inputs())
            self.at("Take")
            for step in graph.operations[:4]:
                self.perform(graph.forward(step, run_time=0.8))
        with self.beat(
            "Take off what was measured, and square. So our machine is such a chain too, and each of its eight links is"
            " trivial.",
            until=292, hold=1.5,
        ):  # fmt: skip
            for step in graph.operations[4:]:
                self.perform(graph.forward(step, run_time=1.7))

    def which_end(self) -> None:
        """S2: from the dial side or from the loss side? The loss end is shared."""
        with self.beat(
            "In which order shall we multiply: from the dials, or from the loss? For one dial it makes no difference, "
            "but there are four chains here, and we want the slope of every dial. Which end do all of them share?",
            until=312, hold=3.0,
        ):  # fmt: skip
            self.at("from the dials")
            dials = [self.graph.nodes[step.index] for step in self.graph.inputs]
            end = self.graph.nodes[self.graph.operations[-1].index]
            there = VGroup(*(chevron(self.look, 0.34, outlined=True).move_to([*n.out, 0]).shift(0.3 * UP) for n in dials))
            self.ways = VGroup(there, chevron(self.look, 0.42).rotate(math.pi).move_to(end.box.get_center() + 0.85 * UP))
            self.play(FadeIn(self.ways[0], shift=0.2 * ACROSS), run_time=0.7)
            self.at("from the loss")
            self.play(FadeIn(self.ways[1], shift=-0.2 * ACROSS), run_time=0.7)
            self.at("four chains")
            into = [self.graph.wires[edge_key(e)] for e in self.graph.edges if e.source.is_input]
            self.play(AnimationGroup(*(RunPulse(self.look, wire, "knob", run_time=1.2) for wire in into)))
            self.at("Which end")
            self.play(FadeIn(self.badge, scale=0.6), run_time=0.5)

    def begin_at_the_end(self) -> None:
        """S8: the arrow starts at L."""
        back = GraphBackward(self.graph, full=True)
        with self.beat(
            "The end with the loss: what we multiply there, we multiply once for all four. So we begin at the end.",
            until=325, hold=2.0,
        ):  # fmt: skip
            self.play(self.asked(), FadeOut(self.ways[0]), run_time=0.5)
            self.at("what we")
            self.perform(back.appear_baskets())
            self.at("begin")
            self.play(FadeOut(self.ways[1], shift=0.3 * DOWN, run_time=0.5))
            self.perform(back.seed())
            self.tick()
            self.poster()

    # Numbers --------------------------------------------------------------------------------------------------------

    def of_nudge(self, what: str) -> Quantity:
        """A number of the nudge."""
        return replace(self.nudge.quantity(what), source="nudge")

    def size_of(self, trace: Trace) -> Quantity:
        """How much the current falls: the slope of the chain with its sign turned, from the same chain turned round."""
        turned = self.traced(Function.parse("u = x**2\ny = 12/u\ni = -0.4*y\ni"), {"x": float(trace.inputs[0].value)}, "fall")
        return replace(Paths(turned).quantity("slope"), source="fall paths")


def rows_of(rows: TwoWirings) -> list[Mobject]:
    """Everything that stands in both rows."""
    return [*(part for part in rows.submobjects if part not in rows.graphs), *(p for g in rows.graphs for p in g.submobjects)]


__all__ = ["ChainRule"]
