"""S2: a field of very many dials, and what each of them wants: one arrow. First nobody knows which way it points.

Invariants: before the answer no arc prefers a way; the arrow of the answer points against the slope. One dial is enlarged,
so that the question can be read.
"""

from __future__ import annotations

import math

import numpy as np
from manim import Animation, AnimationGroup, Circle, Create, FadeIn, FadeOut, Line, VGroup, VMobject

from chainreel.engine import Quantity

from ..stage.dial import Dial, TurnHint
from ..stage.errors import StageError
from ..stage.parts import round_caps
from ..stage.theme import Theme
from ..stage.type import Label
from .figure import Figure
from .knob_panel import LONGEST, KnobField

SPAN = 0.62  # radians that an unknown arrow reaches to each side
BIG = 0.92  # radius of the enlarged dial
ROUND = 1.95  # of the lens, in radii of the enlarged dial


class FieldQuestion(Figure):
    """Over `field`, with dial `k` enlarged at `at`. Verbs: `ask`, `enlarge`, `answer(slope, steepest)`, `shut`."""

    def __init__(self, field: KnobField, theme: Theme, k: int, at: tuple[float, float]):
        super().__init__(theme)
        if not 0 <= k < len(field.values):
            raise StageError(f"there is no dial {k}; the field has {len(field.values)}")
        self.field, self.k = field, k
        self.wanted = self._wanted()
        self.dial = Dial(theme, float(field.values[k]), -field.limit, field.limit, BIG).shift([*at, 0])
        lens = Circle(ROUND * BIG).move_to([*at, 0]).set_fill(theme.slot, 0.97).set_stroke(theme.ink, 3)
        small = field.places[k]
        ring = Circle(0.75 * field.pitch).move_to([*small, 0]).set_stroke(theme.ink, 3).set_fill(opacity=0)
        way = np.array([*at]) - small
        far = float(np.hypot(*way)) or 1.0
        start, end = small + way / far * 0.75 * field.pitch, np.array(at) - way / far * ROUND * BIG
        self.stick = round_caps(Line([*start, 0], [*end, 0]).set_stroke(theme.ink, 2.5, 0.9))
        self.lens, self.ring = lens, ring
        self.unknown = self._unknown()
        self.mark = Label("?", theme.tint("slope"), 44, "bold")
        self.mark.move_to(self.dial.centre + 1.52 * BIG * self._way(self.dial.angle))
        self.arrow: TurnHint | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return "Round every dial of a field, an arrow that may still point either way; one dial is enlarged."

    @staticmethod
    def _way(angle: float) -> np.ndarray:
        return np.array([math.cos(angle), math.sin(angle), 0.0])

    def _wanted(self) -> VMobject:
        """A faint arc round the notch of every dial, as far to one side as to the other."""
        field = self.field
        middle = field.angles(field.values)
        turns = middle[:, None] + SPAN * np.array([-1.0, -1 / 3, 1 / 3, 1.0])[None, :]
        points = np.stack([np.cos(turns), np.sin(turns)], axis=2) * field.radius * 1.3 + field.places[:, None, :]
        arcs = VMobject().set_stroke(self.theme.slope, max(1.6, min(3.0, 16 * field.radius)), 0.75).set_fill(opacity=0)
        arcs.points = np.column_stack([points.reshape(-1, 2), np.zeros(points.shape[0] * 4)])
        return arcs

    def _unknown(self) -> VGroup:
        """Dashes to both sides of the enlarged notch."""
        r, at = 1.42 * BIG, self.dial.centre
        dashes = VGroup()
        for side in (-1.0, 1.0):
            for n in range(4):
                turn = np.linspace(0.30 + 0.17 * n, 0.40 + 0.17 * n, 6) * side + self.dial.angle
                dash = VMobject().set_stroke(self.theme.slope, 5).set_fill(opacity=0)
                dash.set_points_as_corners(at + r * np.column_stack([np.cos(turn), np.sin(turn), np.zeros(6)]))
                dashes.add(round_caps(dash))
        return dashes

    # Verbs ----------------------------------------------------------------------------------------------------------

    def ask(self, run_time: float = 1.2) -> FadeIn:
        """Every dial wants an arrow; it could point either way."""
        return FadeIn(self.keep(self.wanted, 3), run_time=run_time)

    def enlarge(self, run_time: float = 1.0) -> AnimationGroup:
        """One of them, large enough to read the question."""
        self.keep(self.ring, 6), self.keep(self.stick, 6)
        for part, z in ((self.lens, 7), (self.dial, 8), (self.unknown, 9), (self.mark, 9)):
            self.keep(part, z)
        grown = FadeIn(VGroup(self.lens, self.dial, self.unknown), target_position=self.ring.get_center(), scale=0.15)
        return AnimationGroup(FadeIn(self.ring), Create(self.stick), grown, FadeIn(self.mark), run_time=run_time)

    def answer(self, slope: Quantity, steepest: float | None = None, run_time: float = 0.9) -> AnimationGroup:
        """The enlarged dial gets its arrow, against its slope; `steepest` is the slope that turns it by the most."""
        value = float(slope.value)
        if not value:
            raise StageError("a slope of nothing has no arrow")
        angle = -value / (steepest or abs(value)) * LONGEST
        self.arrow = self.keep(TurnHint(self.theme, self.dial, angle), 9)
        self.drop(self.unknown, self.mark)
        leave: list[Animation] = [FadeOut(self.unknown), FadeOut(self.mark)]
        return AnimationGroup(*leave, Create(self.arrow[0]), FadeIn(self.arrow[1]), run_time=run_time)

    def shut(self, run_time: float = 0.6) -> AnimationGroup:
        """The enlarged dial goes back into the field."""
        parts = [p for p in (self.ring, self.stick, self.lens, self.dial, self.unknown, self.mark, self.arrow)
                 if p is not None and p in self.submobjects]  # fmt: skip
        self.drop(*parts)
        return AnimationGroup(*(FadeOut(p) for p in parts), run_time=run_time)


__all__ = ["FieldQuestion"]
