"""Rehearsals that are kept: the same film as from a fresh one, and none where anything has changed."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chainreel.rendering import film as film_module
from chainreel.rendering import keeping, keys, rehearsing, scores
from chainreel.rendering.cache import Cache
from chainreel.rendering.film import render
from chainreel.rendering.parts import Part
from chainreel.rendering.scores import decoded, encoded, score_key
from chainreel.rendering.shots import Shot
from chainreel.rendering.voices import Book, Utterance, VoiceError

SCENE = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tiny_scene import Stand
from manim import *

class Mine(Stand):
    def construct(self):
        square = Square(color=RED, fill_opacity=0.5)
        with self.beat("The first beat."):
            self.play(Create(square), run_time=1.2)
        with self.beat("The second beat."):
            self.play(square.animate.shift(float(Path({data!r}).read_text()) * RIGHT), run_time=1.2)
        self.alt = "a square"
"""


class Teller:
    """A voice that needs so long for a word."""

    name, pace = "teller", 0.1

    def say(self, spoken, beat=""):
        """Silence of that length."""
        if self.pace is None:
            raise VoiceError("the teller is hoarse")
        return Utterance(np.zeros(round(len(spoken.split()) * self.pace * 8000), np.float32), 8000)


@pytest.fixture
def shot(tmp_path, monkeypatch):
    """A scene that reads a file, and passes for one of ours."""
    place, data = tmp_path / "mine.py", tmp_path / "data.txt"
    place.write_text(SCENE.format(tests=str(Path(__file__).parent), data=str(data)), encoding="utf-8")
    data.write_text("1.5")
    monkeypatch.setattr(scores, "OURS", str(tmp_path))
    return Shot(str(place), "Mine")


@pytest.fixture
def held(monkeypatch):
    """How many rehearsals were held."""
    count, rehearse = [], keeping.rehearse
    monkeypatch.setattr(keeping, "rehearse", lambda *a, **k: count.append(k) or rehearse(*a, **k))
    return count


@pytest.fixture
def teller(monkeypatch):
    """The voice of every spoken film."""
    voice = Teller()
    for module in (film_module, rehearsing):
        monkeypatch.setattr(module, "book_of", lambda settings: Book(voice) if settings.narrate else None)
    return voice


def files(film):
    """All that was written, by suffix."""
    return {path.suffix: path.read_bytes() for path in film.files}


def test_from_a_kept_rehearsal_it_is_the_same_film(shot, small, tmp_path, held):
    """Every file, byte for byte, as from a fresh rehearsal and without the cache."""
    first, second = (render(shot, small, tmp_path / name / "a.mp4") for name in "ab")
    assert len(held) == 1 and second.reused == second.pieces > 1
    fresh = render(shot, replace(small, cache=False), tmp_path / "c" / "a.mp4")
    assert len(held) == 2 and files(first) == files(second) == files(fresh)


def test_what_is_missing_is_drawn_from_a_kept_rehearsal(shot, small, tmp_path, held, cache_folder):
    """After a kill, or a damaged piece."""
    first = render(shot, small, tmp_path / "a" / "a.mp4")
    next((cache_folder / "segments").glob("*/*.mp4")).unlink()
    second = render(shot, small, tmp_path / "b" / "a.mp4")
    assert len(held) == 1 and second.reused == second.pieces - 1 and files(first) == files(second)


@pytest.mark.parametrize(
    "change", [{"fps": 12}, {"width": 192, "height": 108}, {"theme": "paper"}, {"seed": 5}, {"format": "webm"}, {"voice": "x"}]
)
def test_another_setting_is_another_rehearsal(shot, small, tmp_path, held, change):
    """It may show something else."""
    render(shot, small, tmp_path / "a.mp4")
    render(shot, replace(small, **change), tmp_path / f"b.{change.get('format', 'mp4')}")
    assert len(held) == 2


def test_another_file_that_it_reads(shot, small, tmp_path, held):
    """The audit hook heard of it in the rehearsal."""
    data = tmp_path / "data.txt"
    first = render(shot, small, tmp_path / "a" / "a.mp4")
    data.write_text("0.5")
    second = render(shot, small, tmp_path / "b" / "a.mp4")
    assert len(held) > 1 and files(first)[".mp4"] != files(second)[".mp4"]
    assert files(second) == files(render(shot, replace(small, cache=False), tmp_path / "b" / "a.mp4"))
    data.unlink()
    with pytest.raises(FileNotFoundError):
        render(shot, small, tmp_path / "c" / "a.mp4")


def test_other_code_is_another_rehearsal(shot, small, tmp_path, held, monkeypatch):
    """Of chainreel, of a package, of the user."""
    render(shot, small, tmp_path / "a.mp4")
    for name in ("chainreel_code", "users_code", "installed", "drawing_versions", "drawing_code"):
        with monkeypatch.context() as patch:
            patch.setattr(keys, name, lambda *place, name=name: f"another {name}")
            render(shot, small, tmp_path / "b.mp4")
    assert len(held) >= 6


def test_what_is_not_ours_is_always_rehearsed(shot, small, tmp_path, held, monkeypatch):
    """A user's function may ask the clock; a chapter with parameters may hold one."""
    assert score_key(shot, small) and not score_key(replace(shot, parameters={"f": "x*x"}), small)
    monkeypatch.setattr(scores, "OURS", "chainreel.scenes.films.")
    assert score_key(shot, small) is None and score_key(Shot.clip("backward", {}), small) is None
    assert score_key(Shot("chainreel.scenes.films.who_is_to_blame.recap", "Recap"), small)
    for name in "ab":
        render(shot, small, tmp_path / f"{name}.mp4")
    assert len(held) == 2


def test_another_voice_is_heard(shot, small, tmp_path, held, teller):
    """A voice that needs another time for a word, although its name is the same; or that fails now, or no longer does."""
    spoken = replace(small, narrate=True)
    first = render(shot, spoken, tmp_path / "a" / "a.mp4")
    assert files(render(shot, spoken, tmp_path / "b" / "a.mp4")) == files(first) and len(held) == 1
    teller.pace = 1.0
    slower = render(shot, spoken, tmp_path / "c" / "a.mp4")
    assert slower.seconds > first.seconds and len(held) > 1
    teller.pace = None
    hoarse = render(shot, spoken, tmp_path / "d" / "a.mp4")
    assert [beat for beat, _ in hoarse.unsaid] == ["01", "02"]
    assert render(shot, spoken, tmp_path / "e" / "a.mp4").unsaid == hoarse.unsaid, "each beat is told of once"


def test_several_workers_rehearse_only_what_is_new(shot, small, tmp_path, held, monkeypatch):
    """Where all is known no process is started; where one part is new, it alone is rehearsed."""
    other = Shot(str(Path(__file__).with_name("tiny_scene.py")), "Tiny")
    parts, two = [Part(shot, "one"), Part(shot, "two")], replace(small, workers=2)
    first = render(parts, two, tmp_path / "a" / "a.mp4")
    with monkeypatch.context() as patch:
        patch.setattr("chainreel.rendering.workers.LocalProcesses", lambda *a: pytest.fail("a process was started"))
        again = render(parts, small, tmp_path / "a" / "a.mp4")  # the keys are those of the process that asks
        assert files(again) == files(first) and not held
    render([*parts, Part(other, "three")], two, tmp_path / "b" / "a.mp4")
    assert len(held) == 1


def test_little_is_drawn_without_other_processes(shot, small, tmp_path, monkeypatch, cache_folder):
    """They would start for longer than they draw."""
    first = render(shot, small, tmp_path / "a" / "a.mp4")
    for place in (cache_folder / "segments").glob("*/*.mp4"):
        place.unlink()
    monkeypatch.setattr("chainreel.rendering.workers.LocalProcesses", lambda *a: pytest.fail("a process was started"))
    second = render(shot, replace(small, workers=2), tmp_path / "b" / "a.mp4")
    assert second.pieces > 1 and second.reused == 0 and files(first)[".mp4"] == files(second)[".mp4"]


def test_a_damaged_one_is_held_again(shot, small, tmp_path, held, cache_folder):
    """A flipped letter, half a file, the file of another version."""
    first = render(shot, small, tmp_path / "a" / "a.mp4")
    (place,) = (cache_folder / "scores").glob("*/*")
    whole = place.read_text()
    key = place.name
    for count, harm in enumerate((whole.replace("square", "sphere"), whole[: len(whole) // 2], ""), 2):
        place.write_text(harm)
        assert files(render(shot, small, tmp_path / "a" / "a.mp4")) == files(first) and len(held) == count
        assert place.read_text() == whole
    Cache(cache_folder).keep_score(key, json.dumps({"dict": [["score", {"dict": [["shape", 1]]}]]}))
    assert files(render(shot, small, tmp_path / "a" / "a.mp4")) == files(first) and len(held) == 5


def test_a_full_disk_and_no_cache(shot, small, tmp_path, held, cache_folder, monkeypatch, capsys):
    """The film is made; nothing is kept."""
    render(shot, replace(small, cache=False), tmp_path / "a.mp4")
    assert not (cache_folder / "scores").exists()

    def full(self, key, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Cache, "keep_score", full)
    render(shot, small, tmp_path / "b.mp4", quiet=False)
    assert "the cache cannot take more (No space left" in capsys.readouterr().err
    render(shot, small, tmp_path / "c.mp4")
    assert len(held) == 3


def test_a_scene_that_was_not_the_same_twice_is_rehearsed(shot, small, tmp_path, held):
    """What is forgotten of its run makes the kept rehearsal worth nothing."""
    render(shot, small, tmp_path / "a.mp4")
    for name in "bc":
        cache = Cache.ready()
        keeping.forget_run(replace(keeping.recall(shot, small, tmp_path, None, print).keeping))
        assert cache.kept_score(score_key(shot, small))
        before = len(held)
        render(shot, small, tmp_path / f"{name}.mp4")
        assert len(held) > before


def test_it_is_pruned(shot, small, tmp_path, held, cache_folder):
    """As all that is kept."""
    render(shot, small, tmp_path / "a.mp4")
    Cache(cache_folder).prune()
    assert not list((cache_folder / "scores").glob("*/*"))
    render(shot, small, tmp_path / "b.mp4")
    assert len(held) == 2


def test_values_survive():
    """Whatever a score may hold; what JSON does not know is not kept."""
    value = {"a": [1, (2.5, None, True)], 3: {"tuple": float("inf")}, "n": np.float64(0.1), "rows": np.arange(3)}
    back = decoded(json.loads(json.dumps(encoded(value))))
    assert back == {"a": [1, (2.5, None, True)], 3: {"tuple": float("inf")}, "n": 0.1, "rows": [0, 1, 2]}
    with pytest.raises(TypeError):
        json.dumps(encoded({"a": object()}))
