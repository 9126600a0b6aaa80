"""Which part of a picture has to be drawn again: sets of tiles, as the bits of whole numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import ndimage

TILE = 32

T = TypeVar("T", bound=Hashable)
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, the last two outside


@dataclass
class Band:
    """Rows of the picture in which some boxes are drawn again; `tiles` is the set of all of these boxes."""

    top: int
    bottom: int
    boxes: list[Box]
    tiles: int


class Tiles:
    """The grid over a picture of width × height pixels."""

    def __init__(self, width: int, height: int):
        self.whole: Box = (0, 0, width, height)
        self.columns, self.rows = -(-width // TILE), -(-height // TILE)
        self.all = (1 << self.columns * self.rows) - 1
        ones = [0]
        for _ in range(self.rows):
            ones.append(ones[-1] << self.columns | 1)
        self._ones = ones  # the first column of so many rows

    def under(self, box: Box) -> int:
        """The tiles that a box touches."""
        left, top, right, bottom = box[0] // TILE, box[1] // TILE, -(-box[2] // TILE), -(-box[3] // TILE)
        return ((1 << right - left) - 1 << left + top * self.columns) * self._ones[bottom - top]

    def boxes(self, tiles: int) -> list[Box]:
        """A box around each connected patch of a set.

        >>> grid = Tiles(1920, 1080)
        >>> grid.boxes(grid.under((5, 5, 20, 20)) | grid.under((30, 10, 40, 30)) | grid.under((900, 300, 901, 301)))
        [(0, 0, 64, 32), (896, 288, 928, 320)]
        """
        count = self.columns * self.rows
        bits = np.frombuffer(tiles.to_bytes(-(-count // 8), "little"), np.uint8)
        grid = np.unpackbits(bits, count=count, bitorder="little").reshape(self.rows, self.columns)
        patches, _ = ndimage.label(grid, np.ones((3, 3)))
        _, _, width, height = self.whole
        return [
            (x.start * TILE, y.start * TILE, min(x.stop * TILE, width), min(y.stop * TILE, height))
            for y, x in ndimage.find_objects(patches)
        ]

    def bands(self, boxes: Sequence[Box]) -> list[Band]:
        """Boxes that share rows together."""
        bands: list[Band] = []
        for box in sorted(boxes, key=lambda b: b[1]):
            if bands and box[1] < bands[-1].bottom:
                band = bands[-1]
                band.bottom = max(band.bottom, box[3])
            else:
                band = Band(box[1], box[3], [], 0)
                bands.append(band)
            band.boxes.append(box)
            band.tiles |= self.under(box)
        return bands


def first_difference(old: Sequence[T], new: Sequence[T]) -> int:
    """How many entries both begin with.

    >>> first_difference("abc", "abd")
    2
    """
    n = min(len(old), len(new))
    if old[:n] == new[:n]:
        return n
    return next(i for i in range(n) if old[i] is not new[i])


def differing(old: Sequence[T], new: Sequence[T], first: int = 0) -> list[T]:
    """Entries of either list that are not in both in the same order; the first ones are known to be the same.

    >>> differing(["a", "b", "c", "d"], ["a", "c", "b", "e"])
    ['c', 'd', 'c', 'e']
    """
    place = {entry: i for i, entry in enumerate(old[first:])}
    # The longest run of entries whose order is kept: at each length, the run that ends earliest in the old list.
    ends: list[int] = []
    runs: list[tuple[int, int]] = []  # for each new entry: its place in the old list, and how long a run it ends
    for entry in new[first:]:
        at = place.get(entry, -1)
        length = -1
        if at >= 0:
            length = bisect_left(ends, at)
            ends[length : length + 1] = [at]
        runs.append((at, length))
    kept_new, kept_old = set(), set()
    length, before = len(ends) - 1, len(old)
    for index in range(len(runs) - 1, -1, -1):
        at, run = runs[index]
        if length >= 0 and run == length and at < before:
            kept_new.add(index)
            kept_old.add(at)
            length, before = length - 1, at
    gone = [entry for i, entry in enumerate(old[first:]) if i not in kept_old]
    return gone + [entry for i, entry in enumerate(new[first:]) if i not in kept_new]
