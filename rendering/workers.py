"""Several processes draw one film: each runs the whole scene, but draws only its share of the pieces.

The work goes through ``concurrent.futures.Executor``: processes of this machine here, a cluster in cluster.py.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .cache import Cache
from .drawing import Score, Unsteady, draw_pieces, piece_path, piece_sight, piece_starts, piece_suffix
from .errors import RenderError
from .keys import digest
from .serving import Report, reporter, reporting, serve
from .settings import Settings
from .shots import Shot

JUMP = 0.15  # what a piece costs a worker that only lives through it, in parts of drawing it (480p; less above)
FEW = 120e6  # pixels in all: what one process draws sooner than others start (300 frames at 480 lines)
ATTEMPTS = 2  # how often a share is begun before its worker's death is the user's concern


class WorkerDied(Exception):
    """A process ended in the middle of its work; ``code`` is how, ``said`` the last that it said."""

    def __init__(self, code: int | None, said: Any = None):
        super().__init__(code, said)
        self.code, self.said = code, said


@dataclass(frozen=True)
class Keeping:
    """Where finished pieces are kept, and what their keys are made of."""

    root: Path | None
    drawing: str  # what all pictures depend on
    run: str | None  # what this run depended on; None: unknown
    shot: str = ""
    source: str | None = None
    planned: dict[int, str] = field(default_factory=dict)  # keys from a look at every frame

    def key(self, sight: tuple[str, bool]) -> str:
        """The key of a piece that showed this. What draws itself in its own ways counts for this run alone."""
        seen, own = sight
        return digest(self.drawing, seen, (self.run or os.urandom(16)) if own else None)


@dataclass(frozen=True)
class Job:
    """A share of a film for one worker: plain values, so that it can be sent anywhere."""

    shot: Shot
    settings: Settings
    score: Score
    pieces: tuple[int, ...]
    folder: Path
    keeping: Keeping
    voice: Any = None


@dataclass
class Spent:
    """Where a worker's time went, in seconds, and how long each of its pieces took."""

    seconds: dict[str, float]
    pieces: dict[int, float]


def draw_job(job: Job) -> Spent:
    """Draw and keep the pieces of a job, in the process that this is called in.

    Reports ("frames", n), ("at", piece), ("piece", piece, key) and ("note", words).
    """
    say = reporter()
    keeper = Keeper(job.keeping, job.settings, job.folder, say)
    starts = piece_starts(job.score, job.settings.fps)
    ends = [*starts[1:], job.score.frames]
    times: dict[int, float] = {}
    last = time.perf_counter()
    order = sorted(job.pieces)
    say("at", order[0])

    def done(piece: int, drawn: Score) -> None:
        nonlocal last
        key = job.keeping.key(piece_sight(drawn.sights, starts[piece], ends[piece]))
        planned = job.keeping.planned.get(piece)
        if planned is not None and planned != key:
            raise Unsteady(f"at {starts[piece] / job.settings.fps:.1f} s the scene moves otherwise than in its rehearsal")
        poster = starts[piece] <= job.score.poster_frame < ends[piece]
        keeper.keep(piece, key, job.score.poster_frame - starts[piece] if poster else None)
        now = time.perf_counter()
        times[piece], last = now - last, now
        say("piece", piece, key)
        following = order.index(piece) + 1
        if following < len(order):
            say("at", order[following])

    drawn = draw_pieces(
        job.shot, job.settings, job.folder, job.score, job.pieces, lambda count: say("frames", count), done, job.voice
    )
    return Spent(drawn.seconds, times)


class Keeper:
    """Puts finished pieces of a folder into the cache; a cache that fails is said once and then left alone."""

    def __init__(self, keeping: Keeping, settings: Settings, folder: Path, say: Report):
        self.keeping, self.folder, self.say = keeping, folder, say
        self.coding = settings.coding
        self.cache = Cache(keeping.root) if keeping.root else None

    def keep(self, piece: int, key: str, poster: int | None) -> None:
        """Keep a piece, and with it the poster, which stands ``poster`` frames after its beginning."""
        if self.cache is None:
            return
        keeping = self.keeping
        try:
            # The piece itself comes last: whoever finds it finds all that leads to it.
            if keeping.run is not None:
                self.cache.note(keeping.run, piece, {"key": key})
            self.cache.mark(keeping.shot, keeping.source or "live")
            if poster is not None:
                self.cache.keep(f"{key}-{poster}", ".png", self.folder / "poster.png")
            self.cache.keep(key, piece_suffix(self.coding), piece_path(self.folder, piece, self.coding))
        except OSError as problem:
            self.cache = None
            self.say("note", f"the cache cannot take more ({problem.strerror}); what follows is not kept")


# Sharing


def shares(pieces: Sequence[int], costs: Sequence[float], workers: int) -> list[tuple[int, ...]]:
    """Runs of neighbouring pieces for the workers, such that all end at about the same time; the longest share first.

    Neighbours, because a worker must live through all that comes before its first piece (``JUMP`` of its cost) and
    ends after its last; so earlier shares are longer.

    >>> shares([0, 1, 2, 3], [4.0, 1.0, 1.0, 3.0], 2)
    [(0, 1), (2, 3)]
    """
    before = [0.0]
    for cost in costs:
        before.append(before[-1] + cost)
    wanted = sorted(pieces)
    low, high = 0.0, before[-1] * (1 + JUMP)
    result = [tuple(wanted)]
    for _ in range(40):
        limit = (low + high) / 2
        parts = fill(wanted, costs, before, limit)
        if parts is not None and len(parts) <= workers:
            high, result = limit, parts
        else:
            low = limit
    return sorted(result, key=lambda part: -sum(costs[piece] for piece in part))


def fill(
    wanted: Sequence[int], costs: Sequence[float], before: Sequence[float], limit: float
) -> list[tuple[int, ...]] | None:
    """Shares of which none takes longer than ``limit``; None where a single piece does."""
    parts: list[list[int]] = []
    time = 0.0
    for piece in wanted:
        if parts and time + JUMP * (before[piece] - before[parts[-1][-1] + 1]) + costs[piece] <= limit:
            time += JUMP * (before[piece] - before[parts[-1][-1] + 1]) + costs[piece]
            parts[-1].append(piece)
            continue
        time = JUMP * before[piece] + costs[piece]
        if time > limit:
            return None
        parts.append([piece])
    return [tuple(part) for part in parts]


def piece_costs(score: Score, fps: int) -> list[float]:
    """About how long each piece takes to draw, in no particular unit."""
    starts = piece_starts(score, fps)
    costs = [0.01] * len(starts)
    ends = [*starts[1:], score.frames]
    piece = 0
    for first, last, cost in score.plays:
        while piece + 1 < len(starts) and ends[piece] <= first:
            piece += 1
        at = piece
        while at < len(starts) and starts[at] < last:
            part = min(last, ends[at]) - max(first, starts[at])
            costs[at] += cost * max(part, 0) / max(last - first, 1)
            at += 1
    return costs


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def draw(job: Job, listen: Report, crew: Crew | None = None) -> list[Spent]:
    """Draw all pieces of a job with as many processes as the settings say: those of ``crew`` if it has begun, and none where
    little is to be drawn and none has.

    ``listen`` hears in this thread what the workers report.
    """
    if not job.pieces:
        return []
    alone = crew is not None and not crew.begun and pixels(job) < FEW
    parts = shares(job.pieces, piece_costs(job.score, job.settings.fps), 1 if alone else job.settings.workers)
    light = replace(job, score=replace(job.score, numbers=[], sources={}, sights=[], plays=[]))
    if len(parts) == 1:
        with reporting(listen):
            return [draw_job(light)]
    try:
        pickle.dumps((job.shot, job.voice))
    except (pickle.PicklingError, AttributeError, TypeError):
        raise RenderError(
            "several workers need a scene class that can be imported; put it in a file or use --workers 1"
        ) from None
    with nullcontext(crew) if crew else Crew(job.shot, len(parts)) as crew:
        return share_out(light, parts, crew.processes, listen, crew.messages)


def pixels(job: Job) -> float:
    """How many there are in what a job draws."""
    starts = piece_starts(job.score, job.settings.fps)
    ends = [*starts[1:], job.score.frames]
    return sum(ends[piece] - starts[piece] for piece in job.pieces) * job.settings.width * job.settings.height


class Crew:
    """The local processes of one film. They can be sent for before there is work: they load manim and the scene then."""

    def __init__(self, shot: Shot, workers: int):
        self.shot, self.workers = shot, workers
        self.messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.begun = False

    @cached_property
    def processes(self) -> LocalProcesses:
        """Started when they are first asked for."""
        self.begun = True
        return LocalProcesses(self.workers, lambda *said: self.messages.put(said))

    def begin(self) -> None:
        """Have every process get ready. What goes wrong there will be said when it draws."""
        for _ in range(self.workers):
            self.processes.submit(get_ready, self.shot)

    def hear(self, say: Callable[[str], None]) -> None:
        """Pass on what the processes had to say so far."""
        while not self.messages.empty():
            kind, *content = self.messages.get()
            if kind == "note":
                say(content[0])

    def end(self) -> None:
        """End the processes, busy or not; new ones start if there is work again."""
        if self.begun:
            self.processes.shutdown()
            del self.processes
            self.messages, self.begun = queue.SimpleQueue(), False

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def get_ready(shot: Shot) -> None:
    """Load what drawing this shot needs. Making a throwaway scene would cost more than it saves."""
    shot.load()


def share_out(
    job: Job, parts: Sequence[tuple[int, ...]], executor: Executor, listen: Report, messages: queue.SimpleQueue[Any]
) -> list[Spent]:
    """Give out the shares, hear the reports, begin again once where a worker died."""
    spent: list[Spent] = []
    left = set(job.pieces)
    running: dict[Future[Spent], tuple[tuple[int, ...], int]] = {}

    def give(pieces: tuple[int, ...], attempt: int) -> None:
        future = executor.submit(draw_job, replace(job, pieces=pieces))
        running[future] = (pieces, attempt)
        future.add_done_callback(lambda future: messages.put(("future", future)))

    for pieces in parts:
        give(pieces, 1)
    while running:
        try:
            kind, *content = messages.get(timeout=1)
        except queue.Empty:
            continue
        if kind != "future":
            if kind == "piece":
                left.discard(content[0])
            listen(kind, *content)
            continue
        pieces, attempt = running.pop(content[0])
        try:
            spent.append(content[0].result())
        except WorkerDied as death:
            again = tuple(piece for piece in pieces if piece in left)
            at = death.said if isinstance(death.said, int) else (again or pieces)[0]
            if attempt >= ATTEMPTS:
                raise RenderError(f"{end_of(death.code)} while drawing {beat_of(job, at)}, twice; {REMEDY}") from None
            listen("note", f"{end_of(death.code)} while drawing {beat_of(job, at)}; another one takes over")
            if again:
                give(again, attempt + 1)
        except CancelledError:
            continue
    return spent


REMEDY = "perhaps memory ran out: use fewer --workers or a smaller --size"


def end_of(code: int | None) -> str:
    """How a process ended, in words."""
    if code is not None and code < 0:
        return f"a drawing process was killed (signal {-code})"
    return f"a drawing process ended ({code})"


def beat_of(job: Job, piece: int) -> str:
    """A piece by the beat that it is in, and the user's line where the beat is."""
    fps = job.settings.fps
    start = piece_starts(job.score, fps)[piece]
    for beat in reversed(job.score.beats):
        if round(beat["start"] * fps) <= start:
            line = job.score.lines.get(beat["index"])
            return f"beat {beat['index'] + 1} “{beat['title'][:40]}”" + (f" ({line})" if line else "")
    return f"the frames from {start / fps:.1f} s on"


# Processes of this machine


class LocalProcesses(Executor):
    """Processes that load manim once and then take one call after the other; one that dies is replaced.

    Unlike ``ProcessPoolExecutor`` a death costs the call that it was busy with (``WorkerDied``), not the others.
    """

    def __init__(self, workers: int, listen: Report):
        self.listen = listen
        self._context = multiprocessing.get_context("spawn")
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any, tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._processes: list[Any] = [None] * workers
        self._closed = False
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._lead, args=(n,), name=f"leader of worker {n + 1}", daemon=True)
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As every executor's; keyword arguments are not needed here."""
        future: Future[Any] = Future()
        self._calls.put((future, fn, args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, busy or not: whoever wants results waits for the futures first."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                if process is not None and process.is_alive():
                    process.terminate()
        for _ in self._threads:
            self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join(timeout=10)

    def _lead(self, number: int) -> None:
        pipe: Any = None
        while (call := self._calls.get()) is not None:
            future, fn, args = call
            if self._closed or not future.set_running_or_notify_cancel():
                future.cancel()
                continue
            said: Any = None
            try:
                if pipe is None:
                    pipe = self._start(number)
                pipe.send((fn, args))
                while True:
                    kind, *content = pipe.recv()
                    if kind == "result":
                        future.set_result(content[0])
                        break
                    if kind == "problem":
                        future.set_exception(content[0])
                        break
                    if kind == "at":
                        said = content[0]
                    self.listen(kind, *content)
            except (EOFError, OSError):
                process = self._processes[number]
                if process is not None:
                    process.join(timeout=10)
                pipe = None
                future.set_exception(WorkerDied(process.exitcode if process is not None else None, said))
            except BaseException as problem:  # what cannot be sent
                future.set_exception(problem)
        process = self._processes[number]
        if process is not None:
            process.join(timeout=10)

    def _start(self, number: int) -> Any:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs,), daemon=True)
        with self._lock:
            if self._closed:
                raise OSError("closed")
            process.start()
            self._processes[number] = process
        theirs.close()
        return ours
