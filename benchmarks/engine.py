# ruff: noqa: E402
"""How fast the engine is, beside hand-written numpy and whatever peers are installed.

    python benchmarks/engine.py [CASE …] [--json] [--markdown FILE] [--seconds 0.3]

Each case prints the median time of many runs in microseconds and the engine's ratio to each peer (below 1: the engine
is faster). micrograd, autograd, MyGrad and torch take part when they can be imported. One thread.
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

from chainreel.engine import Function, grad, hessian, hvp, value_and_grad
from chainreel.engine.functions import log_softmax
from chainreel.engine.program import backward_program
from chainreel.engine.recording import Recording

Case = dict[str, Callable[[], object]]


def optional(name: str):
    try:
        return __import__(name)
    except ImportError:
        return None


# -- a1: a scalar graph of 1001 operations -------------------------------------------------------------------------
def long_graph(x, y):
    for _ in range(250):
        x = x * y + x
        x = x * 0.5 - y
    return x * y


def a1() -> Case:
    both_slopes = value_and_grad(long_graph, (0, 1))
    replay = backward_program(LONG.trace({"x": 0.7, "y": 0.3}))
    case: Case = {
        "engine": lambda: both_slopes(0.7, 0.3),
        "engine, full Trace object": lambda: LONG.trace({"x": 0.7, "y": 0.3}),
        "engine, replay of the printed program": lambda: replay(0.7, 0.3),
    }
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
    if mygrad := optional("mygrad"):
        case["MyGrad"] = lambda: long_graph(mygrad.tensor(0.7), mygrad.tensor(0.3)).backward()
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
    slopes = value_and_grad(polynomial_loss, tuple(range(6)))
    X, Y = (np.array(v) for v in zip(*POINTS, strict=True))

    def hand():
        powers = X[:, None] ** np.arange(6)
        residual = powers @ np.array(START) - Y
        return residual @ residual, 2 * powers.T @ residual

    case: Case = {"engine": lambda: slopes(*START), "hand numpy": hand}
    if micrograd := optional("micrograd"):
        import micrograd.engine

        case["micrograd"] = lambda: polynomial_loss(*map(micrograd.engine.Value, START)).backward()
    if mygrad := optional("mygrad"):
        case["MyGrad"] = lambda: polynomial_loss(*map(mygrad.tensor, START)).backward()
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
    if mygrad := optional("mygrad"):
        case["MyGrad"] = lambda: network(*map(mygrad.tensor, NET), np=mygrad).backward()
    if torch := optional("torch"):
        xs, ys = torch.tensor(XB), torch.tensor(YB)
        weights = [torch.tensor(w, requires_grad=True) for w in NET]

        def by_torch():
            w1, b1, w2, b2, w3, b3 = weights
            h = torch.tanh(torch.tanh(xs @ w1 + b1) @ w2 + b2)
            ((h @ w3 + b3 - ys) ** 2).mean().backward()

        case["torch"] = by_torch
    return case


XC, LABELS = RNG.normal(size=(128, 64)), RNG.integers(0, 10, 128)
NETC = [RNG.normal(size=s) * 0.1 for s in ((64, 128), (128,), (128, 64), (64,), (64, 10), (10,))]
ROWS = np.arange(128)


def classifier(w1, b1, w2, b2, w3, b3, np=np):
    h = np.maximum(XC @ w1 + b1, 0.0)
    h = np.maximum(h @ w2 + b2, 0.0)
    scores = h @ w3 + b3
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - shifted[ROWS, LABELS])


def classifier_by_engine(w1, b1, w2, b2, w3, b3):
    h = np.maximum(XC @ w1 + b1, 0.0)
    h = np.maximum(h @ w2 + b2, 0.0)
    return -np.mean(log_softmax(h @ w3 + b3, axis=1)[ROWS, LABELS])


def classifier_by_hand(w1, b1, w2, b2, w3, b3):
    a1 = XC @ w1 + b1
    h1 = np.maximum(a1, 0.0)
    a2 = h1 @ w2 + b2
    h2 = np.maximum(a2, 0.0)
    z = h2 @ w3 + b3
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z)
    norm = p.sum(axis=1, keepdims=True)
    loss = (np.log(norm[:, 0]) - z[ROWS, LABELS]).mean()
    p /= norm
    p[ROWS, LABELS] -= 1.0
    p /= len(XC)
    g2 = (p @ w3.T) * (a2 > 0)
    g1 = (g2 @ w2.T) * (a1 > 0)
    return loss, [XC.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), h2.T @ p, p.sum(0)]


def c() -> Case:
    step = value_and_grad(classifier_by_engine, tuple(range(6)))
    case: Case = {"engine": lambda: step(*NETC), "hand numpy": lambda: classifier_by_hand(*NETC)}
    if optional("autograd"):
        import autograd
        import autograd.numpy as anp

        theirs = autograd.value_and_grad(lambda p: classifier(*p, np=anp))
        case["autograd"] = lambda: theirs(NETC)
    if torch := optional("torch"):
        xs, labels = torch.tensor(XC), torch.tensor(LABELS)
        weights = [torch.tensor(w, requires_grad=True) for w in NETC]

        def by_torch():
            w1, b1, w2, b2, w3, b3 = weights
            h = torch.relu(torch.relu(xs @ w1 + b1) @ w2 + b2)
            torch.nn.functional.cross_entropy(h @ w3 + b3, labels).backward()

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
    if mygrad := optional("mygrad"):
        case["MyGrad"] = lambda: rosenbrock(mygrad.tensor(x)).backward()
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


# -- e2: value and both partial derivatives on the grid -------------------------------------------------------------
def saddle(x, y):
    return (np.sin(x * y) + x**2).sum()


def e2() -> Case:
    function = Function.parse("sin(x*y) + x**2")
    line = np.linspace(-2, 2, 400)
    x, y = np.meshgrid(line, line, indexing="ij")

    def hand():
        x, y = np.meshgrid(line, line, indexing="ij")
        product = x * y
        cosine = np.cos(product)
        return np.sin(product) + x**2, y * cosine + 2 * x, x * cosine

    case: Case = {"engine": lambda: function.slopes({"x": line, "y": line}), "hand numpy": hand}
    if optional("autograd"):
        import autograd
        import autograd.numpy as anp

        theirs = autograd.value_and_grad(lambda p: (anp.sin(p[0] * p[1]) + p[0] ** 2).sum())
        case["autograd"] = lambda: theirs((x, y))
    if torch := optional("torch"):

        def by_torch():
            tx, ty = torch.tensor(x, requires_grad=True), torch.tensor(y, requires_grad=True)
            (torch.sin(tx * ty) + tx**2).sum().backward()

        case["torch"] = by_torch
    return case


# -- f, h: second derivatives of Rosenbrock's function in 20 variables ----------------------------------------------
X20 = np.linspace(-1, 1, 20)
V20 = np.cos(np.arange(20))


def hessian_by_hand(x):
    a, c = x[:-1], x[1:]
    diagonal = np.zeros_like(x)
    diagonal[:-1] = 2 + 1200 * a * a - 400 * c
    diagonal[1:] += 200
    return np.diag(diagonal) + np.diag(-400 * a, 1) + np.diag(-400 * a, -1)


def f() -> Case:
    ours = hessian(rosenbrock)
    case: Case = {"engine": lambda: ours(X20), "hand numpy": lambda: hessian_by_hand(X20)}
    if optional("autograd"):
        import autograd

        theirs = autograd.hessian(rosenbrock)
        case["autograd"] = lambda: theirs(X20)
    if torch := optional("torch"):
        t = torch.tensor(X20)
        case["torch"] = lambda: torch.autograd.functional.hessian(rosenbrock, t)
    return case


def h() -> Case:
    ours = hvp(rosenbrock)
    case: Case = {"engine": lambda: ours(X20, V20)}
    if optional("autograd"):
        import autograd

        theirs = autograd.hessian_vector_product(rosenbrock)
        case["autograd"] = lambda: theirs(X20, V20)
    if torch := optional("torch"):
        t, v = torch.tensor(X20), torch.tensor(V20)
        case["torch"] = lambda: torch.autograd.functional.hvp(rosenbrock, t, v)
    return case


# -- g: a third derivative by nesting ------------------------------------------------------------------------------------
def third(x):
    return x * x * math.sin(x)


def third_by_hand(x):
    return 6.0 * math.cos(x) - 6.0 * x * math.sin(x) - x * x * math.cos(x)


def g() -> Case:
    ours = grad(grad(grad(third)))
    case: Case = {"engine": lambda: ours(0.7), "hand numpy": lambda: third_by_hand(0.7)}
    if optional("autograd"):
        import autograd
        import autograd.numpy as anp

        theirs = autograd.grad(autograd.grad(autograd.grad(lambda x: x * x * anp.sin(x))))
        case["autograd"] = lambda: theirs(0.7)
    if torch := optional("torch"):

        def by_torch():
            x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
            y = x * x * torch.sin(x)
            for _ in range(3):
                (y,) = torch.autograd.grad(y, x, create_graph=True)
            return y

        case["torch"] = by_torch
    return case


# case -> title, how to build it, and the goals: the engine's time over a peer's
CASES: dict[str, tuple[str, Callable[[], Case], dict[str, float]]] = {
    "a1": ("scalar graph, 1001 operations, forward + backward", a1, {"micrograd": 0.27, "torch": 0.10}),
    "a2": ("polynomial of degree 5, 50 points, one step in scalars", a2, {"micrograd": 0.30}),
    "b": ("network 2-16-16-1 tanh, 100 points, one step", b, {"torch": 0.52, "autograd": 0.20, "hand numpy": 1.6}),
    "c": ("network 64-128-64-10 softmax cross-entropy, batch of 128", c, {"torch": 0.83, "hand numpy": 1.15}),
    "d": ("gradient of Rosenbrock, 100 variables", d, {"torch": 0.38}),
    "e1": ("values on a 400 x 400 grid", e1, {"hand numpy": 1.05}),
    "e2": ("value and both partials on the grid", e2, {"hand numpy": 1.35}),
    "f": ("Hessian of Rosenbrock, 20 variables", f, {"torch": 0.06}),
    "g": ("third derivative by nesting", g, {"torch": 0.09}),
    "h": ("Hessian-vector product, 20 variables", h, {"torch": 0.08}),
}
PEERS = ("hand numpy", "micrograd", "autograd", "MyGrad", "torch")


def medians(case: Case, seconds: float) -> dict[str, float]:
    """The median time of a call in microseconds for each of a case, taken in turns so that noise falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in case}
    for run in case.values():
        run()
    rounds = 10
    for _ in range(rounds):
        for name, run in case.items():
            end = time.perf_counter() + seconds / rounds
            while time.perf_counter() < end or len(times[name]) < 3:
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(t) * 1e6 for name, t in times.items()}


def growth() -> dict[str, float]:
    """Time and memory per operation of a long chain, and how they grow from 10^4 to 10^6 operations."""
    import tracemalloc

    def chain(x, count):
        for _ in range(count):
            x = x * 1.0000001
        return x

    def run(count):
        return grad(lambda x: chain(x, count))(1.0)

    times = [min(_timed(run, n) for _ in range(3)) for n in (10_000, 100_000, 1_000_000)]
    tracemalloc.start()
    recording = Recording(lambda x: chain(x, 10_000), [1.0], {}, [0])
    held = tracemalloc.get_traced_memory()[0] / len(recording.tape.records)
    tracemalloc.stop()
    return {
        "time(10^5)/time(10^4)": times[1] / times[0],
        "time(10^6)/time(10^5)": times[2] / times[1],
        "ns per operation": times[2] * 1e3,
        "bytes per operation": held,
    }


def _timed(run: Callable, count: int) -> float:
    start = time.perf_counter()
    run(count)
    return time.perf_counter() - start


def measure(seconds: float, chosen: list[str]) -> dict[str, dict]:
    """Median times in microseconds, ratios to the peers, and which goals are met."""
    report: dict[str, dict] = {}
    for key in chosen:
        title, build, goals = CASES[key]
        times = medians(build(), seconds)
        ratios = {name: times["engine"] / t for name, t in times.items() if not name.startswith("engine")}
        met = {name: ratios[name] <= goal for name, goal in goals.items() if name in ratios}
        report[key] = {"title": title, "us": times, "ratio": ratios, "goal": goals, "met": met}
    return report


def table(report: dict[str, dict], grown: dict[str, float]) -> str:
    """The report as a page in Markdown."""
    lines = [
        "# Speed of the engine, beside its peers",
        "",
        "Made by `python benchmarks/engine.py --markdown docs/speed.md` (peers: `./chainreel peers`). Medians of many runs",
        "in one process, taken in turns, one thread; microseconds, and in brackets the engine's time over the peer's (below",
        "1: the engine is faster). Machines differ and are noisy: only the ratios are meant to be compared.",
        "",
        f"| case | engine | {' | '.join(PEERS)} | goals (ratio) |",
        "|---|---|" + "---|" * (len(PEERS) + 1),
    ]
    for key, row in report.items():
        cells = [f"{row['us'][p]:,.1f} ({row['ratio'][p]:.2f})" if p in row["us"] else "–" for p in PEERS]
        goals = [
            f"≤ {goal:g} {name}: {'met' if row['met'][name] else 'not met'}"
            for name, goal in row["goal"].items() if name in row["met"]
        ]  # fmt: skip
        lines.append(f"| {key} {row['title']} | {row['us']['engine']:,.1f} | {' | '.join(cells)} | {'; '.join(goals)} |")
        for name, time_ in row["us"].items():
            if name.startswith("engine, "):
                cells = [f"({time_ / row['us'][p]:.2f})" if p in row["us"] else "–" for p in PEERS]
                lines.append(f"| {key} {name.removeprefix('engine, ')} | {time_:,.1f} | {' | '.join(cells)} | |")
    lines += ["", "Growth of a chain of operations, `grad` of n multiplications: " + ", ".join(
        f"{name} {value:,.1f}" for name, value in grown.items()) + "."]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("cases", nargs="*", help=f"cases to measure (default all): {' '.join(CASES)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--markdown", metavar="FILE", help="write the table to a file")
    parser.add_argument("--seconds", type=float, default=0.3, help="time to spend on each measurement")
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        parser.error(f"there is no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    report = measure(options.seconds, options.cases or list(CASES))
    grown = growth() if not options.cases else {}
    if options.json:
        print(json.dumps({"cases": report, "growth": grown}, indent=1))
        return
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write(table(report, grown))
    for key, row in report.items():
        print(f"{key:3} {row['title']}")
        print("    " + "   ".join(f"{name} {t:,.1f} µs" for name, t in row["us"].items()))
        goals = {name: f" (goal {goal:g})" for name, goal in row["goal"].items()}
        ratios = [f"/ {n} = {r:.2f}{goals.get(n, '')}" for n, r in row["ratio"].items()]
        print("    " + ("   ".join(ratios) or "no peer installed"))
    if grown:
        print("    " + "   ".join(f"{name} {value:,.1f}" for name, value in grown.items()))


if __name__ == "__main__":
    main()
