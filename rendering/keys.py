"""What a film is made from, as keys: the code of the user and of chainreel, versions, settings, files that were read.

``drawing_key`` is what every picture depends on, ``run_key`` what a whole run depends on: where it is equal, every
picture is. docs/decisions/render-cache.md says why there are two.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from chainreel.scenes.stage.folders import cache_folder

from .encoder import CODECS
from .settings import Settings
from .shots import Shot
from .used import used
from .versions import version_of

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("engine", "scenes", "rendering", "show")
# Files of this room that decide neither on a pixel nor on an encoded byte; a new file counts until it is named here.
BESIDE = {
    "aac", "arguments", "assembly", "cache", "captions", "cli", "cluster", "doctor", "errors", "film", "film_lint",
    "films", "keeping", "linting", "manifest", "output", "parts", "profile", "progress", "rehearsing", "report", "room",
    "scores", "script", "serving", "shots", "sound", "stills", "transcript", "used", "verify", "versions", "workers",
}  # fmt: skip
DRAWS = ("manim", "numpy", "pycairo", "av", "pillow", "scipy")


def digest(*parts: Any) -> str:
    """A key from plain values.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a1")
    (True, False)
    """
    return hashlib.blake2b(repr(parts).encode(), digest_size=20).hexdigest()


@cache
def drawing_versions() -> tuple[str, ...]:
    """The libraries that put pixels into files."""
    import av
    import cairo

    packages = [f"{name} {version_of(name)}" for name in DRAWS]
    codecs = [f"{name} {'.'.join(map(str, number))}" for name, number in sorted(av.library_versions.items())]
    return (*packages, f"cairo {cairo.cairo_version_string()}", *codecs, platform.machine())


def code_of(paths: Iterable[Path], base: Path) -> str:
    """A key of files by name and content; without the ends of lines, which differ between systems."""
    whole = hashlib.blake2b(digest_size=20)
    for path in sorted(paths):
        content = path.read_bytes()
        if path.suffix == ".py":
            content = content.replace(b"\r\n", b"\n")
        whole.update(f"{path.relative_to(base).as_posix()} {len(content)}\n".encode() + content)
    return whole.hexdigest()


@cache
def drawing_code() -> str:
    """Chainreel's code that decides on pixels once the state of every mobject is known."""
    rendering = [path for path in (ROOT / "rendering").glob("*.py") if path.stem not in BESIDE]
    return code_of([*rendering, *(ROOT / "scenes" / "stage").glob("*.py")], ROOT)


@cache
def chainreel_code(place: str | None = None) -> str:
    """All of chainreel: its code, its fonts. For a chapter of a film, by its module, what it does not use of the other
    chapters is left out, so that a word changed in one does not make the others look again."""
    films = ROOT / "scenes" / "films"
    path = ROOT.joinpath(*(place or "").split(".")[1:]).with_suffix(".py")
    if films not in path.parents or not path.is_file():
        return digest(_code_but_films(), code_of(_files(films), ROOT))
    texts = [(file.relative_to(films).as_posix(), text) for file, text in sorted(used(path, films).items())]
    return digest(_code_but_films(), texts)


@cache
def _code_but_films() -> str:
    films = ROOT / "scenes" / "films"
    return code_of([path for room in ROOMS for path in _files(ROOT / room) if films not in path.parents], ROOT)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]


def users_files() -> list[Path]:
    """The Python files of loaded modules that are neither chainreel's nor installed packages nor Python's."""
    found = set()
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str) and name.endswith(".py") and not _is_elsewhere(name):
            found.add(Path(name))
    return sorted(path for path in found if path.is_file())


@cache
def _is_elsewhere(name: str) -> bool:
    path = str(Path(name).resolve())
    if any(path.startswith(str(ROOT / room) + os.sep) for room in ROOMS):
        return True
    return path.startswith(_libraries())


@cache
def _libraries() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    homes = {paths[name] for name in ("purelib", "platlib", "stdlib", "platstdlib")} | {sys.prefix, sys.base_prefix}
    homes -= {os.sep, "/usr"}
    homes |= {str(Path(entry)) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    return tuple(str(Path(home).resolve()) + os.sep for home in homes)


def users_code() -> str:
    """A key of the user's own modules as they are loaded now."""
    return digest([(path.name, hashlib.blake2b(path.read_bytes()).hexdigest()) for path in users_files()])


def installed() -> str:
    """A key of every installed package and its version (by the names of their folders, so it costs nothing)."""
    names: set[str] = set()
    for entry in sys.path:
        try:
            names |= {name for name in os.listdir(entry or ".") if name.endswith((".dist-info", ".egg-info"))}
        except OSError:
            continue
    return digest(sorted(names), platform.python_version())


def drawing_key(settings: Settings) -> str:
    """What every picture and its encoding depend on, beside the state of the mobjects."""
    codec = CODECS.get(settings.coding)
    how = (settings.width, settings.height, settings.fps, settings.coding, repr(codec))
    return digest(how, drawing_versions(), drawing_code(), os.environ.get("CHAINREEL_CAMERA"))


def shot_key(shot: Shot, settings: Settings) -> str:
    """A name for "this scene in this form", whatever its code says today."""
    return digest(Path(shot.place).name, shot.name, drawing_key(settings))


def source_key(shot: Shot, settings: Settings) -> str | None:
    """All that can be known of a run before it; None for a live class, whose making nobody has written down."""
    if shot.is_live:
        return None
    asked = (shot.name, sorted((name, repr(value)) for name, value in shot.parameters.items()))
    how = (theme_content(settings.theme), settings.seed, settings.narrate, settings.voice, drawing_key(settings))
    return digest(asked, how, chainreel_code(str(shot.place)), users_code(), installed())


def theme_content(name: str | None) -> str | None:
    """A theme's name; for a file of the user's what it says."""
    if name is None or not name.endswith(".toml"):
        return name
    from chainreel.scenes.stage.theme import theme_named

    return repr(theme_named(name))


def run_key(source: str, moments: list[str], read: Iterable[str], times: Iterable[Any] = ()) -> str:
    """All that a run depended on: what was known before, the state at each play's start and the times of the beats (a
    voice decides on them), files that it read, late imports."""
    return digest(source, moments, contents(read), users_code(), *times)


def contents(read: Iterable[str]) -> list[tuple[str, str]]:
    """Files by name and content."""
    found = []
    for name in sorted(set(read)):
        try:
            found.append((Path(name).name, hashlib.blake2b(Path(name).read_bytes()).hexdigest()))
        except OSError:
            found.append((Path(name).name, "gone"))
    return found


class Reading:
    """Remembers which files are opened for reading while it listens. Python cannot unhook, so there is one hook."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.listening = False
        self._hooked = False

    def listen(self) -> None:
        """From now on."""
        if not self._hooked:
            self._hooked = True
            sys.addaudithook(self._hear)
        self.listening = True

    def stop(self) -> list[str]:
        """The files, without those of Python, packages, chainreel, caches and temporary folders."""
        self.listening = False
        kept = str(cache_folder().absolute()) + os.sep  # what was said or trained before is called by all that it depends on
        return sorted(
            name for name in self.names if not name.startswith(kept) and not _is_elsewhere(name) and Path(name).is_file()
        )

    def _hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event != "open" or not self.listening:  # every id() comes by here
            return
        name, mode, flags = details
        if not isinstance(name, (str, os.PathLike)) or (flags or 0) & (os.O_WRONLY | os.O_RDWR):
            return
        if mode is not None and set(mode) & set("wax+"):
            return
        path = os.path.abspath(os.fspath(name))
        if isinstance(path, str) and not path.endswith((".py", ".pyc")) and not path.startswith(_unwatched()):
            self.names.add(path)


@cache
def _unwatched() -> tuple[str, ...]:
    return ("/proc/", "/dev/", "/sys/", "/etc/", os.path.join(tempfile.gettempdir(), "dask"))


reading = Reading()
