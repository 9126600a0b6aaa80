"""The lines of a drawn network while it trains: each is as thick as its weight is at that moment; a few have their dial.

Reads an Exam. Invariants: width ∝ |w| on one scale for all moments, dashed while w < 0; a dial's angle is its line's weight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import AnimationGroup, FadeIn, VGroup

from chainreel.engine.learning import Exam

from ..stage.dial import Dial
from ..stage.strands import Strands
from .figure import Figure
from .net_forward import NetForward

WIDEST = 0.07  # frame units: a line as strong as the strongest of its layer


class WeightRun(Figure):
    """Runs through the moments of `exam` on the lines of `net`, which shows the network of its last moment.

    `dialled` are lines (level, i, j) that get a dial; each of `dials` stands on its line. Verbs: `dial`, `show(m)`.
    """

    def __init__(self, net: NetForward, exam: Exam, dialled: Sequence[tuple[int, int, int]], *, along: float = 0.42):
        super().__init__(net.theme)
        self.net, self.exam = net, exam
        self.params = [[np.asarray(own["W"], float) for own in exam.params(m)] for m in range(len(exam))]
        self.top = [max(float(np.abs(w[level]).max()) for w in self.params) for level in range(len(net.lines))]
        self.dials: dict[tuple[int, int, int], Dial] = {}
        for level, i, j in dialled:
            limit = 1.15 * max(abs(float(w[level - 1][i, j])) for w in self.params)
            start, end = net.ends(level, i, j)
            dial = Dial(net.theme, float(self.params[0][level - 1][i, j]), -limit, limit, radius=0.36)
            self.dials[level, i, j] = dial.shift(start + (end - start) * along)
        self.show(0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(len(self.dials), 'dial')} on lines of the network: line and dial are one number."

    def weights(self, m: float) -> list[np.ndarray]:
        """The weights of all layers at a moment, in proportion between two."""
        low = min(int(m), len(self.params) - 1)
        high = min(low + 1, len(self.params) - 1)
        return [a + (b - a) * (m - low) for a, b in zip(self.params[low], self.params[high], strict=True)]

    def show(self, m: float) -> WeightRun:
        """Lines and dials of a moment."""
        now = self.weights(m)
        for level, (strands, W) in enumerate(zip(self.net.lines, now, strict=True), 1):
            for tier in strands:
                if isinstance(tier, Strands) and len(tier.links):
                    i, j = tier.links.T
                    a, b = self.net.places[level - 1][i], self.net.places[level][j]
                    along = (b - a) / np.hypot(*(b - a).T)[:, None]
                    a = a if level == 1 else a + along * self.net.radius(level - 1)
                    width = WIDEST * np.abs(W[i, j]) / self.top[level - 1]
                    tier.lay(a, b - along * self.net.radius(level), width, W[i, j] < 0)
        for (level, i, j), dial in self.dials.items():
            dial.turn_to(float(now[level - 1][i, j]))
        return self

    def dial(self, run_time: float = 0.8) -> AnimationGroup:
        """On a few lines stands the knob that they are."""
        return AnimationGroup(*(FadeIn(self.keep(d, 8), scale=0.4) for d in self.dials.values()), run_time=run_time)

    def group(self) -> VGroup:
        """Everything that moves."""
        return VGroup(*(line for level in self.net.lines for line in level), *self.dials.values())


__all__ = ["WeightRun"]
