"""Chapter 3 of film A: its times, its numbers, what stands when, and that it begins and ends as its neighbours expect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import tempconfig
from manim.utils.color import ManimColor

from chainreel.engine import Function
from chainreel.engine.learning import ACTIVATIONS
from chainreel.scenes.figures.bend_curve import BendCurve
from chainreel.scenes.figures.gate import Gate
from chainreel.scenes.figures.unit_sum import NumberSum
from chainreel.scenes.films.who_is_to_blame import cast, forward_pass
from chainreel.scenes.films.who_is_to_blame.forward_pass import LINES, ForwardPass
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.theme import theme_named

from ..checks import check
from ..conftest import FRAMES

SECONDS = 114
ENDS = {  # the storyboard's, by the last of our beats that belongs to it
    "one unit": 10, "weigh, add, shift": 26, "two more": 36, "the bend": 50, "lines stay lines": 60, "the last unit": 76,
    "squeeze": 90, "the graph": 104, "how wrong": 114,
}  # fmt: skip
TOLD = {  # ✔ of the storyboard: what is said or shown, by source, key and text
    ("whisker", "product/1[0,0]", "0.36"), ("whisker", "product/1[1,0]", "−0.06"), ("whisker", "bias/1[0]", "0.1"),
    ("whisker", "sum/1[0]", "0.40"), ("whisker", "product/1[0,1]", "−0.18"), ("whisker", "product/1[1,1]", "0.08"),
    ("whisker", "bias/1[1]", "0.3"), ("whisker", "sum/1[1]", "0.20"), ("whisker", "product/1[0,2]", "−0.54"),
    ("whisker", "product/1[1,2]", "0.10"), ("whisker", "sum/1[2]", "−0.44"), ("whisker", "value/1[0]", "0.40"),
    ("whisker", "value/1[1]", "0.20"), ("whisker", "value/1[2]", "0.00"), ("whisker", "product/2[0,0]", "−0.48"),
    ("whisker", "product/2[1,0]", "0.08"), ("whisker", "product/2[2,0]", "0.00"), ("whisker", "bias/2[0]", "−0.22"),
    ("whisker", "sum/2[0]", "−0.62"), ("whisker", "value/2[0]", "0.35"), ("whisker", "percent[1]", "35"),
    ("whisker", "percent[0]", "65"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> Any:
    """The chapter timed by reading, run once."""
    settings = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, **FRAMES["wide"]}
    from chainreel.scenes.stage.lint import Lint

    with tempconfig(settings):
        scene = ForwardPass(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        scene.lint = Lint(scene, film=True)
        scene.render()
    return scene


@pytest.fixture
def stage() -> Any:
    """An empty stage."""
    with tempconfig(FRAMES["wide"]):
        yield Stage()


def ends_as_planned(scene: Any) -> None:
    """Every beat of the storyboard ends within 1.5 s, the chapter within 0.1 s."""
    found = {beat.title: beat.end for beat in scene.beats}
    for title, end in ENDS.items():
        assert abs(found[title] - end) <= 1.5 + 1e-6, f"{title} ends at {found[title]:.1f} s, not at {end} s"
    assert abs(scene.now - SECONDS) <= 0.1


def test_lint_sources_poster_and_times(told: Any) -> None:
    check(told)
    ends_as_planned(told)


@pytest.mark.slow
def test_times_hold_with_a_voice() -> None:
    from chainreel.rendering.voices import Book, voice_named

    settings = {"dry_run": True, "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, **FRAMES["wide"]}
    with tempconfig(settings):
        spoken = type("Spoken", (ForwardPass,), {"voice": Book(voice_named(None, True)), "__module__": ForwardPass.__module__})
        scene = spoken(skip_animations=True)
        scene.renderer.update_frame = lambda *args, **kwargs: None
        scene.render()
    ends_as_planned(scene)
    speaking = sum(beat.times[-1].end - beat.start for beat in scene.beats)
    assert 0.65 <= speaking / scene.now <= 0.82
    for meeting in scene.meetings:
        assert -0.2 <= meeting.said - meeting.moved <= 0.8, meeting


def test_every_number_of_the_storyboard_is_told(told: Any) -> None:
    entries = {(n.source, n.key, n.text) for n in told.ledger.numbers}
    assert not TOLD - entries


def test_an_unknown_unit_is_not_said_before_it_stands_there(told: Any) -> None:
    first = {(n.key, n.text): n.start for n in reversed(told.ledger.numbers)}
    assert first["sum/1[0]", "0.40"] < first["sum/1[1]", "0.20"] < first["sum/1[2]", "−0.44"] < first["sum/2[0]", "−0.62"]
    assert first["sum/2[0]", "−0.62"] < first["value/2[0]", "0.35"]


def test_a_pause_to_predict_and_its_answer(told: Any) -> None:
    asked = next(beat for beat in told.beats if beat.title == "predict")
    answer = told.beats[asked.index + 1]
    assert asked.words.endswith("?") and "curve" in answer.words  # the tempting answer is named
    assert answer.start - asked.times[-1].end >= 1.9


def test_sentences_are_short(told: Any) -> None:
    sentences = [s for beat in told.beats for s in beat.words.replace("?", ".").replace(": ", ". ").split(". ")]
    assert max(len(s.split()) for s in sentences) <= 24


@pytest.mark.parametrize("level, j", [(1, 0), (1, 1), (1, 2), (2, 0)])
def test_shown_sums_close(stage: Any, level: int, j: int) -> None:
    one = cast.whisker(stage)
    line = NumberSum(one, level, j, stage.look, "whisker", 12.0, braced=False)
    assert line.fits and line.exact and line.decimals == 2
    assert len(line.braces) == one.sizes[level - 1]
    shown = [float(number.text.replace("−", "-")) for _, number in line.braces]
    bias = float(one.quantity(f"bias/{level}", (j,)).value)
    assert round(sum(shown) + bias, 2) == round(float(one.quantity(f"sum/{level}", (j,)).value), 2)


# First and last picture -------------------------------------------------------------------------------------------------


def looks(group: Any) -> set[tuple[Any, ...]]:
    """What is seen: outlines with their colours."""
    found = set()
    for part in group.get_family():
        if len(part.points) and max(part.get_fill_opacity(), part.get_stroke_opacity() * part.get_stroke_width()) > 0.05:
            fill = ManimColor(part.get_fill_color()).to_hex() if part.get_fill_opacity() > 0.05 else ""
            found.add((round(part.get_x(), 2), round(part.get_y(), 2), round(part.width, 2), round(part.height, 2), fill))
    return found


def test_begins_as_the_chapter_before_ends(stage: Any) -> None:
    before = pytest.importorskip("chainreel.scenes.films.who_is_to_blame.the_problem")
    net = cast.network(stage)
    net.appear(), net.enter()
    assert looks(before.last_picture(stage)) == looks(net) | looks(cast.face(net))


def test_ends_with_its_last_picture(told: Any, stage: Any) -> None:
    picture = forward_pass.last_picture(stage)
    here = set().union(*(looks(mobject) for mobject in told.mobjects))
    assert here == looks(picture)
    assert picture.graph.numbers["p"].text == "0.35" and picture.truth.text == "truth: cat"


# The cast ---------------------------------------------------------------------------------------------------------------


def test_the_cast_has_one_place_and_one_source(stage: Any) -> None:
    net, panel = cast.network(stage), cast.settle(cast.dials(stage))
    assert set(stage.ledger.sources) == {"whisker"}
    assert tuple(panel.values) == cast.ORDER and len(cast.ORDER) == cast.told(net.one, "knobs").value
    assert all(q.source == "whisker" for q in panel.values.values())
    assert all(low == cast.SWEEP[0] and high == cast.SWEEP[1] for low, high in panel.ranges.values())
    assert panel.get_right()[0] <= cast.DIALS.right + 0.05 and panel.get_top()[1] <= cast.DIALS.top + 0.05
    assert net.settle().get_left()[0] > cast.FACE.right - 0.05


def test_turned_knobs_have_a_source_of_their_own(stage: Any) -> None:
    panel = cast.dials(stage, w11=0.5)
    assert panel.values["w11"].source == "whisker w11 0.5" and panel.values["w11"].value == 0.5
    assert set(stage.ledger.sources) == {"whisker w11 0.5"}


def test_slopes_are_those_of_the_storyboard(stage: Any) -> None:
    found = {name: round(q.value, 2) + 0.0 for name, q in cast.slopes(stage).items()}
    assert found == {
        "w11": 0.70, "w12": 0.16, "b1": 0.78, "w21": -0.23, "w22": -0.05, "b2": -0.26, "w31": 0.0, "w32": 0.0, "b3": 0.0,
        "v1": -0.26, "v2": -0.13, "v3": 0.0, "c": -0.65,
    }  # fmt: skip


# The bend ---------------------------------------------------------------------------------------------------------------


def panel_of(shape: Any) -> BendCurve:
    """A panel with one curve."""
    figure = BendCurve(theme_named("night"), Area(0, 4, -2, 2), (-0.6, 0.6), (-0.6, 0.6), ("z", "h"))
    figure.draw("bend", shape)
    return figure


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_points_stay_on_their_curve_while_it_bends(stage: Any, share: float) -> None:
    net = cast.network(stage)
    net.appear()
    for j in range(3):
        net.open(1, j, general=False), net.total()
    figure, relu = panel_of(lambda x: x), ACTIVATIONS["relu"]
    for j in range(3):
        figure.land("bend", net.waiting[1, j])
    bending = figure.reshape({"bend": relu})
    bending.rate_func = lambda t: t
    bending.interpolate_mobject(share)
    for j in range(3):
        number = net.waiting[1, j]
        z = float(number.quantity.value)
        wanted = figure.view.place(z, z + (max(z, 0.0) - z) * share)
        assert np.allclose(figure.dots[number.quantity.key].get_center(), wanted, atol=1e-3)


def test_two_lines_add_to_a_line_and_two_bent_ones_do_not() -> None:
    x = np.linspace(-0.6, 0.6, 25)
    one, two = (np.asarray(Function.parse(text).grid({"x": x})).ravel() for text in LINES)
    relu = ACTIVATIONS["relu"]
    assert np.allclose(np.diff(one + two, 2), 0)
    assert np.count_nonzero(np.abs(np.diff(relu(one) + relu(two), 2)) > 1e-9) >= 2


def test_a_gate_that_shuts_lets_nothing_pass() -> None:
    gate = Gate(theme_named("night"), np.zeros(3))
    fall = gate.shut()
    fall.begin(), fall.finish()
    assert not gate.is_open and gate.behind.get_stroke_opacity() == 0
    assert np.isclose(gate.leaf.get_center()[0], 0.0, atol=1e-6)
