"""How close the frames of a video are to what was drawn: SSIM of the luma."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
from scipy.ndimage import uniform_filter

from chainreel.rendering.colours import planes
from chainreel.rendering.drawing import make_scene, manim_config, run
from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot

PICKS = 12  # frames that are compared
DRIFT = 3  # frames by which stock manim may be off: it counts the frames of an animation by a float range
# What the encoders are given: luma from 16 to 235. Stock manim's has the weights of BT.601, ours those of BT.709.
STOCK, OURS = (np.array(w, np.float32) for w in ((0.299, 0.587, 0.114), (0.2126, 0.7152, 0.0722)))


def picks(frames: int) -> list[int]:
    """Frames from the first to the last, evenly apart."""
    return sorted({round(i * (frames - 1) / (PICKS - 1)) for i in range(PICKS)})


class Gather:
    """Takes some frames of a scene as they are drawn; the others are not drawn at all."""

    every = None

    def __init__(self, wanted: Iterable[int]):
        self.wanted = sorted(wanted)
        self.found: dict[int, np.ndarray] = {}

    def wants(self, first: int, last: int) -> bool:
        """Whether one of these is among them."""
        return any(first <= frame < last for frame in self.wanted)

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Keep its luma."""
        for frame in self.wanted:
            if first <= frame < first + repeat:
                self.found[frame] = pixels[..., :3].copy()


def luma(rgb: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(height, width), of RGB bytes."""
    return np.asarray((16 + 219 / 255 * (rgb.astype(np.float32) @ weights)).round().astype(np.uint8))


def drawn(scene_class: type, settings: Settings, wanted: Iterable[int]) -> dict[int, np.ndarray]:
    """Some frames as they are drawn, before any encoder: RGB."""
    taker = Gather(wanted)
    with tempfile.TemporaryDirectory() as folder, manim_config(settings, Path(folder), scene_class):
        run(make_scene(Shot.of(scene_class), settings), taker)
    return taker.found


def encoded(video: Path, wanted: Iterable[int]) -> dict[int, np.ndarray]:
    """The luma of some frames of a video, as it is in the file."""
    wanted, found = set(wanted), {}
    with av.open(str(video)) as container:
        for index, frame in enumerate(container.decode(container.streams.video[0])):
            if index in wanted:
                found[index] = planes(frame)[0].copy()
    return found


def count(video: Path) -> int:
    """How many frames a video has."""
    with av.open(str(video)) as container:
        return sum(packet.pts is not None for packet in container.demux(container.streams.video[0]))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Structural similarity of two pictures, windows of 7×7."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    mx, my = uniform_filter(x, 7), uniform_filter(y, 7)
    vx, vy = uniform_filter(x * x, 7) - mx * mx, uniform_filter(y * y, 7) - my * my
    both = uniform_filter(x * y, 7) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())


def compare(scene_class: type, settings: Settings, ours: Path, stock: Path | None) -> dict[str, Any]:
    """The worst SSIM of some frames of each video against what was drawn.

    A frame of stock manim's is compared with the frame of ours that it shows: the most alike of those near by.
    """
    frames = count(ours)
    wanted = picks(frames)
    pictures, mine = drawn(scene_class, settings, wanted), encoded(ours, wanted)
    result: dict[str, Any] = {"frames": frames, "ssim": min(ssim(mine[i], luma(pictures[i], OURS)) for i in wanted)}
    if stock is not None:
        near = {i: range(max(i - DRIFT, 0), i + DRIFT + 1) for i in wanted}
        theirs = encoded(stock, {j for indices in near.values() for j in indices})
        likes, off = [], set()
        for i in wanted:
            truth = luma(pictures[i], STOCK)
            there = [j for j in near[i] if j in theirs]
            if there:
                twin = min(there, key=lambda j: np.square(truth.astype(int) - theirs[j]).mean())
                likes.append(ssim(theirs[twin], truth))
                off.add(twin - i)
        result |= {"stock_ssim": min(likes), "off": sorted(off)}
    return result
