"""What figures of an exam share: they show a moment of its log, and `Replay` runs several of them through it together."""

from __future__ import annotations

from typing import Any, Protocol

from manim import Animation, VGroup
from manim.utils.rate_functions import smooth


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


__all__ = ["Replay", "Shows"]
