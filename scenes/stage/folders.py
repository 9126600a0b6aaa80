"""Where what can be made again is kept: CHAINREEL_CACHE, or where this user's programs keep such things."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def trainings_folder() -> Path:
    """The folder of kept trainings, beside the renderer's segments."""
    said = os.environ.get("CHAINREEL_CACHE")
    if said:
        base = Path(said).expanduser()
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "chainreel"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "chainreel"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chainreel"
    return base / "trainings"


__all__ = ["trainings_folder"]
