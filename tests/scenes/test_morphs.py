"""Figures turn into one another: everything has a target or fades, the end is the target figure, and nothing is left behind."""

from __future__ import annotations

import numpy as np
import pytest
from manim import Mobject

from chainreel.engine import EngineError, Function, Quantity
from chainreel.engine.learning import MLP, NetworkPass, elementary
from chainreel.engine.storyboards import film_a
from chainreel.scenes.clips.headline import Headline
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.knob_panel import KnobPanel
from chainreel.scenes.figures.loss_gauge import LossGauge
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.figures.morphs import (
    dials_to_lines,
    dot_to_meter,
    formula_to_graph,
    graph_to_formula,
    graph_to_graph,
    graph_to_network,
    ids,
    lines_to_dials,
    meter_to_dot,
    network_to_graph,
    network_to_steps,
    rest,
    runs,
    settled,
    value_to_knob,
)
from chainreel.scenes.figures.net_forward import NetForward
from chainreel.scenes.figures.net_graph import NetGraph
from chainreel.scenes.stage.area import SHAPES, Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.stage import Stage, opacity
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .composed import Composed

LEFT, RIGHT = Area(-6.2, -1.0, -2.2, 2.2), Area(1.0, 6.2, -2.2, 2.2)
WHOLE = Area(-6.2, 6.2, -2.6, 3.4)


def lone():
    net = MLP([2, 1], output="sigmoid")
    return NetworkPass(net, [{"W": [[0.4], [-0.3]], "b": [0.1]}], [0.9, 0.2])


def whisker():
    return NetworkPass(MLP([2, 3, 1], "relu", "sigmoid"), film_a.whisker_params(), film_a.ICON)


def on_stage(scene: Stage) -> set[int]:
    """Ids of what can be seen."""
    return {id(m) for top in scene.mobjects for m in top.get_family() if len(m.points) and opacity(m) > 0}


def points_of(*figures: Mobject) -> set[int]:
    return {id(m) for f in figures for m in f.get_family() if len(m.points) and opacity(m) > 0}


def exactly(scene: Stage, *figures: Mobject) -> None:
    """These figures are on screen, whole, and nothing else."""
    assert on_stage(scene) == points_of(*figures)


def same_picture(a: Mobject, b: Mobject) -> None:
    """Two figures look alike: points and colours of every part."""
    mine = [m for m in a.get_family() if len(m.points)]
    other = [m for m in b.get_family() if len(m.points)]
    assert len(mine) == len(other)
    for one, two in zip(mine, other, strict=True):
        assert one.points.shape == two.points.shape and np.allclose(one.points, two.points, atol=1e-9)
        assert np.allclose(one.get_fill_rgbas(), two.get_fill_rgbas()) and np.allclose(
            one.get_stroke_rgbas(), two.get_stroke_rgbas())


@pytest.fixture
def stage():
    scene = Stage(skip_animations=True)
    scene.renderer.update_frame = lambda *args, **kwargs: None
    return scene


def show(scene: Stage, figure: Mobject) -> Mobject:
    scene.add(*figure.submobjects)
    return figure


@pytest.mark.parametrize("make", [lone, whisker])
def test_a_network_redraws_itself_as_its_graph_and_back(stage, make):
    one = make()
    trace = elementary(one)
    assert np.isclose(float(trace.output.value), float(one.values[-1][0]), rtol=1e-12)
    net = show(stage, net_of(one))
    graph = GraphForward(trace, NIGHT, WHOLE)
    stage.perform(network_to_graph(net, graph))
    exactly(stage, graph)
    assert not net.submobjects
    same_picture(graph, GraphForward(trace, NIGHT, WHOLE).settle_all())
    again = net_of(one, shown=False)
    stage.perform(graph_to_network(graph, again))
    exactly(stage, again)
    same_picture(again, net_of(one))


def test_a_network_redraws_itself_in_its_own_arrangement(stage):
    one = whisker()
    net = show(stage, NetForward(one, NIGHT, Area(-4.0, 4.9, -1.2, 2.22), words=("ears", "muzzle"), whole=True).settle())
    graph = NetGraph(elementary(one), NIGHT)
    stage.perform(network_to_steps(net, graph))
    exactly(stage, graph)
    assert not net.submobjects
    same_picture(graph, NetGraph(elementary(one), NIGHT).settle_all())


def net_of(one, values=True, shown=True, area=WHOLE):
    figure = NetForward(one, NIGHT, area)
    return figure.settle(values) if shown else figure


def test_a_network_without_an_example_becomes_a_graph_that_waits(stage):
    one = lone()
    net = show(stage, net_of(one, values=False))
    graph = GraphForward(elementary(one), NIGHT, WHOLE)
    stage.perform(network_to_graph(net, graph))
    exactly(stage, graph)
    assert all(id(n.ring) in ids(graph) for n in graph.nodes.values() if n.ring is not None)
    assert all(id(n.holder) not in ids(graph) for n in graph.nodes.values() if n.holder is not None)


def test_another_networks_graph_is_refused(stage):
    other = NetworkPass(MLP([2, 1], output="sigmoid"), [{"W": [[0.4], [-0.3]], "b": [0.2]}], [0.9, 0.2])
    with pytest.raises(StageError, match="another number"):
        network_to_graph(net_of(lone()), GraphForward(elementary(other), NIGHT, WHOLE))
    with pytest.raises(StageError, match="no step"):
        network_to_graph(net_of(lone()), GraphForward(Function.of("x*y").trace({"x": 1.0, "y": 2.0}), NIGHT, WHOLE))


def graph_and_formula(text="x*y + sin(x)", **at):
    trace = Function.of(text).trace(at or {"x": 1.5, "y": -0.5})
    return GraphForward(trace, NIGHT), Headline(trace, NIGHT).function


@pytest.mark.parametrize("text", ["x*y + sin(x)", "(x - 1)**2/(y + exp(x))", "2*x + y", "tanh(x*y)"])
def test_a_formula_flies_to_its_graph_and_back(stage, text):
    graph, formula = graph_and_formula(text)
    assert isinstance(formula, Formula)
    stage.add(formula)
    stage.perform(formula_to_graph(formula, graph))
    exactly(stage, graph)
    fresh, back = graph_and_formula(text)
    same_picture(graph, settled(fresh, False))
    stage.perform(graph_to_formula(graph, back))
    exactly(stage, back)


def test_a_formula_may_stay_while_copies_of_it_fly(stage):
    graph, formula = graph_and_formula()
    stage.add(formula)
    before = formula.copy()
    stage.play(graph.appear_inputs())
    stage.perform(formula_to_graph(formula, graph, stay=True))
    exactly(stage, graph, formula)
    same_picture(formula, before)


def test_every_glyph_of_a_step_flies_to_the_box_of_that_step():
    graph, formula = graph_and_formula()
    names = {s.index: s for s in graph.trace.steps}
    for step, run in runs(formula):
        assert step in names and all(g.mark.step == step for g in run)
    of_inputs = [names[k].name for k, _ in runs(formula) if names[k].is_input]
    assert of_inputs == ["x", "y", "x"]


def panel_of(one, area=LEFT):
    names = {s.name: Quantity("trace", f"value[{s.index}]", float(s.value)) for s in elementary(one).steps if s.is_input}
    return KnobPanel(NIGHT, names, area, screens=False)


@pytest.mark.parametrize("make", [lone, whisker])
def test_dials_become_the_lines_of_their_weights_and_back(stage, make):
    one = make()
    panel = panel_of(one)
    stage.play(panel.appear())
    net = net_of(one, shown=False, area=RIGHT)
    stage.perform(dials_to_lines(panel, net))
    exactly(stage, net)
    same_picture(net, net_of(one, values=False, area=RIGHT))
    again = panel_of(one)
    stage.perform(lines_to_dials(net, again))
    exactly(stage, again)


def test_dials_of_something_else_are_refused():
    one = lone()
    strange = KnobPanel(NIGHT, {"q": Quantity("trace", "q", 1.0)}, LEFT)
    with pytest.raises(StageError, match="no weight or bias q"):
        dials_to_lines(strange, net_of(one, shown=False, area=RIGHT))
    wrong = KnobPanel(NIGHT, {"w1": Quantity("trace", "w1", 1.0)}, LEFT)
    with pytest.raises(StageError, match="another number"):
        dials_to_lines(wrong, net_of(one, shown=False, area=RIGHT))


def slice_and_gauge(x=1.0, loss=None):
    function = Function.of("(x - 2)**2 + 1")
    curve = LossSlice(function, NIGHT, "x", (-1.0, 4.0), box=(-5.5, 0.5, -2.0, 2.5))
    value = curve.value(x) if loss is None else loss
    return curve, LossGauge(NIGHT, Area(2.0, 5.0, -2.0, 2.5), Quantity("trace", "f", value), [value, 0.0, 10.0])


def test_the_dot_on_a_curve_becomes_the_level_of_a_meter_and_back(stage):
    curve, gauge = slice_and_gauge()
    stage.play(curve.appear())
    stage.play(curve.stand(1.0))
    stage.perform(dot_to_meter(curve, gauge))
    exactly(stage, curve, gauge)
    fresh, _ = slice_and_gauge()
    stage.play(curve.vanish())
    stage.perform(meter_to_dot(gauge, fresh, 1.0))
    exactly(stage, fresh)
    assert np.allclose(fresh.dot.get_center(), fresh.place(1.0))


def test_the_curve_may_go_when_its_dot_becomes_the_reading(stage):
    curve, gauge = slice_and_gauge()
    stage.play(curve.appear())
    stage.play(curve.stand(1.0))
    stage.perform(dot_to_meter(curve, gauge, stay=False))
    exactly(stage, gauge)


def test_a_meter_that_reads_another_loss_is_refused():
    curve, gauge = slice_and_gauge(loss=7.0)
    curve.appear(), curve.stand(1.0)
    with pytest.raises(StageError, match="stands at"):
        dot_to_meter(curve, gauge)


def test_a_value_lifts_out_of_a_network_and_becomes_a_place_on_an_axis(stage):
    one = lone()
    net = show(stage, net_of(one, area=LEFT))
    p = float(one.values[-1][0])
    curve = LossSlice(Function.of("-ln(p)"), NIGHT, "p", (0.05, 1.0), box=(1.0, 6.0, -2.0, 2.5))
    stage.play(curve.appear())
    stage.perform(value_to_knob(net.number_of(1, 0), curve, p))
    exactly(stage, net, curve)
    assert np.isclose(curve.knob.get_center()[0], curve.place(p)[0])
    with pytest.raises(StageError, match="another one"):
        value_to_knob(net.number_of(1, 0), curve, 0.9)


def test_parts_are_paired_in_the_same_order_every_time():
    one = whisker()
    plans = []
    for _ in range(2):
        net, graph = net_of(one), GraphForward(elementary(one), NIGHT, WHOLE)
        moments = network_to_graph(net, graph)
        acts = [a for moment in moments for a in moment.animations]
        plans.append([(type(a).__name__, round(a.run_time, 6), len(a.mobject.get_family())) for a in acts])
    assert plans[0] == plans[1]


def test_rest_is_what_nothing_uses():
    graph, _ = graph_and_formula()
    graph.settle_all()
    node = next(iter(graph.nodes.values()))
    parts = rest(graph, ids(node.dial))
    assert not ids(*parts) & ids(node.dial)
    assert points_of(*parts) | points_of(node.dial) == points_of(graph)


def test_a_graph_becomes_the_same_graph_at_another_point(stage):
    function = Function.of("x*y + sin(x)")
    old = show(stage, GraphForward(function.trace({"x": 1.5, "y": -0.5}), NIGHT).settle_all())
    new = GraphForward(function.trace({"x": 0.5, "y": 2.0}), NIGHT, values="there")
    stage.perform(graph_to_graph(old, new))
    exactly(stage, new)
    assert {n.value.quantity.source for n in new.nodes.values() if n.value is not None} == {"there"}
    with pytest.raises(StageError, match="two functions"):
        graph_to_graph(new, GraphForward(Function.of("x + y").trace({"x": 1.0, "y": 2.0}), NIGHT))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("theme", ["night", "paper"])
def test_three_figures_share_a_frame_of_any_shape(run, shape, theme):
    scene = run(type("Composed", (Composed,), {"theme": theme}), shape=shape)
    check(scene)
    assert len(scene.descriptions) == 3
    left, middle, right = (room.center for room in scene.laid)
    assert left[0] < middle[0] < right[0] if shape == "wide" else left[1] > middle[1] > right[1]


def test_what_cannot_be_written_out_in_steps_is_refused():
    two = MLP([2, 2])
    with pytest.raises(EngineError, match="one result"):
        elementary(NetworkPass(two, two.initial(0), [0.1, 0.2]))
    large = MLP([20, 5, 1])
    with pytest.raises(EngineError, match="too many to be written out"):
        elementary(NetworkPass(large, large.initial(0), np.ones(20)))
