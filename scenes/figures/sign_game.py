"""S4: the sign game – places on a curve, each with the question which way its knob should turn, and the answers by slopes.

Reads the engine's slope at each place. Invariants: an arrow points against its slope; a place without a slope to speak of is
refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import Animation, AnimationGroup, Create, Dot, FadeIn, FadeOut, Line, Polygon, VGroup

from chainreel.engine import EngineError, Quantity

from ..stage.errors import StageError
from ..stage.parts import round_caps
from ..stage.plate import Plate
from ..stage.spot import free_spot
from ..stage.type import Label
from .figure import Figure
from .loss_slice import LossSlice

FLAT = 0.06  # of the steepest slope: less than that is no clear answer
LONG = 0.95  # of an arrow, frame units
MOST = 5


class SignGame(Figure):
    """Questions about `places` on the curve of `slice_`. Verbs: `ask`, `answer(k)` (the slope's sign, then the arrow), `leave`.

    `slope(k)` is a place's slope, `turns_up(k)` the answer; `sources` name the traces of the places, in their order. Raises
    StageError where a slope is too small for an answer.
    """

    def __init__(self, slice_: LossSlice, places: Sequence[float], source: str = "place"):
        super().__init__(slice_.theme)
        if not 1 <= len(places) <= MOST:
            raise StageError(f"the sign game is played at one to {MOST} places, not {len(places)}")
        self.slice, self.places = slice_, [float(x) for x in places]
        self.sources = [f"{source} {k + 1}" for k in range(len(places))]
        try:
            self.traces = [slice_.function.trace({**slice_.fixed, slice_.name: x}, strict=True) for x in self.places]
        except EngineError as problem:
            raise StageError(f"there is no slope to guess the sign of: {problem.sentence}") from None
        self.slopes = [float(trace.gradient[slice_.name]) for trace in self.traces]
        steepest = max(map(abs, self.slopes))
        for x, slope in zip(self.places, self.slopes, strict=True):
            if abs(slope) <= FLAT * steepest or not slope:
                raise StageError(f"at {slice_.name} = {x:g} the curve is nearly level, so neither way is the answer")
        theme = self.theme
        self.dots = [Dot(radius=0.115, color=theme.ink).set_stroke(theme.ground, 2.5).move_to(slice_.place(x)) for x in places]
        self.marks = [self._mark(k) for k in range(len(places))]
        self.plumbs = [self._plumb(k) for k in range(len(places))]
        self.ways = [self._ways(k) for k in range(len(places))]
        self.signs = [self._sign(k) for k in range(len(places))]
        self.tangents = [slice_.tangent_at(x, s) for x, s in zip(self.places, self.slopes, strict=True)]
        self.arrows = [self._arrow(k) for k in range(len(places))]

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        places = self.counted(self.places, "place")
        return f"{places} on the curve, each with a question: should {self.slice.name} turn up or down?"

    def slope(self, k: int) -> Quantity:
        """The slope at a place, under its source."""
        trace = self.traces[k]
        index = trace.function.inputs.index(self.slice.name)
        found = trace.quantity("adjoint", trace.inputs[index])
        return Quantity(self.sources[k], found.key, found.value)

    def turns_up(self, k: int) -> bool:
        """Whether the loss falls when the knob is turned up."""
        return self.slopes[k] < 0

    # Parts ----------------------------------------------------------------------------------------------------------

    def _foot(self, k: int) -> np.ndarray:
        """Where the answer's arrow begins: on the ruler, under the place."""
        return np.array([self.slice.place(self.places[k])[0], self.slice.view.box[2], 0.0])

    def _plumb(self, k: int) -> Line:
        """From the place down to its arrows."""
        at, foot = self.dots[k].get_center(), self._foot(k)
        return Line([at[0], at[1] - 0.14, 0], [foot[0], foot[1] + 0.02, 0]).set_stroke(self.theme.knob, 1.6, 0.45)

    def _busy(self) -> np.ndarray:
        return np.concatenate([self.slice._seen(), *(dot.get_center()[None, :2] for dot in self.dots)])

    def _room(self) -> tuple[float, float, float, float]:
        left, right, bottom, top = self.slice.view.box
        return left + 0.1, right - 0.05, bottom + 0.35, top + 0.3

    def _mark(self, k: int) -> Plate:
        mark = Plate(self.theme, Label("?", self.theme.ink, 34, "bold"))
        return mark.move_to(free_spot([self.dots[k].get_center()], (mark.width, mark.height), self._busy(), self._room(), 0.2))

    def _sign(self, k: int) -> VGroup:
        """The sign of the slope, drawn: a bar, or a bar with another across."""
        theme, at = self.theme, self.marks[k].get_center()
        bars = [Line([-0.15, 0, 0], [0.15, 0, 0])] + ([Line([0, -0.15, 0], [0, 0.15, 0])] if self.slopes[k] > 0 else [])
        return VGroup(*(round_caps(bar.set_stroke(theme.tint("slope"), 6)) for bar in bars)).move_to(at)

    def _ways(self, k: int) -> VGroup:
        """A short arrow to either side, under the place: this way, or that way?"""
        at = self._foot(k) + [0, 0.11, 0]
        return VGroup(*(self._pointer(at + [side * 0.2, 0, 0], side * 0.34, self.theme.muted, 3.0) for side in (-1, 1)))

    def _arrow(self, k: int) -> VGroup:
        """The answer: along the ruler, against the slope."""
        side = 1.0 if self.turns_up(k) else -1.0
        return self._pointer(self._foot(k) + [side * 0.12, 0.11, 0], side * LONG, self.theme.knob, 5.0)

    @staticmethod
    def _pointer(start: np.ndarray, long: float, colour: str, width: float) -> VGroup:
        side, head = np.sign(long), min(0.13 + 0.01 * width, 0.5 * abs(long))
        end = start + [long, 0, 0]
        shaft = round_caps(Line(start, end - [side * head, 0, 0]).set_stroke(colour, width))
        back = end - [side * 1.4 * head, 0, 0]
        tip = Polygon(end, back + [0, 0.8 * head, 0], back - [0, 0.8 * head, 0])
        return VGroup(shaft, tip.set_fill(colour, 1).set_stroke(width=0))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def ask(self, run_time: float = 1.2) -> AnimationGroup:
        """Points, questions, and at the ruler an arrow to either side."""
        shows: list[Animation] = []
        for dot, mark, ways, plumb in zip(self.dots, self.marks, self.ways, self.plumbs, strict=True):
            shows.append(Create(self.keep(plumb, 1)))
            shows.append(FadeIn(self.keep(dot, 8), scale=0.4))
            shows.append(FadeIn(self.keep(mark, 9), scale=0.6))
            shows.append(FadeIn(self.keep(ways, 6)))
        return AnimationGroup(*shows, run_time=run_time)

    def answer(self, k: int, run_time: float = 0.8) -> list[Animation]:
        """The tangent and its sign in place of the question; then the arrow against it in place of the two."""
        self.drop(self.marks[k], self.ways[k])
        self.keep(self.tangents[k], 5), self.keep(self.signs[k], 9)
        shown = AnimationGroup(
            *(Create(line) for line in self.tangents[k]), FadeOut(self.marks[k]), FadeIn(self.signs[k], scale=0.6),
            run_time=run_time,
        )  # fmt: skip
        way = self.ways[k][1 if self.turns_up(k) else 0]
        other = self.ways[k][0 if self.turns_up(k) else 1]
        self.keep(self.arrows[k], 7)
        return [shown, AnimationGroup(FadeOut(other), FadeOut(way), FadeIn(self.arrows[k]), run_time=run_time)]

    def leave(self, run_time: float = 0.6) -> FadeOut:
        """All of it goes."""
        parts = VGroup(*self.submobjects)
        self.drop(*self.submobjects)
        return FadeOut(parts, run_time=run_time)


__all__ = ["SignGame"]
