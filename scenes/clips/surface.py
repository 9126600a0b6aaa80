"""The clip `surface`: a map of the loss rises into a surface; glass cuts it, slopes touch it, optimizers run down it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import RIGHT, FadeIn, FadeOut

from chainreel.engine import EngineError
from chainreel.engine.stationary import Stationary

from ..figures.loss_surface import LossSurface
from ..stage.names import name as named
from ..stage.plate import Plate
from ..stage.stage import Stage
from ..stage.type import Label
from .descent import Descent, DescentStory
from .leave import leave
from .racers import Places, at_start, held_still, names_of, places, readout, tell_race


class Surface(Descent):
    """The loss over two inputs as a surface, its slopes at the start, and optimizers running down it."""

    spec = None  # its own, not that of `descent`

    def construct(self) -> None:
        """The whole clip."""
        surface_story(self, self.story)


def surface_story(stage: Stage, story: DescentStory, *, clean: bool = False) -> LossSurface:
    """Tell a surface on a stage. With `clean`, nothing of it stays on screen at the end."""
    look, before = stage.look, list(stage.mobjects)
    room = places(stage, story.trace, left=-5.9)
    figure = LossSurface(
        story.two, look, story.logs, story.see, names=story.free, picture=room.picture, side=room.side, columns=room.columns
    )
    for runner in figure.runners:
        stage.ledger.source(runner.name, runner.descent.describe())
    x, y = (named(n) for n in story.free)
    at, loss, slopes = at_start(story.trace, story.name + "start", story.free)
    stage.ledger.source(story.name + "start", story.trace.describe())
    with stage.beat("The loss over {x} and {y}, as a map. Each line joins equal losses.", x=x, y=y, title="the map"):
        if room.top is not None:
            stage.add(room.top)
        stage.play(figure.unroll())
    words = "Lift every point by its loss, and the map becomes a surface."
    words += " Its heights are compressed." if figure.compressed else ""
    words += " What is higher is cut away." if figure.cut_away and not figure.compressed else ""
    with stage.beat(words, hold=0.8, title="the surface"):
        stage.play(figure.rise())
        if figure.compressed:
            note = compressed_note(stage, figure, room)
            stage.play(FadeIn(note), run_time=0.5)
    still = held_still(look, at, list(story.fixed), room)
    if story.fixed:
        with stage.beat("The other inputs are held still: this is a slice.", title="a slice"):
            stage.play(FadeIn(still), run_time=0.6)
    values, partials = readout(look, at, loss, slopes, room)
    with stage.beat("We start here. The loss is {l}.", l=loss, title="the start"):
        stage.play(figure.stand(), FadeIn(values, shift=0.15 * RIGHT))
    level = float(np.hypot(*figure.gradient)) == 0
    if level:
        tell_nature(stage, figure, story, at_start=True)
    if not level:
        for k, name in enumerate(story.free):
            with stage.beat(
                "Turn only {x}: glass cuts the surface, and the cut has the slope {s} here."
                if k == 0 else "Turn only {x}, and the cut has the slope {s}.",
                x=named(name), s=slopes[name], hold=0.8, title=f"the slope by {name}",
            ):  # fmt: skip
                stage.perform(figure.cut(name, slopes[name]), [FadeIn(partials[k], shift=0.15 * RIGHT)])
        with stage.beat(
            "Both slopes make one arrow, the gradient. It points straight uphill.", hold=1.2, title="the gradient"
        ):
            stage.perform(figure.steepest())
            stage.poster()
    if level:
        with stage.beat("A step follows the slope, and here there is none: nobody moves.", hold=2.6, title="nobody moves"):
            stage.play(figure.turn())
            stage.poster()
    else:
        words = "Each runner steps against this arrow."
        words += " Who is first at the lowest place?" if len(figure.runners) > 1 else " Where does it end?"
        going = [figure.clear_cuts(), FadeOut(partials), FadeOut(values), figure.clear_steepest()]
        crowded = room.columns > 1 or len(figure.runners) > 2  # with the runners' own texts it would be too much to read
        going += [FadeOut(still)] if crowded and len(still) else []
        tell_race(stage, figure, words, [going], _race_words(figure), [figure.turn()])
        tell_nature(stage, figure, story)
    scaled = " The heights are compressed." if figure.compressed else ""
    on_it = f"the paths of {names_of(figure)} from one start" if not level else "the start, where both slopes are zero"
    stage.alt = (
        f"The surface of {story.function.name} over {story.free[0]} and {story.free[1]}, above its contour map, with "
        f"{on_it}.{scaled}"
    )
    if clean:
        leave(stage, before)
    return figure


def tell_nature(stage: Stage, figure: LossSurface, story: DescentStory, *, at_start: bool = False) -> None:
    """Where the slopes are nothing, the curvatures say what kind of place it is: one beat, or none where they say nothing."""
    point = dict(zip(story.free, figure.start if at_start else figure.goal_at, strict=True))
    try:
        place = Stationary(story.two, point)
    except EngineError:
        return
    slope, first = float(np.linalg.norm(list(place.slopes.values()))), float(np.hypot(*figure.gradient))
    seen = figure.view.holds(*point.values()) and np.isfinite(figure.height(story.two(**point)))
    if place.kind == "flat" or not seen or not (at_start or slope < 1e-2 * first):
        return
    source = story.name + ("start curvature" if at_start else "curvature")
    stage.ledger.source(source, place.describe())
    known: dict[str, Any] = {k: replace(place.quantity(f"curvature/{i}"), source=source) for k, i in (("a", 0), ("b", 1))}
    words = "Both slopes are zero here." if at_start else "Both slopes all but vanish there."
    words += {
        "minimum": " Its curvatures, {a} and {b}, are both up: a minimum.",
        "maximum": " Its curvatures, {a} and {b}, are both down: a maximum.",
        "saddle": " Its curvatures are {a} and {b}, down and up: a saddle.",
    }[place.kind]
    with stage.beat(words, hold=2.0, title="the kind of place", **known):
        stage.perform(figure.nature(place))


def _race_words(figure: LossSurface) -> str:
    hidden = any(not track._seen.all() for track in figure.tracks)
    words = "All run at once, one step at a time." if len(figure.runners) > 1 else "One step at a time."
    return words + (" Where a hill hides a path, it is dashed." if hidden else "")


def compressed_note(stage: Stage, figure: LossSurface, room: Places) -> Plate:
    """Says under the formula that heights are not to scale; the figure's own labels keep clear of it."""
    note = Plate(stage.look, Label("heights compressed", stage.look.muted, 22))
    note.move_to([room.picture[0] + note.width / 2, room.picture[3] - note.height / 2, 0])
    return figure.keep(note, 10)


__all__ = ["Surface", "surface_story"]
