"""A page of a published paper: journal, title, authors, and columns of text that stand for the rest. Verb: `land`.

Reads a claim of the table. Invariant: what is written on it is the claim's own source, nothing else.
"""

from __future__ import annotations

import re

import numpy as np
from manim import DOWN, FadeIn, Line, RoundedRectangle, VGroup

from chainreel.engine.claims import TABLE

from ..stage.glow import Glow
from ..stage.parts import round_caps
from ..stage.theme import Theme, mix
from .card_strip import wrapped
from .figure import Figure

SIZE = (4.2, 3.78)


class PaperCard(Figure):
    """The first page of the paper behind a claim of the table."""

    card = True

    def __init__(self, theme: Theme, claim: str = "backprop"):
        super().__init__(theme)
        source, self.cites = TABLE[claim].source, TABLE[claim].chip
        found = re.fullmatch(r"(?P<who>[^,]+(?:, [A-Z]\w+)* & \w+), (?P<title>.+), (?P<journal>\w+ \d+, [\d-]+), .*", source)
        assert found is not None, source
        self.page_colour = theme.ink if theme.dark else "#FFFFFF"
        text = theme.ground if theme.dark else theme.ink
        grey = mix(self.page_colour, text, 0.30)
        wide, high = SIZE
        page = RoundedRectangle(corner_radius=0.06, width=wide, height=high).set_fill(self.page_colour, 1)
        page.set_stroke(mix(theme.rim, theme.ink, 0.4), 1.6)
        inside, left, y = wide - 0.5, -wide / 2 + 0.25, high / 2 - 0.24
        who = found["who"].split(",")[0] + " et al."
        quiet = text if theme.dark else theme.muted  # on a page in the light
        rows = [
            (wrapped(found["journal"], quiet, 22, inside, "medium", "left"), 0.20),
            (wrapped(found["title"], text, 26, inside, "bold", "left"), 0.20),
            (wrapped(who, quiet, 22, inside, "regular", "left"), 0.24),
        ]
        self.words = VGroup()
        for row, gap in rows:
            row.shift([left - row.get_left()[0], y - row.get_top()[1], 0])
            y -= row.height + gap
            for line in row:
                line.ground = self.page_colour
            self.words.add(row)
        self.lines = VGroup()
        rng, column = np.random.default_rng(0), (inside - 0.24) / 2
        for x in (left, left + column + 0.24):
            for k, down in enumerate(np.arange(y, -high / 2 + 0.22, -0.155)):
                long = column * (0.62 if k % 6 == 5 else 1.0 - 0.05 * rng.random())
                self.lines.add(round_caps(Line([x, down, 0], [x + long, down, 0]).set_stroke(grey, 2.6)))
        self.page = VGroup(page, self.words, self.lines)
        self.light = Glow.pool(theme, 1.9 * wide, 1.6 * high)
        self.all = VGroup(self.light, self.page)

    @property
    def description(self) -> str:
        """For somebody who cannot see it."""
        return self.ended(f"The first page of a paper: {self.wording(self.words)}")

    def land(self, run_time: float = 1.0) -> FadeIn:
        """The page comes down to its place."""
        self.keep(self.light), self.keep(self.page, 6)
        return FadeIn(self, shift=0.5 * DOWN, scale=1.08, run_time=run_time)

    def place(self, where: np.ndarray) -> PaperCard:
        """Move page and light before they are shown."""
        self.all.move_to(where)
        return self


__all__ = ["PaperCard"]
