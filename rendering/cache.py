"""What was drawn once, kept on disk: segments of video under their keys, each with a checksum beside it.

    segments/ab/abcdef….mp4     a piece of video; abcdef….mp4.json beside it: its SHA-256, length, frames
    runs/12/1234…/00007         which key piece 7 of a known run has
    shots/56/5678…/9abc…        which sources a shot was drawn from before
    scores/78/7890…             what the rehearsal of a chapter told, below its SHA-256

A file gets its name when it is whole and on the disk: written under ``new/``, flushed, renamed; the checksum last.
Whoever finds a segment without its checksum, or with another, finds nothing. Nothing here is ever needed: the
cache may be deleted at any moment, also while films are being drawn.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainreel.scenes.stage.folders import cache_folder

from .errors import RenderError

ABANDONED = 24 * 3600  # seconds after which an unfinished file under new/ is nobody's any more
ADVICE = "set CHAINREEL_CACHE to a folder that can be written, or say --no-cache"


@dataclass(frozen=True)
class Sizes:
    """What the cache holds."""

    segments: int
    bytes: int


class Cache:
    """Segments by key. Safe for any number of processes at once, also over a network disk that renames atomically."""

    def __init__(self, root: Path):
        self.root = root

    @classmethod
    def ready(cls, root: Path | None = None) -> Cache:
        """The cache, tried out by writing; RenderError where that fails."""
        cache = cls(root or cache_folder())
        try:
            new = cache._new()
            new.write_bytes(b"")
            new.unlink()
        except OSError as problem:
            raise RenderError(
                f"the cache {cache.root} cannot be written ({problem.strerror or problem}); {ADVICE}"
            ) from None
        cache._sweep()
        return cache

    # Segments

    def keep(self, key: str, suffix: str, made: Path, **about: Any) -> None:
        """Keep a copy of a finished file (the same file by a second name where the disk can do that)."""
        place = self._segment(key, suffix)
        new = self._new()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(made, new)
            flush(new)
            note = {"sha256": checksum(new), "bytes": new.stat().st_size, **about}
            os.replace(new, place)
            self._write(note_of(place), json.dumps(note))
        finally:
            new.unlink(missing_ok=True)

    def fetch(self, key: str, suffix: str, target: Path) -> str:
        """Put a kept file at ``target``: "there", "missing", or "damaged" – then it is thrown away."""
        place = self._segment(key, suffix)
        new = target.with_name(target.name + ".fetched")
        try:
            note = json.loads(note_of(place).read_text(encoding="utf-8"))
            link_or_copy(place, new)
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        except (OSError, ValueError):
            self.forget(place)
            return "damaged"
        if not isinstance(note, dict) or note.get("sha256") != checksum(new):
            new.unlink(missing_ok=True)
            self.forget(place)
            return "damaged"
        os.replace(new, target)
        try:
            os.utime(note_of(place))  # prune takes what was not used for longest
        except OSError:
            pass
        return "there"

    def has(self, key: str, suffix: str) -> bool:
        """Whether a segment is kept (damaged or not)."""
        return note_of(self._segment(key, suffix)).is_file()

    def forget(self, place: Path) -> None:
        """Throw a segment away, its checksum first."""
        for path in (note_of(place), place):
            try:
                path.unlink()
            except OSError:
                pass

    # Runs and shots: small notes

    def note(self, run: str, piece: int, content: dict[str, Any]) -> None:
        """Remember what is known of a piece of a run."""
        self._write(self.root / "runs" / run[:2] / run / f"{piece:05d}", json.dumps(content))

    def noted(self, run: str, piece: int) -> dict[str, Any] | None:
        """What was remembered."""
        try:
            content = json.loads((self.root / "runs" / run[:2] / run / f"{piece:05d}").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) and isinstance(content.get("key"), str) else None

    def mark(self, shot: str, source: str) -> None:
        """Something of this shot was drawn from these sources."""
        path = self.root / "shots" / shot[:2] / shot / source
        if not path.exists():
            self._write(path, "")

    def knows(self, shot: str, source: str | None) -> tuple[bool, bool]:
        """Whether the shot was drawn before – from any sources, and from these."""
        try:
            sources = set(os.listdir(self.root / "shots" / shot[:2] / shot))
        except OSError:
            sources = set()
        return bool(sources), source in sources

    # Rehearsals

    def keep_score(self, key: str, text: str) -> None:
        """Keep what a rehearsal told."""
        self._write(self._score(key), f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")

    def kept_score(self, key: str) -> str | None:
        """What it told; None where nothing whole is kept."""
        place = self._score(key)
        try:
            check, _, text = place.read_text(encoding="utf-8").partition("\n")
            os.utime(place)  # prune takes what was not used for longest
        except (OSError, ValueError):
            return None
        return text if hashlib.sha256(text.encode()).hexdigest() == check else None

    # The whole

    def segments(self) -> Iterator[Path]:
        """Every kept segment."""
        for note in sorted((self.root / "segments").glob("*/*.json")):
            yield note.with_name(note.name.removesuffix(".json"))

    def size(self) -> Sizes:
        """How much is kept, what was said and trained included."""
        sizes = [length for length, _ in self._lengths().values()]
        return Sizes(len(sizes), sum(sizes) + sum(length for length, _ in self._beside().values()))

    def _beside(self) -> dict[Path, tuple[int, float]]:
        """Length and time of what lies beside the segments: speech, logs of trainings, rehearsals."""
        found = {}
        for folder in ("voice", "trainings", "scores"):
            for place in (self.root / folder).rglob("*"):
                try:
                    if place.is_file():
                        found[place] = (place.stat().st_size, place.stat().st_mtime)
                except OSError:
                    continue
        return found

    def _lengths(self) -> dict[Path, tuple[int, float]]:
        """Length and time of last use of every segment."""
        found = {}
        for place in self.segments():
            try:
                found[place] = (place.stat().st_size, note_of(place).stat().st_mtime)
            except OSError:
                continue
        return found

    def prune(self, older_than: float | None = None, max_bytes: float | None = None) -> Sizes:
        """Throw away what was not used for so many seconds, then the longest unused until the rest fits. Both None: all.

        Counts segments; the bytes are those of speech and trainings, too.
        """
        beside = self._beside()
        kept = {**self._lengths(), **beside}
        total = sum(length for length, _ in kept.values())
        gone, freed = 0, 0
        now = time.time()
        for place, (length, used) in sorted(kept.items(), key=lambda entry: entry[1][1]):
            old = older_than is not None and now - used > older_than
            over = max_bytes is not None and total - freed > max_bytes
            if old or over or (older_than is None and max_bytes is None):
                if place in beside:
                    place.unlink(missing_ok=True)
                else:
                    self.forget(place)
                gone, freed = gone + (place not in beside), freed + length
        self._drop_notes(older_than, everything=older_than is None and max_bytes is None)
        return Sizes(gone, freed)

    def verify(self) -> tuple[int, list[str]]:
        """How many segments are whole, and the names of the damaged ones, which are thrown away."""
        whole, damaged = 0, []
        for place in self.segments():
            try:
                note = json.loads(note_of(place).read_text(encoding="utf-8"))
                good = note["sha256"] == checksum(place)
            except (OSError, ValueError, KeyError, TypeError):
                good = False
            if good:
                whole += 1
            else:
                damaged.append(place.name)
                self.forget(place)
        for path in (self.root / "segments").glob("*/*"):  # a segment whose writer died before the checksum
            if path.suffix != ".json" and not note_of(path).exists() and time.time() - path.stat().st_mtime > 3600:
                path.unlink(missing_ok=True)
        return whole, damaged

    def _drop_notes(self, older_than: float | None, everything: bool) -> None:
        for folder in ("runs", "shots"):
            for entry in (self.root / folder).glob("*/*"):
                try:
                    if everything or (older_than is not None and time.time() - entry.stat().st_mtime > older_than):
                        shutil.rmtree(entry, ignore_errors=True)
                except OSError:
                    continue

    # How it is written

    def _segment(self, key: str, suffix: str) -> Path:
        return self.root / "segments" / key[:2] / f"{key}{suffix}"

    def _score(self, key: str) -> Path:
        return self.root / "scores" / key[:2] / key

    def _new(self) -> Path:
        folder = self.root / "new"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex}"

    def _write(self, place: Path, text: str) -> None:
        new = self._new()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
            flush(new)
            os.replace(new, place)
        finally:
            new.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """What killed processes left half-written."""
        for path in (self.root / "new").glob("*"):
            try:
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()
            except OSError:
                continue


def note_of(place: Path) -> Path:
    """Where the checksum of a segment is."""
    return place.with_name(place.name + ".json")


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file, or a copy where the disk or the system has no such thing."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        shutil.copyfile(source, target)


def flush(path: Path) -> None:
    """Until the content is on the disk: a rename must not come before it."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> str:
    """SHA-256 of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_full(problem: OSError) -> bool:
    """Whether a disk or a quota is full."""
    return problem.errno in (errno.ENOSPC, errno.EDQUOT)
