"""The clip `failures`: slopes that vanish, slopes that explode, units that die, steps that are too large – each really run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import UP, FadeIn, FadeOut

from chainreel.engine import Quantity
from chainreel.engine.datasets import moons
from chainreel.engine.learning import MLP, Exam, NetworkPass, Risk, Start, Training, trained
from chainreel.engine.storyboards import film_a

from ..figures.layer_slopes import LayerSlopes
from ..figures.net_forward import NetForward
from ..figures.run_curves import RunCurves
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.folders import trainings_folder
from ..stage.number import Phrase
from .clip import Clip
from .leave import leave

NARROW = 4  # units of the deep layers
STEPS = 200
RATE = 0.5
TOO_LARGE, TRIED = 3.0, 24  # deviation of the weights that explode; starts that are tried
DEADLY_STEPS = 60


class Failures(Clip):
    """How training fails, run for real."""

    shapes = SHAPES
    which: Any = None
    depth: Any = None
    rate: Any = None

    def prepare(self) -> None:
        """Run what is going to be shown."""
        self.which = tuple(dict.fromkeys(self.which))
        if not self.which:
            raise StageError("--which names no failure; it can be vanishing, exploding, dead, step")
        self.runs: dict[str, Training] = {}
        data, folder = moons(40, 0.15, 1), trainings_folder()
        for name, bend in (("vanishing", "sigmoid"), ("exploding", "tanh")):
            if name in self.which:
                risk = Risk(MLP([2, *[NARROW] * self.depth, 1], activation=bend), "binary_cross_entropy_with_logits")
                start = Start(self.seed) if name == "vanishing" else wildest(risk, data, self.seed)
                self.runs[name] = trained(risk, start, data, optimizer="plain", lr=RATE, steps=STEPS, folder=folder)
        icons, risk = film_a.forty_icons(), film_a.whisker_net()
        if "dead" in self.which:
            lr = film_a.DEADLY_RATE if self.rate is None else self.rate
            self.runs["dead"] = trained(
                risk, film_a.whisker_params(), icons, optimizer="plain", lr=lr, steps=DEADLY_STEPS, folder=folder
            )
        if "step" in self.which:
            rates = dict(film_a.RATES) if self.rate is None else {**film_a.RATES, "too big": self.rate}
            for name, lr in rates.items():
                self.runs[name] = trained(
                    risk, film_a.whisker_params(), icons, optimizer="plain", lr=lr, epochs=film_a.STEPS, folder=folder
                )

    def q(self, run: str, what: str, index: int = 0) -> Quantity:
        """A number of a run's log."""
        return replace(self.runs[run].quantity(what, index), source=run)

    def construct(self) -> None:
        """The failures that were asked for, one after the other."""
        for name, log in self.runs.items():
            self.ledger.source(name, log.describe())
        before = list(self.mobjects)
        for k, name in enumerate(self.which):
            self.chapter(name)
            getattr(self, f"_{name}")()
            following = self.which[k + 1] if k < len(self.which) - 1 else None
            if following and (name, following) != ("vanishing", "exploding"):  # these share their network
                leave(self, before)
        self.alt = "Ways in which training fails, each run for real: " + ", ".join(self.which) + "."

    # Vanishing and exploding -----------------------------------------------------------------------------------------

    def _first_pass(self, name: str) -> NetworkPass:
        """The first example in a deep network at its start."""
        log = self.runs[name]
        return NetworkPass(log.loss.net, log.params_at(0), log.data[0][0], float(log.data[1][0]), log.loss.loss.name)

    def _deep(self, name: str) -> tuple[NetForward, LayerSlopes]:
        log, look, one = self.runs[name], self.look, self._first_pass(name)
        whole = self.area
        net, bars = whole.cut_bottom(0.55, 0.0)[1].rows(1.35, 1.0, gap=0.3)
        figure = NetForward(one, look, Area(net.left, net.right, net.bottom, net.top), source=name)
        x = [(figure.x[level] + figure.x[level + 1]) / 2 for level in range(len(figure.x) - 1)]
        slopes = LayerSlopes(look, bars, x, [self.q(name, f"layer/{layer}", 0) for layer in log.layers])
        return figure, slopes

    def _vanishing(self) -> None:
        figure, slopes = self._deep("vanishing")
        first, last = self.q("vanishing", "layer/0", 0), self.q("vanishing", f"layer/{self.depth}", 0)
        with self.beat("Slopes can vanish. A deep chain of sigmoids, at its start.", title="vanishing"):
            self.perform(figure.appear(1.4))
        self._ask("How much of the blame reaches the first layer?", slopes)
        with self.beat(
            "Each layer hands on less: {b} at the last one, {a} at the first.", a=first, b=last, hold=1.5, title="handed on"
        ):
            self.perform(figure.blame(1.2, chips=False))
            self.play(slopes.appear())
            self.poster()
        log = self.runs["vanishing"]
        end = len(log.losses) - 1
        if log.losses[end] > 0.8 * log.losses[0]:
            words = "After {s} steps the loss has gone from {p} to {level}. The early layers hardly turn."
        else:
            words = "It still learns, slowly: after {s} steps the loss has gone from {p} to {level}."
        with self.beat(
            words, s=self.q("vanishing", "steps"), p=self.q("vanishing", "loss", 0), level=self.q("vanishing", "loss", end),
            hold=2.0, title="stuck"
        ):
            self._losses("vanishing", end, slopes)
        self.deep = figure, slopes

    def _exploding(self) -> None:
        figure, slopes = self._deep("exploding")
        first, last = self.q("exploding", "layer/0", 0), self.q("exploding", f"layer/{self.depth}", 0)
        before = getattr(self, "deep", None)
        with self.beat("Slopes can explode: a chain of bends by tanh, with weights that are far too large.", title="exploding"):
            if before is None:
                self.perform(figure.appear(1.4))
            else:
                figure = before[0]
                self.play(FadeOut(before[1]), FadeOut(self.told), run_time=0.6)
                self.play(figure.retune(self._first_pass("exploding"), 1.6))
        more = first.value > last.value
        words = (
            "Each layer multiplies it: {b} at the last one, {a} at the first."
            if more else "From {b} at the last layer to {a} at the first."
        )
        with self.beat(words, a=first, b=last, hold=1.5, title="handed on"):
            self.perform(figure.blame(1.2, chips=False))
            self.play(slopes.appear())
            self.poster()
        log = self.runs["exploding"]
        end = len(log.losses) - 1
        top = int(np.argmax(log.losses))
        if log.diverged:
            words = "Steps along such slopes throw the loss out of the range of numbers: the run is over."
        elif log.losses[top] > 1.2 * log.losses[0]:
            words = "Steps along such slopes throw it about: the loss begins at {p}, and once it is {m}."
        else:
            words = "Steps along such slopes are hardly steered: the loss goes from {p} to {level}."
        first, level, m = (self.q("exploding", "loss", k) for k in (0, end, top))
        with self.beat(words, p=first, level=level, m=m, hold=2.0, title="thrown about"):
            self._losses("exploding", end, slopes)

    def _losses(self, name: str, end: int, beside: LayerSlopes) -> None:
        look = self.look
        text = Phrase("loss {p}", look.tint("loss"), 28, "semibold", p=self.q(name, "loss", 0))
        if not self.runs[name].diverged:
            text = Phrase(
                "loss {p} to {level}", look.tint("loss"), 28, "semibold", p=self.q(name, "loss", 0),
                level=self.q(name, "loss", end)
            )
        text.move_to([self.area.center[0], beside.base.get_center()[1] - 0.32, 0])
        self.told = text
        self.play(FadeIn(text, shift=0.2 * UP))

    def _ask(self, words: str, slopes: LayerSlopes) -> None:
        badge = QuestionBadge(self.look, float(slopes.base.get_center()[0]), float(slopes.base.get_center()[1]) + 1.1)
        with self.beat(words, hold=2.2, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        self.play(FadeOut(badge), run_time=0.4)

    # Dead units ------------------------------------------------------------------------------------------------------

    def _dead(self) -> None:
        log, look = self.runs["dead"], self.look
        data, end = log.data, log.steps
        net = MLP([2, 3, 1], "relu", "sigmoid")
        x, t = data[0][0], float(data[1][0])
        start = NetworkPass(net, log.params_at(0), x, t, "binary_cross_entropy")
        after = NetworkPass(net, (log, end), x, t, "binary_cross_entropy")
        self.ledger.source("dead start", start.describe())
        self.ledger.source("dead end", after.describe())
        whole = self.area
        area = whole.inset(0.3 if self.shape != "wide" else 1.6, 0.5 if self.shape != "tall" else 2.2)
        figure = NetForward(start, look, area, source="dead start")
        alive = NetForward(after, look, area, source="dead end")
        with self.beat(
            "Units can die. A small network with rectifiers, on one of {n} examples.", n=self._count(), title="dead"
        ):
            self.perform(figure.appear(1.2))
            self.perform(figure.enter())
            self.perform(figure.fire(1))
        silent = bool(np.all(after.sums[1] <= 0))
        with self.beat(
            "Then {s} steps, at the rate {r}.", s=self.q("dead", "steps"), r=self.q("dead", "rate", 0), title="too large steps"
        ):
            self.play(figure.retune(after))
        first = log.params[0]
        dead_for_all = not np.any(data[0] @ first["W"] + first["b"] > 0)
        words = "Now every sum lies below zero, for every example: cut to zero. No blame gets through." if dead_for_all else (
            "For this example every sum is cut to zero."
            if silent else "Some units still answer; a larger rate would silence them."
        )
        with self.beat(words, hold=1.2, title="silent"):
            olds = figure.numbers[1]
            figure.numbers[1] = []
            figure.source = alive.source
            self.play(*(FadeOut(n) for n in olds), run_time=0.4)
            self.perform(figure.fire(1))
        last = len(log.losses) - 1
        norm = self.q("dead", "layer/0", last)
        text = Phrase("slope of the first layer: {g}", look.tint("slope"), 28, "semibold", g=norm)
        text.move_to([whole.center[0], whole.bottom + 0.3, 0])
        words = "The first layer's slope is {g}: it can never turn again. The loss stays at {level}." if norm.value == 0 else (
            "The first layer's slope is {g}, and the loss is {level}."
        )
        with self.beat(words, g=norm, level=self.q("dead", "loss", last), hold=2.2, title="for ever"):
            self.play(FadeIn(text))
            self.poster()

    def _count(self) -> Quantity:
        """How many examples the dead run learns from."""
        log = self.runs["dead"]
        exam = Exam(log, {"seen": film_a.forty_icons()}, [0])
        self.ledger.source("dead data", exam.describe())
        return replace(exam.quantity("count/seen"), source="dead data")

    # Too large a step ------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        look = self.look
        names = list(film_a.RATES)
        lasts = [self.q(name, "loss", len(self.runs[name].losses) - 1) for name in names]
        whole = self.area
        figure = RunCurves(look, whole.inset(0.4 if self.shape == "wide" else 0.0, 0.5 if self.shape != "tall" else 2.5),
                           [(name, self.runs[name], last) for name, last in zip(names, lasts, strict=True)])
        with self.beat("Steps can be wrong. The same start, three rates: {a}, {b} and {c}.",
                       a=self.q(names[0], "rate", 0), b=self.q(names[1], "rate", 0), c=self.q(names[2], "rate", 0),
                       title="the rate"):  # fmt: skip
            self.play(figure.appear())
        badge = QuestionBadge(look, *figure.plot.center[:2])
        with self.beat("Which one will win?", hold=2.2, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        with self.beat("Too small a step crawls. A good one falls fast.", title="two runs"):
            self.play(FadeOut(badge), run_time=0.3)
            self.perform(figure.run(0))
            self.perform(figure.run(1))
        worse = lasts[2].value > self.runs[names[2]].losses[0]
        words = (
            "Too large a step jumps over the valley: it ends at {level}, worse than it began."
            if worse else "The large step ends at {level}."
        )
        with self.beat(words, level=lasts[2], hold=2.4, title="too large"):
            self.perform(figure.run(2))
            self.poster()


def wildest(risk: Risk, data: Any, seed: int) -> Start:
    """Of many starts with far too large weights, the one whose slopes grow most on the way back."""

    def growth(start: Start) -> float:
        first = Training.run(risk, start, data, optimizer="plain", lr=RATE, steps=1).layer_norms()[0]
        return float(first[0] / first[-1]) if first[-1] > 0 else 0.0

    return max((Start(seed + k, "normal", TOO_LARGE) for k in range(TRIED)), key=growth)


__all__ = ["Failures"]
