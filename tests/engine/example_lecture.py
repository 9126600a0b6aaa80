"""A lecturer's file, for the tests: plain numpy, its own data."""

import math

import numpy as np

X = np.linspace(-1.0, 1.0, 5)
Y = 2 * X + 0.3
slope = 3.0


def loss(w, b=0.25):
    prediction = w * X + b
    residual = prediction - Y
    return np.mean(residual**2)


def model(x):
    hidden = math.tanh(slope * x)
    hidden *= 2
    a, c = hidden**2, math.sin(x)
    for k in range(2):
        a = a * (k + 0.5)
    unused = math.exp(x)  # noqa: F841
    return a + c


def broken(x):
    table = {"a": 1}
    return x * table["b"]


def piecewise(x):
    if x > 1:
        return x**2
    return 2 * x - 1


def multiline(x, y):
    total = (
        x * y
        + np.sin(x)
    )  # fmt: skip
    return total


def many(*xs):
    return xs[0]


not_a_function = 3
