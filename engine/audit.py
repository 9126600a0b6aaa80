"""Audit: every number a picture may show, computed a second time without the engine's derivative rules.

Values are replayed with 50 digits. A derivative is taken by sympy where the steps are few and scalar, and by central
differences with 50 digits otherwise. Which derivative is meant follows from its definition, not from a sweep:

    adjoint of a step        the output's derivative when that step's value is moved and everything after it
    recomputed
    contribution of an edge  the same, when only this one use of the value is moved
    local derivative         the derivative of the one primitive
    running sum              contributions added up in the order of the sweep
    tangent                  the derivative along the direction

Descents are checked one state after the other: each number is computed from the state before it.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy

from .blocks import Blocks, read_block_key
from .descent import Descent, _search
from .differences import Differences
from .error_curve import ErrorCurve
from .errors import EngineError
from .replay import DIGITS, PIECES, SYMBOLS, apply_step, replay, straight_piece
from .swell import Swell
from .trace import Constant, Edge, Step, Tangents, Trace, read_key

SYMPY, DIFFERENCES, REPLAY, GIVEN = "sympy 30 digits", "central differences", "replay", "given"
FEW = 40  # steps that sympy differentiates in no time
EPSILON = 2.0**-52


@dataclass(frozen=True)
class Audit:
    """``value`` as computed again, ``how``, and the ``tolerance`` (absolute) within which a shown number
    must lie."""

    value: float
    how: str
    tolerance: float

    def agrees(self, number: float) -> bool:
        """Whether a number lies within the tolerance; never for nan."""
        return bool(abs(number - self.value) <= self.tolerance)


def audit(description: Mapping[str, Any], key: str) -> Audit:
    """Compute one number again from the description of its source.

    >>> from chainreel.engine import Function
    >>> trace = Function.of("sin(x*y) + x**2").trace({"x": 1.5, "y": -0.5})
    >>> check = audit(trace.describe(), "adjoint/0")
    >>> round(check.value, 6), check.how
    (2.634156, 'sympy 30 digits')
    """
    return _auditor(json.dumps(dict(description), sort_keys=True))(key)


@functools.lru_cache(maxsize=32)
def _auditor(description: str) -> Callable[[str], Audit]:
    return auditor_of(json.loads(description))


def auditor_of(description: Mapping[str, Any]) -> Callable[[str], Audit]:
    """What audits the keys of one described object; faster than ``audit`` where many keys are asked."""
    match description.get("kind"):
        case "trace":
            return TraceAudit(Trace.rebuild(description))
        case "blocks":
            return BlocksAudit(Blocks.rebuild(description))
        case "tangents":
            return TangentAudit(Tangents.rebuild(description))
        case "descent":
            return DescentAudit(Descent.rebuild(description))
        case "differences":
            return DifferencesAudit(Differences.rebuild(description))
        case "error_curve":
            return CurveAudit(ErrorCurve.rebuild(description))
        case "swell":
            from .audit_swell import SwellAudit

            counted: Callable[[str], Audit] = SwellAudit(Swell.rebuild(description))
            return counted
        case "search_race":
            from .learning.search_race import SearchRace

            return RaceAudit(SearchRace.rebuild(description))
        case "dilution":
            from .learning.search_race import Dilution

            return DilutionAudit(Dilution.rebuild(description))
        case "response":
            from .learning.responses import Response

            return ResponseAudit(Response.rebuild(description))
        case "paths" | "nudge" | "cost":
            from . import audit_chains as chains
            from .cost import Cost
            from .nudge import Nudge
            from .paths import Paths

            kinds: dict[str, Any] = {
                "paths": (chains.PathsAudit, Paths), "nudge": (chains.NudgeAudit, Nudge), "cost": (chains.CostAudit, Cost),
            }  # fmt: skip
            auditor, made = kinds[description["kind"]]
            again: Callable[[str], Audit] = auditor(made.rebuild(description))
            return again
        case "stationary":
            from .stationary import Stationary

            return StationaryAudit(Stationary.rebuild(description))
        case "aim":
            from .aim import Aim
            from .audit_aim import AimAudit

            aimed: Callable[[str], Audit] = AimAudit(Aim.rebuild(description))
            return aimed
        case "sides":
            from .audit_sides import SidesAudit
            from .sides import Sides

            sided: Callable[[str], Audit] = SidesAudit(Sides.rebuild(description))
            return sided
        case "momentum":
            from .audit_momentum import MomentumAudit
            from .momentum import MomentumParts

            summed: Callable[[str], Audit] = MomentumAudit(MomentumParts.rebuild(description))
            return summed
        case "slip":
            from .slip import Slip

            return SlipAudit(Slip.rebuild(description))
        case "cut" | "trying":
            from . import audit_rules as rules
            from .learning.cut import Cut
            from .trying import Trying

            ruled: Callable[[str], Audit] = (
                rules.CutAudit(Cut.rebuild(description))
                if description["kind"] == "cut" else rules.TryingAudit(Trying.rebuild(description))
            )  # fmt: skip
            return ruled
        case "lattice" | "tape_growth" | "timing":
            from . import audit_measured as measured
            from .lattice import Lattice
            from .tape_growth import TapeGrowth
            from .timing import Timing

            counts: dict[str, Any] = {
                "lattice": (measured.LatticeAudit, Lattice), "tape_growth": (measured.TapeGrowthAudit, TapeGrowth),
                "timing": (measured.TimingAudit, Timing),
            }  # fmt: skip
            recount, counted_kind = counts[description["kind"]]
            recounted: Callable[[str], Audit] = recount(counted_kind.rebuild(description))
            return recounted
        case "training" | "exam" | "repeats" | "pass" | "landscape" | "knob_slice":
            return LearningAudit(description)
        case "fit" | "forecast" | "claims" | "scale":
            from . import audit_fits as fits
            from .claims import Claims
            from .fit import Fit
            from .forecast import Forecast
            from .scale import Scale

            found: dict[str, Any] = {
                "fit": (fits.FitAudit, Fit), "forecast": (fits.ForecastAudit, Forecast), "claims": (fits.ClaimsAudit, Claims),
                "scale": (fits.ScaleAudit, Scale),
            }  # fmt: skip
            fits_auditor, fits_made = found[description["kind"]]
            checked: Callable[[str], Audit] = fits_auditor(fits_made.rebuild(description))
            return checked
    raise EngineError(f"Numbers of a {description.get('kind')!r} cannot be audited here.")


class TraceAudit:
    """Audits the keys of a trace."""

    def __init__(self, trace: Trace):
        self.trace = trace
        scalar = all(not isinstance(step.value, np.ndarray) for step in trace.steps)
        self.symbolic = scalar and len(trace) <= FEW
        self.cache: dict[Any, tuple[Any, str]] = {}

    def __call__(self, key: str) -> Audit:
        kind, what, element = read_key(key)
        if kind in ("local", "contribution", "running") and len(what) == 2:
            edge = self.trace.edge(*what)
            value, how = {"local": self.local, "contribution": self.contribution, "running": self.running}[kind](edge, element)
        elif kind in ("value", "adjoint") and len(what) == 1:
            step = self.trace.step(what[0])
            value, how = {"value": self.value, "adjoint": self.adjoint}[kind](step, element)
        else:
            raise EngineError(f"{key!r} is no key of a trace.")
        return Audit(float(value), how, self.tolerance(float(value), kind))

    def tolerance(self, value: float, kind: str) -> float:
        """Rounding of doubles, with room for cancellation: measured by the largest number of the same
        kind."""
        if kind == "value":
            sizes = [_size(step.value) for step in self.trace.steps]
        else:
            sizes = [_size(step.adjoint) for step in self.trace.steps]
        return 1e-10 * abs(value) + 64 * EPSILON * min(max(sizes), 1e6 * max(abs(value), 1e-3))

    # -- values ----------------------------------------------------------------------------------------------
    def value(self, step: Step, element: Any) -> tuple[Any, str]:
        if "values" not in self.cache:
            with mpmath.workdps(50):
                self.cache["values"] = (replay(self.trace, DIGITS, {}), REPLAY)
        return _pick(self.cache["values"][0][step.index], element), REPLAY

    # -- derivatives of the output ---------------------------------------------------------------------------
    def adjoint(self, step: Step, element: Any) -> tuple[Any, str]:
        return self.slope(step.value, element, lambda moved: {"steps": {step.index: moved}}, ("adjoint", step.index))

    def contribution(self, edge: Edge, element: Any) -> tuple[Any, str]:
        place = (edge.target.index, edge.slot)
        return self.slope(edge.source.value, element, lambda moved: {"edges": {place: moved}}, ("edge", *place))

    def running(self, edge: Edge, element: Any) -> tuple[Any, str]:
        total: Any = 0
        how = SYMPY
        for use in edge.source.uses:
            if not use.dead:
                part, how = self.contribution(use, element)
                total = total + part
            if use.target.index == edge.target.index and use.slot == edge.slot:
                break
        return total, how

    def slope(self, base: Any, element: Any, place: Callable[[Any], dict], key: tuple) -> tuple[Any, str]:
        """The output's derivative when what ``place`` names moves away from ``base``."""
        key = (*key, element)
        if key not in self.cache:
            self.cache[key] = self._symbolic(base, place) or self._numeric(base, element, place)
        return self.cache[key]

    def _symbolic(self, base: Any, place: Callable[[Any], dict]) -> tuple[Any, str] | None:
        if not self.symbolic:
            return None
        moved = sympy.Symbol("moved", real=True)
        try:
            names = {step.index: sympy.Symbol(f"x{step.index}", real=True) for step in self.trace.inputs}
            points = {names[step.index]: sympy.Rational(step.value) for step in self.trace.inputs}
            output = replay(self.trace, SYMBOLS, names, **place(moved))[self.trace.output.index]
            slope = sympy.diff(output, moved)
            value = sympy.N(slope.subs({**points, moved: sympy.Rational(base)}), 30)
            return (float(value), SYMPY) if value.is_Float or value.is_Integer else None
        except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError):
            return None

    def _numeric(self, base: Any, element: Any, place: Callable[[Any], dict]) -> tuple[Any, str]:
        output = self.trace.output.index
        with mpmath.workdps(50):

            def moved_by(step: Any) -> Any:
                moved = DIGITS.number(base)
                if isinstance(base, np.ndarray):
                    moved = moved.copy()
                    moved[element] += step
                else:
                    moved = moved + step
                return _number(replay(self.trace, DIGITS, {}, **place(moved))[output])

            return central(moved_by), DIFFERENCES

    # -- one primitive ---------------------------------------------------------------------------------------
    def local(self, edge: Edge, element: Any) -> tuple[Any, str]:
        step = edge.target
        operands = [o.value if isinstance(o, Constant) else o.source.value for o in step.operands]
        if step.primitive in PIECES:
            weight = straight_piece(step)[edge.slot]
            return _pick(np.broadcast_to(weight, np.shape(step.value)) if element else weight, element), REPLAY
        shape = np.broadcast_shapes(*map(np.shape, operands))
        if shape:  # a local derivative that is one number is the same at every element
            element = element if element is not None else (0,) * len(shape)
            operands = [np.broadcast_to(operand, shape)[element] for operand in operands]

        with mpmath.workdps(50):
            numbers = [mpmath.mpf(float(operand)) for operand in operands]

            def moved_by(amount: Any) -> Any:
                moved = list(numbers)
                moved[edge.slot] = moved[edge.slot] + amount
                return apply_step(step, moved, DIGITS)

            try:
                symbols = list(map(sympy.Rational, map(float, operands)))
                symbol = sympy.Symbol("moved", real=True)
                point = symbols[edge.slot]
                symbols[edge.slot] = symbol
                value = sympy.N(sympy.diff(apply_step(step, symbols, SYMBOLS), symbol).subs(symbol, point), 30)
                return float(value), SYMPY
            except (KeyError, TypeError, ValueError, AttributeError):
                return central(moved_by), DIFFERENCES


class BlocksAudit:
    """Audits the keys of blocks: parts are counted where they do the same again, a crossing is a derivative of its own."""

    def __init__(self, blocks: Blocks):
        self.blocks, self.trace = blocks, TraceAudit(blocks.trace)

    def __call__(self, key: str) -> Audit:
        kind, which = read_block_key(key)
        parts = self.blocks.parts[which[-1]]
        steps = self.blocks.trace.steps
        if kind == "crossing":  # the output's slope when the source moves for these uses only, all together
            source = steps[which[0]]
            inside = {i for part in parts for i in part}
            places = [(e.target.index, e.slot) for e in source.uses if e.target.index in inside]
            moved = ("crossing", *which)
            value, how = self.trace.slope(source.value, None, lambda m: {"edges": dict.fromkeys(places, m)}, moved)
            return Audit(float(value), how, self.trace.tolerance(float(value), "contribution"))
        if kind == "repeats":
            return Audit(float(len(parts)), REPLAY, 0.0)
        operations = [i for part in parts for i in part if steps[i].primitive != "input"]
        return Audit(float(len(set(operations)) or len(parts[0])), REPLAY, 0.0)


class TangentAudit:
    """Audits the keys of a forward sweep: derivatives along its direction."""

    def __init__(self, tangents: Tangents):
        self.tangents = tangents

    def __call__(self, key: str) -> Audit:
        kind, what, element = read_key(key)
        if kind != "tangent" or len(what) != 1:
            raise EngineError(f"{key!r} is no key of a forward sweep; keys look like tangent/3.")
        trace = self.tangents.trace
        with mpmath.workdps(50):

            def moved_by(amount: Any) -> Any:
                inputs = {}
                for step in trace.inputs:
                    along = self.tangents.direction.get(step.name, 0.0)
                    inputs[step.index] = DIGITS.number(step.value) + DIGITS.number(along) * amount
                return _number(_pick(replay(trace, DIGITS, inputs, upto=what[0])[what[0]], element))

            value = float(central(moved_by))
        largest = max(_size(self.tangents[step]) for step in trace.steps)
        return Audit(value, DIFFERENCES, 1e-10 * abs(value) + 64 * EPSILON * largest)


class SlipAudit:
    """Audits the keys of a mistaken sweep: of all ways to a value only one was kept, and its local slopes multiply."""

    def __init__(self, slip: Any):
        self.slip, self.check = slip, TraceAudit(slip.trace)

    def __call__(self, key: str) -> Audit:
        what, _, index = key.partition("/")
        if what != "adjoint":
            raise EngineError(f"{key!r} is no key of a mistaken sweep.")
        trace, here, value, how = self.slip.trace, int(index), 1.0, REPLAY
        if here != trace.output.index and here not in {e.source.index for s in trace.steps for e in s.edges if not s.dead}:
            return Audit(0.0, REPLAY, 0.0)
        while here != trace.output.index:
            uses = [e for e in trace.steps[here].uses if not e.dead]
            edge = min(uses, key=lambda e: (e.target.index, -e.slot))  # the sweep came by here last
            local, how = self.check.local(edge, None)
            value, here = value * float(local), edge.target.index
        return Audit(value, how, 1e-10 * abs(value) + 64 * EPSILON * max(1.0, abs(value)))


class StationaryAudit:
    """Audits the keys of a place: second differences of values with 50 digits, and the roots of their matrix."""

    def __init__(self, place: Any):
        self.place = place
        self.check = TraceAudit(place.function.trace(place.at))

    def value(self, moves: Mapping[str, Any]) -> Any:
        trace = self.check.trace
        inputs = {}
        for step in trace.inputs:
            if step.name in moves:
                inputs[step.index] = DIGITS.number(step.value) + moves[step.name]
        return _number(replay(trace, DIGITS, inputs)[trace.output.index])

    def matrix(self) -> Any:
        """The second derivatives, as an mpmath matrix."""
        names = self.place.names
        with mpmath.workdps(50):
            h = mpmath.mpf(10) ** -10
            matrix = mpmath.matrix(len(names))
            for i, one in enumerate(names):
                for j, other in enumerate(names):
                    corners = 0
                    for a in (1, -1):
                        for b in (1, -1):
                            moves = {one: a * h}
                            moves[other] = moves.get(other, 0) + b * h
                            corners += a * b * self.value(moves)
                    matrix[i, j] = corners / (4 * h * h)
            return (matrix + matrix.T) / 2

    def __call__(self, key: str) -> Audit:
        what, _, name = key.partition("/")
        if what == "slope" and name in self.place.slopes:
            step = self.check.trace.inputs[self.place.function.inputs.index(name)]
            value, how = self.check.adjoint(step, None)
            return Audit(float(value), how, self.check.tolerance(float(value), "adjoint"))
        if what != "curvature":
            raise EngineError(f"{key!r} is no key of a place.")
        with mpmath.workdps(50):
            roots = sorted(mpmath.eigsy(self.matrix(), eigvals_only=True))
        largest = max(abs(float(r)) for r in roots)
        return Audit(float(roots[int(name)]), DIFFERENCES, 1e-9 * largest + 1e-12)


class DescentAudit:
    """Audits the keys of a descent, each state from the one before it."""

    def __init__(self, log: Descent):
        self.log = log
        self.traces: dict[int, TraceAudit] = {}

    def trace(self, index: int) -> TraceAudit:
        if index not in self.traces:
            self.traces[index] = TraceAudit(self.log.function.trace(self.log.steps[index].point))
            self.traces[index].symbolic = False  # sixty gradients: differences with many digits are as exact
        return self.traces[index]

    def __call__(self, key: str) -> Audit:
        log = self.log
        if key == "rate":
            if log.rate_how == "given":
                return Audit(log.rate, GIVEN, 0.0)
            rate, _ = _search(log.function, log.start, log.optimizer, log.asked, log.momentum)
            return Audit(rate, REPLAY, 0.0)
        if key == "steps":
            return Audit(float(len(log.steps) - 1), REPLAY, 0.0)
        what, _, number = key.rpartition("/")
        try:
            index = int(number)
            state = log.steps[index]
        except (ValueError, IndexError):
            raise EngineError(f"{key!r} is no key of this descent.") from None
        if what == "loss":
            check = self.trace(index)
            value = float(check.value(check.trace.output, None)[0])
            return Audit(value, REPLAY, check.tolerance(value, "value"))
        kind, _, name = what.partition("/")
        name, _, inside = name.partition("[")
        element = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else None
        if kind == "gradient":
            return self.gradient(index, name, element)
        if kind == "update" and name in state.update:
            return self.update(index, name, element)
        if kind == "point":
            if index == 0:
                return Audit(float(_pick(log.start[name], element)), GIVEN, 0.0)
            before = log.steps[index - 1]
            value = float(_pick(before.point[name], element)) + self.update(index - 1, name, element).value
            return Audit(value, REPLAY, 1e-10 * abs(value) + 1e-12 * _size(before.point[name]))
        raise EngineError(f"{key!r} is no key of this descent.")

    def gradient(self, index: int, name: str, element: Any) -> Audit:
        check = self.trace(index)
        step = check.trace.inputs[self.log.function.inputs.index(name)]
        value, how = check.adjoint(step, element)
        return Audit(float(value), how, check.tolerance(float(value), "adjoint"))

    def update(self, index: int, name: str, element: Any) -> Audit:
        """The closed form of the optimizer's sum over all gradients so far."""
        log = self.log
        history = [float(_pick(state.gradient[name], element)) for state in log.steps[:index]]
        history.append(self.gradient(index, name, element).value)
        before = float(_pick(log.steps[index].point[name], element))
        value = closed_form(log.rule, history, before)
        largest = log.rate * max(1.0, *map(abs, history))
        return Audit(value, REPLAY, 1e-9 * abs(value) + 1e-11 * largest)


def closed_form(rule: Any, history: list[float], x: float) -> float:
    """The update of one knob at x after the gradients of ``history``, as a sum over all of them.

    Written from the formulas in the papers, not from the engine's running averages. Raises EngineError for an optimizer
    or an option that has no such sum (curvature, averages of steps).
    """
    options = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)}
    plain = {"dampening", "maximize", "lr_decay", "initial_accumulator_value", "amsgrad", "centered"}
    if rule.name not in ("adamw",):
        plain.add("weight_decay")
    if rule.name != "rmsprop" and not rule.name.startswith("ada"):
        plain.discard("momentum")
    else:
        plain.add("momentum")
    odd = [name for name in plain if options.get(name)]
    n, rate, g = len(history), options["lr"], history[-1]
    ages = list(enumerate(reversed(history)))  # (how long ago, gradient)
    if odd or rule.name not in ("sgd", "plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"):
        what = f"{rule.name} with {', '.join(sorted(odd))}" if odd else rule.name
        raise EngineError(f"The updates of {what} have no independent check yet.")
    if rule.name in ("sgd", "plain", "momentum", "nesterov"):
        speed = sum(old * options["momentum"] ** age for age, old in ages)
        return -rate * (g + options["momentum"] * speed if options["nesterov"] else speed)
    if rule.name == "adagrad":
        return -rate * g / (sum(old * old for _, old in ages) ** 0.5 + options["eps"])
    if rule.name == "rmsprop":
        alpha = options["alpha"]
        return -rate * g / (sum((1 - alpha) * alpha**age * old * old for age, old in ages) ** 0.5 + options["eps"])
    b1, b2 = options["betas"]
    m = sum((1 - b1) * b1**age * old for age, old in ages) / (1 - b1**n)
    s = sum((1 - b2) * b2**age * old * old for age, old in ages) / (1 - b2**n)
    decay = options["weight_decay"] if rule.name == "adamw" else 0.0
    return -rate * (m / (s**0.5 + options["eps"]) + decay * x)


class DifferencesAudit:
    """Audits the keys of a table of nudges, with the function's values replayed in 50 digits."""

    def __init__(self, table: Differences):
        self.table = table
        self.check = TraceAudit(table.trace)

    def value_at(self, x: float) -> tuple[float, float]:
        """The value and the size of the largest intermediate."""
        table = self.table
        trace = table.function.trace({**table.at, table.name: x})
        with mpmath.workdps(50):
            values = replay(trace, DIGITS, {})
        return values[trace.output.index], max(_size(step.value) for step in trace.steps)

    def __call__(self, key: str) -> Audit:
        what, _, number = key.partition("/")
        table = self.table
        if what == "still" and number in ("delta", "rise"):
            x = table.at[table.name]
            rise = self.value_at(x + 0.0)[0] - self.value_at(x)[0]
            return Audit(0.0 if number == "delta" else float(rise), GIVEN if number == "delta" else REPLAY, 0.0)
        exact = self.check.adjoint(self.check.trace.inputs[table.function.inputs.index(table.name)], None)
        if what == "exact":
            return Audit(float(exact[0]), exact[1], self.check.tolerance(float(exact[0]), "adjoint"))
        try:
            delta = table.deltas[int(number)]
        except (ValueError, IndexError):
            raise EngineError(f"{key!r} is no key of this table.") from None
        if what == "delta":
            return Audit(delta, GIVEN, 0.0)
        x, central_scheme = table.at[table.name], table.scheme == "central"
        base, size = self.value_at(x - delta if central_scheme else x)
        moved, other = self.value_at(x + delta)
        rounding = 64 * EPSILON * max(size, other)
        width = 2 * delta if central_scheme else delta
        with mpmath.workdps(50):
            slope = (moved - base) / width
            results = {
                "base": (base, rounding), "moved": (moved, rounding), "rise": (moved - base, rounding),
                "slope": (slope, rounding / abs(width) + 4 * EPSILON * abs(float(slope))),
                "error": (slope - exact[0], rounding / abs(width) + 64 * EPSILON * abs(float(exact[0]))),
                "linear": (exact[0] * width, 64 * EPSILON * abs(float(exact[0] * width))),
                "rest": (moved - base - exact[0] * width, rounding + 64 * EPSILON * abs(float(exact[0] * width))),
            }  # fmt: skip
        if what not in results:
            raise EngineError(f"{key!r} is no key of this table.")
        value, tolerance = results[what]
        return Audit(float(value), REPLAY, float(tolerance))


class CurveAudit:
    """Audits the keys of an error curve. Forward and central slopes are computed from values of 50 digits at the very
    points the curve used; how far the curve's own numbers may be off is what rounding of its precision can do. A complex
    step has no such error; a Richardson table is made again."""

    def __init__(self, curve: ErrorCurve):
        self.curve = curve
        self.check = TraceAudit(curve.trace)

    def __call__(self, key: str) -> Audit:
        curve = self.curve
        exact, how = self.check.adjoint(self.check.trace.step(curve.name), curve.element)
        exact = float(exact)
        sure = self.check.tolerance(exact, "adjoint")
        if key == "exact":
            return Audit(exact, how, sure)
        if key == "best":
            return Audit(curve.best.step, REPLAY, 0.0)
        if key == "theory":
            return self.theory()
        what, _, number = key.partition("/")
        try:
            step = curve.steps[int(number)]
        except (ValueError, IndexError):
            raise EngineError(f"{key!r} is no key of this curve.") from None
        if what == "step":
            return Audit(step, GIVEN, 0.0)
        if what in ("base", "moved"):
            line = curve._line
            where = line.moved(step) if what == "moved" else line.moved(-step) if curve.scheme == "central" else line.x
            with mpmath.workdps(50):
                value, size = self.value_at(where)
            return Audit(float(value), REPLAY, 64 * curve.epsilon * size)
        if what not in ("slope", "error", "relative"):
            raise EngineError(f"{key!r} is no key of this curve.")
        if curve.scheme == "richardson" or (curve.scheme == "complex" and step * step > curve.epsilon):
            return Audit(curve.lookup(key), REPLAY, 0.0)
        slope, tolerance = (exact, 64 * curve.epsilon * abs(exact) + sure) if curve.scheme == "complex" else self.slope(step)
        if what == "slope":
            return Audit(slope, REPLAY, tolerance)
        scale = 1.0 if what == "error" else abs(exact)
        return Audit(abs(slope - exact) / scale, REPLAY, (tolerance + sure) / scale)

    def theory(self) -> Audit:
        """The best step, with the second or third derivative from values of 50 digits. The engine takes it from slopes a
        ten-thousandth apart, so a per cent may be between the two."""
        curve, trace, h = self.curve, self.check.trace, mpmath.mpf(10) ** -8
        place = trace.step(curve.name)

        def value(k: int) -> Any:
            moved = DIGITS.number(place.value)
            if curve.element is None:
                moved = moved + k * h
            else:
                moved = moved.copy()
                moved[curve.element] += k * h
            return _number(replay(trace, DIGITS, {place.index: moved})[trace.output.index])

        with mpmath.workdps(50):
            f = [value(k) for k in (-2, -1, 0, 1, 2)]
            size = curve.epsilon * abs(f[2])
            if curve.scheme == "forward":
                best = mpmath.sqrt(size / abs((f[3] - 2 * f[2] + f[1]) / h**2))
            else:
                best = mpmath.cbrt(3 * size / 4 / abs((f[4] - 2 * f[3] + 2 * f[1] - f[0]) / (2 * h**3)))
        return Audit(float(best), DIFFERENCES, 0.01 * float(best))

    def slope(self, step: float) -> tuple[float, float]:
        line = self.curve._line
        right, left = line.moved(step), line.moved(-step) if self.curve.scheme == "central" else line.x
        width = float(line.kind(step)) * (2.0 if self.curve.scheme == "central" else 1.0)
        with mpmath.workdps(50):
            (high, size), (low, other) = self.value_at(right), self.value_at(left)
            slope = (high - low) / width
        rounding = 64 * self.curve.epsilon * max(size, other) / abs(width)
        return float(slope), rounding + 4 * self.curve.epsilon * abs(float(slope))

    def value_at(self, x: float) -> tuple[Any, float]:
        """The value and the size of the largest intermediate."""
        trace = self.curve.function.trace(self.curve._line.point(x))
        return _number(replay(trace, DIGITS, {})[trace.output.index]), max(_size(step.value) for step in trace.steps)


class LearningAudit:
    """Audits the keys of trainings and of what is read from them; see audit_learning.py."""

    def __init__(self, description: Mapping[str, Any]):
        from . import audit_learning as learned
        from .audit_knob_slice import KnobSliceCheck
        from .audit_landscape import LandscapeCheck
        from .learning import Exam, KnobSlice, Landscape, NetworkPass, Repeats, again

        makers: dict[str, Callable[[], Any]] = {
            "training": lambda: learned.LogAudit(again(description)),
            "exam": lambda: learned.ExamCheck(Exam.rebuild(description)),
            "repeats": lambda: learned.RepeatsCheck(Repeats.rebuild(description)),
            "pass": lambda: learned.PassCheck(NetworkPass.rebuild(description)),
            "landscape": lambda: LandscapeCheck(Landscape.rebuild(description)),
            "knob_slice": lambda: KnobSliceCheck(KnobSlice.rebuild(description)),
        }
        self.check = makers[str(description["kind"])]()

    def __call__(self, key: str) -> Audit:
        value, how, tolerance = self.check.number(key)
        return Audit(float(value), how, tolerance)


class RaceAudit:
    """Audits the keys of a search race: losses are replayed with 50 digits, the tries are made once more, one by one."""

    def __init__(self, race: Any):
        self.race = race

    def __call__(self, key: str) -> Audit:
        race = self.race
        what, *place = key.split("/")
        if what in ("budget", "seeds", "knobs", "positions", "settings", "step"):
            return Audit(race.lookup(key), GIVEN, 0.0)
        if what in ("start", "lowest", "goal", "rate", "guided"):
            return self.descent(what)
        if what in ("knob", "after"):
            *name, k, step, number = place
            here, _, _, loss = self.walk(race.steps[int(step)], race.seeds[int(number)], int(k))
            value = loss if what == "after" else here[name[0]]
            return Audit(float(value), REPLAY, 1e-9 * max(abs(value), 1e-3))
        i = int(place[0])
        walks = [self.walk(race.steps[i], seed) for seed in (race.seeds if len(place) == 1 else [race.seeds[int(place[1])]])]
        if what in ("arrived", "median"):
            there = [tried for _, tried, _, loss in walks if loss <= race.goal]
            return Audit(float(len(there) if what == "arrived" else np.median(there)), REPLAY, 0.0)
        _, tried, kept, loss = walks[0]
        found = {"tried": tried, "kept": kept, "share": 100.0 * kept / max(tried, 1), "end": loss}
        return Audit(float(found[what]), REPLAY, 1e-9 * abs(found[what]))

    def descent(self, what: str) -> Audit:
        race = self.race
        check = DescentAudit(race.guided)
        if what == "rate":
            return Audit(race.guided.rate, GIVEN if race.asked_rate is not None else REPLAY, 0.0)
        start = check("loss/0")
        low = check(f"loss/{int(np.argmin(race.guided.losses))}")
        goal = low.value + race.near * (start.value - low.value)
        if what == "guided":
            return Audit(float(next(k for k, v in enumerate(race.guided.losses) if v <= goal * (1 + 1e-12))), REPLAY, 0.0)
        value = {"start": start.value, "lowest": low.value, "goal": goal}[what]
        return Audit(value, REPLAY, start.tolerance + low.tolerance + 1e-10 * abs(value))

    def walk(self, step: float, seed: int, most: int | None = None) -> tuple[dict[str, float], int, int, float]:
        """The same nudges (the first ``most`` of them), and what became of them: where it is, tries, kept ones, loss."""
        rng, names = np.random.default_rng(seed), list(self.race.start)
        here, loss = dict(self.race.start), self.race.look(np.array(list(self.race.start.values())))
        tried = kept = 0
        while loss > self.race.goal and tried < (self.race.budget if most is None else most):
            name = names[rng.integers(len(names))]
            moved = {**here, name: here[name] + (step if rng.random() < 0.5 else -step)}
            there = self.race.look(np.array(list(moved.values())))
            tried += 1
            if there < loss:
                here, loss, kept = moved, there, kept + 1
        return here, tried, kept, loss


class DilutionAudit:
    """Audits the keys of a dilution: every problem once more, with the loss from its normal equations."""

    def __init__(self, dilution: Any):
        self.dilution = dilution

    def __call__(self, key: str) -> Audit:
        what, _, knobs = key.partition("/")
        if what == "knobs":
            return Audit(float(knobs), GIVEN, 0.0)
        found = [self.count(what, int(knobs), seed) for seed in self.dilution.seeds]
        return Audit(float(np.median(found)), REPLAY, 0.0)

    def count(self, what: str, knobs: int, seed: int) -> int:
        from .storyboards.film_c import LEVEL, Squares

        drawn = Squares.draw(knobs, seed)
        gram = drawn.A.T @ drawn.A / len(drawn.A)  # the loss is (c - goal)ᵀ gram (c - goal), its slope twice gram (c - goal)
        away = -drawn.goal
        goal = LEVEL * float(away @ gram @ away)
        if what == "guided":
            rate = 0.5 / np.linalg.eigvalsh(gram)[-1]
            count = 0
            while away @ gram @ away > goal and count < 1000:
                away = away - rate * 2.0 * (gram @ away)
                count += 1
            return count
        rng, tried, pull = np.random.default_rng(seed), 0, gram @ away
        loss = float(away @ pull)
        while loss > goal and tried < self.dilution.most:
            direction = rng.normal(size=knobs)
            nudge = 0.25 / np.linalg.norm(direction) * direction
            turned = gram @ nudge
            there = loss + float(2.0 * nudge @ pull + nudge @ turned)
            tried += 1
            if there < loss:
                loss, pull = there, pull + turned
        return tried


class ResponseAudit:
    """Audits the keys of a response: values with 50 digits, slopes by sympy or central differences."""

    def __init__(self, response: Any):
        self.response = response

    def __call__(self, key: str) -> Audit:
        what, _, row = key.partition("/")
        if what in ("target", "point"):
            return Audit(self.response.lookup(key), GIVEN, 0.0)
        check = TraceAudit(self.response.traces[int(row)])
        if what == "value":
            value, how = check.value(check.trace.output, None)
            return Audit(float(value), how, check.tolerance(float(value), "value"))
        value, how = check.adjoint(check.trace.inputs[0], None)
        return Audit(float(value), how, check.tolerance(float(value), "adjoint"))


# -- helpers -------------------------------------------------------------------------------------------------
def central(moved_by: Callable[[Any], Any]) -> Any:
    """The derivative at 0 by central differences with one Richardson step: error h^4 = 1e-48 before
    rounding."""
    h = mpmath.mpf(10) ** -12
    wide = (moved_by(h) - moved_by(-h)) / (2 * h)
    narrow = (moved_by(h / 2) - moved_by(-h / 2)) / h
    return (4 * narrow - wide) / 3


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) else value


def _pick(value: Any, element: Any) -> Any:
    return value[element] if element is not None and isinstance(value, np.ndarray) else value


def _size(value: Any) -> float:
    finite = np.abs(np.where(np.isfinite(value), value, 0.0))
    return float(np.max(finite)) if np.size(finite) else 0.0
