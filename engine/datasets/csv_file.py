"""A table from a CSV file: columns of numbers and of labels, one of them the target."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import EngineError
from .dataset import Dataset, maker

MISSING = frozenset(("", "?", "-", "na", "n/a", "nan", "null", "none", "missing"))
MOST_LABELS = 100
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


@maker
def table(
    path: str, target: str | None = None, columns: Sequence[str] | None = None, labels: Sequence[str] = (),
    delimiter: str | None = None,
) -> Dataset:  # fmt: skip
    """A CSV file as a data set. The first line names the columns; ``target`` is one of them, else the last
    one.

    A column is numeric when its first value is a number. Any other column, and those named in ``labels``,
    holds words: as a target they become classes 0, 1, … in alphabetical order, as an input a column of 0 and
    1 for each word. ``columns`` chooses the inputs. The delimiter is found among comma, semicolon, tab and
    bar.

    Raises EngineError with line and column for a missing value, a word among numbers, or a line of another
    length.
    """
    names, lines = _read(path, delimiter)
    target = names[-1] if target is None else target
    inputs = [name for name in names if name != target] if columns is None else list(columns)
    for name in (target, *inputs, *labels):
        if name not in names:
            raise EngineError(f"{path} has no column {name!r}; it has {', '.join(names)}.")
    if target in inputs or len(set(inputs)) < len(inputs) or not inputs:
        raise EngineError(f"The inputs are one column or more, each once and none of them the target {target}.")
    X: list[np.ndarray] = []
    heads: list[str] = []
    for name in inputs:
        numbers, words = _column(path, names.index(name), name, lines, name in labels)
        if words:
            if len(words) > MOST_LABELS:
                raise EngineError(
                    f"{path}, column {name}: {len(words)} different words are too many for an input; "
                    "leave the column out with columns=[…]."
                )
            X += [(numbers == k).astype(float) for k in range(len(words))]
            heads += [f"{name}={word}" for word in words]
        else:
            X.append(numbers)
            heads.append(name)
    y, classes = _column(path, names.index(target), target, lines, target in labels)
    title = Path(path).name
    return Dataset(np.stack(X, axis=1), y, names=heads, target=target, classes=classes, title=title)


def _read(path: str, delimiter: str | None) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and each line with its number and its values; empty lines are passed over."""
    try:
        with open(Path(path).expanduser(), encoding="utf-8-sig", newline="") as file:
            if delimiter is None:
                first = file.readline()
                delimiter = max(",;\t|", key=first.count)
                file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
            rows = [(reader.line_num, [value.strip() for value in row]) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error, TypeError) as problem:
        raise EngineError(f"{path} cannot be read as a table: {problem}.") from None
    if not rows:
        raise EngineError(f"{path} is empty.")
    names = rows[0][1]
    if all(_is_number(name) for name in names):
        raise EngineError(f"{path} begins with numbers; its first line should name the columns.")
    if "" in names or len(set(names)) < len(names):
        raise EngineError(f"{path}: every column needs a name of its own in the first line; it has {', '.join(names)}.")
    if len(names) < 2:
        raise EngineError(f"{path} has one column, {names[0]}; a table to learn from has an input and a target.")
    if len(rows) == 1:
        raise EngineError(f"{path} names its columns but has no row.")
    for line, values in rows[1:]:
        if len(values) != len(names):
            raise EngineError(f"{path}, line {line}: {len(values)} values for {len(names)} columns.")
    return names, rows[1:]


def _column(
    path: str, place: int, name: str, lines: list[tuple[int, list[str]]], as_words: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The numbers of a column; or, for words, their places in the alphabetical list of them, and that
    list."""
    values = [values[place] for _, values in lines]
    for (line, _), value in zip(lines, values, strict=True):
        if value.lower() in MISSING:
            said = repr(value) if value else "nothing"
            raise EngineError(f"{path}, line {line}, column {name}: a value is missing ({said}); fill it in or drop the line.")
    if as_words or not _is_number(values[0]):
        if _DECIMAL_COMMA.fullmatch(values[0]) and not as_words:
            raise EngineError(f"{path}, line {lines[0][0]}, column {name}: {values[0]!r} needs a decimal point, not a comma.")
        words = sorted(set(values))
        place_of = {word: k for k, word in enumerate(words)}
        return np.array([place_of[value] for value in values]), tuple(words)
    numbers = np.empty(len(values))
    for k, ((line, _), value) in enumerate(zip(lines, values, strict=True)):
        if not _is_number(value):
            raise EngineError(
                f"{path}, line {line}, column {name}: {value!r} is no finite number; "
                f"for a column of words say labels=[{name!r}]."
            )
        numbers[k] = float(value)
    return numbers, ()


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


__all__ = ["table"]
