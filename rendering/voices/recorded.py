"""A person's voice: a folder with a recording for each beat, as ``--script`` names them."""

from __future__ import annotations

from pathlib import Path

from ..errors import RenderError
from .voice import SILENCE, Utterance, VoiceError, decode_sound, without_silence

KINDS = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".aiff")
FASTEST, SLOWEST = 330.0, 45.0  # words a minute; beyond these it is another text, or half of it
LOWEST_RATE = 8_000  # Hz


class Recorded:
    """Recordings of a folder, ``03.wav`` for the third beat. One that is missing or does not fit is named."""

    def __init__(self, folder: Path):
        if not folder.is_dir():
            raise RenderError(f"--voice names the folder {folder}, which is not there")
        self.folder, self.name = folder, f"recorded in {folder.name}"

    def say(self, spoken: str, beat: str = "") -> Utterance:
        """The recording of a beat, without the silence around it."""
        if not spoken.strip():
            return SILENCE
        found = [self.folder / (beat + kind) for kind in KINDS if (self.folder / (beat + kind)).is_file()]
        if not found:
            raise VoiceError(f"{self.folder} has no {beat}.wav, which says: {spoken[:60]}")
        path = found[0]
        sound = without_silence(decode_sound(path.read_bytes(), path.name))
        if sound.rate < LOWEST_RATE:
            raise VoiceError(f"{path.name} has a rate of {sound.rate} Hz; record at {LOWEST_RATE} Hz or more")
        words, seconds = len(spoken.split()), sound.duration
        pace = words / seconds * 60
        if words > 3 and not SLOWEST <= pace <= FASTEST:
            raise VoiceError(
                f"{path.name} takes {seconds:.1f} s for {words} words; is it the recording of “{spoken[:40]}”?"
            )
        return sound
