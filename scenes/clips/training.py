"""The clip `training`: a board of examples, guesses that flip while the network learns, and the count on unseen ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut

from chainreel.engine import Quantity

from ..figures.exam_run import Replay
from ..figures.learning_curves import LearningCurves
from ..figures.training_board import Bars, TrainingBoard
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.readout import Readout
from ..stage.type import Label
from .clip import Clip
from .learning import Recipe, pictures

SHOWN = {"wide": 24, "square": 12, "tall": 20}
HIDDEN = {"digits": (64,), "faces": (16,)}
EPOCHS = {"digits": 30, "faces": 40}
MISSES = 12


class Training(Clip):
    """A network learns to sort pictures; guesses flip, counters climb, and unseen examples judge it."""

    shapes = SHAPES
    data: Any = None
    layers: Any = None
    optimizer: Any = None
    rate: Any = None
    epochs: Any = None
    pixels: Any = None

    def prepare(self) -> None:
        """Read the pictures, train, and hold the exam."""
        self.material = pictures(self.data, self.seed, self.pixels)
        hidden = self.layers if self.layers is not None else HIDDEN.get(self.data, (32,))
        epochs = self.epochs or EPOCHS.get(self.data, 30)
        recipe = Recipe(tuple(hidden), "relu", self.optimizer, self.rate, epochs, seed=self.seed)
        count = min(SHOWN[self.shape], len(self.material.unseen))
        self.exam = recipe.exam(self.material.seen, self.material.unseen, ("unseen", range(count)))

    def q(self, what: str, m: int = 0) -> Quantity:
        """A number of the exam."""
        return replace(self.exam.quantity(what, m), source="training")

    def construct(self) -> None:
        """The whole clip."""
        exam, look, material = self.exam, self.look, self.material
        self.ledger.source("training", exam.describe())
        last = len(exam) - 1
        rooms = self._rooms()
        board_area = rooms["board"]
        images = material.images("unseen")
        board = TrainingBoard(exam, look, board_area, images, material.classes)
        with self.beat("Pictures that this network has never seen.", title="the board"):
            self.play(board.appear())
        counter = Readout(
            "{r} of {n} right", lambda m: {"r": self.q("right/shown", m), "n": self.q("count/shown")}, look.ink, 30, decimals=0
        )
        counter.move_to([rooms["counter"].left + counter.width / 2, rooms["counter"].center[1], 0])
        clock = Readout("after {e} steps", lambda m: {"e": self.q("step", m)}, look.muted, 24, "medium", decimals=0)
        curves = LearningCurves(exam, look, rooms["plot"], "loss", {"seen": "seen", "unseen": "unseen"}, "loss", clock=True)
        curves.under(clock)
        with self.beat(
            "Untrained, it guesses: {r} of {n} are right.", r=self.q("right/shown", 0), n=self.q("count/shown"),
            title="untrained"
        ):
            self.play(board.guess())
            self.play(FadeIn(counter), FadeIn(clock), curves.appear())
        badge = QuestionBadge(look, *rooms["plot"].center[:2])
        words = "Only its {k} knobs will turn. How many will be right?"
        with self.beat(words, k=self.q("training/knobs"), hold=2.4, title="predict"):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        words = "Forward, loss, blame, step: {s} times over. The dashed line is the loss on what it never sees."
        with self.beat(words, s=self.q("training/steps"), title="training"):
            self.play(FadeOut(badge), run_time=0.4)
            self.play(Replay([board, curves, counter, clock], 0, last, run_time=7.0))
        bars = Bars(look, rooms["bars"], [("seen", self.q("percent/seen", last)), ("unseen", self.q("percent/unseen", last))])
        if exam.training.diverged:
            with self.beat(
                "The steps were too large: the run left the range of numbers, and was stopped.", hold=2.5, title="too far"
            ):
                self.poster()
            self.alt = "A board of pictures with a network's guesses; its training left the range of numbers."
            return
        words = "Of all {n} unseen ones, {u} are right."
        with self.beat(words, n=self.q("count/unseen"), u=self.q("right/unseen", last), hold=2.2, title="unseen"):
            self.play(bars.appear())
            self.poster()
        note = Label(material.note, look.muted, 22, names=True)
        room = rooms["note"]
        note.move_to([min(room.left, room.right - note.width) + note.width / 2, room.center[1], 0])
        wrong = np.flatnonzero(~exam.right("unseen", last))
        better = self.q("percent/seen", last).value > self.q("percent/unseen", last).value + 0.5
        judge = (
            "It knows the seen ones better. Judge by the unseen bar."
            if better else "Judge it by the unseen bar: that is what it was for."
        )
        with self.beat(judge, hold=2.0 if len(wrong) else 3.0, title="judge"):
            self.play(FadeIn(note))
        if len(wrong):
            self._misses(board, board_area, images, wrong, last)
        self.alt = (
            f"A board of pictures sorted by a network of {len(exam.risk.net.layers)} layers: while it trains, mauve crosses "
            f"turn into mint ticks, the loss falls, and bars compare seen with unseen examples."
        )

    def _misses(self, board: TrainingBoard, area: Area, images: np.ndarray, wrong: np.ndarray, last: int) -> None:
        rows = wrong[:MISSES]
        misses = TrainingBoard(self.exam, self.look, area, images, self.material.classes, rows.tolist(), last)
        words = "And these it still gets wrong." if len(rows) == len(wrong) else "And some that it still gets wrong."
        with self.beat(words if len(wrong) > 1 else "And this one it still gets wrong.", hold=3.0, title="misses"):
            self.play(board.leave())
            self.play(misses.appear())
            self.play(misses.guess())

    def _rooms(self) -> dict[str, Area]:
        """For the board, the counter, the curves, the bars and the note."""
        whole = self.area
        if self.shape == "square":
            board, below = whole.rows(1.35, 1.0, gap=0.25)
            plot, side = below.columns(1.0, 1.0, gap=0.25)
        elif self.shape == "wide":
            board, side = whole.columns(1.5, 1.0, gap=0.85)
        else:
            board, side = whole.rows(1.25, 1.0, gap=0.3)
        counter, rest = side.cut_top(0.45, 0.1)
        note, rest = rest.cut_bottom(0.36, 0.12)
        if self.shape == "square":
            bars = rest
        else:
            bars, plot = rest.cut_bottom(1.2, 0.25)
        return {"board": board, "counter": counter, "plot": plot, "bars": bars, "note": note}


__all__ = ["Training"]
