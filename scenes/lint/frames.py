"""Rules that only the drawn picture can answer: contrast with what is really behind a text, flashes, empty space.

`FrameRules` receives frames as a film's encoder would. Between frames it can look at the scene they were drawn from.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Camera, Mobject, config

from ..stage.camera import StageCamera, graph_paper
from ..stage.formula import Formula
from ..stage.table import LitNumber
from ..stage.theme import channels
from .finding import Box
from .sight import Moment, Seen, extent
from .text import LARGE

RATE = 10.0  # frames a second that are looked at while something moves: four flashes a second would be seen
GRID = (36, 64)  # cells in which brightness is followed
FLASH, FLASH_AREA, MOST_FLASHES = 0.10, 0.028, 3  # WCAG 2.3.1: change of luminance, share of the frame, a second
RED_FLASH, SATURATED = 20.0, 0.8  # change of redness that is a red flash, and the share of red in a saturated one
EMPTY = 0.15  # of the frame (R15)
STILL = 8.0  # seconds (R40)


class FrameRules:
    """A taker of frames. Still pictures are examined closely, moving ones for flashes."""

    every: int | None = None

    def __init__(self, lint: Any):
        self.lint, self.stage = lint, lint.stage
        self.fps = float(config.frame_rate)
        self.step = max(1, round(self.fps / RATE))
        self.flashes = Flashes(round(RATE))
        self.red = Flashes(round(RATE), RED_FLASH, 1)  # there and back once is one too many
        self.measured: list[tuple[float, str]] = []  # the contrast of each text that was measured, and what it says
        self._paper: np.ndarray | None = None
        self._camera: Camera | None = None
        self._examined: set[tuple[int, ...]] = set()
        self._last: np.ndarray | None = None
        self._changed = 0.0

    def wants(self, first: int, last: int) -> bool:
        """Every frame of a wait is one; of a play some."""
        return last - first > 1 or first % self.step == 0

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """A frame, RGBA of shape (height, width, 4)."""
        time = first / self.fps
        small = luminance_grid(pixels)
        if self.flashes.add(time, small):
            self.lint.tell("flash", f"more than {MOST_FLASHES} flashes in a second", None, "", once=f"{time:.0f}")
        if self.red.add(time, redness_grid(pixels)):
            self.lint.tell("flash", "a saturated red flashes", None, "", once=f"red {time:.0f}")
        self._unchanged(pixels, time, repeat / self.fps)
        if repeat > 2:
            moment = Moment(self.stage, time)
            mark = tuple(sorted(id(t.mobject) for t in moment.texts)) + (moment.beat,)
            if mark not in self._examined:
                self._examined.add(mark)
                self._empty(pixels, moment)
                self._contrast(pixels, moment)

    def _unchanged(self, pixels: np.ndarray, time: float, lasts: float) -> None:
        if self._last is None or not np.array_equal(self._last, pixels):
            self._last, self._changed = pixels.copy(), time
        still = time + lasts - self._changed
        if still > STILL + 0.15:
            moment = Moment(self.stage, time)
            if not moment.question:
                message = f"the frame does not change for {still:.1f} s; {STILL:g} s is the most"
                self.lint.tell("dead frame", message, None, "", moment, once=f"beat {moment.beat}")

    def _empty(self, pixels: np.ndarray, moment: Moment) -> None:
        if self._paper is None:
            h, w = pixels.shape[:2]
            self._paper = graph_paper(self.stage.look, w, h, (config.frame_width, config.frame_height))
        near = np.abs(pixels[..., :3].astype(np.int16) - self._paper[..., :3]).max(axis=2) <= 6
        share = float(near.mean())
        self.lint.gauge("empty", share, least=True)
        if share < EMPTY:
            message = f"only {100 * share:.0f} % of the frame is empty; {100 * EMPTY:.0f} % is the least"
            self.lint.tell("empty space", message, None, "", moment, once=f"beat {moment.beat}")

    def _contrast(self, pixels: np.ndarray, moment: Moment) -> None:
        ground = self._without_texts(moment)
        if ground.shape != pixels.shape:
            return
        for seen in moment.texts:
            dim = seen.opacity < 0.95
            worst = worst_part(seen, pixels, ground)
            if worst is None:
                continue
            ratio, hidden = worst
            if not dim and not hidden:
                self.measured.append((ratio, seen.says))
                self.lint.gauge("contrast", ratio if not large_text(seen) else ratio * 1.5, least=True)
            floor = 3.0 if large_text(seen) else 4.5
            if hidden and not dim:
                self.lint.tell("covered", f"'{seen.says}' lies under something else", seen.box, seen.says, moment)
            elif ratio < floor - 0.1:
                message = f"'{seen.says}' has contrast {ratio:.1f}:1 on what is behind it; {floor:g} is the floor"
                if not dim:
                    self.lint.tell("contrast", message, seen.box, seen.says, moment, once=f"{seen.says} drawn")

    def _without_texts(self, moment: Moment) -> np.ndarray:
        """The same picture with nothing written on it, and without the faint lines of the graph paper."""
        if self._camera is None:
            camera = self.stage.renderer.camera
            self._camera = type(camera)(
                pixel_width=camera.pixel_width, pixel_height=camera.pixel_height,
                frame_width=camera.frame_width, frame_height=camera.frame_height,
            )  # fmt: skip
            if isinstance(self._camera, StageCamera):
                self._camera.on(self.stage.look)
        texts: list[Mobject] = [seen.mobject for seen in moment.texts]
        self._camera.reset()
        self._camera.capture_mobjects(self.stage.mobjects, excluded_mobjects=texts)
        picture: np.ndarray = self._camera.pixel_array.copy()
        look, (h, w) = self.stage.look, picture.shape[:2]
        frame = (config.frame_width, config.frame_height)
        ruled, plain = graph_paper(look, w, h, frame), graph_paper(replace(look, grid=0.0), w, h, frame)
        bare = np.abs(picture[..., :3].astype(np.int16) - ruled[..., :3]).max(axis=2) <= 6
        picture[bare] = plain[bare]
        return picture


def large_text(seen: Seen) -> bool:
    """Whether a lower contrast is enough: large text needs 3:1 where small needs 4.5:1."""
    return float(seen.mobject.font_size) >= LARGE and not isinstance(seen.mobject, Formula)


def worst_part(seen: Seen, pixels: np.ndarray, ground: np.ndarray) -> tuple[float, bool] | None:
    """The lowest contrast of a text's parts with what is behind them, and whether something covers most of it."""
    text = seen.mobject
    parts = [p for p in (text.submobjects if isinstance(text, Formula | LitNumber) else text.get_family()) if len(p.points)]
    worst, hidden, counted = 99.0, 0, 0
    for part in parts:
        alpha = float(part.get_fill_opacity())
        box = extent(part)
        if alpha < 0.3 or box is None:
            continue
        rows, columns = window(box, pixels.shape)
        here = pixels[rows, columns, :3].astype(float) / 255
        behind = ground[rows, columns, :3].astype(float) / 255
        if here.size < 3 * 6:
            continue
        colour = np.array(channels(part.get_fill_color().to_hex()))
        full = behind + (colour - behind) * alpha
        expected = np.abs(full - behind).max(axis=2)
        found = np.abs(here - behind).max(axis=2)
        top = float(expected.max())
        if top < 0.02:
            worst = min(worst, 1.0)
            continue
        counted += 1
        if float(found.max()) < 0.35 * top:
            hidden += 1
            continue
        body = found > 0.5 * float(found.max())
        ratio = contrasts(full[body], behind[body])
        worst = min(worst, float(np.quantile(ratio, 0.1)))
    if not counted and worst > 90:
        return None
    return worst, counted > 0 and hidden > counted / 2


def window(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The pixels of a box."""
    h, w = shape[:2]
    fw, fh = config.frame_width, config.frame_height
    x0, x1 = (box[0] + fw / 2) / fw * w, (box[2] + fw / 2) / fw * w
    y0, y1 = (fh / 2 - box[3]) / fh * h, (fh / 2 - box[1]) / fh * h
    return slice(max(int(y0), 0), min(int(y1) + 2, h)), slice(max(int(x0), 0), min(int(x1) + 2, w))


def luminances(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance of WCAG 2.1 of colours from 0 to 1, shape (…, 3)."""
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    answer: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return answer


def contrasts(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Contrast ratios of two arrays of colours."""
    a, b = luminances(one), luminances(other)
    ratio: np.ndarray = (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)
    return ratio


_LINEAR = luminances(np.repeat(np.arange(256)[:, None] / 255, 3, axis=1))


def luminance_grid(pixels: np.ndarray) -> np.ndarray:
    """Mean luminance in each cell of a grid."""
    return means(_LINEAR[grid_sample(pixels)] @ np.array([0.2126, 0.7152, 0.0722]), pixels.shape)


def grid_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of the grid for a frame."""
    return GRID if shape[1] >= shape[0] else (GRID[1], GRID[0])


def grid_sample(pixels: np.ndarray) -> np.ndarray:
    """About nine pixels of each cell, RGB."""
    (rows, columns), (h, w) = grid_of(pixels.shape), pixels.shape[:2]
    return pixels[:: max(1, h // (rows * 3)), :: max(1, w // (columns * 3)), :3]


def means(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The mean of each cell."""
    rows, columns = grid_of(shape)
    a, b = values.shape[0] // rows, values.shape[1] // columns
    if a < 1 or b < 1:
        return np.asarray(values)
    cells: np.ndarray = values[: a * rows, : b * columns].reshape(rows, a, columns, b).mean(axis=(1, 3))
    return cells


def redness_grid(pixels: np.ndarray) -> np.ndarray:
    """How red each cell of a grid is, as WCAG 2.1 measures it for red flashes: (R − G − B) · 320 where it is positive and R
    is four fifths of the whole, else 0.
    """
    part = grid_sample(pixels) / 255.0
    red, rest = part[..., 0], part[..., 1] + part[..., 2]
    return means(np.where(red >= SATURATED * (red + rest), np.maximum(red - rest, 0.0) * 320, 0.0), pixels.shape)


class Flashes:
    """Counts swings of brightness (or of redness) in each cell over the last second; `swing` is how much is one, and more
    than `turns` of them are too many.
    """

    def __init__(self, samples: int, swing: float = FLASH, turns: int = 2 * MOST_FLASHES):
        self.samples, self.swing, self.most = samples, swing, turns
        self.turns: deque[tuple[float, np.ndarray]] = deque()
        self.level: np.ndarray | None = None  # where the last swing ended
        self.going: np.ndarray | None = None  # +1 up, −1 down

    def add(self, time: float, light: np.ndarray) -> bool:
        """Another picture; says whether there were too many in the second before it."""
        if self.level is None or self.level.shape != light.shape:
            self.level, self.going = light.copy(), np.zeros(light.shape, int)
            return False
        assert self.going is not None
        change = light - self.level
        swing = np.abs(change) >= self.swing
        if self.swing == FLASH:  # between bright pictures the eye sees no flash
            swing &= np.minimum(light, self.level) < 0.8
        direction = np.sign(change).astype(int)
        turned = swing & (direction != self.going)
        follow = swing | ((direction == self.going) & (self.going != 0))
        self.level = np.where(follow, light, self.level)
        self.going = np.where(swing, direction, self.going)
        self.turns.append((time, turned))
        while self.turns and self.turns[0][0] <= time - 1.0 + 1e-9:
            self.turns.popleft()
        count = np.sum([t for _, t in self.turns], axis=0)
        return bool(np.mean(count > self.most) > FLASH_AREA)
