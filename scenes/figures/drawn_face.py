"""A drawn face as a mobject: sharp at every size, or as coarse as a network gets it. Verbs: `resolve`, `pixelate`,
`emerge`.

Reads a test face of the engine. Invariant: sharp or coarse, it is the same drawing; `pixelate` ends at the very pixels of
the data set, noise included.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from manim import Animation, Rectangle
from manim.utils.rate_functions import linear, smooth

from chainreel.engine.datasets.dataset import generator
from chainreel.engine.datasets.drawings import Looks, paint
from chainreel.engine.storyboards import film_a

from ..stage.pixels import Painting, StatePaint, cells, digest, tones
from ..stage.theme import Theme

SHARP = ("cells", 9.0)  # so many halvings that no square is left to be seen
COARSEST = 1.0  # 2×2 squares


class DrawnFace(Rectangle):
    """Test face `row`, `side` wide. `state` is ("cells", k) for 2^k squares a side, or ("seen", s): 0 sharp, 1 the 24×24 pixels
    that a network gets; or ("from", s): 0 another picture, the greys `before`, 1 the sharp face.
    """

    def __init__(
        self, theme: Theme, row: int, side: float, state: tuple[str, float] = SHARP, before: np.ndarray | None = None
    ):  # fmt: skip
        super().__init__(width=side, height=side)
        self.set_fill("#000000", 1).set_stroke(theme.rim, 1.2, 0.8)
        self.row = row
        name = f"drawn face {theme.name} {row}" + (f" after {digest(before)}" if before is not None else "")
        self.picture = Painting(_face_paint(theme, row, before), name, state)

    @property
    def state(self) -> tuple[str, float]:
        """How sharp it is."""
        return self.picture.state

    def show(self, state: tuple[str, float]) -> DrawnFace:
        """Sharper or coarser."""
        self.picture.show(state)
        return self

    def resolve(self, run_time: float = 2.0) -> Sharpen:
        """Out of a few squares, ever more, comes the drawing."""
        return Sharpen(self, ("cells", COARSEST), SHARP, run_time=run_time, rate_func=linear)

    def pixelate(self, run_time: float = 1.2) -> Sharpen:
        """The drawing becomes the pixels that the network gets."""
        return Sharpen(self, ("seen", 0.0), ("seen", 1.0), run_time=run_time, rate_func=smooth)

    def emerge(self, run_time: float = 1.2) -> Sharpen:
        """The other picture becomes this face."""
        return Sharpen(self, ("from", 0.0), ("from", 1.0), run_time=run_time, rate_func=smooth)


class Sharpen(Animation):
    """A face from one state to another of the same kind."""

    def __init__(self, face: DrawnFace, start: tuple[str, float], end: tuple[str, float], **kwargs: object):
        self.kind, self.start, self.end = end[0], start[1], end[1]
        face.show(start)
        super().__init__(face, **kwargs)

    def create_starting_mobject(self) -> DrawnFace:
        """No copy: only its picture changes."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.mobject.show((self.kind, round(self.start + (self.end - self.start) * share, 3)))


@cache
def _all_looks() -> list[Looks]:
    count, seed = film_a.FACES["test"]
    return list(Looks.draw(count, generator(seed)).parts(1))  # drawn first: they are those of the data set


@cache
def _drawing(row: int, size: int) -> np.ndarray:
    return paint(_all_looks()[row], size)[0]


def _face_paint(theme: Theme, row: int, before: np.ndarray | None) -> StatePaint:
    low, high = tones(theme)

    def squares(count: int, width: int, height: int) -> np.ndarray:
        drawn = _drawing(row, min(count, max(width, height)))
        return np.asarray(drawn[np.ix_(cells(len(drawn), height), cells(len(drawn), width))])

    def painted(width: int, height: int, state: tuple[str, float]) -> np.ndarray:
        kind, much = state
        if kind == "cells":
            whole = int(much)
            greys = squares(2**whole, width, height)
            if much > whole:
                greys = greys + (squares(2 ** (whole + 1), width, height) - greys) * (much - whole)
        else:
            greys = squares(2 ** int(SHARP[1]), width, height)
            other = film_a.face_data()[1][0][row].reshape(film_a.FACE_SIZE, -1) if kind == "seen" else before
            assert other is not None
            there = other[np.ix_(cells(other.shape[0], height), cells(other.shape[1], width))]
            greys = greys + (there - greys) * (much if kind == "seen" else 1 - much)
        return np.round(255 * (low + (high - low) * greys[..., None]))

    return painted


__all__ = ["DrawnFace", "Sharpen"]
