"""Optimizers: each rule by its textbook, on a bowl and in Rosenbrock's valley; purity, trees, refusals."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest

from chainreel.engine import Descent, EngineError
from chainreel.engine.learning import LBFGS, SGD, Adadelta, Adagrad, Adam, AdamW, Newton, Objective, RMSProp, moved, optimizer
from chainreel.engine.learning.line_search import strong_wolfe
from chainreel.engine.learning.optimizers import NAMES, rebuild
from chainreel.engine.trees import flatten

MATRIX = np.array([[3.0, 0.5, 0.0], [0.5, 2.0, 0.3], [0.0, 0.3, 1.0]])
TARGET = np.array([1.0, -2.0, 0.5])


def bowl(p):
    d = p["x"] - TARGET
    return 0.5 * d @ (MATRIX @ d) + (p["y"] - 3.0) ** 2


def rosenbrock(p):
    return (1.0 - p["x"]) ** 2 + 100.0 * (p["y"] - p["x"] ** 2) ** 2


def run(rule, loss, params, steps):
    objective, state = Objective(loss), rule.start(params)
    for _ in range(steps):
        value, gradient = objective.value_and_gradient(params)
        update, state = rule.step(params, gradient, state, value=value, function=objective)
        params = moved(params, update)
    return params, objective(params)


ON_BOWL = [
    (SGD(lr=0.2), 200), (SGD(lr=0.05, momentum=0.9), 400), (SGD(lr=0.05, momentum=0.9, nesterov=True), 400),
    (Adagrad(lr=2.0), 300), (RMSProp(lr=0.01), 800), (RMSProp(lr=0.01, centered=True, momentum=0.5), 800),
    (Adam(lr=0.1), 600), (Adam(lr=0.1, amsgrad=True), 600), (AdamW(lr=0.1, weight_decay=0.0), 600),
    (Adadelta(lr=0.1, eps=1e-4), 1500), (Newton(), 1), (LBFGS(line_search_fn="strong_wolfe"), 2), (LBFGS(lr=0.5), 4),
]  # fmt: skip


@pytest.mark.parametrize("rule, steps", ON_BOWL, ids=str)
def test_a_bowl_is_solved(rule, steps):
    params, value = run(rule, bowl, {"x": np.zeros(3), "y": 0.0}, steps)
    assert value < 1e-3
    np.testing.assert_allclose(params["x"], TARGET, atol=0.05)


IN_THE_VALLEY = [
    (SGD(lr=1e-3), 20_000, 1e-3), (SGD(lr=5e-4, momentum=0.95), 2000, 1e-3),
    (SGD(lr=5e-4, momentum=0.95, nesterov=True), 2000, 1e-3), (Adagrad(lr=0.5), 5000, 1e-2), (RMSProp(lr=1e-3), 8000, 1e-3),
    (Adam(lr=0.02), 3000, 1e-3), (AdamW(lr=0.02, weight_decay=0.0), 3000, 1e-3), (Adadelta(lr=0.03, eps=1e-5), 20_000, 0.1),
    (Newton(), 25, 1e-20), (LBFGS(line_search_fn="strong_wolfe"), 3, 1e-9),
    (optimizer("lbfgs"), 40, 1e-8),
]  # fmt: skip


@pytest.mark.parametrize("rule, steps, value", IN_THE_VALLEY, ids=str)
def test_rosenbrocks_valley_is_walked_to_its_end(rule, steps, value):
    loss = rosenbrock
    if steps > 1000:  # plain numbers: the rule is under test, not the engine

        class Known(Objective):
            def value_and_gradient(self, p):
                x, y = p["x"], p["y"]
                return rosenbrock(p), {"x": -2.0 * (1.0 - x) - 400.0 * x * (y - x * x), "y": 200.0 * (y - x * x)}

        loss = Known(rosenbrock)
    params, state, objective = {"x": -1.2, "y": 1.0}, rule.start({"x": -1.2, "y": 1.0}), Objective.of(loss)
    for _ in range(steps):
        here, gradient = objective.value_and_gradient(params)
        update, state = rule.step(params, gradient, state, value=here, function=objective)
        params = moved(params, update)
    assert rosenbrock(params) < value, params


def test_rules_by_the_textbook():
    """Two steps of each, written out."""
    x, g, h = 2.0, 3.0, -1.0

    def two(rule):
        first, state = rule.step(x, g, rule.start(x))
        return first, rule.step(x + first, h, state)[0]

    assert two(SGD(lr=0.1)) == pytest.approx((-0.3, 0.1))
    assert two(SGD(lr=0.1, momentum=0.5)) == pytest.approx((-0.3, -0.1 * (0.5 * 3 - 1)))
    assert two(SGD(lr=0.1, momentum=0.5, nesterov=True)) == pytest.approx((-0.1 * 4.5, -0.1 * (-1 + 0.5 * 0.5)))
    assert two(SGD(lr=0.1, weight_decay=0.5)) == pytest.approx((-0.1 * 4.0, -0.1 * (-1 + 0.5 * 1.6)))
    assert two(Adagrad(lr=0.1)) == pytest.approx((-0.1, 0.1 / math.sqrt(10)))
    assert two(RMSProp(lr=0.1, alpha=0.5)) == pytest.approx((-0.1 * 3 / math.sqrt(4.5), 0.1 / math.sqrt(0.5 * 4.5 + 0.5)))
    m, s = 0.9 * 0.3 - 0.1, 0.999 * 0.009 + 0.001
    assert two(Adam(lr=0.1)) == pytest.approx((-0.1, -0.1 * (m / 0.19) / math.sqrt(s / (1 - 0.999**2))))
    decayed = two(AdamW(lr=0.1, weight_decay=0.5))[0]
    assert decayed == pytest.approx(-0.1 - 0.1 * 0.5 * 2.0)
    d = math.sqrt(1e-6 / (0.9 + 1e-6)) * 3
    assert two(Adadelta())[0] == pytest.approx(-d)
    assert SGD(lr=0.1, maximize=True).step(x, g, SGD().start(x))[0] == pytest.approx(0.3)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_comes_in_is_changed(name):
    rule = optimizer(name)
    params = [{"W": np.arange(6.0).reshape(2, 3), "b": (1.0, [np.ones(2)])}, {}]
    objective = Objective(lambda p: (p[0]["W"] ** 2).sum() + p[0]["b"][0] ** 2 + (p[0]["b"][1][0] ** 4).sum())
    state = rule.start(params)
    for _ in range(3):
        value, gradient = objective.value_and_gradient(params)
        before = copy.deepcopy((params, gradient, dict(state)))
        update, after = rule.step(params, gradient, state, value=value, function=objective)
        again, _ = rule.step(params, gradient, state, value=value, function=objective)
        for a, b in zip(flatten(before)[0], flatten((params, gradient, dict(state)))[0], strict=True):
            np.testing.assert_array_equal(a, b)
        for a, b in zip(flatten(update)[0], flatten(again)[0], strict=True):
            np.testing.assert_array_equal(a, b)
        for array in flatten(gradient)[0]:
            if isinstance(array, np.ndarray):
                array[...] = 99.0  # a user may reuse his arrays: no state looks into them
        params, state = moved(params, update), after
    assert type(params[0]["b"]) is tuple and type(params[0]["b"][0]) is float and params[1] == {}
    assert state.count == 3


@pytest.mark.parametrize("name", NAMES)
def test_numbers_and_arrays_agree(name):
    rule = optimizer(name)
    one = run(rule, lambda p: (p - 1.0) ** 4 + p**2, 2.0, 6)[0]
    many = run(rule, lambda p: ((p - 1.0) ** 4 + p**2).sum(), np.array([2.0]), 6)[0]
    assert one == pytest.approx(many[0], rel=1e-13)


def test_newton_leaves_a_saddle_and_the_textbooks_rule_goes_to_it():
    def saddle(p):
        return p[0] ** 2 - p[1] ** 2 + p[1] ** 4

    away, value = run(Newton(), saddle, [1.0, 0.1], 20)
    assert value == pytest.approx(-0.25) and abs(away[1]) == pytest.approx(0.5**0.5)
    stuck, _ = run(Newton(absolute=False, backtrack=False), saddle, [1.0, 0.1], 20)
    np.testing.assert_allclose(stuck, 0.0, atol=1e-12)
    assert run(Newton(damping=1.0), lambda x: (x - 3.0) ** 2, 0.0, 1)[0] == pytest.approx(2.0)
    assert run(Newton(), lambda p: (p[0] - 1.0) ** 2 + 0.0 * p[1], [0.0, 5.0], 1)[0] == [1.0, 5.0]  # a flat axis


def test_the_line_search_ends_where_strong_wolfe_holds():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        a = rng.normal(size=5)

        def along(t, a=a):
            value = a[0] * math.sin(a[1] * t) + 0.1 * (t - a[2]) ** 2 + a[3] ** 2 * math.exp(-t)
            slope = a[0] * a[1] * math.cos(a[1] * t) + 0.2 * (t - a[2]) - a[3] ** 2 * math.exp(-t)
            return value, np.array([slope])

        start, slope = along(0.0)
        if slope[0] > -1e-3:
            continue
        length, value, gradient, looks = strong_wolfe(along, np.ones(1), 1.0, start, slope)
        assert value == along(length)[0] and gradient == along(length)[1] and looks <= 26
        held += value <= start + 1e-4 * length * slope[0] and abs(gradient[0]) <= -0.9 * slope[0]
    assert held > 50


def test_a_line_search_survives_an_edge():
    """A loss that is no number beyond an edge counts as too high there."""
    params, value = run(optimizer("lbfgs"), lambda x: x - np.log(x), 0.05, 30)
    assert params == pytest.approx(1.0, abs=1e-4) and math.isfinite(value)


@pytest.mark.parametrize("name", NAMES)
def test_optimizers_go_through_json(name):
    rule = optimizer(name)
    assert rebuild(json.loads(json.dumps(rule.describe()))) == rule
    assert len(rule.formula) and all(rule.formula)


@pytest.mark.parametrize("name", NAMES)
def test_descent_takes_every_optimizer_and_keeps_its_memory(name):
    log = Descent.run("(1-x)**2 + 10*(y-x**2)**2", {"x": -1.2, "y": 1.0}, optimizer=name, steps=40)
    assert log.losses[-1] < log.losses[0] and not log.diverged and len(log.steps) == 41
    again = Descent.rebuild(json.loads(json.dumps(log.describe())))
    assert again.losses == log.losses
    assert log.until(3).losses == log.losses[:4]
    for memory, tree in log.steps[2].memory.items():
        shown = log.quantity(f"memory/{memory}/x", 2)
        assert shown.value == tree["x"] and again.lookup(shown.key) == shown.value
    assert not log.steps[-1].memory


def test_descent_takes_an_optimizer_with_options():
    rule = Adam(lr=0.2, betas=(0.5, 0.9))
    log = Descent.run("x**2 + y**4", {"x": 1.0, "y": 2.0}, optimizer=rule, steps=5)
    assert log.optimizer == "adam" and log.rate == 0.2 and log.rule == rule
    assert Descent.rebuild(json.loads(json.dumps(log.describe()))).losses == log.losses
    assert log.until(2).losses == log.losses[:3]
    assert Descent.run("x**2", {"x": 1.0}, optimizer=rule, rate=0.5, steps=2).rule.lr == 0.5


def test_descent_with_arrays_has_keys_that_lead_back():
    log = Descent.run(lambda w: ((w - 1.0) ** 2).sum(), {"w": [[0.0, 3.0]]}, optimizer="adam", rate=0.1, steps=3)
    for what in ("point/w", "gradient/w", "update/w", "memory/mean/w"):
        shown = log.quantity(what, 1, (0, 1))
        assert log.lookup(shown.key) == shown.value


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: SGD(lr=-1), "negative"), (lambda: SGD(lr=float("nan")), "finite"), (lambda: SGD(nesterov=True), "momentum"),
        (lambda: Adam(betas=(0.9, 1.0)), "betas"), (lambda: Adam(betas=0.9), "betas"), (lambda: Adam(eps=0.0), "above 0"),
        (lambda: RMSProp(alpha=1.5), "between 0 and 1"), (lambda: Adam(lr="fast"), "finite number"),
        (lambda: LBFGS(max_iter=0), "whole number"), (lambda: LBFGS(line_search_fn="armijo"), "strong_wolfe"),
        (lambda: optimizer("sgd"), "no optimizer"), (lambda: optimizer("adam", rate=1.0), "no option rate"),
        (lambda: optimizer(Adam(), momentum=1.0), "no option momentum"),
        (lambda: Adam().start({"x": "3"}), "numbers and arrays"), (lambda: Adam().start([]), "no parameters"),
        (lambda: Adam().start([float("inf")]), "finite"), (lambda: Adam().start([np.array(["a"])]), "numbers and arrays"),
        (lambda: SGD().step({"x": 1.0}, {"y": 1.0}, SGD().start({"x": 1.0})), "structure"),
        (lambda: SGD().step(np.ones((2, 2)), np.ones(2), SGD().start(np.ones((2, 2)))), "does not fit"),
        (lambda: Newton().step(1.0, 1.0, Newton().start(1.0)), "function=loss"),
        (lambda: LBFGS().step(1.0, 1.0, LBFGS().start(1.0)), "function=loss"), (lambda: Objective(3.0), "function"),
    ],
)  # fmt: skip
def test_refusals(make, message):
    with pytest.raises(EngineError, match=message) as caught:
        make()
    assert str(caught.value).count("\n") == 0 and str(caught.value).endswith(".")


def test_formulas_are_typst():
    typst = pytest.importorskip("typst")
    from chainreel.engine.learning import ACTIVATIONS, LOSSES

    lines = [line for name in NAMES for line in optimizer(name).formula]
    lines += [entry.formula for entry in (*ACTIVATIONS.values(), *LOSSES.values())]
    typst.compile("\n\n".join(f"$ {line} $" for line in lines).encode())
