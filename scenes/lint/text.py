"""Rules about texts: where they stand, how large, how many, how well they can be read."""

from __future__ import annotations

import re
from typing import Any

from manim import config

from ..stage.area import CAPTIONS, MARGIN
from ..stage.digits import lowest_digit
from ..stage.formula import FLOOR as FORMULA_FLOOR
from ..stage.formula import Formula
from ..stage.number import Number
from ..stage.parts import Chip
from ..stage.table import LitNumber
from ..stage.theme import contrast
from ..stage.type import FLOOR as WORD_FLOOR
from ..stage.vision import ROLES
from .exceptions import excepted
from .sight import Moment, Seen, distance, extent, overlap, scale_of

NUMBER_FLOOR = 28  # (R14)
PLATE_FLOOR = 26  # for the kinds of number that `exceptions` names: digits of 15.8 px at 480 lines
TOUCH = 0.03  # overlap in frame units that is still only kerning
MOST_WORDS, MOST_ON_CARDS, MOST_TEXTS = 12, 20, 7  # (R15)
MOST_ECHO, KEY_TERMS = 0.4, 2  # of a sentence's words; words of meaning that may be printed whatever their share (R16)
REACH = 0.05  # of the frame's width (R26)
LISTENING = 0.2  # seconds before which a sentence counts as begun
LARGE = 36  # from this size on text is large, as WCAG has it
LINE = 3.0  # contrast of lines that matter (R13)


class TextRule:
    """A rule that looks at every settled moment."""

    def __init__(self, lint: Any):
        self.lint = lint

    def tell(self, rule: str, message: str, seen: Seen | None, moment: Moment, **more: Any) -> None:
        """Enter a breach of a text."""
        self.lint.tell(rule, message, seen.box if seen else None, seen.says if seen else "", moment, **more)


class SafeArea(TextRule):
    """Nothing in the 6 % margin, nothing in the place of the captions."""

    def settled(self, moment: Moment) -> None:
        """Every text is inside."""
        w, h = config.frame_width, config.frame_height
        right, top, bottom = w / 2 * (1 - 2 * MARGIN), h / 2 * (1 - 2 * MARGIN), -h / 2 + CAPTIONS * h
        slack = 0.02
        for seen in moment.texts:
            x0, y0, x1, y1 = seen.box
            if x0 < -right - slack or x1 > right + slack or y1 > top + slack:
                self.tell("safe area", f"'{seen.says}' reaches into the 6 % margin", seen, moment)
            if y0 < bottom - slack:
                self.tell("safe area", f"'{seen.says}' reaches into the place of the captions", seen, moment)


class Overlap(TextRule):
    """No text over another, at rest or for longer than a passing moment."""

    def __init__(self, lint: Any):
        super().__init__(lint)
        self._passing: dict[tuple[int, int], tuple[float, int]] = {}

    def settled(self, moment: Moment) -> None:
        """At rest none may touch."""
        self._passing.clear()
        for a, b in pairs(moment.texts, TOUCH):
            self.tell("overlap", f"'{a.says}' and '{b.says}' overlap", a, moment)

    def moving(self, moment: Moment, play: Any) -> None:
        """In flight they may pass; but not lie on each other, both opaque, for 0.4 s.

        A number on a chip of its own hides what it passes over and stays legible itself: it may take a second.
        """
        now: dict[tuple[int, int], tuple[float, int]] = {}
        for a, b in pairs([t for t in moment.texts if t.opacity > 0.7], 0.06):
            dx, dy = overlap(a.box, b.box)
            smaller = min((t.box[2] - t.box[0]) * (t.box[3] - t.box[1]) for t in (a, b))
            if dx * dy < 0.25 * smaller or a.says == b.says:
                continue
            key = (id(a.mobject), id(b.mobject))
            since, count = self._passing.get(key, (moment.time, 0))
            now[key] = (since, count + 1)
            limit = 1.0 if carried(a, b) or carried(b, a) else 0.4
            if count >= 1 and moment.time - since >= limit - 1e-6:
                self.tell("overlap", f"'{a.says}' and '{b.says}' lie on each other while they move", a, moment)
        self._passing = now


def carried(upper: Seen, lower: Seen) -> bool:
    """Whether a text rides on a chip over another one."""
    return any(isinstance(o, Chip) for o in upper.owners) and upper.mobject.z_index >= lower.mobject.z_index


def pairs(texts: list[Seen], touch: float) -> list[tuple[Seen, Seen]]:
    """Texts whose boxes reach into each other by more than `touch`."""
    found = []
    order = sorted(texts, key=lambda t: t.box[0])
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            if b.box[0] > a.box[2]:
                break
            dx, dy = overlap(a.box, b.box)
            if dx > touch and dy > touch:
                found.append((a, b))
    return found


class Size(TextRule):
    """No text smaller than its floor."""

    def settled(self, moment: Moment) -> None:
        """Size as it was set, times how much it was scaled since."""
        for seen in moment.texts:
            m = seen.mobject
            size = float(m.font_size) * scale_of(m)
            self.lint.gauge("size", size, least=True)
            floor = FORMULA_FLOOR if isinstance(m, Formula) else WORD_FLOOR
            if isinstance(m, Number | LitNumber):
                floor = PLATE_FLOOR if excepted("size", seen) else NUMBER_FLOOR
            if getattr(m, "tick", False):
                floor = WORD_FLOOR
            if size < floor * 0.985:
                message = f"'{seen.says}' is shown at size {size:.0f}; the floor is {floor}"
                self.tell("size", message, seen, moment)


class IndexSize(TextRule):
    """Digits in a formula, indices and powers too, are at least 9 px high at 480 lines."""

    def settled(self, moment: Moment) -> None:
        """Only digits are measured: a point or a minus is small by nature."""
        line = 480 / min(config.frame_width * 9 / 16, config.frame_height) if config.frame_width > config.frame_height else 60.0
        for seen in moment.texts:
            if not isinstance(seen.mobject, Formula):
                continue
            lowest = lowest_digit(seen.mobject) or 99.0
            self.lint.gauge("index size", lowest * line, least=True)
            if lowest * line < 9 - 0.15:
                message = f"a digit in '{seen.says}' is {lowest * line:.1f} px high at 480 lines; the floor is 9"
                self.tell("index size", message, seen, moment)


class Contrast(TextRule):
    """Text against the ground that it says it stands on. (`frames` measures what is really behind it.)"""

    def settled(self, moment: Moment) -> None:
        """Dimmed text is dimmed on purpose, or still fading in."""
        look = moment.stage.look
        for seen in moment.texts:
            if seen.opacity < 0.95:
                continue
            text = seen.mobject
            parts = text.submobjects if isinstance(text, Formula | LitNumber) else [text]
            for part in parts:
                if not len(part.points) or part.get_fill_opacity() <= 0:
                    continue
                colour = part.get_fill_color().to_hex()
                ground = look.slope if colour.upper() == look.on_slope.upper() else getattr(text, "ground", look.ground)
                floor = 3.0 if float(text.font_size) >= LARGE and not isinstance(text, Formula) else 4.5
                self.lint.gauge("contrast", contrast(colour, ground) * 4.5 / floor, least=True)
                if contrast(colour, ground) < floor - 0.05:
                    ratio = contrast(colour, ground)
                    message = f"'{seen.says}' has contrast {ratio:.1f}:1; {floor:g} is the floor"
                    self.tell("contrast", message, seen, moment)
                    break

    def finish(self, moment: Moment) -> None:
        """Lines that matter are drawn in ink or in the colour of a role."""
        look = moment.stage.look
        for role in ("ink", *ROLES):
            ratio = contrast(look.role(role), look.ground)
            if ratio < LINE - 0.05:
                message = f"lines in the colour of {role} have contrast {ratio:.1f}:1; {LINE:g} is the floor"
                self.tell("contrast", message, None, moment)


class Density(TextRule):
    """Few words, few texts, no paragraph."""

    def settled(self, moment: Moment) -> None:
        """What is read, not looked up."""
        read = [t for t in moment.texts if t.opacity > 0.5 and not excepted("density", t)]
        prose = [t for t in read if not isinstance(t.mobject, Formula)]
        cards = [t for t in prose if t.on_card]
        free = [t for t in prose if not t.on_card]
        words, texts = sum(len(t.says.split()) for t in free), len(read) - len(cards)
        self.lint.gauge("words", words)
        self.lint.gauge("texts", texts)
        if words > MOST_WORDS:
            said = "; ".join(t.says for t in free)
            message = f"{words} words stand on the screen at once, {MOST_WORDS} is the most: {said}"
            self.tell("density", message, free[0], moment, once=f"words in beat {moment.beat}")
        on_cards = sum(len(t.says.split()) for t in cards)
        if on_cards + words > max(MOST_ON_CARDS, words):
            message = f"{on_cards + words} words stand on the screen at once, {MOST_ON_CARDS} is the most, cards included"
            self.tell("density", message, cards[0], moment, once=f"cards in beat {moment.beat}")
        if texts > MOST_TEXTS:
            message = f"{texts} texts stand on the screen at once, {MOST_TEXTS} is the most"
            self.tell("density", message, free[0] if free else None, moment, once=f"texts in beat {moment.beat}")
        for block in paragraphs(free):
            message = f"a paragraph of {len(block)} lines begins with '{block[0].says}'"
            self.tell("density", message, block[0], moment)


def paragraphs(texts: list[Seen]) -> list[list[Seen]]:
    """Three lines of prose or more, one under the other at the same left edge."""
    found = []
    lines = sorted((t for t in texts if len(t.says.split()) >= 4), key=lambda t: (round(t.box[0], 1), -t.box[3]))
    block: list[Seen] = []
    for text in lines:
        if block and abs(text.box[0] - block[-1].box[0]) < 0.1 and 0 < block[-1].box[1] - text.box[1] < 0.6:
            block.append(text)
        else:
            block = [text]
        if len(block) == 3:
            found.append(block)
    return found


class Echo(TextRule):
    """What is said is not printed as well: at most 40 % of a sentence's words stand on screen.

    In a film the sentence that is being said counts; in a clip, mostly silent, all of the beat's. Both all of its words and
    those that carry meaning are counted; one or two of the latter are key terms.
    """

    def settled(self, moment: Moment) -> None:
        """Names and numbers do not count: they are what the sentence points at."""
        shown = {w for t in moment.texts if t.is_prose and t.opacity > 0.5 for w in all_words(t.says) if w.isalpha()}
        for sentence in self._sentences(moment):
            every, said = all_words(sentence), content_words(sentence)
            both = [w for w in said if w in shown]
            if len(both) > KEY_TERMS:
                self.lint.gauge("echo", len(both) / len(said))
            echoed = sum(w in shown for w in every)
            if len(both) > KEY_TERMS and (len(both) > MOST_ECHO * len(said) or echoed > MOST_ECHO * len(every)):
                message = f"{len(both)} of {len(said)} words of '{sentence}' are printed on screen"
                self.tell("echo", message, None, moment, once=sentence)

    def _sentences(self, moment: Moment) -> list[str]:
        beat = moment.stage.beats[-1] if moment.stage.beats else None
        if not self.lint.film or beat is None or not beat.times:
            return re.split(r"(?<=[.?!])\s+", moment.words)
        now: list[list[str]] = [[]]
        for word, start, _ in beat.times:
            if start > moment.time + LISTENING:
                break
            if now[-1] and now[-1][-1][-1] in ".?!":
                now.append([])
            now[-1].append(word)
        begun, whole = len(now) - 1, re.split(r"(?<=[.?!])\s+", moment.words)
        over = moment.time > beat.times[-1].end
        return [] if over else whole[begun : begun + 1]


_LITTLE = frozenset(
    "a an the of to in on at by for and or but is are was it its this that we you as with from so if then not no be".split()
)


def all_words(text: str) -> list[str]:
    """Every word and number, as often as it comes."""
    return re.findall(r"[^\W_]+(?:[.,']\w+)*", text.lower())


def content_words(text: str) -> list[str]:
    """The words that carry meaning, once each."""
    return [w for w in dict.fromkeys(re.findall(r"[^\W\d_]{2,}", text.lower())) if w not in _LITTLE]


class Nearness(TextRule):
    """A label sits at its object: within 5 % of the frame's width something else is drawn."""

    def settled(self, moment: Moment) -> None:
        """Texts of one line or block count together: the last of them must reach the object."""
        reach = REACH * config.frame_width
        labels = [t for t in moment.texts if t.is_prose and t.opacity > 0.6]
        if not labels:
            return
        boxes = [box for shape in moment.shapes for box in [extent(shape)] if box is not None]
        boxes += [t.box for t in moment.texts if not t.is_prose]
        for seen in labels:
            if excepted("near its object", seen):
                continue
            gap = min((distance(seen.box, box) for box in boxes), default=reach)
            self.lint.gauge("label gap", gap / config.frame_width)
            if gap > reach + 1e-6:
                self.tell("near its object", f"'{seen.says}' stands away from everything", seen, moment)


