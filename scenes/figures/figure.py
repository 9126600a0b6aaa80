"""What all figures share: a theme, and a record of the parts that are on screen."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sized
from typing import Any, TypeVar

from manim import FadeOut, Mobject, VGroup

from chainreel.engine import Quantity

from ..stage.number import Printable
from ..stage.rounding import shown
from ..stage.theme import Theme
from ..stage.type import Label

Part = TypeVar("Part", bound=Mobject)


class Figure(VGroup):
    """A picture of one engine object. Its submobjects are exactly the parts that its verbs have shown so far.

    Verbs return animations; they never play them, so that a scene decides what moves together.
    """

    def __init__(self, theme: Theme, **kwargs: Any):
        super().__init__(**kwargs)
        self.theme = theme

    @property
    def description(self) -> str:
        """One true sentence for somebody who cannot see it; it is told when the first part of it appears."""
        return ""

    def keep(self, part: Part, z: float | None = None) -> Part:
        """Note a part that is about to appear, and its layer."""
        part.shown_by = weakref.ref(self)
        if z is not None:
            for member in part.get_family():
                member.set_z_index(z)
        self.add(part)
        return part

    def drop(self, *parts: Mobject) -> None:
        """Forget parts that are about to vanish."""
        self.remove(*parts)

    def vanish(self, run_time: float = 0.6) -> FadeOut:
        """Everything that is on screen fades."""
        return FadeOut(self, run_time=run_time)

    # For descriptions -----------------------------------------------------------------------------------------------

    @staticmethod
    def told(value: Quantity | float) -> str:
        """A number of the engine, rounded as on screen."""
        return shown(float(value.value if isinstance(value, Quantity) else value))

    @staticmethod
    def counted(things: Sized | int, word: str) -> str:
        """`1 step`, `4 steps`, `2 boxes`.

        >>> Figure.counted([7], "step"), Figure.counted(4, "step"), Figure.counted(2, "box")
        ('1 step', '4 steps', '2 boxes')
        """
        number = things if isinstance(things, int) else len(things)
        many = word + ("es" if word.endswith("x") else "s")
        return f"{shown(float(number))} {word if number == 1 else many}"

    @staticmethod
    def listed(names: Iterable[object], most: int = 8) -> str:
        """`a, b and c`; of very many only the first.

        >>> Figure.listed("abc"), Figure.listed("a"), Figure.listed("abc", most=2)
        ('a, b and c', 'a', 'a, b and others')
        """
        words = [str(name) for name in names]
        words = [*words[:most], "others"] if len(words) > most else words
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

    @staticmethod
    def wording(mobject: Mobject) -> str:
        """The words and numbers that stand in a mobject, from first to last."""
        lines = [getattr(m, "settled", m.text) for m in mobject.get_family() if isinstance(m, Label | Printable)]
        return " ".join(" ".join(lines).split())

    @staticmethod
    def ended(sentence: str) -> str:
        """With a full stop, unless it ends with a sign of its own.

        >>> Figure.ended("Why?"), Figure.ended("So")
        ('Why?', 'So.')
        """
        return sentence if sentence.endswith((".", "?", "!")) else sentence + "."
