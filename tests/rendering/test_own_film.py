"""A film of one's own: a folder of chapters with a film.toml; rendered, judged, refused where something is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import av
import pytest

from chainreel.engine.learning.training import Training
from chainreel.rendering import cli
from chainreel.rendering.doctor import check_film
from chainreel.rendering.errors import RenderError
from chainreel.rendering.film import render
from chainreel.rendering.films import chapters_named, film_of, parts_of
from chainreel.rendering.settings import Settings
from chainreel.rendering.sound import decoded, loudness, true_peak
from chainreel.rendering.verify import verify
from chainreel.rendering.versions import version_of
from chainreel.scenes.films import own
from chainreel.scenes.stage.errors import StageError

needs_espeak = pytest.mark.skipif(version_of("espeakng-loader") is None, reason="espeakng-loader is missing")
SMALL = ["--size", "160x90", "--fps", "10"]
DECLARED = """
title = "Slopes"
summary = "two hills"
chapters = ["hill", "valley"]
cover = "valley"

[hill]
title = "Up the hill"
seconds = 9
"""
HILL = """
from manim import UP, Dot, FadeIn
from chainreel.engine import Function
from chainreel.scenes.films.chapter import Chapter
from chainreel.scenes.stage.number import Number

class Hill(Chapter):
    def construct(self):
        trace = Function.of("x*y").trace({"x": 2.0, "y": 3.0})
        self.ledger.source("trace", trace.describe())
        value = trace.quantity("value", trace.output)
        self.alt = "A dot."
        self.poster()
        with self.beat("Here is a dot, and its number is {v}.", v=value, until=5.0):
            self.open_card()
            self.play(FadeIn(Dot(color=self.look.value)), FadeIn(Number(value, self.look.ink).shift(UP)), run_time=1)
            self.tick()
            self.shut_card()
        with self.beat("It stays where it is.", until=9.0):
            pass
"""
VALLEY = """
from manim import RIGHT, Dot, FadeIn
from chainreel.scenes.films.chapter import Chapter

class Valley(Chapter):
    def construct(self):
        with self.beat("A second dot moves to the right."):
            dot = Dot(color=self.look.value)
            self.play(FadeIn(dot), run_time=0.5)
            self.at("moves")
            self.play(dot.animate.shift(RIGHT), run_time=1)
"""


@pytest.fixture
def folder(tmp_path):
    """A film of two chapters."""
    place = tmp_path / "my film"
    place.mkdir()
    (place / "film.toml").write_text(DECLARED)
    (place / "hill.py").write_text(HILL)
    (place / "valley.py").write_text(VALLEY)
    return place


def test_what_a_folder_declares(folder):
    """Title, chapters with titles and planned seconds, cover; the file itself may be named instead."""
    film = film_of(str(folder))
    assert (film.slug, film.title, film.cover) == ("my-film", "Slopes", "valley") and film == film_of(str(folder / "film.toml"))
    assert [(c.slug, c.title, c.seconds) for c in film.chapters] == [("hill", "Up the hill", 9.0), ("valley", "Valley", 0.0)]
    assert [c.slug for c in chapters_named(film, "2,hill")] == ["hill", "valley"], "in the order of the film"
    assert [part.cover for part in parts_of(film, film.chapters)] == [False, True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('chapters = ["hill", "valley"]', ""), "no list of chapters"),
        (('"valley"]', '"vale"]'), "there is no vale.py"),
        (('"valley"]', '"hill"]'), "twice"),
        (('"valley"]', '"the valley"]'), "cannot be one"),
        (('"Slopes"', "3"), "title is a text in quotes"),
        (("cover", "covers"), "'covers', which is no chapter, did you mean 'cover'"),
        (('cover = "valley"', 'cover = "dale"'), "the cover 'dale' is no chapter"),
        (("seconds = 9", "seconds = '9'"), "are a number"),
        (("seconds = 9", "second = 9"), "did you mean 'seconds'"),
        (("[hill]", "[hill"), "is not TOML"),
    ],
)
def test_a_mistake_in_the_declaration_is_a_sentence(folder, change, said, capsys):
    """Status 2, and where it is wrong."""
    (folder / "film.toml").write_text(DECLARED.replace(*change))
    own._read.cache_clear()
    assert cli.main(["film", str(folder), *SMALL]) == 2
    assert re.search(re.escape(said.partition(",")[0]), capsys.readouterr().err)


def test_what_is_no_film_is_told(tmp_path, folder):
    """A folder without film.toml, a folder that is not there, an empty name of a chapter."""
    with pytest.raises(StageError, match=r"is a folder with a film\.toml"):
        film_of(str(tmp_path))
    with pytest.raises(StageError, match="there is no folder"):
        film_of(str(tmp_path / "nowhere"))
    with pytest.raises(RenderError, match="empty"):
        chapters_named(film_of(str(folder)), "1,")


def test_silent_and_with_two_workers(folder, tmp_path, capsys):
    """Chapters keep their lengths; two workers give the same file; nothing that is unchanged is drawn again."""
    assert cli.main(["film", str(folder), *SMALL, "--silent", "-o", str(tmp_path / "a.mp4"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seconds"] >= 9 + 2
    for name, more in (("b", ["--no-cache", "--workers", "2"]), ("c", [])):
        assert cli.main(["film", str(folder), *SMALL, "--silent", "-o", str(tmp_path / f"{name}.mp4"), *more]) == 0
        assert (tmp_path / f"{name}.mp4").read_bytes() == (tmp_path / "a.mp4").read_bytes()
    assert "are kept from before" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "a.json").read_text())
    assert manifest["beats"][2]["start"] == 9.0 and manifest["asked"]["folder"] == str(folder)
    assert (tmp_path / "a.chapters.txt").read_text() == "0:00 Up the hill\n0:09 Valley\n"
    assert verify(tmp_path / "a.json").passed
    assert cli.main(["film", str(folder), "--chapter", "valley", *SMALL, "--silent", "-o", str(tmp_path / "d.mp4")]) == 0


@needs_espeak
def test_it_speaks_and_is_as_loud_as_broadcasting(folder, tmp_path, capsys, monkeypatch):
    """−16 ± 1 LUFS and peaks under −1 dB in the finished file; the second call says and trains nothing anew."""
    film = tmp_path / "a.mp4"
    assert cli.main(["film", str(folder), *SMALL, "-o", str(film), "--workers", "2"]) == 0
    heard = decoded(film)
    assert abs(loudness(heard) + 16) <= 1 and true_peak(heard) <= -1
    assert all(finding.ok for finding in check_film(film))
    with av.open(str(film)) as container:
        assert [c["metadata"]["title"] for c in container.chapters()] == ["Up the hill", "Valley"]
        assert container.metadata["title"] == "Slopes" and len(container.streams.subtitles) == 1
    first = film.read_bytes()

    def never(*_, **__):
        raise AssertionError("this was made before")

    monkeypatch.setattr("chainreel.rendering.voices.espeak.speak", never)
    monkeypatch.setattr("chainreel.rendering.aac.encode", never)
    monkeypatch.setattr(Training, "go", never)
    capsys.readouterr()
    assert cli.main(["film", str(folder), *SMALL, "-o", str(film)]) == 0
    assert film.read_bytes() == first and "5 of 5" not in capsys.readouterr().out


def test_a_missing_voice_does_not_stop_a_film(folder, tmp_path, capsys, monkeypatch):
    """Films speak by themselves; where nobody asked for a voice its absence is a sentence, not an end."""
    monkeypatch.setattr("chainreel.rendering.voices.espeak.version_of", lambda name: None)
    call = ["film", str(folder), "--chapter", "hill", *SMALL, "-o", str(tmp_path / "a.mp4")]
    assert cli.main(call) == 0
    assert "the film is silent" in capsys.readouterr().err
    assert cli.main([*call, "--narrate"]) == 2


@needs_espeak
def test_a_voice_that_always_fails_is_told_once(folder, tmp_path, capsys, monkeypatch):
    """The library is there and does not work: the film is timed by reading."""
    from chainreel.rendering.voices import VoiceError

    def broken(*_):
        raise VoiceError("eSpeak NG could not speak")

    monkeypatch.setattr("chainreel.rendering.voices.espeak.speak", broken)
    assert cli.main(["film", str(folder), "--chapter", "hill", *SMALL, "-o", str(tmp_path / "a.mp4")]) == 0
    assert capsys.readouterr().err.count("the film is silent: eSpeak NG could not speak") == 1


@needs_espeak
def test_the_table_of_rules(folder, capsys):
    """A row for each rule, a column for each chapter; findings say when, in which beat, and what is said then."""
    assert cli.main(["lint", "film", str(folder), "--layout"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"1 hill\s+2 valley\s+film", said)
    assert re.search(r"R1 +speech rate +\d+ [✓✗] +\d+ [✓✗]", said)
    assert re.search(r"R41 +timestamps +@\+0\.0 \+0\.0 s ✓", said), re.findall(r"R41.*", said)
    assert "R8 holds: the longest hold" in said and "“A second dot moves to the right.”" in said
    assert "judged by eye" in said and "no chapter checks a slope by nudging" not in said
    assert cli.main(["lint", "film", str(folder), "--chapter", "hill", "--layout", "--json"]) in (0, 1)
    answer = json.loads(capsys.readouterr().out)["chapters"]["hill"]
    assert answer["measures"]["spoken share"]["number"] == "R2" and answer["seconds"] == 9.0


@needs_espeak
def test_a_chapter_that_cannot_be_judged_is_a_sentence(folder, capsys):
    """A file that stops, a class that is missing."""
    (folder / "valley.py").write_text("raise ValueError('not yet')")
    (folder / "hill.py").write_text(HILL.replace("self.alt =", "self.no_such_thing()\n        self.alt ="))
    assert cli.main(["lint", "film", str(folder), "--layout"]) == 1
    said = capsys.readouterr().out
    assert "chapter 2 valley: cannot be imported" in said and "chapter 1 hill: stops: " in said and "no_such_thing" in said


def test_a_script_names_every_beat_once(folder, capsys, monkeypatch, tmp_path):
    """What a recorded voice is asked for: the chapter's file and the number of the beat."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["film", str(folder), "--script", "--silent"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["hill-01.wav", "hill-02.wav", "valley-01.wav"]


@needs_espeak
def test_two_rehearsals_side_by_side_are_one_after_the_other(folder, tmp_path):
    """The same film, spoken, by one process or two."""
    film = film_of(str(folder))
    made = []
    for n in (1, 2):
        settings = Settings(160, 90, 10, narrate=True, workers=n, cache=False)
        made.append(render(parts_of(film, film.chapters), settings, tmp_path / f"{n}.mp4"))
    assert made[0].video.read_bytes() == made[1].video.read_bytes() and not made[1].unsaid


@needs_espeak
def test_the_example_keeps_the_rules(capsys):
    """The film of examples/slopes: no breach, numbers of the engine."""
    example = Path(__file__).parents[2] / "examples" / "slopes"
    assert cli.main(["lint", "film", str(example), "--layout"]) == 0, capsys.readouterr().out
