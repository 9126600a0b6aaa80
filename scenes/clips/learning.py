"""What clips of trainings share: the user's data, a network for it, its training, and the exam that a picture reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from chainreel.engine import EngineError, Quantity
from chainreel.engine.datasets import Dataset, arrays, digits, faces, mnist
from chainreel.engine.datasets.idx import STEMS
from chainreel.engine.learning import MLP, Exam, Risk, Start, Training, moments, trained
from chainreel.engine.learning import optimizer as optimizer_named

from ..stage.errors import StageError
from ..stage.folders import trainings_folder
from ..stage.image_files import image_folder

OPTIMIZERS = ("plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
RATES = {"plain": 0.2, "momentum": 0.05, "nesterov": 0.05, "adagrad": 0.05, "rmsprop": 0.003, "adam": 0.005, "adamw": 0.005}
MOST_EXAMPLES, MOST_UNSEEN = 10_000, 2_000
LARGEST_IMAGE = 32


@dataclass(frozen=True)
class Pictures:
    """Examples that are images: to learn from, and unseen; `shape` is (rows, columns), `note` the limit to be said."""

    seen: Dataset
    unseen: Dataset
    shape: tuple[int, int]
    note: str

    @property
    def classes(self) -> tuple[str, ...]:
        """The words for the classes."""
        return self.seen.classes

    def images(self, part: str) -> np.ndarray:
        """All pictures of a part, (n, rows, columns)."""
        data = self.seen if part == "seen" else self.unseen
        return data.rows.reshape(-1, *self.shape)


def pictures(name: str, seed: int = 0, size: int = 24) -> Pictures:
    """`digits`, `faces`, a folder with a folder of pictures for each class, a folder of MNIST's files, or a file of arrays."""
    if name == "digits":
        return _pictures(digits("train"), digits("test"), "scanned digits, not MNIST")
    if name == "faces":
        return _pictures(faces(800, 11), faces(400, 12), "drawings, not photographs")
    path = Path(name).expanduser()
    if path.is_dir():
        if any(path.glob(f"{STEMS['train']}-images*")):
            return _pictures(mnist("train", name, MOST_EXAMPLES), mnist("test", name, MOST_UNSEEN), "a part of MNIST")
        return _parted(image_folder(str(path), size), seed)
    if path.suffix.lower() in (".npz", ".npy"):
        return _parted(arrays(str(path)), seed)
    if path.exists():
        raise StageError(f"--data {name} is neither a folder of pictures nor an .npz or .npy file")
    raise StageError(
        f"--data is '{name}'; it can be digits, faces, a folder of pictures, an .npz or .npy file, or MNIST's folder"
    )


def _parted(data: Dataset, seed: int) -> Pictures:
    if len(data) < 20:
        raise StageError(f"{len(data)} pictures are too few to learn from and to be tested with; 20 are the least")
    if len(data.classes) < 2:
        raise StageError(f"all pictures are of one class, {data.classes[0]}; there must be two or more")
    order = np.random.default_rng(seed).permutation(len(data))[: MOST_EXAMPLES + MOST_UNSEEN]
    data = data.take(order) if len(order) < len(data) else data
    seen, unseen = data.split(0.2, seed, stratify=True)
    return _pictures(seen, unseen, "unseen: a fifth, by lot")


def _pictures(seen: Dataset, unseen: Dataset, note: str) -> Pictures:
    shape = seen.X.shape[1:]
    if len(shape) == 1:
        side = math.isqrt(shape[0])
        if side * side != shape[0] or side < 3:
            raise StageError(f"rows of {shape[0]} numbers are no square pictures; save them as (n, rows, columns)")
        shape = (side, side)
    if max(shape) > LARGEST_IMAGE:
        raise StageError(
            f"pictures of {shape[0]}×{shape[1]} are too large; {LARGEST_IMAGE}×{LARGEST_IMAGE} pixels are the most"
        )
    return Pictures(seen.flat(), unseen.flat(), (int(shape[0]), int(shape[1])), note)


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained."""

    hidden: Sequence[int]
    activation: str = "relu"
    optimizer: str = "momentum"
    rate: float | None = None
    epochs: int = 30
    batch: int = 32
    seed: int = 0
    looks: int = 48  # moments of the exam

    def exam(self, seen: Dataset, unseen: Dataset, shown: tuple[str, Sequence[int]] | None = None) -> Exam:
        """Train, or find the same training again, and hold the exam."""
        kinds = len(seen.classes)
        if kinds < 2:
            raise StageError("there must be two classes or more to tell apart")
        net = MLP([seen.X.shape[1], *self.hidden, 1 if kinds == 2 else kinds], activation=self.activation)
        risk = Risk(net, "binary_cross_entropy_with_logits" if kinds == 2 else "cross_entropy")
        steps = moments(self.epochs * math.ceil(len(seen) / min(self.batch, len(seen))), self.looks)
        rate = RATES[self.optimizer] if self.rate is None else self.rate
        scheme = "he" if self.activation in ("relu", "leaky_relu", "elu", "silu", "gelu") else "glorot"
        log = trained(
            risk, Start(self.seed, scheme), seen, optimizer=optimizer_named(self.optimizer, lr=rate), epochs=self.epochs,
            batch=min(self.batch, len(seen)), seed=self.seed, snapshots=steps, folder=trainings_folder(),
        )  # fmt: skip
        return Exam(log, {"seen": seen, "unseen": unseen}, steps, shown)


def named(quantity: Quantity, source: str) -> Quantity:
    """The same number under another source name."""
    return replace(quantity, source=source)


def diverged(log: Training) -> str:
    """What went wrong, as a sentence for the screen; empty where nothing did."""
    return "The rate was too large: the run left the range of numbers." if log.diverged else ""


__all__ = ["OPTIMIZERS", "EngineError", "Pictures", "Recipe", "diverged", "named", "pictures"]
