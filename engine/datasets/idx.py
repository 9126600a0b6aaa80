"""MNIST in its original files (IDX), when the user has them. Nothing is ever downloaded.

LeCun, Bottou, Bengio & Haffner 1998. An IDX file holds two zero bytes, a byte for the type of number, a byte
for how many dimensions there are, their sizes as big-endian 4-byte numbers, and the numbers.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from ..errors import EngineError
from .dataset import Dataset, maker, whole

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
FOLDER = "mnist"
STEMS = {"train": "train", "test": "t10k"}


@maker
def mnist(part: str = "train", folder: str = FOLDER, count: int | None = None) -> Dataset:
    """Handwritten digits of 28×28 pixels: X (n, 28, 28) of greys from 0 to 1, y the digit.

    ``part`` is "train" (60,000) or "test" (10,000); ``count`` takes the first ones only. The four files,
    packed (.gz) or not, belong into ``folder``. Raises EngineError where they are missing or damaged.
    """
    if part not in STEMS:
        raise EngineError(f"The parts of MNIST are train and test, not {part!r}.")
    images = read_idx(_found(folder, f"{STEMS[part]}-images", "idx3-ubyte"))
    labels = read_idx(_found(folder, f"{STEMS[part]}-labels", "idx1-ubyte"))
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise EngineError(
            f"The MNIST files in {folder} do not belong together: images {images.shape}, labels {labels.shape}."
        )  # fmt: skip
    if count is not None:
        count = whole("count", count, 1, len(images))
    words = tuple(map(str, range(10)))
    return Dataset(
        images[:count] / 255.0, labels[:count].astype(int), target="digit", classes=words, title=f"mnist ({part})"
    )  # fmt: skip


def read_idx(path: str | Path) -> np.ndarray:
    """The array of an IDX file, packed with gzip or plain. Raises EngineError with the file's name where it
    is damaged."""
    path = Path(path)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as problem:
        raise EngineError(f"{path} cannot be read: {problem}.") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES or not content[3]:
        raise EngineError(f"{path} is no IDX file: it does not begin as one.")
    start = 4 + 4 * content[3]
    shape = tuple(int(n) for n in np.frombuffer(content[4:start], ">u4")) if len(content) >= start else ()
    kind = np.dtype(TYPES[content[2]])
    if len(content) < start or len(content) - start != math.prod(shape) * kind.itemsize:
        raise EngineError(f"{path} is damaged: it should hold {shape} numbers but has {max(0, len(content) - start):,} bytes.")
    return np.frombuffer(content, kind, offset=start).reshape(shape)


def _found(folder: str, stem: str, kind: str) -> Path:
    names = [f"{stem}{mark}{kind}{end}" for mark in ("-", ".") for end in ("", ".gz")]
    for name in names:
        path = Path(folder).expanduser() / name
        if path.is_file():
            return path
    raise EngineError(
        f"MNIST is not downloaded. Put {names[1]} (or {names[0]}) and its three companions into the folder "
        f"{Path(folder).expanduser()}, or give another one: mnist(folder=…)."
    )


__all__ = ["mnist", "read_idx"]
