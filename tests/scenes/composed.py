"""Three figures in one frame, laid out from areas: knobs at the left, the graph in the middle, the loss at the right."""

from __future__ import annotations

from typing import Any

from chainreel.engine import Descent, Function
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.knob_panel import KnobPanel
from chainreel.scenes.figures.loss_slice import LossSlice
from chainreel.scenes.figures.morphs import graph_to_graph
from chainreel.scenes.stage.area import SHAPES, Area
from chainreel.scenes.stage.dial import dial_range
from chainreel.scenes.stage.stage import Stage


class Composed(Stage):
    """S2, S7 and S4 of one function: its inputs as knobs, its steps, its value over the first input."""

    shapes = SHAPES
    formula = "w*x + sin(w)"
    at: Any = {"w": 1.2, "x": 0.5}
    see = (-2.0, 4.0)

    def rooms(self) -> tuple[Area, Area, Area]:
        """Side by side in a wide frame; below each other in a narrow one."""
        if self.shape == "wide":
            return self.area.columns(1.05, 1.85, 1.3, gap=0.35)  # type: ignore[return-value]
        top, rest = self.area.cut_top(0.24 * self.area.height, 0.25)
        middle, low = rest.rows(1.0, 1.0, gap=0.5)
        return top, middle, low

    def construct(self) -> None:
        """All of them, then one step of descent."""
        function = Function.of(self.formula)
        trace = function.trace(self.at)
        self.ledger.source("trace", trace.describe())
        name = trace.inputs[0].name
        fixed = {k: v for k, v in self.at.items() if k != name}
        log = Descent.run(function.hold(fixed), {name: self.at[name]}, rate=0.8, steps=1)
        self.ledger.source("descent", log.describe())
        self.laid = left, middle, right = self.rooms()
        knobs = {s.name: trace.quantity("value", s) for s in trace.inputs}
        sweeps = {n: dial_range(float(q.value)) for n, q in knobs.items()}
        panel = KnobPanel(self.look, knobs, left, ranges=sweeps, screens=False)
        graph = GraphForward(trace, self.look, middle, tape=False, decimals=panel.decimals)
        if graph.view.blocks is not None:
            self.ledger.source("blocks", graph.view.blocks.describe())
        box = Area(right.left + 0.6, right.right - 0.5, right.bottom + 0.5, right.top - 0.2).box
        curve = LossSlice(function, self.look, name, self.see, fixed, box=box, rim=right.right)
        with self.beat("Knobs on the left, the function in the middle, its value on the right.", title="three figures"):
            self.play(panel.appear())
            self.play(graph.appear_boxes(), graph.appear_inputs())
            self.play(curve.appear())
        with self.beat("The values run through the graph.", title="forward"):
            for step in graph.operations:
                self.perform(graph.forward(step, run_time=0.8))
            self.play(curve.stand(float(self.at[name])))
        moved = log.quantity(f"point/{name}", 1)
        there = function.trace({**self.at, name: float(moved.value)})
        self.ledger.source("there", there.describe())
        again = GraphForward(
            there, self.look, middle, tape=False, source="blocks there", values="there", decimals=panel.decimals
        )
        if again.view.blocks is not None:
            self.ledger.source("blocks there", again.view.blocks.describe())
        with self.beat("One step down: the knob turns, the dot hops.", title="a step", hold=1.0):
            self.play(curve.hop(log, 0), panel.turn({name: moved}))
        with self.beat("And the graph has new values.", title="again", hold=3.1):
            self.perform(graph_to_graph(graph, again))
            self.poster()
        self.alt = f"Knobs, the graph and the curve of {function.title} in one frame; one step of descent moves knob and dot."
