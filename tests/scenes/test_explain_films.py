"""The film of any function: every sentence is parsed, and what it claims is measured again on the function itself.

A sentence that no pattern here knows fails the test: whoever adds a sentence adds the check of what it says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine import Cost, Function
from chainreel.rendering.film import render
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.rendering.verify import verify
from chainreel.rendering.voices import Book, voice_named
from chainreel.scenes.clips import clip_class
from chainreel.scenes.stage.lint import Lint
from chainreel.scenes.stage.names import name
from chainreel.scenes.stage.rounding import decimals_for, read_back, shown

from . import large
from .checks import check
from .conftest import FRAMES
from .functions import TWENTY

EXAMPLES = str(Path(__file__).resolve().parents[2] / "examples") + "/"

FILMS: dict[str, tuple[Any, dict[str, float] | None]] = {
    **{k: TWENTY[k] for k in ("readme", "square", "rosenbrock", "neuron", "greek", "large", "tiny", "kink", "deep", "wide")},
    "one operation": ("exp(x)", {"x": 0.3}),
    "no bend": ("3*x + 2*y", {"x": 1, "y": 2}),
    "flat": ("x**2", {"x": 0}),
    "flat in both": ("x**2 + y**2", {"x": 0, "y": 0}),
    "cancels": ("x - x", {"x": 2}),
    "used three times": ("x*x*x", {"x": 2}),
    "six inputs": ("(a*b + c*d)*(g + h)", {"a": 1, "b": 2, "c": 3, "d": 4, "g": 5, "h": 6}),
    "dead relu": ("relu(w*x + b)*v", {"w": 1, "x": 0.5, "b": -1, "v": 2}),
    "closed gate": ("a*b*c + sin(a)*relu(d) - g/h", {"a": 1.3, "b": 2.2, "c": -0.7, "d": -1.2, "g": 0.35, "h": 2.45}),
    "larger one": ("max(x, y)*x", {"x": 1, "y": 3}),
    "constant wins": ("max(0, x) + y", {"x": -1, "y": 2}),
    "branch not taken": ("where(x > 0, x**2, -x)", {"x": -2}),
    "huge": ("exp(20*x)*y", {"x": 1.5, "y": 2}),
    "beyond numbers": ("exp(-1000*x) + y", {"x": 1, "y": 2}),
    "saturated": ("tanh(100*x)*y", {"x": 1, "y": 2}),
    "zero factor": ("x*y + 3*y", {"x": 2, "y": 0}),
    "forty operations": ("sin(cos(" * 20 + "x" + "))" * 20, {"x": 0.7}),
    "arrays inside": (large.classifier, None),
    "a loop": (large.chain, None),
    "own file": (EXAMPLES + "neuron.py:error", {"w": 0.5, "b": -0.25}),
}

NUMBER = r"(−?10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|−?[\d.]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|−?∞)"
WORD = r"([^\s,.:]+)"
COUNTS = {"twice": 2, "three times": 3, "four times": 4, "five times": 5, "six times": 6, "many times": None}


class Claims:
    """What the sentences of a film say, checked on its function. `known` are the patterns, tried one after the other."""

    def __init__(self, scene: Any):
        self.scene, self.trace, self.view = scene, scene.trace, scene.graph.view
        self.function: Function = scene.trace.function
        self.at = {k: float(v) for k, v in self.trace.at.items()}
        self.steps = {name(s.name).shown: s for s in self.trace.steps}
        self.steps |= {name(n.name).shown: n for n in self.view.nodes if name(n.name).shown not in self.steps}
        self.inputs = [s.name for s in self.trace.inputs]
        self.known: list[tuple[str, Callable[..., Any]]] = [
            (r"This is W\.", self.is_output), (r"How strongly does (?:each input|W) move it\?", self.nothing),
            (r"(W is N(?:, W is N)*(?: and W is N)?(?: and so on)?)\.", self.values),
            (r"(W stands for .*)\.", self.nothing), (r"A stack of boxes is many steps in one\.", self.folded),
            (r"First W, .*, is N\.", self.value), (r"First W, .*, (?:with|holds) .*\.", self.nothing),
            (r"Then W is N\.", self.value), (r"Then the next ones, box by box\.", self.nothing),
            (r"So W is N\.", self.value), (r"So W, .*, is N\.", self.value),
            (r"W is too small for a number, so it counts as zero\.", self.lost),
            (r"W is so near its limit that it is rounded to N\.", self.value),
            (r"Now back\.", self.nothing), (r"How far does W move with each value\?", self.is_output),
            (r"We call it blame\.", self.nothing), (r"The plus hands its blame on, unchanged\.", self.plus),
            (r"The plus hands it on: W gets N and W gets N\.", self.hands("add")),
            (r"The plus hands its blame on unchanged: W gets N(?: and W gets N)?\.", self.hands("add")),
            (r"The plus hands its blame on unchanged: W gets N and once more N\.", self.again("add")),
            (r"The minus turns one sign: W gets N and W gets N\.", self.hands("sub")),
            (r"The minus hands its blame on: W gets N\.", self.hands("sub")),
            (r"The minus turns the sign of its blame: W gets N\.", self.turns),
            (r"The minus hands its blame on, and turns the sign of what is taken away: W gets N(?: and once more N)?\.",
             self.nothing),
            (r"The product swaps its factors: W gets N and W gets N\.", self.hands("mul")),
            (r"The product swaps its factors: W gets N and once more N\.", self.again("mul")),
            (r"The product multiplies the blame by the other factor: W gets N\.", self.gets),
            (r"The slope of the .* is N here, so W gets N\.", self.local),
            (r"The slope of the .* is N here, and N times that is N for W\.", self.local_in_full),
            (r"From W, W gets N(?: and W gets N)?\.", self.from_box), (r"W hands its blame (?:on|back), .*\.", self.nothing),
            (r"The [a-z ]* hands its blame on, times its slope\.", self.nothing),
            (r"Blame goes back through the whole stack at once\.", self.folded),
            (r"W is negative, so the rectifier is level there and hands W nothing\.", self.nothing_through),
            (r"W is positive, so the rectifier lets all blame through: W gets N\.", self.gate("relu", 1)),
            (r"W is negative, so its size turns the sign: W gets N\.", self.gate("abs", -1)),
            (r"W is positive, so its size passes the blame on: W gets N\.", self.gate("abs", 1)),
            (r"W is the (larger|smaller) one and gets all the blame: N\.", self.chosen),
            (r"W is the (larger|smaller) one, so all blame goes to it: N\.", self.chosen),
            (r"The constant is the (larger|smaller) one, so W gets N\.", lambda which, who, n: self.gets(who, n)),
            (r"The condition chose W, which gets all the blame: N\.", self.gets),
            (r"The condition (?:chose|did not choose) W, so W gets N\.", lambda a, b, n: self.gets(b, n)),
            (r"W gets N\.", self.gets),
            (r"The (?:others do|next does) the same: blame times local slope\.", self.nothing),
            (r"And on, box by box, to the inputs\.", self.nothing),
            (r"W is used twice: N and N add up to (about )?N\.", self.adds),
            (r"W is used (TIMES), and all its blame adds up to N\.", self.total),
            (r"W is used (TIMES), so its blame adds up from all its uses\.", self.used),
            (r"One sweep back, and (?:every|the) slope is there\.", self.nothing),
            (r"W never uses W, so its slope is zero\.", lambda f, x: self.level(x)),
            (r"Every slope is zero: (.*)\.", self.all_level),
            (r"The slopes of W and W are zero: just here, W is level along them\.", self.two_level),
            (r"The slope of W is zero: its way to W is shut\.", lambda x, f: self.shut(x)),
            (r"The slope of W is zero: in a product, its partner is zero\.", self.level),
            (r"The slope of W is zero: what its uses hand back cancels out\.", self.cancels),
            (r"The slope of W is zero: just here, W is level along it\.", lambda x, f: self.level(x)),
            (r"That is tiny: of a nudge of (?:any input|W), less than a thousandth arrives at W\.", self.tiny),
            (r"That is steep: W moves more than a thousand times as far as W\.", self.steep),
            (r"Every local slope on the way is (below|above) one, so their product (shrinks|grows)\.", self.chain),
            (r"W moves W (most|least)\.", self.ranks), (r"All inputs move W equally far\.", self.equal),
            (r"Nudge W up, and W goes (up|down)\.", self.way),
            (r"Is it true\?", self.nothing), (r"Nudge W a little: W moves N times as far\.", self.ratio),
            (r"Nudge W a little, and W does not move at all\.", lambda x, f: self.still(x)),
            (r"Nudge W a little, and see how far W moves\.", self.nothing),
            (r"The chain rule said so\.", self.agrees), (r"The chain rule said so\. Not every .*", self.nothing),
            (r"Not every input is so easily checked\.", self.nothing),
            (r"Hardly at all: the smaller the nudge, the nearer its slope comes to zero\.", self.fades),
            (r"The chain rule is not so near: this nudge is no fair test\.", self.nothing),
            (r"Surely a smaller nudge is better\?", self.nothing), (r"At first, yes: its error falls\.", self.falls),
            (r"Then rounding eats the digits\.", self.rises), (r"Here, yes: the error keeps falling\.", self.falls),
            (r"Not here: along W, W runs straight, so only rounding is left, and that grows\.", lambda x, f: self.straight(x)),
            (r"Along W, W runs straight, so any nudge would do, large or small\.", lambda x, f: self.straight_all_along(x)),
            (r"As far as W runs straight along W, any nudge would do\.", lambda f, x: self.straight_for_a_while(x)),
            (r"Any nudge would do, large or small\.", self.nothing),
            (r"Here is the error for every nudge, from large ones to small ones\.", self.nothing),
            (r"Every nudge misses a little\.", lambda: self.errors().min() > 0 or pytest.fail("a nudge hits")),
            (r"Some nudges happen to hit it exactly\.", lambda: self.errors().min() == 0 or pytest.fail("none hits")),
            (r"The chain rule needs no nudge\.", self.nothing),
            (r"The price: N runs to nudge each input, N sweeps forward, or one sweep back\.", self.price),
            (r"The price: two runs to nudge W, one sweep forward, or one sweep back\.", lambda x: self.price("2", "1")),
            (r"Count the work, and going back wins: N against N\.", lambda b, a: self.operations(a, b, 1)),
            (r"Count the work, and going forward wins here: N against N\.", lambda a, b: self.operations(a, b, -1)),
            (r"Count the work, and going back wins\.", lambda: self.operations(None, None, 1)),
            (r"Count the work, and going forward wins here\.", lambda: self.operations(None, None, -1)),
            (r"Count the work, and it is a tie\.", lambda: self.operations(None, None, 0)),
            (r"Here is W over W\.", self.nothing), (r"Where we stand, its slope is N\.", self.slope_there),
            (r"It rises to the right, so we hop left, downhill\.", lambda: self.sign(1)),
            (r"It falls to the right, so we hop there\.", lambda: self.sign(-1)),
            (r"It is level: a step against the slope would go nowhere\.", lambda: self.sign(0)),
            (r"That is as good as level: no step would be seen\.", lambda: self.tiny()),
            (r"A step against it would leave this picture, or end where W has no value\.", self.nothing),
            (r"After N hops?, W is (down|up) to N\.", self.hops),
            (r"The hops were too long\.", self.nothing),
            (r"So small a slope makes hops too short to see: W is still N\.", self.nothing),
            (r"A map of W\.", self.is_output), (r"Each line joins equal values\.", self.nothing),
            (r"Both slopes say which way W falls\.", self.is_output), (r"So we step that way, again and again\.", self.nothing),
            (r"Both slopes are zero here, so a step would go nowhere\.", self.all_level),
            (r"It does not move: its steps are too small to be seen\.", self.nothing),
            (r"It flies off: for this function the steps were too long\.", self.nothing),
            (r"After N steps?, W is (down|up) to N\.", self.hops),
            (r"After N (?:hop|step)s?, W is (lower|higher) than before\.", self.far),
            (r"The slopes are so small that W stays where it was\.", self.stays),
            (r"How did we get (every|the) slope of W\?", lambda which, f: [self.is_output(f), self.slopes(which)]),
            (r"One sweep forward gave W its value\.", self.is_output),
            (r"One sweep back gave (every|the) slope\.", self.slopes), (r"That is the whole gradient\.", self.nothing),
            (r"And a nudge agrees\.", self.agrees),
        ]  # fmt: skip

    def check(self) -> int:
        """Every sentence of every beat; how many there were."""
        count = 0
        for beat in self.scene.beats:
            for sentence in re.split(r"(?<=[.?])\s+(?=[^\s])", beat.words):
                self.beat = beat
                self.sentence(sentence)
                count += 1
        return count

    def sentence(self, text: str) -> None:
        """One sentence: the first pattern that fits says what has to hold."""
        for pattern, holds in self.known:
            source = pattern.replace("TIMES", "|".join(COUNTS))
            source = re.sub(r"W(?![a-z])", lambda _: WORD, source)
            source = re.sub(r"N(?![a-z])", lambda _: NUMBER, source)
            found = re.fullmatch(source, text)
            if found:
                groups = [g for g in found.groups() if g is not None]
                try:
                    holds(*groups)
                except AssertionError as problem:
                    raise AssertionError(f"not true: {text!r} {problem}") from None
                return
        raise AssertionError(f"nobody checks {text!r}")

    # What may be claimed --------------------------------------------------------------------------------------------

    def nothing(self, *_: str) -> None:
        """No number and no comparison."""

    def is_output(self, who: str, *_: str) -> None:
        assert who == name(self.trace.output.name).shown

    def folded(self) -> None:
        assert self.view.folded

    def f(self, **moved: float) -> float:
        return float(self.function(**{**self.at, **moved}))

    def say(self, value: Any) -> str:
        return shown(float(value))

    def value(self, who: str, *rest: str) -> None:
        assert rest[-1] == self.say(self.steps[who].value), f"{who} is {self.steps[who].value}"

    def values(self, listed: str, *_: str) -> None:
        for who, number in re.findall(f"{WORD} is {NUMBER}", listed):
            assert number == self.say(self.steps[who].value)

    def lost(self, who: str) -> None:
        step = self.steps[who]
        assert step.value == 0 and all(e.source.value != 0 for e in step.edges)

    def plus(self) -> None:
        last = self.view.output
        assert last.primitive == "add"
        assert all(float(w.contribution) == float(last.adjoint) for w in self.view.into(last))

    def wires(self, who: str) -> list[Any]:
        return [w for w in self.view.edges if name(w.source.name).shown == who]

    def gets(self, who: str, *rest: str) -> None:
        assert any(self.say(w.contribution) == rest[-1] for w in self.wires(who)), f"{who} gets {self.wires(who)}"

    def hands(self, kind: str) -> Callable[..., None]:
        def holds(*pairs: str) -> None:
            for who, number in zip(pairs[::2], pairs[1::2], strict=True):
                assert any(w.target.primitive == kind and self.say(w.contribution) == number for w in self.wires(who))
            for step in self.view.operations if kind == "mul" else []:
                wires = self.view.into(step)
                if [name(w.source.name).shown for w in wires] == list(pairs[::2]) and len(wires) == 2:
                    a, b = wires
                    assert math.isclose(float(a.contribution), float(step.adjoint) * float(b.source.value), rel_tol=1e-12)

        return holds

    def again(self, kind: str) -> Callable[..., None]:
        return lambda who, a, b: [self.gets(who, a), self.gets(who, b)]

    def from_box(self, box: str, *pairs: str) -> None:
        for who, number in zip(pairs[::2], pairs[1::2], strict=True):
            assert any(name(w.target.name).shown == box and self.say(w.contribution) == number for w in self.wires(who))

    def turns(self, who: str, number: str) -> None:
        wires = [w for w in self.wires(who) if w.target.primitive in ("sub", "neg")]
        assert any(self.say(w.contribution) == number and float(w.contribution) == -float(w.adjoint) for w in wires)

    def local(self, slope: str, who: str, number: str) -> None:
        wires = [w for w in self.wires(who) if w.local is not None]
        assert any((self.say(w.local), self.say(w.contribution)) == (slope, number) for w in wires)

    def local_in_full(self, slope: str, blame: str, number: str, who: str) -> None:
        self.local(slope, who, number)
        assert any(self.say(w.adjoint) == blame for w in self.wires(who))

    def gate(self, kind: str, sign: int) -> Callable[..., None]:
        def holds(who: str, other: str, number: str) -> None:
            assert who == other and np.sign(float(self.steps[who].value)) == sign
            assert any(w.target.primitive == kind and self.say(w.contribution) == number for w in self.wires(who))

        return holds

    def chosen(self, who: str, which: str, number: str) -> None:
        wire = next(w for w in self.wires(who) if w.target.primitive in ("max", "min"))
        others = [float(w.source.value) for w in self.view.into(wire.target)]
        others += [float(p.value) for p in wire.target.operands if not hasattr(p, "source")]
        assert float(wire.source.value) == (max if which == "larger" else min)(others)
        assert self.say(wire.target.adjoint) == number

    def used(self, who: str, how: str) -> None:
        count = sum(1 for e in self.trace.step(self.steps[who].index).uses if not e.dead)
        assert COUNTS[how] == (count if count <= 6 else None), count

    def total(self, who: str, how: str, number: str) -> None:
        self.used(who, how)
        assert number == self.say(self.steps[who].adjoint)

    def adds(self, who: str, one: str, other: str, *rest: str) -> None:
        about, number = len(rest) > 1, rest[-1]
        self.total(who, "twice", number)
        real = [self.say(w.contribution) for w in self.view.uses(self.steps[who])]
        assert sorted((one, other)) == sorted(real), f"{real}"
        gap = abs(read_back(one) + read_back(other) - read_back(number))
        digits = 10.0 ** -len(number.partition(".")[2]) if "·" not in number else 5e-3 * abs(read_back(number))
        assert (gap > 0.5 * digits * (1 + 1e-9)) == about, f"{real} {number}"

    def nothing_through(self, who: str, other: str) -> None:
        assert who == other and float(self.steps[who].value) < 0
        assert any(w.target.primitive == "relu" and float(w.contribution) == 0.0 for w in self.wires(who))

    def slope(self, who: str) -> float:
        return float(self.steps[who].adjoint)

    def level(self, who: str) -> None:
        assert self.slope(who) == 0.0
        x, h = self.at[self.steps[who].name], 1e-5
        around = [self.f(**{self.steps[who].name: x + d}) for d in (-h, h)]
        assert abs(around[1] - around[0]) <= 1e-8 * max(1.0, abs(self.trace.value))

    def two_level(self, one: str, other: str, f: str) -> None:
        self.level(one), self.level(other)

    def all_level(self, *_: str) -> None:
        for n in self.inputs:
            self.level(name(n).shown)

    def still(self, who: str) -> None:
        x = self.at[self.steps[who].name]
        assert any(self.f(**{self.steps[who].name: x + h}) == self.f() for h in (1e-3, 1e-4, 1e-5, 1e-6))

    def shut(self, who: str) -> None:
        self.level(who)
        x = self.at[self.steps[who].name]
        assert all(self.f(**{self.steps[who].name: x + d}) == self.f() for d in (-1e-4, 1e-4))

    def cancels(self, who: str) -> None:
        self.level(who)
        assert any(float(w.contribution) != 0 for w in self.wires(who))

    def sizes(self) -> dict[str, float]:
        return {name(s.name).shown: abs(float(s.adjoint)) for s in self.trace.inputs}

    def tiny(self, *_: str) -> None:
        assert 0 < max(self.sizes().values()) < 1e-3

    def steep(self, f: str, who: str) -> None:
        x, h = self.at[self.steps[who].name], 1e-7
        assert abs(self.f(**{self.steps[who].name: x + h}) - self.f()) > 1e3 * h

    def chain(self, side: str, trend: str) -> None:
        sizes = [abs(float(e.local)) for s in self.trace.steps for e in s.edges]
        assert all(v < 1 for v in sizes) if side == "below" else all(v > 1 for v in sizes)
        assert trend == ("shrinks" if side == "below" else "grows")

    def ranks(self, who: str, f: str, which: str) -> None:
        sizes = self.sizes()
        others = [v for k, v in sizes.items() if k != who]
        assert sizes[who] > max(others) if which == "most" else sizes[who] < min(others)

    def equal(self, f: str) -> None:
        assert len(set(self.sizes().values())) == 1

    def way(self, who: str, f: str, way: str) -> None:
        x, h = self.at[self.steps[who].name], 1e-6
        rise = self.f(**{self.steps[who].name: x + h}) - self.f(**{self.steps[who].name: x - h})
        assert rise > 0 if way == "up" else rise < 0

    def ratio(self, who: str, f: str, number: str) -> None:
        x, h = self.at[self.steps[who].name], self.scene.check.table.deltas[self.scene.check.row]
        slope = (self.f(**{self.steps[who].name: x + h}) - self.f()) / h
        assert number == shown(slope), f"{slope} {number}"
        if self.scene.check.all_agree:
            near = abs(slope - self.slope(who)) < 2e-2 * abs(slope)
            assert near or number == shown(self.slope(who), decimals_for(slope), auto=False)

    def agrees(self) -> None:
        for n in [t.name for t in self.scene.check.tables.values()]:
            best = min(
                abs((self.f(**{n: self.at[n] + h}) - self.f(**{n: self.at[n] - h})) / (2 * h) - float(self.trace.gradient[n]))
                for h in ((abs(self.at[n]) or 1.0) * 10.0**-k for k in (3, 4, 5))
            )
            assert best <= 1e-2 * max(abs(float(self.trace.gradient[n])), 1e-6), n

    def fades(self) -> None:
        n = self.scene.check.free
        around = [abs(self.f(**{n: self.at[n] + h}) - self.f()) / h for h in (1e-3, 1e-4, 1e-5)]
        assert float(self.trace.gradient[n]) == 0.0 and around[0] > 4 * around[1] > 16 * around[2] > 0

    def errors(self) -> np.ndarray:
        check = self.scene.check
        x = self.at[check.free]
        found = []
        for h in check.curve.steps:
            found.append(abs((self.f(**{check.free: x + h}) - self.f()) / h - check.curve.exact))
        return np.array(found)

    def falls(self) -> None:
        errors = self.errors()
        assert np.nanmin(errors) < 0.1 * errors[np.isfinite(errors)][0]

    def rises(self) -> None:
        errors = self.errors()
        assert errors[np.isfinite(errors)][-1] > 10 * np.nanmin(errors)

    def straight(self, who: str) -> None:
        n = self.steps[who].name
        a, b, c = (self.f(**{n: self.at[n] + d}) for d in (-1e-3, 0.0, 1e-3))
        assert abs(a - 2 * b + c) <= 1e-9 * max(abs(a), abs(b), abs(c), 1e-3)

    def far_off(self, who: str) -> float:
        """How far the function leaves the line of its slope within two nudges of the size of the input."""
        n = self.steps[who].name
        x = self.at[n]
        reach = 1.7 * max(1.0, 10.0 ** math.floor(math.log10(abs(x) or 1.0)))
        return max(abs(self.f(**{n: x + d}) - self.f() - self.slope(who) * d) for d in np.linspace(-reach, reach, 41))

    def straight_all_along(self, who: str) -> None:
        self.straight(who)
        assert self.far_off(who) <= 1e-8 * max(1.0, abs(self.f()))

    def straight_for_a_while(self, who: str) -> None:
        self.straight(who)
        assert self.far_off(who) > 1e-6

    def slopes(self, which: str) -> None:
        assert which == ("every" if len(self.inputs) > 1 else "the")

    def price(self, runs: str, sweeps: str) -> None:
        n = len(self.inputs)
        assert (read_back(runs), read_back(sweeps)) == (n + 1, n)

    def operations(self, ahead: str | None, behind: str | None, sign: int) -> None:
        cost = Cost(self.trace)
        a, b = cost.operations("forward"), cost.operations("reverse")
        assert np.sign(a - b) == sign
        if ahead is not None and behind is not None:
            assert (read_back(ahead), read_back(behind)) == (a, b)

    def slope_there(self, number: str) -> None:
        assert number == self.say(self.scene.landscape.log.steps[0].gradient[self.inputs[0]])

    def sign(self, sign: int) -> None:
        slope = float(self.scene.landscape.log.steps[0].gradient[self.inputs[0]])
        assert (0 if abs(slope) <= 1e-12 else np.sign(slope)) == sign

    def stays(self, f: str) -> None:
        losses = next(iter(self.scene.landscape.logs.values())).losses
        assert losses[-1] == losses[0]

    def far(self, count: str, f: str, way: str) -> None:
        story = self.scene.landscape
        log = story.log if hasattr(story, "log") else next(iter(story.logs.values()))
        assert (log.losses[-1] < log.losses[0]) == (way == "lower")

    def hops(self, count: str, f: str, way: str, number: str) -> None:
        story = self.scene.landscape
        log = story.log if hasattr(story, "log") else next(iter(story.logs.values()))
        point = {k: float(v) for k, v in log.steps[0].point.items()}
        before = self.f(**point)
        for _ in range(int(read_back(count))):
            _, slopes = self.function.value_and_gradient({**self.at, **point})
            point = {k: v - log.rate * float(slopes[k]) for k, v in point.items()}
        assert number == self.say(self.f(**point)), f"{self.f(**point)}"
        assert self.f(**point) < before if way == "down" else self.f(**point) > before


@cache
def silent(which: str) -> Any:
    """The film of a function at reading speed, run once."""
    return film(which)


def film(which: str, shape: str = "wide", lint: bool = False, **parameters: Any) -> Any:
    """The film of a function without its pictures; with `voice` timed by what it says."""
    function, at = FILMS[which]
    chosen = clip_class("explain").configured(function=function, at=at, **parameters)
    with tempconfig(FRAMES[shape]):
        scene = chosen(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        if lint:
            scene.lint = Lint(scene)
        scene.render()
    return scene


@pytest.mark.parametrize("which", FILMS)
def test_the_words_are_true(which: str) -> None:
    """Every sentence of every film, measured again; its length; chapters in the order of the story."""
    scene = silent(which)
    assert Claims(scene).check() > 18
    assert 60 <= scene.now <= 150, f"{scene.now:.1f} s"
    chapters = list(dict.fromkeys(b.chapter for b in scene.beats))
    assert chapters[:3] == ["the function", "forward", "backward"] and chapters[-1] == "recap" and "the price" in chapters
    assert ("descent" in chapters) == (scene.landscape is not None)


def test_a_sentence_that_is_not_true_is_found() -> None:
    """The checks have teeth."""
    claims = Claims(silent("readme"))
    claims.sentence("x is used twice: 3 and −0.37 add up to 2.63.")
    for wrong in ("x is used twice: 3 and −0.36 add up to 2.63.", "y moves f most.", "So f is 1.58.", "Nobody knows this."):
        with pytest.raises(AssertionError):
            claims.sentence(wrong)


def test_what_is_noticed() -> None:
    """Each kind of function has its own remark."""
    wanted = {
        "dead relu": "q is negative, so the rectifier is level there", "closed gate": "its way to f is shut",
        "larger one": "the larger one and gets all the blame", "constant wins": "The constant is the larger one",
        "branch not taken": "The condition chose q", "huge": "more than a thousand times as far",
        "beyond numbers": "too small for a number", "flat": "just here, f is level", "cancels": "cancels out",
        "readme": "x is used twice", "no bend": "runs straight", "zero factor": "its partner is zero",
    }  # fmt: skip
    for which, words in wanted.items():
        said = " ".join(beat.words for beat in silent(which).beats)
        assert words in said, f"{which}: {said}"


@pytest.mark.slow
@pytest.mark.parametrize("which", FILMS)
def test_spoken(which: str) -> None:
    """With the built-in voice: a minute to two and a half, two thirds to four fifths of it spoken, lint clean."""
    book = Book(voice_named(None))
    scene = film(which, lint=True, voice=book)
    check(scene)
    assert 60 <= scene.now <= 150, f"{scene.now:.1f} s"
    spoken = sum(said.duration for beat in scene.beats if (said := book.say(beat.spoken, scene.beat_name(beat.index))))
    assert 0.64 <= spoken / scene.now <= 0.83, f"{spoken / scene.now:.2f}"
    sentences = [s for b in scene.beats for s in re.split(r"(?<=[.?])\s+", b.words)]
    lengths = [len(s.split()) for s in sentences]
    assert max(lengths) <= 24 and sum(lengths) / len(lengths) <= 14
    Claims(scene).check()


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["square", "tall"])
@pytest.mark.parametrize("which", ["readme", "square", "dead relu", "six inputs", "forty operations", "no bend"])
def test_shapes(which: str, shape: str) -> None:
    """The film fits into every frame."""
    check(film(which, shape, lint=True))


@pytest.mark.slow
@pytest.mark.parametrize("which", ["readme", "dead relu", "six inputs"])
def test_a_real_film(which: str, tmp_path: Path) -> None:
    """Drawn small: every number of the manifest is true, and the file has the chapters."""
    function, at = FILMS[which]
    shot = Shot.clip("explain", {"function": function, "at": at})
    made = render(shot, Settings(160, 90, 2, cache=False), tmp_path / "film.mp4", title="explain", asked={"command": "explain"})
    with av.open(str(made.video)) as opened:
        titles = [chapter["metadata"]["title"] for chapter in opened.chapters()]
    assert titles[:4] == ["the function", "forward", "backward", "the check"] and titles[-1] == "recap"
    result = verify(tmp_path / "film.json")
    assert result.passed, result.text()
