"""How large models are: their adjustable numbers, counted from layer tables, one square millimetre for each.

>>> scale = Scale(["digits", "resnet-50", [784, 800, 10]])
>>> [int(level.count) for level in scale.levels]
[2410, 636010, 25557032]
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .claims import PUBLISHED, TABLE
from .errors import EngineError
from .learning.counting import Row, mlp, total
from .quantity import Quantity

MOST = 8


@dataclass(frozen=True)
class Level:
    """One model: what it is, its layer table, where that was read."""

    name: str
    title: str
    table: tuple[Row, ...]
    chip: str

    @property
    def count(self) -> int:
        """Its adjustable numbers."""
        return total(self.table)


class Scale:
    """Models by size, the smallest first. A model is a published name or the sizes of dense layers."""

    def __init__(self, models: Sequence[Any]):
        levels = [_level(model) for model in models]
        if not levels:
            raise EngineError("A scale shows one model or more.")
        if len(levels) > MOST:
            raise EngineError(f"A scale shows up to {MOST} models, not {len(levels)}.")
        self.asked = [model if isinstance(model, str) else list(map(int, model)) for model in models]
        self.levels = sorted(levels, key=lambda level: level.count)
        names = [level.name for level in levels]
        if len(set(names)) < len(names):
            raise EngineError(f"A model is named twice: {', '.join(names)}.")

    def quantity(self, what: str, level: int = 0) -> Quantity:
        """For a model "count", "side" (of its square, metres), "millimetres" (the same), "area" (square metres), "times" (as
        many as the model before), "about" (the same to three digits), "pitches" (football pitches, to three digits),
        "billions", "millions"."""
        if not 0 <= level < len(self.levels):
            raise EngineError(f"The scale has {len(self.levels)} models, not a model {level}.")
        count = float(self.levels[level].count)
        before = float(self.levels[max(level - 1, 0)].count)
        values = {
            "count": count, "side": math.sqrt(count) / 1e3, "millimetres": math.sqrt(count), "area": count * 1e-6,
            "times": count / before, "about": float(f"{count / before:.3g}"),
            "pitches": float(f"{count * 1e-6 / TABLE['pitch'].value:.3g}"), "billions": count / 1e9, "millions": count / 1e6,
        }  # fmt: skip
        if what not in values:
            raise EngineError(f"A scale has no {what!r}; it has {', '.join(values)}.")
        return Quantity("scale", f"{what}/{level}", values[what])

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        what, _, level = key.partition("/")
        return self.quantity(what, int(level or 0)).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "scale", "models": self.asked}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Scale:
        return cls(description["models"])


def _level(model: Any) -> Level:
    if isinstance(model, str):
        if model not in PUBLISHED:
            raise EngineError(f"There is no model {model!r}; there are {', '.join(PUBLISHED)}, or give sizes of layers.")
        known = PUBLISHED[model]
        return Level(model, known.title, tuple(known.table()), known.chip)
    sizes = [int(n) for n in model]
    text = "-".join(map(str, sizes))
    return Level(text, "your layers " + text, tuple(mlp(sizes)), f"layers {text}, counted")


__all__ = ["MOST", "Level", "Scale"]
