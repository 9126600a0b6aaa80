"""The watcher: follows a scene through its plays and asks every rule at the moments that it wants to see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manim import config

from .colours import ColourDistance, RoleColour, SecondCode
from .finding import Box, Finding
from .motion import Algorithm, Direction, Focus, MovingGroups, Pace
from .newness import News, NewThings
from .numbers import Arithmetic, Decimals, TypedNumber
from .record import Record
from .sight import Moment, extent
from .text import Contrast, Density, Echo, IndexSize, Nearness, Overlap, SafeArea, Size
from .timing import Continuity, DeadFrame, Hold, TimeToRead

SAMPLES = (0.2, 0.4, 0.6, 0.8)  # of each play: collisions in motion are seen as well
FAMILIES = (
    SafeArea, Overlap, Size, IndexSize, Contrast, Density, Echo, Nearness, TypedNumber, Decimals, Arithmetic, RoleColour,
    SecondCode, ColourDistance, Pace, MovingGroups, Focus, Direction, Algorithm, NewThings, TimeToRead, Hold, Continuity,
    DeadFrame,
)  # fmt: skip


class Play:
    """One call of `play` or `wait`: when, how long, its animations, where their mobjects were at the beginning."""

    def __init__(self, stage: Any, start: float):
        self.start, self.duration = start, float(stage.duration or 0.0)
        self.animations = list(stage.animations or ())
        self.frozen = bool(stage.is_current_animation_frozen_frame())
        self.leaves = [] if self.frozen else list(leaves(self.animations))
        self.boxes: dict[int, Box | None] = {id(a): extent(a.mobject) for a in self.leaves if a.mobject is not None}

    @property
    def moves(self) -> bool:
        """Whether anything happens."""
        return not self.frozen


def leaves(animations: Any) -> Iterator[Any]:
    """The single animations of groups."""
    for animation in animations:
        inner = getattr(animation, "animations", None)
        if inner:
            yield from leaves(inner)
        else:
            yield animation


class Lint:
    """Collects findings while a Stage runs; each distinct one once.

    It looks at the end of every play, at moments within it, at the end of every beat, and back over the whole. The limits
    are the same for clips and films; a `film` is a chapter, which has others before and behind it.
    """

    def __init__(self, stage: Any, *, film: bool = False):
        self.stage, self.film = stage, film
        self.gauges: dict[str, float] = {}  # the worst that was measured, by name
        self.findings: list[Finding] = []
        self.plays: list[Play] = []
        self.news: list[News] = []  # what each beat brings
        self.seen: frozenset[str] = frozenset()  # all of that, in the end
        self._told: set[tuple[str, str]] = set()
        self._pending: list[float] = []
        self._at = self._clock = 0.0  # seconds within the play, and at the end of the last one
        self._play: Play | None = None
        self._beat = 0
        self._last: Moment | None = None
        self.record = Record(self)
        self.rules: list[Any] = [self.record, *(family(self) for family in FAMILIES)]
        self._steps, self._begins, self._ends = stage.update_to_time, stage.begin_animations, stage.tear_down
        stage.update_to_time, stage.begin_animations, stage.tear_down = self._step, self._begin, self._end
        stage.watchers.append(self.look)

    def tell(
        self, rule: str, message: str, where: Box | None = None, name: str = "", moment: Moment | None = None,
        *, once: str | None = None,
    ) -> None:  # fmt: skip
        """Enter a breach; `once` is what makes it the same as another (the message, unless told)."""
        mark = (rule, once or message)
        if mark not in self._told:
            self._told.add(mark)
            time = moment.time if moment else self.stage.now
            beat = moment.beat if moment else max(len(self.stage.beats) - 1, 0)
            self.findings.append(Finding(rule, beat, round(float(time), 2), message, where, name))

    def gauge(self, name: str, value: float, *, least: bool = False) -> None:
        """Keep what was measured: the most, or the least."""
        known = self.gauges.get(name, value)
        self.gauges[name] = min(known, value) if least else max(known, value)

    def look(self, stage: Any) -> None:
        """Judge what is on screen now; called by the stage whenever something has moved."""
        moment = Moment(stage, stage.now)
        play, self._play = self._play, None
        if play is not None and stage.now < play.start + play.duration - 0.6 / config.frame_rate:
            self._play = play  # a frame of a play that goes on
            self._ask("moving", moment, play)
            return
        if play is not None:
            self._ask("played", moment, play)
        self._clock = stage.now
        self._ask("settled", moment)
        if moment.beat != self._beat and self._last is not None:
            self._ask("beat", self._last)
            self._beat = moment.beat
        self._last = moment

    def _begin(self) -> None:
        stage = self.stage
        self._ask("before", Moment(stage, self._clock))
        self._begins()
        self._play = Play(stage, self._clock)
        self.plays.append(self._play)
        self._at = 0.0
        self._pending = [] if self._play.frozen else [share * self._play.duration for share in SAMPLES]

    def _step(self, t: float) -> None:
        while self._pending and self._pending[0] < t - 1e-9:
            sample = self._pending.pop(0)
            if sample > self._at + 1e-9:
                self._steps(sample)
                self._at = sample
            if self._play is not None:
                self._ask("moving", Moment(self.stage, self._play.start + sample), self._play)
        self._steps(t)
        self._at = t

    def _end(self) -> None:
        self._ends()
        if self._last is not None:
            self._ask("beat", self._last)
            self._ask("finish", self._last)
        self.findings.sort(key=lambda f: (f.time, f.rule))

    def _ask(self, when: str, *about: Any) -> None:
        for rule in self.rules:
            judge = getattr(rule, when, None)
            if judge is not None:
                judge(*about)


__all__ = ["Lint", "Play", "leaves"]
