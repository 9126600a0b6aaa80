"""Any other program as a voice: a command with ``{out}`` for the sound file that it writes."""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from ..errors import RenderError
from .kept import Said, kept
from .voice import SILENCE, Utterance, VoiceError, decode_sound, without_silence

PATIENCE = 300  # seconds: large models take their time


class Command:
    """A voice by a command such as ``piper --model amy.onnx --output_file {out}``.

    ``{out}`` is where the sound goes (any format that PyAV reads), ``{text}`` the words as one argument, ``{text_file}``
    a file with them; they also come on stdin. Times of words are not known then.
    """

    def __init__(self, template: str, cache: bool = True):
        try:
            self.words = shlex.split(template)
        except ValueError:
            raise RenderError(f"--voice '{template}' has a quote that does not end") from None
        if not any("{out}" in word for word in self.words):
            raise RenderError(f"--voice '{template}' has no {{out}}; a command writes its sound there")
        if shutil.which(self.words[0]) is None:
            raise RenderError(f"--voice '{template}' starts with {self.words[0]}, which is not installed here")
        self.cache, self.name = cache, f"command {template}"

    def say(self, spoken: str, beat: str = "") -> Utterance:
        """Mono, at the rate that the command chose."""
        if not spoken.strip():
            return SILENCE
        return kept(self.name, spoken, lambda: self._speak(spoken), self.cache)

    def _speak(self, spoken: str) -> Said:
        who = self.words[0]
        with tempfile.TemporaryDirectory(prefix="chainreel-voice-") as folder:
            out, text = Path(folder) / "out.wav", Path(folder) / "text.txt"
            text.write_text(spoken, encoding="utf-8")
            places = {"{out}": str(out), "{text}": spoken, "{text_file}": str(text)}
            words = self.words
            for slot, value in places.items():
                words = [word.replace(slot, value) for word in words]
            try:
                answer = subprocess.run(words, input=spoken.encode(), capture_output=True, timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                raise VoiceError(f"{who} took more than {PATIENCE // 60} minutes for {spoken[:40]!r}") from None
            except OSError as problem:
                raise VoiceError(f"{who} does not run ({problem.strerror})") from None
            if answer.returncode or not out.is_file():
                said = answer.stderr.decode(errors="replace").strip().splitlines()
                raise VoiceError(f"{who} could not say {spoken[:40]!r}: {said[-1] if said else 'it wrote no sound'}")
            return as_wav(without_silence(decode_sound(out.read_bytes(), f"what {who} wrote"))), None


def as_wav(sound: Utterance) -> bytes:
    """A WAV file of 16-bit samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(np.round(np.clip(sound.samples, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
