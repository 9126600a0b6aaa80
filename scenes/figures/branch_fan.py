"""S8: one knob, many branches – every use of an input is a branch, and on the way back their shares add up in one basket.

Reads a trace. Invariants: there is a branch for every use; each chip is the contribution of its use; the basket shows the
engine's running sums, and at last the slope.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, Line, Square, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity, Trace
from chainreel.engine.trace import Edge

from ..stage.area import Area
from ..stage.dial import Dial, dial_range
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.parts import Chip, basket, panel
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.wire import Wire, polygon
from .figure import Figure
from .symbols import name_formula

PITCH = 0.46  # of two branches at least: a chip must fit
GAUGE = 1.5  # half the height of the gauge that sways, frame units


class BranchFan(Figure):
    """The input `name` of a trace with a branch for each of its uses, joined in the output.

    `data` marks each branch with the square of a data point. Verbs: `appear`, `open_basket`, `arrive` (the share of the
    next branch comes back). Raises StageError for inputs with one use, for arrays, and for more branches than fit.
    """

    def __init__(self, trace: Trace, theme: Theme, name: str, area: Area, *, data: bool = False, source: str = "trace"):
        super().__init__(theme)
        self.trace, self.name, self.source = trace, name, source
        step = next((s for s in trace.inputs if s.name == name), None)
        if step is None or np.ndim(step.value):
            raise StageError(f"{name} is no input that is a single number")
        self.uses: list[Edge] = sorted(step.uses, key=lambda e: (e.target.index, e.slot))
        if len(self.uses) < 2:
            raise StageError(f"{name} is used once only: there is nothing to add")
        if area.height / len(self.uses) < PITCH:
            raise StageError(f"{len(self.uses)} branches are too many for a picture; {int(area.height / PITCH)} fit")
        y = float(area.center[1])
        value = float(step.value)
        self.dial = Dial(theme, value, *dial_range(value), 0.42).move_to([area.left + 1.75, y, 0])
        self.label = name_formula(name, theme, "knob", 42).move_to([area.left + 1.75, y + 0.85, 0])
        self.tray = basket(theme, 1.5).move_to([area.left + 1.75, y - 0.85, 0])
        self.sum_box = panel(theme, 0.9, 0.9).move_to([area.right - 0.5, y, 0])
        self.sum_sign = Label("+", theme.ink, 40, "bold").move_to(self.sum_box.get_center())
        pitch = area.height / len(self.uses)
        self.rows = [area.top - pitch * (k + 0.5) for k in range(len(self.uses))]
        middle = area.left + 0.52 * area.width
        self.boxes, self.lines = VGroup(), VGroup()
        self.wires: list[Wire] = []
        for row in self.rows:
            box = panel(theme, 0.62, min(0.42, 0.7 * pitch), 0.08).move_to([middle, row, 0])
            mark = Square(0.18).set_fill(theme.data, 1).set_stroke(width=0).move_to(box.get_center())
            self.boxes.add(VGroup(box, mark) if data else VGroup(box))
            there = Wire((area.left + 2.3, y), (middle - 0.31, row))
            on = Wire((middle + 0.31, row), (area.right - 0.95, y))
            self.wires.append(there)
            self.lines.add(VGroup(there.line(theme.knob, 2.6, 0.8), on.line(theme.value, 2.6, 0.8)))
        x = area.left + 0.45
        self.ruler = Line([x, y - GAUGE, 0], [x, y + GAUGE, 0]).set_stroke(theme.rim, 2)
        self.nought = Line([x - 0.2, y, 0], [x + 0.2, y, 0]).set_stroke(theme.muted, 2.5)
        self.bar = VMobject().set_fill(theme.slope, 0.85).set_stroke(width=0)
        self.order = sorted(range(len(self.uses)), key=lambda k: (-self.uses[k].target.index, -self.uses[k].slot))
        sums = [abs(float(self.uses[k].running)) for k in self.order]
        self.scale = GAUGE / (max(sums) or 1.0)
        self.level(0.0)
        self.total: Number | None = None
        self.came = 0

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        times = self.counted(self.uses, "time")
        return f"The knob {self.name} is used {times}; the share of each branch comes back and is added."

    def quantity(self, kind: str, k: int) -> Quantity:
        """A number of a branch under this figure's source."""
        return replace(self.trace.quantity(kind, self.uses[k]), source=self.source)

    def level(self, value: float) -> None:
        """The gauge at a running sum: up where it is positive, down where it is negative."""
        x, y = self.ruler.get_center()[:2]
        end = y + value * self.scale
        self.at = value
        low, high = min(y, end), max(y, end)
        flat = high - low < 1e-6
        corners = np.array([[x - 0.13, low], [x + 0.13, low], [x + 0.13, high], [x - 0.13, high]])
        self.bar.points = np.zeros((0, 3)) if flat else polygon(corners)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 2.4) -> LaggedStart:
        """The knob, its branches one after the other, and where they join."""
        knob = [self.keep(self.dial, 3), self.keep(self.label, 4)]
        shows: list[Animation] = [AnimationGroup(*map(FadeIn, knob))]
        for box, pair in zip(self.boxes, self.lines, strict=True):
            self.keep(pair, 0), self.keep(box, 2)
            shows.append(AnimationGroup(Create(pair[0]), FadeIn(box), Create(pair[1])))
        shows.append(AnimationGroup(FadeIn(self.keep(self.sum_box, 2)), FadeIn(self.keep(self.sum_sign, 3))))
        return LaggedStart(*shows, lag_ratio=0.15, run_time=run_time)

    def open_basket(self, run_time: float = 0.7) -> AnimationGroup:
        """The basket under the knob, and the gauge beside it."""
        parts = [self.keep(p, z) for p, z in ((self.tray, 3), (self.ruler, 1), (self.nought, 2), (self.bar, 2))]
        return AnimationGroup(*map(FadeIn, parts), run_time=run_time)

    def arrive(self, run_time: float = 1.2) -> list[Animation]:
        """The share of the next branch runs back to the basket, which shows the sum so far. Raises StageError when all came."""
        if self.came >= len(self.order):
            raise StageError("every branch has given its share")
        k = self.order[self.came]
        self.came += 1
        number = Number(self.quantity("contribution", k), self.theme.on_slope, 26, "bold", decimals=self.places)
        chip = Chip(self.theme, number, 0.36, slim=True).move_to(self.wires[k].at(0.0))
        lands = FadeOut(chip, target_position=self.tray, scale=0.7)  # from the knob, where it will be by then
        chip.move_to(self.wires[k].at(1.0))
        old, fresh = self.total, self._total(k)
        self.total = self.keep(fresh, 6)
        self.drop(*([old] if old is not None else []))
        gone = [FadeOut(old)] if old is not None else []
        end = AnimationGroup(lands, *gone, Sway(self, float(self.uses[k].running)), run_time=0.3 * run_time)
        start = FadeIn(chip.set_z_index(8), scale=0.7, run_time=0.25 * run_time)
        return [start, Back(chip, self.wires[k], 0.6 * run_time), end, FadeIn(fresh, run_time=0.25 * run_time)]

    @property
    def places(self) -> int:
        """Decimals that all shares have in common."""
        return 3 if max(abs(float(e.contribution)) for e in self.uses) < 10 else 2

    def _total(self, k: int) -> Number:
        number = Number(self.quantity("running", k), self.theme.tint("slope"), 30, "bold", decimals=self.places)
        return number.move_to(self.tray.get_center() + np.array([0, 0.03, 0]))

    def settled(self) -> str:
        """What stands in the basket."""
        return shown(float(self.total.quantity.value), self.places, auto=False) if self.total is not None else ""


class Back(Animation):
    """A chip runs along a wire from its end to its start."""

    def __init__(self, chip: Chip, wire: Wire, run_time: float):
        self.wire = wire
        super().__init__(chip, run_time=run_time, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.move_to(self.wire.at(1 - self.rate_func(min(max(alpha, 0.0), 1.0))))


class Sway(Animation):
    """The gauge moves to another sum."""

    def __init__(self, fan: BranchFan, value: float):
        self.fan, self.start, self.end = fan, fan.at, value
        super().__init__(fan.bar, rate_func=smooth)

    def begin(self) -> None:
        self.start = self.fan.at
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        self.fan.level(self.start + (self.end - self.start) * self.rate_func(min(max(alpha, 0.0), 1.0)))


__all__ = ["BranchFan"]
