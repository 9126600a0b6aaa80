"""The clip `boundary`: points of two kinds, and a network whose border between them bends until it parts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import UP, FadeIn, FadeOut

from chainreel.engine import Quantity
from chainreel.engine.datasets import Dataset, moons, table

from ..figures.boundary_training import MOST_CLASSES, BoundaryTraining
from ..figures.exam_run import Replay
from ..figures.learning_curves import LearningCurves
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.parameters import nearest
from ..stage.readout import Readout
from .clip import Clip
from .learning import Recipe

FEWEST = 10


class Boundary(Clip):
    """A network learns to tell points of two kinds apart; its border moves as it learns."""

    shapes = SHAPES
    data: Any = None
    columns: Any = None
    target: Any = None
    layers: Any = None
    activation: Any = None
    optimizer: Any = None
    rate: Any = None
    epochs: Any = None

    def prepare(self) -> None:
        """Read the points, train, and hold the exam."""
        seen, unseen = self._points()
        hidden = tuple(self.layers) if self.layers is not None else (12, 12)
        recipe = Recipe(hidden, self.activation, self.optimizer, self.rate, self.epochs or 200, seed=self.seed, looks=64)
        self.exam = recipe.exam(seen, unseen)

    def _points(self) -> tuple[Dataset, Dataset]:
        """Points to learn from and unseen ones, both on the scale of the seen ones."""
        if self.data is None:
            self.names: tuple[str, ...] = ("x", "y")
            seen, unseen = moons(240, 0.22, 3).split(80, self.seed, stratify=True)
        else:
            data = table(self.data, self.target, self._columns())
            if data.X.shape[1] != 2:
                raise StageError(
                    f"{self.data} has the inputs {', '.join(data.names)}; a plane takes two, "
                    f"chosen by --columns {data.names[0]},…"
                )
            if not 2 <= len(data.classes) <= MOST_CLASSES:
                kinds = f"{len(data.classes)} classes" if data.classes else "numbers"
                raise StageError(
                    f"the column {data.target} holds {kinds}; it takes words or whole numbers of 2 to {MOST_CLASSES} kinds"
                )
            if len(data) < FEWEST:
                raise StageError(
                    f"{self.data} has {len(data)} points; {FEWEST} are the least to learn from and to be tested with"
                )
            self.names = data.names
            seen, unseen = data.split(0.3, self.seed, stratify=True)
        self.classes = seen.classes
        seen, unseen = seen.standardise(unseen)
        return seen, unseen

    def _columns(self) -> list[str] | None:
        """The two columns that were asked for; or, in a table of three, all but the target."""
        with open(str(self.data), encoding="utf-8-sig", errors="replace") as file:
            head = file.readline().strip()
        names = [n.strip().strip('"') for n in head.replace(";", ",").replace("\t", ",").split(",")]
        if self.target is not None and self.target not in names:
            raise StageError(
                f"--target names {self.target}, but {self.data} has the columns {', '.join(names)}{nearest(self.target, names)}"
            )
        if self.columns is None:
            return None
        for name in self.columns:
            if name not in names:
                raise StageError(f"--columns names {name}, but {self.data} has {', '.join(names)}{nearest(name, names)}")
        if len(self.columns) != 2:
            raise StageError(f"--columns takes two columns for the plane, not {len(self.columns)}")
        return list(self.columns)

    def q(self, what: str, m: int = 0) -> Quantity:
        """A number of the exam."""
        return replace(self.exam.quantity(what, m), source="boundary")

    def construct(self) -> None:
        """The whole clip."""
        exam, look = self.exam, self.look
        self.ledger.source("boundary", exam.describe())
        last, rooms = len(exam) - 1, self._rooms()
        size = 26 if self.shape == "square" else 30
        figure = BoundaryTraining(exam, look, rooms["plane"], self.names)
        key = figure.key(self.classes)
        at = np.array([rooms["key"].left + 0.1, rooms["key"].center[1], 0.0])
        for entry in key:
            entry.shift(at)
            at = np.array([entry.get_right()[0] + 0.5, at[1], 0.0])
        kinds = "two kinds" if len(self.classes) == 2 else "several kinds"
        with self.beat(f"Points of {kinds}. Can a network learn the border?", title="the points"):
            self.play(figure.appear(), FadeIn(key))
        counter = Readout(
            "{r} of {n} right", lambda m: {"r": self.q("right/seen", m), "n": self.q("count/seen")}, look.ink, size, decimals=0
        )
        counter.move_to([rooms["counter"].left + counter.width / 2, rooms["counter"].center[1], 0])
        clock = Readout("after {e} steps", lambda m: {"e": self.q("step", m)}, look.muted, 24, "medium", decimals=0)
        parts = {"seen": "seen", "unseen": "unseen"}
        loss = LearningCurves(exam, look, rooms["loss"], "loss", parts, "loss")
        share = LearningCurves(exam, look, rooms["share"], "percent", parts, "share right", "data", clock=True, quiet=True)
        share.under(clock)
        words = "Untrained, its border lies anywhere. Crosses are wrong: {r} of {n} are right."
        with self.beat(words, r=self.q("right/seen", 0), n=self.q("count/seen"), title="untrained"):
            self.play(figure.regions(0.0), FadeIn(counter))
            self.play(FadeIn(clock), loss.appear(), share.appear(), run_time=0.8)
        badge = QuestionBadge(look, *rooms["loss"].center[:2])
        with self.beat(
            "Each step turns {k} knobs a little. Where will the border go?", k=self.q("training/knobs"), hold=2.4,
            title="predict"
        ):
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        with self.beat("It learns from the large points. The small ones it never sees: the dashed lines.", title="training"):
            self.play(FadeOut(badge), run_time=0.4)
            self.play(Replay([figure, loss, share, counter, clock], 0, last, run_time=8.0))
        if exam.training.diverged:
            with self.beat(
                "The steps were too large: the run left the range of numbers, and was stopped.", hold=2.5, title="too far"
            ):
                self.poster()
        else:
            better = self.q("percent/unseen", last).value > self.q("percent/unseen", 0).value
            words = (
                "The border has bent between them: {r} of {n} seen points are right."
                if better else "It has not learned much: {r} of {n} seen points are right."
            )
            with self.beat(words, r=self.q("right/seen", last), n=self.q("count/seen"), hold=1.5, title="the border"):
                self.poster()
            words = "Of the {n} it never saw, {u} are right. That is the honest count."
            final = Readout(
                "unseen: {u} of {n}", lambda m: {"u": self.q("right/unseen", m), "n": self.q("count/unseen")}, look.ink, size,
                decimals=0, moment=last
            )
            final.move_to(counter).align_to(counter, np.array([-1.0, 0, 0]))
            with self.beat(words, u=self.q("right/unseen", last), n=self.q("count/unseen"), hold=2.4, title="unseen"):
                self.play(FadeOut(counter, shift=0.2 * UP), FadeIn(final, shift=0.2 * UP), run_time=0.7)
        plane = f"the plane of {self.names[0]} and {self.names[1]}"
        self.alt = (
            f"Points of the classes {', '.join(self.classes)} in {plane}; the border of a network moves as it learns, beside "
            "curves of its loss and its share of right guesses, seen and unseen."
        )

    def _rooms(self) -> dict[str, Area]:
        """For the plane, its key, counters and curves."""
        whole = self.area
        if self.shape == "wide":
            plane, side = whole.columns(1.45, 1.0, gap=0.6)
        elif self.shape == "square":
            plane, side = whole.columns(1.2, 1.0, gap=0.25)
        else:
            plane, side = whole.rows(1.35, 1.0, gap=0.35)
        key, side = side.cut_top(0.36, 0.2)
        counter, side = side.cut_top(0.45, 0.25)
        if self.shape == "tall":
            loss, share = side.columns(1, 1, gap=0.3)
        else:
            loss, share = side.rows(1, 1, gap=0.25)
        return {"plane": plane, "key": key, "counter": counter, "loss": loss, "share": share}


__all__ = ["Boundary"]
