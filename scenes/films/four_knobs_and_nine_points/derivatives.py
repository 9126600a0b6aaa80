"""C5 · 9:43–14:34 · Derivatives: a slope is a local exchange rate, the place where a ratio heads, and a function of its own.

Begins with the machine, three of its dials frozen; ends with it, one screen filled.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import UP, Circle, Create, FadeIn, FadeOut, Transform, VGroup

from chainreel.engine import Differences, Quantity
from chainreel.engine.fit import Fit
from chainreel.engine.sides import Sides
from chainreel.engine.storyboards import film_c

from ...figures.curve_fit import CurveFit
from ...figures.growing_square import GrowingSquare
from ...figures.knob_panel import KnobPanel
from ...figures.loss_gauge import LossGauge
from ...figures.loss_slice import LossSlice
from ...figures.marks import cross
from ...figures.no_nudge import NoNudge
from ...figures.rule_cards import RuleCards
from ...figures.secant_zoom import SecantZoom
from ...figures.side_slopes import SideSlopes
from ...figures.sign_game import SignGame
from ...figures.slope_trace import SlopeTrace
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.become import Become
from ...stage.number import Number
from ..chapter import Chapter

MODEL = "c0 + c1*x + c2*x**2 + c3*x**3"
DIALS, CURVE, METER = Area(-6.2, -2.6, -2.6, 3.3), Area(-2.4, 3.0, -2.6, 3.3), Area(3.2, 6.2, -2.6, 3.3)
TOKEN = Area(-6.2, -2.9, 2.5, 3.52)  # where the one free dial waits for its slope, all through the chapter
BELOW = Area(-6.2, 6.2, -2.6, 2.4)
SLICE_BOX = (-1.6, 5.6, -2.0, 2.6)
WAVE_BOX = (-5.5, 5.5, -2.0, 2.8)
FREE, FROZEN = "c1", ("c0", "c2", "c3")
SEE, WAVE = (-2.5, 1.5), (0.4, 5.0)
GAME = (1.6, 2.75, 3.9)  # places of the frequency dial
CUTS = 1.8  # where its tangent meets the curve again
NUDGES = (0.1, 0.01)  # of the side of the square
PACE = 5.2  # seconds for each smaller nudge
MISSED = 6  # the point whose miss is that side
TITLES = ("constant", "scaled", "square", "sum")


class Derivatives(Chapter):
    """Chapter five."""

    def construct(self) -> None:
        """One method for each beat of the storyboard."""
        self.alt = (
            "One dial and one point of a hidden curve. Nudges shrink, the curve becomes a line, and rise over run settles. The "
            "tangent leaves the curve; the slope is traced as a curve of its own; a square grows by two strips and a corner; "
            "a kink has two slopes, a step none; against the slope is downhill."
        )
        self.badge = QuestionBadge(self.look)
        self.early = QuestionBadge(self.look, 1.35, 3.0)  # where the table has the corner
        self.slice = film_c.slice_of_fit(FREE)
        self.secants = Differences(self.slice, {FREE: film_c.START[FREE]}, FREE, film_c.SECANTS)
        self.ledger.source("differences", self.secants.describe())
        data = film_c.nine_points()
        points = np.column_stack([data.X[:, 0], data.y])
        self.fit = Fit(MODEL, points, film_c.START, rate=film_c.STEADY, steps=1)
        self.ledger.source("fit", self.fit.describe())
        self.one_dial()
        self.a_nudge()
        self.a_big_nudge()
        self.smaller()
        self.no_nudge()
        self.tangent()
        self.a_function_too()
        self.square()
        self.corner_dies_first()
        self.four_rules()
        self.kink_and_step()
        self.sign_game()
        self.one_screen()

    def number(self, what: str) -> Quantity:
        """A number of the fit at the start."""
        return replace(self.fit.quantity(what), source="fit")

    def dials(self) -> KnobPanel:
        """The four dials at the start."""
        values = {name: self.number(f"point/{name}") for name in self.fit.knobs}
        return KnobPanel(self.look, values, DIALS, screens=True)

    def waiting(self) -> KnobPanel:
        """The one free dial with its blank screen, small, in the corner."""
        return KnobPanel(self.look, {FREE: self.number(f"point/{FREE}")}, TOKEN, screens=True)

    # Beats ----------------------------------------------------------------------------------------------------------

    def one_dial(self) -> None:
        """S4: only c₁; its loss as a ghost, then hidden: one known point."""
        self.panel = self.dials()
        self.curve = LossSlice(self.slice, self.look, FREE, SEE, box=SLICE_BOX, rim=6.2)
        with self.beat(
            "Three dials are frozen. Only one may turn. Its loss is a curve, but a hidden one. Here it is, as a ghost, and "
            "gone again. All we really know is one point of it.",
            until=18, title="one dial",
        ):  # fmt: skip
            self.play(self.panel.appear())
            self.play(self.panel.freeze(FROZEN))
            self.at("Its loss")
            self.play(self.curve.appear())
            self.play(self.curve.veil(0.3))
            self.at("one point")
            self.play(self.curve.stand(film_c.START[FREE]))

    def a_nudge(self) -> None:
        """S5: a nudge of a tenth; the ratio is an exchange rate."""
        self.secant = secant = SecantZoom(self.secants, self.look, role="loss", called="L")
        self.ratio = secant.ratio(2, secant.decimals or 4, 36)
        self.ratio.move_to([6.15 - self.ratio.width / 2, 0.6, 0])
        self.token = self.waiting()
        with self.beat(
            "So nudge the dial by {d}. The loss changes a little. Divide its change by the nudge: {s}. For "
            "each unit of turning, the loss would fall by about that much. The ratio is an exchange rate, from turning to "
            "loss.",
            until=38, title="a nudge", decimals={"s": secant.decimals or 4}, d=secant.quantity("delta", 2),
            s=secant.quantity("slope", 2),
        ):  # fmt: skip
            first = self.curve
            secant.keep(secant.axes, 0), secant.keep(secant.curve, 2), secant.keep(secant.dot, 8)
            rest = [part for part in (first.knob, first.drop_line) if part in first.submobjects]
            frozen = [part for name in FROZEN for part in self.panel.parts(name)]
            self.play(FadeOut(VGroup(*rest, *frozen), run_time=0.6))
            before, after = VGroup(first.axes, first.curve, first.dot), VGroup(secant.axes, secant.curve, secant.dot)
            self.token.stand()
            mine, small = VGroup(*self.panel.parts(FREE)), VGroup(*self.token.parts(FREE))
            self.play(Become(before, after, run_time=1.4), Become(mine, small, run_time=1.4))
            self.play(secant.nudge(2))
            self.at("Divide")
            self.play(FadeIn(self.ratio, shift=0.1 * UP), run_time=0.8)
            self.at("For each")
            self.play(secant.secant())
            self.at("exchange rate")
            self.perform(self.token.screens())
            self.at("to loss")
            self.perform(self.token.ask())

    def a_big_nudge(self) -> None:
        """S5: a whole unit: the wrong sign."""
        secant = self.secant
        with self.beat(
            "Why such a small nudge? Let us turn by {d}, a whole unit. Now the ratio is {s}. The loss has risen, and the sign "
            "is wrong! The big nudge went right across the valley, and up on its other side. So it answers a "
            "different question.",
            until=60, title="a big nudge", decimals={"s": secant.decimals or 4}, d=secant.quantity("delta", 0),
            s=secant.quantity("slope", 0),
        ):  # fmt: skip
            self.at("turn by")
            self.play(secant.shrink(0, since=2, run_time=1.8), FadeOut(self.ratio, run_time=0.5))
            self.at("the ratio")
            self.play(FadeIn(secant.keep(secant.title, 6)), secant.row(0))
            wrong = cross(self.look, 0.3).move_to(secant.rows[0].get_right() + [-2.1, 0.0, 0])
            self.at("the sign")
            self.play(FadeIn(wrong, scale=1.4), run_time=0.5)
            ring = Circle(0.22).set_stroke(self.look.ink, 3).set_fill(opacity=0).move_to(secant.moved)
            self.at("its other side")
            self.play(Create(ring), run_time=0.7)
            self.play(FadeOut(ring), run_time=0.5)
            self.at("different question")
            self.play(FadeOut(wrong, run_time=0.6))

    def smaller(self) -> None:
        """S5: the nudge shrinks, the camera follows, the ratio settles."""
        secant = self.secant
        with self.beat(
            "So let the nudge shrink: a half, a tenth, a hundredth, a thousandth. Each time we move nearer, so that the nudge "
            "keeps its size on the screen. Watch the curve. It becomes straighter and straighter. And watch the ratio: digit "
            "after digit, it settles.",
            until=84, title="smaller and smaller",
        ):  # fmt: skip
            start = self.now
            for i in range(1, len(secant.deltas)):
                self.rest(start + PACE * (i - 1) - self.now)
                self.play(secant.shrink(i, 1.2))
                self.play(secant.row(i))
                self.play(secant.zoom(i, 2.0))

    def no_nudge(self) -> None:
        """S5: and zero? 0/0 blinks."""
        row = NoNudge(self.secant)
        with self.beat("Then why not put the nudge to zero, and be done with it?", until=91, hold=3.0, title="no nudge"):
            self.at("zero")
            self.play(row.appear(), FadeIn(self.early, scale=0.6))
        with self.beat(
            "Nothing over nothing is no number, neither zero nor one. So never set it to zero. Ask where the ratio heads.",
            until=102, title="where it heads",
        ):  # fmt: skip
            self.play(FadeOut(self.early, run_time=0.4), row.blink(3, 2.1))
            self.at("heads")
            self.play(row.leave(), self.secant.row(len(self.secant.deltas)))

    def tangent(self) -> None:
        """S5: the tangent, zooming out; on the wave it cuts the curve again."""
        secant = self.secant
        wave = Differences(film_c.wave_fit(), {"w": CUTS}, "w", (0.1, 0.01))
        self.ledger.source("wave", wave.describe())
        other = SecantZoom(wave, self.look, WAVE, name="wave", role="loss", called="L", box=WAVE_BOX)
        with self.beat(
            "It heads to {e}. The line with that slope is the tangent, the best straight line at this place. Zoom out, and it "
            "leaves the curve. Far away it promises nothing. On a wavy loss a tangent may even cut its curve a second time.",
            until=124, title="the tangent", decimals={"e": secant.decimals or 4}, e=secant.quantity("exact", 0),
        ):  # fmt: skip
            self.at("tangent")
            self.play(secant.tangent())
            self.at("Zoom out")
            self.perform(secant.zoom_out(2.0))
            self.at("On a wavy")
            self.play(secant.vanish(0.7), other.appear(1.4))
            self.play(other.stand(), other.tangent())
            self.at("a second time")
            self.play(other.meet_again())
        self.wave = other

    def a_function_too(self) -> None:
        """S5: the point slides, and its slope is a curve of its own."""
        trace = SlopeTrace(self.look, self.slice, FREE, SEE, BELOW)
        with self.beat(
            "Now let the point slide, and write its slope below, place by place. So the slope is a function"
            " too, with a value for every setting of the dial. It is negative while the curve falls, and positive "
            "while it climbs. And where the curve is lowest, the slope is zero.",
            until=148, title="a function, too",
        ):  # fmt: skip
            self.play(self.wave.vanish(0.7), trace.appear(1.6))
            self.at("slide")
            self.play(trace.stand())
            self.play(trace.slide(SEE[1], 10.0))
            self.at("lowest")
            self.play(trace.level())
        self.trace = trace

    def square(self) -> None:
        """S5: why e² changes by 2e per unit."""
        squares = Differences("e7**2", {"e7": float(self.fit.quantity("size", 0, MISSED).value)}, "e7", NUDGES)
        self.ledger.source("square", squares.describe())
        self.grows = GrowingSquare(self.look, squares, Area(-5.4, 0.2, -2.6, 1.95), "square")
        side = replace(self.fit.quantity("size", 0, MISSED), source="fit")
        with self.beat(
            "One curve we shall need again and again: the square. Take one of our misses, {e}, as its side. Now let the side "
            "grow by a nudge. What is new? Two strips, as long as the side and as wide as the nudge. And a tiny corner. Leave "
            "that out, and each unit of growth adds twice the side: {s}.",
            until=176, title="the square", e=side, s=self.grows.quantity("exact", 0),
        ):  # fmt: skip
            self.play(self.trace.vanish(0.7), self.grows.appear(1.2))
            self.at("grow")
            self.play(self.grows.grow(0, 2.0))
            self.at("Two strips")
            self.play(self.grows.name_strips())
            self.at("tiny corner")
            self.play(self.grows.name_corner())
            self.rule = RuleCards(self.look, Area(1.6, 6.2, -0.4, 1.6), ("e7**2",), by="e7", columns=1, role="loss")
            self.at("each unit")
            self.play(self.rule.deal(0))
            self.at("twice the side")
            self.play(self.rule.derive(0))
            self.slope = Number(self.grows.quantity("exact", 0), self.look.tint("slope"), 44, "bold")
            self.slope.move_to([self.rule.cards[0].get_center()[0], -0.95, 0])
            self.rest(1.6)
            self.play(FadeIn(self.slope, shift=0.1 * UP), run_time=0.8)

    def corner_dies_first(self) -> None:
        """S5: the same as numbers."""
        lines = [self.grows.equation(i) for i in range(len(NUDGES))]
        for line, y in zip(lines, (1.1, -0.1), strict=True):
            line.move_to([3.6, y, 0])
        with self.beat(
            "In numbers: the strips, and the corner. Now a nudge ten times smaller. The strips shrink ten times, but the "
            "corner shrinks a hundred times. The corner dies first, and the strips are what is left.",
            until=196, title="the corner dies first",
        ):  # fmt: skip
            self.play(self.rule.vanish(0.5), FadeOut(self.slope, run_time=0.5))
            self.play(FadeIn(lines[0], shift=0.1 * UP), run_time=0.8)
            self.at("Now a nudge")
            self.play(self.grows.forget_names())
            self.play(self.grows.grow(1, 2.0))
            self.at("a hundred")
            self.play(FadeIn(lines[1], shift=0.1 * UP), run_time=0.8)
            self.at("is left")
            last = max(glyph.term for glyph in lines[1])
            weak = lines[1].copy()
            for glyph in weak:
                if glyph.term >= last - 1:  # the sign and the corner behind it
                    glyph.set_fill(opacity=0.35).set_stroke(opacity=0.35)
            self.play(Transform(lines[1], weak), run_time=0.8)
        self.lines = VGroup(*lines)

    def four_rules(self) -> None:
        """S9: constant, scaled, square, sum."""
        cards = RuleCards(self.look, Area(-5.8, 5.8, -2.5, 2.4), titles=TITLES)
        with self.beat(
            "Four rules will carry us on. A constant does not react: its slope is zero. The dial times a "
            "number: that number. A square: twice the thing. And for a sum, the slopes simply add. You have just seen why the "
            "square has its two.",
            until=222, title="four rules",
        ):  # fmt: skip
            going = [self.grows.vanish(0.7), FadeOut(self.lines, run_time=0.7)]
            self.play(*going, *(cards.deal(k, 1.0) for k in range(len(TITLES))))
            for k, word in enumerate(("its slope", "that number", "twice", "slopes simply")):
                self.at(word)
                self.play(cards.derive(k))
            self.at("the square has")
            self.play(cards.light(2))
            self.rest(4.0)
            self.play(cards.light())
        self.cards = cards

    def kink_and_step(self) -> None:
        """S5: two slopes at a kink, none at a step."""
        look, figures = self.look, []
        for name, text in (("kink", "abs(x)"), ("step", "where(x >= 0, 1, 0) + x/5"), ("brick", "relu(x)")):
            sides = Sides(text, {"x": 0.0}, "x")
            self.ledger.source(name, sides.describe())
            figures.append(SideSlopes(sides, look, source=name))
        kink, step, brick = figures
        with self.beat(
            "Has every curve a slope everywhere? Here is a kink. From the left it is {l}, from the right {r}, however near we "
            "come. And here is a step. From the left, the ratio grows without end. Not everything has a slope. Our "
            "bricks do, nearly everywhere. This one has a kink. There we pick one side, by convention: ours says {h}.",
            until=250, title="a kink and a step", l=kink.quantity("left"), r=kink.quantity("right"),
            h=brick.quantity("here"),
        ):  # fmt: skip
            self.play(self.cards.vanish(0.7), kink.appear(1.3))
            self.play(kink.stand(), kink.head("left"))
            self.at("From the left")
            self.play(kink.fill("left"), kink.slope("left", 0.7))
            self.play(kink.head("right"), kink.fill("right"), kink.slope("right", 0.7))
            self.play(kink.verdict(0.6))
            self.at("here is a step")
            self.play(kink.vanish(0.6), step.appear(1.2))
            self.play(step.stand(), step.head("left"))
            self.play(step.enter("left", 0.4))
            for row in range(3):
                self.play(step.approach("left", row, 0.8))
            self.play(step.slope("left", 0.8))
            self.at("Our bricks")
            self.play(step.vanish(0.6), brick.appear(1.2))
            self.play(brick.stand(), brick.head("left"))
            self.at("This one")
            self.play(brick.fill("left"), brick.slope("left", 0.6))
            self.play(brick.head("right"), brick.fill("right"), brick.slope("right", 0.6))
            self.play(brick.verdict(0.5))
            self.at("ours says")
            self.play(brick.convention())
        self.last = brick

    def sign_game(self) -> None:
        """S4: three places: up or down?"""
        curve = LossSlice(film_c.wave_fit(), self.look, "w", WAVE, box=WAVE_BOX, rim=6.0)
        game = SignGame(curve, GAME)
        for source, trace in zip(game.sources, game.traces, strict=True):
            self.ledger.source(source, trace.describe())
        with self.beat(
            "A little game. Three places on a curve. At each one, should the dial turn up or down?", until=262, hold=3.0,
            title="which way?",
        ):  # fmt: skip
            self.play(self.last.vanish(0.6), curve.appear())
            self.at("At each")
            self.play(game.ask(), FadeIn(self.badge, scale=0.6))
        with self.beat(
            "Where the slope is negative, turning up lowers the loss. Where it is positive, turn down. Always against the "
            "slope.",
            until=274, title="against the slope",
        ):  # fmt: skip
            self.play(FadeOut(self.badge, run_time=0.4))
            for k in range(len(GAME)):
                for part in game.answer(k, 0.6):
                    self.play(part)
        self.curve, self.game = curve, game

    def one_screen(self) -> None:
        """S2: c₁'s screen, and the way to turn."""
        panel = self.dials()
        curve = CurveFit(self.look, self.fit, CURVE)
        gauge = LossGauge(self.look, METER, self.number("loss"), [0.0, 0.5], decimals=3)
        slope = self.number(f"gradient/{FREE}")
        with self.beat(
            "Back to the machine. One screen is filled, and now we know what it says: {s}, so turn up. That is one screen "
            "earned, and there are three to go.",
            until=291, title="one screen earned", decimals={"s": 3}, s=slope,
        ):  # fmt: skip
            self.play(self.game.leave(0.6), self.curve.vanish(0.6))
            panel.stand()
            small, mine = VGroup(*self.token.parts(FREE), *self.token.questions), VGroup(*panel.parts(FREE))
            others = [part for name in FROZEN for part in panel.parts(name)]
            self.play(Become(small, mine, run_time=1.2), FadeIn(VGroup(*others), run_time=1.0))
            self.play(curve.appear(1.2), gauge.appear())
            self.play(curve.draw(1.0), panel.freeze(FROZEN))
            self.play(panel.screens())
            self.at("says")
            self.perform(panel.hints({FREE: slope}, decimals=3))
            self.poster()
            self.at("three to go")
            self.play(panel.focus([FREE]))
