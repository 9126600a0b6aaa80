"""Everything that was said in one film, so that all who draw it hear the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .voice import SILENCE, Utterance, Voice, VoiceError


@dataclass
class Failed:
    """A beat that stayed silent, and why."""

    beat: str
    why: str


class Book:
    """A voice that remembers. A beat that its voice cannot say is silent (``failed``), and the film goes on.

    It can be sent to other processes: they get the times without the sound, and no voice.
    """

    def __init__(self, voice: Voice | None):
        self.voice = voice
        self.name = voice.name if voice else ""
        self.said: dict[tuple[str, str], Utterance] = {}
        self.failed: list[Failed] = []

    def say(self, spoken: str, beat: str = "") -> Utterance | None:
        """What the voice says, the first time it is asked; None for a beat that it cannot say."""
        key = (spoken, beat)
        if key not in self.said:
            if self.voice is None:
                raise LookupError(f"nobody has said {spoken[:40]!r} yet")
            try:
                self.said[key] = self.voice.say(spoken, beat)
            except VoiceError as problem:
                self.failed.append(Failed(beat, str(problem)))
                self.said[key] = SILENCE
        said = self.said[key]
        return None if said is SILENCE or not said.duration else said

    def another(self) -> Book:
        """The same voice, and nothing said yet."""
        return Book(self.voice)

    def __getstate__(self) -> dict[str, object]:
        # An array of one zero many times over would be sent in full: send its length.
        plain = {key: (len(said.samples), said.rate, said.times) for key, said in self.said.items()}
        return {"name": self.name, "plain": plain}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.voice, self.name, self.failed, self.said = None, str(state["name"]), [], {}
        for key, (length, rate, times) in state["plain"].items():  # type: ignore[attr-defined]
            self.said[key] = Utterance(np.broadcast_to(np.float32(0), length), rate, times)
