"""Voices for ``--narrate``. The built-in one is eSpeak NG; what it said once is kept on disk."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import wave
from typing import Protocol

import numpy as np

from .cache import cache_folder
from .errors import RenderError
from .versions import version_of


class Voice(Protocol):
    """What the stage and the sound track need of a voice."""

    name: str

    def duration(self, spoken: str) -> float:
        """Seconds that saying the words takes."""

    def samples(self, spoken: str) -> tuple[np.ndarray, int]:
        """Mono samples between -1 and 1, and their rate in Hz."""


class Espeak:
    """eSpeak NG from the package espeakng-loader, in a short process of its own for each utterance.

    A process of its own because the library does not say the same sentence twice with the same bytes.
    """

    name = "espeak-ng"

    def __init__(self, voice: str = "en-us", rate: int = 125, cache: bool = True):
        if version_of("espeakng-loader") is None:
            raise RenderError(
                "--narrate needs the package espeakng-loader, which is missing; run ./chainreel setup, "
                "or: python -m pip install espeakng-loader"
            )
        self.voice, self.rate = voice, rate
        self.folder = cache_folder() / "voice" if cache else None
        self._said: dict[str, bytes] = {}

    def samples(self, spoken: str) -> tuple[np.ndarray, int]:
        """The utterance, without the silence around it."""
        with wave.open(io.BytesIO(self._wav(spoken))) as sound:
            data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
            return data.astype(np.float32) / 32768, sound.getframerate()

    def duration(self, spoken: str) -> float:
        """Seconds; 0 for nothing to say."""
        if not spoken.strip():
            return 0.0
        samples, rate = self.samples(spoken)
        return len(samples) / rate

    def _wav(self, spoken: str) -> bytes:
        key = "\0".join((self.name, str(version_of("espeakng-loader")), self.voice, str(self.rate), spoken))
        digest = hashlib.sha256(key.encode()).hexdigest()
        if digest in self._said:
            return self._said[digest]
        kept = self.folder / f"{digest}.wav" if self.folder else None
        if kept is not None and kept.is_file():
            self._said[digest] = kept.read_bytes()
            return self._said[digest]
        sound = self._speak(spoken)
        self._said[digest] = sound
        if kept is not None:
            try:
                kept.parent.mkdir(parents=True, exist_ok=True)
                partial = kept.with_suffix(f".{os.getpid()}")
                partial.write_bytes(sound)
                partial.replace(kept)
            except OSError:
                pass  # a cache that cannot be written only costs time
        return sound

    def _speak(self, spoken: str) -> bytes:
        command = [sys.executable, "-m", "chainreel.rendering.espeak", self.voice, str(self.rate)]
        try:
            answer = subprocess.run(command, input=spoken.encode(), capture_output=True, timeout=60)
        except subprocess.TimeoutExpired:
            raise RenderError(f"eSpeak NG took more than a minute for {spoken[:40]!r}") from None
        if answer.returncode or not answer.stdout:
            said = answer.stderr.decode(errors="replace").strip().splitlines()
            raise RenderError(
                f"eSpeak NG could not say {spoken[:40]!r}: {said[-1] if said else 'no sound came out'}"
            )
        return answer.stdout
