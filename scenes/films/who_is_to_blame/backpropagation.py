"""A5, "Back-propagation: the chain rule in action": the blame of every knob, from the loss back, by local rules alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Polygon,
    ReplacementTransform,
    Restore,
    RoundedRectangle,
    TransformFromCopy,
    VGroup,
    VMobject,
)

from chainreel.engine import Quantity, Step
from chainreel.engine.claims import TABLE
from chainreel.engine.cost import Cost
from chainreel.engine.nudge import Nudge
from chainreel.engine.storyboards import film_a

from ...figures.card_strip import SourceChip
from ...figures.cost_race import CostRace
from ...figures.figure import Figure
from ...figures.knob_panel import KnobPanel, Turning
from ...figures.local_rule import LocalRule
from ...figures.loss_gauge import LossGauge
from ...figures.morphs import Match, become
from ...figures.net_graph import NetGraph
from ...figures.nudge_chain import TurnWheels, Wheel
from ...figures.products import factor
from ...figures.scale_zoom import Count, count_of
from ...figures.symbols import name_formula, name_source, printed
from ...figures.tangent import Tag
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.formula import Formula, Marker, number_source
from ...stage.number import Number, Phrase
from ...stage.parts import chevron, round_caps
from ...stage.stage import Stage
from ...stage.theme import Theme, mix
from ...stage.type import Label
from ..chapter import Chapter
from . import cast, loss

TOUCHED = "v1"  # the dial of the wheels: the output weight of unit 1
COUNT = (0.0, 2.6, 0.0)  # where it stands how many dials there are
TESTED = ("w11", "v1")  # the dials that are nudged for real
LANES = {"forward": "forward", "reverse": "blame, backward", "nudging": "nudging"}
WORK = {"forward": ("values", ""), "reverse": ("operations", "reverse")}  # what is counted in a lane
SUM = ("plus", "z", "squash", "p", "L", "times1", "times2", "times3", "c")  # what is lit: the last sum and its branches,
HALVES = ("v1", "v2", "v3", "h1", "h2", "h3")  # then both sides of its products
PLACES = 2  # decimals of blame, here and everywhere in the chapter
WHEELS = {"v1": (-4.2, "knob"), "z": (0.0, "value"), "L": (4.2, "loss")}
PULLEY = 0.92  # radius of a driven one; the driving one is smaller by the rate
EQUATION = (6.2, 2.72)  # right end and height of the line over the last sum


class Price(CostRace):
    """Whole runs for all slopes: one forward, one back, or one more for each knob."""

    def __init__(self, cost: Cost, stage: Stage, area: Area):
        super().__init__(cost, stage.look, area, tuple(LANES), measure="runs", names=LANES)
        first = self.tracks[self.ways[0]]
        self.unit_name = self.keep(Label("runs", self.theme.muted, 26), 3)
        self.unit_name.set_baseline(first.right + 0.2, first.top - 0.12)
        for way, track in self.tracks.items():
            self.labels[way].set_baseline(track.left - 0.25, float(track.center[1]) - 0.1, "right")

    def quantity(self, what: str, way: str = "", scale: str | int | None = None) -> Quantity:
        """Nudging runs once more for each knob; the other two run once, whatever the size."""
        if what != self.measure or not way:
            return super().quantity(what, way, scale)
        if way == "nudging":
            return super().quantity("knobs", "", scale)
        return super().quantity("sweeps", "reverse", scale)

    def colour(self, way: str) -> str:
        """A run forward carries values."""
        return self.theme.value if way == "forward" else super().colour(way)

    def bar(self, way: str, count: float, unit: float) -> VMobject:
        """In the colour of what runs."""
        track, torn = self.tracks[way], super().bar(way, count, unit).torn
        x, y, h = track.left + 0.07, float(track.center[1]), self.height_of_bar / 2
        end = x + (track.width - 0.14 if torn else max(count * unit, 0.02))
        teeth = [[end - (0.16 if torn and k % 2 else 0.0), y + h - 2 * h * k / 6, 0] for k in range(7)]  # a bar can grow torn
        fill = {"forward": self.theme.value, "reverse": self.theme.ribbon, "nudging": self.theme.knob}[way]
        made = Polygon([x, y - h, 0], [x, y + h, 0], *teeth)
        return made.set_fill(mix(fill, self.theme.slot, 0.25), 0.95).set_stroke(self.colour(way), 2)

    def _write(self, way: str, quantity: Quantity, run_time: float) -> list[Animation]:
        """One count goes as the next comes: what rolls has no thousands apart."""
        old, new = self.numbers.get(way), self._number(way, quantity)
        if old is not None and old.text == new.text:
            return []
        self.numbers[way] = self.keep(new, 6)
        if old is not None:
            self.drop(old)
        return [*([] if old is None else [FadeOut(old, run_time=0.3)]), FadeIn(new, run_time=min(run_time, 0.6))]

    def _token(self, way: str, size: float) -> VMobject:
        """A run forward is a pulse, blue and to the right."""
        return chevron(self.theme, size).set_fill(self.theme.value, 1) if way == "forward" else super()._token(way, size)

    def _number(self, way: str, quantity: Quantity) -> Number | Phrase:
        """In full, however large."""
        number = Count(quantity, self.theme.ink, 30, "bold")
        return number.move_to([self.tracks[way].right + 0.2 + number.width / 2, float(self.tracks[way].center[1]), 0])


def at_end(stage: Stage) -> tuple[KnobPanel, LossGauge]:
    """The thirteen dials, each with its slope and an arrow against it, and the meter with the loss on the one icon."""
    panel, gauge = cast.dials(stage), one_icon(stage)
    panel.appear(), panel.screens(), panel.hints(cast.slopes(stage), decimals=PLACES), gauge.appear()
    return panel, gauge


def last_picture(stage: Stage) -> VGroup:
    """What stands at the end, (KnobPanel, LossGauge)."""
    return VGroup(*at_end(stage))


def one_icon(stage: Stage) -> LossGauge:
    """The meter with the loss on the one icon, nothing of it shown yet."""
    trace = cast.loss_trace(stage)
    quantity = replace(trace.quantity("value", trace.output), source=cast.LOSS)
    gauge = loss.meter(stage, quantity)
    gauge.decimals = PLACES
    gauge.settle(quantity)
    return gauge


def tinted(name: str, look: Theme, role: str, size: float) -> Formula:
    """A name in the shade that can be read on a wheel."""
    return Formula(lambda mark: name_source(name, mark, role), look, size, tinted=True)


class Backpropagation(Chapter):
    """Chapter five."""

    def construct(self) -> None:
        """One method for each beat of the storyboard."""
        self.alt = (
            "The net as a graph of steps. Blame starts at the loss with one and runs back from right to left as vermilion "
            "bands; each dial gets its own slope. At the end thirteen dials carry arrows, as long as their slopes."
        )
        self.trace = cast.loss_trace(self)
        self.nudges = {name: Nudge(self.trace, name, film_a.TURN) for name in TESTED}
        for name, nudge in self.nudges.items():
            self.ledger.source(f"nudge {name}", nudge.describe())
        self.cost = Cost(self.trace, scales=("digits", "resnet50"))
        self.ledger.source("cost", self.cost.describe())
        self.graph = NetGraph(self.trace, self.look, name=cast.LOSS, sweep=cast.SWEEP)
        self._three_wheels()
        self._chain_rule()
        self._start_at_the_end()
        self._product_swaps()
        self._three_branches()
        self._closed_gate()
        self._one_layer_further()
        self._thirteen_hints()
        self._check_by_nudging()
        self._what_it_costs()
        self._blame_list()

    # Numbers --------------------------------------------------------------------------------------------------------

    def slope(self, name: str) -> Quantity:
        """The blame of a step."""
        return self.graph.slope(name)

    def local(self, name: str) -> Quantity:
        """The slope of what a step goes into by that step."""
        return self.graph.factor(name)

    def nudged(self, what: str, name: str, step: str | None = None) -> Quantity:
        """A number of a nudge."""
        of = None if step is None else self.trace.step(step)
        return replace(self.nudges[name].quantity(what, of), source=f"nudge {name}")

    # Beats ----------------------------------------------------------------------------------------------------------

    def _three_wheels(self) -> None:
        """S6: a knob, the sum, the loss, geared; the first turns by 0.1 and the others follow."""
        panel, gauge = loss.at_end(self)
        self.add(panel, gauge)
        gauge.decimals = PLACES
        with self.beat("How strongly does one far dial move the loss?", until=6.0):
            reading = replace(self.trace.quantity("value", self.trace.output), source=cast.LOSS)
            self.open_card(gauge.read(reading), panel.focus([TOUCHED]), run_time=1.0)
            self.wheels = self._wheels()
            self.shut_card()
            self.at("loss")
            dial = panel.dials[TOUCHED]
            parts = [p for p in (*panel.submobjects, *gauge.submobjects) if p is not dial and p is not gauge.tube]
            panel.remove(dial), gauge.remove(gauge.tube)
            self.remove(panel, gauge)
            self.add(*parts, dial, gauge.tube)
            self.play(*map(FadeOut, parts), run_time=0.6)
            diamond = gauge.tube.diamond
            gauge.tube.remove(diamond)
            self.play(ReplacementTransform(dial, self.wheels["v1"]), ReplacementTransform(diamond, self.wheels["L"]),
                      FadeOut(gauge.tube), run_time=1.4)  # fmt: skip
        with self.beat("Link them by belts: turn one, and the others follow.", until=12.0):
            self.lines = [self._belt(0, float(self.local(TOUCHED).value)), self._belt(1, float(self.slope("z").value))]
            self.play(FadeIn(self.wheels["z"], scale=0.8), *map(Create, self.lines), run_time=0.9)
            self.at("turn")
            self.changes: list[VMobject] = [self._change(name) for name in WHEELS]
            turn = TurnWheels({wheel: self.angles[name] for name, wheel in self.wheels.items()}, 1.6)
            shows = LaggedStart(*(FadeIn(number, shift=0.1 * DOWN) for number in self.changes), lag_ratio=0.6, run_time=1.8)
            self.play(turn, shows)

    def _wheels(self) -> dict[str, Wheel]:
        """Three wheels; each turns as far as its value changes."""
        made: dict[str, Wheel] = {}
        for name, (x, role) in WHEELS.items():
            face = tinted(name, self.look, role, 60)
            made[name] = Wheel(self.look, face, role, 1.12).move_to([x, -0.55, 0])
            made[name].set_z_index(3)
        one = np.radians(100.0)
        by = float(self.local(TOUCHED).value)
        self.angles = {"v1": one, "z": one * by, "L": one * float(self.slope(TOUCHED).value)}
        return made

    def _belt(self, nth: int, rate: float) -> VGroup:
        """A belt between pulleys behind two wheels: their radii give the rate; crossed, it turns the next one the other way."""
        a, b = [wheel.face.get_center() for wheel in self.wheels.values()][nth : nth + 2]
        driven, way = PULLEY, 1.0 if rate >= 0 else -1.0
        driver = abs(rate) * driven
        lean = np.arcsin((way * driven - driver) / float(b[0] - a[0]))
        belt = VGroup()
        for side in (1.0, -1.0):
            out = np.array([-np.sin(lean), side * np.cos(lean), 0.0])
            belt.add(Line(a + driver * out, b + way * driven * out).set_stroke(self.look.value, 3, 0.6))
        return round_caps(belt).set_z_index(0)

    def _change(self, name: str) -> Number:
        """How far the value of a wheel moves, at these rates."""
        what, step, decimals = {"v1": ("delta", None, 1), "z": ("change", "z", 2), "L": ("forecast", None, 4)}[name]
        quantity, (x, role) = self.nudged(what, "v1", step), WHEELS[name]
        return Number(quantity, self.look.tint(role), 34, "bold", decimals=decimals, plus=True).move_to([x, -2.35, 0])

    def _chain_rule(self) -> None:
        """S6: the ratios are written on the couplings, and their product builds."""
        rates = {"v1": self.local("v1"), "z": self.slope("z")}
        with self.beat("Each coupling has a rate: knob to sum, then sum to loss.", until=17.0):
            tags, arcs = [], []
            for word, (name, nth) in zip(("knob", "then"), (("v1", 0), ("z", 1)), strict=True):
                self.at(word)
                arc, tag = self._rate(nth, rates[name])
                self.play(Create(arc), FadeIn(tag, shift=0.12 * DOWN), run_time=0.8)
                tags.append(tag)
                arcs.append(arc)
        self.rates = [*arcs, *tags]
        with self.beat("They do not add, they multiply, and that is the chain rule.", until=26.0):
            self.at("multiply")
            line = self._product()
            parts = VGroup(*(g for g in line if g.mark.step == 0)), VGroup(*(g for g in line if g.mark.step == 1))
            tail = VGroup(*(g for g in line if g.mark.step not in (0, 1)))
            flights = TransformFromCopy(tags[1].number, parts[0]), TransformFromCopy(tags[0].number, parts[1])
            self.play(*flights, FadeIn(tail), run_time=0.9)
            self.remove(*parts, tail)
            self.add(line)
            self.tick()
            rule = self._rule()
            self.play(FadeIn(rule, shift=0.1 * UP), run_time=0.8)
            self.lesson = [line, rule]

    def _rate(self, nth: int, quantity: Quantity) -> tuple[VMobject, Tag]:
        """The rate of a coupling, on an arc from wheel to wheel."""
        a, b = [x for x, _ in WHEELS.values()][nth : nth + 2]
        arc = VMobject().set_stroke(self.look.slope, 3, 0.9).set_fill(opacity=0)
        arc.set_points(np.array([[a + 0.3, 0.94, 0], [a + 1.0, 1.6, 0], [b - 1.0, 1.6, 0], [b - 0.3, 0.94, 0]]))
        number = Phrase("×\u2009{r}", self.look.tint("slope"), 30, "bold", decimals=PLACES, r=quantity)
        number.ground = self.look.slot
        tag = Tag(self.look, number, 0.46).move_to([(a + b) / 2, 1.44, 0])
        return round_caps(arc), tag.set_z_index(6)

    def _product(self) -> Formula:
        """`(−0.65) · 0.40 = −0.26`."""
        entries = [printed(q, PLACES) for q in (self.slope("z"), self.local("v1"), self.slope("v1"))]

        def write(mark: Marker) -> str:
            a, b, c = (e.text for e in entries)
            first, second = mark("slope", 0, number_source(a)), mark("slope", 1, factor(b))
            return f"{first} {mark('ink', None, 'dot')} {second} {mark('ink', None, '=')} {mark('slope', 2, number_source(c))}"

        return Formula(write, self.look, 46, tinted=True, printed=entries).move_to([2.6, 2.75, 0])

    def _rule(self) -> Formula:
        """`∂L/∂v₁ = ∂L/∂z · ∂z/∂v₁`."""

        def write(mark: Marker) -> str:
            d = mark("slope", None, "partial")
            names = {"L": mark("loss", None, "L"), "z": mark("value", None, "z"), "v": mark("knob", None, "v_1")}

            def by(top: str, low: str) -> str:
                return f"frac({d} {names[top]}, {d} {names[low]})"

            return f"{by('L', 'v')} {mark('ink', None, '=')} {by('L', 'z')} {mark('ink', None, 'dot')} {by('z', 'v')}"

        return Formula(write, self.look, 42, tinted=True).move_to([-2.6, 2.75, 0])

    def _start_at_the_end(self) -> None:
        """S8: the wheels are three steps of the graph; a chip of one lands at L, and −0.65 = 0.35 − 1 comes to z."""
        graph = self.graph
        with self.beat(
            "Now the whole net, where at the loss blame starts as {one}.", until=32.0,
            one=self.slope("L"),
        ):  # fmt: skip
            chain = Figure(self.look)
            for part in (*self.wheels.values(), *self.lines, *self.changes, *self.rates, *self.lesson):
                chain.add(part)
            graph.settle_all()
            places = {"v1": graph.dials["v1"], "z": graph.rounds["z"], "L": graph.rounds["L"]}
            matches = [Match(name, (wheel,), (places[name],)) for name, wheel in self.wheels.items()]
            columns = [[p for p in graph.column(*names) if all(p is not q for q in places.values())] for names in graph.columns]
            self.perform(become(chain, graph, matches, together=columns, run_time=1.3))
            self.at("one") if False else None
            self.perform(graph.seed())
            self.tick()
        with self.beat("Squash and loss together give guess minus truth.", until=38.0):
            lines = [self._guess_minus_truth(general) for general in (False, True)]
            frame = self._together()
            self.play(Create(frame), graph.light("plus", "z", "squash", "p", "L"), run_time=0.7)
            self.at("guess")
            self.perform(graph.blame("z", run_time=0.9))
            self.tick()
            self.play(*(FadeIn(line, shift=0.1 * UP) for line in reversed(lines)), run_time=0.7)
            self.said, self.reason = [frame], lines  # the lines stay to be read

    def _guess_minus_truth(self, general: bool) -> Formula:
        """`∂L/∂z = p − t = 0.35 − 1 = −0.65`."""
        guess, blame = (printed(q, PLACES) for q in (self.graph.value("p"), self.slope("z")))
        truth = printed(self.slope("L"), 0)

        def write(mark: Marker) -> str:
            d = mark("slope", None, "partial")
            same, minus = mark("ink", None, "="), mark("ink", None, "-")
            head = f"{d} {mark('loss', None, 'L')} slash {d} {mark('value', None, 'z')}"
            rule = f"{mark('value', None, 'p')} {minus} {mark('data', None, 't')}"
            if general:
                return f"{head} {same} {rule}"
            one, other = mark("value", None, number_source(guess.text)), mark("data", None, number_source(truth.text))
            return f"{same} {one} {minus} {other} {same} {mark('slope', None, number_source(blame.text))}"

        entries = [] if general else [guess, truth, blame]
        return self._placed(Formula(write, self.look, 36, tinted=True, printed=entries), 0 if general else 1)

    def _together(self) -> VMobject:
        """A frame round squash and loss, whose slopes are taken as one."""
        left, right = self.graph.boxes["squash"].get_left()[0] - 0.03, self.graph.rounds["L"].get_right()[0] + 0.06
        frame = RoundedRectangle(corner_radius=0.16, width=right - left, height=1.30).move_to([(left + right) / 2, 0.21, 0])
        return frame.set_fill(opacity=0).set_stroke(self.look.ink, 2.2, 0.8).set_z_index(3)

    def _placed(self, line: Formula, row: int = 0) -> Formula:
        """A line at the upper right, over the last sum."""
        return line.move_to([EQUATION[0] - line.width / 2, EQUATION[1] - 0.62 * row, 0]).set_z_index(6)

    def _product_swaps(self) -> None:
        """S9: a multiply box, zoomed: each side gets the blame times the other side's value."""
        step = self.trace.step("v1").uses[0].target
        rule = self._lens(step)
        with self.beat("Now zoom into one product: blame times the value goes to the weight.", until=45.4):
            self._zoom("times1", rule)
            self.at("blame")
            self.perform(rule.arrive(1.3))
            self.at("weight")
            self.perform(rule.rule(0, 0.8))
            self.perform(rule.pass_on(0, 1.0))
            self.tick()
        with self.beat("Blame times the weight goes to the value: each gets the other.", until=52.0):
            self.play(*map(FadeOut, self.reason), run_time=0.4)
            self.at("weight")
            self.perform(rule.rule(1, 0.8))
            self.perform(rule.pass_on(1, 1.0))
            self.tick()
        self.rule = rule

    def _lens(self, step: Step) -> LocalRule:
        """A box enlarged; the loss keeps its place at the right."""
        place, rows = Area(-6.1, 4.5, -1.05, 3.0), Area(-6.1, 4.5, -2.6, -1.2)
        rule = LocalRule(step, self.look, place, rows, name=cast.LOSS, decimals=PLACES, lean=0.12)
        for glyph in rule.sign if isinstance(rule.sign, Formula) else ():
            colour = self.look.tint(glyph.mark.role)
            glyph.set_fill(colour).set_stroke(colour)
        if not step.name.startswith("h"):
            rule.out_name = VMobject()  # a term of a sum has no name of its own
        return rule

    def _zoom(self, box: str, rule: LocalRule) -> None:
        """Go so near to a box that only it is left – and the loss, to which all of it leads."""
        graph = self.graph
        place = graph.boxes[box].get_center()
        stays = {id(p) for p in (graph.rounds["L"], graph.names["L"], graph.chips["L"], graph.trays["L"])}
        self.flown = VGroup(*(p for p in graph.submobjects if id(p) not in stays))
        first, *rest = rule.appear(1.5)
        self.flown.save_state()
        away = self.flown.animate.scale(2.4, about_point=place).shift(-0.7 * place).set_opacity(0.0)
        self.play(away, *map(FadeOut, self.said), run_time=0.9)
        self.said = []
        self.remove(self.flown)
        self.play(first, run_time=0.5)
        self.perform(rest)

    def _back(self, rule: LocalRule) -> None:
        """Go back to the whole graph."""
        self.play(rule.leave(0.6), Restore(self.flown, run_time=1.1))
        self.remove(self.flown)
        self.add(*self.graph.submobjects)

    def _three_branches(self) -> None:
        """S8: the sum hands its blame on whole; the swap at three boxes at once."""
        graph = self.graph
        with self.beat("Does a sum cut blame like a pie? No, each branch gets it whole.", until=58.6):
            self._back(self.rule)
            self.at("branch")
            self.play(graph.light(*SUM), run_time=0.5)
            self.perform(graph.blame("plus", run_time=0.6))
            self.perform(graph.blame("times1", "times2", "times3", "c", run_time=1.2))
            self.tick()
        with self.beat("Three swaps at once: three results land on weights, three travel on.", until=66.0):
            self.at("swaps")
            self.play(graph.calm(), graph.light(*SUM, *HALVES), run_time=0.5)
            self.perform(graph.blame("v1", "v2", "v3", run_time=1.3))
            self.tick()
            self.at("travel")
            self.perform(graph.blame("h1", "h2", "h3", run_time=1.0))
            self.tick()

    def _closed_gate(self) -> None:
        """S9 ⏸: the closed gate of unit 3."""
        gate = self._lens(self.trace.step("h3"))
        badge = QuestionBadge(self.look)
        with self.beat("Unit three is shut. How much blame gets through?", until=73.0):
            self._zoom("gate3", gate)
            self.perform(gate.arrive(1.2))
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        with self.beat("Not all of it but none: this unit cannot learn here, and one always shut is dead.", until=80.0):
            self.play(FadeOut(badge), run_time=0.3)
            self.at("none")
            self.perform(gate.rule(0, 0.6))
            self.perform(gate.pass_on(0, 0.8))
            self.tick()
        self.rule = gate

    def _one_layer_further(self) -> None:
        """S8: through the gates, and the same two rules in the first layer."""
        graph = self.graph
        with self.beat("Open gates pass everything. Then the same two rules again.", until=86.0):
            self._back(self.rule)
            self.play(graph.light(), run_time=0.5)
            self.perform(graph.blame("z1", "z2", "z3", run_time=0.9))
            self.tick()
        with self.beat("Each weight gets blame times its input, and the next unit does the same.", until=92.4):
            self.play(graph.calm(), run_time=0.4)
            self.perform(graph.blame("sum1", run_time=0.4))
            first = [self._placed(self._times(name, 1), row) for row, name in enumerate(("w11", "w12"))]
            self.play(*map(FadeIn, first), run_time=0.5)
            self.perform(graph.blame("w11", "w12", "b1", run_time=0.8))
            self.tick()
            self.at("next")
            second = [self._placed(self._times(name, 2), row) for row, name in enumerate(("w21", "w22"))]
            self.perform(graph.blame("sum2", "sum3", run_time=0.4))
            self.play(*(ReplacementTransform(a, b) for a, b in zip(first, second, strict=True)), run_time=0.5)
            self.perform(graph.blame("w21", "w22", "b2", "w31", "w32", "b3", run_time=0.8))
            self.tick()
        with self.beat("Nothing flowed back in the net itself; we only multiplied stored numbers.", until=98.0):
            self.play(graph.calm(), *map(FadeOut, second), run_time=0.6)
            self.poster()

    def _times(self, name: str, unit: int) -> Formula:
        """`0.78 · 0.9 = 0.70`."""
        blame, value, result = (
            printed(q, n) for q, n in ((self.slope(f"z{unit}"), PLACES), (self.local(name), 1), (self.slope(name), PLACES))
        )

        def write(mark: Marker) -> str:
            first, second = mark("slope", None, number_source(blame.text)), mark("data", None, value.text)
            return f"{first} {mark('ink', None, 'dot')} {second} = {mark('slope', None, number_source(result.text))}"

        return Formula(write, self.look, 36, tinted=True, printed=[blame, value, result])

    def _thirteen_hints(self) -> None:
        """S2 ▣3: the chips fly to the thirteen dials and become arrows, as long as their slopes."""
        graph = self.graph
        with self.beat("{n} chips fly home, a hint for every dial.", until=104.0, n=self.cost.quantity("inputs")):
            panel, gauge = at_end(self)
            panel.drop(*panel.arrows.values())
            board = Figure(self.look)
            board.add(panel, gauge)
            matches = [
                Match(name, (graph.chips[name], graph.dials[name], graph.tags[name]),
                      (panel.slopes[name], panel.dials[name], panel.heads[name]))
                for name in cast.ORDER
            ]  # fmt: skip
            matches.append(Match("L", (graph.rounds["L"], graph.names["L"]), (gauge.tube, gauge.number)))
            self.perform(become(graph, board, matches, run_time=2.2))
            self.tick()
            self.panel, self.gauge = panel, gauge
        with self.beat("The sign says which way, the length how strongly.", until=112.0):
            arrows = [panel.keep(part, 3) for part in panel.arrows.values()]
            grown = [AnimationGroup(Create(arc), FadeIn(head)) for arc, head in arrows]
            self.play(LaggedStart(*grown, lag_ratio=0.12), run_time=2.0)
            self.tick()

    def _check_by_nudging(self) -> None:
        """S5: the forecast of a nudge beside what the engine really does; a first-layer weight, then an output weight."""
        rows: list[VGroup] = []
        for k, (name, said) in enumerate(zip(TESTED, (
            "Should we trust them? Forecast a nudge, then really do it.",
            "Now an output weight: both agree, but for the bend of the curve.",
        ), strict=True)):  # fmt: skip
            end = (120.4, 128.0)[k]
            with self.beat(said, until=end):
                row = self._row(name)
                rows.append(row)
                gone = [FadeOut(row, shift=0.3 * UP) for row in rows[:-1]]
                self.play(*gone, FadeIn(row[0]), self.panel.focus([name]), run_time=0.6)
                self.at("forecast" if k == 0 else "weight")
                hoped = self.gauge.promise(float(self.trace.value) + float(self.nudges[name].quantity("forecast").value))
                self.play(FadeIn(row[1], shift=0.1 * RIGHT), *([] if hoped is None else [hoped]), run_time=0.6)
                self.at("really" if k == 0 else "agree")
                moved = replace(self.nudges[name].quantity("moved"), source=f"nudge {name}")
                there = replace(self.nudges[name].quantity("moved", name), source=f"nudge {name}")
                here = self.panel.values[name]
                shows = FadeIn(row[2], shift=0.1 * RIGHT, run_time=0.9)
                self.play(Turning(self.panel, {name: there}, 0.9), self.gauge.read(moved), shows)
                self.tick()
                back = replace(self.trace.quantity("value", self.trace.output), source=cast.LOSS)
                self.rest(end - 0.7 - self.now)
                gone = [] if self.gauge.promised is None else [FadeOut(self.gauge.promised)]
                self.gauge.drop(*(animation.mobject for animation in gone))
                self.play(Turning(self.panel, {name: here}, 0.6), self.gauge.read(back, 0.6), *gone, run_time=0.6)
        self.test = rows[-1]

    def _row(self, name: str) -> VGroup:
        """`w₁₁ +0.1   forecast +0.0702   really +0.0715`, in the strip over the dials."""
        look, y = self.look, 3.24
        delta = Number(self.nudged("delta", name), look.tint("knob"), 28, decimals=1, plus=True)
        head = VGroup(name_formula(name, look, "knob", 36), delta).arrange(buff=0.15)
        parts = [head]
        for word, what, role in (("forecast", "forecast", "slope"), ("really", "change", "loss")):
            number = Number(self.nudged(what, name), look.tint(role), 28, "bold", decimals=4, plus=True)
            parts.append(VGroup(Label(word, look.muted, 24), number).arrange(buff=0.2))
        for part, x in zip(parts, (-5.2, -2.2, 2.0), strict=True):
            part.move_to([x, y, 0])
        return VGroup(*parts)

    def _what_it_costs(self) -> None:
        """S11: one forward and one back against a run for each knob; then 2,410 and 25.6 million knobs."""
        area = Area(-6.1, 5.4, -1.8, 1.9)
        race = Price(self.cost, self, area)
        ones = {way: race.quantity("runs", way) for way in LANES}
        said = "The price is one run forward and a longer one back; nudging costs {n} more."
        with self.beat(said, until=134.2, n=ones["nudging"]):
            self.shelf = [p for p in (*self.panel.submobjects, *self.gauge.submobjects)]
            self.remove(self.panel, self.gauge)
            self.size: VGroup | None = None
            dials = list(self.panel.dials.values())  # they gather in their number
            rest = [p for p in self.shelf if p not in dials]
            gather = [FadeOut(dial, target_position=COUNT, scale=0.3) for dial in dials]
            self.play(*gather, *map(FadeOut, rest), FadeOut(self.test), self._dials(None), run_time=0.7)
            self.play(race.appear(0.5), FadeIn(race.unit_name), run_time=0.5)
            self.at("forward")
            muted = self.look.muted
            work = {way: Phrase("{n} operations", muted, 26, n=race.quantity(*key)) for way, key in WORK.items()}
            self.play(*race.count("forward", ones["forward"], 0.5), race.note("forward", work["forward"]))
            self.at("back")
            self.play(*race.count("reverse", ones["reverse"], 0.5), race.note("reverse", work["reverse"]))
            self.at("nudging")
            self.perform(race.count("nudging", ones["nudging"], 1.0))
            self.tick()
        with self.beat("For a photo sorter it costs millions; blame still takes one.", until=140.0):
            chip = SourceChip(self.look, TABLE["resnet-50"].chip, self.area)
            race.drop(*work.values())
            self.play(race.at_scale("digits", 1.2), self._dials("digits"), *map(FadeOut, work.values()))
            self.at("millions")
            self.play(race.at_scale("resnet50", 1.2), self._dials("resnet50"), FadeIn(chip))
            self.race, self.chip = race, chip

    def _dials(self, scale: str | None) -> Animation:
        """How many dials there are now, over the lanes."""
        count = count_of(self.cost.quantity("knobs", "", scale), "dials", self.look.tint("knob"), 40)
        old, self.size = self.size, count.move_to(COUNT)
        gone = [] if old is None else [FadeOut(old, shift=0.2 * UP, run_time=0.4)]
        return LaggedStart(*gone, FadeIn(count, shift=0.2 * UP, run_time=0.6), lag_ratio=0.9)

    def _blame_list(self) -> None:
        """S1 ▣: what back-propagation is, and what it is not."""
        with self.beat("Back-propagation ends with this blame list. It has not changed one dial yet.", until=149.0):
            panel, gauge = at_end(self)
            words = Label("the blame list", self.look.ink, 30, "semibold")
            words.move_to([-1.57, 3.22, 0])
            dials = list(panel.dials.values())
            rest = [p for p in (*panel.submobjects, *gauge.submobjects) if p not in dials]
            spread = [FadeIn(dial, target_position=COUNT, scale=0.3) for dial in dials]
            self.play(FadeOut(self.race), FadeOut(self.chip), FadeOut(self.size), *spread, run_time=0.8)
            self.play(*map(FadeIn, rest), run_time=0.7)
            self.at("list")
            self.play(FadeIn(words, shift=0.1 * UP), run_time=0.6)
            self.rest(146.4 - self.now)
            self.play(FadeOut(words), run_time=0.4)


__all__ = ["Backpropagation", "at_end", "last_picture"]
