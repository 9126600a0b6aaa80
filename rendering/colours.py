"""Pictures in the colours of a codec: only the blocks that changed are converted, an unchanged picture is the same frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from .tiles import Box

BT709 = 1  # the number of BT.709 in each of the three tables of ISO/IEC 23091-2
BLOCK_WIDTH, BLOCK_HEIGHT = 256, 64
REACH = 4  # pixels from which a pixel's chroma is made
MARGIN_X, MARGIN_Y = 8, 8  # what is converted around a block, so that it comes out as in the whole picture
MOSTLY = 0.5  # from this share of blocks on, the whole picture is converted
RGB = ("bgr0", "bgra")
ALPHA = ("bgra", "yuva420p", "yuva444p10le")  # these keep what is transparent

Patch = tuple[Box, np.ndarray]  # where, and its pixels


class Colours:
    """Turns RGBA pictures into frames of a pixel format: BT.709, limited range, unless it keeps RGB.

    The frame that is returned is changed by the next call; an encoder that keeps frames must not be given it (of those
    used here, x264 and libvpx copy theirs, and other formats than yuv420p get a new frame each time).
    """

    def __init__(self, pixels: str, width: int, height: int):
        self.pixels, self.width, self.height = pixels, width, height
        self._picture: np.ndarray | None = None  # RGBA, as it is now
        self._frame: Any = None
        self._planes: list[np.ndarray] = []
        self._straight = pixels in ALPHA
        self._reformatters: dict[tuple[int, ...], VideoReformatter] = {}

    def whole(self, picture: np.ndarray) -> av.VideoFrame:
        """A picture of which nothing is known. It becomes this object's own."""
        self._picture = straight(picture) if self._straight else np.ascontiguousarray(picture)
        return self._convert_all()

    def patched(self, patches: Sequence[Patch]) -> av.VideoFrame:
        """The last picture with some boxes of it new."""
        picture = self._picture
        assert picture is not None
        if not patches:
            return self._frame
        for (left, top, right, bottom), pixels in patches:
            picture[top:bottom, left:right] = straight(pixels) if self._straight else pixels
        blocks = {
            (x, y)
            for (left, top, right, bottom), _ in patches
            for y in range(max(top - REACH, 0) // BLOCK_HEIGHT, -(-min(bottom + REACH, self.height) // BLOCK_HEIGHT))
            for x in range(max(left - REACH, 0) // BLOCK_WIDTH, -(-min(right + REACH, self.width) // BLOCK_WIDTH))
        }
        all_of_them = self.width * self.height / (BLOCK_WIDTH * BLOCK_HEIGHT)
        if self.pixels != "yuv420p" or len(blocks) > MOSTLY * all_of_them:
            return self._convert_all()
        for x, y, count in runs(blocks):
            self._convert_blocks(picture, x * BLOCK_WIDTH, y * BLOCK_HEIGHT, count * BLOCK_WIDTH)
        return self._frame

    def _convert_all(self) -> av.VideoFrame:
        assert self._picture is not None
        self._frame = self._reformat(self._picture)
        if self.pixels not in RGB:
            self._frame.color_primaries = self._frame.color_trc = BT709  # ProRes writes these into every frame
        self._planes = planes(self._frame) if self.pixels == "yuv420p" else []
        return self._frame

    def _convert_blocks(self, picture: np.ndarray, left: int, top: int, width: int) -> None:
        right, bottom = min(left + width, self.width), min(top + BLOCK_HEIGHT, self.height)
        x, y = max(left - MARGIN_X, 0), max(top - MARGIN_Y, 0)
        around = picture[y : min(bottom + MARGIN_Y, self.height), x : min(right + MARGIN_X, self.width)]
        parts = planes(self._reformat(np.ascontiguousarray(around)))
        for plane, part, n in zip(self._planes, parts, (1, 2, 2), strict=True):
            here = part[(top - y) // n : (bottom - y) // n, (left - x) // n : (right - x) // n]
            plane[top // n : bottom // n, left // n : right // n] = here

    def _reformat(self, pixels: np.ndarray) -> Any:
        source = av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
        reformatter = self._reformatters.setdefault(pixels.shape, VideoReformatter())
        if self.pixels in RGB:
            return reformatter.reformat(source, format=self.pixels, threads=1)
        return reformatter.reformat(
            source,
            format=self.pixels,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP,
            threads=1,
        )


def runs(blocks: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Blocks beside each other together: (column of the first, row, how many).

    >>> runs({(2, 0), (1, 0), (4, 0), (1, 1)})
    [(1, 0, 2), (4, 0, 1), (1, 1, 1)]
    """
    found: list[tuple[int, int, int]] = []
    for x, y in sorted(blocks, key=lambda block: block[::-1]):
        if found and found[-1][1] == y and found[-1][0] + found[-1][2] == x:
            found[-1] = (found[-1][0], y, found[-1][2] + 1)
        else:
            found.append((x, y, 1))
    return found


def straight(pixels: np.ndarray) -> np.ndarray:
    """RGBA bytes whose colours are multiplied by their opacity, as cairo draws them, as files want them: not multiplied.

    >>> straight(np.array([[[50, 25, 0, 100], [0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)).tolist()
    [[[128, 64, 0, 100], [0, 0, 0, 0], [9, 8, 7, 255]]]
    """
    result = np.array(pixels)
    alpha = result[..., 3]
    partly = (alpha > 0) & (alpha < 255)
    opacity = alpha[partly][:, None].astype(np.uint16)
    result[partly, :3] = np.minimum((result[partly, :3] * np.uint16(255) + opacity // 2) // opacity, 255)
    return result


def planes(frame: Any) -> list[np.ndarray]:
    """The pixels of a frame's planes, not copied."""
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width] for plane in frame.planes
    ]
