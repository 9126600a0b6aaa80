"""What figures of an exam share: they show a moment of its log, and `Replay` runs several of them through it together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from manim import Animation, VGroup
from manim.utils.rate_functions import linear, smooth


class Shows(Protocol):
    """Anything that can show a moment; between two moments, `m` is a fraction."""

    def show(self, m: float) -> Any: ...


class Replay(Animation):
    """Runs figures from one moment of a log to another, at an even pace through the moments."""

    def __init__(self, figures: list[Any], start: float, end: float, run_time: float = 6.0, **kwargs: Any):
        self.figures, self.first, self.last = figures, start, end
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(*figures), run_time=run_time, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: every moment is shown from the log."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        m = self.first + (self.last - self.first) * self.rate_func(min(max(alpha, 0.0), 1.0))
        for figure in self.figures:
            figure.show(m)


class Steps(Animation):
    """Runs figures side by side from one step to another: `figures` are those that show a step, `exams` those that show a
    moment of an exam, each with the steps of its moments. `ease` above 1 begins slowly, where most happens."""

    def __init__(
        self, figures: Sequence[Any], exams: Sequence[tuple[Any, Sequence[int]]], start: float, end: float,
        run_time: float = 5.0, ease: float = 1.0, **kwargs: Any,
    ):  # fmt: skip
        self.figures, self.exams, self.first, self.last, self.ease = list(figures), list(exams), start, end, ease
        kwargs.setdefault("rate_func", linear)
        super().__init__(VGroup(*figures, *(figure for figure, _ in exams)), run_time=run_time, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: every step is shown from the log."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0)) ** self.ease
        step = self.first + (self.last - self.first) * share
        for figure in self.figures:
            figure.show(step)
        for figure, moments in self.exams:
            figure.show(float(np.interp(step, moments, range(len(moments)))))


__all__ = ["Replay", "Shows", "Steps"]
