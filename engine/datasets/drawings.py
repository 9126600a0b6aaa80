"""Drawn faces of cats and dogs, of any size: the same few shapes for both, and no two alike.

A face is a list of soft shapes painted one over the other: ears, head, muzzle, nose, eyes, whiskers. What
differs is drawn by lot: ear pointiness and muzzle length by the overlapping laws of ``animals``, size, shift,
tilt, the grey of the fur, whiskers (on most cats, on no dog), and noise on every pixel. Pointed ears stand
up, others hang.

Faces are painted in their own coordinates (u to the right, v down, the head about 1 wide from its middle),
all at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from ..errors import EngineError
from .animals import CAT, CLASSES, EARS, MUZZLES, alternate
from .dataset import Dataset, amount, generator, maker, whole

TILT = 18.0  # degrees to either side
WHISKERED = 0.8  # the share of cats that show whiskers
SIZES, SHIFT, FUR = (0.75, 1.05), 0.12, (0.45, 0.85)  # wider ranges make the faces harder to tell apart
BATCH = 2_000_000  # pixels painted at once


@dataclass(frozen=True)
class Looks:
    """What the lot decided about each face, every field (n,): kind, ear and muzzle from 0 to 1, size as a
    factor, shift as parts of the half width, tilt in radians, fur from 0 (black) to 1 (white), whiskers as 0
    or 1."""

    kind: np.ndarray
    ear: np.ndarray
    muzzle: np.ndarray
    size: np.ndarray
    right: np.ndarray
    down: np.ndarray
    tilt: np.ndarray
    fur: np.ndarray
    whiskers: np.ndarray

    @classmethod
    def draw(cls, count: int, rng: np.random.Generator) -> Looks:
        """By lot, cats and dogs in turn."""
        kind = alternate(count)
        ear, muzzle = EARS.draw(rng, kind), MUZZLES.draw(rng, kind)
        size = rng.uniform(*SIZES, count)
        right, down = rng.uniform(-SHIFT, SHIFT, (2, count))
        tilt = np.radians(rng.uniform(-TILT, TILT, count))
        fur = rng.uniform(*FUR, count)
        whiskers = (kind == CAT) & (rng.random(count) < WHISKERED)
        return cls(kind, ear, muzzle, size, right, down, tilt, fur, whiskers.astype(float))

    def __len__(self) -> int:
        return len(self.kind)

    def parts(self, rows: int) -> Iterator[Looks]:
        """The same faces in portions."""
        for start in range(0, len(self), rows):
            yield Looks(*(getattr(self, field.name)[start : start + rows] for field in fields(self)))


@maker
def faces(count: int = 400, seed: int = 0, size: int = 24, noise: float = 0.10) -> Dataset:
    """Drawn faces: X (count, size, size) of greys from 0 to 1, y cat (1) or dog (0), as many of both.

    ``noise`` is the deviation of what is added to every pixel. The faces themselves do not depend on size or
    noise.

    >>> faces(6, seed=11).X.shape
    (6, 24, 24)
    """
    rng = generator(seed)
    looks = Looks.draw(whole("count", count, 1, 1_000_000), rng)
    size, noise = whole("size", size, 4, 2048), amount("noise", noise)
    if count * size * size > 2e8:
        raise EngineError(f"{count:,} faces of {size}×{size} pixels are more than 200 million numbers; take fewer or smaller.")
    images = paint(looks, size)
    if noise:
        images += rng.normal(0.0, noise, images.shape)
        np.clip(images, 0.0, 1.0, out=images)
    return Dataset(images, looks.kind, target="kind", classes=CLASSES)


def paint(looks: Looks, size: int) -> np.ndarray:
    """The faces without noise: (n, size, size)."""
    portions = looks.parts(max(1, BATCH // (size * size)))
    return np.concatenate([_paint(portion, size) for portion in portions]).astype(float)


def _paint(looks: Looks, size: int) -> np.ndarray:
    column = {f.name: getattr(looks, f.name).astype(np.float32)[:, None, None] for f in fields(looks)}
    ear, muzzle, scale, fur = column["ear"], column["muzzle"], column["size"], column["fur"]
    place = ((np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1) * np.float32(1.25)
    x, y = place[None, None, :] - column["right"], place[None, :, None] - column["down"]
    sine, cosine = np.sin(column["tilt"]) / scale, np.cos(column["tilt"]) / scale
    u, v = cosine * x + sine * y, cosine * y - sine * x
    mirrored = np.abs(u)  # left and right are alike
    soft = np.float32(2.5 / size) / scale  # the width of an edge: one pixel

    # Pointed ears stand up and end in a tip; the others lean outwards, hang down and are round.
    lean = np.radians(18.0 + 115.0 * (1.0 - ear)).astype(np.float32)
    base = (np.float32(0.42), np.float32(-0.42))
    tip = (base[0] + 0.52 * np.sin(lean), base[1] - 0.52 * np.cos(lean))
    ears = _taper(mirrored, v, base, tip, 0.24, 0.03 + 0.17 * (1.0 - ear))
    head = _ellipse(u, v, 0.0, 0.62, 0.60)
    chin = 0.10 + 0.16 * muzzle
    snout = _ellipse(u, v - 0.18 - 0.10 * muzzle, 0.0, 0.20 + 0.06 * muzzle, chin)
    nose = _ellipse(u, v - 0.16 - 0.20 * muzzle, 0.0, 0.06 + 0.04 * muzzle, 0.05 + 0.03 * muzzle)
    eyes = _ellipse(mirrored, v + 0.14, 0.26, 0.08, 0.08)

    image = np.zeros_like(u)
    for distance, grey in (
        (ears, 0.85 * fur), (head, fur), (snout, fur + 0.6 * (1.0 - fur) * (0.4 + 0.6 * muzzle)), (eyes, 0.05), (nose, 0.05),
    ):  # fmt: skip
        _over(image, distance, soft, grey)
    for rise in (-0.10, 0.0, 0.10):
        hair = _taper(mirrored, v, (0.22, 0.22 + 0.3 * rise), (0.92, 0.20 + 1.3 * rise), 0.012, 0.012)
        _over(image, hair, soft, 0.95, 0.5 * column["whiskers"])
    return image


def _ellipse(u: np.ndarray, v: np.ndarray, middle: float, wide: np.ndarray | float, high: np.ndarray | float) -> np.ndarray:
    """About the distance to an ellipse, negative inside."""
    u = u - np.float32(middle)
    return (np.sqrt((u / wide) ** 2 + (v / high) ** 2) - 1.0) * np.minimum(wide, high)


def _taper(
    u: np.ndarray, v: np.ndarray, a: tuple, b: tuple, thick: np.ndarray | float, thin: np.ndarray | float
) -> np.ndarray:
    """About the distance to a stroke from a to b whose half width goes from ``thick`` to ``thin``, negative
    inside."""
    along = (b[0] - a[0], b[1] - a[1])
    du, dv = u - a[0], v - a[1]
    share = np.clip((du * along[0] + dv * along[1]) / (along[0] ** 2 + along[1] ** 2), 0.0, 1.0)
    return np.hypot(du - share * along[0], dv - share * along[1]) - (thick + share * (thin - thick))


def _over(
    image: np.ndarray, distance: np.ndarray, soft: np.ndarray, grey: np.ndarray | float, most: np.ndarray | float = 1.0
) -> None:
    """Paint a shape over what is there; ``most`` below 1 lets what is there shine through."""
    cover = np.clip(0.5 - distance / soft, 0.0, 1.0) * most
    image += cover * (grey - image)


__all__ = ["Looks", "faces", "paint"]
