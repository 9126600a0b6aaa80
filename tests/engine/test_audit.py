"""The audit agrees with every number of an honest engine, and notices a changed one."""

from pathlib import Path

import numpy as np
import pytest

from chainreel.engine import Descent, Differences, EngineError, Function
from chainreel.engine.audit import DescentAudit, audit, auditor_of
from chainreel.engine.learning import RMSProp

LECTURE = f"{Path(__file__).parent / 'example_lecture.py'}:"
CASES = [
    ("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}),
    ("u=x*y; max(u,y)+relu(x)*abs(y)-sigmoid(u)/tanh(x)**1.5+log2(x)", {"x": 1.5, "y": -0.5}),
    ("abs(x) + relu(x) + max(x, y) + sign(y)*x", {"x": 0, "y": 0}),
    ("softplus(x)*expm1(y) + log1p(x*x) + arctan(y)/cosh(x)", {"x": 0.3, "y": 2}),
    ("(1-x)**2 + 100*(y-x**2)**2", {"x": -1.2, "y": 1}),
    ("x**y + 2**x + min(x, 3)**-2", {"x": 1.2, "y": 0.7}),
    ("+".join(f"sin({k}*x)*y" for k in range(1, 13)), {"x": 0.3, "y": 2}),
    (LECTURE + "loss", {"w": 0.5, "b": 0.0}),
    (LECTURE + "model", {"x": 0.4}),
]


def shown_numbers(trace):
    for step in trace.steps:
        things = [("value", step), ("adjoint", step)]
        things += [(kind, edge) for edge in step.edges for kind in ("local", "contribution", "running")]
        for kind, what in things:
            for element in (None, (0,), (3,)):
                try:
                    yield trace.quantity(kind, what, element)
                except (EngineError, IndexError):
                    continue


@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_number_of_a_trace(number):
    what, at = CASES[number]
    trace = Function.of(what).trace(at)
    check = auditor_of(trace.describe())
    count = 0
    for shown in shown_numbers(trace):
        found = check(shown.key)
        assert found.agrees(shown.value), (shown, found)
        changed = shown.value * (1 + 1e-6) + (1e-6 if shown.value == 0 else 0)
        assert not found.agrees(changed), (shown, found)
        count += 1
    assert count > 15
    tangents = trace.tangents({trace.inputs[0].name: 1.0})
    check = auditor_of(tangents.describe())
    for step in trace.steps:
        if not isinstance(step.value, np.ndarray):
            assert check(f"tangent/{step.index}").agrees(tangents.quantity(step).value)


def test_a_wrong_rule_would_be_noticed(monkeypatch):
    from chainreel.engine import elementwise

    monkeypatch.setattr(elementwise.sin, "partials", (lambda y, x: elementwise.cos(x) * 1.000001,))
    trace = Function.parse("sin(x) + x").trace({"x": 1.0})
    shown = trace.quantity("adjoint", trace.inputs[0])
    assert not audit(trace.describe(), shown.key).agrees(shown.value)


@pytest.mark.parametrize("optimizer", ["plain", "momentum", "adam"])
def test_descents(optimizer):
    log = Descent.run("(1-x)**2 + 100*(y-x**2)**2", {"x": -1.2, "y": 1}, optimizer=optimizer, steps=12)
    check = auditor_of(log.describe())
    keys = [(what, k) for k in range(13) for what in ("loss", "point/x", "point/y", "gradient/x", "rate", "steps")]
    for what, index in [*keys, *(("update/y", k) for k in range(12))]:
        shown = log.quantity(what, index)
        found = check(shown.key)
        assert found.agrees(shown.value), (shown, found)
        assert not found.agrees(shown.value * (1 + 1e-5) + 1e-12), (shown, found)


@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_differences(scheme):
    table = Differences("sin(x*y) + x**2", {"x": 1.5, "y": -0.5}, "x", [0.5, 0.1, 1e-3, 1e-6], scheme)
    check = auditor_of(table.describe())
    for row in range(4):
        for what in ("delta", "base", "moved", "rise", "slope", "error", "exact"):
            shown = table.quantity(what, row)
            assert check(shown.key).agrees(shown.value), (shown, check(shown.key))


def test_unknown_keys_and_kinds():
    described = Function.parse("x**2").trace({"x": 1.0}).describe()
    for key in ("value/77", "nonsense", "adjoint/1.0", "point/x"):
        with pytest.raises(EngineError):
            audit(described, key)
    with pytest.raises(EngineError, match="cannot be audited"):
        audit({"kind": "weather"}, "value/0")


@pytest.mark.parametrize("optimizer", ["plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_updates_of_every_averaging_optimizer_have_a_second_opinion(optimizer):
    """Sums over all gradients so far, not the running averages that the descent keeps."""
    log = Descent.run("(1-x)**2 + (y-x**2)**2", {"x": -1.2, "y": 1.0}, optimizer=optimizer, rate=0.02, steps=8)
    check = DescentAudit(log)
    for key in ("update/x/0", "update/x/3", "point/y/5", "update/y/7"):
        found = check(key)
        assert abs(float(found.value) - log.lookup(key)) <= found.tolerance


@pytest.mark.parametrize("optimizer", ["newton", "lbfgs", "adadelta", RMSProp(lr=0.01, centered=True)])
def test_updates_without_a_second_opinion_say_so(optimizer):
    log = Descent.run("(1-x)**2 + (y-x**2)**2", {"x": -1.2, "y": 1.0}, optimizer=optimizer, steps=3)
    with pytest.raises(EngineError, match="no independent check"):
        DescentAudit(log)("update/x/1")
