"""Plain numpy functions of a lecturer, with points: what other people's checkers are let loose on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

RANDOM = np.random.default_rng(3)


def product_and_sine(x: Any, y: Any) -> Any:
    return np.sin(x * y) + x**2 / (1.0 + y**2)


def by_math(x: Any) -> Any:
    return math.exp(-x * x) * math.cos(3 * x) + math.log1p(x * x)


def tower(x: Any) -> Any:
    for _ in range(5):
        x = np.tanh(x) * x + 0.3
    return x


def rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def network(w1: Any, b1: Any, w2: Any, x: Any) -> Any:
    return np.mean((np.tanh(x @ w1 + b1) @ w2) ** 2)


def softmax_loss(w: Any, x: Any) -> Any:
    z = x @ w
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[:, 0])


def broadcasting(x: Any, y: Any) -> Any:
    return (x[:, None] - y) ** 2 / (1.0 + np.exp(-y)) + x.mean()


def branches(x: Any) -> Any:
    return np.where(x > 0.2, np.sqrt(np.abs(x) + 1.0), x**3) + np.maximum(x, -0.4) * np.minimum(x, 0.6)


def moved_about(x: Any) -> Any:
    turned = np.concatenate([x.T.reshape(-1)[::-1], x[0] * x[1]])
    return np.stack([turned[:4], turned[[0, 0, 5, 2]]]) @ np.arange(1.0, 5.0)


def matrices(a: Any, b: Any) -> Any:
    return np.linalg.solve(a @ a.T + 3.0 * np.eye(3), b).sum() + np.log(np.linalg.det(a @ a.T + np.eye(3)))


def normalised(x: Any) -> Any:
    return x / np.linalg.norm(x, axis=-1, keepdims=True) + np.var(x)


def recurrence(w: Any, x: Any) -> Any:
    state = np.zeros(2)
    for k in range(4):
        state = np.tanh(w @ state + x[k])
    return state


def bookkeeping(x: Any) -> Any:
    out = np.zeros(4)
    for k in range(4):
        out[k] = x[k % 3] * x[(k + 1) % 3]
    return np.cumsum(out) * out[::-1]


def _a(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape)


EXAMPLES: dict[str, tuple[Callable, tuple]] = {
    "product and sine": (product_and_sine, (0.7, -1.3)),
    "math on a number": (by_math, (0.4,)),
    "a tower of one number": (tower, (0.6,)),
    "Rosenbrock": (rosenbrock, (_a(5),)),
    "a network": (network, (_a(3, 4), _a(4), _a(4, 2), _a(5, 3))),
    "softmax": (softmax_loss, (_a(3, 4), _a(5, 3))),
    "broadcasting": (broadcasting, (_a(3), _a(4))),
    "branches": (branches, (np.array([-0.9, -0.1, 0.35, 0.8, 1.4]),)),
    "moved about": (moved_about, (_a(2, 3),)),
    "matrices": (matrices, (_a(3, 3), _a(3, 2))),
    "normalised": (normalised, (_a(2, 3),)),
    "a recurrence": (recurrence, (_a(2, 2), _a(4, 2))),
    "item assignment": (bookkeeping, (_a(3),)),
}
