"""What a voice is: words in, sound and the times of its words out."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..errors import RenderError


class VoiceError(RenderError):
    """A voice that could not say something; the film goes on in silence and tells at its end."""


@dataclass(frozen=True)
class Utterance:
    """What was said: mono ``samples`` (float32, between -1 and 1) at ``rate`` Hz.

    ``times`` has (offset in the spoken text, start, end) in seconds for the words whose times the voice gave; None
    where it gave none, and then only the whole length is known.
    """

    samples: np.ndarray = field(repr=False)
    rate: int
    times: tuple[tuple[int, float, float], ...] | None = None

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate


SILENCE = Utterance(np.zeros(0, np.float32), 48_000)


class Voice(Protocol):
    """Whoever can speak. ``name`` stands for all that decides on the sound; it goes into the cache's keys."""

    name: str

    def say(self, spoken: str, beat: str = "") -> Utterance:
        """Say the words of a beat. ``beat`` is its name, for voices that were recorded. Raises VoiceError."""


def read_wav(content: bytes, times: tuple[tuple[int, float, float], ...] | None = None) -> Utterance:
    """An utterance from a WAV file of 16-bit samples."""
    with wave.open(io.BytesIO(content)) as sound:
        data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())
        return Utterance(data.mean(axis=1).astype(np.float32) / 32768, sound.getframerate(), times)


def decode_sound(content: bytes, what: str) -> Utterance:
    """An utterance from a sound file of any kind that PyAV reads. Raises VoiceError with ``what`` it was."""
    import av

    try:
        with av.open(io.BytesIO(content)) as container:
            if not container.streams.audio:
                raise VoiceError(f"{what} holds no sound")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=stream.rate)
            parts = [r.to_ndarray()[0] for frame in container.decode(stream) for r in resampler.resample(frame)]
            parts += [r.to_ndarray()[0] for r in resampler.resample(None)]
    except (av.FFmpegError, EOFError, ValueError) as problem:
        raise VoiceError(f"{what} cannot be read as sound ({problem})") from None
    samples = np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
    if not len(samples) or not np.any(samples):
        raise VoiceError(f"{what} is silent")
    return Utterance(samples, int(stream.rate))


def without_silence(sound: Utterance, floor: float = 0.004) -> Utterance:
    """The same without the silence at both ends (a tenth of a second is left)."""
    loud = np.flatnonzero(np.abs(sound.samples) > floor * max(float(np.abs(sound.samples).max(initial=0.0)), 1e-9) / 0.5)
    if not len(loud):
        return sound
    spare = round(0.1 * sound.rate)
    first, last = max(0, int(loud[0]) - spare), min(len(sound.samples), int(loud[-1]) + spare)
    shift = first / sound.rate
    times = sound.times and tuple((at, max(0.0, a - shift), max(0.0, b - shift)) for at, a, b in sound.times)
    return Utterance(sound.samples[first:last], sound.rate, times)
