"""S17: a network as nothing but its numbers. Every weight is a square as large as the weight, hollow where it is negative;
a lens shows some of them as they are written, and all of them drift while the training runs.

Reads the snapshots of a training. Invariants: a square's area is proportional to its weight's size, on one scale for the
whole training; there is one square for every knob; numbers at rest are the log's own. The first layer's weights stand where
the pixel stood that they read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, Rectangle, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.learning import Training
from chainreel.engine.trees import flatten

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import slot
from ..stage.pixels import Pixels
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.wire import polygon
from .figure import Figure
from .knob_panel import KnobField
from .scale_zoom import Count

MOST = 6000
READ = (4, 3)  # rows and columns of numbers in the lens
LENS = 3.9  # frame units kept for the lens and the count
FULL = 0.98  # side of the largest square, as a share of a cell
RIM = 0.22  # of a hollow square, as a share of its side


class WeightSheet(Figure):
    """The knobs of `training` in `area`, at `moments` of it (steps). `image` is (rows, columns) of the input.

    Verbs: `dissolve(picture)`, `appear`, `lens`, `tally`, `drift(moment)`, `line_up(field)`. `show(m)` is any moment, also
    between two. Raises StageError for an input that is no such image and for more than 6,000 knobs.
    """

    def __init__(
        self, training: Training, theme: Theme, area: Area, *, image: tuple[int, int], moments: Sequence[int],
        name: str = "training",
    ):  # fmt: skip
        super().__init__(theme)
        self.training, self.area, self.source, self.moments = training, area, name, tuple(moments)
        leaves = flatten(training.params_at(0))[0]
        self.shapes = [np.shape(leaf) for leaf in leaves]
        inputs, units = self.shapes[training.names.index(self._first)]
        if inputs != image[0] * image[1]:
            raise StageError(f"the network reads {inputs} numbers, which is no image of {image[0]} by {image[1]}")
        count = sum(int(np.prod(shape)) for shape in self.shapes)
        if count > MOST:
            raise StageError(f"a sheet shows up to {MOST} numbers, not {count}; show how many there are as an area")
        self.image, self.units = image, int(units)
        self.states = [self._values(step) for step in self.moments]
        self.largest = max(float(np.abs(state).max()) for state in self.states) or 1.0
        self._place()
        self.full, self.hollow = VMobject(), VMobject()
        for part in (self.full, self.hollow):
            part.set_fill(theme.knob, 1).set_stroke(width=0)
        self.spots, self.pitch_now, self.m = self.places, self.pitch, 0.0
        self._read()
        self.show(0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A sheet of {self.counted(len(self.places), 'number')}, each a square as large as the number; negative ones "
            "are hollow."
        )

    @property
    def _first(self) -> str:
        return next(name for name in self.training.names if len(self.shapes[self.training.names.index(name)]) == 2)

    def _values(self, step: int) -> np.ndarray:
        """All knobs at a step, the first layer's weights in front, (n,)."""
        leaves = flatten(self.training.params_at(step))[0]
        order = [self.training.names.index(name) for name in self.names]
        return np.concatenate([np.ravel(leaves[k]) for k in order])

    @property
    def names(self) -> list[str]:
        """The leaves in the order in which they stand: the first weights, then the rest."""
        return [self._first, *(name for name in self.training.names if name != self._first)]

    # Layout ---------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """The middles of all cells (n, 2): a block of cells for each pixel, the other layers below it."""
        rows, columns = self.image
        room = Area(self.area.left, self.area.right - LENS, self.area.bottom, self.area.top)
        others = sum(int(np.prod(shape)) for shape in self.shapes) - rows * columns * self.units
        best: tuple[float, int, int, int] | None = None
        for wide in range(1, self.units + 1):
            high = -(-self.units // wide)
            below = -(-others // (columns * wide))
            pitch = min(room.width / (columns * wide), room.height / (rows * high + below + 0.8))
            if best is None or pitch > best[0] + 1e-9:
                best = (pitch, wide, high, below)
        assert best is not None
        self.pitch, wide, high, below = best
        self.block = wide, high
        k = np.arange(rows * columns * self.units)
        pixel, unit = np.divmod(k, self.units)
        row, column = np.divmod(pixel, columns)
        y, x = np.divmod(unit, wide)
        first = np.column_stack([column * wide + x + 0.5, -(row * high + y + 0.5)])
        r, c = np.divmod(np.arange(others), columns * wide)
        last = np.column_stack([c + 0.5, -(rows * high + 0.8 + r + 0.5)])
        grid = np.concatenate([first, last]) * self.pitch
        size = np.array([columns * wide, rows * high + 0.8 + below]) * self.pitch
        self.corner = np.array([room.center[0] - size[0] / 2, room.center[1] + size[1] / 2])
        self.places = grid + self.corner
        self.size = size
        self.others = others

    def _read(self) -> None:
        """The numbers in the lens: a small block of the first layer in which most changes."""
        rows, columns = READ
        wide, high = self.block
        moved = np.abs(self.states[-1] - self.states[0])[: self.image[0] * self.image[1] * self.units]
        table = np.full((self.image[0] * high, self.image[1] * wide), np.nan)
        index = np.full(table.shape, -1)
        for k in range(len(moved)):
            c, r = (self.places[k] - self.corner) / self.pitch
            table[int(-r), int(c)], index[int(-r), int(c)] = moved[k], k
        best, at = -1.0, (0, 0)
        for i in range(table.shape[0] - rows + 1):
            for j in range(table.shape[1] - columns + 1):
                total = table[i : i + rows, j : j + columns].sum()
                if total > best:
                    best, at = float(total), (i, j)
        self.seen = index[at[0] : at[0] + rows, at[1] : at[1] + columns].ravel()
        theme, pitch = self.theme, self.pitch
        lens = Area(self.area.right - LENS + 0.35, self.area.right, self.area.bottom, self.area.top)
        face = slot(theme, lens.width, 0.58 * rows + 0.26, rim=theme.knob)
        face.move_to([lens.center[0], lens.center[1] + 0.55, 0])
        first, last = self.places[self.seen[0]], self.places[self.seen[-1]]
        frame = Rectangle(width=columns * pitch + 0.08, height=rows * pitch + 0.08)
        frame.set_stroke(theme.ink, 2.5).set_fill(opacity=0).move_to([*(first + last) / 2, 0])
        corners = [frame.get_corner([1, 1, 0]), face.get_corner([-1, 1, 0]), face.get_corner([-1, -1, 0])]
        corners.append(frame.get_corner([1, -1, 0]))
        beam = VMobject().set_fill(theme.ink, 0.06).set_stroke(theme.ink, 1.2, 0.28)
        beam.points = polygon(np.array(corners)[:, :2])
        self.glass = VGroup(beam, face, frame)
        self.numbers: list[Number] = []
        for n, k in enumerate(self.seen):
            r, c = divmod(n, columns)
            number = self._number(int(k), 0)
            x = lens.left + lens.width * (c + 0.5) / columns
            y = face.get_top()[1] - 0.13 - 0.58 * (r + 0.5)
            number.at = np.array([x, y, 0.0])
            self.numbers.append(number.move_to(number.at))
        self.count = Count(self.quantity("knobs"), theme.tint("knob"), 44, "bold")
        self.word = Label("numbers", theme.ink, 28, "medium")
        low = face.get_bottom()[1] - 0.65
        self.count.move_to([lens.center[0], low, 0])
        self.word.move_to([lens.center[0], low - 0.58, 0])

    # Numbers --------------------------------------------------------------------------------------------------------

    def quantity(self, what: str, step: int = 0, element: tuple[int, ...] | None = None) -> Quantity:
        """A number of the training, entered under this figure's source."""
        return replace(self.training.quantity(what, step, element), source=self.source)

    def _number(self, k: int, moment: int) -> Number:
        """A first-layer weight at a moment."""
        q = self.quantity(f"point/{self._first}", self.moments[moment], divmod(k, self.units))
        number = Number(q, self.theme.tint("knob"), 26, decimals=2)
        number.ground = self.theme.slot
        return number

    # Drawing --------------------------------------------------------------------------------------------------------

    def show(self, m: float) -> WeightSheet:
        """All squares, and the digits in the lens, at a moment; between two moments both run on evenly."""
        self.m = float(np.clip(m, 0, len(self.moments) - 1))
        k = min(int(self.m), max(len(self.states) - 2, 0))
        here, there = self.states[k], self.states[min(k + 1, len(self.states) - 1)]
        self.values = here + (there - here) * (self.m - k)
        self.draw()
        for number, knob in zip(self.numbers, self.seen, strict=True):
            number.set_text(shown(float(self.values[knob]), 2, auto=False))
        return self

    def draw(self, spots: np.ndarray | None = None, pitch: float | None = None) -> None:
        """The squares at their places, or at others."""
        self.spots = self.places if spots is None else spots
        self.pitch_now = self.pitch if pitch is None else pitch
        side = FULL * self.pitch_now * np.sqrt(np.abs(self.values) / self.largest)
        up = self.values >= 0
        self.full.points = squares(self.spots[up], side[up])
        low, inner = self.spots[~up], side[~up]
        self.hollow.points = np.concatenate([squares(low, inner), squares(low, inner * (1 - 2 * RIM))[::-1]])

    def settle(self, moment: int) -> WeightSheet:
        """At rest at a moment: the numbers in the lens are the log's, with their source."""
        self.show(moment)
        for number, knob in zip(self.numbers, self.seen, strict=True):
            fresh = self._number(int(knob), moment)
            number.quantity, number.settled, number.provenance = fresh.quantity, fresh.settled, fresh.provenance
            number.set_text(fresh.settled)
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> FadeIn:
        """The whole sheet."""
        return FadeIn(VGroup(self.keep(self.full, 2), self.keep(self.hollow, 2)), run_time=run_time)

    def dissolve(self, picture: Pixels, run_time: float = 2.4) -> AnimationGroup:
        """Every pixel of an input falls apart into the weights that read it; the other layers come after them."""
        if picture.greys.shape[:2] != self.image:
            raise StageError("the picture that dissolves has another shape than the network reads")
        return AnimationGroup(
            FadeOut(picture, run_time=0.5 * run_time), Dissolve(self, picture, run_time=run_time), run_time=run_time
        )

    def lens(self, run_time: float = 0.9) -> FadeIn:
        """Some of the numbers as they are written."""
        for part, z in zip(self.glass, (3, 4, 5), strict=True):
            self.keep(part, z)
        for number in self.numbers:
            self.keep(number, 6)
        return FadeIn(VGroup(self.glass, *self.numbers), run_time=run_time)

    def tally(self, run_time: float = 0.8) -> FadeIn:
        """How many there are."""
        return FadeIn(VGroup(self.keep(self.count, 6), self.keep(self.word, 6)), run_time=run_time)

    def drift(self, moment: int = -1, run_time: float = 4.0) -> Drift:
        """The training runs on to a moment (counted from 0; −1 is the last): squares swell and shrink, digits run."""
        return Drift(self, moment % len(self.moments), run_time=run_time)

    def line_up(self, field: KnobField, run_time: float = 2.0, *, counted: bool = False) -> list[Animation]:
        """The numbers line up as dials: square by square they go to the dials of a field, which then stands there. With
        `counted` it still says beside it how many they are.
        """
        if len(field.places) != len(self.places) or not np.allclose(field.values, self.values):
            raise StageError("the field has other knobs than the sheet; give it the sheet's values")
        gone = [*self.glass, *self.numbers, *([] if counted else [self.count, self.word])]
        leave = [FadeOut(part) for part in gone if part in self.submobjects]
        self.drop(*gone, self.full, self.hollow)
        squares_go = FadeOut(VGroup(self.full, self.hollow))
        first = [AnimationGroup(*leave, run_time=0.5)] if leave else []
        return [*first, LineUp(self, field, run_time=run_time), AnimationGroup(field.appear(1.0), squares_go, run_time=1.0)]


class Drift(Animation):
    """The sheet runs from the moment that it shows to another, at an even pace through the moments."""

    def __init__(self, sheet: WeightSheet, moment: int, **kwargs: Any):
        self.sheet, self.first, self.last = sheet, sheet.m, moment
        kwargs.setdefault("rate_func", smooth)
        shown_numbers = [n for n in sheet.numbers if n in sheet.submobjects]
        super().__init__(VGroup(sheet.full, sheet.hollow, *shown_numbers), **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: every moment is shown from the log."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        if alpha >= 1:
            self.sheet.settle(self.last)
            return
        self.sheet.show(self.first + (self.last - self.first) * self.rate_func(max(alpha, 0.0)))


class Dissolve(Animation):
    """Squares leave the pixels of a picture for their places on the sheet; the other layers' grow below, at the end."""

    def __init__(self, sheet: WeightSheet, picture: Pixels, **kwargs: Any):
        self.sheet = sheet
        rows, columns = sheet.image
        wide, high = sheet.block
        k = np.arange(len(sheet.places) - sheet.others)
        pixel, unit = np.divmod(k, sheet.units)
        row, column = np.divmod(pixel, columns)
        y, x = np.divmod(unit, wide)
        share = np.column_stack([(column + (x + 0.5) / wide) / columns, (row + (y + 0.5) / high) / rows])
        left, top = picture.get_left()[0], picture.get_top()[1]
        self.start = np.array([left, top]) + share * [picture.width, -picture.height]
        below = sheet.places[len(k) :]
        foot = np.column_stack([left + (below[:, 0] - sheet.corner[0]) / sheet.size[0] * picture.width,
                                np.full(len(below), top - picture.height)])  # fmt: skip
        self.start = np.concatenate([self.start, foot])
        self.cell = min(picture.width / columns / wide, picture.height / rows / high)
        self.delay = np.concatenate([0.25 * (row + column) / (rows + columns), np.full(len(below), 0.45)])
        sheet.keep(sheet.full, 2), sheet.keep(sheet.hollow, 2)
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(sheet.full, sheet.hollow), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: places follow from the share alone."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        sheet, alpha = self.sheet, min(max(alpha, 0.0), 1.0)
        seen = min(1.0, 3.5 * alpha)
        for part in (sheet.full, sheet.hollow):
            part.set_fill(opacity=seen)
        if alpha >= 1:
            sheet.draw()
            return
        t = np.clip((alpha - 0.15 - 0.35 * self.delay) / 0.5, 0, 1)
        t = (t * t * (3 - 2 * t))[:, None]
        whole = self.rate_func(alpha)
        sheet.draw(self.start + (sheet.places - self.start) * t, self.cell + (sheet.pitch - self.cell) * whole)


class LineUp(Animation):
    """The squares go to the dials of a field."""

    def __init__(self, sheet: WeightSheet, field: KnobField, **kwargs: Any):
        self.sheet, self.field = sheet, field
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(sheet.full, sheet.hollow), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy, as above."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0))
        sheet, field = self.sheet, self.field
        pitch = sheet.pitch + (0.6 * field.pitch - sheet.pitch) * t
        sheet.draw(sheet.places + (field.places - sheet.places) * t, pitch)


def squares(places: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Squares round places (n, 2) as manim's cubic points, 16 each."""
    if not len(places):
        return np.zeros((0, 3))
    unit = np.array([[-1, 1], [1, 1], [1, -1], [-1, -1]]) / 2
    corners = places[:, None, :] + unit[None] * np.asarray(sides)[:, None, None]
    there = np.roll(corners, -1, axis=1)
    flat = np.stack([corners, corners * 2 / 3 + there / 3, corners / 3 + there * 2 / 3, there], axis=2).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


__all__ = ["WeightSheet", "squares"]
