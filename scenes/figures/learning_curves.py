"""Curves of a training: the loss (or the share of right guesses) on what is seen – solid – and unseen – dashed – over time.

Time is compressed as the exam's moments are. Invariant: every corner of a curve is a number of the exam's log.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, Line, Mobject, VGroup, VMobject
from manim.constants import LineJointType

from chainreel.engine.learning import Exam

from ..stage.area import Area
from ..stage.curve import corners_to_points
from ..stage.theme import Theme, mix
from ..stage.trails import dashes
from ..stage.type import Label
from .figure import Figure


class LearningCurves(Figure):
    """Curves of `what` ("loss" or "percent") for parts of an exam, part -> word; `clock` leaves room under the axis, where
    `under(text)` puts what says how far the training is; `quiet` leaves the words of the parts out.

    Verbs: `appear`, `show(m)`.
    """

    def __init__(
        self, exam: Exam, theme: Theme, area: Area, what: str, parts: Mapping[str, str], title: str, role: str = "loss",
        clock: bool = False, quiet: bool = False,
    ):  # fmt: skip
        super().__init__(theme)
        self.exam, self.what, self.role = exam, what, role
        inner = Area(area.left + 0.12, area.right - 1.25, area.bottom + (0.40 if clock else 0.05), area.top - 0.70)
        self.inner = inner
        self.series = {part: np.array([exam.quantity(f"{what}/{part}", m).value for m in range(len(exam))]) for part in parts}
        every = np.concatenate(list(self.series.values()))
        finite = every[np.isfinite(every)]
        self.top = 100.0 if what == "percent" else max(1.08 * float(np.quantile(finite, 0.97)), 1.02 * float(finite[0]), 1e-12)
        rim = mix(theme.rim, theme.muted, 0.45)
        self.frame = VGroup(
            Line(
                [inner.left, inner.bottom, 0], [inner.right, inner.bottom, 0]
            ), Line([inner.left, inner.bottom, 0], [inner.left, inner.top, 0])
        ).set_stroke(rim, 2)
        word = Label(title, theme.tint(role), 24, "semibold")
        self.frame.add(word.move_to([inner.left + word.width / 2, area.top - 0.18, 0]))
        self.lines, self.dots, self.words = VGroup(), VGroup(), VGroup()
        for part, name in parts.items():
            line = VMobject().set_stroke(theme.role(role), 3.5).set_fill(opacity=0)
            line.joint_type, line.part = LineJointType.ROUND, part
            self.lines.add(line)
            self.dots.add(Dot(radius=0.07, color=theme.tint(role)))
            if not quiet:
                self.words.add(Label(name, theme.tint(role), 22))
        self.m = 0.0
        self.show(0.0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        what = "share of right answers" if self.what == "percent" else self.what
        return f"Curves of the {what} over the training: {self.listed(self.series)}."

    def corners(self, part: str) -> np.ndarray:
        """All corners of a curve in frame units, (moments, 2)."""
        values = np.clip(np.nan_to_num(self.series[part], nan=self.top, posinf=self.top), 0, self.top)
        x = np.linspace(self.inner.left, self.inner.right, len(values)) if len(values) > 1 else np.array([self.inner.left])
        return np.column_stack([x, self.inner.bottom + values / self.top * self.inner.height])

    def show(self, m: float) -> LearningCurves:
        """The curves up to a moment, with a dot and a word at their ends."""
        self.m = m
        ends = []
        for k, line in enumerate(self.lines):
            corners = self.corners(line.part)
            whole = int(min(m, len(corners) - 1))
            part = corners[: whole + 1]
            if m > whole and whole + 1 < len(corners):
                part = np.vstack([part, corners[whole] + (corners[whole + 1] - corners[whole]) * (m - whole)])
            pieces = ([part] if len(part) > 1 else []) if k == 0 else dashes(part)
            line.points = corners_to_points(pieces)
            self.dots[k].move_to([*part[-1], 0])
            ends.append(part[-1])
        heights = [float(e[1]) for e in ends]
        if len(heights) == 2:  # words keep apart
            high = 0 if heights[0] >= heights[1] else 1
            gap = max(0.36 - abs(heights[0] - heights[1]), 0.0) / 2
            heights[high] += gap
            heights[1 - high] -= gap
            low = self.inner.bottom + 0.12
            if heights[1 - high] < low:
                heights[high] = max(heights[high], low + 0.36)
                heights[1 - high] = low
        for word, end, y in zip(self.words, ends, heights, strict=False):
            word.move_to([end[0] + 0.18 + word.width / 2, y, 0])
        return self

    def under(self, text: Mobject) -> Mobject:
        """Put a line of words under the axis, at its left end."""
        return text.move_to([self.inner.left + text.width / 2, self.inner.bottom - 0.24, 0])

    def appear(self) -> Animation:
        """The frame, and the dots at the start."""
        for part in (self.frame, self.lines, self.dots, self.words):
            self.keep(part, 6)
        return AnimationGroup(
            *(Create(line) for line in self.frame[:2]), FadeIn(self.frame[2]), FadeIn(self.dots), FadeIn(self.words)
        )


__all__ = ["LearningCurves"]
