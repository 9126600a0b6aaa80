"""Verbs that the storyboards of films B and C name: ghost shapes, candidates, frozen knobs, the angle, the growing square,
order and memory of a graph, the traced slope, the fan of branches, the recipe. Each keeps what its figure promises."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainreel.engine import Descent, Differences, EngineError, Function, Quantity, local_formula
from chainreel.engine.aim import Aim
from chainreel.engine.audit import auditor_of
from chainreel.engine.candidates import candidates
from chainreel.engine.fit import Fit
from chainreel.engine.formula import formula
from chainreel.engine.storyboards import film_b, film_c
from chainreel.rendering.verify import rebuild
from chainreel.scenes.figures.branch_fan import BranchFan
from chainreel.scenes.figures.contour_descent import ContourDescent
from chainreel.scenes.figures.curve_fit import CurveFit
from chainreel.scenes.figures.ghost_shapes import CandidateCurves, GhostShapes
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.graph_order import GraphOrder
from chainreel.scenes.figures.growing_square import GrowingSquare
from chainreel.scenes.figures.knob_panel import KnobPanel
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.figures.recipe_lines import RecipeLines
from chainreel.scenes.figures.rule_table import BASIC, RuleTable
from chainreel.scenes.figures.slope_trace import SlopeTrace
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.errors import StageError
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.number import Phrase
from chainreel.scenes.stage.rounding import read_back
from chainreel.scenes.stage.theme import NIGHT, PAPER

PLOT = Area(-2.4, 5.6, -2.7, 3.3)
WIDE = Area(-6.2, 6.2, -2.7, 3.4)


@pytest.fixture
def fit():
    """The nine points and four knobs of film C."""
    data = film_c.nine_points()
    points = np.column_stack([data.X[:, 0], data.y])
    return Fit("c0 + c1*x + c2*x**2 + c3*x**3", points, film_c.START, rate=0.5, steps=3)


def finish(*animations):
    """Take them to their end."""
    for animation in animations:
        animation.begin(), animation.interpolate(1.0), animation.finish()


# -- ghost shapes and candidates ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", [NIGHT, PAPER])
def test_shapes_times_their_knobs_add_up_to_the_curve(fit, theme):
    figure = CurveFit(theme, fit, PLOT)
    ghosts = GhostShapes(theme, figure)
    x = figure.xs
    for k, name in enumerate(fit.knobs):
        assert ghosts.units[name] == pytest.approx(x**k, abs=1e-12)
    for knobs in (fit.point(0), fit.point(2)):
        ghosts.at(knobs)
        assert ghosts.sums()[-1] == pytest.approx(fit.curve(x, knobs))
        assert ghosts.curves["c2"].y == pytest.approx(knobs["c2"] * x**2)
    ghosts.appear(), ghosts.scale(fit.point(1))
    finish(*ghosts.add_up())
    assert figure.curve.y == pytest.approx(fit.curve(x, fit.point(1))) and figure.curve in figure.submobjects


def test_a_curve_that_is_no_sum_has_no_shapes():
    bent = Fit("a*sin(w*x)", [(0.0, 0.1), (1.0, 0.9), (2.0, 0.3)], {"a": 1.0, "w": 1.0}, rate=0.1, steps=1)
    with pytest.raises(StageError, match="no sum of shapes"):
        GhostShapes(NIGHT, CurveFit(NIGHT, bent, PLOT))


def test_candidates_pass_through_every_point(fit):
    figure = CurveFit(NIGHT, fit, PLOT)
    many = CandidateCurves(NIGHT, figure, 6)
    at = [int(np.argmin(np.abs(figure.xs - x))) for x in fit.x]
    for row in many.rows:
        assert row[at] == pytest.approx(fit.y, abs=1e-4)
    between = int(np.argmin(np.abs(figure.xs - (fit.x[3] + fit.x[4]) / 2)))
    assert np.ptp(many.rows[:, between]) > 0.05  # and differ where there is none
    assert len(many.sweep()) == 6 and len(many.ghosts) == 5
    assert candidates([(0, 1), (1, 2)], [0.5], 3, seed=4).tolist() == candidates([(0, 1), (1, 2)], [0.5], 3, seed=4).tolist()
    with pytest.raises(EngineError, match="same place"):
        candidates([(0, 1), (0, 2)], [0.5])


# -- frozen knobs ------------------------------------------------------------------------------------------------------
def stroke(part):
    """The colour of what is drawn of it."""
    return next(m for m in part.get_family() if len(m.points)).get_stroke_color().to_hex().lower()


def test_a_frozen_knob_is_grey_and_stays(fit):
    panel = KnobPanel(NIGHT, {n: fit.quantity(f"point/{n}", 0) for n in fit.knobs}, Area(-6.2, -2.2, -2.6, 3.3))
    panel.appear()
    finish(panel.freeze(["c0", "c2", "c3"]))
    assert panel.frozen == {"c0", "c2", "c3"}
    for name in fit.knobs:
        grey = name in panel.frozen
        wanted = (NIGHT.muted if grey else NIGHT.knob).lower()
        assert stroke(panel.dials[name].arc) == wanted
        assert panel.numbers[name].get_fill_color().to_hex().lower() == wanted
    panel.at({n: 0.1 for n in fit.knobs})
    assert panel.dials["c0"].value == film_c.START["c0"] and panel.dials["c1"].value == 0.1
    with pytest.raises(StageError, match="c0 is frozen"):
        panel.turn({"c0": fit.quantity("point/c0", 1)})
    with pytest.raises(StageError, match="no knob z"):
        panel.freeze(["z"])
    finish(*panel.turn({"c1": fit.quantity("point/c1", 1)}).animations)
    finish(panel.thaw())
    assert not panel.frozen
    assert stroke(panel.dials["c0"].arc) == NIGHT.knob.lower()
    panel.turn({"c0": fit.quantity("point/c0", 1)})


def test_a_veiled_curve_comes_back():
    figure = LossSlice(film_c.slice_of_fit("c1"), NIGHT, "c1", (-2.5, 1.5))
    figure.appear(), figure.stand(-1.0)
    full = figure.curve.line.get_stroke_opacity()
    finish(figure.veil())
    assert figure.curve.line.get_stroke_opacity() == 0 and figure.dot.get_fill_opacity() == 1
    finish(figure.lift_fog())
    assert figure.curve.line.get_stroke_opacity() == full


# -- the angle ---------------------------------------------------------------------------------------------------------
def slice_aim():
    """The steepest way at the start of film C's slice, and the way to its minimum."""
    loss, at = film_c.slice_of_fit(*film_c.SLICE), {n: film_c.START[n] for n in film_c.SLICE}
    low = Descent.run(loss, at, optimizer="plain", rate=1.0, steps=1000).steps[-1].point
    return loss, at, Aim(loss, at, low)


def test_the_angles_of_film_c_and_their_audit():
    best = film_c.best_fit()
    whole = Aim(film_c.fit(), film_c.START, {f"c{k}": float(v) for k, v in enumerate(best)})
    aim = slice_aim()[2]
    assert round(aim.angle) == 64 and round(whole.angle) == 68
    for each in (aim, whole):
        description = json.loads(json.dumps(each.describe()))
        check = auditor_of(description)("angle")
        assert check.agrees(rebuild(description).lookup("angle")) and not check.agrees(each.angle + 0.01)
    for at, goal in (({"x": 0.0}, {"x": 1.0}), ({"x": 1.0}, {"x": 1.0}), ({"x": 1.0}, {"z": 1.0}), ({"x": 1.0}, {})):
        with pytest.raises(EngineError):
            Aim("x**2", at, goal)


@pytest.mark.parametrize("goal", [None, {"c1": -1.5, "c3": -0.5}, {"c1": 0.5, "c3": 0.2}])
def test_the_arc_opens_by_the_angle(goal):
    loss, at, aim = slice_aim()
    aim = aim if goal is None else Aim(loss, at, goal)
    figure = ContourDescent(loss, NIGHT, {"plain": Descent.run(loss, at, rate=0.3, steps=40)})
    figure.begin(), figure.steepest(), figure.angle(aim)
    centre = figure.view.place(*figure.start)[:2]
    first, last = ((figure.arc.point_from_proportion(k)[:2] - centre) for k in (0.0, 1.0))
    opened = np.degrees(np.arccos(first @ last / np.hypot(*first) / np.hypot(*last)))
    assert opened == pytest.approx(aim.angle, abs=0.5)
    assert first / np.hypot(*first) == pytest.approx(-figure.arrow_direction(), abs=1e-3)
    words = next(part for part in figure.angle_parts.get_family() if isinstance(part, Phrase))
    assert read_back(words.text.removesuffix("°")) == round(aim.angle)


def test_no_angle_on_rulers_that_differ():
    f, at = Function.of("x**2 + y**2/1000"), {"x": 0.5, "y": 30.0}
    figure = ContourDescent(f, NIGHT, {"plain": Descent.run(f, at, rate=0.1, steps=4)}, {"x": (-1, 1), "y": (-50, 50)})
    with pytest.raises(StageError, match="rulers"):
        figure.angle(Aim(f, at, {"x": 0.0, "y": 0.0}))


# -- the growing square ------------------------------------------------------------------------------------------------
def area_of(part):
    x, y = part.points[::4, 0], part.points[::4, 1]
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_strips_and_corner_are_the_parts_of_the_rise():
    table = Differences("gap**2", {"gap": 0.75}, "gap", [0.1, 0.01])
    figure = GrowingSquare(NIGHT, table, WIDE)
    for i in (0, 1):
        finish(figure.grow(i))
        unit = figure.unit**2
        assert area_of(figure.body) / unit == pytest.approx(table.rows[i].base)
        assert sum(map(area_of, figure.strips)) / unit == pytest.approx(table.quantity("linear", i).value)
        assert area_of(figure.bit) / unit == pytest.approx(table.quantity("rest", i).value)
    texts = [[p.text for p in figure.equation(i).provenance] for i in (0, 1)]
    assert texts == [["0.16", "0.15", "0.01"], ["0.0151", "0.0150", "0.0001"]]
    check = auditor_of(table.describe())
    for what in ("linear", "rest"):
        assert check(f"{what}/0").agrees(table.lookup(f"{what}/0")) and not check(f"{what}/0").agrees(0.5)


@pytest.mark.parametrize(("text", "x", "step"), [("x**3", 0.75, 0.1), ("x**2", -1.0, 0.1), ("x**2", 1.0, -0.1)])
def test_what_is_no_growing_square_is_refused(text, x, step):
    with pytest.raises(StageError, match="square"):
        GrowingSquare(NIGHT, Differences(text, {"x": x}, "x", [step]), WIDE)


# -- order and memory --------------------------------------------------------------------------------------------------
def recipe_graph():
    return GraphForward(film_b.recipe().trace({"a": 2.0, "b": 3.0, "c": -1.0}), NIGHT, tape=True)


def test_numbers_are_the_engines_order():
    graph = recipe_graph()
    order = GraphOrder(graph)
    order.number()
    assert [coin[1].text for coin in order.coins] == ["1", "2", "3"]
    done: list = []
    for step in order.order:  # a box never lacks what runs before it
        assert order.missing(step, done) == []
        done.append(step)


def test_a_box_is_stopped_by_what_is_missing():
    order = GraphOrder(recipe_graph())
    p, q, f = order.order
    assert [s.name for s in order.missing(f, ())] == ["q"] and [s.name for s in order.missing(q, ())] == ["p"]
    order.attempt(f)
    assert len(order.stopped[2]) == 1  # one "?", on the wire from q; the wire from a is not to blame
    order.forgive()
    assert order.stopped is None and not order.submobjects
    for step, done in ((p, ()), (f, (p, q))):
        with pytest.raises(StageError, match="nothing stops"):
            order.attempt(step, done)


def test_a_box_asks_for_what_its_slopes_are_computed_from():
    graph = recipe_graph()
    order = GraphOrder(graph.settle_all())
    p, q, f = order.order
    a, b, c = graph.inputs
    assert [s.name for s in order.readers(q)] == ["f"] and order.readers(p) == [] == order.readers(c)
    assert {s.name for s in order.readers(a)} == {"p", "f"} and [s.name for s in order.readers(b)] == ["p"]
    with pytest.raises(StageError, match="needs no erased"):
        order.ask(f)
    order.erase(q)
    assert graph.nodes[q.index].cell not in graph.submobjects
    with pytest.raises(StageError, match="q needs no erased"):
        order.ask(q)  # an addition passes blame on as it is
    order.ask(f)
    order.restore()
    assert graph.nodes[q.index].cell in graph.submobjects and not order.submobjects


# -- the traced slope --------------------------------------------------------------------------------------------------
def test_the_lower_curve_is_the_derivative_and_the_tangent_has_its_slope():
    loss = film_c.slice_of_fit("c1")
    figure = SlopeTrace(NIGHT, loss, "c1", (-2.5, 1.5), WIDE)
    for x in (-2.0, -1.0, 0.3):
        figure.put(x)
        slope = loss.value_and_gradient({"c1": x})[1]["c1"]
        d = figure.tangent.get_end() - figure.tangent.get_start()
        sx, sy = figure.view.scale
        assert d[1] / sy / (d[0] / sx) == pytest.approx(slope, rel=1e-6)
        assert figure.shadow.get_center()[:2] == pytest.approx(figure.below.place(x, slope)[:2], abs=1e-6)
        assert np.interp(x, figure.xs, figure.trace.y) == pytest.approx(slope, abs=1e-3)
    assert figure.levels() == [pytest.approx(-0.714, abs=2e-3)]  # the minimum of C5
    with pytest.raises(StageError, match="nowhere"):
        SlopeTrace(NIGHT, Function.of("exp(x)"), "x", (-1, 1), WIDE).level()
    with pytest.raises(StageError, match="no finite slope"):
        SlopeTrace(NIGHT, Function.of("log(x)"), "x", (-2, -1), WIDE)


def test_nothing_is_a_typed_number():
    """Every number of these verbs has its source."""
    loss, at, aim = slice_aim()
    figure = ContourDescent(loss, NIGHT, {"plain": Descent.run(loss, at, rate=0.3, steps=4)})
    figure.begin(), figure.steepest(), figure.angle(aim)
    words = next(part for part in figure.angle_parts.get_family() if isinstance(part, Phrase))
    assert words.provenance[0].quantity == Quantity("aim", "angle", aim.angle)


# -- one knob, many branches -------------------------------------------------------------------------------------------
def test_the_fan_has_a_branch_for_every_use_and_adds_their_shares():
    trace = film_c.fit().trace(film_c.START)
    for name, slope in (("c0", 0.294), ("c1", -0.238), ("c2", 0.245), ("c3", -0.381)):
        fan = BranchFan(trace, NIGHT, name, WIDE, data=True)
        assert len(fan.boxes) == len(fan.wires) == 9
        fan.appear(), fan.open_basket()
        sums = 0.0
        for k in fan.order:
            finish(*fan.arrive())
            sums += fan.uses[k].contribution
            assert fan.total.quantity.value == pytest.approx(sums)  # the basket shows what has come
            assert fan.at == pytest.approx(sums)  # and so does the gauge
        assert sums == pytest.approx(trace.gradient[name]) and round(sums, 3) == slope
        with pytest.raises(StageError, match="every branch"):
            fan.arrive()
    for text, at, name, said in (
        ("x*y", {"x": 1.0, "y": 2.0}, "x", "once only"), ("x*x", {"x": 1.0}, "z", "no input"),
        ("+".join(["x*y"] * 20), {"x": 1.0, "y": 2.0}, "x", "too many"),
    ):  # fmt: skip
        with pytest.raises(StageError, match=said):
            BranchFan(Function.of(text).trace(at), NIGHT, name, WIDE)


# -- a recipe ----------------------------------------------------------------------------------------------------------
def test_there_is_a_line_for_every_operation_with_the_engines_values():
    trace = film_b.recipe().trace({"a": 2.0, "b": 3.0, "c": -1.0})
    lines = RecipeLines(trace, PAPER, WIDE)
    assert [s.name for s in lines.steps] == ["p", "q", "f"] == [s.name for s in GraphForward(trace, NIGHT).operations]
    whole = Formula(lambda mark: formula(trace.output, mark, expand="inputs"), PAPER, 44)
    lines.open(whole)
    for k, (step, result) in enumerate(zip(lines.steps, lines.results, strict=True)):
        lines.run(k)
        shown = result.provenance[-1]
        assert read_back(shown.text) == step.value == shown.quantity.value and "approx" not in result.source
    rough = RecipeLines(Function.of("u = x/3; u*u").trace({"x": 1.0}), NIGHT, WIDE)
    assert all("approx" in result.source for result in rough.results)
    graph = GraphForward(trace, NIGHT)
    assert lines.become(graph) and not lines.submobjects
    with pytest.raises(StageError, match="do not fit"):
        RecipeLines(film_c.fit().trace(film_c.START), NIGHT, WIDE)
    with pytest.raises(StageError, match="arrays"):
        RecipeLines(Function.of(lambda w: w.sum()).trace({"w": [1.0, 2.0]}), NIGHT, WIDE)


# -- small ones --------------------------------------------------------------------------------------------------------
def test_the_tally_is_the_sticks_laid_one_on_the_other(fit):
    figure = CurveFit(NIGHT, fit, PLOT)
    misses = fit.misses(figure.knobs)
    figure.sticks(), figure.tally(4.0, -2.0)
    tops = {}
    for bar in figure.columns:
        x, top = round(float(bar.get_center()[0]), 3), float(bar.get_top()[1])
        tops[x] = max(tops.get(x, -9.0), top)
    left, right = (tops[x] + 2.0 + 0.02 for x in sorted(tops))
    assert left / figure.view.scale[1] == pytest.approx(misses[misses > 0].sum(), abs=1e-6)
    assert right / figure.view.scale[1] == pytest.approx(-misses[misses < 0].sum(), abs=1e-6)
    figure.clear_tally()


@pytest.mark.parametrize("size", [0.02, 0.3])
def test_marks_of_axis_steps_are_the_losses(size):
    loss, at, _ = slice_aim()
    figure = ContourDescent(loss, PAPER, {"plain": Descent.run(loss, at, rate=0.3, steps=4)})
    figure.begin(), figure.axis_steps(size)
    here = float(loss(**at))
    tried = [{**at, n: at[n] + way * size} for n in figure.names for way in (1.0, -1.0)]
    assert figure.falls == [float(loss(**point)) < here for point in tried]
    for part, point in zip(figure.tried, tried, strict=True):
        assert part[0].get_end()[:2] == pytest.approx(figure.view.place(*(point[n] for n in figure.names))[:2])
    figure.clear_axis_steps()


def test_a_ghost_rolls_along_the_curve_to_the_end_of_its_log():
    loss = film_c.slice_of_fit("c1")
    figure = LossSlice(loss, NIGHT, "c1", (-2.5, 1.5))
    figure.appear(), figure.stand(-2.2)
    log = Descent.run(loss, {"c1": -2.2}, optimizer="momentum", rate=0.3, steps=6)
    rolls = figure.roll(log)[0]
    rolls.begin()
    for alpha in (0.0, 0.4, 0.8, 1.0):
        rolls.interpolate(alpha)
        x, y = figure.ghost.get_center()[:2]
        at = figure.view.x[0] + (x - figure.view.box[0]) / figure.view.scale[0]
        assert y == pytest.approx(figure.place(at)[1], abs=1e-6)
    assert figure.ghost.get_center() == pytest.approx(figure.place(log.steps[-1].point["c1"]))
    assert figure.strike.get_center()[:2] == pytest.approx(figure.ghost.get_center()[:2], abs=0.02)
    figure.clear_roll()


def test_a_card_has_the_engines_rule_for_every_operand():
    table = RuleTable(NIGHT, WIDE)
    table.appear(), table.light(2)
    for text, trace, card in zip(BASIC, table.traces, table.cards, strict=True):
        head, *rules = card[1]
        assert len(rules) == len(trace.output.edges) == len(trace.inputs), text
        for edge, rule in zip(trace.output.edges, rules, strict=True):
            said = {glyph.mark.step for glyph in rule if glyph.mark.step is not None}
            assert edge.source.index in said
            bare = local_formula(edge)
            same = Formula(lambda mark, e=edge: local_formula(e, mark), NIGHT, rule.font_size)
            assert bare and [g.mark.role for g in rule][-len(same):] == [g.mark.role for g in same]
            assert sum(len(g.points) for g in rule[-len(same):]) == sum(len(g.points) for g in same)
        assert card.get_left()[0] >= WIDE.left - 1e-6 and card.get_bottom()[1] >= WIDE.bottom - 1e-6
    with pytest.raises(StageError, match="one operation"):
        RuleTable(NIGHT, WIDE, ("sin(u*v)",))
    with pytest.raises(StageError, match="do not fit"):
        RuleTable(NIGHT, Area(-1.0, 1.0, -1.0, 1.0))
