"""S9: what a derivative rule says, as cards – an expression, and its slope by one knob: a constant, c·x, c², a sum.

The slope is derived by the engine (`symbolic_gradient`), for any expression. Invariant: what stands on a card is the derivative
that the engine's reverse sweep computes, wherever it is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import UP, AnimationGroup, FadeIn, LaggedStart, Transform, VGroup

from chainreel.engine import EngineError, Function
from chainreel.engine.formula import formula, symbol
from chainreel.engine.symbolic import from_sympy, symbolic_gradient, symbols_of

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.parts import panel
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .knob_panel import dimmed

FOUR = ("k", "c*x", "c**2", "c*x + c**2")
TITLES = ("constant", "scaled", "square", "sum")
CONSTANT = "k"
SIZES = (44, 40, 36, 32)
EQUALS = -7  # the mark of the sign between question and answer


class RuleCards(Figure):
    """A card for each expression, in rows of `columns`: its slope by the knob `by`, and what that is.

    `titles` are words for the cards; `data` are names that are welded in, drawn as data; `role` is that of `by`.
    Verbs: `deal(k)` (the question), `derive(k)` (its slope), `appear`, `light(k)`.

    Raises StageError where the cards do not fit in `area`.
    """

    def __init__(
        self, theme: Theme, area: Area, expressions: Sequence[str] = FOUR, by: str = "c", data: Sequence[str] = ("x",),
        columns: int = 2, titles: Sequence[str] = (), role: str = "knob",
    ):  # fmt: skip
        super().__init__(theme)
        if not expressions:
            raise StageError("there is no rule to show")
        self.by, self.data, self.role = by, frozenset(data), role
        self.functions = [self._function(text) for text in expressions]
        self.slopes = [self._derived(f) for f in self.functions]
        columns = min(columns, len(expressions))
        rows = -(-len(expressions) // columns)
        cell = (area.width / columns, min(area.height / rows, 2.4))
        top = float(area.center[1]) + cell[1] * rows / 2
        for size in SIZES:
            inside = [self._inside(k, size) for k in range(len(expressions))]
            if max(i.width for i in inside) <= cell[0] - 0.7 and max(i.height for i in inside) <= cell[1] - 0.5:
                break
        else:
            raise StageError(f"{len(expressions)} rules do not fit in {area.width:.1f} by {area.height:.1f} units")
        self.cards: list[VGroup] = []
        self.answers: list[VGroup] = []  # the right side of each card's equation
        self.full: list[Formula] = []  # the equation when it is there
        for k, lines in enumerate(inside):
            row, column = divmod(k, columns)
            short = columns * rows - len(expressions) if row == rows - 1 else 0
            x = area.left + cell[0] * (column + 0.5 + short / 2)
            back = panel(theme, cell[0] - 0.3, cell[1] - 0.25).set_fill([theme.slot, theme.slot], 1)
            place = np.array([x, top - cell[1] * (row + 0.5), 0])
            card = VGroup(back.move_to(place), lines.move_to(place))
            if k < len(titles):
                word = Label(titles[k], theme.muted, 24)
                card.add(word.move_to([back.get_left()[0] + 0.25 + word.width / 2, back.get_top()[1] - 0.32, 0]))
                lines.shift([0, -0.14, 0])
            self.cards.append(card)
            signs = [i for i, glyph in enumerate(lines) if glyph.mark.step == EQUALS]
            self.answers.append(VGroup(*lines[signs[0] :]))
            self.full.append(lines.copy())

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"Cards with the slope by {self.by} of {self.listed(f.title for f in self.functions)}."

    def _function(self, text: str) -> Function:
        function = Function.parse(text)
        return function if self.by in function.inputs else Function.parse(text, [*function.inputs, self.by])

    def _derived(self, function: Function) -> Function | float:
        """The slope by the knob as a function of the same inputs, or as the number that it always is."""
        slope = symbolic_gradient(function).get(self.by, 0)
        try:
            fixed = getattr(slope, "is_number", True)
            return float(slope) if fixed else from_sympy(slope, list(symbols_of(function).values()))
        except EngineError as problem:
            raise StageError(f"the slope of {function.title} has no formula: {problem.sentence}") from None

    def value(self, k: int, at: dict[str, float]) -> float:
        """The slope on card k at a point (for tests)."""
        made = self.slopes[k]
        return made if isinstance(made, float) else float(made(**{n: at[n] for n in made.inputs}))

    def _marked(self, mark: Marker, names: Sequence[str]) -> Marker:
        """Inputs that are data in the colour of data, the constant k in ink, and what is derived by in its role."""
        roles = {**dict.fromkeys(self.data, "data"), CONSTANT: "ink", self.by: self.role}
        painted = {k: roles[name] for k, name in enumerate(names) if name in roles}
        return lambda role, step, body: mark(painted.get(step, role), step, body)  # type: ignore[return-value, arg-type]

    def _inside(self, k: int, size: float) -> Formula:
        function, made = self.functions[k], self.slopes[k]
        trace = function.trace({name: 0.7 + 0.4 * i for i, name in enumerate(function.inputs)})

        def head(mark: Marker) -> str:
            knob = symbol(trace.inputs[function.inputs.index(self.by)], self._marked(mark, function.inputs))
            body = formula(trace.output, self._marked(mark, function.inputs), expand="inputs")
            body = body if trace.output.is_input else f"({body})"
            return f"{mark('slope', None, 'd')} / ({mark('slope', None, 'd')} {knob}) {body}"

        def rule(mark: Marker) -> str:
            return f"{mark('ink', EQUALS, '=')} {self._text(made, mark)}"

        return Formula(lambda mark: f"{head(mark)} {rule(mark)}", self.theme, size, tinted=True)

    def _text(self, made: Function | float, mark: Marker) -> str:
        if isinstance(made, float):
            return mark("slope", None, number_source(shown(made)))
        trace = made.trace({name: 0.7 + 0.4 * i for i, name in enumerate(made.inputs)})
        return formula(trace.output, self._marked(mark, made.inputs), expand="inputs")

    # Verbs ----------------------------------------------------------------------------------------------------------

    def deal(self, k: int, run_time: float = 0.7) -> AnimationGroup:
        """Card k with its expression: what is its slope?"""
        back, *text = self.cards[k]
        for glyph in self.answers[k]:
            glyph.set_fill(opacity=0).set_stroke(opacity=0)
        parts = [self.keep(part, z) for part, z in ((back, 3), *((part, 4) for part in text))]
        return AnimationGroup(*(FadeIn(part, shift=0.2 * UP) for part in parts), run_time=run_time)

    def derive(self, k: int, run_time: float = 0.7) -> Transform:
        """The slope of card k."""
        return Transform(self.cards[k][1], self.full[k].copy(), run_time=run_time)

    def appear(self, run_time: float = 2.6) -> LaggedStart:
        """All cards, whole, one after the other."""
        for card in self.cards:
            for part, z in zip(card, (3, 4, 4), strict=False):
                self.keep(part, z)
        shows = [FadeIn(card, shift=0.2 * UP) for card in self.cards]
        return LaggedStart(*shows, lag_ratio=0.4, run_time=run_time)

    def light(self, *which: int, run_time: float = 0.6) -> AnimationGroup:
        """Only these cards stay bright; all of them without any."""
        moves = [
            dimmed(part, bool(which) and k not in which)
            for k, card in enumerate(self.cards) for part in card if part in self.submobjects
        ]  # fmt: skip
        return AnimationGroup(*moves, run_time=run_time)


__all__ = ["FOUR", "RuleCards"]
