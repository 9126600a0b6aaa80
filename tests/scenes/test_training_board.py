"""S20: marks are guesses compared with labels, counters are sums of marks; and the clips that read a trained network."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from chainreel.engine import EngineError
from chainreel.engine.datasets import Dataset
from chainreel.engine.learning import guesses
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.learning import Recipe, pictures
from chainreel.scenes.figures.learning_curves import LearningCurves
from chainreel.scenes.figures.training_board import Bars, TrainingBoard, board_of
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.image_files import image_folder
from chainreel.scenes.stage.readout import Readout
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

AREA = Area(-6.2, 0.8, -2.7, 3.5)


@pytest.fixture(scope="module")
def exam():
    material = pictures("digits")
    return material, Recipe((16,), epochs=3, looks=8).exam(material.seen, material.unseen, ("unseen", range(18)))


def count_of(mark, one):
    """How many marks a mobject of many holds."""
    return len(mark.points) // len(one.points)


def test_marks_are_guesses_compared_with_labels(exam):
    from chainreel.scenes.figures.marks import cross, tick

    material, test = exam
    board = TrainingBoard(test, NIGHT, AREA, material.images("unseen"), material.classes)
    for m in range(len(test)):
        board.show(m)
        outputs = test.risk.net(test.params(m), material.unseen.X[:18])
        found = guesses(outputs)
        assert [w.text for w in board.words] == [material.classes[k] for k in found]
        right = found == material.unseen.y[:18]
        assert np.array_equal(board.marks(m), right)
        assert count_of(board.right, tick(NIGHT)) == right.sum() == test.quantity("right/shown", m).value
        assert count_of(board.wrong, cross(NIGHT)) == (~right).sum()


def test_counters_are_sums_of_marks(exam):
    _, test = exam
    line = Readout("{r} of {n}", lambda m: {"r": test.quantity("right/shown", m), "n": test.quantity("count/shown")}, "#FFFFFF")
    for m in range(len(test)):
        line.show(m + 0.7)
        assert line.text == f"{int(test.right('unseen', m)[:18].sum())} of 18"
        assert float(line.provenance[0].quantity.value) == test.quantity("right/shown", m).value


def test_curves_are_the_log(exam):
    _, test = exam
    curves = LearningCurves(test, NIGHT, Area(-3, 3, -1, 2), "loss", {"seen": "seen", "unseen": "unseen"}, "loss")
    for part in ("seen", "unseen"):
        heights = (curves.corners(part)[:, 1] - curves.inner.bottom) / curves.inner.height * curves.top
        logged = np.array([test.loss(part, m) for m in range(len(test))])
        assert np.allclose(heights, np.minimum(logged, curves.top))
    curves.show(2.0)
    assert np.isclose(curves.lines[0].points[:, 0].max(), curves.corners("seen")[2, 0])


def test_bars_are_the_shares(exam):
    _, test = exam
    last = len(test) - 1
    bars = Bars(NIGHT, Area(-2, 3, -1, 0.3), [(p, test.quantity(f"percent/{p}", last)) for p in ("seen", "unseen")])
    for part, (_, track, bar, *_rest) in zip(("seen", "unseen"), bars.parts, strict=True):
        assert np.isclose(bar.width / track.width, test.right(part, last).mean())


@pytest.mark.parametrize("count", [1, 5, 12, 24, 40])
def test_boards_fill_their_area(count):
    columns, side = board_of(count, AREA, 1.0)
    assert side > 0.5 and columns * (side + 0.16) - 0.16 <= AREA.width + 1e-9
    assert -(-count // columns) * (side + 0.62) - 0.16 <= AREA.height + 1e-9


@pytest.mark.parametrize("clip", ["training", "blame-map"])
def test_defaults(run, clip):
    check(run(clip_class(clip)))


@pytest.mark.parametrize("shape", ["square", "tall"])
@pytest.mark.parametrize("clip", ["training", "blame-map"])
def test_other_shapes(run, clip, shape):
    check(run(clip_class(clip), shape=shape, theme="paper"))


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("clip", ["training", "blame-map"])
def test_other_inputs(run, clip, k):
    check(run(clip_class(clip), **INPUTS[clip][k]))


def folder_of(root, count=16, classes=("circle", "square")):
    rng = np.random.default_rng(0)
    for kind, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for k in range(count):
            image = np.zeros((40, 40), np.uint8)
            y, x = np.indices(image.shape) - 20 + rng.integers(-3, 4, (2, 1, 1))
            image[(np.hypot(x, y) < 13) if kind == 0 else (np.maximum(abs(x), abs(y)) < 12)] = 230
            Image.fromarray(image).save(root / name / f"{k:02}.png")
    return root


def test_a_folder_of_pictures(run, tmp_path):
    folder = folder_of(tmp_path / "shapes")
    data = image_folder(str(folder), 12)
    assert data.X.shape == (32, 12, 12) and data.classes == ("circle", "square")
    assert Dataset.rebuild(data.describe()).sha256 == data.sha256
    scene = run(clip_class("training"), data=str(folder), pixels=12, epochs=4, layers="6")
    check(scene)
    Image.fromarray(np.full((9, 9), 9, np.uint8)).save(folder / "circle" / "00.png")
    with pytest.raises(EngineError, match="numbers differ"):
        Dataset.rebuild(data.describe())


def test_a_file_of_arrays(run, tmp_path):
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1, 2], 20)
    X = rng.uniform(0, 0.3, (60, 6, 6))
    X[np.arange(60), y * 2] += 0.7
    np.savez(tmp_path / "bars.npz", X=X, y=np.array(["top", "middle", "low"])[y])
    check(run(clip_class("training"), data=str(tmp_path / "bars.npz"), epochs=6, layers="8"))


def test_refusals(tmp_path):
    def go(**given):
        clip_class("training").configured(**given)(skip_animations=True).render()

    with pytest.raises(StageError, match="it can be digits, faces"):
        go(data="nothing-there")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(StageError, match="neither a folder"):
        go(data=str(tmp_path / "a.txt"))
    (tmp_path / "one").mkdir()
    with pytest.raises(EngineError, match="two classes"):
        go(data=str(tmp_path / "one"))
    np.savez(tmp_path / "big.npz", X=np.zeros((40, 50, 50)), y=np.repeat([0, 1], 20))
    with pytest.raises(StageError, match="32×32"):
        go(data=str(tmp_path / "big.npz"))
    np.savez(tmp_path / "few.npz", X=np.zeros((6, 5, 5)), y=np.repeat([0, 1], 3))
    with pytest.raises(StageError, match="too few"):
        go(data=str(tmp_path / "few.npz"))
    with pytest.raises(StageError, match="counted from 1"):
        clip_class("blame-map").configured(example=5000, epochs=1)(skip_animations=True).render()
