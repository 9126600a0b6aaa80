"""Who races down a loss: an optimizer, its rate if one is asked for, and how it is called and drawn.

The looks tell runners apart without new hues: a glowing line in KNOB, a dashed one, ink dots, a thin muted zigzag.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chainreel.engine.descent import OPTIMIZERS

from ..stage.errors import StageError
from ..stage.parameters import nearest

MOST = 4  # as many as there are looks; more lines than that nobody tells apart
TITLES = {
    "nesterov": "Nesterov", "adagrad": "AdaGrad", "rmsprop": "RMSProp", "adadelta": "AdaDelta", "adam": "Adam",
    "adamw": "AdamW", "newton": "Newton", "lbfgs": "L-BFGS",
}  # fmt: skip
LOOKS = ("hops", "glide", "dashed", "zigzag")
OWN = {"plain": "hops", "momentum": "glide", "nesterov": "glide", "newton": "zigzag", "lbfgs": "zigzag"}
SAYS = {
    "plain": "Plain descent hops straight down the slope.",
    "momentum": "Momentum keeps its speed and glides past the bends.",
    "nesterov": "Nesterov looks ahead before it steers.",
    "adagrad": "AdaGrad slows each knob by all the slopes it has met.",
    "rmsprop": "RMSProp divides each slope by its recent size.",
    "adadelta": "AdaDelta finds the length of its steps by itself.",
    "adam": "Adam measures each direction with a scale of its own.",
    "adamw": "AdamW is Adam that also shrinks the knobs.",
    "newton": "Newton reads the curvature and jumps to the bottom of a parabola.",
    "lbfgs": "L-BFGS learns the curvature from its own steps.",
}


@dataclass(frozen=True)
class Racer:
    """One optimizer in a race; `rate` is None where it is to be chosen.

    >>> Racer.of("plain:0.3"), Racer.of("adam").key
    (Racer(optimizer='plain', rate=0.3), 'adam')
    """

    optimizer: str
    rate: float | None = None

    @classmethod
    def of(cls, text: Any, flag: str = "--optimizers") -> Racer:
        """`adam`, or `plain:0.3` with its rate; StageError where that is no optimizer or no rate."""
        if isinstance(text, Racer):
            return text
        name, colon, number = str(text).strip().partition(":")
        if name not in OPTIMIZERS:
            hint = nearest(name, list(OPTIMIZERS))
            raise StageError(f"{flag} is '{name}'; it can be {', '.join(OPTIMIZERS)}{hint}")
        if not colon:
            return cls(name)
        try:
            rate = float(number)
        except ValueError:
            rate = math.nan
        if not (math.isfinite(rate) and 1e-9 <= rate <= 1e6):
            raise StageError(f"{flag} gives {name} the rate '{number}'; a rate is a number such as 0.1, as in {name}:0.1")
        return cls(name, rate)

    @property
    def key(self) -> str:
        """Its name among the sources of numbers."""
        return self.optimizer if self.rate is None else f"{self.optimizer}:{self.rate:g}"

    @property
    def title(self) -> str:
        """How it is called, without its rate."""
        return TITLES.get(self.optimizer, self.optimizer)


def racers(what: Any, flag: str = "--optimizers") -> tuple[Racer, ...]:
    """The racers of an option, from text or a list; refused are none, one twice, and more than can be told apart.

    >>> [r.key for r in racers("plain:0.3,plain:1.5,adam")]
    ['plain:0.3', 'plain:1.5', 'adam']
    """
    parts = what.split(",") if isinstance(what, str) else list(what or ())
    found = tuple(Racer.of(part, flag) for part in parts if str(part).strip())
    keys = [r.key for r in found]
    if not found:
        raise StageError(f"nobody races: {flag} is empty; it can be {', '.join(OPTIMIZERS)}")
    if len(set(keys)) < len(keys):
        raise StageError(f"{flag} names one twice: {','.join(keys)}")
    if len(found) > MOST:
        raise StageError(f"{flag} names {len(found)} runners; more than {MOST} lines cannot be told apart, so leave some out")
    return found


def looks(optimizers: Iterable[str]) -> list[str]:
    """A look for each, all different up to `MOST`: its own where that is free, else one that nobody's own is.

    >>> looks(["plain", "momentum", "adam"]), looks(["plain", "plain"])
    (['hops', 'glide', 'dashed'], ['hops', 'zigzag'])
    """
    names = list(optimizers)
    chosen: list[str | None] = [None] * len(names)
    for k, name in enumerate(names):
        own = OWN.get(name, "dashed")
        if own not in chosen:
            chosen[k] = own
    for k, look in enumerate(chosen):
        if look is None:
            free = [look for look in ("zigzag", "dashed", "glide", "hops") if look not in chosen]
            chosen[k] = free[0] if free else OWN.get(names[k], "dashed")
    return [str(look) for look in chosen]


def says(names: Sequence[str], most: int = 3) -> str:
    """A sentence on each optimizer, as many as can be listened to."""
    return " ".join(SAYS[name] for name in dict.fromkeys(names) if name in SAYS) if len(set(names)) <= most else ""


__all__ = ["LOOKS", "MOST", "Racer", "looks", "racers", "says"]
