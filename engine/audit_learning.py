"""Audit of trainings: their numbers computed again from the logged parameters, in plain numpy and by other means.

Values and losses come from a forward pass written here, without the engine's layers, losses and rules; a length of a
gradient is the slope of that loss along the gradient, taken by differences; an update is the optimizer's closed form.
Slopes in an input are differences with many digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

from .datasets.dataset import Dataset
from .errors import EngineError
from .learning.exam import Exam
from .learning.layers import Activate, Dense, Dropout, Flatten, Sequential
from .learning.network_pass import NetworkPass
from .learning.repeats import Repeats
from .learning.risk import Risk
from .learning.training import Training

REPLAY, DIFFERENCES, GIVEN = "replay", "central differences", "given"
FEW = 60_000  # knobs times examples that are differentiated with many digits
STEP = 1e-5  # of a difference; its error is of order STEP² and of rounding over STEP
Number = tuple[float, str, float]  # value, how, tolerance

BENDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda z: z,
    "relu": lambda z: (z + abs(z)) / 2,
    "leaky_relu": lambda z: np.where(z < 0, z / 100, z),
    "elu": lambda z: np.where(z < 0, np.exp(np.minimum(z, 0)) - 1, z),
    "tanh": lambda z: 2 / (1 + np.exp(-2 * np.clip(z, -350, 350))) - 1,
    "sigmoid": lambda z: 1 / (1 + np.exp(-np.clip(z, -700, 700))),
    "softplus": lambda z: np.logaddexp(0, z),
    "silu": lambda z: z / (1 + np.exp(-np.clip(z, -700, 700))),
    "softsign": lambda z: z / (1 + abs(z)),
    "relu6": lambda z: np.clip(z, 0, 6),
    "hardtanh": lambda z: np.clip(z, -1, 1),
}
DIGITS_OF: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "relu": lambda z: z if z > 0 else z * 0,
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "relu6": lambda z: min(max(z, 0), 6),
    "hardtanh": lambda z: min(max(z, -1), 1),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
    "softmax": lambda z: z,  # as a whole, in `digits_forward`
}


def forward(net: Sequential, params: Sequence[Any], X: np.ndarray) -> np.ndarray:
    """The outputs of a network of dense layers, (n, outputs). Raises EngineError for layers that are not known here."""
    h = np.asarray(X, float)
    with np.errstate(all="ignore"):
        for layer, own in zip(net.layers, params, strict=True):
            if isinstance(layer, (Flatten, Dropout)):
                h = h.reshape(len(h), -1)
                continue
            if isinstance(layer, Dense):
                h = np.einsum("ni,ij->nj", h, np.asarray(own["W"]), optimize=True) + (own["b"] if layer.bias else 0.0)
            elif not isinstance(layer, Activate):
                raise EngineError(f"A {layer.kind} layer has no independent check yet.")
            h = bend(layer.activation.name, h)
    return h


def bend(name: str, z: np.ndarray) -> np.ndarray:
    """An activation, written anew."""
    if name in ("gelu", "mish"):
        return np.vectorize(lambda v: float(DIGITS_OF[name](mpmath.mpf(float(v)))))(z)
    if name == "softmax":
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    if name not in BENDS:
        raise EngineError(f"The activation {name} has no independent check yet.")
    return BENDS[name](z)


def losses(name: str, output: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss of every row, (n,), by its textbook formula."""
    y = np.asarray(y)
    if name in ("cross_entropy", "negative_log_likelihood"):
        kind = y.reshape(-1).astype(int)
        own = output[np.arange(len(output)), kind]
        if name == "negative_log_likelihood":
            return -own
        top = output.max(axis=1)
        return np.asarray(np.log(np.exp(output - top[:, None]).sum(axis=1)) + top - own)
    p, t = output.reshape(len(output), -1), y.reshape(len(output), -1).astype(float)
    if name == "binary_cross_entropy_with_logits":
        return np.asarray(np.logaddexp(0, np.where(t > 0.5, -p, p)).mean(axis=1)) if set(np.unique(t)) <= {0.0, 1.0} else (
            np.asarray((np.logaddexp(0, p) - t * p).mean(axis=1))
        )
    with np.errstate(all="ignore"):
        table = {
            "binary_cross_entropy": -(np.where(t > 0, t * np.log(p), 0) + np.where(t < 1, (1 - t) * np.log(1 - p), 0)),
            "mean_squared": (p - t) ** 2,
            "absolute": abs(p - t),
        }
    if name not in table:
        raise EngineError(f"The loss {name} has no independent check yet.")
    return np.asarray(table[name].mean(axis=1))


def guessed(output: np.ndarray, threshold: float) -> list[int]:
    """The class of every row, row by row."""
    if output.shape[1] == 1:
        return [1 if row[0] > threshold else 0 for row in output]
    return [max(range(len(row)), key=lambda k: row[k]) for row in output.tolist()]


def within(value: float, share: float = 1e-9, floor: float = 1e-11) -> float:
    """A tolerance: a share of the value and a floor for what cancels."""
    return share * abs(value) + floor


class LogAudit:
    """Audits the keys of a training."""

    def __init__(self, log: Training):
        self.log = log
        self.risk = log.loss if isinstance(log.loss, Risk) else None

    def loss(self, step: int, params: Any = None) -> float:
        """The loss on the batch of a step."""
        if self.risk is None or self.risk.net.random or self.risk.penalty:
            raise EngineError("Only the losses of plain networks have an independent check yet.")
        X, y = self.log.examples_of(step)
        params = self.log.params_at(step) if params is None else params
        return math.fsum(losses(str(getattr(self.risk.loss, "name", "")), forward(self.risk.net, params, X), y)) / len(X)

    def along(self, step: int, leaves: Sequence[str] | None = None) -> float:
        """The slope of the batch's loss along its own gradient, or along some leaves' part of it: their length."""
        here = self.log.at(step)
        names, flat = self.log.names, [g for layer in here.gradient for g in layer.values()]
        chosen = [np.asarray(g) * float(leaves is None or n in leaves) for n, g in zip(names, flat, strict=True)]
        length = math.sqrt(math.fsum(float(np.sum(g * g)) for g in chosen))
        if length == 0.0:
            return 0.0
        if sum(np.size(g) for g in flat) * len(self.log.examples_of(step)[0]) <= FEW:
            return self.along_exactly(step, here.params, [g / length for g in chosen])
        size = STEP * max(1.0, math.sqrt(sum(float(np.sum(np.square(p))) for q in here.params for p in q.values())) / 10)

        def moved(way: float) -> float:
            parts = iter(chosen)
            return self.loss(step, [{k: p + way * next(parts) / length for k, p in own.items()} for own in here.params])

        wide = (moved(size) - moved(-size)) / (2 * size)
        narrow = (moved(size / 2) - moved(-size / 2)) / size
        return (4 * narrow - wide) / 3

    def along_exactly(self, step: int, params: Any, direction: list[np.ndarray]) -> float:
        """The same with 40 digits, for slopes that are too small for differences of doubles."""
        assert self.risk is not None
        (X, y), name, net = self.log.examples_of(step), str(getattr(self.risk.loss, "name", "")), self.risk.net
        with mpmath.workdps(40):
            h = mpmath.mpf(10) ** -12

            def moved(way: Any) -> Any:
                parts = iter(direction)
                turned = [
                    {k: _digits(p) + _digits(next(parts)) * way for k, p in own.items()} for own in params
                ]
                rows = (digits_forward(net, turned, list(map(mpmath.mpf, map(float, row))))[1][-1] for row in X)
                return mpmath.fsum(digits_loss(name, out, float(t)) for out, t in zip(rows, y.reshape(-1), strict=True))

            return float((moved(h) - moved(-h)) / (2 * h) / len(X))

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        log = self.log
        what, _, last = key.rpartition("/")
        if key in ("steps", "epochs", "knobs"):
            knobs = sum(np.size(p) for own in log.params for p in own.values()) if key == "knobs" else 0
            counted = {"knobs": knobs, "steps": len(log.moves), "epochs": math.ceil(len(log.moves) / log.batches)}
            return float(counted[key]), REPLAY, 0.0
        what, _, inside = what.partition("[") if "[" in what else (what, "", "")
        element = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else None
        index = int(last)
        kind, _, name = what.partition("/")
        if what == "loss":
            value = self.loss(index)
            return value, REPLAY, within(value)
        if what == "epoch":
            steps = range(index * log.batches, min((index + 1) * log.batches, log.steps))
            value = math.fsum(self.loss(k) for k in steps) / len(steps)
            return value, REPLAY, within(value)
        if kind in ("norm", "layer"):
            leaves = None if what == "norm" else [n for n in log.names if n == name or n.split("/")[0] == name]
            value = self.along(index, leaves)
            rounding = 1e-14 * max(1.0, abs(self.loss(index))) / STEP
            few = sum(np.size(p) for own in log.params for p in own.values()) * len(log.examples_of(index)[0]) <= FEW
            return value, DIFFERENCES, 1e-9 * abs(value) if few else 2e-5 * abs(value) + 4 * rounding
        if kind == "ratio":
            (above, how, off), (below, _, rough) = (self.number(f"layer/{layer}/{index}") for layer in name.split("/", 1))
            return above / below, how, abs(above / below) * (off / abs(above) + rough / abs(below) if above else rough)
        if what == "rate":
            return float(log.schedule(index)) if log.schedule else log.optimizer.lr, GIVEN, 0.0
        if what == "move":
            value = math.sqrt(math.fsum(float(np.sum(d * d)) for d in self.steps_of(index)))
            return value, REPLAY, within(value, 1e-7)
        if kind == "measure":
            return self.measure(name, index)
        if kind == "point":
            return float(_leaf(log.params_at(index), log.names, name, element)), REPLAY, 0.0
        if kind == "gradient":
            return self.gradient(index, name, element)
        raise EngineError(f"{key!r} is no key of a training that can be computed independently.")

    def steps_of(self, step: int) -> list[np.ndarray]:
        """What a step did to every leaf."""
        old, new = self.log.params_at(step), self.log.params_at(step + 1)
        return [np.asarray(b[k]) - np.asarray(a[k]) for a, b in zip(old, new, strict=True) for k in a]

    def gradient(self, step: int, name: str, element: Any) -> Number:
        params, layer = self.log.params_at(step), name.partition("/")

        def moved(way: float) -> float:
            turned = [{k: np.array(p, float) for k, p in own.items()} for own in params]
            turned[int(layer[0])][layer[2]][element if element is not None else ()] += way
            return self.loss(step, turned)

        value = (moved(STEP) - moved(-STEP)) / (2 * STEP)
        return value, DIFFERENCES, 1e-6 * abs(value) + 1e-9

    def measure(self, name: str, epoch: int) -> Number:
        log, measure = self.log, self.log.asked["measures"][name]
        params = log.params_at(min(epoch * log.batches, log.steps))
        data = measure.data
        if hasattr(measure, "threshold"):
            found = guessed(forward(measure.net, params, data[0]), measure.threshold)
            right = sum(int(a == int(b)) for a, b in zip(found, np.asarray(data[1]).reshape(-1), strict=True))
            return right / len(found), REPLAY, 1e-12
        value = math.fsum(losses(measure.loss.loss.name, forward(measure.loss.net, params, data[0]), data[1])) / len(data[0])
        return value, REPLAY, within(value)


class ExamCheck:
    """Audits the keys of an exam: outputs, marks and losses from the logged parameters, marks counted one by one."""

    def __init__(self, exam: Exam):
        self.exam, self.log = exam, LogAudit(exam.training)
        self._outputs: dict[tuple[str, int], np.ndarray] = {}

    def output(self, part: str, m: int) -> np.ndarray:
        """The outputs for a part at a moment, computed here."""
        if (part, m) not in self._outputs:
            data: Dataset = self.exam.parts[part]
            self._outputs[part, m] = forward(self.exam.risk.net, self.exam.params(m), data.X)
        return self._outputs[part, m]

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        kind, _, rest = key.partition("/")
        if kind == "training":
            return self.log.number(rest)
        exam = self.exam
        if kind == "count":
            return float(len(exam.shown[1]) if rest == "shown" and exam.shown else len(exam.parts[rest].y)), REPLAY, 0.0
        what, _, number = key.rpartition("/")
        m, (kind, _, part) = int(number), what.partition("/")
        if what in ("epoch", "step"):
            return exam.moments[m] / (1 if what == "step" else exam.training.batches), REPLAY, 0.0
        shown = exam.shown if part == "shown" else None
        part = shown[0] if shown else part
        output, y = self.output(part, m), exam.parts[part].y.reshape(-1)
        if kind == "loss":
            name = str(getattr(exam.risk.loss, "name", ""))
            value = math.fsum(losses(name, output, exam.parts[part].y)) / len(y)
            return value, REPLAY, within(value)
        rows = shown[1] if shown else range(len(y))
        found = guessed(output, exam.threshold)
        right = sum(1 for row in rows if found[row] == int(y[row]))
        if kind == "right":
            return float(right), REPLAY, 0.0
        if kind == "percent":
            return 100.0 * right / len(rows), REPLAY, 1e-9
        raise EngineError(f"{key!r} is no key of an exam.")


class RepeatsCheck:
    """Audits the keys of repeats: every guess again from the logged parameters, marks counted one by one."""

    def __init__(self, repeats: Repeats):
        self.repeats = repeats

    def percent(self, run: Training) -> float:
        """Right ones of a hundred at the end of a run, counted here."""
        check, count = ExamCheck(Exam(run, {"these": self.repeats.data}, [run.steps])), len(self.repeats.data.y)
        return 100.0 * check.number("right/these/0")[0] / count

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        what, _, number = key.partition("/")
        if what in ("count", "examples"):
            return float(len(self.repeats.trainings if what == "count" else self.repeats.data.y)), REPLAY, 0.0
        if what == "percent":
            return self.percent(self.repeats.trainings[int(number)]), REPLAY, 1e-9
        found = sorted(map(self.percent, self.repeats.trainings))
        values = {"least": found[0], "most": found[-1], "mean": math.fsum(found) / len(found)}
        if key not in values:
            raise EngineError(f"{key!r} is no key of repeats.")
        return values[key], REPLAY, 1e-9


def digits_forward(net: Sequential, params: Sequence[Any], x: list[Any]) -> tuple[list[list[Any]], list[list[Any]]]:
    """Sums and values of every layer for one input, the input first, in mpmath's numbers."""
    sums: list[list[Any]] = [[]]
    values = [x]
    for layer, own in zip(net.layers, params, strict=True):
        if not isinstance(layer, Dense):
            raise EngineError(f"A {layer.kind} layer has no independent check yet.")
        name = layer.activation.name
        if name not in DIGITS_OF:
            raise EngineError(f"The activation {name} has no independent check yet.")
        W, b = _digits(own["W"]), _digits(own["b"]) if layer.bias else [mpmath.mpf(0)] * layer.outputs
        z = [mpmath.fdot(zip(values[-1], W[:, j], strict=True)) + b[j] for j in range(layer.outputs)]
        sums.append(z)
        values.append(_softmax(z) if name == "softmax" else [DIGITS_OF[name](v) for v in z])
    return sums, values


def digits_loss(name: str, out: list[Any], t: float) -> Any:
    """The loss of one row by its textbook formula."""
    if name == "cross_entropy":
        return mpmath.log(mpmath.fsum(mpmath.exp(v) for v in out)) - out[int(t)]
    if name == "binary_cross_entropy_with_logits":
        return mpmath.log1p(mpmath.exp(out[0])) - t * out[0]
    if name == "binary_cross_entropy":
        return -((t * mpmath.log(out[0]) if t else 0) + ((1 - t) * mpmath.log(1 - out[0]) if t != 1 else 0))
    if name in ("squared", "mean_squared", "half_squared"):
        gap = mpmath.fsum((v - t) ** 2 for v in out)
        return gap / {"squared": 1, "mean_squared": len(out), "half_squared": 2}[name]
    raise EngineError(f"The loss {name} has no independent check yet.")


class PassCheck:
    """Audits the keys of a network pass, with 40 digits."""

    def __init__(self, one: NetworkPass):
        self.one = one
        with mpmath.workdps(40):
            self.sums, self.values = digits_forward(one.net, one.params, [mpmath.mpf(float(v)) for v in one.x])

    def loss(self, x: list[Any]) -> Any:
        """The loss of an input."""
        one = self.one
        return digits_loss(str(one.loss_name), digits_forward(one.net, one.params, x)[1][-1], float(one.target or 0.0))

    def number(self, key: str) -> Number:
        """Value, how, tolerance."""
        one = self.one
        what, _, inside = key.partition("[")
        at = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else ()
        kind, _, layer = what.partition("/")
        level = int(layer) if layer else 0
        with mpmath.workdps(40):
            match kind:
                case "input" | "target" | "nudge":
                    given = {"input": lambda: one.x[at], "target": lambda: one.target, "nudge": lambda: one.nudge}[kind]()
                    return float(given), GIVEN, 0.0
                case "weight" | "bias":
                    return float(one.params[level - 1]["W" if kind == "weight" else "b"][at]), GIVEN, 0.0
                case "units" | "knobs":
                    sizes = [len(v) for v in self.values]
                    knobs = sum(p.size for own in one.params for p in own.values())
                    return float(sizes[level] if kind == "units" else knobs), REPLAY, 0.0
                case "product":
                    value = float(self.values[level - 1][at[0]] * float(one.params[level - 1]["W"][at]))
                case "sum" | "value":
                    value = float((self.sums if kind == "sum" else self.values)[level][at[0]])
                case "chance" | "percent":
                    value = float(self.chances()[at[0]]) * (100 if kind == "percent" else 1)
                case "loss":
                    value = float(self.loss(self.values[0]))
                case "slope" | "forecast":
                    value = float(self.moved(at[0], mpmath.mpf(10) ** -12)) * (one.nudge if kind == "forecast" else 1)
                    return value, DIFFERENCES, within(value, 1e-9, 1e-13)
                case "actual":
                    x = list(self.values[0])
                    x[at[0]] += mpmath.mpf(one.nudge)
                    value = float(self.loss(x) - self.loss(self.values[0]))
                    return value, REPLAY, 1e-9 * abs(value) + 1e-13
                case _:
                    raise EngineError(f"{key!r} is no key of a pass.")
        return value, REPLAY, within(value, 1e-9, 1e-12)

    def moved(self, i: int, h: Any) -> Any:
        """The slope of the loss in input i, by a central difference."""
        ways = []
        for way in (h, -h):
            x = list(self.values[0])
            x[i] += way
            ways.append(self.loss(x))
        return (ways[0] - ways[1]) / (2 * h)

    def chances(self) -> list[Any]:
        """The chances of the classes."""
        z, one = self.values[-1], self.one
        if len(z) > 1:
            return z if one.layers[-1].activation.name == "softmax" else _softmax(z)
        p = 1 / (1 + mpmath.exp(-z[0])) if (one.loss_name or "").endswith("with_logits") else z[0]
        return [1 - p, p]


def _digits(array: Any) -> np.ndarray:
    """An array of mpmath's numbers."""
    flat = [v if isinstance(v, mpmath.mpf) else mpmath.mpf(float(v)) for v in np.asarray(array, object).ravel()]
    made = np.empty(len(flat), object)
    made[:] = flat
    return made.reshape(np.shape(array))


def _softmax(z: list[Any]) -> list[Any]:
    powers = [mpmath.exp(v) for v in z]
    return [p / mpmath.fsum(powers) for p in powers]


def _leaf(params: Any, names: Sequence[str], name: str, element: Any) -> Any:
    leaves = [p for own in params for p in own.values()]
    leaf = leaves[list(names).index(name)]
    return leaf if element is None else np.asarray(leaf)[element]


__all__ = ["ExamCheck", "LogAudit", "PassCheck", "forward", "guessed", "losses"]
