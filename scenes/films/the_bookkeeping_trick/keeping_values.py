"""Chapter 8: the graph runs once, and every value is written down. Without one of them, a slope cannot be computed."""

from __future__ import annotations

from dataclasses import replace

from manim import AnimationGroup, FadeIn, FadeOut

from chainreel.engine import Quantity, Trace

from ...figures.graph_forward import GraphForward
from ...figures.pull_back import graph_to_lists
from ...figures.value_tape import ValueTape
from ...stage.badge import QuestionBadge
from ...stage.stage import Stage
from ..chapter import Chapter
from . import cast

ERASED, ASKS = "h", "q"  # the value that is wiped off the tape, and the box that needs it


def last_picture(stage: Stage) -> tuple[GraphForward, ValueTape]:
    """The chain with all its values, and its tape."""
    graph = cast.chain_graph(stage, cast.chain(stage)).settle_all()
    return graph, ValueTape(graph, cast.STRIP).settle_all()


class KeepingValues(Chapter):
    """Compute, and write it down."""

    def construct(self) -> None:
        """Four beats of the storyboard."""
        self.alt = (
            "Values run through the graph of the recipe, and each drops onto a tape; the same for a small network. Then one "
            "value is wiped off the tape, and the product that needs it asks for it."
        )
        self.recipe, self.chain = cast.recipe(self), cast.chain(self)
        self.graph = cast.recipe_graph(self, self.recipe)
        self.write_down()
        self.small_network()
        self.erase_one()
        self.who_asks()

    def value(self, trace: Trace, source: str, name: str) -> Quantity:
        """The value of a step."""
        return replace(trace.quantity("value", trace.step(name)), source=source)

    # 1. 0-12 · values flow through abc; each box drops a copy onto a tape below · compute – and write it down
    def write_down(self) -> None:
        """6, 5, 10, and a tape."""
        graph = self.graph
        p, q, f = (self.value(self.recipe, cast.RECIPE, name) for name in ("p", "q", "f"))
        words = "Now we run it once: {p}, {q}, {f}. And instead of forgetting what lies between, we write it all down."
        with self.beat(words, until=12.0, title="compute and write down", p=p, q=q, f=f):
            self.open_card(graph.appear_inputs(), graph.appear_boxes())
            tape = graph.appear_tape()
            if tape is not None:
                self.play(tape)
            for step in graph.operations:
                self.perform(graph.forward(step, run_time=0.8))
            self.shut_card()

    # 2. 12-24 · chain: 1.0; max; 0.5; −0.5; 0.25 with tape · same for a small network
    def small_network(self) -> None:
        """The chain's values, in order."""
        self.net = graph = cast.chain_graph(self, self.chain)
        self.tape = tape = ValueTape(graph, cast.STRIP, self.graph.tape)
        loss = self.value(self.chain, cast.CHAIN, "f")
        words = "The same for a small network: weigh, shift, bend, weigh again, and the loss is {loss}."
        with self.beat(words, until=24.0, title="a small network", loss=loss):
            old = self.graph
            cells = [n.cell for n in old.nodes.values() if n.cell is not None and n.cell in old.submobjects]
            gone = [*cells, *([old.fresh] if old.fresh is not None else [])]
            old.drop(*gone, *old.tape_rows)  # the strip stays
            tape.keep(tape.strip)
            self.play(*(FadeOut(part) for part in gone), run_time=0.6)
            self.perform(graph_to_lists(old, graph, 1.4))
            for step in tape.steps:
                self.play(tape.record(step, 0.6))
            self.perform(tape.rest())

    # 3. 24-33 · ⏸ one tape entry erased: which slope can no longer be computed?
    def erase_one(self) -> None:
        """Predict."""
        self.badge = QuestionBadge(self.look)
        words = "Now wipe one value off the tape. Which box can no longer tell its slope?"
        with self.beat(words, until=33.0, title="predict"):
            self.at("wipe")
            self.perform(self.tape.erase(self.chain.step(ERASED)))
            self.at("Which")
            self.play(FadeIn(self.badge, scale=0.6), run_time=0.5)

    # 4. 33-43 · × box asks for it, shows "?" · that is why training needs more memory than using
    def who_asks(self) -> None:
        """The product needs its partner."""
        words = "The product: its slope is the partner, and that is gone. So training takes more memory."
        with self.beat(words, until=43.0, title="the product asks"):
            self.at("The product")
            self.play(FadeOut(self.badge, run_time=0.4), self.tape.ask(self.chain.step(ASKS)))
            self.poster()
            self.at("training")
            self.play(AnimationGroup(*self.tape.restore()))
