"""The clip `surface`: a map of the loss rises into a surface; glass cuts it, slopes touch it, optimizers run down it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import RIGHT, FadeIn, FadeOut, VGroup

from chainreel.engine import Quantity

from ..figures.contour_descent import ROWS
from ..figures.loss_surface import PICTURE, LossSurface
from ..figures.symbols import equations, slope_equation, value_equation
from ..stage.badge import QuestionBadge
from ..stage.names import name as named
from ..stage.stage import RIGHT as RIM
from ..stage.stage import Stage
from ..stage.theme import Theme
from ..stage.type import Label
from .descent import Descent, DescentStory, listed, told_result
from .heading import heading
from .leave import leave


class Surface(Descent):
    """The loss over two inputs as a surface, its slopes at the start, and optimizers running down it."""

    spec = None  # its own, not that of `descent`

    def construct(self) -> None:
        """The whole clip."""
        surface_story(self, self.story)


def surface_story(stage: Stage, story: DescentStory, *, clean: bool = False) -> LossSurface:
    """Tell a surface on a stage. With `clean`, nothing of it stays on screen at the end."""
    look, before = stage.look, list(stage.mobjects)
    top = heading(look, story.trace, -5.9, 3.06, 11.4)
    picture = PICTURE if top is None else (*PICTURE[:3], 2.62)
    figure = LossSurface(story.two, look, story.logs, story.see, names=story.free, picture=picture)
    for runner in figure.runners:
        stage.ledger.source(runner.name, runner.descent.describe())
    x, y = (named(n) for n in story.free)
    at = {s.name: replace(story.trace.quantity("value", s), source=story.name + "start") for s in story.trace.inputs}
    loss = replace(story.trace.quantity("value", story.trace.output), source=story.name + "start")
    slopes = {
        s.name: replace(story.trace.quantity("adjoint", s), source=story.name + "start") for s in story.trace.inputs
    }
    stage.ledger.source(story.name + "start", story.trace.describe())
    with stage.beat("The loss over {x} and {y}, as a map. Each line joins equal losses.", x=x, y=y, title="the map"):
        if top is not None:
            stage.add(top)
        stage.play(figure.unroll())
    note = None
    words = "Lift every point by its loss, and the map becomes a surface."
    words += " Its heights are compressed." if figure.compressed else ""
    words += " What is higher is cut away." if figure.cut_away and not figure.compressed else ""
    with stage.beat(words, hold=0.8, title="the surface"):
        stage.play(figure.rise())
        if figure.compressed:
            note = Label("heights compressed", look.muted, 22).set_baseline(ROWS[0] + 0.1, -2.4)
            stage.play(FadeIn(note), run_time=0.5)
    if story.fixed:
        for count in range(min(len(story.fixed), 3), 0, -1):  # as many as the room beside the surface holds
            line = equations(look, {n: at[n] for n in list(story.fixed)[:count]}, 34)
            if ROWS[0] + line.width <= RIM:
                break
        line.move_to([ROWS[0] + line.width / 2, -1.85, 0])
        with stage.beat("The other inputs are held still: this is a slice.", title="a slice"):
            stage.play(FadeIn(line), run_time=0.6)
    values, partials = _readout(look, story, at, loss, slopes)
    with stage.beat("We start here. The loss is {l}.", l=loss, title="the start"):
        stage.play(figure.stand(), FadeIn(values, shift=0.15 * RIGHT))
    level = float(np.hypot(*figure.gradient)) == 0
    if not level:
        for k, (name, other) in enumerate((story.free, story.free[::-1])):
            with stage.beat(
                "Turn only {x}: glass cuts the surface, and the cut has the slope {s} here."
                if k == 0 else "Turn only {x}, and the cut has the slope {s}.",
                x=named(name), s=slopes[name], hold=0.8, title=f"the slope by {other}" if k else f"the slope by {name}",
            ):  # fmt: skip
                stage.perform(figure.cut(name, slopes[name]), [FadeIn(partials[k], shift=0.15 * RIGHT)])
        with stage.beat(
            "Both slopes together are one arrow, the gradient. It points straight uphill.", hold=1.2, title="the gradient"
        ):
            stage.perform(figure.steepest())
            stage.poster()
    many = len(figure.runners) > 1
    badge = QuestionBadge(look)
    words = "Each runner steps against this arrow, again and again." if not level else "Every runner starts here."
    words += " Who is first at the lowest place?" if many else " Where does it end?"
    with stage.beat(words, hold=2.2, title="predict"):
        going = [figure.clear_cuts(), FadeOut(partials)] if not level else []
        stage.play(*going, FadeOut(values), figure.clear_steepest())
        stage.play(figure.counters(), FadeIn(badge, scale=0.6))
        stage.play(figure.turn())
    with stage.beat(_race_words(figure), hold=0.3, title="the race"):
        stage.play(FadeOut(badge, run_time=0.3))
        stage.play(figure.race())
    words, said = told_result(figure)
    goal = figure.goal()
    with stage.beat(words, hold=2.6, title="the result", **said):
        stage.play(*figure.settle(), *([goal] if goal is not None else []))
        stage.poster()
    scaled = " The heights are compressed." if figure.compressed else ""
    stage.alt = (
        f"The surface of {story.function.name} over {story.free[0]} and {story.free[1]}, above its contour map, with the "
        f"paths of {listed([r.title for r in figure.runners])} from one start.{scaled}"
    )
    if clean:
        leave(stage, before)
    return figure


def _race_words(figure: LossSurface) -> str:
    hidden = any(not track._seen.all() for track in figure.tracks)
    words = "All run at once, one step at a time." if len(figure.runners) > 1 else "One step at a time."
    return words + (" Where a hill hides a path, it is dashed." if hidden else "")


def _readout(
    look: Theme, story: DescentStory, at: dict[str, Quantity], loss: Quantity, slopes: dict[str, Quantity]
) -> tuple[VGroup, VGroup]:
    """The start in numbers, for the right third: its point and loss; its slopes, one by one."""
    left, y, pitch = ROWS[0] + 0.1, 1.55, 0.66
    values = VGroup(*(equations(look, {n: at[n]}, 40) for n in story.free), value_equation(look, "f", loss, size=40))
    partials = VGroup(*(slope_equation(look, n, slopes[n], 40) for n in story.free))
    for i, line in enumerate([*values, *partials]):
        line.set_baseline(left, y - pitch * i - (0.3 if i >= len(values) else 0.0))
        if line.get_right()[0] > RIM:
            line.scale(max((RIM - left) / line.width, 0.8), about_edge=-RIGHT)
    return values, partials


__all__ = ["Surface", "surface_story"]
