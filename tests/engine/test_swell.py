"""Expression swell: counted exactly, as sympy counts where sympy can, and at once where it cannot."""

import json
import time

import pytest
import sympy
from hypothesis import given, settings

from chainreel.engine import EngineError, Function
from chainreel.engine.audit import auditor_of
from chainreel.engine.audit_swell import SwellAudit
from chainreel.engine.swell import Forest, Swell, SwellRow

from .expressions import texts


def test_the_numbers_of_film_b_beat_4():
    rows = Swell("v*(1 + tanh(v))", depth=6).rows
    assert [row.value for row in rows] == [3, 9, 21, 45, 93, 189]
    assert [row.derivative for row in rows] == [7, 38, 136, 416, 1168, 3104]
    assert [row.derivative_shared for row in rows] == [6, 17, 30, 45, 62, 81]
    assert {b.sweep - a.sweep for a, b in zip(rows, rows[1:], strict=False)} == {9}  # the reverse sweep: 9 per layer
    assert [row.value_shared for row in rows] == [3, 6, 9, 12, 15, 18]


def test_sympy_counts_the_same():
    v = sympy.Symbol("v", real=True)
    expression = v
    for row in Swell("v*(1 + tanh(v))", depth=4).rows:
        expression = expression * (1 + sympy.tanh(expression))
        derivative = expression.diff(v)
        assert sympy.count_ops(expression) == row.value and sympy.count_ops(derivative) == row.derivative
        replaced, rest = sympy.cse(derivative)
        assert sum(sympy.count_ops(e) for _, e in replaced) + sympy.count_ops(rest[0]) == row.derivative_shared


def test_depth_7_and_far_beyond_is_instant():
    start = time.perf_counter()
    rows = Swell("v*(1 + tanh(v))", depth=7).rows
    assert rows[6].derivative == 7936 and time.perf_counter() - start < 2
    rows = Swell("v*(1 + tanh(v))", depth=120).rows
    assert time.perf_counter() - start < 20
    assert isinstance(rows[-1].derivative, int) and rows[-1].derivative > 10**39
    assert rows[-1].value == 3 * (2**120 - 1) and rows[-1].value_shared == 360 and rows[-1].derivative_shared < 20_000


@pytest.mark.slow
def test_a_googol_of_operations():
    row = Swell("v*(1 + tanh(v))", depth=330).rows[-1]
    assert row.derivative > 10**100 and row.value == 3 * (2**330 - 1) and row.sweep < 3_000


# -- a naive second counter: formulas really written out ---------------------------------------------------------------
def written_out(forest, node):
    return (forest.kinds[node], *(written_out(forest, k) for k in forest.operands[node]))


def operations(tree):
    return (not tree[0].startswith("=")) + sum(operations(part) for part in tree[1:])


def size(tree):
    return 1 + sum(size(part) for part in tree[1:])


def different(tree, seen):
    if tree not in seen and not tree[0].startswith("="):
        seen.add(tree)
        for part in tree[1:]:
            different(part, seen)
    return len(seen)


@settings(max_examples=60, deadline=None)
@given(texts(kinks=True))
def test_counts_are_those_of_the_trees(text):
    function = Function.parse(text)
    try:
        swell = Swell(function, depth=2, at=dict.fromkeys(function.inputs, 0.7))
    except EngineError:
        return
    forest = swell.forest
    for row, argument in zip(swell.rows, (swell.input, swell._applied(swell.input)), strict=True):
        value = swell._applied(argument)
        slope = forest.total(forest.terms(value, swell.input)[value] or [])
        if forest.nodes[slope] > 20_000:
            continue
        for node, count, whole, shared in (
            (value, row.value, row.value_nodes, row.value_shared),
            (slope, row.derivative, row.derivative_nodes, row.derivative_shared),
        ):
            tree = written_out(forest, node)
            assert (operations(tree), size(tree)) == (count, whole)
            assert different(tree, set()) == shared or (node == value and argument != swell.input)


@settings(max_examples=40, deadline=None)
@given(texts())
def test_the_derivative_that_is_counted_is_the_derivative(text):
    """The formulas that are counted, evaluated: the terms of the textbook and the reverse sweep give the same slope."""
    function = Function.parse(text)
    point = dict.fromkeys(function.inputs, 0.7)
    swell = Swell(function, at=point)
    forest, trace = swell.forest, swell.trace
    value = swell._applied(swell.input)
    slope = forest.total(forest.terms(value, swell.input)[value] or [])
    swept = forest.gradient(value).get(swell.input, forest.zero)
    scale = 1.0 + max(abs(float(step.adjoint)) for step in trace.steps)
    for node in (slope, swept):
        assert evaluate(forest, node, point) == pytest.approx(trace.gradient[swell.name], rel=1e-8, abs=1e-9 * scale)


def evaluate(forest, root, point):
    from chainreel.engine.archive import _primitives

    table = _primitives()
    values = {}
    for node in forest._under(root):
        kind = forest.kinds[node]
        if kind.startswith("=input "):
            values[node] = point[kind[7:]]
        elif kind.startswith("="):
            values[node] = float(kind[1:])
        else:
            values[node] = table[kind](*(values[k] for k in forest.operands[node]))
    return values[root]


def test_textbook_forms():
    forest = Forest()
    x, y = forest.leaf("input x"), forest.leaf("input y")
    product = forest.apply("mul", forest.apply("mul", x, y), forest.apply("sin", x))
    assert forest.terms(product, x)[product] is not None and len(forest.terms(product, x)[product]) == 2
    assert forest.apply("mul", forest.one, x) == forest.apply("add", forest.zero, x) == x
    assert forest.apply("mul", forest.zero, x) == forest.zero
    assert forest.terms(y, x)[y] == []
    assert forest.apply("sin", x) == forest.apply("sin", x)
    unknown = forest.apply("zork", x)
    slope = forest.total(forest.terms(unknown, x)[unknown])
    assert forest.operations[slope] == 1  # an unknown derivative is one function more


def test_numbers_that_may_be_shown():
    swell = Swell("sin(a*x) + x*b", depth=3, name="x", at={"a": 1.0, "x": 0.5, "b": 2.0})
    again = Swell.rebuild(json.loads(json.dumps(swell.describe())))
    assert again.rows == swell.rows
    shown = swell.quantity("derivative", 3)
    assert (shown.source, shown.key) == ("swell", "derivative/3") and swell.lookup(shown.key) == shown.value
    check = auditor_of(swell.describe())
    assert check(shown.key).agrees(shown.value) and not check(shown.key).agrees(shown.value + 1)
    for wrong in (("colour", 1), ("value", 4), ("value", 0)):
        with pytest.raises(EngineError):
            swell.quantity(*wrong)


SIZES = [name for name in SwellRow.__dataclass_fields__ if name != "depth"]


@settings(max_examples=60, deadline=None)
@given(texts(kinks=True))
def test_the_audit_writes_and_counts_for_itself(text):
    function = Function.parse(text)
    try:
        swell = Swell(function, depth=3, at=dict.fromkeys(function.inputs, 0.7))
    except EngineError:
        return
    check = SwellAudit(swell)
    for row in swell.rows:
        for size in SIZES:
            assert check(f"{size}/{row.depth}").value == getattr(row, size), (text, size, row.depth)


def test_the_audit_does_not_ask_the_counter(monkeypatch):
    """What is tampered with, in the number or in the engine's own counter, is found."""
    description = json.loads(json.dumps(Swell("v*(1 + tanh(v))", depth=6).describe()))
    check = auditor_of(description)
    assert [check(f"derivative/{n}").value for n in range(1, 7)] == [7, 38, 136, 416, 1168, 3104]
    assert check("derivative_shared/6").value == 81 and not check("derivative_shared/6").agrees(82)
    monkeypatch.setattr(Forest, "shared", lambda self, roots, seen=None: 7)
    monkeypatch.setattr(Forest, "total", lambda self, terms: self.one)
    wrong = Swell.rebuild(description)
    check = auditor_of(description)
    for size in ("derivative", "derivative_shared", "value_shared", "sweep"):
        assert not check(f"{size}/6").agrees(wrong.lookup(f"{size}/6"))
    for key in ("colour/1", "value/7", "value/0"):
        with pytest.raises(EngineError):
            check(key)


def test_the_audit_of_a_deep_swell():
    swell = Swell("v*(1 + tanh(v))", depth=120)
    check, last = SwellAudit(swell), swell.rows[-1]
    for size in SIZES:
        assert check(f"{size}/120").value == float(getattr(last, size))


def test_a_trace_and_refusals():
    trace = Function.of(lambda x: x * x if x > 0 else x).trace({"x": 2.0})
    assert (Swell(trace).rows[0].value, Swell(trace).rows[0].derivative) == (1, 1)
    with pytest.raises(EngineError, match="is an array"):
        Swell(Function.of(lambda w: w.sum()).trace({"w": [1.0, 2.0]}))
    with pytest.raises(EngineError, match="no input z"):
        Swell("x", name="z")
    with pytest.raises(EngineError, match="1 or more"):
        Swell("x", depth=0)
    big = Swell("u = x + x; v = u + u; w = v + v; a = w + w; b = a + a; b + b", depth=180, at={"x": 0.5})
    assert big.rows[-1].value == 2**1080 - 1 and big.rows[-1].value_shared == 1080
    assert big.rows[-1].derivative == 2**1080 - 1 and big.rows[-1].derivative_shared == 1080  # 1 + 1, doubled again
    with pytest.raises(EngineError, match="has 326 digits"):
        big.quantity("value", 180)
