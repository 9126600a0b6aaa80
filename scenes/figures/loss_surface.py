"""S14: the map of a loss stands up as a surface over its own floor, with cuts, slopes and descents on it.

Reads values on a mesh, the trace at the start and the logs of descents. Invariants: corners and curves of the sheet are
the function's values; a tangent has the engine's partial slope, the tangent plane the gradient; the arrow points uphill;
what the sheet hides is not drawn plainly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Circle, Create, Dot, FadeIn, FadeOut, Mobject, VGroup, VMobject, linear
from manim.utils.rate_functions import smooth

from chainreel.engine import EngineError, Quantity
from chainreel.engine.stationary import Stationary

from ..stage.become import Become
from ..stage.curve import corners_to_points
from ..stage.errors import StageError
from ..stage.formula import Formula
from ..stage.glow import Glow
from ..stage.isolines import isolines
from ..stage.mesh import Line, Mesh, Pane, Patch, Scenery, Sheet, even_lines
from ..stage.number import Number
from ..stage.plate import Plate
from ..stage.space import GAP, Eye, Relief, Space
from ..stage.theme import Theme, mix
from ..stage.thread import Spot, Tag, Thread, Track
from ..stage.ticks import Tick
from ..stage.type import Label
from ..stage.view import Box, Range, View
from .contour_descent import ContourDescent
from .loss_slice import LossSlice
from .symbols import name_formula

FLOOR: Box = (-3.7, 3.7, -2.8, 2.8)  # the most that the floor may take, world units
PICTURE: Box = (-6.2, 2.15, -2.62, 3.45)  # where the world may be on the frame
TALL = 1.9  # from the lowest loss to the rim
MESH = 97  # lines each way
SQUEEZED = 0.25  # a sheet half of which is lower than this share of its rim has its heights compressed
ELEVATION = 34.0
TURN = 26.0  # degrees of the later move
LEVEL = 7.0  # elevation of the eye that sees a cut from the front


class LossSurface(ContourDescent):
    """The surface of `function` over two inputs. Parameters as ContourDescent; `picture` is the part of the frame it may use.

    Verbs: `unroll` (the flat map), `grow_from` (a curve over one input), `rise`, `stand`, `cut`, `plane`, `steepest`, `turn`,
    `counters`, `race`, `goal`, `nature`, `flatten`.
    """

    lines = MESH  # of the sheet's mesh, each way

    def __init__(self, *args: Any, picture: Box = PICTURE, **kwargs: Any):
        self.picture_box = picture
        self.cuts: list[tuple[Pane, Thread, Tangent | None, Plate | None]] = []
        kwargs.setdefault("box", FLOOR)
        super().__init__(*args, **kwargs)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A surface over {self.listed(self.names)}, as high as the function is large, with its map of lines of "
            "equal value."
        )

    def _view(self, ranges: dict[str, Range], box: Box) -> tuple[View, bool]:
        """As on the map, less what is beyond the paths on all sides: the sheet needs no margin to stand on."""
        view, equal = super()._view(ranges, box)
        sizes, spans = [], []
        for i, (name, span, scale) in enumerate(zip(self.names, (view.x, view.y), view.scale, strict=True)):
            low, high = span
            if name not in ranges:
                a, b = self._extent(i)
                pad = 0.24 * (b - a)
                low, high = max(low, a - pad), min(high, b + pad)
            spans.append((low, high))
            sizes.append((high - low) * scale)
        for i in (0, 1):  # a floor may be narrow, but no strip
            lack = (0.62 * sizes[1 - i] - sizes[i]) / 2
            if lack > 0 and self.names[i] not in ranges:
                spans[i] = (spans[i][0] - lack / view.scale[i], spans[i][1] + lack / view.scale[i])
                sizes[i] += 2 * lack
        zoom = min((box[1] - box[0]) / sizes[0], (box[3] - box[2]) / sizes[1])
        half = [zoom * size / 2 for size in sizes]
        return View(spans[0], spans[1], (-half[0], half[0], -half[1], half[1]), view.steps), equal

    # Heights --------------------------------------------------------------------------------------------------------

    def _scale_heights(self) -> None:
        """Which losses are the floor of the sheet and its rim; whether what is between is compressed."""
        field = self.field
        values = field.values[field.finite]
        start = float(self.runners[0].descent.steps[0].loss)
        low, half = field.low, float(np.median(values)) if len(values) else 0.0
        deep = float(np.quantile(values, 0.01)) if len(values) else 0.0
        if half - low > 6 * max(half - deep, 1e-300) and start > deep:  # a well without bottom: the sheet ends above it
            low = deep
        above = np.maximum(values - low, 0.0)
        most = float(above.max()) if len(above) else 0.0

        def rim(power: float) -> float:
            """The highest height above `low` that is on the sheet, where heights are drawn to this power."""
            found = max(1.22 ** (1 / power) * (start - low), float(np.quantile(above, 0.66)) if len(above) else 0.0)
            return most if most <= 1.3 ** (1 / power) * found else found

        below = above[above <= rim(1.0)]
        middle = float(np.median(below)) / rim(1.0) if len(below) and rim(1.0) > 0 else 1.0
        self.compressed = middle < SQUEEZED and field.power < 0.9 and not field.flat
        self.power = min(field.power, 0.45) if self.compressed else 1.0
        self.base, self.reach = low, rim(self.power)
        self.cut_away = self.reach < most
        if self.reach <= 1e-12 * max(abs(low), 1e-300):
            self.reach = 0.0

    def height(self, loss: Any) -> Any:
        """The height of a loss on the sheet, world units; nan where it has none."""
        loss = np.asarray(loss, float)
        if not self.reach:
            return np.where(np.isfinite(loss), 0.5 * TALL, np.nan)
        with np.errstate(all="ignore"):
            share = (loss - self.base) / self.reach
            slack = 1e-9
            share = np.where(np.isfinite(share) & (share >= -slack), np.maximum(share, 0.0), np.nan)
            return TALL * share**self.power

    def steepness(self, loss: float) -> float:
        """How much height one unit of loss is, at this loss."""
        if not self.reach:
            return 0.0
        share = max((loss - self.base) / self.reach, 1e-12)
        return TALL * self.power * share ** (self.power - 1) / self.reach

    # Parts ----------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        theme, field, (left, right, low, high) = self.theme, self.field, self.view.box
        self.view = self.view.sparse_ticks(4)
        self._scale_heights()
        top = TALL * (1 + 1e-9)
        px, py = self.view.map(field.x, field.y)
        relief = Relief(px, py, self.height(field.values), top)
        self.place = self.view.place(*self.start)[:2]
        self.start_loss = float(self.runners[0].descent.steps[0].loss)
        x = even_lines(left, right, self.lines, [self.place[0]])
        y = even_lines(low, high, self.lines, [self.place[1]])
        values = self.function.grid(
            {self.names[0]: self._number(x, 0), self.names[1]: self._number(y, 1)}, fixed=self.fixed
        )
        sheet = Sheet(x, y, self.height(values), top, self._height_at)
        self.flat_eye = Eye(0.0, 90.0)
        self.space = Space(relief, self.flat_eye, 0.0)
        heights = np.nan_to_num(sheet.heights[sheet.faces].mean(axis=1))
        self.scenery = Scenery(theme, self.space, sheet, heights / TALL)
        self.scenery.floor = np.array([[left, low], [right, low], [right, high], [left, high]])
        self._rule()
        self.tracks = []
        for runner in self.runners:
            qx, qy = self.view.map(*self.path(runner).T)
            losses = np.array([s.loss for s in runner.descent.steps[: runner.last + 1]], float)
            with np.errstate(all="ignore"):
                plan = np.clip(np.column_stack([qx, qy]), -60, 60)
            track = Track(theme, self.space, plan, self.height(losses), runner.look, self.view.box)
            runner.trail = track
            self.tracks.append(track)
        self._choose_eyes()
        self.mesh = Mesh(self.scenery)
        self.space.followers.append(self.mesh)
        self.space.followers += self.tracks
        self.space.look(self.flat_eye, 0.0)
        self._name_axes()
        self.rows = self._rows()

    def _height_at(self, x: float, y: float) -> float:
        """The height over one place of the floor; nan in a hole."""
        point = {self.names[k]: float(self._number(np.array(v), k)) for k, v in enumerate((x, y))}
        try:
            return float(self.height(float(self.function(**{**self.fixed, **point}))))
        except (EngineError, TypeError):
            return float("nan")

    def _number(self, places: np.ndarray, axis: int) -> np.ndarray:
        """Values of an input at places on the floor."""
        span, start = ((self.view.x, self.view.box[0]), (self.view.y, self.view.box[2]))[axis]
        return np.asarray(span[0] + (places - start) / self.view.scale[axis])

    def _rule(self) -> None:
        """Lines of equal loss on sheet and floor, the floor's squares, the border of the sheet."""
        theme, scenery, field = self.theme, self.scenery, self.field
        pale, strength = (mix(theme.loss, "#FFFFFF", 0.55), 1.0) if theme.dark else (mix(theme.loss, "#000000", 0.15), 0.75)
        relief, (left, right, low, high) = self.space.relief, self.view.box
        for axis, ticks in enumerate(self.view.ticks()):
            for value in ticks:
                at = self.view.place(value, 0)[0] if axis == 0 else self.view.place(0, value)[1]
                ends = [[at, low], [at, high]] if axis == 0 else [[left, at], [right, at]]
                if (left, low)[axis] + 0.05 < at < (right, high)[axis] - 0.05:
                    scenery.ground.append(Line(np.array(ends), None, theme.ink, 0.010, 0.10))
                    if not self.reach or field.flat:
                        line = np.linspace(ends[0], ends[1], 60)
                        scenery.lines.append(Line(line, relief.height(*line.T), pale, 0.010, 0.5 * strength))
        count = 15
        for k in range(1, count + 1):
            height = TALL * (k - 0.5) / count
            for ring in isolines(relief.x, relief.y, relief.heights, height) if self.reach else []:
                scenery.lines.append(Line(ring, np.full(len(ring), height), pale, 0.011, 0.62 * strength))
                scenery.ground.append(Line(ring, None, theme.loss, 0.020, 0.95 - 0.60 * (k - 1) / (count - 1)))
        for rim in scenery.sheet.rims:
            if len(rim) > 1:
                plan, heights = scenery.sheet.points[rim], scenery.sheet.heights[rim]
                scenery.lines.append(Line(plan, heights, pale, 0.018, 0.95 * strength))

    # The eye --------------------------------------------------------------------------------------------------------

    def _choose_eyes(self) -> None:
        """The place from which most of the paths is seen, before and after the turn, and how large the world may be."""
        best: tuple[float, float, float, float] | None = None
        self.space.stature = 1.0
        paths = np.concatenate([t.fine for t in self.tracks])
        heights = np.concatenate([t.fine_heights for t in self.tracks])
        few = slice(None, None, max(len(paths) // 300, 1))
        world = self.space.on_sheet(paths[few], heights[few])
        start = self._world(self.place, float(self.height(self.start_loss)))
        foot = np.array([[*self.place, 0.0]])

        def score(azimuth: float, elevation: float) -> float:
            self.space.eye = Eye(azimuth, elevation)
            look = self.space.seen
            return float(
                look(world, on_sheet=True).mean() + 0.5 * look(start, on_sheet=True).mean() + 0.15 * look(foot).mean()
            )

        angles = np.arange(-58.0, 59.0, 13.0)
        for elevation in (ELEVATION, 41.0, 49.0):
            found = {float(a): score(float(a), elevation) - 0.012 * (elevation - ELEVATION) for a in angles if abs(a) > 15}
            for one, other in ((a, b) for a in found for b in found if abs(a - b) == TURN and a * b > 0):
                total = found[one] + 1.6 * found[other] - 0.002 * abs(abs(one) - 32)
                if best is None or total > best[0] + 1e-9:
                    best = (total, one, other, elevation)
        assert best is not None
        _, first, second, elevation = best
        self.left_ruler = first < 0
        numbers = [Tick(v, self.view.steps[1], self.theme.muted) for v in self.view.ticks()[1]]
        self.widest = max((n.width for n in numbers), default=0.3)
        self.flat_eye = self._fitted([Eye(0.0, 90.0)], 0.0)[0]
        self.first_eye, self.second_eye = self._fitted([Eye(first, elevation), Eye(second, elevation)], 1.0)

    def _front(self, line: np.ndarray) -> Eye:
        """The eye that sees a cut along the first input from the front, large."""
        left, right, low, high = self.picture_box
        a, b, c, d = self.view.box
        eye, self.space.stature = Eye(0.0, LEVEL), 1.0
        floor = np.array([[x, y, 0.0] for x in (a, b) for y in (c, d)])
        spots = eye.project(np.vstack([floor, np.column_stack([line[:, :2], self.space.lift(line[:, 2])])]))
        p, q = spots.min(axis=0), spots.max(axis=0)
        zoom = float(min((right - left - 1.6) / (q - p)[0], (high - low - 1.0) / (q - p)[1]))
        x, y = (left + right) / 2 - zoom * (p + q)[0] / 2, (low + high) / 2 - zoom * (p + q)[1] / 2 + 0.2
        return Eye(0.0, LEVEL, zoom, (float(x), float(y)))

    def _fitted(self, eyes: list[Eye], stature: float) -> list[Eye]:
        """The eyes with one zoom, and centres so that the world fills its part of the frame."""
        left, right, low, high = self.picture_box
        self.space.stature = stature
        sheet = self.scenery.sheet
        used = np.unique(sheet.faces)
        a, b, c, d = self.view.box
        room, out, side = 0.5, self.widest + 0.2, (a if self.left_ruler else b)  # for the rulers and the names at their ends
        sign = -1.0 if self.left_ruler else 1.0
        near = side + sign * out
        rim = [[near, c], [near, d], [a, c - room], [b, c - room], [0.0, c - 1.1], [near + sign * 0.75, 0.0], [a, d], [b, d]]
        floor = np.column_stack([rim, np.zeros(len(rim))])
        world = np.concatenate([np.column_stack([sheet.points, self.space.lift(sheet.heights)])[used], floor])
        boxes = [(eye.project(world).min(axis=0), eye.project(world).max(axis=0)) for eye in eyes]
        zooms = [min((right - left) / (q - p)[0], (high - low) / (q - p)[1]) for p, q in boxes]
        fitted = []
        for eye, zoom, (p, q) in zip(eyes, zooms, boxes, strict=True):
            zoom = min(zoom, 1.15 * min(zooms))
            middle = ((left + right) / 2 - zoom * (p + q)[0] / 2, (low + high) / 2 - zoom * (p + q)[1] / 2)
            fitted.append(Eye(eye.azimuth, eye.elevation, float(zoom), (float(middle[0]), float(middle[1]))))
        return fitted

    def _name_axes(self) -> None:
        """Numbers and names along the two near sides of the floor."""
        theme, (left, right, low, high) = self.theme, self.view.box
        side, sign = (left, -1.0) if self.left_ruler else (right, 1.0)
        self.rulers = VGroup()
        for axis, ticks in enumerate(self.view.ticks()):
            for value in ticks:
                at = self.view.place(value, 0)[0] if axis == 0 else self.view.place(0, value)[1]
                inside = (left, low)[axis] + 0.25 <= at <= (right, high)[axis] - 0.25
                if not inside:
                    continue
                beside = side + sign * (0.16 + self.widest / 2)
                where = np.array([at, low - 0.30, 0.0]) if axis == 0 else np.array([beside, at, 0.0])
                number = Tick(value, self.view.steps[axis], theme.muted)
                self.rulers.add(number)
                self.space.followers.append(Tag(self.space, number, lambda w=where: w))
        self.knob_names = VGroup(*(name_formula(n, theme, "knob", 42) for n in self.names))
        middles = []  # between the two numbers nearest the middle of a side
        for axis, ticks in enumerate(self.view.ticks()):
            places = sorted(((self.view.place(v, 0)[0], self.view.place(0, v)[1])[axis] for v in ticks), key=abs)[:2]
            middles.append(sum(places) / len(places) if len(places) == 2 else 0.0)
        ends = [np.array([middles[0], low - 0.70, 0.0]), np.array([side + sign * (0.72 + self.widest), middles[1], 0.0])]
        for name, where in zip(self.knob_names, ends, strict=True):
            self.space.followers.append(Tag(self.space, name, lambda w=where: w))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def unroll(self, run_time: float = 1.4) -> AnimationGroup:
        """The flat map, seen from above."""
        self.keep(self.mesh, 0), self.keep(self.rulers, 1), self.keep(self.knob_names, 1)
        return AnimationGroup(FadeIn(self.mesh), FadeIn(VGroup(self.rulers, self.knob_names)), run_time=run_time)

    def grow_from(self, curve: LossSlice, run_time: float = 3.4) -> list[Animation]:
        """The curve over the first input becomes the ridge of the sheet; then the second input is freed, and the sheet grows
        out of the ridge to both sides. Raises StageError for a curve of another input or at another place."""
        first, second = self.names
        there = curve.fixed.get(second, float("nan"))
        if curve.name != first or not np.isclose(there, self.start[1]) or curve.dot is None:
            raise StageError(
                f"the sheet over {first} and {second} grows out of a curve over {first} with a dot on it and "
                f"{second} = {self.start[1]:g}"
            )
        line, _, _ = self._section(0)
        front = self._front(line)
        self.space.look(front, 1.0)
        at = float(self.view.place(curve.x_at, self.start[1])[0])
        spot = np.array([at, self.place[1], float(self.height(curve.value(curve.x_at)))])
        self.ridge = self._join(Ridge(self, line, spot), 8)
        self.scenery.within = (1, float(self.place[1]), float(self.place[1]))
        self.keep(self.mesh, 0), self.keep(self.rulers, 1), self.keep(self.knob_names, 1)
        rest = [part for part in curve.submobjects if part not in (curve.curve, curve.dot)]
        glow = curve.curve.submobjects[:-1]
        curve.remove(*curve.submobjects)
        flight = [Become(curve.curve.line, self.ridge[0]), Become(curve.dot, self.ridge[1])]
        grown = Unfold(self, self.first_eye, run_time=run_time)
        self.drop(self.ridge)  # it follows the eye to the end, and then the thread stands in its place
        self.space.look(self.first_eye, 1.0)
        tint = self.theme.tint("loss")
        self.section = Thread(self.theme, self.space, tint, 4.0, plan=line[:, :2], heights=line[:, 2], glow=0.5)
        self._join(self.section, 5)
        stands = self.stand()
        self.space.look(front, 1.0)
        return [
            AnimationGroup(*flight, *map(FadeOut, (*glow, *rest)), run_time=1.4),
            AnimationGroup(FadeIn(self.mesh), FadeIn(VGroup(self.rulers, self.knob_names)), run_time=0.6),
            grown,
            AnimationGroup(FadeOut(self.ridge), FadeIn(self.section), stands, run_time=0.8),
        ]

    def rise(self, run_time: float = 3.4) -> Turn:
        """The map tilts, and every point of it is lifted by its loss."""
        return Turn(self, self.first_eye, 1.0, run_time=run_time)

    def flatten(self, run_time: float = 3.0) -> Turn:
        """The surface is pressed into its map again."""
        return Turn(self, self.flat_eye, 0.0, run_time=run_time)

    def turn(self, run_time: float = 3.0) -> Turn:
        """The eye walks round the surface, a part of a quarter."""
        return Turn(self, self.second_eye, run_time=run_time)

    def stand(self) -> AnimationGroup:
        """A dot at the start, its place on the floor, and a plumb line between them."""
        theme, space, height = self.theme, self.space, float(self.height(self.start_loss))
        self.start_dot = self._join(Spot(theme, space, self.place, height, theme.ink), 9)
        self.foot = self._join(Spot(theme, space, self.place, None, theme.ink, 0.075), 4)
        self.plumb = self._join(Plumb(self, height), 4)
        at = self._at(self.place, height)
        self.flare = Glow(theme.ink, 1.2, 1.2, 0.4 * theme.glow).move_to([*at, 0])
        self._join_tag(self.flare, Tag(space, self.flare, lambda: self._world(self.place, height)), -6)
        label = self._label("start", "ink", [np.array([*at, 0])], self.busy(), 0.24)
        self.start_label = self._tagged(label, self.place, height)
        shown = (self.start_dot, self.flare, self.start_label, self.foot, self.plumb)
        return AnimationGroup(*(FadeIn(part) for part in shown), run_time=0.9)

    def cut(self, name: str, slope: Quantity) -> list[Animation]:
        """Glass through the start along one input, the curve in it, its tangent, and the slope as a number."""
        theme, space, axis = self.theme, self.space, self.names.index(name)
        curve, span, rise = self._section(axis)
        pane = Pane(1 - axis, float(self.place[1 - axis]), span, rise)
        self.scenery.panes.append(pane)
        self.mesh.follow()
        tint = mix(theme.value, "#FFFFFF", 0.22) if theme.dark else theme.value
        line = self._join(Thread(theme, space, tint, 4.4, plan=curve[:, :2], heights=curve[:, 2], glow=0.7), 5)
        step = np.zeros(3)
        step[axis], step[2] = 1.0, self.world_slopes()[axis]
        middle = [*self.place, float(self.height(self.start_loss))]
        tangent = self._join(Tangent(theme, space, np.array(middle), self._seen_length(step, 1.0)), 6)
        number = Plate(theme, Number(slope, theme.tint("slope"), 30))
        ends = [np.array([*end, 0.0]) for end in tangent.ends()]
        ends.sort(key=lambda p: p[0])
        self.cuts.append((pane, line, tangent, number))
        spot = self._put(number, ends).get_center()
        chosen = min(range(2), key=lambda k: float(np.hypot(*(tangent.ends()[k] - spot[:2]))))
        offset = spot[:2] - tangent.ends()[chosen]
        self._join_tag(number, Tag(space, number, lambda: tangent.world_ends()[chosen], tuple(offset)), 10)
        show = VGroup(line.glow, line.body)
        return [
            AnimationGroup(Glaze(self, [pane], 1.0), Create(show, run_time=1.2), *self._hush()),
            AnimationGroup(FadeIn(tangent, scale=0.6), FadeIn(number), run_time=0.7),
        ]

    def clear_cuts(self, run_time: float = 0.7) -> AnimationGroup:
        """Glass, curves and tangents go."""
        cuts, self.cuts = self.cuts, []
        parts = [part for _, *others in cuts for part in others if part is not None]
        self._leave(parts)
        return AnimationGroup(
            Glaze(self, [pane for pane, *_ in cuts], 0.0, drop=True), *(FadeOut(p) for p in parts), run_time=run_time
        )

    def plane(self, half: float = 0.85) -> AnimationGroup:
        """The tangent plane at the start, from the engine's gradient."""
        x, y = self.place
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
        height = float(self.height(self.start_loss))
        gx, gy = self.world_slopes()
        patch = Patch(self.place + half * signs, height + half * (signs @ [gx, gy]), self.theme.slope)
        self.scenery.patches.append(patch)
        self.patch = patch
        return AnimationGroup(Glaze(self, [patch], 1.0), run_time=1.0)

    def clear_plane(self) -> AnimationGroup:
        """The tangent plane goes."""
        return AnimationGroup(Glaze(self, [self.patch], 0.0, drop=True), run_time=0.6)

    def steepest(self, length: float = 1.2) -> list[Animation]:
        """The arrow along which the loss rises fastest: on the sheet at the start, and its like on the floor."""
        d = self.arrow_direction()
        gx, gy = self.world_slopes()
        step = self._seen_length(np.array([*d, d @ [gx, gy]]), length)
        start = np.array([*self.place, float(self.height(self.start_loss))])
        self.arrow = self._join(Arrow(self.theme, self.space, start, step), 7)
        floor = np.array([*self.place, -GAP])
        flat = np.array([*d, 0.0]) * max(float(np.hypot(*step[:2])), 0.7)
        self.shadow = self._join(Arrow(self.theme, self.space, floor, flat), 3)
        label = Plate(self.theme, gradient_name(self.theme))
        old = [part for _, _, *others in self.cuts for part in others if part is not None]
        self._leave(old)
        self.cuts = [(pane, line, None, None) for pane, line, _, _ in self.cuts]
        self._put(label, [np.array([*self.arrow.ends()[1], 0.0])])
        offset = label.get_center()[:2] - self.arrow.ends()[1]
        arrow = self.arrow
        self._join_tag(label, Tag(self.space, label, lambda: arrow.world_ends()[1:], tuple(offset)), 10)
        self.arrow_name = label
        calm = [FadeOut(p) for p in old] + ([Glaze(self, [p for p, *_ in self.cuts], 0.4)] if self.cuts else [])
        show = AnimationGroup(FadeIn(self.arrow, scale=0.7), FadeIn(self.shadow), FadeIn(label), run_time=0.9)
        return [AnimationGroup(*calm, run_time=0.6), show] if calm else [show]

    def _hush(self) -> list[Animation]:
        """The word at the start goes: what comes needs its place."""
        if self.start_label not in self.submobjects:
            return []
        self._leave([self.start_label])
        return [FadeOut(self.start_label, run_time=0.4)]

    def clear_steepest(self) -> FadeOut:
        """Arrow, plumb line, light and the word at the start go."""
        named = (getattr(self, n, None) for n in ("arrow", "arrow_name", "shadow", "plumb", "foot", "start_label", "flare"))
        parts = [p for p in named if p is not None and p in self.submobjects]
        self._leave(parts)
        return FadeOut(VGroup(*parts), run_time=0.6)

    def goal(self) -> AnimationGroup | None:
        """A ring where the lowest loss was reached; None when that place is not on the sheet."""
        height = float(self.height(self.lowest))
        if not self._goal_seen() or not np.isfinite(height):
            return None
        theme, place = self.theme, self.view.place(*self.goal_at)[:2]
        at = np.array([*self._at(place, height), 0.0])
        circle = Circle(0.155).set_stroke(theme.data, 3).set_fill(opacity=0)
        ring = VGroup(circle, Dot(radius=0.05, color=theme.data)).move_to(at)
        glow = Glow(theme.data, 1.3, 1.3, 0.35 * theme.glow).move_to(at)
        self._join_tag(ring, Tag(self.space, ring, lambda: self._world(place, height)), 10)
        label = self._tagged(self._label("lowest", "data", [at], self.busy(), 0.26), place, height)
        self.goal_label = label
        return AnimationGroup(FadeIn(ring, scale=1.8), FadeIn(glow), FadeIn(label), run_time=0.9)

    def nature(self, place: Stationary) -> list[Animation]:
        """What kind of place it is: the two lines along which the sheet bends there, most and least, and its name."""
        theme, space = self.theme, self.space
        here = self.view.place(*(float(place.at[n]) for n in self.names))[:2]
        scale = np.array(self.view.scale)
        lines = []
        for axis in place.axes:
            way = axis * scale
            way = way / np.hypot(*way)
            plan = here + np.linspace(-0.95, 0.95, 41)[:, None] * way
            left, right, low, high = self.view.box
            inside = (plan[:, 0] >= left) & (plan[:, 0] <= right) & (plan[:, 1] >= low) & (plan[:, 1] <= high)
            heights = np.array([self._height_at(*p) if ok else np.nan for p, ok in zip(plan, inside, strict=True)])
            good = np.isfinite(heights) & (heights <= TALL)
            middle = len(plan) // 2
            first = middle - int(np.argmin(good[middle::-1])) + 1 if not good[: middle + 1].all() else 0
            last = middle + int(np.argmin(good[middle:])) if not good[middle:].all() else len(good)
            if last - first > 2:
                part = slice(first, last)
                tint = mix(theme.value, "#FFFFFF", 0.22) if theme.dark else theme.value
                thread = Thread(theme, space, tint, 4.4, plan=plan[part], heights=heights[part], glow=0.6)
                lines.append(self._join(thread, 6))
        height = float(self._height_at(*here))
        at = np.array([*self._at(here, height), 0.0])
        named = (getattr(self, "goal_label", None), getattr(self, "start_label", None))
        old = [label for label in named if label is not None and label in self.submobjects]
        self._leave(old)
        label = self._tagged(self._label(place.kind, "value", [at], self.busy(), 0.26), here, height)
        show = [Create(VGroup(line.glow, line.body), run_time=1.2) for line in lines]
        return [AnimationGroup(*show, *map(FadeOut, old)), FadeIn(label, run_time=0.6)]

    # What the verbs use ---------------------------------------------------------------------------------------------

    def world_slopes(self) -> tuple[float, float]:
        """The engine's gradient at the start as rises of the sheet per world unit."""
        per = self.steepness(self.start_loss)
        sx, sy = self.view.scale
        return self.gradient[0] * per / sx, self.gradient[1] * per / sy

    def _seen_length(self, step: np.ndarray, length: float) -> np.ndarray:
        """A direction from the start as a step of about that length on the frame."""
        step = step / np.linalg.norm(step)
        here = np.array([[*self.place, self.space.lift(self.height(self.start_loss))]])
        flat = self.space.project(np.concatenate([here, here + step])) / self.space.eye.zoom
        return np.asarray(step * float(np.clip(length / max(np.hypot(*(flat[1] - flat[0])), 1e-9), 0.8, 1.7)))

    def _world(self, place: np.ndarray, height: float) -> np.ndarray:
        return self.space.on_sheet(np.asarray(place, float)[None, :], np.array([height]))

    def _at(self, place: np.ndarray, height: float) -> np.ndarray:
        return np.asarray(self.space.project(self._world(place, height))[0])

    def _section(self, axis: int) -> tuple[np.ndarray, tuple[float, float], tuple[float, float]]:
        """The cut along one input through the start: the part of it round the start that is on the sheet, (n, 3)."""
        low, high = (self.view.box[0:2], self.view.box[2:4])[axis]
        along = np.unique(np.concatenate([np.linspace(low, high, 241), [self.place[axis]]]))
        point = dict(zip(self.names, self.start, strict=True))
        fixed = {**self.fixed, self.names[1 - axis]: point[self.names[1 - axis]]}
        numbers = self._number(along, axis)
        start = int(np.argmin(np.abs(along - self.place[axis])))
        numbers[start] = self.start[axis]
        heights = self.height(np.asarray(self.function.grid({self.names[axis]: numbers}, fixed=fixed), float).ravel())
        with np.errstate(invalid="ignore"):
            good = np.isfinite(heights) & (heights <= TALL * (1 + 1e-9))
        first = start - int(np.argmin(good[start::-1])) + 1 if not good[: start + 1].all() else 0
        last = start + int(np.argmin(good[start:])) if not good[start:].all() else len(good)
        part = slice(first, last)
        curve = np.zeros((last - first, 3))
        curve[:, axis], curve[:, 1 - axis], curve[:, 2] = along[part], self.place[1 - axis], heights[part]
        span = (max(float(along[part][0]) - 0.22, low), min(float(along[part][-1]) + 0.22, high))
        return curve, span, (float(heights[part].min()) - 0.35, float(heights[part].max()) + 0.2)

    def busy(self) -> np.ndarray:
        """Places on the frame that labels had better keep clear of, shape (n, 2)."""
        return np.concatenate([*(t.thread.spots()[0] for t in self.tracks), *(c[1].body.points[:, :2] for c in self.cuts)])

    def _strokes(self) -> np.ndarray:
        """Points along tangents and the arrow, which no label may cover."""
        straight = [c[2] for c in self.cuts if c[2] is not None] + [getattr(self, "arrow", None)]
        ends = [s.ends() for s in straight if s is not None]
        return np.concatenate([np.zeros((0, 2)), *(a + np.linspace(0, 1, 25)[:, None] * (b - a) for a, b in ends)])

    def _put(self, plate: Plate, near: list[np.ndarray], gap: float = 0.14) -> Plate:
        """Beside one of the points: off every label and dot, and off lines as far as there is room."""
        w, h = plate.width / 2, plate.height / 2
        left, right, low, high = self.picture_box[0], self.picture_box[1] + 0.3, self.picture_box[2], self.picture_box[3]
        labels = [m for m in self.submobjects if isinstance(m, Plate) or m in (*self.rulers, *self.knob_names)]
        boxes = np.array([[*m.get_center()[:2], m.width / 2, m.height / 2] for m in [*labels, *self.rulers, *self.knob_names]])
        dot = self._at(self.place, float(self.height(self.start_loss)))
        boxes = np.concatenate([boxes.reshape(-1, 4), [[*dot, 0.14, 0.14]]])
        busy, strokes, best, least = self.busy(), self._strokes(), near[0][:2], np.inf

        def covered(points: np.ndarray) -> float:
            inside = (abs(points[:, 0] - x) < w + 0.05) & (abs(points[:, 1] - y) < h + 0.05)
            return float(inside.sum())

        for order, point in enumerate(near):
            for off in gap + np.array([0.0, 0.15, 0.35, 0.6, 0.9]):
                for angle in np.arange(24) * np.pi / 12:
                    x, y = point[0] + np.cos(angle) * (w + off), point[1] + np.sin(angle) * (h + off)
                    out = max(left + w - x, x + w - right, low + h - y, y + h - high, 0.0)
                    wide, tall = boxes[:, 2] + w + 0.06 - abs(boxes[:, 0] - x), boxes[:, 3] + h + 0.06 - abs(boxes[:, 1] - y)
                    cost = 80 * out + 40 * float(np.maximum(np.minimum(wide, tall), 0).sum()) + (off - gap) + 0.3 * order
                    cost += 0.4 * covered(strokes) + 3.0 * covered(busy) / max(len(busy), 1)
                    if cost < least:
                        best, least = np.array([x, y]), cost
        return plate.move_to([*best, 0.0])

    def _label(self, text: str, role: str, near: list[np.ndarray], busy: np.ndarray, gap: float = 0.2) -> Plate:
        return self._put(Plate(self.theme, Label(text, self.theme.tint(role), 24, "semibold")), near, gap)

    def _tagged(self, mobject: Any, place: np.ndarray, height: float) -> Any:
        """A label that keeps its distance from a point of the sheet."""
        offset = mobject.get_center()[:2] - self._at(place, height)
        return self._join_tag(mobject, Tag(self.space, mobject, lambda: self._world(place, height), tuple(offset)), 10)

    def _join(self, part: Any, z: float) -> Any:
        self.space.followers.append(part)
        return self.keep(part, z)

    def _join_tag(self, mobject: Any, tag: Tag, z: float) -> Any:
        self.space.followers.append(tag)
        return self.keep(mobject, z)

    def _leave(self, parts: Iterable[Mobject]) -> None:
        parts = list(parts)
        gone = {id(p) for p in parts}
        followers = self.space.followers
        followers[:] = [f for f in followers if id(f) not in gone and id(getattr(f, "mobject", None)) not in gone]
        self.drop(*parts)


class Plumb(VMobject):
    """Dots straight down from a point of the sheet to the floor; faint where the sheet hides them."""

    def __init__(self, figure: LossSurface, height: float):
        super().__init__(stroke_width=2.2, stroke_color=figure.theme.ink, stroke_opacity=0.55, fill_opacity=0)
        self.space, self.place_there, self.top = figure.space, figure.place, height
        self.follow()

    def follow(self) -> Plumb:
        """Draw from where the eye is now."""
        z = np.linspace(0.04, 0.97, 23) * self.space.lift(np.array(self.top))
        world = np.column_stack([np.tile(self.place_there, (len(z), 1)), z])
        spots = self.space.project(world)
        seen = self.space.seen(world)
        pieces = [spots[k : k + 2] for k in range(0, len(z) - 1, 2) if seen[k]]
        self.points = corners_to_points(pieces)
        return self


class Tangent(Thread):
    """A straight line that touches the sheet in the middle; as plain as the point that it touches.

    `middle` and `step` (3,) are in plan and in the sheet's own heights.
    """

    def __init__(self, theme: Theme, space: Space, middle: np.ndarray, step: np.ndarray):
        self.middle, self.step = np.asarray(middle, float), np.asarray(step, float)
        super().__init__(theme, space, theme.slope, 5.0, points=np.zeros((2, 3)), glow=0.8)

    def world_ends(self) -> np.ndarray:
        """Its ends, shape (2, 3)."""
        ends = self.middle + np.array([[-1.0], [1.0]]) * self.step
        return np.column_stack([ends[:, :2], self.space.lift(ends[:, 2])])

    def ends(self) -> np.ndarray:
        """Its ends on the frame, shape (2, 2)."""
        return np.asarray(self.space.project(self.world_ends()))

    def spots(self) -> tuple[np.ndarray, np.ndarray]:
        """Where it is on the frame; all of it is seen if its point is."""
        a, b = self.world_ends()
        world = a + np.linspace(0, 1, 30)[:, None] * (b - a)
        seen = self.space.seen((a + b)[None, :] / 2, on_sheet=True)
        return self.space.project(world), np.full(30, bool(seen[0]))


class Arrow(VGroup):
    """An arrow in space from a point (plan and height on the sheet's own scale; −GAP is the floor) by a step.

    It lies in the plane of its step, broad side to the sky; faint where its start is hidden.
    """

    def __init__(self, theme: Theme, space: Space, start: np.ndarray, step: np.ndarray):
        super().__init__()
        self.space, self.start, self.step = space, np.asarray(start, float), np.asarray(step, float)
        across = np.array([-step[1], step[0], 0.0])
        size = float(np.linalg.norm(across))
        self.across = across / size if size > 0 else np.array([1.0, 0.0, 0.0])
        along = self.step / np.linalg.norm(self.step)
        neck, n = self.step - 0.34 * along, self.across
        self.shapes = [
            np.array([0.14 * along + 0.05 * n, neck + 0.05 * n, neck - 0.05 * n, 0.14 * along - 0.05 * n]),
            np.array([neck + 0.18 * n, self.step, neck - 0.18 * n]),
        ]
        self.parts = [VMobject().set_fill(theme.slope, 1).set_stroke(width=0) for _ in self.shapes]
        self.add(*self.parts)
        self.follow()

    def _lifted(self, points: np.ndarray) -> np.ndarray:
        points = np.atleast_2d(points) + self.start
        return np.column_stack([points[:, :2], self.space.lift(points[:, 2])])

    def world_ends(self) -> np.ndarray:
        """Start and tip, shape (2, 3)."""
        return self._lifted(np.stack([np.zeros(3), self.step]))

    def ends(self) -> np.ndarray:
        """Start and tip on the frame, shape (2, 2)."""
        return np.asarray(self.space.project(self.world_ends()))

    def follow(self) -> Arrow:
        """Draw from where the eye is now."""
        on_sheet = self.start[2] > -GAP
        for part, corners in zip(self.parts, self.shapes, strict=True):
            world = self._lifted(corners)
            judged = self.world_ends()[:1] if on_sheet else world.mean(axis=0)[None, :]
            part.points = corners_to_points([self.space.project(np.concatenate([world, world[:1]]))])
            part.set_fill(opacity=1.0 if self.space.seen(judged, on_sheet=on_sheet)[0] else 0.25)
        return self


class Turn(Animation):
    """The eye moves; the sheet may rise from the floor or sink to it meanwhile."""

    def __init__(self, figure: LossSurface, eye: Eye, stature: float | None = None, run_time: float = 3.0, **kwargs: Any):
        self.space, self.there = figure.space, eye
        self.stature = stature
        moving = [f.mobject if isinstance(f, Tag) else f for f in figure.space.followers]
        shown = {id(m) for part in figure.submobjects for m in part.get_family()}
        group = VGroup(*(m for m in moving if id(m) in shown))
        kwargs.setdefault("rate_func", linear)
        super().__init__(group, introducer=True, run_time=run_time, **kwargs)

    def begin(self) -> None:
        """From wherever the eye is when the move begins."""
        self.here, self.standing = self.space.eye, self.space.stature
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        alpha = min(max(alpha, 0.0), 1.0)
        stature = None
        if self.stature is not None:  # a map tilts before it rises, and sinks before it lies
            late = self.stature > self.standing
            share = smooth(min(max((alpha - 0.25 * late) / 0.75, 0.0), 1.0))
            stature = self.standing + (self.stature - self.standing) * share
        self.space.look(self.here.towards(self.there, smooth(alpha)), stature)


class Unfold(Turn):
    """The eye moves up while the sheet grows to both sides of the cut through its start, along the second input."""

    def __init__(self, figure: LossSurface, eye: Eye, **kwargs: Any):
        self.scenery, self.middle = figure.scenery, float(figure.place[1])
        self.span = figure.view.box[2:4]
        super().__init__(figure, eye, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = smooth(min(max((alpha - 0.12) / 0.88, 0.0), 1.0))
        low, high = (self.middle + (end - self.middle) * share for end in self.span)
        self.scenery.within = None if share >= 1 else (1, low, high)
        super().interpolate_mobject(alpha)


class Ridge(VGroup):
    """A cut of the sheet that is there before the sheet: its line, and a dot on it (world: plan and height)."""

    def __init__(self, figure: LossSurface, line: np.ndarray, spot: np.ndarray):
        theme = figure.theme
        self.space, self.world, self.spot = figure.space, line, spot
        stroke = VMobject().set_stroke(theme.role("loss"), 4.5).set_fill(opacity=0)
        dot = Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5)
        super().__init__(stroke, dot)
        self.follow()

    def follow(self) -> Ridge:
        """Draw from where the eye is now."""
        places = np.vstack([self.world, self.spot])
        spots = self.space.project(np.column_stack([places[:, :2], self.space.lift(places[:, 2])]))
        self[0].points = corners_to_points([spots[:-1]])
        self[1].move_to([*spots[-1], 0.0])
        return self


class Glaze(Animation):
    """Panes or patches of the scenery appear or go."""

    def __init__(self, figure: LossSurface, panes: list[Any], opacity: float, drop: bool = False, run_time: float = 0.9):
        self.figure, self.panes, self.opacity, self.dropped = figure, panes, opacity, drop
        super().__init__(figure.mesh, run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        """From how they are now."""
        self.was = [pane.opacity for pane in self.panes]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for pane, was in zip(self.panes, self.was, strict=True):
            pane.opacity = was + (self.opacity - was) * share

    def clean_up_from_scene(self, scene: Any) -> None:
        """Gone panes no longer part the sheet."""
        super().clean_up_from_scene(scene)
        if self.dropped:
            here: tuple[list[Any], ...] = (self.figure.scenery.panes, self.figure.scenery.patches)
            for some in here:
                some[:] = [p for p in some if not any(p is q for q in self.panes)]
            self.figure.mesh.follow()


def gradient_name(theme: Theme, size: float = 40) -> Formula:
    """`∇f`."""
    return Formula(lambda mark: f"{mark('slope', None, 'nabla')} {mark('loss', None, 'f')}", theme, size, tinted=True)


__all__ = ["Arrow", "Glaze", "LossSurface", "Tangent", "Turn"]
