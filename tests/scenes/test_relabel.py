"""Formulas turn into one another by their labels: what stays slides, what is new appears, nothing is left behind."""

from __future__ import annotations

import numpy as np
import pytest
from manim import VGroup

from chainreel.engine import Quantity
from chainreel.scenes.figures.step_equation import StepEquation
from chainreel.scenes.figures.symbols import name_formula, value_equation
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.relabel import TransformLabels, matched, terms
from chainreel.scenes.stage.stage import Stage, opacity
from chainreel.scenes.stage.theme import NIGHT


@pytest.fixture
def stage():
    scene = Stage(skip_animations=True)
    scene.renderer.update_frame = lambda *args, **kwargs: None
    return scene


def line(*parts, size=40):
    """A formula of (role, step, source) and raw source."""
    return Formula(lambda mark: " ".join(p if isinstance(p, str) else mark(*p) for p in parts), NIGHT, size)


X, Y, P = ("knob", 0, "x"), ("knob", 1, "y"), ("value", 2, "p")


def seen(scene):
    return {id(m) for top in scene.mobjects for m in top.get_family() if len(m.points) and opacity(m) > 0}


def exactly(scene, *wanted):
    assert seen(scene) == {id(m) for w in wanted for m in w.get_family() if len(m.points)}


def pairs_of(old, new):
    return [(a.mark.role, a.body, b.body) for a, b in matched(terms(old), terms(new))]


def test_symbols_are_matched_by_role_and_print_in_reading_order():
    old, new = line(P, "=", X, "dot", Y), line(Y, "+", X, "=", P)
    assert pairs_of(old, new)[0] == ("knob", "y", "y")
    assert {p[1:] for p in pairs_of(old, new) if p[0] != "ink"} == {("x", "x"), ("y", "y"), ("p", "p")}
    twice = matched(terms(line(X, "+", X)), terms(line(X, "dot", X)))
    knobs = [(a, b) for a, b in twice if a.mark.role == "knob"]
    assert len(knobs) == 2 and knobs[0][0].glyphs[0].get_x() < knobs[1][0].glyphs[0].get_x()


def test_a_name_is_matched_with_the_number_put_in_its_place():
    assert ("knob", "x", "1.5") in pairs_of(line(P, "=", X), line(P, "=", ("knob", 0, "1.5")))
    assert not [p for p in pairs_of(line(X), line(("value", 0, "z"))) if p[0] != "ink"]  # another role, another thing


def test_the_same_formulas_always_move_the_same_way():
    old, new = line(P, "=", X, "+", X, "+", Y), line(X, "+", Y, "+", X, "=", P)
    plans = [[(id(a.glyphs[0]), id(b.glyphs[0])) for a, b in matched(terms(old), terms(new))] for _ in range(3)]
    assert plans[0] == plans[1] == plans[2]


def test_nothing_of_the_old_formula_is_left_and_the_new_one_is_whole(stage):
    old, new = line(P, "=", X, "dot", Y), line(P, "=", "sin(", X, ")")
    stage.add(old)
    before = [g.points.copy() for g in new]
    stage.play(TransformLabels(old, new.shift([1, 1, 0])))
    exactly(stage, new)
    assert new in stage.mobjects
    assert all(np.allclose(g.points, p + [1, 1, 0]) for g, p in zip(new, before, strict=True))


def test_formulas_without_a_common_symbol_say_so():
    assert TransformLabels(line(X), line(("slope", 7, "q"))).shared == 0
    assert TransformLabels(line("=", X), line("=", Y)).shared == 0


def test_a_term_slides_out_of_a_plot_into_the_equation(stage):
    slope = Quantity("d", "gradient/x", 2.4)
    at_axis, number = name_formula("x", NIGHT), Number(slope, NIGHT.slope, 30)
    equation = value_equation(NIGHT, "x", slope, "knob").shift([0, 2, 0])
    stage.add(at_axis, number)
    slide = TransformLabels(VGroup(at_axis, number), equation, stay=True)
    assert slide.shared >= 2
    stage.play(slide)
    exactly(stage, at_axis, number, equation)


def test_a_step_turns_into_the_next_step(stage):
    def step(slope, update):
        return StepEquation(NIGHT, "x", Quantity("d", "rate", 0.1), Quantity("d", "g", slope), Quantity("d", "u", update))

    old, new = step(2.4, -0.24), step(1.2, -0.12)
    stage.add(old)
    slide = TransformLabels(old, new)
    assert slide.shared >= 1
    stage.play(slide)
    exactly(stage, new)


def test_several_equations_side_by_side_are_one_line(stage):
    old = VGroup(line(P, "=", X), line(Y, "=", X)).arrange(buff=1.0)
    new = line(P, "=", Y)
    stage.add(old)
    stage.play(TransformLabels(old, new))
    exactly(stage, new)
