"""Chapter 4 of film A: its times, its numbers, what its pictures must keep, and that it takes over the picture before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine.storyboards import film_a
from chainreel.scenes.figures.count_and_loss import CountAndLoss
from chainreel.scenes.figures.guess_loss import HIGH, LINE, LOW, GuessLoss
from chainreel.scenes.figures.knob_sheet import KnobSheet
from chainreel.scenes.figures.mean_loss import MeanLoss
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import cast, forward_pass
from chainreel.scenes.films.who_is_to_blame import loss as chapter
from chainreel.scenes.lint import Lint
from chainreel.scenes.stage.rounding import read_back, shown
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.theme import theme_named

from ..checks import check
from ..conftest import FRAMES

STORYBOARD = (10, 26, 42, 56, 70, 84, 98, 116)  # where its eight beats end
TOLD = {  # source, key: what the film prints; the stair's ends are the engine's, not the storyboard's 0.728 and 0.550
    ("guess", "value/0"): "0.35", ("gap", "value/0"): "0.65", ("square", "value/0"): "0.42", ("surprise", "value/0"): "1.05",
    ("guess", "value/1"): "0.01", ("square", "slope/1"): "−0.02", ("surprise", "slope/1"): "−0.99",
    ("stairs", "loss/0"): "0.731", ("stairs", "loss/1"): "0.555", ("stairs", "right/0"): "20", ("stairs", "right/1"): "20",
    ("stairs", "examples"): "40", ("forty", "loss/0"): "0.872", ("forty", "right/0"): "3", ("forty", "examples"): "40",
    ("walk", "held"): "11", ("whisker", "knobs"): "13",
}  # fmt: skip
NIGHT = theme_named("night")


@pytest.fixture(scope="module")
def scene() -> Any:
    """The chapter, performed once at reading speed and without drawing."""
    return performed()


def performed(**parameters: Any) -> Any:
    quiet = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15}
    with tempconfig(quiet), tempconfig(FRAMES["wide"]):
        made: Any = type("Loss", (chapter.Loss,), {**parameters, "__module__": chapter.__name__})(skip_animations=True)
        made.renderer.update_frame = lambda *args, **kwargs: None
        made.lint = Lint(made)
        made.render()
    return made


def ends_are_the_storyboards(scene: Any) -> None:
    ends = [beat.end for beat in scene.beats]
    assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("loss").seconds, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) < 1.5


class TestChapter:
    def test_it_is_in_order(self, scene: Any) -> None:
        check(scene)
        ends_are_the_storyboards(scene)

    def test_the_numbers_of_the_storyboard_are_the_engines(self, scene: Any) -> None:
        printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
        assert {key: printed.get(key) for key in TOLD} == TOLD

    def test_what_is_counted_on_screen_closes(self, scene: Any) -> None:
        of = {key: read_back(text) for key, text in TOLD.items()}
        assert shown(of["gap", "value/0"] ** 2, 2, auto=False) == TOLD["square", "value/0"]
        assert 1 - of["guess", "value/0"] == pytest.approx(of["gap", "value/0"])
        assert of["whisker", "knobs"] - 2 == of["walk", "held"]

    def test_a_question_is_asked_and_the_wrong_answer_named(self, scene: Any) -> None:
        words = [beat.words for beat in scene.beats]
        asked = next(k for k, said in enumerate(words) if "louder?" in said)
        assert "nearly full but flat" in words[asked + 1]
        assert any("count mistakes?" in said for said in words)

    def test_the_loss_gets_the_name_that_the_field_gives_it(self, scene: Any) -> None:
        """Said once, when it stands on screen."""
        (index,) = [k for k, beat in enumerate(scene.beats) if "cross-entropy" in beat.words]
        (moved,) = [m.moved for m in scene.meetings if m.beat == index and m.word == "cross-entropy"]
        assert scene.beats[index].start < moved < scene.beats[index].end

    @pytest.mark.slow
    def test_spoken_it_has_the_same_length(self) -> None:
        from chainreel.rendering.voices import Book, voice_named

        scene = performed(voice=Book(voice_named(None, True)))
        ends_are_the_storyboards(scene)
        assert all(-0.2 < said - moved < 0.8 for _, _, said, moved in map(_parts, scene.meetings))

    def test_it_ends_with_its_last_picture(self, scene: Any) -> None:
        with tempconfig(FRAMES["wide"]):
            panel, gauge = chapter.at_end(Stage(skip_animations=True))
        there = {d for m in scene.mobjects for d in m.get_family()}
        dials = [m for m in there if type(m).__name__ == "Dial"]
        for name, dial in panel.dials.items():
            assert any(np.allclose(dial.get_center(), d.get_center(), atol=1e-6) and d.value == dial.value for d in dials), name
        numbers = {(n.source, n.key) for n in scene.ledger.numbers if n.beat == len(scene.beats) - 1}
        assert (gauge.loss.source, gauge.loss.key) in numbers and len(panel.slots) == 13
        assert not any(type(m).__name__ == "QuestionBadge" for m in there)

    def test_it_begins_with_the_chapter_before(self) -> None:
        with tempconfig(FRAMES["wide"]):
            picture = forward_pass.last_picture(Stage(skip_animations=True))
        number = picture.graph.numbers["p"]
        assert number.text == "0.35" and picture.face.width > 0

    def test_on_paper(self) -> None:
        check(performed(theme="paper"))


def _parts(meeting: Any) -> tuple[Any, ...]:
    return meeting.beat, meeting.word, meeting.said, meeting.moved


class TestGuessLoss:
    @pytest.fixture
    def figure(self) -> Iterator[GuessLoss]:
        with tempconfig(FRAMES["wide"]):
            yield GuessLoss(film_a.complaints(), NIGHT)

    def test_the_square_stands_on_the_gap(self, figure: GuessLoss) -> None:
        figure.guess()
        figure.gap()
        down, up = figure.grow()
        for act in (down, up):
            act.begin()
            act.finish()
        gap = float(figure.quantity("gap").value) * (LINE[1] - LINE[0])
        assert figure.y == pytest.approx(LOW) and HIGH != LOW
        assert (figure.area.width, figure.area.height) == (pytest.approx(gap, abs=0.02), pytest.approx(gap, abs=0.02))
        share = figure.area.width * figure.area.height / (LINE[1] - LINE[0]) ** 2
        assert share == pytest.approx(float(figure.quantity("square").value), rel=0.02)

    def test_the_ruler_is_stretched_and_every_point_keeps_its_loss(self, figure: GuessLoss) -> None:
        for name, panel in figure.panels.items():
            height = {s: panel.up(panel.heights) for s in (0.0, 1.0) if panel.look(s) is None}
            ratio = (height[0.0] - panel.box[2]) / (height[1.0] - panel.box[2])
            assert np.ptp(ratio[np.isfinite(ratio)]) < 1e-6, name  # one scale for all

    @pytest.mark.parametrize("s", [0.0, 0.4, 1.0])
    def test_points_lie_on_their_curves(self, figure: GuessLoss, s: float) -> None:
        for name, panel in figure.panels.items():
            panel.look(s)
            for row in (0, 1):
                panel.settle(row)
                z, p = (figure.seen["guess"].quantity(what, row).value for what in ("point", "value"))
                expected = [panel.across(p, z), float(panel.up(figure.quantity(name, row=row).value))]
                assert np.allclose(panel.dot.get_center()[:2], expected, atol=2e-3)

    def test_both_panels_have_one_scale(self, figure: GuessLoss) -> None:
        left, right = figure.panels.values()
        assert left.up(1.0) == pytest.approx(right.up(1.0)) and right.box[1] - right.box[0] == left.box[1] - left.box[0]

    def test_a_tangent_has_the_engines_slope(self, figure: GuessLoss) -> None:
        for name, panel in figure.panels.items():
            panel.look(1.0)
            panel.settle(1)
            line = panel.tangent(1)[1]
            way = line.get_end() - line.get_start()
            left, right, bottom, top = panel.box
            per = ((top - bottom) / 5.7) / ((right - left) / 10.0)
            assert way[1] / way[0] / per == pytest.approx(figure.quantity(name, "slope", 1).value, rel=1e-6)


class TestCountAndLoss:
    def test_stairs_are_counted_and_the_curve_is_the_loss(self) -> None:
        slice_ = film_a.forty_slice("v1", points=[{"v1": v} for v in film_a.STAIR])
        figure = CountAndLoss(slice_, NIGHT, chapter.PLOTS, chapter.STAIRS, "stairs")
        for row, value in enumerate(film_a.STAIR):
            figure.put(row)
            right, loss = slice_.quantity("right", row).value, slice_.quantity("loss", row).value
            assert np.allclose(figure.dots[0].get_center(), figure.upper.place(value, right))
            assert np.allclose(figure.dots[1].get_center(), figure.lower.place(value, loss), atol=1e-3)
            assert figure.reading.text == f"{right:.0f} of 40 right"
        inside = (figure.x >= film_a.STAIR[0]) & (figure.x <= film_a.STAIR[1])
        assert set(figure.right[inside]) == {20} and np.all(np.diff(figure.losses[inside]) < 0)


class TestMeanLoss:
    def test_every_stick_is_as_long_as_its_loss_and_their_mean_is_the_meters(self) -> None:
        slice_ = film_a.forty_slice("v1")
        figure = MeanLoss(slice_, NIGHT, chapter.FLOOR, cast.WORDS, ("dog", "cat"))
        lengths = np.array([figure.rods[k].get_length() for k in range(40)])
        assert np.allclose(lengths / lengths.sum(), figure.losses / figure.losses.sum())
        assert figure.losses.mean() == pytest.approx(slice_.quantity("loss").value, rel=1e-12)
        assert figure.marks.sum() == slice_.quantity("right").value == 3


class TestKnobSheet:
    def test_the_sheet_is_the_loss_and_the_walk_goes_down(self) -> None:
        slice_ = film_a.forty_slice("v1", "v2", points=film_a.forty_slice("v1", "v2").downhill(*chapter.WALK))
        figure = KnobSheet(slice_, NIGHT, "walk", chapter.SHEET, picture=chapter.PICTURE)
        for v1, v2 in ((0.0, 0.0), (2.0, -1.0), (-1.2, 0.4)):
            place = figure.view.place(v1, v2)[:2]
            assert figure._height_at(*place) == pytest.approx(float(figure.height(slice_(v1=v1, v2=v2))), rel=1e-6)
        losses = [step.loss for step in slice_.steps]
        assert losses == sorted(losses, reverse=True) and figure.start == (-1.2, 0.4)
