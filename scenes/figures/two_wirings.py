"""Two boxes wired in two ways: one after the other, or side by side with their results multiplied. Only one is the chain.

Reads two traces at the same input. Invariants: both rows use the same boxes; values and slopes are the engine's, and where
the two differ the row that is asked for gets the tick.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, FadeIn

from chainreel.engine import Quantity, Trace

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme
from ..stage.type import Label
from .contour_descent import verdict
from .figure import Figure
from .graph_forward import GraphForward
from .symbols import name_source

TITLES = ("after", "times")


class TwoWirings(Figure):
    """`after` and `times` are traces of two functions of one input, the same and at the same place; rows of `area`.

    Verbs: `appear(row)`, `run(row)`, `slope(row)`, `judge`. `graphs` are the two graphs. Raises StageError where the inputs
    differ, and where both wirings give the same slope.
    """

    def __init__(
        self, theme: Theme, after: Trace, times: Trace, area: Area, *, titles: tuple[str, str] = TITLES,
        sources: tuple[str, str] = TITLES,
    ):  # fmt: skip
        super().__init__(theme)
        self.traces, self.sources = (after, times), sources
        if after.at != times.at or len(after.inputs) != 1:
            raise StageError("both wirings have one input, the same and at the same place")
        self.input = after.inputs[0].name
        assert self.input is not None
        if np.isclose(float(after.gradient[self.input]), float(times.gradient[self.input])):
            raise StageError(f"at {self.input} = {float(after.inputs[0].value):g} both wirings have the same slope")
        upper, lower = area.rows(0.62, 1.38, gap=0.1)
        self.graphs: list[GraphForward] = []
        self.titles: list[Label] = []
        self.results: list[Formula] = []
        for room, trace, title, source in zip((upper, lower), self.traces, titles, sources, strict=True):
            name = Label(title, theme.ink, 32, "semibold")
            self.titles.append(name.move_to([area.left + name.width / 2, room.center[1], 0]))
            inside = Area(area.left + 1.5, area.right - 3.5, room.bottom, room.top)
            self.graphs.append(GraphForward(trace, theme, inside, tape=False, values=source))
            self.results.append(self._equation(len(self.results)).move_to([area.right - 2.0, room.center[1], 0]))
        self.marks = [
            verdict(theme, k == 0).scale(1.25).move_to([area.right - 0.3, r.get_center()[1], 0])
            for k, r in enumerate(self.results)
        ]

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "The same two boxes wired in two ways: one after the other, and side by side with their results multiplied."

    def slope_of(self, row: int) -> Quantity:
        """The slope of a row by the input."""
        trace = self.traces[row]
        return replace(trace.quantity("adjoint", trace.inputs[0]), source=self.sources[row])

    def _equation(self, row: int) -> Formula:
        quantity, name = self.slope_of(row), self.input or ""
        places = decimals_for(float(quantity.value))
        text = shown(float(quantity.value), places, auto=False)

        def write(mark: Marker) -> str:
            d = mark("slope", None, "upright(d)")
            head = f"{d} {mark('value', None, 'f')} {mark('ink', None, 'slash')} {d} {name_source(name, mark)}"
            return f"{head} {mark('ink', None, '=')} {mark('slope', None, number_source(text))}"

        return Formula(write, self.theme, 40, tinted=True, printed=[Printed(quantity, text, places)])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, row: int) -> list[Animation]:
        """The boxes of a row, wired, with its name."""
        graph = self.graphs[row]
        self.keep(graph)
        return [AnimationGroup(FadeIn(self.keep(self.titles[row], 4)), graph.appear_boxes(), graph.appear_inputs())]

    def run(self, row: int, run_time: float = 0.9) -> list[Animation]:
        """The input runs through a row, box by box."""
        graph = self.graphs[row]
        return [a for step in graph.operations for a in graph.forward(step, run_time=run_time)]

    def slope(self, row: int, run_time: float = 0.7) -> Animation:
        """The slope of a row at its right."""
        return FadeIn(self.keep(self.results[row], 5), shift=0.15 * np.array([1.0, 0, 0]), run_time=run_time)

    def judge(self, run_time: float = 0.8) -> AnimationGroup:
        """The tick beside the chain, the cross beside the product."""
        return AnimationGroup(*(FadeIn(self.keep(m, 6), scale=1.4) for m in self.marks), run_time=run_time)


__all__ = ["TITLES", "TwoWirings"]
