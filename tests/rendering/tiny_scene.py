"""Small scenes for the tests of rendering/: they stand in for the stage, so that faults show apart."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace

from manim import BLUE, RED, RIGHT, UP, Circle, Create, Dot, Scene, Square, Transform


@dataclass(frozen=True)
class Beat:
    index: int
    title: str
    words: str
    spoken: str
    start: float
    end: float
    chapter: str | None


class Stand(Scene):
    """What rendering/ expects of a Stage, and nothing more."""

    theme = "night"
    seed = 0
    voice = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.beats, self.watchers = [], []
        self.poster_time, self.alt = None, ""

    @contextmanager
    def beat(self, words, chapter=None):
        start = self.renderer.time
        beat = Beat(len(self.beats), words, words, words.replace("é", "e"), start, start, chapter)
        self.beats.append(beat)
        yield
        said = self.voice.say(beat.spoken, f"{beat.index + 1:02d}") if self.voice else None
        need = said.duration if said else len(words) / 15
        self.wait(max(0.3, need - (self.renderer.time - start)))
        self.beats[-1] = replace(beat, end=self.renderer.time)


class Tiny(Stand):
    """Three beats, two chapters, a mobject that lives by the frame."""

    def construct(self):
        self.alt = "A square becomes a circle."
        square = Square(color=RED, fill_opacity=0.5)
        with self.beat("A square appears here, drawn é.", "One"):
            self.play(Create(square), run_time=0.7)
        with self.beat("It turns into a circle, slowly, while nobody is looking."):
            self.play(Transform(square, Circle(color=BLUE, fill_opacity=1)), run_time=1.1)
        self.poster_time = self.renderer.time
        dot = Dot()
        dot.add_updater(lambda mobject, dt: mobject.shift(RIGHT * dt))
        self.add(dot)
        with self.beat("A dot moves on.", "Two"):
            self.play(square.animate.shift(UP), run_time=1)


class Long(Stand):
    """Long enough to be interrupted."""

    def construct(self):
        square = Square()
        for _ in range(200):
            with self.beat("Around."):
                self.play(square.animate.rotate(1), run_time=3)


class Still(Scene):
    """A plain manim scene that plays nothing."""

    def construct(self):
        self.add(Square())


class Broken(Scene):
    """Fails in the user's own file."""

    def construct(self):
        self.play(Create(Square()), run_time=0.5)
        raise KeyError("weights")


class Moody(Stand):
    """Takes another length each time."""

    times = 0

    def construct(self):
        Moody.times += 1
        self.wait(Moody.times)
