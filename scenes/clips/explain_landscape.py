"""The fifth part of `explain`: the function as a curve or a map, the slope on it, and the descent that follows the slope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import RIGHT, AnimationGroup, FadeIn, FadeOut, Group, Mobject, Transform, VMobject

from chainreel.engine import EngineError, Function, Quantity

from ..figures.contour_descent import ContourDescent
from ..figures.loss_slice import LossSlice
from ..figures.symbols import value_equation
from ..stage.area import Area
from ..stage.errors import StageError
from ..stage.names import name
from ..stage.parts import slot
from ..stage.rounding import shown
from ..stage.stage import Stage
from ..stage.view import Box
from .cue import cue
from .descent import DescentStory
from .explain_check import below
from .noticed import short
from .racers import Places, at_start, readout
from .slice import SliceStory

RACE = 60  # steps of the descent on a map


def landscape(function: Function, start: Any, see: Any, asked: bool) -> SliceStory | DescentStory | None:
    """The descent of a function of one or two inputs; None where none can be shown and none was asked for."""
    if len(function.inputs) > 2:
        return None
    try:
        if len(function.inputs) == 1:
            return SliceStory(function, start, function.inputs[0], see)
        return DescentStory(function, start, see, ("plain",), steps=RACE)
    except (EngineError, StageError):
        if asked:
            raise
        return None


def tell(
    stage: Stage, story: SliceStory | DescentStory, keep: VMobject | None, going: Sequence[Mobject], slots: Sequence[VMobject]
) -> list[Any]:
    """The curve or the map. Returns what is left on stage.

    `going` is what is left of the part before; its `slots` become the ground of the picture.
    """
    going = [m for m in going if m not in slots]
    if isinstance(story, SliceStory):
        return _curve(stage, story, keep, going, slots)
    return _map(stage, story, keep, going, slots)


def _settle(stage: Stage, going: Sequence[Mobject], slots: Sequence[VMobject], box: Box) -> None:
    """What was there goes, and its slots become one ground for what comes."""
    left, right, low, high = box
    ground = slot(stage.look, right - left, high - low, 0.06).move_to([(left + right) / 2, (low + high) / 2, 0])
    for part in (ground, *slots):
        part.set_z_index(-1)
    merge = AnimationGroup(*(Transform(s, ground.copy()) for s in slots), run_time=1.0)
    stage.play(FadeOut(Group(*going), run_time=0.6), merge)
    stage.remove(*going)


# One input --------------------------------------------------------------------------------------------------------------


def _curve(
    stage: Stage, story: SliceStory, keep: VMobject | None, going: Sequence[Mobject], slots: Sequence[VMobject]
) -> list[Any]:
    look, log = stage.look, story.log
    stage.ledger.source(story.name, log.describe())
    area = below(stage, keep, 0.25)
    wide = stage.shape == "wide"
    right = area.right - (3.1 if wide else 0.5)
    low = area.bottom + (0.55 if stage.shape != "tall" else 1.8)
    losses = [float(s.loss) for s in log.steps]
    figure = LossSlice(
        story.one, look, story.free, story.see, exact=story.exact, role="value",
        keep=tuple(v for v in losses[:2] if v <= 3 * abs(losses[0]) + 1),
        box=(round(area.left + 0.75, 1), round(right, 1), round(low, 1), round(area.top - (0.25 if wide else 0.9), 1)),
        rim=right + 0.6,
    )  # fmt: skip
    known: dict[str, Any]
    f, x = name(story.trace.output.name), name(story.free)
    slope = story.quantity(f"gradient/{story.free}")
    first, last = story.quantity("loss", 0), story.quantity("loss", story.hops)
    away = story.leaves and not story.see[0] <= float(log.steps[-1].point[story.free]) <= story.see[1]
    moves = abs(float(slope.value)) > 1e-12 and losses[1:] not in ([], losses[:1]) and not away
    column = (right + 0.75, area.top - 1.0) if wide else (area.left + 0.3, area.top - 0.55)

    def value(quantity: Any, role: str = "value") -> Any:
        line = value_equation(look, story.trace.output.name, quantity, role, 40)
        line.set_baseline(column[0], column[1])
        if wide and line.get_right()[0] > stage.area.right:
            line.scale(max(0.8, (stage.area.right - column[0]) / line.width), about_edge=[-1, 0, 0])
        return line

    here = value(first)
    fits = here.get_right()[0] <= stage.area.right + 0.02
    words = "Here is {f} over {x}. Where we stand, its slope is {s}."
    with stage.beat(words, title="the curve", f=f, x=x, s=slope):
        _settle(stage, going, slots, figure.view.box)
        stage.play(figure.appear(1.4), *map(FadeOut, slots))
        stage.play(figure.stand(float(log.steps[0].point[story.free])), *([FadeIn(here)] if fits else []))
        cue(stage, "slope")
        stage.play(figure.slope(slope))
    stage.rest(0.5)
    if not moves:
        size = abs(float(slope.value))
        text, known = "A step against it would leave this picture, or end where {f} has no value.", {"f": f}
        if size <= 1e-12:
            text, known = "It is level: a step against the slope would go nowhere.", {}
            text = text if size == 0 else "That is as good as level: no step would be seen."
        with stage.beat(text, title="no step", hold=1.2, **known):
            stage.play(*figure.forget_slope())
        return [figure, here]
    text = "It rises to the right, so we hop left, downhill." if slope.value > 0 else "It falls to the right, so we hop there."
    with stage.beat(text, title="the descent", hold=0.4):
        cue(stage, "so we hop")
        stage.play(*figure.forget_slope())
        for k in range(story.hops):
            stage.play(figure.hop(log, k, max(0.4, 0.8 * 0.85**k)))
    grown = losses[-1] > losses[0]
    seen = np.where(np.isfinite(figure.curve.y), figure.curve.y, np.inf)
    deeper = not grown and float(seen.min()) < losses[-1] - 0.05 * (losses[0] - losses[-1])
    there = value(last)
    text, known = arrived("hop", story.quantity("steps"), last, grown)
    text += " The hops were too long." if grown else ""
    if shown(losses[0]) == shown(losses[-1]):
        text, known = "So small a slope makes hops too short to see: {f} is still {b}.", {"b": last}
    with stage.beat(text, title="the result", hold=0.8, f=f, **known):
        if fits and there.get_right()[0] <= stage.area.right + 0.02:
            stage.play(FadeOut(here, run_time=0.4))
            stage.play(FadeIn(there, shift=0.1 * RIGHT, run_time=0.5))
            here = there
        if deeper:
            stage.play(figure.lowest())
    stage.rest(0.9)
    return [figure, here]


# Two inputs -------------------------------------------------------------------------------------------------------------


def _map(
    stage: Stage, story: DescentStory, keep: VMobject | None, going: Sequence[Mobject], slots: Sequence[VMobject]
) -> list[Any]:
    look = stage.look
    room = _places(stage, keep)
    figure = ContourDescent(
        story.two, look, story.logs, story.see, names=story.free, box=room.map, side=room.side, columns=room.columns
    )
    runner = figure.runners[0]
    stage.ledger.source(runner.name, runner.descent.describe())
    stage.ledger.source(story.name + "start", story.trace.describe())
    at, loss, partials = at_start(story.trace, story.name + "start", story.free)
    values, slopes = readout(look, at, loss, partials, room)
    f = name(story.trace.output.name)
    with stage.beat("A map of {f}. Each line joins equal values.", title="the map", f=f, hold=0.3):
        _settle(stage, going, slots, figure.view.box)
        stage.play(figure.spread(1.8))
        stage.remove(*slots)
        stage.play(figure.begin(), FadeIn(values, shift=0.15 * RIGHT))
    if float(np.hypot(*figure.gradient)) == 0:
        with stage.beat("Both slopes are zero here, so a step would go nowhere.", title="no step", hold=1.4):
            stage.play(FadeIn(slopes, shift=0.15 * RIGHT))
        return [figure, values, slopes]
    words = "Both slopes say which way {f} falls."
    with stage.beat(words, title="the slope", f=f, hold=0.6):
        stage.play(FadeIn(slopes, shift=0.15 * RIGHT))
        cue(stage, "falls")
        stage.play(figure.steepest())
    stage.rest(0.4)
    with stage.beat("So we step that way, again and again.", title="the descent", hold=0.3):
        stage.play(figure.clear_steepest(), FadeOut(slopes), FadeOut(values), run_time=0.5)
        stage.play(figure.counters())
        stage.play(figure.race(3.4))
    words, said = _result(figure, f)
    goal = figure.goal() if runner.moved and not runner.lost and not runner.runaway else None
    with stage.beat(words, title="the result", hold=0.8, **said):
        stage.play(*figure.settle(), *([] if goal is None else [goal]))
        there = None if runner.lost or not runner.moved else _reached(stage, story, figure, room)
        if there is not None:
            cue(stage, f.shown)
            stage.play(FadeIn(there, shift=0.1 * RIGHT), run_time=0.6)
    stage.rest(0.9)
    return [figure]


def _reached(stage: Stage, story: DescentStory, figure: ContourDescent, room: Places) -> VMobject | None:
    """The value at the end of the way, in the free corner beside the counter; None where it does not fit."""
    runner = figure.runners[0]
    last = figure.quantity(runner, "loss", len(runner.descent.steps) - 1)
    line = value_equation(stage.look, story.trace.output.name, last, "loss", 40)
    side, wide = room.side, stage.shape == "wide"
    line.set_baseline(side.left + 0.2 if wide else float(side.center[0]) + 0.4, side.top - 0.6)
    return line if line.get_right()[0] <= stage.area.right else None


def _result(figure: ContourDescent, f: Any) -> tuple[str, dict[str, Any]]:
    """From where to where, or that it flew off."""
    runner = figure.runners[0]
    log = runner.descent
    if not runner.moved:
        return "It does not move: its steps are too small to be seen.", {}
    if runner.lost:
        return "It flies off: for this function the steps were too long.", {}
    if log.losses[-1] == log.losses[0]:
        return "The slopes are so small that {f} stays where it was.", {"f": f}
    n = len(log.steps) - 1
    text, known = arrived(
        "step", figure.quantity(runner, "steps", 0), figure.quantity(runner, "loss", n), log.losses[-1] > log.losses[0]
    )
    return text, {**known, "f": f}


def arrived(unit: str, count: Quantity, value: Quantity, grown: bool) -> tuple[str, dict[str, Any]]:
    """`After 7 hops, f is down to 0.40.`; of a number that is long to say only whether it is lower."""
    many = unit if count.value == 1 else unit + "s"
    if not short(value.value):
        return "After {n} " + f"{many}, " + "{f} is " + f"{'higher' if grown else 'lower'} than before.", {"n": count}
    return "After {n} " + f"{many}, " + "{f} is " + f"{'up' if grown else 'down'} to " + "{b}.", {"n": count, "b": value}


def _places(stage: Stage, keep: VMobject | None) -> Places:
    area = below(stage, keep, 0.25)
    if stage.shape == "wide":
        top = round(area.top - 0.1, 1)
        return Places(None, (-5.5, 2.0, -2.0, top), (-6.2, 2.15, -2.62, top), Area(2.62, 6.22, -2.0, min(3.0, top)), 1)
    side, picture = area.cut_bottom(2.1 if stage.shape == "square" else 2.6, gap=0.1)
    side = side.inset(0.05, 0.0)
    left, right, low, high = (round(v, 2) for v in picture.box)
    return Places(None, (left + 0.6, right - 0.45, low + 0.5, high), (left + 0.25, right - 0.25, low, high), side, 2)


__all__ = ["landscape", "tell"]
