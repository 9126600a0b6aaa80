"""From films and their manifests to a lecture: which beats there are, what belongs to each, and the files of each."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import captions, manifest
from ..captions import Cue
from ..errors import RenderError
from ..film import seeds_in
from .cutting import Source, cut, ends, look
from .lecture import FILE, PER, STARTS, Caption, Lecture, Segment, Value
from .naming import Names
from .titles import film_title, sentence_case, titled, told_apart
from .vtt import read_cues

VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".gif", ".avi", ".apng")
TALLEST = 720  # pixels of the shorter side, where nobody asks for more
LANGUAGE = "en"  # of the films that chainreel makes


@dataclass
class Beat:
    """A stretch of a film before it is cut, frames and seconds of the film."""

    title: str
    chapter: str | None
    first: int
    last: int
    notes: str = ""
    numbers: list[Value] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    ask: bool = False  # at its end the viewer has made a guess

    def and_then(self, other: Beat) -> Beat:
        """Both as one."""
        notes = f"{self.notes} {other.notes}".strip()
        numbers = [*self.numbers, *(value for value in other.numbers if value not in self.numbers)]
        return Beat(self.title, self.chapter, self.first, other.last, notes, numbers, [*self.seen, *other.seen], other.ask)


@dataclass
class Told:
    """A film with what its manifest (or the files beside it) tell."""

    source: Source
    title: str
    theme: str
    alt: str
    comment: str
    command: str
    narrated: bool
    beats: list[Beat]
    cues: list[Cue]
    missing: list[str]


def make(
    paths: list[Path], folder: Path, per: str, size: tuple[int, int] | None, start: str, loop: Sequence[str],
    say: Callable[[str], None] = lambda sentence: None,
) -> Lecture:  # fmt: skip
    """The lecture of these films, its pieces and pictures in ``folder``."""
    if per not in PER:
        raise RenderError(f"'{per}' is not one of {', '.join(PER)}")
    if start not in STARTS:
        raise RenderError(f"'{start}' is not one of {', '.join(STARTS)}")
    if not paths:
        raise RenderError("name a film: NAME.mp4 or its manifest NAME.json")
    told = [tell(*beside(path)) for path in paths]
    names = [film.source.path.name for film in told]
    if len(set(names)) < len(names):
        raise RenderError(f"two of the films are called {max(names, key=names.count)}; give one another name")
    if len(told) > 1:
        for film in told:
            film.beats = [replace(beat, chapter=beat.chapter or film.title) for beat in film.beats]
    pixels = chosen(told, size)
    for place in ("videos", "posters", "captions"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    segments: list[Segment] = []
    total = sum(len(merged(film, per)) for film in told)
    for film in told:
        segments += pieces(film, merged(film, per), folder, pixels, len(segments), total, say)
    first = told[0]
    several = len(told) > 1
    lecture = Lecture(
        title=" · ".join(film.title for film in told) if several else first.title,
        language=LANGUAGE,
        theme=first.theme,
        size=pixels,
        fps=first.source.fps,
        film=first.source.path.name,
        alt=" ".join(film.alt for film in told if film.alt),
        comment=" ".join(film.comment for film in told if film.comment),
        command="\n".join(film.command for film in told if film.command),
        narrated=any(film.narrated for film in told),
        start=start,
        segments=tuple(looped(apart(segments), loop)),
        folder=folder,
        films=tuple(film.source.path for film in told),
        missing=tuple(sentence for film in told for sentence in film.missing),
    )
    lecture.write()
    return lecture


def beside(path: Path) -> tuple[Path, Path | None]:
    """The film and its manifest, whichever of both was named."""
    if path.suffix == ".json":
        record = manifest.read(path)
        made = f".{record.get('format', 'mp4')}"
        if made not in VIDEOS:
            raise RenderError(f"{path} is the manifest of {made[1:]} pictures; a pack needs a film, such as an .mp4")
        for suffix in (made, *VIDEOS):
            if path.with_suffix(suffix).is_file():
                return path.with_suffix(suffix), path
        raise RenderError(f"the film of {path} is not beside it: there is no {path.with_suffix(made).name}")
    if path.is_dir():
        raise RenderError(f"{path} is a folder; name a film, NAME.mp4, or its manifest NAME.json")
    if path.suffix.lower() not in VIDEOS:
        raise RenderError(f"{path} is neither a manifest (.json) nor a film ({', '.join(VIDEOS)})")
    if not path.is_file():
        raise RenderError(f"there is no film {path}")
    return path, path.with_suffix(".json") if path.with_suffix(".json").is_file() else None


def tell(video: Path, record: Path | None) -> Told:
    """All that is known of a film."""
    source = look(video)
    if source.transparent:
        raise RenderError(f"{video} is transparent, and slides would show it on any ground; make it without --transparent")
    if record is None:
        return _without(source)
    try:
        return _with_manifest(source, manifest.read(record))
    except RenderError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
        said = f"{type(problem).__name__}: {problem}"
        raise RenderError(f"{record} is not as chainreel wrote it ({said}); make the film again, or pack it without") from None


def _with_manifest(source: Source, record: dict[str, Any]) -> Told:
    path = source.path
    if (record["frames"], record["fps"]) != (source.frames, source.fps):
        raise RenderError(
            f"{path.name} has {source.frames} frames at {source.fps} a second and its manifest {record['frames']} at "
            f"{record['fps']}: they are not of the same film; make it again"
        )
    beats: list[Beat] = []
    names = Names(record["sources"])
    rows = record["beats"] or [{"title": record["title"], "words": "", "start": 0.0, "chapter": None}]
    firsts = [0, *(round(row["start"] * source.fps) for row in rows[1:]), source.frames]
    traces = [source for source, described in record["sources"].items() if described.get("kind") == "trace"]
    steps = {(number["source"], number["key"]) for number in record["numbers"] if number["source"] in traces}
    known = {name for name, _ in (names.of(str(source), str(key)) for source, key in steps) if name.isidentifier()}
    guesses = asked_until(record)
    for index, row in enumerate(rows):
        if firsts[index + 1] <= firsts[index]:
            raise RenderError(f"{path.with_suffix('.json').name}: beat {index} has no frames")
        values = [value_of(number, names) for number in record["numbers"] if number["beat"] == index]
        words = " ".join(str(row["words"]).split())
        chapter = sentence_case(row["chapter"]) if row.get("chapter") else None
        before = sum(beat.chapter == chapter for beat in beats)
        title = titled(str(row.get("title") or ""), words, film_title(record["title"]), chapter, known, before + 1)
        guessed = any(firsts[index] < round(until * source.fps) <= firsts[index + 1] for until in guesses)
        values = list(dict.fromkeys(values))
        beats.append(Beat(title, chapter, firsts[index], firsts[index + 1], words, values, ask=guessed))
    missing: list[str] = []
    vtt = path.with_suffix(".vtt")
    if vtt.is_file():
        cues = read_cues(vtt, source.seconds)
    else:
        cues = captions.cues(record["beats"], spoken=record.get("narrated", False))
    seen = path.with_suffix(".descriptions.vtt")
    if seen.is_file():
        _describe(beats, read_cues(seen, source.seconds, overlap=True), source.fps)
    versions = record.get("versions", {})
    made = ", ".join(f"{name} {versions[name]}" for name in ("chainreel", "manim", "numpy") if versions.get(name))
    seeds = sorted({record.get("seed") or 0, *seeds_in(list(record["sources"].values()))})
    comment = f"Made with {made}; {'seeds' if len(seeds) > 1 else 'seed'} {', '.join(map(str, seeds))}." if made else ""
    theme = record.get("theme") or ""
    asked = command(record.get("asked", {}))
    narrated = bool(record.get("narrated"))
    title, alt = film_title(record["title"]), record.get("alt", "")
    return Told(source, title, theme, alt, comment, asked, narrated, beats, cues, missing)


def _without(source: Source) -> Told:
    """A film that nobody wrote anything about: its chapters are its beats, its captions are what is beside or inside it."""
    path = source.path
    lost = "words and values" if path.with_suffix(".vtt").is_file() else "words, captions and values"
    missing = [f"{path.name} has no manifest {path.with_suffix('.json').name} beside it: its {lost} are not known"]
    marks = [(title, round(at * source.fps)) for title, at in source.chapters if at < source.seconds]
    if not marks:
        missing.append(f"{path.name} has no chapters: it is one segment")
        marks = [(source.title or path.stem, 0)]
    firsts = [0, *(frame for _, frame in marks[1:]), source.frames]
    beats = [
        Beat(title or f"Part {index + 1}", None, firsts[index], firsts[index + 1])
        for index, (title, _) in enumerate(marks)
        if firsts[index + 1] > firsts[index]
    ]
    vtt = path.with_suffix(".vtt")
    cues = read_cues(vtt, source.seconds) if vtt.is_file() else []
    for beat in beats:
        beat.notes = " ".join(cue.text.replace("\n", " ") for cue in cues if _begins_in(cue, beat, source.fps))
    return Told(source, source.title or path.stem, "", "", "", "", source.sound, beats, cues, missing)


def asked_until(record: dict[str, Any]) -> list[float]:
    """When the film goes on after its questions: a "?" stood, and the viewer made a guess (seconds).

    Films of an earlier chainreel do not say so; there it is the end of a beat whose words are a question.
    """
    if "questions" in record:
        return [float(until) for _, until in record["questions"]]
    beats = record["beats"]
    ends = [*(beat["start"] for beat in beats[1:]), record["seconds"]]
    return [end for beat, end in zip(beats, ends, strict=True) if str(beat["words"]).rstrip().endswith("?")]


def value_of(number: dict[str, Any], names: Names) -> Value:
    """A number of a manifest with its name and the formula that it belongs to."""
    name, formula = names.of(str(number["source"]), str(number["key"]))
    return Value(name, float(number["value"]), str(number["text"]), str(number["source"]), formula)


def command(asked: dict[str, Any]) -> str:
    """The command that made a film, without its options of size and voice."""
    from chainreel.scenes.films.catalogue import FILMS

    words = [str(asked.get("command", ""))]
    if not words[0]:
        return ""
    function = asked.get("function")
    if isinstance(function, dict) and function.get("kind") == "text" and words[0] != "film":
        words.append(shlex.quote(str(function.get("origin", ""))))
    if asked.get("film"):
        words.append(str(asked.get("folder") or asked["film"]))
        known = FILMS.get(str(asked["film"]))
        if known and len(asked.get("chapters", ())) < len(known.chapters):
            words.append("--chapter " + ",".join(asked["chapters"]))
    if words[0] == "scene":
        words += [shlex.quote(Path(str(asked.get("file", ""))).name), str(asked.get("class", ""))]
    at = asked.get("at")
    if isinstance(at, dict) and words[0] != "film":
        words.append("--at " + ",".join(f"{name}={value:g}" for name, value in at.items() if isinstance(value, (int, float))))
    return "python render.py " + " ".join(words)


def _describe(beats: list[Beat], cues: list[Cue], fps: int) -> None:
    for beat in beats:
        beat.seen += [cue.text.replace("\n", " ") for cue in cues if _begins_in(cue, beat, fps)]


def _begins_in(cue: Cue, beat: Beat, fps: int) -> bool:
    return beat.first <= round(cue.start * fps) < beat.last


def merged(film: Told, per: str) -> list[Beat]:
    """The film's beats, or its chapters, or all of it."""
    if per == "beat":
        return film.beats
    result: list[Beat] = []
    for beat in film.beats:
        if result and (per == "film" or result[-1].chapter == beat.chapter):
            result[-1] = result[-1].and_then(beat)
        else:
            result.append(replace(beat, title=film.title if per == "film" else beat.chapter or beat.title))
    if per == "chapter" and len({beat.chapter for beat in film.beats}) == 1:
        film.missing.append(f"{film.source.path.name} has no chapters: it is one segment")
        return [replace(result[0], title=film.title)]
    return result


def chosen(told: list[Told], size: tuple[int, int] | None) -> tuple[int, int]:
    """The size of all pieces: as asked, else that of the largest film, at most 720 pixels for its shorter side."""
    largest = max((film.source for film in told), key=lambda source: source.width * source.height)
    if size is None:
        shrink = min(1.0, TALLEST / min(largest.width, largest.height))
        size = (round(largest.width * shrink / 2) * 2, round(largest.height * shrink / 2) * 2)
    for film in told:
        shape, wanted = film.source.width / film.source.height, size[0] / size[1]
        if abs(shape / wanted - 1) > 0.02:
            pixels = f"{film.source.width}x{film.source.height}"
            hint = "pack films of different shapes apart" if len(told) > 1 else "choose --size in its shape"
            raise RenderError(f"{film.source.path.name} is {pixels}, another shape than {size[0]}x{size[1]}; {hint}")
    return size


def pieces(
    film: Told, beats: list[Beat], folder: Path, size: tuple[int, int], before: int, total: int, say: Callable[[str], None]
) -> list[Segment]:
    """The segments of one film, each with its video and pictures."""
    source = film.source
    sound: np.ndarray | None = None
    if source.sound:
        from ..sound import decoded

        sound = decoded(source.path)
    def piece(index: int) -> Segment:
        beat = beats[index]
        id = f"{before + index + 1:0{max(2, len(str(total)))}d}"
        stem = f"{id}-{slug(beat.title)}".rstrip("-")
        start, end = beat.first / source.fps, beat.last / source.fps
        cues = within(film.cues, start, end)
        video, poster, first = f"videos/{stem}.mp4", f"posters/{stem}.png", f"posters/{stem}-first.png"
        cut(source, beat.first, beat.last, folder / video, size, sound, beat.title, cues)
        ends(folder / video, folder / first, folder / poster)
        (folder / "captions" / f"{stem}.vtt").write_text(captions.vtt(cues), encoding="utf-8")
        say(f"{id} of {total}: {beat.title}")
        return Segment(
            id=id,
            title=beat.title,
            chapter=beat.chapter,
            start=round(start, 6),
            end=round(end, 6),
            film=source.path.name,
            file=video,
            poster=poster,
            first=first,
            duration=round((beat.last - beat.first) / source.fps, 6),
            notes=beat.notes,
            captions=tuple(Caption(cue.start, cue.end, cue.text) for cue in cues),
            alt=seen(film, beat),
            numbers=tuple(beat.numbers),
            ask=beat.ask,
        )

    with ThreadPoolExecutor(2) as pool:
        try:
            return list(pool.map(piece, range(len(beats))))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def apart(segments: list[Segment]) -> list[Segment]:
    """The segments with titles that can be told apart."""
    titles = told_apart([segment.title for segment in segments], [segment.chapter for segment in segments])
    return [replace(segment, title=title) for segment, title in zip(segments, titles, strict=True)]


def within(cues: list[Cue], start: float, end: float) -> list[Cue]:
    """The cues between two moments of the film, counted from the first; what reaches over an end is cut there."""
    return [
        Cue(round(max(cue.start - start, 0.0), 3), round(min(cue.end, end) - start, 3), cue.lines)
        for cue in cues
        if min(cue.end, end) - max(cue.start, start) > 0.15
    ]


def seen(film: Told, beat: Beat) -> str:
    """What somebody who does not see the pictures of a beat has to be told."""
    one_chapter = len({entry.chapter for entry in film.beats}) == 1
    told = " ".join(beat.seen) or (film.alt if one_chapter else "")
    values = ", ".join(dict.fromkeys(f"{value.name} {value.text}" for value in beat.numbers[:6]))
    title = beat.title if beat.title[-1:] in ".!?" else f"{beat.title}."
    parts = [title, told, f"On screen: {values}." if values else ""]
    if told or values:
        return " ".join(part for part in parts if part)
    return beat.notes if beat.notes.startswith(beat.title) else f"{title} {beat.notes}".strip()


def looped(segments: list[Segment], loop: Sequence[str]) -> list[Segment]:
    """The segments, those named (by id or number, or "all") playing again and again."""
    wanted = {entry.strip() for entry in loop if entry.strip()}
    if "all" in wanted:
        return [replace(segment, loop=True) for segment in segments]
    known = {name: segment.id for segment in segments for name in (segment.id, segment.id.lstrip("0"))}
    for entry in sorted(wanted):
        if entry not in known:
            raise RenderError(f"there is no segment '{entry}' to loop; they are {segments[0].id} to {segments[-1].id}")
    ids = {known[entry] for entry in wanted}
    return [replace(segment, loop=segment.id in ids) for segment in segments]


def slug(title: str) -> str:
    """A title as part of a file name, at most 40 letters, in whole words.

    >>> slug("The chain rule, twice: y = x·x?"), slug("Back-propagation: the chain rule in action")
    ('the-chain-rule-twice-y-x-x', 'back-propagation-the-chain-rule-in')
    """
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words if len(words) <= 40 else words[:41].rpartition("-")[0] or words[:40]


def is_lecture(path: Path) -> bool:
    """Whether a file is a lecture.json that was made before."""
    if path.is_dir():
        return (path / FILE).is_file()
    try:
        record = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else None
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and "segments" in record
