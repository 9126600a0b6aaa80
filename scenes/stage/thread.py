"""Lines, dots and labels in space: what the eye meets is drawn plainly, what the sheet hides is a faint dashed ghost."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Dot, VGroup, VMobject
from manim.constants import LineJointType

from .curve import corners_to_points
from .mesh import runs
from .space import Space
from .theme import Theme
from .trails import JUMPS, colour_of, dots

GHOST = 0.42  # opacity of what is hidden
DASH, BREAK = 0.07, 0.075  # frame units
PITCH = 0.045  # world units between the points at which visibility is judged


def densely(line: np.ndarray, pitch: float = PITCH) -> tuple[np.ndarray, np.ndarray]:
    """A polyline (n, d) with points no farther apart than `pitch`, and the fractional index of each in the polyline."""
    length = np.hypot(*np.diff(line[:, :2], axis=0).T) if len(line) > 1 else np.zeros(0)
    pieces = [
        np.linspace(k, k + 1, int(min(max(np.ceil(d / pitch), 1), 400)), endpoint=False) for k, d in enumerate(length)
    ]
    at = np.concatenate([*pieces, [len(line) - 1.0]])
    fine = np.column_stack([np.interp(at, np.arange(len(line)), line[:, k]) for k in range(line.shape[1])])
    return fine, at


class Thread(VGroup):
    """A polyline in space. `plan` (n, 2) with `heights` of the sheet's own scale, or world `points` (n, 3) off the sheet."""

    def __init__(
        self, theme: Theme, space: Space, colour: str, width: float = 3.5, *, plan: np.ndarray | None = None,
        heights: np.ndarray | None = None, points: np.ndarray | None = None, glow: float = 0.0, opacity: float = 1.0,
    ):  # fmt: skip
        super().__init__()
        self.theme, self.space = theme, space
        self.plan, self.heights, self.world = plan, heights, points
        self.ghost = VMobject().set_stroke(colour, max(0.55 * width, 1.6), GHOST * opacity).set_fill(opacity=0)
        self.glow = VMobject().set_stroke(colour, 3.4 * width, 0.15 * glow * theme.glow).set_fill(opacity=0)
        self.body = VMobject().set_stroke(colour, width, opacity).set_fill(opacity=0)
        for line in (self.ghost, self.glow, self.body):
            line.joint_type = LineJointType.ROUND
        self.ghost.set_z_index(3)
        self.add(self.ghost, self.glow, self.body)
        self.follow()

    def spots(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the points are on the frame (n, 2), and which of them are seen."""
        if self.plan is not None:
            world = self.space.on_sheet(self.plan, self.heights)
            return self.space.project(world), self.space.seen(world, on_sheet=True)
        assert self.world is not None
        return self.space.project(self.world), self.space.seen(self.world)

    def follow(self) -> Thread:
        """Draw from where the eye is now."""
        where, seen = self.spots()
        self.show(where, seen)
        return self

    def show(self, where: np.ndarray, seen: np.ndarray) -> None:
        """Draw these points of the frame, plain or ghostly."""
        plain, hidden = parted(where, seen)
        self.body.points = corners_to_points(plain)
        if self.glow.get_stroke_opacity() > 0:
            self.glow.points = self.body.points.copy()
        self.ghost.points = corners_to_points(dashed(hidden))


def parted(where: np.ndarray, seen: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A line cut into what is seen and what is hidden; both keep the point in which they meet."""
    plain = [where[run] for run in runs(seen)]
    hidden = []
    covered = np.zeros(len(seen), bool)
    for run in runs(seen):
        covered[run] = True
    for run in runs(~covered, 1):
        piece = where[max(run.start - 1, 0) : run.stop + 1]
        if len(piece) > 1:
            hidden.append(piece)
    return plain, hidden


def dashed(pieces: list[np.ndarray], dash: float = DASH, gap: float = BREAK) -> list[np.ndarray]:
    """Polylines on the frame cut into dashes by length."""
    out = []
    for line in pieces:
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        for start in np.arange(0.5 * gap, length[-1], dash + gap)[:400]:
            stop = min(start + dash, length[-1])
            inner = line[(length > start) & (length < stop)]
            ends = [[np.interp(s, length, line[:, i]) for i in (0, 1)] for s in (start, stop)]
            out.append(np.concatenate([[ends[0]], inner, [ends[1]]]))
    return out


class Track(VGroup):
    """The path of one optimizer on the sheet: `points` (n, 2) in plan with the heights of the log; `reach(t)` shows it.

    `look` is as in trails.py: "hops" or "zigzag" (only whole steps), "glide" or "dashed". `edge` is (left, right, low, high).
    """

    def __init__(
        self, theme: Theme, space: Space, points: np.ndarray, heights: np.ndarray, look: str,
        edge: tuple[float, float, float, float],
    ):  # fmt: skip
        super().__init__()
        self.theme, self.space, self.style, self.edge = theme, space, look, edge
        self.points_seen, self.heights = np.asarray(points, float), np.asarray(heights, float)
        inside = self._inside(self.points_seen) & np.isfinite(self.heights) & (self.heights <= space.relief.top)
        self.last = len(inside) - 1 if inside.all() else int(np.argmin(inside)) - 1
        self.last = max(self.last, 0)
        self.leaves = not inside.all()
        kept = self.points_seen[: self.last + 1]
        self.fine, self.at = densely(kept)
        exact = np.interp(self.at, np.arange(len(kept)), self.heights[: self.last + 1])
        draped = space.relief.height(*self.fine.T)
        near = np.abs(self.at - np.round(self.at)) < 1e-9
        self.fine_heights = np.where(near | ~np.isfinite(draped), exact, draped)
        colour = colour_of(theme, look)
        rim = theme.ground if theme.dark else "#FFFFFF"
        if look in JUMPS:
            opacity = 0.6 if look == "hops" else 0.95
            self.thread = Thread(theme, space, colour, 1.6, plan=self.fine, heights=self.fine_heights, opacity=opacity)
            self.dots = VMobject().set_fill(colour, 1).set_stroke(rim, 0.8, 0.8)
            self.shades = VMobject().set_fill(colour, GHOST * 0.8).set_stroke(width=0)
        else:
            width = 3.8 if look == "glide" else 3.2
            self.thread = Thread(theme, space, colour, width, plan=self.fine, heights=self.fine_heights, glow=1.0)
            self.dots, self.shades = VMobject(), VMobject()
        self.head = Dot(radius=0.095, color=colour).set_stroke(rim, 2)
        self.add(self.shades, self.thread, self.dots, self.head)
        self.t = 0.0
        self.follow()

    def _inside(self, p: np.ndarray) -> np.ndarray:
        left, right, low, high = self.edge
        return np.asarray((p[:, 0] >= left) & (p[:, 0] <= right) & (p[:, 1] >= low) & (p[:, 1] <= high))

    def follow(self) -> Track:
        """Draw from where the eye is now."""
        self._where, self._seen = self.thread.spots()
        return self.reach(self.t)

    def reach(self, t: float) -> Track:
        """Show the path up to step t."""
        self.t = t
        t = min(np.floor(t) if self.style in JUMPS else t, self.last)
        upto = int(np.searchsorted(self.at, t + 1e-9))
        where, seen = self._where[:upto], self._seen[:upto]
        if upto < len(self.at) and t > self.at[max(upto - 1, 0)]:  # the last stretch, in part
            share = (t - self.at[upto - 1]) / (self.at[upto] - self.at[upto - 1])
            tip = self._where[upto - 1] + share * (self._where[upto] - self._where[upto - 1])
            where, seen = np.concatenate([where, [tip]]), np.concatenate([seen, seen[-1:]])
        plain, hidden = parted(where, seen)
        self.thread.body.points = corners_to_points(plain)
        if self.style == "dashed":
            self.thread.body.points = corners_to_points(dashed(plain, 0.13, 0.09))
        self.thread.glow.points = self.thread.body.points.copy()
        self.thread.ghost.points = corners_to_points(dashed(hidden))
        if self.style in JUMPS:
            landed = np.abs(self.at[: len(seen)] - np.round(self.at[: len(seen)])) < 1e-9
            self.dots.points = dots(where[landed & seen], 0.040)
            self.shades.points = dots(where[landed & ~seen], 0.032)
        self.here = where[-1]
        self.gone = self.leaves and self.t > self.last
        self.head.move_to([*self.here, 0])
        self.head.set_opacity(0.0 if self.gone else 1.0 if seen[-1] else 0.35)
        return self


class Spot(VGroup):
    """A dot at a place of the sheet or of the floor; a ring when it is hidden."""

    def __init__(self, theme: Theme, space: Space, place: np.ndarray, height: float | None, colour: str, radius: float = 0.115):
        super().__init__()
        self.space, self.place, self.height_there = space, np.asarray(place, float), height
        rim = theme.ground if theme.dark else "#FFFFFF"
        self.full = Dot(radius=radius, color=colour).set_stroke(rim, 2.5)
        self.ring = Dot(radius=radius).set_fill(colour, 0.12).set_stroke(colour, 1.8, 0.6)
        self.add(self.ring, self.full)
        self.follow()

    @property
    def world(self) -> np.ndarray:
        """Where it is, shape (1, 3)."""
        if self.height_there is None:
            return np.array([[*self.place, 0.0]])
        return self.space.on_sheet(self.place[None, :], np.array([self.height_there]))

    def follow(self) -> Spot:
        """Move to where it is seen from here."""
        self.seen = bool(self.space.seen(self.world, on_sheet=self.height_there is not None)[0])
        where = [*self.space.project(self.world)[0], 0]
        self.move_to(where)
        self.full.set_fill(opacity=float(self.seen)).set_stroke(opacity=float(self.seen))
        self.ring.set_fill(opacity=0.12 * (not self.seen)).set_stroke(opacity=0.6 * (not self.seen))
        return self


class Tag:
    """Keeps a mobject beside a world point: `at()` gives the point, `offset` is in frame units."""

    def __init__(self, space: Space, mobject: Any, at: Any, offset: Any = None):
        self.space, self.mobject, self.at, self.offset = space, mobject, at, offset
        self.follow()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tag:
        return self

    def follow(self) -> Tag:
        """Move the mobject to its point."""
        where = self.space.project(np.atleast_2d(self.at()))[0]
        offset = self.offset() if callable(self.offset) else self.offset if self.offset is not None else (0.0, 0.0)
        self.mobject.move_to([where[0] + offset[0], where[1] + offset[1], 0])
        return self


__all__ = ["Spot", "Tag", "Thread", "Track", "dashed", "densely", "parted"]
