"""Film B: every checked number of its storyboard, computed by the engine. A test is named by chapter and
beat."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from chainreel.engine import Descent, Differences, Function
from chainreel.engine.error_curve import ErrorCurve
from chainreel.engine.learning import Objective, Risk
from chainreel.engine.learning.counting import gpt3, mlp, resnet50, total
from chainreel.engine.storyboards import film_a
from chainreel.engine.storyboards import film_b as film
from chainreel.engine.swell import Swell

from .shown import all_shown, shown


@pytest.fixture(scope="module")
def recipe():
    return film.recipe().trace(film.RECIPE_AT)


@pytest.fixture(scope="module")
def chain():
    return film.chain().trace(film.CHAIN_AT)


def values(trace, *names: str) -> list[float]:
    steps = {step.name: step for step in trace.steps}
    return [steps[name].value for name in names]


def adjoints(trace, *names: str) -> list[float]:
    steps = {step.name: step for step in trace.steps}
    return [steps[name].adjoint for name in names]


# -- B1: AI feels like magic -----------------------------------------------------------------------------------------
def test_b1_b1_b2_digits_before_and_after():
    """Told: 16 % → 97-98 %. The seed shown starts at 16 %; the mean of five seeds ends at 97 %."""
    run = film.digits_training()
    assert shown(100 * run.measured["unseen"][0], "16") and shown(100 * run.measured["unseen"][-1], "97")
    ends = [film.digits_training(seed).measured["unseen"][-1] for seed in film.DIGITS_SEEDS]
    assert np.mean(ends) == pytest.approx(0.97, abs=0.01)


# -- B2: knobs -------------------------------------------------------------------------------------------------------
def test_b2_b1_four_dials_and_a_meter(chain):
    assert values(chain, "y") == [0.5] and chain.value == 0.25


def test_b2_b2_turning_one_dial(chain):
    assert shown(film.chain()(**{**film.CHAIN_AT, **film.CHAIN_TURN}), "0.16")


def test_b2_b5_scale():
    counts = [len(film.CHAIN_AT), len(film_a.KNOBS), total(mlp([64, 32, 10])), total(resnet50()), total(gpt3())]
    assert counts == [4, 13, 2410, 25_557_032, 174_604_259_328]
    assert sum(film.digits_net().count()) == 2410


# -- B3: slopes are hard ---------------------------------------------------------------------------------------------
def test_b3_b2_the_row_of_machines(chain):
    assert values(chain, "w1", "z", "h", "y", "gap") == pytest.approx([0.8, 1.0, 1.0, 0.5, -0.5], abs=1e-15)
    assert chain.value == 0.25


def test_b3_b1_slope_per_nudge():
    table = Differences(film.chain(), film.CHAIN_AT, "w1", [0.1, 0.01, 0.001])
    assert shown(table.exact, "−1.05")
    assert [abs(row.error) for row in table.rows] == sorted((abs(row.error) for row in table.rows), reverse=True)


# -- B4: two wrong turns ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def curves() -> dict[str, ErrorCurve]:
    loss, at = film.digits_slice()
    return {
        kind: ErrorCurve(loss, at, "W", "forward", kind, film.NUDGES, film.NUDGED) for kind in ("float64", "float32")
    }  # fmt: skip


def test_b4_b1_the_slope_of_weight_8_4(curves):
    """Told as −0.03996; the start values behind it are not recorded. In the start chosen here: −0.0366."""
    assert curves["float64"].exact == pytest.approx(-0.03996, rel=0.1)


def test_b4_b3_float64_turns_near_1e_8(curves):
    """Told: best error 2e-8 at h = 1e-8. Here, relative to the slope: 2.8e-8 at 1e-7."""
    assert 1e-9 <= curves["float64"].best.step <= 1e-7 and 1e-9 < curves["float64"].best.relative < 2e-7


def test_b4_b3_float32_turns_near_1e_3(curves):
    """Told: best error 7e-4 at h = 1e-3. Here, relative to the slope: 1.1e-3 at 1e-2, with 3.8e-3 at 1e-3."""
    assert 1e-3 <= curves["float32"].best.step <= 1e-2 and 1e-4 < curves["float32"].best.relative < 5e-3


def test_b4_b4_at_one_millionth_float32_sees_nothing(curves):
    row = next(row for row in curves["float32"].rows if row.step == pytest.approx(1e-6))
    assert row.slope == 0.0 and row.relative == 1.0


def test_b4_b5_one_more_run_per_dial():
    assert sum(film.digits_net().count()) + 1 == 2411
    assert shown(total(gpt3()) * film.SECONDS_PER_RUN / (365.25 * 86_400), "5.5")


def test_b4_b6_b7_the_formula_swells():
    rows = Swell(film.SWELLING, film.DEPTH).rows
    assert [row.value for row in rows] == [3, 9, 21, 45, 93, 189]
    assert [row.derivative for row in rows] == [7, 38, 136, 416, 1168, 3104]


def test_b4_b8_folded_together():
    rows = Swell(film.SWELLING, film.DEPTH).rows
    assert [row.derivative_shared for row in rows] == [6, 17, 30, 45, 62, 81]


def test_b4_one_sweep_costs_9_operations_a_layer():
    sweeps = [row.sweep for row in Swell(film.SWELLING, film.DEPTH).rows]
    assert {after - before for before, after in zip(sweeps, sweeps[1:], strict=False)} == {9}


def test_b4_sympy_agrees_to_depth_4():
    v = sympy.Symbol("v")
    formula = v
    for row in Swell(film.SWELLING, 4).rows:
        formula = formula * (1 + sympy.tanh(formula))
        slope = sympy.diff(formula, v)
        assert (sympy.count_ops(formula), sympy.count_ops(slope)) == (row.value, row.derivative)


# -- B5 to B11: the recipe -------------------------------------------------------------------------------------------
def test_b5_b2_numbers_run_down_the_lines(recipe):
    assert values(recipe, "p", "q") == [6, 5] and recipe.value == 10


def test_b6_b4_the_boxes_of_the_chain(chain):
    """The beat lists ×, +, max, ×, +, −, square: seven boxes (the goal above it says eight operations)."""
    assert [step.primitive for step in chain.steps if not step.is_input] == [
        "mul", "add", "relu", "mul", "add", "sub", "square",
    ]  # fmt: skip


def test_b7_b1_b2_local_slopes(recipe):
    add = next(step for step in recipe.steps if step.name == "q")
    product = next(step for step in recipe.steps if step.name == "p")
    assert add.edges[0].local == 1.0 and [edge.local for edge in product.edges] == [3.0, 2.0]


def test_b8_b2_forward_through_the_chain(chain):
    assert all_shown([*values(chain, "z", "y", "gap"), chain.value], "1.0 0.5 −0.5 0.25")


@pytest.mark.parametrize("seed, at_p, at_q, at_f", [("a", 3, 3, 11), ("b", 2, 2, 4), ("c", 0, 1, 2)])
def test_b10_one_forward_sweep_per_ingredient(recipe, seed, at_p, at_q, at_f):
    tangents = recipe.tangents({seed: 1.0})
    steps = {step.name: step for step in recipe.steps}
    assert [tangents[steps["p"]], tangents[steps["q"]], tangents[recipe.output]] == [at_p, at_q, at_f]


def test_b10_b2_eleven_is_six_and_five(recipe):
    tangents, last = recipe.tangents({"a": 1.0}), recipe.output
    assert [edge.local * tangents[edge.source] for edge in last.edges] == [6.0, 5.0]


def test_b11_b1_b2_the_reverse_sweep_with_baskets(recipe):
    assert adjoints(recipe, "q", "p", "c", "b", "a") == [2, 2, 2, 4, 11]
    a = next(step for step in recipe.steps if step.name == "a")
    assert [edge.contribution for edge in a.uses] == [5, 6] and [edge.running for edge in a.uses] == [5, 11]


def test_b11_b3_the_same_numbers_as_three_forward_sweeps(recipe):
    assert recipe.gradient == {"a": 11.0, "b": 4.0, "c": 2.0}
    assert {k: recipe.tangents({k: 1.0})[recipe.output] for k in "abc"} == recipe.gradient


@pytest.mark.parametrize("size, ways, arrows", [(film.TOY, 1024, 64), (film.LARGE, 32**10, 9216)])
def test_b11_b4_paths_and_arrows(size, ways, arrows):
    """With every local slope 1 a slope counts the paths; one sweep adds them up without walking them."""
    width, layers = size
    trace = film.paths(*size).trace({"s": np.ones(width)})
    assert trace.gradient["s"].sum() == ways
    mixing = [step for step in trace.steps if step.primitive == "matmul"]
    assert len(mixing) == layers - 1 and len(mixing) * width**2 == arrows
    assert shown(32**10 / 1e15, "1.1")


def test_b16_b2_the_ghost_run_without_adding_up(recipe):
    a = next(step for step in recipe.steps if step.name == "a")
    assert a.uses[-1].contribution == 6 and a.adjoint == 11  # `=` would keep only the last


# -- B12: back-propagation on a network ------------------------------------------------------------------------------
def test_b12_b1_b2_one_sweep_2410_slopes_five_of_them_nudged():
    (X, labels), _ = film_a.digit_data()
    net = film.digits_net()
    objective = Objective(Risk(net, "cross_entropy")).on(X, labels)
    params = net.initial(film.DIGITS_SEED, "he")
    _, slopes = objective.value_and_gradient(params)
    assert sum(part.size for layer in slopes for part in layer.values()) == 2410
    for layer, element in film.CHECKED:
        measured = central(objective, params, layer, element)
        exact = slopes[layer]["W"][element]
        assert abs(exact) > 1e-4 and measured == pytest.approx(exact, rel=1e-6)


def central(loss, params, layer: int, element: tuple[int, int], h: float = film.CHECK_NUDGE) -> float:
    """The slope of one weight by nudging it both ways."""
    found = []
    for sign in (1, -1):
        moved = [{name: part.copy() for name, part in own.items()} for own in params]
        moved[layer]["W"][element] += sign * h
        found.append(loss(moved))
    return (found[0] - found[1]) / (2 * h)


# -- B13: the mini-example -------------------------------------------------------------------------------------------
def test_b13_b4_to_b7_the_sweep_by_hand(chain):
    assert adjoints(chain, "y", "b2", "w2", "h", "z", "b1", "w1") == pytest.approx(
        [-1.0, -1.0, -1.0, -0.7, -0.7, -0.7, -1.05], abs=1e-15
    )


def test_b13_b6_a_closed_gate(chain):
    ghost = film.chain().trace({**film.CHAIN_AT, "b1": -2.0})
    assert values(ghost, "z")[0] < 0 and ghost.gradient["w1"] == ghost.gradient["b1"] == 0.0


def test_b13_b8_nudge_check():
    nudged = [Differences(film.chain(), film.CHAIN_AT, k, [film.CHAIN_NUDGE]).rows[0].slope for k in ("w1", "b1", "w2", "b2")]
    assert all_shown(nudged, "−1.0489 −0.6995 −0.9990 −0.9990")


def test_b13_b9_b10_three_steps():
    log = Descent.run(film.chain(), film.CHAIN_AT, rate=film.CHAIN_RATE, steps=3)
    first = log.steps[1].point
    assert all_shown([first[k] for k in ("w1", "b1", "w2", "b2")], "0.905 −0.13 0.80 −0.10")
    guesses = [values(film.chain().trace(state.point), "y")[0] for state in log.steps]
    assert all_shown(guesses[1:], "0.882 0.992 0.9998")
    assert all_shown(log.losses[:3], "0.25 0.0139 0.00006")


# -- B14: what it costs ----------------------------------------------------------------------------------------------
def test_b14_b1_b2_runs_and_sweeps_by_counting():
    """The measured factors belong to one machine; what holds anywhere are counts: 2,411 runs, 2,410 sweeps,
    one sweep."""
    (X, labels), _ = film_a.digit_data()
    batch, told = X[: film.BATCH], labels[: film.BATCH]
    net = film.digits_net()
    risk, params = Risk(net, "cross_entropy"), net.initial(film.DIGITS_SEED, "he")

    def loss(W1, b1, W2, b2):
        return risk([{"W": W1, "b": b1}, {"W": W2, "b": b2}], batch, told)

    trace = Function.of(loss).trace({"W1": params[0]["W"], "b1": params[0]["b"], "W2": params[1]["W"], "b2": params[1]["b"]})
    knobs = sum(part.size for part in trace.gradient.values())
    assert (knobs + 1, knobs) == (2411, 2410)
    assert trace.counts.reverse_total <= 3 * trace.counts.forward_total  # one sweep back is a small multiple of one run
