"""Pieces of a film: copied where a piece begins with a key frame, else encoded again; and pictures of its ends.

A piece has exactly the frames from ``first`` to ``last``, H.264 with BT.709 colours, the film's sound, its captions inside,
and its index in front.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

from ..assembly import SOUND_RATE, Extras, assemble
from ..captions import Cue
from ..errors import RenderError

BT709, LIMITED = 1, 1
RATES = (10, 12, 15, 20, 24, 25, 30, 48, 50, 60)
FADE = SOUND_RATE // 200  # samples, so that a cut in a sound does not click
EMPTY = 3.0  # the spread of a picture's pixels, of 255, below which there is nothing to see


@dataclass(frozen=True)
class Source:
    """A film as it lies on the disk. ``times`` are its frames' seconds; ``keys`` the frames that stand alone."""

    path: Path
    width: int
    height: int
    fps: int
    frames: int
    times: tuple[float, ...]
    keys: frozenset[int]
    plain: bool  # H.264, yuv420p, BT.709, a constant whole rate, no frame refers forward: pieces can be copied
    sound: bool
    transparent: bool
    chapters: tuple[tuple[str, float], ...]  # title, start
    title: str

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.fps


def look(path: Path) -> Source:
    """What there is to know of a film before it is cut."""
    try:
        with av.open(str(path)) as film:
            stream = pictures_of(film)
            if stream is None:
                raise RenderError(f"{path} has no pictures")
            packets = [packet for packet in film.demux(stream) if packet.pts is not None]
            if not packets:
                raise RenderError(f"{path} has no pictures")
            first = min(packet.pts for packet in packets)
            base = stream.time_base
            times = sorted(float((packet.pts - first) * base) for packet in packets)
            exact = stream.average_rate or stream.guessed_rate or Fraction(30)
            fps = int(exact) if exact.denominator == 1 else min(RATES, key=lambda rate: abs(rate - exact))
            fps = max(1, min(fps, 60))
            context = stream.codec_context
            steady = exact == fps and all(abs(time - n / fps) < 0.25 / fps for n, time in enumerate(times))
            in_order = all(packet.dts is None or packet.dts == packet.pts for packet in packets)
            h264 = (context.name, context.pix_fmt) == ("h264", "yuv420p")
            tagged = (context.color_primaries, context.colorspace) == (BT709, BT709)
            plain = h264 and tagged and steady and in_order and not (context.width % 2 or context.height % 2)
            keys = frozenset(n for n, packet in enumerate(packets) if packet.is_keyframe) if plain else frozenset()
            frames = len(times) if steady else max(1, round((times[-1] + 1 / float(exact)) * fps))
            marks = tuple(
                (str(mark["metadata"].get("title", "")), float(mark["start"] * mark["time_base"])) for mark in film.chapters()
            )
            title = str(film.metadata.get("title", ""))
            sound = bool(film.streams.audio)
            clear = is_transparent(stream)
            size = context.width, context.height
            return Source(path, *size, fps, frames, tuple(times), keys, plain, sound, clear, marks, title)
    except FileNotFoundError:
        raise RenderError(f"there is no film {path}") from None
    except av.FFmpegError as problem:
        raise RenderError(f"{path} is not a video that can be read: {problem.strerror}") from None


def pictures_of(film: Any) -> Any:
    """The stream of moving pictures; a cover is none."""
    moving = [stream for stream in film.streams.video if not stream.disposition & Disposition.attached_pic]
    return moving[0] if moving else None


def is_transparent(stream: Any) -> bool:
    """Whether what is behind its pictures shines through (WebM says so in a tag beside them)."""
    marked = any(name.lower() == "alpha_mode" for name in stream.metadata)
    return marked or str(stream.codec_context.pix_fmt).startswith(("yuva", "gbrap", "rgba"))


def cut(
    source: Source, first: int, last: int, target: Path, size: tuple[int, int], sound: np.ndarray | None,
    title: str = "", cues: Sequence[Cue] = (),
) -> bool:  # fmt: skip
    """Frames ``first`` to before ``last`` as a film of their own; whether they could be copied.

    ``sound`` is that of the whole film, of shape (2, samples) at 48 kHz.
    """
    copied = source.plain and first in source.keys and size == (source.width, source.height)
    silent = target.with_name(f"{target.stem}.silent.mp4")
    try:
        (_copy if copied else _encode)(source, first, last, silent, size)
        heard = None if sound is None else _part(sound, first / source.fps, last / source.fps)
        assemble([silent], target, "mp4", source.fps, Extras(title=title, cues=cues, sound=heard))
    finally:
        silent.unlink(missing_ok=True)
    count = counted(target)
    if count != last - first:
        raise RenderError(f"{source.path}: of the frames {first} to {last} came {count} instead of {last - first}")
    return copied


def _copy(source: Source, first: int, last: int, target: Path, size: tuple[int, int]) -> None:
    with av.open(str(source.path)) as film, av.open(str(target), "w") as out:
        stream = pictures_of(film)
        piece = out.add_stream_from_template(stream)
        begin = stream.start_time or 0
        film.seek(begin + round(first / source.fps / stream.time_base), stream=stream, backward=True)
        for packet in film.demux(stream):
            if packet.pts is None:
                continue
            frame = round((packet.pts - begin) * stream.time_base * source.fps)
            if frame >= last:
                break
            if frame >= first:
                packet.time_base = Fraction(1, source.fps)
                packet.pts = packet.dts = frame - first
                packet.duration = 1
                packet.stream = piece
                out.mux(packet)


def _encode(source: Source, first: int, last: int, target: Path, size: tuple[int, int]) -> None:
    """The same frames drawn into H.264 at any size; where the source's rate wavers, the frame that was on show."""
    options = {
        "preset": "veryfast", "crf": "18", "bf": "0", "profile": "high", "g": str(2 * source.fps), "threads": "2",
    }  # fmt: skip
    with av.open(str(target), "w") as out:
        stream: Any = out.add_stream("libx264", rate=source.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        context = stream.codec_context
        stream.time_base = context.time_base = Fraction(1, source.fps)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        count = 0
        for frame in _shown(source, first, last):
            picture = in_bt709(frame, "yuv420p", *size)
            picture.pts, picture.time_base = count, Fraction(1, source.fps)
            picture.pict_type = 0
            out.mux(stream.encode(picture))
            count += 1
        out.mux(stream.encode(None))


def _shown(source: Source, first: int, last: int) -> Iterator[Any]:
    """The picture on show at each frame time from ``first`` to before ``last``."""
    wanted = [bisect_right(source.times, n / source.fps + 0.5 / source.fps / 2) - 1 for n in range(first, last)]
    with av.open(str(source.path)) as film:
        stream = pictures_of(film)
        stream.thread_type = "AUTO"
        begin = stream.start_time or 0
        if wanted[0] > 0:
            at = max(0.0, source.times[wanted[0]] - 0.001)
            film.seek(begin + int(at / stream.time_base), stream=stream, backward=True)
        held: Any = None
        at_wanted = 0
        for frame in film.decode(stream):
            if frame.pts is None:
                continue
            index = bisect_right(source.times, float((frame.pts - begin) * stream.time_base) + 1e-4) - 1
            while at_wanted < len(wanted) and wanted[at_wanted] < index and held is not None:
                yield held
                at_wanted += 1
            held = frame
            while at_wanted < len(wanted) and wanted[at_wanted] <= index:
                yield frame
                at_wanted += 1
            if at_wanted == len(wanted):
                return
        if held is None:
            raise RenderError(f"{source.path} has no picture at {first / source.fps:.2f} s")
        for _ in range(at_wanted, len(wanted)):
            yield held


def in_bt709(frame: Any, format: str, width: int, height: int) -> Any:
    """A frame converted with the colours that it says it has: BT.709, unless it says otherwise."""
    is_rgb = frame.format.is_rgb or frame.format.name.startswith("pal")
    known = "ITU601" if frame.colorspace in (5, 6) and not is_rgb else "ITU709"
    interpolation = "AREA" if width < frame.width else "BICUBIC"
    return frame.reformat(
        width=width, height=height, format=format, src_colorspace=known, dst_colorspace="ITU709", interpolation=interpolation
    )


def _part(sound: np.ndarray, start: float, end: float) -> np.ndarray:
    """A stretch of a sound, its ends faded by five milliseconds; silence where the sound has ended."""
    a, b = round(start * SOUND_RATE), round(end * SOUND_RATE)
    part = np.zeros((2, b - a), np.float32)
    there = sound[:, a:b]
    part[:, : there.shape[1]] = there
    ramp = np.linspace(0, 1, min(FADE, part.shape[1] // 2), dtype=np.float32)
    if len(ramp):
        part[:, : len(ramp)] *= ramp
        part[:, -len(ramp) :] *= ramp[::-1]
    return part


def counted(path: Path) -> int:
    """How many frames a film holds."""
    with av.open(str(path)) as film:
        return sum(packet.pts is not None for packet in film.demux(pictures_of(film)))


def ends(path: Path, first: Path, last: Path) -> None:
    """The first and the last picture of a piece as PNG. An empty last one is passed over for one nearer to the middle; for
    an empty first one stands the last."""
    with av.open(str(path)) as film:
        stream = pictures_of(film)
        beginning = next(film.decode(stream))
        seconds = float((stream.duration or 1) * stream.time_base)
        ending = beginning
        for share in (1.0, 0.9, 0.75, 0.5):
            ending = _last_before(film, stream, seconds * share) or beginning
            if not _empty(ending):
                break
        _save(ending, last)
        _save(ending if _empty(beginning) else beginning, first)


def _last_before(film: Any, stream: Any, seconds: float) -> Any:
    film.seek(max(0, int((seconds - 0.001) / stream.time_base)), stream=stream, backward=True)
    found = None
    for frame in film.decode(stream):
        if found is not None and float(frame.pts * stream.time_base) >= seconds - 0.001:
            break
        found = frame
    return found


def _empty(frame: Any) -> bool:
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    return float(rows.std()) < EMPTY


def _save(frame: Any, path: Path) -> None:
    from PIL import Image

    Image.fromarray(in_bt709(frame, "rgb24", frame.width, frame.height).to_ndarray()).save(path, optimize=False)
