"""A mean over several starts, a rule whose class lies below its cut: the same by hand, again from a description, audited."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import auditor_of
from chainreel.engine.datasets import moons
from chainreel.engine.learning import MLP, Repeats, Risk, Start, Training, accuracy
from chainreel.engine.learning.cut import Cut
from chainreel.engine.storyboards import film_a
from chainreel.rendering.verify import rebuild

KEYS = ("count", "examples", "percent/0", "percent/2", "mean", "least", "most")


@pytest.fixture(scope="module")
def three() -> Repeats:
    data, risk = moons(60), Risk(MLP([2, 5, 1]), "binary_cross_entropy_with_logits")
    runs = [Training.run(risk, Start(seed), data, lr=0.5, epochs=40, seed=seed) for seed in (0, 1, 2)]
    return Repeats(runs, data)


def test_the_mean_is_that_of_the_accuracies(three: Repeats) -> None:
    shares = [accuracy(run.loss.net(run.params_at(run.steps), three.data.X), three.data.y, 0.0) for run in three.trainings]
    assert three.quantity("mean").value == pytest.approx(100 * np.mean(shares), abs=1e-12)
    assert three.quantity("least").value == pytest.approx(100 * min(shares)) and three.quantity("count").value == 3


@pytest.mark.parametrize("key", KEYS)
def test_numbers_of_repeats_hold(three: Repeats, key: str) -> None:
    """From the description alone, and by an independent count."""
    told = three.describe()
    assert rebuild(told).lookup(key) == three.lookup(key) == pytest.approx(auditor_of(told)(key).value, abs=1e-9)


def test_repeats_refuse_in_a_sentence(three: Repeats) -> None:
    with pytest.raises(EngineError, match="percent/0 to /2"):
        three.quantity("percent/3")
    with pytest.raises(EngineError, match="at least one training"):
        Repeats([], three.data)


def test_the_muzzle_alone_is_right_about_88_percent() -> None:
    """A cat's muzzle is short: the class of cats lies below the cut. Audited, and again from its description."""
    cut = Cut(film_a.four_hundred_icons(), "muzzle", below=True)
    told = cut.describe()
    for key in ("wrong", "percent", "count"):
        assert rebuild(told).lookup(key) == cut.lookup(key) == auditor_of(told)(key).value
    assert cut.quantity("percent").value == 88.0
    turned = ~cut.wrong == ((cut.values <= cut.at) == (cut.data.y == 1))
    assert turned.all() and "below" not in Cut(cut.data, "ear").describe()
