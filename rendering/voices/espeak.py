"""The built-in voice, eSpeak NG, from the package espeakng-loader."""

from __future__ import annotations

from ..errors import RenderError
from ..versions import version_of
from .kept import kept
from .process import speak
from .voice import SILENCE, Utterance


class Espeak:
    """eSpeak NG in a short process of its own for each utterance: the library does not say a sentence twice with the
    same bytes. ``rate`` is eSpeak's own; 125 measures as about 150 words a minute.
    """

    def __init__(self, voice: str = "en-us", rate: int = 125, cache: bool = True):
        version = version_of("espeakng-loader")
        if version is None:
            raise RenderError(
                "a voice needs the package espeakng-loader, which is missing; run ./chainreel setup, "
                "or: python -m pip install espeakng-loader"
            )
        self.voice, self.rate, self.cache = voice, rate, cache
        self.name = f"espeak-ng {version} {voice} {rate}"

    def say(self, spoken: str, beat: str = "") -> Utterance:
        """Mono at 22 050 Hz, with the times of the words."""
        if not spoken.strip():
            return SILENCE
        module = "chainreel.rendering.voices.speak_espeak"
        return kept(self.name, spoken, lambda: speak("eSpeak NG", module, spoken, self.voice, str(self.rate)), self.cache)
