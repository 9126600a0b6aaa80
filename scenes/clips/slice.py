"""The clip `slice`: the loss over one input, what a descent knows of it, and the hops that follow the slope down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, ReplacementTransform, Transform, VGroup

from chainreel.engine import Descent, EngineError, Function, Quantity

from ..figures.lane_race import PITCH, LaneRace
from ..figures.loss_slice import LossSlice
from ..figures.racer import Racer, looks, racers, says
from ..figures.step_equation import StepEquation, rounded
from ..figures.symbols import equations
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import FLOOR, Formula
from ..stage.meter import LossMeter
from ..stage.names import Name
from ..stage.names import name as named
from ..stage.number import Number
from ..stage.parts import meet
from ..stage.relabel import TransformLabels
from ..stage.stage import RIGHT, Stage
from ..stage.theme import Theme
from ..stage.type import Label
from ..stage.view import Box, Range
from .clip import Clip
from .heading import beside, heading
from .hold import chosen, hold, known_only
from .leave import leave
from .racers import run_racers
from .words import listing as listed

MOST_HOPS = 7
RACE = 40  # steps of a race
COLUMN = 2.75  # left end of the right third
SMALLEST_HOP = 0.012  # of the width shown: a smaller one cannot be seen
RATES = (5.0, 3.0, 2.0, 1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4, 1e-5, 1e-6)
TURN = 0.02  # of the way: a step back that is smaller is no turning back
STARTS = (0.6, 2.6, -2.4, 1.8, -1.4, 3.5, -0.6, 5.0, 1.2, 0.3)
ENOUGH = 0.12  # of the width shown: hops that go so far make a start worth showing


class Slice(Clip):
    """A loss over one input: the slope at a point, and the steps that follow it down."""

    shapes = SHAPES
    optimizers: Any = ("plain",)
    start: Any = None
    input: Any = None
    range: Any = None
    rate: Any = None
    steps: Any = None

    def prepare(self) -> None:
        """Choose the input, the start and the rate, and run the descent."""
        function = self.subject
        known_only(function, self.start, "--start")
        known_only(function, self.range, "--range")
        name = self.input or next(iter(self.range or {}), None)
        who = racers(self.optimizers)
        alone = len(who) == 1 and who[0].optimizer == "plain"
        rate = who[0].rate if alone and who[0].rate is not None else self.rate
        self.story = SliceStory(
            function, self.start, chosen(function, name), self.range, rate, self.steps, who=() if alone else who
        )

    def construct(self) -> None:
        """The whole clip."""
        slice_story(self, self.story)


class SliceStory:
    """What the film of a slice is made from: the log of a descent over one input, the rest of the point, the range.

    `log` is entered as source `name`, the trace at the start as `name + " start"`.
    """

    def __init__(
        self, function: Function, start: Mapping[str, float] | None, free: str, see: Mapping[str, Range] | None = None,
        rate: float | None = None, steps: int | None = None, name: str = "slice", who: Sequence[Racer] = (),
    ):  # fmt: skip
        self.function, self.free, self.name = function, free, name
        self.exact = bool(see and free in see)
        at = function.complete(dict(start)) if start is not None else _start(function, free, (see or {}).get(free))
        self.start = {k: float(v) for k, v in at.items()}
        self.fixed = {k: v for k, v in self.start.items() if k != free}
        self.trace = function.trace(self.start)
        self.one = hold(function, self.fixed)
        x0 = self.start[free]
        self.rate = rate if rate is not None else calm_rate(self.one, {free: x0})
        log = Descent.run(self.one, {free: x0}, rate=self.rate, steps=steps or MOST_HOPS)
        self.who = tuple(who)
        self.race: dict[str, Descent] = {}
        if self.who:
            self.race = run_racers(self.one, {free: x0}, self.who, rate, steps or RACE, name + " ")
        self.see = see[free] if see and free in see else _wide_enough(range_for(self.one, free, log), self.race, free)
        if not self.see[0] <= x0 <= self.see[1]:
            raise StageError(
                f"--range shows {free} from {self.see[0]:g} to {self.see[1]:g}, but the start is {free} = {x0:g}; "
                "widen --range or move --start"
            )
        self.leaves = False  # whether the next step would land outside the picture
        self.log = self._visible(log, steps)

    def _visible(self, log: Descent, steps: int | None) -> Descent:
        """The run, ended where its hops can no longer be seen, or where one leaves the picture."""
        low, high = self.see
        count = 0
        for state, after in zip(log.steps[:-1], log.steps[1:], strict=True):
            x0, x1 = float(state.point[self.free]), float(after.point[self.free])
            if abs(x1 - x0) < SMALLEST_HOP * (high - low) and (steps is None or count >= 1):
                break
            if not low <= x1 <= high:
                self.leaves = True
                break
            count += 1
        count = max(count, 1)
        if count >= len(log.steps) - 1:
            return log
        return Descent.run(self.one, log.steps[0].point, rate=log.rate, steps=count)

    def quantity(self, kind: str, index: int = 0) -> Quantity:
        """A number of the log, under this story's name."""
        return replace(self.log.quantity(kind, index), source=self.name)

    @property
    def hops(self) -> int:
        """How many steps the log has."""
        return len(self.log.steps) - 1


def slice_story(stage: Stage, story: SliceStory, *, clean: bool = False, brief: bool = False) -> LossSlice:
    """Tell a slice on a stage. With `clean`, nothing of it stays on screen at the end; `brief` asks no question."""
    look, free, before = stage.look, story.free, list(stage.mobjects)
    stage.ledger.source(story.name, story.log.describe())
    losses = [float(s.loss) for s in story.log.steps]
    room = Room.of(stage, _titles(story), bool(story.fixed))
    figure = LossSlice(
        story.one, look, free, story.see, exact=story.exact, keep=tuple(v for v in losses[:2] if v <= 3 * abs(losses[0]) + 1),
        box=room.box, rim=room.rim,
    )  # fmt: skip
    x = named(free)
    x0 = float(story.log.steps[0].point[free])
    slope = story.quantity(f"gradient/{free}")
    widest = max((_equation(look, story, k, room).width for k in range(story.hops)), default=0.0) if not story.who else 0.0
    free_width = min(room.heading, room.right - widest - 0.4 - room.left) if room.wide else room.heading
    top = heading(look, story.trace, room.left, 3.1, free_width)
    if top is not None:
        top.shift([0, room.line - 3.1, 0])
    if story.fixed or top is not None:
        stage.ledger.source(story.name + " start", story.trace.describe())
    others = _others(look, story, top, room, min(room.left + room.heading + 0.5, room.right - widest - 0.4))
    for number in list(figure.axes.numbers):  # the line of what is held still comes before a number of the axis
        if len(others) and meet(number, others):
            figure.axes.numbers.remove(number)
    text = "Call it a loss: the lower, the better." if brief else "Here is the loss, for every value of {x}."
    with stage.beat(text, x=x, title="the curve"):
        stage.add(figure.keep(figure.axes, 0))
        if top is not None:
            stage.add(top)
        stage.play(figure.appear(1.5))
    if story.fixed:
        with stage.beat("This is one slice: every other input is held still.", title="a slice"):
            stage.play(FadeIn(others), run_time=0.7)
    meter, level, number = _meter(look, story, figure, room)
    text = "A descent never sees this curve. It knows one point" + ("." if brief else ", and the loss there.")
    with stage.beat(text, title="one point"):
        stage.play(figure.stand(x0), *([] if story.who else [FadeIn(meter), FadeIn(number)]))
        stage.play(figure.fog())
    away = story.leaves and not story.see[0] <= float(story.log.steps[-1].point[free]) <= story.see[1]
    stuck = len(losses) == 1 and abs(float(slope.value)) > 1e-12  # its first step ends where there is no loss
    moves = abs(float(slope.value)) > 1e-12 and losses[1:] != losses[:1] and not stuck
    badge = QuestionBadge(look).move_to([room.right - 0.4, room.line + 0.02 if room.wide else room.second, 0])
    asked = []
    if not brief:
        asked = [FadeOut(badge)]
        with stage.beat("Which way is down from here, and how far?", hold=2.5, title="predict"):
            stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
    if not moves:
        text = "The slope here is {s}: the loss is level, and a step would go nowhere."
        if stuck:
            text = "The slope here is {s}, and a step along it ends where the function has no value."
        with stage.beat(text, s=slope, hold=2.5):
            stage.play(*asked, figure.slope(slope))
    else:
        rises, goes = ("right", "left") if slope.value > 0 else ("left", "right")
        hops = not (story.who or away)  # then the step's equation prints the slope, too: as long as its product needs it
        places = rounded(*_step(story, 0))[0][1][1] if hops else None
        with stage.beat(
            "The slope here is {s}. The loss rises to the {rises}, so we step to the {goes}.",
            s=slope, rises=rises, goes=goes, hold=0.8, title="the slope", decimals={} if places is None else {"s": places},
        ):  # fmt: skip
            stage.play(*asked, figure.slope(slope, decimals=places))
        if story.who:
            pass
        elif away:
            with stage.beat("The first step would land outside this picture: the rate is large for it.", hold=2.0):
                stage.poster()
        else:
            equation = _first_hop(stage, story, figure, level, room, others)
            _other_hops(stage, story, figure, level, equation, room)
    stage.play(*figure.forget_slope(), figure.lift_fog())
    if story.who:
        stage.alt = _tell_race(stage, story, figure)
    elif away:
        stage.alt = f"The curve of {story.function.name} over {free} with its slope at one point."
    else:
        stage.alt = _ending(stage, story, figure, losses)
    if clean:
        leave(stage, before)
    return figure


def _tell_race(stage: Stage, story: SliceStory, figure: LossSlice) -> str:
    """All optimizers from the same point, each with a lane below the axis."""
    for name, log in story.race.items():
        stage.ledger.source(name, log.describe())
    titles = _titles(story)
    race = LaneRace(figure, story.race, titles, looks(r.optimizer for r in story.who), stage.look)
    many = len(story.who) > 1
    badge = QuestionBadge(stage.look).move_to([stage.area.right - 0.4, figure.view.box[3] - 0.3, 0])
    text = "All start at this point. Each keeps its places in a lane. Who gets lowest?" if many else (
        "It starts at this point, and keeps its places in a lane. How low does it get?"
    )  # fmt: skip
    if figure.dot is not None:
        figure.drop(figure.dot)
    with stage.beat(text, hold=2.2, title="predict"):
        stage.play(race.appear(), *([FadeOut(figure.dot)] if figure.dot is not None else []))
        stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
    with stage.beat(says([r.optimizer for r in story.who]) or "All step at one pace.", hold=0.3, title="the race"):
        stage.play(FadeOut(badge), run_time=0.4)
        stage.play(race.race())
    best, n = race.best(), max(story.race.values(), key=lambda log: len(log.steps))
    name = next(k for k, log in story.race.items() if log is n)
    said: dict[str, Any] = {"n": replace(n.quantity("steps"), source=name)}
    if best:
        said["l"] = best[0].quantity("loss", len(best[0].log.steps) - 1)
        names = listed([_capital_free(r.title, i, said) for i, r in enumerate(best)])
        text = f"After {{n}} steps {names} {'is' if len(best) == 1 else 'are'} lowest, at {{l}}." if many else (
            f"After {{n}} steps {names} is at {{l}}."
        )  # fmt: skip
    else:
        text = "After {n} steps nobody is anywhere: with these rates all fly off."
    if len(n.steps) == 2:
        text = text.replace("{n} steps", "{n} step")
    with stage.beat(text, hold=2.6, title="the result", **said):
        stage.play(race.settle())
        stage.poster()
    return f"The curve of {story.function.name} over {story.free} with {listed(titles)} racing down it, a lane for each."


def _titles(story: SliceStory) -> list[str]:
    return [r.title if r.rate is None else f"{r.title} {r.rate:g}" for r in story.who]


def _capital_free(title: str, i: int, said: dict[str, Any]) -> str:
    """A title as a name in a template, so that its digits are the user's."""
    said["r" + chr(97 + i)] = Name(title, title.replace("-", " "))
    return "{r" + chr(97 + i) + "}"


def _first_hop(
    stage: Stage, story: SliceStory, figure: LossSlice, level: Any, room: Room, others: VGroup
) -> StepEquation:
    look = stage.look
    equation = _equation(look, story, 0, room)
    words = Label("minus rate × slope", look.muted, 22)
    words.set_baseline(COLUMN if room.wide else room.left, 2.42 if room.wide else room.second - 0.08)
    lines = [_equation(look, story, k, room) for k in range(story.hops)]
    widest = max(line.width for line in lines)
    going = [FadeOut(others)] if len(others) and any(meet(others, line) for line in lines) else []  # very long numbers
    fits = room.wide or words.width + 0.3 + widest <= room.right - room.left  # else the sentence says it
    with stage.beat("One step: against the slope, as long as the rate says. It hops there, without rolling.", title="one step"):
        stage.play(*going, *([FadeIn(words)] if fits else []), FadeIn(equation), run_time=0.8)
        stage.play(figure.hop(story.log, 0, 0.9))
        stage.play(*level(1), run_time=0.6)
    return equation


def _other_hops(
    stage: Stage, story: SliceStory, figure: LossSlice, level: Any, equation: StepEquation, room: Room
) -> None:
    losses = [float(s.loss) for s in story.log.steps]
    if story.hops > 1:
        shrinking = abs(_update(story, story.hops - 1)) < 0.6 * abs(_update(story, 0)) and losses[-1] < losses[0]
        text = (
            "Each landing reads a new slope. Where it is flatter, the step shrinks by itself."
            if shrinking
            else "Each landing reads a new slope, and each slope sets a new step."
        )
        with stage.beat(text, title="step by step"):
            stage.play(*figure.forget_slope())
            for k in range(1, story.hops):
                pace = max(0.32, 0.7 * 0.82**k)
                fresh = _equation(stage.look, story, k, room)
                stage.play(figure.hop(story.log, k, pace), TransformLabels(equation, fresh, run_time=max(pace, 0.4)))
                equation = fresh
                stage.play(*level(k + 1), run_time=0.32)


def _ending(stage: Stage, story: SliceStory, figure: LossSlice, losses: list[float]) -> str:
    n, first, last = story.quantity("steps"), story.quantity("loss", 0), story.quantity("loss", story.hops)
    plural = "step" if story.hops == 1 else "steps"
    function = story.function.name
    if losses[-1] < losses[0]:
        text = "After {n} {steps} the loss has gone from {a} to {b}."
        low = float(np.nanmin(np.where(np.isfinite(figure.curve.y), figure.curve.y, np.nan)))
        deeper = low < losses[-1] - 0.05 * (losses[0] - losses[-1])
        alt = f"The curve of {function} over {story.free} with the steps of a plain descent that hops down it."
    elif story.hops and losses[-1] > losses[0]:
        text, deeper = "This rate is too large: after {n} {steps} the loss has grown from {a} to {b}.", False
        alt = f"The curve of {function} over {story.free}; a descent with too large a rate hops up its walls."
    else:
        text, deeper = "The loss stays at {a}.", False
        alt = f"The curve of {function} over {story.free} with a dot where its slope is zero."
    with stage.beat(text, n=n, steps=plural, a=first, b=last, hold=2.4, title="the result"):
        stage.poster()
    if deeper:
        with stage.beat("There is a lower place on this curve. From here, no slope points to it.", hold=2.2, title="the limit"):
            stage.play(figure.lowest())
            stage.poster()
    return alt


# Parts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """Where things stand, for the shape of the frame: the heading (left end, baseline, width), the second line, the box of the
    plot, the meter, and how far a label beside the curve may reach."""

    wide: bool
    left: float
    right: float
    line: float
    heading: float
    second: float
    box: Box
    meter: float
    rim: float

    @classmethod
    def of(cls, stage: Stage, titles: Sequence[str], held: bool) -> Room:
        """The room on a stage, with a lane below the plot for each title; `held` is whether other inputs are named."""
        area, lanes = stage.area, len(titles)
        beside = max((Label(t, stage.look.ink, 24, "semibold", names=True).width for t in titles), default=0.0) + 1.35
        below = PITCH * lanes + 0.62 if lanes else 0.0
        if stage.shape == "wide":
            right = min(2.75, RIGHT - beside) if lanes else 2.0
            return cls(True, -5.5, RIGHT, 3.1, 7.4, 3.1, (-5.5, right, -2.0 + max(below - 0.4, 0.0), 2.5), 3.5, right + 0.7)
        left, top = area.left + 0.1, area.top
        low = area.bottom + 0.7 if stage.shape == "square" else area.bottom + 1.9
        high = top - (1.5 if not lanes else 1.45 if held else 0.95)
        right = area.right - beside if lanes else area.right - 2.0
        box = (area.left + 0.7, right, low + max(below - 0.4, 0.0), high)
        return cls(False, left, area.right, top - 0.42, area.width - 0.1, top - 1.08, box, area.right - 1.25, right + 0.3)


def _others(look: Theme, story: SliceStory, top: Formula | None, room: Room, right: float) -> VGroup:
    """What is held still, as many inputs as fit before `right`: beside the heading or under it."""
    values = {
        k: replace(story.trace.quantity("value", s), source=story.name + " start")
        for k, s in ((s.name, s) for s in story.trace.inputs) if k in story.fixed
    }  # fmt: skip
    for count in range(min(len(values), 3), 0, -1):
        line = equations(look, dict(list(values.items())[:count]), 34)
        line = beside(top, line, right, room.left, room.line)
        if line.get_right()[0] <= max(right, room.left + 4.0):
            return line
    return VGroup()


def _wide_enough(see: Range, race: Mapping[str, Descent], free: str) -> Range:
    """A range that also shows where the others go, as long as that is not far away."""
    low, high = see
    for log in race.values():
        x = np.array([float(s.point[free]) for s in log.steps])
        x = x[np.isfinite(x) & (x > low - (high - low)) & (x < high + (high - low))]
        if len(x):
            low, high = min(low, float(x.min())), max(high, float(x.max()))
    return low, high


def _meter(look: Theme, story: SliceStory, figure: LossSlice, room: Room) -> tuple[VGroup, Any, Number]:
    """The meter of the loss, what moves it to a step, and its number."""
    top = 1.55 if room.wide else room.box[3] - 0.5
    tube = LossMeter(look, room.meter, figure.view.box[2], top)
    title = Label("loss", look.tint("loss"), 24, "semibold").move_to([room.meter, top + 0.31, 0])
    low, high = figure.view.y
    meter = VGroup(tube, title)
    def printed(k: int) -> Number:
        loss = story.quantity("loss", k)
        small = 0 < abs(loss.value) < 9.5e-4 and figure.view.y[1] - figure.view.y[0] > 0.01
        number = Number(loss, look.ink, 32, decimals=4 if small else None)
        return number if number.width < (1.7 if room.wide else 0.9) else Number(loss, look.ink, 28, decimals=number.decimals)

    number = printed(0)
    state = {"number": number}

    def share(loss: float) -> float:
        return (loss - low) / (high - low)

    def put(it: Number, k: int) -> Number:
        y = tube.height_of(share(float(story.log.steps[k].loss)))
        if room.wide:
            return it.move_to([min(tube.x + 0.72 + it.width / 2, room.right - it.width / 2), y, 0])
        x = min(tube.x + 0.42 + it.width / 2, room.right - it.width / 2)
        return it.move_to([x, y + 0.32, 0])

    tube.level(share(float(story.log.steps[0].loss)))
    put(number, 0)

    def level(k: int) -> list[Any]:
        goal = tube.copy().level(share(float(story.log.steps[k].loss)))
        fresh = put(printed(k), k)
        now = state["number"]
        moves: list[Any] = [Transform(tube, goal)]
        moves.append(AnimationGroup(ReplacementTransform(now, fresh)))
        state["number"] = fresh
        return moves

    return meter, level, number


def _step(story: SliceStory, k: int) -> tuple[Quantity, Quantity, Quantity]:
    """Rate, slope and update of a step."""
    return story.quantity("rate"), story.quantity(f"gradient/{story.free}", k), story.quantity(f"update/{story.free}", k)


def _equation(look: Theme, story: SliceStory, k: int, room: Room) -> StepEquation:
    three = _step(story, k)
    equation = StepEquation(look, story.free, *three)
    if equation.width > (RIGHT - COLUMN if room.wide else 4.2):
        equation = StepEquation(look, story.free, *three, size=FLOOR)
    if not room.wide:
        return equation.move_to([room.right - equation.width / 2, room.second, 0])
    left = min(COLUMN, RIGHT - equation.width)
    return equation.move_to([left + equation.width / 2, 2.95, 0])


def _update(story: SliceStory, k: int) -> float:
    return float(story.log.steps[k].update[story.free])


# Choices ------------------------------------------------------------------------------------------------------------


def calm_rate(function: Function, start: Mapping[str, float]) -> float:
    """The round rate whose first steps never turn back and are the most even ones; else the engine's choice."""
    (name,) = start
    runs: list[tuple[float, np.ndarray]] = []
    for rate in RATES:
        log = Descent.run(function, start, rate=rate, steps=MOST_HOPS)
        moves = np.array([float(s.update[name]) for s in log.steps[:-1]])
        if log.diverged or not len(moves):
            continue
        if np.any(moves * np.sign(moves[0]) < -TURN * np.abs(moves).sum()):
            continue
        if not np.any(np.diff(log.losses) > 0):
            runs.append((rate, np.abs(moves)))
            if len(runs) == 6:
                break
    if runs:
        way = max(float(moves.sum()) for _, moves in runs)
        return max(runs, key=lambda run: float(np.minimum(run[1], 0.22 * way).sum()))[0]
    try:
        return float(Descent.run(function, start, steps=MOST_HOPS).rate)
    except EngineError:
        return 0.1


def range_for(function: Function, name: str, log: Descent) -> Range:
    """The part of the ruler to show: the path, the wall on its far side, a little beyond the start."""
    points = np.array([float(s.point[name]) for s in log.steps])
    losses = np.array(log.losses)
    if losses[-1] > losses[0]:  # it climbs: show its first few landings
        jumps = points[: min(len(points), 4)]
        low, high = float(jumps.min()), float(jumps.max())
        pad = 0.12 * max(high - low, 1e-9)
        return low - pad, high + pad
    good = np.isfinite(points) & (losses <= losses[0] + 2 * (losses[0] - losses.min()) + 1e-12)
    path = points[good]
    low, high = float(path.min()), float(path.max())
    size = max(high - low, 0.25 * max(abs(points[0]), 1.0), 1e-9)
    if high - low < 1e-6 * size:
        return low - 2 * size, high + 2 * size
    drop = max(float(losses[0] - losses[good].min()), 1e-12)
    out = []
    for edge, sign in ((low, -1.0), (high, 1.0)):
        near_start = abs(edge - points[0]) < abs(edge - float(path[-1]))
        reach = (3.5 if near_start else 5.0) * size
        limit = losses[0] + (0.45 if near_start else 0.15) * drop
        x = edge + sign * np.linspace(0.15 * size, reach, 80)
        y = np.asarray(function.grid({name: np.sort(x)}), float).ravel()[:: int(sign)]
        over = np.flatnonzero(~(y <= limit))
        out.append(float(x[over[0]] if len(over) else x[-1]))
    width = out[1] - out[0]
    return _without_plains(function, name, min(out[0], low - 0.12 * width), max(out[1], high + 0.12 * width), low, high)


def _without_plains(function: Function, name: str, left: float, right: float, low: float, high: float) -> Range:
    """The range less what is nearly flat at its ends: a viewer looks at the part where something happens."""
    x = np.linspace(left, right, 400)
    with np.errstate(all="ignore"):  # beyond a pole
        climb = np.abs(np.diff(np.asarray(function.grid({name: x}), float).ravel()))
    climb[~np.isfinite(climb)] = 0.0
    share = np.cumsum(climb) / (climb.sum() or 1.0)
    first, last = int(np.searchsorted(share, 0.01)), int(np.searchsorted(share, 0.99)) + 1
    begin, end = float(x[first]), float(x[min(last, 399)])
    pad = 0.18 * (end - begin)
    begin, end = max(left, min(begin - pad, low - pad)), min(right, max(end + pad, high + pad))
    return (begin, end) if end - begin < 0.75 * (right - left) else (left, right)


def _start(function: Function, free: str, see: Range | None) -> dict[str, float]:
    """A start from which a descent has something to show, inside the range if one is asked for."""
    base = {k: float(v) for k, v in function.point().items()}
    if free in function.defaults and (see is None or see[0] <= base[free] <= see[1]):
        return base
    places = STARTS if see is None else tuple(see[0] + (see[1] - see[0]) * s for s in (0.85, 0.15, 0.7, 0.3, 0.55))
    best: tuple[float, dict[str, float] | None] = (-1.0, None)
    for x in places:
        at = {**base, free: x}
        try:
            one = hold(function, {k: v for k, v in at.items() if k != free})
            log = Descent.run(one, {free: x}, rate=calm_rate(one, {free: x}), steps=MOST_HOPS)
        except EngineError:
            continue
        if log.diverged or abs(log.losses[0]) > 1e3 and see is None:
            continue
        low, high = see or range_for(one, free, log)
        moves = np.array([abs(float(s.update[free])) for s in log.steps[:-1]]) / (high - low)
        score = float(np.minimum(moves, 0.08).sum())
        if score >= ENOUGH:
            return at
        if score > best[0]:
            best = (score, at)
    if best[1] is None and see is not None:
        raise StageError(
            f"the function has no finite value and slope for {free} from {see[0]:g} to {see[1]:g}; show another part "
            "with --range"
        )
    return best[1] or base
