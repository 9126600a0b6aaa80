"""Dataset: inputs and targets, their names, and how they were made, so that the same rows can be made
again."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import EngineError

INLINE = 50_000  # numbers that a description of a user's own arrays holds itself
MAKERS: dict[str, Callable[..., Dataset]] = {}
Recipe = dict[str, Any]


class Dataset:
    """Examples to learn from. ``X`` holds inputs, (n, columns) or images (n, height, width); ``y`` targets,
    (n,) or (n, k).

    ``names`` are the columns of X (empty for images), ``target`` names y, and ``classes`` are the words for
    the whole numbers in y where it holds classes. Both arrays are copies and locked. ``recipe`` says how the
    rows were made.

    >>> data = Dataset([[0.9, 0.2], [0.3, 0.7]], [1, 0], names=("ear", "muzzle"), classes=("dog", "cat"))
    >>> data
    <dataset, 2 rows of ear, muzzle; classes dog, cat>
    >>> len(data), data.X.shape, data.y.tolist()
    (2, (2, 2), [1, 0])
    """

    def __init__(
        self, X: Any, y: Any, *, names: Sequence[str] = (), target: str = "y", classes: Sequence[str] = (),
        title: str = "", recipe: Recipe | None = None,
    ):  # fmt: skip
        self.X = _locked(X, "inputs").astype(float, copy=False)
        self.y = _locked(y, "targets")
        self.X.flags.writeable = False
        self.names = tuple(names)
        self.target = target
        self.classes = tuple(classes)
        self.title = title
        self.recipe = recipe
        if len(self.X) != len(self.y):
            raise EngineError(f"There are {len(self.X)} rows of inputs and {len(self.y)} targets; a row needs one each.")
        if self.names and (self.X.ndim != 2 or len(self.names) != self.X.shape[1]):
            raise EngineError(f"{len(self.names)} names do not fit inputs of shape {self.X.shape}; give one per column.")
        if self.classes and not (self.y.dtype.kind in "iu" and np.all((self.y >= 0) & (self.y < len(self.classes)))):
            raise EngineError(f"Targets of {len(self.classes)} classes are whole numbers from 0 to {len(self.classes) - 1}.")

    def __len__(self) -> int:
        return len(self.X)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """(X, y), as a training takes them."""
        return self.X, self.y

    @property
    def rows(self) -> np.ndarray:
        """The inputs with a flat row per example: (n, columns). Images become rows of pixels."""
        return self.X.reshape(len(self.X), -1)

    @functools.cached_property
    def sha256(self) -> str:
        """A hash of all numbers, their types and shapes; the same as a training writes for ``arrays``."""
        digest = hashlib.sha256()
        for array in self.arrays:
            digest.update(f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    # -- parts -----------------------------------------------------------------------------------------------
    def take(self, rows: Any) -> Dataset:
        """The rows with these numbers, in this order.

        >>> Dataset([[1.0], [2.0], [3.0]], [10, 20, 30]).take([2, 0]).y.tolist()
        [30, 10]
        """
        chosen = np.asarray(rows)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or not chosen.size:
            raise EngineError("Rows are chosen by a list of whole numbers, at least one.")
        if chosen.min() < -len(self) or chosen.max() >= len(self):
            raise EngineError(f"There are {len(self)} rows, counted from 0; row {chosen.max()} is not among them.")
        return self._after({"do": "take", "rows": chosen.tolist()}, self.X[chosen], self.y[chosen])

    def split(self, test: float = 0.2, seed: int = 0, stratify: bool = False) -> tuple[Dataset, Dataset]:
        """Two parts without a common row, shuffled: the rest to train with, and ``test`` (a share or a count)
        kept unseen.

        ``stratify`` keeps the share of every class in both parts, as nearly as whole rows allow.

        >>> train, test = Dataset(np.zeros((10, 1)), [0, 1] * 5).split(test=4, stratify=True)
        >>> len(train), len(test), test.y.tolist().count(1)
        (6, 4, 2)
        """
        n = len(self)
        whole = isinstance(test, (int, np.integer)) and not isinstance(test, bool)
        if not whole and not (isinstance(test, float) and 0.0 < test < 1.0):
            raise EngineError(f"The test part is a share between 0 and 1 or a number of rows, not {test!r}.")
        count = int(test) if whole else round(test * n)
        if not 0 < count < n:
            raise EngineError(f"A test part of {count} of {n} rows leaves one side empty.")
        order = np.random.default_rng(_seed(seed)).permutation(n)
        if stratify:
            order = self._class_by_class(order, count)
        parts = []
        for part, chosen in (("train", order[count:]), ("test", order[:count])):
            step = {"do": "split", "test": count, "seed": int(seed), "stratify": bool(stratify), "part": part}
            parts.append(self._after(step, self.X[chosen], self.y[chosen]))
        return parts[0], parts[1]

    def _class_by_class(self, order: np.ndarray, count: int) -> np.ndarray:
        """A shuffled order whose first ``count`` rows hold each class by its share (largest remainders round
        up)."""
        if self.y.dtype.kind not in "iu" or self.y.ndim != 1:
            raise EngineError("Only targets that are classes (whole numbers) can be split class by class.")
        classes, sizes = np.unique(self.y, return_counts=True)
        shares = sizes * (count / len(self))
        take = np.floor(shares).astype(int)
        take[np.argsort(take - shares, kind="stable")[: count - take.sum()]] += 1
        labels = self.y[order]
        rank = np.empty(len(order), dtype=int)  # how many of the same class came before
        for label in classes:
            rank[labels == label] = np.arange(np.count_nonzero(labels == label))
        first = rank < take[np.searchsorted(classes, labels)]
        return np.concatenate([order[first], order[~first]])

    def standardise(self, *others: Dataset) -> tuple[Dataset, ...]:
        """These rows with mean 0 and deviation 1 in every column, and others moved by the very same numbers.

        Call it on the training rows: what is unseen must not take part in the mean. A column that never
        changes only moves to 0.

        >>> train = Dataset([[1.0], [3.0]], [0, 1])
        >>> train, test = train.standardise(Dataset([[5.0]], [1]))
        >>> train.X.ravel().tolist(), test.X.ravel().tolist()
        ([-1.0, 1.0], [3.0])
        """
        mean, deviation = self.X.mean(axis=0), self.X.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        step = {"do": "standardise", "mean": mean.tolist(), "scale": scale.tolist()}
        return tuple(part._moved(step) for part in (self, *others))

    def flat(self) -> Dataset:
        """The same examples with a flat row of numbers each, as ``rows`` has them: what a network of dense layers reads.

        >>> Dataset(np.zeros((3, 2, 2)), [0, 1, 0]).flat().X.shape
        (3, 4)
        """
        return self if self.X.ndim == 2 else self._after({"do": "flat"}, self.rows, self.y)

    def _moved(self, step: Recipe) -> Dataset:
        mean, scale = np.asarray(step["mean"]), np.asarray(step["scale"])
        if self.X.shape[1:] != mean.shape:
            raise EngineError(f"Rows of shape {self.X.shape[1:]} cannot be standardised by statistics of shape {mean.shape}.")
        return self._after(step, (self.X - mean) / scale, self.y)

    def _after(self, step: Recipe, X: np.ndarray, y: np.ndarray) -> Dataset:
        """This data set after one more step, which is written into the recipe."""
        recipe = self.recipe or self._own()
        recipe = {**recipe, "then": [*recipe.get("then", []), step]}
        return Dataset(
            X, y, names=self.names, target=self.target, classes=self.classes, title=self.title, recipe=recipe
        )  # fmt: skip

    # -- to and from JSON ------------------------------------------------------------------------------------
    def _own(self) -> Recipe:
        """The recipe of a user's own arrays: the numbers themselves where they are few, else their hash
        alone."""
        recipe: Recipe = {
            "make": None, "sha256": self.sha256, "names": list(self.names), "target": self.target,
            "classes": list(self.classes), "title": self.title,
        }  # fmt: skip
        if self.X.size + self.y.size <= INLINE:
            recipe |= {"X": self.X.tolist(), "y": self.y.tolist()}
        return recipe

    def describe(self) -> dict[str, Any]:
        """How the rows were made, and their hash, as JSON. ``rebuild`` makes them again."""
        recipe = json.loads(json.dumps(self.recipe or self._own()))
        return {"kind": "dataset", "recipe": recipe, "shapes": [list(a.shape) for a in self.arrays], "sha256": self.sha256}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any], given: Dataset | None = None) -> Dataset:
        """The data set of a description. ``given`` stands in for a user's own arrays that were too many to
        write down.

        Raises EngineError where the numbers come out differently, such as from a file that has changed.

        >>> from chainreel.engine.datasets import moons
        >>> train, test = moons(40, seed=3).split(test=10)
        >>> Dataset.rebuild(test.describe()).sha256 == test.sha256
        True
        """
        recipe = description["recipe"]
        data = _made(recipe, given)
        for step in recipe.get("then", []):
            data = data._again(step)
        if data.sha256 != description["sha256"]:
            raise EngineError(f"{data} is not the one described: its numbers differ. Has a file changed since?")
        return data

    def _again(self, step: Mapping[str, Any]) -> Dataset:
        match step["do"]:
            case "take":
                return self.take(step["rows"])
            case "split":
                train, test = self.split(step["test"], step["seed"], step["stratify"])
                return train if step["part"] == "train" else test
            case "flat":
                return self.flat()
            case "standardise":
                return self._moved(dict(step))
        raise EngineError(f"A data set cannot be made by {step['do']!r}.")

    def __repr__(self) -> str:
        inputs = ", ".join(self.names[:4]) + (" …" if len(self.names) > 4 else "")
        inputs = inputs or "×".join(map(str, self.X.shape[1:])) + (" pixels" if self.X.ndim == 3 else " numbers")
        words = ", ".join(self.classes[:4]) + (" …" if len(self.classes) > 4 else "")
        told = f"; classes {words}" if words else ""
        return f"<dataset{f' {self.title}' if self.title else ''}, {len(self)} rows of {inputs}{told}>"


def maker(function: Callable[..., Dataset]) -> Callable[..., Dataset]:
    """A function that makes a data set under its own name: the data set's recipe is the call, with every
    option."""
    name, signature = function.__name__, inspect.signature(function)

    @functools.wraps(function)
    def make(*args: Any, **options: Any) -> Dataset:
        data = function(*args, **options)
        call = signature.bind(*args, **options)
        call.apply_defaults()
        data.recipe = {"make": name, **call.arguments}
        data.title = data.title or name
        return data

    MAKERS[name] = make
    return make


def _made(recipe: Mapping[str, Any], given: Dataset | None) -> Dataset:
    name = recipe["make"]
    if name is not None:
        if name not in MAKERS:
            raise EngineError(f"There is no data set {name!r}; there are {', '.join(MAKERS)}.")
        return MAKERS[name](**{key: value for key, value in recipe.items() if key not in ("make", "then")})
    if given is None and "X" not in recipe:
        raise EngineError("The description holds no numbers, only their hash; give the data: Dataset.rebuild(…, given=data).")
    if given is None:
        words = {key: recipe[key] for key in ("names", "target", "classes", "title")}
        given = Dataset(recipe["X"], recipe["y"], **words)
    if given.sha256 != recipe["sha256"]:
        raise EngineError("The data given are not those of the description: their numbers differ.")
    return given


# -- what makers share ---------------------------------------------------------------------------------------
def generator(seed: Any) -> np.random.Generator:
    """The stream of random numbers of a seed, a whole number from 0 on."""
    return np.random.default_rng(_seed(seed))


def whole(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """A whole number that a maker was given, or a sentence."""
    fits = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not fits or value < least or (most is not None and value > most):
        upto = f" to {most:,}" if most is not None else " on"
        raise EngineError(f"{name} is a whole number from {least}{upto}, not {value!r}.")
    return int(value)


def amount(name: str, value: Any) -> float:
    """A number from 0 on that a maker was given, or a sentence."""
    if isinstance(value, (bool, str)) or not np.isscalar(value) or not 0 <= value < np.inf:  # type: ignore[operator]
        raise EngineError(f"{name} is a number from 0 on, not {value!r}.")
    return float(value)  # type: ignore[arg-type]


def _seed(seed: Any) -> int:
    return whole("The seed", seed, 0)


def _locked(values: Any, what: str) -> np.ndarray:
    try:
        array = np.array(values)
    except ValueError:
        raise EngineError(f"The {what} are no table: their rows have different lengths.") from None
    if array.dtype.kind not in "fiub" or not array.ndim or not len(array):
        raise EngineError(f"The {what} are an array of real numbers with a row per example, at least one.")
    array = array.astype(np.int64 if array.dtype.kind in "iub" else float)
    if not np.isfinite(array).all():
        raise EngineError(f"The {what} hold a number that is not finite, in row {np.argwhere(~np.isfinite(array))[0][0]}.")
    array.flags.writeable = False
    return array


__all__ = ["MAKERS", "Dataset", "amount", "generator", "maker", "whole"]
