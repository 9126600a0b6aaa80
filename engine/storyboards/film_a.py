"""Film A, "Who is to blame?": the whisker net, forty icons, drawn faces, and digits.

The storyboard's own forty icons, four hundred icons and drawings are not recorded. Ours are drawn by the laws
of ``datasets.animals``, and what the storyboard leaves open was chosen with its numbers in view: the seeds of
the icons (see each), and how far the drawn faces are shifted, scaled and how faint their whiskers are, until
about 94 % of the test faces are right. So the test faces have been looked at, and
no film may say "looked at once" of them. The films print what comes out.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import Dataset, digits, faces, icons
from ..function import Function
from ..learning import MLP, SGD, Accuracy, Cosine, Exam, KnobSlice, Repeats, Risk, Shift, Start, Training, moments, trained
from ..learning.responses import Response

# -- the whisker net: 2-3-1, ReLU then sigmoid, 13 knobs (A2 b3 to A6 b1) ---------------------------------------------
ICON = (0.9, 0.2)  # ear pointiness, muzzle length
CAT = 1.0
HIDDEN_WEIGHTS = ((0.4, -0.3), (-0.2, 0.4), (-0.6, 0.5))
HIDDEN_BIASES = (0.1, 0.3, 0.0)
OUTPUT_WEIGHTS = (-1.2, 0.4, 0.8)
OUTPUT_BIAS = -0.22
KNOBS = {
    **{f"w{unit}{k}": w for unit, row in enumerate(HIDDEN_WEIGHTS, 1) for k, w in enumerate(row, 1)},
    **{f"b{unit}": b for unit, b in enumerate(HIDDEN_BIASES, 1)},
    **{f"v{unit}": v for unit, v in enumerate(OUTPUT_WEIGHTS, 1)},
    "c": OUTPUT_BIAS,
}
WHISKERS = """z1 = w11*x1 + w12*x2 + b1
z2 = w21*x1 + w22*x2 + b2
z3 = w31*x1 + w32*x2 + b3
h1 = relu(z1)
h2 = relu(z2)
h3 = relu(z3)
z = v1*h1 + v2*h2 + v3*h3 + c
p = sigmoid(z)
"""
SURPRISE = "-t*ln(p) - (1 - t)*ln(1 - p)"
SQUARE = "(t - p)**2"
TURN = 0.1  # how far a knob is turned for the nudge check (A5 b9), and the rate of the first step (A6 b1)
DYING_RATE = 0.5  # the step that kills hidden unit 1 on this icon (a bonus clip on dead units)


def whisker_loss(loss: str = SURPRISE) -> Function:
    """The loss of the whisker net on the one icon, a function of its 13 knobs; A3 to A5. ``KNOBS`` is the
    point."""
    return Function.parse(WHISKERS + loss).hold({"x1": ICON[0], "x2": ICON[1], "t": CAT})


def loss_of_sum(loss: str = SURPRISE) -> Function:
    """A loss as a function of the last sum z alone, for a cat: how loudly it complains; A4 b1 to b4."""
    return Function.parse("p = sigmoid(z)\n" + loss).hold({"t": CAT})


SURE_AND_WRONG = 0.01  # the guess at which the two losses are compared; A4 b4


def complaints() -> dict[str, Response]:
    """The guess, its gap to the truth, and both losses as curves of the last sum z, for a cat; A4 b1 to b4.

    Row 0 is where the whisker net has z, row 1 where its guess would be sure and wrong.
    """
    trace = whisker_loss().trace(KNOBS)
    points = [float(trace.step("z").value), math.log(SURE_AND_WRONG / (1 - SURE_AND_WRONG))]
    given = f"t = {CAT:g}\np = sigmoid(z)\n"
    curves = {"guess": "sigmoid", "gap": given + "t - p", "square": given + SQUARE, "surprise": given + SURPRISE}
    return {name: Response(curve, points) for name, curve in curves.items()}


# -- searching blindly (A2 b6) ----------------------------------------------------------------------------------------
POSITIONS = 10  # of every dial
LOOKS_PER_SECOND = 1e6


# -- forty icons (A4 b5 to b7, A6 b2 to b4) ---------------------------------------------------------------------------
FORTY = (40, 7734)  # count and seed: the seed of 10,000 with 3 of 40 right at the start whose run is nearest the told one
FOUR_HUNDRED = (400, 266)  # A2 b1, b2: a seed with 16 wrong by the ears alone and 48 by the muzzle alone
STEPS = 200
RATES = {"too small": 0.02, "good": 2.0, "too big": 20.0}
DEADLY_RATE = 5.0  # ends with every unit dead: all guesses ½, the loss ln 2
COMPARED_AT, PLAIN_RATE, MOMENTUM = 50, 0.5, 0.9  # A6 b4
STAIR = (0.5, 4.0)  # the ends of the sweep of output weight 1 (A4 b5)
PLACES = {  # where the net holds its knobs: layer, leaf, element
    **{f"w{unit}{k}": f"0/W[{k - 1},{unit - 1}]" for unit in (1, 2, 3) for k in (1, 2)},
    **{f"b{unit}": f"0/b[{unit - 1}]" for unit in (1, 2, 3)},
    **{f"v{unit}": f"1/W[{unit - 1},0]" for unit in (1, 2, 3)},
    "c": "1/b[0]",
}


@functools.cache
def forty_icons() -> Dataset:
    """The icons that the whisker net learns from."""
    return icons(*FORTY)


@functools.cache
def four_hundred_icons() -> Dataset:
    """The icons that a rule of one number sorts."""
    return icons(*FOUR_HUNDRED)


def whisker_net() -> Risk:
    """The mean surprise of the whisker net over icons; its output is the sum z, whose sigmoid is p."""
    return Risk(MLP([2, 3, 1], activation="relu"), "binary_cross_entropy_with_logits")


def whisker_params(**turned: float) -> list[dict[str, np.ndarray]]:
    """The 13 start values as the net holds them, some knobs turned: ``whisker_params(v1=4.0)``."""
    knob = {**KNOBS, **turned}
    return [
        {
            "W": np.array([[knob[f"w{unit}{k}"] for unit in (1, 2, 3)] for k in (1, 2)]),
            "b": np.array([knob[f"b{unit}"] for unit in (1, 2, 3)]),
        },
        {"W": np.array([[knob[f"v{unit}"]] for unit in (1, 2, 3)]), "b": np.array([knob["c"]])},
    ]


def forty_slice(*knobs: str, points: Sequence[Mapping[str, float]] | None = None) -> KnobSlice:
    """The mean surprise over the forty icons while one or two knobs turn; A4 b5 to b8."""
    return KnobSlice(whisker_net(), whisker_params(), forty_icons(), {name: PLACES[name] for name in knobs}, points)


def whisker_training(rate: float, steps: int = STEPS, momentum: float = 0.0) -> Training:
    """A run on all forty icons at once; A6 b2 to b4."""
    data, risk = forty_icons().arrays, whisker_net()
    return Training.run(
        risk, whisker_params(), data, optimizer=SGD(lr=rate, momentum=momentum), epochs=steps,
        measures={"right": Accuracy(risk.net, data, threshold=0.0)},
    )  # fmt: skip


# -- drawn faces (A1 b1 to b4, A7) ------------------------------------------------------------------------------------
FACES = {"train": (800, 11), "test": (400, 12)}  # count and seed
FACE_SIZE = 24
FACE_SEEDS = (0, 1, 2, 3, 4)  # 0 is the one the film shows: 377 of 400, as three of these five


@functools.cache
def face_data(size: int = FACE_SIZE) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test faces as (rows of pixels, 1 for a cat)."""
    drawn = [faces(count, seed, size) for count, seed in (FACES["train"], FACES["test"])]
    return (drawn[0].rows, drawn[0].y), (drawn[1].rows, drawn[1].y)


def face_training(
    seed: int = 0, hidden: int = 16, size: int = FACE_SIZE, epochs: int = 40, folder: str | Path | None = None
) -> Training:
    """24×24-16-1, 9,249 knobs, batches of 32, η 0.02 with momentum 0.9. ``hidden=0`` leaves the hidden layer
    out. A log in ``folder`` is read instead of made."""
    train, test = (faces(count, number, size).flat() for count, number in (FACES["train"], FACES["test"]))
    net = MLP([size * size, *([hidden] if hidden else []), 1], activation="relu")
    return trained(
        Risk(net, "binary_cross_entropy_with_logits"), Start(seed, "he"), train, batch=32, epochs=epochs, seed=seed,
        folder=folder, optimizer=SGD(lr=0.02, momentum=0.9), measures=_seen_and_unseen(net, train, test, threshold=0.0),
    )  # fmt: skip


def face_exam(training: Training, steps: Sequence[int], shown: Sequence[int]) -> Exam:
    """What the faces' network says of seen and unseen ones at steps of a run, of some unseen ones for a picture."""
    parts = {"seen": faces(*FACES["train"], FACE_SIZE).flat(), "unseen": faces(*FACES["test"], FACE_SIZE).flat()}
    return Exam(training, parts, steps, ("unseen", shown))


# -- digits (A6 b5) ---------------------------------------------------------------------------------------------------
DIGIT_SEEDS = (0, 1, 2, 3, 4)


@functools.cache
def digit_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """1,437 digits to train with and 360 unseen, as (rows of pixels, digit)."""
    train, test = digits("train"), digits("test")
    return (train.rows, train.y), (test.rows, test.y)


def digit_training(seed: int = 0, epochs: int = 60, folder: str | Path | None = None) -> Training:
    """64-64-10, 4,810 knobs: batches of 32, momentum 0.9, η from 0.1 to 0 on half a cosine, weight decay
    3e-4, half of the images shifted by up to a pixel. A log in ``folder`` is read instead of made."""
    train, test = digits("train").flat(), digits("test").flat()
    net = MLP([64, 64, 10], activation="relu")
    batches = -(-len(train) // 32)
    return trained(
        Risk(net, "cross_entropy"), Start(seed, "he"), train, batch=32, epochs=epochs, seed=seed, folder=folder,
        optimizer=SGD(lr=0.1, momentum=0.9, weight_decay=3e-4), schedule=Cosine(0.1, epochs * batches), augment=Shift(1, 0.5),
        measures=_seen_and_unseen(net, train, test),
    )  # fmt: skip


def digit_exam(shown: int, folder: str | Path | None = None) -> Exam:
    """What the digits' network says of seen and unseen ones after every epoch, of the first unseen ones for a picture."""
    parts = {"seen": digits("train").flat(), "unseen": digits("test").flat()}
    log = digit_training(DIGIT_SEEDS[0], folder=folder)
    return Exam(log, parts, range(0, log.steps + 1, log.batches), ("unseen", range(shown)))


def digit_repeats(folder: str | Path | None = None) -> Repeats:
    """The unseen digits that the network gets right from each of five starts."""
    return Repeats([digit_training(seed, folder=folder) for seed in DIGIT_SEEDS], digits("test").flat())


def icon_exam(training: Training) -> Exam:
    """What the whisker net says of the forty icons at the steps of a run: at every one of the first, at fewer and fewer of
    the later ones."""
    steps = sorted({*range(min(training.steps, COMPARED_AT) + 1), *moments(training.steps, 90)})
    return Exam(training, {"seen": forty_icons()}, steps)


def _seen_and_unseen(net: MLP, train: Any, test: Any, threshold: float = 0.5) -> dict[str, Accuracy]:
    return {"seen": Accuracy(net, train, threshold), "unseen": Accuracy(net, test, threshold)}


# -- how many knobs (A1 b4) -------------------------------------------------------------------------------------------
KNOB_MM2 = 1.0  # a knob drawn as a square millimetre
PITCH_M2 = 105 * 68  # a football pitch
