"""Layers, networks, risks, measures, schedules and augmentation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from chainreel.engine import EngineError, grad
from chainreel.engine.learning import (
    MLP,
    Activate,
    AvgPool,
    Constant,
    Conv2D,
    Cosine,
    Dense,
    Dropout,
    Exponential,
    Flatten,
    InverseTime,
    MaxPool,
    Objective,
    OneCycle,
    Reshape,
    Risk,
    Sequential,
    Shift,
    Step,
    WarmUp,
    accuracy,
    confusion,
    correct,
    guesses,
    norm,
    norms_by_layer,
    schedule,
    schedules,
)  # fmt: skip
from chainreel.engine.learning import layers as networks
from chainreel.engine.learning import risk as risks
from chainreel.engine.trees import flatten

WHISKER = [
    {"W": np.array([[0.4, -0.3], [-0.2, 0.4], [-0.6, 0.5]]).T, "b": np.array([0.1, 0.3, 0.0])},
    {"W": np.array([[-1.2], [0.4], [0.8]]), "b": np.array([-0.22])},
]


def test_the_whisker_net():
    """Film A, chapters 3 to 6: every number by hand."""
    net = MLP([2, 3, 1], "relu", "sigmoid")
    x, t = np.array([[0.9, 0.2]]), np.array([1])
    passes = net.passes(WHISKER, x)
    np.testing.assert_allclose(passes[1], [[0.40, 0.20, 0.0]], atol=1e-15)
    assert passes[2][0, 0] == pytest.approx(0.35, abs=5e-3)
    risk = Risk(net, "binary_cross_entropy")
    value, gradient = Objective(risk).on(x, t).value_and_gradient(WHISKER)
    assert round(value, 2) == 1.05
    expected = [[0.70, -0.23, 0.0], [0.16, -0.05, 0.0]], [0.78, -0.26, 0.0], [[-0.26], [-0.13], [0.0]], [-0.65]
    for have, want in zip(flatten(gradient)[0], expected, strict=True):
        np.testing.assert_allclose(have, want, atol=5.1e-3)
    stepped = [{k: p[k] - 0.1 * g[k] for k in p} for p, g in zip(WHISKER, gradient, strict=True)]
    assert round(risk(stepped, x, t), 3) == 0.885 and net.count() == [9, 4]


def test_shapes_counts_and_starts():
    net = MLP([64, 32, 10], "relu")
    assert net.count() == [2080, 330] and sum(net.count()) == 2410
    assert sum(MLP([64, 64, 10]).count()) == 4810 and sum(MLP([576, 16, 1]).count()) == 9249
    params = net.initial(3)
    assert [p["W"].shape for p in params] == [(64, 32), (32, 10)] and not params[0]["b"].any()
    bound = math.sqrt(6 / 96)
    assert 0.9 * bound < np.abs(params[0]["W"]).max() <= bound
    again = net.initial(3)
    assert all(np.array_equal(a, b) for a, b in zip(flatten(params)[0], flatten(again)[0], strict=True))
    he = net.initial(3, "he")[0]["W"]
    assert he.std() == pytest.approx(math.sqrt(2 / 64), rel=0.05)
    assert net.initial(0, "lecun")[0]["W"].std() == pytest.approx(1 / 8, rel=0.05)
    assert net.initial(0, "normal", scale=3.0)[0]["W"].std() == pytest.approx(3.0, rel=0.05)
    mirror = MLP([6, 2, 1], "sigmoid", "sigmoid").initial(1, "uniform", scale=0.3, biases=True)
    leaves = np.concatenate([leaf.ravel() for leaf in flatten(mirror)[0]])
    assert leaves.size == 17 and np.abs(leaves).max() <= 0.3 and np.count_nonzero(leaves) == 17
    assert not np.concatenate([leaf.ravel() for leaf in flatten(net.initial(0, "zero"))[0]]).any()


def image_net():
    return Sequential(
        Reshape(1, 8, 8), Conv2D(1, 3, size=3, padding=1, activation="tanh"), MaxPool(2), Conv2D(3, 2, size=2),
        AvgPool(3), Activate("silu"), Flatten(), Dropout(0.3), Dense(2, 4),
    )  # fmt: skip


def test_a_net_for_images_and_its_gradient():
    net = image_net()
    assert net.count() == [30, 26, 12]
    params = net.initial(0, biases=True)
    X, y = np.random.default_rng(1).normal(size=(5, 64)), np.array([0, 1, 2, 3, 0])
    assert net(params, X).shape == (5, 4)
    objective = Objective(Risk(net, penalty=0.1)).on(X, y, seed=7)
    value, gradient = objective.value_and_gradient(params)
    rng = np.random.default_rng(2)
    direction = [{k: rng.normal(size=v.shape) for k, v in p.items()} for p in params]
    h = 1e-5
    there, back = ([{k: p[k] + s * d[k] for k in p} for p, d in zip(params, direction, strict=True)] for s in (h, -h))
    slope = (objective(there) - objective(back)) / (2 * h)
    exact = sum((g[k] * d[k]).sum() for g, d in zip(gradient, direction, strict=True) for k in g)
    assert exact == pytest.approx(slope, rel=1e-6)
    assert value > 0 and len(norms_by_layer(gradient)) == 3
    assert norm(gradient) == pytest.approx(math.hypot(*norms_by_layer(gradient)))


def test_dropout_needs_a_seed_and_repeats_by_it():
    net = Sequential(Dropout(0.25))
    x = np.ones((100, 100))
    assert net([{}], x) is x
    dropped = net([{}], x, seed=5)
    assert set(np.unique(dropped)) == {0.0, 1 / 0.75} and abs((dropped == 0).mean() - 0.25) < 0.02
    assert np.array_equal(dropped, net([{}], x, seed=5)) and not np.array_equal(dropped, net([{}], x, seed=6))
    assert np.array_equal(grad(lambda x: net([{}], x, seed=5).sum())(x), dropped)
    two = Sequential(Dropout(0.5), Dropout(0.5))
    assert (two([{}, {}], x, seed=(1, 2)) == 4.0).mean() == pytest.approx(0.25, abs=0.03)  # each layer draws its own


@pytest.mark.parametrize("net", [image_net(), MLP([3, 4, 2], "gelu", "softmax", bias=False)], ids=repr)
def test_networks_go_through_json(net):
    again = networks.rebuild(json.loads(json.dumps(net.describe())))
    params, X = net.initial(0), np.random.default_rng(0).normal(size=(2, 64 if len(net.layers) > 2 else 3))
    assert np.array_equal(net(params, X), again(params, X)) and again.describe() == net.describe()
    risk = Risk(net, "cross_entropy", 0.5)
    assert risks.rebuild(risk.describe()).describe() == risk.describe()


def test_a_single_column_meets_plain_targets():
    net = MLP([2, 1], output="identity")
    risk, params = Risk(net, "mean_squared"), net.initial(0)
    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6.0)
    assert risk(params, X, y) == risk(params, X, y[:, None])
    with pytest.raises(EngineError, match="must be the same"):
        risk(params, X, np.zeros((6, 2)))


def test_measures():
    assert guesses([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]).tolist() == [1, 0]
    assert guesses(np.array([[0.4], [0.6]])).tolist() == [0, 1] and guesses([-1.0, 2.0], threshold=0.0).tolist() == [0, 1]
    assert correct([[0.4], [0.6]], [[0], [0]]).tolist() == [True, False]
    assert accuracy([[0.1, 0.9], [0.9, 0.1]], [[0, 1], [0, 1]]) == 0.5
    assert confusion([[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]], [1, 1, 1], 2).tolist() == [[0, 0], [1, 2]]
    assert norm({"a": 3.0, "b": [np.array([0.0, 4.0])]}) == 5.0
    assert norm([np.array([3e200, 4e200])]) == pytest.approx(5e200) and norm([np.array([math.inf])]) == math.inf
    assert math.isnan(norm([np.array([math.nan])]))


def test_shift_moves_whole_images():
    shift = Shift(pixels=1, share=0.5)
    image = np.zeros((8, 8))
    image[3, 4] = 1.0
    X = np.repeat(image.reshape(1, 64), 4000, axis=0)
    moved, labels = shift(np.random.default_rng(0), X, np.arange(4000))
    assert moved.shape == X.shape and labels[-1] == 3999 and np.array_equal(X[0], image.ravel())
    places = np.argmax(moved, axis=1)
    rows, columns = places // 8 - 3, places % 8 - 4
    assert set(rows) == set(columns) == {-1, 0, 1} and moved.sum() == 4000
    assert ((rows == 0) & (columns == 0)).mean() == pytest.approx(0.5 + 0.5 / 9, abs=0.03)
    edge = np.ones((1, 64))
    seen = {float(shift(np.random.default_rng(k), edge)[0].sum()) for k in range(50)}
    assert seen == {64.0, 56.0, 49.0}
    tall = Shift(shape=(2, 8))(np.random.default_rng(0), np.zeros((3, 16)))[0]
    assert tall.shape == (3, 16)
    assert shift(np.random.default_rng(0), np.zeros((2, 1, 5, 7)))[0].shape == (2, 1, 5, 7)


SCHEDULES = [
    Constant(0.1), Step(0.1, 5), Exponential(0.1, 0.9), Cosine(0.1, 50, 0.01), WarmUp(Cosine(0.1, 50), 5), OneCycle(0.1, 50),
    InverseTime(0.1, 0.5), WarmUp(0.1, 5),
]  # fmt: skip


@pytest.mark.parametrize("rate", SCHEDULES, ids=repr)
def test_schedules_are_plain_values(rate):
    assert eval(repr(rate)) == rate and schedule(rate) is rate
    assert schedules.rebuild(json.loads(json.dumps(rate.describe()))) == rate
    assert all(0.0 <= rate(step) <= 0.1 for step in range(80))


def test_shapes_of_schedules():
    assert Cosine(1.0, 10)(25) == 0.0 and Cosine(1.0, 10)(5) == pytest.approx(0.5)
    assert [WarmUp(Step(1.0, 2, 0.5), 2, 0.0)(k) for k in range(6)] == [0.0, 0.5, 1.0, 1.0, 0.5, 0.5]
    assert InverseTime(1.0, 1.0)(3) == 0.25 and schedule(0.3)(7) == 0.3
    cycle = [OneCycle(1.0, 40)(k) for k in range(60)]
    assert max(cycle) == cycle[11] and cycle[0] == pytest.approx(1 / 25) and cycle[-1] == cycle[39] == pytest.approx(1 / 25e4)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: MLP([3]), "two sizes"), (lambda: MLP([2, 0, 1]), "whole number"),
        (lambda: MLP([2, 1], "rely"), "no activation"),
        (lambda: Sequential(), "at least one"), (lambda: Sequential(np.tanh), "made of layers"),
        (lambda: Dropout(1.0), "between 0 and 1"), (lambda: Conv2D(1, 1, padding=-1), "padding"),
        (lambda: MLP([2, 1]).initial(0, "xavier"), "no scheme 'xavier'.*glorot"),
        (lambda: MLP([2, 1]).initial(0, scale=-1), "positive"), (lambda: MLP([2, 1])([], np.ones((1, 2))), "1 layers"),
        (lambda: Risk(MLP([2, 1]), "mse"), "no loss"), (lambda: Risk(MLP([2, 1]), penalty=-1), "penalty"),
        (lambda: Risk(MLP([2, 1]), lambda p, t: 0.0).describe(), "made while a program ran"),
        (lambda: Cosine(0.1, 0), "whole number"), (lambda: Cosine(-0.1, 5), "from 0 on"),
        (lambda: schedule("cosine"), "function"),
        (lambda: OneCycle(0.1, 5, shape="round"), "'cos' or 'linear'"), (lambda: Shift(0), "whole number"),
        (lambda: Shift()(np.random.default_rng(0), np.zeros((2, 10))), "no square images"),
        (lambda: Shift(share=2), "between"),
        (lambda: accuracy([[0.1]], [1, 2]), "1 guesses"), (lambda: accuracy([], []), "nothing"),
    ],
)  # fmt: skip
def test_refusals(make, message):
    with pytest.raises(EngineError, match=message):
        make()
