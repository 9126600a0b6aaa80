"""What all chapters share: their card, the names of their beats."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from manim import LEFT, RIGHT, Animation, Arc, FadeIn, FadeOut, VGroup

from ..stage.area import SHAPES
from ..stage.parts import round_caps
from ..stage.stage import Stage
from ..stage.type import Label
from .catalogue import FILMS, ChapterSpec, FilmSpec
from .own import film_in

RADIUS = 0.20  # of the ring on the card
GAP = 0.34  # between its arcs, as a share of one


class Chapter(Stage):
    """A chapter of a film. Its beats are called after it: `the_secret-03` is the recording of its third beat."""

    shapes = SHAPES[:1]

    def beat_name(self, index: int) -> str:
        """The file's name of the chapter, and the beat's number in it."""
        return f"{self._slug}-{index + 1:02d}"

    @property
    def film(self) -> FilmSpec:
        """The film that it is part of: one of ours, or that of the film.toml beside its file."""
        name = type(self).__module__.rpartition(".")[0].rpartition(".")[2].replace("_", "-")
        return FILMS[name] if name in FILMS else film_in(self._file.parent)

    @property
    def spec(self) -> ChapterSpec:
        """Its entry in the film."""
        return self.film.chapter(self._slug)

    @property
    def _file(self) -> Path:
        return Path(str(sys.modules[type(self).__module__].__file__))

    @property
    def _slug(self) -> str:
        return self._file.stem

    def card(self) -> VGroup:
        """Its title, and a ring of as many arcs as the film has chapters with this one lit; top left."""
        look, count = self.look, len(self.film.chapters)
        here = self.film.chapters.index(self.spec)
        ring, turn = VGroup(), 2 * math.pi / count
        for k in range(count):
            arc = Arc(RADIUS, math.pi / 2 - (k + GAP / 2) * turn, -(1 - GAP) * turn)
            lit = k == here
            ring.add(round_caps(arc.set_stroke(look.ink if lit else look.rim, 5 if lit else 3.5).set_fill(opacity=0)))
        words = Label(self.spec.title, look.ink, 28, "semibold")
        words.next_to(ring, RIGHT, buff=0.22)
        card = VGroup(ring, words).set_z_index(20)
        return card.move_to([self.area.left, self.area.top - 0.28, 0], aligned_edge=LEFT)

    def open_card(self, *animations: Animation, run_time: float = 1.0) -> None:
        """The card appears while something else does."""
        self._card = self.card()
        self.play(FadeIn(self._card, run_time=min(run_time, 0.6)), *animations)

    def shut_card(self, *animations: Animation) -> None:
        """The card goes, once it has been read; with it something else may begin."""
        self.rest(2.5 - self.now)
        self.play(FadeOut(self._card, run_time=0.4), *animations)
