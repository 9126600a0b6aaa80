"""S8 for many layers: all paths through a layered graph flash as threads, then lie down on the few arrows that they share.

Reads a Lattice. Invariants: there is a thread for every path, and it runs only along arrows; the counter is the number of
threads that are drawn; after the merge there is a line for every arrow; a sweep writes what a box has collected, which is
the number of paths from there to the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Circle, FadeIn, FadeOut, LaggedStart, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.lattice import Lattice

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import chevron
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure
from .scale_zoom import Count, grouped

MOST = 2500
HEAD = 1.0  # frame units for the counter
FLASH = 40  # threads that are bright at a time


class LayerThreads(Figure):
    """`lattice` in `area`, from left to right, its counter above. `name` is the source of its numbers.

    Verbs: `appear`, `flash`, `merge`, `sweep(k)`, `sweep_all`. Raises StageError for more than 2,500 paths.
    """

    def __init__(self, lattice: Lattice, theme: Theme, area: Area, name: str = "lattice"):
        super().__init__(theme)
        if lattice.paths > MOST:
            raise StageError(f"{lattice.paths} paths are too many for threads; {MOST} fit, of more show the count")
        self.lattice, self.source = lattice, name
        room = area.cut_top(HEAD)[1]
        width, layers = lattice.width, lattice.layers
        self.radius = min(0.34, 0.30 * room.height / width)
        widest = Number(self.quantity("share/0"), theme.ink, 28, "bold", decimals=0).width / 2 + 0.12
        x = np.linspace(room.left + max(self.radius, widest), room.right - self.radius, layers)
        y = room.center[1] + (np.arange(width)[::-1] - (width - 1) / 2) * min(room.height / width, 1.6)
        self.spots = np.stack(np.meshgrid(x, y, indexing="ij"), axis=2)  # (layer, box, 2)
        self.paths = np.array(list(lattice))
        rng = np.random.default_rng(0)  # where in its box a thread passes: for the eye alone
        self.offsets = rng.uniform(-1, 1, (len(self.paths), layers))
        self.boxes = VGroup()
        for k in range(layers):
            for j in range(width):
                box = Circle(self.radius).set_fill([theme.panel, theme.panel_top], 1)
                box.set_stroke(mix(theme.rim, theme.ink, 0.2), 2.5)
                self.boxes.add(box.move_to([*self.spots[k, j], 0]))
        self.threads = VMobject().set_stroke(theme.slope, 0.8, 0.30 if theme.dark else 0.24).set_fill(opacity=0)
        self.bright = VMobject().set_stroke(mix(theme.slope, theme.ink, 0.35), 2.6, 1.0).set_fill(opacity=0)
        self.arrows = VGroup()
        for k in range(layers - 1):
            line = VMobject().set_stroke(theme.slope, 3, 0.85).set_fill(opacity=0)
            line.points = _lines(np.repeat(self.spots[k], width, axis=0), np.tile(self.spots[k + 1], (width, 1)))
            self.arrows.add(line)
        self.count = Count(self.quantity("paths"), theme.tint("slope"), 44, "bold")
        self.word = Label("paths", theme.ink, 30)
        self.arrow_count = Count(self.quantity("arrows"), theme.tint("slope"), 44, "bold")
        self.arrow_word = Label("arrows", theme.ink, 30)
        line = area.top - 0.35
        for number, word in ((self.count, self.word), (self.arrow_count, self.arrow_word)):
            wide = number.width + 0.22 + word.width
            number.move_to([area.center[0] - wide / 2 + number.width / 2, line, 0])
            word.move_to([area.center[0] + wide / 2 - word.width / 2, line - 0.02, 0])
        self.right_end = float(self.count.get_right()[0])
        self.drawn, self.spread = 0, 1.0
        self.sums: list[VGroup] = []

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(self.lattice.layers, 'layer')} of {self.counted(self.lattice.width, 'box')}, each joined to all "
            f"of the next: {self.told(self.quantity('paths'))} paths on {self.told(self.quantity('arrows'))} arrows."
        )

    def quantity(self, what: str) -> Quantity:
        """A number of the lattice, entered under this figure's source."""
        return replace(self.lattice.quantity(what), source=self.source)

    # Threads --------------------------------------------------------------------------------------------------------

    def routes(self, which: slice) -> np.ndarray:
        """The corners of some threads, (n, layers, 2)."""
        paths = self.paths[which]
        layers = np.arange(self.lattice.layers)
        corners = self.spots[layers[None, :], paths].copy()
        corners[:, :, 1] += 0.78 * self.radius * self.spread * self.offsets[which]
        return corners

    def draw(self, drawn: int, spread: float = 1.0) -> LayerThreads:
        """The first threads; the last of them are bright while they are being counted."""
        self.drawn, self.spread = int(np.clip(drawn, 0, len(self.paths))), spread
        done = self.drawn if self.drawn == len(self.paths) else max(0, self.drawn - FLASH)
        self.threads.points = _chains(self.routes(slice(0, done)))
        self.bright.points = _chains(self.routes(slice(done, self.drawn)))
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> LaggedStart:
        """The boxes, layer by layer."""
        width = self.lattice.width
        columns = [VGroup(*self.boxes[k * width : (k + 1) * width]) for k in range(self.lattice.layers)]
        for box in self.boxes:
            self.keep(box, 4)
        return LaggedStart(*(FadeIn(column, scale=0.8) for column in columns), lag_ratio=0.2, run_time=run_time)

    def flash(self, run_time: float = 4.0) -> Flash:
        """Path after path flashes up and stays as a thread, quicker and quicker; the counter runs along."""
        for part, z in ((self.threads, 1), (self.bright, 2), (self.count, 6), (self.word, 6)):
            self.keep(part, z)
        return Flash(self, run_time=run_time)

    def merge(self, run_time: float = 1.8) -> list[Animation]:
        """The threads lie down on the arrows that they share; these are counted instead."""
        down = Merge(self, run_time=run_time)
        for line in self.arrows:
            self.keep(line, 1)
        self.keep(self.arrow_count, 6), self.keep(self.arrow_word, 6)
        self.drop(self.threads, self.bright, self.count, self.word)
        change = AnimationGroup(
            FadeOut(self.threads), FadeIn(self.arrows), FadeOut(self.count), FadeOut(self.word), FadeIn(self.arrow_count),
            FadeIn(self.arrow_word), run_time=0.8,
        )  # fmt: skip
        return [down, change]

    def sweep(self, k: int, run_time: float = 0.8) -> list[Animation]:
        """Layer k (from the last one back) collects: chevrons run to it along all its arrows, each box writes its sum."""
        if not 0 <= k < self.lattice.layers:
            raise StageError(f"there is no layer {k}; there are {self.lattice.layers}")
        theme, width = self.theme, self.lattice.width
        sums = VGroup()
        for j in range(width):
            number = Number(self.quantity(f"share/{k}"), theme.tint("slope"), 28, "bold", decimals=0)
            sums.add(number.move_to([*self.spots[k, j], 0]))
        self.sums.append(self.keep(sums, 6))
        grow: list[Animation] = []
        wide = max(2 * self.radius, number.width + 0.16)
        for box in self.boxes[k * width : (k + 1) * width]:
            if wide > 2 * self.radius + 0.01:
                grow.append(box.animate.stretch_to_fit_width(wide))
        show = AnimationGroup(*(FadeIn(number, scale=0.7) for number in sums), *grow, run_time=0.5)
        if k == self.lattice.layers - 1:
            return [show]
        marks = VGroup()
        for i in range(width):
            for j in range(width):
                start, end = self.spots[k + 1, j], self.spots[k, i]
                mark = chevron(theme, 0.2).rotate(float(np.arctan2(*(end - start)[::-1]))).set_z_index(3)
                mark.way = (start, end)
                marks.add(mark)
        return [Chevrons(marks, run_time=run_time), show]

    def sweep_all(self, run_time: float = 0.7) -> list[Animation]:
        """One sweep over all layers, from right to left."""
        return [part for k in reversed(range(self.lattice.layers)) for part in self.sweep(k, run_time)]


class Flash(Animation):
    """Threads appear one after the other, slowly at first."""

    def __init__(self, figure: LayerThreads, **kwargs: Any):
        self.figure = figure
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(figure.threads, figure.bright, figure.count, figure.word), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: the threads follow from their number."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        figure, alpha = self.figure, min(max(alpha, 0.0), 1.0)
        whole = len(figure.paths)
        drawn = whole if alpha >= 1 else int(round(whole ** (0.15 + 0.85 * alpha) if alpha > 0.02 else 1))
        figure.draw(min(drawn, whole))
        figure.count.set_text(figure.count.settled if drawn >= whole else grouped(drawn))
        figure.count.shift([figure.right_end - figure.count.get_right()[0], 0, 0])


class Merge(Animation):
    """The threads draw together in the middles of their boxes."""

    def __init__(self, figure: LayerThreads, **kwargs: Any):
        self.figure = figure
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(figure.threads, figure.bright), **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy, as above."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.draw(len(self.figure.paths), 1.0 - share)


class Chevrons(Animation):
    """Chevrons run their ways together and are gone."""

    def __init__(self, marks: VGroup, run_time: float):
        super().__init__(marks, run_time=run_time, introducer=True, remover=True, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for mark in self.mobject:
            start, end = mark.way
            mark.move_to([*(start + (end - start) * (0.08 + 0.84 * share)), 0])
            mark.set_fill(opacity=float(np.sin(np.pi * share)) ** 0.4 if 0 < share < 1 else 0.0)


def _lines(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Straight pieces (n, 2) to (n, 2) as cubic points."""
    flat = np.stack([start, start * 2 / 3 + end / 3, start / 3 + end * 2 / 3, end], axis=1).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def _chains(corners: np.ndarray) -> np.ndarray:
    """Polylines (n, k, 2) as cubic points."""
    if not len(corners):
        return np.zeros((0, 3))
    return _lines(corners[:, :-1].reshape(-1, 2), corners[:, 1:].reshape(-1, 2))


__all__ = ["LayerThreads"]
