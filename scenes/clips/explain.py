"""The film of a function: values, blame, a check by nudging, its price, a descent of one or two inputs, recap."""

from __future__ import annotations

from typing import Any

from manim import Mobject, VMobject

from chainreel.engine import Cost

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward
from ..figures.layout import LIMIT
from ..stage.area import SHAPES
from . import explain_blame, explain_check, explain_count, explain_landscape, explain_values
from .clip import Clip
from .explain_recap import recap
from .forward import describe, folded_graph

ROOM = 1.3  # frame units under a graph that are enough for a line


class Explain(Clip):
    """The whole story of `function` at the point `at`: forward, backward, nudge check, price, descent from `start`."""

    at: Any
    start: Any
    range: Any
    shapes = SHAPES

    def prepare(self) -> None:
        """Everything that can fail is computed before the first frame."""
        self.trace = self.trace_at(self.at)
        self.graph, self.headline = folded_graph(self, self.trace, LIMIT, (), tape=None, lens=True)
        self.back = GraphBackward(self.graph)
        self.again = GraphForward(self.trace, self.look, limit=LIMIT, lens=True)  # for the recap: empty once more
        low = min(bottom for *_, bottom, _ in self.graph.occupied())
        if low - self.area.bottom > ROOM and not self.graph.tape_wanted:  # the arithmetic stands where the frame is free
            self.headline.second = (low + self.area.bottom) / 2 - 0.1
        self.check = explain_check.checked(self.trace)
        self.cost = Cost(self.trace, scales=())
        asked = bool(self.start or self.range)
        self.landscape = explain_landscape.landscape(self.trace.function, self.start or self.trace.at, self.range, asked)

    def construct(self) -> None:
        """Each part begins with what the last one left on stage."""
        self.chapter("the function")
        opening = explain_values.title_card(self, self.headline)
        self.chapter("forward")
        explain_values.build(self, self.graph, self.headline, opening)
        explain_values.sweep(self, self.graph, self.headline)
        self.chapter("backward")
        explain_blame.start(self, self.back)
        explain_blame.Sweep(self, self.back, self.headline).run()
        gradient = explain_blame.conclude(self, self.back, self.headline)
        whole = self.headline.function  # a large graph needed its place; now it comes back
        checked = None
        if self.check is not None:
            self.chapter("the check")
            checked = explain_check.tell(self, self.check, self.back, whole, gradient, self.others(whole, gradient))
        self.chapter("the price")
        race = explain_count.tell(self, self.cost, whole, self.graph, self.others(whole), checked)
        if self.landscape is not None:
            self.chapter("descent")
            explain_landscape.tell(self, self.landscape, whole, self.others(whole), list(race.grounds.values()))
        self.chapter("recap")
        recap(self, self.again, self.headline, self.others(whole), whole, self.check is not None and self.check.all_agree,
              asked=self.check is not None and not self.check.flat)  # fmt: skip
        parts = ["values flow right", "blame flows left"]
        parts += ["a slope is checked by nudging"] if self.check is not None else []
        self.alt = describe(self.graph, f"{', '.join(parts)}, and the ways to the slopes are counted")

    def others(self, *keep: VMobject | None) -> list[Mobject]:
        """What is on stage beside these."""
        return [m for m in self.mobjects if not any(m is k for k in keep)]


__all__ = ["Explain"]
