"""The first chapter of a film of one's own: a function has a value, and a slope."""

from dataclasses import replace

from manim import DOWN, FadeIn

from chainreel.engine import Function
from chainreel.scenes.films.chapter import Chapter
from chainreel.scenes.stage.number import Phrase

PARABOLA = Function.of("x**2")


def numbers(stage, x, name):
    """The input, the value and the slope at x; `name` is what the manifest calls them by."""
    trace = PARABOLA.trace({"x": x})
    stage.ledger.source(name, trace.describe())
    (start,) = trace.inputs
    found = trace.quantity("value", start), trace.quantity("value", trace.output), trace.quantity("adjoint", start)
    return [replace(quantity, source=name) for quantity in found]


def lines(stage, value, slope):
    """What the function is worth, and how steep it is there."""
    above = Phrase("f = {v}", stage.look.tint("value"), 48, v=value)
    return above, Phrase("slope = {s}", stage.look.tint("slope"), 48, s=slope).shift(DOWN)


class Nudge(Chapter):
    """The class is called as the file, in CamelCase."""

    def construct(self):
        self.alt = "The value of x squared, and below it its slope."
        x, value, slope = numbers(self, 3.0, "here")
        value, slope = lines(self, value, slope)
        with self.beat("We look at x squared, where x is {x}.", x=x, until=5):
            self.at("We look")
            self.open_card(FadeIn(value))
            self.shut_card()
        with self.beat("The value tells where we are, and the slope tells where we go.", until=13):
            self.at("slope")
            self.play(FadeIn(slope), run_time=0.8)
            self.tick()
            self.poster()
