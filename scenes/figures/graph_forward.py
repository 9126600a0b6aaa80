"""S7: a function as a computational graph, and its values flowing through it from left to right.

Reads the trace: order, values, names. Invariants: no wire goes left; every number is the engine's; layout is the one
that the backward sweep uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    RoundedRectangle,
    VGroup,
    VMobject,
)

from chainreel.engine import Constant, Edge, Quantity, Step, Trace, operator_label, symbol

from ..stage.bars import Bars
from ..stage.dial import Dial, dial_range
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.number import Number, Roll
from ..stage.parts import awaiting, panel, sign, slot
from ..stage.pulse import RunPulse
from ..stage.rounding import decimals_for, shown
from ..stage.stage import TOP
from ..stage.tape import Tape, drop_line
from ..stage.theme import Theme, mix
from ..stage.type import Label, set_line
from ..stage.wire import Wire
from .figure import Figure
from .layout import CARD, WIDE, Room, Style, arrange, inputs_style, packed_inputs, shown_edges, shown_steps

BOX = (1.1, 0.7)
ROLE = {"input": "knob"}


@dataclass
class Node:
    """The parts of one step on screen. `holder` is the round that will hold its value."""

    step: Step
    x: float
    y: float
    dial: Any = None
    label: Any = None  # "x = 1.5" beside a dial
    box: Any = None
    sign: Any = None
    name: Any = None
    ring: Any = None  # dashed, before the value is known
    holder: Any = None
    value: Any = None  # Number, or Bars of an array
    link: Any = None  # from box to holder
    out: tuple[float, float] = (0.0, 0.0)
    into: tuple[float, float] = (0.0, 0.0)
    basket_at: tuple[float, float] = (0.0, 0.0)
    basket_width: float = 0.8
    cell: Any = None


class GraphForward(Figure):
    """The graph of a trace. Verbs: `appear`, `wire_up`, `forward(step)`, `settle(step)`.

    `area` is (left, right, bottom, top) in frame units; the tape is shown when there is room for it.
    """

    def __init__(
        self,
        trace: Trace,
        theme: Theme,
        area: tuple[float, float, float, float] = (-6.26, 6.26, -2.72, 2.25),
        tape: bool | None = None,
    ):
        super().__init__(theme)
        self.trace = trace
        self.steps = shown_steps(trace)
        self.operations = [s for s in self.steps if s.primitive != "input"]
        self.edges = shown_edges(trace)
        self.labels = {s.index: self._input_label(s) for s in trace.inputs}
        self.values = {s.index: self._value(s) for s in self.operations}
        self.signs = {s.index: self._sign(s) for s in self.operations}
        left, right, bottom, top = area
        self._arrange(left, right, bottom, top, tape)
        self.nodes: dict[int, Node] = {}
        for step in self.steps:
            self.nodes[step.index] = self._node(step)
        self.wires: dict[tuple[int, int], Wire] = {}
        self.lines: dict[tuple[int, int], VMobject] = {}
        self._route()
        self.fresh: VMobject | None = None  # the outline of the newest cell on the tape
        self.tape: Any = Tape(theme, left + 0.08, right - 0.08) if self.tape_wanted else None

    # Layout ---------------------------------------------------------------------------------------------------------

    def _styles(self) -> dict[str, Style]:
        """Styles from roomy to tight."""
        number = number_width(self.values.values())
        holders = {s.index: self.values[s.index].width for s in self.operations}
        drawn = {i: 0.62 * m.width if is_drawn(m) else m.width for i, m in self.signs.items()}
        names = {s.index: self._name(s, 32).width for s in self.operations}
        mark = max((s.width for s in self.signs.values()), default=0.3)

        # Baskets may reach a little into the lanes.
        trays = {s.index: 0.7 if np.ndim(s.adjoint) else chip_text(s.adjoint) for s in self.operations}

        def cards(least: float, holder: float, head: float, tray: float) -> dict[int, float]:
            return {i: max(least, holders[i] + holder, drawn[i] + names[i] + head, trays[i] + tray) for i in holders}

        titled = {i: max(0.96, holders[i] + 0.22, drawn[i] + 0.24, names[i], trays[i] + 0.28) for i in holders}
        roomy = max(BOX[0], mark + 0.3) + 0.2 + max(number + 0.30, 0.76)
        tight = max(0.84, mark + 0.24) + 0.14 + max(number + 0.24, 0.76)
        styles = (
            replace(WIDE, width=roomy),
            replace(WIDE, name="tight", width=tight, gap=0.36),
            replace(CARD, widths=cards(1.02, 0.30, 0.40, 0.24)),
            replace(CARD, name="narrow", gap=0.30, widths=cards(0.96, 0.22, 0.32, 0.32)),
            replace(CARD, name="titled", up=1.06, gap=0.34, widths=titled),  # long names stand above their cards
            replace(CARD, name="mini", up=0.61, down=0.63, gap=0.17, stack=3, widths=cards(0.84, 0.13, 0.23, 0.15)),
        )
        return {style.name: style for style in styles}

    def _arrange(self, left: float, right: float, bottom: float, top: float, tape: bool | None) -> None:
        """Try the styles from roomy to tight; the last resort gives up dials, and the line with the whole function."""
        styles = self._styles()
        wide, card = [styles["wide"], styles["tight"]], [styles["card"], styles["narrow"], styles["titled"]]
        with_tape = (tape if tape is not None else len(self.steps) <= 9) and self._cells_fit(right)
        attempts = [(wide, bottom + 0.8, top, False)] if with_tape else []
        attempts += [(wide, bottom, top, False), (card, bottom, top, False)]
        attempts += [([styles["mini"]], bottom, high, True) for high in (top, top + 0.55, TOP)]
        attempts += [(card[:1], bottom, top + 0.55, False)]
        problem: StageError | None = None
        for some, low, high, dense in attempts:
            self._set_inputs(left, dense)
            try:
                layout = arrange(self.trace, self.dial_x, right, low, high, some, self._room())
            except StageError as error:
                problem = problem or error
                continue
            if layout.winding and (high == top or dense):
                continue  # the winding road is for chains that nothing else can hold
            self.layout, self.crowded, self.full = layout, high > top, high >= TOP
            self.tape_wanted = low > bottom
            self._pad = 0.24 if layout.style.name == "tight" else 0.30
            self.holder_width = max(number_width(self.values.values()) + self._pad, 0.76)
            link = 0.14 if layout.style.name == "tight" else 0.2
            self.box_width = layout.style.width - self.holder_width - link
            return
        assert problem is not None
        raise problem

    def _set_inputs(self, left: float, dense: bool) -> None:
        """Dials with labels on their left; in a dense graph labels alone."""
        count, label = len(self.trace.inputs), self._label_width()
        trays = max(chip_text(self.trace.quantity("adjoint", s).value) + 0.58 for s in self.trace.inputs)
        self.dense = dense
        if dense:
            self.rows = packed_inputs(count, label, trays - 0.1)
            self.dial = 0.0
            self.dial_x = left + self.rows.reach + (trays + 0.1 if self.rows.beside else 0.0)
            return
        self.rows = inputs_style(count, trays > label)
        self.dial = self.rows.radius
        aside = trays + 0.12 if self.rows.beside else 0.0 if self.rows.under else max(trays - label, 0.0)
        self.dial_x = left + aside + label + 0.16 + 1.25 * self.dial + 0.02

    def _room(self) -> Room:
        """Lanes for bundles of blame, and space for the chips that stay on the wires of a value used more than once."""
        weight = blame_width(self.trace, self.edges, 0.3 if self.dense else 0.62)
        bundle: dict[int, float] = {}
        chips: dict[int, float] = {}
        ports: dict[int, float] = {}
        for step in self.steps:
            uses = [e for e in self.edges if e.source.index == step.index]
            bundle[step.index] = sum(max(self._thin, weight[edge_key(e)]) for e in uses)
            ports[step.index] = sum(self._port(e, weight, len(uses) > 1) for e in uses)
            if len(uses) > 1 and not self.dense:
                chips[step.index] = max(chip_width(self.trace, e) for e in uses)
        if self.dense:
            return Room(bundle, chips, ports, self.rows, air=0.06)
        return Room(bundle, chips, ports, self.rows, first=0.8)

    @property
    def _thin(self) -> float:
        return 0.08 if self.dense else 0.14

    def _port(self, edge: Edge, weight: dict[tuple[int, int], float], shared: bool) -> float:
        least = 0.13 if self.dense else 0.42 if shared else 0.24  # chips that stay on their wires need room
        return max(least, weight[edge_key(edge)])

    def _cells_fit(self, right: float) -> bool:
        return sum(self._cell_formula(s).width + 0.42 for s in self.steps) <= 2 * right - 0.3

    # Parts ----------------------------------------------------------------------------------------------------------

    def _input_label(self, step: Step) -> Formula:
        quantity = self.trace.quantity("value", step)
        text = shown(float(quantity.value))

        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark('knob', step.index, number_source(text))}"

        return Formula(write, self.theme, 36, printed=[printed_form(quantity)])

    def _label_width(self) -> float:
        return max((m.width for m in self.labels.values()), default=0.8)

    def _value(self, step: Step) -> VMobject:
        if np.ndim(step.value):
            return Bars(self.theme, np.asarray(step.value), 0.92, 0.42)
        return Number(self.trace.quantity("value", step), self.theme.ink, 28)

    def _sign(self, step: Step) -> VMobject:
        text = re.sub(r"\d+\.\d{4,}", lambda m: shown(float(m[0])), operator_label(step))  # a folded constant is long
        text = "−" if text == "−( )" else text
        drawn = sign(self.theme, text, arm=0.24)
        if drawn is not None:
            return drawn
        source = _sign_source(text)
        if source is not None:
            return Formula(lambda mark: source, self.theme, 36)
        data = [c.text for c in step.operands if isinstance(c, Constant) and np.ndim(c.value)]
        if data and data[0] in text:  # the user's own table keeps the colour of data
            before, _, after = text.partition(data[0])
            words = [(before, self.theme.ink), (data[0], self.theme.data), (after, self.theme.ink)]
            parts = [Label(w.strip(), colour, 26, names=True) for w, colour in words if w.strip()]
            line = VGroup(*parts)
            x = 0.0
            for part in parts:
                part.set_baseline(x, 0.0)
                x += part.width + 0.12
            line.tag = "words"
            return line
        return Label(text, self.theme.ink, 26, names=True)

    def _name(self, step: Step, size: float) -> Formula:
        return Formula(lambda mark: symbol(step, mark), self.theme, size)

    def _node(self, step: Step) -> Node:
        x, y = self.layout.centre[step.index]
        theme = self.theme
        node = Node(step, x, y)
        if step.primitive == "input":
            if self.dense:
                return self._packed(node)
            value = float(step.value)
            low, high = dial_range(value)
            radius = self.dial
            node.dial = Dial(theme, value, low, high, radius).move_to([x, y, 0])
            node.dial.shift([x - node.dial[2].get_center()[0], y - node.dial[2].get_center()[1], 0])
            edge = x - 1.25 * radius - 0.14
            node.label = self.labels[step.index].set_baseline(edge, y - 0.11, "right")
            node.out = (x + radius * 1.06 + 0.1, y)
            node.basket_width = 0.8
            node.basket_at = (edge - node.basket_width / 2, y - self.rows.tray)
            if self.rows.under:
                node.basket_at = (x + radius - node.basket_width / 2, y - self.rows.tray)
            if self.rows.beside:
                node.basket_at = (self.dial_x - 1.25 * radius - 0.26 - self._label_width() - node.basket_width / 2, y)
            return node
        value = self.values[step.index]
        mark = self.signs[step.index]
        if self.layout.style.name in ("wide", "tight"):
            width, w = self.layout.style.width, self.box_width
            bx = x - width / 2 + w / 2
            hx = x + width / 2 - self.holder_width / 2
            hw = max(0.76, value.width + self._pad)
            node.box = panel(theme, w, BOX[1]).move_to([bx, y, 0])
            node.sign = mark.move_to([bx, y, 0])
            shape = RoundedRectangle(corner_radius=0.379, width=hw, height=0.76).move_to([hx, y, 0])
            node.link = Line([bx + w / 2, y, 0], [hx - hw / 2, y, 0]).set_stroke(theme.ghost, 3)
            node.name = self._name(step, 38).move_to([hx, y + 0.62, 0])
            node.into, node.out = (bx - w / 2, y), (hx + hw / 2, y)
            node.basket_at = (hx, y - 0.38 - 0.25)
        else:
            w = self.layout.width[step.index]
            mini = self.layout.style.name == "mini"
            row = 0.39 if mini else 0.42
            node.box = panel(theme, w, 0.80 if mini else 0.86, 0.14).move_to([x, y + 0.20, 0])
            node.name = self._name(step, 32)
            if is_drawn(mark):
                mark.scale(0.62)  # drawn signs are large enough for it
            if self.layout.style.name == "titled":
                node.name.set_baseline(x, y + 0.74, "middle")
                node.sign = mark.move_to([x, y + 0.41, 0])
            else:
                both = node.name.width + 0.16 + mark.width
                node.name.set_baseline(x - both / 2, y + 0.34)
                node.sign = mark.move_to([x + both / 2 - mark.width / 2, y + 0.41, 0])
            shape = RoundedRectangle(corner_radius=0.12, width=w - 0.1, height=row).move_to([x, y + 0.01, 0])
            node.into, node.out = (x - w / 2, y + 0.20), (x + w / 2, y + 0.20)
            node.basket_at = (x, y - (0.41 if mini else 0.45))
            node.basket_width = 0.6 if mini else 0.8
        low, high = theme.disc_mix[1], theme.disc_mix[0]
        base = theme.ground if theme.dark else "#FFFFFF"
        node.ring = awaiting(theme, shape, dashes=18 if self.layout.style.name in ("wide", "tight") else 22)
        node.holder = shape.copy().set_stroke(theme.value, 3)
        node.holder.set_fill([mix(base, theme.value, low), mix(base, theme.value, high)], 1)
        node.holder.set_sheen_direction([0, 1, 0])
        node.value = value.move_to(shape.get_center())
        return node

    def _packed(self, node: Node) -> Node:
        """An input of a dense graph: its label in a slot that has the colour of a knob."""
        label = self.labels[node.step.index]
        width, x = self._label_width() + 0.24, node.x
        node.dial = slot(self.theme, width, 0.42, rim=self.theme.knob).move_to([x, node.y, 0])
        node.label = label.set_baseline(x, node.y - 0.1, "middle")
        node.out = (x + width / 2, node.y)
        node.basket_width = 0.6
        node.basket_at = (x, node.y - self.rows.tray)
        if self.rows.beside:
            node.basket_at = (x - width / 2 - 0.06 - node.basket_width / 2, node.y)
        return node

    # Wires ----------------------------------------------------------------------------------------------------------

    def _route(self) -> None:
        """Ports are spread so that ribbons of blame lie side by side; wires leave and arrive in order of height."""
        weight = blame_width(self.trace, self.edges, 0.3 if self.dense else 0.62)
        leave: dict[tuple[int, int], float] = {}
        arrive: dict[tuple[int, int], float] = {}
        for step in self.steps:
            uses = [e for e in self.edges if e.source.index == step.index]
            uses.sort(key=lambda e: (-self._heading(e)[1], e.target.index, e.slot))
            for edge, offset in zip(uses, _spread([self._port(e, weight, len(uses) > 1) for e in uses]), strict=True):
                leave[edge_key(edge)] = offset
            into = [e for e in step.edges if edge_key(e) in weight]
            into.sort(key=lambda e: (-self._origin(e)[1], e.slot))
            least = 0.22 if self.dense else 0.30
            for edge, offset in zip(into, _spread([max(least, weight[edge_key(e)]) for e in into]), strict=True):
                arrive[edge_key(edge)] = offset
        lane: dict[tuple[tuple[int, int], float], float] = {}
        for step in self.steps:  # wires of one value that pass a column together lie side by side there
            uses = [e for e in self.edges if e.source.index == step.index]
            uses.sort(key=lambda e: -leave[edge_key(e)])
            for x in {a for e in uses for a, _, _ in self.layout.via.get(edge_key(e), [])}:
                passing = [e for e in uses if any(a == x for a, _, _ in self.layout.via.get(edge_key(e), []))]
                for edge, offset in zip(passing, _spread([max(self._thin, weight[edge_key(e)]) for e in passing]), strict=True):
                    lane[edge_key(edge), x] = offset
        for edge in self.edges:
            source, target = self.nodes[edge.source.index], self.nodes[edge.target.index]
            start = (source.out[0], source.out[1] + leave[edge_key(edge)])
            end = (target.into[0], target.into[1] + arrive[edge_key(edge)])
            flats = [(a, b, y + lane[edge_key(edge), a]) for a, b, y in self.layout.via.get(edge_key(edge), [])]
            flats = self._level_start(edge, start, flats[0][0] if flats else end[0]) + flats
            if end[0] <= start[0] + 0.08:  # neighbours on a winding road: from the foot of one to the head of the next
                wire = self._upright(source, target)
            else:
                wire = Wire(start, end, flats)
            self.wires[edge_key(edge)] = wire
            role = "knob" if edge.source.primitive == "input" else "value"
            line = wire.line(self.theme.role(role), 3.0, 0.5)
            self.lines[edge_key(edge)] = line

    def _level_start(self, edge: Edge, start: tuple[float, float], ahead: float) -> list[tuple[float, float, float]]:
        """Wires that carry a resting chip leave level, as far as there is room, so that chips do not come together."""
        shared = sum(1 for e in self.edges if e.source.index == edge.source.index) > 1
        room = min(chip_width(self.trace, edge) + 0.1, ahead - start[0] - 0.4)
        if self.dense or not shared or room < 0.2:
            return []
        return [(start[0] + 0.01, start[0] + room, start[1])]

    def _upright(self, source: Node, target: Node) -> Wire:
        down = target.y < source.y
        start = (source.x, source.y - 0.23 if down else source.y + 0.63)
        end = (target.x, target.y + 0.63 if down else target.y - 0.23)
        return Wire(start, end, upright=True)

    def _heading(self, edge: Edge) -> tuple[float, float]:
        via = self.layout.via.get(edge_key(edge), [])
        return (via[0][0], via[0][2]) if via else self.layout.centre[edge.target.index]

    def _origin(self, edge: Edge) -> tuple[float, float]:
        via = self.layout.via.get(edge_key(edge), [])
        return (via[-1][1], via[-1][2]) if via else self.layout.centre[edge.source.index]

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear_inputs(self) -> AnimationGroup:
        """The dials with their values."""
        parts = []
        for step in self.trace.inputs:
            node = self.nodes[step.index]
            parts.append(AnimationGroup(FadeIn(self.keep(node.dial, 3)), FadeIn(self.keep(node.label, 4))))
        return LaggedStart(*parts, lag_ratio=0.25, run_time=1.2)

    def appear_boxes(self) -> LaggedStart:
        """Boxes with their wires, in the order of the computation; the values are still unknown."""
        waves = []
        for step in self.operations:
            node = self.nodes[step.index]
            wires = [self.keep(self.lines[edge_key(e)], 0) for e in step.edges if edge_key(e) in self.lines]
            parts: list = [Create(w) for w in wires]
            parts += [FadeIn(self.keep(node.box, 2), shift=0.12 * RIGHT), FadeIn(self.keep(node.sign, 3))]
            if node.link is not None:
                parts.append(Create(self.keep(node.link, 1)))
            parts += [FadeIn(self.keep(node.ring, 3)), FadeIn(self.keep(node.name, 4))]
            waves.append(AnimationGroup(*parts))
        return LaggedStart(*waves, lag_ratio=0.45, run_time=min(1.2 + 0.45 * len(waves), 4.0))

    def appear_tape(self) -> FadeIn | None:
        """The strip with the inputs on it, if it is wanted."""
        if self.tape is None:
            return None
        self.keep(self.tape, 1)
        parts: list[VMobject] = [self.tape]
        for step in self.trace.inputs:
            parts.append(self.keep(self._cell(step), 3))
        return FadeIn(VGroup(*parts), run_time=0.8)

    def forward(self, step: Step, run_time: float = 1.0) -> list[Animation]:
        """Values run along the wires into a box; its result rolls up in the round and drops to the tape."""
        node, theme = self.nodes[step.index], self.theme
        runs: list = []
        for edge in step.edges:
            role = "knob" if edge.source.primitive == "input" else "value"
            runs.append(RunPulse(theme, self.wires[edge_key(edge)], role, run_time=0.85 * run_time))
        lit = node.box.copy().set_fill(opacity=0).set_stroke(theme.ink, 2.5)
        lit.set_z_index(3)
        pool = Glow.pool(theme, 2.6, 2.2).move_to(node.box.get_center())
        flare = Glow(theme.value, 1.7, 1.7, 0.5 * theme.glow).move_to(node.holder.get_center())
        for part, z in ((node.holder, 4), (node.value, 5)):
            self.keep(part, z)
        self.drop(node.ring)
        node.link and node.link.set_z_index(1)
        result = [FadeIn(node.holder), FadeOut(node.ring), FadeIn(flare)]
        if node.link is not None:
            result.append(node.link.animate.set_stroke(theme.value, 3, 0.9))
        result.append(Roll(node.value, run_time=0.4) if isinstance(node.value, Number) else FadeIn(node.value))
        return [
            AnimationGroup(*runs, FadeIn(pool), FadeIn(lit), run_time=0.85 * run_time),
            AnimationGroup(*result, run_time=0.5 * run_time),
            self._record(step, node, pool, lit, flare, run_time),
        ]

    def _record(self, step: Step, node: Node, *light: VMobject | float) -> AnimationGroup:
        *fading, run_time = light
        parts: list = [FadeOut(m) for m in fading]
        if self.tape is not None:
            cell = self.keep(self._cell(step), 3)
            parts.append(FadeIn(cell, shift=0.9 * UP))
            hx = float(node.holder.get_center()[0])
            if not self._blocked(node):
                line = self.keep(drop_line(self.theme, hx, node.holder.get_bottom()[1] - 0.1, self.tape.y + 0.36), 0)
                parts.append(FadeIn(line, shift=0.3 * DOWN))
            old, self.fresh = self.fresh, self.keep(self.tape.outline(cell, self.theme.value), 4)
            parts.append(FadeIn(self.fresh))
            if old is not None:
                self.drop(old)
                parts.append(FadeOut(old))
        return AnimationGroup(*parts, run_time=0.6 * float(run_time))

    def _blocked(self, node: Node) -> bool:
        """Whether another box stands between a round and the tape."""
        return any(
            other is not node and other.y < node.y and abs(other.x - node.x) < self.layout.width[other.step.index] / 2 + 0.2
            for other in self.nodes.values()
        )

    def crown(self, step: Step) -> AnimationGroup:
        """The result glows and settles, underlined."""
        node = self.nodes[step.index]
        holder = node.holder if node.holder is not None else node.dial
        glow = Glow(self.theme.value, holder.width + 1.5, 2.0, 0.5 * self.theme.glow).move_to(holder.get_center())
        parts: list = [FadeIn(self.keep(glow, -5))]
        if self.fresh is not None:
            self.drop(self.fresh)
            parts.append(FadeOut(self.fresh))
            self.fresh = None
        if isinstance(node.value, Number):
            low = node.value.get_bottom()[1] - 0.06
            rule = Line([node.value.get_left()[0], low, 0], [node.value.get_right()[0], low, 0])
            parts.append(Create(self.keep(rule.set_stroke(self.theme.ink, 1.6), 6)))
        return AnimationGroup(*parts, run_time=0.8)

    def settle(self, step: Step) -> None:
        """Put a step's value there at once, without animation (for scenes that begin after the forward sweep)."""
        node = self.nodes[step.index]
        if step.primitive == "input":
            self.keep(node.dial, 3), self.keep(node.label, 4)
            return
        for part, z in ((node.box, 2), (node.sign, 3), (node.link, 1), (node.name, 4), (node.holder, 4), (node.value, 5)):
            if part is not None:
                self.keep(part, z)
        if node.link is not None:
            node.link.set_stroke(self.theme.value, 3, 0.9)
        for edge in step.edges:
            if edge_key(edge) in self.lines:
                self.keep(self.lines[edge_key(edge)], 0)

    def settle_all(self) -> GraphForward:
        """The graph with all its values."""
        for step in self.steps:
            self.settle(step)
        if self.tape is not None:
            self.keep(self.tape, 1)
            for step in self.steps:
                self.keep(self._cell(step), 3)
        return self

    def reads(self, steps: Iterable[Step]) -> list[VMobject]:
        """Outlines round the cells of these steps: their values are read back from the tape."""
        if self.tape is None:
            return []
        cells = [self._cell(s) for s in steps]
        return [self.tape.outline(cell, self.theme.ink).set_z_index(4) for cell in cells]

    # The tape -------------------------------------------------------------------------------------------------------

    def _cell_formula(self, step: Step) -> Formula | VGroup:
        if np.ndim(step.value):
            name = self._name(step, 34)
            bars = Bars(self.theme, np.asarray(step.value), 0.8, 0.3)
            return VGroup(name, bars.next_to(name, buff=0.12))
        quantity = self.trace.quantity("value", step)
        role = "knob" if step.primitive == "input" else "value"

        def write(mark: Marker) -> str:
            text = number_source(shown(float(quantity.value)))
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark(role, step.index, text)}"

        return Formula(write, self.theme, 34, printed=[printed_form(quantity)])

    def _cell(self, step: Step) -> VMobject:
        node = self.nodes[step.index]
        if node.cell is None:
            node.cell = self._cell_formula(step)
            place = self._cell_places()[step.index]
            if isinstance(node.cell, Formula):
                node.cell.set_baseline(place, self.tape.y - 0.1, "middle")
            else:
                node.cell.move_to([place, self.tape.y, 0])
        return node.cell

    def _cell_places(self) -> dict[int, float]:
        """Cells under their rounds as nearly as their widths allow, in the order of the computation."""
        order = sorted(self.steps, key=lambda s: (s.primitive != "input", self._round_x(s)))
        widths = [self._cell_formula(s).width + 0.42 for s in order]
        wish = [self._round_x(s) if s.primitive != "input" else -9.0 for s in order]
        left, right = self.tape.get_left()[0] + 0.12, self.tape.get_right()[0] - 0.12
        places, edge = [], left
        for w, x in zip(widths, wish, strict=True):
            centre = max(edge + w / 2, x)
            places.append(centre)
            edge = centre + w / 2
        limit = right
        for i in range(len(places) - 1, -1, -1):
            places[i] = min(places[i], limit - widths[i] / 2)
            limit = places[i] - widths[i] / 2
        return {s.index: p for s, p in zip(order, places, strict=True)}

    def _round_x(self, step: Step) -> float:
        node = self.nodes[step.index]
        return node.x if node.holder is None else float(node.holder.get_center()[0])


def edge_key(edge: Edge) -> tuple[int, int]:
    return (edge.target.index, edge.slot)


def printed_form(quantity: Quantity) -> Printed:
    places = decimals_for(float(quantity.value))
    return Printed(quantity, shown(float(quantity.value), places, auto=False), places)


def _sign_source(text: str) -> str | None:
    """Typst for operator labels that are formulas with a hole: a power, a root, a size. None for plain words."""
    if text in ("√", "| |"):
        return {"√": "sqrt(dot.c)", "| |": "abs(dot.c)"}[text]
    hole = "paren.l dot.c paren.r"
    for short, power in (("²", "2"), ("³", "3")):
        if text == "( )" + short:
            return f"{hole}^{power}"
    base, hat, power = text.partition("^")
    if not hat:
        return None
    return f"{hole if base == '( )' else number_source(base)}^({hole if power == '( )' else number_source(power)})"


def _spread(widths: Sequence[float]) -> list[float]:
    """Offsets, from top to bottom, that put bands of these widths side by side around zero."""
    total, offsets = sum(widths), []
    y = total / 2
    for w in widths:
        offsets.append(y - w / 2)
        y -= w
    return offsets


def blame_width(trace: Trace, edges: Sequence[Edge], most: float = 0.62) -> dict[tuple[int, int], float]:
    """The width of each ribbon of blame: proportional to |contribution|, the widest bundle of one node being `most`."""
    size = {edge_key(e): float(np.sum(np.abs(e.contribution))) for e in edges}
    bundles: dict[int, float] = {}
    for e in edges:
        bundles[e.source.index] = bundles.get(e.source.index, 0.0) + size[edge_key(e)]
    into: dict[int, float] = {}
    for e in edges:
        into[e.target.index] = into.get(e.target.index, 0.0) + size[edge_key(e)]
    largest = max([*bundles.values(), *into.values()], default=0.0)
    scale = min(most / largest, 0.058 * 2) if largest > 0 else 0.0
    return {k: max(v * scale, 0.035) for k, v in size.items()}


def chip_width(trace: Trace, edge: Edge) -> float:
    """How wide the chip of an edge's contribution will be."""
    return 0.9 if np.ndim(edge.contribution) else chip_text(edge.contribution) + 0.42


def chip_text(value: float) -> float:
    """How wide a slope is when it is printed on a chip."""
    return set_line(shown(float(value)), 26, "bold")[1]


def is_drawn(mark: VMobject) -> bool:
    """Whether an operator sign is drawn by strokes rather than set as type."""
    return isinstance(mark, VGroup) and not isinstance(mark, Formula) and not hasattr(mark, "tag")


def number_width(values: Iterable[VMobject]) -> float:
    """The widest of the printed values."""
    return max((v.width for v in values), default=0.5)


def subtree(step: Step) -> set[int]:
    """The step and everything that it was computed from."""
    seen: set[int] = set()
    todo = [step]
    while todo:
        s = todo.pop()
        if s.index not in seen:
            seen.add(s.index)
            todo += [e.source for e in s.edges]
    return seen

