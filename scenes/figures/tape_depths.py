"""S11: the price of the reverse sweep grows with depth – a tape for every depth, as long as what is kept.

Reads a TapeGrowth. Invariants: a tape is as long as its bytes, all on one scale; every number is the engine's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from manim import Animation, AnimationGroup, Circle, FadeIn, LaggedStart, Rectangle, VGroup, VMobject
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.tape_growth import TapeGrowth

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.number import Number
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

MOST = 7
TAIL = 2.2  # frame units kept for the kilobytes
HIGH = 0.46
HOLES = 0.26  # pitch of the perforation
PERCH = 0.05  # its height
REEL = 0.27  # radius of the reel that a tape comes from


class Kilobytes(Number):
    """A number of kilobytes with its unit."""

    def __init__(self, quantity: Quantity, colour: str, size: float):
        super().__init__(quantity, colour, size, "bold", decimals=0)
        self.settled += " kB"
        self.set_text(self.settled)


class TapeStrip(VGroup):
    """A strip with perforated rims that can be pulled out to any length."""

    def __init__(self, theme: Theme, left: float, y: float, length: float, height: float):
        super().__init__()
        self.left, self.y, self.full, self.height_of = left, y, length, height
        self.body = Rectangle(width=1, height=height)
        self.body.set_fill(mix(theme.value, theme.slot, 0.62), 1).set_stroke(theme.value, 2.2)
        self.holes = VMobject().set_fill(theme.slot, 0.95).set_stroke(width=0)
        self.add(self.body, self.holes)
        self.pull(0.0)

    def pull(self, share: float) -> TapeStrip:
        """So much of it is out."""
        length = max(self.full * share, 0.02)
        self.body.stretch_to_fit_width(length).move_to([self.left + length / 2, self.y, 0])
        self.holes.clear_points()
        count = int((length - 0.10) / HOLES)
        for k in range(max(count, 0)):
            for up in (-1, 1):
                hole = Rectangle(width=0.09, height=PERCH)
                x = self.left + 0.14 + k * HOLES
                self.holes.append_points(hole.move_to([x, self.y + up * (self.height_of / 2 - 0.075), 0]).points)
        return self


class TapeDepths(Figure):
    """Tapes for the depths of `growth` in `area`, the shallowest on top. Verbs: `appear`, `grow`."""

    def __init__(self, growth: TapeGrowth, theme: Theme, area: Area, name: str = "tapes"):
        super().__init__(theme)
        if len(growth.depths) > MOST:
            raise StageError(f"{len(growth.depths)} tapes are too many; {MOST} fit below each other")
        self.growth, self.source, self.area = growth, name, area
        self.labels = [Number(self.quantity("layers", d), theme.ink, 30, decimals=0) for d in growth.depths]
        self.heading = Label("layers", theme.muted, 26)
        head = max(self.heading.width, *(label.width for label in self.labels)) + 2 * REEL + 0.5
        room = area.width - head - TAIL
        self.unit = room / max(growth.bytes(depth) for depth in growth.depths)
        rows = area.cut_top(0.55)[1].rows(*[1] * len(growth.depths), gap=0.12)
        self.strips: list[TapeStrip] = []
        self.numbers: list[Number] = []
        self.reels = VGroup()
        for depth, label, row in zip(growth.depths, self.labels, rows, strict=True):
            y = float(row.center[1])
            reel = Circle(REEL).set_fill(theme.slot, 1).set_stroke(theme.value, 3)
            hub = Circle(0.34 * REEL).set_fill(theme.value, 1).set_stroke(width=0)
            self.reels.add(VGroup(reel, hub).move_to([area.left + head - REEL, y, 0]))
            label.move_to([area.left + head - 2 * REEL - 0.22 - label.width / 2, y, 0])
            length = growth.bytes(depth) * self.unit
            height = min(HIGH, 0.8 * row.height)
            self.strips.append(TapeStrip(theme, area.left + head, y, length, height))
            number = Kilobytes(self.quantity("kilobytes", depth), theme.tint("value"), 30)
            self.numbers.append(number.move_to([area.left + head + length + 0.22 + number.width / 2, y, 0]))
        first = self.labels[0]
        self.heading.move_to([first.get_right()[0] - self.heading.width / 2, first.get_top()[1] + 0.40, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        told = [f"{self.told(self.quantity('kilobytes', d))} kilobytes at a depth of {d}" for d in self.growth.depths]
        return f"Tapes that grow with the depth of a network: {self.listed(told)}."

    def quantity(self, what: str, depth: int) -> Quantity:
        """A number of the growth, entered under this figure's source."""
        return replace(self.growth.quantity(what, depth), source=self.source)

    def appear(self, run_time: float = 0.9) -> LaggedStart:
        """How deep the networks are."""
        shows: list[Animation] = [FadeIn(self.keep(self.heading, 4))]
        for label, reel in zip(self.labels, self.reels, strict=True):
            shows.append(AnimationGroup(FadeIn(self.keep(label, 4)), FadeIn(self.keep(reel, 3), scale=0.7)))
        return LaggedStart(*shows, lag_ratio=0.2, run_time=run_time)

    def grow(self, run_time: float = 3.0) -> list[Animation]:
        """All tapes are pulled out together, each as far as it reaches; then what they hold."""
        for strip in self.strips:
            self.keep(strip, 2)
        for number in self.numbers:
            self.keep(number, 5)
        shows = AnimationGroup(*map(FadeIn, self.numbers), run_time=0.7)
        return [PullOut(self, run_time=run_time), shows]


class PullOut(Animation):
    """The tapes run out at one speed until each has its length."""

    def __init__(self, figure: TapeDepths, **kwargs: Any):
        self.figure = figure
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(*figure.strips), introducer=True, **kwargs)

    def create_starting_mobject(self) -> Any:
        """No copy: the strips follow from the share."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        longest = max(strip.full for strip in self.figure.strips)
        out = longest * self.rate_func(min(max(alpha, 0.0), 1.0))
        for strip in self.figure.strips:
            strip.pull(min(1.0, out / strip.full))


__all__ = ["TapeDepths", "TapeStrip"]
