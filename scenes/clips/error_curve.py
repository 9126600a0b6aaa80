"""The clip `error-curve`: how wrong a difference is for every step, and why a smaller step is not always a better one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, ReplacementTransform, VGroup

from chainreel.engine import EngineError, Function
from chainreel.engine import ErrorCurve as Curve

from ..figures.error_v import DigitRows, ErrorV, value_decimals
from ..figures.symbols import equations, name_source, slope_equation
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker
from ..stage.names import name as named
from ..stage.stage import Stage
from ..stage.theme import Theme
from .clip import Clip
from .heading import heading
from .hold import chosen, known_only

PER_POWER = 8  # steps for each power of ten
POINTS = (1.0, 0.5, -0.5, 2.0, -1.0, 1.5, 3.0, 0.2)
MOST = 6  # rows of marks that can be told apart
SAYS = {"float64": "double precision", "float32": "single precision"}


class ErrorCurve(Clip):
    """How wrong a difference is for every step: the curve's bend on one side, rounding on the other."""

    shapes = SHAPES
    at: Any = None
    input: Any = None
    schemes: Any = ("forward",)
    precisions: Any = ("float64", "float32")

    def prepare(self) -> None:
        """Choose the input and the point, and measure the errors."""
        function = self.subject
        known_only(function, self.at, "--at")
        free = chosen(function, self.input)
        at = telling_point(function, free) if self.at is None else function.complete(self.at)
        self.story = ErrorCurveStory(function, {k: float(v) for k, v in at.items()}, free, self.schemes, self.precisions)

    def construct(self) -> None:
        """The whole clip."""
        error_curve_story(self, self.story)


class ErrorCurveStory:
    """The error curves of one slope, by source name `scheme dtype`, and the rows whose digits are looked at."""

    def __init__(
        self, function: Function, at: dict[str, float], free: str, schemes: Sequence[str], precisions: Sequence[str],
    ):  # fmt: skip
        self.function, self.at, self.free = function, at, free
        for flag, names in (("--schemes", schemes), ("--precisions", precisions)):
            if len(set(names)) < len(names):
                raise StageError(f"{flag} names one twice: {','.join(names)}")
        if len(schemes) * len(precisions) > MOST:
            raise StageError(
                f"{len(schemes)} schemes in {len(precisions)} precisions are {len(schemes) * len(precisions)} rows of marks; "
                f"{MOST} can be told apart"
            )
        size = abs(at[free])
        top = round(math.log10(size)) if size and not 0.03 <= size <= 30 else 0  # steps are of the size of the input
        self.steps = [10.0 ** ((top * PER_POWER - k) / PER_POWER) for k in range(15 * PER_POWER + 1)]
        self.curves: dict[str, Curve] = {}
        for scheme in schemes:
            for precision in precisions:
                steps = self.steps if scheme != "richardson" else self.steps[:: PER_POWER // 2]
                self.curves[f"{scheme} {precision}"] = Curve(function, at, free, scheme, precision, steps)
        self.trace = function.trace(at)

    def digits_of(self) -> tuple[str, list[int]] | None:
        """The curve whose digits are looked at, the coarsest one, and three of its rows: near the turn, and beyond."""
        for name in sorted(self.curves, key=lambda n: (self.curves[n].dtype != "float32", self.curves[n].scheme != "forward")):
            curve = self.curves[name]
            if curve.scheme not in ("forward", "central") or value_decimals(curve) is None:
                continue
            theory = _theory(curve)
            first = round(math.log10(theory)) if theory else round(math.log10(curve.best.step))
            size = max(abs(curve.at[curve.name]), 1e-6)
            last = min(math.floor(math.log10(curve.epsilon * size / 2)), first - 2)  # x + h is x again
            wanted = (first, round((first + last) / 2), last)
            rows = [int(np.argmin(np.abs(np.log10(curve.steps) - e))) for e in wanted]
            if len(set(rows)) == 3 and all(math.isfinite(v) for i in rows for v in curve.values(i)):
                return name, rows
        return None


def telling_point(function: Function, free: str) -> dict[str, float]:
    """A point whose slope and bend are neither tiny nor huge, so that the V lies in the middle of the picture."""
    base = {k: float(v) for k, v in function.point().items()}
    if free in function.defaults:
        return base
    for x in POINTS:
        try:
            curve = Curve(function, {**base, free: x}, free, "forward", "float64", [1e-3])
            if 1e-2 < abs(curve.exact) < 1e3 and 1e-9 < (curve.theory or 0.0) < 1e-6 and not curve.trace.conventions:
                return {**base, free: x}
        except EngineError:
            continue
    return base


def error_curve_story(stage: Stage, story: ErrorCurveStory) -> ErrorV:
    """Tell the errors of a slope on a stage."""
    look = stage.look
    for name, curve in story.curves.items():
        stage.ledger.source(name, curve.describe())
    stage.ledger.source("point", story.trace.describe())
    plot, side, note = _areas(stage)
    first = next(iter(story.curves))
    figure = ErrorV(story.curves, look, plot, label="relative error" if story.curves[first].exact else "error")
    quotient = _quotient(look, story, note if stage.shape == "square" else side)
    place = {s.name: replace(story.trace.quantity("value", s), source="point") for s in story.trace.inputs}
    below = _note(stage, story, note, place)
    x = named(story.free)
    with stage.beat("Nudge {x} by h, and divide: that gives a slope. How wrong is it?", x=x, title="the question"):
        stage.play(FadeIn(quotient, run_time=0.8), FadeIn(below, run_time=0.8), figure.appear())
        stage.play(figure.draw(first, 1.4, until=story.steps[2 * PER_POWER]))  # two powers of ten: the rest is the question
    badge = QuestionBadge(look).move_to([plot.center[0], plot.center[1] + 0.2, 0])
    with stage.beat("Is a smaller h always better?", hold=2.5, title="predict"):
        stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
    stage.play(FadeOut(badge), run_time=0.4)
    _first(stage, story, figure, first)
    for name in list(story.curves)[1:]:
        _next(stage, story, figure, name, first)
    picked = story.digits_of()
    if picked is not None:
        _digits(stage, story, figure, side, picked, quotient)
    _verdict(stage, story, figure, first, quotient)
    return figure


def _first(stage: Stage, story: ErrorCurveStory, figure: ErrorV, name: str) -> None:
    curve = story.curves[name]
    theory, errors = _theory(curve), figure.errors[name]
    turn = theory if theory else curve.best.step
    at_turn, at_start = errors[figure.best_row(name)], errors[0]
    falls = math.isfinite(at_start) and at_turn < 0.1 * at_start and turn < 0.3 * max(story.steps)
    rises = np.isfinite(errors[-1]) and errors[-1] > 10 * at_turn
    if falls:
        with stage.beat("Large steps first. A smaller h meets less of the bend, and the error falls.", title="the right arm"):
            stage.play(figure.draw(name, 2.4, until=turn))
            _maybe(stage, figure.arm(name, "right"))
    text = (
        "Then it turns. Two nearly equal numbers are subtracted, and rounding eats the digits that are left."
        if falls and rises else "Here is the error for every h, from large steps to small ones."
    )  # fmt: skip
    with stage.beat(text, title="the left arm"):
        stage.play(figure.draw(name, 2.6))
        moves = [m for m in (figure.trend(name), figure.arm(name, "left") if rises else None) if m is not None]
        if moves:
            stage.play(*moves)
    ring = figure.ring(name)
    row = figure.best_row(name)
    best, error = figure.quantity(name, "step", row), figure.quantity(name, "relative" if figure.relative else "error", row)
    if ring is not None:
        with stage.beat(
            "Theory puts the turn near {t}. Here {b} came out best: down there, noise decides.",
            t=figure.quantity(name, "theory"), b=best, hold=1.2, title="the turn",
        ):  # fmt: skip
            stage.play(ring)
    else:
        with stage.beat("The smallest error here is {e}, at a step of {b}.", e=error, b=best, title="the smallest error"):
            stage.play(figure.best(name))


def _next(stage: Stage, story: ErrorCurveStory, figure: ErrorV, name: str, first: str) -> None:
    curve, before = story.curves[name], story.curves[first]
    row = figure.best_row(name)
    error = figure.quantity(name, "relative" if figure.relative else "error", row)
    better = figure.errors[name][row] < figure.errors[first][figure.best_row(first)]
    precise = SAYS[curve.dtype]
    if curve.scheme == before.scheme:
        coarser = curve.dtype == "float32" and not better
        what = "fewer digits, so the turn comes at a larger step." if coarser else "at best {e} is wrong."
        text = f"The same in {precise}: {what}"
    elif curve.scheme == "central":
        text = "Central differences step to both sides: the bend weighs less, and at best {e} is wrong."
    elif curve.scheme == "richardson":
        text = "Richardson extrapolation carries many differences to a step of nothing. At best {e} is wrong."
    else:
        text = "The complex step subtracts nothing, so it has no left arm. At best {e} is wrong."
    if curve.scheme != before.scheme and curve.dtype != before.dtype:
        for who in ("Central differences", "Richardson extrapolation", "complex step"):
            text = text.replace(who, f"{who} in {precise}", 1)
    given: dict[str, Any] = {"e": error} if "{e}" in text else {}
    with stage.beat(text, title=name.split()[0] if curve.scheme != before.scheme else precise, **given):
        stage.play(figure.draw(name, 2.2))
        moves = [m for m in (figure.trend(name), figure.ring(name)) if m is not None]
        stage.play(*(moves or [figure.best(name)]))


def _digits(
    stage: Stage, story: ErrorCurveStory, figure: ErrorV, side: Area, picked: tuple[str, list[int]], quotient: Formula,
) -> None:  # fmt: skip
    name, rows = picked
    curve = story.curves[name]
    area, away = side, list[Any]()
    if stage.shape == "square":
        away = [figure]  # there is no room for both: the plot comes back for the verdict
    else:  # the quotient stands above the digits
        area = side.cut_top(1.25, gap=0.1)[1]
    view = DigitRows(curve, rows, stage.look, area, name=name)
    rows = view.row_indices
    with stage.beat(
        "The digits, in {p}. Grey ones are the same in both values; only the others count.",
        p=SAYS[curve.dtype], title="the digits",
    ):  # fmt: skip
        if away:
            stage.play(FadeOut(figure), run_time=0.8)
        else:
            stage.play(quotient.animate.move_to([side.center[0], side.top - 0.55, 0]), run_time=1.2)
        for part in view.row(0):
            stage.play(part)
    last = len(rows) - 1
    for k in range(1, last + 1):
        step = replace(curve.quantity("step", rows[k]), source=name)
        if view.differing(k) == 0:
            text = "At {h}, both values are the same number. Nothing is left to divide."
        elif view.right_digits(k) >= view.right_digits(0) and view.right_digits(k) > 1:
            text = "At {h}, fewer digits differ, and here it still suffices."
        else:
            text = "At {h}, fewer digits differ. Part of this slope is noise."
        with stage.beat(text, h=step, hold=1.0 if k < last else 1.6, title="fewer digits"):
            for part in view.row(k):
                stage.play(part)
    if away:
        stage.play(FadeOut(view), run_time=0.6)
        stage.play(FadeIn(figure), run_time=0.8)


def _verdict(stage: Stage, story: ErrorCurveStory, figure: ErrorV, first: str, quotient: Formula) -> None:
    exact = figure.quantity(first, "exact")
    slope = slope_equation(stage.look, story.free, exact, 40)
    room = stage.area
    slope.move_to(quotient.get_center())
    slope.shift([min(0.0, room.right - slope.get_right()[0]), 0, 0])
    with stage.beat("The chain rule needs no h at all. Its slope is exact up to rounding.", hold=2.6, title="no step at all"):
        stage.play(ReplacementTransform(quotient, slope), run_time=1.2)
        stage.poster()
    schemes = " and ".join(dict.fromkeys(c.scheme for c in story.curves.values()))
    precisions = " and ".join(dict.fromkeys(SAYS[c.dtype] for c in story.curves.values()))
    stage.alt = (
        f"The error of {schemes} differences of {story.function.name} by {story.free} over the step, in {precisions}, on "
        "rulers of powers of ten, with the step that theory names ringed; beside it the digits of values that are subtracted."
    )


def _maybe(stage: Stage, animation: Any) -> None:
    if animation is not None:
        stage.play(animation)


def _theory(curve: Curve) -> float | None:
    try:
        return curve.theory
    except EngineError:
        return None


# Layout -------------------------------------------------------------------------------------------------------------


def _areas(stage: Stage) -> tuple[Area, Area, Area]:
    """Where the plot, the digits and the function's formula stand."""
    area = stage.area
    if stage.shape == "wide":
        plot, side = area.columns(1.5, 1, gap=0.5)
        note, side = side.cut_bottom(1.1, gap=0.3)
        return plot, side, note
    note, rest = area.cut_top(1.0 if stage.shape == "square" else 1.6)
    if stage.shape == "square":
        return rest, rest, note
    plot, side = rest.rows(0.9, 1, gap=0.25)
    return plot, side, note


def _quotient(theme: Theme, story: ErrorCurveStory, area: Area) -> Formula:
    """The difference that is taken, in the scheme of the first curve."""
    first = next(iter(story.curves.values()))
    x = story.free

    def write(mark: Marker) -> str:
        f, at = mark("value", None, "f"), name_source(x, mark, "ink")
        if first.scheme == "central":
            return f"({f}({at} + h) - {f}({at} - h)) / (2 h)"
        if first.scheme == "complex":
            return f'(op("Im") {f}({at} + i h)) / h'
        return f"({f}({at} + h) - {f}({at})) / h"

    formula = Formula(write, theme, 44)
    if area.height > 1.5:
        return formula.move_to([area.center[0], area.center[1] + 0.6, 0])
    formula = Formula(write, theme, 36)
    return formula.move_to([area.right - formula.width / 2, area.center[1], 0])


def _note(stage: Stage, story: ErrorCurveStory, area: Area, place: dict[str, Any]) -> VGroup:
    """The function and the point, where they fit."""
    group = VGroup()
    wide = stage.shape == "wide"
    room = area.width if wide else area.width - 2.7
    top = heading(stage.look, story.trace, area.left, 0.0, room, "value")
    point = equations(stage.look, dict(list(place.items())[:2]), 34)
    if top is not None:
        group.add(top)
    if top is None or point.width <= room:
        group.add(point)
    if wide and len(group) == 2 and top is not None and top.width + 0.4 + point.width <= room:
        top.set_baseline(area.left, area.bottom + 0.15)
        point.set_baseline(area.left + top.width + 0.4, area.bottom + 0.15)
        return group.shift([(room - top.width - 0.4 - point.width) / 2, 0, 0])
    y = area.bottom + 0.1 + (0.55 if len(group) == 2 else 0.0) + (0.0 if wide else max(0.0, (area.height - 1.1) / 2))
    for part in group:
        part.set_baseline(area.center[0] - part.width / 2 if wide else area.left, y)
        y -= 0.55
    return group


__all__ = ["ErrorCurve", "ErrorCurveStory", "error_curve_story"]
