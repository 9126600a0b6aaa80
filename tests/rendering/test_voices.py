"""Voice and sound: the loudness of broadcasting, the same bytes each time, in step with the picture."""

from __future__ import annotations

import ctypes.util
from dataclasses import replace

import av
import numpy as np
import pytest
from scipy.signal import resample_poly, sosfilt

from chainreel.rendering import cli
from chainreel.rendering.errors import RenderError
from chainreel.rendering.sound import _WEIGHTING, energies, loudness, resample, soundtrack, true_peak, true_peaks
from chainreel.rendering.versions import version_of
from chainreel.rendering.voices import Utterance, VoiceError, espeak, voice_named
from chainreel.rendering.voices.command import as_wav
from chainreel.rendering.voices.espeak import Espeak
from chainreel.scenes.stage.speech import timed, words

needs_espeak = pytest.mark.skipif(version_of("espeakng-loader") is None, reason="espeakng-loader is missing")


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


def test_a_long_track_is_measured_as_in_one_go():
    """A minute at a time, side by side: the filters have forgotten all that is more than half a second old."""
    rng = np.random.default_rng(2)
    long = (rng.standard_normal(48000 * 130 + 777) * 0.1).astype(np.float32)
    long[48000 * 55 : 48000 * 60 - 5] = 0
    weighted = np.square(sosfilt(_WEIGHTING, long))
    whole = np.array([weighted[at : at + 4800].sum() for at in range(0, len(weighted), 4800)])
    assert np.allclose(energies(long), whole, rtol=1e-9, atol=1e-12)
    assert loudness(np.broadcast_to(long, (2, len(long)))) == loudness(np.stack([long, long]))
    assert abs(loudness(long[None]) - loudness(np.stack([long, long])) + 10 * np.log10(2)) < 1e-6


def test_peaks_between_samples_are_those_of_four_times_the_rate():
    """A tone at a quarter of the rate, whose samples miss its crests by 3 dB."""
    tone = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4).astype(np.float32)[None]
    assert np.abs(tone).max() < 0.708 and 20 * np.log10(2**0.5 * 0.7) < true_peak(tone) < 0.2
    (found,) = true_peaks(tone, 0.1)
    assert found[1] == pytest.approx(float(np.abs(resample_poly(tone, 4, 1, axis=1)).max()), rel=1e-5)


def test_ticks_on_loud_speech_stay_below_the_ceiling():
    """Only around them is the limiter asked again."""
    rng = np.random.default_rng(3)
    burst = (rng.standard_normal(48000 * 8) * 0.3).astype(np.float32)
    track = soundtrack([((burst, 48000), 0.0)], 8.5, [0.0, 2.0, 2.1, 8.49])
    assert true_peak(track) <= -1.0 and np.array_equal(track[0], track[1])


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


def test_a_tick_is_soft_and_stands_where_it_landed():
    """20 LU below the speech, at its moment; a film of ticks alone stays quiet."""
    rng = np.random.default_rng(2)
    burst = (rng.standard_normal(48000) * np.hanning(48000) * 0.1).astype(np.float32)
    plain = soundtrack([((burst, 48000), 0.0)], 4.0)
    ticked = soundtrack([((burst, 48000), 0.0)], 4.0, [2.0, 99.0])
    difference = np.abs(ticked - plain)[0]
    assert abs(int(np.argmax(difference > 1e-3)) / 48000 - 2.0) < 0.005
    alone = loudness((ticked - plain)[:, 96000 : 96000 + 19200])
    assert abs(alone - (-36.0)) < 1.5


def test_a_missing_voice_says_how_to_get_it(monkeypatch):
    """The voice is an extra; its absence is told in one sentence."""
    monkeypatch.setattr(espeak, "version_of", lambda name: None)
    with pytest.raises(RenderError, match="espeakng-loader"):
        Espeak()


@pytest.mark.parametrize(
    ("asked", "said"),
    [("mary", "there is no voice 'mary'"), ("no-such-program {out}", "not installed"), ("sh -c {text}", "no {out}"),
     ("flite:tom", "no voice 'tom'"), ("'{out}", "quote")],
)  # fmt: skip
def test_what_is_no_voice_is_refused(asked, said):
    """One sentence that says what would be one."""
    with pytest.raises(RenderError, match=said):
        voice_named(asked)


@needs_espeak
def test_espeak_says_the_same_each_time():
    """Same words, same bytes, same times – from a new process or from the cache."""
    first = Espeak(cache=False).say("The slope is minus 2.")
    kept = Espeak()
    for _ in range(2):
        again = kept.say("The slope is minus 2.")
        assert np.array_equal(first.samples, again.samples) and first.rate == again.rate and first.times == again.times
    assert first.duration > 0.8 and kept.say("  ").duration == 0.0


@needs_espeak
def test_speech_is_neither_hurried_nor_slow():
    """135 to 165 words a minute while speaking."""
    text = (
        "Every arrow carries a number. It says how much the next value moves when this one moves a little. "
        "We walk back from the loss, and at each arrow we multiply."
    )
    seconds = Espeak(cache=False).say(text).duration
    assert 130 <= len(text.split()) / seconds * 60 <= 170


@needs_espeak
def test_words_have_their_times():
    """Where a word begins the sound is about to begin, and every word has a time, "of the" as well."""
    said = words("The slope of the curve, [∂L|partial L], is what we want.")
    heard = Espeak(cache=False).say(said.spoken)
    times = timed(said.tokens, heard.duration, heard.times)
    assert [word for word, _, _ in times] == "The slope of the curve, ∂L, is what we want.".split()
    assert all(a.start < a.end <= b.start + 1e-9 for a, b in zip(times, times[1:], strict=False))
    assert times[-1].end <= heard.duration + 1e-3
    silent = np.convolve(np.abs(heard.samples), np.ones(400) / 400, "same") < 0.01 * np.abs(heard.samples).max()
    pause = times[4].end  # after "curve,"
    assert silent[int((pause - 0.25) * heard.rate) : int((pause + 0.05) * heard.rate)].any()


@pytest.mark.skipif(ctypes.util.find_library("flite_cmu_us_slt") is None, reason="flite is missing")
def test_flite_gives_every_word_its_times():
    """The optional voice: start and end of each word, in order."""
    from chainreel.rendering.voices.flite import Flite

    heard = Flite("slt", cache=False).say("the slope of the curve is small")
    assert [at for at, _, _ in heard.times] == [0, 4, 10, 13, 17, 23, 26]
    assert all(0 <= a < b <= heard.duration for _, a, b in heard.times)


def wav(path, seconds, rate=16000, level=0.3):
    t = np.arange(round(seconds * rate)) / rate
    path.write_bytes(as_wav(Utterance((level * np.sin(600 * t)).astype(np.float32), rate)))


def test_a_command_is_a_voice(tmp_path):
    """Its words on stdin or as a file, its sound where it was told; what it says wrong is a sentence."""
    wav(tmp_path / "one.wav", 1.5)
    said = voice_named(f"cp {tmp_path / 'one.wav'} {{out}}").say("hello there")
    assert abs(said.duration - 1.5) < 0.05 and said.times is None and said.rate == 16000
    with pytest.raises(VoiceError, match="it wrote no sound"):
        voice_named("true {out}").say("hello")
    with pytest.raises(VoiceError, match="cannot be read as sound"):
        voice_named("cp {text_file} {out}").say("hello")


def test_recordings_are_a_voice(tmp_path):
    """One file a beat, silence cut off; a missing one, a silent one, one of other words are named."""
    wav(tmp_path / "01.wav", 2.0)
    voice = voice_named(str(tmp_path))
    assert abs(voice.say("four words are said", "01").duration - 2.0) < 0.05
    with pytest.raises(VoiceError, match="has no 02.wav"):
        voice.say("this one", "02")
    wav(tmp_path / "03.wav", 30.0)
    with pytest.raises(VoiceError, match=r"03.wav takes 30.0 s for 4 words"):
        voice.say("four words are said", "03")
    wav(tmp_path / "04.wav", 2.0, level=0.0)
    with pytest.raises(VoiceError, match="silent"):
        voice.say("four words are said", "04")
    wav(tmp_path / "05.wav", 2.0, rate=4000)
    with pytest.raises(VoiceError, match="4000 Hz"):
        voice.say("four words are said", "05")


def test_a_voice_that_fails_leaves_its_beat_silent(tiny, small, tmp_path):
    """The film is made all the same, timed by reading, by one process or two, and says which beat is silent."""
    from chainreel.rendering.film import render

    voices = tmp_path / "voices"
    voices.mkdir()
    wav(voices / "01.wav", 3.0)
    wav(voices / "02.wav", 3.0)
    films = [
        render(tiny, replace(small, narrate=True, voice=str(voices), workers=n, cache=False), tmp_path / f"{n}.mp4")
        for n in (1, 2)
    ]
    assert [beat for beat, _ in films[0].unsaid] == ["03"] and "03.wav" in films[0].unsaid[0][1]
    assert films[0].video.read_bytes() == films[1].video.read_bytes()


def test_a_script_is_what_must_be_recorded(scenes, tmp_path, capsys, monkeypatch):
    """--script names the files that --voice FOLDER looks for."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["scene", str(scenes), "Tiny", "--size", "160x90", "--fps", "10", "--script"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["01.wav", "02.wav", "03.wav"]
    assert list(tmp_path.iterdir()) == []


@needs_espeak
def test_a_narrated_film_has_speech_under_its_pictures(tiny, small, tmp_path):
    """AAC at 48 kHz, −16 LUFS after decoding, beats as long as the words need."""
    from chainreel.rendering.film import render

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
    said = Espeak().say(film.manifest["beats"][1]["spoken"]).duration
    beat = film.manifest["beats"][1]
    assert beat["end"] - beat["start"] >= said - 0.1
