"""Places are named by the signs of their curvatures, and the numbers are audited."""

from __future__ import annotations

import pytest

from chainreel.engine import EngineError, Function
from chainreel.engine.audit import audit
from chainreel.engine.stationary import Stationary


@pytest.mark.parametrize(
    ("text", "at", "kind"),
    [
        ("x**2 + 3*y**2 + x*y", {"x": 0.0, "y": 0.0}, "minimum"),
        ("x**2 - y**2", {"x": 0.0, "y": 0.0}, "saddle"),
        ("x*y", {"x": 0.0, "y": 0.0}, "saddle"),
        ("-x**2 - cosh(y)", {"x": 0.0, "y": 0.0}, "maximum"),
        ("x**2 + 0*y", {"x": 0.0, "y": 1.0}, "flat"),
        ("x + y", {"x": 0.0, "y": 1.0}, "flat"),
        ("x**4/4 - x**2 + x*y/2 + y**2 - x/4", {"x": 1.5, "y": -0.4}, "minimum"),
    ],
)
def test_kinds_and_audit(text: str, at: dict, kind: str) -> None:
    place = Stationary(text, at)
    assert place.kind == kind
    again = Stationary.rebuild(place.describe())
    for key in ("curvature/0", "curvature/1", "slope/x", "slope/y"):
        assert again.lookup(key) == place.lookup(key)
        assert audit(place.describe(), key).agrees(place.lookup(key)), key


def test_some_inputs_only_and_refusals() -> None:
    f = Function.of("x*y*z + x**2").hold({"z": 2.0})
    assert Stationary(f, {"x": 0.0, "y": 0.0}).kind == "saddle"
    with pytest.raises(EngineError, match="single numbers"):
        Stationary("x**2", {"x": 1.0}, ["q"])
    with pytest.raises(EngineError, match="no 'depth'"):
        Stationary("x**2", {"x": 1.0}).quantity("depth")
