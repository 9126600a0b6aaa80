"""Chapter 8: the four moves, asked for and then told, close as a ring round the paper; blame is one of them, not the loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from manim import RIGHT, UP, AnimationGroup, FadeIn, FadeOut, LaggedStart, VGroup

from chainreel.engine.claims import TABLE, Claims, references

from ...figures.card_strip import MOVES, ROLE, MoveCard, RecapRing, SmallPage, SourceChip
from ...stage.area import Area
from ...stage.badge import QuestionBadge
from ...stage.become import Become
from ...stage.glow import Glow
from ...stage.type import Label
from ..chapter import Chapter
from ..sources import SourceList
from . import cats_and_dogs

CARDS = Area(-6.26, 6.26, -1.75, 2.05)
MIDDLE, RADIUS = np.array([0.0, 1.18, 0.0]), 1.66
VERBS = {"forward": "guess", "loss": "measure", "blame": "blame", "step": "adjust"}
LINE = -1.72  # where the four verbs stand
LEFT = np.array([-3.95, 0.55, 0.0])  # where the loop waits beside its sources
LIST = Area(-0.55, 6.26, -2.66, 3.3)
CLAIM, CLAIMS = "backprop", "claims"


class Recap(Chapter):
    """The four moves, by recall."""

    def construct(self) -> None:
        """Three beats of the storyboard, and the sources."""
        self.alt = (
            "Four cards lie face down and turn over: forward, loss, blame, step. They become the rounds of a ring "
            "that closes round a page of the paper of the year of fame; beside it stands the list of sources."
        )
        self.claims = Claims()
        self.ledger.source(CLAIMS, self.claims.describe())
        self.ask()
        self.forward_and_loss()
        self.blame_and_step()
        self.the_loop()
        self.sources()

    # 0-5 · S1 · card 1 forward (blue), 2 loss (mauve) – asked before it is told
    def ask(self) -> None:
        """Two bars become four cards that lie face down."""
        before = cats_and_dogs.last_picture(self)
        self.add(before)
        rooms = CARDS.columns(1, 1, 1, 1, gap=0.42)
        self.cards = [MoveCard(self.look, move, room.inset(0.0, 0.35)) for move, room in zip(MOVES, rooms, strict=True)]
        self.badge = QuestionBadge(self.look)
        with self.beat("Which were the four moves?", until=3.7, title="what were the four?", hold=0.0):
            rows = before.bars.parts
            become = [
                Become(part, self.cards[2 * k + side].plate)
                for k, (_, track, bar, *_) in enumerate(rows) for side, part in ((1, track), (0, bar))
            ]
            texts = [part for word, _, _, number, percent in rows for part in (word, number, percent)]
            rest = [FadeOut(before.misses), FadeOut(VGroup(*texts), run_time=0.4)]
            self.at("four")
            self.open_card(AnimationGroup(*become), *rest, FadeIn(self.badge, scale=0.6), run_time=1.2)
            marks = [FadeIn(card.mark, scale=0.6) for card in self.cards]
            self.play(LaggedStart(*marks, lag_ratio=0.2, run_time=0.7))
            self.shut_card(FadeOut(before.chip))

    def forward_and_loss(self) -> None:
        """The first two are turned."""
        with self.beat("A guess, and how bad it is.", until=6.4, title="forward, loss", hold=0.0):
            self.play(self.cards[0].turn(), FadeOut(self.badge), run_time=0.6)
            self.at("how bad")
            self.play(self.cards[1].turn(0.6))

    # 5-11 · S1 · card 3 blame backward (vermilion), 4 step (yellow)
    def blame_and_step(self) -> None:
        """The other two."""
        words = "The blame of each dial. And at last a step."
        with self.beat(words, until=10.5, title="blame, step", hold=0.0):
            self.play(self.cards[2].turn(0.6))
            self.at("a step")
            self.play(self.cards[3].turn(0.6))

    # 11-18 · S1 · ring closes around the paper card; line "guess → measure → blame → adjust" ▣3
    def the_loop(self) -> None:
        """Cards become the ring; the paper lies in it; the ring closes, and four verbs say it once more."""
        look = self.look
        words = "Back-propagation is the blame, and the loop is what learns."
        with self.beat(words, until=18.0, title="the loop", hold=0.0):
            self.ring = ring = RecapRing(look, MIDDLE, RADIUS)
            year = replace(self.claims.quantity(CLAIM), source=CLAIMS)
            self.page = page = SmallPage(look, year, MIDDLE)
            self.chip = chip = SourceChip(look, TABLE[CLAIM].chip, self.area)
            self.pool = pool = Glow.pool(look, 5.0, 4.4).move_to(MIDDLE)
            self.play(ring.gather(self.cards, 1.2), FadeIn(pool))
            light = Glow(look.slope, 4.6 * ring.knob, 4.6 * ring.knob, 0.42 * look.glow).move_to(ring.rounds["blame"])
            self.at("the blame")
            self.play(FadeIn(light, run_time=0.4), page.land(0.8), FadeIn(chip, run_time=0.6))
            self.at("the loop")
            self.verbs = self._verbs()
            verbs = LaggedStart(*(FadeIn(part, shift=0.1 * UP) for part in self.verbs), lag_ratio=0.35, run_time=1.2)
            self.play(ring.close(1.2), verbs, FadeOut(light, run_time=0.6))
            self.poster()

    # R21: a list of sources at the end
    def sources(self) -> None:
        """The loop makes room; its source becomes a line among all that the film took from others."""
        self.list = SourceList(self.look, references(self.film.claims), LIST)
        with self.beat("And here is what we took from others, with thanks.", until=23.0, title="sources", hold=0.0):
            loop, row = VGroup(self.ring, self.page), self.list.rows[self.list.lines.index(TABLE[CLAIM].chip)]
            gone = FadeOut(self.verbs, run_time=0.5), FadeOut(self.pool, run_time=0.5)
            self.play(*gone, loop.animate.shift(LEFT - MIDDLE), FadeOut(self.chip, target_position=row), run_time=0.9)
            self.play(self.list.appear(0.9))

    def _verbs(self) -> VGroup:
        """`guess → measure → blame → adjust`."""
        look = self.look
        line = VGroup()
        for k, move in enumerate(MOVES):
            if k:
                line.add(Label("→", look.muted, 34, names=True))
            line.add(Label(VERBS[move], look.tint(ROLE[move]), 38, "semibold"))
        line.arrange(RIGHT, buff=0.32)
        for part in line:
            part.set_baseline(float(part.get_left()[0]), LINE)
        return line
