"""Races with any optimizers: names from one list, looks without new hues, rates of their own, and every shape of frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainreel.engine import Function
from chainreel.engine.descent import OPTIMIZERS
from chainreel.scenes.clips import clip_class, clip_named
from chainreel.scenes.clips.racers import run_racers
from chainreel.scenes.figures.contour_descent import ContourDescent
from chainreel.scenes.figures.racer import LOOKS, SAYS, Racer, looks, racers
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check

Run = Callable[..., Any]
BOWL = "x**2 + 3*y**2 + x*y"


def test_every_optimizer_of_the_engine_can_race_and_is_named_in_the_help() -> None:
    text = clip_named("descent").parameter("optimizers").help
    for name in OPTIMIZERS:
        assert Racer.of(name).key == name and name in text and name in SAYS
    logs = run_racers(Function.of(BOWL), {"x": -2.0, "y": 1.5}, racers("newton,lbfgs,adagrad,nesterov"))
    assert {log.optimizer for log in logs.values()} == {"newton", "lbfgs", "adagrad", "nesterov"}
    assert len({len(log.steps) for log in logs.values() if not log.diverged}) == 1


def test_looks_are_all_different_up_to_four() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        names = list(rng.choice(OPTIMIZERS, size=4, replace=True))
        assert sorted(looks(names)) == sorted(LOOKS)
    assert looks(["plain", "momentum", "adam"]) == ["hops", "glide", "dashed"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("adem", "did you mean 'adam'"),
        ("plain,plain", "twice"),
        ("plain:0.1,plain:0.1", "twice"),
        ("plain:fast", "the rate 'fast'"),
        ("plain:-1", "the rate '-1'"),
        ("plain,momentum,adam,newton,lbfgs", "more than 4"),
        ("", "nobody races"),
    ],
)
def test_refusals(text: str, sentence: str) -> None:
    with pytest.raises(StageError, match=sentence):
        racers(text)


def test_four_runs_no_new_hues_and_rates_in_their_names() -> None:
    f = Function.of(BOWL)
    logs = run_racers(f, {"x": -2.0, "y": 1.5}, racers("momentum,adam,plain:0.3,plain:0.02"))
    figure = ContourDescent(f, NIGHT, logs)
    allowed = {NIGHT.knob.upper(), NIGHT.ink.upper(), NIGHT.muted.upper(), NIGHT.ground.upper()}
    for runner in figure.runners:
        assert runner.trail is not None
        runner.trail.reach(runner.last)
        for part in runner.trail.get_family():
            if len(part.points):
                colours = {part.get_stroke_color().to_hex().upper()} if part.get_stroke_width() else set()
                colours |= {part.get_fill_color().to_hex().upper()} if part.get_fill_opacity() else set()
                assert colours <= allowed
    titles = [row.title.text for row in figure.rows]
    assert titles == ["momentum", "Adam", "plain 0.3", "plain 0.02"]
    for row, rate in zip(figure.rows[2:], (0.3, 0.02), strict=True):
        assert row.title.provenance[0].quantity.value == rate


@pytest.mark.parametrize("shape", ["square", "tall"])
@pytest.mark.parametrize("clip", ["descent", "surface"])
def test_every_shape(run: Run, clip: str, shape: str) -> None:
    check(run(clip_class(clip), shape=shape, optimizers="momentum,adam,plain:0.3,plain:0.02"))
    check(run(clip_class(clip), shape=shape, function="x*y*z + x**2 + y**2 + z**2", inputs="x,z", start="x=1,y=0.5,z=1"))


def test_a_race_of_newton(run: Run) -> None:
    valley = "(1-x)**2 + 5*(y-x**2)**2"
    scene = run(clip_class("descent"), function=valley, start="x=-1,y=1", optimizers="newton,lbfgs,adagrad,adamw")
    check(scene)
    told = " ".join(b.words for b in scene.beats)
    assert "Newton" in told
