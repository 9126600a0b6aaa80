"""Functions whose graphs are too large for a frame, as lecturers write them."""

from __future__ import annotations

import numpy as np

rng = np.random.default_rng(0)
WEIGHTS = [rng.normal(size=(16, 2)), rng.normal(size=(16, 16)) / 4, rng.normal(size=(1, 16)) / 4]
BIASES = [rng.normal(size=16), rng.normal(size=16), rng.normal(size=1)]
ROWS, TARGETS = rng.normal(size=(8, 3)), np.eye(3)[rng.integers(0, 3, 8)]
FIRST, SECOND = rng.normal(size=(3, 5)), rng.normal(size=(5, 3))


def chain(x=0.5, w=1.3, b=0.1):
    """Twelve layers of one neuron with the same weights."""
    h = x
    for _ in range(12):
        h = np.tanh(w * h + b)
    return h


def layers(
    x=0.5, w1=1.1, w2=0.9, w3=1.2, w4=0.8, w5=1.3, w6=0.7, w7=1.4, w8=0.9, w9=1.1, w10=1.0, w11=0.8, w12=1.2,
    b1=0.1, b2=0.1, b3=0.2, b4=0.1, b5=-0.1, b6=0.1, b7=0.1, b8=0.1, b9=0.3, b10=0.1, b11=0.1, b12=0.1,
):  # fmt: skip
    """Twelve layers, each with its own weight and bias: 25 inputs."""
    pairs = [(w1, b1), (w2, b2), (w3, b3), (w4, b4), (w5, b5), (w6, b6), (w7, b7), (w8, b8), (w9, b9), (w10, b10)]
    h = x
    for w, b in [*pairs, (w11, b11), (w12, b12)]:
        h = np.tanh(w * h + b)
    return (h - 1) ** 2


def network(x=0.5, y=-0.3):
    """A 2-16-16-1 network written number by number, as micrograd does."""
    layer = [x, y]
    for w, b in zip(WEIGHTS, BIASES, strict=True):
        new = []
        for i in range(len(b)):
            act = b[i]
            for j in range(len(layer)):
                act = act + w[i][j] * layer[j]
            new.append(np.tanh(act))
        layer = new
    return (layer[0] - 1) ** 2


def classifier(scale=1.0, shift=0.1):
    """A vectorised network with softmax and cross entropy."""
    h = np.tanh(ROWS @ (FIRST * scale) + shift)
    z = h @ SECOND
    m = np.exp(z)
    p = m / np.sum(m, axis=1, keepdims=True)
    return -np.mean(np.sum(TARGETS * np.log(p), axis=1))


def descend(x=2.0, rate=0.1):
    """Fifty steps of gradient descent inside the function."""
    for _ in range(50):
        g = 2 * (x - 1) + 0.3 * x**3
        x = x - rate * g
    return x**2


def long_sum(x=0.5, y=0.3):
    """Two thousand steps: a sum of four hundred terms."""
    s = 0.0
    for k in range(400):
        u = np.sin(x * (0.01 * k + 0.1)) * y
        s = s + u**2
    return s


GOLDSTEIN = (
    "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
    "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))"
)


def random_tree(seed: int) -> tuple[str, dict[str, float]]:
    """A random expression of 20 to 60 operations of one to four inputs, and a point."""
    dice = np.random.default_rng(seed)
    names = list("wxyz")[: int(dice.integers(1, 5))]
    size = int(dice.integers(20, 61))

    def tree(operations: int) -> str:
        if operations == 0:
            return str(dice.choice(names))
        if dice.random() < 0.3:
            return f"{dice.choice(['sin', 'tanh', 'cos'])}({tree(operations - 1)})"
        left = int(dice.integers(0, operations))
        return f"({tree(left)} {dice.choice(['+', '*', '-'])} {tree(operations - 1 - left)})"

    text = tree(size)
    return text, {n: round(float(dice.uniform(0.3, 1.2)), 2) for n in names if n in text.replace("sin", "").replace("tanh", "")}
