"""S22: a time line – a tick for every year, a card for each in turn, and the source of each in small print.

Reads Claims. Invariants: every tick has a source; ticks stand in the order of their years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import (
    Animation,
    AnimationGroup,
    ApplyFunction,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Rectangle,
    VGroup,
    VMobject,
)

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.number import Number, Phrase
from ..stage.parts import awaiting, panel
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .card_strip import SourceChip, few_words, fitted
from .figure import Figure

MOST = 9


@dataclass(frozen=True)
class Tick:
    """One event: its year and the years since the one before (engine quantities), who, what, and where that was read."""

    year: Quantity
    text: str
    source: str
    who: str = ""
    gap: Quantity | None = None


class Timeline(Figure):
    """Events along a line, evenly spaced; the years between two neighbours stand between them. On a tall or square frame the
    line runs downwards at the left. Verbs: `appear` (the line and its ticks), `tell(k)` (its card), `overview`;
    or `begin(k)` and `reach_back` (told backwards, without cards).
    """

    def __init__(self, theme: Theme, ticks: Sequence[Tick], area: Area, wide: bool = True):
        super().__init__(theme)
        if not 2 <= len(ticks) <= MOST:
            raise StageError(f"a time line has {len(ticks)} events; it can have two to {MOST}")
        for tick in ticks:
            if not tick.source.strip():
                raise StageError(f"'{tick.text}' names no source; every tick of a time line has one")
            few_words(tick.text)
        values = [float(t.year.value) for t in ticks]
        if values != sorted(values):
            raise StageError("the years of a time line run forward")
        self.ticks, self.area, self.wide = list(ticks), area, wide
        n = len(ticks)
        if wide:
            y = area.bottom + 0.72
            left, right = area.left + 0.75, area.right - 0.75
            self.places = [np.array([left + (right - left) * k / (n - 1), y, 0]) for k in range(n)]
            self.room = Area(area.left, area.right, y + 0.62, area.top)
        else:
            x = area.left + 1.75
            top, bottom = area.top - 0.35, area.bottom + 0.35
            self.places = [np.array([x, top - (top - bottom) * k / (n - 1), 0]) for k in range(n)]
            self.room = Area(x + 0.65, area.right, area.bottom, area.top)
        rim = mix(theme.rim, theme.muted, 0.5)
        self.line = Line(self.places[0], self.places[-1]).set_stroke(rim, 3)
        self.dots = VGroup(*(Circle(0.11).set_fill(theme.slot, 1).set_stroke(theme.muted, 3).move_to(p) for p in self.places))
        self.years, self.gaps, self.names = VGroup(), VGroup(), VGroup()
        for k, (tick, at) in enumerate(zip(ticks, self.places, strict=True)):
            year = Number(tick.year, theme.muted, 28, "semibold", decimals=0)
            year.move_to(at + ([0, -0.42, 0] if wide else [-0.35 - year.width / 2, 0, 0]))
            self.years.add(year)
            if tick.gap is not None and tick.gap.value:
                middle = (self.places[k - 1] + at) / 2
                space = float(np.hypot(*(at - self.places[k - 1])[:2]))
                words = Phrase("{g} years" if tick.gap.value != 1 else "{g} year", theme.muted, 22, decimals=0, g=tick.gap)
                if wide and words.width > space - 0.5:
                    words = Phrase("{g}", theme.muted, 22, decimals=0, g=tick.gap)
                if wide or space > 0.9:
                    words.move_to(middle + ([0, 0.26, 0] if wide else [-0.30 - words.width / 2, 0, 0]))
                    self.gaps.add(words)
        self.card: VGroup | None = None
        self.at: int | None = None
        self.stem: VMobject | None = None
        self.lift = np.array([0.0, float(area.center[1]) - self.places[0][1] if wide else 0.0, 0.0])
        self.spine = VGroup(self.line, self.dots, self.years, self.gaps)
        self.spine.shift(self.lift)  # alone it stands in the middle; under cards it makes room
        self.places = [p + self.lift for p in self.places]
        self.raised = True
        self.blanks = VGroup(*(self._blank(k) for k in range(n)))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        events = "; ".join(f"{self.told(t.year)}, {t.text}" for t in self.ticks)
        return self.ended(f"A time line with {self.counted(self.ticks, 'event')}: {events}")

    # Verbs ----------------------------------------------------------------------------------------------------------

    def appear(self, run_time: float = 1.6) -> AnimationGroup:
        """The line, and a tick for every year; between them, how many years."""
        self.keep(self.line, 1), self.keep(self.dots, 3), self.keep(self.years, 3), self.keep(self.gaps, 2)
        self.keep(self.blanks, 2)
        pairs = (AnimationGroup(FadeIn(d, scale=0.5), FadeIn(y)) for d, y in zip(self.dots, self.years, strict=True))
        return AnimationGroup(
            Create(self.line), LaggedStart(*pairs, lag_ratio=0.2), LaggedStart(*map(FadeIn, self.blanks), lag_ratio=0.2),
            *([FadeIn(self.gaps)] if len(self.gaps) else []),
            run_time=run_time,
        )  # fmt: skip

    def _move(self, up: bool) -> list[Animation]:
        if self.raised == up or not self.lift.any():
            return []
        self.raised = up
        way = self.lift if up else -self.lift
        self.places = [p + way for p in self.places]
        return [self.spine.animate.shift(way)]

    def make_room(self, run_time: float = 1.3) -> AnimationGroup | None:
        """The line goes down, so that cards can stand on it, and the blanks go; None where nothing changes."""
        moves = self._move(up=False)
        if self.blanks in self.submobjects:
            self.drop(self.blanks)
            moves.append(FadeOut(self.blanks))
        return AnimationGroup(*moves, run_time=run_time) if moves else None

    def tell(self, k: int, run_time: float = 1.0) -> list[Animation]:
        """The card of one event, on a stem from its tick; the card before goes back to its own."""
        theme, at = self.theme, self.places[k]
        going: list[Animation] = []
        if self.card is not None and self.at is not None:
            old = self.places[self.at]
            going = [FadeOut(self.card, target_position=old, scale=0.15), FadeOut(self.stem)]
            going += [self._mark(self.at, theme.muted)]
            self.drop(self.card, self.stem)
        self.card = self.keep(self._card(k), 5)
        low = self.card.get_bottom()[1] if self.wide else float(at[1])
        if self.wide:
            self.stem = Line([at[0], at[1] + 0.15, 0], [at[0], low - 0.02, 0])
        else:
            self.stem = Line([at[0] + 0.15, at[1], 0], [self.card.get_left()[0] - 0.02, at[1], 0])
        self.stem.set_stroke(theme.ink, 2, 0.8)
        self.keep(self.stem, 2)
        self.at = k
        new = AnimationGroup(
            Create(self.stem), FadeIn(self.card, target_position=at, scale=0.15), self._mark(k, theme.ink), run_time=run_time
        )
        return [AnimationGroup(*going, run_time=0.6), new] if going else [new]

    def overview(self, run_time: float = 0.9) -> list[Animation]:
        """No card: the whole line, with who stands at each tick where there is room."""
        going: list[Animation] = []
        if self.card is not None:
            going = [FadeOut(self.card, target_position=self.places[self.at or 0], scale=0.15), FadeOut(self.stem)]
            self.drop(self.card, self.stem)
            self.card = self.stem = None
        acts: list[Animation] = [AnimationGroup(*going, run_time=0.6)] if going else []
        moves = self._move(up=True)
        if moves:
            acts.append(AnimationGroup(*moves, run_time=1.2))
        if self.at is not None:
            acts.append(AnimationGroup(self._mark(self.at, self.theme.muted), run_time=0.3))
        self.names = VGroup()
        room = float(self.places[1][0] - self.places[0][0]) if self.wide else self.room.width
        found = {k: name for k, tick in enumerate(self.ticks) if (name := self._who(tick)) is not None}
        narrow = any(name.width > room - 0.2 for name in found.values())  # then every other name stands higher, on a stem
        for k, name in found.items():
            at = self.places[k]
            if not self.wide:
                self.names.add(name.move_to(at + np.array([0.45 + name.width / 2, 0, 0])))
                continue
            up = 1.4 if narrow and k % 2 else 0.72
            x = min(max(float(at[0]), self.area.left + name.width / 2), self.area.right - name.width / 2)
            name.set_baseline(x, at[1] + up, "middle")
            stem = Line(at + [0, 0.14, 0], [at[0], at[1] + up - 0.12, 0]).set_stroke(self.theme.muted, 2, 0.55)
            self.names.add(VGroup(stem, name) if up > 1 else name)
        if len(self.names):
            self.keep(self.names, 4)
            acts.append(LaggedStart(*(FadeIn(n) for n in self.names), lag_ratio=0.15, run_time=run_time))
        return acts

    # Told backwards: the famous one first, then what is older ---------------------------------------------------------

    def begin(self, k: int, run_time: float = 0.8) -> AnimationGroup:
        """One tick alone, lit."""
        self.at = k
        dot, year = self.keep(self.dots[k], 3), self.keep(self.years[k], 3)
        year.set_fill(self.theme.ink, 1)
        dot.set_fill(self.theme.knob, 1).set_stroke(self.theme.ink, 3)
        return AnimationGroup(FadeIn(dot, scale=0.3), FadeIn(year), run_time=run_time)

    def reach_back(self, rise: float = 0.85, run_time: float = 2.4) -> LaggedStart:
        """From the lit tick the line runs back to all that are older: a year, a light, the name on a stem, higher with age."""
        assert self.at is not None and self.wide
        theme, shows = self.theme, []
        self.back, self.stems, self.lights = VGroup(), VGroup(), VGroup()
        for step, k in enumerate(range(self.at - 1, -1, -1), 1):
            here, there = self.places[k], self.places[k + 1]
            piece = Line(there - [0.12, 0, 0], here + [0.12, 0, 0]).set_stroke(self.line.get_stroke_color(), 3)
            up = here + np.array([0, 0.24 + rise * (step - 1), 0])
            stem = Line(here + [0, 0.12, 0], up).set_stroke(theme.muted, 2, 0.55)
            who = self.ticks[k].who.split(",")[0]
            name = Label(who, theme.ink, 30, "medium", names=True).move_to(up + [0, 0.24, 0])
            name.sourced = True
            light = Glow(theme.pool, 1.7, 1.7, 0.30 * theme.glow).move_to(here)
            self.back.add(piece), self.stems.add(stem), self.names.add(name), self.lights.add(light)
            for part, z in ((light, -5), (piece, 1), (stem, 2), (self.dots[k], 3), (self.years[k], 3), (name, 4)):
                self.keep(part, z)
            tick = (FadeIn(self.dots[k], scale=0.5), FadeIn(self.years[k]), FadeIn(light), Create(stem), FadeIn(name))
            shows.append(LaggedStart(Create(piece), AnimationGroup(*tick), lag_ratio=0.35))
        return LaggedStart(*shows, lag_ratio=0.45, run_time=run_time)

    # Parts ----------------------------------------------------------------------------------------------------------

    def _who(self, tick: Tick) -> Label | None:
        """The first name of a tick's people, and whether there are more."""
        who = tick.who.replace(", ", ",").split(",")
        if not who[0]:
            return None
        name = Label(who[0] + (" et al." if len(who) > 1 else ""), self.theme.ink, 28 if self.wide else 26, names=True)
        name.sourced = True
        return name

    def _blank(self, k: int) -> VGroup:
        """An empty card beside its tick: something is to come there. Neighbours stand on both sides of a line that lies."""
        theme, at = self.theme, self.places[k]
        room = float(np.hypot(*(self.places[1] - self.places[0])[:2]))
        if self.wide:
            up = 1 if k % 2 == 0 else -1
            size = min(1.75 * room, 2.6), 1.25
            x = min(max(float(at[0]), self.area.left + size[0] / 2), self.area.right - size[0] / 2)
            middle = np.array([x, at[1] + (1.45 if up > 0 else -1.7), 0])
        else:
            size = min(self.room.width, 3.6), min(0.72 * room, 1.1)
            middle = np.array([self.room.left + size[0] / 2, at[1], 0])
        plate = awaiting(theme, Rectangle(width=size[0], height=size[1]), "value", 30).move_to(middle)
        return VGroup(plate.set_stroke(theme.rim, 2.4), Label("?", theme.muted, 30, "semibold").move_to(middle))

    def _mark(self, k: int, colour: str) -> AnimationGroup:
        dot, year = self.dots[k], self.years[k]
        fill = self.theme.knob if colour == self.theme.ink else self.theme.slot
        return AnimationGroup(  # not `animate`: it would aim at where they stand now, though they may move before
            ApplyFunction(lambda m: m.set_fill(fill, 1).set_stroke(colour, 3), dot),
            ApplyFunction(lambda m: m.set_fill(colour, 1), year),
        )

    def _card(self, k: int) -> VGroup:
        """The card at the largest size that its room holds."""
        for size in (64, 52, 42, 34):
            card = self._card_at(k, size)
            if card.height <= self.room.height:
                break
        return card

    def _card_at(self, k: int, size: float) -> VGroup:
        """Year, who, what, and the source: on a panel that stands over its tick as far as the frame allows."""
        theme, tick = self.theme, self.ticks[k]
        width = min(6.4, self.room.width) if self.wide else self.room.width
        inside = width - 0.7
        rows: list[tuple[VMobject, float]] = [(Number(tick.year, theme.knob, size, "semibold", decimals=0), 0.0)]
        if tick.who:
            rows.append((fitted(tick.who, theme.ink, (36, 32, 28, 26)[int(size < 60) :], inside, 2, "semibold", "left"), 0.26))
        rows.append((fitted(tick.text, theme.ink, (32, 30, 27, 24)[int(size < 60) :], inside, 4, "regular", "left"), 0.24))
        height = sum(r.height + gap for r, gap in rows) + 0.6
        lane = Area(0, inside, 0, 1)
        chip = SourceChip(theme, tick.source, lane)
        height += chip.height + 0.3
        plate = panel(theme, width, height, 0.18)
        if self.wide:
            x = min(max(float(self.places[k][0]), self.room.left + width / 2), self.room.right - width / 2)
            plate.move_to([x, self.room.bottom + 0.35 * max(self.room.height - height, 0) + height / 2, 0])
        else:
            y = float(self.places[k][1])
            y = min(max(y, self.room.bottom + height / 2), self.room.top - height / 2)
            plate.move_to([self.room.left + width / 2, y, 0])
        left, y = plate.get_left()[0] + 0.35, plate.get_top()[1] - 0.3
        for row, gap in rows:
            y -= gap
            row.shift([left - row.get_left()[0], y - row.get_top()[1], 0])
            y -= row.height
        chip.shift([left - chip.get_left()[0], y - 0.3 - chip.get_top()[1], 0])
        card = VGroup(plate, *(r for r, _ in rows), chip)
        card.card = True
        return card


__all__ = ["Tick", "Timeline"]
