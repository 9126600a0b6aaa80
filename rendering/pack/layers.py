"""One named part of the pictures alone: everything else is left out, nothing moves from its place.

A part is named as the scene names it (``graph``, ``formula``: an attribute of the scene) or by its kind, the class of the
figure in small letters (``number``, ``dial``, ``wire``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from manim import Mobject, Scene

from ..errors import RenderError
from ..filming import FilmRenderer, Taker


class LayerRenderer(FilmRenderer):
    """Draws only what belongs to one part; without a name, everything."""

    def __init__(self, scene: Scene, taker: Taker, name: str | None = None):
        super().__init__(scene, taker)
        self.name = name

    def save_static_frame_data(self, scene: Scene, static_mobjects: Any) -> None:
        """What stands still, as far as it belongs to the part."""
        super().save_static_frame_data(scene, self._of_part(scene, static_mobjects))

    def update_frame(self, scene: Scene, mobjects: Any = None, *args: Any, **kwargs: Any) -> None:
        """One frame of the part."""
        if self.name is None:
            super().update_frame(scene, mobjects, *args, **kwargs)
            return
        shown = mobjects or [*scene.mobjects, *scene.foreground_mobjects]
        # An empty list would mean "everything" to the renderer.
        super().update_frame(scene, self._of_part(scene, shown) or [Mobject()], *args, **kwargs)

    def _of_part(self, scene: Scene, mobjects: Iterable[Mobject]) -> list[Mobject]:
        tops = list(mobjects)
        if self.name is None:
            return tops
        own = members(getattr(scene, self.name, None)) if not self.name.startswith("_") else set()
        return list(chosen(tops, self.name, own))


def chosen(mobjects: Iterable[Mobject], name: str, own: set[int]) -> Iterator[Mobject]:
    """The highest members of these families that belong to the part."""
    for mobject in mobjects:
        if id(mobject) in own or kind_of(mobject) == name:
            yield mobject
        else:
            yield from chosen(mobject.submobjects, name, own)


def members(value: Any) -> set[int]:
    """The mobjects in an attribute of a scene – one, or a list or dict of them – with all their parts."""
    if isinstance(value, Mobject):
        return {id(part) for part in value.get_family()}
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, (list, tuple)) or type(value).__name__ == "dict_values":
        return set().union(*(members(entry) for entry in value if isinstance(entry, Mobject)))
    return set()


def kind_of(mobject: Mobject) -> str:
    """The class of a mobject as the name of a part.

    >>> from manim import VGroup
    >>> kind_of(VGroup())
    'v-group'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", type(mobject).__name__).lower()


class Seen:
    """A watcher of a scene that notes the names of all parts it has."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, scene: Any) -> None:
        """What is on screen now."""
        shown = {id(part): part for top in scene.mobjects for part in top.get_family()}
        self.names |= {kind_of(part) for part in shown.values() if not type(part).__module__.startswith("manim.")}
        for name, value in vars(scene).items():
            if not name.startswith("_") and not name.endswith("mobjects") and members(value) & shown.keys():
                self.names.add(name)


def check(wanted: Iterable[str], names: set[str]) -> None:
    """Refuse a part that the film does not have."""
    from chainreel.scenes.stage.parameters import nearest

    for name in wanted:
        if name not in names:
            known = sorted(names)
            raise RenderError(f"the film has no part '{name}'{nearest(name, known)} (its parts: {', '.join(known)})")
