"""Chapter 5 of film C: its times, its numbers, what its pictures must keep."""

from __future__ import annotations

from typing import Any

import pytest
from manim import tempconfig

from chainreel.scenes.films.four_knobs_and_nine_points import derivatives as chapter
from chainreel.scenes.lint import Lint

from ..checks import check
from ..conftest import FRAMES

STORYBOARD = (18, 38, 60, 84, 102, 124, 148, 176, 196, 222, 250, 274, 291)  # where its beats end
TOLD = {
    ("differences", "slope/0"): "0.1785", ("differences", "slope/1"): "−0.0299", ("differences", "slope/2"): "−0.1965",
    ("differences", "slope/3"): "−0.2340", ("differences", "slope/4"): "−0.2378", ("differences", "exact"): "−0.2382",
    ("differences", "still/rise"): "0", ("square", "exact"): "1.5", ("square", "rise/0"): "0.16", ("square", "rest/0"): "0.01",
    ("square", "rise/1"): "0.0151", ("square", "linear/1"): "0.0150", ("square", "rest/1"): "0.0001",
    ("kink", "left"): "−1", ("kink", "right"): "1", ("fit", "gradient/c1/0"): "−0.238",
}  # fmt: skip


@pytest.fixture(scope="module", params=["night", "paper"])
def scene(request: Any) -> Any:
    """The chapter, performed at reading speed and without drawing."""
    quiet = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15}
    with tempconfig(quiet), tempconfig(FRAMES["wide"]):
        own = {"theme": request.param, "__module__": chapter.__name__}
        made: Any = type("Derivatives", (chapter.Derivatives,), own)(skip_animations=True)
        made.renderer.update_frame = lambda *args, **kwargs: None
        made.lint = Lint(made)
        made.render()
    return made


def test_beats_end_where_the_storyboard_ends_them(scene):
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(STORYBOARD[-1], abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) < 1.5, end


def test_told_numbers_are_the_engines(scene):
    printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
    for key, text in TOLD.items():
        assert printed[key] == text, key


def test_the_chapter_is_clean(scene):
    check(scene)


def test_there_are_enough_words_and_not_too_many(scene):
    count = sum(len(beat.spoken.split()) for beat in scene.beats)
    assert 1.5 * scene.now <= count <= 2.0 * scene.now
    for beat in scene.beats:
        assert len(beat.spoken.split()) <= 2.3 * (beat.end - beat.start), beat.title
