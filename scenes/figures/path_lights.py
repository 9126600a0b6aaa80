"""The paths of a small graph: each lights up from the output back to the input, and its product of local slopes is written.

Reads Paths on the graph of S7. Invariants: light runs only along wires; the ribbon of a path is as wide as its product is
large; the products of all paths add up to the engine's slope.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, RoundedRectangle, TransformFromCopy, VGroup, VMobject

from chainreel.engine import Edge, Quantity, symbol
from chainreel.engine.paths import Path, Paths

from ..stage.area import Area
from ..stage.formula import Formula, Marker, number_source
from ..stage.number import Number
from ..stage.parts import awaiting
from ..stage.plate import Plate
from ..stage.ribbon import GrowRibbon, Ribbon
from ..stage.rounding import closes, read_back
from .figure import Figure
from .graph_forward import GraphForward, edge_key
from .products import factor
from .symbols import printed

WIDEST = 0.34


class PathLights(Figure):
    """All paths of `paths` on a graph; their products stand in rows in `room`, in `columns` columns.

    `name` is the source of the products, `trace` that of the local slopes. Verbs: `slopes`, `slots`, `light(i)`,
    `calm(i)`.
    """

    def __init__(
        self, graph: GraphForward, paths: Paths, room: Area, columns: int = 2, *, name: str = "paths", trace: str = "trace"
    ):
        super().__init__(graph.theme)
        self.graph, self.paths, self.room, self.columns = graph, paths, room, columns
        self.source, self.trace_source = name, trace
        self.largest = max((abs(path.product) for path in paths), default=0.0) or 1.0
        self.rows = self._rows()
        self.marks = {key: mark for key, mark in self._marks()}
        self.ribbons: dict[int, list[Ribbon]] = {}
        self.blanks: list[VMobject] = []

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"The routes from {self.paths.name} to the output, {self.counted(int(self.paths.count), 'path')}, each "
            "with the product of its slopes."
        )

    def local(self, edge: Edge) -> Quantity:
        """The local slope of a wire."""
        return replace(self.paths.trace.quantity("local", edge), source=self.trace_source)

    def quantity(self, what: str, path: int = 0) -> Quantity:
        """A number of the paths: count, links, arrows, slope, product, total."""
        return replace(self.paths.quantity(what, path), source=self.source)

    def width(self, path: Path) -> float:
        """The width of a path's ribbon: proportional to its product."""
        return max(WIDEST * abs(path.product) / self.largest, 0.03)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _marks(self) -> list[tuple[tuple[int, int], Plate]]:
        """Local slopes on the wires that some path uses and that are long enough for them."""
        made: list[tuple[tuple[int, int], Plate]] = []
        for edge in {edge_key(e): e for path in self.paths for e in path.edges}.values():
            wire = self.graph.wires[edge_key(edge)]
            number = Number(self.local(edge), self.theme.tint("slope"), 26, "bold")
            number.ground = self.theme.slot
            if wire.length < number.width + 0.45 or self.graph.dense:
                continue
            plate = Plate(self.theme, number, (0.08, 0.06)).move_to(wire.at(0.5))
            if all(self._apart(plate, other) for _, other in made):
                made.append((edge_key(edge), plate))
        return made

    @staticmethod
    def _apart(one: VMobject, other: VMobject) -> bool:
        a, b = one.get_center(), other.get_center()
        return bool(abs(a[0] - b[0]) > (one.width + other.width) / 2 or abs(a[1] - b[1]) > (one.height + other.height) / 2)

    def _rows(self) -> list[Formula]:
        size = next((s for s in (36, 34, 32) if self._fits([self._row(i, s, names=True) for i in range(len(self.paths))])), 0)
        names = size > 0
        rows = [self._row(i, size or 32, names=names) for i in range(len(self.paths))]
        cells = self.room.columns(*[1] * self.columns, gap=0.3)
        lines = math.ceil(len(rows) / self.columns)
        pitch = min(0.62, self.room.height / max(lines, 1))
        for k in range(self.columns):
            group = rows[k * lines : (k + 1) * lines]
            if group:  # a column stands in the middle of its cell, its rows begin below each other
                left = cells[k].center[0] - max(row.width for row in group) / 2
                for i, row in enumerate(group):
                    row.set_baseline(left, self.room.top - pitch * (i + 0.5) - 0.1)
        return rows

    def _fits(self, rows: Sequence[Formula]) -> bool:
        return all(row.width < self.room.width / self.columns - 0.3 for row in rows)

    def _row(self, i: int, size: float, names: bool) -> Formula:
        """`a ← p ← f   3 · 2 = 6`."""
        path = self.paths[i]
        entries = [printed(self.local(edge)) for edge in path.edges]
        result = printed(self.quantity("product", i))
        again = math.prod(read_back(e.text) for e in entries)

        def write(mark: Marker) -> str:
            arrow = f" {mark('ink', None, 'arrow.l')} "
            way = arrow.join(symbol(step, mark) for step in path.steps)
            dot = f" {mark('ink', None, 'dot')} "
            parts = dot.join(mark("slope", e.target.index, factor(p.text, first=k == 0))
                             for k, (e, p) in enumerate(zip(path.edges, entries, strict=True)))  # fmt: skip
            same = mark("ink", None, "=" if closes(result.text, again) else "approx")
            tail = "" if len(entries) == 1 else f" {same} {mark('slope', -1, number_source(result.text))}"
            return f"{way} quad {parts}{tail}" if names else parts + tail

        kept = [*entries, result] if len(entries) > 1 else entries
        return Formula(write, self.theme, size, tinted=True, printed=kept)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def slopes(self, run_time: float = 1.0) -> Animation:
        """Every wire that matters, and has room for it, shows its local slope (`marks` may be empty)."""
        return AnimationGroup(*(FadeIn(self.keep(mark, 7), scale=0.8) for mark in self.marks.values()), run_time=run_time)

    def slots(self, run_time: float = 1.0) -> Animation:
        """An empty place for the product of every path: so many there are."""
        for row in self.rows:
            place = RoundedRectangle(corner_radius=0.1, width=row.width + 0.2, height=0.40).move_to(row)
            self.blanks.append(self.keep(awaiting(self.theme, place, "slope", 40).set_stroke(width=2, opacity=0.7), 2))
        return LaggedStart(*map(FadeIn, self.blanks), lag_ratio=0.4, run_time=run_time)

    def light(self, i: int, run_time: float = 1.4) -> list[Animation]:
        """One path lights up from the output back to the input; then its product stands in its row."""
        path, theme = self.paths[i], self.theme
        ribbons = []
        stages: list[Animation] = []
        share = max(run_time / len(path.edges), 0.35)
        for edge in reversed(path.edges):
            ribbon = Ribbon(theme, self.graph.wires[edge_key(edge)], self.width(path), fine=self.graph.dense)
            ribbons.append(self.keep(ribbon, 1))
            stages.append(GrowRibbon(ribbon, run_time=share))
        self.ribbons[i] = ribbons
        row = self.keep(self.rows[i], 6)
        marks = [self.marks[edge_key(edge)] for edge in path.edges if edge_key(edge) in self.marks]
        if len(marks) == len(path.edges):  # the slopes come down from their wires
            stages.append(TransformFromCopy(VGroup(*(mark.text for mark in marks)), row, run_time=1.0))
        else:
            stages.append(FadeIn(row, run_time=0.6))
        if self.blanks:
            self.drop(self.blanks[i])
            stages[-1] = AnimationGroup(stages[-1], FadeOut(self.blanks[i], run_time=0.5))
        return stages

    def calm(self, i: int, run_time: float = 0.4) -> Animation:
        """The light of a path goes; its product stays."""
        ribbons = self.ribbons.pop(i)
        self.drop(*ribbons)
        return AnimationGroup(*map(FadeOut, ribbons), run_time=run_time)

    def total(self, size: float = 40) -> Formula:
        """`∂f/∂a = 4 + 6 + 2 + 3 = 15`: the products and their sum."""
        entries = [printed(self.quantity("product", i)) for i in range(len(self.paths))]
        slope = printed(self.quantity("slope"))
        again = sum(read_back(entry.text) for entry in entries)
        many = len(entries) > 1

        def write(mark: Marker) -> str:
            d, trace = mark("slope", None, "partial"), self.paths.trace
            head = f"{d} {symbol(trace.output, mark)} {mark('ink', None, 'slash')} {d} {symbol(self.paths.start, mark)}"
            parts = " + ".join(mark("slope", i, factor(e.text, first=i == 0)) for i, e in enumerate(entries))
            same = mark("ink", None, "=" if closes(slope.text, again) else "approx")
            body = f"{parts} {same} " if many else ""
            return f"{head} = {body}{mark('slope', -1, number_source(slope.text))}"

        return Formula(write, self.theme, size, tinted=True, printed=[*(entries if many else []), slope])
