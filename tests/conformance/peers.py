"""Other engines that check this one: not needed to use chainreel, but demanded where the checks must not be skipped.

>>> need("mpmath").mpf(1) / 4
mpf('0.25')
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

DEMANDED = os.environ.get("CHAINREEL_CONFORMANCE") == "1"  # .ci/run sets it: nothing may be skipped there
PEERS = ("numpy", "scipy", "mpmath", "torch", "jax", "autograd", "hypothesis", "expecttest", "scikit-learn")


def absent(reason: str) -> None:
    """Skip the test that asks, with a reason – or fail it, where CHAINREEL_CONFORMANCE=1 demands every check."""
    if DEMANDED:
        pytest.fail(f"{reason}, and CHAINREEL_CONFORMANCE=1 demands this check", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def need(name: str) -> ModuleType:
    """The imported module ``name``, for example ``need("torch")``; skips (or fails, see `absent`) where it is missing.

    jax is set to float64 on the way, since it computes in float32 otherwise.
    """
    try:
        module = importlib.import_module(name)
        if name.partition(".")[0] == "jax":
            importlib.import_module("jax").config.update("jax_enable_x64", True)
    except ImportError as problem:
        absent(f"{name} cannot be imported ({problem})")
        raise
    return module


def version(distribution: str) -> str:
    """The installed version of a peer without its build tag ("2.13.0", not "2.13.0+cpu"), or "missing"."""
    try:
        return importlib.metadata.version(distribution).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def pins() -> dict[str, str]:
    """The versions of the peers that the checks are made for, by the name of the distribution."""
    lines = Path(__file__).with_name("requirements.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


if __name__ == "__main__":  # exit status 0 where every peer of requirements.txt is installed in that version
    sys.exit(any(version(name) != pin for name, pin in pins().items()))
