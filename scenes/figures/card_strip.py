"""S1: cards – a title, a question, a claim with its source, the ring of the four moves, small cards in a row, a map of stops.

Invariants: at most twelve words stand on a card; a claim has its source chip. Icons are drawn by our own code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Arc,
    Circle,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Polygon,
    RoundedRectangle,
    Square,
    Transform,
    VGroup,
    VMobject,
)

from chainreel.engine import Quantity

from ..stage.area import Area
from ..stage.dial import Dial
from ..stage.dim import Dim
from ..stage.errors import StageError
from ..stage.glow import Glow
from ..stage.ledger import Printed
from ..stage.number import Number
from ..stage.parts import awaiting, chevron, panel, round_caps
from ..stage.theme import Theme, mix
from ..stage.type import Label
from .figure import Figure

MOST_WORDS = 12
MOVES = ("forward", "loss", "blame", "step")
ROLE = {"forward": "value", "loss": "loss", "blame": "slope", "step": "knob"}
PLACES = {"forward": 90.0, "loss": 0.0, "blame": -90.0, "step": 180.0}


def few_words(text: str) -> str:
    """The text of a card, refused above twelve words."""
    text = " ".join(text.split())
    if not text:
        raise StageError("a card is empty; say something on it or leave it out")
    count = len(text.split())
    if count > MOST_WORDS:
        raise StageError(f"'{text}' has {count} words; a card holds {MOST_WORDS}, so say it in two cards or shorter")
    return text


def wrapped(text: str, colour: str, size: float, width: float, weight: str = "medium", anchor: str = "middle") -> VGroup:
    """Lines of a text that are at most so wide, below each other; anchored left or in the middle. Our users' own words."""
    rows = _rows(text, colour, size, width, weight)
    narrow = width
    while len(rows) > 1 and narrow > 0.5 * width:  # lines of about the same length
        narrow *= 0.96
        tighter = _rows(text, colour, size, narrow, weight)
        if len(tighter) > len(rows):
            break
        rows = tighter
    lines = [Label(row, colour, size, weight, names=True) for row in rows]
    pitch = size / 72 * 1.28
    for k, line in enumerate(lines):
        line.sourced = True
        line.set_baseline(0, -k * pitch, anchor)
    return VGroup(*lines)


def _rows(text: str, colour: str, size: float, width: float, weight: str) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        trial = f"{rows[-1]} {word}" if rows else word
        if rows and Label(trial, colour, size, weight, names=True).width <= width:
            rows[-1] = trial
        else:
            rows.append(word)
    return rows


def fitted(text: str, colour: str, sizes: Sequence[float], width: float, most: int, weight: str, anchor: str) -> VGroup:
    """The text at the largest of some sizes at which it takes at most so many lines, none wider than `width`."""
    for size in sizes:
        made = wrapped(text, colour, size, width, weight, anchor)
        if len(made) <= most and made.width <= width + 1e-6:
            return made
    raise StageError(f"'{text}' does not fit on a card; say it shorter")


# Icons --------------------------------------------------------------------------------------------------------------


def icon(theme: Theme, move: str, size: float = 0.46) -> VGroup:
    """The sign of a move, `size` units from its middle to its side: → for values, ◆ for the loss, ‹‹‹ for blame, a dial."""
    if move not in MOVES:
        raise StageError(f"there is no move '{move}'; the moves are {', '.join(MOVES)}")
    colour = theme.role(ROLE[move])
    if move == "forward":
        ring = Circle(0.27 * size).set_stroke(colour, 4).set_fill(colour, 0.25).move_to([-0.72 * size, 0, 0])
        shaft = round_caps(Line([-0.72 * size, 0, 0], [0.45 * size, 0, 0]).set_stroke(colour, 5.5))
        tip = Polygon([0.32 * size, 0.36 * size, 0], [0.98 * size, 0, 0], [0.32 * size, -0.36 * size, 0])
        return VGroup(shaft, ring, tip.set_fill(colour, 1).set_stroke(width=0))
    if move == "loss":
        body = Square(1.15 * size).rotate(math.pi / 4).set_stroke(colour, 4).set_fill(colour, 0.25)
        stick = round_caps(Line([0, -0.36 * size, 0], [0, 0.36 * size, 0]).set_stroke(colour, 5.5))
        return VGroup(body, stick)
    if move == "blame":
        marks = VGroup()
        for k in range(3):
            mark = chevron(theme, 1.05 * size).rotate(math.pi).move_to([(k - 1) * 0.58 * size, 0, 0])
            marks.add(mark.set_fill(colour, 1.0 - 0.22 * k))
        return marks
    return VGroup(Dial(theme, 0.45, -1, 1, 0.92 * size))


class RecapRing(Figure):
    """The four moves on a ring: forward, loss, blame, step, and round again.

    Verbs: `appear`, `light(move)`, `rest`; or `gather(cards)` and `close`, which closes the ring round what is in it.
    """

    def __init__(self, theme: Theme, centre: np.ndarray | Sequence[float], radius: float = 1.8, moves: Sequence[str] = MOVES):
        super().__init__(theme)
        self.centre, self.radius, self.moves = np.array([centre[0], centre[1], 0.0]), radius, tuple(moves)
        self.knob = 0.38 * radius  # radius of a round
        self.rounds: dict[str, VGroup] = {}
        for move in self.moves:
            a = math.radians(PLACES[move])
            at = self.centre + radius * np.array([math.cos(a), math.sin(a), 0])
            plate = Circle(self.knob).set_fill([theme.panel, theme.panel_top], 1).set_sheen_direction([0, 1, 0])
            plate.set_stroke(mix(theme.rim, theme.ground, 0.2), 2.5)
            self.rounds[move] = VGroup(plate, icon(theme, move, 0.66 * self.knob)).move_to(at)
        self.arrows: dict[str, VGroup] = {}
        gap = 2 * math.asin(self.knob / 2 / radius) + 0.10
        for move in self.moves:
            start, end = math.radians(PLACES[move]) - gap, math.radians(PLACES[move]) - math.pi / 2 + gap
            arc = Arc(radius, start, end - start + 0.12).set_stroke(theme.ghost, 3).set_fill(opacity=0)
            point = radius * np.array([math.cos(end), math.sin(end), 0])
            way = np.array([math.sin(end), -math.cos(end), 0])
            side = np.array([math.cos(end), math.sin(end), 0])
            base = point - 0.17 * way
            tip = Polygon(base + 0.105 * side, point + 0.05 * way, base - 0.105 * side)
            tip.set_fill(theme.ghost, 1).set_stroke(width=0)
            self.arrows[move] = VGroup(arc, tip).shift(self.centre)
        self.lit: str | None = None
        self.glow: Glow | None = None
        self.word: Label | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A ring of moves, one after the other: {self.listed(self.moves)}."

    def appear(self, run_time: float = 1.2) -> LaggedStart:
        """The rounds and the arrows between them, in the order of the loop."""
        shows = []
        for move in self.moves:
            shows.append(FadeIn(self.keep(self.rounds[move], 3), scale=0.7))
            shows.append(FadeIn(self.keep(self.arrows[move], 2)))
        return LaggedStart(*shows, lag_ratio=0.25, run_time=run_time)

    def gather(self, cards: Sequence[MoveCard], run_time: float = 1.4) -> AnimationGroup:
        """Cards of the moves become its rounds; their words go."""
        flights: list[Animation] = [FadeOut(card.word, run_time=0.4 * run_time) for card in cards]
        for card in cards:
            flights += [Transform(card.plate, self.rounds[card.move][0]), Transform(card.sign, self.rounds[card.move][1])]
            self.rounds[card.move] = self.keep(VGroup(card.plate, card.sign), 3)
        return AnimationGroup(*flights, run_time=run_time)

    def close(self, run_time: float = 1.2) -> LaggedStart:
        """Arrow after arrow, from the first move to the last and back to the first: the ring is closed."""
        shows = []
        for move in self.moves:
            arrow = self.keep(self.arrows[move], 2)
            arrow[0].set_stroke(self.theme.ink)
            arrow[1].set_fill(self.theme.ink, 1)
            shows.append(AnimationGroup(Create(arrow[0]), FadeIn(arrow[1])))
        return LaggedStart(*shows, lag_ratio=0.7, run_time=run_time)

    def light(self, move: str, run_time: float = 0.7, *, word: bool = True) -> AnimationGroup:
        """One move glows, its name stands in the middle, the arrow that leads to it is bright; the others wait."""
        theme, moves = self.theme, []
        colour = theme.role(ROLE[move])
        for name, round_ in self.rounds.items():
            goal = round_.copy()
            on = name == move
            base = theme.ground if theme.dark else "#FFFFFF"
            low, top = (mix(base, colour, s) for s in theme.disc_mix) if on else (theme.panel, theme.panel_top)
            goal[0].set_fill([low, top], 1)
            goal[0].set_stroke(colour if on else mix(theme.rim, theme.ground, 0.2), 4 if on else 2.5)
            for part, shown in zip(self._faded(name), goal[1].get_family(), strict=True):
                shown.set_fill(opacity=part[0] * (1.0 if on else 0.6), family=False)
                shown.set_stroke(opacity=part[1] * (1.0 if on else 0.6), family=False)
            moves.append(Transform(round_, goal))
        into = self.moves[self.moves.index(move) - 1]
        for name, arrow in self.arrows.items():
            shade = theme.ink if name == into else theme.ghost
            goal = arrow.copy()
            goal[0].set_stroke(shade, 3)
            goal[1].set_fill(shade, 1)
            moves.append(Transform(arrow, goal))
        going = [FadeOut(p, run_time=0.5 * run_time) for p in (self.glow, self.word) if p is not None]
        self.drop(*(p for p in (self.glow, self.word) if p is not None))
        self.glow = self.keep(Glow(colour, 4.6 * self.knob, 4.6 * self.knob, 0.42 * theme.glow))
        self.glow.move_to(self.rounds[move][0].get_center())
        moves.append(FadeIn(self.glow))
        self.word = None
        if word:
            self.word = self.keep(Label(move, theme.tint(ROLE[move]), 30 if self.radius >= 1.5 else 26, "semibold"), 4)
            self.word.move_to(self.centre)
            moves.append(FadeIn(self.word))
        self.lit = move
        return AnimationGroup(*moves, *going, run_time=run_time)

    def _faded(self, move: str) -> list[tuple[float, float]]:
        known = getattr(self.rounds[move], "full_look", None)
        if known is None:
            family = self.rounds[move][1].get_family()
            known = self.rounds[move].full_look = [(p.get_fill_opacity(), p.get_stroke_opacity()) for p in family]
        return known

    def rest(self, run_time: float = 0.6) -> AnimationGroup:
        """No move is lit, all are clear."""
        moves = []
        for name, round_ in self.rounds.items():
            goal = round_.copy()
            goal[0].set_fill([self.theme.panel, self.theme.panel_top], 1)
            goal[0].set_stroke(mix(self.theme.rim, self.theme.ground, 0.2), 2.5)
            for part, shown in zip(self._faded(name), goal[1].get_family(), strict=True):
                shown.set_fill(opacity=part[0], family=False).set_stroke(opacity=part[1], family=False)
            moves.append(Transform(round_, goal))
        going = [FadeOut(p) for p in (self.glow, self.word) if p is not None]
        self.drop(*(p for p in (self.glow, self.word) if p is not None))
        self.glow = self.word = self.lit = None
        return AnimationGroup(*moves, *going, run_time=run_time)


class MoveCard(VGroup):
    """A move on a card that lies face down until somebody remembers it. Verb: `turn`."""

    card = True

    def __init__(self, theme: Theme, move: str, place: Area):
        super().__init__()
        self.theme, self.move = theme, move
        self.plate = panel(theme, place.width, place.height).move_to(place.center)
        self.mark = Label("?", theme.muted, 72, "semibold").move_to(place.center)
        self.sign = icon(theme, move, 0.24 * place.width).move_to(place.center + [0, 0.14 * place.height, 0])
        self.word = Label(move, theme.tint(ROLE[move]), 34, "semibold")
        self.word.set_baseline(float(place.center[0]), float(place.center[1]) - 0.34 * place.height, "middle")
        self.add(self.plate, self.mark)
        self.set_z_index(2)

    def turn(self, run_time: float = 0.7) -> AnimationGroup:
        """It shows its face."""
        lit = self.plate.copy()
        base = self.theme.ground if self.theme.dark else "#FFFFFF"
        colour = self.theme.role(ROLE[self.move])
        low, top = (mix(base, colour, s) for s in (0.06, 0.16))  # darker than a round: its word stands on it
        lit.set_fill([low, top], 1).set_stroke(colour, 3.5)
        self.remove(self.mark)
        self.add(self.sign, self.word)
        for part in (*self.sign.get_family(), self.word):
            part.set_z_index(3)
        return AnimationGroup(
            Transform(self.plate, lit), FadeOut(self.mark, run_time=0.5 * run_time), FadeIn(self.sign, scale=0.7),
            FadeIn(self.word, shift=0.12 * UP), run_time=run_time,
        )  # fmt: skip


class SmallPage(Figure):
    """A published paper, as small as a sign: its year, and grey lines for the rest. Verb: `land`."""

    card = True

    def __init__(self, theme: Theme, year: Quantity, at: np.ndarray | Sequence[float], side: float = 1.8):
        super().__init__(theme)
        page = theme.ink if theme.dark else "#FFFFFF"
        text = theme.ground if theme.dark else theme.ink
        plate = RoundedRectangle(corner_radius=0.06, width=0.88 * side, height=side).set_fill(page, 1)
        plate.set_stroke(mix(theme.rim, theme.ink, 0.4), 1.6)
        number = Number(year, text, 36, "bold", decimals=0).move_to([0, 0.25 * side, 0])
        number.ground = page
        lines = VGroup()
        for k in range(5):
            long = (0.62 if k < 4 else 0.38) * side
            line = Line([-0.31 * side, 0, 0], [-0.31 * side + long, 0, 0]).shift([0, (-0.04 - 0.085 * k) * side, 0])
            lines.add(round_caps(line.set_stroke(mix(page, text, 0.30), 3)))
        self.page = VGroup(plate, lines, number).move_to([at[0], at[1], 0])

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"The page of a paper: {self.wording(self.page)}")

    def land(self, run_time: float = 0.8) -> FadeIn:
        """It comes down to its place."""
        return FadeIn(self.keep(self.page, 6), shift=0.4 * DOWN, scale=1.1, run_time=run_time)


# Cards --------------------------------------------------------------------------------------------------------------


class SourceChip(VGroup):
    """`source` and where a claim was read, lower left in its area. Lines wrap where the frame is narrow.

    Of several side by side only the first needs its `head`.
    """

    card = True

    def __init__(self, theme: Theme, text: str, area: Area, head: bool = True):
        super().__init__()
        if not text.strip():
            raise StageError("a claim is shown with its source or not at all")
        word = Label("source", theme.muted, 24, names=True)
        aside = word.width + 0.24 if head else 0.0
        words = wrapped(text.strip(), theme.ink, 24, area.width - aside - 0.51, "medium", "left")
        words.shift([aside, 0, 0])
        word.set_baseline(0, 0)
        text_ = VGroup(word, words) if head else VGroup(words)
        box = RoundedRectangle(corner_radius=0.09, width=text_.width + 0.48, height=text_.height + 0.30)
        box.set_fill(theme.panel if theme.dark else "#FFFFFF", 0.95).set_stroke(mix(theme.rim, theme.ground, 0.2), 1.6)
        box.move_to(text_.get_center())
        self.add(box, text_)
        self.text = self.cites = text.strip()
        self.shift([area.left - box.get_left()[0], area.bottom - box.get_bottom()[1], 0])


class TitleCard(Figure):
    """A chapter: its number, its title, a line below, and the ring with the move that it is about. Verb: `appear`."""

    card = True

    def __init__(
        self, theme: Theme, area: Area, title: str, subtitle: str = "", number: Quantity | None = None, move: str = "blame",
        wide: bool = True,
    ):  # fmt: skip
        super().__init__(theme)
        few_words(title + " " + subtitle)
        colour = theme.role(ROLE[move])
        if wide:
            left, right = area.columns(0.46, 0.54, gap=0.5)
            radius = min(left.width / 2 / 1.42, left.height / 2 / 1.42, 1.8)
            self.ring = RecapRing(theme, left.center, radius)
        else:
            top, right = area.rows(0.52, 0.48, gap=0.3)
            radius = min(top.width / 2 / 1.42, top.height / 2 / 1.42, 1.8)
            self.ring = RecapRing(theme, top.center, radius)
        self.move = move
        parts: list[tuple[VMobject, float]] = []  # each with the room above it
        if number is not None:
            parts.append((Number(number, colour, 96, "bold", decimals=0), 0.0))
        parts.append((fitted(title, theme.ink, (56, 48, 42, 36), right.width, 2, "semibold", "left"), 0.34))
        if subtitle:
            parts.append((fitted(subtitle, theme.muted, (32, 30, 28), right.width, 2, "regular", "left"), 0.34))
        rule = round_caps(Line([0, 0, 0], [1.2, 0, 0]).set_stroke(colour, 4))
        parts.append((rule, 0.5))
        height = sum(p.height + gap for p, gap in parts) - parts[0][1]
        y = min(float(right.center[1]) + height / 2, right.top)
        self.lines = VGroup()
        for k, (part, gap) in enumerate(parts):
            y -= gap if k else 0.0
            part.shift([right.left - part.get_left()[0], y - part.get_top()[1], 0])
            y -= part.height
            self.lines.add(part)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"A title: {self.wording(self.lines)}")

    def appear(self, run_time: float = 1.4) -> list:
        """The ring, then its move and the words."""
        self.keep(self.ring)
        ring = self.ring.appear(run_time)
        self.keep(self.lines, 4)
        words = LaggedStart(*(FadeIn(p, shift=0.12 * UP) for p in self.lines), lag_ratio=0.25)
        return [ring, AnimationGroup(self.ring.light(self.move), words, run_time=1.0)]


class QuestionCard(Figure):
    """One question in the middle, and time to answer it. Verb: `appear`."""

    card = True

    def __init__(self, theme: Theme, area: Area, text: str):
        super().__init__(theme)
        text = few_words(text)
        self.words = fitted(text, theme.ink, (52, 46, 40, 34), min(area.width, 10.6), 4, "semibold", "middle")
        self.words.move_to(area.center)
        self.pool = Glow.pool(theme, 0.8 * min(area.width, 9.0), 3.0).move_to(area.center)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A question on the screen: {self.wording(self.words)}"

    def appear(self, run_time: float = 1.0) -> AnimationGroup:
        """The words, line by line, in the light."""
        self.keep(self.pool), self.keep(self.words, 4)
        lines = LaggedStart(*(FadeIn(w, shift=0.1 * UP) for w in self.words), lag_ratio=0.3)
        return AnimationGroup(FadeIn(self.pool), lines, run_time=run_time)


class ClaimCard(Figure):
    """A published number, what it counts, a row of dials that goes on beyond the frame, and the source chip. Verb: `appear`.

    `number` is what stands large, `printed` its provenance; both may be empty for a claim in words.
    """

    card = True

    def __init__(self, theme: Theme, area: Area, number: str, text: str, source: str, printed: Sequence[Printed] = ()):
        super().__init__(theme)
        few_words(f"{number} {text}".strip())
        chip = SourceChip(theme, source, area)
        room = Area(area.left, area.right, chip.get_top()[1] + 0.25, area.top)
        middle = room.center[0]
        parts: list[tuple[VMobject, float]] = []
        if number:
            big = fitted(number, theme.knob, (104, 92, 76, 60, 46, 36, 30), room.width, 1, "semibold", "middle")
            big[0].provenance = list(printed)
            parts.append((big, 0.0))
        if text:
            sizes = (42, 36, 32) if number else (48, 42, 36)
            one_line = min(room.width, 12.0)
            try:
                words = fitted(text, theme.ink, sizes, one_line, 1 if number else 2, "medium", "middle")
            except StageError:
                words = fitted(text, theme.ink, sizes, one_line, 4, "medium", "middle")
            parts.append((words, 0.48))
            if not number:
                parts[-1][0][0].provenance = list(printed)
        self.dials = dial_row(theme, 2 * max(abs(area.left), area.right) + 1.4)
        parts.append((self.dials, 0.62))
        height = sum(p.height + gap for p, gap in parts) - parts[0][1]
        y = float(room.center[1]) + height / 2
        for k, (part, gap) in enumerate(parts):
            y -= gap if k else 0.0
            part.shift([middle - part.get_center()[0], y - part.get_top()[1], 0])
            y -= part.height
        self.words = VGroup(*(p for p, _ in parts[:-1]))
        self.chip = chip
        self.pool = Glow.pool(theme, 7.0, 3.0).move_to(self.words.get_center())

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"A claim with its source: {self.ended(self.wording(self.words))} {self.wording(self.chip)}")

    def appear(self, run_time: float = 1.4) -> list:
        """The number and what it counts; the dials; the source."""
        self.keep(self.pool), self.keep(self.words, 4)
        first = AnimationGroup(
            FadeIn(self.pool), LaggedStart(*(FadeIn(w, shift=0.1 * UP) for w in self.words), lag_ratio=0.4), run_time=run_time
        )
        self.keep(self.dials, 2)
        middle = len(self.dials) // 2
        order = sorted(range(len(self.dials)), key=lambda k: abs(k - middle))
        row = LaggedStart(*(FadeIn(self.dials[k]) for k in order), lag_ratio=0.06, run_time=1.0)
        chip = FadeIn(self.keep(self.chip, 4), shift=0.2 * RIGHT)
        return [first, AnimationGroup(row, chip)]


def dial_row(theme: Theme, width: float, pitch: float = 0.78) -> VGroup:
    """A row of dials at all angles that fades out at both ends."""
    count = 2 * int(width / pitch / 2) + 1
    row = VGroup()
    for k in range(count):
        value = math.sin(2.4 * k + 0.9) * 0.85
        dial = Dial(theme, value, -1, 1, 0.26).move_to([(k - count // 2) * pitch, 0, 0])
        far = abs(k - count // 2) / max(count // 2, 1)
        strength = min(1.0, 2.2 * (1.02 - far))
        for part in dial.get_family():
            part.set_fill(opacity=part.get_fill_opacity() * strength, family=False)
            part.set_stroke(opacity=part.get_stroke_opacity() * strength, family=False)
        row.add(dial)
    return row


class CardStrip(Figure):
    """Small cards in a row (below each other where the frame is narrow), each with a text and an icon of its own.

    Verbs: `appear`, `slots`, `show(k)`, `focus(k)`.
    """

    card = True

    def __init__(self, theme: Theme, area: Area, texts: Sequence[str], icons: Sequence[str] = (), wide: bool = True):
        super().__init__(theme)
        texts = [few_words(t) for t in texts]
        n = len(texts)
        if not 1 <= n <= 6:
            raise StageError(f"a strip has {n} cards; it can have one to six")
        if wide and n > 4:
            rooms = [c for row in area.rows(1, 1, gap=0.4) for c in row.columns(*[1] * -(-n // 2), gap=0.4)][:n]
        elif wide:
            rooms = list(area.columns(*[1] * n, gap=0.4))
        else:
            rooms = list(area.rows(*[1] * n, gap=0.3))
        self.cards: list[VGroup] = []
        for k, (text, room) in enumerate(zip(texts, rooms, strict=True)):
            height = min(room.height, 2.6 if wide else 1.9)
            plate = panel(theme, min(room.width, 5.2 if wide else 7.0), height).move_to(room.center)
            (left, low, _), (right, high, _) = plate.get_corner([-1, -1, 0]), plate.get_corner([1, 1, 0])
            inside = Area(left, right, low, high).inset(0.28, 0.22)
            sign = icon(theme, icons[k], 0.34) if k < len(icons) and icons[k] else None
            lane = inside
            if sign is not None:
                if wide:
                    head, lane = inside.cut_top(0.8, gap=0.1)
                else:
                    head, lane = inside.cut_left(0.9, gap=0.2)
                sign.move_to(head.center)
            words = fitted(text, theme.ink, (42, 38, 34, 30, 27, 24), lane.width, 4, "medium", "middle").move_to(lane.center)
            self.cards.append(VGroup(plate, words, *([sign] if sign is not None else [])))

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"{self.counted(self.cards, 'card')}: {'; '.join(self.wording(card) for card in self.cards)}")

    def show(self, k: int, run_time: float = 0.7) -> FadeIn:
        """One card."""
        return FadeIn(self.keep(self.cards[k], 2), shift=0.15 * DOWN, run_time=run_time)

    def slots(self, run_time: float = 0.9) -> FadeIn:
        """A dashed place for each card: so many are to come."""
        self.places = VGroup(*(awaiting(self.theme, card[0], "ghost", 40) for card in self.cards))
        return FadeIn(self.keep(self.places, 1), run_time=run_time)

    def focus(self, k: int, run_time: float = 0.7) -> list[Animation]:
        """Card k comes to its place, the one before it is dimmed; together."""
        place, before = self.places[0], [Dim(self.cards[k - 1], run_time=run_time)] if k else []
        self.places.remove(place)
        return [self.show(k, run_time), FadeOut(place, run_time=run_time), *before]

    def appear(self, run_time: float = 1.4) -> LaggedStart:
        """All cards, one after the other."""
        return LaggedStart(*(self.show(k) for k in range(len(self.cards))), lag_ratio=0.3, run_time=run_time)


class RouteMap(Figure):
    """The stops of a film on a line, and a marker on the one where we are. Verbs: `appear`, `go(k)`."""

    card = True

    def __init__(self, theme: Theme, area: Area, stops: Sequence[str], wide: bool = True):
        super().__init__(theme)
        if not 2 <= len(stops) <= 7:
            raise StageError(f"a map has {len(stops)} stops; it can have two to seven")
        few_words(" ".join(stops))
        n = len(stops)
        cx, cy = area.center[:2]
        if wide:
            pitch = min(area.width / n, 2.6)
            self.places = [np.array([cx + (k - (n - 1) / 2) * pitch, cy, 0]) for k in range(n)]
        else:
            pitch = min(area.height / n, 1.5)
            self.places = [np.array([area.left + 0.8, cy - (k - (n - 1) / 2) * pitch, 0]) for k in range(n)]
        self.line = Line(self.places[0], self.places[-1]).set_stroke(mix(theme.rim, theme.muted, 0.3), 3)
        self.dots = VGroup(
            *(Circle(0.15).set_fill(theme.panel, 1).set_stroke(theme.muted, 3).move_to(p) for p in self.places)
        )
        self.names = VGroup()
        for stop, at in zip(stops, self.places, strict=True):
            name = Label(stop, theme.ink, 26 if wide else 30, names=True)
            name.sourced = True
            name.move_to(at + ([0, -0.55, 0] if wide else [0.45 + name.width / 2, 0, 0]))
            self.names.add(name)
        self.marker = VGroup(
            Glow(theme.knob, 1.3, 1.3, 0.4 * theme.glow), Circle(0.22).set_fill(theme.knob, 1).set_stroke(theme.ground, 2.5)
        )
        self.at: int | None = None

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return f"A map with {self.counted(self.names, 'stop')}: {self.listed(self.wording(name) for name in self.names)}."

    def appear(self, run_time: float = 1.6) -> AnimationGroup:
        """The line, and its stops from the first to the last."""
        self.keep(self.line, 1), self.keep(self.dots, 2), self.keep(self.names, 3)
        pairs = (AnimationGroup(FadeIn(d, scale=0.5), FadeIn(n)) for d, n in zip(self.dots, self.names, strict=True))
        return AnimationGroup(Create(self.line), LaggedStart(*pairs, lag_ratio=0.25), run_time=run_time)

    def go(self, k: int, run_time: float = 1.0) -> AnimationGroup:
        """The marker on a stop."""
        if not 0 <= k < len(self.places):
            raise StageError(f"the map has {len(self.places)} stops, not a stop {k + 1}")
        if self.at is None:
            self.marker.move_to(self.places[k])
            moves = [FadeIn(self.keep(self.marker, 4), scale=0.4)]
        else:
            moves = [self.marker.animate.move_to(self.places[k])]
        self.at = k
        return AnimationGroup(*moves, run_time=run_time)


__all__ = [
    "MOVES", "CardStrip", "ClaimCard", "MoveCard", "QuestionCard", "RecapRing", "RouteMap", "SmallPage", "SourceChip",
    "TitleCard", "dial_row", "few_words", "fitted", "icon", "wrapped",
]  # fmt: skip
