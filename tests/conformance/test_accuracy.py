"""Every function of one number, its first and second derivative, against mpmath with 60 digits on wide grids.

Bounds. A first derivative is off by at most 1e-15 of itself, on all four roads: a float and an array, each by the
reverse and by the forward sweep. So is the value, where the engine computes it with a formula of its own.
Where the exact number is larger than the largest float the answer must be that infinity; where it is smaller than the
smallest normal float (2.2e-308) the answer may be anything from 0 to that, of the same sign. A second derivative comes
from differentiating the rule of the first, a sum of terms that may cancel: it is off by at most 1e-14 of the largest of
|f''|, |f'|, |f'/x| and, where the rule has f in it, |f' f|.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy import special as scipy_special

from chainreel.engine import grad, jvp, vjp
from chainreel.engine.elementwise import TABLE

try:
    from chainreel.engine import special
except ImportError:  # the special functions are a file of their own
    special = None  # type: ignore[assignment]

BOUND, SECOND_BOUND = 1e-15, 1e-14
BESSEL = "scipy's Bessel functions, of which the derivatives are made, are no better near their zeros"
LOOSER = {name: (1e-12, 1e-12, BESSEL) for name in ("i0", "i1", "i0e", "i1e", "j0", "j1", "y0", "y1")}
LOOSER["erfcx"] = (
    BOUND,
    1e-13,
    "the second derivative is the difference of two terms that agree more and more, beyond x = 10 too far",
)
LOOSER["rgamma"] = (1e-13, 1e-13, "its slope has a root at 1.4616, in the neighbourhood of which two terms cancel")
LARGEST, SMALLEST = mp.mpf(np.finfo(float).max), mp.mpf(np.finfo(float).tiny)
SLOPES = {"sech2", "gauss", "density", "hazard", "sinc_slope", "erfcx_slope"}  # measured as slopes of others
KINKED = {
    "abs",
    "relu",
    "sign",
    "gammasgn",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "angle",
}  # piecewise constant slopes, exact by declaration; tests/engine has them


def digits(rule: Callable) -> Callable:
    """The rule with 60 digits; more where a subtraction eats them is the rule's own business."""

    @functools.wraps(rule)
    def precise(x: float) -> Any:
        with mp.workdps(60):
            return rule(mp.mpf(x))

    return precise


@dataclass(frozen=True)
class Reference:
    """Value, slope and slope of the slope from a handbook, and the ends of the open interval where they hold."""

    value: Callable
    first: Callable
    second: Callable
    low: float = -math.inf
    high: float = math.inf
    own: bool = False  # whether the engine's value is a formula of the engine
    extra: tuple[float, ...] = field(default=())
    hole: bool = False  # at 0, where the slope is infinite
    bends_to: float = math.inf  # up to where the second derivative is measured
    every: int = 1  # of the points of the grid, for functions of which mpmath takes its time


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _sigmoid_slope(x: Any) -> Any:
    return mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2


def _sinc(x: Any) -> Any:
    return mp.sin(mp.pi * x) / (mp.pi * x) if x else mp.mpf(1)


def _sinc_series(x: Any, derivative: int) -> Any:
    """The series of sin(pi x)/(pi x) about 0, differentiated term by term."""
    terms = (
        (-1) ** k * mp.pi ** (2 * k) / mp.factorial(2 * k + 1) * mp.ff(2 * k, derivative) * x ** (2 * k - derivative)
        for k in range((derivative + 1) // 2, 30)
    )
    return mp.fsum(terms)


def _sinc_slope(x: Any) -> Any:
    return _sinc_series(x, 1) if abs(x) < 1 else (mp.cospi(x) - _sinc(x)) / x


def _sinc_bend(x: Any) -> Any:
    return _sinc_series(x, 2) if abs(x) < 1 else -mp.pi * mp.sinpi(x) / x - 2 * _sinc_slope(x) / x


def _root(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _gauss(x: Any) -> Any:
    return mp.exp(-x * x)


def _erfc(x: Any) -> Any:
    """mpmath's own, except where it would run out of its means for a number that is 0 or 2."""
    return mp.erfc(x) if abs(x) < 10**6 else mp.mpf(0 if x > 0 else 2)


def _normal(x: Any) -> Any:
    return _erfc(-x / mp.sqrt(2)) / 2


def _density(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _inverse(function: Callable, slope: Callable, start: Callable) -> Callable:
    """The inverse of a function by Newton's method on mpmath's numbers, from scipy's answer."""

    def inverse(x: Any) -> Any:
        y = mp.mpf(float(start(float(x))))
        for _ in range(4):
            y -= (function(y) - x) / slope(y)
        return y

    return inverse


def _tail(x: Any) -> Any:
    """erfcx(x) = exp(x^2) erfc(x); from 10^6 on the asymptotic series, as there would be no end to the digits."""
    if x < 10**6:
        return mp.exp(x * x) * mp.erfc(x)
    return mp.fsum((-1) ** n * mp.fac2(2 * n - 1) / (2 * x * x) ** n for n in range(12)) / (x * mp.sqrt(mp.pi))


def _tail_slope(x: Any) -> Any:
    if x < 10**6:
        return 2 * x * _tail(x) - 2 / mp.sqrt(mp.pi)
    return 2 * mp.fsum((-1) ** n * mp.fac2(2 * n - 1) / (2 * x * x) ** n for n in range(1, 12)) / mp.sqrt(mp.pi)


def _tail_bend(x: Any) -> Any:
    if x < 10**6:
        return 2 * _tail(x) + 2 * x * _tail_slope(x)
    terms = ((-1) ** n * mp.fac2(2 * n - 1) * (-2 * n) / (2 * x * x) ** n / x for n in range(1, 12))
    return 2 * mp.fsum(terms) / mp.sqrt(mp.pi)


def _hazard(x: Any) -> Any:
    """density/ndtr; far to the left it is t + 1/t - 2/t^3 + … with t = -x."""
    return _density(x) / _normal(x) if x > -(10**6) else _far(x, 0)


def _hazard_slope(x: Any) -> Any:
    return -_hazard(x) * (x + _hazard(x)) if x > -(10**6) else _far(x, 1)


def _hazard_bend(x: Any) -> Any:
    h, d = _hazard(x), _hazard_slope(x)
    return -d * (x + h) - h * (1 + d) if x > -(10**6) else _far(x, 2)


def _far(x: Any, derivative: int) -> Any:
    coefficients = ((1, 1), (-1, 1), (-3, -2), (-5, 10), (-7, -74), (-9, 706))  # of t^k; t = -x turns odd derivatives round
    return (-1) ** derivative * mp.fsum(c * mp.ff(k, derivative) * (-x) ** (k - derivative) for k, c in coefficients)


def _power(z: float) -> Reference:
    exact = mp.mpf(z)
    return Reference(
        lambda x: x**exact, lambda x: exact * x ** (exact - 1), lambda x: exact * (exact - 1) * x ** (exact - 2), 0.0
    )


def _bessel(family: Callable, n: int, sign: int, low: float = -600.0) -> Reference:
    """A Bessel function of whole order: 2 C_n' = C_(n-1) + sign C_(n+1), for both families."""

    def order(k: int, x: Any) -> Any:
        return sign**k * order(-k, x) if k < 0 else family(k, x)

    def first(x: Any, k: int = n) -> Any:
        return (order(k - 1, x) + sign * order(k + 1, x)) / 2

    return Reference(
        lambda x: order(n, x), first, lambda x: (first(x, n - 1) + sign * first(x, n + 1)) / 2, low, 600.0, every=6
    )


def _scaled(n: int) -> Reference:
    """exp(-|x|) I_n(x)"""
    plain = _bessel(mp.besseli, n, 1)

    def first(x: Any) -> Any:
        return mp.exp(-abs(x)) * (plain.first(x) - mp.sign(x) * plain.value(x))

    def second(x: Any) -> Any:
        return mp.exp(-abs(x)) * (plain.second(x) - 2 * mp.sign(x) * plain.first(x) + plain.value(x))

    return Reference(lambda x: mp.exp(-abs(x)) * plain.value(x), first, second, -600.0, 600.0, every=6)


LN2, LN10 = mp.log(2), mp.log(10)
with mp.workdps(70):
    LN2, LN10 = mp.log(2), mp.log(10)
    TWO_BY_ROOT_PI = 2 / mp.sqrt(mp.pi)
_erfcinv = _inverse(_erfc, lambda y: -2 / mp.sqrt(mp.pi) * _gauss(y), scipy_special.erfcinv)
_ndtri = _inverse(_normal, _density, scipy_special.ndtri)


def _erfinv(x: Any) -> Any:
    return (
        mp.sign(x) * _erfcinv(1 - abs(x))
        if abs(x) > 0.5
        else _inverse(mp.erf, lambda y: 2 / mp.sqrt(mp.pi) * _gauss(y), scipy_special.erfinv)(x)
    )


GAMMA_ROOT = 1.4616321449683622

# fmt: off
REFERENCES: dict[str, Reference] = {
    "neg": Reference(lambda x: -x, lambda x: -1, lambda x: 0),
    "square": Reference(lambda x: x * x, lambda x: 2 * x, lambda x: 2),
    "sqrt": Reference(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x)), 0.0),
    "exp": Reference(mp.exp, mp.exp, mp.exp),
    "exp2": Reference(lambda x: mp.exp(x * LN2), lambda x: LN2 * mp.exp(x * LN2), lambda x: LN2**2 * mp.exp(x * LN2)),
    "expm1": Reference(mp.expm1, mp.exp, mp.exp),
    "log": Reference(mp.log, lambda x: 1 / x, lambda x: -1 / x**2, 0.0),
    "log2": Reference(lambda x: mp.log(x) / LN2, lambda x: 1 / (x * LN2), lambda x: -1 / (x**2 * LN2), 0.0),
    "log10": Reference(lambda x: mp.log(x) / LN10, lambda x: 1 / (x * LN10), lambda x: -1 / (x**2 * LN10), 0.0),
    "log1p": Reference(mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2, -1.0),
    "sin": Reference(mp.sin, mp.cos, lambda x: -mp.sin(x)),
    "cos": Reference(mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
    "tan": Reference(mp.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.sec(x) ** 2 * mp.tan(x)),
    "arcsin": Reference(mp.asin, lambda x: 1 / mp.sqrt((1 - x) * (1 + x)), lambda x: x / mp.sqrt((1 - x) * (1 + x)) ** 3,
                        -1.0, 1.0),
    "arccos": Reference(mp.acos, lambda x: -1 / mp.sqrt((1 - x) * (1 + x)), lambda x: -x / mp.sqrt((1 - x) * (1 + x)) ** 3,
                        -1.0, 1.0),
    "arctan": Reference(mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "sinh": Reference(mp.sinh, mp.cosh, mp.sinh),
    "cosh": Reference(mp.cosh, mp.sinh, mp.cosh),
    "tanh": Reference(mp.tanh, lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2),
    "arcsinh": Reference(mp.asinh, lambda x: 1 / mp.sqrt(1 + x * x), lambda x: -x / mp.sqrt(1 + x * x) ** 3),
    "arccosh": Reference(mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1)), lambda x: -x / mp.sqrt((x - 1) * (x + 1)) ** 3,
                         1.0),
    "arctanh": Reference(mp.atanh, lambda x: 1 / ((1 - x) * (1 + x)), lambda x: 2 * x / ((1 - x) * (1 + x)) ** 2, -1.0, 1.0),
    "sigmoid": Reference(_sigmoid, _sigmoid_slope, lambda x: -_sigmoid_slope(x) * mp.tanh(x / 2), own=True),
    "softplus": Reference(lambda x: mp.log1p(mp.exp(x)), _sigmoid, _sigmoid_slope, own=True),
    # powers, the other operand held
    "pow 3": _power(3.0), "pow 0.5": _power(0.5), "pow 2.5": _power(2.5), "pow -1": _power(-1.0), "pow -1.5": _power(-1.5),
    "pow 0.1": _power(0.1), "pow -0.3": _power(-0.3), "pow 1e-5": _power(1e-5),
    # the special functions
    "cbrt": Reference(_root, lambda x: 1 / (3 * _root(x) ** 2), lambda x: -2 / (9 * x * _root(x) ** 2), hole=True),
    "sinc": Reference(_sinc, _sinc_slope, _sinc_bend),
    "erf": Reference(lambda x: 1 - _erfc(x) if abs(x) > 1 else mp.erf(x), lambda x: TWO_BY_ROOT_PI * _gauss(x),
                     lambda x: -2 * x * TWO_BY_ROOT_PI * _gauss(x)),
    "erfc": Reference(_erfc, lambda x: -TWO_BY_ROOT_PI * _gauss(x), lambda x: 2 * x * TWO_BY_ROOT_PI * _gauss(x)),
    "loggamma": Reference(mp.loggamma, mp.digamma, lambda x: mp.psi(1, x), 0.0, extra=(GAMMA_ROOT,)),
    "digamma": Reference(mp.digamma, lambda x: mp.psi(1, x), lambda x: mp.psi(2, x), 0.0),
    "gamma": Reference(mp.gamma, lambda x: mp.gamma(x) * mp.digamma(x),
                       lambda x: mp.gamma(x) * (mp.digamma(x) ** 2 + mp.psi(1, x)), 0.0, 200.0),
    "rgamma": Reference(mp.rgamma, lambda x: -mp.rgamma(x) * mp.digamma(x),
                        lambda x: mp.rgamma(x) * (mp.digamma(x) ** 2 - mp.psi(1, x)), 0.0, 150.0),
    "deg2rad": Reference(mp.radians, lambda x: mp.pi / 180, lambda x: 0),
    "rad2deg": Reference(mp.degrees, lambda x: 180 / mp.pi, lambda x: 0),
    "erfinv": Reference(_erfinv, lambda x: mp.exp(_erfinv(x) ** 2) / TWO_BY_ROOT_PI,
                        lambda x: 2 * _erfinv(x) * (mp.exp(_erfinv(x) ** 2) / TWO_BY_ROOT_PI) ** 2, -1.0, 1.0),
    "erfcinv": Reference(_erfcinv, lambda x: -mp.exp(_erfcinv(x) ** 2) / TWO_BY_ROOT_PI,
                         lambda x: 2 * _erfcinv(x) * (mp.exp(_erfcinv(x) ** 2) / TWO_BY_ROOT_PI) ** 2, 1e-300, 2.0),
    "erfcx": Reference(_tail, _tail_slope, _tail_bend, bends_to=10.0),
    "ndtr": Reference(_normal, _density, lambda x: -x * _density(x)),
    "ndtri": Reference(_ndtri, lambda x: 1 / _density(_ndtri(x)), lambda x: _ndtri(x) / _density(_ndtri(x)) ** 2, 1e-300, 1.0),
    "log_ndtr": Reference(lambda x: mp.log(_normal(x)) if x > -(10**6) else -x * x / 2, _hazard, _hazard_slope),
    "logit": Reference(lambda x: mp.log(x / (1 - x)), lambda x: 1 / (x * (1 - x)), lambda x: (2 * x - 1) / (x * (1 - x)) ** 2,
                       0.0, 1.0),
    "log_sigmoid": Reference(lambda x: -mp.log1p(mp.exp(-x)), lambda x: _sigmoid(-x), lambda x: -_sigmoid_slope(x)),
    "entr": Reference(lambda x: -x * mp.log(x), lambda x: -mp.log(x) - 1, lambda x: -1 / x, 0.0),
    "i0": _bessel(mp.besseli, 0, 1), "i1": _bessel(mp.besseli, 1, 1),
    "j0": _bessel(mp.besselj, 0, -1), "j1": _bessel(mp.besselj, 1, -1),
    "y0": _bessel(mp.bessely, 0, -1, 0.0), "y1": _bessel(mp.bessely, 1, -1, 0.0),
    "i0e": _scaled(0), "i1e": _scaled(1),
}
# fmt: on
ALIASES = {"gammaln": "loggamma", "psi": "digamma"}


def functions() -> dict[str, Callable]:
    """Every elementwise primitive with one operand, and a few powers."""
    found: dict[str, Callable] = {}
    for table in (TABLE, getattr(special, "TABLE", {})):
        for name, primitive in table.items():
            if primitive.partials is not None and len(primitive.partials) == 1 and name not in KINKED | SLOPES:
                found[ALIASES.get(name, name)] = primitive
    for name in REFERENCES:
        if name.startswith("pow "):
            found[name] = functools.partial(_raised, z=float(name[4:]))
    return found


def _raised(x: Any, z: float) -> Any:
    return TABLE["pow"](x, z)


FUNCTIONS = functions()


def grid(reference: Reference) -> np.ndarray:
    """Some 900 floats: every magnitude there is, the neighbourhood of 0, of ±1, of multiples of pi/2, and the middle."""
    random = np.random.default_rng(26)
    magnitudes = np.concatenate([10.0 ** np.arange(-323.0, 309.0, 4.0), 10.0 ** random.uniform(-20.0, 20.0, 80)])
    edges = np.array([5e-324, 1e-310, 2.2250738585072014e-308, 2.3e-308, 1e-162, 1.4e-154, 1.3e154, 1.7976931348623157e308])
    beside = 10.0 ** -np.arange(1.0, 17.0, 0.5)
    exponents = np.array([18.5, 36.7, 37.5, 300.1, 354.0, 372.3, 700.0, 708.3, 709.5, 709.9, 710.3, 711.0, 744.9, 746.0, 800.0])
    positive = np.concatenate([
        magnitudes, edges, 1.0 - beside, 1.0 + beside, exponents, random.uniform(0.0, 2.0, 120), random.uniform(0.0, 40.0, 80),
        np.arange(1, 60) * math.pi / 2, np.arange(1, 12) + beside[:11], np.arange(1.0, 12.0), reference.extra,
    ])  # fmt: skip
    both = np.concatenate([positive, -positive, [0.0]])
    inside = (both > reference.low) & (both < reference.high) & ~(reference.hole & (both == 0))
    return np.unique(both[inside])[:: reference.every]


def bounds(name: str) -> tuple[float, float]:
    """The bounds of one function for its first and second derivative."""
    first, second, _ = LOOSER.get(name, (BOUND, SECOND_BOUND, ""))
    return first, second


def error(got: float, exact: Any, scale: Any = None) -> float:
    """How far off, as a part of the exact number (or of ``scale``); infinite where a wrong kind of number came."""
    if abs(exact) > LARGEST * (1 - mp.mpf(2) ** -52):
        return 0.0 if got * mp.sign(exact) >= LARGEST else math.inf
    if not math.isfinite(got):
        return math.inf
    if scale is None and abs(exact) < SMALLEST:
        return 0.0 if abs(got) <= SMALLEST and got * mp.sign(exact) >= 0 and (exact or not got) else math.inf
    return float(abs(got - exact) / max(abs(exact), SMALLEST, scale or 0))


def roads(function: Callable, xs: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The first derivative at every point, on each road the engine has."""
    ones = np.ones_like(xs)
    yield "float, reverse", np.array([grad(function)(x) for x in xs.tolist()])
    yield "float, forward", np.array([jvp(function, (x,), (1.0,))[1] for x in xs.tolist()])
    yield "array, reverse", vjp(function, xs)[1](ones)[0]
    yield "array, forward", jvp(function, (xs,), (ones,))[1]


@dataclass(frozen=True)
class Accuracy:
    """The worst point of one function: of its values, first and second derivatives, each with where it is."""

    value: tuple[float, float, str]
    first: tuple[float, float, str]
    second: tuple[float, float, str]
    points: int


@functools.cache
def accuracy(name: str) -> Accuracy:
    """Measure one function; the report prints what this returns."""
    function, reference = FUNCTIONS[name], REFERENCES[name]
    xs = grid(reference)
    exact = [digits(reference.first)(x) for x in xs.tolist()]
    worst = max(
        (error(g, e), x, road)
        for road, got in roads(function, xs)
        for x, g, e in zip(xs.tolist(), got.tolist(), exact, strict=True)
    )
    value = (0.0, 0.0, "")
    values = [digits(reference.value)(x) for x in xs.tolist()]
    with np.errstate(all="ignore"):
        computed = {"float": [function(x) for x in xs.tolist()], "array": function(xs).tolist()}
    if reference.own:
        value = max(
            (error(g, e), x, road) for road in computed for x, g, e in zip(xs.tolist(), computed[road], values, strict=True)
        )
    second = (0.0, 0.0, "")
    total = vjp(lambda x: vjp(function, x)[1](np.ones(len(xs)))[0], xs)[1](np.ones(len(xs)))[0]
    some = range(0, len(xs), 3)
    by_float = {k: grad(grad(function))(float(xs[k])) for k in some}
    for k, x in enumerate(xs.tolist()):
        if x > reference.bends_to:
            break
        bend = digits(reference.second)(x)
        if abs(bend) > LARGEST or abs(values[k]) > LARGEST or abs(exact[k]) > LARGEST:
            continue  # nothing finite to compare with
        scale = max(abs(exact[k]), abs(exact[k] / x) if x else 0, abs(exact[k] * values[k]))
        if scale > LARGEST or (x and abs(exact[k] / x / x) > LARGEST):
            continue  # the terms of the rule overflow although their sum would not
        second = max(second, (error(float(total[k]), bend, scale), x, "array"))
        if k in by_float:
            second = max(second, (error(by_float[k], bend, scale), x, "float"))
    return Accuracy(value, worst, second, len(xs))


def test_every_function_has_a_reference():
    """A function that joins the table without a reference would be measured by nobody."""
    assert set(FUNCTIONS) <= set(REFERENCES)
    assert len(FUNCTIONS) >= 26


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_the_references_agree_with_differences(name):
    """The handbook formulas themselves, against mpmath's own numerical derivative."""
    reference = REFERENCES[name]
    with mp.workdps(60):
        for x in (mp.mpf("0.37"), mp.mpf("-0.61"), mp.mpf("1.83")):
            if reference.low < x < reference.high:
                assert mp.almosteq(reference.first(x), mp.diff(reference.value, x), 1e-25, 1e-25)
                assert mp.almosteq(reference.second(x), mp.diff(reference.first, x), 1e-25, 1e-25)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_first_derivative_keeps_its_digits(name):
    """The promise: nothing is off by more than 1e-15, in no tail and beside no pole, on none of four roads."""
    worst, x, road = accuracy(name).first
    assert worst <= bounds(name)[0], f"{name}' is off by {worst:.2e} at {x!r} ({road})"


@pytest.mark.parametrize("name", sorted(n for n in FUNCTIONS if REFERENCES[n].own))
def test_values_of_our_own_formulas_keep_their_digits(name):
    """sigmoid, softplus and the like are in neither math nor numpy."""
    worst, x, road = accuracy(name).value
    assert worst <= BOUND, f"{name} is off by {worst:.2e} at {x!r} ({road})"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_second_derivative(name):
    """Rules are differentiated again: the form that saves digits must not break the next order."""
    worst, x, road = accuracy(name).second
    assert worst <= bounds(name)[1], f"{name}'' is off by {worst:.2e} at {x!r} ({road})"
