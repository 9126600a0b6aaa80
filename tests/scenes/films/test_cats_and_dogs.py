"""Chapter 7 of film A: its times, its numbers against the engine, and the pictures that it takes over and hands over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine.storyboards import film_a
from chainreel.scenes.figures.drawn_face import DrawnFace
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import cats_and_dogs as chapter
from chainreel.scenes.films.who_is_to_blame import gradient_descent
from chainreel.scenes.stage.lint import Lint
from chainreel.scenes.stage.rounding import shown
from chainreel.scenes.stage.stage import Stage

from ..checks import check
from ..conftest import FRAMES

STORYBOARD = (10, 16, 22)  # where its three beats end
TOLD = {  # by key: 377 of 400, and 100 % of the seen ones against 94 % of the unseen
    "right/unseen/40": "377", "count/unseen": "400", "percent/seen/40": "100", "percent/unseen/40": "94", "epoch/40": "40",
}  # fmt: skip


def performed(**attributes: Any) -> Any:
    """The chapter on a wide frame, without drawing; `first` is what stands before anything moves."""
    settings = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15}
    made = type("Told", (chapter.CatsAndDogs,), {**attributes, "__module__": chapter.CatsAndDogs.__module__})
    with tempconfig(settings), tempconfig(FRAMES["wide"]):
        scene: Any = made(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        scene.first = None

        def watch(s: Any) -> None:
            if s.first is None:
                s.first = [(type(m).__name__, m.get_center().round(3).tolist()) for m in s.visible() if len(m.points)]

        scene.watchers.append(watch)
        scene.lint = Lint(scene)
        scene.render()
    return scene


@pytest.fixture(scope="module")
def scene() -> Any:
    return performed()


@pytest.fixture(autouse=True)
def wide() -> Iterator[None]:
    with tempconfig({"dry_run": True, **FRAMES["wide"]}):
        yield


def keeps_its_times(scene: Any) -> None:
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("cats_and_dogs").seconds, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) <= 1.5 + 1e-6, end


def test_clean_and_beats_end_where_the_storyboard_has_them(scene: Any) -> None:
    check(scene)
    keeps_its_times(scene)


def test_told_numbers(scene: Any) -> None:
    printed = {number.key: number.text for number in scene.ledger.numbers if number.source == chapter.TOLD}
    assert {key: printed.get(key) for key in TOLD} == TOLD


@pytest.mark.parametrize("epoch, storyboard", [(1, 81), (2, 90), (8, 94), (40, 93.9)])
def test_epochs_are_near_the_storyboards(epoch: int, storyboard: float) -> None:
    """The storyboard's run is not recorded; ours is as good, and what stands on screen is ours."""
    assert abs(chapter.told("percent/unseen", epoch).value - storyboard) < 6
    assert chapter.exam().epoch(epoch) == epoch


def test_shown_shares_are_the_counts(scene: Any) -> None:
    """377 of 400 is what the bar says."""
    right, count = chapter.told("right/unseen").value, chapter.told("count/unseen").value
    assert shown(100 * right / count, 0, auto=False) == TOLD["percent/unseen/40"]
    assert chapter.told("percent/seen").value == 100.0
    part = chapter.bars(Stage(skip_animations=True)).parts[1]
    assert part[2].width / part[1].width == pytest.approx(right / count, abs=2e-3)


def test_the_misses_are_all_that_the_board_has() -> None:
    """They are drawn askew or with ears between standing and hanging, as the words say."""
    from chainreel.engine.datasets.dataset import generator
    from chainreel.engine.datasets.drawings import Looks

    right = chapter.exam().right("unseen", 40)
    assert sorted(chapter.missed()) == [row for row in sorted(chapter.SHOWN) if not right[row]]
    count, seed = film_a.FACES["test"]
    looks = Looks.draw(count, generator(seed))
    tilt, ear = np.degrees(np.abs(looks.tilt)), looks.ear
    all_missed = np.flatnonzero(~right)
    assert tilt[all_missed].mean() > tilt.mean() + 2
    for row in chapter.missed():
        assert tilt[row] > 12 or 0.3 < ear[row] < 0.7


def test_begins_with_what_chapter_six_ends_with(scene: Any) -> None:
    before = gradient_descent.last_picture(Stage(skip_animations=True))
    there = {(type(m).__name__, *m.get_center().round(3).tolist()) for m in before.get_family() if len(m.points)}
    assert there <= {(kind, *place) for kind, place in scene.first}


def test_every_digit_becomes_a_face(scene: Any) -> None:
    """They keep their rows: nothing crosses."""
    board, old = scene.board, scene.before.submobjects[0]
    turned = [k for k, tile in enumerate(board.tiles) if "after" in tile.picture.name]
    assert len(turned) == len(scene.before.digits)
    assert [k // chapter.COLUMNS for k in turned] == [k // old.columns for k in range(len(turned))]


def test_ends_with_its_last_picture(scene: Any) -> None:
    picture = chapter.last_picture(Stage(skip_animations=True))
    there = {(type(m).__name__, *m.get_center().round(3).tolist()) for m in scene.visible() if len(m.points)}
    for part in picture.get_family():
        if len(part.points):
            assert (type(part).__name__, *part.get_center().round(3).tolist()) in there
    assert all(isinstance(face, DrawnFace) for face in picture.misses)


def test_paper_theme() -> None:
    check(performed(theme="paper"))


def test_the_built_in_voice_keeps_the_times() -> None:
    from chainreel.rendering.errors import RenderError
    from chainreel.rendering.voices import voice_named

    try:
        voice = voice_named(None)
    except RenderError as problem:
        pytest.skip(str(problem))
    scene = performed(voice=voice)
    keeps_its_times(scene)
    assert 0.65 <= sum(beat.times[-1].end - beat.start for beat in scene.beats) / scene.now <= 0.82
    assert scene.now - scene.beats[-1].times[-1].end >= 3.0  # the unseen bar stands
