"""S8: blame flowing back through the same graph, from the output to the knobs.

Reads adjoints and per-edge contributions. Invariants: the sum of the chips that reach a basket is its adjoint; chips
move only along wires; the layout is the one of GraphForward.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    VGroup,
    VMobject,
    Wait,
)

from chainreel.engine import Quantity, local_formula

from ..stage.bars import Bars
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.number import Number
from ..stage.parts import Chip, basket
from ..stage.ribbon import GrowRibbon, Ribbon
from ..stage.rounding import closes, read_back, shown
from .contour_descent import exact
from .figure import Figure
from .folding import Link, symbol
from .folding import Node as Step
from .folding import Wire as Edge
from .graph_forward import GraphForward, blame_width, edge_key, printed_form


class GraphBackward(Figure):
    """The reverse sweep on a graph. Verbs: `seed`, `backward(step)`, `calm(step)`.

    `order` is the order of the sweep: the operations from the last to the first. With `full` a chip prints a slope of up to
    four decimals in full, so that shown products close.
    """

    def __init__(self, graph: GraphForward, *, full: bool = False):
        super().__init__(graph.theme)
        self.graph, self.trace, self.full = graph, graph.trace, full
        self.order = list(reversed(graph.operations))
        self.widths = blame_width(self.trace, graph.edges, 0.3 if graph.dense else 0.62)
        self.baskets: dict[int, VGroup] = {}
        self.sums: dict[int, Chip] = {}
        self.ribbons: dict[tuple[int, int], Ribbon] = {}
        self.chips: dict[tuple[int, int], Chip] = {}
        self.arrived: dict[int, list[Edge]] = {}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Blame runs back through the graph of {self.trace.output.name}, from right to left, and adds up at "
            f"{self.counted(self.graph.inputs, 'input')}."
        )

    # Parts ----------------------------------------------------------------------------------------------------------

    def _chip(self, what: Step | Edge, kind: str, size: float = 26) -> Chip:
        value = what.adjoint if kind == "adjoint" else what.contribution if kind == "contribution" else what.running  # type: ignore[union-attr]
        if np.ndim(value):
            face: VMobject = Bars(self.theme, np.asarray(value), 0.62, 0.26, "ink")
            for part in face:
                part.set_fill(self.theme.on_slope).set_stroke(self.theme.on_slope)
            return Chip(self.theme, face, 0.38)
        decimals = exact(float(value)) if self.full else None
        number = Number(self.graph.view.quantity(kind, what), self.theme.on_slope, size, "bold", decimals=decimals)
        dense = self.graph.dense
        return Chip(self.theme, number, 0.36 if dense else 0.38, slim=dense)

    def _basket(self, step: Step) -> VGroup:
        if step.index not in self.baskets:
            node = self.graph.nodes[step.index]
            chip = self._chip(step, "adjoint")
            width = max(node.basket_width, chip.width + (0.08 if self.graph.dense else 0.16))
            tray = basket(self.theme, width).move_to([*node.basket_at, 0])
            aligned = self.graph.rows.beside or not (self.graph.dense or self.graph.rows.above)
            if step.primitive == "input" and aligned:  # right edge stays where the label ends
                tray.shift([(node.basket_width - width) / 2, 0, 0])
                # a very long number stands rather over its dial than out of the frame
                tray.shift([max(0.0, self.graph.area.left - float(tray.get_left()[0])), 0, 0])
            self.baskets[step.index] = tray
        return self.baskets[step.index]

    def _place(self, step: Step) -> np.ndarray:
        return self._basket(step).get_center() + np.array([0.03, 0.02, 0])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear_baskets(self) -> LaggedStart:
        """An empty tray under every value, from right to left."""
        order = [*self.order, *reversed(self.graph.inputs)]
        parts = [FadeIn(self.keep(self._basket(s), 6), shift=0.1 * DOWN) for s in order]
        return LaggedStart(*parts, lag_ratio=0.12, run_time=1.2)

    def seed(self) -> list[Animation]:
        """The output answers for itself completely: a chip of one lands in its basket."""
        step = self.graph.view.output
        chip = self._chip(step, "adjoint")
        chip.move_to(self._place(step))
        self.sums[step.index] = self.keep(chip, 8)
        start: list[Animation] = [FadeIn(chip, shift=0.35 * DOWN)]
        if self.graph.fresh is not None:  # nothing on the tape is new any more
            start.append(FadeOut(self.graph.fresh))
            self.graph.drop(self.graph.fresh)
            self.graph.fresh = None
        return [AnimationGroup(*start, run_time=0.8)]

    def backward(self, step: Step, run_time: float = 1.4, lamp: bool = True) -> list[Animation]:
        """The blame of a step goes back along each of its wires, multiplied by the local slope, and adds up in baskets.

        Without `lamp` no pool of light lies under it: where several go at once, one is lit.
        """
        theme, node = self.theme, self.graph.nodes[step.index]
        lit = node.box.copy().set_fill(opacity=0).set_stroke(theme.ink, 2.5)
        lit.set_z_index(4)
        light = [Glow.pool(theme, 2.6, 2.2).move_to(node.box.get_center())] if lamp else []
        outlines = self.graph.reads(self._read(step))
        rides = [(e, *self._ride(e, run_time)) for e in self._edges(step)]
        stages: list[Animation] = [AnimationGroup(FadeIn(lit), *map(FadeIn, [*light, *outlines]), run_time=0.3)]
        if rides:
            wires = [self.graph.lines[edge_key(e)].animate.set_stroke(opacity=0.0) for e, *_ in rides]
            stages.append(AnimationGroup(*(animation for *_, animation in rides), *wires))
        land, leave = self._land(rides)
        if land:
            stages.append(AnimationGroup(*land, run_time=0.6))
        stages.append(AnimationGroup(*map(FadeOut, [lit, *light, *outlines]), *leave, run_time=0.4))
        return stages

    def rush(self, steps: Sequence[Step], run_time: float = 0.7) -> list[Animation]:
        """The blame of several boxes goes back at once, without light: for a sweep that has been told already."""
        rides = [(e, *self._ride(e, run_time)) for step in steps for e in self._edges(step)]
        if not rides:
            return []
        wires = [self.graph.lines[edge_key(e)].animate.set_stroke(opacity=0.0) for e, *_ in rides]
        land, leave = self._land(rides)
        moments: list[Animation] = [AnimationGroup(*(animation for *_, animation in rides), *wires, run_time=run_time)]
        if land or leave:
            moments.append(AnimationGroup(*land, *leave, run_time=0.5))
        return moments

    def _read(self, step: Step) -> list[Step]:
        """The values from which the local slopes of a step are computed."""
        if step.primitive in ("add", "sub", "neg", "sum", "mean"):
            return []
        if step.primitive in ("exp", "tanh", "sigmoid"):
            return [step]  # their slope is a formula in the result
        edges = self._edges(step)
        sources = {e.source.index: e.source for e in edges}
        return list(sources.values()) if len(edges) > 1 or step.primitive != "mul" else []

    def _edges(self, step: Step) -> list[Edge]:
        return list(self.graph.into(step))

    def _ride(self, edge: Edge, run_time: float) -> tuple[Ribbon, Chip, GrowRibbon]:
        wire = self.graph.wires[edge_key(edge)]
        chip = self._chip(edge, "contribution")
        many = self.graph.rests(edge.source)
        room = chip.width / 2 + 0.12
        stop = room if many else 0.36 * chip.width if edge.source.is_input else 0.0  # it must not hide the input's label
        rest = min(stop / max(wire.length, 1e-6), 0.5)
        free = 2 * room if many else 0.0
        ribbon = Ribbon(self.theme, wire, self.widths[edge_key(edge)], keep_free=free, fine=self.graph.dense)
        self.ribbons[edge_key(edge)] = self.keep(ribbon, 1)
        self.chips[edge_key(edge)] = chip
        chip.set_z_index(8)
        for part in chip.get_family():
            part.set_z_index(8)
        return ribbon, chip, GrowRibbon(
            ribbon, chip, rest, None if many else self._place(edge.source),
            absorb=self._shared(edge.source) and not many, run_time=run_time,
        )  # fmt: skip

    def _shared(self, step: Step) -> bool:
        return sum(1 for e in self.graph.edges if e.source.index == step.index) > 1

    def _land(self, rides: list) -> tuple[list, list]:
        """What falls into the baskets, and what changes there; a basket always shows the sum of what has arrived.

        Where several arrive they stay on their wires as long as there is room; in a dense graph they are absorbed.
        """
        land, leave = [], []
        for edge, _, chip, animation in rides:
            self.arrived.setdefault(edge.source.index, []).append(edge)
            if not self._shared(edge.source):
                self.sums[edge.source.index] = self.keep(chip, 8)
            elif self.graph.rests(edge.source):
                self.keep(chip, 8)
                copy = chip.copy().move_to(self.graph.wires[edge_key(edge)].at(animation.rest_at))
                land.append(FadeOut(copy, target_position=self._place(edge.source), scale=0.7))
        last = {e.source.index: e for e, *_ in rides if self._shared(e.source)}
        for index, edge in last.items():
            old = self.sums.get(index)
            total = self._chip(edge, "running").move_to(self._place(edge.source))
            self.sums[index] = self.keep(total, 9)
            leave.append(FadeIn(total))
            if old is not None:
                self.drop(old)
                leave.append(FadeOut(old))
        return land, leave

    def calm(self, step: Step) -> AnimationGroup:
        """The ribbons of a step rest: fainter, so that the next one is the brightest."""
        parts = []
        for edge in self._edges(step):
            ribbon = self.ribbons[edge_key(edge)]
            parts.append(ribbon.band.animate.set_fill(opacity=ribbon.rest_opacity))
        return AnimationGroup(*parts, run_time=0.4) if parts else AnimationGroup(Wait(0.1))

    def crown(self) -> LaggedStart:
        """The baskets of the inputs glow: this is the gradient."""
        parts = []
        for step in self.graph.inputs:
            tray = self._basket(step)
            high = 1.0 if self.graph.narrow else 1.5  # there the next label is near
            glow = Glow(self.theme.slope, tray.width + 1.1, high, 0.42 * self.theme.glow).move_to(tray.get_center())
            parts.append(FadeIn(self.keep(glow, -5)))
        return LaggedStart(*parts, lag_ratio=0.3, run_time=1.0)

    def settle_all(self) -> GraphBackward:
        """Every ribbon, chip and basket at once, without animation."""
        step = self.graph.view.output
        self.keep(self._basket(step), 6)
        chip = self._chip(step, "adjoint").move_to(self._place(step))
        self.sums[step.index] = self.keep(chip, 8)
        for operation in self.order:
            rides = [(e, *self._ride(e, 1.0)) for e in self._edges(operation)]
            for edge, ribbon, _, animation in rides:
                animation.interpolate_mobject(1.0)
                ribbon.band.set_fill(opacity=ribbon.rest_opacity)
                self.keep(self._basket(edge.source), 6)
            self._land(rides)
        return self

    # Words on the graph ---------------------------------------------------------------------------------------------

    @staticmethod
    def printed(quantity: Quantity) -> Printed:
        """A number of the sweep as it stands in formulas."""
        return printed_form(quantity)

    def sum_equation(self, source: Step, size: float = 40) -> Formula | None:
        """`∂f/∂a = 5 + 6 = 11`: what came to a basket and what it makes. None for arrays and for very many parts."""
        uses = self.graph.view.uses(source)
        if np.ndim(source.adjoint) or not 2 <= len(uses) <= 4:
            return None
        view, trace = self.graph.view, self.trace
        parts = [printed_form(view.quantity("contribution", e)) for e in uses]
        total = printed_form(view.quantity("adjoint", source))

        def write(mark: Marker) -> str:
            d = mark("slope", None, "partial")
            terms = ""
            for e, p in zip(uses, parts, strict=True):
                minus = p.text.startswith("−")
                sign = mark("ink", None, "-" if minus else "+") if terms or minus else ""
                terms += f" {sign} " + mark("slope", e.target.index, number_source(p.text.removeprefix("−")))
            same = "=" if closes(total.text, sum(read_back(p.text) for p in parts)) else "approx"
            head = f"{d} {symbol(trace.output, mark)} slash {d} {symbol(source, mark)} {mark('ink', None, '=')}"
            return f"{head} {terms} {mark('ink', None, same)} {mark('slope', source.index, number_source(total.text))}"

        return Formula(write, self.theme, size, printed=[*parts, total])

    def equation(self, edge: Edge, size: float = 36) -> Formula:
        """One chain-rule step with its numbers: blame of the target × local slope = what this wire carries."""
        theme = self.theme
        printed = []

        def write(mark: Marker) -> str:
            target, source = edge.target, edge.source
            adjoint = shown(float(target.adjoint))
            result = shown(float(edge.contribution))
            local = shown(float(edge.local))  # type: ignore[arg-type]
            a = mark("slope", target.index, number_source(adjoint))
            b = mark("slope", target.index, _signed(local))
            c = mark("slope", source.index, number_source(result))
            for kind in ("adjoint", "local", "contribution"):
                what = target if kind == "adjoint" else edge
                printed.append(printed_form(self.graph.view.quantity(kind, what)))
            same = "=" if closes(result, read_back(adjoint) * read_back(local)) else "approx"
            real = edge.real if isinstance(edge, Link) else edge
            assert real is not None
            factor = local_formula(real, mark)
            plain = local_formula(real, lambda role, index, body: body)
            copied = not re.search("[A-Za-z]", plain.replace(" dot ", " "))  # a constant, which stands there as a number anyway
            if is_sum(plain):
                factor = f"paren.l {factor} paren.r"
            low = not any(tall in factor for tall in ("frac(", "cases(", "sqrt("))  # it must fit on a line
            head = f"{symbol(source, mark)} {mark('ink', None, 'arrow.l')} {a} {mark('ink', None, 'dot')}"
            tail = f"{mark('ink', None, same)} {c}"
            if low and factor_says_more(edge) and not copied:
                return f"{head} {factor} {mark('ink', None, '=')} {a} {mark('ink', None, 'dot')} {b} {tail}"
            return f"{head} {b} {tail}"

        return Formula(write, theme, size, printed=printed)

    def gradient_line(self, size: float = 38, inputs: Sequence[Step] | None = None, tinted: bool = False) -> Formula:
        """The slopes of the output, `∂f/∂x = 2.63   ∂f/∂y = 1.10`: all of them, or those for some inputs."""
        trace = self.trace
        scalar = [s for s in (self.graph.inputs if inputs is None else inputs) if not np.ndim(s.adjoint)]
        printed = [printed_form(self.graph.view.quantity("adjoint", s)) for s in scalar]

        def write(mark: Marker) -> str:
            parts = []
            for step, entry in zip(scalar, printed, strict=True):
                d = mark("slope", None, "partial")
                top, low = symbol(trace.output, mark), symbol(step, mark)
                value = mark("slope", step.index, number_source(entry.text))
                parts.append(f"{d} {top} {mark('ink', None, 'slash')} {d} {low} {mark('ink', None, '=')} {value}")
            return " quad quad ".join(parts)

        return Formula(write, self.theme, size, tinted=tinted, printed=printed)


def _signed(text: str) -> str:
    """A factor in a product: negative numbers stand in parentheses."""
    source = number_source(text)
    return f"paren.l {source} paren.r" if source.startswith("-") else source


def is_sum(source: str) -> bool:
    """Whether a formula needs parentheses as a factor: it has a plus or minus outside of all parentheses.

    >>> is_sum("1 - tanh(q)^2"), is_sum("cos(p - 1)"), is_sum("-sin(x)")
    (True, False, True)
    """
    depth = 0
    for character in source:
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and character in "+-":
            return True
    return False


def factor_says_more(edge: Edge) -> bool:
    """Whether the rule behind a local slope is worth writing out: not for a plain 1, −1 or a copied constant."""
    return edge.target.primitive not in ("add", "sub", "neg", "sum")


def is_scalar(edge: Edge) -> bool:
    """Whether every number of a chain-rule step is a single one, so that it can be written out."""
    return edge.local is not None and not any(np.ndim(v) for v in (edge.local, edge.adjoint, edge.contribution))
