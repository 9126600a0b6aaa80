"""The first part of `explain`: the title, the graph that grows out of the formula, and the values that run through it."""

from __future__ import annotations

from typing import Any

from manim import UP, FadeIn, FadeOut, LaggedStart, Line

from ..figures.folding import Block, Node
from ..figures.graph_forward import GraphForward
from ..figures.morphs import formula_to_graph
from ..stage.glow import Glow
from ..stage.names import name
from ..stage.stage import Stage
from ..stage.type import Label
from .cue import cue
from .headline import Headline
from .noticed import about_values, short
from .words import block_sentence, does, inputs_sentence, listing, value_words

NAMED = 2  # inputs whose values are said
TOGETHER = 3  # boxes whose values are said in one sentence


def title_card(stage: Stage, headline: Headline) -> None:
    """The formula in the middle with the question of the film, then at its place at the top."""
    out = name(headline.trace.output.name)
    inputs = headline.trace.inputs
    look = stage.look
    x, y = (float(v) for v in stage.area.center[:2])
    y = 0.0 if stage.shape == "wide" else y
    words = Label("a function and its slopes", look.muted, 30)
    if words.width > stage.area.width:
        words = Label("a function, its slopes", look.muted, 30)
    words.move_to([x, y - 0.45, 0])
    rule = Line([x - 0.6, y - 0.95, 0], [x + 0.6, y - 0.95, 0]).set_stroke(look.slope, 3)
    pool = Glow.pool(look, min(9.0, stage.area.width + 1.4), 4.5).move_to([x, y + 0.3, 0])
    who = "{x}" if len(inputs) == 1 else "each input"
    known: dict[str, Any] = {"x": name(inputs[0].name)} if len(inputs) == 1 else {}
    line = headline.function
    home = None if line is None else line.get_center()
    with stage.beat("This is {f}. How strongly does " + who + " move it?", title="title", f=out, **known):
        if line is None:
            stage.play(FadeIn(pool), FadeIn(words, shift=0.1 * UP), FadeIn(rule), run_time=1.0)
        else:
            line.move_to([x, y + 0.55, 0])
            stage.play(FadeIn(pool), LaggedStart(*(FadeIn(g, shift=0.1 * UP) for g in line), lag_ratio=0.07), run_time=1.3)
            stage.play(FadeIn(words, shift=0.1 * UP), FadeIn(rule), run_time=0.7)
    leaving = [FadeOut(words), FadeOut(rule), FadeOut(pool)]
    stage.play(*leaving, *([] if line is None else [line.animate.move_to(home)]), run_time=1.0)


def build(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """The inputs take their places; every part of the formula becomes its box."""
    sentence, said = inputs_sentence(graph.trace, graph.view, NAMED)
    folded = any(isinstance(s, Block) for s in graph.operations)
    if folded:
        with stage.beat(f"{sentence}.", title="the inputs", hold=0.3, **said):
            stage.play(graph.appear_inputs())
        sentence, said = "A stack of boxes is many steps in one", {}
    with stage.beat(f"{sentence}.", title="the graph", hold=0.4, **said):
        if not folded:
            stage.play(graph.appear_inputs())
        if headline.function is not None and headline.whole:
            stage.perform(formula_to_graph(headline.function, graph, stay=True))
        else:
            stage.play(graph.appear_boxes())
        tape = graph.appear_tape()
        if tape is not None:
            stage.play(tape)


def sweep(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """Values run from left to right: the first box in full, the second quicker, those between together, then the result."""
    boxes = graph.operations
    *before, last = boxes
    for step in before[:1]:
        text, known = told(graph, step, "First")
        with stage.beat(text, title=step.name, hold=0.4, **known):
            compute(stage, graph, headline, [step], 1.0)
        stage.rest(0.4)
    between = before[1:]
    if between:
        text, known = together(graph, between)
        with stage.beat(text, title=listing([s.name for s in between]), hold=0.3, **known):
            if not known:
                cue(stage, "next ones")
            for group in groups(between):
                few = len(between) <= TOGETHER
                compute(stage, graph, headline, group, 0.9 if few else 0.5, told=few)
                stage.rest(0.4 if few else 0.0)
    text, known = told(graph, last, "So")
    if before:
        text, known = "So {n} is {v}.", {"n": name(graph.trace.output.name), "v": graph.view.quantity("value", last)}
    with stage.beat(text, title="the result", hold=0.6, **known):
        compute(stage, graph, headline, [last], 0.9)
        calm = headline.unlight()
        stage.play(graph.crown(graph.view.output), *([] if calm is None else [calm]))
    remark = about_values(graph.trace)
    if remark is not None:
        with stage.beat(remark[0] + ".", title="the limit of numbers", **remark[1]):
            pass
    stage.rest(0.8)
    if headline.line is not None and headline.line is not headline.function:
        stage.play(*headline.say(None), run_time=0.5)


def compute(stage: Stage, graph: GraphForward, headline: Headline, steps: list[Node], pace: float, told: bool = True) -> None:
    """Some boxes compute side by side; the arithmetic of a box that is told by itself is written out."""
    plate = headline.light(steps[-1])
    line = headline.say(headline.arithmetic(steps[-1])) if told else headline.say(None)
    extra = [a for a in [plate, *line] if a is not None]
    stage.perform(*(graph.forward(s, run_time=pace, lamp=s is steps[0]) for s in steps), *extra)


def groups(steps: list[Node]) -> list[list[Node]]:
    """Boxes that are computed at once: one after the other where they are few, else in at most four groups."""
    if len(steps) <= TOGETHER:
        return [[s] for s in steps]
    size = max(3, -(-len(steps) // 4))
    return [steps[i : i + size] for i in range(0, len(steps), size)]


def told(graph: GraphForward, step: Node, start: str) -> tuple[str, dict[str, Any]]:
    """`First p, x times y, is −0.75.`"""
    if isinstance(step, Block):
        words, known = block_sentence(graph.view, step)
        return f"{start} {words}.", known
    doing, known = does(step)
    said, value = value_words(graph.trace, step, "v")
    return f"{start} " + "{n}, " + f"{doing}, {said}.", {**known, **value, "n": name(step.name)}


def together(graph: GraphForward, steps: list[Node]) -> tuple[str, dict[str, Any]]:
    """The value of one box; of many only how they come."""
    if len(steps) > 1 or isinstance(steps[0], Block) or not short(steps[0].value):
        return "Then the next ones, box by box.", {}
    return "Then {n} is {v}.", {"n": name(steps[0].name), "v": graph.view.quantity("value", steps[0])}


__all__ = ["build", "compute", "groups", "sweep", "title_card"]
