"""Activations, losses and schedules against torch."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import value_and_grad
from chainreel.engine.learning import ACTIVATIONS, LOSSES, Constant, Cosine, Exponential, OneCycle, Step, WarmUp

from .peers import need

torch = need("torch")
F = torch.nn.functional

PEERS = {
    "identity": lambda z: z, "relu": F.relu, "leaky_relu": F.leaky_relu, "elu": F.elu, "selu": F.selu, "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"), "silu": F.silu, "mish": F.mish, "sigmoid": torch.sigmoid,
    "hardsigmoid": F.hardsigmoid, "tanh": torch.tanh, "hardtanh": F.hardtanh,
    "softplus": lambda z: F.softplus(z, threshold=1e9),
    "softsign": F.softsign, "relu6": F.relu6, "softmax": lambda z: F.softmax(z, -1),
    "log_softmax": lambda z: F.log_softmax(z, -1),
}  # fmt: skip
Z = np.concatenate([np.linspace(-8, 8, 33), [-1.0, 1.0, -3.0, 3.0, 6.0, -6.0, 0.1, -0.1, 1e-6]]).reshape(3, 14)


def test_every_activation_has_a_peer():
    assert set(PEERS) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", list(PEERS))
def test_activations(name):
    """Values and derivatives, kinks included; torch keeps fewer digits in the tails of gelu and mish."""
    weights = np.cos(np.arange(Z.size)).reshape(Z.shape)
    z = torch.tensor(Z, requires_grad=True)
    theirs = PEERS[name](z)
    (theirs * torch.tensor(weights)).sum().backward()
    ours, slope = value_and_grad(lambda z: (ACTIVATIONS[name](z) * weights).sum())(Z)
    np.testing.assert_allclose(ACTIVATIONS[name](Z), theirs.detach().numpy(), rtol=1e-12, atol=1e-15)
    rtol = 1e-7 if name == "hardsigmoid" else 1e-11  # torch multiplies its slope with a 1/6 in float32
    np.testing.assert_allclose(slope, z.grad.numpy(), rtol=rtol, atol=1e-14)


def rows(seed, shape=(6, 4)):
    p = np.random.default_rng(seed).uniform(0.05, 1.0, shape)
    return p / p.sum(-1, keepdims=True)


def normal(seed, *shape, scale=2.0):
    return np.random.default_rng(seed).normal(0, scale, shape)


LABELS = np.array([0, 3, 1, 2, 2, 0])
EXTREME = np.array([[1e3, -1e3, 0.0, 5.0], [-1e3, 1e3, 1e3, 0.0], [0.0, 0.0, 0.0, 0.0]])
CASES = [
    ("mean_squared", F.mse_loss, normal(1, 5, 3), normal(2, 5, 3)),
    ("squared", lambda p, t: F.mse_loss(p, t, reduction="sum"), normal(1, 5, 3), normal(2, 5, 3)),
    ("absolute", F.l1_loss, normal(1, 5, 3), normal(2, 5, 3)),
    ("absolute", F.l1_loss, np.zeros(3), np.zeros(3)),
    ("huber", F.huber_loss, normal(1, 5, 3), normal(2, 5, 3)),
    ("huber", F.huber_loss, np.array([0.0, 1.0, -1.0, 1e3]), np.zeros(4)),
    ("hinge", lambda p, t: torch.clamp(1 - t * p, min=0).mean(), normal(1, 6), np.sign(normal(2, 6))),
    ("binary_cross_entropy", F.binary_cross_entropy, rows(1), rows(2)),
    ("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, normal(1, 5, 3), rows(2, (5, 3))),
    ("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, EXTREME, (EXTREME > 0) * 1.0),
    ("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, EXTREME, (EXTREME < 0) * 1.0),
    ("cross_entropy", F.cross_entropy, normal(1, 6, 4), LABELS),
    ("cross_entropy", F.cross_entropy, normal(1, 6, 4), rows(2)),
    ("cross_entropy", F.cross_entropy, EXTREME, np.array([1, 0, 3])),
    ("cross_entropy", F.cross_entropy, EXTREME, np.array([0, 2, 1])),
    ("negative_log_likelihood", lambda p, t: F.nll_loss(torch.log(p), t), rows(1), LABELS),
    ("kl_divergence", lambda p, t: F.kl_div(torch.log(p), t, reduction="batchmean"), rows(1), rows(2)),
    (
        "kl_divergence_with_logits", lambda z, t: F.kl_div(F.log_softmax(z, -1), t, reduction="batchmean"), EXTREME,
        rows(2, (3, 4)),
    ),
]  # fmt: skip


@pytest.mark.parametrize("name, peer, prediction, target", CASES, ids=lambda x: x if isinstance(x, str) else "")
def test_losses(name, peer, prediction, target):
    p = torch.tensor(prediction, requires_grad=True)
    theirs = peer(p, torch.tensor(target))
    theirs.backward()
    value, slope = value_and_grad(lambda p: LOSSES[name](p, target))(prediction)
    assert value == pytest.approx(theirs.item(), rel=1e-13)
    np.testing.assert_allclose(slope, p.grad.numpy(), rtol=1e-12, atol=1e-16)


SCHEDULERS = [
    (Constant(0.3), lambda o: torch.optim.lr_scheduler.ConstantLR(o, factor=1.0)),
    (Step(0.3, 7, 0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.5)),
    (Step(0.3, 10), lambda o: torch.optim.lr_scheduler.StepLR(o, 10)),
    (Exponential(0.3, 0.93), lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.93)),
    (Cosine(0.3, 60), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 60)),
    (Cosine(0.3, 59, 0.01), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 59, 0.01)),
    (WarmUp(0.3, 5), lambda o: torch.optim.lr_scheduler.LinearLR(o)),
    (WarmUp(0.3, 17, 0.05), lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.05, total_iters=17)),
    (OneCycle(0.3, 60), lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.3, 60)),
    (
        OneCycle(0.3, 60, 0.15, 10.0, 100.0, "linear"),
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, 0.3, 60, pct_start=0.15, anneal_strategy="linear", div_factor=10.0, final_div_factor=100.0
        ),
    ),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ours, peer", SCHEDULERS, ids=lambda x: repr(x) if not callable(x) or hasattr(x, "describe") else "")
def test_schedules(ours, peer):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3, momentum=0.9)
    theirs = peer(optimizer)
    for step in range(60):
        assert ours(step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12, abs=1e-15), step
        optimizer.step()
        if step < 59:
            theirs.step()
