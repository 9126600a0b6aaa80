"""The clip `backward`: blame flows back through the graph of a function."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import AnimationGroup, FadeIn, FadeOut, VGroup

from chainreel.engine import Step

from ..figures.graph_backward import GraphBackward, is_scalar
from ..figures.graph_forward import GraphForward
from ..stage.badge import QuestionBadge
from ..stage.names import name
from ..stage.stage import Stage
from .clip import Clip
from .forward import describe, waves, write_in
from .headline import Headline
from .words import blame_sentence, listing


def start_backward(stage: Stage, back: GraphBackward) -> None:
    """Ask the question, put the baskets out, and give the output a blame of one."""
    trace = back.trace
    out = name(trace.output.name)
    first = name(trace.inputs[0].name)
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
    previous: list[Step] = []
    for group in groups:
        sentences: list[str] = []
        known: dict[str, Any] = {}
        for i, step in enumerate(group):
            words, more = blame_sentence(back.trace, step, prefix=chr(97 + i))
            sentences.append(words)
            known.update(more)
        adding = _finished(back, group, told)
        for i, source in enumerate(adding):
            k = f"z{chr(97 + i)}"
            sentences.append("In the basket of {" + k + "n} they add up to {" + k + "s}")
            known[k + "n"] = name(source.name)
            known[k + "s"] = back.trace.quantity("adjoint", source)
        with stage.beat(". ".join(sentences) + ".", title=listing([s.name for s in group]), hold=0.6, **known):
            for step in group:
                calm = [back.calm(s) for s in previous]
                previous = []
                lines = equations(back, step, headline.second)
                stage.perform(back.backward(step), *headline.say(lines), *calm)
                previous.append(step)
            for source in adding:
                told.add(source.index)


def _finished(back: GraphBackward, group: list[Step], told: set[int]) -> list[Step]:
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


def equations(back: GraphBackward, step: Step, height: float) -> Any:
    """The chain rule at a box, one equation for each wire, side by side."""
    made = []
    for edge in step.edges:
        if is_scalar(edge):
            made.append(back.equation(edge, 34))
    if not made:
        return None
    row = VGroup(*made).arrange(buff=0.9)
    if row.width > 12.2:
        row.arrange(buff=0.5)
    return row.move_to([0, height, 0]).set_z_index(5) if row.width <= 12.5 else made[0].move_to([0, height, 0])


def conclude_backward(stage: Stage, back: GraphBackward, headline: Headline) -> None:
    """All the slopes at once: the gradient."""
    trace = back.trace
    parts: list[str] = []
    known: dict[str, Any] = {}
    for i, step in enumerate(trace.inputs):
        k = chr(97 + i)
        parts.append("{v" + k + "} for {n" + k + "}")
        known["n" + k] = name(step.name)
        known["v" + k] = trace.quantity("adjoint", step)
    calm = [back.calm(s) for s in back.graph.operations[:1]]
    with stage.beat(
        "One sweep back, and every slope is there: " + listing(parts) + ".", title="the gradient", hold=3.0, **known
    ):
        whole = back.gradient_line()
        line = whole.move_to([0, headline.second, 0]).set_z_index(5) if whole.width < 12.4 else None
        stage.play(*headline.say(line), *calm, back.crown())


class Backward(Clip):
    """The reverse sweep through the graph of `function` at the point `at`."""

    at: Any

    def prepare(self) -> None:
        """The trace, its graph with values, the sweep, and the lines above."""
        self.trace = self.trace_at(self.at)
        self.graph = GraphForward(self.trace, self.look)
        self.headline = Headline(self.trace, self.look, self.graph.crowded, self.graph.full)
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
    with stage.beat(
        "First the values, from left to right: {f} comes out as {v}.",
        title="the values", f=name(trace.output.name), v=trace.quantity("value", trace.output),
    ):  # fmt: skip
        opening: list = [graph.appear_inputs()]
        if headline.function is not None:
            opening.append(write_in(headline.function))
        stage.play(AnimationGroup(*opening))
        stage.play(graph.appear_boxes(), run_time=1.6)
        tape = graph.appear_tape()
        if tape is not None:
            stage.play(tape)
        for wave in waves(graph):
            stage.perform(*(graph.forward(s, run_time=0.55) for s in wave))

