"""KnobSlice: the loss of a network on examples while one or two of its knobs turn and all others are held still.

It is called as a function of these knobs and has a ``grid``, so that a curve or a surface of it can be drawn; beside the
loss it counts how many guesses are right, which is what a loss is often taken for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..quantity import Quantity
from ..trees import flatten
from . import references
from .landscape import ShadowState
from .layers import Activate, Dense
from .losses import Loss
from .measures import guesses
from .objective import Objective
from .risk import Risk
from .risk import rebuild as rebuild_risk

BATCH = 4_000_000  # numbers that a layer may have at once


class KnobSlice:
    """``knobs`` names one or two knobs of ``risk.net`` by their place, as in ``{"v1": "1/W[0,0]"}``: layer, leaf, element.

    ``points`` are the settings whose numbers may be shown; without any it is the one that ``params`` has.

    >>> from chainreel.engine.storyboards import film_a
    >>> seen = KnobSlice(film_a.whisker_net(), film_a.whisker_params(), film_a.forty_icons(), {"v1": "1/W[0,0]"})
    >>> round(seen(v1=-1.2), 3), seen.quantity("right").value, seen.grid({"v1": [0.5, 4.0]}).round(3).tolist()
    (0.872, 3.0, [0.731, 0.555])
    """

    name = "loss"
    optimizer = "plain"
    diverged = False  # as a log of steps, it is one that came to its end

    def __init__(
        self, risk: Risk, params: Any, data: Dataset, knobs: Mapping[str, str],
        points: Sequence[Mapping[str, float]] | None = None,
    ):  # fmt: skip
        if not 1 <= len(knobs) <= 2:
            raise EngineError(f"A slice turns one knob or two, not {len(knobs)}.")
        plain = isinstance(risk.loss, Loss) and not risk.penalty and not risk.net.random
        if not plain or not all(isinstance(layer, (Dense, Activate)) for layer in risk.net.layers):
            raise EngineError("A slice is of a plain network: dense layers, a loss of the table, no penalty, no dropout.")
        self.risk, self.data = risk, data
        self.params = [{k: np.asarray(v, float) for k, v in layer.items()} for layer in params]
        self.places = {name: _place(text, self.params) for name, text in knobs.items()}
        self.addresses = dict(knobs)
        self.inputs = tuple(knobs)
        self.start = {name: float(self.params[layer][leaf][at]) for name, (layer, leaf, at) in self.places.items()}
        self.points = [self.start] if points is None else [{n: float(p[n]) for n in self.inputs} for p in points]
        self.threshold = 0.0 if str(getattr(risk.loss, "name", "")).endswith("with_logits") else 0.5

    # -- the network at many settings -----------------------------------------------------------------------------
    def outputs(self, settings: np.ndarray) -> np.ndarray:
        """The outputs for every example, (n, knobs turned) -> (n, examples, outputs): many networks at once."""
        settings = np.asarray(settings, float).reshape(len(settings), -1)
        wide = max(layer.outputs for layer in self.risk.net.layers if isinstance(layer, Dense))
        size = max(int(BATCH // (len(self.data) * wide)), 1)
        with np.errstate(all="ignore"):
            return np.concatenate([self._at_once(settings[k : k + size]) for k in range(0, len(settings), size)])

    def _at_once(self, settings: np.ndarray) -> np.ndarray:
        count, x = len(settings), np.asarray(self.data.rows, float)
        for k, (layer, own) in enumerate(zip(self.risk.net.layers, self.params, strict=True)):
            turned = {leaf: np.repeat(array[None], count, axis=0) for leaf, array in own.items()}
            for column, (where, leaf, at) in enumerate(self.places.values()):
                if where == k:
                    place: Any = (slice(None), *at)
                    turned[leaf][place] = settings[:, column]
            if "b" in turned:
                turned["b"] = turned["b"][:, None, :]  # a row of biases is added to every example
            x = np.asarray(layer(turned, x), float)
        return x

    def losses(self, settings: np.ndarray) -> np.ndarray:
        """The mean loss at many settings, (n, knobs turned) -> (n,)."""
        return self.each(settings).mean(axis=1)

    def each(self, settings: np.ndarray) -> np.ndarray:
        """Every example's own loss, (n, knobs turned) -> (n, examples)."""
        found = self.outputs(settings)
        rows, y = found.reshape(-1, found.shape[2]), self.data.y
        classes = found.shape[2] > 1 and y.ndim == 1
        target = np.tile(y, len(found)) if classes else np.tile(y.reshape(len(y), -1), (len(found), 1))
        with np.errstate(all="ignore"):
            own = np.asarray(self.risk.loss(rows, target, reduction="none"), float)
        return own.reshape(len(found), len(y), -1).mean(axis=2)

    def right(self, settings: np.ndarray) -> np.ndarray:
        """How many guesses are right at many settings, (n, knobs turned) -> (n,)."""
        return self.marks(settings).sum(axis=1)

    def marks(self, settings: np.ndarray) -> np.ndarray:
        """Which guesses are right, (n, knobs turned) -> (n, examples)."""
        truth = self.data.y.reshape(-1)
        return np.array([guesses(found, self.threshold) == truth for found in self.outputs(settings)])

    def setting(self, point: Mapping[str, float]) -> np.ndarray:
        """A point as a row for the methods above; what it leaves out stands as in the network."""
        return np.array([[point.get(name, self.start[name]) for name in self.inputs]])

    def __call__(self, *values: float, **point: float) -> float:
        """The mean loss with the knobs at these values."""
        return float(self.losses(self.setting({**dict(zip(self.inputs, values, strict=False)), **point}))[0])

    def grid(self, axes: Mapping[str, Any], fixed: Mapping[str, float] | None = None) -> np.ndarray:
        """The loss on a mesh, as ``Function.grid``: one dimension for each axis given, the other knob at ``fixed``."""
        lines = {name: np.atleast_1d(np.asarray(line, float)) for name, line in axes.items()}
        mesh = np.meshgrid(*lines.values(), indexing="ij")
        held = {**self.start, **(fixed or {})}
        columns = [mesh[list(lines).index(n)].ravel() if n in lines else np.full(mesh[0].size, held[n]) for n in self.inputs]
        return self.losses(np.column_stack(columns)).reshape(mesh[0].shape)

    # -- downhill -------------------------------------------------------------------------------------------------
    @functools.cached_property
    def _objective(self) -> Objective:
        return Objective(self.risk).on(self.data.X, self.data.y)

    def slopes(self, point: Mapping[str, float]) -> dict[str, float]:
        """The slope of the loss in every turned knob, by one reverse sweep through the network."""
        _, gradient = self._objective.value_and_gradient(self.turned(point))
        return {name: float(gradient[layer][leaf][at]) for name, (layer, leaf, at) in self.places.items()}

    def turned(self, point: Mapping[str, float]) -> list[dict[str, np.ndarray]]:
        """All knobs with these turned."""
        params = [{k: v.copy() for k, v in layer.items()} for layer in self.params]
        for name, (layer, leaf, at) in self.places.items():
            params[layer][leaf][at] = point.get(name, self.start[name])
        return params

    def downhill(self, rate: float, steps: int) -> list[dict[str, float]]:
        """The settings of a plain descent that turns these knobs only, the start first."""
        way = [dict(self.start)]
        for _ in range(steps):
            slopes = self.slopes(way[-1])
            way.append({name: value - rate * slopes[name] for name, value in way[-1].items()})
        return way

    @functools.cached_property
    def steps(self) -> list[ShadowState]:
        """The points as a log has its states: place, loss, slopes and the way to the next one."""
        ways = [{n: b[n] - a[n] for n in self.inputs} for a, b in zip(self.points, self.points[1:], strict=False)] + [{}]
        return [
            ShadowState(k, point, self(**point), self.slopes(point), way)
            for k, (point, way) in enumerate(zip(self.points, ways, strict=True))
        ]

    # -- numbers that may be shown --------------------------------------------------------------------------------
    def quantity(self, what: str, row: int = 0) -> Quantity:
        """A number of the slice.

        "examples", "knobs" (of the whole network), "held" (those that stand still); at a row of ``points``: "loss",
        "right" (how many), "percent" (right ones of a hundred), "point/NAME" (where a knob stands).
        """
        knobs = sum(leaf.size for leaf in flatten(self.params)[0])
        plain = {"examples": len(self.data), "knobs": knobs, "held": knobs - len(self.inputs)}
        if what in plain:
            return Quantity("knob_slice", what, float(plain[what]))
        if not -len(self.points) <= row < len(self.points):
            raise EngineError(f"The slice has no point {row}; it has {len(self.points)}.")
        row %= len(self.points)
        kind, _, name = what.partition("/")
        setting = self.setting(self.points[row])
        if what == "loss":
            value = float(self.losses(setting)[0])
        elif what in ("right", "percent"):
            value = float(self.right(setting)[0]) * (1.0 if what == "right" else 100.0 / len(self.data))
        elif kind == "point" and name in self.inputs:
            value = self.points[row][name]
        else:
            raise EngineError(f"The slice has no {what!r}.")
        return Quantity("knob_slice", f"{what}/{row}", value)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``examples``, ``loss/0``, ``point/v1/1``."""
        what, _, row = key.rpartition("/")
        return self.quantity(what, int(row)).value if what else self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "knob_slice", "risk": self.risk.describe(), "params": references.describe_tree(self.params),
            "data": self.data.describe(), "knobs": dict(self.addresses), "points": [dict(p) for p in self.points],
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> KnobSlice:
        """The slice of a description."""
        params, data = references.rebuild_tree(description["params"]), Dataset.rebuild(description["data"])
        return cls(rebuild_risk(description["risk"]), params, data, description["knobs"], description["points"])

    def __repr__(self) -> str:
        return f"<slice of a loss along {' and '.join(self.inputs)}>"


def _place(text: str, params: Sequence[Mapping[str, np.ndarray]]) -> tuple[int, str, tuple[int, ...]]:
    """Layer, leaf and element of a knob's place."""
    found = re.fullmatch(r"(\d+)/(\w+)\[(\d+(?:,\d+)*)\]", text)
    if found:
        layer, leaf, at = int(found[1]), found[2], tuple(int(k) for k in found[3].split(","))
        if layer < len(params) and leaf in params[layer]:
            shape = params[layer][leaf].shape
            if len(at) == len(shape) and all(k < n for k, n in zip(at, shape, strict=True)):
                return layer, leaf, at
    raise EngineError(f"This network has no knob at {text!r}; a place is written as in 1/W[0,0]: layer, leaf, element.")


__all__ = ["KnobSlice"]
