"""The files of a film and the seeds that each of them reaches, read from the source: nothing is imported that draws.

A chapter reaches the names that it reads from its neighbours and from the storyboards, and what those read in turn.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..stage.errors import StageError
from .catalogue import FilmSpec

SEED = re.compile(r"(^|_)SEEDS?$")
ROOT = Path(__file__).resolve().parents[2]  # of the package
STORYBOARDS = ROOT / "engine" / "storyboards"


@dataclass(frozen=True)
class SceneFile:
    """A chapter's file: its path in the package, how many lines it has, and the seeds it reaches, as (name, source)."""

    slug: str
    title: str
    path: str
    lines: int
    seeds: tuple[tuple[str, str], ...] = ()


@dataclass
class Module:
    """The top of a module: what each name is, what each reads, and which other modules it knows."""

    path: Path
    source: str
    reads: dict[str, set[str]] = field(default_factory=dict)  # name -> plain names and dotted ones
    seeds: dict[str, str] = field(default_factory=dict)
    modules: dict[str, Path] = field(default_factory=dict)


def scene_files(film: FilmSpec) -> tuple[SceneFile, ...]:
    """The chapters of a film with their seeds, in order. Raises StageError for a chapter without a file."""
    folder = Path(film.folder) if film.folder else ROOT / "scenes" / "films" / film.slug.replace("-", "_")
    found = []
    for chapter in film.chapters:
        path = folder / f"{chapter.slug}.py"
        if not path.is_file():
            raise StageError(f"the film '{film.slug}' has no file for its chapter '{chapter.slug}'")
        module = _module(path, path.stat().st_mtime_ns)
        seeds = dict(sorted(_reached(module)))
        shown = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        found.append(SceneFile(chapter.slug, chapter.title, shown, len(module.source.splitlines()), tuple(seeds.items())))
    return tuple(found)


def _reached(start: Module) -> Iterator[tuple[str, str]]:
    """The seeds that anything in a module reaches."""
    waiting = [(start, name) for name in start.reads]
    seen: set[tuple[Path, str]] = set()
    while waiting:
        module, name = waiting.pop()
        if (module.path, name) in seen:
            continue
        seen.add((module.path, name))
        if name in module.seeds:
            yield name, module.seeds[name]
        for read in module.reads.get(name, ()):
            here, _, rest = read.partition(".")
            if rest and here in module.modules:
                path = module.modules[here]
                waiting.append((_module(path, path.stat().st_mtime_ns), rest))
            elif not rest and read in module.reads:
                waiting.append((module, read))


@lru_cache(maxsize=64)
def _module(path: Path, _: int) -> Module:
    source = path.read_text(encoding="utf-8")
    module = Module(path, source)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                for folder in (path.parent, STORYBOARDS):
                    if (folder / f"{alias.name}.py").is_file():
                        module.modules[alias.asname or alias.name] = folder / f"{alias.name}.py"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for name, value in _assigned(node):
                module.reads[name] = set(_names(value))
                if SEED.search(name):
                    module.seeds[name] = ast.get_source_segment(source, value) or ""
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            module.reads[node.name] = set(_names(node))
    return module


def _assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, ast.expr]]:
    """The names of an assignment, each with its own value."""
    if node.value is None:
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from ((t.id, v) for t, v in zip(target.elts, node.value.elts, strict=True) if isinstance(t, ast.Name))


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a piece of code reads, and the attributes of plain names as `name.attribute`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield f"{part.value.id}.{part.attr}"
        elif isinstance(part, ast.Name):
            yield part.id


__all__ = ["SceneFile", "scene_files"]
