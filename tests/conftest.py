"""What all tests share: where the repository is, and a Python that finds the packages as a user's would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Where a change is to be taken, the same examples every time: a search for new ones belongs to who works on it.
settings.register_profile("steady", derandomize=True)
if os.environ.get("CHAINREEL_CONFORMANCE") == "1":
    settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run this Python with some arguments, in a folder of its own."""

    def run(*arguments: str, timeout: float = 120, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=options.get("cwd", tmp_path), capture_output=True, text=True, timeout=timeout
        )  # type: ignore[call-overload]

    return run
