"""From a call in a notebook to a film: the clip's own parameters, the point, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chainreel.rendering.errors import RenderError
from chainreel.rendering.settings import Settings, parse_size, resolve

from .bar import progress
from .refusal import refusing
from .shown import Shown

HOW = ("quality", "fps", "size", "theme", "seed", "narrate", "voice", "workers", "cache", "output", "embed")


def clip(name: str, function: Any = None, /, **said: Any) -> Shown:
    """A clip by its name: ``show.clip("error-curve", "x**3", x=1)``. ``show.error_curve("x**3", x=1)`` is the same."""
    with refusing():
        from chainreel.rendering.arguments import clip_named

        spec = clip_named(name)
        how = {word: said.pop(word) for word in HOW if word in said}
        parameters = _parameters(spec, function, said)
        title, asked = title_of(spec.name, parameters), asked_of(spec.name, parameters)
        return _film(shot_of(spec, parameters), title, asked, how, name == "explain")


def scene(scene_class: type, /, **how: Any) -> Shown:
    """A scene class, of a cell or a module: a clip's subclass or any scene of manim's."""
    with refusing():
        from manim import Scene

        from chainreel.rendering.shots import Shot

        if not (isinstance(scene_class, type) and issubclass(scene_class, Scene)):
            raise RenderError("show.scene takes the class of a scene, such as show.scene(MyScene), without brackets after it")
        _only_how("show.scene", how)
        return _film(Shot.of(scene_class), scene_class.__name__, {"scene": scene_class.__name__}, how)


def film(name: str, /, chapter: Any = None, **how: Any) -> Shown:
    """A film by its name, or a folder with a film.toml; ``chapter`` by number or name, several as "1,3"."""
    with refusing():
        from chainreel.rendering.films import chapters_named, film_of, parts_of

        _only_how("show.film", how)
        spec = film_of(str(name))
        chapters = chapters_named(spec, None if chapter is None else str(chapter))
        asked = {"command": "film", "film": spec.slug, "chapters": [c.slug for c in chapters]}
        return _film(parts_of(spec, chapters), spec.title, asked, how, True)


def video(path: str | Path, /, embed: bool = True) -> Shown:
    """A film that was made before, with the captions beside it."""
    with refusing():
        from chainreel.rendering.manifest import read

        file = Path(path).expanduser()
        if not file.is_file():
            raise RenderError(f"there is no file {path}")
        if file.suffix not in (".mp4", ".webm", ".mov"):
            raise RenderError(f"show.video takes an .mp4, .webm or .mov, not {file.name}")
        manifest = read(file) if file.with_suffix(".json").is_file() else {"title": file.stem}
        beside = [file.with_suffix(suffix) for suffix in (".json", ".png", ".txt", ".srt", ".vtt")]
        return Shown((file, *(entry for entry in beside if entry.is_file())), manifest, embed)


def _parameters(spec: Any, function: Any, said: dict[str, Any]) -> dict[str, Any]:
    """What was said, by the clip's parameters; numbers by other names are the point."""
    names = {parameter.name: parameter for parameter in spec.parameters}
    if function is not None:
        if "function" not in names:
            raise RenderError(f"the clip '{spec.name}' takes no function; it takes {', '.join(names)}")
        if isinstance(function, str) and not function.strip():
            raise RenderError('the function is empty; write it as text, such as "sin(x*y) + x**2"')
        said = {"function": function, **said}
    point = {name: value for name, value in said.items() if name not in names}
    parameters = {name: parameter.coerce(said[name]) for name, parameter in names.items() if said.get(name) is not None}
    if not point:
        return parameters
    place = next((name for name in ("at", "start") if name in names and names[name].kind == "point"), None)
    known = ", ".join([*names, *HOW])
    if place is None:
        raise RenderError(f"the clip '{spec.name}' does not take {', '.join(point)}; it takes {known}")
    for name, value in point.items():
        if isinstance(value, (str, bool, Mapping)) or not hasattr(value, "__float__"):
            raise RenderError(f"{name}={value!r} is neither a number nor a parameter of '{spec.name}', which takes {known}")
    whole = {**parameters.get(place, {}), **{name: float(value) for name, value in point.items()}}
    return {**parameters, place: names[place].coerce(whole)}


def shot_of(spec: Any, parameters: dict[str, Any]) -> Any:
    """The clip with its parameters."""
    from chainreel.rendering.shots import Shot

    shot = Shot.clip(spec.name, parameters)
    function = parameters.get("function")
    if function is None or isinstance(function, str):
        return shot
    # A function of a cell can be another one tomorrow under the same name: such a shot is known by its class alone.
    return Shot.of(shot.load())


def title_of(name: str, parameters: dict[str, Any]) -> str:
    """What the film is called."""
    function = parameters.get("function")
    if function is None:
        return name
    return f"{name}: {function if isinstance(function, str) else getattr(function, '__name__', 'f')}"


def asked_of(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The command that makes the same film; none for a function that only the notebook knows."""
    function = parameters.get("function")
    known = function is None or isinstance(function, str)
    return {"command": (name if name == "explain" else f"clip {name}") if known else ""}


def _only_how(command: str, how: Mapping[str, Any]) -> None:
    from chainreel.scenes.stage.parameters import nearest

    for word in how:
        if word not in HOW:
            raise RenderError(f"{command} does not take '{word}'{nearest(word, list(HOW))} (it takes {', '.join(HOW)})")


def _film(what: Any, title: str, asked: dict[str, Any], how: Mapping[str, Any], by_itself: bool = False) -> Shown:
    from chainreel.rendering.arguments import checked_theme

    size = how.get("size")
    if size is not None and not isinstance(size, str):
        size = "x".join(str(side) for side in size)
    for word in ("fps", "seed", "workers"):
        if how.get(word) is not None and type(how[word]) is not int:
            raise RenderError(f"{word} is {how[word]!r}, not a whole number")
    width, height, fps = resolve(how.get("quality") or "m", how.get("fps"), parse_size(size) if size else None, "mp4")
    voice = how.get("voice")
    narrate, note = speaks(how.get("narrate"), voice, by_itself)
    settings = Settings(
        width, height, fps, checked_theme(how["theme"]) if how.get("theme") else None, seed=how.get("seed"),
        narrate=narrate, voice=voice, cache=how.get("cache") is not False,
        workers=1 if how.get("workers") is None else how["workers"],
    )  # fmt: skip
    return shown(what, settings, title, asked, how.get("output"), how.get("embed") is not False, note)


def shown(
    what: Any, settings: Settings, title: str, asked: dict[str, Any], output: Any = None, embed: bool = True, note: str = ""
) -> Shown:
    """Make the film with a bar under the cell; without an ``output`` its files go when it is no longer held."""
    from chainreel.rendering.film import render

    if not embed and not output:
        raise RenderError("embed=False links the film's file, so say where it is to stay: output='lesson.mp4'")
    place, folder = Path(output).expanduser() if output else None, None
    if place is None:
        folder = TemporaryDirectory(prefix="chainreel-show-")
        place = Path(folder.name) / "film.mp4"
    if place.suffix not in ("", ".mp4"):
        raise RenderError(f"a notebook shows MP4; say output='{place.with_suffix('.mp4')}' (the command line has more formats)")
    film = render(what, settings, place.with_suffix(".mp4"), title=title, asked=asked, progress=progress(title))
    if film.unsaid:
        note = f"beat {film.unsaid[0][0]} is silent: {film.unsaid[0][1]}"
    return Shown(film.files, film.manifest, embed, note, folder)


def speaks(narrate: bool | None, voice: str | None, by_itself: bool) -> tuple[bool, str]:
    """Whether there is a voice; what speaks of its own accord is silent, with a note, where the built-in voice is missing."""
    if narrate is not None or voice is not None:
        return narrate is not False and (narrate or voice is not None), ""
    if not by_itself:
        return False, ""
    from chainreel.rendering.voices import voice_named

    try:
        voice_named(None)
    except RenderError as problem:
        return False, f"the film is silent: {problem}"
    return True, ""
