"""Rules about what is said: how fast, how much of the time, in what sentences, with which captions."""

from __future__ import annotations

import re

from .measure import Judge, Measure
from .record import Run, length

RATE = (135.0, 165.0)  # words a minute while speaking (R1)
FASTEST, WINDOW = 180.0, 20.0  # words a minute, in any so many seconds
SHARE = (0.65, 0.82)  # of a chapter (R2)
MEAN_SENTENCE, LONGEST_SENTENCE = 14.0, 24  # words (R32)
LINES, LETTERS = 2, 42  # of a caption (R17)
READING, HARDEST = 17.0, 20.0  # signs a second
CUE = (1.0, 7.0)  # seconds


def spoken_words(text: str) -> int:
    """How many words a voice says: 0.35 is four of them.

    >>> spoken_words("the loss is 0.35"), spoken_words("minus 12 times 40")
    (7, 4)
    """
    return sum(_sounds(word) for word in text.split())


def _sounds(word: str) -> int:
    match = re.search(r"\d[\d,]*(?:\.\d+)?", word)
    if match is None:
        return 1 if re.search(r"\w", word) else 0
    whole, _, places = match[0].replace(",", "").partition(".")
    return integer_words(int(whole)) + (1 + len(places) if places else 0)


def integer_words(number: int) -> int:
    """How many words a whole number is.

    >>> [integer_words(n) for n in (7, 20, 41, 400, 377, 1986, 9249, 25557032)]
    [1, 1, 2, 2, 5, 7, 7, 12]
    """
    if number < 100:
        return 1 if number <= 20 or number % 10 == 0 else 2
    for unit in (10**9, 10**6, 10**3, 100):
        if number >= unit:
            rest = number % unit
            return integer_words(number // unit) + 1 + (_rest(rest) if rest else 0)
    return 1


def _rest(number: int) -> int:
    return integer_words(number) + (1 if number < 100 else 0)  # "and"


def rate(run: Run) -> Measure:
    """R1: words a minute while somebody speaks, and never more than 180 in any 20 s."""
    judge = Judge("speech rate")
    speaking = sum(map(length, run.speech))
    if not speaking:
        return judge.nothing("silent")
    words = sum(spoken_words(beat.spoken) for beat in run.beats)
    mean = 60 * words / speaking
    if not RATE[0] <= mean <= RATE[1]:
        judge.breach(0.0, f"{mean:.0f} words a minute while speaking; {RATE[0]:.0f} to {RATE[1]:.0f} are easy to follow")
    fastest, when = 0.0, 0.0
    said = [(w.start, _sounds(w.word)) for beat in run.beats for w in beat.times]
    for index, (start, _) in enumerate(said):
        inside = sum(count for at, count in said[index:] if at < start + WINDOW)
        if start + WINDOW <= run.seconds + 1e-6 and inside * 60 / WINDOW > fastest:
            fastest, when = inside * 60 / WINDOW, start
    if fastest > FASTEST:
        judge.breach(when, f"{fastest:.0f} words a minute in 20 s; {FASTEST:.0f} is the most")
    return judge.done(f"{mean:.0f}")


def share(run: Run) -> Measure:
    """R2: what share of the time somebody speaks."""
    judge = Judge("spoken share")
    part = sum(map(length, run.speech)) / max(run.seconds, 1e-9)
    if not SHARE[0] - 0.005 <= part <= SHARE[1] + 0.005:
        low, high = (round(100 * s) for s in SHARE)
        what = "too little room to look" if part > SHARE[1] else "long silences"
        judge.breach(0.0, f"{100 * part:.0f} % of the time is spoken; {low} to {high} % ({what})")
    return judge.done(f"{100 * part:.0f} %")


def sentences(run: Run) -> Measure:
    """R32: short sentences."""
    judge = Judge("sentences")
    counts = [len(s.words) for s in run.sentences]
    if not counts:
        return judge.nothing("silent")
    mean = sum(counts) / len(counts)
    if mean > MEAN_SENTENCE:
        judge.breach(0.0, f"a sentence has {mean:.1f} words in the mean; {MEAN_SENTENCE:.0f} is the most")
    for sentence in run.sentences:
        if len(sentence.words) > LONGEST_SENTENCE:
            judge.breach(sentence.start, f"a sentence of {len(sentence.words)} words; {LONGEST_SENTENCE} is the most")
    return judge.done(f"{mean:.1f}, {max(counts)}")


def captions(run: Run) -> Measure:
    """R17: two lines of 42 signs, read at 17 signs a second (20 at worst), for one to seven seconds."""
    judge = Judge("captions")
    if not run.cues:
        return judge.nothing("none")
    worst, quick = 0.0, 0
    for cue in run.cues:
        signs, seconds = sum(map(len, cue.lines)), max(cue.end - cue.start, 1e-9)
        pace = signs / seconds
        worst, quick = max(worst, pace), quick + (pace > READING)
        said = " ".join(cue.lines)
        if len(cue.lines) > LINES or max(map(len, cue.lines)) > LETTERS:
            judge.breach(cue.start, f"the caption '{said}' is not two lines of {LETTERS} signs")
        if pace > HARDEST + 0.05:
            judge.breach(cue.start, f"the caption '{said}' is read at {pace:.1f} signs a second; {HARDEST:.0f} is the most")
        if not CUE[0] - 0.02 <= seconds <= CUE[1] + 0.02:
            judge.breach(cue.start, f"the caption '{said}' stands {seconds:.1f} s; {CUE[0]:.0f} to {CUE[1]:.0f} s")
    if quick > 0.1 * len(run.cues):
        judge.breach(0.0, f"{quick} of {len(run.cues)} captions are quicker than {READING:.0f} signs a second")
    return judge.done(f"{worst:.1f}/s")


# Blame and step: what back-propagation finds, and what descent does with it (R29).
_BLAME = r"(?:back-?propagation|backprop|blame|slopes?|gradients?|derivatives?|backward (?:pass|sweep))"
_DOES = r"(?:turns?|steps?|adjusts?|updates?|changes?|learns?|corrects?|fixes|trains?|improves?)"
_STEP = r"(?:the step|each step|a step|the update|gradient descent|the optimi[sz]er|momentum|the learning rate)"
_FINDS = r"(?:blames?|finds? (?:the )?(?:slopes?|blame)|computes? (?:the )?(?:slopes?|gradients?|blame)|differentiates?)"
_FEW = r"(?:(?!not\b|never\b|nothing\b|no\b|to\b|and\b|then\b|times\b)[\w'-]+\s+){0,2}?"
_SWAPPED = tuple(re.compile(rf"\b{who}\s+{_FEW}{does}\b", re.I) for who, does in ((_BLAME, _DOES), (_STEP, _FINDS)))
_BOTH = re.compile(rf"\b{_BLAME}\b", re.I), re.compile(rf"\b(?:{_DOES}|{_STEP})\b", re.I)


def blame_and_step(run: Run) -> Measure:
    """R29: blame is found, the step turns; no sentence lets the one do the other's work."""
    judge = Judge("blame and step")
    both = 0
    for sentence in run.sentences:
        both += all(words.search(sentence.text) for words in _BOTH)
        for pattern in _SWAPPED:
            hit = pattern.search(sentence.text)
            if hit:
                judge.breach(sentence.start, f"'{hit[0]}': blame is found, the step turns")
    return judge.done(f"{len(judge.found)} ({both} both)")
