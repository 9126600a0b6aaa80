"""The mistaken sweep is a sweep run for real: wrong where a value is used twice, right elsewhere, and audited."""

from __future__ import annotations

import pytest

from chainreel.engine import EngineError, Function
from chainreel.engine.audit import audit
from chainreel.engine.slip import Slip


@pytest.mark.parametrize(
    ("text", "at", "wrong"),
    [
        ("(a*b + c)*a", {"a": 2.0, "b": 3.0, "c": -1.0}, {"a"}),
        ("x*x", {"x": 3.0}, {"x"}),
        ("u = sin(x); u*u + u", {"x": 0.5}, {"x", "u"}),
        ("exp(a)*b", {"a": 0.3, "b": 2.0}, set()),
    ],
)
def test_only_what_is_used_twice_comes_out_wrong(text: str, at: dict, wrong: set) -> None:
    trace = Function.of(text).trace(at)
    slip = Slip(trace)
    assert {s.name for s in slip.wrong} == wrong
    again = Slip.rebuild(slip.describe())
    for step in trace.steps:
        key = f"adjoint/{step.index}"
        assert again.lookup(key) == slip.quantity("adjoint", step).value
        assert audit(slip.describe(), key).agrees(slip.lookup(key)), step.name


def test_refusals() -> None:
    trace = Function.of("x*x").trace({"x": 3.0})
    with pytest.raises(EngineError, match="no mistake 'typo'"):
        Slip(trace, "typo")
    with pytest.raises(EngineError, match="no 'value'"):
        Slip(trace).quantity("value", trace.step("x"))
