"""Small dials that turn as a training turns them: the knobs of the whisker net, five rows of three, without names.

Reads the log of a training. Invariant: a dial at a whole step points at the log's own value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from manim import Animation, FadeIn, LaggedStart, VGroup

from chainreel.engine.learning import Training

from ..stage.area import Area
from ..stage.dial import Dial
from ..stage.theme import Theme
from .figure import Figure

COLUMNS = 3


class DialRun(Figure):
    """Dials for `knobs` (name -> where the log holds it, such as "0/W[1,2]"), all with one sweep.

    `show(step)`, between two steps too.
    """

    def __init__(
        self, theme: Theme, training: Training, knobs: Mapping[str, str], area: Area,
        sweep: tuple[float, float],
    ):  # fmt: skip
        super().__init__(theme)
        self.training, self.knobs, self.sweep = training, dict(knobs), sweep
        rows = -(-len(knobs) // COLUMNS)
        wide, high = area.width / COLUMNS, area.height / rows
        radius = min(0.27 * min(wide, high), 0.30)
        self.dials: dict[str, Dial] = {}
        for k, name in enumerate(knobs):
            row, column = divmod(k, COLUMNS)
            last = row == rows - 1 and len(knobs) % COLUMNS
            x = area.left + wide * (column + 0.5 + ((COLUMNS - len(knobs) % COLUMNS) / 2 if last else 0.0))
            dial = Dial(theme, self.value(name, 0), *sweep, radius)
            self.dials[name] = dial.shift([x, area.top - high * (row + 0.5), 0])
        self.group = VGroup(*self.dials.values())

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(self.dials, 'small dial')}, which turn as the training goes on."

    def value(self, name: str, step: float) -> float:
        """A knob at a step, or evenly between two."""
        level, kind, *at = re.split(r"[/\[\],]+", self.knobs[name].rstrip("]"))
        low = int(step)
        one, two = (
            float(np.asarray(self.training.params_at(k)[int(level)][kind])[tuple(map(int, at))])
            for k in (low, min(low + 1, self.training.steps))
        )
        return one + (two - one) * (step - low)

    def show(self, step: float) -> DialRun:
        """Every dial as the training has it."""
        for name, dial in self.dials.items():
            dial.turn_to(self.value(name, step))
        return self

    def appear(self, run_time: float = 1.0) -> Animation:
        """One after the other."""
        self.stand()
        return LaggedStart(*(FadeIn(d, scale=0.7) for d in self.dials.values()), lag_ratio=0.08, run_time=run_time)

    def stand(self) -> DialRun:
        """All at once, without animation."""
        for dial in self.dials.values():
            self.keep(dial, 3)
        return self


__all__ = ["DialRun"]
