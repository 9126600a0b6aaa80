"""The clip `descent`: a map of the loss over two inputs, the slope at the start, and optimizers racing down it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from manim import LEFT, RIGHT, FadeIn, FadeOut, VGroup

from chainreel.engine import Descent as Log
from chainreel.engine import EngineError, Function, Quantity, Trace

from ..figures.contour_descent import BOX, ROWS, ContourDescent
from ..figures.symbols import equations, slope_equation, value_equation
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name as named
from ..stage.stage import RIGHT as RIM
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.view import Range
from .clip import Clip
from .heading import heading
from .hold import chosen, hold, known_only
from .leave import leave

RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6)
LENGTHS = (60, 150, 400, 900)  # steps that are tried, until all but one are there
STARTS = ((-2.2, 1.5), (2.2, 1.3), (-1.2, 1.0), (1.5, -0.5), (0.7, 2.0), (0.4, 0.3))


class Descent(Clip):
    """A map of the loss over two inputs, and optimizers racing down it."""

    start: Any = None
    range: Any = None
    inputs: Any = None
    optimizers: Any = ("plain", "momentum", "adam")
    rate: Any = None
    steps: Any = None

    def prepare(self) -> None:
        """Choose the inputs and the start, and run the descents."""
        function = self.subject
        known_only(function, self.start, "--start")
        known_only(function, self.range, "--range")
        for name in self.inputs or ():
            chosen(function, name, "--inputs")
        if self.inputs is not None and len(self.inputs) != 2:
            raise StageError(f"--inputs takes two names, such as x,y; {','.join(self.inputs)} is {len(self.inputs)}")
        self.story = DescentStory(
            function, self.start, self.range, self.optimizers, self.rate, self.steps, self.inputs
        )

    def construct(self) -> None:
        """The whole clip."""
        descent_story(self, self.story)


class DescentStory:
    """What the film of a race is made from: the logs, by optimizer; the trace at the start; the range.

    Numbers of a log are entered under its optimizer's name after `name`, those of the trace under `name + "start"`.
    """

    def __init__(
        self, function: Function, start: Mapping[str, float] | None = None, see: Mapping[str, Range] | None = None,
        optimizers: Sequence[str] = ("plain", "momentum", "adam"), rate: float | None = None, steps: int | None = None,
        inputs: Sequence[str] | None = None, name: str = "",
    ):  # fmt: skip
        self.function, self.name = function, name
        if len(function.inputs) < 2:
            raise StageError(
                f"{function.title} has one input, {function.inputs[0]}, and a map needs two; use 'clip slice' for its descent"
            )
        if not optimizers:
            raise StageError("nobody races: --optimizers is empty; it can be plain, momentum, adam")
        if len(set(optimizers)) < len(optimizers):
            raise StageError(f"--optimizers names one twice: {','.join(optimizers)}")
        self.free = tuple(inputs) if inputs else self._two(see)
        if len(set(self.free)) != 2:
            raise StageError(f"--inputs takes two different names, such as {function.inputs[0]},{function.inputs[1]}")
        at = function.complete(dict(start)) if start is not None else _start(function, self.free, see or {})
        for key, value in at.items():
            if np.ndim(value):
                raise StageError(f"the input {key} is an array; a map shows inputs that are single numbers")
        self.start = {k: float(v) for k, v in at.items()}
        self.fixed = {k: v for k, v in self.start.items() if k not in self.free}
        self.trace: Trace = function.trace(self.start)
        self.two = hold(function, self.fixed)
        self.see = dict(see or {})
        begin = {k: self.start[k] for k in self.free}
        for n, (low, high) in self.see.items():
            if n in begin and not low <= begin[n] <= high:
                raise StageError(
                    f"--range shows {n} from {low:g} to {high:g}, but the start is {n} = {begin[n]:g}; "
                    "widen --range or move --start"
                )
        self.logs = self._run(begin, optimizers, rate, steps)

    def _two(self, see: Mapping[str, Range] | None) -> tuple[str, ...]:
        """The two inputs that have a range, else the first two."""
        wanted = [n for n in self.function.inputs if n in (see or {})]
        return tuple([*wanted, *(n for n in self.function.inputs if n not in wanted)][:2])

    def _run(
        self, begin: dict[str, float], optimizers: Sequence[str], rate: float | None, steps: int | None
    ) -> dict[str, Log]:
        rates = {o: rate if rate is not None else self._rate(begin, o, steps) for o in optimizers}
        lengths = (steps,) if steps else LENGTHS
        logs: dict[str, Log] = {}
        for length in lengths:
            logs = {
                self.name + o: Log.run(self.two, begin, optimizer=o, rate=rates[o], steps=length) for o in optimizers
            }
            if self._settled(list(logs.values())):
                break
        return logs

    def _rate(self, begin: dict[str, float], optimizer: str, steps: int | None) -> float:
        """Plain descent gets the largest round rate that never climbs, the others the engine's own choice."""
        try:
            if optimizer == "plain":
                for rate in RATES:
                    log = Log.run(self.two, begin, rate=rate, steps=min(steps or 150, 150))
                    falls = all(b <= a + 1e-12 * abs(a) for a, b in pairwise(log.losses))
                    if falls and not log.diverged and log.losses[-1] < log.losses[0]:
                        return rate
            return float(Log.run(self.two, begin, optimizer=optimizer, steps=min(steps or 60, 60)).rate)
        except EngineError:
            return 0.01

    @staticmethod
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


def descent_story(stage: Stage, story: DescentStory, *, clean: bool = False) -> ContourDescent:
    """Tell a race on a stage. With `clean`, nothing of it stays on screen at the end."""
    look, before = stage.look, list(stage.mobjects)
    top = heading(look, story.trace, -5.5, 3.02, 10.7)
    box = (BOX[0], BOX[1], BOX[2], BOX[3] if top is None else 2.5)
    figure = ContourDescent(story.two, look, story.logs, story.see, names=story.free, box=box)
    for runner in figure.runners:
        stage.ledger.source(runner.name, runner.descent.describe())
    x, y = (named(n) for n in story.free)
    quantities = {
        s.name: replace(story.trace.quantity("value", s), source=story.name + "start") for s in story.trace.inputs
    }
    loss = replace(story.trace.quantity("value", story.trace.output), source=story.name + "start")
    stage.ledger.source(story.name + "start", story.trace.describe())
    values, slopes = _readout(look, story, quantities, loss)
    low = "dark" if look.dark else "pale"
    words = "A map of the loss over {x} and {y}. Each line joins equal losses; {low} is low."
    words += "" if figure.equal else " The axes have scales of their own."
    with stage.beat(words, x=x, y=y, low=low, title="the map"):
        if top is not None:
            stage.add(top)
        stage.play(figure.spread(2.0))
    if story.fixed:
        for count in range(min(len(story.fixed), 3), 0, -1):  # as many as the room beside the map holds
            line = equations(look, {n: quantities[n] for n in list(story.fixed)[:count]}, 34)
            if ROWS[0] + line.width <= RIM:
                break
        line.move_to([ROWS[0] + line.width / 2, -1.85, 0])
        with stage.beat("The other inputs are held still: this is a slice.", title="a slice"):
            stage.play(FadeIn(line), run_time=0.6)
    with stage.beat("We start here. The loss is {l}.", l=loss, title="the start"):
        stage.play(figure.begin(), FadeIn(values, shift=0.15 * RIGHT))
    size = float(np.hypot(*figure.gradient))
    if size > 0:
        with stage.beat(
            "The slope points straight across the line. Against it, the loss falls fastest.", hold=1.0, title="the slope"
        ):
            stage.play(figure.steepest(), FadeIn(slopes, shift=0.15 * RIGHT))
            stage.poster()
    many = len(figure.runners) > 1
    badge = QuestionBadge(look)
    text = "Every runner starts here and reads the same slopes. Who is first at the lowest place?"
    with stage.beat(text if many else "One runner starts here. How does it get down?", hold=2.2, title="predict"):
        going = [figure.clear_steepest(), FadeOut(slopes)] if size > 0 else [FadeOut(figure.start_label, figure.flare)]
        stage.play(*going, FadeOut(values), run_time=0.6)
        stage.play(figure.counters(), FadeIn(badge, scale=0.6))
    says = {
        "plain": "Plain descent hops straight down the slope.",
        "momentum": "Momentum keeps its speed and glides past the bends.",
        "adam": "Adam measures each direction with a scale of its own.",
    }
    lines = " ".join(says[r.descent.optimizer] for r in figure.runners if r.descent.optimizer in says)
    with stage.beat(lines or "All run, one step at a time.", hold=0.3, title="the race"):
        stage.play(FadeOut(badge, run_time=0.3))
        stage.play(figure.race())
    words, quantities_said = told_result(figure)
    goal = figure.goal()
    with stage.beat(words, hold=2.6, title="the result", **quantities_said):
        stage.play(*figure.settle(), *([goal] if goal is not None else []))
        stage.poster()
    scaled = "" if figure.equal else " The axes are scaled separately."
    stage.alt = (
        f"A contour map of {story.function.name} over {story.free[0]} and {story.free[1]} with the paths of "
        f"{listed([r.title for r in figure.runners])} from one start.{scaled}"
    )
    if clean:
        leave(stage, before)
    return figure


def _readout(look: Theme, story: DescentStory, at: dict[str, Quantity], loss: Quantity) -> tuple[VGroup, VGroup]:
    """The start in numbers, for the right third: its point and loss; its slopes."""
    left, y, pitch = ROWS[0] + 0.1, 1.55, 0.66
    values = VGroup(*(equations(look, {n: at[n]}, 40) for n in story.free), value_equation(look, "f", loss, size=40))
    slopes = VGroup()
    for step in story.trace.inputs:
        if step.name in story.free:
            slope = replace(story.trace.quantity("adjoint", step), source=story.name + "start")
            slopes.add(slope_equation(look, step.name, slope, 40))
    for i, line in enumerate([*values, *slopes]):
        line.set_baseline(left, y - pitch * i - (0.3 if line in slopes.submobjects else 0.0))
        if line.get_right()[0] > 6.26:
            line.scale(max((6.26 - left) / line.width, 0.8), about_edge=LEFT)
    return values, slopes


def told_result(figure: ContourDescent) -> tuple[str, dict[str, Any]]:
    """Who was first, who never came, who flew off – in a sentence or two, with the numbers of the logs."""
    there = sorted((r for r in figure.runners if r.there is not None), key=lambda r: r.there or 0)
    lost = [r for r in figure.runners if r.lost]
    away = [r for r in figure.runners if r.trail is not None and r.trail.gone and r not in lost]
    ended = [r for r in figure.runners if r.ended]
    late = [r for r in figure.runners if r.there is None and r not in (*lost, *away, *ended)]
    said: dict[str, Any] = {}
    words = ""
    if there:
        first = there[0]
        said["n"] = figure.quantity(first, "steps", 0)
        tied = [r for r in there if r.there == first.there]
        who = listed([r.title for r in tied])
        words = f"{who[0].upper()}{who[1:]} {'is' if len(tied) == 1 else 'are'} there after {{n}} steps."
        rest = [r for r in there if r not in tied]
        if rest:
            said["m"] = figure.quantity(rest[-1], "steps", 0)
            name = rest[-1].title
            words += f" {name[0].upper()}{name[1:]} needs {{m}}."
    if late:
        name = listed([r.title for r in late])
        said["k"] = figure.quantity(late[0], "steps", 0)
        words += f" {name[0].upper()}{name[1:]} {'is' if len(late) == 1 else 'are'} not there after {{k}}."
    if away:
        name = listed([r.title for r in away])
        verb = "leaves" if len(away) == 1 else "leave"
        words += f" {name[0].upper()}{name[1:]} {verb} the map: the loss keeps falling out there."
    if ended:
        name = listed([r.title for r in ended])
        words += f" {name[0].upper()}{name[1:]} {'runs' if len(ended) == 1 else 'run'} to where the function has no value."
    if lost:
        name = listed([r.title for r in lost])
        words += f" {name[0].upper()}{name[1:]} {'flies' if len(lost) == 1 else 'fly'} off: the rate is too large here."
    return words.strip() or "The loss is level here: nobody moves.", said


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _start(function: Function, free: Sequence[str], see: Mapping[str, Range]) -> dict[str, float]:
    """A start from which a descent has a way to go, inside the ranges that are asked for."""
    base = {k: float(v) for k, v in function.point().items()}
    inside = all(low <= base[n] <= high for n, (low, high) in see.items() if n in base)
    if all(n in function.defaults for n in free) and inside:
        return base
    fallback = base if inside else None
    for pair in STARTS:
        at = {**base, **dict(zip(free, pair, strict=True))}
        for n, (low, high) in see.items():
            if n in free:  # the same place as a share of the range
                at[n] = low + (high - low) * (0.5 + 0.16 * pair[list(free).index(n)])
        try:
            two = hold(function, {k: v for k, v in at.items() if k not in free})
            log = Log.run(two, {k: at[k] for k in free}, steps=30)
        except EngineError:
            continue
        fallback = fallback or at
        dx, dy = (float(log.steps[-1].point[n] - log.steps[0].point[n]) for n in free)
        way = float(np.hypot(dx, dy))
        if not log.diverged and (0.5 < way < 20 or see and way > 0) and abs(log.losses[0]) < 1e4:
            return at
    if fallback is None:
        raise StageError("no start with a finite value and slope was found in the range shown; give one with --start")
    return fallback


__all__ = ["Descent", "DescentStory", "descent_story"]
