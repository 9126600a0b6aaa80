"""Trees of parameters: dicts, lists, tuples and named tuples, nested as the user likes, with numbers or arrays as leaves.

The engine differentiates by leaves and gives results back in the user's own structure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import EngineError

LEAF = object()
Structure = Any


def is_tree(value: Any) -> bool:
    """Whether a value is a container of leaves and not a leaf itself."""
    return isinstance(value, (dict, list, tuple))


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves in a fixed order (dicts in their own order), and the structure that ``unflatten`` needs.

    >>> leaves, structure = flatten({"W": 2.0, "b": [3.0, (4.0,)]})
    >>> leaves
    [2.0, 3.0, 4.0]
    >>> unflatten(structure, [1, 2, 3])
    {'W': 1, 'b': [2, (3,)]}
    """
    if not is_tree(tree):
        return [tree], LEAF
    leaves: list[Any] = []
    structures = []
    for part in tree.values() if isinstance(tree, dict) else tree:
        inside, structure = flatten(part)
        leaves += inside
        structures.append((len(inside), structure))
    keys = tuple(tree) if isinstance(tree, dict) else None
    return leaves, (type(tree), keys, structures)


def unflatten(structure: Structure, leaves: Any) -> Any:
    """The tree of a structure with new leaves."""
    if structure is LEAF:
        return leaves[0]
    kind, keys, structures = structure
    parts, start = [], 0
    for count, inner in structures:
        parts.append(unflatten(inner, leaves[start : start + count]))
        start += count
    if keys is not None:
        return dict(zip(keys, parts, strict=True))  # an OrderedDict or a dict of a user's class comes back as a dict
    if hasattr(kind, "_fields"):
        return kind(*parts)
    return tuple(parts) if issubclass(kind, tuple) else parts


def map_tree(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply a function to the leaves of one tree, or to the leaves of several of the same structure.

    >>> map_tree(lambda p, g: p - 0.1 * g, {"w": 1.0}, {"w": 5.0})
    {'w': 0.5}
    """
    leaves, structure = flatten(tree)
    rest = []
    for other in others:
        inside, same = flatten(other)
        if not alike(structure, same):
            raise EngineError("The trees of parameters do not have the same structure.")
        rest.append(inside)
    return unflatten(structure, [function(*parts) for parts in zip(leaves, *rest, strict=True)])


def alike(structure: Structure, other: Structure) -> bool:
    """Whether two structures have the same shape: same keys and lengths (a list is like a tuple)."""
    if structure is LEAF or other is LEAF:
        return structure is other
    _, keys, parts = structure
    _, other_keys, other_parts = other
    return (
        (None if keys is None else set(keys)) == (None if other_keys is None else set(other_keys))
        and keys == other_keys
        and len(parts) == len(other_parts)
        and all(n == m and alike(a, b) for (n, a), (m, b) in zip(parts, other_parts, strict=True))
    )


def paths(tree: Any, start: str = "") -> list[str]:
    """The names of the leaves in the order of ``flatten``, as a user would write them.

    >>> paths({"layers": [{"W": 1.0}, {"W": 2.0}]}, "p")
    ["p['layers'][0]['W']", "p['layers'][1]['W']"]
    """
    if not is_tree(tree):
        return [start]
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return [path for key, part in items for path in paths(part, f"{start}[{key!r}]")]
