"""A film of several scenes: the frames of each, one after the other; times, numbers and chapters counted through."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest

from chainreel.rendering import cli
from chainreel.rendering.film import render
from chainreel.rendering.parts import Part
from chainreel.rendering.shots import Shot
from chainreel.rendering.verify import verify
from chainreel.scenes.films.catalogue import FILMS, ChapterSpec, FilmSpec

CHAPTERS = '''
import sys
from manim import *
from chainreel.engine import Function
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.stage import Stage

class One(Stage):
    def construct(self):
        trace = Function.of("x*y").trace({"x": 2.0, "y": 3.0})
        self.ledger.source("trace", trace.describe())
        number = Number(trace.quantity("value", trace.output), self.look.ink)
        with self.beat("The value is {v}.", v=trace.quantity("value", trace.output), until=4.0):
            self.play(FadeIn(number), run_time=1)
            self.tick()
        self.poster()
        self.alt = "A product."

class Told(VGroup):
    description = "A square."

class Two(Stage):
    def construct(self):
        trace = Function.of("x + y").trace({"x": 2.0, "y": 3.0})
        self.ledger.source("trace", trace.describe())
        with self.beat("And now a square moves to the right."):
            self.at("square")
            self.play(Told(Square()).animate.shift(RIGHT), run_time=1)
        with self.beat("The sum is {v}.", v=trace.quantity("value", trace.output)):
            pass
        self.alt = "A sum."
'''


@pytest.fixture
def parts(tmp_path):
    (tmp_path / "chapters.py").write_text(CHAPTERS)
    place = str(tmp_path / "chapters.py")
    return [Part(Shot(place, "One"), "the product"), Part(Shot(place, "Two"), "the sum", cover=True)]


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def test_the_film_is_its_parts_one_after_the_other(parts, small, tmp_path):
    """Frames, beats, chapters, captions, the poster: nothing lost, nothing moved; two workers give the same file."""
    film = render(parts, small, tmp_path / "film.mp4", title="Both")
    assert {p.name for p in film.files} >= {"film.descriptions.vtt", "film.chapters.txt", "film.vtt", "film.srt"}
    single = [render(part.shot, small, tmp_path / f"{n}.mp4") for n, part in enumerate(parts)]
    assert film.frames == sum(one.frames for one in single) and film.reused == 0
    assert all(one.reused == one.pieces for one in single), "a part that was drawn in a film is kept for itself as well"
    alone = frames_of(single[0].video) + frames_of(single[1].video)
    assert all(np.array_equal(a, b) for a, b in zip(frames_of(film.video), alone, strict=True))
    beats = film.manifest["beats"]
    assert [beat["index"] for beat in beats] == [0, 1, 2]
    assert [beat["chapter"] for beat in beats] == ["the product", "the sum", "the sum"]
    assert beats[0]["end"] >= 4.0 and beats[1]["start"] == single[0].seconds
    assert beats[1]["times"][0][1] == single[0].seconds
    with av.open(str(film.video)) as container:
        marks = [(c["metadata"]["title"], c["start"] * c["time_base"]) for c in container.chapters()]
    assert [(title, float(start)) for title, start in marks] == [("the product", 0.0), ("the sum", single[0].seconds)]
    assert (tmp_path / "film.png").read_bytes() == (tmp_path / "1.png").read_bytes()
    assert film.manifest["alt"] == "A product. A sum."
    assert (tmp_path / "film.chapters.txt").read_text() == f"0:00 the product\n0:0{int(single[0].seconds)} the sum\n"
    described = (tmp_path / "film.descriptions.vtt").read_text()
    assert described.count("-->") == 1 and "A square." in described
    again = render(parts, replace(small, cache=False, workers=2), tmp_path / "again.mp4", title="Both")
    assert again.video.read_bytes() == film.video.read_bytes()


def test_every_number_of_a_film_is_verified(parts, small, tmp_path):
    """Two parts may call their sources alike; each number is checked against its own."""
    film = render(parts, small, tmp_path / "film.mp4")
    assert set(film.manifest["sources"]) == {"01 trace", "02 trace"}
    result = verify(tmp_path / "film.json")
    assert result.passed, result.text()
    assert result.numbers == 2


def test_pictures_of_all_parts_are_counted_through(parts, small, tmp_path):
    """--format png: one folder, no gap."""
    film = render(parts, replace(small, format="png", fps=5), tmp_path / "film")
    assert sorted(p.name for p in film.video.iterdir()) == [f"{n:06d}.png" for n in range(film.frames)]


def test_a_film_by_its_name(parts, tmp_path, monkeypatch, capsys):
    """`film NAME`: all chapters or some; an unknown film or chapter is named with the nearest one."""
    chapters = (ChapterSpec("one", "the product", 4.0), ChapterSpec("two", "the sum", 3.0))
    spec = FilmSpec("two-chapters", "Two", "a small film", chapters, "one")
    monkeypatch.setitem(FILMS, "two-chapters", spec)
    monkeypatch.setattr(FilmSpec, "package", "chapters_of_a_test")
    (tmp_path / "chapters_of_a_test").mkdir()
    (tmp_path / "chapters_of_a_test" / "__init__.py").write_text("")
    for name in ("one", "two"):
        (tmp_path / "chapters_of_a_test" / f"{name}.py").write_text(CHAPTERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    small = ["--size", "160x90", "--fps", "10", "--silent"]
    assert cli.main(["film", "two-chapters", *small]) == 0
    assert (tmp_path / "media" / "two-chapters.mp4").is_file()
    assert cli.main(["film", "two-chapters", "--chapter", "2", *small]) == 0
    assert (tmp_path / "media" / "two-chapters-two.mp4").is_file()
    capsys.readouterr()
    assert cli.main(["film", "two-chapters", "--chapter", "tow", *small]) == 2
    assert "did you mean 'two'" in capsys.readouterr().err
    assert cli.main(["film", "two-chapter", *small]) == 2
    assert "did you mean 'two-chapters'" in capsys.readouterr().err
    assert cli.main(["film", "two-chapters", "--script", *small]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "01.wav  The value is 6."
