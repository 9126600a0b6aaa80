"""The loss of one or several trainings over their steps, drawn as far as they have come, with the number of where they are.

Reads the logs of trainings. Invariant: every corner of a line is a loss of its log; the number is the loss of a whole step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, Create, DashedLine, Dot, FadeIn, Line, VGroup, VMobject
from manim.constants import LineJointType

from chainreel.engine import Quantity
from chainreel.engine.learning import Training

from ..stage.area import Area
from ..stage.curve import corners_to_points
from ..stage.readout import Readout
from ..stage.theme import Theme, mix
from ..stage.trails import along, colour_of, dots
from ..stage.type import Label
from .figure import Figure

DECIMALS = 3
APART = 0.42  # numbers keep this distance from each other
ABOVE = 0.27  # how far above its line a number stands where a line goes on to the right
LINE = "line"  # beside the looks of trails: "hops" for plain descent, "glide" for momentum


class StepCurves(Figure):
    """`runs` maps a source name to (training, look). `steps` and `top` are the ends of the axes, `start` marks the first loss;
    `room` and `roof` are kept free right of the axes, for numbers, and above them, for the title.

    Verbs: `appear`; `show(step)`, between two steps too.
    """

    def __init__(
        self, theme: Theme, area: Area, runs: Mapping[str, tuple[Training, str]], steps: int, *, top: float | None = None,
        title: str = "loss", start: bool = False, room: float = 1.42, roof: float = 0.52,
    ):  # fmt: skip
        super().__init__(theme)
        self.runs, self.steps, self.area = dict(runs), steps, area
        self.above = ABOVE if start else 0.0  # the first loss is a line through what lies beside its number
        self.inner = inner = Area(area.left + 0.08, area.right - room, area.bottom + 0.06, area.top - roof)
        every = np.concatenate([np.asarray(log.losses[: steps + 1], float) for log, _ in runs.values()])
        self.top = 1.12 * float(every[np.isfinite(every)].max()) if top is None else top
        rim = mix(theme.rim, theme.muted, 0.45)
        self.frame = VGroup(
            Line([inner.left, inner.bottom, 0], [inner.right, inner.bottom, 0]).set_stroke(rim, 2),
            Line([inner.left, inner.bottom, 0], [inner.left, inner.top, 0]).set_stroke(rim, 2),
        )
        if title:
            word = Label(title, theme.tint("loss"), 26, "semibold")
            self.frame.add(word.move_to([inner.left + word.width / 2, area.top - 0.18, 0]))
        if start:
            y = float(self.place(0, float(every[0]))[1])
            level = DashedLine([inner.left, y, 0], [inner.right, y, 0], dash_length=0.10, dashed_ratio=0.5)
            self.frame.add(level.set_stroke(theme.muted, 1.6, 0.8))
        self.lines, self.heads, self.numbers = VGroup(), VGroup(), VGroup()
        for name, (_, look) in runs.items():
            colour = theme.loss if look == LINE else colour_of(theme, look)
            body, thread = VMobject().set_fill(opacity=0), VMobject().set_fill(opacity=0)
            body.joint_type = thread.joint_type = LineJointType.ROUND
            if look == "hops":
                body.set_fill(colour, 1).set_stroke(width=0)
                thread.set_stroke(colour, 1.6, 0.5)
            else:
                body.set_stroke(colour, 4)
                thread.set_stroke(colour, 13, 0.13 * theme.glow)
            self.lines.add(VGroup(thread, body))
            self.heads.add(Dot(radius=0.085, color=theme.tint("loss") if look == LINE else colour))
            number = Readout("{l}", self._told(name), theme.tint("loss"), 28, decimals=DECIMALS)
            self.numbers.add(number)
        self.at = dict.fromkeys(self.runs, 0.0)
        self._draw()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        ends = (f"from {self.told(log.losses[0])} to {self.told(log.losses[self.steps])}" for log, _ in self.runs.values())
        return f"The loss over {self.counted(self.steps, 'step')} of training: {self.listed(ends)}."

    def quantity(self, name: str, step: int) -> Quantity:
        """The loss of a run at a step, under the name of its source."""
        return replace(self.runs[name][0].quantity("loss", step), source=name)

    def _told(self, name: str) -> Callable[[int], dict[str, Quantity | str]]:
        return lambda step: {"l": self.quantity(name, step)}

    def place(self, step: float, loss: float) -> np.ndarray:
        """Where a loss at a step is on the frame, (3,)."""
        inner = self.inner
        share = min(max(loss / self.top, 0.0), 1.0)
        return np.array([inner.left + step / self.steps * inner.width, inner.bottom + share * inner.height, 0.0])

    def corners(self, name: str) -> np.ndarray:
        """All corners of a run's line on the frame, (steps + 1, 2)."""
        losses = self.runs[name][0].losses[: self.steps + 1]
        return np.array([self.place(k, loss)[:2] for k, loss in enumerate(losses)])

    def show(self, m: float, only: str | None = None) -> StepCurves:
        """Every run as far as step m, or only one of them; one that hops only as far as its last whole step."""
        m = min(max(m, 0.0), float(self.steps))
        self.at.update({only: m} if only else dict.fromkeys(self.runs, m))
        return self._draw()

    def _draw(self) -> StepCurves:
        ends: list[np.ndarray] = []
        for (name, (_, look)), (thread, body), head in zip(self.runs.items(), self.lines, self.heads, strict=True):
            m = self.at[name]
            part = along(self.corners(name), np.floor(m) if look == "hops" else m)
            thread.points = corners_to_points([part] if len(part) > 1 else [])
            body.points = dots(part, 0.042) if look == "hops" else thread.points.copy()
            head.move_to([*part[-1], 0])
            ends.append(part[-1])
        self._numbers(np.array(ends))
        return self

    def _numbers(self, ends: np.ndarray) -> None:
        """Beside their ends; apart where these are near to each other, and never under the axis."""
        order = np.argsort(ends[:, 1])
        y, low = ends[:, 1] + self.above, self.inner.bottom + 0.16
        for k in order:
            y[k] = low = max(y[k], low)
            low += APART
        for number, (x, _), high, m in zip(self.numbers, ends, y, self.at.values(), strict=True):
            number.show(int(m + 1e-9))
            number.move_to([x + (0.1 if self.above else 0.2) + number.width / 2, high, 0])

    def appear(self, run_time: float = 0.9) -> Animation:
        """The axes, and every run at its start."""
        for part, z in ((self.frame, 2), (self.lines, 5), (self.heads, 6), (self.numbers, 7)):
            self.keep(part, z)
        return AnimationGroup(
            *(Create(line) for line in self.frame[:2]), *(FadeIn(part) for part in self.frame[2:]),
            *(FadeIn(part) for part in (self.heads, self.numbers)), run_time=run_time,
        )  # fmt: skip

    def stand(self) -> StepCurves:
        """Everything at once, without animation."""
        for part, z in ((self.frame, 2), (self.lines, 5), (self.heads, 6), (self.numbers, 7)):
            self.keep(part, z)
        return self


__all__ = ["LINE", "StepCurves"]
