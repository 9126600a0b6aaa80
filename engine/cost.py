"""What all the slopes of a function cost: by nudging, by forward mode, by reverse mode. Counted, not claimed.

Nudging runs the function once more for each input. Forward mode sweeps once for each input; its operations are counted
along the values that the input reaches. Reverse mode sweeps once in all, and holds the trace in memory for it.

    >>> cost = Cost("(a*b + c)*a", {"a": 2, "b": 3, "c": -1})
    >>> [cost.sweeps(way) for way in ("nudging", "forward", "reverse")]
    [4, 3, 1]
    >>> [cost.operations(way) for way in ("nudging", "forward", "reverse")]
    [12, 10, 7]
    >>> cost.knobs("digits"), cost.sweeps("forward", "digits"), cost.sweeps("reverse", "digits")
    (2410, 2410, 1)
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import EngineError
from .function import Function
from .learning import counting
from .quantity import Quantity
from .trace import Trace

WAYS = ("nudging", "forward", "reverse")
MODELS = {  # layer tables, counted by `counting`
    "digits": lambda: counting.mlp([64, 32, 10]),
    "resnet50": counting.resnet50,
    "gpt3": counting.gpt3,
}
SECONDS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0, "years": 365.25 * 86400.0}


class Cost:
    """The cost of the gradient of a function at a point, or of a trace; ``scales`` are models it is extrapolated to.

    A scale is a name of ``MODELS`` or a whole number of knobs. ``each``: milliseconds that one run or sweep is taken to
    last where times are extrapolated – an assumption, and to be shown as one.
    """

    def __init__(
        self, what: Any, at: Mapping[str, Any] | None = None, scales: Sequence[str | int] = tuple(MODELS), each: float = 1.0
    ):
        if not isinstance(what, Trace):
            function = Function.of(what)
            what = function.trace(function.point() if at is None else at)
        self.trace: Trace = what
        self.scales = tuple(scales)
        self.each = float(each)
        for scale in self.scales:
            self.knobs(scale)

    # -- this function -------------------------------------------------------------------------------------------
    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return len(self.trace.inputs)

    @functools.cached_property
    def tangent_operations(self) -> tuple[int, ...]:
        """For each input: products by local slopes, and sums, of one forward sweep that starts there."""
        return tuple(self._sweep(k) for k in range(self.inputs))

    def _sweep(self, seed: int) -> int:
        carries = [False] * len(self.trace)
        carries[seed] = True
        count = 0
        for step in self.trace.steps:
            parts = sum(carries[edge.source.index] for edge in step.edges)
            if parts:
                carries[step.index] = True
                count += parts + parts - 1
        return count

    def operations(self, way: str) -> int:
        """Operations for the whole gradient, an operation on an array counted once. The sweeps of both modes come on top
        of the one run that gives the values; nudging has that run among its own."""
        counts = self.trace.counts
        match way:
            case "nudging":
                return counts.forward_total * self.sweeps(way)
            case "forward":
                return sum(self.tangent_operations)
            case "reverse":
                return counts.reverse_total
        raise EngineError(f"There is no way {way!r}; there are {', '.join(WAYS)}.")

    # -- other sizes ---------------------------------------------------------------------------------------------
    def knobs(self, scale: str | int | None = None) -> int:
        """How many knobs a model has; None is this function."""
        if scale is None:
            return self.inputs
        if isinstance(scale, str) and scale in MODELS:
            return counting.total(MODELS[scale]())
        try:
            number = int(scale)
        except ValueError:
            raise EngineError(f"There is no model {scale!r}; give {', '.join(MODELS)} or a number of knobs.") from None
        if number < 1:
            raise EngineError(f"A model has at least one knob, not {number}.")
        return number

    def sweeps(self, way: str, scale: str | int | None = None) -> int:
        """Runs or sweeps for the whole gradient with that many knobs: a count of one function times n, not a measurement."""
        if way not in WAYS:
            raise EngineError(f"There is no way {way!r}; there are {', '.join(WAYS)}.")
        n = self.knobs(scale)
        return {"nudging": n + 1, "forward": n, "reverse": 1}[way]

    def unit(self, way: str, scale: str | int) -> str:
        """The unit in which the time of a way is a readable number."""
        seconds = self.sweeps(way, scale) * self.each / 1000
        fits = [u for u, size in SECONDS.items() if seconds >= size]
        return fits[-1] if fits else "seconds"

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, way: str = "", scale: str | int | None = None) -> Quantity:
        """"inputs", "bytes", "values" (operations of one run), "each"; "tangent" with an input's name; "operations" or
        "sweeps" with a way; "knobs", "sweeps", "seconds" … "years" with a scale."""
        key = "/".join(str(part) for part in (what, way, "" if scale is None else scale)).rstrip("/")
        return Quantity("cost", key, float(self._value(what, way, scale)))

    def _value(self, what: str, way: str, scale: str | int | None) -> float:
        match what:
            case "inputs":
                return self.inputs
            case "bytes":
                return self.trace.bytes
            case "values":
                return self.trace.counts.forward_total
            case "each":
                return self.each
            case "tangent":
                inputs = self.trace.function.inputs
                if way not in inputs:
                    raise EngineError(f"There is no input {way}; inputs are {', '.join(inputs)}.")
                return self.tangent_operations[inputs.index(way)]
            case "operations":
                return self.operations(way)
            case "knobs":
                return self.knobs(scale)
            case "sweeps":
                return self.sweeps(way, scale)
        if what in SECONDS:
            return self.sweeps(way, scale) * self.each / 1000 / SECONDS[what]
        raise EngineError(f"A cost has no {what!r}.")

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``operations/reverse``, ``sweeps/forward/gpt3``, ``knobs//digits``."""
        what, way, scale = (key.split("/") + ["", ""])[:3]
        return self.quantity(what, way, scale or None).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "cost", "trace": self.trace.describe(), "scales": list(self.scales), "each": self.each}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Cost:
        return cls(Trace.rebuild(description["trace"]), None, description["scales"], description["each"])

    def __repr__(self) -> str:
        return f"<cost of the gradient of {self.trace.function.title}>"
