"""The lens of the reverse sweep: the active box enlarged in a panel, with the product that each of its wires carries."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, LaggedStart, Polygon, VGroup, VMobject
from manim.utils.rate_functions import smooth, squish_rate_func

from chainreel.engine import Constant

from ..stage.area import Area
from ..stage.formula import Formula, Marker, number_source
from ..stage.number import Number
from ..stage.parts import Chip, panel, slot
from ..stage.ribbon import Ribbon
from ..stage.rounding import closes, read_back
from ..stage.wire import Wire
from .figure import Figure
from .folding import Block, Link, symbol
from .folding import Node as Step
from .folding import Wire as Edge
from .graph_forward import chip_text, is_drawn

BIG = (1.24, 0.98)  # the enlarged box, at least so wide
ROW = 0.56
STUB = 0.82  # from the rows to the box
TAIL = 1.02  # from the box to the chip, and from there to the rim


class Lens(Figure):
    """`rows` are the products, one for each wire; `place` (x, y) is the middle of the panel. Made by `lens_for`."""

    def __init__(self, back: Any, step: Step, rows: list[Formula], names: list[Formula], place: tuple[float, float]):
        super().__init__(back.theme)
        theme, graph = self.theme, back.graph
        number = Number(back.graph.view.quantity("adjoint", step), theme.on_slope, 30, "bold")
        self.chip = Chip(theme, number, 0.46)
        short = 0.4 if graph.narrow else 0.0  # ribbons are shorter in a narrow frame
        width, height = panel_size(rows, names, back, step)
        stub = STUB - short
        x, y = place
        left = x - width / 2
        self.panel = slot(theme, width, height, 0.14).move_to([x, y, 0])
        self.panel.set_fill(theme.slot, 1)
        column = max(n.width for n in names)
        sign = graph.signs[step.index].copy()
        big = box_width(sign)
        box_x = left + 0.28 + column + 0.22 + max(r.width for r in rows) + 0.12 + stub + big / 2
        self.box = panel(theme, big, BIG[1], radius=0.18).move_to([box_x, y, 0]).set_stroke(theme.ink, 2.5)
        self.sign = sign.scale(min(1.35, 0.86 * big / sign.width)).move_to([box_x, y, 0])
        self.stubs, self.products = VGroup(), VGroup()
        widths = [back.widths[(e.target.index, e.slot)] for e in back.graph.into(step)]
        offsets = [(len(rows) - 1) / 2 * ROW - ROW * k for k in range(len(rows))]
        for row, name, offset, w in zip(rows, names, offsets, widths, strict=True):
            name.set_baseline(left + 0.28, y + offset - 0.1)
            row.set_baseline(left + 0.28 + column + 0.22, y + offset - 0.1)
            self.products.add(VGroup(name, row))
            end = (box_x - big / 2, y + 0.62 * offset)
            ribbon = Ribbon(theme, Wire((end[0] - stub, y + offset), end), min(max(1.4 * w, 0.1), 0.42))
            ribbon.set_grown(1.0)
            self.stubs.add(ribbon)
        self.chip.move_to([left + width - 0.24 - self.chip.width / 2, y, 0])
        tail = Wire((box_x + big / 2, y), (float(self.chip.get_left()[0]) + 0.02, y))
        self.tail = Ribbon(theme, tail, 0.2)
        self.tail.set_grown(1.0)
        node = graph.nodes[step.index]
        self.beam = self._beam(node.box)
        under = 1.5 if graph.narrow else 6.5  # there it may cross other boxes, and must not dim their names
        for part, z in (
            (self.beam, under), (self.panel, 10), (self.tail, 11), (self.stubs, 11), (self.box, 12),
            (self.sign, 13), (self.chip, 13), (self.products, 13),
        ):  # fmt: skip
            self.keep(part, z)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"One box enlarged, with {self.counted(self.stubs, 'local slope')}: one for each wire that enters it."

    def _beam(self, box: VMobject) -> VMobject:
        """The light from the small box to the large one."""
        small = getattr(box, "front", box)
        below = self.panel.get_center()[1] < small.get_center()[1]
        edges = (small.get_bottom(), self.panel.get_top()) if below else (small.get_top(), self.panel.get_bottom())
        near, far = edges[0][1], edges[1][1]
        a, b = small.get_left()[0] + 0.06, small.get_right()[0] - 0.06
        c, d = self.box.get_right()[0], self.box.get_left()[0]
        shape = Polygon([a, near, 0], [b, near, 0], [c, far, 0], [d, far, 0])
        return shape.set_fill(self.theme.ink, 0.06).set_stroke(self.theme.ink, 1.2, 0.28)

    def open(self, after: float = 0.0) -> AnimationGroup:
        """The box is enlarged; its blame stands on the right. `after`: from which share of the time on."""
        late = squish_rate_func(smooth, after, 1.0)
        parts = [FadeIn(m, rate_func=late) for m in (self.beam, self.panel, self.tail, self.chip)]
        return AnimationGroup(*parts, *(FadeIn(m, scale=0.6, rate_func=late) for m in (self.box, self.sign)))

    def tell(self) -> LaggedStart:
        """The products, one for each wire."""
        return LaggedStart(
            *(AnimationGroup(FadeIn(s), FadeIn(p)) for s, p in zip(self.stubs, self.products, strict=True)), lag_ratio=0.35
        )

    def close(self, within: float = 1.0) -> FadeOut:
        """The lens goes; `within` this share of the time, where another one opens at its place."""
        return FadeOut(self, rate_func=squish_rate_func(smooth, 0.0, within))


def box_width(sign: VMobject) -> float:
    """The width of the enlarged box: words and numbers in it are not set smaller than on the graph."""
    return max(BIG[0], 0.0 if is_drawn(sign) else sign.width / 0.86)


def panel_size(rows: list[Formula], names: list[Formula], back: Any, step: Step) -> tuple[float, float]:
    """Width and height of the panel for these rows."""
    chip = chip_text(step.adjoint) * 30 / 26 + 0.42
    ribbons = STUB + TAIL - (0.8 if back.graph.narrow else 0.0)
    big = box_width(back.graph.signs[step.index])
    width = 0.28 + max(n.width for n in names) + 0.22 + max(r.width for r in rows) + 0.12 + ribbons + big + chip
    return width, max(BIG[1] + 0.26, ROW * len(rows) + 0.22)


def lens_for(back: Any, step: Step) -> Lens | None:
    """The lens of a box where there is a free place for it; None for arrays, blocks, and where there is none."""
    edges = back.graph.into(step)
    if isinstance(step, Block) or not 1 <= len(edges) <= 3:
        return None
    if any(e.local is None or np.ndim(e.local) or np.ndim(e.adjoint) or np.ndim(e.contribution) for e in edges):
        return None
    size = 32 if back.graph.narrow else 36
    rows = [product(back, e, size) for e in edges]
    names = [Formula(partial(symbol, e.source), back.theme, size) for e in edges]
    width, height = panel_size(rows, names, back, step)
    place = free_place(back.graph, width, height, back.graph.nodes[step.index].box.get_center()[:2])
    return None if place is None else Lens(back, step, rows, names, place)


def product(back: Any, edge: Edge, size: float = 36) -> Formula:
    """What a wire carries: `6 = 2 · 3`, blame times local slope; a factor that is another value has that value's colour."""
    view = back.graph.view
    printed = [back.printed(view.quantity(kind, what)) for kind, what in
               (("contribution", edge), ("adjoint", edge.target), ("local", edge))]  # fmt: skip
    result, adjoint, local = (p.text for p in printed)

    def write(mark: Marker) -> str:
        same = "=" if closes(result, read_back(adjoint) * read_back(local)) else "approx"
        role = _factor_role(edge)
        factor = number_source(local)
        factor = f"paren.l {factor} paren.r" if factor.startswith("-") else factor
        source, target = edge.source.index, edge.target.index
        return (
            f"{mark('slope', source, number_source(result))} {mark('ink', None, same)} "
            f"{mark('slope', target, number_source(adjoint))} {mark('ink', None, 'dot')} {mark(role, source, factor)}"
        )

    return Formula(write, back.theme, size, tinted=True, printed=printed)


def _factor_role(edge: Edge) -> str:
    """In a product the local slope is the other factor, which keeps its own colour."""
    real = edge.real if isinstance(edge, Link) else edge
    if real is None or real.target.primitive != "mul" or len(real.target.operands) != 2:
        return "slope"
    other = real.target.operands[1 - real.slot]
    if isinstance(other, Constant):
        return "ink"
    return "knob" if other.source.is_input else "value"


def free_place(graph: Any, width: float, height: float, near: Any) -> tuple[float, float] | None:
    """The middle of a rectangle that hides no box, dial, basket or resting chip: the nearest to being straight below."""
    area: Area = graph.free
    taken = graph.occupied()
    low_x, high_x = area.left + width / 2, area.right - width / 2
    low_y, high_y = area.bottom + height / 2 + 0.04, area.top - height / 2
    if low_x > high_x + 1e-9 or low_y > high_y + 1e-9:
        return None
    wires = np.concatenate([w.xy[::5] for w in graph.wires.values()])  # it may cover a wire, but rather not
    best, least = None, np.inf
    for x in np.linspace(low_x, max(low_x, high_x), 41):
        for y in np.linspace(low_y, max(low_y, high_y), 33):
            cost = abs(x - near[0]) + 0.25 * abs(y - near[1]) + (0.8 if y > near[1] else 0.0)
            if cost >= least:
                continue
            if any(abs(x - (a + b) / 2) < (width + b - a) / 2 + 0.06 and abs(y - (c + d) / 2) < (height + d - c) / 2 + 0.06
                   for a, b, c, d in taken):  # fmt: skip
                continue
            covered = (np.abs(wires[:, 0] - x) < width / 2) & (np.abs(wires[:, 1] - y) < height / 2)
            cost += 0.08 * int(covered.sum())
            if cost < least:
                best, least = (float(x), float(y)), cost
    return best
