"""Losses: one number for how wrong predictions are. Names and values are those of torch.nn.functional where it has them.

Each is ``loss(prediction, target, reduction="mean")`` with both of the same shape; ``reduction`` is "mean", "sum" or
"none" (the loss of each element, or of each row for those that compare rows). From logits no loss overflows and none
loses its derivative, however far off the logits are.

>>> squared(0.35, 1.0), round(binary_cross_entropy(0.35, 1.0), 2)
(0.42250000000000004, 1.05)
>>> binary_cross_entropy_with_logits(-1000.0, 1.0)
1000.0
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import elementwise as e
from .. import linear
from ..errors import EngineError
from ..shapes import bare, shape_of
from ..tape import Node
from .activations import log_softmax


# -- distances -----------------------------------------------------------------------------------------------
def squared(prediction: Any, target: Any, reduction: str = "sum") -> Any:
    """(p - t)², added up: the error of one example, or of a table of them."""
    return _reduce(e.square(_gap(prediction, target)), reduction)


def half_squared(prediction: Any, target: Any, reduction: str = "sum") -> Any:
    """(p - t)²/2, added up: the error of the 1986 paper (Rumelhart, Hinton & Williams, equation 3)."""
    return 0.5 * squared(prediction, target, reduction)


def mean_squared(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The mean of (p - t)²; torch's mse_loss."""
    return squared(prediction, target, reduction)


def absolute(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """|p - t|, with derivative 0 at 0; torch's l1_loss."""
    return _reduce(e.absolute(_gap(prediction, target)), reduction)


def huber(prediction: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """A parabola up to ``delta``, then straight on; torch's huber_loss. Huber 1964."""
    if not delta > 0:
        raise EngineError(f"delta of the Huber loss must be above 0, not {delta!r}.")
    gap = _gap(prediction, target)
    near = abs(bare(gap)) <= delta
    small = e.where(near, gap, 0.0)  # so that no square of a huge gap overflows in the branch not taken
    return _reduce(e.where(near, 0.5 * e.square(small), delta * (e.absolute(gap) - 0.5 * delta)), reduction)


def log_cosh(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """ln cosh(p - t): a parabola near 0, straight far off.

    Near 0 as ln(1 + 2 sinh²(gap/2)), which keeps its digits; far off as |gap| + ln(1 + exp(-2|gap|)) - ln 2, which does
    not overflow.
    """
    gap = _gap(prediction, target)
    near = abs(bare(gap)) < 1.0
    inner = e.where(near, gap, 0.0)
    close = e.log1p(2.0 * e.square(e.sinh(0.5 * inner)))
    outer = e.absolute(e.where(near, 1.0, gap))
    return _reduce(e.where(near, close, outer + e.log1p(e.exp(-2.0 * outer)) - np.log(2.0)), reduction)


def hinge(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - t p) for targets -1 and 1, with derivative 0 at the corner. Cortes & Vapnik 1995."""
    _gap(prediction, target)
    if not np.isin(np.asarray(target), (-1, 1)).all():
        raise EngineError("The hinge loss takes targets -1 and 1.")
    return _reduce(e.relu(1.0 - target * prediction), reduction)


# -- yes or no -----------------------------------------------------------------------------------------------
def binary_cross_entropy(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """-t ln p - (1 - t) ln(1 - p) for probabilities p; infinite where p rules out what is true.

    torch's binary_cross_entropy, which cuts the logarithms at -100. Logits are the better input: see
    ``binary_cross_entropy_with_logits``.
    """
    _gap(prediction, target)
    p = bare(prediction)
    if not np.all((p >= 0.0) & (p <= 1.0) | np.isnan(p)):
        raise EngineError("The binary cross-entropy takes probabilities from 0 to 1; for logits use the one with logits.")
    t = np.asarray(target, dtype=float) if not isinstance(target, Node) and np.ndim(target) else target
    yes, no = bare(t) != 0, bare(t) != 1  # a term with weight 0 is left out, so that 0 ln 0 is 0
    loss = -(t * e.log(e.where(yes, prediction, 1.0))) - (1.0 - t) * e.log1p(-e.where(no, prediction, 0.0))
    return _reduce(loss, reduction)


def binary_cross_entropy_with_logits(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The same with p = sigmoid(z), from the logit z: ln(1 + exp(-z)) for t = 1, ln(1 + exp(z)) for t = 0."""
    _gap(prediction, target)
    t = target if isinstance(target, Node) or not np.ndim(target) else np.asarray(target, dtype=float)
    plain = bare(t)
    if np.all((plain == 0) | (plain == 1)):
        return _reduce(e.softplus((1.0 - 2.0 * plain) * prediction), reduction)
    return _reduce(t * e.softplus(-prediction) + (1.0 - t) * e.softplus(prediction), reduction)


# -- one of many ---------------------------------------------------------------------------------------------
def cross_entropy(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """-ln softmax(z) at the true class, from rows of logits z (n, classes); torch's cross_entropy.

    ``target`` holds the classes as whole numbers (n,), or a row of probabilities per row (n, classes).

    >>> round(cross_entropy(np.array([[0.0, 0.0]]), np.array([1])), 6)
    0.693147
    """
    logits = log_softmax(prediction)
    shape = shape_of(logits)
    rows: Any = target if isinstance(target, Node) else _rows(target, shape)
    if shape_of(rows) != shape:
        raise EngineError(
            f"Cross-entropy compares rows of {shape[-1]} logits, shape {shape}, with {shape[:-1]} classes or with rows of "
            f"the same shape; the target has shape {shape_of(rows)}."
        )
    return _reduce_rows(logits * rows, reduction, -1.0)


def negative_log_likelihood(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """-ln p at the true class, from rows of probabilities; see ``cross_entropy``, which takes logits."""
    shape = shape_of(prediction)
    rows = _rows(target, shape)
    _gap(prediction, rows)
    return _reduce_rows(rows * e.log(e.where(rows != 0, prediction, 1.0)), reduction, -1.0)


def kl_divergence(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Σ t ln(t/p) over each row of probabilities, with 0 ln 0 = 0; the mean is over rows (torch's "batchmean")."""
    _gap(prediction, target)
    some = bare(target) != 0
    ratio = e.log(e.where(some, target, 1.0)) - e.log(e.where(some, prediction, 1.0))
    return _reduce_rows(target * ratio, reduction, 1.0)


def kl_divergence_with_logits(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The same with p = softmax(z), from rows of logits z."""
    logs = log_softmax(prediction)
    _gap(logs, target)
    some = bare(target) != 0
    return _reduce_rows(target * (e.log(e.where(some, target, 1.0)) - logs), reduction, 1.0)


def one_hot(labels: Any, classes: int) -> np.ndarray:
    """Rows with a 1 at the label: labels (n,) of whole numbers from 0 to classes - 1 -> (n, classes).

    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    whole = labels.astype(np.intp)
    if labels.dtype.kind not in "iub" and not np.array_equal(whole, labels):
        raise EngineError("Labels are whole numbers that count the classes from 0.")
    if labels.size and not 0 <= whole.min() <= whole.max() < classes:
        raise EngineError(f"Labels go from 0 to {classes - 1} here; {int(whole.min())} to {int(whole.max())} were given.")
    rows = np.zeros((whole.size, classes))
    rows[np.arange(whole.size), whole.ravel()] = 1.0
    return rows.reshape(*whole.shape, classes)


def _rows(target: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Targets as rows: classes become one-hot."""
    rows = np.asarray(target)
    return one_hot(rows, shape[-1]) if rows.shape == shape[:-1] else rows.astype(float)


# -- common parts --------------------------------------------------------------------------------------------
def _gap(prediction: Any, target: Any) -> Any:
    """p - t; a prediction and a target that numpy would stretch to a table are refused."""
    if isinstance(prediction, (list, tuple)):
        prediction = np.asarray(prediction, dtype=float)
    if isinstance(target, (list, tuple)):
        target = np.asarray(target, dtype=float)
    if shape_of(prediction) != shape_of(target):
        raise EngineError(
            f"The prediction has shape {shape_of(prediction)} and the target {shape_of(target)}; both must be the same."
        )
    return prediction - target


def _reduce(values: Any, reduction: str) -> Any:
    if reduction == "mean":
        return linear.mean(values) if shape_of(values) else values
    if reduction == "sum":
        return linear.total(values) if shape_of(values) else values
    return _known(values, reduction)


def _reduce_rows(values: Any, reduction: str, sign: float) -> Any:
    """Values are added along each row, then over the rows."""
    if reduction == "none":
        return sign * linear.total(values, axis=-1)
    rows = int(np.prod(shape_of(values)[:-1]))
    return _known(linear.total(values) * (sign / rows if reduction == "mean" else sign), reduction, ("mean", "sum"))


def _known(values: Any, reduction: str, known: tuple[str, ...] = ("none",)) -> Any:
    if reduction not in known:
        raise EngineError(f"A loss is reduced by 'mean', 'sum' or 'none', not by {reduction!r}.")
    return values


@dataclass(frozen=True)
class Loss:
    """A named loss; ``formula`` is Typst for one element or row."""

    name: str
    function: Callable[..., Any]
    formula: str

    def __call__(self, prediction: Any, target: Any, **options: Any) -> Any:
        return self.function(prediction, target, **options)

    def __repr__(self) -> str:
        return self.name


_TABLE = (
    Loss("squared", squared, "(p - t)^2"),
    Loss("half_squared", half_squared, "1 / 2 (p - t)^2"),
    Loss("mean_squared", mean_squared, "1 / n sum_i (p_i - t_i)^2"),
    Loss("absolute", absolute, "abs(p - t)"),
    Loss("huber", huber, "cases(1 / 2 (p - t)^2 quad & abs(p - t) <= 1, abs(p - t) - 1 / 2 quad & \"else\")"),
    Loss("log_cosh", log_cosh, "ln cosh(p - t)"),
    Loss("hinge", hinge, "max(0, 1 - t p)"),
    Loss("binary_cross_entropy", binary_cross_entropy, "- t ln p - (1 - t) ln(1 - p)"),
    Loss(
        "binary_cross_entropy_with_logits", binary_cross_entropy_with_logits,
        "t ln(1 + e^(-z)) + (1 - t) ln(1 + e^z)",
    ),
    Loss("cross_entropy", cross_entropy, "ln sum_k e^(z_k) - z_t"),
    Loss("negative_log_likelihood", negative_log_likelihood, "- ln p_t"),
    Loss("kl_divergence", kl_divergence, "sum_k t_k ln t_k / p_k"),
    Loss("kl_divergence_with_logits", kl_divergence_with_logits, "sum_k t_k (ln t_k - z_k) + ln sum_k e^(z_k)"),
)  # fmt: skip
LOSSES: dict[str, Loss] = {loss.name: loss for loss in _TABLE}


def loss(which: Any) -> Callable[..., Any]:
    """A loss by name, or a function (prediction, target) -> number itself."""
    if isinstance(which, str) and which in LOSSES:
        return LOSSES[which]
    if callable(which):
        return which
    raise EngineError(f"There is no loss {which!r}; there are {', '.join(LOSSES)}.")


__all__ = ["LOSSES", "Loss", "loss", "one_hot", *LOSSES]
