"""Voice and sound: the loudness of broadcasting, the same bytes each time, in step with the picture."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest

from chainreel.rendering import voice as voices
from chainreel.rendering.errors import RenderError
from chainreel.rendering.sound import loudness, resample, soundtrack

needs_espeak = pytest.mark.skipif(
    voices.version_of("espeakng-loader") is None, reason="espeakng-loader is missing"
)


def tone(level, seconds=3.0, hertz=997.0):
    t = np.arange(round(48000 * seconds)) / 48000
    one = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * t)
    return np.stack([one, one]).astype(np.float32)


@pytest.mark.parametrize(("level", "expected"), [(-23.0, -23.0), (-33.0, -33.0)])
def test_loudness_of_the_reference_tones(level, expected):
    """EBU Tech 3341, cases 1 and 2: a stereo sine of so many dBFS measures as many LUFS, within 0.1."""
    assert abs(loudness(tone(level, 20.0, 1000.0)) - expected) < 0.1


def test_the_gate_ignores_silence():
    """Pauses do not make speech quieter."""
    sound = tone(-20.0)
    padded = np.concatenate([sound, np.zeros((2, 48000 * 20), np.float32)], axis=1)
    assert abs(loudness(padded) - loudness(sound)) < 0.5
    assert loudness(np.zeros((2, 48000), np.float32)) == -np.inf


def test_a_track_has_minus_16_lufs_and_no_high_peak():
    """Speech-like bursts with strong peaks, at the wrong level to begin with."""
    rng = np.random.default_rng(1)
    burst = (rng.standard_normal(24000 * 2) * np.hanning(24000 * 2) * 0.05).astype(np.float32)
    burst[::4000] *= 6
    track = soundtrack([((burst, 24000), start) for start in (0.0, 3.0, 6.0)], 10.0)
    assert track.shape == (2, 480000)
    assert abs(loudness(track) + 16) < 0.7
    assert 20 * np.log10(np.abs(track).max()) <= -1.0


def test_pieces_stand_where_they_are_put():
    """A click placed at two seconds is heard at two seconds."""
    click = np.zeros(4800, np.float32)
    click[0:200] = 0.5
    track = soundtrack([((click, 48000), 2.0)], 4.0)
    assert abs(int(np.argmax(np.abs(track[0]) > 0.01)) / 48000 - 2.0) < 0.01


def test_what_is_longer_than_the_film_is_cut():
    """The sound must not outlast the picture."""
    assert soundtrack([((np.ones(96000, np.float32) * 0.1, 48000), 0.5)], 1.0).shape == (2, 48000)
    assert len(resample(np.zeros(22050, np.float32), 22050)) == pytest.approx(48000, abs=64)


def test_a_missing_voice_says_how_to_get_it(monkeypatch):
    """The voice is an extra; its absence is told in one sentence."""
    monkeypatch.setattr(voices, "version_of", lambda name: None)
    with pytest.raises(RenderError, match="espeakng-loader"):
        voices.Espeak()


@needs_espeak
def test_espeak_says_the_same_each_time(tmp_path, monkeypatch):
    """Same words, same bytes – from a new process or from the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = voices.Espeak(cache=False).samples("The slope is minus 2.")
    kept = voices.Espeak()
    again = kept.samples("The slope is minus 2.")
    assert np.array_equal(first[0], again[0]) and first[1] == again[1]
    assert kept.duration("The slope is minus 2.") == len(first[0]) / first[1] > 0.8
    assert kept.duration("  ") == 0.0


@needs_espeak
def test_speech_is_neither_hurried_nor_slow():
    """135 to 165 words a minute while speaking."""
    text = (
        "Every arrow carries a number. It says how much the next value moves when this one moves a little. "
        "We walk back from the loss, and at each arrow we multiply."
    )
    seconds = voices.Espeak(cache=False).duration(text)
    assert 130 <= len(text.split()) / seconds * 60 <= 170


@needs_espeak
def test_a_narrated_film_has_speech_under_its_pictures(tiny, small, tmp_path, monkeypatch):
    """AAC at 48 kHz, −16 LUFS after decoding, beats as long as the words need."""
    from chainreel.rendering.film import render

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    film = render(tiny, replace(small, narrate=True), tmp_path / "a.mp4")
    with av.open(str(film.video)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "aac" and stream.rate == 48000
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48000)
        frames = [
            ready.to_ndarray() for frame in container.decode(stream) for ready in resampler.resample(frame)
        ]
    sound = np.concatenate(frames, axis=1)
    assert abs(sound.shape[1] / 48000 - film.seconds) < 0.06
    assert abs(loudness(sound) + 16) < 1.0
    said = voices.Espeak().duration(film.manifest["beats"][1]["spoken"])
    beat = film.manifest["beats"][1]
    assert beat["end"] - beat["start"] >= said - 0.1
