"""Optimizers racing on one curve; and the clips `slice` and `secant` in frames of every shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainreel.engine import Descent, Function
from chainreel.engine.descent import OPTIMIZERS
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.lane_race import LaneRace
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check

F = Function.of("0.1*x**4 - 0.6*x**2 + 0.2*x + 1.2")


@pytest.fixture(scope="module")
def race() -> LaneRace:
    logs = {name: Descent.run(F, {"x": 2.6}, optimizer=name, rate=0.1, steps=12) for name in ("plain", "momentum", "adam")}
    curve = LossSlice(F, NIGHT, "x", (-3.2, 3.2))
    return LaneRace(curve, logs, ["plain", "momentum", "Adam"], ["hops", "glide", "dashed"], NIGHT)


def number_at(race: LaneRace, x: float) -> float:
    view = race.curve.view
    return view.x[0] + (x - view.box[0]) / view.scale[0]


@pytest.mark.parametrize("k", [0, 1, 5, 12])
def test_heads_are_on_the_curve_where_the_logs_are(race: LaneRace, k: int) -> None:
    for runner in race.runners:
        runner.reach(float(k))
        x = float(runner.log.steps[k].point["x"])
        assert runner.head[0].get_center() == pytest.approx(race.curve.place(x), abs=1e-6)
        assert number_at(race, runner.head[1].get_center()[0]) == pytest.approx(x, abs=1e-6)


def test_lanes_keep_the_places_of_the_steps_made(race: LaneRace) -> None:
    for runner in race.runners:
        runner.reach(4.5)
        marks = runner.marks.points.reshape(-1, 4, 3)[:, 0, 0]
        assert [number_at(race, x) for x in marks] == pytest.approx([float(s.point["x"]) for s in runner.log.steps[:5]])


def test_hoppers_fly_and_gliders_stay_on_the_curve(race: LaneRace) -> None:
    for runner in race.runners:
        runner.reach(0.5)
        above = runner.head[0].get_center()[1] - race.curve.place(runner.at)[1]
        assert above == pytest.approx(0.32 if runner.look == "hops" else 0.0, abs=1e-6)


def test_who_is_best_ends_lowest(race: LaneRace) -> None:
    best = race.best()
    assert min(r.log.losses[-1] for r in race.runners) == pytest.approx(best[0].log.losses[-1], rel=0.01)


def test_a_runner_that_flies_off_is_not_drawn() -> None:
    log = Descent.run(F, {"x": 2.6}, rate=2.0, steps=5)
    race = LaneRace(LossSlice(F, NIGHT, "x", (-3.0, 3.0)), {"plain": log}, ["plain"], ["hops"], NIGHT)
    race.runners[0].reach(5.0)
    assert race.runners[0].head[0].get_fill_opacity() == 0 and np.isfinite(race.runners[0].marks.points).all()


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
@pytest.mark.parametrize(
    "asked", [{}, {"optimizers": "plain,momentum,adam"}, {"function": "x**2*y + sin(x)", "input": "x", "start": "x=1,y=2"}]
)
def test_slice_in_every_shape(run: Any, shape: str, asked: dict[str, Any]) -> None:
    check(run(clip_class("slice"), shape=shape, theme="paper" if shape == "square" else "night", **asked))


@pytest.mark.parametrize("shape", ["square", "tall"])
@pytest.mark.parametrize("asked", [{}, {"function": "x*y**2", "at": "x=1,y=3", "input": "y"}])
def test_secant_in_every_shape(run: Any, shape: str, asked: dict[str, Any]) -> None:
    check(run(clip_class("secant"), shape=shape, theme="paper" if shape == "square" else "night", **asked))


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_can_race(run: Any, name: str) -> None:
    scene = run(clip_class("slice"), optimizers=f"{name},plain:0.05" if name != "plain" else "plain:0.1,plain:0.05")
    check(scene)


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "theta=150000000", "function": "sigmoid(theta)"},
        {"function": "u = -(((-1.0)**2)**-1); u*u + exp(w_1**0.5)**3 - u", "start": "w_1=3e-05"},
    ],
)
def test_odd_places(run: Any, asked: dict[str, Any]) -> None:
    scene = run(clip_class("slice"), **asked)
    assert scene.alt and not [f for f in scene.lint.findings if f.rule == "overlap"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"optimizers": "plane"}, "did you mean 'plain'"), ({"optimizers": "adam,adam"}, "names one twice"),
        ({"optimizers": ""}, "nobody races"), ({"optimizers": "plain:fast"}, "a rate is a number"),
    ],
)  # fmt: skip
def test_refusals(run: Any, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StageError, match=sentence):
        run(clip_class("slice"), **asked)
