"""S14 and its clip: points lie on the surface, tangents and plane have the engine's slopes, the arrow points uphill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainreel.engine import Descent, EngineError, Function
from chainreel.scenes.clips import clip_class
from chainreel.scenes.figures.loss_surface import TALL, LossSurface, Turn
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.space import Eye
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .functions import TWENTY
from .test_clips_slice_secant_descent import numbers_are_the_engines, told_well

Run = Callable[..., Any]
WELLS = "x**4/4 - x**2 + x*y/2 + y**2 - x/4"
VALLEY = "(1-x)**2 + 100*(y-x**2)**2"
BOWL = "x**2 + 3*y**2 + x*y"


def figure_of(text: str, start: dict[str, float], steps: int = 20, ranges: dict | None = None, **more: Any) -> LossSurface:
    f = Function.of(text)
    logs = {o: Descent.run(f, start, optimizer=o, steps=steps, **more) for o in ("plain", "momentum", "adam")}
    return LossSurface(f, NIGHT, logs, ranges)


def loss_at(figure: LossSurface, plan: np.ndarray) -> np.ndarray:
    """The function's own values at places of the floor."""
    x, y = figure._number(plan[:, 0], 0), figure._number(plan[:, 1], 1)
    return np.array([figure.function(**dict(zip(figure.names, map(float, p), strict=True))) for p in zip(x, y, strict=True)])


@pytest.mark.parametrize("text", [WELLS, VALLEY, BOWL])
def test_corners_curves_and_paths_lie_on_the_surface(text: str) -> None:
    figure = figure_of(text, {"x": -1.2, "y": 1.0})
    sheet = figure.scenery.sheet
    some = np.unique(sheet.faces)[::97]
    inner = some[sheet.heights[some] < TALL * 0.999]
    assert sheet.heights[inner] == pytest.approx(figure.height(loss_at(figure, sheet.points[inner])), abs=1e-9)
    for axis in (0, 1):
        curve, *_ = figure._section(axis)
        assert curve[:, 2] == pytest.approx(figure.height(loss_at(figure, curve[:, :2])), abs=1e-9)
    for track, runner in zip(figure.tracks, figure.runners, strict=True):
        losses = [s.loss for s in runner.descent.steps[: track.last + 1]]
        whole = np.abs(track.at - np.round(track.at)) < 1e-9
        assert track.fine_heights[whole] == pytest.approx(figure.height(np.array(losses)))
        between = figure.height(loss_at(figure, track.fine))
        if not figure.compressed:
            assert np.abs(track.fine_heights - between).max() < 0.02 * TALL


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([WELLS, VALLEY, BOWL]), st.floats(-1.4, 1.4), st.floats(-0.8, 1.4))
def test_plane_and_tangents_have_the_engines_gradient_and_the_arrow_points_uphill(text: str, x: float, y: float) -> None:
    f = Function.of(text)
    gradient = f.trace({"x": x, "y": y}).gradient
    assume(np.hypot(*gradient.values()) > 0.3)
    figure = figure_of(text, {"x": x, "y": y}, steps=2, rate=1e-3)
    sx, sy = figure.view.scale
    start = float(figure.height(figure.start_loss))
    gx, gy = figure.world_slopes()
    tiny = 1e-5  # along each input: the sheet's own height against the plane's
    for slope, step in ((gx, {"x": tiny}), (gy, {"y": tiny})):
        scale = sx if "x" in step else sy
        there = f(**{**{"x": x, "y": y}, **{k: v + step.get(k, 0.0) for k, v in (("x", x), ("y", y))}})
        back = f(**{k: v - step.get(k, 0.0) for k, v in (("x", x), ("y", y))})
        rise = (float(figure.height(there)) - float(figure.height(back))) / 2 / (tiny * scale)
        assert slope == pytest.approx(rise, rel=1e-3, abs=1e-5)
    figure.space.look(figure.first_eye, 1.0)
    figure.stand()
    figure.plane()
    corners = np.column_stack([figure.patch.plan, figure.patch.heights])
    assert corners.mean(axis=0) == pytest.approx([*figure.place, start])
    assert (corners[1, 2] - corners[0, 2]) / (corners[1, 0] - corners[0, 0]) == pytest.approx(gx)
    assert (corners[3, 2] - corners[0, 2]) / (corners[3, 1] - corners[0, 1]) == pytest.approx(gy)
    d = figure.arrow_direction()
    ahead = {"x": x + 1e-4 * d[0] / sx, "y": y + 1e-4 * d[1] / sy}
    assert f(**ahead) > f(x=x, y=y)
    figure.steepest()
    a, b = figure.arrow.world_ends()
    assert b[2] > a[2] and (b - a)[:2] / np.hypot(*(b - a)[:2]) == pytest.approx(d)


def test_a_cut_has_the_partial_slope_of_its_input() -> None:
    figure = figure_of(WELLS, {"x": -1.2, "y": 1.0})
    figure.space.look(figure.first_eye, 1.0)
    figure.stand()
    log = figure.runners[0].descent
    for axis, name in enumerate(("x", "y")):
        figure.cut(name, figure.quantity(figure.runners[0], f"gradient/{name}", 0))
        pane, line, tangent, number = figure.cuts[-1]
        assert pane.axis == 1 - axis and pane.at == pytest.approx(figure.place[1 - axis])
        a, b = tangent.world_ends()
        per = figure.steepness(figure.start_loss) / figure.view.scale[axis]
        assert (b - a)[2] / (b - a)[axis] == pytest.approx(log.steps[0].gradient[name] * per)
        assert number is not None and line.heights is not None
        near = np.argsort(np.abs(line.plan[:, axis] - figure.place[axis]))[:3]
        assert line.heights[near[0]] == pytest.approx(float(figure.height(figure.start_loss)))


def test_the_eye_turns_and_everything_follows() -> None:
    figure = figure_of(WELLS, {"x": -2.2, "y": 1.5})
    figure.unroll()
    figure.space.look(figure.first_eye, 1.0)
    figure.stand()
    for eye in (figure.first_eye, figure.second_eye):
        figure.space.look(eye)
        where = figure.space.project(figure.space.on_sheet(figure.place[None, :], figure.height([figure.start_loss])))[0]
        assert figure.start_dot.get_center()[:2] == pytest.approx(where, abs=1e-6)
        box = figure.mesh.points
        assert box[:, 0].min() < where[0] < box[:, 0].max()
        left, right, low, high = figure.picture_box
        spots = figure.space.project(
            np.column_stack([figure.scenery.sheet.points, figure.space.lift(figure.scenery.sheet.heights)])
        )[np.unique(figure.scenery.sheet.faces)]
        assert left - 1e-6 <= spots[:, 0].min() and spots[:, 0].max() <= right + 1e-6
        assert low - 1e-6 <= spots[:, 1].min() and spots[:, 1].max() <= high + 1e-6
    turn = Turn(figure, figure.first_eye)
    turn.begin()
    turn.interpolate(1.0)
    assert figure.space.eye == figure.first_eye
    assert abs(figure.first_eye.azimuth - figure.second_eye.azimuth) <= 40  # look.md, line 21


def test_a_hidden_path_is_a_ghost() -> None:
    """What is drawn plainly is seen; what is hidden is dashed, and somewhere on a walk around the wells a path is hidden."""
    figure = figure_of(WELLS, {"x": -2.2, "y": 1.5}, steps=60)
    ghosts = 0
    for azimuth in range(0, 360, 30):
        figure.space.look(Eye(azimuth, 30), 1.0)
        for track in figure.tracks:
            track.reach(track.last)
            where, seen = track.thread.spots()
            plain = track.thread.body.points[:, :2]
            if track.style == "glide" and len(plain):
                gap = np.hypot(*(plain[:, None] - where[seen][None]).T).T.min(axis=1)
                assert gap.max() < 0.06
            assert seen.any() or not len(plain)
            ghosts += len(track.thread.ghost.points) > 0
            assert not seen.all() or not len(track.thread.ghost.points)
    assert ghosts >= 3


def test_heights_are_compressed_only_where_they_must_be_and_it_is_said(run: Run) -> None:
    assert not figure_of(BOWL, {"x": 2.0, "y": -1.0}).compressed
    scene = run(clip_class("surface"), function=VALLEY, start="x=-1.2,y=1")
    assert any("compressed" in beat.words for beat in scene.beats) and "compressed" in scene.alt


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"theme": "paper"},
        {"function": VALLEY, "start": "x=-1.2,y=1"},
        {"function": "x*y*z + x**2 + y**2 + z**2", "inputs": "x,z", "start": "x=1,y=0.5,z=1"},
    ],
)
def test_the_clip_is_told_and_its_numbers_are_the_engines(run: Run, asked: dict) -> None:
    scene = run(clip_class("surface"), **asked)
    told_well(scene, 15, 60)
    numbers_are_the_engines(scene)
    assert any(beat.title == "predict" and beat.end - beat.start >= 2 for beat in scene.beats)


@pytest.mark.parametrize(
    "function",
    ["x**2 - y**2", "x + y", "x*0 + y*0 + 2", "log(x) + x + y**2", "x**2 + 0.0001*y**2", "1/(x**2+y**2)",
     "-1/(x**2+y**2)", "sqrt(1-x**2-y**2)", "sin(3*x)*cos(3*y)", "1e6*x**2 + y**2"],
)  # fmt: skip
def test_saddles_planes_flats_holes_poles_and_canyons(run: Run, function: str) -> None:
    told_well(run(clip_class("surface"), function=function), 15, 64)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in TWENTY if len(TWENTY[n][1]) > 1])
def test_every_function_of_two_or_more(run: Run, name: str) -> None:
    text, at = TWENTY[name]
    check(run(clip_class("surface"), function=text, start=at))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"function": "x**2"}, "one input.*clip slice"),
        ({"function": "x**2 + y**2", "start": "x=1"}, "no value for y"),
        ({"function": "x**2 + y**2", "start": "x=1,y=1", "range": "x=2:3"}, "the start is x = 1"),
        ({"function": "x**2 + y**2", "inputs": "x,q"}, "names q"),
        ({"function": "x**2 + y**2", "inputs": "x"}, "two names"),
        ({"function": "x + y + z", "inputs": "x,y,z"}, "two names"),
        ({"function": "x**2 + y**2", "optimizers": "plain,plain"}, "twice"),
        ({"function": "log(x) + y", "range": "x=-3:-1"}, "start|finite"),
    ],
)
def test_refusals_are_one_sentence(run: Run, asked: dict, sentence: str) -> None:
    with pytest.raises((StageError, EngineError), match=sentence) as problem:
        run(clip_class("surface"), **asked)
    assert len(str(problem.value).splitlines()[0]) < 250


@pytest.mark.parametrize(
    ("function", "start", "kind"),
    [("x**2 - y**2", "x=0,y=0", "saddle"), (BOWL, "x=-2,y=1", "minimum"), ("-x**2 - y**2", "x=0,y=0", "maximum")],
)
def test_the_kind_of_place_is_told_by_the_signs_of_the_curvatures(run: Run, function: str, start: str, kind: str) -> None:
    scene = run(clip_class("surface"), function=function, start=start, optimizers="plain,adam")
    check(scene)
    told = [beat.words for beat in scene.beats if beat.title == "the kind of place"]
    assert len(told) == 1 and told[0].endswith(f"a {kind}.")
    if start == "x=0,y=0":
        assert scene.beats[-1].words.endswith("nobody moves.")
