"""The words of a beat: what captions show and what a voice says.

`[∂f/∂x|partial f by partial x]` shows the first and speaks the second; `{slope}` is an engine quantity.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .errors import StageError
from .ledger import Printed
from .names import Name
from .number import fill

SPEAKABLE = re.compile(r"^[A-Za-z0-9 ,.;:!?'\"\-]*$")
_MARKUP = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_UNITS = {"−": "minus ", "·": " times ", "∞": "infinity"}
_POWERS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"


class Words(NamedTuple):
    """The words of a beat as shown and as spoken, with the numbers in them."""

    shown: str
    spoken: str
    printed: tuple[Printed, ...]


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


def words(template: str, **quantities: Any) -> Words:
    """Fill a template and split it into shown and spoken; refuses what no voice can say.

    >>> words("the slope is [∂f|partial f]").spoken
    'the slope is partial f'
    """
    seen = {k: v.shown if isinstance(v, Name) else v for k, v in quantities.items()}
    shown_text, printed = fill(_MARKUP.sub(r"\1", template), seen)
    spoken = {k: v.spoken if isinstance(v, Name) else v for k, v in quantities.items()}
    spoken_text, _ = fill(_MARKUP.sub(r"\2", template), spoken)
    for _, text, _ in printed:
        spoken_text = spoken_text.replace(text, say_number(text), 1) if say_number(text) != text else spoken_text
    if not SPEAKABLE.match(spoken_text):
        bad = next(c for c in spoken_text if not SPEAKABLE.match(c))
        raise StageError(f"no voice can say {bad!r} in {spoken_text!r}; write [shown|spoken words]")
    return Words(shown_text, spoken_text, tuple(printed))
