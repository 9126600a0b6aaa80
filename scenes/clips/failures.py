"""The clip `failures`: slopes that vanish, slopes that explode, units that die, steps that are too large – each really run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, VGroup

from chainreel.engine import Quantity
from chainreel.engine.datasets import moons
from chainreel.engine.learning import MLP, NetworkPass, Risk, Start, Training, trained
from chainreel.engine.storyboards import film_a

from ..figures.layer_slopes import LayerSlopes
from ..figures.net_forward import NetForward
from ..figures.run_curves import PLACES, RunCurves
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.folders import trainings_folder
from ..stage.number import Phrase
from .clip import Clip
from .leave import leave

NARROW = 4  # units of the deep layers
STEPS = {"vanishing": 200, "exploding": 40}
RATE = 0.5
TOO_LARGE, TRIED = 3.0, 24  # deviation of the weights that explode; starts that are tried
DEADLY_STEPS = 60
LOSSES = dict.fromkeys(("p", "level", "m"), PLACES)  # as the curves have them


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
                self.runs[name] = trained(risk, start, data, optimizer="plain", lr=RATE, steps=STEPS[name], folder=folder)
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

    def _rest(self, name: str) -> float:
        """How long a failure's last picture stands: longest where the clip ends with it."""
        return 3.0 if name == self.which[-1] else 0.5

    # Vanishing and exploding -----------------------------------------------------------------------------------------

    def _first_pass(self, name: str) -> NetworkPass:
        """The first example in a deep network at its start."""
        log = self.runs[name]
        return NetworkPass(log.loss.net, log.params_at(0), log.data[0][0], float(log.data[1][0]), log.loss.loss.name)

    def _deep(self, name: str) -> tuple[NetForward, LayerSlopes]:
        """The network, in the middle, and the bars that will stand under it; `self.lower` is their room."""
        log, look, one = self.runs[name], self.look, self._first_pass(name)
        net, self.lower = self._split()
        middle, half = float(self.area.center[1]), net.height / 2
        self.risen = float(net.center[1]) - middle
        figure = NetForward(one, look, Area(net.left, net.right, middle - half, middle + half), source=name)
        figure.names[1:-1] = [VGroup() for _ in figure.names[1:-1]]  # nobody speaks of a single unit
        x = [(figure.x[level] + figure.x[level + 1]) / 2 for level in range(len(figure.x) - 1)]
        bars = self.lower.cut_bottom(0.45, 0.0)[1]
        return figure, LayerSlopes(look, bars, x, [self.q(name, f"layer/{layer}", 0) for layer in log.layers])

    def _split(self) -> tuple[Area, Area]:
        """Room for a network, and below it for what is measured."""
        upper, lower = self.area.rows(1.2, 1.0, gap=0.25) if self.shape == "wide" else self.area.rows(1.5, 1.0, gap=0.4)
        return upper, lower

    def _times(self, name: str) -> tuple[Quantity | None, bool]:
        """How many times as long the longer of the first and the last layer's slopes is, and whether that is the first."""
        norms = self.runs[name].layer_norms()[0]
        if not norms[0] > 0 or not norms[-1] > 0:
            return None, False
        more = bool(norms[0] > norms[-1])
        return self.q(name, f"ratio/0/{self.depth}" if more else f"ratio/{self.depth}/0", 0), more

    def _vanishing(self) -> None:
        figure, slopes = self._deep("vanishing")
        with self.beat("Slopes can vanish in a chain of sigmoids.", title="vanishing"):
            self.perform(figure.appear(1.4))
        self._ask("How much blame reaches the first layer?", figure, slopes)
        self._handed_on("vanishing", figure, slopes)
        log = self.runs["vanishing"]
        words = "Early layers hardly turn: loss {p} becomes {level}."
        if log.losses[-1] <= 0.8 * log.losses[0]:
            words = "It still learns: the loss goes from {p} to {level}."
        with self.beat(words, hold=self._rest("vanishing"), title="stuck", decimals=LOSSES, **self._fall("vanishing")):
            self._losses("vanishing", slopes)
        self.deep = figure

    def _exploding(self) -> None:
        figure, slopes = self._deep("exploding")
        before = getattr(self, "deep", None)
        with self.beat("Slopes can explode if weights are too large.", title="exploding"):
            if before is None:
                self.perform(figure.appear(1.4))
            else:
                figure = before
                self.play(FadeOut(self.told), run_time=0.5)
                self.play(figure.retune(self._first_pass("exploding"), 1.4), slopes.slots())
        if before is None:
            self._ask("How much blame reaches the first layer?", figure, slopes)
        self._handed_on("exploding", figure, slopes)
        log = self.runs["exploding"]
        top = int(np.nanargmax(log.losses))
        if log.diverged:
            words = "One rate for all: the first layer leaps, and the loss leaves the range of numbers."
        elif log.losses[top] > 1.2 * log.losses[0]:
            words = "The first layer leaps, and the loss jumps to {m}."
        else:
            words = "One rate for all: the first layer leaps. Here the loss falls all the same, from {p} to {level}."
        known: dict[str, Any] = {**self._fall("exploding"), "m": self.q("exploding", "loss", top)}
        with self.beat(words, hold=self._rest("exploding"), title="thrown about", decimals=LOSSES, **known):
            self._losses("exploding", slopes)

    def _handed_on(self, name: str, figure: NetForward, slopes: LayerSlopes) -> None:
        """Blame runs back, a bar grows for each layer, and an arrow says how many times as long the slope is at its end."""
        norms, (times, more) = self.runs[name].layer_norms()[0], self._times(name)
        if times is None:
            words = "The slope is {b} at the last layer, and {a} at the first."
        elif more:
            words = "The first layer's slope is {m} times the last one's."
        else:
            steady = bool(np.all(np.diff(norms) > 0))
            words = "Each layer hands on less: in the end {m} times less." if steady else (
                "At the first layer, the slope is {m} times smaller than at the last."
            )
        known: dict[str, Any] = {"m": times}
        if times is None:
            known = {"a": self.q(name, "layer/0", 0), "b": self.q(name, f"layer/{self.depth}", 0)}
        with self.beat(words, hold=0.8, title="handed on", **known):
            for k, run in enumerate(figure.blame(1.1, chips=False)):
                self.play(run, slopes.grow(k))
            if times is not None:
                many = "× {m}" if more else "÷ {m}"
                arrow = Phrase(many, self.look.tint("slope"), 36, "semibold", m=times)
                self.play(slopes.factor(arrow))
            self.poster()

    def _fall(self, name: str) -> dict[str, Any]:
        """The first and the last loss of a run."""
        return {"p": self.q(name, "loss", 0), "level": self.q(name, "loss", len(self.runs[name].losses) - 1)}

    def _losses(self, name: str, beside: LayerSlopes) -> None:
        """The run's losses take the place of the bars."""
        first, last = self._fall(name).values()
        self.told = RunCurves(self.look, self.lower, [("", self.runs[name], last)], first)
        self.play(FadeOut(beside), self.told.appear())
        self.perform(self.told.run(0))

    def _ask(self, words: str, figure: NetForward, slopes: LayerSlopes) -> None:
        badge = QuestionBadge(self.look, float(slopes.base.get_center()[0]), float(self.lower.center[1]) + 0.45)
        with self.beat(words, hold=2.2, title="predict"):
            self.play(figure.lift(self.risen), slopes.slots())
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
        last = len(log.losses) - 1
        upper, lower = self.area.cut_top(3.9, 0.2) if self.shape != "tall" else self._split()
        area = upper.inset(0.3 if self.shape != "wide" else 1.6, 0.0).cut_top(0.4, 0.0)[1]
        down = float(self.area.center[1] - upper.center[1])
        room = Area(area.left, area.right, area.bottom + down, area.top + down)
        figure = NetForward(start, look, room, source="dead start", whole=True)
        figure.names[-1] = VGroup()  # nobody speaks of what comes out
        alive = NetForward(after, look, area, source="dead end", whole=True)
        curve = RunCurves(look, lower, [("", log, self.q("dead", "loss", last))], self.q("dead", "loss", 0))
        with self.beat("Units can die. These rectifiers still answer.", title="dead"):
            self.perform(figure.appear(0.8))
            self.perform(figure.enter())
            self.perform(figure.fire(1))
        silent = bool(np.all(after.sums[1] <= 0))
        with self.beat(
            "{s} steps at the rate {r}.", s=self.q("dead", "steps"), r=self.q("dead", "rate", 0), title="too large steps"
        ):
            self.play(figure.lift(-down, 0.8), curve.appear())
            run, end_number = curve.run(0)
            self.play(figure.retune(after, 1.6), run)
            self.play(end_number, run_time=0.4)
        first = log.params[0]
        dead_for_all = not np.any(data[0] @ first["W"] + first["b"] > 0)
        words = "Every sum is below zero, for every example." if dead_for_all else (
            "For this example every sum is cut to zero."
            if silent else "Some units still answer; a larger rate would silence them."
        )
        with self.beat(words, hold=0.8, title="silent"):
            olds = figure.numbers[1]
            figure.numbers[1] = []
            figure.source = alive.source
            if olds:
                self.play(*(FadeOut(n) for n in olds), run_time=0.4)
            self.perform(figure.fire(1))
        norm = self.q("dead", "layer/0", last)
        text = Phrase("slope {g}", look.tint("slope"), 30, "semibold", g=norm)
        text.move_to([(figure.x[1] + figure.x[2]) / 2, float(figure.places[1][:, 1].max()) + 0.45, 0])
        words = "No blame gets through: the slope is {g}."
        if norm.value != 0:
            words = "The first layer's slope is {g}, and the loss is {level}."
        known: dict[str, Any] = {"level": self.q("dead", "loss", last)} if norm.value != 0 else {}
        with self.beat(words, g=norm, hold=self._rest("dead"), title="for ever", decimals=LOSSES, **known):
            self.perform(figure.blame(1.2, chips=False)[:1])
            self.play(FadeIn(text, scale=0.7))
            self.poster()

    # Too large a step ------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        look = self.look
        names = list(film_a.RATES)
        lasts = [self.q(name, "loss", len(self.runs[name].losses) - 1) for name in names]
        room = self.area.inset(0.2 if self.shape == "wide" else 0.0, 0.1 if self.shape != "tall" else 2.0)
        figure = RunCurves(look, room,
                           [(name, self.runs[name], last) for name, last in zip(names, lasts, strict=True)])
        rates = [self.q(name, "rate", 0) for name in names]
        with self.beat("Steps can be wrong: {a} crawls, {b} falls fast.", a=rates[0], b=rates[1], title="two rates"):
            self.play(figure.appear())
            self.perform(figure.run(0, 1.2))
            self.perform(figure.run(1, 1.4))
        badge = QuestionBadge(look, float(figure.plot.center[0]), figure.plot.bottom + 0.62 * figure.plot.height)
        with self.beat("And at {c}? Faster still?", c=rates[2], hold=2.2, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        worse = lasts[2].value > self.runs[names[2]].losses[0]
        words = "It ends at {level}, worse than it began." if worse else (
            "At that rate it ends at {level}."
        )
        with self.beat(words, level=lasts[2], hold=self._rest("step"), decimals=LOSSES, title="too large"):
            self.play(FadeOut(badge), run_time=0.3)
            self.perform(figure.run(2))
            self.poster()


def wildest(risk: Risk, data: Any, seed: int) -> Start:
    """Of many starts with far too large weights, the one whose slopes grow most on the way back."""

    def growth(start: Start) -> float:
        first = Training.run(risk, start, data, optimizer="plain", lr=RATE, steps=1).layer_norms()[0]
        return float(first[0] / first[-1]) if first[-1] > 0 else 0.0

    return max((Start(seed + k, "normal", TOO_LARGE) for k in range(TRIED)), key=growth)


__all__ = ["Failures"]
