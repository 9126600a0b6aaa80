"""The two lines above a graph: the function itself, and what is being computed right now."""

from __future__ import annotations

from collections.abc import Callable

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

from chainreel.engine import Edge, EngineError, Step, Trace, formula, symbol

from ..figures.graph_forward import printed_form, subtree
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.rounding import closes, read_back, shown
from ..stage.theme import Theme

FIRST, SECOND = 3.12, 2.50  # heights of the two lines
TOP = 3.52
LOW = 0.66  # a line higher than this would touch its neighbours
ROOM = 11.6


class Headline:
    """`function` is the formula of the whole function, or of its last step where the whole is too long for a line."""

    def __init__(self, trace: Trace, theme: Theme, crowded: bool = False, full: bool = False):
        self.trace, self.theme = trace, theme
        self.full = full  # the graph takes the whole frame; there is room for no line at all
        self.crowded = crowded  # a large graph needs the room of the first line
        self.second = FIRST if crowded else SECOND
        self.whole = True
        self.function: Formula | None = None
        if not full:
            self.function = self._fit(lambda mark: self._write(mark, None), LOW) or self._fit(
                lambda mark: self._write(mark, None, inline=True), LOW
            )
        if self.function is None and not full:
            self.whole = False
            self.function = self._fit(lambda mark: self._write(mark, 0, inline=True), LOW)
        self.plate: VMobject | None = None
        self.line: VMobject | None = None  # what stands in the second place
        if self.function is not None:
            self.function.set_z_index(5)
            tall = self.function.height
            self.function.move_to([0, min(FIRST, TOP - tall / 2), 0])
            if crowded:
                self.line = self.function  # it gives way to the first line of arithmetic
            else:
                self.second = min(SECOND, self.function.get_bottom()[1] - 0.26)

    def _write(self, mark: Marker, expand: int | None, inline: bool = False) -> str:
        output = self.trace.output
        body = formula(output, mark, expand=expand, inline=inline)
        return f"{symbol(output, mark)} {mark('ink', None, '=')} {body}"

    def _fit(self, write: Callable[[Marker], str], tallest: float) -> Formula | None:
        for size in (44, 40, 36, 34, 32):
            try:
                made = Formula(write, self.theme, size)
            except EngineError:  # too long to print
                return None
            if made.width <= ROOM and made.height <= tallest:
                return made
        return None

    def light(self, step: Step) -> AnimationGroup | None:
        """A plate behind the part of the formula that a step computes."""
        if self.function is None or not self.whole or self.crowded:
            return None
        members = subtree(step)
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
        runs = [r for r in runs if any(g.mark.step == step.index for g in r)]
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

    def unlight(self) -> FadeOut | None:
        """The plate goes."""
        old, self.plate = self.plate, None
        return None if old is None else FadeOut(old)

    def arithmetic(self, step: Step) -> Formula | None:
        """A step with its numbers: `q = sin(p) = sin(−0.75) = −0.68`; ≈ where the shown numbers do not close exactly."""
        trace = self.trace
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
            if made.width <= ROOM and made.height <= LOW:
                return made.move_to([0, self.second, 0]).set_z_index(5)
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
        return [LaggedStart(FadeOut(old, shift=0.12 * UP), FadeIn(line, shift=0.12 * UP), lag_ratio=0.6, run_time=0.9)]

