"""AAC in stretches: a film's sound is cut where it is silent, the stretches are encoded side by side and kept.

Two packets that meet in silence do not depend on each other, so what is put together decodes as what was encoded in one
go. After a change of one word only its stretch is encoded again.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np

from chainreel.scenes.stage.folders import cache_folder

from .voices.kept import write

FRAME = 1024  # samples in a packet
RATE, BIT_RATE = 48_000, 160_000
LENGTH = 20 * RATE // FRAME  # packets that a stretch has at least
CODER = "fast"  # of FFmpeg's two: three times as quick; for speech at this rate the same


def packets(samples: np.ndarray) -> Iterator[bytes]:
    """The packets of samples of shape (2, n) at 48 kHz, whose rows may be one; the first packet stands before the sound."""
    count = -(-samples.shape[1] // FRAME)
    if samples.strides[0] == 0:
        samples = samples[:1]  # both channels are one
    padded = np.pad(np.asarray(samples, np.float32), ((0, 0), (0, count * FRAME - samples.shape[1])))
    cuts = silent_cuts(padded)
    stretches = [padded[:, a * FRAME : b * FRAME] for a, b in zip(cuts, cuts[1:], strict=False)]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(encoded, stretches))
    for index, content in enumerate(made):
        yield from content if index == len(made) - 1 else content[:-1]  # the next one begins with the same silence


def silent_cuts(samples: np.ndarray) -> list[int]:
    """Frames at which stretches begin, and the end: where two frames in a row are silent."""
    count = samples.shape[1] // FRAME
    loud = np.asarray(samples.reshape(len(samples), count, FRAME).any(axis=(0, 2)))
    cuts = [0]
    for frame in np.flatnonzero(~(loud[:-1] | loud[1:])).tolist():  # and the one after it
        if frame + 1 - cuts[-1] >= LENGTH and 2 < count - frame - 1:
            cuts.append(frame + 1)
    return [*cuts, count]


def encoded(samples: np.ndarray) -> list[bytes]:
    """The packets of one stretch, one more than it has frames; from the disk where it was encoded before."""
    versions = repr((av.library_versions["libavcodec"], BIT_RATE, CODER))
    whole = hashlib.sha256(versions.encode())
    whole.update(np.ascontiguousarray(samples).data)
    key = whole.hexdigest()
    place = cache_folder() / "voice" / f"{key}.aac"
    try:
        return unpacked(place.read_bytes())
    except (OSError, ValueError):
        made = encode(np.broadcast_to(samples, (2, samples.shape[1])))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, packed(made))
    except OSError:
        pass  # a cache that cannot be written only costs time
    return made


def encode(samples: np.ndarray) -> list[bytes]:
    """The packets of FFmpeg's encoder."""
    context = av.CodecContext.create("aac", "w")
    context.rate, context.layout, context.format = RATE, "stereo", "fltp"
    context.bit_rate, context.options = BIT_RATE, {"aac_coder": CODER}
    made = []
    for at in range(0, samples.shape[1], FRAME):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, at : at + FRAME]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        made += context.encode(frame)
    made += context.encode(None)
    return [bytes(packet) for packet in made]


def packed(contents: list[bytes]) -> bytes:
    """Packets as one piece: how many, the length of each, all of them, and a checksum.

    >>> unpacked(packed([b"ab", b"", b"c"]))
    [b'ab', b'', b'c']
    """
    body = struct.pack(f">I{len(contents)}I", len(contents), *map(len, contents)) + b"".join(contents)
    return body + hashlib.sha256(body).digest()


def unpacked(content: bytes) -> list[bytes]:
    """The packets again. Raises ValueError where the piece is not whole."""
    body, check = content[:-32], content[-32:]
    if hashlib.sha256(body).digest() != check:
        raise ValueError("not whole")
    (count,) = struct.unpack_from(">I", body)
    at, result = 4 + 4 * count, []
    for length in struct.unpack_from(f">{count}I", body, 4):
        result.append(body[at : at + length])
        at += length
    return result
