"""Speech under a film: pieces placed on one track, brought to −16 LUFS, peaks held below −1 dB.

Loudness after ITU-R BS.1770-4: K-weighting, blocks of 400 ms, gates at −70 LUFS and 10 LU below the mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from scipy.signal import firwin, sosfilt, upfirdn

from .assembly import SOUND_RATE

TARGET = -16.0  # LUFS
BELOW = 20.0  # LU that a tick is softer than the speech
PEAK = -1.5  # dB, which leaves half a decibel for what an encoder adds
NEAR = 0.7  # of the ceiling: what is softer cannot pass it between samples

# K-weighting at 48 kHz, from the tables of BS.1770-4: a shelf (the head), then a high pass.
_SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
_HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
BLOCK, HOP = int(0.4 * SOUND_RATE), int(0.1 * SOUND_RATE)
MINUTE, WARM = 600, 5  # tenths of a second
_WEIGHTING = np.array([[*_SHELF[0], *_SHELF[1]], [*_HIGH_PASS[0], *_HIGH_PASS[1]]])

_FINER = (4 * firwin(81, 1 / 4, window=("kaiser", 5.0))).astype(np.float32)  # to four times the rate


def loudness(samples: np.ndarray) -> float:
    """Integrated loudness in LUFS of samples of shape (channels, n) at 48 kHz; -inf for silence."""
    alike = len(samples) == 2 and (samples.strides[0] == 0 or np.array_equal(samples[0], samples[1]))
    power = sum(energies(channel) for channel in (samples[:1] if alike else samples))
    return _lufs((2 if alike else 1) * np.asarray(power), samples.shape[1])


def energies(channel: np.ndarray) -> np.ndarray:
    """The K-weighted energy of each tenth of a second of one channel; there are at least four."""
    steps = max(-(-len(channel) // HOP), BLOCK // HOP)
    power = np.zeros(steps)

    def weigh(first: int) -> None:
        # A minute at a time, side by side. What the filters remember is gone after a few hundredths of a second.
        warm = min(first, WARM)
        part = sosfilt(_WEIGHTING, channel[(first - warm) * HOP : (first + MINUTE) * HOP])[warm * HOP :]
        whole = len(part) // HOP
        power[first : first + whole] = np.square(part[: whole * HOP]).reshape(whole, HOP).sum(axis=1)
        if len(part) > whole * HOP:
            power[first + whole] = np.square(part[whole * HOP :]).sum()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(weigh, range(0, -(-len(channel) // HOP), MINUTE)))
    return power


def _lufs(power: np.ndarray, length: int) -> float:
    """The loudness of so many samples from the energy of all channels in each tenth of a second."""
    sums = np.concatenate([[0.0], np.cumsum(power)])
    energy = (sums[BLOCK // HOP :] - sums[: -(BLOCK // HOP)])[: max(1, (length - BLOCK) // HOP + 1)] / BLOCK
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
    mono = level(mono)
    small, places = tick(), []
    for moment in ticks:
        at = round(moment * SOUND_RATE)
        end = min(at + len(small), length)
        if 0 <= at < end:
            mono[at:end] += small[: end - at]
            places += [at, end]
    for start, end in stretches(np.sort(places), SOUND_RATE // 2, length):  # elsewhere it is limited already
        mono[start:end] = limit(mono[None, start:end])[0]
    return np.broadcast_to(mono, (2, length))


def tick() -> np.ndarray:
    """A soft knock on wood, 60 ms, mono; its loudest 400 ms measure 20 LU less than the speech."""
    t = np.arange(round(0.06 * SOUND_RATE)) / SOUND_RATE
    knock = np.sin(2 * np.pi * 880 * t) * np.exp(-t / 0.009) + 0.5 * np.sin(2 * np.pi * 1320 * t) * np.exp(-t / 0.005)
    knock = (knock * np.minimum(1, t / 0.001)).astype(np.float32)
    measured = loudness(np.stack([knock, knock]))
    return knock * np.float32(10 ** ((TARGET - BELOW - measured) / 20))


def level(mono: np.ndarray) -> np.ndarray:
    """One channel such that two of it measure −16 LUFS, with its peaks limited; silence stays silence."""
    measured = _lufs(2 * energies(mono), len(mono))  # measured in the final layout: one channel alone measures 3 LU less
    if not math.isfinite(measured):
        return mono
    # In tenths of a decibel: one word more in a long film leaves the rest of its sound as it was.
    louder = mono * np.float32(10 ** (round(TARGET - measured, 1) / 20))
    result = limit(louder[None])[0]
    missing = 0.0 if np.shares_memory(result, louder) else round(TARGET - _lufs(2 * energies(result), len(mono)), 1)
    if not missing:
        return result
    louder *= np.float32(10 ** (missing / 20))  # what the limiter took off, once
    return limit(louder[None])[0]


def limit(track: np.ndarray) -> np.ndarray:
    """Peaks below −1.5 dB, also between samples: the limiter works at four times the rate, and only where it may have to."""
    ceiling = 10 ** (PEAK / 20)
    over = [at for at, peak in true_peaks(track, NEAR * ceiling) if peak > ceiling]
    if not over:
        return track
    result = track.copy()

    def mend(stretch: tuple[int, int]) -> None:
        start, end = stretch
        limited = _limited(track[:, start:end], ceiling)
        fade = min(SOUND_RATE // 50, (end - start) // 2)
        rise = np.linspace(0, 1, fade, dtype=np.float32)
        share = np.ones(end - start, np.float32)
        if start > 0:
            share[:fade] = rise
        if end < track.shape[1]:
            share[len(share) - fade :] = rise[::-1]
        result[:, start:end] += share * (limited - track[:, start:end])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(mend, stretches(np.array(over), SOUND_RATE // 4, track.shape[1])))
    return result


def true_peaks(track: np.ndarray, above: float) -> Iterator[tuple[int, float]]:
    """Where samples are louder than this: the middle of each such place and its peak at four times the rate."""
    loud = np.flatnonzero(np.abs(track).max(axis=0, initial=0.0) > above)
    if not len(loud):
        return
    for start, end in stretches(loud, 32, track.shape[1]):
        between = upfirdn(_FINER, track[:, start:end], 4, axis=1)[:, len(_FINER) // 2 : -(len(_FINER) // 2) or None]
        yield (start + end) // 2, float(np.abs(between).max())


def stretches(places: np.ndarray, around: int, length: int) -> list[tuple[int, int]]:
    """Stretches of samples that hold all places, with so much around each.

    >>> stretches(np.array([10, 12, 50]), 5, 52)
    [(5, 18), (45, 52)]
    """
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > 2 * around)
    firsts, lasts = places[np.r_[0, breaks + 1]], places[np.r_[breaks, len(places) - 1]]
    return [(max(0, int(a) - around), min(length, int(b) + around + 1)) for a, b in zip(firsts, lasts, strict=True)]


def _limited(track: np.ndarray, ceiling: float) -> np.ndarray:
    layout = "stereo" if len(track) == 2 else "mono"
    graph = av.filter.Graph()
    chain = [
        graph.add(
            "abuffer",
            sample_rate=str(SOUND_RATE),
            sample_fmt="fltp",
            channel_layout=layout,
            time_base=f"1/{SOUND_RATE}",
        ),
        graph.add("aresample", str(4 * SOUND_RATE)),
        graph.add("alimiter", f"limit={ceiling:.5f}:attack=5:release=50:level=false:latency=true"),
        graph.add("aresample", str(SOUND_RATE)),
        graph.add("aformat", f"sample_fmts=fltp:channel_layouts={layout}"),
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
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        chain[0].push(frame)
        drain()
    chain[0].push(None)
    drain()
    out = np.concatenate(parts, axis=1)[:, : track.shape[1]]
    return np.pad(out, ((0, 0), (0, track.shape[1] - out.shape[1]))).astype(np.float32)


def true_peak(track: np.ndarray) -> float:
    """The highest peak in dB, also between samples."""
    highest = float(np.abs(track).max(initial=0.0))
    between = max((peak for _, peak in true_peaks(track, NEAR * highest)), default=highest)
    return 20 * math.log10(max(highest, between, 1e-9))


def decoded(path: Path) -> np.ndarray:
    """The sound of a film as it is heard, of shape (2, samples) at 48 kHz."""
    parts = []
    with av.open(str(path)) as film:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
        for frame in film.decode(film.streams.audio[0]):
            parts += [ready.to_ndarray() for ready in resampler.resample(frame)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)


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
