"""S6: linked wheels. Each turns by the nudge times the rates before it; the rates along a route multiply, routes add.

Reads a Nudge and its paths: values, local slopes, products, real changes. Invariants: a wheel's turn is proportional to
its slope by the input; the product of the link rates is the slope along the route; the routes' products add up to the
engine's slope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from manim import (
    DOWN,
    UP,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    RoundedRectangle,
    VGroup,
    VMobject,
)
from manim.utils.rate_functions import smooth

from chainreel.engine import Edge, Quantity, Step, formula, symbol
from chainreel.engine.nudge import Nudge

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.number import Number, Phrase
from ..stage.parts import panel, round_caps
from ..stage.pulse import RunPulse
from ..stage.rounding import closes, decimals_for, read_back
from ..stage.theme import Theme, mix
from ..stage.wire import Wire
from .figure import Figure
from .products import factor
from .symbols import printed
from .tangent import Tag

MOST_ROUTES = 3
FARTHEST = math.radians(118)  # the largest turn of a wheel
TEETH = 12


class Wheel(VGroup):
    """A toothed wheel with the name of a value on it. It shows how far the value moved, not the value: up is "here"."""

    def __init__(self, theme: Theme, name: VMobject, role: str, radius: float):
        super().__init__()
        self.theme, self.role, self.radius, self.turned = theme, role, radius, 0.0
        r, colour = radius, theme.role(role)
        self.teeth = VMobject().set_fill(mix(theme.rim, theme.panel, 0.25), 1).set_stroke(width=0)
        for k in range(TEETH):
            tooth = RoundedRectangle(corner_radius=0.02, width=0.30 * r, height=0.20 * r).move_to([0, 1.06 * r, 0])
            self.teeth.append_points(tooth.rotate(k * math.tau / TEETH, about_point=np.zeros(3)).points)
        self.face = Circle(r).set_fill([theme.panel, theme.panel_top], 1).set_sheen_direction([0, 1, 0])
        self.face.set_stroke(colour, 3)
        self.track = VMobject().set_stroke(colour, 6, 0.9).set_fill(opacity=0)
        self.notch = round_caps(Line([0, 0.66 * r, 0], [0, 0.94 * r, 0]).set_stroke(colour, 6.5))
        self.name = name.move_to([0, 0, 0])
        self.add(self.teeth, self.face, self.track, self.notch, self.name)

    def turn_to(self, angle: float) -> Wheel:
        """Turn so far from "here", clockwise for positive angles, in radians."""
        centre = self.face.get_center()
        by = angle - self.turned
        self.teeth.rotate(-by, about_point=centre)
        self.notch.rotate(-by, about_point=centre)
        self.turned = angle
        n = max(int(abs(angle) / 0.12), 1) + 1
        a = math.pi / 2 - np.linspace(0, angle, n)
        r = 1.24 * self.radius
        corners = centre + r * np.column_stack([np.cos(a), np.sin(a), np.zeros(n)])
        if abs(angle) > 1e-3:
            self.track.set_points_as_corners(corners)
        else:
            self.track.clear_points()
        return self


class TurnWheels(Animation):
    """Wheels turn from where they are to their angles."""

    def __init__(self, wheels: dict[Wheel, float], run_time: float = 0.8, **kwargs: Any):
        self.goals = wheels
        self.begins = {wheel: wheel.turned for wheel in wheels}
        kwargs.setdefault("rate_func", smooth)
        super().__init__(VGroup(*wheels), run_time=run_time, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        for wheel, goal in self.goals.items():
            wheel.turn_to(self.begins[wheel] + (goal - self.begins[wheel]) * share)


@dataclass
class Link:
    """One link of a route on screen: from a wheel over its box to the next wheel."""

    edge: Edge
    route: int
    place: int
    source: Wheel
    target: Wheel
    wires: list[Wire]
    lines: list[VMobject]
    box: Any = None
    label: Any = None
    arc: Any = None
    tag: Any = None


class NudgeChain(Figure):
    """The routes of a nudged input to the output, as linked wheels in an area.

    `name` is the source of the nudge's numbers, `name + " paths"` that of products, `trace` that of values and rates.
    Verbs: `appear`, `touch`, `travel(place)`, `rate(link)`, `overall`, `shares`, `rest`.
    """

    def __init__(self, nudge: Nudge, theme: Theme, area: Area, *, name: str = "nudge", trace: str = "trace"):
        super().__init__(theme)
        self.nudge, self.trace, self.area = nudge, nudge.trace, area
        self.source, self.trace_source = name, trace
        self.paths = nudge.paths
        if self.paths.count > MOST_ROUTES:
            raise StageError(
                f"{nudge.name} reaches the output by {self.paths.count} routes, and {MOST_ROUTES} is the most that can be "
                "shown as wheels; try the clip paths"
            )
        if self.paths.count == 0:
            raise StageError(f"the output does not depend on {nudge.name}; nudge another input with --input")
        self.routes = list(self.paths)
        self.single = len(self.routes) == 1
        reach = max(abs(value) for route in self.routes for value in route.along)
        whole = abs(float(nudge.tangents[self.trace.output]))
        self.angle_of_one = math.copysign(FARTHEST / max(reach, whole, 1.0), nudge.delta)  # radians for a slope of one
        self.wheels: dict[tuple[int, int], Wheel] = {}
        self.links: list[Link] = []
        self.values: dict[Wheel, Number] = {}
        self.changes: dict[Wheel, Any] = {}
        self.notes: dict[Wheel, Formula] = {}
        self._place()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Linked wheels from {self.nudge.name} to {self.trace.output.name}, {self.counted(self.routes, 'route')}: "
            "each wheel turns as much as its value changes."
        )

    # Numbers --------------------------------------------------------------------------------------------------------

    def value(self, step: Step) -> Quantity:
        """The value of a step before the nudge."""
        return replace(self.trace.quantity("value", step), source=self.trace_source)

    def local(self, edge: Edge) -> Quantity:
        """The rate of a link."""
        return replace(self.trace.quantity("local", edge), source=self.trace_source)

    def of_nudge(self, what: str, step: Step | int | None = None) -> Quantity:
        """A number of the nudge: delta, moved, change, forecast, share."""
        return replace(self.nudge.quantity(what, step), source=self.source)

    def of_paths(self, what: str, path: int = 0, links: int | None = None) -> Quantity:
        """A number of the paths: product, along, total, slope."""
        return replace(self.paths.quantity(what, path, links), source=self.source + " paths")

    def angle(self, slope: float) -> float:
        """How far a wheel turns whose value has this slope by the nudged input."""
        return self.angle_of_one * slope

    # Layout ---------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        area = self.area
        longest = max(len(route.edges) for route in self.routes)
        everywhere = {s.index: s for route in self.routes for s in route.steps}
        ends = (self.routes[0].steps[0], self.trace.output)
        values = {i: self._number(s).width for i, s in everywhere.items()}
        moves = {i: self._moved(s).width for i, s in everywhere.items()}
        side = max(0.62, *(max(values[s.index], moves[s.index]) / 2 for s in ends)) + 0.02
        pitch = (area.width - 2 * side) / longest
        self.telling = pitch >= max(1.04, max(moves.values()) + 0.1)  # there is room for how far each wheel moved
        if not self.telling:
            side = max(0.5, *(values[s.index] / 2 for s in ends)) + 0.02
        left, right = area.left + side, area.right - side
        pitch = (right - left) / longest
        if pitch < 1.04:
            most = int((right - left) / 1.04)
            raise StageError(
                f"the chain from {self.nudge.name} to the output has {longest} links, and {most} is the most that stand side "
                "by side in this shape of frame; use fewer steps, or a wider frame"
            )
        if pitch < max(values.values()) + 0.06:
            raise StageError(
                f"the values along the chain from {self.nudge.name} are too long to stand side by side; take a point with "
                "rounder numbers, fewer steps, or a wider frame"
            )
        self.radius = min(0.70, 0.235 * pitch + 0.13) if self.single else min(0.50, 0.22 * pitch)
        if self.single:
            self._row(0, left, right, float(area.center[1]) - 0.05)
            return
        rows = len(self.routes)
        if rows > 2:
            self.radius = min(self.radius, 0.36)
        first, last = self._wheel(self.routes[0].steps[0]), self._wheel(self.trace.output)
        order = sorted(range(rows), key=lambda i: len(self.routes[i].edges))  # the direct route on top
        heights = self._heights([len(self.routes[i].edges) > 1 for i in order])
        middle = (heights[0] + heights[-1]) / 2
        first.move_to([left, middle, 0]), last.move_to([right, middle, 0])
        for row, i in enumerate(order):
            y = heights[row]
            steps = self.routes[i].steps
            self.wheels[i, 0], self.wheels[i, len(steps) - 1] = first, last
            for k, step in enumerate(steps[1:-1], 1):
                wheel = self._wheel(step)
                wheel.move_to([left + (right - left) * k / (len(steps) - 1), y, 0])
                self.wheels[i, k] = wheel
            for k, edge in enumerate(self.routes[i].edges):
                self._loose_link(edge, i, k, y)
        for wheel in dict.fromkeys(self.wheels.values()):
            self._label(wheel)

    def _heights(self, wheels: list[bool]) -> list[float]:
        """The height of each row; `wheels` says which rows have any between the first and the last."""
        r, area = 1.24 * self.radius, self.area
        below = r + 0.62  # a wheel and its value
        gaps = [(below if upper else 0.45) + (r if lower else 0.0) + 0.1
                for upper, lower in zip(wheels, wheels[1:], strict=False)]  # fmt: skip
        top, bottom = area.top - (r if wheels[0] else 0.3), area.bottom + below
        room = top - bottom
        if sum(gaps) > room + 0.05:
            raise StageError(
                f"{len(wheels)} routes lead from {self.nudge.name} to the output, too many wheels for this shape of frame; "
                "try the clip paths"
            )
        spread = min((room - sum(gaps)) / len(gaps), 0.6)
        slack = (room - sum(gaps) - spread * len(gaps)) / 2
        heights = [top - slack]
        for gap in gaps:
            heights.append(heights[-1] - gap - spread)
        return heights

    def _wheel(self, step: Step) -> Wheel:
        role = "knob" if step.is_input else "value"
        names = [Formula(lambda mark: symbol(step, mark), self.theme, size, tinted=True) for size in (36, 32)]
        inside = next((name for name in names if name.width < 1.45 * self.radius), None)
        wheel = Wheel(self.theme, inside or VGroup(), role, self.radius)
        wheel.step = step
        if inside is None:  # a long name stands under its wheel
            self.notes[wheel] = names[-1]
        return wheel

    def _number(self, step: Step) -> Number:
        return Number(self.value(step), self.theme.tint("knob" if step.is_input else "value"), 28)

    def _label(self, wheel: Wheel) -> None:
        number = self._number(wheel.step)
        centre = wheel.face.get_center()
        number.move_to([centre[0], centre[1] - 1.30 * self.radius - 0.30, 0])
        self.values[wheel] = number
        if wheel in self.notes:
            low, half = number.get_center()[1] - 1.02, self.notes[wheel].width / 2
            x = min(max(centre[0], self.area.left + half), self.area.right - half)
            self.notes[wheel].move_to([x, low, 0])

    def _row(self, route: int, left: float, right: float, y: float) -> None:
        steps = self.routes[route].steps
        pitch = (right - left) / (len(steps) - 1)
        room = pitch - 2 * 1.16 * self.radius - 0.3
        boxes: list[Formula] | None = None
        for size, pad in ((36, 0.26), (32, 0.2)):
            made = [self._face(edge.target, size) for edge in self.routes[route].edges]
            if boxes is None and all(face.width + pad <= room for face in made):
                boxes = made
        y += 0.0 if boxes else 0.35  # the definitions take a line under the wheels
        for k, step in enumerate(steps):
            wheel = self._wheel(step)
            wheel.move_to([left + pitch * k, y, 0])
            wheel.shift([0, y - wheel.face.get_center()[1], 0])
            self.wheels[route, k] = wheel
            self._label(wheel)
        if boxes is None:
            self._definitions(route, pitch)
        for k, edge in enumerate(self.routes[route].edges):
            self._link(edge, route, k, boxes[k] if boxes else None, pitch)

    def _definitions(self, route: int, pitch: float) -> None:
        """Where no boxes fit between the wheels, what each step computes stands under its wheel."""
        for k, step in enumerate(self.routes[route].steps[1:], 1):
            wheel = self.wheels[route, k]
            x, y = wheel.face.get_center()[0], float(self.values[wheel].get_center()[1]) - 1.02
            for line in (self._definition(step), self._face(step, 32)):
                if line.width < pitch - 0.12 and x + line.width / 2 < self.area.right + 0.02:
                    self.notes[wheel] = line.move_to([x, y, 0])
                    break

    def _definition(self, step: Step) -> Formula:
        def write(mark: Marker) -> str:
            return f"{symbol(step, mark)} = {formula(step, mark, expand=0, inline=True)}"

        return Formula(write, self.theme, 32, tinted=True)

    def _face(self, step: Step, size: float) -> Formula:
        return Formula(lambda mark: formula(step, mark, expand=0, inline=True), self.theme, size, tinted=True)

    def _link(self, edge: Edge, route: int, k: int, face: Formula | None, pitch: float) -> None:
        theme = self.theme
        source, target = self.wheels[route, k], self.wheels[route, k + 1]
        a, b = source.face.get_center(), target.face.get_center()
        rim = 1.16 * self.radius + 0.05
        middle = (a[0] + b[0]) / 2
        role = source.role
        link = Link(edge, route, k, source, target, [], [])
        if face is None:
            stretches = [(a[0] + rim, b[0] - rim)]
        else:
            width = max(face.width + 0.24, 0.62)
            link.box = panel(theme, width, 0.66, 0.14).move_to([middle, a[1], 0])
            link.label = face.move_to([middle, a[1], 0])
            stretches = [(a[0] + rim, middle - width / 2), (middle + width / 2, b[0] - rim)]
        for i, (x0, x1) in enumerate(stretches):
            wire = Wire((x0, a[1]), (max(x1, x0 + 0.05), a[1]))
            link.wires.append(wire)
            link.lines.append(wire.line(theme.role(role if i == 0 else "value"), 3.0, 0.6))
        # The rate, on an arc from wheel to wheel.
        top = a[1] + 1.24 * self.radius + 0.16
        inset = 0.14 if pitch > 1.5 else 0.06
        lift = 0.62
        points = np.array([[a[0] + inset, top, 0], [a[0] + inset + pitch * 0.12, top + lift, 0],
                           [b[0] - inset - pitch * 0.12, top + lift, 0], [b[0] - inset, top, 0]])  # fmt: skip
        link.arc = self._arc(points)
        link.tag = self._tag(edge, pitch).move_to([middle, top + 0.75 * lift + 0.02, 0])
        self.links.append(link)

    def _arc(self, points: np.ndarray) -> VGroup:
        theme = self.theme
        line = VMobject().set_points(points).set_stroke(theme.slope, 3, 0.85).set_fill(opacity=0)
        tip = points[-1] - points[-2]
        angle = math.atan2(tip[1], tip[0])
        head = VMobject().set_stroke(theme.slope, 3, 0.95).set_fill(opacity=0)
        s = 0.13
        head.set_points_as_corners([
            points[-1] + s * np.array([math.cos(angle + turn), math.sin(angle + turn), 0]) for turn in (2.5,)
        ] + [points[-1]] + [points[-1] + s * np.array([math.cos(angle - 2.5), math.sin(angle - 2.5), 0])])  # fmt: skip
        return VGroup(round_caps(line), round_caps(head))

    def _tag(self, edge: Edge, pitch: float = 9.0) -> Tag:
        theme = self.theme
        text = "×\u2009{r}" if pitch > 1.35 else "{r}"
        size = 28 if pitch > 1.9 else 26
        number = Phrase(text, theme.tint("slope"), size, "bold", r=self.local(edge))
        number.ground = theme.slot
        return Tag(theme, number, 0.42 if pitch > 1.35 else 0.38)

    def _loose_link(self, edge: Edge, route: int, k: int, y: float) -> None:
        """A link of one of several routes: a wire with its rate on it."""
        source, target = self.wheels[route, k], self.wheels[route, k + 1]
        a, b = source.face.get_center(), target.face.get_center()
        rim = 1.16 * self.radius + 0.06

        def toward(centre: np.ndarray, other: float) -> np.ndarray:
            """The point of a wheel's rim at which the wire of this row leaves it."""
            side = 1.0 if other > centre[0] else -1.0
            up = math.atan2(max(min(y - centre[1], 0.9), -0.9), 0.9)
            return centre + rim * np.array([side * math.cos(up), math.sin(up), 0])

        start, end = toward(a, b[0]), toward(b, a[0])
        flat = abs(a[1] - y) > 0.1 and abs(b[1] - y) > 0.1
        third = (b[0] - a[0]) * 0.26
        wire = Wire((start[0], start[1]), (end[0], end[1]), [(a[0] + third, b[0] - third, y)] if flat else [])
        link = Link(edge, route, k, source, target, [wire], [wire.line(self.theme.role(source.role), 3.0, 0.6)])
        count = len(self.routes[route].edges)
        share = 0.5 if count == 1 else 0.58 if k == 0 else 0.42 if k == count - 1 else 0.5  # free of the values at the ends
        link.tag = self._tag(edge).move_to(wire.at(share))
        self.links.append(link)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 2.0) -> LaggedStart:
        """Wheels and boxes, from left to right, with their values."""
        waves: list[Animation] = []
        seen: set[Wheel] = set()
        for link in self.in_order():
            parts: list[Animation] = []
            for wheel in (link.source, link.target):
                if wheel not in seen:
                    seen.add(wheel)
                    fade = [FadeIn(self.keep(wheel, 3)), FadeIn(self.keep(self.values[wheel], 4))]
                    if wheel in self.notes:
                        fade.append(FadeIn(self.keep(self.notes[wheel], 4)))
                    if wheel is link.source:
                        waves.append(AnimationGroup(*fade))
                    else:
                        parts += fade
            parts = [*(Create(self.keep(line, 0)) for line in link.lines), *parts]
            if link.box is not None:
                parts += [FadeIn(self.keep(link.box, 1)), FadeIn(self.keep(link.label, 2))]
            waves.append(AnimationGroup(*parts))
        return LaggedStart(*waves, lag_ratio=0.3, run_time=run_time)

    def in_order(self) -> list[Link]:
        """The links as a touch passes them: from left to right, on all routes."""
        return sorted(self.links, key=lambda link: (link.place / len(self.routes[link.route].edges), link.route))

    @property
    def first(self) -> Wheel:
        """The wheel of the nudged input."""
        return self.wheels[0, 0]

    @property
    def last(self) -> Wheel:
        """The wheel of the output."""
        return self.wheels[0, len(self.routes[0].edges)]

    def _moved(self, step: Step) -> Number:
        quantity = self.of_nudge("delta") if step.is_input else self.of_nudge("change", step)
        colour = self.theme.tint("knob" if step.is_input else "value")
        return Number(quantity, colour, 28, "bold", decimals=one_more(float(quantity.value)), plus=True)

    def _change(self, wheel: Wheel) -> Number:
        number = self._moved(wheel.step)
        value = self.values[wheel]
        number.move_to([wheel.face.get_center()[0], value.get_center()[1] - 0.46, 0])
        return number

    def touch(self, run_time: float = 0.9) -> list[Animation]:
        """The first wheel is turned by the nudge."""
        number = self.keep(self._change(self.first), 5)
        self.changes[self.first] = number  # always told: it is what the viewer does
        glow = Glow(self.theme.knob, 3.4 * self.radius, 3.4 * self.radius, 0.4 * self.theme.glow)
        glow.move_to(self.first.face.get_center())
        turn = TurnWheels({self.first: self.angle(1.0)}, run_time=run_time)
        return [AnimationGroup(turn, FadeIn(glow, run_time=0.3), FadeIn(number, shift=0.1 * DOWN, run_time=0.5)),
                FadeOut(glow, run_time=0.3)]  # fmt: skip

    def travel(self, link: Link, run_time: float = 0.7) -> list[Animation]:
        """The touch runs over a link and turns the next wheel; on several routes, the last one turns by each share."""
        pulses = [RunPulse(self.theme, w, link.source.role if i == 0 else "value", run_time=run_time / len(link.wires))
                  for i, w in enumerate(link.wires)]  # fmt: skip
        wheel, route = link.target, self.routes[link.route]
        goal = self.angle(route.along[link.place + 1])
        turn: list[Animation] = []
        if self.single:
            if self.telling:
                number = self.keep(self._change(wheel), 5)
                self.changes[wheel] = number
                turn = [FadeIn(number, shift=0.1 * DOWN)]
        elif wheel is self.last:
            goal += wheel.turned
        return [*pulses, AnimationGroup(TurnWheels({wheel: goal}, run_time=run_time), *turn, run_time=run_time)]

    def rate(self, link: Link, run_time: float = 0.7) -> Animation:
        """The rate of a link is written on its coupling."""
        parts: list[Animation] = []
        if link.arc is not None:
            parts.append(Create(self.keep(link.arc, 2)))
        parts.append(FadeIn(self.keep(link.tag, 6), shift=0.12 * DOWN))
        return AnimationGroup(*parts, run_time=run_time)

    def ring(self, link: Link) -> VMobject:
        """A frame round a rate, for the moment in which it enters the product."""
        frame = link.tag.body.copy().set_fill(opacity=0).set_stroke(self.theme.ink, 3)
        for part in frame.get_family():
            part.set_z_index(7)
        return frame

    def outcome(self, run_time: float = 0.8) -> Animation:
        """The real change of the output, under its wheel."""
        if not self.telling:
            return TurnWheels({self.last: self.last.turned}, run_time=0.2)
        number = self.keep(self._change(self.last), 5)
        self.changes[self.last] = number
        return FadeIn(number, shift=0.1 * UP, run_time=run_time)

    def rest(self, run_time: float = 0.8) -> Animation:
        """All wheels turn back to "here"."""
        return TurnWheels(dict.fromkeys(dict.fromkeys(self.wheels.values()), 0.0), run_time=run_time)

    # Formulas -------------------------------------------------------------------------------------------------------

    def _head(self, mark: Marker) -> str:
        d = mark("slope", None, "partial")
        return f"{d} {symbol(self.trace.output, mark)} {mark('ink', None, 'slash')} {d} {symbol(self.paths.start, mark)}"

    def product(self, route: int, size: float = 38, upto: int | None = None, *, head: bool = False) -> Formula:
        """`4 · (−0.75) · 0.4 = −1.2`: the rates along a route and their product. `upto` leaves out the later links."""
        edges = self.routes[route].edges[:upto]
        entries = [printed(self.local(edge)) for edge in edges]
        result = printed(self.of_paths("along", route, len(edges)))
        again = math.prod(read_back(entry.text) for entry in entries)

        def write(mark: Marker) -> str:
            dot = f" {mark('ink', None, 'dot')} "
            parts = [mark("slope", edge.target.index, factor(e.text, first=i == 0))
                     for i, (edge, e) in enumerate(zip(edges, entries, strict=True))]  # fmt: skip
            if len(edges) == 1:
                return f"{parts[0]}"
            same = mark("ink", None, "=" if closes(result.text, again) else "approx")
            start = f"{self._head(mark)} = " if head else ""
            return f"{start}{dot.join(parts)} {same} {mark('slope', -1, number_source(result.text))}"

        return Formula(write, self.theme, size, tinted=True, printed=[*entries, result][: 1 if len(edges) == 1 else None])

    def factors(self, line: Formula, route: int) -> list[VGroup]:
        """The glyphs of a product: what stands before it, link by link, and the result, so that a scene can build it."""
        starts = [edge.target.index for edge in self.routes[route].edges] + [-1]
        parts: list[list[VMobject]] = [[]]
        for glyph in line:
            if len(parts) <= len(starts) and glyph.mark.role == "slope" and glyph.mark.step == starts[len(parts) - 1]:
                parts.append([])
            parts[-1].append(glyph)
        return [VGroup(*glyphs) for glyphs in parts]

    def total(self, size: float = 38) -> Formula:
        """`∂f/∂a = 5 + 6 = 11`: the products of the routes and their sum."""
        entries = [printed(self.of_paths("product", i)) for i in range(len(self.routes))]
        slope = printed(self.of_paths("slope"))
        again = sum(read_back(entry.text) for entry in entries)

        def write(mark: Marker) -> str:
            head = self._head(mark)
            parts = " + ".join(mark("slope", None, factor(e.text, first=i == 0)) for i, e in enumerate(entries))
            same = mark("ink", None, "=" if closes(slope.text, again) else "approx")
            if len(entries) == 1:
                return f"{head} = {mark('slope', None, number_source(slope.text))}"
            return f"{head} = {parts} {same} {mark('slope', None, number_source(slope.text))}"

        return Formula(write, self.theme, size, tinted=True, printed=[*(entries if len(entries) > 1 else []), slope])


def one_more(value: float) -> int | None:
    """Decimals for a change: three digits that matter, so that a forecast can be told from what really happened.

    >>> one_more(0.41), one_more(-0.1116), one_more(0.1)
    (2, 3, 1)
    """
    places = decimals_for(value)
    return places if places is None or math.isclose(value, round(value, places), rel_tol=1e-12) else places + 1
