"""The clip `fit`: a curve with knobs through a table of points, its loss, the slopes of every knob, and the descent."""

from __future__ import annotations

import csv
import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, ReplacementTransform

from chainreel.engine import EngineError, Function, Quantity, formula
from chainreel.engine.datasets import nine_points
from chainreel.engine.datasets.csv_file import table
from chainreel.engine.fit import BUILT_IN
from chainreel.engine.fit import Fit as EngineFit

from ..figures.curve_fit import CurveFit, Descend
from ..figures.knob_panel import KnobPanel, sweep_for
from ..figures.loss_gauge import LossGauge, named, printed_at
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import FLOOR, Formula, Marker, number_source
from ..stage.number import Printable
from ..stage.stage import Stage
from ..stage.theme import Theme
from .clip import Clip

START = {"k0": 0.25, "k1": -1.0, "k2": 0.5, "k3": 1.0, "k4": 0.0, "k5": 0.0}  # for the built-in points
HEAD = 0.86
NEAR = 0.05  # of the best loss: as good as there


class Fit(Clip):
    """A curve with knobs fitted to points by descent."""

    shapes = SHAPES
    data: Any = None
    points: Any = None
    start: Any = None
    optimizer: Any = "plain"
    rate: Any = None
    steps: Any = None

    def prepare(self) -> None:
        """Read the points and run the descent."""
        if self.data is not None and self.points is not None:
            raise StageError("--data and --points both give points; leave one out")
        own = self.data is not None or self.points is not None
        points = read_table(self.data) if self.data is not None else read_points(self.points) if self.points else _built_in()
        start = self.start
        if start is None and not own and self.subject.source == BUILT_IN:
            start = START
        self.story = FitStory(self.subject, points, start, self.optimizer, self.rate, self.steps)

    def construct(self) -> None:
        """The whole clip."""
        fit_story(self, self.story)


class FitStory:
    """What the film of a fit is made from: the fit, and up to which state it is shown. Its numbers are entered as `name`."""

    def __init__(
        self, model: Function, points: Any, start: dict[str, float] | None = None, optimizer: str = "plain",
        rate: float | None = None, steps: int | None = None, name: str = "fit",
    ):  # fmt: skip
        if model.held:
            raise StageError("the model of a fit has no inputs held still; write them as numbers")
        self.name = name
        try:
            self.fit = EngineFit(model, points, start, optimizer=optimizer, rate=rate, steps=steps or 150)
        except EngineError as problem:
            raise _far_from_zero(points, problem) from None
        losses = np.array(self.fit.descent.losses)
        if len(losses) < 2:
            raise StageError("the first step already leaves the range of numbers; give a smaller --rate")
        grown = np.flatnonzero(losses > 4 * losses[0] + 1e-300)
        self.last = int(grown[0]) - 1 if len(grown) else len(losses) - 1
        self.explodes = bool(len(grown)) or self.fit.descent.diverged
        self.last = max(self.last, 1)
        if not self.explodes and steps is None:
            self.last = _settled(losses)
        self.losses = losses[: self.last + 1]

    def quantity(self, what: str, state: int = 0, row: int = 0) -> Quantity:
        """A number of the fit, under this story's name."""
        return named(self.fit.quantity(what, state, row), self.name)

    def knobs(self, what: str, state: int) -> dict[str, Quantity]:
        """A number of every knob."""
        return {n: self.quantity(f"{what}/{n}", state) for n in self.fit.knobs}


def _far_from_zero(points: Any, problem: EngineError) -> Exception:
    """Places far from zero, such as years, make every descent crawl: say what to do about it."""
    x = np.asarray(points, float)[:, 0]
    middle, wide = float(x.mean()), float(np.ptp(x))
    if "No rate" not in str(problem) or abs(middle) < 3 * wide:
        return problem
    return StageError(
        f"no rate leads downhill, for the places run from {x.min():g} to {x.max():g}, far from zero; write (x - {middle:.0f}) "
        "in place of x in the model"
    )


class Counter(Printable):
    """`after 37 steps`, counting while a descent runs; at rest its number has its source."""

    def __init__(self, theme: Theme, story: FitStory):
        self.story = story
        super().__init__(self._words(1), theme.muted, 24, "medium")
        self.show(1)

    def _words(self, steps: int) -> str:
        return f"after {steps} step{'s' * (steps != 1)}"

    def show(self, steps: int) -> None:
        """Count to so many steps."""
        self.set_text(self._words(steps))
        self.provenance = [printed_at(self.story.quantity(f"step/{steps}"), 0)]


def layout(area: Area, shape: str, knobs: int) -> tuple[Area, Area, Area, Area]:
    """Room for the heading, the dials, the plot and the meter."""
    if shape == "wide":
        left, rest = area.cut_left(3.15 if knobs <= 6 else 5.5, gap=0.45)
        head, body = rest.cut_top(HEAD, gap=0.15)
        gauge, plot = body.cut_right(2.85, gap=0.2)
        return head, left, plot, gauge
    head, body = area.cut_top(HEAD if shape == "tall" else 0.62, gap=0.15)
    rows = -(-knobs // 2)
    need = min(1.5 * rows, 0.45 * body.height)
    if shape == "square":  # up to three rows of dials have their values beside them
        need = 1.0 * rows if rows <= 3 else 0.5 * body.height
    dials, top = body.cut_bottom(max(need, 1.0), gap=0.25)
    gauge, plot = top.cut_right(2.85, gap=0.15)
    return head, dials, plot, gauge


def fit_story(stage: Stage, story: FitStory) -> CurveFit:
    """Tell a fit on a stage."""
    look, fit, last = stage.look, story.fit, story.last
    stage.ledger.source(story.name, fit.describe())
    head, left, plot, right = layout(stage.area, stage.shape, len(fit.knobs))
    figure = CurveFit(look, fit, plot, source=story.name)
    states = range(0, last + 1)
    ranges = {n: sweep_for([fit.point(k)[n] for k in states]) for n in fit.knobs}
    panel = KnobPanel(look, story.knobs("point", 0), left, ranges=ranges)
    shown_losses = [*story.losses, *([fit.best_loss] if fit.best_loss is not None else [])]
    gauge = LossGauge(look, right, story.quantity("loss", 0), shown_losses)
    n, count = story.quantity("points"), story.quantity("knobs")
    model = model_formula(look, fit, head)
    mean = loss_formula(look, story, head)
    one = len(fit.knobs) == 1
    worst = fit.largest(0)[0]
    corner = stage.area
    badge = QuestionBadge(look, corner.right - 0.40, corner.top - 0.40)

    with stage.beat("Here are {n} measurements. Which curve made them?", title="the points", n=n, hold=1.0):
        stage.play(figure.appear())
    words = "We choose a formula with {k} knobs. Their values draw a curve." if not one else (
        "We choose a formula with one knob. Its value draws a curve."
    )  # fmt: skip
    with stage.beat(words, title="the model", k=count, hold=0.6):
        if model is not None:
            stage.play(FadeIn(model), run_time=0.6)
        stage.play(panel.appear(1.4), figure.draw())
    with stage.beat("At each point the curve misses by a stick. The longest is {e}.", title="the misses",
                    e=story.quantity("size", 0, worst), hold=0.8):  # fmt: skip
        stage.play(figure.sticks())
        stage.play(figure.focus(worst))
    if figure.has_squares:
        with stage.beat("On each stick stands its square: a miss twice as long counts four times.", title="squares", hold=0.5):
            stage.play(figure.squares())
            stage.play(figure.focus(worst, square=True))
    with stage.beat("The mean of the squares is the loss: one number for how wrong the curve is.", title="the loss", hold=0.4):
        stage.perform(ReplacementTransform(model, mean) if model is not None else FadeIn(mean), figure.unfocus())
        gauge.tube.level(0.0)
        hidden = [gauge.tube[1], gauge.tube[2], gauge.tube[3]]
        for part in hidden:
            part.set_opacity(0)
        stage.play(FadeIn(gauge.keep(gauge.tube, 1)), FadeIn(gauge.keep(gauge.ruler, 1)), FadeIn(gauge.keep(gauge.name, 2)))
        stage.perform(figure.stack(gauge))
    here = story.quantity("loss", 0)
    with stage.beat("Here it is {l}.", title="the loss here", l=here, decimals=gauge.places(l=here), hold=1.0):
        fill, mark, diamond = hidden
        fill.set_fill(opacity=1), mark.set_stroke(opacity=1), diamond.set_fill(opacity=1)
        gauge.at(float(gauge.loss.value))
        stage.play(figure.pour(gauge))
    with stage.beat("Which way should each knob turn, and how far?" if not one else "Which way should the knob turn?",
                    title="predict", hold=2.1):  # fmt: skip
        if panel.form.size > 0:
            stage.play(panel.screens())
        stage.play(FadeIn(badge, scale=0.6), run_time=0.4)
    slopes = story.knobs("gradient", 0)
    flat = not any(q.value for q in slopes.values())
    words = "Each arrow points against its slope, the longer the steeper."
    words = "Every slope is zero here." if flat else words
    with stage.beat(words, title="the slopes", hold=1.4):
        stage.play(FadeOut(badge), run_time=0.3)
        stage.perform(panel.hints(slopes))
        stage.poster()
    text = {"plain": "One step: every knob turns by minus the rate times its slope."}.get(
        fit.descent.optimizer, "One step: every knob turns against its slope."
    )
    said: dict[str, Any] = {} if flat else {"l": story.quantity("loss", 1)}
    with stage.beat(
        text if flat else text + " The loss is {l}.", title="one step", hold=1.0, decimals=gauge.places(**said), **said
    ):
        stage.perform(panel.blank())
        stage.play(Descend(fit, 0, 1, figure, panel, gauge, run_time=1.3, source=story.name))
    if last > 1:
        stage.perform(panel.hints(story.knobs("gradient", 1), run_time=0.7))
        counter = Counter(look, story)
        counter.move_to(figure.corner(counter.width + 0.5, counter.height, (0, last // 4, last)))
        with stage.beat("New place, new slopes. Step after step, the curve finds the points." if not story.explodes else
                        "New place, new slopes. Step after step it gets worse.", title="the descent", hold=0.4):  # fmt: skip
            stage.perform(panel.blank(), FadeIn(counter, run_time=0.4))
            pace = min(max(2.0, 0.05 * last), 5.0)
            stage.play(Descend(fit, 1, last, figure, panel, gauge, counter, run_time=pace, source=story.name))
            stage.perform(panel.hints(story.knobs("gradient", last), run_time=0.6))
    _ending(stage, story, figure, gauge)
    does = "moves away from" if story.explodes else "moves to"
    stage.alt = (
        f"{len(fit)} points and the curve {fit.model.title} with its {len(fit.knobs)} knobs as dials, its misses as squares "
        f"and its loss on a meter; a descent turns the knobs and the curve {does} the points."
    )
    return figure


def _ending(stage: Stage, story: FitStory, figure: CurveFit, gauge: LossGauge) -> None:
    fit, last = story.fit, story.last
    steps, now = story.quantity(f"step/{last}"), story.quantity("loss", last)
    places = gauge.places(l=now)
    plural = "step" if last == 1 else "steps"
    if story.explodes:
        with stage.beat("This rate is too large: after {n} {s} the loss has grown to {l}.", n=steps, s=plural, l=now, hold=3.0,
                        decimals=places, title="too large a rate"):  # fmt: skip
            stage.rest(0.8)
            stage.play(figure.focus(fit.largest(last)[0]))
            stage.poster()
        return
    best = fit.best_loss
    if best is None:
        text = "After {n} {s} the loss is {l}. Whether another start would end lower, the slopes cannot tell."
        with stage.beat(text, n=steps, s=plural, l=now, decimals=places, hold=1.6, title="the result"):
            stage.rest(1.0)
            stage.play(figure.focus(fit.largest(last)[0]))
            stage.poster()
    else:
        least = story.quantity("best")
        near = story.losses[-1] - best <= NEAR * max(best, 1e-3 * story.losses[0])
        text = (
            "After {n} {s} the loss is {l}. No setting of these knobs does better than {b}."
            if near else "After {n} {s} the loss is {l}. The best setting reaches {b}: still on its way."
        )  # fmt: skip
        with stage.beat(
            text, n=steps, s=plural, l=now, b=least, decimals=gauge.places(l=now, b=least), hold=1.6, title="the result"
        ):
            stage.play(gauge.goal(least), run_time=0.8)
            gauge.at(float(gauge.loss.value))
            stage.poster()
    with stage.beat("A low loss on these points promises nothing about new ones.", title="the limit", hold=3.0):
        stage.play(figure.wonder())


# Formulas -----------------------------------------------------------------------------------------------------------


def model_formula(theme: Theme, fit: EngineFit, room: Area) -> Formula | None:
    """`ŷ = k₀ + k₁x + …` at the largest size that fits, knobs and data in their colours; None where it would be too small."""
    point = {**{n: 1.0 for n in fit.knobs}, **fit.point(0)}
    for at in (point, {n: v + 0.1 for n, v in point.items()}):
        try:
            trace = fit.model.trace({**at, fit.variable: float(fit.x[len(fit) // 2])})
            break
        except EngineError:
            continue
    else:
        return None
    places = {s.index for s in trace.inputs if s.name == fit.variable}

    def write(mark: Marker, inline: bool) -> str:
        def own(role: str, step: int | None, body: str) -> str:
            return mark("data" if role == "knob" and step in places else role, step, body)

        return f"{mark('value', None, 'hat(y)')} = {formula(trace.output, own, expand='inputs', inline=inline)}"

    for inline in (False, True):
        for size in (46, 42, 38, 35, FLOOR):
            try:
                line = Formula(partial(write, inline=inline), theme, size)
            except (StageError, EngineError):
                return None
            if line.width <= room.width and line.height <= room.height:
                return line.move_to(room.center)
    return None


def loss_formula(theme: Theme, story: FitStory, room: Area) -> Formula:
    """`L = 1/n Σ (ŷᵢ − yᵢ)²`."""
    count = printed_at(story.quantity("points"), 0)

    def write(mark: Marker) -> str:
        over = f"1\\/{number_source(count.text)}" if room.height < 0.8 else f"1/{number_source(count.text)}"
        return f"{mark('loss', None, 'L')} = {over} sum_i ({mark('value', None, 'hat(y)_i')} - {mark('data', None, 'y_i')})^2"

    for size in (42, 38, 35, FLOOR):
        line = Formula(write, theme, size, printed=[count])
        if line.height <= room.height + 0.15:
            break
    line.move_to(room.center)
    return line.shift([0, min(0.0, room.top - line.get_top()[1]), 0])


# Points -------------------------------------------------------------------------------------------------------------


def _built_in() -> np.ndarray:
    data = nine_points()
    return np.column_stack([data.X[:, 0], data.y])


def read_points(text: Any) -> np.ndarray:
    """Points from `0:1,1:2.5` or from pairs.

    >>> read_points("0:1,1:2.5").tolist()
    [[0.0, 1.0], [1.0, 2.5]]
    """
    if not isinstance(text, str):
        pairs = [tuple(p) for p in text]
    else:
        pairs = []
        for part in filter(None, (p.strip() for p in text.replace(";", ",").split(","))):
            x, colon, y = part.partition(":")
            if not colon:
                raise StageError(f"--points takes pairs such as 0:1,1:2.5, not '{part}'")
            pairs.append((x, y))
    try:
        found = np.array([[float(str(v).replace("−", "-")) for v in pair] for pair in pairs])
    except ValueError:
        raise StageError(f"--points takes pairs of numbers such as 0:1,1:2.5, not '{text}'") from None
    if found.ndim != 2 or found.shape[1] != 2 or len(found) < 2 or not np.isfinite(found).all():
        raise StageError("--points takes two points or more, each x:y with finite numbers")
    return found


def read_table(path: str) -> np.ndarray:
    """The two columns of a CSV file; a first line of names is optional."""
    try:
        with open(Path(path).expanduser(), encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = max(",;\t|", key=first.count)
            file.seek(0)
            rows = [[v.strip() for v in row] for row in csv.reader(file, delimiter=delimiter) if any(v.strip() for v in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise StageError(f"--data {path} cannot be read as a table: {problem}") from None
    if rows and all(map(_is_number, rows[0])):  # no names
        if any(len(row) != 2 for row in rows):
            line, row = next((k, r) for k, r in enumerate(rows, 1) if len(r) != 2)
            raise StageError(f"--data {path}, row {line}, has {len(row)} values; a fit takes two columns, x and y")
        try:
            return np.array([[float(v) for v in row] for row in rows])
        except ValueError:
            line, bad = next((k, v) for k, r in enumerate(rows, 1) for v in r if not _is_number(v))
            raise StageError(f"--data {path}, row {line}: '{bad}' is no finite number") from None
    found = table(path)
    if found.X.ndim != 2 or found.X.shape[1] != 1 or found.classes:
        names = ", ".join([*found.names, found.target])
        raise StageError(f"--data {path} has the columns {names}; a fit takes two, both numbers")
    return np.column_stack([found.X[:, 0], np.asarray(found.y, float)])


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _settled(losses: np.ndarray) -> int:
    """The state from which little is gained: 98 % of the way to the lowest loss, at least 2."""
    least, first = float(losses.min()), float(losses[0])
    there = np.flatnonzero(losses <= least + 0.004 * (first - least))
    return max(int(there[0]) if len(there) else len(losses) - 1, min(2, len(losses) - 1))


__all__ = ["Fit", "FitStory", "fit_story", "read_points", "read_table"]
