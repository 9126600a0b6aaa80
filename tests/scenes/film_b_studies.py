"""Small scenes, one for each picture of film B's storyboard that a figure was built for: run by tests, good to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from manim import FadeIn

from chainreel.engine import Descent
from chainreel.engine.cost import Cost
from chainreel.engine.learning import NetworkPass
from chainreel.engine.nudge import Nudge
from chainreel.engine.storyboards import film_b
from chainreel.engine.storyboards.film_a import digit_data
from chainreel.scenes.figures.cost_race import CostRace
from chainreel.scenes.figures.dial_rulers import dials_to_sheet
from chainreel.scenes.figures.doors import Doors
from chainreel.scenes.figures.field_question import FieldQuestion
from chainreel.scenes.figures.graph_forward import GraphForward
from chainreel.scenes.figures.knob_panel import KnobField, KnobPanel
from chainreel.scenes.figures.layer_threads import LayerThreads
from chainreel.scenes.figures.loss_surface import LossSurface
from chainreel.scenes.figures.measured_race import MeasuredRace
from chainreel.scenes.figures.pixel_check import PixelCheck
from chainreel.scenes.figures.pull_back import graph_to_lists
from chainreel.scenes.figures.slope_rows import SlopeRows
from chainreel.scenes.figures.spin_up import spin_up
from chainreel.scenes.figures.stamp import Stamp
from chainreel.scenes.figures.tape_depths import TapeDepths
from chainreel.scenes.figures.touched_row import TouchedRow
from chainreel.scenes.figures.weight_sheet import WeightSheet
from chainreel.scenes.stage.area import Area
from chainreel.scenes.stage.pixels import Heat, Pixels
from chainreel.scenes.stage.stage import Stage


def chain_trace(stage: Stage) -> Any:
    """The two-neuron chain at its start."""
    trace = film_b.chain().trace(film_b.CHAIN_AT)
    stage.ledger.source("chain", trace.describe())
    return trace


class Study(Stage):
    """An empty stage with an alt text."""

    alt_text = "A study of one figure."

    def show(self) -> None:
        """The study."""

    def construct(self) -> None:
        """Show it."""
        self.alt = self.alt_text
        self.show()
        self.rest(1.0)  # the last picture stands for three seconds


class Numbers(Study):
    """B1 b3, b4: an image dissolves into the numbers of its net; they drift; they line up as dials."""

    def show(self) -> None:
        log = film_b.digits_training(epochs=3)
        self.ledger.source("training", log.describe())
        (X, _), _ = digit_data()
        picture = Pixels(self.look, np.asarray(X[5]).reshape(8, 8), 4.4).move_to([0, 0.35, 0])
        moments = [round(v) for v in np.linspace(0, log.steps, 9)]
        sheet = WeightSheet(log, self.look, self.area, image=(8, 8), moments=moments)
        with self.beat("What sees this is nothing but {n} numbers.", n=sheet.quantity("knobs"), hold=2.2, title="numbers"):
            self.play(FadeIn(picture))
            self.play(sheet.dissolve(picture))
            self.play(sheet.tally(), sheet.lens())
        with self.beat("While it trains, only these move.", hold=2.2, title="drift"):
            self.play(sheet.drift(run_time=4.0))
            self.poster()
            self.rest(1.0)
            room = Area(self.area.left, self.area.right - 3.9, self.area.bottom, self.area.top)
            self.perform(sheet.line_up(KnobField(self.look, sheet.values, room), counted=True))


class Rulers(Study):
    """B2 b4: two dials become the rulers of the loss sheet."""

    def show(self) -> None:
        loss = film_b.chain().hold({"b1": film_b.CHAIN_AT["b1"], "b2": film_b.CHAIN_AT["b2"]})
        at = {n: film_b.CHAIN_AT[n] for n in ("w1", "w2")}
        log = Descent.run(loss, at, rate=film_b.CHAIN_RATE, steps=3)
        self.ledger.source("descent", log.describe())
        knobs = {n: log.quantity(f"point/{n}", 0) for n in at}
        panel = KnobPanel(self.look, knobs, Area(-6.2, -2.4, -1.6, 2.6), screens=False)
        see = {"w1": (0.2, 2.2), "w2": (-0.4, 1.8)}
        surface = LossSurface(loss, self.look, {"descent": log}, see, picture=(-4.4, 4.4, -2.6, 3.4))
        with self.beat("Two dials, laid out straight, are two rulers.", hold=2.2, title="rulers"):
            self.play(panel.appear())
            self.perform(dials_to_sheet(panel, surface))
        with self.beat("And the loss over them is a landscape.", hold=2.2, title="sheet"):
            self.play(surface.rise())
            self.play(surface.stand())
            self.poster()


class Touched(Study):
    """B3 b2: a touch goes through a row."""

    def show(self) -> None:
        trace = chain_trace(self)
        nudge = Nudge(trace, "w1", 0.1)
        self.ledger.source("nudge", nudge.describe())
        through, symbols = ("z", "h", "y", "gap"), {"y": "hat(y)", "gap": "e", "f": "L"}
        row = TouchedRow(nudge, self.look, Area(-6.2, 6.2, -1.6, 2.4), through=through, symbols=symbols, trace="chain")
        with self.beat("One dial, and a row of machines behind it.", title="row"):
            self.play(row.appear())
        with self.beat("Touch it, and each moves the next.", hold=2.2, title="touch"):
            self.play(row.touch())
            self.perform(row.run())
            self.poster()


class TwoDoors(Study):
    """B3 b4, B4 b10: two doors, one opens; stamps over both."""

    def show(self) -> None:
        cost = Cost(film_b.chain(), film_b.CHAIN_AT)
        self.ledger.source("cost", cost.describe())
        runs = replace(cost.quantity("sweeps", "nudging"), source="cost")
        doors = Doors(self.look, Area(-5.0, 5.0, -2.6, 3.4), ["nudge everything", "do the algebra"])
        with self.beat("Two ways to go on.", title="doors"):
            self.play(doors.appear())
        with self.beat("Behind the first: {n} runs for a few dials.", n=runs, title="open"):
            self.play(doors.open(0))
            self.play(doors.shut(0))
        with self.beat("Neither is good enough.", hold=2.2, title="stamps"):
            for k, (text, tilt) in enumerate((("slow and rough", 0.14), ("it swells", -0.12))):
                stamp = Stamp(self.look, text, 3.0, tilt=tilt)
                self.play(stamp.land(doors.doors[k].place.center - np.array([0, 1.0, 0])))
            self.poster()


class Wanted(Study):
    """B2 b6: a field of dials; one arrow each is wanted."""

    def show(self) -> None:
        one = digits_pass(self)
        first = one.params[0]["W"]
        field = KnobField(self.look, first[8:56:2].ravel(), self.area)
        question = FieldQuestion(field, self.look, 125, (2.2, 0.0))
        with self.beat("A few hundred of its {n} dials.", n=replace(one.quantity("knobs"), source="pass"), title="field"):
            self.play(field.appear())
        with self.beat("Which way should each one turn?", hold=2.4, title="ask"):
            self.play(question.ask())
            self.play(question.enlarge())
            self.poster()
        with self.beat("One small number says it.", hold=2.2, title="answer"):
            self.play(question.answer(replace(one.quantity("slope", (20,)), source="pass")))


class Compared(Study):
    """B11 b3: 11, 4, 2 twice."""

    def show(self) -> None:
        trace = film_b.recipe().trace(film_b.RECIPE_AT)
        cost = Cost(trace)
        self.ledger.source("recipe", trace.describe())
        self.ledger.source("cost", cost.describe())
        rows = SlopeRows(trace, cost, self.look, Area(-6.0, 6.0, -1.8, 2.6), sweep="recipe")
        for name, described in rows.sources().items():
            self.ledger.source(name, described)
        with self.beat("Forward mode took a sweep for each.", title="forward"):
            self.play(rows.appear())
            for name in ("a", "b", "c"):
                self.play(rows.forward(name))
        with self.beat("Reverse mode took one.", title="reverse"):
            self.play(rows.reverse())
        with self.beat("The same numbers.", hold=2.2, title="same"):
            self.play(rows.tie())
            self.poster()


class Threads(Study):
    """B11 b4: all paths flash, then lie down on few arrows."""

    def show(self) -> None:
        lattice = film_b.lattice()
        self.ledger.source("lattice", lattice.describe())
        figure = LayerThreads(lattice, self.look, self.area)
        with self.beat("How many ways lead through?", title="boxes"):
            self.play(figure.appear())
        with self.beat("{n} paths.", n=figure.quantity("paths"), hold=2.2, title="paths"):
            self.play(figure.flash())
        with self.beat("On {n} arrows.", n=figure.quantity("arrows"), hold=2.2, title="arrows"):
            self.perform(figure.merge())
        with self.beat("One sweep shares all sums.", hold=2.2, title="sweep"):
            self.perform(figure.sweep_all())
            self.poster()


class Measured(Study):
    """B14 b1: the measured times race."""

    def show(self) -> None:
        times = film_b.times()
        self.ledger.source("times", times.describe())
        figure = MeasuredRace(times, self.look, Area(-6.2, 6.2, -2.7, 3.2))
        with self.beat("Three ways start together.", title="race"):
            self.play(figure.appear())
            self.play(figure.race(), figure.chip())
        with self.beat("Nudging took {n} times as long.", n=figure.quantity("ratio/nudging"), hold=2.2, title="ratios"):
            self.play(figure.compare())
            self.poster()


class Tapes(Study):
    """B14 b3: the tape grows with depth."""

    def show(self) -> None:
        growth = film_b.tapes()
        self.ledger.source("tapes", growth.describe())
        figure = TapeDepths(growth, self.look, Area(-6.2, 6.2, -2.4, 3.2))
        with self.beat("Deeper networks.", title="depths"):
            self.play(figure.appear())
        with self.beat("Twice as deep, twice the tape.", hold=2.2, title="tapes"):
            self.perform(figure.grow())
            self.poster()


class Brightened(Study):
    """B15 b2: one pixel is brightened; promise and fact."""

    def show(self) -> None:
        one = digits_pass(self)
        picture = Pixels(self.look, one.x.reshape(8, 8), 3.4).move_to([-4.3, 0.4, 0])
        heat = Heat(self.look, one.slopes.reshape(8, 8), 3.4).move_to([-0.4, 0.4, 0])
        check = PixelCheck(one, self.look, heat, Area(2.2, 6.0, -1.0, 2.0), pixels=picture)
        with self.beat("A picture, and the blame of its pixels.", title="map"):
            self.play(FadeIn(picture), FadeIn(heat))
        with self.beat("Make this one brighter by {n}.", n=check.quantity("nudge"), title="brighter"):
            self.play(check.mark())
            self.play(check.brighten())
        with self.beat("What was promised, and what happens.", hold=2.2, title="check"):
            self.play(check.promise())
            self.play(check.happen())
            self.poster()


class Spun(Study):
    """B10 b5: the counter spins up."""

    def show(self) -> None:
        cost = Cost(film_b.recipe(), film_b.RECIPE_AT)
        self.ledger.source("cost", cost.describe())
        race = CostRace(cost, self.look, Area(-6.2, 6.2, -0.6, 2.0), ("forward", "reverse"))
        with self.beat("Three sweeps for three.", title="three"):
            self.play(race.appear())
            self.perform(race.count("forward", race.quantity("sweeps", "forward")))
        with self.beat("And for {n} dials?", n=race.quantity("knobs", "", "digits"), hold=2.4, title="predict"):
            self.wait(0.5)
        with self.beat("One for each.", hold=2.2, title="spin"):
            self.perform(spin_up(race, "forward", "digits"))
            self.poster()


class PulledBack(Study):
    """B6 b5: from the chain to the digits net: the same boxes on whole lists."""

    def show(self) -> None:
        chain = chain_trace(self)
        function, at = film_b.digits_graph()
        trace = function.trace(at)
        self.ledger.source("digits", trace.describe())
        area = Area(-6.2, 6.2, -2.4, 3.2)
        small = GraphForward(chain, self.look, area, tape=False, values="chain")
        large = GraphForward(trace, self.look, area, tape=False, values="digits", source="digits blocks")
        if large.view.blocks is not None:
            self.ledger.source("digits blocks", large.view.blocks.describe())
        cost = Cost(chain)
        self.ledger.source("cost", cost.describe())
        with self.beat("Two neurons, {n} knobs; then lists.", n=replace(cost.quantity("inputs"), source="cost"), hold=2.2):
            self.play(*map(FadeIn, small.settle_all().submobjects))
            self.rest(1.0)
            self.perform(graph_to_lists(small, large))
            self.poster()


def digits_pass(stage: Stage) -> NetworkPass:
    """A digit that the shortly trained net gets wrong, and the way back."""
    log = film_b.digits_training(epochs=2)
    one = film_b.digits_pass(log, film_b.digits_wrong(log)[0])
    stage.ledger.source("pass", one.describe())
    return one


STUDIES = (Numbers, Rulers, Wanted, Touched, TwoDoors, Compared, Threads, Measured, Tapes, Brightened, Spun, PulledBack)
__all__ = ["STUDIES", "Study"]
