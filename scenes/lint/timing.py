"""Rules about time: what is new, how long it stays, holds after results, continuity, no dead frames."""

from __future__ import annotations

import re
from typing import Any

from manim import Mobject

from ..stage.formula import Formula
from .meeting import is_general
from .sight import SEEN, Moment, opacity

LONGEST_STILL = 8.0  # seconds (R40)
WHOLE, TERM = 6.0, 2.0  # seconds for a formula in letters, and for a term more (R5)
HOLD = 2.0  # seconds without motion after the result (R8)
MOST_NEW = 2  # kinds of thing in one beat (R4)
SHARED = 0.8  # of the beats (R24)


class NewThings:
    """R4: a beat brings at most two kinds of thing that were not there before. The opening picture is the setting."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._known: set[str] = set()
        self._open = False

    def beat(self, moment: Moment) -> None:
        """Kinds are the named parts of the vocabulary: Dial, Chip, Ribbon, Curve, Trail, …"""
        kinds = {type(m).__name__ for m in moment._all if is_part(m) and opacity(m) > SEEN}
        new, first = kinds - self._known, not self._open
        self._known, self._open = self._known | kinds, True
        if not first:
            self.lint.gauge("new things", len(new))
        if len(new) > MOST_NEW and not first:
            message = f"{len(new)} new kinds of thing come in one beat: {', '.join(sorted(new))}"
            self.lint.tell("new things", message, None, "", moment, once=f"beat {moment.beat}")


_SETTING = {  # belongs to another part or is no thing of its own
    "Plate", "Glow", "QuestionBadge", "Pulse", "HopArc", "Tick", "Label", "Number", "Phrase", "Formula", "LitNumber",
    "StepEquation", "Row", "Spot", "Picture", "Printable", "Stage", "SerifNumber", "Readout", "Count", "Word", "SourceChip",
    "Plumb", "Thread",
}  # fmt: skip


def is_part(mobject: Mobject) -> bool:
    """Whether it is a named part of the stage's or a figure's, not a bare outline, a text or a whole figure."""
    from ..figures.figure import Figure

    kind = type(mobject)
    return kind.__module__.startswith("chainreel.") and kind.__name__ not in _SETTING and not isinstance(mobject, Figure)


class TimeToRead:
    """R5: a formula stays at least three seconds, a longer one a second more for every two signs of operation."""

    def __init__(self, lint: Any):
        self.lint = lint
        self._since: dict[str, tuple[float, Any, Moment]] = {}
        self._stayed: dict[str, float] = {}
        self._general: list[str] = []  # formulas in letters that were shown

    def settled(self, moment: Moment) -> None:
        """By what the formula says, so that one that turns into an equal one goes on."""
        here = {s.says: s for s in moment.texts if isinstance(s.mobject, Formula) and s.opacity > 0.6}
        for says, seen in here.items():
            self._since.setdefault(says, (moment.time, seen.box, moment))
        for says in [s for s in self._since if s not in here]:
            self._close(says, moment.time)

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
        """In a film a formula in letters takes six seconds; one that another grows into, two more."""
        if not self.lint.film or needed(says) == 0.0 or not is_general(says):
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
    """R8: the film ends with two seconds in which nothing moves."""

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
        if self._beats >= 3 and self._shared < SHARED * self._beats:
            message = f"only {self._shared} of {self._beats} beats share an object with the beat before"
            self.lint.tell("continuity", message, None, "", moment)


def same(a: Any, b: Any) -> bool:
    """Two boxes at the same place."""
    return all(abs(x - y) < 0.4 for x, y in zip(a, b, strict=True))


__all__ = ["Continuity", "DeadFrame", "Hold", "NewThings", "TimeToRead", "needed"]
