"""chainreel.engine.learning: how parameters learn from gradients – optimizers, networks, losses, and the log of a training.

>>> import numpy as np
>>> from chainreel.engine.learning import MLP, Risk, Training
>>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
>>> risk = Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits")
>>> run = Training.run(risk, data=(X, np.array([0, 1, 1, 0])), optimizer="adam", lr=0.1, epochs=100)
>>> run.diverged, run.losses[-1] < 0.05
(False, True)
"""

from .activations import ACTIVATIONS, Activation, activation
from .augment import Shift
from .curvature import LBFGS, Newton
from .elementary_steps import elementary
from .exam import Exam, moments
from .kept import again, trained
from .knob_slice import KnobSlice
from .landscape import Landscape
from .layers import MLP, Activate, AvgPool, Conv2D, Dense, Dropout, Flatten, MaxPool, Reshape, Sequential, Start
from .losses import LOSSES, Loss, loss, one_hot
from .measures import accuracy, confusion, correct, guesses, norm, norms_by_layer
from .network_pass import NetworkPass
from .objective import Objective
from .optimizers import SGD, Adadelta, Adagrad, Adam, AdamW, Optimizer, RMSProp, State, moved, optimizer
from .repeats import Repeats
from .risk import Risk
from .schedules import Constant, Cosine, Exponential, InverseTime, OneCycle, Step, WarmUp, schedule
from .stopping import Plateau, Reached
from .training import Accuracy, LossOn, Training, TrainingStep

__all__ = [
    "ACTIVATIONS", "LBFGS", "LOSSES", "MLP", "SGD", "Accuracy", "Activate", "Activation", "Adadelta", "Adagrad", "Adam",
    "AdamW", "AvgPool", "Constant", "Conv2D", "Cosine", "Dense", "Dropout", "Exam", "Exponential", "Flatten", "InverseTime",
    "KnobSlice", "Landscape", "Loss", "LossOn", "MaxPool", "NetworkPass", "Newton", "Objective", "OneCycle", "Optimizer",
    "Plateau", "RMSProp", "Reached", "Repeats", "Reshape", "Risk", "Sequential", "Shift", "Start", "State", "Step", "Training",
    "TrainingStep", "WarmUp", "accuracy", "activation", "again", "confusion", "correct", "elementary", "guesses", "loss",
    "moments", "moved", "norm", "norms_by_layer", "one_hot", "optimizer", "schedule", "trained",
]  # fmt: skip
