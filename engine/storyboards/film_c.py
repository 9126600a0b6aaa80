"""Film C, "Four knobs and nine points": a curve, a wave, a lamp, the mirror detector, and blind search."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from ..datasets import Dataset, mirror, nine_points, wave
from ..elementwise import sigmoid
from ..function import Function
from ..learning import MLP, SGD, Objective, Risk, Training
from ..learning.search import Search
from ..trace import Trace
from ..transforms import vjp
from ..trees import map_tree

# -- nine points, four knobs (C3 to C7, C9) ---------------------------------------------------------------------------
START = {"c0": 0.25, "c1": -1.0, "c2": 0.5, "c3": 1.0}
HORNER = "((c3*({x:g}) + c2)*({x:g}) + c1)*({x:g}) + c0"
POINT = (0.5, -0.75)  # the one that C9 a to c walk through by hand
ONE_POINT = "u1 = c3*x\nu2 = u1 + c2\nu3 = u2*x\nu4 = u3 + c1\nu5 = u4*x\ny = u5 + c0\ngap = y - t\ngap**2"
STEADY, LAST_STEADY, EXPLODING, SMALL = 0.5, 0.7, 0.9, 0.1  # rates in all four dials
NEAR_BEST = 1.05  # "arrived" in four dials: within 5 % of the best loss
SLICE = ("c1", "c3")  # C7
SLICE_NEAR = 0.001  # "arrived" in the slice: this close to its best loss
RACE = (("plain", 0.3), ("plain", 1.5), ("momentum", 0.3), ("adam", 0.1))  # C7 b7 to b9
TOO_FAST = 1.6
SECANTS = (1.0, 0.5, 0.1, 0.01, 0.001)  # C5


def fit() -> Function:
    """The mean squared error over the nine points, a function of c0 … c3: nine copies of Horner's recipe, 81
    operations.

    e1 … e9 are the residuals.
    """
    return Function.parse(_mean_of_squares(HORNER, nine_points()))


def one_point() -> Function:
    """The squared error at ``POINT``, step by step as C9 a writes it: u1 … u5 are the partial results, y the
    curve."""
    return Function.parse(ONE_POINT).hold({"x": POINT[0], "t": POINT[1]})


def open_point() -> Trace:
    """The same with the point as inputs too, so that its rules are written with x."""
    held = one_point()
    return Function.parse(ONE_POINT).trace({**START, **{name: float(value) for name, value in held.held.items()}})


@functools.cache
def best_fit() -> np.ndarray:
    """The best c0 … c3 by the shortcut that a curve linear in its knobs allows (least squares)."""
    data = nine_points()
    return np.linalg.lstsq(np.vander(data.X[:, 0], 4, increasing=True), data.y, rcond=None)[0]


def slice_of_fit(*free: str) -> Function:
    """The fit with only these knobs free, the others at the start."""
    return fit().hold({name: value for name, value in START.items() if name not in free})


def _mean_of_squares(curve: str, data: Dataset) -> str:
    """The mean squared error of a curve, a text with {x}, as a text with the data welded in."""
    n = len(data)
    lines = [f"e{k} = {curve.format(x=x)} - ({y:g})" for k, (x, y) in enumerate(zip(data.X[:, 0], data.y, strict=True), 1)]
    return "\n".join([*lines, f"({' + '.join(f'e{k}**2' for k in range(1, n + 1))})/{n}"])


# -- the frequency dial (C5, C6) and its saddle (C7 b11) --------------------------------------------------------------
WAVE_STARTS = (1.4, 1.6, 1.8, 3.0)
WAVE_RATE = 0.02
SADDLE = {"a": 0.0, "w": 0.588}


def wave_fit() -> Function:
    """The mean squared error of sin(ωx) over 25 points, a function of w = ω."""
    return Function.parse(_mean_of_squares("sin(w*({x:g}))", wave()))


def saddle_fit() -> Function:
    """The same with an amplitude: a·sin(ωx), a function of a and w."""
    return Function.parse(_mean_of_squares("a*sin(w*({x:g}))", wave()))


# -- blind search (C4) ------------------------------------------------------------------------------------------------
SEARCH_SEEDS = tuple(range(20))
SEARCH_STEPS = (0.02, 0.01)  # arrive
STUCK_STEPS = (0.05, 0.1, 0.2, 0.5)  # do not
DIALS = (4, 16, 64, 256)
LEVEL = 0.01  # random least squares: to this share of the loss at the start


def nudging(step: float, seed: int, most: int = 4000) -> Search:
    """One knob of the fit at a time, turned by ``step``, until within 5 % of the best; C4 b1 to b5."""
    loss = fit()

    def look(point: np.ndarray) -> float:
        return loss(**dict(zip(START, point, strict=True)))

    goal = NEAR_BEST * look(best_fit())
    return Search.run(look, list(START.values()), step=step, goal=goal, most=most, seed=seed, log=False)


@dataclass(frozen=True)
class Squares:
    """Random least squares: L(c) = mean (A(c - goal))², with four rows for every dial, all normal numbers;
    start at 0."""

    A: np.ndarray
    goal: np.ndarray

    @classmethod
    def draw(cls, dials: int, seed: int) -> Squares:
        rng = np.random.default_rng(seed)
        return cls(rng.normal(size=(4 * dials, dials)), rng.normal(size=dials))

    def __call__(self, c):
        return np.mean((self.A @ (c - self.goal)) ** 2)

    def blind(self, seed: int, step: float = 0.25, most: int = 20_000) -> Search:
        """All dials nudged at once, in a random direction; C4 b6."""
        start = np.zeros(len(self.goal))
        return Search.run(
            self, start, step=step, goal=LEVEL * self(start), most=most, seed=seed, along="sphere", log=False
        )  # fmt: skip

    def guided(self, most: int = 1000) -> int:
        """How many steps against the slope it takes, at 1 over the largest curvature."""
        objective = Objective(self)
        c = np.zeros(len(self.goal))
        rate = 1.0 / np.linalg.eigvalsh(2.0 / len(self.A) * self.A.T @ self.A)[-1]
        goal = LEVEL * self(c)
        for step in range(most):
            value, slope = objective.value_and_gradient(c)
            if value <= goal:
                return step
            c = c - rate * slope
        return most


# -- the lamp and other chains (C8) -----------------------------------------------------------------------------------
LAMP = "u = x**2\ny = 12/u\n0.4*y"
LAMP_AT = {"x": 2.0}
LAMP_NUDGES = (0.1, 0.01)
ROUTE_NUDGE = 0.01  # on a, in film B's recipe (C8 b9)
ROW_OF_SIGMOIDS, ROW_START = 10, 0.5  # C8 b11
EXPLODING_RATE = 1.5  # C8 b12


def row_of_sigmoids(length: int = ROW_OF_SIGMOIDS) -> Function:
    """One sigmoid after the other."""
    lines = [f"s{k} = sigmoid({f's{k - 1}' if k > 1 else 'x'})" for k in range(1, length)]
    return Function.parse("\n".join([*lines, f"sigmoid(s{length - 1})"]))


LAMP_LINKS = ("u = x**2", "y = 12/u", "i = 0.4*y")  # distance, lit area, brightness, current; each with its name
LAMP_RANGE = (1.0, 4.0)  # C8 b6
LAMP_DIRECT = "12/x**2"


def lamp(links: int = 2) -> Function:
    """The first links of the lamp's chain, the last value named too."""
    lines = LAMP_LINKS[:links]
    return Function.parse("\n".join([*lines, lines[-1].partition(" ")[0]]))


EXCHANGE, MONEY = "d = 1.25*m\n160*d", {"m": 1.0}  # C8 b5: an example of two rates, not of any day
AFTER, TIMES = "u = x**2\n12/u", "u = x**2\nv = 12/x\nu*v"  # C8 b8: the same two boxes wired in two ways


def exchange() -> Trace:
    """One unit of money changed twice."""
    return Function.parse(EXCHANGE).trace(MONEY)


def wirings() -> tuple[Trace, Trace]:
    """One box after the other, and their product, at the lamp's place."""
    return Function.parse(AFTER).trace(LAMP_AT), Function.parse(TIMES).trace(LAMP_AT)


def row_of_products(rate: float, length: int = ROW_OF_SIGMOIDS) -> Function:
    """One multiplication by ``rate`` after the other."""
    lines = [f"s{k} = {rate!r}*{f's{k - 1}' if k > 1 else 'x'}" for k in range(1, length)]
    return Function.parse("\n".join([*lines, f"{rate!r}*s{length - 1}"]))


# -- networks on the nine points (C9 e) -------------------------------------------------------------------------------
# not recorded; chosen among 80 seeds and a dozen lengths and rates so that the told numbers come out
NETWORK_SEED, NETWORK_STEPS, NETWORK_RATE = 8, 2000, 0.1


def network_training(hidden: int) -> Training:
    """1-hidden-1 with tanh (13 knobs for 4, 25 for 8): all nine points at once, momentum 0.9."""
    data = nine_points()
    net = MLP([1, hidden, 1], activation="tanh")
    return Training.run(
        Risk(net, "mean_squared"), net.initial(NETWORK_SEED, "lecun"), data.arrays, epochs=NETWORK_STEPS,
        optimizer=SGD(lr=NETWORK_RATE, momentum=0.9), snapshots=100,
    )  # fmt: skip


def network_point(hidden: int = 4) -> Trace:
    """The squared error of a 1-hidden-1 network at ``POINT``, its last steps named as those of ``one_point``; it begins where
    ``network_training`` does."""
    first, last = network_training(hidden).params_at(0)
    units = range(1, hidden + 1)
    lines = [f"h{j} = tanh(w{j}*x + b{j})" for j in units]
    lines += ["y = " + " + ".join(f"v{j}*h{j}" for j in units) + " + c0", "gap = y - t", "gap**2"]
    start = {f"w{j}": float(first["W"][0, j - 1]) for j in units} | {f"b{j}": float(first["b"][j - 1]) for j in units}
    start |= {f"v{j}": float(last["W"][j - 1, 0]) for j in units} | {"c0": float(last["b"][0])}
    return Function.parse("\n".join(lines)).hold({"x": POINT[0], "t": POINT[1]}).trace(start)


def generating_curve(x: np.ndarray) -> np.ndarray:
    """What the nine points were made from, without the noise."""
    return 4 * x**3 - 3 * x + 0.3


# -- the mirror detector of 1986 (C2) ---------------------------------------------------------------------------------
MIRROR_SEEDS = tuple(range(1, 41))
MIRROR_SHOWN, MIRROR_FAILS = (1, 10), (4, 7)
MIRROR_SOLVED = 0.5  # the error E = ½ Σ (o - t)² over the 64 patterns counts as solved below this
MIRROR_MOST = 20_000  # sweeps


def mirror_params(seed: int) -> list[dict[str, np.ndarray]]:
    """Start weights and biases evenly within ±0.3, drawn in the order hidden weights (unit by unit), biases,
    output."""
    rng = np.random.default_rng(seed)
    hidden, b = rng.uniform(-0.3, 0.3, (2, 6)), rng.uniform(-0.3, 0.3, 2)
    output, c = rng.uniform(-0.3, 0.3, (2, 1)), rng.uniform(-0.3, 0.3, 1)
    return [{"W": hidden.T.copy(), "b": b}, {"W": output, "b": c}]


def mirror_training(seed: int, sweeps: int) -> Training:
    """6-2-1 with the paper's ε = 0.1 and α = 0.9, all 64 patterns in every sweep."""
    net = MLP([6, 2, 1], activation="sigmoid", output="sigmoid")
    return Training.run(
        Risk(net, "half_squared"), mirror_params(seed), mirror().arrays, epochs=sweeps, optimizer=SGD(lr=0.1, momentum=0.9),
        snapshots=50,
    )  # fmt: skip


def sweeps_to_solve(errors: list[float]) -> int | None:
    """The sweep that finds the error below ``MIRROR_SOLVED``, counted from 1."""
    return next((k for k, error in enumerate(errors, 1) if error < MIRROR_SOLVED), None)


def mirror_race(seeds: tuple[int, ...] = MIRROR_SEEDS, most: int = MIRROR_MOST) -> dict[int, int | None]:
    """``sweeps_to_solve`` for many starts, trained side by side as one array; None for those that fail."""
    X, y = mirror().arrays
    starts = [mirror_params(seed) for seed in seeds]
    params = [{name: np.stack([start[layer][name] for start in starts]) for name in ("W", "b")} for layer in (0, 1)]
    velocity = map_tree(np.zeros_like, params)
    waiting = np.array(seeds)
    solved: dict[int, int | None] = dict.fromkeys(seeds)

    def errors(params):
        hidden, output = params
        h = sigmoid(X @ hidden["W"] + hidden["b"][:, None, :])
        o = sigmoid(h @ output["W"] + output["b"][:, None, :])
        return 0.5 * ((o[:, :, 0] - y) ** 2).sum(axis=1)

    for sweep in range(1, most + 1):
        found, back = vjp(errors, params)
        done = found < MIRROR_SOLVED
        (slopes,) = back(np.ones(len(waiting)))  # an error depends on its own start alone
        if done.any():
            solved.update((int(seed), sweep) for seed in waiting[done])
            waiting = waiting[~done]
            params, velocity, slopes = (map_tree(lambda x, rest=~done: x[rest], tree) for tree in (params, velocity, slopes))
            if not len(waiting):
                break
        velocity = map_tree(lambda v, g: 0.9 * v + g, velocity, slopes)
        params = map_tree(lambda x, v: x - 0.1 * v, params, velocity)
    return solved
