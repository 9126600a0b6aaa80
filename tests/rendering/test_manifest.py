"""Manifests: every digit counts."""

from __future__ import annotations

import copy
import json
import re
import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from chainreel.rendering import cli, manifest
from chainreel.rendering import verify as verification
from chainreel.rendering.errors import RenderError
from chainreel.rendering.verify import printed, verify

TRUE = {"value/0": 1.5, "adjoint/0": 2.89201106379, "value/9": 1234567.0, "adjoint/4": -0.0001}


@dataclass(frozen=True)
class Stub:
    """An engine object that knows a few numbers."""

    value: float
    how: str = "sympy 30 digits"
    tolerance: float = 1e-12


class Source:
    def lookup(self, key):
        return TRUE[key]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A manifest of a stub engine, and the way to write changed ones."""
    monkeypatch.setattr(verification, "rebuild", lambda description: Source())
    audits = ModuleType("chainreel.engine.audit")
    audits.audit = lambda description, key: Stub(TRUE[key])
    monkeypatch.setitem(sys.modules, "chainreel.engine.audit", audits)
    decimals = {"value/0": 1, "adjoint/0": 2, "value/9": None, "adjoint/4": 2}
    record = {
        "schema": manifest.SCHEMA,
        "versions": manifest.versions(),
        "fps": 10,
        "frames": 40,
        "seconds": 4.0,
        "beats": [
            {"index": 0, "words": "a", "start": 0.0, "end": 1.7},
            {"index": 1, "words": "b", "start": 1.7, "end": 4.0},
        ],
        "sources": {"trace": {"kind": "trace"}},
        "numbers": [
            {
                "source": "trace",
                "key": key,
                "value": manifest.exact(value),
                "text": printed(value, decimals[key]),
                "decimals": decimals[key],
                "beat": index % 2,
                "start": [0.5, 2.0][index % 2],
            }
            for index, (key, value) in enumerate(TRUE.items())
        ],
    }

    def write(changed=None, *, seal=True):
        content = copy.deepcopy(changed or record)
        if seal or "sha256" not in content:
            content["sha256"] = manifest.checksum(content)
        path = tmp_path / "film.json"
        manifest.write(content, path)
        return path

    write.record = record
    return write


def test_an_untouched_manifest_holds(made):
    """Otherwise nobody would look at what fails."""
    result = verify(made())
    assert result.passed, result.failures
    assert result.numbers == 4 and result.how["sympy 30 digits"] == 4
    assert "every number holds" in result.text()


def digits_of(record):
    """Every (number, field, position) at which a digit of a value or a text stands."""
    for index, number in enumerate(record["numbers"]):
        for field in ("value", "text"):
            for place in re.finditer(r"\d", str(number[field])):
                yield index, field, place.start()


def test_every_single_changed_digit_is_found_even_with_a_new_checksum(made):
    """The promise of `verify`: one digit, anywhere in a value or a text."""
    for index, field, at in digits_of(made.record):
        changed = copy.deepcopy(made.record)
        number = changed["numbers"][index]
        text = str(number[field])
        other = str((int(text[at]) + 1) % 10)
        text = text[:at] + other + text[at + 1 :]
        number[field] = float(text) if field == "value" else text
        assert not verify(made(changed)).passed, (index, field, at)


@pytest.mark.parametrize("change", ["1.5", "1.7", "4.0", '"decimals": 2'])
def test_any_change_breaks_the_checksum(made, change):
    """Times, lengths, decimals: the seal covers the whole file."""
    path = made()
    text = path.read_text(encoding="utf-8")
    assert change in text
    path.write_text(
        text.replace(change, change.replace(change[-1], str((int(change[-1]) + 3) % 10)), 1), encoding="utf-8"
    )
    result = verify(path)
    assert any("checksum" in failure for failure in result.failures)


def test_times_that_do_not_fit_are_found_even_with_a_new_checksum(made):
    """A beat that begins before the one before it ends, a length that is not its frames."""
    changed = copy.deepcopy(made.record)
    changed["beats"][1]["start"] = 1.2
    assert not verify(made(changed)).passed
    changed = copy.deepcopy(made.record)
    changed["seconds"] = 4.1
    assert not verify(made(changed)).passed


def test_the_way_it_is_laid_out_does_not_matter(made):
    """A manifest that went through another program is still the same manifest."""
    path = made()
    path.write_text(
        json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8"
    )
    assert verify(path).passed


def test_an_engine_that_disagrees_with_the_audit_fails(made, monkeypatch):
    """The independent way is what makes it a verification."""
    sys.modules["chainreel.engine.audit"].audit = lambda description, key: Stub(TRUE[key] * (1 + 1e-6))
    result = verify(made())
    assert not result.passed and "sympy 30 digits gives" in result.failures[0]


def test_a_source_that_cannot_be_rebuilt_is_told(made, monkeypatch):
    """For instance because the user's file has changed since."""

    def refuse(description):
        raise ValueError("loss.py has changed since the film was made")

    monkeypatch.setattr(verification, "rebuild", refuse)
    result = verify(made())
    assert not result.passed and "has changed since" in result.failures[0]


def test_status_and_output_of_the_command(made, capsys):
    """0 and 1, a line for each number that fails, JSON on demand."""
    assert cli.main(["verify", str(made())]) == 0
    capsys.readouterr()
    changed = copy.deepcopy(made.record)
    changed["numbers"][1]["text"] = "2.98"
    assert cli.main(["verify", str(made(changed))]) == 1
    assert "shown as '2.98'" in capsys.readouterr().out
    assert cli.main(["verify", str(made(changed)), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["passed"] is False


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99, "numbers": []}', "{1}"])
def test_what_is_no_manifest_is_refused(tmp_path, text):
    """A sentence, not a traceback."""
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(RenderError):
        verify(path)


def test_the_two_roundings_agree():
    """verify prints by itself; it must be the stage's rounding exactly, or good films would fail."""
    from hypothesis import assume, example, given
    from hypothesis import strategies as st

    from chainreel.scenes.stage.rounding import shown

    @given(st.floats(-1e9, 1e9), st.one_of(st.none(), st.integers(0, 6)))
    @example(0.125, 2)
    @example(-0.004, 2)
    @example(9.996e-7, None)
    def agree(value, decimals):
        assume(value or decimals is not None)  # zero never asks for a power of ten
        assert printed(value, decimals) == shown(value, decimals, auto=False)

    agree()
    assert printed(float("nan"), 2) == shown(float("nan"), 2)
    assert printed(float("-inf"), None) == shown(float("-inf"))
