"""S10: forward mode. Every value carries a second number, its tangent: how strongly it follows one chosen input.

Reads the tangents of a trace. Invariants: the tangent shown at the output is the engine's slope of the seeded leaf;
outlined chevrons run only along wires, from left to right, and only where the seed reaches.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import DOWN, Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, VMobject, Wait

from chainreel.engine import Edge, Quantity, Step, Tangents, symbol

from ..stage.bars import Bars
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.number import Number
from ..stage.rounding import closes, read_back, shown
from .figure import Figure
from .graph_forward import GraphForward, edge_key
from .products import factor
from .symbols import printed as printed_form
from .tangent import GrowStream, Stream, Tag


class DualSweep(Figure):
    """One forward sweep on a graph, with a tangent of 1 at the input `seed` and 0 at the others.

    `source` is the name under which its numbers are entered. Verbs: `start`, `forward(step)`, `crown`, `clear`.
    """

    def __init__(self, graph: GraphForward, seed: str, source: str | None = None):
        super().__init__(graph.theme)
        self.steps = [step for step in graph.steps if isinstance(step, Step)]
        if len(self.steps) < len(graph.steps):
            raise StageError("a folded graph has no tangents for its folded boxes; unfold it, or take a smaller function")
        self.graph, self.trace, self.leaf = graph, graph.trace, seed
        self.source = source or f"tangents of {seed}"
        one: Any = 1.0
        value = next(s.value for s in self.trace.inputs if s.name == seed)
        if np.ndim(value):
            one = np.ones(np.shape(value))
        self.tangents: Tangents = self.trace.tangents({seed: one})
        self.reached = self._reached()
        self.tags: dict[int, Tag] = {}
        self.streams: dict[tuple[int, int], Stream] = {}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Forward mode on the graph: slopes with respect to {self.leaf} run from left to right beside the "
            "values."
        )

    def _reached(self) -> set[int]:
        """The steps that the seeded input reaches."""
        reached = {s.index for s in self.trace.inputs if s.name == self.leaf}
        for step in self.trace.steps:
            if any(e.source.index in reached for e in step.edges):
                reached.add(step.index)
        return reached

    def quantity(self, step: Step) -> Quantity:
        """The tangent of a step, entered under this sweep's source."""
        return replace(self.tangents.quantity(step), source=self.source)

    def carries(self, edge: Edge) -> bool:
        """Whether a wire carries a tangent in this sweep."""
        return edge.source.index in self.reached and edge_key(edge) in self.graph.wires

    def tag(self, step: Step) -> Tag:
        """The tag of a step, at the place where the reverse sweep has its basket."""
        if step.index not in self.tags:
            theme, live = self.theme, step.index in self.reached
            value = self.tangents[step]
            if np.ndim(value):
                face: VMobject = Bars(theme, np.asarray(value), 0.62, 0.26, "slope")
            else:
                face = Number(self.quantity(step), theme.tint("slope") if live else theme.muted, 26, "bold")
            made = Tag(theme, face, 0.36 if self.graph.dense else 0.40, live=live)
            x, y = self.graph.nodes[step.index].basket_at
            made.move_to([x + 0.03, y, 0])
            area = self.graph.area
            over = max(area.left - made.get_left()[0], 0.0) - max(made.get_right()[0] - area.right, 0.0)
            self.tags[step.index] = made.shift([over, 0, 0])  # a long number stays inside the frame
        return self.tags[step.index]

    # Verbs ----------------------------------------------------------------------------------------------------------

    def start(self, run_time: float = 1.0) -> LaggedStart:
        """Each input gets its tangent: one for the chosen input, zero for the others."""
        parts = [FadeIn(self.keep(self.tag(s), 8), shift=0.2 * DOWN) for s in self.trace.inputs]
        return LaggedStart(*parts, lag_ratio=0.25, run_time=run_time)

    def forward(self, step: Any, run_time: float = 0.9) -> list[Animation]:
        """Tangents run into a box along its wires, each multiplied by its local slope; the sum appears under the value."""
        node, theme = self.graph.nodes[step.index], self.theme
        lit = node.box.copy().set_fill(opacity=0).set_stroke(theme.ink, 2.5)
        lit.set_z_index(4)
        runs: list[Animation] = []
        for edge in step.edges:
            if self.carries(edge):
                stream = Stream(theme, self.graph.wires[edge_key(edge)], fine=self.graph.dense)
                self.streams[edge_key(edge)] = self.keep(stream, 1)
                runs.append(GrowStream(stream, run_time=run_time))
        tag = self.keep(self.tag(step), 8)
        stages: list[Animation] = [AnimationGroup(*runs, FadeIn(lit), run_time=run_time)] if runs else []
        stages.append(AnimationGroup(FadeIn(tag, shift=0.15 * DOWN), *([FadeOut(lit)] if runs else []), run_time=0.5))
        return stages

    def settle_all(self) -> DualSweep:
        """The whole sweep at once, without animation."""
        for step in self.steps:
            self.keep(self.tag(step), 8)
            for edge in step.edges:
                if self.carries(edge):
                    stream = Stream(self.theme, self.graph.wires[edge_key(edge)], fine=self.graph.dense)
                    stream.set_grown(1.0)
                    self.streams[edge_key(edge)] = self.keep(stream, 1)
        return self

    def crown(self, run_time: float = 0.8) -> Animation:
        """The tangent of the output glows: it is the slope of the chosen input."""
        tag = self.tag(self.trace.output)
        glow = Glow(self.theme.slope, tag.width + 1.1, 1.5, 0.42 * self.theme.glow).move_to(tag.get_center())
        return FadeIn(self.keep(glow, -5), run_time=run_time)

    def clear(self, run_time: float = 0.5) -> Animation:
        """The sweep goes, so that the next one can start."""
        parts = list(self.submobjects)
        self.drop(*parts)
        self.tags.clear()
        self.streams.clear()
        return AnimationGroup(*map(FadeOut, parts), run_time=run_time) if parts else Wait(0.1)

    # Words on the graph ---------------------------------------------------------------------------------------------

    def equation(self, step: Step, size: float = 36) -> Formula | None:
        """The tangent of a step in numbers, `ḟ = 2 · 3 + 5 · 1 = 11`: local slopes times tangents. None for arrays."""
        edges = [e for e in step.edges if self.carries(e)]
        if not edges or np.ndim(self.tangents[step]) or any(e.local is None or np.ndim(e.local) for e in edges):
            return None
        printed, total = [], 0.0
        for edge in edges:
            local, tangent = shown(float(edge.local)), shown(float(self.tangents[edge.source]))  # type: ignore[arg-type]
            total += read_back(local) * read_back(tangent)
            printed += [printed_form(self.trace.quantity("local", edge)), printed_form(self.quantity(edge.source))]
        result = shown(float(self.tangents[step]))
        printed.append(printed_form(self.quantity(step)))

        def write(mark: Marker) -> str:
            parts = []
            for i, edge in enumerate(edges):
                local, tangent = (factor(printed[2 * i + k].text, first=i + k == 0) for k in (0, 1))
                dot = mark("ink", None, "dot")
                parts.append(f"{mark('ink', edge.target.index, local)} {dot} {mark('slope', edge.source.index, tangent)}")
            same = "=" if closes(result, total) else "approx"
            head = f"dot({symbol(step, lambda role, index, body: body)})"
            total_text = mark("slope", step.index, number_source(result))
            return f"{mark('slope', step.index, head)} = {' + '.join(parts)} {mark('ink', None, same)} {total_text}"

        return Formula(write, self.theme, size, printed=printed)

