"""S5: a square whose side grows by a nudge – two strips and a small corner: why x² changes by 2x per unit.

Reads a table of differences of x². Invariants: side, strips and corner are to scale; their areas are the parts of the rise, the
linear one (slope times step) and the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Differences, Quantity
from chainreel.engine.symbols import typeset

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.ledger import Printed
from ..stage.rounding import closes, decimals_for, read_back, shown
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.wire import polygon
from .figure import Figure
from .symbols import name_formula

LABELS = 0.95  # room below and left of the square for the name of its side


class GrowingSquare(Figure):
    """The square of one input in `area`; row i of `differences` is a nudge of its side. Verbs: `appear`, `grow(i)`,
    `name_strips`, `name_corner`, `forget_names`.

    `equation(i)` is the rise as the sum of its parts. Raises StageError for functions that are no square of their input, and
    for sides and nudges that are not positive.
    """

    def __init__(self, theme: Theme, differences: Differences, area: Area, source: str = "differences"):
        super().__init__(theme)
        self.differences, self.source = differences, source
        self.side = float(differences.at[differences.name])
        for row in differences.rows:
            if differences.scheme != "forward" or not np.isclose(row.moved, (self.side + row.delta) ** 2, rtol=1e-9):
                raise StageError(f"{differences.function.title} is not the square of {differences.name}")
        if not (self.side > 0 and min(differences.deltas) > 0):
            raise StageError("a square is drawn of a positive side and positive nudges")
        most = self.side + max(differences.deltas)
        self.unit = min(area.width, area.height) - LABELS
        self.unit /= most
        self.corner = np.array([area.center[0] - most * self.unit / 2 + LABELS / 2, area.bottom + LABELS])
        self.delta = 0.0
        self.body = self._box(theme.loss, 0.26 if theme.dark else 0.14)
        self.strips = VGroup(*(self._box(theme.slope, 0.55 if theme.dark else 0.30) for _ in range(2)))
        self.bit = self._box(theme.ink, 0.55 if theme.dark else 0.35)
        self.named = name_formula(differences.name, theme, "loss", 40)
        self.named.move_to([self.corner[0] + self.side * self.unit / 2, self.corner[1] - 0.4, 0])
        self.step = Label("Δ", theme.tint("slope"), 30, "semibold")
        self.put(0.0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        name = self.differences.name
        return f"A square of side {name} = {self.told(self.side)}; its side grows, and it gains two strips and a small corner."

    def _box(self, colour: str, strength: float) -> VMobject:
        return VMobject().set_fill(colour, strength).set_stroke(colour, 2)

    def put(self, delta: float) -> None:
        """The square with its side longer by so much."""
        self.delta = delta
        x, y = self.corner
        e, d = self.side * self.unit, delta * self.unit
        self.body.points = _rectangle(x, y, e, e)
        self.strips[0].points = _rectangle(x + e, y, d, e)
        self.strips[1].points = _rectangle(x, y + e, e, d)
        self.bit.points = _rectangle(x + e, y + e, d, d)
        self.step.move_to([x + e + d / 2, y - 0.4, 0])

    def quantity(self, what: str, i: int) -> Quantity:
        """A number of the table under this figure's source."""
        return replace(self.differences.quantity(what, i), source=self.source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.9) -> AnimationGroup:
        """The square and the name of its side."""
        return AnimationGroup(FadeIn(self.keep(self.body, 2)), FadeIn(self.keep(self.named, 5)), run_time=run_time)

    def grow(self, i: int, run_time: float = 1.4) -> Animation:
        """The side grows to the nudge of row i, or shrinks to it from a longer one."""
        fresh = self.step not in self.submobjects
        for part, z in ((self.strips, 3), (self.bit, 4), (self.step, 5)):
            self.keep(part, z)
        grow = Grow(self, self.differences.deltas[i], run_time)
        return AnimationGroup(FadeIn(self.step), grow, run_time=run_time) if fresh else grow

    def name_strips(self, run_time: float = 0.8) -> AnimationGroup:
        """The side times the nudge, beside each strip."""
        x, y = self.corner
        e, d = self.side * self.unit, self.delta * self.unit
        source = typeset(self.differences.name)
        self.names_ = VGroup()

        def write(mark: Marker) -> str:
            return f"{mark('loss', None, source)} {mark('slope', None, 'Delta')}"

        right, above = (Formula(write, self.theme, 36, tinted=True) for _ in range(2))
        right.move_to([x + e + d + 0.18 + right.width / 2, y + e / 2, 0])
        above.move_to([x + e / 2, y + e + d + 0.32, 0])
        self.names_.add(right, above)
        return AnimationGroup(*(FadeIn(name) for name in self.keep(self.names_, 5)), run_time=run_time)

    def name_corner(self, run_time: float = 0.8) -> AnimationGroup:
        """The nudge times itself, beside the corner."""
        x, y = self.corner
        far = (self.side + self.delta) * self.unit
        name = Formula(lambda mark: f"{mark('slope', None, 'Delta')}^2", self.theme, 36, tinted=True)
        name.move_to([x + far + 0.12 + name.width / 2, y + far + 0.18, 0])
        self.names_.add(self.keep(name, 5))
        return AnimationGroup(FadeIn(name), run_time=run_time)

    def forget_names(self, run_time: float = 0.5) -> FadeOut:
        """The names of strips and corner go."""
        names = VGroup(*self.names_)
        self.drop(self.names_, *names)
        return FadeOut(names, run_time=run_time)

    def equation(self, i: int, size: float = 40) -> Formula:
        """`0.16 = 0.15 + 0.01`: the rise of row i, its strips and its corner, rounded so that the shown numbers close."""
        whole, strips, rest = (self.quantity(what, i) for what in ("rise", "linear", "rest"))
        start = decimals_for(float(rest.value)) or 0
        for places in range(max(start - 2, 0), start + 7):
            texts = [shown(float(q.value), places, auto=False) for q in (whole, strips, rest)]
            good = closes(texts[0], read_back(texts[1]) + read_back(texts[2])) and read_back(texts[2]) != 0
            if good:
                break
        entries = [Printed(q, t, places) for q, t in zip((whole, strips, rest), texts, strict=True)]

        def write(mark: Marker) -> str:
            parts: list[Any] = [
                mark("loss", None, number_source(texts[0])), mark("ink", None, "=" if good else "approx"),
                mark("slope", None, number_source(texts[1])), mark("ink", None, "+"),
                mark("ink", None, number_source(texts[2])),
            ]  # fmt: skip
            return " ".join(parts)

        return Formula(write, self.theme, size, tinted=True, printed=entries)


class Grow(Animation):
    """From one length of the side to another."""

    def __init__(self, figure: GrowingSquare, delta: float, run_time: float):
        self.figure, self.start, self.end = figure, figure.delta, delta
        super().__init__(VGroup(figure.strips, figure.bit, figure.step), run_time=run_time, rate_func=smooth)

    def begin(self) -> None:
        self.start = self.figure.delta
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.put(self.end if share >= 1 else self.start + (self.end - self.start) * share)


def _rectangle(x: float, y: float, width: float, height: float) -> np.ndarray:
    if width <= 0 or height <= 0:
        return np.zeros((0, 3))
    return polygon(np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]]))


__all__ = ["GrowingSquare"]
