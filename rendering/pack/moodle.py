"""For Moodle: a page with videos and captions to paste, and an H5P interactive video that stops where the class guesses.

The H5P package holds the content alone, without the libraries of H5P: the site has to have Interactive Video 1.27 or a later
1.x installed, as Moodle's own content bank and h5p.org have.
"""

from __future__ import annotations

import json
import shutil
import uuid
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from .. import captions
from ..errors import RenderError
from .cutting import cut, look
from .lecture import Lecture, Segment
from .snippets import values, video
from .titles import question

VIDEO, TEXT = ("H5P.InteractiveVideo", 1, 27), ("H5P.Text", 1, 1)
SPACE = uuid.UUID("5c2f5d0e-5c8a-4a53-8a1e-0d2e6c2b9a11")  # so that the same lecture has the same identifiers


def write(lecture: Lecture, folder: Path) -> list[Path]:
    """``NAME.moodle.html``, and ``NAME.h5p`` for each film."""
    page = folder / f"{lecture.name}.moodle.html"
    page.write_text(pasted(lecture), encoding="utf-8")
    if not lecture.films:
        raise RenderError("an H5P video is made of the whole film; name the film (NAME.mp4) and not its lecture.json")
    return [page, *(package(lecture, film, folder) for film in lecture.films)]


def pasted(lecture: Lecture) -> str:
    """A page for Moodle's editor (its HTML view); the files go into the page's folder of files."""
    parts = [f"<!-- Paste into the HTML view of a page and upload the folders beside it. {escape(lecture.comment)} -->"]
    parts.append(f"<p>{escape(lecture.alt)}</p>")
    chapter = None
    for segment in lecture.segments:
        if segment.chapter and segment.chapter != chapter:
            chapter = segment.chapter
            parts.append(f"<h3>{escape(chapter)}</h3>")
        parts += [f"<h4>{escape(segment.title)}</h4>", video(segment, lecture), f"<p>{escape(segment.notes)}</p>"]
        rows = values(segment)
        if rows:
            head = '<thead><tr><th scope="col">value</th><th scope="col">on screen</th></tr></thead>'
            body = "".join(f'<tr><th scope="row">{escape(row.name)}</th><td>{escape(row.text)}</td></tr>' for row in rows)
            shown = f"<summary>Values on screen</summary><table>{head}<tbody>{body}</tbody></table>"
            parts.append(f"<details>{shown}</details>")
    return "\n".join(parts) + "\n"


def package(lecture: Lecture, film: Path, folder: Path) -> Path:
    """The interactive video of one film."""
    from ..sound import decoded

    source = look(film)
    segments = [segment for segment in lecture.segments if segment.film == film.name]
    target = folder / f"{film.stem}.h5p"
    whole = folder / f"{film.stem}.whole.mp4"
    cues = [caption.cue(segment.start) for segment in segments for caption in segment.captions]
    ready = source.plain and (source.width, source.height) == lecture.size and film.suffix == ".mp4"
    try:
        if ready:
            shutil.copyfile(film, whole)
        else:
            sound = decoded(film) if source.sound else None
            cut(source, 0, source.frames, whole, lecture.size, sound, lecture.title, cues)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
            _put(pack, "h5p.json", _json(about(lecture)).encode())
            _put(pack, "content/content.json", _json(content(lecture, segments)).encode())
            _put(pack, "content/files/captions.vtt", captions.vtt(cues).encode())
            _put(pack, "content/images/poster.png", lecture.path(segments[0].poster).read_bytes())
            _put(pack, "content/files/film.mp4", whole.read_bytes(), zipfile.ZIP_STORED)
    finally:
        whole.unlink(missing_ok=True)
    return target


def about(lecture: Lecture) -> dict[str, Any]:
    """``h5p.json``: which libraries the content needs."""
    needs = [{"machineName": name, "majorVersion": major, "minorVersion": minor} for name, major, minor in (VIDEO, TEXT)]
    return {
        "title": lecture.title[:255],
        "language": lecture.language,
        "mainLibrary": VIDEO[0],
        "embedTypes": ["iframe"],
        "license": "U",
        "preloadedDependencies": needs,
    }


def content(lecture: Lecture, segments: list[Segment]) -> dict[str, Any]:
    """``content.json``: the film, its captions, its segments as bookmarks, a stop with its question at each guess."""
    track = {"path": "files/captions.vtt", "mime": "text/vtt", "copyright": {"license": "U"}}
    captioned = [{"label": "Captions", "kind": "captions", "srcLang": lecture.language, "track": track}]
    width, height = lecture.size
    poster = {"path": "images/poster.png", "mime": "image/png", "width": width, "height": height, "copyright": {"license": "U"}}
    film = {
        "files": [{"path": "files/film.mp4", "mime": "video/mp4", "copyright": {"license": "U"}}],
        "startScreenOptions": {"title": lecture.title[:60], "hideStartTitle": False, "poster": poster},
        "textTracks": {"videoTrack": captioned if any(segment.captions for segment in segments) else []},
    }
    marks = [{"time": segment.start, "label": segment.title[:60]} for segment in segments]
    assets = {"interactions": [stop(segment) for segment in segments if segment.ask], "bookmarks": marks, "endscreens": []}
    return {
        "interactiveVideo": {"video": film, "assets": assets},
        "override": {"autoplay": False, "loop": False, "showBookmarksmenuOnLoad": False, "preventSkippingMode": "none"},
    }


def stop(segment: Segment) -> dict[str, Any]:
    """The film stops at the end of a segment and shows its question until the learner goes on."""
    asked = question(segment.notes) or segment.title
    words = f"<p><strong>{escape(asked)}</strong></p><p>Make a guess, then play on.</p>"
    at = max(segment.start, segment.end - 0.5)
    return {
        "x": 25,
        "y": 30,
        "width": 20,
        "height": 8,
        "duration": {"from": round(at, 3), "to": round(segment.end, 3)},
        "libraryTitle": "Text",
        "pause": True,
        "displayType": "poster",
        "buttonOnMobile": False,
        "label": "",
        "action": {
            "library": f"{TEXT[0]} {TEXT[1]}.{TEXT[2]}",
            "params": {"text": words},
            "subContentId": str(uuid.uuid5(SPACE, f"{segment.id} {segment.notes}")),
            "metadata": {"contentType": "Text", "license": "U", "title": segment.title[:255]},
        },
    }


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _put(pack: zipfile.ZipFile, name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
    """A file of the package, dated as all of them, so that the same lecture is the same package."""
    entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    entry.compress_type = how
    pack.writestr(entry, data)
