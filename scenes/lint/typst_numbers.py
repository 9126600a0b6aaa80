"""Reading formulas in numbers: `lb("#000003", 1.5) dot (-0.5) = lb("#000004", -0.75)` is 1.5 · (−0.5) and −0.75."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z][A-Za-z.]*)|(\\/|[-+*/^()=,−·×<>_!|\"#;:]))")
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "tanh": math.tanh, "sinh": math.sinh, "cosh": math.cosh,
    "exp": math.exp, "ln": math.log, "log": math.log, "sqrt": math.sqrt, "abs": abs,
    "sigma": lambda x: 1 / (1 + math.exp(-x)),
}  # fmt: skip
_RELATIONS = {"=": "=", "approx": "≈"}


class NotPlain(ValueError):
    """The formula has more than numbers in it."""


def strip_marks(source: str) -> str:
    """The source without the colour codes: `lb("#00000a", body)` becomes `(body)` where the body is more than one piece."""
    while True:
        start = source.find('lb("#')
        if start < 0:
            return source
        at = source.index(",", start) + 1
        depth, end = 1, at
        quoted = False
        while depth:
            c = source[end]
            quoted ^= c == '"'
            depth += 0 if quoted else (c == "(") - (c == ")")
            end += 1
        source = source[:start] + source[at : end - 1].strip() + source[end:]


def sides(source: str) -> list[tuple[str, str]]:
    """The formula cut at its relations: (relation before, side). `arrow.l` and commas begin another formula.

    >>> sides('p = 2 dot 3 approx 6')
    [('', 'p'), ('=', '2 dot 3'), ('≈', '6')]
    """
    plain = strip_marks(source)
    parts: list[tuple[str, str]] = []
    for piece in re.split(r"(?:\bquad\b|\bqquad\b|\barrow\.\w+|\",\"|\\\s|&)", plain):
        relation = ""
        depth, begin = 0, 0
        for match in re.finditer(r"[()]|=|\bapprox\b", piece):
            if match[0] in "()":
                depth += 1 if match[0] == "(" else -1
            elif depth == 0:
                parts.append((relation, piece[begin : match.start()].strip()))
                relation, begin = _RELATIONS[match[0]], match.end()
        parts.append((relation, piece[begin:].strip()))
    return parts


def literal(side: str) -> str | None:
    """A side that is one printed number, as it is printed; None for anything else.

    >>> literal("-0.75"), literal("1.23 dot 10^(6)"), literal("2 dot 3")
    ('−0.75', '1.23·10⁶', None)
    """
    match = re.fullmatch(r"\(?\s*(-?)\s*(\d+(?:\.\d+)?)?\s*(?:(?:dot)?\s*10\^\((-?\d+)\))?\s*\)?", side.strip())
    if not match or not (match[2] or match[3]):
        return None
    if match[3] is None:
        return ("−" if match[1] else "") + match[2]
    power = match[3].translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    head = f"{match[2]}·" if match[2] else ""
    return ("−" if match[1] else "") + f"{head}10{power}"


def value(side: str) -> float:
    """The number that a side says. Raises NotPlain where there is a symbol in it.

    >>> value("1.5 dot (-0.5)"), value("2^2 + sin(0)"), value("6/(1 + 2)"), value("frac(6, 3)")
    (-0.75, 4.0, 2.0, 2.0)
    """
    return _Reader(side).whole()


class _Reader:
    def __init__(self, text: str):
        self.tokens: list[str] = []
        at = 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match:
                raise NotPlain(text)
            self.tokens.append(match[1] or match[2] or match[3])
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, token: str | None = None) -> str:
        found = self.peek()
        if not found or (token is not None and found != token):
            raise NotPlain(found)
        self.at += 1
        return found

    def whole(self) -> float:
        try:
            result = self.sum()
        except (ArithmeticError, ValueError) as problem:
            raise NotPlain(str(problem)) from None
        if self.at < len(self.tokens):
            raise NotPlain(self.peek())
        return float(result)

    def sum(self) -> float:
        total = self.product()
        while self.peek() in ("+", "-", "−"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def product(self) -> float:
        total = self.power()
        while True:
            sign = self.peek()
            if sign in ("dot", "times", "·", "×", "dot.c", "*"):
                self.take()
                total *= self.power()
            elif sign in ("/", "\\/", "slash", "div"):
                self.take()
                total /= self.power()
            elif sign == "(" or sign in _FUNCTIONS or sign in ("frac", "e"):
                total *= self.power()
            else:
                return total

    def power(self) -> float:
        if self.peek() in ("-", "−"):
            self.take()
            return -self.power()
        base = self.atom()
        if self.peek() == "^":
            self.take()
            return float(base ** self.power())
        return base

    def atom(self) -> float:
        token = self.take()
        if token in ("(", "paren.l"):
            inside = self.sum()
            if self.take() not in (")", "paren.r"):
                raise NotPlain(token)
            return inside
        if re.match(r"[\d.]", token):
            return float(token)
        if token == "frac":
            self.take("(")
            top = self.sum()
            self.take(",")
            below = self.sum()
            self.take(")")
            return top / below
        if token == "pi":
            return math.pi
        if token == "e" and self.peek() == "^":
            return math.e
        if token == "lr":
            self.take("(")
            inside = self.sum()
            self.take(")")
            return inside
        if token in _FUNCTIONS:
            self.take("(")
            inside = self.sum()
            self.take(")")
            return _FUNCTIONS[token](inside)
        raise NotPlain(token)


__all__ = ["NotPlain", "literal", "sides", "strip_marks", "value"]
