"""The film of a function: title, values, blame, a check by nudging, descent where there are one or two inputs, recap."""

from __future__ import annotations

import math
from typing import Any

from manim import LEFT, RIGHT, UP, FadeIn, FadeOut, Group, LaggedStart, Line, VGroup, VMobject

from chainreel.engine import EngineError, Function, symbol

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import printed_form
from ..figures.layout import LIMIT
from ..stage.errors import StageError
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.names import name
from ..stage.parts import chevron, round_caps
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label
from .backward import conclude_backward, start_backward, sweep_backward
from .clip import Clip
from .descent import DescentStory, descent_story
from .forward import build_graph, conclude_forward, describe, folded_graph, sweep_forward
from .headline import Headline
from .secant import nudge_table_story, nudges, secant_story
from .slice import SliceStory, slice_story

MOST_CHECKS = 5  # rows of the nudge table
RACE = 80  # steps of the race: the neighbourhood of the point, not the whole landscape


class Explain(Clip):
    """The whole story of `function` at the point `at`: forward, backward, nudge check, descent from `start`."""

    at: Any
    start: Any
    range: Any

    def prepare(self) -> None:
        """Everything that can fail is computed before the first frame."""
        self.trace = self.trace_at(self.at)
        self.graph, self.headline = folded_graph(self, self.trace, LIMIT, (), tape=None, lens=True)
        self.back = GraphBackward(self.graph)
        function = self.trace.function
        self.checks = {f"nudge {n}": nudges(function, self.trace.at, n) for n in function.inputs[:MOST_CHECKS]}
        self.landscape = self._landscape(function)

    def _landscape(self, function: Function) -> SliceStory | DescentStory | None:
        """The descent of a function of one or two inputs; left out where none can be shown and none was asked for."""
        if len(function.inputs) > 2:
            return None
        try:
            if len(function.inputs) == 1:
                return SliceStory(function, self.start or self.trace.at, function.inputs[0], self.range)
            return DescentStory(function, self.start or self.trace.at, self.range, steps=RACE)
        except (EngineError, StageError):
            if self.start or self.range:
                raise
            return None

    def construct(self) -> None:
        """Title, forward, backward, check, descent, recap."""
        self.chapter("the function")
        title_card(self, self.headline)
        self.chapter("forward")
        build_graph(self, self.graph, self.headline)
        sweep_forward(self, self.graph, self.headline)
        conclude_forward(self, self.graph, self.headline)
        self.chapter("backward")
        start_backward(self, self.back)
        sweep_backward(self, self.back, self.headline)
        conclude_backward(self, self.back, self.headline)
        best = self.now - 1.0
        self.clear_stage()
        self.chapter("the check")
        if len(self.checks) == 1:
            secant_story(self, next(iter(self.checks.values())), name="nudge", clean=True)
        else:
            nudge_table_story(self, self.checks, clean=True)
        if isinstance(self.landscape, SliceStory):
            self.chapter("descent")
            slice_story(self, self.landscape, clean=True)
        elif self.landscape is not None:
            self.chapter("descent")
            descent_story(self, self.landscape, clean=True)
        self.clear_stage()
        self.chapter("recap")
        recap(self, self.back, self.headline.function, checked=self._agree())
        self.poster_time = best
        self.alt = describe(self.graph, "values flow right, blame flows left, the slopes are checked by nudging")

    def _agree(self) -> bool:
        """Whether every nudged slope came within two hundredths of the engine's."""
        return all(abs(d.rows[-1].error) <= 0.02 * max(abs(d.exact), 1e-3) for d in self.checks.values())

    def clear_stage(self) -> None:
        """The stage is emptied for the next chapter."""
        if self.mobjects:
            self.play(FadeOut(Group(*self.mobjects)), run_time=0.6)
            self.clear()


def recap(stage: Stage, back: GraphBackward, whole: Formula | None, checked: bool) -> None:
    """Asks first, then tells: what one sweep forward and one sweep back gave."""
    trace, look = back.trace, stage.look
    out = name(trace.output.name)
    value = trace.quantity("value", trace.output)
    rows: list[tuple[VGroup, str, Any]] = [
        (flow(look, "value"), "forward", result_line(back)),
        (flow(look, "slope"), "backward", gradient(back)),
    ]
    y = 1.25
    groups = []
    for icon, words, line in rows:
        icon.move_to([-4.9, y, 0])
        label = Label(words, look.muted, 34).set_baseline(-4.1, y - 0.12)
        line.set_baseline(-1.6, y - 0.15)
        groups.append(Group(icon, label, line))
        y -= 1.3
    with stage.beat("What did we need to know every slope of {f}?", title="recap", hold=1.6, f=out):
        opening = [FadeIn(Glow.pool(look, 10, 5).move_to([0, 0.6, 0]))]
        if whole is not None:
            opening.append(FadeIn(whole.move_to([0, 2.75, 0])))
        stage.play(*opening, run_time=0.6)
    with stage.beat("One sweep forward gave {f} its value, {v}.", title="forward", f=out, v=value):
        stage.play(FadeIn(groups[0], shift=0.2 * RIGHT))
    with stage.beat("One sweep back gave every slope at once.", title="backward"):
        stage.play(FadeIn(groups[1], shift=0.2 * LEFT))
    if checked:
        tick = right_mark(look).move_to([-4.9, y, 0]).scale(1.2)
        words = Label("checked by nudging", look.data, 34).set_baseline(-4.1, y - 0.12)
        with stage.beat("And a nudge of each input agrees.", title="checked", hold=2.5):
            stage.play(FadeIn(tick, scale=0.6), FadeIn(words))
    else:
        stage.rest(2.0)


def result_line(back: GraphBackward) -> Formula:
    """`f = 1.57`."""
    trace = back.trace
    entry = printed_form(trace.quantity("value", trace.output))

    def write(mark: Marker) -> str:
        shown_value = mark("value", trace.output.index, number_source(entry.text))
        return f"{symbol(trace.output, mark)} {mark('ink', None, '=')} {shown_value}"

    return Formula(write, back.theme, 44, printed=[entry])


def gradient(back: GraphBackward) -> Formula | Label:
    """All slopes on one line, or, where they are too many for it, the words."""
    for size in (44, 38, 34):
        line = back.gradient_line(size)
        if line.width <= 7.8:
            return line
    return Label("every slope in one sweep", back.theme.slope, 34)


def flow(theme: Theme, role: str) -> VGroup:
    """Three arrow heads: blue to the right for values, vermilion to the left for blame."""
    heads = VGroup()
    for i in range(3):
        head = chevron(theme, 0.34).set_fill(theme.role(role), 0.45 + 0.275 * i)
        heads.add(head.move_to([0.26 * i, 0, 0]))
    return heads.rotate(math.pi) if role == "slope" else heads


def right_mark(theme: Theme) -> VMobject:
    """The mint tick of what is right."""
    tick = VMobject().set_points_as_corners([[-0.2, 0.02, 0], [-0.05, -0.14, 0], [0.22, 0.18, 0]])
    return round_caps(tick.set_stroke(theme.data, 6).set_fill(opacity=0))


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
