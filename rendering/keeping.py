"""What of a film is there already: the rehearsal, the keys of its pieces, and the pieces that the cache has.

Known sources and an equal run: the keys are noted. Other sources, but a shot that was drawn before: every frame is
looked at, and what shows the same as then is taken. A shot that is new is drawn at once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .cache import Cache, is_full
from .drawing import Score, piece_path, piece_sight, piece_starts, piece_suffix, rehearse
from .errors import RenderError
from .keys import drawing_key, reading, run_key, shot_key, source_key
from .settings import Settings
from .shots import Shot
from .workers import Keeping


@dataclass
class Recall:
    """A rehearsed film, and the pieces of it that lie in its folder already."""

    score: Score
    keeping: Keeping
    there: set[int]
    pieces: int
    read: list[str]
    fps: int


def recall(
    shot: Shot, settings: Settings, folder: Path, voice: Any, say: Callable[[str], None],
    foresee: Callable[[], None] = lambda: None,
) -> Recall:  # fmt: skip
    """Rehearse, and fetch what is kept into ``folder``; ``foresee`` is called when much will surely have to be drawn."""
    shot.load()  # so that the user's file is among the loaded modules, and its mistakes come first
    cache = open_cache(say) if settings.cache else None
    drawing = drawing_key(settings)
    name, source = shot_key(shot, settings), source_key(shot, settings)
    before, known = cache.knows(name, source) if cache else (False, False)

    def perform(look: bool) -> tuple[Score, list[str], str | None]:
        reading.listen()
        try:
            score = rehearse(shot, settings, folder / "manim", voice, look=look)
        finally:
            read = reading.stop()
        times = [(beat["start"], beat["end"]) for beat in score.beats]
        return score, read, run_key(source, score.moments, read, times) if source else None

    looked = before and not known
    if not before:
        foresee()
    score, read, run = perform(looked)
    starts = piece_starts(score, settings.fps)
    ends = [*starts[1:], score.frames]
    keeping = Keeping(cache.root if cache else None, drawing, run, name, source)
    if cache is None:
        return Recall(score, keeping, set(), len(starts), read, settings.fps)
    keys = noted(cache, run, len(starts))
    if not keys and before and not looked:  # the same sources, but something else has changed
        score, read, run = perform(True)
        looked, keeping = True, replace(keeping, run=run)
        keys = noted(cache, run, len(starts))
    if looked and score.sights:
        keys = {}
        for piece, (start, end) in enumerate(zip(starts, ends, strict=True)):
            sight = piece_sight(score.sights, start, end)
            if run is not None or not sight[1]:
                keys[piece] = keeping.key(sight)
        keeping = replace(keeping, planned=keys)
        remember(cache, keeping, keys, say)
    there = fetch_all(cache, keys, score, settings, folder, starts, say)
    return Recall(score, keeping, there, len(starts), read, settings.fps)


def noted(cache: Cache, run: str | None, count: int) -> dict[int, str]:
    """The keys that are known for the pieces of a run."""
    if run is None:
        return {}
    notes = {piece: cache.noted(run, piece) for piece in range(count)}
    return {piece: note["key"] for piece, note in notes.items() if note is not None}


def remember(cache: Cache, keeping: Keeping, keys: dict[int, str], say: Callable[[str], None]) -> None:
    """So that the same run need not be looked at again."""
    if keeping.run is None:
        return
    try:
        for piece, key in keys.items():
            cache.note(keeping.run, piece, {"key": key})
        if keeping.source is not None:
            cache.mark(keeping.shot, keeping.source)
    except OSError as problem:
        say(f"the cache cannot take more ({problem.strerror})")


def fetch_all(
    cache: Cache,
    keys: dict[int, str],
    score: Score,
    settings: Settings,
    folder: Path,
    starts: list[int],
    say: Callable[[str], None],
) -> set[int]:
    """Put what is kept into the folder; which pieces those are."""
    suffix = piece_suffix(settings.coding)
    ends = [*starts[1:], score.frames]
    there, damaged = set(), 0
    for piece, key in keys.items():
        path = piece_path(folder, piece, settings.coding)
        try:
            state = cache.fetch(key, suffix, path)
            if state == "there" and starts[piece] <= score.poster_frame < ends[piece]:
                offset = score.poster_frame - starts[piece]
                state = cache.fetch(f"{key}-{offset}", ".png", folder / "poster.png")
        except OSError as problem:
            if is_full(problem):
                raise
            state = "missing"
        if state == "there":
            there.add(piece)
        else:
            path.unlink(missing_ok=True)
        damaged += state == "damaged"
    if damaged:
        say(f"{damaged} kept piece{'s were' if damaged > 1 else ' was'} damaged and will be drawn again")
    return there


def forget_run(keeping: Keeping) -> None:
    """What was noted of a run that turned out not to be steady."""
    if keeping.root is not None and keeping.run is not None:
        shutil.rmtree(keeping.root / "runs" / keeping.run[:2] / keeping.run, ignore_errors=True)


def open_cache(say: Callable[[str], None]) -> Cache | None:
    """The cache; one that the user named must work, the usual one may be missing."""
    try:
        return Cache.ready()
    except RenderError as problem:
        if os.environ.get("CHAINREEL_CACHE"):
            raise
        say(f"{problem}; nothing is kept of this film")
        return None
