"""How long folding and layout take: `python benchmarks/folding.py` prints milliseconds of processor time by steps.

The promise: a trace of 2 000 steps is folded and laid out in less than two seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from chainreel.engine import Function, Trace
from chainreel.scenes.figures.folding import fold
from chainreel.scenes.figures.layout import CARD, arrange


def loop(rounds: int) -> Callable[[float, float], float]:
    """A sum of that many terms of five steps each."""

    def f(x: float, y: float) -> float:
        s = 0.0
        for k in range(rounds):
            s = s + (np.sin(x * (0.01 * k + 0.1)) * y) ** 2
        return s

    return f


def spaghetti(size: int) -> str:
    """Operations that use any of the last values: nothing repeats, everything is connected."""
    dice = np.random.default_rng(size)
    lines, known = [], ["x", "y"]
    for k in range(size):
        a, b = (known[-1 - int(dice.integers(min(len(known), 12)))] for _ in range(2))
        lines.append(f"t{k} = {dice.choice(['sin({a})', '{a} + {b}', '{a}*0.5 - {b}', 'tanh({a}*{b})']).format(a=a, b=b)}")
        known.append(f"t{k}")
    return "; ".join(lines) + "; " + " + ".join(known[-6:])


def spent(what: Callable[[], object]) -> tuple[float, object]:
    """Milliseconds of processor time, and the result."""
    start = time.process_time()
    made = what()
    return 1e3 * (time.process_time() - start), made


def main() -> None:
    """One row for each graph."""
    point = {"x": 0.5, "y": 0.3}
    graphs: list[tuple[str, Trace]] = [
        *((f"loop of {n}", Function.of(loop(n)).trace(point)) for n in (20, 100, 400)),
        *((f"spaghetti of {n}", Function.of(spaghetti(n)).trace(point)) for n in (100, 300, 700)),
    ]
    print(f"{'graph':<20}{'steps':>7}{'boxes':>7}{'fold':>9}{'layout':>9}")
    for name, trace in graphs:
        trace.steps  # noqa: B018  (names and places are the engine's work)
        folding, view = spent(lambda trace=trace: fold(trace, 6))
        laying, _ = spent(lambda view=view: arrange(view, -5.0, 6.26, -2.72, 2.25, [CARD]))
        print(f"{name:<20}{len(trace):>7}{len(view.operations):>7}{folding:>7.0f} ms{laying:>7.0f} ms")


if __name__ == "__main__":
    main()
