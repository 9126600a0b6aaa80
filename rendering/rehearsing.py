"""The parts of a film are rehearsed side by side, by the processes that will draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cache import Cache
from .keeping import Recall, open_cache, recall
from .parts import Part
from .scores import remember, remembered, score_key
from .serving import reporter
from .settings import Settings
from .shots import Shot
from .workers import Crew, WorkerDied


@dataclass
class Rehearsed:
    """What comes back from a process: the part as it was performed, and what its voice said (or could not say)."""

    recall: Recall
    said: dict[Any, Any]
    failed: list[Any]


def rehearse_all(
    parts: Sequence[Part], folders: Sequence[Path], settings: Settings, voice: Any, say: Callable[[str], None], crew: Crew
) -> list[Recall]:
    """All parts rehearsed, and what is kept of each in its folder."""
    cache = cache_for(parts, settings)
    known: list[Recall | None] = [
        remembered(cache, part.shot, settings, folder, voice, say) if cache else None
        for part, folder in zip(parts, folders, strict=True)
    ]
    left = [number for number, recalled in enumerate(known) if recalled is None]
    places = [(parts[number], folders[number]) for number in left]
    live = any(part.shot.is_live for part in parts)
    aside = settings.workers > 1 and settings.cluster is None and not live
    if aside and len(left) > 1:
        held: Iterable[Recall] = _side_by_side(places, settings, voice, say, crew)
    else:
        foresee = crew.begin if aside else lambda: None
        held = (recall(part.shot, settings, folder, voice, say, foresee) for part, folder in places)
    for number, recalled in zip(left, held, strict=True):
        known[number] = recalled
        if cache:
            remember(cache, parts[number].shot, settings, recalled, voice, say)
    return [recalled for recalled in known if recalled is not None]


def cache_for(parts: Sequence[Part], settings: Settings) -> Cache | None:
    """Where rehearsals are kept, for parts of which some can be."""
    if not settings.cache or not any(score_key(part.shot, settings) for part in parts):
        return None
    return open_cache(lambda words: None)  # what is wrong with it is said where pieces are kept


def _side_by_side(
    places: Sequence[tuple[Part, Path]], settings: Settings, voice: Any, say: Callable[[str], None], crew: Crew
) -> Iterator[Recall]:
    waiting = [crew.processes.submit(rehearse_one, part.shot, settings, folder) for part, folder in places]
    for (part, folder), future in zip(places, waiting, strict=True):
        try:
            done: Rehearsed = future.result()
        except WorkerDied:  # perhaps memory ran out: alone it may go well
            yield recall(part.shot, settings, folder, voice, say)
            continue
        finally:
            crew.hear(say)
        if voice is not None:
            voice.said |= done.said
            voice.failed += done.failed
        yield done.recall


def rehearse_one(shot: Shot, settings: Settings, folder: Path) -> Rehearsed:
    """One part, in a process of its own."""
    voice = book_of(settings)
    known = recall(shot, settings, folder, voice, lambda words: reporter()("note", words))
    return Rehearsed(known, voice.said if voice else {}, voice.failed if voice else [])


def book_of(settings: Settings) -> Any:
    """The voice that the settings ask for, with a memory; None for silence."""
    if not settings.narrate:
        return None
    from .voices import Book, voice_named

    return Book(voice_named(settings.voice, settings.cache))
