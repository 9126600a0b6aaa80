"""Leaving a stage as it was found, so that another story can follow."""

from __future__ import annotations

from manim import FadeOut, Mobject

from ..stage.stage import Stage


def leave(stage: Stage, before: list[Mobject], run_time: float = 0.6) -> None:
    """Fade whatever came on screen since `before` (the stage's mobjects then)."""
    known = {id(m) for m in before}
    new = [m for m in stage.mobjects if id(m) not in known]
    if new:
        stage.play(*(FadeOut(m) for m in new), run_time=run_time)
        stage.remove(*new)
