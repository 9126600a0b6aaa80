"""The last part of `explain`: the graph comes back empty, the question is asked, and both sweeps run once more."""

from __future__ import annotations

from collections.abc import Sequence

from manim import UP, Animation, AnimationGroup, FadeIn, FadeOut, Mobject, VMobject

from ..figures.folding import Node
from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward
from ..figures.morphs import settled
from ..stage.badge import QuestionBadge
from ..stage.formula import Formula
from ..stage.names import name
from ..stage.parts import round_caps
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label
from .headline import Headline

MOST = 5  # groups of boxes in which a sweep runs


def recap(
    stage: Stage, graph: GraphForward, headline: Headline, going: Sequence[Mobject], whole: Formula | None, checked: bool,
    asked: bool,
) -> None:  # fmt: skip
    """Asks first, then tells: one sweep forward, one sweep back. There is more time to answer where nothing was `asked` before.

    `graph` is a fresh one; `going` is what is left of the part before, and `whole` the function in its line.
    """
    back = GraphBackward(graph)
    out, last = name(graph.trace.output.name), graph.nodes[graph.view.output.index]
    settled(graph, False)
    tape = graph.appear_tape()
    badge = _badge(stage, whole if not headline.crowded else None)
    which = "every slope" if len(graph.inputs) > 1 else "the slope"
    with stage.beat(f"How did we get {which} of " + "{f}?", title="recap", hold=2.2, f=out):
        leaving: list[Animation] = [FadeOut(m, target_position=last.holder.get_center(), scale=0.3) for m in going]
        if whole is not None and headline.crowded and whole in stage.mobjects:  # the graph needs its place
            leaving.append(FadeOut(whole))
        stage.play(AnimationGroup(*leaving, FadeIn(graph, scale=0.94), run_time=1.0))
        stage.remove(*going)
        stage.play(FadeIn(badge, scale=0.6), run_time=0.6)
    stage.rest(0.4 if asked else 1.2)
    with stage.beat("One sweep forward gave {f} its value.", title="forward", f=out):
        stage.play(FadeOut(badge, run_time=0.4), *([] if tape is None else [tape]))
        pending: list[Animation] = []
        for group in flights(graph, graph.operations):
            runs, results = graph.rush(group, 0.5)
            stage.play(runs, *pending)
            pending = [results]
        stage.play(*pending, graph.crown(graph.view.output))
    with stage.beat(f"One sweep back gave {which}.", title="backward", hold=0.8):
        stage.play(back.appear_baskets())
        pending = back.seed()
        for group in flights(graph, back.order):
            rides = back.rush(group, 0.7)
            if rides:
                stage.play(rides[0], *pending)
                pending = rides[1:]
        stage.play(*pending, back.crown())
    if not headline.full:  # else there is no line for it, and the slopes stand at their knobs
        line, tick = _gradient(stage, back, headline)
        words = "And a nudge agrees." if checked else "That is the whole gradient."
        with stage.beat(words, title="checked" if checked else "the gradient", hold=1.0):
            stage.play(FadeIn(line, shift=0.12 * UP))
            if checked:
                stage.play(FadeIn(tick, scale=0.6), run_time=0.5)
                stage.tick()
    stage.rest(2.4)


def flights(graph: GraphForward, order: Sequence[Node]) -> list[list[Node]]:
    """Boxes of a sweep, in its order, in groups that run at once: none waits for another one of its group, while that gives
    few enough groups.
    """
    groups: list[list[Node]] = []
    for step in order:
        inside = {s.index for s in groups[-1]} if groups else set()
        waits = any(e.source.index in inside for e in graph.into(step)) or any(
            e.target.index in inside for e in graph.view.uses(step)
        )
        if not groups or waits:
            groups.append([])
        groups[-1].append(step)
    size = -(-len(groups) // MOST)
    return [[s for group in groups[i : i + size] for s in group] for i in range(0, len(groups), size)]


def _badge(stage: Stage, whole: Formula | None) -> QuestionBadge:
    """The question mark in its corner, or below it where the function reaches so far."""
    badge = QuestionBadge(stage.look, stage.area.right - 0.4, stage.area.top - 0.4)
    if whole is not None and whole.get_right()[0] > stage.area.right - 0.95:
        badge.move_to([stage.area.right - 0.4, float(whole.get_bottom()[1]) - 0.6, 0])
    return badge


def _gradient(stage: Stage, back: GraphBackward, headline: Headline) -> tuple[VMobject, Mobject]:
    """All slopes in the line under the graph, with the tick of what is right."""
    look, tick = stage.look, right_mark(stage.look)
    line: VMobject = back.gradient_line()
    if line.width + 0.6 > headline.room + 0.6 or not back.graph.inputs:
        line = Label("the whole gradient", look.tint("slope"), 30)
    line.move_to([headline.middle - 0.3, headline.second, 0]).set_z_index(5)
    tick.move_to([float(line.get_right()[0]) + 0.5, headline.second, 0]).set_z_index(5)
    return line, tick


def right_mark(theme: Theme) -> VMobject:
    """The mint tick of what is right."""
    tick = VMobject().set_points_as_corners([[-0.2, 0.02, 0], [-0.05, -0.14, 0], [0.22, 0.18, 0]])
    return round_caps(tick.set_stroke(theme.data, 6).set_fill(opacity=0))


__all__ = ["flights", "recap", "right_mark"]
