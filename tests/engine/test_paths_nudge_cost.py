"""Paths, nudges and costs: their own invariants on random graphs, and every number audited."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import Cost, EngineError, Function, Nudge, Paths
from chainreel.engine.audit import audit

OPS = st.sampled_from(["{a} + {b}", "{a}*{b}", "sin({a})", "{a} - 2*{b}", "tanh({a})", "{a}**2", "cos({b}) + 1"])
PROGRAMS = st.lists(st.tuples(OPS, st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=7)


def program(operations):
    """A function of x and y as text, each line using what is there."""
    lines, known = [], ["x", "y"]
    for i, (op, a, b) in enumerate(operations):
        lines.append(f"t{i} = {op.format(a=known[a % len(known)], b=known[b % len(known)])}")
        known.append(f"t{i}")
    return "; ".join([*lines, f"{known[-1]} + x*y"])


@settings(max_examples=40, deadline=None)
@given(PROGRAMS)
def test_products_over_all_paths_add_up_to_the_slope(operations):
    """The chain rule in its longest form, for any graph."""
    trace = Function.of(program(operations)).trace({"x": 0.7, "y": -0.4})
    for name in ("x", "y"):
        paths = Paths(trace, name)
        if paths.count <= 64:
            assert len(paths) == paths.count
            assert paths.links == sum(len(path.edges) for path in paths)
            assert paths.arrows == len({(e.target.index, e.slot) for path in paths for e in path.edges})
            assert math.isclose(sum(p.product for p in paths), paths.slope, rel_tol=1e-9, abs_tol=1e-9)
            for path in paths:
                assert path.edges[0].source is paths.start and path.edges[-1].target is trace.output
                assert all(a.target is b.source for a, b in zip(path.edges, path.edges[1:], strict=False))


@settings(max_examples=30, deadline=None)
@given(PROGRAMS)
def test_costs_are_what_the_sweeps_do(operations):
    """Counts of the forward sweeps against a walk by hand; reverse by the trace's own counters."""
    cost = Cost(program(operations), {"x": 0.7, "y": -0.4})
    for key in ("operations/nudging", "operations/forward", "operations/reverse", "tangent/x", "tangent/y", "values"):
        assert cost.lookup(key) == audit(cost.describe(), key).value
    assert cost.operations("forward") == sum(cost.tangent_operations)
    assert cost.operations("reverse") == cost.trace.counts.reverse_total


def test_a_chain_multiplies_to_the_last_bit():
    """Back along a chain the product is the adjoint itself; along it, the tangent."""
    paths = Paths("u = x**2; y = 12/u; 0.4*y", "x", {"x": 2.0})
    assert paths.count == 1 and paths[0].product == paths.slope
    tangents = paths.trace.tangents({"x": 1.0})
    assert [tangents[step] for step in paths[0].steps] == list(paths[0].along)


def test_paths_multiply_while_arrows_add():
    """Twelve doublings have 4 096 paths over 24 arrows; they are counted, not listed."""
    paths = Paths("; ".join(f"x{i + 1} = x{i}*x{i}" for i in range(12)) + "; x12", "x0", {"x0": 1.0})
    assert (paths.count, paths.arrows) == (4096, 24)
    with pytest.raises(EngineError, match="4096 paths"):
        len(paths)


def test_layers_as_in_the_storyboard():
    """Five layers of four boxes, all connected: 4^5 ways from an input over 64 + 4 + 4 arrows at most."""
    def layered(x):
        row = [x * k for k in (0.1, 0.2, 0.3, 0.4)]
        for _ in range(4):
            total = [row[0] + row[1], row[2] + row[3]]
            row = [total[0] * 0.5 + total[1] * w for w in (0.1, 0.2, 0.3, 0.4)]
        return row[0] + row[1] + row[2] + row[3]

    assert Paths(layered, at={"x": 1.0}).count == 4**5


@pytest.mark.parametrize(
    ("text", "at", "name", "delta"),
    [("u = x**2; y = 12/u; 0.4*y", {"x": 2.0}, "x", 0.1), ("(a*b + c)*a", {"a": 2, "b": 3, "c": -1}, "a", 0.01)],
)
def test_every_number_is_audited(text, at, name, delta):
    """Each key looks up what `quantity` gave and agrees with an independent computation."""
    trace = Function.of(text).trace(at)
    nudge, paths, cost = Nudge(trace, name, delta), Paths(trace, name), Cost(trace)
    quantities = [(nudge, nudge.quantity("delta"))]
    quantities += [(nudge, nudge.quantity(w, s)) for w in ("moved", "change", "forecast") for s in trace.steps]
    quantities += [(nudge, nudge.quantity("share", i)) for i in range(len(paths))]
    quantities += [(paths, paths.quantity(w)) for w in ("count", "links", "arrows", "slope")]
    quantities += [(paths, paths.quantity(w, i)) for w in ("product", "along", "total") for i in range(len(paths))]
    quantities += [(paths, paths.quantity("product", i, 1)) for i in range(len(paths))]
    for way in ("nudging", "forward", "reverse"):
        quantities += [(cost, cost.quantity("operations", way)), (cost, cost.quantity("sweeps", way, "gpt3"))]
        quantities += [(cost, cost.quantity(cost.unit(way, "gpt3"), way, "gpt3"))]
    quantities += [(cost, cost.quantity("knobs", scale="digits")), (cost, cost.quantity("bytes"))]
    for made, quantity in quantities:
        again = type(made).rebuild(made.describe())
        assert made.lookup(quantity.key) == quantity.value == again.lookup(quantity.key), quantity.key
        assert audit(made.describe(), quantity.key).agrees(quantity.value), quantity.key


def test_two_routes_of_the_storyboard():
    """Nudge a by 0.01: 0.05 and 0.06 by the two routes, 0.11 together, 0.1103 really."""
    nudge = Nudge("(a*b + c)*a", "a", 0.01, {"a": 2, "b": 3, "c": -1})
    assert np.allclose([nudge.lookup("share/0"), nudge.lookup("share/1")], [0.05, 0.06])
    assert math.isclose(nudge.change(nudge.trace.output), 0.1103)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Paths("x*y", "z"), "no input z"),
        (lambda: Nudge("x*y", "z"), "no input z"),
        (lambda: Nudge("x*y", "x", 0.0), "other than 0"),
        (lambda: Nudge("log(x)", "x", -2.0, {"x": 1.0}), "logarithm|finite"),
        (lambda: Cost("x*y", scales=("huge",)), "no model"),
        (lambda: Cost("x*y").operations("magic"), "no way"),
        (lambda: Paths("x*y").lookup("magic/0"), "magic"),
    ],
)
def test_refusals(make, words):
    """One sentence each."""
    with pytest.raises(EngineError, match=words):
        make()
