"""S7/S8: the whisker net as the graph of its steps, in the arrangement of the net: a row for each hidden unit, one output.

Reads a trace with the steps w11 … c, z1 …, h1 …, z, p (and, where there is one, the loss). Invariants: values run right,
blame runs left along the same wires; a ribbon is as wide as the blame that it carries; every chip is the engine's slope.
Where units only add, the sums are folded into one tall box with a port for each term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    LaggedStart,
    RoundedRectangle,
    Square,
    VGroup,
    VMobject,
)

from chainreel.engine import Quantity, Step, Trace

from ..stage.dial import Dial, dial_range
from ..stage.dim import DIMMED, Dim
from ..stage.formula import Formula
from ..stage.number import Number
from ..stage.parts import Chip, basket, panel, round_caps, sign
from ..stage.ribbon import GrowRibbon, Ribbon
from ..stage.rounding import shown
from ..stage.theme import Theme, mix
from ..stage.wire import Wire
from .figure import Figure
from .symbols import name_formula, value_equation

ROWS = (2.02, 0.10, -1.82)  # heights of the hidden units; the output stands in the middle one
DIAL, STEP = 0.20, 0.60  # radius of a dial, and the distance of dials in a group
X = {"dial": -5.42, "chip": -4.48, "data": -3.27, "sum": -2.42, "z": -1.48, "gate": -0.56, "h": 0.22, "times": 1.16,
     "plus": 2.16, "total": 3.14, "squash": 4.10, "p": 4.86, "loss": 5.87}  # fmt: skip
BAND = 0.36  # frame units of ribbon for a blame of one
PLACES = 2


class NetGraph(Figure):
    """The graph of a 2-3-1 net at a trace. `loss` is the name of the last symbol; a trace that ends at p has no loss.
    `sweep` is what a turn of every dial spans.

    Verbs: `appear`, `seed`, `blame(names)`, `calm`, `light(names)`. Parts by name: `dials` with their `tags`, `rounds` with
    `numbers` and `names`, `boxes`, `lines`, and once blame has come: `chips`, `ribbons`, `trays`.
    """

    def __init__(self, trace: Trace, theme: Theme, *, name: str = "trace", loss: str = "L",
                 sweep: tuple[float, float] | None = None):  # fmt: skip
        super().__init__(theme)
        self.trace, self.source, self.sweep = trace, name, sweep
        self.has_loss = trace.output.name != "p"
        self.dials: dict[str, Dial] = {}
        self.tags: dict[str, VMobject] = {}
        self.boxes: dict[str, VGroup] = {}
        self.rounds: dict[str, VMobject] = {}
        self.numbers: dict[str, Number] = {}
        self.names: dict[str, VMobject] = {}
        self.wires: dict[tuple[str, str], Wire] = {}
        self.strokes: dict[tuple[str, str], VMobject] = {}
        self.chips: dict[str, Chip] = {}
        self.trays: dict[str, VGroup] = {}
        self.ribbons: dict[tuple[str, str], Ribbon] = {}
        self._passed: set[tuple[str, str]] = set()  # wires over which blame has come
        self._rest: dict[str, np.ndarray] = {}
        self._roads: dict[str, tuple[tuple[str, str], ...]] = {}
        for j, y in enumerate(ROWS, 1):
            self._unit(j, y)
        self._output(ROWS[1])
        if self.has_loss:
            self._loss(ROWS[1], loss)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"The network as a graph of steps: {self.counted(self.dials, 'dial')} at the left of their boxes, three rows of "
            f"sum and gate, one sum at the right, and {'the loss' if self.has_loss else 'the guess'} last."
        )

    @property
    def lines(self) -> list[VMobject]:
        """The wires as strokes."""
        return list(self.strokes.values())

    # Numbers --------------------------------------------------------------------------------------------------------

    def step(self, name: str) -> Step:
        """A step of the trace by its name in the net; the loss is `L`."""
        return self.trace.output if name == "L" else self.trace.step(name)

    def value(self, name: str) -> Quantity:
        """What a step computed on the way forward."""
        return replace(self.trace.quantity("value", self.step(name)), source=self.source)

    def slope(self, name: str) -> Quantity:
        """The blame of a step."""
        return replace(self.trace.quantity("adjoint", self.step(name)), source=self.source)

    def factor(self, name: str) -> Quantity:
        """What a knob or a value is multiplied by in the box that reads it."""
        return replace(self.trace.quantity("local", self.step(name).uses[0]), source=self.source)

    # Layout ---------------------------------------------------------------------------------------------------------

    def _unit(self, j: int, y: float) -> None:
        ports = (0.26, 0.0, -0.26)
        self._sum(f"sum{j}", X["sum"], y, 0.96)
        for k, knob in enumerate((f"w{j}1", f"w{j}2", f"b{j}")):
            high = y + STEP * (1 - k)
            self._dial(knob, X["dial"], high)
            self._rest[knob] = np.array([X["chip"], high, 0])
            left, port = X["dial"] + 1.3 * DIAL, (X["sum"] - 0.21, y + ports[k])
            if knob.startswith("w"):
                box = self._data(knob, X["data"], high)
                self._wire((knob, f"data {knob}"), (left, high), (box.get_left()[0], high), "knob")
                self._wire((f"data {knob}", f"sum{j}"), (box.get_right()[0], high), port, "value")
                self._roads[knob] = ((f"data {knob}", f"sum{j}"), (knob, f"data {knob}"))
            else:
                self._wire((knob, f"sum{j}"), (left, high), port, "knob", [(left, X["data"] + 0.42, high)])
                self._roads[knob] = ((knob, f"sum{j}"),)
        self._round(f"z{j}", X["z"], y)
        self._round(f"h{j}", X["h"], y)
        self._gate(j, y)
        self._times(j, X["times"], y)
        self._dial(f"v{j}", -0.02, y + 0.84)
        self._rest[f"v{j}"] = np.array([1.0, y + 0.84, 0])
        self._join(f"sum{j}", f"z{j}", y)
        self._join(f"z{j}", f"gate{j}", y)
        self._join(f"gate{j}", f"h{j}", y)
        self._join(f"h{j}", f"times{j}", y)
        right = self.boxes[f"times{j}"]
        self._wire((f"v{j}", f"times{j}"), (-0.02 + 1.3 * DIAL, y + 0.84), (X["times"], y + 0.25), "knob", drop=True)
        port = (X["plus"] - 0.22, ROWS[1] + (0.34, 0.0, -0.34)[j - 1])
        self._wire((f"times{j}", "plus"), (right.get_right()[0], y), port, "value")
        self._roads[f"sum{j}"] = ((f"sum{j}", f"z{j}"),)
        self._roads[f"v{j}"] = ((f"v{j}", f"times{j}"),)
        self._roads[f"h{j}"] = ((f"h{j}", f"times{j}"),)
        self._roads[f"z{j}"] = ((f"gate{j}", f"h{j}"), (f"z{j}", f"gate{j}"))
        self._roads[f"times{j}"] = ((f"times{j}", "plus"),)

    def _output(self, y: float) -> None:
        self._sum("plus", X["plus"], y, 1.24)
        self._round("z", X["total"], y)
        self._round("p", X["p"], y)
        self._box("squash", Formula(lambda mark: mark("ink", None, "sigma"), self.theme, 40), X["squash"], y, 0.46, 0.62)
        self._dial("c", X["plus"], y - 1.52)
        self.tags["c"].move_to([X["plus"], y - 1.96, 0])
        self._rest["c"] = np.array([X["plus"] + 1.08, y - 1.52, 0])
        self._wire(("c", "plus"), (X["plus"], y - 1.52 + 1.3 * DIAL), (X["plus"], y - 0.62), "knob", upright=True)
        self._roads["c"] = (("c", "plus"),)
        self._join("plus", "z", y)
        self._join("z", "squash", y)
        self._join("squash", "p", y)
        self._roads["plus"] = (("plus", "z"),)

    def _loss(self, y: float, loss: str) -> None:
        theme = self.theme
        diamond = Square(0.52).rotate(np.pi / 4).move_to([X["loss"], y, 0])
        diamond.set_fill(theme.loss, 1).set_stroke(mix(theme.loss, "#FFFFFF", 0.25), 2)
        self.rounds["L"] = diamond
        self.names["L"] = value_equation(theme, loss, self.value("L"), "loss", 36)
        self.names["L"].move_to([6.2 - self.names["L"].width / 2, y + 1.02, 0])
        self._rest["L"] = np.array([X["loss"], y - 0.66, 0])
        self._join("p", "L", y)
        self._rest["z"] = np.array([X["total"], y - 0.60, 0])
        self._roads["z"] = (("p", "L"), ("squash", "p"), ("z", "squash"))

    def _dial(self, name: str, x: float, y: float) -> None:
        value = float(self.value(name).value)
        dial = Dial(self.theme, value, *(self.sweep or dial_range(value)), DIAL)
        self.dials[name] = dial.shift([x, y, 0])
        dial[4].scale(0.75)
        tag = name_formula(name, self.theme, "knob", 34)
        self.tags[name] = tag.move_to([x - 1.3 * DIAL - 0.03 - tag.width / 2, y - 0.02, 0])

    def _data(self, knob: str, x: float, y: float) -> VGroup:
        """A multiplication by a measured number, which is given."""
        theme = self.theme
        number = Number(self.factor(knob), theme.tint("data"), 28)
        mark = sign(theme, "×", arm=0.10, width=3.6)
        assert mark is not None
        face = VGroup(mark, number).arrange(buff=0.09)
        box = RoundedRectangle(corner_radius=0.06, width=face.width + 0.13, height=0.46).set_stroke(theme.data, 2)
        box.set_fill(theme.slot, 1)
        self.numbers[f"data {knob}"] = number
        self.boxes[f"data {knob}"] = VGroup(box, face.move_to(box)).move_to([x, y, 0])
        return self.boxes[f"data {knob}"]

    def _sum(self, name: str, x: float, y: float, height: float) -> None:
        face = sign(self.theme, "+", arm=0.15)
        assert face is not None
        self._box(name, face, x, y, 0.42, height)

    def _times(self, j: int, x: float, y: float) -> None:
        face = sign(self.theme, "×", arm=0.15)
        assert face is not None
        self._box(f"times{j}", face, x, y, 0.46, 0.56)

    def _box(self, name: str, face: VMobject, x: float, y: float, width: float, height: float) -> None:
        box = panel(self.theme, width, height, 0.12)
        self.boxes[name] = VGroup(box, face.move_to(box)).move_to([x, y, 0])

    def _gate(self, j: int, y: float) -> None:
        """A bend on the wire: open (the line goes up) where the sum is positive, closed (a bar) where it is not."""
        theme, x = self.theme, X["gate"]
        box = panel(theme, 0.36, 0.56, 0.1)
        bend = VMobject().set_stroke(theme.ink, 3.5).set_fill(opacity=0)
        bend.set_points_as_corners([[-0.12, -0.10, 0], [0.0, -0.10, 0], [0.12, 0.14, 0]])
        self.boxes[f"gate{j}"] = VGroup(box, round_caps(bend)).move_to([x, y, 0])

    def _round(self, name: str, x: float, y: float) -> None:
        theme = self.theme
        value = self.value(name)
        number = Number(value, theme.ink, 28, decimals=PLACES if value.value else 0)
        width = max(number.width + 0.2, 0.62)
        holder = RoundedRectangle(corner_radius=0.309, width=width, height=0.62)
        base = theme.ground if theme.dark else "#FFFFFF"
        top, low = (mix(base, theme.value, share) for share in theme.disc_mix)
        holder.set_fill([low, top], 1).set_sheen_direction([0, 1, 0]).set_stroke(theme.value, 3)
        self.rounds[name] = holder.move_to([x, y, 0])
        self.numbers[name] = number.move_to([x, y, 0])
        tag = name_formula(name, theme, "value", 34)
        self.names[name] = tag.move_to([x + (0.34 if name.startswith("h") else 0.0), y + 0.50, 0])
        self._rest[name] = np.array([x, y - 0.60, 0])

    def _left(self, name: str) -> float:
        return float((self.rounds.get(name) or self.boxes[name]).get_left()[0])

    def _right(self, name: str) -> float:
        return float((self.rounds.get(name) or self.boxes[name]).get_right()[0])

    def _join(self, source: str, target: str, y: float) -> None:
        self._wire((source, target), (self._right(source), y), (self._left(target), y), "value")

    def _wire(
        self, key: tuple[str, str], start: Sequence[float], end: Sequence[float], role: str,
        flats: Sequence[tuple[float, float, float]] = (), *, upright: bool = False, drop: bool = False,
    ) -> None:  # fmt: skip
        if drop:  # level first, then down into a box
            wire = Wire(start, end, [(end[0] - 0.45, end[0] - 0.45, start[1])])
        else:
            wire = Wire(start, end, flats, upright=upright)
        self.wires[key] = wire
        self.strokes[key] = wire.line(self.theme.role(role), 2.6, 0.55)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def column(self, *names: str) -> list[VMobject]:
        """The parts of some nodes, with the wires that lead to them."""
        parts: list[VMobject] = [line for (_, target), line in self.strokes.items() if target in names]
        for name in names:
            for shelf in (self.boxes, self.dials, self.tags, self.rounds, self.names, self.numbers):
                if name in shelf and not (shelf is self.numbers and name.startswith("data")):
                    parts.append(shelf[name])
        return parts

    @property
    def columns(self) -> list[list[str]]:
        """The nodes from left to right."""
        rows = ("1", "2", "3")
        weights = [f"w{j}{i}" for j in rows for i in ("1", "2")]
        first = [*weights, *(f"b{j}" for j in rows)]
        each = [[f"data {k}" for k in weights], *([f"{what}{j}" for j in rows] for what in ("sum", "z", "gate", "h"))]
        last = [["plus", "c"], ["z"], ["squash"], ["p"], *([["L"]] if self.has_loss else [])]
        return [first, *each, [f"{what}{j}" for j in rows for what in ("v", "times")], *last]

    def _enter(self) -> list[list[VMobject]]:
        shelf = []
        for names in self.columns:
            parts = self.column(*names)
            for part in parts:
                is_line = any(part is line for line in self.strokes.values())
                self.keep(part, 0 if is_line else 5 if any(part is n for n in self.numbers.values()) else 4)
            shelf.append(parts)
        return shelf

    def appear(self, run_time: float = 2.0) -> LaggedStart:
        """Column by column from left to right, values included."""
        waves = []
        for parts in self._enter():
            lines = [p for p in parts if any(p is line for line in self.strokes.values())]
            waves.append(AnimationGroup(*map(Create, lines), *(FadeIn(p) for p in parts if p not in lines)))
        return LaggedStart(*waves, lag_ratio=0.25, run_time=run_time)

    def settle_all(self, values: bool = True) -> NetGraph:
        """Everything there at once; without `values` the rounds are empty."""
        self._enter()
        if not values:
            self.drop(*(n for k, n in self.numbers.items() if not k.startswith("data")))
        return self

    # Blame ----------------------------------------------------------------------------------------------------------

    def _chip(self, name: str) -> Chip:
        slope = self.slope(name)
        text = shown(float(slope.value), PLACES, auto=False)
        number = Number(slope, self.theme.on_slope, 26, "bold", decimals=0 if name == "L" or not text.strip("−0.") else PLACES)
        return Chip(self.theme, number, 0.38, slim=True)

    def _tray(self, name: str) -> VGroup | None:
        """Values have a tray under them; a dial's chip rests on its wire."""
        if name not in self.rounds or name in self.trays:
            return None
        chip = self._chip(name)
        self.trays[name] = self.keep(basket(self.theme, chip.width + 0.1, 0.46).move_to(self._rest[name] - [0.02, 0.02, 0]), 6)
        return self.trays[name]

    def seed(self) -> list[Animation]:
        """The loss answers for itself: a chip of one lands under it."""
        tray = self._tray("L")
        assert tray is not None
        chip = self.chips["L"] = self.keep(self._chip("L").move_to(self._rest["L"]), 8)
        return [AnimationGroup(FadeIn(tray), FadeIn(chip, shift=0.4 * DOWN), run_time=0.8)]

    def band_width(self, name: str) -> float:
        """How wide a ribbon is that carries the blame of a step."""
        return max(BAND * abs(float(self.slope(name).value)), 0.035)

    def carries(self, key: tuple[str, str]) -> str:
        """The step whose blame runs on a wire: the one of its source, or of the sum that hands it on unchanged."""
        source, target = key
        if source.startswith("data "):
            return "z" + target.removeprefix("sum")
        if source in ("plus", "squash", "p") or source.startswith("times"):
            return "z"
        if source.startswith("sum"):
            return "z" + source.removeprefix("sum")
        if source.startswith("gate"):
            return "z" + source.removeprefix("gate")
        return source

    def ribbon(self, key: tuple[str, str]) -> Ribbon | None:
        """The ribbon of a wire, still empty; None where no blame runs."""
        if not round(float(self.slope(self.carries(key)).value), 9):
            return None
        wire = self.wires[key]
        if key not in self.ribbons:
            self.ribbons[key] = self.keep(Ribbon(self.theme, wire, self.band_width(self.carries(key))), 1)
        return self.ribbons[key]

    def blame(self, *names: str, run_time: float = 1.4) -> list[Animation]:
        """Blame runs back to these nodes along their wires; a chip lands at each that is a value or a dial."""
        stages: dict[int, list[Animation]] = {}
        for name in names:
            roads = self._roads[name]
            chip = None
            if name in self.rounds or name in self.dials:
                chip = self.chips[name] = self.keep(self._chip(name), 8)
                tray = self._tray(name)
                if tray is not None:
                    stages.setdefault(0, []).append(FadeIn(tray, run_time=0.5))
            for k, key in enumerate(roads):
                ribbon, last = self.ribbon(key), k == len(roads) - 1
                self._passed.add(key)
                moment = stages.setdefault(k, [])
                if ribbon is None:
                    moment.append(self.strokes[key].animate(run_time=0.6).set_stroke(self.theme.ghost, 2.4, 0.6))
                    if last and chip is not None:
                        moment.append(FadeIn(chip.move_to(self._rest[name]), shift=-0.3 * RIGHT, run_time=0.8))
                    continue
                rider = chip if last else None
                land = None if rider is None else self._rest[name]
                moment.append(GrowRibbon(ribbon, rider, 0.0, land, run_time=run_time if last else 0.6 * run_time))
                moment.append(self.strokes[key].animate(run_time=0.6).set_stroke(opacity=0.0))
        return [AnimationGroup(*stages[k]) for k in sorted(stages)]

    def light(self, *names: str, run_time: float = 0.6) -> AnimationGroup:
        """Only these nodes and the wires between them are bright; all of them, where none is named. Blame always is."""
        wanted = set(names) or {name for column in self.columns for name in column}
        dims: list[Animation] = []
        for column in self.columns:
            for name in column:
                parts = [part for part in self.column(name) if part not in self.strokes.values()]
                dims += [Dim(part, 1.0 if name in wanted else DIMMED) for part in parts]
        for key, line in self.strokes.items():
            if key not in self._passed:
                dims.append(Dim(line, 1.0 if set(key) <= wanted else DIMMED))
        return AnimationGroup(*dims, run_time=run_time)

    def calm(self) -> AnimationGroup:
        """What has come rests: fainter, so that the next ribbon is the brightest."""
        bands = [r.band.animate.set_fill(opacity=r.rest_opacity) for r in self.ribbons.values()]
        return AnimationGroup(*bands, run_time=0.5)
