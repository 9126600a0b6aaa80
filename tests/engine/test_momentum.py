"""The parts of a momentum: the terms add up to the run's own update, and the audit agrees with the engine."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainreel.engine import Descent, EngineError
from chainreel.engine.audit import auditor_of
from chainreel.engine.learning import SGD
from chainreel.engine.momentum import MomentumParts
from chainreel.engine.storyboards import film_c
from chainreel.rendering.verify import rebuild


def slice_run(steps=14):
    loss = film_c.slice_of_fit(*film_c.SLICE)
    at = {n: film_c.START[n] for n in film_c.SLICE}
    return Descent.run(loss, at, optimizer="momentum", rate=0.3, steps=steps)


@pytest.mark.parametrize(
    ("text", "start", "rate"),
    [(None, None, 0.3), ("x**2 + 30*y**2", {"x": 3.0, "y": 1.0}, 0.02), ("x**2 + y**4 + x*y", {"x": 1.0, "y": -1.0}, 0.05)],
)
def test_terms_add_up_to_the_update_of_the_run(text, start, rate):
    log = slice_run() if text is None else Descent.run(text, start, optimizer="momentum", rate=rate, steps=14)
    parts = MomentumParts(log)
    assert parts.axes @ parts.axes.T == pytest.approx(np.eye(2), abs=1e-12)
    assert parts.curvatures[0] <= parts.curvatures[1]
    for axis in (0, 1):
        assert parts.term(axis, 0, 0) >= 0  # an axis points where the first step goes
        for step in range(len(parts)):
            assert sum(parts.terms(axis, step)) == pytest.approx(parts.total(axis, step), abs=1e-12)
            assert parts.size(axis, step) >= abs(parts.total(axis, step)) - 1e-15


def test_across_the_valley_cancels_and_along_it_adds():
    parts = MomentumParts(slice_run())
    assert parts.share(0, 9) == pytest.approx(1.0) and parts.share(1, 9) < 0.1
    assert parts.total(0, 9) == pytest.approx(0.2293, abs=1e-4)


def test_the_audit_agrees_and_sees_a_wrong_number():
    description = json.loads(json.dumps(MomentumParts(slice_run()).describe()))
    check, again = auditor_of(description), rebuild(description)
    for key in ("term/1/9/3", "total/0/9", "size/1/9", "share/1/9", "curvature/0", "rate", "momentum"):
        assert check(key).agrees(again.lookup(key)), key
        assert not check(key).agrees(again.lookup(key) + 1e-3), key
    with pytest.raises(EngineError, match="no key"):
        check("colour/1")


def test_only_runs_with_plain_momentum_have_parts():
    for log in (Descent.run("x**2 + y**2", {"x": 1.0, "y": 1.0}, rate=0.1, steps=3),
                Descent.run("x**2 + y**2", {"x": 1.0, "y": 1.0}, optimizer=SGD(lr=0.1, momentum=0.9, dampening=0.5), steps=3)):
        with pytest.raises(EngineError, match="plain momentum"):
            MomentumParts(log)
    parts = MomentumParts(slice_run(3))
    for what in (("term", 0, 3, 0), ("term", 2, 0, 0), ("total", 0, 9, 0), ("speed", 0, 0, 0)):
        with pytest.raises(EngineError):
            parts.quantity(*what)
