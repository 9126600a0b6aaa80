"""The chapters of film B that are made: their times, their numbers, and that one goes on where the last one ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manim import tempconfig

from chainreel.scenes.films.own import film_in
from chainreel.scenes.films.the_bookkeeping_trick import a_recipe, boxes_and_arrows, keeping_values, local_slopes
from chainreel.scenes.films.the_bookkeeping_trick.a_recipe import ARecipe
from chainreel.scenes.films.the_bookkeeping_trick.boxes_and_arrows import BoxesAndArrows
from chainreel.scenes.films.the_bookkeeping_trick.keeping_values import KeepingValues
from chainreel.scenes.films.the_bookkeeping_trick.local_slopes import LocalSlopes
from chainreel.scenes.stage.stage import Stage

from ..checks import check
from ..conftest import FRAMES

ENDS = {  # the storyboard's seconds
    ARecipe: (8, 15, 21), BoxesAndArrows: (12, 24, 34, 50, 62, 72), LocalSlopes: (10, 20, 28, 38),
    KeepingValues: (12, 24, 33, 43),
}  # fmt: skip
TOLD = {  # ✔ of the storyboard: what is said or shown
    ARecipe: {"6", "5", "10"}, BoxesAndArrows: {"1.00", "0.50", "0.25"}, LocalSlopes: {"1", "3", "2"},
    KeepingValues: {"6", "5", "10", "1", "0.5", "−0.5", "0.25"},
}  # fmt: skip


@pytest.mark.parametrize("theme", ["night", "paper"])
@pytest.mark.parametrize("chapter", ENDS, ids=lambda chapter: chapter.__name__)
def test_chapters_are_clean_and_end_as_planned(chapter: Any, theme: str, run: Any) -> None:
    scene = run(type(chapter.__name__, (chapter,), {"theme": theme, "__module__": chapter.__module__}))
    check(scene)
    assert [beat.end for beat in scene.beats] == pytest.approx(ENDS[chapter], abs=0.1)
    assert scene.spec.seconds == ENDS[chapter][-1] and abs(scene.now - scene.spec.seconds) <= 0.1
    assert not TOLD[chapter] - {number.text for number in scene.ledger.numbers}


def test_the_film_names_its_chapters_in_order() -> None:
    film = film_in(Path(a_recipe.__file__).parent)
    assert [chapter.class_name for chapter in film.chapters] == [chapter.__name__ for chapter in ENDS]
    assert film.slug == "the-bookkeeping-trick"


def test_last_pictures_stand() -> None:
    with tempconfig(FRAMES["wide"]):
        stage = Stage()
        assert len(a_recipe.last_picture(stage)[0].operations) == 3
        assert {s.name for s in boxes_and_arrows.last_picture(stage)[1].inputs} == {"W1", "b1", "W2", "b2"}
        assert len(local_slopes.last_picture(stage)[1].cards) == 3
        graph, tape = keeping_values.last_picture(stage)
        assert len(tape.cells) == len(graph.operations) == 7
