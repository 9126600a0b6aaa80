"""AAC in stretches: decodes as what was encoded in one go, is kept, and only what changed is encoded again."""

from __future__ import annotations

import av
import numpy as np
import pytest

from chainreel.rendering import aac
from chainreel.rendering.aac import FRAME, LENGTH, packets, silent_cuts

RATE = 48_000


def speech(seconds=70.0, seed=1):
    """Noise in bursts of four seconds with silence between them, alike in both channels."""
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)
    noise *= (np.arange(len(noise)) // (2 * RATE)) % 3 != 2
    return np.stack([noise, noise])


def heard(content):
    """Packets decoded again."""
    decoder, encoder = av.CodecContext.create("aac", "r"), av.CodecContext.create("aac", "w")
    encoder.rate, encoder.layout, encoder.format = RATE, "stereo", "fltp"
    encoder.open()
    decoder.extradata = encoder.extradata
    return np.concatenate([f.to_ndarray() for p in content for f in decoder.decode(av.Packet(p))], axis=1)


def distance(one, other):
    """Signal to noise in dB."""
    return 10 * np.log10((other**2).sum() / ((one - other) ** 2).sum())


def test_stretches_decode_as_the_whole():
    """As many packets, and at the seams no more noise than elsewhere."""
    samples = speech()
    padded = np.pad(samples, ((0, 0), (0, -samples.shape[1] % FRAME)))
    cuts = silent_cuts(padded)
    assert len(cuts) > 3 and cuts[0] == 0 and cuts[-1] * FRAME == padded.shape[1]
    assert all(b - a >= LENGTH for a, b in zip(cuts, cuts[1:-1], strict=False))
    pieces, whole = list(packets(samples)), aac.encode(padded)
    assert len(pieces) == len(whole)
    ours, theirs = (heard(p)[:, FRAME : FRAME + samples.shape[1]] for p in (pieces, whole))
    assert abs(distance(ours, samples) - distance(theirs, samples)) < 1
    for cut in cuts[1:-1]:
        around = slice((cut - 1) * FRAME, (cut + 1) * FRAME)
        assert np.abs(ours[:, around]).max() < 0.01, "a seam is silent"


def test_only_what_changed_is_encoded_again(monkeypatch):
    """One stretch of four."""
    samples, encode = speech(), aac.encode
    first = list(packets(samples))
    asked = []
    monkeypatch.setattr(aac, "encode", lambda part: asked.append(part.shape) or encode(part))
    assert list(packets(samples)) == first and not asked
    changed = samples.copy()
    changed[:, RATE : RATE + 100] *= 0.5
    assert len(list(packets(changed))) == len(first) and len(asked) == 1


def test_a_damaged_or_locked_cache_costs_only_time(cache_folder, monkeypatch):
    """What was kept has a checksum; what cannot be kept is made."""
    samples = speech(30)
    first = list(packets(samples))
    for place in (cache_folder / "voice").glob("*.aac"):
        place.write_bytes(place.read_bytes()[:-1])
    assert list(packets(samples)) == first
    with pytest.raises(ValueError, match="not whole"):
        aac.unpacked(b"x" * 40)
    monkeypatch.setenv("CHAINREEL_CACHE", "/proc/none")
    assert list(packets(samples)) == first


def test_sounds_without_a_seam():
    """Nothing, a moment, one long noise."""
    assert len(list(packets(np.zeros((2, 10), np.float32)))) >= 1
    loud = np.full((2, 30 * RATE), 0.1, np.float32)
    assert silent_cuts(loud[:, : 30 * RATE // FRAME * FRAME]) == [0, 30 * RATE // FRAME]


def test_one_row_twice_is_as_good_as_two():
    """The channels of a voice are one array seen twice."""
    samples = speech(25.0)
    assert list(packets(np.broadcast_to(samples[0], samples.shape))) == list(packets(samples))
