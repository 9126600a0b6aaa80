"""From a scene to the files of a film: rehearse, draw, put together, publish."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import captions, manifest
from .assembly import Chapter, Extras, assemble
from .drawing import Score, Unsteady, empty_bag, piece_path, piece_starts
from .encoder import encode_gif
from .errors import RenderError
from .keeping import Recall, forget_run, recall
from .output import Workplace, check_writable
from .profile import Profile
from .progress import Progress
from .room import check_room, fits
from .settings import Settings
from .shots import Shot
from .versions import version_of
from .workers import Crew, Job, cores, draw


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


def render(
    scene: type | Shot,
    settings: Settings | None = None,
    output: Path | str = "media/film.mp4",
    *,
    title: str = "",
    asked: dict[str, Any] | None = None,
    quiet: bool = True,
) -> Film:
    """Make the film of a scene class (or Shot) at ``output``, with captions, poster and manifest beside it.

    Everything is made in a hidden folder and moved to its place at the end, the video last.
    """
    settings = settings or Settings()
    shot = scene if isinstance(scene, Shot) else Shot.of(scene)
    target = Path(output)
    check_writable(target)
    try:
        with Workplace(target) as place, Progress(quiet=quiet) as progress:
            return _make(shot, settings, target, place, title, asked or {"scene": shot.name}, progress)
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RenderError(f"the disk of {target.parent} is full; nothing was written") from None
        raise


def _make(
    shot: Shot,
    settings: Settings,
    target: Path,
    place: Workplace,
    title: str,
    asked: dict[str, Any],
    progress: Progress,
) -> Film:
    folder = place.folder
    profile = Profile(fps=settings.fps)
    if settings.cluster is not None:
        from .cluster import check_reachable

        check_reachable(settings.cluster)
    elif settings.workers > cores():
        progress.say(f"{settings.workers} workers for {cores()} processor cores: more than {cores()} gain nothing")
    voice: Any = None
    if settings.narrate:
        from .voices import Book, voice_named

        voice = Book(voice_named(settings.voice, settings.cache))
    with Crew(shot, settings.workers) as crew:
        early = settings.workers > 1 and settings.cluster is None and not shot.is_live
        with profile.stage("rehearsal, keys and kept pieces"):
            known = recall(shot, settings, folder, voice, progress.say, *([crew.begin] if early else []))
        score = known.score
        profile.score, profile.reused = score, known.there
        with profile.stage("drawing and encoding"):
            profile.spent = _draw(shot, settings, folder, known, voice, progress, target, crew)
    with profile.stage("assembly and sidecars"):
        film = _finish(settings, target, place, title or shot.name, asked, score, voice)
    unsaid = tuple((failed.beat, failed.why) for failed in voice.failed) if voice else ()
    return replace(film, pieces=known.pieces, reused=len(known.there), profile=profile, unsaid=unsaid)


def _draw(
    shot: Shot, settings: Settings, folder: Path, known: Recall, voice: Any, progress: Progress, target: Path, crew: Crew
) -> list[Any]:
    """Draw what is not there yet."""
    score, keeping = known.score, known.keeping
    starts = piece_starts(score, settings.fps)
    ends = [*starts[1:], score.frames]
    missing = tuple(piece for piece in range(known.pieces) if piece not in known.there)
    to_draw = sum(ends[piece] - starts[piece] for piece in missing)
    check_room(settings, score.frames, to_draw, target.parent)
    if keeping.root is not None and missing and not fits(settings, to_draw, keeping.root):
        progress.say(f"the disk of the cache {keeping.root} has too little room; nothing is kept of this film")
        keeping = replace(keeping, root=None)
    if known.there:
        seconds = (score.frames - to_draw) / settings.fps
        progress.say(f"{len(known.there)} of {known.pieces} pieces ({seconds:.0f} s of film) are kept from before")
    progress.begin(score.frames, score.frames - to_draw)
    job = Job(shot, settings, score, missing, folder, keeping, voice)
    kept = 0

    def listen(kind: str, *content: Any) -> None:
        nonlocal kept
        if kind == "frames":
            progress.add(content[0])
        elif kind == "note":
            progress.say(content[0])
        elif kind == "piece":
            kept += 1

    try:
        if settings.cluster is not None:
            from .cluster import draw_on_cluster

            return draw_on_cluster(job, settings.cluster, listen, known.read)
        return draw(job, listen, crew)
    except Unsteady as problem:
        forget_run(keeping)
        progress.say(f"{problem}: it is drawn by one process alone, and nothing of it is kept")
        progress.begin(score.frames)
        steady = replace(score, moments=[])
        return draw(
            Job(
                shot,
                replace(settings, workers=1, cluster=None),
                steady,
                tuple(range(known.pieces)),
                folder,
                replace(keeping, root=None, planned={}),
                voice,
            ),
            listen,
        )
    except BaseException:
        if keeping.root is not None and kept:
            progress.say(f"{kept + len(known.there)} of {known.pieces} pieces are kept; the same command goes on from there")
        raise


def _finish(
    settings: Settings,
    target: Path,
    place: Workplace,
    title: str,
    asked: dict[str, Any],
    score: Score,
    voice: Any,
) -> Film:
    folder = place.folder
    stem = target.with_suffix("") if target.suffix else target
    cues = captions.cues(score.beats, spoken=voice is not None)
    made: dict[Path, Path] = {}
    if cues:
        for suffix, text in ((".vtt", captions.vtt(cues)), (".srt", captions.srt(cues))):
            (folder / f"film{suffix}").write_text(text, encoding="utf-8")
            made[folder / f"film{suffix}"] = stem.with_suffix(suffix)
    if settings.format != "png":
        made[folder / "poster.png"] = stem.with_suffix(".png")
    video = _video(settings, folder, score, cues, title, voice)
    record = manifest.build(
        asked,
        settings,
        score,
        [target.name, *(p.name for p in made.values()), stem.with_suffix(".json").name],
        title,
    )
    manifest.write(record, folder / "film.json")
    made[folder / "film.json"] = stem.with_suffix(".json")
    made[video] = target
    place.publish(made)
    files = tuple(reversed(made.values()))
    return Film(files, score.frames / settings.fps, score.frames, record)


def _video(
    settings: Settings, folder: Path, score: Score, cues: list[captions.Cue], title: str, voice: Any
) -> Path:
    if settings.format == "png":
        for index, start in enumerate(piece_starts(score, settings.fps)):
            empty_bag(piece_path(folder, index, "png"), folder / "frames", start)
        return folder / "frames"
    video = folder / f"film.{settings.format}"
    count = len(piece_starts(score, settings.fps))
    pieces = [piece_path(folder, index, settings.format) for index in range(count)]
    if settings.format == "gif":
        encode_gif(pieces, video, settings.width, settings.height, settings.fps)
        return video
    seconds = score.frames / settings.fps
    sound = None
    if voice is not None:
        from .sound import soundtrack

        said = [(voice.say(b["spoken"], name), b["start"]) for name, b in zip(score.names, score.beats, strict=True)]
        sound = soundtrack([((u.samples, u.rate), start) for u, start in said if u is not None], seconds, score.ticks)
    extras = Extras(
        title=title,
        comment=score.alt or f"made with chainreel {version_of('chainreel') or ''}".strip(),
        cues=cues,
        chapters=chapters(score.beats, seconds),
        cover=folder / "poster.png",
        sound=sound,
    )
    assemble(pieces, video, settings.format, settings.fps, extras)
    return video


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
