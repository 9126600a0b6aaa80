"""Chapter 5: the formula opens into three lines with names, numbers run down the lines, the lines become boxes."""

from __future__ import annotations

from dataclasses import replace

from manim import FadeIn

from chainreel.engine import Quantity

from ...figures.graph_forward import GraphForward
from ...figures.recipe_lines import RecipeLines
from ...stage.area import Area
from ...stage.formula import Formula
from ...stage.stage import Stage
from ..chapter import Chapter
from . import cast

LINES = Area(-5.4, 4.6, -1.9, 1.8)


def last_picture(stage: Stage) -> tuple[GraphForward, Formula]:
    """The boxes of the recipe, no value known yet, and its line above."""
    graph = cast.recipe_graph(stage, cast.recipe(stage))
    graph.appear_inputs(), graph.appear_boxes()
    return graph, cast.line(stage, graph.trace)


class ARecipe(Chapter):
    """A formula as small named steps."""

    def construct(self) -> None:
        """Three beats of the storyboard."""
        self.alt = (
            "The formula (a·b + c)·a opens into three lines, p, q and f. Numbers run down the lines: six, five, ten. Then the "
            "lines drift apart and become three boxes joined by arrows."
        )
        self.trace = cast.recipe(self)
        self.lines = RecipeLines(self.trace, self.look, LINES, 54, cast.RECIPE)
        self.open_the_formula()
        self.run_the_numbers()
        self.become_boxes()

    def value(self, name: str) -> Quantity:
        """The value of a step."""
        return replace(self.trace.quantity("value", self.trace.step(name)), source=cast.RECIPE)

    # 1. 0-8 · formula opens into three lines p, q, f · three steps, each trivial
    def open_the_formula(self) -> None:
        """The whole formula at once? No."""
        formula = cast.whole(self, self.trace).move_to([0, 0.3, 0])
        words = "Must we treat the whole formula at once? No. It opens into three steps, each of them trivial."
        with self.beat(words, until=8.0, title="three steps"):
            self.open_card(FadeIn(formula))
            self.shut_card()
            self.at("It opens")
            self.rest(5.55 - self.now)  # it takes so long to be read
            self.perform(self.lines.open(formula, 1.9, lag=0.9))

    # 2. 8-15 · numbers 2, 3, −1 → 6 → 5 → 10 run down the lines · like a kitchen recipe
    def run_the_numbers(self) -> None:
        """6, 5, 10."""
        p, q, f = (self.value(name) for name in ("p", "q", "f"))
        words = "Like a recipe in the kitchen, we cook line by line: {p}, then {q}, then {f}."
        with self.beat(words, until=15.0, title="numbers", p=p, q=q, f=f):
            for k, word in enumerate(("cook", "then", "then")):
                self.at(word, max(k, 1))
                self.play(self.lines.run(k, 0.9), *([] if k else [FadeIn(cast.line(self, self.trace))]))

    # 3. 15-21 · lines drift apart and become boxes ▣
    def become_boxes(self) -> None:
        """Draw it."""
        self.graph = graph = cast.recipe_graph(self, self.trace)
        with self.beat("And now we draw it.", until=21.0, title="draw it"):
            self.perform(self.lines.become(graph, 1.4))
            self.poster()
