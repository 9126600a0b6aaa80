"""Rules about silence: holds after results, time to predict, and no dead air."""

from __future__ import annotations

from .measure import Judge, Measure
from .record import TOUCH, Run, common, length, outside

HOLD, LONG_HOLD = 2.0, 3.0  # seconds, silent and still (R8)
PAUSE = (2.0, 4.0)  # seconds for a prediction (R9)
ANSWER = 15.0  # seconds within which it is answered
NEEDS_A_QUESTION = 60.0  # seconds from which on a chapter asks one
DEAD_AIR = 6.0  # seconds of silence without a question (R40)
SLACK = 0.1


def holds(run: Run) -> Measure:
    """R8: after a result nothing moves and nobody speaks for 2 s; once in a chapter for 3 s."""
    judge = Judge("holds")
    busy = [*run.record.moves, *run.speech, *run.record.questions]
    quiet = [gap for gap in outside(busy, run.seconds) if length(gap) >= HOLD - SLACK]
    longest = max(map(length, quiet), default=0.0)
    if longest < LONG_HOLD - SLACK:
        judge.breach(0.0, f"the longest hold (still, silent, no question open) is {longest:.1f} s; the main result needs 3 s")
    return judge.done(f"{len(quiet)}, {longest:.1f} s")


def predict_first(run: Run) -> Measure:
    """R9: the "?" is up, nobody speaks for 2 to 4 s, and the next words come soon."""
    judge = Judge("predict first")
    silences = outside(run.speech, run.seconds)
    pauses = [p for p in common(run.record.questions, silences) if length(p) >= 1.0]
    good = [p for p in pauses if PAUSE[0] - SLACK <= length(p) <= PAUSE[1] + SLACK]
    for pause in pauses:
        if length(pause) > PAUSE[1] + SLACK:
            judge.breach(pause[0], f"the pause to predict lasts {length(pause):.1f} s; 2 to 4 s is the time for it")
    if run.seconds > NEEDS_A_QUESTION and not good:
        why = f"the longest is {max(map(length, pauses)):.1f} s" if pauses else "no '?' is up while nobody speaks"
        judge.breach(0.0, f"no pause of 2 to 4 s in which to predict: {why}")
    waits = []
    for pause in pauses:
        after = [a for a, _ in run.speech if a >= pause[1] - TOUCH]
        waits.append(after[0] - pause[1] if after else run.seconds - pause[1])
        if waits[-1] > ANSWER:
            judge.breach(pause[1], f"the answer comes {waits[-1]:.1f} s after the pause; {ANSWER:.0f} s is the most")
    if not pauses and run.seconds <= NEEDS_A_QUESTION:
        return judge.nothing()
    return judge.done(f"{len(good)}, {max(map(length, pauses), default=0.0):.1f} s")


def dead_air(run: Run) -> Measure:
    """R40: nobody is silent for more than 6 s, unless the "?" is up."""
    judge = Judge("dead air")
    longest = 0.0
    for gap in outside(run.speech, run.seconds):
        for part in outside_of(gap, run):
            longest = max(longest, length(part))
            if length(part) > DEAD_AIR + SLACK:
                judge.breach(part[0], f"nobody speaks for {length(part):.1f} s; {DEAD_AIR:.0f} s is the most without a '?'")
    return judge.done(f"{longest:.1f} s")


def outside_of(gap: tuple[float, float], run: Run) -> list[tuple[float, float]]:
    """The parts of a gap in which no question is open."""
    return common([gap], outside(run.record.questions, run.seconds))
