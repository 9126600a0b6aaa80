"""Exam: what a network guesses at chosen moments of its training, on the examples it learns from and on others.

Marks, counts, losses: all are read from the parameters that the training's log has for the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..quantity import Quantity
from .kept import again
from .measures import guesses
from .objective import Objective
from .risk import Risk
from .training import Training


def moments(steps: int, count: int = 48) -> list[int]:
    """Steps at which to look: the first, the last, and between them ever further apart, as learning slows down.

    >>> moments(100, 6)
    [0, 2, 5, 15, 39, 100]
    """
    places = np.rint(np.geomspace(1.0, steps + 1.0, max(count, 2)) - 1.0).astype(int)
    return sorted({int(k) for k in places})


class Exam:
    """A training's guesses on ``parts`` (name -> Dataset, flat rows), at the steps ``moments``.

    ``shown`` are rows of one part that a picture shows, (part, rows). Per moment m: ``guess(part, m)`` (n,) classes,
    ``right(part, m)`` (n,) booleans, ``loss(part, m)``, ``params(m)``.

    >>> from chainreel.engine.datasets import moons
    >>> from chainreel.engine.learning import MLP
    >>> data = moons(40)
    >>> risk = Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits")
    >>> exam = Exam(Training.run(risk, data=data, lr=0.5, epochs=50), {"seen": data}, [0, 50])
    >>> exam.quantity("right/seen", -1).value, exam.right("seen", 1).sum().item()
    (34.0, 34)
    """

    def __init__(
        self, training: Training, parts: Mapping[str, Dataset], moments: Sequence[int],
        shown: tuple[str, Sequence[int]] | None = None,
    ):  # fmt: skip
        if not isinstance(training.loss, Risk):
            raise EngineError("An exam needs a training of a network: Training.run(Risk(net, loss), …).")
        self.training, self.risk, self.parts = training, training.loss, dict(parts)
        self.moments = [k for k in dict.fromkeys(int(m) for m in moments) if k <= training.steps]
        if not self.moments or training.diverged and self.moments[-1] != training.steps:
            self.moments.append(training.steps)
        self.shown = None if shown is None else (shown[0], [int(k) for k in shown[1]])
        name = getattr(self.risk.loss, "name", "")
        self.threshold = 0.0 if name.endswith("with_logits") else 0.5
        self._guesses: dict[str, np.ndarray] = {}
        self._losses: dict[str, list[float]] = {}
        for part, data in self.parts.items():
            loss, found, losses = Objective(self.risk).on(data.X, data.y), [], []
            for m in range(len(self.moments)):
                params = self.params(m)
                found.append(guesses(self.risk.net(params, data.X), self.threshold))
                losses.append(loss(params))
            self._guesses[part], self._losses[part] = np.array(found), losses

    def __len__(self) -> int:
        return len(self.moments)

    def params(self, m: int) -> Any:
        """The parameters at a moment."""
        return self.training.params_at(self.moments[m])

    def guess(self, part: str, m: int) -> np.ndarray:
        """The guessed class of every example, (n,)."""
        return self._guesses[part][m]

    def right(self, part: str, m: int) -> np.ndarray:
        """Whether each guess is the target, (n,)."""
        return np.asarray(self._guesses[part][m] == self.parts[part].y.reshape(-1))

    def loss(self, part: str, m: int) -> float:
        """The mean loss on a part."""
        return self._losses[part][m]

    def epoch(self, m: int) -> float:
        """How often the data had been gone through."""
        return self.moments[m] / self.training.batches

    def output(self, X: np.ndarray, m: int) -> np.ndarray:
        """The network's output for rows X, (n, outputs)."""
        return np.asarray(self.risk.net(self.params(m), X), float)

    def quantity(self, what: str, m: int = 0) -> Quantity:
        """A number that may be shown.

        "right/PART", "percent/PART" (right ones of a hundred), "loss/PART", "epoch", "step", "right/shown" at a moment;
        "count/PART", "count/shown" without one; "training/…" is a key of the training.
        """
        kind, _, part = what.partition("/")
        if kind == "training":
            inner = self.training.quantity(part, m)
            return Quantity("exam", f"training/{inner.key}", inner.value)
        if kind == "count":
            return Quantity("exam", what, float(len(self._rows(part))))
        m = range(len(self.moments))[m]
        if kind in ("right", "percent"):
            right = self.right(self.shown[0] if part == "shown" and self.shown else part, m)[self._rows(part)]
            value = float(right.sum()) if kind == "right" else 100.0 * float(right.sum()) / len(right)
        elif kind == "loss" and part in self.parts:
            value = self._losses[part][m]
        elif what in ("epoch", "step"):
            value = self.epoch(m) if what == "epoch" else float(self.moments[m])
        else:
            raise EngineError(f"An exam has no {what!r}; its parts are {', '.join(self.parts)}.")
        return Quantity("exam", f"{what}/{m}", value)

    def _rows(self, part: str) -> Any:
        if part == "shown" and self.shown is not None:
            return self.shown[1]
        if part not in self.parts:
            raise EngineError(f"An exam has no part {part!r}; its parts are {', '.join(self.parts)}.")
        return range(len(self.parts[part]))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        kind, _, rest = key.partition("/")
        if kind == "training":
            return self.training.lookup(rest)
        if kind == "count":
            return self.quantity(key).value
        what, _, m = key.rpartition("/")
        return self.quantity(what, int(m)).value

    def describe(self) -> dict[str, Any]:
        """What is needed to hold the exam again, as JSON."""
        return {
            "kind": "exam", "training": self.training.describe(), "moments": self.moments,
            "parts": {name: data.describe() for name, data in self.parts.items()}, "shown": self.shown and list(self.shown),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Exam:
        """The exam of a description: it trains again."""
        parts = {name: Dataset.rebuild(data) for name, data in description["parts"].items()}
        shown = description["shown"]
        return cls(again(description["training"]), parts, description["moments"], shown and (shown[0], shown[1]))


__all__ = ["Exam", "moments"]
