"""S1: two doors with words on them – two ways to go on. A door swings open on its hinge, and light falls out.

Invariants: at most twelve words stand on a door; an open leaf is as high as its door at the hinge and keeps its words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import DOWN, Animation, AnimationGroup, Circle, FadeIn, FadeOut, LaggedStart, VGroup, VMobject
from manim.utils.rate_functions import smooth

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.parts import slot
from ..stage.theme import Theme, mix
from ..stage.wire import polygon
from .card_strip import few_words, fitted
from .figure import Figure

WIDE = math.radians(74)  # how far a door opens
DEPTH = 0.22  # how much taller the free edge becomes, as a share, when the leaf stands out of the picture
RATIO = 0.62  # width to height


class Door(VGroup):
    """A door in its frame with words on the leaf; the hinge is at the left, or at the right."""

    card = True

    def __init__(self, theme: Theme, place: Area, text: str, hinge: str = "left"):
        super().__init__()
        self.theme, self.place, self.hinge, self.open_by = theme, place, hinge, 0.0
        width, height = place.width, place.height
        dark = mix(theme.slot, "#000000", 0.35) if theme.dark else mix(theme.panel, theme.ink, 0.10)
        self.room = slot(theme, width, height, 0.04).set_fill(dark, 1).move_to(place.center)
        self.bright = 0.34 if theme.dark else 0.9
        self.light = Glow(theme.pool, 1.7 * width, 1.25 * height, self.bright).move_to(place.center)
        self.case = VMobject().set_fill(opacity=0).set_stroke(mix(theme.rim, theme.ink, 0.25), 5)
        left, right, low, top = place.box
        self.case.set_points_as_corners([[left, low, 0], [left, top, 0], [right, top, 0], [right, low, 0]])
        self.leaf = VMobject().set_fill([theme.panel, theme.panel_top], 1).set_sheen_direction([0, 1, 0])
        self.leaf.set_stroke(mix(theme.rim, theme.ink, 0.15), 2.5)
        self.frames = VGroup(*(VMobject().set_fill(theme.ground, 0.16).set_stroke(theme.rim, 1.6, 0.8) for _ in range(2)))
        self.words = fitted(few_words(text), theme.ink, (38, 34, 30, 27), 0.80 * width, 3, "semibold", "middle")
        self.words.move_to([place.center[0], place.center[1] + 0.16 * height, 0])
        self.knob = Circle(0.075).set_fill(mix(theme.rim, theme.ink, 0.5), 1).set_stroke(theme.ground, 1.5)
        self.add(self.room, self.light, self.case, self.leaf, self.frames, self.words, self.knob)
        self.swing(0.0)

    def _at(self, x: float, y: float) -> np.ndarray:
        """A place on the leaf – x from its hinge, y from its middle, both as shares – as it is seen now."""
        a = self.open_by * WIDE
        side = 1.0 if self.hinge == "left" else -1.0
        start = self.place.left if self.hinge == "left" else self.place.right
        near = 1.0 + DEPTH * math.sin(a) * x
        up = float(self.place.center[1]) + y * self.place.height * near
        return np.array([start + side * x * self.place.width * math.cos(a), up])

    def _face(self, part: VMobject, x: tuple[float, float], y: tuple[float, float]) -> None:
        corners = [(x[0], y[0]), (x[0], y[1]), (x[1], y[1]), (x[1], y[0])]
        part.points = polygon(np.array([self._at(u, v) for u, v in corners]))

    def swing(self, share: float) -> Door:
        """Open the leaf: 0 is shut, 1 is open. Words that would stand too slanted to be read are gone."""
        self.open_by = float(np.clip(share, 0.0, 1.0))
        self._face(self.leaf, (0.0, 1.0), (-0.5, 0.5))
        self._face(self.frames[0], (0.09, 0.91), (-0.02, 0.44))
        self._face(self.frames[1], (0.09, 0.91), (-0.44, -0.10))
        self.knob.move_to([*self._at(0.91, -0.06), 0])
        seen = float(np.clip(1 - 4 * self.open_by, 0, 1))
        for line in self.words:
            line.set_fill(opacity=seen)
        self.light.set_fill(opacity=self.bright * self.open_by)
        return self


class Doors(Figure):
    """Doors side by side in an area, `texts` from left to right. Verbs: `appear`, `open(k)`, `shut(k)`, `go_in(k)`."""

    card = True

    def __init__(self, theme: Theme, area: Area, texts: Sequence[str]):
        super().__init__(theme)
        if not 1 <= len(texts) <= 3:
            raise StageError(f"there are {len(texts)} doors; one to three stand side by side")
        self.area = area
        self.doors: list[Door] = []
        # a leaf that stands out of the picture is taller than its door
        columns = area.columns(*[1] * len(texts), gap=0.9)
        height = min(area.height / (1 + DEPTH), max(column.width for column in columns) / RATIO)
        for k, (text, column) in enumerate(zip(texts, columns, strict=True)):
            half = min(column.width, RATIO * height) / 2
            x, y = float(column.center[0]), float(area.center[1])
            hinge = "right" if k and k == len(texts) - 1 else "left"
            self.doors.append(Door(theme, Area(x - half, x + half, y - height / 2, y + height / 2), text, hinge))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(self.doors, 'door')}: {'; '.join(self.wording(door.words) for door in self.doors)}."

    def _known(self, k: int) -> Door:
        if not 0 <= k < len(self.doors):
            raise StageError(f"there is no door {k + 1}; there are {len(self.doors)}")
        return self.doors[k]

    def appear(self, run_time: float = 1.2) -> LaggedStart:
        """All of them, shut, from left to right."""
        shows = [FadeIn(self.keep(door, 2), shift=0.15 * DOWN) for door in self.doors]
        for door in self.doors:
            for part in door.words:
                part.set_z_index(4)
        return LaggedStart(*shows, lag_ratio=0.3, run_time=run_time)

    def open(self, k: int, run_time: float = 1.4) -> Swing:
        """A leaf swings open; its words go, the light behind it is seen."""
        return Swing(self._known(k), 1.0, run_time=run_time)

    def shut(self, k: int, run_time: float = 1.0) -> Swing:
        """It falls shut, and its words are there again."""
        return Swing(self._known(k), 0.0, run_time=run_time)

    def go_in(self, k: int, run_time: float = 1.6) -> AnimationGroup:
        """Through an open door: it grows beyond the frame, the others go. What is behind it comes next."""
        door = self._known(k)
        others = [FadeOut(other, run_time=0.5 * run_time) for other in self.doors if other is not door]
        factor = 2.6
        goal = door.animate(run_time=run_time).scale(factor, about_point=door.room.get_center()).set_opacity(0)
        self.drop(*self.doors)
        return AnimationGroup(*others, goal)


class Swing(Animation):
    """A door opens or shuts."""

    def __init__(self, door: Door, share: float, **kwargs: Any):
        self.begin_at, self.end_at = door.open_by, share
        kwargs.setdefault("rate_func", smooth)
        super().__init__(door, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: the leaf follows from its angle."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.swing(self.begin_at + (self.end_at - self.begin_at) * self.rate_func(min(max(alpha, 0.0), 1.0)))


__all__ = ["Door", "Doors"]
