"""S2: knobs as dials with their values, hint screens that show slopes, and arrows that say which way to turn.

Reads values and slopes as engine quantities. Invariants: a dial's angle is its value; an arrow points against its slope and is
as long as the slope, on one scale for all; a turn ends at the values of the next state.
Above 64 knobs there is no room for names and numbers: `KnobField` shows them as a field.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from manim import UP, Animation, AnimationGroup, Circle, Create, FadeIn, FadeOut, LaggedStart, Transform, VGroup, VMobject, Wait
from manim.utils.rate_functions import smooth

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.dial import Dial, Turn, TurnHint
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.number import Number
from ..stage.parts import slot
from ..stage.rounding import decimals_for, places_for, shown
from ..stage.serif import SerifNumber, serif_line
from ..stage.theme import Theme, mix
from ..stage.type import Label
from ..stage.view import Range
from .figure import Figure
from .loss_gauge import steady_decimals
from .symbols import name_formula, name_source

MOST = 64
MOST_IN_FIELD = 4000
LONGEST = 1.15  # radians that the steepest slope turns its arrow by
SHORTEST = 0.06  # radians: what is less is no arrow
FARTHEST = 2.3  # radians: no arrow is longer, whatever its slope


@dataclass(frozen=True)
class Form:
    """How much of a knob is shown: dial radius, size of its equation, and the room of a cell."""

    radius: float
    size: float  # of name and value; 0: the name alone; −1: the dial alone
    height: float


FORMS = (
    Form(0.42, 38, 1.56), Form(0.37, 36, 1.38), Form(0.31, 32, 0.98), Form(0.31, 0, 1.30), Form(0.24, -1, 0.80),
    Form(0.17, -1, 0.58),
)  # fmt: skip


class KnobPanel(Figure):
    """Dials of `values` in `area`; `ranges` are the limits of their sweeps (default: round ones that hold the value).

    Verbs: `appear`, `screens`, `ask`, `hints`, `blank`, `turn`, `focus`, `freeze`, `thaw`. `at(values)` moves dials
    and digits while something runs; `settle(values)` ends that. `decimals` (by name) are those of the digits; a figure
    that prints the same values takes them over: `GraphForward(…, decimals=panel.decimals)`.
    """

    def __init__(
        self, theme: Theme, values: Mapping[str, Quantity], area: Area, *, ranges: Mapping[str, Range] | None = None,
        screens: bool = True,
    ):  # fmt: skip
        super().__init__(theme)
        if not values:
            raise StageError("there is no knob to show")
        if len(values) > MOST:
            raise StageError(f"{len(values)} knobs are too many for dials with names; {MOST} fit, more are shown as a field")
        self.values = dict(values)
        self.names = tuple(values)
        self.area = area
        self.with_screens = screens
        self.ranges = {n: (ranges or {}).get(n) or sweep_for([float(q.value)]) for n, q in values.items()}
        self.decimals = {n: steady_decimals([*self.ranges[n]]) for n in self.names}
        self.scale: float | None = None  # radians of an arrow for a slope of one
        self._widest = 0.0  # equation, frame units at size one
        self._layout()
        self._draw()
        self.slots = VGroup()
        self.slopes: dict[str, Number] = {}
        self.arrows: dict[str, TurnHint] = {}
        self.questions = VGroup()
        self.frozen: set[str] = set()

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"{self.counted(self.names, 'dial')}: "
            f"{self.listed(f'{n} at {self.told(q)}' for n, q in self.values.items())}."
        )

    # Layout ---------------------------------------------------------------------------------------------------------

    def _layout(self) -> None:
        n = len(self.names)
        best: tuple[float, int, int, Form] | None = None
        for form in FORMS:
            wide = self._cell_width(form)
            for columns in range(1, n + 1):
                rows = -(-n // columns)
                w, h = self.area.width / columns, self.area.height / rows
                if w < wide - 1e-9 or h < self._cell_height(form) - 1e-9:
                    continue
                empty = rows * columns - n
                lopsided = abs(math.log((w / h) / (wide / form.height))) + 0.35 * empty
                if best is None or lopsided < best[0]:
                    best = (lopsided, columns, rows, form)
            if best is not None:
                break
        if best is None:
            raise StageError(f"{n} knobs do not fit in {self.area.width:.1f} by {self.area.height:.1f} units")
        _, self.columns, self.rows, form = best
        room = self.area.width / self.columns, self.area.height / self.rows
        grow = min(room[0] / self._cell_width(form), room[1] / self._cell_height(form), 1.75)
        radius = max(form.radius, min(form.radius * grow, room[1] / 3.5 if form.size > 0 else 9.0))  # room for arrows
        self.form = Form(radius, min(form.size * grow, 54) if form.size > 0 else form.size, form.height * grow)
        self.cells: list[Area] = []
        pitch = min(self.area.height / self.rows, self._cell_height(self.form) * 1.25)
        top = self.area.center[1] + pitch * self.rows / 2
        width = min(self.area.width / self.columns, self._cell_width(self.form) * 1.35)
        left = self.area.center[0] - width * self.columns / 2
        for k in range(n):
            row, column = divmod(k, self.columns)
            x = left + width * column
            if row == self.rows - 1 and n % self.columns:  # the last row stands in the middle
                x += width * (self.columns - n % self.columns) / 2
            self.cells.append(Area(x, x + width, top - pitch * (row + 1), top - pitch * row))

    def _cell_height(self, form: Form) -> float:
        return form.height if self.with_screens or form.size <= 0 else max(form.height * 0.9, 2 * 1.85 * form.radius)

    def _cell_width(self, form: Form) -> float:
        if form.size == 0:
            return 1.5
        if form.size < 0:
            return form.height
        return 1.85 * form.radius + 2.0 * form.radius + self._text_width(form.size) + 0.12

    def _text_width(self, size: float) -> float:
        """The widest equation that will stand beside a dial."""
        if not self._widest:
            for name, (low, high) in self.ranges.items():
                ends = [shown(v, self.decimals[name], auto=False) for v in (low, high, float(self.values[name].value))]
                head = Formula(_equals(name), self.theme, 40).width / 40
                self._widest = max(self._widest, head + max(serif_line(t, 40)[1] for t in ends) / 40)
        return max(self._widest * size + 0.1, 1.4 if self.with_screens else 0.8)

    def _draw(self) -> None:
        theme, form = self.theme, self.form
        self.dials: dict[str, Dial] = {}
        self.heads: dict[str, VMobject] = {}
        self.numbers: dict[str, SerifNumber] = {}
        for name, cell in zip(self.names, self.cells, strict=True):
            quantity = self.values[name]
            dial = Dial(theme, float(quantity.value), *self.ranges[name], form.radius)
            middle = float(cell.center[1])
            if form.size > 0:
                x = cell.left + 1.85 * form.radius + max(cell.width - self._cell_width(form), 0) * 0.25
                dial.shift([x, middle - 0.12 * form.radius, 0])
                left = x + 2.0 * form.radius
                line = middle + (0.17 if self.with_screens else -0.12) * form.radius / 0.42
                head = Formula(_equals(name), theme, form.size).set_baseline(left, line)
                number = self._number(name, quantity)
                number.set_baseline(head.get_right()[0] + 0.1, line)
                self.heads[name], self.numbers[name] = head, number
            elif form.size == 0:
                dial.shift([cell.center[0], middle + 0.14, 0])
                self.heads[name] = name_formula(name, theme, "knob", 34).move_to([cell.center[0], middle - 0.46, 0])
            else:
                dial.shift([cell.center[0], middle, 0])
            self.dials[name] = dial

    def _number(self, name: str, quantity: Quantity) -> SerifNumber:
        decimals = places_for(float(quantity.value), self.decimals[name])
        return SerifNumber(quantity, self.theme.knob, max(self.form.size, 32), decimals=decimals)

    def parts(self, name: str) -> VGroup:
        """Everything of one knob that is on screen."""
        own = [self.dials[name], self.heads.get(name), self.numbers.get(name), self.slopes.get(name), self.arrows.get(name)]
        if len(self.slots):
            own.append(self.slots[self.names.index(name)])
        return VGroup(*(p for p in own if p is not None and p in self.submobjects))

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.2) -> LaggedStart:
        """The dials, one after the other, each with its name and value."""
        shows = []
        for name in self.names:
            dial = self.keep(self.dials[name], 2)
            rest = [self.keep(p, 3) for p in (self.heads.get(name), self.numbers.get(name)) if p is not None]
            shows.append(AnimationGroup(FadeIn(dial, scale=0.7), *(FadeIn(p) for p in rest)))
        return LaggedStart(*shows, lag_ratio=min(0.25, 2.0 / len(shows)), run_time=run_time)

    def stand(self) -> KnobPanel:
        """All dials at once, without animation."""
        for name in self.names:
            self.keep(self.dials[name], 2)
            for part in (self.heads.get(name), self.numbers.get(name)):
                if part is not None:
                    self.keep(part, 3)
        return self

    def screens(self, run_time: float = 0.8) -> LaggedStart:
        """A blank screen beside each dial: what should stand there?"""
        if self.form.size <= 0:
            raise StageError("these dials are too small for screens; show fewer knobs or give them more room")
        for name in self.names:
            self.slots.add(self._screen(name))
        for screen in self.slots:
            self.keep(screen, 2)
        return LaggedStart(*(FadeIn(s, shift=0.1 * UP) for s in self.slots), lag_ratio=0.12, run_time=run_time)

    def ask(self, word: str = "?", run_time: float = 0.7) -> LaggedStart:
        """Each knob asks: a question on its screen, or beside its dial."""
        self.questions = VGroup()
        for k, name in enumerate(self.names):
            ink = self.theme.muted if len(self.slots) else self.theme.ink
            label = Label(word, ink, 26 if len(self.slots) else 24, "semibold", names=True)
            dial = self.dials[name]
            if len(self.slots):
                label.move_to(self.slots[k].get_center())
            else:
                label.move_to(dial.centre + [1.2 * dial.radius, 1.05 * dial.radius, 0])
            self.questions.add(label)
        self.keep(self.questions, 5)
        return LaggedStart(*(FadeIn(q, scale=0.6) for q in self.questions), lag_ratio=0.1, run_time=run_time)

    def hints(
        self, slopes: Mapping[str, Quantity], run_time: float = 1.4, *, decimals: int | None = None
    ) -> list[Animation]:
        """The slopes on the screens, and an arrow against each; knobs without a slope stay blank."""
        going, bare = self._clear(), decimals is not None  # asked for so many, a slope of nothing is a bare 0
        if self.scale is None:
            steepest = max((abs(float(q.value)) for q in slopes.values()), default=0.0)
            self.scale = LONGEST / steepest if steepest else 1.0
        decimals = steady_decimals([float(q.value) for q in slopes.values()]) if decimals is None else decimals
        shows: list[Animation] = []
        for name, slope in slopes.items():
            moves: list[Animation] = []
            if len(self.slots):
                places = 0 if bare and not slope.value else decimals
                self.slopes[name] = self.keep(self._slope_number(name, slope, places), 4)
                moves.append(FadeIn(self.slopes[name]))
            if abs(float(slope.value)) * self.scale >= SHORTEST:
                angle = min(max(-float(slope.value) * self.scale, -FARTHEST), FARTHEST)
                arrow = self.arrows[name] = self.keep(TurnHint(self.theme, self.dials[name], angle), 3)
                moves += [Create(arrow[0]), FadeIn(arrow[1])]
            if moves:
                shows.append(AnimationGroup(*moves))
        if not shows:
            return [AnimationGroup(*going, run_time=0.3)] if going else []
        filled = LaggedStart(*shows, lag_ratio=min(0.3, 2.0 / max(len(shows), 1)), run_time=run_time)
        return [AnimationGroup(*going, run_time=0.3), filled] if going else [filled]

    def blank(self, run_time: float = 0.4, *, keep: Iterable[str] = ()) -> list[Animation]:
        """Screens go blank, arrows go; those of the knobs in `keep` stay."""
        going = self._clear(self._known(keep))
        return [AnimationGroup(*going, run_time=run_time)] if going else []

    def turn(self, values: Mapping[str, Quantity], run_time: float = 1.2) -> AnimationGroup:
        """Dials turn to other values, all at once, and their digits run along; a frozen one cannot."""
        for name in self.frozen & set(values):
            if float(values[name].value) != float(self.values[name].value):
                raise StageError(f"{name} is frozen; let it thaw first")
        return AnimationGroup(Turning(self, dict(values), run_time=run_time), *self._arrows_go(run_time))

    def focus(self, names: Iterable[str] | None = None, run_time: float = 0.6) -> AnimationGroup:
        """Only these knobs stay bright; all of them with None."""
        lit = set(self.names if names is None else names)
        return AnimationGroup(*(dimmed(self.parts(n), n not in lit) for n in self.names), run_time=run_time)

    def freeze(self, names: Iterable[str], run_time: float = 0.8) -> AnimationGroup:
        """These knobs are held still: they turn grey, and no verb turns them until they thaw."""
        return self._paint(self._known(names) - self.frozen, self.theme.muted, run_time)

    def thaw(self, names: Iterable[str] | None = None, run_time: float = 0.8) -> AnimationGroup:
        """Frozen knobs (all of them with None) are free again."""
        return self._paint((self.frozen if names is None else self._known(names)) & self.frozen, self.theme.knob, run_time)

    def _known(self, names: Iterable[str]) -> set[str]:
        asked = set(names)
        if strange := asked - set(self.names):
            raise StageError(f"there is no knob {', '.join(sorted(strange))}; there are {', '.join(self.names)}")
        return asked

    def _paint(self, names: set[str], colour: str, run_time: float) -> AnimationGroup:
        """Knobs in another colour: the parts of a dial that show its value, its name and its digits."""
        moves: list[Animation] = []
        self.frozen = self.frozen | names if colour == self.theme.muted else self.frozen - names
        for name in sorted(names, key=self.names.index):
            dial = self.dials[name]
            dial.colour = colour
            shows = [dial.arc, dial.dot, dial.notch, self.heads.get(name), self.numbers.get(name)]
            for part in (p for p in shows if p is not None):
                goal = part.copy()
                for member in goal.get_family():
                    if member.get_stroke_color().to_hex().lower() == self._colour_before(colour).lower():
                        member.set_stroke(colour, family=False)
                    if member.get_fill_color().to_hex().lower() == self._colour_before(colour).lower():
                        member.set_fill(colour, family=False)
                moves.append(Transform(part, goal))
        return AnimationGroup(*moves, run_time=run_time) if moves else AnimationGroup(Wait(0.1))

    def _colour_before(self, colour: str) -> str:
        return self.theme.knob if colour == self.theme.muted else self.theme.muted

    # While something runs -------------------------------------------------------------------------------------------

    def at(self, values: Mapping[str, float]) -> None:
        """Dials and digits at values between two states; frozen ones stay."""
        for name, value in values.items():
            if name in self.frozen:
                continue
            self.dials[name].turn_to(value)
            number = self.numbers.get(name)
            if number is not None and self.decimals[name] is not None:
                number.set_text(shown(value, self.decimals[name], auto=False))

    def settle(self, values: Mapping[str, Quantity]) -> None:
        """Dials at rest, digits with their source."""
        for name, quantity in values.items():
            if name in self.frozen:
                continue
            self.values[name] = quantity
            self.dials[name].turn_to(float(quantity.value))
            number = self.numbers.get(name)
            if number is not None:
                fresh = self._number(name, quantity)
                number.quantity, number.decimals, number.settled = quantity, fresh.decimals, fresh.settled
                number.provenance = fresh.provenance
                number.set_text(fresh.settled)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _screen(self, name: str) -> VMobject:
        grow = self.form.radius / 0.42
        screen = slot(self.theme, max(1.36 * grow, 1.40), max(0.44 * grow, 0.40))
        head = self.heads[name]
        y = float(self.cells[self.names.index(name)].center[1]) - 0.34 * grow
        return screen.move_to([head.get_left()[0] + screen.width / 2, y, 0])

    def _slope_number(self, name: str, slope: Quantity, decimals: int | None) -> Number:
        value = float(slope.value)
        decimals = places_for(value, decimals)
        screen = self.slots[self.names.index(name)]
        for size in (28, 26):
            number = Number(slope, self.theme.tint("slope"), size, decimals=decimals, plus=True)
            if number.width <= screen.width - 0.12:
                break
        else:
            number = Number(slope, self.theme.tint("slope"), 26, decimals=decimals_for(value), plus=True)
        number.ground = self.theme.slot
        return number.move_to(screen.get_center())

    def _clear(self, keep: Iterable[str] = ()) -> list[Animation]:
        stays = set(keep)
        parts = [part for own in (self.slopes, self.arrows) for name, part in own.items() if name not in stays]
        if len(self.questions):
            parts.append(self.questions)
        self.drop(*parts)
        self.slopes = {name: part for name, part in self.slopes.items() if name in stays}
        self.arrows = {name: part for name, part in self.arrows.items() if name in stays}
        self.questions = VGroup()
        return [FadeOut(p) for p in parts]

    def _arrows_go(self, run_time: float) -> list[Animation]:
        parts = list(self.arrows.values())
        self.drop(*parts)
        self.arrows = {}
        return [FadeOut(p, run_time=0.6 * run_time) for p in parts]


class Turning(Turn):
    """All dials of a panel turn, their digits run, and settle with their source."""

    def __init__(self, panel: KnobPanel, values: dict[str, Quantity], run_time: float = 1.2):
        self.panel, self.goal = panel, values
        names = list(values)
        super().__init__([panel.dials[n] for n in names], [float(values[n].value) for n in names], run_time)
        self.mobject.add(*(panel.numbers[n] for n in names if n in panel.numbers))

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        if alpha >= 1:
            self.panel.settle(self.goal)
            return
        pairs = zip(self.goal, self.pairs, strict=True)
        self.panel.at({name: start + (end - start) * share for name, (_, start, end) in pairs})


class KnobField(Figure):
    """Very many knobs as a field of small dials without names. `values` and slopes are arrays of shape (n,).

    Verbs: `appear`, `hints(slopes)`, `turn(values)`.
    """

    def __init__(self, theme: Theme, values: np.ndarray, area: Area, limit: float | None = None):
        super().__init__(theme)
        self.values = np.asarray(values, float).ravel()
        if not 0 < len(self.values) <= MOST_IN_FIELD:
            raise StageError(f"a field shows up to {MOST_IN_FIELD} knobs, not {len(self.values)}; show their number as an area")
        self.limit = limit or sweep_for(self.values)[1]
        n = len(self.values)
        self.columns = max(1, round(math.sqrt(n * area.width / area.height)))
        rows = -(-n // self.columns)
        self.pitch = min(area.width / self.columns, area.height / rows)
        row, column = np.divmod(np.arange(n), self.columns)
        x = area.center[0] + (column - (self.columns - 1) / 2) * self.pitch
        y = area.center[1] - (row - (rows - 1) / 2) * self.pitch
        self.places = np.column_stack([x, y])
        self.radius = 0.36 * self.pitch
        thin = min(2.4, 12 * self.radius)
        self.rings = VMobject().set_stroke(mix(theme.rim, theme.ground, 0.2), thin).set_fill(theme.panel, 0.9)
        unit = Circle(self.radius).points
        self.rings.points = (unit[None, :, :] + np.column_stack([self.places, np.zeros(n)])[:, None, :]).reshape(-1, 3)
        self.notches = VMobject().set_stroke(theme.knob, max(1.3 * thin, 2.0)).set_fill(opacity=0)
        self.arrows: VMobject | None = None
        self.show(self.values)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A field of {self.counted(int(np.size(self.values)), 'dial')} without names."

    def angles(self, values: np.ndarray) -> np.ndarray:
        """Where the notches point, radians, shape (n,)."""
        share = np.clip((values + self.limit) / (2 * self.limit), 0, 1)
        return math.pi / 2 + math.radians(135) - math.radians(270) * share

    def show(self, values: np.ndarray) -> None:
        """Point every notch at its value."""
        self.values = np.asarray(values, float).ravel()
        a = self.angles(self.values)
        way = np.column_stack([np.cos(a), np.sin(a)]) * self.radius
        self.notches.points = _pieces(self.places + 0.2 * way, self.places + 0.95 * way)

    def appear(self, run_time: float = 1.2) -> AnimationGroup:
        """The whole field."""
        return AnimationGroup(FadeIn(self.keep(self.rings, 1)), FadeIn(self.keep(self.notches, 2)), run_time=run_time)

    def hints(self, slopes: np.ndarray, run_time: float = 1.0) -> FadeIn:
        """A short arc outside every dial, against its slope; the steepest spans LONGEST radians."""
        slopes = np.asarray(slopes, float).ravel()
        steepest = float(np.abs(slopes).max()) or 1.0
        spans = -slopes / steepest * LONGEST
        start = self.angles(self.values)
        turns = start[:, None] - spans[:, None] * np.linspace(0, 1, 4)[None, :]
        points = np.stack([np.cos(turns), np.sin(turns)], axis=2) * self.radius * 1.25 + self.places[:, None, :]
        arcs = np.column_stack([points.reshape(-1, 2), np.zeros(4 * len(slopes))])
        self.arrows = VMobject().set_stroke(self.theme.slope, min(3.0, 16 * self.radius)).set_fill(opacity=0)
        self.arrows.points = arcs
        self.spans = spans
        return FadeIn(self.keep(self.arrows, 3), run_time=run_time)

    def turn(self, values: np.ndarray, run_time: float = 1.2) -> AnimationGroup:
        """Every dial turns to its next value."""
        going = [FadeOut(self.arrows)] if self.arrows is not None else []
        if self.arrows is not None:
            self.drop(self.arrows)
            self.arrows = None
        return AnimationGroup(TurnField(self, np.asarray(values, float).ravel()), *going, run_time=run_time)


class TurnField(Animation):
    """All notches of a field turn."""

    def __init__(self, field: KnobField, values: np.ndarray, run_time: float = 1.2):
        self.field, self.start, self.end = field, field.values.copy(), values
        super().__init__(field.notches, run_time=run_time, rate_func=smooth)

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(min(max(alpha, 0.0), 1.0))
        self.field.show(self.end if alpha >= 1 else self.start + (self.end - self.start) * share)


def sweep_for(values: Sequence[float] | np.ndarray) -> Range:
    """A round symmetric range that holds all values and is at least 1 to each side, unless they are all tiny.

    >>> sweep_for([0.25, -1.0]), sweep_for([3.6])
    ((-2.0, 2.0), (-5.0, 5.0))
    """
    size = max((abs(float(v)) for v in values if np.isfinite(v)), default=1.0) * 1.02
    if size <= 0:
        return -1.0, 1.0
    power = 10.0 ** math.floor(math.log10(size))
    limit = next(step * power for step in (1, 2, 5, 10) if size <= step * power * (1 + 1e-12))
    if 0.02 <= limit < 1:
        limit = 1.0
    return -float(f"{limit:.12g}"), float(f"{limit:.12g}")


def dimmed(part: VMobject, dim: bool) -> Transform:
    """A part at 40 % of its strength, or at full again."""
    goal = part.copy()
    for mine, its in zip(part.get_family(), goal.get_family(), strict=True):
        full = getattr(mine, "full_look", None)
        if full is None:
            full = mine.full_look = (mine.get_fill_opacity(), mine.get_stroke_opacity())
        share = 0.4 if dim else 1.0
        its.set_fill(opacity=full[0] * share, family=False).set_stroke(opacity=full[1] * share, family=False)
    return Transform(part, goal)


def _pieces(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Straight pieces as cubic points, shape (4 n, 3)."""
    flat = np.stack([start, start * 2 / 3 + end / 3, start / 3 + end * 2 / 3, end], axis=1).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def _equals(name: str) -> Callable[[Marker], str]:
    return lambda mark: f"{name_source(name, mark)} ="


__all__ = ["KnobField", "KnobPanel", "Turning", "sweep_for"]
