"""Descents and tables of differences: the optimizers' definitions, rates found, divergence, keys."""

import json

import numpy as np
import pytest

from chainreel.engine import Descent, Differences, EngineError, Function

BOWL = "x**2 + 10*y**2"
ROSENBROCK = "(1-x)**2 + 100*(y-x**2)**2"


def test_plain_steps_by_hand():
    log = Descent.run(BOWL, {"x": 1.0, "y": 1.0}, rate=0.01, steps=2)
    assert [s.point for s in log.steps][1] == {"x": 1.0 - 0.01 * 2.0, "y": 1.0 - 0.01 * 20.0}
    assert log.steps[0].update == {"x": -0.02, "y": -0.2} and log.steps[2].update == {}
    assert log.rate_how == "given" and not log.diverged and len(log.steps) == 3


@pytest.mark.parametrize("optimizer", ["plain", "momentum", "adam"])
def test_equal_to_torch(optimizer):
    torch = pytest.importorskip("torch")
    start = {"x": -1.2, "y": 1.0}
    rate = 1e-3
    log = Descent.run(ROSENBROCK, start, optimizer=optimizer, rate=rate, steps=50)
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in start.values())
    options = {"plain": {}, "momentum": {"momentum": 0.9}}
    kind = torch.optim.Adam if optimizer == "adam" else torch.optim.SGD
    rule = kind([x, y], lr=rate, **options.get(optimizer, {}))
    for state in log.steps:
        assert abs(state.point["x"] - x.item()) < 1e-12 and abs(state.point["y"] - y.item()) < 1e-12
        rule.zero_grad()
        ((1 - x) ** 2 + 100 * (y - x**2) ** 2).backward()
        rule.step()


def test_adam_by_the_textbook():
    log = Descent.run("x**2", {"x": 3.0}, optimizer="adam", rate=0.1, steps=5)
    x, m, s = 3.0, 0.0, 0.0
    for count, state in enumerate(log.steps, 1):
        assert state.point["x"] == pytest.approx(x, rel=1e-14)
        g = 2 * x
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        x -= 0.1 * (m / (1 - 0.9**count)) / ((s / (1 - 0.999**count)) ** 0.5 + 1e-8)


@pytest.mark.parametrize("optimizer", ["plain", "momentum", "adam"])
@pytest.mark.parametrize("text, start", [(BOWL, {"x": 2, "y": 1}), (ROSENBROCK, {"x": -1.2, "y": 1.0}), ("abs(x)", {"x": 3})])
def test_a_rate_is_found_and_goes_downhill(text, start, optimizer):
    log = Descent.run(text, start, optimizer=optimizer)
    assert log.losses[-1] < log.losses[0] and not log.diverged
    assert "trying" in log.rate_how
    assert log.rate == Descent.run(text, start, optimizer=optimizer).rate


def test_divergence_is_told_and_not_nan():
    log = Descent.run(BOWL, {"x": 1.0, "y": 1.0}, rate=1.0, steps=200)
    assert log.diverged and len(log.steps) < 200 and all(np.isfinite(log.losses))
    log = Descent.run("log(x) + 1/x", {"x": 0.1}, rate=10.0)
    assert all(np.isfinite(log.losses))


def test_arrays_descend_too():
    target = np.array([1.0, -2.0])
    log = Descent.run(lambda w, b: np.sum((w - target) ** 2) + b**2, {"w": [0.0, 0.0], "b": 1}, rate=0.25, steps=40)
    np.testing.assert_allclose(log.steps[-1].point["w"], target, atol=1e-9)
    assert log.quantity("point/w", 1, (0,)).key == "point/w[0]/1"


@pytest.mark.parametrize(
    "options, message",
    [
        ({"optimizer": "sgd"}, "no optimizer"), ({"steps": 0}, "whole number"), ({"rate": -1}, "positive"),
        ({"momentum": 2}, "momentum"), ({"start": {"x": 1}}, "no value for y"), ({"rate": float("nan")}, "positive"),
    ],
)  # fmt: skip
def test_refusals(options, message):
    start = options.pop("start", {"x": 1, "y": 1})
    with pytest.raises(EngineError, match=message):
        Descent.run(BOWL, start, **options)


def test_keys_and_json():
    log = Descent.run(BOWL, {"x": 1.0, "y": 1.0}, steps=10)
    again = Descent.rebuild(json.loads(json.dumps(log.describe())))
    assert again.losses == log.losses and again.rate_how == log.rate_how
    for what, index in (("loss", 3), ("point/x", 2), ("gradient/y", 0), ("update/x", 9), ("rate", 0), ("steps", 0)):
        shown = log.quantity(what, index)
        assert again.lookup(shown.key) == shown.value
    with pytest.raises(EngineError):
        log.quantity("update/x", 10)
    with pytest.raises(EngineError):
        log.quantity("loss", 99)


def test_differences_forward_and_central():
    at = {"x": 1.5, "y": -0.5}
    function = Function.parse("sin(x*y) + x**2")
    forward = Differences(function, at, "x", [0.1, 0.01])
    central = Differences(function, at, "x", [0.1, 0.01], "central")
    assert forward.exact == function.trace(at).gradient["x"]
    assert abs(central.rows[1].error) < abs(forward.rows[1].error) < abs(forward.rows[0].error)
    row = forward.rows[0]
    assert row.rise == row.moved - row.base and row.slope == row.rise / 0.1 and row.error == row.slope - forward.exact
    again = Differences.rebuild(json.loads(json.dumps(central.describe())))
    assert again.rows == central.rows and again.lookup("slope/1") == central.quantity("slope", 1).value


@pytest.mark.parametrize(
    "args, message",
    [
        (({"x": 1.0}, "z", [0.1]), "no input z"), (({"x": 1.0}, "x", []), "nudges"), (({"x": 1.0}, "x", [0.0]), "nudges"),
        (({"x": 1.0}, "x", [0.1], "both"), "scheme"), (({"x": 0.1}, "x", [-0.2]), "no finite value"),
    ],
)  # fmt: skip
def test_differences_refuse(args, message):
    with pytest.raises(EngineError, match=message):
        Differences("log(x)", *args)
