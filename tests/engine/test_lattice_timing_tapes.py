"""Layers and their paths, measured times, tapes that grow: counts by another way, records that are kept as they are."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainreel.engine import EngineError
from chainreel.engine.audit import auditor_of
from chainreel.engine.lattice import Lattice
from chainreel.engine.learning import MLP, Risk
from chainreel.engine.storyboards import film_b
from chainreel.engine.tape_growth import TapeGrowth
from chainreel.engine.timing import WAYS, Timing
from chainreel.rendering.verify import rebuild


def audited(thing, keys):
    """Every number again from its description, and by the audit's own way."""
    description = json.loads(json.dumps(thing.describe()))
    again, check = rebuild(description), auditor_of(description)
    for key in keys:
        value = thing.lookup(key)
        assert again.lookup(key) == value
        assert check(key).agrees(value), f"{key}: {check(key)} against {value}"
        assert not check(key).agrees(value * 1.03 + 1e-9), key


@pytest.mark.parametrize(
    "size, paths, arrows", [(film_b.TOY, 1024, 64), (film_b.LARGE, 1125899906842624, 9216), ((1, 2), 1, 1)]
)
def test_paths_and_arrows_of_layers(size, paths, arrows):
    lattice = Lattice(*size)
    assert (lattice.paths, lattice.arrows) == (paths, arrows)
    audited(lattice, ["paths", "arrows", "width", "layers", "boxes", "share/0", f"share/{size[1] - 1}"])


def test_a_sweep_of_the_engine_counts_the_same_paths():
    trace = film_b.paths(*film_b.TOY).trace({"s": np.ones(film_b.TOY[0])})
    assert trace.value == np.sum(trace.gradient["s"]) == film_b.lattice().paths == len(set(film_b.lattice()))


def test_a_lattice_refuses_what_it_cannot_be():
    for width, layers in ((0, 3), (2, 1), (2000, 3)):
        with pytest.raises(EngineError):
            Lattice(width, layers)
    with pytest.raises(EngineError, match="at most 5000"):
        iter(Lattice(10, 6))
    with pytest.raises(EngineError, match="no 'ways'"):
        Lattice(2, 2).quantity("ways")


KEYS = ["knobs", "batch", "cores", *(f"{unit}/{way}" for unit in ("s", "ms", "us", "sweeps", "ratio") for way in WAYS),
        "ratio/reverse/loss"]  # fmt: skip


def test_the_record_of_film_b_is_kept_and_its_arithmetic_holds():
    times = film_b.times()
    assert (times.knobs, times.batch) == (2410, 32) and times.sweeps("nudging") == 2411
    audited(times, KEYS)
    for way in WAYS:  # two digits
        assert float(f"{times.ratio(way):.1e}") == times.ratio(way)
    assert times.ratio("nudging") > 100 and times.ratio("forward") > 100 and times.ratio("reverse", "loss") < 20
    assert times.machine in times.chip and times.day.isoformat() in times.chip


def test_times_are_measured_and_read_back(tmp_path):
    net = MLP([2, 3, 1], output="sigmoid")
    data = np.array([[0.2, 0.4], [0.7, 0.1]]), np.array([1.0, 0.0])
    times = Timing.measure(Risk(net, "binary_cross_entropy"), net.initial(0), data, "a small net", repeats=2, block=2)
    assert times.knobs == 13 and all(t > 0 for way in WAYS for t in times.seconds[way])
    times.write(tmp_path / "times.json")
    assert Timing.read(tmp_path / "times.json").record() == times.record()
    audited(times, KEYS)


def test_a_record_that_is_not_whole_is_refused(tmp_path):
    record = film_b.times().record()
    for change, why in (({"day": "yesterday"}, "cannot be read"), ({"seconds": {"loss": [1.0]}}, "no times of 'reverse'"),
                        ({"seconds": {**record["seconds"], "nudging": [-1.0]}}, "positive")):  # fmt: skip
        with pytest.raises(EngineError, match=why):
            Timing({**record, **change})
    with pytest.raises(EngineError, match="has no 'machine'"):
        Timing({k: v for k, v in record.items() if k != "machine"})
    (tmp_path / "bad.json").write_text("{")
    for name in ("bad.json", "none.json"):
        with pytest.raises(EngineError, match="cannot be read"):
            Timing.read(tmp_path / name)


def test_tapes_grow_with_depth():
    tapes = film_b.tapes()
    audited(tapes, ["width", "batch", *(f"{what}/{d}" for d in tapes.depths for what in ("layers", "numbers", "bytes",
                                                                                        "kilobytes"))])  # fmt: skip
    sizes = [tapes.bytes(depth) for depth in tapes.depths]
    assert sizes == sorted(sizes) and sizes[-1] / sizes[-2] == pytest.approx(2, rel=0.05)
    for wrong in ({"width": 0}, {"depths": ()}, {"depths": (999,)}):
        with pytest.raises(EngineError):
            TapeGrowth(**wrong)
    with pytest.raises(EngineError, match="no network of 3 layers"):
        tapes.bytes(3)
