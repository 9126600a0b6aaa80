"""Landscape: the loss of a trained network on a plane through the place where its training ended.

A network with thousands of knobs has a loss over thousands of directions; a picture has two. So a landscape is a slice:
every point (a, b) of it is a whole network, the trained knobs plus a times one direction plus b times another.

* plane "random": two random directions, each filter as long as the network's own (Li, Xu, Taylor, Studer & Goldstein
  2018, section 4); knobs without a filter, the biases, stay as they are.
* plane "pca": the two directions along which the training moved most (section 7 there): the first principal components
  of its way, seen from its end.

The way itself is shown by its shadow, the nearest point of the plane for every step; ``share`` says how much of the way
the plane holds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import EngineError
from ..quantity import Quantity
from ..trees import flatten, unflatten
from .kept import again
from .layers import Activate, Dense, Dropout, Flatten
from .losses import Loss
from .objective import Objective, pack, unpack
from .risk import Risk
from .training import Training

PLANES = ("random", "pca")
AXES = ("a", "b")
STATES = 121  # points of the way, at most
BATCH = 4_000_000  # numbers that a layer may have at once
SUMS = ("squared", "half_squared")  # losses that add up over the examples; all others are means
RANDOM_REACH = 1.0  # to each side, in lengths of the network's own filters, as in the paper
MARGIN = 0.28  # of the way's extent, beyond it


@dataclass(frozen=True)
class ShadowState:
    """A step of the training as it is seen on the plane: the point (a, b), the loss there, and its slopes in the plane."""

    index: int
    point: dict[str, float]
    loss: float
    gradient: dict[str, float] = field(default_factory=dict)
    update: dict[str, float] = field(default_factory=dict)


class Landscape:
    """The loss of a network on a plane. It is called as a function of two inputs, ``a`` and ``b``, and has a ``grid``.

    >>> from chainreel.engine.datasets import moons
    >>> from chainreel.engine.learning import MLP, Risk, Training
    >>> run = Training.run(
    ...     Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits"), data=moons(40), optimizer="adam", lr=0.05, steps=40
    ... )
    >>> slice = Landscape(run, "pca")
    >>> abs(slice(0.0, 0.0) - run.losses[-1]) < 1e-12, 0.5 < slice.share <= 1.0
    (True, True)
    """

    inputs = AXES
    name = "loss"
    diverged = False  # as a log of steps, it is one that came to its end

    def __init__(self, training: Training, plane: str = "pca", seed: int = 0):
        if plane not in PLANES:
            raise EngineError(f"There is no plane {plane!r}; there are {', '.join(PLANES)}.")
        if not isinstance(training.loss, Risk):
            raise EngineError("A landscape is of a network: train a Risk, such as Risk(MLP([2, 8, 1]), …).")
        if training.loss.net.random or not training.whole:
            raise EngineError("A landscape needs one loss: train on all examples at once, without dropout or augmentation.")
        if training.steps < 1:
            raise EngineError("The training made no step, so that there is no way to show.")
        self.training, self.plane, self.seed = training, plane, int(seed)
        self.risk: Risk = training.loss
        self.data = training.data
        leaves, self._structure = flatten(training.params)
        self._leaves = [np.asarray(leaf, float) for leaf in leaves]
        self.end = pack(self._leaves)
        every = max(math.ceil(training.steps / (STATES - 1)), 1)
        self.states = sorted({*range(0, training.steps, every), training.steps})
        self.way = np.array([pack(flatten(training.at(k).params)[0]) for k in self.states]) - self.end
        self.directions = self._random() if plane == "random" else self._principal()

    @property
    def optimizer(self) -> str:
        """What trained the network."""
        return str(self.training.optimizer.name)

    # -- the plane -------------------------------------------------------------------------------------------
    def _random(self) -> np.ndarray:
        """Two directions as long, filter by filter, as the trained knobs; shape (2, knobs)."""
        rng = np.random.default_rng((self.seed, 20181))
        return np.array([pack([_like(leaf, rng) for leaf in self._leaves]) for _ in AXES])

    def _principal(self) -> np.ndarray:
        """The two first principal components of the way, each turned so that the way begins on its positive side."""
        _, sizes, rows = np.linalg.svd(self.way, full_matrices=False)
        if len(sizes) < 2 or sizes[1] <= 1e-12 * max(sizes[0], 1e-300):
            raise EngineError("The training moved along one line at most, which spans no plane; take a random one.")
        rows = rows[:2]
        first = rows @ self.way[0]
        return np.asarray(rows * np.where(first < 0, -1.0, 1.0)[:, None])

    @functools.cached_property
    def shadow(self) -> np.ndarray:
        """The nearest point of the plane for every state of the way, (n, 2): its last one is (0, 0)."""
        return np.linalg.lstsq(self.directions.T, self.way.T, rcond=None)[0].T

    @property
    def share(self) -> float:
        """How much of the way lies in the plane: the part of the squared distances from the end, 0 to 1."""
        whole = float(np.sum(self.way**2))
        return float(np.sum((self.shadow @ self.directions) ** 2)) / whole if whole else 0.0

    @functools.cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """What part of the plane is worth looking at: the way and a margin, or as far as the filters are long."""
        if self.plane == "random":
            return {axis: (-RANDOM_REACH, RANDOM_REACH) for axis in AXES}
        spans = [(float(v.min()), float(v.max())) for v in self.shadow.T]
        widest = max(high - low for low, high in spans)
        out = {}
        for axis, (low, high) in zip(AXES, spans, strict=True):
            pad = MARGIN * (high - low) + max(0.0, 0.36 * widest - 0.5 * (high - low))  # a narrow way still needs a map
            out[axis] = (low - pad, high + pad)
        return out

    # -- the loss there --------------------------------------------------------------------------------------
    def knobs_at(self, a: float, b: float) -> np.ndarray:
        """All knobs of the network at a point of the plane."""
        return np.asarray(self.end + a * self.directions[0] + b * self.directions[1])

    def __call__(self, a: float = 0.0, b: float = 0.0) -> float:
        """The loss at a point of the plane."""
        return float(self.losses(np.array([[a, b]]))[0])

    def losses(self, points: np.ndarray) -> np.ndarray:
        """The loss at many points, (n, 2) -> (n,): many networks are one product of arrays."""
        points = np.asarray(points, float)
        layers = self.risk.net.layers
        with np.errstate(all="ignore"):
            known = isinstance(self.risk.loss, Loss) and all(isinstance(k, (Dense, Activate, Flatten, Dropout)) for k in layers)
            if not known:
                return np.array([self._objective(self._tree(self.knobs_at(*p))) for p in points])
            wide = max([layer.outputs for layer in layers if isinstance(layer, Dense)], default=1)
            size = max(int(BATCH // (len(self.data[0]) * wide)), 1)  # networks at a time
            return np.concatenate([self._at_once(points[k : k + size]) for k in range(0, len(points), size)])

    def _at_once(self, points: np.ndarray) -> np.ndarray:
        """The losses of a batch of networks: every leaf has one more axis in front."""
        count, start, leaves = len(points), 0, []
        for leaf in self._leaves:
            part = slice(start, start + leaf.size)
            moved = leaf.ravel() + points @ self.directions[:, part]
            # (networks, in, out) for a table; a row of biases is added to every example
            leaves.append(moved.reshape(count, *leaf.shape) if leaf.ndim > 1 else moved.reshape(count, 1, leaf.size))
            start += leaf.size
        X, y = self.data[0], self.data[1]
        x: Any = X.reshape(len(X), -1)
        for layer, own in zip(self.risk.net.layers, unflatten(self._structure, leaves), strict=True):
            x = x if isinstance(layer, (Flatten, Dropout)) else layer(own, x)
        rows = np.asarray(x).reshape(count * len(X), -1)
        target = np.tile(y.reshape(len(y), -1), (count, 1))
        if y.ndim == 1 and rows.shape[1] > 1:
            target = np.tile(y, count)  # classes, one number a row
        each = np.asarray(self.risk.loss(rows, target, reduction="none"), float).reshape(count, -1)
        value = each.sum(axis=1) if getattr(self.risk.loss, "name", "") in SUMS else each.mean(axis=1)
        if self.risk.penalty:
            squares = sum(np.square(leaf).reshape(count, -1).sum(axis=1) for leaf, old in zip(leaves, self._leaves, strict=True)
                          if old.ndim > 1)
            value = value + 0.5 * self.risk.penalty * squares
        return np.asarray(value)

    def grid(self, axes: Mapping[str, Any], fixed: Mapping[str, float] | None = None) -> np.ndarray:
        """The loss on a mesh, as ``Function.grid``: one dimension for each axis given, the other one held at ``fixed``."""
        lines = {name: np.atleast_1d(np.asarray(line, float)) for name, line in axes.items()}
        mesh = np.meshgrid(*lines.values(), indexing="ij")
        held = {**{name: 0.0 for name in AXES}, **(fixed or {})}
        columns = [mesh[list(lines).index(n)].ravel() if n in lines else np.full(mesh[0].size, held[n]) for n in AXES]
        return self.losses(np.column_stack(columns)).reshape(mesh[0].shape)

    @functools.cached_property
    def _objective(self) -> Objective:
        return Objective(self.risk).on(*self.data)

    def _tree(self, vector: np.ndarray) -> Any:
        return unflatten(self._structure, unpack(vector, self._leaves))

    def slopes(self, a: float, b: float) -> dict[str, float]:
        """The slopes of the loss along the two directions at a point, by one reverse sweep through the network."""
        _, gradient = self._objective.value_and_gradient(self._tree(self.knobs_at(a, b)))
        along = self.directions @ pack(flatten(gradient)[0])
        return {axis: float(s) for axis, s in zip(AXES, along, strict=True)}

    @functools.cached_property
    def steps(self) -> list[ShadowState]:
        """The way as it is seen on the plane, state by state; slopes where it begins and ends."""
        losses = self.losses(self.shadow)
        ends = (0, len(self.states) - 1)
        return [
            ShadowState(
                index, dict(zip(AXES, map(float, point), strict=True)), float(loss),
                self.slopes(*point) if k in ends else {},
            )
            for k, (index, point, loss) in enumerate(zip(self.states, self.shadow, losses, strict=True))
        ]  # fmt: skip

    # -- numbers that may be shown ---------------------------------------------------------------------------
    def quantity(self, what: str, index: int = 0) -> Quantity:
        """A number of the landscape.

        "knobs", "examples", "steps" (of the training), "share", "percent" (the share in hundredths); at a state of the
        way (an index of ``states``): "step", "true" (the network's own loss), "shadow" (the loss where it is seen),
        "point/a", "point/b", "slope/a", "slope/b".
        """
        plain: dict[str, float] = {
            "knobs": self.end.size, "examples": len(self.data[0]), "steps": self.training.steps, "share": self.share,
            "percent": 100 * self.share,
        }  # fmt: skip
        if what in plain:
            return Quantity("landscape", what, float(plain[what]))
        if not -len(self.states) <= index < len(self.states):
            raise EngineError(f"The landscape has no state {index}; it has {len(self.states)}.")
        index %= len(self.states)
        kind, _, axis = what.partition("/")
        if what == "step":
            value = float(self.states[index])
        elif what == "true":
            value = self.training.losses[self.states[index]]
        elif what == "shadow":
            value = self.steps[index].loss
        elif kind in ("point", "slope") and axis in AXES:
            point = self.steps[index].point
            value = point[axis] if kind == "point" else self.slopes(**point)[axis]
        else:
            raise EngineError(f"The landscape has no {what!r}.")
        return Quantity("landscape", f"{what}/{index}", float(value))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``share``, ``shadow/3``, ``slope/a/0``."""
        what, _, number = key.rpartition("/")
        return self.quantity(what, int(number)).value if what else self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "landscape", "training": self.training.describe(), "plane": self.plane, "seed": self.seed}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Landscape:
        return cls(again(description["training"]), description["plane"], description["seed"])

    def __repr__(self) -> str:
        return f"<landscape of {self.end.size} knobs on a {self.plane} plane that holds {self.share:.0%} of the way>"


def _like(leaf: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random direction for one leaf: each of its filters as long as the leaf's own; nothing for biases."""
    drawn = rng.standard_normal(leaf.shape)
    if leaf.ndim < 2:
        return np.zeros_like(leaf)
    own = (0,) if leaf.ndim == 2 else tuple(range(1, leaf.ndim))  # a column of W (in, out); (out, in, height, width)
    length = np.sqrt(np.sum(drawn**2, axis=own, keepdims=True))
    return np.asarray(drawn * np.sqrt(np.sum(leaf**2, axis=own, keepdims=True)) / length)


def filters_of(leaf: np.ndarray) -> Sequence[np.ndarray]:
    """The filters of a leaf, each as a vector: what feeds one unit."""
    return list(leaf.T) if leaf.ndim == 2 else [part.ravel() for part in leaf] if leaf.ndim > 2 else []


__all__ = ["AXES", "PLANES", "Landscape", "ShadowState", "filters_of"]
