"""Film B, "The bookkeeping trick": one recipe, the two-neuron chain, the digits net, and trees that swell."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..datasets import digits
from ..function import Function
from ..lattice import Lattice
from ..learning import MLP, SGD, Accuracy, Exam, NetworkPass, Risk, Start, Training, moments
from ..tape_growth import TapeGrowth
from ..timing import Timing
from .film_a import digit_data

# -- the recipe f = (a·b + c)·a (B5 to B11, B16) ----------------------------------------------------------------------
RECIPE = "p = a*b\nq = p + c\nq*a"
RECIPE_AT = {"a": 2.0, "b": 3.0, "c": -1.0}


def recipe() -> Function:
    """Integers only, one ingredient used twice."""
    return Function.parse(RECIPE)


# -- the two-neuron chain (B2, B3, B6, B8, B13) -----------------------------------------------------------------------
CHAIN = "z = w1*x + b1\nh = relu(z)\ny = w2*h + b2\ngap = y - t\ngap**2"
CHAIN_AT = {"w1": 0.8, "b1": -0.2, "w2": 0.7, "b2": -0.2}
CHAIN_X, CHAIN_T = 1.5, 1.0
CHAIN_RATE, CHAIN_NUDGE = 0.1, 0.001
CHAIN_TURN = {"w2": 0.8}  # B2 b2


def chain() -> Function:
    """The squared error of the chain on its one example, a function of its four knobs."""
    return Function.parse(CHAIN).hold({"x": CHAIN_X, "t": CHAIN_T})


# -- the digits net (B1, B4, B12, B14, B15) ---------------------------------------------------------------------------
DIGITS_SEED = 7  # starts with 16 % of the unseen digits right
DIGITS_SEEDS = (0, 1, 2, 3, 4)
NUDGED, NUDGED_SEED = (8, 4), 3  # the weight from hidden unit 8 to digit 4 (B4), in a start where its slope is large
NUDGES = tuple(10.0**-k for k in range(1, 15))
# layer and element of W (B12 b2): drawn by lot, without those of pixels that are always black
CHECKED = ((0, (38, 15)), (0, (20, 10)), (0, (13, 6)), (0, (61, 7)), (1, (11, 9)))
CHECK_NUDGE = 1e-6  # ten times more, and for some weights one unit's ReLU would bend within the nudge
BATCH = 32  # B14
DEPTHS = (1, 2, 4, 8, 16)  # layers (B14 b3)
SECONDS_PER_RUN = 1e-3  # "if one run took 1 ms" (B4 b5)
TIMES = Path(__file__).with_name("film_b_times.json")  # measured once; `measure_times().write(TIMES)` measures here (B14)


def digits_net() -> MLP:
    """64-32-10, 2,410 knobs."""
    return MLP([64, 32, 10], activation="relu")


def digits_training(seed: int = DIGITS_SEED, epochs: int = 30) -> Training:
    """Batches of 32, η 0.05, momentum 0.9; B1."""
    train, test = digits("train").flat(), digits("test").flat()
    net = digits_net()
    return Training.run(
        Risk(net, "cross_entropy"), Start(seed, "he"), train, batch=32, epochs=epochs, seed=seed,
        optimizer=SGD(lr=0.05, momentum=0.9), measures={"unseen": Accuracy(net, test)},
    )  # fmt: skip


def digits_exam(log: Training, shown: int = 12, looks: int = 24) -> Exam:
    """What the net says of seen and unseen digits at moments of a training, of the first unseen ones for a picture; B1."""
    parts = {"seen": digits("train").flat(), "unseen": digits("test").flat()}
    return Exam(log, parts, moments(log.steps, looks), ("unseen", range(shown)))


def digits_pass(log: Training, row: int, nudge: float = 0.1) -> NetworkPass:
    """An unseen digit on its way through the trained net, and the blame on its way back to the pixels; B12, B15."""
    return NetworkPass(log.loss.net, (log, log.steps), (digits("test").flat(), row), loss_="cross_entropy", nudge=nudge)


def digits_wrong(log: Training) -> list[int]:
    """The rows of the unseen digits that the trained net gets wrong; B15."""
    test = digits("test").flat()
    told = np.argmax(log.loss.net(log.params, test.rows), axis=1)
    return [int(k) for k in np.flatnonzero(told != test.y)]


def times() -> Timing:
    """What the slopes of the digits net took by each way on a batch of 32, as it was measured; B14."""
    return Timing.read(TIMES)


def measure_times(repeats: int = 8) -> Timing:
    """The same on this machine, now: about fifteen seconds."""
    (X, labels), _ = digit_data()
    net = digits_net()
    model = f"{'-'.join(map(str, (64, 32, 10)))} on digits, batch {BATCH}"
    data = np.asarray(X[:BATCH]), np.asarray(labels[:BATCH])
    return Timing.measure(Risk(net, "cross_entropy"), net.initial(DIGITS_SEED, "he"), data, model, repeats=repeats)


def tapes() -> TapeGrowth:
    """What networks of 32 units a layer keep for the way back, a batch of 32, as they become deeper; B14 b3."""
    return TapeGrowth(32, BATCH, DEPTHS)


def digits_slice() -> tuple[Function, dict[str, np.ndarray]]:
    """The loss on all training digits before training, as a function of the last layer's weights W (32, 10);
    B4."""
    (X, labels), _ = digit_data()
    net = digits_net()
    first, last = net.initial(NUDGED_SEED, "he")
    hidden = net.layers[0](first, X)
    told = np.eye(10)[labels]

    def loss(W):
        z = hidden @ W
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * told, axis=1))

    return Function.of(loss), {"W": last["W"]}


def digits_graph(row: int = 0) -> tuple[Function, dict[str, np.ndarray]]:
    """The loss of the untrained net on one training digit, in boxes that work on whole lists, as a function of its four
    lists of knobs; B6 b5, B12 b1.
    """
    (X, labels), _ = digit_data()
    first, last = digits_net().initial(DIGITS_SEED, "he")
    x, told = np.asarray(X[row]), np.eye(10)[labels[row]]

    def loss(W1, b1, W2, b2):
        h = np.maximum(x @ W1 + b1, 0.0)
        z = h @ W2 + b2
        return np.log(np.sum(np.exp(z))) - np.sum(z * told)

    return Function.of(loss), {"W1": first["W"], "b1": first["b"], "W2": last["W"], "b2": last["b"]}


# -- formulas that swell (B4 b6 to b9) --------------------------------------------------------------------------------
SWELLING = "v*(1 + tanh(v))"
DEPTH = 6


# -- layers of paths (B11 b4) -----------------------------------------------------------------------------------------
TOY, LARGE = (4, 5), (32, 10)  # width and layers


def paths(width: int, layers: int) -> Function:
    """Layers in which every box feeds every box of the next with slope 1, so that slopes count paths.

    The input s is a row of ``width`` starts; the value adds up the last layer.
    """
    every = np.ones((width, width))

    def count(s):
        for _ in range(layers - 1):
            s = every @ s
        return s.sum()

    return Function.of(count)


def lattice(size: tuple[int, int] = TOY) -> Lattice:
    """The same layers, counted: paths against arrows."""
    return Lattice(*size)
