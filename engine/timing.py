"""Timing: what all slopes of a loss took, by each way, on one machine on one day. Measured once, kept as a record.

A time cannot be computed again, so the record is the source: every repeat in seconds, the machine, the day, the versions.
What a film shows of it (a time, a ratio) is arithmetic on the record, which anybody can do again; `measure` makes a record
of another machine. The time of a way is its fastest repeat: what else the machine did can only make it slower.

    >>> knobs = {"knobs": 2, "batch": 1, "model": "2", "day": "2026-01-31", "machine": "m", "cores": 1, "versions": {}}
    >>> timing = Timing({**knobs, "seconds": {"loss": [3e-6], "reverse": [2e-6, 1e-6], "nudging": [9e-6], "forward": [8e-6]}})
    >>> timing.quantity("ratio/nudging").value, timing.quantity("ratio/loss").value
    (9.0, 3.0)
"""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import EngineError
from .quantity import Quantity
from .transforms import jvp, value_and_grad
from .trees import flatten, unflatten

WAYS = ("loss", "reverse", "nudging", "forward")  # one run; all slopes by the reverse sweep, by nudging, by forward mode
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6}
NUDGE = 1e-6


class Timing:
    """A record of measured times. ``record``: "seconds" (for each way the repeats), "knobs", "batch", "model" (in words),
    "day" (ISO), "machine", "cores" and "versions".

    Raises EngineError for a record that is not whole.
    """

    def __init__(self, record: Mapping[str, Any]):
        needed = ("seconds", "knobs", "batch", "model", "day", "machine", "cores", "versions")
        if missing := [name for name in needed if name not in record]:
            raise EngineError(f"This record of times has no {missing[0]!r}.")
        try:
            self.seconds = {way: tuple(float(t) for t in record["seconds"][way]) for way in WAYS}
            self.day = datetime.date.fromisoformat(str(record["day"]))
        except KeyError as missing_way:
            raise EngineError(f"This record has no times of {missing_way}; it needs {', '.join(WAYS)}.") from None
        except (TypeError, ValueError) as wrong:
            raise EngineError(f"This record of times cannot be read: {wrong}.") from None
        for way, repeats in self.seconds.items():
            if not repeats or not all(math.isfinite(t) and t > 0 for t in repeats):
                raise EngineError(f"The times of {way} must be positive numbers.")
        self.knobs, self.batch, self.cores = (int(record[name]) for name in ("knobs", "batch", "cores"))
        self.model, self.machine = str(record["model"]), str(record["machine"])
        self.versions = {str(k): str(v) for k, v in dict(record["versions"]).items()}

    # -- measuring -----------------------------------------------------------------------------------------------
    @classmethod
    def measure(
        cls, loss: Callable[..., Any], params: Any, data: tuple[Any, ...], model: str, *, repeats: int = 12, block: int = 100,
        day: datetime.date | None = None,
    ):  # fmt: skip
        """Time ``loss(params, *data)`` and its slopes by three ways. A repeat of the quick ones is the mean of ``block`` runs.

        Nudging and forward mode really run once for each knob, ``repeats`` times over, timed in pieces of ``block`` runs; of
        each piece the fastest round counts, and the pieces add up.
        """
        leaves, structure = flatten(params)
        leaves = [np.array(leaf, float) for leaf in leaves]

        def run(*parts: Any) -> Any:
            return loss(unflatten(structure, parts), *data)

        slopes = value_and_grad(run, tuple(range(len(leaves))))
        base = float(run(*leaves))
        seeds = [np.zeros_like(leaf) for leaf in leaves]
        knobs = [(array, k) for array in range(len(leaves)) for k in range(leaves[array].size)]

        def nudged(array: int, k: int) -> None:
            flat = leaves[array].reshape(-1)
            kept = flat[k]
            flat[k] = kept + NUDGE
            (float(run(*leaves)) - base) / NUDGE
            flat[k] = kept

        def swept(array: int, k: int) -> None:
            flat = seeds[array].reshape(-1)
            flat[k] = 1.0
            jvp(run, leaves, seeds)
            flat[k] = 0.0

        seconds: dict[str, list[float]] = {}
        quick: dict[str, Callable[[], Any]] = {"loss": lambda: run(*leaves), "reverse": lambda: slopes(*leaves)}
        for way, once in quick.items():
            once()  # the first run of all is slower
            seconds[way] = [_timed(once, block) / block for _ in range(repeats)]
        pieces = [knobs[k : k + block] for k in range(0, len(knobs), block)]
        for way, each in (("nudging", nudged), ("forward", swept)):
            fastest = [math.inf] * len(pieces)
            for _ in range(repeats):
                for n, piece in enumerate(pieces):
                    fastest[n] = min(fastest[n], _timed(lambda: [each(*knob) for knob in piece]))  # noqa: B023 - called at once
            extra = min(seconds["loss"]) if way == "nudging" else 0.0  # the run that all nudges are compared with
            seconds[way] = [sum(fastest) + extra]
        seconds = {way: [float(f"{t:.6g}") for t in found] for way, found in seconds.items()}
        return cls({
            "seconds": seconds, "knobs": sum(leaf.size for leaf in leaves), "batch": len(data[0]) if data else 1,
            "model": model, "day": (day or datetime.date.today()).isoformat(),
            "machine": processor(), "cores": os.cpu_count() or 1,
            "versions": {"python": platform.python_version(), "numpy": np.__version__},
        })  # fmt: skip

    @classmethod
    def read(cls, path: str | Path) -> Timing:
        """A record kept in a JSON file."""
        try:
            return cls(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise EngineError(f"The record of times {Path(path).name} cannot be read: {error}.") from None

    def write(self, path: str | Path) -> None:
        """Keep the record in a JSON file."""
        Path(path).write_text(json.dumps(self.record(), indent=1) + "\n", encoding="utf-8")

    def record(self) -> dict[str, Any]:
        """The record itself."""
        return {
            "model": self.model, "knobs": self.knobs, "batch": self.batch, "day": self.day.isoformat(),
            "machine": self.machine, "cores": self.cores, "versions": self.versions,
            "seconds": {way: list(repeats) for way, repeats in self.seconds.items()},
        }  # fmt: skip

    # -- what follows from it --------------------------------------------------------------------------------
    def took(self, way: str) -> float:
        """Seconds of a way: the fastest of its repeats."""
        if way not in self.seconds:
            raise EngineError(f"There is no time of {way!r}; there are {', '.join(WAYS)}.")
        return min(self.seconds[way])

    def ratio(self, way: str, to: str = "reverse") -> float:
        """How many times as long a way takes as another, to two digits: more of them are noise."""
        return float(f"{self.took(way) / self.took(to):.1e}")

    def sweeps(self, way: str) -> int:
        """How often the function is run or swept for all slopes."""
        self.took(way)
        return {"loss": 1, "reverse": 1, "nudging": self.knobs + 1, "forward": self.knobs}[way]

    @property
    def chip(self) -> str:
        """Where and when, in words: `measured on …, 4 cores, 2026-01-31`."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"measured on {self.machine}, {cores}, {self.day.isoformat()}"

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str) -> Quantity:
        """"knobs", "batch", "cores"; for a way "s/reverse", "ms/reverse", "us/reverse", "sweeps/reverse", "ratio/nudging" (to
        the reverse sweep) or "ratio/reverse/loss" (to another)."""
        kind, _, way = what.partition("/")
        if kind in ("knobs", "batch", "cores") and not way:
            return Quantity("timing", what, float(getattr(self, kind)))
        if kind in UNITS:
            return Quantity("timing", what, self.took(way) * UNITS[kind])
        if kind == "sweeps":
            return Quantity("timing", what, float(self.sweeps(way)))
        if kind == "ratio":
            of, _, to = way.partition("/")
            return Quantity("timing", what, self.ratio(of, to or "reverse"))
        raise EngineError(f"A record of times has no {what!r}.")

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        return self.quantity(key).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "timing", "record": self.record()}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Timing:
        return cls(description["record"])

    def __repr__(self) -> str:
        return f"<times of {self.model}, {self.chip}>"


def _timed(once: Callable[[], Any], times: int = 1) -> float:
    """Seconds that some runs take."""
    start = time.perf_counter()
    for _ in range(times):
        once()
    return time.perf_counter() - start


def processor() -> str:
    """The name of this machine's processor, without its clock and marks."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2] for line in lines if line.startswith("model name")), name)
    except OSError:
        pass
    for mark in ("(R)", "(TM)", "(r)", "(tm)", "CPU"):
        name = name.replace(mark, " ")
    return " ".join(name.partition("@")[0].split()) or "a processor without a name"


__all__ = ["WAYS", "Timing", "processor"]
