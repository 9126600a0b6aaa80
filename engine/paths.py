"""Paths: every way from an input to the output, the product of the local slopes along each, and their sum.

The chain rule in its longest form: a derivative is the sum, over all paths, of the products of local derivatives. The
number of paths is counted exactly for any graph; they are listed where they are few. A product is multiplied from the
output back, as the reverse sweep does, so that for a chain it is the adjoint to the last bit.

    >>> paths = Paths("(a*b + c)*a", "a", {"a": 2, "b": 3, "c": -1})
    >>> paths.count, [[step.name for step in path.steps] for path in paths]
    (2, [['a', 'f'], ['a', 'p', 'q', 'f']])
    >>> [path.product for path in paths], paths.slope
    ([5.0, 6.0], 11.0)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import EngineError
from .function import Function
from .quantity import Quantity
from .trace import Edge, Step, Trace

LISTED = 64  # more paths than this are counted, not listed


@dataclass(frozen=True)
class Path:
    """Edges from the input to the output. ``back[k]`` is the product of the last k local slopes, ``along[k]`` of the
    first k; both begin with 1."""

    edges: tuple[Edge, ...]
    back: tuple[float, ...]
    along: tuple[float, ...]

    @property
    def product(self) -> float:
        """All local slopes multiplied, from the output back."""
        return self.back[-1]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that it visits, the input first."""
        return (self.edges[0].source, *(edge.target for edge in self.edges))


class Paths:
    """All paths from the input ``name`` (default: the first) to the output of a function at a point, or of a trace.

    ``count``: how many there are, exactly. ``links``: edges walked when each path is walked on its own. ``arrows``: edges
    that lie on some path, each once – what one reverse sweep visits. ``slope``: the engine's derivative.

    Raises EngineError for an input that does not exist; listing raises it for more than 64 paths and for arrays.
    """

    def __init__(self, what: Any, name: str | None = None, at: Mapping[str, Any] | None = None):
        if not isinstance(what, Trace):
            function = Function.of(what)
            what = function.trace(function.point() if at is None else at)
        self.trace: Trace = what
        inputs = self.trace.function.inputs
        self.name = inputs[0] if name is None else name
        if self.name not in inputs:
            raise EngineError(f"There is no input {self.name}; inputs are {', '.join(inputs)}.")
        self.start = self.trace.inputs[inputs.index(self.name)]
        self._count()

    def _count(self) -> None:
        steps, output = self.trace.steps, self.trace.output
        ways, links = [0] * len(steps), [0] * len(steps)  # paths from the input to a step, and the edges in them
        ways[self.start.index] = 1
        for step in steps[: output.index + 1]:
            for edge in step.edges:
                ways[step.index] += ways[edge.source.index]
                links[step.index] += links[edge.source.index] + ways[edge.source.index]
        self.count, self.links = ways[output.index], links[output.index]
        alive = {output.index}
        self.arrows = 0
        for step in reversed(steps[: output.index + 1]):
            if step.index in alive:
                for edge in step.edges:
                    if ways[edge.source.index]:
                        alive.add(edge.source.index)
                        self.arrows += 1
        self._ways = ways

    @property
    def slope(self) -> float:
        """The derivative of the output by the input, by the reverse sweep."""
        return float(self.trace.gradient[self.name])

    @functools.cached_property
    def _listed(self) -> tuple[Path, ...]:
        if self.count > LISTED:
            raise EngineError(f"There are {self.count} paths from {self.name}; at most {LISTED} are listed one by one.")
        found: list[tuple[Edge, ...]] = []

        def walk(step: Step, tail: tuple[Edge, ...]) -> None:
            if step.index == self.start.index:
                found.append(tail)
                return
            for edge in step.edges:
                if self._ways[edge.source.index]:
                    walk(edge.source, (edge, *tail))

        walk(self.trace.output, ())
        found.sort(key=lambda path: [(-edge.target.index, edge.slot) for edge in path])  # as the reverse sweep arrives
        return tuple(self._path(edges) for edges in found)

    def _path(self, edges: tuple[Edge, ...]) -> Path:
        for edge in edges:
            if edge.local is None or np.ndim(edge.local):
                raise EngineError(
                    f"{edge.target.name} works on an array; products along paths are written for single numbers."
                )
        back, along = [1.0], [1.0]
        for edge in reversed(edges):
            back.append(back[-1] * float(edge.local))  # type: ignore[arg-type]
        for edge in edges:
            along.append(along[-1] * float(edge.local))  # type: ignore[arg-type]
        return Path(edges, tuple(back), tuple(along))

    def __iter__(self) -> Iterator[Path]:
        return iter(self._listed)

    def __getitem__(self, index: int) -> Path:
        return self._listed[index]

    def __len__(self) -> int:
        return len(self._listed)

    # -- numbers that may be shown -----------------------------------------------------------------------------
    def quantity(self, what: str, path: int = 0, links: int | None = None) -> Quantity:
        """"count", "links", "arrows", "slope"; "product" of a path, or of its last ``links`` links; "along" for its first
        ``links`` links; "total": the sum of the products up to and with a path."""
        if what in ("count", "links", "arrows", "slope"):
            try:
                return Quantity("paths", what, float(getattr(self, what)))
            except OverflowError:
                raise EngineError(f"{self.name} has more paths than a number can show.") from None
        if what not in ("product", "along", "total"):
            raise EngineError(f"Paths have no {what!r}.")
        if not 0 <= path < len(self):
            raise EngineError(f"There is no path {path}; {self.name} has {self.count}.")
        if what == "total":
            return Quantity("paths", f"total/{path}", float(sum(p.product for p in self._listed[: path + 1])))
        values = self[path].back if what == "product" else self[path].along
        links = len(values) - 1 if links is None else links
        if not 0 <= links < len(values):
            raise EngineError(f"Path {path} has {len(values) - 1} links, not {links}.")
        return Quantity("paths", f"{what}/{path}.{links}", values[links])

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``: ``count``, ``product/1.3``, ``total/0``."""
        what, _, rest = key.partition("/")
        path, _, links = rest.partition(".")
        return self.quantity(what, int(path or 0), int(links) if links else None).value

    def describe(self) -> dict[str, Any]:
        return {"kind": "paths", "trace": self.trace.describe(), "name": self.name}

    @classmethod
    def rebuild(cls, description: Mapping[str, Any]) -> Paths:
        return cls(Trace.rebuild(description["trace"]), description["name"])

    def __repr__(self) -> str:
        return f"<{self.count} paths from {self.name} in {self.trace.function.title}>"
