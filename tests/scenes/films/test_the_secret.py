"""Chapter 1 of film A: its times, its numbers against the engine, and what its new figures must keep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine.claims import TABLE, Claims
from chainreel.engine.datasets import faces
from chainreel.engine.scale import Scale
from chainreel.engine.storyboards import film_a
from chainreel.scenes.figures.drawn_face import SHARP, DrawnFace
from chainreel.scenes.figures.exam_dots import ExamDots
from chainreel.scenes.figures.lineup import Lineup
from chainreel.scenes.figures.marks import cross
from chainreel.scenes.figures.paper_card import PaperCard
from chainreel.scenes.figures.scale_zoom import ScaleZoom
from chainreel.scenes.figures.timeline import Tick, Timeline
from chainreel.scenes.figures.training_board import TrainingBoard
from chainreel.scenes.figures.weight_run import WIDEST, WeightRun
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import cast
from chainreel.scenes.films.who_is_to_blame import the_secret as chapter
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.lint import Lint
from chainreel.scenes.stage.pixels import tones
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.strands import Strands
from chainreel.scenes.stage.theme import theme_named
from chainreel.scenes.stage.type import Label

from ..checks import check
from ..conftest import FRAMES

STORYBOARD = (9, 18, 27, 38, 50, 60, 67)  # where its seven beats end
TOLD = {  # ✔ of the storyboard, by source and key
    ("faces", "right/unseen/48"): "377", ("faces", "count/unseen"): "400", ("faces", "training/knobs"): "9249",
    ("scale", "count/0"): "13", ("scale", "count/1"): "2410", ("scale", "count/2"): "25557032",
    ("scale", "count/3"): "174604259328", ("scale", "pitches/3"): "24.5", ("claims", "backprop"): "1986",
    ("claims", "chain-rule"): "1676", ("claims", "descent"): "1847", ("claims", "reverse"): "1970",
    ("claims", "thesis"): "1974", ("whisker", "knobs"): "13",
}  # fmt: skip
NIGHT = theme_named("night")


def performed(**attributes: Any) -> Any:
    """The chapter on a wide frame, without drawing; `seen` are the words on screen after each play."""
    settings = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15}
    made = type("Told", (chapter.TheSecret,), {**attributes, "__module__": chapter.TheSecret.__module__})
    with tempconfig(settings), tempconfig(FRAMES["wide"]):
        scene: Any = made(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        scene.seen = []
        scene.watchers.append(lambda s: s.seen.append((s.now, {m.text for m in s.visible() if isinstance(m, Label)})))
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
    assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("the_secret").seconds, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - e) for e in ends) <= 1.5 + 1e-6, end


@cache
def board() -> TrainingBoard:
    with tempconfig(FRAMES["wide"]):
        images = faces(*film_a.FACES["test"]).X
        return TrainingBoard(chapter.exam(), NIGHT, chapter.BOARD, images, ("dog", "cat"), chapter.SHOWN)


class TestChapter:
    def test_clean_and_beats_end_where_the_storyboard_has_them(self, scene: Any) -> None:
        check(scene)
        keeps_its_times(scene)

    def test_told_numbers(self, scene: Any) -> None:
        printed: dict[tuple[str, str], str] = {}
        for number in scene.ledger.numbers:
            printed[number.source, number.key] = number.text
        assert {key: printed.get(key) for key in TOLD} == TOLD

    def test_untrained_it_calls_nearly_every_face_a_dog(self) -> None:
        """What the first sentence says, and what stands under the sixteen."""
        exam = chapter.exam()
        assert np.mean(exam.guess("unseen", 0) == 0) > 0.95
        assert (exam.guess("unseen", 0)[list(chapter.SHOWN)] == 0).all()
        assert exam.right("unseen", 0)[list(chapter.SHOWN)].sum() == 8
        assert chapter.HERO in chapter.SHOWN and exam.parts["unseen"].y[chapter.HERO] == 1

    def test_published_counts_and_years_have_their_sources_long_enough(self, scene: Any) -> None:
        """Chips of ResNet, GPT, the football pitch and of each older year stand three seconds or more."""
        lines = {
            "the photo sorter": "table, He et al. 2016", "the text writer": "arXiv 2005.14165", "the pitch": "FIFA",
            "Leibniz and Cauchy": "via Schmidhuber", "Linnainmaa": "BIT 16, 1976", "Werbos": "thesis",
        }  # fmt: skip
        for what, line in lines.items():
            times = [t for t, words in scene.seen if any(line in w for w in words)]
            gone = next(t for t, _ in scene.seen if t > max(times))
            come = max(t for t, _ in scene.seen if t < min(times))
            assert gone - come >= 3.0, what

    def test_asks_before_it_answers(self, scene: Any) -> None:
        """Whether it was invented that year is asked, and the next beat says no."""
        paper = next(k for k, beat in enumerate(scene.beats) if beat.title == "the paper")
        assert scene.beats[paper].words.endswith("?") and scene.beats[paper + 1].words.startswith("No")

    def test_ends_with_its_last_picture(self, scene: Any) -> None:
        """Thirteen dials at the whisker net's values, all asking, the mistake and the badge."""
        figure = chapter.last_picture(Stage(skip_animations=True))
        assert tuple(figure.dials) == cast.ORDER
        there = {tuple(np.round(m.get_center(), 3)) for m in scene.visible()}
        for part in (*figure.dials.values(), figure.sign, *(bubble[0] for bubble in figure.asks), figure.badge[1]):
            assert tuple(np.round(part.get_center(), 3)) in there
        assert {m.text for m in scene.visible() if isinstance(m, Label)} == {"me?", "?"}

    def test_paper_theme(self) -> None:
        scene = performed(theme="paper")
        check(scene)

    def test_the_built_in_voice_keeps_the_times(self) -> None:
        from chainreel.rendering.errors import RenderError
        from chainreel.rendering.voices import voice_named

        try:
            voice = voice_named(None)
        except RenderError as problem:
            pytest.skip(str(problem))
        scene = performed(voice=voice)
        keeps_its_times(scene)
        spoken = sum(beat.times[-1].end - beat.start for beat in scene.beats)
        assert 0.65 <= spoken / scene.now <= 0.82
        still = scene.beats[1].end - scene.beats[1].times[-1].end  # after the main result
        assert still >= 3.0
        for title in ("the paper", "suspects"):
            beat = next(b for b in scene.beats if b.title == title)
            assert 2.0 <= beat.end - beat.times[-1].end <= 4.0


class TestDrawnFace:
    def greys(self, face: DrawnFace, size: int) -> np.ndarray:
        low, high = (255 * tone for tone in tones(NIGHT))
        return (np.asarray(face.picture.paint(size, size), float) - low)[..., 0] / (high - low)[0]

    @pytest.mark.parametrize("row", [0, 7, 10, 15])
    def test_pixelated_it_is_the_row_of_the_data_set(self, row: int) -> None:
        face = DrawnFace(NIGHT, row, 2.0, ("seen", 1.0))
        assert self.greys(face, 24) == pytest.approx(faces(*film_a.FACES["test"]).X[row], abs=0.01)

    @pytest.mark.parametrize("row", [0, 10])
    def test_sharp_it_is_the_same_drawing(self, row: int) -> None:
        """Averaged over squares of a 24th, but for the noise."""
        sharp = self.greys(DrawnFace(NIGHT, row, 2.0, SHARP), 240).reshape(24, 10, 24, 10).mean(axis=(1, 3))
        assert np.abs(sharp - faces(*film_a.FACES["test"]).X[row]).mean() < 0.09

    @pytest.mark.parametrize("cells", [1, 2, 3, 4])
    def test_coarse_it_has_so_many_squares(self, cells: int) -> None:
        greys = self.greys(DrawnFace(NIGHT, 10, 2.0, ("cells", float(cells))), 64)
        blocks = greys.reshape(2**cells, 64 // 2**cells, 2**cells, 64 // 2**cells)
        assert np.ptp(blocks, axis=(1, 3)).max() < 1e-6

    def test_another_picture_becomes_it(self) -> None:
        before = np.eye(8)
        face = DrawnFace(NIGHT, 3, 2.0, ("from", 0.0), before)
        assert self.greys(face, 8) == pytest.approx(before, abs=0.01)
        ends = self.greys(face.show(("from", 1.0)), 48)
        assert ends == pytest.approx(self.greys(DrawnFace(NIGHT, 3, 2.0), 48), abs=0.01)

    def test_states_have_their_own_stamps(self) -> None:
        """The cache tells faces, states and what they came from apart."""
        made = [DrawnFace(NIGHT, 3, 1.0), DrawnFace(NIGHT, 4, 1.0), DrawnFace(NIGHT, 3, 1.0, ("cells", 2.0)),
                DrawnFace(NIGHT, 3, 1.0, ("from", 0.0), np.eye(8)), DrawnFace(theme_named("paper"), 3, 1.0)]  # fmt: skip
        assert len({face.picture.stamp for face in made}) == len(made)


class TestBoardAndDots:
    @pytest.mark.parametrize("told", [0, 1, 7, 16])
    def test_guess_after_guess(self, told: int) -> None:
        """As many words as were told are seen, with one mark each."""
        figure = board()
        figure.show(0)
        figure.tell_first(told)
        assert sum(word.get_fill_opacity() > 0 for word in figure.words) == told
        wrong = int((~figure.marks(0)[:told]).sum())
        assert len(figure.wrong.points) == wrong * len(cross(NIGHT).points)
        figure.tell_first(16)

    @pytest.mark.parametrize("m", [0, 10, 48])
    def test_a_mark_for_every_example(self, m: int) -> None:
        dots = ExamDots(chapter.exam(), NIGHT, Area(-2.5, 6, -2.6, -1), moment=m)
        right = int(chapter.exam().right("unseen", m).sum())
        assert len(dots.right.points) == 16 * right
        assert len(dots.wrong.points) == (400 - right) * len(cross(NIGHT).points)
        assert len(np.unique(dots.places.round(6), axis=0)) == 400

    def test_marks_alone_take_less_room(self) -> None:
        images = faces(*film_a.FACES["test"]).X
        area = Area(-6.26, 6.26, -2.68, 2.86)
        bare = TrainingBoard(chapter.exam(), NIGHT, area, images, ("dog", "cat"), range(40), words=False)
        worded = TrainingBoard(chapter.exam(), NIGHT, area, images, ("dog", "cat"), range(40))
        assert not len(bare.words) and bare.side > worded.side
        bare.show(5)
        assert len(bare.wrong.points) == int((~bare.marks(5)).sum()) * len(cross(NIGHT).points)


class TestLineup:
    def test_a_dial_is_at_its_value_and_asks(self) -> None:
        figure = chapter.lineup(Stage(skip_animations=True))
        for name, dial in figure.dials.items():
            assert dial.value == pytest.approx(film_a.KNOBS[name])
        assert len(figure.asks) == len(figure.dials) == 13
        assert max(dial.get_right()[0] for dial in figure.dials.values()) < figure.sign.get_left()[0]

    def test_nothing_touches(self) -> None:
        figure: Lineup = chapter.lineup(Stage(skip_animations=True))
        boxes = [*(bubble[0] for bubble in figure.asks)]
        for k, a in enumerate(boxes):
            for b in boxes[k + 1 :]:
                apart = np.abs(a.get_center() - b.get_center())[:2]
                assert apart[0] > (a.width + b.width) / 2 or apart[1] > (a.height + b.height) / 2


def test_the_paper_says_what_its_source_says() -> None:
    card = PaperCard(NIGHT)
    for line in card.words.get_family():
        if isinstance(line, Label):
            assert line.text.replace(" et al.", "") in TABLE["backprop"].source, line.text
            assert abs(line.get_center()[0] - card.page[0].get_center()[0]) + line.width / 2 <= card.page[0].width / 2


class TestWeightRun:
    @pytest.fixture
    def run(self) -> Any:
        from chainreel.engine.learning import NetworkPass
        from chainreel.scenes.figures.net_forward import NetForward

        with tempconfig({"dry_run": True, **FRAMES["wide"]}):
            exam = chapter.exam()
            one = NetworkPass(exam.risk.net, (exam.training, exam.training.steps), (exam.parts["unseen"], chapter.HERO))
            net = NetForward(one, NIGHT, chapter.INSIDE, image=(24, 24))
            return WeightRun(net, exam, [(2, 0, 0), (2, 5, 0)])

    @pytest.mark.parametrize("m", [0, 3.5, 20, 48])
    def test_lines_are_as_thick_as_their_weights(self, run: Any, m: float) -> None:
        run.show(m)
        weights = run.weights(m)
        for level, tiers in enumerate(run.net.lines, 1):
            for tier in tiers:
                if not isinstance(tier, Strands) or not len(tier.links):
                    continue
                i, j = tier.links.T
                solid = np.flatnonzero(weights[level - 1][i, j] >= 0)
                ends = tier.points.reshape(-1, 16, 3)[: len(solid)]
                wide = np.hypot(*(ends[:, 0] - ends[:, 4]).T[:2])
                there = WIDEST * np.abs(weights[level - 1][i, j][solid]) / run.top[level - 1]
                assert wide == pytest.approx(there, abs=1e-9)

    def test_dials_turn_with_their_lines(self, run: Any) -> None:
        for m in (0, 48):
            run.show(m)
            for (level, i, j), dial in run.dials.items():
                assert dial.value == pytest.approx(run.exam.params(m)[level - 1]["W"][i, j])


class TestSizesAndYears:
    @pytest.fixture
    def zoom(self) -> ScaleZoom:
        return ScaleZoom(NIGHT, Scale(["whisker", "digits", "resnet-50", "gpt-3"]), Area(-6.26, 6.26, -2.72, 3.52))

    @pytest.mark.parametrize("k", [1, 2, 3])
    def test_raced_to_a_model_its_square_fills_the_window_and_its_count_stands(self, zoom: ScaleZoom, k: int) -> None:
        settled(zoom.appear())
        for step in range(1, k + 1):
            settled(zoom.race(step))
        assert zoom.count.text == f"{zoom.scale_.levels[k].count:,}"
        assert zoom.sides()[k] == pytest.approx(zoom.side)
        ratio = zoom.scale_.levels[k - 1].count / zoom.scale_.levels[k].count
        assert (zoom.sides()[k - 1] / zoom.side) ** 2 == pytest.approx(ratio)
        assert zoom.chip is not None and zoom.chip.text == zoom.scale_.levels[k].chip

    def test_a_count_that_stands_already_runs_to_the_first_one(self, zoom: ScaleZoom) -> None:
        there = ScaleZoom(NIGHT, zoom.scale_, Area(-6.26, 6.26, -2.72, 3.52))
        settled(there.appear())
        knobs = chapter.exam().quantity("training/knobs")
        zoom.count.settle(knobs)
        zoom.count.move_to([5, 2.7, 0])
        begun = zoom.appear(begun=knobs)
        assert zoom.count.text == "9,249" and zoom.count.get_right()[0] > 4
        settled(begun)
        assert zoom.count.text == "13" and zoom.count.get_left() == pytest.approx(there.count.get_left())

    def test_told_backwards_the_older_stand_left_and_higher(self) -> None:
        claims = Claims()
        ticks = [Tick(claims.quantity(k), TABLE[k].text, TABLE[k].chip, TABLE[k].who) for k in chapter.OLDER]
        years = Timeline(NIGHT, ticks, chapter.YEARS)
        settled(years.begin(len(ticks) - 1))
        settled(years.reach_back())
        names = [name.text for name in years.names]
        assert names == ["Werbos", "Linnainmaa", "Cauchy", "Leibniz"]
        places = np.array([name.get_center() for name in years.names])
        assert (np.diff(places[:, 0]) < 0).all() and (np.diff(places[:, 1]) > 0).all()
        page = PaperCard(NIGHT).place(chapter.PAGE).page[0]
        assert all(n.get_right()[0] < page.get_left()[0] or n.get_top()[1] < page.get_bottom()[1] for n in years.names)


def settled(animation: Any) -> None:
    """Taken to its end at once."""
    animation.begin()
    animation.interpolate(1.0)
    animation.finish()
