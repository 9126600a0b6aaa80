"""A second engine, naive on purpose: numbers that carry their gradient and Hessian along, and nothing else.

Forward only, scalars only, no tape, no sharing of code or ideas with the engine it checks: every operation applies the
product rule or the chain rule, to second order, to lists of floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence


class Jet:
    """A value, its gradient and its Hessian with respect to n inputs."""

    def __init__(self, value: float, gradient: Sequence[float], hessian: Sequence[Sequence[float]]):
        self.value, self.gradient, self.hessian = value, list(gradient), [list(row) for row in hessian]

    @classmethod
    def inputs(cls, point: Sequence[float]) -> list[Jet]:
        """The inputs themselves: unit gradients, no curvature."""
        n = len(point)
        return [cls(x, [float(j == k) for j in range(n)], [[0.0] * n for _ in range(n)]) for k, x in enumerate(point)]

    def like(self, number: float) -> Jet:
        """A constant among the same inputs."""
        n = len(self.gradient)
        return Jet(number, [0.0] * n, [[0.0] * n for _ in range(n)])

    def through(self, value: float, slope: float, bend: float) -> Jet:
        """A function of this jet with the given value, first and second derivative (chain rule)."""
        g = self.gradient
        rows = enumerate(self.hessian)
        hessian = [[slope * h + bend * g[i] * g[j] for j, h in enumerate(row)] for i, row in rows]
        return Jet(value, [slope * d for d in g], hessian)

    def __add__(self, other: Jet) -> Jet:
        gradient = [a + b for a, b in zip(self.gradient, other.gradient, strict=True)]
        pairs = zip(self.hessian, other.hessian, strict=True)
        return Jet(self.value + other.value, gradient, [[a + b for a, b in zip(p, q, strict=True)] for p, q in pairs])

    def __neg__(self) -> Jet:
        return self.through(-self.value, -1.0, 0.0)

    def __sub__(self, other: Jet) -> Jet:
        return self + (-other)

    def __mul__(self, other: Jet) -> Jet:
        a, b, g, k = self.value, other.value, self.gradient, other.gradient
        n = range(len(g))
        hessian = [[a * other.hessian[i][j] + b * self.hessian[i][j] + g[i] * k[j] + g[j] * k[i] for j in n] for i in n]
        return Jet(a * b, [a * k[i] + b * g[i] for i in n], hessian)

    def __truediv__(self, other: Jet) -> Jet:
        x = other.value
        return self * other.through(1.0 / x, -1.0 / (x * x), 2.0 / (x * x * x))

    def power(self, k: float) -> Jet:
        """A constant power of a positive number, or a whole one."""
        x = self.value
        return self.through(x**k, k * x ** (k - 1), k * (k - 1) * x ** (k - 2))

    def size(self) -> float:
        """The largest number in it."""
        return max(map(abs, [self.value, *self.gradient, *(h for row in self.hessian for h in row)]))


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


# name: value, slope and bend at x
UNARY: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "sin": lambda x: (math.sin(x), math.cos(x), -math.sin(x)),
    "cos": lambda x: (math.cos(x), -math.sin(x), -math.cos(x)),
    "tanh": lambda x: (math.tanh(x), 1 - math.tanh(x) ** 2, -2 * math.tanh(x) * (1 - math.tanh(x) ** 2)),
    "arctan": lambda x: (math.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2),
    "arcsinh": lambda x: (math.asinh(x), (1 + x * x) ** -0.5, -x * (1 + x * x) ** -1.5),
    "exp": lambda x: (math.exp(x), math.exp(x), math.exp(x)),
    "logaddexp0": lambda x: (math.log1p(math.exp(x)), _logistic(x), _logistic(x) * (1 - _logistic(x))),
    "sinh": lambda x: (math.sinh(x), math.cosh(x), math.sinh(x)),
    "abs": lambda x: (abs(x), math.copysign(1.0, x), 0.0),
}
