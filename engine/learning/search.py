"""Blind search: turn one knob at random, look, keep what helps. It works, and every new knob dilutes its
luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EngineError


@dataclass(frozen=True)
class Trial:
    """One try: the knobs tried, their loss, and whether they were kept."""

    point: np.ndarray
    loss: float
    kept: bool


class Search:
    """The log of a blind search. Make one with ``Search.run``.

    ``trials`` holds every try (or none where ``log`` is off), ``tried`` and ``kept`` count them, ``reached``
    says whether the goal was met, ``point`` and ``loss`` are where it ended.
    """

    def __init__(self, start: np.ndarray, loss: float):
        self.start, self.point, self.loss = start, start, loss
        self.trials: list[Trial] = []
        self.tried = self.kept = 0
        self.reached = False

    @classmethod
    def run(
        cls, function: Callable[[np.ndarray], float], start: Any, *, step: float, goal: float, most: int, seed: int = 0,
        along: str = "knob", log: bool = True,
    ) -> Search:  # fmt: skip
        """Try nudges of length ``step`` until the loss is at most ``goal``, at most ``most`` times.

        ``function`` takes a vector of knobs and is only ever looked at, never differentiated. ``along`` is
        "knob" (one knob, up or down) or "sphere" (all knobs at once, in a random direction).

        >>> found = Search.run(lambda x: float(x @ x), [1.0, 1.0], step=0.1, goal=0.02, most=1000)
        >>> found.reached, found.tried > 2 * 9
        (True, True)
        """
        if along not in ("knob", "sphere"):
            raise EngineError(f"Nudges go along a 'knob' or the 'sphere', not {along!r}.")
        if not (np.isfinite(step) and step > 0):
            raise EngineError(f"The step is a positive number, not {step!r}.")
        rng = np.random.default_rng(seed)
        point = np.array(start, dtype=float)
        search = cls(point, float(function(point)))
        search.reached = search.loss <= goal
        while not search.reached and search.tried < most:
            tried = search.point.copy()
            if along == "knob":
                knob = rng.integers(point.size)
                tried[knob] += step if rng.random() < 0.5 else -step
            else:
                direction = rng.normal(size=point.size)
                tried += step / np.linalg.norm(direction) * direction
            loss = float(function(tried))
            better = loss < search.loss
            search.tried += 1
            search.kept += better
            if log:
                search.trials.append(Trial(tried, loss, better))
            if better:
                search.point, search.loss = tried, loss
                search.reached = loss <= goal
        return search

    def __repr__(self) -> str:
        end = "reached its goal" if self.reached else "did not reach its goal"
        return f"<blind search, {self.tried} tries, {self.kept} kept, {end}>"


__all__ = ["Search", "Trial"]
