"""Repeats: the same training from several starts, so that a share of right guesses is not the luck of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..quantity import Quantity
from .exam import Exam
from .kept import again
from .training import Training


class Repeats:
    """How many of ``data`` (flat rows, classes) each of several ``trainings`` of a network gets right at its end.

    ``right`` (n,) counts them, one count a training. With K starts: "count" K, "examples", "percent/K" of one of them, and
    "mean", "least" and "most" of all percents.

    >>> from chainreel.engine.datasets import moons
    >>> from chainreel.engine.learning import MLP, Risk, Start
    >>> data = moons(40)
    >>> risk = Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits")
    >>> runs = [Training.run(risk, Start(seed), data=data, lr=0.5, epochs=50) for seed in (0, 1)]
    >>> two = Repeats(runs, data)
    >>> two.right.tolist(), two.quantity("mean").value
    ([34, 34], 85.0)
    """

    def __init__(self, trainings: Sequence[Training], data: Dataset):
        if not trainings:
            raise EngineError("A mean over starts needs at least one training.")
        self.trainings, self.data = list(trainings), data
        exams = [Exam(run, {"these": data}, [run.steps]) for run in self.trainings]
        self.right = np.array([int(exam.right("these", -1).sum()) for exam in exams])
        self.percents = 100.0 * self.right / len(data)

    def quantity(self, what: str) -> Quantity:
        """A number that may be shown, by its key."""
        return Quantity("repeats", what, self.lookup(what))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        what, _, number = key.partition("/")
        if what == "percent" and number.isdigit() and int(number) < len(self.percents):
            return float(self.percents[int(number)])
        values = {
            "count": len(self.right), "examples": len(self.data), "mean": self.percents.mean(), "least": self.percents.min(),
            "most": self.percents.max(),
        }  # fmt: skip
        if key not in values:
            raise EngineError(f"Repeats have no {key!r}; they have percent/0 to /{len(self.right) - 1}, {', '.join(values)}.")
        return float(values[key])

    def describe(self) -> dict[str, Any]:
        """What is needed to hold them again, as JSON."""
        return {"kind": "repeats", "trainings": [run.describe() for run in self.trainings], "data": self.data.describe()}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Repeats:
        """Those of a description: every training runs again."""
        return cls([again(run) for run in description["trainings"]], Dataset.rebuild(description["data"]))

    def __repr__(self) -> str:
        return f"<{len(self.right)} starts, {self.percents.mean():.4g} % right on average>"


__all__ = ["Repeats"]
