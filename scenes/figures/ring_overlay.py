"""S1: several windows shrink to the same ring, and their rings lie exactly on each other: different tasks, one loop.

Invariant: laid over each other, the rings agree point by point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, Mobject, Transform, VGroup

from ..stage.errors import StageError
from ..stage.theme import Theme
from .card_strip import MOVES, RecapRing
from .figure import Figure

MOST = 4


class RingOverlay(Figure):
    """A ring for each of `places` (frame positions), all alike, and the ring of radius `radius` at `centre` that they become.

    Verbs: `shrink(windows)` (each window becomes its ring), `appear` (the rings, without windows), `overlay` (they move
    together and are one), then those of `ring`: `light(move)`, `rest`.
    """

    def __init__(
        self, theme: Theme, places: Sequence[Sequence[float]], centre: Sequence[float], radius: float = 1.6,
        small: float = 0.75, moves: Sequence[str] = MOVES,
    ):  # fmt: skip
        super().__init__(theme)
        if not 2 <= len(places) <= MOST:
            raise StageError(f"two to {MOST} rings are laid over each other, not {len(places)}")
        self.places = [np.array([p[0], p[1], 0.0]) for p in places]
        self.ring = RecapRing(theme, centre, radius, moves)
        self.share = small / radius
        self.copies = [self._body(self.ring).scale(self.share).move_to(p) for p in self.places]
        for copy in self.copies:
            for part in copy.get_family():
                part.set_stroke(width=part.get_stroke_width() * max(self.share, 0.6), family=False)

    @staticmethod
    def _body(ring: RecapRing) -> VGroup:
        """All rounds and arrows of a ring, as a copy."""
        return VGroup(*(ring.rounds[m] for m in ring.moves), *(ring.arrows[m] for m in ring.moves)).copy()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(self.copies, 'ring')} of the same moves, which lie exactly on each other in the end."

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.4) -> LaggedStart:
        """The rings, each at its place."""
        return LaggedStart(*(FadeIn(self.keep(c, 3), scale=0.8) for c in self.copies), lag_ratio=0.3, run_time=run_time)

    def shrink(self, windows: Sequence[Mobject], run_time: float = 1.5) -> LaggedStart:
        """Window after window draws together to its place, and its ring opens there."""
        if len(windows) != len(self.copies):
            raise StageError(f"there are {len(self.copies)} rings for {len(windows)} windows")
        moves = []
        for window, copy, place in zip(windows, self.copies, self.places, strict=True):
            small = min(copy.width / max(window.width, 1e-6), copy.height / max(window.height, 1e-6))
            away = FadeOut(window, target_position=place, scale=0.8 * small)
            moves.append(AnimationGroup(away, FadeIn(self.keep(copy, 3), scale=0.4), lag_ratio=0.35))
        return LaggedStart(*moves, lag_ratio=0.25, run_time=run_time)

    def overlay(self, run_time: float = 1.6) -> Overlay:
        """All rings grow and move to the same place: one is left."""
        self.drop(*self.copies)
        self.keep(self.ring, 3)
        for part in (*self.ring.rounds.values(), *self.ring.arrows.values()):
            self.ring.keep(part, 3)
        return Overlay(self, run_time)


class Overlay(AnimationGroup):
    """Copies become one ring, which is on screen then."""

    def __init__(self, figure: RingOverlay, run_time: float):
        self.figure = figure
        goal = RingOverlay._body(figure.ring)
        moves: list[Animation] = [Transform(copy, goal.copy()) for copy in figure.copies]
        super().__init__(*moves, run_time=run_time)

    def clean_up_from_scene(self, scene: Any) -> None:
        super().clean_up_from_scene(scene)
        scene.remove(*self.figure.copies)
        scene.add(self.figure.ring)


__all__ = ["RingOverlay"]
