"""Audit of slices along knobs: the network written anew, setting by setting, its loss and its marks row by row."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from .audit_learning import GIVEN, REPLAY, Number, forward, guessed, losses, within
from .errors import EngineError
from .learning.knob_slice import KnobSlice


class KnobSliceCheck:
    """Audits the keys of a slice."""

    def __init__(self, slice_: KnobSlice):
        self.slice = slice_
        self.description = slice_.describe()

    def output(self, row: int) -> np.ndarray:
        """The outputs at a point, (examples, outputs), from the numbers of the description."""
        params: list[dict[str, Any]] = [{k: np.array(v, float) for k, v in own.items()} for own in self.slice.params]
        for name, place in self.description["knobs"].items():
            layer, leaf, *at = re.findall(r"\w+", place)
            params[int(layer)][leaf][tuple(map(int, at))] = self.description["points"][row][name]
        return forward(self.slice.risk.net, params, self.slice.data.X)

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        slice_, y = self.slice, self.slice.data.y
        what, _, last = key.rpartition("/")
        knobs = sum(np.size(p) for own in slice_.params for p in own.values())
        match what or key:
            case "examples":
                return float(len(y)), REPLAY, 0.0
            case "knobs" | "held":
                return float(knobs - (len(self.description["knobs"]) if key == "held" else 0)), REPLAY, 0.0
            case "loss":
                rows = losses(str(getattr(slice_.risk.loss, "name", "")), self.output(int(last)), y)
                value = math.fsum(rows) / len(y)
                return value, REPLAY, within(value)
            case "right" | "percent":
                found = guessed(self.output(int(last)), slice_.threshold)
                right = sum(1 for a, b in zip(found, y.reshape(-1), strict=True) if a == int(b))
                return (float(right), REPLAY, 0.0) if what == "right" else (100.0 * right / len(y), REPLAY, 1e-9)
        kind, _, name = what.partition("/")
        if kind == "point":
            return float(self.description["points"][int(last)][name]), GIVEN, 0.0
        raise EngineError(f"{key!r} is no key of a slice that can be computed independently.")


__all__ = ["KnobSliceCheck"]
