"""S12: marks stand where the numbers say, the ring where theory does, and digits are called right only where they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError, ErrorCurve, Function
from chainreel.engine.audit import audit
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.error_v import DigitRows, ErrorV
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.log_axes import log_view
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 1.0, -2.7, 3.5)
STEPS = [10.0 ** (-k / 4) for k in range(61)]


def figure_of(text: str = "x*(1 + tanh(x))", x: float = 1.0, scheme: str = "forward", dtype: str = "float64") -> ErrorV:
    curve = ErrorCurve(Function.of(text), {"x": x}, "x", scheme, dtype, STEPS)
    return ErrorV({"curve": curve}, NIGHT, ROOM)


def numbers_at(figure: ErrorV, place: np.ndarray) -> tuple[float, float]:
    (sx, sy), view = figure.view.scale, figure.view
    return 10 ** (view.x[0] + (place[0] - view.box[0]) / sx), 10 ** (view.y[0] + (place[1] - view.box[2]) / sy)


def test_every_mark_stands_at_the_step_and_the_error_of_its_row() -> None:
    figure = figure_of()
    curve = figure.curves["curve"]
    rows = [row for row in curve.rows if math.isfinite(row.relative)]
    assert len(figure.rows["curve"].places) == len(rows)
    for place, row in zip(figure.rows["curve"].places, rows, strict=True):
        step, error = numbers_at(figure, place)
        assert step == pytest.approx(row.step, rel=1e-9)
        if row.relative > 1e-12:
            assert error == pytest.approx(row.relative, rel=1e-9)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(["sin(x)*exp(x)", "x*(1 + tanh(x))", "log(x)", "1/(1 + exp(-x))"]), st.floats(0.4, 2.0),
       st.sampled_from(["forward", "central"]), st.sampled_from(["float64", "float32"]))  # fmt: skip
def test_the_ring_is_within_a_decade_of_the_smallest_error(text: str, x: float, scheme: str, dtype: str) -> None:
    figure = figure_of(text, round(x, 3), scheme, dtype)
    curve = figure.curves["curve"]
    if curve.arms is None or curve.arms[0] < 1e-3 or abs(curve.trace.value) < 1e-2:  # no bend or no rounding, no V
        return
    assert figure.ring("curve") is not None
    step, _ = numbers_at(figure, figure.rings["curve"][0].get_center())
    assert step == pytest.approx(curve.theory, rel=1e-6)
    errors = figure.errors["curve"]
    wide = [np.nanmax(errors[k - 1 : k + 2]) for k in range(1, len(errors) - 1)]  # one lucky row is no bottom
    assert abs(math.log10(curve.steps[1 + int(np.nanargmin(wide))] / step)) < 1.0


def test_marks_are_drawn_from_large_steps_to_small_ones() -> None:
    figure = figure_of()
    row = figure.rows["curve"]
    assert (np.diff(row.places[:, 0]) < 0).all()
    row.reach(5)
    assert row.points[:, 0].min() > row.places[6, 0]


def test_digits_are_the_same_exactly_as_far_as_they_are() -> None:
    curve = ErrorCurve(Function.of("x*(1 + tanh(x))"), {"x": 1.0}, "x", "forward", "float32", [1e-3, 1e-6, 1e-8])
    view = DigitRows(curve, [0, 1, 2], NIGHT, Area(0.6, 6.2, -1.5, 2.5))
    for k in range(3):
        _, moved, base, slope = view.groups[k]
        assert moved.text[: moved.same] == base.text[: moved.same]
        assert moved.same == len(moved.text) or moved.text[moved.same] != base.text[moved.same]
        assert moved.provenance[0].quantity.value == np.float32(moved.provenance[0].quantity.value)
        assert slope.quantity.value == curve.rows[k].slope
    assert view.differing(2) == 0 and view.right_digits(2) == 0 and curve.rows[2].slope == 0
    assert view.right_digits(0) == 3


@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_numbers_of_a_curve_hold_a_second_computation(scheme: str) -> None:
    curve = ErrorCurve(Function.of("x*(1 + tanh(x))"), {"x": 1.0}, "x", scheme, "float32", [1e-2, 1e-5])
    for key in ("theory", "exact", "base/0", "moved/1", "slope/0", "best"):
        assert audit(curve.describe(), key).agrees(curve.lookup(key)), key
    with pytest.raises(EngineError, match="no difference"):
        ErrorCurve(Function.of("x**2"), {"x": 1.0}, "x", "complex").quantity("moved")


def test_rulers_show_whole_powers() -> None:
    view = log_view((1e-15, 1.0), (3e-9, 0.2), (0.0, 7.0, 0.0, 4.0))
    assert view.x == (-15.0, 0.0) and view.y == (-9.0, 0.0)
    assert view.scale[0] * view.steps[0] >= 1.0


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_the_clip(run: Any, shape: str) -> None:
    check(run(clip_class("error-curve"), shape=shape, theme="paper" if shape == "square" else "night"))


@pytest.mark.parametrize("asked", INPUTS["error-curve"])
def test_the_clip_with_other_functions(run: Any, asked: dict[str, Any]) -> None:
    check(run(clip_class("error-curve"), **asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"schemes": "forward,forward"}, "names one twice"),
        ({"schemes": "forward,central,richardson,complex"}, "can be told apart"),
        ({"schemes": "backward"}, "can be forward"),
        ({"function": "x*y", "input": "z"}, "names z"),
        ({"function": "abs(x)", "schemes": "complex"}, "analytic"),
    ],
)
def test_refusals(run: Any, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence):
        run(clip_class("error-curve"), **asked)
