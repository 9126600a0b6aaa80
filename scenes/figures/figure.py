"""What all figures share: a theme, and a record of the parts that are on screen."""

from __future__ import annotations

from typing import Any, TypeVar

from manim import FadeOut, Mobject, VGroup

from ..stage.theme import Theme

Part = TypeVar("Part", bound=Mobject)


class Figure(VGroup):
    """A picture of one engine object. Its submobjects are exactly the parts that its verbs have shown so far.

    Verbs return animations; they never play them, so that a scene decides what moves together.
    `description` is what somebody is told who cannot see it, when it first appears.
    """

    description: str = ""

    def __init__(self, theme: Theme, **kwargs: Any):
        super().__init__(**kwargs)
        self.theme = theme

    def keep(self, part: Part, z: float | None = None) -> Part:
        """Note a part that is about to appear, and its layer."""
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
