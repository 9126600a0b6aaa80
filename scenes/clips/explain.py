"""The film of a function: title, values, blame, a check by nudging, descent where there are one or two inputs, recap."""

from __future__ import annotations

from typing import Any

from manim import UP, FadeIn, FadeOut, Group, LaggedStart, Line

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import GraphForward
from ..stage.formula import Formula
from ..stage.glow import Glow
from ..stage.names import name
from ..stage.stage import Stage
from ..stage.type import Label
from .backward import conclude_backward, start_backward, sweep_backward
from .clip import Clip
from .forward import build_graph, conclude_forward, describe, sweep_forward
from .headline import Headline


class Explain(Clip):
    """The whole story of `function` at the point `at`: forward, backward, nudge check, descent from `start`."""

    at: Any
    start: Any
    range: Any

    def prepare(self) -> None:
        """Everything that can fail is computed before the first frame."""
        self.trace = self.trace_at(self.at)
        self.graph = GraphForward(self.trace, self.look)
        self.headline = Headline(self.trace, self.look, self.graph.crowded)
        self.back = GraphBackward(self.graph)

    def construct(self) -> None:
        """Six chapters."""
        self.alt = describe(self.graph, "values flow right, blame flows left, the slopes are checked by nudging")
        self.chapter("the function")
        title_card(self, self.headline)
        self.chapter("forward")
        build_graph(self, self.graph, self.headline)
        sweep_forward(self, self.graph, self.headline)
        conclude_forward(self, self.graph, self.headline)
        self.chapter("backward")
        start_backward(self, self.back)
        sweep_backward(self, self.back, self.headline)
        self.poster()
        conclude_backward(self, self.back, self.headline)
        self.clear_graph()

    def clear_graph(self) -> None:
        """The stage is emptied for the next chapter."""
        self.play(FadeOut(Group(*self.mobjects)), run_time=0.7)


def title_card(stage: Stage, headline: Headline) -> None:
    """The formula large in the middle, then at its place at the top."""
    out = name(headline.trace.output.name)
    if headline.function is None:
        return
    line: Formula = headline.function
    home = line.get_center()
    line.move_to([0, 0.55, 0])
    words = Label("a function and its slopes", stage.look.muted, 30)
    words.move_to([0, -0.45, 0])
    rule = Line([-0.6, -0.95, 0], [0.6, -0.95, 0]).set_stroke(stage.look.slope, 3)
    pool = Glow.pool(stage.look, 9, 4.5).move_to([0, 0.3, 0])
    with stage.beat("This is {f}. Let us see what it does, and how it answers when we turn its inputs.", title="title", f=out):
        stage.play(
            FadeIn(pool), LaggedStart(*(FadeIn(g, shift=0.1 * UP) for g in line), lag_ratio=0.07), run_time=1.3
        )
        stage.play(FadeIn(words, shift=0.1 * UP), FadeIn(rule), run_time=0.7)
    stage.play(FadeOut(words), FadeOut(rule), FadeOut(pool), line.animate.move_to(home), run_time=1.0)
