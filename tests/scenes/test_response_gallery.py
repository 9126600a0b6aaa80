"""S18: the point is on its curve, the tangent has the engine's slope, all panels share one scale; verdicts are true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.learning.activations import ACTIVATIONS
from chainreel.engine.learning.responses import WHOLE_ROWS, Response
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.responses import split
from chainreel.scenes.figures.response_gallery import Panel, ResponseGallery, rooms
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

ROOM = Area(-6.2, 6.2, -2.7, 3.5)
NAMES = [name for name in ACTIVATIONS if name not in WHOLE_ROWS]


def gallery(names: list[str], points: tuple[float, ...]) -> ResponseGallery:
    return ResponseGallery({n: Response(n, points) for n in names}, NIGHT, ROOM, (-4.0, 4.0))


def numbers_at(panel: Panel, place: np.ndarray) -> tuple[float, float]:
    (sx, sy), view = panel.view.scale, panel.view
    return view.x[0] + (place[0] - view.box[0]) / sx, view.y[0] + (place[1] - view.box[2]) / sy


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(NAMES), st.floats(-3, 3).map(lambda x: round(x, 3)))
def test_the_point_is_on_the_curve_and_the_line_has_the_slope(name: str, x: float) -> None:
    figure = gallery([name], (x,))
    figure.stand(0)
    panel = figure.panels[name]
    seen = numbers_at(panel, panel.dot.get_center())
    assert seen[0] == pytest.approx(x, abs=1e-9) and seen[1] == pytest.approx(ACTIVATIONS[name](x), abs=1e-9)
    (x0, y0), (x1, y1) = (numbers_at(panel, p) for p in (panel.tangent[1].get_start(), panel.tangent[1].get_end()))
    assert (y1 - y0) / (x1 - x0) == pytest.approx(panel.response.slopes[0], rel=1e-6, abs=1e-9)


def test_between_its_stops_the_point_stays_on_the_curve() -> None:
    figure = gallery(["tanh", "softplus"], (0.5, -3.0))
    figure.stand(0)
    move = figure.slide(1)
    move.begin()
    for alpha in (0.2, 0.5, 0.8):
        move.interpolate_mobject(alpha)
        for name, panel in figure.panels.items():
            x, y = numbers_at(panel, panel.dot.get_center())
            assert y == pytest.approx(ACTIVATIONS[name](x), abs=2e-3)
    move.interpolate_mobject(1.0)
    assert figure.panels["tanh"].readings[1][2].quantity.value == figure.responses["tanh"].slopes[1]


def test_all_panels_share_one_scale() -> None:
    figure = gallery(["relu", "sigmoid", "tanh", "gelu"], (1.0,))
    scales = {tuple(np.round(p.view.scale, 9)) for p in figure.panels.values()}
    assert len(scales) == 1 and len({p.view.y for p in figure.panels.values()}) == 1


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("area", [ROOM, Area(-3.5, 3.5, -2.7, 3.5), Area(-3.5, 3.5, -4.8, 6.2)])
def test_panels_do_not_touch(count: int, area: Area) -> None:
    cells = rooms(area, count)
    for i, a in enumerate(cells):
        assert area.left - 1e-6 <= a.left and a.right <= area.right + 1e-6 and a.width > 1.5 and a.height > 1.5
        for b in cells[i + 1 :]:
            assert a.right <= b.left or b.right <= a.left or a.bottom >= b.top or b.bottom >= a.top


def test_states() -> None:
    assert [Response("relu", [-5, 5]).state(i) for i in (0, 1)] == ["dead", "alive"]
    assert Response("tanh", [5]).state(0) == "flat" and Response("sigmoid", [0.5]).state(0) == "alive"
    assert Response("hardtanh", [2]).state(0) == "dead" and Response("leaky_relu", [-5]).state(0) == "flat"


@pytest.mark.parametrize("name", ["relu", "gelu", "squared", "binary_cross_entropy", "sin(x)*x"])
def test_numbers_hold_a_second_computation(name: str) -> None:
    response = Response(name, [0.3, 0.8])
    again = Response.rebuild(response.describe())
    for key in ("value/0", "slope/1", "point/0", "target"):
        assert again.lookup(key) == response.lookup(key) and audit(response.describe(), key).agrees(response.lookup(key))


def test_lists_of_curves() -> None:
    assert split("relu, max(x, 1 - x)") == ["relu", "max(x, 1 - x)"]


@pytest.mark.parametrize("shape", ["wide", "square", "tall"])
def test_the_clip(run: Any, shape: str) -> None:
    check(run(clip_class("responses"), shape=shape, theme="paper" if shape == "square" else "night"))


@pytest.mark.parametrize("asked", INPUTS["responses"])
def test_the_clip_with_other_curves(run: Any, asked: dict[str, Any]) -> None:
    check(run(clip_class("responses"), **asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"curves": "softmax"}, "whole row"),
        ({"curves": "relu,relu"}, "names one twice"),
        ({"curves": "x*y"}, "a curve of one"),
        ({"curves": "relu,sigmoid,tanh,gelu,elu,selu,mish"}, "side by side"),
        ({"curves": "relu", "see": "3"}, "low:high"),
        ({"curves": "log(x)", "stops": "-1"}, "log"),
        ({"curves": "relu", "stops": "9", "see": "-1:1"}, "--stops has 9"),
    ],
)
def test_refusals(run: Any, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence):
        run(clip_class("responses"), **asked)
