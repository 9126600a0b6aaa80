"""The clip `search`: turn a knob at random, look, keep or undo – and the slope, which knows before it turns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, ReplacementTransform, Transform, VGroup

from chainreel.engine import EngineError, Function, Quantity
from chainreel.engine.learning.search_race import Dilution, SearchRace

from ..figures.search_race import CLOSE, Closeup, Counter, DialsCurve, Knobs, SearchPlot, Settings
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.number import Phrase
from ..stage.stage import Stage
from .clip import Clip
from .hold import known_only

SMALL, LARGE = 0.02, 0.2  # of the way that the slopes go
MOST_NUDGES, MOST_SEEDS = 4, 20
STARTS = ((-1.5, 1.0, -1.0, 1.5), (1.5, -1.0, 1.0, -1.5), (2.0, 2.0, 2.0, 2.0), (0.5, -0.5, 0.7, -0.3))


class Search(Clip):
    """Blind search against steps along the slope, from one start."""

    shapes = SHAPES
    start: Any = None
    nudges: Any = None
    seeds: Any = (0, 1, 2, 3, 4)
    budget: Any = 3000
    rate: Any = None
    knobs: Any = (4, 16, 64)

    def prepare(self) -> None:
        """Choose the start and the step sizes, and run all searches."""
        known_only(self.subject, self.start, "--start")
        self.race = race_of(self.subject, self.start, self.nudges, self.seeds, self.budget, self.rate)
        self.dilution = Dilution(self.knobs, (0, 1, 2))

    def construct(self) -> None:
        """The whole clip."""
        search_story(self, self.race, self.dilution)


def race_of(
    function: Function, start: Mapping[str, float] | None, nudges: Sequence[float] | None, seeds: Sequence[int],
    budget: int, rate: float | None,
) -> SearchRace:  # fmt: skip
    """The race that is asked for, its gaps filled by what shows most."""
    for flag, values, most in (("--nudges", nudges or (), MOST_NUDGES), ("--seeds", seeds, MOST_SEEDS)):
        if len(set(values)) < len(values):
            raise StageError(f"{flag} names one twice: {', '.join(f'{v:g}' for v in values)}")
        if len(values) > most:
            raise StageError(f"{flag} has {len(values)} values; {most} are as many as are shown")
    starts = [dict(start)] if start is not None else _starts(function)
    problem: EngineError | None = None
    for at in starts:
        try:
            probe = SearchRace(function, at, [1.0], seeds[:1], 1, rate)
        except EngineError as error:
            problem = problem or error
            continue
        return SearchRace(function, at, list(nudges or _nudges(probe)), seeds, budget, rate)
    assert problem is not None
    raise problem


def _starts(function: Function) -> list[dict[str, float]]:
    base = [{n: row[i % 4] for i, n in enumerate(function.inputs)} for row in STARTS]
    return [{**at, **{k: float(v) for k, v in function.defaults.items()}} for at in base]


def _nudges(probe: SearchRace) -> tuple[float, ...]:
    """A small and a large step, round shares of the farthest that a knob goes."""
    first, last = probe.guided.steps[0].point, probe.guided.steps[probe.guided_steps].point
    way = max(abs(float(last[k]) - float(first[k])) for k in first) or 1.0
    unit = 10.0 ** round(math.log10(way))
    return float(f"{SMALL * unit:.1g}"), float(f"{LARGE * unit:.1g}")


def search_story(stage: Stage, race: SearchRace, dilution: Dilution | None, *, name: str = "race") -> SearchPlot:
    """Tell a search on a stage."""
    look = stage.look
    stage.ledger.source(name, race.describe())

    def q(what: str, step: int = 0, seed: int = 0) -> Quantity:
        return replace(race.quantity(what, step, seed), source=name)

    left, middle = _areas(stage)
    plot = SearchPlot(race, look, middle, name=name)
    knobs = Knobs(look, race, left)
    _settings(stage, race, q, knobs, plot)
    near = Closeup(plot)
    with stage.beat("So turn one knob a little, at random, and look at the loss.", title="try and look"):
        stage.play(plot.keep(near, 9).appear())
        first = next((k for k, t in enumerate(plot.log.trials, 1) if t.kept), 1)
        for k in range(1, min(first, 3) + 1):
            _one(stage, plot, knobs, near, k)
    count = plot.shown
    last = min(count + 6, CLOSE, plot.log.tried)
    undone = next((k for k in range(count + 1, last + 1) if not plot.log.trials[k - 1].kept), None)
    with stage.beat("Lower: keep it. Higher: undo it. Then try again.", title="keep or undo"):
        for k in range(count + 1, (undone or count + 1) + 1):
            if k <= plot.log.tried:
                _one(stage, plot, knobs, near, k)
        stage.play(near.leave(), plot.thread())
        plot.remove(near)
    tried, kept = _counters(stage, plot, middle)
    end = plot.log.tried
    text = (
        "It works. Of {n} guesses, {k} led downhill, and it has arrived."
        if plot.log.reached else "Of {n} guesses, {k} led downhill. It has not arrived."
    )  # fmt: skip
    with stage.beat(text, n=q("tried"), k=q("kept"), title="blind search", hold=1.2):
        stage.play(FadeIn(tried), FadeIn(kept))
        stage.play(plot.reach(end, 4.5, tried, kept, knobs))
    stage.poster()
    counters = [tried, kept]
    if len(race.steps) > 2:  # room for the names of the others
        stage.play(FadeOut(tried), FadeOut(kept), run_time=0.4)
        counters = []
    _others(stage, plot, race, q)
    text = "The slope knows before it turns: all knobs at once, each its way. {g} steps, from the very same start."
    if race.guided_steps == 1:
        text = text.replace("{g} steps", "{g} step")
    with stage.beat(text, g=q("guided"), title="guided", hold=1.4):
        for part in plot.guided():
            stage.play(part)
        stage.poster()
    with stage.beat("To be fair: one such step costs about as much as a few tries.", title="the price", hold=0.6):
        stage.play(plot.undone.animate.set_fill(opacity=0.3), run_time=0.6)
    alt = f"The loss of {race.function.name} over tries: a blind search in many small steps, and a few steps along the slope."
    if dilution is not None:
        _luck(stage, dilution, stage.area, [plot, VGroup(*counters), knobs])
        alt += " Then tries and steps over the number of knobs."
    stage.alt = alt
    return plot


def _settings(stage: Stage, race: SearchRace, q: Any, knobs: Knobs, plot: SearchPlot) -> None:
    """All settings, dial by dial and wheel by wheel; then the dials go where they stay, and the plot opens."""
    area = stage.area.cut_bottom(0.9)[1] if stage.shape != "tall" else stage.area.inset(0.0, 3.2)
    large = Settings(stage.look, list(race.start), area, race.positions)
    total = race.quantity("settings").value
    text = (
        "With {p} positions for each of {d} knobs there are {n} settings. Nobody tries them all."
        if math.isfinite(total) else "With {p} positions for each of {d} knobs, no number here can count the settings."
    )  # fmt: skip
    if len(race.start) == 1:
        text = "One knob with {p} positions has {n} settings. It could be tried out; with more knobs, nobody can."
    known = {k: v for k, v in {"p": q("positions"), "d": q("knobs"), "n": q("settings")}.items() if "{" + k + "}" in text}
    count = VGroup()
    if math.isfinite(total):
        count = Phrase("{n} settings", stage.look.ink, 34, "semibold", n=q("settings"))
        count.move_to([area.center[0], area.bottom - 0.5, 0])
    places = []
    for part, home in zip(large.submobjects[: 2 * len(large.dials) : 2], knobs, strict=True):  # one name for both dials
        word = home[1]
        places.append((word, word.get_center(), word.height))
        word.scale(part[1].height / word.height).move_to(part[1])
        part.remove(part[1])
        part.add(word)
    with stage.beat(text, title="all settings", **known):
        stage.play(FadeIn(large, run_time=0.5), FadeIn(count, run_time=0.9))
        stage.play(large.spin(4.6))
    wheels = VGroup(*large.wheels, *large.submobjects[2 * len(large.dials) :])
    large.remove(*large.submobjects)
    words = VGroup(*(word for word, _, _ in places))
    there = VGroup(*(word.copy().scale(height / word.height).move_to(at) for word, at, height in places))
    stage.play(
        FadeOut(VGroup(wheels, count), run_time=0.5), plot.appear(), Transform(words, there, run_time=1.2),
        ReplacementTransform(VGroup(*large.dials), VGroup(*(home[0] for home in knobs)), run_time=1.2),
    )  # fmt: skip
    stage.remove(words, *(home[0] for home in knobs))
    stage.add(knobs)


def _one(stage: Stage, plot: SearchPlot, knobs: Knobs, near: Closeup, k: int) -> None:
    turns = knobs.nudge(k)
    stage.play(turns[0])
    stage.play(plot.reach(k, 0.5), near.mark(k), *turns[1:])


def _counters(stage: Stage, plot: SearchPlot, middle: Area) -> tuple[Counter, Counter]:
    look = stage.look
    narrow = middle.width <= 8
    x, y = plot.view.box[1] - 2.7, middle.top - 0.28 if narrow else plot.view.box[3] - 0.25
    return (
        Counter(look, plot, "tried", look.muted, np.array([x, y, 0.0])),
        Counter(look, plot, "kept", look.data, np.array([x + 1.5, y, 0.0])),
    )


def _others(stage: Stage, plot: SearchPlot, race: SearchRace, q: Any) -> None:
    if len(race.steps) < 2:
        return
    badge = QuestionBadge(stage.look).move_to(plot.quiet_place())
    with stage.beat("Would larger nudges be faster?" if race.steps[1] > race.steps[0] else "And with other nudges?",
                    hold=2.2, title="predict"):  # fmt: skip
        stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
    stage.play(FadeOut(badge), run_time=0.3)
    for i in range(1, len(race.steps)):
        there = len(race.arrived(i))
        if there == 0:
            text = "With nudges of {s}, none of {n} searches arrives: every single turn climbs, and the search is stuck."
            stuck = all(not race.search(i, j).reached for j in range(len(race.seeds)))
            small = race.steps[i] < race.steps[0]
            if small or not stuck:
                text = "With nudges of {s}, none of {n} searches arrives within its budget."
            if len(race.seeds) == 1:
                text = text.replace("none of {n} searches arrives", "the search does not arrive")
            known = {"s": q("step", i), "n": q("seeds")}
        else:
            text = "With nudges of {s}, {a} of {n} searches arrive, after {m} tries in the middle."
            if there == 1:
                text = "With nudges of {s}, {a} of {n} searches arrives, after {m} tries."
            known = {"s": q("step", i), "a": q("arrived", i), "n": q("seeds"), "m": q("median", i)}
        with stage.beat(text, title="other nudges", **{k: v for k, v in known.items() if "{" + k + "}" in text}):
            stage.play(plot.other(i))


def _luck(stage: Stage, dilution: Dilution, whole: Area, before: list[Any]) -> None:
    name = "dilution"
    stage.ledger.source(name, dilution.describe())
    area = whole if stage.shape != "tall" else whole.inset(0.0, 2.0)
    figure = DialsCurve(dilution, stage.look, area, name=name)
    few, many = dilution.knobs[0], dilution.knobs[-1]
    with stage.beat("And with more knobs? Here are random problems of one kind, in the middle of three.", title="more knobs"):
        stage.play(*map(FadeOut, before), run_time=0.7)
        stage.play(figure.appear())
        stage.play(figure.draw("blind", 2.0))
    a, b = figure.quantity("blind", few), figure.quantity("blind", many)
    counts = dilution.counts
    thins = counts[many][0] > 2 * counts[few][0] and counts[many][1] < 3 * counts[few][1] + 5
    text = (
        "From {a} tries to {b}: every new knob thins out the luck. The slope hardly notices."
        if thins else "Blind, it takes from {a} to {b} tries. Below are the steps along the slope."
    )  # fmt: skip
    if few == many:
        text = "Blind, it takes {a} tries. Below are the steps along the slope."
    known: dict[str, Any] = {"a": a} if few == many else {"a": a, "b": b}
    with stage.beat(text, title="luck thins out", hold=2.6, **known):
        stage.play(figure.draw("guided", 1.8))
        stage.poster()


def _areas(stage: Stage) -> tuple[Area, Area]:
    area = stage.area
    if stage.shape == "wide":
        return area.cut_left(2.3, gap=0.3)
    knobs, plot = area.cut_top(1.15 if stage.shape == "square" else 1.6, gap=0.35)
    return knobs, plot if stage.shape == "square" else plot.cut_bottom(0.8)[1]


__all__ = ["Search", "race_of", "search_story"]
