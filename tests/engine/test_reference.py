"""Random programs on the engine and on a second, naive one; and guards of how cost grows.

A program is grown line by line as Python source – arithmetic, functions, values used twice or not at all, branches,
arrays packed and unpacked, arrays written into, derivatives inside – and after every line the value, gradient, forward
derivative and second derivatives of the last line are compared.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chainreel.engine import Function, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

from .naive import UNARY, Jet

WRITTEN = {
    "sin": "math.sin({0})", "cos": "np.cos({0})", "tanh": "np.tanh({0})", "arctan": "math.atan({0})",
    "arcsinh": "np.arcsinh({0})", "exp": "np.exp({0})", "logaddexp0": "np.log1p(math.exp({0}))", "sinh": "np.sinh({0})",
    "abs": "abs({0})",
}  # fmt: skip
FILLED = """
def filled(a, b):
    out = np.zeros(3)
    out[0] = a * b
    out[1:] = a
    out[2] = out[1] * 2.0 - b
    return np.sum(out)
"""
LARGEST = 1e5  # beyond it, rounding errors of both engines would have to be told apart
numbers = st.floats(-3, 3).map(lambda x: round(x, 3))
picks = st.integers(0, 10**6)


class Programs(RuleBasedStateMachine):
    """``jets[k]`` is what the naive engine has for the value that the source calls v{k}."""

    @initialize(point=st.lists(numbers, min_size=1, max_size=3), direction=st.lists(numbers, min_size=3, max_size=3))
    def start(self, point, direction):
        self.point, self.direction = point, direction[: len(point)]
        self.jets = Jet.inputs(point)
        self.lines: list[str] = []
        self.scale = 1.0

    def pick(self, number: int) -> int:
        """One of the values so far, the newest ones more often."""
        count = len(self.jets)
        return count - 1 - (number % (4 * count)) % count if number % 3 else number % count

    def write(self, text: str, jet: Jet) -> None:
        """Take a line into the program unless its numbers are too large, and compare everything."""
        if not jet.size() < LARGEST:
            return
        self.lines.append(f"v{len(self.jets)} = {text}")
        self.jets.append(jet)
        self.scale = max(self.scale, jet.size())
        self.compare()

    # -- lines -----------------------------------------------------------------------------------------------
    @rule(i=picks, j=picks, sign=st.sampled_from("+-*"))
    def arithmetic(self, i, j, sign):
        i, j = self.pick(i), self.pick(j)
        a, b = self.jets[i], self.jets[j]
        self.write(f"v{i} {sign} v{j}", {"+": a + b, "-": a - b, "*": a * b}[sign])

    @rule(i=picks, j=picks)
    def quotient(self, i, j):
        i, j = self.pick(i), self.pick(j)
        if abs(self.jets[j].value) > 0.1:
            self.write(f"v{i} / v{j}", self.jets[i] / self.jets[j])

    @rule(i=picks, c=numbers, form=st.sampled_from(["v{i} * {c}", "{c} * v{i}", "v{i} + {c}", "{c} - v{i}", "v{i} - {c}"]))
    def constant(self, i, c, form):
        a = self.jets[i := self.pick(i)]
        k = a.like(c)
        jet = {"*": a * k, "+": a + k, "-": k - a if form.startswith("{c}") else a - k}[form.split()[1]]
        self.write(form.format(i=i, c=f"({c})"), jet)

    @rule(i=picks, name=st.sampled_from(sorted(UNARY)))
    def unary(self, i, name):
        a = self.jets[i := self.pick(i)]
        if abs(a.value) < 10 and (name != "abs" or abs(a.value) > 1e-3):
            self.write(WRITTEN[name].format(f"v{i}"), a.through(*UNARY[name](a.value)))

    @rule(i=picks, k=st.sampled_from([2, 3, -1, 0.5, 2.5, 1]))
    def power(self, i, k):
        a = self.jets[i := self.pick(i)]
        if a.value > 0.1 or (k in (2, 3) and abs(a.value) > 1e-3):
            self.write(f"v{i} ** {k}", a.power(k))

    @rule(i=picks, j=picks, k=picks)
    def choice(self, i, j, k):
        i, j, k = map(self.pick, (i, j, k))
        if self.jets[i].value != self.jets[j].value:
            text = f"np.where(v{i} > v{j}, v{i}, v{k})"
            self.write(text, self.jets[i] if self.jets[i].value > self.jets[j].value else self.jets[k])

    @rule(i=picks, j=picks)
    def branch(self, i, j):
        i, j = self.pick(i), self.pick(j)
        self.write(f"v{i} if v{i} > 0.5 else v{j} * 2.0", self.jets[i] if self.jets[i].value > 0.5 else
                   self.jets[j] * self.jets[j].like(2.0))  # fmt: skip

    @rule(i=picks, j=picks, k=picks)
    def packed(self, i, j, k):
        i, j, k = map(self.pick, (i, j, k))
        a, b, c = (self.jets[n] for n in (i, j, k))
        text = f"(np.array([v{i}, v{j}, v{k}])[::-1] * np.array([v{k}, 2.0, v{i}])).sum()"
        self.write(text, c * c + b * b.like(2.0) + a * a)

    @rule(i=picks, j=picks)
    def product_of_matrices(self, i, j):
        i, j = self.pick(i), self.pick(j)
        a, b = self.jets[i], self.jets[j]
        text = f"(np.array([[v{i}, v{j}], [1.0, v{i}]]) @ np.stack([v{j}, v{i}]))[1]"
        self.write(text, b + a * a)

    @rule(i=picks, j=picks)
    def written_into(self, i, j):
        i, j = self.pick(i), self.pick(j)
        a, b = self.jets[i], self.jets[j]
        self.write(f"filled(v{i}, v{j})", a * b + a * a.like(3.0) - b)

    @rule(i=picks, j=picks, k=picks)
    def gradient_inside(self, i, j, k):
        i, j, k = map(self.pick, (i, j, k))
        a, b, c = (self.jets[n] for n in (i, j, k))
        text = f"grad(lambda t: t * v{i} * np.sin(t + v{j}))(v{k})"
        sine, cosine = ((c + b).through(*UNARY[name]((c + b).value)) for name in ("sin", "cos"))
        self.write(text, a * sine + c * a * cosine)

    @rule(i=picks, j=picks)
    def tangent_inside(self, i, j):
        i, j = self.pick(i), self.pick(j)
        a, b = self.jets[i], self.jets[j]
        self.write(f"jvp(lambda t: t * t * v{j}, (v{i},), (v{j},))[1]", a * a.like(2.0) * b * b)

    @rule(i=picks)
    def second_derivative_inside(self, i):
        a = self.jets[i := self.pick(i)]
        self.write(f"grad(grad(lambda t: t ** 3 + t * v{i}))(v{i})", a * a.like(6.0))

    @rule()
    def run_again(self):
        """The same numbers, to the last bit."""
        if self.lines:
            function = self.function()
            first, second = (value_and_grad(function, tuple(range(len(self.point))))(*self.point) for _ in range(2))
            assert first == second

    # -- the comparison --------------------------------------------------------------------------------------
    def function(self) -> Any:
        """The program as a user would have written it."""
        names = ", ".join(f"v{k}" for k in range(len(self.point)))
        body = "\n    ".join([*self.lines, f"return v{len(self.jets) - 1}"])
        scope = {"np": np, "math": math, "grad": grad, "jvp": jvp}
        exec(compile(f"{FILLED}\ndef program({names}):\n    {body}\n", "<program>", "exec"), scope)
        return scope["program"]

    def close(self, got: Any, wanted: Any) -> None:
        got, wanted = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
        assert got.shape == wanted.shape
        assert np.allclose(got, wanted, rtol=1e-9, atol=1e-9 * self.scale), ("\n".join(self.lines), got, wanted)

    def compare(self) -> None:
        jet, function, point, direction = self.jets[-1], self.function(), self.point, self.direction
        value, gradient = value_and_grad(function, tuple(range(len(point))))(*point)
        self.close(value, jet.value)
        self.close(gradient, jet.gradient)
        slope = float(np.dot(jet.gradient, direction))
        self.close(jvp(function, point, direction), [jet.value, slope])

        def of_array(x: Any) -> Any:
            return function(*(x[k] for k in range(len(point))))

        x, v = np.array(point), np.array(direction)
        self.close(vjp(of_array, x)[1](1.0)[0], jet.gradient)
        self.close(jacobian(of_array)(x), jet.gradient)
        self.close(hessian(of_array)(x), jet.hessian)
        self.close(hvp(of_array)(x, v), np.asarray(jet.hessian) @ v)
        self.close(grad(grad(function))(*point), jet.hessian[0][0])
        self.close(jvp(grad(function), point, direction)[1], np.dot(jet.hessian[0], direction))


Programs.TestCase.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestPrograms = Programs.TestCase


def test_the_naive_engine_itself():
    """A page of code can be wrong too: against differences."""
    x = (0.7, -0.3)

    def function(a: Any, b: Any) -> Any:
        return (a * b - b / (a * a)).through(*UNARY["tanh"]((a * b - b / (a * a)).value)) * b + a.power(2.5)

    def number(p: tuple) -> float:
        return function(*Jet.inputs(p)).value

    jet, h = function(*Jet.inputs(x)), 1e-4
    for i, j in ((0, 0), (0, 1), (1, 1)):

        def moved(s: float, t: float, i: int = i, j: int = j) -> float:
            p = list(x)
            p[i] += s
            p[j] += t
            return number(tuple(p))

        bend = (moved(h, h) - moved(h, -h) - moved(-h, h) + moved(-h, -h)) / (4 * h * h)
        assert math.isclose(jet.hessian[i][j], bend, rel_tol=1e-5, abs_tol=1e-6)
        assert math.isclose(jet.gradient[i], (moved(h, 0) - moved(-h, 0)) / (2 * h), rel_tol=1e-6)


# -- how cost grows ------------------------------------------------------------------------------------------
def chain(length: int) -> Any:
    """A function of 2·length operations, one after the other."""

    def function(x: Any) -> Any:
        for _ in range(length):
            x = x * 0.9999 + 0.001
        return x

    return function


def _seconds(length: int) -> float:
    function, best = chain(length), math.inf
    for _ in range(5):
        start = time.process_time()
        grad(function)(1.0)
        best = min(best, time.process_time() - start)
    return best


def test_time_grows_linearly():
    """time(10 n)/time(n) between 5 and 20; a noisy machine gets a second and a third chance."""
    ratios = []
    for _ in range(4):
        ratios.append(_seconds(20_000) / _seconds(2_000))
        if 5 < ratios[-1] < 20:
            return
    raise AssertionError(f"ten times the operations take {ratios} times as long")


def test_a_chain_100_000_deep():
    """No recursion anywhere: reverse, forward, nested."""
    function = chain(50_000)
    exact = math.exp(50_000 * math.log(0.9999))
    assert math.isclose(grad(function)(1.0), exact, rel_tol=1e-9)
    assert math.isclose(jvp(function, (1.0,), (1.0,))[1], exact, rel_tol=1e-9)
    assert grad(grad(function))(1.0) == 0.0


def test_a_trace_grows_linearly_too():
    """A trace of 20 000 steps can be made and read at its end."""
    trace = Function.of(chain(10_000)).trace({"x": 1.0})
    assert len(trace.steps) == 20_001
    assert math.isclose(trace.gradient["x"], math.exp(10_000 * math.log(0.9999)), rel_tol=1e-9)


def test_memory_for_each_operation():
    """At most 200 bytes an operation on floats, while the map back is kept."""
    function = chain(10_000)
    vjp(function, 1.0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = vjp(function, 1.0)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept[1](1.0)
    assert used / 20_000 <= 200


def test_swell_does_not_happen():
    """A value used twice by each step, 60 times over: 60 steps, not 2^60."""

    def function(x: Any) -> Any:
        for _ in range(60):
            x = 0.5 * x + 0.5 * x
        return x

    assert grad(function)(3.0) == 1.0
    assert jvp(function, (3.0,), (1.0,))[1] == 1.0
    assert hessian(lambda x: function(x[0]) ** 2)(np.array([3.0])).tolist() == [[2.0]]
