"""The two lines above a graph: the function itself, and what is being computed right now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import (
    UP,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    ReplacementTransform,
    RoundedRectangle,
    VGroup,
    VMobject,
)

from chainreel.engine import Edge, EngineError, Step, Trace, formula

from ..figures.folding import Block, Node, View, symbol
from ..figures.graph_forward import printed_form, subtree
from ..stage.area import safe_area
from ..stage.digits import legible
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.relabel import TransformLabels
from ..stage.rounding import closes, read_back, shown
from ..stage.theme import Theme

FIRST, SECOND = 0.40, 1.02  # the two lines, below the top of the frame
SIDE = 0.46  # free on both sides
MOST = 60  # steps of a function that may still be a line
LOW = 0.66  # a line higher than this would touch its neighbours


class Headline:
    """`function` is the formula of the whole function, or of its last step where the whole is too long for a line."""

    def __init__(
        self, trace: Trace, theme: Theme, crowded: bool = False, full: bool = False, view: View | None = None
    ):
        self.trace, self.theme = trace, theme
        self.view = view
        area = safe_area()
        self.top, self.middle = area.top, float(area.center[0])
        self.room = area.width - 2 * SIDE
        self.full = full  # the graph takes the whole frame; there is room for no line at all
        self.crowded = crowded  # a large graph needs the room of the first line
        self.second = self.top - (FIRST if crowded else SECOND)
        self.whole = True
        self.function: Formula | None = None
        if not full and len(trace.steps) <= MOST:
            self.function = self._fit(lambda mark: self._write(mark, None), LOW) or self._fit(
                lambda mark: self._write(mark, None, inline=True), LOW
            )
        if self.function is None and not full:
            self.whole = False
            self.function = self._fit(self._call, LOW) if trace.function.kind != "text" else None
            if self.function is None and not isinstance(self._node(trace.output), Block):
                self.function = self._fit(lambda mark: self._write(mark, 0, inline=True), LOW)
        self.plate: VMobject | None = None
        self.line: VMobject | None = None  # what stands in the second place
        if self.function is not None:
            self.function.set_z_index(5)
            tall = self.function.height
            self.function.move_to([self.middle, min(self.top - FIRST, self.top - tall / 2), 0])
            if crowded:
                self.line = self.function  # it gives way to the first line of arithmetic
            else:
                self.second = min(self.top - SECOND, self.function.get_bottom()[1] - 0.26)

    def _write(self, mark: Marker, expand: int | None, inline: bool = False) -> str:
        output = self.trace.output
        body = formula(output, mark, expand=expand, inline=inline)
        return f"{symbol(output, mark)} {mark('ink', None, '=')} {body}"

    def _call(self, mark: Marker) -> str:
        """`L = loss(w, b)`: the user's own name for what is too long to be written out."""
        trace = self.trace
        inputs = [symbol(s, mark) for s in (self.view.inputs if self.view is not None else trace.inputs)]
        name = mark("ink", None, f'upright("{trace.function.name}")')
        inside = f" {mark('ink', None, 'comma')} ".join(inputs)
        brackets = mark("ink", None, "paren.l"), mark("ink", None, "paren.r")
        return f"{symbol(trace.output, mark)} {mark('ink', None, '=')} {name} {brackets[0]} {inside} {brackets[1]}"

    def _node(self, step: Step) -> Node:
        return step if self.view is None else self.view.node_of.get(step.index, step)

    def _fit(self, write: Callable[[Marker], str], tallest: float) -> Formula | None:
        for size in (44, 40, 36, 34, 32):
            try:
                made = Formula(write, self.theme, size)
            except EngineError:  # too long to print
                return None
            if made.width <= self.room and made.height <= tallest and legible(made):
                return made
        return None

    def light(self, step: Node) -> Any:
        """A plate behind the part of the formula that a step computes."""
        if self.function is None or not self.whole or self.crowded:
            return None
        if isinstance(step, Block) and len(step.outputs) > 1:
            return self.unlight()
        members = subtree(step)
        result = step.outputs[0].index if isinstance(step, Block) else step.index
        runs: list[list[VMobject]] = []
        own = False
        for glyph in self.function:
            if glyph.mark.step in members:
                if own:
                    runs[-1].append(glyph)
                else:
                    runs.append([glyph])
                own = True
            else:
                own = False
        runs = [r for r in runs if any(g.mark.step == result for g in r)]
        skip = self.function[0]
        runs = [r for r in runs if skip not in r or len(r) > 1]
        if not runs:
            return None
        plates = VGroup()
        for run in runs[:3]:
            group = VGroup(*run)
            plate = RoundedRectangle(corner_radius=0.10, width=group.width + 0.16, height=max(group.height + 0.16, 0.5))
            plate.move_to(group.get_center())
            if self.theme.dark:
                plate.set_fill(self.theme.value, 0.20).set_stroke(width=0)
            else:
                plate.set_fill(opacity=0).set_stroke(self.theme.value, 2)
            plates.add(plate.set_z_index(4))
        for plate in plates:
            plate.set_z_index(4)
        old, self.plate = self.plate, plates
        return FadeIn(plates) if old is None else AnimationGroup(ReplacementTransform(old, plates))

    def unlight(self) -> Any:
        """The plate goes."""
        old, self.plate = self.plate, None
        return None if old is None else FadeOut(old)

    def arithmetic(self, step: Node) -> Formula | None:
        """A step with its numbers: `q = sin(p) = sin(−0.75) = −0.68`; ≈ where the shown numbers do not close exactly."""
        trace = self.trace
        if isinstance(step, Block):
            return None if np.ndim(step.value) or self.view is None else self._outcome(step)
        if np.ndim(step.value) or any(np.ndim(e.source.value) for e in step.edges):
            return self._try(lambda mark: self._names(step, mark))
        printed = [printed_form(trace.quantity("value", s)) for s in [*(e.source for e in step.edges), step]]
        result = shown(float(step.value))

        def numbers(source: Step) -> str:
            return number_source(shown(float(source.value)))

        def write(mark: Marker) -> str:
            equal, same = mark("ink", None, "="), mark("ink", None, "=" if self._exact(step, result) else "approx")
            with_numbers = formula(step, mark, expand=0, numbers=numbers, inline=True)
            shown_result = mark("value", step.index, number_source(result))
            return f"{self._names(step, mark)} {equal} {with_numbers} {same} {shown_result}"

        made = self._try(write)
        if made is not None:
            made.provenance = printed
        return made

    def _outcome(self, step: Block) -> Formula | None:
        """What comes out of a folded box: `h = 0.83`."""
        assert self.view is not None
        entry = printed_form(self.view.quantity("value", step))

        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark('value', step.index, number_source(entry.text))}"

        made = self._try(write)
        if made is not None:
            made.provenance = [entry]
        return made

    @staticmethod
    def _names(step: Step, mark: Marker) -> str:
        return f"{symbol(step, mark)} {mark('ink', None, '=')} {formula(step, mark, expand=0, inline=True)}"

    def _try(self, write: Callable[[Marker], str]) -> Formula | None:
        if self.full:
            return None
        for size in (38, 34, 32):
            try:
                made = Formula(write, self.theme, size)
            except StageError:
                return None
            if made.width <= self.room and made.height <= LOW and legible(made):
                return made.move_to([self.middle, self.second, 0]).set_z_index(5)
        return None

    def _exact(self, step: Step, result: str) -> bool:
        values = [
            read_back(shown(float(p.source.value))) if isinstance(p, Edge) else float(p.value) for p in step.operands
        ]
        a = values[0]
        b = values[1] if len(values) > 1 else 0.0
        try:
            known = {
                "add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: a / b,
                "neg": lambda: -a, "square": lambda: a * a, "pow": lambda: a**b,
            }.get(step.primitive)  # fmt: skip
            again = known() if known else None
        except (ArithmeticError, ValueError):
            return False
        if again is None:  # a transcendental step is rounded by its nature
            return shown(float(step.value), 12) == shown(read_back(result), 12)
        return closes(result, again)

    def say(self, line: VMobject | None, fresh: bool = False) -> list:
        """Put another line in the second place; the old one turns into it."""
        if self.full:
            line = None
        old, self.line = self.line, line
        if old is None and line is None:
            return []
        if line is None:
            return [FadeOut(old)]
        if old is None:
            return [FadeIn(line, shift=0.12 * UP)]
        slide = TransformLabels(old, line)
        if slide.shared:  # a symbol that stays slides to its new place
            return [slide]
        return [LaggedStart(FadeOut(old, shift=0.12 * UP), FadeIn(line, shift=0.12 * UP), lag_ratio=0.6, run_time=0.9)]

