# mypy: disable-error-code="has-type"
"""The second table of elementwise functions: numpy's less common ones, and the special functions of scipy.

Each line reads as in a handbook: ``y`` is the value, ``x`` (and ``z``) the operands, the last entries the partial
derivatives. Sources: Abramowitz and Stegun, chapters 6 (gamma), 7 (error function), 9 (Bessel); the derivatives of sinc
are those of spherical Bessel functions, 10.1.

Conventions where no derivative exists: steps (floor, ceil, rint, trunc, heaviside, //) have slope 0 at the jump too,
mod and fmod keep the slope of the piece they are on, hypot and arctan2 have slope 0 at the origin, copysign has slope 0
at 0, a tie of fmax or fmin is shared in halves.

scipy is imported when the first of its functions is needed: it takes longer than all the rest of the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .elementwise import (
    LN2,
    absolute,
    divide,
    exp,
    log,
    log1p,
    sigmoid,
    sign,
    square,
    where,
)  # fmt: skip
from .errors import EngineError
from .primitive import Elementwise
from .rules import one
from .shapes import bare


def _scipy(name: str) -> tuple[Callable, Callable]:
    """A function of scipy.special for floats and for arrays."""

    def on_array(*xs: Any) -> Any:
        from scipy import special

        return getattr(special, name)(*xs)

    return (lambda *xs: float(on_array(*xs))), on_array


def _numpy(function: Callable) -> tuple[Callable, Callable]:
    return (lambda *xs: float(function(*xs))), function


def _flat(y: Any, *xs: Any) -> float:
    return 0.0


def _constant_order(y: Any, *xs: Any) -> Any:
    raise EngineError("The order or first parameter of this function is a constant here; it has no derivative rule.")


def _bare(rule: Callable) -> Callable:
    """A partial derivative that is constant almost everywhere, computed from values alone."""

    def partial(y: Any, *xs: Any) -> Any:
        result = rule(bare(y), *map(bare, xs))
        return result if isinstance(result, np.ndarray) and result.ndim else float(result)

    return partial


def _ratio(x: Any, y: Any) -> Any:
    """x/y, and 0 where y is 0."""
    zero = bare(y) == 0
    return where(zero, 0.0, divide(x, where(zero, 1.0, y))) if np.any(zero) else divide(x, y)


def _times_log(x: Any, z: Any) -> Any:
    """log z as the factor of x in x log z: 0 where both are 0 (there 0 log 0 = 0 is no function of z)."""
    lost = (bare(x) == 0) & (bare(z) <= 0)
    return where(lost, 0.0, log(where(lost, 1.0, z))) if np.any(lost) else log(z)


# -- roots, powers, logarithms of sums -------------------------------------------------------------------------------
cbrt = Elementwise("cbrt", math.cbrt, np.cbrt, lambda y, x: divide(1.0 / 3.0, square(y)))
exp2 = Elementwise("exp2", math.exp2, np.exp2, lambda y, x: LN2 * y)
logaddexp = Elementwise("logaddexp", *_numpy(np.logaddexp),
    lambda y, x, z: sigmoid(_difference(x, z)), lambda y, x, z: sigmoid(_difference(z, x)))  # fmt: skip
logaddexp2 = Elementwise("logaddexp2", *_numpy(np.logaddexp2),
    lambda y, x, z: sigmoid(LN2 * _difference(x, z)), lambda y, x, z: sigmoid(LN2 * _difference(z, x)))  # fmt: skip
hypot = Elementwise("hypot", math.hypot, np.hypot, lambda y, x, z: _ratio(x, y), lambda y, x, z: _ratio(z, y), flat="0")
arctan2 = Elementwise("arctan2", math.atan2, np.arctan2,
    lambda y, x, z: _ratio(_ratio(z, hypot(x, z)), hypot(x, z)),
    lambda y, x, z: -_ratio(_ratio(x, hypot(x, z)), hypot(x, z)), flat="0")  # fmt: skip
deg2rad = Elementwise("deg2rad", math.radians, np.deg2rad, lambda y, x: math.pi / 180.0)
rad2deg = Elementwise("rad2deg", math.degrees, np.rad2deg, lambda y, x: 180.0 / math.pi)


def _difference(x: Any, z: Any) -> Any:
    """x - z, 0 where both are the same infinity."""
    same = np.isinf(bare(x)) & (bare(x) == bare(z))
    return where(same, 0.0, where(same, 0.0, x) - where(same, 0.0, z)) if np.any(same) else x - z


# -- steps and pieces ------------------------------------------------------------------------------------------------
def _pieces(y: Any, x: Any, z: Any) -> Any:
    """How often z was taken away: (x - y)/z, a whole number."""
    with np.errstate(all="ignore"):
        return -np.rint(np.divide(np.subtract(x, y), z))


def _wins(x: Any, z: Any, larger: Any) -> Any:
    """1 where x is the one that counts, 1/2 at a tie; a number wins over nan."""
    share = 0.5 * larger(x, z) + 0.5 * np.logical_not(larger(z, x))
    return np.where(np.isnan(x), 0.0, np.where(np.isnan(z), 1.0, share))


floor = Elementwise("floor", *_numpy(np.floor), _flat, flat="step")
ceil = Elementwise("ceil", *_numpy(np.ceil), _flat, flat="step")
trunc = Elementwise("trunc", *_numpy(np.trunc), _flat, flat="step")
rint = Elementwise("rint", *_numpy(np.rint), _flat, flat="step")
floor_divide = Elementwise("floordiv", *_numpy(np.floor_divide), _flat, _flat, flat="step")
mod = Elementwise("mod", *_numpy(np.mod), one, _bare(_pieces), flat="step")
fmod = Elementwise("fmod", *_numpy(np.fmod), one, _bare(_pieces), flat="step")
heaviside = Elementwise("heaviside", *_numpy(np.heaviside), _flat, _bare(lambda y, x, z: (x == 0) * 1.0), flat="0")
copysign = Elementwise("copysign", math.copysign, np.copysign,
    _bare(lambda y, x, z: np.sign(x) * np.copysign(1.0, z)), _flat, flat="0")  # fmt: skip
angle = Elementwise("angle", *_numpy(np.angle), _flat, flat="0")
nextafter = Elementwise("nextafter", *_numpy(np.nextafter), one, _flat)
fmax = Elementwise("fmax", *_numpy(np.fmax), _bare(lambda y, x, z: _wins(x, z, np.greater)),
    _bare(lambda y, x, z: _wins(z, x, np.greater)), flat="tie")  # fmt: skip
fmin = Elementwise("fmin", *_numpy(np.fmin), _bare(lambda y, x, z: _wins(x, z, np.less)),
    _bare(lambda y, x, z: _wins(z, x, np.less)), flat="tie")  # fmt: skip


# -- sinc ------------------------------------------------------------------------------------------------------------
def _sinc_order(order: Any, x: Any) -> Any:
    """The derivative of that order of sin(pi x)/(pi x), to the last digits.

    With u = pi x and s_k the k-th derivative of sin(u)/u: u s_k + k s_(k-1) is the k-th derivative of sin u. That
    recurrence is stable where |u| > k; nearer to 0 the Taylor series is summed, its terms (-1)^j u^(2j-k) divided by
    (2j-k)! (2j+1).
    """
    k, x = int(order), np.asarray(x, float)
    r = x - 2.0 * np.rint(x / 2.0)  # sin(pi x) has period 2, and this difference is exact
    edge = k / math.pi + 0.5
    near = np.abs(x) < edge
    u = math.pi * np.where(near, 1.0, x)
    sine, cosine = _sine_cosine_pi(r)
    waves = (sine, cosine, -sine, -cosine)
    far = waves[0] / u
    for m in range(1, k + 1):
        far = (waves[m % 4] - m * far) / u
    v = math.pi * np.where(near, x, 0.0)
    series, first = np.zeros_like(v), (k + 1) // 2
    for j in range(first + 14 + k, first - 1, -1):
        degree = 2 * j - k
        series = series * v * v + (-1.0) ** j / (math.factorial(degree) * (2 * j + 1))
    series = series * v if k % 2 else series
    return math.pi**k * np.where(near, series, far)


def _sine_cosine_pi(r: Any) -> tuple[Any, Any]:
    """sin(pi r) and cos(pi r) for |r| <= 1, exact at the multiples of one half."""
    a = np.abs(r)
    b = np.where(a > 0.5, 1.0 - a, a)  # sin(pi a) = sin(pi (1 - a))
    turned = np.where(b > 0.25, np.cos(math.pi * (0.5 - b)), np.sin(math.pi * b))
    cosine = np.where(b > 0.25, np.sin(math.pi * (0.5 - b)), np.cos(math.pi * b))
    return np.copysign(turned, r), np.where(a > 0.5, -cosine, cosine)


sinc = Elementwise("sinc", *_numpy(np.sinc), lambda y, x: sinc_slope(1.0, x))
sinc_slope = Elementwise("sinc_slope", *_numpy(_sinc_order), _constant_order, lambda y, k, x: sinc_slope(bare(k) + 1.0, x))


# -- the error function and the normal distribution ------------------------------------------------------------------
def _gauss(x: Any, half: float = 1.0) -> Any:
    """exp(-x^2), or exp(-x^2/2): x = h + l with h a multiple of 1/256, so that h^2 is exact and l is small."""
    x = np.asarray(x, float)
    x = np.where(np.abs(x) < 40.0, x, np.copysign(40.0, x) + (x - x))  # it is 0 from there on, and nan stays
    h = np.rint(x * 256.0) / 256.0
    return np.exp(-h * h * half) * np.exp(-(x - h) * (x + h) * half)


ROOT_PI = math.sqrt(math.pi)
ROOT_2, ROOT_2PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)
gauss = Elementwise("gauss", *_numpy(_gauss), lambda y, x: -2.0 * (x * y))
density = Elementwise("density", *_numpy(lambda x: _gauss(x, 0.5) / ROOT_2PI), lambda y, x: -x * y)

erf = Elementwise("erf", math.erf, _scipy("erf")[1], lambda y, x: 2.0 / ROOT_PI * gauss(x))
erfc = Elementwise("erfc", math.erfc, _scipy("erfc")[1], lambda y, x: -2.0 / ROOT_PI * gauss(x))
erfinv = Elementwise("erfinv", *_scipy("erfinv"), lambda y, x: ROOT_PI / 2.0 * _growth(y, 1.0 - absolute(x)))
erfcinv = Elementwise("erfcinv", *_scipy("erfcinv"),
    lambda y, x: -ROOT_PI / 2.0 * _growth(y, where(bare(x) < 1.0, x, 2.0 - x)))  # fmt: skip


def _growth(y: Any, rest: Any) -> Any:
    """exp(y^2) where rest = erfc(|y|) is known exactly: it is erfcx(|y|)/rest, and y's rounding is not enlarged 2y^2 times."""
    size = np.abs(bare(y))
    far = (size > 0.5) & (size < np.inf)
    if not np.any(far):
        return divide(1.0, gauss(y))
    tail = divide(erfcx(where(far, absolute(y), 1.0)), where(far, rest, 1.0))
    return where(far, tail, divide(1.0, gauss(where(far, 0.0, y))))


def _erfcx(x: Any) -> Any:
    """exp(x^2) erfc(x); to the left 2 exp(x^2) - erfcx(-x), with the square taken apart as in ``_gauss``."""
    from scipy import special

    x = np.asarray(x, float)
    left = np.where(x < -1.0, np.maximum(x, -40.0), 0.0)
    h = np.rint(left * 256.0) / 256.0
    with np.errstate(over="ignore"):
        square = np.exp(h * h) * np.exp((left - h) * (left + h))
    return np.where(x < -1.0, 2.0 * square - special.erfcx(-left), special.erfcx(x))


def _erfcx_slope(x: Any) -> Any:
    """2x erfcx(x) - 2/sqrt(pi); from 0.5 on, where that cancels, by the continued fraction of erfcx (7.1.14).

    sqrt(pi) erfcx(x) = 1/(x + K) with K = (1/2)/(x + 1/(x + (3/2)/(x + …))), so that the slope is -2/sqrt(pi) K/(x + K).
    """
    x = np.asarray(x, float)
    large = x > 0.5
    z = np.where(large, x, 9.0)
    k = np.zeros_like(z)
    for n in range(10 + int(220.0 / np.min(z, initial=1e8) ** 2), 0, -1):
        k = 0.5 * n / (z + k)
    return np.where(large, k / (z + k), 1.0 - ROOT_PI * x * _erfcx(np.where(large, 0.0, x))) * (-2.0 / ROOT_PI)


erfcx = Elementwise("erfcx", *_numpy(_erfcx), lambda y, x: erfcx_slope(x))
erfcx_slope = Elementwise("erfcx_slope", *_numpy(_erfcx_slope), lambda y, x: 2.0 * (erfcx(x) + x * y))
ndtr = Elementwise("ndtr", *_scipy("ndtr"), lambda y, x: density(x))
ndtri = Elementwise("ndtri", *_scipy("ndtri"),
    lambda y, x: ROOT_2PI * _growth(y / ROOT_2, 2.0 * where(bare(x) < 0.5, x, 1.0 - x)))  # fmt: skip


def _hazard(x: Any) -> Any:
    """density(x)/ndtr(x), by erfcx where ndtr vanishes: ndtr(x) = exp(-x^2/2) erfcx(-x/sqrt 2)/2."""
    from scipy import special

    x = np.asarray(x, float)
    tail = x < 0.0
    return np.where(tail, math.sqrt(2.0 / math.pi) / special.erfcx(np.where(tail, -x, 0.0) / math.sqrt(2.0)),
                    _gauss(x, 0.5) / ROOT_2PI / special.ndtr(np.where(tail, 0.0, x)))  # fmt: skip


log_ndtr = Elementwise("log_ndtr", *_scipy("log_ndtr"), lambda y, x: hazard(x))
hazard = Elementwise("hazard", *_numpy(_hazard), lambda y, x: -y * (x + y))

# -- the gamma function ----------------------------------------------------------------------------------------------
gamma = Elementwise("gamma", math.gamma, _scipy("gamma")[1], lambda y, x: y * digamma(x))
loggamma = Elementwise("loggamma", math.lgamma, _scipy("gammaln")[1], lambda y, x: digamma(x))
digamma = Elementwise("digamma", *_scipy("psi"), lambda y, x: polygamma(1.0, x))


def _polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma; below 1/2 by reflection (6.4.7), with the derivatives of the cotangent.

    With c = cot(pi x), each derivative is a polynomial in c: P_0 = c and P_(k+1) = -(1 + c^2) P_k'.
    """
    from scipy import special

    n, x = np.broadcast_arrays(np.asarray(n, float), np.asarray(x, float))
    if np.any((n < 0) | (n != np.floor(n))):
        raise EngineError("The order of polygamma is a whole number, 0 or more.")
    low = x < 0.5
    value = np.asarray(special.polygamma(n.astype(int), np.where(low, 1.0 - x, x)))
    if not np.any(low):
        return value
    sine, cosine = _sine_cosine_pi(x - 2.0 * np.rint(x / 2.0))
    with np.errstate(all="ignore"):
        c = np.clip(cosine / sine, -1e300, 1e300)  # infinity would meet the zeros among the coefficients
    value = np.array(value)
    for order in {int(k) for k in n[low]}:
        p = np.polynomial.Polynomial([0.0, 1.0])
        for _ in range(order):
            p = np.polynomial.Polynomial([-1.0, 0.0, -1.0]) * p.deriv()
        reflected = (-1.0) ** order * value - math.pi ** (order + 1) * p(c)
        value = np.where(low & (n == order), np.where(sine == 0, math.nan, reflected), value)
    return value


polygamma = Elementwise("polygamma", *_numpy(_polygamma), _constant_order, lambda y, n, x: polygamma(bare(n) + 1.0, x))
# 1/gamma(x) = x/gamma(x + 1): the slope in this form holds at 0 too
rgamma = Elementwise("rgamma", *_scipy("rgamma"), lambda y, x: rgamma(x + 1.0) * (1.0 - x * digamma(x + 1.0)))
gammasgn = Elementwise("gammasgn", *_scipy("gammasgn"), _flat, flat="step")
betaln = Elementwise("betaln", *_scipy("betaln"),
    lambda y, x, z: digamma(x) - digamma(x + z), lambda y, x, z: digamma(z) - digamma(x + z))  # fmt: skip
beta = Elementwise("beta", *_scipy("beta"),
    lambda y, x, z: y * (digamma(x) - digamma(x + z)), lambda y, x, z: y * (digamma(z) - digamma(x + z)))  # fmt: skip
gammainc = Elementwise("gammainc", *_scipy("gammainc"), _constant_order,
    lambda y, a, x: exp((a - 1.0) * log(x) - x - loggamma(a)))  # fmt: skip
gammaincc = Elementwise("gammaincc", *_scipy("gammaincc"), _constant_order,
    lambda y, a, x: -exp((a - 1.0) * log(x) - x - loggamma(a)))  # fmt: skip

betainc = Elementwise("betainc", *_scipy("betainc"), _constant_order, _constant_order,
    lambda y, a, b, x: exp((a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - betaln(a, b)))  # fmt: skip

# -- entropy and odds ------------------------------------------------------------------------------------------------
logit = Elementwise("logit", *_scipy("logit"), lambda y, x: divide(1.0, x * (1.0 - x)))
log_sigmoid = Elementwise("log_sigmoid", *_scipy("log_expit"), lambda y, x: sigmoid(-x))
xlogy = Elementwise("xlogy", *_scipy("xlogy"),
    lambda y, x, z: _times_log(x, z), lambda y, x, z: _over_nonzero(x, z))  # fmt: skip
xlog1py = Elementwise("xlog1py", *_scipy("xlog1py"),
    lambda y, x, z: log1p(z), lambda y, x, z: _over_nonzero(x, 1.0 + z))  # fmt: skip
entr = Elementwise("entr", *_scipy("entr"), lambda y, x: -log(x) - 1.0)
rel_entr = Elementwise("rel_entr", *_scipy("rel_entr"),
    lambda y, x, z: log(divide(x, z)) + 1.0, lambda y, x, z: -divide(x, z))  # fmt: skip
kl_div = Elementwise("kl_div", *_scipy("kl_div"), lambda y, x, z: log(divide(x, z)), lambda y, x, z: 1.0 - divide(x, z))


def _over_nonzero(x: Any, z: Any) -> Any:
    """x/z, and 0 where x is 0."""
    zero = bare(x) == 0
    return where(zero, 0.0, divide(x, where(zero, 1.0, z))) if np.any(zero) else divide(x, z)


# -- Bessel functions ------------------------------------------------------------------------------------------------
def _iv(n: Any, x: Any) -> Any:
    """scipy's, which gives nan beside the smallest numbers: there it is the value at 0."""
    from scipy import special

    value = special.iv(n, x)
    lost = np.isnan(value) & (np.abs(x) < 1e-300)
    return np.where(lost, special.iv(n, 0.0), value) if np.any(lost) else value


i0 = Elementwise("i0", *_scipy("i0"), lambda y, x: i1(x))
i1 = Elementwise("i1", *_scipy("i1"), lambda y, x: 0.5 * (i0(x) + iv(2.0, x)))
iv = Elementwise("iv", *_numpy(_iv), _constant_order, lambda y, n, x: 0.5 * (iv(bare(n) - 1.0, x) + iv(bare(n) + 1.0, x)))
i0e = Elementwise("i0e", *_scipy("i0e"), lambda y, x: i1e(x) - sign(x) * y, flat="0")
i1e = Elementwise("i1e", *_scipy("i1e"), lambda y, x: 0.5 * (i0e(x) + ive(2.0, x)) - sign(x) * y)
ive = Elementwise("ive", *_scipy("ive"), _constant_order,
    lambda y, n, x: 0.5 * (ive(bare(n) - 1.0, x) + ive(bare(n) + 1.0, x)) - sign(x) * y)  # fmt: skip
j0 = Elementwise("j0", *_scipy("j0"), lambda y, x: -j1(x))
j1 = Elementwise("j1", *_scipy("j1"), lambda y, x: 0.5 * (j0(x) - jv(2.0, x)))
jv = Elementwise("jv", *_scipy("jv"), _constant_order, lambda y, n, x: 0.5 * (jv(bare(n) - 1.0, x) - jv(bare(n) + 1.0, x)))
yv = Elementwise("yv", *_scipy("yv"), _constant_order, lambda y, n, x: 0.5 * (yv(bare(n) - 1.0, x) - yv(bare(n) + 1.0, x)))
y0 = Elementwise("y0", *_scipy("y0"), lambda y, x: -y1(x))
y1 = Elementwise("y1", *_scipy("y1"), lambda y, x: y0(x) - divide(y, x))

_FIRST = (absolute, divide, exp, log, log1p, sigmoid, sign, square, where)  # these stand in the first table
TABLE: dict[str, Elementwise] = {p.name: p for p in list(globals().values()) if isinstance(p, Elementwise) and p not in _FIRST}
