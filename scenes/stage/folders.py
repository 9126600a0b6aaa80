"""Where what can be made again is kept: CHAINREEL_CACHE, or where this user's programs keep such things."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """CHAINREEL_CACHE, or where this user's programs keep what can be made again."""
    said = os.environ.get("CHAINREEL_CACHE")
    if said:
        return Path(said).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "chainreel"


def trainings_folder() -> Path:
    """The folder of kept trainings, beside the renderer's segments."""
    return cache_folder() / "trainings"
