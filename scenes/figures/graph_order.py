"""S7: in which order boxes can run, and what happens without a value – on a graph that is already there.

Reads the trace of the graph. Invariants: the numbers are the engine's order; a box is stopped by exactly those operands that
are not computed yet; a box asks for a value on the tape exactly if one of its local slopes is computed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manim import Animation, AnimationGroup, Circle, FadeIn, FadeOut, LaggedStart, VGroup

from ..stage.errors import StageError
from ..stage.ticks import Tick
from ..stage.type import Label
from .figure import Figure
from .folding import Node as Step
from .graph_backward import GraphBackward
from .graph_forward import GraphForward, edge_key
from .marks import cross

COINS = 0.24  # radius of the round that carries a number


class GraphOrder(Figure):
    """Order and memory of a graph. Verbs: `number`, `attempt(step, done)`, `forgive`; `erase(step)`, `ask(step)`, `restore`."""

    def __init__(self, graph: GraphForward):
        super().__init__(graph.theme)
        self.graph = graph
        self.coins = VGroup(*(self._coin(k, step) for k, step in enumerate(graph.operations)))
        self.stopped: VGroup | None = None
        self.erased: Step | None = None
        self.hole: VGroup | None = None
        self.asking: VGroup | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        boxes = self.counted(self.graph.operations, "box")
        return f"The order in which {boxes} can run: {self.listed(s.name for s in self.order)}."

    @property
    def order(self) -> Sequence[Step]:
        """The operations as the engine ran them."""
        return self.graph.operations

    def _coin(self, k: int, step: Step) -> VGroup:
        theme, box = self.theme, self.graph.nodes[step.index].box
        place = [float(box.get_left()[0]) + 0.04, float(box.get_top()[1]) - 0.02, 0]
        round_ = Circle(COINS).set_fill(theme.slot, 1).set_stroke(theme.ink, 2)
        number = Tick(float(k + 1), 1.0, theme.ink, 26)
        return VGroup(round_, number.move_to(round_.get_center())).move_to(place)

    # Order ----------------------------------------------------------------------------------------------------------

    def number(self, run_time: float = 1.4) -> LaggedStart:
        """A round with its place in the order at every box, one after the other."""
        shows = [FadeIn(self.keep(coin, 8), scale=0.6) for coin in self.coins]
        return LaggedStart(*shows, lag_ratio=min(0.4, 3.0 / len(shows)), run_time=run_time)

    def missing(self, step: Step, done: Iterable[Step]) -> list[Step]:
        """The operands of a step that are not there yet, when inputs and `done` are."""
        there = {s.index for s in done} | {s.index for s in self.graph.inputs}
        found = {e.source.index: e.source for e in self.graph.into(step) if e.source.index not in there}
        return list(found.values())

    def attempt(self, step: Step, done: Iterable[Step] = (), run_time: float = 0.9) -> list[Animation]:
        """A box is run before its turn: it lights, the wires of what it lacks turn to "?", a cross stops it. Raises StageError
        where nothing is missing: then nothing stops it."""
        lacks = {s.index for s in self.missing(step, done)}
        if not lacks:
            raise StageError(f"nothing stops {step.name}: all that it uses is there")
        theme, box = self.theme, self.graph.nodes[step.index].box
        lit = box.copy().set_fill(opacity=0).set_stroke(theme.ink, 2.5)
        dull, marks = VGroup(), VGroup()
        for edge in self.graph.into(step):
            if edge.source.index in lacks:
                wire = self.graph.wires[edge_key(edge)]
                dull.add(wire.line(theme.loss, 4))
                mark = Label("?", theme.tint("loss"), 34, "bold").move_to(wire.at(0.5))
                back = Circle(0.26).set_fill(theme.slot, 1).set_stroke(theme.loss, 2).move_to(wire.at(0.5))
                marks.add(VGroup(back, mark))
        stop = cross(theme, 0.5, 7).move_to(box.get_corner([1, 1, 0]))
        self.stopped = VGroup(lit, dull, marks, stop)
        for part, z in ((lit, 4), (dull, 1), (marks, 8), (stop, 9)):
            self.keep(part, z)
        return [
            AnimationGroup(FadeIn(lit), run_time=0.4 * run_time),
            AnimationGroup(FadeIn(dull), *(FadeIn(m, scale=0.6) for m in marks), run_time=0.7 * run_time),
            AnimationGroup(FadeIn(stop, scale=1.6), run_time=0.5 * run_time),
        ]

    def forgive(self, run_time: float = 0.5) -> list[Animation]:
        """What stopped a box goes."""
        gone, self.stopped = self.stopped, None
        if gone is None:
            return []
        self.drop(*gone)
        return [FadeOut(gone, run_time=run_time)]

    # Memory ---------------------------------------------------------------------------------------------------------

    def readers(self, value: Step) -> list[Step]:
        """The steps with a local slope that is computed from a value: each needs it on the way back."""
        back = GraphBackward(self.graph)
        return [step for step in self.order if value.index in {s.index for s in back._read(step)}]

    def erase(self, value: Step, run_time: float = 0.8) -> list[Animation]:
        """A value is wiped off the tape: an empty frame is left. Raises StageError where there is no tape."""
        if self.graph.tape is None:
            raise StageError("this graph has no tape to erase a value from")
        cell = self.graph._cell(value)
        frame = self.graph._tape_of(value).outline(cell, self.theme.loss)
        mark = Label("?", self.theme.tint("loss"), 30, "bold").move_to(frame.get_center())
        self.erased, self.hole = value, VGroup(frame, mark)
        self.keep(frame, 4), self.keep(mark, 5)
        self.graph.drop(cell)
        return [AnimationGroup(FadeOut(cell, scale=0.7), FadeIn(frame), run_time=run_time), FadeIn(mark, run_time=0.4)]

    def ask(self, step: Step, run_time: float = 0.8) -> Animation:
        """A box asks for the erased value: it lights, with a "?" above. Raises StageError for a box that does not need it."""
        if self.erased is None or step not in self.readers(self.erased):
            raise StageError(f"{step.name} needs no erased value for its slopes")
        theme, box = self.theme, self.graph.nodes[step.index].box
        lit = box.copy().set_fill(opacity=0).set_stroke(theme.loss, 3)
        at = box.get_corner([1, 1, 0])
        back = Circle(0.28).set_fill(theme.slot, 1).set_stroke(theme.loss, 2.5).move_to(at)
        mark = Label("?", theme.tint("loss"), 34, "bold").move_to(at)
        self.asking = VGroup(lit, back, mark)
        for part, z in ((lit, 4), (back, 9), (mark, 10)):
            self.keep(part, z)
        return AnimationGroup(FadeIn(lit), FadeIn(VGroup(back, mark), scale=0.6), run_time=run_time)

    def restore(self, run_time: float = 0.6) -> list[Animation]:
        """The value is on the tape again, and nobody asks."""
        gone = [part for part in (self.hole, self.asking) if part is not None]
        if self.erased is None:
            return []
        for part in gone:
            self.drop(*part)
        cell = self.graph.keep(self.graph._cell(self.erased), 3)
        self.erased = self.hole = self.asking = None
        return [AnimationGroup(*(FadeOut(part) for part in gone), FadeIn(cell), run_time=run_time)]


__all__ = ["GraphOrder"]
