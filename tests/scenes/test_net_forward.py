"""S17: width is the size of a weight, dashes its sign, every number the engine's; and the clip `network`."""

from __future__ import annotations

import numpy as np
import pytest
from manim import DashedLine

from chainreel.engine import EngineError
from chainreel.engine.datasets import digits
from chainreel.engine.learning import MLP, NetworkPass
from chainreel.engine.storyboards import film_a
from chainreel.scenes.clips import clip_class
from chainreel.scenes.clips.network import read_weights
from chainreel.scenes.figures.net_forward import NetForward
from chainreel.scenes.figures.unit_sum import NumberSum, closing
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.rounding import read_back
from chainreel.scenes.stage.strands import Strands
from chainreel.scenes.stage.theme import NIGHT

from .checks import check
from .inputs import INPUTS

AREA = Area(-5.0, 5.0, -1.2, 2.2)


def whisker():
    return NetworkPass(MLP([2, 3, 1], "relu", "sigmoid"), film_a.whisker_params(), film_a.ICON, 1.0, "binary_cross_entropy")


def pixels():
    data = digits("test").flat()
    net = MLP([64, 12, 10], "relu")
    return NetworkPass(net, net.initial(3, "he"), (data, 4), loss_="cross_entropy")


def test_width_is_the_size_of_a_weight_and_dashes_are_its_sign():
    one = whisker()
    figure = NetForward(one, NIGHT, AREA)
    seen = 0
    for level in (1, 2):
        for line in figure.lines[level - 1]:
            _, i, j = line.link
            w = one.params[level - 1]["W"][i, j]
            assert isinstance(line, DashedLine) == (w < 0)
            part = line.submobjects[0] if line.submobjects else line
            assert np.isclose(part.get_stroke_width() / abs(w), 10 / figure.top_weight)
            seen += 1
    assert seen == 9


def test_strands_of_a_larger_net_are_in_proportion_too():
    one = pixels()
    figure = NetForward(one, NIGHT, AREA, image=(8, 8))
    W = one.params[0]["W"]
    rates = []
    for part in figure.lines[0]:
        assert isinstance(part, Strands)
        faces = part.points.reshape(-1, 16, 3)
        broken = W[tuple(part.links.T)] < 0
        wide = np.hypot(*(faces[: np.count_nonzero(~broken), 0] - faces[: np.count_nonzero(~broken), 4])[:, :2].T)
        rates.append(wide / np.abs(W[tuple(part.links.T)][~broken]))
        assert len(faces) > len(part.links) or not broken.any()
    rates = np.concatenate(rates)
    assert np.allclose(rates, np.median(rates))


def test_heat_is_the_engines_slope():
    one = pixels()
    figure = NetForward(one, NIGHT, AREA, image=(8, 8))
    heat = figure.heat_of()
    assert np.array_equal(heat.values.ravel(), one.slopes)
    pixel = int(np.argmax(np.abs(one.slopes)))
    x = one.x.copy()
    x[pixel] += 1e-6
    assert np.isclose((one.loss_at(x) - one.loss) / 1e-6, one.slopes[pixel], rtol=1e-3)
    assert np.allclose(heat.place(*divmod(pixel, 8)), heat.get_corner([-1, 1, 0]) + heat.width / 8 * (
        np.array([pixel % 8 + 0.5, -(pixel // 8) - 0.5, 0])))


def test_columns_run_from_left_to_right():
    one = NetworkPass(net := MLP([3, 4, 4, 2]), net.initial(1), [0.1, 0.2, 0.3])
    figure = NetForward(one, NIGHT, AREA)
    assert all(a < b for a, b in zip(figure.x, figure.x[1:], strict=False))
    assert all(AREA.left <= x <= AREA.right for x in figure.x)


@pytest.mark.parametrize("seed", range(12))
def test_the_written_sum_closes_at_the_shown_rounding(seed):
    rng = np.random.default_rng(seed)
    net = MLP([3, 2], output="tanh")
    one = NetworkPass(net, net.initial(seed, "normal", 2.0, biases=True), rng.normal(0, 3, 3))
    line = NumberSum(one, 1, 0, NIGHT, "pass", 12.0)
    parts = [read_back(brace[1].text) for brace in line.braces]
    total = read_back(line.line.provenance[-1].text)
    if line.exact:
        assert abs(sum(parts) - total) < 10.0**-line.decimals / 2
    assert line.exact == ("approx" not in line.line.source)
    assert np.isclose(one.quantity("sum/1", (0,)).value, one.params[0]["W"][:, 0] @ one.x + one.params[0]["b"][0])
    q = one.quantity("sum/1", (0,))
    assert closing([], [], [], [q], q) == (2, True)


def test_too_large_nets_are_refused_with_the_reason():
    net = MLP([2, 300, 1])
    with pytest.raises(StageError, match="300 units is too many"):
        NetForward(NetworkPass(net, net.initial(0), [1.0, 2.0]), NIGHT, AREA)
    net = MLP([40, 1])
    with pytest.raises(StageError, match="40 inputs are too many"):
        NetForward(NetworkPass(net, net.initial(0), np.ones(40)), NIGHT, AREA)


def test_the_default_clip_has_the_storyboards_numbers(run):
    scene = run(clip_class("network"))
    check(scene)
    shown = {(n.key, n.text) for n in scene.ledger.numbers}
    first = {("product/1[0,0]", "0.36"), ("product/1[1,0]", "−0.06"), ("bias/1[0]", "0.1"), ("sum/1[0]", "0.40")}
    last = {("product/2[0,0]", "−0.48"), ("product/2[1,0]", "0.08"), ("bias/2[0]", "−0.22"), ("sum/2[0]", "−0.62")}
    assert first | last | {("value/2[0]", "0.35"), ("weight/2[0,0]", "−1.2")} <= shown
    assert "65" in {text for _, text in shown}


@pytest.mark.parametrize("shape", ["square", "tall"])
def test_other_shapes(run, shape):
    check(run(clip_class("network"), shape=shape, theme="paper"))


@pytest.mark.parametrize("k", range(3))
def test_the_users_own_networks(run, k):
    check(run(clip_class("network"), **INPUTS["network"][k]))


def test_weights_from_files(run, tmp_path):
    np.savez(
        tmp_path / "w.npz", W1=np.array([[1.0, -2.0]]), b1=np.array([0.5, 0.0]), W2=np.array([[1.0], [3.0]]), b2=np.zeros(1)
    )
    params = read_weights(str(tmp_path / "w.npz"))
    assert [p["W"].shape for p in params] == [(1, 2), (2, 1)]
    (tmp_path / "w.csv").write_text("1,0.5\n-2,0\n\n1,3,0\n")
    again = read_weights(str(tmp_path / "w.csv"))
    assert all(np.array_equal(a[k], b[k]) for a, b in zip(params, again, strict=True) for k in "Wb")
    scene = run(clip_class("network"), weights=str(tmp_path / "w.csv"), at="2")
    assert scene.one.sizes == [1, 2, 1]
    (tmp_path / "bad.csv").write_text("a,b\n")
    with pytest.raises(StageError, match="holds no weights"):
        read_weights(str(tmp_path / "bad.csv"))


@pytest.mark.parametrize(
    "wrong,sentence",
    [
        ({"layers": "3"}, "number of inputs"), ({"layers": "2,3,1", "at": "1"}, "takes 2"), ({"unit": 9}, "units 1 to 3"),
        ({"layers": "2,3,1", "names": "a,b,c"}, "3 names for 2 inputs"), ({"layers": "2,x"}, "whole number"),
    ],
)  # fmt: skip
def test_refusals(wrong, sentence):
    with pytest.raises((StageError, EngineError), match=sentence):
        clip_class("network").configured(**wrong)(skip_animations=True).render()


# Verbs that chapter 3 of film A adds -----------------------------------------------------------------------------------


def opened(**kwargs):
    figure = NetForward(whisker(), NIGHT, AREA, whole=True, **kwargs)
    figure.appear(), figure.enter()
    return figure


def test_a_look_goes_straight_from_one_unit_to_the_next():
    figure = opened()
    figure.open(1, 0, general=False), figure.label(), figure.weigh(0)
    beside, line = list(figure.extra), figure.sum
    figure.open(1, 1, general=False)
    assert figure.opened == (1, 1) and not figure.labels and not hasattr(figure, "sum")
    assert not any(part in figure.submobjects for part in (*beside, line))


def test_sums_wait_in_their_rounds_until_they_are_bent():
    figure = opened()
    for j in range(3):
        figure.open(1, j, general=False), figure.add_up()
    assert {at: n.text for at, n in figure.waiting.items()} == {(1, 0): "0.40", (1, 1): "0.20", (1, 2): "−0.44"}
    figure.bend(1, 2)
    assert (1, 2) not in figure.waiting and figure.number_of(1, 2).text == "0.00"


def test_a_round_stretches_for_a_number_that_is_too_wide_and_is_a_round_again():
    figure = opened()
    figure.open(1, 2, general=False)
    before = figure.units[1][2].width
    stretch = figure._stretch(1, 2, figure._number(figure.quantity("sum/1", (2,)), figure.at(1, 2), 28))
    stretch[0].begin(), stretch[0].finish()
    assert figure.units[1][2].width > 1.1 * before
    back = figure._stretch(1, 2, figure._number(figure.quantity("value/1", (2,)), figure.at(1, 2), 28))
    back[0].begin(), back[0].finish()
    assert np.isclose(figure.units[1][2].width, before, atol=0.05)


def test_a_concealed_layer_comes_back_where_the_network_has_moved():
    figure = opened()
    figure.conceal(2)
    assert figure.units[2] not in figure.submobjects
    figure.slide(-2.0)
    figure.reveal(2)
    assert figure.units[2] in figure.submobjects
    assert np.allclose(figure.units[2][0].get_center(), figure.at(2, 0), atol=1e-6)
    assert figure.lines[1][0].get_right()[0] < figure.at(2, 0)[0]


def test_a_bias_may_stand_in_a_sum_without_a_brace():
    one = whisker()
    with_brace, without = (NumberSum(one, 1, 0, NIGHT, "pass", 12.0, braced=b) for b in (True, False))
    assert len(with_brace.braces) == 3 and len(without.braces) == 2
    assert without.line.source == with_brace.line.source
