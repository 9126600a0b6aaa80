"""S7 and S8: the invariants of the two graph figures, on functions of every kind and on random ones."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainreel.engine import Function, local_formula
from chainreel.scenes.figures.graph_backward import GraphBackward, is_sum
from chainreel.scenes.figures.graph_forward import GraphForward, edge_key
from chainreel.scenes.figures.layout import LIMIT
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.stage import BOTTOM, LEFT, RIGHT, TOP
from chainreel.scenes.stage.theme import NIGHT

from .functions import TWENTY


def graph_of(text, at):
    """The settled graph of a function at a point."""
    return GraphForward(Function.of(text).trace(at), NIGHT)


def test_a_value_may_have_the_decimals_that_another_figure_prints_it_with():
    """R19; a name that is not in the graph is no matter, and a small number is never a bare zero."""
    trace = Function.of("w*x + sin(w)").trace({"w": 1.2, "x": 0.004})
    graph = GraphForward(trace, NIGHT, decimals={"w": 2, "x": 2, "f": 4, "other": 1}).settle_all()
    said = {n.step.name: (n.label if n.value is None else n.value).provenance[0].text for n in graph.nodes.values()}
    assert (said["w"], said["x"], said["f"]) == ("1.20", "0.004", "0.9368")
    assert [p.text for n in graph.nodes.values() if n.cell for p in n.cell.provenance][:2] == ["1.20", "0.004"]


def random_function(draw_ops, names):
    """A function as text: each operation uses values that exist already."""
    lines, known = [], list(names)
    for i, (op, a, b) in enumerate(draw_ops):
        one, two = known[a % len(known)], known[b % len(known)]
        lines.append(f"t{i} = {op.format(a=one, b=two)}")
        known.append(f"t{i}")
    used = {k for line in lines for k in names if k in line}
    loose = [k for k in known if sum(k in line.split("=")[1] for line in lines) == 0 and k not in names]
    return "; ".join([*lines, " + ".join(loose[-3:]) or known[-1]]), used


OPS = st.sampled_from(["{a} + {b}", "{a}*{b}", "sin({a})", "{a} - 2*{b}", "tanh({a})", "{a}**2", "cos({b}) + 1"])
FUNCTIONS = st.lists(st.tuples(OPS, st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=9)


def overlap(a, b, slack=0.02):
    """Whether two mobjects' boxes overlap by more than a hair."""
    (ax0, ay0, _), (ax1, ay1, _) = a.get_corner([-1, -1, 0]), a.get_corner([1, 1, 0])
    (bx0, by0, _), (bx1, by1, _) = b.get_corner([-1, -1, 0]), b.get_corner([1, 1, 0])
    return min(ax1, bx1) - max(ax0, bx0) > slack and min(ay1, by1) - max(ay0, by0) > slack


def check_forward(graph):
    """No wire goes left, values are the engine's, nodes keep apart and inside the frame."""
    for edge in graph.edges:
        wire = graph.wires[edge_key(edge)]
        assert wire.xy[-1, 0] > wire.xy[0, 0] - 1e-9, "a wire goes left"
        assert (np.diff(wire.xy[:, 0]) > -1e-6).all(), "a wire turns back"
        source, target = graph.nodes[edge.source.index], graph.nodes[edge.target.index]
        assert target.x > source.x, "a later step stands left of what it uses"
    for step in graph.operations:
        value = graph.nodes[step.index].value
        if isinstance(value, Number):
            assert value.quantity.value == step.value
            assert value.settled == value.text
    boxes = [n.box for n in graph.nodes.values() if n.box is not None]
    dials = [n.dial for n in graph.nodes.values() if n.dial is not None]
    for i, a in enumerate([*boxes, *dials]):
        assert a.get_left()[0] >= LEFT - 0.01 and a.get_right()[0] <= RIGHT + 0.01
        assert a.get_bottom()[1] >= BOTTOM - 0.01 and a.get_top()[1] <= TOP + 0.01
        for b in [*boxes, *dials][i + 1 :]:
            assert not overlap(a, b), "two nodes overlap"


def check_backward(back):
    """What the chips in a basket say adds up to its adjoint; ribbons are as wide as their contributions."""
    for step in back.graph.steps:
        uses = [e for e in back.graph.edges if e.source is step]
        if uses and step is not back.graph.view.output:
            total = sum(np.asarray(e.contribution) for e in uses)
            assert np.allclose(total, step.adjoint, rtol=1e-12, atol=1e-300)
    sizes = {k: v for k, v in back.widths.items() if v > 0.0351}
    by_key = {edge_key(e): float(np.sum(np.abs(e.contribution))) for e in back.graph.edges}
    ratios = [sizes[k] / by_key[k] for k in sizes]
    assert not ratios or max(ratios) - min(ratios) < 1e-9 * max(ratios)


@pytest.mark.parametrize("name", TWENTY)
def test_forward_invariants(name):
    """Every one of the twenty functions gets a graph that keeps the invariants of S7."""
    check_forward(graph_of(*TWENTY[name]))


@pytest.mark.parametrize("name", TWENTY)
def test_backward_invariants(name):
    """… and of S8, on the very same layout."""
    graph = graph_of(*TWENTY[name])
    places = {i: (n.x, n.y) for i, n in graph.nodes.items()}
    back = GraphBackward(graph).settle_all()
    check_backward(back)
    assert places == {i: (n.x, n.y) for i, n in back.graph.nodes.items()}


@pytest.mark.parametrize("name", TWENTY)
def test_chips_move_only_along_wires(name):
    """A riding chip is at a point of its wire until it falls into the basket at the wire's end."""
    graph = graph_of(*TWENTY[name])
    back = GraphBackward(graph)
    for step in back.order:
        for edge in step.edges:
            ribbon, chip, ride = back._ride(edge, 1.0)
            for alpha in (0.1, 0.35, 0.6):
                ride.interpolate_mobject(alpha)
                wire = graph.wires[edge_key(edge)].xy
                assert np.hypot(*(wire - chip.get_center()[:2]).T).min() < 0.06


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FUNCTIONS)
def test_random_functions(ops):
    """Random graphs are laid out with all invariants kept, folded where they are too large for the frame."""
    text, used = random_function(ops, ("x", "y"))
    if not used:
        return
    graph = graph_of(text, {k: 0.7 for k in sorted(used)})
    check_forward(graph)
    check_backward(GraphBackward(graph).settle_all())


def test_a_value_used_twice_has_two_wires_that_do_not_merge():
    """x*x keeps both of its edges (M16)."""
    graph = graph_of("x*x", {"x": 3})
    assert len(graph.wires) == 2
    starts = [w.xy[0, 1] for w in graph.wires.values()]
    assert abs(starts[0] - starts[1]) > 0.2


def test_twenty_four_boxes_fit_and_more_are_folded():
    """Up to 24 operations are shown in full; of more, as few as possible stand in one box."""
    assert len(graph_of("sin(" * LIMIT + "x" + ")" * LIMIT, {"x": 1.0}).operations) == LIMIT
    sums = " + ".join(f"sin({a})*cos({b})" for a, b in ("xy", "yx", "xx", "yy", "xy"))
    assert len(graph_of(sums, {"x": 1.0, "y": 0.5}).operations) == 19
    folded = graph_of("sin(" * 25 + "x" + ")" * 25, {"x": 1.0})
    assert folded.view.folded and len(folded.operations) < LIMIT
    check_forward(folded)


def test_vector_operations_stay_one_box():
    """A loss over a data table is a handful of boxes, whose arrays are shown as bars of the engine's values."""
    graph = graph_of("examples/my_lecture.py:loss", {"w": 0.5, "b": 0.2})
    assert len(graph.operations) == 5
    guess = next(s for s in graph.operations if s.name == "guess")
    assert np.array_equal(graph.values[guess.index].values, guess.value)


def test_input_labels_show_the_point():
    """Beside each dial stand the name and the value that the user gave."""
    graph = graph_of("x*y", {"x": 1.5, "y": -0.5})
    label = graph.nodes[1].label
    assert isinstance(label, Formula)
    assert label.provenance[0].text == "−0.5"


@pytest.mark.parametrize("text", ["tanh(x)", "x**2*y - y", "cos(x)", "x/(1 + y)", "sigmoid(x)*y", "x**3"])
def test_chain_rule_lines_are_true(text):
    """What a line writes, factor by factor, is the contribution: a sum among the factors stands in parentheses."""
    names = [n for n in "xy" if n in text.replace("exp", "")]
    graph = graph_of(text, {n: 0.7 for n in names})
    back = GraphBackward(graph)
    for edge in graph.edges:
        source = back.equation(edge).source
        plain = local_formula(edge, lambda role, index, body: body)
        if is_sum(plain) and plain != "-1" and "frac" not in plain:
            assert "paren.l lb" in source
        assert edge.adjoint * edge.local == edge.contribution
