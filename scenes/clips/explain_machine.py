"""The opening of `explain`: the function as a closed box. Every dial is turned, and the value moves; then the box opens."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import (
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    RoundedRectangle,
    Transform,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import EngineError, Trace

from ..figures.figure import Figure
from ..figures.graph_forward import GraphForward
from ..figures.symbols import name_formula, name_source
from ..stage.area import Area
from ..stage.become import Become
from ..stage.dial import Dial, dial_range
from ..stage.formula import Formula
from ..stage.glow import Glow
from ..stage.parts import panel, slot
from ..stage.theme import Theme, mix
from ..stage.wire import Wire

MOST = 6  # inputs that are turned one by one
TURN = 0.14  # of a dial's range: how far it is turned to each side
SAMPLES = 65


class Machine(Figure):
    """Dials on the left, a box with the function's name, and a tube with the height of its value on the right.

    The tube shows every value that the turning dials reach; heights are the function's own. Verbs: `appear`, `turn(k)`, `open`.
    """

    def __init__(self, trace: Trace, theme: Theme, area: Area):
        super().__init__(theme)
        self.trace = trace
        self.ways = [_way(trace, s.name) for s in trace.inputs]
        values = np.concatenate([y for _, y in self.ways] + [[float(trace.value)]])
        self.low, self.high = float(values.min()), float(values.max())
        count = len(trace.inputs)
        middle, y0 = (float(v) for v in area.center[:2])
        height = min(area.height - 0.2, 3.9 if area.height < 8 else 6.4)
        pitch = min(height / count, 0.4 * height)
        radius = min(0.52 if area.height < 8 else 0.64, 0.34 * pitch)
        self.names = [name_formula(step.name, theme, "knob", 40) for step in trace.inputs]
        for label in self.names:
            label.scale(min(1.0, 1.2 / label.width))
        aside = 1.25 * radius + 0.2 + max(label.width for label in self.names)
        reach = min(0.36 * area.width, 3.9, area.width / 2 - aside)
        self.dials: list[Dial] = []
        self.lines: list[VMobject] = []
        side = min(1.9, 0.46 * reach * 2)
        tall = min(max(1.3, 0.62 * pitch * count), 0.67 * height)
        self.box = panel(theme, side, tall, 0.22).move_to([middle, y0, 0])
        self.box.set_fill([mix(theme.panel, theme.slot, 0.6), mix(theme.panel_top, theme.slot, 0.6)])  # for the name's sake
        self.sign = Formula(lambda mark: name_source(trace.output.name, mark, "value"), theme, 60, tinted=True)
        self.sign.scale(min(1.0, 0.8 * side / self.sign.width)).move_to([middle, y0, 0])
        for k, step in enumerate(trace.inputs):
            y = y0 + pitch * ((count - 1) / 2 - k)
            value = float(step.value)
            dial = Dial(theme, value, *dial_range(value), radius)
            dial.shift(np.array([middle - reach, y, 0]) - dial.centre)
            label = self.names[k]
            label.move_to([middle - reach - 1.25 * radius - 0.2 - label.width / 2, y, 0])
            port = y0 + 0.8 * tall * ((count - 1) / 2 - k) / max(count, 2)
            wire = Wire((middle - reach + 1.35 * radius, y), (middle - side / 2, port))
            self.dials.append(dial)
            self.lines.append(wire.line(theme.knob, 3.0, 0.5))
        tube = 0.82 * height
        self.bottom, self.top, self.x = y0 - tube / 2, y0 + tube / 2, middle + reach
        self.tube = slot(theme, 0.5, tube, 0.24).move_to([self.x, y0, 0])
        base = theme.ground if theme.dark else "#FFFFFF"
        self.fill = VMobject().set_stroke(width=0).set_sheen_direction([0, 1, 0])
        self.fill.set_fill([mix(base, theme.value, 0.35), theme.value], 0.9)
        self.mark = Dot(radius=0.17, color=theme.value).set_stroke(theme.ink, 2.5)
        self.glow = Glow(theme.value, 1.5, 1.5, 0.5 * theme.glow)
        self.out = Wire((middle + side / 2, y0), (self.x - 0.25, y0)).line(theme.value, 3.0, 0.5)
        self.level(float(trace.value))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A box with the name {self.trace.output.name}: on its left {self.counted(self.dials, 'dial')}, "
            f"{self.listed(s.name for s in self.trace.inputs)}, and on its right the height of its value."
        )

    def height_of(self, value: float) -> float:
        """Where a value stands in the tube; the middle where nothing moves it."""
        span = self.high - self.low
        share = (value - self.low) / span if span > 0 else 0.5
        return self.bottom + 0.3 + min(max(share, 0.0), 1.0) * (self.top - self.bottom - 0.6)

    def level(self, value: float) -> None:
        """Fill the tube up to a value."""
        y, low = self.height_of(value), self.bottom + 0.06
        body = RoundedRectangle(corner_radius=min(0.18, (y - low) / 2), width=0.38, height=y - low)
        self.fill.points = body.move_to([self.x, (y + low) / 2, 0]).points
        self.mark.move_to([self.x, y, 0]), self.glow.move_to([self.x, y, 0])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> Animation:
        """The dials, the box and the tube, from left to right."""
        for part, z in ((self.box, 2), (self.sign, 3), (self.out, 0), (self.tube, 1), (self.fill, 2), (self.glow, 3)):
            self.keep(part, z)
        self.keep(self.mark, 4)
        for dial, label, line in zip(self.dials, self.names, self.lines, strict=True):
            self.keep(dial, 3), self.keep(label, 4), self.keep(line, 0)
        knobs = [FadeIn(part, shift=0.15 * RIGHT) for pair in zip(self.dials, self.names, strict=True) for part in pair]
        body = [FadeIn(self.box, scale=0.8), FadeIn(self.sign)]
        out = [FadeIn(part) for part in (self.tube, self.fill, self.glow, self.mark)]
        return LaggedStart(
            AnimationGroup(*knobs), AnimationGroup(*map(Create, self.lines), *body), AnimationGroup(Create(self.out), *out),
            lag_ratio=0.3, run_time=run_time,
        )  # fmt: skip

    def turn(self, k: int, run_time: float = 1.4) -> Animation:
        """A dial is turned up, down and back, and the value goes with it."""
        return Wiggle(self, k, run_time=run_time)

    def open(self, graph: GraphForward, run_time: float = 1.5) -> list[Animation]:
        """Each dial goes to its place in the graph, and the box grows until the graph has room in it."""
        boxes = [n.box for n in graph.nodes.values() if n.box is not None]
        last = graph.nodes[graph.view.output.index].holder
        wide = VGroup(*boxes, last)
        big = RoundedRectangle(corner_radius=0.3, width=wide.width + 0.8, height=wide.height + 1.3).move_to(wide)
        big.set_fill(self.theme.panel, 0.0).set_stroke(self.theme.rim, 2, 0.0)
        parts: list[Animation] = [Transform(self.box, big)]
        shown = {s.name: graph.nodes[s.index] for s in graph.inputs}
        for step, dial, label in zip(self.trace.inputs, self.dials, self.names, strict=True):
            node = shown.get(step.name)
            if node is None or node.dial in graph.submobjects:
                parts += [FadeOut(dial), FadeOut(label)]
                continue
            parts += [Become(dial, graph.keep(node.dial, 3)), FadeOut(label, target_position=node.label.get_center())]
            parts.append(FadeIn(graph.keep(node.label, 4)))
        for node in shown.values():
            if node.dial not in graph.submobjects:
                parts += [FadeIn(graph.keep(node.dial, 3)), FadeIn(graph.keep(node.label, 4))]
        place = last.get_center()
        parts += [FadeOut(m, target_position=place, scale=0.4) for m in (self.sign, self.mark, self.glow, self.fill, self.tube)]
        parts += [FadeOut(line) for line in (*self.lines, self.out)]
        return [AnimationGroup(*parts, run_time=run_time)]


class Wiggle(Animation):
    """A dial goes up, down and back while the level of the tube follows along the values of the function."""

    def __init__(self, machine: Machine, k: int, **kwargs: Any):
        kwargs.setdefault("rate_func", smooth)
        self.machine, self.k = machine, k
        moving = VGroup(machine.dials[k], machine.lines[k], machine.out, machine.fill, machine.mark, machine.glow)
        super().__init__(moving, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        machine, (x, y) = self.machine, self.machine.ways[self.k]
        swing = math.sin(2 * math.pi * share) if 0 < share < 1 else 0.0
        middle = float(machine.trace.inputs[self.k].value)
        value = middle + swing * (x[-1] - middle)
        machine.dials[self.k].turn_to(value)
        machine.level(float(np.interp(value, x, y)) if swing else float(machine.trace.value))
        bright = math.sin(math.pi * share)
        for line in (machine.lines[self.k], machine.out):
            line.set_stroke(width=3.0 + 2.5 * bright, opacity=0.5 + 0.45 * bright)


def machine(trace: Trace, theme: Theme, area: Area) -> Machine | None:
    """The closed box of a function; None for arrays, and for more dials than can be turned one by one."""
    if len(trace.inputs) > MOST or any(np.ndim(s.value) for s in (*trace.inputs, trace.output)):
        return None
    return Machine(trace, theme, area)


def _way(trace: Trace, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Places of one input around its own, and the values there; nothing but the point itself where it has no values."""
    at = {k: float(v) for k, v in trace.at.items()}
    low, high = dial_range(at[name])
    reach = TURN * (high - low)
    rest = {k: v for k, v in at.items() if k != name}
    for _ in range(4):
        x = np.linspace(at[name] - reach, at[name] + reach, SAMPLES)
        try:
            y = np.asarray(trace.function.grid({name: x}, fixed=rest), float).ravel()
        except EngineError:
            y = np.full(SAMPLES, np.nan)
        if np.isfinite(y).all():
            return x, y
        reach *= 0.4
    return np.array([at[name] - 1e-9, at[name] + 1e-9]), np.full(2, float(trace.value))


__all__ = ["Machine", "machine"]
