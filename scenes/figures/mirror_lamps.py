"""S17: the mirror task – a row of lamps, the same from both ends or not; all its patterns, shuffled, then sorted by the answer.

Reads the data set of the task and, where given, an Exam of a network on it. Invariants: a lamp is lit where its number is 1;
the sorted halves are the two classes of the data; marks are right where the network's guess is the target.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Arc, Circle, Create, FadeIn, FadeOut, LaggedStart, Line, RoundedRectangle, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.datasets import Dataset
from chainreel.engine.learning import Exam

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.parts import panel, round_caps
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure
from .marks import crosses, ticks

MOST = 64
APART = 0.8  # between the two answers, frame units


def lamp(theme: Theme, lit: bool, radius: float) -> VGroup:
    """A lamp: a round that glows, or an empty one."""
    colour = theme.data
    dark = mix(theme.ground, theme.ink, 0.10)
    body = Circle(radius).set_fill(colour if lit else dark, 1.0).set_stroke(colour if lit else theme.ghost, 2.5)
    return VGroup(body)


class LampRow(Figure):
    """One row of lamps in `area`, row `row` of `data`. Verbs: `appear`, `fold` (an arc joins each lamp with its mirror image
    and says whether both are alike), `show(row)` (another pattern).
    """

    def __init__(self, theme: Theme, data: Dataset, row: int, area: Area):
        super().__init__(theme)
        if data.X.ndim != 2 or not np.isin(data.X, (0, 1)).all():
            raise StageError("a row of lamps is made of zeros and ones")
        self.data, self.row, self.area = data, int(row), area
        count = data.X.shape[1]
        self.pitch = min(area.width / count, 1.25)
        self.radius = min(0.36 * self.pitch, 0.30 * area.height)
        self.x = [float(area.center[0]) + (k - (count - 1) / 2) * self.pitch for k in range(count)]
        self.y = float(area.bottom) + 1.6 * self.radius
        self.back = panel(theme, self.pitch * count + 0.1, 3.1 * self.radius).move_to([area.center[0], self.y, 0])
        self.axis = Line([0, -1.9 * self.radius, 0], [0, 1.9 * self.radius, 0]).shift([area.center[0], self.y, 0])
        self.axis.set_stroke(theme.muted, 2, 0.7)
        self.lamps = self._lamps()
        self.arcs = VGroup()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        lit = [str(k + 1) for k, v in enumerate(self.pattern) if v]
        return f"A row of {self.counted(len(self.pattern), 'lamp')}; lit are {self.listed(lit) if lit else 'none'}."

    @property
    def pattern(self) -> list[int]:
        """Its zeros and ones."""
        return [int(v) for v in self.data.X[self.row]]

    def alike(self) -> list[bool]:
        """For each pair from the outermost inwards, whether both lamps are alike."""
        p = self.pattern
        return [p[k] == p[-1 - k] for k in range(len(p) // 2)]

    def _lamps(self) -> VGroup:
        lamps = VGroup(*(lamp(self.theme, bool(v), self.radius) for v in self.pattern))
        for one, x in zip(lamps, self.x, strict=True):
            one.move_to([x, self.y, 0])
        return lamps

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.0) -> LaggedStart:
        """The panel, then lamp after lamp."""
        self.keep(self.back, 2), self.keep(self.lamps, 4)
        shows: list[Animation] = [FadeIn(self.back)]
        for one, v in zip(self.lamps, self.pattern, strict=True):
            shows.append(FadeIn(one, scale=0.6))
            if v:
                flare = self.keep(Glow(self.theme.data, 4.2 * self.radius, 4.2 * self.radius, 0.32 * self.theme.glow), 3)
                one.flare = flare.move_to(one.get_center())
                shows.append(FadeIn(flare))
        return LaggedStart(*shows, lag_ratio=0.12, run_time=run_time)

    def fold(self, run_time: float = 1.2) -> LaggedStart:
        """An arc from each lamp to its mirror image: ink and whole where both are alike, mauve with a cross where not."""
        theme = self.theme
        self.arcs = VGroup()
        for k, same in enumerate(self.alike()):
            a, b = self.x[k], self.x[-1 - k]
            flat = 0.62
            arc = Arc((b - a) / 2, np.pi - 0.35, -(np.pi - 0.7)).stretch(flat, 1)
            arc.move_to([(a + b) / 2, 0, 0]).set_fill(opacity=0)
            arc.set_stroke(theme.data if same else theme.tint("loss"), 3.5, 0.95)
            arc.shift([0, self.y + 1.75 * self.radius + arc.height / 2 + 0.1 - arc.get_center()[1], 0])
            mark = (ticks if same else crosses)(theme, np.zeros((1, 2)), 0.26, 4.0)
            top = [float(self.area.center[0]), arc.get_top()[1], 0]
            seat = Circle(0.2).set_fill(theme.ground, 1).set_stroke(width=0).move_to(top)
            group = VGroup(round_caps(arc), VGroup(seat, mark.move_to(top)))
            self.arcs.add(self.keep(group, 5))
        self.keep(self.axis, 3)
        grow = [AnimationGroup(Create(arc[0]), FadeIn(arc[1], scale=0.6)) for arc in self.arcs]
        return LaggedStart(FadeIn(self.axis), *grow, lag_ratio=0.4, run_time=run_time)

    def show(self, row: int, run_time: float = 0.6) -> AnimationGroup:
        """Another pattern at the same place; what was said of the old one goes."""
        going = [one.flare for one in self.lamps if hasattr(one, "flare")]
        old, self.row = self.lamps, int(row)
        self.lamps = self._lamps()
        self.drop(old, self.arcs, self.axis, *self.arcs, *going)
        fades = [FadeOut(part) for part in (old, *self.arcs, *going, *([self.axis] if len(self.arcs) else []))]
        self.arcs = VGroup()
        self.keep(self.lamps, 4)
        shows: list[Animation] = [FadeIn(self.lamps)]
        for one, v in zip(self.lamps, self.pattern, strict=True):
            if v:
                flare = self.keep(Glow(self.theme.data, 4.2 * self.radius, 4.2 * self.radius, 0.32 * self.theme.glow), 3)
                one.flare = flare.move_to(one.get_center())
                shows.append(FadeIn(flare))
        return AnimationGroup(*fades, *shows, run_time=run_time)


class PatternSheet(Figure):
    """All patterns of `data` as small rows of lamps in `area`.

    Verbs: `appear`, `shuffle(seed)`, `sort` (the two answers apart: mirrored ones left, the others right, each with its word),
    `mark(exam, part, m)` (right or wrong, as a network guesses at moment m).
    """

    def __init__(self, theme: Theme, data: Dataset, area: Area, words: tuple[str, str] = ("not the same", "the same")):
        super().__init__(theme)
        n, width = data.X.shape
        if not 2 <= n <= MOST or not np.isin(data.X, (0, 1)).all():
            raise StageError(f"a sheet shows 2 to {MOST} patterns of lamps that are on or off")
        self.data, self.area, self.words_ = data, area, words
        wanted = max(1, round(np.sqrt(n * area.width / area.height / 2.6)))
        self.columns = min((c for c in range(1, n + 1) if n % c == 0), key=lambda c: abs(c - wanted))
        rows = -(-n // self.columns)
        self.cell = (area.width / self.columns, min(area.height / rows, 0.66))
        self.near = (area.width - APART) / self.columns  # of a column when they are sorted
        self.pitch = min((self.near - 0.36) / width, 0.2)
        self.tags = VGroup(*(self._tag(k, width) for k in range(n)))
        self.order = list(range(n))
        self.spots = self.grid()  # where each pattern is, or is on its way to
        for tag, spot in zip(self.tags, self.spots, strict=True):
            tag.move_to(spot)
        self.words = VGroup()
        self.marks = VGroup()

    def _tag(self, k: int, width: int) -> VGroup:
        """A pattern as a small row: one filled round for a lit lamp, one ring for a dark one."""
        theme, r = self.theme, 0.40 * self.pitch
        back = RoundedRectangle(corner_radius=0.07, width=self.pitch * width + 0.1, height=2.2 * r + 0.14)
        back.set_fill(theme.slot, 0.9).set_stroke(theme.rim, 1.2, 0.8)
        tag = VGroup(back)
        for j, v in enumerate(self.data.X[k]):
            at = [(j - (width - 1) / 2) * self.pitch, 0, 0]
            one = Circle(r).move_to(at).set_stroke(theme.data if v else theme.ghost, 1.5)
            tag.add(one.set_fill(theme.data if v else theme.ground, 1.0 if v else 0.0))
        return tag

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        same = int(np.sum(self.data.y == 1))
        return f"{self.counted(len(self.tags), 'pattern')} of lamps; {self.counted(same, 'pattern')} the same from both ends."

    def grid(self) -> list[np.ndarray]:
        """The places of the sheet, row by row."""
        n, (w, h) = len(self.tags), self.cell
        rows = -(-n // self.columns)
        top = float(self.area.center[1]) + h * rows / 2
        cells = (divmod(k, self.columns) for k in range(n))
        return [np.array([self.area.left + (column + 0.5) * w, top - (row + 0.5) * h, 0.0]) for row, column in cells]

    def halves(self) -> tuple[list[int], list[int]]:
        """Which patterns are the same from both ends, and which are not, as the data say."""
        y = [int(v) for v in np.asarray(self.data.y).reshape(-1)]
        return [k for k, v in enumerate(y) if v == 1], [k for k, v in enumerate(y) if v != 1]

    def sorted_places(self) -> list[np.ndarray]:
        """Where each pattern stands when they are sorted: those that mirror in a column at the left, the others in a block."""
        same, other = self.halves()
        w, columns = self.near, max(self.columns - 1, 1)
        tall = max(len(same), -(-len(other) // columns))
        h = min(self.cell[1], (self.area.height - 0.7) / tall)
        places: list[np.ndarray] = [np.zeros(3)] * len(self.tags)
        top, left = self.area.top - 0.7, self.area.left + w + APART
        for i, k in enumerate(same):
            places[k] = np.array([self.area.left + w / 2, top - (i + 0.5) * h, 0.0])
        for i, k in enumerate(other):
            places[k] = np.array([left + (i % columns + 0.5) * w, top - (i // columns + 0.5) * h, 0.0])
        return places

    def quantity(self, exam: Exam, what: str, m: int, source: str = "exam") -> Quantity:
        """A count of the network's answers, under its source."""
        return replace(exam.quantity(what, m), source=source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> LaggedStart:
        """All patterns, in counting order."""
        for tag in self.tags:
            self.keep(tag, 3)
        lag = min(0.15, 2.0 / len(self.tags))
        return LaggedStart(*(FadeIn(tag, scale=0.8) for tag in self.tags), lag_ratio=lag, run_time=run_time)

    def shuffle(self, seed: int = 0, run_time: float = 1.6) -> Fly:
        """They change places, as the seed says: an order says nothing about the answer."""
        self.order = [int(k) for k in np.random.default_rng(seed).permutation(len(self.tags))]
        spots = self.grid()
        self.spots = [spots[self.order.index(k)] for k in range(len(self.tags))]
        return Fly(self, self.spots, run_time)

    def sort(self, run_time: float = 2.0) -> list[Animation]:
        """Those that are the same from both ends gather at the left, the others at the right; then the two words."""
        places, (same, other) = self.sorted_places(), self.halves()
        self.spots = places
        theme = self.theme
        self.words = VGroup()
        for members, word, colour in ((other, self.words_[0], theme.ink), (same, self.words_[1], theme.tint("data"))):
            x = [places[k][0] for k in members]
            if members:
                label = Label(word, colour, 26, "semibold", names=True)
                self.words.add(label.move_to([(min(x) + max(x)) / 2, self.area.top - 0.26, 0]))
        self.keep(self.words, 5)
        return [Fly(self, places, run_time), FadeIn(self.words, run_time=0.5)]

    def mark(self, exam: Exam, part: str, m: int, run_time: float = 1.0) -> AnimationGroup:
        """A tick on every pattern that the network answers rightly at moment m, a cross on the others; old marks go."""
        right = exam.right(part, m)
        if len(right) != len(self.tags):
            raise StageError(f"the exam has {len(right)} examples, the sheet {len(self.tags)} patterns")
        going = [FadeOut(self.marks, run_time=0.4)] if len(self.marks) else []
        self.drop(self.marks)
        spots = np.array([spot[:2] + [tag.width / 2 + 0.14, 0.0] for spot, tag in zip(self.spots, self.tags, strict=True)])
        size = min(0.17, 0.5 * self.cell[1])
        self.marks = VGroup()
        for made, chosen in ((ticks, right), (crosses, ~right)):
            if chosen.any():
                self.marks.add(made(self.theme, spots[chosen], size, 3.0))
        self.keep(self.marks, 5)
        return AnimationGroup(*going, FadeIn(self.marks), run_time=run_time)


class Fly(Animation):
    """Tags move to other places, each on its own straight way."""

    def __init__(self, sheet: PatternSheet, goals: list[np.ndarray], run_time: float, **kwargs: Any):
        self.pairs = [(tag, np.array(tag.get_center()), goal) for tag, goal in zip(sheet.tags, goals, strict=True)]
        super().__init__(sheet.tags, run_time=run_time, rate_func=smooth, **kwargs)

    def begin(self) -> None:
        self.pairs = [(tag, np.array(tag.get_center()), goal) for tag, _, goal in self.pairs]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for tag, start, goal in self.pairs:
            tag.move_to(start + (goal - start) * share)


__all__ = ["LampRow", "PatternSheet", "lamp"]
