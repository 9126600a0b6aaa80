"""The clip `knobs`: the inputs of a function as dials, its value on a meter, a slope on every screen, and one step of all."""

from __future__ import annotations

from functools import partial
from typing import Any

from manim import UP, FadeIn, FadeOut, VGroup

from chainreel.engine import Descent, EngineError, Function, Quantity, Trace, formula
from chainreel.engine.forecast import Forecast

from ..figures.knob_panel import MOST, KnobPanel, sweep_for
from ..figures.loss_gauge import LossGauge, named
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import FLOOR, Formula, Marker
from ..stage.names import name as name_of
from ..stage.number import Number
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label
from .clip import Clip
from .hold import known_only

CHAIN_AT = {"w1": 0.8, "b1": -0.2, "w2": 0.7, "b2": -0.2}  # where the built-in function is shown
RATES = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12)
HONEST = (0.6, 1.4)  # share of the forecast that happens in a step worth showing
CLOSE = 0.1  # of the forecast: it came nearly true


class Knobs(Clip):
    """The inputs of a function as a panel of dials with its meter."""

    shapes = SHAPES
    at: Any = None
    rate: Any = None
    steps: Any = None

    def prepare(self) -> None:
        """Choose the point and the rate, and compute the steps."""
        known_only(self.subject, self.at, "--at")
        at = self.at
        if at is None and self.spec is not None and self.function == self.spec.parameter("function").default:
            at = CHAIN_AT
        self.at = {k: float(v) for k, v in (self.subject.point() if at is None else self.subject.complete(at)).items()}
        self.story = KnobsStory(self.subject, self.at, self.rate, self.steps or 24)

    def construct(self) -> None:
        """The whole clip."""
        knobs_story(self, self.story)


class KnobsStory:
    """A turn of one knob, one step of all with its forecast, and the steps that follow; sources `nudge`, `step`, `descent`."""

    def __init__(self, function: Function, at: dict[str, float], rate: float | None = None, steps: int = 24):
        if len(function.inputs) > MOST:
            raise StageError(f"{function.title} has {len(function.inputs)} inputs; a panel shows up to {MOST} dials")
        self.function = function
        self.trace: Trace = function.trace(at, strict=True)
        self.slopes = {s.name: float(s.adjoint) for s in self.trace.inputs}
        self.flat = not any(self.slopes.values())
        self.rate = rate if rate is not None else 1.0 if self.flat else _honest_rate(function, at)
        try:
            self.step = Forecast(function, at, self.rate)
            self.log = Descent.run(function, at, rate=self.rate, steps=steps)
        except EngineError as problem:
            raise StageError(f"one step at the rate {self.rate:g} leads nowhere ({problem}); lower --rate") from None
        self.turned = max(self.slopes, key=lambda n: abs(self.slopes[n]))
        self.nudge = Forecast(function, at, turn={self.turned: _nudge(at[self.turned])})
        losses = self.log.losses
        self.last = min(len(losses) - 1, next((k for k, v in enumerate(losses) if v > 4 * abs(losses[0]) + 1e-12), len(losses)))
        low = min(losses[: self.last + 1])
        done = [k for k, v in enumerate(losses) if v <= low + 0.004 * (losses[0] - low)]
        self.last = max(min(self.last, done[0] if done else self.last), 1)
        self.losses = losses[: self.last + 1]

    def point(self, state: int) -> dict[str, Quantity]:
        """The knobs at a state of the descent."""
        return {n: named(self.log.quantity(f"point/{n}", state), "descent") for n in self.function.inputs}

    def gradient(self, state: int) -> dict[str, Quantity]:
        """Their slopes there."""
        return {n: named(self.log.quantity(f"gradient/{n}", state), "descent") for n in self.function.inputs}


def knobs_story(stage: Stage, story: KnobsStory) -> KnobPanel:
    """Tell a panel of knobs on a stage."""
    look, step, nudge, inputs = stage.look, story.step, story.nudge, story.function.inputs
    for name, source in (("step", step), ("nudge", nudge), ("descent", story.log)):
        stage.ledger.source(name, source.describe())
    head, left, line, right = layout(stage.area, stage.shape)
    top = function_formula(look, story.trace, head)
    if top is None:  # the dials get its room
        left = Area(left.left, left.right, left.bottom, head.top if stage.shape == "wide" else left.top)
    start = {n: named(step.quantity(f"from/{n}"), "step") for n in inputs}
    moved = {n: named(step.quantity(f"to/{n}"), "step") for n in inputs}
    states = range(story.last + 1)
    reached = {
        n: [step.at[n], step.moved[n], nudge.moved[n], *(float(story.log.steps[k].point[n]) for k in states)] for n in inputs
    }
    panel = KnobPanel(look, start, left, ranges={n: sweep_for(v) for n, v in reached.items()})
    before, after = named(step.quantity("before"), "step"), named(step.quantity("after"), "step")
    gauge = LossGauge(look, right, before, [*story.losses, step.before, step.after, nudge.after], "f")
    one = len(inputs) == 1
    badge = QuestionBadge(look, stage.area.right - 0.40, stage.area.top - 0.40)
    count = len(inputs)

    words = "One knob and one meter: it shows {l}." if one else "{n} knobs and one meter: it shows {l}."
    many = named(step.quantity("knobs"), "step")
    with stage.beat(words, l=before, n=many, decimals=gauge.places(l=before), title="the machine", hold=0.8):
        if top is not None:
            stage.add(top)
        stage.play(panel.appear(), gauge.appear())
    turned = name_of(story.turned)
    there = {story.turned: named(nudge.quantity(f"to/{story.turned}"), "nudge")}
    with stage.beat("Turn {x} a little, and the meter answers.", x=turned, title="try one", hold=0.6):
        stage.play(panel.turn(there), gauge.read(named(nudge.quantity("after"), "nudge"), 1.2))
        stage.rest(0.6)
        stage.play(panel.turn({story.turned: start[story.turned]}), gauge.read(before, 1.0))
    wish = "Trying every knob costs a run each. Can we know before turning?" if not one else "Can we know before turning?"
    with stage.beat(wish, title="predict", hold=2.2):
        if panel.form.size > 0:
            stage.play(panel.screens())
        stage.play(panel.ask(), FadeIn(badge, scale=0.6))
    slopes = {n: named(step.quantity(f"slope/{n}"), "step") for n in inputs}
    if story.flat:
        with stage.beat("Every slope is zero here: no small turn changes the meter.", title="level", hold=3.0):
            stage.play(FadeOut(badge), run_time=0.3)
            stage.perform(panel.hints(slopes))
            stage.poster()
        stage.alt = _alt(story, count)
        return panel
    words = "The slopes say it. An arrow points against its slope: turn that way and the meter falls."
    with stage.beat(words if not one else words.replace("slopes say", "slope says"), title="the slopes", hold=1.2):
        stage.play(FadeOut(badge), run_time=0.3)
        stage.perform(panel.hints(slopes))
        stage.poster()
    forecast, change = named(step.quantity("forecast"), "step"), named(step.quantity("change"), "step")
    promise = _row(look, "promised", forecast, "slope", line, 0)
    fact = _row(look, "happened", change, "loss", line, 1)
    rate = named(step.quantity("rate"), "step")
    words = "Turn all, each by minus the rate {r} times its slope. That promises a change of {p}."
    words = words if not one else "Turn it by minus the rate {r} times its slope. That promises a change of {p}."
    with stage.beat(words, r=rate, p=forecast, title="the forecast", hold=1.0):
        line_there = gauge.promise(step.before + step.forecast)
        stage.play(FadeIn(promise, shift=0.12 * UP), *([line_there] if line_there is not None else []), run_time=0.6)
    with stage.beat("The meter really changes by {c}. {why}", c=change, why=_why(step), title="what happens", hold=1.4):
        stage.play(panel.turn(moved, 1.4), gauge.read(after, 1.4))
        stage.play(FadeIn(fact, shift=0.12 * UP), run_time=0.6)
        stage.poster()
    if story.last > 1 and step.change < 0:
        with stage.beat("New place, new slopes: read them again, and step again.", title="again", hold=0.3):
            stage.perform(panel.hints(story.gradient(1), 0.7))
            gone = [m for m in (promise, fact, gauge.promised) if m is not None]
            gauge.drop(*gone)
            stage.perform(FadeOut(*gone, run_time=0.4), panel.blank())
            pace = 0.6
            for k in range(2, story.last + 1):
                loss = named(story.log.quantity("loss", k), "descent")
                stage.play(panel.turn(story.point(k), pace), gauge.read(loss, pace))
                pace = max(0.3, pace * 0.82)
        last = named(story.log.quantity("loss", story.last), "descent")
        lower = story.losses[-1] < story.losses[0]
        words = "At this rate the meter climbs to {b}: the steps are too long."
        words = "The meter has come from {a} to {b}." if lower else words
        with stage.beat(words, a=before, b=last, decimals=gauge.places(a=before, b=last), title="the result", hold=3.0):
            stage.perform(panel.hints(story.gradient(story.last), 0.7))
            stage.poster()
    stage.alt = _alt(story, count)
    return panel


def layout(area: Area, shape: str) -> tuple[Area, Area, Area, Area]:
    """Room for the heading, the dials, a line of numbers below them, and the meter."""
    if shape == "wide":
        head, body = area.cut_top(0.80, gap=0.15)
        right, rest = body.cut_right(2.85, gap=0.3)
        line, left = rest.cut_bottom(0.62, gap=0.1)
        return head, left, line, right
    head, body = area.cut_right(0.9)[1].cut_top(0.70)[0], area.cut_top(0.70, gap=0.15)[1]  # the badge stands beside it
    top, rest = body.cut_top((0.42 if shape == "tall" else 0.40) * body.height, gap=0.3)
    right, line = top.cut_right(2.85, gap=0.2)
    return head, rest, line, right


def function_formula(theme: Theme, trace: Trace, room: Area) -> Formula | None:
    """`f = …` of the inputs, if it fits on the line."""

    def write(mark: Marker, inline: bool) -> str:
        body = formula(trace.output, mark, expand="inputs", inline=inline)
        return f"{mark('loss', None, 'f')} = {body}"

    if len(trace.steps) > 60:
        return None
    for inline in (False, True):
        for size in (44, 40, 36, FLOOR):
            try:
                made = Formula(partial(write, inline=inline), theme, size)
            except (StageError, EngineError):
                return None
            if made.width <= room.width and made.height <= room.height + 0.05:
                return made.move_to(room.center)
    return None


def _row(theme: Theme, word: str, number: Quantity, role: str, room: Area, place: int) -> VGroup:
    """`promised −0.18`: side by side on a low strip, below each other where there is height."""
    label = Label(word, theme.muted, 26)
    value = Number(number, theme.tint(role), 34, plus=True)
    row = VGroup(label, value)
    value.move_to([label.get_right()[0] + 0.25 + value.width / 2, label.get_center()[1], 0])
    if room.height < 1.5:
        half = room.columns(1, 1)[place]
        return row.move_to(half.center)
    value.move_to([label.get_center()[0], label.get_center()[1] - 0.55, 0])
    half = room.rows(1, 1)[place]
    return row.move_to(half.center)


def _why(step: Forecast) -> str:
    gap = step.change - step.forecast
    if step.change > 0:
        return "The step was too long: the way bends up again."
    if abs(gap) <= CLOSE * abs(step.forecast):
        return "The forecast came nearly true: for a small step the way is almost straight."
    return "Less than promised: the way bends." if gap > 0 else "More than promised: the way bends."


def _honest_rate(function: Function, at: dict[str, float]) -> float:
    """The largest round rate at which a good part of the forecast comes true, and that promises no loss below zero."""
    fallback = None
    for rate in RATES:
        try:
            step = Forecast(function, at, rate)
        except EngineError:
            continue
        if step.change < 0 and fallback is None:
            fallback = rate
        if HONEST[0] * step.forecast >= step.change >= HONEST[1] * step.forecast and step.change < 0:
            if step.before < 0 or step.before + step.forecast >= 0:
                return rate
    if fallback is None:
        raise StageError(f"no step from here lowers {function.title}; choose another point with --at, or give a --rate")
    return fallback


def _nudge(value: float) -> float:
    """A turn that can be seen: a fifth of the value, a round number."""
    size = sweep_for([value])[1]
    return round(size / 10, 12)


def _alt(story: KnobsStory, count: int) -> str:
    knobs = "one dial" if count == 1 else f"{count} dials"
    return (
        f"The inputs of {story.function.title} as {knobs} with their slopes on small screens and a meter that shows its value; "
        f"one step turns them against their slopes, and the forecast stands beside what happened."
    )


__all__ = ["Knobs", "KnobsStory", "knobs_story"]
