"""The same shares on a running Dask cluster: ``--cluster tcp://HOST:PORT``. docs/cluster.md is for its users.

A share travels with all that it needs (the user's code, the data beside it) and its pieces travel back, so that no
disk need be shared. What cannot travel – packages – is compared before anything is drawn.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import socket
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from .drawing import piece_path, piece_starts
from .errors import RenderError
from .keys import chainreel_code, drawing_versions, users_files
from .serving import Report, portable, reporting
from .workers import Job, Keeper, Spent, draw_job, piece_costs, share_out, shares

PATIENCE = 7  # seconds for a cluster to answer
SHARES_EACH = 2  # shares for each worker: the quick ones take more, and less is lost with one that dies
LARGEST_DATA = 100_000_000  # bytes of data files that travel with a scene

# What a worker has, asked in an expression that needs nothing but Python there.
PROBE = (
    "(lambda m, u: {'python': '%d.%d' % __import__('sys').version_info[:2], "
    "**{n: (m.version(n) if n in {d.metadata['Name'] for d in m.distributions(name=n)} else None) "
    "for n in ('chainreel', 'manim', 'numpy', 'pycairo', 'av', 'typst')}})"
    "(__import__('importlib.metadata').metadata, None)"
)


@dataclass(frozen=True)
class Parcel:
    """A job and the files that it needs, by their places under the scene's folder."""

    job: Job
    files: dict[str, bytes]
    scene: str | None  # the file of the scene among them


@dataclass(frozen=True)
class Drawn:
    """What comes back: the pieces' files and keys, and the poster if it was among them."""

    spent: Spent
    files: dict[str, bytes]
    keys: dict[int, str]


def draw_on_cluster(job: Job, address: str, listen: Report, read: Iterable[str] = ()) -> list[Spent]:
    """Draw all pieces of a job on the cluster at ``address``; the pieces end in the job's folder and in its cache."""
    if not job.pieces:
        return []
    if job.shot.is_live:
        raise RenderError("--cluster needs a scene class in a file, which can be sent; write it into one")
    with connected(address) as client:
        workers = check_workers(client, address)
        count = min(len(job.pieces), SHARES_EACH * workers)
        parts = shares(job.pieces, piece_costs(job.score, job.settings.fps), count)
        messages: SimpleQueue[Any] = SimpleQueue()
        executor = ClusterExecutor(client.get_executor(), carried(job, read), messages)
        light = replace(job, score=replace(job.score, numbers=[], sources={}, sights=[], plays=[]))
        try:
            return share_out(light, parts, executor, listen, messages)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


class ClusterExecutor(Executor):
    """Dask's executor, with files packed on the way there and unpacked on the way back."""

    def __init__(self, inner: Any, files: tuple[dict[str, bytes], str | None], messages: SimpleQueue[Any]):
        self.inner, self.files, self.messages = inner, files, messages

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A job goes out as a parcel."""
        (job,) = args
        outer: Future[Any] = Future()
        outer.set_running_or_notify_cancel()
        inner = self.inner.submit(draw_parcel, Parcel(job, *self.files))
        inner.add_done_callback(lambda inner: self._unpack(job, inner, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nobody waits for what is still running there."""
        try:
            self.inner.shutdown(wait=wait, cancel_futures=cancel_futures)
        except Exception:
            pass  # the cluster may have gone

    def _unpack(self, job: Job, inner: Future[Drawn], outer: Future[Any]) -> None:
        try:
            drawn = inner.result()
            for name, content in drawn.files.items():
                (job.folder / name).write_bytes(content)
            keeper = Keeper(job.keeping, job.settings, job.folder, lambda *said: self.messages.put(said))
            starts = piece_starts(job.score, job.settings.fps)
            ends = [*starts[1:], job.score.frames]
            for piece, key in drawn.keys.items():
                poster = starts[piece] <= job.score.poster_frame < ends[piece]
                keeper.keep(piece, key, job.score.poster_frame - starts[piece] if poster else None)
                self.messages.put(("piece", piece, key))
                self.messages.put(("frames", ends[piece] - starts[piece]))
            outer.set_result(drawn.spent)
        except BaseException as problem:
            if type(problem).__name__ == "KilledWorker":
                problem = RenderError("several workers of the cluster died of the same share; perhaps their memory ran out")
            elif isinstance(problem, ModuleNotFoundError):
                problem = RenderError(f"the workers of the cluster cannot import {problem.name}; install it there")
            outer.set_exception(problem)


def check_reachable(address: str) -> None:
    """Refuse at once what nobody listens at, and a machine without Dask; before the film is rehearsed."""
    if importlib.util.find_spec("distributed") is None:
        raise RenderError(
            'the package distributed is missing, which --cluster needs; run: python -m pip install "chainreel[cluster]"'
        )
    match = re.fullmatch(r"(?:(?:tcp|tls)://)?([^/:]+):(\d+)", address)
    if match is None:
        return  # another way to connect, which Dask itself will try
    try:
        socket.create_connection((match[1], int(match[2])), timeout=PATIENCE).close()
    except (OSError, OverflowError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise no_scheduler(address, reason) from None


def no_scheduler(address: str, reason: str) -> RenderError:
    """The sentence."""
    return RenderError(f"no Dask scheduler answers at {address} ({reason[:120]}); is it running, and is this its port?")


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the cluster, or a sentence why there is none."""
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    answer: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put(Client(address, timeout=PATIENCE, set_as_default=False))
        except BaseException as problem:
            answer.put(problem)

    # In a thread, because distributed waits for ever for a port that listens and says nothing.
    threading.Thread(target=ask, daemon=True).start()
    try:
        client = answer.get(timeout=PATIENCE + 1)
    except Empty:
        client = TimeoutError("nothing was said")
    if isinstance(client, BaseException):
        first = str(client).splitlines()[0] if str(client) else type(client).__name__
        raise no_scheduler(address, first)
    try:
        yield client
    finally:
        try:
            client.close(timeout=2)
        except Exception:
            pass


def check_workers(client: Any, address: str) -> int:
    """How many workers the cluster has; a sentence where what they have installed would draw other pictures."""
    workers = client.scheduler_info(n_workers=-1)["workers"] if _takes_n_workers(client) else client.scheduler_info()["workers"]
    if not workers:
        raise RenderError(f"the cluster at {address} has no workers; start some")
    here = eval(PROBE)
    for worker, there in client.run(eval, PROBE, on_error="return").items():
        if isinstance(there, BaseException):
            raise RenderError(f"the worker {worker} does not answer: {there}")
        for name, version in here.items():
            if there[name] is None:
                raise RenderError(f"{name} is not installed on the worker {worker}; install chainreel there")
            if there[name] != version:
                raise RenderError(
                    f"the worker {worker} has {name} {there[name]}, here is {version}; its pictures could differ: "
                    "install the same version"
                )
    mine = _code()
    for worker, theirs in client.run(_code, on_error="return").items():
        if isinstance(theirs, BaseException):
            raise RenderError(f"chainreel does not start on the worker {worker}: {theirs}")
        if theirs[0] != mine[0]:
            raise RenderError(f"the worker {worker} has another state of chainreel's code; install the same one")
        for ours, other in zip(mine[1], theirs[1], strict=True):
            if ours != other:
                raise RenderError(f"the worker {worker} has {other}, here is {ours}; its pictures could differ")
    return len(workers)


def _takes_n_workers(client: Any) -> bool:
    import inspect

    return "n_workers" in inspect.signature(client.scheduler_info).parameters


def _code() -> tuple[str, list[str]]:
    return chainreel_code(), list(drawing_versions())


def carried(job: Job, read: Iterable[str]) -> tuple[dict[str, bytes], str | None]:
    """The user's code and the data that it read, as far as they stand in the scene's folder."""
    if not job.shot.place.endswith(".py"):
        return {}, None
    scene = Path(job.shot.place).resolve()
    files: dict[str, bytes] = {}
    for path in [scene, *users_files(), *map(Path, read)]:
        path = path.resolve()
        if path.is_relative_to(scene.parent) and path.is_file():
            files[path.relative_to(scene.parent).as_posix()] = path.read_bytes()
    if sum(map(len, files.values())) > LARGEST_DATA:
        raise RenderError(
            f"{scene.name} and what it reads are more than {LARGEST_DATA // 10**6} MB, too much to send to a cluster"
        )
    return files, scene.name


# On a worker of the cluster

_one_at_a_time = threading.Lock()  # manim's settings belong to the whole process


def draw_parcel(parcel: Parcel) -> Drawn:
    """Draw a share on a worker, in a folder that is gone afterwards."""
    keys: dict[int, str] = {}

    def hear(kind: str, *content: Any) -> None:
        if kind == "piece":
            keys[content[0]] = content[1]

    with _one_at_a_time, tempfile.TemporaryDirectory(prefix="chainreel-") as name:
        folder = Path(name)
        code, place = folder / "scene", folder / "film"
        place.mkdir()
        for relative, content in parcel.files.items():
            path = code / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shot = parcel.job.shot
        if parcel.scene is not None:
            shot = replace(shot, place=str(code / parcel.scene))
        job = replace(parcel.job, shot=shot, folder=place, keeping=replace(parcel.job.keeping, root=None))
        try:
            with reporting(hear):
                spent = draw_job(job)
        except Exception as problem:
            raise portable(problem) from None
        finally:
            forget(code)
        pieces = [piece_path(place, piece, job.settings.coding) for piece in keys]
        pieces += [path for path in [place / "poster.png"] if path.is_file()]
        return Drawn(spent, {path.name: path.read_bytes() for path in pieces}, keys)


def forget(code: Path) -> None:
    """Modules from a folder that is about to go: the next share may bring others of the same names."""
    inside = str(code)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(inside):
            del sys.modules[name]
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(inside)]
    importlib.invalidate_caches()
