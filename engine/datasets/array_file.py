"""Arrays from a file of numpy's: .npz with inputs and targets under their names, or .npy with the target as last column."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EngineError
from .dataset import Dataset, maker

INPUTS = ("X", "x", "inputs", "images", "data", "x_train", "X_train", "train_images", "features")
TARGETS = ("y", "Y", "t", "targets", "labels", "target", "y_train", "train_labels", "label")


@maker
def arrays(path: str, inputs: str | None = None, target: str | None = None) -> Dataset:
    """Inputs (n, columns) or images (n, height, width) and classes (n,) from a file written by numpy.

    In an .npz, ``inputs`` and ``target`` name the two arrays; without them the usual names are looked for (X and y, images
    and labels, …). An .npy is a table whose last column is the class. Classes may be numbers or words. Whole numbers from
    0 to 255 that are images become greys from 0 to 1; colours become greys.

    Raises EngineError, with the file's name, for what does not fit.
    """
    file = Path(path).expanduser()
    try:
        found = np.load(file, allow_pickle=False)
        named = isinstance(found, np.lib.npyio.NpzFile)
        table = {name: found[name] for name in found.files} if named else {}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as problem:
        why = (
            "it holds Python objects, which are not read"
            if "Object arrays" in str(problem) else "it is no file of numpy's arrays"
        )
        why = "it is not there" if not file.exists() else why
        raise EngineError(f"{path} cannot be read: {why}.") from None
    if named:
        X = _pick(path, table, inputs, INPUTS, "inputs")
        y = _pick(path, table, target, TARGETS, "targets")
    else:
        if found.ndim != 2 or found.shape[1] < 2:
            raise EngineError(
                f"{path} has the shape {found.shape}; an .npy is a table whose last column is the class. Keep images and "
                "their classes in an .npz: numpy.savez(file, X=images, y=classes)."
            )
        X, y = found[:, :-1], found[:, -1]
    return _dataset(path, X, y)


def _pick(path: str, table: dict[str, np.ndarray], name: str | None, usual: tuple[str, ...], what: str) -> np.ndarray:
    chosen = name or next((n for n in usual if n in table), None)
    if chosen is None or chosen not in table:
        known = ", ".join(table) or "nothing"
        raise EngineError(f"{path} has no {what} called {name or ' or '.join(usual[:2])}; it holds {known}.")
    return table[chosen]


def _dataset(path: str, X: np.ndarray, y: np.ndarray) -> Dataset:
    if X.dtype.kind not in "fiub" or X.ndim not in (2, 3, 4):
        raise EngineError(f"{path}: inputs of shape {X.shape} are neither rows of numbers nor images.")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2:
        y = np.argmax(y, axis=1)  # one-hot rows
    if y.ndim != 1 or len(y) != len(X):
        raise EngineError(f"{path}: targets of shape {y.shape} do not fit {len(X)} inputs; give one class for each.")
    if X.ndim == 4:
        X = X[..., 0] if X.shape[-1] == 1 else X[:, 0] if X.shape[1] == 1 else X[..., :3] @ np.array([0.299, 0.587, 0.114])
    image = X.ndim == 3
    X = X.astype(float)
    if image and X.max() > 1.0:
        X = X / 255.0
    kinds, places = np.unique(y, return_inverse=True)
    if y.dtype.kind == "f" and not np.allclose(kinds, np.round(kinds)):
        raise EngineError(f"{path}: the targets are no classes (there are numbers between the whole ones).")
    if len(kinds) > 100:
        raise EngineError(f"{path}: {len(kinds)} different classes are more than the 100 that are shown.")
    words: list[Any] = [int(k) if y.dtype.kind in "fiub" else str(k) for k in kinds]
    names = () if image else tuple(f"x{k + 1}" for k in range(X.shape[1]))
    return Dataset(X, places.astype(int), names=names, target="class", classes=tuple(map(str, words)), title=Path(path).stem)


__all__ = ["arrays"]
