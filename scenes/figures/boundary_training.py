"""S19: points in a plane, and how a network parts the plane while it learns.

Reads an Exam. Invariants: the border lies where both sides have p = ½ (where the two best classes tie); crosses are the
points on the wrong side; between two moments of the log the border moves evenly from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, Rectangle, VGroup, VMobject
from scipy.interpolate import RectBivariateSpline

from chainreel.engine.learning import Exam, guesses

from ..stage.area import Area
from ..stage.isolines import isolines
from ..stage.pixels import Painting, digest
from ..stage.theme import Theme, channels
from ..stage.type import Label
from .figure import Figure
from .marks import crosses
from .symbols import name_formula

MESH = 97  # places along each side at which the network is asked
FINE = 64  # states between two moments that are told apart
MOST_CLASSES = 4
SHAPES = ("square", "ring", "triangle", "open square")
MARGIN = 0.10  # of the spread of the points, around them


class BoundaryTraining(Figure):
    """The plane of an exam's points, its regions, and its points. Verbs: `appear`, `regions`, `show(m)`.

    `names` are the two inputs. Points seen are large, points unseen small.
    """

    def __init__(self, exam: Exam, theme: Theme, area: Area, names: Sequence[str]):
        super().__init__(theme)
        self.exam, self.names = exam, tuple(names)
        parts = list(exam.parts.values())
        every = np.concatenate([data.X for data in parts])
        low, high = every.min(axis=0), every.max(axis=0)
        spread = np.where(high > low, high - low, 1.0)
        self.low, self.high = low - MARGIN * spread, high + MARGIN * spread
        plot = Area(area.left + 0.46, area.right, area.bottom + 0.46, area.top)
        self.plot = plot
        self.x, self.y = (np.linspace(a, b, MESH) for a, b in zip(self.low, self.high, strict=True))
        rows = np.column_stack([np.repeat(self.x, MESH), np.tile(self.y, MESH)])
        self.fields = np.array([self._field(rows, m) for m in range(len(exam))])  # (moments, classes or 1, MESH, MESH)
        self.outputs = {
            part: np.array([exam.output(data.X, m) for m in range(len(exam))]) for part, data in exam.parts.items()
        }
        self.plane = Rectangle(width=plot.width, height=plot.height).move_to(plot.center).set_fill("#000000", 1)
        self.plane.set_stroke(theme.rim, 1.6)
        self.picture = Painting(self._paint, f"regions {theme.name} {digest(self.fields)}", (0,))
        self.plane.picture = self.picture
        self.axes = VGroup(*(name_formula(name, theme, "ink", 34) for name in self.names[:2]))
        self.axes[0].move_to([plot.right - self.axes[0].width / 2, area.bottom + self.axes[0].height / 2, 0])
        if self.axes[1].width > 0.4:  # a long name stands along the axis
            self.axes[1].rotate(np.pi / 2)
        half = self.axes[1].width / 2, self.axes[1].height / 2
        self.axes[1].move_to([area.left + half[0], plot.top - half[1], 0])
        self.spots = VGroup()
        kinds = int(max(data.y.max() for data in parts)) + 1
        for k, part in enumerate(exam.parts):
            for kind in range(kinds):
                marks = VMobject()
                marks.part, marks.kind, marks.large = part, kind, 0.085 if k == 0 else 0.052
                self._style(marks, kind)
                self.spots.add(marks)
        self.wrong = VMobject()
        self.m = -1.0
        self.show(0.0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A plane of {self.listed(self.names)} with "
            f"{self.counted(sum(len(d.y) for d in self.exam.parts.values()), 'point')}, and the regions of a "
            "classifier's answers."
        )

    # What is known of a moment ---------------------------------------------------------------------------------------

    def _field(self, rows: np.ndarray, m: int) -> np.ndarray:
        """What decides, on the mesh: the logit of yes, or the scores of all classes."""
        return self.exam.output(rows, m).T.reshape(-1, MESH, MESH)

    def field(self, m: float) -> np.ndarray:
        """The field between two moments, (classes or 1, MESH, MESH)."""
        k = int(min(max(m, 0.0), len(self.fields) - 1))
        if k == len(self.fields) - 1:
            return np.asarray(self.fields[k])
        return np.asarray(self.fields[k] + (self.fields[k + 1] - self.fields[k]) * (m - k))

    def lead(self, m: float) -> np.ndarray:
        """By how much the best class leads the next (of two: how far p is above ½), (MESH, MESH); 0 on the border."""
        field = self.field(m)
        if len(field) == 1:
            return np.asarray(field[0] - self.exam.threshold)
        best = np.sort(field, axis=0)
        return np.asarray(best[-1] - best[-2])

    def right(self, part: str, m: float) -> np.ndarray:
        """Which points of a part lie on their own side of the border as it is drawn, (n,)."""
        k = int(min(max(m, 0.0), len(self.fields) - 1))
        output = self.outputs[part][k]
        if k < len(self.fields) - 1:
            output = output + (self.outputs[part][k + 1] - output) * (m - k)
        return np.asarray(guesses(output, self.exam.threshold) == self.exam.parts[part].y.reshape(-1))

    def border(self, m: float) -> list[np.ndarray]:
        """The border between two classes at a moment, as lines of (x, y)."""
        return isolines(self.x, self.y, self.lead(m), 0.0)

    def places(self, X: np.ndarray) -> np.ndarray:
        """Frame positions of points, (n, 2)."""
        share = (X - self.low) / (self.high - self.low)
        return np.column_stack(
            [self.plot.left + share[:, 0] * self.plot.width, self.plot.bottom + share[:, 1] * self.plot.height]
        )

    # Painting ---------------------------------------------------------------------------------------------------------

    def _paint(self, width: int, height: int, state: tuple[int, ...]) -> np.ndarray:
        theme, field = self.theme, self.field(state[0] / FINE)
        x, y = np.linspace(self.x[0], self.x[-1], width), np.linspace(self.y[0], self.y[-1], height)
        fine = [RectBivariateSpline(self.x, self.y, part, kx=1, ky=1)(x, y).T[::-1] for part in field]
        base = np.array(channels(theme.slot if theme.dark else "#FFFFFF"))
        tint = np.array(channels(theme.value))
        if len(fine) == 1:
            z = fine[0] - self.exam.threshold
            p = 1.0 / (1.0 + np.exp(-np.clip(z, -60, 60)))
            alpha = np.where(z > 0, 0.14 + 0.36 * (2 * p - 1), 0.0)
            lead = z
        else:
            stack = np.array(fine)
            best = np.argmax(stack, axis=0)
            top = np.sort(stack, axis=0)
            lead = top[-1] - top[-2]
            alpha = np.array([0.0, 0.42, 0.24, 0.12])[best]
        picture = base + (tint - base) * alpha[..., None]
        slope = np.maximum(np.hypot(*np.gradient(lead)), 1e-12)
        line = np.clip(height / 480 * 1.7 + 0.5 - np.abs(lead) / slope, 0, 1)[..., None]
        if len(fine) > 1:  # the lead has its crease on the border
            change = (np.diff(best, axis=0, prepend=best[:1]) != 0) | (np.diff(best, axis=1, prepend=best[:, :1]) != 0)
            line = np.maximum(change, 0.0)[..., None]
        picture += (np.array(channels(theme.ink)) - picture) * line * 0.9
        return np.round(255 * np.clip(picture, 0, 1))

    # Verbs ------------------------------------------------------------------------------------------------------------

    def show(self, m: float) -> BoundaryTraining:
        """The regions, and which points lie on the wrong side, at a moment of the log or between two."""
        if m == self.m:
            return self
        self.m = m
        self.picture.show((int(round(m * FINE)),))
        bad = []
        for marks in self.spots:
            data, right = self.exam.parts[marks.part], self.right(marks.part, m)
            mine = data.y.reshape(-1) == marks.kind
            marks.points = _shapes(SHAPES[marks.kind], self.places(data.X[mine & right]), marks.large)
            bad.append((self.places(data.X[mine & ~right]), marks.large))
        cross = [crosses(self.theme, spots, size * 2.3, 3.2 if size > 0.06 else 2.4) for spots, size in bad]
        self.wrong.points = np.concatenate([c.points for c in cross])
        self.wrong.set_stroke(self.theme.tint("loss"), 3.0).set_fill(opacity=0)
        return self

    def appear(self, run_time: float = 1.4) -> Animation:
        """The points alone, each where it belongs."""
        self._all_right()
        self.ground = self.keep(self.plane.copy(), 0)
        self.ground.__dict__.pop("picture", None)
        self.ground.set_fill(self.theme.slot if self.theme.dark else "#FFFFFF", 0.9)
        self.keep(self.axes, 6), self.keep(self.spots, 5)
        return AnimationGroup(FadeIn(self.ground), FadeIn(self.axes), FadeIn(self.spots, lag_ratio=0.3), run_time=run_time)

    def _all_right(self) -> None:
        """Before there is a network, no point is on a wrong side."""
        for marks in self.spots:
            data = self.exam.parts[marks.part]
            marks.points = _shapes(SHAPES[marks.kind], self.places(data.X[data.y.reshape(-1) == marks.kind]), marks.large)

    def stand(self, m: float = 0.0) -> BoundaryTraining:
        """The regions of a moment with all points, at once and without the names of the axes."""
        self.m = -1.0
        self.show(m)
        self.keep(self.plane, 1), self.keep(self.spots, 5), self.keep(self.wrong, 6)
        return self

    def glide(self, area: Area, m: float | None = None, run_time: float = 1.4) -> Glide:
        """The plane goes to another place and size, where it fills the area; on the way the moment runs to m."""
        return Glide(self, area, self.m if m is None else m, run_time=run_time)

    def lay(self, plot: Area) -> None:
        """Plane and points in another rectangle; `show` is called afterwards."""
        self.plot = plot
        self.plane.stretch_to_fit_width(plot.width).stretch_to_fit_height(plot.height).move_to(plot.center)
        self.m = -1.0

    def regions(self, m: float = 0.0, run_time: float = 1.2) -> Animation:
        """The network's regions spread over the plane, and crosses stand where it is wrong."""
        self.m = -1.0
        self.show(m)
        self.keep(self.plane, 1), self.keep(self.wrong, 6)
        going = [FadeOut(marks) for marks in self._crossed(m)]
        return AnimationGroup(FadeIn(self.plane), FadeIn(self.wrong), *going, run_time=run_time)

    def _crossed(self, m: float) -> VGroup:
        """The points in whose place crosses come."""
        group = VGroup()
        for marks in self.spots:
            data, right = self.exam.parts[marks.part], self.right(marks.part, m)
            twin = marks.copy()
            mine = data.y.reshape(-1) == marks.kind
            twin.points = _shapes(SHAPES[marks.kind], self.places(data.X[mine & ~right]), marks.large)
            if len(twin.points):
                group.add(twin)
        return group

    def key(self, classes: Sequence[str]) -> VGroup:
        """Which mark is which class."""
        group = VGroup()
        for kind, name in enumerate(classes):
            mark = VMobject()
            self._style(mark, kind)
            mark.points = _shapes(SHAPES[kind], np.zeros((1, 2)), 0.10)
            word = Label(name, self.theme.ink, 24, names=True)
            word.set_baseline(0.24, -0.10)
            group.add(VGroup(mark, word))
        return group

    def _style(self, marks: VMobject, kind: int) -> None:
        if SHAPES[kind] in ("ring", "open square"):
            marks.set_fill(opacity=0).set_stroke(self.theme.data, 2.6)
        else:
            marks.set_fill(self.theme.data, 1).set_stroke(self.theme.slot, 1.0)


class Glide(Animation):
    """A plane with its points on the way to another place; what stood on it before there was a network stays behind."""

    def __init__(self, figure: BoundaryTraining, area: Area, m: float, **kwargs: Any):
        self.figure, self.ends, self.moments = figure, (figure.plot, area), (figure.m, m)
        super().__init__(VGroup(figure.plane, figure.spots, figure.wrong), **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: every place is laid out anew."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        a, b = self.ends
        sides = ("left", "right", "bottom", "top")
        self.figure.lay(Area(*(getattr(a, k) + (getattr(b, k) - getattr(a, k)) * share for k in sides)))
        self.figure.show(self.moments[0] + (self.moments[1] - self.moments[0]) * share)


def _shapes(kind: str, places: np.ndarray, half: float) -> np.ndarray:
    """Outlines of many equal marks as manim's cubic points."""
    if kind == "ring":
        angle = np.linspace(0, 2 * np.pi, 13)[:-1]
        corners = np.column_stack([np.cos(angle), np.sin(angle)]) * half
    elif kind == "triangle":
        corners = np.array([[-1.0, -0.8], [1.0, -0.8], [0.0, 1.1]]) * half
    else:
        corners = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * half * 0.92
    there = np.roll(corners, -1, axis=0)
    one = np.stack([corners, corners * 2 / 3 + there / 3, corners / 3 + there * 2 / 3, there], axis=1).reshape(-1, 2)
    flat = (np.asarray(places, float).reshape(-1, 1, 2) + one[None]).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


__all__ = ["MOST_CLASSES", "BoundaryTraining"]
