"""Manim's most called questions about a mobject, answered with the same answers in less time.

Making and moving mobjects asks thousands of times who belongs to a family and where it is. `install` puts these answers
in the place of manim's own, in the version that they were written for alone. A class with answers of its own keeps them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import manim
import numpy as np
from manim import Mobject, VMobject

VERSION = "0.22.0"
CURVE_POINTS = 4

_extremum, _iterate, _anchors = Mobject.get_extremum_along_dim, Mobject._iter_family, VMobject.get_anchors
_own_center, _own_family, _own_boundary = Mobject.get_critical_point, Mobject.get_family, VMobject.get_points_defining_boundary


@functools.wraps(_own_family)
def get_family(self: Mobject, recurse: bool = True) -> list[Mobject]:
    """As Mobject.get_family: itself, then all below, each where it comes last."""
    members: list[Mobject] = []
    if not _gather(self, members, set()):
        return _own_family(self, recurse)
    if len(members) == 1:
        return members
    members.reverse()
    members = list(dict.fromkeys(members))
    members.reverse()
    return members


def _gather(mobject: Mobject, members: list[Mobject], above: set[Mobject]) -> bool:
    """Put a family in its order; False where a class iterates in its own way."""
    if type(mobject)._iter_family is not _iterate:
        return False
    members.append(mobject)
    parts = mobject.submobjects
    if parts:
        above.add(mobject)
        for part in parts:
            if part not in above and not _gather(part, members, above):
                return False
        above.remove(mobject)
    return True


@functools.wraps(_own_center)
def get_critical_point(self: Mobject, direction: Any) -> np.ndarray:
    """As Mobject.get_critical_point, all dimensions at once."""
    if self.dim != 3 or type(self).get_extremum_along_dim is not _extremum:
        return _own_center(self, direction)
    points = self.get_points_defining_boundary()
    if not len(points):
        return np.zeros(3)
    if not isinstance(points, np.ndarray) or points.ndim != 2 or points.shape[1] != 3:
        return _own_center(self, direction)
    low, high = points.min(axis=0), points.max(axis=0)
    result = (low + high) / 2
    for dim in range(3):
        key = direction[dim]
        if key < 0:
            result[dim] = low[dim]
        elif key > 0:
            result[dim] = high[dim]
    return np.asarray(result, float)


@functools.wraps(_own_boundary)
def get_points_defining_boundary(self: VMobject) -> np.ndarray:
    """As VMobject's: both anchors of every curve of its family."""
    parts = [self] if not self.submobjects else self.get_family()
    found: list[np.ndarray] = []
    for part in parts:
        points = part.points
        count = len(points)
        if not count:
            continue
        own = type(part)
        if (
            not issubclass(own, VMobject) or own.get_anchors is not _anchors
            or part.n_points_per_cubic_curve != CURVE_POINTS or points.ndim != 2
            or (count != 1 and count % CURVE_POINTS)
        ):  # fmt: skip
            return _own_boundary(self)
        if count == 1:
            found.append(points)
        else:
            found.append(points.reshape(-1, CURVE_POINTS, points.shape[1])[:, ::3].reshape(-1, points.shape[1]))
    if not found:
        return np.array(())
    return found[0].copy() if len(found) == 1 else np.concatenate(found)


ANSWERS: dict[tuple[type, str], Callable[..., Any]] = {
    (Mobject, "get_family"): get_family,
    (Mobject, "get_critical_point"): get_critical_point,
    (VMobject, "get_points_defining_boundary"): get_points_defining_boundary,
}


def install() -> None:
    """Answer in manim's place, if it is the manim that these answers were taken from."""
    if manim.__version__ == VERSION:
        for (kind, name), answer in ANSWERS.items():
            setattr(kind, name, answer)
