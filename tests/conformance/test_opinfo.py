"""torch's own database of operations, with torch's own samples: value, reverse, forward and second order against torch.

For every operation that `opinfo_names.NUMPY` can say in numpy's words each of torch's samples is drawn in float64. Compared
are the value, the gradient of a random weighted sum of it by every operand (reverse), its tangent along a random direction
(forward), and the gradient of a random weighted sum of those gradients (second order).
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from chainreel.engine.transforms import grad, linearize, vjp

from .opinfo_names import EXCEPT, MOST, NUMPY, ONCE, PROCESSED, SLOW, WITHOUT
from .peers import need

torch = need("torch")
need("expecttest")


@dataclass
class Outcome:
    """What came out for one operation: how many samples, how many right in each respect, what was left out and why."""

    op: str
    samples: int = 0
    value: int = 0
    reverse: int = 0
    forward: int = 0
    second: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@functools.cache
def database() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    found = {}
    for op in op_db:
        if torch.float64 in op.supported_dtypes("cpu"):
            found[op.name + ("." + op.variant_test_name if op.variant_test_name else "")] = op
    return found


def differentiable() -> list[str]:
    return [name for name, op in database().items() if op.supports_autograd]


# -- samples in numpy's terms ----------------------------------------------------------------------------------------
def leaves_of(tree: Any) -> list[Any]:
    """The tensors of a sample that have a gradient, in order."""
    if isinstance(tree, torch.Tensor):
        return [tree] if tree.requires_grad else []
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in leaves_of(part)]
    if isinstance(tree, dict):
        return leaves_of(list(tree.values()))
    return []


def plain(tensor: Any) -> Any:
    array = np.array(tensor.detach().resolve_conj().resolve_neg().numpy(force=True))
    return array if array.ndim else array.item()


def in_numpy(tree: Any, values: Any) -> Any:
    """The sample with numpy arrays in place of tensors; those with a gradient are taken from ``values`` in order."""
    if isinstance(tree, torch.Tensor):
        return next(values) if tree.requires_grad else plain(tree)
    if isinstance(tree, (list, tuple)) and not isinstance(tree, torch.Size):
        return type(tree)(in_numpy(part, values) for part in tree)
    if isinstance(tree, torch.Size):
        return tuple(tree)
    if isinstance(tree, dict):
        return {key: in_numpy(part, values) for key, part in tree.items()}
    return tree


def floats_of(result: Any) -> list[Any]:
    """The real outputs of torch's result."""
    if isinstance(result, torch.Tensor):
        return [result] if result.dtype == torch.float64 else []
    if isinstance(result, (list, tuple)):
        return [part for each in result for part in floats_of(each)]
    return []


def flat(result: Any) -> list[Any]:
    if isinstance(result, (list, tuple)):
        return [part for each in result for part in flat(each)]
    return [result]


def close(ours: Any, theirs: Any) -> bool:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    if ours.shape != theirs.shape:
        return False
    finite = np.abs(theirs[np.isfinite(theirs)])
    scale = float(finite.max()) if finite.size else 0.0
    return bool(np.allclose(ours, theirs, rtol=1e-8, atol=1e-9 * scale + 1e-11, equal_nan=True))


def total(outputs: list[Any], weights: list[np.ndarray]) -> Any:
    """The weighted sum of all outputs."""
    result: Any = 0.0
    for output, weight in zip(outputs, weights, strict=True):
        result = result + np.sum(output * weight)
    return result


# -- one sample ------------------------------------------------------------------------------------------------------
def torch_slopes(loss: Any, leaves: list[Any], create_graph: bool) -> list[Any]:
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return [torch.zeros_like(leaf) for leaf in leaves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = torch.autograd.grad(loss, leaves, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, found, strict=True)]


def compare(name: str, op: Any, sample: Any, outcome: Outcome) -> None:
    """One sample: count what is right, note what is wrong."""
    rng = np.random.default_rng(7)
    rule = NUMPY[name]
    tree = [sample.input, list(sample.args), sample.kwargs]
    leaves = leaves_of(tree)
    values = [plain(leaf) for leaf in leaves]

    def ours(*xs: Any) -> Any:
        given, args, kwargs = in_numpy(tree, iter(xs))
        result = rule(given, *args, **kwargs)
        return tuple(flat(PROCESSED[name](sample, *result) if name in PROCESSED else result))

    def fail(what: str, detail: Any) -> None:
        outcome.wrong.append(f"sample {outcome.samples - 1} {what}: {str(detail)[:300]}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = op.gradcheck_wrapper(op, sample.input, *sample.args, **sample.kwargs)
        theirs = floats_of(sample.output_process_fn_grad(result) if name in PROCESSED else result)
    keep = outputs_kept(name, theirs)
    theirs = [theirs[k] for k in keep]
    try:
        value, back = vjp(ours, *values)
    except Exception as problem:
        fail("value", repr(problem))
        return
    if len(value) != len(theirs):
        value = tuple(value[k] for k in keep) if len(value) > len(theirs) else value
    if len(value) != len(theirs) or not all(close(v, plain(t)) for v, t in zip(value, theirs, strict=True)):
        fail("value", f"{value} != {theirs}")
        return
    outcome.value += 1

    # reverse
    weights = [rng.standard_normal(np.shape(plain(t))) for t in theirs]
    loss = sum((t * torch.as_tensor(w)).sum() for t, w in zip(theirs, weights, strict=True))
    second_wanted = op.supports_gradgrad and name not in ONCE
    slopes = torch_slopes(loss, leaves, second_wanted)

    def weighed(*xs: Any) -> Any:
        outputs = ours(*xs)
        return total([outputs[k] for k in keep] if len(outputs) > len(weights) else list(outputs), weights)

    everything = tuple(range(len(values)))
    try:
        mine = grad(weighed, everything)(*values) if values else ()
    except Exception as problem:
        fail("reverse", repr(problem))
        return
    if all(close(m, plain(t)) for m, t in zip(mine, slopes, strict=True)):
        outcome.reverse += 1
    else:
        fail("reverse", f"{mine} != {[plain(t) for t in slopes]}")

    # forward: the tangent of the weighted sum, against torch's slopes along the same direction
    directions = [rng.standard_normal(np.shape(v)) for v in values]
    along = sum(float(np.sum(plain(t) * d)) for t, d in zip(slopes, directions, strict=True))
    try:
        tangents = linearize(ours, *values)[1](*directions) if values else ()
        tangents = tuple(tangents[k] for k in keep) if len(tangents) > len(weights) else tangents
        moved = sum(float(np.sum(np.asarray(t) * w)) for t, w in zip(tangents, weights, strict=True))
        size = sum(float(np.sum(np.abs(plain(t) * d))) for t, d in zip(slopes, directions, strict=True))
        if abs(moved - along) <= 1e-8 * size + 1e-11 or (np.isnan(moved) and np.isnan(along)):
            outcome.forward += 1
        else:
            fail("forward", f"{moved} != {along}")
    except Exception as problem:
        fail("forward", repr(problem))

    # second order
    if not second_wanted:
        outcome.left_out[NONE] = outcome.left_out.get(NONE, 0) + 1
        return
    try:
        loss2 = sum((t * torch.as_tensor(d)).sum() for t, d in zip(slopes, directions, strict=True))
        curved = torch_slopes(loss2, leaves, False)
    except (RuntimeError, NotImplementedError):
        outcome.left_out[NONE] = outcome.left_out.get(NONE, 0) + 1
        return

    def bent(*xs: Any) -> Any:
        return total(list(grad(weighed, everything)(*xs)), directions)

    try:
        mine = grad(bent, everything)(*values) if values else ()
    except Exception as problem:
        fail("second", repr(problem))
        return
    if all(close(m, plain(t)) for m, t in zip(mine, curved, strict=True)):
        outcome.second += 1
    elif any(np.isnan(plain(t)).any() and not np.isnan(m).any() for m, t in zip(mine, curved, strict=True)):
        outcome.left_out[NAN] = outcome.left_out.get(NAN, 0) + 1
    else:
        fail("second", f"{mine} != {[plain(t) for t in curved]}")


def outputs_kept(name: str, theirs: list[Any]) -> list[int]:
    """Which of torch's real outputs count: not those that are no function of the operands alone."""
    return KEPT[name] if name in KEPT else list(range(len(theirs)))


NONE = "second order only: torch has no second derivative here"
NAN = "second order only: torch's is nan, ours is a number"
KEPT: dict[str, list[int]] = {"linalg.lstsq": [0], "linalg.lstsq.grad_oriented": [0], "frexp": [0], "triangular_solve": [0]}


def check(name: str) -> Outcome:
    """All samples of one operation (evenly picked where there are more than ``MOST``)."""
    op, outcome = database()[name], Outcome(name)
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        samples = list(op.sample_inputs("cpu", torch.float64, requires_grad=True))
    if len(samples) > MOST:
        outcome.left_out[f"only {MOST} of {len(samples)} samples are drawn, evenly"] = len(samples) - MOST
        samples = [samples[k * len(samples) // MOST] for k in range(MOST)]
    for sample in samples:
        reason = next((why for condition, why in EXCEPT.get(name, ()) if condition(sample)), None)
        if reason is not None:
            outcome.left_out[reason] = outcome.left_out.get(reason, 0) + 1
            continue
        outcome.samples += 1
        compare(name, op, sample, outcome)
    return outcome


@functools.cache
def report() -> list[Outcome]:
    """For every operation with a numpy spelling what came out; for the conformance report."""
    return [check(name) for name in NUMPY if name in database()]


# -- the tests -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in NUMPY])
def test_agrees_with_torch(name: str) -> None:
    if name not in database():
        pytest.skip("this torch does not have it")
    outcome = check(name)
    assert not outcome.wrong, "\n".join(outcome.wrong[:5])
    assert outcome.samples or outcome.left_out


def test_every_other_operation_has_a_reason() -> None:
    missing = [name for name in differentiable() if name not in NUMPY and name not in WITHOUT]
    assert not missing, missing
    assert not [name for name in WITHOUT if name in NUMPY]


def test_more_than_the_promised_number_is_compared() -> None:
    assert sum(name in NUMPY for name in differentiable()) >= 117
