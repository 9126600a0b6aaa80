"""S20: a board of examples with the network's guesses – a mint tick where it is right, a mauve cross where it is wrong.

Reads an Exam. Invariants: marks are guesses compared with labels; counters are sums of marks; bars are the exam's shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, Rectangle, RoundedRectangle, VGroup, VMobject
from manim.utils.rate_functions import linear

from chainreel.engine import Quantity
from chainreel.engine.learning import Exam

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number, Printable
from ..stage.pixels import Pixels
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .marks import crosses, ticks

UNDER, MARKS_UNDER = 0.46, 0.30  # room under a picture for the guess, for its mark alone
GAP = 0.16
LARGEST = 1.55


class Word(Printable):
    """A guessed class: the exam's guess under the user's own name for it, so digits may be in it."""

    names = True
    sourced = True
    moved = False


class TrainingBoard(Figure):
    """Pictures of the exam's shown rows in an area, with guesses. Verbs: `appear`, `guess`, `tell`, `show(m)`, `leave`.

    `images` are all pictures of the shown part, (n, rows, columns). `tile(row, width)` makes another picture of a row than
    its pixels. Without `words` there is room for many: only the marks stand under them.
    """

    def __init__(
        self, exam: Exam, theme: Theme, area: Area, images: np.ndarray, classes: Sequence[str],
        rows: Sequence[int] | None = None, moment: int = 0, *, tile: Callable[[int, float], VMobject] | None = None,
        words: bool = True,
    ):  # fmt: skip
        super().__init__(theme)
        if exam.shown is None and rows is None:
            raise StageError("a board needs to know which examples it shows")
        self.exam, self.area, self.images, self.classes = exam, area, images, tuple(classes)
        self.part = exam.shown[0] if exam.shown is not None else "unseen"
        self.rows = list(rows if rows is not None else exam.shown[1] if exam.shown else ())
        self.worded, self.under = words, UNDER if words else MARKS_UNDER
        self.columns, self.side = board_of(len(self.rows), area, images.shape[1] / images.shape[2], self.under)
        self.places = self._places()
        self.tiles, self.words = VGroup(), VGroup()
        for row, place in zip(self.rows, self.places, strict=True):
            picture = tile(row, self.side) if tile else Pixels(theme, images[row], self.side, rim=None)
            self.tiles.add(picture.move_to([*place, 0]).set_stroke(theme.rim, 1.2, 0.8))
            if words:
                self.words.add(Word(self.classes[0], theme.ink, self.size, "semibold"))
        self.low = self.side * images.shape[1] / images.shape[2] / 2 + (0.24 if words else 0.17)
        self.revealed = len(self.rows)  # under so many, from the first, stands what was guessed
        self.right, self.wrong = ticks(theme, np.zeros((0, 2)), 0.24), crosses(theme, np.zeros((0, 2)), 0.24)
        self.moment = -1
        self.show(moment)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        under = f"a guess under each: {self.listed(self.classes)}" if self.worded else "a mark under each: right or wrong"
        return f"A board of {self.counted(self.rows, 'picture')}, with {under}."

    @property
    def size(self) -> float:
        """The size of the guesses: as large as the longest class allows, not under 22."""
        longest = max(Label(c, "#FFFFFF", 24, "semibold", names=True).width for c in self.classes)
        if longest + 0.36 > self.side + GAP and 22 / 24 * longest + 0.36 > self.side + GAP:
            raise StageError(
                f"the class name '{max(self.classes, key=len)}' is too long to stand under its picture; use shorter names"
            )
        return 24 if longest + 0.36 <= self.side + GAP else 22

    def _places(self) -> np.ndarray:
        """The middles of the pictures, (n, 2)."""
        high = self.side * self.images.shape[1] / self.images.shape[2] + self.under + GAP
        count, columns = len(self.rows), self.columns
        lines = math.ceil(count / columns)
        wide = self.side + GAP
        x0 = self.area.center[0] - wide * (columns - 1) / 2
        y0 = self.area.center[1] + high * (lines - 1) / 2 + self.under / 2
        return np.array([[x0 + wide * (k % columns), y0 - high * (k // columns)] for k in range(count)])

    def marks(self, m: int) -> np.ndarray:
        """Whether each shown guess is right at a moment, (n,)."""
        return self.exam.right(self.part, m)[self.rows]

    def show(self, m: float) -> TrainingBoard:
        """The guesses and marks of a moment of the log."""
        m = int(m)
        if m == self.moment:
            return self
        self.moment = m
        guesses, right = self.exam.guess(self.part, m)[self.rows], self.marks(m)
        beside = [] if self.worded else [[place[0], place[1] - self.low + 0.01] for place in self.places]
        for word, guess, place in zip(self.words, guesses, self.places, strict=self.worded):
            text = self.classes[int(guess)]
            if text != word.text or not word.moved:
                word.set_text(text)
                word.move_to([place[0] - 0.17, place[1] - self.low, 0])
                word.moved = True
            beside.append([place[0] + word.width / 2 + 0.07, place[1] - self.low + 0.01])
        self._spots, self._right = np.array(beside), right
        return self._mark()

    def _mark(self) -> TrainingBoard:
        """The marks of those that are revealed."""
        spots, right = self._spots[: self.revealed], self._right[: self.revealed]
        self.right.points = ticks(self.theme, spots[right], 0.24).points
        self.wrong.points = crosses(self.theme, spots[~right], 0.24).points
        return self

    def tell_first(self, count: int) -> None:
        """Only the first pictures have their guess and its mark."""
        self.revealed = count
        for k, word in enumerate(self.words):
            word.set_fill(opacity=1.0 if k < count else 0.0)
        self._mark()

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4) -> Animation:
        """The pictures, one after the other."""
        self.keep(self.tiles, 3)
        return LaggedStart(
            *(FadeIn(tile, scale=0.9) for tile in self.tiles), lag_ratio=1.2 / max(len(self.tiles), 1), run_time=run_time
        )

    def guess(self, run_time: float = 0.8) -> Animation:
        """The guesses under them, and whether they are right."""
        parts = [self.keep(part, 5) for part in (self.words, self.right, self.wrong)]
        return AnimationGroup(*(FadeIn(part) for part in parts), run_time=run_time)

    def tell(self, run_time: float = 2.0) -> Telling:
        """The guesses one after the other, each with its mark."""
        for part in (self.words, self.right, self.wrong):
            self.keep(part, 5)
        return Telling(self, run_time=run_time)

    def leave(self, run_time: float = 0.7) -> Animation:
        """The board goes."""
        return FadeOut(VGroup(*self.submobjects), run_time=run_time)


class Telling(Animation):
    """Guess after guess appears, from the first picture to the last."""

    def __init__(self, board: TrainingBoard, run_time: float = 2.0):
        self.board = board
        board.tell_first(0)
        tall = board.side * board.images.shape[1] / board.images.shape[2]
        self.lamp = Rectangle(width=board.side, height=tall).set_stroke(board.theme.ink, 3.5).set_fill(opacity=0)
        board.keep(self.lamp, 4)
        parts = VGroup(board.words, board.right, board.wrong, self.lamp)
        super().__init__(parts, run_time=run_time, rate_func=linear, introducer=True)

    def create_starting_mobject(self) -> VGroup:
        """No copy: the board tells."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        count = len(self.board.rows)
        now = math.ceil(count * min(max(alpha, 0.0), 1.0))
        self.board.tell_first(now)
        self.lamp.move_to(self.board.tiles[max(now - 1, 0)])  # around the picture that is guessed now
        self.lamp.set_stroke(opacity=1.0 if alpha < 1 else 0.0)


def board_of(count: int, area: Area, tall: float, under: float = UNDER) -> tuple[int, float]:
    """Columns and the width of a picture that fill an area best; `tall` is a picture's height for a width of 1."""
    best = (1, 0.0)
    for columns in range(1, count + 1):
        lines = math.ceil(count / columns)
        wide = (area.width + GAP) / columns - GAP
        high = ((area.height + GAP) / lines - GAP - under) / tall
        side = min(wide, high, LARGEST)
        if side > best[1] + 1e-9:
            best = (columns, side)
    return best


class Bars(Figure):
    """Two shares as bars, each with its word and its number: what was seen, what was not. Verb: `appear`."""

    def __init__(self, theme: Theme, area: Area, shares: Sequence[tuple[str, Quantity]], *, pitch: float = 0.62):
        super().__init__(theme)
        self.quantities = [q for _, q in shares]
        grown = pitch / 0.62  # of everything, where there is room
        size, large = 24 * grown**0.5, 28 * grown**0.7
        words = [Label(word, theme.ink, size) for word, _ in shares]
        left = area.left + max(w.width for w in words) + 0.2
        self.full = area.right - 1.36 * grown**0.7 - left
        pitch = min(area.height / len(shares), pitch)
        self.parts = VGroup()
        for k, ((_, q), word) in enumerate(zip(shares, words, strict=True)):
            y = area.top - pitch * (k + 0.5)
            word.move_to([left - 0.2 - word.width / 2, y, 0])
            track = RoundedRectangle(corner_radius=0.04, width=self.full, height=0.34 * grown).set_fill(theme.slot, 1)
            track.set_stroke(theme.rim, 1.4).move_to([left + self.full / 2, y, 0])
            share = float(q.value) / 100.0
            bar = Rectangle(width=max(self.full * share, 0.01), height=0.28 * grown).set_stroke(width=0)
            bar.set_fill(theme.data, 0.9 if k else 0.55).move_to([left + max(self.full * share, 0.01) / 2, y, 0])
            number = Number(q, theme.ink, large, decimals=1 if 99 < q.value < 100 else 0)
            percent = Label("%", theme.ink, large * 24 / 28, "semibold")
            number.move_to([left + self.full + 0.12 * grown + number.width / 2, y, 0])
            percent.next_to(number, buff=0.06)
            self.parts.add(VGroup(word, track, bar, number, percent))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"Shares as bars: {self.wording(self.parts)}."

    def appear(self) -> Animation:
        """Word, bar and number, one bar after the other."""
        self.keep(self.parts, 5)
        return LaggedStart(*(FadeIn(part) for part in self.parts), lag_ratio=0.5, run_time=1.2)


__all__ = ["Bars", "TrainingBoard", "board_of"]
