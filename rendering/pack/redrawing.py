"""A film drawn once more from its manifest, on a transparent ground and without loss, a file for each segment.

Everything else in a pack is cut from the film; what is transparent is not in it. The pieces are made once for all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import manifest
from ..drawing import Enough, Pieces, make_scene, manim_config, piece_path
from ..errors import RenderError
from ..filming import Rehearsal
from ..parts import Part
from ..progress import Progress
from ..rehearsing import book_of
from ..settings import Settings
from ..shots import Shot, scene_of_file
from . import layers
from .lecture import Lecture

MASTER = "apng"  # whose pieces keep every bit of colour and opacity


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
    voice = book_of(Settings(narrate=bool(record.get("narrated"))))
    place: TemporaryDirectory[str] = TemporaryDirectory(prefix="chainreel-drawn-")
    folder = Path(place.name)
    parts, seen = parts_of(record), layers.Seen()
    lengths = [_rehearse(part.shot, settings, folder, voice, seen) for part in parts]
    if sum(lengths) != record["frames"]:
        raise RenderError(
            f"{film.record.name}: the film has {record['frames']} frames and would have {sum(lengths)} now (another voice, or "
            "what it is made from has changed); make it again, then pack it"
        )
    layers.check(all_layers, seen.names)
    begin = 0
    with Progress() as progress:
        progress.begin(record["frames"])
        for part, length in zip(parts, lengths, strict=True):
            _draw(part.shot, settings, folder, voice, layer, begin, length, film.starts, progress.add)
            begin += length
    return place


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


def _rehearse(shot: Shot, settings: Settings, folder: Path, voice: Any, seen: layers.Seen) -> int:
    with manim_config(settings, folder / "manim", shot.load()):
        scene = make_scene(shot, settings, voice)
        if hasattr(scene, "watchers"):
            scene.watchers.append(seen)
        renderer = layers.LayerRenderer(scene, Rehearsal())
        scene.render()
        return renderer.frame


def _draw(
    shot: Shot, settings: Settings, folder: Path, voice: Any, layer: str | None, begin: int, length: int,
    starts: Sequence[int], tell: Callable[[int], None],
) -> None:  # fmt: skip
    """The segments of one part; they are numbered through the film, and none lies in two parts."""
    inside = [index for index, start in enumerate(starts) if begin <= start < begin + length]
    if not inside:
        raise RenderError("a segment reaches over several scenes of the film; pack it --per beat or --per chapter")
    with TemporaryDirectory(prefix="part-", dir=folder) as place:
        room = Path(place)
        own = [starts[index] - begin for index in inside]
        own[0] = 0
        taker = Pieces(settings, room, own, length, range(len(own)), -1, tell)
        try:
            with manim_config(settings, folder / "manim", shot.load()):
                scene = make_scene(shot, settings, voice)
                layers.LayerRenderer(scene, taker, layer)
                try:
                    scene.render()
                except Enough:
                    pass
            taker.close()
        except BaseException:
            taker.abort()
            raise
        for piece, index in enumerate(inside):
            piece_path(room, piece, settings.coding).rename(piece_path(folder, index, settings.coding))
