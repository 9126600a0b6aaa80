"""A film of one's own: a folder with a file for each chapter and a film.toml that names them.

    title = "Slopes"
    chapters = ["hill", "valley"]       # hill.py has class Hill, a Chapter

    [hill]                              # optional: what a chapter is called, how long it is meant to be
    title = "Up the hill"
    seconds = 40
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..stage.errors import StageError
from ..stage.parameters import nearest
from .catalogue import ChapterSpec, FilmSpec

NAME = "film.toml"
_OF_FILM = ("title", "summary", "cover", "chapters")
_OF_CHAPTER = ("title", "seconds")


def film_in(place: Path) -> FilmSpec:
    """The film that a folder or its film.toml declares; a mistake is told in a sentence."""
    path = place / NAME if place.is_dir() else place
    if not place.exists():
        raise StageError(f"there is no folder {place}")
    if path.name != NAME or not path.is_file():
        raise StageError(f"{place} is no film: a film is a folder with a {NAME} that names its chapters")
    return _read(path.resolve(), path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _: int) -> FilmSpec:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise StageError(f"{path.name} is not TOML: {problem}") from None
    slugs = _chapters(said, path)
    for key in said:
        if key not in _OF_FILM and key not in slugs:
            raise StageError(f"{path.name} has '{key}', which is no chapter{nearest(key, [*_OF_FILM, *slugs])}")
    chapters = tuple(_chapter(slug, said.get(slug, {}), path) for slug in slugs)
    cover = _text(said, "cover", slugs[0], path)
    if cover not in slugs:
        raise StageError(f"{path.name}: the cover '{cover}' is no chapter{nearest(cover, slugs)}")
    title = _text(said, "title", path.parent.name.replace("_", " "), path)
    slug = re.sub(r"[^a-z0-9]+", "-", path.parent.name.lower()).strip("-") or "film"
    return FilmSpec(slug, title, _text(said, "summary", "", path), chapters, cover, str(path.parent))


def _chapters(said: dict[str, Any], path: Path) -> list[str]:
    slugs = said.get("chapters")
    if not isinstance(slugs, list) or not slugs or not all(isinstance(slug, str) for slug in slugs):
        raise StageError(f'{path.name} has no list of chapters; write chapters = ["first", "second"]')
    for slug in slugs:
        if not slug.isidentifier() or slug in _OF_FILM:
            raise StageError(f"{path.name}: a chapter is called as its file without .py; '{slug}' cannot be one")
        if slugs.count(slug) > 1:
            raise StageError(f"{path.name} names the chapter '{slug}' twice")
        if not (path.parent / f"{slug}.py").is_file():
            there = sorted(file.stem for file in path.parent.glob("*.py"))
            raise StageError(f"{path.name} names the chapter '{slug}', but there is no {slug}.py{nearest(slug, there)}")
    return slugs


def _chapter(slug: str, said: Any, path: Path) -> ChapterSpec:
    if not isinstance(said, dict):
        raise StageError(f"{path.name}: [{slug}] is a table with {' and '.join(_OF_CHAPTER)}")
    for key in said:
        if key not in _OF_CHAPTER:
            raise StageError(f"{path.name}: [{slug}] has '{key}'{nearest(key, list(_OF_CHAPTER))}; it takes title and seconds")
    seconds = said.get("seconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 36_000:
        raise StageError(f"{path.name}: the seconds of [{slug}] are a number, not {seconds!r}")
    return ChapterSpec(slug, _text(said, "title", slug.replace("_", " ").capitalize(), path), float(seconds))


def _text(said: dict[str, Any], key: str, default: str, path: Path) -> str:
    text = said.get(key, default)
    if not isinstance(text, str) or (key == "title" and not text.strip()):
        raise StageError(f"{path.name}: {key} is a text in quotes, not {text!r}")
    return text
