"""What stands on screen in the film of a function: the closed box, the nudge from near, the small graphs, the recap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from chainreel.engine import Cost, Function
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.explain_check import checked, nearness
from chainreel.scenes.clips.explain_count import WAYS, Lanes, small_graph
from chainreel.scenes.clips.explain_machine import Machine, Wiggle, machine
from chainreel.scenes.clips.explain_recap import MOST, flights
from chainreel.scenes.figures.graph_backward import GraphBackward
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.morphs import settled
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.stage import opacity
from chainreel.scenes.stage.theme import theme_named

from .conftest import FRAMES

LOOK = theme_named("night")
AREA = Area(-6.26, 6.26, -2.72, 2.0)
README = ("sin(x*y) + x**2", {"x": 1.5, "y": -0.5})
LONG = ("sin(cos(" * 6 + "x*y" + "))" * 6 + "*x + relu(y)", {"x": 0.7, "y": 0.4})


def trace(function: Any, at: dict[str, float]) -> Any:
    return Function.of(function).trace(at)


@pytest.mark.parametrize("function, at", [README, ("x**2*exp(-x)", {"x": 0.7}), ("log(x)*y", {"x": 0.01, "y": 2})])
def test_the_value_follows_the_dial(function: str, at: dict[str, float]) -> None:
    """While a dial turns, the tube stands at the function's own value; afterwards everything is as it was."""
    box = machine(trace(function, at), LOOK, AREA)
    assert box is not None
    box.appear()
    start = box.mark.get_center().copy()
    for k, name in enumerate(at):
        moved = []
        wiggle = Wiggle(box, k, run_time=1.0)
        for alpha in np.linspace(0, 1, 21):
            wiggle.interpolate_mobject(alpha)
            value = float(Function.of(function)(**{**at, name: box.dials[k].value}))
            assert box.mark.get_center()[1] == pytest.approx(box.height_of(value), abs=0.02)
            moved.append(box.dials[k].value)
        assert max(moved) > at[name] > min(moved) and box.dials[k].value == at[name]
        assert np.allclose(box.mark.get_center(), start, rtol=0, atol=1e-12)


def test_a_box_without_values_beside_the_point_stands_still() -> None:
    """Where a function has no value beside its point the dial does not leave it, and nothing moves in a flat one."""
    box = Machine(trace("x*0 + 1", {"x": 2.0}), LOOK, AREA)
    assert box.height_of(1.0) == pytest.approx((box.top + box.bottom) / 2)
    at = {"x": 1.0}
    narrow = Machine(trace("sqrt(1 - x + 1e-9) + sqrt(x - 1 + 1e-9)", at), LOOK, AREA)
    assert all(np.isfinite(y).all() for _, y in narrow.ways)


def test_who_has_a_closed_box() -> None:
    """One to six single numbers; a function of more inputs opens with words."""
    many = "+".join("abcdghkm")
    assert machine(trace(many, dict.fromkeys("abcdghkm", 1.0)), LOOK, AREA) is None
    assert machine(trace("+".join("abcdgh"), dict.fromkeys("abcdgh", 1.0)), LOOK, AREA) is not None


@pytest.mark.parametrize("function, at", [README, LONG])
def test_the_sweeps_of_the_recap(function: str, at: dict[str, float]) -> None:
    """Every box once, in the order of the sweep, in a few groups; at the end every value and every slope of the engine stands
    there."""
    graph = GraphForward(trace(function, at), LOOK, limit=24, lens=True)
    back = GraphBackward(graph)
    for order in (graph.operations, back.order):
        groups = flights(graph, order)
        assert [s.index for group in groups for s in group] == [s.index for s in order] and len(groups) <= MOST
    settled(graph, False)
    for group in flights(graph, graph.operations):
        graph.rush(group)
    boxes = [n for n in graph.nodes.values() if n.box is not None]
    assert all(n.value in graph.submobjects and n.ring not in graph.submobjects for n in boxes)
    back.appear_baskets(), back.seed()
    for group in flights(graph, back.order):
        back.rush(group)
    for step in graph.inputs:
        number = back.sums[step.index].number
        assert float(number.quantity.value) == pytest.approx(float(graph.trace.gradient[step.name]), rel=1e-12)


@pytest.mark.parametrize("function, at", [README, ("x**2", {"x": 0.0}), ("exp(20*x)*y", {"x": 1.5, "y": 2}), ("3*x", {"x": 1})])
def test_the_nudge_from_near(function: str, at: dict[str, float]) -> None:
    """The picture ends with the nudge that is told, and rise over run in it is the slope that is told."""
    check = checked(trace(function, at))
    assert check is not None
    near = nearness(check, LOOK, Area(-6.26, 1.3, -2.72, 2.6))
    assert near is not None
    near.appear(), near.stand(), near.nudge()
    assert near.deltas[1] == float(check.table.deltas[check.row]) and near.deltas[0] >= 4 * near.deltas[1]
    closer = near.closer()
    closer.begin(), closer.interpolate(1.0)
    run, rise = near.run.points[-1, 0] - near.run.points[0, 0], near.rise_at(near.delta)
    sx, _ = near.look.scale
    assert near.delta == near.deltas[1] and run / sx == pytest.approx(near.delta)
    assert rise / near.delta == pytest.approx(float(check.table.rows[check.row].slope), abs=1e-12)


def test_a_small_graph_for_each_run() -> None:
    """As many small graphs as runs and sweeps; each nudged input is lit once; the sweep back has no input lit."""
    t = trace("(a*b + c)*a", {"a": 2.0, "b": 3.0, "c": -1.0})
    graph, cost = GraphForward(t, LOOK), Cost(t, scales=())
    with tempconfig(FRAMES["wide"]):
        race = Lanes(graph, cost, LOOK, Area(-6.26, 5.6, -2.2, 2.2), WAYS)
        for way in WAYS:
            race.count(way, race.quantity("sweeps", way))
            assert len(race.tokens[way]) == cost.sweeps(way)
    lit = {
        way: [sum(mark.get_fill_color().to_hex() == LOOK.knob.upper() for mark in small_graph(graph, way, k, 2.0, 0.8)[1])
              for k in range(cost.sweeps(way))]
        for way in WAYS
    }  # fmt: skip
    assert lit == {"nudging": [0, 1, 1, 1], "forward": [1, 1, 1], "reverse": [0]}


def test_the_stage_is_never_empty() -> None:
    """From the first second on something stands beside the function's line: parts turn into one another."""
    scene = clip_class("explain").configured(function=README[0], at=README[1])(skip_animations=True)
    scene.renderer.update_frame = lambda *args, **kwargs: None
    empty: list[float] = []

    def look(stage: Any) -> None:
        others = [m for m in stage.mobjects if m is not stage.headline.function and opacity(m) > 0.1]
        if stage.now > 0.5 and not others:
            empty.append(stage.now)

    scene.watchers.append(look)
    scene.render()
    assert not empty
    last = {id(part) for m in scene.mobjects for part in m.get_family()}
    for step in scene.again.inputs:
        assert id(scene.again.nodes[step.index].label) in last
