"""The clip `timeline`: where the pieces come from, year by year, each with its source."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from manim import FadeIn, FadeOut

from chainreel.engine import EngineError
from chainreel.engine.claims import HISTORY, TABLE, Claims

from ..figures.timeline import MOST, Tick
from ..figures.timeline import Timeline as Line
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from .clip import Clip

Row = tuple[float, str, str]


class Timeline(Clip):
    """Years on a line, a card for each, and the source of each."""

    shapes = SHAPES
    file: Any = None

    def prepare(self) -> None:
        """Read the events."""
        rows = read_rows(self.file) if self.file is not None else []
        try:
            self.claims = Claims(rows)
        except EngineError as problem:
            raise StageError(f"--file {self.file}: {problem}") from None
        self.events = own_ticks(self.claims) if rows else history(self.claims)

    def construct(self) -> None:
        """The line, then event by event."""
        self.ledger.source("claims", self.claims.describe())
        line = Line(self.look, self.events, self.area, wide=self.shape == "wide")
        own = self.file is not None
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        first, last = self.events[0].year, self.events[-1].year
        words = "When was it invented?" if not own else "What came first?"
        said: dict[str, Any] = {}
        if first.value < last.value:
            words, said = "From {a} to {b}: " + words[0].lower() + words[1:], {"a": first, "b": last}
        with self.beat(words, title="predict", hold=2.2, **said):
            self.play(line.appear())
            self.play(FadeIn(badge, scale=0.6), run_time=0.5)
        self.play(FadeOut(badge), run_time=0.3)
        for k, tick in enumerate(self.events):
            told: dict[str, Any] = {"y": tick.year, **({"g": tick.gap} if tick.gap is not None else {})}
            words = "It begins in {y}."
            if tick.gap is not None:
                words = {0.0: "In the same year.", 1.0: "One year later."}.get(float(tick.gap.value), "{g} years later.")
            card = 0.3 * (len(tick.text.split()) + len(tick.who.split())) + 1.2  # the card is read in silence
            with self.beat(words, title=tick.who or tick.text, hold=card, **told):
                self.perform(line.make_room())
                self.perform(line.tell(k))
                if k == len(self.events) // 2:
                    self.poster()
        words = "The ticks are evenly spaced; the years between them are not."
        words = words if own else "No single year invented it. " + words
        with self.beat(words, title="the whole", hold=2.2):
            self.perform(line.overview())
        self.alt = "A time line: " + "; ".join(f"{t.year.value:.0f} {t.who or t.text}" for t in self.events) + "."


def history(claims: Claims) -> list[Tick]:
    """The events of the table of claims."""
    ticks = []
    for k, name in enumerate(HISTORY):
        claim = TABLE[name]
        gap = claims.quantity(f"gap/{HISTORY[k - 1]}/{name}") if k else None
        ticks.append(Tick(claims.quantity(name), claim.text, claim.chip, claim.who, gap))
    return ticks


def own_ticks(claims: Claims) -> list[Tick]:
    """A user's events."""
    ticks = []
    for k, (_, text, source) in enumerate(claims.own):
        gap = claims.quantity(f"gap/{k - 1}") if k else None
        ticks.append(Tick(claims.quantity(f"own/{k}"), text, source, "", gap))
    return ticks


def read_rows(path: str) -> list[Row]:
    """The rows of a CSV file, `year,text,source`, in the order of their years; a first line of names is optional."""
    try:
        with open(Path(path).expanduser(), encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = next((d for d in ";\t|" if first.count(d) >= 2), ",")  # sources are full of commas
            file.seek(0)
            lines = [[v.strip() for v in row] for row in csv.reader(file, delimiter=delimiter) if any(v.strip() for v in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise StageError(f"--file {path} cannot be read as a table: {problem}") from None
    if lines and lines[0] and _year(lines[0][0]) is None:
        lines = lines[1:]
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        year = _year(line[0])
        if year is None:
            raise StageError(f"--file {path}, event {number}: '{line[0]}' is no year; a row is year,text,source")
        if len(line) != 3:
            raise StageError(f"--file {path}, event {number} has {len(line)} parts; a row is year,text,source")
        if not line[2]:
            raise StageError(f"--file {path}, event {number}: '{line[1]}' has no source; every tick needs one")
        rows.append((year, line[1], line[2]))
    if not 2 <= len(rows) <= MOST:
        raise StageError(f"--file {path} has {len(rows)} events; a time line shows two to {MOST}")
    return sorted(rows, key=lambda row: row[0])


def _year(text: str) -> float | None:
    try:
        year = int(text.replace("−", "-"))
    except ValueError:
        return None
    return float(year) if -10_000 <= year <= 10_000 else None


__all__ = ["Timeline", "read_rows"]
