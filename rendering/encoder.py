"""Frames in, a piece of video out. PyAV alone; the pieces are joined later without encoding again.

Every piece is closed (its first frame is a key frame, no frame refers forward), so that a film is the
same whether one process drew all its pieces or several did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import av
import numpy as np

from .colours import BT709, RGB, Colours, Patch
from .tiles import Box

LIMITED = 1
WAITING = 8  # frames


@dataclass(frozen=True)
class Codec:
    """How one kind of video is encoded, and the container its pieces are kept in."""

    name: str
    pixels: str
    container: str
    options: dict[str, str] = field(default_factory=dict)
    tag: str = ""

    @property
    def is_rgb(self) -> bool:
        """Whether it keeps RGB as it is."""
        return self.pixels in RGB


# The thread counts are fixed because x264's and libvpx's output depends on them. A constant quantizer, not a constant
# rate factor: drawn pictures do not need the measuring of each frame that the latter costs (docs/performance.md).
CODECS = {
    "mp4": Codec(
        "libx264",
        "yuv420p",
        ".mp4",
        {
            "preset": "superfast",
            "qp": "23",
            "bf": "0",
            "threads": "2",
            "profile": "high",
            "g": "240",
            "sc_threshold": "0",
            "x264-params": "weightp=0:subme=0",
        },
    ),
    "webm": Codec(
        "libvpx-vp9",
        "yuv420p",
        ".webm",
        {
            "crf": "24",
            "b": "0",
            "deadline": "good",
            "cpu-used": "5",
            "row-mt": "1",
            "threads": "4",
            "auto-alt-ref": "0",
            "lag-in-frames": "0",
            "g": "240",
        },
    ),
    "mov": Codec("prores_ks", "yuv422p10le", ".mov", {"profile": "3", "vendor": "apl0", "threads": "4"}, tag="apch"),
    # A GIF's palette is chosen from all frames, so its pieces are kept without loss until then; and the frames of an
    # animated picture are parts of one file.
    "gif": Codec("ffv1", "bgr0", ".mkv", {"level": "3", "threads": "1"}),
}
CODECS["apng"] = CODECS["webp"] = CODECS["gif"]
CODECS |= {
    "webm+alpha": replace(CODECS["webm"], pixels="yuva420p"),
    "mov+alpha": Codec(
        "prores_ks", "yuva444p10le", ".mov", {"profile": "4", "vendor": "apl0", "alpha_bits": "16", "threads": "4"}, tag="ap4h"
    ),
    "apng+alpha": replace(CODECS["gif"], pixels="bgra"),
    "webp+alpha": replace(CODECS["gif"], pixels="bgra"),
}
# Animated pictures: their encoder, muxer options, encoder options.
ANIMATED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "apng": ("apng", {"plays": "0"}, {"pred": "mixed"}),
    "webp": ("libwebp_anim", {"loop": "0"}, {"lossless": "1", "compression_level": "4"}),
}

class Encoder:
    """One piece of video in the making. Encoding runs in a thread of its own, at most ``WAITING`` frames behind."""

    def __init__(self, path: Path, codec: Codec, width: int, height: int, fps: int):
        self.path, self.codec, self.frames = path, codec, 0
        self._container = av.open(str(path), "w")
        stream: Any = self._container.add_stream(codec.name, rate=fps, options=dict(codec.options))
        stream.width, stream.height, stream.pix_fmt = width, height, codec.pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
        context = stream.codec_context
        if codec.tag:
            context.codec_tag = codec.tag
        if not codec.is_rgb:
            context.color_primaries = context.color_trc = context.colorspace = BT709
            context.color_range = LIMITED
        self._stream = stream
        self._colours = Colours(codec.pixels, width, height)
        # SimpleQueue and not Queue: an interrupt (Ctrl-C) in the middle of Queue.put can leave it locked for ever.
        self._queue: SimpleQueue[tuple[np.ndarray | list[Patch], int] | None] = SimpleQueue()
        self._free: SimpleQueue[None] = SimpleQueue()  # a place for each frame that may wait
        for _ in range(WAITING):
            self._free.put(None)
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=f"encoder of {path.name}", daemon=True)
        self._thread.start()

    def add(self, pixels: np.ndarray, repeat: int = 1, changed: Sequence[Box] | None = None) -> None:
        """The next frame, RGBA (height, width, 4), uint8, shown ``repeat`` times.

        It is taken over, not copied – unless ``changed`` says where it differs from the frame before: then those boxes
        are copied (all of it, if this is the first frame), and the caller may draw on.
        """
        if self._problem is not None:
            self.close()
        self._free.get()
        if changed is None:
            self._queue.put((pixels, repeat))
        elif not self.frames:
            self._queue.put((pixels.copy(), repeat))
        else:
            patches = [((x0, y0, x1, y1), pixels[y0:y1, x0:x1].copy()) for x0, y0, x1, y1 in changed]
            self._queue.put((patches, repeat))
        self.frames += repeat

    def close(self) -> None:
        """Write what is left; raises what went wrong while encoding (OSError on a full disk)."""
        self._queue.put(None)
        self._thread.join()
        problem = self._problem
        try:
            if problem is None:
                self._container.mux(self._stream.encode(None))
        except BaseException as late:
            problem = late
        try:
            self._container.close()
        except BaseException as late:
            problem = problem or late
        if problem is not None:
            raise problem

    def abort(self) -> None:
        """Stop without caring for the file."""
        self._problem = self._problem or RuntimeError("aborted")
        try:
            self.close()
        except BaseException:
            pass

    def _work(self) -> None:
        count = 0
        while (item := self._queue.get()) is not None:
            self._free.put(None)
            if self._problem is not None:
                continue
            try:
                pixels, repeat = item
                colours = self._colours
                frame = colours.patched(pixels) if isinstance(pixels, list) else colours.whole(pixels)
                for _ in range(repeat):
                    frame.pts, frame.time_base = count, self._stream.codec_context.time_base
                    self._container.mux(self._stream.encode(frame))
                    count += 1
            except BaseException as problem:
                self._problem = problem


def decode(path: Path) -> Iterable[av.VideoFrame]:
    """The frames of a video, one after the other."""
    with av.open(str(path)) as container:
        yield from container.decode(container.streams.video[0])


def encode_animated(pieces: Iterable[Path], target: Path, how: str, width: int, height: int, fps: int) -> None:
    """An animated PNG or WebP from lossless pieces, without loss; ``how`` is a name in ``CODECS``."""
    format = how.partition("+")[0]
    name, of_file, of_codec = ANIMATED[format]
    pixels = "bgra" if format == "webp" else "rgba" if how.endswith("+alpha") else "rgb24"
    with av.open(str(target), "w", format=format, options=dict(of_file)) as container:
        stream: Any = container.add_stream(name, rate=fps, options=dict(of_codec))
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
        count = 0
        for piece in pieces:
            for frame in decode(piece):
                picture = frame.reformat(format=pixels)
                picture.pts, picture.time_base = count, Fraction(1, fps)
                container.mux(stream.encode(picture))
                count += 1
        container.mux(stream.encode(None))


def encode_gif(pieces: Iterable[Path], target: Path, width: int, height: int, fps: int) -> None:
    """A GIF from lossless pieces: one palette for the whole film, no dithering (it crawls)."""
    pieces = list(pieces)
    palette = _palette(pieces, width, height, fps)
    graph = av.filter.Graph()
    frames = graph.add("buffer", video_size=f"{width}x{height}", pix_fmt="bgra", time_base=f"1/{fps}")
    colours = graph.add("buffer", video_size="16x16", pix_fmt=palette.format.name, time_base=f"1/{fps}")
    use = graph.add("paletteuse", "dither=none:diff_mode=rectangle")
    sink = graph.add("buffersink")
    frames.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    with av.open(str(target), "w", options={"loop": "0"}) as container:
        stream: Any = container.add_stream("gif", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 100)

        def drain() -> None:
            while True:
                try:
                    done = sink.pull()
                except (av.BlockingIOError, av.EOFError):
                    return
                done.pts = round(done.pts * done.time_base * 100)
                done.time_base = Fraction(1, 100)
                container.mux(stream.encode(done))

        palette.pts = 0
        colours.push(palette)
        colours.push(None)
        count = 0
        for piece in pieces:
            for frame in decode(piece):
                picture = frame.reformat(format="bgra")
                picture.pts, picture.time_base = count, Fraction(1, fps)
                frames.push(picture)
                count += 1
                drain()
        frames.push(None)
        drain()
        container.mux(stream.encode(None))


def _palette(pieces: list[Path], width: int, height: int, fps: int) -> av.VideoFrame:
    graph = av.filter.Graph()
    source = graph.add("buffer", video_size=f"{width}x{height}", pix_fmt="bgra", time_base=f"1/{fps}")
    choose = graph.add("palettegen", "reserve_transparent=0:stats_mode=full")
    sink = graph.add("buffersink")
    source.link_to(choose)
    choose.link_to(sink)
    graph.configure()
    count = 0
    for piece in pieces:
        for frame in decode(piece):
            picture = frame.reformat(format="bgra")
            picture.pts, picture.time_base = count, Fraction(1, fps)
            source.push(picture)
            count += 1
    source.push(None)
    return sink.pull()
