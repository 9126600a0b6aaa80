"""S16: blind search against steps along the slope – every try a mark, kept or undone, from one and the same start.

Reads a SearchRace. Invariants: the counters are those of the log; all runs begin at the same loss; a kept try lies below the
ones before it. `Settings` shows how many settings there are, `DialsCurve` how luck thins out with every knob more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from manim import (
    UP,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    RoundedRectangle,
    Square,
    Transform,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import linear, smooth, there_and_back

from chainreel.engine import Quantity
from chainreel.engine.learning.search_race import Dilution, SearchRace

from ..stage.area import Area
from ..stage.curve import clip, corners_to_points
from ..stage.dial import Dial
from ..stage.errors import StageError
from ..stage.glow import halo
from ..stage.log_axes import LogAxes, half_log_view, log_view
from ..stage.number import Number, Phrase
from ..stage.parts import round_caps
from ..stage.plate import Plate
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.trails import dashes
from ..stage.type import Label, set_line
from ..stage.view import View
from .figure import Figure
from .symbols import name_formula

DIALS = 6  # as many as fit in a column
CLOSE = 7  # tries that are seen from near


class SearchPlot(Figure):
    """The loss of every try over the number of tries; `step` is the step size that is told in full.

    Verbs: `appear`, `reach(k)`, `thread`, `other(step)`, `guided`.
    """

    def __init__(self, race: SearchRace, theme: Theme, area: Area, *, step: int = 0, name: str = "race"):
        super().__init__(theme)
        self.race, self.step, self.source = race, step, name
        self.log = race.search(step)
        if not self.log.trials:
            raise StageError("the log of this search was not kept")
        logs = [race.search(i) for i in range(len(race.steps))]
        longest = max(min(s.tried, 3 * self.log.tried) for s in logs) if self.log.reached else self.log.tried
        self.most = int(max(longest, race.guided_steps, 10))
        box = (area.left + 1.0, area.right - 0.2, area.bottom + 1.0, area.top - (0.35 if area.width > 8 else 1.3))
        self.log_y = race.lowest > 0 and race.start_loss > 15 * race.goal
        if self.log_y:
            view = log_view((1.0, 10.0), (race.goal * 0.5, race.start_loss * 3), box)
            goal, high = math.log10(race.goal), math.log10(race.start_loss) + 0.35
            low = goal - 0.5 * (high - goal) / max(box[3] - box[2] - 0.5, 1.0)  # room for a word below the goal's line
            view = replace(view, x=(-0.12, math.log10(self.most) + 0.08), y=(low, high))
            self.view = replace(view, steps=(1.0, view.steps[1]))
        else:
            drop = race.start_loss - race.lowest
            span = (race.lowest - 0.18 * drop, race.start_loss + 0.25 * drop)
            self.view = half_log_view((0.76, self.most * 1.2), span, box)
        self.axes = LogAxes(theme, self.view, None, Label("loss", theme.tint("loss"), 24, "semibold"), plain=not self.log_y)
        left, right, bottom, _ = self.view.box
        self.x_name = Label("tries", theme.muted, 24).move_to([right - 0.3, bottom - 0.82, 0])
        self.kept, self.undone = self._marks()
        self.stair = self._stair(self.log)
        y = self.place(1, race.goal)[1]
        self.goal_line = DashedLine([left, y, 0], [right, y, 0], dash_length=0.08).set_stroke(theme.data, 2.5)
        self.goal_label = Plate(theme, Label("goal", theme.data, 24, "semibold"), (0.05, 0.03))
        self.goal_label.move_to([right - 0.35, y - 0.25, 0])
        self.shown = 0
        self.named: list[VMobject] = [self.goal_label]

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "The loss of every try of a blind search, over the number of tries, down to the goal."

    def quantity(self, what: str, step: int | None = None, seed: int = 0) -> Quantity:
        """A number of the race, under the name of its source."""
        return replace(self.race.quantity(what, self.step if step is None else step, seed), source=self.source)

    def place(self, k: float, loss: float) -> np.ndarray:
        """Where a try is seen; a loss beyond the rim is put on it."""
        low, high = self.view.y
        y = loss if np.isfinite(loss) else math.inf
        if self.log_y:
            y = math.log10(y) if 0 < y < math.inf else y if y > 0 else -math.inf
        return self.view.place(math.log10(max(k, 0.85)), min(max(y, low), high))

    def quiet_place(self) -> np.ndarray:
        """A spot where no line of the search comes, below its beginning."""
        left, right, bottom, top = self.view.box
        return np.array([left + 0.3 * (right - left), bottom + 0.45 * (top - bottom), 0.0])

    def _marks(self) -> tuple[Tries, Tries]:
        at = np.array([self.place(k + 1, t.loss)[:2] for k, t in enumerate(self.log.trials)])
        kept = np.array([t.kept for t in self.log.trials])
        number = np.arange(1, len(kept) + 1)
        mint = Tries(self.theme.data, Square(0.075).points, at[kept], number[kept], 1.0)
        grey = Tries(self.theme.muted, Dot(radius=0.026, num_components=5).points, at[~kept], number[~kept], 0.5)
        return mint, grey

    def _stair(self, log: Any) -> Stair:
        losses, ks = [self.race.start_loss], [0]
        for k, trial in enumerate(log.trials):
            if trial.kept:
                ks += [k + 1, k + 1]
                losses += [losses[-1], trial.loss]
        ks.append(log.tried)
        losses.append(losses[-1])
        points = np.array([self.place(min(k, self.most), v)[:2] for k, v in zip(ks, losses, strict=True)])
        return Stair(self.theme, points, np.array(ks), self.view)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self) -> AnimationGroup:
        """The rulers, the goal, and the loss at the start."""
        parts = [self.keep(self.axes, 0), self.keep(self.x_name, 1), self.keep(self.goal_line, 1)]
        parts.append(self.keep(self.goal_label, 2))
        self.keep(self.undone, 3).reach(0)
        self.keep(self.kept, 5).reach(0)
        return AnimationGroup(*(FadeIn(p) for p in parts), run_time=0.9)

    def thread(self) -> FadeIn:
        """The loss that is kept, as stairs through the marks."""
        return FadeIn(self.keep(self.stair, 4).reach(self.shown), run_time=0.5)

    def reach(self, k: int, run_time: float, *also: Any) -> Animation:
        """All tries up to number k; `also` are objects with `reach(k)` of their own (counters, dials)."""
        start, self.shown = self.shown, k
        stair = [self.stair] if self.stair in self.submobjects else []
        return March(VGroup(self.undone, self.kept, *stair, *also), start, k, run_time=run_time)

    def other(self, step: int, run_time: float = 2.0) -> AnimationGroup:
        """The descent in stairs of another step size, dashed, with its name at the end."""
        stair = self._stair(self.race.search(step))
        stair.look(self.theme.muted, dashed=True)
        self.keep(stair, 4).reach(0)
        end = stair.places[-1]
        label = Phrase("nudges of {s}", self.theme.muted, 24, s=self.quantity("step", step))
        x = min(max(end[0], self.view.box[0] + label.width + 0.1), self.view.box[1]) - label.width / 2
        self._free(label, x, end[1] + (0.69 if self.race.search(step).reached else 0.27), _along(stair.places))
        tried = min(self.race.search(step).tried, self.most)
        return AnimationGroup(
            March(VGroup(stair), 0, tried, run_time=run_time), FadeIn(self.keep(label, 6), run_time=run_time)
        )

    def _free(self, label: VMobject, x: float, y: float, line: np.ndarray | None = None) -> None:
        """Put a label there, or near it where neither a label nor a line nor a mark stands."""
        left, right, bottom, top = self.view.box
        lines = [_along(self.stair.places), *([] if line is None else [line])]
        points = np.concatenate([*lines, self.kept.places, self.undone.places])
        half = np.array([label.width / 2 + 0.08, label.height / 2 + 0.08])
        best: tuple[float, float, float] | None = None
        for dy in (0.0, 0.42, -0.55, 0.84, -0.97, 1.26, -1.39):
            for dx in (0.0, -0.6, -1.2, -1.8, -2.4, -3.0):
                at = np.array([min(x + dx, right - half[0]), y + dy])
                if at[0] - half[0] < left or not bottom + half[1] < at[1] < top - half[1]:
                    continue
                if any((np.abs(at - o.get_center()[:2]) < half + [o.width / 2, o.height / 2]).all() for o in self.named):
                    continue
                on = int((np.abs(points - at) < half).all(axis=1).sum())
                cost = (float(on), abs(dx) + 1.5 * abs(dy), 0.0)
                if best is None or cost < best:
                    best, place = cost, at
        label.move_to([*(place if best is not None else (min(x, right - half[0]), y)), 0])
        self.named.append(label)

    def guided(self, run_time: float = 2.0) -> list[Animation]:
        """The steps along the slope, from the same start to the goal."""
        count = self.race.guided_steps
        points = np.array([self.place(k, self.race.guided.losses[k])[:2] for k in range(count + 1)])
        line = VMobject().set_points_as_corners([[x, y, 0] for x, y in points]).set_stroke(self.theme.knob, 3.6)
        line.set_fill(opacity=0)
        glow = halo(line, self.theme.knob, 3.6, 0.5 * self.theme.glow)
        end = Dot(radius=0.09, color=self.theme.knob).set_stroke(self.theme.ground, 2).move_to([*points[-1], 0])
        label = Label("guided", self.theme.tint("knob"), 24, "semibold")
        self._free(label, points[-1, 0] + label.width / 2 + 0.2, points[-1, 1] + 0.26)
        for part, z in ((glow, 6), (line, 7), (end, 8), (label, 9)):
            self.keep(part, z)
        self.guided_points = points
        line_up = AnimationGroup(*(Create(g) for g in (*glow, line)), run_time=run_time)
        return [line_up, AnimationGroup(FadeIn(end, scale=0.4), FadeIn(label), run_time=0.5)]


class Tries(VMobject):
    """Marks of tries as one mobject; `reach(k)` shows those up to number k."""

    def __init__(self, colour: str, stamp: np.ndarray, places: np.ndarray, numbers: np.ndarray, opacity: float):
        super().__init__(stroke_width=0, fill_color=colour, fill_opacity=opacity)
        self.stamp, self.places, self.numbers = np.array(stamp), places.reshape(-1, 2), numbers
        self.reach(0)

    def reach(self, k: float) -> Tries:
        """Show the tries up to number k."""
        count = int(np.searchsorted(self.numbers, k, side="right"))
        spread = np.column_stack([self.places[:count], np.zeros(count)])
        self.points = (self.stamp[None] + spread[:, None]).reshape(-1, 3)
        return self


def _along(corners: np.ndarray) -> np.ndarray:
    """Points along a line through corners, 0.1 apart, shape (n, 2)."""
    pieces = [np.linspace(a, b, max(2, int(np.hypot(*(b - a)) / 0.1))) for a, b in pairwise(corners)]
    return np.concatenate(pieces) if pieces else corners


def _sign(theme: Theme, kept: bool) -> VGroup:
    """A mint tick for a try that is kept, a mauve cross for one that is undone, on a dark round."""
    round_ = Circle(0.17).set_fill(theme.slot, 1).set_stroke(theme.data if kept else theme.loss, 2.2)
    sign = VGroup(round_)
    colour = theme.data if kept else theme.loss
    if kept:
        corners = [[[-0.08, 0.0, 0], [-0.02, -0.07, 0], [0.09, 0.08, 0]]]
    else:
        corners = [[[-0.06, -0.06, 0], [0.06, 0.06, 0]], [[-0.06, 0.06, 0], [0.06, -0.06, 0]]]
    for line in corners:
        sign.add(round_caps(VMobject().set_points_as_corners(line).set_stroke(colour, 3.6).set_fill(opacity=0)))
    return sign


class Closeup(VGroup):
    """The first tries from near: each a mark at its loss, kept ones lower and lower. Verbs: `appear`, `mark(k)`, `leave`.

    The box lies where the plot is still empty; its heights are those of the plot, drawn out.
    """

    def __init__(self, plot: SearchPlot):
        super().__init__()
        self.plot, theme = plot, plot.theme
        trials = plot.log.trials[:CLOSE]
        losses = np.array([plot.race.start_loss, *(t.loss for t in trials)])
        seen = losses[np.isfinite(losses)]
        self.low, self.high = float(seen.min()), float(seen.max())
        left, right, bottom, top = plot.view.box
        width, height = min(0.62 * (right - left), 5.4), min(0.50 * (top - bottom), 2.5)
        x0 = left + 0.12 * (right - left)
        y0 = max(bottom + 0.18 * (top - bottom), plot.place(1, plot.race.goal)[1] + 0.2)
        self.room = Area(x0 + 0.3, x0 + width - 0.3, y0 + 0.35, y0 + height - 0.35)
        self.box = RoundedRectangle(corner_radius=0.1, width=width, height=height).move_to([x0 + width / 2, y0 + height / 2, 0])
        self.box.set_fill(theme.slot, 1).set_stroke(theme.rim, 1.6)
        eye = plot.place(1, plot.race.start_loss)
        self.rays = VGroup(*(
            Line(eye, self.box.get_corner([side, 1, 0])).set_stroke(theme.rim, 1.4, 0.8) for side in (-1, 1)
        ))  # fmt: skip
        self.losses, self.kept = losses, [True, *(t.kept for t in trials)]
        self.standing = self.losses[0]
        self.begin = Dot(self.place(0, self.standing), radius=0.07, color=theme.loss)
        self.add(self.rays, self.box, self.begin)

    def place(self, k: int, loss: float) -> np.ndarray:
        """Where try k is seen."""
        span = (self.high - self.low) or 1.0
        share = (min(loss, self.high) - self.low) / span if math.isfinite(loss) else 1.0
        return np.array([
            self.room.left + self.room.width * k / CLOSE, self.room.bottom + self.room.height * min(max(share, 0.0), 1.0), 0.0,
        ])  # fmt: skip

    def appear(self) -> AnimationGroup:
        """The box opens where the search begins."""
        return AnimationGroup(FadeIn(self.rays), FadeIn(self.box, scale=0.7), FadeIn(self.begin), run_time=0.7)

    def mark(self, k: int, run_time: float = 0.5) -> AnimationGroup:
        """Try k: a mint tick where it is kept, a mauve cross where it is undone."""
        theme = self.plot.theme
        at, kept = self.place(k, self.losses[k]), self.kept[k]
        corners = [self.place(k - 1, self.standing), self.place(k, self.standing)]
        if kept:
            self.standing = self.losses[k]
            corners.append(at)
        piece = VMobject().set_points_as_corners(corners).set_stroke(theme.loss, 3.2).set_fill(opacity=0)
        sign = _sign(theme, kept).move_to(at)
        for part, z in ((piece, 10), (sign, 11)):
            self.add(part)
            for member in part.get_family():
                member.set_z_index(z)
        return AnimationGroup(FadeIn(sign, scale=0.4), Create(piece), run_time=run_time)

    def leave(self) -> AnimationGroup:
        """The box closes to where it belongs."""
        eye = self.plot.place(1, self.plot.race.start_loss)
        return AnimationGroup(FadeOut(self, target_position=eye, scale=0.1), run_time=0.7)


class Stair(VGroup):
    """The loss that is kept, as stairs."""

    def __init__(self, theme: Theme, places: np.ndarray, ks: np.ndarray, view: View):
        super().__init__()
        self.theme, self.places, self.ks, self.view, self.dashed = theme, places, ks, view, False
        self.glow, self.line = (VMobject().set_fill(opacity=0) for _ in range(2))
        self.line.set_stroke(theme.loss, 3.6)
        self.glow.set_stroke(theme.loss, 12, 0.14 * theme.glow)
        self.add(self.glow, self.line)
        self.reach(ks[-1])

    def look(self, colour: str, *, dashed: bool) -> None:
        """Another colour, dashed or not."""
        self.dashed = dashed
        self.line.set_stroke(colour, 3.0)
        self.glow.set_stroke(opacity=0)

    def reach(self, k: float) -> Stair:
        """Draw the stairs up to try k."""
        count = int(np.searchsorted(self.ks, k, side="right"))
        part = self.places[:count]
        if 0 < count < len(self.ks):
            x = self.view.place(min(math.log10(max(k, 0.85)), self.view.x[1]), 0)[0]
            part = np.concatenate([part, [[x, part[-1, 1]]]])
        pieces = clip(part[:, 0], part[:, 1], (-99, 99, -99, 99)) if len(part) > 1 else []
        if self.dashed:
            pieces = dashes(part) if len(part) > 1 else []
        points = corners_to_points(pieces)
        self.line.points, self.glow.points = points, points.copy()
        return self


class March(Animation):
    """Things that can `reach(k)` go from one number of tries to another, quickly at first."""

    def __init__(self, things: VGroup, start: int, goal: int, **kwargs: Any):
        self.start_k, self.goal_k = start, goal
        kwargs.setdefault("rate_func", smooth if goal - start > 3 else linear)
        super().__init__(things, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        k = self.goal_k if alpha >= 1 else self.start_k + (self.goal_k - self.start_k) * share
        for thing in self.mobject:
            thing.reach(k)


class Counter(VGroup):
    """A word and a number that counts with the tries: `tried` or `kept`; it settles on a number of the log."""

    def __init__(self, theme: Theme, plot: SearchPlot, what: str, colour: str, at: np.ndarray):
        super().__init__()
        self.plot, self.what = plot, what
        self.total = np.cumsum([t.kept for t in plot.log.trials]) if what == "kept" else np.arange(1, plot.log.tried + 1)
        self.label = Label(what, colour, 24, "medium")
        self.number = Number(plot.quantity(what), colour, 34, decimals=0)
        self.label.set_baseline(at[0], at[1])
        self.left, self.base = float(at[0]), float(at[1]) - 0.46
        self.add(self.label, self.number)
        self.reach(0)

    def reach(self, k: float) -> Counter:
        """Show the count after k tries."""
        done = int(k)
        settled = done >= len(self.total)
        value = float(self.number.quantity.value) if settled else float(self.total[done - 1]) if done else 0.0
        self.count = int(value)
        self.number.set_text(self.number.settled if settled else shown(value, 0, auto=False))
        points = set_line(self.number.text, 34, "semibold")[0]
        here = self.number.points
        self.number.points = here + [self.left - here[:, 0].min(), self.base - here[:, 1].min() + points[:, 1].min(), 0]
        return self


class Knobs(VGroup):
    """A dial for each knob, at most six, that stands where the search stands: `reach(k)`."""

    def __init__(self, theme: Theme, race: SearchRace, area: Area, step: int = 0):
        super().__init__()
        self.log, self.names = race.search(step), list(race.start)[:DIALS]
        here = [np.array(list(race.start.values()))]
        for trial in self.log.trials:
            here.append(trial.point if trial.kept else here[-1])
        self.path = np.array(here)
        self.tried = np.array([here[0], *(t.point for t in self.log.trials)])
        columns = 1 if area.height > area.width else len(self.names)
        self.dials: list[Dial] = []
        count = len(self.names)
        size = max(float(np.abs(self.path).max()), float(np.abs(self.tried).max()), 1e-9)
        for i, name in enumerate(self.names):
            room = (area.rows(*[1] * count, gap=0.0) if columns == 1 else area.columns(*[1] * count, gap=0.0))[i]
            radius = min(0.40, room.height * 0.34, room.width * 0.22)
            dial = Dial(theme, float(self.path[0, i]), -size, size, radius)
            dial.shift([room.left + 0.55 if columns == 1 else room.center[0] - 0.32, room.center[1], 0])
            label = name_formula(name, theme, "knob", 40)
            label.move_to([dial[2].get_center()[0] + radius + 0.28 + label.width / 2, room.center[1], 0])
            self.dials.append(dial)
            self.add(VGroup(dial, label))

    def reach(self, k: float) -> Knobs:
        """Stand where the search stands after k tries (k whole), and between two tries where the next nudge goes."""
        done = int(k)
        point = self.path[min(done, len(self.path) - 1)]
        for i, dial in enumerate(self.dials):
            dial.turn_to(float(point[i]))
        return self

    def nudge(self, k: int) -> list[AnimationGroup]:
        """Try k: the knob goes there, and back if it is undone."""
        def turned(point: np.ndarray) -> AnimationGroup:
            moves = []
            for i, dial in enumerate(self.dials):
                if abs(point[i] - dial.value) > 1e-15:
                    moves.append(Blink(Circle(1.45 * dial.radius).move_to(dial.centre).set_stroke(dial.theme.ink, 2.5)))
                    moves.append(Transform(dial, dial.copy().turn_to(float(point[i]))))
                    dial.value = float(point[i])
            return AnimationGroup(*moves, run_time=0.6) if moves else AnimationGroup(FadeIn(VGroup()), run_time=0.3)

        there = [turned(self.tried[k])]
        if not self.log.trials[k - 1].kept:
            there.append(turned(self.path[k]))
        return there


class Blink(Animation):
    """A ring that lights up and goes: here something is tried."""

    def __init__(self, ring: VMobject, **kwargs: Any):
        super().__init__(ring.set_fill(opacity=0), introducer=True, remover=True, rate_func=there_and_back, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.set_stroke(opacity=0.9 * self.rate_func(min(max(alpha, 0.0), 1.0)))


class Settings(VGroup):
    """A large dial for each knob, at most six, and below it the wheels that count its positions: `turn(t)`, `spin`.

    The digits are positions, no results; every dial stands at the position that its wheels name.
    """

    def __init__(self, theme: Theme, names: Sequence[str], area: Area, positions: int = 100):
        super().__init__()
        self.knobs, self.positions = len(names), max(positions, 1)
        self.digits = max(1, len(str(max(self.positions - 1, 1))))
        shown_names = list(names)[:DIALS]
        more = len(names) > DIALS
        rooms = area.columns(*[1] * len(shown_names), *([0.3] if more else []), gap=0.15)
        pitch = min(rooms[0].width, 3.2)
        left = area.center[0] - pitch * len(shown_names) / 2 if not more else rooms[0].left
        radius = min(0.85, pitch * 0.33, area.height * 0.19)
        self.dials: list[Dial] = []
        self.wheels: list[Wheel] = []
        size = min(1.5, (pitch - 0.2) / (0.42 * self.digits))
        for i, name in enumerate(shown_names):
            x = left + pitch * (i + 0.5)
            dial = Dial(theme, 0.0, -0.5, 0.5, radius).shift([x, area.center[1] + 0.75 * radius, 0])
            label = name_formula(name, theme, "knob", 44)
            label.move_to([x, dial.centre[1] + 1.25 * radius + 0.2 + label.height / 2, 0])
            row = VGroup(*(Wheel(theme).scale(size).shift([0.42 * size * j, 0, 0]) for j in range(self.digits)))
            row.move_to([x, dial.centre[1] - 1.25 * radius - 0.25 - row.height / 2, 0])
            self.dials.append(dial)
            self.wheels += list(row)
            self.add(VGroup(dial, label), row)
        if more:
            self.add(Label("…", theme.muted, 44).move_to([rooms[-1].center[0], area.center[1] + 0.75 * radius, 0]))
        self.turn(0)

    def turn(self, t: float) -> Settings:
        """After t settings: the last knob turns fastest."""
        for i, dial in enumerate(reversed(self.dials)):
            position = int(t / self.positions**i) % self.positions
            dial.turn_to(position / max(self.positions - 1, 1) - 0.5)
            first = len(self.wheels) - self.digits * (i + 1)
            for j in range(self.digits):
                self.wheels[first + j].show(position // 10 ** (self.digits - 1 - j))
        return self

    def spin(self, run_time: float = 2.4, settings: float = 3e5) -> Spin:
        """The dials run through some of the settings, or through all where there are few."""
        return Spin(self, min(settings, float(self.positions) ** min(len(self.dials), 20)), run_time=run_time)


class Wheel(VGroup):
    """One wheel with a digit."""

    tick = True

    def __init__(self, theme: Theme):
        super().__init__()
        body = RoundedRectangle(corner_radius=0.06, width=0.40, height=0.62).set_fill(theme.slot, 1).set_stroke(theme.rim, 1.6)
        self.face = VMobject(stroke_width=0, fill_color=theme.tint("knob"), fill_opacity=1)
        self.add(body, self.face)
        self.show(0.0)

    def show(self, turns: float) -> None:
        """The digit at that many tenths of a turn."""
        digit = int(turns) % 10
        points = set_line(str(digit), 30, "semibold")[0]
        middle = (points.max(axis=0) + points.min(axis=0)) / 2
        self.face.points = (points - middle) * (self[0].height / 0.62) + self[0].get_center()


class Spin(Animation):
    """Settings run, faster and faster."""

    def __init__(self, dials: Settings, settings: float, **kwargs: Any):
        self.settings = settings
        kwargs.setdefault("rate_func", linear)
        super().__init__(dials, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.turn(self.settings ** min(max(alpha, 0.0), 1.0) - 1.0)


class DialsCurve(Figure):
    """Tries of a blind search and steps along the slope over the number of knobs, on rulers of powers of ten.

    Verbs: `appear`, `draw(what)` for "blind" and "guided".
    """

    def __init__(self, dilution: Dilution, theme: Theme, area: Area, *, name: str = "dilution"):
        super().__init__(theme)
        self.dilution, self.source = dilution, name
        counts = dilution.counts
        knobs = dilution.knobs
        highest = max(max(pair) for pair in counts.values())
        lowest = max(1.0, min(min(pair) for pair in counts.values()))
        box = (area.left + 0.9, area.right - 1.3, area.bottom + 0.95, area.top - 0.3)
        view = log_view((max(knobs[0] / 1.5, 1.0), knobs[-1] * 1.3), (lowest, highest * 1.5), box)
        left, right = np.log10(knobs[0]) - 0.15, np.log10(knobs[-1]) + 0.15
        self.view = replace(view, x=(float(left), float(right)), y=(0.0, view.y[1]))
        self.axes = LogAxes(theme, self.view, None, Label("tries or steps", theme.muted, 24))
        self.axes.numbers.remove(*(n for n in self.axes.numbers if n.get_top()[1] < self.view.box[2]))
        for n in knobs:  # the ruler names the numbers of knobs themselves
            number = Number(self.quantity("knobs", n), theme.muted, 28, "medium")
            self.axes.numbers.add(number.move_to([self.place(n, 1)[0], self.view.box[2] - 0.28, 0]))
        self.x_name = Label("knobs", theme.muted, 24)
        self.x_name.move_to([self.view.box[1] - self.x_name.width / 2, self.view.box[2] - 0.78, 0])
        self.rows = {what: self._row(what) for what in ("blind", "guided")}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            "What blind search and steps along the slope need with "
            f"{self.listed(self.told(n) for n in self.dilution.knobs)} knobs."
        )

    def quantity(self, what: str, knobs: int) -> Quantity:
        """A number of the dilution, under the name of its source."""
        return replace(self.dilution.quantity(what, knobs), source=self.source)

    def place(self, knobs: int, count: float) -> np.ndarray:
        """Where a count is seen."""
        return self.view.place(float(np.log10(knobs)), float(np.log10(max(count, 1.0))))

    def _row(self, what: str) -> VGroup:
        blind = what == "blind"
        colour = self.theme.loss if blind else self.theme.knob
        tint = self.theme.tint("loss" if blind else "knob")
        at = [self.place(n, self.dilution.counts[n][not blind]) for n in self.dilution.knobs]
        line = VMobject().set_points_as_corners(at).set_stroke(colour, 3.6).set_fill(opacity=0)
        marks, numbers = VGroup(), VGroup()
        for n, place in zip(self.dilution.knobs, at, strict=True):
            mark = Square(0.14) if blind else Dot(radius=0.08)
            marks.add(mark.move_to(place).set_fill(colour, 1).set_stroke(self.theme.ground, 1.5))
            number = Number(self.quantity(what, n), tint, 28)
            numbers.add(number.move_to(place + [0, 0.32, 0]))
        label = Label("blind" if blind else "guided", tint, 26, "semibold")
        label.move_to(at[-1] + np.array([0.25 + label.width / 2, 0, 0]))
        return VGroup(halo(line, colour, 3.6, 0.5 * self.theme.glow), line, marks, numbers, label)

    def appear(self) -> AnimationGroup:
        """The rulers."""
        return AnimationGroup(FadeIn(self.keep(self.axes, 0)), FadeIn(self.keep(self.x_name, 1)), run_time=0.8)

    def draw(self, what: str, run_time: float = 1.8) -> AnimationGroup:
        """One row of counts, from few knobs to many."""
        glow, line, marks, numbers, label = self.keep(self.rows[what], 4)
        return AnimationGroup(
            *(Create(layer) for layer in glow), Create(line), *(FadeIn(m, scale=0.5) for m in marks),
            *(FadeIn(n, shift=0.1 * UP) for n in numbers), FadeIn(label), run_time=run_time,
        )  # fmt: skip


__all__ = ["Closeup", "Counter", "DialsCurve", "Knobs", "SearchPlot", "Settings"]
