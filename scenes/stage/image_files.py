"""Pictures of the user's as a data set: a folder with a folder for each class. (The engine itself reads no picture formats.)"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from chainreel.engine import EngineError
from chainreel.engine.datasets import Dataset
from chainreel.engine.datasets.dataset import maker, whole

SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"))
MOST = 20_000


@maker
def image_folder(path: str, size: int = 24, files: str | None = None) -> Dataset:
    """Greys from 0 to 1, (n, size, size), of all pictures in the sub-folders of a folder, whose names are the classes.

    A picture is cut to its middle square and made `size` pixels wide. `files` is a hash of names and contents, which says
    whether the folder is still the same. Raises EngineError for a folder without two classes, and for a damaged picture.
    """
    from PIL import Image, UnidentifiedImageError

    root, size = Path(path).expanduser(), whole("size", size, 4, 32)
    folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".")) if root.is_dir() else []
    found = [(f.name, [p for p in sorted(f.iterdir()) if p.suffix.lower() in SUFFIXES]) for f in folders]
    found = [(name, pictures) for name, pictures in found if pictures]
    if len(found) < 2:
        raise EngineError(f"{path} needs a folder of pictures for each of two classes or more; it has {len(found)}.")
    if sum(len(pictures) for _, pictures in found) > MOST:
        raise EngineError(f"{path} has more than {MOST:,} pictures; take fewer.")
    whole_hash, rows, kinds = hashlib.sha256(), [], []
    for kind, (name, pictures) in enumerate(found):
        for picture in pictures:
            content = picture.read_bytes()
            whole_hash.update(f"{name}/{picture.name} {len(content)}\n".encode() + content)
            try:
                with Image.open(picture) as image:
                    grey = image.convert("L")
            except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
                raise EngineError(f"{picture} is damaged or no picture.") from None
            side = min(grey.size)
            left, top = (grey.width - side) // 2, (grey.height - side) // 2
            square = grey.resize((size, size), Image.Resampling.BOX, box=(left, top, left + side, top + side))
            rows.append(np.asarray(square, float) / 255.0)
            kinds.append(kind)
    if files is not None and files != whole_hash.hexdigest():
        raise EngineError(f"The pictures in {path} have changed since.")
    words = tuple(name for name, _ in found)
    return Dataset(np.array(rows), np.array(kinds), target="class", classes=words, title=root.name)


__all__ = ["image_folder"]
