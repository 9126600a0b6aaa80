"""S6: a long chain and the product of its rates, link by link: a ribbon that thins, and a bar on a ruler of powers of ten.

Reads the paths of a trace. Invariants: bar k ends at the product of the first k rates; the ribbon is as wide as that product
(up to its rim); a chain of rates 1 keeps both.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from manim import (
    DOWN,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Rectangle,
    Transform,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity
from chainreel.engine.paths import Paths

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.log_axes import power
from ..stage.number import Number, Phrase
from ..stage.parts import panel
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick, round_steps, tick_values
from ..stage.type import Label
from ..stage.wire import polygon
from .figure import Figure
from .tangent import Tag

MOST = 14  # links
WIDE = 0.5  # of the ribbon for a product of one, frame units
RIM = 0.62  # the widest that is drawn
THIN = 0.012


class ProductBar(Figure):
    """The one route of `paths` in `area`, drawn as boxes with `sign` on them ("σ", "×"). The ruler has powers of ten between
    `decades`, or round numbers from 0 if `linear`; `decimals` are those of the rates.

    Verbs: `appear`, `rate(k)`, `grow(k)`, `run` (all links in one sweep), `outcome`, `swap(other)`. Raises StageError for
    several routes, for more links than fit, and where a rate is 0 or less.
    """

    def __init__(
        self, theme: Theme, paths: Paths, area: Area, *, sign: str = "σ", decades: tuple[int, int] | None = None,
        linear: bool = False, decimals: int | None = None, source: str = "chain",
    ):  # fmt: skip
        super().__init__(theme)
        self.paths, self.source, self.area = paths, source, area
        if paths.count != 1:
            raise StageError(f"{paths.count} routes lead to the output; a product belongs to one")
        self.along = paths[0].along
        self.links = len(self.along) - 1
        if not 1 <= self.links <= MOST:
            raise StageError(f"the chain has {self.links} links; up to {MOST} stand side by side")
        if min(self.along) <= 0:
            raise StageError("a ruler of powers of ten has no place for rates of 0 and less")
        exponents = [math.log10(p) for p in self.along]
        self.linear, self.decimals = linear, decimals
        self.low, self.high = decades or (math.floor(min(exponents)), max(math.ceil(max(exponents)), 1))
        if not linear and not (self.low <= min(exponents) and max(exponents) <= self.high):
            raise StageError(f"the products do not lie between ten to the {self.low} and ten to the {self.high}")
        self.most = max(self.along)
        row, plot = area.cut_top(1.75, 0.3)
        left, right = area.left + 1.0, area.right - 0.2
        self.pitch = (right - left) / self.links
        self.xs = [left + self.pitch * (k + 0.5) for k in range(self.links)]
        self.y, self.foot, self.top = row.bottom + 0.5, plot.bottom + 0.2, plot.top - 0.5
        self.boxes, self.signs, self.tags, self.bars = VGroup(), VGroup(), [], VGroup()
        side = min(0.66, 0.62 * self.pitch)
        for k, x in enumerate(self.xs):
            self.boxes.add(panel(theme, side, 0.66, 0.12).move_to([x, self.y, 0]))
            face = Label(sign, theme.ink, 30, "semibold", names=not any(c.isdigit() for c in sign))
            self.signs.add(face.move_to([x, self.y, 0]))
            number = Number(self.local(k), theme.tint("slope"), 28, "semibold", decimals=decimals)
            self.tags.append(number.move_to([x, self.y + 0.72, 0]))
            bar = Rectangle(width=min(0.62 * self.pitch, 0.8), height=1.0).set_fill(theme.ribbon, 0.95).set_stroke(width=0)
            self.bars.add(self._put(bar, k, self.along[k + 1]))
        rim = mix(theme.rim, theme.muted, 0.45)
        self.grid, self.powers = VGroup(), VGroup()
        for value, name in self._ruler():
            y, one = self.height(value), value == 1.0
            line = Line([left - 0.15, y, 0], [right, y, 0]).set_stroke(theme.ink if one else rim, 2 if one else 1)
            self.grid.add(line.set_stroke(opacity=0.7 if one else 0.35))
            self.powers.add(name.move_to([left - 0.28 - name.width / 2, y, 0]))
        self.ribbon = VMobject().set_fill(theme.ribbon, 0.75).set_stroke(width=0)
        self.reached = 0.0
        self.flow(0.0)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A chain of {self.counted(self.links, 'link')}, each with its rate; under each the product of the rates so far."

    # Numbers --------------------------------------------------------------------------------------------------------

    def local(self, k: int) -> Quantity:
        """The rate of link k."""
        return replace(self.paths.trace.quantity("local", self.paths[0].edges[k]), source=self.source)

    def product(self, links: int) -> Quantity:
        """The product of the first rates."""
        return replace(self.paths.quantity("along", 0, links), source=self.source + " paths")

    def _ruler(self) -> list[tuple[float, VMobject]]:
        """The places of the ruler, each with its name."""
        theme, room = self.theme, self.top - self.foot
        if self.linear:
            step = next(s for s in round_steps(self.most / 4) if s / self.most * room >= 0.5)
            marks = sorted({*tick_values(0.0, self.most, step), *([1.0] if self.most < 4 * step else [])})
            return [(v, Tick(v, min(step, 1.0) if v == 1.0 else step, theme.ink if v == 1.0 else theme.muted)) for v in marks]
        every = next(n for n in (1, 2, 3, 5, 10, 20, 50) if room / (self.high - self.low) * n >= 0.42)
        return [(10.0**e, power(theme, e, "muted" if e else "ink")) for e in range(self.low, self.high + 1) if e % every == 0]

    def height(self, product: float) -> float:
        """The place of a product on the ruler, frame units."""
        if self.linear:
            return self.foot + product / self.most * (self.top - self.foot)
        share = (math.log10(product) - self.low) / (self.high - self.low)
        return self.foot + share * (self.top - self.foot)

    def width(self, product: float) -> float:
        """The ribbon's width where the product is this."""
        return float(np.clip(WIDE * product, THIN, RIM))

    def _put(self, bar: Rectangle, k: int, product: float) -> Rectangle:
        high = max(self.height(product) - self.foot, 0.02)
        return bar.stretch_to_fit_height(high).move_to([self.xs[k], self.foot + high / 2, 0])

    def flow(self, links: float) -> ProductBar:
        """The ribbon as far as so many links; between two boxes it is as wide as the product there."""
        self.reached = links
        half = self.pitch / 2
        xs, widths = [self.xs[0] - half - 0.1], [self.width(1.0)]
        for k, x in enumerate(self.xs):
            if k + 1 > links + 1e-9:
                share = links - k
                if share > 0:
                    xs += [x - half + self.pitch * share]
                    widths += [self.width(self.along[k]) if share < 0.5 else self.width(self.along[k + 1])]
                break
            xs += [x - 0.12, x + 0.12, x + half]
            widths += [self.width(self.along[k]), *[self.width(self.along[k + 1])] * 2]
        if len(xs) < 2:
            self.ribbon.points = np.zeros((0, 3))
            return self
        up = [[x, self.y + w / 2] for x, w in zip(xs, widths, strict=True)]
        low = [[x, self.y - w / 2] for x, w in zip(xs, widths, strict=True)]
        self.ribbon.points = polygon(np.array(up + low[::-1]))
        return self

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> AnimationGroup:
        """The chain and the ruler under it."""
        boxes = [AnimationGroup(FadeIn(self.keep(b, 2)), FadeIn(self.keep(s, 3)))
                 for b, s in zip(self.boxes, self.signs, strict=True)]  # fmt: skip
        self.keep(self.ribbon, 1)
        ruler = [Create(self.keep(self.grid, 0)), FadeIn(self.keep(self.powers, 0))]
        return AnimationGroup(LaggedStart(*boxes, lag_ratio=0.15), *ruler, run_time=run_time)

    def rate(self, *which: int, run_time: float = 0.9) -> LaggedStart:
        """The rates of some links over their boxes; without any, of all that have room."""
        every = next(n for n in (1, 2, 3, 4) if n * self.pitch >= max(t.width for t in self.tags) + 0.12)
        tags = [self.tags[k] for k in (which or range(0, self.links, every)) if self.tags[k] not in self.submobjects]
        for tag in tags:
            self.keep(tag, 5)
        return LaggedStart(*(FadeIn(t, shift=0.1 * DOWN) for t in tags), lag_ratio=0.2, run_time=run_time)

    def grow(self, k: int, run_time: float = 0.7) -> AnimationGroup:
        """The ribbon passes link k, and its bar stands under it."""
        bar = self.keep(self.bars[k], 3)
        return AnimationGroup(Flow(self, k + 1.0), FadeIn(bar, shift=0.15 * UP), run_time=run_time)

    def run(self, run_time: float = 4.0) -> list[Animation]:
        """The ribbon passes all the links that are left, one bar after the other."""
        left = [k for k in range(self.links) if self.bars[k] not in self.submobjects]
        bars = [self.keep(self.bars[k], 3) for k in left]
        shows = LaggedStart(*(FadeIn(bar, shift=0.15 * UP) for bar in bars), lag_ratio=0.8)
        return [AnimationGroup(Flow(self, float(self.links)), shows, run_time=run_time)]

    def outcome(self, decimals: int | None = None, run_time: float = 0.8) -> Animation:
        """The product of all rates at the last bar."""
        number = Phrase("×\u2009{r}", self.theme.tint("slope"), 34, "bold", decimals=decimals, r=self.product(self.links))
        number.ground = self.theme.slot
        tag = Tag(self.theme, number, 0.54)
        x = min(self.xs[-1], self.area.right - tag.width / 2)
        under = [b for b in self.bars if float(b.get_right()[0]) > x - tag.width / 2 - 0.05]
        y = max(float(b.get_top()[1]) for b in under) + 0.36
        self.whole = self.keep(tag.move_to([x, y, 0]), 7)
        return FadeIn(tag, scale=0.7, run_time=run_time)

    def swap(self, other: ProductBar, run_time: float = 1.6) -> list[Animation]:
        """The chain turns into another one of as many links; its rates, bars and ribbon move there, on the other's ruler."""
        if other.links != self.links:
            raise StageError("the other chain has another length")
        moves: list[Animation] = []
        for mine, theirs, z in (
            (self.boxes, other.boxes, 2), (self.signs, other.signs, 3), (self.bars, other.bars, 3),
            (VGroup(*self.tags), VGroup(*other.tags), 5),
        ):  # fmt: skip
            for a, b in zip(mine, theirs, strict=True):
                if a in self.submobjects:
                    moves += [FadeOut(a), FadeIn(b)] if z == 5 or mine is self.signs else [Transform(a, b)]
                    if z == 5 or mine is self.signs:
                        self.drop(a)
                        self.keep(b, z)
        gone = getattr(self, "whole", None)
        if gone is not None and gone in self.submobjects:
            self.drop(gone)
            moves.append(FadeOut(gone))
        moves += [FadeOut(self.grid), FadeOut(self.powers), FadeIn(other.grid), FadeIn(other.powers)]
        self.drop(self.grid, self.powers)
        self.keep(other.grid, 0), self.keep(other.powers, 0)
        self.grid, self.powers, self.linear, self.most = other.grid, other.powers, other.linear, other.most
        self.low, self.high, self.decimals = other.low, other.high, other.decimals
        reached = self.reached
        self.paths, self.source, self.along, self.tags, self.signs = (
            other.paths, other.source, other.along, other.tags, other.signs
        )  # fmt: skip
        before = self.ribbon.copy()
        self.flow(reached)
        goal = self.ribbon.copy()
        self.ribbon.points = before.points
        moves.append(Transform(self.ribbon, goal))
        return [AnimationGroup(*moves, run_time=run_time)]


class Flow(Animation):
    """The ribbon runs on."""

    def __init__(self, figure: ProductBar, links: float):
        self.figure, self.goal = figure, links
        super().__init__(figure.ribbon, rate_func=smooth)

    def begin(self) -> None:
        self.start = self.figure.reached
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.figure.flow(self.goal if share >= 1 else self.start + (self.goal - self.start) * share)


__all__ = ["ProductBar"]
