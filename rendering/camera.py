"""A faster camera for manim 0.22: draws what manim's Cairo camera would, and only where something changed.

The scene's camera stays as it is and decides on every colour and place; a Painter beside it keeps a canvas and, for each
mobject, a record of what was drawn. It draws plain outlines seen by a camera that it knows. Whatever else a scene has
(images, point clouds, a camera of the user's) is left to manim: `begin` and `draw` say False, and the picture that manim
made is handed to `take_over`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import cairo
import numpy as np
from manim import Camera, Mobject, MovingCamera, PMobject, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP
from manim.mobject.types.image_mobject import AbstractImageMobject

from chainreel.scenes.stage.camera import StageCamera

from .family import shown
from .paths import CURVE_POINTS, Outline, Pen, outline, pen_of
from .tiles import Band, Box, Tiles, differing, first_difference

SWITCH = "CHAINREEL_CAMERA"  # "stock" turns the faster camera off
CAMERAS = (Camera, MovingCamera, StageCamera)  # a subclass may draw otherwise
MITRE = 10.0  # cairo's limit: a sharp corner reaches at most so many half widths out
CALM = 3  # frames
LAYER = 32  # records that are worth a picture of their own under the others
GONE = 200  # records that are remembered although their mobjects are no longer shown
FAR = 4e6  # pixels; beyond, cairo's coordinates wrap around and nobody knows where something is drawn
NOWHERE: Box = (0, 0, 0, 0)

# The methods of VMobject that decide on how it looks; a class with its own is left to manim.
LOOK_METHODS = (
    "consider_points_equals_2d",
    "get_background_image",
    "get_fill_rgbas",
    "get_gradient_start_and_end_points",
    "get_stroke_rgbas",
    "get_stroke_width",
    "get_subpath_split_indices_from_points",
)
# Their values, which are read from the instance itself.
LOOK_VALUES = (
    "background_image",
    "background_stroke_rgbas",
    "background_stroke_width",
    "cap_style",
    "fill_rgbas",
    "joint_type",
    "n_points_per_cubic_curve",
    "points",
    "stroke_rgbas",
    "stroke_width",
    "tolerance_for_point_equality",
)


class Record:
    """What is known of one mobject as it was drawn: its state, its outline, how to paint it, where it is."""

    __slots__ = ("mobject", "state", "outline", "under", "fill", "over", "width_under", "width", "join", "cap") + (
        "box",
        "tiles",
        "shaded",
        "layer",
        "met",
    )

    mobject: VMobject
    state: tuple[Any, ...]
    outline: Outline | None
    under: cairo.Pattern | None  # the stroke behind the fill
    fill: cairo.Pattern | None
    over: cairo.Pattern | None  # the stroke
    width_under: float
    width: float
    join: cairo.LineJoin
    cap: cairo.LineCap
    box: Box
    tiles: int  # those that the box touches
    shaded: bool  # painted with something else than one colour
    layer: cairo.Pattern | None  # the fill as pixels, for a gradient that is painted often
    met: bool  # whether it was painted before

    def draw(self, context: cairo.Context, pen: Pen) -> None:
        """Paint into the context, in the order of Camera.display_vectorized."""
        if not self.tiles:
            return
        assert self.outline is not None
        if self.layer is not None:
            self._paint_layer(context, self.layer)
            if self.over is None:
                return
        pen(self.outline)
        if self.under is not None:
            self._stroke(context, self.under, self.width_under)
        if self.fill is not None and self.layer is None:
            context.set_source(self.fill)
            context.fill_preserve()
        if self.over is not None:
            self._stroke(context, self.over, self.width)

    def keep_layer(self, picture: np.ndarray, context: cairo.Context, pen: Pen) -> None:
        """Keep the fill as pixels; ``picture``, which the context draws on, is empty."""
        assert self.outline is not None and self.fill is not None
        pen(self.outline)
        context.set_source(self.fill)
        context.fill()
        left, top, right, bottom = self.box
        pixels = picture[top:bottom, left:right].copy()
        surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, right - left, bottom - top)
        self.layer = cairo.SurfacePattern(surface)
        self.layer.set_filter(cairo.FILTER_NEAREST)
        self.layer.set_matrix(cairo.Matrix(x0=-left, y0=-top))
        self.shaded = False

    def let_go(self) -> None:
        """Forget the pixels: the record is no longer shown."""
        if self.layer is not None:
            self.layer, self.shaded = None, True

    def _paint_layer(self, context: cairo.Context, layer: cairo.Pattern) -> None:
        matrix = context.get_matrix()
        left, top, right, bottom = self.box
        context.identity_matrix()
        context.new_path()
        context.rectangle(left, top, right - left, bottom - top)
        context.set_source(layer)
        context.fill()
        context.set_matrix(matrix)

    def _stroke(self, context: cairo.Context, source: cairo.Pattern, width: float) -> None:
        context.set_source(source)
        context.set_line_width(width)
        context.set_line_join(self.join)
        context.set_line_cap(self.cap)
        context.stroke_preserve()


class Painter:
    """Draws the frames of one scene. `canvas` (height, width, 4) is the last one, `changed` where it was new."""

    def __init__(self, camera: Camera):
        self.camera = camera
        self.knows = type(camera) in CAMERAS and os.environ.get(SWITCH, "").strip().lower() != "stock"
        self._on_stage = isinstance(camera, StageCamera)
        self.canvas: np.ndarray = np.zeros((0, 0, 4), np.uint8)
        self.changed: list[Box] = []
        self._matrix: Any = None  # from the frame's units to pixels
        self._forget()

    def _forget(self) -> None:
        self._ground: np.ndarray | None = None  # what lies under the records
        self._static: list[Record] = []
        self._drawn: list[Record] | None = None  # None: the canvas shows something else
        self._records: dict[Mobject, Record] = {}  # not by id(): that is heard by the hook of keys.py, and slow
        self._base: np.ndarray | None = None  # the ground, with the first records painted on it
        self._based: list[Record] = []
        self._older: tuple[np.ndarray, list[Record]] | None = None  # the same, with fewer
        self._steady = self._calm = 0  # how many records did not change, in how many frames

    def begin(self, ground: np.ndarray, static: Sequence[Mobject]) -> bool:
        """A play begins; `static` is what manim paints once for all its frames, on `ground`."""
        if not self.knows:
            return False
        self._fit(ground.shape)
        self._records = {record.mobject: record for record in self._drawn or ()}
        self._static = []
        records = self._look_at(static)
        if records is None:
            return False
        self._static = records
        if self._ground is None or not np.array_equal(self._ground, ground):
            self._ground, self._drawn = np.array(ground), None
        return True

    def draw(self, mobjects: Iterable[Mobject]) -> bool:
        """One frame: the static mobjects of this play, then these."""
        if not self.knows:
            return False
        if self._ground is None:
            self.begin(self.camera.background, ())
        records = self._look_at(mobjects)
        if records is None:
            return False
        self._paint(self._static + records)
        return True

    @property
    def shown(self) -> list[Record] | None:
        """The records of the last frame, in the order of drawing; what did not change is the same object. None where
        manim drew it."""
        return self._drawn

    def redraw(self) -> None:
        """The next frame is drawn whole."""
        self._drawn = None

    def still(self) -> np.ndarray:
        """The ground with the static mobjects on it, for manim to draw on."""
        self._bake()
        assert self._ground is not None
        return self._ground

    def take_over(self, picture: np.ndarray) -> None:
        """The frame as manim drew it."""
        self._fit(picture.shape)
        new, old = (p.view(np.uint32)[..., 0] for p in (np.ascontiguousarray(picture), self.canvas))
        differs = new != old
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        self.changed = [(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)] if len(rows) else []
        np.copyto(self.canvas, picture)
        self._drawn = None

    def _fit(self, shape: tuple[int, ...]) -> None:
        if self.canvas.shape == shape:
            return
        height, width = shape[:2]
        self.canvas = np.zeros(shape, np.uint8)
        self._tiles = Tiles(width, height)
        self._sheet = np.zeros(shape, np.uint8)  # to draw on: around what is wanted it shows anything
        self._context = self._context_of(self._sheet)
        self._matrix = None
        self._forget()

    def _context_of(self, picture: np.ndarray) -> cairo.Context:
        height, width = picture.shape[:2]
        return cairo.Context(cairo.ImageSurface.create_for_data(picture.data, cairo.FORMAT_ARGB32, width, height))

    # Looking: the records of what is shown.

    def _look_at(self, mobjects: Iterable[Mobject]) -> list[Record] | None:
        """The records of what these show, None if something is no plain outline."""
        self._follow_view()
        records, known = [], self._records
        for mobject in shown(mobjects, self.camera.use_z_index):
            if not is_plain(mobject):
                if draws_nothing(mobject):
                    continue
                return None
            state = self._state(mobject)
            record = known.get(mobject)
            if record is None or record.state != state:
                record = known[mobject] = self._record(mobject, state, record)
            records.append(record)
        if len(known) > GONE + 2 * len(records):
            self._records = {record.mobject: record for record in records}
        return records

    def _follow_view(self) -> None:
        """Where the camera looks; if that has changed, everything is at other pixels."""
        camera = self.camera
        if self._matrix is not None and type(camera) is not MovingCamera:
            return  # manim, too, looks at this once
        pw, ph, fw, fh = camera.pixel_width, camera.pixel_height, camera.frame_width, camera.frame_height
        fc = camera.frame_center
        matrix = cairo.Matrix(pw / fw, 0, 0, -(ph / fh), (pw / 2) - fc[0] * (pw / fw), (ph / 2) + fc[1] * (ph / fh))
        if matrix != self._matrix:
            self._bake()  # manim has painted the static ones as they were seen before
            self._matrix, self._drawn = matrix, None
            self._records.clear()
            self._context.set_matrix(matrix)

    def _state(self, mobject: VMobject) -> tuple[Any, ...]:
        """Everything that decides on how the mobject looks, as plain values."""
        has = mobject.__dict__
        fill, over, width_under = has["fill_rgbas"], has["stroke_rgbas"], has["background_stroke_width"]
        state: tuple[Any, ...] = (
            has["points"].tobytes(),
            has["tolerance_for_point_equality"],
            fill.tobytes(),
            over.tobytes(),
            has["stroke_width"],
            width_under,
            has["joint_type"],
            has["cap_style"],
        )
        under = has["background_stroke_rgbas"] if width_under else over
        if width_under:
            state += (under.tobytes(),)
        if len(fill) > 1 or len(over) > 1 or len(under) > 1:
            state += self._gradient_of(mobject)
        if self._on_stage:
            falloff, picture = has.get("falloff"), has.get("picture")
            if type(mobject) in _shared:
                falloff, picture = special(mobject, "falloff"), special(mobject, "picture")
            if falloff is not None or picture is not None:
                state += (falloff, *self._look_of(picture))
        return state

    @staticmethod
    def _gradient_of(mobject: VMobject) -> tuple[Any, ...]:
        if mobject.submobjects or mobject.shade_in_3d:
            return tuple(np.asarray(point).tobytes() for point in mobject.get_gradient_start_and_end_points())
        return (np.asarray(mobject.sheen_direction).tobytes(),)  # the rest follows from the points

    @staticmethod
    def _look_of(picture: Any) -> tuple[Any, ...]:
        stamp = getattr(picture, "stamp", None)
        return (getattr(picture, "seen", None), getattr(picture, "paint", None) if stamp is None else stamp)

    def _record(self, mobject: VMobject, state: tuple[Any, ...], before: Record | None) -> Record:
        camera, record = self.camera, Record()
        record.mobject, record.state = mobject, state
        if before is not None and before.state[:2] == state[:2]:
            record.outline = before.outline
        else:
            record.outline = outline(mobject.points, mobject.tolerance_for_point_equality)
        record.under = record.fill = record.over = record.layer = None
        record.met = False
        record.box, record.tiles, record.shaded = NOWHERE, 0, False
        if record.outline is None:
            return record
        width, width_under = mobject.get_stroke_width(), mobject.get_stroke_width(background=True)
        joint, cap = state[6:8]
        record.width, record.width_under = (w * camera.cairo_line_width_multiple for w in (width, width_under))
        record.join, record.cap = LINE_JOIN_MAP[joint], CAP_STYLE_MAP[cap]
        record.fill = self._source(camera.get_fill_rgbas(mobject), mobject, fills=True)
        if width:
            record.over = self._source(camera.get_stroke_rgbas(mobject), mobject)
        if width_under:
            record.under = self._source(camera.get_stroke_rgbas(mobject, background=True), mobject)
        widest = max(record.width if record.over else 0.0, record.width_under if record.under else 0.0)
        if record.fill or widest:
            sources = (record.under, record.fill, record.over)
            record.shaded = any(s is not None and not isinstance(s, cairo.SolidPattern) for s in sources)
            record.box = self._box(record, widest)
            record.tiles = self._tiles.under(record.box) if record.box is not NOWHERE else 0
        return record

    def _source(self, rgbas: np.ndarray, mobject: VMobject, fills: bool = False) -> cairo.Pattern | None:
        """What to paint with, as the camera makes it; None where it would leave no trace. A picture only fills."""
        if len(rgbas) == 1:
            red, green, blue, alpha = rgbas[0].tolist()
            if not alpha > 0:
                return None
            plain = special(mobject, "falloff") is None and (not fills or special(mobject, "picture") is None)
            if plain or not self._on_stage:
                return cairo.SolidPattern(blue, green, red, alpha)  # cairo keeps its bytes as BGRA
        elif not (rgbas[:, 3] > 0).any():
            return None
        paint = self.camera.set_fill_source if fills and self._on_stage else self.camera.set_cairo_context_color
        paint(self._context, rgbas, mobject)
        return self._context.get_source()

    def _box(self, record: Record, width: float) -> Box:
        """The pixels that a record can touch."""
        assert record.outline is not None and self._matrix is not None
        left, low, right, high = record.outline.box
        m = self._matrix
        x0, x1 = left * m.xx + m.x0, right * m.xx + m.x0
        y0, y1 = high * m.yy + m.y0, low * m.yy + m.y0
        reach = 2.0  # edges are smoothed
        if width:
            corner = MITRE if record.join == cairo.LineJoin.MITER else 1.5
            reach += corner * width / 2 * max(abs(m.xx), abs(m.yy))
        if not max(abs(x0), abs(x1), abs(y0), abs(y1)) + reach < FAR:
            return self._tiles.whole
        _, _, right_most, bottom_most = self._tiles.whole
        left, top = max(int(x0 - reach), 0), max(int(y0 - reach), 0)
        right, bottom = min(int(x1 + reach) + 1, right_most), min(int(y1 + reach) + 1, bottom_most)
        return (left, top, right, bottom) if left < right and top < bottom else NOWHERE

    # Painting: from the records that the canvas shows to new ones.

    def _paint(self, records: list[Record]) -> None:
        tiles = self._tiles
        if self._drawn is None:
            self._base = self._older = None
            dirty, first = tiles.all, 0
        elif records == self._drawn:
            self.changed = []
            return
        else:
            first, dirty = first_difference(self._drawn, records), 0
            altered = self._altered(self._drawn, records, first)
            for record in altered:
                dirty |= record.tiles
            if any(record.layer is not None for record in altered):
                now = set(records)
                for record in altered:
                    if record not in now:
                        record.let_go()
        ground, rest = self._settle(records, first)
        self.changed = tiles.boxes(dirty)
        for band in tiles.bands(self.changed):
            for left, top, right, bottom in band.boxes:
                self._sheet[top:bottom, left:right] = ground[top:bottom, left:right]
            self._draw(self._context, band, rest)
            for left, top, right, bottom in band.boxes:
                self.canvas[top:bottom, left:right] = self._sheet[top:bottom, left:right]
        self._drawn = records

    @staticmethod
    def _altered(old: list[Record], new: list[Record], first: int) -> list[Record]:
        if len(old) == len(new):  # most often the same mobjects in the same order
            pairs = [(a, b) for a, b in zip(old[first:], new[first:], strict=True) if a is not b]
            if all(a.mobject is b.mobject for a, b in pairs):
                return [record for pair in pairs for record in pair]
        return differing(old, new, first)

    def _settle(self, records: list[Record], first: int) -> tuple[np.ndarray, list[Record]]:
        """The ground to draw on, and what to draw: what has long stood still at the bottom is painted there for good."""
        assert self._ground is not None
        if self._base is None or first < len(self._based):
            older = self._older
            if self._base is not None and older is not None and first >= len(older[1]):
                self._base, self._based = older
            else:
                self._base, self._based, self._older = self._ground, [], None
            self._calm = 0
        self._steady = min(self._steady, first) if self._calm else first
        self._calm += 1
        if self._calm >= CALM:
            self._calm = 0
            if self._steady > len(self._based):
                self._extend(records)
        return self._base, records[len(self._based) :]

    def _extend(self, records: list[Record]) -> None:
        """Paint on the base what has stood still since. What was long on it stays as it was, too: a number that pauses
        must not cost all that lies under it when it runs on."""
        base, older = self._base, self._older
        assert base is not None
        if base is not self._ground and len(self._based) - (len(older[1]) if older else 0) >= LAYER:
            self._older = older = (base, self._based)
        if base is self._ground or (older is not None and base is older[0]):
            self._base = base = base.copy()
        self._draw_all(base, records[len(self._based) : self._steady])
        self._based = records[: self._steady]

    def _draw(self, context: cairo.Context, band: Band, records: Sequence[Record]) -> None:
        """Draw what meets a band's boxes, and more around them: cairo smooths a row of an outline in one of two ways,
        after all of its edges in that row, and rounds the colours of a gradient after its extent; neither may be cut."""
        met = [record for record in records if record.tiles & band.tiles]
        for record in met:
            if record.shaded:
                if record.met and isinstance(record.fill, cairo.Gradient) and record.under is None:
                    self._keep_layer(record)
                record.met = True
        top = min([band.top, *(record.box[1] for record in met if record.shaded)])
        bottom = max([band.bottom, *(record.box[3] for record in met if record.shaded)])
        context.reset_clip()
        context.identity_matrix()
        context.new_path()
        context.rectangle(0, top, self._tiles.whole[2], bottom - top)
        context.clip()
        context.set_matrix(self._matrix)
        pen = pen_of(context)
        for record in met:
            record.draw(context, pen)

    def _keep_layer(self, record: Record) -> None:
        if isinstance(record.over, (cairo.Gradient, cairo.SurfacePattern)):
            return
        picture = np.zeros(self.canvas.shape, np.uint8)  # whole, or cairo would round the colours differently
        context = self._context_of(picture)
        context.set_matrix(self._matrix)
        record.keep_layer(picture, context, pen_of(context))

    def _draw_all(self, picture: np.ndarray, records: Sequence[Record]) -> None:
        context = self._context_of(picture)
        context.set_matrix(self._matrix)
        pen = pen_of(context)
        for record in records:
            record.draw(context, pen)

    def _bake(self) -> None:
        """Make the static mobjects part of the ground."""
        if self._static and self._ground is not None:
            self._draw_all(self._ground, self._static)
            self._static, self._drawn = [], None


def special(mobject: VMobject, name: str) -> Any:
    """An attribute that few mobjects have. (Manim's own search for one that is missing is slow.)"""
    value = mobject.__dict__.get(name)
    return getattr(type(mobject), name, None) if value is None else value


def is_plain(mobject: Any) -> bool:
    """Whether it is an outline that is filled and stroked, and nothing else."""
    kind, has = type(mobject), mobject.__dict__
    known = _plain.get(kind)
    if known is None:
        known = _plain[kind] = (
            issubclass(kind, VMobject)
            and all(getattr(kind, name) is getattr(VMobject, name) for name in LOOK_METHODS)
            and not any(hasattr(kind, name) for name in LOOK_VALUES)  # a property, say
            and all(name in has for name in LOOK_VALUES)
        )
        if any(getattr(kind, name, None) is not None for name in ("falloff", "picture")):
            _shared.add(kind)
    return known and has["background_image"] is None and has["n_points_per_cubic_curve"] == CURVE_POINTS


_plain: dict[type, bool] = {}
_shared: set[type] = set()  # classes with a falloff or a picture for all of their mobjects


def draws_nothing(mobject: Any) -> bool:
    """Whether manim draws nothing for it (a ValueTracker has a point, but no picture)."""
    return not isinstance(mobject, (VMobject, PMobject, AbstractImageMobject))
