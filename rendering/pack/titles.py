"""Titles of slides: short, in sentence case, none like another.

A film's beats have titles for those who make it ("predict", "q"), and some have none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from ..arguments import CLIPS
from .naming import written

LONGEST = 60  # letters: about a line of an outline
HEAD = 20  # letters of a chapter that may stand before a title
CLAUSE = 12  # letters that a clause needs to say something
GUESS = ("predict", "guess", "question", "?")  # beats called so are called by their question
WHOLE = ("title", "title card", "intro")  # beats called so show what the film is about
LINKS = ("now", "so", "then", "and", "but", "here")


def titled(
    title: str, words: str, film: str = "", chapter: str | None = None, names: Collection[str] = (), number: int = 1
) -> str:
    """The title of a beat's slide: its own, or the question it asks, or how its words begin, or its place in its chapter.

    ``names`` are names of values ("p"), which are not written large and say nothing alone; ``number`` counts in the chapter.

    >>> titled("the gradient", "Every slope."), titled("predict", "Look. Which one wins?"), titled("title", "This.", "Chains")
    ('The gradient', 'Which one wins?', 'Chains')
    >>> titled("q", "Then q is 1.", chapter="Forward", names=["q"]), titled("", "Now zoom in: it is a product.")
    ('Forward: q', 'Zoom in: it is a product')
    """
    title, words = " ".join(title.split()), " ".join(words.split())
    if title and title != words:
        if title.lower() in GUESS:
            return question(words) or sentence_case(title)
        if title.lower() in WHOLE and (chapter or film):
            return sentence_case(chapter or film)
        if re.split(r"\W", title)[0] in names:
            return within(chapter, title)
        return sentence_case(title)
    place = sentence_case(chapter or film)
    return beginning(words) or (f"{place}, part {number}" if place else f"Part {number}")


def film_title(title: str) -> str:
    """A film's title as people write it: signs of mathematics instead of a program's, no name of a command for `explain`.

    >>> film_title("explain: sin(x*y) + x**2"), film_title("secant: x**3"), film_title("Who is to blame?")
    ('sin(x·y) + x²', 'Secant: x³', 'Who is to blame?')
    """
    head, colon, rest = title.partition(": ")
    if not colon or head not in CLIPS:
        return title
    return written(rest) if head == "explain" else f"{sentence_case(head)}: {written(rest)}"


def question(words: str) -> str:
    """The last question among some words; "" where there is none."""
    asked = [sentence for sentence in sentences(words) if sentence.endswith("?")]
    return asked[-1] if asked else ""


def beginning(words: str) -> str:
    """The first sentence where it is short, else what it says before its first stop; "" where that is too long too.

    >>> beginning("The price is one run forward and one back; nudging costs thirteen runs more.")
    'The price is one run forward and one back'
    >>> beginning("Does a sum cut blame like a pie? No, each branch gets it whole.")
    'Does a sum cut blame like a pie?'
    """
    if not words:
        return ""
    first = sentences(words)[0].rstrip(".")
    if len(first) > LONGEST:
        first = re.split(r"[:;]\s|\s–\s", first, maxsplit=1)[0]
    if len(first) > LONGEST:
        first = re.split(r",\s", first, maxsplit=1)[0]
    head, _, rest = first.partition(" ")
    if head.lower().rstrip(",") in LINKS and len(rest) >= CLAUSE:
        first = rest
    return sentence_case(first) if len(first) <= LONGEST else ""


def sentences(text: str) -> list[str]:
    """The sentences of a text.

    >>> sentences("It is 0.5 long. Why?")
    ['It is 0.5 long.', 'Why?']
    """
    return re.split(r"(?<=[.!?])\s+", text.strip())


def sentence_case(text: str) -> str:
    """A title with a capital at its beginning, if it begins with a word.

    >>> sentence_case("the check"), sentence_case("x squared"), sentence_case("sin(x*y)"), sentence_case("a nudge")
    ('The check', 'x squared', 'sin(x*y)', 'A nudge')
    """
    head = text.partition(" ")[0]
    is_word = head.rstrip(",.:;?!").isalpha() and (len(head) > 1 or head == "a")
    return text[:1].upper() + text[1:] if is_word else text


def within(chapter: str | None, title: str) -> str:
    """A title with the chapter that it belongs to, as far as that says it in a few words.

    >>> within("gradient descent: actually learning", "one step")
    'Gradient descent: one step'
    """
    head = sentence_case(chapter.split(":")[0]) if chapter else ""
    return f"{head}: {title}" if 0 < len(head) <= HEAD else title


def told_apart(titles: Sequence[str], chapters: Sequence[str | None] = ()) -> list[str]:
    """Titles, none like another: who listens finds a slide by its title. What is alike gets its chapter, then a number.

    >>> told_apart(["Nearer", "Again", "Nearer"])
    ['Nearer', 'Again', 'Nearer (2)']
    >>> told_apart(["The result", "The V", "The result"], ["forward", "check", "descent"])
    ['Forward: the result', 'The V', 'Descent: the result']
    """
    count = Counter(titles)
    wider = [
        within(chapter, f"{title[:1].lower()}{title[1:]}") if count[title] > 1 and len(set(chapters)) > 1 else title
        for title, chapter in zip(titles, chapters or [None] * len(titles), strict=True)
    ]
    wider = [title if new == f"{title[:1].lower()}{title[1:]}" else new for title, new in zip(titles, wider, strict=True)]
    result: list[str] = []
    for number, title in enumerate(wider):
        before = wider[:number].count(title)
        result.append(f"{title} ({before + 1})" if before else title)
    return result
