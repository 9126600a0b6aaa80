"""Optimizers on one curve: a head for each runs on it, and below the axis each has a lane that keeps the places it was at.

Reads the logs of descents over one input. Invariants: a head is on the curve at the place of its log; marks in a lane are the
places of the steps made so far; all take their steps at the same pace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Dot, FadeIn, Line, VGroup, VMobject
from manim.utils.rate_functions import linear

from chainreel.engine import Descent, Quantity

from ..stage.number import Number
from ..stage.theme import Theme
from ..stage.trails import JUMPS, colour_of
from ..stage.type import Label
from .figure import Figure
from .loss_slice import LossSlice

PITCH = 0.44  # from lane to lane
HOP = 0.32  # how high a head hops, frame units


class LaneRace(Figure):
    """Runners over a LossSlice: `logs` by source name, with their titles and looks. Verbs: `appear`, `race`, `settle`."""

    def __init__(
        self, curve: LossSlice, logs: Mapping[str, Descent], titles: Sequence[str], looks: Sequence[str], theme: Theme
    ):
        super().__init__(theme)
        self.curve, self.logs = curve, dict(logs)
        left, right, bottom, _ = curve.view.box
        self.length = max(len(log.steps) for log in self.logs.values()) - 1
        self.runners = []
        for i, ((name, log), title, look) in enumerate(zip(self.logs.items(), titles, looks, strict=True)):
            y = bottom - 0.78 - PITCH * i
            self.runners.append(Runner(theme, curve, name, log, title, look, left, right, y))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"Lanes with the steps of each optimizer along {self.curve.name}: {self.listed(self.logs)}."

    def appear(self) -> AnimationGroup:
        """The heads at the start, and the empty lanes with their names."""
        parts = []
        for runner in self.runners:
            for part, z in ((runner.lane, 1), (runner.marks, 3), (runner.label, 4), (runner.head, 9)):
                self.keep(part, z)
                parts.append(FadeIn(part))
            runner.reach(0.0)
        return AnimationGroup(*parts, run_time=0.8)

    def race(self, run_time: float = 6.0) -> Animation:
        """All steps of all logs, at one pace."""
        return Run(self, run_time=run_time)

    def settle(self) -> AnimationGroup:
        """The last loss of each, at the end of its lane."""
        return AnimationGroup(*(FadeIn(self.keep(runner.result(), 5)) for runner in self.runners), run_time=0.6)

    def best(self) -> list[Runner]:
        """Those that end lowest, as the numbers are printed."""
        ends = {r.name: r.result().text for r in self.runners if np.isfinite(r.log.losses[-1]) and not r.log.diverged}
        if not ends:
            return []
        low = min((r for r in self.runners if r.name in ends), key=lambda r: r.log.losses[-1])
        return [r for r in self.runners if ends.get(r.name) == ends[low.name]]


class Runner:
    """One optimizer: its head on the curve, its lane, its name, its last loss."""

    def __init__(
        self, theme: Theme, curve: LossSlice, name: str, log: Descent, title: str, look: str, left: float, right: float,
        y: float,
    ):  # fmt: skip
        self.theme, self.curve, self.name, self.log, self.title, self.look, self.y = theme, curve, name, log, title, look, y
        colour = colour_of(theme, look)
        self.x = np.array([float(s.point[curve.name]) for s in log.steps])
        self.lane = Line([left, y, 0], [right, y, 0]).set_stroke(theme.rim, 1.4, 0.7)
        self.marks = VMobject().set_stroke(colour, 2.6 if look != "dashed" else 1.8).set_fill(opacity=0)
        head = Dot(radius=0.105, color=colour)
        if look == "dashed":
            head.set_fill(theme.ground, 1).set_stroke(colour, 3)
        else:
            head.set_stroke(theme.ground if theme.dark else "#FFFFFF", 2)
        self.head = VGroup(head, head.copy().scale(0.8))
        self.label = Label(title, theme.tint("knob") if colour == theme.knob else colour, 24, "semibold", names=True)
        self.label.set_baseline(right + 0.15, y - 0.09)

    def quantity(self, kind: str, index: int) -> Quantity:
        """A number of the log, under its own name."""
        return replace(self.log.quantity(kind, index), source=self.name)

    def result(self) -> Number:
        """The last loss, right of the name."""
        number = Number(self.quantity("loss", len(self.log.steps) - 1), self.theme.ink, 28)
        return number.move_to([self.label.get_right()[0] + 0.2 + number.width / 2, self.y - 0.09 + number.height / 2, 0])

    def reach(self, t: float) -> None:
        """Stand where the log stands after t steps; between two, a hopper is in the air and a glider on its way."""
        last = len(self.x) - 1
        k = int(min(t, last))
        share = min(t, last) - k
        here, there = self.x[k], self.x[min(k + 1, last)]
        x = here + (there - here) * share
        view = self.curve.view
        place = self.curve.place(x) if np.isfinite(x) and view.holds(x, view.y[0]) else None
        lift = HOP * 4 * share * (1 - share) if self.look in JUMPS else 0.0
        low, high = view.box[2], view.box[3]
        seen = place is not None and np.isfinite(place).all() and low - 0.05 <= place[1] <= high + 0.3
        self.head.set_opacity(1.0 if seen else 0.0)
        self.at = x
        if seen and place is not None:
            top, foot = place + [0, lift, 0], np.array([view.place(x, view.y[0])[0], self.y, 0])
            self.head[0].move_to(top), self.head[1].move_to(foot)
        self.done = [float(v) for v in self.x[: k + 1] if np.isfinite(v) and view.x[0] <= v <= view.x[1]]
        points = []
        for v in self.done:
            px = view.place(v, view.y[0])[0]
            a, b = np.array([px, self.y - 0.10, 0]), np.array([px, self.y + 0.10, 0])
            points += [a, a * 2 / 3 + b / 3, a / 3 + b * 2 / 3, b]
        self.marks.points = np.array(points) if points else np.zeros((0, 3))


class Run(Animation):
    """The race itself."""

    def __init__(self, figure: LaneRace, **kwargs: Any):
        self.figure = figure
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(*(VGroup(r.head, r.marks) for r in figure.runners)), introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        t = self.rate_func(min(max(alpha, 0.0), 1.0)) ** 1.6 * self.figure.length  # the first steps tell most
        for runner in self.figure.runners:
            runner.reach(self.figure.length if alpha >= 1 else t)

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        scene.add(self.figure)


__all__ = ["PITCH", "LaneRace"]
