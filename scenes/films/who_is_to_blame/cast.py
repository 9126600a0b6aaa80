"""Who plays in this film: the whisker net, the face that it looks at, its thirteen dials – each always at its own place.

A chapter that shows one of them asks for it here, so that what a chapter ends with is what the next one begins with.
Every maker enters the source of its numbers in the scene's ledger, under the same name everywhere.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

from manim import VGroup

from chainreel.engine import Quantity, Trace
from chainreel.engine.learning import MLP, NetworkPass, Training
from chainreel.engine.learning.elementary_steps import bias_name, weight_name
from chainreel.engine.storyboards import film_a

from ...figures.knob_panel import KnobPanel
from ...figures.net_forward import NetForward
from ...figures.portrait import measured
from ...stage.area import Area
from ...stage.folders import trainings_folder
from ...stage.stage import Stage

NET = Area(-4.0, 4.9, -1.2, 2.22)  # a sum with symbols fits above it, one with numbers below
SUMS = (-6.26, 6.26)  # from where to where these may reach
FACE = Area(-6.26, -4.4, -0.42, 1.42)
BEND = Area(4.15, 6.26, 1.75, 3.52)  # a small curve, above the last unit
DIALS = Area(-6.26, 3.12, -2.7, 2.86)  # five rows of three: a row per unit, the last bias alone
METER = Area(3.40, 6.26, -2.6, 2.7)  # what is read while dials are turned

ORDER = ("w11", "w12", "b1", "w21", "w22", "b2", "w31", "w32", "b3", "v1", "v2", "v3", "c")
SWEEP = (-2.0, 2.0)  # of every dial: equal angles are equal values
WORDS = ("ears", "muzzle")
WHISKER, LOSS = "whisker", "loss"  # names of sources


# The whisker net --------------------------------------------------------------------------------------------------------


def whisker(stage: Stage, **turned: float) -> NetworkPass:
    """The icon on its way through the net, with the surprise at the end; some knobs turned: `whisker(self, v1=4.0)`.

    Its numbers have the source `whisker`, and one of their own where knobs are turned.
    """
    net = MLP([2, 3, 1], activation="relu", output="sigmoid")
    one = NetworkPass(net, film_a.whisker_params(**turned), film_a.ICON, film_a.CAT, "binary_cross_entropy")
    stage.ledger.source(source_of(turned), one.describe())
    return one


def source_of(turned: Mapping[str, float], name: str = WHISKER) -> str:
    """The name of a source with these knobs turned."""
    return " ".join((name, *(f"{knob} {value:g}" for knob, value in sorted(turned.items()))))


def told(one: NetworkPass, what: str, *at: int, source: str = WHISKER) -> Quantity:
    """A number of the pass under the name of its source: `told(one, "value/2", 0)` is p."""
    return replace(one.quantity(what, at), source=source)


def network(stage: Stage, **turned: float) -> NetForward:
    """The net at its place, nothing of it shown yet: `appear()` shows it, `settle()` at once with its values."""
    one = whisker(stage, **turned)
    return NetForward(one, stage.look, NET, source=source_of(turned), words=WORDS, room=SUMS, whole=True)


def face(net: NetForward) -> VGroup:
    """The cat with these two measures left of the net, and dots to the squares: (face, links)."""
    return measured(net, FACE)


# Its knobs --------------------------------------------------------------------------------------------------------------


def knobs(one: NetworkPass, source: str = WHISKER) -> dict[str, Quantity]:
    """The thirteen knobs by their names, in the order of the panel."""
    found: dict[str, Quantity] = {}
    for level in range(1, len(one.sizes)):
        for j in range(one.sizes[level]):
            for i in range(one.sizes[level - 1]):
                found[weight_name(one, level, i, j)] = told(one, f"weight/{level}", i, j, source=source)
            found[bias_name(one, level, j)] = told(one, f"bias/{level}", j, source=source)
    return {name: found[name] for name in ORDER}


def dials(stage: Stage, *, area: Area = DIALS, screens: bool = True, **turned: float) -> KnobPanel:
    """The thirteen knobs as a panel, nothing of it shown yet. `screens`: leave room for slopes beside the dials."""
    values = knobs(whisker(stage, **turned), source_of(turned))
    return KnobPanel(stage.look, values, area, ranges=dict.fromkeys(ORDER, SWEEP), screens=screens)


def settle(panel: KnobPanel) -> KnobPanel:
    """The whole panel at once, without animation."""
    panel.appear()
    return panel


# Its loss, and its trainings --------------------------------------------------------------------------------------------


def loss_trace(stage: Stage, **turned: float) -> Trace:
    """Every elementary step from the thirteen knobs to the loss on the icon, with its slopes; source `loss`, then as above."""
    trace = film_a.whisker_loss().trace({**film_a.KNOBS, **turned})
    stage.ledger.source(source_of(turned, LOSS), trace.describe())
    return trace


def slopes(stage: Stage, **turned: float) -> dict[str, Quantity]:
    """The slope of the loss in each knob, in the order of the panel: what `KnobPanel.hints` takes."""
    trace, source = loss_trace(stage, **turned), source_of(turned, LOSS)
    return {name: replace(trace.quantity("adjoint", trace.step(name)), source=source) for name in ORDER}


@functools.cache
def whisker_run(rate: float, momentum: float = 0.0, steps: int = film_a.STEPS) -> Training:
    """A run of the net on the forty icons; trained once."""
    return film_a.whisker_training(rate, steps, momentum)


@functools.cache
def face_run() -> Training:
    """The run on drawn faces that the film shows; trained once."""
    return film_a.face_training(film_a.FACE_SEEDS[0], folder=trainings_folder())


@functools.cache
def digit_run() -> Training:
    """The run on digits that the film shows; trained once."""
    return film_a.digit_training(film_a.DIGIT_SEEDS[0], folder=trainings_folder())


__all__ = [
    "BEND", "DIALS", "FACE", "LOSS", "METER", "NET", "ORDER", "SUMS", "SWEEP", "WHISKER", "WORDS", "dials", "digit_run",
    "face", "face_run", "knobs", "loss_trace", "network", "settle",
    "slopes", "source_of", "told", "whisker", "whisker_run",
]  # fmt: skip
