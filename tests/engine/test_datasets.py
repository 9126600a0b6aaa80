"""Data sets: what they hold, that the same call gives the same numbers, splits, files, refusals."""

from __future__ import annotations

import builtins
import gzip
import json
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainreel.engine import EngineError
from chainreel.engine.datasets import (
    Dataset,
    digits,
    faces,
    icons,
    mirror,
    mnist,
    moons,
    nine_points,
    read_idx,
    spirals,
    table,
    wave,
)  # fmt: skip
from chainreel.engine.datasets.animals import EARS, MUZZLES
from chainreel.engine.datasets.drawings import Looks
from chainreel.engine.learning import MLP, Risk, Training
from chainreel.engine.learning.counting import Row, conv, gpt3, mlp, norm, resnet50, total
from chainreel.engine.learning.search import Search

SEEDED = [
    lambda seed: faces(10, seed=seed, size=12), lambda seed: icons(12, seed=seed), lambda seed: moons(20, seed=seed),
    lambda seed: spirals(21, arms=3, seed=seed), lambda seed: wave(seed=seed),
]  # fmt: skip


# -- Dataset ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", SEEDED)
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(make):
    assert make(3).sha256 == make(3).sha256 != make(4).sha256


@pytest.mark.parametrize("make", SEEDED)
def test_rebuilt_from_json_after_splitting_taking_and_standardising(make):
    train, test = make(1).split(test=0.3, seed=5)
    train, test = train.standardise(test.take([1, 0]))
    for part in (train, test):
        text = json.dumps(part.describe())
        again = Dataset.rebuild(json.loads(text))
        assert again.sha256 == part.sha256 and again.classes == part.classes and again.names == part.names


@given(n=st.integers(4, 60), seed=st.integers(0, 50), share=st.floats(0.1, 0.9))
@settings(max_examples=60, deadline=None)
def test_a_split_loses_and_doubles_nothing(n, seed, share):
    data = Dataset(np.arange(n)[:, None], np.arange(n))
    train, test = data.split(share, seed) if 0 < round(share * n) < n else data.split(1, seed)
    assert sorted([*train.y, *test.y]) == list(range(n))


@given(sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5), seed=st.integers(0, 20), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_stratified_split_keeps_the_shares(sizes, seed, data):
    y = np.repeat(np.arange(len(sizes)), sizes)
    count = data.draw(st.integers(1, len(y) - 1))
    train, test = Dataset(np.arange(len(y))[:, None], y).split(count, seed, stratify=True)
    assert len(test) == count and sorted([*train.X[:, 0], *test.X[:, 0]]) == list(range(len(y)))
    for label, size in enumerate(sizes):
        assert abs(np.sum(test.y == label) - size * count / len(y)) < 1


def test_standardising_uses_the_training_rows_alone():
    train = Dataset([[1.0, 5.0], [3.0, 5.0]], [0, 1])
    moved, other = train.standardise(Dataset([[2.0, 7.0]], [1]))
    assert moved.X.tolist() == [[-1.0, 0.0], [1.0, 0.0]] and other.X.tolist() == [[0.0, 2.0]]


def test_rows_are_copies_and_locked():
    X = np.zeros((2, 1))
    data = Dataset(X, [0, 1])
    X[0] = 9.0
    assert data.X[0, 0] == 0.0
    with pytest.raises(ValueError):
        data.X[0] = 1.0


def test_images_as_rows_and_arrays_for_a_training():
    data = faces(8, size=10)
    assert data.rows.shape == (8, 100)
    run = Training.run(Risk(MLP([2, 3, 1]), "binary_cross_entropy_with_logits"), data=icons(20).arrays, epochs=2)
    assert run.describe()["data"]["sha256"] == icons(20).sha256


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: Dataset([[1.0], [2.0]], [1]), "2 rows of inputs and 1 targets"),
        (lambda: Dataset([[1.0], [2.0, 3.0]], [1, 2]), "different lengths"),
        (lambda: Dataset([[1.0], [np.nan]], [1, 2]), "not finite, in row 1"),
        (lambda: Dataset([["a"]], [1]), "real numbers"),
        (lambda: Dataset([[1.0]], [2], classes=("no", "yes")), "whole numbers from 0 to 1"),
        (lambda: Dataset([[1.0]], [2], names=("a", "b")), "2 names do not fit"),
        (lambda: icons(10).split(10), "leaves one side empty"),
        (lambda: icons(10).split("half"), "a share between 0 and 1"),
        (lambda: nine_points().split(3, stratify=True), "classes"),
        (lambda: icons(10).take([11]), "row 11"),
        (lambda: icons(0), "count is a whole number from 1 on"),
        (lambda: icons(seed=-1), "seed is a whole number from 0"),
        (lambda: faces(1, size=3), "size is a whole number from 4 to 2,048"),
        (lambda: faces(100_000, size=2000), "200 million"),
        (lambda: moons(noise=-1.0), "noise is a number from 0 on"),
        (lambda: spirals(arms=1), "arms is a whole number from 2"),
        (lambda: mirror(30), "lamps is a whole number from 2 to 16"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make, sentence):
    with pytest.raises(EngineError, match=sentence):
        make()


def test_a_rebuilt_data_set_that_differs_is_refused():
    description = icons(10).describe()
    description["recipe"]["seed"] = 1
    with pytest.raises(EngineError, match="numbers differ"):
        Dataset.rebuild(description)


def test_large_arrays_of_the_user_are_named_by_their_hash():
    data = Dataset(np.random.default_rng(0).normal(size=(60_000, 1)), np.zeros(60_000))
    description = data.split(test=10)[1].describe()
    with pytest.raises(EngineError, match="give the data"):
        Dataset.rebuild(description)
    assert len(Dataset.rebuild(description, given=data)) == 10


# -- cats and dogs ---------------------------------------------------------------------------------------------------
def test_1200_faces_take_about_a_second():
    began = time.perf_counter()
    data = faces(1200, seed=11)
    assert data.X.shape == (1200, 24, 24) and time.perf_counter() - began < 5.0
    assert 0.0 <= data.X.min() and data.X.max() <= 1.0 and data.y.mean() == 0.5


@pytest.mark.parametrize("size", [4, 8, 17, 24, 64])
def test_faces_of_any_size_are_the_same_faces(size):
    fine, coarse = faces(6, seed=2, size=128, noise=0.0), faces(6, seed=2, size=size, noise=0.0)
    assert coarse.X.shape == (6, size, size)
    assert np.allclose(coarse.X.mean(axis=(1, 2)), fine.X.mean(axis=(1, 2)), atol=0.05)


def test_what_the_lot_decides():
    looks = Looks.draw(20_000, np.random.default_rng(0))
    cats = looks.kind == 1
    assert cats.mean() == 0.5
    assert abs(looks.whiskers[cats].mean() - 0.8) < 0.02 and not looks.whiskers[~cats].any()
    assert np.degrees(np.abs(looks.tilt)).max() <= 18.0
    for law, value in ((EARS, looks.ear), (MUZZLES, looks.muzzle)):
        assert abs(np.median(value[cats]) - law.cat) < 0.01 and abs(np.median(value[~cats]) - law.dog) < 0.01
        low, high = sorted((law.cat, law.dog))
        assert high - low < 4 * law.deviation  # they overlap


def test_pointed_ears_and_long_muzzles_change_the_picture():
    plain = faces(2, seed=1, size=48, noise=0.0)
    noisy = faces(2, seed=1, size=48)
    assert 0.03 < np.std(noisy.X - plain.X) < 0.11  # cut at black and white
    assert np.abs(plain.X[0] - plain.X[1]).max() > 0.3


def test_icons_are_measured_to_two_decimals():
    data = icons(40, seed=3)
    assert np.array_equal(data.X, data.X.round(2)) and data.y.sum() == 20 and data.classes == ("dog", "cat")


# -- points, moons, spirals, lamps -----------------------------------------------------------------------------------
def test_moons_without_noise_lie_on_their_circles():
    data = moons(100, noise=0.0)
    upper, lower = data.X[data.y == 0], data.X[data.y == 1]
    assert np.allclose(np.hypot(*upper.T), 1.0) and (upper[:, 1] >= -1e-12).all()
    assert np.allclose(np.hypot(*(lower - [1.0, 0.5]).T), 1.0) and (lower[:, 1] <= 0.5 + 1e-12).all()


def test_spirals_are_turned_copies():
    data = spirals(90, arms=3, noise=0.0)
    turn = 2 * np.pi / 3
    first, second = data.X[data.y == 0], data.X[data.y == 1]
    turned = first @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    assert np.allclose(second, turned) and np.hypot(*data.X.T).max() == pytest.approx(1.0)


def test_the_mirror_task_of_1986():
    data = mirror()
    assert len(np.unique(data.X, axis=0)) == 64
    for row, answer in zip(data.X, data.y, strict=True):
        assert answer == (list(row) == list(row)[::-1])


# -- digits and MNIST ------------------------------------------------------------------------------------------------
def test_digits_are_split_as_scikit_learn_splits_them():
    pytest.importorskip("sklearn")
    train, test = digits("train"), digits("test")
    assert (len(train), len(test), len(digits())) == (1437, 360, 1797)
    assert train.X.max() == 1.0 and train.X.shape[1:] == (8, 8)
    assert np.bincount(test.y).min() >= 34
    assert Dataset.rebuild(test.describe()).sha256 == test.sha256


def test_digits_without_scikit_learn(monkeypatch):
    real = builtins.__import__

    def absent(name, *args, **options):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(EngineError, match="scikit-learn, which is not installed"):
        digits()


def idx(array: np.ndarray, code: int = 0x08) -> bytes:
    head = struct.pack(">BBBB", 0, 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(">u1" if code == 0x08 else ">f8").tobytes()


@pytest.mark.parametrize("packed, mark", [(True, "-"), (False, "-"), (False, ".")])
def test_mnist_from_the_users_files(tmp_path, packed, mark):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (5, 28, 28)), np.array([3, 1, 4, 1, 5])
    for stem, kind, array in (("train-images", "idx3-ubyte", images), ("train-labels", "idx1-ubyte", labels)):
        content = idx(array)
        name = f"{stem}{mark}{kind}" + (".gz" if packed else "")
        (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    data = mnist("train", str(tmp_path), count=4)
    assert data.X.shape == (4, 28, 28) and data.y.tolist() == [3, 1, 4, 1]
    assert np.array_equal(data.X * 255, images[:4])
    assert Dataset.rebuild(data.describe()).sha256 == data.sha256


def test_mnist_says_where_its_files_belong(tmp_path):
    with pytest.raises(EngineError, match=r"not downloaded. Put t10k-images-idx3-ubyte.gz .* into the folder"):
        mnist("test", str(tmp_path))


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "does not begin as one"), (b"hello world", "does not begin as one"),
        (idx(np.zeros((2, 2)))[:-1], r"should hold \(2, 2\) numbers but has 3 bytes"),
        (b"\0\0\x08\x03\0\0", "damaged"), (b"\x1f\x8bbroken", "cannot be read"),
    ],
)  # fmt: skip
def test_damaged_idx_files(tmp_path, content, sentence):
    path = tmp_path / "some-file"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=sentence) as caught:
        read_idx(path)
    assert "some-file" in str(caught.value)


def test_idx_files_of_other_numbers(tmp_path):
    values = np.array([[1.5, -2.0]])
    (tmp_path / "x").write_bytes(idx(values, 0x0E))
    assert np.array_equal(read_idx(tmp_path / "x"), values)


# -- tables ----------------------------------------------------------------------------------------------------------
TABLE = """height, colour, weight, kind
1.5, red, 10, cat
2.5, blue, 12, dog
3.0, red, 9.5, cat
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, encoding: str = "utf-8") -> str:
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def test_a_table_with_numbers_and_words(write):
    data = table(write(TABLE))
    assert data.names == ("height", "colour=blue", "colour=red", "weight") and data.target == "kind"
    assert data.classes == ("cat", "dog") and data.y.tolist() == [0, 1, 0]
    assert data.X.tolist() == [[1.5, 0, 1, 10], [2.5, 1, 0, 12], [3.0, 0, 1, 9.5]]
    assert Dataset.rebuild(data.describe()).sha256 == data.sha256


def test_target_columns_and_labels_are_chosen(write):
    path = write(TABLE)
    data = table(path, target="weight", columns=["height"])
    assert data.y.tolist() == [10.0, 12.0, 9.5] and data.names == ("height",) and data.classes == ()
    codes = table(write("x,code\n1,7\n2,3\n3,7\n"), labels=["code"])
    assert codes.classes == ("3", "7") and codes.y.tolist() == [1, 0, 1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_marks_and_quotes(write, delimiter):
    text = "\ufeff" + 'a,b c\r\n"1",2\r\n\r\n3,4\r\n'.replace(",", delimiter)
    data = table(write(text))
    assert data.names == ("a",) and data.target == "b c" and data.y.tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("a,b\n1,2\n,3\n", r"line 3, column a: a value is missing \(nothing\)"),
        ("a,b\n1,2\n4,NA\n", r"line 3, column b: a value is missing \('NA'\)"),
        ("a,b\n1,2\nx,3\n", "line 3, column a: 'x' is no finite number"),
        ("a,b\n1,2\ninf,3\n", "line 3, column a: 'inf' is no finite number"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 values for 2 columns"),
        ("a;b\n1,5;2\n", "needs a decimal point"),
        ("1,2\n3,4\n", "first line should name the columns"),
        ("a,a\n1,2\n", "a name of its own"),
        ("a\n1\n", "one column"),
        ("a,b\n", "no row"),
        ("", "empty"),
    ],
)
def test_tables_that_cannot_be_read(write, text, sentence):
    with pytest.raises(EngineError, match=sentence):
        table(write(text))


def test_more_refusals_of_tables(write, tmp_path):
    with pytest.raises(EngineError, match="cannot be read as a table"):
        table(str(tmp_path / "absent.csv"))
    with pytest.raises(EngineError, match="cannot be read as a table"):
        table(write("a,b\n\xff\xfe,1\n", "latin-1"))
    path = write("name,x,y\n" + "".join(f"n{k},{k},{k}\n" for k in range(200)))
    with pytest.raises(EngineError, match="200 different words are too many"):
        table(path)
    assert table(path, columns=["x"]).X.shape == (200, 1)
    for options, sentence in (
        ({"target": "z"}, "no column 'z'"), ({"columns": ["y"]}, "none of them the target"), ({"columns": []}, "one column or"),
    ):  # fmt: skip
        with pytest.raises(EngineError, match=sentence):
            table(path, **options)


def test_a_table_that_has_changed_is_refused(write):
    description = table(write(TABLE)).describe()
    write(TABLE.replace("9.5", "9.6"))
    with pytest.raises(EngineError, match="numbers differ"):
        Dataset.rebuild(description)


# -- counting and searching ------------------------------------------------------------------------------------------
def test_counts_of_published_networks():
    assert total(resnet50()) == 25_557_032 and total(gpt3()) == 174_604_259_328
    assert sum(row.count for row in resnet50() if "norm" not in row.name) == 23_454_912 + 2_049_000


def test_counts_agree_with_the_networks_of_the_engine():
    for sizes in ([64, 32, 10], [2, 3, 1], [5, 4, 3, 2]):
        assert [row.count for row in mlp(sizes)] == MLP(sizes).count()
    assert total([conv("c", 3, 8, 5), norm("n", 8)]) == 8 * (3 * 25 + 1) + 16
    with pytest.raises(EngineError, match="whole numbers from 1 on"):
        Row("bad", ((3, 0),))


def test_blind_search_logs_every_try():
    search = Search.run(lambda x: float(x @ x), [1.0, -1.0], step=0.1, goal=0.05, most=500, seed=2)
    assert search.reached and len(search.trials) == search.tried and sum(t.kept for t in search.trials) == search.kept
    kept = [t.loss for t in search.trials if t.kept]
    assert kept == sorted(kept, reverse=True) and kept[-1] == search.loss <= 0.05
    around = Search.run(lambda x: float(x @ x), np.ones(5), step=0.1, goal=0.0, most=50, along="sphere")
    assert not around.reached and np.linalg.norm(around.trials[0].point - 1.0) == pytest.approx(0.1)
    for options, sentence in (({"along": "line"}, "'knob' or the 'sphere'"), ({"step": 0.0}, "positive number")):
        with pytest.raises(EngineError, match=sentence):
            Search.run(lambda x: 0.0, [1.0], **{"step": 0.1, "goal": 0.0, "most": 1, **options})
