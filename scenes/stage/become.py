"""A part on screen turns into another one, which is there afterwards."""

from __future__ import annotations

from typing import Any

from manim import Mobject, Scene, Transform


class Become(Transform):
    """`part` turns into `other`, which is on screen then. The part itself keeps its form; with `stay` also its place."""

    def __init__(self, part: Mobject, other: Mobject, stay: bool = False, **kwargs: Any):
        self.part, self.other, self.stay = part, other, stay
        flying = part.copy()
        above = max(m.z_index for m in (*part.get_family(), *other.get_family()))
        for member in flying.get_family():
            member.set_z_index(above + 0.5)  # over what grows at the place where it lands
        super().__init__(flying, other, **kwargs)

    def _setup_scene(self, scene: Scene) -> None:
        if not self.stay:
            scene.remove(*self.part.get_family())
        super()._setup_scene(scene)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """The other part takes the place of the one that flew."""
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        scene.add(self.other)


__all__ = ["Become"]
