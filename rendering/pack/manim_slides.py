"""The lecture as manim-slides reads it: ``slides/NAME.json``, and each beat a second time, backwards.

In the pack's folder: ``manim-slides present NAME``, or ``manim-slides convert NAME deck.html``.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from .cutting import BT709, LIMITED, pictures_of
from .lecture import Lecture
from .page import ground

BACKWARDS = "videos/backwards"


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """The description of the presentation and the videos that it needs."""
    made, slides = [], []
    (folder / BACKWARDS).mkdir(parents=True, exist_ok=True)
    (folder / "slides").mkdir(exist_ok=True)
    for segment in lecture.segments:
        back = f"{BACKWARDS}/{Path(segment.file).stem}.mp4"
        backwards(lecture.path(segment.file), folder / back, lecture.fps)
        made.append(folder / back)
        # Its files are looked for from the folder above its own.
        slides.append({"file": segment.file, "rev_file": back, "loop": segment.loop, "notes": segment.notes})
    record = {
        "slides": slides, "resolution": list(lecture.size),
        "background_color": ground(lecture.path(lecture.segments[0].poster)).lower(),
    }  # fmt: skip
    path = folder / "slides" / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', lecture.name)}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [path, *made]


def backwards(path: Path, target: Path, fps: int) -> None:
    """A film from its last frame to its first, silent; one group of pictures at a time is in memory."""
    with av.open(str(path)) as film, av.open(str(target), "w", options={"movflags": "faststart"}) as out:
        source = pictures_of(film)
        starts = sorted(packet.pts for packet in film.demux(source) if packet.pts is not None and packet.is_keyframe)
        options = {"preset": "veryfast", "crf": "20", "bf": "0", "profile": "high", "g": str(fps), "threads": "2"}
        stream: Any = out.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = source.codec_context.width, source.codec_context.height, "yuv420p"
        context = stream.codec_context
        stream.time_base = context.time_base = Fraction(1, fps)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        count = 0
        for begin, end in reversed(list(zip(starts, [*starts[1:], None], strict=True))):
            film.seek(begin, stream=source, backward=True)
            group = []
            for frame in film.decode(source):
                if end is not None and frame.pts >= end:
                    break
                if frame.pts >= begin:
                    group.append(frame)
            for frame in reversed(group):
                frame.pts, frame.time_base, frame.pict_type = count, Fraction(1, fps), 0
                out.mux(stream.encode(frame))
                count += 1
        out.mux(stream.encode(None))
