"""Waiting for a word, in clips whose own `at` is a point."""

from __future__ import annotations

from ..stage.stage import Stage


def cue(stage: Stage, word: str, nth: int = 1) -> None:
    """As `Stage.at`: go on when this word of the beat is about to be said."""
    Stage.at(stage, word, nth)
