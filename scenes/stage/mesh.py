"""A sheet over its floor as one mobject: all of it is projected by one matrix product and painted in one pass.

The order of painting is exact, not a guess by depth: vertical planes through the lines of the mesh part any two of its
cells, so a cell that is more lines away from the eye never hides a nearer one. Cells that are equally far cannot hide each
other, so those of one colour are one path. Faces are painted hard-edged at twice the size of the frame, hence neither
seams nor jags. Lines on the sheet are drawn after the faces, where `Space.seen` says that the eye meets them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cairo
import numpy as np
from manim import VMobject

from .isolines import chains
from .quads import Quads
from .space import GAP, Space
from .theme import Theme, channels, mix

SAMPLES = 2  # per pixel and direction
TONES = 64  # steps of brightness between black and white: fewer tones are fewer paths, and the steps are too small to see
LIGHT = np.array([-0.45, 0.25, 0.86])  # to the right, into the picture, up: it comes from the upper left, behind
NARROW = 0.010  # frame units


class Sheet:
    """The faces of a height field, cut at `top`: every face has four corners (some twice), from one cell of the mesh.

    Holes (nan) are cut out too, along their true border if the height `at` any place can be asked for.
    `points` (V, 2) and `heights` (V,) are its corners, `faces` (F, 4) and `cells` (F, 2) its faces, `rims` its border.
    """

    def __init__(
        self, x: np.ndarray, y: np.ndarray, heights: np.ndarray, top: float,
        at: Callable[[float, float], float] | None = None,
    ):  # fmt: skip
        self.x, self.y, self.top, self.at = np.asarray(x, float), np.asarray(y, float), float(top), at
        n, m = heights.shape
        mesh = np.stack(np.meshgrid(self.x, self.y, indexing="ij"), -1).reshape(-1, 2)
        with np.errstate(invalid="ignore"):
            keep = np.isfinite(heights) & (heights <= top)
        number = np.arange(n * m).reshape(n, m)
        corners = np.stack([number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]], -1)
        count = keep.ravel()[corners].sum(-1)
        whole = np.argwhere(count == 4)
        self._points, self._heights = list(mesh), list(heights.ravel())
        self._cuts: dict[tuple[int, int], int] = {}
        quads, cells = [corners[count == 4]], [whole]
        outlines = [*corners[count == 4].tolist()]
        for i, j in np.argwhere((count > 0) & (count < 4)):
            polygon = self._cut(corners[i, j])
            if len(polygon) < 3:
                continue
            outlines.append(polygon)
            fan = [[polygon[0], *polygon[k : k + 3]] for k in range(1, len(polygon) - 1, 2)]
            quads.append(np.array([face if len(face) == 4 else [*face, face[-1]] for face in fan]))
            cells.append(np.tile([i, j], (len(fan), 1)))
        self.points = np.array(self._points)
        self.heights = np.array(self._heights, float)
        self.faces = np.concatenate(quads).astype(np.int64)
        self.cells = np.concatenate(cells).astype(np.int64)
        self.rims = _borders(outlines)
        corner_heights = self.heights[self.faces]
        self.middle = corner_heights.mean(axis=1)
        del self._points, self._heights, self._cuts, self.at

    def _cut(self, corners: np.ndarray) -> list[int]:
        """The part of a cell that is on the sheet: cut along the level of `top`, holes left out."""
        ring = [(int(k), self._heights[k]) for k in corners]
        out: list[int] = []
        for (k, a), (other, b) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
            if a <= self.top:
                out.append(k)
            if (a <= self.top) != (b <= self.top):  # nan is on no side: neither of a hole is on the sheet
                found = self._hole(k, other) if not (a <= np.inf and b <= np.inf) else self._between(k, other, a, b)
                if found is not None:
                    out.append(found)
        return out

    def _between(self, one: int, other: int, a: float, b: float) -> int:
        edge = (min(one, other), max(one, other))
        if edge not in self._cuts:
            share = (self.top - a) / (b - a)
            self._add(edge, self._points[one] + share * (self._points[other] - self._points[one]), self.top)
        return self._cuts[edge]

    def _hole(self, one: int, other: int) -> int | None:
        """The last place before a hole, found by halving the edge; None without a function to ask."""
        edge = (min(one, other), max(one, other))
        if edge not in self._cuts and self.at is not None:
            inside, outside = (one, other) if self._heights[one] <= self.top else (other, one)
            here, there, height = self._points[inside], self._points[outside], self._heights[inside]
            for _ in range(7):
                middle = (here + there) / 2
                value = self.at(float(middle[0]), float(middle[1]))
                if value <= self.top:
                    here, height = middle, value
                else:
                    there = middle
            self._add(edge, here, height)
        return self._cuts.get(edge)

    def _add(self, edge: tuple[int, int], point: np.ndarray, height: float) -> None:
        self._cuts[edge] = len(self._points)
        self._points.append(point)
        self._heights.append(height)


def _borders(outlines: list[list[int]]) -> list[np.ndarray]:
    """The chains of edges that belong to one face only."""
    count: dict[tuple[int, int], int] = defaultdict(int)
    for ring in outlines:
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            if a != b:
                count[min(a, b), max(a, b)] += 1
    links: dict[int, list[int]] = defaultdict(list)
    for (a, b), times in count.items():
        if times == 1:
            links[a].append(b)
            links[b].append(a)
    return [np.array(chain) for chain in chains(links)]


@dataclass
class Pane:
    """Glass that cuts the sheet: the plane where the coordinate `axis` (0: x, 1: y) is `at`, a line of the mesh.

    It reaches from `low` to `high` along the other axis and from `bottom` to `top` in height; `opacity` 0 to 1.
    """

    axis: int
    at: float
    span: tuple[float, float]
    rise: tuple[float, float]
    opacity: float = 0.0


@dataclass
class Line:
    """A polyline in the world, (n, 2) in plan with its heights; on the floor if it has none."""

    plan: np.ndarray
    heights: np.ndarray | None
    colour: str
    width: float
    opacity: float = 1.0
    dense: np.ndarray = field(init=False)
    lifted: np.ndarray | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        # Pieces no longer than a few hundredths, so that the border of what is seen can be found.
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.plan, axis=0).T))])
        pitch = 0.07 if self.heights is not None else 0.12
        at = np.linspace(0.0, along[-1], max(int(np.ceil(along[-1] / pitch)), 1) + 1)
        self.dense = np.column_stack([np.interp(at, along, self.plan[:, k]) for k in (0, 1)])
        if self.heights is not None:
            self.lifted = np.interp(at, along, self.heights)


@dataclass
class Patch:
    """A flat piece in space by its corners (4, 2) in plan and their heights: plain where it is seen, a ghost where not."""

    plan: np.ndarray
    heights: np.ndarray
    colour: str
    opacity: float = 0.0

    def at(self, space: Space, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """World points at shares `one`, `other` (n,) of the way along its two sides."""
        corners = np.column_stack([self.plan, space.lift(self.heights)])
        a, b, _, d = corners
        return np.asarray(a + np.outer(one, b - a) + np.outer(other, d - a))


class Scenery:
    """What StageCamera fills the mobject with. It is painted again only when the eye or the glass has changed."""

    def __init__(self, theme: Theme, space: Space, sheet: Sheet, shares: np.ndarray):
        self.theme, self.space, self.sheet = theme, space, sheet
        self.panes: list[Pane] = []
        self.patches: list[Patch] = []
        self.lines: list[Line] = []  # on the sheet
        self.ground: list[Line] = []  # on the floor
        self.floor: np.ndarray | None = None  # its corners in plan, (4, 2)
        base = "#FFFFFF" if not theme.dark else theme.ground
        low, high = (mix(base, theme.loss, 0.42), mix(theme.loss, "#FFFFFF", 0.10)) if theme.dark else (
            mix(base, theme.loss, 0.20), mix(base, theme.loss, 0.62)
        )  # fmt: skip
        share = np.clip(shares, 0, 1)[:, None]
        self.steps = np.minimum(share[:, 0] * 3, 2).astype(np.int64)  # faces of one tone and unlike height are told apart
        self.base = np.array(channels(low)) * (1 - share) + np.array(channels(high)) * share
        self.presence = 1.0  # how much of the sheet is there; the floor always is
        self.within: tuple[int, float, float] | None = None  # only what lies between two places of an axis is there yet
        self._kept: tuple[Any, cairo.ImageSurface] | None = None

    seen = None  # it never spreads from a point, as a Picture may

    def __deepcopy__(self, memo: dict[int, Any]) -> Scenery:
        return self

    @property
    def stamp(self) -> tuple[Any, ...]:
        """Equal stamps, equal pixels: today, tomorrow, in another process."""
        eye = self.space.eye
        glass = tuple((p.axis, p.at, *p.span, *p.rise, float(p.opacity)) for p in self.panes)
        flat = tuple((float(p.opacity), *p.plan.ravel().tolist(), *p.heights.tolist()) for p in self.patches)
        seen_from = (eye.azimuth, eye.elevation, eye.zoom, *eye.centre, self.space.stature)
        part = () if self.within is None else (tuple(map(float, self.within)),)
        return (self._content, *(float(v) for v in seen_from), self.presence, glass, flat, *part)

    @cached_property
    def _content(self) -> str:
        """A digest of what does not change."""
        digest = hashlib.sha256(repr((self.theme, self.space.relief.top)).encode())
        sheet = self.sheet
        for array in (sheet.points, sheet.heights, sheet.faces, self.base, self.space.relief.heights, self.floor):
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
        for line in (*self.lines, *self.ground):
            digest.update(repr((line.colour, line.width, line.opacity)).encode() + line.dense.tobytes())
        return digest.hexdigest()

    def pattern(self, shape: VMobject, opacity: float, pixels_per_unit: float) -> cairo.SurfacePattern:
        """The picture as a source for the context of a camera, in frame units."""
        k = pixels_per_unit
        left, low = np.floor(shape.points[:, :2].min(axis=0) * k)
        right, high = np.ceil(shape.points[:, :2].max(axis=0) * k)
        key = (self.stamp, k, left, low, right, high)
        if self._kept is None or self._kept[0] != key:
            surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, max(int(right - left), 1), max(int(high - low), 1))
            self.draw(surface, k, np.array([left, high]))
            surface.flush()
            self._kept = (key, surface)
        surface = self._kept[1]
        if opacity < 1.0:
            faded = cairo.ImageSurface(cairo.FORMAT_ARGB32, surface.get_width(), surface.get_height())
            veil = cairo.Context(faded)
            veil.set_source_surface(surface)
            veil.paint_with_alpha(opacity)
            surface = faded
        pattern = cairo.SurfacePattern(surface)
        pattern.set_filter(cairo.FILTER_NEAREST)  # pixel on pixel
        pattern.set_matrix(cairo.Matrix(k, 0, 0, -k, -left, high))
        return pattern

    # Painting -------------------------------------------------------------------------------------------------------

    def draw(self, surface: cairo.ImageSurface, scale: float, corner: np.ndarray) -> None:
        """Floor, sheet with its glass, lines; `scale` is pixels a frame unit, `corner` the upper left in pixels."""

        def place(points: np.ndarray) -> np.ndarray:
            return (self.space.project(points) * scale - corner) * [1, -1]

        pen = cairo.Context(surface)
        if self.floor is not None:
            self._floor(pen, place, scale)
        if self.presence > 0:
            large = cairo.ImageSurface(cairo.FORMAT_ARGB32, surface.get_width() * SAMPLES, surface.get_height() * SAMPLES)
            fine = cairo.Context(large)
            fine.scale(SAMPLES, SAMPLES)
            self._sheet(fine, place, scale)
            large.flush()
            pen.save()
            pen.scale(1 / SAMPLES, 1 / SAMPLES)
            pen.set_source_surface(large)
            pen.get_source().set_filter(cairo.FILTER_BILINEAR)  # halfway between four samples: their mean
            pen.paint_with_alpha(self.presence)
            pen.restore()
            self._lines(pen, place, scale)

    def _floor(self, pen: cairo.Context, place: Any, scale: float) -> None:
        assert self.floor is not None
        corners = place(np.column_stack([self.floor, np.zeros(4)]))
        _trace(pen, corners, close=True)
        _colour(pen, self.theme.slot if self.theme.dark else "#FFFFFF", 0.96)
        pen.fill()
        for line in self.ground:
            spots = place(np.column_stack([line.dense, np.zeros(len(line.dense))]))
            if self.within is None:
                _trace(pen, spots)
            else:
                axis, low, high = self.within
                for run in runs((line.dense[:, axis] >= low) & (line.dense[:, axis] <= high)):
                    _trace(pen, spots[run])
            _colour(pen, line.colour, line.opacity)
            pen.set_line_width(line.width * scale)
            pen.stroke()
        _trace(pen, corners, close=True)
        _colour(pen, mix(self.theme.rim, self.theme.muted, 0.45), 1.0)
        pen.set_line_width(0.015 * scale)
        pen.stroke()

    def _sheet(self, pen: cairo.Context, place: Any, scale: float) -> None:
        sheet, space = self.sheet, self.space
        world = np.column_stack([sheet.points, space.lift(np.nan_to_num(sheet.heights))])
        spots = place(world)
        colours, sides, rank = self._colours(world), self._sides(), self._far()
        tones = np.round(colours @ [0.3, 0.5, 0.2] * TONES).astype(np.int64) * 8 + self.steps
        key = (sides * 4096 + (4095 - rank)) * 1024 + tones
        order = np.argsort(key, kind="stable")
        if self.within is not None:
            axis, low, high = self.within
            middles = sheet.points[sheet.faces].mean(axis=1)[:, axis]
            order = order[((middles >= low) & (middles <= high))[order]]
            if not len(order):
                return
        key = key[order]
        first = np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1])
        last = np.append(first[1:], len(order))
        shades = np.add.reduceat(colours[order], first) / (last - first)[:, None]
        quads = Quads(spots[sheet.faces[order]])
        append, fill, source = quads.onto(pen), pen.fill, pen.set_source_rgb
        pen.set_antialias(cairo.ANTIALIAS_NONE)
        done = 0
        groups = zip(first.tolist(), last.tolist(), sides[order][first].tolist(), shades.tolist(), strict=True)
        for begin, end, side, (red, green, blue) in groups:
            while done < side:
                self._glass(pen, place, scale, done)
                done += 1
            source(blue, green, red)  # cairo keeps its bytes as BGRA
            append(begin, end)
            fill()
        for side in range(done, 4):
            self._glass(pen, place, scale, side)
        for patch in self.patches:
            self._patch(pen, place, patch)

    def _colours(self, world: np.ndarray) -> np.ndarray:
        """The colour of every face, (F, 3) from 0 to 1: its height, lit from the upper left of the picture."""
        a, b, c, d = (world[self.sheet.faces[:, k]] for k in range(4))
        (ux, uy, uz), (vx, vy, vz) = (c - a).T, (d - b).T
        normal = np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], 1)
        normal /= np.where(normal[:, 2] < 0, -1.0, 1.0)[:, None] * np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None]
        right, _, into = self.space.eye.axes
        light = LIGHT[0] * right + LIGHT[1] * np.array([-right[1], right[0], 0.0]) + [0, 0, LIGHT[2]]
        light /= np.linalg.norm(light)
        front = normal @ -into > 0
        lambert = np.maximum(np.where(front, 1.0, -1.0) * (normal @ light), 0.0)
        half = light - into
        gloss = np.maximum(normal @ (half / np.linalg.norm(half)), 0.0) ** 26 * front
        dim, lit, gleam = (0.34, 0.66, 0.13) if self.theme.dark else (0.62, 0.40, 0.10)
        bright = np.where(front, dim + lit * lambert, 0.85 * dim + 0.35 * lit * lambert)
        return np.clip(self.base * bright[:, None] + gleam * gloss[:, None], 0, 1)

    def _far(self) -> np.ndarray:
        """How many lines of the mesh each face is away from the eye, in both directions together."""
        eye, sheet = self.space.eye.position, self.sheet
        i = int(np.clip(np.searchsorted(sheet.x, eye[0]) - 1, -1, len(sheet.x) - 1))
        j = int(np.clip(np.searchsorted(sheet.y, eye[1]) - 1, -1, len(sheet.y) - 1))
        return np.asarray(np.abs(sheet.cells[:, 0] - i) + np.abs(sheet.cells[:, 1] - j))

    # Glass: its planes part the world, so far side, pane, near side is exact. With two panes there are four quarters.

    def _sides(self) -> np.ndarray:
        out = np.zeros(len(self.sheet.cells), np.int64)
        eye = self.space.eye.position
        for pane in self.panes:
            line = (self.sheet.x, self.sheet.y)[pane.axis]
            beyond = line[self.sheet.cells[:, pane.axis]] >= pane.at - 1e-9
            out += (beyond == (eye[pane.axis] >= pane.at)) * (2 if pane.axis == 0 else 1)
        return out

    def _glass(self, pen: cairo.Context, place: Any, scale: float, after: int) -> None:
        """The panes that come after quarter `after` (0 far, far; 1 far, near; 2 near, far; 3 near, near)."""
        eye = self.space.eye.position
        across = next((p for p in self.panes if p.axis == 0), None)
        for pane in self.panes:
            low, high = pane.span
            if pane.axis == 0 and after == 1:
                self._pane(pen, place, scale, pane, low, high)
            elif pane.axis == 1 and after in (0, 2):
                if across is None:
                    if after == 0:
                        self._pane(pen, place, scale, pane, low, high)
                    continue
                cut = float(np.clip(across.at, low, high))
                beyond = (eye[0] >= across.at) == (after == 2)
                self._pane(pen, place, scale, pane, *((cut, high) if beyond else (low, cut)), joint=across.at)

    def _pane(
        self, pen: cairo.Context, place: Any, scale: float, pane: Pane, low: float, high: float, joint: float | None = None
    ) -> None:
        if pane.opacity <= 0 or high <= low:
            return
        bottom, top = self.space.lift(np.array(pane.rise))
        ring = [(low, bottom), (high, bottom), (high, top), (low, top)]
        corners = place(np.array([(pane.at, s, z) if pane.axis == 0 else (s, pane.at, z) for s, z in ring]))
        pen.set_antialias(cairo.ANTIALIAS_DEFAULT)
        _trace(pen, corners, close=True)
        tint = mix(self.theme.value, "#FFFFFF", 0.35) if self.theme.dark else self.theme.value
        _colour(pen, tint, 0.17 * pane.opacity)
        pen.fill()
        for k in range(4):  # no rim where two panes meet
            a, b = ring[k], ring[(k + 1) % 4]
            if joint is None or not (a[0] == b[0] == joint):
                _trace(pen, corners[[k, (k + 1) % 4]])
        _colour(pen, mix(self.theme.value, "#FFFFFF", 0.45) if self.theme.dark else self.theme.value, 0.6 * pane.opacity)
        pen.set_line_width(0.012 * scale)
        pen.stroke()
        pen.set_antialias(cairo.ANTIALIAS_NONE)

    def _patch(self, pen: cairo.Context, place: Any, patch: Patch) -> None:
        """In small cells, hard-edged so that none is painted twice."""
        if patch.opacity <= 0:
            return
        n = 36
        one, other = (g.ravel() for g in np.meshgrid(np.arange(n) / n, np.arange(n) / n, indexing="ij"))
        middle = patch.at(self.space, one + 0.5 / n, other + 0.5 / n)
        seen = self.space.seen(middle, lifted=0.02)
        steps = ((0.0, 0.0), (1 / n, 0.0), (1 / n, 1 / n), (0.0, 1 / n))
        cells = Quads(np.stack([place(patch.at(self.space, one + a, other + b)) for a, b in steps], 1)[np.argsort(~seen)])
        count = int(seen.sum())
        for first, last, opacity in ((0, count, 0.45), (count, n * n, 0.13)):
            if last > first:
                cells.append(pen, first, last)
                _colour(pen, patch.colour, opacity * patch.opacity)
                pen.set_fill_rule(cairo.FILL_RULE_WINDING)
                pen.fill()

    def _lines(self, pen: cairo.Context, place: Any, scale: float) -> None:
        lines = [line for line in self.lines if line.lifted is not None and line.opacity > 0]
        if not lines:
            return
        heights = [line.lifted for line in lines if line.lifted is not None]
        world = self.space.on_sheet(np.concatenate([line.dense for line in lines]), np.concatenate(heights))
        seen, spots = self.space.seen(world, on_sheet=True), place(world)
        if self.within is not None:
            axis, low, high = self.within
            seen = seen & (world[:, axis] >= low) & (world[:, axis] <= high)
        styles: dict[tuple[str, float, float], list[np.ndarray]] = defaultdict(list)
        at = 0
        for line in lines:
            part = slice(at, at + len(line.dense))
            at = part.stop
            styles[line.colour, line.width, line.opacity] += [spots[part][run] for run in runs(seen[part])]
        for (colour, width, opacity), pieces in styles.items():
            for piece in pieces:
                _trace(pen, piece)
            _colour(pen, colour, opacity * self.presence)
            pen.set_line_width(width * scale)
            pen.stroke()


class Mesh(VMobject):
    """The mobject: a frame round what is seen, filled with the scenery."""

    def __init__(self, scenery: Scenery, room: float = 0.15):
        super().__init__(stroke_width=0, fill_color="#FFFFFF", fill_opacity=1)
        self.picture, self.room = scenery, room
        sheet, corners = scenery.sheet, scenery.floor
        plan = sheet.points if corners is None else np.concatenate([sheet.points, corners])
        heights = np.nan_to_num(sheet.heights)
        self._plan, self._heights = plan, heights
        self._used = np.concatenate([np.unique(sheet.faces), np.arange(len(heights), len(plan))])
        self.follow()

    def follow(self) -> Mesh:
        """Frame what the eye sees now."""
        space, scenery = self.picture.space, self.picture
        z = np.concatenate([space.lift(self._heights), np.zeros(len(self._plan) - len(self._heights))])
        parts = [np.column_stack([self._plan, z])[self._used]]
        for pane in scenery.panes:
            bottom, top = space.lift(np.array(pane.rise))
            ring = [(s, h) for s in pane.span for h in (bottom, top)]
            parts.append(np.array([(pane.at, s, h) if pane.axis == 0 else (s, pane.at, h) for s, h in ring]))
        spots = space.project(np.concatenate(parts))
        (left, low), (right, high) = spots.min(axis=0) - self.room, spots.max(axis=0) + self.room
        ring3 = [[left, low, 0], [right, low, 0], [right, high, 0], [left, high, 0], [left, low, 0]]
        self.set_points_as_corners(np.array(ring3))
        return self


def runs(seen: np.ndarray, least: int = 2) -> list[slice]:
    """The stretches of a line that are seen, those of single points left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]


def _trace(pen: cairo.Context, points: np.ndarray, close: bool = False) -> None:
    rest = points.tolist()
    if not rest:
        return
    pen.move_to(*rest[0])
    line = pen.line_to
    for x, y in rest[1:]:
        line(x, y)
    if close:
        pen.close_path()


def _colour(pen: cairo.Context, colour: str, opacity: float) -> None:
    red, green, blue = channels(colour)
    pen.set_source_rgba(blue, green, red, opacity)


def even_lines(low: float, high: float, count: int, through: Sequence[float] = ()) -> np.ndarray:
    """`count` even coordinates, the nearest inner one moved to each of `through`, so that a pane can stand there."""
    line = np.linspace(low, high, count)
    for at in through:
        if low < at < high:
            k = int(np.clip(round((at - low) / (high - low) * (count - 1)), 1, count - 2))
            line[k] = at
    return line


__all__ = ["GAP", "Line", "Mesh", "Pane", "Scenery", "Sheet", "even_lines", "runs"]
