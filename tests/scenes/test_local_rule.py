"""S9 and the clip `local`: slopes are the engine's, a product shows its partner's value, gates stand as slopes say."""

import math

import pytest

from chainreel.engine import EngineError, Function
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.local import OPS, moral, telling_step, what_if
from chainreel.scenes.figures.local_rule import LocalRule
from chainreel.scenes.stage.area import safe_area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .conftest import FRAMES
from .inputs import INPUTS


def rule_of(text, at, step):
    """The figure of one step in the wide frame."""
    rest, rows = safe_area().cut_bottom(1.6)[::-1]
    return LocalRule(Function.of(text).trace(at).step(step), NIGHT, rest, rows)


@pytest.mark.parametrize("op", OPS)
def test_slopes_are_the_engines(op):
    """What is written on a wire is the local slope; what lands in a tray is blame times that slope."""
    text, at = OPS[op]
    rule = rule_of(f"p = {text}; 2*p", at, "p").settle_all()
    for k, edge in enumerate(rule.edges):
        assert rule.rules[k].text.provenance[0].quantity.value == edge.local
        assert rule.chips[k].number.quantity.value == edge.contribution
        assert math.isclose(edge.contribution, 2.0 * edge.local)
        assert [p.quantity.value for p in rule.equations[k].provenance] == [2.0, edge.local, edge.contribution]


def test_a_product_shows_the_partner():
    """The slope for a is the value of b, and the other way round; the equation names it."""
    rule = rule_of("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}, "p")
    assert rule.partner(0) == 1 and rule.partner(1) == 0
    for k, edge in enumerate(rule.edges):
        assert edge.local == rule.edges[1 - k].source.value
    assert rule_of("a + b", {"a": 2, "b": 3}, "f").partner(0) is None


def test_ribbons_are_as_wide_as_what_they_carry():
    """Widths in proportion to contributions."""
    rule = rule_of("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}, "p").settle_all()
    assert math.isclose(rule.ribbons[0].band_width / rule.ribbons[1].band_width, 6 / 4)


@pytest.mark.parametrize(("op", "state"), [("relu", [True]), ("max", [True, False]), ("min", [False, True])])
def test_gates(op, state):
    """Open where the slope is one, closed where it is zero; the ghost has them the other way."""
    text, at = OPS[op]
    rule = rule_of(f"p = {text}; 2*p", at, "p")
    assert [gate.is_open for gate in rule.gates] == state
    ghost = what_if(rule.step)
    assert ghost is not None and [float(e.local) != 0 for e in ghost.edges] == [not s for s in state]
    assert all(gate is None for gate in rule_of("a*b", {"a": 1, "b": 2}, "f").gates)


def test_the_default_step_says_something():
    """A product of two values inside the function, else what there is."""
    assert telling_step(Function.of("(a*b + c)*a").trace({"a": 2, "b": 3, "c": -1})).name == "p"
    assert telling_step(Function.of("sin(x)").trace({"x": 1})).name == "f"


def test_words_are_true_of_the_box():
    """The moral belongs to the operation."""
    assert "unchanged" in moral(rule_of("a + b", {"a": 2, "b": 3}, "f"))
    assert "other" in moral(rule_of("a*b", {"a": 2, "b": 3}, "f"))
    assert "local slope" in moral(rule_of("sin(x)", {"x": 1}, "f"))


@pytest.mark.parametrize("shape", list(FRAMES))
def test_defaults_in_every_shape(run, shape):
    """The product of the storyboards, lint clean, on paper too."""
    check(run(clip_class("local"), shape, theme="paper" if shape == "tall" else "night"))


FEW = ("mul", "max", "relu", "sqrt")


@pytest.mark.parametrize("op", [*FEW, *(pytest.param(op, marks=pytest.mark.slow) for op in OPS if op not in FEW)])
def test_every_operation(run, op):
    """Each operation by itself, a gate with its other case."""
    check(run(clip_class("local"), op=op))


@pytest.mark.parametrize("number", range(3))
def test_user_inputs(run, number):
    """Boxes of the user's own functions."""
    check(run(clip_class("local"), **INPUTS["local"][number]))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"step": "nothing"}, "no step 'nothing'"),
        ({"step": "a"}, "no box"),
        ({"op": "mull"}, "mul"),
        ({"blame": "3"}, "--op"),
        ({"op": "log", "at": "x=-1"}, "log"),
        ({"op": "abs", "at": "x=0"}, "0"),
        ({"function": "u = x*2; x + 1 + 0*u", "at": "x=1", "step": "u", "op": "mul"}, "u|no input|x"),
    ],
)
def test_refusals(run, parameters, words):
    """One clear sentence each."""
    with pytest.raises((StageError, EngineError), match=words):
        run(clip_class("local"), **parameters)
