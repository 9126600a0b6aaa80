"""Rules about time: how long what is new stays, holds after results, continuity, no dead frames."""

from __future__ import annotations

import re
from typing import Any

from ..stage.formula import Formula
from .exceptions import excepted
from .meeting import is_general
from .newness import symbols_of
from .sight import Moment

LONGEST_STILL = 8.0  # seconds (R40)
SYMBOL, WHOLE, TERM = 3.0, 6.0, 2.0  # seconds for a symbol, for a formula in letters, and for a term more (R5)
HOLD = 3.0  # seconds without motion after the main result (R8), which a clip ends with
SHARED = 0.8  # of the beats (R24)


class TimeToRead:
    """R5: a formula in letters stays for six seconds, one that it grows into for two more; a symbol that came by itself has
    three seconds before a formula uses it. What has its numbers put in stays as long as reading it takes.
    """

    def __init__(self, lint: Any):
        self.lint = lint
        self._since: dict[str, tuple[float, Any, Moment]] = {}
        self._stayed: dict[str, float] = {}
        self._general: list[str] = []  # formulas in letters that were shown
        self._met: dict[str, float] = {}  # when a symbol came
        self._cases: set[str] = set()  # formulas with numbers put in

    def settled(self, moment: Moment) -> None:
        """By what the formula says, so that one that turns into an equal one goes on."""
        here = {s.says: s for s in moment.texts if isinstance(s.mobject, Formula) and s.opacity > 0.6}
        for says, seen in here.items():
            if says not in self._since:
                self._since[says] = (moment.time, seen.box, moment)
                self._used(seen, moment)
        for says in [s for s in self._since if s not in here]:
            self._close(says, moment.time)
        for seen in here.values():
            for symbol in symbols_of(seen.mobject):
                self._met.setdefault(symbol, moment.time)

    def _used(self, seen: Any, moment: Moment) -> None:
        if excepted("time to read", seen):
            self._cases.add(seen.says)
        if seen.says in self._cases or not is_general(seen.says):
            return
        for symbol in symbols_of(seen.mobject):
            known = moment.time - self._met.get(symbol, -SYMBOL)
            self.lint.gauge("symbol time", known, least=True)
            if 0 < known < SYMBOL - 0.05:
                message = f"'{symbol}' is used {known:.1f} s after it came; {SYMBOL:g} s is the least"
                self.lint.tell("time to read", message, seen.box, symbol, moment)

    def _close(self, says: str, end: float) -> None:
        start, box, moment = self._since.pop(says)
        stayed = self._stayed.get(says, 0.0) + end - start
        self._stayed[says] = stayed
        need = self._need(says)
        if need > 0:
            self.lint.gauge("formula time", stayed - need, least=True)
        if stayed < need - 0.05 and need > 0:
            message = f"'{says}' stays {stayed:.1f} s; reading it takes {need:.1f} s"
            self.lint.tell("time to read", message, box, says, moment, once=says)

    def _need(self, says: str) -> float:
        if not is_general(says) or says in self._cases:
            return needed(says)
        grown = any(says.startswith(known[: max(3, len(known) // 2)]) for known in self._general)
        self._general.append(says)
        return TERM if grown else WHOLE

    def finish(self, moment: Moment) -> None:
        """What stands at the end has had its time since it came."""
        for says in list(self._since):
            self._close(says, moment.time)


def needed(says: str) -> float:
    """Seconds that a formula needs: none for a name or a number alone.

    >>> needed("x"), needed("x = 1.5"), needed("f = sin(x dot y) + x^2")
    (0.0, 0.0, 3.0)
    """
    says = re.sub(r"(?:[\d.]+ dot )?10\^\(-?\d+\)", "n", says)  # a power of ten is one number
    signs = sum(says.count(sign) for sign in _SIGNS)
    return 0.0 if signs < 2 else min(1.0 + 0.5 * signs, 3.0)


_SIGNS = (" + ", " - ", " dot ", "/", "^", "sin", "cos", "exp", "log", "tanh", "frac", "sum")


class Hold:
    """R8: a clip ends with its main result: three seconds in which nothing moves. (A film's chapters run on; see `pauses`.)"""

    def __init__(self, lint: Any):
        self.lint = lint

    def finish(self, moment: Moment) -> None:
        """Measured back from the end."""
        still = 0.0
        for play in reversed(self.lint.plays):
            if play.moves:
                break
            still += play.duration
        if still < HOLD - 0.05 and self.lint.plays and not self.lint.film:  # a film's chapters run on; holds are heard, too
            message = f"the last picture stands {still:.1f} s; {HOLD:g} s is the least after a result"
            self.lint.tell("hold", message, None, "", moment)


class DeadFrame:
    """R40: a picture stands still for at most 8 s, unless the "?" badge is up."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._still = 0.0

    def played(self, moment: Moment, play: Any) -> None:
        """Waits add up until something moves."""
        if play.moves or moment.question:
            self._still = 0.0
            return
        self._still += play.duration
        self.lint.gauge("still", self._still)
        if self._still > LONGEST_STILL + 0.05:
            message = f"nothing moves for {self._still:.1f} s; {LONGEST_STILL:g} s is the most"
            self.lint.tell("dead frame", message, None, "", moment, once=f"beat {moment.beat}")


class Continuity:
    """R24: four of five beats share an object with the beat before; no text vanishes between two plays."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._before: set[int] | None = None
        self._alive: list[Any] = []
        self._beats = self._shared = 0
        self._shown: Moment | None = None

    def settled(self, moment: Moment) -> None:
        """Remember what stood there when the last play ended."""
        self._shown = moment

    def before(self, moment: Moment) -> None:
        """When the next play begins, nothing that was there may be missing."""
        shown, self._shown = self._shown, None
        if shown is None:
            return
        here = {id(t.mobject) for t in moment.texts}
        words = [(t.says, t.box) for t in moment.texts]
        for seen in shown.texts:
            if id(seen.mobject) in here or seen.opacity < 0.6:
                continue
            if any(says == seen.says for says, _ in words) or any(same(box, seen.box) for _, box in words):
                continue
            self.lint.tell("continuity", f"'{seen.says}' is gone from one frame to the next", seen.box, seen.says, shown)

    def beat(self, moment: Moment) -> None:
        """By the identity of everything that can be seen."""
        here = {id(m): m for m in moment.shapes} | {id(t.mobject): t.mobject for t in moment.texts}
        if self._before is not None and moment.stage.beats[moment.beat].chapter == getattr(self, "_chapter", None):
            self._beats += 1
            self._shared += bool(self._before & set(here))
        self._before, self._alive = set(here), list(here.values())  # kept alive, so that an id means one object
        self._chapter = moment.stage.beats[moment.beat].chapter if moment.stage.beats else None

    def finish(self, moment: Moment) -> None:
        """The share over the whole film."""
        if self._beats:
            self.lint.gauge("shared", self._shared / self._beats)
        if self._shared < SHARED * self._beats:
            message = f"only {self._shared} of {self._beats} beats share an object with the beat before"
            self.lint.tell("continuity", message, None, "", moment)


def same(a: Any, b: Any) -> bool:
    """Two boxes at the same place."""
    return all(abs(x - y) < 0.4 for x, y in zip(a, b, strict=True))


__all__ = ["Continuity", "DeadFrame", "Hold", "TimeToRead", "needed"]
