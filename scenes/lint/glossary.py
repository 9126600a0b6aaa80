"""Terms: what a viewer must have seen before it is said.

A term counts as introduced where its word, its sign or its picture stands on screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .measure import Judge, Measure
from .record import Run

WITH = 0.8  # seconds by which the picture may come after the word
MOST_NEW, MINUTE = 3, 60.0


class Term(NamedTuple):
    """A word of the field: how it is said, how it reads on screen, its signs in formulas, the classes that draw it."""

    name: str
    said: str
    seen: str = ""
    signs: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()


TERMS = (
    Term("knob", r"knobs?|dials?", r"knobs?|dials?", (), ("Dial", "KnobPanel", "KnobField", "NetForward", "Dials")),
    Term("network", r"(?:neural )?net(?:work)?s?", r"net(?:work)?s?", (), ("NetForward",)),
    Term("weight", r"weights?", r"weights?", ("w", "W")),
    Term("bias", r"bias(?:es)?", r"bias(?:es)?", ("b",)),
    Term("neuron", r"neurons?", r"neurons?"),
    Term("layer", r"layers?", r"layers?", (), ("NetForward",)),
    Term("forward pass", r"forward pass(?:es)?", r"forward"),
    Term("ReLU", r"relu|rectifier", r"relu|rectifier", ("max",)),
    Term("sigmoid", r"sigmoid", r"sigmoid", ("sigma", "e")),
    Term("probability", r"probabilit(?:y|ies)", r"probabilit|%", ("p",)),
    Term("loss", r"loss(?:es)?", r"loss", ("L",), ("LossMeter", "LossGauge")),
    Term("squared error", r"squared? (?:error|loss)|mean squared error", r"squared?", ("t - p", "^2")),
    Term("cross-entropy", r"cross[- ]entropy", r"cross[- ]entropy"),
    Term("accuracy", r"accuracy", r"accuracy"),
    Term("derivative", r"derivatives?", r"derivatives?", ("partial",)),
    Term("gradient", r"gradients?(?! descent)", r"gradient", ("nabla",)),
    Term("slope", r"slopes?", r"slopes?", ("partial",), ("Chip", "Ribbon", "Tangent")),
    Term("chain rule", r"chain rule", r"chain rule"),
    Term("back-propagation", r"back-?propagation|backprop", r"back-?propagation|backprop"),
    Term("computation graph", r"(?:computation(?:al)? )?graph", r"graph", (), ("GraphForward", "GraphBackward", "LocalRule")),
    Term("gradient descent", r"gradient descent", r"gradient descent|descent"),
    Term("learning rate", r"learning rate", r"learning rate|step size", ("eta",)),
    Term("momentum", r"momentum", r"momentum"),
    Term("epoch", r"epochs?", r"epochs?"),
    Term("test set", r"test (?:set|data|pictures)", r"test|unseen"),
    Term("overfitting", r"overfit(?:ting|s)?", r"overfit|seen"),
    Term("Jacobian", r"jacobians?", r"jacobian"),
    Term("Hessian", r"hessians?", r"hessian"),
    Term("tensor", r"tensors?", r"tensors?"),
    Term("hyperparameter", r"hyper-?parameters?", r"hyper-?parameters?"),
)


def introduced(run: Run) -> dict[str, float]:
    """When each term was first on screen."""
    found: dict[str, float] = {}
    for term in TERMS:
        times = [run.record.kinds[kind] for kind in term.drawn if kind in run.record.kinds]
        if term.seen:
            word = re.compile(rf"\b(?:{term.seen})", re.I)
            times += [spans[0][0] for says, spans in run.record.texts.items() if word.search(says)]
        for sign in term.signs:
            times += [spans[0][0] for says, spans in run.record.formulas.items() if has_sign(says, sign)]
        if times:
            found[term.name] = min(times)
    return found


def has_sign(formula: str, sign: str) -> bool:
    """Whether a formula has a sign as a word of its own.

    >>> has_sign("p = w_1 x", "w"), has_sign("new = 3", "w"), has_sign("(t - p)^2", "t - p")
    (True, False, True)
    """
    return re.search(rf"(?<![A-Za-z]){re.escape(sign)}(?![A-Za-z])", formula) is not None


def said(run: Run) -> dict[str, tuple[float, str]]:
    """When each term is first said, and the word."""
    found: dict[str, tuple[float, str]] = {}
    for term in TERMS:
        word = re.compile(rf"\b(?:{term.said})\b", re.I)
        for beat in run.beats:
            hit = word.search(beat.words)
            if hit and beat.times:
                before = len(beat.words[: hit.start()].split())
                found[term.name] = (beat.times[min(before, len(beat.times) - 1)].start, hit[0])
                break
    return found


def terms(run: Run, known: Iterable[str] | None = ()) -> Measure:
    """R31: a term is said when it has been shown; at most three new ones a minute.

    `known` are those of the chapters before; None where these are not judged: then a term may come from there.
    """
    judge = Judge("terms")
    shown, spoken = introduced(run), said(run)
    before = set(known or ())
    missing = []
    for name, (time, word) in spoken.items():
        if name in before or shown.get(name, time + 9) <= time + WITH:
            continue
        missing.append(name)
        if known is not None:
            when = f"; it is shown {shown[name] - time:.1f} s later" if name in shown else ""
            judge.breach(time, f"'{word}' is said before it was shown{when}")
    if known is not None:
        _not_too_many(judge, {name: time for name, (time, _) in spoken.items() if name not in before})
    return judge.done(f"{len(spoken)}" + (f" ({len(missing)} from before?)" if missing and known is None else ""))


def _not_too_many(judge: Judge, new: Mapping[str, float]) -> None:
    order = sorted((time, name) for name, time in new.items())
    for index in range(len(order) - MOST_NEW):
        if order[index + MOST_NEW][0] - order[index][0] < MINUTE:
            names = ", ".join(name for _, name in order[index : index + MOST_NEW + 1])
            judge.breach(order[index][0], f"more than {MOST_NEW} new terms in a minute: {names}")
            return
