"""Losses of several trainings on one plot, each line ending in its own loss. Invariant: corners are the logs' losses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, Line, VGroup, VMobject
from manim.constants import LineJointType

from chainreel.engine import Quantity
from chainreel.engine.learning import Training

from ..stage.area import Area
from ..stage.curve import corners_to_points
from ..stage.number import Number, Phrase
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

WIDTHS = (3.0, 5.0, 2.6)
PLACES = 3  # decimals of a loss


class RunCurves(Figure):
    """`runs` are (word, training, last loss as a quantity); `start` is the loss at which all begin, if it is to be told.

    Verbs: `appear`, `run(k)`.
    """

    def __init__(
        self, theme: Theme, area: Area, runs: Sequence[tuple[str, Training, Quantity]], start: Quantity | None = None
    ):
        super().__init__(theme)
        ends = [
            Phrase(f"{word}: {{l}}" if word else "{l}", theme.tint("loss"), 26, "semibold", l=last, decimals=PLACES)
            for word, _, last in runs
        ]
        begin = None if start is None else Number(start, theme.tint("loss"), 28, decimals=PLACES)
        left = area.left + 0.1 + (0.0 if begin is None else begin.width + 0.15)
        plot = Area(left, area.right - max(e.width for e in ends) - 0.2, area.bottom + 0.42, area.top - 0.5)
        self.plot = plot
        every = np.concatenate([log.losses for _, log, _ in runs])
        every = every[np.isfinite(every)]
        steps = max(len(log.losses) for _, log, _ in runs) - 1
        high = np.quantile(every, 0.995) if len(runs) > 1 else every.max()
        self.top = 1.05 * float(min(high, 6 * max(log.losses[0] for _, log, _ in runs))) or 1.0
        rim = mix(theme.rim, theme.muted, 0.45)
        title = Label("loss", theme.tint("loss"), 24, "semibold").move_to([plot.left + 0.3, area.top - 0.18, 0])
        under = Label("steps", theme.muted, 24)
        under.move_to([plot.right - under.width / 2, plot.bottom - 0.26, 0])
        self.frame = VGroup(
            Line([plot.left, plot.bottom, 0], [plot.right, plot.bottom, 0]).set_stroke(rim, 2),
            Line([plot.left, plot.bottom, 0], [plot.left, plot.top, 0]).set_stroke(rim, 2), title, under,
        )  # fmt: skip
        if begin is not None and start is not None:
            y = plot.bottom + min(float(start.value), self.top) / self.top * plot.height
            self.frame.add(begin.move_to([plot.left - 0.15 - begin.width / 2, y, 0]))
        self.lines, self.ends = VGroup(), VGroup()
        heights: list[float] = []
        for k, ((_, log, _), text) in enumerate(zip(runs, ends, strict=True)):
            corners = self.corners(log, steps)
            width = WIDTHS[k % 3] if len(runs) > 1 else 4.0
            line = VMobject().set_stroke(theme.loss, width, 1.0 if k == 1 else 0.8).set_fill(opacity=0)
            line.joint_type = LineJointType.ROUND
            line.points = corners_to_points([corners])
            self.lines.add(line)
            y = float(corners[-1, 1])
            while any(abs(y - other) < 0.4 for other in heights):
                y += 0.05
            heights.append(y)
            text.move_to([plot.right + 0.15 + text.width / 2, y, 0])
            self.ends.add(text)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"The loss over the steps of {self.counted(self.lines, 'training')}; at the end "
            f"{self.listed(self.wording(end) for end in self.ends)}."
        )

    def corners(self, log: Training, steps: int) -> np.ndarray:
        """All corners of a run's line in frame units, (losses, 2)."""
        losses = np.nan_to_num(np.minimum(np.asarray(log.losses, float), self.top), nan=self.top)
        x = self.plot.left + np.arange(len(losses)) / max(steps, 1) * self.plot.width
        return np.column_stack([x, self.plot.bottom + losses / self.top * self.plot.height])

    def appear(self) -> Animation:
        """The frame."""
        self.keep(self.frame, 3)
        return FadeIn(self.frame, run_time=0.6)

    def run(self, k: int, run_time: float = 1.8) -> list[Animation]:
        """One run's line, then its word and last loss."""
        return [
            Create(self.keep(self.lines[k], 5), run_time=run_time), AnimationGroup(
                FadeIn(self.keep(self.ends[k], 6)), run_time=0.5
            )
        ]  # fmt: skip


__all__ = ["RunCurves"]
