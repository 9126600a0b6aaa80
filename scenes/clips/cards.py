"""The clip `cards`: a chapter's title, a question, a claim with its source, cards of your own, the ring of the four moves."""

from __future__ import annotations

import re
from typing import Any

from manim import FadeIn, FadeOut

from chainreel.engine.claims import PUBLISHED, TABLE, Claims

from ..figures.card_strip import MOVES, CardStrip, ClaimCard, QuestionCard, RecapRing, RouteMap, TitleCard, few_words
from ..stage.area import SHAPES
from ..stage.badge import QuestionBadge
from ..stage.errors import StageError
from ..stage.ledger import Printed
from ..stage.parameters import nearest
from ..stage.rounding import shown
from .clip import Clip

KINDS = ("title", "question", "claim", "lines", "map", "recap", "test")
DEFAULTS: dict[str, Any] = {
    "title": "Back-propagation", "subtitle": "one sweep back, every blame", "number": 5,
    "question": "Who told each number where to go?", "claim": "resnet-50",
    "test": "Why multiply?; Why add?; What changes the dials?",
}  # fmt: skip
BUILT_IN = ("title", "question", "claim", "recap", "test")
_LARGE = re.compile(r"^(\S*\d\S*)\s+(.*)$")
_SAID = {
    "title": "A new chapter. The ring shows which of the four moves it is about.",
    "question": "Take a moment, and answer for yourself.",
    "claim": "This is not our count alone. The source stands below.",
    "lines": "In short, one card at a time.",
    "map": "This is the way, and here is where we are.",
}


class Cards(Clip):
    """Cards: a title, a question, a claim, lines, a map, a recap, a self-test."""

    shapes = SHAPES
    title: Any = None
    subtitle: Any = None
    number: Any = None
    move: Any = "blame"
    question: Any = None
    claim: Any = None
    source: Any = None
    lines: Any = None
    map: Any = None
    stop: Any = None
    test: Any = None
    recap: Any = False

    def prepare(self) -> None:
        """Which cards are shown, and what stands on them; what cannot stand on a card is refused here."""
        given = [k for k in KINDS if getattr(self, k)]
        for owner, extra in (("title", "subtitle"), ("title", "number"), ("claim", "source"), ("map", "stop")):
            if getattr(self, extra) is not None and not getattr(self, owner):
                raise StageError(f"--{extra} belongs to --{owner}, which is not given")
        self.kinds = tuple(given) or BUILT_IN
        texts = {k: getattr(self, k) for k in (*KINDS, "subtitle", "number", "source")}
        self.texts: dict[str, Any] = {k: DEFAULTS.get(k) if not given and not v else v for k, v in texts.items()}
        for kind in ("title", "question"):
            if kind in self.kinds:
                few_words(self.texts[kind])
        self.listed = {k: _parts(self.texts[k], k) for k in ("lines", "map", "test") if k in self.kinds}
        stops = self.listed.get("map", ())
        if self.stop is not None and not 1 <= self.stop <= len(stops):
            raise StageError(f"--stop is {self.stop}, but the map has {len(stops)} stops")
        own: list[tuple[Any, ...]] = []
        if "title" in self.kinds and self.texts["number"] is not None:
            own.append((self.texts["number"], self.texts["title"], "number of the chapter"))
        self.claimed = "claim" in self.kinds and self.texts["claim"] not in TABLE
        if self.claimed:
            text = self.texts["claim"]
            if not self.texts["source"]:
                near = nearest(text, list(TABLE))
                raise StageError(f"the claim '{text}' has no source; add --source, or name one of {', '.join(TABLE)}{near}")
            own.append((text, self.texts["source"]))
        elif "claim" in self.kinds and self.texts["source"]:
            raise StageError(f"the claim {self.texts['claim']} has its own source; leave --source out")
        self.claims = Claims(own)

    def construct(self) -> None:
        """One card after the other."""
        self.ledger.source("claims", self.claims.describe())
        for k, kind in enumerate(self.kinds):
            before = list(self.mobjects)
            self.chapter(kind)
            getattr(self, f"_{kind}")()
            if k < len(self.kinds) - 1:
                new = [m for m in self.mobjects if m not in before]
                self.play(*(FadeOut(m) for m in new), run_time=0.7)
                self.remove(*new)
        self.alt = self.alt or "Cards with " + ", ".join(self.kinds)

    # One card each --------------------------------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        """Whether cards may stand side by side."""
        return self.shape == "wide"

    def _title(self) -> None:
        number = self.claims.quantity("own/0") if self.texts["number"] is not None else None
        card = TitleCard(
            self.look, self.area, self.texts["title"], self.texts["subtitle"] or "", number, self.move, wide=self.wide
        )
        with self.beat(_SAID["title"], title="title", hold=1.2):
            self.perform(card.appear())
            self.poster()
        self.alt = f"A title card: {self.texts['title']}."

    def _question(self) -> None:
        card = QuestionCard(self.look, self.area, self.texts["question"])
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        with self.beat(_SAID["question"], title="question", hold=3.0):
            self.play(card.appear(), FadeIn(badge, scale=0.6))
            self._maybe_poster()

    def _claim(self) -> None:
        card = self._claim_card()
        with self.beat(_SAID["claim"], title="claim", hold=3.0):
            self.perform(card.appear())
            self._maybe_poster()
        self.alt = self.alt or "A claim with its source."

    def _claim_card(self) -> ClaimCard:
        text = self.texts["claim"]
        if not self.claimed:
            claim, model = TABLE[text], next((m for m in PUBLISHED.values() if m.claim == text), None)
            quantity = self.claims.quantity(text)
            decimals = 0 if float(quantity.value).is_integer() else 1
            plain = shown(float(quantity.value), decimals, auto=False)
            large = f"{quantity.value:,.{decimals}f}" if claim.value >= 1e4 else plain
            body = claim.text
            if claim.who:
                body = f"{claim.who}: {claim.text}"
            elif model is not None and body.startswith("billion "):
                large, body = f"{large} billion", body.removeprefix("billion ")
            return ClaimCard(self.look, self.area, large, body, claim.chip, [Printed(quantity, plain, decimals)])
        found = _LARGE.match(text)
        row = len(self.claims.own) - 1
        printed = []
        for k, (written, value) in enumerate(self.claims.numerals(row)):
            decimals = len(written.partition(".")[2])
            printed.append(Printed(self.claims.quantity(f"own/{row}/{k}"), shown(value, decimals, auto=False), decimals))
        large, body = (found[1], found[2]) if found else ("", text)
        unit = re.match(r"^(million|billion|thousand|percent|%)\b\s*(.*)$", body)
        if large and unit:
            large, body = f"{large} {unit[1]}", unit[2]
        return ClaimCard(self.look, self.area, large, body, self.texts["source"], printed)

    def _lines(self) -> None:
        card = CardStrip(self.look, self.area, self.listed["lines"], wide=self.wide)
        with self.beat(_SAID["lines"], title="lines", hold=2.4):
            for k in range(len(card.cards)):
                self.play(card.show(k))
                self.rest(0.4 + 0.28 * len(self.listed["lines"][k].split()))
            self._maybe_poster()

    def _map(self) -> None:
        card = RouteMap(self.look, self.area, self.listed["map"], wide=self.wide)
        with self.beat(_SAID["map"], title="map", hold=2.0):
            self.play(card.appear())
            self.play(card.go((self.stop or 1) - 1))
            self._maybe_poster()

    def _recap(self) -> None:
        radius = min(self.area.width, self.area.height) / 2 / 1.42
        ring = RecapRing(self.look, self.area.center, min(radius, 2.1))
        said = {
            "forward": "First, values run from the inputs to the end.",
            "loss": "Then one number says how wrong that is.",
            "blame": "A sweep back gives every knob its share.",
            "step": "And each of them turns against it.",
        }
        with self.beat("What were the four, in order?", title="recap", hold=1.0):
            self.play(ring.appear())
        for move in MOVES:
            with self.beat(said[move], title=move, hold=0.6):
                self.play(ring.light(move))
        self._maybe_poster()
        with self.beat("Then round again.", title="again", hold=2.2):
            for move in MOVES:
                self.play(ring.light(move, 0.45, word=False))
            self.play(ring.rest())

    def _test(self) -> None:
        questions = self.listed["test"]
        card = CardStrip(self.look, self.area.inset(0.0, 0.3), questions, wide=self.wide)
        many = len(questions) > 1
        badge = QuestionBadge(self.look, self.area.right - 0.4, self.area.top - 0.4)
        for k in range(len(questions)):
            words = "Answer aloud." if not k else "And this one?" if k < len(questions) - 1 else "And the last?"
            with self.beat(words, title="self-test", hold=3.2):
                if not k:
                    self.play(FadeIn(badge, scale=0.6), *([card.slots()] if many else []))
                self.play(*(card.focus(k) if many else [card.show(k)]))
        self._maybe_poster()

    def _maybe_poster(self) -> None:
        if self.poster_time is None:
            self.poster()


def _parts(text: str, kind: str) -> list[str]:
    parts = [p.strip() for p in re.split(r"[;|\n]", text) if p.strip()]
    if not parts:
        raise StageError(f"--{kind} is empty; write its parts with semicolons between them")
    most = 7 if kind == "map" else 6
    if len(parts) > most:
        raise StageError(f"--{kind} has {len(parts)} parts; {most} fit on a frame")
    return [few_words(p) for p in parts]


__all__ = ["Cards"]
