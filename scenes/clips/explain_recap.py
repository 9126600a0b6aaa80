"""The last part of `explain`: the recap asks before it tells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import LEFT, RIGHT, FadeIn, FadeOut, Group, VGroup, VMobject

from chainreel.engine import symbol

from ..figures.graph_backward import GraphBackward
from ..figures.graph_forward import printed_form
from ..stage.badge import QuestionBadge
from ..stage.formula import Formula, Marker, number_source
from ..stage.glow import Glow
from ..stage.names import name
from ..stage.parts import chevron, round_caps
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label


def recap(stage: Stage, back: GraphBackward, whole: Formula | None, checked: bool, asked: bool) -> None:
    """Asks first, then tells: what one sweep forward and one sweep back gave. There is more time to answer where nothing was
    `asked` before."""
    trace, look = back.trace, stage.look
    out = name(trace.output.name)
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
    moving = []
    if whole is not None:
        moving = [whole.animate.move_to([stage.area.center[0], top - whole.height / 2, 0])]
    y = top - head
    groups = []
    for (icon, label, lines), height in zip(results, heights, strict=True):
        icon.move_to([left, y - 0.25, 0])
        label.set_baseline(left + 0.8, y - 0.37)
        for k, line in enumerate(lines):
            line.set_baseline(left + (0.75 if narrow else 3.3), y - (1.1 + 0.78 * k if narrow else 0.4 + 0.72 * k))
        groups.append(Group(icon, label, lines))
        y -= height + gap
    badge = QuestionBadge(look, stage.area.right - 0.4, stage.area.top - 0.4)
    if whole is not None and whole.get_right()[0] > stage.area.right - 0.95 and whole.get_top()[1] > stage.area.top - 0.9:
        badge.move_to([stage.area.center[0], middle - 0.4, 0])
    with stage.beat("How did we get every slope of {f}?", title="recap", hold=2.2, f=out):
        pool = Glow.pool(look, min(10.0, stage.area.width + 1.6), 5).move_to([stage.area.center[0], middle, 0])
        stage.play(FadeIn(pool), *moving, FadeIn(badge, scale=0.6), run_time=0.8)
    stage.rest(0.4 if asked else 2.2)
    with stage.beat("One sweep forward gave {f} its value.", title="forward", f=out):
        stage.play(FadeOut(badge, run_time=0.4), FadeIn(groups[0], shift=0.2 * RIGHT))
    stage.rest(0.3)
    with stage.beat("One sweep back gave every slope.", title="backward", hold=0.8):
        stage.play(FadeIn(groups[1], shift=0.2 * LEFT))
    stage.rest(0.4)
    if checked:
        with stage.beat("And a nudge agrees.", title="checked", hold=1.0):
            stage.play(FadeIn(groups[2][0], scale=0.6), FadeIn(groups[2][1]))
    stage.rest(3.0)


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
