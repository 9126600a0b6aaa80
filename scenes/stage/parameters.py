"""Declared parameters: the one place from which the command line, its help, a notebook call and a subclass all come.

No picture is imported here, so that `--help` answers at once.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import StageError


@dataclass(frozen=True)
class Parameter:
    """One option of a clip.

    `kind` is function, point, ranges, int, float, ints, floats, yes (a switch), choice, names, file (one that is there)
    or text.

    >>> Parameter("steps", "int", 40, "how many steps", low=1, high=500).coerce("12")
    12
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    def coerce(self, value: Any) -> Any:
        """A value from text, or from Python, checked; StageError says what is wrong and what would be right."""
        if value is None or self.kind in ("function",):
            return value
        return getattr(self, "_" + self.kind)(value)

    def _point(self, value: Any) -> dict[str, float]:
        return parse_point(value, self.flag)

    def _ranges(self, value: Any) -> dict[str, tuple[float, float]]:
        return parse_ranges(value, self.flag)

    def _int(self, value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError:
            raise StageError(f"{self.flag} takes a whole number, not '{value}'") from None
        return int(self._bounded(number))

    def _float(self, value: Any) -> float:
        return float(self._bounded(_number(str(value), self.flag)))

    def _ints(self, value: Any) -> tuple[int, ...]:
        return tuple(self._int(part) for part in _parts(value, self.flag, "8,8,1"))

    def _floats(self, value: Any) -> tuple[float, ...]:
        return tuple(self._float(part) for part in _parts(value, self.flag, "0.1,0.01"))

    def _yes(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("yes", "true", "no", "false"):
            raise StageError(f"{self.flag} is '{value}'; it can be yes or no")
        return str(value).lower() in ("yes", "true")

    def _file(self, value: Any) -> str:
        path = Path(value).expanduser()
        if not path.exists():
            raise StageError(f"{self.flag} names {value}, which is not there")
        return str(value)

    def _bounded(self, number: float) -> float:
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            low = "" if self.low is None else f"at least {self.low:g}"
            high = "" if self.high is None else f"at most {self.high:g}"
            raise StageError(f"{self.flag} is {number:g}; it can be {' and '.join(t for t in (low, high) if t)}")
        return number

    def _choice(self, value: Any) -> str:
        if value not in self.choices:
            near = difflib.get_close_matches(str(value), self.choices, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise StageError(f"{self.flag} is '{value}'; it can be {', '.join(self.choices)}{hint}")
        return str(value)

    def _names(self, value: Any) -> tuple[str, ...]:
        names = tuple(v.strip() for v in value.split(",")) if isinstance(value, str) else tuple(value)
        return tuple(self._choice(v) for v in names) if self.choices else names

    def _text(self, value: Any) -> str:
        return str(value)


def _parts(value: Any, flag: str, example: str) -> list[Any]:
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)
    if not parts or "" in parts:
        raise StageError(f"{flag} takes a list such as {example}, not '{value}'")
    return parts


def _number(text: str, flag: str) -> float:
    plain = text.strip().replace("−", "-")
    constants = {"pi": math.pi, "-pi": -math.pi, "e": math.e, "-e": -math.e}
    try:
        number = constants.get(plain, None)
        number = float(plain) if number is None else number
    except ValueError:
        raise StageError(f"'{text}' in {flag} is not a number") from None
    if not math.isfinite(number):
        raise StageError(f"'{text}' in {flag} is not a finite number")
    return number


def _pairs(value: str, flag: str, example: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for part in filter(None, (p.strip() for p in value.split(","))):
        name, equals, text = part.partition("=")
        if not equals or not re.fullmatch(r"[^\W\d]\w*", name.strip()) or not text.strip():
            raise StageError(f"{flag} takes name=value pairs such as {example}, not '{part}'")
        if name.strip() in dict(pairs):
            raise StageError(f"{flag} names {name.strip()} twice")
        pairs.append((name.strip(), text.strip()))
    if not pairs:
        raise StageError(f"{flag} is empty; write it as {example}")
    return pairs


def parse_point(value: Any, flag: str = "--at") -> dict[str, float]:
    """A point from `x=1.5,y=-0.5` or from a mapping.

    >>> parse_point("x=1.5,y=-0.5")
    {'x': 1.5, 'y': -0.5}
    """
    if isinstance(value, str):
        return {k: _number(v, flag) for k, v in _pairs(value, flag, "x=1.5,y=-0.5")}
    return {str(k): _number(repr(float(v)), flag) for k, v in dict(value).items()}


def parse_ranges(value: Any, flag: str = "--range") -> dict[str, tuple[float, float]]:
    """Ranges from `x=-3:3,y=0:2` or from a mapping to pairs.

    >>> parse_ranges("x=-3:3")
    {'x': (-3.0, 3.0)}
    """
    if isinstance(value, str):
        split: dict[str, tuple[float, float]] = {}
        for name, text in _pairs(value, flag, "x=-3:3"):
            start, colon, end = text.partition(":")
            if not colon:
                raise StageError(f"{flag} takes low:high for {name}, such as {name}=-3:3, not '{text}'")
            split[name] = (_number(start, flag), _number(end, flag))
    else:
        split = {str(k): (float(a), float(b)) for k, (a, b) in dict(value).items()}
    for name, (low, high) in split.items():
        if not low < high:
            raise StageError(f"{flag} for {name} runs from {low:g} to {high:g}; the first must be the smaller")
    return split


def nearest(name: str, known: list[str]) -> str:
    """A hint with the nearest known name, or nothing.

    >>> nearest("bakward", ["backward", "slice"])
    "; did you mean 'backward'?"
    """
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean '{near[0]}'?" if near else ""
