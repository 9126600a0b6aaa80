"""From a partial derivative to the contribution of an edge, with or without a guard against 0 x infinity."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .shapes import bare, fit

Rule = Callable[..., Any]
_ndarray = np.ndarray


def one(y: Any, *xs: Any) -> float:
    return 1.0


def minus_one(y: Any, *xs: Any) -> float:
    return -1.0


def pull_of(slot: int, rule: Rule, times: Rule | None = None) -> Rule:
    if rule is one:
        return lambda g, y, *xs: fit(g, xs[slot])
    if rule is minus_one:
        return lambda g, y, *xs: fit(-g, xs[slot])

    def pull(g: Any, y: Any, *xs: Any) -> Any:
        x = xs[slot]
        part = rule(y, *xs) if type(g) is float and g == 1.0 else (times(g, rule(y, *xs)) if times else g * rule(y, *xs))
        have, want = (part, x) if type(part) is _ndarray else (bare(part), bare(x))
        return part if type(have) is _ndarray and type(want) is _ndarray and have.shape == want.shape else fit(part, x)

    return pull


def pull_of_numbers(rule: Rule) -> Rule:
    if rule is one:
        return lambda g, y, *xs: g
    if rule is minus_one:
        return lambda g, y, *xs: -g
    return lambda g, y, *xs: rule(y, *xs) if type(g) is float and g == 1.0 else g * rule(y, *xs)


product = operator.mul


def guarded_product(adjoint: Any, local: Any) -> Any:
    """adjoint x local with 0 x infinity (and 0 x nan) = 0."""
    plain, derivative = bare(adjoint), bare(local)
    return _without(adjoint, local, (plain == 0) & ~np.isfinite(derivative))


def guarded_either(tangent: Any, local: Any) -> Any:
    """The same for tangents, which may be infinite where a branch is not taken (a derivative of 0)."""
    plain, derivative = bare(tangent), bare(local)
    finite = np.isfinite(plain) & np.isfinite(derivative)
    return _without(tangent, local, ((plain == 0) | (derivative == 0)) & ~finite)


def _without(x: Any, z: Any, lost: Any) -> Any:
    """x z, and 0 where the product is lost."""
    from .elementwise import where

    if not np.any(lost):
        return x * z
    if not isinstance(lost, np.ndarray):
        return 0.0
    whole = lost & np.ones(lost.shape, bool)
    return where(lost, 0.0, where(whole, 1.0, x) * where(whole, 1.0, z))
