"""S7: a formula as a recipe – a line for every step, then the numbers that run down the lines, then the boxes of the graph.

Reads a trace. Invariants: there is a line for every operation, in the engine's order; a line shows the engine's values, with
`=` only where the shown numbers are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, TransformFromCopy, VGroup

from chainreel.engine import Quantity, Trace
from chainreel.engine.formula import formula, symbol
from chainreel.engine.trace import Step

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import decimals_for, read_back, shown
from ..stage.theme import Theme
from .figure import Figure
from .graph_forward import GraphForward
from .morphs import formula_to_graph

PITCH = (0.62, 1.0)  # of two lines, frame units


class RecipeLines(Figure):
    """The steps of a trace, one below the other in `area`. Verbs: `open(formula)`, `run(k)`, `become(graph)`.

    Raises StageError for arrays and for more lines than fit.
    """

    def __init__(self, trace: Trace, theme: Theme, area: Area, size: float = 44, source: str = "trace"):
        super().__init__(theme)
        self.trace, self.source = trace, source
        self.steps: list[Step] = [s for s in trace.steps if not s.is_input]
        if any(np.ndim(s.value) for s in trace.steps):
            raise StageError("lines of a recipe show single numbers; this function has arrays")
        if not self.steps or area.height / len(self.steps) < PITCH[0]:
            raise StageError(f"{len(self.steps)} steps do not fit as lines; {int(area.height / PITCH[0])} do")
        pitch = min(area.height / len(self.steps), PITCH[1])
        top = float(area.center[1]) + pitch * (len(self.steps) - 1) / 2
        self.lines = [Formula(self._names(s), theme, size) for s in self.steps]
        self.results = [self._result(s, size) for s in self.steps]
        equals = max(self._left(line) for line in self.lines)  # the signs stand below each other
        widest = max(line.width - self._left(line) for line in self.lines)
        whole = equals + widest + 0.2 + max(result.width for result in self.results)
        if whole > area.width:
            raise StageError("the lines of this recipe are too long for their place")
        x = float(area.center[0]) - whole / 2
        for k, (line, result) in enumerate(zip(self.lines, self.results, strict=True)):
            line.set_baseline(x + equals - self._left(line), top - pitch * k)
            result.set_baseline(x + equals + widest + 0.2, top - pitch * k)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A recipe of {self.counted(self.steps, 'line')}: {self.listed(s.name for s in self.steps)}."

    def quantity(self, step: Step) -> Quantity:
        """The value of a step under this figure's source."""
        return replace(self.trace.quantity("value", step), source=self.source)

    @staticmethod
    def _names(step: Step) -> Callable[[Marker], str]:
        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {formula(step, mark, expand=0, inline=True)}"

        return write

    @staticmethod
    def _left(line: Formula) -> float:
        """How far the first sign of a line is from its left end."""
        sign = next(glyph for glyph in line if glyph.mark.step is None)
        return float(sign.get_left()[0] - line.get_left()[0])

    def _result(self, step: Step, size: float) -> Formula:
        used = [e.source for e in step.edges]
        entries = []
        for s in [*used, step]:
            quantity = self.quantity(s)
            places = decimals_for(float(quantity.value))
            entries.append(Printed(quantity, shown(float(quantity.value), places, auto=False), places))
        exact = all(read_back(entry.text) == float(entry.quantity.value) for entry in entries)

        def write(mark: Marker) -> str:
            numbers = formula(step, mark, expand=0, numbers=lambda s: number_source(shown(float(s.value))), inline=True)
            same = mark("ink", None, "=" if exact else "approx")
            return f"{mark('ink', None, '=')} {numbers} {same} {mark('value', step.index, number_source(entries[-1].text))}"

        return Formula(write, self.theme, size, printed=entries)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def open(self, whole: Formula | None = None, run_time: float = 2.4, lag: float = 0.35) -> list[Animation]:
        """The formula opens: the glyphs of each step become its line, and the formula goes. Without one the lines appear.
        With a `lag` near 1 one line has landed when the next leaves."""
        shows: list[Animation] = []
        for step, line in zip(self.steps, self.lines, strict=True):
            self.keep(line, 4)
            part = whole.part(step.index) if whole is not None else VGroup()
            shows.append(TransformFromCopy(part, line) if len(part) else FadeIn(line))
        opened = LaggedStart(*shows, lag_ratio=lag, run_time=run_time)
        return [opened] if whole is None else [AnimationGroup(opened, FadeOut(whole, run_time=0.5))]

    def run(self, k: int, run_time: float = 1.0) -> AnimationGroup:
        """The numbers of line k: those that it uses come from the lines above."""
        result = self.keep(self.results[k], 4)
        comes: list[Animation] = []
        flown: set[int] = set()
        for i in range(k):
            if any(e.source.index == self.steps[i].index for e in self.steps[k].edges):
                goal = result.part(self.steps[i].index)
                flown |= {id(glyph) for glyph in goal}
                comes.append(TransformFromCopy(self._value(i), goal))
        rest = VGroup(*(glyph for glyph in result if id(glyph) not in flown))
        return AnimationGroup(FadeIn(rest), *comes, run_time=run_time)

    def _value(self, i: int) -> VGroup:
        """The digits of a line's own value."""
        return self.results[i].part(self.steps[i].index)

    def become(self, graph: GraphForward, run_time: float | None = None) -> list[Animation]:
        """The lines drift apart and become the boxes of the graph; values are not known yet."""
        self.drop(*self.lines, *self.results)
        glyphs: Any = VGroup(*(glyph for line in self.lines for glyph in line))
        first, *later = formula_to_graph(glyphs, graph, stay=True, run_time=run_time)
        going = [FadeOut(part, run_time=0.6) for part in (*self.lines, *self.results)]
        return [AnimationGroup(first, *going), *later]


__all__ = ["RecipeLines"]
