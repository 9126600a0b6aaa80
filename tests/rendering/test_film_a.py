"""Film A as a whole: its scripts can be spoken, two chapters of it rendered for real are what players and viewers need."""

from __future__ import annotations

import json
import re
from pathlib import Path

import av
import numpy as np
import pytest

from chainreel.engine.learning import kept
from chainreel.engine.learning.training import Training
from chainreel.rendering import aac, cli, workers
from chainreel.rendering.captions import LINE
from chainreel.rendering.doctor import check_film
from chainreel.rendering.films import film_of, shot_of
from chainreel.rendering.settings import Settings
from chainreel.rendering.sound import BELOW, decoded, loudness, tick, true_peak
from chainreel.rendering.stills import rehearsed
from chainreel.rendering.verify import verify
from chainreel.rendering.versions import version_of
from chainreel.rendering.voices import espeak
from chainreel.scenes.films.catalogue import FILMS
from chainreel.scenes.stage.speech import SPEAKABLE

FILM = FILMS["who-is-to-blame"]
needs_espeak = pytest.mark.skipif(version_of("espeakng-loader") is None, reason="espeakng-loader is missing")


def test_the_plan_is_the_storyboards():
    """Eight chapters, each where it was announced, 10:40 in all; after that five seconds of sources."""
    assert [round(start) for start in FILM.starts()] == [0, 67, 147, 261, 377, 526, 600, 622] and FILM.seconds == 640 + 5


@pytest.mark.slow
@pytest.mark.parametrize("chapter", FILM.chapters, ids=lambda c: c.slug)
def test_every_word_of_every_script_can_be_spoken(chapter):
    """No symbol reaches the voice; without one the chapter is as long as with one; recordings have names of their own."""
    score = rehearsed(shot_of(FILM, chapter), Settings(160, 90, 15))
    assert all(SPEAKABLE.match(beat["spoken"]) for beat in score.beats)
    assert all(re.fullmatch(rf"{chapter.slug}-\d\d", name) for name in score.names)
    assert score.frames / 15 == pytest.approx(chapter.seconds, abs=0.1), "silent, timed by reading"
    assert score.alt and all(number["source"] in score.sources for number in score.numbers)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The two short chapters, spoken."""
    folder = tmp_path_factory.mktemp("film")
    patch = pytest.MonkeyPatch()
    patch.setenv("CHAINREEL_CACHE", str(folder / "cache"))
    patch.setattr(kept, "WORTH", 0.0)  # however quick this machine is
    patch.setattr(kept, "_KEPT", kept._KEPT.__class__())  # what other tests trained in this process lies in no folder
    call = ["film", FILM.slug, "--chapter", "recap,cats-and-dogs", "--size", "320x180", "--fps", "5"]
    call += ["-o", str(folder / "a.mp4")]
    assert cli.main(call) == 0
    yield folder / "a.mp4", call
    patch.undo()


@needs_espeak
@pytest.mark.slow
def test_two_chapters_for_real(made):
    """The file: numbers verified, doctor content, −16 ± 1 LUFS and peaks under −1 dB when decoded, 45 s as planned."""
    film, _ = made
    result = verify(film.with_suffix(".json"))
    assert result.passed, result.text()
    findings = check_film(film)
    assert all(finding.ok for finding in findings), [f for f in findings if not f.ok]
    heard = decoded(film)
    assert abs(loudness(heard) + 16) <= 1 and true_peak(heard) <= -1 and loudness(np.stack([tick(), tick()])) < -16 - BELOW + 1
    with av.open(str(film)) as container:
        assert float(container.duration) / 1e6 == pytest.approx(45, abs=0.3)
        assert [c["metadata"]["title"] for c in container.chapters()] == ["Real example: cats and dogs", "Recap"]
        assert container.metadata["title"] == FILM.title and "seed" in container.metadata["comment"]
        assert container.streams.subtitles[0].codec_context.name == "mov_text"
        assert any(stream.disposition & av.stream.Disposition.attached_pic for stream in container.streams.video)


@needs_espeak
@pytest.mark.slow
def test_what_stands_beside_it(made):
    """Captions in two forms, what is said and shown as text, descriptions for those who do not see, the list of chapters."""
    film, _ = made
    beats = json.loads(film.with_suffix(".json").read_text())["beats"]
    captions = film.with_suffix(".vtt").read_text()
    lines = [line for block in captions.split("\n\n")[1:] for line in block.splitlines()[1:]]
    assert all(len(line) <= LINE for line in lines)
    assert film.with_suffix(".srt").read_text().count("-->") == captions.count("-->") > 4
    told = film.with_suffix(".txt").read_text()
    assert all(beat["words"] in told for beat in beats if beat["words"]) and "== Recap ==" in told
    assert film.with_name("a.descriptions.vtt").read_text().count("-->") >= 1
    assert film.with_name("a.chapters.txt").read_text() == "0:00 Real example: cats and dogs\n0:22 Recap\n"
    assert film.with_suffix(".png").is_file()


def watched(made, again):
    """The same function, which tells that it was called."""

    def call(*args, **kwargs):
        again.append(made.__qualname__)
        return made(*args, **kwargs)

    return call


@needs_espeak
@pytest.mark.slow
def test_the_second_call_draws_says_and_trains_nothing(made, monkeypatch, capsys):
    """A film whose nothing changed is put together from what is kept, byte for byte the same."""
    film, call = made
    first = film.read_bytes()

    again = []
    monkeypatch.setenv("CHAINREEL_CACHE", str(film.parent / "cache"))
    monkeypatch.setattr(kept, "_KEPT", kept._KEPT.__class__())
    for place, name in ((espeak, "speak"), (aac, "encode"), (workers, "draw_job"), (Training, "go")):
        monkeypatch.setattr(place, name, watched(getattr(place, name), again))
    assert cli.main(call) == 0, capsys.readouterr().err
    assert not again
    assert film.read_bytes() == first


def test_an_unknown_chapter_is_a_sentence(capsys):
    """With the nearest one."""
    assert cli.main(["film", FILM.slug, "--chapter", "9"]) == 2
    assert "its chapters: 1 the-secret" in capsys.readouterr().err
    assert cli.main(["film", FILM.slug, "--chapter", "back-propagation"]) == 2
    assert "did you mean 'backpropagation'" in capsys.readouterr().err
    assert film_of(FILM.slug) is FILM and not Path("who-is-to-blame").exists()
