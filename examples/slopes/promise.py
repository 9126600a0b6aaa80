"""The second chapter begins with the last picture of the first."""

from manim import DOWN, FadeIn, FadeOut, ReplacementTransform, TransformFromCopy
from nudge import PARABOLA, lines, numbers

from chainreel.engine import Nudge
from chainreel.scenes.films.chapter import Chapter
from chainreel.scenes.stage.badge import QuestionBadge
from chainreel.scenes.stage.number import Phrase


class Promise(Chapter):
    """A slope is a promise; here it is tried."""

    def construct(self):
        self.alt = "The real change, the slope, and the change that it promised."
        _, value, slope = numbers(self, 3.0, "here")
        before = lines(self, value, slope)
        self.add(*before)
        badge = QuestionBadge(self.look)
        with self.beat("Now we nudge x a little. How far will the value move?", until=7.5):
            self.at("How far")
            self.play(FadeIn(badge), run_time=0.4)
        nudge = Nudge(PARABOLA, "x", 0.1, {"x": 3.0})
        self.ledger.source("nudge", nudge.describe())
        promised, real = nudge.quantity("forecast"), nudge.quantity("change")
        above = Phrase("real: {r}", self.look.tint("value"), 48, r=real)
        below = Phrase("promised: {p}", self.look.tint("slope"), 48, p=promised).shift(2 * DOWN)
        with self.beat("It moves by {r}. The slope had promised {p}: nearly all of it.", r=real, p=promised, until=18.5):
            self.at("It moves")
            self.play(ReplacementTransform(before[0], above), FadeOut(badge), run_time=1)
            self.at("The slope")
            self.play(TransformFromCopy(before[1], below), run_time=1)  # the slope stays: the promise comes out of it
            self.tick()
            self.poster()
