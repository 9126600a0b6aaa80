"""Training: the log of a network (or any function of parameters) learning from examples.

A step takes a batch, computes loss and gradient, and adds the optimizer's update. Everything random – the order of the
examples, augmentation, dropout – is drawn from (seed, epoch) or (seed, step), so that a run can be taken up again at any
step: the log keeps snapshots of parameters and optimizer state, and computes what lies between them when asked, bit for
bit as it was. A run that leaves the range of numbers ends, says at which step and why, and logs no NaN.
"""

from __future__ import annotations

import inspect
import math
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import EngineError
from ..quantity import Quantity
from ..trees import flatten, unflatten
from . import augment as augmentation
from . import optimizers, references, risk, schedules, stopping
from .layers import Start
from .measures import accuracy, leaf_norms, lengthen
from .objective import Objective, checked
from .optimizers import Optimizer, State

ORDER, AUGMENT, DROP = 0, 1, 2  # the streams of random numbers of one seed
TOO_HIGH = 1e6  # a loss so many times the first one counts as divergence, as in Descent


@dataclass(frozen=True)
class TrainingStep:
    """One step: the parameters before it, the loss and gradient of its batch, the update added to the parameters, and
    the optimizer's state with which the update was made. Loss, gradient and update are None after the last step."""

    index: int
    params: Any
    loss: float | None = None
    gradient: Any = None
    update: Any = None
    state: State | None = None


class Accuracy:
    """A measure: the share of right guesses of a network on examples. Data may be named by a text, as in a training."""

    def __init__(self, net: Any, data: Any, threshold: float = 0.5):
        self.net, self.source, self.threshold = net, data, threshold
        self.data = references.examples(data)

    def __call__(self, params: Any) -> float:
        return accuracy(self.net(params, self.data[0]), self.data[1], self.threshold)

    def describe(self) -> dict[str, Any]:
        return {
            "name": "Accuracy", "net": self.net.describe(), "threshold": self.threshold,
            "data": references.describe_arrays(self.data, self.source),
        }  # fmt: skip


class LossOn:
    """A measure: the loss on other examples than those of the training."""

    def __init__(self, loss: Any, data: Any):
        self.loss, self.source, self.data = loss, data, references.examples(data)
        self.objective = Objective(loss).on(*self.data)

    def __call__(self, params: Any) -> float:
        return self.objective(params)

    def describe(self) -> dict[str, Any]:
        return {
            "name": "LossOn", "loss": references.describe_part(self.loss, "loss"),
            "data": references.describe_arrays(self.data, self.source),
        }  # fmt: skip


class Training:
    """The log of a run. Make one with ``Training.run``.

    * ``losses[k]``, ``norms[k]``, ``rates[k]``, ``moves[k]``: loss of the batch, length of gradient and update, rate, per
      step. A run on all data at once has one more loss and gradient, of where it ended.
    * ``leaf_norms[k]``: the gradient's length by leaf, in the order of ``names`` ("0/W", "0/b", …).
    * ``epoch_losses[e]``: the mean loss of an epoch's batches. ``measured[name][e]``: the measures before the first
      (e = 0) and after every epoch.
    * ``params``: where it ended. ``at(k)``: everything about step k.
    * ``diverged``, ``diverged_at``, ``why``; ``stopped`` is the sentence of the rule that ended it early.
    * ``seconds``: the time it took, measured.
    """

    losses: list[float]
    norms: list[float]
    rates: list[float]
    moves: list[float]
    leaf_norms: list[list[float]]
    epoch_losses: list[float]
    measured: dict[str, list[float]]

    def __init__(self, **asked: Any):
        self.asked = asked
        self.loss: Any = asked["loss"]
        self.optimizer: Optimizer = asked["optimizer"]
        self.schedule: Callable[[int], float] | None = asked["schedule"]
        self.seed, self.batch, self.augment = asked["seed"], asked["batch"], asked["augment"]
        self.data: tuple[np.ndarray, ...] = () if asked["data"] is None else references.examples(asked["data"])
        self._objective = Objective.of(self.loss)
        self._drops = _takes_seed(self.loss)
        self._leaves, self._structure = checked(asked["params"])
        self._now = self._leaves
        self.names = leaf_names(asked["params"])
        self.examples = len(self.data[0]) if self.data else 0
        self.batch = min(self.batch or self.examples, self.examples)
        self.batches = math.ceil(self.examples / self.batch) if self.examples else 1  # steps of an epoch
        self.whole = self.batches == 1 and self.augment is None and not self._drops
        self.total = asked["epochs"] * self.batches if asked["epochs"] is not None else asked["steps"]
        self._order: tuple[int, tuple[np.ndarray, ...]] = (-1, ())
        self._points: dict[int, list[Any]] = {}  # parameters alone, of a log that was restored
        self.losses, self.norms, self.rates, self.moves, self.leaf_norms, self.epoch_losses = [], [], [], [], [], []
        self.measured = {name: [] for name in asked["measures"]}
        self.diverged, self.stopped = False, ""
        self.diverged_at: int | None = None
        self.why, self.seconds, self.steps = "", 0.0, 0

    # -- running ---------------------------------------------------------------------------------------------
    @classmethod
    def run(
        cls, loss: Any, params: Any = None, data: Any = None, *,
        optimizer: Any = "plain", lr: float | None = None, schedule: Any = None,
        epochs: int | None = None, steps: int | None = None, batch: int | None = None, order: Any = "shuffled",
        seed: int = 0, measures: Mapping[str, Callable[[Any], float]] | None = None,
        snapshots: Any = "epochs", memory: float = 256e6, augment: Callable[..., Any] | None = None,
        stop: Any = None, progress: Callable[[int, int, float], Any] | None = None,
    ) -> Training:  # fmt: skip
        """Train.

        ``loss(params, *batch)`` gives one number; ``Risk(net, "cross_entropy")`` is one. It may take ``seed``, which then
        changes with every step, for dropout. ``params`` is any tree of numbers and arrays; without it a Risk starts from
        ``net.initial(seed)``, and a ``Start`` says another way to draw them. ``data`` are arrays with a row per
        example, ``(X, y)``, or a text such as ``"file.py:digits"`` that names a function returning
        them; None for a loss of the parameters alone.

        ``optimizer`` is a name or an optimizer, ``lr`` its rate, ``schedule`` a function step -> rate instead. The run is
        ``epochs`` times through the data or ``steps`` long, in batches of ``batch`` rows (all of them by default), drawn
        without repetition in every epoch: ``order`` is "shuffled", "given", or a function (rng, n) -> the order.
        ``augment(rng, *batch)`` returns a changed batch.

        ``measures`` are functions of the parameters, looked at before the first and after every epoch. ``snapshots`` says
        at which steps parameters and optimizer state are kept: "epochs", "steps", a number (every so many steps), or a
        list of steps; they are thinned out evenly to stay within ``memory`` bytes. ``stop(run)`` ends the run early by a
        sentence (``Plateau``, ``Reached``), and ``progress(step, of, loss)`` is called after every epoch.

        >>> import numpy as np
        >>> run = Training.run(lambda p: (p["x"] - 3.0) ** 2, {"x": 0.0}, lr=0.25, steps=3)
        >>> run.losses, run.params
        ([9.0, 2.25, 0.5625, 0.140625], {'x': 2.625})
        >>> run.at(1).update
        {'x': 0.75}
        """
        log = cls.planned(
            loss, params, data, optimizer=optimizer, lr=lr, schedule=schedule, epochs=epochs, steps=steps, batch=batch,
            order=order, seed=seed, measures=measures, snapshots=snapshots, memory=memory, augment=augment, stop=stop,
        )  # fmt: skip
        log.go(progress)
        return log

    @classmethod
    def planned(
        cls, loss: Any, params: Any = None, data: Any = None, *,
        optimizer: Any = "plain", lr: float | None = None, schedule: Any = None,
        epochs: int | None = None, steps: int | None = None, batch: int | None = None, order: Any = "shuffled",
        seed: int = 0, measures: Mapping[str, Callable[[Any], float]] | None = None,
        snapshots: Any = "epochs", memory: float = 256e6, augment: Callable[..., Any] | None = None,
        stop: Any = None,
    ) -> Training:  # fmt: skip
        """A training that was asked for and checked, and has not begun: it can be described, and ``go`` runs it."""
        optimizer = optimizers.optimizer(optimizer, **({} if lr is None else {"lr": lr}))
        if schedule is not None:
            if lr is not None:
                raise EngineError("Give a rate (lr) or a schedule, not both.")
            schedule = schedules.schedule(schedule)
        if (epochs is None) == (steps is None):
            raise EngineError("Say how long to train: epochs or steps, one of them.")
        for name, count in (("epochs", epochs), ("steps", steps), ("batch", batch)):
            if count is not None and (isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1):
                raise EngineError(f"{name} is a whole number from 1 on, not {count!r}.")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise EngineError(f"The seed is a whole number from 0 on, not {seed!r}.")
        if data is None and (batch is not None or augment is not None or epochs is not None):
            raise EngineError("Without data there are no epochs, batches or augmentation; give steps alone.")
        if order not in ("shuffled", "given") and not callable(order):
            raise EngineError(f"The order of examples is 'shuffled', 'given' or a function (rng, n), not {order!r}.")
        for name, measure in (measures or {}).items():
            if not callable(measure) or "/" in name:
                raise EngineError(f"A measure is a function of the parameters with a name without '/'; {name!r} is not.")
        if not memory > 0:
            raise EngineError(f"The memory for snapshots is a number of bytes above 0, not {memory!r}.")
        from_seed: Any = params is None or isinstance(params, Start)
        start = Start(int(seed)) if params is None else params
        if from_seed:
            if not isinstance(loss, risk.Risk):
                raise EngineError("Training needs start values: give params, such as net.initial(seed).")
            from_seed, params = (params if isinstance(params, Start) else True), start.draw(loss.net)
        return cls(
            loss=loss, params=params, from_seed=from_seed, data=data, optimizer=optimizer, schedule=schedule, epochs=epochs,
            steps=steps, batch=batch, order=order, seed=int(seed), measures=dict(measures or {}), snapshots=snapshots,
            memory=memory, augment=augment, stop=stop,
        )  # fmt: skip

    def go(self, progress: Any = None) -> None:
        """Run what was planned."""
        with np.errstate(all="ignore"):
            self._run(self.asked["stop"], progress)

    def _run(self, stop: Any, progress: Any) -> None:
        began = time.perf_counter()
        leaves, state = self._leaves, self.optimizer.start(unflatten(self._structure, self._leaves))
        keep = _Keeper(self.asked["snapshots"], self.total, self.batches, self.asked["memory"], leaves, self.optimizer)
        self.stride = keep.stride
        self._kept: list[int] = []
        self._snapshots: list[tuple[list[Any], State]] = []
        self._cursor: tuple[int, list[Any], State] | None = None
        self._now = leaves
        self._measure()
        for step in range(self.total):
            if keep(step):
                self._keep(step, leaves, state)
            found = self._slope(step, leaves)
            trouble = self._log_slope(step, *found)
            if trouble:
                break
            rate = None if self.schedule is None else float(self.schedule(step))
            if rate is not None and not 0.0 <= rate < math.inf:
                raise EngineError(f"The schedule gives the rate {rate} at step {step}; a rate is a number from 0 on.")
            try:
                update, after = self._advance(step, leaves, state, *found, rate)
            except (EngineError, ArithmeticError, np.linalg.LinAlgError) as problem:
                if step == 0:
                    raise
                trouble = f"Step {step} could not be made: {problem}"
                break
            moved = [x + u for x, u in zip(leaves, update, strict=True)]
            length = lengthen(leaf_norms(update))
            if not (length < math.inf and _finite(moved)):
                trouble = f"Step {step} moved {self._culprit(moved)} beyond the range of numbers."
                break
            self.rates.append(self.optimizer.lr if rate is None else rate)
            self.moves.append(length)
            leaves, state = moved, after
            self._now, self.steps = leaves, step + 1
            if self.steps % self.batches == 0 or self.steps == self.total:
                first = step // self.batches * self.batches
                self.epoch_losses.append(math.fsum(self.losses[first:]) / (self.steps - first))
                trouble = self._measure()
                if trouble:
                    break
                if progress is not None:
                    progress(self.steps, self.total, self.losses[-1])
                sentence = stop(self) if stop is not None else None
                if sentence:
                    self.stopped = sentence if isinstance(sentence, str) else "The rule given as stop ended it."
                    break
        if not trouble and self.whole:
            trouble = self._log_slope(self.steps, *self._slope(self.steps, leaves))
        if not self._kept or self._kept[-1] != self.steps:
            self._keep(self.steps, leaves, state)
        if trouble:
            self.diverged, self.diverged_at, self.why = True, len(self.moves), trouble
        self.seconds = time.perf_counter() - began

    def _slope(self, step: int, leaves: list[Any]) -> tuple[float, Any]:
        try:
            return self._at(step).of_leaves(leaves, self._structure)
        except (ArithmeticError, np.linalg.LinAlgError):
            if step == 0:
                raise
            return math.nan, leaves  # plain Python code raises where numpy gives NaN

    def _at(self, step: int) -> Objective:
        """The loss on the batch of a step."""
        options = {"seed": (self.seed, DROP, step)} if self._drops else {}
        return self._objective.on(*self.examples_of(step), **options)

    def examples_of(self, step: int) -> tuple[np.ndarray, ...]:
        """The batch of a step, augmented."""
        if not self.data:
            return ()
        data: tuple[np.ndarray, ...] = self.data
        if self.batches > 1:
            epoch, k = divmod(step, self.batches)
            if self._order[0] != epoch:
                self._order = (epoch, self._shuffled(epoch))
            rows = slice(k * self.batch, (k + 1) * self.batch)
            data = tuple(array[rows] for array in self._order[1])
        if self.augment is not None:
            data = tuple(self.augment(np.random.default_rng((self.seed, AUGMENT, step)), *data))
        return data

    def _shuffled(self, epoch: int) -> tuple[np.ndarray, ...]:
        order = self.asked["order"]
        if isinstance(order, str) and order == "given":
            return self.data
        rng = np.random.default_rng((self.seed, ORDER, epoch))
        chosen = rng.permutation(self.examples) if isinstance(order, str) else np.asarray(order(rng, self.examples))
        if chosen.shape != (self.examples,) or not np.array_equal(np.sort(chosen), np.arange(self.examples)):
            raise EngineError(f"The order must name each of the {self.examples} rows once.")
        shuffled = tuple(array[chosen] for array in self.data)
        for array in shuffled:
            array.flags.writeable = False
        return shuffled

    def _advance(
        self, step: int, leaves: list[Any], state: State, value: float, gradient: Any, rate: float | None
    ) -> tuple[list[Any], State]:
        function = self._at(step) if self.optimizer.needs_function else None
        return self.optimizer.advance(leaves, gradient, state, value, function, rate)

    def _log_slope(self, step: int, value: float, gradient: Any) -> str:
        """Log loss and gradient; what is wrong with them, as a sentence, or nothing."""
        norms = leaf_norms(gradient)
        length = lengthen(norms)
        if not math.isfinite(value):
            trouble = f"At step {step} the loss is {'not a number' if value != value else 'infinite'}"
        elif not math.isfinite(length):
            trouble = f"At step {step} the slope of {self._culprit(gradient)} is not finite"
        elif step and abs(value) > TOO_HIGH * max(1.0, abs(self.losses[0])):
            trouble = f"At step {step} the loss is {value:.3g}, more than a million times the first one ({self.losses[0]:.3g})"
        else:
            self.losses.append(value)
            self.norms.append(length)
            self.leaf_norms.append(norms)
            return ""
        if step == 0:
            raise EngineError(f"{trouble}: the training cannot start from these parameters.")
        return f"{trouble}; a smaller rate may help."

    def _measure(self) -> str:
        params = self.params
        values = {name: float(measure(params)) for name, measure in self.asked["measures"].items()}
        for name, value in values.items():
            if not math.isfinite(value):
                if not self.steps:
                    raise EngineError(f"The measure {name} is {value} at the start; a measure is a finite number.")
                return f"After step {self.steps - 1} the measure {name} is not a finite number."
        for name, value in values.items():
            self.measured[name].append(value)
        return ""

    def _culprit(self, leaves: Any) -> str:
        for name, leaf in zip(self.names, leaves, strict=True):
            if not np.isfinite(leaf).all():
                return name or "the parameter"
        return "a parameter"

    @property
    def params(self) -> Any:
        """The parameters where the run ended, or, for a rule to stop, where it stands."""
        return unflatten(self._structure, self._now)

    # -- looking back ----------------------------------------------------------------------------------------
    def _keep(self, step: int, leaves: list[Any], state: State) -> None:
        self._kept.append(step)
        self._snapshots.append((leaves, state))

    @property
    def kept(self) -> list[int]:
        """The steps of which a snapshot is kept; every other one is computed again from the one before it."""
        return list(self._kept)

    def at(self, step: int) -> TrainingStep:
        """Everything about a step, from 0 to ``steps`` (where the run ended; negative counts from there)."""
        step = self._place(step)
        leaves, state = self._upto(step)
        params = unflatten(self._structure, leaves)
        if step >= len(self.losses):
            return TrainingStep(step, params, state=state)
        with np.errstate(all="ignore"):
            value, gradient = self._slope(step, leaves)
            slope = unflatten(self._structure, gradient)
            if step == self.steps:
                return TrainingStep(step, params, value, slope, state=state)
            update, after = self._advance(step, leaves, state, value, gradient, self._rate(step))
        return TrainingStep(step, params, value, slope, unflatten(self._structure, update), after)

    def params_at(self, step: int) -> Any:
        """The parameters before a step, without its gradient and update: quicker than ``at``."""
        step = self._place(step)
        leaves = self._points[step] if step in self._points else self._upto(step)[0]
        return unflatten(self._structure, leaves)

    def restore(self, kept: Sequence[int], points: Sequence[list[Any]]) -> None:
        """Snapshots of a log that comes from elsewhere, without the optimizer's states: these begin at the start again."""
        start = self.optimizer.start(unflatten(self._structure, self._leaves))
        self._kept, self._snapshots, self._cursor = [0], [(self._leaves, start)], None
        self._points = dict(zip(kept, points, strict=True))
        self._now = points[-1]

    def _rate(self, step: int) -> float | None:
        return None if self.schedule is None else self.rates[step]

    def _upto(self, step: int) -> tuple[list[Any], State]:
        """Parameters and state before a step: the nearest ones known before it, and the steps from there again."""
        nearest = bisect_right(self._kept, step) - 1
        start, (leaves, state) = self._kept[nearest], self._snapshots[nearest]
        if self._cursor is not None and start < self._cursor[0] <= step:
            start, leaves, state = self._cursor
        with np.errstate(all="ignore"):
            for k in range(start, step):
                value, gradient = self._slope(k, leaves)
                update, state = self._advance(k, leaves, state, value, gradient, self._rate(k))
                leaves = [x + u for x, u in zip(leaves, update, strict=True)]
        self._cursor = (step, leaves, state)
        return leaves, state

    def _place(self, step: int) -> int:
        if not -self.steps - 1 <= step <= self.steps:
            raise EngineError(f"The training has no step {step}; it has {self.steps}, counted from 0, and its end.")
        return step % (self.steps + 1)

    @property
    def layers(self) -> list[str]:
        """The first parts of the leaves' names, in order: the layers that have knobs."""
        return list(dict.fromkeys(name.partition("/")[0] for name in self.names))

    def layer_norms(self) -> np.ndarray:
        """The length of the gradient by step and layer (the first part of a leaf's name): (steps, layers)."""
        layers = self.layers
        squares = np.square(np.array(self.leaf_norms))
        columns = [[name.partition("/")[0] == layer for name in self.names] for layer in layers]
        return np.sqrt(np.stack([squares[:, column].sum(axis=1) for column in columns], axis=1))

    # -- numbers ---------------------------------------------------------------------------------------------
    def quantity(self, what: str, index: int = 0, element: tuple[int, ...] | None = None) -> Quantity:
        """A number of the log as one that may be shown.

        By step: "loss", "norm" (of the gradient), "norm/0/W" (of one leaf), "layer/0" (of one layer), "ratio/0/2" (how many
        times as long the gradient of layer 0 is as that of layer 2), "rate", "move" (length of the update), "point/0/W",
        "gradient/0/W", "update/0/W", "state/velocity/0/W", with ``element`` for one number of an array.
        By epoch: "epoch" (mean loss), "measure/NAME". Without index: "steps", "epochs", "knobs". Keys look like
        ``loss/12`` and ``point/0/W[1,2]/37``.
        """
        if what == "knobs":
            return Quantity("training", what, float(sum(np.size(leaf) for leaf in self._leaves)))
        if what in ("steps", "epochs"):
            return Quantity("training", what, float(self.steps if what == "steps" else len(self.epoch_losses)))
        kind, _, name = what.partition("/")
        series = {
            "loss": self.losses, "norm": self.norms, "rate": self.rates, "move": self.moves, "epoch": self.epoch_losses,
        }  # fmt: skip
        if what in series:
            return self._entry(series[what], what, index)
        if kind == "measure" and name in self.measured:
            return self._entry(self.measured[name], what, index)
        if kind == "layer" and name in self.layers:
            column = self.layers.index(name)
            return self._entry([float(v) for v in self.layer_norms()[:, column]], what, index)
        if kind == "ratio" and "/" in name:
            above, below = (self.quantity(f"layer/{layer}", index).value for layer in name.split("/", 1))
            if below == 0:
                raise EngineError(f"The gradient of layer {name.split('/', 1)[1]} is zero there; nothing is a multiple of it.")
            return Quantity("training", f"{what}/{self._place(index)}", above / below)
        if kind == "norm" and name in self.names:
            place = self.names.index(name)
            return self._entry([norms[place] for norms in self.leaf_norms], what, index)
        index = self._place(index)
        step = self.at(index)
        tree = {"point": step.params, "gradient": step.gradient, "update": step.update}.get(kind)
        if kind == "state" and step.state is not None:
            memory, _, name = name.partition("/")
            tree = step.state[memory] if memory in step.state.memory else None
        if tree is None or name not in self.names:
            raise EngineError(f"The training has no {what!r} at step {index}; its parameters are {', '.join(self.names[:8])}.")
        from ..trace import _element

        value, suffix = _element(flatten(tree)[0][self.names.index(name)], element, f"the {kind} of {name}")
        return Quantity("training", f"{what}{suffix}/{index}", value)

    def _entry(self, series: Sequence[float], what: str, index: int) -> Quantity:
        if not -len(series) <= index < len(series):
            raise EngineError(f"The training has no {what!r} at {index}; it has {len(series)} of them.")
        index %= len(series)
        return Quantity("training", f"{what}/{index}", series[index])

    def lookup(self, key: str) -> float:
        """The value under a key of ``quantity``."""
        what, _, number = key.rpartition("/")
        try:
            index = int(number)
        except ValueError:
            what, index = key, 0
        what, _, inside = what.partition("[")
        element = tuple(int(k) for k in inside.rstrip("]").split(",")) if inside else None
        return self.quantity(what, index, element).value

    # -- to and from JSON ------------------------------------------------------------------------------------
    def describe(self) -> dict[str, Any]:
        """What is needed to train again, as JSON. Functions are named by their place in a file, data by their hash (and
        their numbers where they are few); raises EngineError for a function that stands in no file."""
        asked, part = self.asked, references.describe_part
        snapshots = asked["snapshots"]
        return {
            "kind": "training", "loss": part(self.loss, "loss"),
            "params": _described_start(asked["from_seed"], asked["params"]),
            "data": references.describe_arrays(self.data, asked["data"]) if self.data else None,
            "optimizer": self.optimizer.describe(), "schedule": part(self.schedule, "schedule"),
            "epochs": asked["epochs"], "steps": asked["steps"], "batch": asked["batch"],
            "order": part(asked["order"], "order"), "seed": self.seed,
            "measures": {name: part(measure, f"measure {name}") for name, measure in asked["measures"].items()},
            "snapshots": snapshots if snapshots is None or isinstance(snapshots, (str, int)) else list(map(int, snapshots)),
            "memory": asked["memory"], "augment": part(self.augment, "augmentation"),
            "stop": part(asked["stop"], "rule to stop"),
        }  # fmt: skip

    @classmethod
    def rebuild(cls, description: Mapping[str, Any], data: Any = None, **given: Any) -> Training:
        """Train again as described. ``data`` and ``measures`` can be given where the description holds only a hash."""
        kinds = {"Risk": risk.rebuild}
        d, part = description, references.rebuild_part

        def measure(one: Mapping[str, Any]) -> Any:
            if one["name"] == "Accuracy":
                net = risk.networks.rebuild(one["net"])
                return Accuracy(net, references.rebuild_arrays(one["data"], None), one["threshold"])
            return LossOn(part(one["loss"], "loss", kinds), references.rebuild_arrays(one["data"], None))

        asked: dict[str, Any] = {
            "optimizer": optimizers.rebuild(d["optimizer"]),
            "schedule": part(d["schedule"], "schedule", dict.fromkeys(schedules.SCHEDULES, schedules.rebuild)),
            "augment": part(d["augment"], "augmentation", {"Shift": augmentation.rebuild}),
            "stop": part(d["stop"], "rule to stop", dict.fromkeys(("Plateau", "Reached"), stopping.rebuild)),
            "order": part(d["order"], "order", {}),
            **{name: d[name] for name in ("epochs", "steps", "batch", "seed", "snapshots", "memory")}, **given,
        }  # fmt: skip
        if "measures" not in given:
            measures = {"Accuracy": measure, "LossOn": measure}
            asked["measures"] = {name: part(one, f"measure {name}", measures) for name, one in d["measures"].items()}
        params = d["params"]
        if params is not None:
            params = Start(**params["start"]) if "start" in params else references.rebuild_tree(params)
        return cls.run(part(d["loss"], "loss", kinds), params, references.rebuild_arrays(d["data"], data), **asked)

    def __repr__(self) -> str:
        end = f", diverged at step {self.diverged_at}" if self.diverged else ""
        loss = f"loss {self.losses[0]:.4g} to {self.losses[-1]:.4g}"
        return f"<training, {self.steps} steps of {self.optimizer.name}, {loss}{end}>"


class _Keeper:
    """Which steps are kept: those asked for, or an even choice of them where all would not fit in the memory."""

    def __init__(self, which: Any, total: int, epoch: int, memory: float, leaves: list[Any], optimizer: Optimizer):
        every = {None: total, "epochs": epoch, "steps": 1}
        asked, which = which, every[which] if which is None or isinstance(which, str) and which in every else which
        whole = isinstance(which, int) and not isinstance(which, bool) and which > 0
        if not whole and not (isinstance(which, (list, tuple, range)) and all(isinstance(k, int) for k in which)):
            raise EngineError(f"snapshots are kept at 'epochs', 'steps', every so many steps, or a list; not {asked!r}.")
        history = 2 * optimizer.history_size + 2 if hasattr(optimizer, "history_size") else len(optimizer.slots)
        most = max(1, int(memory // (8 * (1 + history) * sum(np.size(leaf) for leaf in leaves))))
        if whole:
            self.stride = int(which) * math.ceil((total // int(which) + 1) / most)
            self.steps: frozenset[int] | None = None
        else:
            chosen = sorted({0, *(int(k) for k in which)})
            self.stride = math.ceil(len(chosen) / most)
            self.steps = frozenset(chosen[:: self.stride])

    def __call__(self, step: int) -> bool:
        return step % self.stride == 0 if self.steps is None else step in self.steps


# -- helpers -------------------------------------------------------------------------------------------------
def leaf_names(tree: Any, start: str = "") -> list[str]:
    """The names of the leaves in the order of ``flatten``: keys joined by slashes.

    >>> leaf_names([{"W": 1.0, "b": 2.0}, {"W": 3.0}])
    ['0/W', '0/b', '1/W']
    """
    if not isinstance(tree, (dict, list, tuple)):
        return [start]
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return [name for key, part in items for name in leaf_names(part, f"{start}/{key}" if start else str(key))]


def _described_start(drawn: Any, params: Any) -> Any:
    if isinstance(drawn, Start):
        return {"start": asdict(drawn)}
    return None if drawn else references.describe_tree(params)


def _takes_seed(loss: Any) -> bool:
    if isinstance(loss, risk.Risk):
        return loss.net.random
    try:
        return "seed" in inspect.signature(loss).parameters
    except (TypeError, ValueError):
        return False


def _finite(leaves: list[Any]) -> bool:
    # a sum is finite unless an element is not, or the sum itself overflows: then the elements are looked at
    return all(math.isfinite(x) if type(x) is float else math.isfinite(x.sum()) or np.isfinite(x).all() for x in leaves)


__all__ = ["Accuracy", "LossOn", "Training", "TrainingStep", "leaf_names"]
