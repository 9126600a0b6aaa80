"""Golden frames: the poster of every clip, small, as it was when somebody looked at it and found it good.

`python -m tests.scenes.golden` compares them all. `… show [NAME …]` writes pictures to build/golden: golden, now, and where
they differ. `… accept [NAME …]` makes the present frames the golden ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from chainreel.rendering.settings import Settings
from chainreel.rendering.shots import Shot
from chainreel.rendering.stills import poster

HERE = Path(__file__).parent
SETTINGS = Settings(320, 180, 10)
NOTICEABLE = 20  # levels of 255, after the edges were softened
TOLERATED = 0.002  # share of the pixels


def path_of(clip: str) -> Path:
    """Where the golden frame of a clip is."""
    return HERE / f"{clip}.png"


def now(clip: str) -> np.ndarray:
    """The poster as it is drawn now, RGB of shape (180, 320, 3); in steps of eight levels, which keeps the files small."""
    return poster(Shot.clip(clip, {}), SETTINGS) & np.uint8(0xF8)


def golden(clip: str) -> np.ndarray:
    """The accepted frame."""
    return np.asarray(Image.open(path_of(clip)).convert("RGB"))


def softened(picture: np.ndarray) -> np.ndarray:
    """Means of 3 × 3 pixels: edges may be drawn a little otherwise by another version of Cairo."""
    padded = np.pad(picture.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    h, w = picture.shape[:2]
    return np.mean([padded[i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far the two are apart at each pixel, shape (height, width)."""
    return np.abs(softened(one) - softened(other)).max(axis=2)


def share(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pixels that differ noticeably; 1 for pictures of another size."""
    return 1.0 if one.shape != other.shape else float((difference(one, other) > NOTICEABLE).mean())


def accept(clip: str, picture: np.ndarray) -> None:
    """Keep this frame."""
    Image.fromarray(picture).save(path_of(clip), optimize=True)


def compared(clip: str, picture: np.ndarray) -> Image.Image:
    """Golden, now, and where they differ, side by side at twice the size."""
    before = golden(clip) if path_of(clip).exists() else np.zeros_like(picture)
    apart = np.clip(difference(before, picture) * 4, 0, 255).astype(np.uint8)
    heat = np.stack([apart, np.zeros_like(apart), apart], axis=2)
    row = np.concatenate([before, picture, np.maximum(heat, picture // 4)], axis=1)
    return Image.fromarray(row).resize((row.shape[1] * 2, row.shape[0] * 2), Image.Resampling.NEAREST)
