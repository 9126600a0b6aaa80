"""S17: a network as neurons and lines – width is the size of a weight, dashes are a minus – with an example running through.

Reads a NetworkPass. Invariants: line width ∝ |w|, dashed where w < 0; every number and every heat mark is the engine's;
activations run from left to right, blame from right to left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from manim import (
    DL,
    LEFT,
    RIGHT,
    UP,
    UR,
    Animation,
    AnimationGroup,
    Circle,
    Create,
    DashedLine,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Mobject,
    RoundedRectangle,
    Transform,
    VGroup,
    VMobject,
    linear,
)

from chainreel.engine import Quantity
from chainreel.engine.learning import NetworkPass

from ..stage.area import Area
from ..stage.dial import Dial, dial_range
from ..stage.dim import Dim, shine
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.glow import Glow, halo
from ..stage.number import Number, Roll
from ..stage.parts import Chip, chevron, disc, round_caps
from ..stage.pixels import Heat, Pixels
from ..stage.plate import Plate
from ..stage.pulse import RunPulse
from ..stage.rounding import decimals_for
from ..stage.strands import Strands
from ..stage.theme import Theme, mix
from ..stage.type import Label
from ..stage.wire import Wire
from .figure import Figure
from .symbols import name_formula, value_equation
from .unit_sum import MOST, NumberSum, SymbolSum, layer_letter, unit_symbol

ROOMY, SIDE = 0.47, 0.80  # a round with its number in it; the side of a data square
WIDEST = 1.0  # number in a data square, which then becomes wider
OWN_LINES = 90  # weights up to which each line is a mobject of its own
DRAWN = 700  # lines of a larger net that are drawn: the strongest
LARGEST = 128  # units of a layer
BESIDE = np.array([-0.60, 0.52, 0.0])  # the name of a unit whose round holds a number
RESTING = (0.72, 0.62)  # opacity of a line on paper, at night
WIDTH = 10.0  # of the strongest line, as manim counts strokes
TIERS = ((0.0, 0.30, 0.16), (0.30, 0.60, 0.34), (0.60, 1.01, 0.72))  # from, to (share of the strongest), opacity


class NetForward(Figure):
    """The network of `one` in an area. `image` is the shape (rows, columns) if the input is a picture.

    `words` name the inputs, `classes` the outputs; `room` is from where to where sums are written. With `whole` every number
    is printed with two decimals, once: a round stretches where one is too wide for it, and a bias in a sum has no brace.

    Verbs: `appear`, `enter`, `open`, `label`, `weigh`, `add_up`, `total`, `generalise`, `bend`, `close`, `fire`, `retune`,
    `lift`, `slide`, `conceal`, `reveal`, `blame`.
    """

    def __init__(
        self, one: NetworkPass, theme: Theme, area: Area, *, source: str = "pass", image: tuple[int, int] | None = None,
        words: Sequence[str] = (), classes: Sequence[str] = (), room: tuple[float, float] | None = None,
        whole: bool = False, fan: float = 0.22,
    ):  # fmt: skip
        super().__init__(theme)
        self.fan = fan  # how much of the way right of a picture its lines have
        self.whole = whole
        self.one, self.area, self.source, self.image = one, area, source, image
        self.room = room or (area.left, area.right)
        self.words, self.classes = tuple(words), tuple(classes)
        sizes = one.sizes
        if max(sizes[1:]) > LARGEST:
            raise StageError(f"a layer of {max(sizes[1:])} units is too many to be seen; {LARGEST} is the most")
        if len(sizes) > 8:
            raise StageError(f"{len(sizes) - 1} layers do not fit on a frame; 7 are the most")
        if image is None and sizes[0] > 32:
            raise StageError(f"{sizes[0]} inputs are too many to be seen; 32 are the most, unless they are an image")
        self.x = self._columns()
        self.places = [self._column(level) for level in range(len(sizes))]
        self.pixels: Pixels | None = None
        self.units: list[VGroup] = [self._units(level) for level in range(len(sizes))]
        self.names: list[VGroup] = [self._names(level) for level in range(len(sizes))]
        self.tags = self._tags()
        self.top_weight = max(float(np.abs(own["W"]).max()) for own in one.params) or 1.0
        self.lines: list[VGroup] = [self._lines(level) for level in range(1, len(sizes))]
        self.numbers: list[list[Number]] = [[] for _ in sizes]
        self.waiting: dict[tuple[int, int], Number] = {}  # sums in their rounds that are not bent yet
        self.opened: tuple[int, int] | None = None
        self.labels: dict[int, Plate] = {}  # of the opened unit's weights and bias
        self.headed = False  # whether the sum with numbers has begun
        self.extra = VGroup()  # what an opened unit has beside it

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"A network of {self.counted(self.one.sizes[0], 'input')} and {self.counted(self.one.sizes[1:], 'layer')} "
            f"with {self.listed(self.counted(n, 'unit') for n in self.one.sizes[1:])}; its lines are weights, dashed "
            "where they are negative."
        )

    # Where things are -----------------------------------------------------------------------------------------------

    def pitch(self, level: int) -> float:
        """The distance of the units of a layer."""
        n = self.one.sizes[level]
        comfortable = {1: 1.9, 2: 1.9, 3: 1.45, 4: 1.25}.get(n, 1.18) * (1.3 if self.area.height > 4.6 else 1.0)
        room = self.area.height - (1.65 if level == 0 and not self.image else 1.05)  # names stand over the inputs
        return float(min(comfortable, room / (n - 1))) if n > 1 else comfortable

    def roomy(self, level: int) -> bool:
        """Whether units of a layer are large enough for a number in them."""
        return self.pitch(level) >= 1.06 and self.beside(level) >= 1.24 and not (level == 0 and self.image)

    def beside(self, level: int) -> float:
        """How far the next column is."""
        return min(abs(other - self.x[level]) for k, other in enumerate(self.x) if k != level)

    def radius(self, level: int) -> float:
        """Of a unit's round, or half the side of a data square."""
        if self.roomy(level):
            return SIDE / 2 if level == 0 else ROOMY
        return max(min(0.24, 0.38 * self.pitch(level), 0.3 * self.beside(level)), 0.022)

    def _columns(self) -> list[float]:
        left, right = self.area.left, self.area.right
        count = len(self.one.sizes)
        if self.image is not None:
            self.side = min(0.80 * self.area.height, 0.34 * self.area.width)
            start = left + self.side / 2
            end = right - (1.1 if self.classes else 0.6)
            first = left + self.side + self.fan * (end - left - self.side)
            return [start, *np.linspace(first, end, count - 1)] if count > 2 else [start, end]
        pad_right = 0.75 + (0.75 if self.classes and self.one.sizes[-1] > 1 else 0.0)
        pad_right += 1.9 if count == 2 and right - left > 6 else 0.0  # a bias is written beside the last column
        return [float(v) for v in np.linspace(left + 0.62, right - pad_right, count)]

    def _column(self, level: int) -> np.ndarray:
        """The middles of a layer's units, (n, 2); of an image, of its pixels."""
        x, y, n = self.x[level], self.area.center[1], self.one.sizes[level]
        if level == 0 and self.image is not None:
            rows, columns = self.image
            high = self.side * rows / columns
            across = x - self.side / 2 + (np.arange(columns) + 0.5) / columns * self.side
            down = y + high / 2 - (np.arange(rows) + 0.5) / rows * high
            return np.column_stack([np.tile(across, rows), np.repeat(down, columns)])
        heights = y + self.pitch(level) * ((n - 1) / 2 - np.arange(n))
        return np.column_stack([np.full(n, x), heights])

    def at(self, level: int, j: int) -> np.ndarray:
        """The middle of a unit."""
        return np.array([*self.places[level][j], 0.0])

    # Parts ----------------------------------------------------------------------------------------------------------

    def _units(self, level: int) -> VGroup:
        theme, group = self.theme, VGroup()
        if level == 0 and self.image is not None:
            greys = np.clip(self.one.x.reshape(self.image), 0, 1)
            self.pixels = Pixels(theme, greys, self.side).move_to([self.x[0], self.area.center[1], 0])
            return group.add(self.pixels)
        for j in range(self.one.sizes[level]):
            r = self.radius(level)
            if level == 0:
                shape: VMobject = RoundedRectangle(corner_radius=0.07 * min(r / 0.4, 1), width=2 * r, height=2 * r)
                base = theme.ground if theme.dark else "#FFFFFF"
                tone = [mix(base, theme.data, s) for s in ((0.20, 0.36) if theme.dark else (0.16, 0.10))]
                shape.set_fill(tone, 1).set_sheen_direction([0, 1, 0]).set_stroke(theme.data, 3)
            else:
                shape = disc(theme, r) if self.roomy(level) else self._dot(level, r)
                if self.roomy(level):  # darker than elsewhere: a blue name stands on it
                    base = theme.ground if theme.dark else "#FFFFFF"
                    tone = [mix(base, theme.value, s) for s in ((0.10, 0.26) if theme.dark else (0.12, 0.06))]
                    shape.set_fill(tone, 1).set_sheen_direction([0, 1, 0])
            group.add(shape.move_to(self.at(level, j)))
        return group

    def _dot(self, level: int, r: float) -> Circle:
        tone = mix(self.theme.ground if self.theme.dark else "#FFFFFF", self.theme.value, 0.25)
        return Circle(r).set_fill(tone, 1).set_stroke(self.theme.value, 2.0 if r > 0.1 else 1.2)

    def _names(self, level: int) -> VGroup:
        """x₁ over data squares; nothing where it would be crowded. Rounds carry theirs inside until a value comes."""
        group = VGroup()
        if not self.roomy(level):
            return group
        for j in range(self.one.sizes[level]):
            if level == 0:
                name = self._plated(f"x_({j + 1})" if self.one.sizes[0] > 1 else "x", "data")
                name.move_to(self.at(0, j) + [0, SIDE / 2 + 0.30, 0])
                group.add(name)
                if j < len(self.words) and self.pitch(0) >= 1.75:
                    word = Label(self.words[j], self.theme.muted, 24, names=True)
                    group.add(word.move_to(self.at(0, j) - [0, SIDE / 2 + 0.24, 0]))
            else:
                name = name_formula_of(unit_symbol(self.one, level, j), self.theme, "value", 38)
                name.move_to(self.at(level, j))
                group.add(name)
        return group

    def _tags(self) -> VGroup:
        """The classes beside the outputs."""
        group, last = VGroup(), len(self.one.sizes) - 1
        if len(self.classes) == self.one.sizes[last] > 1 and self.pitch(last) >= 0.30:
            for j, word in enumerate(self.classes):
                tag = Label(word, self.theme.muted, 24, "semibold", names=True)
                group.add(tag.move_to(self.at(last, j) + [self.radius(last) + 0.18 + tag.width / 2, 0, 0]))
        return group

    def width_of(self, w: float) -> float:
        """The stroke of a weight: in proportion to its size, ten for the strongest (or for 1, if all are smaller)."""
        return float(WIDTH * abs(w) / max(self.top_weight, 1.0))

    def _lines(self, level: int) -> VGroup:
        """The weights into a layer: a line each, or the strongest as a few mobjects of many lines."""
        W = self.one.params[level - 1]["W"]
        if sum(own["W"].size for own in self.one.params) <= OWN_LINES:
            return VGroup(*(self._line(level, i, j, float(W[i, j])) for i in range(W.shape[0]) for j in range(W.shape[1])))
        return self._strands(level, W)

    def ends(self, level: int, i: int, j: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the line of a weight begins and ends: at the rims."""
        a, b = self.at(level - 1, i), self.at(level, j)
        along = (b - a) / np.hypot(*(b - a)[:2])
        out = self.radius(level - 1) / max(abs(along[0]), 0.6) if level == 1 else self.radius(level - 1)
        out = 0.0 if level == 1 and self.image is not None else out + 0.03
        return a + along * out, b - along * (self.radius(level) + 0.02)

    def _wire(self, level: int, i: int, j: int) -> Wire:
        """The line of a weight as a way for a pulse."""
        start, end = self.ends(level, i, j)
        return Wire(start[:2].tolist(), end[:2].tolist())

    def _line(self, level: int, i: int, j: int, w: float) -> VMobject:
        start, end = self.ends(level, i, j)
        width = max(self.width_of(w), 1.4)
        if w < 0:
            line: VMobject = DashedLine(start, end, dash_length=0.24 * 0.6, dashed_ratio=0.60)
        else:
            line = round_caps(Line(start, end))
        line.set_stroke(self.theme.knob, width, RESTING[self.theme.dark])
        line.weight, line.link = w, (level, i, j)
        return line.set_z_index(1)

    def _strands(self, level: int, W: np.ndarray) -> VGroup:
        top, tiers = float(np.abs(W).max()) or 1.0, VGroup()
        order = np.argsort(-np.abs(W), axis=None, kind="stable")[:DRAWN]
        rows, columns = np.unravel_index(order, W.shape)
        size = np.abs(W[rows, columns]) / top
        a, b = self.places[level - 1][rows], self.places[level][columns]
        along = (b - a) / np.hypot(*(b - a).T)[:, None]
        a = a if level == 1 and self.image is not None else a + along * self.radius(level - 1)
        b = b - along * self.radius(level)
        wide = 0.045 if len(order) < 300 else 0.030
        for low, high, opacity in TIERS:
            chosen = (size >= low) & (size < high)
            part = Strands(
                self.theme.knob, a[chosen], b[chosen], wide * size[chosen], W[rows, columns][chosen] < 0, opacity
            )
            part.links = np.column_stack([rows[chosen], columns[chosen]])
            tiers.add(part.set_z_index(1))
        return tiers

    def line(self, level: int, i: int, j: int) -> VMobject | None:
        """The line of a weight, where it is a mobject of its own."""
        for line in self.lines[level - 1]:
            if getattr(line, "link", None) == (level, i, j):
                return line
        return None

    def quantity(self, what: str, at: tuple[int, ...] = ()) -> Quantity:
        """A number of the pass under this figure's source name."""
        return replace(self.one.quantity(what, at), source=self.source)

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 2.0) -> list[Animation]:
        """The units, layer by layer, then line by line."""
        for level, (units, names) in enumerate(zip(self.units, self.names, strict=True)):
            self.keep(units, 3), self.keep(names, 5)
            if level == len(self.units) - 1:
                self.keep(self.tags, 5)
        first = [
            FadeIn(VGroup(*units, *names, *(self.tags if level == len(self.units) - 1 else ())), run_time=0.7)
            for level, (units, names) in enumerate(zip(self.units, self.names, strict=True))
        ]
        for lines in self.lines:
            self.keep(lines, 1)
        parts = [line for lines in self.lines for line in lines if len(line.get_all_points())]
        grow = [Create(line) if not isinstance(line, Strands) else FadeIn(line) for line in parts]
        return [
            LaggedStart(*first, lag_ratio=0.25),
            LaggedStart(*grow, lag_ratio=min(0.3, 3.0 / max(len(grow), 1)), run_time=run_time)
        ]

    def enter(self) -> list[Animation]:
        """The example goes in: its numbers stand in the squares."""
        if self.image is not None:
            assert self.pixels is not None
            flare = Glow(self.theme.data, 2.2 * self.side, 2.2 * self.side, 0.35 * self.theme.glow).move_to(self.pixels)
            return [FadeIn(flare, run_time=0.4), FadeOut(flare, run_time=0.5)]
        shows: list[Animation] = []
        for i in range(self.one.sizes[0]):
            if self.roomy(0):
                number = self._number(self.quantity("input", (i,)), self.at(0, i), 30, places=None)
                self.numbers[0].append(number)
                shows.append(AnimationGroup(FadeIn(number, scale=0.6), *self._widen(i, number)))
        return [LaggedStart(*shows, lag_ratio=0.3, run_time=0.9)] if shows else [self._light(0)]

    def _number(self, q: Quantity, where: np.ndarray, size: float = 28, places: int | None = 2) -> Number:
        value = float(q.value)
        if self.whole and places is not None:
            return self.keep(Number(q, self.theme.ink, size, decimals=places).move_to(where), 7)
        most = 2 * ROOMY - 0.08 if where[0] > self.x[0] + 0.1 else SIDE if places is not None else WIDEST
        for points, less in ((size, places), (28, places), (28, 1), (28, 0), (26, 0), (26, None)):
            number = Number(q, self.theme.ink, points, decimals=tidy(value, less))
            if number.width <= most:
                break
        return self.keep(number.move_to(where), 7)

    def open(self, level: int, j: int, *, general: bool = True) -> list[Animation]:
        """Look at one unit: everything else is dimmed, and with `general` its sum is written with symbols.

        From another unit the look goes straight over to this one.
        """
        leaving = self._leave() if self.opened is not None else []
        self.opened, self.labels = (level, j), {}
        self.before = {id(part): float(part.get_stroke_width()) for part in self.lines[level - 1]}
        own = [self.line(level, i, j) for i in range(self.one.sizes[level - 1])]
        lit: list[Mobject] = [self.units[level][j], *self.units[level - 1], *self.names[level - 1], *self.numbers[level - 1]]
        if self.roomy(level):
            lit.append(self.names[level][j])
        lit += [n for at, n in self.waiting.items() if at == (level, j)]
        known = {id(m) for m in (*lit, *own)}
        rest = [m for group in (*self.units, *self.names, *self.lines, self.tags) for m in group if id(m) not in known]
        rest += [n for n in (*self.waiting.values(), *(n for row in self.numbers for n in row)) if id(n) not in known]
        shows: list[Animation] = [*leaving, *(Dim(m) for m in rest), *(Dim(m, 1.0) for m in lit if leaving)]
        glow = Glow(self.theme.value, 3.2, 3.2, 0.34 * self.theme.glow).move_to(self.at(level, j))
        self.extra = VGroup(self.keep(glow, -5))
        shows.append(FadeIn(glow))
        for line in own:
            if line is None:
                continue
            lighter = line.copy()
            for part in lighter.get_family():
                part.set_stroke(opacity=1, family=False)
            as_lit(line, 1.0)
            glowing = VGroup()
            if line.weight > 0:  # the glow of a dashed line would look like a comb
                glowing = halo(line, self.theme.knob, max(self.width_of(line.weight), 1.4), 0.5 * self.theme.glow)
            self.extra.add(self.keep(glowing, 0))
            shows += [Transform(line, lighter), *([FadeIn(glowing)] if len(glowing) else [])]
        return [AnimationGroup(*shows, run_time=0.9), *([self.generalise()] if general else [])]

    def generalise(self) -> Animation:
        """The sum of the opened unit with symbols, over the network."""
        level, j = self._opened()
        self.general = SymbolSum(self.one, level, j, self.theme, self.room[1] - self.room[0])
        self.general.move_to([sum(self.room) / 2, self.area.top + 0.95, 0])
        self.keep(self.general, 8)
        self.extra.add(self.general)
        return FadeIn(self.general, run_time=0.8)

    def _leave(self) -> list[Animation]:
        """What stands beside the opened unit goes, and its lines are as the others again."""
        level, j = self._opened()
        gone = [m for m in (*self.extra, getattr(self, "sum", None)) if m is not None]
        self.drop(*gone)
        self.extra = VGroup()
        if hasattr(self, "sum"):
            del self.sum
        resting = RESTING[self.theme.dark]
        for i in range(self.one.sizes[level - 1]):
            line = self.line(level, i, j)
            if line is not None:
                as_lit(line, resting)
                for part in line.get_family():
                    part.dimmed = 1.0 / resting
        return [FadeOut(m) for m in gone]

    def label(self, run_time: float = 1.2, *, bias: bool = True) -> list[Animation]:
        """The weights of the opened unit beside their lines, and with `bias` its bias on a dial (else see `label_bias`)."""
        assert self.opened is not None
        level, j = self.opened
        shows: list[Animation] = []
        n = self.one.sizes[level - 1]
        taken: list[Mobject] = [*self.units[level - 1], *self.names[level - 1], self.units[level][j]]
        if n <= MOST and self.line(level, 0, j) is not None:
            for i in range(n):
                text = value_equation(self.theme, f"w_{i + 1}", self.quantity(f"weight/{level}", (i, j)), "knob", 36)
                plate = Plate(self.theme, text)
                plate.back.set_fill(self.theme.slot, 0.95 if self.whole else 0.80)
                if not self._beside(plate, level, i, j, taken):
                    continue
                taken.append(plate)
                self.labels[i] = self.keep(plate, 9)
                self.extra.add(plate)
                shows.append(FadeIn(plate))
        shows += self.label_bias() if bias else []
        return [LaggedStart(*shows, lag_ratio=0.3, run_time=run_time)] if shows else []

    def label_bias(self) -> list[Animation]:
        """The bias of the opened unit on a dial."""
        level, j = self._opened()
        if self.one.layers[level - 1].bias and self.roomy(level):
            b = self.quantity(f"bias/{level}", (j,))
            where = self.at(level, j) + [1.28, 0.62, 0]
            dial = Dial(self.theme, float(b.value), *dial_range(float(b.value)), radius=0.34).move_to(where)
            cord = Line(self.at(level, j) + [0.49, 0.22, 0], where - [0.33, 0.14, 0]).set_stroke(self.theme.knob, 2.5)
            text = value_equation(self.theme, "b", b, "knob", 36)
            plate = Plate(self.theme, text).move_to(where + [0.55 + text.width / 2, 0.0, 0])
            group = VGroup(self.keep(cord, 2), self.keep(dial, 8), self.keep(plate, 9))
            self.labels[self.one.sizes[level - 1]] = plate
            self.extra.add(*group)
            return [FadeIn(group)]
        return []

    def _beside(self, plate: Plate, level: int, i: int, j: int, taken: Sequence[Mobject]) -> bool:
        """Put a label over its line where it touches nothing; False where there is no such place."""
        start, end = self.ends(level, i, j)
        along = (end - start) / np.hypot(*(end - start)[:2])
        normal = np.array([-along[1], along[0], 0.0])
        boxes = [(*m.get_corner(DL)[:2], *m.get_corner(UR)[:2]) for m in taken]
        for off in (0.30, -0.30, 0.0):
            for share in (0.46, 0.40, 0.52, 0.34, 0.60):
                plate.move_to(start + (end - start) * share + normal * off)
                (x0, y0, _), (x1, y1, _) = plate.get_corner(DL), plate.get_corner(UR)
                if all(x1 < a - 0.05 or x0 > c + 0.05 or y1 < b - 0.02 or y0 > d + 0.02 for a, b, c, d in boxes):
                    return True
        return False

    def weigh(self, k: int, pace: float = 1.0) -> list[Animation]:
        """Term k of the sum, w·x or the bias: it leaves its line and takes its place in the sum with numbers."""
        level, j = self._opened()
        if not hasattr(self, "sum") or (self.sum.level, self.sum.j) != (level, j):
            self.write_sum(level, j)
        head: list[Animation] = [] if self.headed else [FadeIn(self.sum.head)]
        self.headed = True
        self.keep(self.sum, 8)
        term, label = self.sum.term(k), self.labels.get(k)
        start = label.get_center() if label is not None else self.at(level, j)
        moves = [FadeIn(term, target_position=start, run_time=0.8 * pace), *head]
        line = self.line(level, k, j) if k < self.one.sizes[level - 1] else None
        if line is not None:
            moves.append(RunPulse(self.theme, self._wire(level, k, j), run_time=0.8 * pace))
        if k >= len(self.sum.braces):
            return [AnimationGroup(*moves)]
        drawn, value = self.sum.braces[k]
        return [AnimationGroup(*moves), AnimationGroup(Create(drawn), FadeIn(value), run_time=0.4)]

    def add_up(self, run_time: float = 1.6) -> list[Animation]:
        """All terms of the sum, one soon after the other, each out of its line; then the result. Quicker than `weigh`."""
        level, j = self._opened()
        self.write_sum(level, j)
        self.keep(self.sum, 8)
        self.headed = True
        flights: list[Animation] = [FadeIn(self.sum.head)]
        for k in range(self.sum.count):
            label = self.labels.get(k)
            start = label.get_center() if label is not None else self.at(level, j)
            moves = [FadeIn(self.sum.term(k), target_position=start)]
            if k < len(self.sum.braces):
                moves += [Create(self.sum.braces[k][0]), FadeIn(self.sum.braces[k][1])]
            if k < self.one.sizes[level - 1] and self.line(level, k, j) is not None:
                moves.append(RunPulse(self.theme, self._wire(level, k, j), run_time=0.8))
            flights.append(AnimationGroup(*moves))
        return [LaggedStart(*flights, lag_ratio=0.35, run_time=run_time), *self.total()]

    def write_sum(self, level: int, j: int) -> NumberSum:
        """Set the sum with numbers, at its place under the network."""
        room = self.room[1] - self.room[0]
        self.sum = NumberSum(self.one, level, j, self.theme, self.source, room, braced=not self.whole)
        self.sum.move_to([sum(self.room) / 2, self.low, 0])
        self.headed = False
        return self.sum

    @property
    def low(self) -> float:
        """The height of the sum with numbers: under the area."""
        return self.area.bottom - 0.80

    def total(self) -> list[Animation]:
        """The terms together: the result at the end of the sum, and in the round."""
        level, j = self._opened()
        if not hasattr(self, "sum") or (self.sum.level, self.sum.j) != (level, j):
            self.write_sum(level, j)
            self.keep(self.sum, 8)
        q = self.quantity(f"sum/{level}", (j,))
        shows: list[Animation] = [FadeIn(self.sum.result)]
        if self.one.sizes[level - 1] > MOST or not self.sum.fits:
            shows = [FadeIn(self.sum.line)]
        if self.roomy(level):
            self.waiting[level, j] = number = self._number(q, self.at(level, j), 28)
            shows += [*self._rename(level, j, "z" if self.one.sizes[level] == 1 else f"z_({j + 1})", number), Roll(number)]
            shows += self._stretch(level, j, number)
        return [AnimationGroup(*shows, run_time=0.8)]

    def bend(self, level: int | None = None, j: int | None = None) -> list[Animation]:
        """The sum in the round (of the opened unit, or of another one) becomes what the activation makes of it."""
        level, j = self._opened() if level is None or j is None else (level, j)
        q = self.quantity(f"value/{level}", (j,))
        if not self.roomy(level):
            return []
        after = self._number(q, self.at(level, j), 28)
        self.numbers[level].append(after)
        before = self.waiting.pop((level, j))
        self.drop(before)
        shows: list[Animation] = [FadeOut(before, shift=0.25 * UP), FadeIn(after, shift=0.25 * UP)]
        shows += [*self._rename(level, j, unit_symbol(self.one, level, j), after), *self._stretch(level, j, after)]
        return [AnimationGroup(*shows, run_time=0.8)]

    def _widen(self, i: int, number: Number) -> list[Animation]:
        """A data square becomes as wide as its number needs."""
        square = self.units[0][i]
        if number.width <= SIDE:
            return []
        goal = RoundedRectangle(corner_radius=0.07, width=number.width + 0.16, height=SIDE)
        return [Transform(square, goal.match_style(square).move_to(square))]

    def _stretch(self, level: int, j: int, number: Number) -> list[Animation]:
        """A round becomes as wide as its number needs, or a round again."""
        unit, high = self.units[level][j], 2 * self.radius(level)
        wide = self._wide(level, number)
        if abs(unit.width - wide) < 1e-3:
            return []
        goal = RoundedRectangle(corner_radius=0.999 * high / 2, width=wide, height=high) if wide > high else Circle(high / 2)
        return [Transform(unit, goal.match_style(unit).move_to(unit))]

    def _wide(self, level: int, number: Number) -> float:
        """The width of a round with this number in it."""
        high = 2 * self.radius(level)
        return number.width + 0.24 if self.whole and number.width > high - 0.06 else high

    def _rename(self, level: int, j: int, symbol: str, number: Number | None = None) -> list[Animation]:
        """Another name for a unit, beside its round, which stretches for this number."""
        old = self.names[level][j]
        aside = 0.0 * LEFT if number is None else (self._wide(level, number) / 2 - self.radius(level)) * LEFT
        new = self._plated(symbol, "value").move_to(self.at(level, j) + BESIDE + aside)
        self.names[level].submobjects[j] = new
        return [FadeOut(old), FadeIn(new)]

    def _plated(self, symbol: str, role: str) -> Plate:
        """A name on a small plate: lines may pass behind it."""
        plate = Plate(self.theme, name_formula_of(symbol, self.theme, role, 38), (0.04, 0.03))
        for part in plate.get_family():
            part.set_z_index(5)
        return plate

    def close(self) -> list[Animation]:
        """Everything is lit again, and the sums go."""
        level, j = self._opened()
        self.opened = None
        gone = [m for m in (*self.extra, getattr(self, "sum", None)) if m is not None]
        self.drop(*gone)
        if hasattr(self, "sum"):
            del self.sum
        lights = [Dim(m, 1.0) for group in (*self.units, *self.names, *self.lines, self.tags) for m in group]
        lights += [Dim(n, 1.0) for n in (*self.waiting.values(), *(n for row in self.numbers for n in row))]
        calm = []
        for i in range(self.one.sizes[level - 1]):
            line = self.line(level, i, j)
            if line is not None:
                rest = self._line(level, i, j, line.weight)
                as_lit(line, RESTING[self.theme.dark])
                calm.append(Transform(line, rest))
        known = {id(a.mobject) for a in calm}
        lights = [a for a in lights if id(a.mobject) not in known]
        return [AnimationGroup(*(FadeOut(m) for m in gone), *lights, *calm, run_time=0.8)]

    def fire(self, level: int, run_time: float = 0.9) -> list[Animation]:
        """The values run along the lines into a layer, and stand in its units."""
        W = np.abs(self.one.params[level - 1]["W"]) * np.abs(self.one.values[level - 1])[:, None]
        strongest = np.argsort(-W, axis=None, kind="stable")[: min(W.size, 14)]
        pulses: list[Animation] = []
        for flat in strongest:
            i, j = (int(v) for v in np.unravel_index(flat, W.shape))
            pulses.append(RunPulse(self.theme, self._wire(level, i, j), run_time=run_time))
        shows: list[Animation] = []
        have = {tuple(np.round(n.get_center()[:2], 3)) for n in self.numbers[level]}
        for j in range(self.one.sizes[level]):
            if tuple(np.round(self.at(level, j)[:2], 3)) in have:
                continue
            if self.roomy(level):
                number = self._number(self.quantity(f"value/{level}", (j,)), self.at(level, j), 28)
                self.numbers[level].append(number)
                shows += [FadeIn(number, scale=0.6), *self._rename(level, j, unit_symbol(self.one, level, j))]
        if not self.roomy(level):
            shows.append(self._light(level))
        return [AnimationGroup(*pulses), AnimationGroup(*shows, run_time=0.7)]

    def _light(self, level: int) -> Animation:
        """Units shine as strongly as their values are large."""
        pairs = zip(self.units[level], self._tones(level), strict=True)
        return AnimationGroup(*(unit.animate.set_fill(tone, 1) for unit, tone in pairs))

    def _tones(self, level: int) -> list[str]:
        values = np.abs(self.one.values[level] if level < len(self.one.sizes) - 1 else self.one.chances)
        values = values if len(values) == self.one.sizes[level] else np.abs(self.one.values[level])
        share = values / (float(values.max()) or 1.0)
        base = self.theme.ground if self.theme.dark else "#FFFFFF"
        hot = self.theme.role("data" if level == 0 else "value")
        return [mix(base, hot, 0.12 + 0.88 * float(s)) for s in share]

    def number_of(self, level: int, j: int) -> Number | None:
        """The number that stands in a unit, if there is one."""
        here = self.at(level, j)[:2]
        return next((n for n in self.numbers[level] if np.allclose(n.get_center()[:2], here, atol=1e-3)), None)

    def settle(self, values: bool = True) -> NetForward:
        """Everything there at once, without animation: units, names and lines, and with `values` the numbers in the rounds."""
        self.appear()
        for level in range(len(self.units)) if values else ():
            if level == 0 and not self.numbers[0] and self.image is None:
                self.enter()
            elif level > 0 and self.roomy(level):
                self.fire(level)
            if not self.roomy(level) and self.image is None:
                for unit, tone in zip(self.units[level], self._tones(level), strict=True):
                    unit.set_fill(tone, 1)
        return self

    def winner(self) -> AnimationGroup:
        """The class with the largest chance is marked: a ring around its unit, its word in ink."""
        last, best = len(self.one.sizes) - 1, int(np.argmax(self.one.chances))
        best = min(best, self.one.sizes[last] - 1)
        ring = Circle(self.radius(last) + 0.09).set_stroke(self.theme.ink, 3).set_fill(opacity=0).move_to(self.at(last, best))
        shows: list[Animation] = [FadeIn(self.keep(ring, 6))]
        if len(self.tags):
            shows.append(self.tags[best].animate.set_fill(self.theme.ink, 1))
        return AnimationGroup(*shows, run_time=0.6)

    def retune(self, other: NetworkPass, run_time: float = 1.0) -> AnimationGroup:
        """The same network with other weights: lines thicken, thin, change sign."""
        moves: list[Animation] = []
        self.one = other
        self.top_weight = max(self.top_weight, *(float(np.abs(own["W"]).max()) for own in other.params))
        for level in range(1, len(other.sizes)):
            if isinstance(self.lines[level - 1][0], Strands):
                new = self._strands(level, other.params[level - 1]["W"])
                moves += [Transform(a, b) for a, b in zip(self.lines[level - 1], new, strict=True)]
            else:
                for line in self.lines[level - 1]:
                    _, i, j = line.link
                    w = float(other.params[level - 1]["W"][i, j])
                    new_line = self._line(level, i, j, w)
                    moves.append(Transform(line, new_line))
                    line.weight = w
        return AnimationGroup(*moves, run_time=run_time)

    def lift(self, by: float, run_time: float = 1.0) -> Animation:
        """The whole network rises by so much, to make room under it."""
        area = self.area
        self.area = Area(area.left, area.right, area.bottom + by, area.top + by)
        for places in self.places:
            places[:, 1] += by
        return self.animate(run_time=run_time).shift(by * UP)

    def slide(self, by: float, run_time: float = 1.4) -> Animation:
        """The whole network moves sideways, to make room beside it."""
        area = self.area
        self.area = Area(area.left + by, area.right + by, area.bottom, area.top)
        self.x = [x + by for x in self.x]
        for places in self.places:
            places[:, 0] += by
        for part in (*self.units, *self.names, *self.lines):
            if part not in self.submobjects:  # concealed
                part.shift(by * RIGHT)
        return self.animate(run_time=run_time).shift(by * RIGHT)

    def conceal(self, level: int, run_time: float = 0.8) -> AnimationGroup:
        """A layer and the lines into it go, until `reveal`: they are not spoken about, and their room is needed."""
        gone = (self.units[level], self.names[level], self.lines[level - 1])
        self.drop(*gone)
        return AnimationGroup(*(FadeOut(part) for part in gone), run_time=run_time)

    def reveal(self, level: int, run_time: float = 1.2) -> AnimationGroup:
        """A concealed layer comes back: its units, then the lines into it."""
        for group, z in ((self.units[level], 3), (self.names[level], 5), (self.lines[level - 1], 1)):
            for part in self.keep(group, z).get_family():
                if len(part.points):
                    shine(part, 1.0)  # it may have been dimmed when it went
        shows = [FadeIn(VGroup(*self.units[level], *self.names[level])), *(Create(line) for line in self.lines[level - 1])]
        return LaggedStart(*shows, lag_ratio=0.2, run_time=run_time)

    def blame(self, run_time: float = 1.6, scale: float | None = None, *, chips: bool = True) -> list[Animation]:
        """The loss's slopes run back to the input: a heat map over the pixels, or a chip at each input."""
        layers = range(len(self.one.sizes) - 1, 0, -1)
        runs = []
        for level in layers:
            marks = VGroup()
            W = np.abs(self.one.params[level - 1]["W"])
            order = np.argsort(-W, axis=None, kind="stable")[:16]
            for flat in order:
                i, j = (int(v) for v in np.unravel_index(flat, W.shape))
                start, end = self.ends(level, i, j)
                mark = chevron(self.theme, 0.21).rotate(np.arctan2(*(start - end)[1::-1])).move_to(end).set_z_index(8)
                mark.way = (end, start)
                marks.add(mark)
            runs.append(AnimationGroup(*(_Run(m, m.way[0], m.way[1], run_time / 2) for m in marks)))
        shows: list[Animation] = []
        if self.image is not None:
            assert self.pixels is not None
            self.heat = self.keep(self.heat_of(scale).move_to(self.pixels), 6)
            shows.append(FadeIn(self.heat))
        elif chips:
            for i in range(self.one.sizes[0]):
                if self.roomy(0):
                    q = self.quantity("slope", (i,))
                    chip = Chip(
                        self.theme, Number(q, self.theme.on_slope, 26, "bold", decimals=tidy(float(q.value), 2), plus=True),
                        0.40
                    )
                    shows.append(FadeIn(self.keep(chip.move_to(self.at(0, i) - [0, SIDE / 2 + 0.30, 0]), 9)))
        return [*runs, *([AnimationGroup(*shows, run_time=0.9)] if shows else [])]

    def heat_of(self, scale: float | None = None) -> Heat:
        """∂L/∂x as marks, a pixel each."""
        assert self.image is not None
        return Heat(self.theme, self.one.slopes.reshape(self.image), self.side, scale=scale)

    def _opened(self) -> tuple[int, int]:
        if self.opened is None:
            raise StageError("no unit is open; call open(layer, unit) first")
        return self.opened


class _Run(Animation):
    """A chevron runs from one place to another and is gone."""

    def __init__(self, mark: VMobject, start: np.ndarray, end: np.ndarray, run_time: float):
        self.start, self.end = start, end
        super().__init__(mark, run_time=run_time, rate_func=linear, introducer=True, remover=True)

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.move_to(self.start + (self.end - self.start) * alpha)
        self.mobject.set_fill(opacity=float(np.sin(np.pi * min(max(alpha, 0.0), 1.0))) ** 0.5)


def as_lit(line: VMobject, opacity: float) -> None:
    """Note that this is how bright a line is when it is lit."""
    for part in line.get_family():
        part.lit, part.dimmed = (0.0, opacity), 1.0


def name_formula_of(source: str, theme: Theme, role: str, size: float) -> Formula:
    """A name given in Typst as a formula in the colour of a role."""

    def write(mark: Marker) -> str:
        return mark(role, None, source)

    return Formula(write, theme, size, tinted=True)


def tidy(value: float, places: int | None) -> int | None:
    """Decimals of a number that stands in a round: those asked for, unless it is so small or large that it needs others."""
    own = decimals_for(value)
    return own if places is None or own is None or (value and abs(value) < 0.05) else min(places, max(own, places))


__all__ = ["NetForward", "layer_letter", "name_formula", "tidy"]
