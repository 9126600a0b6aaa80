"""S8: slopes at the knobs condense into a formula – numbers become the products that they are, equal factors become powers.

Reads a trace in which the data are inputs too. Invariants: each product is the engine's local rules along the one route to
the knob, and its value is the adjoint; the condensed line has the same factors.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, LaggedStart, VGroup

from chainreel.engine import Quantity, Trace, local_formula
from chainreel.engine.paths import Paths
from chainreel.engine.symbols import typeset

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.relabel import TransformLabels
from ..stage.theme import Theme
from .contour_descent import exact
from .figure import Figure
from .symbols import printed

SIZES = (42, 38, 34, 32)


@dataclass(frozen=True)
class Factor:
    """A rate that is not 1, as the engine writes it, and its value."""

    body: str
    value: float


class CondensedSlopes(Figure):
    """The slopes of the output of `trace` by `knobs`, one line each, in `area`; all other inputs are data.

    Verbs: `appear` (names and numbers), `open` (each number becomes its product), `gather` (equal factors become powers),
    `condense` (all lines become one). Raises StageError where a knob has several routes or a rate is no single number.
    """

    def __init__(self, trace: Trace, theme: Theme, knobs: Sequence[str], area: Area, *, source: str = "trace"):
        super().__init__(theme)
        self.trace, self.knobs, self.source, self.area = trace, tuple(knobs), source, area
        self.inputs = {step.name: step for step in trace.inputs}
        if strange := [k for k in knobs if k not in self.inputs]:
            raise StageError(f"{strange[0]} is no input; inputs are {', '.join(map(str, self.inputs))}")
        self._data = {step.index for name, step in self.inputs.items() if name not in knobs}
        self.factors: dict[str, list[Factor]] = {}
        for name in knobs:
            paths = Paths(trace, name)
            if paths.count != 1:
                raise StageError(f"{name} reaches the output by {paths.count} routes; its slope is a sum, not one product")
            found = [(local_formula(edge), float(edge.local)) for edge in reversed(paths[0].edges)]  # type: ignore[arg-type]
            self.factors[name] = [Factor(body, value) for body, value in found if body != "1"]
            value = math.prod(f.value for f in self.factors[name])
            if not np.isclose(value, float(self.inputs[name].adjoint), rtol=1e-12, atol=1e-15):
                raise StageError(f"the rates along the way to {name} are no single factors")
        self.sources = {f.body: self._writer(f.body) for fs in self.factors.values() for f in fs}
        self.lines: list[Formula] = []
        self.size = next((s for s in SIZES if self._fits(s)), SIZES[-1])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"The slopes by {self.listed(self.knobs)} turn into the products that they are, and condense into one formula."

    # Factors --------------------------------------------------------------------------------------------------------

    def _marks(self, mark: Marker) -> Callable[[str, int | None, str], str]:
        """A marker that paints data as data; the engine knows inputs only."""
        return lambda role, step, body: mark("data" if role == "knob" and step in self._data else role, step, body)

    def _writer(self, body: str) -> Callable[[Marker], str]:
        """How the factor is written with marks."""
        edges = {local_formula(edge): edge for name in self.knobs for edge in Paths(self.trace, name)[0].edges}
        return lambda mark: local_formula(edges[body], self._marks(mark))

    @property
    def common(self) -> list[str]:
        """The factors that every slope has, as bodies, in the order of the sweep."""
        shared = Counter(f.body for f in self.factors[self.knobs[0]])
        for name in self.knobs[1:]:
            shared &= Counter(f.body for f in self.factors[name])
        return list(shared.elements())

    def powers(self, name: str) -> list[tuple[str, int]]:
        """The factors of a slope that not every other has, each with its power."""
        own = Counter(f.body for f in self.factors[name]) - Counter(self.common)
        return list(own.items())

    def adjoint(self, name: str) -> Quantity:
        """The slope by a knob."""
        return replace(self.trace.quantity("adjoint", self.inputs[name]), source=self.source)

    # Lines ----------------------------------------------------------------------------------------------------------

    def _head(self, name: str, mark: Marker) -> str:
        d, out = mark("slope", None, "partial"), mark("loss", self.trace.output.index, "L")
        knob = mark("knob", self.inputs[name].index, typeset(name))
        return f"{d} {out} {mark('ink', None, 'slash')} {d} {knob} {mark('ink', None, '=')}"

    def number_line(self, name: str, size: float | None = None) -> Formula:
        """`∂L/∂c₂ = 0.375`."""
        slope = self.adjoint(name)
        entry = printed(slope, exact(float(slope.value)))
        return Formula(
            lambda mark: f"{self._head(name, mark)} {mark('slope', self.inputs[name].index, number_source(entry.text))}",
            self.theme, size or self.size, tinted=True, printed=[entry],
        )  # fmt: skip

    def product_line(self, name: str, size: float | None = None) -> Formula:
        """`∂L/∂c₂ = 2 gap · x · x`."""

        def write(mark: Marker) -> str:
            dot = f" {mark('ink', None, 'dot')} "
            parts = [self.sources[f.body](mark) for f in self.factors[name]]
            return f"{self._head(name, mark)} {dot.join(parts) or mark('ink', None, '1')}"

        return Formula(write, self.theme, size or self.size, tinted=True)

    def power_line(self, name: str, size: float | None = None) -> Formula:
        """`∂L/∂c₂ = 2 gap · x²`."""

        def write(mark: Marker) -> str:
            head = [self.sources[body](mark) for body in self.common]
            dot = f" {mark('ink', None, 'dot')} "
            return f"{self._head(name, mark)} {dot.join([*head, self._powers(name, mark)])}"

        return Formula(write, self.theme, size or self.size, tinted=True)

    def _powers(self, name: str, mark: Marker) -> str:
        dot = f" {mark('ink', None, 'dot')} "
        parts = []
        for body, count in self.powers(name):
            text = self.sources[body](mark)
            simple = len(body.split()) == 1
            base = text if simple else f"({text})"
            parts.append(text if count == 1 else f"{base}^{mark('ink', None, str(count))}")
        return dot.join(parts) or mark("ink", None, "1")

    def whole(self, size: float | None = None) -> Formula:
        """`∇L = 2 gap · (1, x, x², x³)`."""

        def write(mark: Marker) -> str:
            dot = f" {mark('ink', None, 'dot')} "
            head = dot.join(self.sources[body](mark) for body in self.common)
            comma = mark("ink", None, '","') + " "
            inside = comma.join(self._powers(name, mark) for name in self.knobs)
            name = f"{mark('slope', None, 'nabla')} {mark('loss', self.trace.output.index, 'L')} {mark('ink', None, '=')}"
            before = head + dot if head else ""
            return f"{name} {before}lr(({inside}))"

        return Formula(write, self.theme, size or self.size + 10, tinted=True)

    def _fits(self, size: float) -> bool:
        lines = [make(name, size) for name in self.knobs for make in (self.product_line, self.number_line)]
        return max(line.width for line in lines) <= self.area.width

    def _laid(self, make: Callable[[str], Formula]) -> list[Formula]:
        lines = [make(name) for name in self.knobs]
        pitch = min(self.area.height / len(lines), 1.0)
        top = float(self.area.center[1]) + pitch * (len(lines) - 1) / 2
        for k, line in enumerate(lines):
            line.set_baseline(self.area.left, top - pitch * k - 0.12)
        return lines

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> LaggedStart:
        """A line for each knob: its name and its slope."""
        self.lines = [self.keep(line, 5) for line in self._laid(self.number_line)]
        return LaggedStart(*(FadeIn(line, shift=0.15 * np.array([1.0, 0, 0])) for line in self.lines), lag_ratio=0.25,
                           run_time=run_time)  # fmt: skip

    def open(self, run_time: float = 1.6) -> AnimationGroup:
        """Each number becomes the product of the rates on the way to its knob."""
        return self._turn(self._laid(self.product_line), run_time)

    def gather(self, run_time: float = 1.4) -> AnimationGroup:
        """Equal factors become powers."""
        return self._turn(self._laid(self.power_line), run_time)

    def condense(self, run_time: float = 1.8) -> Animation:
        """All lines become one: what they share stands before the parentheses."""
        self.formula = self.whole()
        self.formula.move_to(self.area.center)
        self.drop(*self.lines)
        old, self.lines = VGroup(*self.lines), [self.keep(self.formula, 6)]
        return TransformLabels(old, self.formula, run_time=run_time)

    def _turn(self, fresh: list[Formula], run_time: float) -> AnimationGroup:
        if not self.lines:
            raise StageError("there is no line yet; call appear first")
        moves = [TransformLabels(old, new) for old, new in zip(self.lines, fresh, strict=True)]
        self.drop(*self.lines)
        self.lines = [self.keep(line, 5) for line in fresh]
        return AnimationGroup(*moves, run_time=run_time)


__all__ = ["CondensedSlopes"]
