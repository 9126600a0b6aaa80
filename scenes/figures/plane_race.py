"""S15 of a network: two or more trainings of one network, seen as runners on a map of its loss.

The map is a slice: the plane along which the first training moved most (a Landscape). Every place on it is a setting of all
knobs, so a training that left the plane is shown by its shadow, the nearest point of the plane.
Invariants: paths are the shadows of the logs, step by step; plain descent hops, momentum glides; the map's heights are losses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, Dot, FadeIn, RoundedRectangle, VGroup

from chainreel.engine.learning import Landscape, Training
from chainreel.engine.learning.objective import pack
from chainreel.engine.trees import flatten

from ..stage.area import Area
from ..stage.field import Field
from ..stage.glow import Glow
from ..stage.picture import Picture, Spread
from ..stage.plate import Plate
from ..stage.theme import Theme, mix
from ..stage.trails import Trail
from ..stage.type import Label
from .figure import Figure
from .model_slice import slice_chip

MESH = (181, 121)
MARGIN = 0.16  # of the ways' extent, around them


def shadow(landscape: Landscape, training: Training) -> np.ndarray:
    """The nearest points of a landscape's plane for every step of a training of the same network, (steps + 1, 2)."""
    way = np.array([pack(flatten(training.params_at(k))[0]) for k in range(training.steps + 1)]) - landscape.end
    return np.asarray(np.linalg.lstsq(landscape.directions.T, way.T, rcond=None)[0].T)


class PlaneRace(Figure):
    """`runs` maps a source name to (training, look, word); all begin at one place. Both directions have one scale, and the
    map is turned so that the first run goes to the right.

    Verbs: `spread`, `begin`, `show(step)`, `names`.
    """

    def __init__(
        self, theme: Theme, area: Area, landscape: Landscape, runs: Mapping[str, tuple[Training, str, str]],
        source: str = "landscape",
    ):  # fmt: skip
        super().__init__(theme)
        self.area, self.landscape, self.runs = area, landscape, dict(runs)
        self.flip = -1.0 if shadow(landscape, landscape.training)[0, 0] > 0 else 1.0
        self.ways = {name: shadow(landscape, log) * [self.flip, 1.0] for name, (log, _, _) in runs.items()}
        every = np.concatenate(list(self.ways.values()))
        low, high = every.min(axis=0), every.max(axis=0)
        middle, spread = (low + high) / 2, (high - low) * (1 + 2 * MARGIN)
        self.scale_of = float(min(area.width / spread[0], area.height / spread[1]))  # frame units for one unit of knobs
        half = np.array([area.width, area.height]) / self.scale_of / 2
        self.low, self.high = middle - half, middle + half
        x, y = (np.linspace(a, b, n) for a, b, n in zip(self.low, self.high, MESH, strict=True))
        values = landscape.grid({"a": np.sort(self.flip * x), "b": y})
        self.field = Field(x, y, values[:: int(self.flip)], float(landscape.training.losses[-1]))
        self.sheet = RoundedRectangle(corner_radius=0.16, width=area.width, height=area.height).move_to(area.center)
        self.sheet.set_stroke(width=0).set_fill(theme.slot, 1)
        self.sheet.picture = Picture(self.field.paint(theme, area.width))
        self.rim = self.sheet.copy().set_fill(opacity=0).set_stroke(mix(theme.rim, theme.loss, 0.5), 1.8)
        del self.rim.picture
        self.trails = {
            name: Trail(theme, self.places(name), look, area.box) for name, (_, look, _) in runs.items()
        }
        start = np.array([*next(iter(self.trails.values())).points_seen[0], 0.0])
        self.start = Dot(start, radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        chip = slice_chip(theme, replace(landscape.quantity("knobs"), source=source))
        self.chip = Plate(theme, chip)
        self.chip.move_to([area.left + 0.14 + self.chip.width / 2, area.bottom + 0.12 + self.chip.height / 2, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A map of the loss over a slice through all {self.told(self.landscape.end.size)} knobs, on which "
            f"{self.listed(word for _, _, word in self.runs.values())} set out from one place."
        )

    def places(self, name: str) -> np.ndarray:
        """A run's steps on the frame, (steps + 1, 2)."""
        return np.asarray((self.ways[name] - self.low) * self.scale_of + [self.area.left, self.area.bottom])

    def show(self, step: float) -> PlaneRace:
        """Every runner at a step, or between two."""
        for trail in self.trails.values():
            trail.reach(step)
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def spread(self, run_time: float = 1.6) -> AnimationGroup:
        """The map spreads from the start, and says that it is a slice."""
        self.keep(self.sheet, 0), self.keep(self.rim, 1), self.keep(self.chip, 8)
        return AnimationGroup(
            Spread(self.sheet, self.start.get_center(), run_time=run_time), FadeIn(VGroup(self.rim, self.chip), run_time=0.8)
        )

    def begin(self, run_time: float = 0.6) -> Animation:
        """The dot at the start."""
        self.keep(self.start, 9)
        for trail in self.trails.values():
            trail.head.set_z_index(10)
        flare = Glow(self.theme.ink, 1.2, 1.2, 0.4 * self.theme.glow).move_to(self.start)
        self.keep(flare, 2)
        return AnimationGroup(FadeIn(self.start, scale=0.4), FadeIn(flare), run_time=run_time)

    def runner(self, name: str) -> Trail:
        """A run's trail, from now on shown."""
        return self.keep(self.trails[name], 6)

    def name_of(self, name: str, way: tuple[float, float], step: int = -1) -> Plate:
        """The word of a run, so far away from where it is at a step, by default its last."""
        word = Plate(self.theme, Label(self.runs[name][2], self.theme.ink, 24, "semibold"))
        x, y = self.trails[name].points_seen[step]
        return self.keep(word.move_to([x + way[0], y + way[1], 0]), 10)


__all__ = ["PlaneRace", "shadow"]
