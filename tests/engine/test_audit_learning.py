"""Trainings, exams and passes are computed again from the logged parameters, and a changed number is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import auditor_of
from chainreel.engine.datasets import Dataset, arrays, digits, moons
from chainreel.engine.learning import (
    MLP,
    Accuracy,
    Exam,
    LossOn,
    NetworkPass,
    Risk,
    Start,
    Training,
    kept,
    moments,
    trained,
)


def agree(thing, keys):
    """Every number agrees with its independent recomputation, and a changed one does not."""
    check = auditor_of(thing.describe())
    for key in keys:
        value, found = thing.lookup(key), check(key)
        assert found.agrees(value), (key, value, found)
        assert not found.agrees(value * 1.001 + (1e-3 if value == 0 else 0.0)), (key, value, found)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "softplus"])
def test_a_training(activation):
    train, test = moons(60, seed=2).split(test=20)
    net = MLP([2, 5, 1], activation)
    risk = Risk(net, "binary_cross_entropy_with_logits")
    measures = {"right": Accuracy(net, test, 0.0), "loss": LossOn(risk, test)}
    run = Training.run(risk, data=train, batch=8, epochs=3, lr=0.3, measures=measures, params=Start(4, "he"))
    assert Training.rebuild(run.describe()).losses == run.losses
    keys = ["loss/0", "loss/7", "epoch/1", "norm/3", "norm/0/W/3", "layer/1/2", "rate/2", "move/4", "steps", "epochs", "knobs"]
    agree(run, [*keys, "measure/right/3", "measure/loss/2", "point/0/W[1,2]/5", "gradient/0/W[1,2]/5", "gradient/1/b[0]/2"])


def test_tiny_slopes_are_checked_with_many_digits():
    data = moons(10)
    run = Training.run(Risk(MLP([2, *[3] * 14, 1], "sigmoid"), "binary_cross_entropy_with_logits"), data=data, steps=2, lr=0.1)
    assert run.quantity("layer/0", 0).value < 1e-9
    agree(run, ["layer/0/0", "layer/7/1", "ratio/0/7/0", "ratio/7/0/1"])


def test_an_exam_and_its_description():
    train, test = digits("train").flat(), digits("test").flat()
    steps = moments(45 * 2, 5)
    run = Training.run(Risk(MLP([64, 12, 10])), data=train, batch=32, epochs=2, lr=0.2, snapshots=steps)
    exam = Exam(run, {"seen": train, "unseen": test}, steps, ("unseen", range(12)))
    last = len(exam) - 1
    parts = [f"{what}/{part}/{m}" for what in ("right", "percent", "loss") for part in ("seen", "unseen") for m in (0, last)]
    agree(
        exam, [*parts, f"right/shown/{last}", "count/seen", "count/shown", f"epoch/{last}", f"step/{last}", "training/loss/3"]
    )
    for m in range(len(exam)):
        assert exam.quantity("right/shown", m).value == exam.right("unseen", m)[:12].sum()
    assert Exam.rebuild(exam.describe()).lookup(f"right/unseen/{last}") == exam.lookup(f"right/unseen/{last}")
    one = NetworkPass(run.loss.net, (run, run.steps), (test, 3), loss_="cross_entropy")
    pixel = int(np.argmax(np.abs(one.slopes)))
    agree(one, [f"slope[{pixel}]", f"actual[{pixel}]", f"forecast[{pixel}]", "loss", "sum/1[4]", "value/2[3]", "percent[2]"])
    assert NetworkPass.rebuild(one.describe()).loss == one.loss


@pytest.mark.parametrize("output,loss", [("sigmoid", "binary_cross_entropy"), ("identity", "binary_cross_entropy_with_logits")])
def test_a_pass(output, loss):
    net = MLP([3, 4, 2, 1], "tanh", output)
    one = NetworkPass(net, net.initial(3, biases=True), [0.3, -0.8, 1.1], 1.0, loss)
    keys = ["input[1]", "weight/1[2,3]", "bias/2[1]", "product/2[3,0]", "sum/2[1]", "value/3[0]", "loss", "target", "slope[2]"]
    agree(one, [*keys, "chance[1]", "percent[0]", "forecast[0]", "actual[0]", "units/1", "knobs", "nudge"])
    parts = [one.lookup(f"product/2[{i},0]") for i in range(4)]
    assert np.isclose(sum(parts) + one.lookup("bias/2[0]"), one.lookup("sum/2[0]"), rtol=1e-14)
    with pytest.raises(EngineError, match="takes 3 inputs"):
        NetworkPass(net, net.initial(3), [1.0, 2.0])


def test_a_log_comes_back_from_disk_bit_for_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "WORTH", 0.0)
    monkeypatch.setattr(kept, "_KEPT", type(kept._KEPT)())
    asked = {"data": moons(40), "epochs": 6, "batch": 8, "optimizer": "adam", "snapshots": [0, 7, 20]}
    first = trained(Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits"), folder=tmp_path, **asked)
    assert trained(Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits"), folder=tmp_path, **asked) is first
    kept._KEPT.clear()
    second = trained(Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits"), folder=tmp_path, **asked)
    assert second is not first and second.losses == first.losses and second.kept == [0]
    for step in (0, 7, 11, first.steps):
        for a, b in zip(first.params_at(step), second.params_at(step), strict=True):
            assert all(np.array_equal(a[k], b[k]) for k in a)
    assert second.quantity("update/0/W", 9, (0, 1)) == first.quantity("update/0/W", 9, (0, 1))
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"broken")
    kept._KEPT.clear()
    assert trained(Risk(MLP([2, 4, 1]), "binary_cross_entropy_with_logits"), folder=tmp_path, **asked).losses == first.losses


def test_array_files(tmp_path):
    rng = np.random.default_rng(0)
    images, words = rng.integers(0, 256, (6, 5, 5)), np.array(["cat", "dog"] * 3)
    np.savez(tmp_path / "a.npz", images=images, labels=words)
    data = arrays(str(tmp_path / "a.npz"))
    assert data.X.shape == (6, 5, 5) and data.X.max() <= 1 and data.classes == ("cat", "dog") and data.y.tolist() == [0, 1] * 3
    assert Dataset.rebuild(data.flat().describe()).sha256 == data.flat().sha256
    np.save(tmp_path / "b.npy", np.column_stack([rng.normal(size=(8, 2)), [0, 1] * 4]))
    assert arrays(str(tmp_path / "b.npy")).X.shape == (8, 2)
    for name, content, sentence in (
        ("c.npz", {"z": np.zeros(3)}, "no inputs called"), (
            "d.npz", {"X": np.zeros((3, 2)), "y": np.zeros(2)}, "one class for each"
        ),
        ("e.npz", {"X": np.zeros((3, 2)), "y": np.array([0.5, 1.0, 2.0])}, "no classes"),
    ):  # fmt: skip
        np.savez(tmp_path / name, **content)
        with pytest.raises(EngineError, match=sentence):
            arrays(str(tmp_path / name))
    (tmp_path / "f.npz").write_bytes(b"nothing")
    with pytest.raises(EngineError, match="no file of numpy"):
        arrays(str(tmp_path / "f.npz"))
