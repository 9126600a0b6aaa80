"""S16: blind search at the machine – a dial is nudged, curve and meter answer, and the nudge is kept or undone.

Reads the log of a search. Invariants: after k tries dials, curve and meter are where the log is; what was not kept is undone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import Animation, Square, VGroup, VMobject
from manim.utils.rate_functions import linear, smooth

from chainreel.engine import Quantity
from chainreel.engine.learning.search_race import SearchRace

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.theme import Theme, mix
from .curve_fit import CurveFit
from .figure import Figure
from .knob_panel import KnobPanel
from .loss_gauge import LossGauge

SLOW = 1.6  # the first tries are seen longer than the last ones


class BlindRun:
    """The search with step size number `step` of `race`, on dials, curve, meter and strip: those that are given.

    Verbs: `try_(k)` (one try: turn, look, keep or undo), `run(first, last)` (many of them, fast).
    """

    def __init__(
        self, race: SearchRace, step: int = 0, *, panel: KnobPanel | None = None, curve: CurveFit | None = None,
        gauge: LossGauge | None = None, strip: TryStrip | None = None, source: str = "race",
    ):  # fmt: skip
        self.race, self.step, self.source = race, step, source
        self.panel, self.curve, self.gauge, self.strip = panel, curve, gauge, strip
        self.log = race.search(step)
        if not self.log.trials:
            raise StageError("the log of this search was not kept")
        self.names = list(race.start)
        kept: list[tuple[np.ndarray, float]] = [(np.array(list(race.start.values()), float), race.start_loss)]
        for trial in self.log.trials:
            kept.append((trial.point, float(trial.loss)) if trial.kept else kept[-1])
        self.states = kept

    def quantity(self, what: str) -> Quantity:
        """A number of the search, under the source of the race."""
        return replace(self.race.quantity(what, self.step, 0), source=self.source)

    def show(self, point: np.ndarray, loss: float) -> None:
        """Everything at a setting and its loss, while something runs."""
        knobs = dict(zip(self.names, map(float, point), strict=True))
        if self.panel is not None:
            self.panel.at(knobs)
        if self.curve is not None:
            self.curve.at(knobs)
        if self.gauge is not None:
            self.gauge.at(loss, text=True)

    def stand(self, k: int) -> None:
        """Everything at rest after k tries, numbers with their source."""
        point, loss = self.states[k]
        self.show(point, loss)
        if self.panel is not None:
            self.panel.settle({name: self.quantity(f"knob/{name}/{k}") for name in self.names})
        if self.gauge is not None:
            self.gauge.settle(self.quantity(f"after/{k}"))
        if self.strip is not None:
            self.strip.reach(k)

    def moving(self) -> VGroup:
        """What moves."""
        parts: list[Any] = [*self.panel.dials.values(), *self.panel.numbers.values()] if self.panel else []
        if self.curve is not None:  # of the curve's parts only those that are on screen
            shown = (self.curve.curve, self.curve.sticks_, self.curve.squares_)
            parts += [part for part in shown if part in self.curve.submobjects]
        parts += [self.gauge.tube, self.gauge.number] if self.gauge else []
        return VGroup(*parts, *([self.strip.kept, self.strip.undone] if self.strip else []))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def try_(self, k: int, run_time: float = 1.4) -> Try:
        """Try k, from 1 on: the dial turns, the meter answers; what does not help is undone."""
        return Try(self, k, run_time)

    def run(self, first: int, last: int, run_time: float = 4.0) -> Tries:
        """From after `first` tries to after `last`."""
        if not 0 <= first < last <= self.log.tried:
            raise StageError(f"the search made {self.log.tried} tries; it cannot be shown from {first} to {last}")
        return Tries(self, first, last, run_time)


class Try(Animation):
    """There, a look, and there it stays or back it goes."""

    def __init__(self, blind: BlindRun, k: int, run_time: float):
        self.blind, self.k = blind, k
        super().__init__(blind.moving(), run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        if alpha >= 1:
            self.blind.stand(self.k)
            return
        trial, (point, loss) = self.blind.log.trials[self.k - 1], self.blind.states[self.k - 1]
        there = smooth(min(max(alpha, 0.0) / 0.4, 1.0))
        if not trial.kept:
            there -= smooth(min(max((alpha - 0.65) / 0.35, 0.0), 1.0))
        self.blind.show(point + (trial.point - point) * there, loss + (float(trial.loss) - loss) * there)
        if self.blind.strip is not None:
            self.blind.strip.reach(self.k if alpha > 0.5 else self.k - 1)


class Tries(Animation):
    """Many tries, one after the other; only what is kept is seen to move."""

    def __init__(self, blind: BlindRun, first: int, last: int, run_time: float):
        self.blind, self.first, self.last = blind, first, last
        super().__init__(blind.moving(), run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        if alpha >= 1:
            self.blind.stand(self.last)
            return
        k = self.first + int((self.last - self.first) * max(alpha, 0.0) ** SLOW)
        self.blind.show(*self.blind.states[k])
        if self.blind.strip is not None:
            self.blind.strip.reach(k)


class TryStrip(Figure):
    """A small square for each of the first `count` tries of a search, row by row: mint what was kept, grey what was not."""

    def __init__(self, theme: Theme, race: SearchRace, area: Area, count: int = 200, step: int = 0):
        super().__init__(theme)
        trials = race.search(step).trials[:count]
        if not trials:
            raise StageError("the log of this search was not kept")
        self.flags = np.array([trial.kept for trial in trials])
        n = len(self.flags)
        columns = min(n, max(1, int(np.ceil(np.sqrt(n * area.width / area.height)))))
        rows = -(-n // columns)
        self.pitch = min(area.width / columns, area.height / rows)
        row, column = np.divmod(np.arange(n), columns)
        x = area.left + (column + 0.5) * self.pitch
        y = area.top - (row + 0.5) * self.pitch
        self.places = np.column_stack([x, y, np.zeros(n)])
        self.unit = Square(0.62 * self.pitch).points
        self.kept = VMobject().set_fill(theme.data, 1).set_stroke(width=0)
        self.undone = VMobject().set_fill(mix(theme.ground, theme.muted, 0.55), 1).set_stroke(width=0)
        self.shown = 0

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        kept = int(self.flags.sum())
        return f"A square for each of {self.counted(len(self.flags), 'try').replace('trys', 'tries')}; {kept} were kept."

    def appear(self, run_time: float = 0.4) -> Animation:
        """Its place, still empty."""
        self.keep(self.kept, 4), self.keep(self.undone, 3)
        return Animation(VGroup(self.kept, self.undone), run_time=run_time)

    def reach(self, k: int) -> TryStrip:
        """The squares of the first k tries."""
        self.shown = min(int(k), len(self.flags))
        seen = np.arange(len(self.flags)) < self.shown
        for part, chosen in ((self.kept, seen & self.flags), (self.undone, seen & ~self.flags)):
            part.points = (self.places[chosen][:, None, :] + self.unit[None, :, :]).reshape(-1, 3)
        return self


__all__ = ["BlindRun", "TryStrip"]
