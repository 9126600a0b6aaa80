"""S5: the table is the engine's, the drawn secant has the nudged slope, the last row tends to the derivative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import Differences, Function
from chainreel.scenes.clips.secant import nudges
from chainreel.scenes.figures.nudge_table import NudgeTable
from chainreel.scenes.figures.secant_zoom import SecantZoom, Turn
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.rounding import read_back
from chainreel.scenes.stage.table import LitNumber, agreeing
from chainreel.scenes.stage.theme import NIGHT, PAPER

F = Function.of("x*(1 + tanh(x))")
points = st.floats(-2.0, 2.0).map(lambda x: round(x, 2))


@settings(max_examples=12, deadline=None)
@given(points)
def test_the_table_equals_the_engines_differences(x: float) -> None:
    table = nudges(F, {"x": x}, "x")
    figure = SecantZoom(table, NIGHT)
    for i, row in enumerate(table.rows):
        delta, slope = figure.rows[i]
        assert read_back(delta.provenance[0].text) == pytest.approx(row.delta)
        assert slope.quantity.value == row.slope and slope.quantity.key == f"slope/{i}"
        assert read_back(slope.text) == pytest.approx(row.slope, abs=0.51 * 10.0 ** -(slope.decimals or 0))
    exact = figure.rows[len(table.rows)][1]
    assert exact.quantity.value == table.exact and exact.decimals == slope.decimals


@settings(max_examples=12, deadline=None)
@given(points)
def test_the_last_row_tends_to_the_derivative(x: float) -> None:
    table = nudges(F, {"x": x}, "x")
    last = table.rows[-1]
    bend = 2.5  # more than |f″|/2 everywhere
    noise = 4 * np.finfo(float).eps * max(abs(last.base), 1e-12) / abs(last.delta)
    assert abs(last.error) <= bend * abs(last.delta) + noise
    assert noise < 1e-6 + 1e-4 * abs(table.exact)  # the table ends before rounding shows


@settings(max_examples=8, deadline=None)
@given(points, st.floats(0.0, 1.0))
def test_the_secant_on_screen_has_the_nudged_slope_in_every_view(x: float, share: float) -> None:
    table = nudges(F, {"x": x}, "x")
    figure = SecantZoom(table, NIGHT)
    for i in range(len(table.rows)):
        figure.redraw(figure.views[i], figure.deltas[i])
        if len(figure.line.points):
            assert figure.screen_slope() == pytest.approx(table.rows[i].slope, rel=1e-6, abs=1e-7)
        assert figure.moved.get_center()[0] - figure.dot.get_center()[0] == pytest.approx(
            figure.deltas[i] * figure.views[i].scale[0]
        )
    turn = Turn(figure, figure.views[0], figure.views[1], figure.deltas[1], figure.deltas[1], figure.line)
    turn.interpolate_mobject(share)  # on the way the point stays in the picture
    assert figure.look.holds(figure.x0, figure.f0, 1e-9)


def test_the_zoom_makes_the_curve_straight() -> None:
    figure = SecantZoom(nudges(F, {"x": -0.2}, "x"), NIGHT)
    bends = []
    for view, delta in zip(figure.views, figure.deltas, strict=True):
        figure.redraw(view, delta)
        p = figure.curve.line.points.reshape(-1, 4, 3)[:, 0, :2]
        straight = np.polyfit(p[:, 0], p[:, 1], 1)
        bends.append(float(np.abs(p[:, 1] - np.polyval(straight, p[:, 0])).max()))
    assert bends[0] > 0.3 and bends[-1] < 0.01 and all(a > b for a, b in zip(bends, bends[1:], strict=False))


def test_digits_light_up_only_where_they_are_the_same() -> None:
    assert agreeing("2.1823", "2.1816") == 4 and agreeing("−1.2", "1.2") == 0 and agreeing("3.0", "2.0") == 0
    assert agreeing("−0.25", "−0.26") == 4 and agreeing("−3", "−2") == 0  # a sign alone is not agreement
    table = Differences(F, {"x": 0.5}, "x", [0.1])
    number = LitNumber(NIGHT, table.quantity("slope", 0), table.quantity("exact"), 4)
    assert number.text[: number.lit] == "1." and len(number.provenance) == 1


def test_a_kink_is_not_said_to_agree() -> None:
    from chainreel.scenes.clips.secant import _verdict

    assert "does not agree" in _verdict(nudges(Function.of("abs(x)"), {"x": 0.0}, "x"))
    assert "agrees" in _verdict(nudges(F, {"x": 0.5}, "x"))


def test_nudges_stay_where_the_function_has_values() -> None:
    table = nudges(Function.of("sqrt(1 - x)"), {"x": 0.9}, "x")
    assert all(0.9 + row.delta <= 1 for row in table.rows)


@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_every_input_gets_its_row(theme: object) -> None:
    f = Function.of("sin(x*y) + x**2")
    checks = {f"nudge {n}": Differences(f, {"x": 1.5, "y": -0.5}, n, [1e-4]) for n in f.inputs}
    table = NudgeTable(checks, theme)  # type: ignore[arg-type]
    assert len(table.rows) == 2 and all(table.agree)
    assert [row[1].quantity.source for row in table.rows] == ["nudge x", "nudge y"]
    kink = NudgeTable({"k": Differences(Function.of("abs(x)"), {"x": 0.0}, "x", [1e-4])}, NIGHT)
    assert kink.agree == [False]


@pytest.mark.parametrize("width", [12.5, 7.0])
def test_long_numbers_do_not_touch(width: float) -> None:
    """What the value moves by, to seven decimals, stands clear of the nudge or the name on its left, and of the slope."""
    f = Function.of("1.0*x - 0.0005*x**2")
    checks = {f"nudge {x}": Differences(f, {"x": 1.0}, "x", [1e-3]) for x in "x"}
    table = NudgeTable(checks, NIGHT, Area(-width / 2, width / 2, -2.7, 2.7))
    name, delta, rise, slope = table.rows[0][:4]
    before = name if table.narrow else delta
    assert rise.text.startswith("0.000999") and len(rise.text) == 9
    assert rise.get_left()[0] - before.get_right()[0] > 0.15 and slope.get_left()[0] - rise.get_right()[0] > 0.15
