"""Chapter 7: a box knows its own slopes and nothing else – plus, times, a small table –, and that is exact."""

from __future__ import annotations

from dataclasses import replace

from manim import Animation, FadeIn, FadeOut, RoundedRectangle, Transform, VGroup, VMobject, Wait

from chainreel.engine import Quantity, Step, Trace

from ...figures.card_strip import CardStrip
from ...figures.figure import Figure
from ...figures.local_rule import LocalRule
from ...figures.rule_table import RuleTable
from ...stage.area import Area
from ...stage.stage import Stage
from ..chapter import Chapter
from . import cast

PLACE, ROWS = Area(-5.2, 5.2, -2.2, 2.0), Area(-4.0, 4.0, -2.66, -2.2)
TABLE = Area(-6.26, 6.26, -2.66, 2.6)
STRIP = Area(-6.26, 6.26, -1.9, 2.1)
TILES = ("max(u, v)", "u**2", "tanh(u)")
WAYS = ("not by nudging", "not as one giant formula", "local slopes, chained")


class Line(Figure):
    """The recipe in a line, the part in question on a plate. Verb: `mark(step)`."""

    def __init__(self, stage: Stage, trace: Trace):
        super().__init__(stage.look)
        self.formula = cast.line(stage, trace)
        self.plate: VMobject | None = None

    def plate_of(self, *steps: Step) -> RoundedRectangle:
        """A plate behind the glyphs of some steps."""
        wanted = {step.index for step in steps}
        runs: list[list[VMobject]] = [[]]
        for glyph in self.formula:  # the first stretch in which all of them stand
            if glyph.mark.step in wanted:
                runs[-1].append(glyph)
            elif runs[-1]:
                runs.append([])
        part = VGroup(*max(runs, key=len))
        plate = RoundedRectangle(corner_radius=0.09, width=part.width + 0.18, height=0.62)
        return plate.set_fill(self.theme.value, 0.22).set_stroke(width=0).move_to([part.get_center()[0], cast.LINE[1], 0])

    def mark(self, *steps: Step) -> Animation:
        """The plate goes behind these steps; without any it goes."""
        old, self.plate = self.plate, None
        if not steps:
            return FadeOut(old) if old is not None else Wait(0.1)
        new = self.plate_of(*steps)
        if old is None:
            self.plate = self.keep(new, -1)
            return FadeIn(new)
        self.plate = old
        return Transform(old, new)


def last_picture(stage: Stage) -> VGroup:
    """Three cards – two ways that are not meant, and the one that is – under the recipe."""
    strip = CardStrip(stage.look, STRIP, WAYS)
    strip.appear()
    return VGroup(cast.line(stage, cast.recipe(stage)), strip)


class LocalSlopes(Chapter):
    """What a box must know."""

    def construct(self) -> None:
        """Four beats of the storyboard."""
        self.alt = (
            "A plus box passes a nudge on unchanged: one and one. A times box scales it by the partner: three and two. A table "
            "of such rules, and three cards: not nudging, not one giant formula, but local slopes chained on numbers."
        )
        self.trace = cast.recipe(self)
        self.line = Line(self, self.trace)
        self.plus_box()
        self.times_box()
        self.small_table()
        self.three_ways()

    def rule(self, name: str) -> LocalRule:
        """A box of the recipe, enlarged."""
        return LocalRule(self.trace.step(name), self.look, PLACE, ROWS, name=cast.RECIPE)

    def parts(self, *names: str) -> list[Step]:
        """Steps of the recipe by their names."""
        return [self.trace.step(name) for name in names]

    def slope(self, name: str, operand: int) -> Quantity:
        """A local slope of a box."""
        return replace(self.trace.quantity("local", self.trace.step(name).edges[operand]), source=cast.RECIPE)

    # 1. 0-10 · + box with rule 1, 1 · add passes a nudge on unchanged
    def plus_box(self) -> None:
        """One and one."""
        self.plus = plus = self.rule("q")
        words = "What must a box know? Only its own slopes. A plus passes every nudge on unchanged: {one} and {one}."
        with self.beat(words, until=10.0, title="plus", one=self.slope("q", 0)):
            first, *rest = plus.appear()
            self.open_card(first, FadeIn(self.line.keep(self.line.formula, 4)), self.line.mark(*self.parts("p", "q", "c")))
            self.perform(rest)
            self.shut_card()
            self.at("unchanged")
            self.perform(plus.rule(0, 0.7), plus.rule(1, 0.7))

    # 2. 10-20 · × box with rule "the other one": 3 and 2 · multiply scales by the partner
    def times_box(self) -> None:
        """Three and two."""
        self.times = times = self.rule("p")
        a, b = (self.slope("p", k) for k in (0, 1))
        words = "A product scales the nudge by the partner: {a} for the first, {b} for the second."
        with self.beat(words, until=20.0, title="times", a=a, b=b):
            first, *rest = times.appear(1.5)
            self.play(self.plus.vanish(0.5), self.line.mark(*self.parts("p", "a", "b")), first)
            self.perform(rest)
            self.at("partner")
            self.perform(times.rule(0))
            self.at("second")
            self.perform(times.rule(1))

    # 3. 20-28 · max, square, tanh tiles flip by · a small table; each entry exact
    def small_table(self) -> None:
        """A card for every kind of box."""
        self.table = table = RuleTable(self.look, TABLE, TILES)
        words = "A small table holds all kinds of boxes, and every entry is exact."
        with self.beat(words, until=28.0, title="a small table"):
            self.play(self.times.vanish(0.5), self.line.mark(), table.appear(2.4))

    # 4. 28-38 · not nudging, not one giant formula, but local slopes chained on numbers ▣ · this is AD
    def three_ways(self) -> None:
        """Automatic differentiation."""
        strip = CardStrip(self.look, STRIP, WAYS)
        words = "So no nudging, and no giant formula. Local slopes, chained on numbers: automatic differentiation."
        with self.beat(words, until=38.0, title="what it is"):
            self.play(FadeOut(self.table, run_time=0.6), strip.show(0))
            for k, word in enumerate(("giant", "Local slopes"), 1):
                self.at(word)
                self.play(strip.show(k))
            self.poster()


__all__ = ["LocalSlopes", "last_picture"]
