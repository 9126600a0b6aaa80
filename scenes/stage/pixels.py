"""Many pixels as one mobject: an image, a board of images, or a map of signed numbers. See picture.py for how it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Rectangle

from .picture import Picture
from .theme import Theme, channels, mix

StatePaint = Callable[[int, int, Any], np.ndarray]  # (width, height, state) -> RGB bytes (height, width, 3)


class Painting(Picture):
    """A picture that depends on a state which may change from frame to frame; `name` says which painting it is.

    `paint(width, height, state)` gives the pixels. Equal names and states are equal pixels, in every process.
    """

    def __init__(self, paint: StatePaint, name: str, state: Any = ()):
        self._paint, self.name, self.state = paint, name, state
        super().__init__(lambda width, height: self._paint(width, height, self.state))

    def __deepcopy__(self, memo: dict[int, Any]) -> Painting:
        twin = Painting(self._paint, self.name, self.state)
        twin.seen = self.seen
        return twin

    def show(self, state: Any) -> None:
        """Show another state."""
        if state != self.state:
            self.state, self._kept = state, None

    @property
    def stamp(self) -> tuple[Any, ...]:
        """What the pixels depend on, beside their number."""
        return (self.name, *self.state) if isinstance(self.state, tuple) else (self.name, self.state)


class Pixels(Rectangle):
    """A grid of greys (rows, columns) from 0 to 1, every pixel a sharp square. On paper, 0 is paper-white's darker ink."""

    def __init__(self, theme: Theme, greys: np.ndarray, width: float, height: float | None = None, rim: str | None = "data"):
        greys = np.asarray(greys, float)
        super().__init__(width=width, height=height or width * greys.shape[0] / greys.shape[1])
        self.set_fill("#000000", 1)
        self.set_stroke(theme.role(rim) if rim else theme.rim, 2.0 if rim else 0.0)
        self.greys = greys
        self.picture = Painting(_grey_paint(theme, greys), f"grey {theme.name} {digest(greys)}")

    def place(self, row: int, column: int) -> np.ndarray:
        """The middle of a pixel on the frame."""
        rows, columns = self.greys.shape[:2]
        left, top = self.get_left()[0], self.get_top()[1]
        return np.array([left + (column + 0.5) / columns * self.width, top - (row + 0.5) / rows * self.height, 0.0])


class Heat(Rectangle):
    """Signed numbers (rows, columns) as marks in SLOPE: strength is size of the colour, a hollow mark is a negative number.

    `scale` is the number of the strongest mark (default: the largest here).
    """

    def __init__(self, theme: Theme, values: np.ndarray, width: float, height: float | None = None, scale: float | None = None):
        values = np.asarray(values, float)
        super().__init__(width=width, height=height or width * values.shape[0] / values.shape[1])
        self.set_fill("#000000", 1).set_stroke(theme.slope, 2.0)
        self.values = values
        self.scale_of = scale or float(np.max(np.abs(values))) or 1.0
        name = f"heat {theme.name} {self.scale_of:.9e} {digest(values)}"
        self.picture = Painting(_heat_paint(theme, values / self.scale_of), name)

    place = Pixels.place

    @property
    def greys(self) -> np.ndarray:
        """As Pixels have it, for `place`."""
        return self.values


def digest(array: np.ndarray) -> str:
    """A short name for the content of an array."""
    array = np.ascontiguousarray(array, float)
    return hashlib.blake2b(f"{array.shape}".encode() + array.tobytes(), digest_size=8).hexdigest()


def cells(count: int, pixels: int) -> np.ndarray:
    """Which of `count` cells each of `pixels` pixels belongs to.

    >>> cells(2, 5).tolist()
    [0, 0, 0, 1, 1]
    """
    return np.minimum((np.arange(pixels) * count) // max(pixels, 1), count - 1)


def tones(theme: Theme) -> tuple[np.ndarray, np.ndarray]:
    """The colours of greys 0 and 1: ink on the ground of the theme, so that a stroke is light at night and dark on paper."""
    low, high = (theme.slot, theme.ink) if theme.dark else ("#FFFFFF", theme.ink)
    return np.array(channels(low)), np.array(channels(mix(low, high, 0.9)))


def _grey_paint(theme: Theme, greys: np.ndarray) -> StatePaint:
    low, high = tones(theme)

    def paint(width: int, height: int, state: Any) -> np.ndarray:
        seen = greys[np.ix_(cells(greys.shape[0], height), cells(greys.shape[1], width))]
        return np.round(255 * (low + (high - low) * seen[..., None]))

    return paint


def _heat_paint(theme: Theme, share: np.ndarray) -> StatePaint:
    base = np.array(channels(theme.slot if theme.dark else "#FFFFFF"))
    hot = np.array(channels(mix(theme.ribbon, "#FFFFFF", 0.10) if theme.dark else theme.ribbon))

    def paint(width: int, height: int, state: Any) -> np.ndarray:
        rows, columns = cells(share.shape[0], height), cells(share.shape[1], width)
        value = share[np.ix_(rows, columns)]
        # where a pixel lies in its cell, -1 … 1
        y = ((np.arange(height) + 0.5) / height * share.shape[0] - rows)[:, None] * 2 - 1
        x = ((np.arange(width) + 0.5) / width * share.shape[1] - columns)[None, :] * 2 - 1
        off = np.maximum(np.abs(x), np.abs(y))
        soft = 2.0 * max(share.shape) / max(width, 1)
        inside = np.clip((0.92 - off) / soft + 0.5, 0, 1)
        hollow = np.clip((off - 0.52) / soft + 0.5, 0, 1)
        strength = np.abs(value) ** 0.75 * inside * np.where(value < 0, hollow, 1.0)
        return np.round(255 * (base + (hot - base) * strength[..., None]))

    return paint


__all__ = ["Heat", "Painting", "Pixels", "cells", "digest", "tones"]
