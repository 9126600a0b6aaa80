"""S4: what a viewer believes of the picture – the dot is on the curve, the tangent has the slope, a hop is −η f′."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import Descent, Function
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.figures.step_equation import StepEquation, rounded
from chainreel.scenes.stage.curve import clip
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.rounding import closes, read_back
from chainreel.scenes.stage.theme import NIGHT
from chainreel.scenes.stage.ticks import Tick
from chainreel.scenes.stage.view import CELL, view_of

F = Function.of("0.1*x**4 - 0.6*x**2 + 0.2*x + 1.2")
places = st.floats(-2.8, 2.8).map(lambda x: round(x, 3))


def numbers_at(figure: LossSlice, point: np.ndarray) -> tuple[float, float]:
    """What a frame position says on the axes."""
    (sx, sy), view = figure.view.scale, figure.view
    return view.x[0] + (point[0] - view.box[0]) / sx, view.y[0] + (point[1] - view.box[2]) / sy


@settings(max_examples=20, deadline=None)
@given(places)
def test_the_dot_is_on_the_curve(x: float) -> None:
    figure = LossSlice(F, NIGHT, "x", (-3, 3))
    figure.stand(x)
    assert figure.dot is not None
    seen = numbers_at(figure, figure.dot.get_center())
    assert seen[0] == pytest.approx(x, abs=1e-9) and seen[1] == pytest.approx(F(x), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(places)
def test_the_tangent_has_the_engines_slope_in_the_units_of_the_axes(x: float) -> None:
    figure = LossSlice(F, NIGHT, "x", (-3, 3))
    figure.stand(x)
    slope = F.trace({"x": x}).gradient["x"]
    line = figure.tangent_at(x, slope)[1]
    (x0, y0), (x1, y1) = (numbers_at(figure, p) for p in (line.get_start(), line.get_end()))
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.5, 2.5), st.sampled_from([0.05, 0.1, 0.3]))
def test_a_hop_is_minus_rate_times_slope(x: float, rate: float) -> None:
    log = Descent.run(F, {"x": x}, rate=rate, steps=3)
    figure = LossSlice(F, NIGHT, "x", (-4, 4), exact=True, keep=(log.losses[0],))
    figure.stand(x)
    for k in range(3):
        figure.hop(log, k)
        here, there = figure.hops[-1]
        assert there - here == pytest.approx(-rate * log.steps[k].gradient["x"], rel=1e-12, abs=1e-15)
        arc = figure.trail[-1]
        assert numbers_at(figure, arc.whole[0])[0] == pytest.approx(here)
        assert numbers_at(figure, arc.whole[-1])[0] == pytest.approx(there)
        assert arc.whole[1, 1] > min(arc.whole[0, 1], arc.whole[-1, 1])  # it leaves the curve: no rolling


def test_holes_and_poles_are_gaps() -> None:
    figure = LossSlice(Function.of("log(x) + 1/(x - 2)"), NIGHT, "x", (-1, 4), exact=True)
    assert len(figure.curve.line.points) > 0
    left, right, bottom, top = figure.view.box
    points = figure.curve.line.points
    assert points[:, 0].min() >= left + 0.99 * (1 / 5) * (right - left)  # nothing left of x = 0
    assert points[:, 1].min() >= bottom - 1e-9 and points[:, 1].max() <= top + 1e-9
    anchors = points.reshape(-1, 4, 3)
    assert np.abs(anchors[:, 3, 1] - anchors[:, 0, 1]).max() < 0.999 * (top - bottom)  # the pole is no line


def test_a_range_without_a_value_is_refused_in_a_sentence() -> None:
    with pytest.raises(StageError, match="no finite value for x from -3 to -1.*--range"):
        LossSlice(Function.of("log(x)"), NIGHT, "x", (-3, -1))


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e4, 1e4), st.floats(1e-4, 1e4), st.booleans())
def test_a_view_shows_the_range_and_its_ticks_stand_on_the_paper(low: float, size: float, exact: bool) -> None:
    view = view_of((low, low + size), (0.0, 1.0), (-5.5, 2.0, -2.0, 2.5), exact_x=exact)
    slack = 0.51 * CELL / view.scale[0]  # a widened view may lose half a square to the paper
    assert view.x[0] <= low + (1e-9 * abs(low) if exact else slack)
    assert view.x[1] >= low + size - (1e-9 * abs(low) if exact else slack)
    for value in view.ticks()[0]:
        x = view.place(value, 0.0)[0] / CELL
        assert abs(x - round(x)) < 1e-4


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0.1, 0.2, 0.5, 1.0, 1e-3]), st.floats(-50, 50).filter(lambda s: abs(s) > 0.01))
def test_the_shown_step_is_the_product_of_the_shown_numbers_or_says_so(rate: float, slope: float) -> None:
    from chainreel.engine import Quantity

    three = [Quantity("d", k, v) for k, v in (("rate", rate), ("g", slope), ("u", -rate * slope))]
    texts, exact = rounded(*three)
    product = -read_back(texts[0][0]) * read_back(texts[1][0])
    assert not exact or closes(texts[2][0], product)
    assert ("approx" in StepEquation(NIGHT, "x", *three).source) == (not exact)


def test_ticks_are_computed_and_may_be_small_but_a_label_may_not_hold_digits() -> None:
    assert Tick(-0.5, 0.5, "#FFFFFF").text == "−0.5" and Tick(0.0, 0.5, "#FFFFFF").text == "0"
    assert Tick(2e6, 1e6, "#FFFFFF").text == "2·10⁶"


def test_a_polyline_is_cut_exactly_at_the_rim() -> None:
    pieces = clip(np.array([-2.0, 0.0, 2.0]), np.array([0.0, 0.5, 0.0]), (-1.0, 1.0, -1.0, 1.0))
    assert len(pieces) == 1 and pieces[0][0] == pytest.approx([-1.0, 0.25]) and pieces[0][-1] == pytest.approx([1.0, 0.25])
