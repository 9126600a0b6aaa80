"""Folding: what repeats is found, every box is a stretch of the run, and blame that crosses a border is the real edges' sum."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import tempconfig

from chainreel.engine import Function
from chainreel.engine.audit import audit
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.folding import Block, Link, fold, outputs_of, real_edges
from chainreel.scenes.figures.graph_backward import GraphBackward
from chainreel.scenes.figures.graph_forward import GraphForward, edge_key
from chainreel.scenes.figures.layout import arrange
from chainreel.scenes.stage.area import safe_area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from . import large
from .checks import check
from .conftest import FRAMES
from .functions import TWENTY


def trace_of(what, at=None):
    """The trace of a function at a point (its defaults)."""
    function = Function.of(what)
    return function.trace(function.point() if at is None else at)


def blocks_of(view):
    """Name and count of the folded boxes."""
    return [(b.word, view.quantity("count", b).value) for b in view.operations if isinstance(b, Block)]


def check_view(view, limit):
    """Each step in one box, no box before what it uses, and all sums at the borders those of the real edges."""
    trace = view.trace
    operations = [s for s in trace.steps if not s.is_input and not s.dead]
    assert len(view.operations) <= limit
    members = [s for n in view.nodes for s in (n.steps if isinstance(n, Block) else (n,))]
    assert sorted(s.index for s in members) == sorted(s.index for s in [*trace.inputs, *operations])
    place = {id(n): k for k, n in enumerate(view.nodes)}
    crossing = [e for s in operations for e in s.edges if view.node_of[e.source.index] is not view.node_of[s.index]]
    assert sorted(map(edge_key, crossing)) == sorted(edge_key(e) for w in view.edges for e in real_edges(w))
    for wire in view.edges:
        assert place[id(wire.source)] < place[id(wire.target)], "a box waits for a later one"
        parts = [np.zeros(np.shape(s.value)) for s in outputs_of(wire.source)]
        where = {s.index: k for k, s in enumerate(outputs_of(wire.source))}
        for edge in real_edges(wire):
            parts[where[edge.source.index]] = parts[where[edge.source.index]] + edge.contribution
        want = parts[0] if len(parts) == 1 else np.concatenate([np.ravel(p) for p in parts])
        assert np.allclose(wire.contribution, want, rtol=1e-12, atol=0)
        if not np.ndim(wire.contribution):
            assert view.quantity("contribution", wire).value == pytest.approx(float(want), rel=1e-12)
            assert view.quantity("running", wire).value == pytest.approx(float(wire.running), rel=1e-12)
    for node in view.nodes:
        uses = view.uses(node)
        if not uses:
            continue
        one = sum(np.ravel(w.contribution) for w in uses)
        own = [1.0 if s is trace.output else 0.0 for s in outputs_of(node) for _ in range(np.size(s.value))]
        assert np.allclose(one + own, np.ravel(node.adjoint), rtol=1e-9, atol=1e-12), "blame is lost on the way"
        assert np.allclose(uses[-1].running, node.adjoint - np.reshape(own, np.shape(node.adjoint)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("layers", [("h", 12)]),
        ("network", [("act", 16), ("act", 16), ("act", 16)]),
        ("descend", [("x", 50)]),
        ("long_sum", [("s", 399)]),
        ("classifier", []),
    ],
)
def test_what_repeats_is_found(name, want):
    """Layers, iterations, terms of a sum: one box with the right count, under the user's own name.

    The long sum would be nothing but a box of 400 terms: the first is shown in full.
    """
    view = fold(trace_of(getattr(large, name)))
    assert blocks_of(view) == want
    check_view(view, 24)


def test_neurons_beside_each_other_are_a_layer():
    """Two layers are two boxes, not one of 32, and the box of a layer has one value for each neuron."""
    view = fold(trace_of(large.network))
    first, second = (n for n in view.operations if isinstance(n, Block) and len(n.outputs) > 1)
    assert len(first.outputs) == len(second.outputs) == 16
    assert first.value.shape == first.adjoint.shape == (16,)
    assert {w.source for w in view.into(second)} == {first}


def test_a_function_that_is_one_repetition_is_opened_once():
    """Twelve layers alone would be a single box: they are shown one by one, or the first in full."""
    trace = trace_of(large.chain)
    assert len(fold(trace).operations) == 12
    peeled = fold(trace, limit=6)
    assert [len(getattr(n, "steps", (n,))) for n in peeled.operations] == [1, 1, 1, 33]
    assert blocks_of(peeled) == [("h", 11)]


def test_names_of_the_user_make_boxes():
    """Where nothing repeats, everything that led to a name is a box of that name."""
    lines = [f"u{k} = sin(x*{k + 1}.5) + cos(x + {k}.25)*x - tanh(x)" for k in range(6)]
    view = fold(trace_of("; ".join(lines) + "; " + " + ".join(f"u{k}*u{k}" for k in range(6)), {"x": 0.3}), limit=20)
    assert {f"u{k}" for k in range(6)} <= {n.name for n in view.operations}
    check_view(view, 20)


def test_sub_expressions_of_goldstein_price():
    """A long formula folds into its own sub-expressions, and most of it stays open."""
    trace = trace_of(large.GOLDSTEIN, {"x": 0.1, "y": 0.2})
    view = fold(trace)
    assert 18 <= len(view.operations) <= 24
    check_view(view, 24)


def test_inputs_that_share_a_stem_stand_together():
    """25 inputs: x, all w and all b."""
    view = fold(trace_of(large.layers))
    assert [(n.name, len(outputs_of(n))) for n in view.inputs] == [("x", 1), ("w", 12), ("b", 12)]
    assert np.array_equal(view.inputs[1].adjoint, [view.trace.gradient[f"w{k}"] for k in range(1, 13)])


def test_boxes_open_by_name():
    """`--unfold`: the parts of a repetition, and a part of it; what there is not is refused with what there is."""
    trace = trace_of(large.layers)
    assert [n.name for n in fold(trace, unfold=["h"]).operations][:3] == ["h", "h_2", "h_3"]
    inner = fold(trace, unfold=["h", "h_3"])
    assert len(inner.operations) == 12 + 2 + 2
    check_view(inner, 24)
    with pytest.raises(StageError, match="no folded box 'q'.*h"):
        fold(trace, unfold=["q"])
    with pytest.raises(StageError, match="nothing is folded"):
        fold(trace_of("x*y", {"x": 1.0, "y": 2.0}), unfold=["x"])


OPS = st.sampled_from(["{a} + {b}", "{a}*{b}", "sin({a})", "{a} - 2*{b}", "tanh({a})", "{a}**2", "cos({b}) + 1"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(OPS, st.integers(0, 60), st.integers(0, 60)), min_size=15, max_size=60), st.integers(2, 24))
def test_borders_of_random_graphs(ops, limit):
    """Any graph, any number of boxes: adjoints that enter and contributions that leave are sums of the real edges."""
    known = ["x", "y"]
    lines = []
    for i, (op, a, b) in enumerate(ops):
        lines.append(f"t{i} = {op.format(a=known[-1 - a % min(len(known), 9)], b=known[b % len(known)])}")
        known.append(f"t{i}")
    text = "; ".join(lines) + f"; t{len(ops) - 1} + 0.01*x*y + t{len(ops) // 2}"
    try:
        trace = trace_of(text, {"x": 0.7, "y": 0.4})
    except ValueError:  # grew beyond all bounds
        return
    check_view(fold(trace, limit), max(limit, 1))


@pytest.mark.parametrize("seed", range(25))
def test_random_trees(seed):
    """Twenty to sixty operations, one to four inputs."""
    view = fold(trace_of(*large.random_tree(seed)))
    check_view(view, 24)
    assert len(view.operations) >= 12, "folded more than needed"


@pytest.mark.parametrize("name", ["layers", "network", "descend"])
def test_folded_figures_show_the_engines_numbers(name):
    """The graph with its folded boxes: values, sums in baskets, ribbons that add up in width."""
    graph = GraphForward(trace_of(getattr(large, name)), NIGHT, lens=True)
    for wire in graph.wires.values():
        assert (np.diff(wire.xy[:, 0]) > -1e-6).all()
    back = GraphBackward(graph).settle_all()
    for node in graph.steps:
        if not np.ndim(node.adjoint):
            printed = back.sums[node.index].number.quantity
            assert printed.value == pytest.approx(float(node.adjoint), rel=1e-12)
    scales = []
    for key, wire in ((edge_key(w), w) for w in graph.edges):
        width = back.widths[key]
        if width > 0.0351:
            scales.append(width / np.sum(np.abs(wire.contribution)))
    assert scales == pytest.approx([scales[0]] * len(scales))


def test_two_thousand_steps_lay_out_in_two_seconds():
    """Folding and layout of 2 000 steps (processor time; the machine may have other work)."""
    trace = trace_of(large.long_sum)
    assert len(trace.steps) > 1900
    trace_of(large.descend)
    start = time.process_time()
    view = fold(trace)
    assert time.process_time() - start < 0.5
    assert len(view.operations) <= 24
    start = time.process_time()
    arrange(view, -5, 6.26, -2.72, 2.25)
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize("clip", ["forward", "backward"])
@pytest.mark.parametrize("name", ["layers", "network", "classifier", "descend"])
@pytest.mark.slow
def test_clips_of_large_functions(run, clip, name):
    """The two clips on functions of any size: lint clean, every number with a source that an audit confirms."""
    scene = run(clip_class(clip), function=getattr(large, name))
    check(scene)
    seen = {(n.source, n.key): n.value for n in scene.ledger.numbers}
    for (source, key), value in sorted(seen.items())[:: max(1, len(seen) // 6)]:
        if len(scene.trace.steps) < 100 or source == "blocks":
            again = audit(scene.ledger.sources[source], key)
            assert abs(again.value - value) <= max(again.tolerance, 1e-9 * abs(value)), key


@pytest.mark.parametrize("clip", ["forward", "backward"])
def test_a_box_opens_on_screen(run, clip):
    """`--unfold h` shows the folded graph first, then opens it; counts of both are sources."""
    scene = run(clip_class(clip), function=large.layers, unfold="h")
    assert any(b.title == "open" for b in scene.beats)
    assert {"trace", "folded"} <= set(scene.ledger.sources)
    assert len(scene.graph.operations) > len(scene.graph.closed.operations)


def test_links_know_when_they_are_one_edge():
    """A plain box that uses the result of a folded one keeps its rule: the chain rule can be written out there."""
    view = fold(trace_of(large.layers))
    wire = next(w for w in view.edges if isinstance(w, Link) and not isinstance(w.target, Block))
    assert wire.real is not None and wire.local == wire.real.local
    assert wire.contribution == wire.real.contribution


@pytest.mark.parametrize(("text", "least"), [("deep", 12), ("beale", 7), ("goldstein", 7)])
def test_a_square_frame_shows_as_many_boxes_as_fit(text, least):
    """Every number of boxes is tried, not only some."""
    source, at = TWENTY[text]
    with tempconfig(FRAMES["square"]):
        graph = GraphForward(Function.of(source).trace(at), NIGHT, safe_area())
    assert len(graph.operations) >= least
