"""S3 and the clip `fit`: sticks, squares and their mean are those of the fit; any table, any formula; refusals."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.fit import Fit
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.fit import START, read_points, read_table
from chainreel.scenes.figures.curve_fit import CurveFit, Descend
from chainreel.scenes.figures.knob_panel import KnobPanel
from chainreel.scenes.figures.loss_gauge import LossGauge, scale_for
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.ledger import Printed
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.rounding import read_back
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

NINE = [(-1.0 + 0.25 * k, y) for k, y in enumerate((-0.65, 0.80, 1.25, 0.60, 0.55, -0.20, -0.75, -0.15, 1.35))]
CUBIC = "c0 + c1*x + c2*x**2 + c3*x**3"
AT = {"c0": 0.25, "c1": -1.0, "c2": 0.5, "c3": 1.0}
PLOT = Area(-2.4, 3.2, -2.7, 2.5)


@pytest.fixture
def fit():
    """The nine points of film C."""
    return Fit(CUBIC, NINE, AT, rate=0.5, steps=20)


def area_of(square):
    """By the corners of its outline."""
    x, y = square.points[::4, 0], square.points[::4, 1]
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_sticks_end_on_point_and_curve(fit):
    """Both ends, at the start and after a step."""
    figure = CurveFit(NIGHT, fit, PLOT)
    for knobs in (fit.point(0), fit.point(1)):
        figure.at(knobs)
        predictions = fit.curve(fit.x, knobs)
        for k, stick in enumerate(figure.sticks_):
            assert stick.get_start()[:2] == pytest.approx(figure.place(k)[:2])
            assert stick.get_end()[:2] == pytest.approx(figure.view.place(fit.x[k], predictions[k])[:2], abs=2e-4)
        xs, ys = figure.curve.x, figure.curve.y
        assert np.interp(fit.x, xs, ys) == pytest.approx(predictions)


def test_areas_are_the_squared_misses(fit):
    """Area / e² is the same for all squares, at the start and later; each lies in the room."""
    figure = CurveFit(NIGHT, fit, PLOT)
    for state in (0, 3, 20):
        figure.at(fit.point(state))
        misses = fit.misses(fit.point(state))
        for square, miss in zip(figure.squares_, misses, strict=True):
            assert area_of(square) == pytest.approx(miss**2 * figure.view.scale[1] ** 2, rel=1e-6, abs=1e-9)
            assert square.points[:, 0].min() >= PLOT.left - 0.03 and square.points[:, 0].max() <= PLOT.right + 0.03


def test_the_parts_shown_add_up_to_the_total_shown(fit):
    """Largest remainder: the numbers on the slabs and the rest, as printed, are the loss as printed; slabs stack to it."""
    figure, gauge = CurveFit(NIGHT, fit, PLOT), LossGauge(NIGHT, Area(3.4, 6.2, -2.7, 2.5), fit.quantity("loss"), [0.38])
    figure.stack(gauge)
    parts = [n for part in figure.parts for n in part.get_family() if isinstance(n, Number)]
    assert len(parts) >= 3
    shown = [read_back(n.provenance[0].text) for n in parts]
    assert round(sum(shown), 3) == read_back(gauge.number.provenance[0].text)
    assert isinstance(parts[0].provenance[0], Printed)
    heights = [float(np.ptp(s.points[:, 1])) for s in figure.slabs]
    assert sum(heights) == pytest.approx(gauge.height_of(fit.loss(0)) - gauge.height_of(0.0))
    assert heights == sorted(heights, reverse=True)


def test_a_descent_moves_curve_dials_and_meter_together(fit):
    """Half-way between two states, and at rest on the last."""
    room = Area(-6.2, -3.0, -2.7, 3.5)
    ranges = {n: (-5.0, 5.0) for n in fit.knobs}
    panel = KnobPanel(NIGHT, {n: fit.quantity(f"point/{n}") for n in fit.knobs}, room, ranges=ranges)
    panel.appear()
    figure, gauge = CurveFit(NIGHT, fit, PLOT), LossGauge(NIGHT, Area(3.4, 6.2, -2.7, 2.5), fit.quantity("loss"), [0.38])
    move = Descend(fit, 0, 20, figure, panel, gauge)
    move.begin()
    move.interpolate_mobject(0.5)
    assert panel.dials["c3"].value == pytest.approx(figure.knobs["c3"])
    assert AT["c3"] < figure.knobs["c3"] < fit.point(20)["c3"]
    move.interpolate_mobject(1.0)
    assert figure.knobs == fit.point(20) and gauge.number.quantity.value == fit.loss(20)
    assert {n: d.value for n, d in panel.dials.items()} == fit.point(20)
    assert gauge.tube.diamond.get_center()[1] == pytest.approx(gauge.height_of(fit.loss(20)))


@pytest.mark.parametrize("losses", [[0.38, 0.02], [1e-5], [-3.0, -1.0], [0.0], [4e7, 1.0]])
def test_rulers_hold_their_losses(losses):
    """From zero where no loss is negative."""
    low, high, step = scale_for(losses)
    assert low <= min(losses) and max(losses) < high and step > 0 and (low == 0.0) == (min(losses) >= 0)


def test_many_points_have_no_squares():
    """Forty-one and more: sticks only, smaller marks."""
    x = np.linspace(0, 5, 200)
    fit = Fit("a*x + b", np.column_stack([x, 2 * x + np.sin(9 * x)]), steps=5)
    figure = CurveFit(NIGHT, fit, PLOT)
    assert not figure.has_squares and len(figure.points_) == 200


def test_reading_points_and_tables(tmp_path):
    """With and without names, other delimiters; what is wrong is said with its row."""
    assert read_points("0:1, 1:2.5; 2:−3").tolist() == [[0, 1], [1, 2.5], [2, -3]]
    path = tmp_path / "t.csv"
    for text in ("x,y\n0,1\n1,2\n", "0,1\n1,2\n", "0;1\n1;2\n", "0\t1\n\n1\t2\n"):
        path.write_text(text)
        assert read_table(str(path)).tolist() == [[0, 1], [1, 2]]
    for text, sentence in (
        ("0,1\n1,two\n", "row 2.*two"), ("0,1,2\n1,2,3\n", "row 1 has|row 1, has 3"), ("a,b,c\n1,2,3\n", "columns a, b, c"),
        ("x,y\n1,cat\n2,dog\n", "both numbers"), ("", "empty"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises((StageError, EngineError), match=sentence):
            read_table(str(path))


# The clip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_fit_on_its_default(run, shape):
    """Six knobs, nine points; lint clean; the told numbers are those of the storyboard's start."""
    scene = run(clip_class("fit"), shape=shape)
    check(scene)
    said = " ".join(beat.words for beat in scene.beats)
    assert scene.story.fit.point(0) == START and "9 measurements" in said and "6 knobs" in said and "0.38" in said
    assert scene.story.fit.best_loss < scene.story.losses[-1] < 0.1 * scene.story.losses[0]


@pytest.mark.parametrize("number", range(3))
def test_fit_on_other_tables(run, number):
    """A CSV and a curved model; a line through years; a wave."""
    check(run(clip_class("fit"), shape="square" if number == 1 else "wide", theme="paper", **INPUTS["fit"][number]))


def test_too_large_a_rate_is_shown_as_such(run):
    """The loss grows, and the words say so."""
    scene = run(clip_class("fit"), rate=3.0)
    check(scene)
    assert "too large" in scene.beats[-1].words


@pytest.mark.parametrize(
    "parameters, sentence",
    [
        ({"function": "2*x"}, "no knob"),
        ({"points": "1:2,3"}, "not '3'"),
        ({"points": "1:2"}, "two points"),
        ({"points": "1:a,2:3"}, "pairs of numbers"),
        ({"function": "k0 + k1*x", "points": "1990:2,1995:3.5,2000:4"}, "far from zero"),
        ({"function": "k0 + k1*x", "start": "q=1"}, "no knob q"),
        ({"data": "nowhere.csv"}, "not there"),
        ({"optimizer": "newton"}, "can be"),
    ],
)
def test_fit_refuses_in_a_sentence(parameters, sentence):
    """No traceback for what a user may mistype."""
    with pytest.raises((StageError, EngineError), match=sentence):
        clip_class("fit").configured(**parameters)(skip_animations=True).render()
