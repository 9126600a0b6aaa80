"""The first part of `explain`: the title, the graph that grows out of the formula, and the values that run through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from manim import UP, Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, Line, Mobject, VMobject

from ..figures.folding import Block, Node
from ..figures.graph_forward import GraphForward
from ..figures.morphs import formula_to_graph
from ..stage.area import Area
from ..stage.glow import Glow
from ..stage.names import name
from ..stage.stage import Stage
from ..stage.type import Label
from .cue import cue
from .explain_machine import Machine, machine
from .headline import Headline
from .noticed import about_values, short
from .words import block_sentence, does, inputs_sentence, listing, value_words

LARGE = 1.25  # how much larger the function's line is at the beginning
NAMED = 2  # inputs whose values are said
TOGETHER = 3  # boxes whose values are said in one sentence


@dataclass
class Opening:
    """What stands there after the question: the closed box, where there is one, what else goes with it, and the way home of
    the function's line."""

    box: Machine | None
    words: list[Mobject]
    home: Any
    size: float  # of the function's line, to what it will be
    moves: bool  # whether the line goes anywhere

    def leave(self, line: VMobject | None) -> Animation:
        """The words go, and the function's line goes to its place."""
        moves: list[Any] = [FadeOut(m) for m in self.words]
        if line is not None and self.moves:
            moves.append(line.animate.scale(1 / self.size).move_to(self.home))
        return AnimationGroup(*moves, run_time=1.2)


def title_card(stage: Stage, headline: Headline) -> Opening:
    """The question of the film: every dial of the closed box is turned, and the value moves."""
    out = name(headline.trace.output.name)
    inputs = headline.trace.inputs
    look, area, line = stage.look, stage.area, headline.function
    who = "{x}" if len(inputs) == 1 else "each input"
    known: dict[str, Any] = {"x": name(inputs[0].name)} if len(inputs) == 1 else {}
    top = area.top - (1.5 if line is not None else 0.5)
    box = machine(headline.trace, look, Area(area.left, area.right, area.bottom, top))
    home = None if line is None else line.get_center()
    middle = (top + area.bottom) / 2 if box is not None else 0.3 if stage.shape == "wide" else float(area.center[1]) + 0.3
    pool = Glow.pool(look, min(9.0, area.width + 1.4), 4.5).move_to([area.center[0], middle, 0])
    words: list[Mobject] = [pool]
    size = 1.0
    if line is not None and not headline.crowded:  # a line that soon gives way to the graph stays where it is
        size = min(LARGE, max(1.0, area.width / line.width))
        line.scale(size)
        line.move_to([area.center[0], area.top - 0.75 if box is not None else middle + 0.25, 0])
    with stage.beat("This is {f}. How strongly does " + who + " move it?", title="title", f=out, **known):
        glyphs = [] if line is None else [LaggedStart(*(FadeIn(g, shift=0.1 * UP) for g in line), lag_ratio=0.07, run_time=1.2)]
        if box is None:
            words += _subtitle(stage, middle)
            stage.play(*map(FadeIn, words), *glyphs, run_time=1.2)
        else:
            stage.play(FadeIn(pool), *glyphs, box.appear(1.2))
            cue(stage, "strongly")
            for k in range(len(inputs)):
                stage.play(box.turn(k, 1.5 if len(inputs) <= 2 else 1.1 if len(inputs) <= 4 else 0.8))
    return Opening(box, words, home, size, not headline.crowded)


def _subtitle(stage: Stage, middle: float) -> list[Mobject]:
    """The words under the function where it has no closed box, with a rule in the colour of slopes."""
    x, look = float(stage.area.center[0]), stage.look
    words = Label("a function and its slopes", look.muted, 30)
    if words.width > stage.area.width:
        words = Label("a function, its slopes", look.muted, 30)
    rule = Line([x - 0.6, middle - 1.25, 0], [x + 0.6, middle - 1.25, 0]).set_stroke(look.slope, 3)
    return [words.move_to([x, middle - 0.75, 0]), rule]


def build(stage: Stage, graph: GraphForward, headline: Headline, opening: Opening) -> None:
    """The box opens: the inputs take their places, and every part of the formula becomes its box."""
    sentence, said = inputs_sentence(graph.trace, graph.view, NAMED)
    folded = any(isinstance(s, Block) for s in graph.operations)
    going = opening.leave(headline.function)
    moves = [graph.appear_inputs()] if opening.box is None else opening.box.open(graph)
    if folded:
        with stage.beat(f"{sentence}.", title="the inputs", hold=0.3, **said):
            stage.perform(going, moves)
        moves, sentence, said = [], "A stack of boxes is many steps in one", {}
    with stage.beat(f"{sentence}.", title="the graph", hold=0.4, **said):
        if headline.function is not None and headline.whole:
            boxes = formula_to_graph(headline.function, graph, stay=True)
        else:
            boxes = [graph.appear_boxes()]
        stage.perform(*([] if folded else [going]), moves, boxes)
        if opening.box is not None:
            stage.remove(*opening.box.get_family())
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
                compute(stage, graph, headline, group, 0.9 if few else 0.62, told=few)
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


__all__ = ["Opening", "build", "compute", "groups", "sweep", "title_card"]
