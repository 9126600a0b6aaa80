"""A curve through sampled values: cut at the rim of its view, open where the function has no finite value."""

from __future__ import annotations

import numpy as np
from manim import VGroup, VMobject
from manim.constants import LineJointType

from .theme import Theme
from .view import Box, View

JUMP = 0.7  # a rise of this share of the height between two samples is a gap, not a line
Piece = np.ndarray  # corners, shape (n, 2)


class Curve(VGroup):
    """The graph of samples x, y (shape (n,), x ascending) in a view; non-finite samples are gaps.

    `look_through(view)` draws the same samples in another view, `between` keeps a stretch of x.
    """

    def __init__(
        self, theme: Theme, x: np.ndarray, y: np.ndarray, view: View, role: str = "loss", width: float = 4.5,
        glow: float = 1.0,
    ):  # fmt: skip
        super().__init__()
        self.x, self.y = np.asarray(x, float), np.asarray(y, float)
        self.between: tuple[float, float] | None = None
        colour = theme.role(role)
        for factor, opacity in ((6, 0.04), (3.6, 0.07), (2.1, 0.12)):
            self.add(VMobject().set_stroke(colour, width * factor, opacity * glow * theme.glow).set_fill(opacity=0))
        self.line = VMobject().set_stroke(colour, width).set_fill(opacity=0)
        self.add(self.line)
        for layer in self.submobjects:
            layer.joint_type = LineJointType.ROUND
        self.look_through(view)

    def look_through(self, view: View) -> Curve:
        """Draw the samples as another view sees them."""
        self.view = view
        x, y = self.x, self.y
        if self.between is not None:
            x, y = _stretch(x, y, *self.between)
        px, py = view.map(x, y)
        points = corners_to_points(clip(px, py, view.box))
        for layer in self.submobjects:
            layer.points = points
        return self

    def limit(self, low: float, high: float) -> Curve:
        """Show the stretch between two x only."""
        self.between = (low, high)
        return self.look_through(self.view)


def _stretch(x: np.ndarray, y: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    inside = (x > low) & (x < high)
    ends = [e for e in (low, high) if x[0] <= e <= x[-1]]
    at = np.concatenate([x[inside], ends])
    on = np.concatenate([y[inside], np.interp(ends, x, y)])
    order = np.argsort(at, kind="stable")
    return at[order], on[order]


def clip(px: np.ndarray, py: np.ndarray, box: Box) -> list[Piece]:
    """The parts of a polyline (frame units) inside a box, cut exactly at its rim."""
    left, right, bottom, top = box
    a = np.column_stack([px[:-1], py[:-1]])
    b = np.column_stack([px[1:], py[1:]])
    with np.errstate(all="ignore"):
        good = np.isfinite(a).all(1) & np.isfinite(b).all(1) & (np.abs(b[:, 1] - a[:, 1]) < JUMP * (top - bottom))
        steep = ~good & np.isfinite(a).all(1) & np.isfinite(b).all(1)
        # A steep piece that leaves through one rim is a pole: keep it; one that crosses the whole box is a jump.
        one_in = _in(a, box) ^ _in(b, box)
        good |= steep & one_in
        d = b - a
        start, end = np.zeros(len(a)), np.ones(len(a))
        for axis, low, high in ((0, left, right), (1, bottom, top)):
            t1, t2 = (low - a[:, axis]) / d[:, axis], (high - a[:, axis]) / d[:, axis]
            still = d[:, axis] == 0
            inside = (a[:, axis] >= low) & (a[:, axis] <= high)
            t1, t2 = np.where(still, np.where(inside, -1, 2), t1), np.where(still, np.where(inside, 2, -1), t2)
            start, end = np.maximum(start, np.minimum(t1, t2)), np.minimum(end, np.maximum(t1, t2))
    pieces: list[Piece] = []
    run: list[np.ndarray] = []
    for i in range(len(a)):
        if not good[i] or not start[i] < end[i]:
            if len(run) > 1:
                pieces.append(np.array(run))
            run = []
            continue
        if not run or start[i] > 0:
            if len(run) > 1:
                pieces.append(np.array(run))
            run = [a[i] + start[i] * d[i]]
        run.append(a[i] + end[i] * d[i])
        if end[i] < 1:
            pieces.append(np.array(run))
            run = []
    if len(run) > 1:
        pieces.append(np.array(run))
    return pieces


def _in(p: np.ndarray, box: Box) -> np.ndarray:
    return (p[:, 0] >= box[0]) & (p[:, 0] <= box[1]) & (p[:, 1] >= box[2]) & (p[:, 1] <= box[3])


def corners_to_points(pieces: list[Piece]) -> np.ndarray:
    """Open polylines as manim's cubic points, shape (4 n, 3)."""
    parts = []
    for p in pieces:
        a, b = p[:-1], p[1:]
        flat = np.stack([a, a * 2 / 3 + b / 3, a / 3 + b * 2 / 3, b], axis=1).reshape(-1, 2)
        parts.append(np.column_stack([flat, np.zeros(len(flat))]))
    return np.concatenate(parts) if parts else np.zeros((0, 3))
