"""S11: what the slopes cost. A lane for each way – nudging, forward mode, reverse mode – with its count and a bar.

Reads a Cost: sweeps and operations are the engine's counters; other sizes are counts times n and said to be so.
Invariants: bars are proportional to their counts, or torn off where they leave the lane; every count is the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    Polygon,
    Rectangle,
    ReplacementTransform,
    VGroup,
    VMobject,
)

from chainreel.engine import Quantity
from chainreel.engine.cost import Cost

from ..stage.area import Area
from ..stage.number import Number, Phrase, Roll
from ..stage.parts import chevron, slot
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

NAMES = {"nudging": "nudging", "forward": "forward mode", "reverse": "reverse mode"}
NUMBER = (2.0, 2.25)  # frame units kept for the count: in a wide area, in a narrow one
TOKENS = 16  # counts up to this are drawn one by one, where the lane is long enough


class CostRace(Figure):
    """Lanes in an area, from top to bottom in the order of `ways`. `measure` is "sweeps" or "operations".

    Verbs: `appear`, `count(way, quantity)`, `at_scale(scale)`, `note(way, phrase)`.
    """

    def __init__(
        self,
        cost: Cost,
        theme: Theme,
        area: Area,
        ways: Sequence[str] = ("forward", "reverse"),
        *,
        measure: str = "sweeps",
        name: str = "cost",
        names: Mapping[str, str] = NAMES,
    ):
        super().__init__(theme)
        self.cost, self.area, self.ways, self.measure, self.source = cost, area, tuple(ways), measure, name
        rows = area.rows(*([1] * len(self.ways)), gap=0.12)
        size = 26 if min(r.height for r in rows) > 0.75 and area.width > 9 else 24
        self.labels = {w: Label(names[w], theme.ink, size) for w in self.ways}
        left = area.left + max(m.width for m in self.labels.values()) + 0.3
        room = NUMBER[0] if area.width > 9 else NUMBER[1]
        self.tracks = {w: Area(left, area.right - room - 0.2, r.bottom, r.top) for w, r in zip(self.ways, rows, strict=True)}
        self.height_of_bar = min(0.44, min(r.height for r in rows) * 0.66)
        self.grounds: dict[str, VMobject] = {}
        for way, row in zip(self.ways, rows, strict=True):
            track, y = self.tracks[way], row.center[1]
            self.labels[way].set_baseline(area.left, y - 0.1)
            ground = slot(theme, track.width, self.height_of_bar + 0.14)
            self.grounds[way] = ground.move_to(track.center)
        self.tokens: dict[str, VGroup] = {w: VGroup() for w in self.ways}
        self.bars: dict[str, VMobject] = {}
        self.numbers: dict[str, Number | Phrase] = {}
        self.unit = 0.0  # frame units of one count in the bars now shown

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return (
            f"Lanes that count the {self.measure} which the slopes cost: "
            f"{self.listed(self.wording(self.labels[w]) for w in self.ways)}."
        )

    # Parts ----------------------------------------------------------------------------------------------------------

    def quantity(self, what: str, way: str = "", scale: str | int | None = None) -> Quantity:
        """A number of the cost, entered under this figure's source."""
        return replace(self.cost.quantity(what, way, scale), source=self.source)

    def colour(self, way: str) -> str:
        """Nudging moves knobs; both modes carry slopes."""
        return self.theme.knob if way == "nudging" else self.theme.slope

    def bar(self, way: str, count: float, unit: float) -> VMobject:
        """A bar as long as its count, torn off at the end of the lane where it is longer."""
        track, theme = self.tracks[way], self.theme
        room = track.width - 0.14
        length, h = count * unit, self.height_of_bar / 2
        x0, y = track.left + 0.07, float(track.center[1])
        torn = length > room
        width = room if torn else max(length, 0.02)
        if torn:
            teeth = [[x0 + width - (0.16 if k % 2 else 0.0), y + h - 2 * h * k / 6, 0] for k in range(7)]
            bar: VMobject = Polygon([x0, y - h, 0], [x0, y + h, 0], *teeth)
        else:
            bar = Rectangle(width=width, height=2 * h).move_to([x0 + width / 2, y, 0])
        fill = theme.ribbon if way != "nudging" else theme.knob
        bar.torn, bar.length = torn, length
        return bar.set_fill(mix(fill, theme.slot, 0.25), 0.95).set_stroke(self.colour(way), 2)

    def _number(self, way: str, quantity: Quantity) -> Number | Phrase:
        if float(quantity.value) < 1000:
            noun = self.measure[:-1] if quantity.value == 1 else self.measure
            number: Any = Phrase("{n} " + noun, self.theme.ink, 28, "semibold", n=quantity)
        else:
            number = Number(quantity, self.theme.ink, 30, "bold")
        track = self.tracks[way]
        return number.move_to([track.right + 0.2 + number.width / 2, float(track.center[1]), 0])

    def _write(self, way: str, quantity: Quantity, run_time: float) -> list[Animation]:
        """The count rolls on from what it was."""
        old, new = self.numbers.get(way), self._number(way, quantity)
        if old is not None and old.text == new.text:
            return []
        self.numbers[way] = self.keep(new, 6)
        if old is not None:
            self.drop(old)
        leave = [] if old is None else [FadeOut(old, run_time=0.2)]
        if isinstance(new, Number) and new.decimals is not None:
            return [*leave, Roll(new, run_time=run_time)]
        return [*leave, FadeIn(new, run_time=min(run_time, 0.6))]

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 0.8) -> Animation:
        """Empty lanes with their names."""
        parts = [*self.grounds.values(), *self.labels.values()]
        for part in self.grounds.values():
            self.keep(part, 1)
        for part in self.labels.values():
            self.keep(part, 3)
        return FadeIn(VGroup(*parts), run_time=run_time)

    def count(self, way: str, quantity: Quantity, run_time: float = 0.5) -> list[Animation]:
        """One more token in a lane; the count beside it says how many there are."""
        n, track = int(quantity.value), self.tracks[way]
        parts: list[Animation] = self._write(way, quantity, run_time)
        pitch = max(min(0.46, (track.width - 0.3) / TOKENS), 0.34)
        for k in range(len(self.tokens[way]), min(n, int((track.width - 0.3) / pitch))):
            token = self._token(way, 0.26)
            token.move_to([track.left + 0.3 + k * pitch, float(track.center[1]), 0])
            self.tokens[way].add(token)
            shift = 0.2 * (LEFT if way == "reverse" else RIGHT)
            parts.append(FadeIn(self.keep(token, 4), shift=-shift, run_time=run_time))
        return [AnimationGroup(*parts)]

    def _token(self, way: str, size: float) -> VMobject:
        if way == "nudging":
            ring = Rectangle(width=size * 0.45, height=size * 1.3)
            return ring.set_fill(self.theme.knob, 0.9).set_stroke(width=0)
        if way == "forward":
            return chevron(self.theme, size, outlined=True)
        return chevron(self.theme, size).rotate(3.14159265)

    def at_scale(self, scale: str | int | None = None, run_time: float = 1.6, unit: float | None = None) -> Animation:
        """Bars for a model of another size. One unit of length is one sweep, so that what does not fit is torn off."""
        counts = {w: self.quantity(self.measure, w, scale) for w in self.ways}
        if unit is not None or not self.unit:
            room = min(t.width for t in self.tracks.values()) - 0.14
            self.unit = unit or 0.8 * room / max(float(q.value) for q in counts.values())
        parts: list[Animation] = []
        for way, quantity in counts.items():
            new = self.bar(way, float(quantity.value), self.unit)
            old: VMobject | None = self.bars.get(way)
            tokens = self.tokens[way]
            self.bars[way] = self.keep(new, 3)
            if old is not None:
                self.drop(old)
                parts.append(ReplacementTransform(old, new, run_time=run_time))
            elif len(tokens):
                self.drop(*tokens)
                parts.append(ReplacementTransform(VGroup(*tokens), new, run_time=run_time))
                self.tokens[way] = VGroup()
            else:
                parts.append(FadeIn(new, shift=0.2 * RIGHT, run_time=run_time))
            parts += self._write(way, quantity, run_time)
        return AnimationGroup(*parts)

    def note(self, way: str, phrase: Phrase) -> Animation:
        """A remark at the right end of a lane; in a narrow one it takes the place of the count."""
        track = self.tracks[way]
        if track.width < 4:
            old = self.numbers.pop(way)
            self.drop(old)
            x = min(track.right + 0.15 + phrase.width / 2, self.area.right - phrase.width / 2)
            phrase.move_to([x, float(track.center[1]), 0])
            return AnimationGroup(FadeOut(old), FadeIn(self.keep(phrase, 5)), run_time=0.6)
        phrase.move_to([track.right - 0.14 - phrase.width / 2, float(track.center[1]), 0])
        return FadeIn(self.keep(phrase, 5), shift=0.1 * LEFT, run_time=0.6)


class TapeBar(Figure):
    """The price of the reverse sweep: a strip with a cell for each step that is kept, and the bytes that they take. It
    stands under the lanes of `race`, as one more of them.

    Verb: `appear`.
    """

    def __init__(self, cost: Cost, theme: Theme, race: CostRace, y: float, name: str = "cost"):
        super().__init__(theme)
        area, (way, track) = race.area, list(race.tracks.items())[-1]
        self.label = Label("memory", theme.ink, race.labels[way].font_size)
        self.label.set_baseline(track.left - 0.3, y - 0.1, "right")
        quantity = replace(cost.quantity("bytes"), source=name)
        self.phrase = Phrase("{n} bytes", theme.ink, 28, "semibold", n=quantity)
        steps = len(cost.trace)
        pitch = min((area.right - track.left - self.phrase.width - 0.35) / steps, 0.9)
        height = min(0.46, race.height_of_bar + 0.14)
        self.cells = VGroup()
        for _ in range(steps):
            cell = slot(theme, pitch * 0.86, height, 0.06, rim=theme.value)
            cell.set_fill(mix(theme.value, theme.slot, 0.55), 1).set_stroke(theme.value, 2.2, 1.0)
            self.cells.add(cell)
        self.cells.arrange(buff=0.14 * pitch)
        row = VGroup(self.cells, self.phrase).arrange(buff=0.3)
        row.move_to([track.left + row.width / 2, y, 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A bar of the values that are kept for the way back: {self.wording(self.phrase)}."

    def appear(self, run_time: float = 1.4) -> Animation:
        """The cells fill from left to right, then the bytes."""
        self.keep(self.cells, 2), self.keep(VGroup(self.label, self.phrase), 3)
        cells = [FadeIn(cell, shift=0.12 * UP) for cell in self.cells]
        row = LaggedStart(*cells, lag_ratio=0.2)
        return LaggedStart(FadeIn(self.label), row, FadeIn(self.phrase), lag_ratio=0.5, run_time=run_time)
