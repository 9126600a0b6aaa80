"""Optimizers racing down one loss: their runs with good rates, the room of such a film, and how a race is told.

The clips `descent`, `surface` and `slice` share this page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from manim import LEFT, Animation, FadeIn, FadeOut, VGroup

from chainreel.engine import Descent as Log
from chainreel.engine import EngineError, Function, Quantity, Trace

from ..figures.contour_descent import ContourDescent, Runner
from ..figures.racer import Racer, racers, says
from ..figures.symbols import equations, slope_equation, value_equation
from ..stage.area import Area
from ..stage.badge import QuestionBadge
from ..stage.formula import Formula
from ..stage.stage import READING, TOP, Stage
from ..stage.theme import Theme
from .heading import heading

RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6)
LONG = 90  # characters of a sentence during which something must move
LENGTHS = (60, 150, 400, 900)  # steps that are tried, until all but one are there


# The runs -----------------------------------------------------------------------------------------------------------


def run_racers(
    function: Function, begin: Mapping[str, float], who: Sequence[Racer], rate: float | None = None, steps: int | None = None,
    prefix: str = "",
) -> dict[str, Log]:  # fmt: skip
    """The logs from one start by source name, all of one length; `rate` is for those that have none of their own."""
    rates = {}
    for racer in who:
        asked = racer.rate if racer.rate is not None else rate
        rates[racer] = good_rate(function, begin, racer.optimizer, steps) if asked is None else asked
    logs: dict[str, Log] = {}
    for length in (steps,) if steps else LENGTHS:
        logs = {
            prefix + r.key: Log.run(function, begin, optimizer=r.optimizer, rate=rates[r], steps=length) for r in who
        }
        if _settled(list(logs.values())):
            break
    return logs


def good_rate(function: Function, begin: Mapping[str, float], optimizer: str, steps: int | None = None) -> float:
    """Plain descent gets the largest round rate that never climbs, the others the engine's own choice."""
    try:
        if optimizer == "plain":
            for rate in RATES:
                log = Log.run(function, begin, rate=rate, steps=min(steps or 150, 150))
                falls = all(b <= a + 1e-12 * abs(a) for a, b in pairwise(log.losses))
                if falls and not log.diverged and log.losses[-1] < log.losses[0]:
                    return rate
        return float(Log.run(function, begin, optimizer=optimizer, steps=min(steps or 60, 60)).rate)
    except EngineError:
        return 0.01


def _settled(logs: list[Log]) -> bool:
    """Whether a longer race would show nothing new: the best has stopped falling, and all but one are near it."""
    if any(log.diverged for log in logs):
        return True
    best = min(logs, key=lambda log: log.losses[-1])
    lowest, height = min(best.losses), best.losses[0] - min(best.losses)
    late = best.losses[int(0.8 * len(best.losses))]
    if late - best.losses[-1] > 0.02 * abs(late) + 1e-6 * height:
        return False
    near = [log for log in logs if log.losses[-1] - lowest <= 1e-4 * height]
    return len(near) >= max(len(logs) - 1, 1)


# The room -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """Where things are in a film of a map or a surface: the formula on top, the picture, and beside or below it the
    readings and counters (in `columns` columns)."""

    top: Formula | None
    map: tuple[float, float, float, float]
    picture: tuple[float, float, float, float]
    side: Area
    columns: int

    @property
    def slots(self) -> tuple[Area, ...]:
        """The columns of the side."""
        return (self.side,) if self.columns == 1 else self.side.columns(*[1.0] * self.columns, gap=0.6)


def places(stage: Stage, trace: Trace | None, left: float = -5.5) -> Places:
    """The places for the shape of the stage's frame; `left` is where the formula begins on a wide one."""
    area = stage.area
    wide = stage.shape == "wide"
    room = 11.4 + (-5.9 - left) if wide else area.width
    top = None if trace is None else heading(stage.look, trace, left if wide else area.left, 3.02, room)
    if top is not None:
        top.shift([0, area.top - TOP, 0])
    if wide:
        low = 2.5 if top is not None else 3.5
        picture = (-6.2, 2.15, -2.62, 2.62 if top is not None else 3.45)
        return Places(top, (-5.5, 2.0, -2.0, low), picture, Area(2.62, 6.22, -2.0, 3.0), 1)
    if top is not None:
        area = Area(area.left, area.right, area.bottom, min(area.top - 0.62, top.get_bottom()[1] - 0.15))
    below = 2.1 if stage.shape == "square" else 2.6
    side, picture_area = area.cut_bottom(below, gap=0.1)
    side = side.inset(0.05, 0.0)
    left, right, low, high = picture_area.box
    return Places(top, (left + 0.6, right - 0.45, low + 0.5, high), (left + 0.25, right - 0.25, low, high), side, 2)


def held_still(look: Theme, quantities: Mapping[str, Quantity], names: Sequence[str], room: Places) -> VGroup:
    """What is held still, as many of them as there is room for, at the foot of the side."""
    slot = room.slots[-1]
    for count in range(min(len(names), 3), 0, -1):
        line = equations(look, {n: quantities[n] for n in names[:count]}, 34)
        if line.width <= slot.width:
            break
    else:
        return VGroup()
    y = -1.85 if room.columns == 1 else slot.bottom + 0.25
    return line.move_to([slot.left + line.width / 2, y, 0])


def readout(
    look: Theme, at: Mapping[str, Quantity], loss: Quantity, slopes: Mapping[str, Quantity], room: Places
) -> tuple[VGroup, VGroup]:
    """The start in numbers: its point and loss; its slopes, one by one – below each other, or side by side."""
    values = VGroup(*(equations(look, {n: at[n]}, 40) for n in slopes), value_equation(look, "f", loss, size=40))
    partials = VGroup(*(slope_equation(look, n, slopes[n], 40) for n in slopes))
    pitch = 0.66
    for group, slot in zip((values, partials), (room.slots[0], room.slots[-1]), strict=True):
        y = 1.55 if room.columns == 1 else slot.top - 0.5
        if room.columns == 1 and group is partials:
            y -= pitch * len(values) + 0.3
        for i, line in enumerate(group):
            left = slot.left + (0.1 if room.columns == 1 else 0.0)
            line.set_baseline(left, y - pitch * i)
            if line.get_right()[0] > slot.right + 0.04:
                line.scale(max((slot.right + 0.04 - left) / line.width, 0.8), about_edge=LEFT)
        group.remove(*(line for line in group if line.get_right()[0] > slot.right + 0.1))  # a long name, a long number
    return values, partials


# The telling --------------------------------------------------------------------------------------------------------


def tell_race(
    stage: Stage, figure: ContourDescent, question: str, going: Sequence[Sequence[Animation]] = (), words: str = "",
    moves: Sequence[Animation] = (),
) -> None:  # fmt: skip
    """Four beats that belong together: the question with the counters, the race, and how it ended.

    `going` is what leaves the stage first, `moves` what moves before the start (the eye).
    """
    badge = QuestionBadge(stage.look)
    if stage.shape != "wide":
        area = stage.area
        tops = [m for m in stage.mobjects if isinstance(m, Formula) and m.get_right()[0] > area.right - 0.9]
        badge.move_to([area.right - 0.4, area.top - (1.2 if tops else 0.4), 0])
    with stage.beat(question, hold=2.2, title="predict"):
        for some in going:
            if some:
                stage.play(*some)
        stage.play(figure.counters(), FadeIn(badge, scale=0.6))
        for move in moves:
            stage.play(move)
    lines = words or says([r.descent.optimizer for r in figure.runners]) or "All run, one step at a time."
    with stage.beat(lines, hold=0.3, title="the race"):
        stage.play(FadeOut(badge, run_time=0.3))
        stage.play(figure.race())
    told, said = told_result(figure)
    goal = figure.goal() if any(runner.moved for runner in figure.runners) else None
    with stage.beat(told, hold=2.2, title="the result", **said):
        parts = [*figure.settle(), *([goal] if goal is not None else [])]
        if len(told) < LONG or len(parts) < 2:
            stage.play(*parts)
        else:  # the picture keeps up with a long sentence
            stage.play(*parts[:-1])
            stage.rest(len(told) / READING / 2)
            stage.play(parts[-1])
        stage.poster()


def told_result(figure: ContourDescent) -> tuple[str, dict[str, Any]]:
    """Who was first, who never came, who flew off – in a sentence or two, with the numbers of the logs."""
    if not any(runner.moved for runner in figure.runners):
        return "A step follows the slope, and here there is none: nobody moves.", {}
    there = sorted((r for r in figure.runners if r.there is not None), key=lambda r: r.there or 0)
    lost = [r for r in figure.runners if r.lost]
    away = [r for r in figure.runners if r.trail is not None and r.trail.gone and r not in lost]
    ended = [r for r in figure.runners if r.ended]
    late = [r for r in figure.runners if r.there is None and r not in (*lost, *away, *ended)]
    said: dict[str, Any] = {}

    def who(some: Sequence[Runner]) -> str:
        return _capital(listed([called(figure, r, said) for r in some]))

    words = ""
    if there:
        first = there[0]
        said["n"] = figure.quantity(first, "steps", 0)
        tied = [r for r in there if r.there == first.there]
        steps = "step" if first.there == 1 else "steps"
        words = f"{who(tied)} {'is' if len(tied) == 1 else 'are'} there after {{n}} {steps}."
        rest = [r for r in there if r not in tied]
        if rest:
            said["m"] = figure.quantity(rest[-1], "steps", 0)
            words += f" {who(rest[-1:])} needs {{m}}."
    if late:
        said["k"] = figure.quantity(late[0], "steps", 0)
        words += f" {who(late)} {'is' if len(late) == 1 else 'are'} not there after {{k}}."
    if away:
        words += f" {who(away)} {'leaves' if len(away) == 1 else 'leave'} the map: the loss keeps falling out there."
    if ended:
        words += f" {who(ended)} {'runs' if len(ended) == 1 else 'run'} to where the function has no value."
    if lost:
        words += f" {who(lost)} {'flies' if len(lost) == 1 else 'fly'} off: the rate is too large here."
    return words.strip() or "The loss is level here: nobody moves.", said


def called(figure: ContourDescent, runner: Runner, said: dict[str, Any]) -> str:
    """A runner in the words of a beat: its name, with its rate where that belongs to it."""
    if not runner.rated:
        return runner.title
    key = "r" + chr(97 + figure.runners.index(runner))
    said[key] = figure.quantity(runner, "rate", 0)
    return f"{runner.title} at {{{key}}}"


def names_of(figure: ContourDescent) -> str:
    """All runners in a row, for the alternative text."""
    return listed([r.title + (f" at {r.descent.rate:g}" if r.rated else "") for r in figure.runners])


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _capital(words: str) -> str:
    return words if words.startswith("{") else words[0].upper() + words[1:]


def at_start(trace: Trace, name: str, free: Sequence[str]) -> tuple[dict[str, Quantity], Quantity, dict[str, Quantity]]:
    """Point, loss and slopes of the start's trace, entered under `name`."""
    at = {s.name: replace(trace.quantity("value", s), source=name) for s in trace.inputs}
    slopes = {n: replace(trace.quantity("adjoint", trace.step(n)), source=name) for n in free}
    return at, replace(trace.quantity("value", trace.output), source=name), slopes


__all__ = [
    "Places", "Racer", "at_start", "called", "good_rate", "held_still", "listed", "names_of", "places", "racers", "readout",
    "run_racers", "tell_race", "told_result",
]  # fmt: skip
