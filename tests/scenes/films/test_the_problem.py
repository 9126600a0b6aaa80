"""Chapter 2 of film A: its times, its told numbers, that it takes over from chapter 1 and hands over to chapter 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine.audit import audit
from chainreel.engine.learning import MLP, NetworkPass
from chainreel.engine.learning.cut import Cut
from chainreel.engine.storyboards import film_a
from chainreel.engine.trying import Trying
from chainreel.scenes.figures.odometer import Odometer
from chainreel.scenes.figures.sorted_faces import SortedFaces
from chainreel.scenes.figures.turn_question import TurnQuestion
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import cast, forward_pass, the_secret
from chainreel.scenes.films.who_is_to_blame import the_problem as chapter
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.dial import Dial
from chainreel.scenes.stage.rounding import shown
from chainreel.scenes.stage.theme import theme_named

STORYBOARD = (12, 22, 34, 44, 54, 66, 80)  # where its seven beats end
TOLD = {  # the storyboard's checked numbers, by source and key
    ("rule", "count"): "400", ("rule", "wrong"): "16", ("other rule", "wrong"): "48", ("trying", "settings"): "10¹³",
    ("trying", "days"): "116",
    ("trying", "positions"): "10", ("scale", "count/1"): "2410", ("whisker", "knobs"): "13", ("whisker", "input[0]"): "0.9",
    ("whisker", "input[1]"): "0.2", ("whisker", "value/2[0]"): "0.35", ("whisker", "percent[0]"): "65",
}  # fmt: skip


def performed(voice: Any = None) -> Any:
    """The chapter without drawing, on a wide frame."""
    from chainreel.scenes.stage.lint import Lint

    quiet = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15,
             "pixel_width": 854, "pixel_height": 480, "frame_width": 8 * 854 / 480, "frame_height": 8.0}  # fmt: skip
    with tempconfig(quiet):
        made: Any = chapter.TheProblem(skip_animations=True)
        made.voice = voice
        made.renderer.update_frame = lambda *args, **kwargs: None
        made.lint = Lint(made)
        made.render()
    return made


@pytest.fixture(scope="module")
def scene() -> Any:
    return performed()


@pytest.fixture(scope="module")
def cut() -> Cut:
    return Cut(film_a.four_hundred_icons(), "ear")


def keeps_its_times(scene: Any) -> None:
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("the_problem").seconds, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) < 1.5, end


class TestChapter:
    def test_beats_end_where_the_storyboard_has_them(self, scene: Any) -> None:
        keeps_its_times(scene)

    @pytest.mark.slow
    def test_the_built_in_voice_keeps_the_times_too(self) -> None:
        from chainreel.rendering.errors import RenderError
        from chainreel.rendering.voices import voice_named

        try:
            voice = voice_named(None)
        except RenderError as problem:
            pytest.skip(str(problem))
        keeps_its_times(performed(voice))

    def test_the_told_numbers_are_the_storyboards(self, scene: Any) -> None:
        printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
        assert {key: printed.get(key) for key in TOLD} == TOLD

    def test_every_number_has_a_described_source(self, scene: Any) -> None:
        assert scene.alt and scene.poster_time
        for number in scene.ledger.numbers:
            assert number.source in scene.ledger.sources
            assert number.text == shown(number.value, number.decimals, auto=False)

    def test_the_layout_is_clean(self, scene: Any) -> None:
        rules = ("overlap", "safe area", "size", "density", "continuity", "typed number", "direction", "role colour")
        found = [f for f in scene.lint.findings if f.rule in rules]
        assert found == [], "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in found)

    def test_sentences_are_short_and_ask_before_they_tell(self, scene: Any) -> None:
        sentences = [s for beat in scene.beats for s in beat.words.replace("?", ".").replace(":", ".").split(". ")]
        assert max(len(s.split()) for s in sentences) <= 24
        asked, answered = scene.beats[-2:]
        assert asked.words.endswith("?") and asked.end - asked.times[-1].end >= 2.0
        assert "best place" in answered.words, "the tempting wrong answer is named"


class TestNeighbours:
    def test_begins_with_the_last_picture_of_chapter_1(self, scene: Any) -> None:
        dials = the_secret.last_picture(scene).dials
        assert tuple(dials) == cast.ORDER
        assert all(isinstance(dial, Dial) for dial in dials.values())

    def test_ends_with_the_picture_that_chapter_3_begins_with(self, scene: Any) -> None:
        face, net = chapter.last_picture(scene)
        assert forward_pass.NetForward is type(net)
        assert [number.text for number in net.numbers[0]] == ["0.9", "0.2"]
        assert not any(net.numbers[1:])
        here = {tuple(np.round(m.get_center(), 3)) for m in scene.mobjects}
        for part in (*net.units[0], *net.units[1], *net.lines[0], *face):
            seen = {tuple(np.round(p.get_center(), 3)) for m in scene.mobjects for p in m.get_family()} | here
            assert tuple(np.round(part.get_center(), 3)) in seen


class TestFigures:
    def test_a_face_stands_on_the_side_that_the_rule_gives_it(self, cut: Cut) -> None:
        faces = SortedFaces(cut, theme_named("night"), chapter.CROWD)
        right = faces.places[:, 0] > faces.x_cut
        assert np.array_equal(right, cut.guess == 1)
        assert np.count_nonzero(right != (cut.data.y == 1)) == cut.lookup("wrong") == 16
        for side in (right, ~right):  # the nearer to the cut, the nearer to the line
            away, value = np.abs(faces.places[side, 0] - faces.x_cut), np.abs(cut.values[side] - cut.at)
            order = np.argsort(away, kind="stable")
            columns = np.round((away[order] - away.min()) / faces.pitch).astype(int)
            most = [value[order][columns == k].max() for k in range(columns.max() + 1)]
            assert most == sorted(most)

    def test_an_odometer_counts(self) -> None:
        net = MLP([2, 3, 1], activation="relu", output="sigmoid")
        knobs = cast.knobs(NetworkPass(net, film_a.whisker_params(), film_a.ICON))
        odometer = Odometer(theme_named("night"), knobs, Area(-6, 6, -1, 1), ranges=dict.fromkeys(knobs, cast.SWEEP))
        for t in (0, 7, 10, 99, 4_711, 10**13 - 1):
            odometer.reach(t)
            assert [round(odometer.position(k)) for k in range(13)] == [int(d) for d in f"{t:013d}"]

    def test_a_question_leaves_the_dial_as_it_was(self) -> None:
        dial = Dial(theme_named("night"), 0.4, -2, 2, 0.3)
        before = dial.notch.get_center()
        ask = TurnQuestion(theme_named("night"), dial)
        for verb in (ask.lift(), ask.arrows(), ask.sway(), ask.back()):
            verb.begin()
            verb.interpolate(1)
            verb.finish()
        assert (dial.value, dial.radius) == (0.4, 0.3)
        assert np.allclose(dial.notch.get_center(), before, atol=1e-6)


class TestEngine:
    def test_the_cut_is_the_best_one(self, cut: Cut) -> None:
        assert (cut.lookup("wrong"), cut.lookup("percent")) == (16, 96)
        for key in ("count", "wrong", "right", "percent", "cut"):
            assert audit(cut.describe(), key).agrees(Cut.rebuild(cut.describe()).lookup(key))

    def test_trying_is_counted(self) -> None:
        trying = Trying(len(film_a.KNOBS), film_a.POSITIONS, film_a.LOOKS_PER_SECOND)
        for key in ("knobs", "positions", "settings", "pace", "days"):
            assert audit(trying.describe(), key).agrees(Trying.rebuild(trying.describe()).lookup(key))
