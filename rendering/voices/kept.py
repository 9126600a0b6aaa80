"""Utterances on the disk: what was said once with the same voice is not said again."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

from ..cache import cache_folder
from .voice import Utterance, read_wav

Said = tuple[bytes, list[tuple[int, float, float]] | None]  # a WAV file, and the times of words


def kept(name: str, spoken: str, speak: Callable[[], Said], keep: bool = True) -> Utterance:
    """The utterance of a voice called ``name``, from the disk if it is there, else by ``speak``."""
    key = hashlib.sha256(f"{name}\0{spoken}".encode()).hexdigest()
    folder = cache_folder() / "voice"
    sound, times = folder / f"{key}.wav", folder / f"{key}.json"
    if keep:
        try:
            return read_wav(sound.read_bytes(), _times(json.loads(times.read_text(encoding="utf-8"))))
        except (OSError, ValueError, EOFError):
            pass  # not there, or not whole
    content, words = speak()
    if keep:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write(times, json.dumps(words).encode())
            write(sound, content)  # last: whoever finds it finds the times
        except OSError:
            pass  # a cache that cannot be written only costs time
    return read_wav(content, _times(words))


def _times(words: list[list[float]] | list[tuple[int, float, float]] | None) -> tuple[tuple[int, float, float], ...] | None:
    return None if words is None else tuple((int(at), float(start), float(end)) for at, start, end in words)


def write(path: Path, content: bytes) -> None:
    """A file that has its name when it is whole."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    partial.write_bytes(content)
    partial.replace(path)
