"""The clip `blame-map`: which pixels push the answer – the slope of the loss in every pixel, and a check by brightening one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Create, FadeIn, FadeOut, Rectangle, VGroup

from chainreel.engine import Quantity
from chainreel.engine.learning import NetworkPass

from ..figures.marks import cross, tick
from ..figures.net_forward import NetForward
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.number import Phrase
from ..stage.pixels import Heat, Pixels
from ..stage.plate import Plate
from ..stage.rounding import decimals_for
from ..stage.type import Label
from .clip import Clip
from .learning import Recipe, pictures

NUDGE = 0.1
OTHERS = {"wide": 4, "square": 3, "tall": 3}


class BlameMap(Clip):
    """Blame runs on to the pixels: a heat map of the loss's slope, for a network that was really trained."""

    shapes = SHAPES
    data: Any = None
    layers: Any = None
    optimizer: Any = None
    rate: Any = None
    epochs: Any = None
    pixels: Any = None
    example: Any = None

    def prepare(self) -> None:
        """Train, find a picture that it gets wrong, and send it through."""
        self.material = material = pictures(self.data, self.seed, self.pixels)
        hidden = tuple(self.layers) if self.layers is not None else (16,)
        epochs = self.epochs or (12 if self.data == "digits" else 20)
        self.exam = Recipe(
            hidden, "relu", self.optimizer, self.rate, epochs, seed=self.seed, looks=2
        ).exam(material.seen, material.unseen)
        last = len(self.exam) - 1
        output = self.exam.output(material.unseen.X, last)
        wrong = np.flatnonzero(~self.exam.right("unseen", last))
        self.one_wrong = bool(len(wrong))
        if not len(wrong):  # the ones that it is least sure of
            top = np.sort(output, axis=1)
            sure = np.abs(output[:, 0]) if output.shape[1] == 1 else top[:, -1] - top[:, -2]
            wrong = np.argsort(sure, kind="stable")
        if self.example is not None:
            if self.example > len(material.unseen):
                raise StageError(
                    f"--example is {self.example}; there are {len(material.unseen)} unseen pictures, counted from 1"
                )
            wrong = np.array([self.example - 1, *(row for row in wrong if row != self.example - 1)])
        self.passes = [self._pass(int(row)) for row in wrong[: OTHERS[self.shape]]]
        self.rows = [int(row) for row in wrong[: OTHERS[self.shape]]]
        self.one = self.passes[0]
        free = np.where(self.one.x + NUDGE <= 1.0, np.abs(self.one.slopes), -1.0)
        self.worst = int(np.argmax(free))

    def _pass(self, row: int) -> NetworkPass:
        log = self.exam.training
        return NetworkPass(log.loss.net, (log, log.steps), (self.material.unseen, row), loss_=log.loss.loss.name, nudge=NUDGE)

    def q(self, what: str, *at: int) -> Quantity:
        """A number of the pass."""
        return replace(self.one.quantity(what, at), source="blame")

    def construct(self) -> None:
        """The whole clip."""
        look, one, classes = self.look, self.one, self.material.classes
        self.ledger.source("blame", one.describe())
        guess, truth = int(np.argmax(one.chances)), int(one.target or 0)
        area, side = self._rooms()
        figure = NetForward(one, look, area, source="blame", image=self.material.shape, classes=classes)
        with self.beat("A trained network, and a picture that it has never seen.", title="the picture"):
            self.perform(figure.appear(1.6))
        says = Phrase("{c}, {p} %", look.ink, 30, "semibold", c=classes[guess], p=self.q("percent", guess), decimals=0)
        mark = (tick if guess == truth else cross)(look, 0.32)
        loss = Phrase("loss {level}", look.tint("loss"), 30, "semibold", level=self.q("loss"))
        top, line, low, _ = side.rows(1, 1, 1, 1, gap=0.05)
        says.move_to([top.left + says.width / 2, top.center[1], 0])
        mark.move_to(says.get_right() + [0.32, 0, 0])
        loss.move_to([line.left + loss.width / 2, line.center[1], 0])
        words = (
            "It says {c}. Right, with a loss of {level}."
            if guess == truth else "It says {c}, but this is {t}. The loss is {level}."
        )
        with self.beat(words, c=classes[guess], t=classes[truth], level=self.q("loss"), hold=1.0, title="its answer"):
            for level in range(1, len(one.sizes)):
                self.perform(figure.fire(level))
            shows = [FadeIn(says), FadeIn(mark), FadeIn(loss)]
            self.play(*shows, figure.winner(), run_time=0.8)
        badge = QuestionBadge(look, low.left + 0.5, low.center[1])
        with self.beat("Blame does not stop at the knobs. Which pixels pushed it here?", hold=2.4, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        words = "The slope of the loss in every pixel. Filled: brighter is worse. Hollow: brighter is better."
        with self.beat(words, hold=2.0, title="the map"):
            self.play(FadeOut(badge), run_time=0.3)
            self.perform(figure.blame())
            self.poster()
        self._check(figure)
        if len(self.passes) > 1:
            self._others(figure, [says, mark, loss])
        self.alt = (
            f"A picture of class {classes[truth]} runs through a network that says {classes[guess]}; the slope of the loss in "
            "every pixel is shown as a map over the picture, and checked by brightening one pixel."
        )

    def _check(self, figure: NetForward) -> None:
        """Brighten the pixel with the largest slope: what the slope promises, what the loss does."""
        look = self.look
        ring = Rectangle(width=figure.side / self.material.shape[1], height=figure.side / self.material.shape[1])
        ring.set_stroke(look.ink, 4).set_fill(opacity=0).set_z_index(9).move_to(
            figure.heat.place(*divmod(self.worst, self.material.shape[1]))
        )
        f, a = self.q("forecast", self.worst), self.q("actual", self.worst)
        places = [decimals_for(float(v.value)) for v in (f, a)]
        decimals = None if None in places else max(2, *(int(p or 0) for p in places))
        promise = Phrase("promised {f}", look.tint("slope"), 28, "semibold", f=f, decimals=decimals)
        happens = Phrase("real {a}", look.tint("loss"), 28, "semibold", a=a, decimals=decimals)
        foot, left = figure.heat.get_bottom(), self.area.left
        promise, happens = Plate(look, promise), Plate(look, happens)
        for text, drop in ((promise, 0.42), (happens, 0.86)):
            text.set_z_index(9).move_to([max(foot[0], left + text.width / 2), foot[1] - drop, 0])
        with self.beat(
            "Brighten this pixel by {d}. The slope promises that the loss moves by {f}.", d=self.q("nudge"), f=f,
            title="a nudge"
        ):
            self.play(Create(ring), run_time=0.7)
            self.play(FadeIn(promise))
        agree = abs(float(f.value) - float(a.value)) <= 0.25 * max(abs(float(a.value)), 1e-12)
        words = (
            "It really moves by {a}: true for a small step."
            if agree else "It really moves by {a}: so large a step, the slope bends."
        )
        with self.beat(words, a=a, hold=1.6, title="the check"):
            self.play(FadeIn(happens))
        self.gone = [ring, promise, happens]

    def _others(self, figure: NetForward, beside: list[Any]) -> None:
        """Other pictures, each with its own map."""
        look, shape, classes = self.look, self.material.shape, self.material.classes
        area = self.area
        count = len(self.passes)
        wide = min((area.width - 0.5 * (count - 1)) / count, 2.5)
        group = VGroup()
        for k, one in enumerate(self.passes):
            x = area.center[0] + (k - (count - 1) / 2) * (wide + 0.5)
            picture = Pixels(look, np.clip(one.x.reshape(shape), 0, 1), min(wide, (area.height - 1.2) / 2))
            heat = Heat(look, one.slopes.reshape(shape), picture.width)
            picture.move_to([x, area.center[1] + picture.height / 2 + 0.55, 0])
            heat.move_to([x, picture.get_bottom()[1] - 0.15 - heat.height / 2, 0])
            guess = int(np.argmax(one.chances))
            word = Label(
                classes[guess], look.ink, 26, "semibold", names=True
            ).move_to([x - 0.15, heat.get_bottom()[1] - 0.28, 0])
            mark = (tick if guess == int(one.target or 0) else cross)(look, 0.26).move_to(word.get_right() + [0.24, 0, 0])
            group.add(VGroup(picture, heat, word, mark))
        words = "Every mistake has a map of its own." if self.one_wrong else "Every picture has a map of its own."
        with self.beat(words, hold=3.0, title="other pictures"):
            known = {id(m) for m in (figure.pixels, figure.heat)}
            rest = [FadeOut(m) for m in (*figure.submobjects, *beside, *self.gone) if id(m) not in known]
            loose = [m for units in figure.units for m in units if id(m) not in known]
            self.play(*rest, *(FadeOut(m) for m in loose), run_time=0.7)
            assert figure.pixels is not None
            self.play(
                figure.pixels.animate.match_width(group[0][0]).move_to(group[0][0]),
                figure.heat.animate.match_width(group[0][1]).move_to(group[0][1]),
                run_time=1.2,
            )
            self.play(FadeIn(group[0][2], group[0][3]), *(FadeIn(VGroup(*part)) for part in group[1:]), run_time=0.9)

    def _rooms(self) -> tuple[Area, Area]:
        """For the network, and for the answer and the numbers."""
        whole = self.area
        if self.shape == "wide":
            net, side = whole.columns(3.0, 1.0, gap=0.3)
            return net, Area(side.left, side.right, 0.0, whole.top)
        net, side = whole.rows(1.6 if self.shape == "tall" else 1.55, 1.0, gap=0.2)
        return net, Area(0.7, side.right, side.bottom, side.top)


__all__ = ["BlameMap"]
