"""Flite's voices, where the system has them (Debian: apt-get install libflite1)."""

from __future__ import annotations

import ctypes.util

from ..errors import RenderError
from .kept import kept
from .process import speak
from .voice import SILENCE, Utterance

VOICES = ("slt", "rms", "awb", "kal16", "kal")


class Flite:
    """Flite in a process of its own for each utterance. It gives the start and the end of every word."""

    def __init__(self, voice: str = "slt", cache: bool = True):
        if voice not in VOICES:
            raise RenderError(f"flite has no voice '{voice}'; it has {', '.join(VOICES)}")
        library = ctypes.util.find_library(f"flite_cmu_us_{voice}" if voice != "awb" else "flite_cmu_us_awb")
        if library is None:
            raise RenderError("flite is not installed here (on Debian: apt-get install libflite1)")
        self.voice, self.library, self.cache = voice, library, cache
        self.name = f"flite {library} {voice}"

    def say(self, spoken: str, beat: str = "") -> Utterance:
        """Mono at 16 000 Hz (kal: 8 000), with the times of the words."""
        if not spoken.strip():
            return SILENCE
        module = "chainreel.rendering.voices.speak_flite"
        return kept(self.name, spoken, lambda: speak("flite", module, spoken, self.voice, self.library), self.cache)
