"""Measures: how often a classifier is right, and how large gradients are. For reading, not for training.

>>> correct([[0.2, 0.8], [0.9, 0.1]], [1, 1])
array([ True, False])
>>> accuracy([[0.35]], [[1]])
0.0
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import EngineError
from ..trees import flatten


def guesses(output: Any, threshold: float = 0.5) -> np.ndarray:
    """The class of each row (n,): the largest of several columns, or yes (1) above ``threshold`` where there is one.

    For logits of a yes-or-no network the threshold is 0.
    """
    output = np.asarray(output, dtype=float)
    if output.ndim == 2 and output.shape[1] > 1:
        return np.argmax(output, axis=1)
    return (output.reshape(len(output)) > threshold).astype(int)


def correct(output: Any, target: Any, threshold: float = 0.5) -> np.ndarray:
    """Whether each row's guess is the target: classes (n,), a column (n, 1), or one-hot rows."""
    guessed = guesses(output, threshold)
    truth = np.asarray(target)
    if truth.ndim == 2:
        truth = np.argmax(truth, axis=1) if truth.shape[1] > 1 else truth[:, 0]
    if truth.shape != guessed.shape:
        raise EngineError(f"There are {len(guessed)} guesses and targets of shape {np.shape(target)}.")
    return guessed == truth


def accuracy(output: Any, target: Any, threshold: float = 0.5) -> float:
    """The share of right guesses, from 0 to 1."""
    right = correct(output, target, threshold)
    if not right.size:
        raise EngineError("There is nothing to be right or wrong about: no rows were given.")
    return float(np.mean(right))


def confusion(output: Any, target: Any, classes: int, threshold: float = 0.5) -> np.ndarray:
    """How often class i (row) was taken for class j (column): (classes, classes)."""
    table = np.zeros((classes, classes), dtype=int)
    truth = np.asarray(target)
    truth = np.argmax(truth, axis=1) if truth.ndim == 2 and truth.shape[1] > 1 else truth.reshape(-1)
    np.add.at(table, (truth.astype(int), guesses(output, threshold)), 1)
    return table


def norm(tree: Any) -> float:
    """The Euclidean length of all numbers of a tree."""
    with np.errstate(over="ignore"):
        return lengthen(leaf_norms(flatten(tree)[0]))


def norms_by_layer(tree: Any) -> list[float]:
    """The length of each layer's part of a gradient, for parameters that are a list with a tree per layer."""
    return [norm(part) for part in tree if flatten(part)[0]]


def leaf_norms(leaves: Any) -> list[float]:
    """The length of each leaf; infinite or NaN exactly where a leaf has such a number."""
    lengths = []
    for leaf in leaves:
        if isinstance(leaf, np.ndarray):
            flat = leaf.ravel()
            length = math.sqrt(flat.dot(flat))
            if not length < 1e150 and (top := float(np.abs(flat).max())) < math.inf:
                scaled = flat / top  # the squares overflow, the numbers do not
                length = top * math.sqrt(scaled.dot(scaled))
            lengths.append(length)
        else:
            lengths.append(abs(float(leaf)))
    return lengths


def lengthen(lengths: list[float]) -> float:
    """The length of the whole from those of its parts."""
    return math.hypot(*lengths)


__all__ = ["accuracy", "confusion", "correct", "guesses", "norm", "norms_by_layer"]
