"""S6: one knob is touched, and everything behind it moves in turn: a row of hands with their values, from the knob to the
loss.

Reads a Nudge whose input reaches the output by one path. Invariants: a hand points at its value, on the range that its arc
stands for; before and after the touch the numbers are the engine's; the next one starts when the one before has arrived.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Dot, FadeIn, LaggedStart, Line, Square, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity, Step, symbol
from chainreel.engine.nudge import Nudge

from ..stage.area import Area
from ..stage.dial import Dial
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.glow import Glow
from ..stage.number import Number
from ..stage.parts import disc, round_caps
from ..stage.pulse import RunPulse
from ..stage.rounding import decimals_for, shown
from ..stage.theme import Theme, mix
from ..stage.view import Range
from ..stage.wire import Wire
from .figure import Figure
from .knob_panel import sweep_for

MOST = 8
SWEEP = math.radians(270)


class Hand(VGroup):
    """A round (of the loss: a diamond) with a hand that points at a value of its range; where it pointed stays as a ghost."""

    def __init__(self, theme: Theme, value: float, span: Range, radius: float, role: str = "value"):
        super().__init__()
        self.theme, self.value, self.span, self.radius, self.role = theme, float(value), span, radius, role
        colour = theme.role(role)
        if role == "loss":
            base = theme.ground if theme.dark else "#FFFFFF"
            low, top = (mix(base, colour, share) for share in theme.disc_mix)
            self.face: VMobject = Square(1.62 * radius).rotate(math.pi / 4).set_fill([low, top], 1).set_stroke(colour, 3)
        else:
            self.face = disc(theme, radius, role)
        self.ghost = round_caps(Line([0, 0, 0], [0, 0.1, 0]).set_stroke(colour, 3.5, 0.45))
        self.trail = VMobject().set_stroke(colour, 5, 0.75).set_fill(opacity=0)
        self.hand = round_caps(Line([0, 0, 0], [0, 0.1, 0]).set_stroke(theme.ink, 5))
        self.pin = Dot(radius=0.055, color=theme.ink)
        self.add(self.face, self.trail, self.ghost, self.hand, self.pin)
        self.was = self.value
        self._point(self.ghost, self.value)
        self.turn_to(self.value)

    def angle(self, value: float) -> float:
        """Where a value is on the round, radians; the middle of the range is up."""
        share = (value - self.span[0]) / (self.span[1] - self.span[0])
        return math.pi / 2 + SWEEP / 2 - SWEEP * min(max(share, 0.0), 1.0)

    @property
    def centre(self) -> np.ndarray:
        """The middle of the face, shape (3,)."""
        return np.asarray(self.face.get_center())

    def _point(self, hand: VMobject, value: float) -> None:
        a, r = self.angle(value), 0.74 * self.radius
        way = np.array([math.cos(a), math.sin(a), 0.0])
        hand.put_start_and_end_on(self.centre, self.centre + r * way)

    def turn_to(self, value: float) -> Hand:
        """Point at a value; the arc between it and the value before shows how far it went."""
        self.value = float(value)
        self._point(self.hand, self.value)
        start, end = self.angle(self.was), self.angle(self.value)
        if abs(end - start) < 1e-3:
            self.trail.clear_points()
            return self
        turn = np.linspace(start, end, 16)
        r = 1.18 * self.radius
        self.trail.set_points_as_corners(self.centre + r * np.column_stack([np.cos(turn), np.sin(turn), np.zeros(16)]))
        return self


class TouchedRow(Figure):
    """The steps of a nudged knob's one path in `area`, from left to right. `name` is the source of the nudge's numbers,
    `trace` that of the values before it.

    `through` names the steps that are shown between the knob and the loss (default: all); `symbols` are Typst sources for
    names that are written otherwise ({"y": "hat(y)"}).

    Verbs: `appear`, `touch`, `travel(k)`, `run`. Raises StageError where there are several paths, or more than eight steps.
    """

    def __init__(
        self, nudge: Nudge, theme: Theme, area: Area, *, through: Sequence[str] | None = None,
        symbols: Mapping[str, str] | None = None, name: str = "nudge", trace: str = "trace",
    ):  # fmt: skip
        super().__init__(theme)
        self.nudge, self.source, self.trace_source, self.area = nudge, name, trace, area
        if nudge.paths.count != 1:
            raise StageError(f"{nudge.name} reaches the output by {nudge.paths.count} paths; a row shows one")
        route = nudge.paths[0].steps
        if strange := set(through or ()) - {step.name for step in route}:
            raise StageError(f"{nudge.name} does not pass {', '.join(sorted(strange))} on its way to the output")
        inner = [step for step in route[1:-1] if through is None or step.name in through]
        self.steps: list[Step] = [route[0], *inner, route[-1]]
        if len(self.steps) > MOST:
            raise StageError(f"the row from {nudge.name} has {len(self.steps)} steps, and {MOST} stand side by side")
        pitch = area.width / len(self.steps)
        self.radius = min(0.62, 0.30 * pitch)
        y = float(area.center[1]) + 0.1
        self.rounds: list[Dial | Hand] = []
        self.names, self.numbers = VGroup(), []
        self.wires: list[Wire] = []
        self.lines = VGroup()
        for k, step in enumerate(self.steps):
            x = area.left + pitch * (k + 0.5)
            before, after = float(step.value), float(nudge.moved(step))
            role = "knob" if step.is_input else "loss" if k == len(self.steps) - 1 else "value"
            span = sweep_for([before, after])
            if k == 0:
                made: Dial | Hand = Dial(theme, before, *span, self.radius)
            else:
                made = Hand(theme, before, span, self.radius, role)
            self.rounds.append(made.shift([x, y, 0]))
            size = 44 if pitch > 1.6 else 38
            other = (symbols or {}).get(step.name)

            def write(mark: Marker, step: Step = step, role: str = role, other: str | None = other) -> str:
                return mark(role, step.index, other) if other else symbol(step, mark)

            name = Formula(write, theme, size, tinted=True)
            name.move_to([x, y + 1.42 * self.radius + 0.36, 0])
            self.names.add(name)
            number = Number(self.value(step), theme.tint(role), 28, decimals=self.decimals(step))
            self.numbers.append(number.move_to([x, y - 1.42 * self.radius - 0.34, 0]))
        for k in range(len(self.steps) - 1):
            a, b = (area.left + pitch * (k + 0.5 + j) for j in (0, 1))
            gap = 1.34 * self.radius
            wire = Wire([a + gap, y], [b - gap, y])
            self.wires.append(wire)
            self.lines.add(wire.line(theme.value, 3, 0.55))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A row from the dial {self.nudge.name} to the loss: "
            f"{self.listed(f'{s.name} at {self.told_value(s)}' for s in self.steps)}."
        )

    def told_value(self, step: Step) -> str:
        """Its value as words."""
        return shown(float(step.value))

    def decimals(self, step: Step) -> int | None:
        """As many as the value before and after the touch need."""
        found = [decimals_for(v) for v in (float(step.value), float(self.nudge.moved(step)))]
        return None if None in found else max(d for d in found if d is not None)

    def value(self, step: Step) -> Quantity:
        """The value before the touch."""
        return replace(self.nudge.trace.quantity("value", step), source=self.trace_source)

    def moved(self, step: Step) -> Quantity:
        """The value after it."""
        return replace(self.nudge.quantity("moved", step), source=self.source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> LaggedStart:
        """From the knob to the loss, each with its name and value."""
        self.keep(self.lines, 1)
        shows: list[Animation] = []
        for k, made in enumerate(self.rounds):
            parts = [FadeIn(self.keep(made, 2), scale=0.7), FadeIn(self.keep(self.names[k], 4))]
            parts.append(FadeIn(self.keep(self.numbers[k], 4)))
            if k:
                parts.append(FadeIn(self.lines[k - 1]))
            shows.append(AnimationGroup(*parts))
        return LaggedStart(*shows, lag_ratio=0.3, run_time=run_time)

    def touch(self, run_time: float = 0.9) -> AnimationGroup:
        """The knob is turned by the nudge."""
        self._glow(0)
        return AnimationGroup(Touched(self, 0, run_time=run_time), FadeIn(self.glow), run_time=run_time)

    def travel(self, k: int, run_time: float = 0.9) -> list[Animation]:
        """Step k (from 1) moves because the one before it did."""
        if not 1 <= k < len(self.rounds):
            raise StageError(f"there is no step {k} behind the knob; there are {len(self.rounds) - 1}")
        run = RunPulse(self.theme, self.wires[k - 1], run_time=0.5 * run_time)
        at = self.rounds[k].centre
        return [run, AnimationGroup(Touched(self, k, run_time=run_time), self.glow.animate.move_to(at), run_time=run_time)]

    def run(self, run_time: float = 0.8) -> list[Animation]:
        """The touch goes through the whole row."""
        return [part for k in range(1, len(self.rounds)) for part in self.travel(k, run_time)]

    def _glow(self, k: int) -> None:
        size = 4.2 * self.radius
        self.glow = self.keep(Glow(self.theme.pool, size, size, 0.16 * self.theme.glow), -5)
        self.glow.move_to(self.rounds[k].centre)

    def settle(self, k: int) -> None:
        """Step k at rest after the touch; its number has its source."""
        step, number = self.steps[k], self.numbers[k]
        fresh = Number(self.moved(step), number.colour, 28, decimals=self.decimals(step))
        number.quantity, number.settled, number.provenance = fresh.quantity, fresh.settled, fresh.provenance
        number.set_text(fresh.settled)
        self.rounds[k].turn_to(float(self.nudge.moved(step)))


class Touched(Animation):
    """One round of a row turns to its value after the nudge, its digits run."""

    def __init__(self, row: TouchedRow, k: int, **kwargs: Any):
        self.row, self.k = row, k
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(row.rounds[k], row.numbers[k]), **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: what is shown follows from the share alone."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        if alpha >= 1:
            self.row.settle(self.k)
            return
        step, share = self.row.steps[self.k], self.rate_func(max(alpha, 0.0))
        before, after = float(step.value), float(self.row.nudge.moved(step))
        now = before + (after - before) * share
        self.row.rounds[self.k].turn_to(now)
        self.row.numbers[self.k].set_text(shown(now, self.row.decimals(step), auto=False))


__all__ = ["Hand", "TouchedRow"]
