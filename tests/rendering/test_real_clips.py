"""The whole way, from the words of a command to files, with the real engine and the real clips."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from chainreel.rendering import cli, manifest
from chainreel.rendering.verify import verify

TINY = ["--size", "160x90", "--fps", "5"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)


LOSS = """
import numpy as np

def loss(w=0.5, b=0.1):
    error = w * 2.0 + b - 5.0
    return np.tanh(error) ** 2

def broken(w=1.0):
    table = {}
    return table["weights"] * w

def vector(w=1.0):
    return w * np.array([1.0, 2.0])
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x + foo(x)"], "foo"),
        (["sin(x"], "^"),
        (["x +* y"], "^"),
        (["3 + 4"], "input"),
        (["x*y", "--at", "x=1"], "y"),
        (["x*y", "--at", "x=1,y=2,z=3"], "z"),
        (["[x, y]"], ""),
        (["log(x)", "--at", "x=-1"], ""),
        (["1/x", "--at", "x=0"], ""),
        (["sqrt(x)", "--at", "x=0"], ""),
        (["__import__('os').system('touch owned')"], ""),
        (["x.__class__"], ""),
        (["(lambda: x)()"], ""),
        (["x**9**9**9"], ""),
        (["(" * 50000 + "x" + ")" * 50000], ""),
        (["nowhere.py:loss"], "nowhere.py"),
        (["mine.py:los"], "los"),
        (["mine.py:broken"], "mine.py"),
        (["mine.py:vector"], ""),
    ],
    ids=lambda value: value[0][:24] if isinstance(value, list) else value,
)
def test_a_function_that_cannot_be_filmed(capsys, words, said):
    """One sentence (a caret may stand under it), status 2, quickly, nothing left behind, nothing executed."""
    Path("mine.py").write_text(LOSS)
    began = time.monotonic()
    status = cli.main(["clip", "backward", *words, *TINY])
    err = capsys.readouterr().err
    assert status == 2, err
    assert said in err and "Traceback" not in err and "fault of chainreel" not in err
    assert time.monotonic() - began < 20
    assert {path.name for path in Path().iterdir()} <= {"mine.py", "__pycache__"}


@pytest.mark.slow
@pytest.mark.parametrize("words", [["x*y + x", "--at", "x=2,y=-0.5"], ["mine.py:loss"]], ids=["text", "file"])
def test_a_film_whose_every_number_holds(capsys, words):
    """A clip of the user's function, its files, and a verification of all its numbers."""
    Path("mine.py").write_text(LOSS)
    assert cli.main(["clip", "backward", *words, *TINY, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["frames"] == round(answer["seconds"] * 5)
    assert cli.main(["doctor", "media/backward.mp4"]) == 0
    result = verify(Path("media/backward.json"))
    assert result.passed, result.failures
    assert result.numbers > 5 and sum(result.how.values()) == result.numbers
    assert cli.main(["verify", "media/backward.mp4"]) == 0


@pytest.mark.parametrize("words", [["--theme", "paper"], ["--seed", "3"], ["--narrate"]], ids=lambda w: w[0])
def test_options_of_the_film_keep_the_users_function(words, monkeypatch, tmp_path):
    """Theme, seed and voice are set beside the clip's own parameters, not instead of them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cli.main(["clip", "forward", "x*y", "--at", "x=2,y=3", *TINY, *words]) == 0
    record = json.loads(Path("media/forward.json").read_text(encoding="utf-8"))
    assert record["asked"]["function"]["source"] == "x*y" and record["asked"]["at"] == {"x": 2.0, "y": 3.0}
    if words[0] == "--theme":
        assert record["theme"] == "paper"
    if words[0] == "--seed":
        assert record["seed"] == 3


@pytest.mark.slow
def test_one_changed_digit_is_found(capsys):
    """In the value, in the text, in what was asked, in the source; each with a new checksum."""
    assert cli.main(["clip", "backward", "x*y + x", "--at", "x=2.5,y=-0.75", *TINY]) == 0
    whole = Path("media/backward.json").read_text(encoding="utf-8")
    record = json.loads(whole)
    number = next(n for n in record["numbers"] if n["key"].startswith("contribution"))
    r_index = record["numbers"].index(number)

    def changed(edit):
        copy = json.loads(whole)
        edit(copy)
        copy["sha256"] = manifest.checksum(copy)
        manifest.write(copy, Path("changed.json"))
        return verify(Path("changed.json"))

    def value(copy):
        copy["numbers"][r_index]["value"] += 1e-9

    def text(copy):
        copy["numbers"][r_index]["text"] = copy["numbers"][r_index]["text"][:-1] + "3"

    def asked(copy):
        copy["asked"]["at"]["x"] = 2.6

    def source(copy):
        copy["sources"]["trace"]["at"]["x"] = 2.6

    def function(copy):
        copy["sources"]["trace"]["function"]["source"] = "x*y + 2*x"

    assert changed(lambda copy: None).passed
    for edit in (value, text, asked, source, function):
        assert not changed(edit).passed, edit.__name__


@pytest.mark.slow
def test_a_file_that_has_changed_since(capsys):
    """A film of yesterday's function does not vouch for today's."""
    Path("mine.py").write_text(LOSS)
    assert cli.main(["clip", "backward", "mine.py:loss", *TINY]) == 0
    Path("mine.py").write_text(LOSS.replace("- 5.0", "- 5.5"))
    result = verify(Path("media/backward.json"))
    assert not result.passed and any("change" in failure for failure in result.failures)


@pytest.mark.slow
def test_workers_draw_the_same_clip(capsys):
    """The stage's camera, its lights and its rolling numbers, in shares."""
    for workers in ("1", "2", "4"):
        words = ["clip", "backward", "x*y", *TINY, "-o", f"{workers}.mp4", "--workers", workers]
        assert cli.main(words) == 0
    assert Path("1.mp4").read_bytes() == Path("2.mp4").read_bytes() == Path("4.mp4").read_bytes()
