"""Numbers in the math face: the value of a named symbol, `a = 2`. Live like every number, set like the formula beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .formula import EM, typeset
from .number import Number
from .rounding import SUPERSCRIPTS

_TYPST = {"−": "-", "·": "dot", "∞": "infinity", "+": "+", ",": '","', ".": '"."'}
_RAISED = {chr(raised): chr(plain) for plain, raised in SUPERSCRIPTS.items()}
_SMALL, _UP = 0.7, 0.36  # of a raised digit


@lru_cache(maxsize=64)
def _sign(character: str) -> tuple[np.ndarray, float]:
    """Outline and advance of one character, in em."""
    plain = _RAISED.get(character, character)
    plain = "−" if plain == "-" else plain
    glyphs, width = typeset(_TYPST.get(plain, plain if plain.isdigit() else f'"{plain}"'))
    points = np.concatenate([g.points for g in glyphs])
    if character in _RAISED:
        return points * _SMALL + [0, _UP, 0], width * _SMALL
    return points, width


def serif_line(text: str, size: float) -> tuple[np.ndarray, float]:
    """The outline of a printed number on its baseline, and its advance; both in frame units. Digits are equally wide.

    >>> serif_line("11", 36)[1] == serif_line("00", 36)[1]
    True
    """
    pieces, x = [], 0.0
    for character in text:
        if character == " ":
            x += 0.3
            continue
        points, advance = _sign(character)
        pieces.append(points + [x, 0, 0])
        x += advance + (0.12 if character == "·" else 0.0)
    points = np.concatenate(pieces) if pieces else np.zeros((0, 3))
    return points * size * EM, x * size * EM


class SerifNumber(Number):
    """As Number, in the math face: `size` is that of a formula."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.set_stroke(self.colour, 0.7)

    def set_text(self, text: str) -> None:
        """Show other characters; the left end of the line stays where it is."""
        points, advance = serif_line(text, self.font_size)
        points = points * self.scaled
        if len(self.points):
            x, y = self._left
            points = points + [x, y, 0]
        self.text, self.advance, self.points = text, advance, points

    @property
    def _left(self) -> tuple[float, float]:
        own = serif_line(self.text, self.font_size)[0] * self.scaled
        return float(self.points[:, 0].min() - own[:, 0].min()), float(self.points[:, 1].min() - own[:, 1].min())

    def set_baseline(self, x: float, y: float) -> SerifNumber:
        """Put the left end of the baseline at (x, y)."""
        left, base = self._left
        self.shift([x - left, y - base, 0])
        return self


__all__ = ["SerifNumber", "serif_line"]
