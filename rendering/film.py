"""From a scene to the files of a film: rehearse, draw, put together, publish."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import Any

from chainreel.engine.claims import TABLE

from . import captions, manifest
from .assembly import Chapter, Extras, Sound, assemble, encoded
from .drawing import Score, Unsteady, empty_bag, piece_path, piece_starts
from .encoder import ANIMATED, encode_animated, encode_gif
from .errors import RenderError
from .keeping import Recall, forget_run
from .output import Workplace, check_writable
from .parts import Part, joined
from .profile import Profile
from .progress import Progress
from .rehearsing import book_of, rehearse_all
from .room import check_room, fits
from .serving import Report
from .settings import Settings
from .shots import Shot
from .transcript import transcript
from .versions import version_of
from .workers import Crew, Job, Spent, cores, draw


@dataclass(frozen=True)
class Film:
    """What was made: ``files`` with the video first, the length, the number of frames, the manifest."""

    files: tuple[Path, ...]
    seconds: float
    frames: int
    manifest: dict[str, Any]
    pieces: int = 0  # of which ``reused`` were not drawn but kept from before
    reused: int = 0
    profile: Profile = field(default_factory=Profile, compare=False)
    unsaid: tuple[tuple[str, str], ...] = ()  # beats that the voice could not say, and why

    @property
    def video(self) -> Path:
        """The film itself (a folder of pictures for ``--format png``)."""
        return self.files[0]


@dataclass
class Ready:
    """A part of a film that was rehearsed, and what is kept of it; its pieces are in ``folder``."""

    part: Part
    folder: Path
    recall: Recall

    @property
    def starts(self) -> list[int]:
        """The frames of the part at which its pieces begin."""
        return piece_starts(self.recall.score, self.recall.fps)

    @property
    def missing(self) -> tuple[int, ...]:
        """The pieces that are not there yet."""
        return tuple(piece for piece in range(self.recall.pieces) if piece not in self.recall.there)

    def length(self, pieces: Iterable[int]) -> int:
        """How many frames some of its pieces have."""
        ends = [*self.starts[1:], self.recall.score.frames]
        return sum(ends[piece] - self.starts[piece] for piece in pieces)


def render(
    scene: type | Shot | Sequence[Part],
    settings: Settings | None = None,
    output: Path | str = "media/film.mp4",
    *,
    title: str = "",
    asked: dict[str, Any] | None = None,
    quiet: bool = True,
    progress: Progress | None = None,
) -> Film:
    """Make the film of a scene class (or Shot, or several Parts) at ``output``, with captions, poster and manifest beside it.

    Everything is made in a hidden folder and moved to its place at the end, the video last. ``progress`` is told how far it
    is; without one a bar is drawn on the terminal unless ``quiet``.
    """
    settings = settings or Settings()
    parts = list(scene) if isinstance(scene, Sequence) else [Part(scene if isinstance(scene, Shot) else Shot.of(scene))]
    target = Path(output)
    check_writable(target)
    title = title or parts[0].shot.name
    try:
        with Workplace(target) as place, progress or Progress(quiet=quiet) as told:
            return _make(parts, settings, target, place, title, asked or {"scene": parts[0].shot.name}, told)
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RenderError(f"the disk of {target.parent} is full; nothing was written") from None
        raise


def _make(
    parts: list[Part],
    settings: Settings,
    target: Path,
    place: Workplace,
    title: str,
    asked: dict[str, Any],
    progress: Progress,
) -> Film:
    profile = Profile(fps=settings.fps)
    if settings.cluster is not None:
        from .cluster import check_reachable

        check_reachable(settings.cluster)
    elif settings.workers > cores():
        progress.say(f"{settings.workers} workers for {cores()} processor cores: more than {cores()} gain nothing")
    voice = book_of(settings)
    with Crew(parts[0].shot, settings.workers) as crew:
        with profile.stage("rehearsal, keys and kept pieces"):
            folders = [place.folder / f"part{number:02d}" for number in range(len(parts))] if len(parts) > 1 else [place.folder]
            for folder in folders:
                folder.mkdir(exist_ok=True)
            known = rehearse_all(parts, folders, settings, voice, progress.say, crew)
            ready = [Ready(part, folder, entry) for part, folder, entry in zip(parts, folders, known, strict=True)]
        score = joined([entry.recall.score for entry in ready], parts, settings.fps)
        profile.score = score
        sound = _sound(settings, score, voice)
        with profile.stage("drawing and encoding"):
            _draw_all(ready, settings, voice, progress, target, crew, profile)
    with profile.stage("assembly and sidecars"):
        film = _finish(settings, target, place, title, asked, score, sound, ready)
    unsaid = tuple((failed.beat, failed.why) for failed in voice.failed) if voice else ()
    count, reused = sum(entry.recall.pieces for entry in ready), sum(len(entry.recall.there) for entry in ready)
    return replace(film, pieces=count, reused=reused, profile=profile, unsaid=unsaid)


def _draw_all(
    ready: list[Ready], settings: Settings, voice: Any, progress: Progress, target: Path, crew: Crew, profile: Profile
) -> None:
    """Draw what is not there yet, part by part."""
    frames = sum(entry.recall.score.frames for entry in ready)
    to_draw = sum(entry.length(entry.missing) for entry in ready)
    check_room(settings, frames, to_draw, target.parent)
    count, there = sum(entry.recall.pieces for entry in ready), sum(len(entry.recall.there) for entry in ready)
    if there:
        progress.say(f"{there} of {count} pieces ({(frames - to_draw) / settings.fps:.0f} s of film) are kept from before")
    root = ready[0].recall.keeping.root
    keeps = root is not None
    if root is not None and to_draw and not fits(settings, to_draw, root):
        progress.say(f"the disk of the cache {root} has too little room; nothing is kept of this film")
        keeps = False
    progress.begin(frames, frames - to_draw)
    kept = there

    def listen(kind: str, *content: Any) -> None:
        nonlocal kept
        if kind == "frames":
            progress.add(content[0])
        elif kind == "note":
            progress.say(content[0])
        elif kind == "piece":
            kept += 1

    at = pieces = 0
    try:
        for entry in ready:
            spent = _draw(entry, settings, keeps, voice, progress, listen, crew)
            profile.add(spent, [at + start for start in entry.starts], {pieces + piece for piece in entry.recall.there})
            at += entry.recall.score.frames
            pieces += entry.recall.pieces
    except BaseException:
        if keeps and kept > there:
            progress.say(f"{kept} of {count} pieces are kept; the same command goes on from there")
        raise


def _draw(
    entry: Ready, settings: Settings, keeps: bool, voice: Any, progress: Progress, listen: Report, crew: Crew
) -> list[Spent]:
    """Draw the missing pieces of one part."""
    known = entry.recall
    keeping = known.keeping if keeps else replace(known.keeping, root=None)
    job = Job(entry.part.shot, settings, known.score, entry.missing, entry.folder, keeping, voice)
    try:
        if settings.cluster is not None:
            from .cluster import draw_on_cluster

            return draw_on_cluster(job, settings.cluster, listen, known.read)
        return draw(job, listen, crew)
    except Unsteady as problem:
        crew.end()  # another process may still be writing pieces into this folder
        forget_run(keeping)
        progress.say(f"{problem}: it is drawn by one process alone, and nothing of it is kept")
        known.there.clear()
        alone = replace(
            job,
            settings=replace(settings, workers=1, cluster=None),
            score=replace(known.score, moments=[]),
            pieces=tuple(range(known.pieces)),
            keeping=replace(keeping, root=None, planned={}),
        )
        return draw(alone, listen)


def _sound(settings: Settings, score: Score, voice: Any) -> Future[Sound] | None:
    """What is heard, made while the pictures are drawn; None for a silent film."""
    if voice is None:
        return None
    from .sound import soundtrack

    said = [(voice.say(beat["spoken"], name), beat["start"]) for name, beat in zip(score.names, score.beats, strict=True)]
    pieces = [((one.samples, one.rate), start) for one, start in said if one is not None]
    result: Future[Sound] = Future()

    def make() -> None:
        try:
            result.set_result(encoded(soundtrack(pieces, score.frames / settings.fps, score.ticks), settings.format))
        except BaseException as problem:  # told where the sound is needed
            result.set_exception(problem)

    Thread(target=make, name="sound", daemon=True).start()  # a film that fails does not wait for it
    return result


def _finish(
    settings: Settings,
    target: Path,
    place: Workplace,
    title: str,
    asked: dict[str, Any],
    score: Score,
    sound: Future[Sound] | None,
    ready: list[Ready],
) -> Film:
    folder = place.folder
    stem = target.with_suffix("") if target.suffix else target
    cues = captions.cues(score.beats, spoken=sound is not None)
    made: dict[Path, Path] = {}
    if cues:
        for suffix, text in ((".vtt", captions.vtt(cues)), (".srt", captions.srt(cues))):
            (folder / f"film{suffix}").write_text(text, encoding="utf-8")
            made[folder / f"film{suffix}"] = stem.with_name(stem.name + suffix)
    read = [TABLE[claim].source for claim in score.claims]
    told = transcript(title, score.alt, score.beats, score.numbers, score.frames / settings.fps, read)
    (folder / "film.txt").write_text(told, encoding="utf-8")
    made[folder / "film.txt"] = stem.with_name(stem.name + ".txt")
    if score.descriptions:
        told = captions.vtt(captions.described(score.descriptions, score.frames / settings.fps))
        (folder / "film.descriptions.vtt").write_text(told, encoding="utf-8")
        made[folder / "film.descriptions.vtt"] = stem.with_name(stem.name + ".descriptions.vtt")
    marks = chapters(score.beats, score.frames / settings.fps)
    if len(ready) > 1 and marks:
        (folder / "film.chapters.txt").write_text(chapter_list(marks), encoding="utf-8")
        made[folder / "film.chapters.txt"] = stem.with_name(stem.name + ".chapters.txt")
    if settings.format != "png":
        made[cover(ready) / "poster.png"] = stem.with_name(stem.name + ".png")
    video = _video(settings, folder, score, cues, title, sound, ready)
    record = manifest.build(
        asked,
        settings,
        score,
        [target.name, *(p.name for p in made.values()), stem.with_name(stem.name + ".json").name],
        title,
    )
    manifest.write(record, folder / "film.json")
    made[folder / "film.json"] = stem.with_name(stem.name + ".json")
    made[video] = target
    place.publish(made)
    files = tuple(reversed(made.values()))
    return Film(files, score.frames / settings.fps, score.frames, record)


def _video(
    settings: Settings,
    folder: Path,
    score: Score,
    cues: list[captions.Cue],
    title: str,
    sound: Future[Sound] | None,
    ready: list[Ready],
) -> Path:
    if settings.format == "png":
        at = 0
        for entry in ready:
            for index, start in enumerate(entry.starts):
                empty_bag(piece_path(entry.folder, index, settings.coding), folder / "frames", at + start)
            at += entry.recall.score.frames
        return folder / "frames"
    video = folder / f"film.{settings.format}"
    pieces = [
        piece_path(entry.folder, index, settings.coding) for entry in ready for index in range(entry.recall.pieces)
    ]
    if settings.format == "gif":
        encode_gif(pieces, video, settings.width, settings.height, settings.fps)
        return video
    if settings.format in ANIMATED:
        encode_animated(pieces, video, settings.coding, settings.width, settings.height, settings.fps)
        return video
    seconds = score.frames / settings.fps
    extras = Extras(
        title=title,
        comment=comment(score),
        cues=cues,
        chapters=chapters(score.beats, seconds),
        cover=cover(ready) / "poster.png",
        sound=sound.result() if sound else None,
    )
    assemble(pieces, video, settings.coding, settings.fps, extras)
    return video


def comment(score: Score) -> str:
    """What the film shows, what it was made with, and the seeds of all that was drawn at random."""
    made = ", ".join(f"{name} {version_of(name)}" for name in ("chainreel", "manim", "numpy") if version_of(name))
    seeds = sorted({score.seed, *seeds_in(list(score.sources.values()))})
    said = f"Made with {made}; {'seeds' if len(seeds) > 1 else 'seed'} {', '.join(map(str, seeds))}."
    return f"{score.alt} {said}".strip()


def seeds_in(described: Any) -> set[int]:
    """Every seed in the descriptions of engine objects.

    >>> sorted(seeds_in([{"kind": "training", "seed": 3, "data": {"recipe": {"seed": 11}}}]))
    [3, 11]
    """
    if isinstance(described, dict):
        own = {value for key, value in described.items() if key == "seed" and type(value) is int}
        return own.union(*(seeds_in(value) for value in described.values()))
    if isinstance(described, list | tuple):
        return set().union(*(seeds_in(value) for value in described))
    return set()


def cover(ready: list[Ready]) -> Path:
    """The folder of the part whose poster stands for the film."""
    return next((entry.folder for entry in ready if entry.part.cover), ready[0].folder)


def chapter_list(marks: Sequence[Chapter]) -> str:
    """The chapters as a video site wants them: a line each, from 0:00 on.

    >>> print(chapter_list([Chapter("forward", 0.0, 61.0), Chapter("backward", 61.0, 90.0)]), end="")
    0:00 forward
    1:01 backward
    """
    lines = []
    for mark in marks:
        minutes, seconds = divmod(int(mark.start), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
        lines.append(f"{clock} {mark.title}\n")
    return "".join(lines)


def chapters(beats: list[dict[str, Any]], seconds: float) -> list[Chapter]:
    """Stretches of beats that name the same chapter."""
    marks: list[tuple[str, float]] = []
    for beat in beats:
        if beat["chapter"] and (not marks or marks[-1][0] != beat["chapter"]):
            marks.append((beat["chapter"], beat["start"]))
    if not marks:
        return []
    if marks[0][1] > 0:
        marks[0] = (marks[0][0], 0.0)
    ends = [start for _, start in marks[1:]] + [seconds]
    return [Chapter(title, start, end) for (title, start), end in zip(marks, ends, strict=True)]
