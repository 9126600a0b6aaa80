"""A slice through a network's loss: its values are the network's, its plane is the one of the paper, its audit agrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.datasets import moons, wave
from chainreel.engine.learning import MLP, Conv2D, Dense, Flatten, Landscape, Risk, Sequential, Training
from chainreel.engine.learning.landscape import filters_of
from chainreel.engine.trees import flatten


@pytest.fixture(scope="module")
def run() -> Training:
    risk = Risk(MLP([2, 6, 1]), "binary_cross_entropy_with_logits")
    return Training.run(risk, data=moons(60, noise=0.15), optimizer="adam", lr=0.05, steps=50)


@pytest.fixture(scope="module", params=["pca", "random"])
def slice_(request: Any, run: Training) -> Landscape:
    return Landscape(run, request.param, seed=3)


def test_every_point_is_a_network_and_the_middle_is_the_trained_one(slice_: Landscape, run: Training) -> None:
    assert slice_(0.0, 0.0) == pytest.approx(run.losses[-1], rel=1e-12)
    mesh = slice_.grid({"a": [-1.0, 0.0, 2.0], "b": [0.5, 1.0]})
    for i, a in enumerate((-1.0, 0.0, 2.0)):
        for j, b in enumerate((0.5, 1.0)):
            assert mesh[i, j] == pytest.approx(run.loss(slice_._tree(slice_.knobs_at(a, b)), *run.data), rel=1e-12)
    line = slice_.grid({"b": [0.5, 1.0]}, fixed={"a": 2.0})
    assert line == pytest.approx(mesh[2])


def test_slopes_are_those_of_the_slice(slice_: Landscape) -> None:
    here = slice_.slopes(0.3, -0.2)
    for axis, step in (("a", (1e-5, 0.0)), ("b", (0.0, 1e-5))):
        rise = slice_(0.3 + step[0], -0.2 + step[1]) - slice_(0.3 - step[0], -0.2 - step[1])
        assert here[axis] == pytest.approx(rise / 2e-5, rel=1e-5, abs=1e-8)


def test_random_directions_are_as_long_as_the_filters(run: Training) -> None:
    slice_ = Landscape(run, "random", seed=1)
    for direction in slice_.directions:
        for leaf, own in zip(flatten(slice_._tree(direction))[0], slice_._leaves, strict=True):
            if own.ndim < 2:
                assert not np.any(leaf)
            for one, other in zip(filters_of(np.asarray(leaf)), filters_of(own), strict=True):
                assert np.linalg.norm(one) == pytest.approx(np.linalg.norm(other))
    assert not np.allclose(slice_.directions, Landscape(run, "random", seed=2).directions)


def test_principal_directions_hold_most_of_the_way(run: Training) -> None:
    slice_ = Landscape(run, "pca")
    assert slice_.directions @ slice_.directions.T == pytest.approx(np.eye(2), abs=1e-10)
    assert 0.9 < slice_.share <= 1.0 and slice_.share > Landscape(run, "random").share
    assert slice_.shadow[-1] == pytest.approx([0.0, 0.0], abs=1e-12)
    for axis, (low, high) in slice_.ranges.items():
        values = slice_.shadow[:, "ab".index(axis)]
        assert low < values.min() and values.max() < high


def test_numbers_are_audited_and_come_back(slice_: Landscape) -> None:
    again = Landscape.rebuild(slice_.describe())
    keys = ["knobs", "examples", "steps", "share", "percent"]
    keys += [f"{what}/{k}" for what in ("step", "true", "shadow", "point/a", "point/b") for k in (0, len(slice_.states) - 1)]
    keys += ["slope/a/0", "slope/b/0"]
    for key in keys:
        assert again.lookup(key) == pytest.approx(slice_.lookup(key), rel=1e-9, abs=1e-12), key
        assert audit(slice_.describe(), key).agrees(slice_.lookup(key)), key
    with pytest.raises(EngineError, match="no 'depth'"):
        slice_.quantity("depth")


def test_other_losses_and_layers_one_by_one() -> None:
    """Classes, numbers, penalties, and images: all at once or one network after the other, the values are the same."""
    rng = np.random.default_rng(0)
    images, kinds = rng.normal(size=(6, 1, 4, 4)), np.array([0, 1, 2, 0, 1, 2])
    table = wave(30)
    cases: list[tuple[Risk, Any]] = [
        (Risk(Sequential(Conv2D(1, 2, 3, activation="tanh"), Flatten(), Dense(8, 3)), "cross_entropy"), (images, kinds)),
        (Risk(Sequential(Flatten(), Dense(16, 3)), "cross_entropy", penalty=0.1), (images, kinds)),
        (Risk(MLP([table.X.shape[1], 5, 1]), "mean_squared"), table),
        (Risk(MLP([table.X.shape[1], 5, 1]), "squared"), table),
    ]
    for risk, data in cases:
        log = Training.run(risk, data=data, optimizer="adam", lr=0.02, steps=8)
        slice_ = Landscape(log, "random")
        for a, b in ((0.0, 0.0), (0.5, -1.0)):
            assert slice_(a, b) == pytest.approx(risk(slice_._tree(slice_.knobs_at(a, b)), *log.data), rel=1e-10)


def test_refusals() -> None:
    data = moons(20)
    risk = Risk(MLP([2, 3, 1]), "binary_cross_entropy_with_logits")
    with pytest.raises(EngineError, match="all examples at once"):
        Landscape(Training.run(risk, data=data, batch=5, steps=4))
    with pytest.raises(EngineError, match="no plane 'pcs'"):
        Landscape(Training.run(risk, data=data, steps=4), "pcs")
    with pytest.raises(EngineError, match="one line"):
        Landscape(Training.run(risk, data=data, steps=1), "pca")
