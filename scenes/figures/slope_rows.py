"""S10 and S8 side by side: the slopes of all inputs from forward mode, one sweep each, over those of one reverse sweep.

Reads the tangents and the adjoints of one trace. Invariants: a number of the upper row is the output's tangent of that
input's sweep, one of the lower row its adjoint; they are tied only where they are equal.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from manim import LEFT, RIGHT, Animation, AnimationGroup, Create, FadeIn, LaggedStart, Line, VGroup

from chainreel.engine import Quantity, Tangents, Trace
from chainreel.engine.cost import Cost

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number, Phrase
from ..stage.parts import Chip, round_caps
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .symbols import name_formula
from .tangent import Tag

MOST = 6
HEAD = 2.5  # frame units kept for what the rows are called
TAIL = 2.0  # and for how many sweeps they took
WIDEST = 2.3  # of a column


class SlopeRows(Figure):
    """The inputs of `trace` as columns in `area`. Tangents have the source "tangents of NAME", adjoints `sweep`, counts `cost`.

    Verbs: `appear`, `forward(name)`, `reverse`, `tie`.
    """

    def __init__(self, trace: Trace, cost: Cost, theme: Theme, area: Area, *, sweep: str = "trace", costs: str = "cost"):
        super().__init__(theme)
        self.trace, self.area = trace, area
        self.inputs = list(trace.inputs)
        if any(np.ndim(step.value) for step in self.inputs):
            raise StageError("the rows compare slopes of single numbers; this function has arrays")
        if not 1 <= len(self.inputs) <= MOST:
            raise StageError(f"the rows compare {len(self.inputs)} inputs; {MOST} stand side by side")
        self.tangents: dict[str, Tangents] = {s.name: trace.tangents({s.name: 1.0}) for s in self.inputs}
        pitch = min((area.width - HEAD - TAIL) / len(self.inputs), WIDEST)
        left = area.center[0] - (HEAD + TAIL + pitch * len(self.inputs)) / 2
        self.x = {s.name: left + HEAD + pitch * (k + 0.5) for k, s in enumerate(self.inputs)}
        right = left + HEAD + pitch * len(self.inputs) + TAIL
        row = min(1.3, area.height / 3)
        top = float(area.center[1]) + row
        self.y = {"names": top, "forward": top - row, "reverse": top - 2 * row}
        self.names = VGroup(*(
            name_formula(s.name, theme, "knob", 46).move_to([self.x[s.name], self.y["names"], 0]) for s in self.inputs
        ))  # fmt: skip
        self.labels = VGroup()
        for words, key in (("forward mode", "forward"), ("reverse mode", "reverse")):
            self.labels.add(Label(words, theme.ink, 30).set_baseline(left, self.y[key] - 0.11))
        self.rule = Line([left, 0, 0], [right, 0, 0]).set_stroke(theme.rim, 1.8)
        self.rule.move_to([area.center[0], self.y["names"] - 0.46 * row, 0])
        self.tags: dict[str, Tag] = {}
        self.chips: dict[str, Chip] = {}
        for step in self.inputs:
            q = self.tangent(step.name)
            tag = Tag(theme, Number(q, theme.tint("slope"), 32, "bold"), 0.56)
            self.tags[step.name] = tag.move_to([self.x[step.name], self.y["forward"], 0])
            down = replace(trace.quantity("adjoint", step), source=sweep)
            chip = Chip(theme, Number(down, theme.on_slope, 32, "bold"), 0.56)
            self.chips[step.name] = chip.move_to([self.x[step.name], self.y["reverse"], 0])
        self.counts: dict[str, Phrase] = {}
        for way in ("forward", "reverse"):
            q = replace(cost.quantity("sweeps", way), source=costs)
            phrase = Phrase("{n} sweep" if q.value == 1 else "{n} sweeps", theme.ink, 30, "semibold", n=q)
            self.counts[way] = phrase.move_to([right - phrase.width / 2, self.y[way], 0])
        self.ties = VGroup()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        slopes = [f"{s.name}: {self.told(self.tangent(s.name))}" for s in self.inputs]
        return f"The slopes from forward mode over those from one reverse sweep, {self.listed(slopes)}."

    def tangent(self, name: str) -> Quantity:
        """The slope of an input from its own forward sweep."""
        return replace(self.tangents[name].quantity(self.trace.output), source=f"tangents of {name}")

    def sources(self) -> dict[str, dict[str, Any]]:
        """What the upper row's numbers come from, by the name to enter it under."""
        return {f"tangents of {name}": sweep.describe() for name, sweep in self.tangents.items()}

    def equal(self, name: str) -> bool:
        """Whether both ways give an input the same slope."""
        one, other = float(self.tangent(name).value), float(self.chips[name].number.quantity.value)
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.9) -> AnimationGroup:
        """The names of the inputs, and of the ways."""
        for part in (self.names, self.labels, self.rule):
            self.keep(part, 3)
        return AnimationGroup(FadeIn(self.names), FadeIn(self.labels), Create(self.rule), run_time=run_time)

    def forward(self, name: str, run_time: float = 0.7) -> Animation:
        """The slope of one input: one sweep."""
        if name not in self.tags:
            raise StageError(f"there is no input {name}; there are {', '.join(self.tags)}")
        shows: list[Animation] = [FadeIn(self.keep(self.tags[name], 5), shift=0.4 * RIGHT)]
        if all(tag in self.submobjects for tag in self.tags.values()):
            shows.append(FadeIn(self.keep(self.counts["forward"], 5)))
        return AnimationGroup(*shows, run_time=run_time)

    def reverse(self, run_time: float = 1.2) -> AnimationGroup:
        """All of them from one sweep, the last input first."""
        chips = [FadeIn(self.keep(self.chips[s.name], 5), shift=0.4 * LEFT) for s in reversed(self.inputs)]
        count = FadeIn(self.keep(self.counts["reverse"], 5))
        return AnimationGroup(LaggedStart(*chips, lag_ratio=0.2), count, run_time=run_time)

    def tie(self, run_time: float = 0.8) -> LaggedStart:
        """What is equal is tied: two short strokes between the rows."""
        for step in self.inputs:
            if not self.equal(step.name):
                continue
            high = (self.y["forward"] + self.y["reverse"]) / 2
            pair = VGroup()
            for off in (-0.075, 0.075):
                ends = ([self.x[step.name] - 0.16, high + off, 0], [self.x[step.name] + 0.16, high + off, 0])
                pair.add(round_caps(Line(*ends).set_stroke(self.theme.data, 5)))
            self.ties.add(pair)
        self.keep(self.ties, 6)
        return LaggedStart(*(FadeIn(pair, scale=0.6) for pair in self.ties), lag_ratio=0.2, run_time=run_time)


__all__ = ["SlopeRows"]
