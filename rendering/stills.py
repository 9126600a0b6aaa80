"""Single frames of a shot, for thumbnails, contact sheets and golden frames: nothing else of it is drawn."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .drawing import Score, make_scene, manim_config, rehearse, run
from .errors import RenderError
from .settings import Settings
from .shots import Shot


class Wanted:
    """A taker of certain frames."""

    every: int | None = None

    def __init__(self, frames: Iterable[int]):
        self.frames = sorted(set(frames))
        self.pictures: dict[int, np.ndarray] = {}

    def wants(self, first: int, last: int) -> bool:
        """Whether one of them is among these."""
        return any(first <= frame < last for frame in self.frames)

    def take(self, first: int, pixels: np.ndarray, repeat: int) -> None:
        """Keep it."""
        for frame in self.frames:
            if first <= frame < first + repeat:
                self.pictures[frame] = pixels[..., :3].copy()


def stills(shot: Shot, settings: Settings, frames: Iterable[int]) -> dict[int, np.ndarray]:
    """Those frames of a shot, RGB of shape (height, width, 3)."""
    taker = Wanted(frames)
    with tempfile.TemporaryDirectory(prefix="chainreel-stills-") as place, manim_config(settings, Path(place), shot.load()):
        run(make_scene(shot, settings), taker)
    return taker.pictures


def rehearsed(shot: Shot, settings: Settings) -> Score:
    """Times, words and numbers of a shot, without a frame."""
    with tempfile.TemporaryDirectory(prefix="chainreel-stills-") as place:
        return rehearse(shot, settings, Path(place))


def poster(shot: Shot, settings: Settings) -> np.ndarray:
    """The frame that stands for the film."""
    frame = rehearsed(shot, settings).poster_frame
    pictures = stills(shot, settings, [frame])
    if frame not in pictures:
        raise RenderError(f"{shot.name} has no frame {frame}")
    return pictures[frame]


def telling_frames(score: Score, fps: int, most: int) -> list[int]:
    """The last frames of beats, the poster among them, at most so many, in order."""
    ends = [max(round(beat["end"] * fps) - 2, 0) for beat in score.beats] or [score.frames - 1]
    picked = {ends[round(i)] for i in np.linspace(0, len(ends) - 1, min(most, len(ends)))}
    if len(picked) < most:
        picked.add(score.poster_frame)
    return sorted(picked)


def contact_sheet(pictures: Sequence[np.ndarray], columns: int, width: int, ground: str = "#000000") -> Any:
    """The pictures in rows, each `width` pixels wide, as a Pillow image."""
    from PIL import Image

    gap = 4
    small = []
    for picture in pictures:
        image = Image.fromarray(picture)
        small.append(image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS))
    height = small[0].height
    rows = -(-len(small) // columns)
    columns = min(columns, len(small))
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), ground)
    for i, image in enumerate(small):
        sheet.paste(image, (i % columns * (width + gap), i // columns * (height + gap)))
    return sheet
