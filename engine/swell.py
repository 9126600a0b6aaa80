"""Expression swell: how large a formula and its derivative are when written out, and how small when shared.

A formula written out is a tree: a value that is used twice stands there twice. The graph of the steps keeps each
different sub-formula once. The derivative is built by the rules of a textbook – the product rule over all factors of a
product, sums written side by side, factors 1 and terms 0 dropped, nothing else simplified – and both are counted by
going over the shared graph once with memory, so that trees of 10^100 operations are counted at once, exactly.

    >>> layers = Swell("v*(1 + tanh(v))", depth=6)
    >>> [row.value for row in layers.rows]
    [3, 9, 21, 45, 93, 189]
    >>> [row.derivative for row in layers.rows]
    [7, 38, 136, 416, 1168, 3104]
    >>> [row.derivative_shared for row in layers.rows]
    [6, 17, 30, 45, 62, 81]
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function, jsonable
from .handbook import derivative
from .quantity import Quantity
from .trace import Constant, Trace


class Forest:
    """Formulas as a graph in which equal sub-formulas are one node. A node is a number; operands have smaller numbers.

    ``operations[k]`` and ``nodes[k]`` are the sizes of the tree of node k, written out: operations alone, and with the
    leaves (inputs and numbers).
    """

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.operands: list[tuple[int, ...]] = []
        self.operations: list[int] = []
        self.nodes: list[int] = []
        self._known: dict[tuple, int] = {}
        self._locals: dict[tuple[int, int], int] = {}
        self.zero, self.one = self.leaf("0"), self.leaf("1")

    def leaf(self, text: str) -> int:
        return self._node(f"={text}", ())

    def is_leaf(self, node: int) -> bool:
        return self.kinds[node].startswith("=")

    def _node(self, kind: str, operands: tuple[int, ...]) -> int:
        key = (kind, operands)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.kinds)
            self.kinds.append(kind)
            self.operands.append(operands)
            self.operations.append((not kind.startswith("=")) + sum(self.operations[k] for k in operands))
            self.nodes.append(1 + sum(self.nodes[k] for k in operands))
        return found

    def apply(self, kind: str, *operands: int) -> int:
        """A function of nodes; a factor 1 and a term 0 are not written."""
        zero, one = self.zero, self.one
        match kind, operands:
            case "mul", (a, b):
                if a == zero or b == zero:
                    return zero
                if a == one or b == one:
                    return b if a == one else a
            case "add", (a, b):
                if a == zero or b == zero:
                    return b if a == zero else a
            case "sub", (a, b):
                if b == zero:
                    return a
                if a == zero:
                    return self.apply("neg", b)
            case "neg", (a,):
                if a == zero:
                    return a
            case "div", (a, b):
                if a == zero or b == one:
                    return a
        return self._node(kind, operands)

    def total(self, terms: Iterable[int]) -> int:
        """The sum of terms, left to right; 0 of none."""
        return functools.reduce(lambda a, b: self.apply("add", a, b), terms, self.zero)

    def shared(self, roots: Iterable[int], seen: set[int] | None = None) -> int:
        """How many operations the formulas of some nodes take when each different one is kept once (those already in
        ``seen`` are not counted, and what is counted is added to it)."""
        seen = set() if seen is None else seen
        waiting = [root for root in roots if root not in seen]
        count = 0
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                count += not self.is_leaf(node)
                waiting += [k for k in self.operands[node] if k not in seen]
        return count

    # -- derivatives -----------------------------------------------------------------------------------------
    def local(self, node: int, slot: int) -> int:
        """The derivative of a node by one of its operands, as the handbook has it."""
        if (node, slot) not in self._locals:
            kind, operands = self.kinds[node], self.operands[node]
            rule = derivative(kind, slot)
            if rule is None:
                found = self._node(f"{kind}'{slot}", operands)  # one function more, of the same operands
            else:
                found = self._rule(rule, {"x": operands[0], "z": operands[-1], "y": node})
            self._locals[node, slot] = found
        return self._locals[node, slot]

    def _rule(self, tree: ast.expr, names: Mapping[str, int]) -> int:
        match tree:
            case ast.Constant(value):
                return self.leaf(repr(value))
            case ast.Name(name):
                return names[name] if name in names else self.leaf(name)
            case ast.UnaryOp(ast.USub(), ast.Constant(1)):
                return self.apply("neg", self.one)
            case ast.UnaryOp(_, operand):
                return self.apply("neg", self._rule(operand, names))
            case ast.BinOp(left, ast.Pow(), ast.Constant(2)):
                return self.apply("square", self._rule(left, names))
            case ast.BinOp(left, operator, right):
                return self.apply(_KINDS[type(operator)], self._rule(left, names), self._rule(right, names))
            case ast.Call(ast.Name(name), arguments):
                return self.apply(name, *(self._rule(argument, names) for argument in arguments))
            case ast.IfExp(ast.Compare(left, _, [right]), _, _):
                return self.apply("step", self._rule(left, names), self._rule(right, names))
        raise EngineError(f"The handbook's {ast.unparse(tree)} cannot be counted.")

    def terms(self, root: int, by: int) -> list[list[int] | None]:
        """The derivative of every node up to ``root`` by the leaf ``by``, as the terms of a sum (empty: it is 0)."""
        found: list[list[int] | None] = [None] * (root + 1)
        for node in self._under(root):
            found[node] = [self.one] if node == by else [] if self.is_leaf(node) else self._terms(node, found)
        return found

    def _under(self, root: int) -> list[int]:
        seen: set[int] = set()
        self.shared([root], seen)
        return sorted(seen)

    def _terms(self, node: int, found: list[list[int] | None]) -> list[int]:
        kind, operands = self.kinds[node], self.operands[node]
        inner = [found[k] or [] for k in operands]
        if kind in ("add", "sub", "neg"):  # one node: a list of terms would double with every x + x
            whole = self.apply(kind, *(self.total(terms) for terms in inner))
            return [whole] if whole != self.zero else []
        result: list[int] = []
        for slot, (operand, terms) in enumerate(zip(operands, inner, strict=True)):
            if not terms:
                continue
            if kind == "mul":  # (abc)' = a'bc + ab'c + abc': the terms of a factor that is a product stay apart
                parts = terms if self.kinds[operand] == "mul" else [self.total(terms)]
                other = operands[1 - slot]
                result += [self.apply("mul", t, other) if slot == 0 else self.apply("mul", other, t) for t in parts]
            elif kind == "div" and slot == 0:
                parts = terms if self.kinds[operand] == "mul" else [self.total(terms)]
                result += [self.apply("div", t, operands[1]) for t in parts]
            else:
                result.append(self.times(self.total(terms), self.local(node, slot)))
        return [t for t in result if t != self.zero]

    def times(self, factor: int, local: int) -> int:
        """A product with a local derivative; -1 makes a minus sign."""
        if self.kinds[local] == "neg" and self.operands[local] == (self.one,):
            return self.apply("neg", factor)
        return self.apply("mul", local, factor)

    def gradient(self, root: int) -> dict[int, int]:
        """The reverse sweep written with nodes: the derivative of ``root`` by every leaf under it."""
        adjoints: dict[int, int] = {root: self.one}
        leaves: dict[int, int] = {}
        for node in reversed(self._under(root)):
            adjoint = adjoints.get(node)
            if adjoint is None:
                continue
            if self.is_leaf(node):
                leaves[node] = adjoint
                continue
            for slot, operand in enumerate(self.operands[node]):
                if self.is_leaf(operand) and not self.kinds[operand].startswith("=input "):
                    continue
                if self.kinds[node] == "div" and slot == 0:
                    part = self.apply("div", adjoint, self.operands[node][1])
                else:
                    part = self.times(adjoint, self.local(node, slot))
                adjoints[operand] = self.apply("add", adjoints.get(operand, self.zero), part)
        return leaves


_KINDS: dict[type, str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}


@dataclass(frozen=True)
class SwellRow:
    """The sizes for one depth, in operations; the ``…_nodes`` count the leaves as well.

    ``value`` and ``derivative``: trees, written out. ``…_shared``: each different sub-formula once. ``sweep``: value and
    whole gradient by one forward and one reverse sweep over the graph of the value.
    """

    depth: int
    value: int
    value_nodes: int
    value_shared: int
    derivative: int
    derivative_nodes: int
    derivative_shared: int
    sweep: int


class Swell:
    """The sizes of a scalar function applied to its own result 1, 2, … ``depth`` times, and of the derivative by ``name``.

    ``what`` is a function or a trace; of a function the path at ``at`` is taken (default: a point it chooses itself).
    Other inputs than ``name`` (default: the first) stay as they are from one application to the next.

    Raises EngineError for arrays, and for an input that does not exist.
    """

    def __init__(self, what: Any, depth: int = 1, name: str | None = None, at: Mapping[str, Any] | None = None):
        if not isinstance(what, Trace):
            function = Function.of(what)
            what = function.trace(function.point() if at is None else at)
        self.trace = what
        self.function = what.function
        self.name = name or self.function.inputs[0]
        if self.name not in self.function.inputs:
            raise EngineError(f"There is no input {self.name}; inputs are {', '.join(self.function.inputs)}.")
        if depth < 1:
            raise EngineError("The depth of a swell is 1 or more.")
        self.forest = Forest()
        self.input = self.forest.leaf(f"input {self.name}")
        self._roots: list[tuple[int, int]] = []  # of value and derivative in the forest, depth by depth
        self.rows = tuple(self._rows(depth))

    def _rows(self, depth: int) -> Iterable[SwellRow]:
        forest = self.forest
        values = [self.input]
        for _ in range(depth):
            values.append(self._applied(values[-1]))
        terms = forest.terms(values[-1], self.input)
        seen_value: set[int] = set()
        seen: set[int] = set()
        shared = value_shared = 0
        before = forest.zero
        for number, value in enumerate(values[1:], 1):
            slope = forest.total(terms[value] or [])
            self._roots.append((value, slope))
            seen.discard(before)
            added = forest.shared([slope], seen)
            if before in seen and not forest.is_leaf(before):
                shared += added - 1  # the derivative before is a part of this one and was counted then
            else:
                seen = set()
                shared = forest.shared([slope], seen)
            before = slope
            value_shared += forest.shared([value], seen_value)
            sweep = forest.shared([value, forest.gradient(value).get(self.input, forest.zero)])
            yield SwellRow(
                number, forest.operations[value], forest.nodes[value], value_shared,
                forest.operations[slope], forest.nodes[slope], shared, sweep,
            )  # fmt: skip

    def root(self, depth: int, what: str = "derivative") -> int:
        """The node of the forest that is the "value" or the "derivative" after so many applications."""
        if not 1 <= depth <= len(self.rows):
            raise EngineError(f"This swell has depths 1 to {len(self.rows)}, not {depth}.")
        return self._roots[depth - 1][("value", "derivative").index(what)]

    def _applied(self, argument: int) -> int:
        """The function once more, with a node in the place of its input."""
        nodes: list[int] = []
        for step in self.trace.steps:
            if isinstance(step.value, np.ndarray):
                raise EngineError(f"{step.name} is an array; formulas are counted for functions of single numbers.")
            if step.is_input:
                nodes.append(argument if step.name == self.name else self.forest.leaf(f"input {step.name}"))
                continue
            operands = [
                self._constant(o) if isinstance(o, Constant) else nodes[o.source.index]
                for o in (step.operands[:1] if step.primitive == "square" else step.operands)
            ]
            if step.primitive == "alias":
                nodes.append(operands[0])
            else:
                nodes.append(self.forest.apply(step.primitive, *operands))
        return nodes[self.trace.output.index]

    def _constant(self, constant: Constant) -> int:
        value = float(constant.value)
        return self.forest.leaf(repr(int(value)) if value.is_integer() else repr(value))

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, depth: int = 1) -> Quantity:
        """A size for one depth: a field of ``SwellRow``. Raises EngineError where it is too large for a float (1e308);
        the row itself has it exactly."""
        if what not in SwellRow.__dataclass_fields__:
            raise EngineError(f"A swell has no {what!r}; it has {', '.join(SwellRow.__dataclass_fields__)}.")
        if not 1 <= depth <= len(self.rows):
            raise EngineError(f"This swell has depths 1 to {len(self.rows)}, not {depth}.")
        size = getattr(self.rows[depth - 1], what)
        try:
            return Quantity("swell", f"{what}/{depth}", float(size))
        except OverflowError:
            raise EngineError(f"The size at depth {depth} has {len(str(size))} digits, too many to show as a number.") from None

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``derivative/6``."""
        what, _, depth = key.partition("/")
        return self.quantity(what, int(depth or 1)).value

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "swell", "function": self.function.describe(), "at": jsonable(self.trace.at), "name": self.name,
            "depth": len(self.rows),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Swell:
        function = Function.rebuild(description["function"])
        return cls(function, description["depth"], description["name"], description["at"])

    def __repr__(self) -> str:
        return f"<swell of {self.function.title} by {self.name}, depths 1 to {len(self.rows)}>"
