"""HIPS/autograd's own tests, run on this engine.

The tests come from autograd's source distribution (fetched once into build/conformance/, nothing of it is installed or
kept in the repository); a package named autograd made of names of this engine (shim/autograd) stands first on the path.
Outcomes are compared with autograd_differences.py: a test that newly fails fails here, and so does one that newly
passes, so that the list stays true.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

import pytest

from .autograd_differences import DIFFERENCES
from .peers import DEMANDED, absent, pins

VERSION = pins()["autograd"]
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = ROOT / "build" / "conformance"


def fetched() -> Path:
    """The unpacked source distribution; skips (or fails, see peers) when it cannot be had."""
    folder = CACHE / f"autograd-{VERSION}"
    archive = CACHE / f"autograd-{VERSION}.tar.gz"
    if not (folder / "tests" / "test_numpy.py").is_file():
        if not DEMANDED:
            absent("autograd's own tests are fetched where CHAINREEL_CONFORMANCE=1 asks for them")
        CACHE.mkdir(parents=True, exist_ok=True)
        if not archive.is_file():
            wanted = ["--no-deps", "--no-binary", ":all:", "--dest", str(CACHE), f"autograd=={VERSION}"]
            answer = subprocess.run([sys.executable, "-m", "pip", "download", "-q", *wanted], capture_output=True, text=True)
            if answer.returncode or not archive.is_file():
                absent(f"the source of autograd {VERSION} cannot be fetched ({answer.stderr.strip()[-200:]})")
        with tarfile.open(archive) as file:
            # Python before 3.11.4 has no filters; the file is a pinned release of a known project
            file.extractall(CACHE, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return folder


@dataclass(frozen=True)
class Run:
    """What became of each of autograd's tests, by name: "passed", "failed" or "skipped"; and the ones with samples left out."""

    outcomes: dict[str, str]
    partly: set[str]  # tests in which complex samples were left out
    messages: dict[str, str]

    def count(self, outcome: str) -> int:
        """How many tests ended so."""
        return sum(value == outcome for value in self.outcomes.values())


@functools.cache
def run() -> Run:
    """Run autograd's tests on this engine, in a process and a folder of their own."""
    source = fetched()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(source / "tests", folder / "tests")
        shutil.copytree(HERE / "shim" / "autograd", folder / "shim" / "autograd")
        log, report = folder / "left_out.txt", folder / "report.xml"
        path = os.pathsep.join(filter(None, [str(folder / "shim"), os.environ.get("PYTHONPATH", "")]))
        environment = {**os.environ, "PYTHONPATH": path, "AUTOGRAD_SHIM_LOG": str(log), "PYTEST_ADDOPTS": ""}
        options = f"-q -p no:cacheprovider -p no:xdist --tb=line -c {os.devnull} --rootdir .".split()
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", *options, f"--junitxml={report}"],
            cwd=folder / "tests",
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if not report.is_file():
            pytest.fail(f"autograd's tests did not run: {answer.stdout[-2000:]}{answer.stderr[-2000:]}")
        outcomes, messages = {}, {}
        for case in xml.parse(report).iter("testcase"):
            test = f"{case.get('classname', '').rpartition('.')[2]}.py::{case.get('name')}"
            failure = case.find("failure") if case.find("failure") is not None else case.find("error")
            outcomes[test] = "failed" if failure is not None else "skipped" if case.find("skipped") is not None else "passed"
            messages[test] = (failure.get("message") or "") if failure is not None else ""
        partly = set(log.read_text(encoding="utf-8").splitlines()) if log.is_file() else set()
    return Run(outcomes, {name for name in partly if outcomes.get(name) == "passed"}, messages)


def reasons() -> dict[str, str]:
    """The reason for each test that is expected to fail."""
    return {test: reason for reason, tests in DIFFERENCES.items() for test in tests}


@pytest.mark.slow
def test_outcomes_are_the_expected_ones():
    """No test of autograd fails without a reason in the list, and none in the list passes."""
    result, expected = run(), reasons()
    failing = {test for test, outcome in result.outcomes.items() if outcome == "failed"}
    newly = [f"{test}: {result.messages[test][:200]}" for test in sorted(failing - expected.keys())]
    assert not newly, "newly failing:\n" + "\n".join(newly)
    assert not sorted(expected.keys() - failing), "in the list of differences, but passing (or gone)"
    assert len(result.outcomes) == 631


def test_the_report_tells_the_same():
    """docs/conformance.md is made by a command; it must not be older than the list."""
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    assert f"and {len(reasons())} fail, for these reasons" in page
    assert all(reason in page for reason in DIFFERENCES)


def test_the_shim_has_nothing_of_autograd():
    """What is proved is this engine: the shim imports only numpy, scipy, the standard library, itself and the engine."""
    import ast

    allowed = {*sys.stdlib_module_names, "numpy", "scipy", "autograd", "chainreel"}
    for path in (HERE / "shim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert all(name.partition(".")[0] in allowed for name in names), path
