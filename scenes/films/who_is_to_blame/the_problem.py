"""Chapter 2: a rule of a person breaks, a machine of thirteen numbers is wrong too, and trying all of them is hopeless."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    linear,
)

from chainreel.engine import Quantity
from chainreel.engine.learning import NetworkPass
from chainreel.engine.learning.cut import Cut
from chainreel.engine.scale import Scale
from chainreel.engine.storyboards import film_a
from chainreel.engine.trying import Trying

from ...figures.knob_panel import KnobPanel
from ...figures.lineup import Lineup
from ...figures.marks import cross, tick
from ...figures.morphs import dials_to_lines, lines_to_dials
from ...figures.net_forward import NetForward
from ...figures.odometer import Odometer
from ...figures.scale_zoom import count_of
from ...figures.sorted_faces import SortedFaces, spread
from ...figures.turn_question import TurnQuestion, ways
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.become import Become
from ...stage.dial import Dial
from ...stage.dim import Dim
from ...stage.formula import Formula
from ...stage.number import Phrase
from ...stage.parts import round_caps
from ...stage.pixels import Pixels
from ...stage.relabel import TransformLabels
from ...stage.stage import Stage
from ...stage.type import Label, set_line
from ..chapter import Chapter
from . import cast, the_secret

CROWD = Area(-6.26, 6.26, -2.72, 1.62)  # the four hundred faces
WHEELS = Area(-6.26, 6.26, -1.6, 1.6)
TRYING, RULE, OTHER, SIZES = "trying", "rule", "other rule", "scale"  # names of sources
OTHERWISE = {"w11": -0.7, "w12": 0.8, "w22": -0.3, "w31": 0.9, "w32": -0.9, "v1": 0.4, "v2": 1.2, "v3": -0.6}  # for show
FAINT = 0.3
COARSE = 12  # pixels of a side, as a computer gets them


def last_picture(stage: Stage) -> Group:
    """The face and the net with its two numbers, nothing computed yet: (face, net)."""
    net = cast.network(stage)
    net.appear(), net.enter()
    return Group(cast.face(net), net)


class Waiting:
    """The net, small, in the upper right corner: what the dials were, and what waits until a machine is needed."""

    def __init__(self, net: NetForward):
        net.appear()
        self.net = net
        self.units = [unit for level in net.units for unit in level]
        self.lines = {line.link: line for level in net.lines for line in level}
        self.parts = VGroup(*self.lines.values(), *self.units)
        self.full = self.parts.copy()
        self.parts.scale(0.34).move_to([5.0, 2.62, 0])
        for part in self.parts.get_family():
            part.set_stroke(width=0.55 * part.get_stroke_width(), family=False)

    def gather(self, suspects: Lineup) -> list[Animation]:
        """Each dial flies to the line of its weight, or into the unit of its bias; all else of the picture fades."""
        weights = {f"w{j + 1}{i + 1}": (1, i, j) for j in range(3) for i in range(2)}
        weights |= {f"v{i + 1}": (2, i, 0) for i in range(3)}
        biases = {f"b{j + 1}": self.net.units[1][j] for j in range(3)} | {"c": self.net.units[2][0]}
        flights: list[Animation] = []
        for name in cast.ORDER:
            dial = suspects.dials[name]
            if name in weights:
                line = self.lines[weights[name]]
                rest = VGroup(*(part for part in dial.submobjects if part is not dial.notch))
                away = FadeOut(rest, target_position=line.get_center(), scale=0.2)
                flights.append(AnimationGroup(Become(dial.notch, line), away))
            else:
                flights.append(FadeOut(dial, target_position=biases[name].get_center(), scale=0.15))
        dials = {id(dial) for dial in suspects.dials.values()}
        others = [part for part in suspects.submobjects if id(part) not in dials]
        return [
            FadeIn(VGroup(*self.units), run_time=0.7), *(FadeOut(part, run_time=0.5) for part in others),
            LaggedStart(*flights, lag_ratio=0.09, run_time=3.1),
        ]  # fmt: skip

    def come(self, run_time: float = 1.4) -> AnimationGroup:
        """It comes to its own place, and waits there, faint."""
        moves = []
        for part, full in zip(self.parts, self.full, strict=True):
            goal = full.copy()
            for member in goal.get_family():
                member.set_fill(opacity=FAINT * member.get_fill_opacity(), family=False)
                member.set_stroke(opacity=FAINT * member.get_stroke_opacity(), family=False)
            moves.append(Transform(part, goal))
        return AnimationGroup(*moves, run_time=run_time)

    def light(self, parts: Iterable[VMobject]) -> list[Animation]:
        """Some parts as they are."""
        full = {id(part): whole for part, whole in zip(self.parts, self.full, strict=True)}
        return [Transform(part, full[id(part)]) for part in parts]


class Typing(Animation):
    """A line of words is typed, letter by letter."""

    def __init__(self, line: Label, weight: str, run_time: float = 1.2):
        self.weight, self.full = weight, line.points.copy()
        self.shift = self.full[0] - set_line(line.text, line.font_size, weight)[0][0]
        super().__init__(line, run_time=run_time, rate_func=linear, introducer=True)

    def create_starting_mobject(self) -> Any:
        """No copy: the line itself is set."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        line = self.mobject
        text = line.text[: round(len(line.text) * min(max(alpha, 0.0), 1.0))].rstrip()
        points = set_line(text, line.font_size, self.weight)[0] if text else np.zeros((0, 3))
        line.points = self.full.copy() if alpha >= 1 else points + self.shift


class TheProblem(Chapter):
    """Why networks need to learn."""

    def construct(self) -> None:
        """Seven beats of the storyboard."""
        self.alt = (
            "A rule about ears sorts four hundred drawn faces and gets some wrong. Then a small network: its thirteen lines "
            "become thirteen dials; they call a cat a dog, and trying all their settings would take months."
        )
        self.one = cast.whisker(self)
        self.cut = Cut(film_a.four_hundred_icons(), "ear")
        self.other = Cut(self.cut.data, "muzzle", below=True)  # a cat's is short
        self.trying = Trying(len(film_a.KNOBS), film_a.POSITIONS, film_a.LOOKS_PER_SECOND)
        self.scale = Scale(["whisker", "digits"])
        for name, source in ((RULE, self.cut), (OTHER, self.other), (TRYING, self.trying), (SIZES, self.scale)):
            self.ledger.source(name, source.describe())
        self.a_rule()
        self.the_rule_breaks()
        self.a_machine()
        self.its_dials()
        self.wrong()
        self.try_everything()
        self.a_hint()

    # 0-12 · S20 · a cat and a dog; rule line "ears pointed → cat" typed; classifies a row · a rule a person could write
    def a_rule(self) -> None:
        """The suspects wait as the lines of a small net; a rule is written, and works."""
        look = self.look
        before = the_secret.last_picture(self)
        self.add(before)
        words = "Why should a program have dials at all? Here is a rule that a person could write: pointed ears mean cat."
        with self.beat(words, until=12.0, title="a rule", hold=0.0):
            self.net = cast.network(self)
            self.waiting = Waiting(self.net)
            self.open_card(*self.waiting.gather(before))
            self.remove(before)
            self.faces = SortedFaces(self.cut, look, CROWD, source=RULE)
            rows = self._row()
            hero = [self.faces.face(row, 2.6) for row in (rows[0], rows[1])]
            for face, x in zip(hero, (-2.2, 2.2), strict=True):
                face.move_to([x, 0.35, 0])
            self.at("Here")
            self.shut_card(*(FadeIn(face, shift=0.25 * UP) for face in hero))
            self.rule = Label("ears pointed → cat", look.ink, 42, "mono").move_to([-1.35, 3.05, 0])
            self.at("pointed ears")
            self.play(Typing(self.rule, "mono"))
            self.row = [
                self.faces.face(row, 1.8).move_to([x, 0.15, 0]).set_z_index(8)
                for row, x in zip(rows, self._across(6), strict=True)
            ]
            self.play(
                *(Transform(face, goal.copy()) for face, goal in zip(hero, self.row[:2], strict=True)),
                LaggedStart(*(FadeIn(face, shift=0.25 * UP) for face in self.row[2:]), lag_ratio=0.1), run_time=1.3,
            )  # fmt: skip
            self.remove(*hero)
            self.add(*self.row)
            marks = VGroup()
            for face, row in zip(self.row, rows, strict=True):
                name, mark = self.faces.word(row, 30), tick(look, 0.30)
                x, y, _ = face.get_bottom() + [-0.2, -0.45, 0]
                name.set_baseline(x, y, "middle")
                mark.move_to([float(name.get_right()[0]) + 0.3, y + 0.14, 0])
                marks.add(VGroup(name, mark))
            note = Label("our own drawings", look.muted, 24).move_to([0, -1.95, 0])
            self.play(LaggedStart(*(FadeIn(m, shift=0.1 * UP) for m in (*marks, note)), lag_ratio=0.35, run_time=1.8))
            self.verdicts, self.rows = VGroup(*marks, note), rows

    def _row(self) -> list[int]:
        """Three cats and three dogs about which the rule is right, in a mixed order; a clear cat and a clear dog lead."""
        cats, dogs = spread(self.faces, 1, 3), spread(self.faces, 0, 3)
        return [cats[2], dogs[2], dogs[0], cats[1], cats[0], dogs[1]]

    @staticmethod
    def _across(count: int) -> np.ndarray:
        return (np.arange(count) - (count - 1) / 2) * 2.08

    # 12-22 · S20 · drooping cat and prick-eared dog break it; 16 of 400 wrong highlighted · but a computer gets pixels
    def the_rule_breaks(self) -> None:
        """All four hundred in order; the line of the rule; the wrong ones, two of them large."""
        look, faces = self.look, self.faces
        words = "{w} of {n} are wrong; by muzzle, {m}. Ears droop or stand up. And a computer gets pixels."
        count, wrong = faces.quantity("count"), faces.quantity("wrong")
        muzzle = replace(self.other.quantity("wrong"), source=OTHER)
        with self.beat(words, n=count, w=wrong, m=muzzle, until=22.0, title="the rule breaks", hold=0.0):
            flights = [
                Transform(face, face.copy().scale_to_fit_width(faces.pitch).move_to(faces.at(row)))
                for face, row in zip(self.row, self.rows, strict=True)
            ]
            self.play(FadeOut(self.verdicts, run_time=0.4), AnimationGroup(*flights), faces.appear(), run_time=1.2)
            self.remove(*self.row)
            self.play(faces.line(0.5))
            said = Phrase("{w} of {n} wrong", look.tint("loss"), 34, "semibold", w=wrong, n=count, decimals=0)
            beside = Phrase("muzzle: {m}", look.muted, 30, "medium", m=muzzle, decimals=0)
            said.move_to([-1.35 - (beside.width + 0.5) / 2, 2.22, 0])
            beside.move_to([said.get_right()[0] + 0.5 + beside.width / 2, 2.20, 0])
            self.play(faces.wrong(0.9), FadeIn(said, shift=0.1 * UP))
            self.at("muzzle")
            self.play(FadeIn(beside, shift=0.1 * RIGHT), run_time=0.5)
            cat, dog = self._exceptions()
            shown: list[Mobject] = []
            for row, x, word in ((cat, -2.7, "droop"), (dog, 2.7, "stand")):
                face = faces.face(row, 2.5).move_to([x, -0.35, 0]).set_z_index(8)
                name, mark = faces.word(row, 32), cross(look, 0.3)
                name.set_baseline(x - 0.25, float(face.get_bottom()[1]) - 0.5, "middle")
                mark.move_to([float(name.get_right()[0]) + 0.34, float(face.get_bottom()[1]) - 0.36, 0])
                told = VGroup(name, mark)
                for part in told.get_family():
                    part.set_z_index(9)
                self.at(word)
                self.play(
                    FadeIn(face, target_position=faces.at(row), scale=faces.pitch / face.width), FadeIn(told),
                    *([faces.recede(run_time=0.9)] if not shown else []), run_time=0.9,
                )  # fmt: skip
                shown += [face, told]
            self.said, self.shown = VGroup(said, beside), shown
            face = shown[0]
            coarse = Pixels(look, self._coarse(face.greys), face.width, rim=None).move_to(face)
            coarse.set_stroke(look.data, 2.5).set_z_index(10)
            self.at("pixels")
            self.play(FadeIn(coarse), run_time=0.7)
            self.shown.append(coarse)

    def _exceptions(self) -> tuple[int, int]:
        """The cat with the lowest ears among those called a dog, the dog with the most pointed ones."""
        cut = self.cut
        cats = np.flatnonzero(cut.wrong & (cut.data.y == 1))
        dogs = np.flatnonzero(cut.wrong & (cut.data.y == 0))
        return int(cats[np.argmin(cut.values[cats])]), int(dogs[np.argmax(cut.values[dogs])])

    @staticmethod
    def _coarse(greys: np.ndarray) -> np.ndarray:
        size = len(greys) // COARSE
        return greys.reshape(COARSE, size, COARSE, size).mean(axis=(1, 3))

    # 22-34 · S17 · face → two measured numbers → 2-3-1 network fades in line by line · a machine with adjustable strengths
    def a_machine(self) -> None:
        """One of the many comes out, is measured, and the small net grows line by line to its place."""
        words = "So use a machine. It takes a number for the ears and one for the muzzle."
        with self.beat(words, until=27.7, title="a machine", hold=0.0):
            net, waiting = self.net, self.waiting
            picture, links = self.face = cast.face(net)
            leaving = [*self.shown, self.said, self.rule, self.faces]
            self.play(
                FadeIn(picture, target_position=self.faces.at(self._nearest()), scale=self.faces.pitch / picture.width),
                AnimationGroup(*(FadeOut(m) for m in leaving)), waiting.come(), run_time=1.4,
            )  # fmt: skip
            self.at("a number")
            self.play(Create(links), *(FadeIn(m) for m in net.names[0]), *waiting.light(net.units[0]), run_time=0.7)
            net.enter()
            for word, number in zip(("ears", "muzzle"), net.numbers[0], strict=True):
                self.at(word)
                self.play(FadeIn(number, scale=0.6), run_time=0.5)
        with self.beat("We can adjust each of its lines.", until=34.0, title="its lines", hold=0.0):
            self.at("We can")
            rounds = [*waiting.light([*net.units[1], *net.units[2]]), *(FadeIn(m) for m in (*net.names[1], *net.names[2]))]
            lit = LaggedStart(*waiting.light(waiting.lines.values()), lag_ratio=0.3, run_time=1.4)
            self.play(LaggedStart(*rounds, lag_ratio=0.08, run_time=1.4), lit)
            self.remove(*net.get_family())
            self.add(*net.submobjects)
            other = NetworkPass(self.one.net, film_a.whisker_params(**OTHERWISE), film_a.ICON)
            self.play(net.retune(other, 0.65))
            self.play(net.retune(self.one, 0.65))

    def _nearest(self) -> int:
        """The example that is most like our icon."""
        away = np.abs(self.cut.data.X - np.array(film_a.ICON)).sum(axis=1) + (self.cut.data.y != 1)
        return int(np.argmin(away))

    # 34-44 · S2 · the 13 lines detach into 13 dials at their start values · thirteen numbers hold all it knows
    def its_dials(self) -> None:
        """Lines become dials; a brace gathers them under one name; they go back."""
        look = self.look
        words = "It stores no answers, only {k} numbers; call them [θ|theta]. And nobody chose them well."
        with self.beat(words, k=cast.told(self.one, "knobs"), until=44.0, title="its dials", hold=0.0):
            picture, links = self.face
            self.play(FadeOut(links), FadeOut(picture, shift=0.6 * LEFT), run_time=0.6)
            panel = self._numbers_only(cast.dials(self))
            self.perform(lines_to_dials(self.net, panel, 1.5))
            brace = self._brace(panel)
            self.theta = Formula(lambda mark: mark("knob", None, "theta"), look, 72).move_to([4.45, 0.45, 0])
            self.at("θ")
            self.play(Create(brace, run_time=0.6), FadeIn(self.theta, shift=0.2 * RIGHT))
            self.poster()
            self.rest(40.6 - self.now)
            top = self.theta.copy().scale(44 / 72).move_to([0.0, 3.05, 0])
            texts = VGroup(*panel.numbers.values())
            panel.drop(*texts)
            self.play(FadeOut(brace), FadeOut(texts), Transform(self.theta, top), run_time=0.6)
            self.net.numbers = [[] for _ in self.net.numbers]
            moments = dials_to_lines(panel, self.net, 1.2)
            for moment in moments:
                self.play(moment)

    @staticmethod
    def _numbers_only(panel: KnobPanel) -> KnobPanel:
        """The panel without names, which mean nothing yet, its dials larger."""
        for name, head in panel.heads.items():
            number, dial = panel.numbers[name], panel.dials[name]
            number.scale(1.15).shift((float(head.get_left()[0]) + 0.12 - float(number.get_left()[0])) * RIGHT)
            large = Dial(panel.theme, dial.value, dial.low, dial.high, 1.3 * dial.radius).shift(dial.centre)
            dial.become(large).radius = large.radius
        panel.heads.clear()
        return panel

    def _brace(self, panel: KnobPanel) -> VMobject:
        """A curly brace right of the dials."""
        dials = VGroup(*panel.dials.values())
        top, low = float(dials.get_top()[1]), float(dials.get_bottom()[1])
        x, middle, r = 3.05, (top + low) / 2, 0.22
        path = VMobject()
        path.start_new_path(np.array([x, top, 0.0]))
        for goal, handle in (
            ([x + r, top - r, 0], [x + r, top, 0]), ([x + r, middle + r, 0], None),
            ([x + 2 * r, middle, 0], [x + r, middle, 0]), ([x + r, middle - r, 0], [x + r, middle, 0]),
            ([x + r, low + r, 0], None), ([x, low, 0], [x + r, low, 0]),
        ):  # fmt: skip
            if handle is None:
                path.add_line_to(np.array(goal))
            else:
                path.add_quadratic_bezier_curve_to(np.array(handle), np.array(goal))
        return round_caps(path.set_stroke(self.look.knob, 4).set_fill(opacity=0))

    # 44-54 · S17 · x goes in, p=0.35 comes out, icon captioned "dog, 65 %" (mauve cross) · wrong, and not by a little
    def wrong(self) -> None:
        """The cat runs through; the answer, the verdict, then the formula of it all."""
        look, net = self.look, self.net
        words = "In goes the cat, out comes {p} for cat, so it says dog: wrong, and not by a little."
        p, q = cast.told(self.one, "value/2", 0), cast.told(self.one, "percent", 0)
        with self.beat(words, p=p, until=54.0, title="wrong", decimals={"p": 2}, hold=0.0):
            picture, links = self.face = cast.face(net)
            self.play(FadeIn(picture, shift=0.6 * RIGHT), run_time=0.5)
            self.play(Create(links), *net.enter(), run_time=0.6)
            self.perform([*net.fire(1, 0.6), *net.fire(2, 0.6)])
            verdict = Phrase("dog, {q} %", look.ink, 28, "semibold", q=q, decimals=0)
            mark = cross(look, 0.38).next_to(verdict, RIGHT, buff=0.18)
            VGroup(verdict, mark).next_to(picture, UP, buff=0.42).align_to(picture, LEFT)
            self.at("dog")
            self.play(FadeIn(verdict, target_position=net.at(2, 0), scale=0.6), run_time=0.9)
            self.at("wrong")
            self.play(FadeIn(mark, scale=1.6), run_time=0.4)
            self.verdict = VGroup(verdict, mark)
            whole = Formula(
                lambda m: f'{m("value", None, "p")} = "net"({m("data", None, "x")}; {m("knob", None, "theta")})', look, 44
            ).move_to([0.0, 3.0, 0])
            self.play(TransformLabels(self.theta, whole, run_time=1.0))
            self.formula = whole

    # 54-66 · S16 · odometer of 10¹³ settings; "116 days at a million a second"; 2,410 dials run off · hopeless
    def try_everything(self) -> None:
        """The lines become a row of dials with wheels, which run; then the row runs off the frame."""
        look = self.look

        def q(what: str) -> Quantity:
            return replace(self.trying.quantity(what), source=TRYING)

        many = replace(self.scale.quantity("count", 1), source=SIZES)
        words = "Could we try all settings? Even at a million a second, that takes {d} days."
        with self.beat(words, d=q("days"), decimals={"d": 0}, until=62.2, title="try everything", hold=0.0):
            ranges = dict.fromkeys(cast.ORDER, cast.SWEEP)
            self.wheels = wheels = Odometer(look, cast.knobs(self.one), WHEELS, ranges=ranges, positions=film_a.POSITIONS)
            self.play(FadeOut(self.verdict), FadeOut(self.face), run_time=0.4)
            self.perform(lines_to_dials(self.net, wheels, 1.2))
            self.play(wheels.wheels(0.8))
            settings = Phrase("{n} positions each: {s} settings", look.ink, 36, "semibold", n=q("positions"), s=q("settings"))
            settings.move_to([-2.3, -1.95, 0])
            days = Phrase("{d} days", look.tint("loss"), 40, "semibold", d=q("days"), decimals=0).move_to([3.9, -1.95, 0])
            self.play(FadeIn(settings, shift=0.1 * UP, run_time=0.5), wheels.spin(2.4))
            self.at("days")
            self.play(FadeIn(days, shift=0.1 * UP), run_time=0.5)
        with self.beat("For larger nets, forget it.", until=66.3, title="larger nets", hold=0.0):
            crowd = count_of(many, "dials …", look.ink, 40).move_to([0, -2.35, 0])
            gone = FadeOut(VGroup(settings, days), run_time=0.5)
            self.play(wheels.crowd(1.8), gone, FadeIn(crowd, run_time=1.2))
            self.words = [crowd, self.formula]

    # 66-80 · S2 · ⏸ one dial gets a small arrow "?" · we need a hint per dial. First, how does the answer arise at all?
    def a_hint(self) -> None:
        """One dial is asked about; then all of them go back to their lines."""
        look, wheels = self.look, self.wheels
        middle = cast.ORDER[len(cast.ORDER) // 2]
        badge = QuestionBadge(look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat("Which one hint would help most at each dial?", until=72.3, title="a hint", hold=0.0):
            self.play(*(FadeOut(m, run_time=0.6) for m in self.words), wheels.calm(1.4))
            others = [wheels.dials[name] for name in cast.ORDER if name != middle]
            dial = wheels.dials[middle]
            ask = TurnQuestion(look, dial, 2.1)
            self.play(*(Dim(m) for m in others), FadeIn(badge, scale=0.6), ask.lift(), run_time=0.9)
            self.play(ask.arrows(), run_time=0.6)
        words = "Not its best place, only which way to turn. First: how does an answer arise?"
        with self.beat(words, until=80.0, title="back to the lines", hold=0.0):
            self.play(FadeOut(badge, run_time=0.3), ask.sway(1.3))
            self.at("which way")
            dials = wheels.dials.values()
            small = VGroup(*(ways(look, 0.26, 1.7, 0.8).shift(d.centre) for d in dials))
            shows = LaggedStart(*(FadeIn(pair) for pair in small), lag_ratio=0.05)
            self.play(ask.back(), shows, *(Dim(m, 1.0) for m in others), run_time=1.2)
            self.rest(76.4 - self.now)
            self.play(FadeOut(small), run_time=0.4)
            face, net = last_picture(self)
            moments = dials_to_lines(wheels, net, 1.4)
            self.play(moments[0], FadeIn(face))
            for moment in moments[1:]:
                self.play(moment)
