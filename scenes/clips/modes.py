"""The clip `modes`: forward mode against reverse mode on the same graph, with counters."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from manim import DOWN, UP, Animation, FadeIn, FadeOut, LaggedStart, ReplacementTransform, VGroup

from chainreel.engine import Quantity, Step
from chainreel.engine.cost import Cost

from ..figures.cost_race import CostRace, TapeBar
from ..figures.dual_sweep import DualSweep
from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import Formula
from ..stage.names import name
from ..stage.number import Phrase
from ..stage.type import Label
from .clip import Clip
from .forward import waves, write_in
from .line import fitted, in_full, roomy, telling, whole
from .words import listing

SEEDS = 2  # sweeps of forward mode that are shown one by one
SCALES = ("digits", "gpt3")
TITLES = {"digits": "a small network", "resnet50": "layers: He et al.", "gpt3": "layers: Brown et al."}


class Modes(Clip):
    """Forward mode against reverse mode on the graph of `function`: one sweep for each input, or one sweep in all."""

    shapes = SHAPES
    at: Any
    knobs: Any

    def prepare(self) -> None:
        """The trace, its costs, and both kinds of sweep on one graph."""
        self.trace = self.trace_at(telling(self))
        scales = tuple(self.knobs) if self.knobs else SCALES
        self.cost = Cost(self.trace, scales=scales)
        self.ledger.source("cost", self.cost.describe())
        if np.ndim(self.trace.output.value) or any(np.ndim(s.value) for s in self.trace.inputs):
            raise StageError("this clip compares sweeps for inputs that are single numbers; give a function without arrays")
        self.head, rest = self.area.cut_top(0.66, 0.1)
        self.lanes, room = rest.cut_bottom(1.2 if self.shape == "wide" else 1.5, 0.3)
        if self.shape == "tall":  # the graph in the upper part, the counters close under it
            room = Area(room.left, room.right, room.top - 6.9, room.top)
            self.lanes = Area(room.left, room.right, room.bottom - 2.6, room.bottom - 0.4)
        self.graph, self.head = roomy(self._graph, room, self.head)
        self.back = GraphBackward(self.graph)
        self.race = CostRace(self.cost, self.look, self.lanes)
        self.alt = (
            f"The graph of a function with inputs {listing([s.name for s in self.trace.inputs])}: forward mode sweeps it once "
            "for each input, from left to right; reverse mode sweeps it once, from right to left. Counters compare them."
        )

    def _graph(self, room: Area) -> GraphForward:
        graph = GraphForward(self.trace, self.look, room, tape=False)
        in_full(graph)
        return graph

    def construct(self) -> None:
        """Values; one forward sweep for each input; one reverse sweep; the count; many knobs; the price."""
        self._values()
        for i, step in enumerate(self.trace.inputs[:SEEDS]):
            self._forward_sweep(i, step)
        self._the_rest()
        self._ask()
        self._reverse_sweep()
        self._operations()
        self._many_knobs()

    # Beats ----------------------------------------------------------------------------------------------------------

    def _values(self) -> None:
        graph, trace = self.graph, self.trace
        self.top = whole(self.look, trace, self.head)
        self.said = self.top
        subject = "each input" if len(trace.inputs) > 1 else "{x}"
        known: dict[str, Any] = {} if len(trace.inputs) > 1 else {"x": name(trace.inputs[0].name)}
        with self.beat("How strongly does " + subject + " move {f}?",
                       title="the question", f=name(trace.output.name), **known):  # fmt: skip
            parts = sorted(graph.settle_all().submobjects, key=lambda m: (float(m.get_left()[0]), float(m.get_center()[1])))
            opening = [LaggedStart(*map(FadeIn, parts), lag_ratio=0.1, run_time=1.8), self.race.appear(1.2)]
            self.play(*opening, *([write_in(self.top)] if self.top is not None else []))

    def _say(self, line: Formula | None) -> list[Any]:
        """A line of arithmetic in the place of the function, or the function again."""
        old, self.said = self.said, line or self.top
        if old is self.said:
            return []
        parts: list[Any] = [] if old is None else [FadeOut(old, run_time=0.3)]
        return parts + ([] if self.said is None else [FadeIn(self.said, run_time=0.5)])

    def _forward_sweep(self, i: int, leaf: Step) -> None:
        trace, race = self.trace, self.race
        sweep = DualSweep(self.graph, leaf.name)
        self.ledger.source(sweep.source, sweep.tangents.describe())
        x, f = name(leaf.name), name(trace.output.name)
        slope = sweep.quantity(trace.output)
        if i == 0:
            rest = ", all others {o}" if len(trace.inputs) > 1 else ""
            others: dict[str, Any] = {"o": sweep.quantity(trace.inputs[1])} if rest else {}
            with self.beat("Forward mode follows one input: {x} gets {one}" + rest + ".",
                           title="forward mode", x=x, one=sweep.quantity(leaf), **others):  # fmt: skip
                self.play(sweep.start())
            with self.beat("Each box multiplies by its local slope, and adds.", title="the sweep", hold=0.3):
                for wave in waves(self.graph):
                    last: Any = next((s for s in reversed(wave) if s.index in sweep.reached), None)
                    line = fitted(partial(sweep.equation, last), self.head) if last is not None else None
                    self.perform(*(sweep.forward(s) for s in wave), *self._say(line))
            text = "The slope for {x} is {s}. One sweep, one slope."
        else:
            text = "For {x}, once more: {s}."
        with self.beat(text, title=f"the slope for {leaf.name}", hold=0.4, x=x, f=f, s=slope):
            if i > 0:
                self.play(sweep.start(0.6), *self._say(None))
                for wave in waves(self.graph):
                    self.perform(*(sweep.forward(s, run_time=0.32) for s in wave))
            self.play(sweep.crown(0.5))
            self.perform(race.count("forward", self._sweeps(i + 1)))
        self.play(sweep.clear(), *self._say(None))

    def _sweeps(self, n: int) -> Any:
        """The number of sweeps so far, as the engine has it: knobs of a model with n knobs."""
        return self.race.quantity("sweeps", "forward", None if n == len(self.trace.inputs) else n)

    def _the_rest(self) -> None:
        count = len(self.trace.inputs)
        if count > SEEDS:
            text = "{x} takes one more: {n} sweeps." if count == SEEDS + 1 else "And so on for every other input: {n} sweeps."
            known: dict[str, Any] = {"x": name(self.trace.inputs[-1].name)} if count == SEEDS + 1 else {}
            with self.beat(text, title="and so on", n=self._sweeps(count), **known):
                self.perform(self.race.count("forward", self._sweeps(count), run_time=1.0))

    def _ask(self) -> None:
        many = len(self.trace.inputs) > 1
        text = "Can one sweep give all {n} slopes?" if many else "Now from the other end. Is it any cheaper here?"
        known: dict[str, Any] = {"n": self.race.quantity("inputs")} if many else {}
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat(text, title="predict", hold=2.2, **known):
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        self.play(FadeOut(badge), run_time=0.3)

    def _reverse_sweep(self) -> None:
        back, trace, race = self.back, self.trace, self.race
        with self.beat("Reverse mode starts at the end. Each box hands blame back once.",
                       title="reverse mode"):  # fmt: skip
            self.play(back.appear_baskets())
            self.perform(back.seed())
            for wave in reversed(waves(self.graph)):
                self.perform(*(back.backward(s, run_time=0.5) for s in reversed(wave)))
        words = "One sweep, and {n} slopes." if len(trace.inputs) > 1 else "One sweep, and the slope."
        known: dict[str, Any] = {"n": race.quantity("inputs")} if len(trace.inputs) > 1 else {}
        with self.beat(words, title="all slopes", hold=1.4, **known):
            self.play(back.crown())
            self.perform(race.count("reverse", race.quantity("sweeps", "reverse")))

    def _operations(self) -> None:
        race = self.race
        ahead, behind = (race.quantity("operations", w) for w in ("forward", "reverse"))
        verdict = (
            "Reverse mode needs fewer: {b} against {a}." if ahead.value > behind.value
            else "Here forward mode needs fewer: {a} against {b}." if ahead.value < behind.value
            else "Here it is a tie: {a} each."
        )  # fmt: skip
        known: dict[str, Any] = {"a": ahead} if ahead.value == behind.value else {"a": ahead, "b": behind}
        with self.beat("The operations, counted. " + verdict, title="operations", hold=1.4, **known):
            for way, quantity in (("forward", ahead), ("reverse", behind)):
                noun = "operation" if quantity.value == 1 else "operations"
                phrase = Phrase("{n} " + noun, self.look.muted, 24, n=quantity)
                self.play(race.note(way, phrase))
            self.poster()

    def _many_knobs(self) -> None:
        area, look = self.area, self.look
        before = list(self.mobjects)
        body = Area(area.left, area.right, area.bottom + 1.9, area.top - 1.3)
        if self.shape == "tall":
            body = Area(area.left, area.right, area.top - 5.2, area.top - 2.2)
        big = CostRace(self.cost, look, body)
        heading: VGroup | None = None
        for i, scale in enumerate(self.cost.scales):
            title = TITLES.get(str(scale), "")
            knobs = big.quantity("knobs", scale=scale)
            old, heading = heading, self._heading(title, knobs)
            if i == 0:
                text = "A real network: {k} sweeps forward, one back."
                text = text if title else "With more knobs: {k} sweeps forward, one back."
                with self.beat(text, title="many knobs", hold=0.8, k=knobs):
                    lanes = {*map(id, self.race.submobjects)}
                    gone = [m for m in before if m is not self.race and id(m) not in lanes]
                    self.remove(*before)
                    self.add(*gone, *self.race.submobjects)  # each by itself, so that it can become another
                    self.play(*(FadeOut(m) for m in gone), *self._grown(big), FadeIn(heading), run_time=1.2)
                    self.play(big.at_scale(scale, 1.4, 0.24))
                continue
            with self.beat("Still more: {k}. One bar does not grow.", title="more knobs", hold=0.4, k=knobs):
                self.play(FadeOut(old), run_time=0.3)
                self.play(FadeIn(heading), big.at_scale(scale, 1.2))
        assert heading is not None
        self._time(big, body, heading)
        self._price(big, body)

    def _grown(self, big: CostRace) -> list[Animation]:
        """The lanes of the small graph grow into those of the large one; their counts go."""
        small, moves = self.race, []
        for way in small.ways:
            for old, new in ((small.grounds[way], big.grounds[way]), (small.labels[way], big.labels[way])):
                big.keep(new, 1 if old is small.grounds[way] else 3)
                moves.append(ReplacementTransform(old, new))
        lasting = {id(m) for way in small.ways for m in (small.grounds[way], small.labels[way])}
        return moves + [FadeOut(m) for m in small.submobjects if id(m) not in lasting]

    def _heading(self, title: str, knobs: Quantity) -> VGroup:
        look, area = self.look, self.area
        parts = [Phrase("{n} knobs", look.knob, 32, "semibold", n=knobs)]
        if title:
            parts.append(Label(title, look.muted, 24))
        heading = VGroup(*parts).arrange(buff=0.5)
        if heading.width > area.width - 1.6:
            heading.arrange(DOWN, buff=0.1)
        return heading.move_to([area.center[0], area.top - 0.5, 0])

    def _time(self, big: CostRace, body: Area, heading: VGroup) -> None:
        """If a sweep took so long: an assumption, and said to be one. Nothing where it would be seconds."""
        scale = self.cost.scales[-1]
        unit = self.cost.unit("forward", scale)
        if unit == "seconds":
            return
        spent, each = big.quantity(unit, "forward", scale), big.quantity("each")
        line = Phrase("at {e} ms each: {t} " + unit, self.look.ink, 30, "semibold", e=each, t=spent)
        line.move_to([self.area.center[0], body.bottom - 0.75, 0])
        with self.beat(
            "At a millisecond each, one step takes {t} " + unit + ".", title="time", hold=1.0,
            t=spent,
        ):  # fmt: skip
            self.play(FadeIn(line, shift=0.1 * UP), FadeOut(heading), run_time=0.6)
        self.play(FadeOut(line), run_time=0.4)

    def _price(self, big: CostRace, body: Area) -> None:
        bar = TapeBar(self.cost, self.look, big, body.bottom - 0.75)
        with self.beat("The price: values stay in memory, {n} bytes here.", title="the price", hold=3.0,
                       n=self.race.quantity("bytes")):
            self.play(bar.appear())


__all__ = ["Modes"]
