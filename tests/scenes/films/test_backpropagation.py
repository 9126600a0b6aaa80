"""Chapter 5 of film A: its times, its numbers, the sums on screen, and that it takes over the picture of the chapter before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainreel.engine.storyboards import film_a
from chainreel.scenes.figures.net_graph import NetGraph
from chainreel.scenes.films.catalogue import film_named
from chainreel.scenes.films.who_is_to_blame import backpropagation as chapter
from chainreel.scenes.films.who_is_to_blame import cast, loss
from chainreel.scenes.stage.rounding import read_back, shown
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.theme import theme_named

STORYBOARD = (12, 26, 38, 52, 66, 80, 98, 112, 128, 140, 149)  # where its eleven beats end
TOLD = {  # what the storyboard says of the whisker net, two decimals
    "z": "−0.65", "c": "−0.65", "v1": "−0.26", "v2": "−0.13", "v3": "0.00", "h1": "0.78", "h2": "−0.26", "h3": "−0.52",
    "z1": "0.78", "z2": "−0.26", "z3": "0.00", "w11": "0.70", "w12": "0.16", "b1": "0.78", "w21": "−0.23", "w22": "−0.05",
    "b2": "−0.26", "w31": "0.00", "w32": "0.00", "b3": "0.00",
}  # fmt: skip


@pytest.fixture(scope="module")
def trace() -> Any:
    return film_a.whisker_loss().trace(film_a.KNOBS)


@pytest.fixture
def graph(trace: Any) -> NetGraph:
    return NetGraph(trace, theme_named("night"))


def text(value: float, decimals: int = 2) -> str:
    return shown(value, decimals, auto=False)


@pytest.fixture(scope="module")
def scene() -> Any:
    """The chapter, performed once without a voice and without drawing."""
    from manim import tempconfig

    from chainreel.scenes.stage.lint import Lint

    quiet = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": 15,
             "pixel_width": 854, "pixel_height": 480, "frame_width": 8 * 854 / 480, "frame_height": 8.0}  # fmt: skip
    with tempconfig(quiet):
        made: Any = chapter.Backpropagation(skip_animations=True)
        made.renderer.update_frame = lambda *args, **kwargs: None
        made.lint = Lint(made)
        made.render()
    return made


class TestChapter:
    def test_beats_end_where_the_storyboard_has_them(self, scene: Any) -> None:
        ends = [beat.end for beat in scene.beats]
        assert scene.now == pytest.approx(film_named("who-is-to-blame").chapter("backpropagation").seconds, abs=0.1)
        for end in STORYBOARD:
            assert min(abs(end - e) for e in ends) < 1.5

    def test_every_number_has_a_described_source(self, scene: Any) -> None:
        assert scene.ledger.numbers and scene.alt and scene.poster_time
        for number in scene.ledger.numbers:
            assert number.source in scene.ledger.sources, f"{number.source} is not described"
            assert number.text == text(number.value, number.decimals)

    def test_every_blame_of_the_storyboard_is_shown(self, scene: Any, trace: Any) -> None:
        printed = {(n.source, n.key): n.text for n in scene.ledger.numbers}
        for name, told in TOLD.items():
            here = printed[cast.LOSS, trace.quantity("adjoint", trace.step(name)).key]
            assert read_back(here) == read_back(told), name

    def test_layout_has_no_overlap_and_stays_inside(self, scene: Any) -> None:
        of_places = [f for f in scene.lint.findings if f.rule in ("overlap", "safe area", "size", "direction", "typed number")]
        assert of_places == [], "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in of_places)

    def test_the_words_say_one_thing_at_a_time(self, scene: Any) -> None:
        """Blame is not mixed with turning, and nothing but a nudge turns a dial."""
        for beat in scene.beats:
            for sentence in beat.words.split("."):
                assert not ("blame" in sentence and "turn" in sentence), sentence

    def test_belts_turn_the_wheels_by_their_rates(self, scene: Any) -> None:
        """A belt touches both pulleys; their radii are as the rate, and it is crossed where the rate is negative."""
        centres = [wheel.face.get_center() for wheel in scene.wheels.values()]
        for nth, rate in enumerate((0.40, -0.65)):
            belt, (a, b) = scene._belt(nth, rate), centres[nth : nth + 2]
            for line in belt:
                start, end = line.get_start(), line.get_end()
                along = (end - start) / np.linalg.norm(end - start)
                radii = [float(np.cross(along, at - c)[2]) for at, c in ((start, a), (end, b))]
                assert radii[0] / radii[1] == pytest.approx(rate) and abs(radii[1]) == pytest.approx(chapter.PULLEY)
                assert np.dot(along, start - a) == pytest.approx(0, abs=1e-9), "it leaves the pulley without a kink"

    def test_ends_with_thirteen_slopes_and_untouched_dials(self, scene: Any) -> None:
        panel, gauge = chapter.at_end(scene)
        assert {n: d.value for n, d in panel.dials.items()} == pytest.approx(film_a.KNOBS)
        assert len(panel.slopes) == len(film_a.KNOBS)
        assert set(panel.arrows) == {n for n in film_a.KNOBS if read_back(TOLD[n])}
        assert gauge.number.text == "1.05"


class TestNeighbours:
    def test_begins_with_the_last_picture_of_the_chapter_before(self) -> None:
        class First(Stage):
            def construct(self) -> None:
                pass

        stage = First()
        there, here = loss.at_end(stage), chapter.at_end(stage)
        assert list(there[0].dials) == list(here[0].dials)
        for name, dial in there[0].dials.items():
            assert here[0].dials[name].centre == pytest.approx(dial.centre), "the panel stands at one place"
        assert there[1].tube.x == pytest.approx(here[1].tube.x)


class TestNetGraph:
    def test_slopes_are_the_told_ones(self, graph: NetGraph) -> None:
        assert {name: text(float(graph.slope(name).value)) for name in TOLD} == TOLD

    def test_shown_products_close(self, graph: NetGraph) -> None:
        """R20: blame times the kept number, both as shown, is the blame as shown."""
        for j in "123":
            z = read_back(text(float(graph.slope(f"z{j}").value)))
            for k in "12":
                kept = float(graph.factor(f"w{j}{k}").value)
                assert read_back(TOLD[f"w{j}{k}"]) == read_back(text(z * kept))
            value = read_back(text(float(graph.factor(f"v{j}").value)))
            assert read_back(text(-0.65 * value)) == read_back(TOLD[f"v{j}"])
            assert read_back(text(-0.65 * film_a.KNOBS[f"v{j}"])) == read_back(TOLD[f"h{j}"])
        assert read_back(text(float(graph.value("p").value))) - 1 == pytest.approx(read_back(TOLD["z"]))

    def test_wires_run_right_and_blame_left(self, graph: NetGraph) -> None:
        for wire in graph.wires.values():
            assert wire.at(1.0)[0] >= wire.at(0.0)[0] - 1e-9

    def test_ribbons_are_as_wide_as_their_blame(self, graph: NetGraph) -> None:
        wide = {name: graph.band_width(name) for name in ("z", "h1", "h2", "h3")}
        for name, width in wide.items():
            assert width / wide["z"] == pytest.approx(abs(float(graph.slope(name).value) / float(graph.slope("z").value)))

    def test_all_inside_the_frame(self, graph: NetGraph) -> None:
        graph.settle_all()
        graph.seed()
        for names in (("z",), ("plus", "c"), [f"times{j}" for j in "123"], [f"{k}{j}" for k in "vhz" for j in "123"],
                      [f"sum{j}" for j in "123"], [k for k in film_a.KNOBS if k[0] in "wb"]):  # fmt: skip
            graph.blame(*names)
        for name, chip in graph.chips.items():
            chip.move_to(graph._rest[name])
        points = np.concatenate([part.get_all_points() for part in graph.submobjects if len(part.get_all_points())])
        assert points[:, 0].min() > -6.3 and points[:, 0].max() < 6.3
        assert points[:, 1].min() > -2.75 and points[:, 1].max() < 3.52
        assert set(film_a.KNOBS) <= set(graph.chips), "every knob has its chip"

    def test_blame_of_zero_has_no_ribbon(self, graph: NetGraph) -> None:
        graph.settle_all()
        graph.blame("z3", "w31", "v3")
        assert ("gate3", "h3") not in graph.ribbons and ("w31", "data w31") not in graph.ribbons

    def test_nudges_agree_with_the_forecast(self, trace: Any) -> None:
        from chainreel.engine.nudge import Nudge

        told = {"w11": ("0.0702", "0.0715"), "v1": ("−0.0260", "−0.0258")}
        for name, (forecast, real) in told.items():
            nudge = Nudge(trace, name, film_a.TURN)
            assert text(float(nudge.forecast(trace.output)), 4) == forecast
            assert text(float(nudge.change(trace.output)), 4) == real

    def test_works_without_a_loss(self) -> None:
        from chainreel.engine.learning import MLP, NetworkPass, elementary

        net = MLP([2, 3, 1], activation="relu", output="sigmoid")
        one = NetworkPass(net, film_a.whisker_params(), film_a.ICON, film_a.CAT, "binary_cross_entropy")
        bare = NetGraph(elementary(one), theme_named("paper")).settle_all()
        assert not bare.has_loss and "L" not in bare.rounds
        assert set(bare.dials) == set(film_a.KNOBS)


@pytest.mark.slow
def test_speaks_in_time_and_lays_out_on_paper(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the built-in voice beats still end where the storyboard has them, and pictures meet their words (R6)."""
    from chainreel.rendering.voices import Book, voice_named

    monkeypatch.setattr(chapter.Backpropagation, "voice", Book(voice_named(None, True)))
    monkeypatch.setattr(chapter.Backpropagation, "theme", "paper")
    made = run(chapter.Backpropagation)
    assert [f.message for f in made.lint.findings if f.rule in ("overlap", "safe area", "contrast")] == []
    assert made.now == pytest.approx(149.0, abs=0.1)
    for end in STORYBOARD:
        assert min(abs(end - beat.end) for beat in made.beats) < 1.5
    for meeting in made.meetings:
        assert -0.8 <= meeting.moved - meeting.said <= 0.2, meeting
