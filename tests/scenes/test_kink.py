"""The two sides of a place: the engine's slopes and their independent recount, the figure's promises, and the clip."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from chainreel.engine import EngineError, Function
from chainreel.engine.audit import auditor_of
from chainreel.engine.sides import SIDES, Sides
from chainreel.rendering.verify import rebuild
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.side_slopes import POWERS, SideSlopes
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT, PAPER

from .checks import check
from .inputs import INPUTS

Kink = clip_class("kink")


def heaviside(x):
    """A step whose end is on the right."""
    return np.heaviside(x, 1.0) + 0.5 * x


def trembling(x):
    """Its slope turns ever faster towards zero."""
    return x * np.sin(1 / x) if x != 0 else 0.0 * x


def tilted_step(x):
    """A small step on a steep line."""
    return 1000 * x + 0.001 * np.where(x > 0, 1.0, 0.0)


# -- the engine --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("function", "x", "kind", "left", "right"),
    [
        ("abs(x)", 0.0, "kink", -1.0, 1.0),
        ("max(x, 0)", 0.0, "kink", 0.0, 1.0),
        ("abs(3*x - 0.3)", 0.1, "kink", -3.0, 3.0),
        ("max(x, 1 - x) + sin(x)", 0.5, "kink", np.cos(0.5) - 1, np.cos(0.5) + 1),
        ("abs(x) + 1000000", 0.0, "kink", -1.0, 1.0),
        ("x**2", 0.0, "smooth", 0.0, 0.0),
        ("x**4", 0.0, "smooth", 0.0, 0.0),
        ("x*abs(x)", 0.0, "smooth", 0.0, 0.0),
        ("abs(x)**1.5", 0.0, "smooth", 0.0, 0.0),
        ("exp(x)", 300.0, "smooth", np.exp(300.0), np.exp(300.0)),
        ("sqrt(abs(x))", 0.0, "steep", -np.inf, np.inf),
        ("cbrt(x)", 0.0, "steep", np.inf, np.inf),
        ("sign(x)", 0.0, "jump", 0.0, 0.0),
        (heaviside, 0.0, "jump", 0.5, 0.5),
        (tilted_step, 0.0, "jump", 1000.0, 1000.0),
        (np.floor, 2.0, "jump", 0.0, 0.0),
        (trembling, 0.0, "wild", np.nan, np.nan),
    ],
)
def test_what_lies_on_both_sides(function, x, kind, left, right):
    sides = Sides(function, {"x": x}, "x")
    assert sides.kind == kind
    assert [sides.left.slope, sides.right.slope] == pytest.approx([left, right], rel=1e-8, abs=1e-12, nan_ok=True)


def test_a_side_without_values_is_an_edge_and_a_hole_is_refused():
    assert Sides("sqrt(x)", {"x": 0.0}, "x").kind == "edge"
    for text, at, name, said in (
        ("1/x", {"x": 0.0}, "x", "no finite value"), ("x", {"x": 0.0}, "y", "no input y"),
        ("x.sum()", {"x": [1.0, 2.0]}, "x", "array"),
    ):  # fmt: skip
        function: Any = (lambda x: x.sum()) if ".sum" in text else text
        with pytest.raises(EngineError, match=said):
            Sides(function, {k: np.array(v) if isinstance(v, list) else v for k, v in at.items()}, name)
    steep = Sides("cbrt(x)", {"x": 0.0}, "x")
    for key in ("left", "turn", "up", "quotient/left/99", "quotient/up/1"):
        with pytest.raises(EngineError):
            steep.quantity(key)


def test_the_open_end_of_a_jump():
    sides = Sides(heaviside, {"x": 0.0}, "x")
    assert (sides.left.joins, sides.right.joins) == (False, True)
    assert (sides.left.value, sides.right.value) == pytest.approx((0.0, 1.0)) and sides.lookup("gap") == pytest.approx(1.0)
    near, nearer = (sides.lookup(f"quotient/left/{k}") for k in (2, 3))
    assert nearer == pytest.approx(10 * near, rel=0.05)  # rise over run grows as the nudge shrinks


@pytest.mark.parametrize("text", ["abs(x)", "max(x, 0)", "sign(x)", "x**4", "abs(3*x - 0.3)", "where(x >= 0, 1, 0) + x"])
def test_sides_are_recounted_on_their_own_piece(text):
    sides = Sides(text, {"x": 0.1 if "0.3" in text else 0.0}, "x")
    description = json.loads(json.dumps(sides.describe()))
    again, check_ = rebuild(description), auditor_of(description)
    keys = ["x", "value", "left", "right", "turn", "gap", "here", "left/value", "right/value", "delta/2", "quotient/left/3"]
    for key in keys:
        value = again.lookup(key)
        assert value == sides.lookup(key) and check_(key).agrees(value), key
        assert not check_(key).agrees(value + 0.01), key


def test_a_value_that_is_an_input_has_slopes():
    """The slope of a function that hands one of its inputs back; it was an IndexError."""
    trace = Function.parse("k", ["k", "c"]).trace({"k": 1.5, "c": 2.0})
    assert trace.gradient == {"k": 1.0, "c": 0.0} and auditor_of(trace.describe())("adjoint/1").agrees(0.0)


# -- the figure --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", [NIGHT, PAPER])
@pytest.mark.parametrize("text", ["abs(sin(x))", "max(x, 1 - x) + sin(x)", "sin(x)"])
def test_half_tangents_have_the_slopes_of_their_sides_in_every_view(text, theme):
    sides = Sides(text, {"x": 0.5 if "max" in text else 0.0}, "x")
    figure = SideSlopes(sides, theme)
    for view in figure.views:
        figure.redraw(view)
        for which in SIDES:
            assert figure.screen_slope(which) == pytest.approx(sides.side(which).slope, rel=1e-3)
    ratio = {round(v.scale[1] / v.scale[0], 9) for v in figure.views}
    assert len(ratio) == 1  # rise and run alike: a corner stays the corner that it is


def test_the_table_is_the_engines():
    sides = Sides("abs(sin(x))", {"x": 0.0}, "x")
    figure = SideSlopes(sides, NIGHT)
    for which in SIDES:
        got = [cell.quantity.value for cell in figure.cells[which]]
        assert got == [sides.lookup(f"quotient/{which}/{k}") for k in POWERS]
        assert figure.ends[which][0].quantity.value == sides.side(which).slope
        errors = [abs(v - sides.side(which).slope) for v in got]
        assert errors == sorted(errors, reverse=True)
    assert not SideSlopes(Sides("sign(x)", {"x": 0.0}, "x"), NIGHT).has_slope("left")
    with pytest.raises(StageError, match="one side"):
        SideSlopes(Sides("sqrt(x)", {"x": 0.0}, "x"), NIGHT)


# -- the clip ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("shape", "theme"), [("wide", "night"), ("square", "night"), ("tall", "paper")])
def test_the_clip_is_clean(run, shape, theme):
    scene = run(Kink, shape=shape, theme=theme)
    check(scene)
    assert 10 <= scene.now <= 60
    assert any("no one slope" in beat.words for beat in scene.beats)


@pytest.mark.parametrize("number", range(3))
def test_inputs_of_a_users(run, number):
    check(run(Kink, **INPUTS["kink"][number]))


@pytest.mark.parametrize(
    ("function", "said"), [("x**2", "that is the slope"), ("cbrt(x)", "without end"), ("sign(x)", "both sides")]
)
def test_other_kinds_are_told_as_they_are(run, function, said):
    scene = run(Kink, function=function, at="x=0")
    check(scene)
    assert any(said in beat.words for beat in scene.beats)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"function": "sqrt(x)", "at": "x=0"}, "one side"), ({"at": "x=0", "range": "x=1:2"}, "does not hold"),
     ({"function": "1/x", "at": "x=0"}, "no finite value"), ({"input": "z"}, "names z")],
)  # fmt: skip
def test_what_is_refused(run, parameters, said):
    with pytest.raises((StageError, EngineError), match=said):
        run(Kink, **parameters)
