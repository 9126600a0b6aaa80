"""Audit of paths, nudges and costs: counted from the other end, multiplied from sympy's slopes, replayed in 50 digits."""

from __future__ import annotations

import math
from typing import Any

import mpmath  # type: ignore[import-untyped]

from .audit import DIFFERENCES, DIGITS, EPSILON, GIVEN, REPLAY, Audit, TangentAudit, TraceAudit, _number, replay
from .cost import SECONDS, Cost
from .errors import EngineError
from .nudge import Nudge
from .paths import Paths
from .trace import Edge, Step, Trace


class PathsAudit:
    """Audits the keys of paths. Counts are made again from the output back; slopes are those of TraceAudit."""

    def __init__(self, paths: Paths):
        self.paths = paths
        self.check = TraceAudit(paths.trace)

    def __call__(self, key: str) -> Audit:
        what, _, rest = key.partition("/")
        if what in ("count", "links", "arrows"):
            return Audit(float(self._counts()[what]), REPLAY, 0.0)
        if what == "slope":
            return self.check(f"adjoint/{self.paths.start.index}")
        number, _, links = rest.partition(".")
        path, size = int(number), 0.0
        if what == "total":
            parts = [self._product(p.edges) for p in list(self.paths)[: path + 1]]
            size = max(abs(part) for part in parts)
            value = math.fsum(parts)
        else:
            edges = self.paths[path].edges
            n = int(links)
            value = self._product(edges[len(edges) - n :] if what == "product" else edges[:n])
            size = abs(value)
        return Audit(value, REPLAY, 1e-10 * abs(value) + 64 * EPSILON * size)

    def _product(self, edges: tuple[Edge, ...]) -> float:
        return math.prod((float(self.check.local(edge, None)[0]) for edge in edges), start=1.0)

    def _counts(self) -> dict[str, int]:
        """From the output back: for each step how many ways lead on to the output, and how long they are together."""
        trace, start = self.paths.trace, self.paths.start
        ways = {trace.output.index: 1}
        lengths = {trace.output.index: 0}
        for step in reversed(trace.steps[: trace.output.index]):
            ways[step.index] = sum(ways.get(use.target.index, 0) for use in step.uses)
            lengths[step.index] = sum(
                lengths.get(use.target.index, 0) + ways.get(use.target.index, 0) for use in step.uses
            )
        below = {start.index}
        for step in trace.steps[start.index + 1 :]:
            if any(edge.source.index in below for edge in step.edges):
                below.add(step.index)
        arrows = sum(
            use.source.index in below and ways.get(use.target.index, 0) > 0 for step in trace.steps for use in step.uses
        )
        return {"count": ways[start.index], "links": lengths[start.index], "arrows": arrows}


class NudgeAudit:
    """Audits the keys of a nudge: both values of a step replayed in 50 digits, forecasts from slopes."""

    def __init__(self, nudge: Nudge):
        self.nudge = nudge
        self.before, self.after = TraceAudit(nudge.trace), TraceAudit(nudge.there)
        self.tangent = TangentAudit(nudge.tangents)

    def __call__(self, key: str) -> Audit:
        what, _, number = key.partition("/")
        nudge = self.nudge
        if what == "delta":
            return Audit(nudge.delta, GIVEN, 0.0)
        if what == "share":
            path = PathsAudit(nudge.paths)(f"product/{number}.{len(nudge.paths[int(number)].edges)}")
            return Audit(path.value * nudge.delta, path.how, path.tolerance * abs(nudge.delta))
        step = int(number)
        if what == "forecast":
            slope = self.tangent(f"tangent/{step}")
            return Audit(slope.value * nudge.delta, DIFFERENCES, slope.tolerance * abs(nudge.delta))
        with mpmath.workdps(50):
            old, new = self._value(self.before, nudge.trace, step), self._value(self.after, nudge.there, step)
            value = {"moved": new, "change": new - old}[what]
        rounding = self.before.tolerance(float(old), "value") + self.after.tolerance(float(new), "value")
        return Audit(float(value), REPLAY, rounding)

    @staticmethod
    def _value(check: TraceAudit, trace: Trace, index: int) -> Any:
        if "values" not in check.cache:
            check.cache["values"] = (replay(trace, DIGITS, {}), REPLAY)
        return _number(check.cache["values"][0][index])


class CostAudit:
    """Audits the keys of a cost: counted again over the steps and their uses."""

    def __init__(self, cost: Cost):
        self.cost = cost

    def __call__(self, key: str) -> Audit:
        what, way, scale = (key.split("/") + ["", ""])[:3]
        cost, trace = self.cost, self.cost.trace
        steps = [s for s in trace.steps if not s.is_input]
        n = cost.knobs(scale or None)
        sweeps = {"nudging": n + 1, "forward": n, "reverse": 1}.get(way, 0)
        match what:
            case "inputs":
                value: float = len(trace.function.inputs)
            case "values":
                value = len(steps)
            case "tangent":
                value = self._tangent(trace.inputs[trace.function.inputs.index(way)])
            case "operations" if way == "nudging":
                value = (len(trace.inputs) + 1) * len(steps)
            case "operations" if way == "forward":
                value = sum(self._tangent(step) for step in trace.inputs)
            case "operations":
                live = [[use for use in step.uses if not use.dead] for step in trace.steps]
                value = sum(map(len, live)) + sum(max(len(uses) - 1, 0) for uses in live)
            case "sweeps":
                value = sweeps
            case "knobs":
                value = n
            case "each" | "bytes":  # given, and what this machine's Python holds
                return Audit(cost.lookup(key), GIVEN if what == "each" else REPLAY, 0.0)
            case _ if what in SECONDS:
                value = sweeps * cost.each * 1e-3 / SECONDS[what]
            case _:
                raise EngineError(f"{key!r} is no key of a cost.")
        return Audit(float(value), REPLAY, 1e-12 * abs(value))

    @staticmethod
    def _tangent(start: Step) -> int:
        """One product for each use of a value that the input reaches, one sum where two of them meet."""
        reached = {start.index}
        for step in start.trace.steps:
            if any(edge.source.index in reached for edge in step.edges):
                reached.add(step.index)
        uses = [use for step in start.trace.steps if step.index in reached for use in step.uses]
        return 2 * len(uses) - (len(reached) - 1)
