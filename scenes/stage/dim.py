"""What is not spoken about is dimmed, and lit again exactly as it was."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, VMobject

DIMMED = 0.36  # a little under 40 %: lint reads what is brighter as being spoken about


class Dim(Animation):
    """Takes a mobject and its parts to a share of their own opacity; 1 lights them as they were."""

    def __init__(self, mobject: Mobject, share: float = DIMMED, run_time: float = 0.6, **kwargs: Any):
        self.share = share
        super().__init__(mobject, run_time=run_time, **kwargs)

    def begin(self) -> None:
        self.parts = [m for m in self.mobject.get_family() if isinstance(m, VMobject) and len(m.points)]
        for part in self.parts:
            if not hasattr(part, "lit"):
                part.lit, part.dimmed = (part.get_fill_opacity(), part.get_stroke_opacity()), 1.0
        self.before = [part.dimmed for part in self.parts]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        way = self.rate_func(min(max(alpha, 0.0), 1.0))
        for part, before in zip(self.parts, self.before, strict=True):
            shine(part, before + (self.share - before) * way)


def shine(part: Any, share: float) -> None:
    """Show one mobject (without its parts) at a share of its own opacity."""
    if not hasattr(part, "lit"):
        part.lit = (part.get_fill_opacity(), part.get_stroke_opacity())
    part.dimmed = share
    if part.lit[0]:
        part.set_fill(opacity=part.lit[0] * share, family=False)
    if part.lit[1]:
        part.set_stroke(opacity=part.lit[1] * share, family=False)


__all__ = ["DIMMED", "Dim", "shine"]
