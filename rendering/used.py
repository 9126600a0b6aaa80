"""What a Python file uses of its neighbours: their text without the bodies of functions that nothing reaches by name.

A chapter takes the last picture of the one before it and nothing else of it. What is left out of a neighbour is only what
cannot run: the bodies of its functions, and of its classes' methods, that no name leads to. All else that an import
executes stays: statements, decorators, defaults, base classes, what a class says outside its methods.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
# Where one of these is named, anything may be reached in other ways than by its name: such a file counts as a whole.
ASIDE = {"globals", "vars", "locals", "eval", "exec", "compile", "__import__", "importlib", "inspect", "modules"}


def used(path: Path, within: Path) -> dict[Path, str]:
    """The text of a file, and of all files of a folder that it imports, or that these import, what is used."""
    wanted: dict[Path, frozenset[str] | None] = {}  # names; None for the whole file
    waiting: list[tuple[Path, frozenset[str] | None]] = [(path, None)]
    while waiting:
        here, names = waiting.pop()
        if within not in here.parents or not here.is_file():
            continue
        known = wanted.get(here, frozenset())
        new = None if names is None or known is None else known | names
        if here in wanted and new == known:
            continue
        wanted[here] = new
        waiting += [(here.parent / "__init__.py", None), *_part(here, within, new, here.stat().st_mtime_ns)[1]]
    return {file: _part(file, within, names, file.stat().st_mtime_ns)[0] for file, names in wanted.items()}


@lru_cache(maxsize=256)
def _part(
    path: Path, within: Path, names: frozenset[str] | None, _: int
) -> tuple[str, list[tuple[Path, frozenset[str] | None]]]:
    """What some names of a file use of it, and of other files."""
    text = path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8")
    tree = _without_annotations(ast.parse(text))
    gone: set[int] = set()
    out: set[ast.AST] = set()
    for function in _left_out(tree, _names_reached(tree, names)):
        out.update(node for part in function.body for node in ast.walk(part))
        first, last = function.body[0], function.body[-1]
        if first.lineno > function.lineno:
            gone.update(range(first.lineno, (last.end_lineno or last.lineno) + 1))
    left = "\n".join(line for number, line in enumerate(text.split("\n"), 1) if number not in gone)
    return left, list(_imports(path, within, [node for node in ast.walk(tree) if node not in out], names))


def _without_annotations(tree: ast.Module) -> ast.Module:
    """Those of functions do not run in a file that puts them off."""
    futures = [part for part in tree.body if isinstance(part, ast.ImportFrom) and part.module == "__future__"]
    if any(alias.name == "annotations" for part in futures for alias in part.names):
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                node.annotation = None
            elif isinstance(node, FUNCTIONS):
                node.returns = None
    return tree


def _names_reached(tree: ast.Module, names: frozenset[str] | None) -> set[str] | None:
    """The definitions of a file that are reached from some of its names; None: all."""
    named = {part.name: part for part in tree.body if isinstance(part, DEFINITIONS)}
    twice = len(named) < sum(isinstance(part, DEFINITIONS) for part in tree.body)
    if names is None or twice or "__getattr__" in named or any(_name(node) in ASIDE for node in ast.walk(tree)):
        return None
    reached: set[str] = set()
    waiting = {name for name in (*names, *_loaded(_import_time(tree))) if name in named}
    waiting |= {name for name, part in named.items() if _acts(part)}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= {other for other in _loaded(ast.walk(named[name])) if other in named} - reached
    return reached


def _acts(part: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether defining it may call what it holds: a decorator, a metaclass, a call in the body of a class."""
    if part.decorator_list or not isinstance(part, ast.ClassDef):
        return bool(part.decorator_list)
    outside = [statement for statement in part.body if not isinstance(statement, FUNCTIONS)]
    return bool(part.keywords) or any(isinstance(node, ast.Call) for one in outside for node in ast.walk(one))


def _import_time(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when the file is imported."""
    bodies = {node for body in _left_out(tree, set()) for part in body.body for node in ast.walk(part)}
    return (node for node in ast.walk(tree) if node not in bodies)


def _left_out(tree: ast.Module, reached: set[str] | None) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions, and methods, of which only the head runs."""
    for part in tree.body:
        if reached is None or not isinstance(part, DEFINITIONS) or part.name in reached:
            continue
        if isinstance(part, ast.ClassDef):
            yield from (method for method in part.body if isinstance(method, FUNCTIONS))
        else:
            yield part


def _loaded(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.alias):
        return node.name.split(".")[0]
    return (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else ""


def _imports(
    path: Path, within: Path, nodes: list[ast.AST], names: frozenset[str] | None
) -> Iterator[tuple[Path, frozenset[str] | None]]:
    """Which files these nodes import, and what they use of each."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _absolute(within, alias.name).with_suffix(".py"), None
        if not isinstance(node, ast.ImportFrom):
            continue
        words = (node.module or "").split(".")
        base = path.parents[node.level - 1].joinpath(*words) if node.level else _absolute(within, node.module or "")
        yield base / "__init__.py", None
        for alias in node.names:
            file, name = (base / alias.name).with_suffix(".py"), alias.asname or alias.name
            if file.is_file():  # a module: others may ask this file for it
                yield file, None if names is not None and name in names else _attributes(name, nodes)
            else:
                yield base.with_suffix(".py"), None if alias.name == "*" else frozenset({alias.name})


def _absolute(within: Path, module: str) -> Path:
    """Where a module stands, if it is one of ours: the folder is chainreel/scenes/films or the like."""
    first, *rest = module.split(".")
    return within.parents[1].joinpath(*rest) if first == "chainreel" else Path(module)


def _attributes(module: str, nodes: list[ast.AST]) -> frozenset[str] | None:
    """What is asked of an imported module; None where the module itself is handed on, or changed."""
    names = {node for node in nodes if isinstance(node, ast.Name) and node.id == module}
    asked = [node for node in nodes if isinstance(node, ast.Attribute) and node.value in names]
    plain = all(isinstance(node.ctx, ast.Load) for node in asked)
    return frozenset(node.attr for node in asked) if plain and len(asked) == len(names) else None
