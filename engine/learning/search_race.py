"""A race from one start: blind search with several step sizes and seeds, against steps along the slope."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..descent import RATES, Descent
from ..errors import EngineError
from ..function import Function, jsonable
from ..quantity import Quantity
from .search import Search

NEAR = 0.01  # of the way from the start down to the lowest loss that the slopes find: there the goal is
GUIDED_STEPS = 400


class SearchRace:
    """Blind searches of a function, one for each of ``steps`` and ``seeds``, and a plain descent, all from ``start``.

    The goal is met when ``near`` of the way from the loss at the start to the lowest one the descent finds is left.
    ``searches[i, j]`` is the log with step i and seed j, ``guided`` the descent.

    >>> race = SearchRace("(a - 1)**2 + (b + 1)**2", {"a": 0.0, "b": 0.0}, steps=[0.2], seeds=[0], budget=500)
    >>> race.guided_steps < race.search(0).tried < 500
    True
    """

    def __init__(
        self, function: Any, start: Mapping[str, float], steps: Sequence[float], seeds: Sequence[int] = (0,),
        budget: int = 2000, rate: float | None = None, near: float = NEAR, positions: int = 100,
    ):  # fmt: skip
        self.function = Function.of(function)
        self.start = self.function.complete(start)
        for name, value in self.start.items():
            if isinstance(value, np.ndarray):
                raise EngineError(f"The input {name} is an array; a search turns knobs that are single numbers.")
        if not steps or len(set(steps)) < len(steps) or any(not (math.isfinite(s) and s > 0) for s in steps):
            raise EngineError("The step sizes of a search are different positive numbers, at least one.")
        if not seeds or len(set(seeds)) < len(seeds):
            raise EngineError("The seeds of a search are different whole numbers, at least one.")
        self.steps, self.seeds = tuple(float(s) for s in steps), tuple(int(s) for s in seeds)
        self.budget, self.asked_rate, self.near, self.positions = int(budget), rate, float(near), int(positions)
        self.guided = self._descent()
        losses = np.array(self.guided.losses)
        self.start_loss, self.lowest = float(losses[0]), float(np.nanmin(losses))
        if not self.lowest < self.start_loss:
            raise EngineError(
                f"The slope finds no lower loss from this start ({self.start_loss:g}); a race needs somewhere to go: move the "
                "start, or give another rate."
            )
        self.goal = self.lowest + self.near * (self.start_loss - self.lowest)
        self.guided_steps = int(np.flatnonzero(losses <= self.goal)[0])
        self.searches = {
            (i, j): self._search(step, seed) for i, step in enumerate(self.steps) for j, seed in enumerate(self.seeds)
        }

    def _descent(self) -> Descent:
        """With the rate that was asked for, else with the largest round one whose losses never climb."""
        if self.asked_rate is not None:
            return Descent.run(self.function, self.start, rate=self.asked_rate, steps=GUIDED_STEPS)
        for rate in RATES:
            log = Descent.run(self.function, self.start, rate=rate, steps=GUIDED_STEPS)
            if not log.diverged and log.losses[-1] < log.losses[0] and all(b <= a for a, b in pairwise(log.losses)):
                return log
        return Descent.run(self.function, self.start, steps=GUIDED_STEPS)

    def look(self, point: np.ndarray) -> float:
        """The loss at a point, infinite where there is none."""
        try:
            value = self.function(**dict(zip(self.start, map(float, point), strict=True)))
        except EngineError:
            return math.inf
        except (ValueError, ZeroDivisionError, OverflowError):
            return math.inf
        return float(value) if not isinstance(value, complex) and math.isfinite(value) else math.inf

    def _search(self, step: float, seed: int) -> Search:
        return Search.run(
            self.look, list(self.start.values()), step=step, goal=self.goal, most=self.budget, seed=seed,
            log=seed == self.seeds[0],
        )  # fmt: skip

    def search(self, step: int, seed: int = 0) -> Search:
        """The log with the step size and the seed of those numbers."""
        return self.searches[step, seed]

    def arrived(self, step: int) -> list[int]:
        """How many tries each search with that step size took, of those that met the goal."""
        return sorted(self.searches[step, j].tried for j in range(len(self.seeds)) if self.searches[step, j].reached)

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, step: int = 0, seed: int = 0) -> Quantity:
        """Of the race: "start", "goal" and "lowest" (losses), "budget", "seeds", "knobs", "positions", "settings" (all there
        are with so many positions for each knob), "guided" (steps to the goal), "rate". Of a step size: "step", "arrived"
        (how many of its searches), "median" (of their tries). Of a search: "tried", "kept", "share" (kept, in per cent),
        "end" (its last loss); and where its log was kept "knob/NAME/k" and "after/k", a knob and the loss after k tries."""
        if what.startswith(("knob/", "after/")):
            return Quantity("search_race", f"{what}/{step}/{seed}", self._after(what, step, seed))
        whole = {
            "start": self.start_loss, "goal": self.goal, "lowest": self.lowest, "budget": self.budget,
            "seeds": len(self.seeds), "knobs": len(self.start), "positions": self.positions, "guided": self.guided_steps,
            "rate": self.guided.rate,
        }  # fmt: skip
        if what in whole:
            return Quantity("search_race", what, float(whole[what]))
        if what == "settings":
            return Quantity("search_race", what, _power(self.positions, len(self.start)))
        if not (0 <= step < len(self.steps) and 0 <= seed < len(self.seeds)):
            raise EngineError(f"This race has no search {step}/{seed}.")
        log, there = self.searches[step, seed], self.arrived(step)
        if what in ("step", "arrived", "median"):
            if what == "median" and not there:
                raise EngineError(f"No search with step {self.steps[step]:g} met the goal.")
            value = {"step": lambda: self.steps[step], "arrived": lambda: len(there), "median": lambda: np.median(there)}
            return Quantity("search_race", f"{what}/{step}", float(value[what]()))
        values = {"tried": log.tried, "kept": log.kept, "share": 100.0 * log.kept / max(log.tried, 1), "end": log.loss}
        if what not in values:
            raise EngineError(f"A race has no {what!r}.")
        return Quantity("search_race", f"{what}/{step}/{seed}", float(values[what]))

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``goal``, ``median/1``, ``tried/0/2``."""
        what, *place = key.split("/")
        if what in ("knob", "after"):
            return self.quantity("/".join([what, *place[:-2]]), *map(int, place[-2:])).value
        return self.quantity(what, *map(int, place)).value

    def _after(self, what: str, step: int, seed: int) -> float:
        """A knob or the loss after some tries of a search."""
        kind, *name, k = what.split("/")
        log = self.searches.get((step, seed))
        if log is None or not k.isdigit() or int(k) > len(log.trials) or kind == "knob" and name[0] not in self.start:
            raise EngineError(f"This race has no log that could tell {what!r} of search {step}/{seed}.")
        last = next((trial for trial in reversed(log.trials[: int(k)]) if trial.kept), None)
        if kind == "after":
            return self.start_loss if last is None else float(last.loss)
        place = list(self.start).index(name[0])
        return float(self.start[name[0]] if last is None else last.point[place])

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "search_race", "function": self.function.describe(), "start": jsonable(self.start),
            "steps": list(self.steps), "seeds": list(self.seeds), "budget": self.budget, "rate": self.asked_rate,
            "near": self.near, "positions": self.positions,
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> SearchRace:
        d = description
        return cls(
            Function.rebuild(d["function"]), d["start"], d["steps"], d["seeds"], d["budget"], d["rate"], d["near"],
            d["positions"],
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"<race of {len(self.searches)} blind searches and a descent of {self.function.title}>"


def _power(base: int, exponent: int) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


class Dilution:
    """What more knobs do to luck: tries of a blind search, and steps along the slope, on random least squares problems.

    For every number of ``knobs`` and each of ``seeds``: L(c) = mean (A(c - goal))² with four rows for each knob, from 0 until
    a hundredth of the loss is left. Nudges go in random directions with all knobs at once, at most ``most`` of them.
    """

    def __init__(self, knobs: Sequence[int] = (4, 16, 64), seeds: Sequence[int] = (0, 1, 2), most: int = 20_000):
        if not knobs or any(not 1 <= n <= 512 for n in knobs) or len(set(knobs)) < len(knobs):
            raise EngineError("The numbers of knobs are different whole numbers from 1 to 512.")
        self.knobs, self.seeds, self.most = tuple(sorted(map(int, knobs))), tuple(map(int, seeds)), int(most)

    @functools.cached_property
    def counts(self) -> dict[int, tuple[float, float]]:
        """Tries and steps (medians over the seeds) by the number of knobs."""
        from ..storyboards.film_c import Squares

        found = {}
        for n in self.knobs:
            problems = [Squares.draw(n, seed) for seed in self.seeds]
            blind = [p.blind(seed, most=self.most).tried for p, seed in zip(problems, self.seeds, strict=True)]
            found[n] = float(np.median(blind)), float(np.median([p.guided() for p in problems]))
        return found

    def quantity(self, what: str, knobs: int) -> Quantity:
        """"blind" tries, "guided" steps, or the "knobs" themselves."""
        if knobs not in self.knobs or what not in ("blind", "guided", "knobs"):
            raise EngineError(f"There is no {what!r} for {knobs} knobs here.")
        value = float(knobs) if what == "knobs" else self.counts[knobs][what == "guided"]
        return Quantity("dilution", f"{what}/{knobs}", value)

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``blind/64``."""
        what, _, knobs = key.partition("/")
        return self.quantity(what, int(knobs)).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "dilution", "knobs": list(self.knobs), "seeds": list(self.seeds), "most": self.most}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Dilution:
        return cls(description["knobs"], description["seeds"], description["most"])


__all__ = ["Dilution", "SearchRace"]
