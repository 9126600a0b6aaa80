"""From a scene to the files of a film: rehearse, draw, put together, publish."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import captions, manifest
from .assembly import Chapter, Extras, assemble
from .drawing import Score, piece_path, piece_starts, rehearse
from .encoder import encode_gif
from .errors import RenderError
from .output import Workplace, check_writable
from .progress import Progress
from .settings import Settings
from .shots import Shot
from .versions import version_of
from .workers import draw


@dataclass(frozen=True)
class Film:
    """What was made: ``files`` with the video first, the length, the number of frames, the manifest."""

    files: tuple[Path, ...]
    seconds: float
    frames: int
    manifest: dict[str, Any]

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
        with Workplace(target) as place:
            return _make(shot, settings, target, place, title, asked or {"scene": shot.name}, quiet)
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
    quiet: bool,
) -> Film:
    folder = place.folder
    voice: Any = None
    if settings.narrate:
        from .voice import Espeak

        voice = Espeak(cache=settings.cache)
    score = rehearse(shot, settings, folder / "manim", voice)
    with Progress(score.frames, quiet=quiet) as progress:
        draw(shot, settings, folder, score, progress.add, voice)
    title = title or shot.name
    stem = target.with_suffix("") if target.suffix else target
    cues = captions.cues(score.beats, voice.duration if voice else None)
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

        sound = soundtrack(
            [(voice.samples(b["spoken"]), b["start"]) for b in score.beats if b["spoken"]], seconds
        )
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
