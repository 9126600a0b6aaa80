"""S14 of a network: the loss on a plane through its trained knobs, as a map and as a surface, with the way of its training.

Reads a Landscape. Invariants: every height is the loss of a whole network; the way is the shadow of the training's states
on the plane and ends in the middle; the counter shows the training's own steps and losses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Circle, Dot, FadeIn, FadeOut, VGroup
from manim.utils.rate_functions import smooth

from chainreel.engine.learning import Landscape

from ..stage.bars import Bars
from ..stage.formula import Formula, Marker
from ..stage.glow import Glow
from ..stage.number import Number, Phrase
from ..stage.plate import Plate
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.thread import Spot, Tag
from .contour_descent import MESH, Row, Runner
from .figure import Figure
from .loss_surface import LossSurface

WORK = 3e9  # products of knobs and examples that a map may cost
STEPS = 40  # positions of the probe
BELOW = 0.42  # how far the probe's number stands under its dot
BARS = 72  # of a strip


class ModelSlice(LossSurface):
    """The landscape of a network. Verbs beside LossSurface's: `probe`, `clear_probe`; `race` runs the training's way."""

    def __init__(self, landscape: Landscape, theme: Theme, name: str = "landscape", **kwargs: Any):
        self.landscape = landscape
        cost = landscape.end.size * len(landscape.data[0])
        shrink = float(np.clip(np.sqrt(WORK / cost / (MESH[0] * MESH[1])), 0.17, 1.0))
        self.mesh_size = (int(MESH[0] * shrink), int(MESH[1] * shrink))
        self.lines = max(int(97 * shrink), 41)
        log: Any = landscape  # it has steps and quantities as a descent
        super().__init__(log, theme, {name: log}, landscape.ranges, names=("a", "b"), **kwargs)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "The loss of a network over a slice through all its weights: a surface along two directions, and its map."

    def _looks(self, optimizers: list[str]) -> list[str]:
        return ["glide"]

    def _log(self) -> None:
        """The goal of the way is its end: the trained network in the middle of the plane."""
        super()._log()
        self.goal_at, self.lowest = (0.0, 0.0), float(self.landscape.steps[-1].loss)

    def _arrivals(self) -> None:
        self.length = max(1, self.runners[0].last)

    def _rows(self) -> list[Row]:
        return [WayRow(self, self.runners[0])]

    def probe(self, run_time: float = 3.2) -> list[Animation]:
        """A dot leaves the trained network and moves to where the training began; its loss runs along."""
        theme, at = self.theme, np.array([0.0, 0.0])
        place = self.view.place(*at)[:2]
        height = float(self.height(self.lowest))
        self.walker = self._join(Spot(theme, self.space, place, height, theme.ink), 9)
        self.reading = Number(self.quantity(self.runners[0], "shadow", 0), theme.tint("loss"), 30)
        first = self.quantity(self.runners[0], "shadow", len(self.landscape.states) - 1)
        start = Number(first, theme.tint("loss"), 30)
        self.reading.set_text(start.settled)
        self.plate = self.keep(Plate(theme, self.reading), 10)
        walk = Probe(self, run_time=run_time)
        walk.interpolate_mobject(0.0)
        return [AnimationGroup(FadeIn(self.walker, scale=0.5), FadeIn(self.plate), run_time=0.7), walk]

    def clear_probe(self) -> FadeOut:
        """The probe's number goes; its dot stays as the start."""
        self._leave([self.plate])
        return FadeOut(self.plate, run_time=0.4)

    def trained(self) -> AnimationGroup:
        """A ring in the middle: the trained network."""
        theme, place, height = self.theme, self.view.place(0.0, 0.0)[:2], float(self.height(self.lowest))
        at = np.array([*self._at(place, height), 0.0])
        circle = Circle(0.155).set_stroke(theme.data, 3).set_fill(opacity=0)
        ring = VGroup(circle, Dot(radius=0.05, color=theme.data)).move_to(at)
        glow = Glow(theme.data, 1.3, 1.3, 0.35 * theme.glow).move_to(at)
        self._join_tag(ring, Tag(self.space, ring, lambda: self._world(place, height)), 10)
        self._join_tag(glow, Tag(self.space, glow, lambda: self._world(place, height)), -5)
        label = self._tagged(self._label("trained", "data", [at], self.busy(), 0.26), place, height)
        return AnimationGroup(FadeIn(ring, scale=1.8), FadeIn(glow), FadeIn(label), run_time=0.9)

    def stand(self) -> AnimationGroup:
        """Nothing to mark at the start but the dot that the probe has left there."""
        raise NotImplementedError("a model's slice marks its start by `probe`")


    def probed(self) -> np.ndarray:
        """The points of the plane that the probe visits, shape (steps + 1, 2)."""
        ends = self.landscape.steps[-1].point, self.landscape.steps[0].point
        a, b = (np.array([e["a"], e["b"]]) for e in ends)
        way = np.linspace(0.0, 1.0, STEPS + 1)[:, None]
        side = np.array([-(b - a)[1], (b - a)[0]]) * 0.18  # a bend, so that it is not taken for the training's way
        return a + way * (b - a) + np.sin(np.pi * way) * side

    def _strokes(self) -> np.ndarray:
        """Where the probe's number will be is kept free, too."""
        floor = float(self.height(self.lowest))  # the map still lies flat then
        way = [self._at(self.view.place(*point)[:2], floor) for point in self.probed()[:: STEPS // 12]]
        room = [place + [x, y - BELOW] for place in way for x in (-0.5, -0.25, 0.0, 0.25, 0.5) for y in (-0.17, 0.0, 0.17)]
        return np.concatenate([super()._strokes(), room])


class Probe(Animation):
    """The dot moves over the flat map from the trained network to the start of the training."""

    def __init__(self, figure: ModelSlice, **kwargs: Any):
        self.figure = figure
        self.points = figure.probed()
        self.losses = figure.landscape.losses(self.points)
        super().__init__(VGroup(figure.walker, figure.plate), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        figure, t = self.figure, smooth(min(max(alpha, 0.0), 1.0)) * STEPS
        k = min(int(t), STEPS - 1)
        here = self.points[k] + (t - k) * (self.points[k + 1] - self.points[k])
        loss = self.losses[k] + (t - k) * (self.losses[k + 1] - self.losses[k])
        place = figure.view.place(*here)[:2]
        walker, number = figure.walker, figure.reading
        walker.place = place
        height = float(figure.height(loss))
        walker.height_there = height if np.isfinite(height) else None
        walker.follow()
        number.set_text(number.settled if alpha >= 1 else shown(float(loss), number.decimals, auto=False))
        spot = walker.get_center()
        figure.plate.move_to([spot[0], spot[1] - BELOW, 0])


class WayRow(Row):
    """The training's own step and loss while its way is drawn: the loss is the network's, not that of its shadow."""

    def __init__(self, figure: ModelSlice, runner: Runner):
        self.landscape = figure.landscape
        self.true = np.array([figure.landscape.training.losses[k] for k in figure.landscape.states])
        super().__init__(figure, runner, 0)
        self.close = False  # its words have room below

    def level(self, loss: float) -> None:
        """The bar's length: the loss as a share of the first one."""
        self._bar(0)

    def _bar(self, k: int) -> None:
        top = float(self.true.max()) or 1.0
        self.share = float(np.clip(self.true[k] / top, 0.0, 1.0))
        width = max(self.share * (self.right - self.left), 0.02)
        self.bar.stretch_to_fit_width(width).move_to([self.left + width / 2, self.y - 0.34, 0])

    def at(self, t: float) -> None:
        """Show the training at a state."""
        k = int(min(t + 1e-9, self.runner.last))
        self._put(self.count, f"{self.landscape.states[k]:d}")
        self._bar(k)

    def conclude(self) -> None:
        """The losses that it began and ended with."""
        figure, theme = self.figure, self.figure.theme
        self._put(self.count, self.count.settled)
        first, last = (figure.quantity(self.runner, "true", k) for k in (0, -1))
        words = Phrase("loss {a} to {b}", theme.tint("loss"), 26, a=first, b=last)
        words.shift([self.right - words.width, self.y - 0.82, 0])
        self.state.add(words)
        figure.keep(self.state, 7)


class Directions(Figure):
    """All knobs of a network as a strip of bars, and two directions that may be added to them.

    `width` frame units from `left`, the first strip's middle at height `y`. Verbs: `knobs`, `two`.
    """

    def __init__(self, landscape: Landscape, theme: Theme, left: float, width: float, y: float, pitch: float = 0.95):
        super().__init__(theme)
        rows: list[tuple[Any, np.ndarray, str]] = [
            (_knobs, landscape.end, "knob"),
            (_first, landscape.directions[0], "ink"),
            (_second, landscape.directions[1], "ink"),
        ]
        self.rows = VGroup()
        for k, (write, values, role) in enumerate(rows):
            label = Formula(write, theme, 40).set_baseline(left, y - k * pitch - 0.1)
            bars = Bars(theme, values, width - 1.15, 0.74, role, BARS)
            bars.move_to([left + 1.15 + (width - 1.15) / 2, y - k * pitch, 0])
            self.rows.add(VGroup(label, bars))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "All the weights of a network as a strip of bars, and two directions that may be added to them."

    def knobs(self) -> AnimationGroup:
        """The trained knobs, one after the other."""
        label, bars = self.keep(self.rows[0], 4)
        rising = AnimationGroup(*(FadeIn(bar) for bar in bars), lag_ratio=0.12, run_time=1.8)
        return AnimationGroup(FadeIn(label, run_time=0.5), rising)

    def two(self) -> AnimationGroup:
        """The two directions, one after the other."""
        for row in self.rows[1:]:
            self.keep(row, 4)
        return AnimationGroup(*(FadeIn(row) for row in self.rows[1:]), lag_ratio=0.5, run_time=1.4)


def _knobs(mark: Marker) -> str:
    return str(mark("knob", None, "bold(w)"))


def _first(mark: Marker) -> str:
    return f"+ {mark('knob', None, 'a')} thin {mark('ink', None, 'bold(u)')}"


def _second(mark: Marker) -> str:
    return f"+ {mark('knob', None, 'b')} thin {mark('ink', None, 'bold(v)')}"


def slice_chip(theme: Theme, knobs: Any) -> Phrase:
    """`a slice through 337 knobs`."""
    return Phrase("a slice through {n} knobs", theme.muted, 22, decimals=0, n=knobs)


__all__ = ["Directions", "ModelSlice", "Probe", "WayRow", "slice_chip"]
