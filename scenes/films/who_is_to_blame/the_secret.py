"""Chapter 1: what back-propagation delivers, for every knob – which way, and how strongly, it moves the mistake."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, LaggedStart, Transform, VGroup, Wait

from chainreel.engine import Quantity
from chainreel.engine.claims import TABLE, Claims
from chainreel.engine.learning import Exam, NetworkPass, moments
from chainreel.engine.scale import Scale
from chainreel.engine.storyboards import film_a

from ...figures.card_strip import RecapRing, SourceChip
from ...figures.drawn_face import DrawnFace
from ...figures.exam_dots import ExamDots
from ...figures.exam_run import Replay
from ...figures.lineup import Lineup
from ...figures.net_forward import NetForward
from ...figures.paper_card import PaperCard
from ...figures.scale_zoom import ScaleZoom
from ...figures.timeline import Tick, Timeline
from ...figures.training_board import TrainingBoard
from ...figures.weight_run import WeightRun
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.become import Become
from ...stage.glow import Glow
from ...stage.number import Phrase
from ...stage.readout import Readout
from ...stage.stage import Stage
from ...stage.type import Label
from ..chapter import Chapter
from . import cast

BOARD = Area(-6.26, 6.26, -0.45, 3.52)
COUNTER, DOTS = Area(-6.2, -3.1, -2.6, -1.0), Area(-2.6, 6.2, -2.6, -1.0)
INSIDE = Area(-6.2, 6.2, -2.6, 3.3)
YEARS = Area(-6.2, 4.91, -1.72, -0.28)  # the line lies in its middle
CHIPS = (-2.7, -1.72)  # where the sources of the years stand
PAGE, GROWN = np.array([4.16, 1.63, 0.0]), 1.22
ASIDE = np.array([-4.16, -0.72, 0.0])  # first the page stands in the middle, then it makes room for what is older
RING = np.array([2.35, 0.35, 0.0])
LINEUP = Area(-6.2, 6.2, -2.66, 3.1)
HERO = 10  # the cat that the film begins with
SHOWN = tuple(int(row) for row in np.random.default_rng(5).permutation(16))  # the first sixteen test faces, mixed
OLDER = ("chain-rule", "descent", "reverse", "thesis", "backprop")
TOLD = "faces"


@functools.cache
def exam() -> Exam:
    """The film's training on drawn faces, looked at ever less often, on the faces that it learns from and on new ones."""
    run = cast.face_run()
    return film_a.face_exam(run, moments(run.steps, 60), SHOWN)


def lineup(stage: Stage) -> Lineup:
    """The thirteen suspects and the mistake, nothing of it shown yet."""
    return Lineup(stage.look, cast.knobs(cast.whisker(stage)), LINEUP)


def last_picture(stage: Stage) -> Lineup:
    """What stands at the end: thirteen dials that ask, the mistake, and the question badge as `badge`."""
    figure = lineup(stage).settle()
    figure.badge = figure.keep(QuestionBadge(stage.look), 10)
    return figure


class TheSecret(Chapter):
    """A program that guesses learns before our eyes; only its knobs have turned. Which of them is to blame for a mistake?"""

    def construct(self) -> None:
        """The seven beats."""
        self.exam = exam()
        self.last = len(self.exam) - 1
        self.ledger.source(TOLD, self.exam.describe())
        self.guessing()
        self.learning()
        self.knobs()
        self.sizes()
        self.history()
        self.four_moves()
        self.suspects()
        self.alt = (
            "Drawn cats and dogs with a network's guesses, which become right as it trains; its lines are knobs; models of "
            "ever more knobs as squares; a paper, the years before it, a ring of four moves, and dials that ask: me?"
        )

    def q(self, what: str, m: int = 0) -> Quantity:
        """A number of the exam on faces."""
        return replace(self.exam.quantity(what, m), source=TOLD)

    # 1: sixteen faces, a guess under each: this program is guessing
    def guessing(self) -> None:
        look, exam = self.look, self.exam
        images = exam.parts["unseen"].rows.reshape(-1, film_a.FACE_SIZE, film_a.FACE_SIZE)
        classes = exam.parts["unseen"].classes
        self.board = board = TrainingBoard(
            exam, look, BOARD, images, classes, SHOWN, tile=lambda row, side: DrawnFace(look, row, side)
        )
        self.hero = board.tiles[SHOWN.index(HERO)]
        goal = self.hero.copy()
        self.hero.scale(5.3 / self.hero.width).move_to([0, 0.0, 0])
        light = Glow.pool(look, 8.4, 6.2).move_to(self.hero)
        words = "You see a cat at once, but this untrained program is only guessing: nearly always a dog."
        with self.beat(words, until=9.0, title="guessing"):
            self.open_card(FadeIn(light), FadeIn(self.hero, run_time=0.5), self.hero.resolve(2.0))
            others = [tile for tile in board.tiles if tile is not self.hero]
            others.sort(key=lambda tile: float(np.hypot(*(tile.get_center() - goal.get_center())[:2])))
            come = LaggedStart(*(FadeIn(tile, scale=0.7) for tile in others), lag_ratio=0.07, run_time=1.5)
            self.hero.set_z_index(5)
            self.shut_card(Transform(self.hero, goal, run_time=1.3), FadeOut(light, run_time=1.0), come)
            board.keep(board.tiles, 3)
            self.add(board)
            self.at("guessing")
            self.play(board.tell(2.0))
            self.counter = Readout(
                "{r} of {n}", lambda m: {"r": self.q("right/unseen", m), "n": self.q("count/unseen")}, look.ink, 44, decimals=0
            )
            self.counter.move_to([COUNTER.left + self.counter.width / 2, COUNTER.center[1] + 0.22, 0])
            self.under = Label("new drawings right", look.muted, 26)
            self.under.move_to([COUNTER.left + self.under.width / 2, COUNTER.center[1] - 0.45, 0])
            self.dots = ExamDots(exam, look, DOTS)
            self.play(self.dots.sweep(1.4))
            self.play(FadeIn(self.counter, scale=0.9), FadeIn(self.under), run_time=0.5)
            self.tick()

    # 2: the training runs; nobody changed the program, only numbers changed
    def learning(self) -> None:
        with self.beat(
            "Now it learns, and all that changes in the program is its numbers.", until=18.0, title="learning"
        ):
            self.at("learns")
            self.play(Replay([self.board, self.dots, self.counter], 0, self.last, run_time=5.2))
            self.tick()
            self.poster()

    # 3: into one face: pixels, lines, and each line a knob
    def knobs(self) -> None:
        look, run = self.look, self.exam.training
        scale = Scale(["whisker", "digits", "resnet-50", "gpt-3"])
        self.ledger.source("scale", scale.describe())
        self.zoom = ScaleZoom(look, scale, self.area)
        one = NetworkPass(self.exam.risk.net, (run, run.steps), (self.exam.parts["unseen"], HERO))
        self.net = net = NetForward(one, look, INSIDE, source=TOLD, image=(film_a.FACE_SIZE, film_a.FACE_SIZE), fan=0.40)
        dialled: list[int] = []  # the strongest lines to the output that leave room for a dial
        for i in np.argsort(-np.abs(one.params[1]["W"][:, 0])):
            if len(dialled) < 3 and all(abs(int(i) - k) > 3 for k in dialled):
                dialled.append(int(i))
        self.weights = WeightRun(net, self.exam, [(2, i, 0) for i in dialled], along=0.30)
        words = "Inside, each line is a number that training can turn, so we call it a knob."
        with self.beat(words, until=26.4, title="knobs"):
            rest = [m for m in self.board.submobjects if m is not self.board.tiles]
            others = [tile for tile in self.board.tiles if tile is not self.hero]
            self.hero.set_z_index(6)
            goal = self.hero.copy().scale(net.side / self.hero.width).move_to(net.pixels).set_stroke(look.data, 2.0, 1)
            self.play(
                LaggedStart(
                    AnimationGroup(
                        *(FadeOut(m) for m in (*others, *rest, self.dots, self.counter, self.under)), run_time=0.6
                    ),
                    Transform(self.hero, goal, run_time=1.4), lag_ratio=0.25,
                )
            )  # fmt: skip
            self.play(self.hero.pixelate(0.8))
            net.appear()
            net.drop(net.units[0], *net.names)  # the face is there already
            self.add(net)
            self.play(*(FadeIn(u) for level in net.units[1:] for u in level), *(FadeIn(s) for g in net.lines for s in g))
            half = self.last // 2
            self.at("turn")
            self.play(Replay([self.weights], 0, half, run_time=1.6))
            self.at("knob")
            self.play(self.weights.dial(0.6))
            self.count = self.zoom.count  # of this net first; in the next beat it is the first of a row of counts
            self.count.settle(self.q("training/knobs"))
            self.count.move_to([5.0, 2.75, 0])
            self.count_word = Label("knobs", look.muted, 26).move_to([5.0, 2.2, 0])
            self.play(Replay([self.weights], half, self.last, run_time=1.8), FadeIn(self.count), FadeIn(self.count_word))

    # 4: the same question at every size – thirteen, thousands, millions, billions
    def sizes(self) -> None:
        zoom, net, dials = self.zoom, self.net, list(self.weights.dials.values())
        words = "A toy has {n} knobs, a digit reader has thousands."
        with self.beat(words, until=30.95, title="sizes", n=zoom.quantity("count", 0)):
            lines = [s for group in net.lines for s in group]
            units = [u for level in net.units[1:] for u in level]
            gone = FadeOut(VGroup(*lines, *units), self.count_word, run_time=0.5)
            assert zoom.field is not None
            homes = [np.array([*place, 0.0]) for place in zoom.field.places[[0, 4, 8]]]
            fly = [FadeOut(d, target_position=home, scale=0.9) for d, home in zip(dials, homes, strict=True)]
            first, square = zoom.appear(begun=self.q("training/knobs")), zoom.squares[0].copy()
            face = FadeOut(self.hero, target_position=square, scale=zoom.side / net.side, run_time=0.9)
            under = np.array([zoom.frame.center[0], zoom.frame.bottom - 0.32, 0])
            each = Label("one square millimetre each", self.look.muted, 28).move_to(under)
            self.play(
                gone, face, LaggedStart(AnimationGroup(*fly, run_time=0.9), AnimationGroup(first, FadeIn(each)), lag_ratio=0.2)
            )
            self.at("digit")
            self.play(zoom.race(1, 1.2), FadeOut(each, run_time=0.4))
        with self.beat("A photo sorter has millions.", until=33.3, title="millions"):
            self.at("photo")
            self.play(zoom.race(2, 1.2))
            self.tick()
        words = "A text writer has billions, and always we ask which knob is to blame."
        with self.beat(words, until=39.2, title="billions"):
            self.at("text")
            self.play(zoom.race(3, 1.5))
            self.tick()
            self.rest(0.2)
            area = Phrase("{p} football pitches", self.look.muted, 28, p=zoom.quantity("pitches", 3))
            area.move_to(under)
            pitch = SourceChip(self.look, TABLE["pitch"].chip, zoom.column)
            pitch.shift([0, zoom.frame.top - 0.3 - pitch.get_top()[1], 0])  # beside the pitch
            self.play(zoom.pitch(1.0), FadeIn(zoom.keep(VGroup(area, pitch), 4), run_time=0.6))

    # 5: 1986 made it famous for networks; was it invented then? No, its parts are older
    def history(self) -> None:
        look, claims = self.look, Claims()
        self.ledger.source("claims", claims.describe())
        ticks = [Tick(claims.quantity(k), TABLE[k].text, TABLE[k].chip, TABLE[k].who) for k in OLDER]
        self.years = years = Timeline(look, ticks, YEARS)
        last = len(ticks) - 1
        self.paper = paper = PaperCard(look).place(PAGE)
        self.badge = QuestionBadge(look)
        chips = self.read_in(ticks[:-1])
        words = "One paper made the answer famous, but was it invented that year?"
        with self.beat(words, until=46.8, title="the paper"):
            years.begin(last)
            for part in (years.dots[last], years.years[last]):
                part.shift(ASIDE)
            paper.all.scale(GROWN).move_to([0, 1.2, 0])
            dot = years.dots[last]
            years.drop(dot)
            spark = self.zoom.squares[0]  # the smallest square becomes the year
            self.zoom.drop(self.zoom.squares)
            rest = VGroup(*self.zoom.submobjects, *self.zoom.squares[1:])
            self.remove(self.zoom)
            self.add(rest, spark.set_z_index(8))
            shrink = FadeOut(rest, target_position=dot, scale=0.02, run_time=1.1)
            self.play(shrink, Transform(spark, dot, run_time=1.1), FadeIn(years.years[last], run_time=1.1))
            years.dots.submobjects[last] = spark.set_z_index(3)
            years.keep(spark)
            self.at("answer")
            self.play(paper.land())
            self.tick()
            self.at("invented")
            self.play(FadeIn(self.badge, scale=0.6), run_time=0.5)
        with self.beat("No, its parts are much older.", until=51.3, title="older"):
            aside = VGroup(years.dots[last], years.years[last]).animate(run_time=1.0).shift(-ASIDE)
            page = paper.animate(run_time=1.0).scale(1 / GROWN).move_to(PAGE)
            self.play(FadeOut(self.badge, run_time=0.4), aside, page)
            shows = LaggedStart(*(FadeIn(chip) for chip in reversed(chips)), lag_ratio=0.35, run_time=1.0)
            self.play(years.reach_back(run_time=2.2), shows)
        self.chips = chips

    def read_in(self, ticks: list[Tick]) -> VGroup:
        """A source chip under each year, side by side; years that were read in the same place share one."""
        chips, xs = VGroup(), [float(year.get_center()[0]) for year in self.years.years]
        room, end = xs[1] - xs[0], self.area.left
        for source in dict.fromkeys(tick.source for tick in ticks):
            under = [x for x, tick in zip(xs, ticks, strict=False) if tick.source == source]
            middle, wide = (under[0] + under[-1]) / 2, under[-1] - under[0] + 1.52 * room
            chip = SourceChip(self.look, source, Area(middle - wide / 2, middle + wide / 2, *CHIPS), head=False)
            chip.move_to([max(middle, end + chip.width / 2), CHIPS[1] - chip.height / 2, 0])
            end = float(chip.get_right()[0]) + 0.14
            chips.add(chip)
        return chips

    # 6: four moves on a ring, again and again
    def four_moves(self) -> None:
        self.ring = ring = RecapRing(self.look, RING, 2.05)
        words = "The idea is a loop: we guess, measure the mistake, find the blame and turn the knobs."
        with self.beat(words, until=59.4, title="four moves"):
            page = self.paper.animate(run_time=1.2).move_to([-4.05, RING[1], 0])
            gone = (FadeOut(self.years, run_time=0.6), FadeOut(self.chips, run_time=0.5))
            self.play(*gone, page, LaggedStart(Wait(0.5), ring.appear(0.9), lag_ratio=1.0))
            for move, word in (("forward", "guess"), ("loss", "measure"), ("blame", "blame"), ("step", "turn")):
                self.at(word)
                self.play(ring.light(move, 0.5))

    # 7: thirteen dials ask "me?"
    def suspects(self) -> None:
        ring, figure = self.ring, lineup(self)
        figure.badge = self.badge
        words = "{n} suspects, one mistake: how would you find who did it?"
        with self.beat(words, until=67.0, title="suspects", n=cast.told(cast.whisker(self), "knobs")):
            figure.appear(), figure.accuse()
            rest = (ring.glow, ring.word, *ring.arrows.values(), ring.rounds["forward"], ring.rounds["blame"], self.paper)
            gone = [FadeOut(part) for part in rest if part is not None]
            first = ring.rounds["step"][1][0]
            copies = [Become(first.copy(), dial) for dial in figure.dials.values()]
            self.play(
                AnimationGroup(*gone, FadeOut(ring.rounds["step"]), FadeOut(ring.rounds["loss"][0]), run_time=0.6),
                LaggedStart(*copies, lag_ratio=0.04, run_time=1.4), Become(ring.rounds["loss"][1], figure.sign, run_time=1.2),
                FadeIn(figure.mistake[0], run_time=1.2),
            )
            self.play(figure.ask(1.5))
            self.at("find")
            self.play(FadeIn(self.badge, scale=0.6), run_time=0.5)


__all__ = ["TheSecret", "last_picture", "lineup"]
