"""How high the digits of a formula are: those of an index of an index become too small before anything else does."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .formula import EM, Formula, typeset

LOWEST = 9 / 60  # frame units: 9 px at 480 lines (R14)


def lowest_digit(formula: Formula) -> float | None:
    """The height of its smallest digit in frame units; None where it has no digit."""
    return min((h for glyph in formula.submobjects for h in [digit_height(glyph)] if h), default=None)


def legible(formula: Formula) -> bool:
    """Whether even its smallest digit can be read, a hundredth aside."""
    return (lowest_digit(formula) or LOWEST) > 0.99 * LOWEST


def digit_height(glyph: Any) -> float | None:
    """The height of a glyph if it is a digit. A point or a minus is small by nature."""
    if not len(glyph.points):
        return None
    height = float(np.ptp(glyph.points[:, 1]))
    return height if (len(glyph.points), _form(glyph.points)) in _digits() else None


@cache
def _digits() -> frozenset[tuple[int, Any]]:
    glyphs, _ = typeset("0 1 2 3 4 5 6 7 8 9 a_(0 1 2 3 4 5 6 7 8 9) a_(b_(0 1 2 3 4 5 6 7 8 9))")
    return frozenset((len(g.points), _form(g.points * 40 * EM)) for g in glyphs if len(g.points))


def _form(points: np.ndarray) -> tuple[int, ...]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    size = float(high[1] - low[1]) or 1.0
    return tuple(int(v) for v in np.round((points[:12, :2] - low) / size * 20).ravel())
