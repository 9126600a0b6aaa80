"""The face that has two measures – how pointed its ears are, how long its muzzle – drawn by the engine's own pencil."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DashedLine, VGroup

from chainreel.engine.datasets.drawings import Looks, paint

from ..stage.area import Area
from ..stage.pixels import Pixels
from ..stage.theme import Theme
from .net_forward import NetForward

PICTURE = 96  # pixels of a side
STILL = {"size": 1.12, "right": 0.0, "down": 0.14, "tilt": 0.0, "fur": 0.62}


def portrait(theme: Theme, measures: Sequence[float] | np.ndarray, side: float) -> Pixels:
    """A face with these two measures, whiskered where the ears are pointed."""
    ear, muzzle = (np.array([v]) for v in np.clip(measures, 0, 1))
    looks = Looks(
        kind=np.array([1]), ear=ear, muzzle=muzzle, whiskers=np.array([float(measures[0] > 0.5)]),
        **{name: np.array([value]) for name, value in STILL.items()},
    )  # fmt: skip
    return Pixels(theme, paint(looks, PICTURE)[0], side)


def measured(net: NetForward, room: Area) -> VGroup:
    """The face of a network's two inputs left of them, and dots from it to the two squares."""
    face = portrait(net.theme, net.one.x, min(room.width, room.height)).move_to(room.center)
    links = VGroup()
    for i, rise in enumerate((0.3, -0.25)):
        start, end = face.get_right() + [0.06, rise * face.height, 0], net.at(0, i) + [-0.47, 0, 0]
        links.add(DashedLine(start, end, dash_length=0.03, dashed_ratio=0.35).set_stroke(net.theme.data, 2.5, 0.8))
    return VGroup(face, links)


__all__ = ["measured", "portrait"]
