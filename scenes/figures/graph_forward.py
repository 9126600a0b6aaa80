"""S7: a function as a computational graph, and its values flowing through it from left to right.

Reads the trace: order, values, names. Invariants: no wire goes left; every number is the engine's; layout is the one
that the backward sweep uses. What is too large for the frame is folded (see `folding`), as little as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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

from chainreel.engine import Constant, Quantity, Trace, operator_label

from ..stage.area import Area, safe_area
from ..stage.bars import Bars
from ..stage.dial import Dial, dial_range
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.number import Number, Phrase, Roll
from ..stage.parts import awaiting, panel, sign, slot
from ..stage.pulse import RunPulse
from ..stage.rounding import places_for, shown
from ..stage.tape import Tape, drop_line
from ..stage.theme import Theme, mix
from ..stage.type import Label, set_line
from ..stage.wire import Wire
from .figure import Figure
from .folding import LIMIT, MOST_INPUTS, Block, View, fold, symbol
from .folding import Node as Shown
from .folding import Wire as Edge
from .layout import CARD, WIDE, Room, Style, arrange, inputs_style, packed_inputs, upright_inputs

BOX = (1.1, 0.7)
ROLE = {"input": "knob"}
HEADLINE = 1.27  # the two lines above a graph
TAPE = 0.8
LENS = 1.44  # what the enlarged box below a graph needs
ROOMY = 8  # boxes; more of them have no tape and no lens in a narrow frame
FINE = 200  # operations; of larger graphs not every number of boxes is tried
NARROW = 9.0  # frame units; a narrower graph has its labels above the dials


@dataclass
class Node:
    """The parts of one step on screen. `holder` is the round that will hold its value."""

    step: Shown
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
    """The graph of a trace. Verbs: `appear_inputs`, `appear_boxes`, `forward(step)`, `settle(step)`, `unfold(name)`.

    `area` is an Area or (left, right, bottom, top) in frame units, the whole frame below the headline by default. The
    tape is shown when there is room for it, and with `lens` room is left for an enlarged box, if there is any.
    A graph of more than `limit` boxes is folded; `unfold` names boxes that are open from the start.
    `steps` are the nodes as they are shown (Steps, and Blocks of them), `edges` the wires between them. `source` and
    `values` are the names of the blocks and of the trace among the sources of a film, where there are several of them.
    `decimals` says by the names of steps how many decimals their values have, where another figure prints the same ones
    (a KnobPanel's `decimals`); each of the others has as many as it needs.
    """

    def __init__(
        self,
        trace: Trace,
        theme: Theme,
        area: Area | tuple[float, float, float, float] | None = None,
        tape: bool | None = None,
        *,
        limit: int = LIMIT,
        unfold: Sequence[str] = (),
        lens: bool = False,
        source: str = "blocks",
        values: str = "trace",
        decimals: Mapping[str, int | None] | None = None,
    ):
        super().__init__(theme)
        self.trace, self.source, self.trace_source = trace, source, values
        self.decimals = dict(decimals or {})
        self.closed: GraphForward | None = None  # the same graph before its boxes were opened
        self.ceiling = safe_area().top  # a large graph may take the room of the lines above it
        if area is None:
            self.area = safe_area().cut_top(HEADLINE, 0.0)[1]
        else:
            self.area = area if isinstance(area, Area) else Area(*area)
            self.ceiling = self.area.top
        self.own_area, self.tape_asked, self.limit, self.unfolded = area is not None, tape, limit, tuple(unfold)
        self.narrow, self.lens = self.area.width < NARROW, lens
        self._fit(limit, tuple(unfold), tape, lens)
        left, right = self.area.left, self.area.right
        self.nodes: dict[int, Node] = {}
        for step in self.steps:
            self.nodes[step.index] = self._node(step)
        self.wires: dict[tuple[int, int], Wire] = {}
        self.lines: dict[tuple[int, int], VMobject] = {}
        self._open: dict[int, bool] = {}  # whether chips have room on the wires of a step
        self._route()
        self.fresh: VMobject | None = None  # the outline of the newest cell on the tape
        self.tape_rows = self._tapes(left + 0.08, right - 0.08)
        self.tape: Any = self.tape_rows[-1] if self.tape_rows else None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A computational graph of {self.trace.output.name} with {self.counted(self.operations, 'box')}: inputs "
            f"{self.listed(s.name for s in self.inputs)}; then {self.listed(s.name for s in self.operations)}."
        )

    # Layout ---------------------------------------------------------------------------------------------------------

    def _fit(self, limit: int, unfold: tuple[str, ...], tape: bool | None, lens: bool) -> None:
        """The graph with as many boxes as can be laid out: all of them, or folded ever more tightly."""
        problem: StageError | None = None
        tried: dict[tuple[tuple[int, int], ...], bool] = {}

        def fits(most: int) -> bool:
            nonlocal problem
            try:
                view = fold(self.trace, most, unfold, MOST_INPUTS)
            except StageError as error:
                raise problem or error from None
            shape = tuple((p.first, p.last) for p in view.pieces)
            if tried.get(shape) is False:
                return False
            self._show(view)
            try:
                self._arrange(self.area, tape, lens)
                tried[shape] = True
            except StageError as error:
                problem, tried[shape] = problem or error, False
            return tried[shape]

        operations = sum(1 for s in self.trace.steps if not s.is_input and not s.dead)
        sizes = (LIMIT, 16, 12, 9, 6, 4, 3, 2, 1) if self.narrow else (LIMIT, 20, 16, 13, 10, 8, 6, 4, 3, 2, 1)
        coarse = sorted({min(limit, k) for k in (*sizes, operations)}, reverse=True)
        for above, most in zip([coarse[0], *coarse], coarse, strict=False):
            if fits(most):
                finer = range(above - 1, most, -1) if operations <= FINE else ()
                if not any(map(fits, finer)):
                    fits(most)
                return
        assert problem is not None
        raise problem

    def _show(self, view: View) -> None:
        """The parts whose sizes the layout needs."""
        view.source, view.trace_source = self.source, self.trace_source
        self.view = view
        self.steps = view.nodes
        self.operations = view.operations
        self.inputs = view.inputs
        self.edges = view.edges
        self.labels = {s.index: self._input_label(s) for s in self.inputs}
        self.values = {s.index: self._value(s) for s in self.operations}
        self.signs = {s.index: self._sign(s) for s in self.operations}

    def occupied(self) -> list[tuple[float, float, float, float]]:
        """(left, right, bottom, top) of what nothing may hide: nodes with names and baskets, and chips that rest on wires."""
        boxes = []
        for node in self.nodes.values():
            parts = [p for p in (node.dial, node.label, node.box, node.holder, node.name) if p is not None]
            text = chip_text(node.step.adjoint) if not np.ndim(node.step.adjoint) else 0.62
            tray = max(node.basket_width, text + 0.5)
            x, y = node.basket_at
            boxes.append((x - tray / 2, x + tray / 2, y - 0.24, y + 0.24))
            if node.dial is not None and not (self.rows.beside or self.dense or self.rows.above):
                boxes[-1] = (x + node.basket_width / 2 - tray, x + node.basket_width / 2, y - 0.24, y + 0.24)
            boxes += [(p.get_left()[0], p.get_right()[0], p.get_bottom()[1], p.get_top()[1]) for p in parts]
        for edge in self.edges:
            if self.rests(edge.source):
                start = self.wires[edge_key(edge)].xy[0]
                boxes.append((start[0], start[0] + chip_width(self.trace, edge) + 0.2, start[1] - 0.24, start[1] + 0.24))
        return boxes

    def rests(self, step: Shown) -> bool:
        """Whether chips stay on the wires of a value that is used more than once: where there is room for them."""
        tight = self.dense or ((self.layout.winding or self.layout.stairs) and not step.is_input)
        if tight or len(self.view.uses(step)) < 2:
            return False
        if len(self.wires) < len(self.edges):
            return True  # not routed yet
        if step.index not in self._open:
            self._open[step.index] = not any(self._hides(e) for e in self.view.uses(step))
        return self._open[step.index]

    def _hides(self, edge: Edge) -> bool:
        """Whether a chip at the beginning of a wire would lie on a box: where columns stand over each other."""
        x, y = self.wires[edge_key(edge)].xy[0]
        low, high = x + 0.12, x + 0.12 + chip_width(self.trace, edge)
        boxes = [n.box for n in self.nodes.values() if n.box is not None and n.step is not edge.source]
        return any(
            b.get_left()[0] < high and b.get_right()[0] > low and b.get_bottom()[1] < y + 0.19 and b.get_top()[1] > y - 0.19
            for b in boxes
        )

    def into(self, step: Shown) -> tuple[Edge, ...]:
        """The wires that end at a node. (A step's own `edges` may come from steps that are folded away.)"""
        return self.view.into(step)

    def _styles(self) -> dict[str, Style]:
        """Styles from roomy to tight."""
        number = number_width(self.values.values())
        holders = {s.index: self.values[s.index].width for s in self.operations}
        drawn = {i: 0.62 * m.width if is_drawn(m) else m.width for i, m in self.signs.items()}
        for step in self.operations:
            drawn[step.index] += 0.14 if isinstance(step, Block) else 0.0  # the sheets behind need a rim
        names = {s.index: self._name(s, 32).width for s in self.operations}
        mark = max((s.width for s in self.signs.values()), default=0.3)

        # Baskets may reach a little into the lanes.
        trays = {s.index: 0.7 if np.ndim(s.adjoint) else chip_text(s.adjoint) for s in self.operations}

        def cards(least: float, holder: float, head: float, tray: float) -> dict[int, float]:
            return {i: max(least, holders[i] + holder, drawn[i] + names[i] + head, trays[i] + tray) for i in holders}

        titled = {i: max(0.96, holders[i] + 0.22, drawn[i] + 0.24, names[i], trays[i] + 0.28) for i in holders}
        stairs = (max(number + 0.24, 0.76) + max(0.84, mark + 0.24)) / 2 + 0.16  # a round stands left of the next box
        roomy = max(BOX[0], mark + 0.3) + 0.2 + max(number + 0.30, 0.76)
        tight = max(0.84, mark + 0.24) + 0.14 + max(number + 0.24, 0.76)
        styles = (
            replace(WIDE, width=roomy, stairs=9.0),
            replace(WIDE, name="tight", width=tight, gap=0.36, stairs=stairs),
            replace(CARD, widths=cards(1.02, 0.30, 0.40, 0.24)),
            replace(CARD, name="narrow", gap=0.30, widths=cards(0.96, 0.22, 0.32, 0.32)),
            replace(CARD, name="titled", up=1.06, gap=0.34, widths=titled),  # long names stand above their cards
            replace(CARD, name="mini", up=0.61, down=0.63, gap=0.17, stack=3, widths=cards(0.84, 0.13, 0.23, 0.15)),
        )
        return {style.name: style for style in styles}

    def _arrange(self, area: Area, tape: bool | None, lens: bool) -> None:
        """Try the styles from roomy to tight; the last resort gives up dials, and the line with the whole function."""
        left, right, bottom, top = area.box
        styles = self._styles()
        wide, card = [styles["wide"], styles["tight"]], [styles["card"], styles["narrow"], styles["titled"]]
        rows = self._tape_count(tape)
        strip = TAPE * rows
        glass = LENS if lens else 0.0
        below = [(strip, glass), (0.0, glass), (strip, 0.0), (0.0, 0.0)] if tape is None else [
            (strip, glass), (strip, 0.0), (0.0, glass), (0.0, 0.0)]  # fmt: skip
        room = max(self.ceiling - top, 0.0)
        highs = sorted({top, top + min(0.55, room), top + room})
        attempts: list[tuple[list[Style], float, float, bool, bool, float]] = []
        for under, free in dict.fromkeys(below):  # styles, low, high, dense, overlapping, room for the lens
            low = bottom + under
            attempts.append((wide, low, top, False, False, free))
            if self.narrow:
                tries = ((wide, True), (card, False), (card, True)) if len(self.operations) <= ROOMY else ((card, False),)
                attempts += [(some, low, top, False, over, free) for some, over in tries]
        if glass:
            attempts.append((card, bottom, top, False, False, glass))
        attempts.append((card, bottom, top, False, False, 0.0))
        if self.narrow:
            some_wide = [wide] if len(self.operations) <= ROOMY else []
            attempts += [(card, bottom, top, False, True, 0.0)] if not some_wide else []
            attempts += [(some, bottom, top, True, over, 0.0) for some in (*some_wide, card) for over in (False, True)]
        else:
            attempts.append((card, bottom, top, False, True, 0.0))
        minis = (glass, 0.0) if glass and self.narrow else (0.0,)
        attempts += [([styles["mini"]], bottom, high, True, False, free) for free in minis for high in highs]
        attempts += [(card[:1], bottom, highs[min(1, len(highs) - 1)], False, False, 0.0)]
        if self.narrow:
            attempts += [([styles["mini"]], bottom, high, True, True, 0.0) for high in highs]
        problem: StageError | None = None
        for some, low, high, dense, overlap, free in attempts:
            self._set_inputs(left, dense, high - low)
            try:
                layout = arrange(self.view, self.dial_x, right, low, high, some, self._room(free), overlap)
            except StageError as error:
                problem = problem or error
                continue
            if layout.winding and (high == top or dense):
                continue  # the winding road is for chains that nothing else can hold
            self.layout, self.crowded, self.full = layout, high > top, high > top and high >= self.ceiling
            self.tape_wanted = low > bottom
            self.tape_lines = rows if self.tape_wanted else 0
            self.free = Area(left, right, bottom + (strip - 0.06 if self.tape_wanted else 0.0), high)
            self._pad = 0.24 if layout.style.name == "tight" else 0.30
            self.holder_width = max(number_width(self.values.values()) + self._pad, 0.76)
            link = 0.14 if layout.style.name == "tight" else 0.2
            self.box_width = layout.style.width - self.holder_width - link
            return
        assert problem is not None
        raise problem

    def _set_inputs(self, left: float, dense: bool, height: float) -> None:
        """Dials with labels on their left; in a dense graph labels alone."""
        self.dense = dense
        count, label = len(self.inputs), self._label_width()
        trays = max(0.9 if np.ndim(s.adjoint) else chip_text(s.adjoint) + 0.58 for s in self.inputs)
        if dense:
            self.rows = packed_inputs(count, label, trays - 0.1)
            self.dial = 0.0
            self.dial_x = left + self.rows.reach + (trays + 0.1 if self.rows.beside else 0.0)
            return
        upright = upright_inputs(count, label, trays, height) if self.narrow else None
        if upright is not None:
            self.rows = upright
            self.dial = self.rows.radius
            self.dial_x = left + self.rows.reach
            return
        self.rows = inputs_style(count, trays > label)
        self.dial = self.rows.radius
        aside = trays + 0.12 if self.rows.beside else 0.0 if self.rows.under else max(trays - label, 0.0)
        self.dial_x = left + aside + label + 0.16 + 1.25 * self.dial + 0.02

    def _room(self, glass: float) -> Room:
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
                chips[step.index] = max(chip_width(self.trace, e) for e in uses) + (0.12 if self.narrow else 0.0)
        if self.dense:
            return Room(bundle, chips, ports, self.rows, air=0.06, glass=glass and glass + 0.06, stairs=self.narrow)
        return Room(bundle, chips, ports, self.rows, first=0.5 if self.narrow else 0.8, lift=0.8 if self.lens else 0.0,
                    glass=glass, whole=self.narrow, stairs=self.narrow)  # fmt: skip

    @property
    def _thin(self) -> float:
        return 0.08 if self.dense else 0.14

    def _port(self, edge: Edge, weight: dict[tuple[int, int], float], shared: bool) -> float:
        least = 0.13 if self.dense else 0.42 if shared else 0.24  # chips that stay on their wires need room
        return max(least, weight[edge_key(edge)])

    def _tape_count(self, tape: bool | None) -> int:
        """How many rows of tape the values need; none where they are too many, or where no tape is wanted."""
        if tape is False or (tape is None and len(self.steps) > 9):
            return 0
        room, most = self.area.width - 0.42, 1 if not self.narrow else 3 if self.area.height > 8 else 2
        widths = {s.index: self._cell_formula(s).width + 0.42 for s in self.steps}
        if sum(widths.values()) <= room:
            self.tape_steps = [list(self.steps)]
            return 1
        self.tape_steps = [row for steps in (self.inputs, self.operations) for row in _even_rows(steps, widths, room)]
        return len(self.tape_steps) if len(self.tape_steps) <= most and max(widths.values()) <= room else 0

    def _tapes(self, left: float, right: float) -> list[Tape]:
        """The strips: one, or one for the inputs above one for what was computed."""
        low = self.area.bottom + 0.36
        return [Tape(self.theme, left, right, low + TAPE * k) for k in reversed(range(self.tape_lines))]

    def _tape_of(self, step: Shown) -> Tape:
        return next(row for row, steps in zip(self.tape_rows, self.tape_steps, strict=True) if step in steps)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _input_label(self, step: Shown) -> Formula:
        if np.ndim(step.value):
            return self._name(step, 36)
        printed = self._printed(step)

        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark('knob', step.index, number_source(printed.text))}"

        return Formula(write, self.theme, 36, printed=[printed])

    def _printed(self, step: Shown) -> Printed:
        return printed_form(self.view.quantity("value", step), self.decimals.get(step.name))

    def _label_width(self) -> float:
        return max((m.width + (0.8 if np.ndim(s.value) and self.dense else 0.0) for s in self.inputs
                    if (m := self.labels[s.index]) is not None), default=0.8)  # fmt: skip

    def _value(self, step: Shown) -> VMobject:
        if np.ndim(step.value):
            return Bars(self.theme, np.asarray(step.value), 0.92, 0.42)
        return Number(self.view.quantity("value", step), self.theme.ink, 28, decimals=self._printed(step).decimals)

    def _sign(self, step: Shown) -> VMobject:
        if isinstance(step, Block):
            count = self.view.quantity("count", step)
            label = Phrase("×{n}" if step.repeats else "{n} steps", self.theme.ink, 26, "semibold", n=count)
            label.names = True  # a label of the picture, not prose
            return label
        text = readable(operator_label(step))
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

    def _name(self, step: Shown, size: float) -> Formula:
        return Formula(lambda mark: symbol(step, mark), self.theme, size, tinted=True)

    def _node(self, step: Shown) -> Node:
        x, y = self.layout.centre[step.index]
        theme = self.theme
        node = Node(step, x, y)
        if step.primitive == "input":
            if self.dense:
                return self._packed(node)
            radius = self.dial
            if np.ndim(step.value):
                node.dial = self._many(step, 2.2 * radius, 1.5 * radius).move_to([x, y, 0])
            else:
                value = float(step.value)
                low, high = dial_range(value)
                node.dial = Dial(theme, value, low, high, radius).move_to([x, y, 0])
                node.dial.shift([x - node.dial[2].get_center()[0], y - node.dial[2].get_center()[1], 0])
            if self.rows.above:
                node.label = self.labels[step.index].set_baseline(x, y + 1.25 * radius + 0.14, "middle")
                ports = self._room(0.0).ports[step.index]
                node.out = (x + (radius * 1.06 + 0.1 if ports <= 0.9 else self.rows.reach - 0.06), y)
                node.basket_width = 0.8
                node.basket_at = (x, y - self.rows.tray)
                return node
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
            node.box = self._box(step, w, BOX[1], 0.16).move_to([bx, y, 0])
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
            node.box = self._box(step, w, 0.80 if mini else 0.86, 0.14).move_to([x, y + 0.20, 0])
            node.name = self._name(step, 32)
            if is_drawn(mark):
                mark.scale(0.62)  # drawn signs are large enough for it
            if self.layout.style.name == "titled":
                node.name.set_baseline(x, y + (0.86 if isinstance(step, Block) else 0.74), "middle")
                node.sign = mark.move_to([x, y + 0.41, 0])
            else:
                self._darken(node.box)  # for the name's sake
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

    def _darken(self, box: VMobject) -> None:
        front = box.front if isinstance(box, Sheets) else box
        front.set_fill([mix(self.theme.panel, self.theme.slot, 0.5), mix(self.theme.panel_top, self.theme.slot, 0.5)])

    def _box(self, step: Shown, width: float, height: float, radius: float) -> VMobject:
        """A box; what is folded has others behind it, like sheets of paper: more of them where it repeats."""
        front = panel(self.theme, width, height, radius)
        if not isinstance(step, Block):
            return front
        behind = VGroup()
        for k in (2, 1) if step.repeats else (1,):
            sheet = panel(self.theme, width - 0.04 * k, height, radius).shift([0.055 * k, 0.06 * k, 0])
            behind.add(sheet.set_stroke(width=1.6))
        return Sheets(front, behind)

    def _many(self, step: Shown, width: float, height: float) -> VGroup:
        """Several inputs, or an array: bars in the colour of knobs."""
        bars = Bars(self.theme, np.asarray(step.value), width - 0.16, 0.66 * height, "knob")
        return VGroup(slot(self.theme, width, height, rim=self.theme.knob), bars)

    def _packed(self, node: Node) -> Node:
        """An input of a dense graph: its label in a slot that has the colour of a knob."""
        label = self.labels[node.step.index]
        width, x = self._label_width() + 0.24, node.x
        node.dial = slot(self.theme, width, 0.42, rim=self.theme.knob).move_to([x, node.y, 0])
        if np.ndim(node.step.value):
            bars = Bars(self.theme, np.asarray(node.step.value), width - label.width - 0.32, 0.3, "knob")
            node.dial = VGroup(node.dial, bars.move_to([x + label.width / 2 + 0.02, node.y, 0]))
            node.label = label.set_baseline(x - width / 2 + 0.12, node.y - 0.1)
        else:
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
            into = list(self.into(step))
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
            ahead = flats[0][0] if flats else end[0]
            if source.dial is not None and self.rows.above:  # past the label and the basket first
                past = max(source.x + self.rows.reach - 0.06, start[0] + 0.02)
                level = self._level_start(edge, (past, start[1]), ahead)
                flats = [(start[0] + 0.01, level[0][1] if level else past, start[1])] + flats
            else:
                flats = self._level_start(edge, start, ahead) + flats
            flats = [f for f in flats if start[0] < f[0] and f[1] < end[0]]
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
        room = min(chip_width(self.trace, edge) + 0.1, ahead - start[0] - (0.22 if self.narrow else 0.4))
        if not self.rests(edge.source) or room < 0.2:
            return []
        return [(start[0] + 0.01, start[0] + room, start[1])]

    def _upright(self, source: Node, target: Node) -> Wire:
        down = target.y < source.y
        if self.layout.style.name == "tight":
            side = -0.38 if down else 0.38
            centre = source.holder.get_center()
            if not down:  # the name makes way
                source.name.move_to([source.out[0] + source.name.width / 2 + 0.04, source.y + 0.44, 0])
            return Wire((centre[0], source.y + side), (target.box.get_center()[0], target.y - 0.92 * side), upright=True)
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
        for step in self.inputs:
            node = self.nodes[step.index]
            parts.append(AnimationGroup(FadeIn(self.keep(node.dial, 3)), FadeIn(self.keep(node.label, 4))))
        return LaggedStart(*parts, lag_ratio=0.25, run_time=1.2)

    def appear_boxes(self) -> LaggedStart:
        """Boxes with their wires, in the order of the computation; the values are still unknown."""
        waves = []
        for step in self.operations:
            node = self.nodes[step.index]
            wires = [self.keep(self.lines[edge_key(e)], 0) for e in self.into(step)]
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
        parts: list[VMobject] = [self.keep(row, 1) for row in self.tape_rows]
        for step in self.inputs:
            parts.append(self.keep(self._cell(step), 3))
        return FadeIn(VGroup(*parts), run_time=0.8)

    def forward(self, step: Shown, run_time: float = 1.0, lamp: bool = True) -> list[Animation]:
        """Values run along the wires into a box; its result rolls up in the round and drops to the tape."""
        node, theme = self.nodes[step.index], self.theme
        runs: list = []
        for edge in self.into(step):
            role = "knob" if edge.source.primitive == "input" else "value"
            runs.append(RunPulse(theme, self.wires[edge_key(edge)], role, run_time=0.85 * run_time))
        lit = node.box.copy().set_fill(opacity=0).set_stroke(theme.ink, 2.5)
        lit.set_z_index(3)
        pool = Glow.pool(theme, 2.6, 2.2).move_to(node.box.get_center())
        light: list[VMobject] = [pool, lit] if lamp else [lit]
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
            AnimationGroup(*runs, *(FadeIn(m) for m in light), run_time=0.85 * run_time),
            AnimationGroup(*result, run_time=0.5 * run_time),
            self._record(step, node, *light, flare, run_time),
        ]

    def rush(self, steps: Sequence[Shown], run_time: float = 0.5) -> list[Animation]:
        """Several boxes compute at once, without light: for a sweep that has been told already."""
        theme = self.theme
        edges = [e for step in steps for e in self.into(step)]
        runs = [
            RunPulse(theme, self.wires[edge_key(e)], "knob" if e.source.primitive == "input" else "value", run_time=run_time)
            for e in edges
        ]
        results: list[Animation] = []
        for step in steps:
            node = self.nodes[step.index]
            for part, z in ((node.holder, 4), (node.value, 5)):
                results.append(FadeIn(self.keep(part, z)))
            self.drop(node.ring)
            results.append(FadeOut(node.ring))
            if node.link is not None:
                results.append(node.link.animate.set_stroke(theme.value, 3, 0.9))
            if self.tape is not None:
                results.append(FadeIn(self.keep(self._cell(step), 3), shift=0.5 * UP))
        return [AnimationGroup(*runs, run_time=run_time), AnimationGroup(*results, run_time=0.6 * run_time)]

    def _record(self, step: Shown, node: Node, *light: VMobject | float) -> AnimationGroup:
        *fading, run_time = light
        parts: list = [FadeOut(m) for m in fading]
        if self.tape is not None:
            cell = self.keep(self._cell(step), 3)
            parts.append(FadeIn(cell, shift=0.9 * UP))
            hx = float(node.holder.get_center()[0])
            if not self._blocked(node):
                line = self.keep(drop_line(self.theme, hx, node.holder.get_bottom()[1] - 0.1, self.tape.y + 0.36), 0)
                parts.append(FadeIn(line, shift=0.3 * DOWN))
            old, self.fresh = self.fresh, self.keep(self._tape_of(step).outline(cell, self.theme.value), 4)
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

    def crown(self, step: Shown) -> AnimationGroup:
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

    def settle(self, step: Shown) -> None:
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
        for edge in self.into(step):
            self.keep(self.lines[edge_key(edge)], 0)

    def settle_all(self) -> GraphForward:
        """The graph with all its values."""
        for step in self.steps:
            self.settle(step)
        if self.tape is not None:
            for row in self.tape_rows:
                self.keep(row, 1)
            for step in self.steps:
                self.keep(self._cell(step), 3)
        return self

    def unfold(self, *names: str) -> tuple[GraphForward, list[Animation]]:
        """The graph in which the boxes of these names are open, and the moments in which this one becomes it."""
        from .opening import opening

        new = GraphForward(self.trace, self.theme, self.area if self.own_area else None, self.tape_asked,
                           limit=self.limit, unfold=(*self.unfolded, *names), lens=self.lens,
                           values=self.trace_source, decimals=self.decimals)  # fmt: skip
        return new, opening(self, new)

    def reads(self, steps: Iterable[Shown]) -> list[VMobject]:
        """Outlines round the cells of these steps: their values are read back from the tape."""
        if self.tape is None:
            return []
        return [self._tape_of(s).outline(self._cell(s), self.theme.ink).set_z_index(4) for s in steps]

    # The tape -------------------------------------------------------------------------------------------------------

    def _cell_formula(self, step: Shown) -> Formula | VGroup:
        if np.ndim(step.value):
            name = self._name(step, 34)
            bars = Bars(self.theme, np.asarray(step.value), 0.8, 0.3, "knob" if step.is_input else "value")
            return VGroup(name, bars.next_to(name, buff=0.12))
        printed = self._printed(step)
        role = "knob" if step.primitive == "input" else "value"

        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} {mark('ink', None, '=')} {mark(role, step.index, number_source(printed.text))}"

        return Formula(write, self.theme, 34, printed=[printed])

    def _cell(self, step: Shown) -> VMobject:
        node = self.nodes[step.index]
        if node.cell is None:
            node.cell = self._cell_formula(step)
            place, y = self._cell_places()[step.index], self._tape_of(step).y
            if isinstance(node.cell, Formula):
                node.cell.set_baseline(place, y - 0.1, "middle")
            else:
                node.cell.move_to([place, y, 0])
        return node.cell

    def _cell_places(self) -> dict[int, float]:
        """Cells under their rounds as nearly as their widths allow, in the order of the computation."""
        return {k: x for steps in self.tape_steps for k, x in self._row_places(steps).items()}

    def _row_places(self, steps: Sequence[Shown]) -> dict[int, float]:
        order = sorted(steps, key=lambda s: (s.primitive != "input", self._round_x(s)))
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

    def _round_x(self, step: Shown) -> float:
        node = self.nodes[step.index]
        return node.x if node.holder is None else float(node.holder.get_center()[0])


class Sheets(VGroup):
    """A box with others behind it, placed and outlined by the one in front."""

    def __init__(self, front: VMobject, behind: VGroup):
        super().__init__(behind, front)
        self.front = front

    def get_center(self) -> Any:
        """The middle of the box in front."""
        return self.front.get_center()

    def move_to(self, place: Any, *args: Any, **kwargs: Any) -> Sheets:
        """Put the middle of the box in front there."""
        self.shift(np.asarray(place) - self.front.get_center())
        return self


def _even_rows(steps: Sequence[Shown], widths: dict[int, float], room: float) -> list[list[Shown]]:
    """As few rows as will do, about equally full."""

    def fill(room: float) -> list[list[Shown]]:
        rows: list[list[Shown]] = []
        used = room
        for step in steps:
            if used + widths[step.index] > room:
                rows.append([])
                used = 0.0
            rows[-1].append(step)
            used += widths[step.index]
        return rows

    few = len(fill(room))
    return next(rows for share in np.linspace(1 / max(few, 1), 1.0, 9) if len(rows := fill(room * share)) <= few)


def edge_key(edge: Edge) -> tuple[int, int]:
    return (edge.target.index, edge.slot)


def printed_form(quantity: Quantity, decimals: int | None = None) -> Printed:
    digits = places_for(float(quantity.value), decimals)
    return Printed(quantity, shown(float(quantity.value), digits, auto=False), digits)


def readable(text: str) -> str:
    """An operator's label with its long numbers (folded constants, powers of ten) as numbers are printed everywhere.

    >>> readable("+ 5.26e-19"), readable("− (-0.7631)"), readable("× 100000000"), readable("÷ 2.5"), readable("log10")
    ('+ 5.26·10⁻¹⁹', '− (−0.76)', '× 10⁸', '÷ 2.5', 'log10')
    """

    def put(match: re.Match[str]) -> str:
        whole, _, decimals = match[0].partition(".")
        return shown(float(match[0])) if "e" in match[0] or len(decimals) > 3 or len(whole) > 6 else match[0]

    text = re.sub(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?", put, text)
    return re.sub(r"(?<![\w)])-(?=\d)", "−", text)


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
    below = hole if base == "( )" else number_source(base)
    below = f"paren.l {below} paren.r" if "^" in below and base != "( )" else below
    return f"{below}^({hole if power == '( )' else number_source(power)})"


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


def subtree(step: Shown) -> set[int]:
    """The step and everything that it was computed from."""
    seen: set[int] = set()
    todo = list(step.outputs) if isinstance(step, Block) else [step]
    while todo:
        s = todo.pop()
        if s.index not in seen:
            seen.add(s.index)
            todo += [e.source for e in s.edges]
    return seen

