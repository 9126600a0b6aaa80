"""The words of a beat: what captions show, what a voice says, and when each word is said.

`[∂f/∂x|partial f by partial x]` shows the first and speaks the second; `{slope}` is an engine quantity.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .errors import StageError
from .ledger import Printed
from .names import Name
from .number import fill

SPEAKABLE = re.compile(r"^[A-Za-z0-9 ,.;:!?'\"\-]*$")
_PARTS = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]|\{(\w+)\}")
_UNITS = {"−": "minus ", "·": " times ", "∞": "infinity"}
_POWERS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_PAUSES = {",": 4, ";": 5, ":": 5, ".": 9, "?": 9, "!": 9}  # how many letters a pause is as long as


class Token(NamedTuple):
    """A word as captions show it, and the words (mostly one) that are said for it."""

    shown: str
    spoken: str


class Words(NamedTuple):
    """The words of a beat as shown and as spoken, with the numbers in them, and the same word by word."""

    shown: str
    spoken: str
    printed: tuple[Printed, ...]
    tokens: tuple[Token, ...]


class Timed(NamedTuple):
    """A shown word and when it is said, in seconds."""

    word: str
    start: float
    end: float


def say_number(text: str) -> str:
    """A printed number in words that a voice can say.

    >>> say_number("−0.75"), say_number("1.23·10⁶")
    ('minus 0.75', '1.23 times 10 to the 6')
    """
    text = re.sub(f"[{_POWERS}]+", lambda m: " to the " + m[0].translate(_BACK), text)
    for sign, words in _UNITS.items():
        text = text.replace(sign, words)
    return re.sub(r" +", " ", text.replace("-", "minus ")).strip()


_BACK = str.maketrans(_POWERS, "-0123456789")


def words(template: str, decimals: Mapping[str, int] | None = None, **quantities: Any) -> Words:
    """Fill a template, word by word shown and spoken; refuses what no voice can say. `decimals` by a quantity's name.

    >>> words("the slope is [∂f|partial f]").spoken
    'the slope is partial f'
    """
    printed: list[Printed] = []
    tokens: list[Token] = []
    glue = False  # whether the next piece belongs to the word before it

    def add(shown: str, spoken: str) -> None:
        nonlocal glue
        if glue and tokens:
            tokens[-1] = Token(tokens[-1].shown + shown, tokens[-1].spoken + spoken)
        else:
            tokens.append(Token(shown, spoken))
        glue = True

    for shown, spoken, plain in _pieces(template, quantities, printed, decimals or {}):
        if not plain:
            add(shown, spoken)
            continue
        for piece in re.findall(r"\s+|\S+", shown):
            if piece.isspace():
                glue = False
            else:
                add(piece, piece)
    if len(tokens) > 1:  # a mark that stands alone is no word
        tokens = _joined(tokens)
    said = Words(
        " ".join(t.shown for t in tokens), " ".join(t.spoken for t in tokens if t.spoken), tuple(printed), tuple(tokens)
    )
    if not SPEAKABLE.match(said.spoken):
        bad = next(c for c in said.spoken if not SPEAKABLE.match(c))
        raise StageError(f"no voice can say {bad!r} in {said.spoken!r}; write [shown|spoken words]")
    return said


def _pieces(
    template: str, quantities: dict[str, Any], printed: list[Printed], decimals: Mapping[str, int]
) -> Iterator[tuple[str, str, bool]]:
    """Shown and spoken piece by piece; `plain` ones are text in which blanks part words."""
    at = 0
    for match in _PARTS.finditer(template):
        if match.start() > at:
            text, _ = fill(template[at : match.start()], {})
            yield text, text, True
        at = match.end()
        if match[3] is None:
            sides = []
            for side, form in ((match[1], "shown"), (match[2], "spoken")):
                known = {k: getattr(v, form) if isinstance(v, Name) else v for k, v in quantities.items()}
                text, entries = fill(side, known)
                if form == "shown":
                    printed.extend(entries)
                else:
                    for entry in entries:
                        text = text.replace(entry.text, say_number(entry.text), 1)
                sides.append(text)
            yield sides[0], sides[1], False
            continue
        value = quantities.get(match[3])
        if isinstance(value, Name):
            yield value.shown, value.spoken, False
        elif isinstance(value, str):
            yield value, value, True
        else:
            text, entries = fill(match[0], quantities, decimals.get(match[3]))
            printed.extend(entries)
            yield text, say_number(text), False
    if at < len(template):
        text, _ = fill(template[at:], {})
        yield text, text, True


def _joined(tokens: list[Token]) -> list[Token]:
    """Tokens without sound (a dash) belong to the word before them."""
    joined: list[Token] = []
    for token in tokens:
        if joined and not re.search(r"\w", token.spoken):
            joined[-1] = Token(f"{joined[-1].shown} {token.shown}", f"{joined[-1].spoken} {token.spoken}".strip())
        else:
            joined.append(token)
    return joined


def timed(
    tokens: Sequence[Token], duration: float, heard: Sequence[tuple[int, float, float]] | None = None
) -> tuple[Timed, ...]:
    """When each word is said, in seconds from the first.

    `heard` has (offset in the spoken text, start, end) as a voice gives them, not always for every word; what it leaves
    open is shared by letters, as all is where it is None.

    >>> timed([Token("a", "a"), Token("slope", "slope")], 0.6)
    (Timed(word='a', start=0.0, end=0.1), Timed(word='slope', start=0.1, end=0.6))
    """
    if not tokens:
        return ()
    begins: list[int] = []
    offset = 0
    for token in tokens:
        begins.append(offset)
        offset += len(token.spoken) + (1 if token.spoken else 0)
    known: dict[int, float] = {0: 0.0}
    for offset, start, _ in sorted(heard or ()):
        index = bisect_right(begins, offset) - 1
        if index not in known or index == 0:
            known[index] = start
    marks = sorted(known.items())
    result: list[Timed] = []
    for (first, start), (beyond, stop) in zip(marks, [*marks[1:], (len(tokens), duration)], strict=True):
        stop = max(start, stop)
        sizes = [_size(token.spoken) for token in tokens[first:beyond]]
        at, whole = start, sum(sizes)
        for token, size in zip(tokens[first:beyond], sizes, strict=True):
            end = at + (stop - start) * size / whole
            result.append(Timed(token.shown, round(at, 4), round(end, 4)))
            at = end
    return tuple(result)


def _size(spoken: str) -> float:
    return max(1, sum(1 for c in spoken if c.isalnum()) + (_PAUSES.get(spoken[-1:], 0)))


def find(tokens: Sequence[Token], phrase: str, nth: int = 1) -> int:
    """The index of the word at which a phrase begins, the nth time that it is said.

    >>> find(words("the slope, then the step").tokens, "then the")
    2
    """
    wanted = [_bare(word) for word in phrase.split()]
    there = [_bare(token.shown) for token in tokens]
    hits = [i for i in range(len(there) - len(wanted) + 1) if there[i : i + len(wanted)] == wanted]
    if len(hits) < nth or not wanted:
        times = "" if nth == 1 else f" {nth} times"
        raise StageError(f"'{phrase}' is not said{times} in “{' '.join(t.shown for t in tokens)}”")
    return hits[nth - 1]


def _bare(word: str) -> str:
    return re.sub(r"^\W+|\W+$", "", word).casefold() or word
