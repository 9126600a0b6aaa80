"""Chapter 7: the loop on pictures that it never saw – where it is right, where it errs, and which bar counts."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, LaggedStart, Transform, VGroup

from chainreel.engine import Quantity
from chainreel.engine.learning import Exam
from chainreel.engine.storyboards import film_a

from ...figures.card_strip import SourceChip
from ...figures.drawn_face import DrawnFace
from ...figures.exam_dots import ExamDots
from ...figures.exam_run import Replay
from ...figures.marks import cross
from ...figures.training_board import Bars, TrainingBoard, Word
from ...stage.area import Area
from ...stage.dim import DIMMED, Dim, shine
from ...stage.readout import Readout
from ...stage.stage import Stage
from ...stage.type import Label
from ..chapter import Chapter
from . import cast, gradient_descent

BOARD = Area(-6.26, 2.75, -2.68, 2.86)
COLUMN = Area(3.2, 6.2, -2.68, 2.86)
LARGE, LARGE_Y = 3.3, 0.75  # the misses, seen closely
SMALL, SMALL_Y = 1.5, 2.2  # and above the bars
BARS = Area(-6.1, 6.1, -1.72, 0.98)
NOTE = "our own drawings, not photographs"
COLUMNS = 10  # of the board
SHOWN = tuple(64 + int(k) for k in np.random.default_rng(3).permutation(40))  # forty test faces, mixed
PAUSES = (1, 2, 8)  # epochs at which the storyboard looks
TOLD = "cats and dogs"


@functools.cache
def exam() -> Exam:
    """The film's training on drawn faces, looked at after every time through them."""
    run = cast.face_run()
    return film_a.face_exam(run, range(0, run.steps + 1, run.batches), SHOWN)


def told(what: str, m: int = -1) -> Quantity:
    """A number of the exam, at its end if not said otherwise."""
    return replace(exam().quantity(what, m), source=TOLD)


def missed() -> list[int]:
    """Which of the shown faces are wrong at the end."""
    right = exam().right("unseen", len(exam()) - 1)
    return [row for row in SHOWN if not right[row]]


def bars(stage: Stage) -> Bars:
    """What it had seen, what it had not."""
    return Bars(stage.look, BARS, [("seen", told("percent/seen")), ("unseen", told("percent/unseen"))], pitch=1.35)


def chip(stage: Stage) -> SourceChip:
    """What the pictures are."""
    return SourceChip(stage.look, NOTE, stage.area)


def places(side: float, y: float) -> list[np.ndarray]:
    """Where the misses stand, side by side."""
    pitch = 1.25 * side
    return [np.array([(k - (len(missed()) - 1) / 2) * pitch, y, 0]) for k in range(len(missed()))]


def last_picture(stage: Stage) -> VGroup:
    """What stands at the end: `misses`, faces in a row on top; `bars` (a figure, its rows are `bars.parts`); `chip`."""
    stage.ledger.source(TOLD, exam().describe())
    faces_ = [DrawnFace(stage.look, row, SMALL).move_to(at) for row, at in zip(missed(), places(SMALL, SMALL_Y), strict=True)]
    figure = bars(stage)
    figure.appear()
    for part in figure.parts[0].get_family():
        shine(part, DIMMED)
    picture = VGroup(VGroup(*faces_), figure, chip(stage))
    picture.misses, picture.bars, picture.chip = picture
    return picture


class CatsAndDogs(Chapter):
    """The same loop sorts drawings; its mistakes are looked at, and it is judged by what it never saw."""

    def construct(self) -> None:
        """Three beats."""
        self.exam = exam()
        self.ledger.source(TOLD, self.exam.describe())
        self.settling()
        self.misses()
        self.judged()
        self.alt = (
            "Digits turn into drawn faces; crosses become ticks while a network learns; the misses are looked at closely, "
            "and two bars compare what it had seen with what it had not."
        )

    # 1: forty new faces, marks settle with the epoch counter
    def settling(self) -> None:
        look, exam = self.look, self.exam
        self.before = before = gradient_descent.last_picture(self)
        self.add(before)
        old = before.submobjects[0]
        columns = old.columns
        aside = (COLUMNS - columns) // 2  # the digits become the middle columns
        turns = {k // columns * COLUMNS + k % columns + aside: digit for k, digit in enumerate(before.digits)}

        def tile(row: int, side: float) -> DrawnFace:
            digit = turns.get(SHOWN.index(row))
            return DrawnFace(look, row, side, before=None if digit is None else digit.greys)

        images = exam.parts["unseen"].rows.reshape(-1, film_a.FACE_SIZE, film_a.FACE_SIZE)
        self.board = board = TrainingBoard(
            exam, look, BOARD, images, exam.parts["unseen"].classes, SHOWN, tile=tile, words=False
        )
        counter = Readout(
            "{r} of {n}", lambda m: {"r": told("right/unseen", m), "n": told("count/unseen")}, look.ink, 38, decimals=0
        )
        clock = Readout("epoch {e}", lambda m: {"e": told("epoch", m)}, look.muted, 28, "medium", decimals=0)
        share = Readout("{p} %", lambda m: {"p": told("percent/unseen", m)}, look.muted, 28, "medium", decimals=0)
        under = Label("unseen", look.muted, 28)
        for part, down in ((clock, 0.22), (counter, 0.92), (under, 1.5)):
            part.move_to([COLUMN.left + part.width / 2, COLUMN.top - down, 0])
        share.move_to([COLUMN.right - share.width / 2, COLUMN.top - 0.22, 0])
        dots = ExamDots(exam, look, Area(COLUMN.left, COLUMN.right, COLUMN.bottom, COLUMN.top - 1.95))
        self.column = VGroup(counter, clock, share, under)
        self.dots = dots
        words = "The same loop learns faces from pixels alone, and it is tested on faces that it has never seen."
        with self.beat(words, until=9.4, title="new faces"):
            morphs, fresh = [], []
            for k, face in enumerate(board.tiles):
                if k in turns:
                    home = face.copy()
                    face.move_to(turns[k]).scale(turns[k].width / face.width)
                    morphs += [Transform(face, home), face.emerge()]
                else:
                    fresh.append(FadeIn(face, scale=0.8))
            rest = [FadeOut(part, run_time=0.5) for part in (before.rest, before.ring)]
            board.keep(board.tiles, 3)
            self.remove(before, old, *before.digits)
            self.add(before.rest, before.ring)
            self.play(AnimationGroup(*morphs, run_time=1.3), AnimationGroup(*fresh, run_time=1.3), *rest)
            self.add(board)
            self.open_card(board.guess())
            shown = [board, counter, clock, share, dots]
            self.rest(2.9 - self.now)
            stops = [0, *PAUSES, len(exam) - 1]
            self.shut_card(FadeIn(self.column), dots.appear())
            self.at("tested")
            self.play(Replay(shown, stops[0], stops[1], run_time=0.8))
            for start, end, seconds in zip(stops[1:], stops[2:], (0.8, 1.2, 1.6), strict=False):
                self.play(Replay(shown, start, end, run_time=seconds))
            self.tick()

    # 2: the misses, closely: tilted heads, ears that neither stand nor hang
    def misses(self) -> None:
        board, look = self.board, self.look
        last = len(self.exam) - 1
        self.wrong = VGroup(*(board.tiles[SHOWN.index(row)] for row in missed()))
        self.guesses = VGroup()
        for row, at in zip(missed(), places(LARGE, LARGE_Y), strict=True):
            guess = Word(board.classes[int(self.exam.guess("unseen", last)[row])], look.ink, 36, "semibold")
            mark = cross(look, 0.34, 5.5)
            guess.shift(at - [guess.width / 2 + 0.25, LARGE / 2 + 0.56, 0])  # all on one line
            mark.move_to(at + [guess.width / 2 + 0.10, -LARGE / 2 - 0.43, 0])
            self.guesses.add(VGroup(guess, mark))
        with self.beat("It misses tilted heads, and ears that neither stand nor hang.", until=14.9, title="misses"):
            self.at("misses")
            others = [tile for tile in board.tiles if tile not in list(self.wrong)]
            rest = (*others, board.right, board.wrong, self.column, self.dots)
            gone = AnimationGroup(*(FadeOut(m) for m in rest), run_time=0.6)
            grow = []
            for face, at in zip(self.wrong, places(LARGE, LARGE_Y), strict=True):
                face.set_z_index(6)
                grow.append(Transform(face, face.copy().scale(LARGE / face.width).move_to(at)))
            self.play(LaggedStart(gone, AnimationGroup(*grow, run_time=1.3), lag_ratio=0.3))
            self.play(LaggedStart(*(FadeIn(g) for g in self.guesses), lag_ratio=0.3, run_time=0.9))

    # 3: seen and unseen: judge by the unseen bar
    def judged(self) -> None:
        end, figure = last_picture(self), bars(self)
        with self.beat("It knows all it has seen, but judge it by the unseen.", until=22.0, title="judged"):
            shrink = [Transform(face, goal) for face, goal in zip(self.wrong, end.misses, strict=True)]
            moved = AnimationGroup(*shrink, run_time=1.1)
            shown = AnimationGroup(figure.appear(), FadeIn(end.chip, run_time=0.6))
            self.play(FadeOut(self.guesses, run_time=0.4), LaggedStart(moved, shown, lag_ratio=0.6))
            self.tick()
            self.at("judge")
            self.play(Dim(figure.parts[0]))
            self.poster()


__all__ = ["CatsAndDogs", "last_picture"]
