"""Speech under a film: pieces placed on one track, brought to −16 LUFS, peaks held below −1 dB.

Loudness after ITU-R BS.1770-4: K-weighting, blocks of 400 ms, gates at −70 LUFS and 10 LU below the mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from scipy.signal import lfilter

from .assembly import SOUND_RATE

TARGET = -16.0  # LUFS
BELOW = 20.0  # LU that a tick is softer than the speech
PEAK = -1.5  # dB, which leaves half a decibel for what an encoder adds

# K-weighting at 48 kHz, from the tables of BS.1770-4: a shelf (the head), then a high pass.
_SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])


def loudness(samples: np.ndarray) -> float:
    """Integrated loudness in LUFS of samples of shape (channels, n) at 48 kHz; -inf for silence."""
    weighted = lfilter(*_HIGH_PASS, lfilter(*_SHELF, samples.astype(np.float64), axis=1), axis=1)
    block, hop = int(0.4 * SOUND_RATE), int(0.1 * SOUND_RATE)
    if weighted.shape[1] < block:
        weighted = np.pad(weighted, ((0, 0), (0, block - weighted.shape[1])))
    power = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=0))])
    starts = np.arange(0, weighted.shape[1] - block + 1, hop)
    energy = (power[starts + block] - power[starts]) / block
    loud = energy[energy > _energy(-70.0)]
    if not len(loud):
        return -math.inf
    loud = loud[loud > loud.mean() * 0.1]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def _energy(lufs: float) -> float:
    return 10 ** ((lufs + 0.691) / 10)


def soundtrack(
    pieces: Iterable[tuple[tuple[np.ndarray, int], float]], seconds: float, ticks: Iterable[float] = ()
) -> np.ndarray:
    """The whole track, float32 of shape (2, samples) at 48 kHz.

    ``pieces`` are ((mono samples as float, rate), start in seconds); what reaches beyond the film is cut. ``ticks`` are
    seconds at which something lands: a soft tick, 20 dB below the speech.
    """
    length = round(seconds * SOUND_RATE)
    mono = np.zeros(length, np.float32)
    for (samples, rate), start in pieces:
        voice = resample(samples, rate)
        at = round(start * SOUND_RATE)
        end = min(at + len(voice), length)
        if end > at:
            mono[at:end] += voice[: end - at]
    track = np.stack([mono, mono])  # measured in this layout: one channel alone measures 3 LU less
    track = level(track)
    small = tick()
    for moment in ticks:
        at = round(moment * SOUND_RATE)
        end = min(at + len(small), length)
        if 0 <= at < end:
            track[:, at:end] += small[: end - at]
    return limit(track) if np.abs(track).max(initial=0.0) > 10 ** (PEAK / 20) else track


def tick() -> np.ndarray:
    """A soft knock on wood, 60 ms, mono; its loudest 400 ms measure 20 LU less than the speech."""
    t = np.arange(round(0.06 * SOUND_RATE)) / SOUND_RATE
    knock = np.sin(2 * np.pi * 880 * t) * np.exp(-t / 0.009) + 0.5 * np.sin(2 * np.pi * 1320 * t) * np.exp(-t / 0.005)
    knock = (knock * np.minimum(1, t / 0.001)).astype(np.float32)
    measured = loudness(np.stack([knock, knock]))
    return knock * np.float32(10 ** ((TARGET - BELOW - measured) / 20))


def level(track: np.ndarray) -> np.ndarray:
    """The track at −16 LUFS with its peaks limited; silence stays silence."""
    wanted = TARGET
    result = track
    for _ in range(2):  # what the limiter takes off is given back once
        measured = loudness(track)
        if not math.isfinite(measured):
            return track
        result = limit(track * np.float32(10 ** ((wanted - measured) / 20)))
        wanted += TARGET - loudness(result)
    return result


def limit(track: np.ndarray) -> np.ndarray:
    """Peaks below −1.5 dB, also between samples: the limiter works at four times the rate."""
    graph = av.filter.Graph()
    ceiling = 10 ** (PEAK / 20)
    chain = [
        graph.add(
            "abuffer",
            sample_rate=str(SOUND_RATE),
            sample_fmt="fltp",
            channel_layout="stereo",
            time_base=f"1/{SOUND_RATE}",
        ),
        graph.add("aresample", str(4 * SOUND_RATE)),
        graph.add("alimiter", f"limit={ceiling:.5f}:attack=5:release=50:level=false:latency=true"),
        graph.add("aresample", str(SOUND_RATE)),
        graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ]
    for one, next_one in zip(chain, chain[1:], strict=False):
        one.link_to(next_one)
    graph.configure()
    parts: list[np.ndarray] = []

    def drain() -> None:
        while True:
            try:
                parts.append(chain[-1].pull().to_ndarray())
            except (av.BlockingIOError, av.EOFError):
                return

    for at in range(0, track.shape[1], SOUND_RATE):
        block = np.ascontiguousarray(track[:, at : at + SOUND_RATE], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        chain[0].push(frame)
        drain()
    chain[0].push(None)
    drain()
    out = np.concatenate(parts, axis=1)[:, : track.shape[1]]
    return np.pad(out, ((0, 0), (0, track.shape[1] - out.shape[1]))).astype(np.float32)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Mono samples at 48 kHz."""
    if rate == SOUND_RATE:
        return samples.astype(np.float32)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples[None, :], np.float32), format="fltp", layout="mono"
    )
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    parts = [ready.to_ndarray()[0] for ready in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
