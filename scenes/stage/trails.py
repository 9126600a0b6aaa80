"""How a descent is drawn on a map: dots that hop, a line that glides, a dashed line, a thin muted zigzag."""

from __future__ import annotations

import numpy as np
from manim import Circle, Dot, VGroup, VMobject
from manim.constants import LineJointType

from .curve import clip, corners_to_points
from .theme import Theme
from .view import Box

DASH, GAP = 0.13, 0.09
JUMPS = ("hops", "zigzag")  # looks of runners that never slide: only whole steps are shown


def along(points: np.ndarray, t: float) -> np.ndarray:
    """The polyline up to a fractional index t; points of shape (n, 2)."""
    k = int(min(max(t, 0.0), len(points) - 1))
    part = points[: k + 1]
    if k < len(points) - 1 and t > k:
        part = np.concatenate([part, [points[k] + (points[k + 1] - points[k]) * (t - k)]])
    return part


def dashes(line: np.ndarray) -> list[np.ndarray]:
    """A polyline cut into dashes by length."""
    if len(line) < 2:
        return []
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    out = []
    for start in np.arange(0, length[-1], DASH + GAP)[:2000]:
        stop = min(start + DASH, length[-1])
        inner = line[(length > start) & (length < stop)]
        ends = [[np.interp(s, length, line[:, i]) for i in (0, 1)] for s in (start, stop)]
        out.append(np.concatenate([[ends[0]], inner, [ends[1]]]))
    return out


def dots(points: np.ndarray, radius: float) -> np.ndarray:
    """Small rounds as one outline."""
    if not len(points):
        return np.zeros((0, 3))
    one = Circle(radius, num_components=5).points
    return np.concatenate([one + [x, y, 0] for x, y in points])


def colour_of(theme: Theme, look: str) -> str:
    """The colour of a look: no hue but that of knobs, which is what moves."""
    return theme.ink if look == "hops" else theme.muted if look == "zigzag" else theme.knob


class Trail(VGroup):
    """The path of one optimizer on the frame, `points` of shape (n, 2); `reach(t)` shows it up to a fractional step.

    `look` is "hops" or "zigzag" (they never slide, so only whole steps are shown), "glide" or "dashed". With `ends`, nothing is
    drawn beyond the step that first leaves the box: of a run that flies off, the rest would only be scribble.
    """

    def __init__(self, theme: Theme, points: np.ndarray, look: str, box: Box, ends: bool = False):
        super().__init__()
        self.points_seen, self.style, self.box = np.asarray(points, float), look, box
        self.glow = VMobject().set_fill(opacity=0)
        self.body = VMobject().set_fill(opacity=0)
        colour = colour_of(theme, look)
        if look in JUMPS:
            self.thread = VMobject().set_stroke(colour, 1.6, 0.5 if look == "hops" else 0.9).set_fill(opacity=0)
            self.body.set_fill(colour, 1).set_stroke(width=0)
            self.add(self.thread)
        else:
            self.glow.set_stroke(theme.knob, 13 if look == "glide" else 9, (0.15 if look == "glide" else 0.07) * theme.glow)
            self.body.set_stroke(theme.knob, 3.6 if look == "glide" else 3.0)
        for line in (self.glow, self.body):
            line.joint_type = LineJointType.ROUND  # a zigzag has no spikes
        self.add(self.glow, self.body)
        self.head = Dot(radius=0.085, color=colour).set_stroke(theme.ground if theme.dark else "#FFFFFF", 2)
        self.add(self.head)
        inside = self._inside(self.points_seen)
        out = np.flatnonzero(~inside)
        self.cut = float(out[0]) if ends and len(out) else np.inf
        near = np.hypot(*np.diff(self.points_seen[inside], axis=0).T) if inside.sum() > 1 else np.zeros(1)
        self.radius = float(np.clip(0.35 * np.median(near), 0.030, 0.045)) * (1.0 if look == "hops" else 0.8)
        self.reach(0.0)

    def _inside(self, p: np.ndarray) -> np.ndarray:
        left, right, bottom, top = self.box
        inside: np.ndarray = (p[:, 0] >= left) & (p[:, 0] <= right) & (p[:, 1] >= bottom) & (p[:, 1] <= top)
        return inside

    def reach(self, t: float) -> Trail:
        """Show the path up to step t."""
        t = min(t, self.cut)
        seen = along(self.points_seen, np.floor(t) if self.style in JUMPS else t)
        line = seen[np.isfinite(seen).all(axis=1)]
        if self.style in JUMPS:
            self.body.points = dots(line[self._inside(line)], self.radius)
            self.thread.points = self._lines([line])
        else:
            self.body.points = self._lines([line] if self.style == "glide" else dashes(line))
            self.glow.points = self.body.points.copy()
        at = line[-1] if len(line) else self.points_seen[0]
        self.here = at
        self.gone = not bool(self._inside(at[None, :])[0])
        self.head.move_to([*at, 0])
        self.head.set_opacity(0.0 if self.gone else 1.0)
        return self

    def _lines(self, lines: list[np.ndarray]) -> np.ndarray:
        pieces: list[np.ndarray] = []
        for p in lines:
            if len(p) > 1:
                fine = _refine(p, self.box)
                pieces += clip(fine[:, 0], fine[:, 1], self.box)
        return corners_to_points(pieces)


def _refine(p: np.ndarray, box: Box) -> np.ndarray:
    """Long steps in short pieces, so that the clip sees no jump."""
    most = 0.5 * (box[3] - box[2])
    out = [p[0]]
    for a, b in zip(p[:-1], p[1:], strict=True):
        n = int(min(max(np.ceil(abs(b[1] - a[1]) / most), 1), 200))
        out += [a + (b - a) * (i + 1) / n for i in range(n)]
    return np.array(out)
