"""A4, "Loss: measuring error": from one wrong guess to a number, from a number to a landscape over the dials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from manim import (
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    ReplacementTransform,
    VGroup,
)
from manim.utils.rate_functions import there_and_back

from chainreel.engine import Quantity
from chainreel.engine.learning import KnobSlice
from chainreel.engine.storyboards import film_a

from ...figures.count_and_loss import CountAndLoss
from ...figures.guess_loss import HIGH, LOW, GuessLoss
from ...figures.knob_panel import KnobPanel
from ...figures.knob_sheet import KnobSheet
from ...figures.loss_gauge import LossGauge
from ...figures.mean_loss import MeanLoss
from ...figures.portrait import portrait
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.formula import Formula, Marker
from ...stage.number import Number, Phrase
from ...stage.stage import Stage
from ...stage.type import Label
from ..chapter import Chapter
from . import cast
from .forward_pass import last_picture as forward_picture

SEEN = (0.0, 1.05)  # losses that the meter must be able to show: of the forty icons, of the one icon
STAIRS = (-1.5, 4.5)  # what is seen of the first output weight
SWEEP = (-5.0, 5.0)  # of the dials that are turned so far
SHEET = {"v1": (-3.0, 4.0), "v2": (-3.0, 2.0)}
WALK = (3.5, 9)  # rate and steps of the way downhill
TALLY = (-2.7, 3.1)  # where the count ends and its words begin
TRIAL = 0.4  # by how much a dial is turned when it is tried
PLACES = 2
DOG = (0.2, 0.8)  # the measures of a dog for the other end of the line
FACE = 1.9
ASIDE = 1.5  # how far beside the line's ends the two faces stand

DIAL = Area(-6.26, -2.85, -0.75, 1.35)
DIAL_UP, DIAL_DOWN = 1.25, -1.25  # how far one dial moves up and another stands below it
PLOTS = Area(-2.75, 2.8, -2.6, 3.2)
FLOOR = Area(-3.2, 2.0, -2.05, 2.75)
PICTURE = (-2.8, 3.1, -2.65, 2.95)


def forty(stage: Stage, *knobs: str, points: Sequence[Mapping[str, float]] | None = None, source: str = "forty") -> KnobSlice:
    """The mean loss over the forty icons while these knobs turn."""
    slice_ = film_a.forty_slice(*knobs, points=points)
    stage.ledger.source(source, slice_.describe())
    return slice_


def at(slice_: KnobSlice, what: str, row: int = 0, source: str = "forty") -> Quantity:
    """A number of a slice under the name of its source."""
    return replace(slice_.quantity(what, row), source=source)


def mean_loss(stage: Stage) -> Quantity:
    """The mean loss over the forty icons at the start."""
    return at(forty(stage, "v1"), "loss")


def meter(stage: Stage, loss: Quantity) -> LossGauge:
    """The loss meter at its place, nothing of it shown yet."""
    return LossGauge(stage.look, cast.METER, loss, SEEN, decimals=3)


def at_end(stage: Stage) -> tuple[KnobPanel, LossGauge]:
    """The thirteen dials at their start values, each with a blank screen, and the meter with the mean loss over forty icons."""
    panel, gauge = cast.dials(stage), meter(stage, mean_loss(stage))
    panel.appear(), panel.screens(), gauge.appear()
    return panel, gauge


def last_picture(stage: Stage) -> VGroup:
    """What stands at the end: thirteen dials and one loss, (KnobPanel, LossGauge)."""
    return VGroup(*at_end(stage))


class Loss(Chapter):
    """One guess, its gap, two losses; why mistakes are not counted; forty icons; two dials; thirteen."""

    def construct(self) -> None:
        """Eight beats."""
        self.figure = GuessLoss(film_a.complaints(), self.look)
        for name, response in self.figure.seen.items():
            self.ledger.source(name, response.describe())
        self.badge = QuestionBadge(self.look)
        self.alt = (
            "A wrong guess becomes a number: a gap, its square, and the surprise. Counting mistakes is a staircase, "
            "the loss is smooth. Forty have a mean loss; over two dials it is a sheet, and thirteen dials wait for their hints."
        )
        self.gap()
        self.square()
        self.surprise()
        self.louder()
        self.stairs()
        self.forty_icons()
        self.sheet()
        self.thirteen()

    # 1. 0-10 · number line 0…1, p at 0.35, target at 1, gap mauve · turn "wrong" into one number
    def gap(self) -> None:
        """The guess leaves the net and lands on a line; what is missing to the truth is the gap."""
        figure = self.figure
        picture = forward_picture(self)
        self.add(picture)
        with self.beat(
            "Our guess is {p} but the truth is one, a cat. How wrong is that? By this gap.",
            until=10, p=figure.quantity("guess"), decimals={"p": PLACES}, title="the gap",
        ):  # fmt: skip
            graph, cat = picture.graph, picture.face
            lifted = [parts["p"] for parts in (graph.rounds, graph.numbers, graph.names)]
            rest = VGroup(*(m for m in graph.submobjects if m not in lifted), picture.truth)
            landing = zip(lifted, figure.guess(), strict=True)
            self.remove(picture)
            self.add(rest, *lifted, cat)
            at_one, at_zero = figure.spot(1.0) + [ASIDE, 0, 0], figure.spot(0.0) - [ASIDE, 0, 0]
            dog = portrait(self.look, DOG, FACE).move_to(at_zero)
            self.faces = Group(cat, dog)
            self.open_card(
                FadeOut(rest, run_time=0.7), AnimationGroup(*(ReplacementTransform(*pair) for pair in landing), run_time=1.4),
                cat.animate(run_time=1.4).scale(FACE / cat.width).move_to(at_one),
            )  # fmt: skip
            self.play(figure.line(), FadeIn(figure.stem), FadeIn(figure.mark), FadeIn(dog))
            self.shut_card()
            self.at("truth")
            self.play(figure.truth())
            self.at("gap")
            for act in figure.gap():
                self.play(act)

    # 2. 10-26 · gap grows into a square: area 0.65² = 0.42 · first idea: square the gap
    def square(self) -> None:
        """The gap grows into a square, whose area is the loss."""
        figure = self.figure
        with self.beat(
            "First idea: square the gap, so that a large one counts extra.", until=18, title="square the gap"
        ):
            self.at("square")
            down, up = figure.grow()
            self.play(down, self.faces.animate.shift([0, LOW - HIGH, 0]))
            self.play(up)
            self.play(figure.write_law())
        with self.beat(
            "The area is our loss: {gap} squared is {square}.",
            until=26, gap=figure.quantity("gap"), square=figure.quantity("square"),
            decimals={"gap": PLACES, "square": PLACES}, title="its area",
        ):  # fmt: skip
            self.at("squared")
            self.play(figure.work_out(), figure.fill())
            self.tick()

    # 3. 26-42 · second curve −ln p, 1.05 at p = 0.35; both side by side · second idea: how surprised was it by the truth?
    def surprise(self) -> None:
        """Each guess has its square, a curve; beside it the surprise; then both over the sum z."""
        figure = self.figure
        with self.beat("Every guess has its square: a curve.", until=29.5, title="a curve"):
            self.play(figure.first_curve(), FadeOut(self.faces))
            self.play(figure.trace_out("square"))
        with self.beat(
            "Second idea: surprise, minus log p. A sure truth gives none.", until=36.5, title="surprise"
        ):
            self.play(figure.second_curve())
            self.at("sure")
            self.play(figure.climb())
            self.tick()
        with self.beat("Dials move p through the sum z: stretch the ruler.", until=42, title="over the sum"):
            self.at("stretch")
            self.play(figure.stretch())

    # 4. 42-56 · ⏸ p moves to 0.01 (sure and wrong) · the square goes numb where it should shout
    def louder(self) -> None:
        """Sure and wrong: one curve is flat there, the other steep."""
        figure = self.figure
        with self.beat(
            "Now it is sure and wrong. Which curve complains louder?", until=48.9, title="predict"
        ):
            self.at("sure")
            self.play(figure.slide(1))
            self.play(FadeIn(self.badge, scale=0.6))
        with self.beat(
            "The square is nearly full but flat: it went numb. Surprise still shouts.",
            until=56, title="numb",
        ):  # fmt: skip
            self.play(FadeOut(self.badge, run_time=0.4))
            self.at("flat")
            self.play(figure.slopes("square", 1))
            self.at("shouts")
            self.play(figure.slopes("surprise", 1), figure.call("surprise", "cross-entropy"))

    # 5. 56-70 · accuracy as function of one dial: staircase; loss over it: smooth fall · counting gives no direction, loss does
    def stairs(self) -> None:
        """Two plots over one dial: the count stands still, the loss falls."""
        look, figure = self.look, self.figure
        points = [{"v1": value} for value in film_a.STAIR]
        self.swept = forty(self, "v1", points=points, source="stairs")
        plots = self.plots = CountAndLoss(self.swept, look, PLOTS, STAIRS, "stairs")
        first = at(self.swept, "loss", 0, "stairs")
        self.dial = KnobPanel(
            look, {"v1": at(self.swept, "point/v1", 0, "stairs")}, DIAL, ranges={"v1": SWEEP}, screens=False
        )
        gauge = self.gauge = meter(self, first)
        with self.beat(
            "Why not just count mistakes? Turn one dial and half of forty icons stay right: no direction. "
            "The loss falls all the way.", until=70, title="count or measure",
        ):  # fmt: skip
            self.at("count")
            left, right = figure.panels["square"], figure.panels["surprise"]
            kept = [left.turned_round(), right.turned_round(), left.floor, right.floor]
            going = [m for m in figure.submobjects if m not in kept]
            plots.appear_stairs(), plots.appear_loss()
            self.remove(figure)
            self.add(*kept, *going)
            self.play(FadeOut(VGroup(*going), run_time=0.6))
            self.play(
                ReplacementTransform(VGroup(left.curve[0], left.curve.line, left.floor),
                                     VGroup(*plots.stairs, plots.frames[0][0])),
                FadeOut(VGroup(*left.curve[1:-1]), run_time=0.4), FadeIn(plots.frames[0][1:]),
                ReplacementTransform(VGroup(*right.curve, right.floor), VGroup(*plots.curve, plots.frames[1][0])),
                FadeIn(plots.frames[1][1:]), FadeIn(plots.title), run_time=1.3,
            )  # fmt: skip
            self.remove(*plots.stairs, *plots.curve, *plots.frames[0], *plots.frames[1], plots.title)
            self.add(plots)
            self.at("turn")
            self.play(self.dial.appear(run_time=0.7), plots.stand(run_time=0.7))
            turned = {"v1": at(self.swept, "point/v1", 1, "stairs")}

            def follow(value: float, loss: float, there: bool) -> None:
                if there:
                    self.dial.settle(turned)
                    gauge.settle(at(self.swept, "loss", 1, "stairs"))
                else:
                    self.dial.at({"v1": value})
                    gauge.at(loss, text=True)

            self.play(gauge.appear(run_time=0.7), plots.stand_below(run_time=0.7))
            past = plots.remember()
            self.play(past, plots.turn(1, follow, run_time=6.2))

    # 6. 70-84 · 40 icons as points, each with its own mauve stick; mean meter 0.872; "3 of 40 right" · average over examples
    def forty_icons(self) -> None:
        """Each icon has a stick as long as its own loss; the mean of all is the loss."""
        look, gauge = self.look, self.gauge
        start = forty(self, "v1")
        icons = self.icons = MeanLoss(start, look, FLOOR, cast.WORDS, ("dog", "cat"))
        loss, right, count = at(start, "loss"), at(start, "right"), at(start, "examples")
        law = Formula(_cross_entropy, look, 40, tinted=True).set_baseline(-6.1, 3.05)
        name = Label("cross-entropy", look.tint("loss"), 28, "semibold").set_baseline(-6.1, 2.45)
        words = Phrase("{n} of {m} right", look.tint("data"), 28, "semibold", decimals=0, n=right, m=count)
        with self.beat(
            "Each of the icons gets a stick as long as its surprise, the cross-entropy. "
            "Their mean is the loss, {l}. Only {n} are right.",
            until=84, l=loss, n=right, decimals={"l": 3, "n": 0}, title="the mean",
        ):  # fmt: skip
            home = {"v1": at(start, "point/v1")}
            self.play(FadeOut(self.plots), self.dial.turn(home), gauge.read(loss), icons.appear(), run_time=1.6)
            self.at("stick")
            self.play(icons.sticks(), FadeIn(law))
            self.at("cross-entropy")
            self.play(FadeIn(name), run_time=0.5)
            self.at("mean")
            self.play(icons.pour(gauge))
            self.play(icons.settle_mean(gauge))
            self.tick()
            self.at("right")
            words.move_to([1.15, 3.15, 0])
            self.score = VGroup(law, name, words)
            self.play(icons.right(), FadeIn(words))
            self.poster()

    # 7. 84-98 · two dials picked, loss becomes a sheet over them; our setting a dot · learning = walk downhill on it
    def sheet(self) -> None:
        """The loss over two dials, all others held: a sheet with our setting on it, and a walk downhill."""
        look = self.look
        pair = film_a.forty_slice("v1", "v2")
        slice_ = forty(self, "v1", "v2", points=pair.downhill(*WALK), source="walk")
        self.hills = KnobSheet(slice_, look, "walk", SHEET, picture=PICTURE)
        second = {"v2": at(slice_, "point/v2", 0, "walk")}
        down = Area(DIAL.left, DIAL.right, DIAL.bottom + DIAL_DOWN, DIAL.top + DIAL_DOWN)
        self.other = KnobPanel(look, second, down, ranges={"v2": SWEEP}, screens=False)
        self.note = Phrase("a slice: {n} dials held still", look.muted, 24, decimals=0, n=at(slice_, "held", 0, "walk"))
        self.note.move_to([DIAL.left + 0.1 + self.note.width / 2, 2.95, 0])
        with self.beat(
            "Now pick two dials. Every setting of them has its loss as a height: a sheet. "
            "We stand here, and learning means walking downhill.", until=98, title="a sheet",
        ):  # fmt: skip
            map_ = self.icons.become_map(self.hills.corners())
            self.play(map_, FadeOut(self.score, run_time=0.6), self.dial.animate.shift([0, DIAL_UP, 0]), run_time=1.3)
            self.play(self.other.appear(run_time=0.8), self.hills.unroll(1.2), FadeIn(self.note))
            self.remove(self.icons.ground)
            self.at("loss")
            self.play(self.hills.rise(2.2))
            self.at("stand")
            self.play(self.hills.stand())
            self.at("walking")
            last = len(slice_.points) - 1

            def follow(point: dict[str, float], loss: float) -> None:
                self.dial.at({"v1": point["v1"]})
                self.other.at({"v2": point["v2"]})
                self.gauge.at(loss, text=True)

            self.play(self.hills.descend(follow, run_time=2.4))
            self.dial.settle({"v1": at(slice_, "point/v1", last, "walk")})
            self.other.settle({"v2": at(slice_, "point/v2", last, "walk")})
            self.gauge.settle(at(slice_, "loss", last, "walk"))

    # 8. 98-116 · 13 dials + one loss meter ▣3; ⏸ · turn each and watch? Thirteen trials for one step. There is a way …
    def thirteen(self) -> None:
        """All dials at the start; each is tried once; the question how to get all hints at once."""
        look, gauge = self.look, self.gauge
        panel, end = cast.dials(self), mean_loss(self)
        panel.appear()
        knobs = replace(cast.whisker(self).quantity("knobs"), source=cast.WHISKER)
        count = Number(knobs, look.ink, 34, decimals=0)
        words = Label("dials tried", look.muted, 26)
        count.shift([TALLY[0] - count.get_right()[0], TALLY[1], 0]), words.set_baseline(TALLY[0] + 0.16, TALLY[1])
        tally = VGroup(count, words)
        with self.beat(
            "Back to all thirteen dials and one loss. Shall we turn each and watch? That would be {n} trials for one step.",
            until=109.5, n=knobs, decimals={"n": 0}, title="thirteen trials",
        ):  # fmt: skip
            others = [n for n in panel.names if n not in ("v1", "v2")]
            self.remove(self.dial, self.other)
            self.play(
                FadeOut(self.hills), FadeOut(self.note), gauge.read(end),
                AnimationGroup(self.takes_its_place(self.dial, panel, "v1"), self.takes_its_place(self.other, panel, "v2")),
                run_time=1.4,
            )  # fmt: skip
            self.play(LaggedStart(*(FadeIn(panel.parts(n), scale=0.8) for n in others), lag_ratio=0.08), run_time=1.3)
            self.add(panel)
            self.at("turn")
            self.play(Trials(panel, gauge, self.tries(panel), count, run_time=5.2), FadeIn(words, run_time=0.6))
            self.play(FadeIn(self.badge, scale=0.6))
        with self.beat("There is a way to get all thirteen hints at once.", until=116, title="all at once"):
            self.play(FadeOut(self.badge), FadeOut(tally), run_time=0.5)
            self.at("hints")
            self.play(panel.screens(1.2))

    @staticmethod
    def takes_its_place(own: KnobPanel, panel: KnobPanel, name: str) -> AnimationGroup:
        """A dial that was alone becomes one of the thirteen."""
        return AnimationGroup(
            ReplacementTransform(own.dials[name], panel.dials[name]), ReplacementTransform(own.heads[name], panel.heads[name]),
            FadeOut(own.numbers[name]), FadeIn(panel.numbers[name]),
        )  # fmt: skip

    def tries(self, panel: KnobPanel) -> dict[str, float]:
        """The mean loss after each dial was turned alone."""
        found = {}
        for name in panel.names:
            own = film_a.forty_slice(name)
            found[name] = own(**{name: own.start[name] + TRIAL})
        return found


def _cross_entropy(mark: Marker) -> str:
    t, p = mark("data", None, "t"), mark("value", None, "p")
    other = f"(1 - {mark('data', None, 't')}) ln (1 - {mark('value', None, 'p')})"
    return f"{mark('loss', None, 'L')} = - {t} ln {p} - {other}"


class Trials(Animation):
    """Every dial is turned a little and back, one after the other, while the meter shows what that does; they are counted."""

    def __init__(self, panel: KnobPanel, gauge: LossGauge, tries: Mapping[str, float], count: Number, **kwargs: Any):
        self.panel, self.gauge, self.tries, self.count = panel, gauge, dict(tries), count
        self.start = {n: float(q.value) for n, q in panel.values.items()}
        self.loss = float(gauge.loss.value)
        super().__init__(VGroup(panel, gauge.tube, gauge.number, count), rate_func=lambda t: t, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        names = list(self.tries)
        t = min(max(alpha, 0.0), 1.0) * len(names)
        k = min(int(t), len(names) - 1)
        name, share = names[k], there_and_back(t - k) if alpha < 1 else 0.0
        for other in names[max(k - 1, 0) : k]:
            self.panel.at({other: self.start[other]})
        self.panel.at({name: self.start[name] + TRIAL * share})
        self.gauge.at(self.loss + (self.tries[name] - self.loss) * share, text=True)
        right = self.count.get_right()[0]
        self.count.set_text(str(k + 1))
        self.count.shift([right - self.count.get_right()[0], 0, 0])
        if alpha >= 1:
            self.panel.settle(self.panel.values)
            self.gauge.settle(self.gauge.loss)


__all__ = ["Loss", "at_end", "last_picture", "meter"]
