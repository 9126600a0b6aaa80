"""S9: a table of local rules – a card for each operation, with the slope by each of its operands. A library needs little more.

Reads the engine's rules. Invariants: a card has a rule for every operand of its operation, as the engine writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from manim import UP, Animation, AnimationGroup, FadeIn, LaggedStart, Transform, VGroup

from chainreel.engine import Function, local_formula
from chainreel.engine.formula import formula, symbol
from chainreel.engine.trace import Edge, Trace

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.parts import panel
from ..stage.theme import Theme
from .figure import Figure
from .knob_panel import dimmed

BASIC = ("u + v", "u - v", "u*v", "u**2", "tanh(u)", "max(u, v)")
SIZES = (40, 36, 32)


class RuleTable(Figure):
    """Cards of functions that are one operation each, in rows of `columns`. Verbs: `appear`, `deal(k)`, `light(k)`.

    Raises StageError for functions of several operations, and where the cards do not fit in `area`.
    """

    def __init__(self, theme: Theme, area: Area, functions: Sequence[str] = BASIC, columns: int = 3):
        super().__init__(theme)
        self.traces = [_one(text) for text in functions]
        columns = min(columns, len(self.traces))
        rows = -(-len(self.traces) // columns)
        cell = (area.width / columns, min(area.height / rows, 3.1))
        top = float(area.center[1]) + cell[1] * rows / 2
        for size in SIZES:
            inside = [self._inside(trace, size) for trace in self.traces]
            if max(i.width for i in inside) <= cell[0] - 0.7 and max(i.height for i in inside) <= cell[1] - 0.45:
                break
        else:
            raise StageError(f"{len(self.traces)} rules do not fit in {area.width:.1f} by {area.height:.1f} units")
        self.cards: list[VGroup] = []
        for k, lines in enumerate(inside):
            row, column = divmod(k, columns)
            short = columns * rows - len(self.traces) if row == rows - 1 else 0
            x = area.left + cell[0] * (column + 0.5 + short / 2)
            back = panel(theme, cell[0] - 0.3, cell[1] - 0.25).set_fill([theme.slot, theme.slot], 1)
            card = VGroup(back, lines.move_to(back.get_center())).move_to([x, top - cell[1] * (row + 0.5), 0])
            self.cards.append(card)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A table of rules for {self.listed(trace.function.title for trace in self.traces)}."

    def _inside(self, trace: Trace, size: float) -> VGroup:
        lines = [Formula(lambda mark, t=trace: formula(t.output, mark, expand="inputs"), self.theme, size)]  # type: ignore[misc]
        lines += [Formula(self._rule(trace, edge), self.theme, size, tinted=True) for edge in trace.output.edges]
        return VGroup(*lines).arrange(-UP, buff=0.18)

    @staticmethod
    def _rule(trace: Trace, edge: Edge) -> Callable[[Marker], str]:
        def write(mark: Marker) -> str:
            head = f"{mark('slope', None, 'partial')} slash {mark('slope', None, 'partial')} {symbol(edge.source, mark)}"
            return f"{head} {mark('ink', None, '=')} {local_formula(edge, mark)}"

        return write

    # Verbs ----------------------------------------------------------------------------------------------------------

    def deal(self, k: int, run_time: float = 0.7) -> FadeIn:
        """Card k is laid down."""
        return FadeIn(self.keep(self.cards[k], 3), shift=0.25 * UP, run_time=run_time)

    def appear(self, run_time: float = 2.4) -> LaggedStart:
        """All cards, one after the other."""
        return LaggedStart(*(self.deal(k) for k in range(len(self.cards))), lag_ratio=0.4, run_time=run_time)

    def light(self, *which: int, run_time: float = 0.6) -> AnimationGroup:
        """Only these cards stay bright; all of them without any."""
        moves: list[Animation] = []
        for k, card in enumerate(self.cards):
            if card in self.submobjects:
                lit: Transform = dimmed(card, bool(which) and k not in which)
                moves.append(lit)
        return AnimationGroup(*moves, run_time=run_time)


def _one(text: str) -> Trace:
    function = Function.parse(text)
    trace = function.trace(function.point())
    if sum(not step.is_input for step in trace.steps) != 1:
        raise StageError(f"a card holds one operation, and {text} has several, or none")
    return trace


__all__ = ["BASIC", "RuleTable"]
