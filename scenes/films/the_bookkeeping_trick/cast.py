"""What the chapters share: the recipe (a·b + c)·a and the two-neuron chain, their graphs, and where they stand."""

from __future__ import annotations

from chainreel.engine import Trace
from chainreel.engine.formula import formula, symbol
from chainreel.engine.storyboards import film_b

from ...figures.graph_forward import GraphForward
from ...stage.area import Area
from ...stage.formula import Formula, Marker
from ...stage.stage import Stage

RECIPE, CHAIN = "recipe", "chain"  # sources
GRAPH = Area(-6.26, 6.26, -2.66, 2.75)  # of the recipe, its tape included
ABOVE = Area(-6.26, 6.26, -1.75, 2.75)  # of the chain, above its tape
STRIP = Area(-6.26, 6.26, -2.66, -1.9)  # its tape
LISTS = Area(-6.26, 6.26, -2.66, 2.45)  # of a graph under the recipe's line
LINE = (2.3, 3.02)  # where the recipe stands in a line while something else is looked at


def recipe(stage: Stage) -> Trace:
    """The recipe at 2, 3 and −1."""
    trace = film_b.recipe().trace(film_b.RECIPE_AT)
    stage.ledger.source(RECIPE, trace.describe())
    return trace


def chain(stage: Stage) -> Trace:
    """The loss of the two-neuron chain on its one example."""
    trace = film_b.chain().trace(film_b.CHAIN_AT)
    stage.ledger.source(CHAIN, trace.describe())
    return trace


def recipe_graph(stage: Stage, trace: Trace) -> GraphForward:
    """Its graph, nothing of it shown yet."""
    return GraphForward(trace, stage.look, GRAPH, tape=True, values=RECIPE)


def chain_graph(stage: Stage, trace: Trace) -> GraphForward:
    """The chain's graph, nothing of it shown yet."""
    return GraphForward(trace, stage.look, ABOVE, tape=False, values=CHAIN)


def whole(stage: Stage, trace: Trace, size: float = 60) -> Formula:
    """`f = (a·b + c)·a`."""

    def write(mark: Marker) -> str:
        return f"{symbol(trace.output, mark)} {mark('ink', None, '=')} {formula(trace.output, mark, expand='inputs')}"

    return Formula(write, stage.look, size)


def line(stage: Stage, trace: Trace) -> Formula:
    """The recipe in a line, at its place above."""
    return whole(stage, trace, 46).move_to([*LINE, 0])
