"""What was on screen and when: the record that the rules about words and time are judged by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..figures.card_strip import SourceChip
from ..stage.formula import Formula
from ..stage.number import Number
from ..stage.stage import Beat, Meeting
from .sight import Moment
from .typst_numbers import strip_marks

Span = tuple[float, float]
TOUCH = 1e-3  # seconds


class Record:
    """Kept while a scene runs: when something moved, when the "?" was up, when each text, formula and source stood there."""

    def __init__(self, lint: Any):
        self.moves: list[Span] = []
        self.questions: list[Span] = []
        self.texts: dict[str, list[Span]] = {}  # prose, cards included
        self.formulas: dict[str, list[Span]] = {}
        self.chips: dict[str, list[Span]] = {}
        self.numbers: list[Span] = []
        self.kinds: dict[str, float] = {}  # when a class of figure or part was first seen
        self._begun = 0.0
        self._open: dict[tuple[str, str], float] = {}

    def played(self, moment: Moment, play: Any) -> None:
        """A play has ended."""
        self._begun = play.start
        if play.moves:
            join(self.moves, (play.start, moment.time))

    def settled(self, moment: Moment) -> None:
        """What stands there now came with the last play."""
        here: set[tuple[str, str]] = set()
        if moment.question:
            here.add(("question", ""))
        for seen in moment.texts:
            if isinstance(seen.mobject, Formula):
                here.add(("formula", strip_marks(seen.mobject.source)))
            elif isinstance(seen.mobject, Number):
                here.add(("number", ""))
            elif seen.is_prose or seen.on_card or getattr(seen.mobject, "names", False):
                here.add(("text", seen.says))
        for chip in moment.of(SourceChip):
            here.add(("chip", chip.text))
        for mobject in moment._all:
            self.kinds.setdefault(type(mobject).__name__, self._begun)
        for mark in [m for m in self._open if m not in here]:
            self._close(mark, moment.time)
        for mark in here:
            self._open.setdefault(mark, self._begun)

    def finish(self, moment: Moment) -> None:
        """The end."""
        for mark in list(self._open):
            self._close(mark, moment.time)

    def _close(self, mark: tuple[str, str], end: float) -> None:
        kind, says = mark
        span = (self._open.pop(mark), end)
        if kind == "question":
            join(self.questions, span)
        elif kind == "number":
            join(self.numbers, span)
        else:
            {"text": self.texts, "formula": self.formulas, "chip": self.chips}[kind].setdefault(says, []).append(span)


def join(spans: list[Span], new: Span) -> None:
    """Put a span behind the others; what touches becomes one."""
    if spans and new[0] <= spans[-1][1] + TOUCH:
        spans[-1] = (spans[-1][0], max(spans[-1][1], new[1]))
    else:
        spans.append(new)


@dataclass(frozen=True)
class Sentence:
    """What is said between two full stops, and when."""

    words: tuple[str, ...]
    start: float
    end: float
    beat: int

    @property
    def text(self) -> str:
        """As captions show it."""
        return " ".join(self.words)


@dataclass(frozen=True)
class Cue:
    """A caption: its lines, from start to end."""

    lines: tuple[str, ...]
    start: float
    end: float


@dataclass(frozen=True)
class Run:
    """A scene as it was performed, with its voice."""

    beats: Sequence[Beat]
    seconds: float
    meetings: Sequence[Meeting]
    record: Record
    cues: Sequence[Cue] = ()
    spoken: bool = True  # with a voice; else the words are timed as they are read
    sources: Mapping[str, Any] = field(default_factory=dict)
    numbers: Sequence[Any] = ()

    @property
    def sentences(self) -> list[Sentence]:
        """All that is said."""
        found = []
        for beat in self.beats:
            first = 0
            for index, word in enumerate(beat.times):
                if index == len(beat.times) - 1 or re.search(r"[.?!][\"')]?$", word.word):
                    said = beat.times[first : index + 1]
                    found.append(Sentence(tuple(w.word for w in said), said[0].start, said[-1].end, beat.index))
                    first = index + 1
        return found

    @property
    def speech(self) -> list[Span]:
        """When somebody speaks."""
        spans: list[Span] = []
        for beat in self.beats:
            if beat.times:
                join(spans, (beat.times[0].start, beat.times[-1].end))
        return spans

    def beat_at(self, time: float) -> int:
        """The beat that a moment belongs to."""
        return max((b.index for b in self.beats if b.start <= time + TOUCH), default=0)

    def sentence_at(self, time: float) -> str:
        """What is being said, or was said last."""
        return next((s.text for s in reversed(self.sentences) if s.start <= time + 0.2), "")


def outside(spans: Iterable[Span], end: float) -> list[Span]:
    """The gaps between spans from 0 to the end.

    >>> outside([(1.0, 2.0), (3.0, 4.0)], 5.0)
    [(0.0, 1.0), (2.0, 3.0), (4.0, 5.0)]
    """
    gaps, at = [], 0.0
    for a, b in sorted(spans):
        if a > at + TOUCH:
            gaps.append((at, a))
        at = max(at, b)
    if end > at + TOUCH:
        gaps.append((at, end))
    return gaps


def common(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """What both cover.

    >>> common([(0.0, 4.0)], [(1.0, 2.0), (3.0, 9.0)])
    [(1.0, 2.0), (3.0, 4.0)]
    """
    found = [(max(a, c), min(b, d)) for a, b in first for c, d in second]
    return sorted((a, b) for a, b in found if b > a + TOUCH)


def length(span: Span) -> float:
    """Seconds."""
    return span[1] - span[0]
