"""The loss along one or two knobs: against the network itself, against differences, and as an audit sees it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.datasets import moons
from chainreel.engine.learning import MLP, KnobSlice, Risk, accuracy
from chainreel.engine.storyboards import film_a
from chainreel.rendering.verify import rebuild


@pytest.mark.parametrize("knob", film_a.PLACES)
def test_every_knob_is_where_the_net_holds_it(knob):
    """A turned knob gives the loss and the marks of the net that has it so."""
    data, risk = film_a.forty_icons(), film_a.whisker_net()
    seen = film_a.forty_slice(knob)
    assert seen.start[knob] == film_a.KNOBS[knob]
    for value in (-1.7, 0.3, 2.9):
        params = film_a.whisker_params(**{knob: value})
        assert seen(**{knob: value}) == pytest.approx(risk(params, *data.arrays), rel=1e-13)
        right = accuracy(risk.net(params, data.X), data.y, 0.0) * len(data)
        assert seen.right(np.array([[value]]))[0] == pytest.approx(right)


def test_slopes_are_differences_and_downhill_goes_down():
    seen = film_a.forty_slice("v1", "v2")
    for name, slope in seen.slopes(seen.start).items():
        up, down = (seen(**{**seen.start, name: seen.start[name] + way}) for way in (1e-5, -1e-5))
        assert slope == pytest.approx((up - down) / 2e-5, rel=1e-6)
    losses = [seen(**point) for point in seen.downhill(1.0, 6)]
    assert losses == sorted(losses, reverse=True)


def test_grid_is_the_function_on_a_mesh():
    seen = film_a.forty_slice("v1", "v2")
    grid = seen.grid({"v1": [0.0, 1.0, 2.0], "v2": [-1.0, 0.5]})
    assert grid.shape == (3, 2) and grid[2, 1] == pytest.approx(seen(v1=2.0, v2=0.5), rel=1e-14)
    assert seen.grid({"v2": [-1.0]}, {"v1": 2.0})[0] == pytest.approx(seen(v1=2.0, v2=-1.0), rel=1e-14)


def test_several_classes_and_a_loss_of_probabilities():
    data = moons(30, seed=2)
    for net, loss in ((MLP([2, 4, 2]), "cross_entropy"), (MLP([2, 4, 1], output="sigmoid"), "binary_cross_entropy")):
        risk = Risk(net, loss)
        params = net.initial(3)
        seen = KnobSlice(risk, params, data, {"b": "0/b[2]"})
        assert seen(**seen.start) == pytest.approx(risk(params, data.X, data.y), rel=1e-13)
        description = json.loads(json.dumps(seen.describe()))
        for key in ("loss/0", "right/0", "percent/0", "point/b/0", "examples", "knobs", "held"):
            found = audit(description, key)
            assert abs(rebuild(description).lookup(key) - found.value) <= found.tolerance


def test_its_numbers_are_rebuilt_and_audited():
    seen = film_a.forty_slice("v1", "v2", points=[{"v1": 0.5, "v2": 0.4}, {"v1": 4.0, "v2": 0.4}])
    description = json.loads(json.dumps(seen.describe()))
    again = rebuild(description)
    for key in ("loss/0", "loss/1", "right/1", "percent/0", "point/v1/1", "examples", "knobs", "held"):
        assert again.lookup(key) == seen.lookup(key)
        found = audit(description, key)
        assert abs(found.value - again.lookup(key)) <= found.tolerance
    assert (seen.lookup("knobs"), seen.lookup("held"), seen.lookup("examples")) == (13.0, 11.0, 40.0)


@pytest.mark.parametrize("knobs", [{}, {"a": "2/W[0,0]"}, {"a": "0/W[0]"}, {"a": "0/W[9,0]"}, {"a": "W"}])
def test_a_knob_that_is_not_there_is_refused(knobs):
    with pytest.raises(EngineError):
        KnobSlice(film_a.whisker_net(), film_a.whisker_params(), film_a.forty_icons(), knobs)


def test_a_network_with_dropout_or_a_penalty_is_refused():
    with pytest.raises(EngineError):
        KnobSlice(Risk(MLP([2, 3, 1]), "mean_squared", 0.1), film_a.whisker_params(), film_a.forty_icons(), {"v1": "1/W[0,0]"})
