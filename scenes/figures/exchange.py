"""Money changed twice: the two rates multiply, and the product is the rate of changing at once.

Reads a trace that is a chain of products with constants. Invariants: every amount is the engine's value, every rate its
local slope; the arc over all carries the slope by the first amount.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from manim import DOWN, UP, Animation, AnimationGroup, Circle, Create, FadeIn, LaggedStart, VGroup, VMobject

from chainreel.engine import Quantity, Trace
from chainreel.engine.paths import Paths

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.number import Phrase
from ..stage.parts import chevron, panel
from ..stage.pulse import RunPulse
from ..stage.rounding import closes, read_back
from ..stage.theme import Theme, mix
from ..stage.type import Label
from ..stage.wire import Wire
from .figure import Figure
from .products import factor
from .symbols import printed
from .tangent import Tag

SIGNS = ("€", "$", "¥")
RISE = 1.45  # of the arc over the coins


class Exchange(Figure):
    """Coins with `signs`, one for each value of the chain of `trace`, in `area`.

    Verbs: `appear`, `change(k)` (the amount goes over counter k), `rate(k)`, `direct`. `product()` is a formula. Raises
    StageError for a trace that is no chain, or whose rates are no constants.
    """

    def __init__(self, theme: Theme, trace: Trace, area: Area, signs: Sequence[str] = SIGNS, *, source: str = "exchange"):
        super().__init__(theme)
        self.trace, self.source, self.paths = trace, source, Paths(trace)
        if self.paths.count != 1 or any(s.primitive != "mul" for s in self.paths[0].steps[1:]):
            raise StageError("money is changed by a chain of products with constants")
        self.steps = self.paths[0].steps
        if len(signs) != len(self.steps):
            raise StageError(f"{len(self.steps)} amounts need as many signs, not {len(signs)}")
        n, y = len(self.steps), float(area.center[1]) - 0.35
        self.radius = min(0.82, area.width / (3.2 * n))
        pitch = (area.width - 2 * self.radius - 0.8) / (n - 1)
        left = area.left + self.radius + 0.4
        self.coins, self.amounts = VGroup(), []
        for k, sign in enumerate(signs):
            at = np.array([left + pitch * k, y, 0.0])
            self.coins.add(coin(theme, sign, self.radius).move_to(at))
            role = "knob" if k == 0 else "value"
            number = Phrase("{v}\u2009{sign}", theme.tint(role), 32, "semibold", v=self.value(k), sign=sign)
            self.amounts.append(number.move_to(at + (self.radius + 0.42) * DOWN))
        self.wires, self.counters, self.lines = [], VGroup(), VGroup()
        for k in range(n - 1):
            a, b = left + pitch * k + self.radius + 0.12, left + pitch * (k + 1) - self.radius - 0.12
            wire = Wire((a, y), (b, y))
            self.wires.append(wire)
            counter = VGroup(panel(theme, 0.62, 0.62, 0.12), chevron(theme, 0.3, outlined=True).set_stroke(theme.ink, 3))
            self.counters.add(counter.move_to([(a + b) / 2, y, 0]))
            self.lines.add(wire.line(theme.role("knob" if k == 0 else "value"), 3, 0.6))
        self.tags: dict[int, Tag] = {}
        ends = (left, left + pitch * (n - 1))
        top = y + self.radius + 0.16
        reach = (ends[1] - ends[0]) * 0.22
        self.arc = VMobject().set_fill(opacity=0).set_stroke(theme.slope, 4, 0.9)
        self.arc.set_points(np.array([
            [ends[0], top, 0], [ends[0] + reach, top + RISE, 0], [ends[1] - reach, top + RISE, 0], [ends[1], top, 0]
        ]))  # fmt: skip
        self.peak = np.array([(ends[0] + ends[1]) / 2, top + 0.75 * RISE, 0.0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"{self.counted(len(self.steps), 'coin')} in a row; between them the rates at which one is changed for the next."

    def value(self, k: int) -> Quantity:
        """The amount at coin k."""
        return replace(self.trace.quantity("value", self.steps[k]), source=self.source)

    def local(self, k: int) -> Quantity:
        """The rate of counter k."""
        return replace(self.trace.quantity("local", self.paths[0].edges[k]), source=self.source)

    def overall(self) -> Quantity:
        """The product of the rates."""
        return replace(self.paths.quantity("along", 0, len(self.steps) - 1), source=self.source + " paths")

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> LaggedStart:
        """The coins and the counters between them; the first amount."""
        shows: list[Animation] = []
        for k, each in enumerate(self.coins):
            parts: list[Animation] = [FadeIn(self.keep(each, 3), scale=0.7)]
            if k:
                parts += [Create(self.keep(self.lines[k - 1], 0)), FadeIn(self.keep(self.counters[k - 1], 2))]
            shows.append(AnimationGroup(*parts))
        shows.append(FadeIn(self.keep(self.amounts[0], 4)))
        return LaggedStart(*shows, lag_ratio=0.3, run_time=run_time)

    def change(self, k: int, run_time: float = 1.2) -> list[Animation]:
        """The amount is changed at counter k: the next coin has its amount."""
        pulse = RunPulse(self.theme, self.wires[k], "knob" if k == 0 else "value", run_time=0.6 * run_time)
        return [pulse, FadeIn(self.keep(self.amounts[k + 1], 4), shift=0.1 * DOWN, run_time=0.4 * run_time)]

    def rate(self, k: int, run_time: float = 0.7) -> Animation:
        """The rate over counter k."""
        self.tags[k] = self.keep(self._tag(self.local(k)), 6)
        self.tags[k].move_to(self.counters[k].get_center() + 0.72 * UP)
        return FadeIn(self.tags[k], shift=0.12 * DOWN, run_time=run_time)

    def direct(self, run_time: float = 1.2) -> AnimationGroup:
        """An arc from the first coin to the last with the product of all rates."""
        self.whole = self.keep(self._tag(self.overall(), 0.52).move_to(self.peak), 6)
        return AnimationGroup(Create(self.keep(self.arc, 1)), FadeIn(self.whole, scale=0.7), run_time=run_time)

    def product(self, size: float = 40) -> Formula:
        """`1.25 · 160 = 200`."""
        entries = [printed(self.local(k)) for k in range(len(self.steps) - 1)]
        result = printed(self.overall())
        exact = closes(result.text, math.prod(read_back(e.text) for e in entries))

        def write(mark: Marker) -> str:
            parts = [mark("slope", None, factor(e.text, first=i == 0)) for i, e in enumerate(entries)]
            same = mark("ink", None, "=" if exact else "approx")
            dot = f" {mark('ink', None, 'dot')} "
            return f"{dot.join(parts)} {same} {mark('slope', None, number_source(result.text))}"

        return Formula(write, self.theme, size, tinted=True, printed=[*entries, result])

    def _tag(self, quantity: Quantity, height: float = 0.46) -> Tag:
        number = Phrase("×\u2009{r}", self.theme.tint("slope"), 30, "bold", r=quantity)
        number.ground = self.theme.slot
        return Tag(self.theme, number, height)


def coin(theme: Theme, sign: str, radius: float) -> VGroup:
    """A grey coin with a sign."""
    body = Circle(radius).set_fill([theme.panel, theme.panel_top], 1).set_sheen_direction([0, 1, 0])
    body.set_stroke(mix(theme.rim, theme.ink, 0.45), 3.5)
    inner = Circle(0.84 * radius).set_fill(opacity=0).set_stroke(mix(theme.rim, theme.ink, 0.25), 1.6)
    mark = Label(sign, theme.ink, 52 * radius / 0.8, "semibold", names=True)
    return VGroup(body, inner, mark.move_to(body.get_center()))


__all__ = ["SIGNS", "Exchange", "coin"]
