"""The clip `forward`: values flow through the graph of a function."""

from __future__ import annotations

from typing import Any

from manim import UP, AnimationGroup, FadeIn, LaggedStart

from chainreel.engine import Step

from ..figures.graph_forward import GraphForward
from ..stage.names import name
from ..stage.stage import Stage
from .clip import Clip
from .headline import Headline
from .words import inputs_sentence, listing, step_sentence

ONE_BY_ONE = 7  # more operations than this are told column by column


def waves(graph: GraphForward) -> list[list[Step]]:
    """The operations in the order of the computation, one by one or in groups that do not wait for each other."""
    if len(graph.operations) <= ONE_BY_ONE:
        return [[s] for s in graph.operations]
    groups: list[list[Step]] = []
    for step in graph.operations:
        last = {s.index for s in groups[-1]} if groups else set()
        if groups and len(groups[-1]) < 3 and not any(e.source.index in last for e in step.edges):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def build_graph(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """Two beats: the formula and its inputs, then the formula as boxes and wires."""
    trace = graph.trace
    sentence, known = inputs_sentence(trace)
    out = name(trace.output.name)
    if headline.function is not None:
        with stage.beat("Here is a function. " + sentence + ".", title="the function", **known):
            stage.play(AnimationGroup(write_in(headline.function), graph.appear_inputs(), lag_ratio=0.35))
    else:
        with stage.beat(sentence + ".", title="the function", **known):
            stage.play(graph.appear_inputs())
    with stage.beat(
        "Read it as a recipe: each box is one small step, and {out} comes out at the right.", title="the graph", out=out
    ):
        stage.play(graph.appear_boxes())
        tape = graph.appear_tape()
        if tape is not None:
            stage.play(tape)


def write_in(formula: Any) -> LaggedStart:
    """A formula appears from left to right."""

    return LaggedStart(*(FadeIn(g, shift=0.08 * UP) for g in formula), lag_ratio=0.08, run_time=1.2)


def sweep_forward(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """A beat for each step: values run in, the result rolls up, and the line above says it with numbers."""
    trace = graph.trace
    for wave in waves(graph):
        sentences: list[str] = []
        known: dict[str, Any] = {}
        for i, step in enumerate(wave):
            words, more = step_sentence(trace, step, prefix=chr(97 + i))
            sentences.append(words)
            known.update(more)
        text = ". ".join(s[0].upper() + s[1:] if not s.startswith("{") else s for s in sentences) + "."
        title = listing([s.name for s in wave])
        with stage.beat(text, title=title, hold=0.4, **known):
            for i, step in enumerate(wave):
                plate = headline.light(step)
                line = headline.say(headline.arithmetic(step))
                extra = [a for a in [plate, *line] if a is not None]
                stage.perform(graph.forward(step, run_time=1.0 if i == 0 else 0.8), *extra)


def conclude_forward(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """The result, and a moment to look at it."""
    trace = graph.trace
    calm = [a for a in (headline.unlight(), *headline.say(None)) if a is not None]
    with stage.beat(
        "So {f} is {v}, and every value on the way is kept for what comes next.",
        title="the result", hold=2.2, f=name(trace.output.name), v=trace.quantity("value", trace.output),
    ):  # fmt: skip
        if calm:
            stage.play(*calm, run_time=0.5)
        stage.play(graph.crown(trace.output))


class Forward(Clip):
    """Values flow through the computational graph of `function` at the point `at`."""

    at: Any

    def prepare(self) -> None:
        """The trace, its graph, and the line above it."""
        self.trace = self.trace_at(self.at)
        self.graph = GraphForward(self.trace, self.look)
        self.headline = Headline(self.trace, self.look, self.graph.crowded, self.graph.full)

    def construct(self) -> None:
        """Build the graph, run the values through it, look at the result."""
        self.alt = describe(self.graph, "values flow from left to right")
        build_graph(self, self.graph, self.headline)
        sweep_forward(self, self.graph, self.headline)
        self.poster()
        conclude_forward(self, self.graph, self.headline)


def describe(graph: GraphForward, action: str) -> str:
    """One sentence for people who cannot see the film."""
    inputs = listing([s.name for s in graph.trace.inputs])
    return f"A computational graph with inputs {inputs} and {len(graph.operations)} operations; {action}."

