"""A lecture as a web page with a player of our own: one file that holds everything, and a page beside the files.

The page works from a disk, a stick or a server, asks the network for nothing (its policy forbids it), prints as a handout, and
without JavaScript still is an illustrated transcript.
"""

from __future__ import annotations

import base64
import sys
from html import escape
from pathlib import Path

from ..captions import vtt
from .lecture import Lecture, Segment
from .page import clock, data, fill, fonts, ground, inline, palette, paragraphs, policy, small, values
from .titles import sentence_case

HUGE = 200e6  # bytes of video; beyond this browsers take long to open one file that holds everything


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """``index.html``, which plays the files beside it, and ``NAME.html``, which holds them (unless they are huge)."""
    beside = folder / "index.html"
    beside.write_text(page(lecture, inside=False), encoding="utf-8")
    made = [beside]
    size = sum(lecture.path(segment.file).stat().st_size for segment in lecture.segments)
    if size > HUGE:
        print(f"chainreel: {size / 1e6:.0f} MB are too much for one page; index.html plays what is beside it", file=sys.stderr)
    else:
        whole = folder / f"{lecture.name}.html"
        whole.write_text(page(lecture, inside=True), encoding="utf-8")
        made.append(whole)
    return made


def page(lecture: Lecture, inside: bool) -> str:
    """The page; with its videos and pictures ``inside`` or beside it."""
    width, height = lecture.size
    texts = [lecture.title, lecture.alt, lecture.comment]
    for segment in lecture.segments:
        texts += [segment.title, segment.chapter or "", segment.notes, *(c.text for c in segment.captions)]
        texts += [text for value in segment.numbers for text in (value.name, value.text, value.formula)]
    files = ""
    if inside:
        contents = [base64.b64encode(lecture.path(segment.file).read_bytes()).decode() for segment in lecture.segments]
        files = "\n".join(f'<script type="text/plain" id="file-{n}">{text}</script>' for n, text in enumerate(contents))
    return fill(
        "player.html",
        {
            "language": escape(lecture.language),
            "policy": policy(inside),
            "title": escape(lecture.title),
            "alt": escape(lecture.alt),
            "credits": escape(lecture.comment).replace("--", "–"),
            "fonts": fonts(texts),
            "palette": palette(ground(lecture.path(lecture.segments[0].poster)))
            + f"\n:root {{ --aspect: {width} / {height}; }}",
            "ratio": f"{width / height:.4f}",
            "pages": "\n".join(_entry(lecture, index, inside) for index in range(len(lecture.segments))),
            "made": escape(lecture.comment),
            "lecture": data(
                {
                    "title": lecture.title, "width": width, "height": height, "start": lecture.start,
                    "beats": [_beat(segment, inside) for segment in lecture.segments],
                }
            ),
            "files": files,
        },
    )  # fmt: skip


def title(segment: Segment) -> str:
    """What a beat is called: its title, or how its words begin."""
    if segment.title:
        return segment.title
    words = segment.notes.split()
    return " ".join(words[:7]) + (" …" if len(words) > 7 else "") if words else f"Beat {segment.id}"


def short(segment: Segment) -> str:
    """Its title where the chapter stands above it: "Forward: q" is "q"."""
    whole = title(segment)
    head, colon, rest = whole.partition(": ")
    return sentence_case(rest) if colon and segment.chapter and segment.chapter.split(":")[0] == head else whole


def _beat(segment: Segment, inside: bool) -> dict[str, object]:
    return {
        "title": short(segment), "chapter": segment.chapter, "duration": round(segment.duration, 3),
        "file": "" if inside else segment.file, "notes": segment.notes, "alt": segment.alt, "loop": segment.loop,
        "ask": segment.ask, "values": bool(segment.numbers), "vtt": vtt(segment.cues),
    }  # fmt: skip


def _entry(lecture: Lecture, index: int, inside: bool) -> str:
    """A beat as paper shows it: the last picture, the words, the values. The player takes its pictures and tables from here."""
    segment = lecture.segments[index]
    poster = lecture.path(segment.poster)
    source = inline("image/webp", small(poster)) if inside else escape(segment.poster)
    before = lecture.segments[index - 1].chapter if index else None
    new = segment.chapter if segment.chapter not in (before, title(segment)) else ""
    chapter = f"<h2>{escape(new)}</h2>\n" if new else ""
    return (
        f'{chapter}<article id="page-{index}">\n<img src="{source}" alt="{escape(segment.alt)}">\n'
        f"<h3>{index + 1}. {escape(title(segment))} <small>{clock(segment.start)}</small></h3>\n"
        f"{paragraphs(segment.notes)}\n{values(segment.numbers)}\n</article>"
    )
