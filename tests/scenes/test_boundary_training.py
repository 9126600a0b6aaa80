"""S19: the border lies where p = ½, crosses are on the wrong side; the clips `boundary` and `failures`."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.datasets import moons, spirals
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.learning import Recipe
from chainreel.scenes.figures.boundary_training import BoundaryTraining
from chainreel.scenes.figures.layer_slopes import LayerSlopes
from chainreel.scenes.figures.run_curves import RunCurves
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.number import Phrase
from chainreel.scenes.stage.theme import NIGHT, PAPER

from .checks import check
from .inputs import INPUTS

AREA = Area(-6.0, 1.0, -2.5, 3.3)


@pytest.fixture(scope="module")
def two():
    seen, unseen = moons(90, 0.2, 4).split(30)
    return Recipe((8,), "tanh", "adam", 0.05, epochs=30, looks=8).exam(seen, unseen)


@pytest.fixture(scope="module")
def three():
    seen, unseen = spirals(120, 3).split(30)
    return Recipe((10,), "tanh", "adam", 0.05, epochs=20, looks=6).exam(seen, unseen)


def test_the_border_is_at_one_half(two):
    figure = BoundaryTraining(two, NIGHT, AREA, ("x", "y"))
    found = 0
    for m in range(len(two)):
        for line in figure.border(m):
            logit = two.output(line, m)[:, 0]
            p = 1 / (1 + np.exp(-logit))
            assert np.all(abs(p - 0.5) < 0.02)  # between the places of the mesh
            found += len(line)
    assert found > 50


def test_the_border_of_several_classes_is_a_tie(three):
    figure = BoundaryTraining(three, NIGHT, AREA, ("x", "y"))
    last = len(three) - 1
    field = figure.field(last)
    assert len(field) == 3 and np.all(figure.lead(last) >= 0)
    assert np.allclose(np.sort(field, axis=0)[-1] - np.sort(field, axis=0)[-2], figure.lead(last))


@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_crosses_are_the_points_on_the_wrong_side(two, theme):
    from chainreel.scenes.figures.marks import cross

    figure = BoundaryTraining(two, theme, AREA, ("x", "y"))
    for m in range(len(two)):
        figure.show(float(m))
        wrong = sum(int((~two.right(part, m)).sum()) for part in two.parts)
        assert len(figure.wrong.points) // len(cross(theme).points) == wrong
        for part in two.parts:
            assert np.array_equal(figure.right(part, m), two.right(part, m))


def test_the_painted_side_is_the_guess(two):
    figure = BoundaryTraining(two, NIGHT, AREA, ("x", "y"))
    m = len(two) - 1
    picture = figure._paint(120, 100, (m * 64,))
    data = two.parts["unseen"]
    spots = figure.places(data.X)
    column = ((spots[:, 0] - figure.plot.left) / figure.plot.width * 120).astype(int)
    row = ((figure.plot.top - spots[:, 1]) / figure.plot.height * 100).astype(int)
    logit = two.output(data.X, m)[:, 0]
    sure = abs(logit) > 1.0
    blue = picture[row, column, 2] > picture[0, 0, 2] * 0 + 60
    assert np.array_equal(blue[sure], logit[sure] > 0)


def test_between_moments_the_field_moves_evenly(two):
    figure = BoundaryTraining(two, NIGHT, AREA, ("x", "y"))
    assert np.allclose(figure.field(1.5), (figure.field(1) + figure.field(2)) / 2)
    figure.show(1.25)
    assert figure.plane.picture.stamp[-1] == 80


def test_bars_and_runs_are_the_log(two):
    log = two.training
    slopes = LayerSlopes(NIGHT, Area(-3, 3, -1, 2), [-1.0, 1.0], [log.quantity(f"layer/{k}", 0) for k in (0, 1)])
    heights = [bar.height for bar in slopes.bars][::-1]
    decades = np.log10(log.layer_norms()[0])
    assert np.isclose((heights[1] - heights[0]) / (decades[1] - decades[0]), (3 - 0.45) / (slopes.high - slopes.low))
    slopes.slots()
    for k in range(2):  # the last layer first; its place is filled
        slopes.grow(k)
        assert slopes.bars[k] in slopes.submobjects and len(slopes.ghosts) == 1 - k
    ratio = log.quantity("ratio/1/0", 0)
    assert np.isclose(ratio.value, log.layer_norms()[0][1] / log.layer_norms()[0][0]) and log.lookup(ratio.key) == ratio.value
    slopes.factor(Phrase("× {m}", NIGHT.slope, 36, m=ratio))
    start, end = slopes.arrow[0].get_start(), slopes.arrow[0].get_end()
    assert end[0] < start[0] and (end[1] - start[1]) * (heights[0] - heights[1]) > 0  # backwards, up or down as the bars go
    runs = RunCurves(NIGHT, Area(-3, 6, -1, 2), [("one", log, log.quantity("loss", -1))])
    corners = runs.corners(log, len(log.losses) - 1)
    assert np.allclose((corners[:, 1] - runs.plot.bottom) / runs.plot.height * runs.top, np.minimum(log.losses, runs.top))


@pytest.mark.parametrize("clip", ["boundary", "failures"])
def test_defaults(run, clip):
    check(run(clip_class(clip)))


@pytest.mark.parametrize("shape", ["square", "tall"])
@pytest.mark.parametrize("clip", ["boundary", "failures"])
def test_other_shapes(run, clip, shape):
    check(run(clip_class(clip), shape=shape, theme="paper"))


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("clip", ["boundary", "failures"])
def test_other_inputs(run, clip, k):
    check(run(clip_class(clip), **INPUTS[clip][k]))


def test_the_users_own_table(run, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)) + np.repeat([[0, 0], [2.5, 2.5], [-2.5, 2.5]], 20, axis=0)
    rows = [f"{a:.2f},{b:.2f},{k}" for (a, b), k in zip(X, np.repeat(["ash", "elm", "oak"], 20), strict=True)]
    (tmp_path / "trees.csv").write_text("height,girth,tree\n" + "\n".join(rows) + "\n")
    scene = run(clip_class("boundary"), data=str(tmp_path / "trees.csv"), epochs=20, layers="8")
    check(scene)
    assert scene.classes == ("ash", "elm", "oak") and scene.names == ("height", "girth")


def test_refusals(tmp_path):
    def go(text, **given):
        (tmp_path / "t.csv").write_text(text)
        clip_class("boundary").configured(data=str(tmp_path / "t.csv"), **given)(skip_animations=True).render()

    with pytest.raises(StageError, match="a plane takes two"):
        go("a,b,c,kind\n1,2,3,x\n2,3,4,y\n")
    with pytest.raises(StageError, match="columns names d"):
        go("a,b,c,kind\n1,2,3,x\n2,3,4,y\n", columns="a,d")
    with pytest.raises(StageError, match="did you mean 'kind'"):
        go("a,b,kind\n1,2,x\n2,3,y\n", target="kid")
    with pytest.raises(StageError, match="10 are the least"):
        go("a,b,kind\n1,2,x\n2,3,y\n")
    with pytest.raises((StageError, EngineError), match="1.5|numbers"):
        go("a,b,kind\n" + "".join(f"{k},{k},{k + 0.5}\n" for k in range(12)))
    with pytest.raises(StageError, match="vanishing"):
        clip_class("failures").configured(which="melting")
