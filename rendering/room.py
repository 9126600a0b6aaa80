"""Room on the disk, estimated before anything is drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

from .errors import RenderError
from .settings import Settings

# Bytes for a pixel of a frame, twice what our fullest clips need; docs/decisions/render-cache.md has the measurements.
BYTES = {"mp4": 0.01, "webm": 0.004, "mov": 1.0, "gif": 0.7, "apng": 0.7, "webp": 0.7, "png": 0.4}


def estimate(settings: Settings, frames: int) -> int:
    """Bytes that the pieces of so many frames may take."""
    return int(BYTES[settings.format] * settings.width * settings.height * frames)


def free(folder: Path) -> int | None:
    """Bytes left on the disk of a folder (of the nearest one that exists); None where the system does not say."""
    there = next((p for p in (folder, *folder.parents) if p.exists()), Path("."))
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return None


def check_room(settings: Settings, frames: int, to_draw: int, folder: Path) -> None:
    """Refuse a film whose disk has too little room for it: its pieces, and the film made of them."""
    need = estimate(settings, to_draw) + estimate(settings, frames)
    left = free(folder)
    if left is not None and left < need:
        raise RenderError(
            f"the film may need {amount(need)} and the disk of {folder} has {amount(left)} left; "
            "make room, choose another place with -o, or a smaller size with -q"
        )


def fits(settings: Settings, to_draw: int, folder: Path) -> bool:
    """Whether the pieces that are still to draw fit into another folder, the cache."""
    left = free(folder)
    return left is None or left > estimate(settings, to_draw)


def amount(size: float) -> str:
    """Bytes as people say them.

    >>> amount(1_500_000), amount(12), amount(3.2e9)
    ('1.5 MB', '12 bytes', '3.2 GB')
    """
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size:.0f} bytes"
