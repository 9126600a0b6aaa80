"""The transcript of a film: what is said and shown, beat by beat, for people who read or listen instead of looking.

It is made from the score of a film (the beats' words and the numbers that came on screen in each), so it cannot disagree
with the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def transcript(
    title: str, alt: str, beats: Iterable[Mapping[str, Any]], numbers: Iterable[Mapping[str, Any]] = (),
    seconds: float | None = None, sources: Iterable[str] = (),
) -> str:  # fmt: skip
    """The text: title, what the film shows, then each beat with its time, its words and the values that appear in it; at the
    end where its claims were read.

    >>> print(transcript("a dot", "A dot.", [{"start": 0.0, "end": 2.0, "words": "A dot.", "title": "", "chapter": None}]))
    a dot
    <BLANKLINE>
    A dot.
    <BLANKLINE>
    0:00  A dot.
    <BLANKLINE>
    """
    shown: dict[int, list[Mapping[str, Any]]] = {}
    for number in numbers:
        shown.setdefault(int(number["beat"]), []).append(number)
    lines = [title, ""]
    if alt:
        lines += [alt, ""]
    chapter = None
    for index, beat in enumerate(beats):
        if beat.get("chapter") and beat["chapter"] != chapter:
            chapter = beat["chapter"]
            lines += ["", f"== {chapter} ==", ""]
        words = " ".join(str(beat["words"]).split())
        lines.append(f"{clock(float(beat['start']))}  {words or '(no words)'}")
        values = on_screen(shown.get(index, []), words)
        if values:
            lines.append(f"      On screen: {values}")
    if seconds is not None:
        lines += ["", f"Length: {clock(seconds)}"]
    if listed := list(dict.fromkeys(sources)):
        lines += ["", "Sources", *(f"- {source}" for source in listed)]
    return "\n".join(lines) + "\n"


def on_screen(numbers: Iterable[Mapping[str, Any]], words: str, most: int = 12) -> str:
    """The values that a beat shows and does not say, by the names of the engine's quantities."""
    unsaid = [n for n in numbers if not said(str(n["text"]), words)]
    entries = list(dict.fromkeys(f"{key_in_words(str(n['key']))} {n['text']}" for n in unsaid))
    more = f" and {len(entries) - most} more" if len(entries) > most else ""
    return ", ".join(entries[:most]) + more


def said(text: str, words: str) -> bool:
    """Whether a number is among the words, whole.

    >>> said("2", "There are 2 steps."), said("2", "There are 12 steps.")
    (True, False)
    """
    return text in [word.strip(".,;:?!()") for word in words.split()]


def key_in_words(key: str) -> str:
    """An engine key as words.

    >>> key_in_words("adjoint/3"), key_in_words("loss")
    ('adjoint 3', 'loss')
    """
    return key.replace("/", " ").replace("_", " ")


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(75.4), clock(0.0)
    ('1:15', '0:00')
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
