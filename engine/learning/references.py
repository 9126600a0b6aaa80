"""How a part of a training is written to JSON and found again: by its own description, or by where it stands in a file."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import EngineError
from ..function import _module_by_name, _module_of_file, _origin_of
from ..trees import flatten

INLINE = 50_000  # numbers that a description holds itself; larger data are named by their hash


def describe_part(part: Any, title: str) -> Any:
    """None, a plain value, what ``part.describe()`` says, or the place of a function."""
    if part is None or isinstance(part, (bool, int, float, str)):
        return part
    if hasattr(part, "describe"):
        return part.describe()
    place = _origin_of(part) if callable(part) else ""
    if not place:
        raise EngineError(
            f"The {title} was made while a program ran and cannot be found again from a description; keep it in a file as "
            "a function of its own, or use one of the engine's."
        )
    return {"reference": place, "sha256": _sha(inspect.getsource(part).encode())}


def rebuild_part(description: Any, title: str, kinds: Mapping[str, Callable[[Mapping[str, Any]], Any]]) -> Any:
    """The part of a description; raises EngineError when its source has changed."""
    if not isinstance(description, Mapping):
        return description
    if "reference" in description:
        part = load(description["reference"], title)
        if _sha(inspect.getsource(part).encode()) != description["sha256"]:
            raise EngineError(f"The {title} at {description['reference']} has changed since the training was described.")
        return part
    name = description.get("name", "")
    if name not in kinds:
        raise EngineError(f"There is no {title} {name!r}; there are {', '.join(kinds)}.")
    return kinds[name](description)


def load(reference: str, title: str) -> Any:
    """What ``path/to/file.py:name`` or ``package.module:name`` names."""
    place, _, name = reference.rpartition(":")
    if not place or not name.isidentifier():
        raise EngineError(f"The {title} {reference!r} should look like file.py:name or package.module:name.")
    module = _module_of_file(place) if place.endswith(".py") else _module_by_name(place)
    if not hasattr(module, name):
        raise EngineError(f"{place} has no {name}.")
    return getattr(module, name)


# -- arrays --------------------------------------------------------------------------------------------------
def examples(data: Any) -> tuple[np.ndarray, ...]:
    """Own, locked copies of arrays with one row per example; a text names a function (or value) that gives them."""
    if isinstance(data, str):
        data = load(data, "data")
        data = data() if callable(data) else data
    if isinstance(data, Dataset):
        data = data.arrays
    if not isinstance(data, (tuple, list)) or not data:
        raise EngineError("The data are a tuple of arrays with a row per example, such as (X, y).")
    arrays = []
    for part in data:
        array = np.array(part)
        if array.dtype.kind not in "fiub" or not array.ndim:
            raise EngineError("The data are arrays of real numbers with a row per example, such as (X, y).")
        if not np.isfinite(array).all():
            raise EngineError("The data hold a number that is not finite.")
        array.flags.writeable = False
        arrays.append(array)
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1 or not lengths[0]:
        counts = ", ".join(map(str, lengths))
        raise EngineError(f"The data must have the same number of rows, at least one; they have {counts}.")
    return tuple(arrays)


def describe_arrays(arrays: tuple[np.ndarray, ...], source: Any) -> dict[str, Any]:
    """The data as JSON: where they come from, or the numbers themselves where they are few; always their hash."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    description: dict[str, Any] = {"sha256": digest.hexdigest(), "shapes": [list(array.shape) for array in arrays]}
    if isinstance(source, str):
        description["reference"] = source
    elif isinstance(source, Dataset) and source.recipe is not None:
        description["dataset"] = source.describe()
    elif sum(array.size for array in arrays) <= INLINE:
        description["numbers"] = [array.tolist() for array in arrays]
    return description


def rebuild_arrays(description: Mapping[str, Any] | None, given: Any) -> Any:
    """Data as ``Training.run`` takes them, checked against the hash; ``given`` ones stand in for what was too large."""
    if description is None:
        return None
    data = given if given is not None else description.get("reference", description.get("numbers"))
    if data is None and "dataset" in description:
        data = Dataset.rebuild(description["dataset"])
    if data is None:
        raise EngineError(
            f"The description holds no data, only their shapes {description['shapes']}; give them: rebuild(…, data=(X, y))."
        )
    data = data if isinstance(data, (str, Dataset)) else tuple(map(np.array, data))
    if describe_arrays(examples(data), data)["sha256"] != description["sha256"]:
        raise EngineError("The data are not those of the description: their numbers differ.")
    return data


def describe_tree(tree: Any) -> Any:
    """Parameters as nested lists and dicts; a tuple becomes a list."""
    if sum(np.size(leaf) for leaf in flatten(tree)[0]) > INLINE:
        raise EngineError(f"More than {INLINE} start values are too many for a description; leave params out and give a seed.")
    if isinstance(tree, dict):
        return {"dict": {key: describe_tree(part) for key, part in tree.items()}}
    if isinstance(tree, (list, tuple)):
        return {"list": [describe_tree(part) for part in tree]}
    return tree.tolist() if isinstance(tree, np.ndarray) else tree


def rebuild_tree(description: Any) -> Any:
    if isinstance(description, Mapping):
        if "dict" in description:
            return {key: rebuild_tree(part) for key, part in description["dict"].items()}
        return [rebuild_tree(part) for part in description["list"]]
    return np.array(description, dtype=float) if isinstance(description, list) else float(description)


def _sha(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


__all__ = [
    "describe_arrays", "describe_part", "describe_tree", "examples", "load", "rebuild_arrays", "rebuild_part", "rebuild_tree",
]  # fmt: skip
