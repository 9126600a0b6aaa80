"""The films that the command line knows: those of the catalogue, and a user's folder with a film.toml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chainreel.scenes.films.catalogue import FILMS, ChapterSpec, FilmSpec, film_named
from chainreel.scenes.films.own import film_in

from .errors import RenderError
from .parts import Part
from .shots import Shot


def film_of(wanted: str) -> FilmSpec:
    """A film by its name, or the one that a folder (or its film.toml) declares."""
    path = Path(wanted).expanduser()
    if wanted not in FILMS and (path.exists() or "/" in wanted or path.suffix):
        return film_in(path)
    return film_named(wanted)


def chapters_named(film: FilmSpec, wanted: str | None) -> list[ChapterSpec]:
    """Chapters by numbers or names with commas between, in the order of the film; all where none is named."""
    if wanted is None:
        return list(film.chapters)
    names = [name.strip() for name in wanted.split(",")]
    if not all(names):
        raise RenderError(f"--chapter '{wanted}' has a name that is empty; write --chapter 1,3")
    chosen = {film.chapter(name).slug for name in names}
    return [chapter for chapter in film.chapters if chapter.slug in chosen]


def shot_of(film: FilmSpec, chapter: ChapterSpec) -> Shot:
    """Where a chapter's scene is."""
    if film.folder:
        return Shot(str(Path(film.folder) / f"{chapter.slug}.py"), chapter.class_name)
    return Shot(f"{film.package}.{chapter.slug}", chapter.class_name)


def parts_of(film: FilmSpec, chapters: Sequence[ChapterSpec]) -> list[Part]:
    """The chapters as parts to be rendered."""
    return [Part(shot_of(film, chapter), chapter.title, chapter.slug == film.cover) for chapter in chapters]
