"""The clip `descent`: a map of the loss over two inputs, the slope at the start, and optimizers racing down it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import RIGHT, UP, FadeIn, FadeOut, Rectangle, VGroup

from chainreel.engine import Descent as Log
from chainreel.engine import EngineError, Function, Trace

from ..figures.contour_descent import ContourDescent
from ..stage.area import SHAPES
from ..stage.errors import StageError
from ..stage.field import shades
from ..stage.names import name as named
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.view import Range
from .clip import Clip
from .hold import chosen, hold, known_only
from .leave import leave
from .racers import Places, at_start, held_still, names_of, places, racers, readout, run_racers, tell_race

STARTS = ((-2.2, 1.5), (2.2, 1.3), (-1.2, 1.0), (1.5, -0.5), (0.7, 2.0), (0.4, 0.3))


class Descent(Clip):
    """A map of the loss over two inputs, and optimizers racing down it."""

    shapes = SHAPES
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

    Numbers of a log are entered under its racer's key after `name`, those of the trace under `name + "start"`.
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
        runners = racers(optimizers)
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
        self.logs = run_racers(self.two, begin, runners, rate, steps, name)

    def _two(self, see: Mapping[str, Range] | None) -> tuple[str, ...]:
        """The two inputs that have a range, else the first two."""
        wanted = [n for n in self.function.inputs if n in (see or {})]
        return tuple([*wanted, *(n for n in self.function.inputs if n not in wanted)][:2])

def descent_story(stage: Stage, story: DescentStory, *, clean: bool = False) -> ContourDescent:
    """Tell a race on a stage. With `clean`, nothing of it stays on screen at the end."""
    look, before = stage.look, list(stage.mobjects)
    room = places(stage, story.trace)
    figure = ContourDescent(
        story.two, look, story.logs, story.see, names=story.free, box=room.map, side=room.side, columns=room.columns
    )
    for runner in figure.runners:
        stage.ledger.source(runner.name, runner.descent.describe())
    x, y = (named(n) for n in story.free)
    at, loss, partials = at_start(story.trace, story.name + "start", story.free)
    stage.ledger.source(story.name + "start", story.trace.describe())
    values, slopes = readout(look, at, loss, partials, room)
    low = "dark" if look.dark else "pale"
    words = "A map of the loss over {x} and {y}. Each line joins equal losses; {low} is low."
    words += "" if figure.equal else " The axes have scales of their own."
    with stage.beat(words, x=x, y=y, low=low, title="the map"):
        if room.top is not None:
            stage.add(room.top)
        stage.play(figure.spread(2.0))
        key = _key(look, room) if room.columns == 1 and not figure.field.flat else VGroup()
        if len(key):
            stage.play(FadeIn(key, shift=0.15 * RIGHT), run_time=0.6)
    still = held_still(look, at, list(story.fixed), room)
    if story.fixed:
        with stage.beat("The other inputs are held still: this is a slice.", title="a slice"):
            stage.play(FadeIn(still), run_time=0.6)
    with stage.beat("We start here. The loss is {l}.", l=loss, title="the start"):
        if len(key):
            stage.play(FadeOut(key), run_time=0.4)
        stage.play(figure.begin(), FadeIn(values, shift=0.15 * RIGHT))
    steep = float(np.hypot(*figure.gradient)) > 0
    if steep:
        with stage.beat(
            "Try a tiny step in every direction: a filled bar says how far the loss falls.", hold=0.8, title="the compass"
        ):
            stage.play(figure.compass())
        with stage.beat(
            "The slope points straight across the line. Against it, the loss falls fastest.", hold=1.0, title="the slope"
        ):
            stage.play(figure.clear_compass())
            stage.play(figure.steepest(), FadeIn(slopes, shift=0.15 * RIGHT))
            stage.poster()
    many = len(figure.runners) > 1
    question = "Every runner starts here and reads the same slopes. Who is first at the lowest place?"
    question = question if many else "One runner starts here. How does it get down?"
    going = [figure.clear_steepest(), FadeOut(slopes)] if steep else [FadeOut(figure.start_label, figure.flare)]
    going += [FadeOut(still)] if room.columns > 1 and len(still) else []
    tell_race(stage, figure, question, [[*going, FadeOut(values)]])
    scaled = "" if figure.equal else " The axes are scaled separately."
    stage.alt = (
        f"A contour map of {story.function.name} over {story.free[0]} and {story.free[1]} with the paths of "
        f"{names_of(figure)} from one start.{scaled}"
    )
    if clean:
        leave(stage, before)
    return figure


def _key(look: Theme, room: Places) -> VGroup:
    """What the shades of the map mean: a strip from the lowest loss to the highest, beside it."""
    low, high = shades(look)
    height = 2.6
    strip = Rectangle(width=0.5, height=height).set_fill([low, high], 1).set_sheen_direction(UP).set_stroke(look.rim, 2)
    strip.move_to([room.side.left + 0.6, (room.map[2] + room.map[3]) / 2, 0])
    key = VGroup(strip)
    for words, y in (("high loss", strip.get_top()[1] - 0.2), ("low loss", strip.get_bottom()[1] + 0.2)):
        label = Label(words, look.tint("loss"), 26, "medium")
        key.add(label.move_to([strip.get_right()[0] + 0.25 + label.width / 2, y, 0]))
    return key


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
