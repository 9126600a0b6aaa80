"""A deck for reveal.js with the library beside it: a slide for each beat, chapters side by side and their beats below.

The arrows go through all beats in order, so that nobody leaves a chapter by mistake; the overview (Esc) shows both ways.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from pathlib import Path

from ..captions import vtt
from .html import title
from .lecture import Lecture, Segment
from .library import REVEAL, archive, unpack
from .page import data, fill, ground, paragraphs, values

LIBRARY = "reveal.js"  # the folder of the library
MEMBERS = {
    "LICENSE": "LICENSE", "dist/reveal.js": "reveal.js", "dist/reveal.css": "reveal.css", "dist/reset.css": "reset.css",
    "dist/plugin/notes.js": "notes.js",
}  # fmt: skip


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """``reveal.html`` and the library that it needs."""
    made = unpack(archive(*REVEAL), MEMBERS, folder / LIBRARY)
    deck = folder / "reveal.html"
    deck.write_text(page(lecture), encoding="utf-8")
    return [deck, *made]


def page(lecture: Lecture) -> str:
    """The deck; with one chapter (or none) its slides lie side by side."""
    groups = [list(members) for _, members in groupby(lecture.segments, lambda segment: segment.chapter)]
    if len(groups) > 1:
        slides = "\n".join(f"<section>\n{_slides(lecture, members)}\n</section>" for members in groups)
    else:
        slides = _slides(lecture, list(lecture.segments))
    width, height = lecture.size
    return fill(
        "reveal.html",
        {
            "language": escape(lecture.language), "title": escape(lecture.title), "alt": escape(lecture.alt),
            "credits": escape(lecture.comment).replace("--", "–"), "library": LIBRARY,
            "ground": ground(lecture.path(lecture.segments[0].poster)), "slides": slides,
            "setting": data(
                {
                    "width": width, "height": height, "start": lecture.start,
                    "captions": {segment.id: vtt(segment.cues) for segment in lecture.segments},
                }
            ),
        },
    )  # fmt: skip


def _slides(lecture: Lecture, members: list[Segment]) -> str:
    return "\n".join(_slide(lecture, segment) for segment in members)


def _slide(lecture: Lecture, segment: Segment) -> str:
    label = escape(f"{title(segment)}. {segment.alt}")
    auto = " data-autoplay" if lecture.start == "auto" else ""
    again = " loop" if segment.loop else ""
    return (
        f'<section id="beat-{escape(segment.id)}" aria-label="{escape(title(segment))}">\n'
        f'<video data-src="{escape(segment.file)}" poster="{escape(segment.first)}" data-last="{escape(segment.poster)}" '
        f'data-beat="{escape(segment.id)}" aria-label="{label}" playsinline preload="auto"{auto}{again}>'
        f'<track kind="captions" srclang="{escape(lecture.language)}" label="Words"></video>\n'
        f'<aside class="notes">{paragraphs(segment.notes)}{values(segment.numbers)}</aside>\n</section>'
    )
