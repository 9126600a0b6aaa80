"""What lint says: the rules by name, and a breach of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Box = tuple[float, float, float, float]  # left, bottom, right, top in frame units


class Rule(NamedTuple):
    """A rule: its number among the teaching rules, and what it asks for."""

    number: str
    asks: str


RULES: dict[str, Rule] = {
    "new things": Rule("R4", "a beat brings at most two new things: kinds, letters, terms, colours"),
    "time to read": Rule("R5", "a formula in letters stays for six seconds, a symbol three before it is used"),
    "hold": Rule("R8", "nothing moves for three seconds after the main result"),
    "role colour": Rule("R10", "role colours are exact, and there are no others"),
    "second code": Rule("R11", "colour is never the only difference between two marks"),
    "colour distance": Rule("R12", "role colours stay apart for colour-blind viewers"),
    "contrast": Rule("R13", "text reaches 4.5:1 on what is really behind it, large text 3:1"),
    "covered": Rule("R13", "no text lies under something else"),
    "size": Rule("R14", "no text is smaller than its floor"),
    "index size": Rule("R14", "digits of an index are at least 9 px high at 480 lines"),
    "density": Rule("R15", "at most 12 words (20 on cards) and 7 texts at once, no paragraph"),
    "empty space": Rule("R15", "at least 15 % of the frame is empty"),
    "echo": Rule("R16", "at most 40 % of the words that are said are printed"),
    "typed number": Rule("R18", "every number has a source"),
    "decimals": Rule("R19", "a quantity has one number of decimals"),
    "arithmetic": Rule("R20", "shown arithmetic closes"),
    "moving groups": Rule("R22", "while somebody speaks, two groups move at once; four in silence"),
    "pace": Rule("R23", "moves take 0.6 to 2.5 s and ease in and out; nothing is quicker than 0.3 s"),
    "continuity": Rule("R24", "beats share objects; nothing is cut"),
    "focus": Rule("R25", "one emphasis at a time; what is dimmed is dimmed to 35 to 45 %"),
    "near its object": Rule("R26", "a label sits within 5 % of the frame's width at its object"),
    "direction": Rule("R27", "forward runs right, blame runs left; dials left, loss right"),
    "algorithm": Rule("R28", "the motion is the algorithm's: plain descent hops, chips keep to wires"),
    "flash": Rule("R38", "at most three flashes a second, none of a saturated red"),
    "dead frame": Rule("R40", "a frame stands still for at most 8 s, unless a question is open"),
    "every size": Rule("R42", "the same picture at 480 and at 1080 lines"),
    "safe area": Rule("§10", "nothing in the margins or in the place of the captions"),
    "overlap": Rule("§10", "no text over another"),
}

# What only a film with words can break.
SPEECH: dict[str, Rule] = {
    "speech rate": Rule("R1", "135 to 165 words a minute while speaking"),
    "spoken share": Rule("R2", "65 to 82 % of a chapter is spoken"),
    "length": Rule("R3", "a chapter takes six minutes at most"),
    "word and picture": Rule("R6", "a word comes 0.2 s before to 0.8 s after the picture that it names"),
    "case first": Rule("R7", "the case comes before its formula"),
    "holds": Rule("R8", "after a result nothing moves and nobody speaks for 2 s, once for 3 s"),
    "predict first": Rule("R9", "the viewer has 2 to 4 s to predict"),
    "captions": Rule("R17", "captions can be read in time"),
    "source chip": Rule("R21", "a source stands for 3 s when it is first shown"),
    "blame and step": Rule("R29", "blame is found, the step turns"),
    "terms": Rule("R31", "a term is said when it has been shown; three new ones a minute at most"),
    "sentences": Rule("R32", "sentences have 14 words in the mean, 24 at most"),
    "nudge check": Rule("R34", "a film checks a slope by nudging"),
    "recap": Rule("R36", "what the recap recalls has been there before"),
    "dead air": Rule("R40", "nobody is silent for more than 6 s, unless a question is open"),
    "timestamps": Rule("R41", "chapters begin within 1.5 s of the plan; the film's length is right to 2 %"),
}


@dataclass(frozen=True)
class Finding:
    """One breach: which rule, in which beat, when (seconds), and what is wrong; `where` is its box in frame units."""

    rule: str
    beat: int
    time: float
    message: str
    where: Box | None = None
    name: str = ""

    @property
    def number(self) -> str:
        """The rule's number among the teaching rules."""
        return (RULES | SPEECH)[self.rule].number
