"""S6 and the clip `chain`: turns are rates, rates multiply along a route, routes add."""

import math

import pytest
from manim import config

from chainreel.engine import EngineError, Function, Nudge
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.nudge_chain import NudgeChain, one_more
from chainreel.scenes.stage.area import safe_area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.rounding import read_back
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .conftest import FRAMES
from .inputs import INPUTS

CASES = {
    "lamp": ("u = x**2; y = 12/u; y*0.4", {"x": 2.0}, "x"),
    "two routes": ("(a*b + c)*a", {"a": 2.0, "b": 3.0, "c": -1.0}, "a"),
    "three routes": ("x*x*x", {"x": 2.0}, "x"),
    "falling": ("exp(-x)", {"x": 0.5}, "x"),
    "flat": ("0*x + 1", {"x": 2.0}, "x"),
    "steep": ("1e6*x + 3", {"x": 0.25}, "x"),
}


def chain_of(text, at, name, delta=0.01):
    """The figure in the wide frame."""
    return NudgeChain(Nudge(Function.of(text).trace(at), name, delta), NIGHT, safe_area().cut_top(0.9)[1])


@pytest.mark.parametrize("case", CASES)
def test_product_of_rates_is_the_slope(case):
    """Along a route the link rates multiply to the route's product; the products add up to the engine's slope."""
    chain = chain_of(*CASES[case])
    for i, route in enumerate(chain.routes):
        rates = [float(chain.local(link.edge).value) for link in chain.links if link.route == i]
        assert math.isclose(math.prod(rates), route.product, rel_tol=1e-12)
    total = sum(route.product for route in chain.routes)
    assert math.isclose(total, float(chain.of_paths("slope").value), rel_tol=1e-12, abs_tol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_turns_are_proportional_to_rates(case):
    """After the nudge has travelled, every wheel has turned by the same angle for each unit of its slope."""
    chain = chain_of(*CASES[case])
    for verb in [chain.touch, *(lambda link=link: chain.travel(link) for link in chain.in_order())]:
        for animation in verb():
            animation.begin()
            animation.interpolate(1.0)
            animation.finish()
    assert math.isclose(chain.first.turned, chain.angle(1.0), rel_tol=1e-9)
    tangents = chain.nudge.tangents
    assert math.isclose(chain.last.turned, chain.angle(float(tangents[chain.trace.output])), rel_tol=1e-9, abs_tol=1e-12)
    for (route, place), wheel in chain.wheels.items():
        if wheel is not chain.last:
            assert math.isclose(wheel.turned, chain.angle(chain.routes[route].along[place]), rel_tol=1e-9, abs_tol=1e-12)
        assert abs(wheel.turned) < math.pi, "a wheel that turns more than half round cannot be read"


def test_wheels_go_from_left_to_right_inside_the_area():
    """Forward is left to right, on every route."""
    for case in CASES.values():
        chain = chain_of(*case)
        for link in chain.links:
            assert link.target.face.get_center()[0] > link.source.face.get_center()[0]
            for wire in link.wires:
                assert wire.xy[-1, 0] > wire.xy[0, 0]
        for wheel in chain.wheels.values():
            assert abs(wheel.get_center()[0]) < config.frame_width / 2 * 0.88 + 0.01


def test_the_written_product_closes():
    """What stands in the formula is what stands on the couplings, and its result."""
    chain = chain_of(*CASES["lamp"])
    assert [p.text for p in chain.product(0).provenance] == ["4", "−0.75", "0.4", "−1.2"]
    assert math.isclose(4 * read_back("−0.75") * 0.4, -1.2)
    assert [p.text for p in chain_of(*CASES["two routes"]).total().provenance] == ["5", "6", "11"]


def test_one_more_digit_for_changes():
    """Enough digits to tell a forecast from what happened, none that say nothing."""
    assert [one_more(v) for v in (0.41, -0.1116, 0.1, 3.0, 1e-9)] == [2, 3, 1, 0, None]


@pytest.mark.parametrize("shape", list(FRAMES))
def test_defaults_in_every_shape(run, shape):
    """The lamp of the storyboard, lint clean, on paper too."""
    check(run(clip_class("chain"), shape, theme="paper" if shape == "square" else "night"))


@pytest.mark.parametrize("number", range(3))
def test_user_inputs(run, number):
    """Chains and routes of the user's."""
    scene = run(clip_class("chain"), **INPUTS["chain"][number])
    check(scene)
    assert {"trace", "nudge", "nudge paths"} <= set(scene.ledger.sources)


@pytest.mark.parametrize("shape", ["tall", "square"])
def test_routes_in_other_shapes(run, shape):
    """Two routes re-arranged."""
    check(run(clip_class("chain"), shape, **INPUTS["chain"][1]))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"function": "sin(" * 14 + "x" + ")" * 14, "at": "x=1"}, "links"),
        ({"function": "u = x*x; v = u*u; v*v", "at": "x=1.1"}, "8 routes"),
        ({"function": "x*y", "input": "z"}, "z"),
        ({"function": "x*y", "nudge": "0"}, "other than 0"),
        ({"function": "log(x)", "at": "x=1", "nudge": "-2"}, "logarithm|finite"),
    ],
)
def test_refusals(run, parameters, words):
    """One clear sentence each."""
    with pytest.raises((StageError, EngineError), match=words):
        run(clip_class("chain"), **parameters)
