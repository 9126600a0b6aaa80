"""Every rule of lint finds the breach that it is there for, and is quiet on a good picture."""

from __future__ import annotations

import numpy as np
import pytest
from manim import Circle, Create, Dot, FadeIn, FadeOut, Square, Text, VGroup, linear, tempconfig, there_and_back_with_pause
from manim.camera.camera import Camera

from chainreel.engine import Quantity
from chainreel.scenes.lint import RULES, FrameRules, Lint
from chainreel.scenes.lint.frames import Flashes, luminance_grid
from chainreel.scenes.lint.numbers import broken
from chainreel.scenes.lint.typst_numbers import NotPlain, literal, sides, value
from chainreel.scenes.stage.dial import Dial
from chainreel.scenes.stage.digits import legible, lowest_digit
from chainreel.scenes.stage.formula import Formula
from chainreel.scenes.stage.glow import Glow
from chainreel.scenes.stage.ledger import Printed
from chainreel.scenes.stage.meter import LossMeter
from chainreel.scenes.stage.number import Number, Printable
from chainreel.scenes.stage.parts import Chip
from chainreel.scenes.stage.pulse import RunPulse
from chainreel.scenes.stage.ribbon import GrowRibbon, Ribbon
from chainreel.scenes.stage.stage import Stage
from chainreel.scenes.stage.tape import Tape
from chainreel.scenes.stage.theme import theme_named
from chainreel.scenes.stage.trails import Trail
from chainreel.scenes.stage.type import Label
from chainreel.scenes.stage.wire import Wire

from .conftest import FRAMES

ONE = Quantity("trace", "value/0", 1.2345)


class Good(Stage):
    """A picture with nothing wrong in it: a dot, its name, its value, and time to look."""

    def construct(self):
        with self.beat("A dot is here, and it has a value of {v}.", hold=3.1, v=ONE):
            self.dot = Dot(color=self.look.value)
            self.play(FadeIn(self.dot), run_time=0.6)
            self.play(FadeIn(Label("a dot", self.look.ink).move_to([0.8, 0, 0])), run_time=0.6)
            self.play(FadeIn(Number(ONE, self.look.ink).move_to([0, 0.6, 0])), run_time=0.6)
            self.more()
        self.after()

    def more(self):
        """What a bad scene adds in the beat."""

    def after(self):
        """What a bad scene adds behind the beat."""


def scene(more=None, after=None, words=None):
    """A scene with additions."""
    body = {}
    if more:
        body["more"] = lambda self: more(self)
    if after:
        body["after"] = lambda self: after(self)
    return type("Bad", (Good,), body)


def rules_of(run, scene_class, **kwargs):
    """The names of the rules that it breaks."""
    return {f.rule for f in run(scene_class, **kwargs).lint.findings}


def test_a_good_picture_is_clean(run):
    """No rule speaks where nothing is wrong; that includes the hold at the end."""
    assert run(Good).lint.findings == []


def label(self, text="a word", at=(3, 1), size=24, **more):
    """A label that is put at a place, with a dot beside it."""
    dot = Dot([at[0], at[1] - 0.4, 0], color=self.look.value)
    return VGroup(Label(text, self.look.ink, size, **more).move_to([*at, 0]), dot)


def moved(self, what, to, run_time=1.0, **kwargs):
    """Put something on screen and move it."""
    self.play(FadeIn(what), run_time=0.5)
    self.play(what.animate(**kwargs).move_to([*to, 0]), run_time=run_time)


def many_things(self):
    """A second beat with four kinds of thing at once."""
    with self.beat("And now everything at once.", hold=3.1):
        look = self.look
        number = Number(ONE, look.on_slope, 28)
        things = VGroup(
            Dial(look, 1, -5, 5).move_to([-4, 1, 0]), LossMeter(look, 4, -1, 1), Tape(look, -3, 3),
            Chip(look, number).move_to([2, 2, 0]),
        )
        self.play(FadeIn(things), run_time=1)


def crossing(self):
    """Five squares that go five ways."""
    squares = [Square(0.3).set_stroke(self.look.ink, 2).move_to([-4 + 2 * i, 2, 0]) for i in range(5)]
    self.play(*(FadeIn(s) for s in squares), run_time=0.6)
    self.play(*(s.animate.shift([0.5 * i - 1, -1 - 0.2 * i, 0]) for i, s in enumerate(squares)), run_time=1)


def flight(self):
    """One label lies on another for most of its flight, and goes back."""
    a, b = label(self, "standing", (-3, 2)), label(self, "flying", (-3, 1))
    self.play(FadeIn(a), FadeIn(b), run_time=0.6)
    self.play(b[0].animate(rate_func=there_and_back_with_pause).move_to(a[0]), run_time=3)


def twins(self):
    """Dots of two roles that are alike in all else."""
    look = self.look
    dots = (Dot([x, y, 0], color=c) for x in range(-5, -1) for y, c in ((2, look.value), (1, look.data)))
    self.play(FadeIn(VGroup(*dots)), run_time=1)


def cut(self):
    """A label that is there and then is not."""
    word = label(self, "soon gone")
    self.play(FadeIn(word), run_time=0.5)
    self.rest(0.5)
    self.remove(word)


def ribbon_to_the_right(self):
    """Blame that runs the wrong way."""
    ribbon = Ribbon(self.look, Wire((3, 2), (-3, 2)), 0.3)
    self.play(GrowRibbon(ribbon), run_time=1)


def straying_chip(self):
    """A chip that flies far from every wire."""
    look = self.look
    ribbon = Ribbon(look, Wire((-5, -2), (-2, -2)), 0.3)
    chip = Chip(look, Number(ONE, look.on_slope, 28)).move_to([4, 2.5, 0])
    self.play(GrowRibbon(ribbon), FadeIn(chip), run_time=1)
    self.play(chip.animate.move_to([-3, 2.5, 0]), run_time=1)


class Race(VGroup):
    """A figure whose plain descent glides."""

    def __init__(self, look):
        super().__init__()
        self.trails = {"plain": Trail(look, np.array([[0.0, 1], [1, 1]]), "glide", (-2.0, 2.0, 0.0, 2.0))}
        self.add(*self.trails.values())


def tick_lie(self):
    """A number that nobody computed."""
    self.play(FadeIn(Printable("12.5", self.look.ink, 26, "medium").move_to([3, 2, 0])), run_time=0.5)


def false_sum(self):
    """An equation that does not close."""
    self.play(FadeIn(Formula(lambda m: "p = 2 dot 1 = 1", self.look, 36).move_to([3, 2, 0])), run_time=0.5)
    self.rest(2)


def lamps(self):
    """Three pools of light."""
    for x in (-4, 0, 4):
        self.add(Glow.pool(self.look).move_to([x, 1, 0]))
    self.play(FadeIn(Dot([3, 2, 0], color=self.look.data)), run_time=0.5)


def quick_formula(self):
    """A long formula that is gone after a second."""
    line = Formula(lambda m: "f = a dot b + c^2 + sin(d) + e", self.look, 36).move_to([0, 2, 0])
    self.play(FadeIn(line), run_time=0.5)
    self.play(FadeOut(line), run_time=0.5)


def two_roundings(self):
    """The same quantity, first with one decimal, later with four."""
    for decimals, x in ((1, -3), (4, 3)):
        self.play(FadeIn(Number(ONE, self.look.ink, decimals=decimals).move_to([x, 2, 0])), run_time=0.5)


BREACHES = {
    "new things": scene(after=many_things),
    "time to read": scene(more=quick_formula),
    "hold": scene(after=lambda s: s.play(FadeIn(Dot([2, 2, 0], color=s.look.value)), run_time=0.6)),
    "role colour": scene(more=lambda s: s.play(FadeIn(Circle(0.4).set_fill("#00C8FF", 1).move_to([3, 2, 0])), run_time=0.5)),
    "second code": scene(more=twins),
    "contrast": scene(more=lambda s: s.play(FadeIn(Label("faint", s.look.ghost).move_to([1, 0.6, 0])), run_time=0.5)),
    "size": scene(more=lambda s: s.play(FadeIn(label(s, "small").scale(0.7)), run_time=0.5)),
    "index size": scene(more=lambda s: s.play(FadeIn(Formula(lambda m: "x^(a_(b_1))", s.look, 32).shift([1, 1, 0])))),
    "density": scene(more=lambda s: s.play(*(FadeIn(label(s, f"some {w} words here", (-4, 3 - i))) for i, w in enumerate(
        ("first", "second", "third", "fourth"))), run_time=0.5)),
    "typed number": scene(more=tick_lie),
    "decimals": scene(more=two_roundings),
    "arithmetic": scene(more=false_sum),
    "moving groups": scene(more=crossing),
    "pace": scene(more=lambda s: s.play(FadeIn(Dot([2, 2, 0], color=s.look.value)), run_time=0.14)),
    "continuity": scene(more=cut, after=lambda s: s.rest(3.1)),
    "focus": scene(more=lamps),
    "near its object": scene(more=lambda s: s.play(FadeIn(Label("lost", s.look.ink).move_to([5, -2, 0])), run_time=0.5)),
    "direction": scene(more=ribbon_to_the_right),
    "algorithm": scene(more=straying_chip),
    "dead frame": scene(after=lambda s: s.rest(8.5)),
    "safe area": scene(more=lambda s: s.play(FadeIn(label(s, at=(6.6, 1))), run_time=0.5)),
    "overlap": scene(more=flight),
}  # fmt: skip


@pytest.mark.parametrize("rule", BREACHES)
def test_a_rule_finds_its_breach(run, rule):
    """A scene that breaks one rule is found by that rule, and by no other."""
    findings = run(BREACHES[rule]).lint.findings
    assert {f.rule for f in findings} == {rule}, findings
    assert all(f.number == RULES[rule].number and f.message for f in findings)


def test_more_breaches_of_the_same_rules(run):
    """The other sides of some rules."""
    assert rules_of(run, scene(more=lambda s: moved(s, label(s), (-3, 1), rate_func=linear))) == {"pace"}
    back = scene(more=lambda s: s.play(RunPulse(s.look, Wire((3, 1), (-3, 1))), run_time=1))
    assert rules_of(run, back) == {"direction"}
    swapped = scene(more=lambda s: s.play(
        FadeIn(Dial(s.look, 1, -5, 5).move_to([4, 1, 0])), FadeIn(LossMeter(s.look, -4, -1, 1)), run_time=1))  # fmt: skip
    assert rules_of(run, swapped) == {"direction"}
    assert rules_of(run, scene(more=lambda s: s.play(FadeIn(Race(s.look)), run_time=1))) == {"algorithm"}
    foreign = scene(more=lambda s: s.play(FadeIn(Text("7 of 9", color=s.look.ink).scale(0.6).move_to([3, 2, 0])), run_time=0.5))
    assert "typed number" in rules_of(run, foreign)


class Echo(Stage):
    """A sentence that is said and printed."""

    def construct(self):
        with self.beat("Every weight carries part of the blame.", hold=3.1):
            said = Label("every weight carries blame", self.look.ink).shift([0, 0.4, 0])
            self.play(FadeIn(Dot([0, 0, 0], color=self.look.value)), FadeIn(said))


def test_what_is_said_is_not_printed_as_well(run):
    """R16, and one finding a sentence."""
    assert [f.rule for f in run(Echo).lint.findings] == ["echo"]


def test_good_motion_is_not_taken_for_bad(run):
    """A label that passes another quickly, a ribbon to the left and a chip that rides on it are all in order."""

    def fine(self):
        look = self.look
        a, b = label(self, "standing", (-3, 2)), label(self, "passing", (-2.2, 1))
        self.play(FadeIn(a), FadeIn(b), run_time=0.6)
        self.play(b[0].animate.move_to([-3, 2.4, 0]), run_time=1)
        chip = Chip(look, Number(ONE, look.on_slope, 28))
        self.play(GrowRibbon(Ribbon(look, Wire((-3, -1), (3, -1)), 0.3), chip), run_time=1)

    assert rules_of(run, scene(more=fine)) == set()


def test_a_chip_may_hide_a_label_for_a_moment(run):
    """A number on its own chip passes over the label at the end of its wire; but it does not stay there."""

    def landing(run_time):
        def more(self):
            look = self.look
            self.play(FadeIn(label(self, "a weight", (-3, -1))), run_time=0.6)
            chip = Chip(look, Number(ONE, look.on_slope, 28)).set_z_index(2)
            for part in chip.get_family():
                part.set_z_index(2)
            ribbon = Ribbon(look, Wire((-3, -1), (3, -1)), 0.3)
            self.play(GrowRibbon(ribbon, chip, land=np.array([-3, -1.9, 0])), run_time=run_time)

        return scene(more=more)

    assert rules_of(run, landing(1.4)) == set()
    assert "overlap" in rules_of(run, landing(6.0))


def test_texts_are_found_wherever_they_stand_in_the_tree(run):
    """Two labels on one another, in groups of groups; a label too low; numbers and formulas that were scaled."""

    def nested(self):
        one, two = label(self, "one"), label(self, "two", (3.1, 1.05))
        self.play(FadeIn(VGroup(one)), FadeIn(VGroup(VGroup(two))), run_time=0.5)

    assert rules_of(run, scene(more=nested)) == {"overlap"}
    assert rules_of(run, scene(more=lambda s: s.play(FadeIn(label(s, at=(0, -3))), run_time=0.5))) == {"safe area"}
    small = scene(more=lambda s: s.play(FadeIn(Number(ONE, s.look.ink, 28).scale(0.5).move_to([1, 1, 0])), run_time=0.5))
    assert rules_of(run, small) == {"size"}
    sum_ = lambda s: Formula(lambda m: "x + y", s.look, 36).scale(0.5).shift([1, 1, 0])  # noqa: E731
    assert rules_of(run, scene(more=lambda s: s.play(FadeIn(sum_(s)), run_time=0.5))) == {"size"}


def test_a_question_may_stand(run):
    """With the badge up nothing needs to move."""
    from chainreel.scenes.stage.badge import QuestionBadge

    def ask(self):
        self.play(FadeIn(QuestionBadge(self.look)), run_time=0.5)
        self.rest(9)

    assert rules_of(run, scene(after=ask)) == set()


# What only the drawn picture says -----------------------------------------------------------------------------------


def drawn(scene_class, width=854, height=480):
    """The findings of the frame rules on every beat's last picture, drawn by manim's own camera."""
    size = {"pixel_width": width, "pixel_height": height, "frame_width": 8 * width / height, "frame_height": 8.0}
    with tempconfig(size):
        stage = scene_class(skip_animations=True)
        lint = Lint(stage)
        rules = FrameRules(lint)
        seen = []

        def look(s):
            camera = s.renderer.camera
            camera.reset()
            Camera.capture_mobjects(camera, s.mobjects)
            if lint.plays and lint.plays[-1].frozen:
                rules.take(len(seen) * 15, camera.pixel_array.copy(), 15)
                seen.append(s.now)

        stage.watchers.append(look)
        stage.render()
    return {f.rule: f.message for f in lint.findings}


def test_contrast_is_measured_where_the_text_stands():
    """A label on a bright shape, and one under it, are found on the frame though their colours are allowed."""

    def bright(self):
        self.add(Square(1.2).set_fill(self.look.data, 1).set_stroke(width=0).move_to([3, 1, 0]))
        self.play(FadeIn(Label("unread", self.look.ink).move_to([3, 1, 0])), run_time=0.5)

    def under(self):
        self.play(FadeIn(label(self, "hidden", (3, 1))), run_time=0.5)
        self.play(Create(Square(1.2).set_fill(self.look.slot, 1).set_stroke(width=0).move_to([3, 1, 0])), run_time=0.5)

    assert drawn(Good) == {}
    assert set(drawn(scene(more=bright))) == {"contrast"}
    assert set(drawn(scene(more=under))) == {"covered"}


def test_a_full_frame_is_found():
    """R15: at least 15 % is empty."""
    full = scene(more=lambda s: (s.add(Square(20).set_fill(s.look.slot, 1).set_stroke(width=0).set_z_index(-9)), s.rest(0.2)))
    assert set(drawn(full)) == {"empty space"}


def test_flashes():
    """R38: five swings a second over a tenth of the frame are found, three are not; a slow fade is none."""

    def found(rate, area=0.1, low=0.0, high=1.0):
        flashes = Flashes(10)
        hit = False
        for i in range(20):
            light = np.zeros((36, 64))
            light[: round(36 * area)] = high if (i * rate / 10) % 1 < 0.5 else low
            hit |= flashes.add(i / 10, light)
        return hit

    assert found(5.0) and not found(3.0) and not found(5.0, area=0.02) and not found(5.0, low=0.5, high=0.55)
    assert luminance_grid(np.full((480, 854, 4), 255, np.uint8)).shape == (36, 64)


# Formulas in numbers ------------------------------------------------------------------------------------------------


def test_formulas_are_read_in_numbers():
    """Marks are looked through, relations cut, values computed; a symbol makes a side unreadable."""
    source = 'lb("#000007", p) lb("#000008", =) lb("#00000b", lb("#000009", x) dot lb("#00000a", y)) lb("#000001", =) '
    source += 'lb("#000005", lb("#000003", 1.5) dot (lb("#000004", -0.5))) lb("#000002", =) lb("#000006", -0.75)'
    assert [relation for relation, _ in sides(source)] == ["", "=", "=", "="]
    assert broken(source) == [] and broken(source.replace("-0.75", "-0.74"))
    assert value("1.5^2 - 3 dot (2 - 1)/6") == 1.75 and literal("10^(-3)") == "10⁻³"
    assert broken("f = 1/3 = 0.33") == [] and broken("f = 1/3 approx 0.34") == []
    with pytest.raises(NotPlain):
        value("x + 1")


def test_a_formula_of_the_engines_may_have_constants(run):
    """Digits that are printed with their source, or belong to a step, are none of ours."""
    entry = Printed(ONE, "1.23", 2)

    def showing(write, **more):
        return scene(more=lambda s: s.play(FadeIn(Formula(write, s.look, 36, **more).shift([0, 2, 0])), run_time=0.5))

    assert rules_of(run, showing(lambda m: "x = " + m("knob", None, "1.23"), printed=[entry])) == set()
    assert rules_of(run, showing(lambda m: "x = 3.7")) == {"typed number"}


def test_the_digits_of_an_index_of_an_index():
    """The smallest digit is found at any depth; a formula without digits has none."""
    look = theme_named("night")
    heights = [lowest_digit(Formula(lambda mark, body=body: body, look, 40)) for body in ("x^2 + 12", "e^(w_1)", "x + y")]
    assert heights[2] is None and heights[0] > heights[1] > 0
    assert not legible(Formula(lambda mark: "e^(w_1)", look, 34)) and legible(Formula(lambda mark: "x^2", look, 34))


def test_frames_of_other_shapes(run):
    """The margins are those of the frame that the scene is in."""
    out = scene(more=lambda s: s.play(FadeIn(label(s, at=(3.9, 1))), run_time=0.5))
    tall = type("Tall", (out,), {"shapes": ("wide", "tall")})
    assert rules_of(run, tall) == set() and rules_of(run, tall, shape="tall") == {"safe area"}
    assert set(FRAMES) == {"wide", "square", "tall"}
