"""The rehearsals of our own chapters, kept: what a run told, under all that it depends on.

A chapter of ours is made from its parameters, its sources, its seed, what it reads and what its voice says, and from nothing
else: no clock, no chance without a seed, no user's function. Where all of these are what they were, the rehearsal would tell
what it told, so it need not be held. docs/decisions/render-rehearsals.md says what is checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from .cache import Cache
from .drawing import Score, piece_starts
from .keeping import Recall, fetch_all, noted
from .keys import contents, digest, drawing_key, shot_key, source_key
from .settings import Settings
from .shots import Shot
from .workers import Keeping

OURS = "chainreel.scenes.films."
OF_THE_RUN = ("sights", "seconds")  # of a Score: how it was found out, not what was


def score_key(shot: Shot, settings: Settings) -> str | None:
    """All that the rehearsal of a chapter of ours depends on and that is known before it; None for any other shot."""
    if shot.is_live or shot.parameters or not shot.place.startswith(OURS):
        return None
    return digest("score", shot.place, source_key(shot, settings))


def remembered(
    cache: Cache, shot: Shot, settings: Settings, folder: Path, voice: Any, say: Callable[[str], None]
) -> Recall | None:
    """The rehearsal as it was, and what is kept in ``folder``; None where it must be held."""
    key = score_key(shot, settings)
    entry = cache.kept_score(key) if key else None
    try:
        known = None if entry is None else decoded(json.loads(entry))
        score = Score(**known["score"]) if known else None
    except (ValueError, TypeError, KeyError):  # written by another version
        return None
    if known is None or score is None or contents(known["read"]) != known["contents"]:
        return None
    book = voice.another() if voice else None
    if said_in(score, book) != known["said"]:
        return None
    starts, name = piece_starts(score, settings.fps), shot_key(shot, settings)
    keeping = Keeping(cache.root, drawing_key(settings), known["run"], name, known["source"])
    keys = noted(cache, known["run"], len(starts))
    if not keys and cache.knows(name, None)[0]:  # forgotten: the scene was not the same twice
        return None
    if voice and book:
        voice.said |= book.said
        voice.failed += book.failed
    there = fetch_all(cache, keys, score, settings, folder, starts, say)
    return Recall(score, keeping, there, len(starts), known["read"], settings.fps)


def remember(
    cache: Cache, shot: Shot, settings: Settings, held: Recall, voice: Any, say: Callable[[str], None]
) -> None:
    """Keep a rehearsal that was held."""
    key = score_key(shot, settings)
    if key is None or held.keeping.run is None:
        return
    plain = {part.name: getattr(held.score, part.name) for part in fields(Score) if part.name not in OF_THE_RUN}
    entry = {
        "score": plain, "read": held.read, "contents": contents(held.read), "said": said_in(held.score, voice),
        "run": held.keeping.run, "source": held.keeping.source,
    }  # fmt: skip
    try:
        cache.keep_score(key, json.dumps(encoded(entry)))
    except TypeError:
        return  # something that JSON does not know: then it is held again
    except OSError as problem:
        say(f"the cache cannot take more ({problem.strerror})")


def said_in(score: Score, voice: Any) -> str:
    """A key of when every word of a chapter is said: a scene asks nothing else of its voice."""
    if not voice:
        return ""
    heard = [voice.say(beat["spoken"], name) for name, beat in zip(score.names, score.beats, strict=True)]
    return digest([None if one is None else (len(one.samples), one.rate, one.times) for one in heard])


def encoded(value: Any) -> Any:
    """Plain values as JSON, such that ``decoded`` gives them back: tuples, keys that are no text, infinity.

    >>> decoded(json.loads(json.dumps(encoded({1: (2.5, [float("inf"), "a"])}))))
    {1: (2.5, [inf, 'a'])}
    """
    if isinstance(value, tuple):
        return {"tuple": [encoded(one) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[encoded(key), encoded(one)] for key, one in value.items()]}
    if isinstance(value, list):
        return [encoded(one) for one in value]
    return encoded(value.tolist()) if hasattr(value, "tolist") else value


def decoded(value: Any) -> Any:
    """The values again."""
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if isinstance(value, dict):
        ((kind, parts),) = value.items()
        return tuple(map(decoded, parts)) if kind == "tuple" else {decoded(key): decoded(one) for key, one in parts}
    return value
