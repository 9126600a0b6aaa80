"""The handout: ``NAME.pdf`` with a page for each beat – its key frame, the words, the values – and ``NAME-four.pdf``
with four beats on a page. Typst sets it; it is tagged (PDF/UA-1), so that a screen reader can read it, formulas included.
"""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import RenderError
from ..transcript import clock
from .lecture import Lecture, Segment
from .quantities import exact, headline, label, meaning

MOST = 30  # values of a beat that are listed
FONTS = "chainreel.scenes.stage"


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """Both handouts."""
    return [handout(lecture, folder / f"{lecture.name}.pdf"), handout(lecture, folder / f"{lecture.name}-four.pdf", four=True)]


def handout(lecture: Lecture, target: Path, four: bool = False) -> Path:
    """One PDF; ``four`` beats on a page or one."""
    import typst

    fonts = files(FONTS) / "fonts"
    with TemporaryDirectory(prefix="chainreel-handout-") as place:
        room = Path(place)
        (room / "handout.typ").write_bytes((files(__package__) / "handout.typ").read_bytes())
        for segment in lecture.segments:
            shutil.copyfile(lecture.path(segment.poster), room / f"{segment.id}.png")
        (room / "handout.json").write_text(json.dumps(told(lecture), ensure_ascii=False), encoding="utf-8")
        options: dict[str, Any] = {"sys_inputs": {"four": "yes"}} if four else {}
        made: Any
        where = {"input": str(room / "handout.typ"), "root": str(room), "font_paths": [str(fonts)], **options}
        try:
            try:
                compiler = typst.Compiler(ignore_system_fonts=True, **where)
                made = compiler.compile(format="pdf", pdf_standards=["ua-1"])
            except typst.TypstError:  # a letter that our fonts do not have: perhaps the machine's do
                made = typst.Compiler(**where).compile(format="pdf")
        except typst.TypstError as problem:
            raise RenderError(f"the handout could not be set: {problem}") from None
        target.write_bytes(made)
    return target


def told(lecture: Lecture) -> dict[str, Any]:
    """What the handout says, as ``handout.typ`` reads it."""
    width, height = lecture.size
    films = dict.fromkeys(segment.film for segment in lecture.segments)
    return {
        "title": lecture.title,
        "alt": lecture.alt,
        "language": lecture.language,
        "film": ", ".join(films),
        "width": width,
        "height": height,
        "made": "Chainreel",
        "comment": " ".join(part for part in (lecture.command, lecture.comment) if part),
        "headline": headline(lecture),
        "beats": [beat(segment) for segment in lecture.segments],
    }


def beat(segment: Segment) -> dict[str, Any]:
    """One beat of it."""
    shown = list({(value.name, value.text): value for value in segment.numbers}.values())
    return {
        "id": segment.id,
        "title": segment.title,
        "chapter": segment.chapter or "",
        "clock": clock(segment.start),
        "poster": f"{segment.id}.png",
        "words": segment.notes,
        "alt": segment.alt,
        "ask": segment.ask,
        "rows": [{"label": label(v), "meaning": meaning(v), "text": v.text, "exact": exact(v)} for v in shown[:MOST]],
        "more": max(len(shown) - MOST, 0),
    }
