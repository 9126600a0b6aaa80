# mypy: disable-error-code="has-type"
"""The table of elementwise functions: name, value, derivative.

Each line reads as in a handbook: ``y`` is the value, ``x`` (and ``z``) the operands, the last entries the
partial
derivatives. They are written in the form that keeps its digits in the tails (1/cosh(x)^2, not 1 - y^2).

Conventions where no derivative exists: abs'(0) = 0, relu'(0) = 0, sign'(0) = 0, a tie of max or min is
shared in halves.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .primitive import Elementwise, bare, minus_one, one
from .tape import Node


# -- values that neither math nor numpy has, in a form exact in both tails -----------------------------------
def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    t = math.exp(x)
    return t / (1.0 + t)


def _sigmoids(x: Any) -> Any:
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, t) / (1.0 + t)


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


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
    return np.where(x > 0, 1.0, 0.0) if isinstance(x, np.ndarray) else float(x > 0)


def _zero(y: Any, *xs: Any) -> float:
    return 0.0


def _share(x: Any, z: Any) -> Any:
    """1 where x > z, 0 where x < z, one half at a tie."""
    x, z = bare(x), bare(z)
    if isinstance(x, np.ndarray) or isinstance(z, np.ndarray):
        return 0.5 * np.greater(x, z) + 0.5 * np.greater_equal(x, z)
    return 0.5 * ((x > z) + (x >= z))


def _chosen(c: Any) -> Any:
    c = bare(c)
    return np.where(c, 1.0, 0.0) if isinstance(c, np.ndarray) else float(bool(c))


def _sech_squared(x: Any) -> Any:
    """1/cosh(x)^2; for plain numbers by one exponential, 4t/(1+t)^2 with t = exp(-2|x|), exact in both tails."""
    if isinstance(x, Node):
        return square(divide(1.0, cosh(x)))
    if isinstance(x, np.ndarray):
        t = np.exp(-2.0 * np.abs(x))
        return 4.0 * t / np.square(1.0 + t)
    s = math.exp(-2.0 * abs(x))
    return 4.0 * s / ((1.0 + s) * (1.0 + s))


def _raise(x: Any, z: Any) -> Any:
    """d(x^z)/dx = z x^(z-1), with 0 for a constant power."""
    exponent = bare(z)
    if isinstance(exponent, (float, int)):
        if exponent == 0:
            return 0.0
        return z * power(x, z - 1.0)
    safe = where(exponent == 0, 1.0, z)
    return z * power(x, safe - 1.0)


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
divide = Elementwise("div", lambda x, z: x / z, np.divide, lambda y, x, z: divide(1.0, z), lambda y, x, z: divide(-y, z))
power = Elementwise("pow", _power, np.float_power, lambda y, x, z: _raise(x, z), lambda y, x, z: _log_base(y, x))
negative = Elementwise("neg", lambda x: -x, np.negative, minus_one)
square = Elementwise("square", lambda x: x * x, np.square, lambda y, x: 2.0 * x)
sqrt = Elementwise("sqrt", math.sqrt, np.sqrt, lambda y, x: divide(0.5, y))

exp = Elementwise("exp", math.exp, np.exp, lambda y, x: y)
expm1 = Elementwise("expm1", math.expm1, np.expm1, lambda y, x: exp(x))
log = Elementwise("log", _log, np.log, lambda y, x: divide(1.0, x))
log2 = Elementwise("log2", math.log2, np.log2, lambda y, x: divide(1.0, x * LN2))
log10 = Elementwise("log10", math.log10, np.log10, lambda y, x: divide(1.0, x * LN10))
log1p = Elementwise("log1p", math.log1p, np.log1p, lambda y, x: divide(1.0, 1.0 + x))

sin = Elementwise("sin", math.sin, np.sin, lambda y, x: cos(x))
cos = Elementwise("cos", math.cos, np.cos, lambda y, x: -sin(x))
tan = Elementwise("tan", math.tan, np.tan, lambda y, x: 1.0 + y * y)
arcsin = Elementwise("arcsin", math.asin, np.arcsin, lambda y, x: divide(1.0, sqrt((1.0 - x) * (1.0 + x))))
arccos = Elementwise("arccos", math.acos, np.arccos, lambda y, x: divide(-1.0, sqrt((1.0 - x) * (1.0 + x))))
arctan = Elementwise("arctan", math.atan, np.arctan, lambda y, x: divide(1.0, 1.0 + x * x))
sinh = Elementwise("sinh", math.sinh, np.sinh, lambda y, x: cosh(x))
cosh = Elementwise("cosh", math.cosh, np.cosh, lambda y, x: sinh(x))
tanh = Elementwise("tanh", math.tanh, np.tanh, lambda y, x: _sech_squared(x))
arcsinh = Elementwise("arcsinh", math.asinh, np.arcsinh, lambda y, x: divide(1.0, hypotenuse(x)))
arccosh = Elementwise("arccosh", math.acosh, np.arccosh, lambda y, x: divide(1.0, sqrt(x - 1.0) * sqrt(x + 1.0)))
arctanh = Elementwise("arctanh", math.atanh, np.arctanh, lambda y, x: divide(1.0, (1.0 - x) * (1.0 + x)))

sigmoid = Elementwise("sigmoid", _sigmoid, _sigmoids, lambda y, x: y * sigmoid(-x))
softplus = Elementwise("softplus", _softplus, _softpluses, lambda y, x: sigmoid(x))
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


def hypotenuse(x: Any) -> Any:
    """sqrt(1 + x^2) without overflow where |x| is large."""
    large = abs(bare(x)) > 1e150
    if isinstance(large, np.ndarray):
        return where(large, absolute(x), sqrt(1.0 + square(where(large, 1.0, x))))
    return absolute(x) if large else sqrt(1.0 + x * x)


TABLE: dict[str, Elementwise] = {p.name: p for p in list(globals().values()) if isinstance(p, Elementwise)}
