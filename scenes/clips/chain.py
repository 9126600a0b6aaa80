"""The clip `chain`: a nudge travels through linked wheels; the rates along the way multiply, and routes add."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import UP, FadeIn, FadeOut, LaggedStart, ReplacementTransform, TransformFromCopy, VGroup

from chainreel.engine import EngineError, Trace
from chainreel.engine.nudge import Nudge

from ..figures.nudge_chain import NudgeChain, one_more
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name
from ..stage.number import Number
from ..stage.rounding import shown
from ..stage.type import Label
from .clip import Clip
from .hold import chosen
from .line import fitted, telling, whole
from .words import listing

MISS = 0.12  # of the real change: how far the forecast of the default nudge may be off


class Chain(Clip):
    """A nudge of one input of `function` travels through its steps; the product of their rates is the slope."""

    shapes = SHAPES
    at: Any
    input: Any
    nudge: Any

    def prepare(self) -> None:
        """The nudge, its routes, and the wheels."""
        self.trace = self.trace_at(telling(self))
        free = chosen(self.subject, self.input)
        if any(np.ndim(s.value) for s in self.trace.steps):
            raise StageError("this clip links single numbers, and the function works on arrays; try the clip backward")
        touch = Nudge(self.trace, free, self.nudge) if self.nudge is not None else gentle(self.trace, free)
        self.ledger.source("nudge", touch.describe())
        self.ledger.source("nudge paths", touch.paths.describe())
        self.head, rest = self.area.cut_top(0.7, 0.15)
        self.low, middle = rest.cut_bottom(1.35, 0.1)
        if self.shape == "tall":
            middle = Area(middle.left, middle.right, middle.top - 7.2, middle.top - 1.0)
            self.low = Area(middle.left, middle.right, middle.bottom - 2.0, middle.bottom - 0.2)
        self.chain = NudgeChain(touch, self.look, middle)
        self.touched = touch
        self.alt = (
            f"{len(self.chain.wheels)} linked wheels, from {free} to {self.trace.output.name}. A nudge of {free} turns one "
            "after the other; the rates on the couplings multiply to the slope, which a real nudge confirms."
        )

    def construct(self) -> None:
        """The wheels, the nudge, the rates, their product, and a check."""
        self._open()
        self._touch()
        self._rates()
        if self.chain.single:
            self._ask()
            self._multiply()
        else:
            self._add()
        self._check()

    def _open(self) -> None:
        chain = self.chain
        x, f = name(self.touched.name), name(self.trace.output.name)
        top = whole(self.look, self.trace, self.head, expand="inputs")
        if chain.single:
            steps = chain.of_paths("links")
            text = "{x} reaches {f} through {n} boxes in a row." if steps.value > 1 else "{x} reaches {f} through one box."
            known: dict[str, Any] = {"n": steps} if steps.value > 1 else {}
        else:
            text, known = "{x} reaches {f} by {n} routes.", {"n": chain.of_paths("count")}
        if len(self.trace.inputs) > 1:
            text += " Every other input is held still."
        with self.beat(text, title="the chain", x=x, f=f, **known):
            opening = [chain.appear()]
            if top is not None:
                opening.append(LaggedStart(*(FadeIn(g, shift=0.08 * UP) for g in top), lag_ratio=0.08, run_time=1.2))
            self.play(*opening)

    def _touch(self) -> None:
        chain, x = self.chain, name(self.touched.name)
        with self.beat("We touch {x}: it moves by {d}.", title="a nudge", hold=0.3, x=x, d=chain.of_nudge("delta")):
            self.perform(chain.touch())
        f = name(self.trace.output.name)
        moves = float(chain.of_nudge("change").value)
        text = "The touch is passed on, wheel by wheel, "
        text += "and {f} moves too." if moves else "but {f} stays where it is."
        with self.beat(text, title="it travels", hold=0.8, f=f):
            for link in chain.in_order():
                self.perform(chain.travel(link, 0.7 if len(chain.links) < 6 else 0.4))
            if not chain.single:
                self.play(chain.outcome())

    def _rates(self) -> None:
        chain = self.chain
        few = len(chain.links) <= 4
        known: dict[str, Any] = {}
        parts = []
        for c, link in zip("abcd", chain.links, strict=False):
            known["r" + c] = chain.local(link.edge)
            parts.append("{r" + c + "}")
        words = ": " + listing(parts) if few else ""
        what = "Each coupling has its own rate" if len(chain.links) > 1 else "The coupling has a rate"
        with self.beat(what + words + ". So much does the next wheel move for one turn of the last.",
                       title="rates", hold=1.0, **(known if few else {})):  # fmt: skip
            for link in chain.in_order():
                self.play(chain.rate(link, 0.6 if few else 0.4))

    def _ask(self) -> None:
        if len(self.chain.links) < 2:
            return
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat("And the rate of the whole chain: do we add, or multiply?", title="predict", hold=2.4):
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        self.play(FadeOut(badge), run_time=0.3)

    def _multiply(self) -> None:
        chain, links = self.chain, self.chain.links
        x, f = name(self.touched.name), name(self.trace.output.name)
        row = self._upper()
        text = "They multiply. {f} moves {s} times as far as {x}." if len(links) > 1 else "{f} moves {s} times as far as {x}."
        with self.beat(text, title="the product", hold=2.0, x=x, f=f, s=chain.of_paths("slope")):
            line = fitted(lambda size: chain.product(0, size, head=True), row) if len(links) > 1 else None
            if line is None:  # one link, or too many factors for a line
                line = fitted(chain.total, row)
                if line is not None:
                    self.play(FadeIn(line))
                return
            parts = chain.factors(line, 0)
            self.play(FadeIn(parts[0]), run_time=0.4)
            for k, part in enumerate(parts[1:-1]):  # each rate comes down from its coupling
                ring = chain.ring(links[k])
                self.play(FadeIn(ring, run_time=0.3), TransformFromCopy(links[k].tag.number, part, run_time=0.9))
                if k + 3 == len(parts):
                    self.play(FadeIn(parts[-1], shift=0.1 * UP), run_time=0.6)
                    self.remove(*parts)
                    self.add(line)
                self.play(FadeOut(ring), run_time=0.3)

    def _add(self) -> None:
        chain = self.chain
        count = len(chain.routes)
        upper = self._upper()
        known: dict[str, Any] = {"p" + c: chain.of_paths("product", i) for i, c in zip(range(count), "abc", strict=False)}
        words = listing(["{p" + c + "}" for c in "abc"[:count]])
        with self.beat(f"Along a route the rates multiply: {words}.", title="along a route", hold=1.0, **known):
            lines = [chain.product(i, 36) for i in range(count)]
            group = VGroup(*lines).arrange(buff=0.9)
            if group.width > upper.width:
                group.arrange(buff=0.35)
            group.move_to(upper.center)
            for i, made in enumerate(lines):
                rings = [chain.ring(link) for link in chain.links if link.route == i]
                tags = VGroup(*(link.tag.number for link in chain.links if link.route == i))
                self.play(*map(FadeIn, rings), TransformFromCopy(tags, made), run_time=1.0)
                self.play(*map(FadeOut, rings), run_time=0.3)
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat("And both routes together?" if count == 2 else "And all routes together?", title="predict", hold=2.0):
            self.play(FadeIn(badge, scale=0.6), run_time=0.4)
        line = fitted(chain.total, upper)
        with self.beat("Between routes they add: {s}.", title="between routes", hold=2.0, s=chain.of_paths("slope")):
            self.play(FadeOut(badge), run_time=0.3)
            if line is not None:
                self.play(*map(FadeOut, lines[1:]), ReplacementTransform(lines[0], line), run_time=0.9)

    def _upper(self) -> Area:
        """The upper of the two lines below the wheels."""
        return Area(self.low.left, self.low.right, self.low.top - 0.62, self.low.top)

    def _check(self) -> None:
        chain = self.chain
        forecast, real = chain.of_nudge("forecast"), chain.of_nudge("change")
        digits = one_more(float(real.value))
        look = self.look
        pair = VGroup()
        for word, quantity, role in (("forecast", forecast, "slope"), ("really", real, "value")):
            number = Number(quantity, look.tint(role), 30, "bold", decimals=digits, plus=True)
            pair.add(VGroup(Label(word, look.muted, 24), number).arrange(buff=0.2))
        pair.arrange(buff=1.0).move_to([self.low.center[0], self.low.top - 1.05, 0])
        same = shown(float(forecast.value), digits, auto=False) == shown(float(real.value), digits, auto=False)
        text = "Check by nudging: rate times nudge is the forecast. "
        text += "It agrees with what really happened." if same else (
            "Really it is a little off, because the rates change as we move."
        )  # fmt: skip
        with self.beat(text, title="check by nudging", hold=2.5):
            self.play(FadeIn(pair[0], shift=0.1 * UP), run_time=0.6)
            self.play(FadeIn(pair[1], shift=0.1 * UP), run_time=0.6)
            self.poster()


def gentle(trace: Trace, free: str) -> Nudge:
    """A nudge of 0.1, 0.01 … on the scale of the input, the largest whose forecast is about right."""
    start = abs(float(trace.at[free])) or 1.0
    scale = 10.0 ** math.floor(math.log10(max(start, 1e-12) * 1.0001))
    last: Nudge | None = None
    problem: EngineError | None = None
    for k in range(1, 7):
        try:
            touch = Nudge(trace, free, float(f"{min(scale, 1.0) * 10.0**-k if start < 1e3 else scale * 10.0**-k:.0e}"))
        except EngineError as error:
            problem = error
            continue
        last = touch
        real, forecast = float(touch.change(trace.output)), float(touch.forecast(trace.output))
        if abs(real - forecast) <= MISS * abs(forecast) or forecast == 0:
            return touch
    if last is None:
        assert problem is not None
        raise problem
    return last
