"""The parts of a film are rehearsed side by side, by the processes that will draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .keeping import Recall, recall
from .parts import Part
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
    live = any(part.shot.is_live for part in parts)
    aside = settings.workers > 1 and settings.cluster is None and not live
    if aside and len(parts) > 1:
        return _side_by_side(parts, folders, settings, voice, say, crew)
    result = []
    for part, folder in zip(parts, folders, strict=True):
        foresee = crew.begin if aside and not crew.begun else None
        result.append(recall(part.shot, settings, folder, voice, say, foresee or (lambda: None)))
    return result


def _side_by_side(
    parts: Sequence[Part], folders: Sequence[Path], settings: Settings, voice: Any, say: Callable[[str], None], crew: Crew
) -> list[Recall]:
    places = list(zip(parts, folders, strict=True))
    waiting = [crew.processes.submit(rehearse_one, part.shot, settings, folder) for part, folder in places]
    result = []
    for (part, folder), future in zip(places, waiting, strict=True):
        try:
            done: Rehearsed = future.result()
        except WorkerDied:  # perhaps memory ran out: alone it may go well
            result.append(recall(part.shot, settings, folder, voice, say))
            continue
        finally:
            crew.hear(say)
        if voice is not None:
            voice.said |= done.said
            voice.failed += done.failed
        result.append(done.recall)
    return result


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
