"""Audit of landscapes: the plane made again by other means, the losses on it by plain numpy.

Principal directions come from the matrix of inner products of the way's states (not from a singular value
decomposition), nearest points from the normal equations, slopes from differences. A random direction is drawn again, that
is its definition; its filters are measured one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .audit_learning import DIFFERENCES, REPLAY, LogAudit, Number, within
from .errors import EngineError
from .learning.landscape import Landscape, filters_of

H = 1e-4  # of a difference


class LandscapeCheck:
    """Audits the keys of a landscape."""

    def __init__(self, slice_: Landscape):
        self.slice, self.log = slice_, slice_.training
        self.check = LogAudit(self.log)
        self.leaves = [np.asarray(p, float) for own in self.log.params for p in own.values()]
        self.end = np.concatenate([leaf.ravel() for leaf in self.leaves])
        rows = []
        for step in slice_.states:
            params = self.log.params_at(step)
            rows.append(np.concatenate([np.asarray(p, float).ravel() for own in params for p in own.values()]) - self.end)
        self.way = np.array(rows)
        self.directions = self.drawn() if slice_.plane == "random" else self.principal()
        gram = self.directions @ self.directions.T
        self.points = np.linalg.solve(gram, self.directions @ self.way.T).T

    def principal(self) -> np.ndarray:
        """From the inner products of the states: their two largest eigenvectors, carried back to the knobs."""
        _, vectors = np.linalg.eigh(self.way @ self.way.T)
        out = []
        for k in (-1, -2):
            direction = vectors[:, k] @ self.way
            direction /= math.sqrt(math.fsum(float(v) ** 2 for v in direction))
            out.append(-direction if direction @ self.way[0] < 0 else direction)
        return np.array(out)

    def drawn(self) -> np.ndarray:
        """Drawn again, and brought filter by filter to the length of the network's own."""
        rng = np.random.default_rng((self.slice.seed, 20181))
        out = []
        for _ in range(2):
            parts = []
            for leaf in self.leaves:
                new = rng.standard_normal(leaf.shape)
                for one, own in zip(filters_of(new), filters_of(leaf), strict=True):
                    one *= math.sqrt(math.fsum(v * v for v in own.tolist()) / math.fsum(v * v for v in one.tolist()))
                parts.append((new if leaf.ndim > 1 else np.zeros(leaf.shape)).ravel())
            out.append(np.concatenate(parts))
        return np.array(out)

    def loss(self, point: Any) -> float:
        """The loss of the network at a point of the plane."""
        vector, start, params = self.end + np.asarray(point) @ self.directions, 0, []
        for own in self.log.params:
            layer = {}
            for name, p in own.items():
                layer[name] = vector[start : start + np.size(p)].reshape(np.shape(p))
                start += np.size(p)
            params.append(layer)
        return self.check.loss(0, params)

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        what, _, last = key.rpartition("/")
        if not what:
            return self.plain(key)
        k = int(last)
        if not 0 <= k < len(self.points):
            raise EngineError(f"{key!r} is no key of a landscape.")
        kind, _, axis = what.partition("/")
        along = {"a": 0, "b": 1}.get(axis, 0)
        if what == "step":
            return float(self.slice.states[k]), REPLAY, 0.0
        if what == "true":
            value = self.check.loss(self.slice.states[k])
            return value, REPLAY, within(value)
        if what == "shadow":
            value = self.loss(self.points[k])
            return value, REPLAY, within(value, 1e-7, 1e-9)
        if kind == "point":
            value = float(self.points[k, along])
            return value, REPLAY, 1e-7 * (abs(value) + float(np.abs(self.points).max()))
        if kind == "slope":
            step = np.eye(2)[along] * H
            wide = (self.loss(self.points[k] + step) - self.loss(self.points[k] - step)) / (2 * H)
            narrow = (self.loss(self.points[k] + step / 2) - self.loss(self.points[k] - step / 2)) / H
            value = (4 * narrow - wide) / 3
            return value, DIFFERENCES, 1e-6 * abs(value) + 1e-9
        raise EngineError(f"{key!r} is no key of a landscape.")

    def plain(self, key: str) -> Number:
        """What is counted, and the share of the way."""
        counted = {"knobs": self.end.size, "examples": len(self.log.examples_of(0)[0]), "steps": len(self.log.moves)}
        if key in counted:
            return float(counted[key]), REPLAY, 0.0
        if key not in ("share", "percent"):
            raise EngineError(f"{key!r} is no key of a landscape.")
        basis, _ = np.linalg.qr(self.directions.T)
        rest = self.way.T - basis @ (basis.T @ self.way.T)  # what lies outside of the plane
        share = 1.0 - math.fsum((rest**2).ravel()) / math.fsum((self.way**2).ravel())
        return share * (100.0 if key == "percent" else 1.0), REPLAY, 1e-7 * (100.0 if key == "percent" else 1.0)


__all__ = ["LandscapeCheck"]
