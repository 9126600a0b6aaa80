"""Film B, "The bookkeeping trick": one recipe, the two-neuron chain, the digits net, and trees that swell."""

from __future__ import annotations

import numpy as np

from ..function import Function
from ..learning import MLP, SGD, Accuracy, Risk, Training
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
SECONDS_PER_RUN = 1e-3  # "if one run took 1 ms" (B4 b5)


def digits_net() -> MLP:
    """64-32-10, 2,410 knobs."""
    return MLP([64, 32, 10], activation="relu")


def digits_training(seed: int = DIGITS_SEED, epochs: int = 30) -> Training:
    """Batches of 32, η 0.05, momentum 0.9; B1."""
    train, test = digit_data()
    net = digits_net()
    return Training.run(
        Risk(net, "cross_entropy"), net.initial(seed, "he"), train, batch=BATCH, epochs=epochs, seed=seed,
        optimizer=SGD(lr=0.05, momentum=0.9), measures={"unseen": Accuracy(net, test)},
    )  # fmt: skip


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
