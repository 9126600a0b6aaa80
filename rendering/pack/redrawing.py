"""A film drawn once more from its manifest, on a transparent ground and without loss, a file for each segment.

Everything else in a pack is cut from the film; what is transparent is not in it. The pieces are made once for all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import manifest
from ..drawing import Enough, Pieces, make_scene, manim_config, piece_path
from ..errors import RenderError
from ..filming import Rehearsal
from ..parts import Part
from ..progress import Progress
from ..settings import Settings
from ..shots import Shot, scene_of_file
from ..workers import cores
from . import layers
from .lecture import Lecture

MASTER = "apng"  # whose pieces keep every bit of colour and opacity
FEW = 150  # frames that are not worth a process of their own
PAUSE = 0.3  # seconds that a stage adds to what is said (``Stage.beat``)


@dataclass(frozen=True)
class Film:
    """A film that can be drawn again: its manifest's path, and the frames at which its segments begin."""

    record: Path
    starts: tuple[int, ...]
    size: tuple[int, int]


def masters(lecture: Lecture, layer: str | None = None) -> dict[str, Path]:
    """For each segment (by id) a piece of FFV1 in BGRA, colours not multiplied by the opacity."""
    found: dict[str, Path] = {}
    if not lecture.films:
        raise RenderError("what is transparent is drawn from the film's manifest; pack the film, not its lecture.json")
    for path in lecture.films:
        record = path.with_suffix(".json")
        if not record.is_file():
            raise RenderError(f"what is transparent is drawn from the film's manifest, and {record.name} is not there")
        segments = [segment for segment in lecture.segments if segment.film == path.name]
        fps = manifest.read(record)["fps"]
        film = Film(record, tuple(round(segment.start * fps) for segment in segments), lecture.size)
        folder = Path(drawn(film, layer, lecture.layers).name)
        for index, segment in enumerate(segments):
            found[segment.id] = piece_path(folder, index, f"{MASTER}+alpha")
    return found


@lru_cache(maxsize=8)
def drawn(film: Film, layer: str | None, all_layers: tuple[str, ...]) -> TemporaryDirectory[str]:
    """The pieces of one film, in a folder that goes when Python ends."""
    record = manifest.read(film.record)
    settings = Settings(
        *film.size, record["fps"], record.get("theme") or None, MASTER, record.get("seed"), transparent=True,
    )  # fmt: skip
    place: TemporaryDirectory[str] = TemporaryDirectory(prefix="chainreel-drawn-")
    folder = Path(place.name)
    seen = layers.Seen()
    beats = record["beats"] if record.get("narrated") else None
    tasks, begin = [], 0
    for number, part in enumerate(parts_of(record)):
        length, said = _rehearse(part.shot, settings, folder, beats, seen)
        inside = [index for index, start in enumerate(film.starts) if begin <= start < begin + length]
        own, beats = beats and beats[:said], beats and beats[said:]
        tasks.append(Task(film.record, number, settings, folder, own, layer, begin, length, film.starts, tuple(inside)))
        begin += length
    if begin != record["frames"]:
        raise RenderError(
            f"{film.record.name}: the film has {record['frames']} frames and would have {begin} now (what it is made from has "
            "changed); make it again, then pack it"
        )
    if not all(task.pieces for task in tasks):
        raise RenderError("a segment reaches over several scenes of the film; pack it --per beat or --per chapter")
    layers.check(all_layers, seen.names)
    with Progress() as progress:
        progress.begin(record["frames"])
        _draw_all([share for task in tasks for share in shares(task, cores() // len(tasks))], progress.add)
    return place


@dataclass(frozen=True)
class Task:
    """Some segments of one scene, as a process of its own can draw them. ``begin`` and ``starts`` are frames of the film.

    The scene is named by its manifest and its number there: a function that was read from text cannot be sent.
    """

    record: Path
    part: int
    settings: Settings
    folder: Path
    beats: list[dict[str, Any]] | None  # of this scene, where it is spoken
    layer: str | None
    begin: int
    length: int
    starts: tuple[int, ...]
    inside: tuple[int, ...]  # the segments that begin in this scene
    wanted: tuple[int, ...] = ()  # those of them that are drawn; all, if empty

    @property
    def pieces(self) -> tuple[int, ...]:
        """The segments to draw."""
        return self.wanted or self.inside

    @property
    def frames(self) -> int:
        """How many frames they have."""
        ends = [*(self.starts[index] for index in self.inside[1:]), self.begin + self.length]
        lengths = dict(zip(self.inside, (b - self.starts[a] for a, b in zip(self.inside, ends, strict=True)), strict=True))
        return sum(lengths[index] for index in self.pieces)


def shares(task: Task, count: int) -> list[Task]:
    """A task in so many parts of about the same length, if it is long enough to be worth it."""
    count = min(count, len(task.pieces), task.frames // FEW)
    if count < 2:
        return [task]
    wanted: list[list[int]] = [[] for _ in range(count)]
    done = 0
    for index in task.pieces:
        wanted[min(done * count // task.frames, count - 1)].append(index)
        done += replace(task, wanted=(index,)).frames
    return [replace(task, wanted=tuple(some)) for some in wanted if some]


def _draw_all(tasks: Sequence[Task], tell: Callable[[int], None]) -> None:
    """Every task, those of several scenes side by side."""
    if len(tasks) == 1 or cores() == 1:
        for task in tasks:
            draw(task, tell)
        return
    pool = ProcessPoolExecutor(min(cores(), len(tasks)), get_context("spawn"))
    try:
        longest_first = sorted(tasks, key=lambda task: -task.frames)
        for done in as_completed([pool.submit(draw, task) for task in longest_first]):
            tell(done.result())
    except BrokenProcessPool:
        raise RenderError("a process that drew the film again ended too early; is there enough memory?") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Recalled:
    """A film's own times as its voice: every beat lasts as long, and every word comes when it came.

    So a film can be drawn again without the voice that spoke it.
    """

    def __init__(self, beats: Sequence[Mapping[str, Any]]):
        self.beats, self.said = beats, 0

    def say(self, spoken: str, beat: str = "") -> Recollection:
        """What was said in the next beat; a sentence where it was something else."""
        if self.said == len(self.beats) or self.beats[self.said]["spoken"] != spoken:
            raise RenderError(f"the film does not say '{spoken}' where it is drawn again; make it again, then pack it")
        told = self.beats[self.said]
        self.said += 1
        words = tuple((at - told["start"], until - told["start"]) for _, at, until in told.get("times", ()))
        return Recollection(told["end"] - told["start"] - PAUSE, words)


@dataclass(frozen=True)
class Recollection:
    """How long a beat's words were (seconds), and when each was said from its start."""

    duration: float
    words: tuple[tuple[float, float], ...]
    times: None = None


def parts_of(record: dict[str, Any]) -> list[Part]:
    """The scenes of a film, as its manifest names them."""
    asked = record.get("asked", {})
    command = str(asked.get("command", ""))
    if asked.get("film"):
        from ..films import film_of
        from ..films import parts_of as scenes_of

        film = film_of(str(asked.get("folder") or asked["film"]))
        return scenes_of(film, [chapter for chapter in film.chapters if chapter.slug in asked["chapters"]])
    if command == "scene" and asked.get("file"):
        return [Part(scene_of_file(Path(asked["file"]), asked.get("class")))]
    if not asked.get("clip"):
        raise RenderError(f"the manifest does not say how '{record['title']}' was made; it cannot be drawn again")
    from ..arguments import clip_named

    spec = clip_named(asked["clip"])
    said = {p.name: asked[p.name] for p in spec.parameters if p.name != "function" and asked.get(p.name) is not None}
    if asked.get("function"):
        from chainreel.engine import Function

        said["function"] = Function.rebuild(asked["function"])
    return [Part(Shot.clip(spec.name, said))]


def _rehearse(
    shot: Shot, settings: Settings, folder: Path, beats: Sequence[Mapping[str, Any]] | None, seen: layers.Seen
) -> tuple[int, int]:
    """How many frames a scene has, and how many beats of those that the film goes on with."""
    voice = None if beats is None else Recalled(beats)
    with manim_config(settings, folder / "manim", shot.load()):
        scene = make_scene(shot, settings, voice)
        if hasattr(scene, "watchers"):
            scene.watchers.append(seen)
        renderer = layers.LayerRenderer(scene, Rehearsal())
        scene.render()
        return renderer.frame, voice.said if voice else 0


def draw(task: Task, tell: Callable[[int], None] = lambda frames: None) -> int:
    """Draw the segments of a task; they are numbered through the film, and none lies in two scenes. How many frames."""
    settings = task.settings
    shot = parts_of(manifest.read(task.record))[task.part].shot
    with TemporaryDirectory(prefix="part-", dir=task.folder) as place:
        room = Path(place)
        own = [task.starts[index] - task.begin for index in task.inside]
        own[0] = 0
        wanted = [task.inside.index(index) for index in task.pieces]
        taker = Pieces(settings, room, own, task.length, wanted, -1, tell)
        try:
            with manim_config(settings, room / "manim", shot.load()):
                scene = make_scene(shot, settings, None if task.beats is None else Recalled(task.beats))
                layers.LayerRenderer(scene, taker, task.layer)
                try:
                    scene.render()
                except Enough:
                    pass
            taker.close()
        except BaseException:
            taker.abort()
            raise
        for piece, index in zip(wanted, task.pieces, strict=True):
            piece_path(room, piece, settings.coding).rename(piece_path(task.folder, index, settings.coding))
    return task.frames
