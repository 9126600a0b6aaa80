"""Verbs that chapters 7 to 11 of film C name: the ridge, momentum as a sum, lamp, tapes, money, wirings, long products, the
echo on the plot, condensed slopes, another model, the page of files. Each keeps what its figure promises."""

from __future__ import annotations

import numpy as np
import pytest
from manim import AnimationGroup, FadeIn, FadeOut

from chainreel.engine import Descent, Function
from chainreel.engine.fit import Fit
from chainreel.engine.momentum import MomentumParts
from chainreel.engine.nudge import Nudge
from chainreel.engine.paths import Paths
from chainreel.engine.storyboards import film_c
from chainreel.scenes.figures.condensed import CondensedSlopes
from chainreel.scenes.figures.contour_descent import ContourDescent
from chainreel.scenes.figures.curve_echo import CurveEcho
from chainreel.scenes.figures.curve_fit import CurveFit, Descend
from chainreel.scenes.figures.exchange import Exchange
from chainreel.scenes.figures.file_page import FilePage
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.lamp_wall import LampWall
from chainreel.scenes.figures.linked_tapes import LinkedTapes
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.figures.loss_surface import LossSurface
from chainreel.scenes.figures.momentum_sum import MomentumSum
from chainreel.scenes.figures.morphs import graph_to_model, ids
from chainreel.scenes.figures.product_bar import ProductBar
from chainreel.scenes.figures.product_trace import ProductTrace
from chainreel.scenes.figures.trained_curve import TrainedCurve
from chainreel.scenes.figures.two_wirings import TwoWirings
from chainreel.scenes.films.catalogue import FILMS
from chainreel.scenes.films.listing import SceneFile, scene_files
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.rounding import read_back, shown
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.theme import NIGHT, PAPER

WIDE = Area(-6.2, 6.2, -2.7, 3.4)
HALF = Area(0.6, 6.2, -2.6, 3.3)


def finish(*animations):
    """Take them to their end."""
    for animation in animations:
        if isinstance(animation, AnimationGroup):
            finish(*animation.animations)
        else:
            animation.begin(), animation.interpolate(1.0), animation.finish()


def measure(points):
    """The area of a polygon that `wire.polygon` made."""
    x, y = points[::4, 0], points[::4, 1]
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


# -- linked tapes ------------------------------------------------------------------------------------------------------
def lamp(x=2.0):
    return Function.parse(film_c.LAMP).trace({"x": x})


@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_tapes_stand_at_the_values_and_answer_by_the_real_changes(theme):
    trace = lamp()
    tapes = LinkedTapes(trace, theme, WIDE, units={"x": "m", "u": "m²", "y": "lux"})
    values = [float(s.value) for s in tapes.paths[0].steps]
    assert [s.middle for s in tapes.strips] == values
    nudge = Nudge(trace, "x", 0.1)
    tapes.appear(), finish(tapes.touch(nudge))
    for k in range(3):
        finish(*tapes.travel(k)[2:])
    for k, strip in enumerate(tapes.strips):
        step = tapes.step(k)
        assert strip.pointed == pytest.approx(nudge.moved(step))
        far = strip.hand.get_center()[1] - strip.y
        assert far == pytest.approx(nudge.change(step) * tapes.zoomed, abs=1e-6)  # one scale for all tapes
        assert tapes.changes[k].quantity.value == pytest.approx(nudge.change(step))
    assert [shown(c.quantity.value, c.decimals) for c in tapes.changes.values()] == ["0.1", "0.41", "−0.279", "−0.112"]
    finish(tapes.rest())
    assert not tapes.changes and all(s.pointed == s.middle for s in tapes.strips)
    line = tapes.product()
    rates = [read_back(p.text) for p in line.provenance]
    assert np.prod(rates[:-1]) == pytest.approx(rates[-1]) == pytest.approx(-1.2) == pytest.approx(trace.gradient["x"])


def test_tapes_run_with_the_engine_at_every_place():
    tapes = LinkedTapes(lamp(1.0), NIGHT, WIDE)
    tapes.appear(), [tapes.rate(k) for k in range(3)]
    move = tapes.slide(lamp(4.0), "far")
    move.begin()
    for alpha in (0.2, 0.5, 0.9):
        move.interpolate(alpha)
        x = tapes.strips[0].middle
        here = lamp(x)
        assert [s.middle for s in tapes.strips] == pytest.approx([float(here.steps[k].value) for k in tapes.indices])
        said = [read_back(move.rates[k][0].number.text.split("\u2009")[1]) for k in range(3)]
        assert said == pytest.approx([round(2 * x, 2), round(-12 / x**4, 2), 0.4], abs=0.011)
    move.interpolate(1.0), move.finish()
    assert tapes.source == "far" and tapes.value(3).value == pytest.approx(0.3)
    assert {n.quantity.source for n in tapes.numbers} == {"far"}
    finish(tapes.rescale(0.5))
    assert {s.zoomed for s in tapes.strips} == {0.5}


def test_what_is_no_single_chain_has_no_tapes():
    with pytest.raises(StageError, match="2 routes"):
        LinkedTapes(Function.parse("x*sin(x)").trace({"x": 1.0}), NIGHT, WIDE)
    with pytest.raises(StageError, match="fit side by side"):
        LinkedTapes(film_c.row_of_sigmoids(8).trace({"x": 0.5}), NIGHT, WIDE)
    tapes = LinkedTapes(lamp(), NIGHT, WIDE)
    with pytest.raises(StageError, match="another point"):
        tapes.touch(Nudge(lamp(3.0), "x", 0.1))
    with pytest.raises(StageError, match="another function"):
        tapes.slide(Function.parse("sin(x)").trace({"x": 1.0}), "other")


# -- the product traced ------------------------------------------------------------------------------------------------
def test_the_traced_product_lies_on_the_direct_slope():
    chain, direct = Function.parse("u = x**2\n12/u"), Function.parse("12/x**2")
    figure = ProductTrace(NIGHT, chain, direct, (1.0, 4.0), HALF)
    figure.appear(), figure.stand(1.0)
    slide = figure.slide(4.0)
    slide.begin()
    for alpha in (0.25, 0.6, 1.0):
        slide.interpolate(alpha)
        x = figure.x
        assert figure.product(x) == pytest.approx(-24 / x**3) == pytest.approx(figure.slope(x))
        assert figure.dot.get_center()[:2] == pytest.approx(figure.view.place(x, -24 / x**3)[:2], abs=1e-6)
        assert figure.curve.between[1] == pytest.approx(x)
    figure.match()
    with pytest.raises(StageError, match="not the same function"):
        ProductTrace(NIGHT, chain, Function.parse("11/x**2"), (1.0, 4.0), HALF)
    with pytest.raises(StageError, match="2 routes"):
        ProductTrace(NIGHT, Function.parse("x*sin(x)"), Function.parse("sin(x)*x"), (1.0, 2.0), HALF)
    with pytest.raises(StageError, match="no finite slope"):
        ProductTrace(NIGHT, Function.parse("log(x)"), Function.parse("log(x)"), (-2.0, -1.0), HALF)


# -- lamp and wall -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_the_patch_has_as_many_squares_as_the_area_says(theme):
    chain = Function.parse("u = x**2\n12/u")
    wall = LampWall(theme, chain.trace({"x": 1.0}), WIDE, far=3.0)
    unit = measure(wall.lit.points)
    wall.appear(), wall.cone(), wall.label(0), wall.label(1), wall.label(2)
    for x in (1.5, 2.0, 3.0):
        trace = chain.trace({"x": x})
        finish(*wall.move(trace, "there"))
        assert measure(wall.lit.points) / unit == pytest.approx(float(trace.steps[1].value))
        assert wall.squares() == pytest.approx(x**2)
        assert {plate.text.provenance[0].quantity.source for plate in wall.named.values()} == {"there"}
        assert [plate.text.provenance[0].quantity.value for plate in wall.named.values()] == pytest.approx([x, x**2, 12 / x**2])
        assert wall.wall.get_right()[0] <= WIDE.right and wall.wall.get_top()[1] <= WIDE.top
    for text, x in (("u = x**3\n12/u", 2.0), ("u = x**2\n12/u", -2.0)):
        with pytest.raises(StageError, match="square of a positive distance"):
            LampWall(theme, Function.parse(text).trace({"x": x}), WIDE)


# -- money -------------------------------------------------------------------------------------------------------------
def test_rates_of_money_multiply_and_are_the_engines():
    trace = film_c.exchange()
    money = Exchange(NIGHT, trace, WIDE)
    money.appear(), [money.change(k) for k in (0, 1)], [money.rate(k) for k in (0, 1)], money.direct()
    rates = [money.tags[k].number.provenance[0].quantity.value for k in (0, 1)]
    assert np.prod(rates) == pytest.approx(money.whole.number.provenance[0].quantity.value) == trace.gradient["m"]
    assert [n.provenance[0].quantity.value for n in money.amounts] == [s.value for s in money.steps]
    texts = [read_back(p.text) for p in money.product().provenance]
    assert np.prod(texts[:-1]) == texts[-1]
    with pytest.raises(StageError, match="chain of products"):
        Exchange(NIGHT, lamp(), WIDE)
    with pytest.raises(StageError, match="as many signs"):
        Exchange(NIGHT, trace, WIDE, ("€", "$"))


# -- after and times ---------------------------------------------------------------------------------------------------
def test_two_wirings_of_the_same_boxes_have_the_engines_slopes():
    after, times = film_c.wirings()
    rows = TwoWirings(NIGHT, after, times, WIDE)
    for k in (0, 1):
        rows.appear(k), rows.run(k), rows.slope(k)
        assert rows.results[k].provenance[0].quantity.value == pytest.approx([-3.0, 12.0][k])
        assert rows.graphs[k].get_bottom()[1] >= WIDE.bottom - 1e-6
    rows.judge()
    with pytest.raises(StageError, match="same slope"):
        TwoWirings(NIGHT, after, after, WIDE)
    with pytest.raises(StageError, match="same place"):
        TwoWirings(NIGHT, after, Function.parse("x**3").trace({"x": 1.0}), WIDE)


# -- long products -----------------------------------------------------------------------------------------------------
def chain_of(rate):
    return Paths(film_c.row_of_products(rate), None, {"x": 0.5})


@pytest.mark.parametrize(("linear", "rate"), [(False, None), (True, 1.5), (True, 1.0)])
def test_a_bar_ends_at_the_product_of_the_rates_so_far(linear, rate):
    paths = Paths(film_c.row_of_sigmoids(), None, {"x": film_c.ROW_START}) if rate is None else chain_of(rate)
    bars = ProductBar(PAPER, paths, WIDE, linear=linear, decimals=3)
    bars.appear(), bars.rate(), finish(bars.grow(0)), finish(*bars.run()), bars.outcome()
    for k, bar in enumerate(bars.bars):
        assert bar.get_top()[1] == pytest.approx(bars.height(paths[0].along[k + 1]), abs=0.021)
        assert bar.get_bottom()[1] == pytest.approx(bars.foot)
    whole = bars.whole.number.provenance[0].quantity.value
    assert whole == pytest.approx(paths.slope) == pytest.approx({None: 3.48e-7, 1.5: 57.665, 1.0: 1.0}[rate], rel=1e-3)
    assert bars.reached == bars.links == 10
    if rate == 1.0:
        assert len({round(float(bar.get_top()[1]), 9) for bar in bars.bars}) == 1


def test_a_chain_turns_into_another_of_as_many_links():
    bars = ProductBar(NIGHT, Paths(film_c.row_of_sigmoids(), None, {"x": 0.5}), WIDE)
    other = ProductBar(NIGHT, chain_of(1.5), WIDE, linear=True, sign="×", source="grow")
    bars.appear(), bars.rate(), finish(*bars.run()), bars.outcome()
    finish(*bars.swap(other))
    assert [bar.get_top()[1] for bar in bars.bars] == pytest.approx([bar.get_top()[1] for bar in other.bars])
    assert bars.source == "grow" and bars.linear and bars.grid is other.grid
    bars.outcome()
    assert bars.whole.number.provenance[0].quantity.source == "grow paths"
    with pytest.raises(StageError, match="another length"):
        bars.swap(ProductBar(NIGHT, Paths(film_c.row_of_sigmoids(3), None, {"x": 0.5}), WIDE))
    for text, said in (("x*sin(x)", "routes"), ("u = -x\nexp(u)", "0 and less")):
        with pytest.raises(StageError, match=said):
            ProductBar(NIGHT, Paths(Function.parse(text), None, {"x": 0.5}), WIDE)
    with pytest.raises(StageError, match="links"):
        ProductBar(NIGHT, Paths(film_c.row_of_sigmoids(15), None, {"x": 0.5}), WIDE)


# -- momentum ----------------------------------------------------------------------------------------------------------
def valley(optimizer="momentum", **options):
    loss, at = film_c.slice_of_fit(*film_c.SLICE), {n: film_c.START[n] for n in film_c.SLICE}
    return loss, at, Descent.run(loss, at, optimizer=optimizer, rate=0.3, steps=20, **options)


def test_terms_tip_to_tail_end_at_the_update():
    loss, _, log = valley()
    parts = MomentumParts(log)
    figure = MomentumSum(NIGHT, parts, 9, HALF)
    for axis in (0, 1):
        figure.appear(axis), figure.lay(axis), figure.total(axis)
        x = figure.zero
        for arrow, term in zip(figure.arrows[axis], parts.terms(axis, 9), strict=True):
            ends = (float(arrow.get_left()[0]), float(arrow.get_right()[0]))
            assert (ends[0] if term >= 0 else ends[1]) == pytest.approx(x, abs=1e-6)
            x = ends[1] if term >= 0 else ends[0]
        assert (x - figure.zero) / figure.unit == pytest.approx(parts.total(axis, 9))
        assert figure.numbers[axis].get_right()[0] <= HALF.right + 1e-6
    chart = ContourDescent(loss, NIGHT, {"run": log})
    figure.axes_on(chart)
    one, two = (line.get_end() - line.get_start() for line, _ in figure.crossing)
    assert abs(np.dot(one, two)) < 1e-6  # on equal rulers the axes are perpendicular
    with pytest.raises(StageError, match="no step 40"):
        MomentumSum(NIGHT, parts, 40, HALF)
    with pytest.raises(StageError, match="told apart"):
        MomentumSum(NIGHT, parts, 18, HALF)


# -- the ridge ---------------------------------------------------------------------------------------------------------
def test_the_curve_becomes_the_ridge_and_the_sheet_grows_from_it():
    loss, at, log = valley("plain")
    sheet = LossSurface(loss, NIGHT, {"run": log}, names=film_c.SLICE)
    curve = LossSlice(loss, NIGHT, "c1", tuple(sheet.view.x), {"c3": at["c3"]}, exact=True)
    curve.appear(), curve.stand(at["c1"])
    flight, floor, grown, stands = sheet.grow_from(curve)
    assert not curve.submobjects and sheet.scenery.within[1:] == (sheet.place[1],) * 2
    losses = np.array([loss(c1=float(sheet._number(np.array([x]), 0)[0]), c3=at["c3"]) for x in sheet.ridge.world[::40, 0]])
    assert sheet.ridge.world[::40, 2] == pytest.approx(sheet.height(losses), abs=1e-9)  # the ridge is the curve
    grown.begin()
    widths = []
    for alpha in (0.3, 0.6, 0.9):
        grown.interpolate(alpha)
        _, low, high = sheet.scenery.within
        widths.append(high - low)
        assert low <= sheet.place[1] <= high
    assert widths == sorted(widths)
    grown.interpolate(1.0), grown.finish()
    assert sheet.scenery.within is None and sheet.space.eye == sheet.first_eye
    assert sheet.section in sheet.submobjects and sheet.start_dot in sheet.submobjects
    for name, fixed in (("c3", {"c1": at["c1"]}), ("c1", {"c3": 0.0})):
        other = LossSlice(loss, NIGHT, name, (-2.0, 2.0), fixed)
        other.appear(), other.stand(1.0)
        with pytest.raises(StageError, match="grows out of"):
            sheet.grow_from(other)


# -- graph, plot and formula -------------------------------------------------------------------------------------------
@pytest.fixture
def fit():
    data = film_c.nine_points()
    return Fit("c0 + c1*x + c2*x**2 + c3*x**3", np.column_stack([data.X[:, 0], data.y]), film_c.START, rate=0.5, steps=3)


def test_the_dot_stands_at_the_value_of_each_box(fit):
    figure, trace = CurveFit(NIGHT, fit, HALF), film_c.one_point().trace(film_c.START)
    echo = CurveEcho(NIGHT, figure, trace, 6)
    echo.begin()
    for step in trace.steps[4:]:
        finish(echo.echo(step))
        if step.index <= trace.step("y").index:
            place = figure.view.place(0.5, float(step.value))
            assert echo.dot.get_center()[:2] == pytest.approx(place[:2], abs=1e-6)
    on_curve = np.interp(0.5, figure.curve.x, figure.curve.y)
    assert on_curve == pytest.approx(float(trace.step("y").value), abs=1e-4)
    stick = echo.stick.get_end() - echo.stick.get_start()
    assert stick[1] / figure.view.scale[1] == pytest.approx(float(trace.step("gap").value))
    assert measure(echo.square.points) / figure.view.scale[1] ** 2 == pytest.approx(float(trace.output.value), rel=1e-6)
    with pytest.raises(StageError, match="not that of point 2"):
        CurveEcho(NIGHT, figure, trace, 2)
    with pytest.raises(StageError, match="no steps"):
        CurveEcho(NIGHT, figure, lamp(), 6)


def test_slopes_condense_into_the_products_of_the_rules():
    trace = film_c.open_point()
    slopes = CondensedSlopes(trace, NIGHT, ("c0", "c1", "c2", "c3"), WIDE)
    assert slopes.common == ['2 "gap"'] and [slopes.powers(n) for n in slopes.knobs[1:]] == [[("x", k)] for k in (1, 2, 3)]
    for k, name in enumerate(slopes.knobs):
        value = np.prod([f.value for f in slopes.factors[name]])
        assert value == pytest.approx(trace.gradient[name]) == pytest.approx(1.5 * 0.5**k)
        assert slopes.number_line(name).provenance[0].text == shown(1.5 * 0.5**k, k + 1)
    finish(slopes.appear()), finish(slopes.open()), finish(slopes.gather()), finish(slopes.condense())
    assert slopes.lines == [slopes.formula] and list(slopes.submobjects) == [slopes.formula]
    roles = {glyph.mark.role for glyph in slopes.formula}
    assert {"data", "value", "slope", "loss"} <= roles and "knob" not in roles  # x is data here
    with pytest.raises(StageError, match="no input"):
        CondensedSlopes(trace, NIGHT, ("k",), WIDE)
    with pytest.raises(StageError, match="2 routes"):
        CondensedSlopes(Function.parse("a*b + a").trace({"a": 1.0, "b": 2.0}), NIGHT, ("a",), WIDE)
    with pytest.raises(StageError, match="call appear"):
        CondensedSlopes(trace, NIGHT, ("c0",), WIDE).open()


def test_a_model_is_exchanged_and_the_loss_stays():
    old = GraphForward(film_c.one_point().trace(film_c.START), NIGHT, WIDE, tape=False).settle_all()
    new = GraphForward(film_c.network_point(), NIGHT, WIDE, tape=False)
    stay = [old.nodes[s.index].box for s in old.operations if s.name in ("y", "gap")]
    moments = graph_to_model(old, new)
    flown = {id(a.part) for moment in moments for a in moment.animations if hasattr(a, "part")}
    assert ids(*stay) & flown and not old.submobjects
    assert {s.name for s in new.operations} >= {"y", "gap"}
    assert all(node.box in new.submobjects for node in new.nodes.values() if node.box is not None)
    with pytest.raises(StageError, match="no box stays"):
        graph_to_model(GraphForward(lamp(), NIGHT), GraphForward(Function.parse("exp(a)").trace({"a": 1.0}), NIGHT))


def test_a_network_is_the_model_of_a_curve():
    training = film_c.network_training(4)
    model = TrainedCurve(training)
    figure = CurveFit(NIGHT, model, HALF)
    assert len(model.knobs) == training.quantity("knobs").value == 13 and len(model) == 9
    assert np.mean(model.misses(model.point(training.steps)) ** 2) == pytest.approx(model.loss(training.steps))
    assert model.loss(training.steps) == pytest.approx(0.0133, abs=1e-4)
    figure.appear(), figure.draw(), figure.sticks(), figure.squares()
    finish(Descend(model, 0, training.steps, figure))
    assert figure.curve.y == pytest.approx(model.curve(figure.xs, model.point(training.steps)))
    stick = figure.sticks_[3]
    miss = model.misses(figure.knobs)[3] * figure.view.scale[1]
    assert (stick.get_end() - stick.get_start())[1] == pytest.approx(miss, abs=1e-4)
    with pytest.raises(StageError, match="one input"):
        TrainedCurve(film_c.mirror_training(1, 1))


# -- the page of files -------------------------------------------------------------------------------------------------
def test_rows_are_the_files_of_the_film_and_the_seeds_they_reach():
    film = FILMS["who-is-to-blame"]
    scenes = scene_files(film)
    assert [s.slug for s in scenes] == [c.slug for c in film.chapters]
    for scene in scenes:
        assert scene.path.endswith(f"/{scene.slug}.py") and scene.lines > 50
    from chainreel.engine.storyboards import film_a

    told = dict(pair for scene in scenes for pair in scene.seeds)
    assert told and all(str(getattr(film_a, name)) == source for name, source in told.items())
    page = FilePage(PAPER, scenes, WIDE)
    page.appear(), page.mark(0)
    assert [row[0].text for row in page.rows] == [f"{s.slug}.py" for s in scenes]
    for row, said, scene in zip(page.rows, page.said, scenes, strict=True):
        assert row.get_right()[0] <= WIDE.right and said == [f"{n} = {v}" for n, v in scene.seeds][: len(said)]
    with pytest.raises(StageError, match="at least one"):
        FilePage(NIGHT, [], WIDE)
    with pytest.raises(StageError, match="do not fit"):
        FilePage(NIGHT, scenes * 5, WIDE)
    with pytest.raises(StageError, match="one folder"):
        FilePage(NIGHT, [scenes[0], SceneFile("x", "x", "elsewhere/x.py", 1)], WIDE)


# -- all of them in a frame --------------------------------------------------------------------------------------------
class Study(Stage):
    """The new figures one after the other, each in a whole frame."""

    def construct(self):
        look, area = self.look, self.area
        trace, nudge = lamp(), Nudge(lamp(), "x", 0.1)
        for name, thing in (("trace", trace), ("nudge", nudge), ("trace paths", Paths(trace)), ("far", lamp(4.0))):
            self.ledger.source(name, thing.describe())
        tapes = LinkedTapes(trace, look, area.cut_bottom(0.9)[1], units={"x": "m", "u": "m²"})
        with self.beat("One touch travels through the chain, and each tape answers."):
            self.perform(tapes.appear()), self.perform(tapes.touch(nudge))
            for k in range(3):
                self.perform(tapes.travel(k)), self.perform(tapes.rate(k))
            line = tapes.product().move_to([0, -2.3, 0])
            self.play(FadeIn(line)), self.rest(2.0)
        with self.beat("The input slides, and the rates change."):
            self.perform(tapes.rest(), tapes.rescale(0.7), FadeOut(line))
            self.perform(tapes.slide(lamp(4.0), "far")), self.perform(tapes.vanish())
        wall = LampWall(look, Function.parse("u = x**2\n12/u").trace({"x": 1.0}), area, far=2.0, source="near")
        there = Function.parse("u = x**2\n12/u").trace({"x": 2.0})
        self.ledger.source("near", wall.trace.describe()), self.ledger.source("wall", there.describe())
        with self.beat("Twice as far, four times the area."):
            self.perform(wall.appear()), self.perform(wall.cone())
            self.perform(wall.label(0), wall.label(1), wall.label(2))
            self.perform(wall.move(there, "wall")), self.perform(wall.vanish())
        money = Exchange(look, film_c.exchange(), area)
        self.ledger.source("exchange", money.trace.describe()), self.ledger.source("exchange paths", money.paths.describe())
        with self.beat("Rates multiply."):
            self.perform(money.appear()), self.perform(money.change(0)), self.perform(money.change(1))
            self.perform(money.rate(0), money.rate(1)), self.perform(money.direct()), self.perform(money.vanish())
        rows = TwoWirings(look, *film_c.wirings(), area)
        for name, one in zip(("after", "times"), rows.traces, strict=True):
            self.ledger.source(name, one.describe())
        with self.beat("After is not times."):
            for k in (0, 1):
                self.perform(rows.appear(k)), self.perform(rows.run(k)), self.perform(rows.slope(k))
            self.perform(rows.judge()), self.perform(rows.vanish(), *(g.vanish() for g in rows.graphs))
        bars = ProductBar(look, Paths(film_c.row_of_sigmoids(), None, {"x": 0.5}), area, decimals=3)
        other = ProductBar(look, chain_of(1.5), area, linear=True, sign="×", source="grow")
        for name, one in (("chain", bars.paths), ("grow", other.paths)):
            self.ledger.source(name, one.trace.describe()), self.ledger.source(f"{name} paths", one.describe())
        with self.beat("Small rates vanish, large ones explode."):
            self.perform(bars.appear()), self.perform(bars.rate()), self.perform(bars.run()), self.perform(bars.outcome())
            self.perform(bars.swap(other)), self.perform(bars.outcome()), self.perform(bars.vanish())
        _, _, log = valley()
        figure = MomentumSum(look, MomentumParts(log), 9, Area(0.4, 6.2, -2.6, 3.3))
        self.ledger.source("momentum", figure.parts.describe())
        with self.beat("Across they cancel, along they add."):
            for axis in (1, 0):
                self.perform(figure.appear(axis)), self.perform(figure.lay(axis)), self.perform(figure.total(axis))
            self.perform(figure.vanish())
        slopes = CondensedSlopes(film_c.open_point(), look, ("c0", "c1", "c2", "c3"), area.inset(1.2, 0.3), source="open")
        self.ledger.source("open", slopes.trace.describe())
        with self.beat("The algebra appears as a result."):
            for verb in (slopes.appear, slopes.open, slopes.gather, slopes.condense):
                self.perform(verb()), self.rest(7.0)
            self.perform(slopes.vanish())
        page = FilePage(look, scene_files(FILMS["who-is-to-blame"]), area)
        with self.beat("These are the files of the film."):
            self.perform(page.appear()), self.perform(page.mark(2)), self.rest(4.0)


@pytest.mark.parametrize("theme", ["night", "paper"])
def test_the_study_is_lint_clean(run, theme):
    scene = run(type("Study", (Study,), {"theme": theme}))
    found = [f for f in scene.lint.findings if "share an object" not in f.message]  # it is no story
    assert not found, "\n".join(f"{f.time:6.1f} s, {f.rule}: {f.message}" for f in found)
    for number in scene.ledger.numbers:
        assert number.source in scene.ledger.sources, number
