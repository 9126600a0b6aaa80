"""S10, S11 and the clip `modes`: tangents are slopes, chevrons point right, counts are the engine's."""

import math

import numpy as np
import pytest

from chainreel.engine import Cost, EngineError, Function
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.cost_race import CostRace
from chainreel.scenes.figures.dual_sweep import DualSweep
from chainreel.scenes.figures.graph_forward import GraphForward, edge_key
from chainreel.scenes.stage.area import Area, safe_area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .conftest import FRAMES
from .inputs import INPUTS

CASES = {
    "abc": ("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}),
    "readme": ("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}),
    "neuron": ("tanh(w*x + b)", {"w": 0.8, "x": 1.5, "b": -0.2}),
    "gauss": ("exp(-x**2/2)", {"x": 0.7}),
}


def sweeps_of(case):
    """A forward sweep from each input, on one graph."""
    text, at = CASES[case]
    graph = GraphForward(Function.of(text).trace(at), NIGHT, safe_area().inset(0, 0.6), tape=False)
    return [DualSweep(graph, step.name).settle_all() for step in graph.trace.inputs]


@pytest.mark.parametrize("case", CASES)
def test_the_tangent_of_the_output_is_the_slope_of_the_leaf(case):
    """One sweep for each input gives what one reverse sweep gives for all."""
    for sweep in sweeps_of(case):
        shown = sweep.tags[sweep.trace.output.index].number
        assert math.isclose(shown.quantity.value, sweep.trace.gradient[sweep.leaf], rel_tol=1e-12)
        assert [sweep.tangents[s] for s in sweep.trace.inputs] == [float(s.name == sweep.leaf) for s in sweep.trace.inputs]


@pytest.mark.parametrize("case", CASES)
def test_outlined_chevrons_point_right_on_live_wires_only(case):
    """Forward mode: outlined, along the wire, never to the left, and nowhere the seed does not reach."""
    for sweep in sweeps_of(case):
        live = {edge_key(e) for s in sweep.graph.operations for e in s.edges if sweep.carries(e)}
        assert set(sweep.streams) == live
        for stream in sweep.streams.values():
            for mark in stream.chevrons:
                assert mark.get_fill_opacity() == 0 and mark.get_stroke_opacity() == 1
                assert abs(stream.wire.heading(mark.share)) <= math.pi / 2 + 1e-6
                assert np.hypot(*(stream.wire.xy - mark.get_center()[:2]).T).min() < 0.08
    assert any(len(s.chevrons) for s in sweep.streams.values())


def test_the_equation_shows_both_parts():
    """`ḟ = 2 · 3 + 5 · 1 = 11`: six through q, five directly."""
    sweep = sweeps_of("abc")[0]
    texts = [p.text for p in sweep.equation(sweep.trace.output).provenance]
    assert sorted(texts) == sorted(["2", "3", "5", "1", "11"])
    assert sweeps_of("abc")[1].equation(sweep.trace.inputs[0]) is None


def race_of(case="abc", **more):
    """Lanes with the costs of a function."""
    text, at = CASES[case]
    return CostRace(Cost(text, at), NIGHT, Area(-6, 6, -2, 2), ("nudging", "forward", "reverse"), **more)


@pytest.mark.parametrize("measure", ["sweeps", "operations"])
def test_bars_are_proportional_to_counts(measure):
    """… or torn off at the end of their lane."""
    race = race_of(measure=measure)
    race.at_scale()
    counts = {w: race.quantity(measure, w).value for w in race.ways}
    lengths = {w: race.bars[w].width for w in race.ways}
    for way in race.ways:
        assert math.isclose(lengths[way] / lengths["reverse"], counts[way] / counts["reverse"], rel_tol=0.02)
        assert not race.bars[way].torn


def test_counts_are_the_engines_and_extrapolation_is_count_times_n():
    """2 411 runs, 2 410 sweeps, 1 sweep; bars that do not fit are torn."""
    race = race_of()
    race.at_scale("digits", unit=0.24)
    assert [race.numbers[w].provenance[0].quantity.value for w in race.ways] == [2411, 2410, 1]
    assert [race.bars[w].torn for w in race.ways] == [True, True, False]
    for way in race.ways:
        assert race.bars[way].get_right()[0] <= race.tracks[way].right
        one = race.cost.sweeps(way, 1) - (way == "nudging")
        assert race.cost.sweeps(way, "gpt3") == one * (1 if way == "reverse" else race.cost.knobs("gpt3")) + (way == "nudging")
    trace = race.cost.trace
    assert race.cost.operations("reverse") == trace.counts.reverse_total
    assert race.cost.lookup("bytes") == trace.bytes


@pytest.mark.parametrize("shape", list(FRAMES))
def test_defaults_in_every_shape(run, shape):
    """The recipe of the storyboards, lint clean, on paper too."""
    check(run(clip_class("modes"), shape, theme="paper" if shape == "wide" else "night"))


@pytest.mark.parametrize("number", range(3))
def test_user_inputs(run, number):
    """Other functions, other sizes."""
    scene = run(clip_class("modes"), **INPUTS["modes"][number])
    check(scene)
    assert "cost" in scene.ledger.sources


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"function": "+".join(f"sin({i + 1}*x)" for i in range(20)), "at": "x=1"}, "operations|shown"),
        ({"knobs": "0"}, "at least 1"),
        ({"at": "z=1"}, "z"),
    ],
)
def test_refusals(run, parameters, words):
    """One clear sentence each."""
    with pytest.raises((StageError, EngineError), match=words):
        run(clip_class("modes"), **parameters)
