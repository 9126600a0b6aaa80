"""A shot: which scene class, with which parameters – in words, so that another process can make it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import RenderError

CLIPS = "chainreel.scenes.clips"


@dataclass(frozen=True)
class Shot:
    """``place`` is a module's name or the path of a Python file, ``name`` the class in it."""

    place: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, scene_class: type) -> Shot:
        """The shot of a live class, for calls from Python."""
        return cls(scene_class.__module__, scene_class.__qualname__, {"__class__": scene_class})

    @classmethod
    def clip(cls, name: str, parameters: dict[str, Any]) -> Shot:
        """A clip of the catalogue: ``backward`` is the class ``Backward``."""
        return cls(
            CLIPS, "".join(part.capitalize() for part in name.replace("_", "-").split("-")), parameters
        )

    @property
    def is_live(self) -> bool:
        """Whether it holds a class that other processes may not find."""
        return "__class__" in self.parameters

    def load(self) -> type:
        """The class, configured. Raises what the clip says about its parameters."""
        if self.is_live:
            return self.parameters["__class__"]
        module = (
            load_file(Path(self.place)) if self.place.endswith(".py") else importlib.import_module(self.place)
        )
        scene_class = getattr(module, self.name)
        return scene_class.configured(**self.parameters) if self.parameters else scene_class


def load_file(path: Path) -> ModuleType:
    """A user's Python file as a module; its folder can be imported from, as when Python runs it."""
    path = path.resolve()
    if not path.is_file():
        raise RenderError(f"there is no file {path}")
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RenderError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SystemExit:
        del sys.modules[name]
        raise RenderError(
            f"{path.name} ends Python when it is read (SystemExit); keep that under if __name__ == '__main__'"
        ) from None
    except BaseException:
        del sys.modules[name]
        raise
    return module


def scene_of_file(path: Path, wanted: str | None = None) -> Shot:
    """The scene class of a user's file: the one named, or the only one that the file itself defines."""
    from manim import Scene

    module = load_file(path)
    scenes = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Scene) and value.__module__ == module.__name__
    }
    if wanted is not None:
        if wanted not in scenes:
            there = f"it has {', '.join(scenes)}" if scenes else "it has none"
            raise RenderError(f"{path} has no scene class '{wanted}'; {there}")
        return Shot(str(path), wanted)
    if not scenes:
        raise RenderError(
            f"{path} defines no scene; subclass a clip, such as: class Mine(chainreel.scenes.clips.Backward)"
        )
    if len(scenes) > 1:
        raise RenderError(f"{path} has several scenes; name one of {', '.join(scenes)} after the file")
    return Shot(str(path), next(iter(scenes)))
