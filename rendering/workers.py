"""Several processes draw one film: each runs the whole scene, but draws only its share of the pieces."""

from __future__ import annotations

import multiprocessing
import pickle
import queue
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .drawing import Score, draw_share, piece_starts
from .errors import RenderError
from .settings import Settings
from .shots import Shot


def shares(starts: list[int], frames: int, workers: int) -> list[tuple[int, int]]:
    """Contiguous runs of pieces with about equally many frames.

    >>> shares([0, 10, 20, 30], 40, 2)
    [(0, 2), (2, 4)]
    """
    ends = [*starts[1:], frames]
    result: list[tuple[int, int]] = []
    first = 0
    for worker in range(workers):
        goal = frames * (worker + 1) / workers
        last = first
        while last < len(starts) and (
            ends[last] <= goal or abs(ends[last] - goal) <= abs(starts[last] - goal)
        ):
            last += 1
        if worker == workers - 1:
            last = len(starts)
        if last > first:
            result.append((first, last))
        first = last
    return result


def draw(
    shot: Shot, settings: Settings, folder: Path, score: Score, tell: Callable[[int], None], voice: Any = None
) -> None:
    """Draw all pieces into ``folder`` with as many processes as the settings say."""
    parts = shares(piece_starts(score, settings.fps), score.frames, settings.workers)
    if len(parts) == 1 or settings.workers == 1:
        draw_share(shot, settings, folder, score, (0, parts[-1][1]), tell, voice)
        return
    try:
        pickle.dumps((shot, voice))
    except (pickle.PicklingError, AttributeError, TypeError):
        raise RenderError(
            "several workers need a scene class that can be imported; put it in a file or use --workers 1"
        ) from None
    context = multiprocessing.get_context("spawn")
    messages: Any = context.Queue()
    processes = [
        context.Process(
            target=_work, args=(number, shot, settings, folder, score, part, messages, voice), daemon=True
        )
        for number, part in enumerate(parts)
    ]
    try:
        for process in processes:
            process.start()
        running = set(range(len(processes)))
        while running:
            try:
                number, kind, content = messages.get(timeout=1)
            except queue.Empty:
                for number in running:
                    code = processes[number].exitcode
                    if code is not None and code != 0:
                        raise RenderError(
                            f"drawing process {number + 1} of {len(parts)} was ended from outside ({code}); "
                            "perhaps memory ran out: use fewer --workers"
                        ) from None
                continue
            if kind == "frames":
                tell(content)
            elif kind == "done":
                running.discard(number)
            else:
                problem, details = content
                problem.add_note(details)
                raise problem
        for process in processes:
            process.join()
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
        for process in processes:
            if process.pid is not None:
                process.join()


def _work(
    number: int,
    shot: Shot,
    settings: Settings,
    folder: Path,
    score: Score,
    share: tuple[int, int],
    messages: Any,
    voice: Any,
) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    try:
        draw_share(shot, settings, folder, score, share, lambda n: messages.put((number, "frames", n)), voice)
        messages.put((number, "done", None))
    except BaseException as problem:
        details = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(problem))
        except Exception:
            problem = RenderError(f"{type(problem).__name__}: {problem}")
        messages.put((number, "failed", (problem, details)))
        messages.close()
        messages.join_thread()
        sys.exit(0)
