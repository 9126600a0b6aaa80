"""The clips `slice`, `secant` and `descent`, run from end to end without drawing: words, numbers, lint, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainreel.engine import Descent as Log
from chainreel.engine import Differences, EngineError, Function
from chainreel.engine.stationary import Stationary
from chainreel.scenes.clips.descent import Descent, DescentStory, descent_story
from chainreel.scenes.clips.hold import hold
from chainreel.scenes.clips.secant import Secant, nudge_table_story, nudges, secant_story
from chainreel.scenes.clips.slice import Slice, SliceStory, slice_story
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.rounding import shown
from chainreel.scenes.stage.stage import Stage, opacity

Run = Callable[..., Any]
REBUILD = {"descent": Log.rebuild, "differences": Differences.rebuild, "stationary": Stationary.rebuild}


def numbers_are_the_engines(scene: Any) -> None:
    """Every number on screen is what its source, rebuilt from its description, has under its key."""
    from chainreel.engine import Trace

    rebuilt = {
        name: {**REBUILD, "trace": Trace.rebuild}[described["kind"]](described)
        for name, described in scene.ledger.sources.items()
    }
    assert scene.ledger.numbers
    for number in scene.ledger.numbers:
        value = rebuilt[number.source].lookup(number.key)
        value = getattr(value, "value", value)
        assert value == pytest.approx(number.value, rel=1e-12), (number.source, number.key)
        assert shown(float(value), number.decimals, auto=False) == number.text


def told_well(scene: Any, least: float = 20, most: float = 46) -> None:
    """A film of the right length, with a poster, an alternative text, no lint, and a pause to predict in."""
    assert least <= scene.now <= most
    assert scene.poster_time is not None and 0 < scene.poster_time <= scene.now
    assert scene.alt.endswith(".") and len(scene.alt) > 40
    assert [f.message for f in scene.lint.findings] == []
    assert all(beat.end > beat.start for beat in scene.beats)


@pytest.mark.parametrize(
    ("clip", "asked"),
    [
        (Slice, {"theme": "paper"}),
        (Slice, {"function": "sin(x*y) + x**2", "start": "x=1.5,y=-0.5"}),
        (Secant, {"theme": "paper"}),
        (Secant, {"function": "sin(x*y) + x**2", "at": "x=1.5,y=-0.5", "input": "y"}),
        (Descent, {"theme": "paper"}),
        (Descent, {"function": "(1-x)**2 + 100*(y-x**2)**2", "start": "x=-1.2,y=1"}),
        (Descent, {"function": "x*y*z + x**2 + y**2 + z**2", "inputs": "x,z", "start": "x=1,y=0.5,z=1"}),
    ],
)
def test_a_clip_is_told_and_its_numbers_are_the_engines(run: Run, clip: Any, asked: dict) -> None:
    scene = run(clip, **asked)
    told_well(scene)
    numbers_are_the_engines(scene)
    assert any(beat.title == "predict" and beat.end - beat.start >= 2 for beat in scene.beats)


@pytest.mark.parametrize("function", ["log(x) + 1/x", "abs(x)", "exp(x)", "1e6*x**2", "1e-6*x**2", "tanh(x)", "x**3"])
@pytest.mark.parametrize("clip", [Slice, Secant])
def test_other_functions_of_one_input(run: Run, clip: Any, function: str) -> None:
    told_well(run(clip, function=function), 15)


@pytest.mark.parametrize(
    "function", ["x**2 - y**2", "x + y", "x*0 + y*0 + 2", "log(x) + x + y**2", "x**2 + 0.0001*y**2", "1/(x**2+y**2)"]
)
def test_saddles_planes_flats_holes_and_canyons(run: Run, function: str) -> None:
    told_well(run(Descent, function=function), 15)


def test_too_large_a_rate_is_shown_honestly(run: Run) -> None:
    scene = run(Slice, function="x**2", start="x=1", rate=1.1)
    assert "too large" in scene.beats[-1].words
    scene = run(Descent, function="x**2 + y**2", start="x=1,y=1", rate=1.6, optimizers="plain")
    assert "flies off" in scene.beats[-1].words


def test_the_slope_is_printed_as_long_as_its_step_needs_it(run: Run) -> None:
    """−5 · 0.996 closes and −5 · 1.00 does not: then the words and the label say 0.996, too (R19)."""
    scene = run(Slice, function="u = sqrt(x); u*u + 1e9 - u", start="x=20000", rate="5")
    slopes = [number.text for number in scene.ledger.numbers if number.key == "gradient/x/0"]
    assert len(slopes) > 2 and set(slopes) == {"0.996"}


def test_a_level_start_has_no_step(run: Run) -> None:
    scene = run(Slice, function="x**2", start="x=0")
    assert any("go nowhere" in beat.words for beat in scene.beats)


def test_what_is_held_is_said(run: Run) -> None:
    for scene in (run(Slice, function="x*y + x**2"), run(Secant, function="x*y + x**2")):
        assert any("held still" in beat.words for beat in scene.beats)


def test_unequal_scales_are_told_in_the_alternative_text(run: Run) -> None:
    scene = run(Descent, function="x**2 + y**2", start="x=1,y=1", range="x=0:1.5,y=-900:900", optimizers="plain")
    assert "scaled separately" in scene.alt


@pytest.mark.parametrize(
    ("clip", "asked", "sentence"),
    [
        (Descent, {"function": "x**2"}, "one input.*clip slice"),
        (Descent, {"function": "x**2 + y**2", "start": "x=1"}, "no value for y"),
        (Descent, {"function": "x**2 + y**2", "start": "x=1,y=1", "range": "x=2:3"}, "the start is x = 1"),
        (Descent, {"function": "x**2 + y**2", "inputs": "x,q"}, "names q"),
        (Descent, {"function": "x**2 + y**2", "inputs": "x"}, "two names"),
        (Descent, {"function": "x**2 + y**2", "optimizers": "plain,plain"}, "twice"),
        (Slice, {"function": "x**2", "start": "x=1", "range": "x=2:3"}, "the start is x = 1"),
        (Slice, {"function": "log(x)", "range": "x=-3:-1"}, "no finite value"),
        (Slice, {"function": "alpha*beta", "input": "alpa"}, "did you mean 'alpha'"),
        (Slice, {"function": "x*y", "start": "x=1"}, "no value for y"),
        (Secant, {"function": "x**2", "at": "x=1", "range": "x=2:3"}, "the point is x = 1"),
        (Secant, {"function": "x**2", "at": "z=1"}, "names z"),
        (Secant, {"function": "sqrt(x)", "range": "x=-3:-1"}, "no finite value"),
    ],
)
def test_refusals_are_one_sentence(run: Run, clip: Any, asked: dict, sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence) as problem:
        run(clip, **asked)
    assert len(str(problem.value).splitlines()[0]) < 250


def test_stories_leave_a_clean_stage(run: Run) -> None:
    """`explain` calls them one after the other in one film."""

    class Whole(Stage):
        def construct(self) -> None:
            f = Function.of("sin(x*y) + x**2")
            at = {"x": 1.5, "y": -0.5}
            secant_story(self, nudges(f, at, "x"), clean=True)
            assert not [m for m in self.visible() if len(getattr(m, "points", ())) and opacity(m) > 0]
            nudge_table_story(self, [Differences(f, at, n, [1e-4]) for n in f.inputs], clean=True)
            assert not [m for m in self.visible() if len(getattr(m, "points", ())) and opacity(m) > 0]
            slice_story(self, SliceStory(f, at, "x"), clean=True)
            assert not [m for m in self.visible() if len(getattr(m, "points", ())) and opacity(m) > 0]
            descent_story(self, DescentStory(f, at), clean=True)
            assert not [m for m in self.visible() if len(getattr(m, "points", ())) and opacity(m) > 0]

    scene = run(Whole)
    numbers_are_the_engines(scene)


def test_holding_inputs_keeps_values_slopes_and_the_way_back() -> None:
    f = Function.of("u = x*y; sin(u)*z + x**2")
    held = hold(f, {"y": -0.5, "z": 2.0})
    assert held.inputs == ("x",)
    assert held(1.5) == f(1.5, -0.5, 2.0)
    slope = f.trace({"x": 1.5, "y": -0.5, "z": 2.0}).gradient["x"]
    assert held.trace({"x": 1.5}).gradient["x"] == pytest.approx(slope)
    assert Function.rebuild(held.describe())(1.5) == held(1.5)


def test_holding_inputs_of_a_python_function(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def loss(a, b, c):\n    u = a*b\n    return u*u + c\n")
    f = Function.of(f"{tmp_path / 'mine.py'}:loss")
    held = hold(f, {"b": 2.0})
    assert held.inputs == ("a", "c") and held(3.0, 1.0) == 37.0
    assert held.trace({"a": 3.0, "c": 1.0}).gradient["a"] == pytest.approx(24.0)
