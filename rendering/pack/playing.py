"""Where a video plays and where not, in words; what was tried and what is only known of a program says docs/embedding.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from ..doctor import Finding
from .cutting import is_transparent, pictures_of

EVERYWHERE = "plays in browsers, PowerPoint, Keynote, Impress, Moodle, VLC and on phones"
# By codec and container: what plays it, what does not.
PLACES: dict[tuple[str, str], str] = {
    ("vp9", "webm"): "plays in browsers (Safari from 16 on), Impress on Linux, VLC; not in PowerPoint and Keynote",
    ("vp9 with transparency", "webm"): "plays in Chrome, Edge and Firefox over what is behind it; Safari shows no transparency",
    ("av1", "webm"): "plays in new browsers and VLC; not in PowerPoint and Keynote",
    ("prores", "mov"): "plays in Keynote, Final Cut, DaVinci Resolve, Premiere, VLC; not in browsers and PowerPoint on Windows",
    ("gif", "gif"): "plays in browsers, slides, mails and chats, without sound and captions, and it cannot be paused",
    ("apng", "apng"): "plays in browsers as a picture; slides show its first frame",
    ("webp", "webp"): "plays in browsers as a picture; slides show its first frame or nothing",
}


def places(path: Path) -> Finding:
    """One sentence about a file."""
    kind = path.suffix.lower().lstrip(".")
    with av.open(str(path)) as film:
        stream = pictures_of(film)
        if stream is None:
            return Finding(False, "plays", "nowhere as a film: it has no pictures")
        return said(stream, kind)


def said(stream: Any, kind: str) -> Finding:
    """The sentence for a stream of pictures in a kind of file."""
    context = stream.codec_context
    codec, pixels = context.name.removeprefix("lib"), str(context.pix_fmt)
    if codec == "h264" and kind in ("mp4", "m4v", "mov"):
        if pixels not in ("yuv420p", "yuvj420p"):
            return Finding(False, "plays", f"in VLC and Chrome; not in PowerPoint, Keynote, Safari and on phones ({pixels})")
        if max(context.width, context.height) > 4096:
            return Finding(False, "plays", "in VLC; wider than 4096 pixels, most devices cannot decode it")
        return Finding(True, "plays", EVERYWHERE.removeprefix("plays "))
    if codec == "hevc":
        return Finding(False, "plays", "in Keynote, Safari, VLC, phones; in Chrome, Firefox, PowerPoint not everywhere")
    if codec in ("vpx-vp9", "vp9") and is_transparent(stream):
        codec = "vp9 with transparency"
    known = PLACES.get((codec, kind))
    if known is None:
        return Finding(False, "plays", f"nobody has tried {codec} in a .{kind}; an .mp4 in H.264 plays everywhere")
    return Finding(True, "plays", known.removeprefix("plays "))
