"""S15: a map of the loss over two inputs, the slope at the start, and optimizers racing down it step by step.

Reads values on a mesh, the trace at the start and the logs of descents. Invariants: the slope arrow is perpendicular to the
line of equal loss (±2°); paths and counters are the logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

import numpy as np
from manim import (
    DL,
    UR,
    Animation,
    AnimationGroup,
    Arc,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Polygon,
    Rectangle,
    RoundedRectangle,
    VGroup,
    VMobject,
    linear,
)

from chainreel.engine import Descent, EngineError, Function, Quantity
from chainreel.engine.aim import Aim

from ..stage.area import Area, safe_area
from ..stage.axes import apart, numbers_width
from ..stage.curve import clip, corners_to_points
from ..stage.errors import StageError
from ..stage.field import Field, level_line
from ..stage.glow import Glow
from ..stage.number import Number, Phrase
from ..stage.parts import meet, round_caps
from ..stage.picture import Picture, Spread
from ..stage.plate import Plate
from ..stage.spot import free_spot
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick, round_steps
from ..stage.trails import Trail, colour_of, dashes, dots
from ..stage.type import Label
from ..stage.view import CELL, Box, Range, View, fit
from .figure import Figure
from .marks import cross, tick
from .racer import TITLES, looks
from .symbols import name_formula

BOX: Box = (-5.5, 2.0, -2.0, 3.5)
SIDE = Area(2.62, 6.22, -2.0, 3.0)  # where the counters are
MESH = (181, 137)
NUDGE = 2e-3  # of the compass, frame units
ANGLE = 0.72  # radius of the arc between the arrow and the way to the goal
RING = 0.155  # radius of the goal's ring, frame units: who stays in it is there
STRETCH = 4.0  # ranges that differ more than this get scales of their own


@dataclass
class Runner:
    """One optimizer in the race: its log, its look, and at which step it was there (None: never)."""

    name: str
    descent: Descent
    look: str
    there: int | None = None
    rated: bool = False  # its rate belongs to its name, because it was asked for
    elsewhere: bool = False  # came to rest, but not at the lowest place
    last: int = 0
    trail: Trail | None = None

    @property
    def lost(self) -> bool:
        """It diverged upwards: its rate is too large."""
        return self.descent.diverged and self.descent.steps[-1].loss > self.descent.steps[0].loss

    @property
    def ended(self) -> bool:
        """It went down to where the function has no value any more."""
        return self.descent.diverged and not self.lost and not (self.trail is not None and self.trail.gone)

    @property
    def runaway(self) -> bool:
        """It is still as fast at its end as ever: nothing stops it, so its end does not decide what is shown."""
        sizes = [float(np.hypot(*s.update.values())) for s in self.descent.steps if s.update]
        return self.descent.diverged or (len(sizes) >= 20 and sizes[-1] > 0.3 * max(sizes))

    @property
    def moved(self) -> bool:
        """Whether any step led anywhere."""
        return any(v != 0.0 for state in self.descent.steps for v in state.update.values())

    @property
    def title(self) -> str:
        """How it is called."""
        return TITLES.get(self.descent.optimizer, self.descent.optimizer)


class ContourDescent(Figure):
    """The map of `function` over two inputs with one run per optimizer, all from the same start.

    `descents` maps a source name to its log ("plain", "adam", "plain:0.3"); its numbers are entered under that name.
    `box` is the place of the map, `side` that of the counters, in one column or two.
    Verbs: `spread`, `begin`, `steepest`, `angle`, `axis_steps`, `compass`, `counters`, `race`, `goal`.
    """

    mesh_size = MESH  # places where the loss is computed for the map

    def __init__(
        self,
        function: Function,
        theme: Theme,
        descents: Mapping[str, Descent],
        ranges: Mapping[str, Range] | None = None,
        fixed: Mapping[str, float] | None = None,
        *,
        names: Sequence[str] | None = None,
        box: Box = BOX,
        side: Area = SIDE,
        columns: int = 1,
    ):
        super().__init__(theme)
        self.side, self.columns = side, columns
        self.function, self.fixed = function, dict(fixed or {})
        self.names = list(names or [n for n in function.inputs if n not in self.fixed])
        if len(self.names) != 2:
            raise StageError(f"a map shows two inputs; this function leaves {len(self.names)} free")
        names_of = [d.optimizer for d in descents.values()]
        self.runners = [
            Runner(n, d, look, rated=":" in n or names_of.count(d.optimizer) > 1)
            for (n, d), look in zip(descents.items(), self._chosen(list(descents.values())), strict=True)
        ]
        first = self.runners[0].descent.steps[0]
        one, two = self.names
        self.start = (float(first.point[one]), float(first.point[two]))
        self.gradient = (float(first.gradient[one]), float(first.gradient[two]))
        self._log()
        for _ in range(4):  # the numbers beside the map need room
            self.view, self.equal = self._view(dict(ranges or {}), box)
            self.view = self.view.sparse_ticks(5)
            if self.view.box[0] - 0.16 - numbers_width(self.view) >= safe_area().left:
                break
            box = (box[0] + CELL, *box[1:])
        for name, (low, high), at in zip(self.names, (self.view.x, self.view.y), self.start, strict=True):
            if not low <= at <= high:
                raise StageError(
                    f"the range of {name} from {low:g} to {high:g} does not hold the start {name} = {at:g}; widen --range"
                )
        x, y = (np.linspace(*r, n) for r, n in zip((self.view.x, self.view.y), self.mesh_size, strict=True))
        values = np.asarray(function.grid({self.names[0]: x, self.names[1]: y}, fixed=self.fixed), float)
        if not np.isfinite(values).any():
            raise StageError(
                f"the function has no finite value in the range shown ({self.names[0]} from {x[0]:g} to {x[-1]:g}, "
                f"{self.names[1]} from {y[0]:g} to {y[-1]:g}); show another part with --range"
            )
        self.field = Field(x, y, values, self.lowest if self._goal_seen() else None)
        self._arrivals()
        self._draw()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A map over {self.listed(self.names)}: along each line the function has one value. "
            f"{self.counted(self.runners, 'descent')} will run on it."
        )

    def quantity(self, runner: Runner, kind: str, index: int) -> Quantity:
        """A number of a log, entered under the runner's name."""
        return changed(runner.descent.quantity(kind, index), source=runner.name)

    def _looks(self, optimizers: list[str]) -> list[str]:
        return looks(optimizers)

    def _chosen(self, logs: list[Descent]) -> list[str]:
        """A look for each run; of one optimizer with several rates, the calmest has its own look."""
        names = [log.optimizer for log in logs]
        found = self._looks(names)
        for name in set(names):
            same = [k for k, other in enumerate(names) if other == name]
            if len(same) > 1:
                calm_first = sorted(same, key=lambda k: float(logs[k].rate))
                for k, look in zip(calm_first, [found[k] for k in same], strict=True):
                    found[k] = look
        return found

    # What the logs say ----------------------------------------------------------------------------------------------

    def _log(self) -> None:
        best: tuple[float, Runner, int] | None = None
        for runner in self.runners:
            losses = np.array([s.loss for s in runner.descent.steps], float)
            losses = np.where(np.isfinite(losses), losses, np.inf)
            k = int(np.argmin(losses))
            if best is None or losses[k] < best[0]:
                best = (float(losses[k]), runner, k)
            runner.last = len(losses) - 1
        assert best is not None
        self.lowest, winner, k = best
        best_point = winner.descent.steps[k].point
        self.goal_at = (float(best_point[self.names[0]]), float(best_point[self.names[1]]))

    def _arrivals(self) -> None:
        """Who gets into the ring round the lowest place and stays in it, and from which step on."""
        goal = self.view.place(*self.goal_at)[:2]
        for runner in self.runners:
            if not runner.descent.diverged and self._goal_seen() and self.goal_at != self.start:
                px, py = self.view.map(*self.path(runner).T)
                far = np.flatnonzero(~(np.hypot(px - goal[0], py - goal[1]) <= RING))
                k = int(far[-1]) + 1 if len(far) else 0
                if k <= runner.last:
                    runner.there = runner.last = k
                    runner.descent = _until(runner.descent, k)
                else:
                    first, last = (np.hypot(*s.gradient.values()) for s in (runner.descent.steps[0], runner.descent.steps[-1]))
                    runner.elsewhere = bool(last < 1e-5 * first)
        self.length = max([1, *(r.last for r in self.runners)])

    def _goal_seen(self) -> bool:
        return self.view.holds(*self.goal_at) and np.isfinite(self.lowest)

    def path(self, runner: Runner) -> np.ndarray:
        """The log's points up to where it is there, shape (n, 2)."""
        states = runner.descent.steps[: runner.last + 1]
        return np.array([[float(s.point[n]) for n in self.names] for s in states])

    # The view -------------------------------------------------------------------------------------------------------

    def _view(self, ranges: dict[str, Range], box: Box) -> tuple[View, bool]:
        unknown = [n for n in ranges if n not in self.names]
        if unknown:
            raise StageError(f"--range names {unknown[0]}; the map shows {self.names[0]} and {self.names[1]}")
        wanted = [ranges.get(n) or _pad(self._extent(i)) for i, n in enumerate(self.names)]
        wide, high = box[1] - box[0], box[3] - box[2]
        sizes = [b - a for a, b in wanted]
        for i in (0, 1):  # a path along one input only still needs a map
            if self.names[i] not in ranges and sizes[i] < sizes[1 - i] / 3.0:
                middle = sum(wanted[i]) / 2
                if sizes[i] > sizes[1 - i] / 12:
                    wanted[i] = (middle - sizes[1 - i] / 6, middle + sizes[1 - i] / 6)
                    sizes[i] = sizes[1 - i] / 3
        exact = [n in ranges for n in self.names]
        ratio = (sizes[0] / wide) / (sizes[1] / high)
        equal = 1 / STRETCH <= ratio <= STRETCH
        if not equal:
            x, room_x, step_x = fit(wanted[0], (box[0], box[1]), (2, 3, 4, 5), exact[0])
            y, room_y, step_y = fit(wanted[1], (box[2], box[3]), (2, 3, 4, 5), exact[1])
            return View(x, y, (*room_x, *room_y), (step_x, step_y)), False
        scale, step = _scale_for(sizes, (wide, high))
        out = []
        for (low, up), room, is_exact in zip(wanted, ((box[0], box[1]), (box[2], box[3])), exact, strict=True):
            span, free = room[1] - room[0], room[1] - room[0] - (up - low) * scale
            if is_exact:
                left = room[0] + free / 2
                out.append(((low, up), (left, left + (up - low) * scale)))
            else:
                a = low - free / 2 / scale
                nudge = (a / step - round(a / step * step * scale / CELL) * CELL / scale / step) * step
                a -= nudge if abs(nudge) * scale < free / 2 + 0.3 else 0.0
                out.append(((a, a + span / scale), room))
        (x, room_x), (y, room_y) = out
        return View(x, y, (*room_x, *room_y), (step, step)), True

    def _extent(self, i: int) -> Range:
        """What the paths need along input i; a run that flies away does not decide the map."""
        at = self.start[i]
        tame = [self.path(r)[:, i] for r in self.runners if not r.runaway]
        wild = [self.path(r) for r in self.runners if r.runaway]
        if not tame:  # nobody comes to rest: show the neighbourhood of the start
            scale = 3.0 * max(1.0, *(abs(v) for v in self.start)) if not any(r.lost for r in self.runners) else 0.0
            first = np.concatenate([p[:4] for p in wild])
            scale = scale or 3 * max(float(np.median(np.abs(first[:, i] - at))), 0.1 * max(abs(at), 1.0))
            steps = np.concatenate(wild)
            near = np.all(np.abs(steps - self.start) <= scale, axis=1)
            tame_wild = steps[near, i]
            low, high = float(tame_wild.min()), float(tame_wild.max())
            low, high = min(low, at - scale / 4), max(high, at + scale / 4)
            return low, high
        beyond = self.goal_at[i] + 0.4 * (self.goal_at[i] - at)  # so that a bowl is seen to have a far side
        values = np.concatenate([*tame, [at]])
        if values.min() <= self.goal_at[i] <= values.max():
            values = np.concatenate([values, [beyond]])
        low, high = float(values.min()), float(values.max())
        if high - low < 1e-3 * max(abs(at), 1.0):
            half = max(abs(at) * 0.5, 0.5)
            return at - half, at + half
        return low, high

    # Parts ----------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        theme = self.theme
        left, right, bottom, top = self.view.box
        middle = [(left + right) / 2, (bottom + top) / 2, 0]
        self.sheet = RoundedRectangle(corner_radius=0.16, width=right - left, height=top - bottom).move_to(middle)
        self.sheet.set_stroke(width=0).set_fill(theme.slot, 1)
        self.sheet.picture = Picture(self.field.paint(theme, right - left))
        self.rim = self.sheet.copy().set_fill(opacity=0).set_stroke(mix(theme.rim, theme.loss, 0.5), 1.8)
        del self.rim.picture
        self.rulers = VGroup()
        xs, ys = self.view.ticks()
        along = []
        for value in xs:
            at = self.view.place(value, self.view.y[0])
            number = Tick(value, self.view.steps[0], theme.muted).move_to([at[0], bottom - 0.27, 0])
            if left + 0.1 <= at[0] <= right - 0.1 and number.get_left()[0] > safe_area().left:
                along.append((value, number))
        self.rulers.add(*apart(along, self.view.steps[0]))
        for value in ys:
            at = self.view.place(self.view.x[0], value)
            number = Tick(value, self.view.steps[1], theme.muted)
            if bottom + 0.1 <= at[1] <= top - 0.1:
                self.rulers.add(number.move_to([left - 0.14 - number.width / 2, at[1], 0]))
        x_name, y_name = (name_formula(n, theme, "knob", 42) for n in self.names)
        x_name.move_to([right + 0.12 + x_name.width / 2, bottom + 0.14, 0])
        y_name.move_to([left - 0.18 - y_name.width / 2, top - 0.16, 0])
        if y_name.get_left()[0] < safe_area().left:  # long names stand in the corners of the map
            y_name = Plate(theme, y_name).move_to([left + 0.24 + y_name.width / 2, top - 0.34, 0])
        if self.columns == 1 and x_name.get_right()[0] > self.side.left - 0.05:
            x_name = Plate(theme, x_name).move_to([right - 0.24 - x_name.width / 2, bottom + 0.34, 0])
        for number in list(self.rulers):
            if meet(number, y_name):
                self.rulers.remove(number)
        self.knob_names = VGroup(x_name, y_name)
        for runner in self.runners:
            px, py = self.view.map(*self.path(runner).T)
            with np.errstate(all="ignore"):
                points = np.clip(np.column_stack([px, py]), -60, 60)
            runner.trail = Trail(theme, points, runner.look, self.view.box, ends=runner.lost)
        self.start_dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        self.start_dot.move_to(self.view.place(*self.start))
        self.rows = self._rows()

    def _rows(self) -> list[Row]:
        return [Row(self, r, i) for i, r in enumerate(self.runners)]

    def arrow_direction(self) -> np.ndarray:
        """The direction of steepest rise as it is on the picture, a unit vector of shape (2,)."""
        sx, sy = self.view.scale
        steepest = max(map(abs, self.gradient)) or 1.0  # only their ratio counts: huge slopes and ranges must not overflow
        g = np.array([self.gradient[0] / steepest * (min(sx, sy) / sx), self.gradient[1] / steepest * (min(sx, sy) / sy)])
        size = float(np.hypot(*g))
        return g / size if size > 0 else g

    def slot(self, index: int) -> tuple[float, float, float]:
        """The place of a counter: left, right, and the baseline of its name."""
        count, side = len(self.runners), self.side
        if self.columns == 1:
            pitch, drop = (1.35, 0.05) if count <= 3 else (1.16, 0.25)
            middle = (side.bottom + side.top) / 2 - drop
            return side.left, side.right, middle + pitch * (count - 1) / 2 - pitch * index
        column = side.columns(*[1.0] * self.columns, gap=0.36)[index % self.columns]
        rows = -(-count // self.columns)
        pitch = min(1.2, (side.height - 1.12) / max(rows - 1, 1))
        spare = side.height - 1.12 - pitch * (rows - 1)
        return column.left, column.right, side.top - 0.62 - spare / 2 - pitch * (index // self.columns)

    def busy(self) -> np.ndarray:
        """Places that labels keep clear of, shape (n, 2)."""
        return np.concatenate([r.trail.points_seen for r in self.runners if r.trail is not None])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def spread(self, run_time: float = 1.8) -> AnimationGroup:
        """The map spreads from the start; its rulers and names follow."""
        self.keep(self.sheet, 0)
        self.keep(self.rim, 1), self.keep(self.rulers, 1), self.keep(self.knob_names, 1)
        return AnimationGroup(
            Spread(self.sheet, self.view.place(*self.start), run_time=run_time),
            FadeIn(VGroup(self.rim, self.rulers, self.knob_names), run_time=0.7),
        )

    def begin(self) -> AnimationGroup:
        """The dot at the start."""
        at = self.start_dot.get_center()
        flare = Glow(self.theme.ink, 1.2, 1.2, 0.4 * self.theme.glow).move_to(at)
        self.keep(self.start_dot, 9)
        self.start_label = self.keep(self._label("start", "ink", [at], self.busy()), 10)
        self.flare = flare
        return AnimationGroup(FadeIn(self.start_dot, scale=0.4), FadeIn(flare), FadeIn(self.start_label), run_time=0.8)

    def steepest(self, length: float = 1.25) -> AnimationGroup:
        """The line of equal loss through the start, and across it the arrow along which the loss falls fastest."""
        theme, at = self.theme, self.view.place(*self.start)
        across = -self.arrow_direction()
        self.level = VMobject().set_stroke(theme.ink, 2.6, 0.95).set_fill(opacity=0)
        line = level_line(self.field, self.start, 1.15, self.view.scale)
        px, py = self.view.map(line[:, 0], line[:, 1])
        self.level.points = corners_to_points(clip(px, py, self.view.box))
        self.arrow = slope_arrow(theme, at, across, length)
        corner = right_angle(theme, at, across)
        tip = at + np.array([*across, 0]) * length
        self.keep(self.level, 4), self.keep(corner, 4), self.keep(self.arrow, 8)
        busy = np.concatenate([self.level.points[:, :2], np.linspace(at[:2], tip[:2], 20)])
        if self.start_label in self.submobjects:
            busy = np.concatenate([_rim_of(self.start_label), busy])
        label = self.keep(self._label("steepest down", "slope", [tip], busy), 10)
        self.steep_parts = VGroup(self.level, corner, self.arrow, label)
        return AnimationGroup(Create(self.level), FadeIn(corner), FadeIn(self.arrow), FadeIn(label), run_time=1.2)

    def angle(self, aim: Aim, source: str = "aim", run_time: float = 1.6) -> list[Animation]:
        """From the arrow an arc opens to the straight way to the aim's goal, with its angle. Raises StageError where the two
        rulers differ: an angle on such a map is none among the inputs."""
        if not self.equal:
            raise StageError("the two rulers of this map differ, so an angle on it is none of the function's")
        theme, at = self.theme, self.view.place(*self.start)
        goal = self.view.place(*(aim.goal[name] for name in self.names))
        way = (goal - at)[:2] / np.hypot(*(goal - at)[:2])
        down = -self.arrow_direction()
        begin = float(np.arctan2(down[1], down[0]))
        turn = float(np.arctan2(down[0] * way[1] - down[1] * way[0], down @ way))
        left, right, bottom, top = self.view.box
        reach = [float(np.hypot(*(goal - at)[:2]))]
        for w, here, low, high in ((way[0], at[0], left, right), (way[1], at[1], bottom, top)):
            if abs(w) > 1e-9:
                reach.append(((high if w > 0 else low) - here) / w)
        straight = DashedLine(at, at + np.array([*way, 0.0]) * min(reach), dash_length=0.11)
        straight.set_stroke(theme.tint("data"), 3)
        self.arc = Arc(ANGLE, begin, turn, arc_center=at).set_stroke(theme.ink, 3.5).set_fill(opacity=0)
        quantity = aim.quantity()
        words = Phrase("{a}°", theme.ink, 30, "semibold", decimals=0, a=changed(quantity, source=source))
        plate = Plate(theme, words)
        middle = begin + turn / 2
        out = ANGLE + 0.22 + 0.5 * np.hypot(plate.width * np.cos(middle), plate.height * np.sin(middle))
        plate.move_to(at + out * np.array([np.cos(middle), np.sin(middle), 0.0]))
        self.keep(straight, 6), self.keep(self.arc, 7), self.keep(plate, 10)
        self.angle_parts = VGroup(straight, self.arc, plate)
        return [
            AnimationGroup(Create(straight), run_time=0.5 * run_time),
            AnimationGroup(Create(self.arc), FadeIn(plate), run_time=0.5 * run_time),
        ]

    def clear_angle(self) -> FadeOut:
        """The arc and its line go."""
        self.drop(*self.angle_parts)
        return FadeOut(self.angle_parts, run_time=0.5)

    def nudges(self, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
        """Directions on the picture, the first one against the arrow, (n, 2), and how much a tiny step that way changes the
        loss, (n,): nan where the function has no value."""
        down = -self.arrow_direction()
        angles = np.arctan2(down[1], down[0]) + 2 * np.pi * np.arange(count) / count
        ways = np.column_stack([np.cos(angles), np.sin(angles)])
        (sx, sy), (x, y) = self.view.scale, self.start
        changes = []
        for dx, dy in ways:
            point = {self.names[0]: x + NUDGE * dx / sx, self.names[1]: y + NUDGE * dy / sy}
            try:
                changes.append(float(self.function(**{**self.fixed, **point})) - self.runners[0].descent.steps[0].loss)
            except EngineError:
                changes.append(float("nan"))
        return ways, np.array(changes)

    def axis_steps(self, size: float, run_time: float = 1.6) -> LaggedStart:
        """A step of this size up and down along each input: a tick where the loss falls, a cross where it does not."""
        theme, at = self.theme, self.view.place(*self.start)
        self.tried = VGroup()
        self.falls: list[bool] = []
        here = self.runners[0].descent.steps[0].loss
        for i in (0, 1):
            for way in (1.0, -1.0):
                place = [*self.start]
                place[i] += way * size
                try:
                    lower = float(self.function(**{**self.fixed, self.names[0]: place[0], self.names[1]: place[1]})) < here
                except EngineError:
                    lower = False
                self.falls.append(lower)
                end = self.view.place(*place)
                line = Line(at, end).set_stroke(theme.ink, 3, 0.9)
                self.tried.add(VGroup(line, verdict(theme, lower).move_to(end)))
        self.keep(self.tried, 9)
        hush = [FadeOut(self.start_label)] if getattr(self, "start_label", None) in self.submobjects else []
        self.drop(*(part.mobject for part in hush))
        shows = [AnimationGroup(Create(line), FadeIn(mark)) for line, mark in self.tried]
        return LaggedStart(*hush, *shows, lag_ratio=0.4, run_time=run_time)

    def clear_axis_steps(self) -> FadeOut:
        """The tried steps go."""
        self.drop(self.tried)
        return FadeOut(self.tried, run_time=0.5)

    def compass(self, length: float = 0.95, run_time: float = 1.8) -> LaggedStart:
        """A tiny step in every direction, its change of the loss as a bar: filled where it falls, empty where it rises."""
        theme, at = self.theme, self.view.place(*self.start)
        ways, changes = self.nudges()
        left, right, bottom, low = self.view.box
        length = float(np.clip(min(at[0] - left, right - at[0], at[1] - bottom, low - at[1]) - 0.3, 0.5, length))
        top = float(np.nanmax(np.abs(changes))) or 1.0
        self.needles = VGroup()
        for way, change in zip(ways, changes, strict=True):
            if not np.isfinite(change):
                continue
            d, n = np.array([*way, 0.0]), np.array([-way[1], way[0], 0.0])
            near, far = at + 0.20 * d, at + (0.20 + max(length * abs(change) / top, 0.03)) * d
            bar = Polygon(near + 0.055 * n, far + 0.055 * n, far - 0.055 * n, near - 0.055 * n)
            falls = change < 0
            bar.set_fill(theme.tint("loss"), 1.0 if falls else 0.0).set_stroke(theme.tint("loss"), 1.6)
            self.needles.add(bar)
        self.keep(self.needles, 8)
        hush = [FadeOut(self.start_label)] if getattr(self, "start_label", None) in self.submobjects else []
        self.drop(*(part.mobject for part in hush))
        return LaggedStart(*hush, *(FadeIn(bar, scale=0.6) for bar in self.needles), lag_ratio=0.12, run_time=run_time)

    def clear_compass(self) -> FadeOut:
        """The bars go."""
        self.drop(self.needles)
        return FadeOut(self.needles, run_time=0.5)

    def clear_steepest(self) -> FadeOut:
        """The arrow and its line go, so that the race has the map."""
        parts = [self.steep_parts, self.flare, *(m for m in [self.start_label] if m in self.submobjects)]
        self.drop(*self.steep_parts, self.start_label)
        return FadeOut(VGroup(*parts), run_time=0.6)

    def counters(self) -> AnimationGroup:
        """A row per optimizer: its stroke as the key, its name, its step, its loss as a bar."""
        row = self.rows[: self.columns][-1]
        head = Label("step", self.theme.muted, 24).set_baseline(row.right, row.y + 0.42, "right")
        self.head = self.keep(head, 6)
        for row in self.rows:
            self.keep(row, 6)
        return AnimationGroup(FadeIn(head), *(FadeIn(row) for row in self.rows), lag_ratio=0.25, run_time=1.2)

    def race(self, run_time: float | None = None) -> Race:
        """All runs at one step a slot."""
        for runner in self.runners:
            if runner.trail is not None:
                self.keep(runner.trail, 5)
                runner.trail.head.set_z_index(7)
        return Race(self, run_time or float(np.clip(0.25 * self.length, 4.0, 9.0)))

    def settle(self) -> list[Animation]:
        """Rows say how it ended; the numbers of the logs come to rest."""
        for row in self.rows:
            row.conclude()
        words = max(row.state.width for row in self.rows)  # all bars make the same room, so that they can still be compared
        return [a for row in self.rows for a in row.settle(words)]

    def goal(self) -> AnimationGroup | None:
        """A ring where the lowest loss was reached; None when that place is not on the map."""
        if not self._goal_seen():
            return None
        at = self.view.place(*self.goal_at)
        ring = VGroup(
            Circle(RING).set_stroke(self.theme.data, 3).set_fill(opacity=0), Dot(radius=0.05, color=self.theme.data)
        ).move_to(at)
        glow = Glow(self.theme.data, 1.3, 1.3, 0.35 * self.theme.glow).move_to(at)
        self.keep(ring, 10)
        label = self.keep(self._label("lowest", "data", [at], self.busy(), gap=0.26), 10)
        return AnimationGroup(FadeIn(ring, scale=1.8), FadeIn(glow), FadeIn(label), run_time=0.9)

    def _label(self, text: str, role: str, near: list[np.ndarray], busy: np.ndarray, gap: float = 0.2) -> Plate:
        plate = Plate(self.theme, Label(text, self.theme.tint(role), 24, "semibold"))
        left, right, bottom, top = self.view.box
        area = (left + 0.1, right - 0.1, bottom + 0.1, top - 0.1)
        inside = [_rim_of(n) for n in self.knob_names if isinstance(n, Plate)]  # long names stand on the map
        busy = np.concatenate([busy, *inside])
        return plate.move_to(free_spot(near, (plate.width, plate.height), busy, area, gap))


class Row(VGroup):
    """One optimizer's counter."""

    def __init__(self, figure: ContourDescent, runner: Runner, index: int):
        super().__init__()
        theme = figure.theme
        self.figure, self.runner = figure, runner
        self.left, self.right, self.y = figure.slot(index)
        left, right = self.left, self.right
        self.close = figure.columns > 1  # no room under the bar: the word at the end takes its place
        begin = left + (0.56 if self.close else 0.66)
        self.key_sample = _key(theme, runner.look, left, begin - 0.14, self.y + 0.10)
        self.title: Any = Label(runner.title, theme.ink, 24, names=True)
        if runner.rated:
            rate = figure.quantity(runner, "rate", 0)
            self.title = Phrase("{who} {rate}", theme.ink, 24, decimals=exact(rate.value), who=runner.title, rate=rate)
            self.title.names = True
            self.title.shift([begin, self.y, 0])  # it is set from the origin, on its baseline
        else:
            self.title.set_baseline(begin, self.y)
        self.count = Number(figure.quantity(runner, "steps", 0), theme.ink, 32, decimals=0)
        self._put(self.count, "0")
        self.track = Rectangle(width=right - left, height=0.085).set_fill(theme.rim, 0.55).set_stroke(width=0)
        self.track.move_to([(left + right) / 2, self.y - 0.34, 0])
        self.bar = Rectangle(width=1, height=0.085).set_fill(theme.loss, 1).set_stroke(width=0)
        self.state = VGroup()
        self.add(self.key_sample, self.title, self.count, self.track, self.bar)
        self.level(float(runner.descent.steps[0].loss))

    def _put(self, number: Number, text: str) -> None:
        number.set_text(text)
        number.move_to([self.right - number.width / 2, self.y + 0.115, 0])

    def level(self, loss: float) -> None:
        """The bar's length: where the loss lies on the scale of the map's lines, the start being full."""
        start = self.figure.field.share(float(self.runner.descent.steps[0].loss)) or 1.0
        share = min(max(self.figure.field.share(loss) / start, 0.0), 1.0)
        self.share = share
        width = max(share * (self.right - self.left), 0.02)
        self.bar.stretch_to_fit_width(width).move_to([self.left + width / 2, self.y - 0.34, 0])

    def at(self, t: float) -> None:
        """Show the log at step t."""
        k = int(min(t + 1e-9, self.runner.last))
        self._put(self.count, f"{k:d}")
        self.level(float(self.runner.descent.steps[k].loss))

    def conclude(self) -> None:
        """A mint tick for who is there; a word for who is not."""
        theme, runner = self.figure.theme, self.runner
        self._put(self.count, self.count.settled)
        y = self.y - (0.44 if self.close else 0.72)
        if runner.there is not None:
            label = Label("there", theme.data, 22, "semibold").set_baseline(self.right, y, "right")
            x, mid = label.get_left()[0] - 0.26, y + 0.07
            corners = [[x - 0.12, mid, 0], [x - 0.04, mid - 0.09, 0], [x + 0.12, mid + 0.12, 0]]
            mark = VMobject().set_points_as_corners(corners)
            self.state.add(round_caps(mark.set_stroke(theme.data, 4.5).set_fill(opacity=0)), label)
        else:
            gone = runner.trail is not None and runner.trail.gone
            word = "other valley" if runner.elsewhere else "not there yet"
            word = "flew off" if runner.lost else "left the map" if gone else word
            word = "no value beyond" if runner.ended else "stays" if not runner.moved else word
            self.state.add(Label(word, theme.muted, 22).set_baseline(self.right, y, "right"))
        self.figure.keep(self.state, 7)

    def settle(self, words: float) -> list[Animation]:
        """How it ended is written; where there is no room below, the bar makes room for words so wide, to scale."""
        shown = FadeIn(self.state, run_time=0.5)
        if not self.close:
            return [shown]
        return [shown, Shrink(self, self.right - self.left - words - 0.2, run_time=0.5)]


class Shrink(Animation):
    """A row's bar and its track become shorter, the share that they show stays."""

    def __init__(self, row: Row, width: float, **kwargs: Any):
        self.row, self.width = row, width
        super().__init__(VGroup(row.track, row.bar), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        row, share = self.row, self.rate_func(min(max(alpha, 0.0), 1.0))
        full = row.right - row.left
        now = full + (self.width - full) * share
        for part, length in ((row.track, now), (row.bar, max(row.share * now, 0.02))):
            part.stretch_to_fit_width(length).move_to([row.left + length / 2, row.y - 0.34, 0])


class Race(Animation):
    """Every run goes one step in the same slot of time; who is there waits."""

    def __init__(self, figure: ContourDescent, run_time: float):
        self.figure = figure
        moving = VGroup(*(r.trail for r in figure.runners), *figure.rows)
        # A long race begins slowly, so that the first steps can be seen; all runners share the clock.
        self.ease = 1.0 if figure.length <= 60 else 1.8
        super().__init__(moving, introducer=True, run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        t = min(max(alpha, 0.0), 1.0) ** self.ease * self.figure.length
        for runner, row in zip(self.figure.runners, self.figure.rows, strict=True):
            assert runner.trail is not None
            runner.trail.reach(min(t, runner.last))
            row.at(t)


def slope_arrow(theme: Theme, at: np.ndarray, direction: np.ndarray, length: float) -> VGroup:
    """An arrow in SLOPE that begins at the rim of a dot."""
    d = np.array([*direction, 0.0])
    n = np.array([-d[1], d[0], 0])
    start, tip = at + 0.13 * d, at + length * d
    base = tip - 0.26 * d
    shaft = Line(start, base + 0.02 * d).set_stroke(theme.slope, 6)
    head = Polygon(tip, base + 0.155 * n, base - 0.155 * n).set_fill(theme.slope, 1).set_stroke(width=0)
    return VGroup(shaft.copy().set_stroke(theme.slope, 15, 0.14 * theme.glow), shaft, head)


def verdict(theme: Theme, good: bool) -> VGroup:
    """A tick or a cross on a dark round."""
    back = Circle(0.24).set_fill(theme.slot, 0.95).set_stroke(theme.data if good else theme.loss, 2)
    return VGroup(back, (tick if good else cross)(theme, 0.26))


def right_angle(theme: Theme, at: np.ndarray, direction: np.ndarray, size: float = 0.24) -> VMobject:
    """The small square of a right angle beside the arrow."""
    d = np.array([*direction, 0.0])
    n = np.array([-d[1], d[0], 0])
    mark = VMobject().set_points_as_corners([at + size * n, at + size * (n + d), at + size * d])
    return mark.set_stroke(theme.ink, 2, 0.85).set_fill(opacity=0)


def _key(theme: Theme, look: str, left: float, right: float, y: float) -> VMobject:
    """The stroke of a trail, as its row's key."""
    line = np.array([[left, y], [right, y]])
    sample = VMobject().set_fill(opacity=0)
    if look == "hops":
        sample.points = dots(np.column_stack([np.linspace(left + 0.05, right - 0.05, 5), np.full(5, y)]), 0.042)
        return sample.set_fill(theme.ink, 1).set_stroke(width=0)
    if look == "zigzag":
        corners = np.column_stack([np.linspace(left + 0.04, right - 0.04, 6), y + 0.13 * np.array([1, -1] * 3)])
        sample.points = corners_to_points([corners])
        marks = VMobject().set_fill(colour_of(theme, look), 1).set_stroke(width=0)
        marks.points = dots(corners, 0.036)
        return VGroup(sample.set_stroke(colour_of(theme, look), 1.6), marks)
    sample.points = corners_to_points([line] if look == "glide" else dashes(line))
    return sample.set_stroke(theme.knob, 4 if look == "glide" else 3.4)


def _until(descent: Descent, k: int) -> Descent:
    """The same run, ended at step k, so that its number of steps is one that the engine knows."""
    return descent if k == 0 or k == len(descent.steps) - 1 else descent.until(k)


def exact(value: float) -> int | None:
    """How many decimals print a value in full, up to four; None asks for a power of ten.

    >>> exact(0.3), exact(2.0), exact(1e-7)
    (1, 0, None)
    """
    return next((k for k in range(5) if abs(value - round(value, k)) <= 1e-12 * abs(value)), None)


def _rim_of(label: VMobject) -> np.ndarray:
    """Points round a label, shape (n, 2)."""
    (x0, y0, _), (x1, y1, _) = label.get_corner(DL), label.get_corner(UR)
    xs, ys = np.linspace(x0, x1, 12), np.linspace(y0, y1, 5)
    return np.concatenate([[(x, y) for x in xs for y in (y0, y1)], [(x, y) for y in ys for x in (x0, x1)]])


def _pad(extent: Range, share: float = 0.14) -> Range:
    pad = share * (extent[1] - extent[0])
    return extent[0] - pad, extent[1] + pad


def _scale_for(sizes: list[float], room: tuple[float, float]) -> tuple[float, float]:
    """One scale for both inputs, frame units for a unit, and the tick step: ticks stand on the graph paper."""
    most = min(room[0] / sizes[0], room[1] / sizes[1])
    best = (0.0, 1.0)
    for step in round_steps(max(sizes) / 6):
        for n in (2, 3, 4, 5):
            scale = n * CELL / step
            if best[0] < scale <= most * (1 + 1e-9):
                best = (scale, step)
    return best if best[0] > 0.7 * most else (most, best[1])
