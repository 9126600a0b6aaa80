"""Chapter 8 of film A: its times, that it asks before it tells, and the picture that it takes over from chapter 7."""

from __future__ import annotations

from typing import Any

import pytest
from manim import tempconfig

from chainreel.engine.claims import references
from chainreel.scenes.figures.card_strip import MOVES
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import cats_and_dogs
from chainreel.scenes.films.who_is_to_blame import recap as chapter
from chainreel.scenes.stage.rounding import shown
from chainreel.scenes.stage.type import Label

STORYBOARD = (5, 11, 18)  # where its three beats end


def performed(voice: Any = None) -> Any:
    """The chapter without drawing, on a wide frame; `seen` are the words on screen at the end of each play."""
    from chainreel.scenes.stage.lint import Lint

    quiet = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15,
             "pixel_width": 854, "pixel_height": 480, "frame_width": 8 * 854 / 480, "frame_height": 8.0}  # fmt: skip
    with tempconfig(quiet):
        made: Any = chapter.Recap(skip_animations=True)
        made.voice = voice
        made.renderer.update_frame = lambda *args, **kwargs: None
        made.seen = []
        made.watchers.append(lambda s: s.seen.append((s.now, {m.text for m in s.visible() if isinstance(m, Label)})))
        made.lint = Lint(made)
        made.render()
    return made


@pytest.fixture(scope="module")
def scene() -> Any:
    return performed()


def keeps_its_times(scene: Any) -> None:
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("recap").seconds, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) <= 1.5, end


def test_beats_end_where_the_storyboard_has_them(scene: Any) -> None:
    keeps_its_times(scene)


def test_the_built_in_voice_keeps_the_times_and_leaves_three_seconds_of_rest() -> None:
    from chainreel.rendering.errors import RenderError
    from chainreel.rendering.voices import voice_named

    try:
        voice = voice_named(None)
    except RenderError as problem:
        pytest.skip(str(problem))
    scene = performed(voice)
    keeps_its_times(scene)
    result = next(beat for beat in scene.beats if beat.title == "the loop")
    assert result.end - result.times[-1].end >= 3.0


def test_asks_before_it_tells(scene: Any) -> None:
    """The question is said and the badge up before any card shows its face; then the moves come in their order."""
    asked = scene.beats[0]
    assert asked.words.endswith("?") and asked.end - asked.times[-1].end >= 1.0
    order: list[str] = []
    for now, words in scene.seen:
        told = [move for move in MOVES if move in words]
        assert not told or now > asked.end - 0.05
        order += [move for move in told if move not in order]
    assert tuple(order) == MOVES
    assert any("?" in words for now, words in scene.seen if now < asked.end)


def test_ends_with_a_closed_ring_round_the_year_of_the_paper(scene: Any) -> None:
    ring, page = scene.ring, scene.page
    assert all(arrow in ring.submobjects for arrow in ring.arrows.values())
    printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
    assert printed["claims", "backprop"] == "1986"
    inside = ring.radius - ring.knob
    assert page.page.width / 2 < inside and page.page.height / 2 < inside


def test_ends_with_the_sources_of_the_whole_film(scene: Any) -> None:
    """R21: a line for each source stands for three seconds or more, the loop beside it."""
    assert list(scene.list.lines) == references(film_named("who-is-to-blame").claims)
    told = {line.text for row in scene.list.rows for line in row}
    there = [now for now, words in scene.seen if told <= words]
    assert there and scene.now - min(there) >= 3.0
    assert any(scene.ring in m.get_family() for m in scene.mobjects)
    assert float(scene.ring.get_right()[0]) < float(scene.list.get_left()[0]) - 0.3


def test_begins_with_the_last_picture_of_chapter_7(scene: Any) -> None:
    rows = cats_and_dogs.last_picture(scene).bars.parts
    assert len(rows) == 2 and all(len(row) == 5 for row in rows)


def test_every_number_has_a_described_source_and_the_layout_is_clean(scene: Any) -> None:
    assert scene.alt and scene.poster_time
    for number in scene.ledger.numbers:
        assert number.source in scene.ledger.sources
        assert number.text == shown(number.value, number.decimals, auto=False)
    rules = ("overlap", "safe area", "size", "density", "continuity", "typed number", "direction", "role colour")
    found = [f for f in scene.lint.findings if f.rule in rules]
    assert found == [], "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in found)
