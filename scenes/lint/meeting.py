"""Picture and word: they meet, the case comes before its formula, and a claim before its source has gone."""

from __future__ import annotations

import re

from .measure import Judge, Measure
from .record import Run, common, length

EARLIEST, LATEST = -0.2, 0.8  # a word's onset against what it names, seconds (R6)
READABLE = 3.0  # seconds that a source stands (R21)


def meetings(run: Run) -> Measure:
    """R6: the word comes from 0.2 s before to 0.8 s after the picture begins to move. Worst offset, and the beats that meet."""
    judge = Judge("word and picture")
    worst = 0.0
    for meeting in run.meetings:
        offset = meeting.said - meeting.moved
        if not EARLIEST - 0.005 <= offset <= LATEST + 0.005:
            late = f"{-offset:.1f} s after its word" if offset < 0 else f"{offset:.1f} s before its word"
            judge.breach(meeting.moved, f"the picture of '{meeting.word}' moves {late}")
        if abs(offset) > abs(worst):
            worst = offset
    talking = [b for b in run.beats if b.times and common([(b.start, b.end)], run.record.moves)]
    met = {m.beat for m in run.meetings}
    bare = [b for b in talking if b.index not in met and not _opens_with_its_words(run, b.index)]
    for beat in bare:
        judge.breach(beat.start, "words and moves, but no move waits for its word (self.at)")
    if not talking:
        return judge.nothing()
    return judge.done((f"{worst:+.2f}" if run.meetings else "none") + f" {len(talking) - len(bare)}/{len(talking)}")


def _opens_with_its_words(run: Run, index: int) -> bool:
    """Whether all that moves in a beat begins with its first words."""
    beat = run.beats[index]
    starts = [a for a, _ in run.record.moves if beat.start - 1e-6 <= a < beat.end]
    return all(EARLIEST <= beat.times[0].start - a or a - beat.times[0].start <= LATEST for a in starts)


def case_first(run: Run) -> Measure:
    """R7: a number or a picture of the case stands there before the general formula."""
    judge = Judge("case first")
    formulas = [(spans[0][0], says) for says, spans in run.record.formulas.items() if is_general(says)]
    if not formulas:
        return judge.nothing()
    first, says = min(formulas)
    number = run.record.numbers[0][0] if run.record.numbers else None
    plain = [spans[0][0] for says, spans in run.record.formulas.items() if re.search(r"\d\.\d", says)]
    earliest = min([t for t in (number, *plain) if t is not None], default=None)
    if earliest is None or earliest > first + 0.05:
        judge.breach(first, f"the formula '{says}' comes before any number of the case")
    return judge.done(f"{'–' if earliest is None else f'{earliest:.0f}'}<{first:.0f} s")


def is_general(says: str) -> bool:
    """Whether a formula says something in letters: a relation, and no number of a case.

    >>> is_general("z = w_1 x_1 + b"), is_general("z = 0.36 + 0.1"), is_general("z")
    (True, False, False)
    >>> is_general("p = 1/(1 + e^(-z))"), is_general("p = a dot b = 2 dot 3 = 6")
    (True, False)
    """
    numbers = set(re.findall(r"\d+\.?\d*", re.sub(r"[_^](?:\([^()]*\)|\w+)", "", says)))
    return "=" in says and numbers <= {"0", "1", "2"} and len(re.findall(r"[a-zA-Z]+", says)) > 2


def sources(run: Run) -> Measure:
    """R21: each source stands for 3 s when it is first shown; what was published is shown with one."""
    judge = Judge("source chip")
    by_others = {name for name, described in run.sources.items() if described.get("kind") == "claims"}
    claimed = {(n.source, n.key): n for n in reversed(list(run.numbers)) if n.source in by_others}
    shown = []
    for says, spans in run.record.chips.items():
        first = spans[0]
        shown.append(length(first))
        if length(first) < READABLE - 0.05:
            judge.breach(first[0], f"the source '{says}' stands {length(first):.1f} s; {READABLE:.0f} s is the least")
    for number in claimed.values():
        if not any(a - 3 <= number.start <= b + 3 for spans in run.record.chips.values() for a, b in spans):
            judge.breach(number.start, f"{number.text} ({number.key}) is published by others and has no source chip beside it")
    if not claimed and not shown:
        return judge.nothing()
    return judge.done(f"{len(shown)}, {min(shown, default=0.0):.1f} s")
