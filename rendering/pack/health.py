"""``doctor`` for a pack: is every segment there, does it play, do captions fit, is the deck whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import av

from ..doctor import Finding, top_boxes
from ..errors import RenderError
from .cutting import pictures_of
from .lecture import FILE, Lecture, Segment
from .pptx import MOST


def is_pack(path: Path) -> bool:
    """Whether ``doctor`` is to look at this as a pack: its folder, its lecture.json, or a deck."""
    return path.name == FILE or path.suffix == ".pptx" or (path.is_dir() and (path / FILE).is_file())


def check_pack(path: Path) -> list[Finding]:
    """Everything about a pack that can be measured."""
    if path.suffix == ".pptx":
        return check_deck(path)
    lecture = Lecture.read(path)
    segments = lecture.segments
    faults = [fault for segment in segments for fault in check_segment(lecture, segment)]
    folder = lecture.folder
    findings = [
        Finding(True, "lecture", f"{len(segments)} segments, {lecture.seconds:.1f} s, {lecture.size[0]}x{lecture.size[1]}"),
        Finding(not faults, "videos", faults[0] if faults else "all H.264 in yuv420p, BT.709, even, steady, index in front"),
    ]
    findings += [Finding(False, "videos", fault) for fault in faults[1:]]
    silent = [segment.id for segment in segments if segment.notes and not segment.captions]
    findings.append(Finding(not silent, "captions", f"none for {', '.join(silent)}" if silent else _captions(lecture)))
    bare = [segment.id for segment in segments if not segment.alt.strip() or not segment.title.strip()]
    findings.append(
        Finding(not bare, "titles and descriptions", f"missing for {', '.join(bare)}" if bare else "every segment has both")
    )
    for deck in sorted(folder.glob("*.pptx")):
        findings += check_deck(deck)
    return findings


def _captions(lecture: Lecture) -> str:
    count = sum(len(segment.captions) for segment in lecture.segments)
    return f"{count} cues, none over another, none after its video" if count else "none: nobody speaks"


def check_segment(lecture: Lecture, segment: Segment) -> list[str]:
    """What is wrong with the video of a segment, as sentences."""
    path = lecture.path(segment.file)
    faults = []
    try:
        with av.open(str(path)) as film:
            stream = pictures_of(film)
            if stream is None:
                return [f"{path.name} has no pictures"]
            context = stream.codec_context
            times = [packet.pts * stream.time_base for packet in film.demux(stream) if packet.pts is not None]
    except av.FFmpegError as problem:
        return [f"{path.name} cannot be read: {problem.strerror}"]
    if (context.name, context.pix_fmt) != ("h264", "yuv420p"):
        faults.append(f"{path.name} is {context.name} in {context.pix_fmt}, not h264 in yuv420p")
    if (context.width, context.height) != lecture.size:
        faults.append(f"{path.name} is {context.width}x{context.height}, the lecture {lecture.size[0]}x{lecture.size[1]}")
    if (context.color_primaries, context.colorspace) != (1, 1):
        faults.append(f"{path.name} does not say that its colours are BT.709")
    rate = float(stream.average_rate or lecture.fps)
    if any(abs(float(time) * rate - index) > 0.02 for index, time in enumerate(sorted(times))):
        faults.append(f"{path.name} has no steady rate")
    if abs(len(times) / rate - segment.duration) > 0.5 / rate:
        faults.append(f"{path.name} lasts {len(times) / rate:.2f} s, the lecture says {segment.duration:.2f} s")
    boxes = top_boxes(path)
    if "moov" not in boxes or "mdat" not in boxes or boxes.index("moov") > boxes.index("mdat"):
        faults.append(f"{path.name} has its index at its end: a browser waits for all of it")
    return faults


def check_deck(path: Path) -> list[Finding]:
    """A deck: whole, each slide with title, description and notes, not more videos than PowerPoint bears."""
    from pptx import Presentation
    from pptx.enum.shapes import MSO_SHAPE_TYPE
    from pptx.exc import PackageNotFoundError

    try:
        show = Presentation(str(path))
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as problem:
        raise RenderError(f"{path} is not a deck that can be read: {problem}") from None
    slides = list(show.slides)
    movies = [shape for slide in slides for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.MEDIA]
    untold = [shape.name for shape in movies if not shape._element.nvPicPr.cNvPr.get("descr")]
    titles = [slide.shapes.title.text if slide.shapes.title is not None else "" for slide in slides]
    faults = [f"{broken} is damaged"] if broken else []
    if len(movies) > MOST:
        faults.append(f"{len(movies)} videos, and PowerPoint on Windows stops after about 30")
    if not all(titles) or len(set(titles)) < len(titles):
        faults.append("titles of slides are missing or alike")
    if untold:
        faults.append(f"{', '.join(untold)} without a description")
    fine = f"{len(slides)} slides, {len(movies)} videos, each with its own title and a description"
    return [Finding(False, path.name, fault) for fault in faults] or [Finding(True, path.name, fine)]
