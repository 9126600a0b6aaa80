"""Lint asks what the teaching rules ask, to the number, of clips as of films; every exception is written down."""

from __future__ import annotations

import numpy as np
import pytest
from manim import Dot, FadeIn, FadeOut, Square, Transform

from chainreel.scenes.lint import RULES, motion, text, timing
from chainreel.scenes.lint.exceptions import EXCEPTIONS
from chainreel.scenes.lint.frames import MOST_FLASHES, RATE, RED_FLASH, Flashes, redness_grid
from chainreel.scenes.lint.newness import MOST_NEW, in_a_row, symbols_of
from chainreel.scenes.lint.timing import needed
from chainreel.scenes.stage.dim import DIMMED, Dim
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.glow import Glow
from chainreel.scenes.stage.number import Number
from chainreel.scenes.stage.plate import Plate
from chainreel.scenes.stage.theme import THEMES, theme_named
from chainreel.scenes.stage.type import Label

from .test_lint import ONE, Good, label, rules_of, scene


def test_the_thresholds_are_those_of_the_teaching_rules():
    """R4, R5, R8, R14, R15, R16, R22, R23, R24, R25, R26, R38, R40."""
    assert MOST_NEW == 2 and (timing.SYMBOL, timing.WHOLE, timing.TERM, timing.HOLD) == (3.0, 6.0, 2.0, 3.0)
    assert text.NUMBER_FLOOR == 28 and (text.MOST_WORDS, text.MOST_ON_CARDS, text.MOST_TEXTS) == (12, 20, 7)
    assert text.MOST_ECHO == 0.4 and text.REACH == 0.05 and text.LINE == 3.0
    assert (motion.MOST_GROUPS, motion.WHILE_SPEAKING, motion.SYMBOL, motion.LAYOUT) == (4, 2, 0.6, 2.5)
    assert motion.DIM == (0.35, 0.45) and motion.DIM[0] <= DIMMED <= motion.DIM[1]
    assert timing.SHARED == 0.8 and timing.LONGEST_STILL == 8.0 and MOST_FLASHES == 3


def test_every_exception_is_written_down(root):
    """docs/lint.md has a row for each, with its reason, and each belongs to a rule."""
    page = (root / "docs/lint.md").read_text(encoding="utf-8")
    for entry in EXCEPTIONS:
        number = RULES[entry.rule].number
        assert f"| {number} | {entry.kind} | {entry.why} |" in page, entry.kind
    for rule, (number, asks) in RULES.items():
        assert f"| {number} | {rule} | {asks} |" in page, rule


def grouped(self, count):
    """So many squares that go different ways, while the words are said."""
    squares = [Square(0.3).set_stroke(self.look.ink, 2).move_to([-4 + 3 * i, 2, 0]) for i in range(count)]
    self.play(*(FadeIn(s) for s in squares), run_time=0.3)
    self.play(*(s.animate.shift([0.5 * i - 1, -1 - 0.2 * i, 0]) for i, s in enumerate(squares)), run_time=1)


class Spoken(Good):
    """Something moves while a long sentence is said."""

    groups = 2

    def construct(self):
        super().construct()
        with self.beat("Here is a sentence that takes its time, so that all of this moves while it is said.", hold=3.1):
            grouped(self, self.groups)


def test_two_groups_move_while_somebody_speaks(run):
    """R22: the one that is spoken about, and one other."""
    assert rules_of(run, Spoken) == set()
    assert rules_of(run, type("Three", (Spoken,), {"groups": 3})) == {"moving groups"}


def lamp(self, places, side=3.0):
    """Pools of light."""
    for x in places:
        self.add(Glow.pool(self.look, side, side).move_to([x, 1, 0]))
    self.play(FadeIn(Dot([3, 2, 0], color=self.look.data)), run_time=0.6)


def test_one_lamp_is_lit(run):
    """R25: in a clip, too."""
    assert rules_of(run, scene(more=lambda s: lamp(s, [0]))) == set()
    assert rules_of(run, scene(more=lambda s: lamp(s, [-3, 3]))) == {"focus"}


@pytest.mark.parametrize(("share", "found"), [(0.4, set()), (0.6, {"focus"}), (0.2, {"focus"})])
def test_what_is_dimmed_is_dimmed_to_forty_per_cent(run, share, found):
    """R25: neither half lit nor gone."""

    def dim(self):
        what = label(self)
        self.play(FadeIn(what), run_time=0.6)
        self.play(Dim(what, share))

    assert rules_of(run, scene(more=dim)) == found


def test_moves_take_their_time(run):
    """R23: 0.6 to 2.5 s from rest to rest; a fade may be quicker, and nothing is quicker than 0.3 s."""

    def moving(seconds):
        def more(self):
            what = label(self)
            self.play(FadeIn(what), run_time=0.4)
            self.play(what.animate.move_to([-3, 1, 0]), run_time=seconds)

        return scene(more=more)

    assert rules_of(run, moving(0.6)) == rules_of(run, moving(2.5)) == set()
    assert rules_of(run, moving(0.5)) == rules_of(run, moving(3.0)) == {"pace"}

    def morphing(self):
        one, two = label(self), label(self, at=(-3, 1))
        self.play(FadeIn(one), run_time=0.4)
        self.play(Transform(one, two), run_time=0.4)

    assert rules_of(run, scene(more=morphing)) == {"pace"}


def test_a_formula_in_letters_stands_six_seconds(run):
    """R5; one with its numbers put in as long as reading it takes, at most three."""

    def standing(write, seconds, **more):
        def act(self):
            line = Formula(write, self.look, 36, **more).move_to([0, 2, 0])
            self.play(FadeIn(line), run_time=0.6)
            self.rest(seconds)
            self.play(FadeOut(line), run_time=0.6)

        return scene(more=act)

    letters = lambda m: "z = w dot x + b"  # noqa: E731
    assert rules_of(run, standing(letters, 4.0)) >= {"time to read"}
    assert "time to read" not in rules_of(run, standing(letters, 6.0))
    assert needed("f = sin(x dot y) + x^2") == 3.0


def test_a_symbol_stands_three_seconds_before_it_is_used(run):
    """R5: alone with its meaning first."""

    def used(after):
        def act(self):
            self.play(FadeIn(Formula(lambda m: "u", self.look, 36).move_to([0.8, 1.4, 0])), run_time=0.6)
            self.rest(after)
            self.play(FadeIn(Formula(lambda m: "q = u dot s", self.look, 36).move_to([0, 2.2, 0])), run_time=0.6)
            self.rest(4.0)

        return scene(more=act)

    assert "time to read" in rules_of(run, used(1.0)) and "time to read" not in rules_of(run, used(3.0))


def test_new_letters_are_counted(run):
    """R4: three letters that nobody knows are too many for a beat; two in a row count as one; the engine's own are known."""

    def writing(source):
        def act(self):
            with self.beat("A line of letters comes.", hold=6.5):
                self.play(FadeIn(Formula(lambda m: source, self.look, 36).move_to([0, 2, 0])), run_time=0.6)

        return scene(after=act)

    assert rules_of(run, writing("u = k + s")) == {"new things"}
    assert rules_of(run, writing("u = v + s")) == set()
    assert in_a_row({"a", "b", "u", "v", "x", "Dial"}) == {"Dial", "a, b", "u, v", "x"}
    look = theme_named("night")
    assert symbols_of(Formula(lambda m: "w_1 dot alpha + sin(x)", look, 36)) == {"w", "alpha", "x"}
    assert symbols_of(Formula(lambda m: m("value", 3, "p"), look, 36)) == set()


def test_an_opening_counts_as_well(run):
    """R4: the first beat, too, brings two new things at most."""

    class Full(Good):
        def more(self):
            self.play(FadeIn(Formula(lambda m: "u = k + s", self.look, 36).move_to([0, 2, 0])), run_time=0.6)
            self.rest(4)

    assert rules_of(run, Full) == {"new things"}


def test_words_that_are_said_are_not_printed(run):
    """R16: three words of meaning of five are too many, in a clip as in a film; two are key terms."""

    class Saying(Good):
        words = "reverse mode wins"

        def construct(self):
            super().construct()
            with self.beat("Counted so, reverse mode wins easily.", hold=3.1):
                at = Label(self.words, self.look.ink).move_to([0.6, 1.1, 0])
                self.play(FadeIn(at), run_time=0.6)

    assert rules_of(run, Saying) == {"echo"}
    assert rules_of(run, type("Key", (Saying,), {"words": "reverse mode"})) == set()


def test_numbers_are_at_28_unless_a_plate_carries_them(run):
    """R14."""

    def number(plate):
        def act(self):
            made = Number(ONE, self.look.tint("slope"), 26).move_to([0.4, 1.2, 0])
            made.ground = self.look.slot if plate else None
            if not plate:
                del made.ground
            self.play(FadeIn(Plate(self.look, made) if plate else made), run_time=0.6)

        return scene(more=act)

    assert rules_of(run, number(True)) == set() and rules_of(run, number(False)) == {"size"}


def test_a_quantity_has_one_number_of_decimals(run):
    """R19: one decimal more is another rounding."""

    def act(self):
        for decimals, x in ((1, -3), (2, 3)):
            self.play(FadeIn(Number(ONE, self.look.ink, decimals=decimals).move_to([x, 2, 0])), run_time=0.6)

    assert rules_of(run, scene(more=act)) == {"decimals"}


def test_formulas_count_as_texts(run):
    """R15: seven texts, formulas that are read among them; a name with its value is looked up."""

    def lines(write, count):
        def act(self):
            for i in range(count):
                line = Formula(write, self.look, 32).move_to([-5 + 3.4 * (i % 4), 3 - 0.9 * (i // 4), 0])
                self.add(line)
            self.play(FadeIn(Dot([3, -2, 0], color=self.look.data)), run_time=0.6)
            self.rest(4)

        return scene(more=act)

    assert rules_of(run, lines(lambda m: "x = x + x dot x", 8)) == {"density"}
    assert rules_of(run, lines(lambda m: "x = 1", 8)) == set()


def test_saturated_red_may_not_flash():
    """R38: there and back once is too much for a saturated red; our vermilion is none."""

    def found(colour):
        flashes = Flashes(round(RATE), RED_FLASH, 1)
        hit = False
        for i in range(12):
            frame = np.zeros((480, 854, 3), np.uint8)
            if 3 <= i < 6:
                frame[:200] = colour
            hit |= flashes.add(i / RATE, redness_grid(frame))
        return hit

    assert found((255, 0, 0)) and not found((200, 200, 200))
    for theme in THEMES.values():
        slope = theme.slope
        assert not found(tuple(int(slope[i : i + 2], 16) for i in (1, 3, 5)))


