"""What a camera would see, as a digest: two frames with equal digests are equal pictures.

The digest holds every attribute that the cameras read (``tests/rendering/test_cache.py`` watches them read).
What could be drawn in a way that this file does not know – a mobject class that answers the camera by methods
of its own, a camera of the user's – is not trusted: it is called *own*, and the digest alone is then no key.

Most mobjects look as they did in the frame before. Their digests are kept; the painter (camera.py) tells which are
new when it has drawn, and in a rehearsal their attributes are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from manim import Camera, ImageMobject, Mobject, MovingCamera, PMobject, VMobject
from manim.mobject.types.image_mobject import AbstractImageMobject

from .family import shown

# Coordinates, colours and widths count to 2^-18 of a unit, finer than the 1/256 of a pixel to which cairo rounds: an
# animation that is jumped over ends up to 1e-15 beside where one ends that was played.
GRAIN = 2.0**18
LENGTH = 16  # bytes of a digest
GONE = 200  # mobjects that are remembered although they are no longer shown
OTHERS = {
    PMobject: ("points", "rgbas", "stroke_width"),
    ImageMobject: ("points", "pixel_array", "resampling_algorithm", "scale_to_resolution"),
}
ANSWERS = ("get_", "gen_", "has_", "is_", "consider_", "family", "points", "split", "__getattr", "submobjects")
CAMERA_VALUES = (
    "pixel_width", "pixel_height", "frame_width", "frame_height", "cairo_line_width_multiple", "max_allowable_norm",
)  # fmt: skip
KNOWN_CAMERAS = {Camera, MovingCamera}


class Look:
    """Digests of what a scene shows, from frame to frame. Each answer comes with whether something of it is *own*."""

    def __init__(self) -> None:
        self._kept: dict[Mobject, tuple[Any, Any, bytes, bool]] = {}  # mobject, its attributes, digest, own
        self._records: dict[Mobject, tuple[Any, bytes, bool]] = {}
        self._background: tuple[Any, bytes] = (None, b"")
        self._view: tuple[Any, bytes, bool] = (None, b"", False)
        self._pictures: dict[int, tuple[Any, bytes, bytes]] = {}
        self._scale = 1.0

    def mobjects(self, mobjects: Iterable[Mobject], camera: Camera) -> tuple[bytes, bool]:
        """The digests of these mobjects and their families, in the order in which they are drawn."""
        self._scale = camera.pixel_width / camera.frame_width
        kept, found, own = self._kept, [], False
        members = shown(mobjects, camera.use_z_index)
        for mobject in members:
            attributes = self._attributes(mobject)
            known = kept.get(mobject)
            if known is None or attributes is None or known[0] is not mobject or known[1] != attributes:
                digest, strange = self._digest(mobject)
                known = kept[mobject] = (mobject, attributes, digest, strange)
            found.append(known[2])
            own = own or known[3]
        if len(kept) > 2000 + 2 * len(members):
            self._kept = {mobject: kept[mobject] for mobject in members}
        return b"".join(found), own

    def records(self, records: Sequence[Any]) -> tuple[bytes, bool]:
        """The same from the painter's records, of which one that did not change is the same object."""
        kept, found, own = self._records, [], False
        for record in records:
            # By mobject: an old record of it is let go. It may hold a whole picture.
            known = kept.get(record.mobject)
            if known is None or known[0] is not record:
                known = kept[record.mobject] = (record, *self._digest(record.mobject))
            found.append(known[1])
            own = own or known[2]
        if len(kept) > GONE + 2 * len(records):
            self._records = {record.mobject: kept[record.mobject] for record in records}
        return b"".join(found), own

    def camera(self, camera: Camera) -> tuple[bytes, bool]:
        """The digest of the camera and its background."""
        background: Any = camera.background
        if background is not self._background[0]:
            self._background = (background, blake2b(background.tobytes(), digest_size=LENGTH).digest())
        frame = getattr(camera, "frame", None)
        box = frame.points.tobytes() if isinstance(frame, Mobject) else b""
        about: tuple[Any, ...] = (self._background[1], bool(camera.use_z_index), tuple(map(float, camera.frame_center)), box)
        about += tuple(getattr(camera, name) for name in CAMERA_VALUES)
        if about != self._view[0]:
            kind = type(camera)
            known = kind in KNOWN_CAMERAS or kind.__module__.startswith("chainreel.")
            strange = not known or hasattr(camera, "phi_tracker")  # a camera in space has a state of its own
            arrays = [np.asarray(camera.frame_center, float)] + ([frame.points] if isinstance(frame, Mobject) else [])
            numbers = [getattr(camera, name) for name in CAMERA_VALUES]
            digest = whole_digest([self._background[1], bool(camera.use_z_index)], numbers, arrays)
            self._view = (about, digest, strange)
        return self._view[1:]

    def _attributes(self, mobject: Any) -> Any:
        """What is compared with the frame before: all that goes into the digest, as it is; None where that is unknown."""
        kind: Any = type(mobject)
        if family_of(kind) is not VMobject:
            return None
        try:
            return self._attributes_of_outline(mobject, mobject.__dict__)
        except (KeyError, AttributeError):  # a property, a list
            return None

    def _attributes_of_outline(self, mobject: Any, has: dict[str, Any]) -> Any:
        return (
            has["points"].tobytes(),
            has["fill_rgbas"].tobytes(),
            has["stroke_rgbas"].tobytes(),
            has["stroke_width"],
            has["background_stroke_width"],
            has["background_stroke_rgbas"].tobytes() if has["background_stroke_width"] else None,
            has["joint_type"],
            has["cap_style"],
            has["sheen_factor"],
            has["tolerance_for_point_equality"],
            has["background_image"],
            has.get("falloff"),
            self._fill_of(mobject) if "picture" in has else None,
            tuple(point.tobytes() for point in gradient_of(mobject)) if is_gradient(mobject) else None,
        )

    def _digest(self, mobject: Any) -> tuple[bytes, bool]:
        kind: Any = type(mobject)
        family = family_of(kind)
        if isinstance(mobject, VMobject):
            has = mobject.__dict__
            arrays = [mobject.points, mobject.fill_rgbas, mobject.stroke_rgbas]
            if mobject.background_stroke_width:
                arrays.append(mobject.background_stroke_rgbas)
            if is_gradient(mobject):
                arrays += gradient_of(mobject)
            about = [
                tuple(map(len, arrays)), mobject.joint_type.name, mobject.cap_style.name, mobject.n_points_per_cubic_curve,
                self._fill_of(mobject),
            ]  # fmt: skip
            numbers = [
                mobject.stroke_width, mobject.background_stroke_width, mobject.tolerance_for_point_equality,
                has.get("falloff", -1.0) or 0.0,
            ]  # fmt: skip
            return whole_digest(about, numbers, arrays), family is None or mobject.background_image is not None
        other = next((k for k in OTHERS if isinstance(mobject, k)), None)
        if other is None:  # manim draws nothing for what is only a place, such as a ValueTracker
            return b"", isinstance(mobject, AbstractImageMobject)
        values = [getattr(mobject, name, None) for name in OTHERS[other]]
        arrays = [value for value in values if isinstance(value, np.ndarray) and value.dtype == np.float64]
        about = [value.shape for value in arrays]
        for value in values:
            if not isinstance(value, np.ndarray):
                about.append(repr(value))
            elif value.dtype != np.float64:
                about += [value.shape, value.tobytes()]
        return whole_digest(about, [], arrays), family is None

    def _fill_of(self, shape: Mobject) -> bytes | None:
        """What fills a shape that has a picture: the pixels that it is painted with, or the picture's own word on them."""
        picture = shape.__dict__.get("picture")
        if picture is None:
            return None
        spread = repr(rounded(getattr(picture, "seen", None))).encode()
        stamp = getattr(picture, "stamp", None)
        if stamp is not None:
            return repr(rounded(stamp)).encode() + spread
        points = shape.points.tobytes()
        kept = self._pictures.get(id(picture))
        if kept is None or kept[0] is not picture or kept[1] != points:
            picture.pattern(shape, 1.0, self._scale)
            kept = (picture, points, blake2b(picture._kept[1].tobytes(), digest_size=LENGTH).digest())
            self._pictures[id(picture)] = kept
        return kept[2] + spread


def is_gradient(mobject: Any) -> bool:
    """Whether a mobject has several colours, so that their direction counts."""
    behind = mobject.background_stroke_width and len(mobject.background_stroke_rgbas) > 1
    return len(mobject.fill_rgbas) > 1 or len(mobject.stroke_rgbas) > 1 or bool(behind)


def gradient_of(mobject: Any) -> list[np.ndarray]:
    """From where to where the colours change; of a mobject without parts its points say the rest."""
    if mobject.submobjects or mobject.shade_in_3d:
        return [np.asarray(point, float) for point in mobject.get_gradient_start_and_end_points()]
    return [np.asarray(mobject.sheen_direction, float)]


def whole_digest(about: Sequence[Any], numbers: Sequence[Any], arrays: Sequence[Any]) -> bytes:
    """Plain values exactly; numbers and arrays at the grain. The same in every process."""
    whole = blake2b(repr(about).encode(), digest_size=LENGTH)
    try:
        values = np.concatenate([np.asarray(numbers, np.float64), *(array.ravel() for array in arrays)])
        values *= GRAIN
        np.rint(values, out=values)
        values += 0.0  # minus zero is zero
        whole.update(values.data)
    except (AttributeError, TypeError, ValueError):  # lists or words in place of numbers
        whole.update(repr((numbers, arrays)).encode())
    return whole.digest()


def rounded(value: Any) -> Any:
    """Numbers in a tuple at the same grain.

    >>> rounded((0.1 + 0.2, "a")) == rounded((0.3, "a"))
    True
    """
    if isinstance(value, tuple):
        return tuple(rounded(entry) for entry in value)
    return round(float(value) * GRAIN) if isinstance(value, (float, np.floating)) else value


@cache
def family_of(kind: type) -> type | None:
    """VMobject, PMobject or ImageMobject if the camera is answered as these do; None for what has ways of its own."""
    base = next((b for b in (VMobject, PMobject, ImageMobject) if issubclass(kind, b)), None)
    if base is None or "FromCamera" in kind.__name__:
        return None
    for parent in kind.__mro__:
        if parent is base:
            break
        if parent.__module__.startswith(("manim.", "chainreel.scenes.stage.")):
            continue
        own = vars(parent)
        if any(name.startswith(ANSWERS) and hasattr(base, name) for name in own) or "falloff" in own or "picture" in own:
            return None
    return base
