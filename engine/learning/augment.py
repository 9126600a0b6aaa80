"""Augmentation: small random changes to a batch before a step. A hook is any ``augment(rng, *batch) -> batch``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EngineError


@dataclass(frozen=True)
class Shift:
    """Moves a ``share`` of the images by up to ``pixels`` along both axes; what comes in at the edge is 0.

    The first array of the batch holds images as (n, …, height, width), or as rows of height x width pixels: square, or
    with ``shape=(height, width)``. The other arrays pass unchanged.

    >>> shift = Shift(pixels=1, share=1.0)
    >>> X, y = shift(np.random.default_rng(0), np.eye(3)[None], np.array([7]))
    >>> X.shape, y
    ((1, 3, 3), array([7]))
    """

    pixels: int = 1
    share: float = 0.5
    shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.pixels, int) or self.pixels < 1:
            raise EngineError(f"pixels of Shift is a whole number from 1 on, not {self.pixels!r}.")
        if not 0 <= self.share <= 1:
            raise EngineError(f"share of Shift lies between 0 and 1, not at {self.share!r}.")
        if self.shape is not None:
            object.__setattr__(self, "shape", tuple(self.shape))

    def __call__(self, rng: np.random.Generator, images: np.ndarray, *rest: Any) -> tuple:
        stack = self._images(images)
        n, height, width = stack.shape
        reach = self.pixels
        moves = rng.integers(-reach, reach + 1, size=(n, 2))
        moves[rng.random(n) >= self.share] = 0
        framed = np.zeros((n, height + 2 * reach, width + 2 * reach))
        framed[:, reach : reach + height, reach : reach + width] = stack
        # one window a image, cut out of its frame where the move says
        windows = np.lib.stride_tricks.sliding_window_view(framed, (height, width), axis=(1, 2))
        moved = windows[np.arange(n), reach - moves[:, 0], reach - moves[:, 1]]
        return moved.reshape(images.shape), *rest

    def _images(self, images: np.ndarray) -> np.ndarray:
        if images.ndim > 2:
            return images.reshape(-1, *images.shape[-2:])
        side = round(images.shape[1] ** 0.5)
        height, width = self.shape or (side, side)
        if images.ndim != 2 or height * width != images.shape[1]:
            raise EngineError(f"Rows of shape {images.shape} are no square images; give Shift their shape=(height, width).")
        return images.reshape(-1, height, width)

    def describe(self) -> dict[str, Any]:
        return {"name": "Shift", **dataclasses.asdict(self)}


def rebuild(description: Mapping[str, Any]) -> Shift:
    """The augmentation of a description."""
    return Shift(**{k: v for k, v in description.items() if k != "name"})


__all__ = ["Shift", "rebuild"]
