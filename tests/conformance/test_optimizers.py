"""The optimizers against torch.optim: whole runs, step by step, each engine with its own gradients.

The settings are those of torch's own test suite (``optim_db``) and more; schedules against torch.optim.lr_scheduler.
"""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine.learning import curvature, optimizers
from chainreel.engine.learning.objective import Objective
from chainreel.engine.trees import flatten, unflatten

from .peers import need

torch = need("torch")

STEPS = 60
CLASSES = {
    "SGD": (optimizers.SGD, "SGD"), "Adagrad": (optimizers.Adagrad, "Adagrad"), "RMSprop": (optimizers.RMSProp, "RMSprop"),
    "Adam": (optimizers.Adam, "Adam"), "AdamW": (optimizers.AdamW, "AdamW"), "Adadelta": (optimizers.Adadelta, "Adadelta"),
    "LBFGS": (curvature.LBFGS, "LBFGS"),
}  # fmt: skip
OURS_DO_NOT = {"foreach", "fused", "capturable", "differentiable"}  # how torch computes, not what
MORE = [
    ("SGD", {"lr": 0.1, "momentum": 0.5}), ("SGD", {"lr": 0.03, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.01, "momentum": 0.99, "dampening": 0.9, "weight_decay": 0.3}),
    ("SGD", {"lr": 0.02, "momentum": 0.8, "maximize": False, "weight_decay": 1.0}),
    ("Adagrad", {"lr": 0.5}), ("Adagrad", {"lr": 0.3, "lr_decay": 0.2, "initial_accumulator_value": 0.7, "eps": 1e-3}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.5}), ("RMSprop", {"lr": 0.01, "momentum": 0.9, "eps": 1e-4}),
    ("RMSprop", {"lr": 0.02, "centered": True, "alpha": 0.8, "eps": 1e-2}),
    ("Adam", {"lr": 0.3}), ("Adam", {"lr": 0.1, "betas": (0.5, 0.9)}), ("Adam", {"lr": 0.1, "betas": (0.0, 0.5), "eps": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.2}), ("Adam", {"lr": 0.1, "eps": 1.0}),
    ("AdamW", {"lr": 0.3}), ("AdamW", {"lr": 0.1, "weight_decay": 0.0}), ("AdamW", {"lr": 0.2, "weight_decay": 1.5}),
    ("AdamW", {"lr": 0.1, "amsgrad": True, "betas": (0.7, 0.95)}),
    ("Adadelta", {"lr": 5.0}), ("Adadelta", {"rho": 0.5, "eps": 1e-3}), ("Adadelta", {"rho": 0.0, "weight_decay": 0.1}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "max_iter": 1, "max_eval": 25}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "history_size": 2, "max_iter": 3}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "lr": 0.3, "max_iter": 4, "max_eval": 9}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "lr": 3.0, "max_iter": 2, "max_eval": 40}),
    ("LBFGS", {"lr": 0.1, "max_iter": 5, "history_size": 3}),
]  # fmt: skip


def from_torch() -> list[tuple[str, dict]]:
    """The settings of torch's own tests for the optimizers both have."""
    from torch.testing._internal.common_optimizers import optim_db

    settings = []
    for info in optim_db:
        name = info.optim_cls.__name__
        if name not in CLASSES:
            continue
        for case in info.optim_inputs_func("cpu"):
            options = {k: v for k, v in case.kwargs.items() if k not in OURS_DO_NOT}
            options = {
                k: v.item() if isinstance(v, torch.Tensor) else tuple(map(float, v)) if k == "betas" else v
                for k, v in options.items()
            }
            if (name, options) not in settings:
                settings.append((name, options))
    return settings


def number(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


A, B = number(1, 7, 4), number(2, 7, 3)


def rosenbrock(p, exp, tanh):
    return (1.0 - p[0]) ** 2 + 5.0 * (p[1] - p[0] ** 2) ** 2


def regression(p, exp, tanh):
    e = tanh(p["A"] @ p["W"] + p["b"]) - p["B"]
    return (e * e).sum() + 0.1 * exp(p["c"])


def bowl(p, exp, tanh):
    return 0.5 * (p["W"] * p["W"]).sum() + 2.0 * (p["b"] - 1.0) ** 2 + p["b"] * p["W"][0, 0]


START = {
    "bowl": {"W": number(5, 3, 2), "b": -2.0},
    "rosenbrock": [-1.2, 1.0],
    "regression": {"W": number(3, 4, 3), "b": number(4, 3), "c": 0.5},
}
LOSS = {"bowl": bowl, "rosenbrock": rosenbrock, "regression": regression}


def ours(problem: str, optimizer, steps: int) -> list[tuple[list, list]]:
    """(gradient, knobs after the step) for every step."""
    loss = LOSS[problem]
    fixed = {} if problem != "regression" else {"A": A, "B": B}
    objective = Objective(lambda p: loss({**p, **fixed} if fixed else p, np.exp, np.tanh))
    params = START[problem]
    state = optimizer.start(params)
    path = []
    for _ in range(steps):
        value, gradient = objective.value_and_gradient(params)
        update, state = optimizer.step(params, gradient, state, value=value, function=objective)
        params = optimizers.moved(params, update)
        path.append((flatten(gradient)[0], flatten(params)[0]))
    return path


def theirs(problem: str, kind: str, options: dict, steps: int, start: list | None = None) -> list[list]:
    loss = LOSS[problem]
    leaves, structure = flatten(START[problem])
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in start or leaves]
    params = unflatten(structure, leaves)
    fixed = {} if problem != "regression" else {"A": torch.tensor(A), "B": torch.tensor(B)}
    rule = getattr(torch.optim, kind)(leaves, **options)

    def closure():
        rule.zero_grad()
        value = loss({**params, **fixed} if fixed else params, torch.exp, torch.tanh)
        value.backward()
        return value

    path = []
    for _ in range(steps):
        rule.step(closure)
        path.append([leaf.detach().numpy().copy() for leaf in leaves])
    return path


def apart(here: list, there: list) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(here, there, strict=True))


def size(knobs: list) -> float:
    return max(1.0, *(float(np.abs(x).max()) for x in knobs))


def test_torch_brings_its_own_settings():
    assert len(from_torch()) >= 30


FIRST_ORDER = [case for case in from_torch() + MORE if case[0] != "LBFGS"]


@pytest.mark.parametrize("problem", list(LOSS))
@pytest.mark.parametrize("kind, options", FIRST_ORDER, ids=str)
def test_the_same_gradients_make_the_same_steps(kind, options, problem):
    """Both are given the same slopes, step after step; knobs agree within 1e-12 of the largest so far."""
    make, peer = CLASSES[kind]
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in flatten(START[problem])[0]]
    rule = getattr(torch.optim, peer)(leaves, **options)
    largest = 1.0
    for step, (gradient, knobs) in enumerate(ours(problem, make(**options), STEPS)):
        largest = max(largest, size(knobs))
        if not largest < 1e100:
            return  # maximising: both run away
        for leaf, slope in zip(leaves, gradient, strict=True):
            leaf.grad = torch.tensor(slope, dtype=torch.float64)
        rule.step()
        assert apart(knobs, [leaf.detach().numpy() for leaf in leaves]) <= 1e-12 * largest, f"step {step}"


@pytest.mark.parametrize("problem", list(LOSS))
@pytest.mark.parametrize("kind, options", from_torch() + MORE, ids=str)
def test_runs_agree_step_by_step(kind, options, problem):
    """Whole runs, each engine with its own slopes: within 1e-12 of the largest knob, or, where a run magnifies rounding
    errors, within a hundred times what torch's own run changes by when its start is moved by one unit in the last place."""
    make, peer = CLASSES[kind]
    steps = 8 if kind == "LBFGS" else STEPS
    start = flatten(START[problem])[0]
    mine, peers = ours(problem, make(**options), steps), theirs(problem, peer, options, steps)
    shaken = [
        theirs(problem, peer, options, steps, [np.nextafter(x, towards) for x in start]) for towards in (np.inf, -np.inf)
    ]
    unsure, largest = 0.0, 1.0
    for step, (_, knobs) in enumerate(mine):
        largest = max(largest, size(peers[step]))
        unsure = max(unsure, *(apart(peers[step], other[step]) for other in shaken))
        tolerance = max(1e-12 * largest, 100.0 * unsure)
        if not tolerance < 1e-2 * largest < 1e98:
            return  # from here on torch does not agree with itself
        assert apart(knobs, peers[step]) <= tolerance, f"step {step}"


def test_defaults_are_torchs():
    """The same options with the same defaults."""
    import dataclasses
    import inspect

    for ours_, name in CLASSES.values():
        theirs_ = inspect.signature(getattr(torch.optim, name)).parameters
        for field in dataclasses.fields(ours_):
            assert theirs_[field.name].default == field.default, (name, field.name)
