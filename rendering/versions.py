"""The versions that a film depends on, read without importing the packages."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("chainreel", "manim", "numpy", "scipy", "sympy", "typst", "av", "igraph", "pillow")


def versions() -> dict[str, str]:
    """Python and every package, as installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        found[name] = version_of(name) or "missing"
    return found


def version_of(name: str) -> str | None:
    """The installed version of a package, None where it is missing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
