"""S19 at one moment: examples as points on a floor of two measures, on each the stick of its own loss; their mean.

Reads a KnobSlice. Invariants: a stick is as long as its example's loss, on one scale; marks are the right guesses; in the
meter every loss stands at its own height, and the mean is theirs.
"""

from __future__ import annotations

import numpy as np
from manim import (
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Polygon,
    ReplacementTransform,
    Square,
    Transform,
    VGroup,
    VMobject,
)

from chainreel.engine.learning import KnobSlice

from ..stage.area import Area
from ..stage.parts import round_caps
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure
from .loss_gauge import LossGauge

DEEP = 0.50  # how high the floor is drawn, as a share of the area
SLANT = 0.16  # how far its rear stands to the right, as a share of the width
STICK = 1.85  # frame units for a loss of one


class MeanLoss(Figure):
    """The examples of `slice_` (two measures each, two classes) on a floor in `area`.

    Verbs: `appear`, `sticks`, `right`, `pour(gauge)`, `settle_mean(gauge)`, `become_map(corners)`.
    """

    def __init__(self, slice_: KnobSlice, theme: Theme, area: Area, words: tuple[str, str], classes: tuple[str, str]):
        super().__init__(theme)
        self.slice, self.area = slice_, area
        here = slice_.setting(slice_.points[0])
        self.losses, self.marks = slice_.each(here)[0], slice_.marks(here)[0]
        X, y = slice_.data.rows, slice_.data.y.reshape(-1)
        corners = [self.place(*c) for c in ((0, 0), (1, 0), (1, 1), (0, 1))]
        self.floor = Polygon(*corners).set_fill(theme.slot, 0.9).set_stroke(mix(theme.rim, theme.muted, 0.4), 2)
        self.lines = VGroup()
        for share in (0.25, 0.5, 0.75):
            self.lines.add(Line(self.place(share, 0), self.place(share, 1)), Line(self.place(0, share), self.place(1, share)))
        self.lines.set_stroke(theme.ink, 1, 0.10)
        self.names = VGroup(*(Label(w, theme.tint("data"), 24, "medium", names=True) for w in words))
        self.names[0].move_to(self.place(0.22, 0) + [0, -0.28, 0])
        right = self.place(1, 0.5)
        self.names[1].move_to(right + [0.2 + self.names[1].width / 2, -0.12, 0])
        kinds = [X[y < 0.5], X[y > 0.5]]
        for rows, kind, low in zip(kinds, classes, (-0.16, -0.2), strict=True):
            label = Label(kind, theme.tint("data"), 24, "semibold", names=True)
            self.names.add(label.move_to(self.place(float(rows[:, 0].mean()), float(rows[:, 1].min()) + low)))
        order = np.argsort(-X[:, 1], kind="stable")  # the rear ones first
        self.order = [int(k) for k in order]
        self.spots, self.rods = {}, {}
        for k in self.order:
            at = self.place(*X[k])
            spot = Square(0.17).apply_matrix([[1, 0.25], [0, 0.75]]).move_to(at)
            if y[k] > 0.5:
                spot.set_fill(theme.data, 1).set_stroke(theme.slot, 1)
            else:
                spot.set_fill(opacity=0).set_stroke(theme.data, 2.6)
            self.spots[k] = spot
            rod = Line(at, at + [0, STICK * float(self.losses[k]), 0]).set_stroke(theme.loss, 4.2)
            self.rods[k] = round_caps(rod)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(self.slice.data.y, 'point')} on a floor of two measures, on each a stick as high as its own loss."
        )

    def place(self, a: float, b: float) -> np.ndarray:
        """Where two measures, 0 to 1 each, are on the floor."""
        area = self.area
        wide = area.width * (1 - SLANT)
        return np.array([area.left + a * wide + b * SLANT * area.width, area.bottom + b * DEEP * area.height, 0.0])

    # Verbs ------------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4) -> AnimationGroup:
        """The floor, and the examples on it."""
        self.keep(self.floor, 0), self.keep(self.lines, 0.5), self.keep(self.names, 5)
        for z, k in enumerate(self.order):
            self.keep(self.spots[k], 2 + 0.04 * z)
        return AnimationGroup(
            FadeIn(self.floor), FadeIn(self.lines), FadeIn(self.names),
            LaggedStart(*(FadeIn(self.spots[k], scale=0.4) for k in self.order), lag_ratio=0.03), run_time=run_time,
        )  # fmt: skip

    def sticks(self, run_time: float = 1.8) -> LaggedStart:
        """On every example its own loss grows."""
        grow = []
        for z, k in enumerate(self.order):
            rod = self.rods[k]
            flat = rod.copy().put_start_and_end_on(rod.get_start(), rod.get_start() + [0, 1e-3, 0])
            goal = rod.copy()
            rod.become(flat)
            self.keep(rod, 2.02 + 0.04 * z)
            grow.append(Transform(rod, goal))
        return LaggedStart(*grow, lag_ratio=0.04, run_time=run_time)

    def right(self, run_time: float = 0.8) -> AnimationGroup:
        """A tick over each example whose guess is right; the sticks of the others step back."""
        self.ticks = VGroup()
        for k in self.order:
            if self.marks[k]:
                mark = VMobject().set_points_as_corners([[-0.13, 0.0, 0], [-0.04, -0.1, 0], [0.14, 0.13, 0]])
                top = self.rods[k].get_end()
                self.ticks.add(round_caps(mark.set_stroke(self.theme.data, 5).set_fill(opacity=0)).move_to(top + [0, 0.24, 0]))
        self.keep(self.ticks, 9)
        calm = [self.rods[k].animate.set_stroke(opacity=0.4) for k in self.order if not self.marks[k]]
        return AnimationGroup(FadeIn(self.ticks, scale=0.6), *calm, run_time=run_time)

    def pour(self, gauge: LossGauge, run_time: float = 1.6) -> LaggedStart:
        """A copy of every stick flies to the meter and lies there at the height of its loss."""
        self.layers, flights = VGroup(), []
        tube = gauge.tube
        for k in self.order:
            copy = self.rods[k].copy().set_z_index(12)
            y, half = gauge.height_of(float(self.losses[k])), tube.tube_width / 2 - 0.05
            goal = Line([tube.x - half, y, 0], [tube.x + half, y, 0]).set_stroke(self.theme.tint("loss"), 2.6, 0.8)
            self.layers.add(copy)
            flights.append(Transform(copy, goal.set_z_index(12)))
        self.keep(self.layers, 12)
        return LaggedStart(*flights, lag_ratio=0.03, run_time=run_time)

    def become_map(self, corners: np.ndarray, run_time: float = 1.4) -> AnimationGroup:
        """The examples go; their floor turns into the ground of another picture with these corners, and fades under it."""
        self.ground = Polygon(*corners).match_style(self.floor)
        self.drop(self.floor)
        rest = VGroup(*self.submobjects)
        self.drop(*rest)
        return AnimationGroup(
            FadeOut(rest, run_time=0.5 * run_time), ReplacementTransform(self.floor, self.ground, run_time=run_time)
        )

    def settle_mean(self, gauge: LossGauge, run_time: float = 0.9) -> AnimationGroup:
        """The losses in the meter draw together to their mean."""
        y, half = gauge.height_of(float(self.losses.mean())), gauge.tube.tube_width / 2 - 0.05
        goal = Line([gauge.tube.x - half, y, 0], [gauge.tube.x + half, y, 0]).set_stroke(self.theme.tint("loss"), 2.6, 0.0)
        layers = self.layers
        self.drop(layers)
        return AnimationGroup(*(Transform(part, goal) for part in layers), run_time=run_time)


__all__ = ["MeanLoss"]
