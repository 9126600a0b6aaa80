"""The clip `swell`: formulas as trees. The derivative, written out, swells; with every piece kept once it is a small graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, VGroup

from chainreel.engine import Function, Quantity
from chainreel.engine import Swell as Sizes

from ..figures.swell_tree import SwellBars, SwellTree
from ..stage.area import SHAPES, Area
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.names import name as named
from ..stage.number import Phrase
from ..stage.stage import Stage
from .clip import Clip
from .heading import heading
from .hold import chosen, known_only

MOST_ROWS = 7  # bars that fit


class Swell(Clip):
    """A function put into itself: its derivative written out swells, and folds into a small graph."""

    shapes = SHAPES
    at: Any = None
    input: Any = None
    depth: Any = 6

    def prepare(self) -> None:
        """Count everything, and see what can be drawn."""
        known_only(self.subject, self.at, "--at")
        self.story = SwellStory(self.subject, self.at, chosen(self.subject, self.input), self.depth)

    def construct(self) -> None:
        """The whole clip."""
        swell_story(self, self.story)


class SwellStory:
    """The sizes, the depths that are shown, and the deepest tree that can be drawn."""

    def __init__(self, function: Function, at: dict[str, float] | None, free: str, depth: int):
        self.function, self.free = function, free
        self.swell = Sizes(function, depth, free, at)
        rows = self.swell.rows
        if rows[-1].derivative == 0:
            raise StageError(
                f"the derivative of {function.title} by {free} has no operation at any depth: nothing swells; take a function "
                "that bends"
            )
        known = [row.depth for row in rows if row.derivative < 1e300]
        self.depths = known if len(known) <= MOST_ROWS else [*known[: MOST_ROWS - 1], known[-1]]


def swell_story(stage: Stage, story: SwellStory, *, name: str = "swell") -> SwellTree:
    """Tell the swelling of a formula on a stage."""
    look, swell = stage.look, story.swell
    stage.ledger.source(name, swell.describe())

    def q(what: str, depth: int) -> Quantity:
        return replace(swell.quantity(what, depth), source=name)

    trees, side = _areas(stage)
    figure = SwellTree(swell, look, trees)
    if not figure.drawable(1):
        raise StageError(f"the derivative of {story.function.title} written out has {swell.rows[0].derivative} operations; "
                         "that is more than a picture can hold")  # fmt: skip
    one, two = stage.area.columns(1, 1.6, gap=0.3) if stage.shape != "tall" else stage.area.rows(1, 1.5, gap=0.5)
    x = named(story.free)
    with stage.beat(
        f"A formula, written out, is a tree. This one has {{n}} {_operations(swell.rows[0].value)}.",
        n=q("value", 1), title="a tree",
    ):  # fmt: skip
        line = heading(look, swell.trace, 0.0, 0.0, one.width + 0.2, "value")
        middle = _middle(stage.area, one)
        if line is not None:
            line.move_to([middle.center[0], middle.top - 0.35, 0])
            stage.play(FadeIn(line), run_time=0.5)
        stage.play(figure.grow(1, "value", _under(middle.cut_top(0.8)[1])))
        formula = figure.picture
        first = _count(stage, q("value", 1), "value", formula)
        stage.play(FadeIn(first), run_time=0.5)
    with stage.beat(
        f"Its derivative by {{x}} is a tree too: {{m}} {_operations(swell.rows[0].derivative)}, by the rules of any textbook.",
        x=x, m=q("derivative", 1), title="its derivative",
    ):  # fmt: skip
        move = one.center - middle.center
        moves = [VGroup(formula, first).animate.shift(move)]
        if line is not None:
            moves.append(line.animate.shift([max(move[0], stage.area.left - line.get_left()[0]), move[1], 0]))
        stage.play(*moves, run_time=1.2)
        stage.play(figure.grow(1, "derivative", _under(two)))
        second = _count(stage, q("derivative", 1), "slope", figure.picture)
        stage.play(FadeIn(second), run_time=0.5)
    drawn = 1
    if len(swell.rows) > 1:
        drawn = _grow(stage, story, figure, side, q, VGroup(first, second, *([] if line is None else [line])), formula)
    _fold(stage, story, figure, drawn, q, _under(two) if len(swell.rows) == 1 else None)
    last = swell.rows[drawn - 1]
    with stage.beat(
        "What is left is a graph: steps with names, each computed once.",
        hold=2.6, title="a graph",
    ):  # fmt: skip
        stage.poster()
    stage.alt = (
        f"The derivative of {story.function.name} put into itself, as a tree of {last.derivative} operations that folds into "
        f"a graph of {last.derivative_shared}."
    )
    return figure


def _grow(
    stage: Stage, story: SwellStory, figure: SwellTree, side: Area, q: Any, counts: VGroup, formula: Any
) -> int:  # fmt: skip
    """Depth after depth, as far as trees can be drawn; the bars go on."""
    swell = story.swell
    bars = SwellBars(swell, story.depths, stage.look, side)
    badge = QuestionBadge(stage.look).move_to([stage.area.right - 0.36, stage.area.top - 0.36, 0])
    with stage.beat("Now put the function into itself, again and again. How large does its derivative get?", hold=2.2,
                    title="predict"):  # fmt: skip
        stage.play(FadeIn(badge, scale=0.6), run_time=0.5)
    drawn = 1
    before = figure.picture
    assert before is not None
    for depth in story.depths:
        row = swell.rows[depth - 1]
        if depth == 1:
            figure.drop(formula)
            with stage.beat("Once: {m}.", m=q("derivative", 1), title="once", hold=0.3):
                stage.play(FadeOut(badge), FadeOut(formula), FadeOut(counts), run_time=0.5)
                move = figure.area.center - before.area.center
                stage.play(before.animate.shift(move), bars.appear(), bars.bar(1), run_time=1.2)
                before.places = before.places + move[:2]
            continue
        text = "{d} times: {m}." if depth > 2 else "Twice: {m}."
        known = {"m": q("derivative", depth), **({"d": q("depth", depth)} if depth > 2 else {})}
        if row.derivative <= swell.rows[depth - 2].derivative:
            text = text[:-1] + ", no more than before."
        elif depth == story.depths[-1] and row.derivative > 5 * swell.rows[0].derivative:
            text += " Every product copies what stands around it."
        with stage.beat(text, title="into itself", hold=0.4, **known):
            if figure.drawable(depth):
                drawn = depth
                stage.play(figure.swell_from(before, depth), bars.bar(depth))
                before = figure.picture or before
            else:
                stage.play(bars.bar(depth))
    figure.bars = bars
    return drawn


def _fold(
    stage: Stage, story: SwellStory, figure: SwellTree, drawn: int, q: Any, area: Area | None
) -> None:  # fmt: skip
    bars = figure.bars
    rings = figure.outline()
    if rings is None:
        with stage.beat("Here no piece of it stands twice. There is nothing to share.", title="nothing repeats", hold=1.5):
            stage.play(figure.fold(area))
        return
    with stage.beat("But look: the same pieces stand there again and again.", title="repetition", hold=1.0):
        stage.play(rings)
    with stage.beat(
        "Keep each piece once, and they fall together: {a} operations become {b}.",
        a=q("derivative", drawn), b=q("derivative_shared", drawn), title="fold", hold=0.8,
    ):  # fmt: skip
        stage.play(FadeOut(figure.outlines), run_time=0.4)
        figure.drop(figure.outlines)
        stage.play(figure.fold(area))
        if bars is not None:
            stage.play(bars.shared(drawn))


def _count(stage: Stage, quantity: Quantity, role: str, tree: Any) -> Phrase:
    number = Phrase(f"{{n}} {_operations(int(quantity.value))}", stage.look.tint(role), 28, "semibold", n=quantity)
    places = tree.places
    low = places[:, 1].min()
    leaves = places[places[:, 1] < low + 0.1, 0]
    middle, aside = (places[:, 0].min() + places[:, 0].max()) / 2, number.width / 2
    x = np.clip(middle, leaves.min() - aside, leaves.max() + aside)  # a label sits at its object
    return number.move_to([x, low - 0.5, 0])


def _middle(whole: Area, part: Area) -> Area:
    """A part of an area, moved to its middle."""
    (x, y, _), width, height = whole.center, part.width, part.height
    return Area(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def _under(area: Area) -> Area:
    """The area without the strip of its count."""
    return area.cut_bottom(0.5, gap=0.1)[1]


def _operations(count: int) -> str:
    return "operation" if count == 1 else "operations"


def _areas(stage: Stage) -> tuple[Area, Area]:
    """Where the trees and the bars stand."""
    area = stage.area
    if stage.shape == "wide":
        side, trees = area.cut_right(3.1, gap=0.35)
        return trees, side
    if stage.shape == "square":
        side, trees = area.cut_right(2.2, gap=0.2)
        return trees, side
    side, trees = area.cut_bottom(4.4, gap=0.3)
    return trees, side


__all__ = ["Swell", "SwellStory", "swell_story"]
