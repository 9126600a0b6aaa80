"""The lecture: what a film is to those who teach with it – beats with words, captions, values and pictures.

``Lecture.of`` makes it from a film and its manifest and cuts the film into beats; ``lecture.json`` holds it, so that every
format is made from the same data and other programs can read it too.
"""

from __future__ import annotations

import json
import math
import re
import types
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..captions import Cue
from ..errors import RenderError
from ..manifest import plain, read_json

SCHEMA = 1
FILE = "lecture.json"
PER = ("beat", "chapter", "film")
STARTS = ("auto", "click")


@dataclass(frozen=True)
class Caption:
    """A line or two of text, seconds from the start of its segment."""

    start: float
    end: float
    text: str

    def cue(self, later: float = 0.0) -> Cue:
        """As a cue, so much later."""
        return Cue(round(self.start + later, 3), round(self.end + later, 3), tuple(self.text.split("\n")))


@dataclass(frozen=True)
class Value:
    """A number on screen: its name, the value with all its digits, its text on screen, the engine object it comes from."""

    name: str
    value: float
    text: str
    source: str
    formula: str = ""  # of the function that it belongs to, where there is one


@dataclass(frozen=True)
class Segment:
    """A beat (or a chapter, or the film): a piece of video of its own, with all that is said and seen in it."""

    id: str  # "03"
    title: str
    chapter: str | None
    start: float  # seconds of its film
    end: float
    film: str  # name of the file that it is cut from
    file: str  # the video, from the lecture's folder
    poster: str  # its last picture, PNG
    first: str  # its first picture, PNG (the last one where the first is empty)
    duration: float
    notes: str  # what is said
    captions: tuple[Caption, ...]
    alt: str  # what is seen
    numbers: tuple[Value, ...]
    loop: bool = False
    ask: bool = False  # it ends with a question: the class guesses before the next one answers

    @property
    def cues(self) -> list[Cue]:
        """Its captions, for ``captions.vtt`` and ``captions.srt``."""
        return [caption.cue() for caption in self.captions]


@dataclass(frozen=True)
class Lecture:
    """All segments of a pack, in order. ``folder`` is where the files of the segments are."""

    title: str
    language: str
    theme: str
    size: tuple[int, int]  # pixels
    fps: int
    film: str  # file name of the (first) film
    alt: str
    comment: str  # what it shows, with which versions and seeds it was made
    command: str  # that made the film; "" where nobody knows
    narrated: bool
    start: str  # "auto": a segment plays when it is on show, or "click"
    segments: tuple[Segment, ...]
    schema: int = SCHEMA
    folder: Path = field(default=Path(), compare=False, repr=False)
    films: tuple[Path, ...] = field(default=(), compare=False, repr=False)  # where the films are, for this run only
    missing: tuple[str, ...] = field(default=(), compare=False, repr=False)  # sentences: what could not be known
    layers: tuple[str, ...] = field(default=(), compare=False, repr=False)  # parts that moving pictures show alone

    @staticmethod
    def of(
        path: Path | str | Sequence[Path | str],
        folder: Path | str,
        *,
        per: str = "beat",
        size: tuple[int, int] | None = None,
        start: str = "auto",
        loop: Iterable[str] = (),
    ) -> Lecture:
        """The lecture of one film or several (``NAME.json`` or ``NAME.mp4``), its videos and posters made in ``folder``."""
        from .making import make

        paths = [path] if isinstance(path, (str, Path)) else list(path)
        return make([Path(entry) for entry in paths], Path(folder), per, size, start, tuple(loop))

    @property
    def name(self) -> str:
        """A file name for what is made of it, without an ending."""
        return Path(self.film).stem

    @property
    def seconds(self) -> float:
        """How long all segments are together."""
        return math.fsum(segment.duration for segment in self.segments)

    @property
    def chapters(self) -> dict[str | None, tuple[Segment, ...]]:
        """The segments by chapter, in order (one entry None where there are no chapters)."""
        found: dict[str | None, list[Segment]] = {}
        for segment in self.segments:
            found.setdefault(segment.chapter, []).append(segment)
        return {title: tuple(members) for title, members in found.items()}

    def path(self, name: str) -> Path:
        """Where a segment's file is."""
        return self.folder / name

    def text(self) -> str:
        """As ``lecture.json`` has it."""
        hidden = ("folder", "films", "missing", "layers")
        values = plain({name: value for name, value in asdict(self).items() if name not in hidden})
        return json.dumps({"schema": values.pop("schema"), **values}, indent=1, ensure_ascii=False) + "\n"

    def write(self) -> Path:
        """Put ``lecture.json`` into its folder."""
        path = self.folder / FILE
        path.write_text(self.text(), encoding="utf-8")
        return path

    @staticmethod
    def read(path: Path | str) -> Lecture:
        """A lecture from its file; refuses what is none, or what names a video or poster that is not there."""
        path = Path(path)
        path = path / FILE if path.is_dir() else path
        lecture = replace(parsed(read_json(path, "lecture"), str(path)), folder=path.parent)
        for segment in lecture.segments:
            for what in ("file", "poster", "first"):
                if not lecture.path(getattr(segment, what)).is_file():
                    raise RenderError(f"{path}: segment {segment.id} has no {what}: {getattr(segment, what)} is not there")
        return lecture


def parsed(record: Any, where: str = FILE) -> Lecture:
    """A lecture from JSON values, each looked at; the sentence of a refusal names the segment and the field."""
    if not isinstance(record, dict) or "segments" not in record:
        raise RenderError(f"{where} is not a lecture of chainreel")
    if record.get("schema") != SCHEMA:
        raise RenderError(f"{where} has schema {record.get('schema')}; this chainreel reads {SCHEMA}")
    lecture: Lecture = _made(Lecture, record, where, ("folder", "films", "missing", "layers"))
    if not lecture.segments:
        raise RenderError(f"{where} has no segments")
    if min(lecture.size) < 2 or lecture.fps < 1:
        raise RenderError(f"{where}: size and fps have to be positive")
    if lecture.start not in STARTS:
        raise RenderError(f"{where}: start is '{lecture.start}', not one of {', '.join(STARTS)}")
    seen: set[str] = set()
    for segment in lecture.segments:
        _check(segment, f"{where}: segment {segment.id}")
        if segment.id in seen:
            raise RenderError(f"{where}: segment {segment.id} is there twice")
        seen.add(segment.id)
    return lecture


def _check(segment: Segment, where: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", segment.id):
        raise RenderError(f"{where}: id may only hold letters, digits, - and _")
    for name in ("file", "poster", "first"):
        path = Path(getattr(segment, name))
        if path.is_absolute() or ".." in path.parts or not path.name:
            raise RenderError(f"{where}: {name} '{path}' does not lie in the lecture's folder")
    if not 0 <= segment.start < segment.end:
        raise RenderError(f"{where}: it goes from {segment.start} s to {segment.end} s")
    if not segment.duration > 0:
        raise RenderError(f"{where}: duration is {segment.duration}")
    last = 0.0
    for caption in segment.captions:
        if not last - 0.002 <= caption.start < caption.end <= segment.duration + 0.2:
            raise RenderError(
                f"{where}: the caption '{caption.text.split(chr(10))[0]}' from {caption.start} s to {caption.end} s "
                "overlaps another or lies outside"
            )
        last = caption.end


def _made(kind: type, record: Any, where: str, hidden: tuple[str, ...] = ()) -> Any:
    """A dataclass from a JSON object: all fields there, none too many, each of its type."""
    if not isinstance(record, dict):
        raise RenderError(f"{where} is no JSON object")
    if kind is Segment:
        where = f"{where}: segment {record.get('id', '?')}"
    hints = get_type_hints(kind)
    known = [entry for entry in fields(kind) if entry.name not in hidden]
    for name in record:
        if name not in {entry.name for entry in known}:
            raise RenderError(f"{where} has a field '{name}' that this chainreel does not know")
    for entry in known:
        if entry.name not in record:
            raise RenderError(f"{where} lacks the field '{entry.name}'")
    return kind(**{entry.name: _value(hints[entry.name], record[entry.name], where, entry.name) for entry in known})


def _value(kind: Any, value: Any, where: str, name: str) -> Any:
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if not isinstance(value, list) or (inner[-1] is not Ellipsis and len(value) != len(inner)):
            raise RenderError(f"{where}: {name} is not a list{'' if inner[-1] is Ellipsis else f' of {len(inner)}'}")
        if isinstance(inner[0], type) and inner[0] in (Segment, Caption, Value):
            return tuple(_made(inner[0], entry, where if inner[0] is Segment else f"{where}: {name}") for entry in value)
        return tuple(_value(inner[0], entry, where, name) for entry in value)
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _value(get_args(kind)[0], value, where, name)
    if kind is float:
        if isinstance(value, str) and value in ("inf", "-inf", "nan"):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RenderError(f"{where}: {name} is {value!r}, not a number")
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        words = {str: "text", int: "a whole number", bool: "true or false"}
        raise RenderError(f"{where}: {name} is {value!r}, not {words.get(kind, kind.__name__)}")
    return value
