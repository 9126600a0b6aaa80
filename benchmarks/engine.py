# ruff: noqa: E402
"""How fast the engine is, beside hand-written numpy and whatever peers are installed.

    python benchmarks/engine.py [--json] [--seconds 0.3]

Each case prints the median time of many runs in microseconds and the engine's ratio to each peer (below 1: the engine
is faster). micrograd, autograd and torch take part when they can be imported. One thread.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from chainreel.engine import Function, grad, value_and_grad
from chainreel.engine.sweeps import reverse
from chainreel.engine.tape import Tape
from chainreel.engine.tensor import Tensor
from chainreel.engine.transforms import input_record

Case = dict[str, Callable[[], object]]


def optional(name: str):
    try:
        return __import__(name)
    except ImportError:
        return None


def scalars(names: list[float]) -> tuple[Tape, list[Tensor]]:
    tape = Tape()
    tape.records.extend(input_record(value) for value in names)
    return tape, [Tensor(value, k, tape) for k, value in enumerate(names)]


# -- a1: a scalar graph of 1001 operations -------------------------------------------------------------------------
def long_graph(x, y):
    for _ in range(250):
        x = x * y + x
        x = x * 0.5 - y
    return x * y


def a1() -> Case:
    def ours():
        tape, (x, y) = scalars([0.7, 0.3])
        return reverse(tape.records, long_graph(x, y).index)

    case: Case = {"engine": ours, "engine, full Trace object": lambda: LONG.trace({"x": 0.7, "y": 0.3})}
    if micrograd := optional("micrograd"):
        import micrograd.engine

        def theirs():
            x, y = micrograd.engine.Value(0.7), micrograd.engine.Value(0.3)
            long_graph(x, y).backward()

        sys.setrecursionlimit(10_000)
        case["micrograd"] = theirs
    if optional("autograd"):
        import autograd

        both = autograd.grad(long_graph, (0, 1))
        case["autograd"] = lambda: both(0.7, 0.3)
    if torch := optional("torch"):

        def by_torch():
            x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.7, 0.3))
            long_graph(x, y).backward()

        case["torch"] = by_torch
    return case


LONG = Function.of(long_graph)

# -- a2: a polynomial of degree 5 through 50 points, one step in scalars -------------------------------------------
POINTS = [(k / 25 - 1, math.sin(k / 8)) for k in range(50)]
START = [0.1, 0.2, 0.3, 0.1, -0.2, 0.05]


def polynomial_loss(c0, c1, c2, c3, c4, c5):
    loss = 0.0
    for x, y in POINTS:
        residual = ((((c5 * x + c4) * x + c3) * x + c2) * x + c1) * x + c0 - y
        loss = loss + residual * residual
    return loss


def a2() -> Case:
    def ours():
        tape, values = scalars(START)
        return reverse(tape.records, polynomial_loss(*values).index)

    X, Y = (np.array(v) for v in zip(*POINTS, strict=True))

    def hand():
        powers = X[:, None] ** np.arange(6)
        residual = powers @ np.array(START) - Y
        return residual @ residual, 2 * powers.T @ residual

    case: Case = {"engine": ours, "hand numpy": hand}
    if micrograd := optional("micrograd"):
        import micrograd.engine

        case["micrograd"] = lambda: polynomial_loss(*map(micrograd.engine.Value, START)).backward()
    if torch := optional("torch"):
        case["torch"] = lambda: polynomial_loss(
            *(torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in START)
        ).backward()
    return case


# -- b, c: small networks, one training step ------------------------------------------------------------------------
RNG = np.random.default_rng(0)
XB, YB = RNG.normal(size=(100, 2)), RNG.normal(size=(100, 1))
NET = [RNG.normal(size=s) * 0.5 for s in ((2, 16), (16,), (16, 16), (16,), (16, 1), (1,))]


def network(w1, b1, w2, b2, w3, b3, np=np, X=XB, Y=YB):
    h = np.tanh(X @ w1 + b1)
    h = np.tanh(h @ w2 + b2)
    return np.mean((h @ w3 + b3 - Y) ** 2)


def by_hand(w1, b1, w2, b2, w3, b3):
    h1 = np.tanh(XB @ w1 + b1)
    h2 = np.tanh(h1 @ w2 + b2)
    residual = h2 @ w3 + b3 - YB
    g = residual * (2.0 / residual.size)
    g2 = (g @ w3.T) * (1 - h2 * h2)
    g1 = (g2 @ w2.T) * (1 - h1 * h1)
    return (residual * residual).mean(), [XB.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), h2.T @ g, g.sum(0)]


def b() -> Case:
    step = value_and_grad(network, tuple(range(6)))
    case: Case = {"engine": lambda: step(*NET), "hand numpy": lambda: by_hand(*NET)}
    if optional("autograd"):
        import autograd
        import autograd.numpy as anp

        theirs = autograd.value_and_grad(lambda p: network(*p, np=anp))
        case["autograd"] = lambda: theirs(NET)
    if torch := optional("torch"):
        xs, ys = torch.tensor(XB), torch.tensor(YB)
        weights = [torch.tensor(w, requires_grad=True) for w in NET]

        def by_torch():
            w1, b1, w2, b2, w3, b3 = weights
            h = torch.tanh(torch.tanh(xs @ w1 + b1) @ w2 + b2)
            ((h @ w3 + b3 - ys) ** 2).mean().backward()

        case["torch"] = by_torch
    return case


# -- d: the gradient of Rosenbrock's function in 100 variables -----------------------------------------------------
def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def rosenbrock_by_hand(x):
    a, c = x[:-1], x[1:]
    r = c - a * a
    g = np.zeros_like(x)
    g[:-1] = -2 * (1 - a) - 400 * a * r
    g[1:] += 200 * r
    return g


def d() -> Case:
    x = np.linspace(-1, 1, 100)
    ours = grad(rosenbrock)
    case: Case = {"engine": lambda: ours(x), "hand numpy": lambda: rosenbrock_by_hand(x)}
    if optional("autograd"):
        import autograd

        theirs = autograd.grad(rosenbrock)
        case["autograd"] = lambda: theirs(x)
    if torch := optional("torch"):

        def by_torch():
            t = torch.tensor(x, requires_grad=True)
            rosenbrock(t).backward()

        case["torch"] = by_torch
    return case


# -- e1: values on a grid ---------------------------------------------------------------------------------------------
def e1() -> Case:
    function = Function.parse("sin(x*y) + x**2")
    line = np.linspace(-2, 2, 400)

    def hand():
        x, y = np.meshgrid(line, line, indexing="ij")
        return np.sin(x * y) + x**2

    return {"engine": lambda: function.grid({"x": line, "y": line}), "hand numpy": hand}


# -- g: a third derivative by nesting ------------------------------------------------------------------------------------
def third(x):
    return x * x * math.sin(x)


def g() -> Case:
    ours = grad(grad(grad(third)))
    case: Case = {"engine": lambda: ours(0.7)}
    if optional("autograd"):
        import autograd
        import autograd.numpy as anp

        theirs = autograd.grad(autograd.grad(autograd.grad(lambda x: x * x * anp.sin(x))))
        case["autograd"] = lambda: theirs(0.7)
    return case


CASES: dict[str, tuple[str, Callable[[], Case], float]] = {
    "a1": ("scalar graph, 1001 operations, forward + backward", a1, 450),
    "a2": ("polynomial of degree 5, 50 points, in scalars", a2, 300),
    "b": ("network 2-16-16-1, 100 points, one step", b, 55),
    "d": ("gradient of Rosenbrock, 100 variables", d, 22),
    "e1": ("values on a 400 x 400 grid", e1, 1714),
    "g": ("third derivative by nesting", g, 60),
}


def median(run: Callable[[], object], seconds: float) -> float:
    """The median time of a call in microseconds."""
    run()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def growth() -> dict[str, float]:
    """Time and memory per operation of a long chain, and how they grow from 10^4 to 10^5 operations."""
    import tracemalloc

    def chain(x, count):
        for _ in range(count):
            x = x * 1.0000001
        return x

    def run(count):
        tape, (x,) = scalars([1.0])
        return reverse(tape.records, chain(x, count).index)

    small, large = (min(_timed(run, n) for _ in range(3)) for n in (10_000, 100_000))
    tape, (x,) = scalars([1.0])
    tracemalloc.start()
    chain(x, 10_000)
    held = tracemalloc.get_traced_memory()[0] / 10_000
    tracemalloc.stop()
    return {"time(10 n)/time(n)": large / small, "ns per operation": large * 1e4, "bytes per operation": held}


def _timed(run: Callable, count: int) -> float:
    start = time.perf_counter()
    run(count)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seconds", type=float, default=0.3, help="time to spend on each measurement")
    options = parser.parse_args()
    report: dict[str, dict] = {}
    for key, (title, build, goal) in CASES.items():
        times = {name: median(run, options.seconds) for name, run in build().items()}
        ratios = {name: times["engine"] / t for name, t in times.items() if not name.startswith("engine")}
        report[key] = {"title": title, "goal_us": goal, "us": times, "ratio": ratios}
        if not options.json:
            print(f"{key:3} {title}")
            print("    " + "   ".join(f"{name} {t:,.1f} µs" for name, t in times.items()) + f"   (goal {goal} µs)")
            print("    " + ("   ".join(f"engine / {n} = {r:.2f}" for n, r in ratios.items()) or "no peer installed"))
    report["growth"] = growth()
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        print("    " + "   ".join(f"{name} {value:,.1f}" for name, value in report["growth"].items()))


if __name__ == "__main__":
    main()
