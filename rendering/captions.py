"""Captions: the words of the beats as cues that can be read in time, as WebVTT and SubRip.

The rules are those of subtitling: at most two lines of 42 characters, at most 17 characters a second, one to seven
seconds on screen, broken where a phrase ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

LINE = 42  # characters
RATE = 17.0  # characters a second
SHORTEST, LONGEST = 1.0, 7.0  # seconds
GAP = 0.08  # seconds between two cues, so that a change is seen
AFTER = 0.4  # seconds that a cue stays when its words have been said
LATEST = 0.6  # seconds that a cue may come after its first word, so that the one before can be read
# Words before which a line may end without tearing a phrase.
_OPENERS = frozenset(
    "and or but so because which that when while where if then than as with without by of to in on at "
    "from for into through until whose who is are was gives makes means".split()
)


@dataclass(frozen=True)
class Cue:
    """Lines of text from ``start`` to ``end`` (seconds)."""

    start: float
    end: float
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, one under the other."""
        return "\n".join(self.lines)


def cues(beats: Iterable[Mapping[str, Any]], spoken: bool = False) -> list[Cue]:
    """The cues of a film's beats. Where they are ``spoken`` a cue comes with its first word (``beat["times"]``)."""
    result: list[Cue] = []
    for beat in beats:
        words = " ".join(str(beat["words"]).split())
        if not words:
            continue
        room = float(beat["end"]) - float(beat["start"])
        if spoken and beat.get("times"):
            result += _spoken_cues(words, beat["times"], float(beat["end"]))
        else:
            result += _beat_cues(words, float(beat["start"]), room)
    return result


def _spoken_cues(words: str, times: Sequence[tuple[str, float, float]], limit: float) -> list[Cue]:
    """Cues that come and go with their words; one that would be too short to read holds the next one up a little."""
    pieces = split(words)
    offsets, at = [], 0
    for word, _, _ in times:
        offsets.append(at)
        at += len(word) + 1
    ends, at = [], 0
    for piece in pieces:
        at += len(piece) + 1
        ends.append(at)
    first = [bisect_right(offsets, end - len(piece) - 1) - 1 for piece, end in zip(pieces, ends, strict=True)]
    starts = [times[index][1] for index in first]
    result: list[Cue] = []
    free = 0.0
    for number, piece in enumerate(pieces):
        start = max(starts[number], free)
        last = number == len(pieces) - 1
        said = times[-1][2] if last else times[max(first[number + 1] - 1, 0)][2]
        need = max(SHORTEST, len(piece) / RATE)
        following = limit if last else max(starts[number + 1], min(start + need + GAP, starts[number + 1] + LATEST))
        end = min(max(said + AFTER, start + need), following - (0 if last else GAP), start + LONGEST)
        end = max(end, start + 0.2)
        result.append(Cue(round(start, 3), round(end, 3), tuple(lines(piece))))
        free = end + GAP
    return result


def _beat_cues(words: str, start: float, room: float) -> list[Cue]:
    pieces = split(words)
    # Too little time for so many cues of a second each: fuller cues read better than shorter ones.
    total = sum(len(piece) for piece in pieces)
    # Read without a voice: not longer than the longest cue, not shorter than reading takes.
    span = min(room, max(min(room, len(pieces) * LONGEST), total / RATE, SHORTEST * len(pieces)))
    result: list[Cue] = []
    at = start
    for index, (piece, length) in enumerate(zip(pieces, _share(span, pieces), strict=True)):
        last = index == len(pieces) - 1
        end = min(at + length, at + LONGEST)
        stop = min(end, start + room) - (0 if last and room - span > GAP else GAP)
        result.append(Cue(round(at, 3), round(max(stop, at + 0.2), 3), tuple(lines(piece))))
        at += length
    return result


def _share(span: float, pieces: list[str]) -> list[float]:
    """Seconds for each piece by its letters, but a short one is not gone before it is seen.

    >>> _share(6.0, ["Stop.", "Here is a piece that takes longer."])
    [1.08, 4.92]
    """
    least = SHORTEST + GAP
    short = {i for i, piece in enumerate(pieces) if span * len(piece) / sum(map(len, pieces)) < least}
    if not short or len(pieces) * least > span:
        total = sum(map(len, pieces))
        return [span * len(piece) / total for piece in pieces]
    rest = sum(len(piece) for i, piece in enumerate(pieces) if i not in short)
    left = span - least * len(short)
    return [least if i in short else left * len(piece) / rest for i, piece in enumerate(pieces)]


def split(text: str) -> list[str]:
    """Text in pieces that fit on two lines each, torn where it hurts least.

    >>> split("We walk back along every arrow, multiply by its slope, then we add up what meets in one box.")
    ['We walk back along every arrow,', 'multiply by its slope, then we add up what meets in one box.']
    """
    tokens = [part for word in text.split() for part in _chop(word)]

    @cache
    def best(first: int) -> tuple[float, int]:
        if first == len(tokens):
            return 0.0, first
        choice = (float("inf"), first + 1)
        for last in range(first + 1, len(tokens) + 1):
            piece = " ".join(tokens[first:last])
            if len(piece) > 2 * LINE + 1 or len(lines(piece)) > 2:
                break
            cost = 3.0 + best(last)[0]
            if last < len(tokens):
                cost += _tear(tokens, last)
            cost += 0.5 * max(0, 20 - len(piece)) / 20  # a lone word is no cue
            if cost < choice[0]:
                choice = (cost, last)
        return choice

    # Recursion is as deep as there are cues; fill the table from the end so that it stays shallow.
    for first in range(len(tokens), -1, -1):
        best(first)
    pieces, at = [], 0
    while at < len(tokens):
        _, end = best(at)
        pieces.append(" ".join(tokens[at:end]))
        at = end
    return pieces


def lines(piece: str) -> list[str]:
    """One or two lines (more only if need be), broken where a phrase ends, the lower one longer.

    >>> lines("the slope of the curve at this point")
    ['the slope of the curve at this point']
    """
    if len(piece) <= LINE:
        return [piece]
    tokens = [part for word in piece.split(" ") for part in _chop(word)]
    best: tuple[float, list[str]] | None = None
    for cut in range(1, len(tokens)):
        upper, lower = " ".join(tokens[:cut]), " ".join(tokens[cut:])
        if len(upper) > LINE or len(lower) > LINE:
            continue
        cost = (
            _tear(tokens, cut) + abs(len(upper) - len(lower)) / LINE + (0.2 if len(upper) > len(lower) else 0)
        )
        if best is None or cost < best[0]:
            best = (cost, [upper, lower])
    if best is not None:
        return best[1]
    filled = [""]
    for token in tokens:
        if filled[-1] and len(filled[-1]) + 1 + len(token) > LINE:
            filled.append(token)
        else:
            filled[-1] = f"{filled[-1]} {token}".strip()
    return filled


def _tear(tokens: list[str], cut: int) -> float:
    """How much it hurts to end a line before token ``cut``."""
    before, after = tokens[cut - 1], tokens[cut].lower()
    if before[-1] in ".!?":
        return 0.0
    if before[-1] in ",;:–":
        return 0.4
    if before.lower() in _OPENERS or before.lower() in ("the", "a", "an", "its", "our", "your", "this"):
        return 3.0
    return 1.0 if after in _OPENERS else 2.0


def _chop(word: str) -> list[str]:
    return [word[i : i + LINE] for i in range(0, len(word), LINE)] or [""]


def vtt(entries: Iterable[Cue]) -> str:
    """WebVTT text.

    >>> print(vtt([Cue(0, 1.5, ("a < b",))]), end="")
    WEBVTT
    <BLANKLINE>
    00:00:00.000 --> 00:00:01.500
    a &lt; b
    """
    parts = ["WEBVTT\n"]
    for cue in entries:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n{text}\n")
    return "\n".join(parts)


def described(descriptions: Sequence[tuple[float, str]], seconds: float) -> list[Cue]:
    """What appears, as cues for a track of descriptions: each until the next, or as long as saying it takes."""
    merged: dict[float, str] = {}
    for at, text in descriptions:
        merged[at] = f"{merged[at]} {text}" if at in merged else text
    moments = sorted(merged)
    result = []
    for at, following in zip(moments, [*moments[1:], seconds], strict=True):
        end = min(max(at + len(merged[at]) / RATE, at + SHORTEST), seconds)
        result.append(Cue(round(at, 3), round(max(min(end, max(following, at + SHORTEST)), at + 0.2), 3), (merged[at],)))
    return result


def srt(entries: Iterable[Cue]) -> str:
    """SubRip text.

    >>> print(srt([Cue(0, 1.5, ("hello",))]), end="")
    1
    00:00:00,000 --> 00:00:01,500
    hello
    """
    return "\n".join(
        f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(entries, 1)
    )


def clock(seconds: float, point: str) -> str:
    """Hours, minutes, seconds, thousandths.

    >>> clock(3661.5, ",")
    '01:01:01,500'
    """
    thousandths = round(seconds * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
