"""A6, "Gradient descent: actually learning": the hints become steps, steps become learning, and two jobs are told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Rectangle,
    ReplacementTransform,
    RoundedRectangle,
    Transform,
    VGroup,
)

from chainreel.engine import Quantity
from chainreel.engine.claims import TABLE, Claims
from chainreel.engine.forecast import Forecast
from chainreel.engine.learning import Exam, Landscape, Training
from chainreel.engine.storyboards import film_a

from ...figures.boundary_training import BoundaryTraining
from ...figures.card_strip import RecapRing, SourceChip
from ...figures.dial_run import DialRun
from ...figures.exam_run import Replay, Steps
from ...figures.learning_curves import LearningCurves
from ...figures.loss_gauge import LossGauge, named
from ...figures.plane_race import PlaneRace
from ...figures.scale_zoom import count_of
from ...figures.step_curves import LINE, StepCurves
from ...figures.symbols import printed
from ...figures.training_board import TrainingBoard
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.dim import Dim
from ...stage.folders import trainings_folder
from ...stage.formula import Formula, Marker, number_source
from ...stage.number import Number, Phrase, Roll
from ...stage.plate import Plate
from ...stage.readout import Readout
from ...stage.stage import Stage
from ...stage.theme import Theme
from ...stage.type import Label
from ..chapter import Chapter
from . import backpropagation, cast, loss

LINE_Y = 3.20  # of the rule for a step
SMALL_DIALS = Area(-6.26, -3.5, -2.6, 2.5)
PLANE = Area(-3.15, 1.75, -2.72, 2.62)
CURVE = Area(2.2, 6.26, -2.5, 1.55)
SWEEP = (-5.0, 5.0)  # of the small dials: as far as the forty icons turn them
THIRDS = Area(-6.26, 6.26, -2.72, 2.62)
TOP = 3.0  # of the three plots: all with one scale
MAP = Area(-6.26, 1.5, -2.66, 2.68)
BESIDE = Area(2.05, 6.26, -2.6, 2.3)
BOARD = Area(-6.26, 0.95, -1.95, 3.52)
SHOWN = 32
RING = (3.78, 0.55)
RADIUS = 1.72


# What stands at the end -------------------------------------------------------------------------------------------------


class Digits(VGroup):
    """The last picture: `digits` are the pictures of digits, `ring` the four moves, `rest` what else there is."""

    def __init__(self, board: TrainingBoard, ring: RecapRing):
        super().__init__(board, ring)
        self.digits, self.ring = board.tiles, ring
        self.rest = VGroup(board.words, board.right, board.wrong)


def digit_exam() -> Exam:
    """The run on digits, with the unseen ones that are shown."""
    return film_a.digit_exam(SHOWN, trainings_folder())


def digit_board(stage: Stage) -> TrainingBoard:
    """Unseen digits, and what the trained network reads."""
    exam = digit_exam()
    stage.ledger.source("digits", exam.describe())
    unseen = exam.parts["unseen"]
    images = unseen.X.reshape(-1, 8, 8)
    return TrainingBoard(exam, stage.look, BOARD, images, unseen.classes)


def recap_ring(stage: Stage) -> RecapRing:
    """The ring of the four moves at its place."""
    return RecapRing(stage.look, RING, RADIUS)


def last_picture(stage: Stage) -> Digits:
    """Digits that were never seen in training, and the ring of the four moves, none of them lit."""
    board, ring = digit_board(stage), recap_ring(stage)
    board.show(len(board.exam) - 1)
    board.appear(), board.guess(), ring.appear()
    return Digits(board, ring)


# The chapter ------------------------------------------------------------------------------------------------------------


class GradientDescent(Chapter):
    """Chapter six: one step, many steps, steps of three sizes, momentum, handwriting, two jobs."""

    def construct(self) -> None:
        """The whole chapter."""
        self.prepare()
        self.one_step()
        self.many_steps()
        self.three_rates()
        self.momentum()
        self.handwriting()
        self.two_jobs()
        self.alt = (
            "Thirteen dials turn against the slopes of the loss; then a network learns forty icons, with steps of three sizes, "
            "with momentum, and in the end handwritten digits."
        )

    def prepare(self) -> None:
        """Train everything, and enter the sources."""
        self.step = Forecast(film_a.whisker_loss(), film_a.KNOBS, rate=film_a.TURN)
        rates = film_a.RATES
        self.runs: dict[str, Training] = {name: cast.whisker_run(rate) for name, rate in rates.items()}
        self.runs["plain"] = cast.whisker_run(film_a.PLAIN_RATE, 0.0, film_a.COMPARED_AT)
        self.runs["momentum"] = cast.whisker_run(film_a.PLAIN_RATE, film_a.MOMENTUM, film_a.COMPARED_AT)
        self.exams = {name: film_a.icon_exam(self.runs[name]) for name in rates}
        self.slice = Landscape(self.runs["momentum"], "pca")
        self.claims = Claims()
        icons = self.exams["good"]
        described: dict[str, Any] = {"step": self.step, "icons": icons, "slice": self.slice, "claims": self.claims, **self.runs}
        for name, made in described.items():
            self.ledger.source(name, made.describe())

    def q(self, what: str, m: int = 0) -> Quantity:
        """A number of the run on forty icons that is shown first."""
        return named(self.exams["good"].quantity(what, m), "icons")

    def of(self, run: str, what: str, index: int = 0) -> Quantity:
        """A number of a run's log."""
        return named(self.runs[run].quantity(what, index), run)

    # 1: every dial turns a little against its arrow; the forecast and what the loss does -------------------------------

    def one_step(self) -> None:
        """p 0.35 to 0.41, the loss 1.05 to 0.885; the slopes promised a little more."""
        look, step = self.look, self.step
        panel, meter = backpropagation.at_end(self)
        self.panel = panel
        self.add(panel, meter)
        before, after = (named(step.quantity(k), "step") for k in ("before", "after"))
        bar = self.bar = GuessBar(self, Area(3.55, 6.2, 1.72, 2.55))
        gauge = self.gauge = LossGauge(look, Area(3.25, 6.26, -2.6, 1.25), before, loss.SEEN, "L")
        gauge.appear()
        rule, rate = self.rule, self.rate = step_rule(look), rate_is(look, named(step.quantity("rate"), "step"))
        place_rule(rule, rate)
        moved = {n: named(step.quantity(f"to/{n}"), "step") for n in panel.names}
        words = "Now the arrows pull, and every dial turns a little."
        with self.beat(words, until=4.8, title="one step"):
            lower = [ReplacementTransform(a, b) for a, b in zip(meter.submobjects, gauge.submobjects, strict=True)]
            self.open_card(AnimationGroup(*lower), FadeIn(bar))
            self.add(gauge)
            self.at("every")
            hints = [panel.slots, *panel.slopes.values()]
            self.play(panel.turn(moved, 1.5), bar.move(self.p_after, 1.5), *map(FadeOut, hints))
            self.shut_card()
            self.play(FadeIn(rule, shift=0.1 * DOWN), FadeIn(rate), run_time=0.7)
        words = "The loss drops to {a}, less than promised because the curve bends."
        promised = named(step.quantity("promised"), "step")
        with self.beat(words, a=after, decimals={"a": 3}, until=12.0, title="forecast and fact"):
            gauge.decimals = 3
            self.at("drops")
            self.play(gauge.read(after, 1.2))
            self.tick()
            self.at("less")
            line = gauge.promise(float(promised.value))
            assert line is not None
            word = Label("promised", look.tint("slope"), 24, "medium")
            told = Number(promised, look.tint("slope"), 28, decimals=3)
            x, y = gauge.number.get_left()[0], gauge.height_of(float(promised.value)) - 0.42
            told.move_to([x + told.width / 2, y, 0])
            word.move_to([x + word.width / 2, y - 0.38, 0])
            self.promise = VGroup(told, word)
            self.play(line, FadeIn(self.promise, shift=0.1 * UP), run_time=0.7)

    # 2: forty icons; the border bends while all dials turn ------------------------------------------------------------

    def many_steps(self) -> None:
        """From 3 to 38 of 40 right in fifty steps."""
        look, panel, gauge = self.look, self.panel, self.gauge
        log, exam = self.runs["good"], self.exams["good"]
        last = film_a.COMPARED_AT
        dials = DialRun(look, log, {n: film_a.PLACES[n] for n in panel.names}, SMALL_DIALS, SWEEP)
        plane = self.plane = BoundaryTraining(exam, look, PLANE, ("ear", "muzzle"))
        plane.axes = axis_words(plane, self)
        curve = self.curve = StepCurves(look, CURVE, {"good": (log, LINE)}, last, top=1.0)
        counter = Readout(
            "step {s}: {r} of {n} right",
            lambda m: {"r": self.q("right/seen", m), "n": self.q("count/seen"), "s": self.q("step", m)},
            look.ink, 26, decimals=0,
        )
        counter.move_to([curve.inner.left + counter.width / 2, 2.3, 0])
        faster = rate_is(look, self.of("good", "rate"))
        faster.move_to(self.rate, aligned_edge=LEFT)
        words = "Then forward, loss, blame and step on all {n} icons."
        with self.beat(words, n=self.q("count/seen"), until=17.2, title="again"):
            dials.stand(), curve.stand()
            tube, diamond = gauge.tube, gauge.tube.diamond
            tube.remove(diamond)
            gone = [self.bar, self.promise, gauge.promised, gauge.number, gauge.ruler, gauge.name, tube]
            texts = [p for n in panel.names for p in (panel.heads[n], panel.numbers[n])]
            moves = [ReplacementTransform(panel.dials[n], dials.dials[n]) for n in panel.names]
            self.play(
                *(FadeOut(p, run_time=0.6) for p in (*gone, *texts)), AnimationGroup(*moves),
                ReplacementTransform(diamond, curve.heads[0]), run_time=1.4,
            )  # fmt: skip
            self.add(dials)
            self.at("loss")
            self.play(plane.appear(0.9), *(FadeIn(part) for part in (curve.frame, curve.numbers)), run_time=0.9)
            names = kinds(plane, self)
            self.at("icons")
            self.play(
                plane.regions(0.0, 0.9), FadeIn(names), FadeIn(counter), FadeOut(self.rate, shift=0.15 * UP),
                FadeIn(faster, shift=0.15 * UP), run_time=0.9,
            )  # fmt: skip
            self.add(curve)
            self.rate = faster
        words = "Round after round the border bends, until {r} of {n} are right."
        right, count = self.q("right/seen", last), self.q("count/seen")
        with self.beat(words, r=right, n=count, until=26.4, title="learning"):
            self.at("Round")
            self.play(Steps([curve, dials], [(plane, exam.moments), (counter, exam.moments)], 0, last, 4.6))
            self.tick()
            self.poster()
        self.beside = [dials, counter, names]

    # 3: three runs side by side --------------------------------------------------------------------------------------

    def three_rates(self) -> None:
        """η = 0.02, 2 and 20: which wins?"""
        look, plane, curve = self.look, self.plane, self.curve
        names = list(film_a.RATES)
        thirds = THIRDS.columns(1, 1, 1, gap=0.5)
        planes, curves, heads = {"good": plane}, dict[str, StepCurves](), dict[str, Formula]()
        for name, area in zip(names, thirds, strict=True):
            head, rest = area.cut_top(0.55, gap=0.08)
            upper, lower = rest.rows(1.35, 1.0, gap=0.22)
            if name == "good":
                goal = upper
            else:
                planes[name] = BoundaryTraining(self.exams[name], look, PLANE, ("ear", "muzzle"))
                planes[name].lay(upper)
                planes[name].stand(0.0)
            title, run = "" if curves else "loss", {name: (self.runs[name], LINE)}
            plot = StepCurves(look, lower, run, film_a.STEPS, top=TOP, title=title, start=True, room=1.2, roof=0.45)
            curves[name] = plot.stand()
            heads[name] = rate_is(look, self.of(name, "rate")).move_to(head.center)
        outer = [n for n in names if n != "good"]
        badge = QuestionBadge(look, self.area.right - 0.4, self.area.top - 0.36)
        words = "Three rates, one start. Which one wins?"
        with self.beat(words, until=33.2, title="three rates"):
            self.at("Three")
            gone = (*self.beside, plane.axes, plane.ground)
            plane.drop(plane.axes, plane.ground)
            self.play(
                *(FadeOut(p, run_time=0.6) for p in gone), plane.glide(goal, 0.0, 1.3),
                AnimationGroup(*reframe(curve, curves["good"]), ReplacementTransform(self.rate, heads["good"]), run_time=1.3),
            )  # fmt: skip
            self.add(curves["good"])
            apart = []
            for name in outer:
                way = 0.5 * (planes[name].plot.center - goal.center)
                apart += [FadeIn(part, shift=way) for part in (planes[name], curves[name], heads[name])]
            self.play(*apart, run_time=1.2)
            self.at("Which")
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        words = "Not the biggest: it leaps out and ends worse than it began, while the smallest only crawls."
        with self.beat(words, until=40.0, title="too big, too small"):
            self.play(FadeOut(badge), run_time=0.3)
            moving = [(planes[n], self.exams[n].moments) for n in names]
            self.at("leaps")
            self.play(Steps(list(curves.values()), moving, 0, film_a.STEPS, 3.6, 1.8))
            self.tick()
        self.planes, self.curves, self.heads = planes, curves, heads

    # 4: plain descent against momentum -------------------------------------------------------------------------------

    def momentum(self) -> None:
        """At η = 0.5, step 50: 0.599 plain, 0.058 with momentum."""
        look, last = self.look, film_a.COMPARED_AT
        looks = {"plain": (self.runs["plain"], "hops", "plain"), "momentum": (self.runs["momentum"], "glide", "momentum")}
        race = PlaneRace(look, MAP, self.slice, looks, "slice")
        both = {name: (log, style) for name, (log, style, _) in looks.items()}
        curve = StepCurves(look, BESIDE, both, last, top=1.0)
        rule, rate = self.rule, rate_is(look, self.of("plain", "rate"))
        rate.move_to([rule.get_right()[0] + 0.7 + rate.width / 2, rule.get_center()[1], 0])
        words = "On this map of all {k} dials, plain steps crawl along the flat."
        with self.beat(words, k=named(self.slice.quantity("knobs"), "slice"), until=46.8, title="on the flat"):
            self.at("this")
            others = [n for n in self.planes if n != "good"]
            gone = [m for n in others for m in (self.planes[n], self.curves[n], self.heads[n])]
            self.play(*(FadeOut(m) for m in (*gone, self.planes["good"])), run_time=0.6)
            curve.stand()
            later = VGroup(curve.heads[1], curve.numbers[1]).set_opacity(0.0)  # its turn comes
            moves = [*reframe(self.curves["good"], curve), ReplacementTransform(self.heads["good"], rate)]
            self.play(AnimationGroup(*moves, run_time=1.5), race.spread(1.5))
            self.add(curve)
            self.play(race.begin())
            self.at("plain")
            race.runner("plain")
            plain = race.name_of("plain", (0.0, 0.5))
            self.play(Steps([Only(curve, race, "plain")], [], 0, last, 2.0), FadeIn(plain, run_time=0.5))
        longer = step_rule(look, True)
        wide = rate.copy()
        place_rule(longer, wide)
        words = "Momentum keeps most of the last step, and soon is far ahead."
        with self.beat(words, until=54.0, title="momentum"):
            n = len(rule)
            self.at("Momentum")
            rest = VGroup(*longer[n:])
            grown = Transform(rule, VGroup(*longer[:n])), Transform(rate, wide)
            glide = race.name_of("momentum", (0.0, -0.42), 2 * last // 5)
            self.play(*grown, FadeIn(rest, shift=0.15 * RIGHT), FadeIn(glide), run_time=0.9)
            self.at("last step")
            race.runner("momentum")
            later.set_opacity(1.0)
            self.play(Steps([Only(curve, race, "momentum")], [], 0, last, 2.8))
            self.tick()
        self.race, self.both, self.top_line = race, curve, VGroup(rule, rate, rest)

    # 5: real handwriting ---------------------------------------------------------------------------------------------

    def handwriting(self) -> None:
        """4,810 knobs, 351 of 360 unseen digits; and the mean of five starts, so that it is no luck."""
        look = self.look
        board = self.board = digit_board(self)
        exam, last = board.exam, len(board.exam) - 1

        def q(what: str, m: int = 0) -> Quantity:
            return named(exam.quantity(what, m), "digits")

        right = Area(1.6, 7.2, -1.85, 3.52)  # the curves leave room for words at their ends; here are none
        head, rest = right.cut_top(0.5, gap=0.1)
        upper, lower = rest.rows(1, 1.1, gap=0.2)
        count = count_of(q("training/knobs"), "knobs", look.tint("knob"), 30)
        fall = LearningCurves(exam, look, upper, "loss", {"seen": "seen"}, "loss", quiet=True)
        share = LearningCurves(exam, look, lower, "percent", {"unseen": "unseen"}, "unseen", "data", quiet=True)
        title = share.frame[2]
        counter = Readout(
            "{r} of {n} unseen right", lambda m: {"r": q("right/unseen", m), "n": q("count/unseen")}, look.tint("data"), 27,
            decimals=0,
        )
        counter.move_to([fall.inner.left + counter.width / 2, title.get_center()[1], 0])
        share.frame.submobjects[2] = counter  # the count is what the curve shows
        count.move_to([fall.inner.left + count.width / 2, head.center[1], 0])
        note, source = limits(look, self.claims)
        five = film_a.digit_repeats(trainings_folder())
        self.ledger.source("starts", five.describe())
        starts, mean = (named(five.quantity(what), "starts") for what in ("count", "mean"))
        mint = look.tint("data")
        luck = VGroup(Phrase("{n} starts, mean", mint, 27, decimals=0, n=starts), Phrase("{p} %", mint, 27, decimals=1, p=mean))
        x, y = fall.inner.left, counter.get_bottom()[1]
        for part in luck:
            part.shift([x - part.get_left()[0], y, 0])
            x += part.width + 0.18
        words = "The same loop reads handwriting: {r} of {n} digits that it never saw. Other starts do better."
        with self.beat(words, r=q("right/unseen", last), n=q("count/unseen"), until=64.6, title="handwriting"):
            self.at("same")
            self.play(FadeOut(self.race), FadeOut(self.top_line), run_time=0.6)
            fall.appear()
            self.play(AnimationGroup(*reframe(self.both, fall), run_time=1.2), board.appear(1.4))
            self.play(board.guess(), share.appear(), FadeIn(count), run_time=0.7)
            self.play(
                FadeIn(note), FadeIn(source, shift=0.2 * RIGHT), Replay([board, fall, share, counter], 0, last, run_time=4.2)
            )
            self.tick()
            self.at("Other starts")
            share.frame.submobjects.remove(counter)
            self.play(FadeOut(counter, shift=0.15 * UP), FadeIn(luck, shift=0.15 * UP), run_time=0.6)
        self.gone = VGroup(fall, share, count, note, source, luck)

    # 6: blame is one job, the step another ---------------------------------------------------------------------------

    def two_jobs(self) -> None:
        """Back-propagation is not the learning."""
        ring, look = recap_ring(self), self.look
        words = "So back-propagation is not the learning: it finds the blame, the step turns the dials."
        with self.beat(words, until=74.0, title="two jobs"):
            self.at("So")
            self.play(FadeOut(self.gone), Dim(self.board), run_time=0.6)
            self.play(ring.appear(1.0))
            self.at("blame")
            self.play(ring.light("blame", 0.6))
            self.tick()
            self.at("step")
            self.play(ring.light("step", 0.6))
            self.tick()
            self.at("dials")
            self.rest(0.4)
            self.play(ring.rest(0.7), *ghosts(ring, look), Dim(self.board, 1.0))

    @property
    def p_after(self) -> Quantity:
        """The guess after the step."""
        return self.guess(self.step.moved, "stepped")

    def guess(self, at: Any, source: str) -> Quantity:
        """The guess with these knobs."""
        trace = film_a.whisker_loss().trace(at)
        self.ledger.source(source, trace.describe())
        return named(trace.quantity("value", trace.step("p")), source)


# Parts ------------------------------------------------------------------------------------------------------------------


class GuessBar(VGroup):
    """The guess p as a bar from 0 to 1; its goal is the full length."""

    def __init__(self, chapter: GradientDescent, area: Area):
        super().__init__()
        look = chapter.look
        self.area, self.quantity = area, chapter.guess(film_a.KNOBS, "loss")
        self.track = RoundedRectangle(corner_radius=0.06, width=area.width, height=0.34)
        self.track.set_fill(look.slot, 1).set_stroke(look.rim, 1.4).move_to([area.center[0], area.bottom + 0.17, 0])
        self.fill = Rectangle(width=1, height=0.26).set_fill(look.value, 0.9).set_stroke(width=0)
        self.name = Formula(lambda mark: f'{mark("value", None, "p")} =', look, 40, tinted=True)
        self.number = Number(self.quantity, look.tint("value"), 34, decimals=2)
        self.name.move_to([area.left + self.name.width / 2, area.top - 0.1, 0])
        self.number.move_to([self.name.get_right()[0] + 0.15 + self.number.width / 2, area.top - 0.06, 0])
        self.add(self.track, self.fill, self.name, self.number)
        self.level(float(self.quantity.value))

    def level(self, p: float) -> None:
        """The bar at a guess."""
        self.fill.stretch_to_fit_width(p * self.area.width)
        self.fill.move_to([self.area.left + p * self.area.width / 2, self.area.bottom + 0.17, 0])

    def move(self, p: Quantity, run_time: float) -> AnimationGroup:
        """To another guess."""
        before, goal = float(self.quantity.value), self.fill.copy()
        self.quantity = p
        goal.stretch_to_fit_width(float(p.value) * self.area.width)
        goal.move_to([self.area.left + float(p.value) * self.area.width / 2, self.area.bottom + 0.17, 0])
        fresh = Number(p, self.number.colour, self.number.font_size, decimals=2)
        number = self.number
        number.quantity, number.settled, number.provenance = p, fresh.settled, fresh.provenance
        return AnimationGroup(Transform(self.fill, goal), Roll(number, before, run_time=run_time), run_time=run_time)


def reframe(plot: StepCurves, other: StepCurves | LearningCurves) -> list[Animation]:
    """The axes of a plot become those of another one; what is drawn on them changes."""
    ends = [other.dots] if isinstance(other, LearningCurves) else [other.heads, other.numbers]
    gone = (*plot.frame[2:], plot.lines, plot.heads, plot.numbers)
    axes = [ReplacementTransform(a, b) for a, b in zip(plot.frame[:2], other.frame[:2], strict=True)]
    return [*axes, *map(FadeOut, gone), *map(FadeIn, (*other.frame[2:], *ends))]


class Only(VGroup):
    """One runner of a race, on the map and on the plot of losses, while the others stay where they are."""

    def __init__(self, curve: StepCurves, race: PlaneRace, name: str):
        super().__init__(curve, race.trails[name])
        self.run = name

    def show(self, step: float) -> Only:
        """At a step."""
        curve, trail = self.submobjects
        curve.show(step, self.run)
        trail.reach(step)
        return self


def ghosts(ring: RecapRing, look: Theme) -> list[Animation]:
    """All arrows of the ring as faint as at the beginning."""
    goals = {move: arrow.copy() for move, arrow in ring.arrows.items()}
    for arc, tip in goals.values():
        arc.set_stroke(look.ghost), tip.set_fill(look.ghost)
    return [Transform(ring.arrows[move], goal, run_time=0.7) for move, goal in goals.items()]


def step_rule(look: Theme, kept: bool = False) -> Formula:
    """`w ← w − η ∂L/∂w`, and for momentum a part of the last step."""

    def write(mark: Marker) -> str:
        slope = mark("slope", None, f"partial {mark('loss', None, 'L')} \\/ partial {mark('knob', None, 'w')}")
        rule = f"{mark('knob', None, 'w')} arrow.l {mark('knob', None, 'w')} - eta thin {slope}"
        return rule + (f' + {mark("knob", None, chr(34) + "most of the last step" + chr(34))}' if kept else "")

    return Formula(write, look, 42, tinted=True)


def rate_is(look: Theme, rate: Quantity) -> Formula:
    """`η = 0.1`."""
    entry = printed(rate)
    return Formula(lambda mark: f"eta = {number_source(entry.text)}", look, 42, printed=[entry])


def place_rule(rule: Formula, rate: Formula) -> None:
    """Side by side on the top line, in the middle of the frame."""
    gap = 0.7
    left = -(rule.width + gap + rate.width) / 2
    rule.set_baseline(left, LINE_Y - 0.12)
    rate.set_baseline(left + rule.width + gap, LINE_Y - 0.12)


def axis_words(plane: BoundaryTraining, stage: Stage) -> VGroup:
    """The names of the two measures along their axes."""
    look, plot = stage.look, plane.plot
    words = VGroup(*(Label(word, look.tint("data"), 24) for word in cast.WORDS))
    words[0].move_to([plot.right - words[0].width / 2, plot.bottom - 0.24, 0])
    words[1].rotate(np.pi / 2).move_to([plot.left - 0.24, plot.top - words[1].height / 2, 0])
    return words


def kinds(plane: BoundaryTraining, stage: Stage) -> VGroup:
    """Which points are dogs, which cats: words in their corners."""
    plot, words = plane.plot, VGroup()
    for word, (x, y) in (("dogs", (plot.left + 0.2, plot.top - 0.3)), ("cats", (plot.right - 0.2, plot.bottom + 0.3))):
        plate = Plate(stage.look, Label(word, stage.look.ink, 24, "semibold"))
        side = 1 if x < plot.center[0] else -1
        words.add(plate.move_to([x + side * plate.width / 2, y, 0]))
    return words.set_z_index(8)


def limits(look: Theme, claims: Claims) -> tuple[Phrase, SourceChip]:
    """What these digits are, what others reached on the larger ones; and who says so."""
    note = Phrase("not MNIST (there {m}%)", look.muted, 26, m=claims.quantity("mnist"))
    source = SourceChip(look, TABLE["mnist"].chip, Area(-6.26 + note.width + 0.35, 6.26, -2.68, 0.0))
    note.move_to([-6.26 + note.width / 2, source.get_center()[1], 0])
    return note, source


__all__ = ["Digits", "GradientDescent", "last_picture"]
