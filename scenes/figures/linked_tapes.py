"""S6: a chain as linked measuring tapes, all on one scale, so that how much faster a tape runs is the rate of its link.

Reads a trace, its paths and nudges of it. Invariants: a tape stands at the engine's value; it runs as far as its value
changes, times one scale for all; the product of the link rates is the slope of the last value by the first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from manim import (
    DOWN,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Mobject,
    Polygon,
    Scene,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import EngineError, Quantity, Step, Trace, formula, symbol
from chainreel.engine.nudge import Nudge
from chainreel.engine.paths import Paths

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.number import Number, Phrase
from ..stage.parts import panel, slot
from ..stage.pulse import RunPulse
from ..stage.rounding import closes, read_back, shown
from ..stage.theme import Theme, mix
from ..stage.ticks import Tick, round_steps, tick_values
from ..stage.type import Label, set_line
from ..stage.wire import Wire, polygon
from .figure import Figure
from .nudge_chain import one_more
from .products import factor
from .symbols import printed
from .tangent import Tag

WIDTH = 0.96  # of a tape
TICKS = 0.62  # least distance of two numbers on a tape, frame units
FADE = 0.42  # numbers fade so near to the end of the window
MOST = 5  # tapes that fit side by side
ROLLED = "×\u2009−0.00"  # as wide as a rate that rolls


class Strip(VGroup):
    """The window on a tape that runs behind it: `run(value)` brings a value to the middle, `point(value)` moves the pointer."""

    def __init__(self, theme: Theme, role: str, at: tuple[float, float], height: float, scale: float):
        super().__init__()
        self.theme, self.role, self.high, self.zoomed = theme, role, height, scale
        self.x, self.y = at
        self.back = slot(theme, WIDTH, height, 0.12).move_to([*at, 0])
        self.back.set_fill(mix(theme.slot, theme.role(role), 0.06), 1)
        self.rim = self.back.copy().set_fill(opacity=0).set_stroke(theme.role(role), 2.6, 1)
        self.marks = VMobject().set_stroke(theme.muted, 1.8, 0.85).set_fill(opacity=0)
        self.numbers = VGroup(*(Tick(1.0, 1.0, theme.muted) for _ in range(int(height / TICKS) + 3)))
        self.home = Line([self.x - WIDTH / 2, self.y, 0], [self.x + WIDTH / 2, self.y, 0]).set_stroke(theme.ink, 1.6, 0.0)
        self.bar = VMobject().set_fill(theme.role(role), 0.8).set_stroke(width=0)
        self.hand = Polygon([0, 0, 0], [0.2, 0.14, 0], [0.2, -0.14, 0]).set_fill(theme.role(role), 1)
        self.hand.set_stroke(theme.ground, 1.5)
        self.add(self.back, self.bar, self.marks, self.numbers, self.home, self.rim, self.hand)
        self.middle = self.pointed = 0.0

    @property
    def step(self) -> float:
        """The distance of two numbers on the tape."""
        least = TICKS / self.zoomed
        return next(s for s in round_steps(least * 3) if s >= least * (1 - 1e-9))

    def run(self, value: float, pointed: float | None = None, *, moving: bool = False) -> Strip:
        """The tape with this value in the middle, and the pointer there or at another value; numbers fade at the rim of the
        window while it is `moving`."""
        self.middle, self.pointed = value, value if pointed is None else pointed
        half, step = self.high / 2, self.step
        reach = half / self.zoomed
        values = tick_values(value - reach, value + reach, step)
        pieces = []
        for fine in tick_values(value - reach, value + reach, step / 5):
            y = self.y + (fine - value) * self.zoomed
            long = abs(fine / step - round(fine / step)) < 1e-6
            length = 0.17 if long else 0.09
            pieces.append(np.array([[self.x + WIDTH / 2 - length, y], [self.x + WIDTH / 2 - 0.01, y]]))
        self.marks.points = _lines(pieces)
        for k, number in enumerate(self.numbers):
            if k >= len(values):
                number.set_fill(opacity=0)
                continue
            fresh = Tick(values[k], step, self.theme.muted)
            y = self.y + (values[k] - value) * self.zoomed
            room = half - abs(y - self.y)
            number.value, number.text = values[k], fresh.text
            number.points = fresh.move_to([self.x + WIDTH / 2 - 0.26 - fresh.width / 2, y, 0]).points
            number.set_fill(opacity=min(max((room - 0.12) / FADE, 0.0), 1.0) if moving else float(room >= 0.24))
        there = self.y + np.clip((self.pointed - value) * self.zoomed, -half, half)
        self.hand.move_to([self.x + WIDTH / 2 + 0.08, there, 0])
        low, high = sorted((self.y, float(there)))
        x0, x1 = self.x - WIDTH / 2 + 0.04, self.x - WIDTH / 2 + 0.22
        flat = high - low < 1e-4
        self.bar.points = np.zeros((0, 3)) if flat else polygon(np.array([[x0, low], [x1, low], [x1, high], [x0, high]]))
        self.home.set_stroke(opacity=0.0 if flat else 0.7)
        return self


class LinkedTapes(Figure):
    """The chain from an input of `trace` to its output as tapes side by side in `area`, one for each value.

    `units` gives the unit of a value by its name ({"x": "m"}); where two neighbours have one, their rate has both. `zoom` is
    frame units for one unit of every tape. Verbs: `appear`, `touch`, `travel(k)`, `rest`, `rate(k)`, `slide(trace)`,
    `rescale`. `product()` and `overall()` are formulas.

    Raises StageError where several routes lead to the output, and for chains too long for the area.
    """

    def __init__(
        self, trace: Trace, theme: Theme, area: Area, *, zoom: float = 2.4, units: Mapping[str, str] | None = None,
        source: str = "trace", name: str | None = None,
    ):  # fmt: skip
        super().__init__(theme)
        self.trace, self.source, self.area, self.units, self.zoomed = trace, source, area, dict(units or {}), zoom
        self.paths = Paths(trace, name)
        if self.paths.count != 1:
            raise StageError(f"{self.paths.count} routes lead to the output; tapes show a chain of one")
        route = self.paths[0]
        self.indices = [s.index for s in route.steps]
        if len(self.indices) > MOST:
            raise StageError(f"the chain has {len(self.indices)} values, and {MOST} tapes fit side by side")
        top, bottom = area.top - 0.62, area.bottom + 0.98
        self.y = (top + bottom) / 2
        pitch = (area.width - WIDTH - 0.5) / (len(self.indices) - 1)
        self.places = [area.left + WIDTH / 2 + pitch * k for k in range(len(self.indices))]
        roles = ["knob", *["value"] * (len(self.indices) - 1)]
        self.strips = [
            Strip(theme, role, (x, self.y), top - bottom, zoom) for role, x in zip(roles, self.places, strict=True)
        ]
        self.names, self.numbers = VGroup(), []
        for k, (step, strip) in enumerate(zip(route.steps, self.strips, strict=True)):
            name_of = Formula(lambda mark, s=step: symbol(s, mark), theme, 42, tinted=True)  # type: ignore[misc]
            self.names.add(name_of.move_to([strip.x, area.top - 0.26, 0]))
            strip.run(float(step.value))
            self.numbers.append(self._number(k))
        self.wires: list[Wire] = []
        self.lines, self.boxes = VGroup(), VGroup()
        for k, step in enumerate(route.steps[1:]):
            face = Formula(lambda mark, s=step: formula(s, mark, expand=0, inline=True), theme, 40, tinted=True)  # type: ignore[misc]
            a, b = self.places[k] + WIDTH / 2 + 0.3, self.places[k + 1] - WIDTH / 2 - 0.06
            width = min(max(face.width + 0.3, 0.95), b - a - 0.4)
            box = panel(theme, width, 0.8, 0.14).move_to([(a + b) / 2, self.y, 0])
            self.boxes.add(VGroup(box, face.move_to(box.get_center())))
            ends = ((a, (a + b - width) / 2), ((a + b + width) / 2, b))
            wires = [Wire((x0, self.y), (x1, self.y)) for x0, x1 in ends]
            self.wires += wires
            here = "knob" if k == 0 else "value"
            self.lines.add(
                VGroup(wires[0].line(theme.role(here), 3, 0.7), wires[1].line(theme.role("value"), 3, 0.7))
            )
        self.tags: dict[int, VGroup] = {}
        self.changes: dict[int, Number] = {}

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        names = self.listed(self.step(k).name for k in range(len(self.indices)))
        return f"Measuring tapes for {names}, linked: each runs as fast as the one before times the rate of their link."

    # Numbers --------------------------------------------------------------------------------------------------------

    def step(self, k: int) -> Step:
        """The step that tape k shows."""
        return self.trace.step(self.indices[k])

    def value(self, k: int) -> Quantity:
        """The value of tape k."""
        return replace(self.trace.quantity("value", self.step(k)), source=self.source)

    def local(self, k: int) -> Quantity:
        """The rate of the link from tape k to the next."""
        return replace(self.trace.quantity("local", self.paths[0].edges[k]), source=self.source)

    def along(self, links: int) -> Quantity:
        """The product of the first rates."""
        return replace(self.paths.quantity("along", 0, links), source=self.source + " paths")

    def _number(self, k: int) -> Number:
        role = "knob" if k == 0 else "value"
        number = Number(self.value(k), self.theme.tint(role), 30)
        return number.move_to([self.places[k], self.area.bottom + 0.64, 0])

    def _unit(self, k: int) -> str:
        return self.units.get(self.step(k).name or "", "")

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 2.0) -> LaggedStart:
        """Tape after tape, each with the box that makes it from the one before."""
        shows: list[Animation] = []
        for k, strip in enumerate(self.strips):
            fresh = [(p, z) for p, z in ((strip, 3), (self.names[k], 4), (self.numbers[k], 4)) if p not in self.submobjects]
            parts = [FadeIn(self.keep(part, z)) for part, z in fresh]
            if k:
                line, box = self.lines[k - 1], self.boxes[k - 1]
                parts = [*map(Create, self.keep(line, 0)), FadeIn(self.keep(box, 2)), *parts]
            shows.append(AnimationGroup(*parts))
        return LaggedStart(*shows, lag_ratio=0.4, run_time=run_time)

    def touch(self, nudge: Nudge, source: str = "nudge", run_time: float = 0.9) -> Animation:
        """The pointer of the first tape is pushed by the nudge. Raises StageError for a nudge from another point."""
        if nudge.name != self.paths.name or not np.isclose(float(nudge.trace.output.value), float(self.trace.output.value)):
            raise StageError("the nudge starts at another point than the tapes")
        self.nudge, self.nudge_source = nudge, source
        return self._push(0, run_time)

    def travel(self, k: int, run_time: float = 1.1) -> list[Animation]:
        """The push runs through box k to the next tape, which answers by its real change."""
        pulses = [RunPulse(self.theme, wire, "knob" if k == 0 and i == 0 else "value", run_time=0.4 * run_time)
                  for i, wire in enumerate(self.wires[2 * k : 2 * k + 2])]  # fmt: skip
        return [*pulses, self._push(k + 1, run_time)]

    def rest(self, run_time: float = 0.8) -> AnimationGroup:
        """Every pointer goes back to where it was."""
        gone = [FadeOut(number) for number in self.changes.values()]
        self.drop(*self.changes.values())
        self.changes = {}
        return AnimationGroup(Point(self, {k: s.middle for k, s in enumerate(self.strips)}), *gone, run_time=run_time)

    def rate(self, k: int, run_time: float = 0.7) -> Animation:
        """The rate of link k over its box, with its units where both tapes have one."""
        self.tags[k] = self.keep(self._tag(k), 6)
        return FadeIn(self.tags[k], shift=0.12 * DOWN, run_time=run_time)

    def slide(self, trace: Trace, source: str, run_time: float = 4.0) -> Animation:
        """The input runs to where `trace` has it, and every tape and rate with it. Then numbers of `source` stand there.

        Raises StageError for a trace of another function.
        """
        if [s.primitive for s in trace.steps] != [s.primitive for s in self.trace.steps]:
            raise StageError("the tapes cannot run to a point of another function")
        move = Run(self, self.trace, trace, run_time)
        self.trace, self.source, self.paths = trace, source, Paths(trace, self.paths.name)
        for k, old in enumerate(self.numbers):
            self.numbers[k] = self.keep(self._number(k), 4)
            move.settles.append((old, self.numbers[k]))
        for k, tag in list(self.tags.items()):
            self.tags[k] = self.keep(self._tag(k), 6)
            move.settles.append((tag, self.tags[k]))
        self.drop(*(old for old, _ in move.settles))
        return move

    def rescale(self, zoom: float, run_time: float = 1.2) -> Animation:
        """All tapes on another scale, the same for each."""
        return Rescale(self, zoom, run_time)

    # Formulas -------------------------------------------------------------------------------------------------------

    def product(self, upto: int | None = None, size: float = 40) -> Formula:
        """`dy/dx = 4 · (−0.75) = −3`: the rates along the first links and their product."""
        upto = len(self.indices) - 1 if upto is None else upto
        entries = [printed(self.local(k)) for k in range(upto)]
        result = printed(self.along(upto))
        exact = closes(result.text, math.prod(read_back(entry.text) for entry in entries))

        def write(mark: Marker) -> str:
            d = mark("slope", None, "upright(d)")
            head = f"{d} {symbol(self.step(upto), mark)} {mark('ink', None, 'slash')} {d} {symbol(self.step(0), mark)}"
            parts = [mark("slope", self.indices[k + 1], factor(e.text, first=k == 0)) for k, e in enumerate(entries)]
            same = mark("ink", None, "=" if exact else "approx")
            whole = mark("slope", -1, number_source(result.text))
            dot = f" {mark('ink', None, 'dot')} "
            return f"{head} = {dot.join(parts)} {same} {whole}"

        return Formula(write, self.theme, size, tinted=True, printed=[*entries, result])

    # Parts ----------------------------------------------------------------------------------------------------------

    def _tag(self, k: int) -> VGroup:
        theme, x = self.theme, float(self.boxes[k].get_center()[0])
        number = Phrase("×\u2009{r}", theme.tint("slope"), 30, "bold", r=self.local(k))
        number.ground = theme.slot
        tag = VGroup(Tag(theme, number, 0.46).move_to([x, self.y + 0.86, 0]))
        if self._unit(k) and self._unit(k + 1):
            words = f"{self._unit(k + 1)} per {self._unit(k)}"
            tag.add(Label(words, theme.muted, 24, names=True).move_to([x, self.y - 0.72, 0]))
        return tag

    def _push(self, k: int, run_time: float) -> Animation:
        moved, delta = (replace(self.nudge.quantity(what, self.step(k)), source=self.nudge_source)
                        for what in ("moved", "change"))  # fmt: skip
        strip, role = self.strips[k], "knob" if k == 0 else "value"
        number = Number(delta, self.theme.tint(role), 28, decimals=one_more(float(delta.value)), plus=True)
        number.move_to([strip.x, self.area.bottom + 0.18, 0])
        self.changes[k] = self.keep(number, 7)
        return AnimationGroup(Point(self, {k: float(moved.value)}), FadeIn(number, shift=0.1 * DOWN), run_time=run_time)


class Point(Animation):
    """Pointers move to other values, the tapes stay."""

    def __init__(self, figure: LinkedTapes, goals: Mapping[int, float], **kwargs: Any):
        self.figure, self.goals = figure, dict(goals)
        super().__init__(VGroup(*(figure.strips[k] for k in goals)), rate_func=smooth, **kwargs)

    def begin(self) -> None:
        self.starts = {k: self.figure.strips[k].pointed for k in self.goals}
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for k, goal in self.goals.items():
            strip = self.figure.strips[k]
            strip.run(strip.middle, goal if share >= 1 else self.starts[k] + (goal - self.starts[k]) * share)


class Run(Animation):
    """The input runs from one trace to another of the same function; every value and rate on the way is the engine's."""

    def __init__(self, figure: LinkedTapes, start: Trace, end: Trace, run_time: float):
        self.figure, self.start, self.goal, self.input = figure, start, end, figure.paths.name
        self.old = list(figure.numbers)
        self.rates = dict(figure.tags)
        self.settles: list[tuple[Mobject, Mobject]] = []  # what rolled, and the engine's number that stands there then
        for tag in self.rates.values():  # room for what rolls
            room = max(set_line(text, 30, "bold")[1] for text in (ROLLED, tag[0].number.text)) + 0.34
            tag[0].body.stretch_to_fit_width(max(room, tag[0].body.width))
        self.ends = (float(start.at[self.input]), float(end.at[self.input]))
        parts = VGroup(*figure.strips, *self.old, *self.rates.values())
        super().__init__(parts, run_time=run_time, rate_func=smooth)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """Rolling numbers are done: the settled ones stand in their places."""
        super().clean_up_from_scene(scene)
        for old, fresh in self.settles:
            scene.remove(*old.get_family())
            scene.add(fresh)

    def at(self, x: float) -> Trace:
        """The trace with the input at x."""
        try:
            return self.start.function.trace({**self.start.at, self.input: x})
        except EngineError as problem:
            raise StageError(f"the tapes cannot run there: {problem}") from None

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        trace = self.goal if share >= 1 else self.at(self.ends[0] + (self.ends[1] - self.ends[0]) * share)
        figure = self.figure
        for k, (strip, index) in enumerate(zip(figure.strips, figure.indices, strict=True)):
            value = float(trace.steps[index].value)
            strip.run(value, moving=share < 1)
            _say(self.old[k], shown(value, 2, auto=False))
            if k in self.rates:
                edge = next(e for e in trace.steps[figure.indices[k + 1]].edges if e.source.index == index)
                _say(self.rates[k][0].number, "×\u2009" + shown(float(edge.local or 0.0), 2, auto=False))


class Rescale(Animation):
    """The scale of all tapes changes."""

    def __init__(self, figure: LinkedTapes, zoom: float, run_time: float):
        self.figure, self.ends = figure, (figure.zoomed, zoom)
        super().__init__(VGroup(*figure.strips), run_time=run_time, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        a, b = self.ends
        self.figure.zoomed = a * (b / a) ** share
        for strip in self.figure.strips:
            strip.zoomed = self.figure.zoomed
            strip.run(strip.middle, strip.pointed, moving=share < 1)


def _say(number: Any, text: str) -> None:
    if number.text != text:
        number.set_text(text)


def _lines(pieces: list[np.ndarray]) -> np.ndarray:
    """Separate straight lines as manim's points, shape (4 n, 3)."""
    if not pieces:
        return np.zeros((0, 3))
    a, b = np.array([p[0] for p in pieces]), np.array([p[1] for p in pieces])
    flat = np.stack([a, a * 2 / 3 + b / 3, a / 3 + b * 2 / 3, b], axis=1).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


__all__ = ["LinkedTapes"]
