"""Audit of a swell: the formulas are written a second time, by other means, and counted by going over them.

Formulas are objects that Python's own operators build, so that the texts of the handbook are simply evaluated; a formula
is known by a digest of what it is made of. Nothing of the engine's counter (`swell.Forest`) is used.
"""

from __future__ import annotations

import functools
import hashlib
import operator
from collections.abc import Callable, Iterable
from typing import Any

from .audit import Audit
from .errors import EngineError
from .handbook import DERIVATIVES
from .swell import Swell
from .trace import Constant

COUNTED = "written and counted again"


class Written:
    """A formula. `operations` and `nodes` are its sizes written out, without and with its leaves."""

    def __init__(self, kind: str, parts: tuple[Written, ...] = ()):
        self.kind, self.parts = kind, parts
        self.digest: bytes = hashlib.blake2b(repr((kind, [p.digest for p in parts])).encode(), digest_size=16).digest()
        self.operations: int = bool(parts) + sum(p.operations for p in parts)
        self.nodes: int = 1 + sum(p.nodes for p in parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __call__(self, *operands: Any) -> Written:
        """A name that is followed by operands is a function."""
        return Written(self.kind.removeprefix("="), tuple(map(written, operands)))

    def __neg__(self) -> Written:
        return self if self == ZERO else Written("neg", (self,))

    def __add__(self, other: Any) -> Written:
        other = written(other)
        return other if self == ZERO else self if other == ZERO else Written("add", (self, other))

    def __sub__(self, other: Any) -> Written:
        other = written(other)
        return self if other == ZERO else -other if self == ZERO else Written("sub", (self, other))

    def __mul__(self, other: Any) -> Written:
        other = written(other)
        if ZERO in (self, other):
            return ZERO
        return other if self == ONE else self if other == ONE else Written("mul", (self, other))

    def __truediv__(self, other: Any) -> Written:
        other = written(other)
        return self if self == ZERO or other == ONE else Written("div", (self, other))

    def __pow__(self, other: Any) -> Written:
        return Written("square", (self,)) if other == 2 else Written("pow", (self, written(other)))

    def __gt__(self, other: Any) -> Written:
        return Written("step", (self, written(other)))

    __lt__ = __gt__

    def __radd__(self, other: Any) -> Written:
        return written(other) + self

    def __rsub__(self, other: Any) -> Written:
        return written(other) - self

    def __rmul__(self, other: Any) -> Written:
        return written(other) * self

    def __rtruediv__(self, other: Any) -> Written:
        return written(other) / self

    def __rpow__(self, other: Any) -> Written:
        return Written("pow", (written(other), self))


def written(what: Any) -> Written:
    """A number as a formula; formulas stay what they are."""
    return what if isinstance(what, Written) else -ONE if what == -1 else Written(f"={what!r}")


ZERO, ONE = Written("=0"), Written("=1")
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "neg": operator.neg,
}  # fmt: skip


class _Names(dict[str, Written]):
    def __missing__(self, name: str) -> Written:
        return Written(f"={name}")


def total(terms: Iterable[Written]) -> Written:
    """The terms side by side."""
    return functools.reduce(operator.add, terms, ZERO)


def different(*roots: Written) -> int:
    """How many different operations stand in some formulas."""
    seen: set[Written] = set()
    waiting = list(roots)
    while waiting:
        formula = waiting.pop()
        if formula not in seen:
            seen.add(formula)
            waiting += formula.parts
    return sum(1 for formula in seen if formula.parts)


def local(formula: Written, slot: int) -> Written:
    """The derivative of a function by one operand: the text of the handbook, evaluated with formulas."""
    texts = DERIVATIVES.get(formula.kind, ())
    if slot >= len(texts):
        return Written(f"{formula.kind}'{slot}", formula.parts)
    text = texts[slot].partition(" if ")[2].partition(" else ")[0] or texts[slot]  # a step counts as one function
    names = _Names(x=formula.parts[0], z=formula.parts[-1], y=formula)
    return written(eval(text, {"__builtins__": {}}, names))  # our own table, never a user's text


def chained(factor: Written, slope: Written) -> Written:
    """A factor times a local slope; −1 makes a minus sign."""
    return -factor if slope == -ONE else slope * factor


class SwellAudit:
    """Audits the keys of a swell. They are whole numbers, so nothing may be off."""

    def __init__(self, swell: Swell):
        self.swell = swell
        self.by = Written(f"=input {swell.name}")
        self.values = [self.by]
        self.order: dict[Written, None] = {}  # the operations of the values, as they come up
        for _ in swell.rows:
            self.values.append(self.applied(self.values[-1]))
        self.sums: dict[Written, list[Written]] = {self.by: [ONE]}

    def applied(self, argument: Written) -> Written:
        """The function, written with a formula in the place of its input."""
        found: list[Written] = []
        for step in self.swell.trace.steps:
            if step.is_input:
                found.append(argument if step.name == self.swell.name else Written(f"=input {step.name}"))
                continue
            operands = [
                _constant(o) if isinstance(o, Constant) else found[o.source.index] for o in step.operands
            ][: 1 if step.primitive in ("square", "alias") else None]  # fmt: skip
            if step.primitive != "alias":
                make = OPERATORS.get(step.primitive, Written(f"={step.primitive}"))
                operands = [make(*operands)]
                if operands[0].parts:
                    self.order.setdefault(operands[0])
            found.append(operands[0])
        return found[self.swell.trace.output.index]

    def slope(self, formula: Written) -> list[Written]:
        """The derivative of a formula, as the terms of a sum; none where it is 0."""
        if formula not in self.sums:
            self.sums[formula] = [t for t in self._terms(formula) if t != ZERO]
        return self.sums[formula]

    def _terms(self, formula: Written) -> list[Written]:
        kind, parts = formula.kind, formula.parts
        inner = [self.slope(p) for p in parts]
        if kind in ("add", "sub", "neg"):
            return [OPERATORS[kind](*map(total, inner))]
        result = []
        for slot, (part, terms) in enumerate(zip(parts, inner, strict=True)):
            each = terms if part.kind == "mul" else [total(terms)] if terms else []  # a product's terms stay apart
            if kind == "mul":
                result += [t * parts[1] if slot == 0 else parts[0] * t for t in each]
            elif kind == "div" and slot == 0:
                result += [t / parts[1] for t in each]
            elif terms:
                result.append(chained(total(terms), local(formula, slot)))
        return result

    def swept(self, root: Written) -> Written:
        """The slope of a formula by the input, as a reverse sweep writes it."""
        blame: dict[Written, Written] = {root: ONE}
        for formula in reversed(self.order):
            if formula not in blame:
                continue
            for slot, part in enumerate(formula.parts):
                if not part.parts and not part.kind.startswith("=input "):
                    continue
                if formula.kind == "div" and slot == 0:
                    share = blame[formula] / formula.parts[1]
                else:
                    share = chained(blame[formula], local(formula, slot))
                blame[part] = blame.get(part, ZERO) + share
        return blame.get(self.by, ZERO)

    def __call__(self, key: str) -> Audit:
        what, _, depth = key.partition("/")
        number = int(depth or 1)
        if not 1 <= number < len(self.values):
            raise EngineError(f"This swell has depths 1 to {len(self.values) - 1}, not {number}.")
        value = self.values[number]
        if what == "depth":
            return Audit(float(number), COUNTED, 0.0)
        if what == "sweep":
            return Audit(float(different(value, self.swept(value))), COUNTED, 0.0)
        for k in range(1, number):  # from the inside, so that nothing is nested deeply
            self.slope(self.values[k])
        formula = total(self.slope(value)) if what.startswith("derivative") else value
        sizes = {"": formula.operations, "_nodes": formula.nodes, "_shared": different(formula)}
        size = sizes.get(what.removeprefix("derivative").removeprefix("value"))
        if size is None:
            raise EngineError(f"{key!r} is no key of a swell.")
        return Audit(float(size), COUNTED, 0.0)


def _constant(constant: Constant) -> Written:
    value = float(constant.value)
    return written(int(value) if value.is_integer() else value) if value != -1 else Written("=-1")


__all__ = ["SwellAudit"]
