"""A value on its way: a bright head with a fading tail that runs along a wire from left to right."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Dot, Line, VGroup
from manim.utils.rate_functions import smooth

from .glow import Glow
from .theme import Theme, mix
from .wire import Wire

TAIL = 0.34  # share of the wire, at most; about a unit and a half on a long one


class Pulse(VGroup):
    """Head, glow and tail of a pulse in a role's colour."""

    def __init__(self, theme: Theme, wire: Wire, role: str = "value", pieces: int = 14):
        super().__init__()
        self.wire, self.role = wire, role
        colour = theme.role(role)
        head = "#FFFFFF" if theme.dark else colour
        self.tail = VGroup()
        for i in range(pieces):
            t = (i + 1) / pieces
            piece = Line([0, 0, 0], [0.01, 0, 0])
            self.tail.add(piece.set_stroke(mix(colour, head, 0.75 * t**3), 3 + 4 * t, t**1.5))
        self.glow = Glow(colour, 1.1, 1.1, 0.75 * theme.glow)
        self.inner = Glow(head, 0.48, 0.48, 0.8 * theme.glow)
        self.core = Dot(radius=0.085, color=head)
        if not theme.dark:
            self.core.set_stroke("#FFFFFF", 2)
        self.add(self.glow, self.tail, self.inner, self.core)
        for part in self:
            part.set_z_index(6)
        self.set_share(0.0)

    def set_share(self, share: float) -> None:
        """Put the head a share of the length along the wire."""
        place = self.wire.at(share)
        for part in (self.glow, self.inner, self.core):
            part.move_to(place)
        length = min(TAIL * self.wire.length, 1.5) / max(self.wire.length, 1e-6)
        marks = np.linspace(max(share - length, 0.0), share, len(self.tail) + 1)
        for piece, a, b in zip(self.tail, marks[:-1], marks[1:], strict=True):
            start, end = self.wire.at(a), self.wire.at(b)
            if np.hypot(*(end - start)[:2]) < 1e-4:
                end = start + np.array([1e-3, 0, 0])
            piece.set_points_as_corners([start, end])


class RunPulse(Animation):
    """A pulse that runs the whole wire and is gone."""

    def __init__(self, theme: Theme, wire: Wire, role: str = "value", run_time: float = 0.8, **kwargs: Any):
        kwargs.setdefault("rate_func", smooth)
        super().__init__(Pulse(theme, wire, role), run_time=run_time, remover=True, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.set_share(self.rate_func(min(max(alpha, 0.0), 1.0)))
