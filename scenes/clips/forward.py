"""The clip `forward`: values flow through the graph of a function."""

from __future__ import annotations

from typing import Any

from manim import UP, AnimationGroup, FadeIn, LaggedStart

from chainreel.engine import Trace

from ..figures.folding import Block, Node
from ..figures.graph_forward import GraphForward
from ..figures.morphs import formula_to_graph
from ..figures.opening import opening
from ..stage.area import SHAPES
from ..stage.errors import StageError
from ..stage.names import name
from ..stage.stage import Stage
from .clip import Clip
from .headline import Headline
from .line import telling
from .words import inputs_sentence, listing, step_sentence

ONE_BY_ONE = 7  # more operations than this are told column by column
LONG = 10  # more than this: a chain too is told three steps at a time
READ = 6.0  # seconds that a line in letters needs (lint, R5); one with its numbers put in has them in its beat


def waves(graph: GraphForward) -> list[list[Node]]:
    """The operations in the order of the computation: one by one, or in groups that do not wait for each other."""
    if len(graph.operations) <= ONE_BY_ONE:
        return [[s] for s in graph.operations]
    groups: list[list[Node]] = []
    for step in graph.operations:
        last = {s.index for s in groups[-1]} if groups and len(graph.operations) <= LONG else set()
        if groups and len(groups[-1]) < 3 and not any(e.source.index in last for e in graph.into(step)):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def build_graph(stage: Stage, graph: GraphForward, headline: Headline, *, known: bool = False) -> None:
    """Two beats: the formula (unless it is there already) and its inputs, then the formula as boxes and wires."""
    trace = graph.trace
    first = graph.closed or graph
    sentence, said = inputs_sentence(trace, graph.view)
    out = name(trace.output.name)
    if headline.function is not None and not known:
        with stage.beat("Here is a function. " + sentence + ".", title="the function", **said):
            stage.play(AnimationGroup(write_in(headline.function), first.appear_inputs(), lag_ratio=0.35))
    else:
        with stage.beat(sentence + ".", title="the inputs", **said):
            stage.play(first.appear_inputs())
    with stage.beat(
        graph_words(first), title="the graph", out=out
    ):
        if headline.function is not None and headline.whole:  # every step's part of the formula becomes its box
            stage.perform(formula_to_graph(headline.function, first, stay=True))
        else:
            stage.play(first.appear_boxes())
        tape = graph.appear_tape() if graph.closed is None else None
        if tape is not None:
            stage.play(tape)
    open_boxes(stage, graph)


def open_boxes(stage: Stage, graph: GraphForward) -> None:
    """Where the user asked for it: folded boxes open into the graphs inside them."""
    if graph.closed is None:
        return
    opened = [name(n) for n in graph.unfolded]
    slots: dict[str, Any] = {f"o{chr(97 + i)}": n for i, n in enumerate(opened)}
    inside = "a graph" if len(opened) == 1 else "graphs"
    with stage.beat(
        f"Inside {listing(['{' + k + '}' for k in slots])} there {'is' if len(opened) == 1 else 'are'} {inside} too.",
        title="open", **slots,
    ):  # fmt: skip
        stage.perform(opening(graph.closed, graph))
        tape = graph.appear_tape()
        if tape is not None:
            stage.play(tape)


def graph_words(graph: GraphForward) -> str:
    """How to read the graph; what a stack of boxes means, where there is one."""
    if any(isinstance(s, Block) for s in graph.operations):
        return "Read it as a recipe. A stack of boxes is many small steps in one, and {out} comes out at the right."
    return "Read it as a recipe: each box is one small step, and {out} comes out at the right."


def write_in(formula: Any) -> LaggedStart:
    """A formula appears from left to right."""

    return LaggedStart(*(FadeIn(g, shift=0.08 * UP) for g in formula), lag_ratio=0.08, run_time=1.2)


def sweep_forward(stage: Stage, graph: GraphForward, headline: Headline) -> None:
    """A beat for each step: values run in, the result rolls up, and the line above says it with numbers."""
    trace = graph.trace
    few = len(graph.operations) <= ONE_BY_ONE
    until = 0.0  # a line in letters stays until then: a short clip waits, in a long one the next step comes without a line
    for wave in waves(graph):
        sentences: list[str] = []
        known: dict[str, Any] = {}
        for i, step in enumerate(wave):
            words, more = step_sentence(trace, step, chr(97 + i), graph.view, brief=len(wave) > 1)
            sentences.append(words)
            known.update(more)
        text = ". ".join(s[0].upper() + s[1:] if not s.startswith("{") else s for s in sentences) + "."
        title = listing([s.name for s in wave])
        with stage.beat(text, title=title, hold=0.4, **known):
            for step in wave:
                if few:
                    stage.rest(until - stage.now)
                plate = headline.light(step)
                said = headline.arithmetic(step) if stage.now >= until else None
                line = headline.say(said) if stage.now >= until else []
                extra = [a for a in [plate, *line] if a is not None]
                stage.perform(graph.forward(step, run_time=1.0 if len(wave) == 1 else 1.1), *extra)
                if said is not None and not getattr(said, "provenance", None):
                    until = stage.now + READ
    stage.rest(until - stage.now)


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
    fold: int
    unfold: Any
    shapes = SHAPES

    def prepare(self) -> None:
        """The trace, its graph, and the line above it."""
        self.trace = self.trace_at(telling(self))
        self.graph, self.headline = folded_graph(self, self.trace, self.fold, self.unfold)

    def construct(self) -> None:
        """Build the graph, run the values through it, look at the result."""
        self.alt = describe(self.graph, "values flow from left to right")
        build_graph(self, self.graph, self.headline)
        sweep_forward(self, self.graph, self.headline)
        self.poster()
        conclude_forward(self, self.graph, self.headline)


def folded_graph(
    stage: Stage, trace: Trace, most: int, names: Any, *, tape: bool | None = None, lens: bool = False
) -> tuple[GraphForward, Headline]:
    """The graph of a trace with the line above it; what is folded is a source of numbers too."""
    if trace.output in trace.inputs:
        raise StageError(f"the function gives its input {trace.output.name} back as it is: there is no operation to show")
    graph = GraphForward(trace, stage.look, tape=tape, limit=most, unfold=names or (), lens=lens)
    if names:
        graph.closed = GraphForward(trace, stage.look, tape=tape, limit=most, lens=lens, source="folded")
        if graph.closed.view.blocks is not None:
            stage.ledger.source("folded", graph.closed.view.blocks.describe())
    if graph.view.blocks is not None:
        stage.ledger.source("blocks", graph.view.blocks.describe())
    return graph, Headline(trace, stage.look, graph.crowded, graph.full, graph.view)


def describe(graph: GraphForward, action: str) -> str:
    """One sentence for people who cannot see the film."""
    inputs = listing([s.name for s in graph.inputs])
    return f"A computational graph with inputs {inputs} and {len(graph.operations)} boxes; {action}."

