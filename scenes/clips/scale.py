"""The clip `scale`: how many adjustable numbers models have, as areas, with a zoom from one to the next."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut

from chainreel.engine.scale import MOST
from chainreel.engine.scale import Scale as Counted

from ..figures.scale_zoom import ScaleZoom
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from .clip import Clip

LADDER = ("whisker", "digits", "resnet-50", "gpt-3")
BESIDE_OWN = ("digits", "resnet-50", "gpt-3")


class Scale(Clip):
    """Parameter counts as areas, with a zoom."""

    shapes = SHAPES
    layers: Any = None
    models: Any = None

    def prepare(self) -> None:
        """Count the models."""
        models: list[Any] = list(self.models) if self.models else list(BESIDE_OWN if self.layers else LADDER)
        if self.layers:
            if len(self.layers) < 2:
                raise StageError("--layers takes the sizes of two layers or more, such as 784,800,10")
            if len(self.layers) > 200:
                raise StageError(f"--layers names {len(self.layers)} layers; 200 is the most")
            models.append(list(self.layers))
        if len(models) > MOST:
            raise StageError(f"{len(models)} models are too many for one scale; {MOST} is the most")
        self.counted = Counted(models)

    def construct(self) -> None:
        """From the smallest to the largest."""
        scale = self.counted
        self.ledger.source("scale", scale.describe())
        figure = ScaleZoom(self.look, scale, self.area, wide=self.shape != "tall")
        top = figure.column.top - 0.15 if self.shape == "tall" else self.area.top - 0.4
        badge = QuestionBadge(self.look, self.area.right - 0.4, top)
        last = len(scale.levels) - 1
        first = "Take one square millimetre for every number that training may turn. Here are {n}."
        with self.beat(first, n=figure.quantity(*self._size(0)), title=scale.levels[0].title, hold=1.0):
            self.play(figure.appear())
            self.play(figure.measure())
        for k in range(1, last + 1):
            if k == last and last > 1:
                with self.beat("How much larger is the next one?", title="predict", hold=2.2):
                    self.play(FadeIn(badge, scale=0.6), run_time=0.5)
                self.play(FadeOut(badge), run_time=0.3)
            what, number = self._size(k)[0], figure.quantity(*self._size(k))
            unit = {"count": "", "millions": " million", "billions": " billion"}[what]
            times = figure.quantity("about", k)
            words = "Zoom out: about {t} times as many" if times.value >= 1.05 else "Nearly as many"
            words += ", {n}" + unit + "."
            said: dict[str, Any] = {"n": number, **({"t": times} if times.value >= 1.05 else {})}
            with self.beat(words, title=scale.levels[k].title, hold=1.2, **said):
                self.perform(figure.zoom(k))
                self.play(figure.measure())
                self.poster()
        pitches = figure.quantity("pitches", last)
        if pitches.value >= 0.5:
            words = "In square millimetres that is {p} football pitches."
            with self.beat(words, p=pitches, title="in the open", hold=1.2):
                self.play(figure.pitch())
                self.poster()
        words = "The question is the same at every size: which way should each number turn?"
        with self.beat(words, title="the question", hold=2.0):
            if last == 0:
                self.poster()
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        names = ", ".join(level.title for level in scale.levels)
        self.alt = f"Squares whose areas are the numbers of adjustable numbers of {names}, with a zoom from each to the next."

    def _size(self, k: int) -> tuple[str, int]:
        count = self.counted.levels[k].count
        return ("count" if count < 1e6 else "millions" if count < 1e9 else "billions"), k



__all__ = ["Scale"]
