"""Moving pictures of each segment, for slides and editors: WebM, ProRes, APNG, WebP and single frames on a transparent
ground, GIF on the theme's. ``lecture.layers`` names parts that come alone, each in a file of its own, in register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from ..assembly import Extras, assemble
from ..colours import BT709, RGB
from ..encoder import CODECS, LIMITED, decode, encode_animated, encode_gif
from ..errors import RenderError
from ..transparent import WIDTHS, why_not_transparent
from ..workers import cores
from .lecture import Lecture, Segment
from .redrawing import masters

MOST = 8  # files that are encoded at once: each holds pictures in memory
FASTEST = 20  # frames a second of a GIF: more, and browsers slow it down or slides stutter


def webm(lecture: Lecture, folder: Path) -> list[Path]:
    """``webm/NN-title.webm``: VP9 with opacity."""
    return _each(lecture, folder, "webm", ".webm", lambda *what: _video(lecture, "webm+alpha", *what))


def mov(lecture: Lecture, folder: Path) -> list[Path]:
    """``mov/NN-title.mov``: ProRes 4444."""
    width, height = lecture.size
    if why_not_transparent("mov", width):
        near = max(round(width / WIDTHS), 4) * WIDTHS
        right = f"--size {near}x{round(near * height / width / 2) * 2}"
        raise RenderError(f"--to mov: a transparent ProRes needs a width that {WIDTHS} divides; choose {right}")
    return _each(lecture, folder, "mov", ".mov", lambda *what: _video(lecture, "mov+alpha", *what))


def apng(lecture: Lecture, folder: Path) -> list[Path]:
    """``apng/NN-title.apng``, without loss."""
    return _each(lecture, folder, "apng", ".apng", lambda piece, target, title: _animated(lecture, piece, target, "apng+alpha"))


def webp(lecture: Lecture, folder: Path) -> list[Path]:
    """``webp/NN-title.webp``, without loss."""
    return _each(lecture, folder, "webp", ".webp", lambda piece, target, title: _animated(lecture, piece, target, "webp+alpha"))


def frames(lecture: Lecture, folder: Path) -> list[Path]:
    """``frames/NN-title/000000.png`` …: every frame as a picture."""
    return _each(lecture, folder, "frames", "", lambda piece, target, title: _frames(piece, target))


def gif(lecture: Lecture, folder: Path) -> list[Path]:
    """``gif/NN-title.gif``, from the lecture's own videos: at most 20 frames a second, one palette, no dithering."""
    place = folder / "gif"
    place.mkdir(exist_ok=True)

    def one(segment: Segment) -> Path:
        target = place / f"{Path(segment.file).stem}.gif"
        _gif(lecture.path(segment.file), target, lecture.size)
        return target

    return side_by_side(one, lecture.segments)


def _each(
    lecture: Lecture, folder: Path, format: str, suffix: str, encode: Callable[[Path, Path, str], None]
) -> list[Path]:
    """A file for each segment, and one for each of its layers."""
    place = folder / format
    place.mkdir(exist_ok=True)
    made = []
    for layer in lecture.layers or (None,):
        pieces = masters(lecture, layer)

        def one(segment: Segment, pieces: dict[str, Path] = pieces, layer: str | None = layer) -> Path:
            target = place / f"{_stem(segment)}{f'-{layer}' if layer else ''}{suffix}"
            encode(pieces[segment.id], target, segment.title)
            return target

        made += side_by_side(one, lecture.segments)
    return made


def side_by_side(one: Callable[[Segment], Path], segments: Sequence[Segment]) -> list[Path]:
    """``one`` file for each segment, as many at once as there are cores: the encoders work outside of Python."""
    with ThreadPoolExecutor(min(cores(), MOST)) as pool:
        try:
            return list(pool.map(one, segments))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _stem(segment: Segment) -> str:
    return Path(segment.file).stem


def _rate(path: Path) -> int:
    with av.open(str(path)) as film:
        return round(float(film.streams.video[0].average_rate or 30))


def _video(lecture: Lecture, coding: str, piece: Path, target: Path, title: str) -> None:
    """One piece in a lossy codec that keeps the opacity, with the right colour tags."""
    codec, rate = CODECS[coding], _rate(piece)
    raw = target.with_name(f"{target.stem}.raw{codec.container}")
    try:
        with av.open(str(raw), "w") as out:
            stream: Any = out.add_stream(codec.name, rate=rate, options=dict(codec.options))
            stream.width, stream.height, stream.pix_fmt = *lecture.size, codec.pixels
            context = stream.codec_context
            stream.time_base = context.time_base = Fraction(1, rate)
            if codec.tag:
                context.codec_tag = codec.tag
            context.color_primaries = context.color_trc = context.colorspace = BT709
            context.color_range = LIMITED
            for count, frame in enumerate(_in_colours(piece, codec.pixels)):
                frame.pts, frame.time_base = count, Fraction(1, rate)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        assemble([raw], target, coding, rate, Extras(title=title))
    finally:
        raw.unlink(missing_ok=True)


def _in_colours(piece: Path, pixels: str) -> Iterator[Any]:
    """The frames of a piece in another pixel format: BT.709, limited range, as the films have it."""
    assert pixels not in RGB
    reformatter = VideoReformatter()
    for frame in decode(piece):
        picture = reformatter.reformat(
            frame, format=pixels, src_color_range=ColorRange.JPEG, dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG, interpolation=Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP, threads=1,
        )  # fmt: skip
        picture.color_primaries = picture.color_trc = BT709
        picture.pict_type = 0  # every frame of a piece is a key frame; the encoder is to choose its own
        yield picture


def _animated(lecture: Lecture, piece: Path, target: Path, how: str) -> None:
    encode_animated([piece], target, how, *lecture.size, _rate(piece))


def _frames(piece: Path, target: Path) -> None:
    from PIL import Image

    target.mkdir(exist_ok=True)
    last: tuple[np.ndarray, Path] | None = None
    for count, frame in enumerate(decode(piece)):
        pixels, path = frame.reformat(format="rgba").to_ndarray(), target / f"{count:06d}.png"
        if last is not None and np.array_equal(last[0], pixels):
            path.write_bytes(last[1].read_bytes())
        else:
            Image.fromarray(pixels).save(path, compress_level=4)
        last = pixels, path


def kept(frames: int, fps: int) -> tuple[list[int], int]:
    """Which frames a GIF shows, and how many a second: every second or third one where that does, else the nearest ones.

    >>> kept(6, 30), kept(5, 15), kept(5, 25)
    (([0, 2, 4], 15), ([0, 1, 2, 3, 4], 15), ([0, 1, 2, 4], 20))
    """
    step = -(-fps // FASTEST)
    if fps % step == 0:
        return list(range(0, frames, step)), fps // step
    count = max(1, round(frames * FASTEST / fps))
    return [min(round(index * fps / FASTEST), frames - 1) for index in range(count)], FASTEST


def _gif(video: Path, target: Path, size: tuple[int, int]) -> None:
    fps = _rate(video)
    with av.open(str(video)) as film:
        count = sum(packet.pts is not None for packet in film.demux(film.streams.video[0]))
    wanted, rate = kept(count, fps)
    places = set(wanted)
    codec = CODECS["gif"]
    few = target.with_name(f"{target.stem}.few{codec.container}")
    try:
        with av.open(str(few), "w") as out:
            stream: Any = out.add_stream(codec.name, rate=rate, options=dict(codec.options))
            stream.width, stream.height, stream.pix_fmt = *size, codec.pixels
            stream.time_base = stream.codec_context.time_base = Fraction(1, rate)
            number = 0
            for index, frame in enumerate(decode(video)):
                if index in places:
                    picture = frame.reformat(format=codec.pixels, src_colorspace=Colorspace.ITU709)
                    picture.pts, picture.time_base = number, Fraction(1, rate)
                    out.mux(stream.encode(picture))
                    number += 1
            out.mux(stream.encode(None))
        encode_gif([few], target, *size, rate)
    finally:
        few.unlink(missing_ok=True)
