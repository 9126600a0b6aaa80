"""The film of a function: title, values, blame, a check by nudging, descent where there are one or two inputs, recap."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import LEFT, RIGHT, UP, FadeIn, FadeOut, Group, LaggedStart, Line, VGroup, VMobject

from chainreel.engine import EngineError, Function, symbol

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import printed_form
from ..figures.layout import LIMIT
from ..stage.area import SHAPES
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
    shapes = SHAPES

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
        build_graph(self, self.graph, self.headline, known=self.headline.function is not None)
        sweep_forward(self, self.graph, self.headline)
        conclude_forward(self, self.graph, self.headline)
        self.chapter("backward")
        start_backward(self, self.back)
        sweep_backward(self, self.back, self.headline)
        conclude_backward(self, self.back, self.headline)
        best = self.now - 1.0
        self.clear_stage(keep=None if len(self.checks) == 1 else self.headline.function)
        self.chapter("the check")
        if len(self.checks) == 1:
            secant_story(self, next(iter(self.checks.values())), name="nudge", clean=True, brief=True)
        else:
            nudge_table_story(self, self.checks)
            self.clear_stage()
        if isinstance(self.landscape, SliceStory):
            self.chapter("descent")
            slice_story(self, self.landscape, clean=True, brief=True)
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

    def clear_stage(self, keep: VMobject | None = None) -> None:
        """The stage is emptied for the next chapter; one thing may stay."""
        going = [m for m in self.mobjects if m is not keep]
        if going:
            self.play(FadeOut(Group(*going)), run_time=0.6)
            self.remove(*going)


def recap(stage: Stage, back: GraphBackward, whole: Formula | None, checked: bool) -> None:
    """Asks first, then tells: what one sweep forward and one sweep back gave."""
    trace, look = back.trace, stage.look
    out = name(trace.output.name)
    value = trace.quantity("value", trace.output)
    narrow = stage.shape != "wide"
    left = stage.area.left + (0.5 if narrow else 1.36)
    room = stage.area.right - left - (0.75 if narrow else 3.3)
    slopes = gradient(back, room, {"wide": 2, "square": 2, "tall": 6}[stage.shape])
    results: list[tuple[VMobject, Label, VGroup]] = [
        (flow(look, "value"), Label("forward", look.muted, 34), VGroup(result_line(back))),
        (flow(look, "slope"), Label("backward", look.muted, 34), slopes),
        (right_mark(look).scale(1.2), Label("checked by nudging", look.data, 34), VGroup()),
    ]
    gap = {"wide": 0.62, "square": 0.55, "tall": 1.0}[stage.shape]
    heights = [1.0 + 0.72 * (len(lines) - 1) if len(lines) else 0.4 for *_, lines in results]
    if narrow:
        heights = [0.5 + 0.78 * len(lines) for *_, lines in results]
    head = 0.0 if whole is None else whole.height + 1.2 * gap
    middle = float(stage.area.center[1])
    top = middle + (head + sum(heights) + gap * (len(heights) - 1)) / 2
    if whole is not None:
        whole.move_to([stage.area.center[0], top - whole.height / 2, 0])
    y = top - head
    groups = []
    for (icon, label, lines), height in zip(results, heights, strict=True):
        icon.move_to([left, y - 0.25, 0])
        label.set_baseline(left + 0.8, y - 0.37)
        for k, line in enumerate(lines):
            line.set_baseline(left + (0.75 if narrow else 3.3), y - (1.1 + 0.78 * k if narrow else 0.4 + 0.72 * k))
        groups.append(Group(icon, label, lines))
        y -= height + gap
    with stage.beat("What did we need to know every slope of {f}?", title="recap", hold=1.6, f=out):
        pool = Glow.pool(look, min(10.0, stage.area.width + 1.6), 5).move_to([stage.area.center[0], middle, 0])
        opening = [FadeIn(pool)]
        if whole is not None:
            opening.append(FadeIn(whole))
        stage.play(*opening, run_time=0.6)
    with stage.beat("One sweep forward gave {f} its value, {v}.", title="forward", f=out, v=value):
        stage.play(FadeIn(groups[0], shift=0.2 * RIGHT))
    with stage.beat("One sweep back gave every slope at once.", title="backward"):
        stage.play(FadeIn(groups[1], shift=0.2 * LEFT))
    if checked:
        with stage.beat("And a nudge of each input agrees.", title="checked", hold=2.5):
            stage.play(FadeIn(groups[2][0], scale=0.6), FadeIn(groups[2][1]))
    else:
        stage.rest(2.0)


def result_line(back: GraphBackward) -> Formula:
    """`f = 1.57`."""
    trace = back.trace
    entry = printed_form(trace.quantity("value", trace.output))

    def write(mark: Marker) -> str:
        shown_value = mark("value", trace.output.index, number_source(entry.text))
        return f"{symbol(trace.output, mark)} {mark('ink', None, '=')} {shown_value}"

    return Formula(write, back.theme, 44, tinted=True, printed=[entry])


def gradient(back: GraphBackward, room: float, most: int) -> VGroup:
    """All slopes on as few lines as they need, at most so many; where they are too many for that, the words."""
    inputs = [s for s in back.graph.inputs if not np.ndim(s.adjoint)]
    for size in (44, 38, 34):
        lines: list[list[Any]] = []
        for step in inputs:
            if lines and back.gradient_line(size, [*lines[-1], step]).width <= room:
                lines[-1].append(step)
            else:
                lines.append([step])
        made = [back.gradient_line(size, line, tinted=True) for line in lines]
        if made and len(made) <= most and len(inputs) == len(back.graph.inputs) and all(m.width <= room for m in made):
            return VGroup(*made)
    return VGroup(Label("the whole gradient", back.theme.tint("slope"), 34))


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
    """The formula in the middle, then at its place at the top."""
    out = name(headline.trace.output.name)
    if headline.function is None:
        return
    line: Formula = headline.function
    home = line.get_center()
    x, y = (float(v) for v in stage.area.center[:2])
    y = 0.0 if stage.shape == "wide" else y
    line.move_to([x, y + 0.55, 0])
    words = Label("a function and its slopes", stage.look.muted, 30)
    words.move_to([x, y - 0.45, 0])
    rule = Line([x - 0.6, y - 0.95, 0], [x + 0.6, y - 0.95, 0]).set_stroke(stage.look.slope, 3)
    pool = Glow.pool(stage.look, min(9.0, stage.area.width + 1.4), 4.5).move_to([x, y + 0.3, 0])
    with stage.beat("This is {f}. Let us see what it does, and how it answers when we turn its inputs.", title="title", f=out):
        stage.play(
            FadeIn(pool), LaggedStart(*(FadeIn(g, shift=0.1 * UP) for g in line), lag_ratio=0.07), run_time=1.3
        )
        stage.play(FadeIn(words, shift=0.1 * UP), FadeIn(rule), run_time=0.7)
    stage.play(FadeOut(words), FadeOut(rule), FadeOut(pool), line.animate.move_to(home), run_time=1.0)
