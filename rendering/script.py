"""``--script``: what is said in a film, beat by beat, for whoever reads it aloud."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .drawing import rehearse
from .parts import Part, joined
from .settings import Settings
from .shots import Shot


def script_of(film: Shot | Sequence[Part], settings: Settings) -> list[dict[str, Any]]:
    """For each beat with words: the name of its recording, what is said, and about how long it may take in seconds."""
    parts = [Part(film)] if isinstance(film, Shot) else list(film)
    with tempfile.TemporaryDirectory(prefix="chainreel-script-") as folder:
        score = joined([rehearse(part.shot, settings, Path(folder)) for part in parts], parts, settings.fps)
    return [
        {"file": f"{name}.wav", "say": beat["spoken"], "seconds": round(beat["end"] - beat["start"], 1)}
        for name, beat in zip(score.names, score.beats, strict=True)
        if beat["spoken"].strip()
    ]


def printed(entries: list[dict[str, Any]]) -> str:
    """The script as text.

    >>> print(printed([{"file": "01.wav", "say": "This is f.", "seconds": 2.0}]))
    01.wav  This is f.
    """
    return "\n".join(f"{entry['file']}  {entry['say']}" for entry in entries)
