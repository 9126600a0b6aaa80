"""S7: a tape for a graph that has no room for one of its own: what each box computed, in a row, the knobs aside.

Reads the values of the graph. Invariants: a cell has the engine's value of its step; a box asks for an erased value only
where a local slope of it is computed from that value.
"""

from __future__ import annotations

from manim import UP, Animation, AnimationGroup, FadeIn, FadeOut, VGroup, VMobject

from chainreel.engine import Step

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula
from ..stage.tape import Tape
from ..stage.type import Label
from .figure import Figure
from .graph_forward import GraphForward
from .graph_order import GraphOrder

PAD = 0.42  # between two cells


class ValueTape(Figure):
    """The computed values of `graph` on a strip along the lower edge of `area`, in the order of the computation.

    `strip` is a tape that stands there already.

    Verbs: `appear`, `record(step)`, `erase(step)`, `ask(step)`, `restore`. Raises StageError where they do not fit in a row.
    """

    def __init__(self, graph: GraphForward, area: Area, strip: Tape | None = None):
        super().__init__(graph.theme)
        self.graph = graph
        self.strip = strip or Tape(graph.theme, area.left, area.right, area.bottom + 0.36)
        self.steps: list[Step] = [step for step in graph.operations if isinstance(step, Step)]
        cells = [graph._cell_formula(step) for step in self.steps]
        free = area.width - sum(cell.width for cell in cells) - PAD * (len(cells) + 1)
        if free < -1e-6:
            raise StageError(f"{len(cells)} values do not fit on one tape; show fewer steps")
        gap = PAD + free / (len(cells) + 1)
        x = area.left + gap
        self.cells: dict[int, VMobject] = {}
        for step, cell in zip(self.steps, cells, strict=True):
            if isinstance(cell, Formula):
                cell.set_baseline(x + cell.width / 2, self.strip.y - 0.1, "middle")
            else:
                cell.move_to([x + cell.width / 2, self.strip.y, 0])
            self.cells[step.index] = cell
            x += cell.width + gap
        self.fresh: VMobject | None = None
        self.erased: Step | None = None
        self.hole: VGroup | None = None
        self.asking: VGroup | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A tape with the values {self.listed(step.name for step in self.steps)}."

    def appear(self, run_time: float = 0.7) -> FadeIn:
        """The empty strip."""
        return FadeIn(self.keep(self.strip, 1), run_time=run_time)

    def record(self, step: Step, run_time: float = 0.6) -> AnimationGroup:
        """The value of a box drops onto the tape; the newest cell has a frame."""
        cell = self.keep(self.cells[step.index], 3)
        shows: list[Animation] = [FadeIn(cell, shift=-0.7 * UP)]
        old, self.fresh = self.fresh, self.keep(self.strip.outline(cell, self.theme.value), 4)
        if old is not None:
            self.drop(old)
            shows.append(FadeOut(old))
        return AnimationGroup(*shows, FadeIn(self.fresh), run_time=run_time)

    def rest(self, run_time: float = 0.4) -> list[Animation]:
        """No cell is the newest any more."""
        old, self.fresh = self.fresh, None
        if old is None:
            return []
        self.drop(old)
        return [FadeOut(old, run_time=run_time)]

    def settle_all(self) -> ValueTape:
        """All cells, without animation."""
        self.keep(self.strip, 1)
        for cell in self.cells.values():
            self.keep(cell, 3)
        return self

    def erase(self, value: Step, run_time: float = 0.8) -> list[Animation]:
        """A value is wiped off, in its box as well; an empty frame with a question mark is left."""
        cell, node = self.cells[value.index], self.graph.nodes[value.index]
        frame = self.strip.outline(cell, self.theme.loss)
        mark = Label("?", self.theme.tint("loss"), 30, "bold").move_to(frame.get_center())
        self.erased, self.hole = value, VGroup(frame, mark)
        self.keep(frame, 4), self.keep(mark, 5)
        self.drop(cell)
        self.graph.drop(node.value)
        wiped = [FadeOut(cell, scale=0.7), FadeOut(node.value, scale=0.7)]
        return [AnimationGroup(*wiped, FadeIn(frame), run_time=run_time), FadeIn(mark, run_time=0.4)]

    def ask(self, step: Step, run_time: float = 0.8) -> Animation:
        """A box asks for the erased value. Raises StageError for a box that does not need it."""
        order = GraphOrder(self.graph)
        order.erased = self.erased
        shown = order.ask(step, run_time)
        self.asking = order.asking
        if self.asking is not None:
            for part, z in zip(self.asking, (4, 9, 10), strict=True):
                self.keep(part, z)
        return shown

    def restore(self, run_time: float = 0.6) -> list[Animation]:
        """The value is there again, and nobody asks."""
        if self.erased is None:
            return []
        gone = [part for part in (self.hole, self.asking) if part is not None]
        for part in gone:
            self.drop(*part)
        cell = self.keep(self.cells[self.erased.index], 3)
        number = self.graph.keep(self.graph.nodes[self.erased.index].value, 5)
        self.erased = self.hole = self.asking = None
        return [AnimationGroup(*(FadeOut(part) for part in gone), FadeIn(cell), FadeIn(number), run_time=run_time)]


__all__ = ["ValueTape"]
