"""S9: one box enlarged, with its rule: what comes from the right goes on to each operand, times the local slope there.

Reads one step of a trace: values, local slopes, adjoint, contributions. Invariants: slopes and contributions are the
engine's; the product rule shows the partner's value; a gate is drawn open where the slope is one, closed where it is zero.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    DashedVMobject,
    FadeIn,
    FadeOut,
    Line,
    TransformFromCopy,
    VGroup,
    VMobject,
)

from chainreel.engine import Edge, Quantity, Step, formula, local_formula, symbol

from ..stage.area import Area
from ..stage.dial import Dial, dial_range
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.number import Number, Phrase
from ..stage.parts import Chip, basket, disc, panel, round_caps, sign
from ..stage.plate import Plate
from ..stage.ribbon import GrowRibbon, Ribbon
from ..stage.rounding import closes, read_back
from ..stage.theme import Theme
from ..stage.wire import Wire
from .figure import Figure
from .products import factor
from .symbols import printed

GATES = ("relu", "max", "min", "maximum", "minimum", "abs", "clip", "where")
SIGNS = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
WIDEST = 0.42  # of a ribbon


class Gate(VGroup):
    """Two posts and a bar on a wire: across it when closed, swung up when open."""

    def __init__(self, theme: Theme, wire: Wire, share: float, is_open: bool):
        super().__init__()
        self.is_open = is_open
        place, colour = wire.at(share), theme.ink
        half, post = 0.20, 0.16
        posts = VGroup(*(Line([0, s * half, 0], [0, s * (half + post), 0]).set_stroke(colour, 8) for s in (1, -1)))
        end = [-1.5 * half, half + 1.3 * half, 0] if is_open else [0, -half, 0]
        bar = Line([0, half, 0], end).set_stroke(theme.muted if is_open else colour, 8)
        self.add(round_caps(bar), round_caps(posts))
        self.shift(place)


class LocalRule(Figure):
    """The box of `step` in an area; its equations stand in `rows` below. A `ghost` is what might have been: dashed.

    `name` is the source of its numbers. Verbs: `appear`, `arrive`, `rule(k)`, `pass_on(k)`.
    """

    def __init__(
        self, step: Step, theme: Theme, area: Area, rows: Area, *, name: str = "trace", ghost: bool = False,
        decimals: int | None = None, lean: float = 0.04,
    ):  # fmt: skip
        super().__init__(theme)
        if step.is_input or not step.edges:
            raise StageError(f"{step.name} is no box of the graph: nothing is computed there; name another step with --step")
        if any(np.ndim(v) for v in (step.value, *(e.source.value for e in step.edges))):
            raise StageError(f"{step.name} works on arrays; this picture enlarges a box of single numbers")
        self.step, self.trace, self.area, self.rows_area, self.source, self.ghost = step, step.trace, area, rows, name, ghost
        self.decimals, self.lean = decimals, lean  # the box stands so far right of the middle, as a share of the width
        self.edges = list(step.edges)
        if len(self.edges) > 3:
            raise StageError(f"{step.name} has {len(self.edges)} operands, and 3 is the most that can be enlarged")
        self.gated = step.primitive in GATES
        self.sums: dict[int, Chip] = {}
        self.ribbons: dict[int, Ribbon] = {}
        self.wires: list[Wire] = []
        self.trays: list[VGroup] = []
        self.chips: list[Chip] = []
        self._box()
        self._output()
        self.operands = [self._operand(k, edge) for k, edge in enumerate(self.edges)]
        self.gates = [Gate(theme, self.wires[k], 0.88, float(e.local) != 0.0) if self.gated else None  # type: ignore[arg-type]
                      for k, e in enumerate(self.edges)]  # fmt: skip
        self.rules = [self._rule(k, edge) for k, edge in enumerate(self.edges)]
        self.equations = self._equations()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"The step {self.step.name} enlarged, with what goes in, what comes out, and its "
            f"{self.counted(self.edges, 'local slope')}."
        )

    def quantity(self, kind: str, what: Step | Edge) -> Quantity:
        """A number of the step: value, adjoint, local, contribution."""
        return replace(self.trace.quantity(kind, what), source=self.source)

    def places(self, quantity: Quantity) -> int | None:
        """The decimals asked for; a zero needs none."""
        return 0 if self.decimals is not None and not quantity.value else self.decimals

    def _printed(self, quantity: Quantity) -> Printed:
        return printed(quantity, self.places(quantity))

    def partner(self, k: int) -> int | None:
        """The operand whose value is the local slope of operand k: the other factor of a product."""
        return 1 - k if self.step.primitive == "mul" and len(self.edges) == 2 else None

    # Parts ----------------------------------------------------------------------------------------------------------

    def _box(self) -> None:
        theme, area = self.theme, self.area
        which = SIGNS.get(self.step.primitive)
        self.arity = len(self.edges)
        plain = which is not None and len(self.step.operands) == self.arity == 2
        drawn = sign(theme, str(which), arm=0.54 if area.width > 9 else 0.46, width=8) if plain else None
        face: VMobject | None = drawn
        if face is None:
            face = Formula(lambda mark: formula(self.step, mark, expand=0, inline=True), theme, 44)
        width = max(2.1 if area.width > 9 else 1.4, face.width + 0.5)
        if (width > 0.3 * area.width or area.width < 9) and not drawn:
            face = Formula(lambda mark: formula(self.step, mark, expand=0, inline=True), theme, 34)
            width = max(1.2, face.width + 0.36)
        height = min(2.1 if area.width > 9 else 1.8, area.height * 0.6)
        shift = self.lean * area.width
        centre = area.center + np.array([shift, 0, 0])
        self.box = panel(theme, width, height, 0.22).move_to(centre)
        if self.ghost:
            self.box.set_stroke(opacity=0)
            self.box.add(DashedVMobject(self.box.copy().set_fill(opacity=0), num_dashes=26).set_stroke(theme.muted, 2.5, 1))
        self.sign = face.move_to(centre)
        self.glow = Glow.pool(theme, width * 1.9, height * 1.9).move_to(centre)

    def _output(self) -> None:
        theme, step = self.theme, self.step
        y = float(self.box.get_center()[1])
        quantity = self.quantity("value", step)
        value = Number(quantity, theme.ink, 30, decimals=self.places(quantity))
        radius = max(0.44 if self.area.width < 9 else 0.56, value.width / 2 + 0.16)
        chip = self._chip("adjoint", step)
        half = max(radius, chip.width / 2 + 0.12)
        x = self.area.right - half - 0.05
        self.out = disc(theme, radius).move_to([x, y, 0])
        self.out_value = value.move_to([x, y, 0])
        self.out_name = Formula(lambda mark: symbol(step, mark), theme, 40).move_to([x, y + radius + 0.34, 0])
        self.tray = basket(theme, chip.width + 0.16, 0.5).move_to([x, y - radius - 0.32, 0])
        self.adjoint = chip.move_to(self.tray.get_center() + np.array([0.03, 0.02, 0]))
        self.out_wire = Wire((float(self.box.get_right()[0]), y), (x - radius, y))
        self.out_line = self.out_wire.line(theme.value, 3.4, 0.7)

    def _chip(self, kind: str, what: Step | Edge) -> Chip:
        quantity = self.quantity(kind, what)
        return Chip(self.theme, Number(quantity, self.theme.on_slope, 28, "bold", decimals=self.places(quantity)), 0.42)

    def _operand(self, k: int, edge: Edge) -> VGroup:
        """A dial or a disc at the left, its name and value, and the tray for what comes back."""
        theme, n = self.theme, len(self.edges)
        narrow = self.area.width < 9  # the label stands above the round, and the tray under it
        pitch = min(2.7 if narrow else 2.1, (self.area.height - 0.3) / max(n, 1))
        y = float(self.box.get_center()[1]) + pitch * ((n - 1) / 2 - k)
        source, role = edge.source, "knob" if edge.source.is_input else "value"
        labels = [self._label(e, 38 if narrow else 44) for e in self.edges]
        label, chip = labels[k], self._chip("contribution", edge)
        left = self.area.left
        width = max(*(m.width for m in labels), *(self._chip("contribution", e).width + 0.16 for e in self.edges), 0.0)
        tray = basket(theme, chip.width + 0.16, 0.48)
        round_: VMobject
        r = 0.54 if not narrow else 0.42 if pitch > 2.2 else 0.30  # the tray clears the name below it
        if narrow:
            x = left + max(width / 2, 1.25 * r)
            label.set_baseline(max(x, left + label.width / 2), y + 1.25 * r + 0.14, "middle")
            tray.move_to([x, y - 1.25 * r - 0.24, 0])
        else:
            x = left + width + 0.2 + 1.25 * r
            label.set_baseline(left + width / 2, y + 0.06, "middle")
            tray.move_to([left + width / 2, y - 0.40, 0])
        if role == "knob":
            low, high = dial_range(float(source.value))
            round_ = Dial(theme, float(source.value), low, high, r)
            round_.shift(np.array([x, y, 0]) - round_[2].get_center())
        else:
            round_ = disc(theme, r * 0.9).move_to([x, y, 0])
        height = float(self.box.height)
        port = float(self.box.get_center()[1]) + height * (0.62 if n == 2 else 0.36) * ((n - 1) / 2 - k)
        wire = Wire((x + 1.25 * r + 0.06, y), (float(self.box.get_left()[0]), port))
        self.wires.append(wire)
        self.trays.append(tray)
        self.chips.append(chip)
        line = wire.line(theme.role(role), 3.4, 0.7)
        return VGroup(round_, label, line)

    def _label(self, edge: Edge, size: float) -> Formula:
        """`a = 3`."""
        source, entry = edge.source, self._printed(self.quantity("value", edge.source))
        role = "knob" if source.is_input else "value"

        def write(mark: Marker) -> str:
            return f"{symbol(source, mark)} = {mark(role, source.index, number_source(entry.text))}"

        return Formula(write, self.theme, size, printed=[entry])

    def _rule(self, k: int, edge: Edge) -> Plate:
        """The local slope of a wire, as a factor on it."""
        local = self.quantity("local", edge)
        number = Phrase("×\u2009{r}", self.theme.tint("slope"), 30, "bold", decimals=self.places(local), r=local)
        number.ground = self.theme.slot
        plate = Plate(self.theme, number, (0.12, 0.09))
        plate.back.set_stroke(self.theme.slope, 2)
        wire = self.wires[k]
        if wire.length > plate.width + 0.5:
            return plate.move_to(wire.at(0.42))
        return plate.move_to(wire.at(0.5) + np.array([0, 0.55 if k == 0 else -0.55, 0]))  # short wires stay free

    def _equations(self) -> list[Formula]:
        """`a ← 2 · b = 2 · 3 = 6`, one below the other, at a size at which all fit."""
        room, n = self.rows_area, len(self.edges)
        made: list[Formula] = []
        for size, short in ((42, False), (38, False), (34, False), (32, False), (36, True), (32, True)):
            made = [self._equation(edge, size, short) for edge in self.edges]
            if all(m.width <= room.width and m.height <= room.height / n for m in made):
                break
        pitch = min(0.75, room.height / n)
        left = float(room.center[0]) - max(m.width for m in made) / 2
        for k, line in enumerate(made):
            middle = float(room.top) - pitch * (k + 0.5)
            line.set_baseline(left, middle - 0.12)
            if line.height > 0.5:  # a fraction stands in the middle of its row, not on its baseline
                line.move_to([line.get_center()[0], middle, 0])
        return made

    def _equation(self, edge: Edge, size: float, short: bool) -> Formula:
        adjoint, local, result = (self._printed(self.quantity(kind, self.step if kind == "adjoint" else edge))
                                  for kind in ("adjoint", "local", "contribution"))  # fmt: skip
        again = read_back(adjoint.text) * read_back(local.text)

        def write(mark: Marker) -> str:
            dot = f" {mark('ink', None, 'dot')} "
            blame = mark("slope", -1, number_source(adjoint.text))
            head = f"{symbol(edge.source, mark)} {mark('ink', None, 'arrow.l')} "
            same = mark("ink", None, "=" if closes(result.text, again) else "approx")
            tail = f"{blame}{dot}{mark('slope', -2, factor(local.text))} {same} {mark('slope', -3, number_source(result.text))}"
            if short or self.step.primitive in ("add", "sub", "neg"):
                return head + tail
            rule = local_formula(edge, mark)
            if _loose(local_formula(edge)):
                rule = f"paren.l {rule} paren.r"
            return f"{head}{blame}{dot}{rule} = {tail}"

        return Formula(write, self.theme, size, tinted=True, printed=[adjoint, local, result])

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.8) -> list[Animation]:
        """Operands, the box, and what it gives, from left to right."""
        lines = [group[2] for group in self.operands]
        first = [FadeIn(VGroup(self.keep(g[0], 3), self.keep(g[1], 4))) for g in self.operands]
        gates = [FadeIn(self.keep(gate, 5)) for gate in self.gates if gate is not None]
        middle = [*(Create(self.keep(line, 0)) for line in lines), FadeIn(self.keep(self.glow, -5)),
                  FadeIn(self.keep(self.box, 2), scale=0.8), FadeIn(self.keep(self.sign, 3), scale=0.8)]  # fmt: skip
        last = [Create(self.keep(self.out_line, 0)), FadeIn(self.keep(self.out, 3)),
                FadeIn(self.keep(self.out_value, 4)), FadeIn(self.keep(self.out_name, 4))]  # fmt: skip
        share = run_time / 3
        return [AnimationGroup(*first, run_time=share), AnimationGroup(*middle, *gates, run_time=share),
                AnimationGroup(*last, run_time=share)]  # fmt: skip

    def arrive(self, run_time: float = 1.2) -> list[Animation]:
        """Blame comes from the right, lies in the basket of the result, and waits at the box."""
        self.keep(self.tray, 5), self.keep(self.adjoint, 8)
        ribbon = Ribbon(self.theme, self.out_wire, self._width(float(self.step.adjoint)))
        self.ribbons[-1] = self.keep(ribbon, 1)
        run = AnimationGroup(GrowRibbon(ribbon), self.out_line.animate.set_stroke(opacity=0), run_time=max(run_time - 0.8, 0.5))
        return [AnimationGroup(FadeIn(self.tray), FadeIn(self.adjoint, shift=-1.0 * RIGHT), run_time=0.8), run]

    def _width(self, blame: float) -> float:
        largest = max(abs(float(self.step.adjoint)), *(abs(float(e.contribution)) for e in self.edges), 1e-300)
        return max(WIDEST * abs(blame) / largest, 0.035)

    def rule(self, k: int, run_time: float = 1.0) -> list[Animation]:
        """The local slope of operand k; in a product the partner's value flies there."""
        plate, partner = self.rules[k], self.partner(k)
        self.keep(plate, 7)
        if partner is None:
            return [FadeIn(plate, scale=0.8, run_time=run_time)]
        source = self.operands[partner][1]
        return [TransformFromCopy(_value_glyphs(source), plate, run_time=run_time)]

    def pass_on(self, k: int, run_time: float = 1.2) -> list[Animation]:
        """Blame goes on to operand k, times its local slope; the equation says it with numbers."""
        edge, wire = self.edges[k], self.wires[k]
        chip, tray = self.chips[k], self.trays[k]
        first = AnimationGroup(FadeIn(self.keep(tray, 5)), FadeIn(self.keep(self.equations[k], 6)), run_time=0.6)
        stages: list[Animation] = [first]
        self.keep(chip, 8)
        if float(edge.contribution) == 0.0:  # nothing passes
            chip.move_to(tray.get_center() + np.array([0.03, 0.02, 0]))
            return [*stages, FadeIn(chip, shift=0.2 * DOWN, run_time=0.6)]
        ribbon = Ribbon(self.theme, wire, self._width(float(edge.contribution)))
        self.ribbons[k] = self.keep(ribbon, 1)
        land = tray.get_center() + np.array([0.03, 0.02, 0])
        line = self.operands[k][2]  # a ribbon has no centre line
        run = AnimationGroup(GrowRibbon(ribbon, chip, 0.0, land), line.animate.set_stroke(opacity=0), run_time=run_time)
        return [*stages, run]

    def settle_all(self) -> LocalRule:
        """Everything at once, without animation."""
        for group in self.operands:
            self.keep(group[0], 3), self.keep(group[1], 4), self.keep(group[2], 0)
        for part, z in ((self.box, 2), (self.sign, 3), (self.out_line, 0), (self.out, 3), (self.out_value, 4),
                        (self.out_name, 4), (self.tray, 5), (self.adjoint, 8)):  # fmt: skip
            self.keep(part, z)
        for k, edge in enumerate(self.edges):
            self.keep(self.rules[k], 7), self.keep(self.trays[k], 5), self.keep(self.equations[k], 6)
            self.keep(self.chips[k].move_to(self.trays[k].get_center() + np.array([0.03, 0.02, 0])), 8)
            gate = self.gates[k]
            if gate is not None:
                self.keep(gate, 5)
            if float(edge.contribution):
                ribbon = Ribbon(self.theme, self.wires[k], self._width(float(edge.contribution)))
                ribbon.set_grown(1.0)
                self.ribbons[k] = self.keep(ribbon, 1)
        return self

    def leave(self, run_time: float = 0.6) -> Animation:
        """Everything fades, so that the ghost can take its place."""
        parts = list(self.submobjects)
        self.drop(*parts)
        return AnimationGroup(*map(FadeOut, parts), run_time=run_time)


def _value_glyphs(label: Formula) -> VGroup:
    """The number in `a = 3`: what stands after the equals sign."""
    glyphs = list(label)
    after = next((i for i, g in enumerate(glyphs) if g.mark.role == "ink"), -1)
    return VGroup(*glyphs[after + 1 :])


def _loose(source: str) -> bool:
    """Whether a formula needs parentheses as a factor."""
    depth = 0
    for character in source:
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and character in "+-":
            return True
    return False

