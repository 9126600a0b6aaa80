# mypy: disable-error-code="has-type"
"""The table of elementwise functions: name, value, derivative.

Each line reads as in a handbook: ``y`` is the value, ``x`` (and ``z``) the operands, the last entries the partial
derivatives. They are written in the form that keeps its digits in the tails (1/cosh(x)^2, not 1 - y^2): no derivative
of a function of one operand is off by more than 1e-15 of itself (tests/conformance/test_accuracy.py).

The small functions before the table have three roads: plain floats (a scalar graph asks for its slopes at once, so
``math`` without detours), arrays (few passes over memory), and values of an outer tape (primitives, so that a
derivative can be differentiated again).

Conventions where no derivative exists: abs'(0) = 0, relu'(0) = 0, sign'(0) = 0, a tie of max or min is shared in halves.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .primitive import Elementwise
from .rules import minus_one, one
from .shapes import bare


# -- values that neither math nor numpy has, in a form exact in both tails -----------------------------------
def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    t = math.exp(x)
    return t / (1.0 + t)


def _sigmoids(x: Any) -> Any:
    """1/(1+exp(-x)) keeps its digits in both tails, until exp would overflow: from there on it is exp(x)."""
    t = np.negative(x)
    tail = t > 709.0
    if tail.any():
        return np.where(tail, np.exp(np.minimum(x, 0.0)), 1.0 / (1.0 + np.exp(np.minimum(t, 709.0))))
    np.exp(t, out=t)
    t += 1.0
    return np.divide(1.0, t, out=t)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _softpluses(x: Any) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _power(x: float, z: float) -> float:
    y = x**z
    return y if type(y) is float else math.nan  # a negative base to a broken power is no real number


def _log(x: float) -> float:
    return math.log(x)


def _sign(x: float) -> float:
    return float(x > 0.0) - float(x < 0.0) if x == x else x


def _max(x: float, z: float) -> float:
    return x if x >= z or x != x else z


def _min(x: float, z: float) -> float:
    return x if x <= z or x != x else z


# -- pieces of derivatives that are constant almost everywhere -----------------------------------------------
def _step(x: Any) -> Any:
    x = bare(x)
    return np.greater(x, 0.0).astype(float) if isinstance(x, np.ndarray) else float(x > 0)


def _zero(y: Any, *xs: Any) -> float:
    return 0.0


def _share(x: Any, z: Any) -> Any:
    """1 where x > z, 0 where x < z, one half at a tie."""
    x, z = bare(x), bare(z)
    if isinstance(x, np.ndarray) or isinstance(z, np.ndarray):
        share = np.greater(x, z).astype(float)
        tie = np.equal(x, z)
        if tie.any():
            share[tie] = 0.5
        return share
    return 0.5 * ((x > z) + (x >= z))


def _chosen(c: Any) -> Any:
    c = bare(c)
    return c.astype(bool).astype(float) if isinstance(c, np.ndarray) else float(bool(c))


def _over(c: Any, x: Any) -> Any:
    """c/x, and infinity of the right sign where x is 0."""
    if type(x) is float:
        try:
            return c / x
        except ZeroDivisionError:
            return c * math.copysign(math.inf, x)
    return divide(c, x)


def _cos(x: Any) -> Any:
    if type(x) is float:
        return math.cos(x) if -math.inf < x < math.inf else math.nan
    return cos(x)


def _minus_sin(x: Any) -> Any:
    if type(x) is float:
        return -math.sin(x) if -math.inf < x < math.inf else math.nan
    return -sin(x)


def _cosh(x: Any) -> Any:
    return math.cosh(x) if type(x) is float and -710.0 < x < 710.0 else cosh(x)


def _sinh(x: Any) -> Any:
    return math.sinh(x) if type(x) is float and -710.0 < x < 710.0 else sinh(x)


def _exp(x: Any) -> Any:
    return math.exp(x) if type(x) is float and x < 709.0 else exp(x)


def _sech_float(x: float) -> float:
    """1/cosh(x)^2 = 4t/(1+t)^2 with t = exp(-2|x|), which does not overflow."""
    t = math.exp(-2.0 * abs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


def _sech_array(x: Any) -> Any:
    """1/cosh(x)^2 as (2/(e + 1/e))^2 with e = exp(x): one exponential, and 0 where e overflows or vanishes."""
    e = np.exp(x)
    d = np.divide(1.0, e)
    d += e
    np.divide(2.0, d, out=d)
    d *= d
    return d


def _sech_squared(x: Any) -> Any:
    return _sech_float(x) if type(x) is float else sech_squared(x)


def _sigmoid_slope(y: Any, x: Any) -> Any:
    """sigmoid(x) sigmoid(-x)."""
    if type(x) is float:
        return y * _sigmoid(-x)
    if type(x) is np.ndarray and type(y) is np.ndarray:
        d = np.exp(x)
        d += 1.0
        return np.divide(y, d, out=d)
    return y * sigmoid(-x)


def _root_of_difference(x: Any) -> Any:
    """sqrt(1 - x^2); 1 - x and 1 + x are exact where they are small, 1 - x^2 is not."""
    if type(x) is float:
        return math.sqrt((1.0 - x) * (1.0 + x)) if -1.0 <= x <= 1.0 else math.nan
    return sqrt((1.0 - x) * (1.0 + x))


def _root_of_sum(x: Any) -> Any:
    """sqrt(1 + x^2), which is |x| where the square would overflow."""
    if type(x) is float:
        return math.sqrt(1.0 + x * x) if -1e150 < x < 1e150 else abs(x)
    large = np.abs(bare(x)) > 1e150
    if not np.any(large):
        return sqrt(1.0 + square(x))
    return where(large, absolute(x), sqrt(1.0 + square(where(large, 1.0, x))))


def _to_the(x: Any, w: Any) -> Any:
    """x^w; small whole numbers, which most powers are, without logarithms."""
    if type(w) is float:
        if w == 1.0:
            return x
        if w == 2.0:
            return x * x if type(x) is float else square(x)
        if type(x) is float and x > 0.0:
            try:
                return x**w
            except OverflowError:
                return math.inf
    return power(x, w)


def _raise(y: Any, x: Any, z: Any) -> Any:
    """d(x^z)/dx = z x^(z-1), with 0 for a constant power.

    Where z - 1 cannot be written exactly (|z| small and broken) zy/x takes its place: log x may be 700, and that many
    times larger would the rounding of the exponent be in the result.
    """
    exponent, base = bare(z), bare(x)
    if isinstance(exponent, (float, int)):
        if exponent == 0:
            return 0.0
        lossy = (exponent - 1.0) + 1.0 != exponent
        if not lossy:
            return z * _to_the(x, z - 1.0)
        if not isinstance(base, np.ndarray):
            return divide(z * y, x) if base != 0 else z * power(x, z - 1.0)
    safe = where(exponent == 0, 1.0, z) if isinstance(exponent, np.ndarray) else z
    slope = z * power(x, safe - 1.0)
    lossy = ((exponent - 1.0) + 1.0 != exponent) & (base != 0)
    return where(lossy, divide(z * y, where(lossy, x, 1.0)), slope) if np.any(lossy) else slope


def _log_base(y: Any, x: Any) -> Any:
    """d(x^z)/dz = y log x, and 0 where the base is 0."""
    base = bare(x)
    if isinstance(base, np.ndarray):
        return y * log(where(base == 0, 1.0, x))
    return y * log(x) if base != 0 else 0.0


LN2, LN10 = math.log(2.0), math.log(10.0)

# -- the table -----------------------------------------------------------------------------------------------
add = Elementwise("add", lambda x, z: x + z, np.add, one, one)
subtract = Elementwise("sub", lambda x, z: x - z, np.subtract, one, minus_one)
multiply = Elementwise("mul", lambda x, z: x * z, np.multiply, lambda y, x, z: z, lambda y, x, z: x)
divide = Elementwise("div", lambda x, z: x / z, np.divide, lambda y, x, z: _over(1.0, z), lambda y, x, z: _over(-y, z))
power = Elementwise("pow", _power, np.float_power, lambda y, x, z: _raise(y, x, z), lambda y, x, z: _log_base(y, x))
negative = Elementwise("neg", lambda x: -x, np.negative, minus_one)
square = Elementwise("square", lambda x: x * x, np.square, lambda y, x: 2.0 * x)
sqrt = Elementwise("sqrt", math.sqrt, np.sqrt, lambda y, x: _over(0.5, y))

exp = Elementwise("exp", math.exp, np.exp, lambda y, x: y)
expm1 = Elementwise("expm1", math.expm1, np.expm1, lambda y, x: _exp(x))
log = Elementwise("log", _log, np.log, lambda y, x: _over(1.0, x))
log2 = Elementwise("log2", math.log2, np.log2, lambda y, x: _over(1.0 / LN2, x))
log10 = Elementwise("log10", math.log10, np.log10, lambda y, x: _over(1.0 / LN10, x))
log1p = Elementwise("log1p", math.log1p, np.log1p, lambda y, x: _over(1.0, 1.0 + x))

sin = Elementwise("sin", math.sin, np.sin, lambda y, x: _cos(x))
cos = Elementwise("cos", math.cos, np.cos, lambda y, x: _minus_sin(x))
tan = Elementwise("tan", math.tan, np.tan, lambda y, x: 1.0 + y * y)
arcsin = Elementwise("arcsin", math.asin, np.arcsin, lambda y, x: _over(1.0, _root_of_difference(x)))
arccos = Elementwise("arccos", math.acos, np.arccos, lambda y, x: _over(-1.0, _root_of_difference(x)))
arctan = Elementwise("arctan", math.atan, np.arctan, lambda y, x: _over(1.0, 1.0 + x * x))
sinh = Elementwise("sinh", math.sinh, np.sinh, lambda y, x: _cosh(x))
cosh = Elementwise("cosh", math.cosh, np.cosh, lambda y, x: _sinh(x))
tanh = Elementwise("tanh", math.tanh, np.tanh, lambda y, x: _sech_squared(x))
sech_squared = Elementwise("sech2", _sech_float, _sech_array, lambda y, x: -2.0 * tanh(x) * y)  # the slope of tanh
arcsinh = Elementwise("arcsinh", math.asinh, np.arcsinh, lambda y, x: _over(1.0, _root_of_sum(x)))
arccosh = Elementwise("arccosh", math.acosh, np.arccosh, lambda y, x: _over(1.0, sqrt(x - 1.0) * sqrt(x + 1.0)))
arctanh = Elementwise("arctanh", math.atanh, np.arctanh, lambda y, x: _over(1.0, (1.0 - x) * (1.0 + x)))

sigmoid = Elementwise("sigmoid", _sigmoid, _sigmoids, lambda y, x: _sigmoid_slope(y, x))
softplus = Elementwise("softplus", _softplus, _softpluses, lambda y, x: _sigmoid(x) if type(x) is float else sigmoid(x))
relu = Elementwise("relu", lambda x: _max(x, 0.0), lambda x: np.maximum(x, 0.0), lambda y, x: _step(x), flat="0")
absolute = Elementwise("abs", abs, np.abs, lambda y, x: sign(x), flat="0")
sign = Elementwise("sign", _sign, np.sign, _zero, flat="0")
maximum = Elementwise("max", _max, np.maximum, lambda y, x, z: _share(x, z), lambda y, x, z: _share(z, x), flat="tie")
minimum = Elementwise("min", _min, np.minimum, lambda y, x, z: _share(z, x), lambda y, x, z: _share(x, z), flat="tie")
where = Elementwise(
    "where",
    lambda c, x, z: x if c else z,
    np.where,
    _zero,
    lambda y, c, x, z: _chosen(c),
    lambda y, c, x, z: 1.0 - _chosen(c),
)


TABLE: dict[str, Elementwise] = {p.name: p for p in list(globals().values()) if isinstance(p, Elementwise)}
