"""S14 of a network: heights are losses of whole networks, the way is the training's shadow; and the clip `landscape`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.datasets import moons
from chainreel.engine.learning import MLP, Landscape, Risk, trained
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.model_slice import ModelSlice, Probe
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check

Run = Callable[..., Any]
SMALL = {"layers": "4", "steps": "60"}


@pytest.fixture(scope="module")
def slice_() -> Landscape:
    risk = Risk(MLP([2, 6, 1]), "binary_cross_entropy_with_logits")
    return Landscape(trained(risk, data=moons(60, noise=0.15), optimizer="adam", lr=0.05, steps=50), "pca")


def test_heights_are_losses_of_whole_networks(slice_: Landscape) -> None:
    figure = ModelSlice(slice_, NIGHT)
    sheet = figure.scenery.sheet
    for k in np.unique(sheet.faces)[::211]:
        if sheet.heights[k] < 1.89:
            a, b = figure._number(sheet.points[k : k + 1, 0], 0)[0], figure._number(sheet.points[k : k + 1, 1], 1)[0]
            network = slice_._tree(slice_.knobs_at(a, b))
            assert sheet.heights[k] == pytest.approx(float(figure.height(slice_.risk(network, *slice_.data))), abs=1e-9)


def test_the_way_is_the_shadow_of_the_training(slice_: Landscape) -> None:
    figure = ModelSlice(slice_, NIGHT)
    runner = figure.runners[0]
    path = figure.path(runner)
    for k in (0, 7, -1):
        step = slice_.states[k]
        knobs = np.concatenate([np.ravel(p) for own in slice_.training.at(step).params for p in own.values()])
        rest = knobs - slice_.knobs_at(*path[k])
        assert slice_.directions @ rest == pytest.approx([0.0, 0.0], abs=1e-9)  # the nearest point of the plane
    assert path[-1] == pytest.approx([0.0, 0.0], abs=1e-9)
    row = figure.rows[0]
    row.at(3.0)
    assert row.count.text == str(slice_.states[3])
    losses = [slice_.training.losses[k] for k in slice_.states]
    assert row.share == pytest.approx(losses[3] / max(losses))


def test_the_arrow_of_the_slice_is_uphill(slice_: Landscape) -> None:
    figure = ModelSlice(slice_, NIGHT)
    d = figure.arrow_direction()
    sx, sy = figure.view.scale
    a, b = figure.start
    assert slice_(a + 1e-4 * d[0] / sx, b + 1e-4 * d[1] / sy) > slice_(a, b)


def test_the_probe_reads_the_loss_where_it_stands(slice_: Landscape) -> None:
    figure = ModelSlice(slice_, NIGHT)
    figure.space.look(figure.flat_eye, 0.0)
    *_, walk = figure.probe()
    assert isinstance(walk, Probe)
    for k in (0, 10, 40):
        assert walk.losses[k] == pytest.approx(slice_(*walk.points[k]))
    walk.interpolate_mobject(1.0)
    assert figure.reading.text == figure.reading.settled
    assert figure.reading.quantity.value == pytest.approx(slice_.steps[0].loss)


@pytest.mark.parametrize(
    ("shape", "asked"),
    [("wide", {}), ("square", SMALL), ("tall", {**SMALL, "plane": "random", "theme": "paper"}),
     pytest.param("wide", {"data": "spirals", "optimizer": "momentum", **SMALL}, marks=pytest.mark.slow),
     pytest.param("wide", {"data": "digits", "steps": "40", "layers": "8"}, marks=pytest.mark.slow)],
)  # fmt: skip
def test_the_clip(run: Run, shape: str, asked: dict) -> None:
    scene = run(clip_class("landscape"), shape=shape, **asked)
    check(scene)
    assert any("slice" in beat.words for beat in scene.beats)
    assert any(beat.title == "predict" and beat.end - beat.start >= 2 for beat in scene.beats)
    if shape == "wide" and not asked:
        for number in scene.ledger.numbers:
            assert audit(scene.ledger.sources[number.source], number.key).agrees(number.value)


def test_a_table_of_the_users(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 3))
    text = "height,weight,age,kind\n" + "".join(f"{a:.3f},{b:.3f},{c:.3f},{'yes' if a + b > 0 else 'no'}\n" for a, b, c in rows)
    (tmp_path / "mine.csv").write_text(text)
    check(run(clip_class("landscape"), data=str(tmp_path / "mine.csv"), **SMALL))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"data": "moon"}, "did you mean 'moons'"),
        ({"data": "nothere.csv"}, "which is not there"),
        ({"layers": "512,512"}, "too many for a landscape"),
        ({"data": "FILE", "optimizer": "plain", "rate": "90", "layers": "4"}, "smaller --rate|smaller rate"),
    ],
)
def test_refusals_are_one_sentence(run: Run, tmp_path: Path, asked: dict, sentence: str) -> None:
    if asked.get("data") == "FILE":
        (tmp_path / "numbers.csv").write_text("x,y\n" + "".join(f"{k},{k * k}.5\n" for k in range(20)))
        asked = {**asked, "data": str(tmp_path / "numbers.csv")}
    with pytest.raises((StageError, EngineError), match=sentence) as problem:
        run(clip_class("landscape"), **asked)
    assert len(str(problem.value).splitlines()[0]) < 250
