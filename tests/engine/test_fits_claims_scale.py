"""Fits, forecasts, claims and scales: their numbers, their audits, and the refusals."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import audit
from chainreel.engine.claims import HISTORY, PUBLISHED, TABLE, Claims, check_counts
from chainreel.engine.fit import BUILT_IN, Fit, rounded_parts
from chainreel.engine.forecast import Forecast
from chainreel.engine.scale import Scale

NINE = [(-1.0 + 0.25 * k, y) for k, y in enumerate((-0.65, 0.80, 1.25, 0.60, 0.55, -0.20, -0.75, -0.15, 1.35))]
CUBIC = "c0 + c1*x + c2*x**2 + c3*x**3"
START = {"c0": 0.25, "c1": -1.0, "c2": 0.5, "c3": 1.0}


def test_the_nine_points_of_the_storyboard():
    """Loss at the start, slopes, the best loss, and the miss at x = 0.5: the numbers that film C tells."""
    fit = Fit(CUBIC, NINE, START, rate=0.5, steps=108)
    assert round(fit.loss(0), 3) == 0.380
    slopes = [round(fit.quantity(f"gradient/c{k}").value, 3) for k in range(4)]
    assert slopes == [0.294, -0.238, 0.245, -0.381]
    assert round(fit.best_loss, 4) == 0.0233
    assert round(fit.quantity("miss", 0, 6).value, 4) == 0.75
    assert fit.loss(108) <= 1.05 * fit.best_loss < fit.loss(107)


@pytest.mark.parametrize(
    "model, start, optimizer",
    [(CUBIC, START, "plain"), ("a*sin(w*x)", {"a": 1.0, "w": 2.0}, "adam"), ("a*exp(-b*x) + c", None, "momentum")],
)
def test_every_number_of_a_fit_is_found_again_and_audited(model, start, optimizer):
    """By its key, after a rebuild, and in 50 digits."""
    fit = Fit(model, NINE, start, optimizer=optimizer, steps=6)
    again = Fit.rebuild(fit.describe())
    quantities = [fit.quantity(w, 3, 2) for w in ("prediction", "miss", "size", "square", "share", "total", "part", "x", "y")]
    quantities += [fit.quantity(w, 3) for w in ("loss", "points", "knobs", "rate", "steps", f"point/{fit.knobs[0]}")]
    quantities += [fit.quantity(f"{w}/{n}", 2) for w in ("gradient", "update") for n in fit.knobs]
    quantities += [fit.quantity("best")] if fit.best is not None else []
    for quantity in quantities:
        assert fit.lookup(quantity.key) == quantity.value == again.lookup(quantity.key)
        assert audit(fit.describe(), quantity.key).agrees(quantity.value), quantity


def test_linear_in_its_knobs_or_not():
    """The best loss is told only where linear least squares gives it."""
    assert Fit("a*sin(2*x) + b*x", NINE, steps=1).best is not None
    assert Fit("a*sin(w*x)", NINE, steps=1).best is None
    many = Fit(BUILT_IN, NINE[:3], steps=1)
    assert many.best_loss == pytest.approx(0.0, abs=1e-20)
    assert audit(many.describe(), "best").agrees(many.best_loss)


@pytest.mark.parametrize("seed", range(20))
def test_rounded_parts_add_up(seed):
    """Largest remainder: the parts sum to the rounded total, none is off by a whole unit."""
    parts = np.random.default_rng(seed).exponential(size=9) / 10
    shown = rounded_parts(list(parts), 3)
    assert round(sum(shown), 3) == round(float(f"{sum(parts):.3f}"), 3)
    assert np.all(np.abs(np.array(shown) - parts) <= 0.001 + 1e-12)


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: Fit("2*x", NINE), "no knob"),
        (lambda: Fit("a + b", NINE), "does not use x"),
        (lambda: Fit("a*x", [(0.0, np.nan)]), "finite"),
        (lambda: Fit("a*x", []), "pairs"),
        (lambda: Fit("a*x", np.zeros((501, 2))), "up to 500 points"),
        (lambda: Fit("+".join(f"k{i}*x**{i}" for i in range(13)), NINE), "up to 12"),
        (lambda: Fit("a*x", NINE, {"q": 1.0}), "no knob q"),
        (lambda: Fit("log(-1 - a**2)*x", NINE), "No start|finite"),
        (lambda: Claims([("ten people", "")]), "names no source"),
        (lambda: Claims([("", "a book")]), "empty"),
        (lambda: Claims().quantity("nobody"), "no claim"),
        (lambda: Scale(["gpt-9"]), "no model"),
        (lambda: Scale([[5]]), "two sizes"),
        (lambda: Scale(["digits", "digits"]), "twice"),
        (lambda: Forecast("x**2", {"x": 1.0}), "one of them"),
        (lambda: Forecast("x**2", {"x": 1.0}, turn={"y": 1.0}), "no input y"),
    ],
)
def test_refusals_are_sentences(make, sentence):
    """Each says what is wrong."""
    with pytest.raises(EngineError, match=sentence):
        make()


def test_forecast_of_the_storyboards():
    """Film C: nine points, rate 0.1: −0.0349 promised, −0.0321 happened. Audited, and found again."""
    fit = Fit(CUBIC, NINE, START, steps=1)
    step = Forecast(fit.function, START, 0.1)
    assert (round(step.forecast, 4), round(step.change, 4)) == (-0.0349, -0.0321)
    chain = "z = w1*1.5 + b1; h = relu(z); y = w2*h + b2; (y - 1)**2"
    at = {"w1": 0.8, "b1": -0.2, "w2": 0.7, "b2": -0.2}
    for made in (Forecast(chain, at, 0.05), Forecast(chain, at, turn={"w2": 0.1})):
        keys = ["forecast", "change", "before", "after", "promised", "size"] + ["rate"] * (made.rate is not None)
        keys += [f"{k}/{n}" for k in ("slope", "turn", "from", "to", "term") for n in at]
        again = Forecast.rebuild(made.describe())
        for key in keys:
            assert again.lookup(key) == made.lookup(key)
            assert audit(made.describe(), key).agrees(made.lookup(key)), key


def test_published_counts_are_our_counts():
    """ResNet-50 exactly; GPT-3 rounds to what was published."""
    counts = check_counts()
    assert counts["resnet-50"][0] == counts["resnet-50"][1] == 25_557_032
    assert round(counts["gpt-3"][0] / 1e9) == 175 and counts["gpt-3"][0] == 174_604_259_328
    for key in TABLE:
        assert audit(Claims().describe(), key).agrees(Claims().lookup(key)), key


def test_every_claim_has_a_source_and_a_year_is_in_order():
    """No claim without chip and source; the history runs forward."""
    assert all(c.chip and c.source and c.text for c in TABLE.values())
    years = [TABLE[k].value for k in HISTORY]
    assert years == sorted(years) and years[0] == 1676 and years[-1] == 1986


def test_own_claims():
    """Numerals in their text, years, and gaps are looked up again."""
    mine = Claims([(1950.0, "first", "a book"), (1962.0, "then 1,500 of 3.5", "another")])
    again = Claims.rebuild(mine.describe())
    assert [again.lookup(k) for k in ("own/0", "own/1/0", "own/1/1", "gap/0", "count")] == [1950, 1500, 3.5, 12, 2]
    assert audit(mine.describe(), "own/1/0").agrees(1500.0)


def test_scale_counts_and_areas():
    """Counted twice; the side of a square is the root of its area; pitches are those of the claim."""
    scale = Scale([[784, 800, 10], *PUBLISHED.keys() - {"mnist"}])
    for k in range(len(scale.levels)):
        for what in ("count", "side", "area", "times", "pitches", "billions", "millions"):
            quantity = scale.quantity(what, k)
            assert Scale.rebuild(scale.describe()).lookup(quantity.key) == quantity.value
            assert audit(scale.describe(), quantity.key).agrees(quantity.value), quantity
        assert scale.quantity("side", k).value ** 2 == pytest.approx(scale.quantity("area", k).value)
    assert round(scale.quantity("pitches", len(scale.levels) - 1).value, 1) == 24.5
