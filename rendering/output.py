"""Files written whole or not at all: made in a hidden folder beside their place, renamed at the end."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from .errors import RenderError


class Workplace:
    """A hidden folder beside the output, gone when the block ends. ``publish`` moves files out of it.

    ``with Workplace(target) as place: … place.publish({place.folder / "film.mp4": target})``
    """

    def __init__(self, target: Path):
        self.target = target
        self.made: list[Path] = []

    def __enter__(self) -> Workplace:
        parent = self.target.parent
        try:
            missing = [p for p in (parent, *parent.parents) if not p.exists()]
            for folder in reversed(missing):
                folder.mkdir()
                self.made.insert(0, folder)
            sweep(parent)
            self.folder = Path(
                tempfile.mkdtemp(
                    prefix=f".{self.target.stem[:40]}.", suffix=f".partial-{os.getpid()}", dir=parent
                )
            )
        except OSError as problem:
            self._forget()
            raise RenderError(
                f"cannot write in {parent}: {problem.strerror or problem}; choose another place with -o"
            ) from None
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is not None:
            self._forget()

    def publish(self, files: dict[Path, Path]) -> None:
        """Rename each file or folder to its place, in order, replacing what is there; the video last."""
        for made, place in files.items():
            if made.is_dir() and place.is_dir():
                old = self.folder / f"replaced-{place.name}"
                place.rename(old)
            os.replace(made, place)

    def _forget(self) -> None:
        for folder in self.made:
            try:
                folder.rmdir()
            except OSError:
                break


def sweep(parent: Path) -> None:
    """Remove hidden folders whose process was killed and could not tidy up."""
    for left in parent.glob(".*.partial-*"):
        match = re.fullmatch(r"\..*\.partial-(\d+)", left.name)
        if match and left.is_dir() and not _runs(int(match[1])):
            shutil.rmtree(left, ignore_errors=True)


def _runs(pid: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_writable(target: Path) -> None:
    """Refuse early what could not be written at the end."""
    if target.is_dir() and target.suffix:
        raise RenderError(f"{target} is a folder; give the name of a file")
    parent = next(p for p in (target.parent, *target.parent.parents) if p.exists())
    if not parent.is_dir():
        raise RenderError(f"{parent} is a file, not a folder; choose another place with -o")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise RenderError(f"you may not write in {parent}; choose another place with -o")
    if target.exists() and not os.access(target, os.W_OK):
        raise RenderError(f"{target} is write-protected; choose another name with -o")
