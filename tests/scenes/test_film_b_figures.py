"""The figures of film B's storyboard, each in a small scene: they run, keep the look in both themes, and show what they say."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import Descent, Function, Quantity
from chainreel.engine.cost import Cost
from chainreel.engine.learning import NetworkPass
from chainreel.engine.nudge import Nudge
from chainreel.engine.storyboards import film_b
from chainreel.engine.storyboards.film_a import digit_data
from chainreel.engine.tape_growth import TapeGrowth
from chainreel.scenes.figures.cost_race import CostRace
from chainreel.scenes.figures.dial_rulers import dials_to_sheet
from chainreel.scenes.figures.doors import Doors
from chainreel.scenes.figures.field_question import FieldQuestion
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.knob_panel import LONGEST, KnobField, KnobPanel
from chainreel.scenes.figures.layer_threads import LayerThreads
from chainreel.scenes.figures.loss_surface import LossSurface
from chainreel.scenes.figures.measured_race import MeasuredRace
from chainreel.scenes.figures.pixel_check import PixelCheck
from chainreel.scenes.figures.pull_back import graph_to_lists, partners
from chainreel.scenes.figures.slope_rows import SlopeRows
from chainreel.scenes.figures.spin_up import spin_up
from chainreel.scenes.figures.stamp import Stamp
from chainreel.scenes.figures.tape_depths import TapeDepths
from chainreel.scenes.figures.touched_row import TouchedRow
from chainreel.scenes.figures.value_tape import ValueTape
from chainreel.scenes.figures.weight_sheet import WeightSheet
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.pixels import Heat, Pixels
from chainreel.scenes.stage.theme import NIGHT, PAPER

from .checks import check
from .film_b_studies import STUDIES


@pytest.mark.parametrize("theme", [NIGHT, PAPER], ids=lambda theme: theme.name)
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_studies_are_clean(study, theme, run):
    check(run(type(study.__name__, (study,), {"theme": theme.name, "__module__": study.__module__})))


def finish(*animations):
    """Take them to their end."""
    for animation in animations:
        animation.begin(), animation.interpolate(1.0), animation.finish()


AREA = Area(-6.2, 6.2, -2.7, 3.4)


# -- B1: the numbers of a net ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def log():
    """Two epochs of the digits net."""
    return film_b.digits_training(epochs=2)


def areas(part, per):
    """The areas of the squares of a path, by the length of the first side of each."""
    corners = part.points.reshape(-1, per, 3)[:, ::4]
    return np.abs(corners[:, 1, 0] - corners[:, 0, 0]) ** 2


def test_a_square_is_as_large_as_its_weight_and_stands_where_its_pixel_stood(log):
    moments = [0, 10, log.steps]
    sheet = WeightSheet(log, NIGHT, AREA, image=(8, 8), moments=moments)
    assert len(sheet.places) == 2410 == int(sheet.quantity("knobs").value)
    for m, step in ((0, 0), (2, log.steps)):
        sheet.settle(m)
        first = np.ravel(log.params_at(step)[0]["W"])
        assert sheet.values[: first.size] == pytest.approx(first)
        up = sheet.values >= 0
        size = areas(sheet.full, 16)
        assert size / size.max() == pytest.approx(sheet.values[up] / sheet.values[up].max(), abs=1e-9)
        for number in sheet.numbers:  # at rest: the log's own
            assert number.quantity.value == log.lookup(number.quantity.key) and number.text == number.settled
    spots = sheet.places[:2048].reshape(8, 8, 32, 2).mean(axis=2)  # the middle of each pixel's weights
    assert np.ptp(spots[:, :, 0], axis=0).max() < 1e-9 and np.ptp(spots[:, :, 1], axis=1).max() < 1e-9
    assert (np.diff(spots[:, :, 0], axis=1) > 0).all() and (np.diff(spots[:, :, 1], axis=0) < 0).all()
    corner = np.round((sheet.places - sheet.places.min(axis=0)) / sheet.pitch * 10).astype(int)
    assert len({tuple(c) for c in corner}) == 2410  # none on another
    sheet.show(0.5)
    assert sheet.values == pytest.approx((sheet.states[0] + sheet.states[1]) / 2)


def test_a_sheet_dissolves_from_a_picture_of_the_right_shape_and_lines_up(log):
    sheet = WeightSheet(log, NIGHT, AREA, image=(8, 8), moments=[0, log.steps])
    picture = Pixels(NIGHT, np.zeros((8, 8)), 4.0)
    flight = sheet.dissolve(picture).animations[1]
    flight.begin(), flight.interpolate(0.0)
    left, right = picture.get_left()[0], picture.get_right()[0]
    assert sheet.spots[:, 0].min() > left - 1e-6 and sheet.spots[:, 0].max() < right + 1e-6
    finish(flight)
    assert sheet.spots == pytest.approx(sheet.places)
    field = KnobField(NIGHT, sheet.values, AREA)
    moves = sheet.line_up(field)
    finish(*moves[:-1])
    assert sheet.spots == pytest.approx(field.places)
    with pytest.raises(StageError, match="other knobs"):
        sheet.line_up(KnobField(NIGHT, sheet.values[:50], AREA))
    with pytest.raises(StageError, match="another shape"):
        sheet.dissolve(Pixels(NIGHT, np.zeros((4, 4)), 4.0))
    with pytest.raises(StageError, match="no image of 7 by 8"):
        WeightSheet(log, NIGHT, AREA, image=(7, 8), moments=[0])


# -- B2: rulers and the question ---------------------------------------------------------------------------------------
def rulers(at=None):
    """Two dials and the sheet over them."""
    loss = film_b.chain().hold({"b1": film_b.CHAIN_AT["b1"], "b2": film_b.CHAIN_AT["b2"]})
    start = {n: film_b.CHAIN_AT[n] for n in ("w1", "w2")}
    run = Descent.run(loss, start, rate=0.1, steps=2)
    there = Descent.run(loss, at or start, rate=0.1, steps=1)
    panel = KnobPanel(NIGHT, {n: there.quantity(f"point/{n}", 0) for n in start}, Area(-6.2, -2.4, -2, 2), screens=False)
    return panel, LossSurface(loss, NIGHT, {"descent": run}, {"w1": (0.2, 2.2), "w2": (-0.4, 1.8)})


def test_dials_become_the_rulers_of_their_own_sheet():
    panel, surface = rulers()
    panel.appear()
    moves = dials_to_sheet(panel, surface)
    assert moves and not panel.submobjects
    assert {id(p) for p in (surface.mesh, surface.rulers, surface.knob_names)} <= {id(p) for p in surface.submobjects}
    other, surface = rulers({"w1": 0.5, "w2": 0.7})
    with pytest.raises(StageError, match="w1 stands at another value"):
        dials_to_sheet(other, surface)


def test_nobody_knows_which_way_until_the_answer(log):
    field = KnobField(NIGHT, np.linspace(-1, 1, 120), AREA)
    question = FieldQuestion(field, NIGHT, 100, (0.0, 0.0))
    ends = question.wanted.points.reshape(-1, 4, 3)[:, :, :2] - field.places[:, None, :]
    turns = np.unwrap(np.arctan2(ends[:, :, 1], ends[:, :, 0]), axis=1)
    middle = np.exp(1j * (turns[:, 0] + turns[:, 3]) / 2)
    assert middle == pytest.approx(np.exp(1j * field.angles(field.values)))  # as far to one side as to the other
    slope = Quantity("trace", "adjoint/0", -2.0)
    question.ask(), question.enlarge(), question.answer(slope, 4.0)
    assert question.arrow.angle == pytest.approx(0.5 * LONGEST)  # against the slope
    assert question.mark not in question.submobjects
    with pytest.raises(StageError, match="no arrow"):
        question.answer(Quantity("trace", "adjoint/0", 0.0))
    with pytest.raises(StageError, match="no dial 200"):
        FieldQuestion(field, NIGHT, 200, (0.0, 0.0))


# -- B3, B4: the row, doors, stamps ------------------------------------------------------------------------------------
def test_a_touch_goes_through_the_row_in_turn():
    nudge = Nudge(film_b.chain().trace(film_b.CHAIN_AT), "w1", 0.1)
    row = TouchedRow(nudge, NIGHT, AREA, through=("z", "h", "y", "gap"))
    assert [step.name for step in row.steps] == ["w1", "z", "h", "y", "gap", "f"]
    row.appear()
    finish(*row.touch().animations)
    values = [0.9, 1.0, 1.0, 0.5, -0.5, 0.25]
    for k, after in enumerate((1.15, 1.15, 0.605, -0.395, 0.156025), 1):
        assert [r.value for r in row.rounds] == pytest.approx(values)  # those behind still wait
        finish(*row.travel(k)[1].animations[:1])
        values[k] = after
        number = row.numbers[k]
        assert number.quantity.value == nudge.lookup(number.quantity.key) == pytest.approx(after)
    for hand in row.rounds[1:]:
        assert hand.span[0] <= hand.value <= hand.span[1]
    assert row.rounds[1].angle(row.rounds[1].span[1]) < row.rounds[1].angle(0.0)  # more is clockwise
    with pytest.raises(StageError, match="by 2 paths"):
        TouchedRow(Nudge(film_b.recipe().trace(film_b.RECIPE_AT), "a", 0.1), NIGHT, AREA)
    with pytest.raises(StageError, match="does not pass k"):
        TouchedRow(nudge, NIGHT, AREA, through=("k",))


def test_doors_swing_on_their_hinges_and_stay_in_their_area():
    doors = Doors(NIGHT, AREA, ["nudge everything", "do the algebra"])
    doors.appear()
    for door, side in zip(doors.doors, (-1, 1), strict=True):
        shut = door.leaf.points.copy()
        hinge = door.place.left if side < 0 else door.place.right
        assert np.ptp(shut[:, 0]) == pytest.approx(door.place.width)
        door.swing(1.0)
        at_hinge = door.leaf.points[np.abs(door.leaf.points[:, 0] - hinge) < 1e-6]
        assert np.ptp(at_hinge[:, 1]) == pytest.approx(door.place.height)  # as high as its door
        assert np.ptp(door.leaf.points[:, 0]) < 0.4 * door.place.width
        assert door.leaf.get_top()[1] <= AREA.top and door.leaf.get_bottom()[1] >= AREA.bottom
        door.swing(0.0)
        assert door.leaf.points == pytest.approx(shut) and door.words[0].get_fill_opacity() == 1
    doors.go_in(1)
    assert not doors.submobjects
    for wrong, why in ((lambda: doors.open(2), "no door 3"), (lambda: Doors(NIGHT, AREA, ["a"] * 4), "one to three"),
                       (lambda: Doors(NIGHT, AREA, ["word " * 13]), "13 words")):  # fmt: skip
        with pytest.raises(StageError, match=why):
            wrong()


@pytest.mark.parametrize("theme", [NIGHT, PAPER], ids=lambda theme: theme.name)
def test_a_stamp_lies_tilted_over_what_it_judges(theme):
    doors = Doors(theme, AREA, ["nudge everything"])
    stamp = Stamp(theme, "slow and rough", 3.0, role="loss")
    stamp.land(doors.doors[0])
    assert stamp.mark.get_center() == pytest.approx(doors.doors[0].get_center())
    assert stamp.mark in stamp.submobjects and stamp.mark.width < 3.4
    edge = stamp.words[0].points
    assert np.ptp(edge[:, 1]) > stamp.words[0].natural_height  # not level
    with pytest.raises(StageError, match="one to 6 words"):
        Stamp(theme, "one two three four five six seven")


# -- B6: the same boxes on lists ---------------------------------------------------------------------------------------
def test_boxes_turn_into_boxes_of_their_kind():
    function, at = film_b.digits_graph()
    small = GraphForward(film_b.chain().trace(film_b.CHAIN_AT), NIGHT, AREA, tape=False).settle_all()
    large = GraphForward(function.trace(at), NIGHT, AREA, tape=False)
    pairs = [(a.step.name if a.step.is_input else a.step.primitive, b.step.name if b.step.is_input else b.step.primitive)
             for a, b in partners(small, large)]  # fmt: skip
    assert pairs[:9] == [("w1", "W1"), ("b1", "b1"), ("w2", "W2"), ("b2", "b2"), ("mul", "matmul"), ("add", "add"),
                         ("relu", "max"), ("mul", "matmul"), ("add", "add")]  # fmt: skip
    moves = graph_to_lists(small, large)
    assert moves and not small.submobjects
    recipe = GraphForward(film_b.recipe().trace(film_b.RECIPE_AT), NIGHT, AREA, tape=False)
    assert [b.step.name for _, b in partners(recipe, small)] == ["w1", "b1", "w2", "p", "z", "q"]
    alone = GraphForward(Function.parse("tanh(x)").trace({"x": 1.0}), NIGHT, AREA, tape=False)
    with pytest.raises(StageError, match="no box in common"):
        graph_to_lists(alone, large)


def test_a_box_asks_the_tape_for_what_it_needs():
    graph = GraphForward(film_b.chain().trace(film_b.CHAIN_AT), NIGHT, AREA, tape=False).settle_all()
    tape = ValueTape(graph, AREA)
    tape.appear()
    for step in tape.steps:
        tape.record(step)
        assert tape.cells[step.index].provenance[0].quantity.value == step.value
    spots = [tape.cells[step.index] for step in tape.steps]
    assert all(a.get_right()[0] < b.get_left()[0] - 0.3 for a, b in zip(spots, spots[1:], strict=False))
    assert spots[0].get_left()[0] > AREA.left and spots[-1].get_right()[0] < AREA.right
    h, times, gap = (graph.trace.step(name) for name in ("h", "q", "gap"))
    tape.erase(h)
    with pytest.raises(StageError, match="needs no erased"):
        tape.ask(gap)
    tape.ask(times)
    tape.restore()
    assert tape.cells[h.index] in tape.submobjects and tape.erased is None
    with pytest.raises(StageError, match="do not fit"):
        ValueTape(graph, Area(-2, 2, -2, 2))


# -- B10, B11 ----------------------------------------------------------------------------------------------------------
def test_a_counter_spins_up_to_the_engines_count():
    cost = Cost(film_b.recipe(), film_b.RECIPE_AT)
    race = CostRace(cost, NIGHT, AREA, ("forward", "reverse"))
    race.appear(), race.count("forward", race.quantity("sweeps", "forward"))
    assert len(race.tokens["forward"]) == 3
    moves = spin_up(race, "forward", "digits")
    spin, number = moves[-1], race.numbers["forward"]
    spin.begin(), spin.interpolate(0.0)
    assert number.text == "3"
    spin.interpolate(0.5)
    half = float(number.text.replace(",", ""))
    assert half == pytest.approx((3 * 2410) ** 0.5, abs=1)
    assert race.bars["forward"].length == pytest.approx(half * race.unit, rel=0.02)
    spin.interpolate(1.0), spin.finish()
    assert number.text == "2,410" and number.quantity.value == 2410 and not race.tokens["forward"]
    assert race.bars["forward"].length == pytest.approx(2410 * race.unit)


def test_both_ways_give_11_4_2():
    trace = film_b.recipe().trace(film_b.RECIPE_AT)
    rows = SlopeRows(trace, Cost(trace), NIGHT, AREA, sweep="recipe")
    for name, slope in {"a": 11, "b": 4, "c": 2}.items():
        assert rows.tags[name].number.text == rows.chips[name].number.text == str(slope)
        assert rows.tangent(name).value == trace.tangents({name: 1.0}).lookup(rows.tangent(name).key)
        assert rows.chips[name].number.quantity.source == "recipe"
    rows.appear(), rows.forward("a"), rows.forward("b")
    assert rows.counts["forward"] not in rows.submobjects  # not before the last sweep
    rows.forward("c"), rows.reverse(), rows.tie()
    assert (rows.counts["forward"].text, rows.counts["reverse"].text) == ("3 sweeps", "1 sweep") and len(rows.ties) == 3
    with pytest.raises(StageError, match="arrays"):
        function, at = film_b.digits_graph()
        SlopeRows(function.trace(at), Cost(trace), NIGHT, AREA)


def test_there_is_a_thread_for_every_path_and_a_line_for_every_arrow():
    figure = LayerThreads(film_b.lattice(), NIGHT, AREA)
    assert len({tuple(path) for path in figure.paths}) == 1024
    figure.flash()
    figure.draw(1024)
    assert len(figure.threads.points) // 16 == 1024 and not len(figure.bright.points)
    figure.draw(100)
    assert len(figure.threads.points) // 16 + len(figure.bright.points) // 16 == 100
    for spread in (1.0, 0.0):  # a thread passes through the boxes of its path
        figure.draw(1024, spread)
        corners = figure.threads.points.reshape(1024, 4, 4, 3)
        ends = np.concatenate([corners[:, :, 0], corners[:, -1:, 3]], axis=1)[:, :, :2]
        boxes = figure.spots[np.arange(5)[None, :], figure.paths]
        assert np.abs(ends - boxes).max() <= figure.radius * spread + 1e-9
    assert sum(len(line.points) // 4 for line in figure.arrows) == 64
    figure.merge()
    assert figure.threads not in figure.submobjects and figure.arrow_count.text == "64"
    figure.sweep_all()
    assert [row[0].text for row in figure.sums] == ["1", "4", "16", "64", "256"]
    with pytest.raises(StageError, match="too many for threads"):
        LayerThreads(film_b.lattice(film_b.LARGE), NIGHT, AREA)


# -- B14, B15 ----------------------------------------------------------------------------------------------------------
def test_bars_are_as_long_as_their_times_and_race_side_by_side():
    times = film_b.times()
    figure = MeasuredRace(times, NIGHT, AREA)
    quick, slow = times.took("nudging"), times.took("forward")
    figure.clock(quick / 2)
    assert figure.length("nudging") == pytest.approx(figure.length("forward"))  # both still run
    figure.clock((quick + slow) / 2)
    assert figure.length("nudging") < figure.length("forward")  # one has arrived
    figure.clock(slow)
    assert figure.length("nudging") / figure.length("forward") == pytest.approx(quick / slow, rel=1e-6)
    for way, number in figure.numbers.items():
        assert number.text == number.settled and number.quantity.value == pytest.approx(1000 * times.took(way))
    assert "2026" in figure.note.text and times.machine in figure.note.text
    with pytest.raises(StageError, match="two to four"):
        MeasuredRace(times, NIGHT, AREA, ("reverse",))


def test_tapes_are_as_long_as_what_is_kept():
    growth = film_b.tapes()
    figure = TapeDepths(growth, NIGHT, AREA)
    moves = figure.grow()
    moves[0].begin(), moves[0].interpolate(0.35)
    lengths = [strip.body.width for strip in figure.strips]
    assert lengths[-1] == pytest.approx(lengths[-2]) or lengths[-1] > lengths[-2]
    moves[0].interpolate(1.0)
    shares = [strip.body.width / growth.bytes(depth) for strip, depth in zip(figure.strips, growth.depths, strict=True)]
    assert shares == pytest.approx([shares[0]] * len(shares))
    with pytest.raises(StageError, match="too many"):
        TapeDepths(TapeGrowth(4, 4, range(1, 12)), NIGHT, AREA)


def test_the_brightened_pixel_is_the_one_with_the_largest_slope_that_can(log):
    _, (X, labels) = digit_data()
    one = NetworkPass(log.loss.net, (log, log.steps), np.asarray(X[3]), float(labels[3]), "cross_entropy", nudge=0.1)
    heat, picture = Heat(NIGHT, one.slopes.reshape(8, 8), 3.0), Pixels(NIGHT, one.x.reshape(8, 8), 3.0)
    check = PixelCheck(one, NIGHT, heat, Area(2, 6, -1, 2), pixels=picture)
    can = np.flatnonzero(one.x + 0.1 <= 1.0)
    assert check.pixel == can[np.argmax(np.abs(one.slopes[can]))]
    moved = one.x.copy()
    moved[check.pixel] += 0.1
    assert check.actual.value == pytest.approx(one.loss_at(moved) - one.loss)
    assert check.forecast.value == pytest.approx(0.1 * one.slopes[check.pixel])
    promised, real = check.bars["promised"][1].length, check.bars["real"][1].length
    assert promised / real == pytest.approx(check.forecast.value / check.actual.value)
    check.mark(), finish(check.brighten())
    assert check.brighter.greys.ravel() == pytest.approx(moved)
    full = int(np.argmax(one.x))
    if one.x[full] + 0.1 > 1:
        with pytest.raises(StageError, match="cannot become brighter"):
            PixelCheck(one, NIGHT, heat, Area(2, 6, -1, 2), pixel=full)
