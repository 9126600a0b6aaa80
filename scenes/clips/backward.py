"""The clip `backward`: blame flows back through the graph of a function."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, VGroup

from ..figures.folding import Block, Node
from ..figures.graph_backward import GraphBackward, is_scalar
from ..figures.graph_forward import GraphForward
from ..figures.lens import Lens, lens_for
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.digits import legible
from ..stage.names import name
from ..stage.stage import Stage
from .clip import Clip
from .forward import describe, folded_graph, graph_words, open_boxes, waves, write_in
from .headline import Headline
from .line import telling
from .words import MANY, blame_sentence, inputs_sentence, listing


def start_backward(stage: Stage, back: GraphBackward) -> None:
    """Ask the question, put the baskets out, and give the output a blame of one."""
    trace = back.trace
    out = name(trace.output.name)
    first = name(back.graph.inputs[0].name)
    badge = QuestionBadge(stage.look)
    with stage.beat(
        "Now the question: if {x} moves a little, how much does {f} move?", title="the question", hold=2.0, x=first, f=out
    ):
        stage.play(back.appear_baskets())
        stage.play(FadeIn(badge, scale=0.6), run_time=0.4)
    with stage.beat(
        "We start at the end. {f} follows itself exactly, so its blame is {v}.",
        title="start at the end", f=out, v=trace.quantity("adjoint", trace.output),
    ):  # fmt: skip
        stage.perform(back.seed(), FadeOut(badge, run_time=0.4))


def sweep_backward(stage: Stage, back: GraphBackward, headline: Headline) -> None:
    """A beat for each box: its blame times each local slope goes to each input, and adds up there."""
    groups = [list(reversed(w)) for w in reversed(waves(back.graph))]
    told: set[int] = set()
    previous: list[Node] = []
    glass: Lens | None = None
    for group in groups:
        sentences: list[str] = []
        known: dict[str, Any] = {}
        for i, step in enumerate(group):
            words, more = blame_sentence(back.trace, step, prefix=chr(97 + i), view=back.graph.view)
            if len(group) <= 1:
                sentences.append(words)
                known.update(more)
        if len(group) > 1:  # a large graph is told column by column
            known = {f"g{chr(97 + i)}": name(step.name) for i, step in enumerate(group)}
            sentences = [listing(["{" + k + "}" for k in known]) + " hand their blame back, each by its own rule"]
        adding = _finished(back, group, told)
        sums = []
        for i, source in enumerate(adding[:2]):
            k = f"z{chr(97 + i)}"
            sums.append("{" + k + "s} for {" + k + "n}")
            known[k + "n"] = name(source.name)
            known[k + "s"] = back.graph.view.quantity("adjoint", source)
        if sums:
            sentences.append(("The basket adds up: " if len(sums) == 1 else "The baskets add up: ") + listing(sums))
        totals = [s for s in adding[-1:] if back.sum_equation(s) is not None]
        hold = 1.8 if totals else 0.6
        with stage.beat(". ".join(sentences) + ".", title=listing([s.name for s in group]), hold=hold, **known):
            for step in group:
                calm = [back.calm(s) for s in previous]
                previous = []
                fresh = lens_for(back, step) if back.graph.lens else None
                lines = equations(back, step, headline) if fresh is None else None
                gone = [glass.close()] if glass is not None else []
                glass = fresh
                look = [] if glass is None else [[glass.open(), glass.tell()]]
                stage.perform(back.backward(step, 1.4 if len(group) == 1 else 1.75), *headline.say(lines), *calm, *gone, *look)
                previous.append(step)
            for source in adding:
                told.add(source.index)
            if totals and (line := total(back, totals[0], headline)) is not None:
                stage.play(*headline.say(line))
    if glass is not None:
        stage.play(glass.close(), run_time=0.5)


def _finished(back: GraphBackward, group: list[Node], told: set[int]) -> list[Node]:
    """Values that are used more than once and have now heard from all their uses."""
    done = {s.index for s in group} | {t for edges in back.arrived.values() for t in (e.target.index for e in edges)}
    ready = []
    for step in back.graph.steps:
        uses = [e for e in back.graph.edges if e.source.index == step.index]
        touched = any(e.target.index in {s.index for s in group} for e in uses)
        if len(uses) > 1 and touched and step.index not in told and all(e.target.index in done for e in uses):
            if not np.ndim(step.adjoint):
                ready.append(step)
    return ready


def total(back: GraphBackward, source: Node, headline: Headline) -> Any:
    """`∂f/∂a = 5 + 6 = 11` on the second line, where it fits."""
    for size in (40, 36, 32):
        line = back.sum_equation(source, size)
        if line is None or headline.full:
            return None
        if line.width <= headline.room:
            return line.move_to([headline.middle, headline.second, 0]).set_z_index(5)
    return None


def equations(back: GraphBackward, step: Node, headline: Headline) -> Any:
    """The chain rule at a box, one equation for each wire, side by side."""
    made = []
    for edge in back.graph.into(step):
        if is_scalar(edge):
            made.append(back.equation(edge, 34))
    made = [line for line in made if legible(line)]
    if not made:
        return None
    row = VGroup(*made).arrange(buff=0.9)
    if row.width > headline.room + 0.6:
        row.arrange(buff=0.5)
    place = [headline.middle, headline.second, 0]
    if row.width <= headline.room + 0.9:
        return row.move_to(place).set_z_index(5)
    return made[0].move_to(place).set_z_index(5) if made[0].width <= headline.room + 0.9 else None


def conclude_backward(stage: Stage, back: GraphBackward, headline: Headline) -> None:
    """All the slopes at once: the gradient."""
    parts: list[str] = []
    known: dict[str, Any] = {}
    inputs = back.graph.inputs
    if len(inputs) > MANY:  # the steepest stands for all
        inputs = sorted((s for s in inputs if not np.ndim(s.adjoint)), key=lambda s: -abs(float(s.adjoint)))[:1]
    for i, step in enumerate(inputs):
        k = chr(97 + i)
        known["n" + k] = name(step.name)
        if np.ndim(step.adjoint):
            parts.append("one for each number in {n" + k + "}")
        else:
            parts.append("{v" + k + "} for {n" + k + "}")
            known["v" + k] = back.graph.view.quantity("adjoint", step)
    most = "the steepest is " if len(parts) == 1 < len(back.graph.inputs) else ""
    calm = [back.calm(s) for s in back.graph.operations[:1]]
    with stage.beat(
        "One sweep back, and every slope is there" + (": " if parts else "") + most + listing(parts) + ".",
        title="the gradient", hold=3.0, **known,
    ):
        line = None
        if any(not np.ndim(s.adjoint) for s in back.graph.inputs):
            whole = back.gradient_line()
            if whole.width < headline.room + 0.8:
                line = whole.move_to([headline.middle, headline.second, 0]).set_z_index(5)
        stage.play(*headline.say(line), *calm, back.crown())


class Backward(Clip):
    """The reverse sweep through the graph of `function` at the point `at`."""

    at: Any
    fold: int
    unfold: Any
    shapes = SHAPES

    def prepare(self) -> None:
        """The trace, its graph with values, the sweep, and the lines above."""
        self.trace = self.trace_at(telling(self))
        self.graph, self.headline = folded_graph(self, self.trace, self.fold, self.unfold, lens=True)
        self.back = GraphBackward(self.graph)

    def construct(self) -> None:
        """The graph with its values, then the sweep from right to left."""
        self.alt = describe(self.graph, "blame flows back from right to left and adds up in baskets")
        show_values(self, self.graph, self.headline)
        start_backward(self, self.back)
        sweep_backward(self, self.back, self.headline)
        self.poster()
        conclude_backward(self, self.back, self.headline)


def show_values(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """The forward sweep in one quick beat, for a clip whose subject is the way back."""
    trace = graph.trace
    first = graph.closed or graph
    opening: list = [first.appear_inputs()]
    if headline.function is not None:
        opening.append(write_in(headline.function))

    stacked = graph.closed is not None or any(isinstance(step, Block) for step in graph.operations)
    if stacked:  # what a stack of boxes means is said before values run through it
        sentence, said = inputs_sentence(trace, graph.view)
        with stage.beat(sentence + ".", title="the inputs", **said):
            stage.play(AnimationGroup(*opening))
        with stage.beat(graph_words(first), title="the graph", out=name(trace.output.name)):
            stage.play(first.appear_boxes(), run_time=1.6)
        open_boxes(stage, graph)
    with stage.beat(
        "First the values, from left to right: {f} comes out as {v}.",
        title="the values", f=name(trace.output.name), v=trace.quantity("value", trace.output),
    ):  # fmt: skip
        if not stacked:
            stage.play(AnimationGroup(*opening))
            stage.play(first.appear_boxes(), run_time=1.6)
        tape = graph.appear_tape()
        if tape is not None:
            stage.play(tape)
        for wave in waves(graph):
            stage.perform(*(graph.forward(s, run_time=0.55, lamp=s is wave[0]) for s in wave))
