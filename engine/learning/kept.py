"""Trainings that need not be run twice: a log is found again by all that it depends on – data, settings, the engine's code.

The films construct a scene several times, in several processes. Within a process a log is simply kept; on disk a log that
took long enough is kept as plain arrays (no code is ever read from there). What is found was computed by this very code
from these very numbers, so it is the log that would be computed now.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import uuid
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EngineError
from .training import Training

WORTH = 0.3  # seconds from which a log goes to the disk
MOST = 8  # logs that a process keeps
SERIES = ("losses", "norms", "rates", "moves", "leaf_norms", "epoch_losses")
FACTS = ("steps", "diverged", "diverged_at", "why", "stopped", "seconds", "stride")
_KEPT: OrderedDict[str, Training] = OrderedDict()


def trained(loss: Any, params: Any = None, data: Any = None, *, folder: str | Path | None = None, **how: Any) -> Training:
    """As ``Training.run``, or the log of the same run from before: from this process, or from ``folder``.

    A log from disk is whole but for the optimizer's states, which are computed again where somebody asks for them.
    """
    log = Training.planned(loss, params, data, **how)
    try:
        key = _key(log)
    except EngineError:  # made while a program ran: nobody can say what it depends on
        log.go()
        return log
    if key in _KEPT:
        _KEPT.move_to_end(key)
        return _KEPT[key]
    place = None if folder is None else Path(folder) / f"{key}.npz"
    if place is None or not _read(log, place):
        log.go()
        if place is not None and log.seconds >= WORTH:
            _write(log, place)
    return _remember(key, log)


def again(description: Mapping[str, Any]) -> Training:
    """``Training.rebuild``, once in a process: what verifies a film asks for the same log from several sides."""
    key = json.dumps(dict(description), sort_keys=True)
    if key not in _KEPT:
        _remember(key, Training.rebuild(description))
    return _KEPT[key]


def _remember(key: str, log: Training) -> Training:
    _KEPT[key] = log
    while len(_KEPT) > MOST:
        _KEPT.popitem(last=False)
    return log


def _key(log: Training) -> str:
    asked = json.dumps(log.describe(), sort_keys=True)
    start = hashlib.sha256(b"".join(np.ascontiguousarray(leaf, float).tobytes() for leaf in log._leaves)).hexdigest()
    return hashlib.sha256(f"{asked} {start} {_code()}".encode()).hexdigest()[:40]


@functools.cache
def _code() -> str:
    """The engine's own sources and numpy's version."""
    whole = hashlib.sha256(np.__version__.encode())
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        whole.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return whole.hexdigest()


def _write(log: Training, place: Path) -> None:
    """The log as arrays; what cannot be written is not kept."""
    arrays = {name: np.array(getattr(log, name), float) for name in SERIES}
    arrays |= {f"measure/{name}": np.array(series) for name, series in log.measured.items()}
    for k, (leaves, _) in enumerate(log._snapshots):
        arrays |= {f"kept/{k}/{i}": np.asarray(leaf, float) for i, leaf in enumerate(leaves)}
    facts = {name: getattr(log, name) for name in FACTS} | {"kept": log.kept}
    new = place.with_name(f"{uuid.uuid4().hex}.new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            np.savez(file, **{"facts": np.array(json.dumps(facts)), **arrays})  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
    except OSError:
        new.unlink(missing_ok=True)


def _read(log: Training, place: Path) -> bool:
    """Fill a planned log with what is on disk; False where nothing whole is there."""
    try:
        with np.load(place, allow_pickle=False) as found:
            facts = json.loads(str(found["facts"]))
            series = {name: found[name].tolist() for name in SERIES}
            measured = {name: found[f"measure/{name}"].tolist() for name in log.measured}
            count = len(log._leaves)
            scalar = [isinstance(leaf, float) for leaf in log._leaves]
            snapshots = []
            for k in range(len(facts["kept"])):
                leaves = [found[f"kept/{k}/{i}"] for i in range(count)]
                snapshots.append([float(x) if plain else x for x, plain in zip(leaves, scalar, strict=True)])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return False
    for name, values in (series | facts).items():
        if name != "kept":
            setattr(log, name, values)
    log.measured = measured
    log.restore(facts["kept"], snapshots)
    return True


__all__ = ["again", "trained"]
